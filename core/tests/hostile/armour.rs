//! Lines that are no frames: too long, cut, glued together wrongly, or almost armour.

use keyrota::Protection;
use keyrota::spec::armor::{self, PartId};

use crate::eve::{self, Eve};
use crate::rig::{CHANNEL, World};
use crate::stage::{state, talk, whisper};

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
        format!("+K{}é", body),
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

/// Frames longer than any may be, on one line and in fragments.
#[test]
fn oversize() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let chunk = |id: u32, index: u32, last: u32, length: usize| {
        let header = (PartIdBits(id).bits() << 6 | index << 2 | last).to_be_bytes();
        let header = armor::whole(&header[1..]);
        let body = armor::whole(&vec![0x10; length]);
        format!("+k{}{}", &header[2..], &body[2..])
    };
    let mut lines = vec![armor::whole(&[0x10; 881]), armor::whole(&[0x13; 1_500])];
    for index in 0..4 {
        lines.push(chunk(1, index, 3, 1_500));
    }
    for index in 0..4 {
        lines.push(chunk(2, index, 3, 221));
    }
    // More unfinished frames than are kept, of one and of many.
    for id in 3..60 {
        lines.push(chunk(id, 0, 3, 100));
    }
    assert_eq!(attempt(&mut world, &lines), 0);
    talk(&mut world);
}

struct PartIdBits(u32);

impl PartIdBits {
    fn bits(&self) -> u32 {
        let _ = PartId::new(self.0);
        self.0 & 0x3_ffff
    }
}
