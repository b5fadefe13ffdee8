//! Every numbered statement of the specification has a case, or a test that is named for it in
//! `statements.txt` (R-SYS-5).

mod table;

use std::collections::{BTreeMap, BTreeSet};

use table::{assert_is_test, read, root, rows};

/// Statements that speak to programs around a terminal, and that nothing here can show.
const PROGRAMS: [&str; 2] = ["13-3", "17-3"];

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
    let all = table::cases().into_values();
    all.flat_map(|case| case.spec.clone().into_iter().map(move |number| (number, case.id.clone())))
        .collect()
}

/// The rows of the table: a statement, and a test that shows it.
fn shown() -> Vec<(String, String)> {
    let rows = rows::<2>("conformance/statements.txt");
    rows.into_iter().map(|([number, test], _)| (number, test)).collect()
}

#[test]
fn every_statement_has_a_case_or_a_test() {
    let (statements, cases, rows) = (statements(), cases(), shown());
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
    for (number, test) in shown() {
        if test == "-" {
            programs.push(number);
        } else {
            assert_is_test(&number, &test);
        }
    }
    assert_eq!(programs, PROGRAMS);
}
