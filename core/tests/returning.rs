//! Who comes late or back learns who is here, and is not taken for gone (R-ROS-3, R-UPD-6).

use crate::rig;

use keyrota::spec::Cause;
use keyrota::{Command, Config, GrantRule, Notice};
use rig::{CHANNEL, World};

/// jiro has a seat, and was away while hanako came: he has never seen her handed the key. Her text
/// tells him that she has it.
#[test]
fn a_key_is_sealed_to_whoever_showed_by_a_text_that_it_holds_the_last() {
    let by_hand = |_: &str, config: &mut Config| config.channel.rule = GrantRule::ByHand;
    let mut world = World::with(&["taro", "hanako", "jiro"], by_hand);
    for nick in ["taro", "jiro"] {
        world.join(nick);
        world.run(5_000);
    }
    let seat = Command::Mode { channel: CHANNEL, modes: "+dx jiro jiro" };
    world.command("taro", seat).expect("seated");
    world.part("jiro");
    world.run(120_000);
    world.join("hanako");
    world.run(5_000);
    world.join("jiro");
    world.run(5_000);
    world.say("hanako", "is it not quiet here");
    world.part("taro");
    world.run(120_000);
    assert_eq!(world.user("jiro").cause(), Cause::Exclusion);
    let asked = |notice: &Notice| matches!(notice, Notice::Asked(Some(_)));
    assert!(!world.user("hanako").notices.iter().any(asked), "hanako had to ask for it");
    world.agreed();
}

/// hanako grants taro, who comes back, a key that jiro made; jiro is here and says nothing.
#[test]
fn a_silent_author_of_the_key_is_not_taken_for_gone() {
    let mut world = World::joined(&["taro", "hanako", "jiro"]);
    world.run(700_000);
    world.part("taro");
    world.hang("hanako");
    world.run(120_000);
    world.user_mut("hanako").hung = false;
    world.say("hanako", "back");
    world.run(30_000);
    world.join("taro");
    world.run(5_000);
    let key = world.agreed();
    let orders: Vec<_> = world.here().map(|user| user.view().order()).collect();
    assert!(orders.iter().all(|order| *order == orders[0]), "{orders:?}");
    world.run(300_000);
    assert_eq!(world.agreed(), key, "renewed, though everybody who holds it is here");
}

/// taro comes back, and bars jiro before hanako has said a word: she has a seat, and gets the key.
#[test]
fn a_key_is_sealed_to_every_seat_that_is_here() {
    let mut world = World::joined(&["taro", "hanako", "jiro"]);
    world.run(700_000);
    world.part("taro");
    world.hang("hanako");
    world.run(120_000);
    world.user_mut("hanako").hung = false;
    world.say("hanako", "back");
    world.run(30_000);
    world.join("taro");
    world.run(20_000);
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    assert_eq!(world.user("hanako").sealing(), world.user("taro").sealing());
    assert_ne!(world.user("jiro").sealing(), world.user("taro").sealing());
}

/// hanako comes back to a channel whose third seat is empty: she asks for its Hello, learns that
/// jiro is not there, and asks no more.
#[test]
fn an_absent_seat_is_not_asked_for_again_and_again() {
    let mut world = World::joined(&["taro", "hanako", "jiro"]);
    world.run(700_000);
    world.part("jiro");
    world.run(120_000);
    world.part("hanako");
    world.run(120_000);
    world.join("hanako");
    let from = world.lines.len();
    // Three renewals.
    world.run(3 * 3_600_000);
    let queries = world.since(from).iter().filter(|line| line.kind() == Some(8)).count();
    assert!((1..=4).contains(&queries), "{queries} questions");
}

/// A list that changes one's own rights names oneself as the transport does.
#[test]
fn rights_are_told_by_nick() {
    let world = World::joined(&["taro", "hanako"]);
    let told: Vec<&String> = world
        .user("hanako")
        .notices
        .iter()
        .filter_map(|notice| match notice {
            Notice::Rights(line) => Some(line),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["+d hanako, +x hanako"]);
}
