//! Every numbered statement of the specification has a case, or a test that is named for it in
//! `statements.txt` (R-SYS-5).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use keyrota_conformance::case;

/// Statements that speak to programs around a terminal, and that nothing here can show.
const PROGRAMS: [&str; 2] = ["13-3", "17-3"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The numbers of all statements.
fn statements() -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("spec")).expect("the chapters") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for line in read(&path).lines() {
            let number = line.strip_prefix("**").and_then(|rest| rest.split_once("**"));
            let Some((number, _)) = number else { continue };
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if number.split_once('-').is_some_and(|(one, other)| digits(one) && digits(other)) {
                assert!(numbers.insert(number.to_owned()), "{number} is there twice");
            }
        }
    }
    assert!(numbers.len() > 300, "{} statements", numbers.len());
    numbers
}

/// The statements that cases name, each with one of these.
fn cases() -> BTreeMap<String, String> {
    let files = case::read(&case::default_directory()).expect("vectors");
    let all = files.into_iter().flat_map(|file| file.cases);
    all.flat_map(|case| case.spec.clone().into_iter().map(move |number| (number, case.id.clone())))
        .collect()
}

/// The rows of the table: a statement, and a test that shows it.
fn rows() -> Vec<(String, String)> {
    let table = read(&root().join("conformance/statements.txt"));
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [number, test] => (number.to_owned(), test.to_owned()),
            _ => panic!("{line}"),
        })
        .collect()
}

#[test]
fn every_statement_has_a_case_or_a_test() {
    let (statements, cases, rows) = (statements(), cases(), rows());
    let named: BTreeSet<&String> =
        cases.keys().chain(rows.iter().map(|(number, _)| number)).collect();
    let lacking: Vec<&String> =
        statements.iter().filter(|number| !named.contains(*number)).collect();
    assert!(lacking.is_empty(), "neither case nor test: {lacking:?}");
    for (number, id) in &cases {
        assert!(statements.contains(number), "{id}: there is no statement {number}");
    }
    for (number, test) in &rows {
        assert!(statements.contains(number), "{test}: there is no statement {number}");
    }
    let mut sorted = rows.clone();
    sorted.sort_by_key(|(number, _)| {
        let parts = number.split('-').map(|part| part.parse::<u32>().unwrap_or(0));
        parts.collect::<Vec<u32>>()
    });
    assert_eq!(rows, sorted, "the table is in the order of the statements");
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let mut programs = Vec::new();
    for (number, test) in rows() {
        if test == "-" {
            programs.push(number);
            continue;
        }
        let (file, function) = test.split_once("::").unwrap_or_else(|| panic!("{test} is no test"));
        let source = read(&root().join(file));
        let head = format!("fn {function}()");
        // The attribute, perhaps others, then the function.
        let mut lines = source.lines().rev().skip_while(|line| !line.starts_with(&head));
        assert!(lines.next().is_some(), "{number}: there is no {test}");
        let mut attributes = lines.take_while(|line| !line.is_empty() && *line != "}");
        assert!(attributes.any(|line| line == "#[test]"), "{number}: {test} is no test");
    }
    assert_eq!(programs, PROGRAMS);
}
