//! Records: which are valid, by which proof; which is the greater; what many come to.

mod later;
mod order;
mod proofs;
mod twice;
mod two;

use keyrota::spec::label;
use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::{
    self, CHANNEL, Member, ada, ben, cyn, first, genesis, refreshed, sealed, sign,
};
use crate::generate::wire::{Descent, Record, Wire};
use crate::generate::{Cases, What, what};
use crate::hex::encode;
use later::{later, steps};
use order::order;
use proofs::{maxima, proofs};
use two::of_two;

const ABOUT: &str = "Records, chapters 8 and 16. record.valid judges a record, by the records of a \
    proof of its list (none for a genesis record); each stands in the frame of an announcement, which \
    names its author's certificate key, and `name` is the folded name of the channel. record.maximum \
    gives the current record of who hears all these, in this order, what the proof of its list is, and \
    which are valid, in order of KeyId; what lacks a proof waits. record.life gives for how many \
    milliseconds a key may seal that comes at this wall time. record.of_two is of a conversation.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("record", ABOUT);
    geneses(&mut cases);
    later(&mut cases);
    steps(&mut cases);
    proofs(&mut cases);
    order(&mut cases);
    maxima(&mut cases);
    lives(&mut cases);
    twice::cases(&mut cases);
    of_two(&mut cases);
    cases.file()
}

/// The announcement of a record that a member has signed.
pub(super) fn announced(author: &Member, record: &Record) -> Wire {
    let parts: [&[u8]; 2] = [label::SIGN_RECORD, &record.wire().bytes()];
    let signature = sign(&author.private, &parts);
    Wire::new()
        .raw("kind", [0x17])
        .join(record.wire())
        .raw("signature", signature)
        .raw("author-key", author.certificate_key)
}

fn given(proof: &[&Wire], record: &Wire) -> Value {
    let proof: Vec<String> = proof.iter().map(|wire| encode(wire.bytes())).collect();
    json!({"name": CHANNEL, "proof": proof, "record": encode(record.bytes())})
}

fn good(cases: &mut Cases, what: What<'_>, given: Value) {
    cases.valid(what, "record.valid", given);
}

fn bad(cases: &mut Cases, what: What<'_>, from: &str, layer: &str, given: Value) {
    cases.invalid(what, from, layer, "record.valid", given);
}

fn flip(wire: &Wire, name: &str, at: usize) -> Wire {
    let field = wire.0.iter().find(|field| field.name == name).expect("a field");
    let mut bytes = field.bytes.clone();
    bytes[at] ^= 1;
    wire.with(name, bytes)
}

fn geneses(cases: &mut Cases) {
    let base = announced(&ada(), &genesis());
    let what_is = what("genesis/valid", "The first record of chapter 3.", &["8-9", "7-5"]);
    good(cases, what_is.flags(&["example"]), given(&[], &base));
    let two = Record { list: vec![(ada().id, 3), (ben().id, 3)], turn: vec![0, 1], ..genesis() };
    let comment = "A first record may seat others.";
    good(cases, what("genesis/two-seats", comment, &["8-9"]), given(&[], &announced(&ada(), &two)));
    let from = "genesis/valid";
    let mut other_name = given(&[], &base);
    other_name["name"] = "#orchard".into();
    let comment = "It is heard in a channel of another name.";
    bad(
        cases,
        what("genesis/other-name", comment, &["8-9"]).flags(&["forged"]),
        from,
        "channel",
        other_name,
    );
    let founder =
        |member: &Member| Descent::Genesis { founder: member.certificate_key.into(), signed: true };
    for (id, comment, wire) in [
        (
            "genesis/other-founder",
            "The founder is Ben, entry 0 is Ada; Ben has signed.",
            announced(&ben(), &Record { descent: founder(&ben()), ..genesis() }),
        ),
        (
            "genesis/other-entry",
            "Entry 0 is Ben, the founder is Ada, who has signed.",
            announced(&ada(), &Record { list: vec![(ben().id, 3)], ..genesis() }),
        ),
        (
            "genesis/by-another",
            "Ben has signed.",
            Wire(announced(&ben(), &genesis()).0).with("author-key", ada().certificate_key),
        ),
        ("genesis/r", "Another bit of the signature.", flip(&base, "signature", 0)),
        ("genesis/time", "Another time than was signed.", flip(&base, "time", 0)),
        ("genesis/commit", "Another commitment than was signed.", flip(&base, "commit", 0)),
        (
            "genesis/unsigned-texts",
            "Another word on whether texts are signed.",
            flip(&base, "signed", 0),
        ),
        ("genesis/no-key", "A founder that is no key.", base.with("founder", [5; 33])),
    ] {
        let what = what(id, comment, &["8-9", "8-11"]).flags(&["forged"]);
        bad(cases, what, from, "signature", given(&[], &wire));
    }
    let comment = "The signature with n - s.";
    let other = cast::negated(&first(&base.0[base.0.len() - 2].bytes));
    good(
        cases,
        what("genesis/other-s", comment, &["1-3", "1-4"]),
        given(&[], &base.with("signature", other)),
    );
    let comment =
        "An announcement that names another key: of a genesis record its founder's counts.";
    let wire = base.with("author-key", ben().certificate_key);
    good(cases, what("genesis/other-key-named", comment, &["8-9", "8-24"]), given(&[], &wire));
}

/// Sealed anew under the list of the third record.
fn resealed(author: u8, epoch: u64) -> Record {
    Record { author, epoch, cause: 10, time: sealed().time + 1, ..sealed() }
}

/// Ada, Ben and Cyn have seats; behind Ben stands what Ben has made of it.
fn by_ben(change: &dyn Fn(&mut Record)) -> Record {
    let mut record = Record {
        list: vec![(ada().id, 7), (ben().id, 7), (cyn().id, 3)],
        turn: vec![0, 1, 2],
        author: 1,
        time: sealed().time + 2,
        ..sealed()
    };
    change(&mut record);
    record
}

fn lives(cases: &mut Cases) {
    let record = refreshed();
    let made = record.time * 60;
    let (life, skew) = (record.lifetime * 60, 600);
    let given =
        |record: &Record, time: u64| json!({"record": encode(record.wire().bytes()), "time": time});
    for (id, comment, time) in [
        ("life/made", "When it is made it has all of its lifetime.", made),
        ("life/before", "So it has where the clock is behind.", made - 3_600),
        ("life/skew", "And up to ten minutes after.", made + skew),
        ("life/a-second-less", "A second later it has a second less.", made + skew + 1),
        ("life/last-second", "A second before its end.", made + life + skew - 1),
        ("life/over", "At its end.", made + life + skew),
        ("life/long-over", "Long after.", made + life * 100),
        ("life/epoch", "At the beginning of time.", 0),
    ] {
        cases.valid(
            what(id, comment, &["8-21"]).flags(&["bound"]),
            "record.life",
            given(&record, time),
        );
    }
    let longest = Record { lifetime: 43_200, time: u64::from(u32::MAX), ..refreshed() };
    let comment = "The longest lifetime, from the last minute.";
    cases.valid(
        what("life/longest", comment, &["8-21"]).flags(&["bound"]),
        "record.life",
        given(&longest, made),
    );
    let shortest = Record { lifetime: 1, ..refreshed() };
    let comment = "A lifetime of a minute, eleven minutes later: nothing is left.";
    cases.valid(
        what("life/shortest", comment, &["8-21"]).flags(&["bound"]),
        "record.life",
        given(&shortest, made + 660),
    );
}
