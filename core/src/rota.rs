//! The updating order: who renews the key, and who steps in (R-ROS-2, R-ROS-9, R-UPD-1, R-UPD-5).
//!
//! Spec: chapter 10, "The updating order". It is derived from the current record and from who is
//! present, each time anew; nothing is shifted and stored.

use alloc::vec::Vec;

use keyrota_spec::{MemberId, Record};

use crate::channel::Channel;
use crate::shared::Shared;

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
) -> Vec<u8> {
    let passed: Vec<u8> = order(record, present).take_while(|other| *other != seat).collect();
    let stay = record.turn.iter().filter(|seat| !passed.contains(seat));
    let last = record.turn.iter().filter(|seat| passed.contains(seat));
    stay.chain(last).copied().collect()
}

impl Channel {
    /// Who may renew the key now, the one whose turn it is first.
    pub(crate) fn order(&self, cx: &Shared) -> Vec<MemberId> {
        if self.is_conversation() {
            return self.order_of_two(cx);
        }
        let Some(keyed) = self.keyed() else { return Vec::new() };
        let record = keyed.ledger.current().record();
        let seats = order(record, |id| self.is_present(cx, id));
        seats.filter_map(|seat| record.list.seat(seat).map(|entry| entry.id)).collect()
    }

    /// The updating order, whoever is at `nick` left out: who asks, or lags behind, may be the first
    /// itself.
    pub(crate) fn order_besides(&self, cx: &Shared, nick: &str) -> impl Iterator<Item = MemberId> {
        let besides = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        self.order(cx).into_iter().filter(move |id| Some(*id) != besides)
    }

    /// This terminal's place in the updating order.
    pub(crate) fn position(&self, cx: &Shared) -> Option<u64> {
        if self.is_conversation() {
            let before = self.order_of_two(cx).into_iter().position(|id| id == cx.me())?;
            return u64::try_from(before).ok();
        }
        let record = self.keyed()?.ledger.current().record();
        let (own, _) = record.list.seat_of(&cx.me())?;
        let before = order(record, |id| self.is_present(cx, id)).position(|seat| seat == own);
        before.and_then(|before| u64::try_from(before).ok())
    }

    /// Whether this terminal is the first in the updating order.
    pub(crate) fn is_first(&self, cx: &Shared) -> bool {
        self.position(cx) == Some(0)
    }
}
