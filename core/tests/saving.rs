//! A terminal is saved and restored: what it still knows, what it does before it trusts that, and what
//! it asks to be saved (R-SYS-1, R-KEY-3, R-MSG-4).

use crate::peer;
use crate::rig;

use std::collections::BTreeSet;

use keyrota::spec::{ChannelId, Descent, Frame, Record, Root, Signature, TextKind, armor};
use keyrota::{
    Action, Command, Config, Event, GrantRule, Notice, Now, Refusal, RestoreError, Terminal,
};
use rig::{CHANNEL, World, identity, state};

fn save(world: &World, nick: &str) -> Vec<u8> {
    world.user(nick).terminal.save().to_vec()
}

#[test]
fn leaving_wipes_the_keys_and_asks_to_save_that() {
    let mut world = World::talked();
    world.user_mut("jiro").saved.clear();
    world.part("jiro");
    let saved = world.user("jiro").saved.clone();
    world.restart("jiro", &saved, 90);
    world.filter = Box::new(|line, to| to != "jiro" || line.kind() == Some(0));
    world.join("jiro");
    world.say("taro", "he cannot open this");
    assert_eq!(world.user("jiro").view().keys().count(), 0);
    assert!(world.user("jiro").shown.is_empty());
}

// ---- what a restored terminal knows

#[test]
fn a_restored_terminal_goes_on_where_it_was() {
    let mut world = World::talked();
    let key = world.agreed();
    let saved = save(&world, "jiro");
    world.restart("jiro", &saved, 91);
    world.run(2_000);
    world.join("jiro");
    world.run(10_000);
    let jiro = world.user("jiro");
    assert_eq!(jiro.sealing(), Some(world.user("taro").sealing().expect("a key")));
    assert!(jiro.view().keys().any(|held| held == key));
    assert_eq!(jiro.view().list(), world.user("taro").view().list());
    let pinned = |notice: &Notice| matches!(notice, Notice::Pinned(_) | Notice::Founded(_));
    assert!(!jiro.notices.iter().any(pinned), "{:?}", jiro.notices);
    world.say("jiro", "did I miss anything");
    assert_eq!(world.user("hanako").texts().last(), Some(&"did I miss anything"));
}

/// What was shown before is a repeat; what may have been shown since is marked; what comes under
/// a key that was made later is neither.
#[test]
fn texts_from_before_are_not_shown_again_or_are_marked() {
    let mut world = World::talked();
    let saved = save(&world, "jiro");
    world.say("taro", "after the save");
    let sealed: Vec<_> =
        world.lines.iter().filter(|line| line.kind() == Some(0)).cloned().collect();
    world.restart("jiro", &saved, 92);
    world.join("jiro");
    world.run(10_000);
    for line in sealed.iter().filter(|line| line.nick != "jiro") {
        world.inject(&line.nick, &line.text);
    }
    // An old text from one who is not known yet waits for that one's Hello.
    world.run(30_000);
    let shown: Vec<_> =
        world.user("jiro").shown.iter().map(|one| (&*one.text, one.again)).collect();
    assert_eq!(shown, [("after the save", true)]);
    world.say("hanako", "news");
    assert!(world.user("jiro").shown.last().expect("a text").again, "it cannot tell");
    assert!(!world.user("taro").shown.last().expect("a text").again, "taro was here all the time");
    world.run(900_000);
    world.command("taro", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(60_000);
    world.say("hanako", "under a new key");
    let last = world.user("jiro").shown.last().expect("a text");
    assert_eq!((&*last.text, last.again), ("under a new key", false));
}

/// The list was changed after the copy was made: the terminal never goes below what it hears, and
/// makes nothing before it has heard.
#[test]
fn an_old_copy_adopts_what_it_missed_before_it_does_anything() {
    let mut world = World::talked();
    let old = save(&world, "taro");
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    world.run(120_000);
    let current = world.user("hanako").current();
    world.restart("taro", &old, 93);
    let count = world.lines.len();
    world.join("taro");
    world.say("taro", "what is new");
    world.run(30_000);
    let hanako = world.user("hanako").current().expect("a record");
    assert!(world.makers(count).iter().all(|(_, maker, _)| *maker != "taro"));
    assert_eq!(world.user("taro").current(), Some(hanako));
    assert!(world.user("taro").view().list().expect("a list").bars(&world.user("jiro").id()));
    assert_eq!(world.user("hanako").texts().last(), Some(&"what is new"));
    assert!(!world.user("jiro").texts().contains(&"what is new"), "sealed under the old key");
    assert!(current.is_some());
}

/// The greatest `changes` that it wrote is saved: taro's list was lost to nobody, and his next one
/// is above it, though the state is from before others heard of it.
#[test]
fn what_it_signed_it_does_not_sign_again() {
    let mut world = World::talked();
    world.filter = Box::new(|line, _| line.nick != "taro");
    let bar = Command::Bar { channel: CHANNEL, nick: "jiro" };
    world.command("taro", bar.clone()).expect("barred");
    let changes = |world: &World| {
        let record = world.user("taro").view().record().cloned().expect("a record");
        record.list.entries()[0].changes
    };
    let wrote = changes(&world);
    // The program died as soon as it had stored what it was asked to store.
    let saved = world.user("taro").saved.clone();
    world.restart("taro", &saved, 94);
    world.filter = Box::new(|_, _| true);
    world.join("taro");
    world.run(30_000);
    world.command("taro", Command::Mode { channel: CHANNEL, modes: "-x hanako" }).expect("taken");
    assert!(changes(&world) > wrote);
    assert!(world.user("taro").view().list().expect("a list").bars(&world.user("jiro").id()));
}

/// hanako's list was lost to one of taro's, who had not heard of it, so the current record does not
/// say any more how often she has changed it.
#[test]
fn how_often_it_changed_the_list_outlives_a_list_that_was_lost() {
    let mut world = World::talked();
    let lost = Command::Mode { channel: CHANNEL, modes: "-x jiro" };
    world.make_unheard("hanako", lost, &[]);
    world.command("taro", Command::Mode { channel: CHANNEL, modes: "-d jiro" }).expect("taken");
    world.run(60_000);
    let changes = |world: &World| {
        let record = world.user("hanako").view().record().cloned().expect("a record");
        record.list.entries()[1].changes
    };
    assert_eq!(changes(&world), 0, "hers was not lost");
    let saved = save(&world, "hanako");
    world.restart("hanako", &saved, 94);
    world.join("hanako");
    world.run(20_000);
    let modes = format!("-x {}", world.user("jiro").id());
    world.command("hanako", Command::Mode { channel: CHANNEL, modes: &modes }).expect("taken");
    assert_eq!(changes(&world), 2);
}

/// jiro hears that he is barred, and gets no key with that.
#[test]
fn a_record_without_its_key_is_saved() {
    let mut world = World::talked();
    world.user_mut("jiro").saved.clear();
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "jiro" }).expect("barred");
    let (id, saved) = (world.user("jiro").id(), world.user("jiro").saved.clone());
    world.restart("jiro", &saved, 94);
    world.join("jiro");
    assert!(world.user("jiro").view().list().expect("a list").bars(&id));
}

#[test]
fn decisions_of_the_user_are_not_forgotten() {
    let mut world = World::talked();
    world.command("taro", Command::Plain { channel: CHANNEL, on: true }).expect("declared");
    let hanako = world.user("hanako").id();
    world.command("taro", Command::Revoke { member: hanako }).expect("revoked");
    let saved = world.user("taro").saved.clone();
    world.restart("taro", &saved, 95);
    world.join("taro");
    assert!(world.user("taro").view().is_plain());
    assert!(world.user("taro").terminal.authentication().is_revoked(&hanako));
    let jiro = world.user("jiro").id();
    assert!(world.user("taro").terminal.authentication().pins().any(|(_, pin)| pin.member == jiro));
    // And back: no text goes out plain that was to be sealed.
    world.command("taro", Command::Plain { channel: CHANNEL, on: false }).expect("declared");
    let saved = world.user("taro").saved.clone();
    world.restart("taro", &saved, 96);
    world.join("taro");
    world.run(30_000);
    let count = world.lines.len();
    world.say("taro", "not for all ears");
    assert!(world.since(count).iter().all(|line| !line.text.contains("ears")));
}

/// A channel left for good is remembered by its pin: no other one takes its place.
#[test]
fn a_pinned_channel_is_not_founded_anew() {
    let mut world = World::talked();
    let id = world.user("jiro").view().id();
    world.part("jiro");
    let saved = world.user("jiro").saved.clone();
    world.restart("jiro", &saved, 97);
    for nick in ["taro", "hanako"] {
        world.user_mut(nick).here = false;
    }
    world.join("jiro");
    world.run(10_000);
    assert_eq!(world.user("jiro").view().id(), id);
}

/// Else a genesis of no lifetime was made, which nobody takes, and what was saved with it not read.
#[test]
fn no_terminal_begins_with_settings_out_of_their_bounds() {
    let (world, now) = (World::talked(), Now { ms: 0, unix: 1_767_225_600 });
    let copy = save(&world, "hanako");
    for (lifetime, keys, fits) in [
        (1, 1, true),
        (43_200, 64, true),
        (0, 1, false),
        (43_201, 1, false),
        (1, 0, false),
        (1, 65, false),
    ] {
        let mut config = Config::new("hanako");
        (config.channel.lifetime, config.channel.keys) = (lifetime, keys);
        let restored =
            Terminal::restore(config.clone(), identity(2, "hanako"), &copy, [9; 32], now).err();
        let new = Terminal::new(config, identity(2, "hanako"), [9; 32], now).err();
        assert_eq!(new, (!fits).then_some(Refusal::Settings), "{lifetime} {keys}");
        assert_eq!(restored, (!fits).then_some(RestoreError::Settings), "{lifetime} {keys}");
    }
}

/// Its list is always the same, and needs no proof. Each state but the first has one more key, and one
/// thing about it is not as it must be.
#[test]
fn a_conversation_is_restored_with_keys_of_its_own_alone() {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("taro", "hanako", "hello");
    world.tell("hanako", "taro", "hello to you");
    let saved = save(&world, "taro");
    let restored = |proof: &[u16], edit: fn(&mut Record)| {
        let mut state = state::read(&saved);
        let stay = state.5[0].6.as_mut().expect("a stay");
        let current = &mut stay.0[usize::from(stay.1)];
        current.2 = Some(world.point("taro"));
        let mut record = Record::from_bytes(&current.0).expect("a record");
        (record.epoch, record.descent) = (record.epoch + 1, Descent::Sealed);
        edit(&mut record);
        record.commit = peer::commit(&[5; 32], &record.channel);
        let place = u16::try_from(stay.0.len()).expect("few");
        stay.0.push((record.to_bytes(), Signature([0; 64]), None));
        stay.5.push((place, proof.to_vec(), vec![5; 32], 0, 0, None, Vec::new()));
        let (config, who) = (Config::new("taro"), identity(1, "taro"));
        let state = state::write(&state);
        Terminal::restore(config, who, &state, [9; 32], world.now()).err()
    };
    assert_eq!(restored(&[], |_| {}), None);
    let damaged = Some(RestoreError::Damaged);
    assert_eq!(restored(&[0], |_| {}), damaged, "a proof");
    let other = |record: &mut Record| record.channel = ChannelId([9; 16]);
    assert_eq!(restored(&[], other), damaged, "another channel");
    let wrapped = |record: &mut Record| {
        record.descent = Descent::Wrapped { root: Root([1; 8]), step: 1 };
    };
    assert_eq!(restored(&[], wrapped), damaged, "no sealed record");
}

/// One with each: records have a pin, and no other conversation the same.
#[test]
fn a_state_has_one_conversation_with_each() {
    let mut world = World::new(&["taro", "hanako"]);
    world.tell("taro", "hanako", "hello");
    world.tell("hanako", "taro", "hello to you");
    let saved = save(&world, "taro");
    let restored = |edit: &dyn Fn(&mut Vec<state::Channel>)| {
        let mut state = state::read(&saved);
        edit(&mut state.5);
        let (config, who) = (Config::new("taro"), identity(1, "taro"));
        Terminal::restore(config, who, &state::write(&state), [9; 32], world.now()).err()
    };
    let second = |all: &mut Vec<state::Channel>, pin| {
        all.push(("hanako2".into(), false, pin, 0, Vec::new(), Vec::new(), None, true));
    };
    let damaged = Some(RestoreError::Damaged);
    assert_eq!(restored(&|_| {}), None);
    assert_eq!(restored(&|all| second(all, Some(ChannelId([9; 16])))), None, "another");
    assert_eq!(restored(&|all| second(all, all[0].2)), damaged, "two of one pin");
    assert_eq!(restored(&|all| all[0].2 = None), damaged, "records without a pin");
}

// ---- the life of a key

/// hanako, who cannot renew the key, with what a copy says she has: the key under which she would
/// seal, `later` milliseconds after it was restored at `now`.
fn seals(copy: &[u8], now: Now, later: u64) -> bool {
    let restored =
        Terminal::restore(Config::new("hanako"), identity(2, "hanako"), copy, [9; 32], now);
    let mut terminal = restored.expect("restored");
    let _ = terminal.handle(now, Event::Join { channel: CHANNEL, nick: "hanako" });
    let then = Now { ms: now.ms + 20_000, unix: now.unix + 20 };
    let _ = terminal.handle(then, Event::Tick);
    let then = Now { ms: now.ms + later, unix: now.unix + later / 1_000 };
    let _ = terminal.handle(then, Event::Tick);
    terminal.channel(CHANNEL).expect("in the channel").sealing().is_some()
}

/// What is left of a key's life goes on while the program does not run. By the record's clock it
/// would have ten minutes more.
#[test]
fn a_key_does_not_outlive_its_time_by_being_saved() {
    let mut world = World::one_seat();
    let copy = save(&world, "hanako");
    let saved = world.now();
    for (minutes, alive) in [(60, true), (24 * 60 - 2, true), (24 * 60 + 1, false)] {
        // Another run of the program, with another start of its clock.
        let now = Now { ms: 5, unix: saved.unix + minutes * 60 };
        assert_eq!(seals(&copy, now, 20_000), alive, "{minutes} minutes later");
    }
    // A clock that was put back gives no time.
    world.lose("hanako");
    world.run(23 * 3_600_000);
    world.event("hanako", Event::Tick);
    let copy = save(&world, "hanako");
    let now = Now { ms: 5, unix: world.now().unix - 86_400 };
    assert!(seals(&copy, now, 3_400_000));
    assert!(!seals(&copy, now, 3_700_000));
}

/// hanako's clock was slow when she got the key, and is right by now: what the record says counts.
#[test]
fn a_key_that_came_under_a_wrong_clock_ends_by_its_record() {
    let mut world = World::with(&["taro", "hanako"], |_, config| {
        config.channel.rule = GrantRule::ByHand;
        config.channel.triggers.period = None;
    });
    world.join("taro");
    world.run(23 * 3_600_000 + 1_800_000);
    world.user_mut("hanako").skew = -55 * 60;
    world.join("hanako");
    world.run(5_000);
    assert!(world.user("hanako").sealing().is_some());
    world.user_mut("hanako").skew = 0;
    world.event("hanako", Event::Tick);
    let copy = save(&world, "hanako");
    let now = Now { ms: 5, unix: world.now().unix };
    assert!(seals(&copy, now, 35 * 60_000));
    assert!(!seals(&copy, now, 45 * 60_000));
}

// ---- what is asked to be saved

/// Each line with a record that its sender has just signed stands behind a request to save it.
#[test]
fn saving_is_asked_for_before_the_line_that_depends_on_it() {
    let mut world = World::talked();
    let now = world.now();
    let taro = &mut world.user_mut("taro").terminal;
    for command in [
        Command::Bar { channel: CHANNEL, nick: "jiro" },
        Command::Mode { channel: CHANNEL, modes: "-d hanako" },
        Command::Found { channel: CHANNEL },
        Command::Plain { channel: CHANNEL, on: true },
        Command::Plain { channel: CHANNEL, on: false },
        Command::Mode { channel: CHANNEL, modes: "-c" },
    ] {
        let actions: Vec<Action> = taro.command(now, command.clone()).expect("done").collect();
        assert_eq!(actions.first(), Some(&Action::Save), "{command:?}: {actions:?}");
        let saves = actions.iter().filter(|action| **action == Action::Save).count();
        assert_eq!(saves, 1, "{command:?}");
    }
    let say = Command::Say { channel: CHANNEL, text: "plain", signed: None };
    let actions: Vec<Action> = taro.command(now, say).expect("said").collect();
    assert!(!actions.contains(&Action::Save), "texts change nothing that must be saved");
}

/// Whatever becomes of it: at the moment when a record leaves, the stored state knows it.
#[test]
fn what_is_stored_knows_every_record_that_has_left() {
    let mut world = World::joined(&["taro", "hanako"]);
    world.run(3 * 3_600_000);
    world.add("jiro", |_| {});
    world.join("jiro");
    world.run(100_000);
    world.part("jiro");
    world.run(100_000);
    for nick in ["taro", "hanako"] {
        let current = world.user(nick).current();
        let saved = world.user(nick).saved.clone();
        world.restart(nick, &saved, 99);
        world.join(nick);
        assert_eq!(world.user(nick).current(), current);
        world.run(30_000);
    }
}

// ---- no nonce twice

/// Restores the same copies over and over, also while another one runs, and collects what each
/// seals.
#[test]
fn no_nonce_is_used_twice_whatever_is_restored() {
    let mut world = World::talked();
    let mut copies = vec![save(&world, "jiro")];
    let mut nonces = BTreeSet::new();
    let mut seen = 0;
    for seed in 100..120_u8 {
        let copy = copies[usize::from(seed) % copies.len()].clone();
        world.restart("jiro", &copy, seed);
        world.join("jiro");
        world.run(20_000);
        for text in ["one", "two", "three"] {
            world.say("jiro", text);
        }
        let unsigned = Command::Say { channel: CHANNEL, text: "four", signed: Some(false) };
        world.command("jiro", unsigned).expect("said");
        if seed % 3 == 0 {
            copies.push(save(&world, "jiro"));
        }
    }
    for (_, nick, bytes) in world.frames(0) {
        let Ok(Frame::Text { kind, header, .. }) = Frame::decode(&bytes) else { continue };
        if nick == "jiro" {
            seen += 1;
            assert!(nonces.insert((header.key, header.tag, header.counter)), "{kind:?} {header:?}");
        }
        assert!(matches!(kind, TextKind::Signed | TextKind::Unsigned | TextKind::Control));
    }
    assert!(seen > 70, "{seen} texts");
}

/// Even the same seed gives other values for another copy, at another time, or in a new terminal.
#[test]
fn a_seed_gives_other_values_for_another_copy_or_at_another_time() {
    let mut world = World::talked();
    let first = save(&world, "jiro");
    world.say("taro", "something");
    let second = save(&world, "jiro");
    let now = world.now();
    let later = Now { unix: now.unix + 1, ..now };
    let mut hellos = BTreeSet::new();
    for (copy, now) in [(&first, now), (&second, now), (&first, later)] {
        let who = identity(3, "jiro");
        let restored = Terminal::restore(Config::new("jiro"), who, copy, [3; 32], now);
        hellos.insert(hello(restored.expect("restored"), now));
    }
    hellos.insert(hello(rig::terminal(3, "jiro", now, |_| {}), now));
    assert_eq!(hellos.len(), 4);
}

/// Tag and member key of a terminal that joins.
fn hello(mut terminal: Terminal, now: Now) -> (String, String) {
    let _ = terminal.handle(now, Event::Join { channel: CHANNEL, nick: "jiro" });
    let names = [("jiro", false), ("taro", false)];
    let actions = terminal.handle(now, Event::Names { channel: CHANNEL, names: &names });
    let mut frames = actions.filter_map(|action| match action {
        Action::Send { text, .. } => armor::parse(&text),
        _ => None,
    });
    let Some(armor::Line::Whole(bytes)) = frames.next() else { panic!("no Hello") };
    let Ok(Frame::Hello { hello, .. }) = Frame::decode(&bytes) else { panic!("no Hello") };
    (hello.hello.tag.to_string(), hello.hello.member_key.to_string())
}
