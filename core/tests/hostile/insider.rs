//! A member without a seat, who holds the key and does not keep to the protocol.

use keyrota::spec::{Ask, Cause, Control, Descent, Entry, Frame, Record, TextKind, Wrapped, label};
use keyrota::{Event, Fault, Protection, crypto};

use crate::eve::{self, Claim, Eve, Place};
use crate::rig::{CHANNEL, World};
use crate::stage::{state, talk, whisper};

const NICKS: [&str; 3] = ["taro", "hanako", "jiro"];

/// Three with seats, and eve, to whom they gave their key.
fn world() -> (World, Eve, Place) {
    let mut world = World::seated(&NICKS);
    let eve = Eve::new();
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    let count = world.lines.len();
    let hello = eve.hello(CHANNEL, world.now().unix, Some((Ask::Latest, None)));
    world.inject("eve", &eve::line(&Frame::Hello { hello, relayed: false }));
    let channel = world.user("taro").view().id().expect("a channel");
    let frames = world.frames(count);
    let opened = frames.iter().find_map(|(_, _, bytes)| {
        let frame = Frame::decode(bytes).expect("a frame");
        eve.open(&frame, channel)
    });
    let place = Place { channel, id: world.agreed(), key: opened.expect("a key") };
    world.run(60_000);
    (world, eve, place)
}

fn claim(world: &World, nick: &str, counter: u32) -> Claim {
    let frames = world.frames(0);
    let tag = frames.iter().rev().find_map(|(_, by, bytes)| match Frame::decode(bytes) {
        Ok(Frame::Hello { hello, relayed: false }) if *by == nick => Some(hello.hello.tag),
        _ => None,
    });
    Claim { member: world.user(nick).id(), tag: tag.expect("a Hello"), counter }
}

/// Eve says these things to all; nobody is moved. Returns the world to talk on in.
fn attempt(mut world: World, lines: &[String]) -> World {
    for line in lines {
        world.ms += 50;
        for nick in NICKS {
            let before = state(&world, nick);
            whisper(&mut world, nick, "eve", line);
            assert_eq!(before, state(&world, nick), "{nick}");
        }
    }
    world
}

/// So that the others mean something: what she says in her own name is shown in her name.
#[test]
fn her_own_text_is_read() {
    let (mut world, eve, place) = world();
    let own = Claim { member: eve.id, tag: eve.tag, counter: 0 };
    world.inject("eve", &eve.text(&place, TextKind::Signed, &own, "it is me"));
    let shown = world.user("taro").shown.last().expect("a text");
    assert_eq!((shown.name.as_deref(), shown.text.as_str()), (Some("eve"), "it is me"));
    assert_eq!(shown.protection, Protection::Sealed);
    talk(&mut world);
}

/// In another's name, with that one's tag or her own; also as a control.
#[test]
fn texts_in_the_name_of_another() {
    let (world, eve, place) = world();
    let hanako = claim(&world, "hanako", 7);
    let mixed = Claim { tag: eve.tag, ..claim(&world, "hanako", 8) };
    let wish = Control::Wish.to_bytes();
    let wish = std::str::from_utf8(&wish).expect("a zero");
    let mut lines = Vec::new();
    for claimed in [&hanako, &mixed] {
        lines.push(eve.text(&place, TextKind::Signed, claimed, "I am hanako"));
        lines.push(eve.text(&place, TextKind::Control, claimed, wish));
    }
    let mut world = attempt(world, &lines);
    assert!(world.user("taro").faults().contains(&Fault::Signature));
    talk(&mut world);
}

/// In her own name with another's tag it is her text, and takes nothing from that one.
#[test]
fn her_own_text_under_the_tag_of_another() {
    let (mut world, eve, place) = world();
    for counter in [0, 1, 60, 2_097_151] {
        let own = Claim { member: eve.id, ..claim(&world, "hanako", counter) };
        let text = format!("I am eve {counter}");
        world.inject("eve", &eve.text(&place, TextKind::Signed, &own, &text));
        let hers = |name: &Option<String>| name.as_deref() == Some("eve");
        let shown = world.user("taro").shown.iter().filter(|one| one.text == text);
        assert!(shown.clone().count() <= 1 && shown.clone().all(|one| hers(&one.name)));
    }
    talk(&mut world);
}

/// Unsigned texts have no name, whatever tag they bear, and take nobody's place.
#[test]
fn unsigned_texts_under_the_tag_of_another() {
    let (mut world, eve, place) = world();
    for counter in [0, 1, 60, 200, 2_097_151] {
        let text = format!("somebody says {counter}");
        let line = eve.text(&place, TextKind::Unsigned, &claim(&world, "hanako", counter), &text);
        world.inject("hanako", &line);
        world.inject("eve", &line);
        let shown = world.user("taro").shown.last().expect("a text");
        assert_eq!((shown.name.as_deref(), shown.text.as_str()), (None, &*text));
    }
    talk(&mut world);
}

/// Who takes another's tag for her own drives it to another tag, and silences nobody.
#[test]
fn a_stolen_tag() {
    let (mut world, mut eve, place) = world();
    eve.tag = claim(&world, "hanako", 0).tag;
    let hello = eve.hello(CHANNEL, world.now().unix, None);
    world.inject("eve", &eve::line(&Frame::Hello { hello, relayed: false }));
    for counter in [0, 1, 60, 2_097_151] {
        let own = Claim { member: eve.id, tag: eve.tag, counter };
        let text = format!("still eve {counter}");
        world.inject("eve", &eve.text(&place, TextKind::Signed, &own, &text));
        assert_eq!(world.user("taro").shown.last().expect("a text").name.as_deref(), Some("eve"));
    }
    talk(&mut world);
}

/// Not a text, not a control.
#[test]
fn contents_that_are_none() {
    let (world, eve, place) = world();
    let own = |counter| Claim { member: eve.id, tag: eve.tag, counter };
    let lines = [
        eve.bytes(&place, TextKind::Signed, &own(0), &[0xff, 0xfe]),
        eve.bytes(&place, TextKind::Control, &own(1), &[]),
        eve.bytes(&place, TextKind::Control, &own(2), &[9]),
        eve.bytes(&place, TextKind::Control, &own(3), &[0, 0]),
        eve.bytes(&place, TextKind::Unsigned, &own(4), &[0xc0]),
    ];
    let mut world = attempt(world, &lines);
    let content = world.user("taro").faults().iter().filter(|one| **one == Fault::Content).count();
    assert_eq!(content, lines.len());
    talk(&mut world);
}

/// Keys of her own making, under records that she signs for others or seats herself in.
#[test]
fn keys_of_her_own() {
    let (world, eve, place) = world();
    let new = [0xe1; 32];
    let now = world.user("taro").view().record().expect("a record").clone();
    let base = Record { commit: eve::commit(&new, place.channel), cause: Cause::Wish, ..now };
    let descent = Descent::Wrapped { root: place.id.root(), step: 1 };
    let seats = base.list.entries().to_vec();
    let grown: Vec<Entry> = seats.iter().copied().chain([eve::both(eve.id)]).collect();
    let grown = eve::record(place.channel, grown, &new);
    let records = [
        Record { descent, ..base.clone() },
        Record { descent, author: 2, ..base.clone() },
        Record { epoch: 1, ..base.clone() },
        Record { epoch: 0, author: 3, ..grown.clone() },
        Record { epoch: 0, author: 2, ..grown },
    ];
    let mut lines = Vec::new();
    for record in records {
        let id = eve::key_id(&record);
        let signed = eve.signed(record);
        let pad = crypto::expand(&place.key, label::WRAP, &[&id.0]);
        let wrapped = Wrapped(eve::xor(&new, &pad));
        lines.push(eve::line(&Frame::Refresh { record: signed.clone(), wrapped }));
        lines.push(eve::line(&Frame::Announce { record: signed, author: eve.point() }));
        // What is sealed under a key that nobody took is not read.
        let forged = Place { channel: place.channel, id, key: new };
        let own = Claim { member: eve.id, tag: eve.tag, counter: 0 };
        lines.push(eve.text(&forged, TextKind::Signed, &own, "under my own key"));
    }
    let mut world = attempt(world, &lines);
    talk(&mut world);
}
