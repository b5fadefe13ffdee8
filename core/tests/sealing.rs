//! Which key a text goes under, and what happens while that key is missing (R-MSG-1, R-MSG-2,
//! R-EXP-2, R-UPD-5).

use crate::rig;

use keyrota::spec::Cause;
use keyrota::spec::limits::{
    ASK_JITTER, ASK_WAIT, COLLECT, DEPARTURE, GRACE, HOLD, OUTBOX_MAX, SEALED_GAP,
};
use keyrota::{Command, Notice, Protection, Refusal};
use rig::{CHANNEL, World};

const SEATS: [&str; 4] = ["taro", "hanako", "jiro", "saburo"];

/// What the founder does so that its next key is sealed: it changes the list.
const CHANGE: Command<'_> = Command::Mode { channel: CHANNEL, modes: "-d saburo" };
const WISH: Command<'_> = Command::Refresh { channel: CHANNEL };

/// How many texts were sent since there were `count` lines.
fn texts_sent(world: &World, count: usize) -> usize {
    world.since(count).iter().filter(|line| matches!(line.kind(), Some(0..=2))).count()
}

#[test]
fn a_key_that_nobody_has_is_replaced_by_position_p_after_p_and_one_graces() {
    for (command, silent) in [(CHANGE, 0), (CHANGE, 1), (WISH, 0), (WISH, 1)] {
        let mut world = World::seated(&SEATS);
        world.make_unheard("taro", command.clone(), &[]);
        world.hang("taro");
        let (now, count) = (world.ms, world.lines.len());
        world.announce("taro");
        for nick in &SEATS[1..1 + silent] {
            world.hang(nick);
        }
        // The founder is before them all in the order: it does not count as silent yet.
        let (position, nick) = (1 + silent as u64, SEATS[1 + silent]);
        let due = now + (position + 1) * GRACE;
        world.run(due - 1 - world.ms);
        assert_eq!(world.makers(count), [], "{command:?}");
        world.run(1);
        assert_eq!(world.makers(count), [(due, nick, Cause::Missing)], "{command:?}");
        let key = world.agreed();
        world.resume("taro");
        assert_eq!(world.agreed(), key, "it is above the one that nobody had");
    }
}

#[test]
fn a_text_waits_for_the_key_rather_than_go_under_an_older_one() {
    let mut world = World::seated(&SEATS);
    world.make_unheard("taro", CHANGE, &[]);
    world.hang("taro");
    world.announce("taro");
    let count = world.lines.len();
    world.say("jiro", "one");
    world.say("jiro", "two");
    world.run(2 * GRACE - 1);
    assert_eq!(texts_sent(&world, count), 0);
    assert_eq!(world.user("jiro").sealing(), None);
    world.run(1);
    assert_eq!(texts_sent(&world, count), 2);
    let shown = &world.user("saburo").shown;
    let shown: Vec<_> = shown.iter().map(|one| (one.text.as_str(), one.protection)).collect();
    assert_eq!(shown, [("one", Protection::Sealed), ("two", Protection::Sealed)]);
    assert_eq!(world.user("jiro").faults(), []);
}

#[test]
fn a_text_that_found_no_key_in_ten_minutes_is_handed_back() {
    let mut world = World::seated(&SEATS);
    world.add("goro", |_| {});
    world.join("goro");
    world.run(SEALED_GAP);
    world.make_unheard("taro", CHANGE, &[]);
    for nick in SEATS {
        world.hang(nick);
    }
    world.announce("taro");
    let count = world.lines.len();
    world.say("goro", "one");
    world.run(1_000);
    world.say("goro", "two");
    let handed_back = |world: &World| {
        let notices = world.user("goro").notices.iter();
        let unsent = notices.filter_map(|notice| match notice {
            Notice::Unsent(text) => Some(text.clone()),
            _ => None,
        });
        unsent.collect::<Vec<_>>()
    };
    world.run(HOLD - 1_001);
    assert_eq!(handed_back(&world), [""; 0]);
    world.run(1);
    assert_eq!(handed_back(&world), ["one"]);
    world.run(1_000);
    assert_eq!(handed_back(&world), ["one", "two"]);
    // Nothing comes out later.
    for nick in SEATS {
        world.resume(nick);
    }
    world.run(HOLD);
    world.agreed();
    assert_eq!(texts_sent(&world, count), 0);
}

#[test]
fn so_many_texts_wait_and_no_more() {
    let mut world = World::new(&["taro", "hanako"]);
    world.filter = Box::new(|_, _| false);
    world.join("taro");
    world.join("hanako");
    let say = Command::Say { channel: CHANNEL, text: "hello?", signed: None };
    for _ in 0..OUTBOX_MAX {
        world.command("hanako", say.clone()).expect("kept");
    }
    assert_eq!(world.command("hanako", say), Err(Refusal::OutboxFull));
    world.filter = Box::new(|_, _| true);
    world.run(ASK_WAIT * 2);
    assert_eq!(world.user("taro").texts().len(), OUTBOX_MAX);
}

#[test]
fn leaving_hands_back_what_waits() {
    let mut world = World::new(&["taro", "hanako"]);
    world.filter = Box::new(|_, _| false);
    world.join("taro");
    world.join("hanako");
    world.say("hanako", "hello?");
    world.part("hanako");
    let notice = Notice::Unsent("hello?".into());
    assert!(world.user("hanako").notices.contains(&notice));
}

#[test]
fn who_missed_a_refresh_goes_on_under_the_key_before_and_asks() {
    let mut world = World::seated(&SEATS);
    world.make_unheard("taro", WISH, &["hanako", "saburo"]);
    world.announce("taro");
    assert_ne!(world.user("jiro").sealing(), world.user("jiro").current());
    world.say("jiro", "under the last one");
    let shown = world.user("hanako").shown.last().expect("a text");
    assert_eq!((&*shown.text, shown.protection), ("under the last one", Protection::Sealed));
    world.run(ASK_JITTER + COLLECT);
    world.agreed();
}

#[test]
fn who_missed_a_new_list_is_marked_and_told() {
    let mut world = World::seated(&SEATS);
    world.make_unheard("taro", CHANGE, &["hanako", "saburo"]);
    // So long a text may have been under way.
    world.run(GRACE + 1);
    world.say("jiro", "am I late?");
    for nick in ["taro", "hanako", "saburo"] {
        let shown = world.user(nick).shown.last().expect("a text");
        assert_eq!(shown.protection, Protection::OldKey, "{nick}");
    }
    // The first announces, the late one asks.
    let current = world.user("taro").current();
    world.run_until(DEPARTURE, |world| world.user("jiro").current() == current);
    world.run_until(ASK_JITTER + COLLECT, |world| world.user("jiro").sealing() == current);
    world.agreed();
    world.say("jiro", "no more");
    let shown = world.user("hanako").shown.last().expect("a text");
    assert_eq!(shown.protection, Protection::Sealed);
}

#[test]
fn an_expired_key_opens_and_does_not_seal() {
    const MINUTE: u64 = 60_000;
    let mut world = World::seated_with(&SEATS, |_, config| {
        config.channel.lifetime = 60;
        config.channel.triggers.period = None;
    });
    let made = world.makers(0).last().expect("the list was changed").0 / MINUTE * MINUTE;
    world.run(made + 30 * MINUTE - world.ms);
    world.add("goro", |_| {});
    world.join("goro");
    world.run(10_000);
    for nick in SEATS {
        world.hang(nick);
    }
    // What is left is counted from the record's time, not from when the key came; but clocks may
    // be ten minutes apart.
    world.run(made + 70 * MINUTE - 1 - world.ms);
    let count = world.lines.len();
    world.say("goro", "in time");
    assert_eq!(texts_sent(&world, count), 1);
    world.run(1);
    let count = world.lines.len();
    world.say("goro", "too late");
    assert_eq!(texts_sent(&world, count), 0);
    assert_eq!(world.user("goro").sealing(), None);
    let resumed = world.ms;
    world.resume("hanako");
    world.run_until(3 * GRACE, |world| world.user("hanako").texts().contains(&"too late"));
    let (at, maker, _) = world.makers(count)[0];
    assert_eq!(maker, "hanako");
    assert!(at >= resumed);
    // The other, under the expired key, opened all the same.
    assert_eq!(world.user("hanako").texts(), ["in time", "too late"]);
    world.agreed_by(&["hanako", "goro"]);
}
