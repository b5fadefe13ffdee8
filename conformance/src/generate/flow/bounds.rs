//! What is dropped at a bound, and what comes again or too late (chapters 5, 8, 9 and 12).

use keyrota::spec::armor::{self, Line as Armored};

use super::Play;
use super::stage::Stage;
use crate::input::{Command, Event, Listed, Rights, Rule, Settings};
use crate::relay::{CHANNEL, kind};
use crate::testee::Answer;

pub(super) const PLAYS: &[Play] = &[
    (
        "bounds/texts-that-wait",
        "64 texts of a user wait for a key; the next is refused.",
        &["11-3", "5-2", "12-7"],
        |s| {
            s.cast(&["ada"], &Settings { found: false, ..Settings::by_hand() });
            s.event("ada", Event::Join { channel: CHANNEL.into(), nick: "ada".into() });
            for number in 0..65 {
                s.say("ada", &format!("text {number}"));
            }
        },
    ),
    (
        "bounds/texts-made-up",
        "Of one nick 16 texts under keys that nobody has heard of wait; the next are dropped.",
        &["11-13", "11-26", "5-3"],
        |s| {
            s.joined(&["ada"]);
            for number in 0..18 {
                let mut frame = vec![0x10, 0, 0, number];
                frame.extend([0x77; 100]);
                s.inject("zoe", CHANNEL, &armor::whole(&frame));
            }
            s.tells("ada", "fault", "what", "flood");
        },
    ),
    (
        "bounds/settings",
        "Every setting at its bounds, and one past them: that is refused, and nothing is changed.",
        &["5-4", "12-7"],
        |s| {
            s.joined(&["ada"]);
            let base = Settings::by_hand;
            let one = Some(1);
            let rights = |update| Rights { update, distribute: false };
            for settings in [
                Settings { keys: 1, keep: one, lifetime: 1, ..base() },
                Settings { keys: 64, lifetime: 43_200, rights: rights(true), ..base() },
                Settings {
                    period: one,
                    messages: one,
                    bytes: one,
                    growth: one,
                    idle: one,
                    ..base()
                },
                Settings { rule: Rule::FirstJoined { seats: 1 }, ..base() },
                Settings { rule: Rule::FirstJoined { seats: 16 }, ..base() },
                Settings { rule: Rule::Random { seats: 1 }, ..base() },
                Settings { rule: Rule::Random { seats: 16 }, ..base() },
                Settings { rule: Rule::Holders { picks: 1 }, ..base() },
                Settings { rule: Rule::Holders { picks: 15 }, ..base() },
            ] {
                assert!(configure(s, settings), "it is within the bounds");
            }
            let zero = Some(0);
            for settings in [
                Settings { keys: 0, ..base() },
                Settings { keys: 65, ..base() },
                Settings { keep: zero, ..base() },
                Settings { lifetime: 0, ..base() },
                Settings { lifetime: 43_201, ..base() },
                Settings { period: zero, ..base() },
                Settings { messages: zero, ..base() },
                Settings { bytes: zero, ..base() },
                Settings { growth: zero, ..base() },
                Settings { idle: zero, ..base() },
                Settings { rule: Rule::FirstJoined { seats: 0 }, ..base() },
                Settings { rule: Rule::FirstJoined { seats: 17 }, ..base() },
                Settings { rule: Rule::Random { seats: 0 }, ..base() },
                Settings { rule: Rule::Random { seats: 17 }, ..base() },
                Settings { rule: Rule::Holders { picks: 0 }, ..base() },
                Settings { rule: Rule::Holders { picks: 16 }, ..base() },
                Settings { rights: rights(false), ..base() },
            ] {
                assert!(!configure(s, settings), "it is past the bounds");
            }
        },
    ),
    (
        "bounds/settings-at-the-beginning",
        "No terminal begins with a setting that is out of its bounds, nor is one restored.",
        &["5-4"],
        |s| {
            let past = || Settings { keys: 65, ..Settings::by_hand() };
            let refused = |s: &Stage<'_>| {
                let last = s.steps.last().expect("it was asked");
                assert_eq!(last.answer, Answer::Invalid("command".into()));
            };
            s.cast(&["ada"], &past());
            refused(s);
            s.cast(&["ben"], &Settings::by_hand());
            s.save("ben");
            s.set("ben", past());
            let state = s.user("ben").saves.last().cloned();
            s.restart("ben", state.as_deref());
            refused(s);
            s.set("ben", Settings::by_hand());
            s.restart("ben", state.as_deref());
            s.join("ben");
            s.tells("ben", "keyed", "", "");
        },
    ),
    (
        "bounds/strangers",
        "Of the Hellos of those it does not know a terminal examines 20 signatures a second, and half as many of one nick.",
        &["9-4", "12-6", "12-1"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben"], &Settings::by_hand());
            s.filter = Box::new(|_, _| false);
            s.join("ben");
            s.filter = Box::new(|_, _| true);
            let Some(Armored::Whole(hello)) = armor::parse(&s.last(3)) else { panic!("a Hello") };
            for number in 0..24 {
                let mut forged = hello.clone();
                let last = forged.len() - 1;
                forged[last] ^= number + 1;
                s.inject("zoe", CHANNEL, &armor::whole(&forged));
            }
            s.tells("ada", "fault", "what", "flood");
            s.run(1_000);
            s.inject("ben", CHANNEL, &armor::whole(&hello));
            s.tells("ada", "seen", "name", "Ben");
        },
    ),
    (
        "bounds/fragments",
        "Of one nick two unfinished frames are kept: the oldest goes for a third.",
        &["4-9", "4-11", "4-12"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.filter =
                Box::new(|line, _| !line.text.starts_with('+') || kind(&line.text).is_some());
            let before = s.lines.len();
            for number in 0..3 {
                s.say("ben", &format!("{number}").repeat(500));
            }
            s.filter = Box::new(|_, _| true);
            let parts: Vec<String> =
                s.lines[before..].iter().map(|line| line.text.clone()).collect();
            let (first, rest) = (|at: usize| parts[at * 3].clone(), parts.clone());
            for at in 0..3 {
                s.inject("ben", CHANNEL, &first(at));
            }
            for part in rest {
                s.inject("ben", CHANNEL, &part);
            }
        },
    ),
    (
        "bounds/many-boxes",
        "A key for ten is sealed in several lines, each of use by itself.",
        &["10-19", "10-20", "8-17"],
        |s| {
            let names =
                ["ada", "ben", "cyn", "dan", "eve", "fay", "gus", "hal", "ida", "jan", "kim"];
            s.cast(&names, &Settings::by_hand());
            for name in names {
                s.join(name);
            }
            s.run(5_000);
            let before = s.lines.len();
            s.command("ada", &Command::Bar { channel: CHANNEL.into(), nick: "kim".into() });
            let boxes = s.lines[before..].iter().filter(|line| kind(&line.text) == Some(6));
            assert!(boxes.count() > 0);
            s.say("jan", "all but kim");
            for name in &names[..9] {
                s.shows(name, "all but kim");
            }
            s.hides("kim", "all but kim");
        },
    ),
    (
        "repeat/hello",
        "A Hello that is told again is no newer, and moves nobody.",
        &["9-4", "10-2", "10-3"],
        |s| {
            s.joined(&["ada", "ben"]);
            let hello = s.last(3);
            s.run(5_000);
            s.say("ben", "here");
            s.mark();
            s.inject("zoe", CHANNEL, &hello);
            s.inject("ben", CHANNEL, &hello);
            assert!(s.told("ada", "fault").is_some() || s.told("ben", "fault").is_some());
            s.say("ben", "still here");
            s.shows("ada", "still here");
        },
    ),
    (
        "proof/asked-for",
        "A record whose list is two steps ahead waits; its proof is asked for, and comes.",
        &["8-16", "8-17", "8-18", "9-27", "9-32", "9-46"],
        |s| {
            s.seated(&["ada", "ben", "cyn", "dan"]);
            s.filter = Box::new(|_, to| to != "dan");
            s.mode("ben", "-d cyn");
            s.run(61_000);
            s.mode("ada", "+x1 ben");
            s.mode("ben", "+d cyn");
            s.run(61_000);
            s.mode("cyn", "-x dan");
            s.filter = Box::new(|_, _| true);
            s.run(61_000);
            s.command("ben", &Command::Refresh { channel: CHANNEL.into() });
            s.run(120_000);
            s.say("dan", "up to date");
            s.shows("ada", "up to date");
        },
    ),
    (
        "names/lists",
        "Lists of names tell who is there: those who are not on one have left, those who are new on \
         one have come.",
        &["10-32", "10-13", "9-34"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            let list = |nicks: &[&str]| {
                let listed = |nick: &&str| Listed { nick: (*nick).into(), operator: false };
                let names = nicks.iter().map(listed).collect();
                Event::Names { channel: CHANNEL.into(), names }
            };
            s.event("ada", list(&["ada", "ben", "cyn", "zoe"]));
            s.run(10_000);
            s.mark();
            s.event("ada", list(&["ada", "ben", "zoe"]));
            s.event("ada", list(&[]));
            s.run(10_000);
            s.current("ada", "ada", "exclusion");
        },
    ),
    (
        "names/swapped",
        "Two change their nicks with each other: each is still who it is.",
        &["10-1", "10-2", "11-9"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.rename("ben", "between");
            s.rename("cyn", "ben");
            s.rename("ben", "cyn");
            s.say("ben", "I am Ben");
            s.say("cyn", "I am Cyn");
            s.reads("ada", "ben", "I am Ben");
            s.reads("ada", "cyn", "I am Cyn");
        },
    ),
    (
        "rule/one-right",
        "A rule that gives one right: those who joined first hand out the key, and change nothing.",
        &["10-27", "10-24", "10-38"],
        |s| {
            let settings = Settings {
                rule: Rule::FirstJoined { seats: 2 },
                rights: Rights { update: false, distribute: true },
                ..Settings::default()
            };
            s.joined_with(&["ada", "ben", "cyn"], &settings);
            s.run(700_000);
            s.tells("cyn", "rights", "", "");
            s.mode("ben", "+d cyn");
        },
    ),
];

/// Gives a channel other settings. Whether they are taken.
fn configure(s: &mut Stage<'_>, settings: Settings) -> bool {
    let settings = Box::new(settings);
    s.command("ada", &Command::Configure { channel: CHANNEL.into(), settings });
    s.steps.last().is_some_and(|step| matches!(step.answer, Answer::Out(_)))
}
