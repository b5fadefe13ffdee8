//! Walks through all that can come of a beginning, state by state: what must always hold does in each,
//! and from each last one the network comes together again.
//!
//! What happens next is a choice of [operations](Op), so the way to a state is a schedule. Breadth first,
//! the way to what does not hold is a shortest one; depth first, a walk needs next to no memory.
//!
//! **Time.** Nothing takes time but waiting. What was sent comes in the order in which it was sent, and
//! before time passes, unless the way between two is held up, which is one of the bounded faults. Then
//! the others' lines overtake it, time passes, and whatever is on that way comes at any later
//! moment, in its order; within [`LAG`] it comes. Time passes up to the next moment at which a terminal
//! wants to be called. So terminals are called when they want to be, and of two that want it at one
//! moment the first in the cast is called first.
//!
//! **States.** Two ways lead to the same state where each terminal was given the same at the same times,
//! and the same is under way, in the same order, with the same faults left. A terminal is a function of
//! what it was given, so this is exact: nothing that differs is taken for the same. It is also cautious:
//! terminals that were given different things, and forgot the difference, count as different.
//!
//! **Bounds.** [`Faults`] says how often each may happen, [`Plan::time`] for how long it is watched.
//! Whoever lost its connection may join again at any moment, whoever hangs may go on, a split may heal.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt;

use keyrota::crypto;

use crate::checker::{Checker, Violation};
use crate::liveness;
use crate::op::{CAST, Op};
use crate::script;
use crate::world::{Setting, World};

/// How late what is under way comes at the latest, in milliseconds: later than the longest grace.
pub const LAG: u64 = 30_000;

/// How often each may happen, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults {
    /// Lines that are lost, each to one terminal.
    pub losses: u8,
    /// Ways between two that are held up.
    pub delays: u8,
    /// Connections that break.
    pub departures: u8,
    /// Terminals that hang.
    pub silences: u8,
    /// Splits, of one from the others.
    pub splits: u8,
    /// Texts that are said.
    pub texts: u8,
}

/// Where a walk begins, and how far it goes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub name: &'static str,
    /// How many take part.
    pub members: usize,
    /// What has happened before, as a script.
    pub before: String,
    /// With what it begins, as a script: no time passes in it.
    pub first: String,
    /// What may befall.
    pub faults: Faults,
    /// How long it is watched, in milliseconds.
    pub time: u64,
    /// Whether it goes depth first.
    pub deep: bool,
}

/// One state, and the way to it.
#[derive(Debug)]
struct Node {
    world: World,
    checker: Checker,
    left: Faults,
    /// Ways that are held up: to whom, from whom.
    held_up: BTreeSet<(usize, usize)>,
    /// The last step to it.
    step: usize,
}

/// A step of a way.
#[derive(Debug)]
struct Step {
    before: usize,
    /// None, where a way is held up, which nothing shows.
    op: Option<Op>,
}

/// What a walk has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Distinct states.
    pub states: usize,
    /// Ways that led to one that was known.
    pub known: usize,
    /// States in which the time is over.
    pub ends: usize,
    /// States from which no step has been done yet.
    pub open: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, known, ends, open } = self;
        write!(f, "{states} states, {ends} of them last ones, {known} ways to a known one")?;
        if *open > 0 { write!(f, ", {open} to go on from") } else { Ok(()) }
    }
}

/// What does not hold, and the way there.
#[derive(Clone, Debug)]
pub struct Found {
    /// What does not hold.
    pub violation: Violation,
    /// The world's setting.
    pub setting: Setting,
    /// All operations from the beginning of the world on.
    pub ops: Vec<Op>,
    /// How many of them are steps of the walk, the last ones.
    pub steps: usize,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comment = format!("after {} steps: {}", self.steps, self.violation);
        f.write_str(&script::write(&self.setting, &self.ops, &comment))
    }
}

/// A walk through the states of a plan.
#[derive(Debug)]
pub struct Walk {
    plan: Plan,
    setting: Setting,
    before: Vec<Op>,
    began: u64,
    steps: Vec<Step>,
    seen: HashSet<[u8; 32]>,
    open: VecDeque<Node>,
    count: Count,
}

impl Walk {
    /// The state that a plan begins with.
    ///
    /// # Errors
    /// If a script of the plan is none, or what must hold does not at the beginning.
    ///
    /// # Panics
    /// If the scripts of the plan are none.
    pub fn new(plan: Plan) -> Result<Self, Box<Found>> {
        let setting = Setting { latency: (50, 50), ..Setting::new(1, plan.members) };
        let mut world = World::new(setting.clone());
        let mut checker = Checker::new(&world);
        let lag = (0..plan.members).map(|who| Op::Lag(who, LAG));
        let mut before = script::parse(&plan.before).expect("a script");
        before.extend(lag);
        before.extend(script::parse(&plan.first).expect("a script"));
        let mut walk = Self {
            setting,
            before,
            began: 0,
            steps: Vec::new(),
            seen: HashSet::new(),
            open: VecDeque::new(),
            count: Count::default(),
            plan,
        };
        for op in walk.before.clone() {
            checker.apply(&mut world, &op).map_err(|violation| walk.found(violation, 0, None))?;
        }
        walk.began = world.ms;
        let left = walk.plan.faults;
        walk.steps.push(Step { before: 0, op: None });
        walk.meet(Node { world, checker, left, held_up: BTreeSet::new(), step: 0 });
        Ok(walk)
    }

    /// What it has seen so far.
    pub fn count(&self) -> Count {
        Count { states: self.seen.len(), open: self.open.len(), ..self.count }
    }

    /// Does all steps from one more state; `false` if there is none.
    ///
    /// # Errors
    /// What does not hold, and the way there.
    pub fn step(&mut self) -> Result<bool, Box<Found>> {
        let next = if self.plan.deep { self.open.pop_back() } else { self.open.pop_front() };
        let Some(node) = next else { return Ok(false) };
        let moves = self.moves(&node);
        if moves.is_empty() {
            self.count.ends += 1;
            let Node { mut world, mut checker, step, .. } = node;
            let settled = liveness::come_together(&mut checker, &mut world);
            return match settled {
                Ok(()) => Ok(true),
                Err(violation) => Err(self.found(violation, step, None)),
            };
        }
        for Move { op, left, mut held_up } in moves {
            let (mut world, mut checker) = (node.world.clone(), node.checker.clone());
            if let Some(op) = &op {
                let done = checker.apply(&mut world, op);
                done.map_err(|violation| self.found(violation, node.step, Some(op.clone())))?;
            }
            held_up.retain(|(to, from)| world.first_of(*to, *from).is_some());
            let step = self.steps.len();
            if self.meet(Node { world, checker, left, held_up, step }) {
                self.steps.push(Step { before: node.step, op });
            }
        }
        Ok(true)
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// What does not hold, and the way there.
    pub fn run(mut self) -> Result<Count, Box<Found>> {
        while self.step()? {}
        Ok(self.count())
    }

    /// Whether it is a new state.
    fn meet(&mut self, node: Node) -> bool {
        let new = self.seen.insert(digest(&node));
        if new {
            self.open.push_back(node);
        } else {
            self.count.known += 1;
        }
        new
    }

    fn found(&self, violation: Violation, step: usize, last: Option<Op>) -> Box<Found> {
        let mut way: Vec<Op> = last.into_iter().collect();
        let mut at = step;
        while at != 0 {
            let step = &self.steps[at];
            way.extend(step.op.clone());
            at = step.before;
        }
        let steps = way.len();
        let ops = self.before.iter().cloned().chain(way.into_iter().rev()).collect();
        Box::new(Found { violation, setting: self.setting.clone(), ops, steps })
    }

    /// What can happen next.
    fn moves(&self, node: &Node) -> Vec<Move> {
        let Node { world, left, held_up, .. } = node;
        let passed = world.ms.saturating_sub(self.began);
        let all = 0..world.actors.len();
        let mut moves = Vec::new();
        let mut can = |op: Option<Op>, left: Faults| {
            moves.push(Move { op, left, held_up: held_up.clone() });
        };
        // What comes next in its order, and may be lost or held up.
        let head = first(world, held_up);
        if let Some((to, from)) = head {
            can(Some(Op::Take(to, from)), *left);
            let miss = Op::Miss(to, from);
            if let (Some(losses), true) = (left.losses.checked_sub(1), world.allows(&miss)) {
                can(Some(miss), Faults { losses, ..*left });
            }
        }
        for (to, from) in held_up.iter().filter(|(to, _)| world.actors[*to].runs()) {
            can(Some(Op::Take(*to, *from)), *left);
        }
        if head.is_none() && passed < self.plan.time {
            let rest = self.plan.time - passed;
            let next = world.next().map_or(rest, |next| next.saturating_sub(world.ms));
            can(Some(Op::Wait(next.min(rest))), *left);
        }
        // At the end nothing more befalls: what would come of it is not watched.
        if passed < self.plan.time {
            let split = world.actors.iter().any(|actor| actor.side != 0);
            for who in all.clone() {
                let (cut, hang) = (Op::Cut(who), Op::Hang(who));
                if let (Some(departures), true) =
                    (left.departures.checked_sub(1), world.allows(&cut))
                {
                    can(Some(cut), Faults { departures, ..*left });
                }
                if let (Some(silences), true) = (left.silences.checked_sub(1), world.allows(&hang))
                {
                    can(Some(hang), Faults { silences, ..*left });
                }
                if let (Some(splits), false) = (left.splits.checked_sub(1), split) {
                    let others = all.clone().filter(|other| *other != who).collect();
                    let split = Op::Split(vec![others, vec![who]]);
                    can(Some(split), Faults { splits, ..*left });
                }
                if let Some(texts) = left.texts.checked_sub(1) {
                    let say = Op::Say(who, format!("word {texts} of {}", CAST[who]));
                    if world.allows(&say) {
                        can(Some(say), Faults { texts, ..*left });
                    }
                }
                for back in [Op::Join(who), Op::Wake(who)] {
                    if world.allows(&back) {
                        can(Some(back), *left);
                    }
                }
            }
            if split {
                can(Some(Op::Heal), *left);
            }
        }
        if let (Some(head), Some(delays)) = (head, left.delays.checked_sub(1)) {
            let held_up = held_up.iter().copied().chain([head]).collect();
            moves.push(Move { op: None, left: Faults { delays, ..*left }, held_up });
        }
        moves
    }
}

#[derive(Debug)]
struct Move {
    op: Option<Op>,
    left: Faults,
    held_up: BTreeSet<(usize, usize)>,
}

/// What was sent first of all that is under way: to whom, from whom.
fn first(world: &World, held_up: &BTreeSet<(usize, usize)>) -> Option<(usize, usize)> {
    let running = (0..world.actors.len()).filter(|to| world.actors[*to].runs());
    let all = running
        .flat_map(|to| world.under_way(to).map(move |((_, number), from, _)| (number, to, from)));
    let free = all.filter(|(_, to, from)| !held_up.contains(&(*to, *from)));
    free.min().map(|(_, to, from)| (to, from))
}

/// Of all that what comes next depends on.
fn digest(node: &Node) -> [u8; 32] {
    let Node { world, left, held_up, .. } = node;
    let mut out = format!("{} {left:?} {held_up:?}", world.ms);
    let mut under_way = BTreeMap::new();
    for (to, actor) in world.actors.iter().enumerate() {
        let (here, side, hung) = (actor.here, actor.side, actor.hung);
        out += &format!(" {here} {side} {hung} {:?}", actor.story);
        for ((at, number), told) in &actor.inbox {
            under_way.insert(*number, format!("{to} {at} {}", told.words()));
        }
    }
    let under_way: Vec<String> = under_way.into_values().collect();
    crypto::hash(b"", &[out.as_bytes(), under_way.join(" ").as_bytes()])
}
