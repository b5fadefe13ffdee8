//! One-to-one conversations under attack, and in every order in which lines can come (R-ONE-1).

use crate::peer;
use crate::rig;

use std::collections::{BTreeSet, VecDeque};

use keyrota::spec::limits::{CALLS_PER_MINUTE, CHANNELS_MAX, UNINVITED_MAX};
use keyrota::spec::{
    Ask, ChannelId, Descent, Entry, Frame, KeyHint, List, Record, Rights, Root, Tag, TextHeader,
    TextKind, Wrapped, armor, label,
};
use keyrota::{
    Action, Command, Event, Fault, Notice, Now, Protection, Refusal, SelfSigned, Terminal,
};
use peer::Peer;
use rig::{START, World, terminal};

fn line(frame: &Frame<'_>) -> String {
    armor::whole(&frame.encode())
}

fn talking() -> World {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("taro", "hanako", "hello");
    world.tell("hanako", "taro", "hello to you");
    world
}

/// What Hellos in conversations are signed for.
fn digest() -> ChannelId {
    ChannelId::first_of(&keyrota::crypto::hash(label::NAME, &[]))
}

// ---- both at once

const NICKS: [&str; 2] = ["taro", "hanako"];
const NOW: Now = Now { ms: 1_000, unix: START };

/// Two terminals, and the lines under way to each.
struct Two {
    terminals: [Terminal; 2],
    under_way: [VecDeque<String>; 2],
    shown: [Vec<String>; 2],
}

impl Two {
    /// Both have just begun to talk, and neither has heard of the other.
    fn begin() -> Self {
        let terminals =
            [1, 2].map(|number| terminal(number, NICKS[usize::from(number) - 1], NOW, |_| {}));
        let mut two = Self { terminals, under_way: Default::default(), shown: Default::default() };
        for own in 0..2 {
            let (nick, text) = (NICKS[1 - own], if own == 0 { "from taro" } else { "from hanako" });
            two.command(own, Command::Converse { nick });
            two.command(own, Command::Say { channel: nick, text, signed: None });
        }
        two
    }

    fn command(&mut self, own: usize, command: Command<'_>) {
        let actions = self.terminals[own].command(NOW, command).expect("done").collect();
        self.act(own, actions);
    }

    fn deliver(&mut self, to: usize) {
        let text = self.under_way[to].pop_front().expect("a line");
        let event = Event::Private { nick: NICKS[1 - to], text: &text };
        let actions = self.terminals[to].handle(NOW, event).collect();
        self.act(to, actions);
    }

    fn act(&mut self, own: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send { text, .. } => self.under_way[1 - own].push_back(text),
                Action::Show { text, protection, .. } => {
                    // Also under the key that does not stay: nobody else has ever had it.
                    assert_eq!(protection, Protection::Sealed);
                    self.shown[own].push(text);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn both_begin_at_once_and_every_order_of_the_lines_ends_in_one_key() {
    let (mut orders, mut winners) = (0, BTreeSet::new());
    // Each path says to whom the next line goes; longer ones are found as they are walked.
    let mut paths = vec![Vec::new()];
    while let Some(mut path) = paths.pop() {
        let mut two = Two::begin();
        path.iter().for_each(|to| two.deliver(*to));
        loop {
            match [0, 1].map(|to| two.under_way[to].is_empty()) {
                [true, true] => break,
                [false, false] => {
                    paths.push([&path[..], &[1]].concat());
                    path.push(0);
                }
                [empty, _] => path.push(usize::from(empty)),
            }
            two.deliver(*path.last().expect("somebody"));
        }
        orders += 1;
        assert_eq!(two.shown, [["from hanako"], ["from taro"]], "{path:?}");
        let [one, other] = [0, 1].map(|own| {
            let view = two.terminals[own].channel(NICKS[1 - own]).expect("a conversation");
            assert_eq!(view.current(), view.sealing(), "{path:?}");
            (view.current(), view.record().expect("a record").author)
        });
        assert_eq!(one, other, "{path:?}");
        winners.insert(one.1);
    }
    assert!(orders >= 40, "{orders} orders");
    assert_eq!(
        winners.len(),
        1,
        "which key stays the order of records says, not that of the lines"
    );
}

// ---- a relay

#[test]
fn a_relay_stays_a_relay() {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("taro", "mallory", "for mallory only");
    // mallory passes on whatever comes, from her own nick.
    for at in 0..20 {
        let Some(relayed) = world.lines.get(at).cloned() else { break };
        let to = if relayed.nick == "taro" { "hanako" } else { "taro" };
        if relayed.to == "mallory" {
            world.inject_to(to, "mallory", &relayed.text);
        }
    }
    let shown = &world.user("hanako").shown[0];
    assert_eq!((shown.place.as_str(), shown.name.as_deref()), ("mallory", Some("taro")));
    let (taro, hanako) = (world.user("taro"), world.user("hanako"));
    assert_eq!(taro.with("mallory").peer(), Some(hanako.id()), "and taro sees whom he talks with");
    assert_eq!(taro.with("mallory").id(), hanako.with("mallory").id());
    let seen = |notice: &Notice| matches!(notice, Notice::Seen { name, .. } if **name == *"hanako");
    assert!(taro.notices.iter().any(seen));
    assert!(world.lines.iter().all(|line| line.kind().is_some()), "she saw frames only");
}

#[test]
fn an_ask_that_names_its_peer_is_of_no_use_to_others() {
    let mut world = World::new(&["taro", "hanako", "mallory"]);
    world.tell("taro", "mallory", "hello");
    world.event("taro", Event::Disconnected);
    world.run(10_000);
    let before = world.lines.len();
    world.tell("taro", "mallory", "hello again");
    let ask = world.lines[before].clone();
    assert_eq!(ask.kind(), Some(3));
    world.inject_to("hanako", "mallory", &ask.text);
    assert!(world.user("hanako").terminal.channel("mallory").is_none());
    // Nor in a conversation that there is.
    world.tell("taro", "hanako", "and you");
    let key = world.user("hanako").with("taro").current();
    let before = world.lines.len();
    world.inject_to("hanako", "taro", &ask.text);
    assert_eq!(world.lines.len(), before);
    assert_eq!(world.user("hanako").with("taro").current(), key);
}

// ---- the server

#[test]
fn what_was_sent_before_changes_and_shows_nothing_when_it_comes_again() {
    let mut world = talking();
    world.run(60_000);
    world.command("taro", Command::Refresh { channel: "hanako" }).expect("a wish");
    world.run(120_000);
    world.tell("taro", "hanako", "under another key");
    let of = |world: &World, nick: &str, peer: &str| {
        let user = world.user(nick);
        (user.with(peer).current(), user.with(peer).sealing(), user.shown.len())
    };
    let before = (of(&world, "taro", "hanako"), of(&world, "hanako", "taro"));
    let lines = world.lines.clone();
    for relayed in lines.iter().rev().chain(&lines) {
        // To whom it was sent, and back to who sent it.
        world.inject_to(&relayed.to, &relayed.nick, &relayed.text);
        world.inject_to(&relayed.nick, &relayed.to, &relayed.text);
    }
    world.run(60_000);
    assert_eq!((of(&world, "taro", "hanako"), of(&world, "hanako", "taro")), before);
    let clones = world.user("taro").notices.iter().filter(|one| **one == Notice::Clone);
    assert_eq!(clones.count(), 0);
}

#[test]
fn a_hello_from_another_conversation_is_no_clone_and_heals() {
    let mut world = World::new(&["taro", "hanako", "jiro"]);
    world.tell("taro", "hanako", "hello hanako");
    world.run(30_000);
    let before = world.lines.len();
    world.tell("taro", "jiro", "hello jiro");
    let hello = world.since(before)[0].text.clone();
    // Back to himself, as if it came from hanako; and to hanako, as if it were for her.
    world.inject_to("taro", "hanako", &hello);
    assert!(!world.user("taro").notices.contains(&Notice::Clone));
    world.inject_to("hanako", "taro", &hello);
    // It has another member key: what is sealed to it is missed, and asked for.
    world.run(60_000);
    world.command("hanako", Command::Refresh { channel: "taro" }).expect("a wish");
    world.run(180_000);
    world.tell("hanako", "taro", "can you read this?");
    world.run(60_000);
    assert_eq!(world.user("taro").texts(), ["can you read this?"]);
}

#[test]
fn records_that_a_conversation_cannot_have_are_faults() {
    let mut world = talking();
    let view = world.user("taro").with("hanako");
    let (record, id, key) = (view.record().expect("one").clone(), view.id(), view.current());
    let channel = id.expect("a conversation");
    let (hanako, mallory) = (Peer::new(2, "hanako"), Peer::new(3, "mallory"));
    let seat = record.list.seat_of(&hanako.id).expect("a seat").0;
    let next = Record { author: seat, epoch: record.epoch + 1, ..record.clone() };
    let entry = |id| Entry::new(id, Rights::BOTH);
    let [one, other] = [0, 1].map(|seat| *record.list.seat(seat).expect("a seat"));
    let list = |entries: Vec<Entry>| List::new(entries).expect("a list");
    let three = list(vec![one, other, entry(mallory.id)]);
    let swapped = list(vec![other, one]);
    let wrapped = Descent::Wrapped { root: Root([7; 8]), step: 1 };
    let founder = world.user("hanako").terminal.id();
    assert_eq!(founder, hanako.id);
    let mut wrong = vec![
        Record { turn: vec![0, 1, 2], list: three, ..next.clone() },
        Record { list: swapped, author: 1 - seat, ..next.clone() },
        Record { descent: wrapped, ..next.clone() },
        Record { channel: ChannelId([9; 16]), ..next.clone() },
    ];
    let keyless = hanako.signed(next.clone());
    for record in wrong.drain(..) {
        let signed = hanako.signed(record);
        let faults = world.user("taro").faults().len();
        let frame = match signed.record.descent {
            Descent::Wrapped { .. } => Frame::Refresh { record: signed, wrapped: Wrapped([1; 32]) },
            _ => hanako.announce(&signed),
        };
        world.inject_to("taro", "hanako", &line(&frame));
        let told = world.user("taro").faults();
        assert_eq!(told[faults..], [Fault::Channel]);
        assert_eq!(world.user("taro").with("hanako").current(), key);
    }
    // Nor does anybody else sign in a seat.
    let forged = mallory.signed(next);
    for frame in [mallory.announce(&forged), hanako.announce(&forged)] {
        world.inject_to("taro", "hanako", &line(&frame));
        assert_eq!(world.user("taro").faults().last(), Some(&Fault::Signature));
    }
    assert_eq!(world.user("taro").with("hanako").current(), key);
    assert_eq!(world.user("taro").with("hanako").id(), Some(channel));
    // A true record counts, though its key has not come; a way out is found.
    world.inject_to("taro", "hanako", &line(&hanako.announce(&keyless)));
    assert_ne!(world.user("taro").with("hanako").current(), key);
    world.run(120_000);
    world.tell("taro", "hanako", "still here");
    assert_eq!(world.user("hanako").texts().last(), Some(&"still here"));
}

// ---- strangers

fn call(number: u8, time: u64) -> String {
    let stranger = Peer::new(number, &format!("s{number}"));
    line(&stranger.hello_in(&digest(), time, Some((Ask::Latest, None))))
}

#[test]
fn strangers_can_begin_a_bounded_number_and_the_oldest_goes() {
    let mut world = World::new(&["taro"]);
    let heard = |world: &World, number: u8| {
        world.user("taro").terminal.channel(&format!("s{number}")).is_some()
    };
    let numbers: Vec<u8> = (10..110).collect();
    for number in &numbers {
        // Slow enough for each to get a token.
        world.run(60_000 / CALLS_PER_MINUTE);
        let time = world.now().unix;
        world.inject_to("taro", &format!("s{number}"), &call(*number, time));
        if *number == 10 {
            world.tell("taro", "s10", "I answer this one");
        }
    }
    let open: Vec<u8> = numbers.iter().copied().filter(|number| heard(&world, *number)).collect();
    assert_eq!(open.len(), UNINVITED_MAX + 1);
    assert!(heard(&world, 10), "the user has said something there");
    assert_eq!(open[1], 110 - u8::try_from(UNINVITED_MAX).expect("few"), "the newest stay");
    assert_eq!(world.lines.len(), 2 * numbers.len() + 1, "a Hello and a key for each, and a text");
}

#[test]
fn a_flood_of_strangers_costs_no_more_than_its_tokens() {
    for refuse in [false, true] {
        let mut world = World::with(&["taro"], |_, config| {
            if refuse {
                config.authentication.self_signed = SelfSigned::Refuse;
            }
        });
        let time = world.now().unix;
        for number in 10..110 {
            world.inject_to("taro", &format!("s{number}"), &call(number, time));
        }
        let tokens = usize::try_from(CALLS_PER_MINUTE).expect("few");
        assert!(world.lines.len() <= 2 * tokens, "{} lines", world.lines.len());
        assert!(world.user("taro").faults().contains(&Fault::Flood));
        let multiplied = world.user("taro").terminal.tally().multiply;
        assert!(multiplied <= 4 * CALLS_PER_MINUTE, "{multiplied} multiplications");
        world.run(3_600_000);
        assert!(world.lines.len() <= 2 * tokens, "and nothing follows: {}", world.lines.len());
    }
}

#[test]
fn texts_from_nowhere_are_asked_about_once_each() {
    let mut world = World::new(&["taro"]);
    for number in 0..200_u8 {
        let header = TextHeader { key: KeyHint([number; 3]), tag: Tag([number; 4]), counter: 0 };
        let frame = Frame::Text { kind: TextKind::Signed, header, ciphertext: &[number; 80] };
        world.inject_to("taro", &format!("n{number}"), &line(&frame));
        world.inject_to("taro", &format!("m{number}"), "+K");
    }
    world.run(3_600_000);
    let tokens = usize::try_from(CALLS_PER_MINUTE).expect("few");
    assert!(world.lines.len() <= tokens, "{} lines", world.lines.len());
    assert!(world.lines.iter().all(|line| line.kind() == Some(3)));
    // Other frames begin nothing.
    let lines = world.lines.len();
    let query = Frame::Refusal {
        whom: world.user("taro").id().hint(),
        reason: keyrota::spec::Refused::Key,
    };
    world.inject_to("taro", "nobody", &line(&query));
    assert!(world.user("taro").terminal.channel("nobody").is_none());
    assert_eq!(world.lines.len(), lines);
}

#[test]
fn a_stranger_leaves_the_user_room_for_channels() {
    let mut world = World::new(&["taro"]);
    let time = world.now().unix;
    world.inject_to("taro", "s10", &call(10, time));
    let converse = |world: &mut World, number: usize| {
        let nick = format!("nick{number}");
        world.command("taro", Command::Converse { nick: &nick })
    };
    for number in 0..CHANNELS_MAX {
        assert_eq!(converse(&mut world, number), Ok(()), "{number}");
    }
    assert!(world.user("taro").terminal.channel("s10").is_none(), "it gave way");
    assert_eq!(converse(&mut world, CHANNELS_MAX), Err(Refusal::Channels));
    // All of them rest by themselves, and each still works.
    let lines = world.lines.len();
    world.command("taro", Command::Close { nick: "nick5" }).expect("closed");
    world.event("taro", Event::Nick { old: "nick7", new: "nick5" });
    assert!(world.user("taro").terminal.channel("nick5").is_some());
    assert_eq!(world.lines.len(), lines);
    world.inject_to("taro", "nick5", &call(20, time));
    assert_eq!(world.lines.len(), lines + 2, "a Hello and a key");
}
