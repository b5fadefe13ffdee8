//! Two who talk alone (chapter 16).

use super::Play;
use super::stage::Stage;
use crate::input::{Command, Renewer, Settings};
use crate::relay::{CHANNEL, identity, kind};

pub(super) const PLAYS: &[Play] = &[
    (
        "alone/begin",
        "One talks to another: Hello and ask, Hello and key, text. What was said waits meanwhile.",
        &["16-4", "16-10", "16-11", "16-12", "16-15", "16-16"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "are you there?");
            s.run(1_000);
            s.shows("ben", "are you there?");
            tell(s, "ben", "ada", "here I am");
            s.shows("ada", "here I am");
        },
    ),
    (
        "alone/both-at-once",
        "Both begin at once: each makes a first record, the order decides, both keys open.",
        &["16-17", "8-14"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            s.filter = Box::new(|line, _| !line.text.starts_with('+'));
            s.command("ada", &Command::Converse { nick: "ben".into() });
            s.command("ben", &Command::Converse { nick: "ada".into() });
            s.filter = Box::new(|_, _| true);
            s.run(60_000);
            for (one, other) in [("ada", "ben"), ("ben", "ada")] {
                tell(s, one, other, "which key is it?");
                s.shows(other, "which key is it?");
            }
        },
    ),
    (
        "alone/lines-that-cross",
        "Asks and first records cross on their way.",
        &["16-17", "16-15", "16-16"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            s.hang("ben");
            tell(s, "ada", "ben", "from ada");
            let lines = std::mem::take(&mut s.lines);
            s.resume("ben");
            s.run(1_000);
            tell(s, "ben", "ada", "from ben");
            for line in lines {
                s.inject(&line.nick, &line.to, &line.text);
            }
            s.run(30_000);
            s.shows("ada", "from ben");
            s.shows("ben", "from ada");
        },
    ),
    (
        "alone/renewed",
        "The key is renewed by sealing it to the peer, not before it was used.",
        &["16-8", "16-23", "16-25"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "one");
            s.run(3_700_000);
            s.mark();
            tell(s, "ben", "ada", "two");
            s.run(3_700_000);
            s.tells("ada", "current", "cause", "period");
        },
    ),
    (
        "alone/last-sender-renews",
        "Who spoke last renews the key, if the user sets so.",
        &["16-23", "16-24"],
        |s| {
            let renewer = Renewer::LastSender;
            let settings = Settings { messages: Some(3), renewer, ..Settings::by_hand() };
            s.cast(&["ada", "ben"], &settings);
            tell(s, "ada", "ben", "one");
            s.run(61_000);
            tell(s, "ada", "ben", "two");
            tell(s, "ben", "ada", "three");
            s.run(10_000);
            s.current("ada", "ben", "messages");
        },
    ),
    (
        "alone/other-peer",
        "Another member comes under the peer's nick: it is told, and not talked to.",
        &["16-13", "16-14"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "to Ben");
            s.run(1_000);
            s.rename("ben", "benedict");
            s.begin_as("ben2", identity(7, "Cyn"), 0, Settings::by_hand());
            s.rename("ben2", "ben");
            s.mark();
            s.command("ben2", &Command::Converse { nick: "ada".into() });
            s.run(5_000);
            s.tells("ada", "other_channel", "", "");
        },
    ),
    (
        "alone/lost-its-state",
        "A peer that has forgotten everything asks again, and is given the key that there is.",
        &["16-15", "16-26"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "before");
            s.run(10_000);
            s.crash("ben");
            s.restart("ben", None);
            s.run(10_000);
            tell(s, "ada", "ben", "after");
            s.run(60_000);
            s.shows("ben", "after");
        },
    ),
    (
        "alone/nobody",
        "Nobody answers: the user is told, and what waited is handed back.",
        &["16-18", "16-10"],
        |s| {
            s.cast(&["ada"], &Settings::by_hand());
            tell(s, "ada", "ben", "hello?");
            s.run(700_000);
            s.tells("ada", "nobody_answers", "", "");
            s.tells("ada", "unsent", "text", "hello?");
        },
    ),
    (
        "alone/strangers",
        "Of private lines from strangers only an ask and a text begin a conversation.",
        &["16-26", "16-27"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            s.inject("zoe", "ada", "a plain line");
            s.inject("zoe", "ada", &keyrota::spec::armor::whole(&[0x19, 1, 2, 3, 4, 0]));
            tell(s, "ben", "ada", "a sealed one");
            s.run(1_000);
            s.shows("ada", "a sealed one");
            s.command("ada", &Command::Close { nick: "ben".into() });
            tell(s, "ben", "ada", "and another");
            s.run(60_000);
            s.shows("ada", "and another");
        },
    ),
    (
        "alone/not-for-channels",
        "Commands for channels are refused in a conversation.",
        &["16-20", "12-7"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "to Ben");
            s.run(1_000);
            let (channel, nick, modes) = (|| "ben".into(), "ben".into(), "+x ben".into());
            s.command("ada", &Command::Bar { channel: channel(), nick });
            s.command("ada", &Command::Mode { channel: channel(), modes });
            s.command("ada", &Command::Found { channel: channel() });
        },
    ),
    (
        "alone/nick-changes",
        "When the peer's nick changes the conversation goes with it.",
        &["16-21", "16-2"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "to Ben");
            s.run(1_000);
            s.rename("ben", "bennie");
            let (old, new) = ("ben".into(), "bennie".into());
            s.event("ada", crate::input::Event::Nick { old, new });
            tell(s, "ada", "bennie", "still to Ben");
            s.shows("ben", "still to Ben");
        },
    ),
    (
        "alone/peer-speaks-elsewhere",
        "The peer speaks from a nick that nobody told of: its text waits until the user calls it there.",
        &["16-30", "16-27"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "to Ben");
            s.run(1_000);
            tell(s, "ben", "ada", "to Ada");
            let text = whispered(s, "ben", 0);
            s.rename("ben", "bennie");
            s.mark();
            tell(s, "ben", "ada", "from elsewhere");
            s.run(60_000);
            s.tells("ada", "also_at", "nick", "bennie");
            s.command("ada", &Command::Converse { nick: "bennie".into() });
            s.run(1_000);
            s.tells("ada", "moved", "nick", "bennie");
            s.shows("ada", "from elsewhere");
            s.inject("bennie", "ada", &text);
        },
    ),
    (
        "alone/peer-called-elsewhere",
        "The user calls somebody, who turns out to be the peer of another conversation: that one goes on there.",
        &["16-30"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ada", "ben", "to Ben");
            s.run(1_000);
            s.rename("ben", "bennie");
            s.mark();
            tell(s, "ada", "bennie", "to whoever is there");
            s.run(1_000);
            s.tells("ada", "moved", "nick", "bennie");
            s.shows("ben", "to whoever is there");
        },
    ),
    (
        "alone/peer-repeated-elsewhere",
        "A Hello of the peer comes from a nick that the user has not called: nothing moves, and the user is told.",
        &["16-30"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ben", "ada", "to Ada");
            s.run(1_000);
            tell(s, "ada", "ben", "to Ben");
            let heard = whispered(s, "ben", 3);
            s.command("ben", &Command::Converse { nick: "zoe".into() });
            let ask = whispered(s, "ben", 3);
            s.mark();
            s.inject("zoe", "ada", &heard);
            s.tells("ada", "fault", "what", "repeat");
            s.inject("zoe", "ada", &ask);
            s.run(1_000);
            s.tells("ada", "also_at", "nick", "zoe");
            tell(s, "ada", "ben", "still to Ben");
            s.shows("ben", "still to Ben");
        },
    ),
    (
        "alone/stranger-repeated-elsewhere",
        "Somebody repeats a Hello of one who then calls itself: the later Hello counts, and the earlier no more.",
        &["16-30"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            s.command("ben", &Command::Converse { nick: "zoe".into() });
            let ask = whispered(s, "ben", 3);
            s.inject("zoe", "ada", &ask);
            s.mark();
            tell(s, "ben", "ada", "to Ada");
            s.run(1_000);
            s.tells("ada", "moved", "nick", "ben");
            s.shows("ada", "to Ada");
            s.inject("zoe", "ada", &ask);
        },
    ),
    (
        "alone/followed-elsewhere",
        "The user follows the fingerprint of one conversation at the nick of another: that one goes on there.",
        &["16-31", "16-32"],
        |s| {
            s.cast(&["ada", "ben", "cyn"], &Settings::by_hand());
            tell(s, "ada", "cyn", "to Cyn");
            s.run(1_000);
            tell(s, "ada", "ben", "to Ben");
            s.run(1_000);
            let id = s.told("ada", "pinned").expect("told")["id"].clone();
            let id = serde_json::from_value(id).expect("a ChannelId");
            s.rename("cyn", "c");
            s.rename("ben", "cyn");
            s.mark();
            s.command("ada", &Command::Follow { channel: "cyn".into(), id });
            s.run(60_000);
            s.tells("ada", "moved", "nick", "cyn");
            tell(s, "ada", "cyn", "to Ben still");
            s.shows("ben", "to Ben still");
        },
    ),
    (
        "alone/forgotten",
        "A conversation that a stranger began is forgotten: what it showed may come again, with a mark.",
        &["16-28", "16-32"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            tell(s, "ben", "ada", "to Ada");
            s.run(1_000);
            let text = whispered(s, "ben", 0);
            s.event("ada", crate::input::Event::Disconnected);
            s.mark();
            tell(s, "ben", "ada", "once more");
            s.run(60_000);
            s.inject("ben", "ada", &text);
            s.run(1_000);
            let shown = |seen: &&serde_json::Value| seen["show"]["text"] == "to Ada";
            let again = s.user("ada").seen.iter().rfind(shown).expect("shown")["show"].clone();
            assert_eq!(again["again"], true);
        },
    ),
];

/// The last line of this kind that a member sent to one alone.
fn whispered(s: &Stage<'_>, name: &str, number: u8) -> String {
    let from = &s.user(name).nick;
    let mut lines = s.lines.iter().rev().filter(|line| line.to != CHANNEL && line.nick == *from);
    let found = lines.find(|line| kind(&line.text) == Some(number));
    found.expect("a line of this kind").text.clone()
}

/// Talks to a nick alone.
fn tell(s: &mut Stage<'_>, name: &str, nick: &str, text: &str) {
    s.command(name, &Command::Converse { nick: nick.into() });
    let (channel, text) = (nick.into(), text.into());
    s.command(name, &Command::Say { channel, text, signed: None });
}
