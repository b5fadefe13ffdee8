//! Rights: what the user's commands change, who may change what, what no server can
//! (R-ROS-4 to R-ROS-9).

use crate::rig;

use keyrota::mode::{self, ModeError};
use keyrota::spec::limits::{BARRED_MAX, DEPARTURE, SEATS_MAX};
use keyrota::spec::{Cause, MemberId, Refused, Rights};
use keyrota::{Command, Event, Notice, Refusal};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];
const DISTRIBUTE: Rights = Rights { update: false, distribute: true };
const UPDATE: Rights = Rights { update: true, distribute: false };

fn mode(world: &mut World, nick: &str, modes: &str) -> Result<(), Refusal> {
    world.command(nick, Command::Mode { channel: CHANNEL, modes })
}

/// The founder alone with a seat, and three others.
fn founded() -> World {
    let mut world = World::seated(&["taro"]);
    for nick in ["hanako", "jiro", "saburo"] {
        world.add(nick, |config| config.channel.rule = keyrota::GrantRule::ByHand);
        world.join(nick);
        world.run(20_000);
    }
    world.agreed();
    world
}

fn nick<'w>(world: &'w World, id: &MemberId) -> &'w str {
    &world.users.iter().find(|user| user.id() == *id).expect("a user").nick
}

/// The seats as all in the channel see them.
fn seats(world: &World) -> Vec<(&str, Rights)> {
    let lists: Vec<_> = world.here().map(|user| user.view().list().expect("a list")).collect();
    assert!(lists.iter().all(|list| *list == lists[0]), "one list for all");
    lists[0].seats().map(|(_, entry)| (nick(world, &entry.id), entry.rights)).collect()
}

/// The updating order as the founder sees it.
fn order(world: &World) -> Vec<&str> {
    world.user("taro").view().order().iter().map(|id| nick(world, id)).collect()
}

#[test]
fn d_gives_and_takes_the_right_to_distribute() {
    let mut world = founded();
    let (now, count) = (world.ms, world.lines.len());
    mode(&mut world, "taro", "+d hanako").expect("given");
    assert_eq!(seats(&world), [("taro", Rights::BOTH), ("hanako", DISTRIBUTE)]);
    assert_eq!(world.makers(count), [(now, "taro", Cause::List)]);
    world.agreed();
    assert_eq!(order(&world), ["taro", "hanako"]);
    mode(&mut world, "taro", "-d hanako").expect("taken");
    assert_eq!(seats(&world), [("taro", Rights::BOTH)]);
    world.agreed();
}

#[test]
fn x_gives_and_takes_the_right_to_update_last_in_the_order() {
    let mut world = founded();
    mode(&mut world, "taro", "+x hanako").expect("given");
    mode(&mut world, "taro", "+d jiro").expect("given");
    mode(&mut world, "taro", "+x saburo").expect("given");
    let expected =
        [("taro", Rights::BOTH), ("hanako", UPDATE), ("jiro", DISTRIBUTE), ("saburo", UPDATE)];
    assert_eq!(seats(&world), expected);
    // Who may only distribute stands in behind all who may update.
    assert_eq!(order(&world), ["taro", "hanako", "saburo", "jiro"]);
    // Both letters add up to both rights, and go one by one.
    mode(&mut world, "taro", "+x jiro").expect("given");
    assert_eq!(order(&world), ["taro", "hanako", "saburo", "jiro"]);
    assert_eq!(seats(&world)[2], ("jiro", Rights::BOTH));
    mode(&mut world, "taro", "-d jiro").expect("taken");
    assert_eq!(seats(&world)[2], ("jiro", UPDATE));
    mode(&mut world, "taro", "-x jiro").expect("taken");
    assert_eq!(seats(&world).len(), 3);
    assert_eq!(order(&world), ["taro", "hanako", "saburo"]);
    world.agreed();
}

#[test]
fn x_with_a_number_sets_the_place_in_the_updating_order() {
    let mut world = founded();
    mode(&mut world, "taro", "+oo hanako jiro").expect("given");
    assert_eq!(order(&world), TRIO);
    mode(&mut world, "taro", "+x1 saburo").expect("given");
    assert_eq!(order(&world), ["saburo", "taro", "hanako", "jiro"]);
    mode(&mut world, "taro", "+x3 saburo").expect("moved");
    assert_eq!(order(&world), ["taro", "hanako", "saburo", "jiro"]);
    mode(&mut world, "taro", "+x16 taro").expect("moved");
    assert_eq!(order(&world), ["hanako", "saburo", "jiro", "taro"]);
    // Seniority is another thing, and did not change.
    assert_eq!(
        seats(&world).iter().map(|(nick, _)| *nick).collect::<Vec<_>>(),
        ["taro", "hanako", "jiro", "saburo"]
    );
}

#[test]
fn a_mere_move_in_the_updating_order_takes_one_line_and_a_seat_may_move_any() {
    let mut world = World::seated(&TRIO);
    let list = world.user("jiro").view().list().expect("a list").clone();
    let count = world.lines.len();
    mode(&mut world, "hanako", "+x1 jiro").expect("moved");
    let kinds: Vec<_> = world.since(count).iter().map(|line| line.kind()).collect();
    assert_eq!(kinds, [Some(4)]);
    assert_eq!(world.user("jiro").view().list(), Some(&list));
    assert_eq!(order(&world), ["jiro", "taro", "hanako"]);
    world.agreed();
}

#[test]
fn o_gives_and_takes_both_rights() {
    let mut world = founded();
    mode(&mut world, "taro", "+d hanako").expect("given");
    mode(&mut world, "taro", "+oo hanako jiro").expect("given");
    assert_eq!(seats(&world), TRIO.map(|nick| (nick, Rights::BOTH)));
    mode(&mut world, "taro", "-o hanako").expect("taken");
    assert_eq!(seats(&world), [("taro", Rights::BOTH), ("jiro", Rights::BOTH)]);
}

#[test]
fn c_is_between_the_user_and_the_terminal() {
    let mut world = founded();
    let count = world.lines.len();
    assert_eq!(mode(&mut world, "hanako", "+c"), Err(Refusal::Nothing));
    mode(&mut world, "hanako", "-c").expect("declared plain");
    assert!(world.user("hanako").view().is_plain());
    mode(&mut world, "hanako", "+c").expect("sealed again");
    assert!(!world.user("hanako").view().is_plain());
    assert_eq!(world.since(count).len(), 0);
}

#[test]
fn others_are_told_in_the_same_letters() {
    let mut world = founded();
    mode(&mut world, "taro", "+d hanako").expect("given");
    mode(&mut world, "taro", "+x-d hanako hanako").expect("changed");
    let told: Vec<&str> = world.user("hanako").notices.iter().filter_map(rights).collect();
    assert_eq!(told, ["+d hanako", "-d hanako, +x hanako"]);
    for command in told.iter().flat_map(|line| line.split(", ")) {
        assert_eq!(mode::parse(command).map(|modes| modes.changes.len()), Ok(1));
    }
}

fn rights(notice: &Notice) -> Option<&str> {
    match notice {
        Notice::Rights(line) => Some(line),
        _ => None,
    }
}

#[test]
fn nobody_changes_who_stands_before_it_nor_itself() {
    let mut world = World::seated(&TRIO);
    world.add("saburo", |_| {});
    world.add("goro", |_| {});
    world.join("saburo");
    world.join("goro");
    world.run(60_000);
    mode(&mut world, "taro", "+d saburo").expect("given");
    world.run(60_000);
    let (before, count) = (world.agreed(), world.lines.len());
    let cases = [
        ("hanako", "-d taro"),
        ("hanako", "-x taro"),
        ("jiro", "-d hanako"),
        // No right to update, or no seat at all.
        ("saburo", "+d goro"),
        ("goro", "+d goro"),
        ("goro", "+o goro"),
    ];
    for (nick, modes) in cases {
        assert_eq!(mode(&mut world, nick, modes), Err(Refusal::NotSenior), "{nick} {modes}");
    }
    // Nor the founder its own: its channel would have nobody.
    for (nick, letter) in [("taro", 'd'), ("taro", 'x'), ("taro", 'o'), ("hanako", 'o')] {
        let modes = format!("-{letter} {nick}");
        assert_eq!(mode(&mut world, nick, &modes), Err(Refusal::OwnSeat), "{nick} {modes}");
    }
    let bar = |nick| Command::Bar { channel: CHANNEL, nick };
    assert_eq!(world.command("hanako", bar("taro")), Err(Refusal::NotSenior));
    assert_eq!(world.command("hanako", bar("hanako")), Err(Refusal::OwnSeat));
    assert_eq!((world.agreed(), world.lines.len()), (before, count));
    // What stands behind is another matter.
    mode(&mut world, "hanako", "-o jiro").expect("taken");
    mode(&mut world, "hanako", "+x saburo").expect("given");
    let expected = [("taro", Rights::BOTH), ("hanako", Rights::BOTH), ("saburo", Rights::BOTH)];
    assert_eq!(seats(&world), expected);
}

#[test]
fn a_command_is_carried_out_as_a_whole_or_not_at_all() {
    let mut world = World::seated(&TRIO);
    let (before, count) = (world.agreed(), world.lines.len());
    let cases = [
        ("+d-d jiro taro", Refusal::NotSenior),
        ("-o+d jiro nobody", Refusal::UnknownMember),
        ("-c-d taro", Refusal::NotSenior),
        ("-o+q jiro taro", Refusal::Mode(ModeError::UnknownLetter('q'))),
        ("#elsewhere -o jiro", Refusal::NotJoined),
        ("+o jiro", Refusal::Nothing),
    ];
    for (modes, why) in cases {
        assert_eq!(mode(&mut world, "hanako", modes), Err(why), "{modes}");
    }
    assert_eq!((world.agreed(), world.lines.len()), (before, count));
    assert!(!world.user("hanako").view().is_plain());
    // Several changes make one record.
    mode(&mut world, "taro", "MODE #RYUGU -o-d+x1 jiro hanako hanako").expect("changed");
    assert_eq!(seats(&world), [("taro", Rights::BOTH), ("hanako", UPDATE)]);
    assert_eq!(order(&world), ["hanako", "taro"]);
    assert_eq!(world.makers(count).len(), 1);
}

#[test]
fn a_list_has_room_for_so_many() {
    let names: Vec<String> = (0..=BARRED_MAX).map(|number| format!("user{number}")).collect();
    let mut world = World::seated(&["taro"]);
    for name in &names {
        world.add(name, |_| {});
        world.join(name);
        world.run(100);
    }
    world.run(60_000);
    let before = world.agreed();
    let give = |nicks: &[String]| format!("+{} {}", "d".repeat(nicks.len()), nicks.join(" "));
    let (fitting, one_more) = (SEATS_MAX - 1, SEATS_MAX);
    assert_eq!(mode(&mut world, "taro", &give(&names[..one_more])), Err(Refusal::ListFull));
    assert_eq!(world.agreed(), before);
    mode(&mut world, "taro", &give(&names[..fitting])).expect("they fit");
    assert_eq!(seats(&world).len(), SEATS_MAX);
    assert_eq!(mode(&mut world, "taro", &give(&names[fitting..])), Err(Refusal::ListFull));
    for (number, nick) in names.iter().enumerate() {
        let barred = world.command("taro", Command::Bar { channel: CHANNEL, nick });
        let expected = if number < BARRED_MAX { Ok(()) } else { Err(Refusal::ListFull) };
        assert_eq!(barred, expected, "{nick}");
    }
    assert_eq!(world.user("taro").view().list().expect("a list").barred().count(), BARRED_MAX);
    assert_eq!(world.user("taro").view().list().expect("a list").seats().count(), 1);
    world.agreed_by(&["taro", "user16"]);
}

#[test]
fn a_barred_member_gets_neither_key_nor_seat_until_it_is_pardoned() {
    let mut world = World::seated(&TRIO);
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    assert_eq!(mode(&mut world, "taro", "+d jiro"), Err(Refusal::Barred));
    let again = Command::Bar { channel: CHANNEL, nick: "jiro" };
    assert_eq!(world.command("taro", again), Err(Refusal::Nothing));
    world.run(60_000);
    // Also if it comes anew.
    world.part("jiro");
    world.run(60_000);
    world.join("jiro");
    world.run(60_000);
    let refused =
        |notice: &&Notice| matches!(notice, Notice::Refused { reason: Refused::Barred, .. });
    assert!(world.user("jiro").notices.iter().find(refused).is_some());
    assert_eq!(world.user("jiro").sealing(), None);
    let pardon = Command::Pardon { channel: CHANNEL, nick: "jiro" };
    world.command("hanako", pardon.clone()).expect("pardoned");
    assert_eq!(world.command("hanako", pardon), Err(Refusal::Nothing));
    world.command("jiro", Command::Ask { channel: CHANNEL }).expect("asks");
    world.run(10_000);
    world.agreed();
    // Its seat is gone all the same.
    assert_eq!(seats(&world).len(), 2);
}

#[test]
fn no_line_of_the_server_moves_a_right() {
    let mut world = World::seated(&TRIO);
    let before = seats(&world).len();
    let list = world.user("taro").view().list().expect("a list").clone();
    let (channel, nick) = (CHANNEL, "jiro");
    let lies = [
        Event::Operator { channel, nick, on: true },
        Event::Operator { channel, nick: "taro", on: false },
        Event::Kick { channel, nick },
        Event::Nick { old: "taro", new: "jiro" },
        Event::Names { channel, names: &[("hanako", true)] },
        Event::Join { channel, nick: "taro" },
        Event::Quit { nick },
    ];
    for lie in lies {
        world.event("hanako", lie);
        world.deliver();
        world.run(DEPARTURE);
    }
    world.run(300_000);
    for user in &world.users {
        assert_eq!(user.view().list(), Some(&list), "{}", user.nick);
    }
    assert_eq!(seats(&world).len(), before);
}
