//! Several terminals on a relay, in virtual time that jumps from one due moment to the next.
//!
//! Everything is deterministic: seeds are numbers, lines arrive at once and in order unless a test
//! asks for loss. Shared by all tests; not every test uses all of it.

#![allow(dead_code, unreachable_pub, unused_imports)]

mod hand;
mod scenes;
mod split;
pub mod state;
mod user;
mod vouchers;

use std::collections::VecDeque;

use keyrota::spec::{Cause, Descent, Frame, KeyId, armor};
use keyrota::{
    Action, Command, Config, Event, GrantRule, Identity, Now, Refusal, Speaker, Terminal,
};

use user::{Missed, terminal_of};
pub use user::{Relayed, Shown, User, identity, secret, terminal};
pub use vouchers::{authority, body, certified, issued, name, trusting, vouched};

pub const CHANNEL: &str = "#ryugu";
/// 2026-01-01, in seconds since 1970.
pub const START: u64 = 1_767_225_600;
pub const YEAR: u32 = 31_536_000;

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

    /// Users in the channel who all have both rights, in the order given, under a key that has
    /// lasted for a while. Nobody is given a seat unasked.
    pub fn seated(nicks: &[&str]) -> Self {
        Self::seated_with(nicks, |_, _| {})
    }

    /// Likewise, each with its configuration adjusted.
    pub fn seated_with(nicks: &[&str], mut adjust: impl FnMut(&str, &mut Config)) -> Self {
        let mut world = Self::with(nicks, |nick, config| {
            config.channel.rule = GrantRule::ByHand;
            adjust(nick, config);
        });
        world.seat(nicks);
        world
    }

    /// Lets users join, one after the other, and be seated.
    pub fn seat(&mut self, nicks: &[&str]) {
        for nick in nicks {
            self.join(nick);
            self.run(3_000);
        }
        if let [first, others @ ..] = nicks
            && !others.is_empty()
        {
            let modes = format!("+{} {}", "o".repeat(others.len()), others.join(" "));
            let command = Command::Mode { channel: CHANNEL, modes: &modes };
            self.command(first, command).expect("seated");
        }
        self.run(60_000);
        self.agreed();
    }

    pub fn add(&mut self, nick: &str, adjust: impl FnOnce(&mut Config)) {
        self.add_as(nick, identity(self.next_number(), nick), adjust);
    }

    /// A user who shows this certificate, which need not name its nick.
    pub fn add_as(&mut self, nick: &str, who: Identity, adjust: impl FnOnce(&mut Config)) {
        let terminal = terminal_of(self.next_number(), nick, who, self.now(), adjust);
        self.users.push(User {
            nick: nick.into(),
            terminal,
            shown: Vec::new(),
            notices: Vec::new(),
            here: false,
            listens: false,
            side: 0,
            hung: false,
            skew: 0,
            missed: Vec::new(),
            saved: Vec::new(),
        });
    }

    fn next_number(&self) -> u8 {
        u8::try_from(self.users.len() + 1).expect("few users")
    }

    pub fn now(&self) -> Now {
        Now { ms: self.ms, unix: START + self.ms / 1_000 }
    }

    /// What the clocks of this user show.
    fn now_of(&self, number: usize) -> Now {
        let Now { ms, unix } = self.now();
        Now { ms, unix: unix.saturating_add_signed(self.users[number].skew) }
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
        let here: Vec<&str> = self.here().map(|user| user.nick.as_str()).collect();
        self.agreed_by(&here)
    }

    /// Likewise, of these alone.
    pub fn agreed_by(&self, nicks: &[&str]) -> KeyId {
        let of = |nick: &&str| (self.user(nick).current(), self.user(nick).sealing());
        let keys: Vec<_> = nicks.iter().map(of).collect();
        let first = keys.first().expect("somebody").0.expect("a record");
        let same = keys.iter().all(|key| *key == (Some(first), Some(first)));
        assert!(same, "no agreement: {keys:?}");
        first
    }

    pub fn event(&mut self, nick: &str, event: Event<'_>) {
        let number = self.number(nick);
        let now = self.now_of(number);
        let user = &mut self.users[number];
        if user.hung {
            user.missed.extend(Missed::new(&event));
        } else {
            let actions = user.terminal.handle(now, event).collect();
            self.act(number, actions);
        }
    }

    pub fn command(&mut self, nick: &str, command: Command<'_>) -> Result<(), Refusal> {
        let number = self.number(nick);
        let now = self.now_of(number);
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
                    let to = channel.to_string();
                    let relayed = Relayed { at: self.ms, nick: user.nick.clone(), to, text };
                    self.lines.push(relayed.clone());
                    self.queue.push_back(relayed);
                }
                Action::Save => user.saved = user.terminal.save().to_vec(),
                Action::Show { channel, from, text, protection, again } => {
                    let name = match from {
                        Speaker::Member { name, .. } => Some(name.to_string()),
                        _ => None,
                    };
                    let place = channel.to_string();
                    user.shown.push(Shown { place, name, text, protection, again });
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
                let private = line.to != CHANNEL;
                let reached = if private { nick == line.to } else { user.here || user.listens };
                let reached = reached && self.hears(number, &line.nick);
                if !reached || nick == line.nick || !(self.filter)(&line, &nick) {
                    continue;
                }
                let (channel, text) = (CHANNEL, line.text.as_str());
                let event = match private {
                    true => Event::Private { nick: &line.nick, text },
                    false => Event::Line { channel, nick: &line.nick, text },
                };
                self.event(&nick, event);
            }
        }
    }

    /// A line that no terminal here sent.
    pub fn inject(&mut self, nick: &str, text: &str) {
        self.inject_to(CHANNEL, nick, text);
    }

    /// Likewise, for one user alone.
    pub fn inject_to(&mut self, to: &str, nick: &str, text: &str) {
        let (nick, to, text) = (nick.into(), to.into(), text.into());
        self.queue.push_back(Relayed { at: self.ms, nick, to, text });
        self.deliver();
    }

    pub fn inject_frame(&mut self, nick: &str, frame: &Frame<'_>) {
        self.inject(nick, &armor::whole(&frame.encode()));
    }

    pub fn join(&mut self, nick: &str) {
        let number = self.number(nick);
        self.users[number].here = true;
        let nicks = self.beside(nick);
        for other in &nicks {
            self.event(other, Event::Join { channel: CHANNEL, nick });
        }
        let names: Vec<(&str, bool)> = nicks.iter().map(|nick| (nick.as_str(), false)).collect();
        self.event(nick, Event::Names { channel: CHANNEL, names: &names });
        self.deliver();
    }

    pub fn part(&mut self, nick: &str) {
        self.tell_beside(nick, Event::Part { channel: CHANNEL, nick });
        self.user_mut(nick).here = false;
        self.deliver();
    }

    /// Leaves as all others see it, while its terminal runs on and hears all that is said: the
    /// server keeps it on the line.
    pub fn part_listening(&mut self, nick: &str) {
        let beside = self.beside(nick);
        let user = self.user_mut(nick);
        (user.here, user.listens) = (false, true);
        for other in beside.iter().filter(|other| *other != nick) {
            self.event(other, Event::Part { channel: CHANNEL, nick });
        }
        self.deliver();
    }

    /// The connection is lost: all others see this user quit.
    pub fn lose(&mut self, nick: &str) {
        self.event(nick, Event::Disconnected);
        self.user_mut(nick).here = false;
        self.tell_beside(nick, Event::Quit { nick });
        self.deliver();
    }

    /// The program dies, and is started anew from a stored state with this seed.
    pub fn restart(&mut self, nick: &str, saved: &[u8], seed: u8) {
        self.user_mut(nick).here = false;
        self.tell_beside(nick, Event::Quit { nick });
        self.deliver();
        let number = u8::try_from(self.number(nick) + 1).expect("few users");
        let (who, now) = (identity(number, nick), self.now());
        let mut config = Config::new(nick);
        config.line = 350;
        let restored = Terminal::restore(config, who, saved, [seed; 32], now);
        let user = self.user_mut(nick);
        user.terminal = restored.expect("restored");
        user.shown.clear();
        user.notices.clear();
    }

    pub fn rename(&mut self, old: &str, new: &str) {
        self.tell_beside(old, Event::Nick { old, new });
        self.user_mut(old).nick = new.into();
        self.deliver();
    }

    /// Lets everybody in the channel hear of an event.
    pub fn tell_all(&mut self, event: Event<'_>) {
        let here = self.users.iter().filter(|user| user.here);
        for nick in here.map(|user| user.nick.clone()).collect::<Vec<_>>() {
            self.event(&nick, event);
        }
    }

    /// From now on this user takes nothing in and does nothing, without having left.
    pub fn hang(&mut self, nick: &str) {
        self.user_mut(nick).hung = true;
    }

    /// Goes on where it was hung: hears what happened meanwhile, in its order.
    pub fn resume(&mut self, nick: &str) {
        let user = self.user_mut(nick);
        user.hung = false;
        for missed in std::mem::take(&mut user.missed) {
            self.event(nick, missed.event());
        }
        self.deliver();
    }

    /// Lets time pass, stopping at each moment when something is due.
    pub fn run(&mut self, ms: u64) {
        let end = self.ms + ms;
        while self.step(end) {}
    }

    /// Lets time pass until `done`; returns how long that took, in milliseconds. Fails if it takes
    /// more than `limit`.
    pub fn run_until(&mut self, limit: u64, done: impl Fn(&Self) -> bool) -> u64 {
        let start = self.ms;
        while !done(self) {
            assert!(self.step(start + limit), "not within {limit} ms");
        }
        self.ms - start
    }

    /// Goes to the next moment when something is due, at most to `end`; `false` if that was it.
    fn step(&mut self, end: u64) -> bool {
        let wakes = self.users.iter().filter(|user| !user.hung);
        let next = wakes.filter_map(|user| user.terminal.wake()).map(|wake| wake.at).min();
        let Some(next) = next.filter(|at| *at <= end) else {
            self.ms = end;
            return false;
        };
        assert!(next > self.ms || self.ms == 0, "a terminal wants to be called in the past");
        self.ms = next;
        for nick in self.users.iter().map(|user| user.nick.clone()).collect::<Vec<_>>() {
            self.event(&nick, Event::Tick);
        }
        self.deliver();
        let late = self.users.iter().filter(|user| !user.hung);
        for wake in late.filter_map(|user| user.terminal.wake()) {
            assert!(wake.at > self.ms, "still due at {}: {wake:?}", self.ms);
        }
        true
    }

    /// The lines sent since there were `count`.
    pub fn since(&self, count: usize) -> &[Relayed] {
        &self.lines[count..]
    }

    /// The frames sent since there were `count` lines, put together again: when, by whom, bytes.
    pub fn frames(&self, count: usize) -> Vec<(u64, &str, Vec<u8>)> {
        let mut frames = Vec::new();
        let mut parts = Vec::new();
        for line in self.since(count) {
            match armor::parse(&line.text) {
                None => {}
                Some(armor::Line::Whole(bytes)) => frames.push((line.at, &*line.nick, bytes)),
                // A sender's fragments follow each other, and nobody's stand between.
                Some(armor::Line::Part { index, count, bytes, .. }) => {
                    if index == 0 {
                        parts.clear();
                    }
                    parts.extend(bytes);
                    if index + 1 == count {
                        frames.push((line.at, &line.nick, std::mem::take(&mut parts)));
                    }
                }
            }
        }
        frames
    }

    /// Who made keys since there were `count` lines, in order, and why.
    pub fn makers(&self, count: usize) -> Vec<(u64, &str, Cause)> {
        let mut makers = Vec::new();
        let mut known = Vec::new();
        let frames = self.frames(0);
        let before = frames.len() - self.frames(count).len();
        for (number, (at, nick, bytes)) in frames.into_iter().enumerate() {
            let record = match Frame::decode(&bytes) {
                Ok(Frame::Refresh { record, .. } | Frame::Sealed { record, .. }) => record,
                _ => continue,
            };
            // What comes again is handed out, not made; a first key is made in silence.
            let genesis = matches!(record.record.descent, Descent::Genesis { .. });
            if !genesis && !known.contains(&record.signature) {
                known.push(record.signature);
                if number >= before {
                    makers.push((at, nick, record.record.cause));
                }
            }
        }
        makers
    }
}
