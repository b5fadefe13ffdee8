//! Texts that wait for a key go out behind it, so that whoever gets it reads all of them (R-MSG-3;
//! spec chapters 10 and 11).

use crate::rig;

use keyrota::{Command, Settings};
use rig::{CHANNEL, World};

#[test]
fn what_waited_for_a_key_goes_out_behind_it() {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    let settings = Settings { lifetime: 1, ..Settings::default() };
    for nick in ["taro", "hanako", "jiro"] {
        let settings = settings.clone();
        world.command(nick, Command::Configure { channel: CHANNEL, settings }).expect("set");
    }
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(5_000);
    // The first in the order is silent, and the key ends before the second stands in for it.
    world.hang("taro");
    world.run(57_000);
    let count = world.lines.len();
    for number in 0..40 {
        world.say("hanako", &format!("text {number}"));
    }
    assert_eq!(world.since(count).len(), 0, "the key has ended");
    world.run(120_000);
    let jiro = world.user("jiro");
    let texts: Vec<String> = (0..40).map(|number| format!("text {number}")).collect();
    assert_eq!(jiro.texts(), texts);
    assert!(jiro.faults().is_empty(), "{:?}", jiro.faults());
}
