//! Watches a world, one input at a time: keeps what each has heard and may know, and holds
//! the terminals against the [invariants](crate::invariant).

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use keyrota::spec::{Frame, KeyHint, KeyId, MemberId, Record, Tag, TextKind, armor};
use keyrota::{Fault, Notice, Protection, Speaker};

use crate::actor::{Actor, SAVES, Told, secret};
use crate::counters::Counters;
use crate::invariant::{self, Outcome};
use crate::learn::record_in;
use crate::lied::Lied;
use crate::mind::{Key, Mind, Wraps};
use crate::op::{CAST, Op};
use crate::reference::Archive;
use crate::rogue::Forged;
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
    /// Whether it came for its user alone.
    pub alone: bool,
    /// What was current for whom it was shown to: before it came, as it was shown, and when all was done.
    pub current: [Option<KeyId>; 3],
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
    /// Texts that were said, and who said them: each is said once.
    pub said: BTreeMap<String, usize>,
    /// Under which identity a text was said.
    pub signed_by: BTreeMap<String, MemberId>,
    /// Texts that were said to one other alone, who said them, and to whom.
    pub told: BTreeMap<String, (usize, usize)>,
    /// Whether any nick was changed.
    pub(crate) renamed: bool,
    /// What each user said in the channel that did not go out yet, in its order.
    pub(crate) unsent: Vec<VecDeque<String>>,
    /// The texts that went out sealed, by key, tag and counter.
    pub(crate) texts: BTreeMap<(KeyHint, Tag, u32), String>,
    /// Under which key each of them went out, and whether it was signed.
    pub(crate) seals: BTreeMap<String, (KeyHint, TextKind)>,
    /// The text, if it is known, whose frame has just come.
    pub(crate) came: Option<String>,
    /// All rows of eight bytes of what nobody may see.
    pub hidden: HashSet<[u8; 8]>,
    /// To whom the key of a record was sealed, by honest terminals, or by the hostile hand that made it: that hand
    /// could as well show the key to whom it likes.
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
    /// The texts that were sealed, by key, tag and counter.
    pub(crate) nonces: BTreeMap<(KeyHint, Tag, u32), Vec<u8>>,
    /// Which key went over the network under each pad.
    pub(crate) pads: BTreeMap<Key, Key>,
    /// What was carried out but for waits, and when.
    pub done: Vec<(u64, Op)>,
    /// Which line each took in: its number, who, when.
    pub taken: Vec<(usize, usize, u64)>,
    /// When another record became current for one: when, who, which.
    pub turned: Vec<(u64, usize, Option<KeyId>)>,
    /// Records that hostile hands made, and how.
    pub(crate) hostile: BTreeMap<KeyId, Forged>,
    /// What was told to one, is not so, and has not been taken in yet.
    pub(crate) lies: Vec<(usize, Told)>,
    /// What was taken in of that, and may still move a right.
    pub(crate) lied: Vec<Lied>,
    /// The Hellos that terminals sent.
    pub(crate) greetings: BTreeSet<Vec<u8>>,
    /// When the newest Hello that each heard of each was made.
    pub(crate) hellos: BTreeMap<(usize, MemberId), u64>,
    /// Records of which it was heard that they removed somebody, in vain.
    pub(crate) lost: BTreeSet<KeyId>,
    /// What each had heard when it saved, in the order of its saves.
    pub(crate) saved: Vec<Vec<Arc<Mind>>>,
    /// What each takes for its own nick.
    pub(crate) nicks: Vec<String>,
    /// Keys that went over the network wrapped.
    pub(crate) wraps: Wraps,
    /// The current key of each that runs in the channel, if it could seal when it was last looked at.
    pub(crate) alive: Vec<Option<KeyId>>,
    /// When each record was first seen at its author.
    pub(crate) born: BTreeMap<KeyId, u64>,
    /// Records that somebody has made upon the input that is looked at.
    pub(crate) fresh: BTreeSet<KeyId>,
    /// Records of which it was seen that their authors made them.
    pub(crate) made: BTreeSet<KeyId>,
    /// How many lines of each still got through.
    pub(crate) chokes: Vec<Option<u32>>,
    /// The key of which each could send the first line last, and not all boxes.
    pub(crate) cut_short: Vec<Option<KeyId>>,
    /// Puts fragments together as whoever sees all lines does.
    server: Mind,
}

/// What does not hold, at this moment.
fn at<T>(world: &World, outcome: Outcome<T>) -> Result<T, Violation> {
    outcome.map_err(|(invariant, what)| Violation { invariant, at: world.ms, what })
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
            said: BTreeMap::new(),
            signed_by: BTreeMap::new(),
            told: BTreeMap::new(),
            renamed: false,
            unsent: vec![VecDeque::new(); count],
            texts: BTreeMap::new(),
            seals: BTreeMap::new(),
            came: None,
            hidden: HashSet::new(),
            sealed_to: BTreeMap::new(),
            got: BTreeMap::new(),
            notices: Vec::new(),
            accounts: vec![Account::default(); count],
            counters: Counters::default(),
            steps: 0,
            nonces: BTreeMap::new(),
            pads: BTreeMap::new(),
            done: Vec::new(),
            taken: Vec::new(),
            turned: Vec::new(),
            hostile: BTreeMap::new(),
            lies: Vec::new(),
            lied: Vec::new(),
            greetings: BTreeSet::new(),
            hellos: BTreeMap::new(),
            lost: BTreeSet::new(),
            saved: vec![Vec::new(); count],
            nicks: names().map(|(actor, _)| actor.nick.clone()).collect(),
            wraps: Wraps::new(),
            alive: vec![None; count],
            born: BTreeMap::new(),
            fresh: BTreeSet::new(),
            made: BTreeSet::new(),
            chokes: vec![None; count],
            cut_short: vec![None; count],
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
        let by = op.who().filter(|who| *who < world.actors.len());
        let before = by.and_then(|who| self.current(world, who));
        // A command that is refused has changed nothing; that is looked at too.
        let done = invariant::eight_panics(|| world.apply(op));
        let refused = at(world, done)?.is_err();
        if let (Op::Say(who, text), false, false) = (op, refused, world.happenings.is_empty()) {
            self.accounts[*who].said += 1;
            self.unsent[*who].push_back(text.clone());
        }
        let done = !refused && !world.happenings.is_empty();
        self.look(world, 0..world.actors.len())?;
        match op {
            Op::Bar(_, by) if done => at(world, invariant::five_bar(self, world, *by, before)),
            _ => Ok(()),
        }
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
            let next = world.next().map_or(end, |next| next.max(world.ms));
            let due = |actor: &Actor| actor.next().is_some_and(|at| at <= next);
            let Some(who) = world.actors.iter().position(due) else {
                world.step(end);
                return Ok(false);
            };
            let stepped = invariant::eight_panics(|| world.step(end));
            if !at(world, stepped)? {
                return Ok(false);
            }
            self.look(world, who..who + 1)?;
            at(world, invariant::twelve_called(world, who))?;
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
        let outcome = self.hold(world, whom, happenings);
        at(world, outcome)
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
        self.fresh.clear();
        for who in whom.clone() {
            self.trust_own(world, who);
        }
        // First what each learned, then what it did: it knew the one when it did the other.
        let mut dropped = None;
        self.came = None;
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
            invariant::six_channel(self, world, who)?;
            self.minds[who].moves = false;
            self.examine(world, who);
            self.reach_by_expiry(world, who);
            self.reach_by_lies(world, who);
        }
        let mut lines = BTreeMap::<usize, Vec<usize>>::new();
        let (mut saved, mut between) = (Vec::new(), before.clone());
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
                Happening::Shown { who, from, text, protection, alone, again } => {
                    // What waits in a conversation is not counted, nor what has just come.
                    let kept = !alone && self.came.as_ref() != Some(&text);
                    self.accounts[who].told += usize::from(kept);
                    if alone {
                        self.counters.count("shown to one alone");
                    }
                    let current = [before[who], between[who], self.current(world, who)];
                    let shown = Shown { who, from, text, protection, again, alone, current };
                    invariant::three(self, &shown)?;
                }
                Happening::Noticed(who, notice) => {
                    if let Notice::Current { key, .. } = &notice
                        && self.archive.get(key).is_some()
                    {
                        between[who] = Some(*key);
                    }
                    self.noticed(who, world.ms, notice);
                }
                _ => {}
            }
        }
        for who in whom {
            self.note_choke(world, who, lines.get(&who).map_or(&[], Vec::as_slice));
            invariant::two(self, world, who)?;
            if self.has_turned(who, world.ms) {
                invariant::seven_proof(self, world, who)?;
            }
            invariant::six(self, world, who)?;
            invariant::eight_sizes(world, who)?;
            invariant::eleven_present(self, world, who)?;
            invariant::twelve_texts(self, world, who)?;
            invariant::twelve_wakes(world, who)?;
        }
        invariant::eight_lines(world, &lines)?;
        if self.archive.len() > known {
            invariant::seven(self)?;
        }
        for who in saved {
            let saves = &mut self.saved[who];
            saves.push(Arc::new(self.minds[who].clone()));
            saves.drain(..saves.len().saturating_sub(SAVES));
        }
        Ok(())
    }

    /// Whether another record has become current for one at this moment.
    fn has_turned(&self, who: usize, now: u64) -> bool {
        self.turned
            .iter()
            .rev()
            .take_while(|(at, ..)| *at == now)
            .any(|(_, whose, _)| *whose == who)
    }

    /// A terminal sent a line for one other.
    fn sent_alone(&mut self, world: &World, who: usize, number: usize) -> Outcome {
        let line = &world.lines[number];
        invariant::nine_alone(who, &line.text)?;
        let sender = format!("{who} {} alone", line.nick);
        let bytes = self.server.take(&sender, &line.text, world.ms);
        let Some(bytes) = bytes else { return Ok(()) };
        invariant::one(self, &bytes)?;
        Frame::decode(&bytes).map_or(Ok(()), |frame| invariant::one_nonce(self, who, &frame))
    }

    /// A terminal sent a line, before which it knew a record as current.
    fn sent(&mut self, world: &World, who: usize, number: usize, before: Option<KeyId>) -> Outcome {
        let line = &world.lines[number];
        invariant::nine(self, who, &line.text)?;
        if armor::parse(&line.text).is_none() {
            self.accounts[who].sent += 1;
            self.unsent[who].retain(|text| *text != line.text);
        }
        // Whoever sees all lines tells senders apart.
        let sender = format!("{who} {}", line.nick);
        let Some(bytes) = self.server.take(&sender, &line.text, world.ms) else { return Ok(()) };
        invariant::one(self, &bytes)?;
        let Ok(frame) = Frame::decode(&bytes) else {
            return Err((1, format!("{} sent what is no frame", CAST[who])));
        };
        invariant::one_nonce(self, who, &frame)?;
        if let Some((signed, wrapped, boxes)) = record_in(&frame)
            && let Some(id) = self.archive.take(signed)
        {
            let own = signed.record.author_entry().is_some_and(|one| one.id == self.ids[who]);
            // What another hand signed with its secret it only passes on.
            let own = own && !self.hostile.contains_key(&id);
            if own && self.made.insert(id) && before != Some(id) {
                self.reach_by_record(world, who, &signed.record, before);
            }
            self.note_wrap(id, wrapped);
            let masked = wrapped.into_iter().chain(boxes.iter().map(|one| one.key.0));
            invariant::one_pad(self, who, id, masked)?;
            let to = self.note_boxes(id, boxes);
            self.minds[who].granted |= !boxes.is_empty();
            invariant::five_barred(self, world, who, before, (id, &to))?;
        }
        match &frame {
            Frame::Boxes { key, boxes } => {
                let all = self.archive.iter().map(|(id, _)| *id);
                let named: Vec<KeyId> = all.filter(|id| id.prefix() == *key).collect();
                for id in named {
                    invariant::one_pad(self, who, id, boxes.iter().map(|one| one.key.0))?;
                    let to = self.note_boxes(id, boxes);
                    invariant::five_barred(self, world, who, before, (id, &to))?;
                }
            }
            Frame::Hello { hello, .. } => drop(self.greetings.insert(hello.to_bytes())),
            Frame::Text { header, kind, .. } if *kind != TextKind::Control => {
                self.sealed(who, header, *kind);
            }
            _ => {}
        }
        let sent = Sent { who, frame };
        invariant::four(self, world, &sent)?;
        invariant::five(self, &sent)
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

    /// The record that is current for one, as its terminal says.
    pub fn current(&self, world: &World, who: usize) -> Option<KeyId> {
        world.view(who, CHANNEL)?.current()
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
