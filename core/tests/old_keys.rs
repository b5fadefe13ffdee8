//! Older keys: who is handed one, who asks for one, and that a wiped one is gone (R-KEY-3, R-OBT-3,
//! R-DIS-4; spec chapter 7, "Keys held", and chapter 9, "Granting").

use crate::rig;

use keyrota::spec::limits::{ASK_JITTER, ASK_SPREAD, ASK_WAIT, COLLECT, HOLD};
use keyrota::spec::{Ask, Frame, KeyHint, KeyId};
use keyrota::{Command, Config, Event, Notice, OldKeys, Refusal, Settings};
use rig::{CHANNEL, Relayed, World};

const SEATS: [&str; 3] = ["taro", "hanako", "jiro"];
const FORGET: Command<'_> = Command::Forget { channel: CHANNEL };
/// Longer than an ask that somebody grants takes.
const GRANTED: u64 = ASK_JITTER + 2 * (COLLECT + ASK_SPREAD);

/// Three with seats; nothing is renewed by the clock.
fn world(mut adjust: impl FnMut(&str, &mut Config)) -> World {
    World::seated_with(&SEATS, |nick, config| {
        config.channel.triggers.period = None;
        adjust(nick, config);
    })
}

fn ask(key: KeyHint) -> Command<'static> {
    Command::AskOld { channel: CHANNEL, key }
}

/// Another key, under the one before.
fn refresh(world: &mut World) -> KeyId {
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(61_000);
    world.agreed()
}

/// Another key, sealed to each.
fn rotate(world: &mut World) -> KeyId {
    let list = world.user("taro").view().list().expect("a list").clone();
    let seated = list.seat_of(&world.user("jiro").id()).is_some_and(|(_, one)| one.rights.update);
    let modes = if seated { "-x jiro" } else { "+x jiro" };
    world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("a list");
    world.run(61_000);
    world.agreed()
}

fn keys(world: &World, nick: &str) -> Vec<KeyId> {
    world.user(nick).view().keys().collect()
}

fn told(world: &World, nick: &str, notice: &Notice) -> usize {
    world.user(nick).notices.iter().filter(|told| *told == notice).count()
}

/// The server repeats lines to one of them alone.
fn repeat(world: &mut World, to: &str, lines: &[Relayed]) {
    for line in lines {
        let (channel, nick, text) = (CHANNEL, line.nick.as_str(), line.text.as_str());
        world.event(to, Event::Line { channel, nick, text });
    }
    world.deliver();
}

/// What taro says now and the key it is under; the lines reach nobody unless they are repeated.
fn unheard(world: &mut World, text: &str) -> (Vec<Relayed>, KeyId) {
    let (count, key) = (world.lines.len(), world.user("taro").sealing().expect("a key"));
    world.filter = Box::new(|_, _| false);
    world.say("taro", text);
    world.filter = Box::new(|_, _| true);
    (world.since(count).to_vec(), key)
}

// ---- to whom they go

/// goro comes after a key was superseded, and asks for it.
fn newcomer_asks(old_keys: OldKeys) -> (World, KeyId, Vec<Relayed>) {
    let mut world = world(|_, config| config.channel.old_keys = old_keys);
    // Whom all have met, so that no Hello need come along.
    world.say("taro", "hello");
    let (secret, old) = unheard(&mut world, "before goro");
    refresh(&mut world);
    world.add("goro", |config| config.channel.triggers.period = None);
    world.join("goro");
    world.run(5_000);
    world.say("taro", "welcome");
    world.command("goro", ask(old.hint())).expect("asked");
    (world, old, secret)
}

#[test]
fn who_came_later_gets_no_old_key_by_default() {
    let (mut world, old, secret) = newcomer_asks(OldKeys::MembersThen);
    repeat(&mut world, "goro", &secret);
    let unreadable = Notice::Unreadable { key: old.hint(), texts: 1 };
    world.run_until(HOLD, |world| told(world, "goro", &unreadable) == 1);
    assert_eq!(world.user("goro").texts(), ["welcome"]);
    assert!(!keys(&world, "goro").contains(&old));
}

#[test]
fn where_old_keys_go_to_all_who_came_later_gets_them() {
    let (mut world, old, secret) = newcomer_asks(OldKeys::All);
    let new = world.agreed();
    world.run(GRANTED);
    assert_eq!(told(&world, "goro", &Notice::OldKey(old)), 1);
    assert_eq!(keys(&world, "goro"), [new, old]);
    repeat(&mut world, "goro", &secret);
    assert_eq!(world.user("goro").texts(), ["welcome", "before goro"]);
    assert_eq!(world.agreed(), new, "an old key never seals");
}

/// Also to all does not mean to whoever is barred, or not accepted.
#[test]
fn to_all_is_to_all_who_may_hold_the_key() {
    let mut world = world(|_, config| config.channel.old_keys = OldKeys::All);
    let old = world.agreed();
    let bar = Command::Bar { channel: CHANNEL, nick: "jiro" };
    world.command("taro", bar).expect("barred");
    world.command("jiro", FORGET).expect("wiped");
    let count = world.lines.len();
    world.command("jiro", ask(old.hint())).expect("asked");
    world.run(HOLD);
    let granted = world.frames(count).into_iter().any(|(_, nick, bytes)| {
        nick != "jiro" && matches!(Frame::decode(&bytes), Ok(Frame::Sealed { .. }))
    });
    assert!(!granted);
    assert!(!keys(&world, "jiro").contains(&old));
}

/// jiro is away while two keys come and go, one of them sealed, and back under a third.
#[test]
fn who_left_and_came_back_is_no_member_of_the_time_between() {
    for (old_keys, entitled) in [(OldKeys::MembersThen, false), (OldKeys::All, true)] {
        let mut world = world(|_, config| config.channel.old_keys = old_keys);
        world.say("taro", "hello");
        world.part("jiro");
        world.run(70_000);
        let (secret, between) = unheard(&mut world, "while jiro was away");
        refresh(&mut world);
        world.join("jiro");
        world.run(10_000);
        world.say("taro", "welcome back");
        assert!(!keys(&world, "jiro").contains(&between));
        world.command("jiro", ask(between.hint())).expect("asked");
        repeat(&mut world, "jiro", &secret);
        world.run(HOLD);
        assert_eq!(keys(&world, "jiro").contains(&between), entitled, "{old_keys:?}");
        let shown = world.user("jiro").texts().contains(&"while jiro was away");
        assert_eq!(shown, entitled, "{old_keys:?}");
    }
}

// ---- asking by identifier

/// hanako misses a key altogether, and asks for it though no text needs it.
#[test]
fn who_was_a_member_then_gets_the_key_it_names() {
    let mut world = world(|_, _| {});
    world.say("hanako", "hello");
    world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &["jiro"]);
    world.filter = Box::new(|_, to| to != "hanako");
    world.run(10_000);
    let missed = world.user("taro").sealing().expect("a key");
    world.filter = Box::new(|_, _| true);
    let new = rotate(&mut world);
    assert!(!keys(&world, "hanako").contains(&missed));
    let count = world.lines.len();
    world.command("hanako", ask(missed.hint())).expect("asked");
    world.run(GRANTED);
    assert!(keys(&world, "hanako").contains(&missed));
    assert_eq!(told(&world, "hanako", &Notice::OldKey(missed)), 1);
    // One request, one answer, and then silence.
    world.run(HOLD);
    for (nick, kind) in [("hanako", 3), ("taro", 5)] {
        let sent = world.since(count).iter().filter(|line| line.kind() == Some(kind));
        assert!(sent.map(|line| line.nick.as_str()).eq([nick]));
    }
    assert_eq!(world.agreed(), new);
    let again = world.command("hanako", ask(missed.hint()));
    assert_eq!(again, Err(Refusal::Nothing));
}

#[test]
fn a_key_that_nobody_has_is_given_up_and_told() {
    let mut world = world(|_, _| {});
    let key = KeyHint([1, 2, 3]);
    let count = world.lines.len();
    world.command("hanako", ask(key)).expect("asked");
    let unreadable = Notice::Unreadable { key, texts: 0 };
    world.run_until(HOLD, |world| told(world, "hanako", &unreadable) == 1);
    world.run(HOLD);
    let asks = world.frames(count).into_iter().filter(|(_, nick, bytes)| {
        let what = match Frame::decode(bytes) {
            Ok(Frame::Hello { hello, .. }) => hello.hello.ask.map(|(what, _)| what),
            _ => None,
        };
        *nick == "hanako" && what == Some(Ask::Hint(key))
    });
    assert_eq!(asks.count(), 5);
    // The user can insist.
    let count = world.lines.len();
    world.command("hanako", ask(key)).expect("asked");
    assert_eq!(world.lines[count].nick, "hanako");
}

#[test]
fn without_a_record_there_is_no_older_key() {
    let mut world = World::new(&["taro"]);
    let refused = world.command("taro", ask(KeyHint([1, 2, 3])));
    assert_eq!(refused, Err(Refusal::NotJoined));
    assert_eq!(world.command("taro", FORGET), Err(Refusal::NotJoined));
    let (channel, nick) = (CHANNEL, "taro");
    world.event("taro", Event::Join { channel, nick });
    assert_eq!(world.command("taro", ask(KeyHint([1, 2, 3]))), Err(Refusal::NoKey));
    assert_eq!(world.command("taro", FORGET), Err(Refusal::NoKey));
}

// ---- how long they are kept

#[test]
fn a_key_goes_when_it_was_superseded_long_enough_ago() {
    let mut world = world(|nick, config| {
        config.channel.keep = (nick == "hanako").then_some(100);
    });
    let first = world.agreed();
    let count = world.lines.len();
    let second = refresh(&mut world);
    let came = world.since(count).iter().find(|line| line.kind() == Some(4)).expect("a key").at;
    assert!(keys(&world, "hanako").contains(&first));
    world.run(came + 100_000 - world.ms - 1);
    assert!(keys(&world, "hanako").contains(&first));
    world.run(1);
    assert_eq!(keys(&world, "hanako"), [second]);
    // Those of others stay; and so does the newest, however old it is.
    assert!(keys(&world, "jiro").contains(&first));
    world.run(10_000_000);
    assert_eq!(keys(&world, "hanako"), [second]);
    world.say("hanako", "still");
    assert_eq!(world.user("jiro").texts(), ["still"]);
}

#[test]
fn an_age_that_the_user_sets_later_counts_at_once() {
    let mut world = world(|_, _| {});
    refresh(&mut world);
    refresh(&mut world);
    let settings = Settings { keep: Some(0), ..Settings::default() };
    let refused = world.command("hanako", Command::Configure { channel: CHANNEL, settings });
    assert_eq!(refused, Err(Refusal::Settings));
    assert!(keys(&world, "hanako").len() > 2);
    let settings = Settings { keep: Some(1), ..Settings::default() };
    world.command("hanako", Command::Configure { channel: CHANNEL, settings }).expect("set");
    assert_eq!(keys(&world, "hanako"), [world.agreed()]);
}

/// Of a key that is missed and kept by nobody for long, what waited for it is read before it goes.
#[test]
fn a_key_that_comes_too_old_opens_what_waited_for_it() {
    for (keys_kept, keep) in [(1, None), (16, Some(1))] {
        let mut world = world(|nick, config| {
            if nick == "hanako" {
                (config.channel.keys, config.channel.keep) = (keys_kept, keep);
            }
        });
        world.say("taro", "hello");
        world.say("hanako", "hello");
        world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &["jiro"]);
        world.filter = Box::new(|_, to| to != "hanako");
        world.run(10_000);
        let (late, missed) = unheard(&mut world, "late");
        let new = rotate(&mut world);
        repeat(&mut world, "hanako", &late);
        world.run(GRANTED);
        assert_eq!(world.user("hanako").texts(), ["hello", "late"]);
        assert_eq!(keys(&world, "hanako"), [new]);
        // Once: then it was wiped, and nobody is asked again; its author may lag, and is told of the current record.
        let count = world.lines.len();
        repeat(&mut world, "hanako", &late);
        world.run(HOLD);
        let kinds: Vec<_> = world.since(count).iter().map(Relayed::kind).collect();
        assert_eq!(kinds, [Some(7)]);
        let unreadable = Notice::Unreadable { key: missed.hint(), texts: 1 };
        assert_eq!(told(&world, "hanako", &unreadable), 1);
    }
}

// ---- wiping

/// hanako, who holds a sealed key, two wrapped after it, and another sealed one, wipes all but the
/// last. Returns all lines so far, and the keys.
fn wiped() -> (World, Vec<Relayed>, Vec<KeyId>) {
    let mut world = world(|_, _| {});
    let mut made = vec![rotate(&mut world)];
    world.say("taro", "under the first");
    made.push(refresh(&mut world));
    made.push(refresh(&mut world));
    let lines = world.lines.clone();
    assert_eq!(keys(&world, "hanako")[keys(&world, "hanako").len() - 3..], made);
    world.command("hanako", FORGET).expect("wiped");
    (world, lines, made)
}

#[test]
fn the_newest_key_stays_and_works() {
    let (mut world, _, made) = wiped();
    assert_eq!(keys(&world, "hanako"), [made[2]]);
    world.say("hanako", "and now");
    assert_eq!(world.user("taro").texts(), ["and now"]);
    refresh(&mut world);
    rotate(&mut world);
    world.say("taro", "goes on");
    assert!(world.user("hanako").texts().contains(&"goes on"));
}

/// Everything that was ever sent comes again: sealed key, those wrapped under it, and texts.
#[test]
fn what_was_wiped_does_not_come_back_by_old_lines() {
    let (mut world, lines, made) = wiped();
    let (texts, count) = (world.user("hanako").texts().len(), world.lines.len());
    for _ in 0..2 {
        repeat(&mut world, "hanako", &lines);
        world.run(HOLD);
        assert_eq!(keys(&world, "hanako"), [made[2]]);
    }
    assert_eq!(world.user("hanako").texts().len(), texts, "shown twice");
    let asked = world.frames(count).into_iter().any(|(_, nick, bytes)| {
        let frame = Frame::decode(&bytes);
        let asks = matches!(frame, Ok(Frame::Hello { hello, .. }) if hello.hello.ask.is_some());
        nick == "hanako" && asks
    });
    assert!(!asked, "a wiped key was asked for");
    let unreadable = Notice::Unreadable { key: made[0].hint(), texts: 1 };
    assert!(told(&world, "hanako", &unreadable) > 0);
}

/// A key that went by number or age does not either, though the member key still opens its box.
#[test]
fn nor_do_keys_that_went_by_number_or_age() {
    for (keys_kept, keep) in [(1, None), (16, Some(1))] {
        let mut world = world(|nick, config| {
            if nick == "hanako" {
                (config.channel.keys, config.channel.keep) = (keys_kept, keep);
            }
        });
        rotate(&mut world);
        refresh(&mut world);
        let lines = world.lines.clone();
        let new = rotate(&mut world);
        repeat(&mut world, "hanako", &lines);
        world.run(HOLD);
        assert_eq!(keys(&world, "hanako"), [new]);
        assert_eq!(told(&world, "hanako", &Notice::OldKey(lines_key(&lines))), 0);
    }
}

/// The KeyId of the last key made in these lines.
fn lines_key(lines: &[Relayed]) -> KeyId {
    let record = lines.iter().rev().find_map(|line| match Frame::decode(&line.bytes()?) {
        Ok(Frame::Refresh { record, .. } | Frame::Sealed { record, .. }) => Some(record),
        _ => None,
    });
    let bytes = record.expect("a record").record.to_bytes();
    KeyId::first_of(&keyrota::crypto::hash(keyrota::spec::label::KEY, &[&bytes]))
}

/// Whoever was asked for a wiped key does not have it.
#[test]
fn a_wiped_key_is_granted_to_nobody() {
    let mut world = world(|_, config| config.channel.old_keys = OldKeys::All);
    let old = world.agreed();
    refresh(&mut world);
    for nick in SEATS {
        world.command(nick, FORGET).expect("wiped");
    }
    let count = world.lines.len();
    world.command("jiro", ask(old.hint())).expect("asked");
    world.run(HOLD);
    let refused = |(_, _, bytes): &(u64, &str, Vec<u8>)| {
        matches!(Frame::decode(bytes), Ok(Frame::Refusal { .. }))
    };
    let frames = world.frames(count);
    assert!(frames.iter().any(refused));
    let sealed = |(_, _, bytes): &(u64, &str, Vec<u8>)| {
        matches!(Frame::decode(bytes), Ok(Frame::Sealed { .. }))
    };
    assert!(!frames.iter().any(sealed));
}

/// The user changes its mind: the key comes, what was read under it is not shown again, and what
/// was not, is.
#[test]
fn the_user_can_have_a_wiped_key_back() {
    let (mut world, lines, made) = wiped();
    let texts = world.user("hanako").texts().len();
    world.command("hanako", ask(made[0].hint())).expect("asked");
    world.run_until(ASK_WAIT, |world| keys(world, "hanako").contains(&made[0]));
    repeat(&mut world, "hanako", &lines);
    assert_eq!(world.user("hanako").texts().len(), texts, "shown twice");
    // The one that it does not want back stays away, though now it could be unwrapped.
    assert!(!keys(&world, "hanako").contains(&made[1]));
}

/// What is wiped stays so over leaving and coming back.
#[test]
fn a_lie_about_leaving_undoes_no_wiping() {
    let mut world = world(|_, config| config.channel.old_keys = OldKeys::All);
    let old = rotate(&mut world);
    world.say("taro", "hello");
    refresh(&mut world);
    let lines = world.lines.clone();
    world.command("hanako", FORGET).expect("wiped");
    world.part("hanako");
    world.join("hanako");
    world.run(60_000);
    world.agreed();
    repeat(&mut world, "hanako", &lines);
    world.run(HOLD);
    assert!(!keys(&world, "hanako").contains(&old));
}

/// Leaving wipes all keys too, but the one that is still in use comes again.
#[test]
fn what_went_because_the_user_left_comes_again() {
    let mut world = world(|_, _| {});
    let key = world.agreed();
    let (channel, nick) = (CHANNEL, "hanako");
    // She alone is told so.
    world.event(nick, Event::Part { channel, nick });
    world.event(nick, Event::Join { channel, nick });
    let names = SEATS.map(|nick| (nick, false));
    world.event(nick, Event::Names { channel, names: &names });
    world.deliver();
    world.run(2 * ASK_WAIT);
    assert_eq!(world.agreed(), key);
}

/// With the keys goes the member key to which they were sealed, also the former one.
#[test]
fn wiping_draws_another_member_key() {
    let mut world = world(|_, _| {});
    let member_keys = |world: &World| {
        let frames = world.frames(0);
        let hellos = frames.iter().filter_map(|(_, nick, bytes)| match Frame::decode(bytes) {
            Ok(Frame::Hello { hello, .. }) if *nick == "hanako" => Some(hello.hello.member_key),
            _ => None,
        });
        let mut keys: Vec<_> = hellos.collect();
        keys.dedup();
        keys.len()
    };
    let before = member_keys(&world);
    world.command("hanako", FORGET).expect("wiped");
    assert_eq!(member_keys(&world), before + 1);
    // What is sealed from now on is for that, and no other opens a box any more.
    let tried = world.user("hanako").terminal.tally().multiply;
    rotate(&mut world);
    assert_eq!(world.user("hanako").terminal.tally().multiply, tried + 1);
    world.say("taro", "to the new one");
    assert_eq!(world.user("hanako").texts(), ["to the new one"]);
}
