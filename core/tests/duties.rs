//! The map of duties, chapter 18, against the chapters, the tests and the source that it names
//! (R-SYS-2, R-SYS-6).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every part of the duties, and how many it has.
const PARTS: [(&str, u32); 11] = [
    ("KEY", 4),
    ("ROS", 9),
    ("GEN", 2),
    ("OBT", 5),
    ("DIS", 5),
    ("UPD", 8),
    ("MSG", 5),
    ("CLI", 3),
    ("ONE", 2),
    ("EXP", 3),
    ("SYS", 7),
];

/// How many things always hold.
const ALWAYS: u32 = 12;

/// What no test shows yet. Whoever builds it takes it from here, and says in the map what does.
const NOT_YET: [&str; 0] = [];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder and of those in it, with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|one| one == ending) {
                files.push(path);
            }
        }
    }
    files
}

/// One row of the map.
struct Row {
    number: String,
    place: String,
    shown: String,
}

fn rows() -> Vec<Row> {
    let map = read(&root().join("spec/18-map.md"));
    let mut rows = Vec::new();
    for line in map.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [number, what, place, shown] = cells.as_slice() else { panic!("{line}") };
        assert!(!what.is_empty(), "{line}");
        if *what != "What" {
            let [number, place, shown] = [number, place, shown].map(|cell| (*cell).to_owned());
            rows.push(Row { number, place, shown });
        }
    }
    rows
}

fn duties() -> Vec<String> {
    let part = |(part, last)| (1..=last).map(move |number| format!("R-{part}-{number}"));
    PARTS.into_iter().flat_map(part).collect()
}

/// The numbers of duties in a text; `R-UPD-1 to R-UPD-3` are three.
fn numbers(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut end = 0;
    for (at, _) in text.match_indices("R-") {
        let token = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        let number: String = text[at..].chars().take_while(|c| token(*c)).collect();
        let number = number.trim_end_matches('-').to_owned();
        let Some((part, last)) = number.rsplit_once('-') else { continue };
        let Ok(last) = last.parse::<u32>() else { continue };
        let between = text[end..at].replace("//!", "").replace(char::is_whitespace, "");
        if let Some(first) = found.last().filter(|_| between == "to") {
            let (same, first) = first.rsplit_once('-').expect("a number");
            assert_eq!(same, part, "from {first} to {number}");
            let first: u32 = first.parse().expect("a number");
            found.extend((first + 1..last).map(|number| format!("{part}-{number}")));
        }
        end = at + number.len();
        found.push(number);
    }
    found
}

/// What stands in code.
fn codes(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_duty_stands_once_in_the_map_and_no_other() {
    let expected: Vec<String> =
        duties().into_iter().chain((1..=ALWAYS).map(|number| number.to_string())).collect();
    let found: Vec<String> = rows().into_iter().map(|row| row.number).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_place_that_the_map_names_is_there() {
    for row in rows() {
        let mut places = 0;
        let numbers: Vec<&str> = row
            .place
            .split(|c: char| !c.is_ascii_digit() && c != '-')
            .filter(|token| token.contains('-'))
            .collect();
        for number in numbers {
            let (chapter, _) = number.split_once('-').expect("a dash");
            let text = chapter_text(chapter);
            assert!(text.contains(&format!("\n**{number}** ")), "{}: no {number}", row.number);
            places += 1;
        }
        for (at, word) in row.place.match_indices("chapter ") {
            let rest = &row.place[at + word.len()..];
            let (chapter, rest) = rest.split_once(", \"").expect("a section's title");
            let (title, _) = rest.split_once('"').expect("the end of a title");
            let is = |line: &str| {
                let heading = line.trim_start_matches('#').trim_start();
                line.starts_with("##") && heading.split(':').next() == Some(title)
            };
            let there = chapter_text(chapter).lines().any(is);
            assert!(there, "{}: chapter {chapter} has no section {title:?}", row.number);
            places += 1;
        }
        assert!(places > 0, "{}: nothing in the specification", row.number);
        let bare = row.place.matches('"').count() / 2 == row.place.matches("chapter ").count();
        assert!(bare, "{}: a title without its chapter", row.number);
    }
}

fn chapter_text(chapter: &str) -> String {
    let number: u32 = chapter.parse().unwrap_or_else(|_| panic!("no chapter {chapter:?}"));
    let start = format!("{number:02}-");
    let named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))
    };
    let file = files("spec", "md").into_iter().find(named);
    read(&file.unwrap_or_else(|| panic!("no chapter {number}")))
}

#[test]
fn every_test_that_the_map_names_is_there() {
    for row in rows() {
        let shown = row.shown.split("not yet:").next().expect("a part");
        let tests = codes(shown);
        assert!(
            !tests.is_empty() || NOT_YET.contains(&&*row.number),
            "{}: no test shows it",
            row.number
        );
        for test in tests {
            let Some((file, function)) = test.split_once("::") else {
                panic!("{}: {test} is no test", row.number)
            };
            let from_root =
                ["core/", "spec/", "conformance/", "fuzz/"].iter().any(|top| file.starts_with(top));
            let path = if from_root { root() } else { root().join("core/tests") }.join(file);
            let source = read(&path);
            // The attribute, perhaps others, then the function.
            let head = format!("fn {function}()");
            let mut lines = source.lines().rev().skip_while(|line| !line.starts_with(&head));
            assert!(lines.next().is_some(), "{}: there is no {test}", row.number);
            let mut attributes = lines.take_while(|line| !line.is_empty() && *line != "}");
            assert!(attributes.any(|line| line == "#[test]"), "{}: {test} is no test", row.number);
        }
    }
}

#[test]
fn what_is_not_yet_is_not_there() {
    let mut not_yet = Vec::new();
    for row in rows() {
        let Some((_, missing)) = row.shown.split_once("not yet:") else { continue };
        let missing = codes(missing);
        assert!(!missing.is_empty(), "{}: what is not there yet?", row.number);
        for path in missing {
            let there = root().join(path).exists();
            assert!(!there, "{path} is there: say in spec/18-map.md what shows {}", row.number);
        }
        not_yet.push(row.number);
    }
    assert_eq!(not_yet, NOT_YET, "what the map says, and this test");
}

#[test]
fn no_number_of_a_duty_is_made_up_and_each_is_borne_by_a_file() {
    let known: BTreeSet<String> = duties().into_iter().collect();
    let mut borne = BTreeSet::new();
    for folder in ["core", "spec"] {
        for file in files(folder, "rs") {
            let source = read(&file);
            for number in numbers(&source) {
                assert!(known.contains(&number), "{}: {number}", file.display());
            }
            if file.components().any(|part| part.as_os_str() == "src") {
                let head: Vec<&str> =
                    source.lines().take_while(|line| line.starts_with("//!")).collect();
                borne.extend(numbers(&head.join("\n")));
            }
        }
    }
    for file in files("spec", "md") {
        for number in numbers(&read(&file)) {
            assert!(known.contains(&number), "{}: {number}", file.display());
        }
    }
    // What comes around the core is no file's.
    let own = known.iter().filter(|duty| !duty.starts_with("R-SYS"));
    let missing: Vec<&String> =
        own.filter(|duty| !borne.contains(*duty) && !NOT_YET.contains(&duty.as_str())).collect();
    assert!(missing.is_empty(), "no file of the source says that it bears {missing:?}");
}

#[test]
fn packages_and_folders_are_those_that_were_asked_for() {
    let manifests = ["Cargo.toml", "core/Cargo.toml", "core/model/Cargo.toml"];
    let manifest = manifests.map(|path| read(&root().join(path))).concat();
    let named = |package: &str| {
        let line = |end| format!("{package}{end}");
        let starts = |text: &str| text.starts_with(&line(" =")) || text.starts_with(&line("."));
        manifest.lines().any(starts)
    };
    for package in
        ["serde", "postcard", "aes-gcm-siv", "p256", "hkdf", "sha2", "rand_chacha", "proptest"]
    {
        assert!(named(package), "{package}");
    }
    for folder in ["core", "spec", "fuzz", "conformance"] {
        assert!(root().join(folder).join("Cargo.toml").exists(), "{folder}");
    }
    assert!(root().join("README.md").exists());
}
