//! What rules say besides: second and third parts of statements, of which other topics show the first (spec
//! chapters 9 and 11).

use crate::kept::{held, whisper, whisper_bytes};
use crate::peer::{Peer, seal};
use crate::rig;

use keyrota::spec::limits::{ASK_JITTER, ASK_SPREAD, ASK_WAIT, COLLECT, HOLD, MEMBER_KEY_AGE};
use keyrota::spec::{Cause, Frame, Hello, MemberHint, Query, Refused, Subject, Tag};
use keyrota::{Command, Event, GrantRule, Notice};
use rig::{CHANNEL, World};

const SEATS: [&str; 3] = ["taro", "hanako", "jiro"];

/// Three with seats, who renew nothing by themselves.
fn world() -> World {
    World::seated_with(&SEATS, |_, config| config.channel.triggers.period = None)
}

/// Somebody unknown comes, as all are told.
fn come(world: &mut World, nick: &str) {
    world.tell_all(Event::Join { channel: CHANNEL, nick });
    world.run(60_000);
}

/// How many frames of a kind a user sent since then.
fn sent(world: &World, since: usize, nick: &str, kind: u8) -> usize {
    let lines = world.since(since).iter().filter(|line| line.nick == nick);
    lines.filter(|line| line.kind() == Some(kind)).count()
}

fn told(world: &World, nick: &str, what: impl Fn(&Notice) -> bool) -> usize {
    world.user(nick).notices.iter().filter(|notice| what(notice)).count()
}

fn unreadable(world: &World, nick: &str) -> usize {
    told(world, nick, |notice| matches!(notice, Notice::Unreadable { .. }))
}

/// The newest Hello of taro's own.
fn own_hello(world: &World) -> Hello {
    let frames = world.frames(0);
    let hellos = frames.iter().rev().filter_map(|(_, nick, bytes)| match Frame::decode(bytes) {
        Ok(Frame::Hello { hello, relayed: false }) if *nick == "taro" => Some(hello.hello),
        _ => None,
    });
    hellos.into_iter().next().expect("a Hello")
}

// ---- asking

/// A key that comes to the member key of before opens for ten minutes after the day, and no longer.
#[test]
fn the_member_key_before_opens_boxes_for_ten_minutes() {
    for (late, opens) in [(HOLD - 1, true), (HOLD, false)] {
        let mut world = world();
        let hello = own_hello(&world);
        let next = 1_000 + MEMBER_KEY_AGE;
        world.run(next - world.ms);
        assert_ne!(own_hello(&world).member_key, hello.member_key);
        world.run(late);
        let before = world.user("taro").view().record().expect("a record").clone();
        let record = world.next_sealed("hanako", &before, 9);
        let signed = world.signed("hanako", record.clone());
        whisper(&mut world, "taro", "hanako", &seal(&signed, &[9; 32], &hello));
        let view = world.user("taro").view();
        assert_eq!(view.record(), Some(&record));
        let current = view.current().expect("a record");
        assert_eq!(view.keys().any(|key| key == current), opens, "{late} ms later");
    }
}

/// Nobody signs a refusal. One that names another is none for this asker.
#[test]
fn a_refusal_of_another_changes_nothing() {
    let mut world = world();
    world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &["hanako"]);
    world.filter = Box::new(|line, to| to != "jiro" || line.kind() == Some(7));
    let count = world.lines.len();
    world.announce("taro");
    world.run(COLLECT);
    assert_eq!(sent(&world, count, "jiro", 3), 1, "it has asked");
    let due = |world: &World| world.user("jiro").terminal.wake().expect("an ask").at;
    let refused = |world: &World| told(world, "jiro", |one| matches!(one, Notice::Refused { .. }));
    let refuse = |world: &mut World, whom: MemberHint| {
        let frame = Frame::Refusal { whom, reason: Refused::Key };
        whisper(world, "jiro", "hanako", &frame);
    };
    let (before, [taro, jiro]) = (due(&world), ["taro", "jiro"].map(|nick| world.user(nick).id()));
    refuse(&mut world, taro.hint());
    assert_eq!((due(&world), refused(&world)), (before, 0));
    refuse(&mut world, jiro.hint());
    assert!(due(&world) < before && before - world.ms > ASK_WAIT / 2);
    assert_eq!(refused(&world), 1);
}

/// hanako may hand out keys, and do nothing else. Her user revokes momo, whose ask is pending with her.
#[test]
fn an_ask_of_who_may_not_receive_by_then_is_dropped() {
    for revoked in [false, true] {
        let by_hand = |_: &str, config: &mut keyrota::Config| {
            config.channel.rule = GrantRule::ByHand;
            config.channel.triggers.period = None;
        };
        let mut world = World::with(&["taro", "hanako", "momo"], by_hand);
        world.seat(&["taro", "hanako"]);
        let modes = "-x hanako";
        world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("changed");
        world.run(60_000);
        world.hang("taro");
        let count = world.lines.len();
        world.join("momo");
        world.run(ASK_SPREAD - 1);
        if revoked {
            let member = world.user("momo").id();
            world.command("hanako", Command::Revoke { member }).expect("revoked");
        }
        assert_eq!(sent(&world, count, "hanako", 5), 0, "it is not due");
        world.run(1);
        assert_eq!(sent(&world, count, "hanako", 5) == 0, revoked);
    }
}

/// Hellos that anybody can cause: not another one within ten seconds.
#[test]
fn who_is_asked_who_it_is_says_so_once_in_ten_seconds() {
    let mut world = world();
    come(&mut world, "eve");
    let whom = world.user("taro").id().hint();
    let query = Frame::Query(Query { whom: Some(whom), what: Subject::Hello(whom) });
    for (wait, answers) in [(0, 1), (0, 0), (ASK_JITTER - 1, 0), (1, 1)] {
        world.run(wait);
        let count = world.lines.len();
        whisper(&mut world, "taro", "eve", &query);
        assert_eq!(sent(&world, count, "taro", 3), answers, "{wait} ms later");
    }
}

/// Who uses taro's key hears of it by a later Hello; and no more than once in ten seconds.
#[test]
fn who_has_the_same_key_is_told_by_a_later_hello() {
    let mut world = world();
    come(&mut world, "eve");
    let copy = Peer::new(1, "taro");
    assert_eq!(copy.id, world.user("taro").id());
    let time = world.now().unix + 60;
    for (number, answers) in [(0, 1), (1, 0)] {
        let count = world.lines.len();
        whisper(&mut world, "taro", "eve", &copy.hello(time + 10 * number, None));
        assert_eq!(sent(&world, count, "taro", 3), answers);
        assert_eq!(own_hello(&world).time, time + 1);
    }
    assert_eq!(told(&world, "taro", |notice| *notice == Notice::Clone), 2);
}

// ---- texts

/// A text of this peer under the current key, as hanako hears it.
fn text(world: &World, peer: &Peer, header: (Tag, u32), content: &str) -> Vec<u8> {
    let (place, key) = held(world, "hanako");
    peer.text(place, &key, header, true, content)
}

/// The author is not known; somebody else claims its tag meanwhile. That makes the text wait no longer.
#[test]
fn a_text_that_must_wait_again_waits_no_longer_for_that() {
    let mut world = world();
    ["eve", "goro"].into_iter().for_each(|nick| come(&mut world, nick));
    let (momo, mut goro) = (Peer::new(50, "momo"), Peer::new(51, "goro"));
    goro.tag = momo.tag;
    let bytes = text(&world, &momo, (momo.tag, 0), "who am I?");
    whisper_bytes(&mut world, "hanako", "eve", &bytes);
    world.run(HOLD - 60_000);
    let time = world.now().unix;
    whisper(&mut world, "hanako", "goro", &goro.hello(time, None));
    world.run(60_000 - 1);
    assert_eq!(unreadable(&world, "hanako"), 0);
    world.run(1);
    assert_eq!(unreadable(&world, "hanako"), 1);
}

/// The same bytes wait once, however often they come.
#[test]
fn a_text_that_comes_again_waits_once() {
    let mut world = world();
    come(&mut world, "eve");
    let momo = Peer::new(50, "momo");
    let bytes = text(&world, &momo, (momo.tag, 0), "who am I?");
    (0..3).for_each(|_| whisper_bytes(&mut world, "hanako", "eve", &bytes));
    world.run(HOLD);
    assert_eq!(unreadable(&world, "hanako"), 1);
}

/// A text whose author has another tag by now is heard again when a Hello comes from the nick that it came
/// from: not when one comes from another.
#[test]
fn a_text_is_heard_again_when_who_is_at_its_nick_is_known() {
    let mut world = world();
    ["momo", "goro"].into_iter().for_each(|nick| come(&mut world, nick));
    let (momo, goro) = (Peer::new(50, "momo"), Peer::new(51, "goro"));
    let bytes = text(&world, &momo, (Tag([9; 4]), 0), "under another tag");
    whisper_bytes(&mut world, "hanako", "momo", &bytes);
    let time = world.now().unix;
    whisper(&mut world, "hanako", "goro", &goro.hello(time, None));
    assert!(world.user("hanako").shown.is_empty());
    whisper(&mut world, "hanako", "momo", &momo.hello(time, None));
    let shown: Vec<_> =
        world.user("hanako").shown.iter().map(|one| (one.name.as_deref(), &*one.text)).collect();
    assert_eq!(shown, [(Some("momo"), "under another tag")]);
}

// ---- coming back

/// taro was away for a moment, and knows from before that jiro holds the key, who has said nothing since.
#[test]
fn who_comes_back_knows_who_holds_the_key() {
    for leaves in [false, true] {
        let mut world = World::with(&SEATS, |_, config| {
            config.channel.rule = GrantRule::ByHand;
            config.channel.triggers.period = None;
        });
        world.seat(&["taro", "hanako"]);
        world.join("jiro");
        world.run(120_000);
        let key = world.agreed();
        if leaves {
            world.part("taro")
        } else {
            world.lose("taro")
        }
        world.run(1_000);
        world.join("taro");
        world.run(120_000);
        assert_eq!(world.agreed(), key);
        // All hear that jiro is here.
        let whom = world.user("jiro").id().hint();
        let query = Frame::Query(Query { whom: Some(whom), what: Subject::Hello(whom) });
        whisper(&mut world, "jiro", "hanako", &query);
        world.hang("hanako");
        world.part("jiro");
        world.run(60_000);
        let taro = world.user("taro");
        assert_ne!(taro.current(), Some(key));
        assert_eq!(taro.cause(), Cause::Exclusion, "{leaves}");
    }
}
