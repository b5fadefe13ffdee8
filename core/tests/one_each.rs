//! One conversation with each: whoever is met at another nick is the one the user talks with already
//! (R-ONE-1).

use std::collections::BTreeSet;

use crate::rig;

use keyrota::spec::ChannelId;
use keyrota::{Command, Event, Fault, Notice};
use rig::World;

fn talking() -> World {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("taro", "hanako", "hello");
    world.tell("hanako", "taro", "hello to you");
    world.run(60_000);
    world
}

/// Goes by another nick from now on, and taro is not told.
fn rename_unseen(world: &mut World, old: &str, new: &str) {
    world.user_mut(old).nick = new.into();
    world.event(new, Event::Nick { old, new });
}

fn count(world: &World, notice: &Notice) -> usize {
    world.user("taro").notices.iter().filter(|one| *one == notice).count()
}

fn moved_to(nick: &str) -> Notice {
    Notice::Moved(nick.into())
}

fn places(world: &World) -> Vec<&str> {
    world.user("taro").shown.iter().map(|shown| shown.place.as_str()).collect()
}

fn is_talking(world: &World, nick: &str) -> bool {
    world.user("taro").terminal.channel(nick).is_some()
}

fn fingerprint(world: &World, nick: &str) -> Option<ChannelId> {
    world.user("taro").with(nick).id()
}

// ---- what is not called for

#[test]
fn a_server_that_gives_the_peer_another_nick_shows_nothing_twice() {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("hanako", "taro", "hello");
    let first = world.lines.iter().find(|line| line.kind() == Some(0)).expect("a text");
    let first = first.text.clone();
    world.event("taro", Event::Nick { old: "hanako", new: "hana" });
    world.tell("hanako", "taro", "I am still hanako");
    world.run(10_000);
    for nick in ["hanako", "hana", "somebody"] {
        world.inject_to("taro", nick, &first);
        world.run(60_000);
    }
    assert_eq!(world.user("taro").texts(), ["hello", "I am still hanako"]);
    assert_eq!((places(&world), count(&world, &moved_to("hanako"))), (vec!["hanako"; 2], 1));
    assert!(world.user("taro").faults().contains(&Fault::Repeat));
}

/// As in a network that tells of new nicks only those who share a channel: what the peer says waits for the user.
#[test]
fn the_user_is_told_of_a_peer_that_speaks_from_another_nick() {
    for away in [false, true] {
        let mut world = talking();
        let id = fingerprint(&world, "hanako");
        let text = world.lines.iter().rfind(|line| line.nick == "hanako" && line.kind() == Some(0));
        let text = text.expect("a text").text.clone();
        if away {
            world.event("taro", Event::Disconnected);
        }
        rename_unseen(&mut world, "hanako", "hana");
        world.tell("hana", "taro", "I am hana now");
        world.run(60_000);
        assert_eq!(world.user("taro").texts(), ["hello to you"]);
        assert_eq!(count(&world, &Notice::AlsoAt("hana".into())), 1);
        let lines = world.lines.len();
        world.run(200_000);
        assert_eq!(world.lines.len(), lines, "nothing more is asked");
        world.command("taro", Command::Converse { nick: "hana" }).expect("a conversation");
        world.run(60_000);
        assert_eq!(world.user("taro").texts(), ["hello to you", "I am hana now"]);
        assert_eq!((fingerprint(&world, "hana"), count(&world, &moved_to("hana"))), (id, 1));
        world.inject_to("taro", "hana", &text);
        world.run(60_000);
        assert_eq!(world.user("taro").texts().len(), 2, "what was seen stays so");
        assert!(world.user("taro").shown.iter().all(|shown| !shown.again));
        assert!(!is_talking(&world, "hanako"));
    }
}

/// Somebody repeats a Hello of hanako's before she calls herself.
#[test]
fn a_repeat_does_not_keep_a_stranger_out() {
    let mut world = World::new(&["taro", "hanako"]);
    world.command("hanako", Command::Converse { nick: "mallory" }).expect("a conversation");
    let ask = world.lines.last().expect("an ask").text.clone();
    world.inject_to("taro", "mallory", &ask);
    assert!(is_talking(&world, "mallory"));
    world.tell("hanako", "taro", "hello");
    world.run(1_000);
    assert_eq!((world.user("taro").texts(), places(&world)), (vec!["hello"], vec!["hanako"]));
    assert!(!is_talking(&world, "mallory"));
    world.inject_to("taro", "mallory", &ask);
    assert!(world.user("taro").terminal.channel("mallory").is_none_or(|one| one.peer().is_none()));
    assert!(world.user("taro").faults().contains(&Fault::Repeat));
}

// ---- whoever is called is there

#[test]
fn the_user_finds_the_peer_at_another_nick() {
    let mut world = talking();
    rename_unseen(&mut world, "hanako", "hana");
    world.tell("taro", "hanako", "nobody is there");
    let (id, current) =
        (fingerprint(&world, "hanako"), world.user("taro").with("hanako").current());
    world.tell("taro", "hana", "are you hanako?");
    world.run(60_000);
    assert_eq!(world.user("hana").texts().last(), Some(&"are you hanako?"));
    assert!(!is_talking(&world, "hanako"));
    assert_eq!(fingerprint(&world, "hana"), id);
    assert_eq!(world.user("taro").with("hana").current(), current, "and no key was made");
    assert_eq!(count(&world, &moved_to("hana")), 1);
    let pinned = |notice: &&Notice| matches!(notice, Notice::Pinned(_));
    assert_eq!(world.user("taro").notices.iter().filter(pinned).count(), 1);
    world.tell("hana", "taro", "I am");
    assert_eq!(world.user("taro").texts().last(), Some(&"I am"));
    let told = |notice: &&Notice| matches!(notice, Notice::Fault { .. } | Notice::Clone);
    assert_eq!(world.user("taro").notices.iter().find(told), None);
    assert_eq!(world.user("hana").notices.iter().find(told), None);
}

/// What the user has decided of either holds: no text of the one goes out plain because of the other.
#[test]
fn neither_makes_the_other_plain() {
    let mut world = talking();
    world.command("taro", Command::Plain { channel: "hanako", on: true }).expect("declared");
    rename_unseen(&mut world, "hanako", "hana");
    world.tell("taro", "hana", "for you alone");
    world.run(60_000);
    assert_eq!(world.user("hana").texts().last(), Some(&"for you alone"));
    assert!(world.lines.iter().all(|line| line.kind().is_some()), "nothing goes plain");
}

/// What waits for its key where the user talked with it goes along.
#[test]
fn texts_that_wait_move_with_the_conversation() {
    let mut world = talking();
    // taro misses a key, and the answer to what it asks.
    world.filter = Box::new(|line, to| to != "taro" || line.kind() == Some(0));
    world.command("hanako", Command::Refresh { channel: "taro" }).expect("a wish");
    world.run(600_000);
    world.tell("hanako", "taro", "under the new key");
    world.run(10_000);
    assert_eq!(world.user("taro").texts(), ["hello to you"]);
    world.filter = Box::new(|_, _| true);
    rename_unseen(&mut world, "hanako", "hana");
    world.tell("taro", "hana", "are you there?");
    world.run(60_000);
    assert_eq!(world.user("taro").texts(), ["hello to you", "under the new key"]);
    assert_eq!(world.user("hana").texts().last(), Some(&"are you there?"));
}

#[test]
fn following_a_peer_to_another_nick_is_no_second_conversation() {
    let mut world = World::new(&["taro", "hanako", "jiro"]);
    world.tell("taro", "hanako", "hello");
    world.tell("taro", "jiro", "hello");
    world.run(60_000);
    let id = fingerprint(&world, "hanako").expect("a conversation");
    // They swap nicks while taro is away.
    world.event("taro", Event::Disconnected);
    rename_unseen(&mut world, "jiro", "j");
    rename_unseen(&mut world, "hanako", "jiro");
    world.tell("taro", "jiro", "is it you?");
    world.run(1_000);
    world.command("taro", Command::Follow { channel: "jiro", id }).expect("followed");
    world.run(60_000);
    assert_eq!(fingerprint(&world, "jiro"), Some(id));
    assert!(!is_talking(&world, "hanako"));
    world.tell("taro", "jiro", "hanako, then");
    world.run(60_000);
    assert_eq!(world.user("jiro").texts(), ["hello", "is it you?", "hanako, then"]);
    assert_eq!(count(&world, &moved_to("jiro")), 1);
}

/// Under a key that comes back with a conversation one's own texts were counted elsewhere.
#[test]
fn following_there_and_back_seals_no_two_texts_alike() {
    let mut world = World::new(&["taro", "hanako", "jiro"]);
    world.tell("taro", "hanako", "hello hanako");
    world.tell("taro", "jiro", "hello jiro");
    world.run(60_000);
    let ids = ["hanako", "jiro"].map(|nick| fingerprint(&world, nick).expect("a conversation"));
    for id in ids {
        world.command("taro", Command::Follow { channel: "jiro", id }).expect("followed");
        world.run(1_000);
    }
    world.tell("taro", "jiro", "another text");
    world.run(60_000);
    assert_eq!(world.user("jiro").texts(), ["hello jiro", "another text"]);
    let texts = world.lines.iter().filter(|line| line.nick == "taro" && line.kind() == Some(0));
    let frames: Vec<_> = texts.map(|line| line.bytes().expect("a frame")).collect();
    let names: BTreeSet<_> = frames.iter().map(|frame| &frame[1..9]).collect();
    assert_eq!(names.len(), frames.len(), "key, tag and counter");
}

/// The pin is what the user has said, whatever was known at the other nick.
#[test]
fn following_one_not_decided_on_keeps_the_pin() {
    let mut world = World::new(&["taro", "jiro", "hanako"]);
    world.tell("taro", "jiro", "hello");
    world.run(60_000);
    let policy = Command::SelfSigned(keyrota::SelfSigned::Ask);
    world.command("taro", policy).expect("a policy");
    world.command("hanako", Command::Converse { nick: "taro" }).expect("a conversation");
    let ask = world.lines.iter().rfind(|line| line.nick == "hanako").expect("an ask").text.clone();
    world.inject_to("taro", "jiro", &ask);
    let met = world.user("taro").notices.iter().find_map(|notice| match notice {
        Notice::OtherChannel { met, .. } => Some(*met),
        _ => None,
    });
    let id = met.expect("told");
    world.command("taro", Command::Follow { channel: "jiro", id }).expect("followed");
    assert_eq!(count(&world, &moved_to("jiro")), 1);
    // The one followed away from does not get the place.
    world.tell("jiro", "taro", "it is me");
    world.run(60_000);
    let other = Notice::OtherChannel {
        pinned: id,
        met: world.user("jiro").with("taro").id().expect("one"),
    };
    assert!(count(&world, &other) > 0);
    assert_eq!(world.user("taro").texts(), [""; 0]);
}

/// Nothing was forgotten, so nothing is marked.
#[test]
fn following_the_peer_forgets_nothing() {
    let mut world = World::new(&["taro", "hanako", "jiro"]);
    world.tell("taro", "hanako", "hello");
    world.run(60_000);
    let id = fingerprint(&world, "hanako").expect("a conversation");
    world.command("taro", Command::Follow { channel: "hanako", id }).expect("followed");
    world.run(60_000);
    world.tell("jiro", "taro", "for the first time");
    world.run(60_000);
    assert!(world.user("taro").shown.iter().all(|shown| !shown.again));
    assert_eq!(world.user("taro").texts(), ["for the first time"]);
}

/// Whose clock was a day ahead is no repeat at another nick either, once it is set right.
#[test]
fn a_peer_whose_clock_was_set_right_is_found_elsewhere() {
    let mut world = World::new(&["taro", "hanako"]);
    world.users.iter_mut().for_each(|user| user.skew = 86_400);
    world.tell("taro", "hanako", "hello");
    world.tell("hanako", "taro", "hello to you");
    world.run(60_000);
    world.users.iter_mut().for_each(|user| user.skew = 0);
    world.run(60_000);
    rename_unseen(&mut world, "hanako", "hana");
    world.tell("taro", "hana", "are you there?");
    world.run(60_000);
    assert_eq!(world.user("hana").texts().last(), Some(&"are you there?"));
}

// ---- what others can do

/// Whoever is at a nick that the user called once in vain, or set something for, is not called for ever.
#[test]
fn what_was_called_in_vain_is_not_called_for_ever() {
    for plain in [false, true] {
        let mut world = talking();
        match plain {
            true => {
                world
                    .command("taro", Command::Plain { channel: "bob", on: true })
                    .expect("declared");
                world.event("taro", Event::Disconnected);
                world.tell("taro", "hanako", "back");
            }
            false => world.tell("taro", "bob", "are you there?"),
        }
        world.run(3_600_000);
        world.command("hanako", Command::Converse { nick: "bob" }).expect("a conversation");
        let ask = world.lines.iter().rfind(|line| line.to == "bob").expect("an ask").text.clone();
        world.inject_to("taro", "bob", &ask);
        world.tell("hanako", "taro", "do you hear me?");
        world.run(60_000);
        assert_eq!(world.user("taro").texts().last(), Some(&"do you hear me?"));
        assert_eq!(count(&world, &Notice::AlsoAt("bob".into())), 1);
    }
}

/// Others have spent what calls may cost: the peer asks again, and then the user is told.
#[test]
fn a_peer_elsewhere_is_told_of_once_there_are_tokens() {
    let mut world = talking();
    let text = world.lines.iter().rfind(|line| line.nick == "hanako" && line.kind() == Some(0));
    let text = text.expect("a text").text.clone();
    rename_unseen(&mut world, "hanako", "hana");
    for number in 0..19 {
        world.inject_to("taro", &format!("s{number}"), &text);
    }
    world.tell("hana", "taro", "I am hana now");
    assert_eq!(count(&world, &Notice::AlsoAt("hana".into())), 0);
    assert!(world.user("taro").faults().contains(&Fault::Flood));
    world.run(60_000);
    assert_eq!(count(&world, &Notice::AlsoAt("hana".into())), 1);
}

/// Who has heard a Hello of hanako can say it again, from any nick: she may have called it, or asked all.
#[test]
fn a_hello_alone_takes_no_conversation_away() {
    let mut world = talking();
    rename_unseen(&mut world, "hanako", "hana");
    world.event("hana", Event::Disconnected);
    world.command("hana", Command::Converse { nick: "mallory" }).expect("a conversation");
    world.command("hana", Command::Ask { channel: "mallory" }).expect("an ask");
    world.run(1_000);
    let ask = world.lines.iter().rfind(|line| line.to == "mallory").expect("an ask").text.clone();
    let (id, lines) = (fingerprint(&world, "hanako"), world.lines.len());
    for _ in 0..30 {
        world.inject_to("taro", "mallory", &ask);
    }
    assert_eq!(world.lines[lines..].iter().filter(|line| line.nick == "taro").count(), 0);
    assert_eq!(fingerprint(&world, "hanako"), id);
    let told = count(&world, &Notice::AlsoAt("mallory".into()));
    assert!((1..=10).contains(&told), "the user is told, within bounds: {told}");
    assert_eq!(count(&world, &moved_to("mallory")), 0);
    assert!(world.user("taro").with("mallory").peer().is_none());
    // It is for the user to say.
    world.command("taro", Command::Converse { nick: "mallory" }).expect("a conversation");
    world.run(61_000);
    world.command("hana", Command::Ask { channel: "mallory" }).expect("an ask");
    world.run(1_000);
    let ask = world.lines.iter().rfind(|line| line.to == "mallory").expect("an ask").text.clone();
    world.inject_to("taro", "mallory", &ask);
    assert_eq!((fingerprint(&world, "mallory"), count(&world, &moved_to("mallory"))), (id, 1));
}

/// Nor one that the user has left, so that another could have its place.
#[test]
fn a_hello_alone_takes_nothing_from_a_nick() {
    for close in [false, true] {
        let mut world = talking();
        world.command("hanako", Command::Converse { nick: "mallory" }).expect("a conversation");
        let ask =
            world.lines.iter().rfind(|line| line.to == "mallory").expect("an ask").text.clone();
        let vain = Command::Converse { nick: "mallory" };
        world.command("taro", vain).expect("a conversation with nobody");
        world.run(200_000);
        match close {
            true => {
                world.command("taro", Command::Close { nick: "mallory" }).expect("closed");
                world.command("taro", Command::Close { nick: "hanako" }).expect("closed");
            }
            false => world.event("taro", Event::Disconnected),
        }
        let id = world.user("hanako").with("taro").id();
        for _ in 0..2 {
            world.inject_to("taro", "mallory", &ask);
        }
        assert!(count(&world, &Notice::AlsoAt("mallory".into())) > 0);
        assert_eq!(
            count(&world, &moved_to("mallory")),
            0,
            "whom it called in vain it does not call now"
        );
        rename_unseen(&mut world, "hanako", "gone");
        world.add("mallory", |_| {});
        rename_unseen(&mut world, "mallory", "hanako");
        world.tell("taro", "hanako", "for hanako alone");
        world.run(60_000);
        assert!(world.user("hanako").shown.is_empty());
        assert_eq!(fingerprint(&world, "hanako"), id);
    }
}

/// A Hello that its author did not sign moves nothing, even if the user has called whoever is there.
#[test]
fn a_forged_hello_takes_no_conversation_away() {
    let mut world = talking();
    let hello = world.lines.iter().find(|line| line.nick == "hanako" && line.kind() == Some(3));
    let mut bytes = hello.expect("a Hello").bytes().expect("a frame");
    *bytes.last_mut().expect("a signature") ^= 1;
    let forged = keyrota::spec::armor::whole(&bytes);
    world.command("taro", Command::Converse { nick: "mallory" }).expect("a conversation");
    world.inject_to("taro", "mallory", &forged);
    assert!(world.user("taro").faults().contains(&Fault::Signature));
    assert!(is_talking(&world, "hanako"));
    assert_eq!(count(&world, &moved_to("mallory")), 0);
}

/// What strangers began, and the user did not take up, is forgotten; what it showed is marked if it comes again.
#[test]
fn what_a_stranger_said_before_it_was_forgotten_comes_again_only_with_a_mark() {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("hanako", "taro", "hello");
    world.run(60_000);
    let text = world.lines.iter().find(|line| line.kind() == Some(0)).expect("a text").text.clone();
    world.event("taro", Event::Disconnected);
    world.tell("hanako", "taro", "hello again");
    world.run(60_000);
    world.inject_to("taro", "hanako", &text);
    world.run(60_000);
    let shown: Vec<_> =
        world.user("taro").shown.iter().map(|one| (&*one.text, one.again)).collect();
    assert_eq!(shown, [("hello", false), ("hello again", true), ("hello", true)]);
    // Under a key that is made from now on nothing is old.
    world.run(1_200_000);
    world.command("hanako", Command::Refresh { channel: "taro" }).expect("a wish");
    world.run(600_000);
    world.tell("hanako", "taro", "and this");
    assert!(!world.user("taro").shown.last().expect("a text").again);
}
