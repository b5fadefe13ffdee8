//! The outcomes as JUnit's XML, which continuous integration reads.

use std::fmt::Write as _;

use crate::report::{Count, by_kind};
use crate::run::{Outcome, Verdict, shown};

/// A suite for each kind.
pub fn junit(testee: &str, outcomes: &[Outcome]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let attributes = |count: &Count| {
        let Count { cases, failed, unsupported, time, .. } = count;
        let time = time.as_secs_f64();
        format!(
            "tests=\"{cases}\" failures=\"{failed}\" skipped=\"{unsupported}\" time=\"{time:.6}\""
        )
    };
    let all = attributes(&Count::of(outcomes));
    let _ = writeln!(xml, "<testsuites name=\"{}\" {all}>", escape(testee));
    for (kind, outcomes) in by_kind(outcomes) {
        let sums = attributes(&Count::of(outcomes));
        let _ = writeln!(xml, "  <testsuite name=\"{}\" {sums}>", escape(kind));
        for outcome in outcomes {
            let (id, time) = (escape(&outcome.case.id), outcome.time.as_secs_f64());
            let kind = escape(kind);
            let _ =
                write!(xml, "    <testcase classname=\"{kind}\" name=\"{id}\" time=\"{time:.6}\"");
            match &outcome.verdict {
                Verdict::Passed => xml += "/>\n",
                Verdict::Unsupported => xml += "><skipped/></testcase>\n",
                Verdict::Failed { step, expected, actual } => {
                    let comment = escape(&outcome.case.comment);
                    let [expected, actual] =
                        [expected, actual].map(|answer| escape(&shown(answer).to_string()));
                    let _ = writeln!(
                        xml,
                        "><failure message=\"{comment}\">step {step}\nexpected {expected}\n\
                         actual {actual}</failure></testcase>"
                    );
                }
            }
        }
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

/// Text as it may stand in XML; what may not at all becomes U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\u{0}'..='\u{1f}' if !matches!(c, '\n' | '\t' | '\r') => escaped.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
