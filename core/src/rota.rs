//! The updating order: who renews the key, and who steps in (R-ROS-2, R-ROS-9, R-UPD-1, R-UPD-5).
//!
//! Spec: chapter 10, "The updating order". It is derived from the current record and from who is
//! present, each time anew; nothing is shifted and stored.

use keyrota_spec::{MemberId, Record};

/// The seats that may renew the key now, first the one whose turn it is.
///
/// Present seats with `update` in order of turn; behind them, standing in, present seats with
/// `distribute` alone in order of seniority.
pub(crate) fn order<'r>(
    record: &'r Record,
    present: impl Fn(&MemberId) -> bool + Copy + 'r,
) -> impl Iterator<Item = u8> + 'r {
    let is_present =
        move |seat: &u8| record.list.seat(*seat).is_some_and(|entry| present(&entry.id));
    let stand_ins =
        record.list.seats().filter(|(_, entry)| !entry.rights.update).map(|(seat, _)| seat);
    record.turn.iter().copied().chain(stand_ins).filter(is_present)
}

/// The turn after `seat` has renewed the key: those before it in the order had theirs and go last.
pub(crate) fn shift(
    record: &Record,
    present: impl Fn(&MemberId) -> bool + Copy,
    seat: u8,
) -> alloc::vec::Vec<u8> {
    let passed: alloc::vec::Vec<u8> =
        order(record, present).take_while(|other| *other != seat).collect();
    let stay = record.turn.iter().filter(|seat| !passed.contains(seat));
    let last = record.turn.iter().filter(|seat| passed.contains(seat));
    stay.chain(last).copied().collect()
}
