//! A server that floods a terminal with every kind of frame and event, 10,000 a second for a minute:
//! what the terminal keeps, sends and computes stays within bounds, and the channel works afterwards
//! (R-SYS-1; spec chapter 5, and chapter 13, "Denial of service").
//!
//! What it floods with is random; `FLOOD_SEED` repeats a run.

mod rig;

use allocation_counter::measure;
use keyrota::crypto::SigningKey;
use keyrota::roster::Detail;
use keyrota::spec::armor::{self, PartId};
use keyrota::spec::limits::{
    ACQUAINTANCES_PER_SECOND, ANSWERS_PER_MINUTE, BOXES_MAX, MEMBERS_MAX, STRANGERS_PER_SECOND,
    WAITING_MAX,
};
use keyrota::spec::{
    Ask, Certificate, ChannelId, Descent, Frame, Hello, KeyHint, KeyId, KeyPrefix, MemberHint,
    Point, Query, Record, Refused, SealedBox, Signature, SignedHello, SignedRecord, Subject, Tag,
    TextHeader, TextKind, Vouch, Wrapped, label,
};
use keyrota::{Action, Command, Config, Event, GrantRule, Notice, Tally};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rig::{CHANNEL, START, World, YEAR};

const SECONDS: u64 = 60;
const PER_MS: u64 = 10;
const NICKS: [&str; 4] = ["taro", "hanako", "jiro", "momo"];

/// What the server makes lines of.
struct Flood {
    rng: ChaCha20Rng,
    /// Real lines, by whom.
    recorded: Vec<(String, String)>,
    /// The records in them, and what names them.
    records: Vec<(SignedRecord, KeyId)>,
    /// The Hellos in them.
    hellos: Vec<SignedHello>,
    /// Hellos of identities that nobody has met, each signed.
    fresh: Vec<SignedHello>,
    /// The first bytes of the victim's MemberId.
    victim: MemberHint,
    nick: &'static str,
    counts: [u64; KINDS],
}

/// Ways to flood: one for each kind of frame, then replays, altered lines, fragments, no frames, and
/// what is no line.
const KINDS: usize = 16;

impl Flood {
    fn new(world: &World, nick: &'static str, seed: u64) -> Self {
        let (mut records, mut hellos) = (Vec::new(), Vec::new());
        for (_, _, bytes) in world.frames(0) {
            match Frame::decode(&bytes) {
                Ok(Frame::Refresh { record, .. } | Frame::Sealed { record, .. }) => {
                    let id = id_of(&record);
                    records.push((record, id));
                }
                Ok(Frame::Hello { hello, .. }) => hellos.push(hello),
                _ => {}
            }
        }
        let channel =
            ChannelId::first_of(&keyrota::crypto::hash(label::NAME, &[CHANNEL.as_bytes()]));
        let fresh = (0..2_500).map(|number| fresh(number, &channel, world.now().unix));
        Self {
            rng: ChaCha20Rng::seed_from_u64(seed),
            recorded: world.lines.iter().map(|one| (one.nick.clone(), one.text.clone())).collect(),
            records,
            hellos,
            fresh: fresh.collect(),
            victim: world.user(nick).id().hint(),
            nick,
            counts: [0; KINDS],
        }
    }

    fn below(&mut self, n: usize) -> usize {
        self.rng.next_u32() as usize % n
    }

    fn coin(&mut self) -> bool {
        self.rng.next_u32() & 1 == 0
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    fn any<T: Clone>(&mut self, of: fn(&Self) -> &Vec<T>) -> T {
        let at = self.below(of(self).len());
        of(self)[at].clone()
    }

    /// A member's, that of one who was invented, or one that the roster does not have.
    fn from(&mut self) -> String {
        match self.below(4) {
            0 | 1 => self.other().into(),
            2 => format!("x{}", self.below(20_000)),
            _ => format!("nobody{}", self.below(1_000)),
        }
    }

    /// A member that is not the victim.
    fn other(&mut self) -> &'static str {
        let others: Vec<_> = NICKS.into_iter().filter(|nick| *nick != self.nick).collect();
        others[self.below(others.len())]
    }

    fn whom(&mut self) -> MemberHint {
        if self.coin() { self.victim } else { MemberHint(self.bytes()) }
    }

    /// That of a real record.
    fn key(&mut self) -> KeyId {
        let at = self.below(self.records.len());
        self.records[at].1
    }

    fn prefix(&mut self) -> KeyPrefix {
        let real = self.key().prefix();
        if self.coin() { real } else { KeyPrefix(self.bytes()) }
    }

    /// A real record, or one that is above all others, or of another channel.
    fn record(&mut self) -> SignedRecord {
        let (mut signed, _) = self.any(|flood| &flood.records);
        let record: &mut Record = &mut signed.record;
        match self.below(4) {
            0 => return signed,
            1 => record.channel = ChannelId(self.bytes()),
            2 => record.epoch = 16_383,
            // One step from a list that is proven, or from none.
            _ => {
                let mut entries = record.list.entries().to_vec();
                let at = self.below(entries.len());
                entries[at].changes = 1 + (self.rng.next_u32() >> 3);
                record.list = keyrota::spec::List::new(entries).expect("a list");
                record.author = at as u8;
                record.epoch = 0;
                record.descent = Descent::Sealed;
            }
        }
        signed.record.commit.0 = self.bytes();
        if self.coin() {
            signed.signature = Signature(self.bytes());
        }
        signed
    }

    fn boxes(&mut self) -> Vec<SealedBox> {
        let count = 1 + self.below(3);
        (0..count).map(|_| SealedBox { whom: self.whom(), key: Wrapped(self.bytes()) }).collect()
    }

    fn frame(&mut self, kind: usize) -> Vec<u8> {
        match kind {
            0..=2 => {
                let kind = [TextKind::Signed, TextKind::Unsigned, TextKind::Control][kind];
                let key = match self.coin() {
                    true => KeyHint(self.bytes()),
                    false => self.key().hint(),
                };
                let tag = match self.coin() {
                    true => Tag(self.bytes()),
                    false => self.any(|flood| &flood.hellos).hello.tag,
                };
                let counter = self.rng.next_u32() >> 11;
                let ciphertext: [u8; 100] = self.bytes();
                let header = TextHeader { key, tag, counter };
                Frame::Text { kind, header, ciphertext: &ciphertext }.encode()
            }
            3 | 10 => {
                let (real, pool) = (self.coin(), self.coin());
                let mut hello = if pool {
                    self.any(|flood| &flood.fresh)
                } else {
                    self.any(|flood| &flood.hellos)
                };
                if !real {
                    // Newer, and not signed.
                    hello.hello.time += u64::from(self.rng.next_u32() % 3_000);
                    hello.hello.tag = Tag(self.bytes());
                }
                Frame::Hello { hello, relayed: kind == 10 }.encode()
            }
            4 => {
                let mut record = self.record();
                let root = self.key().root();
                record.record.descent = Descent::Wrapped { root, step: 1 + self.below(100) as u8 };
                Frame::Refresh { record, wrapped: Wrapped(self.bytes()) }.encode()
            }
            5 => {
                let (record, boxes) = (self.record(), self.boxes());
                let ephemeral = self.any(|flood| &flood.fresh).hello.member_key;
                Frame::Sealed { record, ephemeral, boxes }.encode()
            }
            6 => Frame::Boxes { key: self.prefix(), boxes: self.boxes() }.encode(),
            7 => {
                let author = self.any(|flood| &flood.hellos).hello.certificate.body.key;
                Frame::Announce { record: self.record(), author }.encode()
            }
            8 => {
                let what = match self.below(3) {
                    0 => Subject::Proof { key: self.prefix(), have: self.below(3) as u8 },
                    1 => Subject::Hello(self.whom()),
                    _ => Subject::Tag(self.any(|flood| &flood.hellos).hello.tag),
                };
                let whom = if self.coin() { None } else { Some(self.whom()) };
                Frame::Query(Query { whom, what }).encode()
            }
            _ => {
                let reason = [Refused::Certificate, Refused::Barred, Refused::Key][self.below(3)];
                Frame::Refusal { whom: self.whom(), reason }.encode()
            }
        }
    }

    fn line(&mut self, kind: usize) -> (String, String) {
        match kind {
            0..=10 => {
                let frame = self.frame(kind);
                // Longer than a line, as a server may.
                (self.from(), armor::whole(&frame))
            }
            11 => self.any(|flood| &flood.recorded),
            12 => {
                let (nick, text) = self.any(|flood| &flood.recorded);
                let mut text = text.into_bytes();
                let at = 2 + self.below(text.len() - 2);
                text[at] = b"Aa0"[self.below(3)];
                (nick, String::from_utf8(text).expect("ASCII"))
            }
            13 => {
                let kind = self.below(11);
                let frame = self.frame(kind);
                let id = PartId::new(self.rng.next_u32());
                let lines = armor::lines(&frame, 80, id);
                let at = self.below(lines.len());
                (self.from(), lines[at].clone())
            }
            _ => {
                let junk: [u8; 60] = self.bytes();
                let letters = junk.map(|byte| char::from(b' ' + byte % 94));
                let start = if self.coin() { "+K" } else { "" };
                (self.from(), start.to_owned() + &letters.iter().collect::<String>())
            }
        }
    }
}

fn id_of(record: &SignedRecord) -> KeyId {
    let bytes = record.record.to_bytes();
    KeyId::first_of(&keyrota::crypto::hash(label::KEY, &[&bytes]))
}

/// Somebody who introduces itself as everybody does, and asks for the key.
fn fresh(number: u16, channel: &ChannelId, unix: u64) -> SignedHello {
    let mut secret = [5; 32];
    secret[..2].copy_from_slice(&number.to_be_bytes());
    let key = SigningKey::from_bytes(&secret).expect("a key");
    let name = keyrota::spec::Name::new(&format!("x{number}")).expect("a name");
    let public = Point(key.public());
    let body = keyrota::spec::Body { name, key: public, not_before: START, lifetime: YEAR };
    let hello = Hello {
        certificate: Certificate { body, vouch: Vouch::SelfSigned },
        // Any key will do.
        member_key: public,
        tag: Tag([9, 9, secret[0], secret[1]]),
        time: unix + u64::from(number % 50),
        ask: Some((Ask::Latest, None)),
    };
    let parts: [&[u8]; 3] = [label::SIGN_HELLO, &channel.0, &hello.to_bytes()];
    let signature = Signature(key.sign(&mut Tally::default(), &parts));
    SignedHello { hello, signature }
}

/// What a minute of it came to.
#[derive(Debug)]
struct Toll {
    lines: u64,
    heap: u64,
    work: Tally,
}

/// Floods one of them for a minute, in which it hears nothing else, and nobody hears it.
fn flood(world: &mut World, flood: &mut Flood) -> Toll {
    let nick = flood.nick;
    let before = world.user(nick).terminal.tally();
    let (mut lines, mut heap) = (0, 0);
    world.filter = Box::new(|_, _| false);
    let mut base: i64 = 0;
    for ms in 0..SECONDS * 1_000 {
        world.ms += 1;
        let now = world.now();
        if ms % 1_000 == 999 {
            for other in NICKS.into_iter().filter(|other| *other != nick) {
                world.event(other, Event::Tick);
            }
            world.deliver();
        }
        for _ in 0..PER_MS {
            let kind = flood.below(KINDS);
            flood.counts[kind] += 1;
            let user = world.user_mut(nick);
            let channel = CHANNEL;
            let (from, text) =
                if kind < 15 { flood.line(kind) } else { (flood.from(), flood.from()) };
            let what = flood.below(8);
            let names = [(from.as_str(), true), (nick, false), ("hanako", false), (&text, false)];
            let event = match (kind, what) {
                // A third comes to the user alone: from its peer, and from others.
                (0..15, 0..=2) => Event::Private { nick: &from, text: &text },
                (0..15, _) => Event::Line { channel, nick: &from, text: &text },
                (_, 0..=2) => Event::Join { channel, nick: &from },
                (_, 3) => Event::Part { channel, nick: &from },
                (_, 4) => Event::Quit { nick: &from },
                (_, 5) => Event::Nick { old: &from, new: &text },
                (_, 6) => Event::Detail { channel, nick: &from, detail: Detail::RealName(&text) },
                // Seldom, or nobody would be there.
                _ if flood.below(500) == 0 => Event::Names { channel, names: &names },
                _ => Event::Operator { channel, nick: &from, on: true },
            };
            let info = measure(|| {
                for action in user.terminal.handle(now, event) {
                    lines += u64::from(matches!(action, Action::Send { .. }));
                }
            });
            heap = heap.max(base + info.bytes_max as i64);
            base += info.bytes_current;
        }
    }
    for other in world.users.iter().map(|user| user.nick.clone()).collect::<Vec<_>>() {
        world.event(&other, Event::Tick);
    }
    world.deliver();
    world.filter = Box::new(|_, _| true);
    let now = world.user(nick).terminal.tally();
    let (sign, verify) = (now.sign - before.sign, now.verify - before.verify);
    let work = Tally { sign, verify, multiply: now.multiply - before.multiply };
    assert!(flood.counts.iter().all(|count| *count > 30_000), "{:?}", flood.counts);
    Toll { lines, heap: heap.try_into().expect("more than nothing"), work }
}

impl Toll {
    fn check(&self) {
        println!("{self:?}");
        // Each bucket is full at first, and then fills as time goes.
        let frames = (STRANGERS_PER_SECOND + ACQUAINTANCES_PER_SECOND) * (SECONDS + 1);
        let new = STRANGERS_PER_SECOND * (SECONDS + 1);
        let waiting = WAITING_MAX as u64;
        // A Hello is one signature, and so is a record. (Members can have more verified: texts.)
        let verify = frames + new;
        // And it was a flood: tokens were used up.
        assert!(self.work.verify > frames / 2, "{}", self.work.verify);
        assert!(self.work.verify <= verify, "{} > {verify}", self.work.verify);
        // Two secrets for each frame with a box; one for each box that is sealed: in answers to those
        // who were met, and in two rotations.
        let boxes = frames + 2 * BOXES_MAX as u64;
        let multiply = 2 * frames + 2 * waiting * new + boxes + 100;
        assert!(self.work.multiply <= multiply, "{} > {multiply}", self.work.multiply);
        // Answers of four lines; grants, one in two seconds, with seven boxes a line; queries; and what
        // comes once or twice a minute.
        let answers = 2 * ANSWERS_PER_MINUTE * 4;
        let grants = (SECONDS / 2 + 1) * 5 + boxes / 7;
        let queries = 16 * (SECONDS / 15 + 1);
        let lines = answers + grants + queries + 50;
        assert!(self.lines <= lines, "{} > {lines}", self.lines);
        assert!(self.work.sign <= self.lines);
        // An occupant takes 400 bytes, and a member that is met two kilobytes; the rest is bounded
        // by small numbers.
        let heap = MEMBERS_MAX as u64 * 400 + frames * 2_000 + (1 << 20);
        assert!(self.heap <= heap, "{} > {heap}", self.heap);
    }
}

fn seed() -> u64 {
    let seed = std::env::var("FLOOD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("FLOOD_SEED={seed}");
    seed
}

/// The server tells the truth again: who is here, and what they say.
fn truth(world: &mut World) {
    let here: Vec<String> = world.here().map(|user| user.nick.clone()).collect();
    let names: Vec<(&str, bool)> = here.iter().map(|nick| (nick.as_str(), false)).collect();
    for nick in &here {
        world.event(nick, Event::Names { channel: CHANNEL, names: &names });
    }
    world.deliver();
    world.run(300_000);
}

/// Each reads what each says, the key is renewed, and somebody comes in.
fn works(world: &mut World) {
    world.agreed();
    for round in 0..2 {
        let nicks: Vec<String> = world.here().map(|user| user.nick.clone()).collect();
        for nick in &nicks {
            world.say(nick, &format!("{nick} {round}"));
            world.run(3_000);
        }
        for user in world.here() {
            for nick in nicks.iter().filter(|nick| **nick != user.nick) {
                let text = format!("{nick} {round}");
                let said = user.shown.iter().filter(|shown| shown.text == text);
                let names: Vec<_> = said.map(|shown| shown.name.as_deref()).collect();
                assert_eq!(names, [Some(nick.as_str())], "what {} read of {nick}", user.nick);
            }
        }
        if round == 0 {
            let key = world.agreed();
            world.command("hanako", Command::Refresh { channel: CHANNEL }).expect("wished");
            world.run(120_000);
            assert_ne!(world.agreed(), key);
            world.add("late", quiet);
            world.join("late");
            world.run(30_000);
            world.agreed();
        }
    }
}

fn quiet(config: &mut Config) {
    config.channel.rule = GrantRule::ByHand;
    config.channel.triggers.period = None;
}

/// Three with seats and one without, who have talked and renewed their key; two talk by themselves.
fn channel() -> World {
    let mut world = World::seated_with(&NICKS[..3], |_, config| quiet(config));
    world.add("momo", quiet);
    world.join("momo");
    for nick in NICKS {
        world.say(nick, "hello");
        world.run(3_000);
    }
    world.tell("taro", "hanako", "hello");
    world.tell("hanako", "taro", "hello to you");
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(61_000);
    world.agreed();
    world
}

#[test]
fn a_terminal_in_a_channel() {
    let mut world = channel();
    let mut source = Flood::new(&world, "taro", seed());
    flood(&mut world, &mut source).check();
    truth(&mut world);
    works(&mut world);
    for (from, to) in [("taro", "hanako"), ("hanako", "taro")] {
        world.tell(from, to, "between us");
        assert_eq!(world.user(to).texts().last(), Some(&"between us"));
    }
}

/// It has asked, and the server lets no answer through.
#[test]
fn a_terminal_that_seeks() {
    let mut world = channel();
    world.add("goro", quiet);
    world.filter = Box::new(|_, _| false);
    world.join("goro");
    assert_eq!(world.user("goro").current(), None);
    let mut source = Flood::new(&world, "goro", seed());
    flood(&mut world, &mut source).check();
    assert!(!world.user("goro").notices.iter().any(|told| matches!(told, Notice::Pinned(_))));
    truth(&mut world);
    works(&mut world);
}
