//! The grant rule: who is given a seat unasked, so that a channel outlives whoever opened it
//! (R-ROS-5).

use crate::rig;

use keyrota::GrantRule;
use keyrota::spec::limits::{ASK_JITTER, DEPARTURE, RULE_ABSENCE, RULE_GAP, SEATS_MAX};
use keyrota::spec::{Cause, Rights};
use keyrota::{Command, Notice};
use rig::{CHANNEL, World};

const HOUR: u64 = 3_600_000;

/// The seats as all in the channel see them.
fn seats(world: &World) -> Vec<&str> {
    let lists: Vec<_> = world.here().map(|user| user.view().list().expect("a list")).collect();
    assert!(lists.iter().all(|list| *list == lists[0]), "one list for all");
    let nick = |id| &*world.users.iter().find(|user| user.id() == id).expect("a user").nick;
    let seats = lists[0].seats();
    seats
        .inspect(|(_, seat)| assert_eq!(seat.rights, Rights::BOTH))
        .map(|(_, seat)| nick(seat.id))
        .collect()
}

/// When the list was changed.
fn changes(world: &World) -> Vec<u64> {
    let makers = world.makers(0).into_iter();
    makers.filter(|(_, _, cause)| *cause == Cause::List).map(|(at, ..)| at).collect()
}

#[test]
fn three_are_seated_in_order_of_joining_one_change_in_ten_minutes() {
    let mut world = World::new(&["taro", "hanako", "jiro", "saburo"]);
    let mut joined = Vec::new();
    for nick in ["taro", "hanako", "jiro", "saburo"] {
        world.join(nick);
        joined.push(world.ms);
        world.run(1_000);
    }
    world.run(2_000);
    // The first newcomer is seated with the key that answers it.
    assert_eq!(changes(&world), [joined[1]]);
    assert_eq!(seats(&world), ["taro", "hanako"]);
    world.run(24 * HOUR);
    assert_eq!(changes(&world), [joined[1], joined[1] + RULE_GAP]);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
    world.agreed();
}

#[test]
fn as_many_as_the_user_says() {
    for (wanted, expected) in [(1, 1), (2, 2), (4, 4), (16, 5)] {
        let mut world = World::with(&["taro", "hanako", "jiro", "saburo", "goro"], |_, config| {
            config.channel.rule = GrantRule::FirstJoined { seats: wanted };
        });
        for nick in ["taro", "hanako", "jiro", "saburo", "goro"] {
            world.join(nick);
            world.run(1_000);
        }
        world.run(2 * RULE_GAP);
        assert_eq!(seats(&world).len(), expected);
        world.agreed();
    }
}

#[test]
fn by_hand_means_nobody() {
    let mut world = World::seated(&["taro"]);
    for nick in ["hanako", "jiro"] {
        world.add(nick, |_| {});
        world.join(nick);
    }
    world.run(24 * HOUR);
    assert_eq!(seats(&world), ["taro"]);
}

#[test]
fn another_is_seated_for_one_that_left_who_keeps_its_seat() {
    let mut world = World::joined(&["taro", "hanako", "jiro", "saburo", "goro"]);
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
    world.run(RULE_GAP);
    let now = world.ms;
    world.part("hanako");
    world.run_until(60_000, |world| changes(world).len() == 3);
    assert!(world.ms - now <= 60_000);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro", "saburo"]);
    world.run(RULE_GAP);
    world.join("hanako");
    world.run(RULE_GAP * 2);
    // Nothing is taken from whoever has it.
    assert_eq!(seats(&world), ["taro", "hanako", "jiro", "saburo"]);
    world.agreed();
}

/// hanako leaves soon after a change by the rule, which waits with the next.
#[test]
fn an_exclusion_does_not_wait_for_the_rule() {
    let mut world = World::joined(&["taro", "hanako", "jiro", "saburo"]);
    world.run_until(2 * RULE_GAP, |world| changes(world).len() == 2);
    world.run(100_000);
    let (left, count) = (world.ms, world.lines.len());
    world.part("hanako");
    world.run(RULE_GAP);
    let seated = changes(&world)[1] + RULE_GAP;
    let made = [(left + DEPARTURE, "taro", Cause::Exclusion), (seated, "taro", Cause::List)];
    assert_eq!(world.makers(count), made);
}

#[test]
fn the_channel_outlives_all_who_had_seats_first() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut world = World::joined(&names);
    for nick in &names[..6] {
        world.run(2 * RULE_GAP);
        world.part(nick);
    }
    world.run(2 * RULE_GAP);
    world.agreed();
    world.say("g", "who is left?");
    assert_eq!(world.user("h").texts(), ["who is left?"]);
    let lists = world.user("h").view().order();
    assert_eq!(lists, [world.user("g").id(), world.user("h").id()]);
    let told = |notice: &Notice| matches!(notice, Notice::NobodyCanRenew(_));
    assert!(!world.user("h").notices.iter().any(told));
}

#[test]
fn in_a_full_list_who_was_away_for_a_day_makes_room() {
    let names: Vec<String> = (1..SEATS_MAX).map(|number| format!("user{number}")).collect();
    let mut world = World::new(&["taro"]);
    world.join("taro");
    world.run(1_000);
    for name in &names {
        world.add(name, |_| {});
        world.join(name);
    }
    world.run(60_000);
    let modes = format!("+{} {}", "o".repeat(names.len()), names.join(" "));
    world.command("taro", Command::Mode { channel: CHANNEL, modes: &modes }).expect("seated");
    assert_eq!(seats(&world).len(), SEATS_MAX);
    world.add("goro", |_| {});
    world.join("goro");
    world.run(60_000);
    for name in &names {
        world.part(name);
    }
    let left = world.ms;
    world.run(RULE_ABSENCE - 1);
    assert!(!seats(&world).contains(&"goro"));
    // It need not be seen at once.
    world.run_until(HOUR + ASK_JITTER, |world| seats(world).contains(&"goro"));
    assert!(world.ms >= left + RULE_ABSENCE);
    // The last one goes, the others stay.
    let mut expected: Vec<&str> = vec!["taro"];
    expected.extend(names[..names.len() - 1].iter().map(String::as_str));
    expected.push("goro");
    assert_eq!(seats(&world), expected);
    world.agreed();
}
