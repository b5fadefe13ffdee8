//! Lines that are no frames: too long, cut, glued together wrongly, or almost armour.

use keyrota::Protection;
use keyrota::spec::armor::{self, Line};

use crate::eve::{self, Eve};
use crate::rig::{CHANNEL, World};
use crate::stage::{sealed_texts, state, talk, unheard, whisper};

/// Hanako hears these from eve, and is as before. Returns what was shown of them, which is plain.
fn attempt(world: &mut World, lines: &[String]) -> usize {
    let count = world.user("hanako").shown.len();
    for line in lines {
        let before = state(world, "hanako");
        whisper(world, "hanako", "eve", line);
        assert_eq!(before, state(world, "hanako"), "{line}");
    }
    let shown = &world.user("hanako").shown[count..];
    assert!(shown.iter().all(|one| one.name.is_none() && one.protection == Protection::Plain));
    shown.len()
}

/// A genuine line that nobody has heard, and what is wrong with it is only how it is written.
#[test]
fn almost_armour() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let eve = Eve::new();
    let hello = eve.hello(CHANNEL, world.now().unix, None);
    let line = eve::line(&keyrota::spec::Frame::Hello { hello, relayed: false });
    let body = &line[2..];
    let lines = [
        "+K".to_owned(),
        "+k".to_owned(),
        "+kAAA".to_owned(),
        "+kAAAA".to_owned(),
        format!("+K{body} "),
        format!(" +K{body}"),
        format!("+K{body}="),
        format!("+K{body}=="),
        format!("+K {body}"),
        format!("+K{body}\u{7f}"),
        format!("+K{body}é"),
        format!("K+{body}"),
        // Neither one of one, nor fifth of two.
        format!("+kAAAA{body}"),
        format!("+kAAAR{body}"),
        "+K".to_owned() + &"A".repeat(9_998),
        "+k".to_owned() + &"A".repeat(9_998),
        "x".repeat(10_000),
    ];
    let shown = attempt(&mut world, &lines);
    assert_eq!(shown, lines.len(), "what is no armour is shown as it came");
    talk(&mut world);
}

/// A fragment: which of how many, less one.
fn fragment(id: u32, index: u32, last: u32, bytes: &[u8]) -> String {
    let header = (id << 6 | index << 2 | last).to_be_bytes();
    let (header, body) = (armor::whole(&header[1..]), armor::whole(bytes));
    format!("+k{}{}", &header[2..], &body[2..])
}

/// Frames longer than any may be, on one line and in fragments; more of them than are kept.
#[test]
fn oversize() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let mut lines = vec![armor::whole(&[0x10; 881]), armor::whole(&[0x13; 1_500])];
    for (id, length) in [(1, 1_500), (2, 221)] {
        lines.extend((0..4).map(|index| fragment(id, index, 3, &vec![0x10; length])));
    }
    lines.extend((3..60).map(|id| fragment(id, 0, 3, &[0x10; 100])));
    assert_eq!(attempt(&mut world, &lines), 0);
    talk(&mut world);
}

/// A text in fragments comes late, twice and in disorder, among others' of the same name.
#[test]
fn fragments() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.say("taro", "first");
    let text = "long ".repeat(120);
    let lines = unheard(&mut world, |world| world.say("taro", &text));
    assert_eq!(lines.len(), 3);
    for line in lines.iter().rev() {
        let Some(Line::Part { index, count, bytes, .. }) = armor::parse(&line.text) else {
            panic!("not a fragment");
        };
        for id in 0..40 {
            let (index, last) = (index.into(), (count - 1).into());
            let forged = fragment(id, index, last, &vec![0x10; bytes.len()]);
            whisper(&mut world, "hanako", "eve", &forged);
        }
        whisper(&mut world, "hanako", "taro", &line.text);
        whisper(&mut world, "hanako", "taro", &line.text);
    }
    assert_eq!(sealed_texts(world.user("hanako")), ["first", &text]);
    for line in &lines {
        world.inject("taro", &line.text);
    }
    assert_eq!(sealed_texts(world.user("hanako")), ["first", &text]);
    talk(&mut world);
}
