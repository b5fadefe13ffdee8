//! A session: does what was typed, and prints what every member sees and the server saw.

use std::io::{self, Write};

use keyrota::{Command, IdentityError, Protection, Refusal};

use crate::moment::Moment;
use crate::relay::{CHANNEL, EVE, Happening, MEMBERS, Relay, Seeds};
use crate::server::Server;
use crate::typed::{HELP, Typed};
use crate::words;

/// Lines that `/server` shows.
const LATELY: usize = 12;

pub(crate) struct Session<W> {
    relay: Relay,
    server: Server,
    out: W,
    /// All that anyone said.
    typed: Vec<String>,
    /// What the server noted of each line.
    noted: Vec<String>,
    /// How many texts each member has read.
    read: [usize; MEMBERS.len()],
}

impl<W: Write> Session<W> {
    pub(crate) fn new(seeds: &Seeds, out: W) -> Result<Self, IdentityError> {
        Ok(Self {
            relay: Relay::new(seeds)?,
            server: Server::default(),
            out,
            typed: Vec::new(),
            noted: Vec::new(),
            read: [0; MEMBERS.len()],
        })
    }

    /// Milliseconds since the beginning.
    pub(crate) fn ms(&self) -> u64 {
        self.relay.ms
    }

    /// When something is due next.
    pub(crate) fn next_wake(&self) -> Option<u64> {
        self.relay.next_wake()
    }

    /// Prints as it is.
    pub(crate) fn print(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// Lets time pass until `end`, stopping at each moment when something is due.
    pub(crate) fn run_until(&mut self, end: u64) -> io::Result<()> {
        while let Some(at) = self.relay.next_wake().filter(|at| *at <= end) {
            self.relay.tick(at);
            self.tell()?;
        }
        self.relay.tick(end);
        self.tell()
    }

    /// Does what was typed; `false`: that was the end.
    pub(crate) fn carry_out(&mut self, typed: Typed) -> io::Result<bool> {
        match typed {
            Typed::Comment(_) => {}
            Typed::Say(nick, text) => {
                let say = Command::Say { channel: CHANNEL, text: &text, signed: None };
                if self.command(nick, say)? {
                    self.typed.push(text);
                }
            }
            Typed::Join(nick) if self.relay.is_here(nick) => {
                self.refuse(nick, "is in the channel already")?;
            }
            Typed::Join(nick) if self.relay.has_stopped(nick) => self.refuse_stopped(nick)?,
            Typed::Join(nick) => self.note(nick, "joined", |relay| relay.join(nick))?,
            Typed::Part(nick) | Typed::Kick { nick, .. } if !self.relay.is_here(nick) => {
                self.refuse(nick, "is not in the channel")?;
            }
            Typed::Part(nick) if self.relay.has_stopped(nick) => self.refuse_stopped(nick)?,
            Typed::Part(nick) => self.note(nick, "left", |relay| relay.part(nick))?,
            Typed::Kick { nick, by } => {
                let barred = match by {
                    None => true,
                    Some(by) => self.command(by, Command::Bar { channel: CHANNEL, nick })?,
                };
                if barred {
                    let what = "was put out by the server";
                    self.note(nick, what, |relay| relay.kick(nick))?;
                }
            }
            Typed::Hang(nick) => {
                let what = "stopped, and the others were not told";
                self.note(nick, what, |relay| relay.stop(nick))?;
            }
            Typed::Wake(nick) => self.note(nick, "went on", |relay| relay.wake(nick))?,
            Typed::Refresh(nick) => {
                self.command(nick, Command::Refresh { channel: CHANNEL })?;
            }
            Typed::Forget(nick) => {
                self.command(nick, Command::Forget { channel: CHANNEL })?;
            }
            Typed::Mode(nick, modes) => {
                self.command(nick, Command::Mode { channel: CHANNEL, modes: &modes })?;
            }
            Typed::Plain(nick, on) => {
                self.command(nick, Command::Plain { channel: CHANNEL, on })?;
            }
            Typed::Strangers(nick, policy) => {
                self.command(nick, Command::SelfSigned(policy))?;
            }
            Typed::Answer { nick, about, accept } => {
                if let Some(member) = self.relay.user(about).map(|user| user.terminal.id()) {
                    self.command(nick, Command::Answer { member, accept })?;
                }
            }
            Typed::Found(nick) => {
                self.command(nick, Command::Found { channel: CHANNEL })?;
            }
            Typed::Intrude if self.relay.is_here(EVE) => {
                self.refuse(EVE, "is in the channel already")?;
            }
            Typed::Intrude => {
                self.note(EVE, "joined: she is the server, under a name", |relay| {
                    relay.join(EVE);
                    // She has a key to ask for: nothing refuses this.
                    let _ = relay.command(EVE, Command::Ask { channel: CHANNEL });
                })?;
            }
            Typed::Wait(seconds) => {
                let end = self.relay.ms.saturating_add(seconds.saturating_mul(1_000));
                self.run_until(end)?;
            }
            Typed::Who => self.who()?,
            Typed::Server => self.lately()?,
            Typed::Help => self.print(HELP)?,
            Typed::Quit => return Ok(false),
        }
        Ok(true)
    }

    /// What it came to; the last line says what the server could open.
    pub(crate) fn sum_up(&mut self) -> io::Result<()> {
        let read = MEMBERS.iter().zip(self.read).map(|(nick, count)| format!("{nick} {count}"));
        let read: Vec<String> = read.collect();
        let lines = &self.relay.lines;
        let bytes: usize = lines.iter().map(|line| line.text.len()).sum();
        let open = self.server.could_open(lines, &self.typed);
        let lines = lines.len();
        writeln!(self.out, "\ntexts typed: {}; read: {}", self.typed.len(), read.join(", "))?;
        writeln!(self.out, "relayed: {lines} lines, {bytes} bytes")?;
        self.print(&format!("server: {lines} lines relayed, server could open {open}"))
    }

    // ---- below

    /// Gives a command; `false`: it is refused, and that was said.
    fn command(&mut self, nick: &'static str, command: Command<'_>) -> io::Result<bool> {
        if self.relay.has_stopped(nick) {
            self.refuse_stopped(nick)?;
            return Ok(false);
        }
        match self.relay.command(nick, command) {
            Ok(()) => {
                self.tell()?;
                Ok(true)
            }
            Err(Refusal::NotJoined) => {
                self.refuse(nick, "is not in the channel")?;
                Ok(false)
            }
            Err(why) => {
                self.refuse(nick, &format!("cannot: {why}"))?;
                Ok(false)
            }
        }
    }

    fn refuse(&mut self, nick: &str, why: &str) -> io::Result<()> {
        self.print(&format!("? {nick} {why}"))
    }

    fn refuse_stopped(&mut self, nick: &str) -> io::Result<()> {
        self.refuse(nick, &format!("has stopped; /wake {nick} lets it go on"))
    }

    fn note(&mut self, nick: &str, what: &str, act: impl FnOnce(&mut Relay)) -> io::Result<()> {
        self.stamp(&format!("{nick} {what}"))?;
        act(&mut self.relay);
        self.tell()
    }

    fn stamp(&mut self, what: &str) -> io::Result<()> {
        let seconds = self.relay.ms / 1_000;
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        writeln!(self.out, "{hours:>3}:{minutes:02}:{seconds:02}  {what}")?;
        self.out.flush()
    }

    /// Prints what has happened.
    fn tell(&mut self) -> io::Result<()> {
        let mut moment = Moment::default();
        for happening in self.relay.take_happenings() {
            match happening {
                Happening::Relayed(number) => {
                    let Some(line) = self.relay.lines.get(number) else { continue };
                    let note = self.server.see(number, line);
                    moment.say(format!("server: {note}"));
                    self.noted.push(note);
                }
                Happening::Shown { nick: EVE, protection: Protection::Plain, .. } => {}
                Happening::Shown { nick: EVE, from, text, protection } => {
                    self.server.opens(&from, &text);
                    let what = words::shown(&from, &text, protection);
                    moment.say(format!("server: {EVE} {what}"));
                }
                Happening::Shown { nick, from, text, protection } => {
                    let mut counts = MEMBERS.iter().zip(&mut self.read);
                    if let Some((_, count)) = counts.find(|(member, _)| **member == nick) {
                        *count = count.saturating_add(1);
                    }
                    moment.say(format!("{nick} {}", words::shown(&from, &text, protection)));
                }
                Happening::Noticed { nick: EVE, .. } if !self.relay.is_here(EVE) => {}
                Happening::Noticed { nick, notice } => moment.notice(&self.relay, nick, &notice),
            }
        }
        for sentence in moment.sentences(&self.relay) {
            self.stamp(&sentence)?;
        }
        Ok(())
    }

    fn who(&mut self) -> io::Result<()> {
        let relay = &self.relay;
        let known = relay.users.iter().filter(|user| user.here || user.nick != EVE);
        let lines: Vec<String> = known.map(|user| words::state(relay, user)).collect();
        self.print(&lines.join("\n"))
    }

    fn lately(&mut self) -> io::Result<()> {
        let skipped = self.noted.len().saturating_sub(LATELY);
        let mut text = format!("  of {} lines the last:", self.noted.len());
        for note in self.noted.iter().skip(skipped) {
            text += &format!("\n  {}", note);
        }
        self.print(&text)
    }
}
