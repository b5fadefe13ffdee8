//! The user is asked whom to accept, answers when it likes, and nothing waits that need not
//! (R-DIS-2, R-DIS-3).

use crate::rig;

use keyrota::spec::limits::{ASK_AGE_S, HELD_MAX, HOLD, QUESTIONS_MAX};
use keyrota::spec::{Frame, MemberId, Refused, SignedHello};
use keyrota::{Command, Config, GrantRule, Identity, Notice, Refusal, Rejection, SelfSigned};
use keyrota::{Voucher, crypto};
use rig::{CHANNEL, START, World, YEAR, identity, name};

fn asking(config: &mut Config) {
    config.authentication.self_signed = SelfSigned::Ask;
    config.channel.rule = GrantRule::ByHand;
}

/// taro has opened the channel, and is asked about everybody; all others take whom they meet.
fn opened() -> World {
    let mut world = World::new(&[]);
    world.add_as("taro", identity(1, "taro"), asking);
    world.join("taro");
    world.run(1_000);
    world
}

fn join(world: &mut World, nick: &str, who: Identity) -> MemberId {
    let id = who.id();
    world.add_as(nick, who, |config| config.channel.rule = GrantRule::ByHand);
    world.join(nick);
    world.run(1_000);
    id
}

fn verdict(world: &World, id: &MemberId) -> Result<Voucher, Rejection> {
    world.user("taro").view().vouched(id).expect("he knows it")
}

fn refused(world: &World, nick: &str) -> bool {
    let notices = &world.user(nick).notices;
    notices.iter().any(|one| matches!(one, Notice::Refused { reason: Refused::Certificate, .. }))
}

fn question(who: MemberId, called: &str, nick: &str, asks: bool) -> Notice {
    Notice::Question { member: who, name: called.into(), nick: nick.into(), asks, pinned: None }
}

#[test]
fn who_is_accepted_gets_the_key_without_asking_again() {
    let mut world = opened();
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    assert!(world.user("taro").notices.contains(&question(hanako, "hanako", "hanako", true)));
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Undecided));
    assert_eq!(world.user("taro").terminal.authentication().pins().count(), 0);
    // She hears nothing yet, and asks again as anybody does.
    world.run(60_000);
    assert_eq!(world.user("hanako").sealing(), None);
    assert!(!refused(&world, "hanako"));
    assert_eq!(world.user("taro").asked(), [hanako], "asked once");

    let count = world.lines.len();
    world.answer("taro", hanako, true);
    world.run(2_000);
    world.agreed();
    assert!(
        world.since(count).iter().all(|line| line.nick != "hanako"),
        "{:?}",
        world.since(count)
    );
    assert_eq!(verdict(&world, &hanako), Ok(Voucher::Itself));
    let pin = world.user("taro").terminal.authentication().pinned(&name("hanako")).copied();
    assert_eq!(pin, Some(hanako.into()));
    world.say("hanako", "thank you");
    assert_eq!(world.user("taro").texts(), ["thank you"]);
    // From now on she is known.
    world.part("hanako");
    world.run(70_000);
    world.join("hanako");
    world.run(3_000);
    world.agreed();
    assert_eq!(world.user("taro").asked(), [hanako]);
}

#[test]
fn who_is_declined_is_told_and_not_asked_about_again() {
    let mut world = opened();
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    world.answer("taro", hanako, false);
    assert!(refused(&world, "hanako"));
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Declined));
    world.part("hanako");
    world.run(70_000);
    world.join("hanako");
    world.run(60_000);
    assert_eq!(world.user("hanako").sealing(), None);
    assert_eq!(world.user("taro").asked(), [hanako]);
    // Not even by another policy: the user has said no.
    world.decide("taro", Command::SelfSigned(SelfSigned::Pin));
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Declined));
    // But the user may say otherwise.
    world.decide("taro", Command::Pin { name: "hanako", member: hanako });
    world.run(600_000);
    world.agreed();
}

#[test]
fn an_answer_belongs_to_a_question() {
    let mut world = opened();
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    let stranger = identity(9, "momo").id();
    for accept in [true, false] {
        let answer = Command::Answer { member: stranger, accept };
        assert_eq!(world.command("taro", answer), Err(Refusal::NoQuestion));
    }
    world.answer("taro", hanako, true);
    let again = Command::Answer { member: hanako, accept: false };
    assert_eq!(world.command("taro", again), Err(Refusal::NoQuestion));
    assert_eq!(verdict(&world, &hanako), Ok(Voucher::Itself));
}

#[test]
fn what_is_old_by_then_is_not_answered() {
    for (wait, answered) in [(ASK_AGE_S - 10, true), (ASK_AGE_S + 10, false)] {
        let mut world = opened();
        let hanako = join(&mut world, "hanako", identity(2, "hanako"));
        // Her terminal stops, and asks no more.
        world.hang("hanako");
        world.run(wait * 1_000);
        let count = world.lines.len();
        world.answer("taro", hanako, true);
        world.run(5_000);
        let granted = world.since(count).iter().any(|line| line.kind() == Some(5));
        assert_eq!(granted, answered, "after {wait} s");
    }
}

#[test]
fn who_has_left_meanwhile_is_granted_nothing() {
    let mut world = opened();
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    world.part("hanako");
    let count = world.lines.len();
    world.answer("taro", hanako, true);
    world.run(60_000);
    let granted = world.since(count).iter().any(|line| line.kind() == Some(5));
    assert!(!granted, "{:?}", world.since(count));
}

/// jiro, who takes whom he meets, has given hanako the key while taro is asked about her.
fn let_in_by_another() -> (World, MemberId) {
    let mut world = opened();
    let jiro = join(&mut world, "jiro", identity(3, "jiro"));
    world.answer("taro", jiro, true);
    world.run(3_000);
    let mode = Command::Mode { channel: CHANNEL, modes: "+o jiro" };
    world.command("taro", mode).expect("seated");
    world.run(3_000);
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    world.run(5_000);
    world.agreed();
    assert_eq!(world.user("taro").asked(), [jiro, hanako]);
    (world, hanako)
}

#[test]
fn texts_wait_for_the_decision_and_are_shown_in_their_order() {
    let (mut world, hanako) = let_in_by_another();
    for number in 0..5 {
        world.say("hanako", &format!("text {number}"));
    }
    world.say("jiro", "who is that?");
    assert_eq!(world.user("taro").texts(), ["who is that?"]);
    assert_eq!(world.user("taro").rejections(), []);
    world.run(HOLD - 10_000);
    let count = world.lines.len();
    world.answer("taro", hanako, true);
    world.run(5_000);
    assert!(world.since(count).is_empty(), "she has the key, and asks for nothing");
    let shown: Vec<_> = world.user("taro").shown[1..].iter().collect();
    assert_eq!(shown.len(), 5);
    for (number, text) in shown.into_iter().enumerate() {
        assert_eq!(text.text, format!("text {number}"));
        assert_eq!(text.name.as_deref(), Some("hanako"));
    }
}

#[test]
fn texts_of_whom_the_user_declines_are_not_shown() {
    let (mut world, hanako) = let_in_by_another();
    world.say("hanako", "let me in");
    world.answer("taro", hanako, false);
    world.say("hanako", "please");
    world.run(HOLD);
    assert_eq!(world.user("taro").texts(), [""; 0]);
    assert_eq!(world.user("jiro").texts(), ["let me in", "please"]);
    assert!(world.user("taro").rejections().contains(&Rejection::Declined));
}

#[test]
fn texts_that_waited_in_vain_are_told_and_are_not_more_than_their_places() {
    let (mut world, _) = let_in_by_another();
    for number in 0..HELD_MAX {
        world.say("hanako", &format!("{number}"));
    }
    world.run(HOLD + 1_000);
    let notices = &world.user("taro").notices;
    let unreadable = notices.iter().filter(|one| matches!(one, Notice::Unreadable { .. })).count();
    assert_eq!(unreadable, HELD_MAX / 4, "the other places are for others");
    let flood = keyrota::Fault::Flood;
    assert_eq!(world.user("taro").faults(), vec![flood; HELD_MAX / 4 * 3]);
    assert_eq!(world.user("taro").texts(), [""; 0]);
}

#[test]
fn nobody_is_excluded_for_the_want_of_an_answer_but_for_a_no() {
    let (mut world, hanako) = let_in_by_another();
    let count = world.lines.len();
    world.run(120_000);
    assert_eq!(world.makers(count), []);
    world.agreed();
    world.answer("taro", hanako, false);
    world.run(10_000);
    let makers = world.makers(count);
    assert_eq!(makers.len(), 1, "{makers:?}");
    // jiro may give it to her again; taro does not.
    assert!(!world.user("taro").notices.contains(&Notice::Granted(hanako)));
}

#[test]
fn a_newcomer_enters_when_its_user_has_said_yes() {
    let mut world = World::joined(&["taro"]);
    world.add_as("hanako", identity(2, "hanako"), asking);
    world.join("hanako");
    let taro = world.user("taro").id();
    // It goes on asking meanwhile, and is not told that nobody answers.
    world.run(400_000);
    assert_eq!(world.user("hanako").current(), None);
    assert_eq!(world.user("hanako").asked(), [taro]);
    assert!(!world.user("hanako").notices.contains(&Notice::NobodyAnswers));
    world.say("taro", "are you there?");
    let count = world.lines.len();
    world.answer("hanako", taro, true);
    world.agreed();
    assert!(world.since(count).is_empty(), "all it needs has come before");
    assert_eq!(world.user("hanako").texts(), ["are you there?"]);
}

#[test]
fn a_newcomer_whose_user_says_no_enters_nothing() {
    let mut world = World::joined(&["taro"]);
    world.add_as("hanako", identity(2, "hanako"), asking);
    world.join("hanako");
    world.run(3_000);
    let taro = world.user("taro").id();
    world.answer("hanako", taro, false);
    world.run(400_000);
    assert_eq!(world.user("hanako").current(), None);
    assert!(world.user("hanako").notices.contains(&Notice::NobodyAnswers));
}

#[test]
fn of_two_who_claim_one_name_the_user_takes_one() {
    for first in [true, false] {
        let mut world = opened();
        let one = join(&mut world, "hanako", identity(2, "hanako"));
        let two = join(&mut world, "hanako_", identity(9, "hanako"));
        let questions =
            [question(one, "hanako", "hanako", true), question(two, "hanako", "hanako_", true)];
        assert!(questions.iter().all(|one| world.user("taro").notices.contains(one)));
        let (yes, no) = if first { (one, two) } else { (two, one) };
        world.answer("taro", yes, true);
        assert!(world.user("taro").notices.contains(&Notice::Withdrawn(no)));
        assert_eq!(verdict(&world, &yes), Ok(Voucher::Itself));
        assert_eq!(verdict(&world, &no), Err(Rejection::Declined));
        world.run(60_000);
        let keyed = |nick: &str| world.user(nick).sealing().is_some();
        assert_eq!((keyed("hanako"), keyed("hanako_")), (first, !first));
        assert_eq!(world.user("taro").asked().len(), 2);
    }
}

#[test]
fn a_new_key_for_a_known_name_is_the_users_to_judge() {
    for accept in [true, false] {
        let mut world = opened();
        let old = join(&mut world, "hanako", identity(2, "hanako"));
        world.answer("taro", old, true);
        world.run(3_000);
        let new = join(&mut world, "hanako_", identity(9, "hanako"));
        let (called, nick) = ("hanako".into(), "hanako_".into());
        let question =
            Notice::Question { member: new, name: called, nick, asks: true, pinned: Some(old) };
        assert!(world.user("taro").notices.contains(&question));
        assert_eq!(verdict(&world, &old), Ok(Voucher::Itself), "nothing has changed yet");
        world.answer("taro", new, accept);
        let (is, not) = if accept { (new, old) } else { (old, new) };
        assert_eq!(verdict(&world, &is), Ok(Voucher::Itself));
        assert_eq!(verdict(&world, &not), Err(Rejection::Declined));
        world.run(70_000);
        let key = world.user("taro").sealing();
        assert_eq!(world.user("hanako").sealing() == key, !accept);
        assert_eq!(world.user("hanako_").sealing() == key, accept);
        assert_eq!(world.user("taro").asked(), [old, new]);
    }
}

#[test]
fn what_is_accepted_is_the_name_that_was_shown() {
    let mut world = opened();
    let hanako = join(&mut world, "momo", identity(2, "momo"));
    world.part("momo");
    // The same key, under a name that the user was not asked about.
    world.add_as("taro_", identity(2, "otohime"), |_| {});
    world.join("taro_");
    world.run(1_000);
    assert_eq!(world.user("taro").asked(), [hanako]);
    world.answer("taro", hanako, true);
    assert_eq!(verdict(&world, &hanako), Err(Rejection::Pinned));
    world.run(60_000);
    assert_eq!(world.user("taro_").sealing(), None);
}

// ---- many

/// The signed Hello of a stranger who asks for the key.
fn hello(number: u16, called: &str, time: u64) -> (MemberId, SignedHello) {
    let mut secret = [3; 32];
    secret[..2].copy_from_slice(&number.to_be_bytes());
    let who = Identity::self_signed(&secret, called, START - 1, YEAR).expect("an identity");
    let key = crypto::SigningKey::from_bytes(&secret).expect("a key");
    let mut tally = keyrota::Tally::default();
    let member_key = crypto::DhKey::derive(&secret, &mut tally).public();
    let hello = keyrota::spec::Hello {
        certificate: who.certificate().clone(),
        member_key: keyrota::spec::Point(member_key),
        tag: keyrota::spec::Tag([0, 0, secret[0], secret[1]]),
        time,
        ask: Some((keyrota::spec::Ask::Latest, None)),
    };
    let digest = crypto::hash(keyrota::spec::label::NAME, &[CHANNEL.as_bytes()]);
    let parts: [&[u8]; 3] = [keyrota::spec::label::SIGN_HELLO, &digest[..16], &hello.to_bytes()];
    let signature = keyrota::spec::Signature(key.sign(&mut tally, &parts));
    (who.id(), SignedHello { hello, signature })
}

fn come(world: &mut World, number: u16) -> MemberId {
    let nick = format!("n{number}");
    let (id, hello) = hello(number, &nick, world.now().unix);
    let joined = keyrota::Event::Join { channel: CHANNEL, nick: &nick };
    world.event("taro", joined);
    world.inject_frame(&nick, &Frame::Hello { hello, relayed: false });
    id
}

#[test]
fn ten_thousand_strangers_are_a_few_questions() {
    let mut world = opened();
    let mut known = Vec::new();
    for second in 0..5 {
        // Twenty whose Hellos are looked at; what comes then in this second is dropped.
        for number in 0..20 {
            known.push(come(&mut world, second * 100 + number));
        }
        let (_, hello) = hello(50_000, "x", world.now().unix);
        for number in 0..2_000 {
            let mut other = hello.clone();
            other.hello.certificate.body.not_before = number;
            world.inject_frame("x", &Frame::Hello { hello: other, relayed: false });
        }
        world.run(1_000);
    }
    let asked = world.user("taro").asked();
    assert_eq!(asked.len(), QUESTIONS_MAX);
    assert_eq!(asked, known[..QUESTIONS_MAX]);
    assert_eq!(world.user("taro").terminal.authentication().pins().count(), 0);
    // Each answer makes room for another question.
    for (number, id) in asked.into_iter().enumerate() {
        world.answer("taro", id, false);
        assert_eq!(world.user("taro").asked().len(), QUESTIONS_MAX + number + 1);
    }
    // And nothing stands in the way of whom the user knows.
    let hanako = identity(2, "hanako").id();
    world.decide("taro", Command::Pin { name: "hanako", member: hanako });
    join(&mut world, "hanako", identity(2, "hanako"));
    world.run(3_000);
    world.agreed_by(&["taro", "hanako"]);
}

#[test]
fn questions_about_those_who_left_make_room_for_others() {
    let mut world = opened();
    let gone: Vec<MemberId> = (0..QUESTIONS_MAX)
        .map(|number| {
            world.run(100);
            come(&mut world, u16::try_from(number).expect("few"))
        })
        .collect();
    let hanako = join(&mut world, "hanako", identity(2, "hanako"));
    assert!(!world.user("taro").asked().contains(&hanako), "all places are taken");
    world.event("taro", keyrota::Event::Part { channel: CHANNEL, nick: "n0" });
    // She asks again; now there is room.
    world.run(60_000);
    assert_eq!(world.user("taro").asked().last(), Some(&hanako));
    assert!(world.user("taro").notices.contains(&Notice::Withdrawn(gone[0])));
    let answer = Command::Answer { member: gone[0], accept: true };
    assert_eq!(world.command("taro", answer), Err(Refusal::NoQuestion));
    world.answer("taro", hanako, true);
    world.run(2_000);
    world.agreed_by(&["taro", "hanako"]);
}

#[test]
fn a_refusal_is_remembered_when_its_member_comes_again() {
    let mut world = opened();
    let first = come(&mut world, 0);
    world.answer("taro", first, false);
    world.event("taro", keyrota::Event::Part { channel: CHANNEL, nick: "n0" });
    world.run(70_000);
    let again = come(&mut world, 0);
    assert_eq!(first, again);
    assert_eq!(world.user("taro").asked(), [first]);
}

/// What is missing is asked for until it is there, whether or not the user has decided.
#[test]
fn who_waits_for_a_decision_asks_for_the_first_record_once() {
    let mut world = World::joined(&["taro", "jiro"]);
    world.add("hanako", asking);
    // Of the grant she misses the first record, and hears it with the answer.
    let genesis = |line: &rig::Relayed| line.kind() == Some(7);
    world.filter = Box::new(move |line, to| to != "hanako" || !genesis(line));
    world.join("hanako");
    world.run(3_000);
    world.filter = Box::new(|_, _| true);
    let count = world.lines.len();
    world.run(600_000);
    let asked =
        world.since(count).iter().filter(|line| line.nick == "hanako" && line.kind() == Some(8));
    assert_eq!(asked.count(), 1);
    assert!(world.user("hanako").notices.iter().any(|one| matches!(one, Notice::Question { .. })));
}
