//! Makes a network whole: what comes before what must come about is looked at.

use std::collections::BTreeMap;

use keyrota::spec::limits::{ASK_AGE_S, LIFETIME_MINUTES, SEALED_GAP, SKEW_S};
use keyrota::spec::{ChannelId, KeyId};
use keyrota::{Settings, Triggers};

use crate::actor::Told;
use crate::checker::{Checker, Violation};
use crate::op::{CAST, From, Op, Voucher};
use crate::set::Set;
use crate::world::{CHANNEL, World};

/// How long lines are under way at most, and what else the bounds of the protocol do not count.
pub(crate) const SLACK: u64 = 5_000;
/// How long what was under way before stays so, in milliseconds: no schedule delays more.
pub(crate) const UNDER_WAY: u64 = 60_000;

/// Heals, wakes, restarts and brings back; clocks are right again, and nothing befalls lines.
pub(crate) fn mend(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    checker.apply(world, &Op::Heal(false))?;
    for (who, title) in CAST.into_iter().enumerate().take(world.actors.len()) {
        if world.actors[who].is_clone() {
            // Whoever runs with the secret of another goes by its own again.
            checker.apply(world, &Op::Cut(who))?;
            checker.apply(world, &Op::Certify(who, title.into(), Voucher::Itself))?;
        }
        let from = if world.actors[who].saves.is_empty() { From::Bare } else { From::Saved };
        let mended = [
            Op::Lose(who, 0),
            Op::Lag(who, 0),
            Op::Mute(who, false),
            Op::Pace(who, 0),
            Op::Clock(who, 0),
            Op::Wake(who),
            Op::Restart(who, from),
            Op::Plain(who, false),
        ];
        for op in mended {
            checker.apply(world, &op)?;
        }
        // What the bounds hold for is a channel in which nothing but what follows makes a key due.
        let Settings { triggers, lifetime, .. } = world.actors[who].settings;
        if (triggers, lifetime) != (Triggers::default(), LIFETIME_MINUTES) {
            for set in Set::USUAL {
                checker.apply(world, &Op::Set(vec![who], set))?;
            }
        }
        world.actors[who].faults = Default::default();
    }
    // What was under way before comes first; and who said Hello while its clock was ahead is heard again when
    // the others have come to that time, or at once if it was further ahead (9-58).
    checker.apply(world, &Op::Wait(UNDER_WAY))?;
    let now = world.actors.iter().map(|actor| actor.now(world.ms).unix).min().unwrap_or(0);
    let ahead = checker.hellos.values().map(|time| time.saturating_sub(now));
    let ahead = ahead.filter(|ahead| *ahead <= ASK_AGE_S + UNDER_WAY / 1_000).max().unwrap_or(0);
    checker.apply(world, &Op::Wait(ahead * 1_000))?;
    for who in 0..world.actors.len() {
        // Whoever was told that itself left, or goes by another nick, connects anew.
        if std::mem::take(&mut world.actors[who].misled) {
            checker.apply(world, &Op::Cut(who))?;
            let nick = world.actors[who].nick.clone();
            world.post(who, Told::Nick(checker.nicks[who].clone(), nick));
        }
        checker.apply(world, &Op::Join(who))?;
        checker.apply(world, &Op::Plain(who, false))?;
        // Whoever was lied to is told who is there.
        world.tell_names(who);
    }
    // Who comes anew asks which channels there are; and those whom an insider told different things, who are
    // not all honest, take longer to come to one.
    let pause = if checker.hostile.is_empty() { SLACK } else { UNDER_WAY };
    checker.apply(world, &Op::Wait(pause))?;
    // Where there are several channels, the users agree on one.
    if let Some(leader) = leader(world) {
        let channel = channel(world, leader);
        let others = (0..world.actors.len()).filter(|who| self::channel(world, *who) != channel);
        for who in others.collect::<Vec<_>>() {
            checker.apply(world, &Op::Follow(who, leader))?;
        }
    }
    Ok(())
}

/// Who got a key under a wrong clock, or from whose clock was wrong, for whom it was over then (8-21), and who has no
/// seat to replace it, waits for the next: somebody wishes for one. `false`: there is nobody, or no need.
pub(crate) fn renew_over(checker: &mut Checker, world: &mut World) -> Result<bool, Violation> {
    let is_wrong = |op: &Op| matches!(op, Op::Clock(_, seconds) if seconds.unsigned_abs() > SKEW_S);
    let over = |who: usize| {
        let view = world.view(who, CHANNEL)?;
        let current = view.current()?;
        let seat = view.list()?.seat_of(&checker.ids[who]);
        Some(seat.is_none() && view.sealing().is_none() && view.keys().any(|key| key == current))
    };
    let all = 0..world.actors.len();
    let stuck = all.clone().any(|who| over(who) == Some(true));
    let wishes = all.clone().find(|who| sealing(world, *who).is_some());
    let Some(who) = wishes.filter(|_| stuck && checker.done.iter().any(|(_, op)| is_wrong(op)))
    else {
        return Ok(false);
    };
    checker.apply(world, &Op::Refresh(who))?;
    checker.apply(world, &Op::Wait(SEALED_GAP + UNDER_WAY))?;
    Ok(true)
}

pub(crate) fn channel(world: &World, who: usize) -> Option<ChannelId> {
    world.view(who, CHANNEL)?.id()
}

/// One who is in the channel that most are in.
pub(crate) fn leader(world: &World) -> Option<usize> {
    let mut channels = BTreeMap::<ChannelId, Vec<usize>>::new();
    for who in 0..world.actors.len() {
        channel(world, who).into_iter().for_each(|id| channels.entry(id).or_default().push(who));
    }
    let largest = channels.into_values().max_by_key(Vec::len)?;
    largest.first().copied()
}

/// Under which key one seals in the channel.
pub(crate) fn sealing(world: &World, who: usize) -> Option<KeyId> {
    world.view(who, CHANNEL)?.sealing()
}
