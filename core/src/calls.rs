//! With whom the user talks: conversations begin, move with their peer's nick, and end (R-ONE-1).
//!
//! Spec: chapter 16, "Beginning" and "Strangers". What happens in one is in
//! [`direct`](crate::direct).

use alloc::sync::Arc;

use keyrota_spec::limits::UNINVITED_MAX;
use keyrota_spec::{ChannelId, Frame, SignedHello, armor};

use crate::action::{Action, Fault, Notice, Protection, Refusal, Speaker};
use crate::casemap::Folded;
use crate::channel::{Channel, Standing};
use crate::direct::{Kind, names_another};
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
    fn conversation(&self) -> Option<Option<ChannelId>> {
        let standing = self.standing();
        (standing.kind == Kind::Conversation).then_some(standing.pin)
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
            self.take_out(&oldest);
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
            self.with(&name, |inside, cx| inside.hear(cx, &name, bytes));
        }
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
        let Some(pin) = self.rooms.get(&from).and_then(Room::conversation) else { return };
        if self.shared.is_me(old) || self.shared.is_me(new) {
            return;
        }
        if from != to
            && let Some(room) = self.rooms.get(&to)
        {
            if room.conversation().is_none_or(|there| there.is_some() && there != pin) {
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
        for uninvited in self.uninvited.iter_mut().filter(|name| **name == from) {
            *uninvited = to.clone();
        }
        self.rooms.insert(to, room);
    }
}
