//! Barring and pardon, and naming members who are not there: by nick or identifier (R-ROS-6).

use crate::rig;

use keyrota::spec::limits::{BARRED_MAX, SEALED_GAP};
use keyrota::spec::{Cause, KeyId, MemberId, Rights};
use keyrota::{Command, GrantRule, Notice, OldKeys, Protection, Refusal};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];

fn mode(world: &mut World, nick: &str, modes: &str) -> Result<(), Refusal> {
    world.command(nick, Command::Mode { channel: CHANNEL, modes })
}

fn bar(world: &mut World, by: &str, whom: &str) -> Result<(), Refusal> {
    world.command(by, Command::Bar { channel: CHANNEL, nick: whom })
}

fn pardon(world: &mut World, by: &str, whom: &str) -> Result<(), Refusal> {
    world.command(by, Command::Pardon { channel: CHANNEL, nick: whom })
}

fn rights(world: &World, id: &MemberId) -> Rights {
    let list = world.user("taro").view().list().expect("a list");
    list.seat_of(id).map_or(Rights::NONE, |(_, entry)| entry.rights)
}

fn holds(world: &World, nick: &str, key: KeyId) -> bool {
    world.user(nick).view().keys().any(|held| held == key)
}

/// A member that never was here.
fn stranger(number: u8) -> String {
    rig::identity(number, "stranger").id().to_string()
}

#[test]
fn each_right_is_taken_from_who_left_by_nick_and_by_identifier() {
    for by_identifier in [false, true] {
        let mut world = World::seated(&TRIO);
        let jiro = world.user("jiro").id();
        world.part("jiro");
        world.run(SEALED_GAP);
        let name = if by_identifier { jiro.to_string() } else { "jiro".into() };
        let count = world.lines.len();
        mode(&mut world, "taro", &format!("-d {name}")).expect("taken");
        assert_eq!(rights(&world, &jiro), Rights { update: true, distribute: false });
        mode(&mut world, "taro", &format!("+d-x {name} {name}")).expect("changed");
        assert_eq!(rights(&world, &jiro), Rights { update: false, distribute: true });
        mode(&mut world, "hanako", &format!("-o {name}")).expect("taken");
        assert_eq!(rights(&world, &jiro), Rights::NONE);
        assert_eq!(mode(&mut world, "taro", &format!("-o {name}")), Err(Refusal::Nothing));
        assert!(world.makers(count).iter().all(|(.., cause)| *cause == Cause::List));
        world.agreed();
    }
}

#[test]
fn a_right_is_given_to_who_was_never_here_by_its_identifier_alone() {
    let mut world = World::seated(&TRIO);
    world.add("saburo", |_| {});
    let saburo = world.user("saburo").id();
    assert_eq!(mode(&mut world, "taro", "+d saburo"), Err(Refusal::UnknownMember));
    mode(&mut world, "taro", &format!("+d {}", saburo.to_string().to_uppercase())).expect("given");
    assert_eq!(rights(&world, &saburo), Rights { update: false, distribute: true });
    // It has its seat when it comes, and may hand out the key.
    world.join("saburo");
    world.run(10_000);
    world.agreed();
    assert_eq!(rights(&world, &saburo), Rights { update: false, distribute: true });
}

/// Otherwise whoever takes another's identifier for its nick would be given its rights.
#[test]
fn an_identifier_is_no_nick() {
    let mut world = World::seated(&TRIO);
    world.add("mallory", |_| {});
    let (jiro, mallory) = (world.user("jiro").id(), world.user("mallory").id());
    world.join("mallory");
    world.run(10_000);
    mode(&mut world, "taro", "-o jiro").expect("taken");
    let nick = jiro.to_string();
    world.rename("mallory", &nick);
    mode(&mut world, "taro", &format!("+o {nick}")).expect("given");
    assert_eq!((rights(&world, &jiro), rights(&world, &mallory)), (Rights::BOTH, Rights::NONE));
    bar(&mut world, "taro", &mallory.to_string()).expect("barred");
    let list = world.user("hanako").view().list().expect("a list");
    assert!(list.bars(&mallory) && !list.bars(&jiro));
}

#[test]
fn who_is_barred_gets_nothing_and_what_it_says_is_marked() {
    let mut world = World::seated(&TRIO);
    let before = world.agreed();
    bar(&mut world, "taro", "jiro").expect("barred");
    let first = world.agreed_by(&["taro", "hanako"]);
    world.command("jiro", Command::Ask { channel: CHANNEL }).expect("asked");
    world.run(SEALED_GAP);
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(SEALED_GAP);
    for key in [first, world.agreed_by(&["taro", "hanako"])] {
        assert!(key != before && !holds(&world, "jiro", key));
    }
    // A terminal whose user changed it would seal under the key it has: replay what it said then.
    let mut world = World::seated(&TRIO);
    world.filter = Box::new(|line, to| line.nick != "jiro" || to == "nobody");
    world.say("jiro", "I am still here");
    let said = world.lines.last().expect("a text").text.clone();
    bar(&mut world, "taro", "jiro").expect("barred");
    world.filter = Box::new(|_, _| true);
    world.inject("jiro", &said);
    for nick in ["taro", "hanako"] {
        let shown = world.user(nick).shown.last().expect("shown");
        assert_eq!((&*shown.text, shown.protection), ("I am still here", Protection::OldKey));
    }
}

#[test]
fn one_that_was_never_here_is_barred_by_its_identifier() {
    let mut world = World::seated(&TRIO);
    world.add("saburo", |_| {});
    let saburo = world.user("saburo").id();
    assert_eq!(bar(&mut world, "taro", "saburo"), Err(Refusal::UnknownMember));
    bar(&mut world, "taro", &saburo.to_string()).expect("barred");
    world.agreed();
    world.join("saburo");
    world.run(SEALED_GAP);
    assert_eq!(world.user("saburo").sealing(), None);
    // Pardoned, by a nick now, it is let in.
    pardon(&mut world, "taro", "saburo").expect("pardoned");
    world.command("saburo", Command::Ask { channel: CHANNEL }).expect("asks");
    world.run(10_000);
    world.agreed();
    bar(&mut world, "hanako", "saburo").expect("barred again");
    let key = world.agreed_by(&TRIO);
    assert!(!holds(&world, "saburo", key));
    let told = world.user("jiro").notices.iter().filter_map(|notice| match notice {
        Notice::Barred { member, on } if *member == saburo => Some(*on),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [true, false, true]);
}

/// Not even where old keys go to all.
#[test]
fn who_is_pardoned_does_not_get_the_key_that_shut_it_out() {
    let nicks = ["taro", "hanako", "goro"];
    let mut world = World::with(&nicks, |_, config| {
        config.channel.rule = GrantRule::FirstJoined { seats: 2 };
        config.channel.old_keys = OldKeys::All;
    });
    for nick in nicks {
        world.join(nick);
        world.run(70_000);
    }
    world.say("goro", "here");
    bar(&mut world, "taro", "goro").expect("barred");
    let key = world.agreed_by(&["taro", "hanako"]);
    world.say("taro", "goro is not to read this");
    world.run(70_000);
    pardon(&mut world, "taro", "goro").expect("pardoned");
    world.run(70_000);
    world.agreed();
    let named = Command::AskOld { channel: CHANNEL, key: key.hint() };
    world.command("goro", named).expect("asks");
    world.run(600_000);
    assert!(!holds(&world, "goro", key));
    assert!(!world.user("goro").texts().contains(&"goro is not to read this"));
}

/// Who is barred asks for nothing. So it says what it knows when somebody speaks under another key; where a more junior
/// seat has pardoned it, that stands in the proof of the list that does not bar it any more.
#[test]
fn who_did_not_hear_of_its_pardon_is_told_when_somebody_speaks() {
    for by in ["taro", "hanako"] {
        let mut world = World::seated(&["taro", "hanako"]);
        world.add("jiro", |_| {});
        world.join("jiro");
        world.run(SEALED_GAP);
        bar(&mut world, "taro", "jiro").expect("barred");
        world.run(SEALED_GAP);
        world.filter = Box::new(|_, to| to != "jiro");
        pardon(&mut world, by, "jiro").expect("pardoned");
        world.filter = Box::new(|_, _| true);
        world.run(SEALED_GAP);
        let count = world.lines.len();
        world.say("hanako", "are you there?");
        world.run(2 * SEALED_GAP);
        world.agreed();
        assert_eq!(world.user("jiro").texts(), ["are you there?"]);
        // One line of its own that is no ask, the record by which it is barred.
        let lines = world.since(count).iter();
        let own = lines.filter(|line| line.nick == "jiro" && line.kind() == Some(7));
        assert_eq!(own.count(), 1);
    }
}

#[test]
fn a_full_bar_makes_room_by_a_pardon_alone() {
    let mut world = World::seated(&TRIO);
    let barred = u8::try_from(BARRED_MAX).expect("few");
    for number in 0..barred {
        bar(&mut world, "taro", &stranger(100 + number)).expect("barred");
    }
    let before = world.agreed();
    assert_eq!(bar(&mut world, "taro", "jiro"), Err(Refusal::ListFull));
    // Nothing is half done: the seat stays.
    assert_eq!((world.agreed(), rights(&world, &world.user("jiro").id())), (before, Rights::BOTH));
    assert_eq!(pardon(&mut world, "taro", &stranger(99)), Err(Refusal::Nothing));
    pardon(&mut world, "hanako", &stranger(100)).expect("pardoned");
    bar(&mut world, "taro", "jiro").expect("room");
    world.agreed_by(&["taro", "hanako"]);
}

#[test]
fn nobody_bars_itself_or_who_is_ahead_and_without_a_seat_nobody() {
    let mut world = World::seated(&TRIO);
    world.add("saburo", |_| {});
    world.join("saburo");
    world.run(10_000);
    let before = world.agreed();
    for (by, whom, why) in [
        ("taro", "taro", Refusal::OwnSeat),
        ("jiro", "jiro", Refusal::OwnSeat),
        ("jiro", "hanako", Refusal::NotSenior),
        ("hanako", "taro", Refusal::NotSenior),
        ("saburo", "taro", Refusal::NotSenior),
    ] {
        assert_eq!(bar(&mut world, by, whom), Err(why.clone()), "{by} {whom}");
        let id = world.user(whom).id().to_string();
        assert_eq!(bar(&mut world, by, &id), Err(why), "{by} {whom}");
    }
    assert_eq!(pardon(&mut world, "saburo", "taro"), Err(Refusal::NotSenior));
    assert_eq!(pardon(&mut world, "taro", "nobody"), Err(Refusal::UnknownMember));
    assert_eq!(world.agreed(), before);
}
