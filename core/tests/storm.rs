//! Random schedules of loss, silence, departures and wishes: once the network is whole and quiet,
//! everybody agrees again, and everything that was said is shown to whoever could read it.

use crate::rig;

use keyrota::{Command, Event};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rig::{CHANNEL, World};

const NICKS: [&str; 4] = ["taro", "hanako", "jiro", "momo"];

/// A number below `n`.
fn below(rng: &mut ChaCha20Rng, n: u32) -> u32 {
    rng.next_u32() % n
}

/// Goes on where it was hung, and sees who is here now.
fn resume(world: &mut World, nick: &str) {
    let here: Vec<String> =
        world.users.iter().filter(|user| user.here).map(|user| user.nick.clone()).collect();
    let names: Vec<(&str, bool)> = here.iter().map(|nick| (nick.as_str(), false)).collect();
    world.user_mut(nick).hung = false;
    world.event(nick, Event::Names { channel: CHANNEL, names: &names });
    world.resume(nick);
}

/// Plays one schedule; panics with its seed if it does not end in agreement.
fn play(seed: u64) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut world = World::joined(&NICKS);
    for step in 0..40 {
        let nick = NICKS[below(&mut rng, 4) as usize];
        let (here, hung) = (world.user(nick).here, world.user(nick).hung);
        let others = world.here().filter(|user| user.nick != nick).count();
        match below(&mut rng, 10) {
            0 if here && !hung && others > 0 => world.part(nick),
            1 if !here => world.join(nick),
            2 if here && others > 0 => world.hang(nick),
            3 if hung => resume(&mut world, nick),
            4 if here && !hung => {
                // A wish needs a key; without one it is refused.
                let _ = world.command(nick, Command::Refresh { channel: CHANNEL });
            }
            5 => {
                let mut coin = ChaCha20Rng::seed_from_u64(seed ^ step);
                world.filter = Box::new(move |_, _| below(&mut coin, 3) != 0);
            }
            6 => world.filter = Box::new(|_, _| true),
            7 | 8 if here && !hung => world.say(nick, &format!("{seed}/{step}")),
            _ => {}
        }
        world.run(u64::from(below(&mut rng, 40_000)));
    }
    world.filter = Box::new(|_, _| true);
    for nick in NICKS {
        if world.user(nick).hung {
            resume(&mut world, nick);
        }
    }
    world.run(600_000);
    // A line that was lost in silence is missed at the next word.
    for nick in NICKS {
        if world.user(nick).here {
            world.say(nick, "well?");
            world.run(60_000);
        }
    }
    world.run(120_000);
    if std::env::var("STORM_TRACE").is_ok() {
        for line in &world.lines {
            println!("{:>9} {:<7} {:?}", line.at, line.nick, line.kind());
        }
        for user in &world.users {
            println!("{} here {}: {:?}", user.nick, user.here, user.current());
            println!("{:#?}", user.notices.iter().rev().take(12).collect::<Vec<_>>());
        }
    }
    // Where nobody is left who knows the channel and nobody who has a seat, it cannot go on.
    let known = world.here().find_map(|user| user.view().list());
    let Some(list) = known else {
        println!("seed {seed}: nobody is left who knows the channel");
        return;
    };
    if !world.here().any(|user| list.seat_of(&user.id()).is_some()) {
        println!("seed {seed}: nobody is left who has a seat");
        return;
    }
    world.agreed();
    let speaker = world.here().next().expect("somebody").nick.clone();
    world.say(&speaker, "the last word");
    world.run(30_000);
    for user in world.here().filter(|user| user.nick != speaker) {
        assert_eq!(user.texts().last(), Some(&"the last word"), "{} did not read it", user.nick);
        let said = user.shown.iter().filter(|shown| shown.text != "well?");
        let mut texts: Vec<&str> = said.map(|shown| shown.text.as_str()).collect();
        texts.sort_unstable();
        let count = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), count, "{} read something twice", user.nick);
    }
}

#[test]
fn everybody_agrees_in_the_end() {
    let first = std::env::var("STORM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let count =
        std::env::var("STORM_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(16);
    for seed in first..first + count {
        println!("seed {seed}");
        play(seed);
    }
}
