//! Telling newcomers, and whoever lags behind, which record is current (R-DIS-4).
//!
//! Spec: chapter 9, "Announcing".

use alloc::boxed::Box;

use keyrota_spec::Frame;
use keyrota_spec::limits::{DEPARTURE, SEALED_GAP};

use crate::channel::Channel;
use crate::shared::Shared;

/// Whether somebody may not know the current record.
#[derive(Debug, Default)]
pub(crate) struct Announcing {
    /// Since when, and who: nobody in particular if it was shown by what it sent.
    wanted: Option<(u64, Option<Box<str>>)>,
    last: Option<u64>,
}

impl Announcing {
    /// Somebody joined.
    pub(crate) fn newcomer(&mut self, now: u64, nick: &str) {
        self.wanted.get_or_insert_with(|| (now, Some(nick.into())));
    }

    /// Somebody sent what is below the current record.
    pub(crate) fn lagging(&mut self, now: u64) {
        self.wanted.get_or_insert((now, None));
    }

    /// Somebody announced a record; if it is the current one, that is done.
    pub(crate) fn heard(&mut self, current: bool) {
        if current {
            self.wanted = None;
        }
    }

    /// Whoever joined asks by itself, and so will hear.
    pub(crate) fn asked(&mut self, nick: &str) {
        if self.wanted.as_ref().is_some_and(|(_, who)| who.as_deref() == Some(nick)) {
            self.wanted = None;
        }
    }
}

impl Channel {
    pub(crate) fn announce_due(&self, cx: &Shared) -> Option<u64> {
        let (since, _) = self.announcing.wanted.as_ref()?;
        let soonest = self.announcing.last.map_or(0, |last| last.saturating_add(SEALED_GAP));
        self.is_first(cx).then(|| since.saturating_add(DEPARTURE).max(soonest))
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
