//! Lists, and the boxes of frames.

use super::bases::bases;
use super::{announced, bad, good, listed};
use crate::generate::cast::{ada, sealed, signed};
use crate::generate::wire::{Record, Wire, varint};
use crate::generate::{Cases, what};

pub(super) fn lists(cases: &mut Cases) {
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

/// A sealed key with so many bytes of boxes.
pub(super) fn sealed_key(record: &Record, rest: usize) -> Vec<u8> {
    let wire = Wire::new().raw("kind", [0x15]).join(signed(record));
    wire.raw("ephemeral", ada().member_key).raw("rest", vec![0x33; rest]).bytes()
}

pub(super) fn boxes(cases: &mut Cases) {
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
