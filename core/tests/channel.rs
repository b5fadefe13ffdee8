//! A channel from its opening to its end: who opens it, what leaving wipes, what stays when the
//! user comes back, and that encryption is the user's own to turn off (R-GEN-1, R-MSG-1, R-MSG-5).

use crate::rig;

use keyrota::spec::limits::GRACE;
use keyrota::spec::{Descent, Rights};
use keyrota::{Command, Event, Notice, Protection, Refusal};
use rig::{CHANNEL, World};

const HOUR: u64 = 3_600_000;

fn plain(world: &mut World, nick: &str, on: bool) {
    world.command(nick, Command::Plain { channel: CHANNEL, on }).expect("declared");
}

fn pinned(notice: &Notice) -> bool {
    matches!(notice, Notice::Pinned(_))
}

/// Whether `text` can be read in what went over the relay, its armour undone and fragments joined.
fn leaked(world: &World, text: &str) -> bool {
    let bytes = text.as_bytes();
    let shows = |all: &[u8]| all.windows(bytes.len()).any(|window| window == bytes);
    world.lines.iter().any(|line| shows(line.text.as_bytes()))
        || world.frames(0).iter().any(|(_, _, frame)| shows(frame))
}

#[test]
fn an_empty_channel_is_opened_in_silence() {
    let mut world = World::new(&["taro"]);
    world.join("taro");
    assert_eq!(world.lines.len(), 0);
    let taro = world.user("taro");
    let (view, key) = (taro.view(), world.agreed());
    let id = view.id().expect("a channel");
    assert_eq!(taro.notices, [Notice::Founded(id), Notice::Keyed(key)]);
    let record = view.record().expect("a record");
    assert!(matches!(record.descent, Descent::Genesis { signed: true, .. }));
    let seats: Vec<_> = record.list.entries().iter().map(|one| (one.id, one.rights)).collect();
    assert_eq!(seats, [(taro.id(), Rights::BOTH)]);
    world.run(24 * HOUR);
    assert_eq!(world.user("taro").view().id(), Some(id));
    world.agreed();
}

#[test]
fn a_password_goes_into_the_key() {
    // All else is the same: clock, seed and name. The record tells of the key by its commitment.
    let founded = |password: &str| {
        let mut world =
            World::with(&["taro"], |_, config| config.channel.password = password.into());
        world.join("taro");
        world.user("taro").view().record().expect("a record").commit
    };
    assert_eq!(founded("tulip"), founded("tulip"));
    assert_ne!(founded("tulip"), founded("daisy"));
    assert_ne!(founded("tulip"), founded(""));
}

#[test]
fn a_channel_is_not_opened_unless_its_user_wants_that() {
    let mut world = World::with(&["taro"], |_, config| config.channel.found = false);
    world.join("taro");
    world.run(HOUR);
    assert_eq!(world.user("taro").current(), None);
    world.command("taro", Command::Found { channel: CHANNEL }).expect("opened");
    world.agreed();
}

#[test]
fn a_channel_with_others_in_it_is_not_opened_but_asked_for() {
    let mut world = World::new(&["mute", "taro"]);
    world.hang("mute");
    world.join("mute");
    world.join("taro");
    world.run(HOUR);
    assert_eq!(world.user("taro").current(), None);
    assert!(world.user("taro").notices.contains(&Notice::Asked(None)));
}

#[test]
fn who_joins_has_the_same_channel_and_key() {
    let mut world = World::joined(&["taro", "hanako"]);
    let id = world.user("taro").view().id().expect("a channel");
    assert!(world.user("hanako").notices.contains(&Notice::Pinned(id)));
    assert_eq!(world.user("hanako").view().id(), Some(id));
    world.agreed();
    world.say("taro", "hello");
    world.say("hanako", "good day");
    assert_eq!(world.user("hanako").texts(), ["hello"]);
    assert_eq!(world.user("taro").texts(), ["good day"]);
}

#[test]
fn the_end_of_a_stay_ends_every_duty_and_leaving_wipes_the_keys() {
    let (channel, nick) = (CHANNEL, "hanako");
    let ways = [
        Event::Part { channel, nick },
        Event::Kick { channel, nick },
        Event::Quit { nick },
        Event::Disconnected,
    ];
    for way in ways {
        let mut world = World::seated(&["taro", "hanako"]);
        let before = world.agreed();
        world.event("hanako", way);
        assert!(world.user("hanako").terminal.channel(CHANNEL).is_none(), "{way:?}");
        assert_eq!(world.user("hanako").terminal.wake(), None, "{way:?}");
        // What still comes is not heard, and nothing is said.
        let count = world.lines.len();
        world.say("taro", "gone?");
        world.run(1_000);
        assert_eq!(world.user("hanako").texts(), [""; 0], "{way:?}");
        let say = Command::Say { channel, text: "hello", signed: None };
        assert_eq!(world.command("hanako", say), Err(Refusal::NotJoined));
        let refresh = Command::Refresh { channel };
        assert_eq!(world.command("hanako", refresh), Err(Refusal::NotJoined));
        assert!(world.since(count).iter().all(|line| line.nick == "taro"));
        // Back again, it has the key of before if only the connection was lost.
        let lost = matches!(way, Event::Quit { .. } | Event::Disconnected);
        world.event("hanako", Event::Join { channel, nick });
        world.event("hanako", Event::Names { channel, names: &[("taro", false), (nick, false)] });
        assert_eq!(world.user("hanako").view().keys().any(|key| key == before), lost, "{way:?}");
    }
}

#[test]
fn who_comes_back_has_its_seat_and_knows_the_channel() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let list = world.user("taro").view().list().expect("a list").clone();
    world.part("hanako");
    world.run(60_000);
    let pins =
        |world: &World| world.user("hanako").notices.iter().filter(|one| pinned(one)).count();
    assert_eq!(pins(&world), 1);
    world.join("hanako");
    world.run(20_000);
    world.agreed();
    assert_eq!(world.user("hanako").view().list(), Some(&list));
    assert_eq!(pins(&world), 1);
    let id = world.user("hanako").id();
    assert!(world.here().all(|user| user.view().order().contains(&id)));
    world.say("hanako", "back");
    assert_eq!(world.user("jiro").texts(), ["back"]);
}

#[test]
fn another_channel_of_the_same_name_is_not_taken_for_the_one_known() {
    let mut world = World::seated(&["taro", "hanako"]);
    let known = world.user("hanako").view().id().expect("a channel");
    world.part("hanako");
    world.run(10_000);
    world.command("taro", Command::Found { channel: CHANNEL }).expect("opened anew");
    let other = world.user("taro").view().id().expect("a channel");
    assert_ne!(other, known);
    world.join("hanako");
    world.run(HOUR);
    let told = Notice::OtherChannel { pinned: known, met: other };
    assert!(world.user("hanako").notices.contains(&told));
    assert_eq!(world.user("hanako").view().id(), Some(known));
    // Until its user decides.
    world.command("hanako", Command::Follow { channel: CHANNEL, id: other }).expect("followed");
    world.run(20_000);
    world.agreed();
    assert_eq!(world.user("hanako").view().id(), Some(other));
}

#[test]
fn a_plain_channel_is_declared_and_only_by_the_user() {
    let mut world = World::seated(&["taro", "hanako"]);
    plain(&mut world, "taro", true);
    let count = world.lines.len();
    world.say("taro", "in the open");
    assert_eq!(world.since(count)[0].text, "in the open");
    let shown = &world.user("hanako").shown[0];
    assert_eq!((&shown.name, shown.protection), (&None, Protection::Plain));
    // That is taro's choice, not hers; and what she seals he still reads.
    assert!(!world.user("hanako").view().is_plain());
    world.say("hanako", "not so loud");
    assert_eq!(world.user("taro").shown[0].protection, Protection::Sealed);
    plain(&mut world, "taro", false);
    world.say("taro", "sorry");
    assert!(!leaked(&world, "not so loud") && !leaked(&world, "sorry"));
    assert_eq!(world.user("hanako").texts(), ["in the open", "sorry"]);
}

#[test]
fn what_the_user_declared_stays_when_it_leaves_and_comes_back() {
    let mut world = World::seated(&["taro", "hanako"]);
    plain(&mut world, "hanako", true);
    for _ in 0..2 {
        world.part("hanako");
        world.run(10_000);
        world.join("hanako");
        world.run(10_000);
        assert!(world.user("hanako").view().is_plain());
    }
    // It can be said outside the channel, too.
    world.part("hanako");
    plain(&mut world, "hanako", false);
    world.join("hanako");
    assert!(!world.user("hanako").view().is_plain());
    world.say("hanako", "sealed from the first word");
    world.run(10_000);
    assert_eq!(world.user("taro").texts(), ["sealed from the first word"]);
    assert!(!leaked(&world, "sealed from"));
}

/// Whatever state the channel is in, and whatever the server says.
#[test]
fn what_is_typed_never_leaves_in_clear() {
    let typed = "the crabs rise at midnight";
    let (channel, nick) = (CHANNEL, "hanako");
    let mut world = World::new(&["taro", "hanako"]);
    let say = Command::Say { channel, text: typed, signed: None };
    let say_it = |world: &mut World| {
        let _ = world.command("hanako", say.clone());
        world.run(5_000);
        assert!(!leaked(world, typed));
    };
    say_it(&mut world); // not there
    world.hang("taro");
    world.join("taro");
    world.join("hanako");
    say_it(&mut world); // asking
    world.run(HOUR);
    assert!(world.user("hanako").notices.contains(&Notice::NobodyAnswers));
    say_it(&mut world); // in vain
    world.inject("taro", "hanako: nobody here speaks like that");
    say_it(&mut world);
    world.event("hanako", Event::Operator { channel, nick, on: true });
    world.event("hanako", Event::Kick { channel, nick });
    say_it(&mut world); // put out
    world.event("hanako", Event::Join { channel, nick });
    say_it(&mut world); // before the names come
    world.event("hanako", Event::Names { channel, names: &[(nick, false)] });
    say_it(&mut world); // in a channel of its own
    world.user_mut("taro").hung = false;
    world.event("hanako", Event::Disconnected);
    say_it(&mut world);
    world.part("hanako");
    world.part("taro");
    world.join("taro");
    world.join("hanako");
    say_it(&mut world); // beside another channel of that name
}

#[test]
fn who_leaves_alone_and_comes_back_goes_on() {
    let mut world = World::new(&["taro", "hanako"]);
    world.join("taro");
    let (channel, key) = (world.user("taro").view().id(), world.agreed());
    world.part("taro");
    world.join("taro");
    // Its key is gone, and nobody has it: taro makes another.
    world.run(2 * GRACE);
    assert_eq!(world.user("taro").view().id(), channel);
    assert_ne!(world.agreed(), key);
    world.join("hanako");
    world.run(10_000);
    world.agreed();
}

#[test]
fn everybody_leaves_and_comes_back() {
    let mut world = World::seated(&["taro", "hanako"]);
    let channel = world.user("taro").view().id();
    world.part("taro");
    world.part("hanako");
    world.join("taro");
    world.join("hanako");
    world.run(2 * GRACE);
    world.agreed();
    assert_eq!(world.user("hanako").view().id(), channel);
}

/// The server says that hanako was put out, and hides all but a barred member from her: what she
/// has heard still counts.
#[test]
fn being_put_out_does_not_take_back_a_bar() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let jiro = world.user("jiro").id();
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    world.run(10_000);
    let key = world.user("hanako").current();
    world.event("hanako", Event::Kick { channel: CHANNEL, nick: "hanako" });
    world.event("hanako", Event::Join { channel: CHANNEL, nick: "hanako" });
    assert_eq!(world.user("hanako").current(), key);
    assert_eq!(world.user("hanako").sealing(), None);
    assert!(world.user("hanako").view().list().expect("a list").bars(&jiro));
}
