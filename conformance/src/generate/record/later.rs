//! Records after the first: whose, under which list, and the step of a list.

use keyrota::spec::label;

use super::{announced, bad, by_ben, flip, given, good, resealed};
use crate::generate::cast::{self, ada, ben, cyn, first, genesis, key_id, refreshed, sealed, sign};
use crate::generate::wire::{Descent, Record};
use crate::generate::{Cases, what};

pub(super) fn later(cases: &mut Cases) {
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

pub(super) fn steps(cases: &mut Cases) {
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
