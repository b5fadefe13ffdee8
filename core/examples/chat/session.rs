//! A session: does what was typed, and prints what every member sees and the server saw.

use std::io::{self, Write};

use keyrota::{Config, Protection, Refusal};
use keyrota_model::op::{CAST, EVE, Op};
use keyrota_model::world::{Happening, Setting, World};

use crate::moment::Moment;
use crate::server::Server;
use crate::typed::{HELP, Typed};
use crate::words;

/// Lines that `/server` shows.
const LATELY: usize = 12;

pub(crate) struct Session<W> {
    world: World,
    server: Server,
    out: W,
    /// All that anyone said.
    typed: Vec<String>,
    /// What the server noted of each line.
    noted: Vec<String>,
    /// How many texts each has read.
    read: [usize; CAST.len()],
    /// Who has ever been in the channel, or in a conversation.
    came: [bool; CAST.len()],
    /// Whether nothing happens but in waits, not even at once.
    exact: bool,
}

/// The server's terminal opens no channel of its own.
fn adjust(who: usize, config: &mut Config) {
    config.channel.found = who != EVE;
}

impl<W: Write> Session<W> {
    /// A world whose lines arrive at once.
    pub(crate) fn setting(seed: u64) -> Setting {
        Setting { latency: (0, 0), ..Setting::new(seed, CAST.len()) }
    }

    /// The whole cast is there, whatever part of it the setting names: who never joins changes
    /// nothing for the others.
    pub(crate) fn new(setting: Setting, exact: bool, out: W) -> Self {
        let mut world = World::new(Setting { actors: CAST.len(), adjust, ..setting });
        world.listen(EVE);
        Self {
            world,
            server: Server::default(),
            out,
            typed: Vec::new(),
            noted: Vec::new(),
            read: [0; CAST.len()],
            came: [false; CAST.len()],
            exact,
        }
    }

    /// Milliseconds since the beginning.
    pub(crate) fn ms(&self) -> u64 {
        self.world.ms
    }

    /// When something is due next.
    pub(crate) fn next_wake(&self) -> Option<u64> {
        self.world.next()
    }

    /// Prints as it is.
    pub(crate) fn print(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// Lets time pass until `end`, and tells of each moment in which something happened.
    pub(crate) fn run_until(&mut self, end: u64) -> io::Result<()> {
        while let Some(at) = self.world.next().filter(|at| *at <= end) {
            if at > self.world.ms {
                self.tell()?;
            }
            self.world.step(end);
        }
        self.tell()?;
        self.world.run_until(end);
        Ok(())
    }

    /// Does what was typed; `false`: that was the end.
    pub(crate) fn carry_out(&mut self, typed: Typed) -> io::Result<bool> {
        match typed {
            Typed::Comment(_) => {}
            Typed::Op(Op::Wait(ms)) => self.run_until(self.world.ms.saturating_add(ms))?,
            Typed::Op(op) => {
                self.apply(&op)?;
            }
            Typed::KickBy(whom, _) if !self.world.actors[whom].here => {
                self.refuse(&words::senseless(&self.world, &Op::Kick(whom)))?;
            }
            Typed::KickBy(whom, by) => {
                if self.apply(&Op::Bar(whom, by))? {
                    self.apply(&Op::Kick(whom))?;
                }
            }
            Typed::Intrude => {
                if self.apply(&Op::Join(EVE))? {
                    self.apply(&Op::Ask(EVE))?;
                }
            }
            Typed::Who => self.who()?,
            Typed::Pins(who) => self.print(&words::pins(&self.world, who).join("\n"))?,
            Typed::Server => self.lately()?,
            Typed::Help => self.print(HELP)?,
            Typed::Quit => return Ok(false),
        }
        Ok(true)
    }

    /// What it came to; the last line says what the server could open.
    pub(crate) fn sum_up(&mut self) -> io::Result<()> {
        let came = CAST.iter().take(EVE).zip(self.read).zip(self.came).filter(|(_, came)| *came);
        let read: Vec<String> = came.map(|((name, count), _)| format!("{name} {count}")).collect();
        let sent = self.world.lines.iter().filter(|line| line.author.is_some());
        let (lines, bytes) = sent.fold((0_usize, 0_usize), |(lines, bytes), line| {
            (lines.saturating_add(1), bytes.saturating_add(line.text.len()))
        });
        let open = self.server.could_open(&self.world.lines, &self.typed);
        writeln!(self.out, "\ntexts typed: {}; read: {}", self.typed.len(), read.join(", "))?;
        writeln!(self.out, "relayed: {lines} lines, {bytes} bytes")?;
        self.print(&format!("server: {lines} lines relayed, server could open {open}"))
    }

    // ---- below

    /// Carries an operation out; `false`: it is refused, or makes no sense, and that was said.
    fn apply(&mut self, op: &Op) -> io::Result<bool> {
        if !self.world.allows(op) {
            self.refuse(&words::senseless(&self.world, op))?;
            return Ok(false);
        }
        if let Some(what) = words::befalls(&self.world, op) {
            self.stamp(&what)?;
        }
        if let Err(why) = self.world.apply(op) {
            let name = op.who().map_or("nobody", |who| CAST[who]);
            match why {
                Refusal::NotJoined => self.refuse(&format!("{name} is not in the channel"))?,
                why => self.refuse(&format!("{name} cannot: {why}"))?,
            }
            return Ok(false);
        }
        match op {
            Op::Say(_, text) => self.typed.push(text.clone()),
            Op::Tell(who, whom, text) => {
                self.typed.push(text.clone());
                self.came[*who] = true;
                self.came[*whom] = true;
            }
            Op::Join(who) => self.came[*who] = true,
            _ => {}
        }
        if self.exact {
            self.tell()?;
        } else {
            self.run_until(self.world.ms)?;
        }
        Ok(true)
    }

    fn refuse(&mut self, why: &str) -> io::Result<()> {
        self.print(&format!("? {why}"))
    }

    fn stamp(&mut self, what: &str) -> io::Result<()> {
        let seconds = self.world.ms / 1_000;
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        writeln!(self.out, "{hours:>3}:{minutes:02}:{seconds:02}  {what}")?;
        self.out.flush()
    }

    /// Prints what has happened.
    fn tell(&mut self) -> io::Result<()> {
        let mut moment = Moment::default();
        for happening in self.world.take_happenings() {
            match happening {
                Happening::Sent(number) => {
                    let line = &self.world.lines[number];
                    // What the server made up it has told of.
                    if line.author.is_some() {
                        let note = self.server.see(number, line);
                        moment.say(format!("server: {note}"));
                        self.noted.push(note);
                    }
                }
                Happening::Shown { who: EVE, protection: Protection::Plain, .. } => {}
                Happening::Shown { who, from, text, protection, alone, .. } => {
                    let what = words::shown(&from, &text, protection, alone);
                    if who == EVE {
                        self.server.opens(&from, &text);
                        moment.say(format!("server: {} {what}", CAST[EVE]));
                    } else {
                        self.read[who] = self.read[who].saturating_add(1);
                        moment.say(format!("{} {what}", CAST[who]));
                    }
                }
                Happening::Noticed(EVE, _) if !self.world.actors[EVE].here => {}
                Happening::Noticed(who, notice) => moment.notice(&self.world, who, &notice),
                _ => {}
            }
        }
        for sentence in moment.sentences(&self.world) {
            self.stamp(&sentence)?;
        }
        Ok(())
    }

    fn who(&mut self) -> io::Result<()> {
        let came = self.world.actors.iter().zip(CAST).zip(self.came).filter(|(_, came)| *came);
        let state = |((actor, name), _): ((_, &str), bool)| words::state(&self.world, actor, name);
        let lines: Vec<String> = came.map(state).collect();
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
