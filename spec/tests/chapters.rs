//! The written specification as a text (R-SYS-2): numbers, references, links, small tables.

#[allow(dead_code, reason = "shared with the tests of chapter 3")]
mod book;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Names and texts of the chapters and the README.
fn texts() -> BTreeMap<String, String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// `8-21` as numbers; no date, and nothing that has no such chapter.
fn reference(token: &str) -> Option<(u32, u32)> {
    let (chapter, number) = token.split_once('-')?;
    let reference = (chapter.parse().ok()?, number.parse().ok()?);
    (1..=18).contains(&reference.0).then_some(reference)
}

/// The numbers of a chapter's statements, in their order.
fn statements(text: &str) -> Vec<(u32, u32)> {
    text.lines()
        .filter_map(|line| reference(line.strip_prefix("**")?.split_once("**")?.0))
        .collect()
}

#[test]
fn statements_have_numbers_of_their_own() {
    for (name, text) in texts() {
        let Some(chapter) = name.split_once('-').and_then(|(number, _)| number.parse().ok()) else {
            assert_eq!((name.as_str(), statements(&text).len()), ("README.md", 0));
            continue;
        };
        assert!(text.starts_with(&format!("# {chapter} ")), "{name}");
        let numbers = statements(&text);
        let unique: BTreeSet<_> = numbers.iter().collect();
        assert_eq!(unique.len(), numbers.len(), "{name}: {numbers:?}");
        assert!(numbers.iter().all(|number| number.0 == chapter), "{name}: {numbers:?}");
    }
}

#[test]
fn what_is_referred_to_is_there() {
    let texts = texts();
    let known: BTreeSet<_> = texts.values().flat_map(|text| statements(text)).collect();
    for (name, text) in &texts {
        for token in text.split(|c: char| !c.is_ascii_digit() && c != '-') {
            let Some(reference) = reference(token) else { continue };
            assert!(known.contains(&reference), "{name} refers to {token}");
        }
    }
}

#[test]
fn a_statement_says_how_binding_it_is_in_capitals() {
    for (name, text) in texts() {
        for paragraph in text.split("\n\n") {
            let binding = ["MUST", "SHOULD", "MAY"].iter().any(|word| paragraph.contains(word));
            let numbered = paragraph.starts_with("**") || paragraph.starts_with("The key words");
            assert!(!binding || numbered, "{name}: {paragraph}");
        }
    }
}

#[test]
fn the_readme_lists_every_chapter() {
    let texts = texts();
    let readme = texts.get("README.md").unwrap();
    for (name, text) in texts.iter().filter(|(name, _)| *name != "README.md") {
        let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap();
        assert!(readme.contains(&format!("| [{title}]({name}) |")), "{title} in {name}");
    }
    for (_, link) in readme.match_indices("](").map(|(at, _)| readme.split_at(at)) {
        let file = link.trim_start_matches("](").split_once(')').unwrap().0;
        assert!(texts.contains_key(file), "the README links to {file}");
    }
}

#[test]
fn the_table_of_varints_is_right() {
    let texts = texts();
    let mut rows = 0;
    for row in texts.get("01-conventions.md").unwrap().lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, number, bytes, _] = cells.as_slice() else { continue };
        let Ok(number) = number.replace(',', "").parse() else { continue };
        let hex: Vec<String> =
            book::varint(number).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(*bytes, format!("`{}`", hex.join(" ")), "{row}");
        rows += 1;
    }
    assert_eq!(rows, 6);
}

/// Where a row of a state table may lead besides a state of its own table.
const ENDS: [&str; 2] = ["the same", "done"];

#[test]
fn state_tables_lead_to_states_that_they_have() {
    let texts = texts();
    let chapter = texts.get("15-states.md").unwrap();
    let mut tables = 0;
    for section in chapter.split("\n## ") {
        let Some((_, table)) = section.split_once("| State | Event | Next | What is done |\n")
        else {
            continue;
        };
        let title = section.lines().next().unwrap();
        let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
        let rows: Vec<Vec<&str>> =
            rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
        assert!(rows.iter().all(|cells| cells.len() == 4), "{title}");
        let states: BTreeSet<&str> = rows.iter().flat_map(|cells| cells[0].split(", ")).collect();
        let next: BTreeSet<&str> = rows.iter().flat_map(|cells| cells[2].split(", ")).collect();
        for state in &next {
            assert!(states.contains(state) || ENDS.contains(state), "{title}: to {state:?}");
        }
        for state in &states {
            // The first row begins where no other row need lead.
            let begins = rows[0][0] == *state;
            assert!(begins || next.contains(state), "{title}: nothing leads to {state:?}");
        }
        let pairs: BTreeSet<(&str, &str)> = rows.iter().map(|cells| (cells[0], cells[1])).collect();
        assert_eq!(pairs.len(), rows.len(), "{title}: a row stands twice");
        tables += 1;
    }
    assert!(tables >= 10, "{tables} tables");
}
