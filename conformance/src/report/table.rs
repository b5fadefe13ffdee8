//! The table on the terminal, and the cases that failed.

use std::fmt::Write as _;

use crate::report::{Count, by_kind};
use crate::run::{Outcome, Verdict, shown};

/// The longest answer that is shown whole, in characters.
const LONG: usize = 600;

/// The failing cases, then a row for each kind.
pub fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        if let Verdict::Failed { step, expected, actual } = &outcome.verdict {
            let _ = writeln!(text, "FAILED  {}: {}", outcome.case.id, outcome.case.comment);
            if *step > 0 {
                let _ = writeln!(text, "  step      {step}");
            }
            let _ = writeln!(text, "  expected  {}", short(shown(expected).to_string()));
            let _ = writeln!(text, "  actual    {}\n", short(shown(actual).to_string()));
        }
    }
    let row = |kind: &str, count: &Count| {
        let Count { cases, passed, failed, unsupported, time } = count;
        let time = time.as_secs_f64();
        format!("{kind:<12}{cases:>7}{passed:>8}{failed:>8}{unsupported:>13}{time:>10.3}\n")
    };
    text += "kind          cases  passed  failed  unsupported   seconds\n";
    for (kind, outcomes) in by_kind(outcomes) {
        text += &row(kind, &Count::of(outcomes));
    }
    text + &row("all", &Count::of(outcomes))
}

fn short(answer: String) -> String {
    match answer.char_indices().nth(LONG) {
        Some((end, _)) => format!("{} … ({} characters)", &answer[..end], answer.len()),
        None => answer,
    }
}
