//! The outcomes as one page for people: sums by kind, and each failing case with what was expected
//! and what came side by side, the differences marked. It needs nothing but itself.

use std::fmt::Write as _;

use serde_json::Value;

use crate::case::{Body, Case, Fields};
use crate::hex;
use crate::report::junit::escape;
use crate::report::{Count, by_kind};
use crate::run::{Outcome, Verdict, shown};

const STYLE: &str = include_str!("page.css");

/// The page.
pub fn html(testee: &str, outcomes: &[Outcome]) -> String {
    let count = Count::of(outcomes);
    let (state, verdict) = match count.failed {
        0 => ("good", format!("{} of {} cases passed", count.passed, count.cases)),
        failed => ("bad", format!("{failed} of {} cases failed", count.cases)),
    };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{verdict} – keyrota conformance</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<h1>keyrota conformance</h1>\n\
         <p class=\"lead\">{testee}, against the vectors of {spec}: \
         <strong class=\"{state}\">{verdict}</strong>{unsupported}.</p>\n",
        unsupported = match count.unsupported {
            0 => String::new(),
            some => format!(", {some} are unsupported"),
        },
        testee = escape(testee),
        spec = crate::SPEC,
    );
    page += &sums(outcomes, &count);
    let failed = |outcome: &&Outcome| matches!(outcome.verdict, Verdict::Failed { .. });
    if outcomes.iter().any(|outcome| failed(&outcome)) {
        page += "<h2>What failed</h2>\n<ul>\n";
        for Outcome { case, .. } in outcomes.iter().filter(failed) {
            let (id, comment) = (escape(&case.id), escape(&case.comment));
            let _ = writeln!(page, "<li><a href=\"#{id}\"><code>{id}</code></a> {comment}</li>");
        }
        page += "</ul>\n";
    }
    for outcome in outcomes.iter().filter(failed) {
        page += &failure(outcome);
    }
    page += &list("Unsupported", outcomes, &Verdict::Unsupported);
    page += &list("Passed", outcomes, &Verdict::Passed);
    page + "</body>\n</html>\n"
}

fn sums(outcomes: &[Outcome], all: &Count) -> String {
    let row = |kind: &str, count: &Count| {
        let class = |number| if number == 0 { "none" } else { "bad" };
        let Count { cases, passed, failed, unsupported, time } = count;
        format!(
            "<tr><th>{}</th><td>{cases}</td><td>{passed}</td><td class=\"{}\">{failed}</td>\
             <td>{unsupported}</td><td>{:.3}</td><td><progress max=\"{cases}\" value=\"{passed}\">\
             </progress></td></tr>\n",
            escape(kind),
            class(*failed),
            time.as_secs_f64(),
        )
    };
    let mut table = String::from(
        "<table class=\"sums\">\n<thead><tr><th>kind</th><th>cases</th><th>passed</th>\
         <th>failed</th><th>unsupported</th><th>seconds</th><th></th></tr></thead>\n<tbody>\n",
    );
    for (kind, outcomes) in by_kind(outcomes) {
        table += &row(kind, &Count::of(outcomes));
    }
    table + "</tbody>\n<tfoot>" + &row("all", all) + "</tfoot>\n</table>\n"
}

fn failure(outcome: &Outcome) -> String {
    let Verdict::Failed { step, expected, actual } = &outcome.verdict else {
        return String::new();
    };
    let case = &outcome.case;
    let mut block = format!(
        "<section id=\"{id}\">\n<h3><a href=\"#{id}\">{id}</a></h3>\n<p>{comment}</p>\n\
         <p class=\"meta\">{statements}{from}</p>\n",
        id = escape(&case.id),
        comment = escape(&case.comment),
        statements = escape(&case.spec.join(", ")),
        from = match &case.from {
            Some(from) => format!(" · differs in one thing from {}", escape(from)),
            None => String::new(),
        },
    );
    block += "<table class=\"sides\">\n<thead><tr><th></th><th>expected</th><th>actual</th></tr>\
              </thead>\n<tbody>\n";
    let [expected, actual] = [expected, actual].map(|answer| leaves(&shown(answer)));
    let paths = expected.iter().chain(&actual).map(|(path, _)| path);
    let mut seen: Vec<&String> = Vec::new();
    for path in paths {
        if seen.contains(&path) {
            continue;
        }
        seen.push(path);
        let of = |side: &[(String, String)]| {
            side.iter().find(|(own, _)| own == path).map(|(_, text)| text.clone())
        };
        let (one, other) = (of(&expected), of(&actual));
        let class = if one == other { " class=\"same\"" } else { "" };
        let [one, other] = sides(one.as_deref(), other.as_deref());
        // Long ones break where they have parts.
        let path = escape(path).replace('.', ".<wbr>");
        let _ = writeln!(block, "<tr{class}><th>{path}</th><td>{one}</td><td>{other}</td></tr>");
    }
    block += "</tbody>\n</table>\n";
    let (operation, input) = request(case, *step);
    let input = serde_json::to_string_pretty(input).unwrap_or_default();
    let _ = writeln!(
        block,
        "<details><summary>request{}: <code>{}</code></summary>\n<pre>{}</pre></details>\n</section>",
        if *step > 0 { format!(" {step}") } else { String::new() },
        escape(operation),
        escape(&input),
    );
    block
}

fn request(case: &Case, step: usize) -> (&str, &Fields) {
    match &case.body {
        Body::One { operation, input, .. } => (operation, input),
        Body::Flow { steps } => (&steps[step].operation, &steps[step].input),
    }
}

fn list(title: &str, outcomes: &[Outcome], verdict: &Verdict) -> String {
    let these: Vec<&Outcome> = outcomes.iter().filter(|one| one.verdict == *verdict).collect();
    if these.is_empty() {
        return String::new();
    }
    let mut block = format!("<details><summary>{title}: {}</summary>\n<ul>\n", these.len());
    for outcome in these {
        let (id, comment) = (escape(&outcome.case.id), escape(&outcome.case.comment));
        let _ = writeln!(block, "<li><code>{id}</code> {comment}</li>");
    }
    block + "</ul>\n</details>\n"
}

/// Every value that holds no others, with the way to it.
fn leaves(value: &Value) -> Vec<(String, String)> {
    fn walk(path: String, value: &Value, leaves: &mut Vec<(String, String)>) {
        let below = |name: &dyn std::fmt::Display| match &*path {
            "" => name.to_string(),
            path => format!("{path}.{name}"),
        };
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                fields.iter().for_each(|(name, value)| walk(below(name), value, leaves));
            }
            Value::Array(values) if !values.is_empty() => {
                values.iter().enumerate().for_each(|(at, value)| walk(below(&at), value, leaves));
            }
            Value::String(text) => leaves.push((path, text.clone())),
            other => leaves.push((path, other.to_string())),
        }
    }
    let mut found = Vec::new();
    walk(String::new(), value, &mut found);
    found
}

/// Both sides, what differs marked: byte by byte where both are bytes of one length, else what lies
/// between what they begin and end with in common.
fn sides(one: Option<&str>, other: Option<&str>) -> [String; 2] {
    let (Some(one), Some(other)) = (one, other) else {
        return [one, other].map(|side| side.map_or("<i>nothing</i>".into(), escape));
    };
    if one == other {
        return [escape(one), escape(other)];
    }
    let [units, others] = [one, other].map(|text| match hex::decode(text) {
        Some(_) => {
            text.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into()).collect()
        }
        None => text.chars().map(String::from).collect::<Vec<String>>(),
    });
    if units.len() == others.len() {
        let same = |at: usize| units[at] == others[at];
        return [marked(&units, same), marked(&others, same)];
    }
    let ahead = units.iter().zip(&others).take_while(|(one, other)| one == other).count();
    let behind = units[ahead..].iter().rev().zip(others[ahead..].iter().rev());
    let behind = behind.take_while(|(one, other)| one == other).count();
    let side = |units: &[String]| marked(units, |at| at < ahead || at >= units.len() - behind);
    [side(&units), side(&others)]
}

fn marked(units: &[String], same: impl Fn(usize) -> bool) -> String {
    let (mut text, mut inside) = (String::new(), false);
    for (at, unit) in units.iter().enumerate() {
        if same(at) == inside {
            text += if inside { "</mark>" } else { "<mark>" };
            inside = !inside;
        }
        text += &escape(unit);
    }
    text + if inside { "</mark>" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::sides;

    #[test]
    fn differences_are_marked() {
        let two = |one, other| sides(Some(one), Some(other));
        assert_eq!(two("00ff01", "00fe01"), ["00<mark>ff</mark>01", "00<mark>fe</mark>01"]);
        assert_eq!(two("0001", "000201"), ["0001", "00<mark>02</mark>01"]);
        assert_eq!(two("seal", "real"), ["<mark>s</mark>eal", "<mark>r</mark>eal"]);
        assert_eq!(sides(None, Some("<")), ["<i>nothing</i>", "&lt;"]);
    }
}
