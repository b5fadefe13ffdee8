//! Reasons together, reasons of one terminal alone, wishes, storms, and settings.

use keyrota::spec::Cause;
use keyrota::spec::limits::{DEPARTURE, GRACE, PAUSE, SEALED_GAP};
use keyrota::{Command, Event, GrantRule, Notice, Refusal, Settings, Triggers};

use crate::rig::{CHANNEL, World};
use crate::{HOUR, MINUTE, TRIO, made, seated, stranger_joins, tell, topic};

#[test]
fn of_several_reasons_the_first_counts_and_the_key_is_renewed_once() {
    let triggers = Triggers {
        period: Some(7_200),
        messages: Some(3),
        bytes: Some(10),
        growth: Some(1),
        topic: true,
        idle: Some(600),
        alone: true,
    };
    // The third text is also the tenth byte; then whatever else there is.
    let mut world = seated(triggers);
    world.run(5 * MINUTE);
    let count = world.lines.len();
    for text in ["one", "two", "four"] {
        world.say("jiro", text);
    }
    stranger_joins(&mut world, 0);
    topic(&mut world);
    let due = world.ms + PAUSE;
    world.run(HOUR);
    assert_eq!(world.makers(count), [(due, "taro", Cause::Messages)]);
    // Nothing was carried over: the period begins anew.
    world.run(due + 2 * HOUR - 1 - world.ms);
    assert_eq!(world.makers(count).len(), 1);
    world.run(1);
    assert_eq!(world.makers(count).pop(), Some((due + 2 * HOUR, "taro", Cause::Period)));
}

#[test]
fn a_silence_renews_the_key_once() {
    let mut world = seated(Triggers { idle: Some(900), ..Triggers::NEVER });
    let count = world.lines.len();
    // No text was sent under this key, nor under any.
    world.run(5 * HOUR);
    assert_eq!(world.makers(count), []);
    for _ in 0..2 {
        let count = world.lines.len();
        world.say("hanako", "so quiet here");
        let said = world.ms;
        world.run(3 * HOUR);
        assert_eq!(world.makers(count), [(said + 900_000, "taro", Cause::Idle)]);
    }
}

/// Each terminal counts what it seals and opens, controls included, the same.
#[test]
fn controls_count_as_texts_do() {
    let mut world = seated(Triggers { messages: Some(2), ..Triggers::NEVER });
    world.run(HOUR);
    let count = world.lines.len();
    world.hang("taro");
    world.say("jiro", "one");
    world.command("hanako", Command::Refresh { channel: CHANNEL }).expect("a wish");
    world.run(HOUR);
    // Both reasons came with it; of the two it is messages that stands first.
    let makers: Vec<_> = world.makers(count).iter().map(|(_, nick, _)| *nick).collect();
    assert_eq!(makers, ["hanako"]);
}

#[test]
fn who_is_left_alone_renews_the_key_if_no_holder_left() {
    let alone = Triggers { alone: true, ..Triggers::NEVER };
    let mut world = World::with(&["taro"], |_, config| config.channel.triggers = alone);
    world.join("taro");
    world.run(HOUR);
    for number in 0..2 {
        stranger_joins(&mut world, number);
    }
    let count = world.lines.len();
    tell(&mut world, Event::Part { channel: CHANNEL, nick: "guest0" });
    world.run(HOUR);
    assert_eq!(world.makers(count), [], "one is here yet");
    tell(&mut world, Event::Part { channel: CHANNEL, nick: "guest1" });
    let left = world.ms;
    world.run(HOUR);
    assert_eq!(world.makers(count), [(left, "taro", Cause::Alone)]);
    // Alone all the time is no reason.
    world.run(5 * HOUR);
    assert_eq!(world.makers(count).len(), 1);
}

#[test]
fn the_exclusion_of_a_holder_takes_the_place_of_the_renewal_of_who_is_alone() {
    for alone in [true, false] {
        let triggers = Triggers { alone, ..Triggers::NEVER };
        let mut world =
            World::seated_with(&["taro", "hanako"], |_, one| one.channel.triggers = triggers);
        world.run(HOUR);
        let key = world.agreed();
        world.part("hanako");
        world.run(DEPARTURE - 1);
        assert_eq!(world.agreed(), key, "alone: {alone}");
        world.run(1);
        assert_eq!(world.user("taro").cause(), Cause::Exclusion);
        let key = world.agreed();
        world.run(HOUR);
        assert_eq!(world.agreed(), key, "alone: {alone}");
    }
}

#[test]
fn the_names_on_the_first_list_are_no_growth() {
    let growth = Triggers { growth: Some(1), ..Triggers::NEVER };
    let mut world = seated(growth);
    world.run(HOUR);
    world.part("hanako");
    world.run(5 * MINUTE);
    let count = world.lines.len();
    // She comes back to what she knows already, and is told who is here.
    world.join("hanako");
    let joined = world.ms;
    world.run(HOUR);
    let makers = world.makers(count);
    assert_eq!(makers, [(joined, "taro", Cause::Growth)], "hanako grew, and nobody else");
    world.agreed();
}

#[test]
fn a_reason_of_one_members_own_renews_the_key_when_its_turn_comes() {
    let mut world = World::seated_with(&TRIO, |nick, config| {
        let topic = nick == "jiro";
        config.channel.triggers = Triggers { topic, ..Triggers::NEVER };
    });
    world.run(HOUR);
    let count = world.lines.len();
    topic(&mut world);
    let at = world.ms;
    world.run(HOUR);
    // To the others nothing was due: to jiro they are silent.
    assert_eq!(world.makers(count), [(at + 2 * GRACE, "jiro", Cause::Topic)]);
    topic(&mut world);
    let at = world.ms;
    world.run(HOUR);
    assert_eq!(world.makers(count).pop(), Some((at, "jiro", Cause::Topic)), "first by now");
    world.agreed();
}

#[test]
fn a_reason_of_who_has_no_seat_renews_nothing_unless_its_user_wishes_it() {
    let mut world = seated(Triggers::NEVER);
    world.add("goro", |config| {
        config.channel.triggers = Triggers { topic: true, messages: Some(1), ..Triggers::NEVER };
    });
    world.join("goro");
    world.run(HOUR);
    let count = world.lines.len();
    topic(&mut world);
    world.say("goro", "a new topic");
    world.run(HOUR);
    assert_eq!(world.makers(count), []);
    world.command("goro", Command::Refresh { channel: CHANNEL }).expect("a wish");
    let wished = world.ms;
    world.run(HOUR);
    assert_eq!(world.makers(count), [(wished + PAUSE, "taro", Cause::Wish)]);
    let told = |notice: &Notice| matches!(notice, Notice::NobodyCanRenew(_));
    assert!(!world.user("goro").notices.iter().any(told));
}

#[test]
fn a_wish_of_who_has_no_seat_fails_over_too() {
    let mut world = seated(Triggers::NEVER);
    world.add("goro", |_| {});
    world.join("goro");
    world.run(HOUR);
    let count = world.lines.len();
    world.hang("taro");
    world.command("goro", Command::Refresh { channel: CHANNEL }).expect("a wish");
    let due = world.ms + PAUSE + GRACE;
    world.run(HOUR);
    assert_eq!(world.makers(count), [(due, "hanako", Cause::Wish)]);
}

#[test]
fn the_wish_of_the_first_ones_user_waits_for_nothing_but_a_pause() {
    let mut world = seated(Triggers::NEVER);
    let count = world.lines.len();
    for _ in 0..5 {
        world.command("taro", Command::Refresh { channel: CHANNEL }).expect("a wish");
        world.run(1_000);
    }
    assert_eq!(world.makers(count).len(), 5);
    // Anybody else's waits until the key is a minute old, however many wish.
    let last = made(&world);
    for nick in ["jiro", "hanako", "jiro"] {
        world.command(nick, Command::Refresh { channel: CHANNEL }).expect("a wish");
    }
    world.run(5 * MINUTE);
    assert_eq!(world.makers(count)[5..], [(last + SEALED_GAP, "taro", Cause::Wish)]);
}

/// A server that makes topics, joins and departures up, and a member that wishes without end.
#[test]
fn what_anybody_can_cause_costs_one_renewal_a_minute() {
    let storms: [fn(&mut World, usize); 4] = [
        |world, _| topic(world),
        stranger_joins,
        |world, number| {
            topic(world);
            stranger_joins(world, number);
            let nick = format!("guest{number}");
            tell(world, Event::Quit { nick: &nick });
        },
        |world, number| {
            if number % 50 == 0 {
                world.command("jiro", Command::Refresh { channel: CHANNEL }).expect("a wish");
            }
        },
    ];
    let all = Triggers { growth: Some(1), topic: true, alone: true, ..Triggers::NEVER };
    for (which, storm) in storms.into_iter().enumerate() {
        let mut world = seated(all);
        let count = world.lines.len();
        let began = world.ms;
        for number in 0..1_000 {
            storm(&mut world, number);
            world.run(600);
        }
        let minutes = (world.ms - began) / MINUTE;
        let makers = world.makers(count);
        assert!(makers.len() as u64 <= minutes + 1, "storm {which}: {} renewals", makers.len());
        assert!(makers.len() as u64 >= minutes - 1, "storm {which}: {} renewals", makers.len());
        for pair in makers.windows(2) {
            assert!(pair[1].0 >= pair[0].0 + SEALED_GAP, "storm {which}: {pair:?}");
        }
        world.agreed();
    }
}

#[test]
fn a_trigger_of_zero_is_refused() {
    let mut world = seated(Triggers::NEVER);
    let never = Triggers::NEVER;
    for triggers in [
        Triggers { period: Some(0), ..never },
        Triggers { messages: Some(0), ..never },
        Triggers { bytes: Some(0), ..never },
        Triggers { growth: Some(0), ..never },
        Triggers { idle: Some(0), ..never },
    ] {
        let settings = Settings { triggers, ..Settings::default() };
        let refused = world.command("taro", Command::Configure { channel: CHANNEL, settings });
        assert_eq!(refused, Err(Refusal::Settings), "{triggers:?}");
    }
}

/// What was counted before counts when the user sets another number.
#[test]
fn a_lower_number_counts_at_once() {
    let mut world = seated(Triggers::NEVER);
    for text in 0..5 {
        world.say("jiro", &text.to_string());
    }
    world.run(HOUR);
    let count = world.lines.len();
    let triggers = Triggers { messages: Some(6), ..Triggers::NEVER };
    let rule = GrantRule::ByHand;
    let mut settings = Settings { triggers, rule, ..Settings::default() };
    let set =
        |settings: &Settings| Command::Configure { channel: CHANNEL, settings: settings.clone() };
    world.command("taro", set(&settings)).expect("set");
    world.run(HOUR);
    assert_eq!(world.makers(count), []);
    settings.triggers.messages = Some(5);
    world.command("taro", set(&settings)).expect("set");
    let now = world.ms;
    world.run(HOUR);
    assert_eq!(world.makers(count), [(now, "taro", Cause::Messages)]);
}
