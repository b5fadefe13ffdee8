//! What the user decides about names and vouchers while the terminal runs: all are judged anew, in
//! every channel (R-DIS-2).

use crate::rig;

use keyrota::spec::limits::PINS_MAX;
use keyrota::spec::{MemberId, Point};
use keyrota::{
    Action, Authentication, Command, Event, Fingerprint, GrantRule, Identity, Notice, Now, Refusal,
    Rejection, SelfSigned, Terminal, Voucher,
};
use rig::{CHANNEL, START, World, YEAR, authority, identity, issued, name, terminal, trusting};

/// taro, who trusts on first use, has opened the channel; nobody gets a seat unasked.
fn opened() -> World {
    let mut world = World::with(&["taro"], |_, config| config.channel.rule = GrantRule::ByHand);
    world.join("taro");
    world.run(1_000);
    world
}

fn join(world: &mut World, nick: &str, who: Identity) -> MemberId {
    let id = who.id();
    world.add_as(nick, who, |_| {});
    world.join(nick);
    world.run(3_000);
    id
}

fn verdict(world: &World, id: &MemberId) -> Result<Voucher, Rejection> {
    world.user("taro").view().vouched(id).expect("he knows it")
}

fn has_key(world: &World, nick: &str) -> bool {
    world.user(nick).sealing() == world.user("taro").sealing()
}

#[test]
fn the_user_gives_a_name_to_another_key() {
    let mut world = opened();
    let old = join(&mut world, "hanako", identity(2, "hanako"));
    let new = join(&mut world, "hanako_", identity(9, "hanako"));
    assert_eq!(verdict(&world, &new), Err(Rejection::Pinned));
    world.decide("taro", Command::Pin { name: "hanako", member: new });
    assert_eq!(verdict(&world, &new), Ok(Voucher::Itself));
    assert_eq!(verdict(&world, &old), Err(Rejection::Pinned));
    world.run(70_000);
    assert!(has_key(&world, "hanako_"));
    assert!(!has_key(&world, "hanako"), "the key is renewed without the old one");
}

#[test]
fn a_name_that_is_let_go_stays_with_whoever_has_it_now() {
    // Of the two keys one comes first in any order, and it must not matter which.
    for (first, second) in [(2, 9), (9, 2)] {
        let mut world = opened();
        let has = join(&mut world, "hanako", identity(first, "hanako"));
        let wants = join(&mut world, "hanako_", identity(second, "hanako"));
        world.decide("taro", Command::Unpin { name: "hanako" });
        assert_eq!(verdict(&world, &has), Ok(Voucher::Itself));
        assert_eq!(verdict(&world, &wants), Err(Rejection::Pinned));
        // Once it is gone, the name is the next one's.
        world.part("hanako");
        world.run(70_000);
        world.decide("taro", Command::Revoke { member: has });
        world.decide("taro", Command::Unpin { name: "hanako" });
        assert_eq!(verdict(&world, &wants), Ok(Voucher::Itself));
        world.run(600_000);
        assert!(has_key(&world, "hanako_"));
    }
}

#[test]
fn who_loses_its_pin_is_asked_about_or_out_as_the_user_wants_it() {
    for policy in [SelfSigned::Ask, SelfSigned::Refuse] {
        let mut world = opened();
        let hanako = join(&mut world, "hanako", identity(2, "hanako"));
        world.decide("taro", Command::SelfSigned(policy));
        assert_eq!(verdict(&world, &hanako), Ok(Voucher::Itself), "she is pinned");
        world.decide("taro", Command::Unpin { name: "hanako" });
        let ask = policy == SelfSigned::Ask;
        let why = if ask { Rejection::Undecided } else { Rejection::SelfSigned };
        assert_eq!(verdict(&world, &hanako), Err(why));
        assert_eq!(world.user("taro").asked().len(), usize::from(ask));
        world.run(70_000);
        assert_eq!(has_key(&world, "hanako"), ask, "{policy:?}");
    }
}

#[test]
fn an_authority_counts_from_when_it_is_added_until_it_is_removed() {
    let office = authority(1);
    let mut world = opened();
    let hanako = join(&mut world, "hanako", issued(&office, 2, "hanako", START - 1, YEAR));
    assert_eq!(verdict(&world, &hanako), Err(Rejection::UnknownIssuer));
    let key = office.public();
    for (command, voucher) in [
        (Command::AddServer { key }, Voucher::Server),
        (Command::AddAuthority { key }, Voucher::Authority),
    ] {
        world.decide("taro", command);
        assert_eq!(verdict(&world, &hanako), Ok(voucher));
        world.run(600_000);
        assert!(has_key(&world, "hanako"));
        world.decide("taro", Command::RemoveAuthority { key });
        assert_eq!(verdict(&world, &hanako), Err(Rejection::UnknownIssuer));
        world.run(70_000);
        assert!(!has_key(&world, "hanako"));
    }
}

#[test]
fn another_policy_opens_and_ends_questions() {
    let mut world = World::with(&["taro"], |_, config| {
        config.authentication.self_signed = SelfSigned::Ask;
        config.channel.rule = GrantRule::ByHand;
    });
    world.join("taro");
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    world.decide("taro", Command::SelfSigned(SelfSigned::Refuse));
    assert_eq!(verdict(&world, &hanako), Err(Rejection::SelfSigned));
    assert!(world.user("taro").notices.contains(&Notice::Withdrawn(hanako)));
    world.decide("taro", Command::SelfSigned(SelfSigned::Ask));
    assert_eq!(world.user("taro").asked(), [hanako, hanako], "the user wanted it so");
    world.decide("taro", Command::SelfSigned(SelfSigned::Pin));
    assert_eq!(verdict(&world, &hanako), Ok(Voucher::Itself));
    world.run(60_000);
    world.agreed();
}

#[test]
fn a_revocation_is_for_good() {
    let mut world = opened();
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    world.decide("taro", Command::Revoke { member: hanako });
    world.decide("taro", Command::Pin { name: "hanako", member: hanako });
    let key = authority(1).public();
    world.decide("taro", Command::AddAuthority { key });
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Revoked));
    world.part("hanako");
    world.run(70_000);
    join(&mut world, "hanako_", issued(&authority(1), 2, "hanako", START - 1, YEAR));
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Revoked));
}

#[test]
fn what_changes_nothing_is_refused() {
    let mut world = opened();
    let member = join(&mut world, "hanako", identity(2, "hanako"));
    let own = identity(1, "taro").certificate().body.key;
    let none = Point([9; 33]);
    let cases = [
        (Command::AddAuthority { key: none }, Refusal::Nothing),
        (Command::AddServer { key: none }, Refusal::Nothing),
        (Command::RemoveAuthority { key: authority(1).public() }, Refusal::Nothing),
        (Command::RemoveAuthority { key: own }, Refusal::Nothing),
        (Command::Pin { name: " hanako", member }, Refusal::Name),
        (Command::Pin { name: "", member }, Refusal::Name),
        (Command::Unpin { name: "momo" }, Refusal::Nothing),
        (Command::Unpin { name: "hana\u{202e}ko" }, Refusal::Name),
        (Command::SelfSigned(SelfSigned::Pin), Refusal::Nothing),
    ];
    for (command, refusal) in cases {
        assert_eq!(world.command("taro", command), Err(refusal));
    }
    assert_eq!(verdict(&world, &member), Ok(Voucher::Itself));
    world.agreed();
}

#[test]
fn when_pins_are_full_the_user_can_make_room() {
    let mut full = Authentication::default();
    for number in 0..PINS_MAX {
        let id = u32::try_from(number).expect("few").to_be_bytes().repeat(4);
        let member = MemberId::first_of(&id);
        assert!(full.pin(name(&format!("n{number}")), member));
    }
    let stranger = identity(9, "momo").id();
    assert!(!full.pin(name("momo"), stranger));
    assert!(full.pin(name("n7"), stranger), "a name that is pinned may go over");
    assert_eq!(full.pins().count(), PINS_MAX);
    let mut world = World::with(&["taro"], |_, config| config.authentication = full.clone());
    world.join("taro");
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    assert_eq!(verdict(&world, &hanako), Err(Rejection::PinsFull));
    let pin = Command::Pin { name: "hanako", member: hanako };
    assert_eq!(world.command("taro", pin), Err(Refusal::PinsFull));
    world.decide("taro", Command::Unpin { name: "n8" });
    assert_eq!(verdict(&world, &hanako), Ok(Voucher::Itself));
    world.run(60_000);
    world.agreed();
}

/// taro's terminal in two channels, with hanako in both.
#[test]
fn a_decision_holds_in_every_channel() {
    let now = Now { ms: 1_000, unix: START };
    let office = authority(1);
    let trust = |config: &mut keyrota::Config| config.authentication = trusting(&[&office]);
    let mut taro = terminal(1, "taro", now, trust);
    let who = issued(&office, 2, "hanako", START - 1, YEAR);
    let hanako = who.id();
    let mut hers = Terminal::new(keyrota::Config::new("hanako"), who, [2; 32], now)
        .expect("settings in their bounds");
    let channels = ["#ryugu", "#kame"];
    for channel in channels {
        let names = [("taro", false), ("hanako", false)];
        for event in [
            Event::Join { channel, nick: "taro" },
            Event::Names { channel, names: &names[..1] },
            Event::Join { channel, nick: "hanako" },
        ] {
            let _ = taro.handle(now, event).count();
        }
        let _ = hers.handle(now, Event::Join { channel, nick: "hanako" }).count();
        let asked = hers.handle(now, Event::Names { channel, names: &names });
        for action in asked.collect::<Vec<_>>() {
            let Action::Send { text, .. } = action else { continue };
            let line = Event::Line { channel, nick: "hanako", text: &text };
            let _ = taro.handle(now, line).count();
        }
    }
    let verdicts = |taro: &Terminal| {
        channels.map(|channel| taro.channel(channel).expect("here").vouched(&hanako))
    };
    assert_eq!(verdicts(&taro), [Some(Ok(Voucher::Authority)); 2]);
    let command = Command::RemoveAuthority { key: office.public() };
    let _ = taro.command(now, command).expect("removed").count();
    assert_eq!(verdicts(&taro), [Some(Err(Rejection::UnknownIssuer)); 2]);
}

#[test]
fn fingerprints_are_read_as_they_are_shown() {
    let world = World::joined(&["taro", "hanako"]);
    let view = world.user("taro").view();
    let hanako = world.user("hanako").id();
    let member = Fingerprint::from(hanako);
    let shown = member.to_string();
    assert_eq!(shown.replace(' ', ""), hanako.to_string());
    assert_eq!(shown.split(' ').map(str::len).collect::<Vec<_>>(), [4; 8]);
    assert!(member.matches(&shown) && member.matches(&shown.to_uppercase().replace(' ', ":")));
    for wrong in ["", &shown[1..], &shown[..shown.len() - 1], &format!("{shown} 0"), "otohime"] {
        assert!(!member.matches(wrong), "{wrong}");
    }
    assert_ne!(member, Fingerprint::from(world.user("taro").id()));
    let channel = Fingerprint::from(view.id().expect("a channel"));
    assert_eq!(channel.to_string().replace(' ', ""), view.id().expect("it").to_string());
    let certificate = view.certificate(&hanako).expect("it is known");
    assert_eq!(Fingerprint::from(&certificate).to_string().len(), 79);
    assert_eq!(certificate, *identity(2, "hanako").certificate());
    assert_eq!(CHANNEL, "#ryugu");
}
