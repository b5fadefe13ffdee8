//! The pipe: the core as a foreign testee, and testees that crash, hang and answer nonsense.

use std::process::Command;
use std::time::Duration;

use keyrota_conformance::case::{self, Case, Fields};
use keyrota_conformance::pipe::Pipe;
use keyrota_conformance::run::{Verdict, run};
use keyrota_conformance::testee::{Answer, Testee, True};

const PROGRAM: &str = env!("CARGO_BIN_EXE_keyrota-conformance");

fn pipe(command: &str, milliseconds: u64) -> Pipe {
    Pipe::new(command, Duration::from_millis(milliseconds)).expect("a command")
}

fn cases() -> Vec<Case> {
    let files = case::read(&case::default_directory()).expect("vectors");
    files.into_iter().flat_map(|file| file.cases).collect()
}

#[test]
fn the_core_passes_all_vectors_over_a_pipe() {
    let mut pipe = pipe(&format!("'{PROGRAM}' serve"), 10_000);
    assert_eq!(pipe.hello().as_deref(), Ok("keyrota, for draft 1"));
    for case in cases() {
        assert_eq!(run(&case, &mut pipe).verdict, Verdict::Passed, "{}", case.id);
    }
    assert_eq!(pipe.ask("no.such", &Fields::new()), Answer::Unsupported(True));
    assert!(matches!(pipe.ask("frame.decode", &Fields::new()), Answer::Error(_)));
}

/// A shell script as a testee; `$line` is the request that it has read.
fn script(body: &str) -> String {
    format!("sh -c 'while read -r line; do {body}; done'")
}

fn errors(command: &str, milliseconds: u64) -> [String; 2] {
    let mut pipe = pipe(command, milliseconds);
    [(); 2].map(|()| match pipe.ask("frame.decode", &Fields::new()) {
        Answer::Error(why) => why,
        other => panic!("{command}: {other:?}"),
    })
}

#[test]
fn a_testee_that_crashes_is_started_again() {
    for why in errors(&script("exit 3"), 5_000) {
        assert!(why.contains("exit status: 3"), "{why}");
    }
}

#[test]
fn a_testee_that_hangs_is_started_again() {
    for why in errors("cat /dev/zero", 50).into_iter().chain(errors("tail -f /dev/null", 50)) {
        assert!(why.contains("50ms"), "{why}");
    }
}

#[test]
fn what_is_no_answer_is_none() {
    for answer in [
        "",
        "no JSON",
        r#"{"id": 9, "out": {}}"#,
        r#"{"id": 0}"#,
        r#"{"id": 0, "out": 1}"#,
        r#"{"id": 0, "unsupported": false}"#,
        r#"{"id": 0, "out": {}, "invalid": "frame"}"#,
        r#"{"out": {}}"#,
    ] {
        let answer = answer.replace('"', "\\\"");
        let command = script(&format!("echo \"{answer}\""));
        let mut pipe = pipe(&command, 5_000);
        let answer = pipe.ask("frame.decode", &Fields::new());
        assert!(matches!(answer, Answer::Error(_)), "{command}: {answer:?}");
    }
    let mut pipe = pipe("/no/such/program", 1_000);
    assert!(matches!(pipe.ask("hello", &Fields::new()), Answer::Error(_)));
}

#[test]
fn a_crash_fails_its_case_and_no_other() {
    // Answers all but the second request, at which it ends; the third is answered by a new one.
    let body = r#"n=${line#*:}; n=${n%%,*}; test $n = 1 && exit 1; echo "{\"id\": $n, \"unsupported\": true}""#;
    let mut pipe = pipe(&script(body), 5_000);
    let verdicts: Vec<Verdict> =
        cases()[..3].iter().map(|case| run(case, &mut pipe).verdict).collect();
    assert_eq!(verdicts[0], Verdict::Unsupported);
    assert!(matches!(verdicts[1], Verdict::Failed { .. }));
    assert_eq!(verdicts[2], Verdict::Unsupported);
}

#[test]
fn what_must_not_be_unsupported_fails_the_run() {
    // Says who it is, and does nothing else.
    let body = r#"n=${line#*:}; n=${n%%,*}; test $n = 0 && answer="\"out\": {\"name\": \"none\", \"spec\": \"draft 1\"}" || answer="\"unsupported\": true"; echo "{\"id\": $n, $answer}""#;
    let command = script(body);
    let ends_well = |options: &[&str]| {
        let arguments = ["--testee", &command, "--filter", "armor/"];
        let run = Command::new(PROGRAM).args(arguments).args(options).output();
        run.expect("the runner").status.success()
    };
    assert!(ends_well(&[]));
    assert!(ends_well(&["--unsupported", "flow,armor"]));
    assert!(!ends_well(&["--unsupported", "flow"]));
    assert!(!ends_well(&["--unsupported", ""]));
}
