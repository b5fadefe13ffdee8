//! Wall clocks that were wrong, and were set right (R-OBT-3).

use crate::rig;

use keyrota::spec::Frame;
use keyrota::spec::limits::ASK_AGE_S;
use keyrota::{Command, Event, Fault, Notice};
use rig::{CHANNEL, World};

const DAY: i64 = 86_400;
const WISH: Command<'_> = Command::Refresh { channel: CHANNEL };

/// The last Hello of a user that the world has heard.
fn hello_of(world: &World, nick: &str) -> String {
    let hello = |bytes: Option<Vec<u8>>| {
        let frame = bytes.as_deref().map(Frame::decode);
        matches!(frame, Some(Ok(Frame::Hello { .. })))
    };
    let own = world.lines.iter().rev().filter(|line| line.nick == nick);
    own.map(|line| (hello(line.bytes()), line)).find(|(is, _)| *is).expect("a Hello").1.text.clone()
}

/// hanako comes with a clock that is a day, or years, ahead; nobody takes in what she says, until it is right.
#[test]
fn whoever_came_with_a_clock_far_ahead_gets_the_key_once_it_is_set_back() {
    for ahead in [DAY, 20 * 365 * DAY] {
        let mut world = World::seated(&["taro"]);
        world.add("hanako", |_| {});
        world.user_mut("hanako").skew = ahead;
        world.join("hanako");
        world.run(20_000);
        assert!(world.user("taro").faults().contains(&Fault::Future));
        assert_eq!(world.user("hanako").sealing(), None);
        world.user_mut("hanako").skew = 0;
        world.run(120_000);
        world.agreed();
    }
}

/// All had the time from one wrong source, and knew each other by then.
#[test]
fn members_whose_clocks_were_all_ahead_hear_each_other_once_they_are_set_back() {
    let mut world = World::new(&["taro", "hanako"]);
    for nick in ["taro", "hanako"] {
        world.user_mut(nick).skew = DAY;
        world.join(nick);
        world.run(30_000);
    }
    let before = world.agreed();
    for nick in ["taro", "hanako"] {
        world.user_mut(nick).skew = 0;
    }
    world.part("hanako");
    world.run(120_000);
    world.join("hanako");
    world.run(30_000);
    assert_ne!(world.agreed(), before, "she left, and was given what was made since");
    world.command("hanako", WISH).expect("wished");
    world.run(120_000);
    world.agreed();
}

/// What was taken in from so far ahead counts as an hour ago: what is older is a repeat still.
#[test]
fn a_clock_that_is_set_back_lets_no_old_hello_in() {
    let mut world = World::seated(&["taro", "hanako"]);
    let old = hello_of(&world, "hanako");
    world.run(2 * 1_000 * ASK_AGE_S);
    for nick in ["taro", "hanako"] {
        world.user_mut(nick).skew = DAY;
    }
    world.part("hanako");
    world.run(1_000);
    world.join("hanako");
    world.run(30_000);
    world.agreed();
    for nick in ["taro", "hanako"] {
        world.user_mut(nick).skew = 0;
    }
    let before = world.user("taro").faults().len();
    let line = Event::Line { channel: CHANNEL, nick: "hanako", text: &old };
    world.event("taro", line);
    assert_eq!(world.user("taro").faults()[before..], [Fault::Repeat]);
    // Her own does not pass for that of another with her key, either.
    let line = Event::Line { channel: CHANNEL, nick: "taro", text: &old };
    world.event("hanako", line);
    assert!(!world.user("hanako").notices.contains(&Notice::Clone));
}
