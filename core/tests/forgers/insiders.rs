//! What a holder of the key, or whoever asks for one, can do to others: nothing (spec chapters 9,
//! 11 and 13).

use keyrota::spec::{
    Ask, Descent, Entry, Frame, KeyId, List, MemberHint, MemberId, Point, Record, Rights,
    TextHeader, armor,
};
use keyrota::{Command, Event, Notice};

use crate::peer::{Peer, commit, hello_of, key_id};
use crate::rig::{CHANNEL, World};

/// All whole frames that were sent since there were `count` lines.
fn frames(world: &World, count: usize) -> Vec<Vec<u8>> {
    world.since(count).iter().filter_map(|line| line.bytes()).collect()
}

fn meet(world: &mut World, nick: &str) {
    world.tell_all(Event::Join { channel: CHANNEL, nick });
    world.run(100);
}

/// A peer asks, and gets this key.
fn granted(
    world: &mut World,
    peer: &Peer,
    ask: (Ask, Option<MemberHint>),
) -> Option<(KeyId, [u8; 32])> {
    let count = world.lines.len();
    world.run(3_000);
    let time = world.now().unix;
    world.inject_frame("eve", &peer.hello(time, Some(ask)));
    world.run(10_000);
    frames(world, count).iter().find_map(|bytes| peer.open(&Frame::decode(bytes).ok()?))
}

fn header(line: &str) -> TextHeader {
    let Some(armor::Line::Whole(bytes)) = armor::parse(line) else { panic!("{line}") };
    let Ok(Frame::Text { header, .. }) = Frame::decode(&bytes) else { panic!("{line}") };
    header
}

/// The line in which `taro` says this.
fn said(world: &mut World, text: &str) -> String {
    world.say("taro", text);
    world.lines.iter().rev().find(|line| line.nick == "taro").expect("a line").text.clone()
}

#[test]
fn nobody_uses_up_the_counters_of_another() {
    let mut world = World::joined(&["taro", "hanako"]);
    world.run(120_000);
    let eve = Peer::new(70, "eve");
    meet(&mut world, "eve");
    let (id, key) = granted(&mut world, &eve, (Ask::Latest, None)).expect("a key");
    let channel = world.user("taro").view().id().expect("a channel");
    let tag = hello_of(&world, "hanako").tag;
    let last = (tag, (1 << 21) - 1);
    let burnt = eve.text((channel, id), &key, last, false, "anybody");
    world.inject("eve", &armor::whole(&burnt));
    assert!(world.user("taro").texts().contains(&"anybody"));
    world.say("hanako", "it is me");
    assert!(world.user("taro").texts().contains(&"it is me"));
}

#[test]
fn a_member_key_that_is_none_gets_no_box() {
    let mut world = World::joined(&["taro", "hanako"]);
    world.run(120_000);
    let eve = Peer::new(70, "eve");
    meet(&mut world, "eve");
    let count = world.lines.len();
    let time = world.now().unix;
    let no_point = Point([5; 33]);
    world.inject_frame("eve", &eve.hello_with(no_point, time, Some((Ask::Latest, None))));
    world.run(60_000);
    for bytes in frames(&world, count) {
        assert!(Frame::decode(&bytes).is_ok(), "sent what everybody must reject");
    }
    let granted = Notice::Granted(eve.id);
    assert!(world.users.iter().all(|user| !user.notices.contains(&granted)));
}

#[test]
fn an_old_key_is_not_for_who_came_after_it_however_late_it_was_heard() {
    let mut world = World::seated(&["taro", "hanako"]);
    world.filter = Box::new(|_, to| to != "hanako");
    let modes = |world: &mut World, modes| {
        world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("done");
    };
    modes(&mut world, "-d hanako");
    let secret = said(&mut world, "before eve");
    modes(&mut world, "+d hanako");
    world.filter = Box::new(|_, _| true);
    world.say("taro", "are you there?");
    world.run(120_000);
    world.agreed();
    world.inject("taro", &secret);
    world.run(120_000);
    assert!(world.user("hanako").texts().contains(&"before eve"));

    let eve = Peer::new(70, "eve");
    meet(&mut world, "eve");
    assert!(granted(&mut world, &eve, (Ask::Latest, None)).is_some());
    let ask = (Ask::Hint(header(&secret).key), Some(world.user("hanako").id().hint()));
    assert_eq!(granted(&mut world, &eve, ask), None);
}

#[test]
fn the_genesis_stays_known_however_much_came_after_it() {
    let mut world = World::joined(&["taro", "hanako"]);
    world.run(120_000);
    for _ in 0..66 {
        world.command("taro", Command::Refresh { channel: CHANNEL }).expect("done");
        world.run(61_000);
    }
    world.add("jiro", |_| {});
    world.join("jiro");
    world.run(120_000);
    world.agreed();
    assert!(world.user("hanako").faults().is_empty(), "{:?}", world.user("hanako").faults());
}

#[test]
fn a_seat_that_was_never_seen_is_not_taken_before_a_day() {
    let mut world = World::with(&["taro"], |_, config| config.channel.found = false);
    // The clock's start says nothing: it may have run for days.
    world.ms = 500_000_000;
    world.join("taro");
    let (ada, eve) = (Peer::new(50, "ada"), Peer::new(70, "eve"));
    let unseen: Vec<MemberId> = (100..114).map(|number| Peer::new(number, "x").id).collect();
    let seats = [&[world.user("taro").id()], &unseen[..]].concat();
    let genesis = ada.genesis(&seats, &[1; 32]);
    meet(&mut world, "ada");
    let time = world.now().unix;
    world.inject_frame("ada", &ada.hello(time, None));
    world.inject_frame("ada", &ada.announce(&genesis));
    world.tell_all(Event::Part { channel: CHANNEL, nick: "ada" });
    world.run(100_000);
    meet(&mut world, "eve");
    let time = world.now().unix;
    world.inject_frame("eve", &eve.hello(time, Some((Ask::Latest, None))));
    world.run(700_000);
    let taro = world.user("taro");
    assert!(taro.notices.contains(&Notice::Granted(eve.id)));
    let list = taro.view().list().expect("a list");
    assert!(unseen.iter().all(|id| list.seat_of(id).is_some()));
}

#[test]
fn what_comes_under_no_nick_is_not_heard() {
    let mut world = World::joined(&["taro", "hanako"]);
    for (nick, heard) in [("n".repeat(200), true), ("n".repeat(201), false), ("a b".into(), false)]
    {
        let count = world.user("taro").shown.len();
        world.inject(&nick, "hello");
        assert_eq!(world.user("taro").shown.len() > count, heard, "{nick}");
    }
}

/// Whose identity is in use twice may have its list changed by the other terminal while it is alone.
#[test]
fn a_lone_founder_whose_copy_changed_the_list_can_be_restored() {
    let mut world = World::new(&["taro"]);
    world.join("taro");
    let view = world.user("taro").view();
    let (channel, genesis) =
        (view.id().expect("a channel"), view.record().expect("a record").clone());
    let copy = Peer::new(1, "taro");
    let eve = Peer::new(70, "eve");
    let mut entries = genesis.list.entries().to_vec();
    entries[0].changes = 1;
    entries.push(Entry::new(eve.id, Rights::NONE));
    let changed = copy.signed(Record {
        channel,
        list: List::new(entries).expect("a list"),
        descent: Descent::Sealed,
        commit: commit(&[5; 32], &channel),
        ..genesis
    });
    world.inject_frame("momo", &copy.announce(&changed));
    assert_eq!(world.user("taro").current(), Some(key_id(&changed)));
    let saved = world.user("taro").terminal.save().to_vec();
    world.restart("taro", &saved, 9);
    world.join("taro");
    assert_eq!(world.user("taro").current(), Some(key_id(&changed)));
}
