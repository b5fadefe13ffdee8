//! Schedules drawn at random from what makes sense at each moment, and made shorter where they fail.

use keyrota::spec::Rights;
use keyrota::{GrantRule, OldKeys, Renewer};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::checker::{Checker, Violation};
use crate::liveness;
use crate::op::{CAST, From, Lie, Op, Way};
use crate::reference::compare;
use crate::rogue::{TRICKS, Trick};
use crate::set::Set;
use crate::world::{CHANNEL, Setting, World};

/// Draws operations for a world.
#[derive(Debug)]
pub struct Drawer {
    rng: ChaCha20Rng,
    count: u64,
    /// What belongs together and comes next, the next last.
    next: Vec<Op>,
}

/// Texts say who said them; no two are alike.
fn saying(count: u64, who: usize) -> Op {
    Op::Say(who, format!("saying {count} of {}", CAST[who]))
}

impl Drawer {
    /// The same seed draws the same in the same world.
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha20Rng::seed_from_u64(seed ^ 0x5eed), count: 0, next: Vec::new() }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.rng.next_u64() % n.max(1)
    }

    fn among<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("few")]
    }

    fn one(&mut self, world: &World) -> usize {
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
        let way = Way { from: one, to: other };
        let back = usize::try_from(self.below(60)).expect("few");
        match self.below(124) {
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
            69..71 => self.split(world),
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
                let lie = match self.below(6) {
                    0 => Lie::Join(other),
                    1 => Lie::Part(other),
                    2 => Lie::Kick(other),
                    3 => Lie::Nick(other, format!("nick{}", self.below(9))),
                    4 => Lie::Operator(other),
                    _ => Lie::Alone,
                };
                Op::Lie(one, lie)
            }
            89..91 => Op::Replay(back, way),
            91 => Op::Alter(back, u32::try_from(self.below(8_000)).expect("few"), way),
            92 => Op::Noise(u8::try_from(self.below(16)).expect("few"), self.below(1 << 20), way),
            93 => Op::Operator(one, self.below(2) == 0),
            94 => {
                // Beyond an hour nobody takes in what the other says, nor for as long after (9-4).
                let seconds = self.among(&[-3_000_i64, -700, -100, 0, 0, 100, 700, 3_000]);
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
            _ => self.story(world, one, other),
        }
    }

    /// A setting, at times the usual one.
    fn set(&mut self) -> Set {
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

    /// A row of operations that leads where chance seldom does. The first is returned, the others
    /// come next.
    fn story(&mut self, world: &World, one: usize, other: usize) -> Op {
        let order = order(world);
        let first = order.first().copied().unwrap_or(one);
        let say = saying(self.count, other);
        let mut ops = match self.below(16) {
            // Those whose turn it is fall silent, or leave, one after the other.
            0 => {
                let count = 1 + usize::try_from(self.below(4)).expect("few");
                let gone = self.below(3) == 0;
                let away = order.iter().take(count);
                let mut ops: Vec<Op> =
                    away.map(|who| if gone { Op::Part(*who) } else { Op::Hang(*who) }).collect();
                ops.extend([Op::Refresh(other), Op::Wait(200_000)]);
                ops.extend(
                    order.iter().take(count).flat_map(|who| [Op::Wake(*who), Op::Join(*who)]),
                );
                ops
            }
            // More seats, so that more than two can stand before one.
            1 => {
                let founder = world.actors.get(first).map_or(one, |_| first);
                let mut ops = Vec::new();
                for actor in &world.actors {
                    ops.push(Op::Mode(founder, format!("+o {}", actor.nick)));
                    ops.push(Op::Wait(1_000));
                }
                ops
            }
            // The author of a sealed key is cut off while it sends it.
            2 => vec![
                Op::Choke(first, 1),
                Op::Mode(first, format!("+d {}", world.actors[other].nick)),
                Op::Wait(1_000),
                Op::Hang(first),
                Op::Wait(120_000),
                Op::Mute(first, false),
                Op::Wake(first),
            ],
            // One is cut off until its key seals no more.
            3 => vec![
                Op::Mute(one, true),
                Op::Lose(one, u32::MAX),
                Op::Wait(90_000_000),
                say,
                Op::Lose(one, 0),
                Op::Mute(one, false),
            ],
            // Somebody whose seat was taken forges.
            4 => vec![
                Op::Mode(first, format!("-x {}", world.actors[other].nick)),
                Op::Mode(first, format!("-o {}", world.actors[other].nick)),
                Op::Wait(3_000),
                Op::Rogue(other, self.among(&TRICKS[..3])),
                Op::Wait(3_000),
            ],
            // On both sides of a split somebody is removed or barred, or the key renewed.
            5 => {
                let second = order.get(1).copied().unwrap_or(other);
                let side = vec![second];
                let rest = (0..world.actors.len()).filter(|who| *who != second).collect();
                let far = match self.below(3) {
                    0 => Op::Bar(one, second),
                    1 => Op::Refresh(second),
                    _ => Op::Mode(second, format!("+d {}", world.actors[one].nick)),
                };
                vec![
                    Op::Operator(second, self.below(2) == 0),
                    Op::Split(vec![rest, side]),
                    Op::Wait(1_000),
                    far,
                    Op::Refresh(first),
                    Op::Wait(100_000),
                    Op::Heal(self.below(2) == 0),
                    Op::Wait(30_000),
                ]
            }
            // Two want the same at once.
            6 => vec![
                Op::Lag(first, 25_000),
                Op::Wait(70_000),
                Op::Refresh(first),
                Op::Refresh(other),
                Op::Wait(60_000),
                Op::Lag(first, 0),
            ],
            // Who begins again speaks at once, perhaps under the key under which it spoke before.
            7 => vec![
                saying(self.count + 1_000_000, one),
                Op::Crash(one),
                Op::Restart(one, self.among(&[From::Saved, From::Older])),
                Op::Join(one),
                Op::Wait(1 + self.below(60_000)),
                saying(self.count, one),
            ],
            // More keys than one of them keeps.
            8 => vec![
                Op::Set(vec![one], Set::Keys(1 + usize::try_from(self.below(2)).expect("few"))),
                Op::Refresh(one),
                Op::Wait(70_000),
                Op::Refresh(other),
                Op::Wait(70_000),
                Op::Refresh(one),
                Op::Wait(70_000),
            ],
            // What one missed comes from another nick.
            9 => vec![
                Op::Lose(other, 1),
                saying(self.count, one),
                Op::Wait(500),
                Op::Replay(0, Way { from: self.one(world), to: other }),
            ],
            // Somebody who may only distribute changes the list.
            10 => vec![
                Op::Mode(first, format!("-o {}", world.actors[other].nick)),
                Op::Wait(1_000),
                Op::Mode(first, format!("+d {}", world.actors[other].nick)),
                Op::Wait(3_000),
                Op::Rogue(other, Trick::OwnList),
                Op::Wait(3_000),
            ],
            // A removal is lost to the list of the other side, where perhaps nobody can sign it again
            // but its author.
            11 => {
                let second = order.get(1).copied().unwrap_or(other);
                let rest = (0..world.actors.len()).filter(|who| *who != second).collect();
                let away = if self.below(2) == 0 { Op::Hang(first) } else { Op::Wait(1_000) };
                vec![
                    Op::Split(vec![rest, vec![second]]),
                    Op::Wait(30_000),
                    Op::Bar(one, second),
                    Op::Mode(first, format!("+d {}", world.actors[other].nick)),
                    Op::Wait(60_000),
                    away,
                    Op::Heal(self.below(2) == 0),
                    Op::Wait(120_000),
                    Op::Wake(first),
                ]
            }
            // Something other than time makes a key due.
            12 => {
                let all = (0..world.actors.len()).filter(|who| world.actors[*who].runs()).collect();
                vec![
                    Op::Set(all, self.set()),
                    Op::Wait(70_000),
                    say,
                    Op::Topic(format!("the tide at {}", self.count)),
                    Op::Join(one),
                    Op::Wait(130_000),
                ]
            }
            // A channel in which nobody signs.
            13 => vec![
                Op::Set(vec![one], Set::Signed(false)),
                Op::Found(one),
                Op::Follow(other, one),
                Op::Wait(30_000),
                say,
                Op::Wait(1_000),
            ],
            // Two open the channel, each alone.
            14 => {
                let all = 0..world.actors.len();
                let mut ops: Vec<Op> = all.clone().map(Op::Part).collect();
                ops.extend([one, other].map(Op::Crash));
                ops.extend([one, other].map(|who| Op::Restart(who, From::Bare)));
                let rest = all.filter(|who| *who != one).collect();
                ops.extend([Op::Split(vec![rest, vec![one]]), Op::Join(one), Op::Join(other)]);
                ops.extend([Op::Wait(20_000), Op::Heal(self.below(2) == 0), Op::Wait(30_000), say]);
                ops
            }
            _ => {
                vec![Op::Rogue(first, self.among(&TRICKS)), Op::Wait(1_000), say, Op::Wait(150_000)]
            }
        };
        ops.reverse();
        let next = ops.pop().unwrap_or(Op::Wait(1));
        self.next = ops;
        next
    }
}

/// Whose turn it is, in the greatest record that somebody has.
fn order(world: &World) -> Vec<usize> {
    let views = world.actors.iter().filter_map(|actor| actor.terminal.as_ref()?.channel(CHANNEL));
    let records = views.filter_map(|view| view.record());
    let Some(record) = records.max_by(|one, other| compare(one, other)) else { return Vec::new() };
    let ids: Vec<_> =
        world.actors.iter().zip(CAST).map(|(actor, name)| actor.identity(name).id()).collect();
    let owners = record.turn.iter().filter_map(|seat| record.list.seat(*seat));
    owners.filter_map(|seat| ids.iter().position(|id| *id == seat.id)).collect()
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
