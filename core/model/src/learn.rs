//! What the checker learns from what happens: what each has heard, may know, was shown and was told.

use keyrota::spec::{Frame, KeyId, Record, SealedBox, SignedRecord, TextHeader, TextKind};
use keyrota::{Fault, Notice};

use crate::actor::{Told, kept};
use crate::checker::{Account, Checker};
use crate::mind::{Key, Mind, Seen};
use crate::op::{From, Lie, Op};
use crate::reference::key_id;
use crate::rogue::Forged;
use crate::world::{CHANNEL, World};

impl Checker {
    /// Nobody may see these bytes, nor eight of them in a row.
    pub(crate) fn hide(&mut self, bytes: &[u8]) {
        self.hidden.extend(bytes.windows(8).map(|row| <[u8; 8]>::try_from(row).expect("eight")));
    }

    pub(crate) fn done(&mut self, world: &World, op: &Op) {
        self.done.push((world.ms, op.clone()));
        match op {
            Op::Say(by, text) => {
                if !self.minds[*by].plain {
                    self.hide(text.as_bytes());
                }
                self.said.insert(text.clone(), *by);
                self.signed_by.insert(text.clone(), self.ids[*by]);
            }
            Op::Tell(by, whom, text) => {
                self.hide(text.as_bytes());
                self.told.insert(text.clone(), (*by, *whom));
                self.signed_by.insert(text.clone(), self.ids[*by]);
            }
            Op::Nick(..) | Op::Swap(..) | Op::Lie(_, Lie::Nick(..)) => self.renamed = true,
            Op::Plain(who, on) => self.minds[*who].plain = *on,
            Op::Found(who) | Op::Follow(who, _) => self.minds[*who].moves = true,
            Op::Hang(who) => self.forget_lies(*who),
            Op::Crash(who) => self.accounts[*who] = Account::default(),
            Op::Restart(who, from) => {
                let back = kept(&self.saved[*who], *from);
                let inside = back.is_some_and(|mind| mind.channel.is_some());
                let last = self.saved[*who].last();
                let behind = back.zip(last).is_some_and(|(back, last)| last.is_ahead_of(back));
                let back = back.map(|mind| Mind::clone(mind));
                match from {
                    From::Saved if inside => self.counters.count("restarted from what was saved"),
                    From::Older if inside && behind => {
                        self.counters.count("restarted from an older state");
                    }
                    _ => {}
                }
                self.begin(world, *who, back);
            }
            Op::Certify(who, ..) | Op::Clone(who, _) => {
                self.saved[*who].clear();
                if self.ids[*who] != world.member(*who) {
                    // With another identity: none of what it was before counts.
                    self.ids[*who] = world.member(*who);
                    self.minds[*who] = Mind::default();
                    for to in self.sealed_to.values_mut() {
                        to.remove(who);
                    }
                }
                self.begin(world, *who, None);
            }
            _ => {}
        }
    }

    /// A terminal starts again, with what it had heard when it was saved.
    pub(crate) fn begin(&mut self, world: &World, who: usize, saved: Option<Mind>) {
        self.minds[who].restart(saved);
        self.minds[who].began = world.ms;
        self.lies.retain(|(to, _)| *to != who);
        self.forget_lies(who);
        self.nicks[who].clone_from(&world.actors[who].nick);
        self.got.retain(|(holder, _), _| *holder != who);
        self.accounts[who] = Account::default();
        self.unsent[who].clear();
    }

    pub(crate) fn forged(&mut self, forged: &Forged) {
        if let Some((id, key)) = forged.record {
            self.minds[forged.who].learn(&self.archive, &self.wraps, id, key);
            self.hostile.insert(id, forged.clone());
            self.sealed_to.entry(id).or_default().extend(&forged.to);
        }
    }

    pub(crate) fn noticed(&mut self, who: usize, at: u64, notice: Notice) {
        match &notice {
            Notice::Unsent(text) if self.said.get(text) == Some(&who) => {
                self.accounts[who].returned += 1;
                self.unsent[who].retain(|one| one != text);
                self.counters.count("text handed back");
            }
            Notice::Unreadable { texts, .. } => self.accounts[who].told += texts,
            Notice::Fault { fault, .. } if self.is_of_kept(*fault) => self.accounts[who].told += 1,
            Notice::NobodyCanRenew(_) => self.counters.count("nobody can renew"),
            Notice::SignedTwice(_) => self.counters.count("signed twice"),
            Notice::Moved(_) => self.counters.count("conversation went to another nick"),
            Notice::AlsoAt(_) => self.counters.count("peer said to be elsewhere"),
            _ => {}
        }
        self.notices.push((who, at, notice));
    }

    /// Whether a fault can be that of a text which was kept: of what just came it is none of these, but
    /// for one that makes another way.
    fn is_of_kept(&self, fault: Fault) -> bool {
        let of_text = matches!(
            fault,
            Fault::Repeat
                | Fault::Unopened
                | Fault::Signature
                | Fault::Certificate(_)
                | Fault::Content
                | Fault::Flood
        );
        of_text && (self.came.is_none() || fault == Fault::Flood)
    }

    /// A text of the channel goes out sealed: the first of those that its user said.
    pub(crate) fn sealed(&mut self, who: usize, header: &TextHeader, kind: TextKind) {
        self.accounts[who].sent += 1;
        if let Some(text) = self.unsent[who].pop_front() {
            self.texts.insert((header.key, header.tag, header.counter), text.clone());
            self.seals.insert(text, (header.key, kind));
        }
    }

    /// A terminal took something in: a record that it may have dropped unseen.
    pub(crate) fn took(&mut self, world: &World, who: usize, told: &Told) -> Option<KeyId> {
        let gone = |nick: &String| *nick == self.nicks[who];
        self.minds[who].cut_off |= match told {
            Told::Disconnected => true,
            Told::Quit(nick) => gone(nick),
            _ => false,
        };
        // Its own nick is what it was told so far.
        if let Told::Nick(old, new) = told
            && *old == self.nicks[who]
        {
            self.nicks[who].clone_from(new);
        }
        meet(&mut self.minds[who].present, told);
        self.reach_by_told(world, who, told);
        if let Told::Line(number, ..) | Told::Private(number, ..) = told {
            self.taken.push((*number, who, world.ms));
        }
        let Told::Line(number, nick, text) = told else { return None };
        let actor = &world.actors[who];
        let inside = world.view(who, CHANNEL).is_some();
        if !inside || *nick == self.nicks[who] {
            return None;
        }
        let bytes = self.minds[who].take(nick, text, actor.now(world.ms).ms)?;
        let frame = Frame::decode(&bytes).ok()?;
        self.reach_by_frame(world, who, *number, &frame);
        let view = world.view(who, CHANNEL);
        // Whose departure is doubted is here as soon as it says so (10-7).
        let here = view.is_some_and(|view| view.roster().occupant(nick).is_some());
        if here && matches!(frame, Frame::Hello { .. }) {
            meet(&mut self.minds[who].present, &Told::Join(nick.clone()));
        }
        if let Frame::Text { header, .. } = &frame {
            let nonce = (header.key, header.tag, header.counter);
            self.came = Some(self.texts.get(&nonce).cloned().unwrap_or_default());
        }
        let (signed, wrapped, _) = record_in(&frame)?;
        let id = self.archive.take(signed)?;
        let new = !self.minds[who].has_heard(&id);
        self.note_wrap(id, wrapped);
        self.minds[who].hear(id, Some(bytes));
        new.then_some(id)
    }

    /// A record went over the network, its key perhaps wrapped beside it: everybody unwraps what it can.
    pub(crate) fn note_wrap(&mut self, id: KeyId, wrapped: Option<Key>) {
        self.wraps.entry(id).or_default().extend(wrapped);
        if let Some(record) = self.archive.get(&id) {
            for mind in &mut self.minds {
                mind.unwrap(&self.archive, &self.wraps, record);
            }
        }
    }

    /// An honest terminal sealed a key to these; returns who they are.
    pub(crate) fn note_boxes(&mut self, id: KeyId, boxes: &[SealedBox]) -> Vec<usize> {
        // Several, if one runs with the secret of another.
        let owned = |who: &usize| boxes.iter().any(|one| self.ids[*who].hint() == one.whom);
        let to: Vec<usize> = (0..self.ids.len()).filter(owned).collect();
        self.sealed_to.entry(id).or_default().extend(&to);
        to
    }

    /// Whoever is alone makes keys without a line.
    pub(crate) fn trust_own(&mut self, world: &World, who: usize) {
        let Some(view) = world.view(who, CHANNEL) else { return };
        let own =
            |record: &Record| record.author_entry().is_some_and(|one| one.id == self.ids[who]);
        let silent = view.record().into_iter().chain(view.proof());
        let silent = silent.chain(view.secrets().map(|(_, record, _)| record));
        for record in silent.filter(|record| own(record)).collect::<Vec<_>>() {
            let id = self.archive.trust(record);
            self.born.entry(id).or_insert(world.ms);
            if !self.minds[who].has_heard(&id) {
                self.minds[who].hear(id, None);
                self.fresh.insert(id);
            }
        }
    }

    /// What a terminal holds, in the channel and in conversations, nobody may see.
    fn hide_secrets(&mut self, world: &World, who: usize) {
        let Some(terminal) = &world.actors[who].terminal else { return };
        for view in world.places(who).iter().filter_map(|place| terminal.channel(place)) {
            let keys = view.secrets().map(|(.., key)| key);
            for secret in view.private().chain(view.chains()).chain(keys) {
                if !self.hidden.contains(&secret[..8]) {
                    self.hide(&secret);
                }
            }
        }
    }

    /// Looks into a terminal: which channel it is in, which keys it has.
    pub(crate) fn examine(&mut self, world: &World, who: usize) {
        self.hide_secrets(world, who);
        let actor = &world.actors[who];
        let view = world.view(who, CHANNEL);
        let seen = view.map(|view| Seen {
            channel: view.id(),
            current: view.current(),
            waiting: view.waiting(),
            proof: view.proof().map(key_id).collect(),
            keys: view.keys().collect(),
        });
        if let Some(Seen { channel: Some(channel), waiting, .. }) = &seen {
            let waiting: Vec<KeyId> = waiting.iter().map(|(id, _)| *id).collect();
            self.reach_by_waiting(who, *channel, &waiting);
        }
        let current = seen.as_ref().and_then(|seen| seen.current);
        let last = self.turned.iter().rev().find(|(_, whose, _)| *whose == who);
        if last.and_then(|(.., key)| *key) != current {
            self.turned.push((world.ms, who, current));
        }
        self.minds[who].look(&self.archive, seen);
        let Some(view) = view else {
            self.minds[who].present.clear();
            self.got.retain(|(holder, _), _| *holder != who || actor.terminal.is_some());
            return;
        };
        let keys: Vec<(KeyId, Key)> = view.secrets().map(|(id, _, key)| (id, key)).collect();
        let now = actor.now(world.ms);
        for (id, key) in keys {
            self.got.entry((who, id)).or_insert(now);
            self.minds[who].learn(&self.archive, &self.wraps, id, key);
        }
    }
}

/// Who is present, as far as a terminal was told, once it is told this (10-1, 10-32).
fn meet(present: &mut Vec<String>, told: &Told) {
    match told {
        Told::Join(nick) if !present.contains(nick) => present.push(nick.clone()),
        Told::Names(all) => {
            present.retain(|nick| all.iter().any(|(one, _)| one == nick));
            all.iter().for_each(|(nick, _)| meet(present, &Told::Join(nick.clone())));
        }
        Told::Part(nick) | Told::Kick(nick) | Told::Quit(nick) => {
            present.retain(|one| one != nick);
        }
        Told::Nick(old, new) if old != new && present.contains(old) => {
            present.retain(|one| one != new);
            present.iter_mut().filter(|one| *one == old).for_each(|one| one.clone_from(new));
        }
        _ => {}
    }
}

pub(crate) type Carried<'a> = (&'a SignedRecord, Option<Key>, &'a [SealedBox]);

/// The record that a frame carries, the key wrapped beside it, and the boxes.
pub(crate) fn record_in<'a>(frame: &'a Frame<'_>) -> Option<Carried<'a>> {
    match frame {
        Frame::Refresh { record, wrapped } => Some((record, Some(wrapped.0), &[])),
        Frame::Sealed { record, boxes, .. } => Some((record, None, boxes)),
        Frame::Announce { record, .. } => Some((record, None, &[])),
        _ => None,
    }
}
