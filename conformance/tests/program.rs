//! The program as its users call it: exit codes, reports, what it says of a wrong call.

use std::path::PathBuf;
use std::process::{Command, Output};

use keyrota_conformance::case;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_keyrota-conformance");

fn call(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(PROGRAM).args(arguments).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// A directory with one vector file of two cases, of which one expects what does not come.
fn failing(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).expect("a directory");
    let text = std::fs::read_to_string(case::default_directory().join("frame.json"));
    let mut file: Value = serde_json::from_str(&text.expect("vectors")).expect("JSON");
    let cases = file["cases"].as_array_mut().expect("cases");
    cases.retain(|case| {
        let id = case["id"].as_str().unwrap_or_default();
        ["frame/refusal/decode", "frame/refusal/encode"].contains(&id)
    });
    cases[0]["out"]["frame"]["refusal"]["whom"] = "bdae420c".into();
    std::fs::write(directory.join("frame.json"), file.to_string()).expect("written");
    directory
}

#[test]
fn all_is_right() {
    let (code, out, _) = call(&["--filter", "frame/refusal"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.starts_with("the core\n") && out.contains("\nframe "), "{out}");
}

#[test]
fn a_statement_selects_its_cases() {
    let (code, out, _) = call(&["--filter", "3-16", "--json", "-"]);
    assert_eq!(code, Some(0));
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let outcomes = report["outcomes"].as_array().expect("outcomes");
    assert!(outcomes.len() >= 8);
    assert!(outcomes.iter().all(|one| one["verdict"] == "passed"));
}

#[test]
fn of_a_statement_without_cases_it_is_told_where_it_is_shown() {
    let (code, _, err) = call(&["--filter", "9-55"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("9-55") && err.contains("core/tests/ends.rs::lines_with_boxes"), "{err}");
    let (code, _, err) = call(&["--filter", "9-9999"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no case is of a statement 9-9999"), "{err}");
    // A number is that of a statement, and not a part of longer ones.
    let (code, out, _) = call(&["--filter", "3-1", "--json", "-"]);
    assert_eq!(code, Some(0));
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let cases = report["outcomes"].as_array().expect("outcomes").len();
    assert!((10..100).contains(&cases), "{cases}");
}

#[test]
fn what_fails_is_told_in_every_report() {
    let directory = failing("failing");
    let [html, junit, json] =
        ["report.html", "report.xml", "report.json"].map(|name| directory.with_file_name(name));
    let path = |path: &PathBuf| path.to_str().expect("UTF-8").to_owned();
    let (code, out, _) = call(&[
        "--vectors",
        &path(&directory),
        "--html",
        &path(&html),
        "--junit",
        &path(&junit),
        "--json",
        &path(&json),
    ]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("FAILED  frame/refusal/decode"), "{out}");
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("a report");
    let page = read(&html);
    // Both sides, the differing byte marked.
    assert!(page.contains("bdae42<mark>0c</mark>") && page.contains("bdae42<mark>0d</mark>"));
    assert!(page.contains("1 of 2 cases failed"));
    let link = page.find("<li><a href=\"#frame/refusal/decode\">").expect("a link to what failed");
    let place = page.find("<section id=\"frame/refusal/decode\">").expect("what failed");
    assert!(link < place, "links stand at the top");
    assert!(!page.contains("http"), "the page needs nothing but itself");
    let xml = read(&junit);
    assert!(xml.contains("tests=\"2\" failures=\"1\" skipped=\"0\""), "{xml}");
    let report: Value = serde_json::from_str(&read(&json)).expect("JSON");
    assert_eq!((&report["failed"], &report["cases"]), (&1.into(), &2.into()));
}

#[test]
fn the_same_is_told_of_a_foreign_testee() {
    let testee = format!("'{PROGRAM}' serve");
    let directory = failing("failing-foreign");
    let vectors = directory.to_str().expect("UTF-8");
    let (code, out, _) = call(&["--vectors", vectors, "--testee", &testee]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.starts_with("keyrota, for draft 1\n"), "{out}");
    let (code, out, _) = call(&["--testee", &testee, "--filter", "frame/refusal"]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn a_wrong_call_is_told() {
    for arguments in [
        &["--filter", "no such case"][..],
        &["--vectors", "/no/such/directory"],
        &["--testee", "/no/such/program"],
        &["--testee", ""],
        &["--testee", "'cat"],
        &["--timeout", "-1", "--testee", "cat"],
        &["--no-such-option"],
        &["no-such-word"],
        &["serve", "--filter", "x"],
        &["--check"],
        &["--json"],
    ] {
        let (code, out, err) = call(arguments);
        assert_eq!((code, &*out), (Some(2), ""), "{arguments:?}: {err}");
        assert!(err.starts_with("keyrota-conformance: "), "{arguments:?}: {err}");
    }
    let (code, out, _) = call(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("--testee"));
}

#[test]
fn the_vectors_are_compared_with_what_is_generated() {
    let (code, out, _) = call(&["generate", "--check"]);
    assert_eq!(code, Some(0), "{out}");
}
