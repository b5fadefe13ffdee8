//! Sees what a schedule reaches, so that nobody takes silence for proof.

use std::cmp::Ordering;

use keyrota::spec::limits::{EPOCH_MAX, GRACE};
use keyrota::spec::{Cause, ChannelId, Descent, Frame, KeyId, List, MemberId, Record, SignedHello};

use crate::checker::Checker;
use crate::learn::record_in;
use crate::mind::Mind;
use crate::op::Op;
use crate::reference::{channel_of, compare, key_id, root_of, step_of, steps};
use crate::rogue::Trick;
use crate::world::{CHANNEL, World};

impl Checker {
    /// Counts what an operation is, if it is carried out now.
    pub(crate) fn reach_by(&mut self, world: &World, op: &Op) {
        if !world.allows(op) {
            return;
        }
        let current = |who: usize| self.archive.get(&self.current(world, who)?);
        let is_first = |who: usize| current(who).and_then(first) == Some(self.ids[who]);
        let what = match op {
            // It counts once it has been taken in for long.
            Op::Lie(to, lie) => return self.lies.push((*to, world.told(*to, lie))),
            Op::Wake(who) if is_first(*who) => {
                let others = (0..world.actors.len()).filter_map(|who| self.current(world, who));
                let own = self.current(world, *who);
                if !others.into_iter().any(|id| self.is_newer(&id, own.as_ref())) {
                    return;
                }
                "stalled first that comes back"
            }
            Op::Nick(who, _) | Op::Swap(who, _)
                if is_first(*who) && self.minds[*who].present.len() > 1 =>
            {
                "first that changes its nick"
            }
            Op::Hang(who) | Op::Crash(who) | Op::Cut(who) | Op::Part(who) | Op::Kick(who)
                if self.is_cut_short(world, *who) =>
            {
                "author gone after its first line"
            }
            Op::Heal(_) => return self.reach_by_healing(world),
            _ => return,
        };
        self.counters.count(what);
    }

    /// Two sides differ in nothing but whose key is the newest: each has one of which the other knows nothing.
    fn reach_by_healing(&mut self, world: &World) {
        let of = |side: usize| {
            let actors = world.actors.iter().enumerate();
            actors.filter(move |(_, actor)| actor.side == side && actor.here).map(|(who, _)| who)
        };
        let greatest = |side: usize| {
            let records = of(side).filter_map(|who| self.archive.get(&self.current(world, who)?));
            Some((side, records.max_by(|one, other| compare(one, other))?))
        };
        let mut sides = (0..=2).filter_map(greatest);
        let (Some((first, one)), Some((second, other))) = (sides.next(), sides.next()) else {
            return;
        };
        let knows = |side, record| of(side).any(|who| self.knows_of(world, who, &key_id(record)));
        let apart = !knows(first, other) && !knows(second, one);
        if apart && channel_of(one) == channel_of(other) && one.list == other.list {
            self.counters.count(match one.epoch == other.epoch {
                true => "healed with equal epochs",
                false => "healed with unequal epochs",
            });
        }
    }

    /// Whether one has heard a record, or has it in the proof of its list.
    fn knows_of(&self, world: &World, who: usize, id: &KeyId) -> bool {
        let view = world.view(who, CHANNEL);
        let proves = view.is_some_and(|view| view.proof().any(|record| key_id(record) == *id));
        proves || self.minds[who].has_heard(id)
    }

    /// Whether one is of the same channel as the other, and above it.
    fn is_newer(&self, one: &KeyId, other: Option<&KeyId>) -> bool {
        let (Some(one), Some(other)) = (self.archive.get(one), other) else { return false };
        let other = self.archive.get(other);
        other.is_some_and(|other| {
            channel_of(one) == channel_of(other) && compare(one, other).is_gt()
        })
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
        if record.author_entry().is_some_and(|author| !author.rights.update) {
            reached.push("renewed by a distributor");
        }
        if let Some(before) = before.and_then(|id| self.archive.get(&id)) {
            if before.epoch == EPOCH_MAX && changes_itself_alone(record, &before.list) {
                reached.push("epoch at its limit");
            }
            let trick = self.hostile.get(&key_id(before)).map(|forged| forged.trick);
            if record.cause == Cause::Missing
                && matches!(trick, Some(Trick::Nobody | Trick::LastEpoch))
            {
                reached.push("key that nobody gets");
            }
            if record.cause == Cause::Exclusion && self.author_left_without_box(world, who, before)
            {
                reached.push("author without a box excluded");
            }
            if record.list != before.list {
                reached.extend(self.signed_again(who, record, before));
            }
            let (silent, gone) = self.away(world, who, before);
            // By nobody's own command.
            let by_order = !matches!(record.cause, Cause::List | Cause::Founding)
                && record.list == before.list;
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
                if silent > 0 && record.cause == Cause::Exclusion {
                    reached.push("excluded while the first is silent");
                }
            }
        }
        // What others have made meanwhile.
        let others = self.unheard(who).filter(|(_, other, _)| {
            channel_of(other) == channel_of(record)
                && other.list == record.list
                && other.author != record.author
        });
        for (other_id, other, at) in others {
            let wrapped = |record: &Record| matches!(record.descent, Descent::Wrapped { .. });
            let same_place = other.epoch == record.epoch
                && step_of(other) == step_of(record)
                && (!wrapped(record) || root_of(other) == root_of(record));
            // Whoever comes later in the order waits that long for the one before.
            let at_once = world.ms - at <= GRACE;
            if at_once && same_place && wrapped(other) == wrapped(record) {
                reached.push("two renewals at once");
            }
            if self.is_newer(other_id, before.as_ref()) && wrapped(other) != wrapped(record) {
                reached.push("sealed against wrapped");
            }
        }
        reached.sort_unstable();
        reached.dedup();
        reached.into_iter().for_each(|what| self.counters.count(what));
    }

    /// What honest terminals have made that one has not heard, and when.
    fn unheard(&self, who: usize) -> impl Iterator<Item = (&KeyId, &Record, u64)> {
        let unheard = self.born.iter().filter(move |(id, _)| {
            !self.minds[who].has_heard(id) && !self.hostile.contains_key(id)
        });
        unheard.filter_map(|(id, at)| Some((id, self.archive.get(id)?, *at)))
    }

    /// How many of those before `who` in the order of a record are here but silent, and how many are
    /// not here; none, if one of them could have acted.
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
            } else {
                return (0, 0);
            }
        }
        (silent, gone)
    }

    /// Whether the author of the key from which that of a record descends has left, and no box of any
    /// such key was for it.
    fn author_left_without_box(&self, world: &World, who: usize, record: &Record) -> bool {
        let root = root_of(record);
        let family = || self.archive.iter().filter(|(_, relative)| root_of(relative) == root);
        let sealed =
            family().find(|(_, relative)| !matches!(relative.descent, Descent::Wrapped { .. }));
        let author = sealed.and_then(|(_, sealed)| Some(sealed.author_entry()?.id));
        let Some(author) = self.ids.iter().position(|id| Some(*id) == author) else { return false };
        let boxes = |id| self.sealed_to.get(id).is_some_and(|to| to.contains(&author));
        let away = !world.actors[author].here || !world.linked(author, who);
        away && !family().any(|(id, _)| boxes(id))
    }

    /// Who founded a channel, if nobody else has a seat in it or was given a key.
    fn lone_founder(&self, channel: ChannelId) -> Option<MemberId> {
        let mut records = self.archive.iter().filter(|(_, one)| channel_of(one) == channel);
        let (id, first) = records.next()?;
        let [founder] = first.list.entries() else { return None };
        let lone = |(id, one): (&KeyId, &Record)| {
            let mut to = self.sealed_to.get(id).into_iter().flatten();
            one.list.entries().len() == 1 && to.all(|who| self.ids[*who] == founder.id)
        };
        (lone((id, first)) && records.all(lone)).then_some(founder.id)
    }

    /// Counts what a frame is to whoever takes it in, with the line of this number.
    pub(crate) fn reach_by_frame(
        &mut self,
        world: &World,
        who: usize,
        number: usize,
        frame: &Frame<'_>,
    ) {
        if let Frame::Hello { hello, .. } = frame {
            self.reach_by_hello(who, hello, world.lines[number].author.is_none());
        }
        let Some((signed, _, boxes)) = record_in(frame) else { return };
        let (id, record) = (key_id(&signed.record), &signed.record);
        let Some(current) = self.current(world, who) else { return };
        let what = self.hostile.get(&id).and_then(|forged| match forged.trick {
            Trick::OldList if forged.unseated => Some("removed updater forges"),
            Trick::NoSeat => Some("member without a seat forges"),
            Trick::Prefix => Some("altered prefix of a list"),
            Trick::WrappedList => Some("wrapped change of a list"),
            Trick::OtherRoot => Some("wrapped under another root"),
            Trick::Twice => Some("two records for one place"),
            _ => None,
        });
        what.into_iter().for_each(|what| self.counters.count(what));
        let view = world.view(who, CHANNEL);
        let holds = view.is_some_and(|view| view.keys().any(|held| held == id));
        let mine = boxes.iter().any(|one| one.whom == self.ids[who].hint());
        if mine && !holds && self.is_newer(&current, Some(&id)) {
            self.counters.count("stale grant refused");
        }
        let own = self.minds[who].channel;
        let met =
            own.filter(|own| *own != channel_of(record)).and_then(|own| self.lone_founder(own));
        if met == Some(self.ids[who]) && self.lone_founder(channel_of(record)).is_some() {
            self.counters.count("two lone founders meet");
        }
        self.reach_by_loss(world, who, record);
    }

    /// Somebody hears a Hello: perhaps one that comes again, though a newer one came before.
    fn reach_by_hello(&mut self, who: usize, hello: &SignedHello, is_replayed: bool) {
        // What was altered on the way is none.
        if !self.greetings.contains(&hello.to_bytes()) {
            return;
        }
        let id = keyrota::member_id(&hello.hello.certificate.body.key);
        let newest = self.hellos.entry((who, id)).or_insert(0);
        if is_replayed && hello.hello.time < *newest {
            self.counters.count("old Hello again");
        }
        *newest = hello.hello.time.max(*newest);
    }

    /// A record of somebody who removed or barred another is heard where it is below the current one,
    /// which does not know of that.
    fn reach_by_loss(&mut self, world: &World, who: usize, record: &Record) {
        let Some(current) = self.current(world, who).and_then(|id| self.archive.get(&id)) else {
            return;
        };
        if self.lost_removals(record, current).next().is_some() {
            self.lost.insert(key_id(record));
            self.counters.count("lost removal heard");
        }
    }

    /// Whom a lost change took from the list, or barred, while the current one does not.
    fn lost_removals<'a>(
        &'a self,
        lost: &'a Record,
        current: &'a Record,
    ) -> impl Iterator<Item = MemberId> + 'a {
        let is_lost = is_lost(lost, current);
        let bases = self.archive.iter().map(|(_, base)| base).filter(move |base| {
            is_lost && channel_of(base) == channel_of(lost) && steps(lost, &base.list)
        });
        let removed = bases.flat_map(|base| taken(lost, base));
        removed.filter(|id| taken(lost, current).any(|taken| taken == *id))
    }

    /// A list takes from somebody what a lost change that was heard took, which the one before it had not.
    fn signed_again(&self, who: usize, list: &Record, before: &Record) -> Option<&'static str> {
        let heard = self.lost.iter().filter(|id| self.minds[who].has_heard(id));
        let again = heard.filter_map(|id| self.archive.get(id)).filter(|lost| {
            self.lost_removals(lost, before).any(|id| {
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

    /// Notes the sealed key whose author was cut off after the line with its record, before all its boxes.
    pub(crate) fn note_choke(&mut self, world: &World, who: usize, lines: &[usize]) {
        let choke = world.actors[who].faults.choke;
        let before = std::mem::replace(&mut self.chokes[who], choke);
        let (Some(through), Some(0)) = (before, choke) else { return };
        let mut joined = Mind::default();
        let mut sealed = None;
        for (number, line) in
            (0_u32..).zip(lines).map(|(number, line)| (number, &world.lines[*line]))
        {
            let Some(bytes) = joined.take(&line.nick, &line.text, line.at) else { continue };
            match Frame::decode(&bytes) {
                Ok(Frame::Sealed { record, .. }) if number < through => {
                    sealed = Some(key_id(&record.record));
                }
                Ok(Frame::Boxes { key, .. })
                    if number >= through && sealed.is_some_and(|id| id.prefix() == key) =>
                {
                    self.cut_short[who] = sealed;
                }
                _ => {}
            }
        }
    }

    /// Whether one is here, but nothing comes from it since the first line of the key that is current for it,
    /// which somebody lacks to whom it was sealed.
    fn is_cut_short(&self, world: &World, who: usize) -> bool {
        let actor = &world.actors[who];
        let here = actor.runs() && actor.here && actor.faults.choke == Some(0);
        let key = self.cut_short[who].filter(|id| here && self.current(world, who) == Some(*id));
        key.is_some_and(|id| {
            let mut to = self.sealed_to.get(&id).into_iter().flatten();
            to.any(|who| !self.minds[*who].knows.contains_key(&id))
        })
    }

    /// Counts records that wait for one of which nothing that was heard proves the list.
    pub(crate) fn reach_by_waiting(&mut self, who: usize, channel: ChannelId, waiting: &[KeyId]) {
        if waiting.is_empty() {
            return;
        }
        let all = self.archive.iter().map(|(id, _)| *id);
        let heard = all.filter(|id| self.minds[who].has_heard(id)).collect();
        let valid = self.archive.valid(&heard, &channel);
        if waiting.iter().any(|id| !valid.contains(id)) {
            self.counters.count("record that waits for its proof");
        }
    }

    /// The key that is current for one in the channel seals no more since it was last looked at, and others have
    /// made one that it has not heard.
    pub(crate) fn reach_by_expiry(&mut self, world: &World, who: usize) {
        let actor = &world.actors[who];
        let current = self.current(world, who).filter(|_| actor.runs() && actor.here);
        let left = current.and_then(|id| self.left(world, who, &id));
        let before = std::mem::replace(&mut self.alive[who], current.filter(|_| left > Some(0)));
        let ceased = left == Some(0) && before == current;
        if ceased && self.unheard(who).any(|(id, ..)| self.is_newer(id, current.as_ref())) {
            self.counters.count("cut off until the key expired");
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

/// Whether a list is another one with nothing changed but the number of its author's changes.
fn changes_itself_alone(record: &Record, base: &List) -> bool {
    let mut entries = base.entries().to_vec();
    let author = usize::from(record.author);
    let (Some(entry), Some(own)) = (entries.get_mut(author), record.author_entry()) else {
        return false;
    };
    let changed = entry.changes < own.changes;
    entry.changes = own.changes;
    changed && entries == record.list.entries()
}

/// Whose turn it is first.
fn first(record: &Record) -> Option<MemberId> {
    record.turn.first().and_then(|seat| record.list.seat(*seat)).map(|seat| seat.id)
}
