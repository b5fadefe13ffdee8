//! What came of a run, for people and for programs.

pub mod html;
pub mod json;
pub mod junit;
pub mod table;

use std::time::Duration;

use crate::run::{Outcome, Verdict};

/// How the cases of one kind went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Count {
    /// All of them.
    pub cases: usize,
    /// Those that were right.
    pub passed: usize,
    /// Those that were wrong.
    pub failed: usize,
    /// Those that the testee does not do.
    pub unsupported: usize,
    /// How long the testee took.
    pub time: Duration,
}

impl Count {
    /// Of these outcomes.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut count = Self::default();
        for outcome in outcomes {
            count.cases += 1;
            count.time += outcome.time;
            match outcome.verdict {
                Verdict::Passed => count.passed += 1,
                Verdict::Failed { .. } => count.failed += 1,
                Verdict::Unsupported => count.unsupported += 1,
            }
        }
        count
    }
}

/// The kinds that outcomes are of, in their order, each with its outcomes.
pub fn by_kind(outcomes: &[Outcome]) -> Vec<(&str, &[Outcome])> {
    let same = |one: &Outcome, other: &Outcome| one.case.kind() == other.case.kind();
    let chunks = outcomes.chunk_by(same);
    chunks.filter_map(|chunk| Some((chunk.first()?.case.kind(), chunk))).collect()
}
