//! Members that did not hear each other: netsplits, two founders, lost changes, keys that sign twice
//! (chapters 8, 9 and 10).

use keyrota::crypto::{SigningKey, Tally};
use keyrota::spec::armor::{self, Line as Armored};
use keyrota::spec::{self, Frame, label};

use super::Play;
use super::stage::Stage;
use crate::hex::{self, Fixed};
use crate::input::{Command, Event, Settings};
use crate::relay::{CHANNEL, identity, secret};

pub(super) const PLAYS: &[Play] = &[
    (
        "split/short",
        "A netsplit of seconds: each side excludes the other, and one key is left when it is over.",
        &["9-49", "9-50", "10-21", "8-14"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.split(&[&["ada", "cyn"], &["ben"]]);
            s.run(30_000);
            s.heal();
            s.run(120_000);
            all_agree(s, &["ada", "ben", "cyn"]);
        },
    ),
    (
        "split/unequal",
        "One side makes two keys meanwhile and the other one: the greater epoch counts, and texts \
         under either key open.",
        &["8-14", "9-7", "9-34", "11-11"],
        |s| {
            s.seated(&["ada", "ben", "cyn", "dan"]);
            s.split(&[&["ada", "ben"], &["cyn", "dan"]]);
            s.run(61_000);
            s.part("dan");
            s.run(70_000);
            s.say("cyn", "on the other side");
            s.heal();
            s.run(120_000);
            all_agree(s, &["ada", "ben", "cyn"]);
        },
    ),
    (
        "split/list-changed-on-both-sides",
        "Both sides change the list; the founder's change counts, and what the other one took away \
         is taken away again.",
        &["8-25", "8-27", "10-46", "8-30"],
        |s| {
            s.seated(&["ada", "ben", "cyn", "dan"]);
            s.split(&[&["ada", "cyn"], &["ben", "dan"]]);
            s.run(61_000);
            s.mode("ada", "-d cyn");
            s.command("ben", &Command::Bar { channel: CHANNEL.into(), nick: "dan".into() });
            s.run(61_000);
            s.heal();
            s.run(180_000);
            all_agree(s, &["ada", "ben", "cyn"]);
            s.tells("ada", "barred", "", "");
        },
    ),
    (
        "split/grant-lost",
        "A right that the junior side gave is lost; its author is told how to give it again.",
        &["8-25", "10-48"],
        |s| {
            s.seated(&["ada", "ben"]);
            s.cast(&["cyn"], &Settings::by_hand());
            s.join("cyn");
            s.run(3_000);
            s.split(&[&["ada"], &["ben", "cyn"]]);
            s.run(61_000);
            s.mode("ben", "+d cyn");
            s.mode("ada", "-d ben");
            s.run(61_000);
            s.heal();
            s.run(180_000);
            s.tells("ben", "lost", "", "");
        },
    ),
    (
        "founders/two",
        "Two found the channel by themselves, each alone: one gives way, whose ChannelId is greater.",
        &["9-41", "9-42", "9-43", "9-44"],
        |s| {
            s.cast(&["ada", "ben"], &Settings::by_hand());
            s.split(&[&["ada"], &["ben"]]);
            s.join("ada");
            s.join("ben");
            s.run(5_000);
            s.heal();
            s.run(60_000);
            all_agree(s, &["ada", "ben"]);
        },
    ),
    (
        "founders/other-channel",
        "Two channels of one name, both with members: each user is told of both, and one follows the \
         other.",
        &["9-38", "9-14", "15-7"],
        |s| {
            s.cast(&["ada", "ben", "cyn", "dan"], &Settings::by_hand());
            s.split(&[&["ada", "ben"], &["cyn", "dan"]]);
            for name in ["ada", "ben", "cyn", "dan"] {
                s.join(name);
                s.run(3_000);
            }
            s.heal();
            s.run(30_000);
            s.tells("ben", "other_channel", "", "");
            s.tells("dan", "other_channel", "", "");
            let met = s.told("dan", "other_channel").expect("told")["met"].clone();
            let met = hex::decode(met.as_str().expect("digits")).expect("digits");
            let id = Fixed(met.try_into().expect("16 bytes"));
            s.command("dan", &Command::Follow { channel: CHANNEL.into(), id });
            s.run(60_000);
            s.say("dan", "from over there");
            s.shows("ada", "from over there");
        },
    ),
    (
        "order/first-stalled",
        "The first in the order stalls, makes a key from what it knew, and adopts the greater one.",
        &["8-14", "10-11", "11-11"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.command("cyn", &Command::Refresh { channel: CHANNEL.into() });
            s.hang("ada");
            s.run(30_000);
            s.command("ben", &Command::Refresh { channel: CHANNEL.into() });
            s.resume("ada");
            s.run(10_000);
            all_agree(s, &["ada", "ben", "cyn"]);
        },
    ),
    (
        "signed-twice/told",
        "A seat's key signs another record in the place of one: members are told, with the evidence.",
        &["8-22", "8-33", "8-36", "8-35"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.mark();
            let forged = twin(&s.last(4), secret(1));
            s.inject("ada", CHANNEL, &forged);
            s.run(5_000);
            s.tells("ben", "signed_twice", "", "");
        },
    ),
    (
        "clone/hello",
        "Somebody else introduces itself with one's own key: the user is told.",
        &["9-5", "9-2"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.begin_as("cyn", identity(2, "Ben"), 0, Settings::by_hand());
            s.join("cyn");
            s.run(5_000);
            s.tells("ben", "clone", "", "");
        },
    ),
    (
        "forged/record-of-no-seat",
        "A record whose author has no seat is not valid: it changes nothing.",
        &["8-10", "8-11", "12-4", "12-5"],
        |s| {
            s.seated(&["ada", "ben"]);
            s.command("ada", &Command::Refresh { channel: CHANNEL.into() });
            s.run(5_000);
            s.mark();
            let forged = twin(&s.last(4), secret(9));
            s.inject("ada", CHANNEL, &forged);
            s.run(5_000);
            assert_eq!(s.told("ben", "current"), None);
            assert_eq!(s.told("ben", "signed_twice"), None);
            s.say("ada", "as before");
            s.shows("ben", "as before");
        },
    ),
    (
        "forged/by-one-who-was-removed",
        "Whoever lost its seat signs a record of the list in which it had one: it is below the one \
         that removed it.",
        &["8-14", "8-16", "2-1"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.command("cyn", &Command::Refresh { channel: CHANNEL.into() });
            s.run(61_000);
            let old = s.last(4);
            s.mode("ada", "-o cyn");
            s.run(1_000);
            s.mark();
            let forged = later(&old, 2, secret(3));
            s.inject("cyn", CHANNEL, &forged);
            s.run(10_000);
            assert_eq!(s.told("ben", "current"), None);
        },
    ),
    (
        "forged/reports",
        "Parts, kicks and modes that the server makes up move no right; who is still there is soon \
         back.",
        &["2-1", "10-32", "10-34"],
        |s| {
            s.seated(&["ada", "ben", "cyn"]);
            s.mark();
            for event in [
                Event::Kick { channel: CHANNEL.into(), nick: "cyn".into() },
                Event::Operator { channel: CHANNEL.into(), nick: "cyn".into(), on: true },
                Event::Join { channel: CHANNEL.into(), nick: "cyn".into() },
                Event::Part { channel: "#other".into(), nick: "cyn".into() },
                Event::Quit { nick: "nobody".into() },
                Event::Nick { old: "nobody".into(), new: "somebody".into() },
            ] {
                s.event("ada", event);
            }
            s.run(60_000);
            assert_eq!(s.told("ada", "rights"), None);
            s.say("cyn", "nothing happened");
            s.shows("ada", "nothing happened");
        },
    ),
    ("limits/settings", "Settings out of their bounds are refused.", &["5-4", "12-7"], |s| {
        s.joined(&["ada"]);
        let wrong: [fn(&mut Settings); 6] = [
            |one| one.keys = 0,
            |one| one.keys = 257,
            |one| one.lifetime = 0,
            |one| one.lifetime = 43_201,
            |one| one.period = Some(0),
            |one| one.keep = Some(0),
        ];
        for change in wrong {
            let mut settings = Box::new(Settings::by_hand());
            change(&mut settings);
            s.command("ada", &Command::Configure { channel: CHANNEL.into(), settings });
        }
    }),
];

/// Each says something, and each of the others shows it as sealed under the current key.
fn all_agree(s: &mut Stage<'_>, names: &[&str]) {
    for name in names {
        let text = format!("{name} agrees");
        s.say(name, &text);
        for other in names.iter().filter(|other| *other != name) {
            s.shows(other, &text);
        }
    }
}

/// The frame of a refresh, changed and signed anew.
fn resigned(line: &str, secret: [u8; 32], change: impl Fn(&mut spec::Record)) -> String {
    let Some(Armored::Whole(bytes)) = armor::parse(line) else { panic!("a whole line") };
    let Ok(Frame::Refresh { mut record, wrapped }) = Frame::decode(&bytes) else {
        panic!("a refresh")
    };
    change(&mut record.record);
    let key = SigningKey::from_bytes(&secret).expect("a private key");
    let parts: [&[u8]; 2] = [label::SIGN_RECORD, &record.record.to_bytes()];
    record.signature = spec::Signature(key.sign(&mut Tally::default(), &parts));
    armor::whole(&Frame::Refresh { record, wrapped }.encode())
}

/// Another record in the place of that of a refresh: of another time.
fn twin(line: &str, secret: [u8; 32]) -> String {
    resigned(line, secret, |record| record.time += 1)
}

/// The next record but one, by another seat.
fn later(line: &str, author: u8, secret: [u8; 32]) -> String {
    resigned(line, secret, |record| {
        record.author = author;
        if let spec::Descent::Wrapped { step, .. } = &mut record.descent {
            *step += 2;
        }
    })
}
