//! With whom the user talks: conversations begin, move with their peer's nick, and end (R-ONE-1).
//!
//! Spec: chapter 16, "Beginning" and "Strangers". What happens in one is in
//! [`direct`](crate::direct).

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::UNINVITED_MAX;
use keyrota_spec::{ChannelId, Frame, MemberId, SignedHello, armor};

use crate::action::{Action, Fault, Notice, Protection, Refusal, Speaker};
use crate::casemap::Folded;
use crate::channel::{Channel, Standing};
use crate::direct::{Kind, Pair, names_another};
use crate::held::HeldTexts;
use crate::hello::last_heard;
use crate::identity::member_id;
use crate::mutant::Mutant;
use crate::obtain::Asking;
use crate::rooms::{Inside, Room};
use crate::terminal::Terminal;
use crate::transport::Source;

impl Room {
    fn standing(&self) -> &Standing {
        match &self.inside {
            Inside::No(standing) => standing,
            Inside::Yes(channel) => &channel.standing,
        }
    }

    /// The pin of a conversation; `None`: this is a channel.
    pub(crate) fn conversation(&self) -> Option<Option<ChannelId>> {
        let standing = self.standing();
        (standing.kind == Kind::Conversation).then_some(standing.pin)
    }

    /// Whether it is the conversation with this ChannelId, or will be if the user accepts somebody.
    fn is_with(&self, me: &MemberId, pair: ChannelId) -> bool {
        let is_pair = |id: &MemberId| Pair::new(me, id).is_some_and(|one| one.channel == pair);
        match (self.conversation(), &self.inside) {
            (Some(None), Inside::Yes(inside)) => inside.members.iter().any(|(id, _)| is_pair(id)),
            (pin, _) => pin == Some(Some(pair)),
        }
    }

    /// Whether a Hello of the peer with this time would be a repeat in this stay.
    fn has_heard(&self, time: u64, now: u64) -> bool {
        match &self.inside {
            Inside::Yes(inside) => {
                inside.members.iter().any(|(_, one)| time <= last_heard(one, now))
            }
            Inside::No(_) => false,
        }
    }
}

impl Terminal {
    /// Whether the name is that of somebody with whom the user talks.
    pub(crate) fn is_conversation(&self, name: &str) -> bool {
        let room = self.fold(name).and_then(|folded| self.rooms.get(&folded));
        room.is_some_and(|room| room.conversation().is_some())
    }

    /// The user wants to talk with whoever is at this nick.
    pub(crate) fn converse(&mut self, nick: &str) -> Result<(), Refusal> {
        let folded = self.fold(nick).filter(|_| !self.shared.is_me(nick));
        self.open(nick, &folded.ok_or(Refusal::UnknownMember)?)?;
        self.with(nick, |inside, cx| {
            if inside.keyed().is_none_or(|keyed| keyed.sealing(cx.now.ms).is_none()) {
                inside.call(cx);
            }
        });
        Ok(())
    }

    /// The user takes this channel for the one of that name, or the member that it is with for the peer.
    pub(crate) fn follow(&mut self, name: &str, id: ChannelId) -> Result<(), Refusal> {
        self.inside(name, |inside, cx| {
            inside.follow(cx, id);
            Ok(())
        })?;
        let folded = self.fold(name).filter(|_| self.is_conversation(name));
        if let Some(other) = folded.and_then(|here| self.with_pair(id, &here)) {
            self.continue_at(name, &other);
        }
        Ok(())
    }

    /// The user ends a conversation.
    pub(crate) fn close(&mut self, nick: &str) -> Result<(), Refusal> {
        self.inside(
            nick,
            |inside, _| {
                if inside.is_conversation() { Ok(()) } else { Err(Refusal::OtherKind) }
            },
        )?;
        self.leave(nick, true);
        Ok(())
    }

    /// The user has something to do with this one.
    pub(crate) fn invite(&mut self, nick: &str) {
        if let Some(folded) = self.fold(nick) {
            self.uninvited.retain(|uninvited| *uninvited != folded);
        }
    }

    /// Forgets the oldest conversation that another began and that the user has not called.
    pub(crate) fn forget_uninvited(&mut self) {
        if let Some(oldest) = self.uninvited.pop_front() {
            self.forget(&oldest);
        }
    }

    fn open(&mut self, nick: &str, folded: &Folded) -> Result<(), Refusal> {
        let standing = match self.rooms.get(folded).map(|room| &room.inside) {
            Some(Inside::Yes(inside)) if inside.is_conversation() => return Ok(()),
            Some(Inside::Yes(_)) => return Err(Refusal::OtherKind),
            Some(Inside::No(left)) if left.kind == Kind::Channel => {
                // What was decided before anybody knew what this name is counts.
                if left.pin.is_some() || left.kept.is_some() {
                    return Err(Refusal::OtherKind);
                }
                left.renamed(Kind::Conversation, nick, folded.clone())
            }
            Some(Inside::No(_)) => match self.take_out(folded) {
                Some(Room { inside: Inside::No(left), .. }) => *left,
                _ => return Err(Refusal::OtherKind),
            },
            None => {
                if !self.make_room() {
                    return Err(Refusal::Channels);
                }
                let settings = self.settings.clone();
                Standing::new(Kind::Conversation, nick, folded.clone(), settings)
            }
        };
        let mut inside = Channel::new(standing, &mut self.shared);
        for nick in [self.shared.nick.clone(), nick.into()] {
            // Both are names, and there is room for two.
            let _ = inside.roster.join(&nick);
        }
        let inside = Inside::Yes(inside.into());
        self.rooms.insert(folded.clone(), Room { wake: None, inside });
        Ok(())
    }

    /// A line for the user alone.
    pub(crate) fn hear_private(&mut self, nick: &str, text: &str) {
        let Some(folded) = self.fold(nick).filter(|_| !self.shared.is_me(nick)) else { return };
        let (name, listed) = match self.rooms.get(&folded).map(|room| &room.inside) {
            Some(Inside::Yes(inside)) if inside.is_conversation() => (inside.nick(nick), true),
            Some(Inside::Yes(_)) => return,
            _ => (nick.into(), false),
        };
        let Some(line) = armor::parse(text) else {
            return self.shared.queue.push_back(Action::Show {
                channel: name.clone(),
                from: Speaker::Somebody { nick: name },
                text: text.into(),
                protection: Protection::Plain,
                again: false,
            });
        };
        let source = Source { channel: name.clone(), nick: name.clone(), listed };
        let frame = self.reassembly.take(line, &source, self.shared.now.ms);
        if let Some(bytes) = frame
            && (listed || self.take_call(&name, &folded, &bytes))
        {
            self.hear_at(&name, &folded, bytes);
        }
    }

    /// A frame at the nick of a conversation.
    fn hear_at(&mut self, nick: &Arc<str>, here: &Folded, bytes: Vec<u8>) {
        let goes_on = match self.met_elsewhere(here, &bytes) {
            Some((hello, other)) => self.meet_again(nick, &hello, &other),
            None => true,
        };
        if goes_on {
            self.with(nick, |inside, cx| inside.hear(cx, nick, bytes));
        }
    }

    /// A Hello where nobody is known, of somebody with whom there is a conversation at another nick; which.
    fn met_elsewhere(&self, here: &Folded, bytes: &[u8]) -> Option<(SignedHello, Folded)> {
        let room = self.rooms.get(here).filter(|_| !Mutant::TwoWithOne.is_on());
        room.filter(|room| room.conversation() == Some(None))?;
        let Ok(Frame::Hello { hello, relayed: false }) = Frame::decode(bytes) else { return None };
        let member = member_id(&hello.hello.certificate.body.key);
        let pair = Pair::new(&self.shared.me(), &member)?;
        let other = self.with_pair(pair.channel, here)?;
        Some((hello, other))
    }

    /// The other conversation goes on here, or the user is told; whether the Hello is to be heard.
    fn meet_again(&mut self, nick: &Arc<str>, hello: &SignedHello, other: &Folded) -> bool {
        let (mut is_welcome, mut is_called) = (false, self.uninvited.contains(other));
        self.with(nick, |inside, cx| {
            is_welcome = inside.weigh_hello(cx, nick, hello);
            is_called |= inside.is_calling();
        });
        let Some(room) = self.rooms.get(other).filter(|_| is_welcome) else { return true };
        if room.has_heard(hello.hello.time, self.shared.now.unix) {
            self.shared.fault(nick, nick, Fault::Repeat);
        } else if is_called {
            self.continue_at(nick, other);
            return true;
        } else if self.shared.may_call(nick) {
            // Anybody could have repeated it.
            let name = room.standing().name.clone();
            self.shared.notice(&name, Notice::AlsoAt(nick.clone()));
            self.with(nick, |inside, _| inside.asking = Asking::default());
        } else {
            self.shared.fault(nick, nick, Fault::Flood);
        }
        false
    }

    /// The conversation with this ChannelId, or what will be if the user accepts somebody, at another
    /// nick than this one.
    fn with_pair(&self, pair: ChannelId, here: &Folded) -> Option<Folded> {
        let me = self.shared.me();
        let mut others = self.rooms.iter().filter(|(name, _)| *name != here);
        others.find(|(_, room)| room.is_with(&me, pair)).map(|(name, _)| name.clone())
    }

    /// What stays of one conversation goes on in the one at this nick.
    fn continue_at(&mut self, nick: &str, other: &Folded) {
        let Some(mut room) = self.take_out(other) else { return };
        let held = match &mut room.inside {
            Inside::Yes(inside) => core::mem::take(&mut inside.held),
            Inside::No(_) => HeldTexts::default(),
        };
        let before = match room.inside {
            Inside::Yes(inside) => inside.leave(&mut self.shared, false),
            Inside::No(standing) => *standing,
        };
        self.uninvited.retain(|uninvited| uninvited != other);
        self.shared.unsaved = true;
        self.shared.notice(&before.name, Notice::Moved(nick.into()));
        self.with(nick, |inside, cx| inside.take_over(cx, before, held));
    }

    /// A frame from somebody with whom the user does not talk; whether it begins a conversation.
    fn take_call(&mut self, nick: &Arc<str>, folded: &Folded, bytes: &[u8]) -> bool {
        // A text comes from whoever takes the two to be talking: this terminal has forgotten it.
        let forgotten = match Frame::decode(bytes) {
            Ok(Frame::Hello { hello: SignedHello { hello, .. }, relayed: false })
                if hello.ask.is_some() && !names_another(&hello, &self.shared.me()) =>
            {
                false
            }
            Ok(Frame::Text { .. }) => true,
            Ok(_) => return false,
            Err(why) => {
                self.shared.fault(nick, nick, Fault::Malformed(why));
                return false;
            }
        };
        if !self.shared.may_call(nick) {
            self.shared.fault(nick, nick, Fault::Flood);
            return false;
        }
        let stranger = !self.rooms.contains_key(folded);
        if stranger && self.uninvited.len() >= UNINVITED_MAX {
            self.forget_uninvited();
        }
        if self.open(nick, folded).is_err() {
            self.shared.notice(nick, Notice::Overflow);
            return false;
        }
        if stranger {
            self.uninvited.push_back(folded.clone());
        }
        if forgotten {
            self.with(nick, |inside, _| inside.asking.begin());
        }
        true
    }

    /// Whoever was at one nick is at another: a conversation goes with it, unless the user talks with
    /// somebody else there.
    pub(crate) fn move_conversation(&mut self, old: &str, new: &str) {
        let (Some(from), Some(to)) = (self.fold(old), self.fold(new)) else { return };
        let is_one = self.rooms.get(&from).is_some_and(|room| room.conversation().is_some());
        if !is_one || self.shared.is_me(old) || self.shared.is_me(new) {
            return;
        }
        if from != to
            && let Some(room) = self.rooms.get(&to)
        {
            if room.conversation() != Some(None) {
                return;
            }
            self.leave(new, true);
            self.take_out(&to);
            self.invite(new);
        }
        let Some(mut room) = self.take_out(&from) else { return };
        let standing = match &mut room.inside {
            Inside::No(standing) => standing.as_mut(),
            Inside::Yes(inside) => &mut inside.standing,
        };
        (standing.name, standing.folded) = (new.into(), to.clone());
        self.shared.unsaved = true;
        for uninvited in self.uninvited.iter_mut().filter(|name| **name == from) {
            *uninvited = to.clone();
        }
        self.rooms.insert(to, room);
    }
}
