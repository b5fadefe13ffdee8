//! A member that signs twice is told with what proves it, and nothing else is taken for a proof.

use crate::rig;

use keyrota::spec::limits::EVIDENCE_MAX;
use keyrota::spec::{
    Cause, ChannelId, Descent, Evidence, List, Malformed, Record, Root, SignedRecord,
};
use keyrota::{Command, Notice, signed_twice};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];

/// The order of the curve's group.
const N: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/// The other signature that verifies where this one does.
fn malleated(signed: &SignedRecord) -> SignedRecord {
    let mut signed = signed.clone();
    let n: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&N[2 * at..2 * at + 2], 16).expect("a byte")).collect();
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(n[at]) - i16::from(signed.signature.0[32 + at]) - borrow;
        borrow = i16::from(difference < 0);
        signed.signature.0[32 + at] = difference.rem_euclid(256) as u8;
    }
    signed
}

fn told(world: &World, nick: &str) -> Vec<Evidence> {
    let evidence = |notice: &Notice| match notice {
        Notice::SignedTwice(evidence) => Some((**evidence).clone()),
        _ => None,
    };
    world.user(nick).notices.iter().filter_map(evidence).collect()
}

/// Two sealed records that jiro signed in one place.
fn pair(world: &World) -> [SignedRecord; 2] {
    let record = world.user("taro").view().record().expect("a record").clone();
    [7, 8].map(|key| world.signed("jiro", world.next_sealed("jiro", &record, key)))
}

#[test]
fn two_records_in_one_place_are_told_once_with_what_proves_it_anywhere() {
    let mut world = World::seated(&TRIO);
    let list = world.user("taro").view().list().expect("a list").clone();
    let [one, other] = pair(&world);
    for record in [&one, &other, &one, &other] {
        world.inject_record("jiro", "jiro", record);
    }
    let jiro = world.user("jiro").id();
    for nick in ["taro", "hanako"] {
        let told = told(&world, nick);
        assert_eq!(told.len(), 1, "{nick}");
        // Whoever has the bytes can tell, and nobody else was asked.
        let bytes = told[0].to_bytes();
        assert!(bytes.len() <= EVIDENCE_MAX);
        let read = Evidence::from_bytes(&bytes).expect("evidence");
        assert_eq!(read, told[0]);
        assert_eq!(signed_twice(&read), Some(jiro));
    }
    // Others in the next place are the same news.
    let record = world.user("taro").view().record().expect("a record").clone();
    for key in [1, 2] {
        let next = world.signed("jiro", world.next_sealed("jiro", &record, key));
        world.inject_record("jiro", "jiro", &next);
    }
    assert_eq!(told(&world, "taro").len(), 1);
    // Nothing is judged by it: jiro has its seat, and the channel goes on.
    assert_eq!(world.user("taro").view().list(), Some(&list));
    world.run(120_000);
    world.agreed();
}

#[test]
fn wrapped_records_are_told_if_their_root_is_the_same() {
    for (same, count) in [(true, 1), (false, 0)] {
        let mut world = World::seated(&TRIO);
        let current = world.user("taro").view().record().expect("a record").clone();
        let root = world.user("taro").current().expect("a key").root();
        for (key, root) in [(3, root), (4, if same { root } else { Root([9; 8]) })] {
            let descent = Descent::Wrapped { root, step: 1 };
            let sealed = world.next_sealed("jiro", &current, key);
            let record = Record { epoch: current.epoch, descent, ..sealed };
            let record = world.signed("jiro", record);
            world.inject_record("jiro", "jiro", &record);
        }
        assert_eq!(told(&world, "hanako").len(), count);
    }
}

#[test]
fn the_copy_of_a_terminal_is_found_by_its_owner_too() {
    let mut world = World::seated(&TRIO);
    let record = world.user("jiro").view().record().expect("a record").clone();
    world.part("taro");
    world.part("hanako");
    world.run(5_000);
    let epoch = world.user("jiro").view().record().expect("a record").epoch;
    assert_eq!(epoch, record.epoch + 1, "jiro has made a key");
    let copy = world.signed("jiro", world.next_sealed("jiro", &record, 9));
    world.inject_record("momo", "jiro", &copy);
    let told = told(&world, "jiro");
    assert_eq!(told.len(), 1);
    assert_eq!(signed_twice(&told[0]), Some(world.user("jiro").id()));
}

#[test]
fn honest_terminals_that_renew_at_once_have_not_signed_twice() {
    let mut world = World::seated(&TRIO);
    for round in 0_u64..3 {
        for nick in TRIO {
            let others: Vec<&str> = TRIO.into_iter().filter(|other| *other != nick).collect();
            world.split(&[&[nick], &others]);
            world.run(70_000 + round);
            let _ = world.command(nick, Command::Refresh { channel: CHANNEL });
            let _ = world.command(others[0], Command::Refresh { channel: CHANNEL });
            world.run(5_000);
            world.heal();
            world.run(60_000);
        }
    }
    for nick in TRIO {
        assert_eq!(told(&world, nick), []);
    }
}

#[test]
fn what_proves_nothing_is_no_evidence() {
    let world = World::seated(&TRIO);
    let [one, other] = pair(&world);
    let key = world.point("jiro");
    let new =
        |one: &SignedRecord, other: &SignedRecord| Evidence::new(key, one.clone(), other.clone());
    assert!(new(&one, &other).is_some());
    // The same record, whoever wrote it down twice, and with the other signature that it has.
    assert_eq!(new(&one, &one), None);
    let twin = malleated(&one);
    assert_ne!(twin, one);
    assert_eq!(new(&one, &twin), None);
    // Other places than one.
    let changed = |change: &dyn Fn(&mut Record)| {
        let mut record = other.record.clone();
        change(&mut record);
        new(&one, &world.signed("jiro", record))
    };
    let entries = one.record.list.entries();
    let mut fewer = entries.to_vec();
    fewer[2].changes = 1;
    let fewer = List::new(fewer).expect("a list");
    assert_eq!(changed(&|record| record.channel = ChannelId([1; 16])), None);
    assert_eq!(changed(&|record| record.list = fewer.clone()), None);
    assert_eq!(changed(&|record| record.epoch += 1), None);
    assert_eq!(changed(&|record| record.author = 1), None);
    let wrapped = |root, step| Descent::Wrapped { root: Root([root; 8]), step };
    assert_eq!(changed(&|record| record.descent = wrapped(1, 1)), None);
    // A genesis record has nothing before it.
    let genesis = |cause| {
        let mut record = one.record.clone();
        let entries = record.list.entries().iter();
        let fresh = entries.map(|entry| keyrota::spec::Entry { changes: 0, ..*entry }).collect();
        record.list = List::new(fresh).expect("a list");
        record.descent = Descent::Genesis { founder: world.point("taro"), signed: true };
        (record.author, record.epoch, record.cause) = (0, 0, cause);
        world.signed("taro", record)
    };
    assert_eq!(new(&genesis(Cause::Founding), &genesis(Cause::Wish)), None);
    // What is not well-formed.
    let turned = |signed: &SignedRecord| {
        let mut record = signed.record.clone();
        record.turn.clear();
        world.signed("jiro", record)
    };
    assert_eq!(new(&turned(&one), &turned(&other)), None);
}

#[test]
fn evidence_counts_for_its_author_alone_and_only_if_it_signed_both() {
    let world = World::seated(&TRIO);
    let [one, other] = pair(&world);
    let [jiro, hanako] = ["jiro", "hanako"].map(|nick| world.point(nick));
    let judge = |key, one: &SignedRecord, other: &SignedRecord| {
        signed_twice(&Evidence::new(key, one.clone(), other.clone()).expect("a pair"))
    };
    assert_eq!(judge(jiro, &one, &other), Some(world.user("jiro").id()));
    // Either signature verifies, whoever made it.
    assert_eq!(judge(jiro, &malleated(&one), &other), Some(world.user("jiro").id()));
    assert_eq!(judge(hanako, &one, &other), None);
    // hanako signed both, in jiro's name.
    let forged = [&one, &other].map(|signed| world.signed("hanako", signed.record.clone()));
    assert_eq!(judge(hanako, &forged[0], &forged[1]), None);
    assert_eq!(judge(jiro, &forged[0], &forged[1]), None);
    for at in 0..2 {
        let mut spoiled = [one.clone(), other.clone()];
        spoiled[at].signature.0[5] ^= 1;
        assert_eq!(judge(jiro, &spoiled[0], &spoiled[1]), None);
        let mut mixed = [one.clone(), other.clone()];
        mixed[at] = forged[at].clone();
        assert_eq!(judge(jiro, &mixed[0], &mixed[1]), None);
    }
    let mut none = jiro;
    none.0[0] = 5;
    assert_eq!(judge(none, &one, &other), None);
}

#[test]
fn evidence_has_one_encoding() {
    let world = World::seated(&TRIO);
    let [one, other] = pair(&world);
    let key = world.point("jiro");
    let evidence = Evidence::new(key, one.clone(), other.clone()).expect("a pair");
    // Whichever was heard first.
    assert_eq!(Evidence::new(key, other, one), Some(evidence.clone()));
    let bytes = evidence.to_bytes();
    assert_eq!(Evidence::from_bytes(&bytes), Ok(evidence.clone()));
    for end in 0..bytes.len() {
        assert!(Evidence::from_bytes(&bytes[..end]).is_err(), "{end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Evidence::from_bytes(&longer), Err(Malformed::Trailing));
    let long = vec![0; EVIDENCE_MAX + 1];
    assert_eq!(Evidence::from_bytes(&long), Err(Malformed::TooLong));
    // In the other order it is not what anybody writes.
    let half = (bytes.len() - 33) / 2;
    let swapped = [&bytes[..33], &bytes[33 + half..], &bytes[33..33 + half]].concat();
    assert_eq!(Evidence::from_bytes(&swapped), Err(Malformed::NotCanonical));
    let twice = [&bytes[..33], &bytes[33..33 + half], &bytes[33..33 + half]].concat();
    assert_eq!(Evidence::from_bytes(&twice), Err(Malformed::Content));
    // No byte of it is idle.
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let read = Evidence::from_bytes(&changed).ok();
        assert!(read.is_none_or(|read| signed_twice(&read).is_none()), "byte {at}");
    }
}
