//! One channel as this terminal sees it: takes events and frames to the part they concern
//! (R-CLI-1), and knows what falls due next.
//!
//! Spec: chapter 15, "States". No rule of the protocol stands here.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{HOLD, MEMBERS_MAX, WAITING_MAX};
use keyrota_spec::{Cause, ChannelId, Frame, MemberId, Subject, label};

use crate::action::{Action, Fault, Notice, Protection, Speaker};
use crate::announce::Announcing;
use crate::casemap::Folded;
use crate::comeback::Comeback;
use crate::config::Settings;
use crate::contact::Candidate;
use crate::crypto;
use crate::direct::Kind;
use crate::distribute::Granting;
use crate::founders::Meeting;
use crate::held::{HeldTexts, Outbox};
use crate::hello::Own;
use crate::inquire::Inquiries;
use crate::keystore::{Keystore, Seen};
use crate::ledger::Ledger;
use crate::members::{Holders, Members};
use crate::message::Text;
use crate::obtain::Asking;
use crate::roster::{Occupant, Roster};
use crate::rule::{Passed, Ruling};
use crate::shared::Shared;
use crate::time::{Duty, Wake};
use crate::update::Keyed;

/// What stays of a channel when the user leaves it: the user's own decisions.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Standing {
    pub(crate) kind: Kind,
    pub(crate) name: Arc<str>,
    pub(crate) folded: Folded,
    /// What Hellos are signed for: the digest of the folded name. Of a conversation the two know no
    /// common name; it is that of the empty one, which no channel has.
    pub(crate) digest: ChannelId,
    pub(crate) settings: Settings,
    /// Whether the user has set them for this channel.
    pub(crate) configured: bool,
    pub(crate) plain: bool,
    pub(crate) pin: Option<ChannelId>,
    /// Whom the grant rule passes over.
    pub(crate) passed: Passed,
    /// The time of the last Hello of an earlier stay.
    pub(crate) said: u64,
    /// What was seen under the keys of an earlier stay whose records are not kept.
    pub(crate) seen: Seen,
    /// Until when what was shown in a conversation may have been forgotten, in milliseconds.
    pub(crate) forgot: Option<u64>,
    /// What stays of the last stay.
    pub(crate) kept: Option<Kept>,
}

/// What stands for a channel's folded name in its first record and under its members' Hellos.
pub(crate) fn name_digest(folded: &[u8]) -> ChannelId {
    ChannelId::first_of(&crypto::hash(label::NAME, &[folded]))
}

impl Standing {
    pub(crate) fn new(kind: Kind, name: &str, folded: Folded, settings: Settings) -> Self {
        let common = match kind {
            Kind::Channel => folded.as_bytes(),
            Kind::Conversation => &[],
        };
        let digest = name_digest(common);
        Self {
            kind,
            name: name.into(),
            folded,
            digest,
            settings,
            configured: false,
            plain: false,
            pin: None,
            passed: Passed::default(),
            said: 0,
            seen: Seen::default(),
            forgot: None,
            kept: None,
        }
    }

    /// What carries over when names are compared in another way: of a channel, which has another
    /// digest then, the user's own decisions and the pin, so that nothing takes its place unasked.
    pub(crate) fn refolded(mut self, folded: Folded) -> Self {
        if self.kind == Kind::Conversation {
            self.folded = folded;
            return self;
        }
        let mut new = self.renamed(self.kind, &self.name, folded);
        new.pin = self.pin;
        new
    }

    /// The user's own decisions, under another name.
    pub(crate) fn renamed(&self, kind: Kind, name: &str, folded: Folded) -> Self {
        let mut new = Self::new(kind, name, folded, self.settings.clone());
        (new.plain, new.configured) = (self.plain, self.configured);
        new
    }

    /// Whether the user has decided anything about the channel.
    pub(crate) fn is_decided(&self) -> bool {
        // Whoever is met at a nick is known by its certificate; a channel by its pin alone.
        let pinned = self.kind == Kind::Channel && self.pin.is_some();
        self.configured || self.plain || pinned
    }
}

/// Records and keys of a channel between two stays in it. So what was heard once binds, whoever says
/// that the user has left.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Kept {
    pub(crate) ledger: Ledger,
    /// Greatest `changes` of one's own seat, ever.
    pub(crate) wrote: u32,
    pub(crate) holders: Holders,
    /// Without keys if the user left; with them if only the connection was lost.
    pub(crate) keys: Keystore,
}

/// Whether the channel's records and keys are known.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) enum Keying {
    /// Not yet.
    Seeking,
    /// They are.
    Keyed(Box<Keyed>),
}

/// A channel that the user is in.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Channel {
    pub(crate) standing: Standing,
    pub(crate) roster: Roster,
    pub(crate) members: Members,
    pub(crate) own: Own,
    pub(crate) keying: Keying,
    /// What was granted, while it waits for its genesis and its author's Hello.
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) meeting: Option<Meeting>,
    pub(crate) asking: Asking,
    pub(crate) inquiries: Inquiries,
    pub(crate) granting: Granting,
    pub(crate) announcing: Announcing,
    pub(crate) rule: Ruling,
    pub(crate) comeback: Option<Comeback>,
    pub(crate) held: HeldTexts,
    pub(crate) outbox: Outbox,
    /// Frames whose record cannot be judged yet, with the nick that each came from.
    pub(crate) waiting: VecDeque<(Vec<u8>, Arc<str>)>,
}

impl Channel {
    pub(crate) fn new(mut standing: Standing, cx: &mut Shared) -> Self {
        let keying = match standing.kept.take() {
            None => Keying::Seeking,
            Some(kept) => Keying::Keyed(Keyed::again(kept, cx.now.ms).into()),
        };
        let own = Own::new(cx, standing.said);
        let mut channel = Self {
            standing,
            roster: Roster::new(cx.casemapping, MEMBERS_MAX),
            members: Members::default(),
            own,
            keying,
            candidates: Vec::new(),
            meeting: None,
            asking: Asking::default(),
            inquiries: Inquiries::default(),
            granting: Granting::default(),
            announcing: Announcing::default(),
            rule: Ruling::default(),
            comeback: None,
            held: HeldTexts::default(),
            outbox: Outbox::default(),
            waiting: VecDeque::new(),
        };
        // The user may have set other bounds meanwhile.
        channel.limit_keys();
        channel
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.standing.name
    }

    pub(crate) fn keyed(&self) -> Option<&Keyed> {
        match &self.keying {
            Keying::Keyed(keyed) => Some(keyed),
            Keying::Seeking => None,
        }
    }

    /// Whether nobody has said yet, since the user came back, which record is current.
    pub(crate) fn is_unsure(&self) -> bool {
        self.keyed().is_some_and(|keyed| keyed.unsure_since.is_some())
    }

    pub(crate) fn keyed_mut(&mut self) -> Option<&mut Keyed> {
        match &mut self.keying {
            Keying::Keyed(keyed) => Some(keyed),
            Keying::Seeking => None,
        }
    }

    /// Whether a member is where it can be reached; the user always is.
    pub(crate) fn is_present(&self, cx: &Shared, id: &MemberId) -> bool {
        *id == cx.me() || self.roster.member(id).is_some()
    }

    /// The nick as the roster shows it.
    pub(crate) fn nick(&self, nick: &str) -> Arc<str> {
        self.roster.occupant(nick).map_or_else(|| nick.into(), |occupant| occupant.nick.clone())
    }

    /// The nick of a member, or else its last one, folded; its identifier if it had none here.
    pub(crate) fn nick_of(&self, id: &MemberId) -> Arc<str> {
        let here = self.roster.member(id).map(|occupant| occupant.nick.clone());
        let nick = here.or_else(|| self.members.last_nick(id).cloned());
        nick.unwrap_or_else(|| alloc::format!("{id}").into())
    }

    // ---- what the transport tells

    pub(crate) fn joined(&mut self, cx: &mut Shared, nick: &str) {
        match self.roster.join(nick) {
            Ok(true) if !cx.is_me(nick) => {
                if let Some(keyed) = self.keyed_mut() {
                    keyed.count_occupants(1);
                }
                self.arrived(cx, nick);
            }
            Ok(_) => {}
            Err(_) => cx.notice(self.name(), Notice::Overflow),
        }
    }

    /// Somebody is here who was not: it may not know the current record.
    fn arrived(&mut self, cx: &mut Shared, nick: &str) {
        self.announcing.newcomer(cx.now.ms, nick);
        if let Some(who) = cx.fold(nick).and_then(|nick| self.members.last_at(&nick)) {
            // Each side of a healed split saw the other leave.
            self.introduce_again();
            self.came_back(cx, &who, Some(nick));
        }
    }

    pub(crate) fn left(&mut self, cx: &mut Shared, nick: &str) {
        if self.is_conversation() {
            // A nick is where to send. Nothing depends on whether the peer is there.
            return;
        }
        let left = self.roster.leave(nick);
        self.departed(cx, left.as_slice());
    }

    pub(crate) fn renamed(&mut self, cx: &mut Shared, old: &str, new: &str) {
        if self.is_conversation() {
            // The peer's name has changed before, or stays.
            let peer = cx.same_name(new, self.name());
            let own = cx.is_me(new) && !cx.same_name(old, self.name());
            if !peer && !own {
                return;
            }
        }
        let displaced = self.roster.rename(old, new).ok().flatten();
        self.departed(cx, displaced.as_slice());
    }

    pub(crate) fn names(&mut self, cx: &mut Shared, names: &[(&str, bool)]) {
        let operators = self.operators();
        // The first list says who was here before; a further one, whom the transport had not told of.
        let further = self.asking.has_begun();
        let new = names.iter().filter(|(nick, _)| further && self.roster.occupant(nick).is_none());
        let new: Vec<&str> = new.map(|(nick, _)| *nick).filter(|nick| !cx.is_me(nick)).collect();
        let outcome = self.roster.snapshot(names.iter().copied());
        self.departed(cx, &outcome.left);
        for nick in new {
            if self.roster.occupant(nick).is_some() {
                self.arrived(cx, nick);
            }
        }
        self.marked_anew(&operators);
        if outcome.refused > 0 {
            cx.notice(self.name(), Notice::Overflow);
        }
        self.begin(cx);
    }

    /// Some occupants are here no more.
    fn departed(&mut self, cx: &mut Shared, left: &[Occupant]) {
        for occupant in left {
            if let Some(keyed) = self.keyed_mut() {
                keyed.count_occupants(-1);
            }
            self.gone(cx, occupant);
        }
        if !left.is_empty() && self.roster.len() == 1 {
            self.happened(cx, Cause::Alone);
        }
    }

    fn gone(&mut self, cx: &mut Shared, occupant: &Occupant) {
        self.rule.gone(occupant);
        if let Some(id) = occupant.member {
            if let Some(nick) = cx.fold(&occupant.nick) {
                self.members.left_from(&id, &nick, cx.now.ms);
            }
            self.granting.withdraw(&id);
            cx.questions.left(&self.standing.name, &id);
            self.judge_holder(cx, &id);
        }
    }

    /// A line that is no frame: it came as it is, and is shown as what it is.
    pub(crate) fn hear_plain(&mut self, cx: &mut Shared, nick: &Arc<str>, text: &str) {
        cx.queue.push_back(Action::Show {
            channel: self.name().clone(),
            from: Speaker::Somebody { nick: nick.clone() },
            text: text.into(),
            protection: Protection::Plain,
            again: false,
        });
    }

    // ---- what other terminals tell

    /// A frame from `nick`.
    pub(crate) fn hear(&mut self, cx: &mut Shared, nick: &Arc<str>, bytes: Vec<u8>) {
        let frame = match Frame::decode(&bytes) {
            Ok(frame) => frame,
            Err(why) => return cx.fault(self.name(), nick, Fault::Malformed(why)),
        };
        match frame {
            Frame::Text { .. } | Frame::Sealed { .. } if self.is_conversation() => {
                self.asking.spoken_to(cx.now.ms);
            }
            _ if self.is_conversation() => {}
            _ => self.asking.heard(cx.now.ms),
        }
        self.judge_in_time(cx, nick);
        match frame {
            Frame::Text { kind, header, ciphertext } => {
                let start = bytes.len().saturating_sub(ciphertext.len());
                let until = cx.now.ms.saturating_add(HOLD);
                let text = Text { nick, kind, header, until };
                self.hear_text(cx, &text, start, bytes);
            }
            Frame::Hello { hello, relayed } => self.hear_hello(cx, nick, hello, relayed),
            Frame::Refresh { .. } | Frame::Sealed { .. } | Frame::Announce { .. } => {
                self.hear_record(cx, nick, frame, &bytes);
            }
            Frame::Boxes { key, boxes } => self.hear_boxes(cx, nick, key, &boxes),
            Frame::Query(query) => self.hear_query(cx, nick, query),
            Frame::Refusal { whom, reason } => self.hear_refusal(cx, nick, whom, reason),
            _ => {}
        }
    }

    /// Keeps a frame until what its record lacks has come: the newest few.
    pub(crate) fn wait(&mut self, nick: &Arc<str>, bytes: &[u8]) {
        if self.waiting.iter().any(|(waiting, _)| waiting == bytes) {
            return;
        }
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back((bytes.to_vec(), nick.clone()));
    }

    /// Looks at the frames that wait again, now that more is known.
    pub(crate) fn retry(&mut self, cx: &mut Shared) {
        // No text goes out under the key of one while another that was heard is not judged.
        let unsent = core::mem::take(&mut self.outbox);
        for (bytes, nick) in core::mem::take(&mut self.waiting) {
            if let Ok(frame) = Frame::decode(&bytes) {
                self.weigh_record(cx, &nick, frame, &bytes);
            }
        }
        self.outbox = unsent;
        self.flush(cx);
    }

    /// Asks whoever may know; twice the same is asked once.
    pub(crate) fn inquire(&mut self, cx: &mut Shared, what: Subject) {
        let jitter = cx.jitter(keyrota_spec::limits::ASK_SPREAD);
        self.inquiries.add(what, cx.now.ms.saturating_add(jitter));
    }

    /// Draws the consequences of whatever has just happened.
    pub(crate) fn review(&mut self, cx: &mut Shared) {
        self.review_ask(cx);
        self.review_rule(cx);
    }

    /// The user has set other bounds, and perhaps another rule.
    pub(crate) fn settings_changed(&mut self) {
        self.rule.restart(self.standing.settings.rule);
        self.limit_keys();
    }

    /// The stay is over: hands texts back that found no key. Keys are wiped if the user has `left`,
    /// and stay if only the connection was lost.
    pub(crate) fn leave(mut self, cx: &mut Shared, left: bool) -> Standing {
        self.hand_back(cx);
        cx.questions.left_all(&self.standing.name);
        self.standing.said = self.own.said();
        if let Keying::Keyed(keyed) = self.keying {
            let keys = if left { Keystore::after(keyed.keys.into_seen()) } else { keyed.keys };
            let (wrote, holders) = (keyed.wrote, keyed.holders);
            self.standing.kept = Some(Kept { ledger: keyed.ledger.trim(), wrote, holders, keys });
        }
        self.standing
    }

    // ---- what time brings

    /// What falls due next.
    pub(crate) fn due(&self, cx: &Shared) -> Option<Wake> {
        let wakes = [
            (Duty::Expire, self.held.expiry()),
            (Duty::Expire, self.outbox.expiry()),
            (Duty::Expire, self.own.expiry()),
            (Duty::Expire, self.old_keys_due()),
            (Duty::Introduce, Some(self.own.renewal())),
            (Duty::Introduce, self.comeback_due(cx)),
            (Duty::Ask, self.ask_due()),
            (Duty::Inquire, self.inquiries.due()),
            (Duty::Answer, self.granting.due().filter(|_| !self.is_unsure())),
            (Duty::Announce, self.announce_due(cx)),
            (Duty::Repair, self.repair_due(cx)),
        ];
        let own = wakes.into_iter().filter_map(|(why, at)| at.map(|at| Wake { at, why })).min();
        own.into_iter().chain(self.renewal_due(cx)).min()
    }

    /// Does what is due; afterwards that is no longer due.
    pub(crate) fn perform(&mut self, cx: &mut Shared, duty: Duty) {
        match duty {
            Duty::Expire => {
                self.expire_texts(cx);
                self.own.expire(cx.now.ms);
                cx.unsaved |= self.expire_keys(cx.now.ms);
            }
            Duty::Introduce if self.own.renewal() <= cx.now.ms => self.renew_member_key(cx),
            Duty::Introduce => self.introduce(cx, None),
            Duty::Ask => self.ask(cx),
            Duty::Inquire => self.send_inquiries(cx),
            Duty::Answer => self.answer(cx),
            Duty::Announce => self.announce(cx),
            Duty::Repair => self.repair(cx),
            Duty::Exclude
            | Duty::Replace
            | Duty::Trigger
            | Duty::Pause
            | Duty::Refresh
            | Duty::Seat => self.renew(cx, duty),
        }
    }
}
