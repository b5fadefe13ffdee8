//! Sees whether what a server made up moves a right.

use keyrota::spec::limits::RULE_GAP;
use keyrota::spec::{KeyId, MemberId, Record, Rights};

use crate::actor::Told;
use crate::checker::Checker;
use crate::reference::channel_of;
use crate::world::World;

/// A lie that a terminal took in, of which it is not known yet what comes of it.
#[derive(Clone, Debug)]
pub(crate) struct Lied {
    /// Which terminal.
    pub(crate) who: usize,
    /// When it took it in.
    at: u64,
    /// Of whom it is.
    whom: MemberId,
    /// What was current before.
    before: KeyId,
    /// As what it is counted.
    what: &'static str,
}

impl Checker {
    /// Notes a lie that a terminal has just taken in: that one with a seat left, or that one who is there
    /// without a seat became operator.
    pub(crate) fn reach_by_told(&mut self, world: &World, who: usize, told: &Told) {
        let lie = self.lies.iter().position(|(to, lie)| *to == who && lie == told);
        let Some(lie) = lie.map(|at| self.lies.swap_remove(at).1) else { return };
        let (nick, what) = match &lie {
            Told::Operator(nick, true) if self.minds[who].present.contains(nick) => {
                (nick, "forged MODE moved no right")
            }
            Told::Kick(nick) => (nick, "forged KICK moved no right"),
            Told::Part(nick) => (nick, "forged PART moved no right"),
            _ => return,
        };
        let last = self.turned.iter().rev().find(|(_, whose, _)| *whose == who);
        let Some(before) = last.and_then(|(.., id)| *id) else { return };
        let (Some(record), Some(other)) = (self.archive.get(&before), world.called(nick)) else {
            return;
        };
        let whom = self.ids[other];
        let grants = matches!(lie, Told::Operator(..));
        if other != who && rights(record, &whom).is_none() == grants {
            self.lied.push(Lied { who, at: world.ms, whom, before, what });
        }
    }

    /// Counts the lies that have moved no right, though any rule that they set off has had its time.
    pub(crate) fn reach_by_lies(&mut self, world: &World, who: usize) {
        let over = |lied: &mut Lied| lied.who == who && lied.at + RULE_GAP <= world.ms;
        let over: Vec<Lied> = self.lied.extract_if(.., over).collect();
        let Some(current) = self.current(world, who).and_then(|id| self.archive.get(&id)) else {
            return;
        };
        for lied in over {
            let same = |before: &Record| {
                channel_of(before) == channel_of(current)
                    && rights(before, &lied.whom) == rights(current, &lied.whom)
            };
            if self.archive.get(&lied.before).is_some_and(same) {
                self.counters.count(lied.what);
            }
        }
    }

    /// A terminal does nothing more about what it was told.
    pub(crate) fn forget_lies(&mut self, who: usize) {
        self.lied.retain(|lied| lied.who != who);
    }
}

/// Which rights one has by its seat, if it has one.
fn rights(record: &Record, whom: &MemberId) -> Option<Rights> {
    record.list.seat_of(whom).map(|(_, seat)| seat.rights)
}
