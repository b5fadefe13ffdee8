//! Texts and Hellos at the bounds of their fields; numbers as varints.

use super::bases::{Asking, hello};
use super::{bad, good};
use crate::generate::cast::{NEW_YEAR, ada, ben, first};
use crate::generate::wire::{Wire, varint};
use crate::generate::{Cases, what};

pub(super) fn texts(cases: &mut Cases) {
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

pub(super) fn hellos(cases: &mut Cases) {
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

/// The table of chapter 1, each number where a field can hold it.
pub(super) fn varints(cases: &mut Cases) {
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
