//! The checker catches cores that are broken on purpose, each by the invariant that it breaks.
//!
//! A file of `mutants/` is a schedule for each, found at random and made short: under it the broken core
//! fails, and the sound one does not. Its first line says how it was found: from which seed, or by proptest.
//! Every day they are played. With `MUTANTS=hunt` they are looked for anew and written down, from `SEED` on
//! (0 unless said otherwise), and with `MUTANTS=Name` that one.
//! It is one test in a binary of its own: there is one broken core in a process at a time.
#![cfg(debug_assertions)]

use std::fmt::Write;
use std::path::PathBuf;

use keyrota::Mutant;
use keyrota_model::checker::Checker;
use keyrota_model::op::Op;
use keyrota_model::plans::plans;
use keyrota_model::schedule::Drawer;
use keyrota_model::walk::Walk;
use keyrota_model::world::{Setting, World};
use keyrota_model::{liveness, schedule, script};

/// Schedules that are tried for one mutant, at most.
const TRIES: u64 = 3_000;

/// The invariant that a mutant breaks.
fn breaks(mutant: Mutant) -> u8 {
    match mutant {
        Mutant::KeyLeaks | Mutant::TagKept | Mutant::PadReused => 1,
        Mutant::CommitIgnored | Mutant::ProofIgnored => 2,
        Mutant::NoReplayWindow | Mutant::SignerIgnored | Mutant::TwoWithOne => 3,
        Mutant::SealsBelow | Mutant::ExpiredSeals => 4,
        Mutant::WrapAcrossRoots | Mutant::BarredGetsKeys | Mutant::PardonedGetsAll => 5,
        Mutant::EpochFirst | Mutant::ListIgnored | Mutant::RootIgnored | Mutant::StepFirst => 6,
        Mutant::PrefixIgnored
        | Mutant::WrappedChange
        | Mutant::DistributorChanges
        | Mutant::UnsignedRecords => 7,
        Mutant::KeysUnbounded | Mutant::FaultPanics => 8,
        Mutant::PlainWithoutKey | Mutant::PlainAfterRestart => 9,
        Mutant::NeverAnnounces
        | Mutant::AsksInNoHaste
        | Mutant::OlderBoxIgnored
        | Mutant::HintIgnored
        | Mutant::PeerUnanswered
        | Mutant::AheadForGood
        | Mutant::StrangersRefused => 10,
        Mutant::AuthorNotHolder
        | Mutant::GiverNotHolder
        | Mutant::ExcludesByRefresh
        | Mutant::ExclusionPutOff
        | Mutant::NoGrace
        | Mutant::GraceDoubled
        | Mutant::PeriodIgnored
        | Mutant::TopicIgnored
        | Mutant::NobodyStepsIn
        | Mutant::NobodyNotTold => 11,
        Mutant::TextForgotten | Mutant::BusyWake | Mutant::AnnouncesOn | Mutant::NoneTolerated => {
            12
        }
    }
}

fn file(mutant: Mutant) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("mutants");
    directory.join(format!("{mutant:?}.txt"))
}

/// Carries operations out, as long as they come and all holds; returns them, and the number of the
/// invariant that does not. What a network comes to that is whole again is looked at where the mutant
/// breaks that.
fn run(
    mutant: Mutant,
    is_on: bool,
    setting: &Setting,
    mut next: impl FnMut(&World) -> Option<Op>,
) -> (Vec<Op>, Option<u8>) {
    Mutant::set(is_on.then_some(mutant));
    let mut world = World::new(setting.clone());
    let mut checker = Checker::new(&world);
    let (mut ops, mut violation) = (Vec::new(), None);
    while violation.is_none()
        && let Some(op) = next(&world)
    {
        violation = checker.apply(&mut world, &op).err();
        ops.push(op);
    }
    if violation.is_none() && breaks(mutant) >= 10 {
        violation = liveness::settle(&mut checker, &mut world).err();
    }
    Mutant::set(None);
    (ops, violation.map(|violation| violation.invariant))
}

/// The number of the invariant that does not hold under a schedule of before.
fn broken(mutant: Mutant, is_on: bool, setting: &Setting, ops: &[Op]) -> Option<u8> {
    let mut ops = ops.iter().cloned();
    run(mutant, is_on, setting, |_| ops.next()).1
}

/// Looks for a schedule under which a mutant breaks its invariant, makes it short, and writes it down.
fn hunt(mutant: Mutant, first: u64) -> Result<(), String> {
    let number = breaks(mutant);
    let mut others = [0_u32; 13];
    for seed in first..first + TRIES {
        let (setting, count) = schedule::setting(seed);
        let (mut drawer, mut left) = (Drawer::new(seed), 0..count);
        let (ops, found) =
            run(mutant, true, &setting, |world| left.next().map(|_| drawer.draw(world)));
        let Some(found) = found else { continue };
        if found != number {
            others[usize::from(found)] += 1;
            continue;
        }
        let long = ops.len();
        let ops =
            schedule::shrink_where(ops, |ops| broken(mutant, true, &setting, ops) == Some(number));
        let (tried, short) = (seed - first + 1, ops.len());
        let how = format!("seed {seed}, schedule {tried}: {long} operations, made {short}");
        let text = script::write(&setting, &ops, &how);
        println!("{mutant:?}: {how}");
        return std::fs::write(file(mutant), text).map_err(|why| why.to_string());
    }
    Err(format!("{mutant:?} lives on: never {number} in {TRIES} schedules, but {others:?}"))
}

/// Plays the schedule of a mutant; a line of the table.
fn play(mutant: Mutant) -> Result<String, String> {
    let text = std::fs::read_to_string(file(mutant)).map_err(|why| format!("{mutant:?}: {why}"))?;
    let setting = script::setting(&text)?.ok_or("no setting")?;
    let ops = script::parse(&text)?;
    let number = breaks(mutant);
    match broken(mutant, true, &setting, &ops) {
        Some(found) if found == number => {}
        found => return Err(format!("{mutant:?}: {found:?}, and should be {number}")),
    }
    if let Some(found) = broken(mutant, false, &setting, &ops) {
        return Err(format!("{mutant:?}: {found} does not hold in the sound core either"));
    }
    let how = text.lines().next().and_then(|line| line.strip_prefix("# "));
    let how = how.filter(|how| how.starts_with("seed ") || how.starts_with("by proptest: "));
    let how = how.ok_or_else(|| format!("{mutant:?}: it does not say how it was found"))?;
    Ok(format!("{:<20}{number:>2}  {how}", format!("{mutant:?}")))
}

/// The invariant that does not hold at the end of a walk in which nothing befalls.
fn walked(mutant: Mutant, name: &str) -> Option<u8> {
    Mutant::set(Some(mutant));
    let plan = plans(3).into_iter().find(|plan| plan.name == name).expect("a plan");
    let found = Walk::new(plan).and_then(Walk::run).err();
    Mutant::set(None);
    found.map(|found| found.violation.invariant)
}

#[test]
fn every_mutant_is_killed() {
    let mut failed = String::new();
    let mut fail = |why: String| writeln!(failed, "{why}").expect("room");
    let wanted = std::env::var("MUTANTS").unwrap_or_default();
    let first = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    for mutant in Mutant::ALL.iter().copied() {
        if wanted == "hunt" || wanted == format!("{mutant:?}") {
            hunt(mutant, first).unwrap_or_else(&mut fail);
        }
    }
    for mutant in Mutant::ALL.iter().copied() {
        match play(mutant) {
            Ok(line) => println!("{line}"),
            Err(why) => fail(why),
        }
    }
    assert!(failed.is_empty(), "{failed}");
    // And no invariant is without a mutant that shows that it can fail.
    let idle = (1..=12).find(|number| Mutant::ALL.iter().all(|one| breaks(*one) != *number));
    assert_eq!(idle, None);
    // What a walk looks at in its last states can fail as well.
    assert_eq!(walked(Mutant::NobodyStepsIn, "refresh"), Some(11));
}
