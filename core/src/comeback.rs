//! After a netsplit: seats that come back, or see others come back, say that they are here
//! (R-ROS-3, R-UPD-1).
//!
//! Spec: chapter 9, "Coming back". Each side saw the other leave, and nobody sees itself leave; so
//! without a word each side would go on alone, and exclude whoever made the key of the other.

use alloc::sync::Arc;

use keyrota_spec::MemberId;
use keyrota_spec::limits::{ASK_JITTER, COLLECT, DEPARTURE, SPREAD_EACH};

use crate::channel::Channel;
use crate::shared::Shared;

/// That somebody may take this terminal for gone.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Comeback {
    /// When to say that it is here.
    at: u64,
    /// Who came, if it was one: an ask of its own shows that it came anew, and split from nobody.
    nick: Option<Arc<str>>,
}

impl Channel {
    /// A member that had left is here again: as it says, or as the nick says under which it left.
    ///
    /// Seats say soon that they are here, before anybody takes them for gone: on them depends whose
    /// turn it is. Others may have to ask for a key first, and say so then; they heed no one but
    /// seats, or anybody could have all of them speak.
    pub(crate) fn came_back(&mut self, cx: &mut Shared, who: &MemberId, nick: Option<&str>) {
        // Of two, who lacks something asks.
        let keyed = self.keyed().filter(|keyed| !keyed.ledger.is_fixed());
        let Some(list) = keyed.map(|keyed| keyed.ledger.list()) else { return };
        let wait = match (list.seat_of(&cx.me()), list.seat_of(who)) {
            (Some(_), _) => cx.jitter(COLLECT),
            (None, Some(_)) => {
                let wait = DEPARTURE.saturating_add(ASK_JITTER);
                wait.saturating_add(cx.jitter(self.spread()))
            }
            (None, None) => return,
        };
        match &mut self.comeback {
            Some(back) => back.nick = None,
            none => {
                let at = cx.now.ms.saturating_add(wait);
                let quiet = self.own.sent_at().map_or(0, |at| at.saturating_add(ASK_JITTER));
                *none = Some(Comeback { at: at.max(quiet), nick: nick.map(Arc::from) });
            }
        }
    }

    /// Whoever came back asks as one who came anew.
    pub(crate) fn came_anew(&mut self, nick: &str) {
        self.comeback.take_if(|back| back.nick.as_deref() == Some(nick));
    }

    /// Over how many milliseconds members without a seat spread what all of them may have to say: no more
    /// in a second than others take in.
    pub(crate) fn spread(&self) -> u64 {
        let crowd = u64::try_from(self.roster.len()).unwrap_or(u64::MAX);
        crowd.saturating_mul(SPREAD_EACH).max(ASK_JITTER)
    }

    /// When to say that this terminal is here. Who has no seat, and is about to ask, says so by that.
    pub(crate) fn comeback_due(&self, cx: &Shared) -> Option<u64> {
        let back = self.comeback.as_ref()?.at;
        let seated = self.keyed().is_some_and(|one| one.ledger.list().seat_of(&cx.me()).is_some());
        let asks = self.asking.first_attempt().filter(|_| !seated);
        Some(asks.map_or(back, |at| back.max(at.saturating_add(1))))
    }
}
