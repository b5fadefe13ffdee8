//! Puts cases to a testee, and compares what it answers.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::case::{Body, Case, Expected, Fields};
use crate::testee::{Answer, Testee};

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub case: Case,
    /// How it went.
    pub verdict: Verdict,
    /// How long the testee took.
    pub time: Duration,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All answers were right.
    Passed,
    /// The testee does not do this.
    Unsupported,
    /// An answer was wrong.
    Failed {
        /// Which request, counted from 0; the first unless it is a flow.
        step: usize,
        /// The answer that is right.
        expected: Answer,
        /// The answer that came.
        actual: Answer,
    },
}

/// Puts one case to a testee.
pub fn run(case: &Case, testee: &mut dyn Testee) -> Outcome {
    let began = Instant::now();
    let verdict = match &case.body {
        Body::One { operation, input, expected } => {
            let expected = match expected {
                Expected::Valid { out } => Answer::Out(out.clone()),
                Expected::Invalid { layer } => Answer::Invalid(layer.clone()),
            };
            one(0, operation, input, expected, testee)
        }
        Body::Flow { steps } => {
            let mut verdicts = steps.iter().enumerate().map(|(at, step)| {
                one(at, &step.operation, &step.input, step.answer.clone(), testee)
            });
            verdicts.find(|verdict| *verdict != Verdict::Passed).unwrap_or(Verdict::Passed)
        }
    };
    Outcome { case: case.clone(), verdict, time: began.elapsed() }
}

fn one(
    step: usize,
    operation: &str,
    input: &Fields,
    expected: Answer,
    testee: &mut dyn Testee,
) -> Verdict {
    match testee.ask(operation, input) {
        Answer::Unsupported(_) => Verdict::Unsupported,
        actual if actual == expected => Verdict::Passed,
        actual => Verdict::Failed { step, expected, actual },
    }
}

/// An answer as the fields that a reader compares.
pub fn shown(answer: &Answer) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}
