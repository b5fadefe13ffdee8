//! Saved states: bytes that are none are refused; what is restored is saved again as the same, and
//! does no harm, whoever wrote it.
//!
//! Spec: chapter 17.

use keyrota::crypto;
use keyrota::spec::Frame;
use keyrota::spec::{KeyHint, KeyId, Query, Subject, TextKind, armor, label};
use keyrota::{Command, Config, Event, Now, Terminal};

use crate::peer::{Peer, START, Under, identity};
use crate::watch::Watch;

/// Whose the states are: the terminal of the golden files.
const OWNER: (u8, &str) = (2, "hanako");
/// When they are read: when the golden state was saved.
const NOW: Now = Now { ms: 1_330_000, unix: START + 1_330 };

const PLACES: [&str; 3] = ["#ryugu", "#plain", "taro"];

/// The input as it is; then as the content of a state whose check and owner are right.
pub fn run(data: &[u8]) {
    try_out(data);
    let owner = identity(OWNER.0, OWNER.1).id();
    let content = data.split_last_chunk::<32>().map_or(data, |(content, _)| content);
    let mut state = content.to_vec();
    if let Some(id) = state.get_mut(1..17) {
        id.copy_from_slice(&owner.0);
    }
    let check = crypto::hash(label::SAVED, &[&state]);
    state.extend(check);
    try_out(&state);
}

fn restore(saved: &[u8]) -> Option<Terminal> {
    let (number, name) = OWNER;
    let restored =
        Terminal::restore(Config::new(name), identity(number, name), saved, [9; 32], NOW);
    restored.map_err(|why| drop(why.to_string())).ok()
}

fn try_out(saved: &[u8]) {
    let Some(terminal) = restore(saved) else { return };
    let again = terminal.save();
    let twin = restore(&again).expect("what was saved is read");
    assert_eq!(twin.save(), again, "what was read is saved as the same");
    drive(Watch::new(terminal, NOW, &PLACES));
}

/// Its user comes back with it, hears this and that, and says something.
fn drive(mut watch: Watch) {
    let me = OWNER.1;
    let peer = Peer::new(0, "taro");
    for channel in &PLACES[..2] {
        watch.handle(Event::Join { channel, nick: me });
        watch.handle(Event::Names { channel, names: &[(me, false), ("taro", true)] });
    }
    let views = || PLACES.iter().filter_map(|place| watch.terminal.channel(place));
    watch.plain = views().any(|view| view.is_plain());
    for place in PLACES {
        let view = watch.terminal.channel(place);
        let held = view.as_ref().and_then(|view| view.secrets().last());
        let mut frames = Vec::new();
        if let (Some((id, _, key)), Some(channel)) = (held, view.and_then(|view| view.id())) {
            let under = Under { channel, id, key };
            frames.push(peer.text(&under, TextKind::Unsigned, 3, b"good evening"));
        }
        let key = KeyId([1; 16]).prefix();
        let what = Subject::Proof { key, have: 0 };
        frames.push(Frame::Query(Query { whom: None, what }).encode());
        for frame in frames {
            let text = armor::whole(&frame);
            if place.starts_with('#') {
                watch.handle(Event::Line { channel: place, nick: "taro", text: &text });
            } else {
                watch.handle(Event::Private { nick: place, text: &text });
            }
        }
        let _ = watch.command(Command::Say { channel: place, text: "hello", signed: None });
        let _ = watch.command(Command::AskOld { channel: place, key: KeyHint([1; 3]) });
    }
    for _ in 0..6 {
        let Some(wake) = watch.terminal.wake() else { break };
        let passed = wake.at.saturating_sub(watch.now.ms);
        watch.now = Now { ms: wake.at, unix: watch.now.unix.saturating_add(passed / 1_000) };
        watch.handle(Event::Tick);
    }
    watch.handle(Event::Disconnected);
    let saved = watch.terminal.save();
    assert!(restore(&saved).is_some(), "what was saved is read");
}
