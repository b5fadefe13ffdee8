//! A genuine frame of each kind, altered in every way that is not its own sender's: nothing
//! changes. Then the genuine one comes, and does what it was meant to.

use keyrota::spec::{Frame, Signature, armor};
use keyrota::{Command, Fault, Notice};

use crate::rig::{CHANNEL, Relayed, World};
use crate::stage::{of_kind, sealed_texts, state, talk, unheard, whisper};

/// Every way to spoil a frame: its name for a failing test, and the bytes.
fn alterations(genuine: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for length in 0..genuine.len() {
        all.push((format!("cut to {length}"), genuine[..length].to_vec()));
    }
    for byte in [0, 1, 0xff] {
        all.push((format!("with {byte} behind it"), [genuine, &[byte]].concat()));
    }
    for first in (0..=0xff).filter(|first| *first != genuine[0]) {
        all.push((format!("as kind {first:#x}"), [&[first], &genuine[1..]].concat()));
    }
    for at in 1..genuine.len() {
        for bit in 0..8 {
            let mut bytes = genuine.to_vec();
            bytes[at] ^= 1 << bit;
            all.push((format!("bit {bit} of byte {at} flipped"), bytes));
        }
        // The longer encoding of the same number, wherever one may end here.
        let (before, after) = genuine.split_at(at);
        let long = [before, &[after[0] | 0x80, 0], &after[1..]].concat();
        all.push((format!("byte {at} as a longer number"), long));
    }
    all
}

/// What its author signed in a frame, with the signature.
fn signed_part(bytes: &[u8]) -> Option<(Vec<u8>, Signature)> {
    match Frame::decode(bytes).ok()? {
        Frame::Refresh { record, .. }
        | Frame::Sealed { record, .. }
        | Frame::Announce { record, .. } => Some((record.record.to_bytes(), record.signature)),
        Frame::Hello { hello, .. } => Some((hello.hello.to_bytes(), hello.signature)),
        _ => None,
    }
}

/// `victim` hears alterations of a line that it did not hear, all or one of so many, at a pace at
/// which none is left out for coming too fast.
///
/// What is signed counts whatever stands around it in the frame: a record is announced, even if
/// the key that came with it is spoilt. Such alterations come last and may do that, no more.
fn spoil_some(world: &mut World, victim: &str, genuine: &Relayed, one_of: usize) {
    let bytes = genuine.bytes().expect("one line");
    let signed = signed_part(&bytes);
    let (around, inside): (Vec<_>, Vec<_>) = alterations(&bytes)
        .into_iter()
        .step_by(one_of)
        .partition(|(_, altered)| signed.is_some() && signed_part(altered) == signed);
    let view = world.user(victim).view();
    let met = view.roster().occupant(&genuine.nick).is_some_and(|one| one.member.is_some());
    // One whom the victim has met may cost it more.
    let pace = if met { 50 } else { 100 };
    for (how, altered) in inside {
        world.ms += pace;
        let before = state(world, victim);
        whisper(world, victim, &genuine.nick, &armor::whole(&altered));
        assert_eq!(before, state(world, victim), "{how}");
    }
    let before = state(world, victim);
    // Whether a Hello comes from its author or is passed on, is not signed: see `replay`.
    for (how, altered) in around.iter().filter(|_| matches!(bytes[0], 0x14 | 0x15 | 0x17)) {
        world.ms += pace;
        whisper(world, victim, &genuine.nick, &armor::whole(altered));
        let after = state(world, victim);
        assert_eq!(before.keys, after.keys, "{how}");
        assert_eq!(before.sealed_texts, after.sealed_texts, "{how}");
    }
    // Of texts that seem to be under other keys a nick has few places; those are another matter.
    let text = matches!(bytes[0], 0x10..=0x12);
    assert!(text || !world.user(victim).faults().contains(&Fault::Flood));
}

fn spoil(world: &mut World, victim: &str, genuine: &Relayed) {
    spoil_some(world, victim, genuine, 1);
}

fn seated() -> World {
    World::seated(&["taro", "hanako", "jiro"])
}

/// All hear now what they missed.
fn replay(world: &mut World, lines: &[Relayed]) {
    for line in lines {
        world.inject(&line.nick, &line.text);
    }
}

fn text(signed: bool, kind: u8) {
    let mut world = seated();
    world.say("taro", "first");
    let say = Command::Say { channel: CHANNEL, text: "second", signed: Some(signed) };
    let lines = unheard(&mut world, |world| world.command("taro", say).expect("said"));
    let genuine = of_kind(&lines, kind);
    spoil(&mut world, "hanako", &genuine);
    assert_eq!(sealed_texts(world.user("hanako")), ["first"]);
    replay(&mut world, &lines);
    assert_eq!(sealed_texts(world.user("hanako")), ["first", "second"]);
    talk(&mut world);
}

#[test]
fn signed_text() {
    text(true, 0);
}

#[test]
fn unsigned_text() {
    text(false, 1);
}

#[test]
fn control() {
    let mut world = seated();
    world.say("jiro", "hello");
    let wish = Command::Refresh { channel: CHANNEL };
    let lines = unheard(&mut world, |world| world.command("jiro", wish).expect("wished"));
    let genuine = of_kind(&lines, 2);
    // Jiro would renew the key by himself if nobody else did.
    world.hang("jiro");
    let key = world.agreed();
    spoil(&mut world, "taro", &genuine);
    world.run(30_000);
    assert_eq!(world.agreed(), key, "nobody has heard a wish");
    replay(&mut world, &lines);
    world.run(30_000);
    assert_ne!(world.agreed(), key, "the wish comes true");
    world.resume("jiro");
    talk(&mut world);
}

#[test]
fn hello() {
    let mut world = seated();
    world.add("momo", |_| {});
    let lines = unheard(&mut world, |world| world.join("momo"));
    world.hang("momo");
    spoil(&mut world, "taro", &of_kind(&lines, 3));
    let momo = world.user("momo").id();
    assert_eq!(world.user("taro").view().member(&momo), None);
    world.resume("momo");
    replay(&mut world, &lines);
    assert!(world.user("taro").view().member(&momo).is_some());
    talk(&mut world);
}

#[test]
fn refresh() {
    let mut world = seated();
    let key = world.agreed();
    let lines = unheard(&mut world, |world| {
        world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
        world.run(10_000);
    });
    spoil(&mut world, "hanako", &of_kind(&lines, 4));
    replay(&mut world, &lines);
    assert_ne!(world.agreed(), key);
    talk(&mut world);
}

/// A list change: a sealed frame in one line, and a box more in another.
fn list_change(world: &mut World) -> Vec<Relayed> {
    let modes = Command::Mode { channel: CHANNEL, modes: "-d jiro" };
    let lines = unheard(world, |world| world.command("taro", modes).expect("changed"));
    let kinds: Vec<_> = lines.iter().map(Relayed::kind).collect();
    assert_eq!(kinds, [Some(5), Some(6)]);
    lines
}

#[test]
fn sealed() {
    let mut world = seated();
    let key = world.agreed();
    let lines = list_change(&mut world);
    spoil(&mut world, "hanako", &lines[0]);
    replay(&mut world, &lines);
    assert_ne!(world.agreed(), key);
    talk(&mut world);
}

#[test]
fn boxes() {
    let mut world = seated();
    let key = world.agreed();
    let lines = list_change(&mut world);
    replay(&mut world, &lines[..1]);
    assert_eq!(world.user("jiro").sealing(), None);
    spoil(&mut world, "jiro", &lines[1]);
    assert_eq!(world.user("jiro").sealing(), None);
    replay(&mut world, &lines[1..]);
    assert_ne!(world.agreed(), key);
    talk(&mut world);
}

#[test]
fn announcement() {
    let mut world = seated();
    let key = world.agreed();
    let change = list_change(&mut world);
    world.add("momo", |_| {});
    world.user_mut("momo").hung = true;
    let lines = unheard(&mut world, |world| {
        world.join("momo");
        world.run(6_000);
    });
    let genuine = of_kind(&lines, 7);
    assert_eq!(genuine.nick, "taro");
    spoil(&mut world, "hanako", &genuine);
    replay(&mut world, &lines);
    assert_eq!(world.user("hanako").current(), world.user("taro").current());
    replay(&mut world, &change);
    world.part("momo");
    talk(&mut world);
    assert_ne!(world.agreed(), key);
}

/// What a newcomer is told: whose key it gets, the key, and the proof of its list.
fn answers() -> (World, Vec<Relayed>) {
    let mut world = seated();
    // The current key is jiro's, and so taro, who answers, passes on jiro's Hello.
    world.hang("taro");
    world.hang("hanako");
    world.command("jiro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run_until(100_000, |world| world.user("jiro").view().record().expect("one").author == 2);
    world.resume("taro");
    world.resume("hanako");
    world.run(60_000);
    world.add("momo", |_| {});
    let lines = unheard(&mut world, |world| world.join("momo"));
    let answers = whisper(&mut world, "taro", "momo", &of_kind(&lines, 3).text);
    let kinds: Vec<_> = answers.iter().filter_map(Relayed::kind).collect();
    assert_eq!(kinds, [0xa, 5, 7, 7]);
    (world, answers)
}

/// Each of these altered, before the newcomer loses patience and asks again.
#[test]
fn grant() {
    for spoilt in 0..4 {
        let (mut world, answers) = answers();
        // Nor do others tell it meanwhile what is altered here.
        world.hang("hanako");
        world.hang("jiro");
        for (number, answer) in answers.iter().enumerate() {
            if number == spoilt {
                spoil_some(&mut world, "momo", answer, 13);
            }
            assert_eq!(world.user("momo").sealing(), None);
            replay(&mut world, std::slice::from_ref(answer));
        }
        world.resume("hanako");
        world.resume("jiro");
        // If room for records that wait ran out, momo asks for the key once more.
        talk(&mut world);
    }
}

#[test]
fn refusal() {
    let mut world = seated();
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "hanako" }).expect("barred");
    world.part("hanako");
    world.run(60_000);
    let lines = unheard(&mut world, |world| world.join("hanako"));
    let answers = whisper(&mut world, "taro", "hanako", &of_kind(&lines, 3).text);
    let genuine = of_kind(&answers, 9);
    let told = |world: &World| {
        let notices = world.user("hanako").notices.iter();
        notices.filter(|notice| matches!(notice, Notice::Refused { .. })).count()
    };
    let before = told(&world);
    spoil(&mut world, "hanako", &genuine);
    replay(&mut world, &answers);
    assert!(told(&world) > before);
    world.part("hanako");
    talk(&mut world);
}

#[test]
fn query() {
    let mut world = seated();
    let change = list_change(&mut world);
    // Hanako missed that change, hears of the next key, and asks for the proof.
    let refresh = unheard(&mut world, |world| {
        world.run(70_000);
        world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
        world.run(10_000);
    });
    whisper(&mut world, "hanako", "taro", &of_kind(&refresh, 4).text);
    let lines = unheard(&mut world, |world| world.run(10_000));
    let genuine = of_kind(&lines, 8);
    spoil(&mut world, "taro", &genuine);
    world.ms += 60_000;
    let answers = whisper(&mut world, "taro", "hanako", &genuine.text);
    of_kind(&answers, 7);
    replay(&mut world, &change);
    replay(&mut world, &answers);
    replay(&mut world, &refresh);
    talk(&mut world);
}
