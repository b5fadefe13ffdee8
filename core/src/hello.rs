//! Introducing oneself, and hearing others do (R-OBT-3, R-DIS-2).
//!
//! Spec: chapter 9, "Hello".

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{ASK_AGE_S, ASK_JITTER, HELLO_AGE_S, HOLD, MEMBER_KEY_AGE};
use keyrota_spec::{
    Ask, ChannelId, Frame, Hello, MemberHint, MemberId, Point, Signature, SignedHello, Subject,
    Tag, label,
};
use zeroize::Zeroizing;

use crate::action::{Fault, Notice};
use crate::authentication::Rejection;
use crate::channel::Channel;
use crate::consent::Asked;
use crate::crypto::{DhKey, DhPublic, SigningKey, Tally, VerifyingKey};
use crate::direct::{Call, names_another};
use crate::identity::member_id;
use crate::members::Person;
use crate::mutant::Mutant;
use crate::random::Draw;
use crate::shared::Shared;
use crate::time::{Moment, Now};

/// When one's own Hellos were made, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    last: u64,
    greatest: u64,
}

impl Said {
    /// Of a session that begins now, after others whose latest Hello had the time `greatest`. What they said is none of
    /// this one's, nor a clone's.
    pub(crate) fn new(now: u64, greatest: u64) -> Self {
        Self { last: now.saturating_sub(1), greatest }
    }

    /// What the next one is later than, and every one that others make with the same key (9-2, 9-58).
    fn last(&self, now: u64) -> u64 {
        let counts = |time: u64| (!is_ahead(time, now)).then_some(time);
        let last = counts(self.last).unwrap_or(now.saturating_sub(1));
        last.max(counts(self.greatest).unwrap_or(0))
    }

    fn say(&mut self, time: u64) {
        self.last = time;
        self.greatest = self.greatest.max(time);
    }

    /// The latest of all.
    pub(crate) fn greatest(&self) -> u64 {
        self.greatest
    }
}

/// Whether no Hello is so far ahead, but one of a clock that was set back since.
fn is_ahead(time: u64, now: u64) -> bool {
    time > now.saturating_add(ASK_AGE_S) && !Mutant::AheadForGood.is_on()
}

/// What a member's next Hello is later than (9-4, 9-58).
pub(crate) fn last_heard(member: &Person, now: u64) -> u64 {
    match is_ahead(member.time(), now) {
        true => now.saturating_sub(ASK_AGE_S),
        false => member.time(),
    }
}

/// What this terminal tells of itself in one channel, for one session.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Own {
    member_key: DhKey,
    /// The one before, for keys that are under way to it, and until when.
    previous: Option<(DhKey, u64)>,
    /// When the next member key is made.
    renew_at: u64,
    /// When a Hello was last sent.
    sent: Option<Now>,
    pub(crate) tag: Tag,
    said: Said,
    /// Whether everyone known has heard a Hello with this tag.
    introduced: bool,
    /// Whoever joined before this number was here to hear the last Hello.
    reached: u32,
    /// When the session began, in minutes since 1970.
    pub(crate) began: u32,
}

impl Own {
    /// For a session after others whose latest Hello had the time `said`.
    pub(crate) fn new(cx: &mut Shared, said: u64) -> Self {
        let member_key = draw_member_key(cx);
        let renew_at = cx.now.ms.saturating_add(MEMBER_KEY_AGE);
        let tag = if Mutant::TagKept.is_on() { Tag(cx.me().hint().0) } else { draw_tag(cx) };
        Self {
            member_key,
            previous: None,
            renew_at,
            sent: None,
            tag,
            said: Said::new(cx.now.unix, said),
            introduced: false,
            reached: 0,
            began: cx.now.minutes(),
        }
    }

    /// The secrets shared with whoever made `ephemeral`: under the member key, and under the one
    /// before while keys may be under way to it.
    pub(crate) fn decapsulate(
        &self,
        ephemeral: &DhPublic,
        tally: &mut Tally,
    ) -> Vec<Zeroizing<[u8; 32]>> {
        let previous = self.previous.iter().map(|(key, _)| key);
        let keys = core::iter::once(&self.member_key).chain(previous);
        keys.map(|key| key.decapsulate(ephemeral, tally)).collect()
    }

    #[cfg(feature = "model")]
    pub(crate) fn secrets(&self) -> impl Iterator<Item = [u8; 32]> {
        let previous = self.previous.iter().map(|(key, _)| key);
        core::iter::once(&self.member_key).chain(previous).map(|key| *key.to_bytes())
    }

    /// When the previous member key goes.
    pub(crate) fn expiry(&self) -> Option<u64> {
        self.previous.as_ref().map(|(_, until)| *until)
    }

    /// Wipes the previous member key once nothing can be under way to it.
    pub(crate) fn expire(&mut self, now: u64) {
        self.previous.take_if(|(_, until)| *until <= now);
    }

    /// Wipes the previous member key now.
    pub(crate) fn forget_previous(&mut self) {
        self.previous = None;
    }

    /// The latest time of a Hello.
    pub(crate) fn said(&self) -> u64 {
        self.said.greatest()
    }

    /// Others of this terminal had this time at most.
    pub(crate) fn said_before(&mut self, time: u64) {
        self.said.greatest = self.said.greatest.max(time);
    }

    /// When a Hello was last sent.
    pub(crate) fn sent_at(&self) -> Option<u64> {
        self.sent.map(|sent| sent.ms)
    }

    /// Whether everyone known has heard a Hello with this tag, and took it in if its clock was right.
    fn is_introduced(&self, now: Now) -> bool {
        let passed = |sent: &Now| now.ms.saturating_sub(sent.ms) / 1_000;
        let was_set =
            |sent: &Now| sent.unix.saturating_add(passed(sent)).abs_diff(now.unix) > ASK_AGE_S;
        self.introduced && !self.sent.as_ref().is_some_and(was_set)
    }

    /// When the member key is old.
    pub(crate) fn renewal(&self) -> u64 {
        self.renew_at
    }
}

fn draw_member_key(cx: &mut Shared) -> DhKey {
    let ikm = cx.random.bytes(Draw::MemberKey);
    DhKey::derive(&ikm, &mut cx.tally)
}

fn draw_tag(cx: &mut Shared) -> Tag {
    Tag(*cx.random.bytes(Draw::Tag))
}

/// A Hello with its author's signature, for the channel with this digest of its name.
pub(crate) fn sign(
    hello: Hello,
    digest: &ChannelId,
    key: &SigningKey,
    tally: &mut Tally,
) -> SignedHello {
    let parts: [&[u8]; 3] = [label::SIGN_HELLO, &digest.0, &hello.to_bytes()];
    let signature = Signature(key.sign(tally, &parts));
    SignedHello { hello, signature }
}

/// Whether a Hello is its author's, for the channel with this digest of its name.
pub(crate) fn verifies(signed: &SignedHello, digest: &ChannelId, tally: &mut Tally) -> bool {
    let key = VerifyingKey::from_bytes(&signed.hello.certificate.body.key.0);
    // To bytes that are no key nothing could ever be sealed.
    let member_key = DhPublic::from_bytes(&signed.hello.member_key.0);
    let (Some(key), Some(_)) = (key, member_key) else { return false };
    let parts: [&[u8]; 3] = [label::SIGN_HELLO, &digest.0, &signed.hello.to_bytes()];
    key.verify(tally, &parts, &signed.signature.0)
}

impl Channel {
    /// Sends a Hello.
    pub(crate) fn introduce(&mut self, cx: &mut Shared, ask: Option<(Ask, Option<MemberHint>)>) {
        self.comeback = None;
        let time = cx.now.unix.max(self.last_hello(cx).saturating_add(1));
        self.say_hello(cx, time);
        let own = &mut self.own;
        own.introduced = true;
        let last = self.roster.iter().next_back();
        own.reached = last.map_or(0, |occupant| occupant.joined.saturating_add(1));
        own.sent = Some(cx.now);
        let hello = Hello {
            certificate: cx.identity.certificate.clone(),
            member_key: Point(own.member_key.public()),
            tag: own.tag,
            time,
            ask,
        };
        let hello = sign(hello, &self.standing.digest, &cx.identity.key, &mut cx.tally);
        cx.send(&self.standing.name, &Frame::Hello { hello, relayed: false });
    }

    /// The time of the last Hello that was signed for what this one will be signed for.
    fn last_hello(&self, cx: &Shared) -> u64 {
        let said = if self.is_conversation() { &cx.said_hello } else { &self.own.said };
        said.last(cx.now.unix)
    }

    /// A Hello has this time, of this terminal or of another with the same key.
    fn say_hello(&mut self, cx: &mut Shared, time: u64) {
        if self.is_conversation() {
            cx.said_hello.say(time);
        }
        self.own.said.say(time);
    }

    /// Somebody is here who may not have heard who speaks.
    pub(crate) fn introduce_again(&mut self) {
        self.own.introduced = false;
    }

    /// Sends a Hello unless everyone known has heard one with this tag.
    pub(crate) fn introduce_once(&mut self, cx: &mut Shared) {
        if !self.own.is_introduced(cx.now) {
            self.introduce(cx, None);
        }
    }

    /// Sends a Hello that anybody can cause: not another one within a short time.
    pub(crate) fn introduce_if_quiet(&mut self, cx: &mut Shared) {
        let soonest = self.own.sent_at().map_or(0, |at| at.saturating_add(ASK_JITTER));
        if soonest <= cx.now.ms {
            self.introduce(cx, None);
        }
    }

    /// Replaces the member key, and tells whoever may seal to it.
    pub(crate) fn renew_member_key(&mut self, cx: &mut Shared) {
        let next = draw_member_key(cx);
        let before = core::mem::replace(&mut self.own.member_key, next);
        self.own.previous = Some((before, cx.now.ms.saturating_add(HOLD)));
        self.own.renew_at = cx.now.ms.saturating_add(MEMBER_KEY_AGE);
        if self.keyed().is_some() && self.roster.len() > 1 {
            self.introduce(cx, None);
        }
    }

    /// Takes another tag for texts from now on.
    pub(crate) fn renew_tag(&mut self, cx: &mut Shared) {
        self.own.tag = draw_tag(cx);
        self.own.introduced = false;
        if let Some(keyed) = self.keyed_mut() {
            keyed.keys.restart_counters();
        }
    }

    pub(crate) fn hear_hello(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        signed: SignedHello,
        relayed: bool,
    ) {
        let hello = &signed.hello;
        if self.is_conversation() && names_another(hello, &cx.me()) {
            return;
        }
        let id = member_id(&hello.certificate.body.key);
        if hello.time > cx.now.unix.saturating_add(ASK_AGE_S) {
            return cx.fault(self.name(), nick, Fault::Future);
        }
        let own = id == cx.me();
        let known = self.members.get(&id);
        let of_member = known.map(|one| last_heard(one, cx.now.unix));
        let last = if own { Some(self.last_hello(cx)) } else { of_member };
        if last.is_some_and(|last| hello.time <= last) {
            if relayed && !self.is_present(cx, &id) {
                // Passed on for somebody who is not there to answer.
                self.inquiries.satisfied(&Subject::Hello(id.hint()));
                self.members.has_left(&id, cx.now.ms);
            }
            return if relayed || own {
            } else {
                cx.fault(self.name(), nick, Fault::Repeat)
            };
        }
        if !self.may_cost(cx, nick, known.is_some()) {
            return cx.fault(self.name(), nick, Fault::Flood);
        }
        if !verifies(&signed, &self.standing.digest, &mut cx.tally) {
            return cx.fault(self.name(), nick, Fault::Signature);
        }
        if own {
            cx.notice(self.name(), Notice::Clone);
            // With a later one, so that the other hears that there are two as well.
            self.say_hello(cx, hello.time);
            return self.introduce_if_quiet(cx);
        }
        self.meet(cx, nick, id, &signed, relayed);
    }

    /// Looks at a Hello that was not relayed, for a stranger's token: whether it is by whom it names, and that one would be
    /// the peer (16-12), or is for the user to decide on. Its name may be pinned with that.
    pub(crate) fn weigh_hello(
        &self,
        cx: &mut Shared,
        nick: &Arc<str>,
        signed: &SignedHello,
    ) -> bool {
        let (hello, unix) = (&signed.hello, cx.now.unix);
        let is_new = hello.time.abs_diff(unix) <= ASK_AGE_S && !names_another(hello, &cx.me());
        if !is_new
            || !self.may_cost(cx, nick, false)
            || !verifies(signed, &self.standing.digest, &mut cx.tally)
        {
            return false;
        }
        let accepted = cx.authentication.judge(&hello.certificate, false, unix, &mut cx.tally);
        cx.unsaved |= cx.authentication.take_pinned();
        matches!(accepted, Ok(_) | Err(Rejection::Undecided))
    }

    /// A Hello that is new and signed by whom it names.
    fn meet(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        id: MemberId,
        signed: &SignedHello,
        relayed: bool,
    ) {
        let hello = &signed.hello;
        let (tag, time, ask) = (hello.tag, hello.time, hello.ask);
        let before = self.members.get(&id);
        let accepted = before.filter(|one| one.accepted.is_ok()).and_then(|one| one.hello());
        let known = accepted.is_some_and(|last| last.hello.certificate == hello.certificate);
        // Whoever was seen to hold a key before it was known by name was a member then.
        let held = self.keyed().is_some_and(|keyed| keyed.holders.contains(id.hint()));
        let left_out = before.is_some_and(|one| one.left_out);
        let now = Moment::new(cx.now.ms);
        let admitted = before.and_then(|one| one.admitted).or(held.then_some(now));
        let new = before.is_none();
        let had_left = self.members.left(&id).is_some();
        let was_present = self.is_present(cx, &id);
        let unix = cx.now.unix;
        // An old one, replayed to whoever has heard no newer, does not tell where its author is.
        let direct = !relayed && time.saturating_add(ASK_AGE_S) >= unix;
        let accepted = cx.authentication.judge(&hello.certificate, known, unix, &mut cx.tally);
        cx.unsaved |= cx.authentication.take_pinned();
        let certified = &hello.certificate.body.name;
        match accepted {
            Ok(vouched) if !was_present && direct => {
                self.tell_seen(cx, id, certified.as_str().into(), nick, vouched);
            }
            Ok(_) | Err(Rejection::Undecided) => {}
            Err(why) => cx.fault(self.name(), nick, Fault::Certificate(why)),
        }
        if self.is_conversation() {
            let call = Call { id, accepted, direct, asks: ask.is_some() };
            if !self.is_peer(cx, call) {
                return;
            }
        }
        let mut person = Person::new(signed, accepted, admitted);
        person.left_out = left_out;
        if new && !self.make_room() || !self.members.insert(id, person) {
            return cx.fault(self.name(), nick, Fault::Flood);
        }
        if tag == self.own.tag {
            self.renew_tag(cx);
        }
        if direct && self.roster.occupant(nick).is_none() && self.is_doubted(&id) {
            // The transport has told that it left, and tells of no one who comes.
            self.joined(cx, nick);
        }
        let place = self.roster.occupant(nick);
        let came_later = place.is_none_or(|occupant| occupant.joined >= self.own.reached);
        if !was_present && !relayed && came_later {
            // Whoever is new here has not heard who speaks.
            self.own.introduced = false;
            let seated = self.keyed().is_some_and(|one| one.ledger.list().seat_of(&id).is_some());
            if (had_left || seated) && ask.is_none() {
                self.came_back(cx, &id, None);
            }
        }
        if direct {
            self.bind(cx, nick, &id);
        }
        let present = self.roster.member(&id).is_some();
        let asks = direct && ask.is_some();
        let channel = &self.standing.name;
        let asked = Asked { channel, member: id, name: certified, nick, asks, present };
        cx.consult(accepted, &asked);
        self.judge_holder(cx, &id);
        self.inquiries.satisfied(&Subject::Hello(id.hint()));
        self.inquiries.satisfied(&Subject::Tag(tag));
        if let (true, Some((ask, whom))) = (direct, ask)
            && present
        {
            if !matches!(ask, Ask::Hint(_)) {
                self.came_anew(nick);
            }
            self.hear_ask(cx, id, ask, whom);
        }
        self.settle(cx);
        // Of whoever was known no record waits for the key.
        if new {
            self.retry(cx);
        }
        self.retry_texts(cx, Some((tag, nick)));
        self.flush(cx);
    }

    /// Forgets somebody absent who holds no key, if there is no room for another.
    fn make_room(&mut self) -> bool {
        if self.members.len() < keyrota_spec::limits::MEMBERS_MAX {
            return true;
        }
        let keyed = self.keyed();
        let idle = |id: &MemberId| keyed.is_none_or(|one| one.ledger.list().seat_of(id).is_none());
        let found = self.members.away().copied().find(idle);
        found.inspect(|id| self.members.remove(id)).is_some()
    }

    /// What came from `nick` was signed by this member just now.
    pub(crate) fn bind(&mut self, cx: &mut Shared, nick: &Arc<str>, id: &MemberId) {
        let at = self.roster.member(id).map(|occupant| occupant.nick.clone());
        if at.is_some_and(|at| at == *nick) {
            return;
        }
        let displaced = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        if self.roster.bind(nick, *id).is_err() {
            return;
        }
        self.members.came(id);
        self.judge_holder(cx, id);
        self.name_giver(cx, nick);
        if let Some(displaced) = displaced {
            self.members.displaced(&displaced);
            self.judge_holder(cx, &displaced);
        }
    }

    /// Whether a member may hold the key: it is present, accepted, and not barred.
    pub(crate) fn may_hold(&self, id: &MemberId) -> bool {
        self.may_keep(id) && self.members.get(id).is_some_and(|person| person.accepted.is_ok())
    }

    /// Whether a member that holds the key need not be excluded: likewise, or the user has not decided on it
    /// yet, or it is tolerated.
    pub(crate) fn may_keep(&self, id: &MemberId) -> bool {
        let Some(person) = self.members.get(id) else { return false };
        let barred = self.keyed().is_some_and(|keyed| keyed.ledger.shuts_out(id));
        let kept = !person.is_refused() || self.is_tolerated(id);
        kept && !barred && self.roster.member(id).is_some()
    }

    /// Whether this terminal made a key without a member that it does not accept, and must leave it at
    /// that: others accept it, and would give it each new one.
    pub(crate) fn is_tolerated(&self, id: &MemberId) -> bool {
        let person = self.members.get(id).filter(|_| !Mutant::NoneTolerated.is_on());
        person.is_some_and(|person| person.is_refused() && person.left_out)
    }

    /// Whether a key may be sealed to a member now: besides, its member key is not old.
    pub(crate) fn may_receive(&self, cx: &Shared, id: &MemberId) -> bool {
        let introduced = || self.members.get(id).map_or(0, |person| person.time());
        self.may_hold(id) && introduced().saturating_add(HELLO_AGE_S) >= cx.now.unix
    }
}
