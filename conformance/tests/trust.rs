//! The runner fails when it should. Every answer is altered in each of its places, and the runner reports it.
//! So are inputs, in some of their places, or with `ALTERATIONS=all` those of single requests in each of
//! them. Which step of a flow the runner reports is in `flows.rs`.

mod alter;

use std::collections::BTreeMap;

use keyrota_conformance::case::{self, Body, Case, Fields, Step};
use keyrota_conformance::own::Own;
use keyrota_conformance::run::{Verdict, judge};
use keyrota_conformance::testee::{Answer, Testee};
use serde_json::Value;

fn cases() -> Vec<Case> {
    let files = case::read(&case::default_directory()).expect("vectors");
    files.into_iter().flat_map(|file| file.cases).collect()
}

/// Whether the runner reports one of these steps; nothing where the first is no request.
fn reported(steps: &[Step], testee: &mut dyn Testee) -> Option<bool> {
    match judge(steps, testee) {
        Verdict::Passed => Some(false),
        Verdict::Unsupported | Verdict::Failed { step: 0, actual: Answer::Error(_), .. } => None,
        Verdict::Failed { .. } => Some(true),
    }
}

fn is_reported(step: Step, testee: &mut dyn Testee) -> bool {
    reported(&[step], testee) == Some(true)
}

/// Answers again what was answered.
struct Again(Answer);

impl Testee for Again {
    fn ask(&mut self, _: &str, _: &Fields) -> Answer {
        self.0.clone()
    }
}

#[test]
fn another_answer_is_reported_wherever_it_differs() {
    let mut tried = 0_usize;
    for case in cases() {
        let mut own = Own::default();
        for step in case.body.steps().iter() {
            let mut again = Again(own.ask(&step.operation, &step.input));
            for answer in alter::answers(&step.answer) {
                // Whoever answers again does not look at the input.
                let other = Step { input: Fields::new(), answer, ..step.clone() };
                assert!(is_reported(other, &mut again), "{}: {:?}", case.id, step.answer);
                tried += 1;
            }
        }
    }
    eprintln!("{tried} answers altered in one place, all reported");
}

/// Whether single requests are altered in all places, or in so few that tests are quick.
fn all() -> bool {
    std::env::var_os("ALTERATIONS").is_some_and(|which| which == "all")
}

/// Of each place of inputs, by operation: how many alterations were requests, and how many of them went
/// unreported.
type Tried = BTreeMap<String, (usize, usize)>;

/// Where in inputs of an operation a value stands: of lists, all of their values together.
fn place_of(operation: &str, pointer: &str) -> String {
    let parts = pointer.split('/').skip(1);
    let parts = parts.map(|part| if part.parse::<usize>().is_ok() { "*" } else { part });
    format!("{operation} {}", parts.collect::<Vec<_>>().join("/"))
}

/// Which places of a value of an input are altered: first, in the middle, and last, or all.
fn places(value: &Value, all: bool) -> Vec<usize> {
    let count = alter::places(value);
    match value {
        // One of a list once more is as good as one, and an object with a field more makes no request.
        Value::Array(_) | Value::Object(_) => Vec::new(),
        // Words have others of their choice at the end.
        _ if all || count < 20 => alter::everywhere(value),
        _ => vec![0, count / 2, count - 1],
    }
}

/// Somewhere an alteration of each value of an input is reported. Where some are not, the value is one that is
/// compared (times, lines, orders), or one of several, of which others decide. An alteration after which a
/// request is none shows nothing. Flows take long, and are altered in few places, until one is reported.
#[test]
fn no_value_of_an_input_is_there_for_nothing() {
    let mut tried = Tried::new();
    for case in cases() {
        let mut own = Own::default();
        let steps = case.body.steps();
        let all = all() && single(&case).is_some();
        for (number, step) in steps.iter().enumerate() {
            if let Answer::Out(_) = step.answer {
                let mut rest = steps[number..].to_vec();
                for (pointer, input) in alter::fields(&step.input, |value| places(value, all)) {
                    let (tried, silent) =
                        tried.entry(place_of(&step.operation, &pointer)).or_default();
                    if !all && silent < tried {
                        continue;
                    }
                    rest[0].input = input;
                    if let Some(reported) = reported(&rest, &mut own.clone()) {
                        *tried += 1;
                        *silent += usize::from(!reported);
                    }
                }
            }
            own.ask(&step.operation, &step.input);
        }
    }
    for (place, (tried, silent)) in &tried {
        eprintln!("{silent:>8} of {tried:>8} unreported: {place}");
    }
    let never = tried.iter().filter(|(_, (tried, silent))| silent == tried);
    let never: Vec<&str> = never.map(|(place, _)| &**place).collect();
    assert_eq!(never, IGNORED.map(|(place, _)| place));
    // Of those that are there for their bytes, as keys and frames are, most alterations are.
    let sum = |(all, some), (tried, silent)| (all + tried, some + silent);
    let (tried, silent) = tried.into_values().fold((0, 0), sum);
    eprintln!("{silent:>8} of {tried:>8} unreported in all");
    assert!(!all() || 3 * silent < tried, "{silent} of {tried} go unreported");
}

/// What no single alteration shows, and why.
const IGNORED: [(&str, &str); 23] = [
    ("certificate.sign_hello hello/ask/which", WORD),
    ("certificate.sign_hello hello/certificate/vouch", WORD),
    ("certificate.sign_hello hello/signature", "it is made anew, whatever stands there"),
    (
        "certificate.verify declined/*",
        "another member that is declined: invalid cases show that it counts",
    ),
    ("certificate.verify revoked/*", "likewise one that is revoked"),
    ("frame.encode frame/hello/ask", WORD),
    ("frame.encode frame/hello/ask/which", WORD),
    ("frame.encode frame/hello/certificate/vouch", WORD),
    ("frame.encode frame/relayed_hello/ask", WORD),
    ("frame.encode frame/sealed_key/record/record/descent", WORD),
    (
        "seal.seal line",
        "a character more or less fits no box more: cases of other lengths show that it counts",
    ),
    ("terminal.command terminal", NAME),
    ("terminal.drop terminal", NAME),
    ("terminal.event event", WORD),
    (
        "terminal.event event/detail/detail/idle",
        "a second more or less makes nobody less idle than another",
    ),
    ("terminal.event terminal", NAME),
    ("terminal.new line", "a character more or less cuts no frame otherwise, as `seal.seal` does"),
    ("terminal.new secret", PAIR),
    ("terminal.restore beginning/certificate", PAIR),
    ("terminal.restore beginning/line", "likewise as for `terminal.new`"),
    ("terminal.restore beginning/secret", PAIR),
    ("terminal.save terminal", NAME),
    ("terminal.tick terminal", NAME),
];

const WORD: &str = "no other word is a request, nor a value: what else can stand there has fields";
const NAME: &str = "of another name there is no terminal";
const PAIR: &str = "key and certificate no longer belong together, which is no request";

/// The request of a case that has one.
fn single(case: &Case) -> Option<Step> {
    match &case.body {
        Body::One { .. } => case.body.steps().first().cloned(),
        Body::Flow { .. } => None,
    }
}

#[test]
fn another_input_of_a_valid_case_is_reported() {
    let mut own = Own::default();
    for case in cases() {
        let Some(step) = single(&case).filter(|step| matches!(step.answer, Answer::Out(_))) else {
            continue;
        };
        let mut is_reported = |input| is_reported(Step { input, ..step.clone() }, &mut own);
        // Here and there an alteration is without effect, as that of a text that is plain anyway.
        let reported = alter::fields(&step.input, alter::everywhere)
            .map(|(_, input)| input)
            .chain(exchanged(&step.input))
            .any(&mut is_reported);
        assert!(reported, "{}: no alteration of its input is reported", case.id);
    }
}

/// An input with one of its values in place of another, a nick, say, that is the same as elsewhere; or with
/// a text that is shorter, or has yet another letter.
fn exchanged(input: &Fields) -> impl Iterator<Item = Fields> {
    let values = alter::values(input);
    let others: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
    values.into_iter().flat_map(move |(pointer, value)| {
        let text = value.as_str().unwrap_or_default();
        let shorter = text.len().checked_sub(4).and_then(|end| text.get(..end));
        let letters = (0..text.len()).filter_map(|at| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 3;
            String::from_utf8(bytes).ok()
        });
        let texts = shorter.map(Value::from).into_iter().chain(letters.map(Value::from));
        let with = |other| {
            let mut input = input.clone();
            *alter::at(&mut input, &pointer) = other;
            input
        };
        texts.chain(others.iter().cloned()).map(with).collect::<Vec<_>>()
    })
}

#[test]
fn the_valid_input_of_an_invalid_case_is_reported() {
    let mut own = Own::default();
    let cases = cases();
    let by_id: BTreeMap<&str, &Case> = cases.iter().map(|case| (&*case.id, case)).collect();
    for case in &cases {
        let Some(step) = single(case).filter(|step| matches!(step.answer, Answer::Invalid(_)))
        else {
            continue;
        };
        let from = case.from.as_deref().and_then(|from| single(by_id.get(from)?));
        let Step { input, .. } = from.unwrap_or_else(|| panic!("{}: differs from what?", case.id));
        assert!(is_reported(Step { input, ..step }, &mut own), "{}", case.id);
    }
}
