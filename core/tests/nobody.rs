//! Who goes on when those are gone whose turn it is: distributors stand in, users are told and found
//! anew, and a seat that comes back without a key makes the next (R-UPD-5, R-UPD-6).

use crate::rig;

use keyrota::spec::limits::{ASK_JITTER, ASK_WAIT, COLLECT, DEPARTURE, GRACE, HOLD, PAUSE};
use keyrota::spec::{Cause, List};
use keyrota::{Command, GrantRule, Notice, Triggers};
use rig::{CHANNEL, World, identity};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 3_600_000;
const WISH: Command<'_> = Command::Refresh { channel: CHANNEL };

/// taro with both rights, hanako with `distribute` alone, and two without a seat; all with the key,
/// which lasts an hour and is renewed for nothing else.
fn world() -> World {
    let nicks = ["taro", "hanako", "goro", "yuki"];
    let mut world = World::with(&nicks, |_, config| {
        config.channel.rule = GrantRule::ByHand;
        config.channel.triggers = Triggers::NEVER;
        config.channel.lifetime = 60;
    });
    for nick in nicks {
        world.join(nick);
        world.run(3_000);
    }
    let seat = Command::Mode { channel: CHANNEL, modes: "+d hanako" };
    world.command("taro", seat).expect("seated");
    // Whoever speaks is known to be there.
    for nick in nicks {
        world.say(nick, "here");
    }
    world.run(2 * MINUTE);
    world.agreed();
    world
}

fn list(world: &World, nick: &str) -> List {
    world.user(nick).view().list().expect("a list").clone()
}

/// Why the user was told, each time, that nobody can renew.
fn told(world: &World, nick: &str) -> Vec<Cause> {
    let cause = |notice: &Notice| match notice {
        Notice::NobodyCanRenew(cause) => Some(*cause),
        _ => None,
    };
    world.user(nick).notices.iter().filter_map(cause).collect()
}

#[test]
fn a_distributor_stands_in_for_a_refresh_and_changes_no_list() {
    let mut world = world();
    let (before, count) = (list(&world, "goro"), world.lines.len());
    world.hang("taro");
    world.command("goro", WISH).expect("a wish");
    let due = world.ms + PAUSE + GRACE;
    world.run(5 * MINUTE);
    assert_eq!(world.makers(count), [(due, "hanako", Cause::Wish)]);
    assert_eq!(list(&world, "goro"), before);
    world.agreed();
}

#[test]
fn a_distributor_stands_in_for_an_exclusion_and_changes_no_list() {
    let mut world = world();
    let (before, count) = (list(&world, "goro"), world.lines.len());
    let old = world.agreed();
    world.part("taro");
    let due = world.ms + DEPARTURE;
    world.run(5 * MINUTE);
    assert_eq!(world.makers(count), [(due, "hanako", Cause::Exclusion)]);
    assert_eq!(list(&world, "goro"), before, "the founder keeps its seat");
    assert_ne!(world.agreed(), old);
}

#[test]
fn a_distributor_stands_in_for_a_missing_key_and_changes_no_list() {
    let mut world = world();
    let (before, count) = (list(&world, "goro"), world.lines.len());
    world.make_unheard("taro", WISH, &[]);
    world.announce("taro");
    let heard = world.ms;
    world.hang("taro");
    world.say("goro", "it waits");
    // taro is before hanako, and silent.
    let due = heard + 2 * GRACE;
    world.run(5 * MINUTE);
    let makers = world.makers(count + 1);
    assert_eq!(makers.last(), Some(&(due, "hanako", Cause::Missing)));
    assert_eq!(list(&world, "goro"), before);
    world.agreed();
    assert_eq!(world.user("yuki").texts().last(), Some(&"it waits"));
}

#[test]
fn that_nobody_can_renew_is_told_once_for_each_thing_that_is_due() {
    let mut world = world();
    world.part("hanako");
    world.run(2 * MINUTE);
    let made = world.makers(0).last().expect("hanako is excluded").0;
    world.part("taro");
    let left = world.ms;
    // As if there were a first, and it were silent.
    world.run(left + DEPARTURE + GRACE - 1 - world.ms);
    assert_eq!(told(&world, "goro"), []);
    world.run(1);
    assert_eq!(told(&world, "goro"), [Cause::Exclusion]);
    world.run(10 * MINUTE);
    world.command("goro", WISH).expect("a wish");
    let wished = world.ms;
    world.run(wished + PAUSE + GRACE - 1 - world.ms);
    assert_eq!(told(&world, "goro"), [Cause::Exclusion]);
    world.run(1);
    let two = [Cause::Exclusion, Cause::Wish];
    assert_eq!(told(&world, "goro"), two);
    // The end of the lifetime is one more reason for what is due already; then no key seals.
    let over = made + HOUR;
    world.run(over + 2 * GRACE - 1 - world.ms);
    assert_eq!(told(&world, "goro"), two);
    world.run(1);
    assert_eq!(world.user("goro").sealing(), None);
    let three = [Cause::Exclusion, Cause::Wish, Cause::Missing];
    assert_eq!(told(&world, "goro"), three);
    world.run(48 * HOUR);
    assert_eq!(told(&world, "goro"), three);
    assert_eq!(told(&world, "yuki"), three);
    assert_eq!(told(&world, "taro"), [], "he is gone");
}

/// Whoever opened the channel has its key, also if it says nothing under it.
#[test]
fn that_a_silent_founder_is_gone_is_told() {
    let mut world = World::with(&["taro", "goro"], |_, config| {
        config.channel.rule = GrantRule::ByHand;
    });
    for nick in ["taro", "goro"] {
        world.join(nick);
        world.run(3_000);
    }
    world.run(2 * MINUTE);
    world.part("taro");
    world.run(DEPARTURE + GRACE - 1);
    assert_eq!(told(&world, "goro"), []);
    world.run(1);
    assert_eq!(told(&world, "goro"), [Cause::Exclusion]);
}

/// What is due may be told again once somebody has renewed the key, and is gone again.
#[test]
fn that_nobody_can_renew_is_told_anew_after_another_record() {
    let mut world = world();
    world.part("hanako");
    world.run(2 * MINUTE);
    for times in 1..=2 {
        world.part("taro");
        world.run(2 * MINUTE);
        assert_eq!(told(&world, "goro"), vec![Cause::Exclusion; times]);
        let before = world.user("goro").current();
        world.join("taro");
        world.run(5 * MINUTE);
        world.command("taro", WISH).expect("a key to renew");
        world.run(2 * MINUTE);
        assert_ne!(world.user("goro").current(), before);
        world.agreed();
    }
}

/// Who never met the first hears of no trouble as long as the first does its duty.
#[test]
fn who_has_not_met_those_in_the_order_is_not_told_that_nobody_is() {
    let mut world = World::with(&["taro", "hanako", "goro"], |_, config| {
        config.channel.rule = GrantRule::ByHand;
        config.channel.triggers.period = Some(600);
    });
    world.seat(&["taro", "hanako"]);
    // hanako hands the key to goro, and taro, who renews it, does not introduce himself.
    world.hang("taro");
    world.join("goro");
    world.run(10_000);
    world.user_mut("taro").hung = false;
    let order = world.user("goro").view().order();
    world.run(3 * HOUR);
    assert!(order.len() < 2, "goro knows of one at most");
    assert_eq!(told(&world, "goro"), []);
    world.agreed();
}

#[test]
fn the_user_founds_anew_and_the_others_can_follow() {
    let mut world = world();
    world.part("hanako");
    world.part("taro");
    world.run(2 * HOUR);
    assert_eq!(told(&world, "goro").last(), Some(&Cause::Missing));
    world.say("goro", "does anybody hear");
    let old = world.user("yuki").view().id().expect("a channel");
    world.command("goro", Command::Found { channel: CHANNEL }).expect("founded");
    let new = world.user("goro").view().id().expect("a channel");
    assert!(world.user("goro").notices.contains(&Notice::Founded(new)));
    world.run(MINUTE);
    world.say("goro", "here is a new one");
    world.run(MINUTE);
    // yuki is told of both, and stays until her user decides.
    let other = Notice::OtherChannel { pinned: old, met: new };
    world.command("goro", WISH).expect("a key to renew");
    world.run(MINUTE);
    assert!(world.user("yuki").notices.contains(&other));
    assert_eq!(world.user("yuki").view().id(), Some(old));
    world.command("yuki", Command::Follow { channel: CHANNEL, id: new }).expect("followed");
    world.run(MINUTE);
    world.agreed();
    world.say("yuki", "found you");
    assert_eq!(world.user("goro").texts().last(), Some(&"found you"));
    // What goro said before there was a key went out under the new one.
    assert!(!told(&world, "goro").is_empty());
}

/// hanako's terminal was lost with all its keys. She has a seat, and goes on above a record whose
/// key is with nobody here: goro and yuki, who may not hand theirs out, tell her what is public.
#[test]
fn a_seat_that_comes_back_without_a_key_goes_on_above_the_current_record() {
    for modes in ["+x hanako", "+d hanako"] {
        let mut world = world();
        let seat = Command::Mode { channel: CHANNEL, modes };
        let _ = world.command("taro", seat);
        world.run(2 * MINUTE);
        world.part("hanako");
        world.run(2 * MINUTE);
        world.part("taro");
        world.run(2 * HOUR);
        world.say("goro", "it waits");
        let (before, old) = (list(&world, "goro"), world.user("goro").current());
        world.add_as("hanako2", identity(2, "hanako"), |config| {
            config.channel.rule = GrantRule::ByHand;
        });
        let count = world.lines.len();
        world.join("hanako2");
        let joined = world.ms;
        world.run(5 * MINUTE);
        let makers = world.makers(count);
        let [(at, "hanako2", Cause::Missing | Cause::Exclusion), ..] = makers[..] else {
            panic!("{makers:?}")
        };
        assert!(at <= joined + COLLECT + ASK_JITTER + 2 * GRACE, "{} ms later", at - joined);
        assert_eq!(list(&world, "goro"), before);
        assert_ne!(world.user("goro").current(), old);
        world.agreed();
        assert_eq!(world.user("yuki").texts().last(), Some(&"it waits"));
        assert_eq!(world.user("hanako2").texts(), ["it waits"]);
    }
}

/// Of two seats that know nothing, neither waits for the other: the members tell them of the records.
#[test]
fn two_seats_that_come_back_with_nothing_are_told_and_go_on() {
    let mut world = world();
    let id = world.user("taro").view().id().expect("a channel");
    for nick in ["taro", "hanako"] {
        world.command(nick, Command::Found { channel: CHANNEL }).expect("another channel");
    }
    world.run(MINUTE);
    for nick in ["taro", "hanako"] {
        world.command(nick, Command::Follow { channel: CHANNEL, id }).expect("back");
    }
    world.run(COLLECT + ASK_WAIT * 2 + ASK_JITTER + 3 * GRACE);
    world.agreed();
    world.say("taro", "here we are");
    assert_eq!(world.user("yuki").texts().last(), Some(&"here we are"));
}

/// As a seat that comes back without a key, but her terminal kept the records, and nobody at all is here.
#[test]
fn a_seat_that_comes_back_to_nobody_goes_on_alone() {
    let mut world = World::seated(&["taro", "hanako"]);
    world.part("taro");
    world.run(2 * MINUTE);
    world.part("hanako");
    world.run(HOUR);
    world.join("hanako");
    world.say("hanako", "it waits");
    world.run(GRACE - 1);
    assert_eq!(world.user("hanako").sealing(), None);
    world.run(1);
    assert_eq!(world.user("hanako").cause(), Cause::Missing);
    world.agreed();
    assert_eq!(told(&world, "hanako"), []);
}

/// Without a seat, alone, with a key that is over: texts wait and come back, and the user founds.
#[test]
fn who_is_left_without_a_seat_and_a_key_can_found_anew() {
    let mut world = world();
    for nick in ["hanako", "yuki", "taro"] {
        world.part(nick);
    }
    world.run(2 * HOUR);
    let causes = told(&world, "goro");
    assert_eq!(causes, [Cause::Exclusion, Cause::Lifetime, Cause::Missing]);
    world.say("goro", "is anybody here");
    world.run(HOLD);
    let unsent = Notice::Unsent("is anybody here".into());
    assert!(world.user("goro").notices.contains(&unsent));
    world.command("goro", Command::Found { channel: CHANNEL }).expect("founded");
    assert!(world.user("goro").sealing().is_some());
    world.run(HOUR * 30);
    assert_eq!(told(&world, "goro"), causes, "there is somebody by now");
    assert!(world.user("goro").sealing().is_some());
}
