//! How a key is renewed: the triggers, the pause, and who does it (chapter 10).

use super::Play;
use super::stage::Stage;
use crate::input::{Command, Event, Settings};
use crate::relay::{CHANNEL, kind};

pub(super) const PLAYS: &[Play] = &[
    (
        "refresh/period",
        "An hour after the record became current the key is renewed, by one line.",
        &["10-13", "10-14", "10-16"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.run(3_700_000);
            s.current("ben", "ada", "period");
        },
    ),
    (
        "refresh/messages",
        "So many texts were sealed or opened.",
        &["10-13", "10-14", "11-10"],
        |s| {
            triggered(s, |settings| settings.messages = Some(2));
            s.say("ada", "one");
            s.say("ben", "two");
            s.run(5_000);
            s.current("ben", "ada", "messages");
        },
    ),
    ("refresh/bytes", "Their content comes to so many bytes.", &["10-13"], |s| {
        triggered(s, |settings| settings.bytes = Some(20));
        s.say("ada", "0123456789");
        s.run(5_000);
        s.mark();
        s.say("ben", "0123456789");
        s.run(5_000);
        s.current("ben", "ada", "bytes");
    }),
    ("refresh/growth", "So many more have joined than left.", &["10-13", "10-34"], |s| {
        triggered(s, |settings| settings.growth = Some(2));
        for nick in ["yan", "zoe"] {
            for name in ["ada", "ben"] {
                let (channel, nick) = (CHANNEL.into(), nick.into());
                s.event(name, Event::Join { channel, nick });
            }
        }
        s.run(5_000);
        s.current("ben", "ada", "growth");
    }),
    ("refresh/topic", "The topic was changed.", &["10-13", "10-34"], |s| {
        triggered(s, |settings| settings.topic = true);
        s.event_beside("ada", &Event::Topic { channel: CHANNEL.into() });
        s.run(5_000);
        s.current("ben", "ada", "topic");
    }),
    ("refresh/idle", "Nobody has spoken for so long: once for each silence.", &["10-13"], |s| {
        triggered(s, |settings| settings.idle = Some(120));
        s.say("ada", "anybody here?");
        s.run(130_000);
        s.current("ben", "ada", "idle");
        s.mark();
        s.run(600_000);
        assert_eq!(s.told("ben", "current"), None);
    }),
    ("refresh/alone", "All others have left, and none of them held the key.", &["10-13"], |s| {
        triggered(s, |settings| settings.alone = true);
        let (channel, nick) = (CHANNEL.to_owned(), "zoe".to_owned());
        s.part("ben");
        s.run(120_000);
        s.event("ada", Event::Join { channel: channel.clone(), nick: nick.clone() });
        s.run(60_000);
        s.event("ada", Event::Part { channel, nick });
        s.run(5_000);
        s.current("ada", "ada", "alone");
    }),
    (
        "refresh/wish-of-the-first",
        "The user of the first in the order wants a new key, and has it after the pause.",
        &["10-17", "10-12", "10-14"],
        |s| {
            s.seated(&["ada", "ben"]);
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.current("ben", "ada", "wish");
        },
    ),
    (
        "refresh/wish-of-a-member",
        "A member without a seat wishes for a new key, by a control; the first in the order makes it.",
        &["10-17", "11-17", "10-14"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.run(60_000);
            s.command("ben", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.current("ben", "ada", "wish");
        },
    ),
    ("refresh/lifetime", "A key is renewed before it ceases to seal.", &["10-13", "8-21"], |s| {
        let never = Settings { lifetime: 60, ..untriggered() };
        s.joined_with(&["ada", "ben"], &never);
        s.run(3_700_000);
        s.current("ben", "ada", "lifetime");
    }),
    (
        "refresh/pause",
        "While people talk the refresh waits, 30 s at most; then it is made in the middle of it.",
        &["10-14"],
        |s| {
            triggered(s, |settings| settings.messages = Some(1));
            for number in 0..20 {
                s.say("ben", &format!("word {number}"));
                s.run(1_800);
            }
            s.current("ben", "ada", "messages");
        },
    ),
    (
        "refresh/not-within-a-minute",
        "None renews a key that is not a minute old.",
        &["10-12", "10-14"],
        |s| {
            triggered(s, |settings| settings.messages = Some(1));
            s.say("ben", "one");
            s.run(5_000);
            s.current("ben", "ada", "messages");
            s.mark();
            s.say("ben", "two");
            s.run(50_000);
            assert_eq!(s.told("ben", "current"), None);
            s.run(10_000);
            s.current("ben", "ada", "messages");
        },
    ),
    (
        "order/silence-of-one",
        "The first in the order is silent: the second renews the key G later, and is first from \
         then on.",
        &["10-9", "10-10", "10-11"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.hang("ada");
            s.command("cyn", &Command::Refresh { channel: CHANNEL.into() });
            s.run(30_000);
            s.current("cyn", "ben", "wish");
            s.resume("ada");
            s.current("ada", "ben", "wish");
            s.run(60_000);
            s.mark();
            s.command("cyn", &Command::Refresh { channel: CHANNEL.into() });
            s.run(10_000);
            s.current("ada", "ben", "wish");
        },
    ),
    (
        "order/silence-of-two",
        "The first and the second are silent: the third steps in.",
        &["10-10", "10-11"],
        |s| {
            s.seated(&["ada", "ben", "cyn", "dan"]);
            s.hang("ada");
            s.hang("ben");
            s.command("dan", &Command::Refresh { channel: CHANNEL.into() });
            s.run(60_000);
            s.current("dan", "cyn", "wish");
        },
    ),
    (
        "order/first-leaves",
        "The first in the order leaves while a refresh waits: the next one makes the key; as it has \
         just made one, the third seals one without the first.",
        &["10-9", "10-21", "10-11"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.command("cyn", &Command::Refresh { channel: CHANNEL.into() });
            s.part("ada");
            s.run(5_000);
            s.current("cyn", "ben", "wish");
            s.run(35_000);
            s.current("ben", "cyn", "exclusion");
        },
    ),
    (
        "order/distributor-stands-in",
        "Nobody with update is there: one with distribute only renews the key.",
        &["10-9", "10-18"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.mode("ada", "+d ben");
            s.run(61_000);
            s.part("ada");
            s.run(30_000);
            s.current("cyn", "ben", "exclusion");
        },
    ),
    (
        "order/nobody",
        "Nobody who may renew the key is there: the user is told, once.",
        &["10-36"],
        |s| {
            s.joined(&["ada", "ben", "cyn"]);
            s.say("ada", "the key is mine");
            s.run(60_000);
            s.part("ada");
            s.run(120_000);
            s.tells("cyn", "nobody_can_renew", "cause", "exclusion");
        },
    ),
    (
        "order/put-in-order",
        "+xN changes the order by a refresh, and who is first by then renews the key.",
        &["10-26", "10-50", "10-9"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.mode("ada", "+x1 cyn");
            s.current("ben", "ada", "list");
            s.run(61_000);
            s.command("ben", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.current("ben", "cyn", "wish");
        },
    ),
    (
        "missing/replaced",
        "Nobody gives the key of a record: a seat makes another, which needs no earlier key.",
        &["10-23", "11-3", "9-8"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.filter = Box::new(|line, _| {
                !matches!(kind(&line.text), None | Some(5 | 6)) || line.nick != "ada"
            });
            s.mode("ada", "-d cyn");
            for name in ["ada", "ben", "cyn"] {
                let (channel, nick) = (CHANNEL.into(), "zoe".into());
                s.event(name, Event::Join { channel, nick });
            }
            s.run(8_000);
            s.say("cyn", "under which key?");
            s.run(60_000);
            s.current("cyn", "ben", "missing");
            s.shows("ben", "under which key?");
        },
    ),
    (
        "expiry/cut-off",
        "A member that is cut off seals no more when its key's time is over; what it says then is \
         handed back.",
        &["8-21", "11-1", "11-3", "11-4"],
        |s| {
            s.joined_with(&["ada", "ben"], &Settings { lifetime: 30, ..untriggered() });
            s.filter = Box::new(|line, to| line.nick != "ada" || to != "ben");
            s.run(1_700_000);
            s.say("ben", "in time");
            s.shows("ada", "in time");
            s.run(1_000_000);
            s.say("ben", "too late");
            s.run(700_000);
            s.hides("ada", "too late");
            s.tells("ben", "unsent", "text", "too late");
        },
    ),
];

/// Settings under which nothing calls for a refresh but what always does.
fn untriggered() -> Settings {
    Settings { period: None, messages: None, ..Settings::by_hand() }
}

/// Two under a key that is a minute old, of whom the founder has this trigger.
fn triggered(s: &mut Stage<'_>, set: fn(&mut Settings)) {
    s.joined_with(&["ada", "ben"], &untriggered());
    let mut settings = Box::new(untriggered());
    set(&mut settings);
    s.command("ada", &Command::Configure { channel: CHANNEL.into(), settings });
    s.run(61_000);
    s.mark();
}
