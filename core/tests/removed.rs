//! A seat that was taken away: nothing that its owner signs, however high it counts, is above the
//! record that took it (R-ROS-6; spec chapter 8, "What this gives").

use crate::rig;

use keyrota::spec::limits::{CHANGES_MAX, EPOCH_MAX, STEP_MAX};
use keyrota::spec::{Descent, Entry, List, Record, Rights};
use keyrota::{Command, GrantRule};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];

/// What hanako, in seat 1 of the list of `old`, can still sign with it.
fn forged(world: &World, old: &Record) -> Vec<Record> {
    let next = world.next_sealed("hanako", old, 9);
    let root = world.user("taro").current().expect("a key").root();
    let wrapped = Descent::Wrapped { root, step: STEP_MAX };
    // A change of the list as senior as she can make it: her own count at its end, jiro gone.
    let mut entries: Vec<Entry> = old.list.entries()[..2].to_vec();
    entries[1].changes = CHANGES_MAX;
    let list = List::new(entries).expect("a list");
    vec![
        Record { epoch: EPOCH_MAX, ..next.clone() },
        Record { epoch: EPOCH_MAX, descent: wrapped, ..next.clone() },
        Record { epoch: 0, turn: vec![0, 1], list, ..next },
    ]
}

/// What she can sign with a list of her own making, above that which took her seat.
fn made_up(world: &World, old: &Record, now: &Record) -> Record {
    let mut entries = now.list.entries().to_vec();
    entries.insert(1, Entry::new(world.user("hanako").id(), Rights::BOTH));
    entries[0].changes += 1;
    let list = List::new(entries).expect("a list");
    let turn = list.updaters().collect();
    Record { epoch: 0, turn, list, ..world.next_sealed("hanako", old, 9) }
}

#[test]
fn what_a_removed_seat_signs_is_below_its_removal() {
    let mut world = World::seated_with(&TRIO, |_, config| config.channel.rule = GrantRule::ByHand);
    let old = world.user("taro").view().record().expect("a record").clone();
    let before = world.agreed();
    // Those that are wrapped name the root of before, then that of now.
    let earlier = forged(&world, &old);
    let command = Command::Mode { channel: CHANNEL, modes: "-o hanako" };
    world.command("taro", command).expect("taken");
    world.run(60_000);
    let removal = world.agreed();
    assert_ne!(removal, before);
    let now = world.user("taro").view().record().expect("a record").clone();
    for record in
        forged(&world, &old).into_iter().chain(earlier).chain([made_up(&world, &old, &now)])
    {
        let signed = world.signed("hanako", record);
        world.inject_record("hanako", "hanako", &signed);
        world.run(10_000);
        assert_eq!(world.agreed(), removal, "{:?}", signed.record);
    }
}

/// Else the test above would say nothing.
#[test]
fn the_same_counts_while_the_seat_is_there() {
    for at in [0, 2] {
        let mut world =
            World::seated_with(&TRIO, |_, config| config.channel.rule = GrantRule::ByHand);
        let old = world.user("taro").view().record().expect("a record").clone();
        let before = world.agreed();
        let record = forged(&world, &old).swap_remove(at);
        let signed = world.signed("hanako", record);
        world.inject_record("hanako", "hanako", &signed);
        for nick in ["taro", "jiro"] {
            let view = world.user(nick).view();
            assert_eq!(view.record(), Some(&signed.record), "{nick}");
            assert_ne!(view.current(), Some(before), "{nick}");
        }
    }
}
