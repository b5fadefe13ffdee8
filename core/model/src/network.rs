//! The servers: who is told what, and when it leaves them.

use keyrota::spec::armor;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::actor::Told;
use crate::op::{Lie, Op, Way};
use crate::world::{Happening, Line, World};

impl World {
    /// What befalls terminals, or is made up for them.
    pub(crate) fn befall(&mut self, op: &Op) {
        match op {
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
            Op::Split(sides) => self.split(sides),
            Op::Heal(operators) => self.heal(*operators),
            Op::Lose(who, count) => self.actors[*who].faults.lose = *count,
            Op::Hold(who, ms) => self.actors[*who].faults.hold = Some(*ms),
            Op::Lag(who, ms) => self.actors[*who].faults.lag = *ms,
            Op::Repeat(who) => self.actors[*who].faults.repeat = true,
            Op::Mute(who, mute) => {
                let faults = &mut self.actors[*who].faults;
                (faults.mute, faults.choke) = (*mute, None);
            }
            Op::Choke(who, count) => self.actors[*who].faults.choke = Some(*count),
            Op::Take(who, from) => self.take(*who, *from),
            Op::Miss(who, from) => {
                if let Some(at) = self.first_of(*who, *from).map(|(at, _)| at) {
                    self.actors[*who].inbox.remove(&at);
                    self.actors[*who].lost = true;
                }
            }
            Op::Rogue(who, trick) => self.play_trick(*who, *trick),
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
            Op::Lie(to, lie) => {
                self.actors[*to].misled |= lie.misleads(*to);
                self.post(*to, self.told(*to, lie));
            }
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
            Op::Noise(kind, seed, way) => self.noise(*kind, *seed, *way),
            Op::Flood(count, way) => {
                for number in 0..*count {
                    self.noise(u8::try_from(number % 16).unwrap_or(0), number.into(), *way);
                }
            }
            Op::Crowd(count) => self.crowd(*count),
            _ => {}
        }
    }

    fn noise(&mut self, kind: u8, seed: u64, way: Way) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut frame = vec![0; 1 + rng.next_u32() as usize % 200];
        rng.fill_bytes(&mut frame);
        frame[0] = 0x10 | kind;
        self.inject(way, armor::whole(&frame));
    }

    pub(crate) fn note(
        &mut self,
        author: Option<usize>,
        to: Option<String>,
        nick: String,
        text: String,
    ) -> usize {
        self.lines.push(Line { at: self.ms, author, to, nick, text });
        let number = self.lines.len() - 1;
        self.happenings.push(Happening::Sent(number));
        number
    }

    /// A line that nobody sent, or not now, for one terminal.
    fn inject(&mut self, way: Way, text: String) {
        let nick = self.actors[way.from].nick.clone();
        let to = way.alone.then(|| self.actors[way.to].nick.clone());
        let number = self.note(None, to, nick.clone(), text.clone());
        let line = if way.alone { Told::Private } else { Told::Line };
        self.post(way.to, line(number, nick, text));
    }

    /// A line for whoever goes by a nick, alone.
    pub(crate) fn whisper(&mut self, who: usize, to: &str, text: String) {
        let nick = self.actors[who].nick.clone();
        let number = self.note(Some(who), Some(to.into()), nick.clone(), text.clone());
        let reached =
            self.called(to).filter(|to| self.linked(who, *to) && !self.actors[who].faults.mute);
        if let Some(to) = reached {
            self.post(to, Told::Private(number, nick, text));
        }
    }

    // ---- who is told

    /// From now on its server lets it hear every line, also while it is not in the channel.
    pub fn listen(&mut self, who: usize) {
        self.actors[who].listens = true;
        let nick = self.actors[who].nick.clone();
        for told in [Told::Join(nick.clone()), Told::Names(vec![(nick, false)])] {
            self.overhear(who, told);
        }
    }

    /// Tells it at once, and draws no chance for it: whether somebody listens changes nothing for
    /// others.
    fn overhear(&mut self, to: usize, told: Told) {
        self.posted += 2;
        self.actors[to].post(self.ms, 0, self.posted, told);
    }

    pub(crate) fn post(&mut self, to: usize, told: Told) {
        let (least, most) = self.setting.latency;
        let latency = least + self.rng.next_u64() % (most - least + 1);
        // A line that comes twice takes the number behind.
        self.posted += 2;
        self.actors[to].post(self.ms, latency, self.posted, told);
    }

    /// Tells all in the channel on the side of `who`, but not it itself of its own lines; who listens
    /// hears it as well, but of its own ways nothing.
    pub(crate) fn tell_side(&mut self, who: usize, told: &Told) {
        let is_line = matches!(told, Told::Line(..));
        let here: Vec<usize> = self.here(who).collect();
        for to in 0..self.actors.len() {
            let own = to == who && (is_line || self.actors[to].listens);
            if !own && here.contains(&to) {
                self.post(to, told.clone());
            } else if !own && self.actors[to].listens {
                self.overhear(to, told.clone());
            }
        }
    }

    fn join(&mut self, who: usize) {
        self.actors[who].here = true;
        let nick = self.actors[who].nick.clone();
        self.tell_side(who, &Told::Join(nick));
        self.tell_names(who);
    }

    /// Tells one who is in the channel.
    pub(crate) fn tell_names(&mut self, who: usize) {
        let names = self.here(who).map(|other| &self.actors[other]);
        let mut names: Vec<_> = names.map(|actor| (actor.nick.clone(), actor.operator)).collect();
        if self.actors[who].side == 0 {
            names.extend((0..self.crowd).map(|number| (guest(number), false)));
        }
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
    pub(crate) fn disconnect(&mut self, who: usize) {
        if self.actors[who].here {
            let nick = self.actors[who].nick.clone();
            self.leave(who);
            self.tell_side(who, &Told::Quit(nick));
        }
    }

    fn rename(&mut self, who: usize, nick: &str) {
        let old = std::mem::replace(&mut self.actors[who].nick, nick.into());
        let told = Told::Nick(old, nick.into());
        match self.actors[who].here {
            true => self.tell_side(who, &told),
            false => self.post(who, told),
        }
    }

    fn split(&mut self, sides: &[Vec<usize>]) {
        let before: Vec<usize> = self.actors.iter().map(|actor| actor.side).collect();
        for (side, members) in sides.iter().enumerate() {
            for who in members {
                self.actors[*who].side = side;
            }
        }
        self.lose_across();
        self.meet(&before, Told::Quit);
    }

    /// All lines under way across a new cut are lost, and neither side is told: a walk draws no chance, and a cut a
    /// little later lets some across.
    fn lose_across(&mut self) {
        for to in 0..self.actors.len() {
            let across = self.lines_to(to).filter(|(_, author)| !self.linked(to, *author));
            let across: Vec<_> = across.map(|(at, _)| at).collect();
            for at in across {
                self.actors[to].inbox.remove(&at);
                self.actors[to].lost = true;
            }
        }
    }

    /// No two come together under one nick: a nick is taken only where nobody has it, on either side, so
    /// what servers do about that is not simulated.
    fn heal(&mut self, operators: bool) {
        let before: Vec<usize> = self.actors.iter().map(|actor| actor.side).collect();
        for actor in &mut self.actors {
            actor.side = 0;
        }
        self.meet(&before, Told::Join);
        // Servers tell that of all once all have joined.
        for to in 0..self.actors.len() {
            for other in self.met(&before, to) {
                if operators && self.actors[other].operator {
                    self.post(to, Told::Operator(self.actors[other].nick.clone(), true));
                }
            }
        }
    }

    /// Those in the channel to whom one there is linked now and was not before, or the other way round.
    fn met(&self, before: &[usize], to: usize) -> Vec<usize> {
        let changed = |other: &usize| (before[to] == before[*other]) != self.linked(to, *other);
        let here = |other: &usize| self.actors[to].here && self.actors[*other].here;
        (0..self.actors.len()).filter(|other| changed(other) && here(other)).collect()
    }

    /// Tells each of those whom it no longer, or again, is linked to.
    fn meet(&mut self, before: &[usize], how: impl Fn(String) -> Told) {
        for to in 0..self.actors.len() {
            for other in self.met(before, to) {
                let nick = self.actors[other].nick.clone();
                self.post(to, how(nick));
            }
            if self.actors[to].here && (before[to] == 0) != (self.actors[to].side == 0) {
                (0..self.crowd).for_each(|number| self.post(to, how(guest(number))));
            }
        }
    }

    /// So many are on the first side who have no terminal.
    fn crowd(&mut self, count: usize) {
        let before = std::mem::replace(&mut self.crowd, count);
        let told = if before < count { Told::Join } else { Told::Quit };
        for to in 0..self.actors.len() {
            if self.actors[to].here && self.actors[to].side == 0 {
                (before.min(count)..before.max(count))
                    .for_each(|number| self.post(to, told(guest(number))));
            }
        }
    }

    /// What a lie tells.
    pub(crate) fn told(&self, to: usize, lie: &Lie) -> Told {
        let nick = |who: &usize| self.actors[*who].nick.clone();
        match lie {
            Lie::Join(who) => Told::Join(nick(who)),
            Lie::Part(who) => Told::Part(nick(who)),
            Lie::Kick(who) => Told::Kick(nick(who)),
            Lie::Quit(who) => Told::Quit(nick(who)),
            Lie::Nick(who, new) => Told::Nick(nick(who), new.clone()),
            Lie::Operator(who) => Told::Operator(nick(who), true),
            Lie::Deop(who) => Told::Operator(nick(who), false),
            Lie::Names(who) => Told::Names(who.iter().map(|who| (nick(who), false)).collect()),
            Lie::Alone => Told::Names(vec![(nick(&to), false)]),
        }
    }
}

/// The nick of one without a terminal.
fn guest(number: usize) -> String {
    format!("guest{number}")
}

/// A line of which one bit of the frame, or of the fragment, differs; `None` if it carries neither.
fn altered(line: &str, bit: u32) -> Option<String> {
    let bit = bit as usize;
    match armor::parse(line)? {
        armor::Line::Whole(mut bytes) => {
            let at = bit % (bytes.len() * 8);
            bytes[at / 8] ^= 1 << (at % 8);
            Some(armor::whole(&bytes))
        }
        // Of a fragment one character of six bits, behind the sigil.
        armor::Line::Part { .. } => {
            let (sigil, body) = line.split_at(2);
            let mut body = body.as_bytes().to_vec();
            let at = bit / 6 % body.len();
            let value = SIX_BITS.iter().position(|one| *one == body[at])?;
            body[at] = SIX_BITS[value ^ 1 << (bit % 6)];
            Some(format!("{sigil}{}", String::from_utf8(body).ok()?))
        }
    }
}

/// What a character of base64url stands for is its place.
const SIX_BITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
