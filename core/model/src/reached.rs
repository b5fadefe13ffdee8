//! Sees what a schedule reaches, so that nobody takes silence for proof.

use std::cmp::Ordering;

use keyrota::spec::limits::EPOCH_MAX;
use keyrota::spec::{Cause, Descent, Frame, KeyId, MemberId, Record};

use crate::checker::Checker;
use crate::op::{Lie, Op};
use crate::reference::{compare, key_id, root_of};
use crate::world::World;

impl Checker {
    /// Counts what an operation is, if it is carried out now.
    pub(crate) fn reach_by(&mut self, world: &World, op: &Op) {
        let keyed = |who: &usize| self.current(world, *who).is_some();
        let what = match op {
            Op::Lie(to, lie) if keyed(to) => match lie {
                Lie::Operator(_) => "forged MODE",
                Lie::Kick(_) => "forged KICK",
                Lie::Part(_) => "forged PART",
                _ => return,
            },
            Op::Wake(who) => {
                let own = self.current(world, *who);
                let others = (0..world.actors.len()).filter_map(|who| self.current(world, who));
                let newer = others.into_iter().any(|id| self.is_above(&id, own.as_ref()));
                match own.and_then(|id| self.archive.get(&id)) {
                    Some(record) if newer && first(record) == Some(self.ids[*who]) => {
                        "stalled first that comes back"
                    }
                    _ => return,
                }
            }
            Op::Nick(who, _) | Op::Swap(who, _) => {
                let current = self.current(world, *who).and_then(|id| self.archive.get(&id));
                match current.and_then(first) {
                    Some(id) if id == self.ids[*who] => "first that changes its nick",
                    _ => return,
                }
            }
            Op::Heal => return self.reach_by_healing(world),
            _ => return,
        };
        self.counters.count(what);
    }

    fn reach_by_healing(&mut self, world: &World) {
        let epochs = |side: usize| {
            let of = (0..world.actors.len()).filter(|who| world.actors[*who].side == side);
            let records = of.filter_map(|who| self.archive.get(&self.current(world, who)?));
            records.max_by(|one, other| compare(one, other)).map(|one| (key_id(one), one.epoch))
        };
        let (Some((one, epoch)), Some((other, its))) = (epochs(0), epochs(1)) else { return };
        if one != other {
            let equal = epoch == its;
            self.counters.count(match equal {
                true => "healed with equal epochs",
                false => "healed with unequal epochs",
            });
        }
    }

    fn is_above(&self, one: &KeyId, other: Option<&KeyId>) -> bool {
        let Some(one) = self.archive.get(one) else { return false };
        let other = other.and_then(|other| self.archive.get(other));
        other.is_none_or(|other| compare(one, other) == Ordering::Greater)
    }

    /// Counts what a record is that a terminal has just made, which knew `before` as current.
    pub(crate) fn reach_by_record(
        &mut self,
        world: &World,
        who: usize,
        record: &Record,
        before: Option<KeyId>,
    ) {
        let mut reached = Vec::new();
        let id = key_id(record);
        if record.author_entry().is_some_and(|author| !author.rights.update) {
            reached.push("renewed by a distributor");
        }
        if let Some(before) = before.and_then(|id| self.archive.get(&id)) {
            if before.epoch == EPOCH_MAX && record.epoch == 0 {
                reached.push("epoch at its limit");
            }
            if matches!(record.cause, Cause::Missing) && self.nobody_gets.contains(&key_id(before))
            {
                reached.push("key that nobody gets");
            }
            if record.list != before.list {
                reached.extend(self.signed_again(who, record, before));
            }
            let (silent, gone) = self.away(world, who, before);
            let by_order = !matches!(record.cause, Cause::List | Cause::Founding);
            if by_order && silent + gone > 0 {
                if silent > 0 {
                    reached.push("renewed for a silent first");
                }
                if gone > 0 {
                    reached.push("renewed for a first that left");
                }
                if silent + gone > 1 {
                    reached.push("renewed by the third");
                }
                if silent + gone > 2 {
                    reached.push("renewed by the fourth");
                }
                if record.cause == Cause::Exclusion {
                    reached.push("excluded while the first is away");
                }
            }
        }
        // What others have made meanwhile that its author has not heard.
        let unheard = self.archive.iter().filter(|(other, _)| {
            **other != id && !self.minds[who].has_heard(other) && before != Some(**other)
        });
        for (_, other) in unheard.filter(|(_, other)| other.list == record.list) {
            let wrapped = |record: &Record| matches!(record.descent, Descent::Wrapped { .. });
            let same_place = other.epoch == record.epoch
                && step(other) == step(record)
                && (!wrapped(record) || root_of(other) == root_of(record));
            if other.author != record.author && same_place && wrapped(other) == wrapped(record) {
                reached.push("two renewals at once");
            }
            let above = before.is_none_or(|before| self.is_above(&key_id(other), Some(&before)));
            if above && wrapped(other) != wrapped(record) {
                reached.push("sealed against wrapped");
            }
        }
        reached.sort_unstable();
        reached.dedup();
        reached.into_iter().for_each(|what| self.counters.count(what));
    }

    /// How many of those before `who` in the order of a record are here but silent, and how many are
    /// not here.
    fn away(&self, world: &World, who: usize, record: &Record) -> (usize, usize) {
        let owners = record.turn.iter().filter_map(|seat| record.list.seat(*seat));
        let before = owners.map(|seat| seat.id).take_while(|id| *id != self.ids[who]);
        let (mut silent, mut gone) = (0, 0);
        for other in before.filter_map(|id| self.ids.iter().position(|other| *other == id)) {
            let actor = &world.actors[other];
            if !actor.here || !world.linked(other, who) {
                gone += 1;
            } else if !actor.runs() || actor.faults.mute {
                silent += 1;
            }
        }
        (silent, gone)
    }

    /// Counts what a frame is to whoever takes it in.
    pub(crate) fn reach_by_frame(&mut self, world: &World, who: usize, frame: &Frame<'_>) {
        let me = self.ids[who];
        match frame {
            Frame::Hello { hello, .. } => {
                let id = keyrota::member_id(&hello.hello.certificate.body.key);
                let newest = self.hellos.entry((who, id)).or_insert(0);
                if hello.hello.time < *newest {
                    self.counters.count("old Hello again");
                }
                *newest = hello.hello.time.max(*newest);
            }
            Frame::Sealed { record, boxes, .. } => {
                let id = key_id(&record.record);
                let mine = boxes.iter().any(|one| one.whom == me.hint());
                let current = self.current(world, who);
                if mine && current.is_some_and(|current| self.is_above(&current, Some(&id))) {
                    self.counters.count("old key granted");
                }
            }
            _ => {}
        }
        if let Frame::Refresh { record, .. }
        | Frame::Sealed { record, .. }
        | Frame::Announce { record, .. } = frame
        {
            self.reach_by_loss(world, who, &record.record);
        }
    }

    /// A record of somebody who removed or barred another is heard where it is below the current one,
    /// which does not know of that.
    fn reach_by_loss(&mut self, world: &World, who: usize, record: &Record) {
        let Some(current) = self.current(world, who).and_then(|id| self.archive.get(&id)) else {
            return;
        };
        if is_lost(record, current) && record.list.barred().any(|id| !current.list.bars(id)) {
            self.counters.count("lost removal heard");
        }
    }

    /// A list takes from somebody what a lost change took, which the one before it had not.
    fn signed_again(&self, who: usize, list: &Record, before: &Record) -> Option<&'static str> {
        let heard = self.archive.iter().filter(|(id, _)| self.minds[who].has_heard(id));
        let lost = heard.map(|(_, lost)| lost).filter(|lost| is_lost(lost, before));
        let again = lost.filter(|lost| {
            taken(lost, before).any(|id| {
                list.list.seat_of(&id).is_none() && (!lost.list.bars(&id) || list.list.bars(&id))
            })
        });
        let authors: Vec<MemberId> =
            again.filter_map(|lost| Some(lost.author_entry()?.id)).collect();
        let own = authors.iter().all(|id| *id == self.ids[who]);
        (!authors.is_empty()).then_some(match own {
            true => "lost removal signed again by its author",
            false => "lost removal signed again by another",
        })
    }

    /// The author of a sealed key was cut off in the middle of its lines.
    pub(crate) fn reach_by_choke(&mut self, world: &World, who: usize, lines: usize) {
        let choke = world.actors[who].faults.choke;
        let before = std::mem::replace(&mut self.chokes[who], choke);
        let through = before.and_then(|before| usize::try_from(before).ok());
        if choke == Some(0) && through.is_some_and(|through| (1..lines).contains(&through)) {
            self.counters.count("author gone after its first line");
        }
    }
}

/// Whether a record below another holds changes of its author of which that one knows nothing.
fn is_lost(record: &Record, current: &Record) -> bool {
    let unknown = record.author_entry().is_some_and(|author| {
        let seat = current.list.seat_of(&author.id);
        seat.is_some_and(|(_, seat)| seat.changes < author.changes)
    });
    unknown && compare(record, current) == Ordering::Less
}

/// Those whom a list bars and another does not, or who have a seat by that one alone.
fn taken<'a>(by: &'a Record, from: &'a Record) -> impl Iterator<Item = MemberId> + 'a {
    let barred = by.list.barred().filter(|id| !from.list.bars(id)).copied();
    let seats = from.list.seats().map(|(_, seat)| seat.id);
    barred.chain(seats.filter(|id| by.list.seat_of(id).is_none()))
}

fn step(record: &Record) -> u8 {
    match record.descent {
        Descent::Wrapped { step, .. } => step,
        Descent::Sealed | Descent::Genesis { .. } => 0,
    }
}

/// Whose turn it is first.
fn first(record: &Record) -> Option<MemberId> {
    record.turn.first().and_then(|seat| record.list.seat(*seat)).map(|seat| seat.id)
}
