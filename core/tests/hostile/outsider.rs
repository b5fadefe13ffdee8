//! One in the channel who holds no key and knows all that is public: every line that was sent.

use keyrota::spec::{
    Ask, ChannelId, Descent, Entry, Frame, KeyHint, KeyPrefix, Name, Query, Record, Refused,
    SealedBox, SignedHello, SignedRecord, Subject, Tag, TextHeader, TextKind, Wrapped,
};
use keyrota::{Event, Fault, SelfSigned};

use crate::eve::{self, Eve};
use crate::rig::{self, CHANNEL, World};
use crate::stage::{state, talk, whisper};

const NICKS: [&str; 3] = ["taro", "hanako", "jiro"];
const KEY: [u8; 32] = [0xe0; 32];

/// Three with seats, who accept nobody else, and eve, who is in the channel.
fn world() -> (World, Eve) {
    let mut world = World::seated_with(&NICKS, |_, config| {
        config.authentication.self_signed = SelfSigned::Refuse;
        for (number, nick) in (1..).zip(NICKS) {
            let name = Name::new(nick).expect("a name");
            config.authentication.pin(name, rig::identity(number, nick).id());
        }
    });
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    world.run(60_000);
    (world, Eve::new())
}

/// Each of them hears all this from eve: nothing changes, then or later, at a cost that is small,
/// and they talk on.
fn attempt(mut world: World, lines: &[String]) -> World {
    let key = world.agreed();
    let count = world.lines.len();
    for line in lines {
        // No faster than strangers are listened to.
        world.ms += 50;
        for nick in NICKS {
            let before = state(&world, nick);
            whisper(&mut world, nick, "eve", line);
            assert_eq!(before, state(&world, nick), "{nick}");
        }
    }
    world.run(300_000);
    assert_eq!(world.agreed(), key, "somebody was made to renew the key");
    let cost = world.since(count).len();
    assert!(cost <= 8 * NICKS.len(), "{cost} lines because of {}", lines.len());
    talk(&mut world);
    world
}

fn hello_of(world: &World, nick: &str) -> SignedHello {
    let frames = world.frames(0);
    let hello = frames.iter().rev().find_map(|(_, by, bytes)| match Frame::decode(bytes) {
        Ok(Frame::Hello { hello, relayed: false }) if *by == nick => Some(hello),
        _ => None,
    });
    hello.expect("a Hello")
}

fn current(world: &World) -> Record {
    world.user("taro").view().record().expect("a record").clone()
}

#[test]
fn texts() {
    let (world, eve) = world();
    let id = world.agreed();
    let tag = hello_of(&world, "hanako").hello.tag;
    let mut lines = Vec::new();
    for kind in [TextKind::Signed, TextKind::Unsigned, TextKind::Control] {
        for (key, tag) in [(id.hint(), tag), (id.hint(), eve.tag), (KeyHint([1, 2, 3]), tag)] {
            for counter in [0, 1, 2_097_151] {
                let header = TextHeader { key, tag, counter };
                lines.push(eve::line(&Frame::Text { kind, header, ciphertext: &[7; 120] }));
            }
        }
    }
    attempt(world, &lines);
}

#[test]
fn records() {
    let (world, eve) = world();
    let now = current(&world);
    let channel = now.channel;
    let commit = eve::commit(&KEY, channel);
    let base = Record { commit, ..now.clone() };
    let wrapped = Descent::Wrapped { root: world.agreed().root(), step: 1 };
    let with_eve: Vec<Entry> =
        now.list.entries().iter().copied().chain([eve::both(eve.id)]).collect();
    let records = [
        // As the first of the list, under the same list.
        Record { descent: wrapped, ..base.clone() },
        Record { epoch: base.epoch + 1, ..base.clone() },
        Record { epoch: 16_383, author: 2, ..base.clone() },
        // A list with herself, at the end and alone.
        Record { epoch: 0, ..eve::record(channel, with_eve.clone(), &KEY) },
        Record { epoch: 0, author: 3, ..eve::record(channel, with_eve, &KEY) },
        eve::record(channel, vec![eve::both(eve.id)], &KEY),
        // Another channel, and another genesis of this name.
        eve::record(ChannelId([9; 16]), now.list.entries().to_vec(), &KEY),
        eve::genesis(CHANNEL, eve.point(), vec![eve::both(eve.id)], &KEY),
    ];
    let mut lines = Vec::new();
    for record in records {
        let signed = eve.signed(record);
        let hanako = hello_of(&world, "hanako").hello;
        let id = keyrota::member_id(&hanako.certificate.body.key);
        let (ephemeral, wrapped) = (eve.point(), Wrapped(KEY));
        lines.push(eve::line(&Frame::Refresh { record: signed.clone(), wrapped }));
        lines.push(eve::seal(signed.clone(), channel, &KEY, id, &hanako.member_key));
        lines.push(eve::line(&Frame::Announce { record: signed, author: ephemeral }));
    }
    attempt(world, &lines);
}

fn signed_record(world: &World) -> SignedRecord {
    let frames = world.frames(0);
    let record = frames.iter().rev().find_map(|(_, _, bytes)| match Frame::decode(bytes) {
        Ok(Frame::Sealed { record, .. } | Frame::Refresh { record, .. }) => Some(record),
        _ => None,
    });
    record.expect("the current one")
}

/// The true record of the current key, with another key, and boxes for everyone.
#[test]
fn keys_and_boxes() {
    let (world, eve) = world();
    let record = signed_record(&world);
    let whom = world.users.iter().map(|user| user.id().hint());
    let boxes: Vec<SealedBox> =
        whom.map(|whom| SealedBox { whom, key: Wrapped([5; 32]) }).collect();
    let key = world.agreed().prefix();
    let (wrapped, ephemeral) = (Wrapped(KEY), eve.point());
    let lines = [
        eve::line(&Frame::Refresh { record: record.clone(), wrapped }),
        eve::line(&Frame::Sealed { record, ephemeral, boxes: boxes.clone() }),
        eve::line(&Frame::Boxes { key, boxes: boxes.clone() }),
        eve::line(&Frame::Boxes { key: KeyPrefix([3; 8]), boxes }),
    ];
    attempt(world, &lines);
}

/// Boxes for herself, whom nobody accepts: that does not make anybody seal a new key.
#[test]
fn boxes_for_one_who_may_hold_no_key() {
    let (mut world, eve) = world();
    let hello = eve.hello(CHANNEL, world.now().unix, None);
    world.inject("eve", &eve::line(&Frame::Hello { hello, relayed: false }));
    let boxes = vec![SealedBox { whom: eve.id.hint(), key: Wrapped([5; 32]) }];
    let (key, record, ephemeral) = (world.agreed().prefix(), signed_record(&world), eve.point());
    let lines = [
        eve::line(&Frame::Boxes { key, boxes: boxes.clone() }),
        eve::line(&Frame::Sealed { record, ephemeral, boxes }),
    ];
    attempt(world, &lines);
}

/// Boxes for whoever has just asked: it is answered all the same, and soon.
#[test]
fn boxes_for_those_who_ask() {
    let mut world = World::seated(&NICKS);
    for nick in ["momo", "rei"] {
        world.add(nick, |config| config.channel.rule = keyrota::GrantRule::ByHand);
    }
    let ids = ["momo", "rei"].map(|nick| world.user(nick).id());
    let boxes = ids.map(|id| SealedBox { whom: id.hint(), key: Wrapped([5; 32]) }).to_vec();
    let key = world.agreed().prefix();
    world.join("momo");
    world.join("rei");
    // The first is answered at once, the second within two seconds; or so they hope.
    world.inject("eve", &eve::line(&Frame::Boxes { key, boxes }));
    world.run(3_000);
    world.agreed();
    talk(&mut world);
}

#[test]
fn hellos() {
    let (mut world, eve) = world();
    let now = world.now().unix;
    let member = hello_of(&world, "hanako");
    let taro = hello_of(&world, "taro").hello;
    let mut forged = member.clone();
    forged.hello.time = now;
    let mut mixed = eve.hello(CHANNEL, now, Some((Ask::Latest, None)));
    mixed.hello.certificate = member.hello.certificate.clone();
    let mut of_taro = eve.hello(CHANNEL, now, None);
    of_taro.hello.certificate.body.name = taro.certificate.body.name.clone();
    let future = eve.hello(CHANNEL, now + 4_000, Some((Ask::Latest, None)));
    let elsewhere = eve.hello("#other", now, Some((Ask::Latest, None)));
    let mut lines = Vec::new();
    for hello in [member, forged, mixed, of_taro, future, elsewhere] {
        for relayed in [false, true] {
            lines.push(eve::line(&Frame::Hello { hello: hello.clone(), relayed }));
        }
    }
    world = attempt(world, &lines);
    let faults = world.user("taro").faults();
    assert!(faults.contains(&Fault::Repeat));
    assert!(faults.contains(&Fault::Signature));
    assert!(faults.contains(&Fault::Future));
}

#[test]
fn queries_and_refusals() {
    let (world, eve) = world();
    let hanako = world.user("hanako").id();
    let mut lines = Vec::new();
    for whom in [None, Some(hanako.hint()), Some(eve.id.hint())] {
        let subjects = [
            Subject::Hello(hanako.hint()),
            Subject::Hello(eve.id.hint()),
            Subject::Tag(hello_of(&world, "taro").hello.tag),
            Subject::Tag(Tag([0; 4])),
            Subject::Proof { key: world.agreed().prefix(), have: 0 },
            Subject::Proof { key: world.agreed().prefix(), have: 200 },
            Subject::Proof { key: KeyPrefix([0; 8]), have: 0 },
        ];
        lines.extend(subjects.map(|what| eve::line(&Frame::Query(Query { whom, what }))));
    }
    for whom in [hanako.hint(), eve.id.hint()] {
        for reason in [Refused::Certificate, Refused::Barred, Refused::Key] {
            lines.push(eve::line(&Frame::Refusal { whom, reason }));
        }
    }
    attempt(world, &lines);
}
