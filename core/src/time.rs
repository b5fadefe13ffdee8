//! The two clocks that the embedding program reads for the terminal (R-EXP-2).
//!
//! Spec: chapter 1, "Time". The core has no clock of its own.

use core::num::NonZeroU64;

/// What both clocks show at one moment.
///
/// Timers run on `ms` alone; a value smaller than an earlier one counts as the earlier one. Only
/// records, Hellos and certificates use `unix`, with room for clocks that differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back, from any start.
    pub ms: u64,
    /// Seconds since 1970.
    pub unix: u64,
}

impl Now {
    /// As records write it: minutes since 1970.
    pub(crate) fn minutes(self) -> u32 {
        u32::try_from(self.unix / 60).unwrap_or(u32::MAX)
    }
}

/// A moment in milliseconds, of which an `Option` takes no more room than it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

impl Moment {
    pub(crate) fn new(ms: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(ms))
    }

    pub(crate) fn ms(self) -> u64 {
        self.0.get().saturating_sub(1)
    }
}

/// When the terminal wants to be called again, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wake {
    /// Milliseconds on the clock of [`Now::ms`].
    pub at: u64,
    /// What falls due then.
    pub why: Duty,
}

/// What a terminal does unasked when its time comes.
///
/// Of duties due at one moment the one that stands first here is done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Duty {
    /// Give up on texts that were kept too long; wipe old keys, and a member key of which no more
    /// is needed.
    Expire,
    /// Replace the member key and say so.
    Introduce,
    /// Ask for a key.
    Ask,
    /// Ask for a Hello or a proof.
    Inquire,
    /// Sign again what a list lost that was made elsewhere, or tell of it.
    Repair,
    /// Seal a new key to those present, because a holder of the old one is not.
    Exclude,
    /// Seal a new key, because nobody gave the current one, or said that it still is.
    Replace,
    /// Note that a reason to renew the key has come.
    Trigger,
    /// Note that the conversation pauses.
    Pause,
    /// Renew the key.
    Refresh,
    /// Seat members as the grant rule says; the new key answers those who asked.
    Seat,
    /// Answer those who asked for a key.
    Answer,
    /// Tell newcomers of the current record.
    Announce,
}
