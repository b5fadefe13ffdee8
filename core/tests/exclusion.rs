//! Excluding those who left, were barred or revoked: when, by whom, and that they read no more
//! (R-UPD-6, R-GEN-1).

use std::cell::Cell;

use crate::rig;

use keyrota::spec::limits::{ASK_JITTER, ASK_WAIT, COLLECT, DEPARTURE, GRACE, SEALED_GAP};
use keyrota::spec::{Cause, KeyId};
use keyrota::{Command, Event, GrantRule, Notice, SelfSigned};
use rig::{CHANNEL, User, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];

/// Three with seats, and as many others without.
fn crowd(others: &[&str]) -> World {
    let mut world = World::seated(&TRIO);
    for nick in others {
        world.add(nick, |_| {});
        world.join(nick);
        world.run(4_000);
    }
    world.run(SEALED_GAP);
    world.agreed();
    world
}

fn holds(world: &World, nick: &str, key: KeyId) -> bool {
    world.user(nick).view().keys().any(|held| held == key)
}

/// What is said from now on, also after further renewals, is closed to whoever is `out`, which
/// hears every line. A seat can make keys wherever it is, so of one nothing is heard.
fn assert_closed_to(world: &mut World, out: &str) {
    let before = world.user(out).texts().len();
    if TRIO.contains(&out) {
        let silent = out.to_string();
        world.filter = Box::new(move |line, _| line.nick != silent);
    }
    for round in 0..2 {
        for nick in TRIO.into_iter().filter(|nick| *nick != out) {
            world.say(nick, &format!("round {round} by {nick}"));
        }
        let key = world.agreed();
        assert!(!holds(world, out, key), "{out} holds the key");
        world.run(SEALED_GAP);
        let first = TRIO.into_iter().find(|nick| *nick != out).expect("somebody");
        world.command(first, Command::Refresh { channel: CHANNEL }).expect("wished");
        world.run(3_000);
        assert_ne!(world.agreed(), key, "renewed");
    }
    assert_eq!(world.user(out).texts().len(), before, "{out} reads on");
    assert!(!holds(world, out, world.agreed()));
}

#[test]
fn five_seconds_after_a_departure_the_others_have_a_key_of_their_own() {
    let mut world = World::seated(&TRIO);
    let (now, count, before) = (world.ms, world.lines.len(), world.agreed());
    world.part_listening("jiro");
    // Until then the departed, if the server lets it, reads on.
    world.say("taro", "not yet");
    assert_eq!(world.user("jiro").texts(), ["not yet"]);
    world.run(DEPARTURE - 1);
    assert_eq!(world.agreed(), before);
    world.run(1);
    assert_ne!(world.agreed(), before);
    assert_eq!(world.makers(count), [(now + DEPARTURE, "taro", Cause::Exclusion)]);
    assert_closed_to(&mut world, "jiro");
    // A departure takes no right: whoever comes back has its seat.
    let list = world.user("hanako").view().list().expect("a list");
    assert!(list.seat_of(&world.user("jiro").id()).is_some());
}

#[test]
fn a_departed_first_is_excluded_by_the_next() {
    let mut world = World::seated(&TRIO);
    let (now, count) = (world.ms, world.lines.len());
    world.part_listening("taro");
    world.run(DEPARTURE);
    assert_eq!(world.makers(count), [(now + DEPARTURE, "hanako", Cause::Exclusion)]);
    assert_closed_to(&mut world, "taro");
}

#[test]
fn if_the_first_is_silent_the_next_excludes() {
    let mut world = crowd(&["saburo"]);
    let (now, count) = (world.ms, world.lines.len());
    world.hang("taro");
    world.part_listening("saburo");
    let due = now + DEPARTURE + GRACE;
    world.run(due - 1 - world.ms);
    assert_eq!(world.makers(count), []);
    world.run(1);
    assert_eq!(world.makers(count), [(due, "hanako", Cause::Exclusion)]);
    world.resume("taro");
    assert_closed_to(&mut world, "saburo");
}

#[test]
fn departures_in_a_row_are_answered_together_and_once_a_minute() {
    let mut world = crowd(&["a", "b", "c", "d", "e", "f"]);
    let (now, count) = (world.ms, world.lines.len());
    for nick in ["a", "b", "c", "d"] {
        world.part_listening(nick);
        world.run(1_000);
    }
    world.run(10_000);
    // Five seconds after the first of them: the later ones do not put it off.
    let first = now + DEPARTURE;
    assert_eq!(world.makers(count), [(first, "taro", Cause::Exclusion)]);
    world.part_listening("e");
    world.run(1_000);
    world.part_listening("f");
    world.run(600_000);
    let second = first + SEALED_GAP;
    let expected = [(first, "taro", Cause::Exclusion), (second, "taro", Cause::Exclusion)];
    assert_eq!(world.makers(count), expected);
    let key = world.agreed();
    for nick in ["a", "b", "c", "d", "e", "f"] {
        assert!(!holds(&world, nick, key), "{nick}");
    }
    assert_closed_to(&mut world, "f");
}

#[test]
fn whoever_never_held_the_key_may_leave_without_a_word() {
    let mut world = World::seated(&TRIO);
    world.add("saburo", |config| config.channel.found = false);
    world.filter = Box::new(|line, _| line.nick != "saburo");
    world.join("saburo");
    world.run(10_000);
    let (count, key) = (world.lines.len(), world.agreed_by(&TRIO));
    world.part("saburo");
    world.run(SEALED_GAP * 3);
    assert_eq!(world.makers(count), []);
    assert_eq!(world.agreed(), key);
}

#[test]
fn a_barred_member_is_out_at_once() {
    let mut world = World::seated(&TRIO);
    let (now, count) = (world.ms, world.lines.len());
    let jiro = world.user("jiro").id();
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    assert_eq!(world.makers(count), [(now, "taro", Cause::Exclusion)]);
    let key = world.agreed_by(&["taro", "hanako"]);
    assert!(!holds(&world, "jiro", key));
    for nick in ["taro", "hanako"] {
        let told = Notice::Barred { member: jiro, on: true };
        assert!(world.user(nick).notices.contains(&told), "{nick}");
        assert!(world.user(nick).view().list().is_some_and(|list| list.bars(&jiro)), "{nick}");
    }
    // It is there and asks, by name and at large, and is given nothing.
    for _ in 0..3 {
        world.command("jiro", Command::Ask { channel: CHANNEL }).expect("asked");
        world.say("hanako", "psst");
        world.run(SEALED_GAP);
    }
    assert_eq!(world.user("jiro").texts(), [""; 0]);
    let key = world.agreed_by(&["taro", "hanako"]);
    assert!(!holds(&world, "jiro", key));
}

#[test]
fn a_revoked_member_is_barred_by_whoever_can_and_excluded_at_least() {
    // The founder's revocation takes the seat; that of somebody behind it cannot.
    for (user, seated) in [("taro", false), ("jiro", true)] {
        let mut world = World::seated(&TRIO);
        let (now, count) = (world.ms, world.lines.len());
        let hanako = world.user("hanako").id();
        world.command(user, Command::Revoke { member: hanako }).expect("revoked");
        assert_eq!(world.makers(count), [(now, user, Cause::Exclusion)]);
        let key = world.user(user).sealing().expect("a key");
        assert!(!holds(&world, "hanako", key), "by {user}");
        let list = world.user(user).view().list().expect("a list");
        assert_eq!(list.seat_of(&hanako).is_some(), seated);
        assert_eq!(list.bars(&hanako), !seated);
    }
}

/// Nobody can bar the founder, and the others accept it: they give it each new key.
#[test]
fn whom_others_accept_is_excluded_once_and_then_tolerated() {
    let mut world = World::seated(&TRIO);
    let (now, count) = (world.ms, world.lines.len());
    let taro = world.user("taro").id();
    world.command("jiro", Command::Revoke { member: taro }).expect("revoked");
    world.run(30 * SEALED_GAP);
    assert_eq!(world.makers(count), [(now, "jiro", Cause::Exclusion)]);
    world.agreed();
    let told = |world: &World| {
        let notices = world.user("jiro").notices.iter();
        notices.filter(|notice| **notice == Notice::Tolerated(taro)).count()
    };
    assert_eq!(told(&world), 1);
    // Nor when jiro comes back.
    world.lose("jiro");
    world.run(2_000);
    let count = world.lines.len();
    world.join("jiro");
    world.run(10 * SEALED_GAP);
    assert_eq!(world.makers(count), []);
    world.agreed();
    // What it says is not shown all the same, and if it leaves it is excluded like any.
    world.say("taro", "here I am");
    assert_eq!(world.user("hanako").texts(), ["here I am"]);
    assert_eq!(world.user("jiro").texts(), [""; 0]);
    let key = world.agreed();
    world.part("taro");
    world.run(DEPARTURE + 3 * GRACE);
    assert_ne!(world.agreed(), key);
}

/// A member is tolerated only until it is accepted.
#[test]
fn who_was_accepted_since_is_excluded_once_more() {
    let mut world = World::seated(&TRIO);
    for _ in 0..2 {
        let count = world.lines.len();
        world.decide("jiro", Command::SelfSigned(SelfSigned::Refuse));
        world.decide("jiro", Command::Unpin { name: "taro" });
        world.run(10 * SEALED_GAP);
        let makers = world.makers(count);
        assert!(matches!(makers[..], [(_, "jiro", Cause::Exclusion)]), "{makers:?}");
        let count = world.lines.len();
        world.decide("jiro", Command::SelfSigned(SelfSigned::Pin));
        world.run(SEALED_GAP);
        assert_eq!(world.makers(count), []);
        world.say("taro", "here I am");
        assert_eq!(world.user("jiro").texts().last(), Some(&"here I am"));
    }
}

/// Taro made the key of the root, hanako the current one; jiro knows only who gave it that. So it is when
/// the genesis comes last, too, without which all else waits.
#[test]
fn who_hands_the_key_out_is_known_to_hold_it() {
    for late in [false, true] {
        let mut world = crowd(&[]);
        world.part("jiro");
        world.start_anew("jiro");
        world.run(2 * SEALED_GAP);
        world.hang("taro");
        world.command("hanako", Command::Refresh { channel: CHANNEL }).expect("a wish");
        world.run(SEALED_GAP);
        world.resume("taro");
        let count = world.lines.len();
        let dropped = Cell::new(!late);
        world.filter = Box::new(move |line, to| {
            to != "jiro" || line.kind() != Some(7) || dropped.replace(true)
        });
        world.join("jiro");
        world.run(SEALED_GAP);
        world.agreed();
        let lines = world.since(count).iter();
        let given: Vec<_> = lines.filter(|line| line.kind() == Some(5)).collect();
        assert!(given.iter().all(|line| line.nick == "taro"), "{late}");
        assert_eq!((given.len(), world.user("jiro").cause()), (1, Cause::Wish), "{late}");
        world.hang("hanako");
        let count = world.lines.len();
        world.part("taro");
        world.run(DEPARTURE + 2 * GRACE);
        let makers = world.makers(count);
        assert!(matches!(makers[..], [(_, "jiro", Cause::Exclusion)]), "{late}: {makers:?}");
    }
}

#[test]
fn whoever_is_back_within_five_seconds_is_not_excluded() {
    let mut world = crowd(&["saburo"]);
    let count = world.lines.len();
    world.part("saburo");
    world.run(DEPARTURE - 2_000);
    world.join("saburo");
    world.run(SEALED_GAP * 3);
    assert_eq!(world.makers(count), []);
    world.agreed();
    world.say("saburo", "back");
    assert_eq!(world.user("hanako").texts(), ["back"]);
}

/// The server lets a member leave and join that did neither.
#[test]
fn an_invented_departure_costs_lines_and_no_more() {
    for told_to in [&["taro", "hanako", "jiro"][..], &["hanako"][..]] {
        let mut world = crowd(&["saburo"]);
        let count = world.lines.len();
        let list = world.user("taro").view().list().expect("a list").clone();
        for nick in told_to {
            world.event(nick, Event::Part { channel: CHANNEL, nick: "saburo" });
            world.event(nick, Event::Join { channel: CHANNEL, nick: "saburo" });
        }
        world.run(DEPARTURE + 2 * SEALED_GAP);
        assert!(world.makers(count).len() <= 2, "{:?}", world.makers(count));
        assert_eq!(world.user("taro").view().list(), Some(&list));
        world.agreed();
        world.say("saburo", "what?");
        assert_eq!(world.user("hanako").texts(), ["what?"]);
        assert!(world.since(count).len() <= 20, "{}", world.since(count).len());
    }
}

#[test]
fn a_nick_that_joins_again_is_nobody_until_it_says_who_it_is() {
    let mut world = World::seated(&TRIO);
    world.part_listening("jiro");
    world.tell_all(Event::Join { channel: CHANNEL, nick: "jiro" });
    world.run(DEPARTURE);
    let key = world.agreed();
    assert!(!holds(&world, "jiro", key));
    assert_eq!(world.user("taro").view().order().len(), 2);
}

#[test]
fn those_whose_box_is_lost_ask_for_the_key() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    // Also if its author is not there any more to answer.
    for (dies, limit) in [(false, ASK_JITTER + COLLECT), (true, ASK_JITTER + 3 * ASK_WAIT)] {
        let mut world = crowd(&names);
        let count = world.lines.len();
        world.part("a");
        // Of the new key only the first line arrives.
        world.filter = Box::new(|line, _| line.kind() != Some(6));
        world.run(DEPARTURE);
        world.filter = Box::new(|_, _| true);
        let lacks = |user: &&User| user.current() != user.sealing();
        assert!(world.here().filter(lacks).count() >= 3);
        if dies {
            world.hang("taro");
        }
        world.run_until(limit, |world| world.here().all(|user| !lacks(&user)));
        assert_eq!(world.makers(count).len(), 1);
        world.agreed();
    }
}

/// Whoever comes to a seat must know of those who held the key before it came.
#[test]
fn a_seat_excludes_whom_it_never_heard_speak() {
    let mut world = World::with(&["taro", "saburo", "jiro"], |_, config| {
        config.channel.rule = GrantRule::ByHand;
    });
    for nick in ["taro", "saburo", "jiro"] {
        world.join(nick);
        world.run(30_000);
    }
    world.command("taro", Command::Mode { channel: CHANNEL, modes: "+o jiro" }).expect("seated");
    world.run(2 * SEALED_GAP);
    let (now, count) = (world.ms, world.lines.len());
    world.hang("taro");
    world.part_listening("saburo");
    world.run(DEPARTURE + GRACE);
    assert_eq!(world.makers(count), [(now + DEPARTURE + GRACE, "jiro", Cause::Exclusion)]);
}
