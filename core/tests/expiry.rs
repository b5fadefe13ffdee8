//! How long a key seals: with clocks that differ, lines that come late, and keys that come again
//! (R-EXP-1 to R-EXP-3).

use crate::rig;

use keyrota::spec::limits::{GRACE, HOLD, SKEW_S};
use keyrota::spec::{Cause, Frame};
use keyrota::{Command, Event, GrantRule, Notice, Triggers};
use rig::{CHANNEL, Relayed, World};

const TRIO: [&str; 3] = ["taro", "hanako", "jiro"];
const MINUTE: u64 = 60_000;
const HOUR: u64 = 3_600_000;
/// Of the keys in these worlds.
const LIFE: u64 = HOUR;
const WISH: Command<'_> = Command::Refresh { channel: CHANNEL };

/// Users whose keys last an hour, with nothing but that to renew them, and whose wall clocks are so
/// many minutes ahead. Nobody is there yet.
fn world(nicks: &[&str], skews: &[i64]) -> World {
    let mut world = World::with(nicks, |_, config| {
        config.channel.rule = GrantRule::ByHand;
        config.channel.triggers = Triggers::NEVER;
        config.channel.lifetime = 60;
    });
    for (user, minutes) in world.users.iter_mut().zip(skews) {
        user.skew = minutes * 60;
    }
    world
}

fn seated(skews: &[i64; 3]) -> World {
    let mut world = world(&TRIO, skews);
    world.seat(&TRIO);
    world
}

fn made(world: &World) -> u64 {
    world.makers(0).last().expect("a renewal").0
}

/// Until when a user without a seat can seal, if it hears nothing more.
fn seals_until(world: &mut World, nick: &str) -> u64 {
    let others: Vec<String> = world.users.iter().map(|user| user.nick.clone()).collect();
    let hung: Vec<bool> = world.users.iter().map(|user| user.hung).collect();
    for other in others.iter().filter(|other| *other != nick) {
        world.hang(other);
    }
    let start = world.ms;
    while world.user(nick).sealing().is_some() {
        assert!(world.ms < start + 2 * LIFE, "it seals for ever");
        world.run(1_000);
        world.event(nick, Event::Tick);
    }
    for (user, hung) in world.users.iter_mut().zip(hung) {
        user.hung = hung;
    }
    world.ms
}

/// The line that carried the newest key.
fn newest_key(world: &World) -> Relayed {
    let line = world.lines.iter().rev().find(|line| matches!(line.kind(), Some(4 | 5)));
    line.expect("a key").clone()
}

/// goro, without a seat, joins taro, and the grant that he gets is held back.
fn with_held_back_grant() -> (World, Relayed) {
    let mut world = world(&["taro", "goro"], &[0, 0]);
    world.join("taro");
    world.run(3_000);
    world.join("goro");
    world.run(MINUTE);
    world.agreed();
    // The next key reaches him not at all; he asks, and the answer is held back.
    world.filter = Box::new(|line, to| to != "goro" || !matches!(line.kind(), Some(4 | 5)));
    world.command("taro", WISH).expect("a key to renew");
    world.run(MINUTE);
    world.say("taro", "which key is this");
    world.run(2 * MINUTE);
    let grant = newest_key(&world);
    assert_eq!(grant.kind(), Some(5), "it was granted");
    // What else is said does not reach him any more.
    world.filter = Box::new(|_, to| to != "goro");
    (world, grant)
}

#[test]
fn the_end_of_the_lifetime_renews_the_key_where_nothing_else_does() {
    let mut world = seated(&[0, 0, 0]);
    let count = world.lines.len();
    let mut due = made(&world) + LIFE - 10 * MINUTE;
    for _ in 0..3 {
        world.run(due - 1 - world.ms);
        let before = world.agreed();
        world.run(1);
        assert_ne!(world.agreed(), before);
        assert_eq!(world.makers(count).pop(), Some((due, "taro", Cause::Lifetime)));
        due += LIFE - 10 * MINUTE;
    }
    assert_eq!(world.makers(count).len(), 3);
}

#[test]
fn every_member_can_seal_all_the_time_though_clocks_differ_by_minutes() {
    let orders = [[-9, 0, 9], [9, 0, -9], [0, 9, -9], [-9, 9, 0], [-9, -9, 9], [9, -9, 9]];
    for skews in orders {
        let mut world = seated(&skews);
        let count = world.lines.len();
        let mut said = 0;
        for _ in 0..36 {
            world.run(5 * MINUTE);
            for user in world.here() {
                assert!(user.sealing().is_some(), "{skews:?}: {} is without a key", user.nick);
            }
            world.agreed();
            world.say("jiro", "a while has passed");
            said += 1;
        }
        let causes: Vec<Cause> = world.makers(count).iter().map(|(_, _, cause)| *cause).collect();
        assert!(causes.iter().all(|cause| *cause == Cause::Lifetime), "{skews:?}: {causes:?}");
        // Not oftener than the earliest clock wants it: by it 8 minutes less than the hour are left,
        // and of these it takes 10.
        assert!((3..=4).contains(&causes.len()), "{skews:?}: {causes:?}");
        assert_eq!(world.user("hanako").texts().len(), said);
    }
}

/// Whose clock is an hour ahead takes the key for nearly over, and makes one that all can use.
#[test]
fn whose_clock_is_an_hour_ahead_makes_a_key_for_all() {
    let mut world = seated(&[0, 59, 0]);
    let (count, before) = (world.lines.len(), made(&world));
    // 60 minutes less 59, and 10 for clocks: that is what is left by hers.
    world.run(before + 11 * MINUTE - world.ms);
    let makers = world.makers(count);
    assert!(matches!(makers[..], [(_, "hanako", Cause::Lifetime)]), "{makers:?}");
    world.agreed();
    // By the others' clocks it is from the future; it lasts as long as any. She is the first by
    // now, so it stays so.
    world.run(6 * LIFE);
    let makers = world.makers(count);
    assert!(makers.iter().all(|(_, nick, _)| *nick == "hanako"), "{makers:?}");
    assert_eq!(makers.len(), 1 + 7, "one early, and the others when their time comes");
    world.agreed();
}

/// A key that is over by one's own clock when it comes is replaced, by who has a seat.
#[test]
fn a_key_that_is_over_when_it_comes_is_replaced() {
    let mut world = World::with(&["taro", "hanako"], |_, config| {
        config.channel.rule = GrantRule::ByHand;
        config.channel.triggers = Triggers::NEVER;
        config.channel.lifetime = 30;
    });
    world.user_mut("taro").skew = -59 * 60;
    for nick in ["taro", "hanako"] {
        world.join(nick);
        world.run(3_000);
    }
    assert_eq!(world.user("hanako").current(), world.user("taro").current());
    assert_eq!(world.user("hanako").sealing(), None);
    let seat = Command::Mode { channel: CHANNEL, modes: "+o hanako" };
    world.command("taro", seat).expect("seated");
    world.say("hanako", "it waits");
    let (now, count) = (world.ms, world.lines.len());
    world.run(MINUTE);
    assert_eq!(world.makers(count), [(now + 2 * GRACE, "hanako", Cause::Missing)]);
    world.agreed();
    assert_eq!(world.user("taro").texts(), ["it waits"]);
}

#[test]
fn a_key_that_comes_late_lasts_as_long_less_the_delay_and_never_longer() {
    for delay in [0, 5, 9, 11, 30, 60, 69, 70, 75, 600] {
        let (mut world, grant) = with_held_back_grant();
        world.run(delay * MINUTE);
        world.filter = Box::new(|_, to| to != "goro");
        let Some(bytes) = grant.bytes() else { panic!("one line") };
        let Ok(Frame::Sealed { record, .. }) = Frame::decode(&bytes) else { panic!("a grant") };
        let time = u64::from(record.record.time) * MINUTE - rig::START * 1_000;
        let channel = CHANNEL;
        let line = Event::Line { channel, nick: "taro", text: &grant.text };
        world.event("goro", line);
        let came = world.ms;
        let end = seals_until(&mut world, "goro");
        let most = (came + LIFE).min(time + LIFE + SKEW_S * 1_000).max(came);
        assert!(end <= most.next_multiple_of(1_000), "{delay} min late: {} too long", end - most);
        assert!(end + 1_000 >= most, "{delay} min late: {} too short", most - end);
    }
}

#[test]
fn a_key_lasts_no_longer_for_being_heard_again() {
    let (mut world, grant) = with_held_back_grant();
    let again = |world: &mut World| {
        let channel = CHANNEL;
        let line = Event::Line { channel, nick: "taro", text: &grant.text };
        world.event("goro", line);
    };
    again(&mut world);
    let came = world.ms;
    for _ in 0..5 {
        world.run(10 * MINUTE);
        // Even if the wall clock is set back meanwhile.
        world.user_mut("goro").skew -= 3_600;
        again(&mut world);
    }
    let end = seals_until(&mut world, "goro");
    assert_eq!(end, came + LIFE);
    again(&mut world);
    assert_eq!(world.user("goro").sealing(), None);
}

/// goro leaves and comes back; the same key is granted to him again, by who has it yet.
#[test]
fn a_key_lasts_no_longer_for_leaving_and_coming_back() {
    for set_back in [0, 500] {
        let mut world = world(&["taro", "hanako", "goro"], &[0, 0, 0]);
        world.seat(&["taro", "hanako"]);
        world.join("goro");
        world.run(3_000);
        let key = world.agreed();
        let end = seals_until(&mut clone_of(&[0, 0, 0]), "goro");
        // To him alone it looks as if he had left.
        for _ in 0..4 {
            world.run(9 * MINUTE);
            world.event("goro", Event::Part { channel: CHANNEL, nick: "goro" });
            world.user_mut("goro").skew -= set_back;
            world.join("goro");
            world.run(30_000);
            assert_eq!(world.user("goro").sealing(), Some(key), "granted once more");
        }
        let until = seals_until(&mut world, "goro");
        assert!(until <= end, "{} ms longer", until - end);
    }
}

/// The same world, in which goro stays.
fn clone_of(skews: &[i64]) -> World {
    let mut world = world(&["taro", "hanako", "goro"], skews);
    world.seat(&["taro", "hanako"]);
    world.join("goro");
    world.run(3_000);
    world
}

#[test]
fn the_wall_clock_counts_when_the_key_comes_and_not_after() {
    for jump in [-86_400 * 365, -3_600, 3_600, 86_400 * 365] {
        let mut world = seated(&[0, 0, 0]);
        let due = made(&world) + LIFE - 10 * MINUTE;
        let count = world.lines.len();
        for nick in TRIO {
            world.user_mut(nick).skew = jump;
        }
        world.run(due - 1 - world.ms);
        assert_eq!(world.makers(count), [], "{jump}");
        world.agreed();
        world.run(1);
        assert_eq!(world.makers(count), [(due, "taro", Cause::Lifetime)], "{jump}");
        world.agreed();
    }
}

#[test]
fn where_nobody_renews_it_a_key_stops_sealing_and_texts_wait_and_come_back() {
    let mut world = world(&["taro", "goro"], &[0, 0]);
    world.join("taro");
    world.run(3_000);
    world.join("goro");
    world.run(3_000);
    let made = world.ms;
    world.hang("taro");
    world.run(made + LIFE - 60_000 - world.ms);
    world.say("goro", "in time");
    world.run(MINUTE);
    let count = world.lines.len();
    world.say("goro", "too late");
    let said = world.ms;
    assert_eq!(world.user("goro").sealing(), None);
    world.run(said + HOLD - 1 - world.ms);
    let unsent = Notice::Unsent("too late".into());
    assert!(!world.user("goro").notices.contains(&unsent));
    world.run(1);
    assert!(world.user("goro").notices.contains(&unsent));
    assert!(world.since(count).iter().all(|line| !matches!(line.kind(), Some(0..=2))));
    // It opens yet what comes under it.
    let mut texts = world.lines.iter().filter(|line| matches!(line.kind(), Some(0..=2)));
    let text = texts.next().expect("the one in time").text.clone();
    world.user_mut("taro").hung = false;
    world.event("taro", Event::Line { channel: CHANNEL, nick: "goro", text: &text });
    assert_eq!(world.user("taro").texts(), ["in time"]);
}

/// It has no seat, missed that the key was renewed, and was told of nothing since.
#[test]
fn who_speaks_after_its_key_has_ended_asks_for_the_next() {
    let mut world = world(&["taro", "hanako"], &[0, 0]);
    world.join("taro");
    world.join("hanako");
    world.run(5_000);
    world.filter = Box::new(|line, to| line.nick != "taro" || to != "hanako");
    world.run(LIFE + LIFE / 2);
    world.filter = Box::new(|_, _| true);
    world.event("hanako", Event::Tick);
    assert_eq!(world.user("hanako").sealing(), None);
    world.say("hanako", "am I late?");
    world.run(60_000);
    assert_eq!(world.user("taro").texts(), ["am I late?"]);
    world.agreed();
}
