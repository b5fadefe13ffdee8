//! Obtaining a key: whom to ask, when to ask another, when to give up (R-OBT-1 to R-OBT-5).

use crate::rig;

use keyrota::roster::Occupant;
use keyrota::spec::limits::{
    ASK_BACKOFF_MAX, ASK_JITTER, ASK_SPREAD, ASK_WAIT, ASKS_UNHEARD, COLLECT, HOLD,
};
use keyrota::spec::{Ask, Frame, KeyHint, Refused, Tag, TextHeader, TextKind};
use keyrota::{Choice, Command, Duty, Notice};
use rig::{CHANNEL, World};

const SEATS: [&str; 3] = ["taro", "hanako", "jiro"];
const WISH: Command<'_> = Command::Refresh { channel: CHANNEL };

fn first_letter(occupant: &Occupant) -> u64 {
    occupant.nick.bytes().next().map_or(0, u64::from)
}

/// Three with seats, and one without whose choice it is.
fn with_asker(choice: Choice) -> World {
    let mut world = World::seated(&SEATS);
    world.add("goro", |config| config.channel.choice = choice);
    world.join("goro");
    // Whoever speaks is known to be there.
    for nick in SEATS {
        world.say(nick, "welcome");
    }
    world.run(60_000);
    world.agreed();
    world.user_mut("goro").shown.clear();
    world
}

/// Every ask of a user: when, for what, and of whom.
fn asks<'w>(world: &'w World, nick: &str) -> Vec<(u64, Ask, Option<&'w str>)> {
    let mut asks = Vec::new();
    for (at, from, bytes) in world.frames(0) {
        if let Ok(Frame::Hello { hello, relayed: false }) = Frame::decode(&bytes)
            && let (true, Some((ask, whom))) = (from == nick, hello.hello.ask)
        {
            let mut users = world.users.iter();
            let whom = whom.and_then(|hint| users.find(|user| user.id().hint() == hint));
            asks.push((at, ask, whom.map(|user| user.nick.as_str())));
        }
    }
    asks
}

/// Whom, in order, somebody asks for a key that nobody hands out.
fn asked_in_vain(choice: Choice, count: usize) -> (World, Vec<String>) {
    let mut world = with_asker(choice);
    world.make_unheard("taro", WISH, &["hanako", "jiro"]);
    for nick in SEATS {
        world.hang(nick);
    }
    world.announce("taro");
    let before = asks(&world, "goro").len();
    world.run_until(24 * 3_600_000, |world| asks(world, "goro").len() >= before + count);
    let asked = asks(&world, "goro").split_off(before);
    let asked = asked.iter().map(|(_, _, whom)| whom.unwrap_or("anybody").to_string());
    let asked = asked.collect();
    (world, asked)
}

#[test]
fn a_newcomer_asks_anybody_and_has_the_key_at_once() {
    let mut world = World::seated(&SEATS);
    world.add("goro", |_| {});
    world.run(10_000);
    let (now, count) = (world.ms, world.lines.len());
    world.join("goro");
    world.run(0);
    assert_eq!(asks(&world, "goro"), [(now, Ask::Latest, None)]);
    world.agreed();
    // The ask; who made the key; the key; the other record that proves its list.
    let kinds: Vec<_> = world.since(count).iter().map(|line| line.kind()).collect();
    assert_eq!(kinds, [Some(3), Some(3), Some(5), Some(7)]);
    world.run(60_000);
    assert_eq!(asks(&world, "goro").len(), 1);
}

#[test]
fn a_distributor_that_the_asker_never_met_answers_too() {
    let mut world = World::seated(&SEATS);
    world.add("goro", |_| {});
    world.join("goro");
    world.run(60_000);
    world.make_unheard("taro", WISH, &["hanako", "jiro"]);
    world.hang("taro");
    world.announce("taro");
    let keyed = |world: &World| world.user("goro").sealing() == world.user("goro").current();
    world.run_until(ASK_JITTER + ASK_WAIT * 5 / 4 + ASK_SPREAD, keyed);
    let asked = asks(&world, "goro");
    let whom: Vec<_> = asked.iter().map(|(_, _, whom)| *whom).collect();
    assert_eq!(whom, [None, Some("taro"), None]);
}

#[test]
fn a_member_asks_who_joined_first_if_the_user_so_chose() {
    let (_, asked) = asked_in_vain(Choice::Joined, 6);
    assert_eq!(asked, ["taro", "hanako", "jiro", "anybody", "taro", "hanako"]);
}

#[test]
fn a_member_asks_who_scores_lowest_if_the_user_so_chose() {
    let (_, asked) = asked_in_vain(Choice::Lowest(first_letter), 5);
    assert_eq!(asked, ["hanako", "jiro", "taro", "anybody", "hanako"]);
    // Of equals, who joined first.
    let (_, asked) = asked_in_vain(Choice::Lowest(|_| 0), 3);
    assert_eq!(asked, SEATS);
}

#[test]
fn a_member_asks_at_random_and_nobody_twice_before_all_once() {
    let (_, asked) = asked_in_vain(Choice::Random, 16);
    let rounds: Vec<Vec<&str>> =
        asked.chunks(4).map(|round| round.iter().map(String::as_str).collect()).collect();
    for round in &rounds {
        assert!(SEATS.iter().all(|nick| round.contains(nick)), "{round:?}");
    }
    assert!(rounds.iter().any(|round| *round != rounds[0]), "{rounds:?}");
}

#[test]
fn the_asker_waits_longer_and_longer_never_over_ten_minutes() {
    let (world, asked) = asked_in_vain(Choice::Joined, 17);
    let asks = asks(&world, "goro");
    let times: Vec<u64> = asks[asks.len() - asked.len()..].iter().map(|(at, ..)| *at).collect();
    let mut exact = 0;
    for (number, pair) in times.windows(2).enumerate() {
        let (wait, least) = (pair[1] - pair[0], ASK_WAIT << (number / 2));
        assert!(wait >= least.min(ASK_BACKOFF_MAX / 2), "{number}: {wait}");
        assert!(wait <= (least + least / 4).min(ASK_BACKOFF_MAX), "{number}: {wait}");
        exact += u32::from(wait == least);
    }
    assert!(exact < 3, "no jitter");
}

#[test]
fn only_when_nobody_answers_five_times_is_the_user_told() {
    let mut world = World::new(&["mute", "goro"]);
    world.hang("mute");
    world.join("mute");
    world.join("goro");
    let told = |world: &World| {
        let notices = world.user("goro").notices.iter();
        notices.filter(|notice| **notice == Notice::NobodyAnswers).count()
    };
    let least = ASK_WAIT * (1 + 1 + 2 + 2 + 4);
    world.run(least - 1);
    assert_eq!(told(&world), 0);
    world.run(least / 4 + 1);
    assert_eq!((told(&world), asks(&world, "goro").len()), (1, ASKS_UNHEARD as usize));
    // Where nobody ever spoke the protocol, it does not ask on.
    let wake = world.user("goro").terminal.wake();
    assert!(wake.is_none_or(|wake| wake.why != Duty::Ask), "{wake:?}");
    world.run(24 * 3_600_000);
    assert_eq!((told(&world), asks(&world, "goro").len()), (1, ASKS_UNHEARD as usize));
    // The user can ask again, or open the channel.
    world.command("goro", Command::Ask { channel: CHANNEL }).expect("asks");
    assert_eq!(asks(&world, "goro").len(), 1 + ASKS_UNHEARD as usize);
    world.command("goro", Command::Found { channel: CHANNEL }).expect("opens");
    assert!(world.user("goro").sealing().is_some());
}

#[test]
fn a_refusal_moves_the_asker_on_at_once() {
    let mut world = with_asker(Choice::Lowest(first_letter));
    world.make_unheard("taro", WISH, &["jiro"]);
    world.hang("taro");
    // The one asked first has no key, and cannot ask for it.
    world.filter = Box::new(|line, _| line.nick != "hanako" || line.kind() != Some(3));
    world.announce("taro");
    let before = asks(&world, "goro").len();
    let took = world.run_until(ASK_JITTER + COLLECT + ASK_SPREAD, |world| {
        let goro = world.user("goro");
        goro.sealing() == goro.current()
    });
    let asked = asks(&world, "goro").split_off(before);
    let whom: Vec<_> = asked.iter().map(|(_, _, whom)| whom.expect("by name")).collect();
    assert_eq!(whom, ["hanako", "jiro"]);
    assert!(asked[1].0 - asked[0].0 <= COLLECT + ASK_SPREAD, "{took}");
    let refused = Notice::Refused { nick: "hanako".into(), reason: Refused::Key };
    assert!(world.user("goro").notices.contains(&refused));
}

#[test]
fn the_user_can_ask_at_once() {
    let (mut world, _) = asked_in_vain(Choice::Joined, 9);
    let (now, before) = (world.ms, asks(&world, "goro").len());
    world.run(1_000);
    world.command("goro", Command::Ask { channel: CHANNEL }).expect("asks");
    let (at, _, whom) = asks(&world, "goro")[before];
    assert_eq!((at, whom), (now + 1_000, Some("taro")));
}

#[test]
fn texts_under_an_unknown_key_are_kept_and_shown_when_it_comes() {
    let mut world = with_asker(Choice::Random);
    world.make_unheard("taro", WISH, &["hanako", "jiro"]);
    let key = world.user("taro").sealing().expect("a key");
    world.say("taro", "one");
    world.say("hanako", "two");
    assert_eq!(world.user("goro").texts(), [""; 0]);
    let before = asks(&world, "goro").len();
    let shown = |world: &World| world.user("goro").texts() == ["one", "two"];
    world.run_until(ASK_JITTER + COLLECT, shown);
    let (_, what, whom) = asks(&world, "goro")[before];
    assert_eq!(what, Ask::Hint(key.hint()));
    assert!(whom.is_some());
    world.run(60_000);
    assert_eq!(asks(&world, "goro").len(), before + 1);
    assert_eq!(world.agreed(), key);
}

#[test]
fn a_text_by_somebody_unknown_is_kept_until_it_is_known_who_wrote_it() {
    let mut world = with_asker(Choice::Random);
    world.add("saburo", |_| {});
    world.filter =
        Box::new(|line, to| line.nick != "saburo" || to != "goro" || line.kind() != Some(3));
    world.join("saburo");
    world.say("saburo", "hello");
    assert_eq!(world.user("goro").texts(), [""; 0]);
    world.filter = Box::new(|_, _| true);
    world.run_until(ASK_SPREAD + ASK_WAIT, |world| !world.user("goro").shown.is_empty());
    let shown = &world.user("goro").shown[0];
    assert_eq!((shown.name.as_deref(), &*shown.text), (Some("saburo"), "hello"));
}

#[test]
fn texts_whose_key_nobody_has_are_given_up_and_reported() {
    for answered in [true, false] {
        let mut world = with_asker(Choice::Random);
        for nick in SEATS.iter().filter(|_| !answered) {
            world.hang(nick);
        }
        let text = |counter| {
            let key = KeyHint([1, 2, 3]);
            let header = TextHeader { key, tag: Tag([9; 4]), counter };
            Frame::Text { kind: TextKind::Unsigned, header, ciphertext: &[0; 40] }
        };
        let before = asks(&world, "goro").len();
        world.inject_frame("hanako", &text(0));
        world.inject_frame("hanako", &text(1));
        let told = Notice::Unreadable { key: KeyHint([1, 2, 3]), texts: 2 };
        world.run_until(HOLD, |world| world.user("goro").notices.contains(&told));
        assert_eq!(asks(&world, "goro").len() - before, ASKS_UNHEARD as usize);
        // And is not asked for again.
        world.inject_frame("hanako", &text(2));
        world.run(HOLD);
        assert_eq!(asks(&world, "goro").len() - before, ASKS_UNHEARD as usize);
    }
}

/// Goro lacks a key that all others have; what it says is lost, and nobody knows.
fn asking_unheard(made: Command<'_>) -> World {
    let mut world = with_asker(Choice::Joined);
    world.make_unheard("taro", made, &["hanako", "jiro"]);
    world.filter = Box::new(|line, _| line.nick != "goro");
    world.announce("taro");
    world
}

#[test]
fn who_asked_in_vain_for_long_asks_soon_when_a_member_speaks_under_the_key() {
    let mut world = asking_unheard(WISH);
    world.run(2_400_000);
    let rare = asks(&world, "goro").len() + 1;
    world.run_until(ASK_BACKOFF_MAX, |world| asks(world, "goro").len() == rare);
    world.filter = Box::new(|_, _| true);
    world.run(ASK_BACKOFF_MAX / 4);
    assert_eq!(asks(&world, "goro").len(), rare, "asks so often?");
    // What no member says hastens nothing: anybody can repeat a text.
    world.filter = Box::new(|_, to| to != "goro");
    world.say("hanako", "copied");
    world.filter = Box::new(|_, _| true);
    let copied = world.lines.last().expect("a line").text.clone();
    world.inject("mallory", &copied);
    world.run(ASK_JITTER);
    assert_eq!(asks(&world, "goro").len(), rare);
    world.say("hanako", "is goro there");
    world.run(ASK_JITTER);
    world.agreed();
    assert_eq!(asks(&world, "goro").len(), rare + 1);
    assert_eq!(world.user("goro").texts().last(), Some(&"is goro there"));
}

/// Whoever writes need not wait for the next attempt, which is minutes away as nobody could be heard before.
#[test]
fn who_asked_in_vain_for_long_asks_soon_when_its_user_writes() {
    for who in ["goro", "shiro"] {
        let mut world = asking_unheard(Command::Bar { channel: CHANNEL, nick: "jiro" });
        world.add("shiro", |_| {});
        world.filter = Box::new(|line, _| !["goro", "shiro"].contains(&line.nick.as_str()));
        world.join("shiro");
        world.say("taro", "somebody speaks the protocol here");
        world.run(2_400_000);
        let rare = asks(&world, who).len() + 1;
        world.run_until(ASK_BACKOFF_MAX, |world| asks(world, who).len() == rare);
        world.filter = Box::new(|_, _| true);
        world.run(ASK_BACKOFF_MAX / 8);
        assert_eq!(asks(&world, who).len(), rare, "asks so often?");
        world.say(who, "is anybody there");
        world.run(ASK_WAIT + ASK_JITTER);
        assert_eq!(asks(&world, who).len(), rare + 1, "{who}");
        assert_eq!(world.user("taro").texts().last(), Some(&"is anybody there"));
    }
}

/// However much is said, by others or its user, it asks no more often than at first; and the longer it asks in vain,
/// the less often.
#[test]
fn texts_hasten_no_ask_that_was_made_just_now() {
    // Where a member was barred, its user's texts wait.
    for (made, by) in [(WISH, "hanako"), (Command::Bar { channel: CHANNEL, nick: "jiro" }, "goro")]
    {
        let mut world = asking_unheard(made);
        let before = asks(&world, "goro").len();
        let pause = 30_000;
        for number in 0..100 {
            world.say(by, &format!("number {number}"));
            world.run(pause);
        }
        let asks = asks(&world, "goro").split_off(before);
        let waits: Vec<u64> = asks.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        let most = (ASK_BACKOFF_MAX / 8).max(ASK_WAIT / 4 * 5) + ASK_JITTER + pause;
        assert!(waits.iter().all(|wait| (ASK_WAIT..=most).contains(wait)), "{by}: {waits:?}");
        let least = ASK_BACKOFF_MAX / 5 * 4 / 8;
        assert!(waits[waits.len() - 8..].iter().all(|wait| *wait >= least), "{by}: {waits:?}");
    }
}

/// Nobody was heard since the start, and five asks found nobody: it goes on as soon as one speaks.
#[test]
fn an_ask_for_a_key_that_rests_goes_on_when_somebody_is_heard() {
    let mut world = with_asker(Choice::Joined);
    world.make_unheard("taro", WISH, &["hanako", "jiro"]);
    world.filter = Box::new(|_, to| to == "goro");
    world.announce("taro");
    let saved = world.user("goro").saved.clone();
    world.filter = Box::new(|line, to| line.nick != "goro" && to != "goro");
    world.restart("goro", &saved, 99);
    let before = asks(&world, "goro").len();
    world.join("goro");
    world.run(24 * 3_600_000);
    let goro = world.user("goro");
    assert_eq!(asks(&world, "goro").len(), before + ASKS_UNHEARD as usize);
    assert!(goro.current().is_some() && goro.sealing().is_none(), "it has the key");
    world.filter = Box::new(|_, _| true);
    world.say("hanako", "is goro there");
    world.run(1);
    world.agreed();
}
