//! What is under way, in the order in which it was sent, and taken in at another time than its own.

use crate::actor::{At, Told};
use crate::world::{Happening, World};

impl World {
    /// What is under way to one, with whom it concerns, in the order of its times.
    pub(crate) fn under_way(&self, to: usize) -> impl Iterator<Item = (At, usize, &Told)> {
        self.actors[to].inbox.iter().map(move |(at, told)| (*at, self.whom(to, told), told))
    }

    /// The lines of others that have not come to the server of one yet, with who sent each.
    pub(crate) fn lines_to(&self, to: usize) -> impl Iterator<Item = (At, usize)> {
        let coming = self.actors[to].inbox.iter().filter(|((at, _), _)| *at > self.ms);
        coming.filter_map(|(at, told)| match told {
            Told::Line(number, ..) | Told::Private(number, ..) => {
                Some((*at, self.lines[*number].author?))
            }
            _ => None,
        })
    }

    /// The first of what is under way to one and concerns another.
    pub(crate) fn first_of(&self, to: usize, from: usize) -> Option<(At, &Told)> {
        let mut all = self.under_way(to).filter(|(_, whom, _)| *whom == from);
        all.next().map(|(at, _, told)| (at, told))
    }

    /// Lets that come now.
    pub(crate) fn take(&mut self, to: usize, from: usize) {
        let Some((at, _)) = self.first_of(to, from) else { return };
        if let Some((told, actions)) = self.actors[to].take(self.ms, at) {
            self.happenings.push(Happening::Took(to, told));
            self.act(to, actions);
        }
    }

    /// Whom something that a server tells concerns; itself, if nobody else.
    fn whom(&self, to: usize, told: &Told) -> usize {
        let nick = match told {
            Told::Join(nick)
            | Told::Part(nick)
            | Told::Kick(nick)
            | Told::Quit(nick)
            | Told::Nick(nick, _)
            | Told::Operator(nick, _)
            | Told::Line(_, nick, _)
            | Told::Private(_, nick, _) => nick,
            Told::Names(_) | Told::Topic | Told::Disconnected => return to,
        };
        self.called(nick).unwrap_or(to)
    }
}
