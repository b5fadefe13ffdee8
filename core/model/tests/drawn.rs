//! Schedules drawn at random leave nothing out that can happen.

mod kinds;

use std::collections::BTreeSet;

use keyrota_model::op::Op;
use keyrota_model::schedule::{self, Drawer};
use keyrota_model::world::World;

/// Those of the state machine are looked at in `machine.rs`.
#[test]
fn every_kind_of_operation_is_drawn() {
    let mut drawn = BTreeSet::new();
    for seed in 0..200 {
        let (setting, _) = schedule::setting(seed);
        let (mut world, mut drawer) = (World::new(setting), Drawer::new(seed));
        for _ in 0..50 {
            let op = drawer.draw(&world);
            drawn.extend(kinds::of(&op));
            // What comes of long waits takes long, and makes nothing else possible.
            let op = if let Op::Wait(ms) = op { Op::Wait(ms.min(200)) } else { op };
            // A command may be refused.
            let _ = world.apply(&op);
        }
    }
    assert_eq!(kinds::all().difference(&drawn).collect::<Vec<_>>(), Vec::<&String>::new());
}
