//! The runner fails when it should: every answer is altered in each of its places, every input in many, or
//! in each with `ALTERATIONS=all`, and the runner reports it. Which step of a flow it reports is in `flows.rs`.

mod alter;

use std::collections::BTreeMap;

use alter::Tried;
use keyrota_conformance::case::{self, Body, Case, Fields, Step};
use keyrota_conformance::own::Own;
use keyrota_conformance::run::{Verdict, judge};
use keyrota_conformance::testee::{Answer, Testee};

fn cases() -> Vec<Case> {
    let files = case::read(&case::default_directory()).expect("vectors");
    files.into_iter().flat_map(|file| file.cases).collect()
}

/// Whether the runner reports the first of these steps, and not for being no request.
fn is_reported(steps: &[Step], testee: &mut dyn Testee) -> bool {
    match judge(steps, testee) {
        Verdict::Failed { actual, step: 0, .. } => !matches!(actual, Answer::Error(_)),
        _ => false,
    }
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
            // Whoever answers again does not look at the input.
            let mut other = [Step { input: Fields::new(), ..step.clone() }];
            alter::each_answer(&step.answer, |answer| {
                other[0].answer.clone_from(answer);
                assert!(is_reported(&other, &mut again), "{}: {answer:?}", case.id);
                tried += 1;
            });
        }
    }
    eprintln!("{tried} answers altered in one place, all reported");
}

/// Somewhere an alteration of each value of an input is reported. Where some are not, the value is one that is
/// compared (times, lines, orders), or one of several, of which others decide. Those of flows take long, and
/// are altered only if all are; some of them are in `flows.rs`.
#[test]
fn no_value_of_an_input_is_there_for_nothing() {
    let mut tried = Tried::default();
    for case in cases().iter().filter(|case| alter::all() || single(case).is_some()) {
        let mut own = Own::default();
        let steps = case.body.steps();
        for (number, step) in steps.iter().enumerate() {
            if let Answer::Out(_) = step.answer {
                let mut rest = steps[number..].to_vec();
                tried.try_input(&step.operation, &step.input, |input| {
                    rest[0].input.clone_from(input);
                    judge(&rest, &mut own.clone()) != Verdict::Passed
                });
            }
            own.ask(&step.operation, &step.input);
        }
    }
    eprintln!("unreported:\n{tried}");
    let known = IGNORED.iter().map(|(place, _)| *place);
    let known: Vec<&str> =
        known.filter(|place| alter::all() || !place.starts_with("terminal.")).collect();
    assert_eq!(tried.never(), known);
    // Of those that are there for their bytes, as keys and frames are, most alterations are.
    let (all, silent) = tried.sum();
    assert!(!alter::all() || 3 * silent < all, "{silent} of {all} go unreported");
}

/// What no single alteration shows, and why.
const IGNORED: [(&str, &str); 7] = [
    ("certificate.sign_hello hello/signature", "it is made anew, whatever stands there"),
    (
        "certificate.verify declined/*",
        "another member that is declined: invalid cases show that it counts",
    ),
    ("certificate.verify revoked/*", "likewise one that is revoked"),
    (
        "seal.seal line",
        "a character more or less fits no box more: cases of other lengths show that it counts",
    ),
    (
        "terminal.event event/detail/detail/idle",
        "a second more or less makes nobody less idle than another",
    ),
    ("terminal.new line", "a character more or less cuts no frame otherwise, as `seal.seal` does"),
    ("terminal.restore beginning/line", "likewise"),
];

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
        // Here and there an alteration is without effect, as that of a text that is plain anyway.
        let mut others = alter::inputs(&step.input).map(|input| Step { input, ..step.clone() });
        let reported = others.any(|other| is_reported(&[other], &mut own));
        assert!(reported, "{}: no alteration of its input is reported", case.id);
    }
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
        assert!(is_reported(&[Step { input, ..step }], &mut own), "{}", case.id);
    }
}
