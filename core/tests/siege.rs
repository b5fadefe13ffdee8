//! What a hostile server, or an outsider who can speak into a channel, may take and cost.

use crate::rig;

use keyrota::spec::{Frame, KeyHint, Query, Subject, Tag, TextHeader, TextKind};
use keyrota::{Command, Event, GrantRule, Now, Terminal};
use rig::{CHANNEL, START, World, terminal};

/// Some with a seat, the others without; nothing is renewed by the clock.
fn crowd(seats: usize, all: usize) -> World {
    let nicks: Vec<String> = (0..all).map(|number| format!("m{number}")).collect();
    let names: Vec<&str> = nicks.iter().map(String::as_str).collect();
    let mut world =
        World::seated_with(&names[..seats], |_, config| config.channel.triggers.period = None);
    for nick in &names[seats..] {
        world.add(nick, |config| {
            config.channel.rule = GrantRule::ByHand;
            config.channel.triggers.period = None;
        });
        world.join(nick);
        world.run(3_000);
    }
    world.run(120_000);
    world
}

fn enter(terminal: &mut Terminal, now: Now, channel: &str) {
    terminal.handle(now, Event::Join { channel, nick: "taro" }).for_each(drop);
    terminal.handle(now, Event::Names { channel, names: &[("taro", false)] }).for_each(drop);
}

#[test]
fn a_clock_at_its_end_is_a_clock() {
    let mut now = Now { ms: 0, unix: START };
    let mut taro = terminal(1, "taro", now, |_| {});
    enter(&mut taro, now, CHANNEL);
    taro.handle(now, Event::Join { channel: CHANNEL, nick: "hanako" }).for_each(drop);
    now.ms = u64::MAX;
    assert!(taro.handle(now, Event::Tick).count() < 10);
    assert!(taro.wake().is_some());
}

#[test]
fn what_an_outsider_makes_up_is_not_asked_for() {
    let mut world = crowd(3, 12);
    let before = world.lines.len();
    let header = TextHeader { key: KeyHint([1, 2, 3]), tag: Tag([9; 4]), counter: 0 };
    let made_up = Frame::Text { kind: TextKind::Unsigned, header, ciphertext: &[0; 20] };
    world.inject_frame("mallory", &made_up);
    world.run(600_000);
    assert_eq!(world.lines.len(), before);
}

#[test]
fn a_question_is_answered_by_few() {
    let mut world = crowd(9, 20);
    for (who, modes) in [("m1", "-d m8"), ("m2", "+d m8"), ("m3", "-d m8")] {
        world.command(who, Command::Mode { channel: CHANNEL, modes }).expect("changed");
        world.run(120_000);
    }
    world.agreed();
    let key = world.user("m5").current().expect("a key").prefix();
    for have in [0, 255] {
        let before = world.lines.len();
        let what = Subject::Proof { key, have };
        world.inject_frame("m19", &Frame::Query(Query { whom: None, what }));
        world.run(60_000);
        assert!(world.since(before).len() <= 6, "{} lines", world.since(before).len());
    }
}

#[test]
fn nobody_reads_secrets_in_a_log() {
    let now = Now { ms: 0, unix: START };
    let mut taro = terminal(1, "taro", now, |config| {
        config.channel.password = "hunter2".into();
        config.channel.found = false;
    });
    enter(&mut taro, now, CHANNEL);
    let say = Command::Say { channel: CHANNEL, text: "top secret", signed: None };
    taro.command(now, say).expect("kept").for_each(drop);
    let told = format!("{taro:?} {:?}", taro.channel(CHANNEL));
    assert!(!told.contains("hunter2") && !told.contains("secret"), "{told}");
}

/// The server has the user enter and leave channel after channel.
#[test]
fn a_pin_is_not_pushed_out() {
    let now = Now { ms: 0, unix: START };
    let mut taro = terminal(1, "taro", now, |_| {});
    let leave = |taro: &mut Terminal, channel: &str| {
        taro.handle(now, Event::Part { channel, nick: "taro" }).for_each(drop);
    };
    enter(&mut taro, now, CHANNEL);
    let known = taro.channel(CHANNEL).and_then(|view| view.id());
    leave(&mut taro, CHANNEL);
    for number in 0..1_100 {
        let channel = format!("#elsewhere{number}");
        enter(&mut taro, now, &channel);
        leave(&mut taro, &channel);
    }
    enter(&mut taro, now, CHANNEL);
    assert!(known.is_some());
    assert_eq!(taro.channel(CHANNEL).and_then(|view| view.id()), known);
}
