//! Terminals of one testee or of several on a relay, in virtual time that jumps from one due moment
//! to the next.
//!
//! All that passes is requests and answers, and all of them are kept: as the steps of a flow that is
//! generated, or as the transcript of an interoperation that went wrong. Lines arrive at once, and
//! in the order in which they were sent. What goes wrong first is kept too, and nothing is done
//! after it; so scripts need not look after each line.

mod checks;
mod drive;

use std::collections::VecDeque;

use keyrota::Identity;
use keyrota::spec::MemberId;
use keyrota::spec::armor::{self, Line as Armored};
use serde_json::{Value, json};

use crate::case::Step;
use crate::hex::encode;
use crate::input::{Command, Event, Listed, Settings};
use crate::testee::Testee;

/// The channel that all are in.
pub const CHANNEL: &str = "#garden";
/// 2026-01-01, in seconds since 1970: wall time when the relay begins.
pub const START: u64 = 1_767_225_600;
/// The lifetime of certificates, in seconds.
pub const YEAR: u32 = 31_536_000;
/// Characters of a line, enough for most frames.
const LINE: usize = 350;
/// More requests than any script takes.
const STEPS_MAX: usize = 10_000;

/// Whether a line reaches a terminal: the line, and the terminal's name.
pub type Filter = Box<dyn FnMut(&Line, &str) -> bool>;

/// A line that went over the relay.
#[derive(Clone, Debug)]
pub struct Line {
    /// From which nick.
    pub nick: String,
    /// The channel, or the nick that it is for alone.
    pub to: String,
    /// The text.
    pub text: String,
}

/// A user: a terminal, and what came of it.
#[derive(Debug)]
pub struct User {
    /// How requests call its terminal, which is also its first nick.
    pub name: String,
    /// By which it goes.
    pub nick: String,
    /// What its terminal showed and told: the actions `show` and `notice`.
    pub seen: Vec<Value>,
    /// What its program stored, the newest last.
    pub saves: Vec<String>,
    /// What its settings are.
    settings: Settings,
    /// Its private certificate key.
    secret: [u8; 32],
    /// Its certificate.
    certificate: Vec<u8>,
    /// Who it is.
    pub id: MemberId,
    /// Its part in the cast, from 1 on.
    number: u8,
    /// Which testee runs its terminal.
    testee: usize,
    starts: u8,
    /// By how many seconds its wall clock is ahead.
    skew: i64,
    wake: Option<u64>,
    runs: bool,
    here: bool,
    side: usize,
    /// Takes nothing in and does nothing, without having left; with what it missed.
    hung: Option<Vec<Event>>,
}

/// The relay.
pub struct Relay<'a> {
    /// Milliseconds that every terminal's monotonic clock shows.
    pub ms: u64,
    /// Everybody, in the order of the cast.
    pub users: Vec<User>,
    /// All lines that were sent.
    pub lines: Vec<Line>,
    /// Every request with its answer.
    pub steps: Vec<Step>,
    /// What went wrong first.
    pub wrong: Option<String>,
    /// Which lines arrive.
    pub filter: Filter,
    testees: Vec<&'a mut dyn Testee>,
    queue: VecDeque<Line>,
}

impl<'a> Relay<'a> {
    /// With nobody on it.
    pub fn new(testees: Vec<&'a mut dyn Testee>) -> Self {
        Self {
            ms: 1_000,
            users: Vec::new(),
            lines: Vec::new(),
            steps: Vec::new(),
            wrong: None,
            filter: Box::new(|_, _| true),
            testees,
            queue: VecDeque::new(),
        }
    }

    /// A terminal of this testee begins, with the next identity of the cast.
    ///
    /// # Panics
    /// If that is no name for a certificate, or there are too many users.
    pub fn begin(&mut self, name: &str, testee: usize, settings: Settings) {
        let number = u8::try_from(self.users.len() + 1).expect("few users");
        self.begin_as(name, identity(number, &title(name)), testee, settings);
    }

    /// Likewise, as whoever that is.
    ///
    /// # Panics
    /// If there are too many users.
    pub fn begin_as(&mut self, name: &str, who: Identity, testee: usize, settings: Settings) {
        let number = u8::try_from(self.users.len() + 1).expect("few users");
        self.users.push(User {
            name: name.into(),
            nick: name.into(),
            seen: Vec::new(),
            saves: Vec::new(),
            settings,
            secret: *who.to_bytes().first_chunk().expect("the secret"),
            certificate: who.certificate().to_bytes(),
            id: who.id(),
            number,
            testee,
            starts: 0,
            skew: 0,
            wake: None,
            runs: false,
            here: false,
            side: 0,
            hung: None,
        });
        self.start(usize::from(number) - 1, None);
    }

    fn start(&mut self, who: usize, state: Option<&str>) {
        let user = &mut self.users[who];
        user.starts += 1;
        let (ms, unix) = self.clocks(who);
        let user = &self.users[who];
        let seed = [user.number | user.starts << 4; 32];
        let beginning = json!({
            "terminal": user.name,
            "ms": ms,
            "unix": unix,
            "seed": encode(seed),
            "secret": encode(user.secret),
            "certificate": encode(&user.certificate),
            "nick": user.nick,
            "line": LINE,
            "settings": user.settings,
        });
        match state {
            None => self.ask(who, "terminal.new", beginning),
            Some(state) => {
                self.ask(who, "terminal.restore", json!({"beginning": beginning, "state": state}))
            }
        }
        self.users[who].runs = self.wrong.is_none();
    }

    // ---- what scripts do

    /// The index of a terminal.
    ///
    /// # Panics
    /// If there is none of this name.
    pub fn number(&self, name: &str) -> usize {
        self.users.iter().position(|user| user.name == name).expect("a terminal of this name")
    }

    /// A user.
    pub fn user(&self, name: &str) -> &User {
        &self.users[self.number(name)]
    }

    /// Something happened to one terminal, and what comes of it is delivered.
    pub fn event(&mut self, name: &str, event: Event) {
        self.tell(name, event);
        self.deliver();
    }

    /// Likewise to everybody in the channel on one's side, oneself included.
    pub fn event_beside(&mut self, name: &str, event: &Event) {
        self.tell_beside(name, event);
        self.deliver();
    }

    /// A terminal takes in an event, or misses it while it hangs.
    fn tell(&mut self, name: &str, event: Event) {
        let who = self.number(name);
        if let Some(missed) = &mut self.users[who].hung {
            missed.push(event);
        } else if self.users[who].runs {
            let (ms, unix) = self.clocks(who);
            let event = json!({"terminal": name, "ms": ms, "unix": unix, "event": event});
            self.ask(who, "terminal.event", event);
        }
    }

    /// A user gives a command, and what comes of it is delivered.
    pub fn command(&mut self, name: &str, command: &Command) {
        let who = self.number(name);
        let (ms, unix) = self.clocks(who);
        let command = json!({"terminal": name, "ms": ms, "unix": unix, "command": command});
        self.ask(who, "terminal.command", command);
        self.deliver();
    }

    /// A user says something in the channel.
    pub fn say(&mut self, name: &str, text: &str) {
        let (channel, text) = (CHANNEL.into(), text.into());
        self.command(name, &Command::Say { channel, text, signed: None });
    }

    /// A user changes rights.
    pub fn mode(&mut self, name: &str, modes: &str) {
        let (channel, modes) = (CHANNEL.into(), modes.into());
        self.command(name, &Command::Mode { channel, modes });
    }

    /// Somebody joins.
    pub fn join(&mut self, name: &str) {
        let who = self.number(name);
        self.users[who].here = true;
        let (channel, nick) = (CHANNEL.to_owned(), self.users[who].nick.clone());
        self.tell_beside(name, &Event::Join { channel: channel.clone(), nick });
        let beside = self.beside(name).into_iter();
        let names =
            beside.map(|one| Listed { nick: self.user(&one).nick.clone(), operator: false });
        let names = names.collect();
        self.tell(name, Event::Names { channel, names });
        self.deliver();
    }

    /// Somebody leaves, which all beside it hear as an event made of its nick.
    pub fn leave(&mut self, name: &str, how: impl Fn(String) -> Event) {
        let nick = self.user(name).nick.clone();
        self.tell_beside(name, &how(nick));
        let who = self.number(name);
        self.users[who].here = false;
        self.deliver();
    }

    /// Somebody leaves of its own will.
    pub fn part(&mut self, name: &str) {
        self.leave(name, |nick| Event::Part { channel: CHANNEL.into(), nick });
    }

    /// Its connection is lost, and the others see it quit.
    pub fn lose(&mut self, name: &str) {
        self.tell(name, Event::Disconnected);
        let who = self.number(name);
        self.users[who].here = false;
        let nick = self.users[who].nick.clone();
        self.tell_beside(name, &Event::Quit { nick });
        self.deliver();
    }

    /// Goes by another nick.
    pub fn rename(&mut self, name: &str, new: &str) {
        let who = self.number(name);
        let old = std::mem::replace(&mut self.users[who].nick, new.into());
        self.tell_beside(name, &Event::Nick { old, new: new.into() });
        self.deliver();
    }

    /// From now on a terminal takes nothing in and does nothing, without having left.
    pub fn hang(&mut self, name: &str) {
        let who = self.number(name);
        self.users[who].hung.get_or_insert_default();
    }

    /// It goes on where it hung: takes in what it missed, in its order.
    pub fn resume(&mut self, name: &str) {
        let who = self.number(name);
        for missed in self.users[who].hung.take().unwrap_or_default() {
            self.tell(name, missed);
        }
        self.deliver();
    }

    /// The program stores the state of its terminal.
    pub fn save(&mut self, name: &str) {
        self.ask(self.number(name), "terminal.save", json!({"terminal": name}));
    }

    /// The program ends, seen by the others.
    pub fn crash(&mut self, name: &str) {
        let who = self.number(name);
        self.ask(who, "terminal.drop", json!({"terminal": name}));
        (self.users[who].runs, self.users[who].here, self.users[who].wake) = (false, false, None);
        let nick = self.users[who].nick.clone();
        self.tell_beside(name, &Event::Quit { nick });
        self.deliver();
    }

    /// The program is started again, with this state or none.
    pub fn restart(&mut self, name: &str, state: Option<&str>) {
        self.start(self.number(name), state);
    }

    /// With which settings it is started from now on.
    pub fn set(&mut self, name: &str, settings: Settings) {
        let who = self.number(name);
        self.users[who].settings = settings;
    }

    /// By how many seconds its wall clock is ahead from now on.
    pub fn skew(&mut self, name: &str, seconds: i64) {
        let who = self.number(name);
        self.users[who].skew = seconds;
    }

    /// The network falls apart: each side sees all of the others quit.
    pub fn split(&mut self, sides: &[&[&str]]) {
        for user in &mut self.users {
            let on = |side: &&[&str]| side.contains(&&*user.name);
            user.side = sides.iter().position(on).unwrap_or(0);
        }
        for (to, nick) in self.apart() {
            self.tell(&to, Event::Quit { nick });
        }
        self.deliver();
    }

    /// The network is whole again: each side sees all of the others join.
    pub fn heal(&mut self) {
        let apart = self.apart();
        for user in &mut self.users {
            user.side = 0;
        }
        for (to, nick) in apart {
            self.tell(&to, Event::Join { channel: CHANNEL.into(), nick });
        }
        self.deliver();
    }

    /// A line that no terminal sent: to those in the channel, or to a nick alone.
    pub fn inject(&mut self, nick: &str, to: &str, text: &str) {
        self.queue.push_back(Line { nick: nick.into(), to: to.into(), text: text.into() });
        self.deliver();
    }

    fn tell_beside(&mut self, name: &str, event: &Event) {
        for other in self.beside(name) {
            self.tell(&other, event.clone());
        }
    }

    /// Lets time pass, stopping at each moment when something is due.
    pub fn run(&mut self, ms: u64) {
        let end = self.ms + ms;
        while let Some(at) = self.next().filter(|at| *at <= end && self.wrong.is_none()) {
            self.ms = self.ms.max(at);
            for who in 0..self.users.len() {
                let user = &self.users[who];
                if user.hung.is_none() && user.wake.is_some_and(|wake| wake <= self.ms) {
                    let name = user.name.clone();
                    let (ms, unix) = self.clocks(who);
                    let tick = json!({"terminal": name, "ms": ms, "unix": unix});
                    self.ask(who, "terminal.tick", tick);
                }
            }
            self.deliver();
        }
        self.ms = end;
    }
}

/// The kind of the frame in a line that is whole: the low half of its first byte (chapter 3).
pub fn kind(text: &str) -> Option<u8> {
    match armor::parse(text)? {
        Armored::Whole(bytes) => bytes.first().map(|byte| byte & 0x0f),
        Armored::Part { .. } => None,
    }
}

/// The private certificate key of the user of this number, from 1 on.
pub fn secret(number: u8) -> [u8; 32] {
    [number; 32]
}

/// The identity of the user of this number, whose own word its certificate is.
///
/// # Panics
/// If that is no name for a certificate.
pub fn identity(number: u8, name: &str) -> Identity {
    let begun = START - 86_400;
    Identity::self_signed(&secret(number), name, begun, YEAR).expect("an identity")
}

/// The name in a certificate: with a capital letter, so that it is no nick.
fn title(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}
