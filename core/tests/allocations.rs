//! How often the heap is asked for memory while texts go to and fro: a line is built once and read
//! once (spec chapter 11).

mod rig;

use allocation_counter::measure;
use keyrota::{Action, Command, Event, Terminal};
use rig::{CHANNEL, World};

/// What a terminal does first, and how often it asks for memory.
fn first_action(
    world: &mut World,
    nick: &str,
    act: impl FnOnce(&mut Terminal) -> Option<Action>,
) -> (u64, Action) {
    let terminal = &mut world.user_mut(nick).terminal;
    let mut action = None;
    let info = measure(|| action = act(terminal));
    assert!(terminal.actions().next().is_none(), "more than the text");
    (info.count_total, action.expect("an action"))
}

/// From being typed to being shown: how often either side asks for memory. Names are in lower
/// case, as on most servers.
fn text(world: &mut World, from: &str, to: &str, signed: bool) -> (u64, u64) {
    world.ms += 10;
    let now = world.now();
    let say = Command::Say { channel: CHANNEL, text: "line by line", signed: Some(signed) };
    let (sealing, sent) =
        first_action(world, from, |terminal| terminal.command(now, say).expect("said").next());
    let Action::Send { text, .. } = sent else { panic!("{sent:?}") };
    let line = Event::Line { channel: CHANNEL, nick: from, text: &text };
    let (opening, shown) = first_action(world, to, |terminal| terminal.handle(now, line).next());
    assert!(matches!(shown, Action::Show { .. }), "{shown:?}");
    (sealing, opening)
}

/// Sealed: the frame and the line. Opened: the frame, of which the text is what remains.
#[test]
fn two_for_a_text_sealed_and_one_for_a_text_opened() {
    for nicks in [&["taro", "hanako"][..], &["taro", "hanako", "jiro", "momo"]] {
        let mut world = World::joined(nicks);
        // Longer than a rule waits before it seats somebody.
        world.run(700_000);
        for signed in [true, false] {
            for (from, to) in [("taro", "hanako"), ("hanako", "taro")] {
                // The first texts bring Hellos, and memory that stays.
                world.say(from, "one");
                text(&mut world, from, to, signed);
                for _ in 0..50 {
                    assert_eq!(text(&mut world, from, to, signed), (2, 1));
                }
            }
        }
    }
}
