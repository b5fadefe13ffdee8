//! How often a terminal wants to be called while nothing happens: programs run on batteries
//! (R-SYS-1; spec chapter 15).

use crate::rig;

use keyrota::GrantRule;
use rig::World;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];

/// When each of them was called within this time, while nobody said anything.
fn wakes(world: &mut World, ms: u64) -> Vec<Vec<u64>> {
    let end = world.now().ms + ms;
    let mut wakes = vec![Vec::new(); world.users.len()];
    loop {
        let due: Vec<Option<u64>> =
            world.users.iter().map(|user| user.terminal.wake().map(|wake| wake.at)).collect();
        let Some(next) = due.iter().flatten().min().copied().filter(|at| *at <= end) else { break };
        assert!(next > world.now().ms, "still due");
        for (wakes, _) in wakes.iter_mut().zip(&due).filter(|(_, at)| **at == Some(next)) {
            wakes.push(next);
        }
        world.run(next - world.now().ms);
    }
    wakes
}

#[test]
fn a_channel_in_which_nothing_is_due_wakes_nobody() {
    let mut world = World::seated_with(&TRIO, |_, config| {
        config.channel.rule = GrantRule::ByHand;
        config.channel.triggers.period = None;
    });
    world.run(20 * MINUTE);
    let wakes = wakes(&mut world, 20 * HOUR);
    assert!(wakes.iter().all(Vec::is_empty), "{wakes:?}");
}

#[test]
fn by_default_a_quiet_channel_wakes_once_an_hour_and_twice_a_day() {
    let mut world = World::seated(&TRIO);
    world.run(20 * MINUTE);
    for wakes in wakes(&mut world, 24 * HOUR) {
        // The key is renewed; once, the member key is, and ten minutes later the former one goes.
        assert!((24..=24 + 2).contains(&wakes.len()), "{wakes:?}");
    }
}
