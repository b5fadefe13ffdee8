//! Whose channel a newcomer takes for the channel (spec chapters 9 and 13).

use keyrota::spec::{Frame, Query, Subject};
use keyrota::{Authority, SelfSigned};

use crate::peer::{Peer, hello_of, seal};
use crate::rig::{START, World};

/// A newcomer that accepts what an authority issued and nothing else; Ada, whom it accepts, and
/// Mallory, whom it does not, are there.
fn stage() -> (World, Peer, Peer) {
    let (mut world, ada, mallory) = stage_without_ada();
    world.inject_frame("ada", &ada.hello(START, None));
    (world, ada, mallory)
}

/// Likewise, but Ada has not introduced herself yet.
fn stage_without_ada() -> (World, Peer, Peer) {
    let authority = Authority::new(&[9; 32]).expect("an authority");
    let mut world = World::with(&["momo"], |_, config| {
        config.authentication.self_signed = SelfSigned::Refuse;
        assert!(config.authentication.add_authority(&authority.public()));
        config.channel.found = false;
    });
    let (ada, mallory) = (Peer::new(50, "ada").issued_by(&authority), Peer::new(60, "mallory"));
    world.join("momo");
    for nick in ["ada", "mallory"] {
        world.event("momo", keyrota::Event::Join { channel: crate::rig::CHANNEL, nick });
    }
    world.run(100);
    world.inject_frame("mallory", &mallory.hello(START, None));
    (world, ada, mallory)
}

#[test]
fn a_name_on_a_record_vouches_for_nothing_until_its_signature_verifies() {
    let (mut world, ada, mallory) = stage();
    let momo = hello_of(&world, "momo");
    for author in [ada.id, world.user("momo").id()] {
        let genesis = mallory.genesis(&[author], &[1; 32]);
        world.inject_frame("mallory", &mallory.announce(&genesis));
        let forged = mallory.sealed(&genesis, 1, &[2; 32]);
        world.inject_frame("mallory", &seal(&forged, &[2; 32], &momo));
        world.inject_frame("mallory", &seal(&genesis, &[1; 32], &momo));
        world.run(60_000);
        assert_eq!(world.user("momo").view().id(), None);
        assert_eq!(world.user("momo").sealing(), None);
    }
}

#[test]
fn an_accepted_author_is_enough() {
    let (mut world, ada, mallory) = stage();
    let momo = hello_of(&world, "momo");
    let genesis = mallory.genesis(&[ada.id], &[1; 32]);
    let real = ada.sealed(&genesis, 1, &[2; 32]);
    world.inject_frame("mallory", &mallory.announce(&genesis));
    world.inject_frame("ada", &seal(&real, &[2; 32], &momo));
    world.run(1_000);
    assert!(world.user("momo").sealing().is_some());
}

#[test]
fn a_founder_who_is_not_known_yet_is_asked_for() {
    let (mut world, ada, mallory) = stage_without_ada();
    let momo = hello_of(&world, "momo");
    let genesis = ada.genesis(&[mallory.id], &[1; 32]);
    let granted = mallory.sealed(&genesis, 1, &[2; 32]);
    world.inject_frame("mallory", &ada.announce(&genesis));
    world.inject_frame("mallory", &seal(&granted, &[2; 32], &momo));
    world.run(3_000);
    let asked = Query { whom: Some(ada.id.hint()), what: Subject::Hello(ada.id.hint()) };
    let frames = world.lines.iter().filter_map(|line| line.bytes());
    assert!(frames.into_iter().any(|bytes| Frame::decode(&bytes) == Ok(Frame::Query(asked))));
    world.inject_frame("ada", &ada.hello(START, None));
    assert!(world.user("momo").sealing().is_some());
}
