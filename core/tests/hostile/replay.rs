//! Genuine lines that come again, late, from elsewhere or as something else.

use keyrota::spec::{Frame, SignedHello};
use keyrota::{Command, Event, Fault, Notice, Protection};

use crate::eve;
use crate::rig::{CHANNEL, Relayed, World};
use crate::stage::{sealed_texts, state, talk, unheard, whisper};

/// A channel with a past: four members, two lists, several keys, texts of each kind.
fn past() -> World {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.say("taro", "one");
    world.add("momo", |_| {});
    world.join("momo");
    world.run(5_000);
    world.say("momo", "two");
    let unsigned = Command::Say { channel: CHANNEL, text: "three", signed: Some(false) };
    world.command("hanako", unsigned).expect("said");
    world.command("momo", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(70_000);
    world.command("taro", Command::Mode { channel: CHANNEL, modes: "-d jiro" }).expect("changed");
    world.say("jiro", "four");
    world.part("momo");
    world.run(70_000);
    world.join("momo");
    world.run(70_000);
    world.say("momo", "five");
    world.agreed();
    world
}

/// Every line of the past once more: from its sender, another member, and a stranger.
#[test]
fn everything() {
    for from in [None, Some("jiro"), Some("eve")] {
        let mut world = past();
        for line in world.lines.clone() {
            world.ms += 10;
            for victim in ["taro", "hanako"] {
                let nick = from.unwrap_or(&line.nick);
                if nick == victim || line.nick == victim {
                    continue;
                }
                let before = state(&world, victim);
                whisper(&mut world, victim, nick, &line.text);
                assert_eq!(before, state(&world, victim), "{victim} of {line:?}");
            }
        }
        talk(&mut world);
    }
}

/// Momo has left and come back, and has no key of that time any more.
#[test]
fn texts_of_an_earlier_stay() {
    let mut world = past();
    for line in world.lines.clone().iter().filter(|line| line.nick != "momo") {
        whisper(&mut world, "momo", &line.nick, &line.text);
    }
    world.run(120_000);
    talk(&mut world);
}

/// All that was said in another channel of this name, by others of these names.
#[test]
fn another_channel() {
    let mut other = World::seated_with(&["jiro", "taro", "hanako"], |_, config| {
        config.channel.password = "another key from the same seed".into();
    });
    other.say("taro", "elsewhere");
    other.say("jiro", "as well");
    other.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    other.run(70_000);
    let mut world = past();
    for line in &other.lines {
        world.ms += 50;
        for victim in ["taro", "hanako"] {
            let before = state(&world, victim);
            whisper(&mut world, victim, "eve", &line.text);
            assert_eq!(before, state(&world, victim), "{victim} of {line:?}");
        }
    }
    let (here, there) = (world.user("taro").view().id(), other.user("taro").view().id());
    let notice = Notice::OtherChannel { pinned: here.expect("one"), met: there.expect("one") };
    assert!(world.user("taro").notices.contains(&notice));
    talk(&mut world);
}

/// Of its own lines nobody learns anything, not even that somebody else had its key.
#[test]
fn ones_own_lines_from_another() {
    let mut world = past();
    for line in world.lines.clone() {
        let before = state(&world, &line.nick);
        whisper(&mut world, &line.nick, "eve", &line.text);
        assert_eq!(before, state(&world, &line.nick), "{line:?}");
    }
    talk(&mut world);
}

/// A text that only the server has heard comes from where it was not written: it is its author's,
/// who is where it was.
#[test]
fn a_text_from_elsewhere() {
    let mut world = past();
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    world.say("hanako", "now you know me");
    let lines = unheard(&mut world, |world| world.say("hanako", "six"));
    assert_eq!(lines.len(), 1);
    let before = state(&world, "taro");
    whisper(&mut world, "taro", "eve", &lines[0].text);
    let shown = world.user("taro").shown.last().expect("a text").clone();
    assert_eq!((shown.name.as_deref(), &*shown.text), (Some("hanako"), "six"));
    assert_eq!(shown.protection, Protection::Sealed);
    let after = state(&world, "taro");
    assert_eq!(before.roster, after.roster, "a text says nothing of where its author is");
    world.inject("hanako", &lines[0].text);
    talk(&mut world);
}

fn hello(line: &Relayed) -> Option<SignedHello> {
    match Frame::decode(&line.bytes()?).ok()? {
        Frame::Hello { hello, relayed: false } => Some(hello),
        _ => None,
    }
}

/// Passed on by somebody, a Hello tells who its author is, but not where.
#[test]
fn a_hello_as_one_that_is_passed_on() {
    let mut world = past();
    world.add("rei", |_| {});
    let lines = unheard(&mut world, |world| world.join("rei"));
    let asked = lines.iter().find_map(hello).expect("a Hello");
    let rei = world.user("rei").id();
    let relayed = eve::line(&Frame::Hello { hello: asked, relayed: true });
    let answers = whisper(&mut world, "taro", "rei", &relayed);
    assert!(answers.is_empty(), "it asks for nothing");
    assert_eq!(world.user("taro").view().member(&rei).map(|(_, here)| here), Some(false));
    // All that is lost is time: rei asks again.
    talk(&mut world);
}

/// An old Hello, to one who never heard its author: that one is not where the Hello comes from.
#[test]
fn an_old_hello_to_a_newcomer() {
    let mut world = past();
    let of_hanako = |line: &&Relayed| line.nick == "hanako" && hello(line).is_some();
    let old = world.lines.iter().find(of_hanako).expect("a Hello").clone();
    world.run(7_200_000);
    world.add("rei", |_| {});
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    unheard(&mut world, |world| world.join("rei"));
    world.event("rei", Event::Join { channel: CHANNEL, nick: "eve" });
    whisper(&mut world, "rei", "eve", &old.text);
    let hanako = world.user("hanako").id();
    let here = world.user("rei").view().member(&hanako).map(|(_, here)| here);
    assert_ne!(here, Some(true), "hanako is taken to be where eve is");
    talk(&mut world);
}

/// Hellos and texts that are older than what is known are repeats; nobody moves.
#[test]
fn older_hellos() {
    let mut world = past();
    let hellos: Vec<Relayed> =
        world.lines.iter().filter(|line| hello(line).is_some()).cloned().collect();
    assert!(hellos.len() > 4);
    let before = state(&world, "taro");
    let told = world.user("taro").notices.len();
    for line in hellos.iter().filter(|line| line.nick != "taro") {
        whisper(&mut world, "taro", "jiro", &line.text);
    }
    assert_eq!(before, state(&world, "taro"));
    let faults = world.user("taro").notices.len() - told;
    let repeats = world.user("taro").faults();
    let repeats = repeats.iter().filter(|fault| **fault == Fault::Repeat).count();
    assert_eq!(faults, repeats);
    assert_eq!(sealed_texts(world.user("taro")), ["two", "three", "four", "five"]);
    talk(&mut world);
}
