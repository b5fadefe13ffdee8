//! A channel of many terminals under flood limits: what it costs in lines, bytes and time.
//!
//! Unlike the [world](crate::world) of the checker, whose terminals are few and suffer everything, these
//! are many and suffer nothing but the limits that servers set: whoever sends more than [`BURST`] lines
//! sends one in [`PACE`] milliseconds from then on.
//!
//! All terminals are real, and all are told who is there. Of more than [`ALL_HEAR_ALL`], those who have no
//! seat, nor are next in line for one, hear nothing from each other but records, nor what others pass on of
//! them: else verifying the Hello of each at each takes a day for 10,000. They send the same but for a query
//! or two: nothing else that such a member does makes another send anything, or spares it that. A test
//! compares. While the channel [grows](Crowd::grow), who has its key hears nothing either. (The names of
//! 10,000 at each of 10,000 take some 15 GB.)

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use keyrota::spec::{Frame, KeyId, armor};
use keyrota::{Action, Command, Config, Event, Identity, Notice, Now, Terminal};

use crate::world::{CHANNEL, LINE, START, YEAR};

/// Lines that may go out at once.
pub const BURST: u64 = 5;
/// Milliseconds between further ones.
pub const PACE: u64 = 500;
/// Milliseconds from a terminal to all others.
pub const LATENCY: u64 = 100;
/// Up to so many hear everybody's lines.
pub const ALL_HEAR_ALL: usize = 30;
/// How many are given seats by the default rule.
pub const SEATS: usize = 3;

/// A line that went out.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When it left its server, in milliseconds.
    pub at: u64,
    /// Who sent it.
    pub who: usize,
    /// Its text.
    pub text: String,
}

/// One terminal and its place on the network.
#[derive(Debug)]
struct Member {
    terminal: Terminal,
    nick: String,
    here: bool,
    hung: bool,
    side: bool,
    /// When it may next send as much as the burst, at a line each [`PACE`].
    credit: u64,
    wake: Option<u64>,
    sealing: Option<KeyId>,
    seated: bool,
}

/// Many terminals in one channel.
#[derive(Debug)]
pub struct Crowd {
    members: Vec<Member>,
    /// Everybody knows and hears everybody.
    loud: bool,
    /// Who joins while the channel grows.
    newcomer: Option<usize>,
    /// How many are here, and not hung.
    awake: usize,
    /// Milliseconds since it began.
    pub ms: u64,
    /// What went out, in order.
    pub sent: Vec<Sent>,
    /// Records that became current for whoever signed them.
    pub rotations: usize,
    under_way: BinaryHeap<Reverse<(u64, usize)>>,
    wakes: BTreeSet<(u64, usize)>,
    sealing: BTreeMap<KeyId, usize>,
}

impl Crowd {
    /// So many terminals, nobody in the channel yet. `loud`: all hear all, however many they are.
    pub fn new(count: usize, loud: bool) -> Self {
        let member = |number: usize| {
            let (nick, mut secret) = (format!("m{number}"), [1; 32]);
            secret[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
            let mut config = Config::new(&nick);
            config.line = LINE;
            // What is measured is what somebody causes, and when.
            config.channel.triggers.period = None;
            let identity = Identity::self_signed(&secret, &nick, START, YEAR).expect("an identity");
            let mut seed = secret;
            seed[31] = 2;
            let terminal = Terminal::new(config, identity, seed, Now { ms: 0, unix: START })
                .expect("settings in their bounds");
            Member {
                terminal,
                nick,
                here: false,
                hung: false,
                side: false,
                credit: 0,
                wake: None,
                sealing: None,
                seated: false,
            }
        };
        Self {
            members: (0..count).map(member).collect(),
            loud: loud || count <= ALL_HEAR_ALL,
            newcomer: None,
            awake: 0,
            ms: 0,
            sent: Vec::new(),
            rotations: 0,
            under_way: BinaryHeap::new(),
            wakes: BTreeSet::new(),
            sealing: BTreeMap::new(),
        }
    }

    /// How many there are, here or not.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    /// The key that all here seal under, unless they do not agree.
    pub fn agreed(&self) -> Option<KeyId> {
        let mut all = self.sealing.iter().filter(|(_, count)| **count == self.awake);
        all.next().map(|(key, _)| *key)
    }

    /// Whether one may renew the key.
    pub fn is_seated(&self, who: usize) -> bool {
        self.members[who].seated
    }

    /// Whose turn it is to renew the key, of those here, as one of them sees it.
    pub fn first(&self) -> Option<usize> {
        let here = |id| self.members.iter().position(|one| one.here && one.terminal.id() == id);
        let view = self.members.iter().find(|one| one.seated)?.terminal.channel(CHANNEL);
        let record = view?.record()?;
        let turn = record.turn.iter().filter_map(|seat| record.list.seat(*seat));
        turn.filter_map(|seat| here(seat.id)).next()
    }

    /// How many of those here seal under which key.
    pub fn keys(&self) -> &BTreeMap<KeyId, usize> {
        &self.sealing
    }

    // ---- what happens to them

    /// Joins, and is told who is here.
    pub fn join(&mut self, who: usize) {
        self.set(who, |member| member.here = true);
        let nick = self.members[who].nick.clone();
        for other in self.others(who) {
            self.tell(other, Event::Join { channel: CHANNEL, nick: &nick });
        }
        self.tell(who, Event::Join { channel: CHANNEL, nick: &nick });
        self.tell_names(who);
    }

    /// Joins and is given the key, within so many milliseconds.
    pub fn grow(&mut self, who: usize, ms: u64) {
        self.newcomer = Some(who);
        self.join(who);
        self.run(self.ms + ms, None);
        self.newcomer = None;
    }

    fn tell_names(&mut self, who: usize) {
        let nicks: Vec<String> =
            self.beside(who).map(|one| self.members[one].nick.clone()).collect();
        let names: Vec<(&str, bool)> = nicks.iter().map(|nick| (nick.as_str(), false)).collect();
        self.tell(who, Event::Names { channel: CHANNEL, names: &names });
    }

    /// Its connection is lost.
    pub fn quit(&mut self, who: usize) {
        let nick = self.members[who].nick.clone();
        self.set(who, |member| member.here = false);
        self.tell(who, Event::Disconnected);
        for other in self.others(who) {
            self.tell(other, Event::Quit { nick: &nick });
        }
    }

    /// Does nothing any more, without having left; or goes on.
    pub fn hang(&mut self, who: usize, hung: bool) {
        self.set(who, |member| member.hung = hung);
        self.wind(who);
    }

    /// The user wants a new key.
    pub fn refresh(&mut self, who: usize) {
        let now = self.now();
        let command = Command::Refresh { channel: CHANNEL };
        let actions = self.members[who].terminal.command(now, command).expect("a wish").collect();
        self.act(who, actions);
    }

    /// The network falls apart: every second one is on the other side.
    pub fn split(&mut self) {
        self.sides(|who| who % 2 == 1, |nick| Event::Quit { nick });
    }

    /// The network is whole again.
    pub fn heal(&mut self) {
        self.sides(|_| false, |nick| Event::Join { channel: CHANNEL, nick });
    }

    fn sides(&mut self, on: impl Fn(usize) -> bool, how: impl for<'a> Fn(&'a str) -> Event<'a>) {
        let before: Vec<bool> = self.members.iter().map(|member| member.side).collect();
        for (who, member) in self.members.iter_mut().enumerate() {
            member.side = on(who);
        }
        let nicks: Vec<String> = self.members.iter().map(|member| member.nick.clone()).collect();
        let here = |crowd: &Self, who: usize| crowd.members[who].here;
        for to in 0..before.len() {
            for other in 0..before.len() {
                let changed = (before[to] == before[other])
                    != (self.members[to].side == self.members[other].side);
                if changed && here(self, to) && here(self, other) {
                    self.tell(to, how(&nicks[other]));
                }
            }
        }
    }

    // ---- time

    fn now(&self) -> Now {
        Now { ms: self.ms, unix: START + self.ms / 1_000 }
    }

    /// Lets time pass until then, or until all here agree on another key than this, or on any.
    /// Whether they do.
    pub fn run(&mut self, end: u64, until: Option<Option<KeyId>>) -> bool {
        let reached = |crowd: &Self| {
            until.is_some_and(|before| crowd.agreed().is_some_and(|key| Some(key) != before))
        };
        loop {
            if reached(self) {
                return true;
            }
            let line = self.under_way.peek().map(|Reverse((at, _))| *at);
            let wake = self.wakes.first().map(|(at, _)| *at);
            let Some(next) = line.into_iter().chain(wake).min().filter(|at| *at <= end) else {
                self.ms = end;
                return false;
            };
            self.ms = self.ms.max(next);
            if line == Some(next) {
                let Some(Reverse((_, number))) = self.under_way.pop() else { return false };
                self.deliver(number);
            } else if let Some((_, who)) = self.wakes.pop_first() {
                self.members[who].wake = None;
                self.tell(who, Event::Tick);
            }
        }
    }

    fn deliver(&mut self, number: usize) {
        let Sent { who, text, .. } = self.sent[number].clone();
        let nick = self.members[who].nick.clone();
        let line = Event::Line { channel: CHANNEL, nick: &nick, text: &text };
        let about = self.about(who, &text);
        for to in self.others(who) {
            let may_hear = self.newcomer.is_none_or(|newcomer| newcomer == to);
            let matters = match about {
                Some(one) => self.hear(to, who) && (to == one || self.hear(to, one)),
                None => true,
            };
            if self.hears_all(to) || (may_hear && matters) {
                self.tell(to, line);
            }
        }
    }

    /// Of whom a line tells: a Hello that is passed on of its member, a record of nobody, and all else of its
    /// sender.
    fn about(&self, who: usize, text: &str) -> Option<usize> {
        let Some(armor::Line::Whole(bytes)) = armor::parse(text) else { return Some(who) };
        match Frame::decode(&bytes) {
            Ok(Frame::Announce { .. }) => None,
            Ok(Frame::Hello { hello, relayed: true }) => {
                let id = keyrota::member_id(&hello.hello.certificate.body.key);
                let member = self.members.iter().position(|member| member.terminal.id() == id);
                Some(member.unwrap_or(who))
            }
            _ => Some(who),
        }
    }

    // ---- one terminal

    /// Whether one hears everybody: who has a seat, or is next in line for one.
    fn hears_all(&self, who: usize) -> bool {
        self.loud || who < 2 * SEATS || self.members[who].seated
    }

    /// Whether two hear each other.
    fn hear(&self, one: usize, other: usize) -> bool {
        self.hears_all(one) || self.hears_all(other)
    }

    /// Who else is in the channel on the side of this one.
    fn others(&self, who: usize) -> Vec<usize> {
        self.beside(who).filter(|other| *other != who).collect()
    }

    /// Who is in the channel on the side of this one.
    fn beside(&self, who: usize) -> impl Iterator<Item = usize> + '_ {
        let side = self.members[who].side;
        let here = move |member: &Member| member.here && member.side == side;
        self.members.iter().enumerate().filter(move |(_, one)| here(one)).map(|(number, _)| number)
    }

    fn tell(&mut self, who: usize, event: Event<'_>) {
        if !self.members[who].hung {
            let now = self.now();
            let actions = self.members[who].terminal.handle(now, event).collect();
            self.act(who, actions);
        }
    }

    fn act(&mut self, who: usize, actions: Vec<Action>) {
        let mut keys_changed = false;
        for action in actions {
            match action {
                Action::Send { text, .. } if self.members[who].here => {
                    let credit = &mut self.members[who].credit;
                    *credit = self.ms.max(*credit) + PACE;
                    let at = self.ms.max(credit.saturating_sub(BURST * PACE));
                    self.under_way.push(Reverse((at + LATENCY, self.sent.len())));
                    self.sent.push(Sent { at, who, text });
                }
                Action::Notice { notice, .. } if self.members[who].here => {
                    let view = self.members[who].terminal.channel(CHANNEL);
                    let record = view.and_then(|view| view.record());
                    let author = record.and_then(|record| record.author_entry()).map(|one| one.id);
                    let own = author == Some(self.members[who].terminal.id());
                    self.rotations += usize::from(own && matches!(notice, Notice::Current { .. }));
                    keys_changed = true;
                }
                _ => {}
            }
        }
        self.wind(who);
        if keys_changed {
            self.set(who, |_| {});
        }
    }

    /// Notes when it wants to be called.
    fn wind(&mut self, who: usize) {
        let member = &mut self.members[who];
        let wake = member.terminal.wake().map(|wake| wake.at).filter(|_| !member.hung);
        let before = std::mem::replace(&mut member.wake, wake);
        if wake != before {
            before.map(|at| self.wakes.remove(&(at, who)));
            wake.map(|at| self.wakes.insert((at, who)));
        }
    }

    /// Changes something of one, and counts again what it seals under.
    fn set(&mut self, who: usize, change: impl FnOnce(&mut Member)) {
        let member = &mut self.members[who];
        let counts = |member: &Member| member.sealing.filter(|_| member.here && !member.hung);
        let (before, awake) = (counts(member), member.here && !member.hung);
        change(member);
        self.awake = self.awake + usize::from(member.here && !member.hung) - usize::from(awake);
        let view = member.terminal.channel(CHANNEL);
        member.sealing = view.and_then(|view| view.sealing());
        let list = view.and_then(|view| view.list());
        member.seated = list.is_some_and(|list| list.seat_of(&member.terminal.id()).is_some());
        let after = counts(member);
        if let Some(count) = before.and_then(|key| self.sealing.get_mut(&key)) {
            *count -= 1;
        }
        self.sealing.retain(|_, count| *count > 0);
        if let Some(key) = after {
            *self.sealing.entry(key).or_default() += 1;
        }
    }
}
