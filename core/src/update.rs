//! When a key is renewed, and by whom: triggers, pause, updating order, fail-over (R-UPD-1 to
//! R-UPD-6, R-EXP-1 to R-EXP-3).
//!
//! Spec: chapter 10. Nothing here is shifted and stored: what is due, and when, follows each time
//! from the current record, who is present, and when the reason came.

use alloc::sync::Arc;

use keyrota_spec::limits::{DEPARTURE, GRACE, PAUSE, PAUSE_MAX, RULE_GAP, SEALED_GAP};
use keyrota_spec::{Cause, KeyPrefix};

use crate::action::Notice;
use crate::channel::Channel;
use crate::config::Triggers;
use crate::keystore::Keystore;
use crate::ledger::{Ledger, Proof};
use crate::members::Holders;
use crate::record::KeyRecord;
use crate::records::LooseBoxes;
use crate::shared::Shared;
use crate::time::{Duty, Wake};

/// Records and keys of a channel, and what makes the next ones due.
#[derive(Debug)]
pub(crate) struct Keyed {
    /// When this began, in milliseconds.
    pub(crate) since: u64,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Keystore,
    pub(crate) loose: LooseBoxes,
    pub(crate) holders: Holders,
    /// Greatest `changes` of one's own seat, ever.
    pub(crate) wrote: u32,
    /// Since when the current key is missing.
    pub(crate) missing_since: Option<u64>,
    /// Since when a holder is not where it may hold the key.
    pub(crate) exclude_since: Option<u64>,
    /// Since when the grant rule wants another list.
    pub(crate) vacant_since: Option<u64>,
    /// Whether that has to be looked at again: it takes a look at everybody.
    pub(crate) rule_stale: bool,
    /// When this terminal last signed a record, or meant to.
    pub(crate) signed_at: Option<u64>,
    /// When a rule last changed the list here.
    pub(crate) rule_at: Option<u64>,
    /// When the current root came.
    sealed_at: Option<u64>,
    renewal: Renewal,
}

/// What has happened since the current record came.
#[derive(Debug)]
struct Renewal {
    adopted: u64,
    texts: u32,
    last_text: Option<u64>,
    refresh: Refresh,
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
    /// Due since then, and the user knows that nobody present can do it.
    Orphaned(Cause, u64),
}

impl Keyed {
    pub(crate) fn new(ledger: Ledger, keys: Keystore, now: u64) -> Self {
        let renewal = Renewal { adopted: now, texts: 0, last_text: None, refresh: Refresh::Quiet };
        Self {
            since: now,
            ledger,
            keys,
            loose: LooseBoxes::default(),
            holders: Holders::default(),
            wrote: 0,
            missing_since: Some(now),
            exclude_since: None,
            vacant_since: None,
            rule_stale: true,
            signed_at: None,
            rule_at: None,
            sealed_at: None,
            renewal,
        }
    }

    /// A record has become current: what was due is done.
    pub(crate) fn renewed(&mut self, now: u64) {
        let last_text = self.renewal.last_text;
        self.renewal = Renewal { adopted: now, texts: 0, last_text, refresh: Refresh::Quiet };
        let missing = self.keys.get(&self.ledger.current().id()).is_none();
        self.missing_since = missing.then_some(now);
    }

    /// Its key descends from no earlier one: nobody holds one under it yet but its author.
    pub(crate) fn restart_holders(&mut self, now: u64) {
        self.holders = Holders::default();
        self.exclude_since = None;
        self.sealed_at = Some(now);
    }

    /// A text was sealed or opened under the current key.
    pub(crate) fn count_text(&mut self, now: u64, triggers: &Triggers) {
        let renewal = &mut self.renewal;
        renewal.texts = renewal.texts.saturating_add(1);
        renewal.last_text = Some(now);
        if triggers.messages.is_some_and(|limit| renewal.texts >= limit) {
            self.trigger(Cause::Messages, now);
        }
    }

    /// A reason to renew the key has come; the first one counts.
    pub(crate) fn trigger(&mut self, cause: Cause, now: u64) {
        if let Refresh::Quiet = self.renewal.refresh {
            self.renewal.refresh = Refresh::Triggered(cause, now);
        }
    }

    /// A record that was heard, by the start of its identifier.
    pub(crate) fn find(&self, prefix: KeyPrefix) -> Option<(Arc<KeyRecord>, Proof)> {
        let current = (self.ledger.current(), self.ledger.proof());
        let held = self.keys.iter().rev().map(|held| (&held.record, &held.proof));
        let mut all = core::iter::once(current).chain(held);
        let found = all.find(|(record, _)| record.id().prefix() == prefix);
        found.map(|(record, proof)| (record.clone(), proof.clone()))
    }

    /// When the next reason of time comes, and which.
    fn next_trigger(&self, triggers: &Triggers) -> Option<(u64, Cause)> {
        let adopted = self.renewal.adopted;
        let period = triggers.period.map(|seconds| {
            (adopted.saturating_add(u64::from(seconds).saturating_mul(1_000)), Cause::Period)
        });
        let newest = self.keys.newest(self.ledger.current());
        let lifetime = newest.map(|held| {
            // Early enough that every position can step in before the key stops sealing.
            let life = held.expires.saturating_sub(adopted);
            (held.expires.saturating_sub(RULE_GAP.min(life / 4)), Cause::Lifetime)
        });
        period.into_iter().chain(lifetime).min()
    }

    /// When the refresh that a reason opened is due: at the first pause, or after the longest wait
    /// for one.
    fn pause_after(&self, reason: u64) -> u64 {
        let pause = self.renewal.last_text.map_or(reason, |last| last.saturating_add(PAUSE));
        pause.clamp(reason, reason.saturating_add(PAUSE_MAX))
    }

    /// No record is signed unasked sooner than this after another.
    fn not_before(&self) -> u64 {
        self.signed_at.map_or(0, |at| at.saturating_add(SEALED_GAP))
    }
}

impl Channel {
    /// What the renewal of the key wants next: of each kind of duty its time.
    pub(crate) fn renewal_due(&self, cx: &Shared) -> Option<Wake> {
        let keyed = self.keyed()?;
        let triggers = &self.standing.settings.triggers;
        let position = self.position(cx);
        let own_turn = |at: u64, extra: u64| {
            let turns = position?.saturating_add(extra);
            Some(at.saturating_add(turns.saturating_mul(GRACE)).max(keyed.not_before()))
        };
        let (refresh, why) = match keyed.renewal.refresh {
            Refresh::Quiet => (keyed.next_trigger(triggers).map(|(at, _)| at), Duty::Trigger),
            Refresh::Triggered(_, at) => (Some(keyed.pause_after(at)), Duty::Pause),
            Refresh::Due(_, at) if self.nobody_can_renew(cx) => (Some(at), Duty::Refresh),
            Refresh::Due(_, at) | Refresh::Orphaned(_, at) => (own_turn(at, 0), Duty::Refresh),
        };
        let exclude = keyed.exclude_since.and_then(|since| {
            let due = since.saturating_add(DEPARTURE);
            let gap = keyed.sealed_at.map_or(0, |at| at.saturating_add(SEALED_GAP));
            own_turn(due.max(gap), 0)
        });
        let newest = keyed.keys.newest(keyed.ledger.current());
        let expired = newest.map(|held| held.expires).filter(|at| *at <= cx.now.ms);
        let replace = keyed.missing_since.or(expired).and_then(|since| own_turn(since, 1));
        let seat = keyed.vacant_since.filter(|_| position == Some(0)).map(|since| {
            let gap = keyed.rule_at.map_or(0, |at| at.saturating_add(RULE_GAP));
            since.max(gap).max(keyed.not_before())
        });
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
        let triggers = self.standing.settings.triggers;
        let nobody = self.nobody_can_renew(cx);
        let now = cx.now.ms;
        let Some(keyed) = self.keyed_mut() else { return };
        if !matches!(duty, Duty::Trigger | Duty::Pause) && !nobody {
            // Whatever comes of it, it is not tried again at once.
            keyed.signed_at = Some(now);
        }
        match (duty, keyed.renewal.refresh) {
            (Duty::Trigger, _) => {
                if let Some((at, cause)) = keyed.next_trigger(&triggers) {
                    keyed.trigger(cause, at);
                }
            }
            (Duty::Pause, Refresh::Triggered(cause, at)) => {
                keyed.renewal.refresh = Refresh::Due(cause, keyed.pause_after(at));
            }
            (Duty::Refresh, Refresh::Due(cause, at)) if nobody => {
                keyed.renewal.refresh = Refresh::Orphaned(cause, at);
                cx.notice(self.name(), Notice::NobodyCanRenew);
            }
            (Duty::Refresh, Refresh::Due(cause, _) | Refresh::Orphaned(cause, _)) => {
                self.refresh(cx, cause);
            }
            (Duty::Exclude, _) => self.rotate(cx, Cause::Exclusion, None),
            (Duty::Replace, _) => self.rotate(cx, Cause::Missing, None),
            (Duty::Seat, _) => self.follow_rule(cx),
            _ => {}
        }
    }

    fn nobody_can_renew(&self, cx: &Shared) -> bool {
        self.keyed().is_some() && self.order(cx).is_empty()
    }

    /// The user wishes a new key: a reason here, and for everybody if another one is first.
    pub(crate) fn wish(&mut self, cx: &mut Shared) -> bool {
        let told = self.is_first(cx) || self.send_control(cx, keyrota_spec::Control::Wish);
        let now = cx.now.ms;
        if let Some(keyed) = self.keyed_mut().filter(|_| told) {
            keyed.trigger(Cause::Wish, now);
            // The user's own wish waits for a pause alone.
            keyed.signed_at = None;
        }
        told
    }
}
