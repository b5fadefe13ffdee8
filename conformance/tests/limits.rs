//! Every limit of chapter 5 is shown at its bound and one past it, by a case or by a test that is named for
//! it in `limits.txt` (R-SYS-2, R-SYS-5).

mod table;

use std::collections::{BTreeMap, BTreeSet};

use keyrota_conformance::case::{Body, Case, Expected};
use table::{assert_is_test, cases, read, rows};

/// A limit of chapter 5.
struct Limit {
    name: String,
    /// What is past it is no frame, or no record: for all implementations.
    malformed: bool,
}

/// The first words of a setting, as a name.
fn slug(text: &str) -> String {
    let text = text.split(['(', ',']).next().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join("-")
}

/// All limits, as the chapter's tables have them: with a name, of single rules, and of what the user sets.
fn limits() -> Vec<Limit> {
    let chapter = read("spec/05-limits.md");
    let (named, rest) = chapter.split_once("## Of single rules").expect("the chapter's parts");
    let (single, set) = rest.split_once("## What the user may set").expect("the chapter's parts");
    let mut limits = Vec::new();
    for row in named.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (name, rest) = row.split_once('`').expect("a name");
        let malformed = rest.contains("malformed");
        limits.push(Limit { name: name.into(), malformed });
    }
    for row in single.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Value"))
    {
        let name = row.trim_end_matches(" |").rsplit(": ").next().expect("a name");
        limits.push(Limit { name: format!("rule/{name}"), malformed: false });
    }
    for row in set.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if cells[2].contains(|c: char| c.is_ascii_digit()) {
            limits.push(Limit { name: format!("setting/{}", slug(cells[1])), malformed: false });
        }
    }
    limits
}

/// The constants of the codec.
fn constants() -> BTreeSet<String> {
    let source = read("spec/src/limits.rs");
    let names = source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(':'));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_limit_has_a_row_and_nothing_else_has() {
    let limits: Vec<String> = limits().into_iter().map(|limit| limit.name).collect();
    let known: BTreeSet<&String> = limits.iter().collect();
    assert!(
        constants().iter().all(|name| known.contains(name)),
        "all constants are in the chapter"
    );
    assert!(limits.len() > 80, "{} limits", limits.len());
    let mut named: Vec<String> =
        rows::<3>("conformance/limits.txt").into_iter().map(|([name, ..], _)| name).collect();
    // Of one limit there may be several.
    named.dedup();
    assert_eq!(named, limits, "the table is in the order of the chapter");
}

/// What a case comes to; of a flow nothing that can be compared.
fn result(case: &Case) -> Option<&Expected> {
    match &case.body {
        Body::One { expected, .. } => Some(expected),
        Body::Flow { .. } => None,
    }
}

#[test]
fn what_shows_a_limit_is_there_and_shows_it() {
    let cases = cases();
    let malformed: BTreeMap<String, bool> =
        limits().into_iter().map(|limit| (limit.name, limit.malformed)).collect();
    for ([name, at, past], why) in rows::<3>("conformance/limits.txt") {
        let case = |id: &String| {
            if id.contains("::") {
                assert_is_test(&name, id);
            } else if id != "-" {
                assert!(cases.contains_key(id), "{name}: there is no case {id}");
            }
            cases.get(id)
        };
        let (one, other) = (case(&at), case(&past));
        // What cannot be shown says why.
        assert!(!why.is_empty() || at != "-" && past != "-", "{name}: why is it not shown?");
        let bound = |case: &Case| case.flags.iter().any(|flag| flag == "bound");
        assert!(other.is_none_or(bound), "{name}: {past} is none at a bound");
        let Some(one) = one.and_then(result) else { continue };
        assert!(matches!(one, Expected::Valid { .. }), "{name}: {at} is at the bound, and invalid");
        let Some(other) = other.and_then(result) else { continue };
        assert_ne!(at, past, "{name}");
        let invalid = matches!(other, Expected::Invalid { .. });
        assert!(
            invalid || !malformed[&name] || !why.is_empty(),
            "{name}: {past} is past the bound, and valid"
        );
        // Whatever is done there instead, it is not what is done at the bound; or it says why.
        assert!(other != one || !why.is_empty(), "{name}: {past} comes to the same as {at}");
    }
}
