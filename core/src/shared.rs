//! What all channels of a terminal share: identity, randomness, authentication, the queue.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;

use keyrota_spec::armor::{self, PartId};
use keyrota_spec::limits::SKEW_S;
use keyrota_spec::{Frame, MemberId};

use crate::action::{Action, Fault, Notice};
use crate::authentication::Authentication;
use crate::casemap::{CaseMapping, Folded};
use crate::consent::Questions;
use crate::crypto::Tally;
use crate::gate::Gate;
use crate::hello::Said;
use crate::identity::Identity;
use crate::key::Key;
use crate::mutant::Mutant;
use crate::random::{Draw, Random};
use crate::record::KeyRecord;
use crate::time::Now;

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Shared {
    pub(crate) now: Now,
    pub(crate) nick: Arc<str>,
    pub(crate) casemapping: CaseMapping,
    pub(crate) line: usize,
    pub(crate) identity: Identity,
    pub(crate) authentication: Authentication,
    pub(crate) questions: Questions,
    pub(crate) random: Random,
    pub(crate) secret: Key,
    pub(crate) tally: Tally,
    pub(crate) queue: VecDeque<Action>,
    /// Limits verifications of what whoever has not introduced itself sends.
    pub(crate) strangers: Gate,
    /// Likewise of what comes in the name of those who have.
    pub(crate) acquaintances: Gate,
    /// Likewise of texts that opened.
    pub(crate) checks: Gate,
    /// Limits what strangers who want to talk with the user can cause.
    pub(crate) callers: Gate,
    /// The time of the last Hello in any conversation: each is good for all of them.
    pub(crate) said_hello: Said,
    /// Counts frames that were cut into fragments.
    pub(crate) parts: u32,
    /// When this terminal was restored, in milliseconds.
    pub(crate) restored: Option<u64>,
    /// When a conversation was last forgotten, in milliseconds.
    pub(crate) forgot: Option<u64>,
    /// Whether something has changed that a restored terminal must not have forgotten.
    pub(crate) unsaved: bool,
}

impl Shared {
    pub(crate) fn me(&self) -> MemberId {
        self.identity.id()
    }

    /// Whether a nick from the transport is the user's own.
    pub(crate) fn is_me(&self, nick: &str) -> bool {
        self.same_name(nick, &self.nick)
    }

    pub(crate) fn fold(&self, name: &str) -> Option<Folded> {
        self.casemapping.fold(name)
    }

    pub(crate) fn same_name(&self, one: &str, other: &str) -> bool {
        let folded = self.casemapping.fold(one);
        folded.is_some() && folded == self.casemapping.fold(other)
    }

    pub(crate) fn send(&mut self, channel: &Arc<str>, frame: &Frame<'_>) {
        self.send_bytes(channel, &frame.encode());
    }

    pub(crate) fn send_bytes(&mut self, channel: &Arc<str>, frame: &[u8]) {
        // A text nearly always fits one line, and then this is its only allocation.
        if frame.len() <= armor::capacity(self.line) {
            return self.send_text(channel, armor::whole(frame));
        }
        self.parts = self.parts.wrapping_add(1);
        for text in armor::lines(frame, self.line, PartId::new(self.parts)) {
            self.send_text(channel, text);
        }
    }

    pub(crate) fn send_text(&mut self, channel: &Arc<str>, text: String) {
        self.queue.push_back(Action::Send { channel: channel.clone(), text });
    }

    pub(crate) fn notice(&mut self, channel: &Arc<str>, notice: Notice) {
        self.queue.push_back(Action::Notice { channel: Some(channel.clone()), notice });
    }

    pub(crate) fn fault(&mut self, channel: &Arc<str>, nick: &Arc<str>, fault: Fault) {
        assert!(!Mutant::FaultPanics.is_on(), "broken on purpose");
        self.notice(channel, Notice::Fault { nick: nick.clone(), fault });
    }

    /// Whether a stranger at this nick, who wants to talk with the user, may have its way.
    pub(crate) fn may_call(&mut self, nick: &Arc<str>) -> bool {
        self.callers.pass(Some(nick), self.now.ms)
    }

    /// Whether texts under the key of this record, which has just come, may have been shown before this terminal was
    /// restored, and after it was saved, or in a conversation before it was `forgot`; clocks may differ, and be wrong
    /// (16-32, 17-10).
    pub(crate) fn is_from_before(&self, record: &KeyRecord, forgot: Option<u64>) -> bool {
        let made = u64::from(record.record().time).saturating_mul(60);
        let Now { unix, ms, .. } = self.now;
        self.restored.max(forgot).is_some_and(|at| {
            let then = unix.saturating_sub(ms.saturating_sub(at) / 1_000);
            made <= then.saturating_add(SKEW_S) || made > unix.saturating_add(SKEW_S)
        })
    }

    /// A delay of 0 to `span` milliseconds that keeps terminals from speaking at once.
    pub(crate) fn jitter(&mut self, span: u64) -> u64 {
        self.random.below(Draw::Jitter, span.saturating_add(1))
    }
}
