//! What the protocol costs: bytes, lines, and operations on the curve (spec chapters 4, 9, 10, 11).

use crate::rig;

use keyrota::spec::armor::{self, PartId};
use keyrota::spec::limits::{COUNTER_MAX, NAME_MAX};
use keyrota::spec::{
    Ask, Body, Frame, Hello, KeyHint, KeyPrefix, MemberHint, Name, Point, Signature, SignedHello,
    Tag, TextHeader, TextKind,
};
use keyrota::{Authority, Command, Event, GrantRule, Identity, Tally};
use rig::{CHANNEL, Relayed, START, World, YEAR};

/// Characters of a text line that servers carry as a rule.
const LINE: usize = 350;

const fn tally(sign: u64, verify: u64, multiply: u64) -> Tally {
    Tally { sign, verify, multiply }
}

/// What everybody's tally grows by meanwhile, in the order of the users.
fn work(world: &mut World, act: impl FnOnce(&mut World)) -> Vec<Tally> {
    let tallies = |world: &World| -> Vec<Tally> {
        world.users.iter().map(|user| user.terminal.tally()).collect()
    };
    let before = tallies(world);
    act(world);
    let grown = tallies(world).into_iter().zip(before);
    let grown = grown.map(|(now, before)| {
        let verify = now.verify - before.verify;
        tally(now.sign - before.sign, verify, now.multiply - before.multiply)
    });
    grown.collect()
}

fn kinds(lines: &[Relayed]) -> Vec<(&str, Option<u8>)> {
    lines.iter().map(|line| (line.nick.as_str(), line.kind())).collect()
}

/// Kinds of frames: Hello, refresh, sealed, further boxes, announcement.
const HELLO: Option<u8> = Some(3);
const REFRESH: Option<u8> = Some(4);
const SEALED: Option<u8> = Some(5);
const BOXES: Option<u8> = Some(6);
const PROOF: Option<u8> = Some(7);

fn header(kind: TextKind, counter: u32) -> usize {
    let mut bytes = Vec::new();
    TextHeader { key: KeyHint([0xff; 3]), tag: Tag([0xff; 4]), counter }.write(kind, &mut bytes);
    bytes.len()
}

// ---- bytes and lines

/// A signed text costs 89 to 91 bytes, an unsigned one 25 to 27, by its counter.
#[test]
fn overhead_of_a_text() {
    let around = |kind: TextKind, counter| header(kind, counter) + 16 + signature(kind);
    for (counters, more) in [(0..=127, 0), (128..=16_383, 1), (16_384..=COUNTER_MAX, 2)] {
        for counter in [*counters.start(), *counters.end()] {
            assert_eq!(around(TextKind::Signed, counter), 89 + more);
            assert_eq!(around(TextKind::Unsigned, counter), 25 + more);
        }
    }
    let mut world = World::seated(&["taro", "hanako"]);
    for signed in [true, false] {
        for length in [1, 170, 220] {
            let text = "x".repeat(length);
            let say = Command::Say { channel: CHANNEL, text: &text, signed: Some(signed) };
            world.command("taro", say).expect("said");
            let sent = world.frames(0).last().expect("a frame").2.len();
            assert_eq!(sent, length + if signed { 89 } else { 25 });
        }
    }
}

fn signature(kind: TextKind) -> usize {
    if kind.is_signed() { 64 } else { 0 }
}

/// One line of 350 characters, whatever its counter, holds a signed text of 170 bytes.
#[test]
fn a_text_of_170_bytes_is_one_line() {
    let header = TextHeader { key: KeyHint([0xff; 3]), tag: Tag([0xff; 4]), counter: COUNTER_MAX };
    for (length, lines) in [(170, 1), (171, 2)] {
        let ciphertext = vec![0xff; length + 80];
        let frame = Frame::Text { kind: TextKind::Signed, header, ciphertext: &ciphertext };
        assert_eq!(armor::lines(&frame.encode(), LINE, PartId::new(0)).len(), lines);
    }
    let mut world = World::seated(&["taro", "hanako"]);
    let count = world.lines.len();
    world.say("taro", &"é".repeat(85));
    let sent = world.since(count);
    assert_eq!(kinds(sent), [("taro", Some(0))]);
    assert!(sent[0].text.len() <= LINE);
    assert_eq!(world.user("hanako").texts(), ["é".repeat(85)]);
}

/// The longest name, an issued certificate of up to eight years, an ask by name for a known key.
#[test]
fn the_longest_hello_is_one_line() {
    let authority = Authority::new(&[7; 32]).expect("an authority");
    let name = Name::new(&"n".repeat(NAME_MAX)).expect("a name");
    let key = authority.public();
    for (lifetime, lines) in [(8 * YEAR, 1), (9 * YEAR, 2)] {
        let body = Body { name: name.clone(), key, not_before: START, lifetime };
        let hello = Hello {
            certificate: authority.issue(body),
            member_key: Point([2; 33]),
            tag: Tag([0xff; 4]),
            time: START,
            ask: Some((Ask::Key(KeyPrefix([0xff; 8])), Some(MemberHint([0xff; 4])))),
        };
        let signed = SignedHello { hello, signature: Signature([0xff; 64]) };
        let frame = Frame::Hello { hello: signed, relayed: false };
        assert_eq!(armor::lines(&frame.encode(), LINE, PartId::new(0)).len(), lines);
    }
}

/// With four seats both a refresh and a grant of a refreshed key fit one line.
#[test]
fn four_seats_fit_one_line() {
    let mut world = World::seated(&["taro", "hanako", "jiro", "momo"]);
    let count = world.lines.len();
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(10_000);
    assert_eq!(kinds(world.since(count)), [("taro", REFRESH)]);
    world.add("rei", |_| {});
    world.join("rei");
    world.agreed();
    let granted = world.lines.iter().rev().find(|line| line.kind() == SEALED).expect("a grant");
    for line in world.since(count) {
        assert!(line.text.len() <= LINE);
    }
    assert_eq!(granted.nick, "taro");
}

// ---- joining

/// Members of whom only the first has a seat, all under one key.
fn crowd(size: usize) -> World {
    let nicks: Vec<String> = (0..size).map(|number| format!("m{number}")).collect();
    let nicks: Vec<&str> = nicks.iter().map(String::as_str).collect();
    let mut world = World::with(&nicks, |_, config| config.channel.rule = GrantRule::ByHand);
    for nick in nicks {
        // Only the first need know the others; that spares thousands of verifications.
        let newcomer = nick.to_owned();
        world.filter = Box::new(move |_, to| to == "m0" || to == newcomer);
        world.join(nick);
        world.run(2_100);
    }
    world.agreed();
    world.filter = Box::new(|_, _| true);
    world
}

/// Two lines from joining to the key, in a channel of any size: a Hello that asks, and the key.
/// Between them the one who answers introduces itself; every other speaker does so once, before
/// it next speaks.
#[test]
fn a_newcomer_costs_two_lines_and_a_hello_of_each_speaker() {
    for size in [2, 30] {
        let mut world = crowd(size);
        world.add("new", |config| config.channel.rule = GrantRule::ByHand);
        let count = world.lines.len();
        world.join("new");
        let expected = [("new", HELLO), ("m0", HELLO), ("m0", SEALED)];
        assert_eq!(kinds(world.since(count)), expected);
        world.agreed();
        for speaker in ["m1", "m1", "new", "new", "m0", "m0"] {
            world.say(speaker, &format!("{speaker} speaks"));
        }
        let spoken = &kinds(world.since(count))[3..];
        let text = Some(0);
        let expected = [
            ("m1", HELLO),
            ("m1", text),
            ("m1", text),
            ("new", text),
            ("new", text),
            ("m0", text),
            ("m0", text),
        ];
        assert_eq!(spoken, expected);
        assert_eq!(world.user("m1").texts().len(), 4);
    }
}

/// Where the list has been changed, its proof comes in besides: a line for each step of it.
#[test]
fn a_list_that_was_changed_is_proven_in_one_line_a_step() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.add("new", |_| {});
    let count = world.lines.len();
    world.join("new");
    let expected = [("new", HELLO), ("taro", HELLO), ("taro", SEALED), ("taro", PROOF)];
    assert_eq!(kinds(world.since(count)), expected);
    world.agreed();
}

// ---- excluding

/// Sixteen lines shut one of a hundred out, barred or gone.
#[test]
fn excluding_one_of_a_hundred() {
    let mut world = crowd(100);
    let count = world.lines.len();
    let bar = Command::Bar { channel: CHANNEL, nick: "m99" };
    let done = work(&mut world, |world| world.command("m0", bar).expect("barred"));
    check_exclusion(&world, count, 98);
    // One ephemeral, and one secret for each of the others.
    assert_eq!(done[0], tally(1, 0, 99));
    assert!(done[1..99].iter().all(|member| *member == tally(0, 1, 1)));
    // Boxes that come again are opened by nobody.
    let boxes = world.since(count + 1).to_vec();
    let done = work(&mut world, |world| {
        for line in &boxes {
            world.event("m50", Event::Line { channel: CHANNEL, nick: "m0", text: &line.text });
        }
    });
    assert_eq!(done[50], tally(0, 0, 0));
    let count = world.lines.len();
    let done = work(&mut world, |world| {
        world.part("m98");
        world.run(61_000);
    });
    check_exclusion(&world, count, 97);
    assert_eq!(done[0], tally(1, 0, 98));
    assert!(done[1..98].iter().all(|member| *member == tally(0, 1, 1)));
}

/// Whoever is barred does not ask.
#[test]
fn a_barred_member_is_silent() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let count = world.lines.len();
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    world.run(3_000_000);
    assert!(world.since(count).iter().all(|line| line.nick != "jiro"));
}

/// Whoever is refused by all asks ever less often.
#[test]
fn being_refused_costs_little() {
    let mut world = World::seated(&["taro", "hanako"]);
    let expires = Identity::self_signed(&[9; 32], "jiro", START, 600).expect("an identity");
    world.add_as("jiro", expires, |_| {});
    world.join("jiro");
    world.run(1_500_000);
    world.agreed();
    world.filter = Box::new(|line, to| line.kind() != REFRESH || to != "jiro");
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(10_000);
    let count = world.lines.len();
    world.say("taro", "under a key that jiro lacks");
    world.run(3_000_000);
    let asked = world.since(count).iter().filter(|line| line.nick == "jiro").count();
    assert!((3..=30).contains(&asked), "{asked}");
}

fn check_exclusion(world: &World, count: usize, left: usize) {
    let lines = world.since(count);
    assert!(lines.len() <= 16, "{} lines", lines.len());
    assert!(lines.iter().all(|line| line.text.len() <= LINE && line.nick == "m0"));
    let boxes = lines.iter().map(|line| match Frame::decode(&line.bytes().expect("one line")) {
        Ok(Frame::Sealed { boxes, .. } | Frame::Boxes { boxes, .. }) => boxes.len(),
        other => panic!("{other:?}"),
    });
    assert_eq!(boxes.sum::<usize>(), left);
    assert!(lines[1..].iter().all(|line| line.kind() == BOXES));
    let key = world.user("m0").sealing();
    let keyed = world.here().filter(|user| user.sealing() == key);
    assert_eq!(keyed.count(), left + 1);
}

// ---- operations

#[test]
fn sealing_and_opening() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    // The first text brings a Hello.
    world.say("taro", "hello");
    let done = work(&mut world, |world| world.say("taro", "signed"));
    assert_eq!(done, [tally(1, 0, 0), tally(0, 1, 0), tally(0, 1, 0)]);
    let say = Command::Say { channel: CHANNEL, text: "unsigned", signed: Some(false) };
    let done = work(&mut world, |world| world.command("taro", say).expect("said"));
    assert_eq!(done, [tally(0, 0, 0); 3]);
}

#[test]
fn refreshing() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let done = work(&mut world, |world| {
        world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
        world.run(10_000);
    });
    assert_eq!(done, [tally(1, 0, 0), tally(0, 1, 0), tally(0, 1, 0)]);
}

/// A grant costs one ephemeral key pair and one shared secret, besides verifying the asker's
/// Hello; and signing one's own, if the asker has not heard it.
#[test]
fn granting() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.add("new", |_| {});
    let done = work(&mut world, |world| world.join("new"));
    world.agreed();
    // The others verify the Hello of the newcomer, and taro's of now. The records they know.
    assert_eq!(done[..3], [tally(1, 1, 2), tally(0, 2, 0), tally(0, 2, 0)]);
    // Signs one Hello and verifies one, the genesis, and the granted record: before it takes the
    // channel of it, and in its place among the records. Makes its member key, and opens its box
    // when it comes and when it can be judged.
    assert_eq!(done[3], tally(1, 4, 3));
}

/// One whom all know, and who missed a key: no more than that.
#[test]
fn granting_to_a_member() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.say("hanako", "hello");
    world.filter = Box::new(|line, to| line.kind() != REFRESH || to != "jiro");
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(10_000);
    world.filter = Box::new(|_, _| true);
    world.say("hanako", "under the new key");
    assert_eq!(world.user("jiro").texts(), ["hello"]);
    let count = world.lines.len();
    let done = work(&mut world, |world| world.run(30_000));
    assert_eq!(kinds(world.since(count)), [("jiro", HELLO), ("taro", SEALED)]);
    assert_eq!(done, [tally(0, 1, 2), tally(0, 1, 0), tally(1, 2, 1)]);
    assert_eq!(world.user("jiro").texts(), ["hello", "under the new key"]);
    world.agreed();
}
