//! How much costly work others can cause: so much for all together, and half of that for each nick.
//!
//! Spec: chapter 13, "Denial of service". A gate only ever drops or puts off; so what it does to whoever
//! sent nothing wrong is over as soon as its bucket has filled again.

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{NICK_PART, PEERS_MAX};

use crate::channel::Channel;
use crate::shared::Shared;

/// A token bucket: holds as many as flow in during its period.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    size: u64,
    period: u64,
    /// In tokens times `period`, so that nothing is rounded away.
    level: u64,
    at: u64,
}

impl Bucket {
    /// A full bucket of `size` that refills in `period` milliseconds.
    fn new(size: u64, period: u64) -> Self {
        Self { size, period, level: size.saturating_mul(period), at: 0 }
    }

    /// How much is in it now.
    fn level(&self, now: u64) -> u64 {
        let inflow = now.saturating_sub(self.at).saturating_mul(self.size);
        self.level.saturating_add(inflow).min(self.size.saturating_mul(self.period))
    }

    /// What would be left if one were taken now; `None` if there is none.
    fn less_one(&self, now: u64) -> Option<Self> {
        let level = self.level(now).checked_sub(self.period)?;
        Some(Self { level, at: now, ..*self })
    }
}

/// A bucket for all, and one for each nick that has lately taken from it.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Gate {
    all: Bucket,
    /// Nicks that the roster does not list have one together: anyone can make up more of them.
    each: Vec<(Option<Arc<str>>, Bucket)>,
}

impl Gate {
    /// Lets `size` through in `period` milliseconds, and as many at once.
    pub(crate) fn new(size: u64, period: u64) -> Self {
        Self { all: Bucket::new(size, period), each: Vec::new() }
    }

    /// Nicks whose part is counted.
    #[cfg(feature = "model")]
    pub(crate) fn peers(&self) -> usize {
        self.each.len()
    }

    /// Takes a token of all and one of this nick's, if both are there.
    pub(crate) fn pass(&mut self, nick: Option<&Arc<str>>, now: u64) -> bool {
        let Some(all) = self.all.less_one(now) else { return false };
        let share = Bucket::new(all.size / NICK_PART, all.period);
        let at =
            self.each.iter().position(|(other, _)| other.as_deref() == nick.map(|nick| &**nick));
        let own = at.and_then(|at| self.each.get_mut(at)).map(|(_, bucket)| bucket);
        let Some(rest) = own.as_deref().unwrap_or(&share).less_one(now) else { return false };
        match own {
            Some(own) => *own = rest,
            None => self.remember(nick.cloned(), rest, now),
        }
        self.all = all;
        true
    }

    /// Notes a nick; of too many the one is forgotten that has taken least.
    fn remember(&mut self, nick: Option<Arc<str>>, bucket: Bucket, now: u64) {
        if self.each.len() < PEERS_MAX {
            return self.each.push((nick, bucket));
        }
        let fullest = self.each.iter_mut().max_by_key(|(_, bucket)| bucket.level(now));
        if let Some(fullest) = fullest {
            *fullest = (nick, bucket);
        }
    }
}

impl Channel {
    /// Whether a signature may be verified, or a secret shared, for a frame from this nick. Those
    /// who have introduced themselves, and those who have not, do not use up each other's tokens.
    pub(crate) fn may_cost(&self, cx: &mut Shared, nick: &str, known: bool) -> bool {
        let now = cx.now.ms;
        let gate = if known { &mut cx.acquaintances } else { &mut cx.strangers };
        gate.pass(self.listed(nick), now)
    }

    /// Likewise for one more signature of a text that opened.
    pub(crate) fn may_check(&self, cx: &mut Shared, nick: &str) -> bool {
        let now = cx.now.ms;
        cx.checks.pass(self.listed(nick), now)
    }

    /// The nick, if the roster lists it.
    pub(crate) fn listed(&self, nick: &str) -> Option<&Arc<str>> {
        self.roster.occupant(nick).map(|occupant| &occupant.nick)
    }

    /// Whether a member that may hold the key is at this nick, as the transport says.
    pub(crate) fn is_member(&self, nick: &str) -> bool {
        let member = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        member.is_some_and(|id| self.may_hold(&id))
    }
}
