//! Where a [walk](crate::walk) begins: moments from which much can go wrong.
//!
//! What is walked to its end, and how many states there are, stands in `tests/walk.rs`: most of it every day, and
//! several faults at once with `WALKS=all`. The program walks likewise:
//!
//! ```text
//! cargo run --release -p keyrota-model -- walk refresh --members 4 --deep --losses 1 --silences 1 --returns 0
//! ```

use std::ops::RangeInclusive;

use crate::op::CAST;
use crate::walk::{Faults, Plan};

/// How many can take part.
pub const MEMBERS: RangeInclusive<usize> = 3..=CAST.len();

/// The plans that there are, of so many members with seats.
///
/// The first founded the channel and seated the others, who hold the key; all is quiet.
///
/// # Panics
/// Unless there are as many as [`MEMBERS`] allows.
pub fn plans(members: usize) -> Vec<Plan> {
    assert!(MEMBERS.contains(&members), "three to eight take part");
    let seated = seated(members);
    let last = CAST[members - 1];
    let others = CAST[..members - 1].join(" ");
    let plan = |name, before: &str, first: &str| Plan {
        name,
        members,
        before: format!("{seated}{before}"),
        first: first.into(),
        faults: Faults::default(),
        time: 90_000,
        deep: false,
        every_order: false,
    };
    let apart = format!("/split {others} | {last}\n/wait 2\n");
    let renewed = format!("/wait 200\n/refresh {last}\n/wait 100\n");
    let changed = format!("/mode taro -d {}\n/wait 300\n", CAST[1]);
    vec![
        // A wish, which those whose turn it is take up one after the other.
        plan("refresh", "", &format!("/refresh {last}")),
        // One has gone, who may come back.
        plan("exclusion", "", &format!("/cut {last}")),
        // A list that changes while a refresh is wished.
        plan("rights", "", &format!("/mode taro -x {last}\n/refresh {last}")),
        // Two sides meet, each with a key of its own: the roots decide; or the lists do, and the side
        // with the lesser one has come to a greater epoch.
        plan("heal", &format!("{apart}{renewed}"), "/heal"),
        plan("lists", &format!("{apart}{changed}"), "/heal"),
    ]
}

fn seated(members: usize) -> String {
    let mut script = String::new();
    for name in &CAST[..members] {
        script += &format!("/join {name}\n/wait 60\n");
    }
    for name in &CAST[1..members] {
        script += &format!("/mode taro +o {name}\n/wait 10\n");
    }
    script + "/wait 300\n"
}
