//! Wall clocks that were wrong, and were set right (R-OBT-3).

use crate::rig;

use keyrota::spec::Frame;
use keyrota::spec::limits::ASK_AGE_S;
use keyrota::{Command, Event, Fault, Notice, OldKeys};
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

/// A line of before comes to one again, from this nick.
fn repeat(world: &mut World, to: &str, nick: &str, text: &str) {
    world.event(to, Event::Line { channel: CHANNEL, nick, text });
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
    repeat(&mut world, "taro", "hanako", &old);
    assert_eq!(world.user("taro").faults()[before..], [Fault::Repeat]);
    // Her own does not pass for that of another with her key, either.
    repeat(&mut world, "hanako", "taro", &old);
    assert!(!world.user("hanako").notices.contains(&Notice::Clone));
}

/// taro, who alone hands keys out, came back with a clock a day behind: nobody could tell by that Hello where he is.
#[test]
fn whoever_speaks_once_a_clock_is_set_right_says_hello_first() {
    let mut world = World::seated(&["taro"]);
    world.add("hanako", |_| {});
    world.join("hanako");
    world.run(20_000);
    world.user_mut("taro").skew = -DAY;
    world.lose("taro");
    world.join("taro");
    world.run(120_000);
    let taro = world.user("taro").id();
    let is_here =
        |world: &World| world.user("hanako").view().member(&taro).is_some_and(|(_, here)| here);
    assert!(!is_here(&world));
    world.user_mut("taro").skew = 0;
    world.say("taro", "what day is it?");
    world.run(1_000);
    assert!(is_here(&world));
    let count = world.lines.len();
    world.say("taro", "so late?");
    assert_eq!(world.lines.len(), count + 1, "it is said once");
}

/// What hanako said when her clock was a day ahead comes again from another nick, once that day is there.
#[test]
fn a_hello_that_is_repeated_once_its_time_has_come_shuts_nobody_out() {
    let mut world = World::seated(&["taro", "jiro"]);
    world.add("hanako", |_| {});
    world.user_mut("hanako").skew = DAY;
    world.join("hanako");
    world.run(20_000);
    let ahead = hello_of(&world, "hanako");
    world.user_mut("hanako").skew = 0;
    world.run(1_000 * (DAY.unsigned_abs() - ASK_AGE_S) + 60_000);
    world.agreed();
    repeat(&mut world, "taro", "jiro", &ahead);
    repeat(&mut world, "hanako", "jiro", &ahead);
    world.say("hanako", "that was not me");
    world.run(20_000);
    assert!(world.user("taro").texts().contains(&"that was not me"));
    world.part("hanako");
    world.run(20_000);
    world.join("hanako");
    world.run(20_000);
    world.agreed();
    assert!(!world.user("hanako").notices.contains(&Notice::Clone));
}

/// Of a session before a clock was set back nothing counts as said by another with the same key.
#[test]
fn what_one_said_just_before_a_clock_was_set_back_is_nobody_elses() {
    let mut world = World::seated(&["taro", "hanako"]);
    let before = hello_of(&world, "hanako");
    world.run(60_000);
    world.user_mut("hanako").skew = DAY;
    world.part("hanako");
    world.join("hanako");
    world.run(20_000);
    world.user_mut("hanako").skew = 0;
    repeat(&mut world, "hanako", "taro", &before);
    world.run(60_000);
    assert!(!world.user("hanako").notices.contains(&Notice::Clone));
    world.agreed();
}

#[test]
fn two_talk_alone_once_a_clock_is_set_back() {
    let mut world = World::new(&["taro", "hanako"]);
    world.user_mut("hanako").skew = DAY;
    world.tell("hanako", "taro", "hello");
    world.run(20_000);
    assert!(world.user("taro").texts().is_empty());
    world.user_mut("hanako").skew = 0;
    world.tell("hanako", "taro", "what day is it?");
    world.run(60_000);
    assert_eq!(world.user("taro").texts(), ["hello", "what day is it?"]);
}

/// A key that taro made when his clock was a day ahead is no newer than the restore for that.
#[test]
fn a_repeat_under_a_key_from_too_far_ahead_is_marked() {
    for (skew, saved_before) in [(DAY, false), (DAY, true), (0, false), (0, true)] {
        let mut world = World::seated(&["taro", "hanako"]);
        let mut saved = world.user("hanako").terminal.save().to_vec();
        world.user_mut("taro").skew = skew;
        world.command("taro", WISH).expect("wished");
        world.run(70_000);
        if !saved_before {
            saved = world.user("hanako").terminal.save().to_vec();
        }
        world.say("taro", "once");
        let text = world.lines.last().expect("a line").text.clone();
        world.run(1_000);
        world.user_mut("taro").skew = 0;
        world.restart("hanako", &saved, 9);
        world.join("hanako");
        world.run(20_000);
        let before = world.user("hanako").shown.len();
        repeat(&mut world, "hanako", "taro", &text);
        world.run(60_000);
        let shown = world.user("hanako").shown[before..].iter();
        let shown: Vec<_> = shown.map(|one| (&*one.text, one.again)).collect();
        assert_eq!(shown, [("once", true)], "{skew} {saved_before}");
    }
}

/// The state remembers a key that was wiped; it comes again because the user names it, when its time has come.
#[test]
fn a_key_that_the_state_remembers_and_that_comes_again_is_marked() {
    let mut world = World::seated_with(&["taro", "hanako"], |_, config| {
        config.channel.old_keys = OldKeys::All;
    });
    world.user_mut("taro").skew = 2 * 3_600;
    world.command("taro", WISH).expect("wished");
    world.run(70_000);
    world.user_mut("taro").skew = 0;
    let key = world.agreed();
    world.filter = Box::new(|line, to| line.kind() != Some(0) || to != "hanako");
    world.say("taro", "once");
    let text = world.lines.last().expect("a line").text.clone();
    world.command("taro", WISH).expect("wished");
    world.run(70_000);
    world.command("hanako", Command::Forget { channel: CHANNEL }).expect("wiped");
    let saved = world.user("hanako").terminal.save().to_vec();
    world.restart("hanako", &saved, 9);
    world.join("hanako");
    world.run(3 * 3_600_000);
    world.command("hanako", Command::AskOld { channel: CHANNEL, key: key.hint() }).expect("asked");
    world.run(30_000);
    assert!(world.user("hanako").notices.contains(&Notice::OldKey(key)));
    let before = world.user("hanako").shown.len();
    repeat(&mut world, "hanako", "taro", &text);
    world.run(1_000);
    let shown = world.user("hanako").shown[before..].iter();
    assert_eq!(shown.map(|one| (&*one.text, one.again)).collect::<Vec<_>>(), [("once", true)]);
}
