//! What comes to its end or its edge, and that nothing else shows: epochs, old Hellos, conversations with
//! strangers, texts that were under way, and whose word counts for what (R-EXP-1, R-DIS-5, R-ONE-2).

use crate::rig;

use keyrota::spec::limits::EPOCH_MAX;
use keyrota::spec::{Ask, Cause, Entry, Frame, Record};
use keyrota::{Command, Event, GrantRule, Protection, Rejection, SelfSigned};
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
