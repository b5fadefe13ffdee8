//! Frames: every kind whole, at its bounds, and wrong in each way that each of its fields can be.

pub(super) mod bases;
mod encoded;
mod fields;
mod hellos;
mod lists;
mod names;
mod records;

use serde_json::json;

use crate::case::File;
use crate::generate::cast::{ada, sealed};
use crate::generate::wire::{Record, Wire};
use crate::generate::{Cases, What};
use crate::hex::encode;
use bases::bases;
use encoded::encoded;
use fields::{every_field, heads, whole};
use hellos::{hellos, texts, varints};
use lists::{boxes, lists};
use names::names;
use records::records;

const ABOUT: &str = "Frames, chapter 3. frame.decode gives a frame as JSON, named as in the tables \
    of the chapter; frame.encode is the reverse. Signatures and points are not looked at.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("frame", ABOUT);
    heads(&mut cases);
    for (kind, base) in bases() {
        whole(&mut cases, kind, &base);
        every_field(&mut cases, kind, &base);
    }
    texts(&mut cases);
    hellos(&mut cases);
    names(&mut cases);
    lists(&mut cases);
    records(&mut cases);
    boxes(&mut cases);
    varints(&mut cases);
    encoded(&mut cases);
    cases.file()
}

fn good(cases: &mut Cases, what: What<'_>, bytes: impl AsRef<[u8]>) {
    cases.valid(what, "frame.decode", json!({"frame": encode(bytes)}));
}

fn bad(cases: &mut Cases, what: What<'_>, from: &str, bytes: impl AsRef<[u8]>) {
    cases.invalid(what, from, "frame", "frame.decode", json!({"frame": encode(bytes)}));
}

/// An announcement with this record, whose signature is of another.
fn announced(record: &Record) -> Vec<u8> {
    Wire::new()
        .raw("kind", [0x17])
        .join(record.wire())
        .raw("signature", [0x5a; 64])
        .raw("author-key", ada().certificate_key)
        .bytes()
}

/// A sealed record with these states in its list, of which those with a right are in the turn.
fn listed(states: &[u64]) -> Record {
    let entry = |(at, state): (usize, &u64)| ([at as u8 + 1; 16], *state);
    let updates = |(at, state): (usize, &u64)| (state & 1 == 1).then_some(at as u8);
    Record {
        list: states.iter().enumerate().map(entry).collect(),
        turn: states.iter().enumerate().filter_map(updates).collect(),
        ..sealed()
    }
}
