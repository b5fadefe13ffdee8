//! What cases hold, altered in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use keyrota_conformance::case::{Fields, KINDS, LAYERS, default_directory};
use keyrota_conformance::hex;
use keyrota_conformance::testee::Answer;
use serde_json::Value;

/// For each word that is one of a choice, as `random`, the others, by the schemas.
static CHOICES: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let mut choices: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut left: Vec<Value> = KINDS.map(schema).into();
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values),
            Value::Object(mut fields) => {
                let words: Vec<String> = fields
                    .remove("enum")
                    .and_then(|words| serde_json::from_value(words).ok())
                    .unwrap_or_default();
                for word in &words {
                    let others = words.iter().filter(|other| *other != word).cloned();
                    choices.entry(word.clone()).or_default().extend(others);
                }
                left.extend(fields.into_iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    choices
});

fn schema(kind: &str) -> Value {
    let path = default_directory().join(format!("../schema/{kind}.json"));
    let text = std::fs::read_to_string(path).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

/// Whether these are bytes; what is empty can as well be a text.
fn is_hex(text: &str) -> bool {
    !text.is_empty() && hex::decode(text).is_some()
}

/// The other words of the choice that a text is one of.
fn other_words(text: &str) -> impl ExactSizeIterator<Item = &'static String> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    CHOICES.get(text).unwrap_or(&NONE).iter()
}

/// Another letter or digit for one, so that a nick, say, remains one; one for anything else.
fn other_letter(letter: char) -> char {
    let others = [1, 3].map(|bits| char::from_u32(u32::from(letter) ^ bits));
    others.into_iter().flatten().find(char::is_ascii_alphanumeric).unwrap_or('A')
}

/// In how many ways [`altered`] alters a value.
pub(crate) fn places(value: &Value) -> usize {
    match value {
        Value::String(text) if is_hex(text) => text.len() / 2,
        Value::String(text) => text.chars().count() + 1 + other_words(text).len(),
        Value::Null => 4,
        _ => 1,
    }
}

/// A value altered in one of its places: one of its bytes or characters is another; a text has
/// one character more, or is another word of its choice; a list or an object has one value more; nothing is
/// something.
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
        Value::String(text) if is_hex(text) => {
            let mut bytes = hex::decode(text).expect("bytes");
            bytes[place] ^= 1;
            hex::encode(bytes).into()
        }
        Value::String(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let count = letters.len();
            match letters.get_mut(place) {
                Some(letter) => *letter = other_letter(*letter),
                None if place == count => letters.push('A'),
                None => {
                    let word = other_words(text).nth(place - count - 1);
                    return word.expect("one of the places").as_str().into();
                }
            }
            String::from_iter(letters).into()
        }
        Value::Number(number) => (number.as_u64().unwrap_or(0) ^ 1).into(),
        Value::Bool(yes) => (!yes).into(),
        Value::Null => [
            Value::from("00000000000000000000000000000000"),
            "00000000".into(),
            1.into(),
            true.into(),
        ][place]
            .clone(),
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

/// All places of a value, to alter [`fields`] in.
pub(crate) fn everywhere(value: &Value) -> Vec<usize> {
    (0..places(value)).collect()
}

/// Fields altered in one place, each with the pointer to the value: in those places of each value that are
/// wanted.
pub(crate) fn fields(
    fields: &Fields,
    wanted: impl Fn(&Value) -> Vec<usize>,
) -> impl Iterator<Item = (String, Fields)> {
    values(fields).into_iter().flat_map(move |(pointer, value)| {
        wanted(&value).into_iter().map(move |place| {
            let mut other = fields.clone();
            *at(&mut other, &pointer) = altered(&value, place);
            (pointer.clone(), other)
        })
    })
}

/// An answer altered in each of its places in turn.
pub(crate) fn answers(answer: &Answer) -> Box<dyn Iterator<Item = Answer> + '_> {
    match answer {
        Answer::Out(out) => {
            let more = altered(&out.clone().into(), 0).as_object().cloned();
            let others = fields(out, everywhere).map(|(_, other)| other);
            Box::new(others.chain(more).map(Answer::Out))
        }
        Answer::Invalid(layer) => {
            let others = LAYERS.iter().filter(move |(name, _)| name != layer);
            Box::new(others.map(|(name, _)| Answer::Invalid((*name).into())))
        }
        answer => panic!("{answer:?} is no answer that is right"),
    }
}

/// The value that a pointer into fields means.
pub(crate) fn at<'a>(fields: &'a mut Fields, pointer: &str) -> &'a mut Value {
    let pointer = pointer.trim_start_matches('/');
    let (name, rest) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
    fields.get_mut(name).and_then(|value| value.pointer_mut(rest)).expect("it is there")
}
