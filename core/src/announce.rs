//! Telling newcomers, and whoever lags behind, which record is current (R-DIS-4).
//!
//! Spec: chapter 9, "Announcing".

use alloc::boxed::Box;

use keyrota_spec::Frame;
use keyrota_spec::limits::{ASK_WAIT, DEPARTURE, SEALED_GAP};

use crate::channel::Channel;
use crate::shared::Shared;

/// Whether somebody may not know the current record.
#[derive(Debug, Default)]
pub(crate) struct Announcing {
    /// Since when, and who.
    wanted: Option<(u64, Box<str>)>,
    last: Option<u64>,
}

impl Announcing {
    /// Somebody may not know.
    pub(crate) fn want(&mut self, now: u64, nick: &str) {
        self.wanted.get_or_insert_with(|| (now, nick.into()));
    }

    /// Somebody announced the current record: that is done.
    pub(crate) fn heard(&mut self) {
        self.wanted = None;
    }

    /// Whoever joined asks by itself, and so will hear.
    pub(crate) fn asked(&mut self, nick: &str) {
        if self.wanted.as_ref().is_some_and(|(_, who)| **who == *nick) {
            self.wanted = None;
        }
    }
}

impl Channel {
    /// Somebody sent what is below the current record. If there is nobody in the updating order to
    /// tell it, everybody else is a witness.
    pub(crate) fn lags(&mut self, cx: &mut Shared, nick: &str) {
        self.announcing.want(cx.now.ms, nick);
        if self.first_besides(cx, nick).is_none()
            && let Some(id) = self.roster.occupant(nick).and_then(|occupant| occupant.member)
        {
            self.witness(cx, id);
        }
    }

    /// Tells what is public: who the current key's author is, and the proof of its record; not
    /// twice in a short time.
    pub(crate) fn testify(&mut self, cx: &mut Shared) {
        let soonest = self.announcing.last.map_or(0, |last| last.saturating_add(ASK_WAIT));
        let current = self.keyed().map(|keyed| keyed.ledger.current().clone());
        let Some(current) = current.filter(|_| soonest <= cx.now.ms) else { return };
        self.announcing.last = Some(cx.now.ms);
        self.present_author(cx, &current);
        self.send_proof(cx, current.id().prefix(), 0);
    }

    pub(crate) fn announce_due(&self, cx: &Shared) -> Option<u64> {
        let (since, who) = self.announcing.wanted.as_ref()?;
        let soonest = self.announcing.last.map_or(0, |last| last.saturating_add(SEALED_GAP));
        (self.first_besides(cx, who) == Some(cx.me()))
            .then(|| since.saturating_add(DEPARTURE).max(soonest))
    }

    /// Sends the current record and its author's key.
    pub(crate) fn announce(&mut self, cx: &mut Shared) {
        self.announcing.wanted = None;
        self.announcing.last = Some(cx.now.ms);
        let Some(keyed) = self.keyed() else { return };
        let current = keyed.ledger.current();
        if let Some(author) = self.certificate_key(cx, &current.author().id) {
            let record = current.signed.clone();
            cx.send(self.name(), &Frame::Announce { record, author });
        }
    }
}
