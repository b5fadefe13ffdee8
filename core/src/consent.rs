//! Asking the user whom to accept, and what the user has answered (R-DIS-2, R-DIS-3).
//!
//! Spec: chapter 6, "Consent". Nothing waits here: a question is a notice, its answer a command, and
//! what depends on it is kept where it came in, within the bounds that hold there.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;

use keyrota_spec::limits::QUESTIONS_MAX;
use keyrota_spec::{MemberId, Name};

use crate::action::{Notice, Refusal};
use crate::authentication::{Rejection, Voucher};
use crate::shared::Shared;

/// Questions to the user, of all channels.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Questions(BTreeMap<MemberId, Question>);

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct Question {
    /// As the user was shown it: whatever its owner calls itself by now.
    name: Name,
    channel: Arc<str>,
    /// Whether it has left that channel, so that its place may go to another.
    left: bool,
}

/// What to ask about a member.
pub(crate) struct Asked<'a> {
    pub(crate) channel: &'a Arc<str>,
    pub(crate) member: MemberId,
    pub(crate) name: &'a Name,
    pub(crate) nick: &'a Arc<str>,
    pub(crate) asks: bool,
    pub(crate) present: bool,
}

impl Questions {
    #[cfg(feature = "model")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// A member has left a channel.
    pub(crate) fn left(&mut self, channel: &Arc<str>, member: &MemberId) {
        if let Some(question) = self.0.get_mut(member) {
            question.left |= question.channel == *channel;
        }
    }

    /// The user has left a channel.
    pub(crate) fn left_all(&mut self, channel: &Arc<str>) {
        for question in self.0.values_mut() {
            question.left |= question.channel == *channel;
        }
    }
}

impl Shared {
    /// A certificate was judged: asks the user if it is the user's to decide on it.
    pub(crate) fn consult(&mut self, accepted: Result<Voucher, Rejection>, about: &Asked<'_>) {
        if accepted == Err(Rejection::Undecided) {
            self.ask_user(about);
        } else {
            self.withdraw_question(&about.member);
        }
    }

    /// Asks the user about a member, unless that is asked already, or as much as may be.
    fn ask_user(&mut self, asked: &Asked<'_>) {
        let Asked { channel, member, name, nick, asks, present } = *asked;
        if let Some(question) = self.questions.0.get_mut(&member) {
            question.left &= !present;
            return;
        }
        if self.questions.0.len() >= QUESTIONS_MAX {
            let gone = self.questions.0.iter().find(|(_, one)| one.left).map(|(id, _)| *id);
            let Some(gone) = gone.filter(|_| present) else { return };
            self.withdraw_question(&gone);
        }
        let question = Question { name: name.clone(), channel: channel.clone(), left: !present };
        self.questions.0.insert(member, question);
        let pinned = self.authentication.pinned(name).map(|pin| pin.member);
        let (name, nick) = (name.as_str().into(), nick.clone());
        self.notice(channel, Notice::Question { member, name, nick, asks, pinned });
    }

    /// The user need not answer any more.
    fn withdraw_question(&mut self, member: &MemberId) {
        if let Some(question) = self.questions.0.remove(member) {
            self.notice(&question.channel, Notice::Withdrawn(*member));
        }
    }

    /// The user's answer. Who else claims the name has the answer too.
    pub(crate) fn answer_question(&mut self, member: MemberId, yes: bool) -> Result<(), Refusal> {
        let question = self.questions.0.get(&member).ok_or(Refusal::NoQuestion)?;
        let name = question.name.clone();
        if yes {
            let former = self.authentication.pinned(&name).map(|pin| pin.member);
            if !self.authentication.pin(name.clone(), member) {
                return Err(Refusal::PinsFull);
            }
            let rivals = self.questions.0.iter().filter(|(_, other)| other.name == name);
            let rivals = rivals.map(|(id, _)| *id).chain(former).filter(|id| *id != member);
            for rival in rivals.collect::<alloc::vec::Vec<_>>() {
                self.authentication.decline(rival);
                self.withdraw_question(&rival);
            }
        } else {
            self.authentication.decline(member);
        }
        self.questions.0.remove(&member);
        Ok(())
    }
}
