//! Several terminals on a relay, in virtual time that jumps from one due moment to the next.
//!
//! Everything is deterministic: seeds are numbers, lines arrive at once and in order unless a test
//! asks for loss. Shared by all tests; not every test uses all of it.
#![allow(dead_code, unreachable_pub)]

use std::collections::VecDeque;

use keyrota::spec::{Cause, Frame, KeyId, MemberId, armor};
use keyrota::{
    Action, Command, Config, Event, Fault, Identity, Notice, Now, Protection, Refusal, Speaker,
    Terminal, View,
};

pub const CHANNEL: &str = "#ryugu";
/// 2026-01-01, in seconds since 1970.
pub const START: u64 = 1_767_225_600;
pub const YEAR: u32 = 31_536_000;

/// A text as it was shown: to whom it was attributed, what it said, how it was protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub name: Option<String>,
    pub text: String,
    pub protection: Protection,
}

/// A line that went over the relay.
#[derive(Clone, Debug)]
pub struct Relayed {
    pub at: u64,
    pub nick: String,
    pub text: String,
}

impl Relayed {
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match armor::parse(&self.text)? {
            armor::Line::Whole(bytes) => Some(bytes),
            armor::Line::Part { .. } => None,
        }
    }

    /// The kind of a whole frame, the low half of its first byte.
    pub fn kind(&self) -> Option<u8> {
        self.bytes().and_then(|bytes| bytes.first().map(|byte| byte & 0x0f))
    }
}

pub struct User {
    pub nick: String,
    pub terminal: Terminal,
    pub shown: Vec<Shown>,
    pub notices: Vec<Notice>,
    /// In the channel, as the relay sees it.
    pub here: bool,
    /// Takes nothing in and does nothing, without having left.
    pub hung: bool,
}

impl User {
    pub fn view(&self) -> View<'_> {
        self.terminal.channel(CHANNEL).expect("in the channel")
    }

    pub fn id(&self) -> MemberId {
        self.terminal.id()
    }

    pub fn current(&self) -> Option<KeyId> {
        self.terminal.channel(CHANNEL).and_then(|view| view.current())
    }

    pub fn sealing(&self) -> Option<KeyId> {
        self.terminal.channel(CHANNEL).and_then(|view| view.sealing())
    }

    pub fn cause(&self) -> Cause {
        self.view().record().expect("a record").cause
    }

    pub fn texts(&self) -> Vec<&str> {
        self.shown.iter().map(|shown| shown.text.as_str()).collect()
    }

    pub fn faults(&self) -> Vec<Fault> {
        let fault = |notice: &Notice| match notice {
            Notice::Fault { fault, .. } => Some(*fault),
            _ => None,
        };
        self.notices.iter().filter_map(fault).collect()
    }
}

/// Decides whether a line reaches a user.
pub type Filter = Box<dyn FnMut(&Relayed, &str) -> bool>;

pub struct World {
    pub ms: u64,
    pub users: Vec<User>,
    /// All lines, in the order they were sent.
    pub lines: Vec<Relayed>,
    pub filter: Filter,
    queue: VecDeque<Relayed>,
}

/// The secret key of a user of these tests: any number but 0 is one.
pub fn secret(number: u8) -> [u8; 32] {
    let mut secret = [0; 32];
    secret[31] = number;
    secret[0] = 7;
    secret
}

pub fn identity(number: u8, name: &str) -> Identity {
    Identity::self_signed(&secret(number), name, START - 86_400, YEAR).expect("an identity")
}

pub fn terminal(number: u8, nick: &str, now: Now, adjust: impl FnOnce(&mut Config)) -> Terminal {
    let mut config = Config::new(nick);
    config.line = 350;
    adjust(&mut config);
    Terminal::new(config, identity(number, nick), [number; 32], now)
}

impl World {
    /// Users who are not in the channel yet.
    pub fn new(nicks: &[&str]) -> Self {
        Self::with(nicks, |_, _| {})
    }

    /// Likewise, each with its configuration adjusted.
    pub fn with(nicks: &[&str], mut adjust: impl FnMut(&str, &mut Config)) -> Self {
        let mut world = Self {
            ms: 1_000,
            users: Vec::new(),
            lines: Vec::new(),
            filter: Box::new(|_, _| true),
            queue: VecDeque::new(),
        };
        for nick in nicks {
            world.add(nick, |config| adjust(nick, config));
        }
        world
    }

    /// Users who have joined, one after the other, in the order given, and settled.
    pub fn joined(nicks: &[&str]) -> Self {
        let mut world = Self::new(nicks);
        for nick in nicks {
            world.join(nick);
            world.run(2_000);
        }
        world
    }

    pub fn add(&mut self, nick: &str, adjust: impl FnOnce(&mut Config)) {
        let number = u8::try_from(self.users.len() + 1).expect("few users");
        let terminal = terminal(number, nick, self.now(), adjust);
        self.users.push(User {
            nick: nick.into(),
            terminal,
            shown: Vec::new(),
            notices: Vec::new(),
            here: false,
            hung: false,
        });
    }

    pub fn now(&self) -> Now {
        Now { ms: self.ms, unix: START + self.ms / 1_000 }
    }

    pub fn user(&self, nick: &str) -> &User {
        self.users.iter().find(|user| user.nick == nick).expect("a user of this nick")
    }

    pub fn user_mut(&mut self, nick: &str) -> &mut User {
        self.users.iter_mut().find(|user| user.nick == nick).expect("a user of this nick")
    }

    fn number(&self, nick: &str) -> usize {
        self.users.iter().position(|user| user.nick == nick).expect("a user of this nick")
    }

    /// Everybody in the channel who is not hung.
    pub fn here(&self) -> impl Iterator<Item = &User> {
        self.users.iter().filter(|user| user.here && !user.hung)
    }

    /// The key under which all in the channel agree and can seal.
    pub fn agreed(&self) -> KeyId {
        let keys: Vec<_> = self.here().map(|user| (user.current(), user.sealing())).collect();
        let first = keys.first().expect("somebody").0.expect("a record");
        assert!(
            keys.iter().all(|key| *key == (Some(first), Some(first))),
            "no agreement: {keys:?}"
        );
        first
    }

    pub fn event(&mut self, nick: &str, event: Event<'_>) {
        let (number, now) = (self.number(nick), self.now());
        if !self.users[number].hung {
            let actions = self.users[number].terminal.handle(now, event).collect();
            self.act(number, actions);
        }
    }

    pub fn command(&mut self, nick: &str, command: Command<'_>) -> Result<(), Refusal> {
        let (number, now) = (self.number(nick), self.now());
        let actions = self.users[number].terminal.command(now, command)?.collect();
        self.act(number, actions);
        self.deliver();
        Ok(())
    }

    pub fn say(&mut self, nick: &str, text: &str) {
        let command = Command::Say { channel: CHANNEL, text, signed: None };
        self.command(nick, command).expect("said");
    }

    fn act(&mut self, number: usize, actions: Vec<Action>) {
        for action in actions {
            let user = &mut self.users[number];
            match action {
                Action::Send { channel, text } => {
                    assert_eq!(&*channel, CHANNEL);
                    let relayed = Relayed { at: self.ms, nick: user.nick.clone(), text };
                    self.lines.push(relayed.clone());
                    self.queue.push_back(relayed);
                }
                Action::Show { from, text, protection, .. } => {
                    let name = match from {
                        Speaker::Member { name, .. } => Some(name.to_string()),
                        _ => None,
                    };
                    user.shown.push(Shown { name, text, protection });
                }
                Action::Notice { notice, .. } => user.notices.push(notice),
                _ => {}
            }
        }
    }

    /// Delivers what was sent, and what that causes, until nothing is under way.
    pub fn deliver(&mut self) {
        while let Some(line) = self.queue.pop_front() {
            for number in 0..self.users.len() {
                let user = &self.users[number];
                let nick = user.nick.clone();
                if user.here && nick != line.nick && (self.filter)(&line, &nick) {
                    let event =
                        Event::Line { channel: CHANNEL, nick: &line.nick, text: &line.text };
                    self.event(&nick, event);
                }
            }
        }
    }

    /// A line that no terminal here sent.
    pub fn inject(&mut self, nick: &str, text: &str) {
        self.queue.push_back(Relayed { at: self.ms, nick: nick.into(), text: text.into() });
        self.deliver();
    }

    pub fn inject_frame(&mut self, nick: &str, frame: &Frame<'_>) {
        self.inject(nick, &armor::whole(&frame.encode()));
    }

    pub fn join(&mut self, nick: &str) {
        let number = self.number(nick);
        self.users[number].here = true;
        let nicks: Vec<String> =
            self.users.iter().filter(|user| user.here).map(|user| user.nick.clone()).collect();
        for other in &nicks {
            self.event(other, Event::Join { channel: CHANNEL, nick });
        }
        let names: Vec<(&str, bool)> = nicks.iter().map(|nick| (nick.as_str(), false)).collect();
        self.event(nick, Event::Names { channel: CHANNEL, names: &names });
        self.deliver();
    }

    pub fn part(&mut self, nick: &str) {
        let nicks: Vec<String> =
            self.users.iter().filter(|user| user.here).map(|user| user.nick.clone()).collect();
        for other in &nicks {
            self.event(other, Event::Part { channel: CHANNEL, nick });
        }
        self.user_mut(nick).here = false;
        self.deliver();
    }

    /// From now on this user takes nothing in and does nothing, without having left.
    pub fn hang(&mut self, nick: &str) {
        self.user_mut(nick).hung = true;
    }

    /// Lets time pass, stopping at each moment when something is due.
    pub fn run(&mut self, ms: u64) {
        let end = self.ms + ms;
        loop {
            let wakes = self.users.iter().filter(|user| !user.hung);
            let next = wakes.filter_map(|user| user.terminal.wake()).map(|wake| wake.at).min();
            let Some(next) = next.filter(|at| *at <= end) else { break };
            assert!(next >= self.ms, "a terminal wants to be called in the past");
            let before = self.ms;
            self.ms = next;
            for nick in self.users.iter().map(|user| user.nick.clone()).collect::<Vec<_>>() {
                self.event(&nick, Event::Tick);
            }
            self.deliver();
            let late = self.users.iter().filter(|user| !user.hung);
            for wake in late.filter_map(|user| user.terminal.wake()) {
                assert!(wake.at > self.ms, "still due at {before}: {wake:?}");
            }
        }
        self.ms = end;
    }

    /// The lines sent since there were `count`.
    pub fn since(&self, count: usize) -> &[Relayed] {
        &self.lines[count..]
    }
}
