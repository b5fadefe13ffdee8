//! Departures that did not happen: a server invents them, and the member is heard all the same. What a
//! seat gives it shows that it is here; its word that it is here ends the quarrel (R-UPD-6, R-ROS-3).

use crate::rig;

use keyrota::spec::limits::{DEPARTURE, GRACE, SEALED_GAP};
use keyrota::spec::{Cause, Frame, KeyId, Query, Subject};
use keyrota::{Command, Event};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];
/// Shorter than the period after which a key is renewed anyway.
const LONG: u64 = 3_000_000;

/// Three with seats, and saburo without.
fn crowd() -> World {
    let mut world = World::seated(&TRIO);
    world.add("saburo", |_| {});
    world.join("saburo");
    world.run(4_000 + SEALED_GAP);
    world.agreed();
    world
}

/// Whether the terminal of one has another in the channel.
fn lists(world: &World, nick: &str, other: &str) -> bool {
    world.user(nick).view().roster().occupant(other).is_some()
}

fn holds(world: &World, nick: &str, key: KeyId) -> bool {
    world.user(nick).view().keys().any(|held| held == key)
}

fn asks_whether_here(world: &mut World, nick: &str, whom: &str) {
    let whom = world.user(whom).id().hint();
    let query = Query { whom: Some(whom), what: Subject::Hello(whom) };
    world.inject_frame(nick, &Frame::Query(query));
}

/// jiro is told that taro, who made the key, has left, and excludes him; taro makes another. Then he is
/// asked whether he is here.
#[test]
fn a_departure_that_one_is_told_of_costs_two_keys() {
    let mut world = World::seated(&TRIO);
    world.hang("hanako");
    let (now, count) = (world.ms, world.lines.len());
    world.event("jiro", Event::Part { channel: CHANNEL, nick: "taro" });
    world.run(LONG);
    // hanako, before jiro, is silent; then she is last, and taro, first, lacks the key.
    let excluded = now + DEPARTURE + GRACE;
    let expected =
        [(excluded, "jiro", Cause::Exclusion), (excluded + GRACE, "taro", Cause::Missing)];
    assert_eq!(world.makers(count)[..], expected[..]);
    world.agreed_by(&["taro", "jiro"]);
    assert!(lists(&world, "jiro", "taro"));
    assert_eq!(world.user("jiro").view().order(), world.user("taro").view().order());
}

/// Likewise, of a member without a seat: hanako, who was told nothing, gives it the new key.
#[test]
fn a_departure_that_another_seat_knows_nothing_of_costs_one_key() {
    let mut world = crowd();
    let (now, count) = (world.ms, world.lines.len());
    world.event("taro", Event::Part { channel: CHANNEL, nick: "saburo" });
    world.run(LONG);
    assert_eq!(world.makers(count), [(now + DEPARTURE, "taro", Cause::Exclusion)]);
    world.agreed();
    assert!(lists(&world, "taro", "saburo"));
    world.say("taro", "are you here?");
    assert_eq!(world.user("saburo").texts(), ["are you here?"]);
}

/// All are told so, and the server keeps the member on the line: it has a seat, and goes on.
#[test]
fn a_departure_that_all_are_told_of_costs_two_keys() {
    let mut world = World::seated(&TRIO);
    let (now, count) = (world.ms, world.lines.len());
    world.part_listening("jiro");
    world.run(LONG);
    let made = world.makers(count);
    assert_eq!(made[0], (now + DEPARTURE, "taro", Cause::Exclusion));
    assert_eq!((made[1].1, made[1].2, made.len()), ("jiro", Cause::Missing, 2), "{made:?}");
    world.agreed_by(&TRIO);
    assert!(TRIO.iter().all(|nick| lists(&world, nick, "jiro")));
}

/// Two are told of each other that they have left, and hear each other.
#[test]
fn two_who_are_told_so_of_each_other_agree_again() {
    let mut world = World::seated(&["taro", "hanako"]);
    let count = world.lines.len();
    for (to, nick) in [("taro", "hanako"), ("hanako", "taro")] {
        world.event(to, Event::Part { channel: CHANNEL, nick });
    }
    world.run(LONG / 2);
    // Each takes itself for alone, and tells nobody of its key, until it renews that.
    assert_eq!(world.makers(count), []);
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(LONG / 2);
    assert!(world.makers(count).len() <= 2, "{:?}", world.makers(count));
    world.agreed();
    world.say("taro", "somebody after all");
    assert_eq!(world.user("hanako").texts(), ["somebody after all"]);
}

/// A server that takes care that the member's word does not arrive has two records made in 80 s.
#[test]
fn who_is_kept_from_saying_so_is_excluded_once_a_minute() {
    let mut world = World::seated(&TRIO);
    world.hang("hanako");
    let count = world.lines.len();
    world.filter =
        Box::new(|line, to| line.nick != "taro" || to != "jiro" || line.kind() != Some(3));
    world.event("jiro", Event::Part { channel: CHANNEL, nick: "taro" });
    world.run(LONG);
    let made = world.makers(count);
    assert!(made.len() > 40, "the lie is kept up: {made:?}");
    let most = usize::try_from(2 * (LONG / (SEALED_GAP + GRACE) + 1)).expect("few");
    assert!(made.len() <= most, "{}", made.len());
    // Once it arrives that is over.
    world.filter = Box::new(|_, _| true);
    world.run(2 * SEALED_GAP);
    let count = world.lines.len();
    world.run(LONG);
    assert_eq!(world.makers(count), []);
    world.agreed_by(&["taro", "jiro"]);
}

/// Where lines come also from those who have left, their word alone brings nobody back.
#[test]
fn who_has_left_is_not_here_for_saying_so() {
    let mut world = crowd();
    let (now, count) = (world.ms, world.lines.len());
    world.part_listening("saburo");
    // Before it is excluded, and after.
    asks_whether_here(&mut world, "taro", "saburo");
    world.run(LONG);
    assert_eq!(world.makers(count), [(now + DEPARTURE, "taro", Cause::Exclusion)]);
    let lines = world.since(count).iter().filter(|line| line.nick == "saburo");
    let kinds: Vec<u8> = lines.filter_map(|line| line.kind()).collect();
    assert!(kinds.len() > 3 && kinds.iter().all(|kind| *kind == 3), "it said Hello: {kinds:?}");
    assert!(!holds(&world, "saburo", world.agreed()));
    assert!(TRIO.iter().all(|nick| !lists(&world, nick, "saburo")));
}

/// Nor does a text under a key that it had before, though one who came later learns by that alone that
/// it has the key.
#[test]
fn who_has_left_is_not_here_for_speaking() {
    let mut world = crowd();
    world.add("goro", |_| {});
    world.part("jiro");
    world.run(DEPARTURE);
    world.join("goro");
    world.run(4_000);
    let key = world.agreed();
    let count = world.lines.len();
    world.part_listening("saburo");
    world.say("saburo", "still here");
    world.run(15_000);
    assert_eq!(world.user("goro").texts(), ["still here"]);
    asks_whether_here(&mut world, "taro", "saburo");
    assert_eq!(world.agreed(), key);
    let hellos = |line: &&rig::Relayed| line.nick == "saburo" && line.kind() == Some(3);
    assert_eq!(world.since(count).iter().filter(hellos).count(), 2);
    assert!(!lists(&world, "goro", "saburo"));
}

/// Of whoever is here again by its word, a departure counts as of anybody.
#[test]
fn who_was_taken_for_gone_and_leaves_is_excluded() {
    let mut world = crowd();
    world.event("taro", Event::Part { channel: CHANNEL, nick: "saburo" });
    world.run(LONG);
    assert!(lists(&world, "taro", "saburo"));
    let (now, count) = (world.ms, world.lines.len());
    world.part_listening("saburo");
    asks_whether_here(&mut world, "hanako", "saburo");
    assert!(!lists(&world, "taro", "saburo"), "no seat has given it a key since");
    world.run(LONG);
    let made = world.makers(count);
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!((made[0].0, made[0].2), (now + DEPARTURE, Cause::Exclusion));
    assert!(!holds(&world, "saburo", world.agreed()));
}

/// Who was barred, and has a seat in the list of nobody, stays out whatever it says.
#[test]
fn who_is_barred_stays_out_whatever_it_says() {
    let mut world = World::seated(&TRIO);
    world.part_listening("jiro");
    world.run(LONG);
    let bar = Command::Bar { channel: CHANNEL, nick: "jiro" };
    world.command("taro", bar).expect("barred");
    let count = world.lines.len();
    world.run(LONG);
    assert_eq!(world.makers(count), []);
    let key = world.agreed_by(&["taro", "hanako"]);
    assert!(!holds(&world, "jiro", key));
}
