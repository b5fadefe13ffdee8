//! Telling newcomers, and whoever lags behind, which record is current (R-DIS-4).
//!
//! Spec: chapter 9, "Announcing".

use alloc::boxed::Box;

use keyrota_spec::limits::{
    ASK_JITTER, ASK_SPREAD, ASK_WAIT, COLLECT, DEPARTURE, GRACE, SEALED_GAP,
};
use keyrota_spec::{KeyId, Subject};

use crate::channel::Channel;
use crate::distribute::LINES_MAX;
use crate::mutant::Mutant;
use crate::shared::Shared;

/// Whether somebody may not know the current record.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Announcing {
    wanted: Option<Wanted>,
    last: Option<u64>,
    /// When all here last heard the current record.
    told: Option<u64>,
    /// Of which record the proof was told last, and from which number on it goes on.
    testified: Option<(KeyId, u8)>,
}

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct Wanted {
    since: u64,
    /// Who may not know it.
    nick: Box<str>,
    /// Of who sent what is below it one cannot tell who else lags behind: those in the updating
    /// order, perhaps. So whoever is not in it speaks too, this much after they should have.
    spread: Option<u64>,
}

impl Announcing {
    /// Somebody joined.
    pub(crate) fn newcomer(&mut self, now: u64, nick: &str) {
        let wanted = Wanted { since: now, nick: nick.into(), spread: None };
        self.wanted.get_or_insert(wanted);
    }

    /// Somebody announced the current record, or sent it with boxes: that is done.
    pub(crate) fn heard(&mut self, now: u64) {
        self.wanted = None;
        self.told = Some(now);
    }
}

impl Channel {
    /// Somebody sent what is below the current record, or said something that shows that it does not know that.
    pub(crate) fn lags(&mut self, cx: &mut Shared, nick: &str) {
        // It may not have heard yet what has just been announced.
        let crossed = |told: u64| cx.now.ms < told.saturating_add(COLLECT);
        if self.keyed().is_none() || self.announcing.told.is_some_and(crossed) {
            return;
        }
        if self.announcing.wanted.as_ref().is_none_or(|wanted| wanted.spread.is_none()) {
            let spread = Some(cx.jitter(ASK_JITTER));
            let wanted = Wanted { since: cx.now.ms, nick: nick.into(), spread };
            self.announcing.wanted = Some(wanted);
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
        // What found no room the last time is told this time, or some would never hear it.
        let went_on = self.announcing.testified.filter(|(of, _)| *of == current.id());
        let have = went_on.map_or(0, |(_, number)| number);
        let next = self.send_proof(cx, current.id().prefix(), have);
        self.announcing.testified = Some((current.id(), next));
    }

    pub(crate) fn announce_due(&self, cx: &Shared) -> Option<u64> {
        let wanted = self.announcing.wanted.as_ref().filter(|_| !Mutant::NeverAnnounces.is_on());
        let Wanted { since, nick, spread } = wanted?;
        let mut order = self.order_besides(cx, nick).filter(|_| !self.is_unsure());
        let place = order.position(|id| id == cx.me());
        let wait = match place {
            Some(place) => u64::try_from(place).ok()?.saturating_mul(ASK_SPREAD),
            None => GRACE.saturating_add((*spread)?),
        };
        let soonest = self.announcing.last.map_or(0, |last| last.saturating_add(SEALED_GAP));
        Some(since.saturating_add(DEPARTURE).saturating_add(wait).max(soonest))
    }

    /// Sends the current record with its author's key, and before it that which made its list: who split
    /// off knows the list before, and need not inquire.
    pub(crate) fn announce(&mut self, cx: &mut Shared) {
        if !Mutant::AnnouncesOn.is_on() {
            self.announcing.wanted = None;
        }
        let Some(keyed) = self.keyed() else { return };
        let current = keyed.ledger.current().clone();
        let change = keyed.ledger.proof().iter().skip(1).last();
        let change = change.filter(|change| change.record.id() != current.id());
        let change = change.map(|change| (change.record.clone(), change.author));
        let id = current.author().id;
        let Some(author) = self.certificate_key(cx, &id) else {
            // It goes out beside the record: when somebody lags next, it is known.
            return self.inquire(cx, Subject::Hello(id.hint()));
        };
        (self.announcing.last, self.announcing.told) = (Some(cx.now.ms), Some(cx.now.ms));
        let all = change.into_iter().chain([(current, author)]);
        self.announce_all(cx, all, LINES_MAX);
    }
}
