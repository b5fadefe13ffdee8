//! Cases altered in one place.

use std::collections::BTreeMap;

use keyrota_conformance::case::{Fields, LAYERS};
use keyrota_conformance::hex;
use keyrota_conformance::testee::Answer;
use serde_json::Value;

/// Whether all that can be altered in inputs is, or so much that tests are quick.
pub(crate) fn all() -> bool {
    std::env::var_os("ALTERATIONS").is_some_and(|which| which == "all")
}

/// Whether these are bytes; what is empty can as well be a text.
fn is_hex(text: &str) -> bool {
    !text.is_empty() && hex::decode(text).is_some()
}

/// In how many places a value can be altered: each byte of its bytes, each character, each other value in
/// one. That of a list is that it has one value more.
pub(crate) fn places(value: &Value) -> usize {
    match value {
        Value::String(text) if is_hex(text) => text.len() / 2,
        Value::String(text) => text.len() + 1,
        _ => 1,
    }
}

/// A value altered in one of its places.
pub(crate) fn altered(value: &Value, place: usize) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields = fields.clone();
            fields.insert("more".into(), true.into());
            fields.into()
        }
        Value::Array(values) => {
            let mut values = values.clone();
            values.push(values.first().cloned().unwrap_or_else(|| "00".into()));
            values.into()
        }
        Value::String(text) => {
            let hex = is_hex(text).then(|| hex::decode(text)).flatten();
            let mut bytes = hex.clone().unwrap_or_else(|| text.clone().into_bytes());
            match bytes.get_mut(place) {
                Some(byte) if hex.is_some() => *byte ^= 1,
                // A letter or digit becomes another.
                Some(byte) if (*byte ^ 1).is_ascii_alphanumeric() => *byte ^= 1,
                Some(byte) if byte.is_ascii_alphanumeric() => *byte ^= 3,
                _ => bytes.push(b'A'),
            }
            match hex {
                Some(_) => hex::encode(bytes).into(),
                None => String::from_utf8_lossy(&bytes).into(),
            }
        }
        Value::Number(number) => (number.as_u64().unwrap_or(0) ^ 1).into(),
        Value::Bool(yes) => (!yes).into(),
        Value::Null => "00000000000000000000000000000000".into(),
    }
}

/// What can be altered in fields, each value with its pointer: those that hold no others, lists, and objects
/// without fields.
pub(crate) fn values(fields: &Fields) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let below = |(name, value): (&String, &Value)| (format!("/{name}"), value.clone());
    let mut left: Vec<(String, Value)> = fields.iter().rev().map(below).collect();
    while let Some((pointer, value)) = left.pop() {
        match &value {
            Value::Object(fields) if !fields.is_empty() => {
                let fields = fields.iter().rev();
                left.extend(
                    fields.map(|(name, value)| (format!("{pointer}/{name}"), value.clone())),
                );
            }
            Value::Array(values) => {
                let values = values.iter().enumerate().rev();
                left.extend(values.map(|(at, value)| (format!("{pointer}/{at}"), value.clone())));
                found.push((pointer, value));
            }
            _ => found.push((pointer, value)),
        }
    }
    found
}

/// An input altered in one place: first in each of its bytes, then with a text shortened, with another letter, with one
/// of its values in place of another; a nick, say, that is the same as elsewhere.
pub(crate) fn inputs(input: &Fields) -> impl Iterator<Item = Fields> {
    let all = values(input);
    let bytes = all.clone().into_iter().flat_map(|(pointer, value)| {
        (0..places(&value)).map(move |place| (pointer.clone(), altered(&value, place)))
    });
    let texts = all.clone().into_iter().filter_map(|(pointer, value)| {
        let text = value.as_str()?;
        let end = text.len().checked_sub(4).filter(|end| text.is_char_boundary(*end))?;
        Some((pointer, Value::from(&text[..end])))
    });
    let letters = all.clone().into_iter().flat_map(|(pointer, value)| {
        let text = value.as_str().unwrap_or_default().to_owned();
        (0..text.len()).filter_map(move |at| {
            let mut bytes = text.clone().into_bytes();
            *bytes.get_mut(at)? ^= 3;
            Some((pointer.clone(), String::from_utf8(bytes).ok()?.into()))
        })
    });
    let pairs = all.clone().into_iter().flat_map(move |(pointer, _)| {
        all.clone().into_iter().map(move |(_, other)| (pointer.clone(), other))
    });
    bytes.chain(texts).chain(letters).chain(pairs).map(|(pointer, other)| {
        let mut input = input.clone();
        *at(&mut input, &pointer) = other;
        input
    })
}

/// Alters an answer in each of its places in turn.
pub(crate) fn each_answer(answer: &Answer, mut look: impl FnMut(&Answer)) {
    let mut other = answer.clone();
    match &mut other {
        Answer::Out(out) => {
            for (pointer, value) in values(&out.clone()) {
                for place in 0..places(&value) {
                    set(&mut other, &pointer, altered(&value, place));
                    look(&other);
                }
                set(&mut other, &pointer, value);
            }
            set(&mut other, "/more", true.into());
            look(&other);
        }
        Answer::Invalid(layer) => {
            for (name, _) in LAYERS.iter().filter(|(name, _)| name != layer) {
                look(&Answer::Invalid((*name).into()));
            }
        }
        answer => panic!("{answer:?} is no answer that is right"),
    }
}

fn set(answer: &mut Answer, pointer: &str, value: Value) {
    if let Answer::Out(out) = answer {
        *at(out, pointer) = value;
    }
}

/// The value that a pointer into fields means.
pub(crate) fn at<'a>(fields: &'a mut Fields, pointer: &str) -> &'a mut Value {
    let pointer = pointer.trim_start_matches('/');
    let (name, rest) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
    fields.entry(name).or_insert(Value::Null).pointer_mut(rest).expect("it is there")
}

/// Where in inputs of an operation a value stands: of lists, all of their values together.
fn place_of(operation: &str, pointer: &str) -> String {
    let parts = pointer.split('/').skip(1);
    let parts = parts.map(|part| if part.parse::<usize>().is_ok() { "*" } else { part });
    format!("{operation} {}", parts.collect::<Vec<_>>().join("/"))
}

/// At each place of inputs: how many alterations were tried, and how many of them went unreported.
#[derive(Debug, Default)]
pub(crate) struct Tried(BTreeMap<String, (usize, usize)>);

impl Tried {
    /// Tries alterations of each value of an input; unless it is [`all`], until one of its place is reported.
    pub(crate) fn try_input(
        &mut self,
        operation: &str,
        input: &Fields,
        mut is_reported: impl FnMut(&Fields) -> bool,
    ) {
        let mut other = input.clone();
        // One of a list once more is as good as one.
        let single = values(input).into_iter().filter(|(_, value)| !value.is_array());
        for (pointer, value) in single {
            let count = self.0.entry(place_of(operation, &pointer)).or_default();
            let places = places(&value);
            // First, in the middle, and last.
            let some = if all() { (0..places).collect() } else { vec![0, places / 2, places - 1] };
            for place in some {
                if !all() && count.1 < count.0 {
                    break;
                }
                *at(&mut other, &pointer) = altered(&value, place);
                count.0 += 1;
                count.1 += usize::from(!is_reported(&other));
            }
            *at(&mut other, &pointer) = value;
        }
    }

    /// The places where no alteration was ever reported.
    pub(crate) fn never(&self) -> Vec<&str> {
        let never = self.0.iter().filter(|(_, (tried, silent))| silent == tried);
        never.map(|(place, _)| &**place).collect()
    }

    /// How many alterations were tried, and how many of them went unreported.
    pub(crate) fn sum(&self) -> (usize, usize) {
        self.0.values().fold((0, 0), |(all, some), (tried, silent)| (all + tried, some + silent))
    }
}

impl std::fmt::Display for Tried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, (tried, silent)) in &self.0 {
            writeln!(f, "{silent:>8} of {tried:>8} {place}")?;
        }
        let (tried, silent) = self.sum();
        writeln!(f, "{silent:>8} of {tried:>8} in all")
    }
}
