//! A network that falls apart and heals, in the events that real servers make of it.
//!
//! When a link dies each side sees all of the other QUIT, at once. When it is back each side sees all
//! of the other JOIN, under the nicks that they have by then, and nobody sees itself leave or come.
//! What was under way is lost. Where two have one nick, one server kills both, another renames one:
//! [`World::quit`] and [`World::rename`] before [`World::heal`].

use keyrota::Event;

use super::{CHANNEL, World};

impl World {
    /// Splits the network into these sides; whoever is on none of them stays with the first.
    pub fn split(&mut self, sides: &[&[&str]]) {
        for user in &mut self.users {
            let on = |side: &&[&str]| side.contains(&user.nick.as_str());
            user.side = sides.iter().position(on).unwrap_or(0);
        }
        for (to, nick) in self.apart() {
            self.event(&to, Event::Quit { nick: &nick });
        }
        self.deliver();
    }

    /// Makes the network whole again.
    pub fn heal(&mut self) {
        let apart = self.apart();
        for user in &mut self.users {
            user.side = 0;
        }
        for (to, nick) in apart {
            self.event(&to, Event::Join { channel: CHANNEL, nick: &nick });
        }
        self.deliver();
    }

    /// Leaves the transport.
    pub fn quit(&mut self, nick: &str) {
        self.tell_beside(nick, Event::Quit { nick });
        self.user_mut(nick).here = false;
        self.deliver();
    }

    /// Everybody in the channel with everybody who is there on another side.
    fn apart(&self) -> Vec<(String, String)> {
        let here = || self.users.iter().filter(|user| user.here);
        let pairs = here().flat_map(|to| here().map(move |other| (to, other)));
        let apart = pairs.filter(|(to, other)| to.side != other.side);
        apart.map(|(to, other)| (to.nick.clone(), other.nick.clone())).collect()
    }

    /// Who is in the channel on the side of this user.
    pub fn beside(&self, nick: &str) -> Vec<String> {
        let side = self.user(nick).side;
        let beside = self.users.iter().filter(|user| user.here && user.side == side);
        beside.map(|user| user.nick.clone()).collect()
    }

    /// Lets everybody in the channel on the side of this user hear of an event.
    pub fn tell_beside(&mut self, nick: &str, event: Event<'_>) {
        for other in self.beside(nick) {
            self.event(&other, event);
        }
    }

    /// Whether a line under this nick reaches a user: what nobody here sent reaches all.
    pub(super) fn hears(&self, number: usize, nick: &str) -> bool {
        let sender = self.users.iter().find(|user| user.nick == nick);
        sender.is_none_or(|sender| sender.side == self.users[number].side)
    }
}
