//! What a terminal keeps: at each bound, and one past it (spec chapter 5, "What a terminal keeps"). Bounds that
//! have a topic of their own are tested there; `conformance/limits.txt` says which is where.

use crate::peer;
use crate::rig;

use keyrota::spec::limits::{
    CLAIMS_MAX, HELD_MAX, KEYS, KEYS_MAX, LOOSE_BOXES_MAX, TAGS_MAX, WAITING_MAX,
};
use keyrota::spec::{
    ChannelId, Frame, KeyId, KeyPrefix, List, MemberId, Record, SealedBox, SignedRecord, Tag,
    TextHeader, TextKind, Wrapped, armor,
};
use keyrota::{Command, Event, Fault, Refusal, RestoreError, Settings, Terminal};
use peer::Peer;
use rig::{CHANNEL, World, identity, state};

const SEATS: [&str; 3] = ["taro", "hanako", "jiro"];

/// Three with seats, who renew nothing by themselves.
pub(crate) fn world() -> World {
    World::seated_with(&SEATS, |_, config| config.channel.triggers.period = None)
}

/// Lets one user alone hear a frame.
pub(crate) fn whisper(world: &mut World, to: &str, from: &str, frame: &Frame<'_>) {
    whisper_bytes(world, to, from, &frame.encode());
}

pub(crate) fn whisper_bytes(world: &mut World, to: &str, from: &str, frame: &[u8]) {
    let text = armor::whole(frame);
    world.event(to, Event::Line { channel: CHANNEL, nick: from, text: &text });
    world.deliver();
}

/// The channel, and the current key as a user holds it.
pub(crate) fn held(world: &World, nick: &str) -> ((ChannelId, KeyId), [u8; 32]) {
    let view = world.user(nick).view();
    let current = view.current().expect("a record");
    let found = view.secrets().find(|(id, ..)| *id == current);
    ((view.id().expect("a channel"), current), found.expect("its key").2)
}

/// How much of this a user's terminal keeps in the channel.
pub(crate) fn size(world: &World, nick: &str, what: &str) -> usize {
    let sizes = world.user(nick).view().sizes();
    sizes.iter().find(|(name, ..)| *name == what).expect("it is counted").1
}

fn floods(world: &World, nick: &str) -> usize {
    world.user(nick).faults().iter().filter(|fault| **fault == Fault::Flood).count()
}

pub(crate) fn list(world: &mut World, modes: &str) {
    world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("changed");
}

fn refresh(world: &mut World) {
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(61_000);
}

// ---- who wrote a text

#[test]
fn so_many_may_claim_a_tag_and_one_more_is_not_heard() {
    let mut world = world();
    let (place, key) = held(&world, "taro");
    let numbers = 50..51 + u8::try_from(CLAIMS_MAX).expect("few");
    let mut peers: Vec<(Peer, String)> =
        numbers.map(|number| (Peer::new(number, "peer"), format!("n{number}"))).collect();
    for (peer, nick) in &mut peers {
        *peer = Peer::new(peer.tag.0[0], nick);
        peer.tag = Tag([5; 4]);
    }
    // In this order they are tried.
    peers.sort_by_key(|(peer, _)| peer.id);
    let time = world.now().unix;
    for (peer, nick) in &peers {
        world.event("hanako", Event::Join { channel: CHANNEL, nick });
        whisper(&mut world, "hanako", nick, &peer.hello(time, None));
    }
    let say = |world: &mut World, number: usize, counter| {
        let (peer, nick) = &peers[number];
        let text = peer.text(place, &key, (Tag([5; 4]), counter), true, nick);
        whisper_bytes(world, "hanako", nick, &text);
    };
    (0..peers.len()).for_each(|number| say(&mut world, number, 0));
    let nicks: Vec<&str> = peers.iter().map(|(_, nick)| nick.as_str()).collect();
    assert_eq!(world.user("hanako").texts(), nicks[..CLAIMS_MAX]);
    // One takes another tag, and there is room.
    let first = Peer::new(peers[0].1[1..].parse().expect("a number"), &peers[0].1);
    whisper(&mut world, "hanako", nicks[0], &first.hello(time + 1, None));
    say(&mut world, CLAIMS_MAX, 1);
    assert_eq!(world.user("hanako").texts().last(), nicks.last());
}

#[test]
fn texts_under_so_many_tags_are_told_from_repeats_and_those_under_one_more_not_shown() {
    let mut world = world();
    let mut state = state::read(&world.user("hanako").terminal.save());
    let mark = |number: usize| {
        let number = u32::try_from(number).expect("few").to_be_bytes();
        ((Tag(number), Some(MemberId::first_of(&number.repeat(4)))), (1, 1))
    };
    let stay = |state: &mut state::State| state.5[0].6.take().expect("in the channel");
    let fill = |state: &mut state::State, count| {
        let mut stay = stay(state);
        stay.5.last_mut().expect("a key").6 = (0..count).map(mark).collect();
        state.5[0].6 = Some(stay);
        state::write(state)
    };
    let whole = fill(&mut state, TAGS_MAX - 1);
    world.restart("hanako", &whole, 99);
    world.join("hanako");
    world.agreed();
    world.say("jiro", "one more");
    assert_eq!(world.user("hanako").texts(), ["one more"]);
    assert_eq!(size(&world, "hanako", "tags of a key"), TAGS_MAX);
    world.say("taro", "too many");
    world.say("jiro", "and another");
    assert_eq!(world.user("hanako").texts(), ["one more", "and another"]);
    assert_eq!(floods(&world, "hanako"), 1);
    assert_eq!(size(&world, "hanako", "tags of a key"), TAGS_MAX);
    assert_eq!(restored(&world, &fill(&mut state, TAGS_MAX)), Ok(()));
    let more = restored(&world, &fill(&mut state, TAGS_MAX + 1));
    assert_eq!(more, Err(RestoreError::Damaged));
}

/// Whether hanako's terminal can go on from this.
fn restored(world: &World, saved: &[u8]) -> Result<(), RestoreError> {
    let config = keyrota::Config::new("hanako");
    let who = identity(2, "hanako");
    Terminal::restore(config, who, saved, [77; 32], world.now()).map(drop)
}

// ---- records and keys

/// A record that jiro cannot have signed: nothing proves its list.
pub(crate) fn made_up(world: &World, number: u32) -> Frame<'static> {
    let record = world.user("taro").view().record().expect("a record").clone();
    let mut entries = record.list.entries().to_vec();
    entries[0].changes = 1_000 + number;
    let list = List::new(entries).expect("a list");
    let record = world.signed("jiro", Record { list, author: 2, epoch: 1, ..record });
    Frame::Announce { record, author: world.point("jiro") }
}

#[test]
fn so_many_records_wait_for_what_they_lack_and_the_oldest_goes() {
    let mut world = world();
    let tell = |world: &mut World, number: usize| {
        let frame = made_up(world, u32::try_from(number).expect("few"));
        whisper(world, "hanako", "jiro", &frame);
        world.user("hanako").view().waiting()
    };
    let waiting = (0..WAITING_MAX).map(|number| tell(&mut world, number)).last().expect("some");
    assert_eq!(waiting.len(), WAITING_MAX);
    let one_more = tell(&mut world, WAITING_MAX);
    assert_eq!(one_more.len(), WAITING_MAX);
    assert_eq!(one_more[..WAITING_MAX - 1], waiting[1..]);
    assert!(!waiting.contains(&one_more[WAITING_MAX - 1]));
}

#[test]
fn so_many_boxes_wait_for_their_first_line_and_the_oldest_goes() {
    for (others, opened) in [(LOOSE_BOXES_MAX - 1, true), (LOOSE_BOXES_MAX, false)] {
        for lines_first in [false, true] {
            let mut world = world();
            let count = world.lines.len();
            world.filter = Box::new(|_, to| to != "jiro");
            list(&mut world, "-d hanako");
            let me = world.user("jiro").id().hint();
            let frames = world.frames(count);
            let (mut first, mut boxes) = (None, Vec::new());
            for (_, _, bytes) in &frames {
                match Frame::decode(bytes) {
                    Ok(Frame::Sealed { record, ephemeral, boxes: some }) => {
                        first = Some((record, ephemeral));
                        boxes.extend(some);
                    }
                    Ok(Frame::Boxes { boxes: more, .. }) => boxes.extend(more),
                    _ => {}
                }
            }
            let (record, ephemeral) = first.expect("a sealed key");
            let (own, rest): (Vec<_>, Vec<_>) = boxes.into_iter().partition(|one| one.whom == me);
            assert_eq!((own.len(), rest.is_empty()), (1, false));
            let key = peer::key_id(&record).prefix();
            let first = Frame::Sealed { record: record.clone(), ephemeral, boxes: rest.clone() };
            let further = Frame::Boxes { key, boxes: own };
            let made_up = |number: usize| {
                let number = u8::try_from(number).expect("few");
                let (key, boxes) = (KeyPrefix([number; 8]), vec![nothing(me)]);
                let sealed = Record {
                    time: record.record.time + u32::from(number) + 1,
                    ..record.record.clone()
                };
                let record = SignedRecord { record: sealed, signature: record.signature };
                let other = Frame::Sealed { record, ephemeral, boxes: rest.clone() };
                if lines_first { other } else { Frame::Boxes { key, boxes } }
            };
            let (one, last) = if lines_first { (&first, &further) } else { (&further, &first) };
            whisper(&mut world, "jiro", "taro", one);
            (0..others).for_each(|number| whisper(&mut world, "jiro", "taro", &made_up(number)));
            let what = if lines_first { "first lines" } else { "loose boxes" };
            assert_eq!(size(&world, "jiro", what), LOOSE_BOXES_MAX);
            whisper(&mut world, "jiro", "taro", last);
            assert_eq!(world.user("jiro").sealing() == world.user("taro").sealing(), opened);
        }
    }
}

/// A box that nothing opens.
fn nothing(whom: keyrota::spec::MemberHint) -> SealedBox {
    SealedBox { whom, key: Wrapped([8; 32]) }
}

#[test]
fn of_so_many_keys_that_went_it_is_remembered_what_was_seen() {
    let mut world = World::seated_with(&SEATS[..2], |_, config| {
        config.channel.triggers.period = None;
        config.channel.keys = 1;
    });
    let mut gone = Vec::new();
    let kept = |world: &World| -> Vec<KeyId> {
        let state = state::read(&world.user("hanako").terminal.save());
        state.5[0].5.iter().map(|(key, ..)| *key).collect()
    };
    let before = kept(&world).len();
    for _ in before..KEYS_MAX {
        gone.push(world.agreed());
        refresh(&mut world);
    }
    assert_eq!(kept(&world)[before..], gone);
    let all = kept(&world);
    gone.push(world.agreed());
    refresh(&mut world);
    assert_eq!(kept(&world), [&all[1..], &gone[gone.len() - 1..]].concat());
    // Of as many valid records it is known that they are.
    assert_eq!(size(&world, "hanako", "records remembered"), HELD_MAX);
}

#[test]
fn of_so_many_keys_the_oldest_goes_unless_the_user_says_otherwise() {
    let mut world = world();
    let mut made = vec![world.agreed()];
    while made.len() <= KEYS {
        refresh(&mut world);
        made.push(world.agreed());
        let held: Vec<KeyId> = world.user("hanako").view().keys().collect();
        // The founder's first was there before.
        assert_eq!(
            held[held.len() - made.len().min(KEYS)..],
            made[made.len().saturating_sub(KEYS)..]
        );
        assert!(held.len() <= KEYS);
    }
}

// ---- texts

#[test]
fn half_of_the_places_for_texts_is_for_keys_that_there_are() {
    let mut world = world();
    for nick in ["momo", "goro"] {
        world.add(nick, |config| config.channel.rule = keyrota::GrantRule::ByHand);
        world.join(nick);
        world.run(3_000);
    }
    world.make_unheard("taro", Command::Mode { channel: CHANNEL, modes: "-d jiro" }, &[]);
    let known = world.user("taro").current().expect("a record").hint();
    let text = |known: keyrota::spec::KeyHint, number: usize| {
        let number = u32::try_from(number).expect("few");
        let header = TextHeader { key: known, tag: Tag(number.to_be_bytes()), counter: 0 };
        Frame::Text { kind: TextKind::Unsigned, header, ciphertext: &[1; 20] }.encode()
    };
    // Under a key of which nobody has heard: half of a half for each nick.
    let made_up = keyrota::spec::KeyHint([0xaa; 3]);
    for (half, nick) in ["taro", "momo"].into_iter().enumerate() {
        for number in 0..=HELD_MAX / 4 {
            whisper_bytes(&mut world, "hanako", nick, &text(made_up, 100 * half + number));
        }
        assert_eq!(floods(&world, "hanako"), half + 1);
    }
    whisper_bytes(&mut world, "hanako", "goro", &text(made_up, 300));
    assert_eq!((size(&world, "hanako", "texts held"), floods(&world, "hanako")), (HELD_MAX / 2, 3));
    // Under one that has a valid record: the other half, and one more is dropped.
    world.announce("taro");
    for number in 0..HELD_MAX / 2 {
        whisper_bytes(&mut world, "hanako", "goro", &text(known, 400 + number));
    }
    assert_eq!((size(&world, "hanako", "texts held"), floods(&world, "hanako")), (HELD_MAX, 3));
    whisper_bytes(&mut world, "hanako", "stranger", &text(known, 500));
    assert_eq!((size(&world, "hanako", "texts held"), floods(&world, "hanako")), (HELD_MAX, 4));
}

// ---- what the user sets

#[test]
fn a_password_is_no_longer_than_its_length_has_bytes_for() {
    let mut world = world();
    for (bytes, set) in [(usize::from(u16::MAX), Ok(())), (1 << 16, Err(Refusal::Settings))] {
        let settings = Settings { password: "p".repeat(bytes), ..Settings::default() };
        let configure = Command::Configure { channel: CHANNEL, settings };
        assert_eq!(world.command("hanako", configure), set);
    }
}
