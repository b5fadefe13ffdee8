//! Records: which are valid, by which proof; which is the greater; what many come to.

use keyrota::spec::label;
use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::{
    self, CHANNEL, KEYS, Member, ada, ben, cyn, first, genesis, key_id, refreshed, sealed, sign,
};
use crate::generate::wire::{Descent, Record, Wire};
use crate::generate::{Cases, What, what};
use crate::hex::encode;

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
    super::twice::cases(&mut cases);
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

fn later(cases: &mut Cases) {
    let (p0, p1) = (announced(&ada(), &genesis()), announced(&ada(), &sealed()));
    let base = announced(&ada(), &refreshed());
    let wrapped_twice = Record {
        descent: Descent::Wrapped { root: first(key_id(&genesis())), step: 127 },
        ..refreshed()
    };
    let under =
        |root: [u8; 8]| Record { descent: Descent::Wrapped { root, step: 1 }, ..resealed(1, 0) };
    for (id, comment, proof, wire) in [
        (
            "later/wrapped",
            "The second record of chapter 3, under the list of the first.",
            vec![&p0],
            base.clone(),
        ),
        (
            "later/last-step",
            "A wrapped record of the greatest step.",
            vec![&p0],
            announced(&ada(), &wrapped_twice),
        ),
        (
            "later/same-list",
            "A sealed record under the list of the first.",
            vec![&p0],
            announced(&ada(), &Record { descent: Descent::Sealed, epoch: 1, ..refreshed() }),
        ),
        (
            "later/greatest-epoch",
            "One of the greatest epoch.",
            vec![&p0],
            announced(&ada(), &Record { descent: Descent::Sealed, epoch: 16_383, ..refreshed() }),
        ),
        (
            "later/epoch-0",
            "A sealed record of epoch 0 under the list of another: no step is needed.",
            vec![&p0, &p1],
            announced(&ben(), &resealed(1, 0)),
        ),
        (
            "later/by-second-seat",
            "Ben seals under the list that Ada has signed.",
            vec![&p0, &p1],
            announced(&ben(), &resealed(1, 1)),
        ),
        (
            "later/turn",
            "Another turn.",
            vec![&p0, &p1],
            announced(&ben(), &Record { turn: vec![1, 0], ..resealed(1, 1) }),
        ),
        (
            "later/unknown-root",
            "Its root is a record that nobody knows: only the list has a proof.",
            vec![&p0, &p1],
            announced(&ben(), &under([9; 8])),
        ),
        (
            "later/before-genesis",
            "It says that it is from before the first record: no clock counts.",
            vec![&p0],
            announced(&ada(), &Record { time: 0, ..refreshed() }),
        ),
    ] {
        good(cases, what(id, comment, &["8-10", "8-12"]), given(&proof, &wire));
    }
    let distributor =
        Record { list: vec![(ada().id, 7), (ben().id, 2)], turn: vec![0], ..sealed() };
    let step = announced(&ada(), &distributor);
    let own = Record { author: 1, epoch: 1, cause: 10, ..distributor };
    let comment =
        "A seat that may only hand out makes a record: whether it is its turn is another matter.";
    good(
        cases,
        what("later/by-distributor", comment, &["8-12"]),
        given(&[&p0, &step], &announced(&ben(), &own)),
    );

    let from = "later/wrapped";
    for (id, comment, wire) in [
        ("later/r", "Another bit of r.", flip(&base, "signature", 0)),
        ("later/s", "Another bit of s.", flip(&base, "signature", 63)),
        ("later/time", "Another time than was signed.", flip(&base, "time", 0)),
        ("later/cause", "Another cause than was signed.", flip(&base, "cause", 0)),
        ("later/lifetime", "Another lifetime than was signed.", flip(&base, "lifetime", 0)),
        ("later/commit", "Another commitment than was signed.", flip(&base, "commit", 15)),
        ("later/step", "Another step than was signed.", base.with("step", [2])),
        ("later/root", "Another root than was signed.", flip(&base, "root", 0)),
        (
            "later/other-key-named",
            "The announcement names another key.",
            base.with("author-key", ben().certificate_key),
        ),
        (
            "later/by-another",
            "Ben has signed, in the name of Ada's seat.",
            announced(&ben(), &refreshed()).with("author-key", ada().certificate_key),
        ),
        (
            "later/by-another-named",
            "Ben has signed, and is named.",
            announced(&ben(), &refreshed()),
        ),
    ] {
        let what = what(id, comment, &["8-10", "8-11"]).flags(&["forged"]);
        // Of the proof that is given Ada's key is known; what an announcement names besides is not asked.
        if id == "later/other-key-named" {
            good(cases, what, given(&[&p0], &wire));
        } else {
            bad(cases, what, from, "signature", given(&[&p0], &wire));
        }
    }
    for (id, comment, label) in [
        ("later/label", "Signed as if it was a certificate.", label::SIGN_CERTIFICATE),
        ("later/no-label", "Signed without the label.", b""),
    ] {
        let wire =
            base.with("signature", sign(&ada().private, &[label, &refreshed().wire().bytes()]));
        let what = what(id, comment, &["8-11", "1-8"]).flags(&["forged"]);
        bad(cases, what, from, "signature", given(&[&p0], &wire));
    }
    let elsewhere = Record { channel: [7; 16], ..refreshed() };
    let what_is =
        what("later/other-channel", "A record of another channel.", &["8-10"]).flags(&["forged"]);
    bad(cases, what_is, from, "channel", given(&[&p0], &announced(&ada(), &elsewhere)));
    let what_is = what(
        "later/name-digest",
        "The digest of the name, as in a first record.",
        &["7-5", "8-10"],
    );
    let digest = Record { channel: cast::name_digest(), ..refreshed() };
    bad(cases, what_is, from, "channel", given(&[&p0], &announced(&ada(), &digest)));
    let strange =
        Record { list: vec![(ada().id, 3), (ben().id, 3)], turn: vec![0, 1], ..refreshed() };
    let what_is = what("later/other-list", "A wrapped record changes the list.", &["8-1", "8-10"]);
    bad(
        cases,
        what_is.flags(&["forged"]),
        from,
        "proof",
        given(&[&p0], &announced(&ada(), &strange)),
    );
    let usurped = Record { list: vec![(ben().id, 3)], ..refreshed() };
    let what_is = what("later/usurped", "A list of Ben alone, by Ben.", &["8-2", "8-10"]);
    bad(
        cases,
        what_is.flags(&["forged"]),
        from,
        "proof",
        given(&[&p0], &announced(&ben(), &usurped)),
    );
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

fn steps(cases: &mut Cases) {
    let (p0, p1) = (announced(&ada(), &genesis()), announced(&ada(), &sealed()));
    let from = "step/seat";
    let barred = |id: [u8; 16]| (id, 0);
    let dan = [0xdd; 16];
    let what_is =
        what("step/first", "The third record of chapter 3: Ada seats Ben.", &["8-1", "8-3", "8-4"]);
    good(cases, what_is.flags(&["example"]), given(&[&p0], &p1));
    for (id, comment, change) in [
        ("seat", "Ben seats Cyn.", &(|_: &mut Record| {}) as &dyn Fn(&mut Record)),
        ("bar", "Ben bars Cyn.", &|record| {
            (record.list, record.turn) =
                (vec![(ada().id, 7), (ben().id, 7), barred(cyn().id)], vec![0, 1])
        }),
        ("nobody-behind", "Ben changes nothing but his own changes.", &|record| {
            (record.list, record.turn) = (vec![(ada().id, 7), (ben().id, 7)], vec![0, 1])
        }),
        ("leap", "His changes grow by more than one.", &|record| record.list[1].1 = 0xffff_ffff),
        ("behind-with-changes", "Who is seated has changes already.", &|record| {
            record.list[2].1 = 0x103
        }),
        ("many-behind", "Ben seats two, one to hand out only, and bars one.", &|record| {
            record.list.extend([(dan, 2), ([0xee; 16], 0)]);
        }),
        ("turn", "Ben changes the turn besides.", &|record| record.turn = vec![2, 1, 0]),
    ] {
        let id = format!("step/{id}");
        good(
            cases,
            what(&id, comment, &["8-3", "8-4"]),
            given(&[&p0, &p1], &announced(&ben(), &by_ben(change))),
        );
    }
    for (id, comment, spec, change) in [
        (
            "epoch",
            "A step of epoch 1.",
            "8-1",
            &(|record: &mut Record| record.epoch = 1) as &dyn Fn(&mut Record),
        ),
        ("wrapped", "A step of a wrapped record.", "8-1", &|record| {
            record.descent = Descent::Wrapped { root: [9; 8], step: 1 }
        }),
        ("same-changes", "His changes do not grow.", "8-3", &|record| record.list[1].1 = 3),
        ("own-rights", "Ben takes a right from himself.", "8-3", &|record| record.list[1].1 = 5),
        ("own-place", "Ben stands behind Cyn.", "8-3", &|record| record.list.swap(1, 2)),
        ("ahead-changes", "Ben raises the changes of Ada.", "8-2", &|record| record.list[0].1 = 11),
        ("ahead-less", "Ben lowers them.", "8-2", &|record| record.list[0].1 = 3),
        ("ahead-rights", "Ben takes a right from Ada.", "8-2", &|record| record.list[0].1 = 5),
        ("ahead-gone", "Ben puts himself in Ada's place.", "8-2", &|record| {
            (record.list, record.turn, record.author) =
                (vec![(ben().id, 7), (cyn().id, 3)], vec![0, 1], 0);
        }),
        ("ahead-other", "Ben puts another in Ada's place.", "8-2", &|record| {
            record.list[0].0 = dan
        }),
    ] {
        let id = format!("step/{id}");
        let what = what(&id, comment, std::slice::from_ref(&spec)).flags(&["forged"]);
        bad(cases, what, from, "proof", given(&[&p0, &p1], &announced(&ben(), &by_ben(change))));
    }
    let by_cyn = announced(
        &cyn(),
        &by_ben(&|record| {
            (record.author, record.list[1].1, record.list[2].1) = (2, 3, 7);
        }),
    );
    let what_is =
        what("step/no-seat-before", "Cyn, who has no seat yet, seats herself.", &["8-2", "8-3"]);
    bad(cases, what_is.flags(&["forged"]), from, "proof", given(&[&p0, &p1], &by_cyn));

    // An author without `update`.
    let list = vec![(ada().id, 7), (ben().id, 2)];
    let p1 = announced(&ada(), &Record { list, turn: vec![0], ..sealed() });
    let updates =
        announced(&ada(), &Record { list: vec![(ada().id, 7), (ben().id, 1)], ..sealed() });
    let change = |rights: u64| {
        by_ben(&|record| {
            record.list[1].1 = 4 | rights;
            record.turn = if rights & 1 == 1 { vec![0, 1, 2] } else { vec![0, 2] };
        })
    };
    let comment = "Ben has update alone, and seats Cyn.";
    good(
        cases,
        what("step/update-alone", comment, &["8-3"]),
        given(&[&p0, &updates], &announced(&ben(), &change(1))),
    );
    for (id, comment, spec, rights) in [
        ("step/distributor", "Ben may only hand out, and seats Cyn.", "8-3", 2),
        ("step/distributor-promoted", "Ben may only hand out, and gives himself update.", "8-3", 3),
    ] {
        let what = what(id, comment, std::slice::from_ref(&spec)).flags(&["forged"]);
        let wire = announced(&ben(), &change(rights));
        bad(cases, what, "step/distributor-sealed", "proof", given(&[&p0, &p1], &wire));
    }
    let same =
        Record { list: vec![(ada().id, 7), (ben().id, 2)], turn: vec![0], ..by_ben(&|_| {}) };
    let comment = "Ben may only hand out, and leaves the list as it is.";
    good(
        cases,
        what("step/distributor-sealed", comment, &["8-12"]),
        given(&[&p0, &p1], &announced(&ben(), &same)),
    );
}

fn proofs(cases: &mut Cases) {
    let (p0, p1) = (announced(&ada(), &genesis()), announced(&ada(), &sealed()));
    let p2 = announced(&ben(), &by_ben(&|_| {}));
    let record = announced(&cyn(), &by_ben(&|record| (record.author, record.epoch) = (2, 1)));
    let whole = given(&[&p0, &p1, &p2], &record);
    let spec: &[&str] = &["8-5", "8-6", "8-7", "8-8"];
    good(cases, what("proof/three", "The list is proven by three records.", spec), whole);
    let from = "proof/three";
    let bent = |wire: &Wire| flip(wire, "signature", 10);
    let late = announced(&ben(), &by_ben(&|record| record.epoch = 1));
    for (id, comment, layer, proof) in [
        ("proof/lacks-last", "The last record of the proof is missing.", "proof", vec![&p0, &p1]),
        ("proof/lacks-middle", "The one between is missing.", "proof", vec![&p0, &p2]),
        ("proof/lacks-genesis", "The first is missing.", "proof", vec![&p1, &p2]),
        (
            "proof/first-bent",
            "The signature of the first is not right.",
            "signature",
            vec![&bent(&p0), &p1, &p2],
        ),
        (
            "proof/middle-bent",
            "That of the second is not.",
            "signature",
            vec![&p0, &bent(&p1), &p2],
        ),
        ("proof/last-bent", "That of the last is not.", "signature", vec![&p0, &p1, &bent(&p2)]),
        (
            "proof/no-step",
            "The last is of epoch 1, and so makes no step.",
            "proof",
            vec![&p0, &p1, &late],
        ),
    ] {
        let what = what(id, comment, spec).flags(&["forged"]);
        bad(cases, what, from, layer, given(&proof, &record));
    }

    // What an author who changes the list leaves of the proof.
    let again = by_ben(&|record| {
        record.list = vec![(ada().id, 11), (ben().id, 7), (cyn().id, 3)];
        record.author = 0;
        record.time += 1;
    });
    let by_ada = announced(&ada(), &again);
    let comment = "Ada changes the list again: her new record alone proves it.";
    good(cases, what("proof/author-again", comment, &["8-7"]), given(&[&p0], &by_ada));
    let later = announced(&cyn(), &Record { author: 2, epoch: 1, ..again.clone() });
    good(
        cases,
        what("proof/two", "A record under that list.", spec),
        given(&[&p0, &by_ada], &later),
    );
    let third = Record {
        list: vec![(ada().id, 11), (ben().id, 7), (cyn().id, 7), ([0xdd; 16], 3)],
        turn: vec![0, 1, 2, 3],
        author: 2,
        ..again
    };
    let comment = "Cyn changes what stands behind her: the authors of a proof need only rise.";
    good(
        cases,
        what("proof/leaves-one-out", comment, &["8-7"]),
        given(&[&p0, &by_ada], &announced(&cyn(), &third)),
    );

    // The longest: every seat has changed something.
    let members: Vec<Member> = (1..=16).map(|n| Member::new("Eve", n, n)).collect();
    let founder = &members[0];
    let mut record = Record {
        list: vec![(founder.id, 3)],
        descent: Descent::Genesis { founder: founder.certificate_key.into(), signed: true },
        ..genesis()
    };
    let mut proof = vec![announced(founder, &record)];
    let channel = keyrota::crypto::hash(label::CHANNEL, &[&record.wire().bytes()]);
    record.channel = first(channel);
    record.descent = Descent::Sealed;
    for author in 0..16_usize {
        record.list[author].1 += 4;
        if let Some(next) = members.get(author + 1) {
            record.list.push((next.id, 3));
            record.turn.push(author as u8 + 1);
        }
        record.author = author as u8;
        record.time += 1;
        proof.push(announced(&members[author], &record));
    }
    let last = Record { epoch: 1, time: record.time + 1, ..record };
    let all: Vec<&Wire> = proof.iter().collect();
    let comment = "The longest proof there is: seventeen records.";
    let what_is = what("proof/seventeen", comment, &["8-7", "8-10"]).flags(&["bound"]);
    good(cases, what_is, given(&all, &announced(&members[15], &last)));
    let less: Vec<&Wire> =
        all.iter().enumerate().filter(|(at, _)| *at != 9).map(|(_, wire)| *wire).collect();
    let comment = "One of the seventeen is missing.";
    let what_is = what("proof/sixteen-of-seventeen", comment, &["8-6"]);
    bad(cases, what_is, "proof/seventeen", "proof", given(&less, &announced(&members[15], &last)));
}

/// Pairs of which the second is the greater, each by one of the rules; the others before it are equal.
fn order(cases: &mut Cases) {
    let base = || by_ben(&|_| {});
    let with = |change: &dyn Fn(&mut Record)| by_ben(change);
    let root = |record: &Record| -> [u8; 8] { first(key_id(record)) };
    let wrapped = |root: [u8; 8], step: u8| {
        by_ben(&|record| record.descent = Descent::Wrapped { root, step })
    };
    let (mut one, mut other) = (base(), with(&|record| record.time += 1));
    if key_id(&one) < key_id(&other) {
        std::mem::swap(&mut one, &mut other);
    }
    let own = root(&base());
    let (mut low, mut high) = (own, own);
    low[7] = low[7].wrapping_sub(1);
    high[7] = high[7].wrapping_add(1);
    let (mut late, mut later) = (wrapped([9; 8], 5), wrapped([9; 8], 5));
    later.time += 1;
    if key_id(&late) < key_id(&later) {
        std::mem::swap(&mut late, &mut later);
    }
    let pairs: Vec<(&str, &str, Record, Record)> = vec![
        (
            "changes-first",
            "The changes of entry 0 are greater, though those of entry 1 are less.",
            with(&|record| record.list[1].1 = 0x1003),
            with(&|record| record.list[0].1 = 11),
        ),
        (
            "changes-second",
            "The changes of entry 1 are greater.",
            base(),
            with(&|record| record.list[1].1 = 11),
        ),
        (
            "changes-third",
            "The changes of entry 2 are greater.",
            base(),
            with(&|record| record.list[2].1 = 7),
        ),
        (
            "changes-against-rights",
            "The changes are greater, though the list as bytes is less.",
            with(&|record| record.list[2].1 = 3),
            with(&|record| (record.list[2].1, record.turn) = (6, vec![0, 1])),
        ),
        (
            "longer",
            "One list ends first.",
            with(&|record| {
                record.list.truncate(2);
                record.turn = vec![0, 1];
            }),
            base(),
        ),
        (
            "longer-by-barred",
            "One list has a barred entry more, of changes 0.",
            base(),
            with(&|record| record.list.push(([0; 16], 0))),
        ),
        (
            "longer-against-bytes",
            "The longer list is greater, though its first member is less.",
            with(&|record| {
                record.list.truncate(2);
                record.turn = vec![0, 1];
                record.list[0].0 = [0xff; 16];
            }),
            with(&|record| record.list[0].0 = [0; 16]),
        ),
        (
            "list-bytes",
            "The changes are the same, and a member is greater.",
            with(&|record| record.list[2].0 = [0x7f; 16]),
            with(&|record| record.list[2].0 = [0x80; 16]),
        ),
        (
            "list-rights",
            "The changes are the same, and rights are more.",
            with(&|record| (record.list[2].1, record.turn) = (2, vec![0, 1])),
            base(),
        ),
        (
            "list-against-epoch",
            "The list is greater, though the epoch is less.",
            with(&|record| (record.list[2].0, record.epoch) = ([0x7f; 16], 9)),
            with(&|record| record.list[2].0 = [0x80; 16]),
        ),
        (
            "epoch",
            "The epoch is greater.",
            with(&|record| record.epoch = 5),
            with(&|record| record.epoch = 6),
        ),
        (
            "epoch-of-two-bytes",
            "128 is greater than 127, though its first byte is less.",
            with(&|record| record.epoch = 127),
            with(&|record| record.epoch = 256),
        ),
        (
            "sealed-against-wrapped",
            "A sealed record of the next epoch, against many steps.",
            wrapped([0; 8], 127),
            with(&|record| record.epoch = 1),
        ),
        (
            "root",
            "The root is lower, though the step is less.",
            wrapped([0x80; 8], 9),
            wrapped([0x7f; 8], 1),
        ),
        (
            "root-of-sealed",
            "A sealed record, against a wrapped one of a higher root: its own KeyId is the root.",
            wrapped(high, 9),
            base(),
        ),
        (
            "root-of-wrapped",
            "A wrapped record of a lower root, against a sealed one.",
            base(),
            wrapped(low, 1),
        ),
        ("step", "The step is greater.", wrapped([9; 8], 1), wrapped([9; 8], 2)),
        (
            "step-after-sealed",
            "A wrapped record, against the sealed one that it descends from.",
            base(),
            wrapped(own, 1),
        ),
        (
            "key-id-of-sealed",
            "All is the same but the time: the lower KeyId is greater.",
            one,
            other,
        ),
        ("key-id-of-wrapped", "Likewise of wrapped ones.", late, later),
    ];
    let given = |a: &Record, b: &Record| json!({"a": encode(a.wire().bytes()), "b": encode(b.wire().bytes())});
    for (id, comment, less, greater) in &pairs {
        for (way, a, b, says) in
            [("", greater, less, "greater"), ("/turned", less, greater, "less")]
        {
            let id = format!("order/{id}{way}");
            let what_is = what(&id, comment, &["8-14"]);
            let out = cases.valid(what_is, "record.compare", given(a, b));
            assert_eq!(out["a"], says, "{id}");
        }
    }
    for (id, comment, record) in [
        ("order/itself", "A record, and itself.", base()),
        ("order/itself-genesis", "A first record, and itself.", genesis()),
    ] {
        let out =
            cases.valid(what(id, comment, &["8-14"]), "record.compare", given(&record, &record));
        assert_eq!(out["a"], "equal");
    }
    let turned = with(&|record| record.turn = vec![2, 1, 0]);
    let comment =
        "Only the turn differs: that is compared by the root alone, which is of the whole record.";
    cases.valid(what("order/turn", comment, &["8-14"]), "record.compare", given(&base(), &turned));
}

fn maxima(cases: &mut Cases) {
    let p0 = announced(&ada(), &genesis());
    let k1 = announced(&ada(), &refreshed());
    let p1 = announced(&ada(), &sealed());
    let p2 = announced(&ben(), &by_ben(&|_| {}));
    let next = announced(&cyn(), &by_ben(&|record| (record.author, record.epoch) = (2, 1)));
    // Ada changes the list again, and has not heard of Ben's change.
    let senior = Record {
        list: vec![(ada().id, 11), (ben().id, 3), ([0xdd; 16], 2)],
        turn: vec![0, 1],
        time: sealed().time + 3,
        ..sealed()
    };
    let p3 = announced(&ada(), &senior);
    let forged =
        flip(&announced(&ben(), &by_ben(&|record| record.list[1].1 = 0x7003)), "signature", 9);
    let unproven = announced(&ben(), &by_ben(&|record| record.list[0].1 = 0x7003));
    let mut put = |id: &str, comment: &str, spec: &[&str], records: &[&Wire]| {
        let records: Vec<String> = records.iter().map(|wire| encode(wire.bytes())).collect();
        let out = cases.valid(
            what(id, comment, spec),
            "record.maximum",
            json!({"name": CHANNEL, "records": records}),
        );
        out["current"].clone()
    };
    let spec: &[&str] = &["8-14"];
    put("maximum/one", "One record.", spec, &[&p0]);
    put("maximum/two", "A first record, and a refresh.", spec, &[&p0, &k1]);
    let all = [&p0, &k1, &p1, &p2, &next, &p3];
    let straight =
        put("maximum/six", "Six records, in the order in which they were made.", spec, &all);
    let mut backwards = all;
    backwards.reverse();
    let mut turns = vec![put("maximum/six-backwards", "The other way round.", spec, &backwards)];
    for turn in 1..6 {
        let mut turned = all;
        turned.rotate_left(turn);
        let id = format!("maximum/six-from-{turn}");
        turns.push(put(&id, "The same in another order.", spec, &turned));
    }
    assert!(turns.iter().all(|current| *current == straight));
    let twice = [&p0, &p1, &p1, &p0, &k1, &k1];
    put("maximum/repeats", "Records that come again.", spec, &twice);
    put(
        "maximum/lacks-proof",
        "The greatest has no proof here: it waits, and is not current.",
        &["8-17", "8-14"],
        &[&p0, &k1, &p2],
    );
    put("maximum/proof-later", "Then its proof comes.", &["8-17", "8-16"], &[&p0, &k1, &p2, &p1]);
    put(
        "maximum/forged",
        "A greater record, whose signature is not right.",
        &["8-10"],
        &[&p0, &p1, &forged],
    );
    put(
        "maximum/no-step",
        "A greater record, whose list is no step from any.",
        &["8-10"],
        &[&p0, &p1, &unproven, &p2],
    );
    put(
        "maximum/senior-wins",
        "Of two list changes at once the more senior one wins, whoever comes last.",
        &["8-14"],
        &[&p0, &p1, &p3, &p2],
    );
    put(
        "maximum/removed-too-late",
        "Whom Ada has removed makes records that are below hers.",
        &["8-14"],
        &[&p0, &p1, &p3, &p2, &next],
    );
    // Two records that make the same list of the first one's, which differ in their time alone.
    let (early, late) = (sealed(), Record { time: sealed().time + 9, ..sealed() });
    let (early, late) = (announced(&ada(), &early), announced(&ada(), &late));
    let under = announced(&ben(), &resealed(1, 5));
    let spec = ["8-16", "8-23"];
    put(
        "maximum/two-proofs",
        "Two records prove one list: what is sealed under it is proven by the one that was current.",
        &spec,
        &[&p0, &early, &late, &under],
    );
    put(
        "maximum/two-proofs-turned",
        "Likewise, heard the other way round.",
        &spec,
        &[&p0, &late, &early, &under],
    );
    put(
        "maximum/two-proofs-later",
        "The second comes when the first has proven it.",
        &spec,
        &[&p0, &early, &under, &late],
    );
    let sides = [
        announced(&ada(), &resealed(0, 1)),
        announced(&ben(), &resealed(1, 1)),
        announced(&ben(), &resealed(1, 2)),
    ];
    put(
        "maximum/split",
        "Both sides of a split have sealed a key: the one with the greater epoch.",
        &["8-14"],
        &[&p0, &p1, &sides[0], &sides[1], &sides[2]],
    );
    put(
        "maximum/split-even",
        "Likewise with the same epoch: the lower root.",
        &["8-14"],
        &[&p0, &p1, &sides[0], &sides[1]],
    );
    put(
        "maximum/split-even-turned",
        "Whichever comes first.",
        &["8-14"],
        &[&p0, &p1, &sides[1], &sides[0]],
    );
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

fn of_two(cases: &mut Cases) {
    let (one, other) = (ada(), ben());
    let (low, high) = if one.id < other.id { (&one, &other) } else { (&other, &one) };
    let channel: [u8; 16] = first(keyrota::crypto::hash(label::DIRECT, &[&low.id, &high.id]));
    let base = || Record {
        channel,
        list: vec![(low.id, 3), (high.id, 3)],
        turn: vec![0, 1],
        descent: Descent::Sealed,
        commit: cast::commit(&KEYS[0], &channel),
        ..genesis()
    };
    let with = |change: &dyn Fn(&mut Record)| {
        let mut record = base();
        change(&mut record);
        record
    };
    let given = |wire: &Wire| json!({"members": [encode(low.id), encode(high.id)], "record": encode(wire.bytes())});
    for (id, comment, author, record) in [
        ("two/first", "The first record, by the lower.", low, base()),
        ("two/by-higher", "By the higher.", high, with(&|record| record.author = 1)),
        ("two/epoch", "A later epoch.", low, with(&|record| record.epoch = 16_383)),
        ("two/turn", "The other turn.", low, with(&|record| record.turn = vec![1, 0])),
        (
            "two/changes",
            "Both have changes: they grow where the epoch is at its end.",
            low,
            with(&|record| (record.list[0].1, record.list[1].1) = (7, 11)),
        ),
    ] {
        cases.valid(
            what(id, comment, &["16-6", "16-7"]),
            "record.of_two",
            given(&announced(author, &record)),
        );
    }
    let mut turned = given(&announced(low, &base()));
    turned["members"] = json!([encode(high.id), encode(low.id)]);
    cases.valid(
        what("two/members-turned", "Which of the two one is does not matter.", &["16-6", "16-4"]),
        "record.of_two",
        turned,
    );
    let from = "two/first";
    for (id, comment, layer, author, record) in [
        (
            "two/other-channel",
            "Another ChannelId.",
            "channel",
            low,
            with(&|record| record.channel[15] ^= 1),
        ),
        (
            "two/wrapped",
            "A wrapped record.",
            "channel",
            low,
            with(&|record| record.descent = Descent::Wrapped { root: [9; 8], step: 1 }),
        ),
        (
            "two/list-turned",
            "The higher stands first.",
            "channel",
            high,
            with(&|record| record.list.swap(0, 1)),
        ),
        (
            "two/rights",
            "The second has not both rights.",
            "channel",
            low,
            with(&|record| record.list[1].1 = 1),
        ),
        (
            "two/third",
            "A third seat.",
            "channel",
            low,
            with(&|record| {
                record.list.push((cyn().id, 3));
                record.turn = vec![0, 1, 2];
            }),
        ),
        (
            "two/barred",
            "A barred entry.",
            "channel",
            low,
            with(&|record| record.list.push((cyn().id, 0))),
        ),
        (
            "two/alone",
            "One seat.",
            "channel",
            low,
            with(&|record| {
                record.list.pop();
                record.turn = vec![0];
            }),
        ),
        (
            "two/other-member",
            "Another second member.",
            "channel",
            low,
            with(&|record| record.list[1].0 = cyn().id),
        ),
        ("two/by-other", "Signed by the other than the author.", "signature", high, base()),
        ("two/by-stranger", "Signed by a third.", "signature", &cyn(), base()),
    ] {
        let what = what(id, comment, &["16-6", "16-8"]).flags(&["forged"]);
        cases.invalid(what, from, layer, "record.of_two", given(&announced(author, &record)));
    }
    let bent = flip(&announced(low, &base()), "signature", 0);
    cases.invalid(
        what("two/bent", "Another bit of the signature.", &["16-6"]).flags(&["forged"]),
        from,
        "signature",
        "record.of_two",
        given(&bent),
    );
}
