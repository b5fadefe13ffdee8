//! Proofs, and what many records come to.

use keyrota::spec::label;
use serde_json::json;

use super::{announced, bad, by_ben, flip, given, good, resealed};
use crate::generate::cast::{CHANNEL, Member, ada, ben, cyn, first, genesis, refreshed, sealed};
use crate::generate::wire::{Descent, Record, Wire};
use crate::generate::{Cases, what};
use crate::hex::encode;

pub(super) fn proofs(cases: &mut Cases) {
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

pub(super) fn maxima(cases: &mut Cases) {
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
