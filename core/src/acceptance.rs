//! What follows from whom the user accepts: judging members when they come, and all of them anew
//! when the user decides otherwise (R-DIS-2, R-DIS-3).
//!
//! Spec: chapter 6, "Judging anew" and "Consent".

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::ASK_AGE_S;
use keyrota_spec::{MemberId, Name};

use crate::action::{Fault, Notice, Refusal};
use crate::authentication::{Rejection, Voucher, counts_at};
use crate::channel::Channel;
use crate::consent::Asked;
use crate::event::Command;
use crate::shared::Shared;
use crate::terminal::Terminal;

impl Terminal {
    /// The user decides whom to accept.
    pub(crate) fn decide(&mut self, command: &Command<'_>) -> Result<(), Refusal> {
        let authentication = &mut self.shared.authentication;
        let name = |name: &str| Name::new(name).ok_or(Refusal::Name);
        let changed = match *command {
            Command::AddAuthority { key } => authentication.add_authority(&key),
            Command::AddServer { key } => authentication.add_server(&key),
            Command::RemoveAuthority { key } => authentication.remove_authority(&key),
            Command::Pin { name: text, member } if authentication.pin(name(text)?, member) => true,
            Command::Pin { .. } => return Err(Refusal::PinsFull),
            Command::Unpin { name: text } => authentication.unpin(&name(text)?),
            Command::SelfSigned(policy) => {
                core::mem::replace(&mut authentication.self_signed, policy) != policy
            }
            Command::Answer { member, accept } => {
                self.shared.answer_question(member, accept)?;
                true
            }
            Command::Revoke { member } => {
                authentication.revoke(member);
                self.with_all(|inside, cx| inside.revoke(cx, member));
                true
            }
            _ => false,
        };
        if !changed {
            return Err(Refusal::Nothing);
        }
        self.shared.unsaved = true;
        // Whoever has a name keeps it, before others may take it.
        for accepted in [true, false] {
            self.with_all(|inside, cx| inside.judge_members(cx, accepted));
        }
        Ok(())
    }

    /// Judges members anew whose names have gone over to others.
    pub(crate) fn judge_displaced(&mut self) {
        for id in self.shared.authentication.take_displaced() {
            self.with_all(|inside, cx| {
                inside.judge_member(cx, &id);
            });
        }
    }
}

impl Channel {
    /// Judges all members anew that are accepted, or all that are not.
    pub(crate) fn judge_members(&mut self, cx: &mut Shared, accepted: bool) {
        let members = self.members.iter();
        let ids = members.filter(|(_, one)| one.accepted.is_ok() == accepted).map(|(id, _)| *id);
        for id in ids.collect::<Vec<MemberId>>() {
            self.judge_member(cx, &id);
        }
    }

    /// Judges whoever is at this nick anew if it was refused for the time, and its certificate counts by now: the
    /// clock may have been set right, or the certificate have begun.
    pub(crate) fn judge_in_time(&mut self, cx: &mut Shared, nick: &str) {
        let member = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        let counts = |id: &MemberId| {
            let person = self.members.get(id).filter(|one| one.accepted == Err(Rejection::Time));
            let hello = person.and_then(|one| one.hello());
            hello.is_some_and(|signed| counts_at(&signed.hello.certificate.body, cx.now.unix))
        };
        if let Some(id) = member.filter(counts) {
            self.judge_member(cx, &id);
        }
    }

    /// Judges a member anew, and lets go on what has waited for that.
    pub(crate) fn judge_member(&mut self, cx: &mut Shared, id: &MemberId) {
        let Some(person) = self.members.get(id) else { return };
        let Some(hello) = person.hello().map(|signed| signed.hello) else { return };
        let (before, certificate) = (person.accepted, &hello.certificate);
        let known = before.is_ok();
        let costs = !known && cx.authentication.knows_issuer(certificate);
        if costs && !self.may_cost(cx, &self.nick_of(id), false) {
            // It is judged again when it says Hello.
            return;
        }
        let (unix, nick, tag) = (cx.now.unix, self.nick_of(id), hello.tag);
        let accepted = cx.authentication.judge_again(certificate, known, unix, &mut cx.tally);
        let asked = Asked {
            channel: self.name(),
            member: *id,
            name: &certificate.body.name,
            nick: &nick,
            asks: self.granting.is_undecided(id),
            present: self.roster.member(id).is_some(),
        };
        cx.consult(accepted, &asked);
        if accepted == before {
            return;
        }
        let name = certificate.body.name.as_str().into();
        if let Some(person) = self.members.get_mut(id) {
            person.accepted = accepted;
        }
        match accepted {
            Ok(vouched) => {
                self.tell_seen(cx, *id, name, &nick, vouched);
                self.adopt(cx, id);
            }
            Err(Rejection::Undecided) => {}
            Err(why) => cx.fault(self.name(), &nick, Fault::Certificate(why)),
        }
        self.judge_holder(cx, id);
        if accepted == Err(Rejection::Undecided) {
            return;
        }
        if let Some((ask, whom, time)) = self.granting.decided(id)
            && time.saturating_add(ASK_AGE_S) >= unix
            && self.roster.member(id).is_some()
        {
            self.hear_ask(cx, *id, ask, whom);
        }
        self.settle(cx);
        self.retry_texts(cx, Some((tag, &nick)));
        self.flush(cx);
    }

    /// Tells the user who is here, and on whose word.
    pub(crate) fn tell_seen(
        &self,
        cx: &mut Shared,
        member: MemberId,
        name: Arc<str>,
        nick: &Arc<str>,
        vouched: Voucher,
    ) {
        cx.notice(self.name(), Notice::Seen { member, name, nick: nick.clone(), vouched });
    }
}
