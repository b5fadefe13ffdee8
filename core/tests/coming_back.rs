//! The connection is lost, and the user comes back: keys stay, and are trusted when somebody has said
//! that they count (R-KEY-3, R-UPD-5, R-UPD-6).

use crate::rig;

use rig::World;

/// Kinds of what was sent since there were `count` lines, by this user.
fn kinds(world: &World, count: usize, nick: &str) -> Vec<u8> {
    let lines = world.since(count).iter().filter(|line| line.nick == nick);
    lines.filter_map(|line| line.kind()).collect()
}

#[test]
fn who_lost_the_connection_opens_texts_at_once_and_seals_when_told_that_the_key_counts() {
    let mut world = World::talked();
    let key = world.agreed();
    world.lose("jiro");
    world.run(3_000);
    // Nothing jiro hears as he joins reaches him but texts.
    world.filter = Box::new(|line, to| to != "jiro" || matches!(line.kind(), Some(0 | 3)));
    world.join("jiro");
    world.say("taro", "welcome back");
    assert_eq!(world.user("jiro").texts().last(), Some(&"welcome back"));
    assert_eq!(world.user("jiro").view().keys().last(), Some(key), "the key is still there");
    assert_eq!(world.user("jiro").sealing(), None, "sealed before anybody said that it counts");
    let count = world.lines.len();
    world.say("jiro", "here I am");
    assert!(!kinds(&world, count, "jiro").contains(&0), "sealed before it was told");
    world.filter = Box::new(|_, _| true);
    world.run(20_000);
    assert_eq!(world.agreed(), key, "made anew, though taro and hanako were here");
    assert_eq!(world.user("taro").texts().last(), Some(&"here I am"));
}

/// Everybody loses the connection and the key all the same: nobody has to found anew or waits for
/// one who has it, and one who does not come back is shut out.
#[test]
fn all_come_back_but_one_and_a_new_key_shuts_that_one_out() {
    let mut world = World::talked();
    let key = world.agreed();
    for nick in ["taro", "hanako", "jiro"] {
        world.lose(nick);
    }
    world.run(30_000);
    for nick in ["hanako", "taro"] {
        world.join(nick);
        world.run(500);
    }
    world.say("taro", "where is jiro");
    world.run(60_000);
    let new = world.agreed_by(&["taro", "hanako"]);
    assert_ne!(new, key, "jiro holds the key under which they talk");
    assert_eq!(world.user("hanako").texts().last(), Some(&"where is jiro"));
    let taro = world.user("taro").view();
    assert!(taro.keys().any(|held| held == key), "what jiro wrote can still be opened");
}

/// Only taro may renew the key. While he is away, jiro leaves with it.
#[test]
fn the_only_seat_makes_a_new_key_when_it_comes_back() {
    let mut world = World::one_seat();
    let key = world.agreed();
    world.lose("taro");
    world.run(10_000);
    world.part("jiro");
    world.join("taro");
    world.say("taro", "are we among ourselves");
    world.run(19_000);
    assert_eq!(world.user("taro").current(), Some(key));
    world.run(30_000);
    assert_ne!(world.agreed(), key);
    assert_eq!(world.user("hanako").texts().last(), Some(&"are we among ourselves"));
}

/// Without a seat, with nobody there who could tell: it goes on under its key.
#[test]
fn a_member_without_a_seat_goes_on_alone_after_a_while() {
    let mut world = World::one_seat();
    let key = world.agreed();
    world.lose("taro");
    world.run(1_000);
    world.lose("hanako");
    world.run(1_000);
    world.join("hanako");
    world.run(19_999);
    assert_eq!(world.user("hanako").sealing(), None);
    world.say("hanako", "only us two");
    world.run(10_000);
    assert_eq!(world.user("hanako").sealing(), Some(key));
    assert_eq!(world.user("jiro").texts().last(), Some(&"only us two"));
}

/// Whoever comes back after it was shut out is given the record together with its proof. That the proof was sent
/// shows nobody who lags: it was sent for the one that came.
#[test]
fn who_comes_back_and_is_given_the_proof_tells_nobody_of_it() {
    let mut world = World::one_seat();
    world.run(120_000);
    world.lose("jiro");
    world.run(60_000);
    let count = world.lines.len();
    world.join("jiro");
    world.run(120_000);
    world.agreed();
    assert_eq!(kinds(&world, count, "jiro"), [3], "more than its ask");
}
