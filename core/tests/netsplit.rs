//! Netsplits and their ends, in the events that real servers make of them: who agrees, who is
//! excluded, who reads what, and how few lines that takes (R-ROS-3, R-UPD-1, R-MSG-3).

use crate::rig;

use std::collections::BTreeMap;

use keyrota::spec::limits::{DEPARTURE, SEALED_GAP};
use keyrota::spec::{Frame, KeyHint, KeyId, Tag, TextHeader, TextKind};
use keyrota::{Command, Event, Protection};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];
const ONE: [&str; 4] = ["taro", "a", "b", "c"];
const OTHER: [&str; 5] = ["hanako", "jiro", "d", "e", "f"];

/// Three seats, and these others, under a key that has lasted for a while.
fn crowd(others: &[&str]) -> World {
    let mut world = World::seated(&TRIO);
    for nick in others {
        world.add(nick, |_| {});
        world.join(nick);
        world.run(1_000);
    }
    world.run(2 * SEALED_GAP);
    world.agreed();
    world
}

fn nine() -> World {
    crowd(&["a", "b", "c", "d", "e", "f"])
}

/// How many frames each sent since there were `count` lines.
fn frames_of(world: &World, count: usize) -> BTreeMap<String, usize> {
    let mut frames = BTreeMap::new();
    for (_, nick, _) in world.frames(count) {
        *frames.entry(nick.to_string()).or_default() += 1;
    }
    frames
}

fn holds(world: &World, nick: &str, key: KeyId) -> bool {
    world.user(nick).view().keys().any(|held| held == key)
}

#[test]
fn a_split_of_seconds_costs_one_key_and_a_line_of_each_member() {
    for length in [500, 2_000, 3_000] {
        let mut world = nine();
        let count = world.lines.len();
        world.split(&[&ONE, &OTHER]);
        world.run(length);
        world.heal();
        world.run(600_000);
        world.agreed();
        let makers = world.makers(count);
        assert!(makers.len() <= 1, "{length} ms: {makers:?}");
        let frames = frames_of(&world, count);
        for nick in ["a", "b", "c", "d", "e", "f"] {
            assert!(frames.get(nick).is_none_or(|count| *count <= 1), "{length} ms: {frames:?}");
        }
    }
}

#[test]
fn sides_that_went_on_alone_agree_again_without_a_new_key() {
    for (length, more) in [(8_000, &[][..]), (100_000, &[]), (200_000, &["a"]), (200_000, &["d"])] {
        let mut world = nine();
        world.split(&[&ONE, &OTHER]);
        world.run(length / 2);
        // A further departure raises the epoch of one side.
        more.iter().for_each(|nick| world.part(nick));
        world.run(length / 2);
        let (one, other) = (world.agreed_by(&["taro", "b", "c"]), world.agreed_by(&["jiro", "f"]));
        assert_ne!(one, other);
        let count = world.lines.len();
        world.heal();
        world.run_until(30_000, |world| {
            let first = world.user("taro").current();
            world.here().all(|user| user.current() == first && user.sealing() == first)
        });
        let key = world.agreed();
        assert!(key == one || key == other);
        world.run(600_000);
        assert_eq!(world.makers(count), [], "after {length} ms");
        assert_eq!(world.agreed(), key);
        let frames = frames_of(&world, count);
        for nick in ["a", "b", "c", "d", "e", "f"] {
            assert!(frames.get(nick).is_none_or(|count| *count <= 1), "{frames:?}");
        }
    }
}

/// An ask for an old key is not that of one who came anew: it has to learn who is here.
#[test]
fn who_comes_back_and_asks_for_an_old_key_is_told_who_is_here() {
    let mut world = World::seated(&TRIO);
    world.split(&[&["taro", "hanako"], &["jiro"]]);
    world.run(2 * SEALED_GAP);
    world.heal();
    let count = world.lines.len();
    let key = KeyHint([9; 3]);
    world.command("jiro", Command::AskOld { channel: CHANNEL, key }).expect("asked");
    world.run(5_000);
    let hellos = |nick| {
        world
            .frames(count)
            .iter()
            .filter(|(_, from, bytes)| {
                *from == nick
                    && matches!(Frame::decode(bytes), Ok(Frame::Hello { relayed: false, .. }))
            })
            .count()
    };
    assert_eq!(TRIO.map(hellos), [1, 1, 1]);
}

/// Those who were renamed come back as if they were new; of two who have one nick, one server
/// renames one and another kills both.
#[test]
fn nicks_that_changed_or_collide_keep_nobody_from_agreeing() {
    let mut world = nine();
    world.split(&[&ONE, &OTHER]);
    world.run(70_000);
    world.rename("hanako", "oto");
    world.rename("d", "1CCAAAAAC");
    world.rename("a", "8DDAAAAAB");
    world.heal();
    world.run(1_000);
    world.quit("f");
    world.run(120_000);
    let key = world.agreed();
    let ids: Vec<_> = world.here().map(|user| user.view().order()).collect();
    assert!(ids.iter().all(|order| order.len() == 3), "{ids:?}");
    world.say("oto", "who is who");
    assert_eq!(
        world.user("8DDAAAAAB").shown.last().and_then(|one| one.name.clone()),
        Some("hanako".into())
    );
    world.part("1CCAAAAAC");
    world.run(SEALED_GAP + DEPARTURE);
    assert_ne!(world.agreed(), key, "whoever left under its new nick is excluded");
}

/// Of fourteen all but `stay` quit at once, and come back after `length`, if they do.
fn storm(stay: usize, length: Option<u64>) -> usize {
    let names: Vec<String> = (0..11).map(|number| format!("u{number}")).collect();
    let others: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut world = crowd(&others);
    let count = world.lines.len();
    let all = [&TRIO[..], &others[..]].concat();
    match length {
        Some(length) => {
            world.split(&[&all[..stay], &all[stay..]]);
            world.run(length);
            world.heal();
        }
        None => all[stay..].iter().for_each(|nick| world.quit(nick)),
    }
    world.run(300_000);
    world.agreed();
    let frames = frames_of(&world, count);
    for nick in others {
        assert!(frames.get(nick).is_none_or(|count| *count <= 1), "{length:?}: {frames:?}");
    }
    world.makers(count).len()
}

#[test]
fn when_all_but_one_quit_at_once_one_key_is_made() {
    assert!(storm(1, None) <= 1);
}

#[test]
fn when_half_quit_and_are_back_at_once_one_key_is_made() {
    assert!(storm(7, Some(2_000)) <= 1);
}

#[test]
fn when_half_quit_and_come_back_later_each_side_makes_one() {
    // The seats are on one side, so the other makes none.
    assert!(storm(7, Some(30_000)) <= 1);
}

/// Nobody but a seat has the crowd speak: not whoever comes and goes as it likes.
#[test]
fn a_member_that_comes_and_goes_has_nobody_but_seats_speak() {
    let mut world = nine();
    let count = world.lines.len();
    for _ in 0..20 {
        world.tell_all(Event::Part { channel: CHANNEL, nick: "a" });
        world.run(1_000);
        world.tell_all(Event::Join { channel: CHANNEL, nick: "a" });
        world.run(9_000);
    }
    let frames = frames_of(&world, count);
    for nick in ["b", "c", "d", "e", "f"] {
        let hellos = world.frames(count);
        let hellos = hellos.iter().filter(|(_, from, bytes)| {
            *from == nick && matches!(Frame::decode(bytes), Ok(Frame::Hello { hello, .. }) if hello.hello.ask.is_none())
        });
        assert_eq!(hellos.count(), 0, "{nick}: {frames:?}");
    }
    for nick in TRIO {
        assert!(frames.get(nick).is_none_or(|count| *count <= 40), "{frames:?}");
    }
}

/// momo was let go on one side and holds the key of that side; whichever wins, it reads no more.
/// Whether its own side won.
fn let_go(time: u64, more: Option<&str>) -> bool {
    let mut world = crowd(&["momo", "a", "b"]);
    world.run(time);
    world.split(&[&["taro", "momo", "a"], &["hanako", "jiro", "b"]]);
    world.run(30_000);
    if let Some(nick) = more {
        // With one departure more a side has the greater epoch.
        world.run(40_000);
        world.part(nick);
        world.run(30_000);
    }
    let (one, other) = (world.agreed_by(&["taro", "momo"]), world.agreed_by(&["hanako", "jiro"]));
    world.part_listening("momo");
    world.run(1_000);
    world.heal();
    world.run(2 * SEALED_GAP + DEPARTURE);
    let key = world.agreed();
    assert!(!holds(&world, "momo", key));
    assert_ne!(key, one);
    let before = world.user("momo").texts().len();
    for nick in TRIO {
        world.say(nick, "among us");
    }
    world.run(60_000);
    assert_eq!(world.user("momo").texts().len(), before);
    key != other
}

#[test]
fn whoever_was_excluded_on_the_side_that_wins_is_excluded_again() {
    assert!(let_go(0, Some("a")));
}

#[test]
fn whoever_was_excluded_on_the_side_that_loses_stays_out() {
    assert!(!let_go(0, Some("b")));
}

#[test]
fn of_equal_sides_either_keeps_out_whom_one_excluded() {
    let own = [0, 180_000].map(|time| let_go(time, None));
    assert!(own.contains(&true) && own.contains(&false), "{own:?}");
}

#[test]
fn what_was_said_on_a_side_is_read_there_however_late_and_nowhere_else() {
    let mut world = nine();
    // d hears nothing of the other side's key and texts while the network is split.
    world.split(&[&ONE, &OTHER]);
    world.filter = Box::new(|line, to| to != "d" || line.nick == "nobody");
    world.run(70_000);
    let count = world.lines.len();
    world.say("taro", "on one side");
    world.say("hanako", "on the other");
    let said: Vec<(String, String)> =
        world.since(count).iter().map(|line| (line.nick.clone(), line.text.clone())).collect();
    let keys = [world.user("taro").sealing(), world.user("hanako").sealing()];
    // e heard the key, and misses what is said.
    assert_eq!(world.user("f").texts(), ["on the other"]);
    assert_eq!(world.user("d").texts(), [""; 0]);
    world.filter = Box::new(|_, _| true);
    world.heal();
    world.run(60_000);
    let key = world.agreed();
    let lost = keys.into_iter().flatten().find(|one| *one != key).expect("one lost");
    assert!(keys.contains(&Some(key)));
    // A bouncer, or a slow server, plays all of it back.
    for (nick, text) in &said {
        world.inject(nick, text);
    }
    world.run(120_000);
    for (side, text) in [(&ONE[..], "on one side"), (&OTHER[..], "on the other")] {
        for user in world.here() {
            let reads = user.shown.iter().filter(|shown| shown.text == text).count();
            let belongs = side.contains(&user.nick.as_str());
            let wrote = (user.nick == "taro" && text == "on one side")
                || (user.nick == "hanako" && text == "on the other");
            // The key that won all have by now; the lost one only those of its side.
            let has = belongs || keys[usize::from(text == "on the other")] == Some(key);
            assert_eq!(reads, usize::from(has && !wrote), "{} {text}", user.nick);
        }
    }
    for user in world.here() {
        assert_eq!(user.sealing(), Some(key));
        let late = user.shown.iter().filter(|shown| shown.protection == Protection::OldKey);
        assert!(late.count() <= 1);
    }
    assert!(world.here().any(|user| holds(&world, &user.nick, lost)));
}

/// A number below `n`.
fn below(rng: &mut ChaCha20Rng, n: usize) -> usize {
    rng.next_u32() as usize % n
}

/// Splits, heals, departures, returns and wishes at random; panics with its seed if the channel
/// does not agree once the network is whole and quiet.
fn play(seed: u64) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let nicks = ["taro", "hanako", "jiro", "a", "b", "c"];
    let mut world = crowd(&["a", "b", "c"]);
    for _ in 0..12 {
        let nick = nicks[below(&mut rng, nicks.len())];
        let here = world.user(nick).here;
        let others = world.beside(nick).len();
        match below(&mut rng, 8) {
            0..=2 => {
                let (one, other): (Vec<&str>, Vec<&str>) =
                    nicks.iter().partition(|_| below(&mut rng, 2) == 0);
                world.heal();
                world.split(&[&one, &other]);
            }
            3 => world.heal(),
            4 if here && others > 1 => world.part(nick),
            4 if !here => world.join(nick),
            5 if here => {
                let _ = world.command(nick, Command::Refresh { channel: CHANNEL });
            }
            6 if here => world.say(nick, &format!("{seed}")),
            _ => {}
        }
        world.run(below(&mut rng, 90_000) as u64);
    }
    world.heal();
    for nick in nicks {
        if !world.user(nick).here {
            world.join(nick);
        }
    }
    world.run(300_000);
    for nick in nicks {
        world.say(nick, "well?");
        world.run(60_000);
    }
    world.run(120_000);
    world.agreed();
    world.say("a", "the last word");
    for user in world.here().filter(|user| user.nick != "a") {
        assert_eq!(user.texts().last(), Some(&"the last word"), "{}", user.nick);
    }
}

/// `NETSPLIT_SEED` and `NETSPLIT_COUNT` choose others.
#[test]
fn whatever_splits_and_heals_all_agree_in_the_end() {
    let number = |name, other| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(other)
    };
    let first = number("NETSPLIT_SEED", 0);
    for seed in first..first + number("NETSPLIT_COUNT", 3) {
        println!("seed {seed}");
        play(seed);
    }
}

#[test]
fn whoever_spoke_unheard_while_it_came_back_is_read_when_it_speaks_again() {
    let mut world = World::seated(&["taro", "hanako"]);
    world.split(&[&["taro"], &["hanako"]]);
    world.run(60_000);
    // What taro says of itself as it comes back is lost, and so is its next key.
    world.filter = Box::new(|line, _| line.nick != "taro");
    world.heal();
    world.run(30_000);
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("a wish");
    world.run(60_000);
    assert_ne!(world.user("taro").current(), world.user("hanako").current());
    world.filter = Box::new(|_, _| true);
    world.say("taro", "is anybody there?");
    world.run(60_000);
    world.agreed();
    let shown = world.user("hanako").shown.iter().map(|shown| shown.text.as_str());
    assert_eq!(shown.collect::<Vec<_>>(), ["is anybody there?"]);
}

#[test]
fn texts_that_an_outsider_makes_up_cost_one_line_a_minute() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.tell_all(Event::Join { channel: CHANNEL, nick: "eve" });
    world.run(300_000);
    let before = world.lines.len();
    for number in 0..60_u8 {
        let header = TextHeader { key: KeyHint([number; 3]), tag: Tag([number; 4]), counter: 0 };
        let text = Frame::Text { kind: TextKind::Signed, header, ciphertext: &[number; 90] };
        world.inject_frame("eve", &text);
        world.run(5_000);
    }
    let lines = world.lines.len() - before;
    assert!((1..=5).contains(&lines), "{lines} lines in five minutes");
}
