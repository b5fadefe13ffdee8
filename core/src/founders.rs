//! Two channels of one name: whoever opened one unasked and is alone in it yields (R-GEN-1).
//!
//! Spec: chapter 9, "Lone founders". It keeps its own until the other has passed all that first
//! contact asks for, so nobody can take it away with less.

use keyrota_spec::limits::{ASK_WAIT, COLLECT};
use keyrota_spec::{ChannelId, Frame, MemberId};

use crate::action::Notice;
use crate::channel::Channel;
use crate::ledger::Ledger;
use crate::record::KeyRecord;
use crate::shared::Shared;

/// Another channel of this name, which a lone founder has met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting {
    channel: ChannelId,
    /// Whose record of it was heard.
    author: MemberId,
    /// When to ask there.
    pub(crate) at: u64,
}

impl Ledger {
    /// Whether this member, who founded the channel, is all that its list knows.
    pub(crate) fn belongs_to(&self, me: &MemberId) -> bool {
        matches!(self.list().entries(), [only] if only.id == *me)
    }
}

/// Of which channel the record in a frame is, and who made it.
fn record_in(frame: &Frame<'_>) -> Option<(ChannelId, MemberId)> {
    let (Frame::Refresh { record, .. }
    | Frame::Sealed { record, .. }
    | Frame::Announce { record, .. }) = frame
    else {
        return None;
    };
    let record = KeyRecord::new(record.clone());
    Some((record.founds().unwrap_or(record.record().channel), record.author().id))
}

impl Channel {
    /// Whether this terminal opened the channel unasked, and has handed its key to nobody: nothing
    /// else begins a channel without a pin.
    pub(crate) fn is_lone(&self) -> bool {
        self.standing.pin.is_none() && self.keyed().is_some()
    }

    /// The channel is one that others, or the user, count on.
    pub(crate) fn settle_down(&mut self, cx: &mut Shared) {
        if let (None, Some(keyed)) = (self.standing.pin, self.keyed()) {
            let own = Some(keyed.ledger.channel());
            self.standing.pin = own;
            self.meeting = None;
            self.candidates.clear();
            self.waiting.retain(|(bytes, _)| {
                let met = Frame::decode(bytes).ok().and_then(|frame| record_in(&frame));
                met.map(|(channel, _)| channel) == own
            });
            cx.unsaved = true;
        }
    }

    /// Whether a frame is about another channel that a lone founder may yield to.
    pub(crate) fn meets(&mut self, cx: &Shared, frame: &Frame<'_>) -> bool {
        let Some((channel, author)) = record_in(frame) else { return false };
        let Some(own) = self.keyed().map(|keyed| keyed.ledger.channel()) else { return true };
        if !self.is_lone() || channel == own {
            return false;
        }
        // If the other is alone, too, the greater yields; whether it is nobody can see, so the
        // lesser waits for it to ask first.
        let wait = if own > channel { COLLECT } else { COLLECT.saturating_add(ASK_WAIT) };
        let at = cx.now.ms.saturating_add(wait);
        let at = self.meeting.map_or(at, |known| known.at.min(at));
        // The newest counts: whoever makes one up cannot keep a true one out.
        self.meeting = Some(Meeting { channel, author, at });
        true
    }

    /// Whom a lone founder asks for the other channel's key at first.
    pub(crate) fn meeting_author(&self) -> Option<MemberId> {
        self.meeting.map(|meeting| meeting.author)
    }

    /// Nobody in the other channel answers: the user can decide.
    pub(crate) fn tell_meeting(&self, cx: &mut Shared) {
        if let (Some(meeting), Some(keyed)) = (self.meeting, self.keyed()) {
            let (pinned, met) = (keyed.ledger.channel(), meeting.channel);
            cx.notice(self.name(), Notice::OtherChannel { pinned, met });
        }
    }
}
