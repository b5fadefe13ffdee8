//! Keys sealed to members: boxes, frames of boxes, who opens which.

use keyrota::crypto::{DhKey, Tally};
use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::{
    self, KEYS, Member, ada, ben, cyn, genesis, key_id, sealed, signed, signed_by,
};
use crate::generate::wire::{Record, Wire};
use crate::generate::{Cases, what};
use crate::hex::{self, encode};

const ABOUT: &str = "Keys sealed to members, chapters 7 and 10. seal.seal gives the frames of a \
    record's key for some members, in this order, where lines have `line` characters; `ephemeral` \
    is its private key. seal.open gives the key that comes of such frames to a member with these \
    private member keys, the newest first.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("seal", ABOUT);
    sealing(&mut cases);
    packing(&mut cases);
    opening(&mut cases);
    altered(&mut cases);
    cases.file()
}

/// The private key of an ephemeral.
fn ephemeral(ikm: u8) -> [u8; 32] {
    *DhKey::derive(&[ikm; 32], &mut Tally::default()).to_bytes()
}

fn seal(record: &Record, key: usize, ikm: u8, to: &[([u8; 16], [u8; 33])], line: u64) -> Value {
    let signed = signed(record);
    let signature = &signed.0.last().expect("a signature").bytes;
    let recipient = |(member, member_key): &([u8; 16], [u8; 33])| json!({"member": encode(member), "member_key": encode(member_key)});
    json!({
        "record": encode(record.wire().bytes()),
        "signature": encode(signature),
        "key": encode(KEYS[key]),
        "ephemeral": encode(ephemeral(ikm)),
        "recipients": to.iter().map(recipient).collect::<Vec<_>>(),
        "line": line,
    })
}

fn to(member: &Member) -> ([u8; 16], [u8; 33]) {
    (member.id, member.member_key)
}

fn sealing(cases: &mut Cases) {
    let (ada, ben, cyn) = (ada(), ben(), cyn());
    for (id, comment, spec, input) in [
        (
            "seal/grant",
            "Ada grants Ben the first key.",
            &["7-13", "7-14", "1-5"][..],
            seal(&genesis(), 0, 0xe1, &[to(&ben)], 300),
        ),
        (
            "seal/sealed",
            "The third key, sealed to Ben.",
            &["7-13"],
            seal(&sealed(), 2, 0xe2, &[to(&ben)], 300),
        ),
        (
            "seal/two",
            "One ephemeral serves both recipients of a frame.",
            &["1-5"],
            seal(&sealed(), 2, 0xe2, &[to(&ben), to(&cyn)], 300),
        ),
        (
            "seal/in-order",
            "Boxes stand in the order of their recipients.",
            &["10-19"],
            seal(&sealed(), 2, 0xe2, &[to(&cyn), to(&ben)], 300),
        ),
        (
            "seal/itself",
            "Nothing forbids a box for whoever seals it.",
            &["7-14"],
            seal(&sealed(), 2, 0xe2, &[to(&ada)], 300),
        ),
    ] {
        cases.valid(what(id, comment, spec), "seal.seal", input);
    }
    let none = ([0xff; 16], [5; 33]);
    let comment = "A member key that is none: nothing can be sealed to it.";
    let input = seal(&genesis(), 0, 0xe1, &[none], 300);
    cases.invalid(what("seal/no-key", comment, &["1-1"]), "seal/grant", "key", "seal.seal", input);
}

fn packing(cases: &mut Cases) {
    let crowd = |count: u8| -> Vec<([u8; 16], [u8; 33])> {
        let member = |n: u8| {
            let key = DhKey::derive(&[n; 32], &mut Tally::default());
            ([n; 16], key.public())
        };
        (1..=count).map(member).collect()
    };
    for (id, comment, count, line) in [
        ("pack/one", "One box.", 1, 300),
        (
            "pack/full-lines",
            "As many boxes as go into the two lines that the record takes anyway.",
            5,
            300,
        ),
        ("pack/one-more", "One more: it goes into a frame of its own.", 6, 300),
        ("pack/further-full", "A further frame holds as many as go into one line.", 10, 300),
        ("pack/two-further", "And then there is another.", 12, 300),
        ("pack/crowd", "Forty members.", 40, 300),
        ("pack/line-350", "At 350 characters more go into each.", 20, 350),
        (
            "pack/line-2048",
            "At 2,048 characters one frame is one line, as long as it may be.",
            40,
            2_048,
        ),
    ] {
        let input = seal(&sealed(), 2, 0xe2, &crowd(count), line);
        cases.valid(what(id, comment, &["10-19", "3-17"]).flags(&["bound"]), "seal.seal", input);
    }
}

/// The frames that were sealed.
fn frames(cases: &mut Cases, input: Value) -> Vec<String> {
    let out = cases.ask("seal.seal", input);
    let frames = out["frames"].as_array().expect("frames");
    frames.iter().map(|frame| frame.as_str().expect("bytes").to_owned()).collect()
}

fn open(frames: &[String], member: &Member, keys: &[[u8; 32]]) -> Value {
    json!({"frames": frames, "member": encode(member.id),
        "member_keys": keys.iter().map(encode).collect::<Vec<_>>()})
}

fn opening(cases: &mut Cases) {
    let (ben, cyn) = (ben(), cyn());
    let grant = frames(cases, seal(&genesis(), 0, 0xe1, &[to(&ben)], 300));
    let key = [ben.member_private];
    let what_is = what("open/grant", "Ben opens the grant of chapter 3.", &["7-13", "7-6"]);
    cases.valid(what_is.flags(&["example"]), "seal.open", open(&grant, &ben, &key));
    let two = frames(cases, seal(&sealed(), 2, 0xe2, &[to(&cyn), to(&ben)], 300));
    let comment = "The second box is Ben's.";
    cases.valid(what("open/second-box", comment, &["7-13"]), "seal.open", open(&two, &ben, &key));
    let older = DhKey::derive(&[9; 32], &mut Tally::default());
    let keys = [*older.to_bytes(), ben.member_private];
    let comment = "It was sealed to the member key before the newest one.";
    cases.valid(
        what("open/former-key", comment, &["7-13", "9-1"]),
        "seal.open",
        open(&grant, &ben, &keys),
    );

    // In further frames.
    let filler = |n: u8| ([n; 16], cyn.member_key);
    let mut crowd: Vec<_> = (1..=12).map(filler).collect();
    crowd.push(to(&ben));
    let many = frames(cases, seal(&sealed(), 2, 0xe2, &crowd, 300));
    let comment = "His box is in a further frame.";
    cases.valid(
        what("open/further-frame", comment, &["7-13", "3-17"]),
        "seal.open",
        open(&many, &ben, &key),
    );
    let last = [many[0].clone(), many[many.len() - 1].clone()];
    let comment = "Frames between are lost: each can be used without the others.";
    cases.valid(what("open/frames-lost", comment, &["3-17"]), "seal.open", open(&last, &ben, &key));
    let comment = "The further frame that has it is lost.";
    let less = open(&many[..many.len() - 1], &ben, &key);
    cases.invalid(
        what("open/box-lost", comment, &["3-17"]),
        "open/further-frame",
        "commit",
        "seal.open",
        less,
    );
    let mut foreign = hex::decode(&many[many.len() - 1]).expect("bytes");
    foreign[1] ^= 1;
    let other = [many[0].clone(), encode(foreign)];
    let comment = "The further frame names another key.";
    cases.invalid(
        what("open/other-key-named", comment, &["7-4"]),
        "open/frames-lost",
        "commit",
        "seal.open",
        open(&other, &ben, &key),
    );

    // Two boxes with one hint.
    let mut twin = ben.clone();
    twin.id[15] ^= 1;
    let twins = frames(cases, seal(&sealed(), 2, 0xe2, &[to(&twin), to(&ben)], 300));
    let comment =
        "Two boxes with his hint: the first is another's, whose first bytes are the same.";
    cases.valid(
        what("open/same-hint", comment, &["7-13", "7-4"]),
        "seal.open",
        open(&twins, &ben, &key),
    );
    let comment = "The box is of a member with the same first bytes: they are a hint, and the whole identifier counts.";
    let only = frames(cases, seal(&sealed(), 2, 0xe2, &[to(&twin)], 300));
    cases.invalid(
        what("open/other-with-hint", comment, &["7-4", "7-13"]),
        "open/same-hint",
        "commit",
        "seal.open",
        open(&only, &ben, &key),
    );

    // Exclusion.
    let both = frames(cases, seal(&sealed(), 2, 0xe2, &[to(&ben), to(&cyn)], 300));
    let without = frames(cases, seal(&sealed(), 2, 0xe2, &[to(&cyn)], 300));
    let comment = "Sealed to both.";
    cases.valid(what("exclude/both", comment, &["7-13"]), "seal.open", open(&both, &ben, &key));
    let comment = "Ben is excluded: no box is his.";
    cases.invalid(
        what("exclude/no-box", comment, &["7-13", "10-19"]),
        "exclude/both",
        "commit",
        "seal.open",
        open(&without, &ben, &key),
    );
    let mut stolen = hex::decode(&without[0]).expect("bytes");
    let at = stolen.len() - 36;
    stolen[at..at + 4].copy_from_slice(&ben.id[..4]);
    let comment = "He puts his own hint before the box of another.";
    let what_is = what("exclude/hint-changed", comment, &["7-13"]).flags(&["forged"]);
    cases.invalid(
        what_is,
        "exclude/both",
        "commit",
        "seal.open",
        open(&[encode(stolen)], &ben, &key),
    );
    for (id, comment, keys) in [
        (
            "exclude/other-key",
            "He has another member key than his box was sealed to.",
            vec![*older.to_bytes()],
        ),
        ("exclude/certificate-key", "He tries his certificate key.", vec![ben.private]),
        ("exclude/no-member-key", "He has no member key any more.", vec![]),
    ] {
        cases.invalid(
            what(id, comment, &["7-13", "6-1"]),
            "exclude/both",
            "commit",
            "seal.open",
            open(&both, &ben, &keys),
        );
    }
}

/// What changes of a frame with a box, and what of it still opens.
fn altered(cases: &mut Cases) {
    let ben = ben();
    let from = "open/grant";
    let grant = frames(cases, seal(&genesis(), 0, 0xe1, &[to(&ben)], 300)).remove(0);
    let grant = hex::decode(&grant).expect("bytes");
    let parts = Wire::new().raw("kind", [0x15]).join(signed(&genesis()));
    let base = parts.bytes().len();
    let wire = parts
        .raw("ephemeral", &grant[base..base + 33])
        .raw("whom", &grant[base + 33..base + 37])
        .raw("box", &grant[base + 37..]);
    assert_eq!(wire.bytes(), grant);
    let given = |wire: &Wire| open(&[encode(wire.bytes())], &ben, &[ben.member_private]);
    let flip = |name: &str, at: usize| {
        let field = wire.0.iter().find(|field| field.name == name).expect("a field");
        let mut bytes = field.bytes.clone();
        bytes[at] ^= 1;
        wire.with(name, bytes)
    };
    for (id, comment, wire) in [
        ("altered/box-first", "The first byte of the box.", flip("box", 0)),
        ("altered/box-last", "Its last byte.", flip("box", 31)),
        ("altered/hint", "The hint.", flip("whom", 0)),
        ("altered/ephemeral-sign", "The negative of the ephemeral.", flip("ephemeral", 0)),
        ("altered/no-ephemeral", "An ephemeral that is no key.", wire.with("ephemeral", [0; 33])),
        ("altered/other-ephemeral", "Another ephemeral.", wire.with("ephemeral", cyn().member_key)),
        ("altered/commit", "The commitment in the record.", flip("commit", 0)),
        (
            "altered/time",
            "The time in the record: its KeyId is another, and so is the pad.",
            wire.with("time", [0xa1, 0xd1, 0xe5, 0x0d]),
        ),
        ("altered/channel", "The channel in the record.", flip("channel", 15)),
    ] {
        let points: &[&str] =
            if id == "altered/no-ephemeral" { &["3-18", "7-6", "7-13"] } else { &["7-6", "7-13"] };
        let what = what(id, comment, points).flags(&["forged"]);
        cases.invalid(what, from, "commit", "seal.open", given(&wire));
    }
    let comment = "Another signature of the record: KeyId, pad and commitment are without it.";
    let other = signed_by(&cyn(), &genesis());
    let signature = &other.0.last().expect("a signature").bytes;
    let what_is = what("altered/signature", comment, &["1-4", "7-13"]);
    cases.valid(what_is, "seal.open", given(&wire.with("signature", signature)));
    let mut record = genesis();
    record.commit = cast::commit(&KEYS[1], &cast::name_digest());
    let comment = "Another key than the record commits to was sealed.";
    let wrong = frames(cases, seal(&record, 0, 0xe1, &[to(&ben)], 300));
    let what_is = what("altered/other-key-sealed", comment, &["7-6"]).flags(&["forged"]);
    cases.invalid(what_is, from, "commit", "seal.open", open(&wrong, &ben, &[ben.member_private]));
    assert_ne!(key_id(&record), key_id(&genesis()));
}
