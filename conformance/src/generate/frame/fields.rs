//! Everything that can be wrong with a field because of what it is, and with the first byte.

use serde_json::json;

use super::bad;
use super::bases::bases;
use crate::generate::wire::{Shape, Wire, overlong, varint};
use crate::generate::{Cases, what};
use crate::hex::encode;

/// A base, both ways.
pub(super) fn whole(cases: &mut Cases, kind: &str, base: &Wire) {
    let comment = format!("The example of chapter 3: {}.", kind.replace('-', " "));
    let spec = ["1-12", "3-3"];
    let id = format!("{kind}/decode");
    let what = |id| what(id, &comment, &spec).flags(&["example"]);
    let out = cases.valid(what(&id), "frame.decode", json!({"frame": encode(base.bytes())}));
    let id = format!("{kind}/encode");
    let again = cases.valid(what(&id), "frame.encode", out.into());
    assert_eq!(again["frame"], encode(base.bytes()), "{kind}");
}

/// Everything that can be wrong with a field because of what it is.
pub(super) fn every_field(cases: &mut Cases, kind: &str, base: &Wire) {
    let from = format!("{kind}/decode");
    for field in &base.0 {
        let name = &field.name;
        let put = |bytes: &[u8]| base.with(name, bytes).bytes();
        let mut wrong = |how: &str, comment: &str, flags: &[&str], bytes: Vec<u8>| {
            let id = format!("{kind}/{how}/{name}");
            bad(cases, what(&id, comment, &["1-10", "3-2"]).flags(flags), &from, bytes);
        };
        let comment = format!("It ends before the last byte of {name}.");
        // What remains of a sealed text may be one; that it does not open is seen later.
        if name != "rest" {
            wrong("cut", &comment, &[], base.cut(name));
        }
        match field.shape {
            Shape::Raw => {}
            Shape::Flag => {
                let comment = format!("The byte 02 for {name}: neither yes nor no.");
                wrong("no-bool", &comment, &["bound"], put(&[2]));
                let comment = format!("{name} as a varint of two digits.");
                wrong("overlong", &comment, &["encoding"], put(&overlong(&field.bytes)));
            }
            Shape::Varint(bits) => {
                let comment = format!("{name} with a digit more than it needs.");
                wrong("overlong", &comment, &["encoding"], put(&overlong(&field.bytes)));
                let comment = format!("{name} is 2^{bits}, beyond its type.");
                wrong("beyond-type", &comment, &["bound"], put(&varint(1_u128 << bits)));
            }
            Shape::Choice(variants) => {
                let comment = format!("{name} with a digit more than it needs.");
                wrong("overlong", &comment, &["encoding"], put(&overlong(&field.bytes)));
                let comment = format!("{name} has {variants} variants, from 0 on.");
                wrong("no-variant", &comment, &["bound"], put(&varint(variants)));
            }
        }
    }
    // What follows texts and boxes is their rest.
    let rest = matches!(base.0.last(), Some(last) if last.name == "rest");
    if !rest {
        let id = format!("{kind}/trailing");
        let longer = [base.bytes(), vec![0]].concat();
        bad(cases, what(&id, "A zero byte after the end.", &["1-10", "3-2"]), &from, longer);
    }
}

pub(super) fn heads(cases: &mut Cases) {
    let (_, base) = bases().remove(0);
    let spec = ["3-2"];
    let from = "signed-text/decode";
    bad(cases, what("head/empty", "No bytes at all.", &spec), from, []);
    for version in [0, 2, 15] {
        let (id, byte) = (format!("head/version-{version}"), version << 4);
        let comment = format!("Version {version}.");
        let what = what(&id, &comment, &spec).flags(&["bound"]);
        bad(cases, what, from, base.with("kind", [byte]).bytes());
    }
    for kind in 11..16 {
        let (id, comment) = (format!("head/kind-{kind}"), format!("A kind {kind} is not there."));
        let what = what(&id, &comment, &spec).flags(&["bound"]);
        bad(cases, what, from, base.with("kind", [0x10 | kind]).bytes());
    }
    for (name, base) in bases() {
        let (id, comment) = (format!("{name}/kind-alone"), "Nothing but the first byte.");
        bad(
            cases,
            what(&id, comment, &["1-10", "3-2"]),
            &format!("{name}/decode"),
            &base.0[0].bytes,
        );
    }
}
