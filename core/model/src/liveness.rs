//! What a network that is whole again must come to: invariants 10, 11 and 12, after [`settle`].

use std::collections::{BTreeMap, BTreeSet};

use keyrota::Notice;
use keyrota::spec::limits::{ASK_JITTER, ASK_WAIT, DEPARTURE, GRACE, HOLD, PAUSE, SEALED_GAP};
use keyrota::spec::{Cause, KeyId, MemberId, Record, Root};

use crate::actor::Actor;
use crate::checker::{Checker, Violation};
use crate::mend::{SLACK, UNDER_WAY, channel, leader, mend, sealing};
use crate::op::{CAST, Op};
use crate::reference::{compare, root_of};
use crate::world::{CHANNEL, World};

/// How long a silent channel is watched.
const HOUR: u64 = 3_600_000;
/// Lines of one member in that hour, those about a new record left out: who asks in vain, and inquires for
/// what nobody has, sends 10.
const QUIET_LINES: usize = 20;
/// Lines of one member more for each other one, where one does not accept another, or has yet to decide: answers
/// to who asks in vain, for keys and for proofs of several records.
const STRIFE_LINES: usize = 150;
/// Lines of one member about each new record in that hour.
const RENEWAL_LINES: usize = 4;
/// Records in that hour beyond those that a period or a lifetime has due.
const QUIET_RECORDS: u64 = 1;
/// What is counted where one of these was looked at to its end.
pub const SEEN_TO: [&str; 6] = [
    "all came to agree",
    "wish fulfilled",
    "wish fulfilled without the first",
    "wish fulfilled without two",
    "excluded in time",
    "all told that nobody can renew",
];
/// Of these, where a wish is fulfilled though none, one or two are silent.
const FULFILLED: [&str; 3] = [SEEN_TO[1], SEEN_TO[2], SEEN_TO[3]];

fn fail(world: &World, invariant: u8, what: String) -> Violation {
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
    let is_one = |id: &MemberId| checker.ids.iter().filter(|other| *other == id).count() == 1;
    if !checker.ids.iter().all(is_one) {
        // Whoever has the secret of another is not honest.
        return Ok(());
    }
    if ten(checker, world)? {
        for silent in 0..3 {
            if !eleven(checker, world, silent)? {
                break;
            }
        }
        ten(checker, world)?;
        excluded(checker, world)?;
        ten(checker, world)?;
    }
    twelve_kept(checker, world)?;
    let due = due_in_an_hour(checker, world);
    twelve_quiet(checker, world)?;
    eleven_period(checker, world, due)?;
    nobody(checker, world)
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

/// Whether one has not found that it does not accept another's certificate.
fn accepts(checker: &Checker, world: &World, who: usize, whom: usize) -> bool {
    let terminal = world.actors[who].terminal.as_ref();
    let view = terminal.and_then(|own| own.channel(CHANNEL));
    let vouched = view.and_then(|view| view.vouched(&checker.ids[whom]));
    vouched.is_none_or(|vouched| vouched.is_ok())
}

fn accept_each_other(checker: &Checker, world: &World, one: usize, other: usize) -> bool {
    accepts(checker, world, one, other) && accepts(checker, world, other, one)
}

/// Those who are not barred and accept each other, whoever has a seat first; and the greatest record that one of them knows.
fn members(checker: &Checker, world: &World) -> Option<(Vec<usize>, Record)> {
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
fn in_strife(checker: &Checker, world: &World, all: &[usize], record: &Record) -> bool {
    let seated = |who: usize| record.list.seat_of(&checker.ids[who]).is_some();
    (0..world.actors.len()).any(|who| !all.contains(&who) && seated(who))
}

/// Seats with `update`, and with `distribute` alone.
fn seats(record: &Record) -> (u64, u64) {
    let seats = record.list.seats().map(|(_, seat)| seat.rights.update);
    seats.fold((0, 0), |(m, d), update| if update { (m + 1, d) } else { (m, d + 1) })
}

/// Whether all members have the same current record, and seal under the same key.
fn agree(checker: &Checker, world: &World) -> bool {
    let Some((members, _)) = members(checker, world) else { return false };
    let state = |who: &usize| (checker.current(world, *who), sealing(world, *who));
    let mut states = members.iter().map(state);
    let first = states.next();
    first.is_some_and(|(_, sealing)| sealing.is_some())
        && states.all(|state| Some(state) == first)
        && members.iter().all(|who| above(checker, world, *who).is_none())
}

/// A valid record above the current one that waits at one for a proof, or for its author's Hello.
fn above(checker: &Checker, world: &World, who: usize) -> Option<KeyId> {
    let view = world.actors[who].terminal.as_ref()?.channel(CHANNEL)?;
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
    let (m, d) = seats(&greatest);
    let bound = (m + 3) * GRACE + (d + 1) * ASK_WAIT + ASK_JITTER + DEPARTURE + SLACK;
    let end = world.ms + bound;
    if checker.wait(world, end, |checker, world| agree(checker, world))? {
        checker.counters.count("all came to agree");
        return Ok(true);
    }
    let Some((all, _)) = members(checker, world) else { return Ok(false) };
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
        let what = format!("{} wished, {silent} were silent, nobody renewed", CAST[user]);
        return Err(fail(world, 11, what));
    };
    // A record that was due for another reason makes the wish void (10-13).
    if !matches!(new.cause, Cause::List | Cause::Exclusion | Cause::Missing) {
        checker.counters.count(FULFILLED[silent]);
    }
    ten(checker, world)
}

/// Whether no record has become current for anybody so recently that it puts the next one off.
fn was_quiet(checker: &Checker, world: &World) -> bool {
    checker.turned.last().is_none_or(|(at, ..)| at + SEALED_GAP < world.ms)
}

/// 11, of departures: where holders leave, one after the other, whoever is first makes a key that the
/// first of them cannot know, in time from its departure on, and nobody else makes another.
///
/// # Errors
/// If it is not made, or by several.
pub fn excluded(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    let Some((all, record)) = members(checker, world) else { return Ok(()) };
    if in_strife(checker, world, &all, &record) {
        return Ok(());
    }
    let is = |who: &usize, id: &MemberId| checker.ids[*who] == *id;
    // By nothing else must it be known to hold the key than by having made that of the root.
    let root = root_of(&record);
    let sealed = checker.archive.iter().find(|(id, _)| Root::first_of(&id.0) == root);
    let author = sealed.and_then(|(_, sealed)| sealed.author_entry()).map(|author| author.id);
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
    for who in leave.iter().filter(|who| Some(**who) != author) {
        // That it speaks shows everybody that it holds the key.
        let text = format!("{} leaves at {}", CAST[*who], world.ms);
        checker.apply(world, &Op::Say(*who, text))?;
    }
    checker.apply(world, &Op::Wait(2 * SEALED_GAP + UNDER_WAY))?;
    let quiet = was_quiet(checker, world);
    let Some(first) = leave.first().copied().filter(|_| quiet && agree(checker, world)) else {
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
        let terminal = world.actors[**who].terminal.as_ref();
        let view = terminal.and_then(|own| own.channel(CHANNEL));
        let knows = |key| checker.minds[first].knows.contains_key(&key);
        view.is_some_and(|view| view.waiting().is_empty() && view.sealing().is_some_and(knows))
    };
    if let Some(who) = stay.iter().find(known) {
        let what = format!("{} left, and {} seals as before", CAST[first], CAST[*who]);
        return Err(fail(world, 11, what));
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

/// One of those whose key is renewed within the period, an hour, and its current record: if they agree, and one of
/// them may renew it.
fn due_in_an_hour(checker: &Checker, world: &World) -> Option<(usize, Option<KeyId>)> {
    let (all, record) = members(checker, world)?;
    let able = |who: &usize| record.list.seat_of(&checker.ids[*who]).is_some();
    let due = agree(checker, world) && all.iter().any(able);
    let due = due && !in_strife(checker, world, &all, &record);
    all.first().filter(|_| due).map(|who| (*who, checker.current(world, *who)))
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

/// 12, of texts: after ten minutes nothing is kept or pending, in the channel or in conversations.
///
/// # Errors
/// If something is.
pub fn twelve_kept(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    checker.apply(world, &Op::Wait(HOLD + SEALED_GAP))?;
    for (who, name) in CAST.iter().enumerate().take(world.actors.len()) {
        let Some(terminal) = &world.actors[who].terminal else { continue };
        for place in world.places(who) {
            let kept = terminal.channel(&place).map_or([0, 0], |view| view.kept_texts());
            if kept != [0, 0] {
                let what = format!("{name} keeps {} texts and {} of its own", kept[0], kept[1]);
                return Err(fail(world, 12, what));
            }
        }
    }
    Ok(())
}

/// 12, of wakes: a quiet channel wakes at most once a minute, and so does a quiet conversation.
///
/// # Errors
/// If it wakes more often.
pub fn twelve_quiet(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    let end = world.ms + HOUR;
    let (first, made) = (world.lines.len(), checker.made.clone());
    let mut lines = (world.lines.len(), world.ms);
    let mut wakes = BTreeMap::<(usize, String), u64>::new();
    while let Some(next) = world.next().filter(|next| *next <= end) {
        let quiet = world.lines.len() == lines.0 && next >= lines.1 + SEALED_GAP;
        if world.lines.len() != lines.0 {
            lines = (world.lines.len(), world.ms);
            wakes.clear();
        }
        let woken = world.actors.iter().position(|actor| actor.next() == Some(next));
        let woken = woken.and_then(|who| {
            let place = world.actors[who].terminal.as_ref()?.wakes_for()?.to_owned();
            Some((who, questions(world, who, &place), place))
        });
        let notices = checker.notices.len();
        checker.wait(world, next, |_, _| false)?;
        let Some((who, asked, place)) = woken.filter(|_| quiet) else { continue };
        // Whoever sends something when it wakes ends the quiet; and giving a question up is the last of it, as
        // is telling that nobody can do what has just become due.
        let told = &checker.notices[notices..];
        let ends = told
            .iter()
            .any(|(whom, _, notice)| *whom == who && matches!(notice, Notice::NobodyCanRenew(_)));
        if world.lines.len() == lines.0
            && questions(world, who, &place) >= asked
            && wakes.insert((who, place), next).is_some_and(|last| next < last + SEALED_GAP)
            && !ends
        {
            let what = format!("{} wakes twice within a minute, and all is quiet", CAST[who]);
            return Err(fail(world, 12, what));
        }
    }
    quiet_lines(checker, world, first, &made)
}

/// 12, of lines: whoever has nothing to say says little, also of keys, in an hour before which so many lines
/// had been sent, and these records made.
fn quiet_lines(
    checker: &Checker,
    world: &World,
    first: usize,
    before: &BTreeSet<KeyId>,
) -> Result<(), Violation> {
    let renewals = |actor: &Actor| {
        let life = u64::from(actor.settings.lifetime) * 60 * 3 / 4;
        let period = actor.settings.triggers.period.map_or(life, |period| life.min(period.into()));
        HOUR / 1_000 / period.max(SEALED_GAP / 1_000) + 1
    };
    let new = checker.made.difference(before).filter_map(|id| checker.archive.get(id));
    let (missing, due): (Vec<&Record>, Vec<_>) = new.partition(|new| new.cause == Cause::Missing);
    let mut most = [0, world.actors.iter().map(renewals).max().unwrap_or(0) + QUIET_RECORDS];
    let mut lines = QUIET_LINES;
    let all = 0..world.actors.len();
    let accepted = |who| all.clone().all(|other| accept_each_other(checker, world, who, other));
    if !all.clone().all(accepted) {
        // Who does not accept another asks it in vain, and all who hear that answer, again and again; and of seats
        // that do not accept each other none has the key that another made, and each makes the next, once a minute.
        most[0] = HOUR / SEALED_GAP * all.len() as u64;
        lines += STRIFE_LINES * (all.len() - 1);
    }
    let made = [missing.len(), due.len()];
    if made.iter().zip(most).any(|(made, most)| *made as u64 > most) {
        let what = format!("{made:?} records in a quiet hour, {most:?} are due");
        return Err(fail(world, 12, what));
    }
    let made = made[0] + made[1];
    for (who, name) in CAST.iter().enumerate().take(all.len()) {
        let sent = world.lines[first..].iter().filter(|line| line.author == Some(who)).count();
        if sent > lines + RENEWAL_LINES * made {
            let what = format!("{name} sent {sent} lines in a quiet hour, {made} records in it");
            return Err(fail(world, 12, what));
        }
    }
    Ok(())
}

/// How many questions of a member wait for an answer in a channel.
fn questions(world: &World, who: usize, place: &str) -> usize {
    let terminal = world.actors[who].terminal.as_ref();
    let sizes = terminal.and_then(|own| own.channel(place)).map(|view| view.sizes());
    let open = sizes.into_iter().flatten().filter(|(name, ..)| *name == "inquiries");
    open.map(|(_, count, _)| count).sum()
}

/// 11, of nobody: where all who may renew the key have gone, each who is left is told so, once.
///
/// # Errors
/// If one is not, or more often.
pub fn nobody(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
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
        let terminal = world.actors[*who].terminal.as_ref();
        let view = terminal.and_then(|own| own.channel(CHANNEL));
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
