//! The server lies about who is here, and who is operator: no right moves, and who is here can
//! talk again soon.

use keyrota::Event;
use keyrota::spec::{Entry, Rights};

use crate::rig::{CHANNEL, World};
use crate::stage::talk;

const NICKS: [&str; 4] = ["taro", "hanako", "jiro", "momo"];

/// What the lists say of each, as all see it.
fn rights(world: &World) -> Vec<Vec<Entry>> {
    let entries = |nick| world.user(nick).view().list().expect("a list").entries().to_vec();
    NICKS.map(entries).to_vec()
}

fn lies<'a>(nick: &'a str) -> Vec<Event<'a>> {
    let channel = CHANNEL;
    vec![
        Event::Join { channel, nick },
        Event::Operator { channel, nick, on: true },
        Event::Operator { channel, nick, on: false },
        Event::Nick { old: nick, new: "somebody" },
        Event::Nick { old: "nobody", new: nick },
        Event::Nick { old: "somebody", new: nick },
        Event::Part { channel, nick },
        Event::Join { channel, nick },
        Event::Kick { channel, nick },
        Event::Join { channel, nick },
        Event::Quit { nick },
        Event::Join { channel, nick },
    ]
}

/// Told to one of them or to all others, of each of them. Nobody is given a seat unasked.
#[test]
fn rights_never_move() {
    for (number, about) in NICKS.into_iter().enumerate() {
        for told in [1, 3] {
            let mut world = World::seated(&NICKS);
            let before = rights(&world);
            for lie in lies(about) {
                for to in (1..=told).map(|step| NICKS[(number + step) % NICKS.len()]) {
                    world.event(to, lie);
                }
                world.deliver();
                world.run(2_000);
                assert_eq!(before, rights(&world), "{lie:?}");
            }
            world.run(300_000);
            assert_eq!(before, rights(&world));
            talk(&mut world);
        }
    }
}

/// Where the rule fills vacant seats, a lie can make it add one; it takes none away.
#[test]
fn the_rule_takes_nothing_away() {
    let mut world = World::joined(&NICKS);
    world.run(700_000);
    let before = rights(&world);
    assert_eq!(before[0].len(), 3);
    for lie in lies("hanako") {
        world.event("taro", lie);
        world.deliver();
        world.run(30_000);
    }
    world.run(1_000_000);
    for (now, before) in rights(&world).iter().zip(&before) {
        for seat in before {
            let kept = now.iter().find(|entry| entry.id == seat.id);
            assert_eq!(kept.map(|entry| entry.rights), Some(Rights::BOTH));
        }
    }
    talk(&mut world);
}

/// A list of names in which some are missing, others are invented, and all are operators.
#[test]
fn names() {
    let mut world = World::seated(&NICKS);
    let before = rights(&world);
    let lists: [&[(&str, bool)]; 4] = [
        &[("taro", false)],
        &[],
        &[("taro", true), ("hanako", true), ("jiro", true), ("momo", true), ("x", true)],
        &[("TARO", false), ("Hanako", true), ("", false), ("with space", true), ("momo", true)],
    ];
    for names in lists {
        world.event("taro", Event::Names { channel: CHANNEL, names });
        world.deliver();
        world.run(30_000);
        assert_eq!(before, rights(&world));
    }
    // What matters is that the server comes back to the truth, at some time.
    let truth = NICKS.map(|nick| (nick, false));
    world.event("taro", Event::Names { channel: CHANNEL, names: &truth });
    world.say("hanako", "is anybody here?");
    world.run(300_000);
    talk(&mut world);
}
