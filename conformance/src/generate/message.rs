//! Texts and controls: sealed, opened, altered, forged, repeated.

use keyrota::crypto;
use keyrota::spec::label;
use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::{self, KEYS, Member, ada, ben, cyn, first, genesis, key_id, sign};
use crate::generate::wire::{Wire, varint};
use crate::generate::{Cases, what};
use crate::hex::encode;

const ABOUT: &str = "Texts and controls, chapters 7 and 11. message.seal gives the frame of a \
    content. message.open gives what a frame says: `claims` are the certificate keys of the members \
    that claim its tag, in the order in which they are tried. message.replay tells of texts under one \
    key, as they come after all else was found right, which pass, and then how many of their author's \
    did not come; or that they are a `repeat`.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("message", ABOUT);
    sealing(&mut cases);
    opening(&mut cases);
    altered(&mut cases);
    forged(&mut cases);
    contents(&mut cases);
    replays(&mut cases);
    cases.file()
}

fn seal(kind: &str, counter: u32, content: &[u8], member: &Member) -> Value {
    json!({
        "kind": kind,
        "channel": encode(cast::channel()),
        "key_id": encode(key_id(&genesis())),
        "key": encode(KEYS[0]),
        "tag": encode(member.tag),
        "counter": counter,
        "content": encode(content),
        "private": encode(member.private),
    })
}

fn sealing(cases: &mut Cases) {
    for (id, kind, counter, content) in [
        ("seal/signed-text", "signed_text", 0, b"Good morning".as_slice()),
        ("seal/unsigned-text", "unsigned_text", 300, b"Guess who"),
        ("seal/control", "control", 301, &[0]),
    ] {
        let what = what(id, "The example of chapter 3.", &["7-15", "7-8", "1-3", "11-6"]);
        cases.valid(what.flags(&["example"]), "message.seal", seal(kind, counter, content, &ben()));
    }
    for kind in ["signed_text", "unsigned_text"] {
        let own = kind.replace('_', "-");
        let mut put = |id: &str, comment: &str, spec: &[&str], input| {
            let id = format!("seal/{own}/{id}");
            cases.valid(what(&id, comment, spec).flags(&["bound"]), "message.seal", input);
        };
        put(
            "empty",
            "No content: no user's text, but a frame.",
            &["3-12"],
            seal(kind, 0, b"", &ben()),
        );
        let long = vec![b'x'; 789];
        put("789-bytes", "The longest content.", &["3-12"], seal(kind, 0, &long, &ben()));
        put(
            "counter-greatest",
            "The greatest counter.",
            &["3-4"],
            seal(kind, 2_097_151, b"x", &ben()),
        );
        put(
            "same-counter",
            "The same counter under another tag.",
            &["7-15"],
            seal(kind, 0, b"Good morning", &ada()),
        );
        for (id, from, comment, input) in [
            ("790-bytes", "789-bytes", "One byte more.", seal(kind, 0, &[b'x'; 790], &ben())),
            ("counter-past", "counter-greatest", "One more.", seal(kind, 2_097_152, b"x", &ben())),
        ] {
            let (id, from) = (format!("seal/{own}/{id}"), format!("seal/{own}/{from}"));
            let what = what(&id, comment, &["3-12", "3-4"]).flags(&["bound"]);
            cases.invalid(what, &from, "frame", "message.seal", input);
        }
    }
}

/// A text of a member under the first key, with whatever content and signature.
struct Sealed {
    kind: u8,
    tag: [u8; 4],
    counter: u32,
}

impl Sealed {
    fn data(&self) -> Vec<u8> {
        let (channel, id) = (cast::channel(), key_id(&genesis()));
        [&[self.kind][..], &channel, &id, &self.tag, &self.counter.to_be_bytes()].concat()
    }

    fn signature(&self, member: &Member, content: &[u8]) -> [u8; 64] {
        self.signed(member, label::SIGN_TEXT, &self.data(), content)
    }

    fn signed(&self, member: &Member, label: &[u8], data: &[u8], content: &[u8]) -> [u8; 64] {
        let parts: [&[u8]; 4] = [label, data, &member.id, content];
        sign(&member.private, &parts)
    }

    fn frame(&self, plaintext: &[u8]) -> Wire {
        let id = key_id(&genesis());
        let key = *crypto::expand::<32>(&KEYS[0], label::TEXT, &[&id, &self.tag]);
        let nonce = [&[0; 8][..], &self.counter.to_be_bytes()].concat();
        let mut sealed = plaintext.to_vec();
        crypto::seal_in_place(&key, &first(nonce), &self.data(), &mut sealed, 0);
        Wire::new()
            .raw("kind", [self.kind])
            .raw("key", &id[..3])
            .raw("tag", self.tag)
            .number("counter", self.counter.into(), 32)
            .raw("rest", sealed)
    }
}

fn text(kind: u8) -> Sealed {
    Sealed { kind, tag: ben().tag, counter: 5 }
}

/// The frame of a signed content of Ben's.
fn by_ben(kind: u8, content: &[u8]) -> Wire {
    let text = text(kind);
    text.frame(&[content, &text.signature(&ben(), content)].concat())
}

fn open_with(wire: &Wire, claims: &[&Member]) -> Value {
    json!({
        "frame": encode(wire.bytes()),
        "channel": encode(cast::channel()),
        "key_id": encode(key_id(&genesis())),
        "key": encode(KEYS[0]),
        "claims": claims.iter().map(|member| encode(member.certificate_key)).collect::<Vec<_>>(),
    })
}

fn open(wire: &Wire) -> Value {
    open_with(wire, &[&ben()])
}

fn opening(cases: &mut Cases) {
    let signed = by_ben(0x10, b"Good morning");
    let spec: &[&str] = &["11-8", "11-9", "7-8"];
    let mut good = |id: &str, comment: &str, input| {
        cases.valid(what(id, comment, spec), "message.open", input);
    };
    good("open/signed-text", "A signed text of Ben's.", open(&signed));
    good("open/unsigned-text", "An unsigned text.", open(&text(0x11).frame(b"Guess who")));
    good("open/control", "A control of Ben's.", open(&by_ben(0x12, &[0])));
    good(
        "open/second-claim",
        "Cyn claims the tag too: the signature says whose it is.",
        open_with(&signed, &[&cyn(), &ben()]),
    );
    good(
        "open/unsigned-unclaimed",
        "An unsigned text whose tag nobody claims.",
        open_with(&text(0x11).frame(b"Guess who"), &[]),
    );
    good(
        "open/empty",
        "A text without content: what a user may not say can be said.",
        open(&by_ben(0x10, b"")),
    );
    let long = "ü".repeat(394) + "x";
    good("open/789-bytes", "The longest content.", open(&by_ben(0x10, long.as_bytes())));
    for (id, comment, claims) in [
        ("open/unclaimed", "Nobody claims the tag.", vec![]),
        ("open/other-claims", "Cyn claims the tag, who has not signed.", vec![&cyn()]),
    ] {
        let claims: Vec<&Member> = claims.into_iter().map(|one: &Member| one).collect();
        cases.invalid(
            what(id, comment, &["11-9", "7-8"]),
            "open/signed-text",
            "signature",
            "message.open",
            open_with(&signed, &claims),
        );
    }
}

fn altered(cases: &mut Cases) {
    for (name, base) in [
        ("signed-text", by_ben(0x10, b"Good morning")),
        ("unsigned-text", text(0x11).frame(b"Guess who")),
        ("control", by_ben(0x12, &[0])),
    ] {
        let from = format!("open/{name}");
        let rest = &base.0.last().expect("the rest").bytes;
        let flip = |at: usize| {
            let mut bytes = rest.clone();
            bytes[at] ^= 1;
            base.with("rest", bytes)
        };
        let mut bad = |id: &str, comment: &str, layer: &str, wire: &Wire| {
            let id = format!("altered/{name}/{id}");
            let what = what(&id, comment, &["11-8", "7-15"]).flags(&["forged"]);
            cases.invalid(what, &from, layer, "message.open", open(wire));
        };
        bad("first-byte", "Another bit of the first byte sealed.", "seal", &flip(0));
        bad("last-sealed", "Another bit of the last byte sealed.", "seal", &flip(rest.len() - 17));
        bad(
            "tag-first",
            "Another bit of the first byte of the AEAD's tag.",
            "seal",
            &flip(rest.len() - 16),
        );
        bad("tag-last", "Another bit of its last byte.", "seal", &flip(rest.len() - 1));
        bad("sender", "Another tag.", "seal", &base.with("tag", ada().tag));
        bad("counter", "Another counter.", "seal", &base.with("counter", varint(6_u64)));
        bad("key-named", "Another key is named.", "key", &base.with("key", [7; 3]));
        bad(
            "longer",
            "A byte more at the end.",
            "seal",
            &base.with("rest", [rest.as_slice(), &[0]].concat()),
        );
    }
    let signed = by_ben(0x10, b"Good morning");
    for (id, comment, byte) in [
        ("altered/as-unsigned", "A signed text as an unsigned one.", 0x11),
        ("altered/as-control", "A signed text as a control.", 0x12),
    ] {
        let what = what(id, comment, &["7-15"]).flags(&["forged"]);
        cases.invalid(
            what,
            "open/signed-text",
            "seal",
            "message.open",
            open(&signed.with("kind", [byte])),
        );
    }
    let rest = &signed.0.last().expect("the rest").bytes;
    let what_is = what("altered/shorter", "A byte less at the end.", &["11-8"]).flags(&["forged"]);
    cases.invalid(
        what_is,
        "open/signed-text",
        "seal",
        "message.open",
        open(&signed.with("rest", &rest[..rest.len() - 1])),
    );
    for (id, comment, field, value) in [
        ("altered/other-channel", "In another channel.", "channel", encode(cast::name_digest())),
        ("altered/other-key", "Another key of this name.", "key", encode(KEYS[1])),
        ("altered/other-key-id", "Another KeyId with the same first bytes.", "key_id", {
            let mut id = key_id(&genesis());
            id[15] ^= 1;
            encode(id)
        }),
    ] {
        let mut input = open(&signed);
        input[field] = value.into();
        cases.invalid(
            what(id, comment, &["7-15", "7-4"]),
            "open/signed-text",
            "seal",
            "message.open",
            input,
        );
    }
}

/// What a holder of the key can make who is not Ben.
fn forged(cases: &mut Cases) {
    let content = b"Good morning".as_slice();
    let text = text(0x10);
    let (from, spec) = ("open/signed-text", ["11-8", "11-9", "7-8", "1-8"]);
    let right = text.signature(&ben(), content);
    let other = Sealed { counter: 6, ..self::text(0x10) };
    let control = self::text(0x12);
    let elsewhere = {
        let mut data = text.data();
        data[1..17].copy_from_slice(&cast::name_digest());
        text.signed(&ben(), label::SIGN_TEXT, &data, content)
    };
    let mut bent = right;
    bent[63] ^= 1;
    for (id, comment, signature) in [
        (
            "forged/by-another",
            "Signed by Cyn, as if she was Ben.",
            sign(&cyn().private, &[label::SIGN_TEXT, &text.data(), &ben().id, content]),
        ),
        (
            "forged/as-another",
            "Signed by Ben, as if he was Cyn.",
            sign(&ben().private, &[label::SIGN_TEXT, &text.data(), &cyn().id, content]),
        ),
        (
            "forged/other-content",
            "Ben's signature of another content.",
            text.signature(&ben(), b"Good evening"),
        ),
        (
            "forged/other-counter",
            "Ben's signature of the same content, with another counter.",
            other.signature(&ben(), content),
        ),
        (
            "forged/from-control",
            "Ben's signature of the same content as a control.",
            control.signature(&ben(), content),
        ),
        (
            "forged/other-channel",
            "Ben's signature of the same content in another channel.",
            elsewhere,
        ),
        (
            "forged/label",
            "Signed as if it was a Hello.",
            text.signed(&ben(), label::SIGN_HELLO, &text.data(), content),
        ),
        (
            "forged/no-label",
            "Signed without a label.",
            text.signed(&ben(), b"", &text.data(), content),
        ),
        (
            "forged/no-member-id",
            "Signed without the MemberId.",
            sign(&ben().private, &[label::SIGN_TEXT, &text.data(), content]),
        ),
        ("forged/zeros", "A signature of zeros.", [0; 64]),
        ("forged/bent", "Another bit of the signature.", bent),
    ] {
        let wire = text.frame(&[content, &signature].concat());
        let what = what(id, comment, &spec).flags(&["forged"]);
        cases.invalid(what, from, "signature", "message.open", open(&wire));
    }
    let wire = text.frame(&[content, &cast::negated(&right)].concat());
    let comment = "Ben's signature with n - s: any holder can make it, and it verifies.";
    cases.valid(what("open/other-s", comment, &["1-3", "1-4"]), "message.open", open(&wire));
    let wire = text.frame(&[&right[..], content].concat());
    let what_is =
        what("forged/signature-first", "The signature stands before the content.", &["7-15"]);
    cases.invalid(what_is, from, "signature", "message.open", open(&wire));
}

fn contents(cases: &mut Cases) {
    for (id, comment, content) in [
        ("content/utf-8", "A text with letters of one to four bytes.", "aü花🌷".as_bytes()),
        (
            "content/line-feed",
            "A text with what a user may not say: it is a text all the same.",
            b"a\nb\0c",
        ),
    ] {
        cases.valid(what(id, comment, &["11-8"]), "message.open", open(&by_ben(0x10, content)));
    }
    for (id, comment, content) in [
        ("content/no-utf-8", "A byte that begins nothing in UTF-8.", b"a\xffb".as_slice()),
        ("content/cut-utf-8", "A letter of two bytes, cut.", b"ab\xc3"),
        ("content/surrogate", "Half of a pair of UTF-16.", b"a\xed\xa0\x80b"),
        ("content/overlong", "A slash in two bytes.", b"a\xc0\xafb"),
    ] {
        let what_is = what(id, comment, &["11-8"]).flags(&["encoding"]);
        cases.invalid(
            what_is,
            "open/signed-text",
            "content",
            "message.open",
            open(&by_ben(0x10, content)),
        );
        let id = format!("{id}/unsigned");
        let what_is = what(&id, comment, &["11-8"]).flags(&["encoding"]);
        cases.invalid(
            what_is,
            "open/unsigned-text",
            "content",
            "message.open",
            open(&text(0x11).frame(content)),
        );
    }
    for (id, comment, content) in [
        ("control/empty", "No control.", &[][..]),
        ("control/unknown", "A control that is not there.", &[1]),
        ("control/two", "Two controls.", &[0, 0]),
        ("control/overlong", "A wish in two digits.", &[0x80, 0]),
    ] {
        let what_is = what(id, comment, &["11-8", "1-10"]).flags(&["encoding"]);
        cases.invalid(
            what_is,
            "open/control",
            "content",
            "message.open",
            open(&by_ben(0x12, content)),
        );
    }
}

fn replays(cases: &mut Cases) {
    let (b, c) = (ben(), cyn());
    let by = |member: &Member, counter: u32| json!({"tag": encode(b.tag), "author": encode(member.id), "counter": counter});
    let ben = |counter: u32| by(&b, counter);
    let unsigned = |counter: u32| json!({"tag": encode(b.tag), "author": null, "counter": counter});
    let tagged =
        |counter: u32| json!({"tag": encode(c.tag), "author": encode(b.id), "counter": counter});
    let row = |counters: &[u32]| counters.iter().map(|counter| ben(*counter)).collect::<Vec<_>>();
    for (id, comment, spec, texts) in [
        ("replay/row", "One after the other.", &["11-12"][..], row(&[0, 1, 2, 3])),
        ("replay/same", "The same again.", &["11-12"], row(&[0, 0])),
        ("replay/late", "One that is late, and then again.", &["11-12"], row(&[0, 2, 1, 1])),
        (
            "replay/first-heard",
            "Of the first text heard one cannot tell what came before.",
            &["11-24"],
            row(&[1_000, 1_001]),
        ),
        ("replay/gap", "Three that did not come.", &["11-24"], row(&[0, 4, 5])),
        (
            "replay/gap-filled",
            "What comes late was told as missing.",
            &["11-24"],
            row(&[0, 4, 2, 6]),
        ),
        (
            "replay/63-back",
            "63 before the greatest: the last that is told from a repeat.",
            &["11-12"],
            row(&[0, 100, 37, 37]),
        ),
        ("replay/64-back", "64 before it: counts as a repeat.", &["11-12"], row(&[0, 100, 36])),
        (
            "replay/leap",
            "A leap by more than 64: all before are too old.",
            &["11-12", "11-24"],
            row(&[0, 200, 136, 137]),
        ),
        ("replay/leap-by-64", "A leap by 64.", &["11-12"], row(&[5, 69, 5, 6, 6])),
        (
            "replay/greatest",
            "The greatest counter, and again.",
            &["11-12"],
            row(&[2_097_151, 2_097_151, 2_097_088, 2_097_087]),
        ),
    ] {
        cases.valid(
            what(id, comment, spec).flags(&["bound"]),
            "message.replay",
            json!({"texts": texts}),
        );
    }
    for (id, comment, spec, texts) in [
        (
            "replay/authors",
            "The same counter of another author under the same tag.",
            &["11-12"][..],
            vec![ben(7), by(&c, 7), ben(7), by(&c, 7)],
        ),
        (
            "replay/tags",
            "The same counter under another tag.",
            &["11-12"],
            vec![ben(7), tagged(7), tagged(7)],
        ),
        (
            "replay/unsigned",
            "The same counter unsigned: it uses up nobody's.",
            &["11-12"],
            vec![unsigned(7), ben(7), unsigned(7), ben(7)],
        ),
        (
            "replay/unsigned-first",
            "Unsigned ones far ahead do not make signed ones old.",
            &["11-12"],
            vec![unsigned(2_000), ben(7), ben(8)],
        ),
        (
            "replay/unsigned-between",
            "What passed unsigned between is not missing.",
            &["11-24"],
            vec![ben(0), unsigned(1), unsigned(2), ben(4)],
        ),
        (
            "replay/unsigned-late",
            "An unsigned one that comes late was told as missing.",
            &["11-24"],
            vec![ben(0), ben(3), unsigned(1), ben(4)],
        ),
        (
            "replay/unsigned-missing",
            "Of unsigned ones it is told under no name: the numbers between count all the same.",
            &["11-24"],
            vec![unsigned(0), unsigned(5)],
        ),
        (
            "replay/unsigned-far",
            "Only of the last 64 those do not count that passed unsigned.",
            &["11-24"],
            vec![ben(0), unsigned(1), unsigned(60), ben(100)],
        ),
    ] {
        cases.valid(what(id, comment, spec), "message.replay", json!({"texts": texts}));
    }
}
