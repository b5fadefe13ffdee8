//! Obtaining a key: whether to ask, whom, and when to ask another (R-OBT-1 to R-OBT-5).
//!
//! Spec: chapter 9, "Asking".

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{
    ASK_BACKOFF_MAX, ASK_SPREAD, ASK_WAIT, ASKS_UNHEARD, BOX_LINES, COLLECT, LINE_PACE,
};
use keyrota_spec::{Ask, ChannelId, Frame, KeyHint, MemberHint, MemberId, Point, Refused};
use keyrota_spec::{KeyPrefix, SealedBox};
use zeroize::Zeroizing;

use crate::action::{Fault, Notice};
use crate::channel::{Channel, Keying};
use crate::config::Choice;
use crate::contact::Candidate;
use crate::crypto::DhPublic;
use crate::key::Key;
use crate::mutant::Mutant;
use crate::random::Draw;
use crate::record::{KeyRecord, box_pad, unmask};
use crate::shared::Shared;
use crate::update::Keyed;

/// Identifiers remembered for which nobody had a key.
pub(crate) const GIVEN_UP_MAX: usize = 32;

/// The state of asking; what is asked for follows from the channel's state.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Asking {
    /// Whether the channel was found not to be empty, or the user asked to ask.
    begun: bool,
    /// Whether the user has just come or asked to ask: then also if it is barred.
    insisted: bool,
    /// Whether anyone here speaks the protocol; in a conversation, whether the peer has sent a text or a key
    /// since the last ask.
    heard: bool,
    open: Option<OpenAsk>,
    /// The older key that the user wants.
    named: Option<KeyHint>,
    /// Keys that nobody had, and until when they are not asked for again.
    given_up: VecDeque<(KeyHint, u64)>,
}

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct OpenAsk {
    what: Ask,
    /// When the next attempt is due.
    at: Option<u64>,
    attempts: u32,
    last: Option<Attempt>,
    tried: Vec<MemberId>,
    /// Lines of boxes that put off the first attempt.
    put_off: usize,
}

/// The last attempt of an ask.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    at: u64,
    /// When whom it named last sent boxes, or when it was made.
    since: u64,
    /// How long after that the next one is due.
    wait: u64,
    /// How long after it at least, whatever hastens it.
    least: u64,
    /// Whom it named.
    whom: Option<MemberId>,
}

impl Asking {
    /// Somebody here speaks the protocol: asking makes sense.
    pub(crate) fn heard(&mut self, now: u64) {
        let rests = |open: &&mut OpenAsk| open.attempts >= ASKS_UNHEARD;
        if !core::mem::replace(&mut self.heard, true)
            && let Some(open) = self.open.as_mut().filter(rests)
        {
            open.at.get_or_insert(now);
        }
    }

    /// The peer of a conversation takes it to be going on: asking makes sense once more.
    pub(crate) fn spoken_to(&mut self, now: u64) {
        self.heard = true;
        if let Some(open) = &mut self.open {
            open.at.get_or_insert(now);
        }
    }

    /// A seat sends boxes of this key, and the one that is missed may yet come: whoever sends many lines
    /// must space them.
    pub(crate) fn put_off(&mut self, now: u64, key: KeyPrefix, seat: &MemberId) {
        let this = |open: &&mut OpenAsk| open.what == Ask::Key(key);
        let Some(open) = self.open.as_mut().filter(this) else { return };
        match &mut open.last {
            Some(last) if last.whom.is_none_or(|whom| whom == *seat) => {
                let anew = now.saturating_add(last.wait);
                let anew = anew.min(last.at.saturating_add(ASK_BACKOFF_MAX));
                if open.at.is_some_and(|at| at < anew) {
                    (open.at, last.since) = (Some(anew), now);
                }
            }
            None if open.put_off < BOX_LINES => {
                open.put_off = open.put_off.saturating_add(1);
                open.at = open.at.map(|at| at.saturating_add(LINE_PACE));
            }
            _ => {}
        }
    }

    /// When the first attempt of the open ask is due.
    pub(crate) fn first_attempt(&self) -> Option<u64> {
        self.open.as_ref().filter(|open| open.attempts == 0)?.at
    }

    /// Whether what is missing is asked for.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// From now on what is missing is asked for.
    pub(crate) fn begin(&mut self) {
        self.begun = true;
    }

    pub(crate) fn has_given_up(&self, hint: &KeyHint, now: u64) -> bool {
        self.given_up.iter().any(|(given_up, until)| given_up == hint && now < *until)
    }

    /// The user wants this older key, whether or not it was given up.
    pub(crate) fn name(&mut self, hint: KeyHint) {
        self.begun = true;
        self.insisted = true;
        self.named = Some(hint);
        self.given_up.retain(|(given_up, _)| *given_up != hint);
    }

    pub(crate) fn names(&self, hint: &KeyHint) -> bool {
        self.named == Some(*hint)
    }

    /// The key came, or nobody has it. Returns whether the user wanted it.
    pub(crate) fn settled(&mut self, hint: &KeyHint) -> bool {
        self.named.take_if(|named| named == hint).is_some()
    }

    #[cfg(feature = "model")]
    pub(crate) fn given_up(&self) -> usize {
        self.given_up.len()
    }

    fn give_up(&mut self, hint: KeyHint, now: u64) {
        if self.given_up.len() >= GIVEN_UP_MAX {
            self.given_up.pop_front();
        }
        self.given_up.push_back((hint, now.saturating_add(ASK_BACKOFF_MAX)));
    }
}

impl Channel {
    /// The roster is known: opens an empty channel, asks in another.
    pub(crate) fn begin(&mut self, cx: &mut Shared) {
        let alone = self.roster.iter().all(|occupant| cx.is_me(&occupant.nick));
        let first = !core::mem::replace(&mut self.asking.begun, true);
        let unknown = matches!(self.keying, Keying::Seeking) && self.standing.pin.is_none();
        if first && unknown && alone && self.standing.settings.found {
            self.found(cx);
        } else if first {
            self.asking.insisted = true;
            self.open_ask(self.wanted(cx), cx.now.ms);
        }
    }

    /// The user takes the channel of this identifier for the one of its name, whatever was known.
    pub(crate) fn follow(&mut self, cx: &mut Shared, channel: ChannelId) {
        let before = core::mem::replace(&mut self.keying, Keying::Seeking);
        if let Keying::Keyed(before) = before {
            self.standing.seen = before.keys.into_seen();
        }
        let before = self.standing.pin.replace(channel);
        self.candidates.clear();
        self.meeting = None;
        cx.unsaved = true;
        self.waiting.clear();
        if self.is_conversation() {
            self.change_peer(cx, before);
        }
        self.ask_now(cx);
    }

    /// The user wants the key now.
    pub(crate) fn ask_now(&mut self, cx: &Shared) {
        self.asking.begun = true;
        self.asking.insisted = true;
        self.asking.open = None;
        self.asking.given_up.clear();
        self.open_ask(self.wanted(cx), cx.now.ms);
    }

    /// What is missing most: the channel's key, then what the user names, then the keys of texts that
    /// are kept.
    pub(crate) fn wanted(&self, cx: &Shared) -> Option<Ask> {
        if !self.asking.begun || self.is_conversation() && self.standing.plain {
            return None;
        }
        match &self.keying {
            Keying::Seeking => Some(Ask::Latest),
            Keying::Keyed(_) if self.meeting.is_some() => Some(Ask::Latest),
            // Nobody answers whom the list bars; but it may have changed.
            Keying::Keyed(keyed) if keyed.ledger.list().bars(&cx.me()) && !self.asking.insisted => {
                None
            }
            Keying::Keyed(keyed) => {
                let current = keyed.ledger.current();
                // A key that seals no more may have been renewed unheard.
                let waits = !self.outbox.is_empty();
                let lacks = keyed.keys.get(&current.id()).is_none();
                if lacks || waits || keyed.unsure_since.is_some() {
                    return Some(Ask::Key(current.id().prefix()));
                }
                if let Some(hint) = self.asking.named {
                    return Some(Ask::Hint(hint));
                }
                // What an outsider makes up is kept, but not asked for: all here would.
                let unknown = || {
                    let all = self.held.unknown_keys();
                    all.filter(|(hint, _)| !self.is_forsaken(hint, cx.now.ms))
                };
                // There is a key to those of valid records; whatever else is asked for may be made up.
                let real = unknown().find(|(hint, _)| keyed.ledger.names(hint));
                let some = real.or_else(|| unknown().find(|(_, nick)| self.is_member(nick)));
                some.map(|(hint, _)| Ask::Hint(hint))
            }
        }
    }

    /// Opens, keeps or ends asking as the channel's state wants it.
    pub(crate) fn review_ask(&mut self, cx: &mut Shared) {
        let open = self.asking.open.as_ref().map(|open| open.what);
        if self.wanted(cx) == open {
            return;
        }
        // What was insisted on was another thing.
        self.asking.insisted &= open.is_none();
        let wanted = self.wanted(cx);
        // A newcomer asks at once.
        let at = match wanted {
            Some(Ask::Latest) if self.meeting.is_some() => {
                self.meeting.map_or(cx.now.ms, |meeting| meeting.at)
            }
            None | Some(Ask::Latest) => cx.now.ms,
            Some(_) => cx.now.ms.saturating_add(cx.jitter(self.ask_spread(cx))),
        };
        self.open_ask(wanted, at);
    }

    /// A key that all may lack is asked for one after the other, and by those first on whom the others wait.
    fn ask_spread(&self, cx: &Shared) -> u64 {
        let seated = self.keyed().is_some_and(|one| one.ledger.list().seat_of(&cx.me()).is_some());
        if seated { COLLECT } else { self.spread() }
    }

    /// A member speaks under the key of the current record, so somebody has it; or the user waits for one. If that is
    /// asked for, what was asked so far may have been lost: asks again soon, if no answer is on its way.
    pub(crate) fn hasten_ask(&mut self, cx: &mut Shared) {
        let spread = self.ask_spread(cx);
        let Some(OpenAsk {
            what: Ask::Key(_) | Ask::Latest, at: Some(at), last: Some(last), ..
        }) = &mut self.asking.open
        else {
            return;
        };
        let soon = last.since.saturating_add(last.least).max(cx.now.ms);
        if *at > soon.saturating_add(spread) && !Mutant::AsksInNoHaste.is_on() {
            *at = soon.saturating_add(cx.jitter(spread));
            last.wait = last.least;
        }
    }

    /// Whether what is asked for is an older key, or one of a text, and not this one.
    pub(crate) fn asks_for_another(&self, hint: &KeyHint) -> bool {
        let open = self.asking.open.as_ref();
        open.is_some_and(|ask| matches!(ask.what, Ask::Hint(other) if other != *hint))
    }

    /// Whether the key of the current record was asked for, which is above this one.
    pub(crate) fn asked_for_newer(&self, record: &KeyRecord) -> bool {
        let asked = |ask: &OpenAsk| ask.attempts > 0 && matches!(ask.what, Ask::Key(_));
        let below = |keyed: &Keyed| record.cmp_order(keyed.ledger.current()).is_lt();
        self.asking.open.as_ref().is_some_and(asked) && self.keyed().is_some_and(below)
    }

    pub(crate) fn open_ask(&mut self, what: Option<Ask>, at: u64) {
        self.asking.open = what.map(|what| OpenAsk {
            what,
            at: Some(at),
            attempts: 0,
            last: None,
            tried: Vec::new(),
            put_off: 0,
        });
    }

    pub(crate) fn ask_due(&self) -> Option<u64> {
        let asking = &self.asking;
        // With nobody else there, a peer that is silent is left alone unless the user waits for it.
        let idle =
            self.is_conversation() && !(asking.heard || asking.insisted || !self.outbox.is_empty());
        asking.open.as_ref().and_then(|open| open.at).filter(|_| !idle)
    }

    /// Whether the next attempt will tell that nobody answers.
    pub(crate) fn has_asked_often(&self) -> bool {
        self.asking.open.as_ref().is_some_and(|open| open.attempts >= ASKS_UNHEARD)
    }

    /// Whether the user waits for whoever is here: has a text for it, or has called it not long ago.
    pub(crate) fn is_calling(&self) -> bool {
        let asks = self.asking.open.is_some() && self.asking.insisted && !self.has_asked_often();
        asks || !self.outbox.is_empty()
    }

    /// Asks the next one.
    pub(crate) fn ask(&mut self, cx: &mut Shared) {
        let heard = self.asking.heard;
        let Some(mut open) = self.asking.open.take() else { return };
        if let Ask::Hint(hint) = open.what
            && open.attempts >= ASKS_UNHEARD
        {
            self.asking.give_up(hint, cx.now.ms);
            let wanted = self.asking.settled(&hint);
            return self.drop_texts(cx, hint, wanted);
        }
        // If the user is to decide on an answer, there was one.
        self.candidates.retain(Candidate::is_undecided);
        if open.attempts == ASKS_UNHEARD && self.candidates.is_empty() {
            match self.meeting {
                Some(_) => self.tell_meeting(cx),
                None => cx.notice(self.name(), Notice::NobodyAnswers),
            }
            if self.is_conversation() {
                self.asking.insisted = false;
                self.hand_back(cx);
            }
        }
        if open.attempts >= ASKS_UNHEARD && !heard {
            open.at = None;
            self.asking.open = Some(open);
            return;
        }
        let whom = match open.what {
            _ if self.is_conversation() => {
                self.asking.heard = false;
                self.peer(cx)
            }
            Ask::Latest => self.meeting_author().filter(|_| open.attempts == 0),
            Ask::Key(_) | Ask::Hint(_) => self.choose(cx, &mut open),
        };
        let doublings = open.attempts / 2;
        let wait = ASK_WAIT.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(u64::MAX));
        // With the jitter, at most the longest.
        let wait = wait.min(ASK_BACKOFF_MAX / 5 * 4);
        let wait = wait.saturating_add(cx.jitter(wait / 4));
        let least = (ASK_WAIT / 4 * 5).max(wait / 8);
        open.last = Some(Attempt { at: cx.now.ms, since: cx.now.ms, wait, least, whom });
        open.at = Some(cx.now.ms.saturating_add(wait));
        open.attempts = open.attempts.saturating_add(1);
        if self.keyed().is_some_and(|keyed| keyed.ledger.list().bars(&cx.me())) {
            // Once is enough to be told.
            open.at = None;
        }
        let what = open.what;
        self.asking.open = Some(open);
        self.introduce(cx, Some((what, whom.map(|id| id.hint()))));
        cx.notice(self.name(), Notice::Asked(whom));
    }

    /// One of the present members with the right to hand out keys, none twice before all once.
    fn choose(&self, cx: &mut Shared, open: &mut OpenAsk) -> Option<MemberId> {
        let keyed = self.keyed()?;
        let list = keyed.ledger.list();
        let me = cx.me();
        let present = list
            .seats()
            .filter(|(_, entry)| entry.rights.distribute && entry.id != me)
            .filter_map(|(_, entry)| self.roster.member(&entry.id).map(|at| (at, entry.id)));
        let mut present: Vec<_> = present.collect();
        let all_tried = present.iter().all(|(_, id)| open.tried.contains(id));
        if all_tried && !core::mem::take(&mut open.tried).is_empty() {
            // Once a round whoever may: not everyone with the right need have been met.
            return None;
        }
        present.retain(|(_, id)| !open.tried.contains(id));
        // The key of a record that has come from elsewhere not all here have.
        let holds = |id: &MemberId| keyed.holders.contains(id.hint());
        if matches!(open.what, Ask::Key(_)) && present.iter().any(|(_, id)| holds(id)) {
            present.retain(|(_, id)| holds(id));
        }
        present.sort_by_key(|(at, _)| at.joined);
        let chosen = match self.standing.settings.choice {
            Choice::Joined => present.first(),
            Choice::Lowest(score) => present.iter().min_by_key(|(at, _)| score(at)),
            Choice::Random => {
                let count = u64::try_from(present.len()).unwrap_or(0);
                let at = cx.random.below(Draw::Choice, count);
                usize::try_from(at).ok().and_then(|at| present.get(at))
            }
        };
        let chosen = chosen.map(|(_, id)| *id)?;
        open.tried.push(chosen);
        Some(chosen)
    }

    /// Somebody will not grant our request: asks the next one soon, if there is one.
    pub(crate) fn hear_refusal(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        whom: MemberHint,
        reason: Refused,
    ) {
        let list = self.keyed().map(|keyed| keyed.ledger.list().clone());
        let Some(open) = self.asking.open.as_mut().filter(|_| whom == cx.me().hint()) else {
            return;
        };
        let next = |id: &MemberId| self.roster.member(id).is_some() && !open.tried.contains(id);
        let seats = || list.iter().flat_map(|list| list.seats());
        let able = || seats().filter(|(_, entry)| entry.rights.distribute);
        // Nobody signs refusals: after a round of them they hasten nothing.
        let first = usize::try_from(open.attempts).is_ok_and(|made| made <= able().count());
        let others = able().any(|(_, entry)| next(&entry.id));
        let soon = cx.now.ms.saturating_add(COLLECT);
        if open.attempts > 0 && first && others {
            open.at = open.at.map(|at| at.min(soon.saturating_add(ASK_SPREAD)));
        }
        cx.notice(&self.standing.name, Notice::Refused { nick: nick.clone(), reason });
    }

    /// The key in the box that is for this terminal, if one is and it is the record's.
    pub(crate) fn open_box(
        &self,
        cx: &mut Shared,
        record: &KeyRecord,
        ephemeral: &Point,
        boxes: &[SealedBox],
    ) -> Option<Key> {
        let me = cx.me();
        let mut own = boxes.iter().filter(|one| one.whom == me.hint()).peekable();
        own.peek()?;
        let ephemeral = DhPublic::from_bytes(&ephemeral.0)?;
        let secrets = self.own.decapsulate(&ephemeral, &mut cx.tally);
        find_key(record, &me, &secrets, own)
    }

    /// Further boxes of a sealed key, while this terminal has no record.
    pub(crate) fn seek_boxes(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        key: KeyPrefix,
        boxes: &[SealedBox],
    ) {
        let known = self.roster.occupant(nick).is_some_and(|occupant| occupant.member.is_some());
        let own = boxes.iter().any(|one| one.whom == cx.me().hint());
        if own && !self.may_cost(cx, nick, known) {
            return cx.fault(self.name(), nick, Fault::Flood);
        }
        let first = self.waiting.iter().find_map(|(bytes, nick)| match Frame::decode(bytes) {
            Ok(Frame::Sealed { record, ephemeral, .. }) => {
                let this = KeyRecord::new(record.clone()).id().prefix() == key;
                this.then(|| (record, ephemeral, nick.clone(), bytes.clone()))
            }
            _ => None,
        });
        if let Some((record, ephemeral, nick, bytes)) = first {
            let boxes = boxes.to_vec();
            self.seek(cx, &nick, Frame::Sealed { record, ephemeral, boxes }, &bytes);
        }
    }
}

/// The key of a record in the boxes for a member that shares these secrets with whoever made them.
pub(crate) fn find_key<'a>(
    record: &KeyRecord,
    me: &MemberId,
    secrets: &[Zeroizing<[u8; 32]>],
    boxes: impl Iterator<Item = &'a SealedBox>,
) -> Option<Key> {
    let pads: Vec<_> = secrets.iter().map(|one| box_pad(one, record, me)).collect();
    let own = boxes.filter(|one| one.whom == me.hint());
    let mut keys = own.flat_map(|one| pads.iter().map(|pad| unmask(&one.key, pad)));
    keys.find(|key| record.commits_to(key))
}
