//! Rows of operations that lead where chance seldom does.

use keyrota::OldKeys;

use crate::op::{CAST, From, Lie, Op, Way};
use crate::reference::compare;
use crate::rogue::{TRICKS, Trick};
use crate::schedule::{Drawer, saying};
use crate::set::Set;
use crate::world::{CHANNEL, World};

impl Drawer {
    /// A row of operations that leads where chance seldom does. The first is returned, the others
    /// come next.
    pub(crate) fn story(&mut self, world: &World, one: usize, other: usize) -> Op {
        let order = order(world);
        let first = order.first().copied().unwrap_or(one);
        let second = order.get(1).copied().unwrap_or(other);
        let say = saying(self.count, other);
        // Somebody without a turn, and another.
        let mut plain = (0..world.actors.len()).filter(|who| !order.contains(who));
        let last = plain.next_back().unwrap_or(other);
        let next = plain.next().unwrap_or(one);
        let number = self.below(20);
        let mut ops = match number {
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
                Op::Mode(first, format!("+d {}", world.actors[last].nick)),
                Op::Wait(1_000),
                if self.below(3) == 0 { Op::Crash(first) } else { Op::Hang(first) },
                Op::Wait(120_000),
                Op::Mute(first, false),
                Op::Wake(first),
            ],
            // One who cannot make a key is cut off until its own seals no more.
            3 => vec![
                Op::Mute(last, true),
                Op::Lose(last, u32::MAX),
                Op::Wait(90_000_000),
                say,
                Op::Lose(last, 0),
                Op::Mute(last, false),
            ],
            // Somebody whose seat was taken forges.
            4 => vec![
                Op::Mode(first, format!("-o {}", world.actors[second].nick)),
                Op::Wait(3_000),
                Op::Rogue(second, self.among(&TRICKS[..3])),
                Op::Wait(3_000),
            ],
            // On both sides of a split somebody is removed or barred, or the key renewed.
            5 => {
                let side = vec![second];
                let rest = (0..world.actors.len()).filter(|who| *who != second).collect();
                let far = match self.below(4) {
                    0 => Op::Bar(one, second),
                    1 => Op::Refresh(second),
                    2 => Op::Part(last),
                    _ => Op::Mode(second, format!("+d {}", world.actors[one].nick)),
                };
                vec![
                    Op::Operator(second, self.below(2) == 0),
                    Op::Split(vec![rest, side]),
                    Op::Wait(self.among(&[1_000, 70_000])),
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
                Op::Replay(0, Way { from: self.one(world), to: other, alone: false }),
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
                let count = world.actors.len();
                let (side, rest) =
                    (0..count).partition(|who| *who == second || *who == last && count > 2);
                let away = if self.below(2) == 0 { Op::Hang(first) } else { Op::Wait(1_000) };
                vec![
                    Op::Split(vec![rest, side]),
                    Op::Wait(30_000),
                    Op::Bar(last, second),
                    Op::Mode(first, format!("+d {}", world.actors[next].nick)),
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
            // Something is said while one is barred, which asks for the key of that later.
            15 => {
                let all = (0..world.actors.len()).filter(|who| world.actors[*who].runs()).collect();
                vec![
                    Op::Set(all, Set::OldKeys(OldKeys::All)),
                    Op::Bar(other, first),
                    Op::Wait(3_000),
                    saying(self.count, one),
                    Op::Wait(1_000),
                    Op::Pardon(other, first),
                    Op::Wait(60_000),
                ]
            }
            // The server tells one what would move a right if it were so.
            16 => {
                let lie = match self.below(3) {
                    0 => Lie::Operator(last),
                    1 => Lie::Kick(first),
                    _ => Lie::Part(first),
                };
                vec![Op::Lie(one, lie), Op::Wait(700_000), say]
            }
            // Two talk alone, one begins again perhaps, and the server has a hand in it.
            17 => {
                let way = match self.below(4) {
                    0 => Way { from: last, to: other, alone: true },
                    1 => Way { from: other, to: one, alone: true },
                    _ => Way { from: one, to: other, alone: true },
                };
                let number = self.count;
                let tell = |turn: u64, who: usize, whom: usize| {
                    Op::Tell(who, whom, format!("telling {} of {}", number + turn, CAST[who]))
                };
                let renamed = Op::Nick(one, format!("nick{}", self.below(9)));
                let befalls = match self.below(9) {
                    0 => vec![Op::Crash(one)],
                    1 => vec![Op::Lose(other, 1 + u32::try_from(self.below(3)).expect("few"))],
                    2 => vec![
                        Op::Join(other),
                        Op::Wait(200),
                        Op::Cut(other),
                        Op::Wait(200),
                        Op::Join(other),
                    ],
                    3 => vec![Op::Swap(one, last)],
                    4 => vec![renamed],
                    5 => vec![Op::Lie(one, Lie::Nick(other, world.actors[last].nick.clone()))],
                    6 => vec![Op::Lie(other, Lie::Nick(one, "elsewhere".into()))],
                    7 => vec![Op::Cut(other), Op::Wait(1_000), renamed, Op::Join(other)],
                    _ => vec![Op::Wait(1 + self.below(400_000))],
                };
                let back = usize::try_from(self.below(25)).expect("few");
                let bit = u32::try_from(self.below(8_000)).expect("few");
                let made_up = match self.below(4) {
                    0 => vec![Op::Alter(back, bit, way)],
                    1 => vec![Op::Replay(back, way)],
                    // Each is a line more: so this is all since then.
                    _ => vec![Op::Replay(back, way); back + 1],
                };
                let mut ops = vec![
                    tell(0, one, other),
                    Op::Wait(1 + self.below(20_000)),
                    tell(1_000_000, other, one),
                    Op::Wait(1 + self.below(2_000)),
                ];
                if self.below(2) == 0 {
                    // Who began says all, and the other has not taken it up.
                    ops.truncate(2);
                    ops.extend(befalls);
                    ops.push(tell(2_000_000, one, other));
                } else {
                    ops.extend(befalls);
                    let from = self.among(&[From::Bare, From::Saved, From::Older]);
                    ops.extend([Op::Restart(one, from), tell(2_000_000, other, one)]);
                }
                ops.push(Op::Wait(1 + self.below(20_000)));
                ops.extend(made_up);
                ops.extend([tell(3_000_000, one, other), Op::Wait(1 + self.below(30_000))]);
                ops
            }
            // Two change the list at once, and what one did is lost.
            18 => vec![
                Op::Bar(last, second),
                Op::Mode(first, format!("+d {}", world.actors[next].nick)),
                Op::Wait(60_000),
            ],
            _ => {
                vec![Op::Rogue(first, self.among(&TRICKS)), Op::Wait(1_000), say, Op::Wait(150_000)]
            }
        };
        if matches!(number, 2..=4 | 11 | 16 | 18) {
            ops.splice(..0, gather(world));
        }
        ops.reverse();
        let next = ops.pop().unwrap_or(Op::Wait(1));
        self.next = ops;
        next
    }
}

/// Everybody runs, and is in the channel.
fn gather(world: &World) -> Vec<Op> {
    let all = 0..world.actors.len();
    let back = |who| [Op::Restart(who, From::Saved), Op::Wake(who), Op::Join(who)];
    all.flat_map(back).chain([Op::Wait(30_000)]).collect()
}

/// Whose turn it is, in the greatest record that somebody has.
fn order(world: &World) -> Vec<usize> {
    let views = (0..world.actors.len()).filter_map(|who| world.view(who, CHANNEL));
    let records = views.filter_map(|view| view.record());
    let Some(record) = records.max_by(|one, other| compare(one, other)) else { return Vec::new() };
    let ids: Vec<_> =
        world.actors.iter().zip(CAST).map(|(actor, name)| actor.identity(name).id()).collect();
    let owners = record.turn.iter().filter_map(|seat| record.list.seat(*seat));
    owners.filter_map(|seat| ids.iter().position(|id| *id == seat.id)).collect()
}
