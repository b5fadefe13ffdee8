//! The written specification as a text (R-SYS-2): numbers, references, links, small tables.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets a bug must stop"
)]

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
    (1..=15).contains(&reference.0).then_some(reference)
}

/// The numbers of a chapter's statements, in their order.
fn statements(text: &str) -> Vec<(u32, u32)> {
    text.lines()
        .filter_map(|line| reference(line.strip_prefix("**")?.split_once("**")?.0))
        .collect()
}

#[test]
fn statements_are_numbered_from_one_on() {
    for (name, text) in texts() {
        let Some(chapter) = name.split_once('-').and_then(|(number, _)| number.parse().ok()) else {
            assert_eq!((name.as_str(), statements(&text).len()), ("README.md", 0));
            continue;
        };
        assert!(text.starts_with(&format!("# {chapter} ")), "{name}");
        let numbers = statements(&text);
        let count = u32::try_from(numbers.len()).unwrap();
        let expected = (1..=count).map(|number| (chapter, number));
        assert!(numbers.iter().copied().eq(expected), "{name}: {numbers:?}");
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
