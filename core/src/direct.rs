//! One-to-one conversations: a channel of two whose list is fixed, and what follows from that
//! (R-ONE-1, R-ONE-2).
//!
//! Spec: chapter 16. All that is not said here is as in a channel. Which conversations there are is
//! in [`calls`](crate::calls).

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::{
    Ask, Cause, ChannelId, Entry, Frame, Hello, List, MemberId, Refused, Rights, label,
};

use crate::action::{Fault, Notice};
use crate::authentication::{Rejection, Voucher};
use crate::channel::{Channel, Keying, Standing};
use crate::config::Renewer;
use crate::crypto::{self, VerifyingKey};
use crate::held::HeldTexts;
use crate::key::Key;
use crate::ledger::Ledger;
use crate::members::{Members, Person};
use crate::mutant::Mutant;
use crate::record::KeyRecord;
use crate::shared::Shared;
use crate::update::Keyed;

/// What the user's texts go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// All who are in it, under a name that all know.
    Channel,
    /// One peer, named by its nick.
    Conversation,
}

/// What the two members of a conversation have in common.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Pair {
    pub(crate) channel: ChannelId,
    /// Both with both rights, the lower id first.
    pub(crate) list: List,
}

impl Pair {
    /// `None`: nobody talks with itself.
    pub(crate) fn new(one: &MemberId, other: &MemberId) -> Option<Self> {
        let (lower, higher) = (one.min(other), one.max(other));
        let channel = crypto::hash(label::DIRECT, &[&lower.0, &higher.0]);
        let list = [lower, higher].map(|id| Entry::new(*id, Rights::BOTH));
        Some(Self { channel: ChannelId::first_of(&channel), list: List::new(list.into())? })
    }

    pub(crate) fn has(&self, record: &KeyRecord) -> bool {
        record.record().channel == self.channel && record.keeps_two(&self.list)
    }
}

/// A Hello that has verified, in a conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) id: MemberId,
    pub(crate) accepted: Result<Voucher, Rejection>,
    /// Its author sent it, and not long ago.
    pub(crate) direct: bool,
    pub(crate) asks: bool,
}

/// Whether a Hello asks another than this member: somebody has passed it on.
pub(crate) fn names_another(hello: &Hello, me: &MemberId) -> bool {
    let whom = hello.ask.and_then(|(_, whom)| whom);
    whom.is_some_and(|whom| whom != me.hint())
}

impl Channel {
    pub(crate) fn is_conversation(&self) -> bool {
        self.standing.kind == Kind::Conversation
    }

    /// The other one of the two, once it is known; nobody in a channel.
    pub(crate) fn peer(&self, cx: &Shared) -> Option<MemberId> {
        if !self.is_conversation() {
            return None;
        }
        match &self.keying {
            Keying::Keyed(keyed) => {
                let mut seats = keyed.ledger.list().seats().map(|(_, seat)| seat.id);
                seats.find(|id| *id != cx.me())
            }
            // Nobody else is taken in.
            Keying::Seeking => self.members.iter().next().map(|(id, _)| *id),
        }
    }

    /// What stays of the conversation with whoever is here, at another nick, goes on here; so do the texts that
    /// waited there.
    pub(crate) fn take_over(&mut self, cx: &mut Shared, before: Standing, held: HeldTexts) {
        self.part_with_peer();
        self.own.said_before(before.said);
        let here = &mut self.standing;
        // Neither makes the other plain.
        here.plain &= before.plain;
        if !here.configured {
            (here.settings, here.configured) = (before.settings, before.configured);
        }
        if before.pin.is_some() {
            (here.pin, here.seen, here.forgot) = (before.pin, before.seen, before.forgot);
        }
        if let Some(kept) = before.kept {
            self.keying = Keying::Keyed(Keyed::again(kept, cx.now.ms).into());
        }
        self.settings_changed();
        for key in self.held.append(held) {
            cx.notice(self.name(), Notice::Unreadable { key, texts: 1 });
        }
    }

    /// Whether whoever sent this Hello is the peer: the first that is accepted, and from then on
    /// nobody else unless the user decides so. Until then, whoever the user is to decide on.
    pub(crate) fn is_peer(&mut self, cx: &mut Shared, call: Call) -> bool {
        let Some(Pair { channel, .. }) = Pair::new(&cx.me(), &call.id) else { return false };
        match (self.standing.pin, call.accepted) {
            (Some(pinned), _) if pinned == channel => return true,
            (Some(pinned), Ok(_) | Err(Rejection::Undecided)) => {
                cx.notice(self.name(), Notice::OtherChannel { pinned, met: channel });
            }
            (None, Ok(_) | Err(Rejection::Undecided)) if call.direct => {
                self.part_with_peer();
                if call.accepted.is_ok() {
                    self.adopt(cx, &call.id);
                }
                return true;
            }
            (_, Ok(_) | Err(Rejection::Undecided)) => {}
            (_, Err(_)) if call.direct && call.asks && cx.may_call(self.name()) => {
                self.refuse(cx, &call.id, Refused::Certificate);
            }
            _ => {}
        }
        false
    }

    /// Somebody is accepted: if nobody was before, that is the peer from now on.
    pub(crate) fn adopt(&mut self, cx: &mut Shared, id: &MemberId) {
        let pair = Pair::new(&cx.me(), id).filter(|_| self.is_conversation());
        if let (Some(pair), None) = (pair, self.standing.pin) {
            self.standing.pin = Some(pair.channel);
            self.standing.forgot = cx.forgot;
            cx.unsaved = true;
            cx.notice(self.name(), Notice::Pinned(pair.channel));
        }
    }

    /// The user has decided on another pin than the one `before`, or on that one again.
    pub(crate) fn change_peer(&mut self, cx: &mut Shared, before: Option<ChannelId>) {
        self.part_with_peer();
        // Another conversation may go on here, with keys under which one's own texts were counted there.
        self.renew_tag(cx);
        if before != self.standing.pin {
            self.standing.forgot = cx.forgot;
            // What was seen of the former peer is of no use at another nick.
            cx.forgot = before.map_or(cx.forgot, |_| Some(cx.now.ms));
        }
    }

    /// Whoever was here is the peer no more.
    pub(crate) fn part_with_peer(&mut self) {
        self.members = Members::default();
        let nick = self.name().clone();
        self.roster.unbind(&nick);
    }

    /// Whether what the user says may go out now: in a conversation, if the peer is accepted.
    pub(crate) fn may_talk(&self, cx: &Shared) -> bool {
        !self.is_conversation() || self.peer(cx).is_some_and(|peer| self.may_hold(&peer))
    }

    /// A text of the user waits, or the user wants to talk: asks the peer, if that is not under way, or was
    /// about to end in vain.
    pub(crate) fn call(&mut self, cx: &Shared) {
        if self.ask_due().is_none() || self.has_asked_often() {
            self.ask_now(cx);
        }
    }

    /// The peer asks for a key. Where none is here that would do, makes one, and that is the answer.
    pub(crate) fn answer_anew(&mut self, cx: &mut Shared, id: &MemberId, ask: Ask) -> bool {
        // Who asks may be new here.
        self.introduce_again();
        if !self.may_receive(cx, id) {
            if self.members.get(id).is_some_and(Person::is_undecided) {
                self.let_wait(*id, ask, None);
                return true;
            }
            if self.keyed().is_none() {
                self.refuse(cx, id, Refused::Certificate);
            }
            return false;
        }
        self.asking.begin();
        let now = cx.now.ms;
        match self.keyed() {
            Some(keyed) if keyed.sealing(now).is_some() => false,
            Some(_) => {
                self.introduce_once(cx);
                self.rotate(cx, Cause::Missing, None);
                true
            }
            None if ask != Ask::Latest => {
                // The peer has records. Another first one would be below them, and look like a
                // second in the place of one's own.
                self.ask_now(cx);
                true
            }
            None if Mutant::PeerUnanswered.is_on() => true,
            None => {
                self.introduce_once(cx);
                if let Some(pair) = Pair::new(&cx.me(), id) {
                    self.open_for_two(cx, &pair);
                }
                true
            }
        }
    }

    /// A frame with a record, while this terminal has none.
    pub(crate) fn seek_for_two(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        frame: Frame<'_>,
        bytes: &[u8],
    ) {
        let (record, cargo) = match frame {
            Frame::Sealed { record, ephemeral, boxes } => (record, Some((ephemeral, boxes))),
            Frame::Announce { record, .. } => (record, None),
            _ => return cx.fault(self.name(), nick, Fault::Channel),
        };
        let me = cx.me();
        let peer = self.peer(cx).filter(|peer| self.may_hold(peer));
        let Some(pair) = peer.and_then(|peer| Pair::new(&me, &peer)) else {
            // The peer's Hello says whose it would have to be, if that one is accepted.
            return self.wait(nick, bytes);
        };
        let record = KeyRecord::new(record);
        if !pair.has(&record) {
            return cx.fault(self.name(), nick, Fault::Channel);
        }
        let author = self.certificate_key(cx, &record.author().id);
        let author = author.and_then(|key| VerifyingKey::from_bytes(&key.0));
        if !author.is_some_and(|author| record.verify(&author, &mut cx.tally)) {
            return cx.fault(self.name(), nick, Fault::Signature);
        }
        let key =
            cargo.and_then(|(ephemeral, boxes)| self.open_box(cx, &record, &ephemeral, &boxes));
        self.begin_for_two(cx, &pair, record, key);
        self.retry(cx);
    }

    /// Begins with a record of this pair that is verified, and its key if that is here.
    pub(crate) fn begin_for_two(
        &mut self,
        cx: &mut Shared,
        pair: &Pair,
        record: KeyRecord,
        key: Option<Key>,
    ) -> Arc<KeyRecord> {
        let ledger = Ledger::of_two(pair, record);
        let (record, proof) = (ledger.current().clone(), ledger.proof().clone());
        self.begin_keys(cx, ledger);
        let (author, cause) = (record.author().id, record.record().cause);
        cx.notice(self.name(), Notice::Current { key: record.id(), author, cause });
        if let Some(key) = key {
            self.take_key(cx, record.clone(), proof, key);
        }
        record
    }

    /// The two in the order in which they renew the key; nobody while the peer could not be given it.
    pub(crate) fn order_of_two(&self, cx: &Shared) -> Vec<MemberId> {
        let Some(keyed) = self.keyed() else { return Vec::new() };
        if !self.peer(cx).is_some_and(|peer| self.may_receive(cx, &peer)) {
            return Vec::new();
        }
        let record = keyed.ledger.current().record();
        let turn = record.turn.iter().filter_map(|seat| record.list.seat(*seat));
        let mut order: Vec<MemberId> = turn.map(|seat| seat.id).collect();
        let spoke = |id: &MemberId| keyed.last_speaker == Some(*id);
        match (self.standing.settings.renewer, keyed.last_speaker) {
            (Renewer::Either, _) | (_, None) => {}
            (Renewer::LastSender, Some(_)) => order.sort_by_key(|id| !spoke(id)),
            (Renewer::LastReceiver, Some(_)) => order.sort_by_key(spoke),
        }
        order
    }
}
