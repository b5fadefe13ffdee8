//! The world: terminals, servers between them, and time, which jumps from one thing that happens to
//! the next. The same seed and the same operations give the same world.

use keyrota::spec::armor;
use keyrota::{Action, Command, Config, Notice, Protection, Refusal, Speaker, Terminal};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::actor::{Actor, Told, config};
use crate::op::{CAST, From, Lie, Op, Way};

/// The channel that everything happens in.
pub const CHANNEL: &str = "#ryugu";
/// 2026-01-01, in seconds since 1970: the wall time when a world begins.
pub const START: u64 = 1_767_225_600;
/// The lifetime of certificates, in seconds.
pub const YEAR: u32 = 31_536_000;
/// Characters of a line; enough for most frames, as on a usual chat network.
pub const LINE: usize = 350;

/// A line that a terminal sent, or that somebody made up.
#[derive(Clone, Debug)]
pub struct Line {
    /// When, in milliseconds of the world's time.
    pub at: u64,
    /// Who sent it; nobody, if it was made up.
    pub author: Option<usize>,
    /// From which nick.
    pub nick: String,
    /// The text.
    pub text: String,
}

/// What happened, in order.
#[derive(Clone, Debug)]
pub enum Happening {
    /// An operation was carried out.
    Done(Op),
    /// Somebody took this in.
    Took(usize, Told),
    /// The line of this number was sent.
    Sent(usize),
    /// A terminal showed a text.
    Shown {
        /// Whose.
        who: usize,
        /// From whom, as it says.
        from: Speaker,
        /// What.
        text: String,
        /// How protected.
        protection: Protection,
    },
    /// A terminal told its user something.
    Noticed(usize, Notice),
}

/// How a world begins.
#[derive(Clone, Debug)]
pub struct Setting {
    /// From which all randomness comes, the terminals' too.
    pub seed: u64,
    /// How many take part: at most as many as [`CAST`] names.
    pub actors: usize,
    /// Shortest and longest time on the way from a terminal to another, in milliseconds.
    pub latency: (u64, u64),
    /// Each terminal's configuration starts from [`Config::new`]; this adjusts it.
    pub adjust: fn(usize, &mut Config),
}

impl Setting {
    /// So many terminals with their defaults, and a network that is fast but not immediate.
    pub fn new(seed: u64, actors: usize) -> Self {
        Self { seed, actors, latency: (20, 120), adjust: |_, _| {} }
    }
}

/// Terminals on a network, at one moment.
#[derive(Debug)]
pub struct World {
    setting: Setting,
    /// Milliseconds since the world began.
    pub ms: u64,
    /// Who takes part, by number.
    pub actors: Vec<Actor>,
    /// All lines that were ever sent.
    pub lines: Vec<Line>,
    rng: ChaCha20Rng,
    posted: u64,
    happenings: Vec<Happening>,
}

impl World {
    /// A world in which nobody has joined yet.
    pub fn new(setting: Setting) -> Self {
        let mut world = Self {
            ms: 0,
            actors: Vec::new(),
            lines: Vec::new(),
            rng: ChaCha20Rng::seed_from_u64(setting.seed),
            posted: 0,
            happenings: Vec::new(),
            setting,
        };
        for (number, name) in (0_u8..).zip(CAST.iter().take(world.setting.actors)) {
            world.actors.push(Actor::new(number, name));
            world.restart(usize::from(number), From::Bare);
        }
        world
    }

    /// What has happened since the last call.
    pub fn take_happenings(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happenings)
    }

    /// Who goes by a nick.
    pub fn called(&self, nick: &str) -> Option<usize> {
        self.actors.iter().position(|actor| actor.nick == nick)
    }

    /// Whether two are on the same side of the network.
    pub fn linked(&self, one: usize, other: usize) -> bool {
        self.actors[one].side == self.actors[other].side
    }

    /// Those that a server has in the channel on the side of `who`.
    fn here(&self, who: usize) -> impl Iterator<Item = usize> + '_ {
        let all = self.actors.iter().enumerate();
        let side = self.actors[who].side;
        all.filter(move |(_, actor)| actor.here && actor.side == side).map(|(number, _)| number)
    }

    // ---- time

    /// When something happens next, unless somebody does something before.
    pub fn next(&self) -> Option<u64> {
        self.actors.iter().filter_map(Actor::next).min()
    }

    /// Lets the next thing happen that does by `end`. `false`: nothing does, and it is `end` now.
    pub fn step(&mut self, end: u64) -> bool {
        let Some(at) = self.next().filter(|at| *at <= end) else {
            self.ms = self.ms.max(end);
            return false;
        };
        self.ms = self.ms.max(at);
        let due = |actor: &Actor| actor.next().is_some_and(|next| next <= self.ms);
        let Some(who) = self.actors.iter().position(due) else { return false };
        if let Some((told, actions)) = self.actors[who].step(self.ms) {
            self.happenings.extend(told.map(|told| Happening::Took(who, told)));
            self.act(who, actions);
        }
        true
    }

    /// Lets time pass until then.
    pub fn run_until(&mut self, end: u64) {
        while self.step(end) {}
    }

    // ---- operations

    /// Whether an operation makes sense at this moment.
    pub fn allows(&self, op: &Op) -> bool {
        let known = |who: &usize| self.actors.get(*who);
        let runs = |who: &usize| known(who).is_some_and(Actor::runs);
        let here = |who: &usize| known(who).is_some_and(|actor| actor.here);
        let absent = |who: &usize| runs(who) && !here(who);
        let free = |nick: &str| self.called(nick).is_none();
        let goes = |way: &Way| way.from != way.to && known(&way.from).is_some() && runs(&way.to);
        match op {
            Op::Join(who) => absent(who),
            Op::Part(who) | Op::Nick(who, _) if !runs(who) || !here(who) => false,
            Op::Nick(_, nick) => free(nick),
            Op::Part(_) | Op::Wait(_) | Op::Heal | Op::Topic(_) => true,
            Op::Cut(who) | Op::Kick(who) => here(who),
            Op::Swap(one, other) => one != other && here(one) && here(other),
            Op::Say(who, _)
            | Op::Refresh(who)
            | Op::Mode(who, _)
            | Op::Plain(who, _)
            | Op::Found(who)
            | Op::Ask(who) => runs(who) && here(who),
            Op::Bar(whom, by) | Op::Pardon(whom, by) | Op::Revoke(whom, by) => {
                known(whom).is_some() && whom != by && runs(by) && here(by)
            }
            Op::Follow(who, whom) | Op::Tell(who, whom, _) => {
                who != whom && runs(who) && here(who) && known(whom).is_some()
            }
            Op::Hang(who) => runs(who),
            Op::Wake(who) => known(who).is_some_and(|actor| actor.hung),
            Op::Crash(who) => known(who).is_some_and(|actor| actor.terminal.is_some()),
            Op::Restart(who, from) => known(who).is_some_and(|actor| {
                let enough = match from {
                    From::Bare => 0,
                    From::Saved => 1,
                    From::Older => 2,
                };
                actor.terminal.is_none() && actor.saves.len() >= enough
            }),
            Op::Split(sides) => {
                sides.iter().flatten().all(|who| known(who).is_some())
                    && self.actors.iter().all(|actor| actor.side == 0)
            }
            Op::Lose(who, _)
            | Op::Hold(who, _)
            | Op::Lag(who, _)
            | Op::Repeat(who)
            | Op::Mute(who, _)
            | Op::Clock(who, _)
            | Op::Pace(who, _)
            | Op::Operator(who, _) => known(who).is_some(),
            Op::Lie(to, lie) => {
                runs(to)
                    && match lie {
                        Lie::Join(who) | Lie::Part(who) | Lie::Kick(who) | Lie::Nick(who, _) => {
                            who != to && known(who).is_some()
                        }
                        Lie::Operator(who) => known(who).is_some(),
                        Lie::Alone => here(to),
                    }
            }
            Op::Replay(back, way) | Op::Alter(back, _, way) => {
                *back < self.lines.len() && goes(way)
            }
            Op::Noise(kind, _, way) => *kind < 16 && goes(way),
        }
    }

    /// Carries an operation out, if it makes sense at this moment; a user's command may be refused.
    ///
    /// # Errors
    /// Why a command is refused. Nothing has changed then.
    pub fn apply(&mut self, op: &Op) -> Result<(), Refusal> {
        if !self.allows(op) {
            return Ok(());
        }
        self.happenings.push(Happening::Done(op.clone()));
        let channel = CHANNEL;
        match op {
            Op::Say(who, text) => {
                self.command(*who, Command::Say { channel, text, signed: None })?;
            }
            Op::Tell(who, whom, text) => {
                let nick = self.actors[*whom].nick.clone();
                self.command(*who, Command::Say { channel: &nick, text, signed: None })?;
            }
            Op::Join(who) => self.join(*who),
            Op::Part(who) => self.remove(*who, Told::Part),
            Op::Kick(who) => self.remove(*who, Told::Kick),
            Op::Cut(who) => {
                self.disconnect(*who);
                self.post(*who, Told::Disconnected);
            }
            Op::Nick(who, nick) => self.rename(*who, nick),
            Op::Swap(one, other) => {
                let (first, second) =
                    (self.actors[*one].nick.clone(), self.actors[*other].nick.clone());
                self.rename(*one, "between");
                self.rename(*other, &first);
                self.rename(*one, &second);
            }
            Op::Refresh(who) => self.command(*who, Command::Refresh { channel })?,
            Op::Mode(who, modes) => self.command(*who, Command::Mode { channel, modes })?,
            Op::Bar(whom, by) => {
                let nick = self.actors[*whom].nick.clone();
                self.command(*by, Command::Bar { channel, nick: &nick })?;
            }
            Op::Pardon(whom, by) => {
                let member = self.actors[*whom].identity(CAST[*whom]).id();
                let nick = member.to_string();
                self.command(*by, Command::Pardon { channel, nick: &nick })?;
            }
            Op::Revoke(whom, by) => {
                let member = self.actors[*whom].identity(CAST[*whom]).id();
                self.command(*by, Command::Revoke { member })?;
            }
            Op::Plain(who, on) => self.command(*who, Command::Plain { channel, on: *on })?,
            Op::Found(who) => self.command(*who, Command::Found { channel })?,
            Op::Follow(who, whom) => {
                let other = self.actors[*whom].terminal.as_ref();
                if let Some(id) = other.and_then(|other| other.channel(CHANNEL)?.id()) {
                    self.command(*who, Command::Follow { channel, id })?;
                }
            }
            Op::Ask(who) => self.command(*who, Command::Ask { channel })?,
            Op::Hang(who) => self.actors[*who].hung = true,
            Op::Wake(who) => self.actors[*who].hung = false,
            Op::Crash(who) => {
                self.disconnect(*who);
                self.actors[*who].terminal = None;
            }
            Op::Restart(who, from) => self.restart(*who, *from),
            Op::Split(sides) => self.split(sides),
            Op::Heal => self.heal(),
            Op::Lose(who, count) => self.actors[*who].faults.lose = *count,
            Op::Hold(who, ms) => self.actors[*who].faults.hold = Some(*ms),
            Op::Lag(who, ms) => self.actors[*who].faults.lag = *ms,
            Op::Repeat(who) => self.actors[*who].faults.repeat = true,
            Op::Mute(who, mute) => self.actors[*who].faults.mute = *mute,
            Op::Clock(who, seconds) => self.actors[*who].set_clock(*seconds),
            Op::Pace(who, ppm) => {
                let ms = self.ms;
                self.actors[*who].set_pace(ms, *ppm);
            }
            Op::Operator(who, on) => {
                self.actors[*who].operator = *on;
                let told = Told::Operator(self.actors[*who].nick.clone(), *on);
                self.tell_side(*who, &told);
            }
            Op::Topic(_) => {
                for who in 0..self.actors.len() {
                    if self.actors[who].here {
                        self.post(who, Told::Topic);
                    }
                }
            }
            Op::Lie(to, lie) => self.lie(*to, lie),
            Op::Replay(back, way) => {
                let line = self.lines[self.lines.len() - 1 - back].text.clone();
                self.inject(*way, line);
            }
            Op::Alter(back, bit, way) => {
                let line = &self.lines[self.lines.len() - 1 - back].text;
                if let Some(text) = altered(line, *bit) {
                    self.inject(*way, text);
                }
            }
            Op::Noise(kind, seed, way) => {
                let mut rng = ChaCha20Rng::seed_from_u64(*seed);
                let mut frame = vec![0; 1 + rng.next_u32() as usize % 200];
                rng.fill_bytes(&mut frame);
                frame[0] = 0x10 | kind;
                self.inject(*way, armor::whole(&frame));
            }
            Op::Wait(ms) => self.run_until(self.ms.saturating_add(*ms)),
        }
        Ok(())
    }

    /// Gives a user's command to a terminal.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn command(&mut self, who: usize, command: Command<'_>) -> Result<(), Refusal> {
        let now = self.actors[who].now(self.ms);
        let Some(terminal) = &mut self.actors[who].terminal else { return Ok(()) };
        let actions = terminal.command(now, command)?.collect();
        self.act(who, actions);
        Ok(())
    }

    /// Carries out what a terminal wants, in its order.
    fn act(&mut self, who: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send { text, .. } => {
                    let (here, mute) = (self.actors[who].here, self.actors[who].faults.mute);
                    let nick = self.actors[who].nick.clone();
                    if here {
                        let number = self.note(Some(who), nick.clone(), text.clone());
                        if !mute {
                            self.tell_side(who, &Told::Line(number, nick, text));
                        }
                    }
                }
                Action::Show { from, text, protection, .. } => {
                    self.happenings.push(Happening::Shown { who, from, text, protection });
                }
                Action::Notice { notice, .. } => {
                    self.happenings.push(Happening::Noticed(who, notice));
                }
                _ => {}
            }
        }
    }

    fn note(&mut self, author: Option<usize>, nick: String, text: String) -> usize {
        self.lines.push(Line { at: self.ms, author, nick, text });
        let number = self.lines.len() - 1;
        self.happenings.push(Happening::Sent(number));
        number
    }

    /// A line that nobody sent, or not now, for one terminal.
    fn inject(&mut self, way: Way, text: String) {
        let nick = self.actors[way.from].nick.clone();
        let number = self.note(None, nick.clone(), text.clone());
        self.post(way.to, Told::Line(number, nick, text));
    }

    // ---- servers

    fn post(&mut self, to: usize, told: Told) {
        let (least, most) = self.setting.latency;
        let latency = least + self.rng.next_u64() % (most - least + 1);
        // A line that comes twice takes the number behind.
        self.posted += 2;
        self.actors[to].post(self.ms, latency, self.posted, told);
    }

    /// Tells all in the channel on the side of `who`, but not it itself of its own lines.
    fn tell_side(&mut self, who: usize, told: &Told) {
        let is_line = matches!(told, Told::Line(..));
        for to in self.here(who).filter(|to| !is_line || *to != who).collect::<Vec<_>>() {
            self.post(to, told.clone());
        }
    }

    fn join(&mut self, who: usize) {
        self.actors[who].here = true;
        let nick = self.actors[who].nick.clone();
        self.tell_side(who, &Told::Join(nick));
        let names = self.here(who).map(|other| &self.actors[other]);
        let names = names.map(|actor| (actor.nick.clone(), actor.operator)).collect();
        self.post(who, Told::Names(names));
    }

    fn remove(&mut self, who: usize, how: impl Fn(String) -> Told) {
        let nick = self.actors[who].nick.clone();
        self.tell_side(who, &how(nick));
        self.leave(who);
    }

    fn leave(&mut self, who: usize) {
        self.actors[who].here = false;
        self.actors[who].operator = false;
    }

    /// Its server sees it quit.
    fn disconnect(&mut self, who: usize) {
        if self.actors[who].here {
            let nick = self.actors[who].nick.clone();
            self.leave(who);
            self.tell_side(who, &Told::Quit(nick));
        }
    }

    fn rename(&mut self, who: usize, nick: &str) {
        let old = std::mem::replace(&mut self.actors[who].nick, nick.into());
        self.tell_side(who, &Told::Nick(old, nick.into()));
    }

    fn split(&mut self, sides: &[Vec<usize>]) {
        let before: Vec<usize> = self.actors.iter().map(|actor| actor.side).collect();
        for (side, members) in sides.iter().enumerate() {
            for who in members {
                self.actors[*who].side = side;
            }
        }
        self.meet(&before, Told::Quit);
    }

    fn heal(&mut self) {
        let before: Vec<usize> = self.actors.iter().map(|actor| actor.side).collect();
        for actor in &mut self.actors {
            actor.side = 0;
        }
        self.meet(&before, Told::Join);
    }

    /// Tells each of those whom it no longer, or again, is linked to.
    fn meet(&mut self, before: &[usize], how: impl Fn(String) -> Told) {
        for to in 0..self.actors.len() {
            for other in 0..self.actors.len() {
                let changed = (before[to] == before[other]) != self.linked(to, other);
                if changed && self.actors[to].here && self.actors[other].here {
                    let nick = self.actors[other].nick.clone();
                    self.post(to, how(nick));
                }
            }
        }
    }

    fn lie(&mut self, to: usize, lie: &Lie) {
        let nick = |who: &usize| self.actors[*who].nick.clone();
        let told = match lie {
            Lie::Join(who) => Told::Join(nick(who)),
            Lie::Part(who) => Told::Part(nick(who)),
            Lie::Kick(who) => Told::Kick(nick(who)),
            Lie::Nick(who, new) => Told::Nick(nick(who), new.clone()),
            Lie::Operator(who) => Told::Operator(nick(who), true),
            Lie::Alone => Told::Names(vec![(nick(&to), false)]),
        };
        self.post(to, told);
    }

    fn restart(&mut self, who: usize, _from: From) {
        let seed = self.actors[who].seed(self.setting.seed);
        let now = self.actors[who].now(self.ms);
        let mut config = config(&self.actors[who].nick, LINE);
        (self.setting.adjust)(who, &mut config);
        let identity = self.actors[who].identity(CAST[who]);
        self.actors[who].start(Terminal::new(config, identity, seed, now));
    }
}

/// A line whose frame differs in one bit; `None` if it carries no whole frame.
fn altered(line: &str, bit: u32) -> Option<String> {
    let Some(armor::Line::Whole(mut bytes)) = armor::parse(line) else { return None };
    let at = bit as usize % (bytes.len() * 8);
    bytes[at / 8] ^= 1 << (at % 8);
    Some(armor::whole(&bytes))
}
