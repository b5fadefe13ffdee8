//! Lists and what proves them: what a terminal keeps of a proof, asks for, and takes for news (R-ROS-2; spec
//! chapters 8 and 9).

use crate::kept::{size, whisper};
use crate::rig;

use keyrota::spec::{Frame, KeyPrefix, Query, SignedRecord, Subject};
use keyrota::{Command, Config};
use rig::{CHANNEL, World};

const SEATS: [&str; 3] = ["taro", "hanako", "jiro"];

/// Three seats, of which none renews the key by itself; and momo, a and b, who have none.
fn world() -> World {
    let quiet = |_: &str, config: &mut Config| config.channel.triggers.period = None;
    let mut world = World::seated_with(&SEATS, quiet);
    for nick in ["momo", "a", "b"] {
        world.add(nick, |config| config.channel.triggers.period = None);
        world.join(nick);
        world.run(2_000);
    }
    world.run(120_000);
    world.agreed();
    world
}

fn mode(world: &mut World, nick: &str, modes: &str) {
    world.command(nick, Command::Mode { channel: CHANNEL, modes }).expect("changed");
    world.run(1_000);
}

/// The current record of a user, as its author signed it.
fn current(world: &World, nick: &str) -> SignedRecord {
    let record = world.user(nick).view().record().expect("a record").clone();
    let id = record.author_entry().expect("an author").id;
    let author = world.users.iter().find(|user| user.id() == id).expect("a user").nick.clone();
    world.signed(&author, record)
}

/// With which numbers a user inquires for the proof of the current record of another.
fn inquires(world: &mut World, nick: &str, of: &str) -> Vec<u8> {
    let current = world.user(of).current().expect("a record").prefix();
    let count = world.lines.len();
    world.filter = Box::new(move |_, to| to == "momo");
    world.announce(of);
    world.run(30_000);
    let asked = |frame: &[u8]| match Frame::decode(frame) {
        Ok(Frame::Query(Query { what: Subject::Proof { key, have }, .. })) => {
            (key == KeyPrefix(current.0)).then_some(have)
        }
        _ => None,
    };
    let frames = world.frames(count).into_iter().filter(|(_, from, _)| *from == nick);
    frames.filter_map(|(_, _, bytes)| asked(&bytes)).collect()
}

/// momo hears nothing while hanako and jiro change the list, behind what taro wrote; or while taro has
/// changed it, too. In every second query it takes nothing for known.
#[test]
fn whoever_lacks_a_proof_says_how_much_of_it_is_known() {
    for (first, known) in [(None, 2), (Some("+d b"), 1)] {
        let mut world = world();
        mode(&mut world, "hanako", "-d jiro");
        world.run(60_000);
        world.filter = Box::new(|_, to| to != "momo");
        first.into_iter().for_each(|modes| mode(&mut world, "taro", modes));
        mode(&mut world, "hanako", "+d jiro");
        mode(&mut world, "jiro", "+d a");
        assert_eq!(inquires(&mut world, "momo", "jiro"), [known, 0]);
    }
}

/// taro's list is not the current one any more, but proves it: whoever shows it may know all. Whoever shows
/// what taro signed before is behind.
#[test]
fn what_stands_in_the_proof_of_the_list_is_no_sign_of_lagging() {
    let mut world = world();
    mode(&mut world, "taro", "-d jiro");
    let old = current(&world, "taro");
    world.run(60_000);
    mode(&mut world, "taro", "+d jiro");
    let proves = current(&world, "taro");
    world.run(60_000);
    mode(&mut world, "hanako", "+d a");
    world.run(120_000);
    for (record, lags) in [(proves, false), (old, true)] {
        let count = world.lines.len();
        world.inject_record("momo", "taro", &record);
        world.run(60_000);
        let told = |(_, _, bytes): &(u64, &str, Vec<u8>)| {
            matches!(Frame::decode(bytes), Ok(Frame::Announce { .. }))
        };
        assert_eq!(world.frames(count).iter().any(told), lags);
    }
}

/// The genesis, one change of the list, and a key under itself, each once.
#[test]
fn whoever_leaves_or_is_started_anew_knows_the_current_record_and_its_proof() {
    for leaves in [true, false] {
        let mut world = world();
        for _ in 0..3 {
            world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
            world.run(61_000);
        }
        let record = current(&world, "taro");
        if leaves {
            world.part("momo");
            world.join("momo");
        } else {
            let saved = world.user("momo").terminal.save().to_vec();
            world.restart("momo", &saved, 90);
            world.filter = Box::new(|_, to| to != "momo");
            world.join("momo");
        }
        assert_eq!(size(&world, "momo", "records remembered"), 3);
        // Its signature was verified when it came: a repeat costs none.
        let before = world.user("momo").terminal.tally().verify;
        let author = world.point("taro");
        whisper(&mut world, "momo", "taro", &Frame::Announce { record, author });
        assert_eq!(world.user("momo").terminal.tally().verify, before);
    }
}
