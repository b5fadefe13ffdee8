//! What is wiped is gone from memory (R-KEY-3, R-UPD-8; spec 1-16, 1-17, 2-3, 7-12, 7-20, 9-37): two
//! terminals live in a process of their own, and this one reads its memory.
//!
//! All that the process can write to counts, but for its stack: what a compiler and libraries leave there while
//! they calculate, and what is written over soon, is not this project's to rule. It is printed.

#![cfg(target_os = "linux")]

mod memory;
mod play;

use keyrota::crypto::hash;
use memory::{Child, Place};
use play::{Play, REFUSED, STAGES, Seeds};

fn seeds() -> Seeds {
    let mut seeds = Seeds::default();
    for (seed, nick) in seeds.iter_mut().zip([b"taro".as_slice(), b"hanako"]) {
        *seed = hash(b"seed", &[nick]);
    }
    seeds
}

/// The process that is read: plays, and stops at each stage until it is told to go on.
#[test]
fn child() {
    if !memory::is_child() {
        return;
    }
    let play = {
        let seeds = memory::read_seeds();
        Play::new(&seeds)
    };
    play.run(|_, stage| {
        if !stage.is_empty() {
            memory::stop(stage);
        }
    });
    memory::stop(STAGES[STAGES.len() - 1]);
}

/// Likewise, for seeds of which nothing comes.
#[test]
fn refusing_child() {
    if !memory::is_child() {
        return;
    }
    play::refuse(&memory::read_seeds(), memory::stop);
}

#[test]
fn a_seed_that_was_refused_is_wiped_too() {
    let mut child = Child::begin("refusing_child", &seeds());
    for (stage, seed) in REFUSED.iter().zip(seeds().iter()) {
        child.reach(stage);
        // Here the stack counts: nothing was calculated.
        assert!(!child.find(seed).contains(&Place::Stack), "{stage}");
        child.go_on();
    }
}

#[test]
fn nothing_that_was_wiped_is_in_memory() {
    let (keys, held) = play::keys(&seeds());
    assert!(keys.len() > 30, "channel keys and member keys: {}", keys.len());
    let drawn = seeds().map(|seed| play::drawn(&seed));
    let mut before = [[0; 7]; 2];
    let mut restored = false;
    let mut child = Child::begin("child", &seeds());
    for (stage, held) in STAGES.iter().zip(held) {
        child.reach(stage);
        restored |= *stage == "restored";
        for (name, key) in &keys {
            // That those in use are found shows that they would be.
            let found = child.find(key).contains(&Place::Elsewhere);
            assert_eq!(found, held.contains(name), "{stage}: {name}");
        }
        for ((chains, gone), before) in drawn.iter().zip(&mut before) {
            for (name, secret) in gone {
                assert!(!child.find(secret).contains(&Place::Elsewhere), "{stage}: {name}");
            }
            for (name, (chain, before)) in chains.iter().zip(before).enumerate() {
                let places = chain.iter().map(|value| child.find(value));
                let there = places.enumerate().filter(|(_, all)| all.contains(&Place::Elsewhere));
                let there: Vec<usize> = there.map(|(number, _)| number).collect();
                if restored {
                    assert_eq!(there, [], "{stage}: chain {name}");
                    continue;
                }
                assert!(
                    matches!(there[..], [now] if now >= *before),
                    "{stage}: chain {name}: {there:?}"
                );
                *before = there[0];
            }
        }
        child.go_on();
    }
    // What was drawn from all that anything is drawn from here.
    assert!(before.iter().all(|chains| chains[1] >= 3) && before[0][3] > 20, "{before:?}");
}
