//! What makes a key due for renewal: each reason alone, off, together, under attack, and with the
//! first silent or gone (R-UPD-2, R-UPD-4 to R-UPD-6).

#[path = "../rig/mod.rs"]
mod rig;

mod each;
mod together;

use keyrota::{Event, Triggers};
use rig::{CHANNEL, World};

pub(crate) const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];
pub(crate) const MINUTE: u64 = 60_000;
pub(crate) const HOUR: u64 = 3_600_000;

/// Three seats whose key is renewed for these reasons, and for no others.
pub(crate) fn seated(triggers: Triggers) -> World {
    World::seated_with(&TRIO, |_, config| config.channel.triggers = triggers)
}

/// When the current record was made.
pub(crate) fn made(world: &World) -> u64 {
    world.makers(0).last().expect("a renewal").0
}

pub(crate) fn topic(world: &mut World) {
    tell(world, Event::Topic { channel: CHANNEL });
}

/// The server tells everybody of something, and they answer.
pub(crate) fn tell(world: &mut World, event: Event<'_>) {
    world.tell_all(event);
    world.deliver();
}

pub(crate) fn stranger_joins(world: &mut World, number: usize) {
    let nick = format!("guest{number}");
    tell(world, Event::Join { channel: CHANNEL, nick: &nick });
}
