//! What a network that is whole again must come to: invariants 10 and 11, and 12 by `quiet.rs`, after [`settle`].

use std::collections::BTreeSet;

use keyrota::Notice;
use keyrota::spec::limits::{ASK_JITTER, ASK_WAIT, DEPARTURE, GRACE, PAUSE, SEALED_GAP};
use keyrota::spec::{Cause, Frame, KeyId, MemberId, Root, armor};

use crate::alone::ten_alone;
use crate::checker::{Checker, Violation};
use crate::members::{
    above, accept_each_other, accepts, agree, given_reasons, in_strife, members, seats,
};
use crate::mend::{SLACK, UNDER_WAY, mend, renew_over, sealing};
use crate::op::{CAST, Op};
use crate::quiet::{size, twelve_kept, twelve_quiet};
use crate::reference::root_of;
use crate::set::Set;
use crate::world::{CHANNEL, World};

/// What is counted where one of these was looked at to its end.
pub const SEEN_TO: [&str; 8] = [
    "all came to agree",
    "wish fulfilled",
    "wish fulfilled without the first",
    "wish fulfilled without two",
    "renewed for what was set",
    "excluded in time",
    "all told that nobody can renew",
    "all heard who talked to them alone",
];
/// Seconds of silence after which a key is renewed, where that is looked at.
const IDLE: u32 = 100;
/// Of these, where a wish is fulfilled though none, one, or more are silent.
const FULFILLED: [&str; 3] = [SEEN_TO[1], SEEN_TO[2], SEEN_TO[3]];

pub(crate) fn fail(world: &World, invariant: u8, what: String) -> Violation {
    Violation { invariant, at: world.ms, what }
}

/// Makes the network whole, brings everybody back, and holds the world against invariants 10 to 12.
///
/// # Errors
/// The first invariant that does not hold, one of safety or of these.
pub fn settle(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    hold_all(checker, world).map_err(made_whole)
}

/// Says that a schedule shows this only where the network is made whole after it.
fn made_whole(violation: Violation) -> Violation {
    let what = format!("the network was made whole, and {}", violation.what);
    Violation { what, ..violation }
}

fn hold_all(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    mend(checker, world)?;
    remind(checker, world)?;
    ten_members(checker, world)?;
    ten_alone(checker, world)?;
    if ten(checker, world)? {
        for silent in 0..4 {
            if !eleven(checker, world, silent)? {
                break;
            }
        }
        ten(checker, world)?;
        eleven_triggers(checker, world)?;
        ten(checker, world)?;
        eleven_excluded(checker, world)?;
        ten(checker, world)?;
    }
    twelve_kept(checker, world)?;
    let due = renewable(checker, world);
    twelve_quiet(checker, world)?;
    eleven_period(checker, world, due)?;
    eleven_nobody(checker, world)
}

/// Likewise, has everybody say something, and holds the world against the parts of these invariants
/// that take little: who missed a refresh in a silent channel, and is not in the order, hears of it when
/// somebody speaks; a wish is fulfilled though the first is silent; and nothing is kept for long.
///
/// # Errors
/// The first invariant that does not hold, one of safety or of these.
pub fn come_together(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    hold_some(checker, world).map_err(made_whole)
}

fn hold_some(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    mend(checker, world)?;
    for (who, name) in (0..world.actors.len()).zip(CAST) {
        checker.apply(world, &Op::Say(who, format!("{name} is here")))?;
    }
    if ten(checker, world)? {
        eleven(checker, world, 1)?;
    }
    twelve_kept(checker, world)
}

/// Whoever has missed a record learns of it when somebody speaks whom those accept who know it (chapter 9,
/// "Announcing"); whoever asked in vain for long asks again then (chapter 9, "Asking").
fn remind(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    let (speakers, others): (Vec<usize>, Vec<usize>) =
        (0..world.actors.len()).partition(|who| sealing(world, *who).is_some());
    if others.is_empty() && world.actors.iter().all(|actor| !actor.lost) {
        return Ok(());
    }
    let members = members(checker, world).map(|(members, _)| members).unwrap_or_default();
    let accepted: Vec<usize> =
        speakers.iter().copied().filter(|who| members.contains(who)).collect();
    let speakers = if accepted.is_empty() { speakers } else { accepted };
    // Whoever waits for the key of a text that was made up asks for no other, until that is given up: it is told when
    // it speaks itself.
    let waits = |who: &usize| size(world, *who, CHANNEL, "texts held") > 0;
    let one = speakers.get(world.lines.len() % speakers.len().max(1)).copied();
    // Nor does anybody know that one lags, or that what it says is under a key, who has not heard a Hello from its
    // nick (9-34, 9-57).
    let has_met = |who: usize, whom: usize| {
        let view = world.view(who, CHANNEL);
        let there = view.and_then(|view| view.roster().occupant(&world.actors[whom].nick));
        there.is_some_and(|occupant| occupant.member == Some(checker.ids[whom]))
    };
    let unmet = |who: &usize| one.is_some_and(|one| one != *who && !has_met(*who, one));
    let waiting = speakers.iter().filter(|who| waits(who)).copied();
    let strangers = speakers.iter().chain(&others).filter(|who| unmet(who)).copied();
    // Whose key has ended may have missed the next one, and asks when it speaks (9-7).
    let has_ended = |who: &usize| {
        let view = world.view(*who, CHANNEL);
        view.is_some_and(|view| view.keys().any(|key| Some(key) == view.current()))
    };
    let ended = others.iter().copied().filter(has_ended);
    let all = one.into_iter().chain(waiting).chain(strangers).chain(ended);
    for who in all.collect::<BTreeSet<_>>() {
        checker.apply(world, &Op::Say(who, format!("is anybody behind {}?", CAST[who])))?;
    }
    Ok(())
}

/// 10, of who a member is: where nobody was given a reason to refuse another, by its user or by its clock, none does.
///
/// # Errors
/// If one refuses another.
pub fn ten_members(checker: &Checker, world: &World) -> Result<(), Violation> {
    let wrong = |op: &Op| matches!(op, Op::Clock(_, seconds) if *seconds != 0);
    if given_reasons(checker) || checker.done.iter().any(|(_, op)| wrong(op)) {
        return Ok(());
    }
    let all = 0..world.actors.len();
    for (who, whom) in all.clone().flat_map(|who| all.clone().map(move |whom| (who, whom))) {
        if !accepts(checker, world, who, whom) {
            let what = format!("{} does not accept {}", CAST[who], CAST[whom]);
            return Err(fail(world, 10, what));
        }
    }
    Ok(())
}

/// 10: if one of them holds the current key or is seated, and one knows the record, all come to the same
/// current and sealing key within (m + 3) · G + (d + 1) · T + W + D. `false`: there is none.
///
/// # Errors
/// If they do not.
pub fn ten(checker: &mut Checker, world: &mut World) -> Result<bool, Violation> {
    let Some((all, greatest)) = members(checker, world) else { return Ok(false) };
    let seated = all.iter().any(|who| greatest.list.seat_of(&checker.ids[*who]).is_some());
    let held = all.iter().any(|who| sealing(world, *who).is_some());
    let known = all.iter().any(|who| checker.current(world, *who).is_some());
    if !known || !seated && !held {
        return Ok(false);
    }
    // Where a seat is there that refuses one of them, nobody without a seat tells that one anything (9-17).
    let gives = |who: &usize| {
        let seat = greatest.list.seat_of(&checker.ids[*who]);
        sealing(world, *who).is_some() && seat.is_some_and(|(_, seat)| seat.rights.distribute)
    };
    if in_strife(checker, world, &all, &greatest) && !all.iter().any(gives) {
        return Ok(false);
    }
    let (m, d) = seats(&greatest);
    let bound = (m + 3) * GRACE + (d + 1) * ASK_WAIT + ASK_JITTER + DEPARTURE + SLACK;
    let end = world.ms + bound;
    if checker.wait(world, end, |checker, world| agree(checker, world))?
        || renew_over(checker, world)? && agree(checker, world)
    {
        checker.counters.count("all came to agree");
        return Ok(true);
    }
    // Who was found to refuse others since does not count: nothing is asked of those who know no record then.
    let Some((all, _)) = members(checker, world) else { return Ok(false) };
    if all.iter().all(|who| checker.current(world, *who).is_none()) {
        return Ok(false);
    }
    let state = |who: &usize| {
        let above = above(checker, world, *who);
        let current = (checker.current(world, *who), sealing(world, *who));
        format!("{} {current:?}, {above:?} waits", CAST[*who])
    };
    let states: Vec<String> = all.iter().map(state).collect();
    Err(fail(world, 10, format!("after {bound} ms: {}", states.join("; "))))
}

/// 11: a wish is fulfilled in time, though so many of those whose turn it is are silent, the first
/// ones; then all agree again. `false`: there is nobody to wish, to do it, or to agree.
///
/// # Errors
/// If it is not.
pub fn eleven(checker: &mut Checker, world: &mut World, silent: usize) -> Result<bool, Violation> {
    // Nobody makes two keys unasked within this time, and rules give the seats that they give.
    checker.apply(world, &Op::Wait(SEALED_GAP + UNDER_WAY))?;
    // A record that is under way would make the wish void (10-13).
    checker.wait(world, world.ms + SLACK, |checker, world| agree(checker, world))?;
    let Some((all, record)) = members(checker, world) else { return Ok(false) };
    let owner = |seat: &u8| {
        let id = record.list.seat(*seat)?.id;
        checker.ids.iter().position(|other| *other == id)
    };
    let order: Vec<usize> = record.turn.iter().filter_map(owner).collect();
    // Somebody with a seat must be left, and somebody to wish.
    let user = all.iter().rev().find(|who| !order.iter().take(silent).any(|first| first == *who));
    let able = silent < order.len() && !in_strife(checker, world, &all, &record);
    let Some(user) = user.copied().filter(|who| able && !world.actors[*who].hung) else {
        return Ok(false);
    };
    if sealing(world, user).is_none() {
        // It cannot wish: it was just excluded, and asks.
        return Ok(false);
    }
    let made = checker.made.clone();
    // What was made meanwhile puts the next off.
    let gap = if was_quiet(checker, world) { 0 } else { SEALED_GAP };
    for who in order.iter().take(silent) {
        checker.apply(world, &Op::Hang(*who))?;
    }
    checker.apply(world, &Op::Refresh(user))?;
    let end = world.ms + gap + PAUSE + silent as u64 * GRACE + SLACK;
    // What is under way already is no answer.
    let new = |checker: &Checker, world: &World| {
        checker.current(world, user).filter(|id| !made.contains(id))
    };
    checker.wait(world, end, |checker, world| new(checker, world).is_some())?;
    for who in order.iter().take(silent) {
        checker.apply(world, &Op::Wake(*who))?;
    }
    let Some(new) = new(checker, world).and_then(|id| checker.archive.get(&id)) else {
        let accepted = |other: &usize| accept_each_other(checker, world, user, *other);
        if !all.iter().all(accepted) {
            // It said who it is for the first time, and another has yet to decide on it.
            return Ok(false);
        }
        let what = format!("{} wished, {silent} were silent, nobody renewed", CAST[user]);
        return Err(fail(world, 11, what));
    };
    // A record that was due for another reason makes the wish void (10-13).
    if !matches!(new.cause, Cause::List | Cause::Exclusion | Cause::Missing) {
        checker.counters.count(FULFILLED[silent.min(2)]);
    }
    ten(checker, world)
}

/// Whether no record has become current for anybody so recently that it puts the next one off.
fn was_quiet(checker: &Checker, world: &World) -> bool {
    checker.turned.last().is_none_or(|(at, ..)| at + SEALED_GAP < world.ms)
}

/// Whether one sent another a sealed key under this root, in one line, since that one's terminal began.
fn gave(checker: &Checker, world: &World, who: usize, whom: usize, root: Root) -> bool {
    let (to, began) = (checker.ids[whom].hint(), checker.minds[whom].began);
    let lines = world.lines.iter().filter(|line| line.author == Some(who) && line.at >= began);
    lines.filter_map(|line| armor::parse(&line.text)).any(|line| {
        let armor::Line::Whole(bytes) = line else { return false };
        let frame = Frame::decode(&bytes);
        let Ok(Frame::Sealed { record, boxes, .. }) = frame else { return false };
        root_of(&record.record) == root && boxes.iter().any(|one| one.whom == to)
    })
}

/// 11, of departures: where holders leave, one after the other, whoever is first makes a key that the
/// first of them cannot know, in time from its departure on, and nobody else makes another.
///
/// # Errors
/// If it is not made, or by several.
pub fn eleven_excluded(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    let Some((all, record)) = members(checker, world) else { return Ok(()) };
    if in_strife(checker, world, &all, &record) {
        return Ok(());
    }
    let is = |who: &usize, id: &MemberId| checker.ids[*who] == *id;
    // By nothing else must it be known to hold the key than by having made that of the root.
    let root = root_of(&record);
    let sealed = checker.archive.iter().find(|(id, _)| Root::first_of(&id.0) == root);
    let sealed = sealed.map(|(id, record)| (*id, record.author_entry().map(|author| author.id)));
    let author = sealed.and_then(|(_, author)| author);
    let author = all.iter().copied().find(|who| author.is_some_and(|id| is(who, &id)));
    // Whoever stays to do it; that author goes, if another can.
    let seats = record.turn.iter().filter_map(|seat| record.list.seat(*seat));
    let able: Vec<usize> =
        seats.filter_map(|seat| all.iter().copied().find(|who| is(who, &seat.id))).collect();
    let Some(keeper) = able.iter().copied().rfind(|who| Some(*who) != author).or(author) else {
        return Ok(());
    };
    let mut others: Vec<usize> = all.iter().copied().filter(|who| Some(*who) != author).collect();
    // Where several with a seat stay, one sees that they do not all act.
    others.sort_by_key(|who| able.contains(who));
    let mut leave: Vec<usize> = author.into_iter().chain(others).collect();
    leave.retain(|who| *who != keeper);
    leave.truncate(all.len().saturating_sub(2).clamp(1, 3));
    let stay: Vec<usize> = all.iter().copied().filter(|who| !leave.contains(who)).collect();
    // Whoever came later knows that only if that author gave it the key itself.
    let heard = |who: &usize| sealed.is_some_and(|(id, _)| checker.minds[*who].has_heard(&id));
    let given = |who: &usize| author.is_some_and(|author| gave(checker, world, author, *who, root));
    let knows = |who: &usize| heard(who) || given(who);
    let silent = author.filter(|_| stay.iter().all(knows));
    for who in all.iter().filter(|who| Some(**who) != silent) {
        // That it speaks shows everybody that it holds the key, and, if they were lied to, that it is there.
        let text = format!("{} speaks at {}", CAST[*who], world.ms);
        checker.apply(world, &Op::Say(*who, text))?;
    }
    checker.apply(world, &Op::Wait(2 * SEALED_GAP + UNDER_WAY))?;
    // A seat that was granted meanwhile may be one of strife.
    let same = members(checker, world)
        .is_some_and(|(now, record)| now == all && !in_strife(checker, world, &now, &record));
    let quiet = same && was_quiet(checker, world) && agree(checker, world);
    let Some(first) = leave.first().copied().filter(|_| quiet) else {
        return Ok(());
    };
    let before = checker.made.clone();
    // So little later that what the next departure causes does not count.
    let end = world.ms + DEPARTURE + 1_000;
    for who in &leave {
        checker.apply(world, &Op::Cut(*who))?;
        checker.apply(world, &Op::Wait(DEPARTURE / 3))?;
    }
    checker.wait(world, end, |_, _| false)?;
    // Who has yet to ask for the author's Hello, or for a proof, comes later.
    let known = |who: &&usize| {
        let view = world.view(**who, CHANNEL);
        let knows = |key| checker.minds[first].knows.contains_key(&key);
        view.is_some_and(|view| view.waiting().is_empty() && view.sealing().is_some_and(knows))
    };
    if let Some(who) = stay.iter().find(known) {
        let what = format!("{} left, and {} seals as before", CAST[first], CAST[*who]);
        return Err(fail(world, 11, what));
    }
    // What an insider signed ahead may come to be above it, and then nobody has a key for a while (10-23).
    let hostile = |who: &usize| {
        checker.current(world, *who).is_some_and(|id| checker.hostile.contains_key(&id))
    };
    if stay.iter().any(hostile) {
        return leave.iter().try_for_each(|who| checker.apply(world, &Op::Join(*who)));
    }
    if stay.iter().all(|who| sealing(world, *who).is_none()) {
        let what = format!("{} left, and nobody made a key", CAST[first]);
        return Err(fail(world, 11, what));
    }
    // A change of the list is no duty whose turn it is.
    let made = checker.made.difference(&before).filter_map(|id| checker.archive.get(id));
    if made.filter(|record| record.cause == Cause::Exclusion).count() > 1 {
        let what = format!("{} left, and several made a key", CAST[first]);
        return Err(fail(world, 11, what));
    }
    checker.counters.count("excluded in time");
    for who in &leave {
        checker.apply(world, &Op::Join(*who))?;
    }
    Ok(())
}

/// One of the members, and its current record: if they agree, and one of them may renew the key.
fn renewable(checker: &Checker, world: &World) -> Option<(usize, Option<KeyId>)> {
    let (all, record) = members(checker, world)?;
    let able = |who: &usize| record.list.seat_of(&checker.ids[*who]).is_some();
    let due = agree(checker, world) && all.iter().any(able);
    let due = due && !in_strife(checker, world, &all, &record);
    all.first().filter(|_| due).map(|who| (*who, checker.current(world, *who)))
}

/// 11, of triggers: where the users of all set one, and what it waits for happens, the key is renewed.
///
/// # Errors
/// If it is not.
pub fn eleven_triggers(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    let all: Vec<usize> = (0..world.actors.len()).collect();
    let (set, cause) = match world.lines.len() % 5 {
        0 => (Set::Messages(Some(2)), Cause::Messages),
        1 => (Set::Bytes(Some(40)), Cause::Bytes),
        2 => (Set::Growth(Some(2)), Cause::Growth),
        3 => (Set::Idle(Some(IDLE)), Cause::Idle),
        _ => (Set::Topic(true), Cause::Topic),
    };
    checker.apply(world, &Op::Set(all.clone(), set))?;
    // Whose key was just renewed does not renew it again.
    checker.apply(world, &Op::Wait(2 * SEALED_GAP))?;
    let quiet = was_quiet(checker, world);
    if let Some((who, before)) = renewable(checker, world).filter(|_| quiet) {
        let made = checker.made.clone();
        match set {
            Set::Growth(_) => checker.apply(world, &Op::Crowd(world.crowd + 2))?,
            Set::Topic(_) => checker.apply(world, &Op::Topic("the ebb".into()))?,
            _ => {
                for number in 0..3 {
                    let text = format!("{} speaks {number} of three times", CAST[who]);
                    checker.apply(world, &Op::Say(who, text))?;
                }
            }
        }
        let idle = if cause == Cause::Idle { u64::from(IDLE) * 1_000 } else { 0 };
        let end = world.ms + idle + PAUSE + SLACK;
        let renewed = |checker: &mut Checker, world: &World| checker.current(world, who) != before;
        // Whose Hello came with its texts may be refused then, and what it says does not count.
        let counts = |checker: &Checker, world: &World| {
            let of_texts = !matches!(set, Set::Growth(_) | Set::Topic(_));
            let mut others = all.iter().filter(|other| of_texts && **other != who);
            others.all(|other| accepts(checker, world, *other, who))
        };
        if !checker.wait(world, end, renewed)? && counts(checker, world) {
            let what = format!("{cause:?} was reached, and nobody renewed the key");
            return Err(fail(world, 11, what));
        }
        let new = checker.made.difference(&made).filter_map(|id| checker.archive.get(id));
        if new.map(|record| record.cause).any(|other| other == cause) {
            checker.counters.count("renewed for what was set");
        }
    }
    Set::USUAL.into_iter().try_for_each(|set| checker.apply(world, &Op::Set(all.clone(), set)))
}

/// 11, of periods: an hour later that one has another key.
///
/// # Errors
/// If it has not.
fn eleven_period(
    checker: &mut Checker,
    world: &mut World,
    due: Option<(usize, Option<KeyId>)>,
) -> Result<(), Violation> {
    let Some((who, before)) = due else { return Ok(()) };
    let end = world.ms + PAUSE + SLACK;
    if checker.wait(world, end, |checker, world| checker.current(world, who) != before)? {
        return Ok(());
    }
    Err(fail(world, 11, format!("{}: the key is older than an hour, and not renewed", CAST[who])))
}

/// 11, of nobody: where all who may renew the key have gone, each who is left is told so, once.
///
/// # Errors
/// If one is not, or more often.
pub fn eleven_nobody(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    let Some((all, record)) = members(checker, world) else { return Ok(()) };
    let seated = |who: &usize| record.list.seat_of(&checker.ids[*who]).is_some();
    // Also who has a seat, and does not accept the others.
    let gone: Vec<usize> = (0..world.actors.len()).filter(seated).collect();
    let left: Vec<usize> = all.into_iter().filter(|who| !seated(who)).collect();
    if left.is_empty() || left.iter().any(|who| sealing(world, *who).is_none()) {
        return Ok(());
    }
    // Who never met the owner of a seat cannot tell that this one has gone (10-36).
    let met = |who: &usize| {
        let view = world.view(*who, CHANNEL);
        let present = |id| view.and_then(|view| view.member(id)).is_some_and(|(_, here)| here);
        record.list.seats().all(|(_, seat)| present(&seat.id))
    };
    let left: Vec<usize> = left.into_iter().filter(met).collect();
    for who in &gone {
        checker.apply(world, &Op::Cut(*who))?;
    }
    let told = checker.notices.len();
    checker.apply(world, &Op::Wait(2 * SEALED_GAP + 2 * GRACE))?;
    for who in &left {
        let told = checker.notices[told..].iter().filter(|(whom, _, notice)| {
            *whom == *who && *notice == Notice::NobodyCanRenew(Cause::Exclusion)
        });
        let count = told.count();
        if count != 1 {
            let what = format!("{} was told {count} times that nobody can renew", CAST[*who]);
            return Err(fail(world, 11, what));
        }
    }
    if !left.is_empty() {
        checker.counters.count("all told that nobody can renew");
    }
    Ok(())
}
