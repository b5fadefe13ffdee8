//! Every way to vouch for a certificate, and what no voucher can do (R-DIS-2).

use crate::rig;

use keyrota::crypto::SigningKey;
use keyrota::spec::{Body, MemberId, Signature, Vouch, label};
use keyrota::{
    Authentication, Authority, Command, GrantRule, Identity, Notice, Rejection, SelfSigned, Tally,
    Voucher,
};
use rig::{
    CHANNEL, START, World, YEAR, authority, body, certified, identity, issued, name, secret,
    trusting, vouched,
};

/// taro has opened the channel; he accepts so whom he has reasons to. Everybody else takes what is
/// self-signed, and what `authority(1)` issues.
fn opened(accepting: Authentication) -> World {
    let mut world = World::new(&[]);
    world.add_as("taro", identity(1, "taro"), |config| {
        config.authentication = accepting;
        config.channel.rule = GrantRule::ByHand;
    });
    world.join("taro");
    world.run(1_000);
    world
}

fn join(world: &mut World, nick: &str, who: Identity) -> MemberId {
    let id = who.id();
    world.add_as(nick, who, |config| {
        assert!(config.authentication.add_authority(&authority(1).public()));
    });
    world.join(nick);
    world.run(3_000);
    id
}

/// What taro makes of a member.
fn verdict(world: &World, id: &MemberId) -> Result<Voucher, Rejection> {
    world.user("taro").view().vouched(id).expect("he knows it")
}

fn has_key(world: &World, nick: &str) -> bool {
    let sealing = world.user(nick).sealing();
    sealing.is_some() && sealing == world.user("taro").sealing()
}

/// As what taro was told of a member.
fn seen(world: &World, id: &MemberId) -> Vec<Voucher> {
    let of = |notice: &Notice| match notice {
        Notice::Seen { member, vouched, .. } => (member == id).then_some(*vouched),
        _ => None,
    };
    world.user("taro").notices.iter().filter_map(of).collect()
}

#[test]
fn each_way_to_vouch_lets_in_and_is_told() {
    let (office, server) = (authority(1), authority(2));
    let ways: [(Voucher, Identity); 4] = [
        (Voucher::Itself, identity(2, "hanako")),
        (Voucher::User, vouched(&identity(1, "taro"), 2, "hanako")),
        (Voucher::Authority, issued(&office, 2, "hanako", START - 1, YEAR)),
        (Voucher::Server, issued(&server, 2, "hanako", START - 1, YEAR)),
    ];
    for (way, hanako) in ways {
        let mut accepting = trusting(&[&office]);
        assert!(accepting.add_server(&server.public()));
        if way == Voucher::Itself {
            accepting.self_signed = SelfSigned::Pin;
        }
        let mut world = opened(accepting);
        let id = join(&mut world, "hanako", hanako);
        assert_eq!(verdict(&world, &id), Ok(way));
        assert_eq!(seen(&world, &id), [way]);
        assert!(has_key(&world, "hanako"), "{way:?}");
    }
}

#[test]
fn the_asked_user_accepts_what_it_has_signed_and_nothing_like_it() {
    let taro = identity(1, "taro");
    let good = taro.vouch(body(2, "hanako", START - 1, YEAR));
    let altered = |alter: fn(&mut Body)| {
        let mut certificate = good.clone();
        alter(&mut certificate.body);
        certificate
    };
    // The same bytes under every other label that the key signs with.
    let relabelled = |under: &[u8]| {
        let key = SigningKey::from_bytes(&secret(1)).expect("a key");
        let bytes = key.sign(&mut Tally::default(), &[under, &good.body.to_bytes()]);
        let Vouch::Issued { issuer, .. } = good.vouch else { panic!("it is issued") };
        let mut certificate = good.clone();
        certificate.vouch = Vouch::Issued { issuer, signature: Signature(bytes) };
        certificate
    };
    let forged = {
        let mut certificate = identity(9, "momo").vouch(good.body.clone());
        let (Vouch::Issued { signature, .. }, Vouch::Issued { issuer, .. }) =
            (certificate.vouch, good.vouch)
        else {
            panic!("they are issued")
        };
        certificate.vouch = Vouch::Issued { issuer, signature };
        certificate
    };
    let cases = [
        (good.clone(), Ok(Voucher::User)),
        (altered(|body| body.name = name("otohime")), Err(Rejection::Signature)),
        (altered(|body| body.lifetime += 1), Err(Rejection::Signature)),
        (altered(|body| body.not_before -= 1), Err(Rejection::Signature)),
        (forged, Err(Rejection::Signature)),
        (relabelled(label::SIGN_HELLO), Err(Rejection::Signature)),
        (relabelled(label::SIGN_TEXT), Err(Rejection::Signature)),
        (relabelled(label::SIGN_RECORD), Err(Rejection::Signature)),
        (taro.vouch(body(2, "hanako", START - 1_000, 300)), Err(Rejection::Time)),
        (identity(9, "momo").vouch(good.body.clone()), Err(Rejection::UnknownIssuer)),
        // Her own word, in the form of another's.
        (identity(2, "hanako").vouch(good.body.clone()), Err(Rejection::UnknownIssuer)),
    ];
    for (number, (certificate, expected)) in cases.into_iter().enumerate() {
        let mut world = opened(trusting(&[]));
        let id = join(&mut world, "hanako", certified(2, certificate));
        assert_eq!(verdict(&world, &id), expected, "{number}");
        assert_eq!(has_key(&world, "hanako"), expected.is_ok(), "{number}");
    }
}

#[test]
fn what_a_user_vouches_for_counts_with_those_who_chose_that_user() {
    let jiro = identity(3, "jiro");
    let mut accepting = trusting(&[]);
    let mut world = opened(accepting.clone());
    let id = join(&mut world, "hanako", vouched(&jiro, 2, "hanako"));
    assert_eq!(verdict(&world, &id), Err(Rejection::UnknownIssuer));
    assert!(!has_key(&world, "hanako"));

    assert!(accepting.add_authority(&jiro.certificate().body.key));
    let mut world = opened(accepting);
    let id = join(&mut world, "hanako", vouched(&jiro, 2, "hanako"));
    assert_eq!(verdict(&world, &id), Ok(Voucher::Authority));
    assert!(has_key(&world, "hanako"));
}

#[test]
fn nobody_vouches_at_second_hand() {
    // taro takes jiro's word; jiro vouches for hanako, and she for momo.
    let jiro = identity(3, "jiro");
    let mut accepting = trusting(&[]);
    assert!(accepting.add_authority(&jiro.certificate().body.key));
    let hanako = vouched(&jiro, 2, "hanako");
    let momo = vouched(&hanako, 4, "momo");
    let mut world = opened(accepting);
    join(&mut world, "hanako", hanako);
    let id = join(&mut world, "momo", momo);
    assert_eq!(verdict(&world, &id), Err(Rejection::UnknownIssuer));
}

#[test]
fn a_voucher_that_is_revoked_takes_along_whom_it_vouched_for() {
    let jiro = identity(3, "jiro");
    let mut accepting = Authentication::default();
    assert!(accepting.add_authority(&jiro.certificate().body.key));
    let mut world = opened(accepting);
    let hanako = join(&mut world, "hanako", vouched(&jiro, 2, "hanako"));
    let momo = join(&mut world, "momo", identity(4, "momo"));
    world.agreed();
    // He has never been here.
    world.decide("taro", Command::Revoke { member: jiro.id() });
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Revoked));
    assert_eq!(verdict(&world, &momo), Ok(Voucher::Itself));
    world.run(70_000);
    assert!(!has_key(&world, "hanako"), "the key is renewed without her");
    assert!(has_key(&world, "momo"));
    // Also when she comes anew.
    world.part("hanako");
    world.join("hanako");
    world.run(3_000);
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Revoked));
    assert!(!has_key(&world, "hanako"));
}

/// taro takes the server's word, and knows hanako, by her own word, since before.
fn served() -> World {
    let mut accepting = Authentication::default();
    assert!(accepting.add_server(&authority(2).public()));
    let mut world = opened(accepting);
    join(&mut world, "hanako", identity(2, "hanako"));
    world
}

#[test]
fn the_server_gives_no_known_name_to_an_accomplice() {
    let mut world = served();
    let hanako = world.user("hanako").id();
    let (server, office) = (authority(2), authority(1));
    let double = join(&mut world, "hanako_", issued(&server, 9, "hanako", START - 1, YEAR));
    assert_eq!(verdict(&world, &double), Err(Rejection::Pinned));
    assert!(!has_key(&world, "hanako_"));
    // Nor one that an authority gave, whether or not its owner is here.
    world.decide("taro", Command::AddAuthority { key: office.public() });
    join(&mut world, "otohime", issued(&office, 5, "otohime", START - 1, YEAR));
    world.part("otohime");
    world.run(70_000);
    let double = join(&mut world, "otohime_", issued(&server, 8, "otohime", START - 1, YEAR));
    assert_eq!(verdict(&world, &double), Err(Rejection::Pinned));
    assert_eq!(verdict(&world, &hanako), Ok(Voucher::Itself));
    world.agreed_by(&["taro", "hanako"]);
}

#[test]
fn a_look_alike_that_the_server_introduces_is_told_from_the_one_it_looks_like() {
    let mut world = served();
    // Another script; another name.
    let alike = issued(&authority(2), 9, "hаnako", START - 1, YEAR);
    let id = join(&mut world, "hanako_", alike);
    assert_eq!(verdict(&world, &id), Ok(Voucher::Server));
    assert_eq!(seen(&world, &id), [Voucher::Server], "the program can tell on whose word");
    assert_eq!(seen(&world, &world.user("hanako").id()), [Voucher::Itself]);
    // And whose word the pin is stays known.
    let known = world.user("taro").terminal.authentication().pinned(&name("hаnako")).copied();
    assert_eq!(known.and_then(|pin| pin.by), Some(keyrota::issuer_id(&authority(2).public())));
    world.decide("taro", Command::RemoveAuthority { key: authority(2).public() });
    assert_eq!(verdict(&world, &id), Err(Rejection::UnknownIssuer));
    world.run(70_000);
    assert!(!has_key(&world, "hanako_"));
    world.agreed_by(&["taro", "hanako"]);
}

#[test]
fn whose_certificate_has_ended_cannot_go_on_by_its_own_word() {
    let office = authority(1);
    let mut accepting = trusting(&[&office]);
    accepting.self_signed = SelfSigned::Pin;
    let mut world = opened(accepting);
    join(&mut world, "hanako", issued(&office, 2, "hanako", START - 1, 60));
    world.part("hanako");
    world.run(70_000);
    let id = join(&mut world, "hanako_", identity(2, "hanako"));
    assert_eq!(verdict(&world, &id), Err(Rejection::SelfSigned));
    assert!(!has_key(&world, "hanako_"));
}

#[test]
fn what_an_authority_said_is_forgotten_with_it() {
    let server = authority(2);
    let mut accepting = Authentication::default();
    assert!(accepting.add_server(&server.public()));
    let mut world = opened(accepting);
    let id = join(&mut world, "hanako", issued(&server, 2, "hanako", START - 1, YEAR));
    let pins = |world: &World| world.user("taro").terminal.authentication().pins().count();
    assert_eq!(pins(&world), 1);
    world.decide("taro", Command::RemoveAuthority { key: server.public() });
    assert_eq!((verdict(&world, &id), pins(&world)), (Err(Rejection::UnknownIssuer), 0));
    // So its accomplice is a stranger like any other.
    world.decide("taro", Command::SelfSigned(SelfSigned::Refuse));
    world.part("hanako");
    world.run(70_000);
    let id = join(&mut world, "hanako_", identity(2, "hanako"));
    assert_eq!(verdict(&world, &id), Err(Rejection::SelfSigned));
}

#[test]
fn stored_pins_bring_back_what_they_are_worth() {
    let office = authority(1);
    let mut world = opened(trusting(&[&office]));
    join(&mut world, "hanako", issued(&office, 2, "hanako", START - 1, YEAR));
    let stored: Vec<_> = {
        let pins = world.user("taro").terminal.authentication().pins();
        pins.map(|(name, pin)| (name.clone(), *pin)).collect()
    };
    let restored = |accepting: &mut Authentication| {
        for (name, pin) in &stored {
            assert!(accepting.pin(name.clone(), *pin));
        }
    };
    // With the authority: the name is hers, and her own word is not enough.
    let mut accepting = trusting(&[&office]);
    accepting.self_signed = SelfSigned::Pin;
    restored(&mut accepting);
    let mut world = opened(accepting);
    let id = join(&mut world, "momo", identity(9, "hanako"));
    assert_eq!(verdict(&world, &id), Err(Rejection::Pinned));
    let id = join(&mut world, "hanako_", identity(2, "hanako"));
    assert_eq!(verdict(&world, &id), Err(Rejection::SelfSigned));
    // Without it they are nothing.
    let mut accepting = Authentication::default();
    restored(&mut accepting);
    let world = opened(accepting);
    assert_eq!(world.user("taro").terminal.authentication().pins().count(), 0);
}

#[test]
fn whose_name_an_authority_gives_to_another_is_out() {
    let office = authority(1);
    let mut accepting = Authentication::default();
    assert!(accepting.add_authority(&office.public()));
    let mut world = opened(accepting);
    let squatter = join(&mut world, "momo", identity(9, "hanako"));
    assert_eq!(verdict(&world, &squatter), Ok(Voucher::Itself));
    let hanako = join(&mut world, "hanako", issued(&office, 2, "hanako", START - 1, YEAR));
    assert_eq!(verdict(&world, &hanako), Ok(Voucher::Authority));
    assert_eq!(verdict(&world, &squatter), Err(Rejection::Pinned));
    world.run(70_000);
    assert!(has_key(&world, "hanako") && !has_key(&world, "momo"));
    let say = Command::Say { channel: CHANNEL, text: "it is me", signed: None };
    let _ = world.command("momo", say);
    assert!(!world.user("taro").texts().contains(&"it is me"));
}

#[test]
fn an_authority_is_a_key_or_none() {
    let mut all = Authentication::default();
    let none = keyrota::spec::Point([9; 33]);
    assert!(!all.add_authority(&none) && !all.add_server(&none) && !all.remove_authority(&none));
    assert!(Authority::new(&[0; 32]).is_none());
}
