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
//! terminals that were given different things, and forgot the difference, count as different. Keys and
//! times are not renamed: which of two keys is lower decides, and what is due is due at its time.
//!
//! **Orders.** Most steps make no difference to one another, and then one order of them is walked; which
//! these are, and why, stands in `moment.rs`. Where nothing else can happen the walk goes on,
//! and counts no state. [`Plan::every_order`] walks all orders: the last states are the same.
//!
//! **Bounds.** [`Faults`] says how often each may happen, [`Plan::time`] for how long it is watched.
//! Whoever lost its connection may join again at any moment, whoever hangs may go on, a split may heal,
//! as often as [`Faults::returns`] says; at the end all do. It all happens at moments at which something
//! comes or falls due: none befalls between two of these.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt;

use crate::checker::{Checker, Violation};
use crate::liveness;
use crate::moment::{Moment, Move};
use crate::op::Op;
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
    /// Returns of who has left, hangs, or was split off, before the end: there all come back.
    pub returns: u8,
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
    /// Whether it tries orders as well that make no difference: to see that they make none.
    pub every_order: bool,
}

/// One state, and the way to it.
#[derive(Debug)]
struct Node {
    moment: Moment,
    checker: Checker,
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
    steps: Vec<Step>,
    seen: HashSet<[u8; 32]>,
    ends: HashSet<[u8; 32]>,
    open: VecDeque<Node>,
    known: usize,
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
            steps: Vec::new(),
            seen: HashSet::new(),
            ends: HashSet::new(),
            open: VecDeque::new(),
            known: 0,
            plan,
        };
        for op in walk.before.clone() {
            checker.apply(&mut world, &op).map_err(|violation| walk.found(violation, 0, None))?;
        }
        let (left, end) = (walk.plan.faults, world.ms + walk.plan.time);
        walk.steps.push(Step { before: 0, op: None });
        let every_order = walk.plan.every_order;
        let moment = Moment { world, left, held_up: BTreeSet::new(), end, every_order };
        walk.meet(Node { moment, checker, step: 0 });
        Ok(walk)
    }

    /// What it has seen so far.
    pub fn count(&self) -> Count {
        let (states, ends) = (self.seen.len(), self.ends.len());
        Count { states, ends, known: self.known, open: self.open.len() }
    }

    /// The states in which the time was over, each as a digest.
    pub fn ends(&self) -> &HashSet<[u8; 32]> {
        &self.ends
    }

    /// Does all steps from one more state; `false` if there is none.
    ///
    /// # Errors
    /// What does not hold, and the way there.
    pub fn step(&mut self) -> Result<bool, Box<Found>> {
        let next = if self.plan.deep { self.open.pop_back() } else { self.open.pop_front() };
        let Some(mut node) = next else { return Ok(false) };
        loop {
            let Some(next) = node.moment.next() else { return self.end(node).map(|()| true) };
            let then = self.follow(&node, &next)?;
            let others = node.moment.others(&next, &then.moment.world);
            if others.is_empty() {
                // There was no choice: nobody need know that it was here.
                node = then;
                continue;
            }
            self.meet(then);
            for other in others {
                let other = self.follow(&node, &other)?;
                self.meet(other);
            }
            return Ok(true);
        }
    }

    /// Does a step from a state.
    fn follow(&mut self, node: &Node, next: &Move) -> Result<Node, Box<Found>> {
        let (mut world, mut checker) = (node.moment.world.clone(), node.checker.clone());
        let Move { op, left, mut held_up } = next.clone();
        if let Some(op) = &op {
            let done = checker.apply(&mut world, op);
            done.map_err(|violation| self.found(violation, node.step, Some(op.clone())))?;
        }
        held_up.retain(|(to, from)| world.first_of(*to, *from).is_some());
        let step = self.steps.len();
        self.steps.push(Step { before: node.step, op });
        let Moment { end, every_order, .. } = node.moment;
        let moment = Moment { world, left, held_up, end, every_order };
        Ok(Node { moment, checker, step })
    }

    /// The time is over.
    fn end(&mut self, node: Node) -> Result<(), Box<Found>> {
        if !self.ends.insert(node.moment.last()) {
            return Ok(());
        }
        let Node { moment: Moment { mut world, .. }, mut checker, step } = node;
        let settled = liveness::come_together(&mut checker, &mut world);
        settled.map_err(|violation| self.found(violation, step, None))
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// What does not hold, and the way there.
    pub fn run(mut self) -> Result<Count, Box<Found>> {
        while self.step()? {}
        Ok(self.count())
    }

    /// Goes on from there later, if it is a new state.
    fn meet(&mut self, node: Node) {
        if self.seen.insert(node.moment.digest()) {
            self.open.push_back(node);
        } else {
            self.known += 1;
        }
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
}
