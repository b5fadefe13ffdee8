//! A moment of a [walk](crate::walk): what can happen next, and what makes two moments the same.
//!
//! **Which order makes no difference.** What happens at one terminal, and makes it say nothing, changes
//! that terminal alone. Whatever befalls others, the servers or the network may as well come after it,
//! in any way that goes on from there: both orders lead to the same state. So a walk tries before such
//! a step just what touches that terminal: that its line is lost, by a split as well, or held up, that
//! it hangs, that another line overtakes, that its user says something. Likewise a terminal hangs only when it
//! would be given something or called, and goes on only if it was wanted meanwhile: before that
//! nobody can tell, it itself included.

use std::collections::{BTreeMap, BTreeSet};

use keyrota::crypto;

use crate::op::{CAST, Op};
use crate::walk::Faults;
use crate::world::World;

/// A world, and what may still befall it.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) world: World,
    pub(crate) left: Faults,
    /// Ways that are held up: to whom, from whom.
    pub(crate) held_up: BTreeSet<(usize, usize)>,
    /// When the time is over, in milliseconds of the world's.
    pub(crate) end: u64,
    /// Whether orders are tried as well that make no difference.
    pub(crate) every_order: bool,
}

/// Something that can happen.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    /// None, where a way is held up, which nothing shows.
    pub(crate) op: Option<Op>,
    pub(crate) left: Faults,
    pub(crate) held_up: BTreeSet<(usize, usize)>,
}

impl Moment {
    /// What comes next if nothing befalls; `None`: the time is over, and all that was sent has come.
    pub(crate) fn next(&self) -> Option<Move> {
        let Self { world, left, held_up, end, .. } = self;
        let rest = end.saturating_sub(world.ms);
        let op = if let Some((to, from)) = self.head() {
            Op::Take(to, from)
        } else if rest > 0 {
            let next = world.next().map_or(rest, |next| next.saturating_sub(world.ms));
            Op::Wait(next.min(rest))
        } else {
            let (to, from) = held_up.iter().find(|(to, _)| world.actors[*to].runs())?;
            Op::Take(*to, *from)
        };
        Some(Move { op: Some(op), left: *left, held_up: held_up.clone() })
    }

    /// What else can come, where it makes a difference that it comes before `next`, after which the
    /// world is `then`.
    pub(crate) fn others(&self, next: &Move, then: &World) -> Vec<Move> {
        let Self { world, left, held_up, end, every_order } = self;
        let silent = then.posted == world.posted && then.lines.len() == world.lines.len();
        // Whom alone the next step concerns.
        let alone = match &next.op {
            Some(Op::Take(to, _)) if silent && !every_order => Some(*to),
            _ => None,
        };
        let matters = |who: usize| alone.is_none_or(|to| to == who);
        let mut moves = Vec::new();
        let mut can = |op: Op, left: Option<Faults>| {
            if let (Some(left), true) = (left, world.allows(&op)) {
                moves.push(Move { op: Some(op), left, held_up: held_up.clone() });
            }
        };
        let head = self.head();
        if let Some((to, from)) = head {
            can(
                Op::Miss(to, from),
                left.losses.checked_sub(1).map(|losses| Faults { losses, ..*left }),
            );
        }
        let others = held_up.iter().filter(|(to, _)| matters(*to) && world.actors[*to].runs());
        for (to, from) in others.copied() {
            if next.op != Some(Op::Take(to, from)) {
                can(Op::Take(to, from), Some(*left));
            }
        }
        // At the end nothing more befalls: what would come of it is not watched.
        if world.ms < *end {
            for (who, actor) in world.actors.iter().enumerate() {
                if let (Some(texts), true) = (left.texts.checked_sub(1), matters(who)) {
                    let text = format!("word {texts} of {}", CAST[who]);
                    can(Op::Say(who, text), Some(Faults { texts, ..*left }));
                }
                let touched = match &next.op {
                    Some(Op::Take(to, _)) => *to == who,
                    _ => actor.next().is_some_and(|at| at <= then.ms),
                };
                if touched || *every_order {
                    let silences = left.silences.checked_sub(1);
                    can(Op::Hang(who), silences.map(|silences| Faults { silences, ..*left }));
                }
            }
            match alone {
                None => self.befall(&mut can),
                Some(to) => self.split(Some(to), &mut can),
            }
        }
        if let (Some(head), Some(delays)) = (head, left.delays.checked_sub(1)) {
            let held_up = held_up.iter().copied().chain([head]).collect();
            moves.push(Move { op: None, left: Faults { delays, ..*left }, held_up });
        }
        moves
    }

    /// What befalls connections and the network, and that it is over.
    fn befall(&self, can: &mut impl FnMut(Op, Option<Faults>)) {
        let Self { world, left, .. } = self;
        let returns = left.returns.checked_sub(1);
        let returned = returns.map(|returns| Faults { returns, ..*left });
        for who in 0..world.actors.len() {
            let departures = left.departures.checked_sub(1);
            can(Op::Cut(who), departures.map(|departures| Faults { departures, ..*left }));
            can(Op::Join(who), returned);
            if self.every_order || world.actors[who].is_wanted(world.ms) {
                can(Op::Wake(who), returned);
            }
        }
        if world.actors.iter().any(|actor| actor.side != 0) {
            can(Op::Heal(false), returned);
        }
        self.split(None, can);
    }

    /// One is split off; just where a line is lost that is under way to `to`, if to one alone.
    fn split(&self, to: Option<usize>, can: &mut impl FnMut(Op, Option<Faults>)) {
        let Self { world, left, .. } = self;
        let splits = left.splits.checked_sub(1);
        for who in 0..world.actors.len() {
            let across = |to| world.lines_to(to).any(|(_, author)| (author == who) != (to == who));
            if to.is_none_or(across) {
                let others = (0..world.actors.len()).filter(|other| *other != who).collect();
                let split = Op::Split(vec![others, vec![who]]);
                can(split, splits.map(|splits| Faults { splits, ..*left }));
            }
        }
    }

    /// What was sent first of all that is under way and not held up: to whom, from whom.
    fn head(&self) -> Option<(usize, usize)> {
        let Self { world, held_up, .. } = self;
        let running = (0..world.actors.len()).filter(|to| world.actors[*to].runs());
        let all = running.flat_map(|to| {
            world.under_way(to).map(move |((_, number), from, _)| (number, to, from))
        });
        let free = all.filter(|(_, to, from)| !held_up.contains(&(*to, *from)));
        free.min().map(|(_, to, from)| (to, from))
    }

    /// Of all that what comes next depends on.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let Self { left, held_up, .. } = self;
        let hung: Vec<bool> = self.world.actors.iter().map(|actor| actor.hung).collect();
        crypto::hash(b"", &[format!("{left:?} {held_up:?} {hung:?}").as_bytes(), &self.last()])
    }

    /// Of all that a network comes to depends on, once nothing more befalls.
    pub(crate) fn last(&self) -> [u8; 32] {
        let mut out = self.world.ms.to_string();
        let mut under_way = BTreeMap::new();
        for (to, actor) in self.world.actors.iter().enumerate() {
            let (here, side) = (actor.here, actor.side);
            out += &format!(" {here} {side} {:?}", actor.story);
            for ((at, number), told) in &actor.inbox {
                under_way.insert(*number, format!("{to} {at} {}", told.words()));
            }
        }
        let under_way: Vec<String> = under_way.into_values().collect();
        crypto::hash(b"", &[out.as_bytes(), under_way.join(" ").as_bytes()])
    }
}
