//! Obtaining a key: whether to ask, whom, and when to ask another (R-OBT-1 to R-OBT-5).
//!
//! Spec: chapter 9, "Asking".

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{ASK_BACKOFF_MAX, ASK_SPREAD, ASK_WAIT, ASKS_UNHEARD, COLLECT};
use keyrota_spec::{Ask, ChannelId, Descent, Frame, KeyHint, MemberHint, MemberId, Point, Refused};
use keyrota_spec::{KeyPrefix, SealedBox, Subject};

use crate::action::{Fault, Notice};
use crate::channel::{Channel, Keying};
use crate::config::Choice;
use crate::crypto::{DhPublic, VerifyingKey};
use crate::keystore::Keystore;
use crate::ledger::Ledger;
use crate::random::Draw;
use crate::record::{Key, KeyRecord, box_pad, xor};
use crate::shared::Shared;
use crate::update::Keyed;

/// Grants kept while their genesis or their author's Hello is missing.
const CANDIDATES_MAX: usize = 4;
/// Identifiers remembered for which nobody had a key.
const GIVEN_UP_MAX: usize = 32;

/// The state of asking; what is asked for follows from the channel's state.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    /// Whether the channel was found not to be empty, or the user asked to ask.
    begun: bool,
    /// Whether the user has just come or asked to ask: then also if it is barred.
    insisted: bool,
    /// Whether anyone here speaks the protocol.
    heard: bool,
    open: Option<OpenAsk>,
    /// Keys that nobody had, and until when they are not asked for again.
    given_up: VecDeque<(KeyHint, u64)>,
}

#[derive(Debug)]
struct OpenAsk {
    what: Ask,
    at: Option<u64>,
    attempts: u32,
    tried: Vec<MemberId>,
}

/// A record by which this terminal may enter the channel, before it can be judged: its key was
/// granted, or it seats this terminal, who can then make a key itself.
#[derive(Debug)]
pub(crate) struct Candidate {
    record: KeyRecord,
    key: Option<Key>,
    nick: Arc<str>,
    bytes: Vec<u8>,
}

impl Asking {
    /// Somebody here speaks the protocol: asking makes sense.
    pub(crate) fn heard(&mut self, now: u64) {
        if !core::mem::replace(&mut self.heard, true)
            && let Some(open) = self.open.as_mut().filter(|open| open.what == Ask::Latest)
        {
            open.at.get_or_insert(now);
        }
    }

    pub(crate) fn has_given_up(&self, hint: &KeyHint, now: u64) -> bool {
        self.given_up.iter().any(|(given_up, until)| given_up == hint && now < *until)
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
        let unknown = matches!(self.keying, Keying::Seeking(_)) && self.standing.pin.is_none();
        if first && unknown && alone && self.standing.settings.found {
            self.found(cx);
        } else if first {
            self.asking.insisted = true;
            self.open_ask(self.wanted(cx), cx.now.ms);
        }
    }

    /// The user takes the channel of this identifier for the one of its name, whatever was known.
    pub(crate) fn follow(&mut self, cx: &mut Shared, channel: ChannelId) {
        let before = core::mem::replace(&mut self.keying, Keying::Seeking(Vec::new()));
        if let Keying::Keyed(before) = before {
            self.standing.seen = before.keys.into_seen();
        }
        self.standing.pin = Some(channel);
        self.waiting.clear();
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

    /// What is missing most: the channel's key, then the keys of texts that are kept.
    fn wanted(&self, cx: &Shared) -> Option<Ask> {
        if !self.asking.begun {
            return None;
        }
        match &self.keying {
            Keying::Seeking(_) => Some(Ask::Latest),
            // Nobody answers whom the list bars; but it may have changed.
            Keying::Keyed(keyed) if keyed.ledger.list().bars(&cx.me()) && !self.asking.insisted => {
                None
            }
            Keying::Keyed(keyed) => {
                let current = keyed.ledger.current();
                if keyed.keys.get(&current.id()).is_none() {
                    return Some(Ask::Key(current.id().prefix()));
                }
                // What an outsider makes up is kept, but not asked for: all here would.
                let credible = |hint: &KeyHint, nick: &str| {
                    let occupant = self.roster.occupant(nick);
                    let member = occupant.and_then(|one| one.member.as_ref());
                    keyed.ledger.names(hint) || member.is_some_and(|id| self.may_hold(id))
                };
                let unknown = self.held.unknown_keys();
                let mut unknown = unknown.filter(|(hint, nick)| {
                    !self.asking.has_given_up(hint, cx.now.ms) && credible(hint, nick)
                });
                unknown.next().map(|(hint, _)| Ask::Hint(hint))
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
        // A newcomer asks at once; a key that all may lack is asked for one after the other.
        let at = match wanted {
            None | Some(Ask::Latest) => cx.now.ms,
            Some(_) => cx.now.ms.saturating_add(cx.jitter(keyrota_spec::limits::ASK_JITTER)),
        };
        self.open_ask(wanted, at);
    }

    fn open_ask(&mut self, what: Option<Ask>, at: u64) {
        self.asking.open =
            what.map(|what| OpenAsk { what, at: Some(at), attempts: 0, tried: Vec::new() });
    }

    pub(crate) fn ask_due(&self) -> Option<u64> {
        self.asking.open.as_ref().and_then(|open| open.at)
    }

    /// Asks the next one.
    pub(crate) fn ask(&mut self, cx: &mut Shared) {
        let heard = self.asking.heard;
        let Some(mut open) = self.asking.open.take() else { return };
        if let Ask::Hint(hint) = open.what
            && open.attempts >= ASKS_UNHEARD
        {
            self.asking.give_up(hint, cx.now.ms);
            return self.drop_texts(cx, hint);
        }
        if open.attempts == ASKS_UNHEARD {
            cx.notice(self.name(), Notice::NobodyAnswers);
        }
        if open.attempts >= ASKS_UNHEARD && !heard {
            open.at = None;
            self.asking.open = Some(open);
            return;
        }
        let whom = if open.what == Ask::Latest { None } else { self.choose(cx, &mut open) };
        let doublings = open.attempts / 2;
        let wait = ASK_WAIT.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(u64::MAX));
        // With the jitter, at most the longest.
        let wait = wait.min(ASK_BACKOFF_MAX / 5 * 4);
        open.at = Some(cx.now.ms.saturating_add(wait).saturating_add(cx.jitter(wait / 4)));
        open.attempts = open.attempts.saturating_add(1);
        if self.keyed().is_some_and(|keyed| keyed.ledger.list().bars(&cx.me())) {
            // Once is enough to be told.
            open.at = None;
        }
        let what = open.what;
        self.asking.open = Some(open);
        if let Keying::Seeking(candidates) = &mut self.keying {
            candidates.clear();
        }
        self.introduce(cx, Some((what, whom.map(|id| id.hint()))));
        cx.notice(self.name(), Notice::Asked(whom));
    }

    /// One of the present members with the right to hand out keys, none twice before all once.
    fn choose(&self, cx: &mut Shared, open: &mut OpenAsk) -> Option<MemberId> {
        let list = self.keyed()?.ledger.list();
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
        let mut seats = list.iter().flat_map(|list| list.seats());
        let others = seats.any(|(_, entry)| entry.rights.distribute && next(&entry.id));
        let soon = cx.now.ms.saturating_add(COLLECT);
        if open.attempts > 0 && others {
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
        let pads: Vec<Key> = secrets.iter().map(|one| box_pad(one, record, &me)).collect();
        own.flat_map(|one| pads.iter().map(|pad| xor(&one.key.0, pad)))
            .find(|key| record.commits_to(key))
    }

    /// Further boxes of a sealed key, while this terminal has no record.
    pub(crate) fn seek_boxes(&mut self, cx: &mut Shared, key: KeyPrefix, boxes: &[SealedBox]) {
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

    /// A frame with a record, while this terminal has none: keeps what may be of use.
    pub(crate) fn seek(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        frame: Frame<'_>,
        bytes: &[u8],
    ) {
        let (record, key) = match &frame {
            Frame::Sealed { record, ephemeral, boxes } => {
                let record = KeyRecord::new(record.clone());
                let key = self.open_box(cx, &record, ephemeral, boxes);
                (record, key)
            }
            Frame::Announce { record, .. } => (KeyRecord::new(record.clone()), None),
            _ => return self.wait(nick, bytes),
        };
        let seated = record.list().seat_of(&cx.me()).is_some();
        let Keying::Seeking(candidates) = &mut self.keying else { return };
        let known = candidates.iter().any(|one| one.record.signed == record.signed);
        if (key.is_some() || seated) && !known {
            // The newest stay: whoever makes grants up cannot keep the true one out.
            if candidates.len() >= CANDIDATES_MAX {
                candidates.remove(0);
            }
            let (nick, bytes) = (nick.clone(), bytes.to_vec());
            candidates.push(Candidate { record, key, nick, bytes });
        }
        self.wait(nick, bytes);
        self.settle(cx);
    }

    /// Takes the channel of the first grant that can be judged by now.
    pub(crate) fn settle(&mut self, cx: &mut Shared) {
        let Keying::Seeking(candidates) = &mut self.keying else { return };
        for candidate in core::mem::take(candidates) {
            match self.judge(cx, &candidate) {
                Ok(ledger) => return self.enter(cx, ledger, candidate),
                Err(None) => {
                    if let Keying::Seeking(candidates) = &mut self.keying {
                        candidates.push(candidate);
                    }
                }
                Err(Some(fault)) => cx.fault(self.name(), &candidate.nick, fault),
            }
        }
    }

    /// The ledger that a grant begins; `Err(None)` while something is missing, which is asked for.
    fn judge(&mut self, cx: &mut Shared, candidate: &Candidate) -> Result<Ledger, Option<Fault>> {
        let record = &candidate.record;
        let channel = record.founds().unwrap_or(record.record().channel);
        if let Some(pinned) = self.standing.pin.filter(|pin| *pin != channel) {
            cx.notice(self.name(), Notice::OtherChannel { pinned, met: channel });
            return Err(Some(Fault::Channel));
        }
        // Several, if somebody spoils the signature; the record is the same.
        let geneses: Vec<KeyRecord> = if record.founds().is_some() {
            [KeyRecord::new(record.signed.clone())].into()
        } else {
            self.waiting.iter().filter_map(|(bytes, _)| genesis_in(bytes, channel)).collect()
        };
        let Some(genesis) = geneses.first() else {
            self.inquire(cx, Subject::Proof { key: record.id().prefix(), have: 0 });
            return Err(None);
        };
        if genesis.record().channel != self.standing.digest {
            return Err(Some(Fault::Channel));
        }
        // Somebody who signed for this channel must be whom this terminal takes it for: the
        // author of the key, or the founder.
        let (author, founder) = (record.author().id, genesis.author().id);
        let me = cx.me();
        let signers = [author, founder].map(|id| match self.members.get(&id) {
            Some(person) => Some(person.accepted),
            None => (id == me).then_some(Ok(())),
        });
        match signers {
            [Some(Ok(())), _] | [_, Some(Ok(()))] => {}
            [Some(Err(why)), Some(Err(_))] => return Err(Some(Fault::Certificate(why))),
            // Whichever of the two is not known may be the one who is accepted.
            [known, _] => {
                let unknown = if known.is_none() { author } else { founder };
                self.inquire(cx, Subject::Hello(unknown.hint()));
                return Err(None);
            }
        }
        // Whoever's word it is, it must be the author's own.
        let founder_key = genesis.record().founder().filter(|_| author == founder);
        let Some(key) = self.certificate_key(cx, &author).or(founder_key) else {
            self.inquire(cx, Subject::Hello(author.hint()));
            return Err(None);
        };
        let key = VerifyingKey::from_bytes(&key.0);
        if !key.is_some_and(|key| record.verify(&key, &mut cx.tally)) {
            return Err(Some(Fault::Signature));
        }
        let found = geneses.into_iter().find_map(|one| Ledger::found(one, &mut cx.tally));
        if found.is_none() && record.founds().is_none() {
            self.waiting.retain(|(bytes, _)| genesis_in(bytes, channel).is_none());
            self.inquire(cx, Subject::Proof { key: record.id().prefix(), have: 0 });
            return Err(None);
        }
        found.ok_or(Some(Fault::Signature))
    }

    /// Begins with the records of a channel, and no key yet.
    pub(crate) fn begin_keys(&mut self, cx: &Shared, ledger: Ledger) {
        let before = core::mem::replace(&mut self.keying, Keying::Seeking(Vec::new()));
        if let Keying::Keyed(before) = before {
            self.standing.seen = before.keys.into_seen();
        }
        let keys = Keystore::after(core::mem::take(&mut self.standing.seen));
        self.keying = Keying::Keyed(Keyed::new(ledger, keys, cx.now.ms).into());
    }

    /// From now on this is the channel.
    fn enter(&mut self, cx: &mut Shared, ledger: Ledger, candidate: Candidate) {
        let channel = ledger.channel();
        if self.standing.pin.replace(channel).is_none() {
            cx.notice(self.name(), Notice::Pinned(channel));
        }
        self.begin_keys(cx, ledger);
        self.inquiries.proofs_changed();
        self.retry(cx);
        let Candidate { record, key, nick, bytes } = candidate;
        self.judge_record(cx, &nick, record, None, key, &bytes);
    }
}

/// The genesis of `channel`, if these bytes announce it.
fn genesis_in(bytes: &[u8], channel: ChannelId) -> Option<KeyRecord> {
    match Frame::decode(bytes).ok()? {
        Frame::Announce { record, .. } if is_genesis(&record) => {
            Some(KeyRecord::new(record)).filter(|genesis| genesis.founds() == Some(channel))
        }
        _ => None,
    }
}

fn is_genesis(record: &keyrota_spec::SignedRecord) -> bool {
    matches!(record.record.descent, Descent::Genesis { .. })
}
