//! The outcomes as JSON.

use serde_json::{Value, json};

use crate::report::Count;
use crate::run::{Outcome, Verdict, shown};

/// All outcomes of a testee, and their sums.
pub fn json(testee: &str, outcomes: &[Outcome]) -> String {
    let Count { cases, passed, failed, unsupported, time } = Count::of(outcomes);
    let report = json!({
        "testee": testee,
        "spec": crate::SPEC,
        "cases": cases,
        "passed": passed,
        "failed": failed,
        "unsupported": unsupported,
        "seconds": time.as_secs_f64(),
        "outcomes": outcomes.iter().map(outcome).collect::<Vec<_>>(),
    });
    format!("{report:#}\n")
}

fn outcome(outcome: &Outcome) -> Value {
    let (id, seconds) = (&outcome.case.id, outcome.time.as_secs_f64());
    match &outcome.verdict {
        Verdict::Passed => json!({"id": id, "verdict": "passed", "seconds": seconds}),
        Verdict::Unsupported => json!({"id": id, "verdict": "unsupported", "seconds": seconds}),
        Verdict::Failed { step, expected, actual } => json!({
            "id": id,
            "verdict": "failed",
            "seconds": seconds,
            "step": step,
            "expected": shown(expected),
            "actual": shown(actual),
        }),
    }
}
