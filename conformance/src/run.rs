//! Puts cases to a testee, and compares what it answers.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::case::{Case, Step};
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
    let verdict = judge(&case.body.steps(), testee);
    Outcome { case: case.clone(), verdict, time: began.elapsed() }
}

/// Puts requests to a testee, until an answer is wrong.
pub fn judge(steps: &[Step], testee: &mut dyn Testee) -> Verdict {
    for (number, step) in steps.iter().enumerate() {
        match testee.ask(&step.operation, &step.input) {
            Answer::Unsupported(_) => return Verdict::Unsupported,
            actual if actual == step.answer => {}
            actual => {
                return Verdict::Failed { step: number, expected: step.answer.clone(), actual };
            }
        }
    }
    Verdict::Passed
}

/// An answer as the fields that a reader compares.
pub fn shown(answer: &Answer) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}
