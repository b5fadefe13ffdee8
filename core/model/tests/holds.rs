//! What must always hold does: in schedules drawn at random, and in all that ever showed a mistake.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use keyrota_model::counters::Counters;
use keyrota_model::op::Op;
use keyrota_model::world::{Setting, World};
use keyrota_model::{liveness, picture, schedule, script};

/// Seeds of every day. A longer run is the program's.
const SEEDS: u64 = 12;

/// Fails with a short script that shows what does not hold; `SEED=` repeats it.
fn holds(seed: u64) {
    let (setting, count) = schedule::setting(seed);
    let played = schedule::explore(setting.clone(), count);
    if let Some(violation) = played.violation {
        let ops = schedule::shrink(&setting, played.ops, violation.invariant);
        panic!("{}", script::write(&setting, &ops, &violation.to_string()));
    }
}

#[test]
fn in_schedules_of_fixed_seeds() {
    (0..SEEDS).for_each(holds);
}

/// What a network that is whole again must come to is looked at to its end, not left out each time
/// because something was missing.
#[test]
fn each_thing_that_must_come_about_was_seen_to() {
    let mut counters = Counters::default();
    for seed in 0..SEEDS {
        let (setting, count) = schedule::setting(seed);
        counters.add(&schedule::explore(setting, count).checker.counters);
    }
    let never: Vec<&str> =
        liveness::SEEN_TO.into_iter().filter(|what| counters.get(what) == 0).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn in_schedules_of_a_seed_that_no_run_had() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(()) >> 1);
    println!("SEED={seed}");
    (seed..seed + 2).for_each(holds);
}

/// Schedules that showed a mistake once, of the core, of the specification, or of the checker.
#[test]
fn in_schedules_of_before() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let mut failed = String::new();
    let mut count = 0;
    for file in std::fs::read_dir(directory).expect("the directory") {
        let file = file.expect("an entry").path();
        let text = std::fs::read_to_string(&file).expect("text");
        let setting = script::setting(&text).expect("a setting").expect("one that says itself");
        let ops = script::parse(&text).expect("a script");
        if let Some(violation) = schedule::play(setting, &ops).violation {
            writeln!(failed, "{}: {violation}", file.display()).expect("room");
        }
        count += 1;
    }
    assert!(count > 0);
    assert!(failed.is_empty(), "{failed}");
}

/// While the network is split one is barred on the one side, and the list changes on the other.
#[test]
fn a_lost_removal_is_signed_again_by_another_or_by_its_author() {
    let apart = "/join taro\n/wait 60\n/join hanako\n/wait 60\n/join jiro\n/wait 60\n/join momo\n\
        /wait 60\n/mode taro +o hanako\n/wait 300\n/split taro jiro momo | hanako\n/wait 30\n\
        /bar momo by hanako\n/mode taro +d jiro\n/wait 60\n";
    let reached = |then: &str, what: &str| {
        let ops = script::parse(&format!("{apart}{then}")).expect("a script");
        let played = schedule::play(Setting::new(1, 4), &ops);
        assert_eq!(played.violation, None);
        assert!(played.checker.counters.get(what) > 0, "{what}\n{}", played.checker.counters);
    };
    reached("/heal\n/wait 120", "lost removal signed again by another");
    reached("/hang taro\n/heal\n/wait 120", "lost removal signed again by its author");
}

/// Members that differ about who is here come to agree, where lines arrive: they do not go on to make keys,
/// the one without the other, the other because it has none.
#[test]
fn a_departure_that_is_made_up_costs_two_keys() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    for name in ["told-that-one-was-kicked.txt", "told-that-one-left.txt"] {
        let text = std::fs::read_to_string(directory.join(name)).expect("text");
        let setting = script::setting(&text).expect("a setting").expect("one that says itself");
        let mut world = World::new(setting);
        let mut keys = 0;
        for op in script::parse(&text).expect("a script") {
            if matches!(op, Op::Lie(..)) {
                keys = world.keys.len();
            }
            world.apply(&op).expect("not refused");
        }
        assert_eq!(world.keys.len(), keys + 2, "{name}");
    }
}

#[test]
fn a_schedule_that_was_written_down_is_the_same() {
    let (setting, count) = schedule::setting(3);
    let played = schedule::explore(setting.clone(), count);
    let text = script::write(&setting, &played.ops, "found");
    let setting = script::setting(&text).expect("a setting").expect("one that says itself");
    let again = schedule::play(setting, &script::parse(&text).expect("a script"));
    assert_eq!(again.checker.trace(&again.world), played.checker.trace(&played.world));
}

#[test]
fn a_schedule_is_made_short() {
    let script = "/join taro\n/join jiro\n/wait 20\n/topic a\n/wait 3\n/kick taro";
    let ops = script::parse(script).expect("a script");
    let topic = Op::Topic("a".into());
    let both = |ops: &[Op]| ops.contains(&Op::Join(0)) && ops.contains(&topic);
    assert_eq!(schedule::shrink_where(ops, both), [Op::Join(0), topic.clone()]);
}

/// Where one missed a line somebody speaks in the end, so that it hears of what it missed.
#[test]
fn a_line_that_was_missed_is_made_good() {
    let ops = script::parse(
        "/join taro\n/wait 60\n/join hanako\n/wait 60\n/join jiro\n/wait 60\n/join momo\n/wait 700\n\
         /lag momo 30\n/refresh taro\n/wait 25\n/miss momo from taro\n/lag momo 0",
    );
    let ops = ops.expect("a script");
    let played = schedule::play(Setting::new(1, 4), &ops);
    assert_eq!(played.violation, None);
    let missed = ops.iter().find(|op| matches!(op, Op::Miss(..))).expect("one");
    assert!(played.checker.done.iter().any(|(_, op)| op == missed), "it makes no sense there");
}

/// What a network comes to that is whole again stands in a picture as well, behind a line that says so.
#[test]
fn a_picture_shows_how_the_network_is_made_whole() {
    let ops = script::parse("/join taro\n/join jiro\n/wait 30\n/part jiro").expect("a script");
    let svg = picture::draw(Setting::new(1, 3), &ops);
    let (before, after) = svg.split_once("the network is made whole").expect("a line");
    assert!(before.contains("/part jiro") && after.contains("/join jiro"));
}

/// What one says to another alone comes as other lines do.
#[test]
fn a_picture_loses_nothing_that_was_said_to_one_alone() {
    let ops = script::parse("/join taro\n/join hanako\n/wait 30\n/msg taro hanako hi\n/wait 30");
    let svg = picture::draw(Setting::new(1, 2), &ops.expect("a script"));
    assert!(!svg.contains('✕'));
}

/// What users want is black, and what befalls them red.
#[test]
fn a_picture_shows_whose_doing_something_is() {
    let wanted = "/certify jiro as jiro by office\n/join taro\n/join jiro\n/set taro period 600\n/nick taro otohime\n/revoke jiro by taro\n\
        /pin taro jiro to jiro\n/forget taro\n/op taro on";
    let befalls = "/cut taro\n/clock taro 60\n/lie jiro alone\n/crash jiro\n/heal";
    let ops = script::parse(&format!("{wanted}\n{befalls}")).expect("a script");
    let svg = picture::draw(Setting::new(1, 3), &ops);
    for (colour, lines) in [("#1a202c", wanted), ("#c53030", befalls)] {
        for line in lines.lines() {
            assert!(svg.contains(&format!("fill='{colour}'>{line}<")), "{line}");
        }
    }
}

#[test]
fn a_picture_shows_members_lines_and_faults() {
    let ops = script::parse("/join taro\n/join jiro\n/wait 30\n/hang taro\njiro: hello\n/wait 5");
    let svg = picture::draw(Setting::new(1, 3), &ops.expect("a script"));
    for part in ["<svg ", "taro</text>", "/hang taro", "jiro: hello", "sealed key", "</svg>"] {
        assert!(svg.contains(part), "{part}");
    }
}
