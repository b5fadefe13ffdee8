//! Whose certificates are accepted: authorities, times, revocations, pins (R-DIS-2, R-KEY-1).

use crate::rig;

use keyrota::spec::limits::{ASK_WAIT, SKEW_S};
use keyrota::spec::{Body, Name, Refused};
use keyrota::{
    Authentication, Authority, Command, Fault, GrantRule, Identity, Notice, Rejection, SelfSigned,
};
use rig::{CHANNEL, START, World, YEAR, authority, identity, issued, secret, trusting};

/// A channel that taro opened, with a certificate of the first authority; he accepts those
/// whom one of `authorities` vouches for.
fn opened(authorities: &[&Authority]) -> World {
    let mut world = World::new(&[]);
    let taro = issued(&authority(1), 1, "taro", START - 1, YEAR);
    world.add_as("taro", taro, |config| config.authentication = trusting(authorities));
    world.join("taro");
    world.run(1_000);
    world
}

/// Lets somebody join who accepts the first authority.
fn join(world: &mut World, nick: &str, who: Identity) {
    world.add_as(nick, who, |config| config.authentication = trusting(&[&authority(1)]));
    world.join(nick);
    world.run(3_000);
}

/// What taro made of somebody: accepted, so that it has the key, or why not.
fn judged(world: &World, nick: &str) -> Result<(), Rejection> {
    let rejected = world.user("taro").faults().into_iter().rev().find_map(|fault| match fault {
        Fault::Certificate(why) => Some(why),
        _ => None,
    });
    let keyed = world.user(nick).sealing().is_some();
    let refused = world
        .user(nick)
        .notices
        .iter()
        .any(|notice| matches!(notice, Notice::Refused { reason: Refused::Certificate, .. }));
    assert_ne!(keyed, refused, "either the key or a refusal");
    match rejected {
        None => {
            assert!(keyed);
            Ok(())
        }
        Some(why) => {
            assert!(refused);
            Err(why)
        }
    }
}

#[test]
fn whom_an_authority_vouches_for_is_accepted() {
    let mut world = opened(&[&authority(1)]);
    join(&mut world, "hanako", issued(&authority(1), 2, "hanako", START - 1, YEAR));
    assert_eq!(judged(&world, "hanako"), Ok(()));
    world.agreed();
    world.say("hanako", "hello");
    assert_eq!(world.user("taro").shown[0].name.as_deref(), Some("hanako"));
}

#[test]
fn of_several_authorities_each_may_vouch() {
    let (one, two, three) = (authority(1), authority(2), authority(3));
    let mut world = opened(&[&one, &two]);
    join(&mut world, "hanako", issued(&two, 2, "hanako", START - 1, YEAR));
    assert_eq!(judged(&world, "hanako"), Ok(()));
    join(&mut world, "jiro", issued(&three, 3, "jiro", START - 1, YEAR));
    assert_eq!(judged(&world, "jiro"), Err(Rejection::UnknownIssuer));
    join(&mut world, "saburo", identity(4, "saburo"));
    assert_eq!(judged(&world, "saburo"), Err(Rejection::SelfSigned));
}

#[test]
fn an_authority_vouches_for_what_it_signed_and_nothing_else() {
    let one = authority(1);
    let good = issued(&one, 2, "hanako", START - 1, YEAR);
    let alter: [fn(&mut Body); 3] = [
        |body| body.name = Name::new("otohime").expect("a name"),
        |body| body.not_before -= 1,
        |body| body.lifetime += 1,
    ];
    for change in alter {
        let mut world = opened(&[&one]);
        let mut certificate = good.certificate().clone();
        change(&mut certificate.body);
        let bad = Identity::certified(&secret(2), certificate).expect("an identity");
        join(&mut world, "hanako", bad);
        assert_eq!(judged(&world, "hanako"), Err(Rejection::Signature));
    }
}

#[test]
fn a_certificate_has_its_time_give_or_take_ten_minutes() {
    const LIFETIME: u32 = 1_000;
    let one = authority(1);
    let now = START + 2;
    let end = now - u64::from(LIFETIME);
    let cases = [
        (now + SKEW_S, Ok(())),
        (now + SKEW_S + 1, Err(Rejection::Time)),
        (end - SKEW_S, Ok(())),
        (end - SKEW_S - 1, Err(Rejection::Time)),
    ];
    for (not_before, expected) in cases {
        let mut world = opened(&[&one]);
        assert_eq!(world.now().unix, now);
        join(&mut world, "hanako", issued(&one, 2, "hanako", not_before, LIFETIME));
        assert_eq!(judged(&world, "hanako"), expected, "{not_before}");
    }
}

#[test]
fn whom_the_user_revoked_is_refused() {
    let mut world = opened(&[&authority(1)]);
    let hanako = issued(&authority(1), 2, "hanako", START - 1, YEAR);
    let member = hanako.id();
    world.command("taro", Command::Revoke { member }).expect("revoked");
    join(&mut world, "hanako", hanako);
    assert_eq!(judged(&world, "hanako"), Err(Rejection::Revoked));
    assert!(world.user("taro").terminal.authentication().is_revoked(&member));
}

#[test]
fn a_refusal_is_one_line_and_tells_why() {
    let mut world = opened(&[&authority(1)]);
    let count = world.lines.len();
    join(&mut world, "hanako", identity(2, "hanako"));
    let kinds: Vec<_> = world.since(count).iter().map(|line| line.kind()).collect();
    assert_eq!(kinds, [Some(3), Some(9)]);
    let told = Notice::Refused { nick: "taro".into(), reason: Refused::Certificate };
    assert!(world.user("hanako").notices.contains(&told));
    // It asks again, less and less often.
    world.run(20 * ASK_WAIT);
    let refusals = world.since(count).iter().filter(|line| line.kind() == Some(9)).count();
    assert!((3..=7).contains(&refusals), "{refusals}");
}

#[test]
fn the_first_of_a_name_is_pinned_and_no_other_key_has_it() {
    let mut world = World::joined(&["taro", "hanako"]);
    let pins = world.user("taro").terminal.authentication().pins();
    let pins: Vec<_> = pins.map(|(name, pin)| (name.as_str(), pin.member)).collect();
    assert_eq!(pins, [("hanako", world.user("hanako").id())]);
    world.part("hanako");
    world.run(10_000);
    let count = world.lines.len();
    world.add_as("hanako_", identity(9, "hanako"), |_| {});
    world.join("hanako_");
    world.run(3_000);
    assert_eq!(judged(&world, "hanako_"), Err(Rejection::Pinned));
    assert!(world.since(count).iter().all(|line| !matches!(line.kind(), Some(5))));
    // The true one is welcome still.
    world.join("hanako");
    world.run(3_000);
    world.agreed_by(&["taro", "hanako"]);
}

#[test]
fn a_key_does_not_change_its_name() {
    let mut world = World::joined(&["taro", "hanako"]);
    world.part("hanako");
    world.run(10_000);
    world.add_as("otohime", identity(2, "otohime"), |_| {});
    world.join("otohime");
    world.run(3_000);
    assert_eq!(judged(&world, "otohime"), Err(Rejection::Pinned));
}

#[test]
fn nobody_takes_the_name_of_whom_an_authority_vouched_for() {
    let one = authority(1);
    let mut world = World::new(&[]);
    world.add_as("taro", identity(1, "taro"), |config| {
        config.authentication = trusting(&[&one]);
        config.authentication.self_signed = SelfSigned::Pin;
        config.channel.rule = GrantRule::ByHand;
    });
    world.join("taro");
    world.add_as("hanako", issued(&one, 2, "hanako", START - 1, YEAR), |_| {});
    world.join("hanako");
    world.run(3_000);
    world.add_as("hanako_", identity(9, "hanako"), |_| {});
    world.join("hanako_");
    world.run(3_000);
    assert_eq!(judged(&world, "hanako_"), Err(Rejection::Pinned));
    // But the authority may give it another key, as when the old one was lost.
    world.part("hanako");
    world.run(10_000);
    world.add_as("hanako__", issued(&one, 10, "hanako", START - 1, YEAR), |_| {});
    world.join("hanako__");
    world.run(3_000);
    assert!(
        world.user("hanako__").notices.iter().all(|one| !matches!(one, Notice::Refused { .. }))
    );
}

#[test]
fn of_those_who_vouch_for_themselves_only_the_pinned_may_be_let_in() {
    let mut pinned = Authentication::default();
    pinned.self_signed = SelfSigned::Refuse;
    let hanako = identity(2, "hanako");
    pinned.pin(Name::new("hanako").expect("a name"), hanako.id());
    let mut world = World::new(&[]);
    world.add_as("taro", identity(1, "taro"), |config| {
        config.authentication = pinned;
        config.channel.rule = GrantRule::ByHand;
    });
    world.join("taro");
    world.add_as("hanako", hanako, |_| {});
    world.join("hanako");
    world.run(3_000);
    assert_eq!(judged(&world, "hanako"), Ok(()));
    world.add_as("jiro", identity(3, "jiro"), |_| {});
    world.join("jiro");
    world.run(3_000);
    assert_eq!(judged(&world, "jiro"), Err(Rejection::SelfSigned));
}

#[test]
fn a_joiner_takes_no_channel_from_whom_it_does_not_accept() {
    let mut world = World::joined(&["taro"]);
    world.add_as("hanako", identity(2, "hanako"), |config| {
        config.authentication = trusting(&[&authority(1)]);
    });
    world.join("hanako");
    world.run(60_000);
    assert_eq!(world.user("hanako").current(), None);
    let fault = Fault::Certificate(Rejection::SelfSigned);
    assert!(world.user("hanako").faults().contains(&fault));
}

#[test]
fn what_somebody_says_whom_this_user_does_not_accept_is_not_shown() {
    let (one, two) = (authority(1), authority(2));
    let mut world = opened(&[&one, &two]);
    join(&mut world, "hanako", issued(&one, 2, "hanako", START - 1, YEAR));
    join(&mut world, "jiro", issued(&two, 3, "jiro", START - 1, YEAR));
    world.say("jiro", "hello");
    assert_eq!(world.user("taro").texts(), ["hello"]);
    assert_eq!(world.user("hanako").texts(), [""; 0]);
    let fault = Fault::Certificate(Rejection::UnknownIssuer);
    assert!(world.user("hanako").faults().contains(&fault));
}

#[test]
fn a_certificate_that_is_known_is_not_verified_again() {
    let mut world = opened(&[&authority(1)]);
    let verified = |world: &World| world.user("taro").terminal.tally().verify;
    let before = verified(&world);
    join(&mut world, "hanako", issued(&authority(1), 2, "hanako", START - 1, YEAR));
    // Its Hello, and the authority's signature.
    assert_eq!(verified(&world) - before, 2);
    world.part("hanako");
    world.run(60_000);
    let before = verified(&world);
    world.join("hanako");
    world.run(3_000);
    assert_eq!(verified(&world) - before, 1);
    world.agreed();
}

#[test]
fn a_repeat_of_a_hello_costs_nothing() {
    let mut world = World::joined(&["taro", "hanako"]);
    let hello = world.lines.iter().find(|line| line.nick == "hanako").expect("a line").clone();
    let before = world.user("taro").terminal.tally();
    for _ in 0..100 {
        world.inject("hanako", &hello.text);
    }
    assert_eq!(world.user("taro").terminal.tally(), before);
    let refused = Command::Pardon { channel: CHANNEL, nick: "hanako" };
    assert!(world.command("taro", refused).is_err());
}
