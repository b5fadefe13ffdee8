//! Writing frames: the longest of what can be written, and one more of each of its parts.

use serde_json::{Value, json};

use super::announced;
use super::bases::{Asking, hello};
use super::records::longest;
use crate::generate::cast::ben;
use crate::generate::wire::Wire;
use crate::generate::{Cases, what};
use crate::hex::encode;

/// A frame as JSON, as `frame.decode` gives it.
fn form(cases: &mut Cases, bytes: &[u8]) -> Value {
    cases.ask("frame.decode", json!({"frame": encode(bytes)})).into()
}

/// A case that is written, and those in which one value is another.
fn written(
    cases: &mut Cases,
    id: &str,
    comment: &str,
    form: &Value,
    wrong: &[(&str, &str, &str, Value)],
) {
    let good = format!("encode/{id}");
    cases.valid(
        what(&good, comment, &["1-12", "3-4"]).flags(&["bound"]),
        "frame.encode",
        form.clone(),
    );
    for (id, comment, path, value) in wrong {
        let mut other = form.clone();
        *other.pointer_mut(path).expect("it is there") = value.clone();
        let id = format!("encode/{id}");
        let what = what(&id, comment, &["3-4", "3-2"]).flags(&["bound"]);
        cases.invalid(what, &good, "frame", "frame.encode", other);
    }
}

/// A list with one value more, the last again.
fn longer(form: &Value, path: &str) -> Value {
    let mut list = form.pointer(path).and_then(Value::as_array).expect("a list").clone();
    list.extend(list.last().cloned());
    list.into()
}

pub(super) fn encoded(cases: &mut Cases) {
    for (kind, name, byte, around) in [
        ("signed-text", "signed_text", 0x10, 80),
        ("unsigned-text", "unsigned_text", 0x11, 16),
        ("control", "control", 0x12, 80),
    ] {
        let head = Wire::new().raw("kind", [byte]).raw("key", [7; 3]).raw("tag", [9; 4]);
        let rest = vec![0x5a; 789 + around];
        let text = head.number("counter", 2_097_151, 32).raw("rest", &rest).bytes();
        let text = form(cases, &text);
        let more = encode([&rest[..], &[0x5a]].concat());
        written(
            cases,
            &format!("{kind}/longest"),
            "The longest content, the greatest counter.",
            &text,
            &[
                (
                    &format!("{kind}/too-long"),
                    "One byte more.",
                    &format!("/frame/{name}/rest"),
                    more.into(),
                ),
                (
                    &format!("{kind}/counter-past"),
                    "One more text.",
                    &format!("/frame/{name}/counter"),
                    2_097_152.into(),
                ),
            ],
        );
    }
    let name = "n".repeat(23);
    let base = hello(0x13, &ben(), false, u64::MAX, Asking::Nothing, None);
    let longest_hello = base.with("name-length", [23]).with("name", &name).bytes();
    let longest_hello = form(cases, &longest_hello);
    let path = "/frame/hello/certificate/name";
    written(
        cases,
        "hello/longest-name",
        "The longest name, the greatest time.",
        &longest_hello,
        &[
            ("hello/name-too-long", "One byte more.", path, format!("{name}n").into()),
            ("hello/no-name", "No name.", path, "".into()),
        ],
    );
    let record = form(cases, &announced(&longest()));
    let at = |field: &str| format!("/frame/announcement/record/record/{field}");
    let (list, turn) = (record.pointer(&at("list")).expect("a list").clone(), at("turn"));
    let with = |at: usize| {
        let mut list = list.as_array().expect("a list").clone();
        list.insert(at, list[at].clone());
        Value::from(list)
    };
    written(
        cases,
        "record/longest",
        "The longest record.",
        &record,
        &[
            ("record/17-seats", "Seventeen seats.", &at("list"), with(15)),
            ("record/17-barred", "Seventeen barred entries.", &at("list"), with(31)),
            ("record/turn-too-long", "One seat twice in the turn.", &turn, longer(&record, &turn)),
            (
                "record/changes-past",
                "One more change of a seat.",
                &at("list/0/changes"),
                (1_u64 << 30).into(),
            ),
            ("record/epoch-past", "One more epoch.", &at("epoch"), 16_384.into()),
            ("record/step-past", "One more step.", &at("descent/wrapped/step"), 128.into()),
            ("record/lifetime-past", "A minute more.", &at("lifetime"), 43_201.into()),
            ("record/no-lifetime", "No lifetime.", &at("lifetime"), 0.into()),
            ("record/author-past", "No seat's number.", &at("author"), 16.into()),
        ],
    );
    let boxes = Wire::new().raw("kind", [0x16]).raw("key", [7; 8]).raw("rest", [0x5a; 24 * 36]);
    let boxes = form(cases, &boxes.bytes());
    let path = "/frame/boxes/boxes";
    written(
        cases,
        "boxes/most",
        "As many boxes as a frame holds.",
        &boxes,
        &[
            ("boxes/too-many", "One more makes the frame too long.", path, longer(&boxes, path)),
            ("boxes/none", "No box.", path, json!([])),
        ],
    );
}
