//! Names of certificates: their length, and what they may not hold.

use super::bases::{Asking, hello};
use super::{bad, good};
use crate::generate::cast::{NEW_YEAR, ben};
use crate::generate::wire::varint;
use crate::generate::{Cases, what};

/// Code points that no name holds, first and last of each range of the table.
pub(super) const NOT_IN_NAMES: [(u32, u32); 16] = [
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
pub(super) const NOT_AT_ENDS: [(u32, u32); 7] = [
    (0x0020, 0x0020),
    (0x00a0, 0x00a0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];

pub(super) fn names(cases: &mut Cases) {
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
