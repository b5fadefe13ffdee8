//! When a key is renewed, and by whom: triggers, pause, updating order, fail-over (R-UPD-1 to
//! R-UPD-6, R-EXP-1 to R-EXP-3).
//!
//! Spec: chapter 10. Nothing here is shifted and stored: what is due, and when, follows each time
//! from the current record, who is present, and when the reason came. A further trigger is a field
//! of [`Triggers`] and a row here: of [`Keyed::next_reason`] if it follows from what is counted, of
//! [`Channel::happened`] if something just happens.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;

use keyrota_spec::limits::{DEPARTURE, GIVEN_MAX, GRACE, PAUSE, PAUSE_MAX, RULE_GAP, SEALED_GAP};
use keyrota_spec::{Cause, KeyHint, KeyPrefix, MemberId};

use crate::action::Notice;
use crate::channel::{Channel, Kept};
use crate::config::Triggers;
use crate::keystore::{Held, Keystore};
use crate::ledger::{Ledger, Proof};
use crate::members::Holders;
use crate::mutant::Mutant;
use crate::record::KeyRecord;
use crate::records::LooseBoxes;
use crate::shared::Shared;
use crate::time::{Duty, Wake};

/// Records and keys of a channel, and what makes the next ones due.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Keyed {
    /// When this began, in milliseconds.
    pub(crate) since: u64,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Keystore,
    pub(crate) loose: LooseBoxes,
    pub(crate) holders: Holders,
    /// Greatest `changes` of one's own seat, ever.
    pub(crate) wrote: u32,
    /// Since when the user is back, while nobody has said that the current record still is.
    pub(crate) unsure_since: Option<u64>,
    /// Since when the current key is missing.
    pub(crate) missing_since: Option<u64>,
    /// When boxes with the key that was current then were heard last from where a seat is.
    pub(crate) given_at: u64,
    /// Since when a holder is not where it may hold the key.
    pub(crate) exclude_since: Option<u64>,
    /// When this terminal last signed a record, or meant to.
    pub(crate) signed_at: Option<u64>,
    /// Who sent the last text or control under the newest key of its time.
    pub(crate) last_speaker: Option<MemberId>,
    /// When the current root came.
    sealed_at: Option<u64>,
    renewal: Renewal,
}

/// What has happened since the current record became so.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct Renewal {
    adopted: u64,
    /// No refresh is due before then: what anybody can cause costs one a minute.
    rest: u64,
    /// Texts and controls under the newest key, and the bytes of their content.
    texts: u32,
    bytes: u32,
    /// Occupants that joined less those that left.
    growth: i32,
    /// When the last text came, under whichever key was the newest then.
    last_text: Option<u64>,
    refresh: Refresh,
    /// What was due with nobody here to do it, as far as the user was told.
    told: BTreeSet<Duty>,
}

impl Renewal {
    fn new(now: u64, last_text: Option<u64>) -> Self {
        Self {
            adopted: now,
            rest: now.saturating_add(SEALED_GAP),
            texts: 0,
            bytes: 0,
            growth: 0,
            last_text,
            refresh: Refresh::Quiet,
            told: BTreeSet::new(),
        }
    }
}

/// Whether the key shall be renewed under itself.
#[derive(Clone, Copy, Debug)]
enum Refresh {
    /// No reason has come.
    Quiet,
    /// A reason came then; the conversation has not paused yet.
    Triggered(Cause, u64),
    /// Due since then.
    Due(Cause, u64),
}

impl Keyed {
    pub(crate) fn new(ledger: Ledger, keys: Keystore, now: u64) -> Self {
        Self {
            since: now,
            ledger,
            keys,
            loose: LooseBoxes::default(),
            holders: Holders::default(),
            wrote: 0,
            unsure_since: None,
            missing_since: Some(now),
            given_at: 0,
            exclude_since: None,
            signed_at: None,
            last_speaker: None,
            sealed_at: None,
            renewal: Renewal::new(now, None),
        }
    }

    /// The user is back. Whatever was heard here before, others may have renewed the key since.
    pub(crate) fn again(kept: Kept, now: u64) -> Self {
        let Kept { ledger, wrote, holders, keys } = kept;
        let missing = keys.get(&ledger.current().id()).is_none();
        let mut keyed = Self::new(ledger, keys, now);
        (keyed.wrote, keyed.holders) = (wrote, holders.unseen());
        keyed.missing_since = missing.then_some(now);
        keyed.unsure_since = Some(now);
        keyed
    }

    /// The key that seals now, if one does.
    pub(crate) fn sealing(&self, now: u64) -> Option<&Held> {
        let current = self.ledger.current();
        if Mutant::SealsBelow.is_on() {
            return self.keys.iter().next_back();
        }
        self.keys.sealing(current, now).filter(|_| self.unsure_since.is_none())
    }

    /// A record has become current: what was due is done.
    pub(crate) fn renewed(&mut self, now: u64) {
        self.unsure_since = None;
        self.renewal = Renewal::new(now, self.renewal.last_text);
        let missing = self.keys.get(&self.ledger.current().id()).is_none();
        self.missing_since = missing.then_some(now);
    }

    /// Boxes went out from where a seat is: if with the current key, that is not lost.
    pub(crate) fn given_out(&mut self, key: KeyPrefix, now: u64) {
        if !self.ledger.is_fixed() && self.ledger.current().id().prefix() == key {
            self.given_at = now;
        }
    }

    /// From when on the time counts after which somebody replaces the key that is missing.
    fn lacking_since(&self) -> Option<u64> {
        let since = self.missing_since?;
        Some(self.given_at.clamp(since, since.saturating_add(GIVEN_MAX)))
    }

    /// Its key descends from no earlier one: nobody holds one under it yet but its author.
    pub(crate) fn restart_holders(&mut self, now: u64) {
        self.holders = Holders::default();
        self.exclude_since = None;
        self.sealed_at = Some(now);
    }

    /// A text or control with so much content was sealed or opened under the newest key.
    pub(crate) fn count_text(&mut self, now: u64, content: usize) {
        let renewal = &mut self.renewal;
        renewal.texts = renewal.texts.saturating_add(1);
        let content = u32::try_from(content).unwrap_or(u32::MAX);
        renewal.bytes = renewal.bytes.saturating_add(content);
        renewal.last_text = Some(now);
    }

    /// So many occupants joined; or left, if negative.
    pub(crate) fn count_occupants(&mut self, change: i32) {
        self.renewal.growth = self.renewal.growth.saturating_add(change);
    }

    /// A reason to renew the key has come; the first one counts.
    fn trigger(&mut self, cause: Cause, now: u64) {
        let ignored = Mutant::TopicIgnored.is_on() && cause == Cause::Topic;
        if let Refresh::Quiet = self.renewal.refresh
            && !ignored
        {
            self.renewal.refresh = Refresh::Triggered(cause, now);
        }
    }

    /// A record that was heard, by the start of its identifier.
    pub(crate) fn find(&self, prefix: KeyPrefix) -> Option<(Arc<KeyRecord>, Proof)> {
        let current = (self.ledger.current(), self.ledger.proof());
        let held = self.keys.iter().rev().map(|held| (&held.record, &held.proof));
        let lost = self.ledger.lost(prefix).map(|(record, proof)| (record, proof));
        let mut all = core::iter::once(current).chain(held).chain(lost);
        let found = all.find(|(record, _)| record.id().prefix() == prefix);
        found.map(|(record, proof)| (record.clone(), proof.clone()))
    }

    /// The next reason for a refresh that follows from what is counted here, and when it comes; of
    /// several at a time the first in the order of causes.
    fn next_reason(&self, triggers: &Triggers, now: u64) -> Option<(u64, Cause)> {
        let Renewal { adopted, texts, bytes, growth, last_text, .. } = self.renewal;
        let after = |start: u64, seconds: Option<u32>| {
            Some(start.saturating_add(u64::from(seconds?).saturating_mul(1_000)))
        };
        let reached = |count: u32, limit: Option<u32>| (count >= limit?).then_some(now);
        let growth = u32::try_from(growth).unwrap_or(0);
        let period = triggers.period.filter(|_| !Mutant::PeriodIgnored.is_on());
        // A silence that begins with no text under this key has had its new key already.
        let silence = last_text.filter(|_| texts > 0);
        let reasons = [
            (after(adopted, period), Cause::Period),
            (reached(texts, triggers.messages), Cause::Messages),
            (reached(bytes, triggers.bytes), Cause::Bytes),
            (reached(growth, triggers.growth), Cause::Growth),
            (silence.and_then(|since| after(since, triggers.idle)), Cause::Idle),
            (self.last_call(), Cause::Lifetime),
        ];
        let next = reasons.into_iter().filter_map(|(at, cause)| Some((at?, cause))).min();
        if !self.ledger.is_fixed() {
            return next;
        }
        // Of two, a key that nobody has used is not renewed: one of them may have gone long ago.
        let used = last_text.filter(|_| texts > 0)?;
        next.map(|(at, cause)| (at.max(used), cause))
    }

    /// Whether whoever speaks under the key of this name, which is not held, lags: its record is below the current
    /// one, and was so for longer than a text is under way.
    pub(crate) fn has_overtaken(&self, hint: &KeyHint, now: u64) -> bool {
        let below = self.ledger.current().id().hint() != *hint && self.ledger.names(hint);
        below && self.renewal.adopted.saturating_add(GRACE) < now
    }

    /// When the newest key is to be renewed so that every position can step in before it stops
    /// sealing.
    fn last_call(&self) -> Option<u64> {
        let expires = self.keys.newest(self.ledger.current())?.expires;
        let life = expires.saturating_sub(self.renewal.adopted);
        Some(expires.saturating_sub(RULE_GAP.min(life / 4)))
    }

    /// When the refresh that a reason opened is due: at the first pause, or after the longest wait
    /// for one; and not soon after the last record.
    fn pause_after(&self, reason: u64) -> u64 {
        let pause = self.renewal.last_text.map_or(reason, |last| last.saturating_add(PAUSE));
        pause.clamp(reason, reason.saturating_add(PAUSE_MAX)).max(self.renewal.rest)
    }

    /// No record is signed unasked sooner than this after another.
    pub(crate) fn not_before(&self) -> u64 {
        self.signed_at.map_or(0, after_own)
    }
}

/// When a position does what is due at a time: each waits for the one before.
pub(crate) fn in_turn(due: u64, position: u64) -> u64 {
    due.saturating_add(position.saturating_mul(GRACE))
}

/// How soon after its last record a terminal makes one unasked.
pub(crate) fn after_own(signed_at: u64) -> u64 {
    signed_at.saturating_add(SEALED_GAP)
}

impl Channel {
    /// What the renewal of the key wants next: of each kind of duty its time.
    pub(crate) fn renewal_due(&self, cx: &Shared) -> Option<Wake> {
        let keyed = self.keyed()?;
        let (now, triggers) = (cx.now.ms, &self.standing.settings.triggers);
        let position = self.position(cx);
        // Where nobody is in the order, the user is told when a second would step in: the first may
        // be here, and not have introduced itself.
        let own_turn = |duty: Duty, at: u64, extra: u64| {
            let untold = || !keyed.renewal.told.contains(&duty) && self.nobody_can_renew(cx, duty);
            let place = position.or_else(|| untold().then_some(1))?;
            if Mutant::NobodyStepsIn.is_on() && matches!(position, Some(1..)) {
                return None;
            }
            let turns = match place.saturating_add(extra) {
                _ if Mutant::NoGrace.is_on() => 0,
                turns if Mutant::GraceDoubled.is_on() => turns.saturating_mul(2),
                turns => turns,
            };
            Some(in_turn(at, turns).max(keyed.not_before()))
        };
        if let Some(since) = keyed.unsure_since {
            // Until then it does nothing for others; who cannot renew the key takes it for current.
            let turns = position.map_or(1, |place| place.saturating_add(1));
            let at = in_turn(since, turns);
            return Some(Wake { at, why: Duty::Replace });
        }
        let (why, refresh) = match keyed.renewal.refresh {
            Refresh::Quiet => (Duty::Trigger, keyed.next_reason(triggers, now).map(|(at, _)| at)),
            Refresh::Triggered(_, at) => (Duty::Pause, Some(keyed.pause_after(at))),
            Refresh::Due(_, at) => (Duty::Refresh, own_turn(Duty::Refresh, at, 0)),
        };
        let exclude = keyed.exclude_since.and_then(|since| {
            let due = since.saturating_add(DEPARTURE);
            let gap = keyed.sealed_at.map_or(0, |at| at.saturating_add(SEALED_GAP));
            own_turn(Duty::Exclude, due.max(gap), 0)
        });
        let newest = keyed.keys.newest(keyed.ledger.current());
        // Of two, only while somebody waits for it.
        let idle = keyed.ledger.is_fixed() && self.outbox.is_empty();
        let expires = newest.map(|held| held.expires).filter(|_| !idle);
        let lacking = keyed.lacking_since().or(expires);
        let replace = lacking.and_then(|since| own_turn(Duty::Replace, since, 1));
        let seat = position.and_then(|position| self.rule_due(position, keyed.not_before()));
        // Another list comes under a key that excludes as well.
        let exclude = exclude.filter(|at| seat.is_none_or(|seat| seat > *at));
        let wakes = [
            (Duty::Exclude, exclude),
            (Duty::Replace, replace),
            (why, refresh),
            (Duty::Seat, seat),
        ];
        wakes.into_iter().filter_map(|(why, at)| at.map(|at| Wake { at, why })).min()
    }

    /// Does one of the duties of renewal.
    pub(crate) fn renew(&mut self, cx: &mut Shared, duty: Duty) {
        let (now, triggers) = (cx.now.ms, self.standing.settings.triggers);
        let nobody = self.nobody_can_renew(cx, duty);
        let Some(keyed) = self.keyed_mut() else { return };
        let cause = match (duty, keyed.renewal.refresh) {
            (Duty::Trigger, _) => {
                if let Some((_, cause)) = keyed.next_reason(&triggers, now) {
                    keyed.trigger(cause, now);
                }
                return;
            }
            (Duty::Pause, Refresh::Triggered(cause, at)) => {
                keyed.renewal.refresh = Refresh::Due(cause, keyed.pause_after(at));
                return;
            }
            (Duty::Refresh, Refresh::Due(cause, _)) => cause,
            (Duty::Exclude, _) => Cause::Exclusion,
            (Duty::Replace, _) if keyed.unsure_since.is_some() => return self.be_sure(cx),
            (Duty::Replace, _) => Cause::Missing,
            (Duty::Seat, _) => Cause::List,
            _ => return,
        };
        if nobody {
            // It is due once: see `renewal_due`.
            keyed.renewal.told.insert(duty);
            if !Mutant::NobodyNotTold.is_on() {
                cx.notice(self.name(), Notice::NobodyCanRenew(cause));
            }
            return;
        }
        // Whatever comes of it, it is not tried again at once.
        keyed.signed_at = Some(now);
        match duty {
            Duty::Refresh => self.refresh(cx, cause),
            Duty::Exclude if Mutant::ExcludesByRefresh.is_on() => self.refresh(cx, cause),
            Duty::Seat => self.follow_rule(cx),
            _ => self.rotate(cx, cause, None),
        }
    }

    /// Nobody has said anything: a new key makes sure, or the old one must do.
    fn be_sure(&mut self, cx: &mut Shared) {
        let current = self.keyed().map(|keyed| keyed.ledger.current().clone());
        self.rotate(cx, Cause::Missing, None);
        if let Some(current) = current {
            self.reassure(cx, &current);
        }
    }

    /// Somebody has sealed the key of this record to this terminal, or there is nobody who would: if
    /// it is the current one, it is so for others too.
    pub(crate) fn reassure(&mut self, cx: &mut Shared, record: &KeyRecord) {
        let keyed = self.keyed_mut().filter(|one| one.ledger.current().id() == record.id());
        if keyed.is_some_and(|keyed| keyed.unsure_since.take().is_some()) {
            self.flush(cx);
        }
    }

    /// Whether nobody is here to do it, as far as this terminal can tell. Holders may be taken for
    /// gone that have not introduced themselves, and so may seats, which would know better: of an
    /// exclusion it can tell if it has seen all seats leave.
    fn nobody_can_renew(&self, cx: &Shared, duty: Duty) -> bool {
        let Some(keyed) = self.keyed().filter(|_| self.order(cx).is_empty()) else { return false };
        let left = |id| self.members.left(id).is_some();
        duty != Duty::Exclude || keyed.ledger.list().seats().all(|(_, seat)| left(&seat.id))
    }

    /// Something has come about that is a reason for a refresh, if the user has set it so.
    pub(crate) fn happened(&mut self, cx: &Shared, cause: Cause) {
        let triggers = self.standing.settings.triggers;
        let Some(keyed) = self.keyed_mut() else { return };
        let counts = match cause {
            Cause::Topic => triggers.topic,
            // Where a holder has left, the exclusion renews the key, and better.
            Cause::Alone => triggers.alone && keyed.exclude_since.is_none(),
            Cause::Wish => true,
            _ => false,
        };
        if counts {
            keyed.trigger(cause, cx.now.ms);
        }
    }

    /// The user wishes a new key: a reason here, and for everybody if another one is first.
    pub(crate) fn wish(&mut self, cx: &mut Shared) -> bool {
        let first = self.is_first(cx);
        let told = first || self.send_control(cx, keyrota_spec::Control::Wish);
        if told {
            self.happened(cx, Cause::Wish);
        }
        if let Some(keyed) = self.keyed_mut().filter(|_| first) {
            // The user's own wish waits for a pause alone.
            keyed.renewal.rest = 0;
            keyed.signed_at = None;
        }
        told
    }
}
