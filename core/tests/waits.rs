//! How long things last: to the last moment, and past it (spec chapter 5, "Times"); and what a crowd costs.

use crate::crowd;
use crate::peer;
use crate::rig;

use std::collections::BTreeMap;

use crowd::{Member, Site};
use keyrota::spec::limits::{
    ASK_AGE_S, ASK_JITTER, ASK_WAIT, ASKS_MAX, BOXES_MAX, COLLECT, DEPARTURE, GRACE, HELLO_AGE_S,
    LIFETIME_MINUTES, MEMBER_KEY_AGE, SKEW_S, SPREAD_EACH,
};
use keyrota::spec::{Ask, Frame, KeyHint, MemberHint, Tag, TextHeader, TextKind, armor};
use keyrota::{Action, Authentication, Command, Config, Event, Fault, GrantRule, SelfSigned};
use peer::Peer;
use rig::{CHANNEL, Relayed, START, World};

/// Two with seats, who renew nothing by themselves.
fn world() -> World {
    World::seated_with(&["taro", "hanako"], |_, config| config.channel.triggers.period = None)
}

/// How many boxes for a member went out since then.
fn boxes(world: &World, since: usize, peer: &Peer) -> usize {
    let frames = world.frames(since);
    let all = frames.iter().flat_map(|(_, _, bytes)| match Frame::decode(bytes) {
        Ok(Frame::Sealed { boxes, .. } | Frame::Boxes { boxes, .. }) => boxes,
        _ => Vec::new(),
    });
    all.filter(|one| one.whom == peer.id.hint()).count()
}

fn come(world: &mut World, peer: &Peer, nick: &str, time: u64, ask: bool) {
    world.tell_all(Event::Join { channel: CHANNEL, nick });
    world.inject_frame(nick, &peer.hello(time, ask.then_some((Ask::Latest, None))));
}

#[test]
fn a_member_key_lasts_a_day() {
    let mut world = world();
    world.run(2 * MEMBER_KEY_AGE);
    let frames = world.frames(0);
    let mut keys: Vec<(u64, keyrota::spec::Point)> = Vec::new();
    for (at, nick, bytes) in &frames {
        match Frame::decode(bytes) {
            Ok(Frame::Hello { hello, .. }) if *nick == "taro" => {
                keys.push((*at, hello.hello.member_key))
            }
            _ => {}
        }
    }
    keys.dedup_by_key(|(_, key)| *key);
    // The first was drawn when it came into the channel.
    let times: Vec<u64> = keys.iter().map(|(at, _)| *at).collect();
    assert_eq!(times[1..], [1_000 + MEMBER_KEY_AGE, 1_000 + 2 * MEMBER_KEY_AGE]);
}

#[test]
fn a_key_is_sealed_to_a_hello_of_two_days_and_to_no_older_one() {
    let (mut world, peer) = (world(), Peer::new(50, "momo"));
    let time = world.now().unix;
    come(&mut world, &peer, "momo", time, true);
    world.run(1_000 * HELLO_AGE_S - (world.ms - (time - START) * 1_000));
    for (modes, expected) in [("-d hanako", 1), ("+d hanako", 0)] {
        let count = world.lines.len();
        world.command("taro", Command::Mode { channel: CHANNEL, modes }).expect("changed");
        assert_eq!(boxes(&world, count, &peer), expected, "{} s old", world.now().unix - time);
        world.run(1_000);
    }
}

#[test]
fn an_ask_counts_for_an_hour_and_a_hello_may_be_an_hour_ahead() {
    let mut world = world();
    for (number, age, answered) in [(50, ASK_AGE_S, true), (51, ASK_AGE_S + 1, false)] {
        let peer = Peer::new(number, "momo");
        let (time, count) = (world.now().unix - age, world.lines.len());
        come(&mut world, &peer, &format!("n{number}"), time, true);
        world.run(60_000);
        assert_eq!(boxes(&world, count, &peer) > 0, answered);
    }
    for (number, ahead, faults) in
        [(52, ASK_AGE_S, vec![]), (53, ASK_AGE_S + 1, vec![Fault::Future])]
    {
        let peer = Peer::new(number, "goro");
        let (time, before) = (world.now().unix + ahead, world.user("taro").faults().len());
        come(&mut world, &peer, &format!("n{number}"), time, false);
        assert_eq!(world.user("taro").faults()[before..], faults);
    }
}

/// Where the user says nothing else a key seals for a day, and for as long more as clocks may differ.
#[test]
fn a_key_seals_for_a_day_unless_the_user_says_otherwise() {
    let mut world = world();
    let view = world.user("taro").view();
    let record = view.record().expect("a record");
    assert_eq!(record.lifetime, LIFETIME_MINUTES);
    let made = u64::from(record.time) * 60 - START;
    world.hang("hanako");
    let end = (made + u64::from(LIFETIME_MINUTES) * 60 + SKEW_S) * 1_000;
    // taro would renew it in time; it is kept from that by not being asked.
    let key = world.user("taro").current();
    world.ms = end - 1;
    let seals = |world: &World| world.user("taro").sealing() == key;
    assert!(seals(&world));
    world.ms = end + 1;
    world.event("taro", Event::Tick);
    assert!(!seals(&world));
}

/// A text under the key before may have been under way for so long; then its author is told what is current.
#[test]
fn a_text_under_the_key_before_may_be_under_way_for_so_long() {
    for (late, told) in [(GRACE, false), (GRACE + 1, true)] {
        let mut world = world();
        world.add("jiro", |config| config.channel.rule = GrantRule::ByHand);
        world.join("jiro");
        world.run(120_000);
        world.make_unheard(
            "taro",
            Command::Mode { channel: CHANNEL, modes: "-d hanako" },
            &["hanako"],
        );
        world.run(late);
        let count = world.lines.len();
        world.say("jiro", "what is new?");
        world.run(GRACE);
        let announced = world.since(count).iter().any(|line| line.kind() == Some(7));
        assert_eq!(announced, told, "{late} ms later");
    }
}

/// hanako hears of a key, asks for it in vain, and makes another, of which taro does not hear.
#[test]
fn so_late_a_text_under_a_key_that_is_not_held_shows_that_its_author_lags() {
    // Nothing that comes from a nick at which no member is shows it.
    for (nick, late, told) in
        [("taro", GRACE, false), ("taro", GRACE + 1, true), ("goro", GRACE + 1, false)]
    {
        let mut world = world();
        world.event("hanako", Event::Join { channel: CHANNEL, nick: "goro" });
        world.run(120_000);
        world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &[]);
        world.filter = Box::new(|line, _| line.nick != "hanako");
        let count = world.lines.len();
        world.announce("taro");
        let own = |line: &&Relayed| line.nick == "hanako" && line.kind() == Some(5);
        let made = (0..100).find_map(|_| {
            world.run(1_000);
            world.since(count).iter().find(own).map(|line| line.at)
        });
        let made = made.expect("a key of its own");
        world.run(made + late - world.ms);
        let count = world.lines.len();
        world.filter = Box::new(|_, _| false);
        world.say("taro", "is anybody there?");
        let text = world.since(count).last().expect("a text").text.clone();
        world.event("hanako", Event::Line { channel: CHANNEL, nick, text: &text });
        world.run(GRACE);
        let announced = world.since(count).iter().any(|line| line.kind() == Some(7));
        assert_eq!(announced, told, "{nick}, {late} ms later");
        world.filter = Box::new(|_, _| true);
        world.say("taro", "is nobody there?");
        world.run(120_000);
        world.agreed();
    }
}

/// The server makes up a text from taro's nick, and hanako asks for its key. What taro then says under a key of which
/// hanako has not heard would wait until that is given up.
#[test]
fn who_asks_for_a_key_that_was_made_up_learns_of_a_new_one_all_the_same() {
    let mut world = world();
    world.run(120_000);
    let header = TextHeader { key: KeyHint([9; 3]), tag: Tag([9; 4]), counter: 0 };
    let text = Frame::Text { kind: TextKind::Signed, header, ciphertext: &[9; 90] };
    world.inject_frame("taro", &text);
    world.run(ASK_JITTER);
    world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &[]);
    world.say("taro", "under which key?");
    world.run(DEPARTURE + GRACE + ASK_JITTER + ASK_JITTER + GRACE);
    assert_eq!(world.user("hanako").texts().last(), Some(&"under which key?"));
    world.agreed();
}

/// hanako did not hear of taro's last key, and taro is silent. jiro, who lacks it, is given the one before by hanako,
/// again and again; hanako hears no text that shows it.
#[test]
fn who_gives_an_older_key_than_was_asked_for_is_told_of_the_newer() {
    let mut world = world();
    world.add("jiro", |config| config.channel.rule = GrantRule::ByHand);
    world.join("jiro");
    world.run(120_000);
    world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &[]);
    let newer = world.user("taro").current();
    world.filter = Box::new(|_, to| to == "jiro");
    world.announce("taro");
    // What it announces itself would show it as well.
    world.filter = Box::new(|line, _| line.nick != "hanako" || line.kind() != Some(7));
    world.hang("taro");
    let (since, count) = (world.ms, world.lines.len());
    world.run(2 * ASK_WAIT + ASK_JITTER + GRACE + DEPARTURE + ASK_JITTER);
    let of = |kind: u8, nick: &str| {
        let mut of = world.since(count).iter().filter(|line| line.kind() == Some(kind));
        of.find(|line| line.nick == nick).map(|line| line.at - since)
    };
    let (given, told) = (of(5, "hanako").expect("a box"), of(7, "jiro").expect("the newer one"));
    let wait = told - given;
    assert!((DEPARTURE + GRACE..=DEPARTURE + GRACE + ASK_JITTER).contains(&wait), "{wait}");
    assert_eq!(world.user("hanako").current(), newer);
}

// ---- crowds

#[test]
fn asks_are_spread_over_so_long() {
    let nicks: Vec<String> = (0..8).map(|number| format!("m{number}")).collect();
    let nicks: Vec<&str> = nicks.iter().map(String::as_str).collect();
    let mut world = world();
    for nick in &nicks {
        world.add(nick, |config| config.channel.rule = GrantRule::ByHand);
        world.join(nick);
        world.run(3_000);
    }
    world.run(120_000);
    world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &["hanako"]);
    let (now, count) = (world.ms, world.lines.len());
    world.filter = Box::new(|line, _| line.kind() == Some(7));
    world.announce("taro");
    world.run(ASK_JITTER);
    let asked = world.since(count).iter().filter(|line| nicks.contains(&&*line.nick));
    let asked: Vec<u64> = asked.map(|line| line.at - now).collect();
    assert_eq!(asked.len(), nicks.len(), "all within so long");
    assert!(asked.iter().any(|at| *at > ASK_JITTER / 2), "{asked:?}");
    assert!(asked.windows(2).any(|two| two[1] - two[0] > 100), "{asked:?}");
}

/// On a seat that lacks the key others wait: it asks soon, and gets its box before others who ask.
#[test]
fn a_seat_asks_before_others_and_is_answered_before_them() {
    let nicks: Vec<String> = (0..20).map(|number| format!("m{number}")).collect();
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    for nick in &nicks {
        world.add(nick, |_| {});
        world.join(nick);
        world.run(3_000);
    }
    let jiro = world.user("jiro").id().hint();
    let mut together = 0;
    for _ in 0..6 {
        world.run(120_000);
        world.make_unheard("taro", Command::Refresh { channel: CHANNEL }, &["hanako"]);
        let (now, count) = (world.ms, world.lines.len());
        world.announce("taro");
        world.run(ASK_JITTER);
        let asked = |nick: &str| {
            let line = world.since(count).iter().find(|line| line.nick == nick);
            line.map(|line| line.at - now)
        };
        assert!(asked("jiro").is_some_and(|at| at <= COLLECT));
        assert!(nicks.iter().filter_map(|nick| asked(nick)).any(|at| at > ASK_JITTER / 2));
        // All that one sends at one moment is one answer.
        let mut answers: BTreeMap<(u64, String), Vec<MemberHint>> = BTreeMap::new();
        for (at, nick, bytes) in world.frames(count) {
            if let Ok(Frame::Sealed { boxes, .. } | Frame::Boxes { boxes, .. }) =
                Frame::decode(&bytes)
            {
                let answer = answers.entry((at, nick.into())).or_default();
                answer.extend(boxes.iter().map(|one| one.whom));
            }
        }
        for answer in answers.values().filter(|all| all.len() > 1 && all.contains(&jiro)) {
            assert_eq!(answer[0], jiro);
            together += 1;
        }
    }
    assert_ne!(together, 0);
}

/// momo, who has no seat, among so many, of whom nobody answers.
fn among(occupants: usize) -> World {
    let mut world = world();
    world.add("momo", |config| config.channel.rule = GrantRule::ByHand);
    world.join("momo");
    world.run(120_000);
    world.hang("taro");
    world.hang("hanako");
    for number in 3..occupants {
        let nick = format!("n{number}");
        world.event("momo", Event::Join { channel: CHANNEL, nick: &nick });
    }
    world
}

/// Of 500 the time is as of one; of more it is longer by so much for each.
#[test]
fn who_comes_back_waits_longer_among_more() {
    let least = usize::try_from(ASK_JITTER / SPREAD_EACH).expect("few");
    for (occupants, longest) in [(least, ASK_JITTER), (4 * least, 4 * ASK_JITTER)] {
        let mut world = among(occupants);
        world.filter = Box::new(|_, _| false);
        let mut waits = Vec::new();
        for _ in 0..16 {
            world.run(60_000);
            let (now, count) = (world.ms, world.lines.len());
            world.event("momo", Event::Part { channel: CHANNEL, nick: "taro" });
            world.event("momo", Event::Join { channel: CHANNEL, nick: "taro" });
            world.run(DEPARTURE + ASK_JITTER + longest);
            let said = world.since(count).iter().find(|line| line.kind() == Some(3));
            waits.push(said.expect("it says that it is here").at - now - DEPARTURE - ASK_JITTER);
        }
        assert!(waits.iter().any(|wait| *wait > longest / 2), "{waits:?}");
    }
}

#[test]
fn who_lacks_a_key_waits_longer_among_more() {
    let least = usize::try_from(ASK_JITTER / SPREAD_EACH).expect("few");
    for (occupants, longest) in [(least, ASK_JITTER), (4 * least, 4 * ASK_JITTER)] {
        let mut world = among(occupants);
        let mut waits = Vec::new();
        for number in 0..16 {
            let before = world.user("momo").view().record().expect("a record").clone();
            let record = world.next_sealed("hanako", &before, number);
            let signed = world.signed("hanako", record);
            world.inject_record("hanako", "hanako", &signed);
            let (now, count) = (world.ms, world.lines.len());
            world.run(longest);
            let said = world.since(count).iter().find(|line| line.kind() == Some(3));
            waits.push(said.expect("it asks").at - now);
        }
        assert!(waits.iter().any(|wait| *wait > longest / 2), "{waits:?}");
    }
}

/// The boxes in what a terminal sends.
fn boxes_in(actions: impl Iterator<Item = Action>) -> usize {
    let (mut count, mut parts) = (0, Vec::new());
    for action in actions {
        let Action::Send { text, .. } = action else { continue };
        let bytes = match armor::parse(&text) {
            Some(armor::Line::Whole(bytes)) => bytes,
            Some(armor::Line::Part { index, count, bytes, .. }) => {
                parts.extend(bytes);
                if index + 1 < count {
                    continue;
                }
                std::mem::take(&mut parts)
            }
            None => continue,
        };
        count += match Frame::decode(&bytes) {
            Ok(Frame::Sealed { boxes, .. } | Frame::Boxes { boxes, .. }) => boxes.len(),
            _ => 0,
        };
    }
    count
}

/// A founder whom so many ask.
fn asked(members: &[Member], adjust: impl FnOnce(&mut Config)) -> Site {
    let mut site = Site::founder(members, |config| {
        config.channel.rule = GrantRule::ByHand;
        adjust(config);
    });
    for member in members {
        site.join(&member.nick);
        site.introduced(member);
    }
    site
}

#[test]
fn of_so_many_who_ask_all_are_answered_and_one_more_is_not() {
    let members: Vec<Member> = (0..=ASKS_MAX).map(|number| Member::new(number, true)).collect();
    let mut site = asked(&members, |config| {
        // The user is to say first whether anybody is who it says.
        config.authentication = Authentication::default();
        config.authentication.self_signed = SelfSigned::Ask;
    });
    let view = site.terminal.channel(crowd::CHANNEL).expect("in the channel");
    let sizes = view.sizes();
    let asks = sizes.iter().find(|(what, ..)| *what == "asks of the undecided");
    assert_eq!(asks.expect("counted").1, ASKS_MAX);
    let (now, pin) = (site.now(), Command::SelfSigned(SelfSigned::Pin));
    let at_once = boxes_in(site.terminal.command(now, pin).expect("decided"));
    assert_eq!(at_once, ASKS_MAX);
}

#[test]
fn so_many_get_a_key_at_once_and_one_more_has_to_ask() {
    let members: Vec<Member> = (0..=BOXES_MAX).map(|number| Member::new(number, true)).collect();
    let mut site = asked(&members, |_| {});
    // Each has been given the key by now.
    site.wait(5_000);
    for present in [BOXES_MAX + 1, BOXES_MAX] {
        let (now, modes) = (site.now(), format!("+d {}", members[present % 2].nick));
        let command = Command::Mode { channel: crowd::CHANNEL, modes: &modes };
        let sealed = boxes_in(site.terminal.command(now, command).expect("changed"));
        assert_eq!(sealed, BOXES_MAX, "to {present}");
        site.part(&members[BOXES_MAX].nick);
    }
}
