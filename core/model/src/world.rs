//! The world: terminals, servers between them, and time, which jumps from one thing that happens to
//! the next. The same seed and the same operations give the same world.

use std::fmt;

use keyrota::spec::KeyId;
use keyrota::{Config, Notice, Protection, Speaker, View};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::actor::{Actor, Told};
use crate::op::{CAST, From, Op};
use crate::rogue::Forged;

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
    /// For which nick alone; none, if it is for the channel.
    pub to: Option<String>,
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
    /// Somebody's secret was used by another.
    Forged(Forged),
    /// A terminal was saved.
    Saved(usize),
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
        /// Whether it came for its user alone.
        alone: bool,
        /// Whether it says that it may have been shown before.
        again: bool,
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

/// As the first line of a script.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = self.latency;
        write!(f, "/world seed {} actors {} latency {least} {most}", self.seed, self.actors)
    }
}

/// Terminals on a network, at one moment.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) setting: Setting,
    /// Milliseconds since the world began.
    pub ms: u64,
    /// Who takes part, by number.
    pub actors: Vec<Actor>,
    /// All lines that were ever sent.
    pub lines: Vec<Line>,
    /// The keys in the order in which they first came to somebody.
    pub keys: Vec<KeyId>,
    /// How many are in the channel, on the first side, who have no terminal.
    pub(crate) crowd: usize,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) posted: u64,
    pub(crate) happenings: Vec<Happening>,
}

impl World {
    /// A world in which nobody has joined yet.
    pub fn new(setting: Setting) -> Self {
        let mut world = Self {
            ms: 0,
            actors: Vec::new(),
            lines: Vec::new(),
            keys: Vec::new(),
            crowd: 0,
            rng: ChaCha20Rng::seed_from_u64(setting.seed),
            posted: 0,
            happenings: Vec::new(),
            setting,
        };
        for (number, name) in (0_u8..).zip(CAST.iter().take(world.setting.actors)) {
            world.actors.push(Actor::new(number, name, world.setting.adjust));
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

    /// What the terminal of one knows of a channel, or of a conversation with a nick.
    pub fn view(&self, who: usize, place: &str) -> Option<View<'_>> {
        self.actors[who].terminal.as_ref()?.channel(place)
    }

    /// Whether two are on the same side of the network.
    pub fn linked(&self, one: usize, other: usize) -> bool {
        self.actors[one].side == self.actors[other].side
    }

    /// Those that a server has in the channel on the side of `who`.
    pub(crate) fn here(&self, who: usize) -> impl Iterator<Item = usize> + '_ {
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
}
