//! Changes of the list that lost to a more senior one: what they took away is taken away again, once,
//! by whoever can, and nobody gains by having lost (R-ROS-6, R-UPD-6).

use crate::rig;

use keyrota::spec::limits::{ASK_SPREAD, DEPARTURE, GRACE, SEALED_GAP};
use keyrota::spec::{Cause, Descent, Entry, KeyId, List, MemberId, Record, Rights, armor};
use keyrota::{Command, Notice};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];
const ONE: [&str; 2] = ["taro", "a"];
const OTHER: [&str; 4] = ["hanako", "jiro", "momo", "b"];

/// Three seats, momo, a and b, under a key that has lasted for a while.
fn world() -> World {
    let mut world = World::seated(&TRIO);
    for nick in ["momo", "a", "b"] {
        world.add(nick, |_| {});
        world.join(nick);
        world.run(2_000);
    }
    world.run(2 * SEALED_GAP);
    world.agreed();
    world
}

fn mode(world: &mut World, nick: &str, modes: &str) {
    world.command(nick, Command::Mode { channel: CHANNEL, modes }).expect("changed");
}

fn bar(world: &mut World, by: &str, nick: &str) {
    world.command(by, Command::Bar { channel: CHANNEL, nick }).expect("barred");
}

fn list(world: &World, nick: &str) -> List {
    world.user(nick).view().list().expect("a list").clone()
}

fn bars(world: &World, nick: &str) -> bool {
    let id = world.user(nick).id();
    TRIO.iter().all(|seat| list(world, seat).bars(&id))
}

fn seated(world: &World, nick: &str) -> bool {
    list(world, "taro").seat_of(&world.user(nick).id()).is_some()
}

fn holds(world: &World, nick: &str, key: KeyId) -> bool {
    world.user(nick).view().keys().any(|held| held == key)
}

/// hanako does something on one side, taro something else on the other, and taro's counts; back
/// together, with as many lines as there were before.
fn split(
    world: &mut World,
    hanako: impl FnOnce(&mut World),
    taro: impl FnOnce(&mut World),
) -> usize {
    world.split(&[&ONE, &OTHER]);
    world.run(70_000);
    hanako(world);
    taro(world);
    world.run(70_000);
    let count = world.lines.len();
    world.heal();
    count
}

/// Who changed the list since, and when.
fn changes(world: &World, count: usize) -> Vec<(u64, &str, Cause)> {
    let all = world.makers(count).into_iter();
    all.filter(|(_, _, cause)| matches!(cause, Cause::List | Cause::Exclusion)).collect()
}

/// All records of a time once more, from whom they came, slowly enough to be taken in.
fn replay(world: &mut World, from: usize, to: usize) {
    let records = |bytes: &[u8]| matches!(bytes[0] & 0x0f, 4 | 5 | 7);
    let mut frames: Vec<(String, Vec<u8>)> = world.frames(from)
        [..world.frames(from).len() - world.frames(to).len()]
        .iter()
        .filter(|(_, _, bytes)| records(bytes))
        .map(|(_, nick, bytes)| (nick.to_string(), bytes.clone()))
        .collect();
    frames.dedup();
    for (nick, bytes) in frames {
        world.inject(&nick, &armor::whole(&bytes));
        world.run(500);
    }
}

#[test]
fn a_bar_that_lost_is_signed_again_at_once_and_once() {
    let mut world = world();
    let before = world.lines.len();
    let count = split(
        &mut world,
        |world| bar(world, "hanako", "momo"),
        |world| mode(world, "taro", "+d a"),
    );
    let start = world.ms;
    world.run(DEPARTURE + 2 * ASK_SPREAD);
    assert!(bars(&world, "momo"));
    let made = changes(&world, count);
    assert!(
        matches!(made[..], [(at, "taro", Cause::Exclusion)] if at <= start + DEPARTURE + 2 * ASK_SPREAD),
        "{made:?}"
    );
    world.run(60_000);
    let trusted = ["taro", "hanako", "jiro", "a", "b"];
    let key = world.agreed_by(&trusted);
    assert!(!holds(&world, "momo", key));
    // What taro gave counts, and what hanako changed is taken up.
    assert!(seated(&world, "a"));
    let hanako = *list(&world, "a").seat_of(&world.user("hanako").id()).expect("a seat").1;
    assert!(hanako.changes > 0);
    // Nobody signs it again: not if all of it is heard once more, and not against a pardon.
    let member = world.user("momo").id();
    world.command("taro", Command::Pardon { channel: CHANNEL, nick: "momo" }).expect("pardoned");
    let after = world.lines.len();
    for _ in 0..3 {
        replay(&mut world, before, count);
        world.run(3 * SEALED_GAP);
    }
    assert!(!bars(&world, "momo"));
    assert_eq!(changes(&world, after), []);
    // Not even by a seat that was not there.
    world.add("kame", |_| {});
    world.join("kame");
    world.run(5_000);
    mode(&mut world, "taro", "+o kame");
    world.run(2 * SEALED_GAP);
    world.part("taro");
    world.part("hanako");
    world.part("jiro");
    world.run(2 * SEALED_GAP);
    replay(&mut world, before, count);
    world.run(3 * SEALED_GAP);
    assert!(!world.user("kame").view().list().expect("a list").bars(&member));
}

#[test]
fn a_seat_whose_removal_lost_is_removed_again() {
    let mut world = world();
    let count = split(
        &mut world,
        |world| mode(world, "hanako", "-o jiro"),
        |world| mode(world, "taro", "+d a"),
    );
    world.run(60_000);
    assert!(!seated(&world, "jiro") && seated(&world, "a"));
    assert_eq!(changes(&world, count).len(), 1);
    // It keeps its key: only its seat was taken.
    world.agreed();
    world.run(600_000);
    assert_eq!(changes(&world, count).len(), 1);
}

/// jiro's change, which gave b its seat, stands in no proof since hanako took that again.
#[test]
fn what_a_change_took_away_is_told_by_the_list_that_it_was_made_from() {
    let mut world = world();
    mode(&mut world, "jiro", "+d b");
    world.run(2 * SEALED_GAP);
    assert!(seated(&world, "b"));
    split(&mut world, |world| mode(world, "hanako", "-d b"), |world| mode(world, "taro", "+d a"));
    world.run(60_000);
    assert!(!seated(&world, "b") && seated(&world, "a"));
}

#[test]
fn if_the_first_is_silent_the_next_signs() {
    let mut world = world();
    let count = split(
        &mut world,
        |world| bar(world, "hanako", "momo"),
        |world| mode(world, "taro", "+d a"),
    );
    world.run(DEPARTURE - 1);
    world.hang("taro");
    // taro has been silent before it could tell of its own; a does so for it.
    world.run(GRACE + 2 * DEPARTURE + 10_000);
    world.run(2 * GRACE);
    let id = world.user("momo").id();
    for nick in ["hanako", "jiro", "a", "b"] {
        assert!(list(&world, nick).bars(&id), "{nick}: {:?}", changes(&world, count));
    }
    assert!(changes(&world, count).iter().all(|(_, nick, _)| *nick != "taro"));
    world.resume("taro");
    world.run(120_000);
    assert!(bars(&world, "momo"));
    world.agreed_by(&["taro", "hanako", "jiro", "a", "b"]);
}

#[test]
fn its_author_signs_if_it_is_the_first() {
    let mut world = world();
    let count = split(
        &mut world,
        |world| bar(world, "hanako", "momo"),
        |world| {
            mode(world, "taro", "+d a");
            world.run(1_000);
            world.part("taro");
        },
    );
    world.run(2 * SEALED_GAP);
    let id = world.user("momo").id();
    assert!(list(&world, "b").bars(&id));
    let made = changes(&world, count);
    let by: Vec<&str> = made.iter().map(|(_, nick, _)| *nick).collect();
    assert!(by.contains(&"hanako"), "{made:?}");
    assert!(list(&world, "b").seat_of(&world.user("a").id()).is_some());
}

/// Nobody is left who may sign for hanako but jiro, behind it; and of those who heard it, b.
#[test]
fn a_member_without_a_seat_tells_and_one_behind_the_author_signs_once() {
    let mut world = world();
    world.split(&[&["taro", "jiro", "a"], &["hanako", "momo", "b"]]);
    world.run(70_000);
    bar(&mut world, "hanako", "momo");
    let to = world.lines.len();
    mode(&mut world, "taro", "+d a");
    world.run(1_000);
    world.quit("hanako");
    world.quit("taro");
    world.run(70_000);
    let count = world.lines.len();
    world.heal();
    world.run(2 * SEALED_GAP);
    let id = world.user("momo").id();
    assert!(list(&world, "jiro").bars(&id) && list(&world, "b").bars(&id));
    assert!(changes(&world, count).iter().any(|(_, by, _)| *by == "jiro"));
    // jiro cannot write down that hanako's change is done, and remembers it.
    world.command("jiro", Command::Pardon { channel: CHANNEL, nick: "momo" }).expect("pardoned");
    for _ in 0..3 {
        replay(&mut world, 0, to);
        world.run(2 * SEALED_GAP);
        // Coming back it has forgotten which records it heard, and not what is settled.
        world.part("jiro");
        world.run(10_000);
        world.join("jiro");
        world.run(SEALED_GAP);
    }
    assert!(!list(&world, "jiro").bars(&id) && !list(&world, "b").bars(&id));
    // Nor has a program that was started anew.
    let saved = world.user("jiro").terminal.save().to_vec();
    world.restart("jiro", &saved, 91);
    world.run(10_000);
    world.join("jiro");
    world.run(SEALED_GAP);
    replay(&mut world, 0, to);
    world.run(2 * SEALED_GAP);
    assert!(!list(&world, "jiro").bars(&id) && !list(&world, "b").bars(&id));
}

#[test]
fn whoever_has_lost_its_seat_takes_nothing_away() {
    let mut world = world();
    let count = split(
        &mut world,
        |world| bar(world, "hanako", "momo"),
        |world| mode(world, "taro", "-o hanako"),
    );
    world.run(10 * SEALED_GAP);
    assert!(!bars(&world, "momo") && !seated(&world, "hanako"));
    assert_eq!(changes(&world, count), []);
    // Nor when it gets another seat, and its old change is heard again.
    let lines = world.lines.len();
    mode(&mut world, "taro", "+o hanako");
    world.run(SEALED_GAP);
    replay(&mut world, 0, lines);
    world.run(3 * SEALED_GAP);
    assert!(!bars(&world, "momo"));
}

/// hanako was ahead of jiro when it took its seat, and is behind it by now.
#[test]
fn nobody_gains_by_having_lost() {
    let mut world = world();
    let count = split(
        &mut world,
        |world| bar(world, "hanako", "jiro"),
        |world| {
            mode(world, "taro", "-o hanako");
            world.run(70_000);
            mode(world, "taro", "+o hanako");
        },
    );
    world.run(10 * SEALED_GAP);
    assert!(seated(&world, "jiro") && seated(&world, "hanako"));
    assert_eq!(changes(&world, count), []);
}

#[test]
fn what_was_given_and_lost_is_told_to_whoever_gave_it() {
    let mut world = world();
    split(&mut world, |world| mode(world, "hanako", "+d b"), |world| mode(world, "taro", "+d a"));
    world.run(120_000);
    let told = |nick: &str| -> Vec<String> {
        let lost = |notice: &Notice| match notice {
            Notice::Lost(line) => Some(line.clone()),
            _ => None,
        };
        world.user(nick).notices.iter().filter_map(lost).collect()
    };
    assert_eq!(told("hanako"), ["MODE +d b"; 1].map(|line| line.replace("MODE ", "")));
    assert!(["taro", "jiro", "a", "b"].iter().all(|nick| told(nick).is_empty()));
    assert!(!seated(&world, "b"));
}

/// What hanako's key would sign from this list, with these others barred.
fn forged(world: &World, nick: &str, from: &List, changes: u32, barred: &[MemberId]) -> Record {
    let id = world.user(nick).id();
    let seats = from.seats().map(
        |(_, seat)| {
            if seat.id == id { Entry { changes, ..*seat } } else { *seat }
        },
    );
    let seats = seats.filter(|seat| !barred.contains(&seat.id));
    let barred = barred.iter().map(|id| Entry::new(*id, Rights::NONE));
    let list = List::new(seats.chain(barred).collect()).expect("a list");
    let record = world.user("taro").view().record().expect("a record").clone();
    let turn = list.updaters().collect();
    let next = world.next_sealed(nick, &Record { list, turn, ..record }, 5);
    let time = (world.now().unix / 60) as u32;
    Record { epoch: 0, descent: Descent::Sealed, time, ..next }
}

#[test]
fn a_terminal_that_does_not_remember_its_own_change_wants_what_both_took() {
    let mut world = world();
    let from = list(&world, "taro");
    bar(&mut world, "hanako", "momo");
    world.run(2 * SEALED_GAP);
    let own = list(&world, "taro").seat_of(&world.user("hanako").id()).expect("a seat").1.changes;
    // A copy of hanako's terminal, or an old state of it, has barred b instead; whether that wins
    // or not.
    for changes in [own, own + 1] {
        let b = world.user("b").id();
        let record = forged(&world, "hanako", &from, changes, &[b]);
        let record = world.signed("hanako", record);
        let count = world.lines.len();
        world.inject_record("kame", "hanako", &record);
        world.run(3 * SEALED_GAP);
        assert!(bars(&world, "momo") && bars(&world, "b"), "{changes} of {own}");
        assert!(world.user("hanako").notices.contains(&Notice::Clone));
        assert!(changes_of(&world, count, "hanako") <= 1);
        let count = world.lines.len();
        world.inject_record("kame", "hanako", &record);
        world.run(3 * SEALED_GAP);
        assert_eq!(changes_of(&world, count, "hanako"), 0);
    }
}

fn changes_of(world: &World, count: usize, nick: &str) -> usize {
    changes(world, count).iter().filter(|(_, by, _)| *by == nick).count()
}

/// jiro, who could bar whom it likes itself, has others do it: once a minute.
#[test]
fn a_hostile_seat_has_others_sign_once_a_minute() {
    let mut world = world();
    let old = list(&world, "taro");
    mode(&mut world, "taro", "+d a");
    world.run(2 * SEALED_GAP);
    let count = world.lines.len();
    for number in 1..=40_u8 {
        let record = forged(&world, "jiro", &old, u32::from(number), &[MemberId([number; 16])]);
        let record = world.signed("jiro", record);
        world.inject_record("jiro", "jiro", &record);
        world.run(5_000);
    }
    world.run(SEALED_GAP);
    let made = world.makers(count);
    assert!(!made.is_empty());
    for nick in TRIO {
        let own: Vec<u64> =
            made.iter().filter(|(_, by, _)| *by == nick).map(|(at, _, _)| *at).collect();
        assert!(own.windows(2).all(|two| two[1] - two[0] >= SEALED_GAP), "{nick}: {own:?}");
    }
    world.agreed();
}

/// taro has just signed and must wait, hanako for taro: until then whoever is to be barred is given nothing.
#[test]
fn before_it_is_signed_again_nobody_hands_the_barred_a_key() {
    let mut world = world();
    world.split(&[&ONE, &OTHER]);
    world.run(70_000);
    bar(&mut world, "hanako", "momo");
    world.run(60_000);
    mode(&mut world, "taro", "+d a");
    let count = world.lines.len();
    let told = TRIO.map(|nick| world.user(nick).notices.len());
    world.heal();
    world.run(DEPARTURE + ASK_SPREAD);
    for _ in 0..4 {
        let _ = world.command("momo", Command::Ask { channel: CHANNEL });
        world.run(3_000);
    }
    assert!(!bars(&world, "momo"), "{:?}", changes(&world, count));
    let momo = world.user("momo").id();
    for (nick, told) in TRIO.into_iter().zip(told) {
        assert!(!world.user(nick).notices[told..].contains(&Notice::Granted(momo)), "{nick}");
    }
    assert!(!holds(&world, "momo", world.agreed_by(&TRIO)));
    world.run(GRACE);
    assert!(bars(&world, "momo"));
}
