//! Refreshing the key: what makes it due, the wait for a pause, the updating order, fail-over
//! (R-UPD-1 to R-UPD-5, R-EXP-3).

use crate::rig;

use keyrota::spec::limits::{GRACE, PAUSE, PAUSE_MAX, STEP_MAX};
use keyrota::spec::{Cause, Frame};
use keyrota::{Command, Config, Event, Notice, Protection, Triggers};
use rig::{CHANNEL, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];
const HOUR: u64 = 3_600_000;

fn wish(world: &mut World, nick: &str) {
    world.command(nick, Command::Refresh { channel: CHANNEL }).expect("a key to renew");
}

/// The updating order as a user sees it, by nick.
fn order<'w>(world: &'w World, nick: &str) -> Vec<&'w str> {
    let ids = world.user(nick).view().order();
    let nick_of = |id| world.users.iter().find(|user| user.id() == id).expect("a user");
    ids.into_iter().map(|id| nick_of(id).nick.as_str()).collect()
}

fn on(triggers: Triggers) -> impl FnMut(&str, &mut Config) {
    move |_, config| config.channel.triggers = triggers
}

#[test]
fn a_period_renews_the_key_in_one_line() {
    let mut world = World::seated(&TRIO);
    let (before, count) = (world.agreed(), world.lines.len());
    let made = world.makers(0).last().expect("the list was changed").0;
    world.run(made + HOUR - 1 - world.ms);
    assert_eq!(world.agreed(), before);
    world.run(1);
    assert_ne!(world.agreed(), before);
    assert_eq!(world.makers(count), [(made + HOUR, "taro", Cause::Period)]);
    assert_eq!(world.since(count).len(), 1);
    // The next one is due a period after this one.
    world.run(HOUR);
    assert_eq!(world.makers(count).len(), 2);
}

#[test]
fn a_number_of_messages_renews_the_key() {
    let triggers = Triggers { messages: Some(5), ..Triggers::NEVER };
    let mut world = World::seated_with(&TRIO, on(triggers));
    let count = world.lines.len();
    for (text, nick) in ["taro", "hanako", "jiro", "hanako"].iter().enumerate() {
        world.say(nick, &text.to_string());
    }
    world.run(HOUR);
    assert_eq!(world.makers(count), []);
    let said = world.ms;
    world.say("hanako", "the fifth");
    world.run(HOUR);
    assert_eq!(world.makers(count), [(said + PAUSE, "taro", Cause::Messages)]);
}

#[test]
fn nothing_renews_the_key_when_no_reason_is_set_but_the_end_of_its_lifetime() {
    let mut world = World::seated_with(&TRIO, |_, config| {
        config.channel.triggers = Triggers::NEVER;
        config.channel.lifetime = 300;
    });
    let count = world.lines.len();
    let made = world.makers(0).last().expect("the list was changed").0;
    world.run(8 * HOUR);
    // Ten minutes before the end, so that every position can step in.
    let due = made + 290 * 60_000;
    assert_eq!(world.makers(count), [(due, "taro", Cause::Lifetime)]);
    world.agreed();
}

#[test]
fn the_first_renews_upon_the_wish_of_its_user_at_once() {
    let mut world = World::seated(&TRIO);
    let (now, count) = (world.ms, world.lines.len());
    wish(&mut world, "taro");
    world.run(1_000);
    assert_eq!(world.makers(count), [(now, "taro", Cause::Wish)]);
    assert_eq!(world.since(count).len(), 1);
    world.agreed();
}

#[test]
fn the_first_renews_upon_the_wish_of_anybody() {
    let mut world = World::seated(&TRIO);
    world.add("saburo", |_| {});
    world.join("saburo");
    world.run(60_000);
    for nick in ["jiro", "saburo"] {
        let (now, count) = (world.ms, world.lines.len());
        wish(&mut world, nick);
        world.run(70_000);
        assert_eq!(world.makers(count), [(now + PAUSE, "taro", Cause::Wish)], "{nick}");
        world.agreed();
    }
}

#[test]
fn a_refresh_waits_for_a_pause() {
    let mut world = World::seated(&TRIO);
    let count = world.lines.len();
    wish(&mut world, "hanako");
    for text in 0..12 {
        world.run(1_000);
        world.say("jiro", &text.to_string());
    }
    let last = world.ms;
    world.run(10_000);
    assert_eq!(world.makers(count), [(last + PAUSE, "taro", Cause::Wish)]);
}

#[test]
fn a_refresh_waits_no_longer_than_thirty_seconds_for_a_pause() {
    let mut world = World::seated(&TRIO);
    let (now, count) = (world.ms, world.lines.len());
    wish(&mut world, "hanako");
    for text in 0..40 {
        world.run(1_000);
        world.say("jiro", &text.to_string());
    }
    assert_eq!(world.makers(count), [(now + PAUSE_MAX, "taro", Cause::Wish)]);
    // Nobody missed a word for it.
    assert_eq!(world.user("hanako").texts().len(), 40);
    assert_eq!(world.user("taro").texts().len(), 40);
}

#[test]
fn whoever_comes_next_takes_the_turn_of_those_who_left() {
    for gone in 1..=2 {
        let mut world = World::seated(&TRIO);
        let (now, count) = (world.ms, world.lines.len());
        wish(&mut world, "jiro");
        for nick in &TRIO[..gone] {
            world.part(nick);
        }
        world.run(3_000);
        assert_eq!(world.makers(count), [(now + PAUSE, TRIO[gone], Cause::Wish)]);
    }
}

#[test]
fn the_first_stays_first_under_another_nick() {
    let mut world = World::seated(&TRIO);
    world.rename("taro", "taro_away");
    let (now, count) = (world.ms, world.lines.len());
    wish(&mut world, "jiro");
    world.run(3_000);
    assert_eq!(world.makers(count), [(now + PAUSE, "taro_away", Cause::Wish)]);
    assert_eq!(order(&world, "jiro"), ["taro_away", "hanako", "jiro"]);
}

#[test]
fn after_twenty_seconds_of_silence_the_next_one_steps_in() {
    let seats = ["taro", "hanako", "jiro", "saburo"];
    for silent in 1..=3 {
        let mut world = World::seated(&seats);
        let count = world.lines.len();
        wish(&mut world, "saburo");
        for nick in &seats[..silent] {
            world.hang(nick);
        }
        let at = world.ms + PAUSE + GRACE * silent as u64;
        world.run(at - 1 - world.ms);
        assert_eq!(world.makers(count), [], "{silent} silent");
        world.run(1);
        let next = seats[silent];
        assert_eq!(world.makers(count), [(at, next, Cause::Wish)], "{silent} silent");
        world.agreed();
        // Those who let their turn pass go to the end, and need not be waited for again.
        let mut shifted = seats;
        shifted.rotate_left(silent);
        assert_eq!(order(&world, "saburo"), shifted);
        world.run(60_000);
        let (now, count) = (world.ms, world.lines.len());
        wish(&mut world, "saburo");
        world.run(3_000);
        let wait = if next == "saburo" { 0 } else { PAUSE };
        assert_eq!(world.makers(count), [(now + wait, next, Cause::Wish)], "{silent} silent");
    }
}

#[test]
fn a_distributor_stands_in_behind_all_who_may_update() {
    let mut world = World::seated(&["taro", "hanako"]);
    world.add("jiro", |_| {});
    world.join("jiro");
    world.run(1_000);
    world.command("taro", Command::Mode { channel: CHANNEL, modes: "+d jiro" }).expect("seated");
    world.run(60_000);
    let list = world.user("jiro").view().list().expect("a list").clone();
    assert_eq!(order(&world, "hanako"), TRIO);
    let count = world.lines.len();
    wish(&mut world, "jiro");
    world.hang("taro");
    world.hang("hanako");
    let at = world.ms + PAUSE + 2 * GRACE;
    world.run(at - world.ms);
    assert_eq!(world.makers(count), [(at, "jiro", Cause::Wish)]);
    assert_eq!(world.user("jiro").view().list(), Some(&list));
    world.resume("taro");
    world.resume("hanako");
    world.agreed();
    // It stands in, no more: the others are before it still.
    assert_eq!(order(&world, "hanako"), TRIO);
}

#[test]
fn a_stalled_first_that_comes_back_finds_its_turn_taken() {
    let mut world = World::seated(&TRIO);
    let count = world.lines.len();
    wish(&mut world, "jiro");
    world.hang("taro");
    world.run(30_000);
    world.say("jiro", "still here?");
    world.resume("taro");
    world.run(60_000);
    assert_eq!(world.makers(count).len(), 1);
    assert_eq!(order(&world, "taro"), ["hanako", "jiro", "taro"]);
    assert_eq!(world.user("taro").texts(), ["still here?"]);
    world.agreed();
}

/// Both keys of a race open, and all use the same one from then on.
#[test]
fn of_two_updates_at_once_the_order_decides() {
    let mut winners = Vec::new();
    for late_first in [false, true] {
        let mut world = World::seated(&TRIO);
        let count = world.lines.len();
        wish(&mut world, "jiro");
        // From now on nobody hears taro, nor taro anybody.
        world.filter = Box::new(|line, to| line.nick != "taro" && to != "taro");
        world.run(PAUSE + GRACE);
        let makers: Vec<&str> = world.makers(count).iter().map(|(_, nick, _)| *nick).collect();
        assert_eq!(makers, ["taro", "hanako"]);
        world.say("taro", "one");
        world.say("hanako", "two");
        world.filter = Box::new(|_, _| true);
        let mut lines = world.since(count + 1).to_vec();
        if late_first {
            lines.reverse();
        }
        for line in &lines {
            world.inject(&line.nick, &line.text);
        }
        // What came before its key is shown once that is there, by asking if need be.
        world.run_until(GRACE, |world| world.user("jiro").texts().len() == 2);
        let agreed = world.agreed();
        winners.push((agreed, order(&world, "jiro").len()));
        for nick in TRIO {
            let user = world.user(nick);
            assert_eq!(user.view().keys().count(), 4, "{nick}: genesis, list, and two at once");
            let shown = user.shown.iter().map(|shown| shown.protection);
            assert!(shown.clone().all(|how| how == Protection::Sealed), "{nick}");
            assert_eq!(shown.count(), if nick == "jiro" { 2 } else { 1 });
        }
        world.run(120_000);
        assert_eq!(world.agreed(), agreed);
    }
    // Whatever came first.
    assert_eq!(winners[0], winners[1]);
}

#[test]
fn a_first_that_acts_late_makes_a_race_and_no_harm() {
    let mut world = World::seated(&TRIO);
    let count = world.lines.len();
    wish(&mut world, "jiro");
    world.hang("taro");
    world.run(30_000);
    // Its timers go off before it reads what came.
    world.user_mut("taro").hung = false;
    world.event("taro", Event::Tick);
    world.deliver();
    world.resume("taro");
    assert_eq!(world.makers(count).len(), 2);
    world.agreed();
    let first = order(&world, "taro");
    assert!(TRIO.iter().all(|nick| order(&world, nick) == first), "one order for all");
    world.run(HOUR);
    assert_eq!(world.makers(count).len(), 3, "and one renewal a period");
}

#[test]
fn that_nobody_can_renew_is_told_once() {
    let mut world = World::seated(&["taro"]);
    for nick in ["hanako", "jiro"] {
        world.add(nick, |_| {});
        world.join(nick);
        world.run(3_000);
    }
    let count = world.lines.len();
    world.part("taro");
    wish(&mut world, "hanako");
    world.run(3_000);
    wish(&mut world, "jiro");
    world.run(3 * HOUR);
    for nick in ["hanako", "jiro"] {
        let wish = Notice::NobodyCanRenew(Cause::Wish);
        let told = world.user(nick).notices.iter().filter(|one| **one == wish);
        assert_eq!(told.count(), 1, "{nick}");
    }
    assert_eq!(world.makers(count), []);
}

#[test]
fn after_as_many_refreshes_as_a_step_counts_the_key_is_sealed_anew() {
    let triggers = Triggers { period: Some(60), ..Triggers::NEVER };
    let mut world = World::seated_with(&["taro", "hanako"], on(triggers));
    let steps = |world: &World| {
        let record = world.user("hanako").view().record().expect("a record");
        (record.epoch, record.step())
    };
    let (epoch, before) = steps(&world);
    let wraps = u64::from(STEP_MAX - before);
    world.run(60_000 * wraps);
    assert_eq!(steps(&world), (epoch, STEP_MAX));
    let count = world.lines.len();
    world.run(60_000);
    assert_eq!(steps(&world), (epoch + 1, 0));
    let frames = world.frames(count);
    let frame = &frames.first().expect("a frame").2;
    assert!(matches!(Frame::decode(frame), Ok(Frame::Sealed { .. })));
    world.agreed();
}
