//! Keys under the previous one, and whom that leaves out.

use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::{self, KEYS, ben, first, genesis, key_id, refreshed, sealed, signed};
use crate::generate::wire::{Descent, Record, Wire};
use crate::generate::{Cases, what};
use crate::hex::encode;

const ABOUT: &str = "Keys under the previous one, chapter 7. wrap.unwrap gives the key of a refresh \
    to a terminal that holds these keys, each with its record, the oldest first.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("wrap", ABOUT);
    wrapping(&mut cases);
    unwrapping(&mut cases);
    excluded(&mut cases);
    cases.file()
}

/// The key of a record that is made in a case.
const NEXT: [u8; 32] = [0xf7; 32];

fn committed(record: Record, key: &[u8; 32]) -> Record {
    let commit = cast::commit(key, &record.channel);
    Record { commit, ..record }
}

/// The record after one, under the root of `root`.
fn after(record: &Record, root: &Record, step: u8) -> Record {
    let descent = Descent::Wrapped { root: first(key_id(root)), step };
    let time = record.time + 1;
    committed(Record { descent, time, cause: 1, channel: cast::channel(), ..record.clone() }, &NEXT)
}

fn wrapping(cases: &mut Cases) {
    let wrap = |key: &[u8; 32], previous: &[u8; 32], record: &Record| {
        json!({"key": encode(key), "previous": encode(previous),
            "record": encode(record.wire().bytes())})
    };
    let example = what("wrap/example", "The second key under the first.", &["7-11"]);
    cases.valid(example.flags(&["example"]), "wrap.wrap", wrap(&KEYS[1], &KEYS[0], &refreshed()));
    let next = after(&refreshed(), &genesis(), 2);
    let comment = "The next one under the second.";
    cases.valid(what("wrap/next", comment, &["7-11"]), "wrap.wrap", wrap(&NEXT, &KEYS[1], &next));
    let comment = "A key under itself: the pad depends on the record, so nothing cancels out.";
    cases.valid(what("wrap/itself", comment, &["7-11"]), "wrap.wrap", wrap(&NEXT, &NEXT, &next));
}

fn frame(record: &Record, wrapped: [u8; 32]) -> Wire {
    Wire::new().raw("kind", [0x14]).join(signed(record)).raw("wrapped", wrapped)
}

/// A refresh of a key, made with the previous one.
fn refresh(cases: &mut Cases, record: &Record, key: &[u8; 32], previous: &[u8; 32]) -> Wire {
    let input = json!({"key": encode(key), "previous": encode(previous),
        "record": encode(record.wire().bytes())});
    let out = cases.ask("wrap.wrap", input);
    let wrapped = out["wrapped"].as_str().and_then(crate::hex::decode).expect("bytes");
    frame(record, first(wrapped))
}

fn given(wire: &Wire, held: &[(&Record, [u8; 32])]) -> Value {
    let held = held
        .iter()
        .map(|(record, key)| json!({"record": encode(record.wire().bytes()), "key": encode(key)}));
    json!({"frame": encode(wire.bytes()), "held": held.collect::<Vec<_>>()})
}

fn unwrapping(cases: &mut Cases) {
    let (k0, k1) = (genesis(), refreshed());
    let base = refresh(cases, &k1, &KEYS[1], &KEYS[0]);
    let holder = [(&k0, KEYS[0])];
    let example =
        what("unwrap/example", "Whoever holds the first key gets the second.", &["7-11", "7-6"]);
    cases.valid(example.flags(&["example"]), "wrap.unwrap", given(&base, &holder));
    let next = after(&k1, &k0, 2);
    let second = refresh(cases, &next, &NEXT, &KEYS[1]);
    let both = [(&k0, KEYS[0]), (&k1, KEYS[1])];
    let comment = "Whoever holds both keys gets the third: the one that fits is tried.";
    cases.valid(what("unwrap/several", comment, &["7-11"]), "wrap.unwrap", given(&second, &both));
    let comment = "In whatever order they came.";
    let turned = [(&k1, KEYS[1]), (&k0, KEYS[0])];
    cases.valid(
        what("unwrap/several-turned", comment, &["7-11"]),
        "wrap.unwrap",
        given(&second, &turned),
    );
    let skipping = after(&k1, &k0, 5);
    let skipped = refresh(cases, &skipping, &NEXT, &KEYS[0]);
    let comment = "Wrapped under a key that is several steps before: any of the same root fits.";
    cases.valid(what("unwrap/older", comment, &["7-11"]), "wrap.unwrap", given(&skipped, &both));
    let sealed_record = sealed();
    let under_sealed = after(&sealed_record, &sealed_record, 1);
    let frame_of_sealed = refresh(cases, &under_sealed, &NEXT, &KEYS[2]);
    let comment = "Wrapped under a sealed key.";
    let held = [(&sealed_record, KEYS[2])];
    cases.valid(
        what("unwrap/under-sealed", comment, &["7-11"]),
        "wrap.unwrap",
        given(&frame_of_sealed, &held),
    );

    let from = "unwrap/example";
    let flip = |name: &str, at: usize| {
        let field = base.0.iter().find(|field| field.name == name).expect("a field");
        let mut bytes = field.bytes.clone();
        bytes[at] ^= 1;
        base.with(name, bytes)
    };
    for (id, comment, wire) in [
        ("unwrap/first-byte", "Another first byte of the wrapped key.", flip("wrapped", 0)),
        ("unwrap/last-byte", "Another last byte.", flip("wrapped", 31)),
        ("unwrap/commit", "Another commitment.", flip("commit", 15)),
        ("unwrap/time", "Another time: the KeyId is another, and so is the pad.", flip("time", 0)),
        ("unwrap/cause", "Another cause, though nothing depends on it.", flip("cause", 0)),
        ("unwrap/zero", "A wrapped key of zeros.", base.with("wrapped", [0; 32])),
    ] {
        let what = what(id, comment, &["7-6", "7-11"]).flags(&["forged"]);
        cases.invalid(what, from, "commit", "wrap.unwrap", given(&wire, &holder));
    }
    let comment = "Another signature: KeyId and pad are without it.";
    cases.valid(
        what("unwrap/signature", comment, &["1-4"]),
        "wrap.unwrap",
        given(&flip("signature", 0), &holder),
    );
    for (id, comment, held) in [
        ("unwrap/nothing-held", "No key is held.", vec![]),
        ("unwrap/other-key", "Another key is held for the same record.", vec![(&k0, KEYS[2])]),
        ("unwrap/own-key", "Only the key itself is held.", vec![(&k1, KEYS[1])]),
    ] {
        cases.invalid(
            what(id, comment, &["7-11"]),
            from,
            "commit",
            "wrap.unwrap",
            given(&base, &held),
        );
    }
}

/// Holders of keys whose records have another list, epoch or root get nothing by wrapping.
fn excluded(cases: &mut Cases) {
    let from = "unwrap/under-sealed";
    let root = sealed();
    let next = after(&root, &root, 1);
    // Each wraps under what the excluded hold, so that only the record tells that it must not count.
    let wire = refresh(cases, &next, &NEXT, &KEYS[2]);
    let genesis = genesis();
    let with = |change: &dyn Fn(&mut Record)| {
        let mut record = root.clone();
        change(&mut record);
        record
    };
    let epoch = with(&|record| record.epoch = 1);
    let list = with(&|record| record.list[1].1 = 1);
    let changes = with(&|record| record.list[0].1 = 11);
    let other = with(&|record| record.time += 1);
    let person = with(&|record| {
        record.list[1].0 = ben().certificate_key[..16].try_into().expect("16 bytes")
    });
    for (id, comment, record) in [
        (
            "exclude/first-key",
            "The key is that of the first record, which has another list.",
            &genesis,
        ),
        ("exclude/other-epoch", "That of a record with another epoch.", &epoch),
        ("exclude/other-rights", "That of a record whose list gives other rights.", &list),
        ("exclude/other-changes", "That of a record whose list has other changes.", &changes),
        ("exclude/other-member", "That of a record whose list has another member.", &person),
        (
            "exclude/other-root",
            "That of another sealed record, with the same list and epoch.",
            &other,
        ),
    ] {
        let what = what(id, comment, &["7-11"]).flags(&["forged"]);
        cases.invalid(what, from, "commit", "wrap.unwrap", given(&wire, &[(record, KEYS[2])]));
    }
    let comment =
        "The turn is another: that changes neither list nor epoch, but the root is another record.";
    let turned = with(&|record| record.turn = vec![1, 0]);
    let what_is = what("exclude/other-turn", comment, &["7-11"]).flags(&["forged"]);
    cases.invalid(what_is, from, "commit", "wrap.unwrap", given(&wire, &[(&turned, KEYS[2])]));
    let sibling = Record { turn: vec![1, 0], ..after(&root, &root, 3) };
    let comment = "A wrapped record of the same root counts, whatever its turn and step.";
    cases.valid(
        what("unwrap/sibling", comment, &["7-11"]),
        "wrap.unwrap",
        given(&wire, &[(&sibling, KEYS[2])]),
    );
}
