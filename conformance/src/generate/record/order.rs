//! The order of records: by each rule, where all before it are equal.

use serde_json::json;

use super::by_ben;
use crate::generate::cast::{first, genesis, key_id};
use crate::generate::wire::{Descent, Record};
use crate::generate::{Cases, what};
use crate::hex::encode;

/// Pairs of which the second is the greater, each by one of the rules; the others before it are equal.
pub(super) fn order(cases: &mut Cases) {
    let base = || by_ben(&|_| {});
    let with = |change: &dyn Fn(&mut Record)| by_ben(change);
    let root = |record: &Record| -> [u8; 8] { first(key_id(record)) };
    let wrapped = |root: [u8; 8], step: u8| {
        by_ben(&|record| record.descent = Descent::Wrapped { root, step })
    };
    let (mut one, mut other) = (base(), with(&|record| record.time += 1));
    if key_id(&one) < key_id(&other) {
        std::mem::swap(&mut one, &mut other);
    }
    let own = root(&base());
    let (mut low, mut high) = (own, own);
    low[7] = low[7].wrapping_sub(1);
    high[7] = high[7].wrapping_add(1);
    let (mut late, mut later) = (wrapped([9; 8], 5), wrapped([9; 8], 5));
    later.time += 1;
    if key_id(&late) < key_id(&later) {
        std::mem::swap(&mut late, &mut later);
    }
    let pairs: Vec<(&str, &str, Record, Record)> = vec![
        (
            "changes-first",
            "The changes of entry 0 are greater, though those of entry 1 are less.",
            with(&|record| record.list[1].1 = 0x1003),
            with(&|record| record.list[0].1 = 11),
        ),
        (
            "changes-second",
            "The changes of entry 1 are greater.",
            base(),
            with(&|record| record.list[1].1 = 11),
        ),
        (
            "changes-third",
            "The changes of entry 2 are greater.",
            base(),
            with(&|record| record.list[2].1 = 7),
        ),
        (
            "changes-against-rights",
            "The changes are greater, though the list as bytes is less.",
            with(&|record| record.list[2].1 = 3),
            with(&|record| (record.list[2].1, record.turn) = (6, vec![0, 1])),
        ),
        (
            "longer",
            "One list ends first.",
            with(&|record| {
                record.list.truncate(2);
                record.turn = vec![0, 1];
            }),
            base(),
        ),
        (
            "longer-by-barred",
            "One list has a barred entry more, of changes 0.",
            base(),
            with(&|record| record.list.push(([0; 16], 0))),
        ),
        (
            "longer-against-bytes",
            "The longer list is greater, though its first member is less.",
            with(&|record| {
                record.list.truncate(2);
                record.turn = vec![0, 1];
                record.list[0].0 = [0xff; 16];
            }),
            with(&|record| record.list[0].0 = [0; 16]),
        ),
        (
            "list-bytes",
            "The changes are the same, and a member is greater.",
            with(&|record| record.list[2].0 = [0x7f; 16]),
            with(&|record| record.list[2].0 = [0x80; 16]),
        ),
        (
            "list-rights",
            "The changes are the same, and rights are more.",
            with(&|record| (record.list[2].1, record.turn) = (2, vec![0, 1])),
            base(),
        ),
        (
            "list-against-epoch",
            "The list is greater, though the epoch is less.",
            with(&|record| (record.list[2].0, record.epoch) = ([0x7f; 16], 9)),
            with(&|record| record.list[2].0 = [0x80; 16]),
        ),
        (
            "epoch",
            "The epoch is greater.",
            with(&|record| record.epoch = 5),
            with(&|record| record.epoch = 6),
        ),
        (
            "epoch-of-two-bytes",
            "128 is greater than 127, though its first byte is less.",
            with(&|record| record.epoch = 127),
            with(&|record| record.epoch = 256),
        ),
        (
            "sealed-against-wrapped",
            "A sealed record of the next epoch, against many steps.",
            wrapped([0; 8], 127),
            with(&|record| record.epoch = 1),
        ),
        (
            "root",
            "The root is lower, though the step is less.",
            wrapped([0x80; 8], 9),
            wrapped([0x7f; 8], 1),
        ),
        (
            "root-of-sealed",
            "A sealed record, against a wrapped one of a higher root: its own KeyId is the root.",
            wrapped(high, 9),
            base(),
        ),
        (
            "root-of-wrapped",
            "A wrapped record of a lower root, against a sealed one.",
            base(),
            wrapped(low, 1),
        ),
        ("step", "The step is greater.", wrapped([9; 8], 1), wrapped([9; 8], 2)),
        (
            "step-after-sealed",
            "A wrapped record, against the sealed one that it descends from.",
            base(),
            wrapped(own, 1),
        ),
        (
            "key-id-of-sealed",
            "All is the same but the time: the lower KeyId is greater.",
            one,
            other,
        ),
        ("key-id-of-wrapped", "Likewise of wrapped ones.", late, later),
    ];
    let given = |a: &Record, b: &Record| json!({"a": encode(a.wire().bytes()), "b": encode(b.wire().bytes())});
    for (id, comment, less, greater) in &pairs {
        for (way, a, b, says) in
            [("", greater, less, "greater"), ("/turned", less, greater, "less")]
        {
            let id = format!("order/{id}{way}");
            let what_is = what(&id, comment, &["8-14"]);
            let out = cases.valid(what_is, "record.compare", given(a, b));
            assert_eq!(out["a"], says, "{id}");
        }
    }
    for (id, comment, record) in [
        ("order/itself", "A record, and itself.", base()),
        ("order/itself-genesis", "A first record, and itself.", genesis()),
    ] {
        let out =
            cases.valid(what(id, comment, &["8-14"]), "record.compare", given(&record, &record));
        assert_eq!(out["a"], "equal");
    }
    let turned = with(&|record| record.turn = vec![2, 1, 0]);
    let comment =
        "Only the turn differs: that is compared by the root alone, which is of the whole record.";
    cases.valid(what("order/turn", comment, &["8-14"]), "record.compare", given(&base(), &turned));
}
