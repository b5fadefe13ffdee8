//! Schedules drawn at random from what makes sense at each moment, and made shorter where they fail.

use keyrota::spec::Rights;
use keyrota::{GrantRule, OldKeys, Renewer, SelfSigned};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::checker::{Checker, Violation};
use crate::liveness;
use crate::op::{CAST, From, Lie, Op, Voucher, Way};
use crate::rogue::TRICKS;
use crate::set::Set;
use crate::world::{Setting, World};

/// Wall clocks that are wrong by more than anything allows for, in seconds.
pub const FAR: [i64; 4] = [-800_000_000, -90_000, 90_000, 300_000_000];

/// Draws operations for a world.
#[derive(Debug)]
pub struct Drawer {
    rng: ChaCha20Rng,
    pub(crate) count: u64,
    /// What belongs together and comes next, the next last.
    pub(crate) next: Vec<Op>,
}

/// Texts say who said them; no two are alike.
pub(crate) fn saying(count: u64, who: usize) -> Op {
    Op::Say(who, format!("saying {count} of {}", CAST[who]))
}

impl Drawer {
    /// The same seed draws the same in the same world.
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha20Rng::seed_from_u64(seed ^ 0x5eed), count: 0, next: Vec::new() }
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.rng.next_u64() % n.max(1)
    }

    pub(crate) fn among<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("few")]
    }

    pub(crate) fn one(&mut self, world: &World) -> usize {
        usize::try_from(self.below(world.actors.len() as u64)).expect("few")
    }

    /// An operation that makes sense now.
    pub fn draw(&mut self, world: &World) -> Op {
        loop {
            let op = match self.next.pop() {
                Some(op) => op,
                None => self.propose(world),
            };
            if world.allows(&op) {
                return op;
            }
        }
    }

    fn propose(&mut self, world: &World) -> Op {
        let (one, other) = (self.one(world), self.one(world));
        self.count += 1;
        let way = Way { from: one, to: other, alone: self.below(4) == 0 };
        match self.below(132) {
            0..22 => {
                // Mostly moments, at times long enough for what is slow.
                let most = self.among(&[2_000, 30_000, 90_000, 700_000, 4_000_000]);
                Op::Wait(1 + self.below(most))
            }
            22..35 => saying(self.count, one),
            35..43 => Op::Join(one),
            43..46 => Op::Part(one),
            46 => Op::Cut(one),
            47 => Op::Kick(one),
            48..51 => Op::Refresh(one),
            51..56 => {
                let nick = &world.actors[other].nick;
                let modes = self.among(&["+o", "+o", "-o", "+x1", "+d", "-d", "+x", "-x"]);
                Op::Mode(one, format!("{modes} {nick}"))
            }
            56 => Op::Bar(one, other),
            57 => Op::Pardon(one, other),
            58..61 => Op::Hang(one),
            61..66 => Op::Wake(one),
            66 => Op::Crash(one),
            67..69 => Op::Restart(one, self.among(&[From::Bare, From::Saved, From::Older])),
            69 => self.split(world),
            // A text is under way when the network falls apart.
            70 => {
                self.next = vec![self.split(world), Op::Wait(1 + self.below(120))];
                saying(self.count, one)
            }
            71..74 => Op::Heal(self.below(2) == 0),
            74..76 => Op::Lose(one, 1 + u32::try_from(self.below(6)).expect("few")),
            76 => Op::Hold(one, 500 + self.below(20_000)),
            77 => Op::Lag(one, self.below(30_000)),
            78 => Op::Lag(one, 0),
            79 => Op::Repeat(one),
            80 => Op::Mute(one, true),
            81..84 => Op::Mute(one, false),
            84 => Op::Nick(one, format!("nick{}", self.below(9))),
            85 => Op::Swap(one, other),
            86 => Op::Topic("the tide".into()),
            87..89 => {
                let whom = if self.below(4) == 0 { one } else { other };
                Op::Lie(one, self.lie(world, whom))
            }
            89..91 => Op::Replay(self.back(world, way.alone), way),
            91 => {
                let bit = u32::try_from(self.below(8_000)).expect("few");
                Op::Alter(self.back(world, way.alone), bit, way)
            }
            92 => Op::Noise(u8::try_from(self.below(16)).expect("few"), self.below(1 << 20), way),
            93 => Op::Operator(one, self.below(2) == 0),
            94 => {
                // Minutes or an hour, or what a reset or an empty battery makes of it.
                let usual = [0, 0, -100, 100, -700, 700, -3_000, 3_000];
                let seconds = match self.below(4) {
                    0 => self.among(&FAR),
                    _ => self.among(&usual),
                };
                Op::Clock(one, seconds)
            }
            95 => Op::Pace(one, self.among(&[-5_000, 0, 500, 5_000])),
            96..98 => Op::Rogue(one, self.among(&TRICKS)),
            98..101 => Op::Tell(one, other, format!("telling {} of {}", self.count, CAST[one])),
            101 => Op::Ask(one),
            102 => Op::Recall(one, usize::try_from(self.below(6)).expect("few")),
            103 => Op::Forget(one),
            104 => Op::Found(one),
            105..107 => Op::Follow(one, other),
            107 => Op::Plain(one, true),
            108..111 => Op::Plain(one, false),
            111..115 => Op::Set(vec![one], self.set()),
            115 => Op::Clone(one, other),
            116 => Op::Revoke(one, other),
            117..119 => Op::Take(one, other),
            119..121 => Op::Miss(one, other),
            121 => Op::Flood(1 + u32::try_from(self.below(250)).expect("few"), way),
            122 => Op::Crowd(self.among(&[0, 1, 3, 12])),
            123..125 => self.opinion(one, other),
            _ => self.story(world, one, other),
        }
    }

    /// How far back a line is: of the last ones, of all that ever were, or of those that were for one alone.
    fn back(&mut self, world: &World, alone: bool) -> usize {
        let backwards = world.lines.iter().rev().enumerate();
        let private: Vec<usize> =
            backwards.filter(|(_, line)| line.to.is_some()).map(|(back, _)| back).collect();
        if alone && !private.is_empty() && self.below(4) > 0 {
            return self.among(&private);
        }
        let all = world.lines.len() as u64;
        let most = self.among(&[60, all]);
        usize::try_from(self.below(most)).expect("few")
    }

    fn lie(&mut self, world: &World, other: usize) -> Lie {
        match self.below(9) {
            0 => Lie::Join(other),
            1 => Lie::Part(other),
            2 => Lie::Kick(other),
            3 => Lie::Quit(other),
            4 if self.below(2) == 0 => Lie::Nick(other, world.actors[self.one(world)].nick.clone()),
            4 => Lie::Nick(other, format!("nick{}", self.below(9))),
            5 => Lie::Operator(other),
            6 => Lie::Deop(other),
            7 => Lie::Names((0..world.actors.len()).filter(|_| self.below(2) == 0).collect()),
            _ => Lie::Alone,
        }
    }

    /// What one thinks of another, or whom it lets vouch; or another name, on some word.
    fn opinion(&mut self, one: usize, other: usize) -> Op {
        let by =
            self.among(&[Voucher::Office, Voucher::Server, Voucher::User(other), Voucher::Itself]);
        let title = || CAST[other].into();
        match self.below(8) {
            0 => {
                let what = [SelfSigned::Ask, SelfSigned::Pin, SelfSigned::Refuse];
                Op::Strangers(one, self.among(&what))
            }
            1 => Op::Accept(one, other),
            2 => Op::Decline(one, other),
            3 => Op::Trust(one, by),
            4 => Op::Distrust(one, by),
            5 => Op::Pin(one, title(), other),
            6 => Op::Unpin(one, title()),
            _ => Op::Certify(one, title(), by),
        }
    }

    /// A setting, at times the usual one.
    pub(crate) fn set(&mut self) -> Set {
        let some = self.below(2) == 0;
        let few = 1 + u8::try_from(self.below(4)).expect("few");
        match self.below(16) {
            0 => Set::Period(self.among(&[None, Some(600), Some(3_600)])),
            1 => Set::Messages(self.among(&[None, Some(2), Some(1_000)])),
            2 => Set::Bytes(some.then_some(40)),
            3 => Set::Growth(some.then_some(few.into())),
            4 => Set::Idle(some.then_some(100)),
            5 => Set::Topic(some),
            6 => Set::Alone(some),
            7 => Set::Lifetime(self.among(&[3, 60, 1_440])),
            8 => Set::Keys(few.into()),
            9 => Set::Keep(some.then_some(60)),
            10 => Set::OldKeys(if some { OldKeys::All } else { OldKeys::MembersThen }),
            11 => Set::Rights(self.among(&[
                Rights::BOTH,
                Rights { distribute: true, update: false },
                Rights { distribute: false, update: true },
            ])),
            12 => Set::Signed(some),
            13 => Set::Found(some),
            14 => Set::Renewer(self.among(&[Renewer::LastSender, Renewer::LastReceiver])),
            _ => Set::Rule(self.among(&[
                GrantRule::FirstJoined { seats: few },
                GrantRule::Random { seats: few },
                GrantRule::Holders { picks: few },
                GrantRule::Operators,
                GrantRule::Server,
                GrantRule::ByHand,
            ])),
        }
    }

    fn split(&mut self, world: &World) -> Op {
        let count = world.actors.len();
        let sides = if count > 2 { 2 + self.below(2) } else { 2 };
        let mut split = vec![Vec::new(); usize::try_from(sides).expect("few")];
        for who in 0..count {
            // Nobody's side is empty.
            let side = if who < split.len() { who } else { self.one(world) % split.len() };
            split[side].push(who);
        }
        Op::Split(split)
    }
}

/// What became of a schedule.
#[derive(Debug)]
pub struct Played {
    /// The operations, also those that made no sense.
    pub ops: Vec<Op>,
    /// What does not hold, if anything.
    pub violation: Option<Violation>,
    /// The world and its checker, as they were at the end.
    pub checker: Checker,
    /// The world, likewise.
    pub world: World,
}

/// How a world of this number begins, and how many operations it is given.
pub fn setting(seed: u64) -> (Setting, usize) {
    (Setting::new(seed, 2 + usize::try_from(seed % 6).expect("few")), 60)
}

/// Draws so many operations and carries them out; then the network [settles](liveness::settle).
pub fn explore(setting: Setting, count: usize) -> Played {
    let mut drawer = Drawer::new(setting.seed);
    let mut world = World::new(setting);
    let mut checker = Checker::new(&world);
    let mut ops = Vec::new();
    let mut violation = None;
    while violation.is_none() && ops.len() < count {
        let op = drawer.draw(&world);
        ops.push(op.clone());
        violation = checker.apply(&mut world, &op).err();
    }
    if violation.is_none() {
        violation = liveness::settle(&mut checker, &mut world).err();
    }
    Played { ops, violation, checker, world }
}

/// Carries out operations of before, and settles; those that make no sense any more are left out.
pub fn play(setting: Setting, ops: &[Op]) -> Played {
    let mut world = World::new(setting);
    let mut checker = Checker::new(&world);
    let failed = ops.iter().find_map(|op| checker.apply(&mut world, op).err());
    let violation = failed.or_else(|| liveness::settle(&mut checker, &mut world).err());
    Played { ops: ops.to_vec(), violation, checker, world }
}

/// A shorter schedule under which the same invariant does not hold.
pub fn shrink(setting: &Setting, ops: Vec<Op>, invariant: u8) -> Vec<Op> {
    shrink_where(ops, |ops| {
        let violation = play(setting.clone(), ops).violation;
        violation.is_some_and(|violation| violation.invariant == invariant)
    })
}

/// A shorter schedule that fails still: without any one of its operations it does not.
pub fn shrink_where(mut ops: Vec<Op>, fails: impl Fn(&[Op]) -> bool) -> Vec<Op> {
    let mut size = ops.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < ops.len() {
            let mut fewer = ops.clone();
            fewer.drain(at..ops.len().min(at + size));
            if fails(&fewer) {
                ops = fewer;
            } else {
                at += size;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    ops
}
