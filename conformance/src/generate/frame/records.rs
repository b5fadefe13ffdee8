//! Records: their bounds, and what relates their fields.

use super::lists::sealed_key;
use super::{announced, bad, good, listed};
use crate::generate::cast::{ada, ben, genesis, refreshed, signed};
use crate::generate::wire::{Descent, Record, Wire};
use crate::generate::{Cases, what};

pub(super) fn records(cases: &mut Cases) {
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
        let name = format!("record/{id}");
        good(cases, what(&name, comment, &[spec]).flags(bound(id)), announced(&record));
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
        let (name, from) = (format!("record/{id}"), format!("record/{from}"));
        bad(cases, what(&name, comment, &[spec]).flags(bound(id)), &from, announced(&record));
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
    let longest = longest();
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

/// The longest record there is.
pub(super) fn longest() -> Record {
    Record {
        list: listed(&[vec![0xffff_ffff; 16], vec![0; 16]].concat()).list,
        turn: (0..16).collect(),
        epoch: 16_383,
        time: u64::from(u32::MAX),
        lifetime: 43_200,
        descent: Descent::Wrapped { root: [9; 8], step: 127 },
        ..listed(&[3, 2, 3, 0])
    }
}

/// The flag of what is about the bound of a number.
fn bound(id: &str) -> &'static [&'static str] {
    let ends = ["-least", "-greatest", "-past", "-0"];
    if ends.iter().any(|end| id.ends_with(end)) { &["bound"] } else { &[] }
}
