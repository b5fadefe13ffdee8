//! Texts: sealed, opened, kept, shown, and what is no text of anybody (chapters 4 and 11).

use keyrota::spec::armor::{self, Line as Armored};

use super::Play;
use super::keys::hint_of;
use crate::hex::Fixed;
use crate::input::{Command, Event, Settings};
use crate::relay::{CHANNEL, kind};

pub(super) const PLAYS: &[Play] = &[
    (
        "text/signed-and-unsigned",
        "Signed texts bear the certified name, unsigned ones none.",
        &["11-6", "11-8", "11-9", "11-11"],
        |s| {
            s.joined(&["ada", "ben"]);
            for signed in [None, Some(true), Some(false)] {
                let (channel, text) = (CHANNEL.into(), format!("{signed:?}"));
                s.command("ada", &Command::Say { channel, text, signed });
            }
            s.shows("ben", "Some(false)");
        },
    ),
    (
        "text/channel-without-signatures",
        "A channel that was founded so: texts are not signed.",
        &["11-6", "11-11", "11-24"],
        |s| {
            s.joined_with(&["ada", "ben"], &Settings { signed: false, ..Settings::by_hand() });
            s.say("ada", "who says so?");
            s.say("ben", "somebody");
            s.shows("ada", "somebody");
        },
    ),
    (
        "text/longest",
        "A text of 789 bytes goes in fragments; one of 790 is refused, as are an empty one, and \
         two lines.",
        &["11-5", "4-7", "4-8", "4-10"],
        |s| {
            s.joined(&["ada", "ben"]);
            let longest = "é".repeat(394) + "!";
            s.say("ada", &longest);
            s.shows("ben", &longest);
            for text in ["x".repeat(790).as_str(), "", "two\nlines", "zero\0"] {
                s.say("ada", text);
            }
        },
    ),
    (
        "text/repeat",
        "A line that comes again is a repeat, also after the next ones.",
        &["11-12", "11-8"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.say("ada", "once");
            let line = s.last(0);
            s.say("ada", "and on");
            s.mark();
            s.inject("ada", CHANNEL, &line);
            s.tells("ben", "fault", "what", "repeat");
            s.hides("ben", "once");
        },
    ),
    (
        "text/altered",
        "A text with one bit changed, in its tag, counter or ciphertext, is not opened.",
        &["11-8", "12-2", "11-13"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.filter = Box::new(|_, _| false);
            s.say("ada", "as it was");
            s.filter = Box::new(|_, _| true);
            let line = s.last(0);
            s.mark();
            let Some(Armored::Whole(bytes)) = armor::parse(&line) else { panic!("a whole line") };
            for at in [7, 8, 9, bytes.len() - 1] {
                let mut altered = bytes.clone();
                altered[at] ^= 1;
                s.inject("ada", CHANNEL, &armor::whole(&altered));
            }
            assert!(s.told("ben", "fault").is_some());
            s.hides("ben", "as it was");
            s.inject("ada", CHANNEL, &line);
            s.shows("ben", "as it was");
        },
    ),
    (
        "text/missing",
        "Texts that did not come are counted, and shown when they come late.",
        &["11-10", "11-24", "11-12"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.say("ada", "first");
            s.filter = Box::new(|_, _| false);
            s.say("ada", "second");
            let late = s.last(0);
            s.say("ada", "third");
            s.filter = Box::new(|_, _| true);
            s.say("ada", "fourth");
            let told = s.told("ben", "missing").expect("told");
            assert_eq!(told["texts"], 2);
            s.inject("ada", CHANNEL, &late);
            s.shows("ben", "second");
        },
    ),
    (
        "text/held-for-a-key",
        "A text under a key that a member has not got yet waits, and is shown when the key comes.",
        &["11-13", "11-14", "11-16", "9-7", "9-17"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.say("ben", "good morning");
            s.run(60_000);
            s.filter = Box::new(|line, to| to != "cyn" || kind(&line.text) == Some(0));
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.say("ben", "under the new key");
            s.hides("cyn", "under the new key");
            s.filter = Box::new(|_, _| true);
            s.run(60_000);
            s.shows("cyn", "under the new key");
        },
    ),
    (
        "text/held-for-its-author",
        "A text whose author has not introduced itself here waits for its Hello, and is asked for.",
        &["11-9", "11-13", "9-27", "9-33"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben", "cyn"], &Settings::by_hand());
            s.join("ben");
            s.run(3_000);
            s.filter = Box::new(|line, to| line.nick != "ben" || to != "cyn");
            s.join("cyn");
            s.run(3_000);
            s.filter = Box::new(|line, _| kind(&line.text) != Some(3));
            s.say("ben", "who am I?");
            s.hides("cyn", "who am I?");
            s.filter = Box::new(|_, _| true);
            s.run(30_000);
            s.shows("cyn", "who am I?");
        },
    ),
    (
        "text/unreadable",
        "A text whose key nobody has is told as unreadable after 10 minutes.",
        &["11-15", "9-9", "9-11"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.mark();
            let mut frame = vec![0x10];
            frame.extend([0x77; 3 + 4 + 3 + 100]);
            s.inject("ada", CHANNEL, &armor::whole(&frame));
            s.run(700_000);
            s.tells("ben", "unreadable", "", "");
        },
    ),
    (
        "text/waits-for-a-key",
        "What a user says before the key has come waits and goes out in order.",
        &["11-3", "11-4", "10-20"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben"], &Settings::by_hand());
            s.filter = Box::new(|line, _| line.nick != "ada");
            s.join("ben");
            s.say("ben", "one");
            s.say("ben", "two");
            s.run(5_000);
            s.hides("ada", "one");
            s.filter = Box::new(|_, _| true);
            s.run(60_000);
            s.shows("ada", "two");
        },
    ),
    (
        "text/handed-back",
        "What waits when its user leaves is handed back; what finds no key in 10 minutes too.",
        &["11-3", "9-37"],
        |s| {
            s.cast(&["ada"], &Settings { found: false, ..Settings::by_hand() });
            s.join("ada");
            s.say("ada", "nobody there");
            s.run(601_000);
            s.tells("ada", "unsent", "text", "nobody there");
            s.say("ada", "gone");
            s.part("ada");
            s.tells("ada", "unsent", "text", "gone");
            s.say("ada", "not even in it");
        },
    ),
    (
        "text/old-key",
        "A text under a key that was taken out of use is marked as such.",
        &["11-11", "10-26"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.filter = Box::new(|_, to| to != "cyn");
            s.mode("ada", "-d ben");
            s.filter = Box::new(|_, _| true);
            s.say("cyn", "did I miss something?");
            s.shows("ada", "did I miss something?");
            let seen = s.user("ada").seen.last().expect("something");
            assert_eq!(seen["show"]["protection"], "old_key");
        },
    ),
    (
        "text/key-kept-and-wiped",
        "Keys are kept as many as the user sets; one that was wiped is asked for by hand only.",
        &["7-19", "7-21", "9-39", "11-13"],
        |s| {
            s.joined_with(&["ada", "ben"], &Settings { keys: 1, ..Settings::by_hand() });
            s.say("ada", "under the first key");
            let line = s.last(0);
            s.run(60_000);
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.mark();
            s.inject("ada", CHANNEL, &line);
            s.tells("ben", "unreadable", "", "");
            let key = Fixed(hint_of(&line));
            s.command("ben", &Command::AskOld { channel: CHANNEL.into(), key });
            s.run(30_000);
            s.command("ben", &Command::Forget { channel: CHANNEL.into() });
        },
    ),
    (
        "text/wiped-key-granted-again",
        "A grant of a key that was wiped is told again: the key is not taken back.",
        &["7-21", "2-3", "12-5"],
        |s| {
            s.joined_with(&["ada", "ben"], &Settings { keys: 1, ..Settings::by_hand() });
            s.say("ada", "under the first key");
            let (grant, line) = (s.last(5), s.last(0));
            s.run(60_000);
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.mark();
            s.inject("ada", CHANNEL, &grant);
            s.inject("ada", CHANNEL, &line);
            s.run(5_000);
            assert_eq!(s.told("ben", "old_key"), None);
            s.tells("ben", "unreadable", "", "");
        },
    ),
    (
        "text/author-by-another-nick",
        "A nick change binds the member to its new nick; its texts show both.",
        &["10-1", "10-2", "11-9"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.rename("ben", "bennie");
            s.say("ben", "still me");
            s.shows("ada", "still me");
            s.mode("ada", "+d bennie");
            s.tells("ben", "rights", "", "");
        },
    ),
    (
        "plain/declared",
        "In a channel that its user declared plain texts go out as they are; nothing else declares it.",
        &["11-19", "11-20", "11-21"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.inject("ben", CHANNEL, "so said the server");
            s.shows("ada", "so said the server");
            s.command("ada", &Command::Plain { channel: CHANNEL.into(), on: true });
            s.say("ada", "in the open");
            s.shows("ben", "in the open");
            s.say("ada", &armor::whole(b"looks like a frame"));
            s.part("ada");
            s.join("ada");
            s.say("ada", "as before");
            s.command("ada", &Command::Plain { channel: CHANNEL.into(), on: false });
            s.mode("ada", "-c");
            s.mode("ada", "+c");
            s.run(70_000);
            s.say("ada", "sealed again");
            s.shows("ben", "sealed again");
        },
    ),
    (
        "armour/line-length",
        "A terminal that learns a shorter line cuts its frames; a longer one, it does not.",
        &["4-6", "4-7", "4-9"],
        |s| {
            s.joined(&["ada", "ben"]);
            for characters in [300, 0, 2_048, 100_000] {
                s.event("ada", Event::LineLength { characters });
                s.say("ada", &"x".repeat(200));
            }
            s.shows("ben", &"x".repeat(200));
        },
    ),
    (
        "armour/noise",
        "Frames that are none, of every kind, are told as malformed, and change nothing.",
        &["12-1", "12-4", "3-2", "4-5"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.mark();
            for kind in 0..16 {
                s.inject("ada", CHANNEL, &armor::whole(&[0x10 | kind, 1, 2, 3]));
            }
            s.inject("ada", CHANNEL, &armor::whole(&[0x20, 1, 2, 3]));
            s.inject("ada", CHANNEL, &armor::whole(&[0x11; 881]));
            s.tells("ben", "fault", "what", "malformed");
            s.say("ada", "that was nothing");
            s.shows("ben", "that was nothing");
        },
    ),
    ("armour/own-lines", "Lines that come back from one's own nick are dropped.", &["15-5"], |s| {
        s.joined(&["ada", "ben"]);
        s.say("ada", "echo");
        let text = s.last(0);
        s.mark();
        let (channel, nick) = (CHANNEL.into(), "ada".into());
        s.event("ada", Event::Line { channel, nick, text });
        s.hides("ada", "echo");
    }),
    (
        "clock/goes-back",
        "A monotonic clock that goes back counts as standing still, and nothing happens twice.",
        &["1-13", "15-1", "15-2"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.ms -= 2_000;
            s.say("ada", "earlier");
            s.ms += 2_000;
            s.shows("ben", "earlier");
        },
    ),
    (
        "clock/hello-from-the-future",
        "A Hello from more than an hour ahead is not taken in.",
        &["9-4", "1-14"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben"], &Settings::by_hand());
            s.skew("ben", 3_700);
            s.join("ben");
            s.run(5_000);
            s.tells("ada", "fault", "what", "future");
        },
    ),
    (
        "clock/set-back",
        "A clock was a day ahead, and is set right: its Hellos count again.",
        &["9-58", "9-4"],
        |s| {
            s.joined(&["ada"]);
            s.cast(&["ben"], &Settings::by_hand());
            s.skew("ben", 90_000);
            s.join("ben");
            s.run(5_000);
            s.tells("ada", "fault", "what", "future");
            s.skew("ben", 0);
            s.run(60_000);
            s.say("ben", "what day is it?");
            s.shows("ada", "what day is it?");
        },
    ),
    (
        "clock/all-set-back",
        "All clocks were a day ahead, and are set right: what was taken in from then counts as an hour ago.",
        &["9-58", "9-4"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            for nick in ["ada", "ben"] {
                s.skew(nick, 90_000);
                s.join(nick);
                s.run(5_000);
            }
            for nick in ["ada", "ben"] {
                s.skew(nick, 0);
            }
            s.part("ben");
            s.run(5_000);
            s.join("ben");
            s.run(60_000);
            s.say("ben", "what day is it?");
            s.shows("ada", "what day is it?");
        },
    ),
];
