//! Handing keys out: who answers, when, with which key, and what a newcomer believes
//! (R-DIS-1 to R-DIS-5, R-KEY-3).

use crate::rig;

use keyrota::spec::limits::{ASK_JITTER, ASK_SPREAD, ASK_WAIT, COLLECT, DEPARTURE, GRACE, HOLD};
use keyrota::spec::{Descent, Frame, KeyId};
use keyrota::{Choice, Command, Event, Notice, Protection, Settings};
use rig::{CHANNEL, World};

const SEATS: [&str; 3] = ["taro", "hanako", "jiro"];
const WISH: Command<'_> = Command::Refresh { channel: CHANNEL };
/// Within what an honest channel of three seats has one key for all: (m+3)·G + (d+1)·T + W + D.
const SETTLED: u64 = 6 * GRACE + 4 * ASK_WAIT + ASK_JITTER + DEPARTURE;

fn mode(modes: &str) -> Command<'_> {
    Command::Mode { channel: CHANNEL, modes }
}

/// Who handed out keys since there were `count` lines: when, who, and to how many.
fn grants(world: &World, count: usize) -> Vec<(u64, &str, usize)> {
    let mut grants: Vec<(u64, &str, usize)> = Vec::new();
    for (at, nick, bytes) in world.frames(count) {
        match Frame::decode(&bytes) {
            Ok(Frame::Sealed { boxes, .. }) => grants.push((at, nick, boxes.len())),
            Ok(Frame::Boxes { boxes, .. }) => {
                grants.last_mut().expect("a first line").2 += boxes.len();
            }
            _ => {}
        }
    }
    grants
}

fn holds(world: &World, nick: &str, key: KeyId) -> bool {
    world.user(nick).view().keys().any(|held| held == key)
}

#[test]
fn of_several_distributors_one_answers() {
    let mut world = World::seated(&SEATS);
    world.add("goro", |_| {});
    let (now, count) = (world.ms, world.lines.len());
    world.join("goro");
    world.run(60_000);
    assert_eq!(grants(&world, count), [(now, "taro", 1)]);
}

#[test]
fn the_distributor_at_place_i_answers_after_i_times_two_seconds() {
    for place in 1..=2 {
        let mut world = World::seated(&SEATS);
        world.add("goro", |_| {});
        for nick in &SEATS[..place] {
            world.hang(nick);
        }
        let (now, count) = (world.ms, world.lines.len());
        world.join("goro");
        world.run(60_000);
        let at = now + place as u64 * ASK_SPREAD;
        assert_eq!(grants(&world, count), [(at, SEATS[place], 1)]);
        world.agreed();
    }
}

#[test]
fn whoever_lags_answers_for_nobody_who_knows_more() {
    let mut world = World::seated(&SEATS);
    world.make_unheard("hanako", mode("-d jiro"), &["jiro"]);
    world.add("momo", |_| {});
    let (now, count) = (world.ms, world.lines.len());
    world.join("momo");
    world.run(ASK_SPREAD);
    let [first, second] = grants(&world, count)[..] else { panic!("{:?}", grants(&world, count)) };
    assert_eq!([first, second], [(now, "taro", 1), (now + ASK_SPREAD, "hanako", 1)]);
    world.run(30_000);
    world.agreed();
}

#[test]
fn asks_within_two_seconds_are_answered_in_one_frame() {
    let mut world = World::seated(&SEATS);
    let newcomers = ["a", "b", "c", "d", "e"];
    for nick in newcomers {
        world.add(nick, |_| {});
    }
    let (now, count) = (world.ms, world.lines.len());
    for nick in newcomers {
        world.join(nick);
        world.run(300);
    }
    world.run(60_000);
    // The first has it at once, the others together when two seconds are over.
    assert_eq!(grants(&world, count), [(now, "taro", 1), (now + COLLECT, "taro", 4)]);
    world.agreed();
}

/// A bouncer plays back to a newcomer what was said before it came.
#[test]
fn an_old_key_is_only_for_who_was_a_member_then() {
    // Under the last key of a line of refreshes, and under one that was sealed before it.
    for command in [WISH, mode("-d jiro")] {
        let mut world = World::seated(&SEATS);
        world.add("goro", |_| {});
        let old = world.agreed();
        let count = world.lines.len();
        world.say("taro", "secret");
        let secret = world.since(count).to_vec();
        world.command("taro", command.clone()).expect("a new key");
        world.run(60_000);
        world.join("goro");
        for nick in SEATS {
            world.say(nick, "welcome");
        }
        world.run(60_000);
        for line in &secret {
            world.event(
                "goro",
                keyrota::Event::Line { channel: CHANNEL, nick: "taro", text: &line.text },
            );
        }
        world.run(HOLD);
        assert!(!world.user("goro").texts().contains(&"secret"), "{command:?}");
        assert!(!holds(&world, "goro", old), "{command:?}");
        let told = Notice::Unreadable { key: old.hint(), texts: 1 };
        assert!(world.user("goro").notices.contains(&told), "{command:?}");
    }
}

/// Lets jiro miss a key and hear of what was said under it only when another is current.
fn with_late_text() -> (World, KeyId) {
    let mut world = World::seated_with(&SEATS, |_, config| config.channel.choice = Choice::Joined);
    world.make_unheard("taro", mode("+x2 jiro"), &["hanako"]);
    let old = world.user("taro").sealing().expect("a key");
    let count = world.lines.len();
    world.filter = Box::new(|_, to| to != "jiro");
    world.say("taro", "for members");
    let late = world.since(count).to_vec();
    world.run(30_000);
    world.command("taro", mode("-d hanako")).expect("a list");
    world.filter = Box::new(|_, _| true);
    world.announce("taro");
    world.run(60_000);
    assert_ne!(world.agreed(), old);
    assert!(!holds(&world, "jiro", old));
    for line in &late {
        let (channel, text) = (CHANNEL, line.text.as_str());
        world.event("jiro", Event::Line { channel, nick: "taro", text });
    }
    (world, old)
}

#[test]
fn who_was_a_member_then_gets_the_old_key() {
    let (mut world, old) = with_late_text();
    let new = world.agreed();
    let shown = |world: &World| world.user("jiro").texts() == ["for members"];
    world.run_until(ASK_JITTER + 2 * (COLLECT + ASK_SPREAD), shown);
    assert!(holds(&world, "jiro", old));
    assert_eq!(world.user("jiro").shown[0].protection, Protection::OldKey);
    assert_eq!(world.agreed(), new);
}

#[test]
fn each_gets_the_key_it_asks_for_in_a_frame_of_its_own() {
    let (mut world, old) = with_late_text();
    for nick in ["goro", "momo"] {
        world.add(nick, |_| {});
    }
    let (now, count) = (world.ms, world.lines.len());
    // While more asks are collected for two seconds, two come for different keys.
    world.join("momo");
    world.run(100);
    world.command("jiro", Command::Ask { channel: CHANNEL }).expect("asks");
    world.join("goro");
    world.run(COLLECT + ASK_SPREAD);
    let grants = grants(&world, count);
    assert_eq!(grants[..2], [(now, "taro", 1), (now + COLLECT, "taro", 1)]);
    assert_eq!(grants.len(), 3);
    world.agreed();
    assert_eq!(world.user("jiro").texts(), ["for members"]);
    assert!(!holds(&world, "goro", old));
}

#[test]
fn of_more_keys_than_the_user_keeps_the_oldest_go() {
    let mut world = World::seated_with(&SEATS, |nick, config| {
        config.channel.keys = if nick == "jiro" { 3 } else { 16 };
    });
    let mut made = Vec::new();
    for round in 0..5 {
        let modes = if round % 2 == 0 { "-d hanako" } else { "+d hanako" };
        world.command("taro", mode(modes)).expect("a list");
        world.run(60_000);
        made.push(world.agreed());
    }
    let keys = |world: &World, nick: &str| world.user(nick).view().keys().collect::<Vec<_>>();
    assert_eq!(keys(&world, "jiro"), made[2..]);
    assert!(made.iter().all(|key| holds(&world, "hanako", *key)));
    // Fewer from now on.
    let settings = Settings { keys: 2, ..Settings::default() };
    world.command("jiro", Command::Configure { channel: CHANNEL, settings }).expect("set");
    assert_eq!(keys(&world, "jiro"), made[3..]);
    world.say("taro", "still");
    assert_eq!(world.user("jiro").texts(), ["still"]);
}

/// A channel whose list takes a genesis and two changes by different seats to prove.
fn with_history() -> World {
    let mut world = World::seated(&SEATS);
    world.add("saburo", |_| {});
    world.join("saburo");
    world.run(60_000);
    world.command("hanako", mode("+d saburo")).expect("seated");
    world.run(60_000);
    world.add("goro", |_| {});
    world
}

#[test]
fn a_newcomer_neither_opens_nor_seals_before_the_list_is_proven() {
    // Neither without the records, nor while nobody it accepts has signed for them.
    for missing in [&[7][..], &[3, 10]] {
        let mut world = with_history();
        world.filter = Box::new(move |line, to| {
            to != "goro" || line.kind().is_none_or(|kind| !missing.contains(&kind))
        });
        world.join("goro");
        world.say("taro", "hello");
        let count = world.lines.len();
        world.say("goro", "hello too");
        world.run(10_000);
        assert_eq!(world.user("goro").sealing(), None);
        assert_eq!(world.user("goro").texts(), [""; 0]);
        assert!(world.since(count).iter().all(|line| line.nick != "goro" || line.kind() > Some(2)));
        world.filter = Box::new(|_, _| true);
        world.run_until(SETTLED, |world| !world.user("goro").shown.is_empty());
        world.agreed();
        assert_eq!(world.user("goro").texts(), ["hello"]);
        assert_eq!(world.user("taro").texts(), ["hello too"]);
    }
}

#[test]
fn a_newcomer_gets_there_whichever_line_is_lost() {
    let mut world = with_history();
    let count = world.lines.len();
    world.join("goro");
    world.run(10_000);
    let lines = world.since(count).len();
    assert!(lines >= 5, "ask, Hello of the author, key, and what proves it: {lines}");
    for lost in 0..lines {
        let mut world = with_history();
        let mut number = 0;
        world.filter = Box::new(move |line, to| {
            let theirs = to == "goro" || line.nick == "goro" && to == "taro";
            let reaches = !theirs || number != lost;
            number += usize::from(theirs);
            reaches
        });
        world.join("goro");
        let took = world.run_until(SETTLED, |world| {
            world
                .user("goro")
                .sealing()
                .is_some_and(|key| world.user("taro").sealing() == Some(key))
        });
        assert!(took <= 2 * ASK_WAIT, "line {lost} cost {took} ms");
        world.say("goro", "hello");
        assert_eq!(world.user("hanako").texts(), ["hello"]);
        let record = world.user("goro").view().record().expect("a record").clone();
        assert!(!matches!(record.descent, Descent::Genesis { .. }));
    }
}

#[test]
fn of_a_lost_ask_the_next_one_helps() {
    let mut world = World::seated(&SEATS);
    world.add("goro", |_| {});
    world.filter = Box::new(|line, _| line.nick != "goro");
    world.join("goro");
    world.run(1_000);
    world.filter = Box::new(|_, _| true);
    world.run_until(ASK_WAIT * 5 / 4, |world| world.user("goro").sealing().is_some());
    world.agreed();
}
