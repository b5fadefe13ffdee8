//! Whose certificates are accepted, and on whose word (chapter 6).

use keyrota::spec::{Body, Certificate, Name};
use keyrota::{Authority, Identity};

use super::Play;
use crate::hex::{Fixed, encode};
use crate::input::{Command, SelfSigned, Settings};
use crate::relay::{CHANNEL, START, YEAR, identity, secret};

pub(super) const PLAYS: &[Play] = &[
    (
        "trust/authority",
        "Whom an authority vouches for is accepted once the user has chosen the authority; when it \
         is removed its members are excluded.",
        &["6-8", "6-9", "6-18", "6-20", "6-22", "9-18"],
        |s| {
            s.joined(&["ada"]);
            s.begin_as("ben", issued(2, "Ben", START - 60, YEAR), 0, Settings::by_hand());
            s.join("ben");
            s.run(5_000);
            s.tells("ben", "refused", "reason", "certificate");
            s.command("ada", &Command::AddAuthority { key: authority() });
            s.command("ben", &Command::Ask { channel: CHANNEL.into() });
            s.run(30_000);
            s.tells("ada", "seen", "vouched", "authority");
            s.tells("ben", "keyed", "", "");
            s.run(60_000);
            s.command("ada", &Command::RemoveAuthority { key: authority() });
            s.run(10_000);
            s.current("ada", "ada", "exclusion");
        },
    ),
    (
        "trust/server",
        "Whom the operator of the server vouches for is accepted and told as such, but not under a \
         name that is pinned to another.",
        &["6-10", "6-16", "6-7"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.command("ada", &Command::AddServer { key: authority() });
            s.begin_as("cyn", issued(3, "Cyn", START - 60, YEAR), 0, Settings::by_hand());
            s.join("cyn");
            s.run(5_000);
            s.tells("ada", "seen", "vouched", "server");
            s.begin_as("eve", issued(4, "Ben", START - 60, YEAR), 0, Settings::by_hand());
            s.join("eve");
            s.run(5_000);
            s.tells("eve", "refused", "reason", "certificate");
        },
    ),
    (
        "trust/vouched-by-a-user",
        "Whom the user itself vouches for is accepted by it, though self-signed ones are refused.",
        &["6-3", "6-9", "6-18"],
        |s| {
            s.joined(&["ada"]);
            s.command("ada", &Command::SelfSigned { what: SelfSigned::Refuse });
            let who = certified(2, identity(1, "Ada").vouch(body(2, "Ben", START - 60, YEAR)));
            s.begin_as("ben", who, 0, Settings::by_hand());
            s.join("ben");
            s.run(5_000);
            s.tells("ada", "seen", "vouched", "user");
        },
    ),
    (
        "trust/time",
        "A certificate counts from 10 minutes before its time to 10 minutes after it; whoever speaks when it \
         has come to count is judged anew.",
        &["6-7", "6-11", "6-28"],
        |s| {
            s.joined(&["ada"]);
            s.command("ada", &Command::AddAuthority { key: authority() });
            s.begin_as("ben", issued(2, "Ben", START + 900, YEAR), 0, Settings::by_hand());
            s.begin_as("cyn", issued(3, "Cyn", START - 100, 100), 0, Settings::by_hand());
            s.join("ben");
            s.join("cyn");
            s.run(5_000);
            s.tells("ben", "refused", "reason", "certificate");
            s.tells("cyn", "keyed", "", "");
            s.run(300_000);
            s.command("ben", &Command::Ask { channel: CHANNEL.into() });
            s.run(5_000);
            s.tells("ben", "keyed", "", "");
            s.run(600_000);
            s.part("cyn");
            s.join("cyn");
            s.run(5_000);
            s.tells("cyn", "refused", "reason", "certificate");
        },
    ),
    (
        "trust/name-taken",
        "A name belongs to who had it first; the user can give it to another.",
        &["6-10", "6-12"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.begin_as("eve", identity(5, "Ben"), 0, Settings::by_hand());
            s.join("eve");
            s.run(5_000);
            s.tells("eve", "refused", "reason", "certificate");
            let member = Fixed(s.user("eve").id.0);
            s.command("ada", &Command::Pin { name: "Ben".into(), member });
            s.command("ada", &Command::Pin { name: "no\nname".into(), member });
            s.command("eve", &Command::Ask { channel: CHANNEL.into() });
            s.run(10_000);
            s.tells("eve", "keyed", "", "");
        },
    ),
    (
        "trust/new-key-of-a-name",
        "Under Ask, whoever has another key for a known name is asked about, with whom it belonged \
         to; a member that is pinned is not.",
        &["6-19", "6-23", "6-25", "6-26"],
        |s| {
            s.joined(&["ada", "ben"]);
            s.command("ada", &Command::SelfSigned { what: SelfSigned::Ask });
            s.lose("ben");
            s.run(2_000);
            s.join("ben");
            s.run(5_000);
            let ben = encode(s.user("ben").id.0);
            assert_eq!(s.told("ada", "question"), None);
            s.begin_as("eve", identity(5, "Ben"), 0, Settings::by_hand());
            s.join("eve");
            s.run(5_000);
            s.tells("ada", "question", "pinned", &ben);
            let member = Fixed(s.user("eve").id.0);
            s.command("ada", &Command::Answer { member, accept: true });
            s.run(10_000);
            s.tells("eve", "keyed", "", "");
        },
    ),
    (
        "trust/texts-of-the-undecided",
        "Texts of whom the user has not decided about wait for its consent.",
        &["11-27", "6-26", "11-16"],
        |s| {
            s.cast(&["ada", "ben", "cyn"], &Settings::by_hand());
            s.join("ada");
            s.run(3_000);
            s.join("ben");
            s.run(3_000);
            s.command("ben", &Command::SelfSigned { what: SelfSigned::Ask });
            s.join("cyn");
            s.run(3_000);
            s.say("cyn", "do you know me?");
            s.hides("ben", "do you know me?");
            let member = Fixed(s.user("cyn").id.0);
            s.command("ben", &Command::Answer { member, accept: true });
            s.run(1_000);
            s.shows("ben", "do you know me?");
        },
    ),
];

fn voice() -> Authority {
    Authority::new(&[0xaa; 32]).expect("an authority")
}

/// The key of the authority.
fn authority() -> Fixed<33> {
    Fixed(voice().public().0)
}

fn body(number: u8, name: &str, not_before: u64, lifetime: u32) -> Body {
    let key = identity(number, name).certificate().body.key;
    Body { name: Name::new(name).expect("a name"), key, not_before, lifetime }
}

fn certified(number: u8, certificate: Certificate) -> Identity {
    Identity::certified(&secret(number), certificate).expect("an identity")
}

/// The user of this number, with a certificate that the authority has issued.
fn issued(number: u8, name: &str, not_before: u64, lifetime: u32) -> Identity {
    certified(number, voice().issue(body(number, name, not_before, lifetime)))
}
