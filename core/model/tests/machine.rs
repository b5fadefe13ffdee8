//! Schedules of a state machine that proptest drives: an abstract world, which knows no more than who
//! is there, decides what makes sense; real terminals do it, and the checker looks at every input.
//!
//! `PROPTEST_CASES=4096 cargo test --release -p keyrota-model --test machine` runs for long, and `SEED=`
//! runs a seed again that was printed. What fails is written to a file whose path is printed, as short
//! as it was made last; the chat example plays it. A run for long must reach all that the checker counts.

mod kinds;

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use keyrota::spec::Rights;
use keyrota::{GrantRule, OldKeys, Renewer, SelfSigned};
use keyrota_model::checker::Checker;
use keyrota_model::counters::Counters;
use keyrota_model::op::{CAST, From, Lie, Op, Voucher, Way};
use keyrota_model::rogue::{TRICKS, Trick};
use keyrota_model::schedule::FAR;
use keyrota_model::set::Set;
use keyrota_model::world::{Setting, World};
use keyrota_model::{liveness, script};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

/// One who takes part, as far as it decides what can happen.
#[derive(Clone, Copy, Debug, Default)]
struct Person {
    crashed: bool,
    hung: bool,
    here: bool,
}

/// The abstract world.
#[derive(Clone, Debug)]
struct Abstract {
    seed: u64,
    people: Vec<Person>,
    split: bool,
    said: usize,
    /// What comes next, whatever else could.
    next: VecDeque<Op>,
}

impl Abstract {
    fn runs(&self, who: usize) -> bool {
        self.people.get(who).is_some_and(|person| !person.crashed && !person.hung)
    }

    fn talks(&self, who: usize) -> bool {
        self.runs(who) && self.people[who].here
    }
}

/// Those whom this is true of, as a strategy; none may be left.
fn who(state: &Abstract, of: impl Fn(&Abstract, usize) -> bool) -> Option<BoxedStrategy<usize>> {
    let all: Vec<usize> = (0..state.people.len()).filter(|who| of(state, *who)).collect();
    (!all.is_empty()).then(|| select(all).boxed())
}

impl ReferenceStateMachine for Abstract {
    type State = Self;
    type Transition = Op;

    fn init_state() -> BoxedStrategy<Self> {
        (any::<u32>(), 2..=CAST.len().min(7), 0..16_usize)
            .prop_map(|(seed, count, plot)| Self {
                seed: seed.into(),
                people: vec![Person::default(); count],
                split: false,
                said: 0,
                next: if plot < 8 { VecDeque::new() } else { all_seated(count, plot - 8) },
            })
            .boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Op> {
        if let Some(next) = state.next.front() {
            return Just(next.clone()).boxed();
        }
        let count = state.people.len();
        let anybody = || 0..count;
        let mut all: Vec<(u32, BoxedStrategy<Op>)> = vec![
            (8, (1..120_000_u64).prop_map(Op::Wait).boxed()),
            (2, (1..4_000_000_u64).prop_map(Op::Wait).boxed()),
            (2, (anybody(), 1..6_u32).prop_map(|(who, count)| Op::Lose(who, count)).boxed()),
            (1, (anybody(), 500..20_000_u64).prop_map(|(who, ms)| Op::Hold(who, ms)).boxed()),
            (1, (anybody(), 0..30_000_u64).prop_map(|(who, ms)| Op::Lag(who, ms)).boxed()),
            (1, (anybody(), 0..4_u32).prop_map(|(who, count)| Op::Choke(who, count)).boxed()),
            (1, (anybody(), any::<bool>()).prop_map(|(who, on)| Op::Operator(who, on)).boxed()),
            (1, (0..9_u32).prop_map(|number| Op::Topic(format!("tide {number}"))).boxed()),
            (1, anybody().prop_map(Op::Repeat).boxed()),
            (2, (anybody(), any::<bool>()).prop_map(|(who, on)| Op::Mute(who, on)).boxed()),
            (1, (anybody(), clock()).prop_map(|(who, s)| Op::Clock(who, s)).boxed()),
            (1, (anybody(), -5_000..5_000_i32).prop_map(|(who, ppm)| Op::Pace(who, ppm)).boxed()),
            (2, (anybody(), select(TRICKS.to_vec())).prop_map(|(w, t)| Op::Rogue(w, t)).boxed()),
        ];
        let way = (anybody(), anybody(), select(vec![false, false, true]));
        let way = way.prop_map(|(from, to, alone)| Way { from, to, alone }).boxed();
        // Of the last lines, or of all that there mostly are.
        let back = || prop_oneof![0..60_usize, 0..400_usize];
        all.push((2, (back(), way.clone()).prop_map(|(b, way)| Op::Replay(b, way)).boxed()));
        let noise = (0..16_u8, 0..1_u64 << 20, way.clone());
        all.push((1, noise.prop_map(|(kind, seed, way)| Op::Noise(kind, seed, way)).boxed()));
        let alter = (back(), 0..8_000_u32, way.clone());
        all.push((1, alter.prop_map(|(b, n, w)| Op::Alter(b, n, w)).boxed()));
        all.push((1, (1..251_u32, way).prop_map(|(count, way)| Op::Flood(count, way)).boxed()));
        all.push((1, select(vec![0, 1, 3, 12]).prop_map(Op::Crowd).boxed()));
        let two = select(vec![Op::Take, Op::Miss]);
        all.push((2, (two, anybody(), anybody()).prop_map(|(op, a, b)| op(a, b)).boxed()));
        if state.split {
            all.push((4, any::<bool>().prop_map(Op::Heal).boxed()));
        } else {
            let sides = proptest::collection::vec(0..3_usize, count);
            all.push((1, sides.prop_map(|sides| split(&sides)).boxed()));
        }
        if let Some(absent) = who(state, |state, who| state.runs(who) && !state.people[who].here) {
            all.push((10, absent.prop_map(Op::Join).boxed()));
        }
        if let Some(gone) = who(state, |state, who| !state.people[who].here) {
            let certify = (gone.clone(), anybody(), voucher(count));
            let certify = certify.prop_map(|(w, o, by)| Op::Certify(w, CAST[o].into(), by));
            all.push((1, certify.boxed()));
            all.push((1, (gone, anybody()).prop_map(|(w, of)| Op::Clone(w, of)).boxed()));
        }
        if let Some(hung) = who(state, |state, who| state.people[who].hung) {
            all.push((4, hung.prop_map(Op::Wake).boxed()));
        }
        if let Some(crashed) = who(state, |state, who| state.people[who].crashed) {
            let from = select(vec![From::Bare, From::Saved, From::Older]);
            all.push((4, (crashed, from).prop_map(|(who, from)| Op::Restart(who, from)).boxed()));
        }
        if let Some(runs) = who(state, Self::runs) {
            all.push((2, runs.clone().prop_map(Op::Hang).boxed()));
            all.push((1, runs.clone().prop_map(Op::Crash).boxed()));
            let some = proptest::sample::subsequence((0..count).collect::<Vec<_>>(), 1..=count);
            let lie = (anybody(), nick(), some).prop_flat_map(|(who, nick, some)| {
                let of = [Lie::Join, Lie::Part, Lie::Kick, Lie::Quit, Lie::Operator, Lie::Deop];
                let of = of.map(|lie| lie(who));
                select([&of[..], &[Lie::Nick(who, nick), Lie::Names(some), Lie::Alone]].concat())
            });
            all.push((1, (runs.clone(), lie).prop_map(|(to, lie)| Op::Lie(to, lie)).boxed()));
            let about = (runs.clone(), anybody(), voucher(count));
            all.push((2, about.prop_flat_map(|(who, of, by)| opinion(who, of, by)).boxed()));
            all.push((1, (runs.clone(), nick()).prop_map(|(w, nick)| Op::Nick(w, nick)).boxed()));
            all.push((2, (runs.clone(), set()).prop_map(|(w, set)| Op::Set(vec![w], set)).boxed()));
            let said = state.said;
            let tell = move |(who, whom)| Op::Tell(who, whom, format!("telling {said}"));
            all.push((2, (runs, anybody()).prop_map(tell).boxed()));
        }
        if let Some(here) = who(state, |state, who| state.people[who].here) {
            all.push((1, here.clone().prop_map(Op::Cut).boxed()));
            all.push((1, here.clone().prop_map(Op::Kick).boxed()));
            all.push((1, (here.clone(), here).prop_map(|(a, b)| Op::Swap(a, b)).boxed()));
        }
        if let Some(talks) = who(state, Self::talks) {
            let said = state.said;
            let say = move |who| Op::Say(who, format!("saying {said} of {}", CAST[who]));
            all.push((8, talks.clone().prop_map(say).boxed()));
            all.push((1, talks.clone().prop_map(Op::Part).boxed()));
            all.push((2, talks.clone().prop_map(Op::Refresh).boxed()));
            all.push((1, (anybody(), talks.clone()).prop_map(|(w, by)| Op::Bar(w, by)).boxed()));
            all.push((1, (anybody(), talks.clone()).prop_map(|(w, by)| Op::Pardon(w, by)).boxed()));
            all.push((1, (anybody(), talks.clone()).prop_map(|(w, by)| Op::Revoke(w, by)).boxed()));
            all.push((1, (talks.clone(), anybody()).prop_map(|(w, o)| Op::Follow(w, o)).boxed()));
            all.push((1, (talks.clone(), 0..6_usize).prop_map(|(w, n)| Op::Recall(w, n)).boxed()));
            let plain = (talks.clone(), select(vec![true, false, false]));
            all.push((1, plain.prop_map(|(who, on)| Op::Plain(who, on)).boxed()));
            let commands = select(vec![Op::Ask, Op::Forget, Op::Found]);
            all.push((1, (talks.clone(), commands).prop_map(|(w, op)| op(w)).boxed()));
            let modes = select(vec!["+o", "-o", "+x1", "+d", "-d", "-x"]);
            let mode = (talks, modes, anybody());
            let mode = mode.prop_map(|(by, m, w)| Op::Mode(by, format!("{m} {}", CAST[w])));
            all.push((4, mode.boxed()));
        }
        proptest::strategy::Union::new_weighted(all).boxed()
    }

    fn preconditions(state: &Self, op: &Op) -> bool {
        let is = |who: &usize, of: fn(&Person) -> bool| state.people.get(*who).is_some_and(of);
        match op {
            Op::Join(who) => state.runs(*who) && !state.people[*who].here,
            Op::Wake(who) => is(who, |person| person.hung),
            Op::Restart(who, _) => is(who, |person| person.crashed),
            Op::Hang(who) | Op::Crash(who) => state.runs(*who),
            Op::Cut(who) | Op::Kick(who) => is(who, |person| person.here),
            Op::Say(who, _) | Op::Part(who) | Op::Refresh(who) | Op::Mode(who, _) => {
                state.talks(*who)
            }
            Op::Bar(_, by) | Op::Pardon(_, by) | Op::Revoke(_, by) => state.talks(*by),
            Op::Ask(who) | Op::Forget(who) | Op::Found(who) => state.talks(*who),
            Op::Follow(who, _) | Op::Recall(who, _) => state.talks(*who),
            Op::Nick(who, _) | Op::Tell(who, ..) | Op::Lie(who, _) => state.runs(*who),
            Op::Strangers(who, _) | Op::Unpin(who, _) => state.runs(*who),
            Op::Accept(who, _) | Op::Decline(who, _) | Op::Pin(who, ..) => state.runs(*who),
            Op::Trust(who, _) | Op::Distrust(who, _) => state.runs(*who),
            Op::Plain(who, _) => state.talks(*who),
            Op::Certify(who, ..) => is(who, |person| !person.here),
            Op::Clone(who, of) => who != of && is(who, |person| !person.here),
            Op::Set(who, _) => who.iter().all(|who| state.runs(*who)),
            Op::Swap(one, other) => [one, other].iter().all(|who| is(who, |person| person.here)),
            Op::Split(_) => !state.split,
            _ => true,
        }
    }

    fn apply(mut state: Self, op: &Op) -> Self {
        if state.next.front() == Some(op) {
            state.next.pop_front();
        }
        match op {
            Op::Join(who) => state.people[*who].here = true,
            Op::Part(who) | Op::Cut(who) | Op::Kick(who) => state.people[*who].here = false,
            Op::Hang(who) => state.people[*who].hung = true,
            Op::Wake(who) => state.people[*who].hung = false,
            Op::Crash(who) => {
                state.people[*who] = Person { crashed: true, ..Person::default() };
            }
            Op::Restart(who, _) => state.people[*who].crashed = false,
            Op::Certify(who, ..) | Op::Clone(who, _) => state.people[*who] = Person::default(),
            Op::Split(_) => state.split = true,
            Op::Heal(_) => state.split = false,
            Op::Say(..) | Op::Tell(..) => state.said += 1,
            _ => {}
        }
        state
    }
}

/// All join, and the first gives everybody both rights: so many stand in the order as chance seldom puts there.
/// Then, if there is a plot of this number, what chance seldom puts in a row.
fn all_seated(count: usize, plot: usize) -> VecDeque<Op> {
    let joined = (0..count).map(Op::Join).chain([Op::Wait(30_000)]);
    let seats = CAST[1..count].iter().map(|name| Op::Mode(0, format!("+o {name}")));
    let unseat = |modes: &str| Op::Mode(0, format!("{modes} {}", CAST[1]));
    let plot = match plot {
        // One whose seat was taken forges; the server makes it operator.
        0 => vec![unseat("-o"), Op::Wait(3_000), Op::Rogue(1, Trick::OldList), Op::Wait(3_000)],
        1 => vec![unseat("-o"), Op::Wait(3_000), Op::Lie(0, Lie::Operator(1)), Op::Wait(700_000)],
        // The author of a sealed key is silent from its second line on.
        2 => vec![Op::Choke(0, 1), unseat("-d"), Op::Wait(1_000), Op::Hang(0), Op::Wait(120_000)],
        // One who can make no key is cut off until the one it has ceases to seal.
        3 => {
            let cut_off = [Op::Mute(1, true), Op::Lose(1, u32::MAX), Op::Wait(90_000_000)];
            [unseat("-o"), Op::Wait(3_000)].into_iter().chain(cut_off).collect()
        }
        // Two change the list at once, and what the second did is lost.
        4 if count > 2 => {
            vec![Op::Bar(count - 1, 1), Op::Mode(0, format!("-x {}", CAST[2])), Op::Wait(60_000)]
        }
        // Two talk alone, and one goes by another nick, as the server says to the other.
        5 => {
            let tell = |who, whom, text: &str| [Op::Tell(who, whom, text.into()), Op::Wait(10_000)];
            let talk = tell(0, 1, "hello").into_iter().chain(tell(1, 0, "hello to you"));
            let renamed = Op::Lie(0, Lie::Nick(1, "elsewhere".into()));
            talk.chain([renamed]).chain(tell(1, 0, "and this from here")).collect()
        }
        _ => Vec::new(),
    };
    joined.chain(seats).chain([Op::Wait(3_000)]).chain(plot).collect()
}

/// Two sides or three; if all are on one, the first is alone.
fn split(sides: &[usize]) -> Op {
    let side = |side: usize| (0..sides.len()).filter(move |who| sides[*who] == side).collect();
    let mut all: Vec<Vec<usize>> =
        (0..3).map(side).filter(|side: &Vec<_>| !side.is_empty()).collect();
    if all.len() < 2 {
        all = vec![vec![0], (1..sides.len()).collect()];
    }
    Op::Split(all)
}

/// By how many seconds a wall clock is wrong.
fn clock() -> impl Strategy<Value = i64> {
    prop_oneof![3 => -3_600..3_600_i64, 1 => select(FAR.to_vec())]
}

/// A nick that nobody begins with.
fn nick() -> impl Strategy<Value = String> {
    (0..9_u32).prop_map(|number| format!("nick{number}"))
}

/// What one thinks of another, or whom it lets vouch.
fn opinion(who: usize, of: usize, by: Voucher) -> impl Strategy<Value = Op> {
    let title = || CAST[of].to_string();
    let strangers =
        [SelfSigned::Ask, SelfSigned::Pin, SelfSigned::Refuse].map(|it| Op::Strangers(who, it));
    let others = [
        Op::Accept(who, of),
        Op::Decline(who, of),
        Op::Trust(who, by),
        Op::Distrust(who, by),
        Op::Pin(who, title(), of),
        Op::Unpin(who, title()),
    ];
    select([&strangers[..], &others].concat())
}

fn voucher(count: usize) -> impl Strategy<Value = Voucher> {
    let users = (0..count).map(Voucher::User);
    select(users.chain([Voucher::Itself, Voucher::Office, Voucher::Server]).collect::<Vec<_>>())
}

/// A setting that is nobody's at first.
fn set() -> impl Strategy<Value = Set> {
    select(vec![
        Set::Period(Some(90)),
        Set::Messages(Some(2)),
        Set::Bytes(Some(40)),
        Set::Growth(Some(1)),
        Set::Idle(Some(100)),
        Set::Topic(true),
        Set::Alone(true),
        Set::Lifetime(3),
        Set::Keys(1),
        Set::Keep(Some(60)),
        Set::OldKeys(OldKeys::All),
        Set::Rule(GrantRule::Random { seats: 2 }),
        Set::Rule(GrantRule::Holders { picks: 1 }),
        Set::Rule(GrantRule::Operators),
        Set::Rule(GrantRule::Server),
        Set::Rule(GrantRule::ByHand),
        Set::Rights(Rights { distribute: true, update: false }),
        Set::Renewer(Renewer::LastSender),
        Set::Signed(false),
        Set::Found(false),
    ])
}

/// Real terminals, and the checker that looks at them.
struct Real {
    setting: Setting,
    world: World,
    checker: Checker,
    ops: Vec<Op>,
}

impl Real {
    fn fail(&self, what: &str) -> ! {
        let text = script::write(&self.setting, &self.ops, what);
        // Tests run at the same time, each in a thread that bears its name.
        let thread = std::thread::current();
        let name = format!("found-{}.txt", thread.name().unwrap_or_default());
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&file, &text).expect("a file");
        panic!("{}:\n{text}", file.display());
    }
}

impl StateMachineTest for Real {
    type SystemUnderTest = Self;
    type Reference = Abstract;

    fn init_test(state: &Abstract) -> Self {
        let setting = Setting::new(state.seed, state.people.len());
        let world = World::new(setting.clone());
        let checker = Checker::new(&world);
        Self { setting, world, checker, ops: Vec::new() }
    }

    fn apply(mut real: Self, _: &Abstract, op: Op) -> Self {
        real.ops.push(op.clone());
        if let Err(violation) = real.checker.apply(&mut real.world, &op) {
            real.fail(&violation.to_string());
        }
        real
    }

    /// The abstract world and the other one are of one mind about who is there.
    fn check_invariants(real: &Self, state: &Abstract) {
        for (who, (person, actor)) in state.people.iter().zip(&real.world.actors).enumerate() {
            let seen = (actor.here, actor.hung && actor.terminal.is_some());
            if seen != (person.here, person.hung) {
                real.fail(&format!("{} is {seen:?}, and should be {person:?}", CAST[who]));
            }
        }
    }

    fn teardown(mut real: Self, _: Abstract) {
        if let Err(violation) = liveness::settle(&mut real.checker, &mut real.world) {
            real.fail(&violation.to_string());
        }
        REACHED.with_borrow_mut(|reached| reached.add(&real.checker.counters));
    }
}

/// So many cases must reach all that the checker counts.
const MANY: u32 = 4_096;

thread_local! {
    /// What the cases of this test have reached.
    static REACHED: RefCell<Counters> = RefCell::default();
}

fn run(seed: u64, cases: u32) {
    // More, if the environment says so.
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { cases };
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let strategy = Abstract::sequential_strategy(1..50);
    let result = TestRunner::new(config.clone()).run(&strategy, |(state, ops, seen)| {
        Real::test_sequential(config.clone(), state, ops, seen);
        Ok(())
    });
    if let Err(why) = result {
        panic!("{why}");
    }
    let reached = REACHED.take();
    println!("{reached}");
    let missing = reached.missing();
    assert!(cases < MANY || missing.is_empty(), "not reached: {missing:?}");
}

#[test]
fn every_kind_of_operation_is_drawn() {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(1), ..Config::default() });
    let strategy = Abstract::sequential_strategy(50);
    let mut drawn = BTreeSet::new();
    for _ in 0..400 {
        let (_, ops, _) = strategy.new_tree(&mut runner).expect("a schedule").current();
        drawn.extend(ops.iter().flat_map(kinds::of));
    }
    assert_eq!(kinds::all().difference(&drawn).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_must_hold_holds_in_all_that_makes_sense() {
    run(1, 6);
}

#[test]
fn and_from_a_seed_that_no_run_had() {
    let named = std::env::var("SEED").ok().map(|seed| seed.parse().expect("a number"));
    let seed = named.unwrap_or_else(|| RandomState::new().hash_one(()) >> 1);
    println!("SEED={seed}");
    run(seed, 2);
}
