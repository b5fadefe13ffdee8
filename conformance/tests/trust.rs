//! The runner fails when it should: every case is altered in one place, of its input and of its answer
//! each, and the runner reports it. Those of flows, which go over many steps, are altered in `flows.rs`.

use std::collections::BTreeMap;

use keyrota_conformance::case::{self, Body, Case, Expected, Fields, LAYERS};
use keyrota_conformance::hex;
use keyrota_conformance::own::Own;
use keyrota_conformance::run::{Verdict, run};
use keyrota_conformance::testee::{Answer, Testee};
use serde_json::Value;

fn cases() -> Vec<Case> {
    let files = case::read(&case::default_directory()).expect("vectors");
    files.into_iter().filter(|file| file.kind != "flow").flat_map(|file| file.cases).collect()
}

/// Whether the runner reports the case, and not for a request that is none.
fn is_reported(case: &Case, testee: &mut dyn Testee) -> bool {
    match run(case, testee).verdict {
        Verdict::Failed { actual, .. } => !matches!(actual, Answer::Error(_)),
        _ => false,
    }
}

/// Whether these are bytes; what is empty can as well be a text.
fn is_hex(text: &str) -> bool {
    !text.is_empty() && hex::decode(text).is_some()
}

/// How many places a value has in which it can be altered: each byte of its bytes, each other value.
fn places(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(places).sum(),
        Value::Array(values) => values.iter().map(places).sum::<usize>() + 1,
        Value::String(text) if is_hex(text) => text.len() / 2,
        Value::String(text) => 2 * text.len() + 1,
        _ => 1,
    }
}

/// Alters a value in one of its places.
fn alter(value: &mut Value, place: usize) {
    match value {
        Value::Object(fields) => descend(fields.values_mut(), place),
        Value::Array(values) => {
            // The last place of a list is that it has one value more.
            let inside: usize = values.iter().map(places).sum();
            if place < inside {
                descend(values.iter_mut(), place);
            } else {
                let one = values.first().cloned().unwrap_or_else(|| "00".into());
                values.push(one);
            }
        }
        Value::String(text) => {
            let hex = is_hex(text).then(|| hex::decode(text)).flatten();
            let mut bytes = hex.clone().unwrap_or_else(|| text.clone().into_bytes());
            // Two ways for a character, so that it becomes one that can stand there.
            let (at, bits) =
                if hex.is_some() { (place, 1) } else { (place / 2, 1 + place % 2 * 2) };
            match bytes.get_mut(at) {
                Some(byte) if hex.is_some() || byte.is_ascii_alphanumeric() => *byte ^= bits as u8,
                _ => bytes.push(b'A'),
            }
            *text = match hex {
                Some(_) => hex::encode(bytes),
                None => String::from_utf8_lossy(&bytes).into_owned(),
            };
        }
        Value::Number(number) => *value = (number.as_u64().unwrap_or(0) ^ 1).into(),
        Value::Bool(yes) => *yes = !*yes,
        Value::Null => *value = "00000000000000000000000000000000".into(),
    }
}

fn descend<'a>(values: impl Iterator<Item = &'a mut Value>, mut place: usize) {
    for value in values {
        let own = places(value);
        if place < own {
            return alter(value, place);
        }
        place -= own;
    }
}

fn altered(fields: &Fields, place: usize) -> Fields {
    let mut value = Value::Object(fields.clone());
    alter(&mut value, place);
    match value {
        Value::Object(fields) => fields,
        _ => fields.clone(),
    }
}

/// At most 48 of so many places, all over them, the first and the last among them.
fn spread(places: usize) -> impl Iterator<Item = usize> {
    const MOST: usize = 48;
    let some = places.min(MOST);
    let last = places.saturating_sub(1);
    (0..some).map(move |at| if some < places { at * last / (MOST - 1) } else { at })
}

fn count(fields: &Fields) -> usize {
    fields.values().map(places).sum()
}

/// The request of a case, and the answer that is right.
fn parts(case: &Case) -> (&str, &Fields, &Expected) {
    match &case.body {
        Body::One { operation, input, expected } => (operation, input, expected),
        Body::Flow { .. } => panic!("{}: only flows have steps", case.id),
    }
}

fn with(case: &Case, input: &Fields, expected: &Expected) -> Case {
    let (operation, ..) = parts(case);
    let (input, expected) = (input.clone(), expected.clone());
    Case {
        id: case.id.clone(),
        comment: String::new(),
        spec: Vec::new(),
        flags: Vec::new(),
        from: None,
        body: Body::One { operation: operation.into(), input, expected },
    }
}

fn other_answers(expected: &Expected) -> Vec<Expected> {
    match expected {
        Expected::Valid { out } if out.is_empty() => {
            let mut out = out.clone();
            out.insert("more".into(), true.into());
            vec![Expected::Valid { out }]
        }
        Expected::Valid { out } => {
            let other = |place| Expected::Valid { out: altered(out, place) };
            spread(count(out)).map(other).collect()
        }
        Expected::Invalid { layer } => {
            let others = LAYERS.iter().filter(|(other, _)| other != layer);
            others.map(|(other, _)| Expected::Invalid { layer: (*other).into() }).collect()
        }
    }
}

/// Answers again what the core has answered.
struct Again(Answer);

impl Testee for Again {
    fn ask(&mut self, _: &str, _: &Fields) -> Answer {
        self.0.clone()
    }
}

#[test]
fn another_answer_is_reported_wherever_it_differs() {
    let mut own = Own::default();
    for case in cases() {
        let (operation, input, expected) = parts(&case);
        let mut again = Again(own.ask(operation, input));
        let others = other_answers(expected);
        assert!(!others.is_empty(), "{}: nothing to alter", case.id);
        for other in others {
            // Whoever answers again does not look at the input.
            let other = with(&case, &Fields::new(), &other);
            assert!(is_reported(&other, &mut again), "{}: {:?}", case.id, other.body);
        }
    }
}

/// The values that hold no others, each with its pointer.
fn leaves(value: &Value) -> Vec<(String, Value)> {
    let below = |(name, value): (String, &Value)| {
        leaves(value).into_iter().map(move |(path, leaf)| (format!("/{name}{path}"), leaf))
    };
    match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| below((name.clone(), value))).collect()
        }
        Value::Array(values) => (0..)
            .zip(values)
            .flat_map(|(at, value): (usize, _)| below((at.to_string(), value)))
            .collect(),
        leaf => vec![(String::new(), leaf.clone())],
    }
}

/// An input altered in one place: first in each of its bytes, then with a text shortened, then with one
/// of its values in place of another; a nick, say, that is the same as elsewhere.
fn other_inputs(input: &Fields) -> impl Iterator<Item = Fields> {
    let whole = Value::Object(input.clone());
    let all = leaves(&whole);
    let texts = all.clone().into_iter().filter_map(|(path, leaf)| {
        let text = leaf.as_str()?;
        let end = text.len().checked_sub(4).filter(|end| text.is_char_boundary(*end))?;
        Some((path, Value::from(&text[..end])))
    });
    let pairs = all.clone().into_iter().flat_map(move |(path, _)| {
        all.clone().into_iter().map(move |(_, other)| (path.clone(), other))
    });
    let exchanged = texts.chain(pairs).filter_map(move |(path, other)| {
        let mut value = whole.clone();
        *value.pointer_mut(&path)? = other;
        value.as_object().cloned()
    });
    (0..count(input)).map(|place| altered(input, place)).chain(exchanged)
}

#[test]
fn another_input_of_a_valid_case_is_reported() {
    let mut own = Own::default();
    for case in cases() {
        let (_, input, expected) = parts(&case);
        if let Expected::Invalid { .. } = expected {
            // Below.
            continue;
        }
        // Here and there an alteration is without effect, as that of a text that is plain anyway.
        let mut others = other_inputs(input).map(|input| with(&case, &input, expected));
        let reported = others.any(|other| is_reported(&other, &mut own));
        assert!(reported, "{}: no alteration of its input is reported", case.id);
    }
}

/// Where in inputs of an operation a value stands: of lists, all of their values together.
fn place_of(operation: &str, pointer: &str) -> String {
    let parts = pointer.split('/').skip(1);
    let parts = parts.map(|part| if part.parse::<usize>().is_ok() { "*" } else { part });
    format!("{operation} {}", parts.collect::<Vec<_>>().join("/"))
}

/// At each place of the inputs of valid cases: how many alterations were tried, and how many of them went
/// unreported. Where all do more are tried.
fn unreported() -> BTreeMap<String, (usize, usize)> {
    // So many alterations of each value, and of all that stand in one place.
    const MOST: usize = 3;
    const ALL: usize = 24;
    let mut own = Own::default();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in cases() {
        let (operation, input, expected) = parts(&case);
        let Expected::Valid { .. } = expected else { continue };
        let whole = Value::Object(input.clone());
        for (pointer, leaf) in leaves(&whole) {
            let place = place_of(operation, &pointer);
            if counts.get(&place).is_some_and(|(tried, silent)| *tried >= ALL && silent < tried) {
                continue;
            }
            let all = places(&leaf);
            let some = all.min(MOST);
            for number in 0..some {
                let mut other = whole.clone();
                let at = if some < all { number * (all - 1) / (MOST - 1) } else { number };
                alter(other.pointer_mut(&pointer).expect("it is there"), at);
                let other = with(&case, other.as_object().expect("fields"), expected);
                let passed = run(&other, &mut own).verdict == Verdict::Passed;
                let count = counts.entry(place.clone()).or_default();
                *count = (count.0 + 1, count.1 + usize::from(passed));
            }
        }
    }
    counts
}

/// What no single alteration shows, and why.
const IGNORED: [(&str, &str); 4] = [
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
];

/// Somewhere an alteration of each value of an input is reported. Where some are not, the value is one that is
/// compared (times, lines, orders), or one of several, of which others decide.
#[test]
fn no_value_of_an_input_is_there_for_nothing() {
    let counts = unreported();
    let never: Vec<&String> = counts
        .iter()
        .filter(|(_, (tried, silent))| silent == tried)
        .map(|(place, _)| place)
        .collect();
    assert_eq!(never, IGNORED.map(|(place, _)| place));
    // Of those that are there for their bytes, as keys and frames are, most alterations are.
    let [tried, silent] =
        counts.values().fold([0, 0], |[all, some], (tried, silent)| [all + tried, some + silent]);
    assert!(tried > 1_000 && 5 * silent < 2 * tried, "{silent} of {tried} go unreported");
}

#[test]
fn the_valid_input_of_an_invalid_case_is_reported() {
    let mut own = Own::default();
    let cases = cases();
    let by_id: BTreeMap<&str, &Case> = cases.iter().map(|case| (&*case.id, case)).collect();
    for case in &cases {
        let (_, _, expected) = parts(case);
        if let Expected::Valid { .. } = expected {
            continue;
        }
        let from = case.from.as_deref().and_then(|from| by_id.get(from));
        let from = from.unwrap_or_else(|| panic!("{}: differs from what?", case.id));
        let (_, input, _) = parts(from);
        assert!(is_reported(&with(case, input, expected), &mut own), "{}", case.id);
    }
}
