//! What a thief gets out of what it took from a terminal, and when that ends: the table of chapter 2
//! (R-KEY-3, R-UPD-6). The thief has recorded every line, before and after.

use crate::rig;

use std::collections::{BTreeMap, BTreeSet};

use keyrota::crypto::{DhKey, DhPublic, Tally, expand, hash, open_in_place};
use keyrota::spec::{
    ChannelId, Descent, Frame, KeyId, MemberId, Point, Record, SealedBox, TextHeader, TextKind,
    label,
};
use keyrota::{Command, Config, Terminal};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rig::{CHANNEL, World, identity, secret, state};

/// Somebody who has recorded lines, and holds what it took.
#[derive(Default)]
struct Thief {
    channel: Option<ChannelId>,
    keys: BTreeMap<KeyId, [u8; 32]>,
    /// Member keys, and whose.
    member_keys: Vec<(MemberId, DhKey)>,
}

impl Thief {
    /// Reads a saved state.
    fn with_state(saved: &[u8]) -> Self {
        let mut thief = Self::default();
        for (_, _, pin, .., stay, _) in state::read(saved).5 {
            thief.channel = pin;
            let (records, .., keys, _) = stay.expect("records");
            for (record, _, key, ..) in keys {
                let key = key.try_into().expect("32 bytes");
                thief.keys.insert(key_id(&records[usize::from(record)].0), key);
            }
        }
        thief
    }

    /// Works through recorded frames, over and over, until nothing more opens; returns the texts.
    fn read(&mut self, frames: &[Vec<u8>]) -> BTreeSet<String> {
        loop {
            let before = self.keys.len();
            for bytes in frames {
                match Frame::decode(bytes) {
                    Ok(Frame::Refresh { record, wrapped }) => {
                        let record = record.record;
                        let id = key_id(&record.to_bytes());
                        let pads: Vec<_> = self.keys.values().copied().collect();
                        for key in pads {
                            let pad = expand::<32>(&key, label::WRAP, &[&id.0]);
                            self.take(&record, xor(&wrapped.0, &pad));
                        }
                    }
                    Ok(Frame::Sealed { record, ephemeral, boxes }) => {
                        self.open_boxes(&record.record, &ephemeral, &boxes, frames);
                    }
                    _ => {}
                }
            }
            if self.keys.len() == before {
                break;
            }
        }
        frames.iter().filter_map(|bytes| self.open(bytes)).collect()
    }

    /// Keeps what matches the commitment.
    fn take(&mut self, record: &Record, key: [u8; 32]) {
        let commit = expand::<16>(&key, label::COMMIT, &[&record.channel.0]);
        if *commit == record.commit.0 {
            self.keys.insert(key_id(&record.to_bytes()), key);
        }
    }

    fn open_boxes(&mut self, record: &Record, at: &Point, boxes: &[SealedBox], all: &[Vec<u8>]) {
        let id = key_id(&record.to_bytes());
        let further = all.iter().filter_map(|bytes| match Frame::decode(bytes) {
            Ok(Frame::Boxes { key, boxes }) if key == id.prefix() => Some(boxes),
            _ => None,
        });
        let boxes: Vec<SealedBox> = boxes.iter().copied().chain(further.flatten()).collect();
        let channel = match record.descent {
            Descent::Genesis { .. } => self.channel.expect("known"),
            _ => record.channel,
        };
        let ephemeral = DhPublic::from_bytes(&at.0).expect("a key");
        let mut found = Vec::new();
        for (member, key) in &self.member_keys {
            let shared = key.decapsulate(&ephemeral, &mut Tally::default());
            let pad = expand::<32>(&shared, label::BOX, &[&channel.0, &id.0, &member.0]);
            found.extend(boxes.iter().map(|one| xor(&one.key.0, &pad)));
        }
        for key in found {
            self.take(record, key);
        }
    }

    fn open(&self, bytes: &[u8]) -> Option<String> {
        let Ok(Frame::Text { kind, header, ciphertext }) = Frame::decode(bytes) else {
            return None;
        };
        let fitting = self.keys.iter().filter(|(id, _)| id.hint() == header.key);
        fitting.into_iter().find_map(|(id, key)| self.open_with(id, key, kind, header, ciphertext))
    }

    fn open_with(
        &self,
        id: &KeyId,
        key: &[u8; 32],
        kind: TextKind,
        header: TextHeader,
        ciphertext: &[u8],
    ) -> Option<String> {
        let key = expand::<32>(key, label::TEXT, &[&id.0, &header.tag.0]);
        let counter = header.counter.to_be_bytes();
        let nonce: [u8; 12] = [&[0; 8][..], &counter].concat().try_into().expect("12 bytes");
        let channel = self.channel.expect("known");
        let data = [&[kind.byte()][..], &channel.0, &id.0, &header.tag.0, &counter].concat();
        let mut text = ciphertext.to_vec();
        if !open_in_place(&key, &nonce, &data, &mut text, 0) {
            return None;
        }
        if kind.is_signed() {
            text.truncate(text.len() - 64);
        }
        String::from_utf8(text).ok()
    }
}

fn key_id(record: &[u8]) -> KeyId {
    KeyId::first_of(&hash(label::KEY, &[record]))
}

fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| one[at] ^ other[at])
}

/// The member keys that a terminal with this seed draws, as chapter 1 says.
fn member_keys(seed: [u8; 32], count: usize) -> Vec<DhKey> {
    let mut stream = ChaCha20Rng::from_seed(seed);
    stream.set_stream(1);
    let mut chain = [0; 32];
    stream.fill_bytes(&mut chain);
    (0..count)
        .map(|_| {
            let mut stream = ChaCha20Rng::from_seed(chain);
            let mut ikm = [0; 32];
            stream.fill_bytes(&mut chain);
            stream.fill_bytes(&mut ikm);
            DhKey::derive(&ikm, &mut Tally::default())
        })
        .collect()
}

fn frames(world: &World) -> Vec<Vec<u8>> {
    world.frames(0).into_iter().map(|(.., bytes)| bytes).collect()
}

fn texts<const N: usize>(all: [&str; N]) -> BTreeSet<String> {
    all.into_iter().map(String::from).collect()
}

/// A new key under the last one, and a word under it.
fn refresh(world: &mut World, text: &str) {
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(90_000);
    world.say("jiro", text);
}

/// A new key that is sealed to each, as the list changes, and a word under it.
fn seal(world: &mut World, modes: &str, text: &str) {
    world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("changed");
    world.run(90_000);
    world.say("jiro", text);
}

// ---- a saved state

#[test]
fn a_state_opens_what_its_keys_open_and_what_is_wrapped_after_until_the_next_sealed_record() {
    // Two keys are kept.
    let mut world = World::seated_with(&["taro", "hanako", "jiro"], |_, config| {
        config.channel.keys = 2;
    });
    seal(&mut world, "-d jiro", "wiped");
    refresh(&mut world, "older");
    refresh(&mut world, "current");
    let saved = world.user("hanako").terminal.save();
    world.say("taro", "after the theft");
    refresh(&mut world, "wrapped after");
    refresh(&mut world, "wrapped again");
    seal(&mut world, "+d jiro", "sealed");
    refresh(&mut world, "wrapped behind that");
    let mut thief = Thief::with_state(&saved);
    assert_eq!(thief.keys.len(), 2);
    let opened = thief.read(&frames(&world));
    let expected = ["older", "current", "after the theft", "wrapped after", "wrapped again"];
    assert_eq!(opened, texts(expected));
}

/// Neither the identity nor a member key stands in a state: boxes stay closed, and nothing is signed.
#[test]
fn a_state_holds_no_private_key() {
    let world = World::seated(&["taro", "hanako", "jiro"]);
    let saved = world.user("hanako").terminal.save();
    let mut private = vec![secret(2)];
    private.extend(member_keys([2; 32], 3).iter().map(|key| *key.to_bytes()));
    for key in private {
        assert!(!saved.windows(8).any(|bytes| key.windows(8).any(|part| part == bytes)));
    }
    // They are her own: she has shown one of them.
    let hellos = frames(&world).into_iter().filter_map(|bytes| match Frame::decode(&bytes) {
        Ok(Frame::Hello { hello, .. }) => Some(hello.hello.member_key.0),
        _ => None,
    });
    let own = member_keys([2; 32], 1)[0].public();
    assert!(hellos.into_iter().any(|key| key == own));
}

/// With the identity, a thief is the member until it is barred; and the owner is told.
#[test]
fn a_state_with_the_identity_is_the_member_until_barred() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let saved = world.user("jiro").terminal.save();
    world.add_as("mallory", identity(3, "jiro"), |_| {});
    let mut config = Config::new("mallory");
    config.line = 350;
    let thief = Terminal::restore(config, identity(3, "jiro"), &saved, [66; 32], world.now());
    world.user_mut("mallory").terminal = thief.expect("restored");
    world.join("mallory");
    world.run(20_000);
    let clone = |notice: &keyrota::Notice| matches!(notice, keyrota::Notice::Clone);
    assert!(world.user("jiro").notices.iter().any(clone), "the owner is not told");
    world.say("taro", "among friends");
    world.run(30_000);
    assert!(world.user("mallory").texts().contains(&"among friends"));
    let jiro = world.user("jiro").id().to_string();
    world.command("taro", Command::Bar { channel: CHANNEL, nick: &jiro }).expect("barred");
    world.run(60_000);
    world.say("taro", "without the thief");
    world.run(300_000);
    assert!(!world.user("mallory").texts().contains(&"without the thief"));
    assert!(world.user("hanako").texts().contains(&"without the thief"));
}

// ---- what is taken out of memory

/// A channel key alone, and what follows from it.
#[test]
fn a_key_opens_its_texts_and_what_is_wrapped_after() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    seal(&mut world, "-d jiro", "before");
    refresh(&mut world, "under it");
    let saved = world.user("hanako").terminal.save();
    let current = world.agreed();
    refresh(&mut world, "after it");
    seal(&mut world, "+d jiro", "sealed");
    let mut thief = Thief::with_state(&saved);
    thief.keys.retain(|id, _| *id == current);
    assert_eq!(thief.read(&frames(&world)), texts(["under it", "after it"]));
}

/// A member key opens the boxes that were made for it, before and after, until it is replaced: that
/// is a day. From each key wrapped ones follow.
#[test]
fn a_member_key_opens_boxes_until_the_day_is_over() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    // hanako's first one, made when she joined.
    let first = member_keys([2; 32], 1).remove(0);
    seal(&mut world, "-d jiro", "sealed before");
    seal(&mut world, "+d jiro", "sealed on the day");
    refresh(&mut world, "wrapped on the day");
    world.run(86_400_000 - 1_200_000 - world.ms);
    seal(&mut world, "-d jiro", "sealed late on the day");
    // She makes another one, tells it, and wipes the first 10 minutes later.
    world.run(86_400_000 + 600_000 - world.ms);
    refresh(&mut world, "wrapped the next day");
    seal(&mut world, "+d jiro", "sealed the next day");
    refresh(&mut world, "wrapped behind that");
    let mut thief = Thief { channel: world.user("hanako").view().id(), ..Thief::default() };
    thief.member_keys.push((world.user("hanako").id(), first));
    let opened = thief.read(&frames(&world));
    let expected = [
        "sealed before",
        "sealed on the day",
        "wrapped on the day",
        "sealed late on the day",
        "wrapped the next day",
    ];
    assert_eq!(opened, texts(expected));
    // The second one goes on from there.
    let second = member_keys([2; 32], 2).remove(1);
    let mut thief = Thief { channel: thief.channel, ..Thief::default() };
    thief.member_keys.push((world.user("hanako").id(), second));
    assert_eq!(thief.read(&frames(&world)), texts(["sealed the next day", "wrapped behind that"]));
}

/// A certificate key signs, and opens nothing: nothing is sealed to it.
#[test]
fn a_certificate_key_opens_nothing() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    seal(&mut world, "-d jiro", "sealed");
    let mut thief = Thief { channel: world.user("hanako").view().id(), ..Thief::default() };
    let key = DhKey::from_bytes(&secret(2), &mut Tally::default()).expect("a number");
    thief.member_keys.push((world.user("hanako").id(), key));
    assert_eq!(thief.read(&frames(&world)), texts([]));
}
