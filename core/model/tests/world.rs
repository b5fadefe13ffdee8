//! The world itself: a script means what it says, the same seed gives the same world, and the
//! network does what an operation tells it to.

use keyrota::spec::{Rights, armor};
use keyrota::{GrantRule, OldKeys, Renewer, SelfSigned};
use keyrota_model::op::{From, Lie, Op, Voucher, Way};
use keyrota_model::rogue::Trick;
use keyrota_model::script;
use keyrota_model::set::Set;
use keyrota_model::world::{CHANNEL, Happening, Setting, World};

fn play(world: &mut World, text: &str) {
    for op in script::parse(text).expect("a script") {
        assert!(world.allows(&op), "{op}");
        world.apply(&op).expect("not refused");
    }
}

/// The texts that one has been shown.
fn shown(happenings: &[Happening], reader: usize) -> Vec<&str> {
    let texts = happenings.iter().filter_map(|happening| match happening {
        Happening::Shown { who, text, .. } if *who == reader => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn every_operation_is_read_back_from_its_line() {
    let way = Way { from: 1, to: 2, alone: false };
    let alone = Way { alone: true, ..way };
    let ops = [
        Op::Say(0, "hello: there".into()),
        Op::Tell(0, 1, "in secret".into()),
        Op::Join(0),
        Op::Part(1),
        Op::Cut(2),
        Op::Kick(3),
        Op::Nick(4, "otohime".into()),
        Op::Swap(5, 6),
        Op::Refresh(0),
        Op::Mode(0, "+x2 hanako".into()),
        Op::Bar(1, 0),
        Op::Pardon(1, 0),
        Op::Revoke(1, 0),
        Op::Plain(0, true),
        Op::Found(0),
        Op::Follow(0, 1),
        Op::Ask(0),
        Op::Recall(0, 2),
        Op::Forget(0),
        Op::Strangers(0, SelfSigned::Ask),
        Op::Strangers(0, SelfSigned::Pin),
        Op::Strangers(0, SelfSigned::Refuse),
        Op::Accept(0, 7),
        Op::Decline(0, 7),
        Op::Trust(0, Voucher::Office),
        Op::Trust(0, Voucher::User(1)),
        Op::Distrust(0, Voucher::Server),
        Op::Pin(0, "hanako".into(), 3),
        Op::Unpin(0, "hanako".into()),
        Op::Certify(3, "taro".into(), Voucher::Itself),
        Op::Clone(3, 0),
        Op::Flood(1_000, way),
        Op::Crowd(10_000),
        Op::Hang(0),
        Op::Wake(0),
        Op::Crash(0),
        Op::Restart(0, From::Saved),
        Op::Restart(0, From::Older),
        Op::Restart(0, From::Bare),
        Op::Split(vec![vec![0, 1], vec![2]]),
        Op::Heal(false),
        Op::Heal(true),
        Op::Lose(0, 3),
        Op::Hold(0, 1_500),
        Op::Lag(0, 90_000),
        Op::Repeat(0),
        Op::Take(0, 1),
        Op::Miss(0, 1),
        Op::Mute(0, false),
        Op::Choke(0, 2),
        Op::Rogue(0, Trick::OldList),
        Op::Clock(0, -240),
        Op::Pace(0, 5_000),
        Op::Operator(0, true),
        Op::Topic("the tide is out".into()),
        Op::Lie(0, Lie::Join(1)),
        Op::Lie(0, Lie::Part(1)),
        Op::Lie(0, Lie::Kick(1)),
        Op::Lie(0, Lie::Quit(1)),
        Op::Lie(0, Lie::Nick(1, "otohime".into())),
        Op::Lie(0, Lie::Operator(1)),
        Op::Lie(0, Lie::Deop(1)),
        Op::Lie(0, Lie::Names(vec![0])),
        Op::Lie(0, Lie::Names(vec![1, 2])),
        Op::Lie(0, Lie::Alone),
        Op::Replay(3, way),
        Op::Alter(3, 77, way),
        Op::Alter(3, 77, alone),
        Op::Noise(7, 12, way),
        Op::Wait(61_005),
    ];
    for op in ops {
        assert_eq!(script::parse_line(&op.to_string()), Ok(op.clone()), "{op}");
    }
}

#[test]
fn every_setting_is_read_back_from_its_line() {
    let numbers = [Some(60), None].into_iter().flat_map(|number| {
        [Set::Period, Set::Messages, Set::Bytes, Set::Growth, Set::Idle, Set::Keep]
            .map(|set| set(number))
    });
    let switches = [true, false].into_iter().flat_map(|on| {
        [Set::Topic, Set::Alone, Set::Signed, Set::Found].map(|set: fn(bool) -> Set| set(on))
    });
    let rules = [
        GrantRule::FirstJoined { seats: 3 },
        GrantRule::Random { seats: 2 },
        GrantRule::Holders { picks: 1 },
        GrantRule::Operators,
        GrantRule::Server,
        GrantRule::ByHand,
    ];
    let rights = [(true, false), (false, true), (true, true)]
        .map(|(distribute, update)| Set::Rights(Rights { distribute, update }));
    let others = [
        Set::Lifetime(90),
        Set::Keys(2),
        Set::OldKeys(OldKeys::All),
        Set::OldKeys(OldKeys::MembersThen),
    ];
    let renewers = [Renewer::Either, Renewer::LastSender, Renewer::LastReceiver].map(Set::Renewer);
    let all = numbers
        .chain(switches)
        .chain(rules.map(Set::Rule))
        .chain(rights)
        .chain(renewers)
        .chain(others);
    for set in all {
        let op = Op::Set(vec![0, 1], set);
        assert_eq!(script::parse_line(&op.to_string()), Ok(op.clone()), "{op}");
    }
}

#[test]
fn a_script_says_how_its_world_begins() {
    let setting = |text: &str| {
        script::setting(text).map(|one| one.map(|one| (one.seed, one.actors, one.latency)))
    };
    let text = "# found\n\n/world seed 7 actors 5 latency 20 120\n/heal";
    assert_eq!(setting(text), Ok(Some((7, 5, (20, 120)))));
    assert_eq!(script::parse(text), Ok(vec![Op::Heal(false)]));
    assert_eq!(setting("/heal\n/world seed 7 actors 5 latency 20 120"), Ok(None));
    for wrong in
        ["/world", "/world seed 7 actors 9 latency 0 0", "/world seed 7 actors 5 latency 2 1"]
    {
        assert!(setting(wrong).is_err(), "{wrong}");
    }
    let made = Setting { latency: (0, 5), ..Setting::new(3, 4) };
    assert_eq!(setting(&made.to_string()), Ok(Some((3, 4, (0, 5)))));
}

#[test]
fn what_is_no_operation_is_refused_with_a_reason() {
    for line in [
        "taro",
        "momotaro: hello",
        "taro:",
        "/join",
        "/join taro hanako",
        "/split taro",
        "/split taro | taro",
        "/wait -1",
        "/wait 1.2345",
        "/wait 99999999999",
        "/restart taro new",
        "/dance taro",
        "/replay 1 as taro",
        "/lie taro that hanako",
        "/lie taro names",
        "/set period 60",
        "/set taro period",
        "/set taro rights",
        "/certify momo as momo by nobody",
        "/world seed 1 actors 2 latency 0 0",
    ] {
        assert!(script::parse_line(line).is_err(), "{line}");
    }
    assert_eq!(
        script::parse("# a comment\n\n/heal\n/heel").unwrap_err().split(':').next(),
        Some("line 4")
    );
}

const TALK: &str = "
/join taro
/join hanako
/wait 10
/join jiro
/wait 10
taro: one
/wait 5";

#[test]
fn the_same_seed_gives_the_same_world() {
    let lines = |seed| {
        let mut world = World::new(Setting::new(seed, 3));
        play(&mut world, TALK);
        assert_eq!(shown(&world.take_happenings(), 1), ["one"]);
        world.lines.iter().map(|line| (line.at, line.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(lines(1), lines(1));
    assert_ne!(lines(1), lines(2));
}

#[test]
fn a_split_network_carries_nothing_across_and_tells_each_side() {
    let mut world = World::new(Setting::new(3, 3));
    play(&mut world, TALK);
    play(&mut world, "/split taro | hanako jiro\n/wait 1\nhanako: two\n/wait 5");
    let nicks = |world: &World, who: usize| {
        let terminal = world.actors[who].terminal.as_ref().expect("it runs");
        let view = terminal.channel(CHANNEL).expect("in the channel");
        view.roster().iter().map(|occupant| occupant.nick.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(nicks(&world, 0), ["taro"]);
    assert_eq!(nicks(&world, 2), ["jiro", "hanako"]);
    let happenings = world.take_happenings();
    assert_eq!((shown(&happenings, 0), shown(&happenings, 2)), (vec![], vec!["one", "two"]));
    play(&mut world, "/heal\n/wait 30\ntaro: three\n/wait 5");
    assert_eq!(nicks(&world, 0).len(), 3);
    assert_eq!(shown(&world.take_happenings(), 1), ["three"]);
}

/// But for what had come to the server of one who takes nothing in.
#[test]
fn what_is_under_way_across_a_new_cut_is_lost() {
    let mut world = World::new(Setting::new(3, 3));
    play(&mut world, TALK);
    world.take_happenings();
    play(&mut world, "/hang jiro\ntaro: two\n/wait 1\ntaro: three\nhanako: four");
    play(&mut world, "/split taro | hanako jiro\n/wait 1\n/wake jiro\n/wait 5\n/heal\n/wait 5");
    let happenings = world.take_happenings();
    assert_eq!(shown(&happenings, 0), Vec::<&str>::new());
    assert_eq!(shown(&happenings, 1), ["two"]);
    assert_eq!(shown(&happenings, 2), ["two", "four"]);
    assert!(world.actors.iter().all(|actor| actor.lost));
}

/// Fragments as well.
#[test]
fn lines_come_again_with_one_bit_changed() {
    let mut world = World::new(Setting::new(3, 2));
    play(&mut world, "/join taro\n/wait 30\n/join hanako\n/wait 30");
    play(&mut world, &format!("taro: {}", "so long ".repeat(40)));
    let all: Vec<String> = world.lines.iter().map(|line| line.text.clone()).collect();
    assert!(all.iter().any(|text| text.starts_with("+k")));
    for (number, text) in all.iter().enumerate() {
        let back = world.lines.len() - 1 - number;
        world
            .apply(&Op::Alter(back, 77, Way { from: 0, to: 1, alone: false }))
            .expect("not refused");
        let altered = &world.lines.last().expect("a line").text;
        let differ = text.bytes().zip(altered.bytes()).filter(|(one, other)| one != other).count();
        assert_eq!((altered.len(), differ), (text.len(), 1), "{text}");
        assert!(armor::parse(altered).is_some(), "{altered}");
    }
}

#[test]
fn lines_are_lost_held_repeated_and_late_as_told() {
    let mut world = World::new(Setting::new(4, 3));
    play(&mut world, TALK);
    play(&mut world, "/lose hanako 1\n/hold jiro 3\ntaro: two\n/wait 1\ntaro: three\n/wait 5");
    let happenings = world.take_happenings();
    assert_eq!(shown(&happenings, 1), ["one", "three"]);
    assert_eq!(shown(&happenings, 2), ["one", "three", "two"]);
    play(&mut world, "/repeat hanako\n/lag jiro 60\ntaro: four\n/wait 50");
    let happenings = world.take_happenings();
    assert_eq!((shown(&happenings, 1), shown(&happenings, 2)), (vec!["four"], vec![]));
    play(&mut world, "/wait 15\n/lag jiro 0\n/mute taro on\ntaro: five\n/wait 5");
    assert_eq!(shown(&world.take_happenings(), 2), ["four"]);
}

#[test]
fn what_is_under_way_is_taken_in_any_order_or_missed() {
    let mut world = World::new(Setting::new(1, 3));
    play(&mut world, "/join taro\n/wait 60\n/join hanako\n/wait 60\n/join jiro\n/wait 60");
    world.take_happenings();
    play(&mut world, "/lag hanako 30\ntaro: one\njiro: two\ntaro: three");
    play(&mut world, "/take hanako from jiro\n/miss hanako from taro\n/take hanako from taro");
    assert!(!world.allows(&Op::Take(1, 0)), "nothing more is under way");
    let happenings = world.take_happenings();
    assert_eq!(shown(&happenings, 1), ["two", "three"]);
}

/// Who became operator on the other side is known for one only where the server says so.
#[test]
fn a_heal_tells_who_is_operator_or_does_not() {
    for (heal, seated) in [("/heal", false), ("/heal operators", true)] {
        let ops = script::parse(&format!(
            "/set taro rule server\n/join taro\n/wait 30\n/join hanako\n/wait 60\n\
             /split taro | hanako\n/wait 1\n/op hanako on\n/wait 1\n{heal}\n/wait 700"
        ));
        let mut world = World::new(Setting::new(1, 2));
        for op in ops.expect("a script") {
            world.apply(&op).expect("not refused");
        }
        let terminal = world.actors[0].terminal.as_ref().expect("it runs");
        let list = terminal.channel(CHANNEL).and_then(|view| view.list()).expect("a list");
        assert_eq!(list.seat_of(&world.member(1)).is_some(), seated, "{heal}");
    }
}
