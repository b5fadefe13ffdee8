//! Who is a member where a network is whole again, and whether they agree.

use keyrota::spec::{KeyId, Record};
use keyrota::{Fault, Notice};

use crate::checker::Checker;
use crate::mend::{channel, leader, sealing};
use crate::op::Op;
use crate::reference::compare;
use crate::world::{CHANNEL, World};

/// Whether the user of anybody was given a reason to refuse another.
pub(crate) fn given_reasons(checker: &Checker) -> bool {
    let reason = |op: &Op| {
        matches!(
            op,
            Op::Strangers(..)
                | Op::Accept(..)
                | Op::Decline(..)
                | Op::Trust(..)
                | Op::Distrust(..)
                | Op::Pin(..)
                | Op::Unpin(..)
                | Op::Revoke(..)
                | Op::Certify(..)
                | Op::Clone(..)
        )
    };
    checker.done.iter().any(|(_, op)| reason(op))
}

/// Whether one has not found that it does not accept another's certificate.
pub(crate) fn accepts(checker: &Checker, world: &World, who: usize, whom: usize) -> bool {
    let view = world.view(who, CHANNEL);
    let vouched = view.and_then(|view| view.vouched(&checker.ids[whom]));
    vouched.map_or_else(|| !has_refused(checker, world, who, whom), |vouched| vouched.is_ok())
}

/// Whether one that forgot another since, as it came back, did not accept it when it met it last.
fn has_refused(checker: &Checker, world: &World, who: usize, whom: usize) -> bool {
    let of = checker.notices.iter().rev().filter(|(one, ..)| *one == who);
    let met = of.map(|(.., notice)| match notice {
        Notice::Fault { nick, fault: Fault::Certificate(_) } => {
            (**nick == *world.actors[whom].nick).then_some(true)
        }
        Notice::Seen { member, .. } => (*member == checker.ids[whom]).then_some(false),
        _ => None,
    });
    met.flatten().next().unwrap_or(false)
}

/// Likewise, both of each other.
pub(crate) fn accept_each_other(
    checker: &Checker,
    world: &World,
    one: usize,
    other: usize,
) -> bool {
    accepts(checker, world, one, other) && accepts(checker, world, other, one)
}

/// Those who are not barred and accept each other, whoever has a seat first; and the greatest record that one of them knows.
pub(crate) fn members(checker: &Checker, world: &World) -> Option<(Vec<usize>, Record)> {
    let target = channel(world, leader(world)?)?;
    let all = 0..world.actors.len();
    let current = |who: usize| {
        let of_target = channel(world, who) == Some(target);
        checker.archive.get(&checker.current(world, who).filter(|_| of_target)?)
    };
    let greatest = all.clone().filter_map(current).max_by(|one, other| compare(one, other))?;
    let seat = |who: &usize| greatest.list.seat_of(&checker.ids[*who]);
    let mut open: Vec<usize> = all.filter(|who| !greatest.list.bars(&checker.ids[*who])).collect();
    open.sort_by_key(|who| seat(who).map_or(u8::MAX, |(number, _)| number));
    let mut members = Vec::new();
    for who in open {
        if members.iter().all(|other| accept_each_other(checker, world, who, *other)) {
            members.push(who);
        }
    }
    members.sort_unstable();
    Some((members, greatest.clone()))
}

/// Whether one who does not accept all of these, or is not accepted, stands in their order.
pub(crate) fn in_strife(checker: &Checker, world: &World, all: &[usize], record: &Record) -> bool {
    let seated = |who: usize| record.list.seat_of(&checker.ids[who]).is_some();
    (0..world.actors.len()).any(|who| !all.contains(&who) && seated(who))
}

/// Seats with `update`, and with `distribute` alone.
pub(crate) fn seats(record: &Record) -> (u64, u64) {
    let seats = record.list.seats().map(|(_, seat)| seat.rights.update);
    seats.fold((0, 0), |(m, d), update| if update { (m + 1, d) } else { (m, d + 1) })
}

/// Whether all members have the same current record, and seal under the same key.
pub(crate) fn agree(checker: &Checker, world: &World) -> bool {
    let Some((members, _)) = members(checker, world) else { return false };
    let state = |who: &usize| (checker.current(world, *who), sealing(world, *who));
    let mut states = members.iter().map(state);
    let first = states.next();
    first.is_some_and(|(_, sealing)| sealing.is_some())
        && states.all(|state| Some(state) == first)
        && members.iter().all(|who| above(checker, world, *who).is_none())
}

/// A valid record above the current one that waits at one for a proof, or for its author's Hello.
pub(crate) fn above(checker: &Checker, world: &World, who: usize) -> Option<KeyId> {
    let view = world.view(who, CHANNEL)?;
    let (channel, current) = (view.id()?, view.record()?);
    let waiting = view.waiting().into_iter().map(|(id, _)| id);
    let above =
        |id: &KeyId| checker.archive.get(id).is_some_and(|one| compare(one, current).is_gt());
    // Mostly there is none.
    let mut above = waiting.filter(above).peekable();
    above.peek()?;
    // What an insider signed and showed to nobody proves nothing to anybody.
    let heard = |id: &KeyId| checker.minds.iter().any(|mind| mind.has_heard(id));
    let all = checker.archive.iter().map(|(id, _)| *id).filter(heard).collect();
    let valid = checker.archive.valid(&all, &channel);
    above.find(|id| valid.contains(id))
}
