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
use crate::identity::member_id;
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

    fn is_open(&self) -> bool {
        matches!(self.inside, Inside::Yes(_))
    }

    /// Whether it is the conversation with this member, or will be if the user accepts it.
    fn is_with(&self, member: &MemberId, pair: ChannelId) -> bool {
        match (self.conversation(), &self.inside) {
            (Some(None), Inside::Yes(inside)) => inside.members.get(member).is_some(),
            (pin, _) => pin == Some(Some(pair)),
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
        self.invite(nick);
        self.with(nick, |inside, cx| {
            if inside.keyed().is_none_or(|keyed| keyed.sealing(cx.now.ms).is_none()) {
                inside.call(cx);
            }
        });
        Ok(())
    }

    /// The user takes this channel for the one of that name, or the member that it is with for the peer.
    pub(crate) fn follow(&mut self, name: &str, id: ChannelId) -> Result<(), Refusal> {
        let mut rooms = self.rooms.iter().filter(|(_, room)| room.conversation() == Some(Some(id)));
        let other = rooms.next().map(|(other, _)| other.clone());
        self.inside(name, |inside, cx| {
            inside.follow(cx, id);
            Ok(())
        })?;
        self.invite(name);
        let other = other.filter(|other| self.fold(name).as_ref() != Some(other));
        if let Some(other) = other.filter(|_| self.is_conversation(name)) {
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
        // Whether it was begun by a stranger no longer matters: the user has dealt with it.
        self.invite(nick);
        Ok(())
    }

    /// The user has something to do with this one.
    pub(crate) fn invite(&mut self, nick: &str) {
        if let Some(folded) = self.fold(nick) {
            self.uninvited.retain(|uninvited| *uninvited != folded);
        }
    }

    /// Forgets the oldest conversation that another began and in which the user has said nothing.
    pub(crate) fn forget_uninvited(&mut self) {
        if let Some(oldest) = self.uninvited.pop_front() {
            self.forget(&oldest);
        }
    }

    fn open(&mut self, nick: &str, folded: &Folded) -> Result<(), Refusal> {
        let mut standing = match self.rooms.get(folded).map(|room| &room.inside) {
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
        if standing.pin.is_none() {
            standing.forgot = self.shared.forgot;
        }
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
            && (self.go_after(&name, &folded, &bytes)
                || listed
                || self.take_call(&name, &folded, &bytes))
        {
            self.hear_from(&name, &folded, bytes);
        }
    }

    /// A frame from whomever the user talks with at this nick. If it shows that this is the peer of
    /// another conversation, that one goes on here, or the user is told.
    fn hear_from(&mut self, nick: &Arc<str>, folded: &Folded, bytes: Vec<u8>) {
        let other =
            self.elsewhere(folded, &bytes).map(|(other, pair)| (other, pair, bytes.clone()));
        self.shared.elsewhere = other.as_ref().map(|(_, pair, _)| *pair);
        self.with(nick, |inside, cx| inside.hear(cx, nick, bytes));
        let is_true = self.shared.elsewhere.take().is_none();
        let Some((other, _, bytes)) = other.filter(|_| is_true) else { return };
        let Some(room) = self.rooms.get(&other) else { return };
        if room.is_open() && self.uninvited.contains(folded) {
            // Anybody could have repeated it.
            let name = room.standing().name.clone();
            if self.shared.may_call(nick) {
                self.shared.notice(&name, Notice::AlsoAt(nick.clone()));
            }
            return;
        }
        self.continue_at(nick, &other);
        self.with(nick, |inside, cx| inside.hear(cx, nick, bytes));
    }

    /// A conversation at another nick than this one, where nobody is known yet, with whoever says
    /// Hello here; and its ChannelId.
    fn elsewhere(&self, here: &Folded, bytes: &[u8]) -> Option<(Folded, ChannelId)> {
        self.rooms.get(here).filter(|room| room.conversation() == Some(None))?;
        let Ok(Frame::Hello { hello: SignedHello { hello, .. }, .. }) = Frame::decode(bytes) else {
            return None;
        };
        let member = member_id(&hello.certificate.body.key);
        let pair = Pair::new(&self.shared.me(), &member)?.channel;
        let mut others = self.rooms.iter().filter(|(name, _)| *name != here);
        let other = others.find(|(_, room)| room.is_with(&member, pair));
        other.map(|(name, _)| (name.clone(), pair))
    }

    /// What stays of one conversation goes on in the one at this nick.
    pub(crate) fn continue_at(&mut self, nick: &str, other: &Folded) {
        let Some(name) = self.rooms.get(other).map(|room| room.standing().name.clone()) else {
            return;
        };
        self.leave(&name, false);
        let Some(Room { inside: Inside::No(before), .. }) = self.take_out(other) else { return };
        match self.uninvited.iter().position(|uninvited| uninvited == other) {
            Some(at) => drop(self.uninvited.remove(at)),
            None => self.invite(nick),
        }
        self.shared.unsaved = true;
        self.shared.notice(&name, Notice::Moved(nick.into()));
        self.with(nick, |inside, cx| inside.take_over(cx, *before));
    }

    /// A text from a nick where the user has called nobody, under the key of a conversation that it is
    /// in: whoever has the key is there, so the conversation goes there.
    fn go_after(&mut self, nick: &Arc<str>, folded: &Folded, bytes: &[u8]) -> bool {
        let is_free = self.rooms.get(folded).is_none_or(|room| {
            let called = room.is_open() && !self.uninvited.contains(folded);
            room.conversation() == Some(None) && !called
        });
        if !is_free || !matches!(Frame::decode(bytes), Ok(Frame::Text { .. })) {
            return false;
        }
        let opens = |room: &&Room| match &room.inside {
            Inside::Yes(inside) => inside.is_conversation() && inside.opens(bytes),
            Inside::No(_) => false,
        };
        let Some(room) = self.rooms.values().find(opens) else { return false };
        let old = room.standing().name.clone();
        self.move_conversation(&old, nick);
        self.shared.notice(&old, Notice::Moved(nick.clone()));
        self.with(nick, |inside, cx| inside.renamed(cx, &old, nick));
        true
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
