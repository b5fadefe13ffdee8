//! A second terminal with the same identity: both users hear of it, and of nothing that is none
//! (R-KEY-1).

use crate::rig;

use keyrota::{Event, Notice};
use rig::{CHANNEL, World, identity};

fn alarms(world: &World, nick: &str) -> usize {
    world.user(nick).notices.iter().filter(|notice| **notice == Notice::Clone).count()
}

/// taro and hanako in the channel, and hanako's identity on a second terminal, outside.
fn with_a_copy() -> World {
    let mut world = World::joined(&["taro", "hanako"]);
    world.add_as("momo", identity(2, "hanako"), |_| {});
    world.run(60_000);
    world
}

#[test]
fn both_notice_that_there_are_two() {
    let mut world = with_a_copy();
    world.join("momo");
    world.run(60_000);
    assert!(alarms(&world, "hanako") > 0, "the owner");
    assert!(alarms(&world, "momo") > 0, "the copy");
    assert_eq!(alarms(&world, "taro"), 0);
}

#[test]
fn telling_each_other_comes_to_an_end() {
    let mut world = with_a_copy();
    world.join("momo");
    world.run(60_000);
    let count = world.lines.len();
    world.run(600_000);
    let hellos = world.since(count).iter().filter(|line| line.kind() == Some(3)).count();
    assert!(hellos <= 20, "{hellos} in ten minutes");
}

#[test]
fn ones_own_hello_that_comes_again_is_no_copy() {
    let mut world = World::joined(&["taro", "hanako"]);
    world.say("hanako", "hello");
    let own: Vec<_> =
        world.lines.iter().filter(|line| line.nick == "hanako" && line.kind() == Some(3)).collect();
    let replayed: Vec<(String, Vec<u8>)> =
        own.iter().map(|line| (line.text.clone(), line.bytes().expect("whole"))).collect();
    assert!(!replayed.is_empty());
    let replay = |world: &mut World| {
        for (text, bytes) in &replayed {
            world.inject("momo", text);
            // Relayed: the same, under the other kind.
            let Ok(keyrota::spec::Frame::Hello { hello, .. }) = keyrota::spec::Frame::decode(bytes)
            else {
                panic!("a Hello")
            };
            world.inject_frame("momo", &keyrota::spec::Frame::Hello { hello, relayed: true });
        }
    };
    replay(&mut world);
    world.run(3_600_000);
    replay(&mut world);
    assert_eq!(alarms(&world, "hanako"), 0);
    // Nor in a session after that.
    world.part("hanako");
    world.event("hanako", Event::Part { channel: CHANNEL, nick: "hanako" });
    world.run(1_000);
    world.join("hanako");
    replay(&mut world);
    assert_eq!(alarms(&world, "hanako"), 0);
}

#[test]
fn a_hello_of_an_earlier_stay_is_no_copy_though_its_time_was_ahead() {
    // Within one second a terminal may say Hello more than once, each a second later than before.
    let mut world = World::joined(&["taro", "hanako"]);
    for number in 0..6 {
        let nick = format!("n{number}");
        world.add(&nick, |_| {});
        world.join(&nick);
        world.say("hanako", "who is there?");
    }
    let hello = |line: &&rig::Relayed| line.nick == "hanako" && line.kind() == Some(3);
    let last = world.lines.iter().rev().find(hello).expect("a Hello").clone();
    let Ok(keyrota::spec::Frame::Hello { hello, .. }) =
        keyrota::spec::Frame::decode(&last.bytes().expect("whole"))
    else {
        panic!("a Hello")
    };
    assert!(hello.hello.time > world.now().unix + 1, "the test shows nothing otherwise");
    world.part("hanako");
    world.join("hanako");
    world.inject("momo", &last.text);
    assert_eq!(alarms(&world, "hanako"), 0);
}
