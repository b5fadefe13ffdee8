//! One-to-one conversations: who begins, who answers, who renews, and what others can do about it
//! (R-ONE-1, R-ONE-2).

use crate::rig;

use keyrota::spec::limits::{GRACE, HOLD, OUTBOX_MAX};
use keyrota::spec::{Cause, ChannelId, Refused};
use keyrota::{Command, Event, Fault, Notice, Protection, Refusal, Renewer, SelfSigned};
use rig::{Shown, World};

const PERIOD: u64 = 3_600_000;

/// Two who have talked.
fn talking() -> World {
    talking_with(Renewer::Either)
}

fn talking_with(renewer: Renewer) -> World {
    let mut world = World::with(&["taro", "hanako"], |_, config| config.channel.renewer = renewer);
    world.tell("taro", "hanako", "hello");
    world.run(5_000);
    world.tell("hanako", "taro", "hello to you");
    world.run(60_000);
    agree(&world);
    world
}

/// Both have the same key, which seals; which one.
fn agree(world: &World) -> keyrota::spec::KeyId {
    let key = |nick: &str, peer: &str| {
        let view = world.user(nick).with(peer);
        assert_eq!(view.current(), view.sealing(), "{nick} has the current key");
        view.current().expect("a key")
    };
    let (one, other) = (key("taro", "hanako"), key("hanako", "taro"));
    assert_eq!(one, other);
    one
}

fn texts<'a>(world: &'a World, nick: &str) -> Vec<&'a str> {
    world.user(nick).texts()
}

fn told(world: &World, nick: &str, what: impl Fn(&Notice) -> bool) -> usize {
    world.user(nick).notices.iter().filter(|notice| what(notice)).count()
}

fn shown(place: &str, name: &str, text: &str) -> Shown {
    let (protection, again) = (Protection::Sealed, false);
    Shown { place: place.into(), name: Some(name.into()), text: text.into(), protection, again }
}

/// The kinds of the frames sent since there were `count` lines, each with its sender.
fn sent(world: &World, count: usize) -> Vec<(&str, u8)> {
    let lines = world.since(count).iter();
    lines.map(|line| (line.nick.as_str(), line.kind().expect("a frame"))).collect()
}

// ---- the start

#[test]
fn one_starts_the_other_makes_the_key_and_returns_it() {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("taro", "hanako", "hello");
    let frames = [("taro", 3), ("hanako", 3), ("hanako", 5), ("taro", 0)];
    assert_eq!(sent(&world, 0), frames, "certificate; certificate and key; text");
    assert_eq!(world.user("hanako").shown, [shown("taro", "taro", "hello")]);
    let view = world.user("taro").with("hanako");
    let record = view.record().expect("a record");
    assert_eq!(record.author_entry().map(|seat| seat.id), Some(world.user("hanako").id()));
    assert_eq!((record.epoch, record.cause), (0, Cause::Founding));
    assert_eq!(view.peer(), Some(world.user("hanako").id()));
    let before = world.lines.len();
    world.tell("hanako", "taro", "hello to you");
    assert_eq!(sent(&world, before), [("hanako", 0)], "one line from now on");
    assert_eq!(world.user("taro").shown, [shown("hanako", "hanako", "hello to you")]);
    assert_eq!(agree(&world), world.user("taro").with("hanako").keys().next().expect("a key"));
}

#[test]
fn both_see_one_fingerprint_and_the_other_peer() {
    let world = talking();
    let view = world.user("taro").with("hanako");
    assert_eq!(view.id(), world.user("hanako").with("taro").id());
    let (mut low, mut high) = (world.user("taro").id(), world.user("hanako").id());
    if high < low {
        (low, high) = (high, low);
    }
    let hash = keyrota::crypto::hash(b"keyrota/1 direct\0", &[&low.0, &high.0]);
    assert_eq!(view.id(), Some(ChannelId(hash[..16].try_into().expect("16 bytes"))));
    let seats: Vec<_> = view.list().expect("a list").seats().map(|(_, seat)| seat.id).collect();
    assert_eq!(seats, [low, high]);
}

#[test]
fn an_illegitimate_certificate_is_refused_and_told() {
    let mut world = World::with(&["taro", "hanako"], |nick, config| {
        if nick == "hanako" {
            config.authentication.self_signed = SelfSigned::Refuse;
        }
    });
    world.tell("taro", "hanako", "hello");
    assert_eq!(sent(&world, 0), [("taro", 3), ("hanako", 9)]);
    let refused = |notice: &Notice| matches!(notice, Notice::Refused { reason, .. } if *reason == Refused::Certificate);
    assert_eq!(told(&world, "taro", refused), 1);
    assert!(world.user("hanako").with("taro").id().is_none());
    world.run(HOLD);
    assert_eq!(told(&world, "taro", |one| *one == Notice::Unsent("hello".into())), 1);
    assert_eq!(told(&world, "taro", |one| *one == Notice::NobodyAnswers), 1);
    let before = world.lines.len();
    world.run(10 * PERIOD);
    assert_eq!(world.lines.len(), before, "and that is it");
}

/// What hanako answers is lost, until her user says something new: all that waits goes out.
#[test]
fn a_text_said_after_five_asks_has_the_peer_asked_at_once() {
    let mut world = World::new(&["taro", "hanako"]);
    world.filter = Box::new(|line, _| line.nick != "hanako");
    world.tell("taro", "hanako", "hello");
    world.run(140_000);
    let asks = |world: &World| world.lines.iter().filter(|line| line.nick == "taro").count();
    assert_eq!(asks(&world), 5);
    world.filter = Box::new(|_, _| true);
    world.tell("taro", "hanako", "are you there?");
    world.run(1_000);
    assert_eq!(texts(&world, "hanako"), ["hello", "are you there?"]);
    assert_eq!(told(&world, "taro", |one| matches!(one, Notice::Unsent(_))), 0);
    assert_eq!(told(&world, "taro", |one| *one == Notice::NobodyAnswers), 0);
}

/// A text while an ask is under way has nobody asked at once: five attempts are made for all of them.
#[test]
fn texts_have_a_silent_peer_asked_no_more_often() {
    let mut world = World::new(&["taro"]);
    for _ in 0..10 {
        world.tell("taro", "hanako", "hello");
        world.run(10_000);
    }
    assert_eq!(world.lines.len(), 4);
    world.run(PERIOD);
    assert_eq!(world.lines.len(), 5);
    assert_eq!(told(&world, "taro", |one| *one == Notice::Unsent("hello".into())), 10);
}

#[test]
fn a_peer_that_speaks_no_keyrota_is_asked_five_times_and_the_text_handed_back() {
    let mut world = World::new(&["taro"]);
    world.tell("taro", "hanako", "hello");
    world.run(PERIOD);
    assert_eq!(world.lines.len(), 5);
    assert!(world.lines.iter().all(|line| line.kind() == Some(3) && line.to == "hanako"));
    assert_eq!(told(&world, "taro", |one| *one == Notice::NobodyAnswers), 1);
    assert_eq!(told(&world, "taro", |one| *one == Notice::Unsent("hello".into())), 1);
    // Another text is another try; its user may as well declare the conversation plain.
    world.tell("taro", "hanako", "again");
    assert_eq!(world.lines.len(), 6);
    world.command("taro", Command::Plain { channel: "hanako", on: true }).expect("declared");
    world.tell("taro", "hanako", "plainly");
    assert_eq!(world.lines.last().expect("a line").text, "plainly");
    world.run(PERIOD);
    assert_eq!(world.lines.len(), 7, "nothing is asked for where nothing is sealed");
    assert_eq!(told(&world, "taro", |one| *one == Notice::Unsent("again".into())), 1);
}

#[test]
fn nothing_said_before_the_key_goes_out_plain_or_out_of_order() {
    let mut world = World::new(&["taro", "hanako"]);
    world.filter = Box::new(|line, _| line.kind() != Some(5));
    for number in 0..OUTBOX_MAX {
        world.tell("taro", "hanako", &format!("text {number}"));
    }
    let more = Command::Say { channel: "hanako", text: "one more", signed: None };
    assert_eq!(world.command("taro", more), Err(Refusal::OutboxFull));
    assert!(world.lines.iter().all(|line| line.kind() == Some(3) || line.kind() == Some(5)));
    world.filter = Box::new(|_, _| true);
    world.run(60_000);
    let expected: Vec<String> = (0..OUTBOX_MAX).map(|number| format!("text {number}")).collect();
    assert_eq!(texts(&world, "hanako"), expected);
}

#[test]
fn plain_private_lines_are_shown_as_what_they_are_and_begin_nothing() {
    let mut world = World::new(&["taro"]);
    world.inject_to("taro", "mallory", "psst");
    let line = &world.user("taro").shown[0];
    assert_eq!((line.place.as_str(), line.protection), ("mallory", Protection::Plain));
    assert!(world.user("taro").terminal.channel("mallory").is_none());
}

// ---- renewal

/// Runs a conversation past its period, hanako having spoken last; who made the keys, and when.
fn renewal_of(renewer: Renewer, hang: Option<&str>) -> (Vec<(u64, String, Cause)>, World) {
    let mut world = talking_with(renewer);
    if let Some(nick) = hang {
        world.hang(nick);
    }
    let (start, lines) = (world.ms, world.lines.len());
    world.run(PERIOD + 3 * GRACE);
    let makers = world.makers(lines);
    let makers = makers.iter().map(|(at, nick, why)| (at - start, nick.to_string(), *why));
    (makers.collect(), world)
}

#[test]
fn the_setting_says_who_renews_in_one_sealed_line() {
    for (renewer, who) in [(Renewer::LastSender, "hanako"), (Renewer::LastReceiver, "taro")] {
        let (makers, world) = renewal_of(renewer, None);
        assert_eq!(makers.len(), 1, "{renewer:?}: {makers:?}");
        assert_eq!((makers[0].1.as_str(), makers[0].2), (who, Cause::Period), "{renewer:?}");
        let record = world.user("taro").with("hanako").record().expect("a record").clone();
        assert_eq!((record.epoch, record.step()), (1, 0), "sealed, never wrapped");
        agree(&world);
        let lines = world.lines.iter().filter(|line| line.kind() == Some(5)).count();
        assert_eq!(lines, 2, "the first key and this one");
    }
    let (makers, world) = renewal_of(Renewer::Either, None);
    let first = world.user("taro").id().min(world.user("hanako").id());
    let first = if first == world.user("taro").id() { "taro" } else { "hanako" };
    assert_eq!(makers.iter().map(|maker| maker.1.as_str()).collect::<Vec<_>>(), [first]);
}

#[test]
fn the_other_steps_in_for_a_silent_one() {
    for (renewer, who) in [(Renewer::LastSender, "hanako"), (Renewer::LastReceiver, "taro")] {
        let on_time = renewal_of(renewer, None).0[0].0;
        let (makers, mut world) = renewal_of(renewer, Some(who));
        assert_eq!(makers.len(), 1, "{renewer:?}: {makers:?}");
        assert_ne!(makers[0].1, who);
        assert_eq!(makers[0].0, on_time + GRACE, "{renewer:?}");
        world.resume(who);
        world.run(60_000);
        agree(&world);
    }
}

#[test]
fn two_who_set_it_differently_both_renew_and_agree() {
    let mut world = World::with(&["taro", "hanako"], |nick, config| {
        // hanako speaks last: each takes itself for the first.
        let last = nick == "hanako";
        config.channel.renewer = if last { Renewer::LastSender } else { Renewer::LastReceiver };
    });
    world.tell("taro", "hanako", "hello");
    world.tell("hanako", "taro", "hello to you");
    let (before, lines) = (agree(&world), world.lines.len());
    world.run(PERIOD + 30_000);
    let makers = world.makers(lines);
    let (one, other) = (makers.first().expect("a key"), makers.get(1).expect("another"));
    assert_eq!((makers.len(), one.0), (2, other.0), "both, before either line had come");
    assert_ne!(agree(&world), before);
    world.tell("taro", "hanako", "still here");
    assert_eq!(texts(&world, "hanako").last(), Some(&"still here"));
}

#[test]
fn messages_and_wishes_renew_as_in_a_channel() {
    let mut world = World::with(&["taro", "hanako"], |_, config| {
        config.channel.triggers.messages = Some(5);
    });
    for number in 0..5 {
        world.tell("taro", "hanako", &format!("text {number}"));
        world.run(1_000);
    }
    world.run(60_000 + GRACE);
    let cause = |world: &World| world.user("hanako").with("taro").record().expect("one").cause;
    assert_eq!(cause(&world), Cause::Messages);
    let key = agree(&world);
    world.run(60_000);
    world.command("hanako", Command::Refresh { channel: "taro" }).expect("a wish");
    world.run(60_000 + GRACE);
    assert_eq!(cause(&world), Cause::Wish);
    assert_ne!(agree(&world), key);
}

#[test]
fn a_conversation_that_rests_makes_no_keys_and_wakes_up_when_somebody_speaks() {
    let mut world = talking();
    world.run(2 * PERIOD);
    let lines = world.lines.len();
    let key = agree(&world);
    world.run(20 * PERIOD);
    assert_eq!(world.since(lines).len(), 0, "unused since it came");
    // A day later it no longer seals: whoever is asked makes another.
    world.run(30 * PERIOD);
    assert_eq!(world.user("taro").with("hanako").sealing(), None, "over");
    world.tell("taro", "hanako", "good morning");
    world.run(2 * GRACE);
    assert_eq!(texts(&world, "hanako").last(), Some(&"good morning"));
    assert_ne!(agree(&world), key);
}

#[test]
fn a_peer_that_is_gone_for_days_costs_a_line_a_day() {
    let mut world = talking();
    world.hang("hanako");
    let lines = world.lines.len();
    world.run(100 * PERIOD);
    let since = sent(&world, lines);
    assert!(since.iter().filter(|(_, kind)| *kind == 5).count() <= 1, "{since:?}");
    assert!(since.len() <= 1 + 100 / 24, "{since:?}");
}

#[test]
fn nothing_is_sealed_for_a_peer_whose_certificate_was_revoked() {
    let mut world = talking();
    let member = world.user("hanako").id();
    world.command("taro", Command::Revoke { member }).expect("revoked");
    world.tell("taro", "hanako", "a secret");
    world.run(HOLD);
    assert!(!texts(&world, "hanako").contains(&"a secret"));
    assert_eq!(told(&world, "taro", |one| *one == Notice::Unsent("a secret".into())), 1);
    world.tell("hanako", "taro", "let me in");
    assert!(!texts(&world, "taro").contains(&"let me in"));
}

// ---- losing one's state

#[test]
fn who_was_started_anew_asks_again_and_reads_on() {
    let mut world = talking();
    let key = agree(&world);
    world.start_anew("hanako");
    world.tell("taro", "hanako", "are you there?");
    world.run(30_000);
    assert_eq!(texts(&world, "hanako").last(), Some(&"are you there?"), "its key was asked for");
    assert_eq!(agree(&world), key, "and is the same");
    world.tell("hanako", "taro", "again");
    assert_eq!(world.user("taro").shown.last(), Some(&shown("hanako", "hanako", "again")));
    // Likewise when the one who was started anew speaks first.
    world.run(60_000);
    world.start_anew("taro");
    world.tell("taro", "hanako", "and I?");
    world.run(30_000);
    assert_eq!(world.user("hanako").shown.last(), Some(&shown("taro", "taro", "and I?")));
    assert_eq!(agree(&world), key);
}

#[test]
fn who_lost_its_records_makes_no_second_first_one() {
    let mut world = talking();
    // taro has her first record, and its key no more; she has neither.
    world.command("taro", Command::Close { nick: "hanako" }).expect("closed");
    world.start_anew("hanako");
    world.tell("taro", "hanako", "good morning");
    world.run(60_000);
    assert_eq!(texts(&world, "hanako").last(), Some(&"good morning"));
    assert_eq!(told(&world, "taro", |one| matches!(one, Notice::SignedTwice(_))), 0);
    agree(&world);
}

#[test]
fn no_key_is_made_that_the_peer_cannot_get() {
    let mut world = talking();
    let key = agree(&world);
    world.event("taro", Event::Disconnected);
    world.hang("hanako");
    world.tell("taro", "hanako", "are you there?");
    world.run(HOLD);
    assert_eq!(world.user("taro").with("hanako").current(), Some(key));
    let unsent = Notice::Unsent("are you there?".into());
    assert_eq!(told(&world, "taro", |one| *one == unsent), 1);
}

#[test]
fn the_time_of_hellos_goes_on_after_a_restart() {
    let mut world = World::new(&["taro", "hanako"]);
    // Many in one second: each is later than the one before.
    for number in 0..30 {
        let nick = format!("nick{number}");
        world.command("taro", Command::Converse { nick: &nick }).expect("asked");
    }
    world.tell("taro", "hanako", "hello");
    let saved = world.user("taro").terminal.save().to_vec();
    world.restart("taro", &saved, 104);
    world.tell("taro", "hanako", "and again");
    assert_eq!(texts(&world, "hanako"), ["hello", "and again"], "asked, told, and said at once");
}

#[test]
fn both_may_lose_all() {
    let mut world = talking();
    let key = agree(&world);
    for (nick, peer) in [("taro", "hanako"), ("hanako", "taro")] {
        world.command(nick, Command::Close { nick: peer }).expect("closed");
    }
    assert!(world.user("taro").terminal.channel("hanako").is_none());
    world.tell("taro", "hanako", "back again");
    world.run(60_000);
    assert_eq!(texts(&world, "hanako").last(), Some(&"back again"));
    assert_ne!(agree(&world), key, "keys are wiped, so it is a new one");
    let record = world.user("taro").with("hanako").record().expect("a record");
    assert!(record.epoch > 0, "above what both have kept");
}

#[test]
fn a_conversation_outlives_the_connection_and_the_program() {
    let mut world = talking();
    let id = world.user("taro").with("hanako").id();
    world.event("taro", Event::Disconnected);
    assert!(world.user("taro").terminal.channel("hanako").is_none());
    world.tell("taro", "hanako", "back again");
    world.run(60_000);
    assert_eq!(texts(&world, "hanako").last(), Some(&"back again"));
    agree(&world);
    // Both are restored; whoever is there under this nick, it is hanako whom taro talks with.
    for (nick, seed) in [("taro", 101), ("hanako", 102)] {
        let saved = world.user(nick).terminal.save().to_vec();
        world.restart(nick, &saved, seed);
    }
    assert_eq!(world.user("hanako").terminal.channel("taro").map(|view| view.id()), None);
    world.tell("hanako", "taro", "and after a night");
    world.run(60_000);
    assert_eq!(texts(&world, "taro"), ["and after a night"]);
    assert_eq!(world.user("taro").with("hanako").id(), id);
    agree(&world);
    // Nor is another taken for her after a restart.
    let saved = world.user("taro").terminal.save().to_vec();
    world.restart("taro", &saved, 103);
    world.add("mallory", |_| {});
    world.user_mut("hanako").nick = "gone".into();
    world.user_mut("mallory").nick = "hanako".into();
    world.event("hanako", Event::Nick { old: "mallory", new: "hanako" });
    world.tell("hanako", "taro", "it is me");
    assert_eq!(told(&world, "taro", |one| matches!(one, Notice::OtherChannel { .. })), 1);
    assert!(texts(&world, "taro").is_empty());
}

#[test]
fn closing_wipes_the_keys_and_hands_texts_back() {
    let mut world = World::new(&["taro", "hanako"]);
    world.filter = Box::new(|_, _| false);
    world.tell("taro", "hanako", "hello");
    world.command("taro", Command::Close { nick: "hanako" }).expect("closed");
    assert_eq!(told(&world, "taro", |one| *one == Notice::Unsent("hello".into())), 1);
    assert!(world.user("taro").terminal.channel("hanako").is_none());
    let again = Command::Close { nick: "hanako" };
    assert_eq!(world.command("taro", again), Err(Refusal::NotJoined));
}

// ---- nicks

#[test]
fn a_conversation_goes_with_its_peers_nick() {
    let mut world = talking();
    world.rename_everywhere("hanako", "hana");
    assert!(world.user("taro").terminal.channel("hanako").is_none());
    let before = world.lines.len();
    world.tell("taro", "hana", "so you are hana now");
    assert_eq!(sent(&world, before), [("taro", 0)]);
    assert_eq!(world.lines.last().expect("a line").to, "hana");
    world.tell("hana", "taro", "yes");
    assert_eq!(world.user("taro").shown.last(), Some(&shown("hana", "hanako", "yes")));
    // One's own change of nick changes nothing either.
    world.rename_everywhere("taro", "tarokun");
    world.tell("tarokun", "hana", "and I am this");
    assert_eq!(world.user("hana").shown.last(), Some(&shown("tarokun", "taro", "and I am this")));
}

#[test]
fn a_conversation_does_not_move_onto_another() {
    let mut world = World::new(&["taro", "hanako", "mallory"]);
    world.tell("taro", "hanako", "hello hanako");
    world.tell("taro", "mallory", "hello mallory");
    let id = world.user("taro").with("hanako").id();
    // The server says that mallory is hanako now.
    world.event("taro", Event::Nick { old: "mallory", new: "hanako" });
    assert_eq!(world.user("taro").with("hanako").id(), id, "who is known there stays");
    let mallory = world.user("mallory").id();
    assert_eq!(world.user("taro").with("mallory").peer(), Some(mallory));
}

#[test]
fn another_at_the_same_nick_is_told_and_gets_nothing() {
    let mut world = World::new(&["taro", "hanako", "mallory"]);
    world.tell("taro", "hanako", "hello");
    let known = world.user("taro").with("hanako").id().expect("a conversation");
    // hanako leaves; mallory takes her nick and begins a conversation as whoever is there.
    world.event("taro", Event::Quit { nick: "hanako" });
    world.user_mut("hanako").nick = "gone".into();
    world.user_mut("mallory").nick = "hanako".into();
    world.event("hanako", Event::Nick { old: "mallory", new: "hanako" });
    world.tell("hanako", "taro", "it is me");
    assert!(texts(&world, "taro").is_empty());
    let met = world.user("taro").notices.iter().find_map(|notice| match notice {
        Notice::OtherChannel { pinned, met } if *pinned == known => Some(*met),
        _ => None,
    });
    let met = met.expect("told of both");
    world.tell("taro", "hanako", "for hanako alone");
    world.run(60_000);
    assert!(world.user("hanako").shown.is_empty(), "sealed for the known one");
    // The user decides to talk with whoever is there now.
    world.command("taro", Command::Follow { channel: "hanako", id: met }).expect("followed");
    world.tell("taro", "hanako", "who are you?");
    world.run(60_000);
    assert_eq!(world.user("hanako").shown, [shown("taro", "taro", "who are you?")]);
    let (now, mallory) = (world.user("taro").with("hanako").peer(), world.user("hanako").id());
    assert_eq!(now, Some(mallory));
}

// ---- what is not for conversations

#[test]
fn channels_and_conversations_do_not_mix() {
    let mut world = talking();
    for command in [
        Command::Found { channel: "hanako" },
        Command::Mode { channel: "hanako", modes: "+d hanako" },
        Command::Bar { channel: "hanako", nick: "hanako" },
        Command::Pardon { channel: "hanako", nick: "hanako" },
    ] {
        let before = world.lines.len();
        assert_eq!(world.command("taro", command), Err(Refusal::OtherKind));
        assert_eq!(world.lines.len(), before);
    }
    // Nor do the server's reports of channels reach a conversation, under whatever name.
    let (key, id) = (agree(&world), world.user("taro").with("hanako").id());
    let channel = "hanako";
    for event in [
        Event::Join { channel, nick: "taro" },
        Event::Join { channel, nick: "mallory" },
        Event::Names { channel, names: &[("mallory", true)] },
        Event::Part { channel, nick: "hanako" },
        Event::Kick { channel, nick: "taro" },
        Event::Line { channel, nick: "mallory", text: "boo" },
        Event::Quit { nick: "hanako" },
    ] {
        world.event("taro", event);
    }
    world.run(60_000);
    assert_eq!((agree(&world), world.user("taro").with("hanako").id()), (key, id));
    assert!(!texts(&world, "taro").contains(&"boo"));
    assert_eq!(world.user("taro").with("hanako").roster().len(), 2);
    // And nobody talks to itself, or to a channel.
    let own = Command::Converse { nick: "taro" };
    assert_eq!(world.command("taro", own), Err(Refusal::UnknownMember));
    world.join("taro");
    let channel = Command::Converse { nick: rig::CHANNEL };
    assert_eq!(world.command("taro", channel), Err(Refusal::OtherKind));
    let close = Command::Close { nick: rig::CHANNEL };
    assert_eq!(world.command("taro", close), Err(Refusal::OtherKind));
}

#[test]
fn texts_can_go_unsigned_and_bear_no_name() {
    let mut world = talking();
    let say = Command::Say { channel: "hanako", text: "guess who", signed: Some(false) };
    world.command("taro", say).expect("said");
    let last = world.user("hanako").shown.last().expect("a text");
    assert_eq!((last.name.as_deref(), last.text.as_str()), (None, "guess who"));
    assert!(!world.user("hanako").faults().contains(&Fault::Signature));
}

// ---- the user's consent

#[test]
fn where_the_user_is_asked_the_key_comes_with_the_answer() {
    for asked in ["hanako", "taro"] {
        let mut world = World::with(&["taro", "hanako"], |nick, config| {
            if nick == asked {
                config.authentication.self_signed = SelfSigned::Ask;
            }
        });
        world.tell("taro", "hanako", "hello");
        world.run(60_000);
        assert!(texts(&world, "hanako").is_empty(), "{asked} has not answered");
        assert_eq!(told(&world, asked, |one| matches!(one, Notice::Question { .. })), 1);
        let member = world.user(if asked == "taro" { "hanako" } else { "taro" }).id();
        world.command(asked, Command::Answer { member, accept: true }).expect("answered");
        world.run(60_000);
        assert_eq!(world.user("hanako").shown, [shown("taro", "taro", "hello")], "{asked}");
        agree(&world);
    }
}

#[test]
fn whom_the_user_declines_is_not_the_peer() {
    let mut world = World::with(&["taro", "hanako"], |_, config| {
        config.authentication.self_signed = SelfSigned::Ask;
    });
    world.tell("taro", "hanako", "hello");
    let member = world.user("taro").id();
    world.command("hanako", Command::Answer { member, accept: false }).expect("answered");
    world.run(HOLD);
    assert!(texts(&world, "hanako").is_empty());
    assert_eq!(world.user("hanako").with("taro").id(), None);
    assert_eq!(told(&world, "taro", |one| *one == Notice::Unsent("hello".into())), 1);
    assert_eq!(told(&world, "taro", |one| matches!(one, Notice::Refused { .. })), 5);
}
