//! Of whom a terminal remembers something: at each bound, and one past it (spec chapter 5, "What a terminal
//! keeps").

use crate::peer;
use crate::rig;

use keyrota::spec::limits::{DECLINED_MAX, MEMBERS_MAX, SETTLED_MAX, TOLD_MAX};
use keyrota::spec::{Descent, Entry, Frame, List, MemberId, Record, Rights, SignedRecord};
use keyrota::{Command, Event, Notice, RestoreError, SelfSigned, Terminal};
use peer::Peer;
use rig::{CHANNEL, World, identity, state};

use crate::kept::{list, size, whisper, world};

/// A list of taro and these, from number to number, as taro signs it.
fn seat(world: &World, peers: &[Peer]) -> SignedRecord {
    let before = world.user("taro").view().record().expect("a record").clone();
    let me = before.list.entries()[0];
    let others = peers.iter().map(|peer| Entry::new(peer.id, Rights::BOTH));
    let own = Entry { changes: me.changes + 1, ..me };
    let list = List::new([own].into_iter().chain(others).collect()).expect("a list");
    let channel = world.user("taro").view().id().expect("a channel");
    let turn = list.updaters().collect();
    let descent = Descent::Sealed;
    world.signed("taro", Record { channel, turn, list, epoch: 0, author: 0, descent, ..before })
}

#[test]
fn of_so_many_it_is_remembered_that_they_signed_twice() {
    let mut world = world();
    let peers: Vec<Peer> =
        (50..).map(|number| Peer::new(number, "peer")).take(TOLD_MAX + 1).collect();
    let told = |world: &World| {
        let twice = |notice: &&Notice| matches!(notice, Notice::SignedTwice(_));
        world.user("hanako").notices.iter().filter(twice).count()
    };
    ["taro", "jiro"].into_iter().for_each(|nick| world.hang(nick));
    world.filter = Box::new(|_, _| false);
    let twice = |world: &mut World, record: &SignedRecord, place: usize, epoch| {
        for key in [1, 2] {
            let author = u8::try_from(place + 1).expect("few");
            let entry = record.record.list.entries()[place + 1];
            let peer = peers.iter().find(|peer| peer.id == entry.id).expect("one of them");
            let commit = peer::commit(&[key; 32], &record.record.channel);
            let own = Record { epoch, author, commit, ..record.record.clone() };
            whisper(world, "hanako", "taro", &peer.announce(&peer.signed(own)));
        }
        world.run(1_000);
        told(world)
    };
    let announce = |world: &mut World, peers: &[Peer]| {
        let record = seat(world, peers);
        let author = world.point("taro");
        whisper(world, "hanako", "taro", &Frame::Announce { record: record.clone(), author });
        assert_eq!(world.user("hanako").view().record(), Some(&record.record));
        record
    };
    // Of the seats all but taro's; then other members have them.
    let seats = TOLD_MAX - 1;
    let first = announce(&mut world, &peers[..seats]);
    for place in 0..seats {
        assert_eq!(twice(&mut world, &first, place, 1), place + 1);
    }
    let mut before = world.user("hanako").view().record().expect("a record").clone();
    before.list = first.record.list.clone();
    let second = {
        let me = first.record.list.entries()[0];
        let own = Entry { changes: me.changes + 1, ..me };
        let others = [&peers[0], &peers[1], &peers[seats], &peers[seats + 1]];
        let others = others.into_iter().map(|peer| Entry::new(peer.id, Rights::BOTH));
        let list = List::new([own].into_iter().chain(others).collect()).expect("a list");
        let turn = list.updaters().collect();
        let record = Record { turn, list, epoch: 0, author: 0, ..first.record.clone() };
        world.signed("taro", record)
    };
    let frame = Frame::Announce { record: second.clone(), author: world.point("taro") };
    whisper(&mut world, "hanako", "taro", &frame);
    assert_eq!(world.user("hanako").view().record(), Some(&second.record));
    assert_eq!(twice(&mut world, &second, 2, 1), TOLD_MAX);
    // All are remembered, the first of them too.
    assert_eq!(twice(&mut world, &second, 0, 2), TOLD_MAX);
    assert_eq!(size(&world, "hanako", "members told to have signed twice"), TOLD_MAX);
    // One more, and the first is not.
    assert_eq!(twice(&mut world, &second, 3, 3), TOLD_MAX + 1);
    assert_eq!(size(&world, "hanako", "members told to have signed twice"), TOLD_MAX);
    assert_eq!(twice(&mut world, &second, 2, 4), TOLD_MAX + 1);
    assert_eq!(twice(&mut world, &second, 0, 5), TOLD_MAX + 2);
}

#[test]
fn of_so_many_former_seats_it_is_remembered_how_often_they_changed_the_list() {
    for (before, stays) in [(SETTLED_MAX - 1, true), (SETTLED_MAX, false)] {
        let mut world = world();
        // So that her seat has changed something.
        world.command("hanako", Command::Mode { channel: CHANNEL, modes: "-d jiro" }).expect("set");
        world.run(61_000);
        let mut state = state::read(&world.user("taro").terminal.save());
        let stay = state.5[0].6.as_mut().expect("in the channel");
        let made_up = |number: usize| {
            (
                MemberId([u8::try_from(number).expect("few"); 16]),
                1 + u32::try_from(number).expect("few"),
            )
        };
        stay.6 = (0..before).map(made_up).collect();
        world.restart("taro", &state::write(&state), 99);
        world.join("taro");
        world.say("hanako", "welcome back");
        world.run(61_000);
        list(&mut world, "-o hanako");
        world.run(61_000);
        let state = state::read(&world.user("taro").terminal.save());
        let settled = &state.5[0].6.as_ref().expect("in the channel").6;
        assert_eq!(settled.len(), SETTLED_MAX);
        assert_eq!(settled.first() == Some(&made_up(0)), stays);
        assert_eq!(settled.last().map(|(id, _)| *id), Some(world.user("hanako").id()));
    }
}

#[test]
fn so_many_are_remembered_whom_the_user_did_not_accept() {
    let mut world = World::with(&["taro"], |_, config| {
        config.authentication.self_signed = SelfSigned::Ask;
    });
    world.join("taro");
    let mut state = state::read(&world.user("taro").terminal.save());
    let made_up = |number: usize| {
        MemberId::first_of(&u32::try_from(number).expect("few").to_be_bytes().repeat(4))
    };
    let fill = |state: &mut state::State, count| {
        state.4.4 = (0..count).map(made_up).collect();
        state::write(state)
    };
    let of_taro = |saved: &[u8], world: &World| {
        let config = keyrota::Config::new("taro");
        Terminal::restore(config, identity(1, "taro"), saved, [77; 32], world.now()).map(drop)
    };
    assert_eq!(of_taro(&fill(&mut state, DECLINED_MAX), &world), Ok(()));
    let more = fill(&mut state, DECLINED_MAX + 1);
    assert_eq!(of_taro(&more, &world), Err(RestoreError::Damaged));
    world.restart("taro", &fill(&mut state, DECLINED_MAX - 1), 99);
    world.join("taro");
    let declined = |world: &World| state::read(&world.user("taro").terminal.save()).4.4;
    for (number, oldest) in [(50, 0), (51, 1)] {
        let peer = Peer::new(number, &format!("n{number}"));
        let (nick, time) = (format!("n{number}"), world.now().unix);
        world.event("taro", Event::Join { channel: CHANNEL, nick: &nick });
        whisper(&mut world, "taro", &nick, &peer.hello(time, None));
        world.answer("taro", peer.id, false);
        let all = declined(&world);
        assert_eq!(all.len(), DECLINED_MAX);
        assert_eq!((all[0], all[DECLINED_MAX - 1]), (made_up(oldest), peer.id));
    }
}

#[test]
fn so_many_members_are_known_and_one_that_is_nowhere_makes_room() {
    let mut world = World::joined(&["taro", "hanako"]);
    let frames = world.frames(0);
    let hello = frames.iter().find_map(|(_, nick, bytes)| match Frame::decode(bytes) {
        Ok(Frame::Hello { hello, .. }) if *nick == "hanako" => Some(hello),
        _ => None,
    });
    let hello = hello.expect("a Hello");
    let number = u16::try_from(MEMBERS_MAX - 2).expect("few");
    world.user_mut("taro").terminal.meet(CHANNEL, &hello, number);
    for (nick, known) in [("jiro", MEMBERS_MAX), ("goro", MEMBERS_MAX)] {
        world.add(nick, |_| {});
        world.join(nick);
        world.run(3_000);
        assert_eq!(size(&world, "taro", "members"), known);
        world.agreed();
    }
    world.say("goro", "room for me too");
    assert_eq!(world.user("taro").texts(), ["room for me too"]);
}

#[test]
fn so_many_occupants_are_listed_and_the_user_is_told_of_more() {
    let mut world = World::joined(&["taro"]);
    for (others, told) in [(MEMBERS_MAX - 1, false), (MEMBERS_MAX, true)] {
        let nicks: Vec<String> = (0..others).map(|number| format!("n{number}")).collect();
        let names = nicks.iter().map(|nick| (nick.as_str(), false));
        let names: Vec<(&str, bool)> = [("taro", false)].into_iter().chain(names).collect();
        world.event("taro", Event::Names { channel: CHANNEL, names: &names });
        assert_eq!(size(&world, "taro", "occupants"), MEMBERS_MAX);
        assert_eq!(world.user("taro").notices.contains(&Notice::Overflow), told);
    }
    let joins = Event::Join { channel: CHANNEL, nick: "one_more" };
    let before = world.user("taro").notices.len();
    world.event("taro", joins);
    assert_eq!(world.user("taro").notices[before..], [Notice::Overflow]);
}
