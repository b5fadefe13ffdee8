//! Made-up grants to one who has just come and knows nobody's channel yet.

use keyrota::spec::{ChannelId, Entry, Frame, Name, Point, Record, SignedRecord};
use keyrota::{Authentication, Fault, GrantRule, Notice, SelfSigned};

use crate::eve::{self, Eve};
use crate::rig::{self, CHANNEL, Relayed, World};
use crate::stage::{of_kind, state, talk, unheard, whisper};

const KEY: [u8; 32] = [0xe0; 32];

/// A channel of three, and momo, who has just asked for its key but was not heard by anyone.
struct Scene {
    world: World,
    eve: Eve,
    asked: Relayed,
    /// Momo's.
    member_key: Point,
    genesis: SignedRecord,
    current: SignedRecord,
}

impl Scene {
    /// Momo takes nobody's word but that of the three.
    fn new() -> Self {
        let mut world = World::seated(&["taro", "hanako", "jiro"]);
        let mut trusted = Authentication::default();
        for user in &world.users {
            trusted.pin(Name::new(&user.nick).expect("a name"), user.id());
        }
        trusted.self_signed = SelfSigned::Refuse;
        world.add("momo", |config| {
            config.authentication = trusted;
            config.channel.rule = GrantRule::ByHand;
        });
        Self::of(world)
    }

    /// Momo, who is to join, takes whose word it will.
    fn of(mut world: World) -> Self {
        let frames = world.frames(0);
        let records = frames.iter().filter_map(|(_, _, bytes)| match Frame::decode(bytes) {
            Ok(Frame::Sealed { record, .. } | Frame::Announce { record, .. }) => Some(record),
            _ => None,
        });
        let records: Vec<SignedRecord> = records.collect();
        let (genesis, current) = (records[0].clone(), records[records.len() - 1].clone());
        let asked = of_kind(&unheard(&mut world, |world| world.join("momo")), 3);
        let Ok(Frame::Hello { hello, .. }) = Frame::decode(&asked.bytes().expect("a line")) else {
            panic!("no Hello");
        };
        let member_key = hello.hello.member_key;
        let mut scene = Self { world, eve: Eve::new(), asked, member_key, genesis, current };
        scene.tell_of_taro();
        scene
    }

    /// Momo has heard who taro is.
    fn tell_of_taro(&mut self) {
        let of_taro = |line: &&Relayed| line.kind() == Some(3) && line.nick == "taro";
        let taro = self.world.lines.iter().rfind(of_taro).expect("a Hello").clone();
        whisper(&mut self.world, "momo", "taro", &taro.text);
    }

    /// A box for momo.
    fn seal(&self, record: SignedRecord, channel: ChannelId) -> String {
        let momo = self.world.user("momo").id();
        eve::seal(record, channel, &KEY, momo, &self.member_key)
    }

    /// Eve's own channel of this name, seating these.
    fn fake(&self, list: Vec<Entry>) -> (SignedRecord, ChannelId) {
        let genesis = eve::genesis(CHANNEL, self.eve.point(), list, &KEY);
        let channel = eve::channel_id(&genesis);
        (self.eve.signed(genesis), channel)
    }

    fn announce(&self, record: SignedRecord) -> String {
        eve::line(&Frame::Announce { record, author: self.eve.point() })
    }

    /// Momo hears these from eve, and takes no channel for the one it wants.
    fn fails(&mut self, lines: &[String]) {
        let before = state(&self.world, "momo");
        for line in lines {
            whisper(&mut self.world, "momo", "eve", line);
            assert_eq!(before, state(&self.world, "momo"));
        }
    }

    /// Then momo is heard, and what it is given by those who are there is enough.
    fn recovers(mut self) {
        self.world.inject("momo", &self.asked.text);
        self.world.run(3_000);
        self.world.agreed();
        talk(&mut self.world);
        assert_eq!(self.world.user("momo").view().id(), self.world.user("taro").view().id());
    }
}

#[test]
fn the_founder_named_in_the_list_did_not_sign() {
    let mut scene = Scene::new();
    let taro = scene.world.user("taro").id();
    let (genesis, channel) = scene.fake(vec![eve::both(taro)]);
    let grant = scene.seal(genesis, channel);
    scene.fails(&[grant]);
    assert!(scene.world.user("momo").faults().contains(&Fault::Signature));
    scene.recovers();
}

/// Taro's own, whose key any member of it can seal to whomever it likes.
#[test]
fn a_channel_of_another_name() {
    let mut scene = Scene::new();
    let taro = Eve::with(&rig::secret(1), "taro");
    assert_eq!(taro.id, scene.world.user("taro").id());
    let genesis = eve::genesis("#other", taro.point(), vec![eve::both(taro.id)], &KEY);
    let channel = eve::channel_id(&genesis);
    let grant = scene.seal(taro.signed(genesis), channel);
    scene.fails(&[grant]);
    assert!(scene.world.user("momo").faults().contains(&Fault::Channel));
    scene.recovers();
}

#[test]
fn a_key_that_the_record_does_not_commit_to() {
    let mut scene = Scene::new();
    let channel = scene.world.user("taro").view().id().expect("a channel");
    let grants =
        [scene.seal(scene.current.clone(), channel), scene.announce(scene.genesis.clone())];
    scene.fails(&grants);
    scene.recovers();
}

/// Eve's own channel: momo does not take eve's word, whoever else she seats and says has signed.
#[test]
fn a_channel_of_one_who_is_not_accepted() {
    for author in ["eve", "taro", "momo"] {
        let mut scene = Scene::new();
        let (taro, momo) = (scene.world.user("taro").id(), scene.world.user("momo").id());
        let eve = scene.eve.id;
        let (genesis, channel) = scene.fake(vec![eve::both(eve)]);
        let list: Vec<Entry> = [eve, taro, momo].map(eve::both).to_vec();
        let seat = ["eve", "taro", "momo"].iter().position(|seat| *seat == author).expect("one");
        let record = Record { author: seat as u8, ..eve::record(channel, list, &KEY) };
        let signed = scene.eve.signed(record);
        let lines = [
            eve::line(&Frame::Hello {
                hello: scene.eve.hello(CHANNEL, scene.world.now().unix, None),
                relayed: false,
            }),
            scene.announce(genesis),
            scene.seal(signed.clone(), channel),
            scene.announce(signed),
        ];
        scene.fails(&lines);
        scene.recovers();
    }
}

/// The true channel, and a key for it that eve made.
#[test]
fn a_made_up_key_of_the_true_channel() {
    let mut scene = Scene::new();
    let channel = scene.world.user("taro").view().id().expect("a channel");
    let list = scene.genesis.record.list.entries().to_vec();
    let made_up = scene.eve.signed(eve::record(channel, list, &KEY));
    let lines = [scene.seal(made_up.clone(), channel), scene.announce(scene.genesis.clone())];
    for line in lines {
        whisper(&mut scene.world, "momo", "eve", &line);
    }
    assert_eq!(scene.world.user("momo").sealing(), None);
    assert!(scene.world.user("momo").view().keys().next().is_none());
    scene.recovers();
}

/// What eve says of the genesis comes first, under a signature that is none.
#[test]
fn the_true_genesis_with_a_broken_signature() {
    let mut scene = Scene::new();
    let mut broken = scene.genesis.clone();
    broken.signature.0[9] ^= 1;
    let answers = whisper(&mut scene.world, "taro", "momo", &scene.asked.text);
    let grant = of_kind(&answers, 5);
    let lines = [scene.announce(broken.clone()), grant.text.clone(), scene.announce(broken)];
    scene.fails(&lines);
    for answer in answers.iter().filter(|answer| answer.kind() == Some(7)) {
        whisper(&mut scene.world, "momo", "taro", &answer.text);
    }
    assert_eq!(scene.world.user("momo").sealing(), scene.world.user("taro").sealing());
    scene.recovers();
}

/// However many grants eve makes up whose proof never comes, the true one finds room.
#[test]
fn grants_that_are_never_proven() {
    let mut scene = Scene::new();
    let eve = scene.eve.id;
    let grants: Vec<String> = (0..20)
        .map(|number| {
            let channel = ChannelId([number; 16]);
            let record = eve::record(channel, vec![eve::both(eve)], &KEY);
            scene.seal(scene.eve.signed(record), channel)
        })
        .collect();
    scene.fails(&grants);
    scene.recovers();
}

/// Momo has been here before, and knows which channel is meant whoever else is accepted.
#[test]
fn another_channel_than_the_one_pinned() {
    let mut world = World::seated(&["taro", "hanako", "jiro", "momo"]);
    world.part("momo");
    world.run(70_000);
    let mut scene = Scene::of(world);
    let hello = scene.eve.hello(CHANNEL, scene.world.now().unix, None);
    let (genesis, channel) = scene.fake(vec![eve::both(scene.eve.id)]);
    let hello = eve::line(&Frame::Hello { hello, relayed: false });
    let lines = [hello, scene.seal(genesis, channel)];
    scene.fails(&lines);
    let pinned = scene.world.user("taro").view().id().expect("a channel");
    let notice = Notice::OtherChannel { pinned, met: channel };
    assert!(scene.world.user("momo").notices.contains(&notice));
    scene.recovers();
}
