//! The relay: carries lines among terminals in one process, and lets time pass.
//!
//! Shows how a program drives a [`Terminal`]: hand it what happened, carry out its actions in
//! their order, call it again when it wants to be called.

use std::collections::VecDeque;

use keyrota::spec::MemberId;
use keyrota::{Action, Command, Config, Event, Identity, IdentityError, Notice, Now, Protection};
use keyrota::{Refusal, Speaker, Terminal};

use crate::words::short_id;

pub(crate) const CHANNEL: &str = "#ryugu";
/// Whose terminals there are.
pub(crate) const MEMBERS: [&str; 3] = ["taro", "hanako", "jiro"];
/// Whose terminal the server uses to open what it can: it hears everything and is not told to
/// anyone, until it joins openly.
pub(crate) const EVE: &str = "eve";

/// For each of them: the secret of its identity, which a real program keeps, and the seed of this
/// run, which no other run may have.
pub(crate) type Seeds = [[[u8; 32]; 2]; MEMBERS.len() + 1];

/// 2026-01-01, in seconds since 1970.
const START: u64 = 1_767_225_600;
const YEAR: u32 = 31_536_000;
/// Characters of a line; enough for most frames, as on a usual chat network.
const LINE: usize = 350;

/// A line that went over the relay.
pub(crate) struct Line {
    pub(crate) nick: &'static str,
    pub(crate) text: String,
}

/// What the relay tells a terminal.
#[derive(Clone)]
enum Told {
    Join(&'static str),
    Names(Vec<&'static str>),
    Part(&'static str),
    Kick(&'static str),
    Line { nick: &'static str, text: String },
    Tick,
}

/// What came of it, in order.
pub(crate) enum Happening {
    /// The line of this number went over the relay.
    Relayed(usize),
    Shown {
        nick: &'static str,
        from: Speaker,
        text: String,
        protection: Protection,
    },
    Noticed {
        nick: &'static str,
        notice: Notice,
    },
}

pub(crate) struct User {
    pub(crate) nick: &'static str,
    pub(crate) terminal: Terminal,
    /// In the channel, as the relay sees it.
    pub(crate) here: bool,
    /// What waits for a terminal that has stopped, as it would in a socket.
    waiting: Option<Vec<Told>>,
}

impl User {
    pub(crate) fn has_stopped(&self) -> bool {
        self.waiting.is_some()
    }

    fn hear(&mut self, now: Now, told: &Told) -> Vec<Action> {
        let channel = CHANNEL;
        let names: Vec<(&str, bool)>;
        let event = match told {
            Told::Join(nick) => Event::Join { channel, nick },
            Told::Names(nicks) => {
                names = nicks.iter().map(|nick| (*nick, false)).collect();
                Event::Names { channel, names: &names }
            }
            Told::Part(nick) => Event::Part { channel, nick },
            Told::Kick(nick) => Event::Kick { channel, nick },
            Told::Line { nick, text } => Event::Line { channel, nick, text },
            Told::Tick => Event::Tick,
        };
        self.terminal.handle(now, event).collect()
    }
}

pub(crate) struct Relay {
    /// Milliseconds since the beginning.
    pub(crate) ms: u64,
    /// The members, then the server's own.
    pub(crate) users: Vec<User>,
    pub(crate) lines: Vec<Line>,
    queue: VecDeque<Line>,
    happenings: Vec<Happening>,
}

impl Relay {
    /// Terminals that have joined nothing.
    pub(crate) fn new(seeds: &Seeds) -> Result<Self, IdentityError> {
        let mut relay = Self {
            ms: 0,
            users: Vec::new(),
            lines: Vec::new(),
            queue: VecDeque::new(),
            happenings: Vec::new(),
        };
        for (nick, [secret, seed]) in MEMBERS.into_iter().chain([EVE]).zip(seeds) {
            let identity = Identity::self_signed(secret, nick, START, YEAR)?;
            let mut config = Config::new(nick);
            config.line = LINE;
            config.channel.found = nick != EVE;
            let terminal = Terminal::new(config, identity, *seed, relay.now());
            relay.users.push(User { nick, terminal, here: false, waiting: None });
        }
        relay.tell(EVE, Told::Join(EVE));
        relay.tell(EVE, Told::Names(vec![EVE]));
        relay.happenings.clear();
        Ok(relay)
    }

    fn now(&self) -> Now {
        Now { ms: self.ms, unix: START.saturating_add(self.ms / 1_000) }
    }

    pub(crate) fn user(&self, nick: &str) -> Option<&User> {
        self.users.iter().find(|user| user.nick == nick)
    }

    /// What the owner of an identity is called.
    pub(crate) fn name(&self, id: &MemberId) -> String {
        let user = self.users.iter().find(|user| user.terminal.id() == *id);
        user.map_or_else(|| short_id(id), |user| user.nick.into())
    }

    /// With the names of those whom a text mentions by their identity.
    pub(crate) fn named(&self, text: &str) -> String {
        self.users.iter().fold(text.to_owned(), |text, user| {
            text.replace(&user.terminal.id().to_string(), user.nick)
        })
    }

    pub(crate) fn is_here(&self, nick: &str) -> bool {
        self.user(nick).is_some_and(|user| user.here)
    }

    pub(crate) fn has_stopped(&self, nick: &str) -> bool {
        self.user(nick).is_some_and(User::has_stopped)
    }

    /// What has happened since the last call.
    pub(crate) fn take_happenings(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happenings)
    }

    // ---- what users and server do

    pub(crate) fn join(&mut self, nick: &'static str) {
        self.set_here(nick, true);
        self.tell_all(&Told::Join(nick));
        let here = self.users.iter().filter(|user| user.here).map(|user| user.nick).collect();
        self.tell(nick, Told::Names(here));
        self.deliver();
    }

    pub(crate) fn part(&mut self, nick: &'static str) {
        self.remove(nick, &Told::Part(nick));
    }

    pub(crate) fn kick(&mut self, nick: &'static str) {
        self.remove(nick, &Told::Kick(nick));
    }

    fn remove(&mut self, nick: &'static str, told: &Told) {
        self.tell_all(told);
        self.set_here(nick, false);
        self.deliver();
    }

    /// From now on the terminal takes nothing in and does nothing; the others are not told.
    pub(crate) fn stop(&mut self, nick: &str) {
        if let Some(user) = self.user_mut(nick) {
            user.waiting.get_or_insert_default();
        }
    }

    /// The terminal goes on, and takes in what has come meanwhile.
    pub(crate) fn wake(&mut self, nick: &'static str) {
        let waiting = self.user_mut(nick).and_then(|user| user.waiting.take());
        for told in waiting.into_iter().flatten().chain([Told::Tick]) {
            self.tell(nick, told);
        }
        self.deliver();
    }

    pub(crate) fn command(&mut self, nick: &str, command: Command<'_>) -> Result<(), Refusal> {
        let now = self.now();
        let Some(user) = self.user_mut(nick) else { return Ok(()) };
        let actions = user.terminal.command(now, command)?.collect();
        self.act(nick, actions);
        self.deliver();
        Ok(())
    }

    // ---- time

    /// When the next terminal wants to be called.
    pub(crate) fn next_wake(&self) -> Option<u64> {
        let running = self.users.iter().filter(|user| !user.has_stopped());
        running.filter_map(|user| user.terminal.wake()).map(|wake| wake.at).min()
    }

    /// Sets the clock and lets all terminals do what is due.
    pub(crate) fn tick(&mut self, ms: u64) {
        self.ms = self.ms.max(ms);
        for nick in MEMBERS.into_iter().chain([EVE]) {
            if !self.has_stopped(nick) {
                self.tell(nick, Told::Tick);
            }
        }
        self.deliver();
    }

    // ---- below

    fn user_mut(&mut self, nick: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.nick == nick)
    }

    fn set_here(&mut self, nick: &str, here: bool) {
        if let Some(user) = self.user_mut(nick) {
            user.here = here;
        }
    }

    /// Tells everybody in the channel; the server's own terminal hears of all but its own ways.
    fn tell_all(&mut self, told: &Told) {
        let own = |user: &User| match told {
            Told::Join(nick) | Told::Part(nick) | Told::Kick(nick) => *nick == user.nick,
            Told::Line { nick, .. } => *nick == user.nick,
            Told::Names(_) | Told::Tick => false,
        };
        let hears = |user: &&User| if user.nick == EVE { !own(user) } else { user.here };
        let nicks: Vec<_> = self.users.iter().filter(hears).map(|user| user.nick).collect();
        for nick in nicks {
            self.tell(nick, told.clone());
        }
    }

    fn tell(&mut self, nick: &str, told: Told) {
        let now = self.now();
        let Some(user) = self.user_mut(nick) else { return };
        match &mut user.waiting {
            Some(waiting) => waiting.push(told),
            None => {
                let actions = user.hear(now, &told);
                self.act(nick, actions);
            }
        }
    }

    fn act(&mut self, nick: &str, actions: Vec<Action>) {
        let Some(&User { nick, here, .. }) = self.user(nick) else { return };
        for action in actions {
            let happening = match action {
                // What the server's terminal would say before it has joined stays unsaid.
                Action::Send { .. } if !here => continue,
                Action::Send { text, .. } => {
                    self.lines.push(Line { nick, text: text.clone() });
                    self.queue.push_back(Line { nick, text });
                    Happening::Relayed(self.lines.len().saturating_sub(1))
                }
                Action::Show { from, text, protection, .. } => {
                    Happening::Shown { nick, from, text, protection }
                }
                Action::Notice { notice, .. } => Happening::Noticed { nick, notice },
                _ => continue,
            };
            self.happenings.push(happening);
        }
    }

    /// Delivers what was sent, and what that causes, until nothing is under way.
    fn deliver(&mut self) {
        while let Some(Line { nick, text }) = self.queue.pop_front() {
            self.tell_all(&Told::Line { nick, text });
        }
    }
}
