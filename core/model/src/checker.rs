//! Watches a world, one input at a time: keeps what each has heard and may know, and holds the
//! terminals against the [invariants](crate::invariant).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use keyrota::spec::{Frame, KeyHint, KeyId, MemberId, Record, SealedBox, SignedRecord, armor};
use keyrota::{Fault, Notice, Protection, Speaker};

use crate::actor::{Actor, Told, secret};
use crate::counters::Counters;
use crate::invariant::{self, Outcome};
use crate::mind::{Key, Mind, Seen};
use crate::op::{CAST, From, Op};
use crate::reference::Archive;
use crate::rogue::{Forged, Trick};
use crate::world::{CHANNEL, Happening, World};

/// What does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The number of the invariant.
    pub invariant: u8,
    /// When, in milliseconds of the world's time.
    pub at: u64,
    /// What was seen.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { invariant, at, what } = self;
        write!(f, "invariant {invariant} does not hold at {at} ms: {what}")
    }
}

/// A frame that a terminal sent.
#[derive(Debug)]
pub struct Sent<'a> {
    /// Who sent it.
    pub who: usize,
    /// What it is.
    pub frame: Frame<'a>,
}

/// What a text that a terminal showed says of itself.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Who was shown it.
    pub who: usize,
    /// From whom.
    pub from: Speaker,
    /// What.
    pub text: String,
    /// How protected.
    pub protection: Protection,
    /// Whether it says that it may have been shown before.
    pub again: bool,
}

/// What became of the texts of one user, and of those that it is to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Texts that the user said, since the terminal started.
    pub said: usize,
    /// Those that went out.
    pub sent: usize,
    /// Those that were handed back.
    pub returned: usize,
    /// Texts of others that were kept when the terminal was last looked at.
    pub kept: usize,
    /// Those that were shown or reported since then.
    pub told: usize,
}

/// Watches a world.
#[derive(Clone, Debug)]
pub struct Checker {
    /// All well-signed records.
    pub archive: Archive,
    /// What each has heard and may know.
    pub minds: Vec<Mind>,
    /// Who is who.
    pub ids: Vec<MemberId>,
    /// Whose user has declared the channel plain.
    pub plain: Vec<bool>,
    /// Texts that were said, and who said them: each is said once.
    pub said: BTreeMap<String, usize>,
    /// All rows of eight bytes of what nobody may see.
    pub hidden: HashSet<[u8; 8]>,
    /// To whom honest terminals sealed the key of a record.
    pub sealed_to: BTreeMap<KeyId, BTreeSet<usize>>,
    /// When, by its own timers and wall clock, each got each key that it holds.
    pub got: BTreeMap<(usize, KeyId), keyrota::Now>,
    /// What each was told: who, when, what.
    pub notices: Vec<(usize, u64, Notice)>,
    /// What became of each one's texts.
    pub accounts: Vec<Account>,
    /// What was reached.
    pub counters: Counters,
    /// Inputs that were looked at.
    pub steps: u64,
    /// Which line each took in: its number, who, when.
    pub taken: Vec<(usize, usize, u64)>,
    /// When another record became current for one: when, who, which.
    pub turned: Vec<(u64, usize, Option<KeyId>)>,
    /// Keys that hostile hands gave to nobody.
    pub(crate) nobody_gets: BTreeSet<KeyId>,
    /// The newest Hello that each heard of each.
    pub(crate) hellos: BTreeMap<(usize, MemberId), u64>,
    /// What each had heard when it saved, in the order of its saves.
    saved: Vec<Vec<Mind>>,
    /// What each takes for its own nick.
    nicks: Vec<String>,
    /// Keys that went over the network wrapped.
    wraps: Vec<(KeyId, Key)>,
    /// Whose key has been seen to seal no more.
    ceased: BTreeSet<(usize, KeyId)>,
    /// Records of which it was seen that their authors made them.
    made: BTreeSet<KeyId>,
    /// How many lines of each still got through.
    chokes: Vec<Option<u32>>,
    /// Puts fragments together as whoever sees all lines does.
    server: Mind,
}

impl Checker {
    /// For a world in which nothing has happened yet.
    pub fn new(world: &World) -> Self {
        let count = world.actors.len();
        let names = || world.actors.iter().zip(CAST);
        let keys = names().map(|(actor, name)| actor.identity(name).certificate().body.key);
        let mut checker = Self {
            archive: Archive::new(keys),
            minds: vec![Mind::default(); count],
            ids: names().map(|(actor, name)| actor.identity(name).id()).collect(),
            plain: vec![false; count],
            said: BTreeMap::new(),
            hidden: HashSet::new(),
            sealed_to: BTreeMap::new(),
            got: BTreeMap::new(),
            notices: Vec::new(),
            accounts: vec![Account::default(); count],
            counters: Counters::default(),
            steps: 0,
            taken: Vec::new(),
            turned: Vec::new(),
            nobody_gets: BTreeSet::new(),
            hellos: BTreeMap::new(),
            saved: vec![Vec::new(); count],
            nicks: names().map(|(actor, _)| actor.nick.clone()).collect(),
            wraps: Vec::new(),
            ceased: BTreeSet::new(),
            made: BTreeSet::new(),
            chokes: vec![None; count],
            server: Mind::default(),
        };
        for number in (0_u8..).take(count) {
            checker.hide(&secret(number));
        }
        checker
    }

    /// Carries an operation out, and looks after each input that it causes.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn apply(&mut self, world: &mut World, op: &Op) -> Result<(), Violation> {
        if let Op::Wait(ms) = op {
            return self.wait(world, world.ms.saturating_add(*ms), |_, _| false).map(drop);
        }
        self.reach_by(world, op);
        // A command that is refused has changed nothing; that is looked at too.
        let refused = world.apply(op).is_err();
        if let (Op::Say(who, _), false, false) = (op, refused, world.happenings.is_empty()) {
            self.accounts[*who].said += 1;
        }
        self.look(world, 0..world.actors.len())
    }

    /// Lets time pass until then, or until something is reached, and looks after each input.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn wait(
        &mut self,
        world: &mut World,
        end: u64,
        mut reached: impl FnMut(&mut Self, &World) -> bool,
    ) -> Result<bool, Violation> {
        loop {
            if reached(self, world) {
                return Ok(true);
            }
            let at = world.next().map_or(end, |next| next.max(world.ms));
            let due = |actor: &Actor| actor.next().is_some_and(|next| next <= at);
            let Some(who) = world.actors.iter().position(due) else {
                world.step(end);
                return Ok(false);
            };
            if !world.step(end) {
                return Ok(false);
            }
            self.look(world, who..who + 1)?;
        }
    }

    /// Takes in what has happened, which concerns the terminals of `whom`, and holds it against the
    /// invariants.
    ///
    /// # Errors
    /// The first that does not hold.
    pub fn look(
        &mut self,
        world: &mut World,
        whom: std::ops::Range<usize>,
    ) -> Result<(), Violation> {
        self.steps += 1;
        let happenings = world.take_happenings();
        self.hold(world, whom, happenings).map_err(|(invariant, what)| Violation {
            invariant,
            at: world.ms,
            what,
        })
    }

    fn hold(
        &mut self,
        world: &World,
        whom: std::ops::Range<usize>,
        happenings: Vec<Happening>,
    ) -> Outcome {
        let known = self.archive.len();
        let before: Vec<Option<KeyId>> =
            (0..world.actors.len()).map(|who| self.minds[who].greatest(&self.archive)).collect();
        for who in whom.clone() {
            self.trust_own(world, who);
        }
        // First what each learned, then what it did: it knew the one when it did the other.
        let mut dropped = None;
        for happening in &happenings {
            match happening {
                Happening::Done(op) => self.done(world, op),
                Happening::Took(who, told) => dropped = self.took(world, *who, told),
                Happening::Forged(forged) => self.forged(forged),
                Happening::Noticed(who, Notice::Fault { fault: Fault::Flood, .. }) => {
                    dropped.take().into_iter().for_each(|id| self.minds[*who].miss(&id));
                }
                _ => {}
            }
        }
        for who in whom.clone() {
            self.examine(world, who);
        }
        let mut lines = BTreeMap::<usize, Vec<usize>>::new();
        let mut saved = Vec::new();
        for happening in happenings {
            match happening {
                Happening::Saved(who) => saved.push(who),
                Happening::Sent(number) => {
                    let Some(who) = world.lines[number].author else { continue };
                    lines.entry(who).or_default().push(number);
                    if world.lines[number].to.is_some() {
                        self.sent_alone(world, who, number)?;
                        continue;
                    }
                    self.sent(world, who, number, before[who])?;
                }
                // A conversation of two has its own keys and its own texts: of that, just what leaks.
                Happening::Shown { alone: true, .. } => {}
                Happening::Shown { who, from, text, protection, again, .. } => {
                    self.accounts[who].told += 1;
                    let shown = Shown { who, from, text, protection, again };
                    invariant::three(self, &shown)?;
                }
                Happening::Noticed(who, notice) => self.noticed(who, world.ms, notice),
                _ => {}
            }
        }
        for who in whom {
            self.reach_by_choke(world, who, lines.get(&who).map_or(0, Vec::len));
            invariant::two(self, world, who)?;
            invariant::six(self, world, who)?;
            invariant::eight_sizes(world, who)?;
            invariant::twelve_texts(self, world, who)?;
            invariant::twelve_wakes(world, who)?;
        }
        invariant::eight_lines(world, &lines)?;
        if self.archive.len() > known {
            invariant::seven(self)?;
        }
        for who in saved {
            let mind = self.minds[who].clone();
            self.saved[who].push(mind);
            // No terminal stores more than two.
            let surplus = self.saved[who].len().saturating_sub(2);
            self.saved[who].drain(..surplus);
        }
        Ok(())
    }

    /// Nobody may see these bytes, nor eight of them in a row.
    fn hide(&mut self, bytes: &[u8]) {
        self.hidden.extend(bytes.windows(8).map(|row| <[u8; 8]>::try_from(row).expect("eight")));
    }

    fn done(&mut self, world: &World, op: &Op) {
        match op {
            Op::Say(by, text) => {
                if !self.plain[*by] {
                    self.hide(text.as_bytes());
                }
                self.said.insert(text.clone(), *by);
            }
            Op::Tell(_, _, text) => self.hide(text.as_bytes()),
            Op::Plain(who, on) => self.plain[*who] = *on,
            Op::Crash(who) => self.accounts[*who] = Account::default(),
            Op::Restart(who, from) => {
                let back = match from {
                    From::Bare => None,
                    From::Saved => self.saved[*who].last(),
                    From::Older => self.saved[*who].iter().rev().nth(1),
                };
                let back = back.cloned();
                match (from, &back) {
                    (From::Saved, Some(_)) => self.counters.count("restarted from what was saved"),
                    (From::Older, Some(_)) => self.counters.count("restarted from an older state"),
                    _ => {}
                }
                self.begin(world, *who, back);
            }
            // With another identity: none of what it was before counts.
            Op::Certify(who, ..) | Op::Clone(who, _) => {
                self.ids[*who] = world.member(*who);
                self.saved[*who].clear();
                self.begin(world, *who, None);
            }
            _ => {}
        }
    }

    /// A terminal starts again, with what it had heard when it was saved.
    fn begin(&mut self, world: &World, who: usize, saved: Option<Mind>) {
        // What is plain stays so only where it was saved.
        self.plain[who] &= saved.is_some();
        self.minds[who].restart(saved);
        self.nicks[who].clone_from(&world.actors[who].nick);
        self.got.retain(|(holder, _), _| *holder != who);
        self.accounts[who] = Account::default();
    }

    fn forged(&mut self, forged: &Forged) {
        if let Some((id, key)) = forged.record {
            self.minds[forged.who].knows.insert(id, key);
            if matches!(forged.trick, Trick::Nobody | Trick::LastEpoch) {
                self.nobody_gets.insert(id);
            }
        }
        match forged.trick {
            Trick::OldList if forged.unseated => self.counters.count("removed updater forges"),
            Trick::NoSeat => self.counters.count("member without a seat forges"),
            Trick::Prefix => self.counters.count("altered prefix of a list"),
            Trick::WrappedList => self.counters.count("wrapped change of a list"),
            Trick::OtherRoot => self.counters.count("wrapped under another root"),
            Trick::Twice => self.counters.count("two records for one place"),
            _ => {}
        }
    }

    fn noticed(&mut self, who: usize, at: u64, notice: Notice) {
        match &notice {
            Notice::Unsent(text) if self.said.get(text) == Some(&who) => {
                self.accounts[who].returned += 1;
                self.counters.count("text handed back");
            }
            Notice::Unreadable { texts, .. } => self.accounts[who].told += texts,
            Notice::Fault { .. } => self.accounts[who].told += 1,
            Notice::NobodyCanRenew(_) => self.counters.count("nobody can renew"),
            Notice::SignedTwice(_) => self.counters.count("signed twice"),
            Notice::OtherChannel { .. } => self.counters.count("two founders meet"),
            _ => {}
        }
        self.notices.push((who, at, notice));
    }

    /// A terminal took something in: a record that it may have dropped unseen.
    fn took(&mut self, world: &World, who: usize, told: &Told) -> Option<KeyId> {
        // Its own nick is what it was told so far.
        if let Told::Nick(old, new) = told
            && *old == self.nicks[who]
        {
            self.nicks[who].clone_from(new);
        }
        let Told::Line(number, nick, text) = told else { return None };
        self.taken.push((*number, who, world.ms));
        let actor = &world.actors[who];
        let inside = actor.terminal.as_ref().is_some_and(|own| own.channel(CHANNEL).is_some());
        if !inside || *nick == self.nicks[who] {
            return None;
        }
        let bytes = self.minds[who].take(nick, text, actor.now(world.ms).ms)?;
        let frame = Frame::decode(&bytes).ok()?;
        self.reach_by_frame(world, who, &frame);
        let (signed, wrapped, _) = record_in(&frame)?;
        let id = self.archive.take(signed)?;
        let new = !self.minds[who].has_heard(&id);
        self.minds[who].hear(id);
        self.note_wrap(id, wrapped);
        new.then_some(id)
    }

    fn note_wrap(&mut self, id: KeyId, wrapped: Option<Key>) {
        if let Some(wrapped) = wrapped
            && !self.wraps.contains(&(id, wrapped))
        {
            self.wraps.push((id, wrapped));
            self.unwrap();
        }
    }

    /// A terminal sent a line for one other.
    fn sent_alone(&mut self, world: &World, who: usize, number: usize) -> Outcome {
        let line = &world.lines[number];
        let sender = format!("{who} {} alone", line.nick);
        let bytes = self.server.take(&sender, &line.text, world.ms);
        bytes.map_or(Ok(()), |bytes| invariant::one(self, &bytes))
    }

    /// A terminal sent a line, before which it knew a record as current.
    fn sent(&mut self, world: &World, who: usize, number: usize, before: Option<KeyId>) -> Outcome {
        let line = &world.lines[number];
        invariant::nine(self, who, &line.text)?;
        if armor::parse(&line.text).is_none() {
            self.accounts[who].sent += 1;
        }
        // Whoever sees all lines tells senders apart.
        let sender = format!("{who} {}", line.nick);
        let Some(bytes) = self.server.take(&sender, &line.text, world.ms) else { return Ok(()) };
        invariant::one(self, &bytes)?;
        let Ok(frame) = Frame::decode(&bytes) else {
            return Err((1, format!("{} sent what is no frame", CAST[who])));
        };
        if let Some((signed, wrapped, boxes)) = record_in(&frame)
            && let Some(id) = self.archive.take(signed)
        {
            let own = signed.record.author_entry().is_some_and(|one| one.id == self.ids[who]);
            if own && self.made.insert(id) && before != Some(id) {
                self.reach_by_record(world, who, &signed.record, before);
            }
            self.note_wrap(id, wrapped);
            self.note_boxes(id, boxes);
        }
        match &frame {
            Frame::Boxes { key, boxes } => {
                let all = self.archive.iter().map(|(id, _)| *id);
                let named: Vec<KeyId> = all.filter(|id| id.prefix() == *key).collect();
                named.into_iter().for_each(|id| self.note_boxes(id, boxes));
            }
            Frame::Text { kind, .. } if *kind != keyrota::spec::TextKind::Control => {
                self.accounts[who].sent += 1;
            }
            _ => {}
        }
        let sent = Sent { who, frame };
        invariant::four(self, world, &sent)?;
        invariant::five(self, &sent)
    }

    fn note_boxes(&mut self, id: KeyId, boxes: &[SealedBox]) {
        let owner = |one: &SealedBox| self.ids.iter().position(|id| id.hint() == one.whom);
        let to: Vec<usize> = boxes.iter().filter_map(owner).collect();
        self.sealed_to.entry(id).or_default().extend(to);
    }

    /// Everybody unwraps what it can.
    fn unwrap(&mut self) {
        for mind in &mut self.minds {
            loop {
                let before = mind.knows.len();
                for (id, wrapped) in &self.wraps {
                    if let Some(record) = self.archive.get(id) {
                        mind.unwrap(&self.archive, id, record, wrapped);
                    }
                }
                if mind.knows.len() == before {
                    break;
                }
            }
        }
    }

    /// Whoever is alone makes keys without a line.
    fn trust_own(&mut self, world: &World, who: usize) {
        let terminal = world.actors[who].terminal.as_ref();
        let Some(view) = terminal.and_then(|own| own.channel(CHANNEL)) else { return };
        let own =
            |record: &Record| record.author_entry().is_some_and(|one| one.id == self.ids[who]);
        let silent = view.record().into_iter().chain(view.secrets().map(|(_, record, _)| record));
        for record in silent.filter(|record| own(record)).collect::<Vec<_>>() {
            let id = self.archive.trust(record);
            if !self.minds[who].has_heard(&id) {
                self.minds[who].hear(id);
            }
        }
    }

    /// Looks into a terminal: which channel it is in, which keys it has.
    fn examine(&mut self, world: &World, who: usize) {
        let actor = &world.actors[who];
        let view = actor.terminal.as_ref().and_then(|own| own.channel(CHANNEL));
        let seen = view.map(|view| Seen {
            channel: view.id(),
            current: view.current(),
            waiting: view.waiting(),
        });
        if seen.as_ref().is_some_and(|seen| !seen.waiting.is_empty() && seen.channel.is_some()) {
            self.counters.count("record that waits");
        }
        let current = seen.as_ref().and_then(|seen| seen.current);
        let last = self.turned.iter().rev().find(|(_, whose, _)| *whose == who);
        if last.and_then(|(.., key)| *key) != current {
            self.turned.push((world.ms, who, current));
        }
        self.minds[who].look(&self.archive, seen);
        let Some(view) = view else {
            self.got.retain(|(holder, _), _| *holder != who || actor.terminal.is_some());
            return;
        };
        for private in view.private() {
            if !self.hidden.contains(&private[..8]) {
                self.hide(&private);
            }
        }
        let keys: Vec<(KeyId, Key)> = view.secrets().map(|(id, _, key)| (id, key)).collect();
        let now = actor.now(world.ms);
        let mut more = false;
        for (id, key) in keys {
            self.got.entry((who, id)).or_insert(now);
            if self.minds[who].knows.insert(id, key).is_none() {
                self.hide(&key);
                more = true;
            }
        }
        if more {
            self.unwrap();
        }
        let current = view.current().filter(|id| self.left(world, who, id) == Some(0));
        if current.is_some_and(|id| self.ceased.insert((who, id))) {
            self.counters.count("key that ceased to seal");
        }
    }

    /// How long a key that one holds may still seal, in milliseconds of its own timers (8-21).
    pub fn left(&self, world: &World, who: usize, id: &KeyId) -> Option<u64> {
        let (got, record) = (self.got.get(&(who, *id))?, self.archive.get(id)?);
        let life = u64::from(record.lifetime) * 60;
        let end = u64::from(record.time) * 60 + life + keyrota::spec::limits::SKEW_S;
        let left = end.saturating_sub(got.unix).min(life) * 1_000;
        let passed = world.actors[who].now(world.ms).ms.saturating_sub(got.ms);
        Some(left.saturating_sub(passed))
    }

    /// The author of a sealed key was cut off in the middle of its lines.
    fn reach_by_choke(&mut self, world: &World, who: usize, lines: usize) {
        let choke = world.actors[who].faults.choke;
        let before = std::mem::replace(&mut self.chokes[who], choke);
        let through = before.and_then(|before| usize::try_from(before).ok());
        if choke == Some(0) && through.is_some_and(|through| (1..lines).contains(&through)) {
            self.counters.count("author gone after its first line");
        }
    }

    /// The record that is current for one, as its terminal says.
    pub fn current(&self, world: &World, who: usize) -> Option<KeyId> {
        world.actors[who].terminal.as_ref()?.channel(CHANNEL)?.current()
    }

    /// What went over the network and what users were told, in words: a line each.
    pub fn trace(&self, world: &World) -> String {
        let mut all: Vec<(u64, String)> = Vec::new();
        for line in &world.lines {
            let who = line.author.map_or("somebody", |who| CAST[who]);
            let what = match armor::parse(&line.text) {
                Some(armor::Line::Whole(bytes)) => format!("{:?}", Frame::decode(&bytes)),
                _ => line.text.clone(),
            };
            all.push((line.at, format!("{who} as {}: {what}", line.nick)));
        }
        for (who, at, notice) in &self.notices {
            all.push((*at, format!("{} is told: {notice:?}", CAST[*who])));
        }
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(at, what)| format!("{at} {what}\n")).collect()
    }

    /// Records of which a text's first bytes of a KeyId may speak.
    pub fn hinted(&self, hint: KeyHint) -> impl Iterator<Item = (&KeyId, &Record)> {
        self.archive.iter().filter(move |(id, _)| id.hint() == hint)
    }
}

type Carried<'a> = (&'a SignedRecord, Option<Key>, &'a [SealedBox]);

/// The record that a frame carries, the key wrapped beside it, and the boxes.
fn record_in<'a>(frame: &'a Frame<'_>) -> Option<Carried<'a>> {
    match frame {
        Frame::Refresh { record, wrapped } => Some((record, Some(wrapped.0), &[])),
        Frame::Sealed { record, boxes, .. } => Some((record, None, boxes)),
        Frame::Announce { record, .. } => Some((record, None, &[])),
        _ => None,
    }
}
