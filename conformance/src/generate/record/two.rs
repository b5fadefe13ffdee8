//! Records of a conversation.

use keyrota::spec::label;
use serde_json::json;

use super::{announced, flip};
use crate::generate::cast::{self, KEYS, ada, ben, cyn, first, genesis};
use crate::generate::wire::{Descent, Record, Wire};
use crate::generate::{Cases, what};
use crate::hex::encode;

pub(super) fn of_two(cases: &mut Cases) {
    let (one, other) = (ada(), ben());
    let (low, high) = if one.id < other.id { (&one, &other) } else { (&other, &one) };
    let channel: [u8; 16] = first(keyrota::crypto::hash(label::DIRECT, &[&low.id, &high.id]));
    let base = || Record {
        channel,
        list: vec![(low.id, 3), (high.id, 3)],
        turn: vec![0, 1],
        descent: Descent::Sealed,
        commit: cast::commit(&KEYS[0], &channel),
        ..genesis()
    };
    let with = |change: &dyn Fn(&mut Record)| {
        let mut record = base();
        change(&mut record);
        record
    };
    let given = |wire: &Wire| json!({"members": [encode(low.id), encode(high.id)], "record": encode(wire.bytes())});
    for (id, comment, author, record) in [
        ("two/first", "The first record, by the lower.", low, base()),
        ("two/by-higher", "By the higher.", high, with(&|record| record.author = 1)),
        ("two/epoch", "A later epoch.", low, with(&|record| record.epoch = 16_383)),
        ("two/turn", "The other turn.", low, with(&|record| record.turn = vec![1, 0])),
        (
            "two/changes",
            "Both have changes: they grow where the epoch is at its end.",
            low,
            with(&|record| (record.list[0].1, record.list[1].1) = (7, 11)),
        ),
    ] {
        cases.valid(
            what(id, comment, &["16-6", "16-7"]),
            "record.of_two",
            given(&announced(author, &record)),
        );
    }
    let mut turned = given(&announced(low, &base()));
    turned["members"] = json!([encode(high.id), encode(low.id)]);
    cases.valid(
        what("two/members-turned", "Which of the two one is does not matter.", &["16-6", "16-4"]),
        "record.of_two",
        turned,
    );
    let from = "two/first";
    for (id, comment, layer, author, record) in [
        (
            "two/other-channel",
            "Another ChannelId.",
            "channel",
            low,
            with(&|record| record.channel[15] ^= 1),
        ),
        (
            "two/wrapped",
            "A wrapped record.",
            "channel",
            low,
            with(&|record| record.descent = Descent::Wrapped { root: [9; 8], step: 1 }),
        ),
        (
            "two/list-turned",
            "The higher stands first.",
            "channel",
            high,
            with(&|record| record.list.swap(0, 1)),
        ),
        (
            "two/rights",
            "The second has not both rights.",
            "channel",
            low,
            with(&|record| record.list[1].1 = 1),
        ),
        (
            "two/third",
            "A third seat.",
            "channel",
            low,
            with(&|record| {
                record.list.push((cyn().id, 3));
                record.turn = vec![0, 1, 2];
            }),
        ),
        (
            "two/barred",
            "A barred entry.",
            "channel",
            low,
            with(&|record| record.list.push((cyn().id, 0))),
        ),
        (
            "two/alone",
            "One seat.",
            "channel",
            low,
            with(&|record| {
                record.list.pop();
                record.turn = vec![0];
            }),
        ),
        (
            "two/other-member",
            "Another second member.",
            "channel",
            low,
            with(&|record| record.list[1].0 = cyn().id),
        ),
        ("two/by-other", "Signed by the other than the author.", "signature", high, base()),
        ("two/by-stranger", "Signed by a third.", "signature", &cyn(), base()),
    ] {
        let what = what(id, comment, &["16-6", "16-8"]).flags(&["forged"]);
        cases.invalid(what, from, layer, "record.of_two", given(&announced(author, &record)));
    }
    let bent = flip(&announced(low, &base()), "signature", 0);
    cases.invalid(
        what("two/bent", "Another bit of the signature.", &["16-6"]).flags(&["forged"]),
        from,
        "signature",
        "record.of_two",
        given(&bent),
    );
}
