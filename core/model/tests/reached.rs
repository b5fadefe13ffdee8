//! What the checker must have reached is reached every day: the files of `reached/` are schedules, found
//! at random and made short, that come to all of it together.
//!
//! With `REACHED=hunt` they are looked for anew and written down, from `SEED` on (0 unless said
//! otherwise), and with `REACHED=missing` just those of what the others do not come to.

use std::path::{Path, PathBuf};

use keyrota_model::checker::{Checker, Violation};
use keyrota_model::counters::Counters;
use keyrota_model::liveness::{SEEN_TO, settle};
use keyrota_model::op::Op;
use keyrota_model::schedule::Drawer;
use keyrota_model::world::{Setting, World};
use keyrota_model::{schedule, script};

/// Schedules that are tried, at most.
const TRIES: u64 = 20_000;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reached")
}

/// What a schedule comes to; what the network comes to after it as well, if it settles.
fn reach(
    setting: &Setting,
    settles: bool,
    mut next: impl FnMut(&World) -> Option<Op>,
) -> Result<Counters, Violation> {
    let mut world = World::new(setting.clone());
    let mut checker = Checker::new(&world);
    while let Some(op) = next(&world) {
        checker.apply(&mut world, &op)?;
    }
    if settles {
        settle(&mut checker, &mut world)?;
    }
    Ok(checker.counters)
}

fn reach_by(setting: &Setting, settles: bool, ops: &[Op]) -> Result<Counters, Violation> {
    let mut ops = ops.iter().cloned();
    reach(setting, settles, |_| ops.next())
}

/// A file, and whether the network settles after it: just where something is reached by that alone.
fn file(what: &str) -> (PathBuf, bool) {
    let name = format!("{}.txt", what.to_lowercase().replace(' ', "-"));
    (directory().join(name), SEEN_TO.contains(&what))
}

/// What all the files come to.
fn reached() -> Counters {
    let (mut counters, mut count) = (Counters::default(), 0);
    for what in keyrota_model::counters::ALL {
        let (file, settles) = file(what);
        // Others come to it where it has none.
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        count += 1;
        let setting = script::setting(&text).expect("a setting").expect("one that says itself");
        let ops = script::parse(&text).expect("a script");
        match reach_by(&setting, settles, &ops) {
            Ok(more) => counters.add(&more),
            Err(violation) => panic!("{}: {violation}", file.display()),
        }
    }
    let all = std::fs::read_dir(directory()).expect("the directory").count();
    assert_eq!(count, all, "some file is of nothing that must be reached");
    counters
}

/// Looks for schedules that come to what the files do not, makes them short, and writes them down.
fn hunt(first: u64) -> Result<(), Violation> {
    let mut counters = reached();
    for seed in first..first + TRIES {
        let missing = counters.missing();
        if missing.is_empty() {
            break;
        }
        let (setting, count) = schedule::setting(seed);
        let (mut drawer, mut ops) = (Drawer::new(seed), Vec::new());
        let settles = missing.iter().any(|what| SEEN_TO.contains(what));
        let found = reach(&setting, settles, |world| {
            let op = (ops.len() < count).then(|| drawer.draw(world))?;
            ops.push(op.clone());
            Some(op)
        })?;
        for what in missing.into_iter().filter(|what| found.get(what) > 0) {
            if counters.get(what) > 0 {
                continue;
            }
            let (file, settles) = file(what);
            let reach = |ops: &[Op]| reach_by(&setting, settles, ops);
            let comes = |ops: &[Op]| reach(ops).is_ok_and(|counters| counters.get(what) > 0);
            // What settling alone comes to is kept for that.
            if !comes(&ops) {
                continue;
            }
            let short = schedule::shrink_where(ops.clone(), comes);
            counters.add(&reach(&short)?);
            let (long, short_is) = (ops.len(), short.len());
            let how = format!("{what}: seed {seed}, {long} operations, made {short_is}");
            println!("{how}");
            std::fs::write(file, script::write(&setting, &short, &how)).expect("a file");
        }
    }
    Ok(())
}

#[test]
fn all_that_must_be_reached_is() {
    let wanted = std::env::var("REACHED").unwrap_or_default();
    if wanted == "hunt" {
        std::fs::remove_dir_all(directory()).expect("a directory");
        std::fs::create_dir(directory()).expect("a directory");
    }
    if !wanted.is_empty() {
        let seed = std::env::var("SEED").ok().map(|seed| seed.parse().expect("a number"));
        hunt(seed.unwrap_or(0)).expect("all holds");
    }
    let counters = reached();
    println!("{counters}");
    assert_eq!(counters.missing(), Vec::<&str>::new());
}
