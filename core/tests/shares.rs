//! No nick takes what others need: half of each bucket, and of the places, is for the rest (spec chapter
//! 13, "Denial of service").

use crate::rig;

use keyrota::spec::limits::{
    ASK_WAIT, CHECKS_PER_MINUTE, HELD_MAX, NICK_PART, STRANGERS_PER_SECOND,
};
use keyrota::spec::{Frame, KeyHint, Query, Refused, Subject, Tag, TextHeader, TextKind, armor};
use keyrota::{Command, Event, Fault, GrantRule, Notice};
use rig::{CHANNEL, World};

const SEATS: [&str; 3] = ["taro", "hanako", "jiro"];

fn world() -> World {
    World::seated_with(&SEATS, |_, config| config.channel.triggers.period = None)
}

fn line(world: &mut World, to: &str, from: &str, text: &str) {
    world.event(to, Event::Line { channel: CHANNEL, nick: from, text });
}

/// A text under a key that there is not.
fn made_up(number: u8) -> String {
    let key = KeyHint([0xaa, 0xbb, number]);
    let header = TextHeader { key, tag: Tag([number; 4]), counter: 0 };
    armor::whole(&Frame::Text { kind: TextKind::Signed, header, ciphertext: &[1; 90] }.encode())
}

fn floods(world: &World, nick: &str) -> usize {
    world.user(nick).faults().iter().filter(|fault| **fault == Fault::Flood).count()
}

/// Somebody sends Hellos that nobody signed, as fast as it can, while another comes in.
#[test]
fn a_newcomer_gets_in_beside_one_who_floods() {
    // Who is in the channel as long as the newcomer, and who is not there at all, under many nicks.
    for inside in [true, false] {
        let mut world = world();
        if inside {
            world.tell_all(Event::Join { channel: CHANNEL, nick: "mallory" });
        }
        world.add("goro", |config| config.channel.rule = GrantRule::ByHand);
        let count = world.lines.len();
        let hello =
            world.frames(0).iter().rev().find_map(|(_, _, bytes)| match Frame::decode(bytes) {
                Ok(Frame::Hello { hello, .. }) => Some(hello),
                _ => None,
            });
        let mut hello = hello.expect("a Hello");
        for number in 0..100_u8 {
            // Of as many members that nobody has met.
            hello.hello.certificate.body.key.0 = [2; 33];
            hello.hello.certificate.body.key.0[32] = number;
            hello.hello.time = world.now().unix;
            let nick = if inside { "mallory".into() } else { format!("mallory{number}") };
            let text =
                armor::whole(&Frame::Hello { hello: hello.clone(), relayed: false }.encode());
            for to in SEATS {
                line(&mut world, to, &nick, &text);
            }
        }
        assert!(floods(&world, "taro") >= 100 - STRANGERS_PER_SECOND as usize / 2);
        world.join("goro");
        world.agreed();
        assert!(world.since(count).len() < 10);
    }
}

/// What an outsider or a member makes up leaves half of the places, and members come first.
#[test]
fn texts_of_others_find_a_place() {
    let mut world = world();
    for number in 0..200 {
        line(&mut world, "hanako", &format!("mallory{}", number % 9), &made_up(number));
    }
    assert_eq!(floods(&world, "hanako"), 200 - HELD_MAX / 4);
    // A second one takes the other half.
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    for number in 0..200 {
        line(&mut world, "hanako", "eve", &made_up(number + 1));
    }
    // jiro speaks under a key of which hanako has not heard; his text is kept, asked for, and read.
    world.filter = Box::new(|_, to| to != "hanako");
    world.command("jiro", Command::Mode { channel: CHANNEL, modes: "+x1 jiro" }).expect("a key");
    world.filter = Box::new(|_, _| true);
    world.say("jiro", "do you hear me?");
    world.run(4 * ASK_WAIT);
    assert_eq!(world.user("hanako").texts(), ["do you hear me?"]);
}

/// One asks so much that it gets no answer any more; another does.
#[test]
fn questions_of_others_are_answered() {
    let mut world = world();
    let key = world.agreed().prefix();
    let what = Subject::Proof { key, have: 0 };
    let question = armor::whole(&Frame::Query(Query { whom: None, what }).encode());
    for nick in ["eve", "rei"] {
        world.tell_all(Event::Join { channel: CHANNEL, nick });
    }
    let asked = |world: &mut World, nick: &str, times| {
        let count = world.lines.len();
        for _ in 0..times {
            line(world, "taro", nick, &question);
        }
        world.deliver();
        world.since(count).len()
    };
    let all = asked(&mut world, "eve", 500);
    assert!((30..=120).contains(&all), "{all}");
    assert_eq!(asked(&mut world, "eve", 1), 0);
    assert!(asked(&mut world, "rei", 1) > 0);
}

/// The server refuses in everybody's name, without end: that hastens one round of asks.
#[test]
fn refusals_hasten_one_round() {
    let mut world = world();
    world.add("momo", |config| config.channel.rule = GrantRule::ByHand);
    world.join("momo");
    world.run(60_000);
    // momo hears of a key that nobody gives it.
    world.make_unheard("taro", Command::Mode { channel: CHANNEL, modes: "+x2 jiro" }, &[]);
    world.filter =
        Box::new(|line, to| (line.kind() == Some(7) || to != "momo") && line.nick != "momo");
    world.announce("taro");
    let whom = world.user("momo").id().hint();
    let refusal = armor::whole(&Frame::Refusal { whom, reason: Refused::Key }.encode());
    let count = world.lines.len();
    for _ in 0..200 {
        line(&mut world, "momo", "taro", &refusal);
        world.run(1_000);
    }
    let asks = world.since(count).iter().filter(|line| line.nick == "momo");
    let asks: Vec<u64> = asks.map(|line| line.at).collect();
    assert!(asks.len() > 4, "{asks:?}");
    // Of three, one after the other; then at the pace of one who hears nothing.
    assert!(asks.windows(2).skip(3).all(|two| two[1] - two[0] >= ASK_WAIT), "{asks:?}");
}

/// A member says more than anybody can; another is heard all the same.
#[test]
fn texts_of_others_are_heard() {
    let mut world = World::seated_with(&SEATS, |_, config| {
        (config.channel.triggers.period, config.channel.triggers.messages) = (None, None);
    });
    world.filter = Box::new(|_, to| to == "hanako");
    let part = CHECKS_PER_MINUTE / NICK_PART;
    for number in 0..part + 10 {
        world.say("jiro", &number.to_string());
    }
    world.say("taro", "and I");
    assert_eq!(world.user("hanako").shown.len() as u64, part + 1);
    assert_eq!(world.user("hanako").texts().last(), Some(&"and I"));
    assert_eq!(floods(&world, "hanako"), 10);
    // It is told what did not come, and hears jiro again.
    world.run(1_000);
    world.say("jiro", "sorry");
    assert_eq!(world.user("hanako").texts().last(), Some(&"sorry"));
    let member = world.user("jiro").id();
    assert!(world.user("hanako").notices.contains(&Notice::Missing { member, texts: 10 }));
}

/// Records whose lists nobody can prove use up neither questions nor places for good.
#[test]
fn made_up_records_leave_room_for_questions() {
    let mut world = world();
    let record =
        world.frames(0).iter().rev().find_map(|(_, _, bytes)| match Frame::decode(bytes) {
            Ok(Frame::Sealed { record, .. }) => Some(record),
            _ => None,
        });
    let mut record = record.expect("a record");
    let mut entries = record.record.list.entries().to_vec();
    let count = world.lines.len();
    for number in 0..200 {
        entries[0].changes = 1_000_000 + number;
        record.record.list = keyrota::spec::List::new(entries.clone()).expect("a list");
        record.record.author = 1;
        record.record.epoch = 1;
        let frame =
            Frame::Announce { record: record.clone(), author: keyrota::spec::Point([2; 33]) };
        line(&mut world, "hanako", "jiro", &armor::whole(&frame.encode()));
        world.run(100);
    }
    world.run(600_000);
    let queries = world.since(count).iter().filter(|line| line.kind() == Some(8)).count();
    // Eight at a time, five for each; one makes way after two, so in 20 s each place is taken twice.
    assert!((8..=8 * (2 + 5)).contains(&queries), "{queries}");
    world.agreed();
}
