//! What comes to its end or its edge, and that nothing else shows: epochs, old Hellos, conversations with
//! strangers, texts that were under way, and whose word counts for what (R-EXP-1, R-DIS-5, R-ONE-2).

use crate::rig;

use std::collections::BTreeSet;

use keyrota::spec::limits::{
    ASK_BACKOFF_MAX, ASK_JITTER, BOX_LINES, COUNTER_MAX, EPOCH_MAX, GIVEN_MAX, GRACE, LINE_PACE,
};
use keyrota::spec::{Ask, Cause, Entry, Frame, MemberHint, Point, Record, SealedBox, Wrapped};
use keyrota::{Command, Duty, Event, GrantRule, Notice, Protection, Rejection, SelfSigned};
use rig::{CHANNEL, World};

const HOUR: u64 = 3_600_000;

/// Two with seats, and jiro without one.
fn world() -> World {
    let by_hand = |_: &str, config: &mut keyrota::Config| config.channel.rule = GrantRule::ByHand;
    let mut world = World::with(&["taro", "hanako", "jiro"], by_hand);
    world.seat(&["taro", "hanako"]);
    world.join("jiro");
    world.run(120_000);
    world.agreed();
    world
}

fn record(world: &World, nick: &str) -> Record {
    world.user(nick).view().record().expect("a record").clone()
}

/// The greatest epoch is current, and somebody has to make a key: the list counts on.
#[test]
fn after_the_greatest_epoch_the_list_counts_its_authors_changes() {
    let mut world = world();
    let before = record(&world, "taro");
    let last = Record { epoch: EPOCH_MAX, ..world.next_sealed("hanako", &before, 9) };
    let signed = world.signed("hanako", last.clone());
    world.inject_record("hanako", "hanako", &signed);
    assert_eq!(record(&world, "taro"), last);
    // Nobody has its key, so it is replaced.
    world.run(120_000);
    world.agreed();
    let after = record(&world, "taro");
    assert_eq!((after.epoch, after.cause), (0, Cause::Missing));
    let mut expected = last.list.entries().to_vec();
    let author: &mut Entry = &mut expected[usize::from(after.author)];
    author.changes += 1;
    assert_eq!(after.list.entries(), expected);
}

/// Whose newest Hello is more than two days old gets no key: its member key may be anybody's by now.
#[test]
fn no_key_is_sealed_to_a_hello_of_more_than_two_days_ago() {
    let mut world = world();
    let jiro = world.user("jiro").id().hint();
    let sealed_to_jiro = |world: &World, since: usize| {
        let frames = world.frames(since);
        let boxes = frames.iter().flat_map(|(_, _, bytes)| match Frame::decode(bytes) {
            Ok(Frame::Sealed { boxes, .. } | Frame::Boxes { boxes, .. }) => boxes,
            _ => Vec::new(),
        });
        boxes.filter(|one| one.whom == jiro).count()
    };
    world.hang("jiro");
    for (hours, expected) in [(40, 1), (20, 0)] {
        world.run(hours * HOUR);
        let since = world.lines.len();
        let modes = if expected == 1 { "-d hanako" } else { "+d hanako" };
        world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("changed");
        assert_eq!(sealed_to_jiro(&world, since), expected, "after {hours} hours more");
    }
}

/// jiro's user accepts hanako no more. Her records count for him all the same, as they do for others.
#[test]
fn whom_a_user_does_not_accept_makes_records_that_count() {
    let mut world = world();
    world.say("hanako", "good morning");
    let hanako = world.user("hanako").id();
    world.decide("jiro", Command::SelfSigned(SelfSigned::Refuse));
    world.decide("jiro", Command::Unpin { name: "hanako" });
    assert_eq!(world.user("jiro").view().vouched(&hanako), Some(Err(Rejection::SelfSigned)));
    let before = record(&world, "jiro");
    let next = world.next_sealed("hanako", &before, 9);
    let signed = world.signed("hanako", next.clone());
    world.inject_record("hanako", "hanako", &signed);
    assert_eq!(record(&world, "jiro"), next);
    assert_eq!(record(&world, "taro"), next);
}

/// Of two nobody has left who could have read it: a text under the key before bears no mark.
#[test]
fn a_late_text_of_a_conversation_bears_no_mark() {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("taro", "hanako", "hello");
    world.run(60_000);
    world.filter = Box::new(|_, _| false);
    let since = world.lines.len();
    world.tell("taro", "hanako", "under the first key");
    let late = world.lines[since].text.clone();
    world.filter = Box::new(|_, _| true);
    let key = world.user("hanako").with("taro").current();
    world.command("taro", Command::Refresh { channel: "hanako" }).expect("a wish");
    world.run(120_000);
    assert_ne!(world.user("hanako").with("taro").current(), key);
    world.inject_to("hanako", "taro", &late);
    let shown = world.user("hanako").shown.last().expect("a text");
    assert_eq!((&*shown.text, shown.protection), ("under the first key", Protection::Sealed));
}

/// A conversation that a stranger began, and the user took no part in, does not outlive the connection.
#[test]
fn a_conversation_that_only_a_stranger_wanted_ends_with_the_connection() {
    for takes_part in [false, true] {
        let mut world = World::new(&["taro", "hanako"]);
        world.command("hanako", Command::Converse { nick: "taro" }).expect("asked");
        world.run(1_000);
        if takes_part {
            world.tell("taro", "hanako", "hello");
        }
        assert!(world.user("taro").terminal.channel("hanako").is_some());
        world.event("taro", Event::Disconnected);
        let hello = world.lines.iter().find(|line| line.nick == "hanako").expect("a Hello");
        assert!(matches!(
            Frame::decode(&hello.bytes().expect("a frame")),
            Ok(Frame::Hello { hello, .. }) if matches!(hello.hello.ask, Some((Ask::Latest, _)))
        ));
        let state = rig::state::read(&world.user("taro").terminal.save());
        let kept = state.5.iter().any(|channel| channel.0 == "hanako");
        assert_eq!(kept, takes_part);
    }
}

/// Whoever makes keys for many must space the lines; but not for long, and nobody else can have it wait.
#[test]
fn lines_with_boxes_put_off_the_first_ask_for_the_key() {
    let mut world = world();
    world.filter = Box::new(|line, to| line.kind() != Some(4) || to != "jiro");
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.filter = Box::new(|_, _| true);
    world.announce("taro");
    let asks = |world: &World| {
        let wake = world.user("jiro").terminal.wake().expect("something is due");
        assert_eq!(wake.why, Duty::Ask);
        wake.at
    };
    let at = asks(&world);
    let key = world.user("jiro").current().expect("a record").prefix();
    let others = SealedBox { whom: MemberHint([7; 4]), key: Wrapped([8; 32]) };
    let frame = Frame::Boxes { key, boxes: vec![others] };
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    world.inject_frame("eve", &frame);
    assert_eq!(asks(&world), at);
    for count in 1..=BOX_LINES + 2 {
        world.inject_frame("taro", &frame);
        assert_eq!(asks(&world), at + LINE_PACE * count.min(BOX_LINES) as u64);
    }
}

/// Whom one has asked may be handing the key to many: it is not asked again meanwhile, nor anybody else, but
/// not for ever.
#[test]
fn who_has_asked_waits_while_lines_come_from_whom_it_asked() {
    let mut world = world();
    // The key and grants of it are lost to jiro.
    world.filter = Box::new(|line, to| !matches!(line.kind(), Some(4..=5)) || to != "jiro");
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.announce("taro");
    let asked = |world: &World| {
        let told = world.user("jiro").notices.iter().rev();
        told.filter_map(|one| if let Notice::Asked(whom) = one { *whom } else { None }).next()
    };
    let before = world.user("jiro").notices.len();
    world.run_until(ASK_JITTER, |world| {
        world.user("jiro").notices[before..].iter().any(|one| matches!(one, Notice::Asked(_)))
    });
    let taro = asked(&world) == Some(world.user("taro").id());
    let [named, other] = if taro { ["taro", "hanako"] } else { ["hanako", "taro"] };
    let due = |world: &World| {
        let wake = world.user("jiro").terminal.wake().expect("something is due");
        assert_eq!(wake.why, Duty::Ask);
        wake.at
    };
    let (began, wait) = (world.ms, due(&world) - world.ms);
    let key = world.user("jiro").current().expect("a record").prefix();
    let others = SealedBox { whom: MemberHint([7; 4]), key: Wrapped([8; 32]) };
    let frame = Frame::Boxes { key, boxes: vec![others] };
    world.run(4_000);
    world.inject_frame(other, &frame);
    assert_eq!(due(&world), began + wait, "{other} was not asked");
    let end = began + ASK_BACKOFF_MAX;
    while world.ms + 10_000 < end {
        world.run(10_000);
        world.inject_frame(named, &frame);
        assert_eq!(due(&world), (world.ms + wait).min(end));
    }
}

/// Where one hands the key to many, whoever lacks it has its turn yet, and makes no other; but it does not
/// wait for ever.
#[test]
fn who_lacks_the_key_makes_no_other_while_it_is_handed_out() {
    for handed_out in [false, true] {
        let mut world = world();
        // The key and grants of it are lost to hanako.
        world.filter = Box::new(|line, to| !matches!(line.kind(), Some(4..=5)) || to != "hanako");
        let count = world.lines.len();
        let before = world.user("hanako").current().expect("a record").prefix();
        world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
        world.announce("taro");
        let began = world.ms;
        let key = world.user("hanako").current().expect("a record").prefix();
        let whom = world.user("jiro").id().hint();
        let others = SealedBox { whom, key: Wrapped([8; 32]) };
        let frame = Frame::Boxes { key, boxes: vec![others] };
        let other = Frame::Boxes { key: before, boxes: vec![others] };
        while world.ms + 10_000 <= began + GIVEN_MAX + 3 * GRACE {
            world.run(10_000);
            // From where no seat is, or for another record, it says nothing.
            world.inject_frame("jiro", &frame);
            world.inject_frame("taro", &other);
            if handed_out {
                world.inject_frame("taro", &frame);
            }
        }
        let made = world.makers(count);
        let missing = made.iter().find(|(_, _, cause)| *cause == Cause::Missing);
        let (at, who, _) = missing.expect("a key");
        let since = began + if handed_out { GIVEN_MAX } else { 0 };
        assert_eq!((*at, *who), (since + 2 * GRACE, "hanako"), "{handed_out}");
    }
}

#[test]
fn after_the_greatest_counter_texts_go_on_under_another_tag() {
    let mut world = world();
    world.say("taro", "the first");
    world.user_mut("taro").terminal.skip_texts(CHANNEL, COUNTER_MAX - 1);
    let count = world.lines.len();
    world.say("taro", "the last");
    world.say("taro", "the next");
    let frames: Vec<(u64, &str, Vec<u8>)> = world.frames(count);
    let frames: Vec<Frame<'_>> =
        frames.iter().map(|(_, _, bytes)| Frame::decode(bytes).expect("a frame")).collect();
    let [
        Frame::Text { header: last, .. },
        Frame::Hello { hello, .. },
        Frame::Text { header: next, .. },
    ] = &frames[..]
    else {
        panic!("{frames:?}");
    };
    assert_eq!((last.counter, next.counter), (COUNTER_MAX, 0));
    assert_ne!(last.tag, next.tag);
    assert_eq!(hello.hello.tag, next.tag);
    assert_eq!(world.user("jiro").texts(), ["the first", "the last", "the next"]);
}

#[test]
fn every_frame_with_a_sealed_key_has_an_ephemeral_of_its_own() {
    let mut world = world();
    for number in 0..12_u8 {
        let modes = if number % 2 == 0 { "+d jiro" } else { "-d jiro" };
        world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("a list");
        world.part("jiro");
        world.run(60_000);
        world.join("jiro");
        world.run(60_000);
    }
    let frames = world.frames(0);
    let frames = frames.iter().map(|(_, _, bytes)| Frame::decode(bytes).expect("a frame"));
    let ephemerals: Vec<Point> = frames
        .filter_map(|frame| match frame {
            Frame::Sealed { ephemeral, .. } => Some(ephemeral),
            _ => None,
        })
        .collect();
    let different: BTreeSet<[u8; 33]> = ephemerals.iter().map(|point| point.0).collect();
    assert!(ephemerals.len() > 24, "{}", ephemerals.len());
    assert_eq!(different.len(), ephemerals.len());
}
