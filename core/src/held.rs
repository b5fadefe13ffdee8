//! Texts that must wait: others' for a key or a Hello, the user's own for a key (R-MSG-3).
//!
//! Spec: chapter 11, "Texts that wait".

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::limits::{HELD_MAX, NICK_PART, OUTBOX_MAX};
use keyrota_spec::{Frame, KeyHint, Tag};

use crate::action::{Fault, Notice, Refusal};
use crate::channel::Channel;
use crate::message::Text;
use crate::mutant::Mutant;
use crate::shared::Shared;

/// Texts that cannot be shown yet, oldest first.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct HeldTexts(VecDeque<HeldText>);

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct HeldText {
    nick: Arc<str>,
    hint: KeyHint,
    tag: Tag,
    reason: Reason,
    bytes: Vec<u8>,
    until: u64,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Key,
    Author,
    /// The user's decision on its author.
    Consent,
}

/// Texts of the user that wait for a key, oldest first.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Outbox(VecDeque<Unsealed>);

#[cfg_attr(feature = "model", derive(Clone))]
struct Unsealed {
    text: String,
    signed: Option<bool>,
    until: u64,
}

/// Without the text.
impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealed").field("until", &self.until).finish_non_exhaustive()
    }
}

impl HeldTexts {
    #[cfg(feature = "model")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many are not controls, which are not shown.
    #[cfg(feature = "model")]
    pub(crate) fn texts(&self) -> usize {
        let control = keyrota_spec::TextKind::Control.byte();
        self.0.iter().filter(|held| held.bytes.first() != Some(&control)).count()
    }

    /// Takes in what waited elsewhere, before the rest; returns the keys of those for which there is no room.
    pub(crate) fn append(&mut self, mut before: Self) -> Vec<KeyHint> {
        before.0.append(&mut self.0);
        self.0 = before.0;
        let surplus = self.0.drain(HELD_MAX.min(self.0.len())..);
        surplus.map(|held| held.hint).collect()
    }

    pub(crate) fn expiry(&self) -> Option<u64> {
        self.0.iter().map(|held| held.until).min()
    }

    /// The keys that texts wait for, and from where each text came.
    pub(crate) fn unknown_keys(&self) -> impl Iterator<Item = (KeyHint, &Arc<str>)> {
        self.0.iter().filter(|held| held.reason == Reason::Key).map(|held| (held.hint, &held.nick))
    }
}

impl Outbox {
    #[cfg(feature = "model")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps a text until then.
    pub(crate) fn push(
        &mut self,
        text: &str,
        signed: Option<bool>,
        until: u64,
    ) -> Result<(), Refusal> {
        if self.0.len() >= OUTBOX_MAX {
            return Err(Refusal::OutboxFull);
        }
        self.0.push_back(Unsealed { text: text.into(), signed, until });
        Ok(())
    }

    pub(crate) fn expiry(&self) -> Option<u64> {
        self.0.front().map(|unsealed| unsealed.until)
    }
}

impl Channel {
    /// Sends what waited for a key.
    pub(crate) fn flush(&mut self, cx: &mut Shared) {
        while let Some(first) = self.outbox.0.pop_front() {
            if !self.seal_text(cx, &first.text, first.signed) {
                self.outbox.0.push_front(first);
                return;
            }
        }
    }

    /// Keeps a text for which a key or the author's Hello is missing.
    pub(crate) fn hold(
        &mut self,
        cx: &mut Shared,
        text: &Text<'_>,
        reason: Reason,
        bytes: Vec<u8>,
    ) {
        let (nick, hint) = (text.nick, text.header.key);
        if self.held.0.iter().any(|held| held.bytes == bytes) {
            return;
        }
        // Also where that key is not asked for any more; but an outsider cannot have all say what is current.
        let overtaken = || self.keyed().is_some_and(|keyed| keyed.has_overtaken(&hint, cx.now.ms));
        if reason == Reason::Key && self.is_member(nick) && overtaken() {
            self.lags(cx, nick);
        }
        if self.is_forsaken(&hint, cx.now.ms) {
            return cx.notice(self.name(), Notice::Unreadable { key: hint, texts: 1 });
        }
        // Half of the room is for texts that a holder of a key wrote, or whose record is valid:
        // neither whoever makes keys up nor whoever is in doubt can take it.
        let credible = match reason {
            Reason::Key => self.keyed().is_some_and(|keyed| keyed.ledger.names(&hint)),
            Reason::Author => true,
            Reason::Consent => false,
        };
        let room = if credible { HELD_MAX } else { HELD_MAX / 2 };
        // No nick takes more than its part, and whoever is no member makes way for members.
        let listed = self.listed(nick);
        let own = self.held.0.iter().filter(|held| self.listed(&held.nick) == listed);
        let crowded = own.count() as u64 >= (room as u64).wrapping_div(NICK_PART);
        let full = crowded || self.held.0.len() >= room && !self.make_way(cx, nick);
        let barred = self.keyed().is_some_and(|keyed| keyed.ledger.list().bars(&cx.me()));
        // Nobody asks for what may be made up, nor, just then, for a second key; and who is barred asks for nothing.
        let ours = self.is_member(nick) && !barred;
        let unasked = if ours { full || self.asks_for_another(&hint) } else { !full };
        if reason == Reason::Key && !credible && self.listed(nick).is_some() && unasked {
            // If it is not made up, its author knows more than is known here.
            self.lags(cx, nick);
        }
        if full {
            return cx.fault(self.name(), nick, Fault::Flood);
        }
        let current = self.keyed().map(|keyed| keyed.ledger.current().id().hint());
        if reason == Reason::Key && current == Some(hint) && self.is_member(nick) {
            self.hasten_ask(cx);
        }
        let (nick, tag, until) = (nick.clone(), text.header.tag, text.until);
        self.held.0.push_back(HeldText { nick, hint, tag, reason, bytes, until });
    }

    /// Drops the oldest text that is likely made up, if a member may be at the nick of the next.
    fn make_way(&mut self, cx: &mut Shared, nick: &str) -> bool {
        let made_up = |held: &HeldText| {
            let named = || self.keyed().is_some_and(|keyed| keyed.ledger.names(&held.hint));
            held.reason == Reason::Key && !named() && !self.is_member(&held.nick)
        };
        let found = self.held.0.iter().position(made_up).filter(|_| self.is_member(nick));
        let Some(gone) = found.and_then(|at| self.held.0.remove(at)) else { return false };
        cx.fault(self.name(), &gone.nick, Fault::Flood);
        true
    }

    /// Looks at the texts that wait again, in the order they came: those whose key is here by now,
    /// and those of whoever has just claimed this tag, or is at this nick.
    pub(crate) fn retry_texts(&mut self, cx: &mut Shared, met: Option<(Tag, &Arc<str>)>) {
        for held in core::mem::take(&mut self.held.0) {
            let ready = match held.reason {
                Reason::Author | Reason::Consent => {
                    met.is_some_and(|(tag, nick)| held.tag == tag || held.nick == *nick)
                }
                Reason::Key => {
                    let keyed = self.keyed();
                    keyed.is_some_and(|keyed| keyed.keys.named(held.hint).next().is_some())
                }
            };
            let HeldText { nick, bytes, until, .. } = &held;
            match Frame::decode(bytes) {
                Ok(Frame::Text { kind, header, ciphertext }) if ready => {
                    let start = bytes.len().saturating_sub(ciphertext.len());
                    let text = Text { nick, kind, header, until: *until };
                    self.hear_text(cx, &text, start, bytes.clone());
                }
                _ => self.held.0.push_back(held),
            }
        }
    }

    /// Nobody has this key: gives its texts up, and tells if there are any, or the user asked.
    pub(crate) fn drop_texts(&mut self, cx: &mut Shared, key: KeyHint, tell: bool) {
        let before = self.held.0.len();
        self.held.0.retain(|held| held.hint != key || held.reason != Reason::Key);
        let texts = before.saturating_sub(self.held.0.len());
        if tell || texts > 0 {
            cx.notice(self.name(), Notice::Unreadable { key, texts });
        }
    }

    /// Gives up what was kept too long, and tells.
    pub(crate) fn expire_texts(&mut self, cx: &mut Shared) {
        let now = cx.now.ms;
        for old in core::mem::take(&mut self.held.0) {
            if old.until <= now {
                cx.notice(self.name(), Notice::Unreadable { key: old.hint, texts: 1 });
            } else {
                self.held.0.push_back(old);
            }
        }
        while self.outbox.expiry().is_some_and(|until| until <= now) {
            let Some(old) = self.outbox.0.pop_front() else { break };
            if !Mutant::TextForgotten.is_on() {
                cx.notice(self.name(), Notice::Unsent(old.text));
            }
        }
    }

    /// Gives all texts of the user back that wait for a key.
    pub(crate) fn hand_back(&mut self, cx: &mut Shared) {
        for old in core::mem::take(&mut self.outbox.0) {
            cx.notice(self.name(), Notice::Unsent(old.text));
        }
    }
}
