//! Which cases a filter chooses: by a part of their identifiers, or by a statement of the specification.

use crate::case::Case;

/// What tests of this project show, for want of a case.
const SHOWN: &str = include_str!("../statements.txt");

/// Whether a filter is the number of a statement, as 3-16.
fn is_statement(filter: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    filter.split_once('-').is_some_and(|(chapter, number)| digits(chapter) && digits(number))
}

/// Whether it chooses a case.
pub fn chooses(filter: &str, case: &Case) -> bool {
    if is_statement(filter) {
        case.spec.iter().any(|number| number == filter)
    } else {
        case.id.contains(filter)
    }
}

/// Why a filter chooses nothing, and where else to look.
pub fn none(filter: &str) -> String {
    if !is_statement(filter) {
        return format!("no case has {filter:?} in its identifier");
    }
    let rows = SHOWN.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let tests: Vec<&str> = rows
        .filter_map(|row| match row[..] {
            [number, test, ..] if number == filter => Some(test),
            _ => None,
        })
        .collect();
    match tests[..] {
        [] => format!("no case is of a statement {filter}; or is there none of this number?"),
        ["-"] => {
            format!("statement {filter} is one to programs around a terminal: no case can show it")
        }
        _ => format!(
            "no case is of statement {filter}; tests of this project show it: {}",
            tests.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_statement, none};

    #[test]
    fn a_statement_without_a_case_has_a_test() {
        assert!(is_statement("9-55") && !is_statement("frame/") && !is_statement("-5"));
        assert!(none("9-55").contains("core/tests/ends.rs::"));
        assert!(none("13-3").contains("programs around"));
        assert!(none("99-1").contains("none of this number"));
        assert!(none("frames/").contains("\"frames/\""));
    }
}
