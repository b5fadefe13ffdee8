//! Evidence that a member signed twice (chapter 8).

use serde_json::{Value, json};

use crate::generate::cast::{
    Member, ada, ben, first, genesis, key_id, refreshed, sealed, signed_by,
};
use crate::generate::wire::{Descent, Record, Wire};
use crate::generate::{Cases, what};
use crate::hex::encode;

fn given(bytes: &[u8]) -> Value {
    json!({"evidence": encode(bytes)})
}

/// The key, and both records, the one first whose bytes are less.
fn evidence(member: &Member, one: &Record, other: &Record) -> Vec<u8> {
    let mut records = [one, other];
    records.sort_by_key(|record| record.wire().bytes());
    let signed = records.map(|record| signed_by(member, record).bytes());
    [&member.certificate_key[..], &signed[0], &signed[1]].concat()
}

/// The cases.
pub(super) fn cases(cases: &mut Cases) {
    let one = Record { epoch: 1, cause: 10, ..sealed() };
    let with = |change: &dyn Fn(&mut Record)| {
        let mut record = one.clone();
        change(&mut record);
        record
    };
    let later = with(&|record| record.time += 1);
    let wrapped = |time: u64, step: u8| Record {
        descent: Descent::Wrapped { root: first(key_id(&genesis())), step },
        time: refreshed().time + time,
        ..refreshed()
    };
    let spec: &[&str] = &["8-22", "8-33", "8-34"];
    let ada = ada();
    for (id, comment, one, other) in [
        ("twice/sealed", "Two sealed records of one epoch.", &one, &later),
        (
            "twice/commit",
            "They differ in their keys only.",
            &one,
            &with(&|record| record.commit[0] ^= 1),
        ),
        (
            "twice/turn",
            "They differ in their turn only.",
            &one,
            &with(&|record| record.turn = vec![1, 0]),
        ),
        (
            "twice/cause",
            "They differ in their cause only.",
            &one,
            &with(&|record| record.cause = 1),
        ),
        (
            "twice/lifetime",
            "They differ in their lifetime only.",
            &one,
            &with(&|record| record.lifetime = 1),
        ),
        (
            "twice/wrapped",
            "Two wrapped records of one root and step.",
            &wrapped(0, 3),
            &wrapped(1, 3),
        ),
    ] {
        cases.valid(what(id, comment, spec), "record.evidence", given(&evidence(&ada, one, other)));
    }
    let from = "twice/sealed";
    let base = evidence(&ada, &one, &later);
    let signed = |record: &Record| signed_by(&ada, record).bytes();
    let parts = |key: &[u8], one: &[u8], other: &[u8]| [key, one, other].concat();
    let key = ada.certificate_key;
    let (mut less, mut greater) = (signed(&one), signed(&later));
    if one.wire().bytes() > later.wire().bytes() {
        std::mem::swap(&mut less, &mut greater);
    }
    for (id, comment, bytes) in [
        (
            "twice/turned",
            "The one whose bytes are greater stands first.",
            parts(&key, &greater, &less),
        ),
        ("twice/same", "The same record twice.", parts(&key, &less, &less)),
        ("twice/same-otherwise-signed", "The same record, signed once more.", {
            let again = signed_by(&ben(), &one).bytes();
            parts(&key, &signed(&one), &again)
        }),
        ("twice/trailing", "A zero byte after the end.", [base.clone(), vec![0]].concat()),
        ("twice/cut", "The last byte is missing.", base[..base.len() - 1].to_vec()),
        ("twice/one-record", "One record.", [&key[..], &less].concat()),
        ("twice/empty", "Nothing.", vec![]),
    ] {
        cases.invalid(what(id, comment, spec), from, "evidence", "record.evidence", given(&bytes));
    }
    for (id, comment, other) in [
        ("twice/other-channel", "Of two channels.", with(&|record| record.channel[0] ^= 1)),
        ("twice/other-list", "They differ in their lists.", with(&|record| record.list[1].1 = 1)),
        ("twice/other-epoch", "They differ in their epochs.", with(&|record| record.epoch = 2)),
        ("twice/other-author", "They have two authors.", with(&|record| record.author = 1)),
        (
            "twice/other-descent",
            "One is sealed, one wrapped.",
            with(&|record| record.descent = Descent::Wrapped { root: [9; 8], step: 1 }),
        ),
        (
            "twice/no-list",
            "One is not well-formed: it has nobody in its turn.",
            with(&|record| record.turn = vec![]),
        ),
        (
            "twice/no-lifetime",
            "One is not well-formed: it has no lifetime.",
            with(&|record| record.lifetime = 0),
        ),
    ] {
        let what = what(id, comment, spec).flags(&["forged"]);
        cases.invalid(
            what,
            from,
            "evidence",
            "record.evidence",
            given(&evidence(&ada, &one, &other)),
        );
    }
    for (id, comment, other) in [
        ("twice/other-step", "They differ in their steps.", wrapped(1, 4)),
        (
            "twice/other-root",
            "They have two roots.",
            Record { descent: Descent::Wrapped { root: [9; 8], step: 3 }, ..wrapped(1, 3) },
        ),
    ] {
        let bytes = evidence(&ada, &wrapped(0, 3), &other);
        let what = what(id, comment, spec).flags(&["forged"]);
        cases.invalid(what, "twice/wrapped", "evidence", "record.evidence", given(&bytes));
    }
    let founded = Record { time: genesis().time + 1, ..genesis() };
    let comment = "Two first records: whoever founds a channel anew has done no wrong.";
    let bytes = evidence(&ada, &genesis(), &founded);
    cases.invalid(
        what("twice/genesis", comment, spec),
        from,
        "evidence",
        "record.evidence",
        given(&bytes),
    );
    let [mut first_bent, mut last_bent] = [base.clone(), base.clone()];
    first_bent[33 + less.len() - 1] ^= 1;
    *last_bent.last_mut().expect("bytes") ^= 1;
    for (id, comment, bytes) in [
        ("twice/other-key", "Another key.", parts(&ben().certificate_key, &less, &greater)),
        ("twice/no-key", "33 bytes that are no key.", parts(&[5; 33], &less, &greater)),
        ("twice/first-bent", "Another bit of the first signature.", first_bent),
        ("twice/second-bent", "Another bit of the second.", last_bent),
        (
            "twice/by-another",
            "Both signed by Ben, who is not their author.",
            evidence(&ben(), &one, &later),
        ),
        ("twice/not-the-author", "Signed by Ada; their author is Ben's seat.", {
            evidence(
                &ada,
                &with(&|record| record.author = 1),
                &with(&|record| (record.author, record.time) = (1, 9)),
            )
        }),
    ] {
        let what = what(id, comment, spec).flags(&["forged"]);
        cases.invalid(what, from, "signature", "record.evidence", given(&bytes));
    }
    // The longest that there can be.
    let longest = |author: [u8; 16], time: u64| Record {
        list: (0..32)
            .map(|n| match n {
                0 => (author, 0xffff_ffff),
                1..16 => ([n; 16], 0xffff_ffff),
                _ => ([n; 16], 0),
            })
            .collect(),
        turn: (0..16).collect(),
        epoch: 16_383,
        lifetime: 43_200,
        time: u64::from(u32::MAX) - time,
        ..wrapped(0, 127)
    };
    let whole = |author| evidence(&ada, &longest(author, 0), &longest(author, 1));
    let bytes = whole(ada.id);
    assert_eq!(bytes.len(), 33 + 2 * 744);
    let comment = "The longest evidence: two of the longest records.";
    let what_is = what("twice/longest", comment, spec).flags(&["bound"]);
    cases.valid(what_is, "record.evidence", given(&bytes));
    let comment = "Likewise, but its author's seat is another's.";
    let what_is = what("twice/longest-of-another", comment, spec).flags(&["forged"]);
    cases.invalid(
        what_is,
        "twice/longest",
        "signature",
        "record.evidence",
        given(&whole([32; 16])),
    );
    let mut long = Wire::new().raw("all", &bytes).bytes();
    long.resize(1_761, 0);
    let comment = "One byte more than any evidence has, whatever else is wrong with it.";
    let what_is = what("twice/1761-bytes", comment, spec).flags(&["bound"]);
    cases.invalid(what_is, "twice/longest", "evidence", "record.evidence", given(&long));
}
