//! What a network that is whole again keeps, wakes for and says while nobody says anything: invariant 12.

use std::collections::{BTreeMap, BTreeSet};

use keyrota::Notice;
use keyrota::spec::limits::{HOLD, SEALED_GAP};
use keyrota::spec::{Cause, KeyId, Record};

use crate::actor::Actor;
use crate::checker::{Checker, Violation};
use crate::liveness::fail;
use crate::members::accept_each_other;
use crate::op::{CAST, Op};
use crate::world::World;

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
/// And for each that a hostile hand made, and that nothing proves: it is inquired for anew then (9-30), as often as
/// finds room before the next.
const QUERIES: usize = 3;
/// Records in that hour beyond those that a period or a lifetime has due.
const QUIET_RECORDS: u64 = 1;

/// 12, of texts: after ten minutes nothing is kept or pending, in the channel or in conversations.
///
/// # Errors
/// If something is.
pub fn twelve_kept(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    let said = checker.texts.len();
    checker.apply(world, &Op::Wait(HOLD + SEALED_GAP))?;
    if checker.texts.len() > said {
        // What had waited at its author for a key went out, and perhaps waits at another now.
        checker.apply(world, &Op::Wait(HOLD + SEALED_GAP))?;
    }
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
            Some((who, size(world, who, &place, "inquiries"), place))
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
            && size(world, who, &place, "inquiries") >= asked
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
    let renewals = world.actors.iter().map(renewals).max().unwrap_or(0);
    // What a hostile hand made, and one heard who is barred, comes out when that one hears something older.
    let mut most = [checker.hostile.len() as u64, renewals + QUIET_RECORDS];
    let mut lines = QUIET_LINES;
    let all = 0..world.actors.len();
    let accepted = |who| all.clone().all(|other| accept_each_other(checker, world, who, other));
    if !all.clone().all(accepted) {
        // Who does not accept another asks it in vain, and all who hear that answer, again and again; and of seats
        // that do not accept each other none has the key that another made, and each makes the next, once a minute.
        // Of each other one a seat makes one key to leave it out, and then tolerates it (10-7).
        most[0] += HOUR / SEALED_GAP * all.len() as u64;
        most[1] += all.len() as u64;
        lines += STRIFE_LINES * (all.len() - 1);
    }
    let made = [missing.len(), due.len()];
    if made.iter().zip(most).any(|(made, most)| *made as u64 > most) {
        let what = format!("{made:?} records in a quiet hour, {most:?} are due");
        return Err(fail(world, 12, what));
    }
    let made = made[0] + made[1];
    let about_each = RENEWAL_LINES + QUERIES * checker.hostile.len();
    for (who, name) in CAST.iter().enumerate().take(all.len()) {
        let sent = world.lines[first..].iter().filter(|line| line.author == Some(who)).count();
        if sent > lines + about_each * made {
            let what = format!("{name} sent {sent} lines in a quiet hour, {made} records in it");
            return Err(fail(world, 12, what));
        }
    }
    Ok(())
}

/// How many things of this name a member keeps in a channel.
pub(crate) fn size(world: &World, who: usize, place: &str, what: &str) -> usize {
    let sizes = world.view(who, place).map(|view| view.sizes());
    let kept = sizes.into_iter().flatten().filter(|(name, ..)| *name == what);
    kept.map(|(_, count, _)| count).sum()
}
