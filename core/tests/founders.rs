//! Two channels of one name: who is alone in one that it opened unasked yields, and nobody else does
//! without its user (R-GEN-1, R-OBT-1).

use crate::rig;

use keyrota::spec::limits::{ASK_WAIT, DEPARTURE};
use keyrota::spec::{ChannelId, Descent, Entry, Frame, List, Record, Rights};
use keyrota::{Command, Config, GrantRule, Notice, Refusal, SelfSigned};
use rig::{CHANNEL, World};

fn id(world: &World, nick: &str) -> ChannelId {
    world.user(nick).view().id().expect("a channel")
}

fn told_of_others(world: &World, nick: &str) -> usize {
    let other = |notice: &&Notice| matches!(notice, Notice::OtherChannel { .. });
    world.user(nick).notices.iter().filter(other).count()
}

/// Each of these alone on a side of its own, where it has opened the channel.
fn apart(nicks: &[&str]) -> World {
    let mut world = World::new(nicks);
    let sides: Vec<Vec<&str>> = nicks.iter().map(|nick| vec![*nick]).collect();
    let sides: Vec<&[&str]> = sides.iter().map(Vec::as_slice).collect();
    world.split(&sides);
    for nick in nicks {
        world.join(nick);
        world.run(1_700);
    }
    world
}

fn talk(world: &mut World, nicks: &[&str]) {
    world.agreed_by(nicks);
    for nick in nicks {
        world.say(nick, &format!("{nick} here"));
    }
    for nick in nicks {
        let read = world.user(nick).texts();
        for other in nicks.iter().filter(|other| *other != nick) {
            assert!(read.contains(&format!("{other} here").as_str()), "{nick}: {read:?}");
        }
    }
}

#[test]
fn of_two_lone_founders_the_greater_yields() {
    // Whoever founded first; the names decide nothing.
    for nicks in [["taro", "hanako"], ["jiro", "momo"], ["momo", "a"]] {
        let mut world = apart(&nicks);
        let ids = nicks.map(|nick| id(&world, nick));
        let least = *ids.iter().min().expect("two");
        let count = world.lines.len();
        world.heal();
        world.run(DEPARTURE + ASK_WAIT);
        assert_eq!(nicks.map(|nick| id(&world, nick)), [least; 2]);
        talk(&mut world, &nicks);
        let yielded = nicks[usize::from(ids[1] != least)];
        assert!(world.user(yielded).notices.contains(&Notice::Pinned(least)));
        assert!(world.since(count).len() <= 12, "{}", world.since(count).len());
        world.run(3_600_000);
        for nick in nicks {
            world.command(nick, Command::Refresh { channel: CHANNEL }).expect("wished");
            world.run(120_000);
        }
        world.agreed();
        // Nor of the one that was given up long ago.
        assert_eq!(nicks.map(|nick| told_of_others(&world, nick)), [0, 0]);
    }
}

#[test]
fn of_three_lone_founders_all_come_together() {
    let nicks = ["taro", "hanako", "jiro"];
    let mut world = apart(&nicks);
    world.heal();
    world.run(DEPARTURE + 2 * ASK_WAIT + DEPARTURE);
    talk(&mut world, &nicks);
}

#[test]
fn a_lone_founder_yields_to_a_channel_that_has_members() {
    let mut lesser = [0, 0];
    for late in [0_u64, 60_000, 120_000, 180_000, 240_000] {
        let mut world = World::new(&["taro", "hanako", "jiro"]);
        world.split(&[&["taro", "hanako"], &["jiro"]]);
        world.run(late);
        for nick in ["taro", "hanako", "jiro"] {
            world.join(nick);
            world.run(3_000);
        }
        world.say("jiro", "to myself");
        let (theirs, own) = (id(&world, "taro"), id(&world, "jiro"));
        lesser[usize::from(own < theirs)] += 1;
        world.heal();
        world.run(DEPARTURE + 2 * ASK_WAIT);
        assert_eq!(id(&world, "jiro"), theirs);
        talk(&mut world, &["taro", "hanako", "jiro"]);
        assert_eq!(told_of_others(&world, "jiro"), 0);
    }
    assert!(lesser[0] > 0 && lesser[1] > 0, "{lesser:?}");
}

#[test]
fn coming_back_it_still_yields() {
    let mut world = World::new(&["taro", "hanako", "jiro"]);
    world.split(&[&["taro", "hanako"], &["jiro"]]);
    for nick in ["taro", "hanako", "jiro"] {
        world.join(nick);
        world.run(3_000);
    }
    world.part("jiro");
    world.run(60_000);
    let theirs = id(&world, "taro");
    world.heal();
    world.join("jiro");
    world.run(4 * ASK_WAIT);
    assert_eq!(id(&world, "jiro"), theirs);
    talk(&mut world, &["taro", "hanako", "jiro"]);
}

/// Where somebody else counts on either, the users are told of both, and decide.
#[test]
fn whoever_has_given_its_key_or_meant_it_does_not_yield() {
    for meant in [false, true] {
        let nicks = ["taro", "hanako", "jiro", "momo"];
        // Nobody is seated unasked: to have given the key is enough.
        let by_hand = |_: &str, config: &mut Config| config.channel.rule = GrantRule::ByHand;
        let mut world = World::with(&nicks, by_hand);
        world.split(&[&["taro", "hanako"], &["jiro", "momo"]]);
        for nick in ["taro", "hanako", "jiro"] {
            world.join(nick);
            world.run(3_000);
        }
        if meant {
            world.command("jiro", Command::Found { channel: CHANNEL }).expect("founded");
        } else {
            world.join("momo");
        }
        world.run(60_000);
        let (one, other) = (id(&world, "taro"), id(&world, "jiro"));
        world.heal();
        world.run(20 * ASK_WAIT);
        assert_eq!((id(&world, "hanako"), id(&world, "jiro")), (one, other));
        let notice = Notice::OtherChannel { pinned: other, met: one };
        assert!(world.user("jiro").notices.contains(&notice));
        let notice = Notice::OtherChannel { pinned: one, met: other };
        assert!(world.user("taro").notices.contains(&notice));
        for nick in if meant { &["jiro"][..] } else { &["jiro", "momo"] } {
            world.command(nick, Command::Follow { channel: CHANNEL, id: one }).expect("followed");
        }
        world.run(60_000);
        talk(&mut world, if meant { &nicks[..3] } else { &nicks });
    }
}

/// A record that anybody made up: a channel that does not exist, or one that nobody lets it into.
#[test]
fn nothing_less_than_first_contact_has_it_forget_its_own() {
    let mut world = World::new(&["taro", "hanako"]);
    world.join("taro");
    world.run(10_000);
    let own = id(&world, "taro");
    let mut record = world.user("taro").view().record().expect("a record").clone();
    let hanako = Entry::new(world.user("hanako").id(), Rights::BOTH);
    record.list = List::new(vec![hanako]).expect("a list");
    let count = world.lines.len();
    for number in 0..100_u8 {
        let channel = ChannelId([number; 16]);
        let made_up = Record { descent: Descent::Sealed, channel, ..record.clone() };
        let made_up = world.signed("hanako", made_up);
        let author = world.point("hanako");
        world.inject_frame("eve", &Frame::Announce { record: made_up, author });
        world.run(6_000);
    }
    assert_eq!(id(&world, "taro"), own);
    // It has asked, as one who waits does: more and more rarely.
    assert!(world.since(count).len() <= 20, "{}", world.since(count).len());
    // Meanwhile it lets in whoever comes, and is alone no more.
    world.join("hanako");
    world.run(10_000);
    talk(&mut world, &["taro", "hanako"]);
    assert_eq!(id(&world, "hanako"), own);
}

/// Whoever it does not accept cannot show it a channel; its user is told of both, and nobody else is
/// let in by accident.
#[test]
fn it_yields_to_nobody_whom_it_does_not_accept() {
    let mut world = World::with(&["taro", "hanako", "jiro"], |nick, config| {
        if nick == "jiro" {
            config.authentication.self_signed = SelfSigned::Refuse;
        }
    });
    world.split(&[&["taro", "hanako"], &["jiro"]]);
    for nick in ["taro", "hanako", "jiro"] {
        world.join(nick);
        world.run(3_000);
    }
    let (own, met) = (id(&world, "jiro"), id(&world, "taro"));
    world.heal();
    world.run(40 * ASK_WAIT);
    assert_eq!(id(&world, "jiro"), own);
    assert!(world.user("jiro").notices.contains(&Notice::OtherChannel { pinned: own, met }));
    world.command("jiro", Command::Follow { channel: CHANNEL, id: met }).expect("followed");
    let say = Command::Say { channel: CHANNEL, text: "?", signed: None };
    assert!(matches!(world.command("jiro", say), Ok(()) | Err(Refusal::NoKey)));
}
