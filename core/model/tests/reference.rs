//! The reference by itself: what no core can break, as it follows from the order of records, is seen to
//! fail under another order.

use std::cmp::Ordering;

use keyrota::spec::{Cause, ChannelId, Commit, Descent, Entry, List, MemberId, Record, Rights};
use keyrota_model::reference::{compare, signed_above_removal};

const FOUNDER: MemberId = MemberId([1; 16]);
const MEMBER: MemberId = MemberId([2; 16]);
const OTHER: MemberId = MemberId([4; 16]);

/// A sealed record, of this epoch, with these seats and how often each changed the list.
fn record(seats: &[(MemberId, u32)], author: u8, epoch: u16) -> Record {
    let entry = |(id, changes): &(MemberId, u32)| Entry {
        changes: *changes,
        ..Entry::new(*id, Rights::BOTH)
    };
    Record {
        channel: ChannelId([3; 16]),
        list: List::new(seats.iter().map(entry).collect()).expect("a list"),
        turn: (0..).take(seats.len()).collect(),
        epoch,
        descent: Descent::Sealed,
        author,
        cause: Cause::List,
        time: 0,
        lifetime: 1,
        commit: Commit([0; 16]),
    }
}

fn epoch_first(one: &Record, other: &Record) -> Ordering {
    one.epoch.cmp(&other.epoch).then_with(|| compare(one, other))
}

#[test]
fn who_was_removed_is_above_its_removal_only_where_the_list_does_not_decide() {
    let seated = record(&[(FOUNDER, 1), (MEMBER, 0)], 0, 0);
    let removal = record(&[(FOUNDER, 2)], 0, 0);
    let change = record(&[(FOUNDER, 1), (MEMBER, 1)], 1, 0);
    let later = record(&[(FOUNDER, 1), (MEMBER, 1)], 1, 9);
    let records = [&seated, &removal, &change, &later];
    let above =
        |records: &[&Record], order| signed_above_removal(records.iter().copied(), &MEMBER, order);
    assert!(!above(&records, compare));
    assert!(above(&records, epoch_first));
    // Before any step of the member's, there is nothing that could be.
    assert!(!above(&records[..2], epoch_first));

    let again = record(&[(FOUNDER, 3), (MEMBER, 0)], 0, 0);
    let after = record(&[(FOUNDER, 3), (MEMBER, 0)], 1, 1);
    assert!(!above(&[&seated, &removal, &again, &after], compare));
    let unasked = [&seated, &removal, &after];
    assert!(above(&unasked, compare), "nobody seated it again");
    let behind = record(&[(FOUNDER, 3), (MEMBER, 0), (OTHER, 0)], 2, 1);
    let unasked = [&seated, &removal, &after, &behind];
    assert!(above(&unasked, compare), "only one behind it did");
}
