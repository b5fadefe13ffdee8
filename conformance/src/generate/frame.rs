//! Frames: every kind whole, at its bounds, and wrong in each way that each of its fields can be.

use keyrota::crypto::{self, DhKey, Tally};
use keyrota::spec::label;
use serde_json::json;

use crate::case::File;
use crate::generate::cast::{
    self, KEYS, Member, NEW_YEAR, ada, ben, cyn, first, genesis, key_id, refreshed, sealed, signed,
};
use crate::generate::wire::{Descent, Record, Shape, Wire, overlong, varint};
use crate::generate::{Cases, What, what};
use crate::hex::encode;

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
    cases.file()
}

/// A valid frame of each kind, and of each form that it has: the examples of the chapter.
fn bases() -> Vec<(&'static str, Wire)> {
    let kind = |byte: u8| Wire::new().raw("kind", [byte]);
    let (ada, ben, cyn) = (ada(), ben(), cyn());
    let key = key_id(&genesis());
    let text = |byte, counter, content: &[u8], member: &Member| {
        let sealed = sealed_text(byte, counter, content, member);
        kind(byte)
            .raw("key", &key[..3])
            .raw("tag", member.tag)
            .number("counter", counter.into(), 32)
            .raw("rest", sealed)
    };
    let sealing = |ikm: u8, record: &Record, key: &[u8; 32], to: &Member| {
        let ephemeral = DhKey::derive(&[ikm; 32], &mut Tally::default());
        let theirs = crypto::DhPublic::from_bytes(&to.member_key).expect("a key");
        let shared = ephemeral.encapsulate(&theirs, &mut Tally::default());
        let parts: [&[u8]; 3] = [&cast::channel(), &key_id(record), &to.id];
        let pad = crypto::expand::<32>(&shared, label::BOX, &parts);
        (ephemeral.public(), xor(key, &pad))
    };
    let query = |whom: Option<[u8; 4]>| {
        let query = kind(0x18).flag("whom", whom.is_some());
        match whom {
            Some(whom) => query.raw("whom-hint", whom),
            None => query,
        }
    };
    let wrap = crypto::expand::<32>(&KEYS[0], label::WRAP, &[&key_id(&refreshed())]);
    let (ephemeral, box_of_ben) = sealing(0xe2, &sealed(), &KEYS[2], &ben);
    let (_, box_of_cyn) = sealing(0xe2, &sealed(), &KEYS[2], &cyn);
    let (granting, grant) = sealing(0xe1, &genesis(), &KEYS[0], &ben);
    vec![
        ("signed-text", text(0x10, 0, b"Good morning", &ben)),
        ("unsigned-text", text(0x11, 300, b"Guess who", &ben)),
        ("control", text(0x12, 301, &[0], &ben)),
        ("hello", hello(0x13, &ben, false, NEW_YEAR + 60, Asking::Latest, None)),
        ("relayed-hello", hello(0x1a, &cyn, true, NEW_YEAR + 1_800, Asking::Nothing, None)),
        ("refresh", kind(0x14).join(signed(&refreshed())).raw("wrapped", xor(&KEYS[1], &wrap))),
        (
            "grant",
            kind(0x15)
                .join(signed(&genesis()))
                .raw("ephemeral", granting)
                .raw("whom", &ben.id[..4])
                .raw("box", grant),
        ),
        (
            "sealed-key",
            kind(0x15)
                .join(signed(&sealed()))
                .raw("ephemeral", ephemeral)
                .raw("whom", &ben.id[..4])
                .raw("box", box_of_ben),
        ),
        (
            "boxes",
            kind(0x16)
                .raw("key", &key_id(&sealed())[..8])
                .raw("whom", &cyn.id[..4])
                .raw("box", box_of_cyn),
        ),
        (
            "announcement",
            kind(0x17).join(signed(&genesis())).raw("author-key", ada.certificate_key),
        ),
        (
            "query-proof",
            query(Some(first(ada.id)))
                .choice("subject", 0, 3)
                .raw("key", &key_id(&sealed())[..8])
                .raw("have", [1]),
        ),
        ("query-hello", query(None).choice("subject", 1, 3).raw("member", &cyn.id[..4])),
        ("query-tag", query(None).choice("subject", 2, 3).raw("tag", cyn.tag)),
        ("refusal", kind(0x19).raw("whom", &ben.id[..4]).choice("reason", 0, 3)),
    ]
}

/// What a Hello asks for.
#[derive(Clone, Copy)]
pub(super) enum Asking {
    Nothing,
    Latest,
    Hint,
    Key,
}

/// A Hello of a member for the channel, signed.
pub(super) fn hello(
    kind: u8,
    member: &Member,
    issued: bool,
    time: u64,
    ask: Asking,
    whom: Option<[u8; 4]>,
) -> Wire {
    let body = member
        .certificate(issued)
        .raw("member-key", member.member_key)
        .raw("tag", member.tag)
        .number("time", time, 64);
    let asking = |which| body.clone().flag("ask", true).choice("which", which, 3);
    let key = key_id(&sealed());
    let body = match ask {
        Asking::Nothing => body.flag("ask", false),
        Asking::Latest => asking(0),
        Asking::Hint => asking(1).raw("which-key", &key[..3]),
        Asking::Key => asking(2).raw("which-key", &key[..8]),
    };
    let body = match (ask, whom) {
        (Asking::Nothing, _) => body,
        (_, None) => body.flag("whom", false),
        (_, Some(whom)) => body.flag("whom", true).raw("whom-hint", whom),
    };
    let parts: [&[u8]; 3] = [label::SIGN_HELLO, &cast::name_digest(), &body.bytes()];
    let signature = cast::sign(&member.private, &parts);
    Wire::new().raw("kind", [kind]).join(body).raw("signature", signature)
}

/// A text under the first key, as chapter 7 seals it.
fn sealed_text(kind: u8, counter: u32, content: &[u8], member: &Member) -> Vec<u8> {
    let id = key_id(&genesis());
    let key = *crypto::expand::<32>(&KEYS[0], label::TEXT, &[&id, &member.tag]);
    let number = counter.to_be_bytes();
    let data = [&[kind][..], &cast::channel(), &id, &member.tag, &number].concat();
    let mut sealed = content.to_vec();
    if kind != 0x11 {
        let parts: [&[u8]; 4] = [label::SIGN_TEXT, &data, &member.id, content];
        sealed.extend(cast::sign(&member.private, &parts));
    }
    let nonce = [&[0; 8][..], &number].concat();
    crypto::seal_in_place(&key, &first(nonce), &data, &mut sealed, 0);
    sealed
}

fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| one[at] ^ other[at])
}

fn good(cases: &mut Cases, what: What<'_>, bytes: impl AsRef<[u8]>) {
    cases.valid(what, "frame.decode", json!({"frame": encode(bytes)}));
}

fn bad(cases: &mut Cases, what: What<'_>, from: &str, bytes: impl AsRef<[u8]>) {
    cases.invalid(what, from, "frame", "frame.decode", json!({"frame": encode(bytes)}));
}

/// A base, both ways.
fn whole(cases: &mut Cases, kind: &str, base: &Wire) {
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
fn every_field(cases: &mut Cases, kind: &str, base: &Wire) {
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

fn heads(cases: &mut Cases) {
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

fn texts(cases: &mut Cases) {
    for (kind, byte, around) in
        [("signed-text", 0x10, 80), ("unsigned-text", 0x11, 16), ("control", 0x12, 80)]
    {
        let frame = |counter: u32, rest: usize| {
            let head = Wire::new().raw("kind", [byte]).raw("key", [7; 3]).raw("tag", [9; 4]);
            head.number("counter", counter.into(), 32).raw("rest", vec![0x5a; rest]).bytes()
        };
        let most = 789 + around;
        let bound = |id: &'_ str, comment: &'_ str, spec: &'static [&'static str]| {
            (format!("{kind}/{id}"), comment.to_owned(), spec)
        };
        let mut put =
            |(id, comment, spec): (String, String, &[&str]), bytes, from: Option<&str>| {
                let what = what(&id, &comment, spec).flags(&["bound"]);
                match from {
                    None => good(cases, what, bytes),
                    Some(from) => bad(cases, what, &format!("{kind}/{from}"), bytes),
                }
            };
        let shortest = format!("The shortest rest, {around} bytes: an empty content.");
        put(bound("rest-shortest", &shortest, &["3-12"]), frame(0, around), None);
        put(
            bound("rest-too-short", "One byte less.", &["3-12", "3-4"]),
            frame(0, around - 1),
            Some("rest-shortest"),
        );
        let longest = format!("The longest rest, {most} bytes: a content of 789.");
        put(bound("rest-longest", &longest, &["3-12"]), frame(0, most), None);
        put(
            bound("rest-too-long", "One byte more.", &["3-12", "3-4"]),
            frame(0, most + 1),
            Some("rest-longest"),
        );
        let greatest = 2_097_151;
        put(
            bound("counter-greatest", "The greatest counter, 2^21 - 1.", &["3-4"]),
            frame(greatest, around),
            None,
        );
        put(
            bound("counter-past", "One more.", &["3-4"]),
            frame(greatest + 1, around),
            Some("counter-greatest"),
        );
        if around == 80 {
            put(
                bound("880-bytes", "The longest frame.", &["3-1", "3-12"]),
                frame(greatest, most),
                None,
            );
            put(
                bound("881-bytes", "One byte more.", &["3-1", "3-2"]),
                frame(greatest, most + 1),
                Some("880-bytes"),
            );
        }
    }
}

fn hellos(cases: &mut Cases) {
    let ada_hint = Some(first(ada().id));
    for (kind, byte) in [("hello", 0x13), ("relayed-hello", 0x1a)] {
        let base = |issued, ask, whom| hello(byte, &ben(), issued, NEW_YEAR + 60, ask, whom);
        for (id, comment, wire) in [
            ("asks-nothing", "It asks for nothing.", base(false, Asking::Nothing, None)),
            (
                "asks-latest",
                "For the newest key, whoever may answer.",
                base(false, Asking::Latest, None),
            ),
            (
                "asks-latest-of",
                "For the newest key, of Ada.",
                base(false, Asking::Latest, ada_hint),
            ),
            (
                "asks-hint",
                "For the key that a text named, whoever may answer.",
                base(false, Asking::Hint, None),
            ),
            (
                "asks-hint-of",
                "For the key that a text named, of Ada.",
                base(false, Asking::Hint, ada_hint),
            ),
            (
                "asks-key",
                "For the key of a record, whoever may answer.",
                base(true, Asking::Key, None),
            ),
            ("asks-key-of", "For the key of a record, of Ada.", base(true, Asking::Key, ada_hint)),
        ] {
            let id = format!("{kind}/{id}");
            good(cases, what(&id, comment, &["3-3"]), wire.bytes());
        }
        let full = base(true, Asking::Key, ada_hint);
        let from = format!("{kind}/asks-key-of");
        let all = [
            "vouch",
            "issuer",
            "vouch-signature",
            "ask",
            "which",
            "which-key",
            "whom",
            "whom-hint",
        ];
        for name in all {
            let (id, comment) = (
                format!("{kind}/full/cut/{name}"),
                format!("It ends before the last byte of {name}."),
            );
            bad(cases, what(&id, &comment, &["1-10", "3-2"]), &from, full.cut(name));
        }
        for (name, how, bytes) in [
            ("vouch", "no-variant", &[2][..]),
            ("ask", "no-bool", &[2]),
            ("which", "no-variant", &[3]),
            ("whom", "no-bool", &[2]),
        ] {
            let (id, comment) = (
                format!("{kind}/full/{how}/{name}"),
                format!("{name} is {}, one past what there is.", bytes[0]),
            );
            let what = what(&id, &comment, &["1-10", "3-2"]).flags(&["bound"]);
            bad(cases, what, &from, full.with(name, bytes).bytes());
        }
        for (name, id, number, past) in [
            ("not-before", "not-before", u64::MAX, 1_u128 << 64),
            ("lifetime", "lifetime", u64::from(u32::MAX), 1_u128 << 32),
            ("time", "time", u64::MAX, 1_u128 << 64),
        ] {
            let (greatest, beyond) = (format!("{kind}/{id}-greatest"), format!("{kind}/{id}-past"));
            let comment = format!("The greatest {name}.");
            let what_is = what(&greatest, &comment, &["1-9"]).flags(&["bound"]);
            good(cases, what_is, full.with(name, varint(number)).bytes());
            let what =
                what(&beyond, "One more is beyond the type.", &["1-9", "1-10"]).flags(&["bound"]);
            bad(cases, what, &greatest, full.with(name, varint(past)).bytes());
            let least = format!("{kind}/{id}-least");
            let comment = format!("A {name} of 0: whether it makes sense is no matter of form.");
            good(
                cases,
                self::what(&least, &comment, &["1-9"]).flags(&["bound"]),
                full.with(name, [0]).bytes(),
            );
        }
    }
    let base = hello(0x13, &ben(), false, NEW_YEAR + 60, Asking::Latest, None);
    for (id, comment, name, bytes) in [
        (
            "hello/no-point-certificate",
            "33 bytes that are no key, as certificate key: no matter of form.",
            "key",
            [0xff; 33],
        ),
        (
            "hello/no-point-member-key",
            "33 bytes that are no key, as member key: no matter of form.",
            "member-key",
            [0; 33],
        ),
    ] {
        good(cases, what(id, comment, &["3-18"]), base.with(name, bytes).bytes());
    }
}

/// Code points that no name holds, first and last of each range of the table.
const NOT_IN_NAMES: [(u32, u32); 16] = [
    (0x0000, 0x001f),
    (0x007f, 0x009f),
    (0x00ad, 0x00ad),
    (0x061c, 0x061c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xe0000, 0xe0fff),
];

/// Spaces, likewise.
const NOT_AT_ENDS: [(u32, u32); 7] = [
    (0x0020, 0x0020),
    (0x00a0, 0x00a0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];

fn names(cases: &mut Cases) {
    let base = hello(0x13, &ben(), false, NEW_YEAR + 60, Asking::Latest, None);
    let named = |name: &[u8]| {
        base.with("name-length", varint(name.len() as u64)).with("name", name).bytes()
    };
    for (id, comment, spec, name) in [
        ("one-letter", "The shortest name.", "3-4", "B".to_owned()),
        ("23-bytes", "The longest name.", "3-4", "B".repeat(23)),
        ("two-letters", "A name of two letters.", "3-13", "ab".into()),
        ("ab-c", "A name with a space inside.", "3-14", "ab c".into()),
        ("umlaut", "A letter beyond ASCII.", "3-13", "Jürgen".into()),
        ("han", "Letters of three bytes each.", "3-13", "花子".into()),
        ("emoji", "A letter of four bytes.", "3-13", "B🌷".into()),
        (
            "not-normal",
            "A letter and an accent of its own: a name is taken as it is.",
            "3-13",
            "e\u{301}".into(),
        ),
    ] {
        good(cases, what(&format!("name/{id}"), comment, &[spec]), named(name.as_bytes()));
    }
    let spec = ["3-4"];
    bad(
        cases,
        what("name/empty", "No name.", &spec).flags(&["bound"]),
        "name/one-letter",
        named(b""),
    );
    bad(
        cases,
        what("name/24-bytes", "One byte more.", &spec).flags(&["bound"]),
        "name/23-bytes",
        named(&[b'B'; 24]),
    );
    let wide = "é".repeat(12);
    bad(
        cases,
        what("name/12-wide-letters", "Twelve letters, but 24 bytes.", &spec).flags(&["bound"]),
        "name/23-bytes",
        named(wide.as_bytes()),
    );
    for (id, comment, bytes) in [
        ("no-utf8", "A byte that begins nothing in UTF-8.", &b"a\xffb"[..]),
        ("cut-utf8", "A letter of two bytes, cut.", b"ab\xc3"),
        ("overlong-utf8", "A slash in two bytes.", b"a\xc0\xafb"),
        ("surrogate", "Half of a pair of UTF-16.", b"a\xed\xa0\x80b"),
        ("past-unicode", "A code point past U+10FFFF.", b"a\xf4\x90\x80\x80b"),
    ] {
        bad(
            cases,
            what(&format!("name/{id}"), comment, &["1-10"]).flags(&["encoding"]),
            "name/two-letters",
            named(bytes),
        );
    }
    let letter = |code: u32| char::from_u32(code).expect("a code point");
    for (from, to) in NOT_IN_NAMES {
        for code in if from == to { vec![from] } else { vec![from, to] } {
            let id = format!("name/holds-{code:04x}");
            let comment = format!("U+{code:04X} inside.");
            let what = what(&id, &comment, &["3-13"]).flags(&["bound"]);
            bad(cases, what, "name/two-letters", named(format!("a{}b", letter(code)).as_bytes()));
        }
        // The neighbours of a range, where they are no part of another and no space.
        for code in [from.wrapping_sub(1), to + 1] {
            let space = NOT_AT_ENDS.iter().any(|(from, to)| (*from..=*to).contains(&code));
            let taken = NOT_IN_NAMES.iter().any(|(from, to)| (*from..=*to).contains(&code));
            if let (Some(c), false, false) = (char::from_u32(code), space, taken) {
                let id = format!("name/may-hold-{code:04x}");
                let comment = format!("U+{code:04X} inside: just outside of the table.");
                good(
                    cases,
                    what(&id, &comment, &["3-13"]).flags(&["bound"]),
                    named(format!("a{c}b").as_bytes()),
                );
            }
        }
    }
    for (from, to) in NOT_AT_ENDS {
        for code in if from == to { vec![from] } else { vec![from, to] } {
            let c = letter(code);
            for (place, text) in [("begins", format!("{c}ab")), ("ends", format!("ab{c}"))] {
                let id = format!("name/{place}-with-{code:04x}");
                let comment = format!("U+{code:04X} where the name {place}.");
                let what = what(&id, &comment, &["3-14"]).flags(&["bound"]);
                bad(cases, what, "name/two-letters", named(text.as_bytes()));
            }
        }
    }
    good(
        cases,
        what("name/holds-3000", "U+3000 inside: only the ends may not be spaces.", &["3-14"]),
        named("a\u{3000}b".as_bytes()),
    );
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

fn lists(cases: &mut Cases) {
    let seats = |count| vec![3; count];
    let and = |mut states: Vec<u64>, barred| {
        states.extend(vec![0; barred]);
        states
    };
    for (id, comment, spec, states) in [
        ("one-seat", "One seat.", "3-5", seats(1)),
        ("16-seats", "As many seats as can be.", "3-5", seats(16)),
        ("16-barred", "As many barred entries as can be.", "3-5", and(seats(1), 16)),
        ("16-and-16", "As many of both.", "3-5", and(seats(16), 16)),
        ("distribute-alone", "A seat that may only hand out.", "3-7", vec![3, 2]),
        ("update-alone", "Seats that may only renew.", "3-7", vec![1, 1]),
        ("changes-greatest", "The greatest changes, 2^30 - 1.", "3-4", vec![0xffff_ffff, 3]),
        (
            "changes-of-another",
            "Another seat than the first has changed something.",
            "3-4",
            vec![3, 7],
        ),
        ("barred-untouched", "A barred entry with changes 0.", "3-8", vec![3, 0]),
        ("seat-then-barred", "A seat, and then a barred entry.", "3-5", vec![3, 3, 0]),
    ] {
        let id = format!("list/{id}");
        good(cases, what(&id, comment, &[spec]).flags(&["bound"]), announced(&listed(&states)));
    }
    for (id, from, comment, spec, states) in [
        ("none", "one-seat", "No entry.", "3-5", vec![]),
        ("17-seats", "16-seats", "Seventeen seats.", "3-5", seats(17)),
        ("17-barred", "16-barred", "Seventeen barred entries.", "3-5", and(seats(1), 17)),
        (
            "17-seats-and-16",
            "16-and-16",
            "Seventeen seats, and barred entries.",
            "3-5",
            and(seats(17), 15),
        ),
        (
            "barred-before-seat",
            "seat-then-barred",
            "The barred entry stands before the seat.",
            "3-5",
            vec![3, 0, 3],
        ),
        ("first-distributes", "distribute-alone", "Entry 0 may only hand out.", "3-7", vec![2, 2]),
        ("first-barred", "barred-untouched", "Entry 0 is barred.", "3-7", vec![0, 0]),
        (
            "barred-with-changes",
            "barred-untouched",
            "A barred entry with changes 1.",
            "3-8",
            vec![3, 4],
        ),
    ] {
        let (id, from) = (format!("list/{id}"), format!("list/{from}"));
        bad(
            cases,
            what(&id, comment, &[spec]).flags(&["bound"]),
            &from,
            announced(&listed(&states)),
        );
    }
    for (id, comment, states, at) in [
        ("twice-seated", "A MemberId in two seats.", &[3, 3, 0][..], 1),
        ("seated-and-barred", "A MemberId seated and barred.", &[3, 3, 0], 2),
    ] {
        let mut record = listed(states);
        record.list[at].0 = record.list[0].0;
        let (id, from) = (format!("list/{id}"), "list/seat-then-barred");
        bad(cases, what(&id, comment, &["3-6"]), from, announced(&record));
    }
    let mut record = listed(&and(seats(1), 16));
    record.list[16].0 = record.list[15].0;
    bad(
        cases,
        what("list/twice-barred", "A MemberId barred twice.", &["3-6"]),
        "list/16-barred",
        announced(&record),
    );
    let mut wire = Wire::new().raw("kind", [0x17]).join(listed(&[3, 7]).wire());
    wire = wire.raw("signature", [0x5a; 64]).raw("author-key", ada().certificate_key);
    let past = wire.with("state-1", varint(1_u64 << 32)).bytes();
    let comment = "changes 2^30 is a state beyond 32 bits.";
    bad(
        cases,
        what("list/changes-past", comment, &["3-4", "1-10"]).flags(&["bound"]),
        "list/changes-of-another",
        past,
    );
    let comment = "The list says it has one entry more than there is room for.";
    let more = wire.with("list", varint(u64::from(u32::MAX))).bytes();
    bad(
        cases,
        what("list/count-beyond-bytes", comment, &["1-10"]).flags(&["bound"]),
        "list/changes-of-another",
        more,
    );
}

fn records(cases: &mut Cases) {
    let base = || listed(&[3, 2, 3, 0]);
    let founding =
        || Record { list: vec![(ada().id, 3), (ben().id, 3)], turn: vec![0, 1], ..genesis() };
    let wrapped = |step| Record { descent: Descent::Wrapped { root: [9; 8], step }, ..base() };
    for (id, comment, spec, record) in [
        ("sealed", "Two seats that renew, one that hands out, one barred.", "3-9", base()),
        (
            "turn-reversed",
            "The order of the turn is free.",
            "3-9",
            Record { turn: vec![2, 0], ..base() },
        ),
        ("epoch-least", "Epoch 0.", "3-4", Record { epoch: 0, ..base() }),
        ("epoch-greatest", "The greatest epoch.", "3-4", Record { epoch: 16_383, ..base() }),
        ("step-least", "Step 1.", "3-4", wrapped(1)),
        ("step-greatest", "The greatest step.", "3-4", wrapped(127)),
        (
            "author-distributes",
            "The author may only hand out.",
            "3-10",
            Record { author: 1, ..base() },
        ),
        ("author-last", "The author has the last seat.", "3-10", Record { author: 2, ..base() }),
        ("time-least", "Minute 0.", "1-9", Record { time: 0, ..base() }),
        (
            "time-greatest",
            "The last minute of 32 bits.",
            "1-9",
            Record { time: u64::from(u32::MAX), ..base() },
        ),
        ("lifetime-least", "A lifetime of a minute.", "3-4", Record { lifetime: 1, ..base() }),
        (
            "lifetime-greatest",
            "A lifetime of 30 days.",
            "3-4",
            Record { lifetime: 43_200, ..base() },
        ),
        ("genesis", "A genesis with two seats.", "3-11", founding()),
        (
            "genesis-of-nobody",
            "A genesis whose founder is not entry 0: not yet a matter of form.",
            "3-11",
            Record {
                descent: Descent::Genesis { founder: ben().certificate_key.into(), signed: true },
                ..founding()
            },
        ),
        (
            "genesis-unsigned",
            "A channel whose texts are not signed.",
            "3-11",
            Record {
                descent: Descent::Genesis { founder: ada().certificate_key.into(), signed: false },
                ..founding()
            },
        ),
        (
            "genesis-of-no-point",
            "A founder that is no key: not yet a matter of form.",
            "3-18",
            Record {
                descent: Descent::Genesis { founder: vec![4; 33], signed: true },
                ..founding()
            },
        ),
    ] {
        good(cases, what(&format!("record/{id}"), comment, &[spec]), announced(&record));
    }
    for (number, name) in [
        "founding",
        "period",
        "messages",
        "bytes",
        "growth",
        "topic",
        "idle",
        "wish",
        "alone",
        "lifetime",
        "exclusion",
        "list",
        "missing",
    ]
    .into_iter()
    .enumerate()
    {
        let (id, comment) = (format!("record/cause-{number}"), format!("Cause {number}: {name}."));
        good(
            cases,
            what(&id, &comment, &["3-4"]),
            announced(&Record { cause: number as u64, ..base() }),
        );
    }
    for (id, from, comment, spec, record) in [
        ("turn-empty", "sealed", "Nobody in the turn.", "3-9", Record { turn: vec![], ..base() }),
        (
            "turn-lacks",
            "sealed",
            "One of two in the turn.",
            "3-9",
            Record { turn: vec![0], ..base() },
        ),
        (
            "turn-twice",
            "sealed",
            "One twice in the turn.",
            "3-9",
            Record { turn: vec![0, 0], ..base() },
        ),
        (
            "turn-twice-more",
            "sealed",
            "Both in the turn, and one again.",
            "3-9",
            Record { turn: vec![0, 2, 2], ..base() },
        ),
        (
            "turn-distributor",
            "sealed",
            "A seat that may only hand out is in the turn.",
            "3-9",
            Record { turn: vec![0, 1, 2], ..base() },
        ),
        (
            "turn-barred",
            "sealed",
            "A barred entry is in the turn.",
            "3-9",
            Record { turn: vec![0, 2, 3], ..base() },
        ),
        (
            "turn-nobody",
            "sealed",
            "A number that no entry has is in the turn.",
            "3-9",
            Record { turn: vec![0, 2, 4], ..base() },
        ),
        ("epoch-past", "epoch-greatest", "One more.", "3-4", Record { epoch: 16_384, ..base() }),
        ("step-0", "step-least", "Step 0.", "3-4", wrapped(0)),
        ("step-past", "step-greatest", "One more.", "3-4", wrapped(128)),
        (
            "author-barred",
            "sealed",
            "The author is barred.",
            "3-10",
            Record { author: 3, ..base() },
        ),
        (
            "author-past",
            "sealed",
            "The author has no entry.",
            "3-10",
            Record { author: 4, ..base() },
        ),
        (
            "author-255",
            "sealed",
            "The author has the number 255.",
            "3-10",
            Record { author: 255, ..base() },
        ),
        (
            "cause-13",
            "cause-12",
            "A cause that is not there.",
            "3-4",
            Record { cause: 13, ..base() },
        ),
        ("lifetime-0", "lifetime-least", "No lifetime.", "3-4", Record { lifetime: 0, ..base() }),
        (
            "lifetime-past",
            "lifetime-greatest",
            "One more.",
            "3-4",
            Record { lifetime: 43_201, ..base() },
        ),
        (
            "genesis-author",
            "genesis",
            "A genesis by entry 1.",
            "3-11",
            Record { author: 1, ..founding() },
        ),
        (
            "genesis-epoch",
            "genesis",
            "A genesis of epoch 1.",
            "3-11",
            Record { epoch: 1, ..founding() },
        ),
        (
            "genesis-changes",
            "genesis",
            "A genesis whose first entry has changed something.",
            "3-11",
            Record { list: vec![(ada().id, 7), (ben().id, 3)], ..founding() },
        ),
        (
            "genesis-changes-of-another",
            "genesis",
            "A genesis whose second entry has changed something.",
            "3-11",
            Record { list: vec![(ada().id, 3), (ben().id, 7)], ..founding() },
        ),
    ] {
        let (id, from) = (format!("record/{id}"), format!("record/{from}"));
        bad(cases, what(&id, comment, &[spec]), &from, announced(&record));
    }
    let refresh = |record: &Record| {
        Wire::new().raw("kind", [0x14]).join(signed(record)).raw("wrapped", [1; 32]).bytes()
    };
    let comment = "A refresh of a wrapped key.";
    good(cases, what("record/refresh-wrapped", comment, &["3-15"]), refresh(&refreshed()));
    for (id, comment, descent) in [
        ("record/refresh-sealed", "A refresh of a sealed key.", Descent::Sealed),
        (
            "record/refresh-genesis",
            "A refresh of a first key.",
            Descent::Genesis { founder: ada().certificate_key.into(), signed: true },
        ),
    ] {
        let record = Record { descent, ..refreshed() };
        bad(cases, what(id, comment, &["3-15"]), "record/refresh-wrapped", refresh(&record));
    }
    let longest = Record {
        list: listed(&[vec![0xffff_ffff; 16], vec![0; 16]].concat()).list,
        turn: (0..16).collect(),
        epoch: 16_383,
        time: u64::from(u32::MAX),
        lifetime: 43_200,
        ..wrapped(127)
    };
    assert_eq!(longest.wire().bytes().len(), 680);
    let comment = "The longest record there is: 680 bytes, 744 with its signature.";
    good(cases, what("record/longest", comment, &["3-4"]).flags(&["bound"]), announced(&longest));
    let comment = "It leaves room for two boxes.";
    good(
        cases,
        what("record/longest-and-two-boxes", comment, &["3-16"]).flags(&["bound"]),
        sealed_key(&longest, 72),
    );
    let comment = "Three do not fit the frame.";
    bad(
        cases,
        what("record/longest-and-three-boxes", comment, &["3-1", "3-2"]).flags(&["bound"]),
        "record/longest-and-two-boxes",
        sealed_key(&longest, 108),
    );
}

/// A sealed key with so many bytes of boxes.
fn sealed_key(record: &Record, rest: usize) -> Vec<u8> {
    let wire = Wire::new().raw("kind", [0x15]).join(signed(record));
    wire.raw("ephemeral", ada().member_key).raw("rest", vec![0x33; rest]).bytes()
}

fn boxes(cases: &mut Cases) {
    let further = |rest: usize| {
        Wire::new().raw("kind", [0x16]).raw("key", [7; 8]).raw("rest", vec![0x33; rest]).bytes()
    };
    let sealed_key = |rest| sealed_key(&sealed(), rest);
    let room = (880 - sealed_key(0).len()) / 36;
    for (kind, most, frame) in
        [("boxes", 24, &further as &dyn Fn(usize) -> Vec<u8>), ("sealed-key", room, &sealed_key)]
    {
        let mut put = |id: &str, comment: &str, spec: &[&str], rest: usize, from: Option<&str>| {
            let id = format!("{kind}/{id}");
            let what = what(&id, comment, spec).flags(&["bound"]);
            match from {
                None => good(cases, what, frame(rest)),
                Some(from) => bad(cases, what, &format!("{kind}/{from}"), frame(rest)),
            }
        };
        put("one-box", "One box.", &["3-16"], 36, None);
        put("two-boxes", "Two boxes, for the same member: no matter of form.", &["3-16"], 72, None);
        let comment =
            format!("{most} boxes, all that a frame of this kind and record has room for.");
        put("most-boxes", &comment, &["3-16", "3-17"], most * 36, None);
        put(
            "too-many-boxes",
            "One more makes the frame too long.",
            &["3-1", "3-2"],
            (most + 1) * 36,
            Some("most-boxes"),
        );
        put("no-box", "No box.", &["3-16"], 0, Some("one-box"));
        put("35-bytes", "A byte less than a box.", &["3-16"], 35, Some("one-box"));
        put("37-bytes", "A byte more than a box.", &["3-16"], 37, Some("one-box"));
        put("71-bytes", "A byte less than two boxes.", &["3-16"], 71, Some("two-boxes"));
    }
    let (_, base) = bases().into_iter().find(|(kind, _)| *kind == "sealed-key").expect("there");
    let comment = "An ephemeral that is no key: no matter of form.";
    good(
        cases,
        what("sealed-key/no-point", comment, &["3-18"]),
        base.with("ephemeral", [0; 33]).bytes(),
    );
    let (_, base) = bases().into_iter().find(|(kind, _)| *kind == "announcement").expect("there");
    let comment = "An author's key that is no key: no matter of form.";
    good(
        cases,
        what("announcement/no-point", comment, &["3-18"]),
        base.with("author-key", [0; 33]).bytes(),
    );
    let (_, base) = bases().into_iter().find(|(kind, _)| *kind == "refusal").expect("there");
    for (number, name) in ["certificate", "barred", "key"].into_iter().enumerate() {
        let (id, comment) =
            (format!("refusal/reason-{number}"), format!("Reason {number}: {name}."));
        good(cases, what(&id, &comment, &["3-4"]), base.with("reason", [number as u8]).bytes());
    }
    let (_, base) = bases().into_iter().find(|(kind, _)| *kind == "query-proof").expect("there");
    for have in [0, 127, 128, 255] {
        let (id, comment) = (
            format!("query-proof/have-{have}"),
            format!("{have} records are there already: one byte."),
        );
        good(
            cases,
            what(&id, &comment, &["1-9"]).flags(&["bound"]),
            base.with("have", [have]).bytes(),
        );
    }
}

/// The table of chapter 1, each number where a field can hold it.
fn varints(cases: &mut Cases) {
    let base = hello(0x13, &ben(), false, NEW_YEAR + 60, Asking::Latest, None);
    for number in [
        0,
        1,
        127,
        128,
        300,
        16_383,
        16_384,
        2_097_151,
        2_097_152,
        268_435_455,
        268_435_456,
        1_735_689_600,
        (1 << 53) - 1,
        1 << 53,
        u64::MAX,
    ] {
        let (id, comment) =
            (format!("varint/{number}"), format!("The number {number}, as time of a Hello."));
        good(
            cases,
            what(&id, &comment, &["1-9"]).flags(&["bound", "encoding"]),
            base.with("time", varint(number)).bytes(),
        );
    }
    for (id, from, comment, bytes) in [
        ("0-in-two", "0", "0 in two digits.", vec![0x80, 0]),
        ("127-in-two", "127", "127 in two digits.", vec![0xff, 0]),
        ("300-in-three", "300", "300 in three digits.", vec![0xac, 0x82, 0]),
        ("0-in-ten", "0", "0 in ten digits.", [vec![0x80; 9], vec![0]].concat()),
        (
            "past-64-bits",
            "18446744073709551615",
            "The tenth digit of a number of 64 bits is 0 or 1.",
            [vec![0xff; 9], vec![2]].concat(),
        ),
        (
            "eleven-digits",
            "18446744073709551615",
            "No number has eleven digits.",
            [vec![0xff; 10], vec![1]].concat(),
        ),
        (
            "without-end",
            "0",
            "Digits that say that more follow, up to the longest frame.",
            vec![0x80; 600],
        ),
    ] {
        let (id, from) = (format!("varint/{id}"), format!("varint/{from}"));
        bad(
            cases,
            what(&id, comment, &["1-9", "1-10"]).flags(&["encoding"]),
            &from,
            base.with("time", bytes).bytes(),
        );
    }
}
