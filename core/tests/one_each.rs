//! One conversation with each: whoever is met at another nick is the one the user talks with already
//! (R-ONE-1).

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

// ---- whoever speaks is there

/// As in a network that tells of new nicks only those who share a channel.
#[test]
fn a_text_from_another_nick_takes_the_conversation_there() {
    let mut world = talking();
    rename_unseen(&mut world, "hanako", "hana");
    let (id, before) = (fingerprint(&world, "hanako"), world.lines.len());
    world.tell("hana", "taro", "I am hana now");
    assert_eq!(world.user("taro").texts().last(), Some(&"I am hana now"), "at once");
    assert_eq!(world.lines.len(), before + 1, "and nothing was asked");
    assert_eq!((places(&world).last(), count(&world, &moved_to("hana"))), (Some(&"hana"), 1));
    assert!(!is_talking(&world, "hanako"));
    assert_eq!(fingerprint(&world, "hana"), id);
    world.tell("taro", "hana", "so you are");
    assert_eq!(world.user("hana").texts().last(), Some(&"so you are"));
}

#[test]
fn a_server_that_gives_the_peer_another_nick_shows_nothing_twice() {
    let mut world = talking();
    let first = world.lines.iter().find(|line| line.nick == "hanako" && line.kind() == Some(0));
    let first = first.expect("a text").text.clone();
    world.event("taro", Event::Nick { old: "hanako", new: "hana" });
    world.tell("hanako", "taro", "I am still hanako");
    world.run(10_000);
    for nick in ["hanako", "hana", "somebody"] {
        world.inject_to("taro", nick, &first);
        world.run(60_000);
    }
    assert_eq!(world.user("taro").texts(), ["hello to you", "I am still hanako"]);
    assert_eq!(places(&world), ["hanako"; 2]);
    assert!(world.user("taro").faults().contains(&Fault::Repeat));
}

/// The user was away when the peer changed its nick.
#[test]
fn one_that_was_left_goes_on_where_its_peer_is_met() {
    let mut world = talking();
    let text = world.lines.iter().rfind(|line| line.nick == "hanako" && line.kind() == Some(0));
    let text = text.expect("a text").text.clone();
    let id = fingerprint(&world, "hanako");
    world.event("taro", Event::Disconnected);
    rename_unseen(&mut world, "hanako", "hana");
    world.tell("hana", "taro", "are you back?");
    world.run(60_000);
    assert_eq!(world.user("taro").texts(), ["hello to you", "are you back?"]);
    assert_eq!((fingerprint(&world, "hana"), count(&world, &moved_to("hana"))), (id, 1));
    world.inject_to("taro", "hana", &text);
    world.run(60_000);
    assert_eq!(world.user("taro").texts().len(), 2, "what was seen stays so");
    // Nor does it begin anew at the nick of before.
    let one = Command::Close { nick: "hanako" };
    assert!(world.command("taro", one).is_err());
    assert!(world.user("taro").shown.iter().all(|shown| !shown.again));
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

/// A record that one terminal makes in each of two conversations would be two in one place.
#[test]
fn whoever_moves_signs_nothing_twice() {
    let mut world = talking();
    rename_unseen(&mut world, "hanako", "hana");
    world.command("taro", Command::Converse { nick: "hana" }).expect("a conversation");
    world.command("taro", Command::Refresh { channel: "hana" }).expect("a wish");
    world.run(600_000);
    world.tell("taro", "hanako", "nobody");
    world.run(600_000);
    world.tell("taro", "hana", "somebody");
    world.run(600_000);
    let twice = |notice: &Notice| matches!(notice, Notice::SignedTwice(_) | Notice::Clone);
    assert!(!world.users.iter().any(|user| user.notices.iter().any(twice)));
    assert_eq!(world.user("hana").texts().last(), Some(&"somebody"));
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

// ---- what others can do

/// Who has heard a Hello of hanako can say it again, from any nick.
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
