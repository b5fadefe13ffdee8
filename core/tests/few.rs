//! Bounds of single rules: each reached, and passed by one (spec chapter 5, "Of single rules").

use crate::kept::{list, made_up, size, whisper, whisper_bytes, world};
use crate::peer::{self, Peer};
use crate::rig;

use keyrota::spec::limits::HOLD;
use keyrota::spec::{
    Frame, KeyHint, KeyPrefix, MemberId, Query, Subject, Tag, TextHeader, TextKind,
};
use keyrota::{Command, Event, GrantRule, RestoreError, Terminal};
use rig::{CHANNEL, START, World, identity, state};

/// Questions that hanako asked since then for the proof of a key.
fn questions(world: &World, since: usize) -> Vec<KeyPrefix> {
    let asked = world.frames(since).into_iter().filter(|(_, nick, _)| *nick == "hanako");
    asked
        .filter_map(|(_, _, bytes)| match Frame::decode(&bytes) {
            Ok(Frame::Query(Query { what: Subject::Proof { key, .. }, .. })) => Some(key),
            _ => None,
        })
        .collect()
}

/// hanako hears of a record of which nothing proves the list.
fn hear_made_up(world: &mut World, number: u32) {
    let frame = made_up(world, number);
    whisper(world, "hanako", "jiro", &frame);
}

/// hanako, whom nobody hears.
fn alone() -> World {
    let mut world = world();
    world.run(60_000);
    ["taro", "jiro"].into_iter().for_each(|nick| world.hang(nick));
    world
}

#[test]
fn for_one_thing_so_many_questions_are_asked() {
    let mut world = alone();
    let count = world.lines.len();
    hear_made_up(&mut world, 0);
    world.run(3_600_000);
    assert_eq!(questions(&world, count).len(), 5);
}

#[test]
fn so_many_things_are_asked_for_and_half_of_them_proofs() {
    let mut world = alone();
    for number in 0..9 {
        hear_made_up(&mut world, number);
        assert_eq!(
            size(&world, "hanako", "inquiries"),
            usize::try_from(number + 1).unwrap().min(8)
        );
    }
    let ((channel, id), key) = crate::kept::held(&world, "hanako");
    let peer = Peer::new(50, "momo");
    world.event("hanako", Event::Join { channel: CHANNEL, nick: "momo" });
    for number in 0..9_u8 {
        let text = peer.text((channel, id), &key, (Tag([number; 4]), 0), true, "who am I?");
        whisper_bytes(&mut world, "hanako", "momo", &text);
        let expected = (8 + usize::from(number) + 1).min(16);
        assert_eq!(size(&world, "hanako", "inquiries"), expected);
    }
}

/// What was asked for twice in vain makes way, and what was asked for once does not.
#[test]
fn what_was_asked_for_in_vain_makes_way() {
    for (asked, makes_way) in [(1, false), (2, true)] {
        let mut world = alone();
        let count = world.lines.len();
        for number in 0..8 {
            hear_made_up(&mut world, number);
        }
        world.run_until(120_000, |world| questions(world, count).len() == 8 * asked);
        let count = world.lines.len();
        hear_made_up(&mut world, 8);
        let frame = made_up(&world, 8);
        let Frame::Announce { record, .. } = frame else { panic!("an announcement") };
        world.run(5_000);
        let key = peer::key_id(&record).prefix();
        assert_eq!(questions(&world, count).contains(&key), makes_way);
    }
}

#[test]
fn of_so_many_keys_it_is_remembered_that_nobody_has_them() {
    let mut world = alone();
    let mut reached = 0;
    for number in 0..34_u8 {
        let key = KeyHint([0xaa, 0xbb, number]);
        let header = TextHeader { key, tag: Tag([number; 4]), counter: 0 };
        let text = Frame::Text { kind: TextKind::Signed, header, ciphertext: &[1; 90] };
        whisper(&mut world, "hanako", "taro", &text);
        world.run(HOLD);
        let given_up = size(&world, "hanako", "keys given up");
        assert_eq!(given_up, (usize::from(number) + 1).min(32));
        reached = given_up;
    }
    assert_eq!(reached, 32);
}

/// Grants of keys whose channel is not proven yet: the true one is pushed out by as many as there are
/// places, and not by one less.
#[test]
fn so_many_grants_wait_while_a_terminal_seeks() {
    for (others, enters) in [(3, true), (4, false)] {
        let mut world = World::new(&["taro"]);
        world.hang("taro");
        world.add("goro", |config| {
            config.channel.rule = GrantRule::ByHand;
            config.channel.found = false;
        });
        let momo = Peer::new(50, "momo");
        world.event("goro", Event::Join { channel: CHANNEL, nick: "goro" });
        let names = [("goro", false), ("momo", false)];
        world.event("goro", Event::Names { channel: CHANNEL, names: &names });
        world.deliver();
        let time = world.now().unix;
        whisper(&mut world, "goro", "momo", &momo.hello(time, None));
        world.run(30_000);
        let hello = peer::hello_of(&world, "goro");
        let genesis = momo.genesis(&[], &[1; 32]);
        let grant = |number: u8| {
            let mut record = momo.sealed(&genesis, 0, &[2 + number; 32]).record;
            record.time = u32::try_from(START / 60).expect("minutes") + u32::from(number);
            peer::seal(&momo.signed(record), &[2 + number; 32], &hello)
        };
        // The true one has the greatest key, and the others are of its channel and not signed.
        whisper(&mut world, "goro", "momo", &grant(0));
        for number in 1..=others {
            let Frame::Sealed { mut record, ephemeral, boxes } = grant(number) else {
                panic!("a sealed key")
            };
            record.signature = keyrota::spec::Signature([1; 64]);
            let frame = Frame::Sealed { record, ephemeral, boxes };
            whisper(&mut world, "goro", "momo", &frame);
        }
        let sizes = size(&world, "goro", "candidates");
        assert_eq!(sizes, usize::from(others + 1).min(4));
        whisper(&mut world, "goro", "momo", &momo.announce(&genesis));
        world.run(1_000);
        assert_eq!(world.user("goro").sealing().is_some(), enters, "{others}");
    }
}

#[test]
fn a_question_for_a_proof_is_answered_in_so_many_lines() {
    let nicks = ["m0", "m1", "m2", "m3", "m4", "m5"];
    let mut world = World::seated_with(&nicks, |_, config| config.channel.triggers.period = None);
    world.event("m0", Event::Join { channel: CHANNEL, nick: "eve" });
    for (number, nick) in nicks.iter().enumerate().take(5).skip(1) {
        let modes = "-d m5".replace('-', if number % 2 == 1 { "-" } else { "+" });
        world.command(nick, Command::Mode { channel: CHANNEL, modes: &modes }).expect("changed");
        world.run(61_000);
        let key = world.agreed().prefix();
        let what = Subject::Proof { key, have: 0 };
        let count = world.lines.len();
        world.filter = Box::new(|_, _| false);
        whisper(&mut world, "m0", "eve", &Frame::Query(Query { whom: None, what }));
        world.filter = Box::new(|_, _| true);
        // The genesis, the seats that m0 gave, and each change after it.
        assert_eq!(world.since(count).len(), (2 + number).min(4), "{number}");
        world.run(61_000);
    }
}

#[test]
fn so_many_are_remembered_that_the_rule_passes_over() {
    let made_up = |number: usize| MemberId([u8::try_from(number).expect("few"); 16]);
    for (before, stays) in [(63, true), (64, false)] {
        let mut world = world();
        let mut state = state::read(&world.user("taro").terminal.save());
        let fill = |state: &mut state::State, count| {
            state.5[0].4 = (0..count).map(made_up).collect();
            state::write(state)
        };
        let config = || keyrota::Config::new("taro");
        let more = fill(&mut state, 65);
        let refused = Terminal::restore(config(), identity(1, "taro"), &more, [9; 32], world.now());
        assert_eq!(refused.map(drop), Err(RestoreError::Damaged));
        world.restart("taro", &fill(&mut state, before), 99);
        world.join("taro");
        world.say("hanako", "welcome back");
        world.run(61_000);
        list(&mut world, "-o hanako");
        let passed = &state::read(&world.user("taro").terminal.save()).5[0].4;
        assert_eq!(passed.len(), 64);
        assert_eq!(passed.contains(&made_up(0)), stays);
        assert!(passed.contains(&world.user("hanako").id()));
    }
}
