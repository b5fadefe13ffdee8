//! Three terminals and a hostile network, in the world of the model checker: what must always hold does
//! after every input; then the network is made whole, time runs, and all agree.
//!
//! Spec: chapter 18, "What always holds".

use arbitrary::{Result, Unstructured};
use keyrota::spec::Rights;
use keyrota::{GrantRule, OldKeys, SelfSigned};
use keyrota_model::checker::{Checker, Violation};
use keyrota_model::liveness;
use keyrota_model::op::{CAST, From, Lie, Op, Voucher, Way};
use keyrota_model::rogue::TRICKS;
use keyrota_model::script;
use keyrota_model::set::Set;
use keyrota_model::world::{Setting, World};

/// Operations of one schedule; what an input says beyond is left out.
const OPS: usize = 32;
/// Inputs of terminals, after which a schedule ends: what costs most are signatures.
const STEPS: u64 = 500;
const ACTORS: usize = 3;

/// The input as a schedule.
///
/// # Panics
/// With the schedule as a script, which the model checker plays, if something does not hold.
pub fn run(data: &[u8]) {
    let Played { setting, ops, violation, .. } = play(data);
    if let Some(violation) = violation {
        panic!("{}", script::write(&setting, &ops, &violation.to_string()));
    }
}

/// What became of an input.
pub struct Played {
    /// Its world.
    pub setting: Setting,
    /// The operations of its schedule.
    pub ops: Vec<Op>,
    /// What does not hold, if anything.
    pub violation: Option<Violation>,
    /// The network was made whole, and all had to agree.
    pub settles: bool,
}

/// Plays an input.
pub fn play(data: &[u8]) -> Played {
    let mut u = Unstructured::new(data);
    let setting = Setting::new(u.arbitrary::<u8>().unwrap_or(0).into(), ACTORS);
    let mut world = World::new(setting.clone());
    let mut checker = Checker::new(&world);
    let mut ops = Vec::new();
    // The first two meet, so that an input need not say so.
    let mut next = vec![Op::Wait(20_000), Op::Join(1), Op::Wait(10_000), Op::Join(0)];
    // Most schedules keep to what the last three invariants take for granted.
    let honest = !setting.seed.is_multiple_of(4);
    let mut settles = true;
    while ops.len() < OPS && checker.steps < STEPS {
        let op = match next.pop() {
            Some(op) => op,
            None if u.is_empty() => break,
            None => match draw(&mut u, &world, ops.len()) {
                Ok(op) => op,
                Err(_) => break,
            },
        };
        if !world.allows(&op) || honest && !is_honest(&op) {
            continue;
        }
        settles &= is_honest(&op);
        ops.push(op.clone());
        let done = match op {
            // Where a user has set so, the key is renewed once a minute for all that time.
            Op::Wait(ms) => {
                let end = world.ms.saturating_add(ms);
                checker.wait(&mut world, end, |checker, _| checker.steps >= STEPS).map(drop)
            }
            op => checker.apply(&mut world, &op),
        };
        if let Err(violation) = done {
            return Played { setting, ops, violation: Some(violation), settles: false };
        }
    }
    settles &= checker.steps < STEPS;
    let settled = if settles { liveness::settle(&mut checker, &mut world) } else { Ok(()) };
    Played { setting, ops, violation: settled.err(), settles }
}

/// Whether all go on to accept each other, and nobody has two names or none, or settings of its own, as
/// the last three invariants take for granted.
fn is_honest(op: &Op) -> bool {
    !matches!(
        op,
        Op::Strangers(..)
            | Op::Decline(..)
            | Op::Distrust(..)
            | Op::Pin(..)
            | Op::Unpin(..)
            | Op::Certify(..)
            | Op::Clone(..)
            | Op::Revoke(..)
            | Op::Found(_)
            | Op::Follow(..)
            | Op::Set(..)
    )
}

fn draw(u: &mut Unstructured<'_>, world: &World, count: usize) -> Result<Op> {
    let who = u.int_in_range(0..=ACTORS * ACTORS - 1)?;
    let (one, other) = (who % ACTORS, who / ACTORS);
    let way = |u: &mut Unstructured<'_>| Ok(Way { from: one, to: other, alone: u.ratio(1, 4)? });
    let say = |who: usize| format!("saying {count} of {}", CAST[who]);
    let nick = |u: &mut Unstructured<'_>| Ok(format!("nick{}", u.int_in_range(0..=7)?));
    Ok(match u.int_in_range(0..=71)? {
        0..=5 => Op::Wait(1 + u64::from(u.arbitrary::<u16>()?)),
        6..=9 => Op::Wait(60_000 * (1 + u64::from(u.arbitrary::<u8>()?) % 64)),
        10 => Op::Wait(90_000_000),
        11..=16 => Op::Say(one, say(one)),
        17..=19 => Op::Join(one),
        20 => Op::Part(one),
        21 => Op::Cut(one),
        22 => Op::Kick(one),
        23..=25 => Op::Refresh(one),
        26..=28 => {
            let modes = u.choose(&["+o", "-o", "+x1", "+x2", "+d", "-d", "+x", "-x"])?;
            Op::Mode(one, format!("{modes} {}", world.actors[other].nick))
        }
        29 => Op::Bar(one, other),
        30 => Op::Pardon(one, other),
        31 | 32 => Op::Hang(one),
        33 | 34 => Op::Wake(one),
        35 => Op::Crash(one),
        36 | 37 => Op::Restart(one, *u.choose(&[From::Bare, From::Saved, From::Older])?),
        38 | 39 => {
            let apart = (0..ACTORS).filter(|who| *who != one).collect();
            Op::Split(vec![apart, vec![one]])
        }
        40 | 41 => Op::Heal(false),
        42 => Op::Lose(one, u.arbitrary::<u8>()?.into()),
        43 => Op::Hold(one, 500 * u64::from(u.int_in_range(1_u8..=40)?)),
        44 => Op::Lag(one, 1_000 * u64::from(u.int_in_range(0_u8..=30)?)),
        45 => Op::Repeat(one),
        46 | 47 => Op::Mute(one, u.arbitrary()?),
        48 => Op::Choke(one, u.int_in_range(0..=3)?),
        49 => Op::Nick(one, nick(u)?),
        50 => Op::Swap(one, other),
        51 => Op::Topic("the tide".into()),
        52 | 53 => Op::Lie(
            one,
            match u.int_in_range(0..=5)? {
                0 => Lie::Join(other),
                1 => Lie::Part(other),
                2 => Lie::Kick(other),
                3 => Lie::Nick(other, nick(u)?),
                4 => Lie::Operator(other),
                _ => Lie::Alone,
            },
        ),
        54 | 55 => Op::Replay(u.arbitrary::<u8>()?.into(), way(u)?),
        56 => Op::Alter(u.int_in_range(0_u8..=31)?.into(), u.arbitrary::<u16>()?.into(), way(u)?),
        57 => Op::Noise(u.int_in_range(0..=15)?, u.arbitrary::<u16>()?.into(), way(u)?),
        58 => Op::Operator(one, u.arbitrary()?),
        59 => Op::Clock(
            one,
            *u.choose(&[-90_000, -3_000, -700, -100, 0, 0, 100, 700, 3_000, 90_000])?,
        ),
        60 => Op::Pace(one, *u.choose(&[-5_000, 0, 500, 5_000])?),
        61..=63 => Op::Rogue(one, *u.choose(&TRICKS[..13])?),
        64 => Op::Tell(one, other, say(one)),
        65 => Op::Ask(one),
        66 => Op::Forget(one),
        67 => Op::Recall(one, u.int_in_range(0..=7)?),
        68 => Op::Flood(u.arbitrary::<u8>()?.into(), way(u)?),
        69 => Op::Set(vec![one], set(u)?),
        70 => opinion(u, one, other)?,
        _ => match u.int_in_range(0..=3)? {
            0 => Op::Found(one),
            1 => Op::Follow(one, other),
            2 => Op::Clone(one, other),
            _ => Op::Certify(one, CAST[other].into(), voucher(u, other)?),
        },
    })
}

fn voucher(u: &mut Unstructured<'_>, user: usize) -> Result<Voucher> {
    u.choose(&[Voucher::Office, Voucher::Server, Voucher::User(user), Voucher::Itself]).copied()
}

/// What one thinks of another.
fn opinion(u: &mut Unstructured<'_>, one: usize, other: usize) -> Result<Op> {
    Ok(match u.int_in_range(0..=7)? {
        0 => {
            let what = [SelfSigned::Ask, SelfSigned::Pin, SelfSigned::Refuse];
            Op::Strangers(one, *u.choose(&what)?)
        }
        1 => Op::Accept(one, other),
        2 => Op::Decline(one, other),
        3 => Op::Trust(one, voucher(u, other)?),
        4 => Op::Distrust(one, voucher(u, other)?),
        5 => Op::Pin(one, CAST[other].into(), other),
        6 => Op::Unpin(one, CAST[other].into()),
        _ => Op::Revoke(other, one),
    })
}

fn set(u: &mut Unstructured<'_>) -> Result<Set> {
    let number = Some(u32::from(u.arbitrary::<u8>()?) * 4).filter(|number| *number > 0);
    let on = u.arbitrary()?;
    Ok(match u.int_in_range(0..=12)? {
        0 => Set::Period(number),
        1 => Set::Messages(number),
        2 => Set::Bytes(number),
        3 => Set::Growth(number),
        4 => Set::Idle(number),
        5 => Set::Topic(on),
        6 => Set::Alone(on),
        7 => Set::Keys(1 + usize::from(u.arbitrary::<u8>()?) % 20),
        8 => Set::Keep(number),
        9 => Set::OldKeys(if on { OldKeys::All } else { OldKeys::MembersThen }),
        10 => Set::Lifetime(u16::from(u.arbitrary::<u8>()?) * 16 + 1),
        11 => Set::Rule(*u.choose(&[
            GrantRule::FirstJoined { seats: 2 },
            GrantRule::Random { seats: 2 },
            GrantRule::Holders { picks: 1 },
            GrantRule::Operators,
            GrantRule::Server,
            GrantRule::ByHand,
        ])?),
        _ => {
            Set::Rights(if on { Rights::BOTH } else { Rights { update: false, distribute: true } })
        }
    })
}
