//! Whom a nick stands for, and under which name a member is shown, when both have changed (spec
//! chapters 9 to 11).

use crate::rig;

use keyrota::spec::MemberId;
use keyrota::{Command, Event, GrantRule, SelfSigned};
use rig::{CHANNEL, START, World, YEAR, authority, issued, trusting};

fn bar(world: &mut World, nick: &str) {
    world.command("taro", Command::Bar { channel: CHANNEL, nick }).expect("barred");
}

fn barred(world: &World) -> Vec<MemberId> {
    world.user("taro").view().list().expect("a list").barred().copied().collect()
}

/// A nick that nobody has stands for whoever left from it last and has not come back.
#[test]
fn a_nick_stands_for_the_last_who_left_from_it() {
    let mut world = World::seated(&["taro"]);
    for nick in ["hanako", "jiro"] {
        world.add(nick, |config| config.channel.rule = GrantRule::ByHand);
        world.join(nick);
        world.run(3_000);
    }
    let [hanako, jiro] = ["hanako", "jiro"].map(|nick| world.user(nick).id());
    for nick in ["hanako", "jiro"] {
        world.event("taro", Event::Nick { old: nick, new: "x" });
        world.event("taro", Event::Part { channel: CHANNEL, nick: "X" });
        world.run(1_000);
    }
    bar(&mut world, "x");
    assert_eq!(barred(&world), [jiro]);
    // It is back, under its own nick.
    world.event("taro", Event::Join { channel: CHANNEL, nick: "jiro" });
    world.command("jiro", Command::Ask { channel: CHANNEL }).expect("asked");
    world.run(20_000);
    assert!(world.user("taro").view().roster().member(&jiro).is_some());
    bar(&mut world, "x");
    assert_eq!(barred(&world), [jiro, hanako]);
}

/// A member with another certificate is shown as that one says, from its first text on.
#[test]
fn a_name_is_that_of_the_newest_certificate() {
    let mut world = World::seated_with(&["taro"], |_, config| {
        config.authentication = trusting(&[&authority(1)]);
        config.authentication.self_signed = SelfSigned::Pin;
    });
    for (nick, name) in [("momo", "momo"), ("sakura", "sakura")] {
        let who = issued(&authority(1), 9, name, START - 1, YEAR);
        world.add_as(nick, who, |config| config.channel.rule = GrantRule::ByHand);
        world.join(nick);
        world.run(5_000);
        world.say(nick, "here");
        world.say(nick, "and here");
        let shown = &world.user("taro").shown;
        let last: Vec<_> = shown.iter().rev().take(2).map(|one| one.name.as_deref()).collect();
        assert_eq!(last, [Some(name); 2]);
        world.part(nick);
        world.run(100_000);
    }
}
