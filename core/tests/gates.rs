//! How much is done for others: each bucket emptied to its last token, and one more (spec chapter 5, "How
//! much is done").

use crate::rig;

use keyrota::crypto;
use keyrota::spec::limits::{
    ACQUAINTANCES_PER_SECOND, ANSWERS_PER_MINUTE, CALLS_PER_MINUTE, CHECKS_PER_MINUTE, NICK_PART,
    PEERS_MAX, STRANGERS_PER_SECOND,
};
use keyrota::spec::{Frame, Query, Signature, Subject, TextHeader, TextKind, armor, label};
use keyrota::{Event, Fault, GrantRule};
use rig::{CHANNEL, World};

/// Who takes all that is for one nick, its fellow, and who comes too late.
const NICKS: [&str; 3] = ["eve", "rei", "mallory"];

/// taro in a channel of several; the others hear nothing any more.
fn world(others: &[&str]) -> World {
    let mut world = World::seated_with(&["taro", "hanako"], |_, config| {
        config.channel.triggers.period = None;
        config.channel.triggers.messages = None;
    });
    for nick in others {
        world.add(nick, |config| config.channel.rule = GrantRule::ByHand);
        world.join(nick);
        world.run(3_000);
    }
    world.run(120_000);
    world.filter = Box::new(|_, _| false);
    world
}

fn floods(world: &World) -> usize {
    world.user("taro").faults().iter().filter(|fault| **fault == Fault::Flood).count()
}

/// How many of so many lines from a nick a terminal takes in.
fn taken(world: &mut World, nick: &str, times: u64, mut line: impl FnMut() -> String) -> u64 {
    let before = floods(world);
    for _ in 0..times {
        let text = line();
        world.event("taro", Event::Line { channel: CHANNEL, nick, text: &text });
    }
    times - (floods(world) - before) as u64
}

/// A record that nobody signed, another one each time.
fn records(world: &World) -> impl FnMut() -> String + use<> {
    let record = world.user("taro").view().record().expect("a record").clone();
    let author = world.point("taro");
    let mut number = 0;
    move || {
        number += 1;
        let mut record = record.clone();
        record.time += number;
        let record = keyrota::spec::SignedRecord { record, signature: Signature([1; 64]) };
        armor::whole(&Frame::Announce { record, author }.encode())
    }
}

/// Empties a bucket that fills with `size` tokens in `period` milliseconds.
fn empty(world: &mut World, size: u64, period: u64, line: &mut impl FnMut() -> String) {
    let [one, other, late] = NICKS;
    let part = size / NICK_PART;
    assert_eq!(taken(world, one, part + 1, &mut *line), part);
    assert_eq!(taken(world, other, part, &mut *line), part);
    assert_eq!(taken(world, late, 1, &mut *line), 0);
    // A token is there again in its time, and not before.
    world.ms += period / size - 1;
    assert_eq!(taken(world, late, 1, &mut *line), 0);
    world.ms += 1;
    assert_eq!(taken(world, late, 2, &mut *line), 1);
}

#[test]
fn so_many_records_of_strangers_are_taken_in_a_second() {
    let mut world = world(&[]);
    for nick in NICKS {
        world.event("taro", Event::Join { channel: CHANNEL, nick });
    }
    let mut line = records(&world);
    empty(&mut world, STRANGERS_PER_SECOND, 1_000, &mut line);
}

#[test]
fn so_many_records_of_members_are_taken_in_a_second() {
    let mut world = world(&NICKS);
    let mut line = records(&world);
    empty(&mut world, ACQUAINTANCES_PER_SECOND, 1_000, &mut line);
}

#[test]
fn so_many_signatures_of_texts_are_verified_in_a_minute() {
    let mut world = world(&NICKS);
    let view = world.user("taro").view();
    let (id, _, key) = view.secrets().last().expect("a key");
    let channel = view.id().expect("a channel");
    let frames = world.frames(0);
    let tag_of = |nick: &str| {
        let hello = frames.iter().rev().find_map(|(_, by, bytes)| match Frame::decode(bytes) {
            Ok(Frame::Hello { hello, .. }) if *by == nick => Some(hello.hello.tag),
            _ => None,
        });
        hello.expect("a Hello")
    };
    let tags = NICKS.map(tag_of);
    // In the name of each, with signatures that are none: whoever has the key can.
    let mut number = 0;
    let mut text = |tag| {
        number += 1;
        let header = TextHeader { key: id.hint(), tag, counter: number };
        let kind = TextKind::Signed;
        let count = number.to_be_bytes();
        let data = [&[kind.byte()][..], &channel.0, &id.0, &tag.0, &count].concat();
        let mut nonce = [0; 12];
        nonce[8..].copy_from_slice(&count);
        let mut ciphertext = [0; 65].to_vec();
        let key = crypto::expand(&key, label::TEXT, &[&id.0, &tag.0]);
        crypto::seal_in_place(&key, &nonce, &data, &mut ciphertext, 0);
        armor::whole(&Frame::Text { kind, header, ciphertext: &ciphertext }.encode())
    };
    let mut each =
        |world: &mut World, who: usize, times| taken(world, NICKS[who], times, || text(tags[who]));
    let part = CHECKS_PER_MINUTE / NICK_PART;
    assert_eq!(each(&mut world, 0, part + 1), part);
    assert_eq!(each(&mut world, 1, part), part);
    assert_eq!(each(&mut world, 2, 1), 0);
    world.ms += 60_000 / CHECKS_PER_MINUTE - 1;
    assert_eq!(each(&mut world, 2, 1), 0);
    world.ms += 1;
    assert_eq!(each(&mut world, 2, 2), 1);
}

#[test]
fn so_many_questions_are_answered_in_a_minute() {
    let mut world = world(&[]);
    for nick in NICKS {
        world.event("taro", Event::Join { channel: CHANNEL, nick });
    }
    let what =
        Subject::Proof { key: world.user("taro").current().expect("a key").prefix(), have: 0 };
    let question = armor::whole(&Frame::Query(Query { whom: None, what }).encode());
    let answered = |world: &mut World, nick, times| {
        let asked = |world: &mut World| {
            let before = world.lines.len();
            world.event("taro", Event::Line { channel: CHANNEL, nick, text: &question });
            world.lines.len() > before
        };
        (0..times).filter(|_| asked(world)).count() as u64
    };
    let part = ANSWERS_PER_MINUTE / NICK_PART;
    let [one, other, late] = NICKS;
    assert_eq!(answered(&mut world, one, part + 1), part);
    assert_eq!(answered(&mut world, other, part), part);
    assert_eq!(answered(&mut world, late, 1), 0);
    world.ms += 60_000 / ANSWERS_PER_MINUTE - 1;
    assert_eq!(answered(&mut world, late, 1), 0);
    world.ms += 1;
    assert_eq!(answered(&mut world, late, 2), 1);
}

#[test]
fn so_many_strangers_may_call_in_a_minute() {
    let mut world = World::new(&["taro"]);
    let mut call = |number: u64| {
        let nick = format!("s{number}");
        let before = floods(&world);
        // A text from nowhere is answered by a Hello.
        let key = keyrota::spec::KeyHint([7; 3]);
        let tag = keyrota::spec::Tag([number as u8; 4]);
        let header = TextHeader { key, tag, counter: 0 };
        let frame = Frame::Text { kind: TextKind::Signed, header, ciphertext: &[1; 90] };
        if number == CALLS_PER_MINUTE + 1 {
            world.ms += 60_000 / CALLS_PER_MINUTE - 1;
        } else if number == CALLS_PER_MINUTE + 2 {
            world.ms += 1;
        }
        world.event("taro", Event::Private { nick: &nick, text: &armor::whole(&frame.encode()) });
        floods(&world) == before
    };
    let heard: Vec<u64> = (0..CALLS_PER_MINUTE + 4).filter(|number| call(*number)).collect();
    let expected: Vec<u64> = (0..CALLS_PER_MINUTE).chain([CALLS_PER_MINUTE + 2]).collect();
    assert_eq!(heard, expected);
}

/// Who has taken its part does not get more because many others take a little: of those who took least
/// one is forgotten, and of so many the part is counted.
#[test]
fn among_so_many_nicks_nobody_takes_more_than_its_part() {
    let mut world = world(&[]);
    let nicks: Vec<String> = (0..PEERS_MAX + 10).map(|number| format!("n{number}")).collect();
    for nick in nicks.iter().map(String::as_str).chain(["eve"]) {
        world.event("taro", Event::Join { channel: CHANNEL, nick });
    }
    let counted = |world: &World| {
        let sizes = world.user("taro").terminal.sizes();
        let found = sizes.iter().find(|(what, ..)| *what == "strangers whose part is counted");
        found.expect("it is counted").1
    };
    let before = counted(&world);
    let mut line = records(&world);
    let part = STRANGERS_PER_SECOND / NICK_PART;
    let token = 1_000 / STRANGERS_PER_SECOND;
    for (number, nick) in nicks.iter().enumerate() {
        world.ms += token;
        assert_eq!(taken(&mut world, nick, 1, &mut line), 1, "{nick}");
        assert_eq!(counted(&world), (before + number + 1).min(PEERS_MAX));
    }
    // One takes its part, and then others come in its place as fast as they can.
    world.ms += 1_000;
    assert_eq!(taken(&mut world, "eve", part + 1, &mut line), part);
    for nick in &nicks[..usize::try_from(part).expect("few")] {
        assert_eq!(taken(&mut world, nick, 1, &mut line), 1, "{nick}");
    }
    world.ms += token;
    assert_eq!(taken(&mut world, "eve", 1, &mut line), 0, "its own token comes in twice the time");
    world.ms += token;
    assert_eq!(taken(&mut world, "eve", 2, &mut line), 1);
    assert_eq!(counted(&world), PEERS_MAX);
}
