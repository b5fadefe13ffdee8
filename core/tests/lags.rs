//! Whoever lags behind is told which record is current (spec chapter 9, "Announcing").

use crate::rig;

use keyrota::Command;
use keyrota::spec::limits::{ASK_JITTER, DEPARTURE, GRACE, SEALED_GAP};
use rig::{CHANNEL, World};

/// When who is not in the updating order has announced what it was asked for, or sent something older for.
const TOLD: u64 = ASK_JITTER + DEPARTURE + GRACE + ASK_JITTER;

/// Goro, who has no seat, alone hears of the key that hanako makes; then both seats above jiro's are silent.
fn told_alone() -> World {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.add("goro", |_| {});
    world.join("goro");
    world.run(2 * SEALED_GAP);
    world.hang("taro");
    world.filter = Box::new(|line, to| line.nick != "hanako" || to == "goro");
    world.command("hanako", Command::Refresh { channel: CHANNEL }).expect("wished");
    let before = world.user("jiro").current();
    world.run_until(3_000 + GRACE, |world| world.user("goro").current() != before);
    world.filter = Box::new(|_, _| true);
    world.hang("hanako");
    world
}

/// Goro may not hand out the key under which it speaks; jiro asks others for it.
#[test]
fn an_ask_for_the_current_key_by_the_hint_of_a_text_shows_that_its_author_lags() {
    let mut world = told_alone();
    let key = world.user("goro").current();
    world.say("goro", "what do you say?");
    world.run_until(TOLD, |world| world.user("jiro").current() == key);
}

/// Goro was put out, and knows nobody any more; of hanako, who made its current record, it has to hear first, and
/// announces that when taro gives it the older key again.
#[test]
fn who_announces_a_record_asks_for_the_hello_of_its_author() {
    let mut world = told_alone();
    let key = world.user("goro").current();
    world.resume("taro");
    world.part("goro");
    world.join("goro");
    world.run_until(3 * TOLD, |world| world.user("jiro").current() == key);
}
