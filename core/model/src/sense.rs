//! Which operations make sense at a moment.

use crate::actor::{Actor, Told};
use crate::op::{Lie, Op, Voucher, Way};
use crate::world::World;

impl World {
    /// Whether an operation makes sense at this moment.
    pub fn allows(&self, op: &Op) -> bool {
        let known = |who: &usize| self.actors.get(*who);
        let runs = |who: &usize| known(who).is_some_and(Actor::runs);
        let here = |who: &usize| known(who).is_some_and(|actor| actor.here);
        let absent = |who: &usize| runs(who) && !here(who);
        let gone = |who: &usize| known(who).is_some_and(|actor| !actor.here);
        let voices = |voucher: &Voucher| match voucher {
            Voucher::User(who) => known(who).is_some(),
            Voucher::Itself | Voucher::Office | Voucher::Server => true,
        };
        let free = |nick: &str| self.called(nick).is_none();
        let goes = |way: &Way| way.from != way.to && known(&way.from).is_some() && runs(&way.to);
        match op {
            Op::Join(who) => absent(who),
            Op::Part(who) if !runs(who) || !here(who) => false,
            Op::Nick(who, nick) => runs(who) && free(nick),
            Op::Part(_) | Op::Wait(_) | Op::Heal(_) | Op::Topic(_) | Op::Crowd(_) => true,
            Op::Cut(who) | Op::Kick(who) => here(who),
            Op::Swap(one, other) => one != other && here(one) && here(other),
            Op::Say(who, _)
            | Op::Refresh(who)
            | Op::Mode(who, _)
            | Op::Plain(who, _)
            | Op::Found(who)
            | Op::Ask(who)
            | Op::Forget(who) => runs(who) && here(who),
            Op::Recall(who, back) => runs(who) && here(who) && *back < self.keys.len(),
            Op::Set(who, _) => who.iter().all(runs),
            Op::Strangers(who, _) | Op::Unpin(who, _) => runs(who),
            Op::Accept(who, whom) | Op::Decline(who, whom) | Op::Pin(who, _, whom) => {
                who != whom && runs(who) && known(whom).is_some()
            }
            Op::Trust(who, voucher) | Op::Distrust(who, voucher) => {
                runs(who) && *voucher != Voucher::Itself && voices(voucher)
            }
            Op::Certify(who, title, by) => {
                gone(who) && voices(by) && keyrota::spec::Name::new(title).is_some()
            }
            Op::Clone(who, of) => who != of && gone(who) && known(of).is_some(),
            Op::Bar(whom, by) | Op::Pardon(whom, by) | Op::Revoke(whom, by) => {
                known(whom).is_some() && whom != by && runs(by) && here(by)
            }
            Op::Follow(who, whom) => who != whom && runs(who) && here(who) && known(whom).is_some(),
            Op::Tell(who, whom, _) => who != whom && runs(who) && known(whom).is_some(),
            Op::Hang(who) => runs(who),
            Op::Wake(who) => known(who).is_some_and(|actor| actor.hung),
            Op::Crash(who) => known(who).is_some_and(|actor| actor.terminal.is_some()),
            // Where it has stored too little, it begins with nothing.
            Op::Restart(who, _) => known(who).is_some_and(|actor| actor.terminal.is_none()),
            Op::Split(sides) => {
                sides.iter().flatten().all(|who| known(who).is_some())
                    && self.actors.iter().all(|actor| actor.side == 0)
            }
            Op::Lose(who, _)
            | Op::Hold(who, _)
            | Op::Lag(who, _)
            | Op::Repeat(who)
            | Op::Mute(who, _)
            | Op::Choke(who, _)
            | Op::Clock(who, _)
            | Op::Pace(who, _)
            | Op::Operator(who, _) => known(who).is_some(),
            // Nothing overtakes a change of nick: it says whose what comes before and after it is.
            Op::Take(who, from) => {
                let renames = |told: &Told| matches!(told, Told::Nick(..));
                runs(who)
                    && !self.under_way(*who).any(|(.., told)| renames(told))
                    && self.first_of(*who, *from).is_some()
            }
            Op::Miss(who, from) => {
                self.first_of(*who, *from).is_some_and(|(_, told)| told.is_line())
            }
            Op::Lie(to, lie) => {
                runs(to)
                    && match lie {
                        Lie::Join(who)
                        | Lie::Part(who)
                        | Lie::Kick(who)
                        | Lie::Quit(who)
                        | Lie::Nick(who, _)
                        | Lie::Operator(who)
                        | Lie::Deop(who) => known(who).is_some(),
                        Lie::Names(who) => {
                            here(to)
                                && !who.is_empty()
                                && who.iter().all(|who| known(who).is_some())
                        }
                        Lie::Alone => here(to),
                    }
            }
            Op::Replay(back, way) | Op::Alter(back, _, way) => {
                *back < self.lines.len() && goes(way)
            }
            Op::Flood(_, way) => goes(way),
            Op::Rogue(who, trick) => known(who).is_some() && self.allows_trick(*who, *trick),
            Op::Noise(kind, _, way) => *kind < 16 && goes(way),
        }
    }
}
