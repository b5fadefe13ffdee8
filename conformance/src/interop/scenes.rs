//! What is played: each scene a few lines, with what must come of it.

use crate::input::Command;
use crate::relay::{CHANNEL, Relay};

use super::ROLES;

/// A scene: its name, what it is, and its script.
pub type Scene = (&'static str, &'static str, fn(&mut Relay<'_>));

/// All scenes, in the order of the table.
pub const SCENES: &[Scene] = &[
    ("talk", "Three join, one after the other, and read each other.", |r| {
        join_all(r);
        all_talk(r);
    }),
    ("rotate", "A member without a seat wishes for a new key; the founder makes it.", |r| {
        join_all(r);
        r.run(60_000);
        let before = r.lines.len();
        r.command("cyn", &Command::Refresh { channel: CHANNEL.into() });
        r.run(40_000);
        r.made(before, "ada");
        all_talk(r);
    }),
    (
        "fail over",
        "The first in the order is silent; the second makes the key, and the first \
         adopts it.",
        |r| {
            seat_all(r);
            r.hang("ada");
            let before = r.lines.len();
            r.command("cyn", &Command::Refresh { channel: CHANNEL.into() });
            r.run(60_000);
            r.made(before, "ben");
            r.resume("ada");
            r.run(30_000);
            all_talk(r);
        },
    ),
    ("exclude", "Who leaves is excluded, and is given the key again when it is back.", |r| {
        join_all(r);
        r.run(60_000);
        let before = r.lines.len();
        r.part("cyn");
        r.run(10_000);
        r.made(before, "ada");
        talk(r, &["ada", "ben"]);
        r.join("cyn");
        r.run(60_000);
        all_talk(r);
    }),
    ("bar", "Who is barred hears every line, and reads nothing more.", |r| {
        seat_all(r);
        let before = r.lines.len();
        r.command("ada", &Command::Bar { channel: CHANNEL.into(), nick: "cyn".into() });
        r.run(1_000);
        r.made(before, "ada");
        talk(r, &["ada", "ben"]);
        for name in ["ada", "ben"] {
            r.hides("cyn", &text(name));
        }
    }),
    ("netsplit", "Each side goes on by itself; when it is over all read each other.", |r| {
        seat_all(r);
        r.split(&[&["ada", "cyn"], &["ben"]]);
        r.run(90_000);
        talk(r, &["ada", "cyn"]);
        r.heal();
        r.run(180_000);
        all_talk(r);
    }),
    ("restart", "A program ends, and goes on from what it saved.", |r| {
        seat_all(r);
        r.save("ben");
        r.crash("ben");
        r.run(30_000);
        let state = r.user("ben").saves.last().cloned();
        r.restart("ben", state.as_deref());
        r.join("ben");
        r.run(120_000);
        all_talk(r);
    }),
    ("alone", "Each talks to each other alone.", |r| {
        for one in ROLES {
            for other in ROLES.into_iter().filter(|other| *other != one) {
                let (channel, text) = (other.to_owned(), format!("{one} to {other}"));
                r.command(one, &Command::Converse { nick: other.into() });
                r.command(one, &Command::Say { channel, text: text.clone(), signed: None });
                r.run(60_000);
                r.reads(other, one, &text);
            }
        }
    }),
];

/// They join, one after the other, and are given the key.
fn join_all(r: &mut Relay<'_>) {
    for name in ROLES {
        r.join(name);
        r.run(5_000);
    }
}

/// Likewise, and the founder gives the others both rights.
fn seat_all(r: &mut Relay<'_>) {
    join_all(r);
    r.mode("ada", "+oo ben cyn");
    r.run(1_000);
    // Whoever speaks is known to be there.
    all_talk(r);
    r.run(60_000);
}

fn text(name: &str) -> String {
    format!("{name} says so")
}

fn all_talk(r: &mut Relay<'_>) {
    talk(r, &ROLES);
}

/// Each says something, and the others read it.
fn talk(r: &mut Relay<'_>, names: &[&str]) {
    r.mark();
    for name in names {
        r.say(name, &text(name));
        r.run(1_000);
    }
    // Somebody may have to be asked who wrote it.
    r.run(20_000);
    for name in names {
        for other in names.iter().filter(|other| *other != name) {
            r.reads(other, name, &text(name));
        }
    }
}
