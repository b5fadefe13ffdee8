//! The grant rules one by one: whom each gives rights, what none does, and whom no server moves
//! (R-ROS-4, R-ROS-5, R-ROS-8).

use crate::rig;

use keyrota::spec::limits::{DEPARTURE, GRACE, RULE_GAP, SEALED_GAP, SEATS_MAX};
use keyrota::spec::{Cause, MemberId, Rights};
use keyrota::{Command, Duty, Event, GrantRule, Notice, Refusal, Settings};
use rig::{CHANNEL, World};

const DISTRIBUTE: Rights = Rights { update: false, distribute: true };
const UPDATE: Rights = Rights { update: true, distribute: false };
const FIVE: [&str; 5] = ["taro", "hanako", "jiro", "saburo", "goro"];

/// All join one after the other, each with this rule.
fn joined(nicks: &[&str], rule: GrantRule) -> World {
    let mut world = World::with(nicks, |_, config| config.channel.rule = rule);
    for nick in nicks {
        world.join(nick);
        world.run(1_000);
    }
    world
}

/// Likewise, but only the founder has it, and others follow none.
fn founded(nicks: &[&str], rule: GrantRule) -> World {
    let mut world = World::with(nicks, |nick, config| {
        config.channel.rule = if nick == "taro" { rule } else { GrantRule::ByHand };
    });
    for nick in nicks {
        world.join(nick);
        world.run(1_000);
    }
    world
}

fn mode(world: &mut World, nick: &str, modes: &str) -> Result<(), Refusal> {
    world.command(nick, Command::Mode { channel: CHANNEL, modes })
}

fn operator(world: &mut World, nick: &str, on: bool) {
    world.tell_all(Event::Operator { channel: CHANNEL, nick, on });
    world.deliver();
}

fn nick<'w>(world: &'w World, id: &MemberId) -> &'w str {
    &world.users.iter().find(|user| user.id() == *id).expect("a user").nick
}

/// The seats as all in the channel see them.
fn entries(world: &World) -> Vec<(&str, Rights)> {
    let lists: Vec<_> = world.here().map(|user| user.view().list().expect("a list")).collect();
    assert!(lists.iter().all(|list| *list == lists[0]), "one list for all");
    lists[0].seats().map(|(_, entry)| (nick(world, &entry.id), entry.rights)).collect()
}

/// Likewise, all with both rights.
fn seats(world: &World) -> Vec<&str> {
    let entries = entries(world).into_iter();
    entries.inspect(|(_, rights)| assert_eq!(*rights, Rights::BOTH)).map(|(nick, _)| nick).collect()
}

/// When the list was changed, and by whom.
fn changes(world: &World, count: usize) -> Vec<(u64, &str)> {
    let makers = world.makers(count).into_iter();
    makers.filter(|(.., cause)| *cause == Cause::List).map(|(at, nick, _)| (at, nick)).collect()
}

/// No two changes by one member, or of all, are nearer than ten minutes.
fn assert_gaps(world: &World) {
    let changes = changes(world, 0);
    for pair in changes.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= RULE_GAP, "{changes:?}");
    }
}

// ---- at random

#[test]
fn random_members_are_seated_once_and_any_can_be() {
    let mut chosen = std::collections::BTreeSet::new();
    // Who is chosen hangs on the seed of the founder's terminal, which is its number here.
    for others in 0..6 {
        let mut world = World::new(&[]);
        for number in 0..others {
            world.add(&format!("nobody{number}"), |_| {});
        }
        for nick in FIVE {
            world.add(nick, |config| config.channel.rule = GrantRule::Random { seats: 2 });
            world.join(nick);
        }
        world.run(RULE_GAP - 1);
        assert_eq!(seats(&world), ["taro"]);
        world.run(1);
        let before: Vec<String> = seats(&world).into_iter().map(String::from).collect();
        assert_eq!((before.len(), &*before[0]), (2, "taro"), "{before:?}");
        world.run(3 * RULE_GAP);
        // Nothing is drawn anew.
        assert_eq!(seats(&world), before);
        assert_eq!(changes(&world, 0).len(), 1);
        world.agreed();
        chosen.insert(before[1].clone());
    }
    assert!(chosen.len() > 2, "always {chosen:?}");
}

#[test]
fn random_replaces_who_leaves_and_the_channel_outlives_its_founder() {
    let mut world = joined(&FIVE, GrantRule::Random { seats: 3 });
    world.run(2 * RULE_GAP);
    assert_eq!(seats(&world).len(), 3);
    world.part("taro");
    world.run(2 * RULE_GAP);
    let here: Vec<&str> = world.here().map(|user| user.nick.as_str()).collect();
    assert_eq!(seats(&world).iter().filter(|nick| here.contains(nick)).count(), 3);
    world.agreed();
    assert_gaps(&world);
}

// ---- those chosen before choose others

#[test]
fn each_holder_picks_so_many_behind_itself() {
    let mut world = founded(&FIVE, GrantRule::Holders { picks: 2 });
    world.run(3 * RULE_GAP);
    // Only the founder has the rule: two, and no more.
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
    world.part("hanako");
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro", "saburo"]);
    assert_gaps(&world);
}

#[test]
fn those_picked_pick_in_their_turn_one_change_in_ten_minutes() {
    let mut world = joined(&FIVE, GrantRule::Holders { picks: 1 });
    world.run(6 * RULE_GAP);
    assert_eq!(seats(&world), FIVE);
    // Each new seat was given by the one before it, which has nobody behind itself.
    let by: Vec<&str> = changes(&world, 0).into_iter().map(|(_, nick)| nick).collect();
    assert_eq!(by, ["taro", "hanako", "jiro", "saburo"]);
    assert_gaps(&world);
}

#[test]
fn a_holder_need_not_be_the_first_and_steps_in_for_nobody() {
    let mut world = World::with(&FIVE, |nick, config| {
        let holds = nick == "hanako" || nick == "jiro";
        config.channel.rule =
            if holds { GrantRule::Holders { picks: 2 } } else { GrantRule::ByHand };
    });
    for nick in FIVE {
        world.join(nick);
        world.run(1_000);
    }
    world.run(60_000);
    mode(&mut world, "taro", "+oo hanako jiro").expect("seated");
    let (now, count) = (world.ms, world.lines.len());
    world.run(RULE_GAP + 3 * GRACE);
    // hanako has jiro behind herself, and wants one more; each lets those before it go first.
    let at = now + RULE_GAP + GRACE;
    assert_eq!(changes(&world, count), [(at, "hanako")]);
    assert_eq!(seats(&world), FIVE[..4]);
    // Where she is silent jiro does it for himself, at his own place.
    world.hang("hanako");
    world.run(RULE_GAP + 3 * GRACE);
    assert_eq!(changes(&world, count).last().map(|(_, nick)| *nick), Some("jiro"));
    assert_eq!(seats(&world), FIVE);
}

#[test]
fn a_holder_gives_what_it_has() {
    let mut world = World::with(&FIVE[..3], |nick, config| {
        config.channel.rule =
            if nick == "hanako" { GrantRule::Holders { picks: 1 } } else { GrantRule::ByHand };
    });
    for nick in &FIVE[..3] {
        world.join(nick);
        world.run(1_000);
    }
    mode(&mut world, "taro", "+x hanako").expect("seated");
    world.run(2 * RULE_GAP);
    assert_eq!(entries(&world), [("taro", Rights::BOTH), ("hanako", UPDATE)]);
    mode(&mut world, "taro", "+d hanako").expect("both");
    world.run(2 * RULE_GAP);
    assert_eq!(seats(&world), FIVE[..3]);
}

// ---- operators

#[test]
fn an_operator_may_be_named_before_it_introduces_itself() {
    let mut world = founded(&["taro"], GrantRule::Operators);
    for nick in ["hanako", "jiro"] {
        world.add(nick, |config| config.channel.rule = GrantRule::ByHand);
    }
    // Of hanako nothing arrives yet.
    world.filter = Box::new(|line, _| line.nick != "hanako");
    world.join("hanako");
    world.join("jiro");
    world.run(60_000);
    assert_eq!(mode(&mut world, "taro", "+d hanako"), Err(Refusal::UnknownMember));
    assert_eq!(mode(&mut world, "taro", "+o nobody"), Err(Refusal::UnknownMember));
    mode(&mut world, "taro", "+o hanako").expect("remembered");
    assert_eq!(mode(&mut world, "taro", "+o hanako"), Err(Refusal::Nothing));
    assert_eq!(world.user("taro").view().list().expect("a list").seats().count(), 1);
    // A change of nick does not matter.
    world.rename("hanako", "hanako_");
    world.filter = Box::new(|_, _| true);
    world.run(60_000);
    assert_eq!(seats(&world), ["taro", "hanako_"]);
    world.agreed();
    // What is taken stays taken, however the member is named.
    let taken = format!("-o {}", world.user("hanako_").id());
    mode(&mut world, "taro", &taken).expect("taken");
    world.run(2 * RULE_GAP);
    assert_eq!(seats(&world), ["taro"]);
}

#[test]
fn who_takes_the_nick_of_an_operator_to_be_gets_nothing() {
    // The one that was meant leaves, and another comes under its nick: or it is renamed to it.
    for renamed in [false, true] {
        let mut world = founded(&["taro"], GrantRule::Operators);
        world.add("hanako", |_| {});
        let other = if renamed { "jiro" } else { "hanako_" };
        world.add(other, |_| {});
        world.filter = Box::new(|line, _| line.nick == "taro");
        world.join("hanako");
        world.join(other);
        mode(&mut world, "taro", "+o hanako").expect("remembered");
        if renamed {
            // The server tells of names as it likes; the certificate is jiro's all the same.
            world.event("taro", Event::Nick { old: "hanako", new: "somebody" });
            world.event("taro", Event::Nick { old: "jiro", new: "hanako" });
            world.event("taro", Event::Nick { old: "hanako", new: "jiro" });
            world.part("hanako");
        } else {
            world.part("hanako");
            world.user_mut("hanako_").nick = "hanako__".into();
            world.tell_all(Event::Nick { old: "hanako_", new: "hanako" });
            world.user_mut("hanako__").nick = "hanako_".into();
        }
        world.filter = Box::new(|_, _| true);
        world.run(2 * RULE_GAP);
        assert_eq!(world.user("taro").view().list().expect("a list").seats().count(), 1);
    }
}

#[test]
fn the_certificate_must_say_the_name_that_the_user_did() {
    let mut world = founded(&["taro"], GrantRule::Operators);
    world.add_as("hanako", rig::identity(9, "mallory"), |_| {});
    world.filter = Box::new(|line, _| line.nick == "taro");
    world.join("hanako");
    mode(&mut world, "taro", "+o hanako").expect("remembered");
    world.filter = Box::new(|_, _| true);
    world.run(2 * RULE_GAP);
    world.agreed();
    assert_eq!(seats(&world), ["taro"]);
    // By hand the user can still give it.
    mode(&mut world, "taro", "+o hanako").expect("given");
    assert_eq!(seats(&world), ["taro", "hanako"]);
}

#[test]
fn what_is_remembered_of_operators_is_bounded_and_all_or_nothing() {
    let names: Vec<String> = (0..=SEATS_MAX).map(|number| format!("user{number}")).collect();
    let mut world = founded(&["taro"], GrantRule::Operators);
    for nick in &names {
        world.event("taro", Event::Join { channel: CHANNEL, nick });
    }
    // One that is refused leaves nothing behind.
    assert_eq!(mode(&mut world, "taro", "+oo user0 nobody"), Err(Refusal::UnknownMember));
    assert_eq!(mode(&mut world, "taro", "-o user0"), Err(Refusal::UnknownMember));
    let modes = format!("+{} {}", "o".repeat(SEATS_MAX), names[..SEATS_MAX].join(" "));
    mode(&mut world, "taro", &modes).expect("all remembered");
    let last = format!("+o {}", names[SEATS_MAX]);
    assert_eq!(mode(&mut world, "taro", &last), Err(Refusal::ListFull));
    mode(&mut world, "taro", "-o user3").expect("forgotten");
    assert_eq!(mode(&mut world, "taro", "-o user3"), Err(Refusal::UnknownMember));
    mode(&mut world, "taro", &last).expect("room");
    // Who leaves is forgotten too.
    world.event("taro", Event::Part { channel: CHANNEL, nick: "user0" });
    mode(&mut world, "taro", "+o user3").expect("room");
}

// ---- the server's word

#[test]
fn the_server_gives_and_takes_where_the_user_told_the_terminal_to_obey() {
    let mut world = founded(&FIVE, GrantRule::Server);
    world.run(60_000);
    assert_eq!(seats(&world), ["taro"]);
    let told = |world: &World, nick: &str| {
        let notices = world.user(nick).notices.iter();
        notices.filter(|notice| **notice == Notice::ServerMovesRights).count()
    };
    assert_eq!((told(&world, "taro"), told(&world, "hanako")), (1, 0));
    operator(&mut world, "jiro", true);
    assert_eq!(seats(&world), ["taro", "jiro"]);
    operator(&mut world, "hanako", true);
    operator(&mut world, "jiro", false);
    world.run(RULE_GAP - 1);
    assert_eq!(seats(&world), ["taro", "jiro"]);
    world.run(1);
    assert_eq!(seats(&world), ["taro", "hanako"]);
    // Whom the rule itself took rights from it gives them again.
    operator(&mut world, "jiro", true);
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
    operator(&mut world, "jiro", false);
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako"]);
    // What the user gives by hand is not taken for what the server said before.
    mode(&mut world, "taro", "+o jiro").expect("given");
    world.run(2 * RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
    // As often as the server changes its mind, one change in ten minutes.
    let count = world.lines.len();
    for round in 0..40 {
        operator(&mut world, "hanako", round % 2 == 0);
        operator(&mut world, "jiro", round % 3 == 0);
        world.run(45_000);
    }
    let made = changes(&world, count);
    assert!(made.windows(2).all(|pair| pair[1].0 - pair[0].0 >= RULE_GAP), "{made:?}");
    assert!(made.len() >= 2, "{made:?}");
    world.agreed();
    assert_eq!(told(&world, "taro"), 1);
}

#[test]
fn a_complete_list_of_names_tells_of_operators_too() {
    let mut world = founded(&FIVE[..3], GrantRule::Server);
    let names = |marked: &str| FIVE[..3].iter().map(|nick| (*nick, *nick == marked)).collect();
    let before: Vec<(&str, bool)> = names("jiro");
    world.event("taro", Event::Names { channel: CHANNEL, names: &before });
    world.deliver();
    world.run(1_000);
    assert_eq!(seats(&world), ["taro", "jiro"]);
    let after: Vec<(&str, bool)> = names("hanako");
    world.event("taro", Event::Names { channel: CHANNEL, names: &after });
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako"]);
}

#[test]
fn a_split_that_heals_without_operators_strips_nobody() {
    let mut world = founded(&FIVE, GrantRule::Server);
    for nick in ["hanako", "jiro"] {
        operator(&mut world, nick, true);
    }
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
    for nick in ["hanako", "jiro"] {
        world.part(nick);
    }
    // Of who is not there the server may say what it likes.
    operator(&mut world, "hanako", false);
    world.run(DEPARTURE);
    for nick in ["hanako", "jiro"] {
        world.join(nick);
    }
    world.run(3 * RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
}

#[test]
fn the_server_moves_nobody_ahead_of_who_obeys_it() {
    let mut world = World::with(&FIVE, |nick, config| {
        config.channel.rule = if nick == "hanako" { GrantRule::Server } else { GrantRule::ByHand };
    });
    for nick in FIVE {
        world.join(nick);
        world.run(1_000);
    }
    world.run(60_000);
    mode(&mut world, "taro", "+oo+x1 hanako jiro hanako").expect("seated");
    for nick in FIVE {
        operator(&mut world, nick, true);
    }
    world.run(RULE_GAP);
    assert_eq!(seats(&world), FIVE);
    for nick in FIVE {
        operator(&mut world, nick, false);
    }
    world.run(2 * RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako"]);
    // Nor does it try.
    let wake = world.user("hanako").terminal.wake().expect("a wake");
    assert_ne!(wake.why, Duty::Seat);
}

#[test]
fn another_that_obeys_the_server_goes_on_where_the_first_left() {
    let mut world = joined(&FIVE[..3], GrantRule::Server);
    for nick in ["hanako", "jiro"] {
        operator(&mut world, nick, true);
    }
    world.run(RULE_GAP);
    operator(&mut world, "jiro", false);
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako"]);
    world.part("taro");
    operator(&mut world, "jiro", true);
    world.run(RULE_GAP);
    assert_eq!(seats(&world), ["taro", "hanako", "jiro"]);
}

/// Whatever the server says, where no user told a terminal to obey it.
#[test]
fn under_every_other_rule_the_server_moves_no_right() {
    let rules = [
        GrantRule::FirstJoined { seats: 2 },
        GrantRule::Random { seats: 2 },
        GrantRule::Holders { picks: 1 },
        GrantRule::Operators,
        GrantRule::ByHand,
    ];
    for rule in rules {
        let mut world = founded(&FIVE[..4], rule);
        world.run(RULE_GAP);
        let list = world.user("taro").view().list().expect("a list").clone();
        let channel = CHANNEL;
        let seated = list.seats().count();
        let lies = [
            Event::Operator { channel, nick: "saburo", on: true },
            Event::Operator { channel, nick: "taro", on: false },
            Event::Names {
                channel,
                names: &[("taro", false), ("hanako", false), ("jiro", false), ("saburo", true)],
            },
            Event::Nick { old: "saburo", new: "taro_" },
            Event::Nick { old: "taro_", new: "saburo" },
            Event::Kick { channel, nick: "saburo" },
            Event::Join { channel, nick: "saburo" },
        ];
        for lie in lies {
            for nick in ["taro", "hanako"] {
                world.event(nick, lie);
            }
            world.deliver();
            world.run(DEPARTURE);
        }
        world.run(2 * RULE_GAP);
        assert_eq!(world.user("taro").view().list(), Some(&list), "{rule:?}, {seated}");
    }
}

// ---- for all of them

#[test]
fn a_rule_can_give_one_of_the_rights() {
    for (rights, rule) in [
        (DISTRIBUTE, GrantRule::FirstJoined { seats: 3 }),
        (UPDATE, GrantRule::FirstJoined { seats: 3 }),
        (DISTRIBUTE, GrantRule::Random { seats: 5 }),
        (DISTRIBUTE, GrantRule::Holders { picks: 2 }),
    ] {
        let mut world = World::with(&FIVE, |_, config| {
            config.channel.rule = rule;
            config.channel.rights = rights;
        });
        for nick in FIVE {
            world.join(nick);
            world.run(1_000);
        }
        world.run(2 * RULE_GAP);
        let entries = entries(&world);
        assert!(entries.len() >= 3, "{entries:?}");
        assert_eq!(entries[0], ("taro", Rights::BOTH));
        assert!(entries[1..].iter().all(|(_, has)| *has == rights), "{entries:?}");
    }
}

#[test]
fn whom_the_user_took_a_right_from_no_rule_gives_it_again() {
    for rule in [
        GrantRule::FirstJoined { seats: 3 },
        GrantRule::Random { seats: 3 },
        GrantRule::Holders { picks: 2 },
        GrantRule::Server,
    ] {
        let mut world = joined(&FIVE[..3], rule);
        for nick in ["hanako", "jiro"] {
            operator(&mut world, nick, true);
        }
        world.run(4 * RULE_GAP);
        assert_eq!(seats(&world).len(), 3, "{rule:?}");
        mode(&mut world, "taro", "-o jiro").expect("taken");
        world.run(4 * RULE_GAP);
        assert_eq!(seats(&world), ["taro", "hanako"], "{rule:?}");
        // Also where another is the first from now on.
        if rule != GrantRule::Server {
            world.part("taro");
            world.run(4 * RULE_GAP);
            assert_eq!(seats(&world), ["taro", "hanako"], "{rule:?}");
            world.join("taro");
            world.run(60_000);
            world.say("jiro", "welcome back");
        }
        // Until it is given again.
        mode(&mut world, "taro", "+o jiro").expect("given");
        assert_eq!(seats(&world), ["taro", "hanako", "jiro"], "{rule:?}");
        world.agreed();
    }
}

/// The server cannot have a terminal forget it by reporting its own departure.
#[test]
fn what_was_taken_is_remembered_across_leaving() {
    let mut world = joined(&FIVE[..3], GrantRule::FirstJoined { seats: 3 });
    world.run(2 * RULE_GAP);
    mode(&mut world, "taro", "-o jiro").expect("taken");
    world.run(60_000);
    world.part("taro");
    world.run(60_000);
    world.join("taro");
    world.run(3 * RULE_GAP);
    world.agreed();
    assert_eq!(seats(&world), ["taro", "hanako"]);
}

#[test]
fn a_pardoned_member_has_no_seat_until_the_user_gives_it_one() {
    let mut world = joined(&FIVE[..3], GrantRule::FirstJoined { seats: 3 });
    world.run(2 * RULE_GAP);
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    world.run(60_000);
    world.command("taro", Command::Pardon { channel: CHANNEL, nick: "jiro" }).expect("pardoned");
    world.command("jiro", Command::Ask { channel: CHANNEL }).expect("asks");
    world.run(2 * RULE_GAP);
    world.agreed();
    assert_eq!(seats(&world), ["taro", "hanako"]);
}

#[test]
fn if_the_first_is_silent_the_next_follows_the_rule_after_a_renewal() {
    let mut world = joined(&FIVE, GrantRule::FirstJoined { seats: 3 });
    world.run(2 * RULE_GAP);
    assert_eq!(seats(&world), FIVE[..3]);
    world.hang("taro");
    world.part("jiro");
    world.run(DEPARTURE + GRACE + 1_000);
    // The exclusion was made by the next, which is the first from now on.
    world.run(SEALED_GAP);
    assert_eq!(seats(&world), FIVE[..4]);
    let last = changes(&world, 0).last().map(|(_, nick)| *nick);
    assert_eq!(last, Some("hanako"));
}

#[test]
fn another_rule_counts_at_once_and_one_out_of_bounds_is_refused() {
    let mut world = founded(&FIVE, GrantRule::ByHand);
    world.run(60_000);
    assert_eq!(seats(&world), ["taro"]);
    let configure = |rule, rights| Command::Configure {
        channel: CHANNEL,
        settings: Settings { rule, rights, ..Settings::default() },
    };
    for (rule, rights) in [
        (GrantRule::FirstJoined { seats: 0 }, Rights::BOTH),
        (GrantRule::FirstJoined { seats: 17 }, Rights::BOTH),
        (GrantRule::Random { seats: 0 }, Rights::BOTH),
        (GrantRule::Random { seats: 17 }, Rights::BOTH),
        (GrantRule::Holders { picks: 0 }, Rights::BOTH),
        (GrantRule::Holders { picks: 16 }, Rights::BOTH),
        (GrantRule::ByHand, Rights::NONE),
    ] {
        let refused = world.command("taro", configure(rule, rights));
        assert_eq!(refused, Err(Refusal::Settings), "{rule:?} {rights:?}");
    }
    // What the server said before the user had it obeyed does not count.
    mode(&mut world, "taro", "+o hanako").expect("given");
    for on in [true, false] {
        operator(&mut world, "hanako", on);
    }
    world.command("taro", configure(GrantRule::Server, Rights::BOTH)).expect("set");
    world.run(2 * RULE_GAP);
    assert_eq!(seats(&world), FIVE[..2]);
    let rule = GrantRule::FirstJoined { seats: 4 };
    world.command("taro", configure(rule, Rights::BOTH)).expect("set");
    assert_eq!(seats(&world), FIVE[..4]);
}

/// The same inputs give the same lines.
#[test]
fn rules_are_deterministic() {
    let play = || {
        let mut world = joined(&FIVE, GrantRule::Random { seats: 3 });
        world.run(2 * RULE_GAP);
        world.lines.iter().map(|line| (line.at, line.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(play(), play());
}
