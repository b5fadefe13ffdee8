//! Tells the repeat of a text from a late one, and notices texts that did not come.
//!
//! Spec: chapter 11, "Repeats".

use keyrota_spec::limits::REPLAY_WINDOW;
use serde::{Deserialize, Serialize};

use crate::mutant::Mutant;

/// Which counters of one tag were seen under one key: the greatest, and the 63 before it.
///
/// Anything older counts as seen.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Window {
    /// One more than the greatest counter seen; 0 while none was.
    end: u32,
    /// Bit i: `end - 1 - i` was seen.
    seen: u64,
}

const _: () = assert!(REPLAY_WINDOW == u64::BITS);

impl Window {
    /// Whether a text with this counter was seen, or is too old to tell.
    pub(crate) fn has(&self, counter: u32) -> bool {
        match self.end.checked_sub(counter.saturating_add(1)) {
            None => false,
            Some(_) if Mutant::NoReplayWindow.is_on() => false,
            Some(back) => back >= REPLAY_WINDOW || self.seen >> back & 1 == 1,
        }
    }

    /// Notes that it is seen now, and returns how many before it did not come, as far as one can
    /// tell: the gap between it and the greatest so far.
    pub(crate) fn note(&mut self, counter: u32) -> u32 {
        let after = counter.saturating_add(1);
        if let Some(back) = self.end.checked_sub(after) {
            self.seen |= 1_u64.checked_shl(back).unwrap_or(0);
            return 0;
        }
        let ahead = after.saturating_sub(self.end);
        self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
        // Of the first text heard one cannot tell how many came before one listened.
        let gap = if self.end == 0 { 0 } else { ahead.saturating_sub(1) };
        self.end = after;
        gap
    }
}
