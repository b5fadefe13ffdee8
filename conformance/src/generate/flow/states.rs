//! What a terminal remembers, and what changes with time alone (chapters 9, 15 and 17).

use super::Play;
use super::stage::Stage;
use crate::hex;
use crate::input::{Command, Event, Settings};
use crate::relay::{CHANNEL, kind};
use crate::testee::Answer;

pub(super) const PLAYS: &[Play] = &[
    (
        "state/saved-and-restored",
        "A terminal is restored, joins, is unsure until somebody says that its key is current, and \
         goes on.",
        &["17-1", "17-5", "17-7", "17-12", "9-53", "9-54"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.say("ben", "before");
            s.save("ben");
            s.crash("ben");
            s.run(1_000);
            back(s, "ben", 0);
            s.say("ben", "after");
            s.run(40_000);
            s.shows("ada", "after");
            s.say("ada", "welcome back");
            s.shows("ben", "welcome back");
        },
    ),
    (
        "state/of-a-founder-alone",
        "The founder is restored and alone: it waits for its turn, and goes on.",
        &["9-53", "17-1"],
        |s| {
            s.joined(&["ada"]);
            s.save("ada");
            s.crash("ada");
            back(s, "ada", 0);
            s.say("ada", "alone");
            s.run(60_000);
        },
    ),
    (
        "state/older",
        "A terminal is restored from an older state than its last: it adopts the current record, and \
         repeats are marked.",
        &["17-9", "17-10", "11-25", "8-14"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.save("ben");
            s.say("ada", "said once");
            let line = s.last(0);
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.save("ben");
            s.crash("ben");
            s.run(1_000);
            back(s, "ben", 0);
            s.run(40_000);
            s.mark();
            s.inject("ada", CHANNEL, &line);
            s.shows("ben", "said once");
            s.say("ben", "up to date");
            s.shows("ada", "up to date");
        },
    ),
    (
        "state/conversation",
        "A conversation is restored with the terminal.",
        &["17-13", "9-53", "16-11"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            s.command("ada", &Command::Converse { nick: "ben".into() });
            s.run(1_000);
            s.save("ben");
            s.crash("ben");
            let state = s.user("ben").saves[0].clone();
            s.restart("ben", Some(&state));
            s.command("ben", &Command::Converse { nick: "ada".into() });
            let (channel, text) = ("ada".to_owned(), "still with you".to_owned());
            s.command("ben", &Command::Say { channel, text, signed: None });
            s.run(30_000);
            s.shows("ada", "still with you");
        },
    ),
    (
        "state/refused",
        "A state with another version, cut short, longer, with a bit changed, or of another identity \
         is refused as a whole.",
        &["17-6", "17-12"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.save("ada");
            s.crash("ada");
            let state = hex::decode(&s.user("ada").saves[0]).expect("digits");
            let mut wrong = vec![state.clone(); 4];
            wrong[0][0] = 2;
            wrong[1].pop();
            wrong[2].push(0);
            wrong[3][100] ^= 1;
            wrong.push(Vec::new());
            for state in wrong {
                s.restart("ada", Some(&hex::encode(state)));
            }
            s.crash("ben");
            s.restart("ben", Some(&hex::encode(&state)));
            s.restart("ada", Some(&hex::encode(&state)));
        },
    ),
    (
        "state/plain-and-pins",
        "That a channel was declared plain, and whom the user accepts, outlives a restart.",
        &["17-1", "11-20", "6-10"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.command("ada", &Command::Plain { channel: CHANNEL.into(), on: true });
            s.save("ada");
            s.crash("ada");
            back(s, "ada", 0);
            s.say("ada", "in the open");
            s.shows("ben", "in the open");
            s.command("ada", &Command::Unpin { name: "Ben".into() });
            s.command("ada", &Command::Unpin { name: "Ben".into() });
        },
    ),
    (
        "return/connection-lost",
        "The connection is lost and comes back: keys are kept, and the current one asked for.",
        &["9-37", "9-53", "9-54", "9-49"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.lose("cyn");
            s.run(2_000);
            s.join("cyn");
            s.say("cyn", "here again");
            s.run(40_000);
            s.shows("ada", "here again");
        },
    ),
    (
        "return/left",
        "Whoever leaves wipes its keys, keeps the record, and is given the key when it is back.",
        &["9-37", "2-3", "10-21"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.part("cyn");
            s.run(10_000);
            s.join("cyn");
            s.run(10_000);
            s.say("cyn", "here again");
            s.shows("ada", "here again");
        },
    ),
    (
        "day/member-key",
        "After a day the member key is replaced and said.",
        &["9-1", "9-3", "2-3", "15-6"],
        |s| {
            let quiet = Settings { period: None, lifetime: 43_200, ..Settings::by_hand() };
            s.joined_with(&["ada", "ben"], &quiet);
            let before = s.lines.len();
            s.run(86_500_000);
            let hellos = s.lines[before..].iter();
            let hellos = hellos.filter(|line| kind(&line.text) == Some(3)).count();
            assert!(hellos >= 2, "{hellos}");
        },
    ),
    (
        "names/mapping",
        "Names are compared as the transport says: here without regard to capitals, but to brackets.",
        &["7-2", "10-1"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            for name in ["ada", "ben"] {
                s.event(name, Event::CaseMapping { mapping: "ascii".into() });
            }
            s.join("ada");
            s.join("ben");
            s.run(3_000);
            let (channel, text) = ("#GARDEN".into(), "in capitals".into());
            s.command("ada", &Command::Say { channel, text, signed: None });
            s.shows("ben", "in capitals");
            s.event("ada", Event::Join { channel: "#garden".into(), nick: "Zoe".into() });
            s.event("ada", Event::Part { channel: "#Garden".into(), nick: "zOE".into() });
            for name in ["ada", "ben"] {
                let nick = name.to_owned();
                s.event(name, Event::Join { channel: "#shed[1]".into(), nick: nick.clone() });
                let names = vec![crate::input::Listed { nick, operator: false }];
                s.event(name, Event::Names { channel: "#shed[1]".into(), names });
                let (channel, text) = ("#shed{1}".into(), "to another channel".into());
                s.command(name, &Command::Say { channel, text, signed: None });
                // Brackets are not braces.
                let last = s.steps.last().expect("it was asked");
                assert_eq!(last.answer, Answer::Invalid("command".into()));
            }
        },
    ),
    (
        "names/two-channels",
        "A terminal in two channels: each has its own key; what happens in one leaves the other.",
        &["15-3", "7-10"],
        |s| {
            s.joined(&["ada", "ben"]);
            let (channel, nick) = ("#shed".to_owned(), "ada".to_owned());
            s.event("ada", Event::Join { channel: channel.clone(), nick: nick.clone() });
            let names = vec![crate::input::Listed { nick, operator: false }];
            s.event("ada", Event::Names { channel: channel.clone(), names });
            let text = "to nobody".to_owned();
            s.command("ada", &Command::Say { channel, text, signed: None });
            s.say("ada", "to Ben");
            s.shows("ben", "to Ben");
            s.run(3_700_000);
        },
    ),
];

/// A program is started again with a state that it stored, and joins.
fn back(s: &mut Stage<'_>, name: &str, state: usize) {
    let state = s.user(name).saves[state].clone();
    s.restart(name, Some(&state));
    s.join(name);
}
