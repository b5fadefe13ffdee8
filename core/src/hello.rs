//! Introducing oneself, and hearing others do (R-OBT-3, R-DIS-2).
//!
//! Spec: chapter 9, "Hello".

use alloc::sync::Arc;

use keyrota_spec::limits::{ASK_AGE_S, HELLO_AGE_S};
use keyrota_spec::{Ask, Frame, Hello, MemberHint, MemberId, Point, Signature, SignedHello, Tag};
use keyrota_spec::{Subject, label};

use crate::action::{Fault, Notice};
use crate::channel::Channel;
use crate::crypto::{DhKey, VerifyingKey};
use crate::identity::member_id;
use crate::members::Person;
use crate::random::Draw;
use crate::shared::Shared;

/// What this terminal tells of itself in one channel, for one session.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) member_key: DhKey,
    pub(crate) tag: Tag,
    /// Seconds since 1970 of the last Hello; the next one is later.
    time: u64,
    /// Whether everyone known has heard a Hello with this tag.
    introduced: bool,
}

impl Own {
    pub(crate) fn new(cx: &mut Shared) -> Self {
        let ikm = cx.random.bytes(Draw::MemberKey);
        let member_key = DhKey::derive(&ikm, &mut cx.tally);
        Self { member_key, tag: draw_tag(cx), time: 0, introduced: false }
    }
}

fn draw_tag(cx: &mut Shared) -> Tag {
    Tag(*cx.random.bytes(Draw::Tag))
}

impl Channel {
    /// Sends a Hello.
    pub(crate) fn introduce(&mut self, cx: &mut Shared, ask: Option<(Ask, Option<MemberHint>)>) {
        let own = &mut self.own;
        own.time = cx.now.unix.max(own.time.saturating_add(1));
        own.introduced = true;
        let hello = Hello {
            certificate: cx.identity.certificate.clone(),
            member_key: Point(own.member_key.public()),
            tag: own.tag,
            time: own.time,
            ask,
        };
        let bytes = hello.to_bytes();
        let parts: [&[u8]; 3] = [label::SIGN_HELLO, &self.standing.digest.0, &bytes];
        let signature = Signature(cx.identity.key.sign(&mut cx.tally, &parts));
        let hello = SignedHello { hello, signature };
        cx.send(&self.standing.name, &Frame::Hello { hello, relayed: false });
    }

    /// Somebody is here who may not have heard who speaks.
    pub(crate) fn introduce_again(&mut self) {
        self.own.introduced = false;
    }

    /// Sends a Hello unless everyone known has heard one with this tag.
    pub(crate) fn introduce_once(&mut self, cx: &mut Shared) {
        if !self.own.introduced {
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
        let id = member_id(&hello.certificate.body.key);
        if hello.time > cx.now.unix.saturating_add(ASK_AGE_S) {
            return cx.fault(self.name(), nick, Fault::Future);
        }
        let own = id == cx.me();
        let known = self.members.get(&id);
        let last = if own { Some(self.own.time) } else { known.map(|one| one.hello.hello.time) };
        if last.is_some_and(|last| hello.time <= last) {
            return if relayed || own {
            } else {
                cx.fault(self.name(), nick, Fault::Repeat)
            };
        }
        if known.is_none() && !cx.strangers.take(cx.now.ms) {
            return cx.fault(self.name(), nick, Fault::Flood);
        }
        let Some(signing) = self.verify_hello(cx, &signed) else {
            return cx.fault(self.name(), nick, Fault::Signature);
        };
        if own {
            return cx.notice(self.name(), Notice::Clone);
        }
        self.meet(cx, nick, id, signed, signing, relayed);
    }

    fn verify_hello(&self, cx: &mut Shared, signed: &SignedHello) -> Option<VerifyingKey> {
        let key = VerifyingKey::from_bytes(&signed.hello.certificate.body.key.0)?;
        let bytes = signed.hello.to_bytes();
        let parts: [&[u8]; 3] = [label::SIGN_HELLO, &self.standing.digest.0, &bytes];
        key.verify(&mut cx.tally, &parts, &signed.signature.0).then_some(key)
    }

    /// A Hello that is new and signed by whom it names.
    fn meet(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        id: MemberId,
        signed: SignedHello,
        signing: VerifyingKey,
        relayed: bool,
    ) {
        let hello = &signed.hello;
        let (tag, time, ask) = (hello.tag, hello.time, hello.ask);
        let before = self.members.get(&id);
        let same = before.filter(|one| *one.certificate() == hello.certificate);
        let known = same.is_some_and(|one| one.accepted.is_ok());
        let admitted = before.and_then(|one| one.admitted);
        let was_present = self.is_present(cx, &id);
        let unix = cx.now.unix;
        let accepted = cx.authentication.judge(&hello.certificate, known, unix, &mut cx.tally);
        let name: Arc<str> = match same {
            Some(one) => one.name.clone(),
            None => hello.certificate.body.name.as_str().into(),
        };
        if let Err(why) = accepted {
            cx.fault(self.name(), nick, Fault::Certificate(why));
        } else if !was_present && !relayed {
            let (name, nick) = (name.clone(), nick.clone());
            cx.notice(self.name(), Notice::Seen { member: id, name, nick });
        }
        let nick_now = nick.clone();
        let person =
            Person { name, signing, hello: signed, nick: nick_now, accepted, admitted, left: None };
        if !self.make_room() || !self.members.insert(id, person) {
            return cx.fault(self.name(), nick, Fault::Flood);
        }
        if tag == self.own.tag {
            self.renew_tag(cx);
        }
        if !was_present {
            // Whoever is new here has not heard who speaks.
            self.own.introduced = false;
        }
        if !relayed {
            self.bind(cx, nick, &id);
        }
        self.inquiries.satisfied(&Subject::Hello(id.hint()));
        self.inquiries.satisfied(&Subject::Tag(tag));
        if let (false, Some((ask, whom))) = (relayed, ask)
            && time.saturating_add(ASK_AGE_S) >= unix
            && self.roster.member(&id).is_some()
        {
            self.announcing.asked(nick);
            self.hear_ask(cx, id, ask, whom);
        }
        self.settle(cx);
        self.retry(cx);
        self.retry_texts(cx);
    }

    /// Forgets somebody absent who holds no key, if there is no room for another.
    fn make_room(&mut self) -> bool {
        if self.members.len() < keyrota_spec::limits::MEMBERS_MAX {
            return true;
        }
        let keyed = self.keyed();
        let idle = |id: &MemberId| {
            self.roster.member(id).is_none()
                && keyed.is_none_or(|keyed| keyed.ledger.list().seat_of(id).is_none())
        };
        let found = self.members.iter().map(|(id, _)| *id).find(idle);
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
        if let Some(person) = self.members.get_mut(id) {
            person.nick = nick.clone();
        }
        self.judge_holder(cx, id);
        if let Some(displaced) = displaced {
            self.judge_holder(cx, &displaced);
        }
    }

    /// Whether a key may be sealed to a member now.
    pub(crate) fn may_hold(&self, cx: &Shared, id: &MemberId) -> bool {
        let Some(person) = self.members.get(id) else { return false };
        let barred = self.keyed().is_some_and(|keyed| keyed.ledger.list().bars(id));
        let fresh = person.hello.hello.time.saturating_add(HELLO_AGE_S) >= cx.now.unix;
        person.accepted.is_ok() && !barred && fresh && self.roster.member(id).is_some()
    }
}
