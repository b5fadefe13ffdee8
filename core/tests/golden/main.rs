//! The layout of a saved state (R-SYS-2): files of released layouts stay readable, and bytes that are
//! none of them are refused.
//!
//! `KEYROTA_BLESS=1` writes the file of the newest layout.

#[path = "../rig/mod.rs"]
mod rig;

use std::path::PathBuf;

use keyrota::spec::{ChannelId, MemberId, Point};
use keyrota::{Action, Command, Config, Event, Now, RestoreError, Terminal};
use rig::state::{self, State};
use rig::{CHANNEL, START, World, identity};

/// When the golden terminal was saved.
const SAVED: Now = Now { ms: 1_330_000, unix: START + 1_330 };

fn file(version: u8) -> PathBuf {
    let name = format!("tests/golden/state-{version}.bin");
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// hanako in a channel of four, of whom one was barred, with keys from before and after that, and
/// with texts seen, signed and unsigned; and two channels that she is not in.
fn scenario() -> Vec<u8> {
    let mut world = World::seated(&["taro", "hanako", "jiro"]);
    world.add("saburo", |_| {});
    world.join("saburo");
    world.run(3_000);
    for nick in ["taro", "jiro", "saburo"] {
        world.say(nick, "good morning");
    }
    world.command("taro", Command::Bar { channel: CHANNEL, nick: "saburo" }).expect("barred");
    world.run(60_000);
    let unsigned = Command::Say { channel: CHANNEL, text: "guess who", signed: Some(false) };
    world.command("jiro", unsigned).expect("said");
    world.say("taro", "good evening");
    world.command("hanako", Command::Refresh { channel: CHANNEL }).expect("wished");
    world.run(120_000);
    let saburo = world.user("saburo").id();
    world.command("hanako", Command::Revoke { member: saburo }).expect("revoked");
    world.command("hanako", Command::Plain { channel: "#plain", on: true }).expect("declared");
    world.run(SAVED.ms - world.ms);
    world.event("hanako", Event::Tick);
    assert_eq!(world.now(), SAVED);
    world.user("hanako").terminal.save().to_vec()
}

fn restore(bytes: &[u8], now: Now) -> Result<Terminal, RestoreError> {
    Terminal::restore(Config::new("hanako"), identity(2, "hanako"), bytes, [77; 32], now)
}

fn golden(version: u8) -> Vec<u8> {
    std::fs::read(file(version)).expect("a golden file; KEYROTA_BLESS=1 writes it")
}

#[test]
fn layout_1_is_read_and_written() {
    if std::env::var_os("KEYROTA_BLESS").is_some() {
        std::fs::write(file(1), scenario()).expect("written");
    }
    let bytes = golden(1);
    let mut terminal = restore(&bytes, SAVED).expect("restored");
    assert_eq!(*terminal.save(), bytes, "another layout needs another version");
    assert_eq!(terminal.wake(), None, "outside of all channels there is nothing to do");

    let authentication = terminal.authentication();
    let pins: Vec<&str> = authentication.pins().map(|(name, _)| name.as_str()).collect();
    assert_eq!(pins, ["jiro", "saburo", "taro"]);
    assert!(authentication.is_revoked(&identity(4, "saburo").id()));
    let _ = terminal.handle(SAVED, Event::Join { channel: CHANNEL, nick: "hanako" });
    let _ = terminal.handle(SAVED, Event::Join { channel: "#plain", nick: "hanako" });
    assert!(terminal.channel("#plain").expect("joined").is_plain());
    let view = terminal.channel(CHANNEL).expect("joined");
    assert!(!view.is_plain());
    assert_eq!(view.keys().count(), 4);
    assert_eq!(view.keys().last(), view.current());
    let list = view.list().expect("a list");
    let seats: Vec<_> = list.seats().map(|(_, entry)| entry.id).collect();
    assert_eq!(seats, [1, 2, 3].map(|number| identity(number, "x").id()));
    assert!(list.bars(&identity(4, "saburo").id()));
}

/// What a terminal saves now, it can read now, whatever the golden file says.
#[test]
fn what_is_saved_now_is_read_now() {
    let bytes = scenario();
    assert_eq!(bytes.first(), Some(&1));
    let terminal = restore(&bytes, SAVED).expect("restored");
    assert_eq!(*terminal.save(), bytes);
}

#[test]
fn bytes_that_are_no_state_are_refused() {
    let bytes = golden(1);
    let refused = |bytes: &[u8]| restore(bytes, SAVED).err();
    assert_eq!(refused(&[]), Some(RestoreError::Damaged));
    assert_eq!(refused(&[2]), Some(RestoreError::Version(2)));
    for length in (1..bytes.len()).step_by(11) {
        assert_eq!(refused(&bytes[..length]), Some(RestoreError::Damaged), "cut at {length}");
    }
    for at in (1..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert_eq!(refused(&changed), Some(RestoreError::Damaged), "changed at {at}");
    }
    let other = Terminal::restore(Config::new("taro"), identity(1, "taro"), &bytes, [1; 32], SAVED);
    assert_eq!(other.err(), Some(RestoreError::Identity));
}

/// What is well formed, and does not hold together.
#[test]
fn a_state_that_does_not_hold_together_is_refused() {
    let golden = golden(1);
    let change = |what: &str, edit: fn(&mut State)| {
        let mut state = state::read(&golden);
        edit(&mut state);
        let changed = state::write(&state);
        assert_ne!(changed, golden, "{what}");
        assert_eq!(restore(&changed, SAVED).err(), Some(RestoreError::Damaged), "{what}");
    };
    assert_eq!(state::write(&state::read(&golden)), golden);
    change("a secret that is too short", |state| state.2.truncate(31));
    change("a mapping that is none", |state| state.3 = 3);
    change("a policy that is none", |state| state.4.0 = 3);
    change("an authority that is no key", |state| state.4.1.push((Point([5; 33]), false)));
    change("a name that is pinned twice", |state| state.4.2.push(state.4.2[0].clone()));
    change("a member that has two names", |state| {
        let (_, member, by) = state.4.2[0].clone();
        state.4.2.push(("other".into(), member, by));
    });
    change("channels out of order", |state| state.5.reverse());
    change("a channel twice", |state| state.5.push(state.5[1].clone()));
    change("a channel that is none", |state| state.5[1].0 = "a b".into());
    change("a channel that is a conversation", |state| state.5[1].7 = true);
    change("another pin", |state| state.5[1].2 = Some(ChannelId([9; 16])));
    change("no pin", |state| state.5[1].2 = None);
    change("another name", |state| state.5[1].0 = "#ryugv".into());
    fn stay(state: &mut State) -> &mut state::Stay {
        state.5[1].6.as_mut().expect("a stay")
    }
    change("a current record that is not there", |state| stay(state).1 = 99);
    change("a list that is not proven", |state| stay(state).2.truncate(1));
    change("a proof of nothing", |state| stay(state).2.clear());
    change("a proof without its beginning", |state| stay(state).2.rotate_left(1));
    change("a proof that turns back", |state| {
        let first = stay(state).2[0];
        stay(state).2.insert(0, first);
    });
    change("a proof with two changes of one seat", |state| {
        let older = *stay(state).5[1].1.last().expect("a proof");
        stay(state).2.insert(1, older);
    });
    change("a proof without its author's key", |state| stay(state).0[0].2 = None);
    change("a proof with another's key", |state| stay(state).0[0].2 = Some(Point([2; 33])));
    change("a step with another's key", |state| stay(state).0[1].2 = Some(Point([2; 33])));
    change("a record that is none", |state| stay(state).0[1].0.truncate(40));
    change("a key of another record", |state| stay(state).5[0].0 = stay(state).5[1].0);
    change("a key twice", |state| {
        let one = stay(state).5[0].clone();
        stay(state).5.push(one);
    });
    change("another key", |state| stay(state).5[0].2[31] ^= 1);
    change("a key whose list is not proven", |state| stay(state).5[0].1.clear());
    change("what is settled twice", |state| {
        stay(state).6 = vec![(MemberId([1; 16]), 1); 2];
    });
    change("holders out of order", |state| stay(state).4.reverse());
    change("what was seen twice", |state| {
        let marks = stay(state).5.iter_mut().map(|key| &mut key.6).find(|marks| !marks.is_empty());
        let marks = marks.expect("a text was seen");
        marks.push(marks[0]);
    });
}

/// Whoever changes a state can make its check right. It is refused, or what it gives is a terminal
/// that works; and what it takes to see that is bounded.
#[test]
fn a_state_that_somebody_has_written_does_no_harm() {
    let bytes = golden(1);
    let content = &bytes[..bytes.len() - 32];
    let (mut refused, mut taken) = (0, 0);
    for at in (1..content.len()).step_by(5) {
        let values = [0x00, 0x01, 0x7f, 0x80, 0xff, content[at].wrapping_add(1)];
        let mut changed = content.to_vec();
        changed[at] = values[at % values.len()];
        let Ok(mut terminal) = restore(&state::checked(&changed), SAVED) else {
            refused += 1;
            continue;
        };
        taken += 1;
        let _ = terminal.handle(SAVED, Event::Join { channel: CHANNEL, nick: "hanako" });
        let names = [("hanako", false), ("taro", false)];
        let _ = terminal.handle(SAVED, Event::Names { channel: CHANNEL, names: &names });
        let _ = terminal.save();
    }
    // What is left are signatures, times, windows, the terminal's secret.
    assert!(refused > taken && taken > 20, "{refused} refused, {taken} taken");
}

/// A number of items that are not there takes no memory.
#[test]
fn what_a_state_claims_takes_no_memory() {
    let bytes = golden(1);
    let content = &bytes[..bytes.len() - 32];
    let check = |content: &[u8], most: u64| {
        let state = state::checked(content);
        let mut result = None;
        let used = allocation_counter::measure(|| result = restore(&state, SAVED).err());
        assert!(used.bytes_max < most, "{} bytes for {}", used.bytes_max, state.len());
        result
    };
    // Five bytes that say four thousand million, in every place.
    for at in (1..content.len()).step_by(11) {
        let changed = [&content[..at], &[0xff, 0xff, 0xff, 0xff, 0x0f], &content[at..]].concat();
        let _ = check(&changed, 64 * 1_024);
    }
    // As many channels as there is room for.
    let head = &content[..17 + 5 + 33 + 1];
    let many = [head, &[0, 0, 0xa0, 0x8d, 0x06], &[0; 100_000]].concat();
    assert_eq!(check(&many, 8 * many.len() as u64), Some(RestoreError::Damaged));
}

/// Everything that a state says is asked to be stored again only when it changes.
#[test]
fn a_restored_terminal_asks_for_nothing_by_itself() {
    let mut terminal = restore(&golden(1), SAVED).expect("restored");
    let mut actions = terminal.handle(SAVED, Event::Join { channel: CHANNEL, nick: "hanako" });
    assert!(actions.all(|action| action != Action::Save));
}
