//! The channels of a terminal: those that the user is in, and what stays of those that it left
//! (R-UPD-8).
//!
//! Spec: chapter 15, "Channel". When each wants to be called stands in one ordered set, so a terminal
//! in many channels finds the next duty at once.

use alloc::boxed::Box;
use alloc::vec::Vec;

use keyrota_spec::limits::CHANNELS_MAX;

use crate::action::{Notice, Refusal};
use crate::casemap::{CaseMapping, Folded};
use crate::channel::{Channel, Standing};
use crate::direct::Kind;
use crate::mutant::Mutant;
use crate::roster::digest;
use crate::shared::Shared;
use crate::terminal::Terminal;
use crate::time::Wake;

/// A channel that the user has something to do with.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Room {
    pub(crate) wake: Option<Wake>,
    pub(crate) inside: Inside,
}

impl Room {
    /// One that the user is not in.
    pub(crate) fn outside(standing: Standing) -> Self {
        Self { wake: None, inside: Inside::No(standing.into()) }
    }
}

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) enum Inside {
    /// The user is not in it; its decisions about it stay.
    No(Box<Standing>),
    Yes(Box<Channel>),
}

impl Terminal {
    pub(crate) fn fold(&self, name: &str) -> Option<Folded> {
        self.shared.casemapping.fold(name)
    }

    pub(crate) fn join(&mut self, name: &str, nick: &str) {
        let own = self.shared.is_me(nick);
        if own {
            self.enter(name);
        }
        self.with_channel(name, |inside, cx| inside.joined(cx, nick));
    }

    /// The user has joined a channel.
    pub(crate) fn enter(&mut self, name: &str) {
        let Some(folded) = self.fold(name) else { return };
        let standing = match self.rooms.remove(&folded) {
            Some(Room { inside: Inside::No(standing), .. }) => *standing,
            Some(room @ Room { inside: Inside::Yes(_), .. }) => {
                self.rooms.insert(folded, room);
                return;
            }
            None if !self.make_room() => {
                let notice = Notice::Overflow;
                return self.shared.notice(&name.into(), notice);
            }
            None => Standing::new(Kind::Channel, name, folded.clone(), self.settings.clone()),
        };
        if standing.kind == Kind::Conversation {
            // The user talks with somebody of this name.
            let inside = Inside::No(standing.into());
            self.rooms.insert(folded, Room { wake: None, inside });
            return;
        }
        let channel = Channel::new(standing, &mut self.shared);
        let inside = Inside::Yes(channel.into());
        self.rooms.insert(folded, Room { wake: None, inside });
    }

    /// Makes room for one more channel: forgets one that was left and that the user has decided
    /// nothing about.
    pub(crate) fn make_room(&mut self) -> bool {
        if self.rooms.len() >= CHANNELS_MAX {
            let idle = |room: &Room| matches!(&room.inside, Inside::No(left) if !left.is_decided());
            let found = self.rooms.iter().find(|(_, room)| idle(room));
            match found.map(|(name, _)| name.clone()) {
                Some(name) => self.forget(&name),
                None => self.forget_uninvited(),
            }
        }
        self.rooms.len() < CHANNELS_MAX
    }

    /// Compares names in another way from now on.
    pub(crate) fn refold(&mut self, mapping: CaseMapping) {
        self.shared.casemapping = mapping;
        for room in core::mem::take(&mut self.rooms).into_values() {
            let Inside::No(left) = room.inside else { continue };
            let changed = mapping.fold(&left.name).filter(|new| *new != left.folded);
            let (folded, mut standing, same) = match changed {
                None => (left.folded.clone(), *left, true),
                Some(folded) => {
                    self.shared.unsaved = true;
                    (folded.clone(), left.refolded(folded), false)
                }
            };
            // Of two that are one now, neither makes the other plain, and the one whose name is as it
            // was stays.
            if let Some(Room { inside: Inside::No(other), .. }) = self.rooms.get_mut(&folded) {
                standing.plain &= other.plain;
                other.plain = standing.plain;
                let gone = if same { &*other } else { &standing };
                if gone.kind == Kind::Conversation && gone.pin.is_some() {
                    self.shared.forgot = Some(self.shared.now.ms);
                }
                if !same {
                    continue;
                }
            }
            self.rooms.insert(folded, Room::outside(standing));
        }
    }

    /// A stay in a channel is over; if the user has `left`, its keys are wiped.
    pub(crate) fn leave(&mut self, name: &str, left: bool) {
        let Some(folded) = self.fold(name) else { return };
        let Some(room) = self.take_out(&folded) else { return };
        let standing = match room.inside {
            Inside::No(standing) => *standing,
            Inside::Yes(channel) => {
                self.shared.unsaved = true;
                channel.leave(&mut self.shared, left)
            }
        };
        // Of whom nobody is known nothing stays: a later call is a stranger's.
        let is_vain = standing.kind == Kind::Conversation && standing.pin.is_none();
        if !is_vain || standing.is_decided() {
            self.rooms.insert(folded, Room::outside(standing));
        }
    }

    /// Takes a room out of the terminal, and its place among those that want to be called.
    pub(crate) fn take_out(&mut self, name: &Folded) -> Option<Room> {
        let mut room = self.rooms.remove(name)?;
        if let Some(wake) = room.wake.take() {
            self.wakes.remove(&(wake, name.clone()));
        }
        Some(room)
    }

    /// Takes a room out for good. What was shown in a conversation may come again (16-32).
    pub(crate) fn forget(&mut self, name: &Folded) {
        let room = self.take_out(name);
        if room.as_ref().and_then(Room::conversation).flatten().is_some() {
            self.shared.forgot = Some(self.shared.now.ms);
        }
    }

    /// The connection is lost.
    pub(crate) fn leave_all(&mut self) {
        while !self.uninvited.is_empty() {
            self.forget_uninvited();
        }
        let names: Vec<Folded> = self.rooms.keys().cloned().collect();
        for name in names {
            self.leave(&name, false);
        }
    }

    /// Lets a channel do something, and asks it when it wants to be called again.
    pub(crate) fn with(&mut self, name: &str, act: impl FnOnce(&mut Channel, &mut Shared)) {
        let Some(folded) = self.fold(name) else { return };
        if let Some(Room { inside: Inside::Yes(inside), .. }) = self.rooms.get_mut(&folded) {
            act(inside, &mut self.shared);
            self.review(&folded);
        }
    }

    /// Likewise, unless it is a conversation: what the transport tells of channels.
    pub(crate) fn with_channel(&mut self, name: &str, act: impl FnOnce(&mut Channel, &mut Shared)) {
        self.with(name, |inside, cx| {
            if !inside.is_conversation() {
                act(inside, cx);
            }
        });
    }

    pub(crate) fn with_all(&mut self, mut act: impl FnMut(&mut Channel, &mut Shared)) {
        let names: Vec<Folded> = self.rooms.keys().cloned().collect();
        for name in names {
            self.with(&name, &mut act);
        }
    }

    /// Likewise, of the channels in which somebody goes by this nick.
    pub(crate) fn with_those_of(
        &mut self,
        nick: &str,
        mut act: impl FnMut(&mut Channel, &mut Shared),
    ) {
        let Some(key) = self.fold(nick).map(|nick| digest(&nick)) else { return };
        let there = |room: &Room| match &room.inside {
            Inside::Yes(inside) => inside.roster.has_digest(key),
            Inside::No(_) => false,
        };
        let rooms = self.rooms.iter().filter(|(_, room)| there(room));
        let names: Vec<Folded> = rooms.map(|(name, _)| name.clone()).collect();
        for name in names {
            self.with(&name, &mut act);
        }
    }

    pub(crate) fn inside(
        &mut self,
        name: &str,
        act: impl FnOnce(&mut Channel, &mut Shared) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut result = Err(Refusal::NotJoined);
        self.with(name, |inside, cx| result = act(inside, cx));
        result
    }

    /// Changes what stays of a channel when the user leaves it, whether or not the user is in it.
    pub(crate) fn standing(
        &mut self,
        name: &str,
        act: impl FnOnce(&mut Standing),
    ) -> Result<(), Refusal> {
        let folded = self.fold(name).ok_or(Refusal::NotJoined)?;
        if !self.rooms.contains_key(&folded) {
            if !self.make_room() {
                return Err(Refusal::Channels);
            }
            let settings = self.settings.clone();
            let standing = Standing::new(Kind::Channel, name, folded.clone(), settings);
            self.rooms.insert(folded.clone(), Room::outside(standing));
        }
        match self.rooms.get_mut(&folded).map(|room| &mut room.inside) {
            Some(Inside::No(standing)) => act(standing),
            Some(Inside::Yes(channel)) => act(&mut channel.standing),
            None => {}
        }
        self.shared.unsaved = true;
        Ok(())
    }

    pub(crate) fn review(&mut self, name: &Folded) {
        let Some(room) = self.rooms.get_mut(name) else { return };
        let Inside::Yes(inside) = &mut room.inside else { return };
        inside.review(&mut self.shared);
        let wake = inside.due(&self.shared);
        if wake == room.wake {
            return;
        }
        if let Some(before) = core::mem::replace(&mut room.wake, wake) {
            self.wakes.remove(&(before, name.clone()));
        }
        if let Some(wake) = wake {
            self.wakes.insert((wake, name.clone()));
        }
    }

    pub(crate) fn do_what_is_due(&mut self) {
        let now = self.shared.now.ms.saturating_sub(u64::from(Mutant::BusyWake.is_on()));
        while let Some((wake, name)) = self.wakes.first().filter(|(wake, _)| wake.at <= now) {
            let (wake, name) = (*wake, name.clone());
            if let Some(Room { inside: Inside::Yes(inside), .. }) = self.rooms.get_mut(&name) {
                inside.perform(&mut self.shared, wake.why);
            }
            self.review(&name);
        }
    }
}
