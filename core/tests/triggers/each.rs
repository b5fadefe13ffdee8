//! Each reason by itself: at its bound and not before, off, and with the first silent or gone.

use keyrota::spec::Cause;
use keyrota::spec::limits::{GRACE, PAUSE};
use keyrota::{Command, Event, Triggers};

use crate::rig::{CHANNEL, World};
use crate::{HOUR, MINUTE, TRIO, made, seated, stranger_joins, tell, topic};

/// A reason of which all hear at once, and how the world comes to the moment when it counts.
struct Reason {
    cause: Cause,
    triggers: Triggers,
    /// Brings it as near as it can be.
    almost: fn(&mut World),
    /// Brings it about.
    bring: fn(&mut World),
    /// From then until a key is due.
    wait: u64,
}

fn reasons() -> Vec<Reason> {
    let never = Triggers::NEVER;
    vec![
        Reason {
            cause: Cause::Period,
            triggers: Triggers { period: Some(7_200), ..never },
            almost: |world| world.run(made(world) + 2 * HOUR - 1 - world.ms),
            bring: |world| world.run(1),
            wait: 0,
        },
        Reason {
            cause: Cause::Messages,
            triggers: Triggers { messages: Some(3), ..never },
            almost: |world| {
                world.say("jiro", "one");
                world.say("hanako", "two");
            },
            bring: |world| world.say("jiro", "three"),
            wait: PAUSE,
        },
        Reason {
            cause: Cause::Bytes,
            triggers: Triggers { bytes: Some(100), ..never },
            almost: |world| {
                world.say("jiro", &"x".repeat(60));
                world.say("hanako", &"x".repeat(39));
            },
            bring: |world| world.say("jiro", "x"),
            wait: PAUSE,
        },
        Reason {
            cause: Cause::Growth,
            triggers: Triggers { growth: Some(3), ..never },
            almost: |world| {
                for number in [0, 1] {
                    stranger_joins(world, number);
                }
                // Who leaves counts, too, and who is here already is not new.
                tell(world, Event::Quit { nick: "guest0" });
                for number in [2, 2, 2] {
                    stranger_joins(world, number);
                }
            },
            bring: |world| stranger_joins(world, 3),
            wait: 0,
        },
        Reason {
            cause: Cause::Topic,
            triggers: Triggers { topic: true, ..never },
            almost: |_| {},
            bring: topic,
            wait: 0,
        },
        Reason {
            cause: Cause::Idle,
            triggers: Triggers { idle: Some(900), ..never },
            almost: |world| {
                world.say("jiro", "and then?");
                world.run(900_000 - 1);
            },
            bring: |world| world.run(1),
            wait: 0,
        },
        Reason {
            cause: Cause::Wish,
            triggers: never,
            almost: |_| {},
            bring: |world| {
                let wish = Command::Refresh { channel: CHANNEL };
                world.command("jiro", wish).expect("a key to renew");
            },
            wait: PAUSE,
        },
        Reason {
            cause: Cause::Lifetime,
            triggers: never,
            almost: |world| world.run(made(world) + (24 * 60 - 10) * MINUTE - 1 - world.ms),
            bring: |world| world.run(1),
            wait: 0,
        },
    ]
}

#[test]
fn each_reason_renews_the_key_when_it_comes_and_not_before() {
    for Reason { cause, triggers, almost, bring, wait } in reasons() {
        let mut world = seated(triggers);
        world.run(HOUR);
        let count = world.lines.len();
        almost(&mut world);
        if !matches!(cause, Cause::Period | Cause::Idle | Cause::Lifetime) {
            world.run(HOUR);
        }
        assert_eq!(world.makers(count), [], "{cause:?}");
        bring(&mut world);
        let due = world.ms + wait;
        world.run(60 * MINUTE);
        assert_eq!(world.makers(count), [(due, "taro", cause)]);
        world.agreed();
    }
}

#[test]
fn a_reason_that_is_not_set_renews_nothing() {
    for Reason { cause, triggers, almost, bring, .. } in reasons() {
        if matches!(cause, Cause::Wish | Cause::Lifetime) {
            continue;
        }
        // Everything else is set, but out of reach.
        let far = Some(u32::MAX);
        let mut other = Triggers {
            period: far,
            messages: far,
            bytes: far,
            growth: far,
            topic: true,
            idle: far,
            alone: true,
        };
        match cause {
            Cause::Period => other.period = None,
            Cause::Messages => other.messages = None,
            Cause::Bytes => other.bytes = None,
            Cause::Growth => other.growth = None,
            Cause::Topic => other.topic = false,
            _ => other.idle = None,
        }
        assert_ne!(other, triggers);
        let mut world = seated(other);
        world.run(HOUR);
        let count = world.lines.len();
        almost(&mut world);
        bring(&mut world);
        world.run(3 * HOUR);
        assert_eq!(world.makers(count), [], "{cause:?}");
    }
}

#[test]
fn each_reason_fails_over_to_the_next_when_the_first_is_silent() {
    for Reason { cause, triggers, almost, bring, wait } in reasons() {
        for silent in 1..=2 {
            let mut world = seated(triggers);
            world.run(HOUR);
            let count = world.lines.len();
            for nick in &TRIO[..silent] {
                world.hang(nick);
            }
            // What hanako was to say, jiro does not.
            if silent == 2 && matches!(cause, Cause::Messages | Cause::Bytes) {
                continue;
            }
            almost(&mut world);
            bring(&mut world);
            let due = world.ms + wait + GRACE * silent as u64;
            world.run(due - 1 - world.ms);
            assert_eq!(world.makers(count), [], "{cause:?}");
            world.run(30 * MINUTE);
            assert_eq!(world.makers(count), [(due, TRIO[silent], cause)]);
            world.agreed();
            for nick in &TRIO[..silent] {
                world.resume(nick);
            }
            world.run(5 * MINUTE);
            // That somebody joined the first hears before the key: a race, and no harm.
            let races = usize::from(cause == Cause::Growth);
            assert_eq!(world.makers(count).len(), 1 + races, "{cause:?}");
            world.agreed();
        }
    }
}

/// Those who left hold the key, so they are excluded, which renews it; the reason is gone with it.
#[test]
fn who_leaves_while_a_reason_waits_for_its_pause_is_excluded_by_the_next() {
    for Reason { cause, triggers, almost, bring, .. } in reasons() {
        let mut world = seated(triggers);
        world.run(HOUR);
        let count = world.lines.len();
        world.hang("taro");
        almost(&mut world);
        bring(&mut world);
        world.part("taro");
        let left = world.ms;
        world.run(30 * MINUTE);
        let makers = world.makers(count);
        // Either the renewal, and a minute later the exclusion; or, with it, the renewal.
        let (at, nick, first) = makers[0];
        assert_eq!((nick, first), ("hanako", cause));
        assert!(at <= left + PAUSE, "{cause:?}: taken over at once");
        assert_eq!(makers.last().expect("one").2, Cause::Exclusion);
        assert_eq!(makers.len(), 2, "{cause:?}");
        world.agreed();
    }
}
