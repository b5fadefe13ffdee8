//! A channel keys itself: open, join, talk, renew, fail over, exclude.

mod rig;

use keyrota::spec::Cause;
use keyrota::{Command, Protection};
use rig::{CHANNEL, World};

#[test]
fn the_story() {
    let mut world = World::new(&["taro", "hanako", "jiro"]);
    world.join("taro");
    println!("{:?}", world.user("taro").notices);
    world.run(1000);
    world.join("hanako");
    world.run(5_000);
    for l in &world.lines {
        println!("{} {} {:?} {}", l.at, l.nick, l.kind(), l.text.len());
    }
    println!("H {:#?}", world.user("hanako").notices);
    println!("T {:#?}", world.user("taro").notices);
    world.agreed();
    world.say("taro", "hello");
    world.say("hanako", "hi");
    println!("{:?} {:?}", world.user("taro").shown, world.user("hanako").shown);
    world.join("jiro");
    world.run(15_000);
    for l in &world.lines {
        println!("{} {} {:?} {}", l.at, l.nick, l.kind(), l.text.len());
    }
    println!("J {:#?}", world.user("jiro").notices);
    world.agreed();
    world.say("jiro", "me too");
    world.run(700_000);
    for l in &world.lines {
        println!("{} {} {:?} {}", l.at, l.nick, l.kind(), l.text.len());
    }
    let k = world.agreed();
    world.command("jiro", Command::Refresh { channel: CHANNEL }).unwrap();
    world.run(60_000);
    let k2 = world.agreed();
    assert_ne!(k, k2);
    world.part("taro");
    world.run(60_000);
    let k3 = world.agreed();
    assert_ne!(k3, k2);
    println!("{:?}", world.user("hanako").cause());
    world.hang("hanako");
    world.say("jiro", "anyone?");
    world.command("jiro", Command::Refresh { channel: CHANNEL }).unwrap();
    world.run(100_000);
    let k4 = world.agreed();
    assert_ne!(k3, k4);
    for l in &world.lines {
        println!("{} {} {:?} {}", l.at, l.nick, l.kind(), l.text.len());
    }
    println!("J {:#?}", world.user("jiro").notices);
    let _ = (Cause::Period, Protection::Plain);
}
