//! What members say to each other: whose it is, what is refused, how it travels in short lines
//! (R-MSG-1 to R-MSG-4, R-CLI-3).

use crate::rig;

use keyrota::spec::armor::{self, Line};
use keyrota::spec::limits::{LINE_MIN, TEXT_MAX};
use keyrota::{Command, Event, Fault, Notice, Protection, Refusal};
use rig::{CHANNEL, Relayed, World};

fn say<'a>(text: &'a str, signed: Option<bool>) -> Command<'a> {
    Command::Say { channel: CHANNEL, text, signed }
}

/// A world in which lines are as short as they can be.
fn narrow() -> World {
    World::seated_with(&["taro", "hanako", "jiro"], |_, config| config.line = LINE_MIN)
}

/// The lines of one long text, which nobody has heard yet.
fn long_text(world: &mut World, nick: &str, text: &str) -> Vec<Relayed> {
    world.say(nick, "first");
    let count = world.lines.len();
    world.filter = Box::new(|_, _| false);
    world.say(nick, text);
    world.filter = Box::new(|_, _| true);
    world.since(count).to_vec()
}

#[test]
fn a_signed_text_shows_under_the_certified_name_whatever_the_nick() {
    let mut world = World::seated(&["taro", "hanako"]);
    world.rename("taro", "hanakos_boss");
    world.say("hanakos_boss", "hello");
    let shown = &world.user("hanako").shown[0];
    assert_eq!(shown.name.as_deref(), Some("taro"));
    assert_eq!((&*shown.text, shown.protection), ("hello", Protection::Sealed));
}

#[test]
fn an_unsigned_text_shows_under_no_name() {
    let mut world = World::seated(&["taro", "hanako"]);
    world.command("taro", say("it was not me", Some(false))).expect("said");
    let shown = &world.user("hanako").shown[0];
    assert_eq!((shown.name.as_deref(), shown.protection), (None, Protection::Sealed));
}

#[test]
fn the_founder_decides_whether_texts_are_signed_unless_their_sender_does() {
    let mut world = World::with(&["taro", "hanako"], |nick, config| {
        config.channel.signed = nick != "taro";
    });
    for nick in ["taro", "hanako"] {
        world.join(nick);
        world.run(2_000);
    }
    world.say("hanako", "one");
    world.command("hanako", say("two", Some(true))).expect("said");
    let names: Vec<_> = world.user("taro").shown.iter().map(|one| one.name.as_deref()).collect();
    assert_eq!(names, [None, Some("hanako")]);
}

#[test]
fn a_text_has_bounds() {
    let mut world = World::seated(&["taro", "hanako"]);
    let long = "x".repeat(TEXT_MAX);
    for text in ["", "two\nlines", "two\rlines", "null\0", &format!("{long}x")] {
        assert_eq!(world.command("taro", say(text, None)), Err(Refusal::Text));
    }
    world.say("taro", &long);
    world.say("taro", "竜宮");
    assert_eq!(world.user("hanako").texts(), [long.as_str(), "竜宮"]);
}

#[test]
fn no_line_is_longer_than_the_transport_carries() {
    let mut world = narrow();
    let text = "x".repeat(TEXT_MAX);
    world.say("taro", &text);
    world.add("saburo", |config| config.line = LINE_MIN);
    world.join("saburo");
    world.run(4_000_000);
    world.part("saburo");
    world.run(100_000);
    world.agreed();
    assert!(world.lines.iter().all(|line| line.text.len() <= LINE_MIN));
    assert_eq!(world.user("hanako").texts(), [text.as_str()]);
    // The transport says how long they may be; then they are.
    world.event("taro", Event::LineLength(512));
    let count = world.lines.len();
    world.say("taro", &text);
    let longest = world.since(count).iter().map(|line| line.text.len()).max();
    assert!(longest.is_some_and(|longest| (400..=512).contains(&longest)), "{longest:?}");
}

#[test]
fn fragments_may_come_in_any_order_and_more_than_once() {
    let mut world = narrow();
    let text = "x".repeat(TEXT_MAX);
    let lines = long_text(&mut world, "taro", &text);
    assert_eq!(lines.len(), 4);
    for line in lines.iter().rev().chain(&lines) {
        world.inject("taro", &line.text);
    }
    assert_eq!(world.user("hanako").texts(), ["first", &text]);
    assert!(world.user("hanako").faults().iter().all(|fault| *fault == Fault::Repeat));
}

#[test]
fn a_lost_fragment_costs_its_text_and_no_other() {
    let text = "x".repeat(TEXT_MAX);
    for lost in 0..4 {
        let mut world = narrow();
        let mut lines = long_text(&mut world, "taro", &text);
        lines.remove(lost);
        for line in &lines {
            world.inject("taro", &line.text);
        }
        world.say("taro", "next");
        assert_eq!(world.user("hanako").texts(), ["first", "next"]);
        let taro = world.user("taro").id();
        let told = Notice::Missing { member: taro, texts: 1 };
        assert!(world.user("hanako").notices.contains(&told));
    }
}

#[test]
fn nobody_can_slip_a_fragment_into_the_text_of_another() {
    let mut world = narrow();
    let (one, other) = ("x".repeat(TEXT_MAX), "y".repeat(TEXT_MAX));
    let of_taro = long_text(&mut world, "taro", &one);
    let of_jiro = long_text(&mut world, "jiro", &other);
    for (line, theirs) in of_taro.iter().zip(&of_jiro) {
        // Two speak at once, and a third repeats what it heard with other bytes.
        world.inject("taro", &line.text);
        world.inject("jiro", &theirs.text);
        let Some(Line::Part { .. }) = armor::parse(&line.text) else { panic!("a fragment") };
        world.inject("mallory", &format!("{}{}", &line.text[..6], "A".repeat(40)));
    }
    let texts = world.user("hanako").texts();
    assert_eq!(texts, ["first", "first", &one, &other]);
}

#[test]
fn a_repeated_text_is_shown_once() {
    let mut world = World::seated(&["taro", "hanako"]);
    let count = world.lines.len();
    world.say("taro", "once");
    world.say("taro", "upon a time");
    let lines = world.since(count).to_vec();
    for line in &lines {
        world.inject("taro", &line.text);
    }
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(5_000);
    for line in &lines {
        world.inject("taro", &line.text);
    }
    let hanako = world.user("hanako");
    assert_eq!(hanako.texts(), ["once", "upon a time"]);
    assert_eq!(hanako.faults(), [Fault::Repeat; 4]);
}
