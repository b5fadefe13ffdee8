//! Flows: which of their answers the runner reports, and that their seeds and lines count. `trust.rs` shows that
//! each byte of each answer counts.

mod alter;

use keyrota_conformance::case::{self, Body, Case, Fields, Step};
use keyrota_conformance::own::Own;
use keyrota_conformance::run::{Verdict, run};
use keyrota_conformance::testee::{Answer, Testee};
use serde_json::Value;

fn flows() -> Vec<(Case, Vec<Step>)> {
    let files = case::read(&case::default_directory()).expect("vectors");
    let flows = files.into_iter().flat_map(|file| file.cases).filter_map(|case| {
        let Body::Flow { steps } = case.body.clone() else { return None };
        Some((case, steps))
    });
    flows.collect()
}

/// Changes one of the steps of a flow.
fn change(case: &mut Case, at: usize, change: impl FnOnce(&mut Step)) {
    if let Body::Flow { steps } = &mut case.body {
        change(&mut steps[at]);
    }
}

/// The flow with one of its steps changed.
fn with(case: &Case, at: usize, by: impl FnOnce(&mut Step)) -> Case {
    let mut case = case.clone();
    change(&mut case, at, by);
    case
}

/// Which step the runner reports.
fn reported(case: &Case, testee: &mut dyn Testee) -> Option<usize> {
    match run(case, testee).verdict {
        Verdict::Failed { step, .. } => Some(step),
        _ => None,
    }
}

/// Answers as the file has it, whatever it is asked.
struct Recorded<'a>(std::slice::Iter<'a, Step>);

impl Testee for Recorded<'_> {
    fn ask(&mut self, _: &str, _: &Fields) -> Answer {
        self.0.next().map_or(Answer::Error("no more".into()), |step| step.answer.clone())
    }
}

#[test]
fn every_answer_of_a_flow_counts() {
    for (case, steps) in flows() {
        assert_eq!(reported(&case, &mut Recorded(steps.iter())), None, "{}", case.id);
        let mut other = case;
        for (at, step) in steps.iter().enumerate() {
            let answer = alter::answers(&step.answer).next().expect("another");
            change(&mut other, at, |other| other.answer = answer);
            assert_eq!(reported(&other, &mut Recorded(steps.iter())), Some(at), "{}", other.id);
            change(&mut other, at, |other| *other = step.clone());
        }
    }
}

#[test]
fn another_seed_is_reported() {
    let mut without = Vec::new();
    for (case, steps) in flows() {
        // The first that begins is always a terminal, but for one that is refused.
        let begun = steps.iter().position(|step| matches!(step.answer, Answer::Out(_)));
        let other = with(&case, begun.expect("a terminal"), |step| {
            let seed = &mut step.input["seed"];
            *seed = alter::altered(seed, 31);
        });
        if reported(&other, &mut Own::default()).is_none() {
            without.push(case.id);
        }
    }
    // Its terminal is told nothing that would have it say who it is.
    assert_eq!(without, ["flow/bounds/texts-that-wait"]);
}

/// A line of the protocol that a terminal takes in.
fn line(step: &mut Step) -> Option<&mut Value> {
    let event = step.input.get_mut("event")?.as_object_mut()?;
    let (_, fields) =
        event.iter_mut().find(|(name, _)| matches!(name.as_str(), "line" | "private"))?;
    fields.get_mut("text").filter(|text| text.as_str().is_some_and(|text| text.starts_with('+')))
}

/// Whether the terminal tells, shows or sends something thereupon.
fn acts(step: &Step) -> bool {
    let Answer::Out(out) = &step.answer else { return false };
    out.get("actions").and_then(Value::as_array).is_some_and(|actions| !actions.is_empty())
}

#[test]
fn a_line_with_one_letter_changed_is_reported() {
    let mut without = Vec::new();
    for (case, mut steps) in flows() {
        let lines: Vec<usize> = (0..steps.len())
            .rev()
            .filter(|at| acts(&steps[*at]) && line(&mut steps[*at]).is_some())
            .collect();
        // Here and there a letter is without effect, as in a box for somebody else.
        let found = lines.iter().take(3).any(|at| {
            let other = with(&case, *at, |step| {
                let text = line(step).expect("a line");
                *text = alter::altered(text, alter::places(text) / 2);
            });
            reported(&other, &mut Own::default()) == Some(*at)
        });
        if !found && !lines.is_empty() {
            without.push(case.id);
        }
    }
    // What comes from the future, or is one too many, is told so, whatever else is wrong with it.
    assert_eq!(without, ["flow/clock/hello-from-the-future", "flow/bounds/texts-made-up"]);
}
