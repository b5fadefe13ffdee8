//! What was heard and counted once binds, whatever the server says next (chapters 8, 10 and 11).
use crate::peer::{self, Peer, channel_id, hello_of, seal};
use crate::rig::{CHANNEL, World};
use keyrota::spec::{Cause, Descent, Frame, Record, SignedRecord};
use keyrota::{Command, Event, GrantRule};

fn records(world: &World) -> Vec<SignedRecord> {
    world
        .frames(0)
        .iter()
        .filter_map(|(_, _, bytes)| match Frame::decode(bytes) {
            Ok(Frame::Sealed { record, .. } | Frame::Announce { record, .. }) => Some(record),
            _ => None,
        })
        .collect()
}

/// jiro was barred. The server shows hanako a KICK and a JOIN of herself, and hides the others:
/// her next text is under a key that jiro made.
#[test]
fn a_kick_takes_back_a_bar() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("as before");
    world.run(5_000);
    world.part("jiro");
    world.run(120_000);
    // who joins gets the genesis
    world.add("saburo", |c| c.channel.rule = GrantRule::ByHand);
    world.join("saburo");
    world.run(10_000);
    world.part("saburo");
    world.run(120_000);
    let id = world.user("hanako").view().id();
    assert!(world.user("hanako").view().list().expect("as before").bars(&world.user("jiro").id()));
    let all = records(&world);
    let genesis = all
        .iter()
        .find(|r| matches!(r.record.descent, Descent::Genesis { .. }))
        .expect("as before")
        .clone();
    let old = all
        .iter()
        .find(|r| r.record.list.seats().count() == 3 && r.record.author == 0)
        .expect("as before")
        .clone();
    let jiro = Peer::new(3, "jiro");
    assert_eq!(jiro.id, world.user("jiro").id());
    let taro = Peer::new(1, "taro");
    let key = [0x66; 32];
    let channel = channel_id(&genesis);
    let forged = jiro.signed(Record {
        epoch: old.record.epoch + 1,
        descent: Descent::Sealed,
        author: 2,
        cause: Cause::Period,
        time: (world.now().unix / 60) as u32,
        commit: peer::commit(&key, &channel),
        ..old.record.clone()
    });
    world.filter = Box::new(|l, to| to != "hanako" || l.nick == "jiro");
    world.event("hanako", Event::Kick { channel: CHANNEL, nick: "hanako" });
    world.event("hanako", Event::Join { channel: CHANNEL, nick: "hanako" });
    let names = [("hanako", false), ("taro", false), ("jiro", false)];
    world.event("hanako", Event::Names { channel: CHANNEL, names: &names });
    world.deliver();
    world.run(1_000);
    let time = world.now().unix;
    world.inject_frame("jiro", &jiro.hello(time, None));
    world.inject_frame("jiro", &taro.announce(&genesis));
    world.inject_frame("jiro", &taro.announce(&old));
    let hello = hello_of(&world, "hanako");
    world.inject_frame("jiro", &seal(&forged, &key, &hello));
    world.run(1_000);
    assert_eq!(world.user("hanako").view().id(), id, "the pinned channel");
    assert_ne!(
        world.user("hanako").sealing(),
        Some(peer::key_id(&forged)),
        "sealed to whom her own record barred"
    );
}

/// Few keys are kept: the current one goes for an older one, comes again, and counts from 0 again.
#[test]
fn a_key_that_comes_again_counts_on() {
    let mut world = World::seated_with(&["taro", "hanako"], |n, c| {
        if n == "hanako" {
            c.channel.keys = 1;
        }
    });
    world.filter = Box::new(|_, to| to != "hanako");
    world.say("taro", "late");
    let late = world.lines.last().expect("as before").text.clone();
    world.filter = Box::new(|_, _| true);
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("as before");
    world.run(61_000);
    world.agreed();
    world.say("hanako", "one");
    world.say("hanako", "two");
    world.inject("taro", &late);
    world.run(60_000);
    world.agreed();
    world.say("hanako", "three");
    world.run(60_000);
    assert_eq!(world.user("taro").texts(), ["one", "two", "three"]);
}

/// jiro holds the key, and answers nobody. The first hangs, jiro leaves: the second must exclude.
#[test]
fn who_says_nothing_is_excluded_too() {
    let mut world = World::with(&["taro", "jiro", "hanako"], |_, c| {
        c.channel.rule = GrantRule::ByHand;
        c.channel.triggers.period = None;
    });
    for n in ["taro", "jiro"] {
        world.join(n);
        world.run(3_000);
    }
    world.agreed();
    world.hang("jiro");
    world.join("hanako");
    world.run(3_000);
    world
        .command("taro", Command::Mode { channel: CHANNEL, modes: "+o hanako" })
        .expect("as before");
    world.run(1_000_000);
    world.hang("taro");
    world.part("jiro");
    world.run(3_600_000);
    assert_eq!(world.user("hanako").cause(), Cause::Exclusion);
}

/// A false claim to a tag while the true Hello is under way makes the text vanish.
#[test]
fn a_false_claim_drops_a_text() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.run(120_000);
    world.event("jiro", Event::Part { channel: CHANNEL, nick: "jiro" });
    world.part("jiro");
    world.run(1_000);
    // jiro comes anew with a new tag; hanako hears no Hello of his for a while
    world.filter =
        Box::new(|l, to| !(to == "hanako" && l.nick != "eve" && matches!(l.kind(), Some(3 | 10))));
    world.join("jiro");
    world.run(5_000);
    world.say("jiro", "hello all");
    let tag = hello_of(&world, "jiro").tag;
    let mut eve = Peer::new(70, "eve");
    eve.tag = tag;
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    let time = world.now().unix;
    world.inject_frame("eve", &eve.hello(time, None));
    world.filter = Box::new(|_, _| true);
    world.run(600_000);
    assert!(world.user("hanako").texts().contains(&"hello all"));
}

/// With nothing but public lines of a channel that taro has given up, a newcomer is led there.
#[test]
fn a_forged_record_leads_into_a_dead_channel() {
    let mut world = World::joined(&["taro", "hanako"]);
    world.run(120_000);
    let genesis = records(&world)
        .into_iter()
        .find(|r| matches!(r.record.descent, Descent::Genesis { .. }))
        .expect("public");
    world.command("taro", Command::Found { channel: CHANNEL }).expect("as before");
    world.event("hanako", Event::Part { channel: CHANNEL, nick: "hanako" });
    world.part("hanako");
    let live = world.user("taro").view().id();
    let taro = Peer::new(1, "taro");
    let eve = Peer::new(70, "eve");
    let key = [0x66; 32];
    let channel = channel_id(&genesis);
    let fake = eve.signed(Record {
        channel,
        epoch: 1,
        descent: Descent::Sealed,
        author: 0,
        commit: peer::commit(&key, &channel),
        ..genesis.record.clone()
    });
    world.add("saburo", |_| {});
    world.filter = Box::new(|l, _| l.nick != "taro");
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    world.join("saburo");
    let hello = hello_of(&world, "saburo");
    world.inject_frame("eve", &taro.announce(&genesis));
    world.inject_frame("eve", &seal(&fake, &key, &hello));
    world.filter = Box::new(|_, _| true);
    world.run(3_600_000);
    assert_eq!(world.user("saburo").view().id(), live);
}
