//! Interoperation: the core with itself, over a pipe, and with programs that are wrong.

use std::time::Duration;

use keyrota_conformance::case::Fields;
use keyrota_conformance::interop::{Cell, castings, play, table};
use keyrota_conformance::own::Own;
use keyrota_conformance::pipe::Pipe;
use keyrota_conformance::testee::{Answer, Testee, True};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_keyrota-conformance");

fn cells(mut programs: Vec<Box<dyn Testee>>) -> Vec<Cell> {
    play(&mut programs, |_, _| {})
}

/// The scenes that failed.
fn failed(cells: &[Cell]) -> Vec<(&str, [usize; 3])> {
    let failed = cells.iter().filter(|cell| cell.wrong.is_some());
    failed.map(|cell| (cell.scene, cell.roles)).collect()
}

#[test]
fn each_program_has_each_role() {
    assert_eq!(castings(3), [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]);
    assert_eq!(castings(2).len(), 6);
}

#[test]
fn the_core_talks_to_itself() {
    let cells = cells(vec![Box::<Own>::default(), Box::<Own>::default(), Box::<Own>::default()]);
    assert_eq!(failed(&cells), [], "{}", table(&[], &cells));
}

#[test]
fn the_core_talks_to_itself_over_a_pipe() {
    let pipe = Pipe::new(&format!("'{PROGRAM}' serve"), Duration::from_secs(10));
    let cells = cells(vec![Box::<Own>::default(), Box::new(pipe.expect("a command"))]);
    assert_eq!(failed(&cells), [], "{}", table(&[], &cells));
}

/// The core, with a change to each answer.
struct Wrong(Own, fn(&mut Answer));

impl Testee for Wrong {
    fn ask(&mut self, operation: &str, input: &Fields) -> Answer {
        let mut answer = self.0.ask(operation, input);
        self.1(&mut answer);
        answer
    }
}

/// Changes what an answer says to do.
fn change(answer: &mut Answer, change: impl FnMut(&mut Value)) {
    if let Answer::Out(out) = answer
        && let Some(Value::Array(actions)) = out.get_mut("actions")
    {
        actions.iter_mut().for_each(change);
    }
}

fn with_the_core(wrong: fn(&mut Answer)) -> Vec<Cell> {
    cells(vec![Box::<Own>::default(), Box::new(Wrong(Own::default(), wrong))])
}

#[test]
fn a_program_that_flips_a_bit_of_its_lines_is_found_out() {
    let cells = with_the_core(|answer| {
        change(answer, |action| {
            let Some(Value::String(text)) =
                action.get_mut("send").and_then(|one| one.get_mut("text"))
            else {
                return;
            };
            let last = text.pop().map_or('A', |last| if last == 'Q' { 'g' } else { 'Q' });
            text.push(last);
        });
    });
    let Some((why, transcript)) = &cells[0].wrong else { panic!("{}", table(&[], &cells)) };
    assert!(!why.is_empty() && transcript.contains("send"), "{why}\n{transcript}");
    assert!(cells.iter().all(|cell| cell.wrong.is_some()), "{:?}", failed(&cells));
}

#[test]
fn a_program_that_does_not_bar_is_found_out() {
    /// The core, which makes a key for whoever is to be barred too.
    #[derive(Default)]
    struct Lenient(Own);
    impl Testee for Lenient {
        fn ask(&mut self, operation: &str, input: &Fields) -> Answer {
            let mut input = input.clone();
            if let Some(command) = input.get_mut("command").filter(|one| one.get("bar").is_some()) {
                let channel = &command["bar"]["channel"];
                *command = json!({"mode": {"channel": channel, "modes": "-d cyn"}});
            }
            self.0.ask(operation, &input)
        }
    }
    let cells = cells(vec![Box::<Own>::default(), Box::<Lenient>::default()]);
    let wrong = castings(2).into_iter().filter(|roles| roles[0] == 1);
    assert_eq!(failed(&cells), wrong.map(|roles| ("bar", roles)).collect::<Vec<_>>());
}

#[test]
fn a_program_that_shows_another_author_is_found_out() {
    let cells = with_the_core(|answer| {
        change(answer, |action| {
            if let Some(show) = action.get_mut("show") {
                show["from"]["member"]["id"] = "00".repeat(16).into();
            }
        });
    });
    assert!(cells.iter().all(|cell| cell.wrong.is_some() || cell.scene == "bar"));
    assert!(!failed(&cells).is_empty());
}

#[test]
fn a_program_that_does_nothing_is_found_out() {
    for answer in [
        Answer::Unsupported(True),
        Answer::Error("it crashed".into()),
        Answer::Invalid("frame".into()),
        Answer::Out(Fields::new()),
        Answer::Out(Fields::from_iter([("actions".into(), Value::Null)])),
    ] {
        struct Same(Answer);
        impl Testee for Same {
            fn ask(&mut self, _: &str, _: &Fields) -> Answer {
                self.0.clone()
            }
        }
        let cells = cells(vec![Box::<Own>::default(), Box::new(Same(answer))]);
        assert!(cells.iter().all(|cell| cell.wrong.is_some()), "{:?}", failed(&cells));
    }
}
