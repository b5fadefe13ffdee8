//! One terminal in several channels at once: each has its own key, members and duties (R-CLI-1).

use crate::rig;

use std::collections::VecDeque;

use keyrota::{Action, Command, Event, Now, Refusal, Terminal};
use rig::{START, terminal};

const CHANNELS: [&str; 3] = ["#ryugu", "#kame", "#tai"];
const NICKS: [&str; 2] = ["taro", "hanako"];

/// Two terminals on a relay that carries many channels.
struct Two {
    ms: u64,
    terminals: [Terminal; 2],
    /// Where, and what.
    shown: [Vec<(String, String)>; 2],
    lines: Vec<(usize, String, String)>,
}

impl Two {
    /// Both in all channels, every second of them opened by the other.
    fn new() -> Self {
        let now = Now { ms: 0, unix: START };
        let terminals = [terminal(1, "taro", now, |_| {}), terminal(2, "hanako", now, |_| {})];
        let mut two = Self { ms: 0, terminals, shown: Default::default(), lines: Vec::new() };
        for (number, channel) in CHANNELS.into_iter().enumerate() {
            let (first, second) = (number % 2, 1 - number % 2);
            two.join(first, channel, &[(NICKS[first], false)]);
            two.event(first, Event::Join { channel, nick: NICKS[second] });
            two.join(second, channel, &[(NICKS[first], false), (NICKS[second], false)]);
            two.run(2_000);
        }
        two
    }

    fn now(&self) -> Now {
        Now { ms: self.ms, unix: START + self.ms / 1_000 }
    }

    fn join(&mut self, who: usize, channel: &str, names: &[(&str, bool)]) {
        self.event(who, Event::Join { channel, nick: NICKS[who] });
        self.event(who, Event::Names { channel, names });
    }

    fn event(&mut self, who: usize, event: Event<'_>) {
        let actions = self.terminals[who].handle(self.now(), event).collect();
        self.relay(who, actions);
    }

    fn say(&mut self, who: usize, channel: &str, text: &str) -> Result<(), Refusal> {
        let (now, say) = (self.now(), Command::Say { channel, text, signed: None });
        let actions = self.terminals[who].command(now, say)?.collect();
        self.relay(who, actions);
        Ok(())
    }

    fn relay(&mut self, who: usize, actions: Vec<Action>) {
        let mut queue: VecDeque<(usize, Action)> =
            actions.into_iter().map(|action| (who, action)).collect();
        while let Some((who, action)) = queue.pop_front() {
            match action {
                Action::Send { channel, text } => {
                    let (now, other) = (self.now(), 1 - who);
                    let event = Event::Line { channel: &channel, nick: NICKS[who], text: &text };
                    let caused = self.terminals[other].handle(now, event);
                    queue.extend(caused.map(|action| (other, action)));
                    self.lines.push((who, channel.to_string(), text));
                }
                Action::Show { channel, text, .. } => {
                    self.shown[who].push((channel.to_string(), text));
                }
                _ => {}
            }
        }
    }

    fn run(&mut self, ms: u64) {
        let end = self.ms + ms;
        let wakes = |two: &Self| {
            two.terminals.iter().filter_map(|one| one.wake()).map(|wake| wake.at).min()
        };
        while let Some(at) = wakes(self).filter(|at| *at <= end) {
            self.ms = at;
            (0..2).for_each(|who| self.event(who, Event::Tick));
        }
        self.ms = end;
    }

    fn sealing(&self, who: usize, channel: &str) -> Option<keyrota::spec::KeyId> {
        self.terminals[who].channel(channel).and_then(|view| view.sealing())
    }
}

#[test]
fn each_channel_has_a_key_of_its_own() {
    let two = Two::new();
    let keys = CHANNELS.map(|channel| two.sealing(0, channel).expect("a key"));
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    assert_eq!(keys, CHANNELS.map(|channel| two.sealing(1, channel).expect("a key")));
    let ids = CHANNELS.map(|channel| two.terminals[0].channel(channel).and_then(|view| view.id()));
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
}

#[test]
fn what_is_said_in_one_is_shown_there_and_not_elsewhere() {
    let mut two = Two::new();
    for channel in CHANNELS {
        two.say(0, channel, channel).expect("said");
    }
    let expected = CHANNELS.map(|channel| (channel.to_string(), channel.to_string()));
    assert_eq!(two.shown[1], expected);
    // Not even if the server carries it there.
    let lines = two.lines.clone();
    for (who, from, text) in &lines {
        for channel in CHANNELS.into_iter().filter(|channel| channel != from) {
            two.event(1 - who, Event::Line { channel, nick: NICKS[*who], text });
        }
    }
    two.run(100_000);
    assert_eq!((two.shown[0].len(), &two.shown[1][..]), (0, &expected[..]));
    for channel in CHANNELS {
        assert_eq!(two.sealing(0, channel), two.sealing(1, channel));
    }
}

#[test]
fn each_is_renewed_in_its_own_time_and_by_its_own_first() {
    let mut two = Two::new();
    let keys = CHANNELS.map(|channel| two.sealing(0, channel));
    let now = two.now();
    let wish = Command::Refresh { channel: "#kame" };
    let actions = two.terminals[0].command(now, wish).expect("wished").collect();
    two.relay(0, actions);
    two.run(70_000);
    let after = CHANNELS.map(|channel| two.sealing(1, channel));
    assert_eq!((after[0], after[2]), (keys[0], keys[2]));
    assert_ne!(after[1], keys[1]);
    two.run(3_600_000);
    let later = CHANNELS.map(|channel| two.sealing(1, channel));
    assert!(later.iter().zip(&after).all(|(later, after)| later != after));
    assert_eq!(later, CHANNELS.map(|channel| two.sealing(0, channel)));
}

#[test]
fn leaving_one_leaves_the_others_and_quitting_leaves_all() {
    let mut two = Two::new();
    let (nick, channel) = (NICKS[1], CHANNELS[0]);
    for who in 0..2 {
        two.event(who, Event::Part { channel, nick });
    }
    assert_eq!(two.say(1, channel, "here?"), Err(Refusal::NotJoined));
    two.run(100_000);
    two.say(1, CHANNELS[1], "but here").expect("said");
    assert_eq!(two.shown[0], [(CHANNELS[1].to_string(), "but here".to_string())]);
    let keys = CHANNELS.map(|channel| two.sealing(0, channel));
    for who in 0..2 {
        two.event(who, Event::Quit { nick });
    }
    two.run(100_000);
    assert!(CHANNELS.iter().all(|channel| two.terminals[1].channel(channel).is_none()));
    assert_eq!(two.terminals[1].wake(), None);
    // Whoever stays has a new key in each that the other was in.
    let after = CHANNELS.map(|channel| two.sealing(0, channel));
    assert_eq!(after[0], keys[0]);
    assert!(after[1] != keys[1] && after[2] != keys[2]);
}

#[test]
fn a_new_nick_counts_in_all() {
    let mut two = Two::new();
    for who in 0..2 {
        two.event(who, Event::Nick { old: NICKS[1], new: "otohime" });
    }
    let id = two.terminals[1].id();
    for channel in CHANNELS {
        let view = two.terminals[0].channel(channel).expect("in it");
        assert_eq!(view.roster().member(&id).map(|one| &*one.nick), Some("otohime"));
    }
}

#[test]
fn of_two_names_that_become_one_neither_makes_the_other_plain() {
    for (plain, sealed) in [("#a{", "#a["), ("#a[", "#a{")] {
        let now = Now { ms: 0, unix: START };
        let ascii = keyrota::casemap::CaseMapping::Ascii;
        let mut taro = terminal(1, "taro", now, |config| config.casemapping = ascii);
        for (channel, on) in [(plain, true), (sealed, false)] {
            taro.command(now, Command::Plain { channel, on }).expect("declared");
        }
        let mapping = keyrota::casemap::CaseMapping::Rfc1459;
        taro.handle(now, Event::CaseMapping(mapping)).for_each(drop);
        taro.handle(now, Event::Join { channel: sealed, nick: "taro" }).for_each(drop);
        assert!(!taro.channel(sealed).expect("in it").is_plain(), "{sealed} beside {plain}");
    }
}
