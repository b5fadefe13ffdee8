//! Who is shut out and who may do what: exclusion, barring, seats, the grant rule (chapters 6 and 10).

use super::Play;
use crate::hex::Fixed;
use crate::input::{Command, Event, Listed, Rights, Rule, SelfSigned, Settings};
use crate::relay::CHANNEL;

pub(super) const PLAYS: &[Play] = &[
    (
        "exclude/left",
        "Who leaves is excluded 5 s later by a sealed rotation.",
        &["10-5", "10-7", "10-21", "10-19"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.run(60_000);
            s.part("cyn");
            s.run(5_000);
            s.current("ben", "ada", "exclusion");
            s.say("ben", "among us");
            s.shows("ada", "among us");
        },
    ),
    (
        "exclude/several",
        "Several who leave are excluded by one rotation; the next comes a minute later at the \
         earliest.",
        &["10-21", "10-12"],
        |s| {
            s.joined(&["ada", "ben", "cyn", "dan", "eve"]);
            s.run(60_000);
            s.part("eve");
            s.run(2_000);
            s.part("dan");
            s.run(4_000);
            s.current("ben", "ada", "exclusion");
            s.mark();
            s.part("cyn");
            s.run(50_000);
            assert_eq!(s.told("ben", "current"), None);
            s.run(15_000);
            s.current("ben", "ada", "exclusion");
        },
    ),
    (
        "exclude/kick",
        "A kick by the server is a departure like any other, and bars nobody.",
        &["10-21", "2-1", "9-37"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.run(60_000);
            s.leave("cyn", |nick| Event::Kick { channel: CHANNEL.into(), nick });
            s.run(10_000);
            s.current("ben", "ada", "exclusion");
            s.mark();
            s.join("cyn");
            s.run(5_000);
            s.tells("cyn", "keyed", "", "");
        },
    ),
    (
        "exclude/comes-back-in-time",
        "Who is back, and has said Hello, before it is due is not excluded.",
        &["10-21", "10-7", "9-49"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.run(60_000);
            s.part("cyn");
            s.run(1_000);
            s.mark();
            s.join("cyn");
            s.run(30_000);
            assert_eq!(s.told("ben", "current"), None);
        },
    ),
    (
        "exclude/one-is-told-so",
        "One is told that another has left, and makes a key without it; a seat that knows nothing of that \
         gives it the key. So it is asked whether it is here, and is by its word.",
        &["10-52", "9-27"],
        |s| {
            s.seated(&["ada", "ben"]);
            s.cast(&["cyn"], &Settings::by_hand());
            s.join("cyn");
            s.run(61_000);
            s.mark();
            s.event("ada", Event::Part { channel: CHANNEL.into(), nick: "cyn".into() });
            s.run(120_000);
            s.current("ben", "ada", "exclusion");
            s.mark();
            s.run(600_000);
            assert_eq!(s.told("ben", "current"), None);
            s.say("ada", "are you here?");
            s.shows("cyn", "are you here?");
        },
    ),
    (
        "exclude/a-seat-goes-on",
        "Likewise of a seat, which hears the new record, has no key to it, and makes the next.",
        &["10-52", "9-27"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.hang("ben");
            s.mark();
            s.event("cyn", Event::Part { channel: CHANNEL.into(), nick: "ada".into() });
            s.run(120_000);
            s.current("cyn", "ada", "missing");
            s.mark();
            s.run(600_000);
            assert_eq!(s.told("ada", "current"), None);
            s.say("cyn", "are you here?");
            s.shows("ada", "are you here?");
        },
    ),
    (
        "bar/bar-and-pardon",
        "A user bars a member: its seat is taken and the others have a new key at once. Pardoned, it \
         comes in again, without its seat.",
        &["10-22", "10-24", "10-26", "9-18"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.command("ada", &Command::Bar { channel: CHANNEL.into(), nick: "cyn".into() });
            s.current("ben", "ada", "exclusion");
            s.tells("ben", "barred", "", "");
            s.say("ben", "without cyn");
            s.run(30_000);
            s.hides("cyn", "without cyn");
            s.command("ada", &Command::Pardon { channel: CHANNEL.into(), nick: "cyn".into() });
            s.run(61_000);
            s.say("ben", "with cyn");
            s.run(60_000);
            s.shows("cyn", "with cyn");
        },
    ),
    (
        "bar/by-identifier",
        "Somebody who was never here is barred by its identifier, and refused when it comes.",
        &["10-51", "10-22", "9-18"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben"], &Settings::by_hand());
            let nick = crate::hex::encode(s.user("ben").id.0);
            s.command("ada", &Command::Bar { channel: CHANNEL.into(), nick });
            s.join("ben");
            s.run(5_000);
            s.tells("ben", "refused", "reason", "barred");
        },
    ),
    (
        "revoke/excluded",
        "A user revokes a certificate: its member is barred, its texts are not shown.",
        &["6-13", "6-14", "6-21", "10-22"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            let member = Fixed(s.user("cyn").id.0);
            s.command("ada", &Command::Revoke { member });
            s.current("ben", "ada", "exclusion");
            s.say("cyn", "I am still here");
            s.run(10_000);
            s.hides("ada", "I am still here");
        },
    ),
    (
        "revoke/by-who-may-not-bar",
        "One whose seat does not allow to bar revokes: it renews the key without the member.",
        &["10-22", "6-14"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            let member = Fixed(s.user("ada").id.0);
            s.command("cyn", &Command::Revoke { member });
            s.run(1_000);
            s.current("ben", "cyn", "exclusion");
        },
    ),
    (
        "seats/given-and-taken",
        "Rights are given and taken by commands; each is a new list under a new key.",
        &["10-24", "10-26", "8-20"],
        |s| {
            s.joined(&["ada", "ben"]);
            for modes in ["+d ben", "+x ben", "-d ben", "-x ben", "+o ben"] {
                s.mark();
                s.mode("ada", modes);
                s.current("ben", "ada", "list");
                s.run(1_000);
            }
        },
    ),
    (
        "seats/refused",
        "Commands that a seat does not allow are refused, and change nothing.",
        &["10-25", "10-37", "12-7", "10-30"],
        |s| {
            s.seated(&["ada", "ben"]);
            s.cast(&["cyn"], &Settings::by_hand());
            s.join("cyn");
            s.run(3_000);
            s.mark();
            for modes in
                ["-x ben", "+x ada", "-o ada", "+q ben", "+x", "o ben", "+x17 cyn", "+d zoe"]
            {
                s.mode("ben", modes);
            }
            s.mode("cyn", "+d cyn");
            s.command("ben", &Command::Bar { channel: CHANNEL.into(), nick: "ada".into() });
            s.command("ben", &Command::Pardon { channel: CHANNEL.into(), nick: "cyn".into() });
            assert_eq!(s.told("ada", "current"), None);
        },
    ),
    (
        "seats/second-changes-what-is-behind",
        "A seat changes what stands behind it, and its own entry counts that.",
        &["8-2", "8-3", "8-20", "10-24"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.mode("ben", "-o cyn");
            s.current("ada", "ben", "list");
            s.run(61_000);
            s.mode("ada", "+d cyn");
            s.current("cyn", "ada", "list");
        },
    ),
    (
        "rule/first-joined",
        "By default those who joined first are seated, until three have the rights.",
        &["10-27", "10-29", "10-38"],
        |s| {
            s.joined_with(&["ada", "ben", "cyn", "dan"], &Settings::default());
            s.run(620_000);
            s.tells("ben", "rights", "", "");
        },
    ),
    (
        "rule/random",
        "Members chosen at random are seated 10 minutes later.",
        &["10-39", "10-29", "1-19"],
        |s| {
            let settings = Settings { rule: Rule::Random { seats: 3 }, ..Settings::default() };
            s.joined_with(&["ada", "ben", "cyn", "dan"], &settings);
            s.run(620_000);
            s.tells("ben", "rights", "", "");
        },
    ),
    ("rule/holders", "Each that holds the rights picks one behind it.", &["10-40", "10-44"], |s| {
        let settings = Settings { rule: Rule::Holders { picks: 1 }, ..Settings::default() };
        s.joined_with(&["ada", "ben", "cyn"], &settings);
        s.run(1_300_000);
        s.current("ada", "ben", "list");
    }),
    (
        "rule/operators",
        "A user makes somebody operator in advance: the rights come when the member has introduced \
         itself, if its certificate has the name.",
        &["10-41", "10-31"],
        |s| {
            let settings = Settings { rule: Rule::Operators, ..Settings::default() };
            s.joined_with(&["ada"], &settings);
            let (channel, nick) = (CHANNEL.to_owned(), "ben".to_owned());
            s.event("ada", Event::Join { channel, nick });
            s.mode("ada", "+o ben");
            s.cast(&["ben"], &settings);
            s.join("ben");
            s.run(61_000);
            s.tells("ben", "rights", "", "");
        },
    ),
    (
        "rule/server",
        "The server says who is operator, and with that moves rights: the user is told.",
        &["10-42", "10-43"],
        |s| {
            let settings = Settings { rule: Rule::Server, ..Settings::default() };
            s.joined_with(&["ada", "ben"], &settings);
            s.tells("ada", "server_moves_rights", "", "");
            s.run(61_000);
            for on in [true, false] {
                let (channel, nick) = (CHANNEL.into(), "ben".into());
                s.event_beside("ada", &Event::Operator { channel, nick, on });
                s.run(610_000);
                s.current("ben", "ada", "list");
                s.mark();
            }
        },
    ),
    (
        "rule/server-lists",
        "The same said in the list of occupants; the rights are those that the user has set.",
        &["10-42"],
        |s| {
            let rights = Rights { update: true, distribute: false };
            let settings = Settings { rule: Rule::Server, rights, ..Settings::default() };
            s.joined_with(&["ada", "ben"], &Settings::by_hand());
            let (channel, settings) = (CHANNEL.to_owned(), Box::new(settings));
            s.command("ada", &Command::Configure { channel, settings });
            s.run(61_000);
            let listed = |nick: &str, operator| Listed { nick: nick.into(), operator };
            let names = vec![listed("ada", false), listed("ben", true)];
            s.event_beside("ada", &Event::Names { channel: CHANNEL.into(), names });
            s.run(610_000);
            s.current("ben", "ada", "list");
        },
    ),
    (
        "rule/server-moves-nothing-otherwise",
        "Under any other rule what the server says of operators changes nothing.",
        &["2-1", "10-32"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.run(61_000);
            s.mark();
            let (channel, nick) = (CHANNEL.into(), "ben".into());
            s.event_beside("ada", &Event::Operator { channel, nick, on: true });
            s.run(700_000);
            assert_eq!(s.told("ben", "current"), None);
        },
    ),
    (
        "strangers/asked-and-answered",
        "The user is asked about a stranger, who waits meanwhile; accepted, it is given the key.",
        &["6-19", "6-23", "6-25", "9-45"],
        |s| {
            s.joined(&["ada"]);
            s.command("ada", &Command::SelfSigned { what: SelfSigned::Ask });
            s.cast(&["ben"], &Settings::by_hand());
            s.join("ben");
            s.run(5_000);
            s.tells("ada", "question", "name", "Ben");
            assert_eq!(s.told("ben", "keyed"), None);
            let member = Fixed(s.user("ben").id.0);
            s.command("ada", &Command::Answer { member, accept: true });
            s.run(5_000);
            s.tells("ben", "keyed", "", "");
        },
    ),
    (
        "strangers/declined",
        "Declined, it is refused, until the user decides otherwise.",
        &["6-25", "9-18", "9-45"],
        |s| {
            s.joined(&["ada"]);
            s.command("ada", &Command::SelfSigned { what: SelfSigned::Ask });
            s.cast(&["ben"], &Settings::by_hand());
            s.join("ben");
            s.run(5_000);
            let member = Fixed(s.user("ben").id.0);
            s.command("ada", &Command::Answer { member, accept: false });
            s.run(1_000);
            s.tells("ben", "refused", "reason", "certificate");
            s.command("ada", &Command::Pin { name: "Ben".into(), member });
            s.run(60_000);
            s.tells("ben", "keyed", "", "");
        },
    ),
    (
        "strangers/withdrawn",
        "A question is void when its member is judged otherwise.",
        &["6-20", "6-24", "6-6"],
        |s| {
            s.joined(&["ada"]);
            s.command("ada", &Command::SelfSigned { what: SelfSigned::Ask });
            s.cast(&["ben"], &Settings::by_hand());
            s.join("ben");
            s.run(5_000);
            let member = Fixed(s.user("ben").id.0);
            s.command("ada", &Command::Revoke { member });
            s.tells("ada", "withdrawn", "", "");
            s.command("ada", &Command::Answer { member, accept: true });
        },
    ),
];
