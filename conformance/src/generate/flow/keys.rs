//! How a key comes to members: founding, asking, granting, refusing, announcing (chapter 9).

use super::Play;
use crate::hex::{Fixed, encode};
use crate::input::{Choice, Command, Detail, Event, Listed, OldKeys, SelfSigned, Settings};
use crate::relay::{CHANNEL, kind};

pub(super) const PLAYS: &[Play] = &[
    (
        "open/founded",
        "Alone in a channel, a terminal founds it, and is called again to renew its key only.",
        &["9-1", "9-16", "15-6"],
        |s| {
            s.cast(&["ada"], &Settings::by_hand());
            s.join("ada");
            s.run(3_600_000);
            s.tells("ada", "founded", "", "");
        },
    ),
    (
        "open/not-unless-wanted",
        "Its user does not want channels founded: it asks, rests, and says that nobody answers.",
        &["9-9", "9-11", "9-16"],
        |s| {
            s.cast(&["ada"], &Settings { found: false, ..Settings::by_hand() });
            s.join("ada");
            s.run(1_300_000);
            s.tells("ada", "nobody_answers", "", "");
        },
    ),
    (
        "open/found-anew",
        "A user founds a channel in which nobody answers; who comes later gets its key.",
        &["9-16", "9-9"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            s.event("ada", names(&["zoe"]));
            s.run(200_000);
            s.command("ada", &Command::Found { channel: CHANNEL.into() });
            s.join("ada");
            s.join("ben");
            s.run(3_000);
            s.tells("ben", "pinned", "", "");
        },
    ),
    (
        "ask/granted",
        "Who joins says Hello and asks; the founder's terminal grants 2 s after its last answer.",
        &["9-3", "9-10", "9-19", "9-21", "9-24", "9-15"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.tells("cyn", "keyed", "", "");
            s.say("cyn", "here I am");
            s.shows("ada", "here I am");
            s.shows("ben", "here I am");
        },
    ),
    (
        "ask/together",
        "Those who ask within 2 s of the last answer are answered in one frame.",
        &["9-21", "9-24"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.cast(&["cyn", "dan", "eve"], &Settings::by_hand());
            s.join("cyn");
            s.run(100);
            s.join("dan");
            s.run(100);
            s.join("eve");
            s.run(3_000);
            for name in ["cyn", "dan", "eve"] {
                s.tells(name, "keyed", "", "");
            }
        },
    ),
    (
        "ask/again",
        "Asks that are lost are made again, after 15 s and jitter, then later and later.",
        &["9-8", "9-9", "9-11"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben"], &Settings::by_hand());
            s.filter = Box::new(|line, _| line.nick != "ben");
            s.join("ben");
            s.run(180_000);
            assert_eq!(s.told("ben", "keyed"), None);
            s.filter = Box::new(|_, _| true);
            s.run(60_000);
            s.tells("ben", "keyed", "", "");
        },
    ),
    (
        "ask/second-distributor",
        "The first distributor is silent: the next one answers 2 s later.",
        &["9-19", "9-20"],
        |s| {
            s.seated(&["ada", "ben"]);
            s.hang("ada");
            s.cast(&["cyn"], &Settings::by_hand());
            s.join("cyn");
            s.run(5_000);
            s.tells("cyn", "keyed", "", "");
            s.tells("ben", "granted", "", "");
        },
    ),
    (
        "ask/chosen-by-joining",
        "A member lacks the key of a record that was announced: it asks, of those that it noted as \
         holders, who joined first.",
        &["9-10", "9-8"],
        |s| {
            s.seated_with(
                &["ada", "ben", "cyn"],
                &Settings { choice: Choice::Joined, ..Settings::by_hand() },
            );
            s.mark();
            lose_boxes_to(s, "cyn");
            s.run(60_000);
            let ada = encode(s.user("ada").id.0);
            s.tells("cyn", "asked", "member", &ada);
            s.tells("cyn", "keyed", "", "");
        },
    ),
    (
        "ask/chosen-by-idle-time",
        "For a key that was wiped it asks, of all seats, whom the transport calls least idle.",
        &["9-10", "9-39", "10-33"],
        |s| {
            s.seated_with(
                &["ada", "ben", "cyn"],
                &Settings { choice: Choice::Idle, ..Settings::by_hand() },
            );
            for (nick, seconds) in [("ada", 90), ("ben", 30)] {
                let (channel, nick) = (CHANNEL.into(), nick.into());
                let detail = Detail::Idle(seconds);
                s.event("cyn", Event::Detail { channel, nick, detail });
            }
            s.say("ben", "here");
            let key = Fixed(hint_of(&s.last(0)));
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.command("cyn", &Command::Forget { channel: CHANNEL.into() });
            s.mark();
            s.command("cyn", &Command::AskOld { channel: CHANNEL.into(), key });
            s.run(60_000);
            let ben = encode(s.user("ben").id.0);
            s.tells("cyn", "asked", "member", &ben);
            s.tells("cyn", "old_key", "", "");
        },
    ),
    ("ask/by-hand", "Its user does not wait for the next attempt.", &["9-8", "9-9"], |s| {
        s.joined(&["ada"]);
        s.cast(&["ben"], &Settings::by_hand());
        s.filter = Box::new(|line, _| line.nick != "ben");
        s.join("ben");
        s.run(5_000);
        s.filter = Box::new(|_, _| true);
        s.command("ben", &Command::Ask { channel: CHANNEL.into() });
        s.run(1_000);
        s.tells("ben", "keyed", "", "");
    }),
    (
        "ask/for-a-text-that-waits",
        "It asked in vain for long, and its user writes something: it asks soon, and not minutes later.",
        &["9-57", "11-3"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben"], &Settings::by_hand());
            s.filter = Box::new(|line, _| line.nick != "ben");
            s.join("ben");
            s.run(1_200_000);
            s.filter = Box::new(|_, _| true);
            s.say("ben", "is anybody there");
            s.mark();
            s.run(30_000);
            s.tells("ben", "keyed", "", "");
            s.shows("ada", "is anybody there");
        },
    ),
    (
        "refuse/barred",
        "Who is barred is refused at once, and not given the key.",
        &["9-18", "9-12", "9-25", "10-22"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.command("ada", &Command::Bar { channel: CHANNEL.into(), nick: "ben".into() });
            s.part("ben");
            s.run(10_000);
            s.mark();
            s.join("ben");
            s.run(20_000);
            s.tells("ben", "refused", "reason", "barred");
            s.say("ada", "among us");
            s.hides("ben", "among us");
        },
    ),
    (
        "refuse/certificate",
        "Who shows a certificate that is not accepted is refused, and the fault is told.",
        &["9-18", "9-5", "6-10"],
        |s| {
            s.joined(&["ada"]);
            s.command("ada", &Command::SelfSigned { what: SelfSigned::Refuse });
            s.cast(&["ben"], &Settings::by_hand());
            s.join("ben");
            s.run(20_000);
            s.tells("ben", "refused", "reason", "certificate");
            s.tells("ada", "fault", "nick", "ben");
        },
    ),
    (
        "refuse/key",
        "A member asks by name for a key from before its time, and is refused; with another \
         setting it is given.",
        &["9-22", "9-21", "9-39", "9-23"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.say("ada", "before");
            let hint = hint_of(&s.last(0));
            s.part("ben");
            s.run(70_000);
            s.cast(&["cyn"], &Settings::by_hand());
            s.join("cyn");
            s.run(3_000);
            let ask = Command::AskOld { channel: CHANNEL.into(), key: Fixed(hint) };
            s.command("cyn", &ask);
            s.run(5_000);
            s.tells("cyn", "refused", "reason", "key");
            let settings = Box::new(Settings { old_keys: OldKeys::All, ..Settings::by_hand() });
            s.command("ada", &Command::Configure { channel: CHANNEL.into(), settings });
            s.command("cyn", &ask);
            s.run(60_000);
            s.tells("cyn", "old_key", "", "");
        },
    ),
    (
        "announce/newcomers",
        "5 s after somebody joined, and if nobody else did, the first in the order announces the \
         record.",
        &["9-34", "9-35", "9-36"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            let before = s.lines.len();
            for name in ["ada", "ben", "cyn"] {
                let (channel, nick) = (CHANNEL.into(), "zoe".into());
                s.event(name, Event::Join { channel, nick });
            }
            s.run(30_000);
            let lines = &s.lines[before..];
            assert!(lines.iter().any(|line| line.nick == "ada"), "{lines:?}");
        },
    ),
    (
        "announce/lag",
        "Whose text is under an older record is told of the current one, asks for its key, and is \
         given it.",
        &["9-34", "9-48", "9-7", "11-11"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.filter = Box::new(|_, to| to != "cyn");
            s.mode("ada", "-d ben");
            s.filter = Box::new(|_, _| true);
            s.run(25_000);
            s.mark();
            s.say("cyn", "still the old one");
            s.run(60_000);
            s.tells("cyn", "keyed", "", "");
            s.say("cyn", "now the new one");
            s.shows("ada", "now the new one");
        },
    ),
    (
        "grant/stale",
        "A grant that is told again, of a key that is no longer the newest, changes nothing.",
        &["8-14", "9-20", "11-2"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            let old = s.last(5);
            s.run(60_000);
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(10_000);
            s.mark();
            s.inject("ada", CHANNEL, &old);
            s.run(1_000);
            assert_eq!(s.told("ben", "current"), None);
            s.say("ben", "under the newest");
            s.shows("cyn", "under the newest");
        },
    ),
];

/// The complete list of who is in the channel, with these others.
fn names(nicks: &[&str]) -> Event {
    let listed = |nick: &&str| Listed { nick: (*nick).into(), operator: false };
    let names = std::iter::once(&"ada").chain(nicks).map(listed).collect();
    Event::Names { channel: CHANNEL.into(), names }
}

/// A change of the list of which one hears the record, as it is announced to newcomers, and not the
/// key.
fn lose_boxes_to(s: &mut super::Stage<'_>, who: &'static str) {
    s.filter =
        Box::new(move |line, to| to != who || !matches!(kind(&line.text), None | Some(5 | 6)));
    s.mode("ada", "-d cyn");
    s.filter = Box::new(|_, _| true);
    for name in ["ada", "ben", "cyn"] {
        let (channel, nick) = (CHANNEL.into(), "zoe".into());
        s.event(name, Event::Join { channel, nick });
    }
}

/// The hint of the key of a text, as its header has it.
pub(super) fn hint_of(text: &str) -> [u8; 3] {
    use keyrota::spec::Frame;
    use keyrota::spec::armor::{Line, parse};
    let Some(Line::Whole(bytes)) = parse(text) else { panic!("a whole line") };
    match Frame::decode(&bytes) {
        Ok(Frame::Text { header, .. }) => header.key.0,
        other => panic!("a text: {other:?}"),
    }
}
