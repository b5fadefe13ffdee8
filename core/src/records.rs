//! What arrives with a record: judging it, taking its key, making it current (R-UPD-7, R-OBT-5).
//!
//! Spec: chapter 8, "Hearing a record", and chapter 10.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Write;

use keyrota_spec::limits::{LOOSE_BOXES_MAX, SKEW_S};
use keyrota_spec::{Frame, KeyPrefix, List, MemberId, Point, Rights, SealedBox, Subject, Wrapped};

use crate::action::{Fault, Notice};
use crate::channel::{Channel, Keying};
use crate::identity::member_id;
use crate::key::Key;
use crate::keystore::{Held, Keystore};
use crate::ledger::{Proof, Verdict};
use crate::mode::ModeChange;
use crate::mutant::Mutant;
use crate::record::{KeyRecord, unmask, wrap_pad};
use crate::shared::Shared;

/// First lines of sealed keys of late, and boxes for this terminal that came before theirs.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct LooseBoxes {
    ephemerals: Vec<(KeyPrefix, Point)>,
    boxes: Vec<(KeyPrefix, SealedBox)>,
}

#[cfg(feature = "model")]
impl LooseBoxes {
    /// First lines, and boxes.
    pub(crate) fn sizes(&self) -> [usize; 2] {
        [self.ephemerals.len(), self.boxes.len()]
    }
}

fn push_bounded<T>(queue: &mut Vec<T>, item: T) {
    if queue.len() >= LOOSE_BOXES_MAX {
        queue.remove(0);
    }
    queue.push(item);
}

/// What a frame brings beside its record.
enum Cargo {
    Wrapped(Wrapped),
    Boxes(Point, Vec<SealedBox>),
    Nothing,
}

impl Channel {
    /// A frame of kind 4, 5 or 7, for the first time.
    pub(crate) fn hear_record(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        frame: Frame<'_>,
        bytes: &[u8],
    ) {
        let known = self.roster.occupant(nick).is_some_and(|occupant| occupant.member.is_some());
        if !self.may_cost(cx, nick, known) {
            return cx.fault(self.name(), nick, Fault::Flood);
        }
        let public = !matches!(frame, Frame::Refresh { .. });
        let heard = self.weigh_record(cx, nick, frame, bytes).filter(|_| public);
        let current = |id| self.keyed().is_some_and(|keyed| keyed.ledger.current().id() == id);
        if heard.is_some_and(|record| current(record.id())) {
            // Whoever lacked it hears it, too.
            self.announcing.heard(cx.now.ms);
            self.granting.witnessed();
        }
    }

    /// Likewise, or again, once more is known; returns the record, if it is valid.
    pub(crate) fn weigh_record(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        frame: Frame<'_>,
        bytes: &[u8],
    ) -> Option<Arc<KeyRecord>> {
        if self.meets(cx, &frame) {
            self.seek(cx, nick, frame, bytes);
            return None;
        }
        let (signed, announced, cargo) = match frame {
            Frame::Refresh { record, wrapped } => (record, None, Cargo::Wrapped(wrapped)),
            Frame::Sealed { record, ephemeral, boxes } => {
                (record, None, Cargo::Boxes(ephemeral, boxes))
            }
            Frame::Announce { record, author } => (record, Some(author), Cargo::Nothing),
            _ => return None,
        };
        let record = KeyRecord::new(signed);
        let key = self.unload(cx, &record, &cargo);
        let Cargo::Boxes(ephemeral, boxes) = &cargo else {
            return self.judge_record(cx, nick, record, announced, key, bytes);
        };
        if let Some(keyed) = self.keyed_mut() {
            push_bounded(&mut keyed.loose.ephemerals, (record.id().prefix(), *ephemeral));
        }
        let given = key.is_some();
        let record = self.judge_record(cx, nick, record, announced, key, bytes)?;
        self.note_boxes(cx, nick, &record, boxes);
        if given {
            self.note_giver(cx, nick, &record);
        }
        Some(record)
    }

    /// The record's key, if this terminal can get at it and has it not yet.
    fn unload(&mut self, cx: &mut Shared, record: &KeyRecord, cargo: &Cargo) -> Option<Key> {
        let keyed = self.keyed().filter(|_| self.lacks(&record.id()))?;
        match cargo {
            Cargo::Wrapped(wrapped) => unwrap(&keyed.keys, record, wrapped),
            Cargo::Boxes(ephemeral, boxes) => {
                let prefix = record.id().prefix();
                let loose = keyed.loose.boxes.iter().filter(|(of, _)| *of == prefix);
                let all: Vec<SealedBox> =
                    boxes.iter().chain(loose.map(|(_, one)| one)).copied().collect();
                self.open_box(cx, record, ephemeral, &all)
            }
            Cargo::Nothing => None,
        }
    }

    /// Judges a record, and takes it and its key in if it is valid.
    pub(crate) fn judge_record(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        record: KeyRecord,
        announced: Option<Point>,
        key: Option<Key>,
        bytes: &[u8],
    ) -> Option<Arc<KeyRecord>> {
        let Keying::Keyed(keyed) = &mut self.keying else { return None };
        let me = (cx.me(), cx.identity.certificate.body.key);
        let members = &self.members;
        let find = |id: &MemberId| {
            let own = (*id == me.0).then_some(me.1);
            // Whoever announces a record with another's key does not spoil it.
            let announced = announced.filter(|key| member_id(key) == *id);
            own.or(announced).or_else(|| members.get(id).and_then(|person| person.key()))
        };
        let below = record.cmp_order(keyed.ledger.current()).is_lt();
        let (id, met) = (record.id(), record.founds().unwrap_or(record.record().channel));
        let before = keyed.ledger.current().clone();
        let proven = keyed.ledger.proof().clone();
        match keyed.ledger.hear(record, find, &mut cx.tally) {
            Verdict::Valid { record, proof, advanced, repeat, twin } => {
                if let Some(evidence) = twin {
                    cx.notice(&self.standing.name, Notice::SignedTwice(evidence));
                }
                // A repeat is a grant as a rule; what is announced is current for its sender.
                let fresh = announced.is_some() || !repeat;
                if repeat {
                    self.lost_heard(&record.id());
                } else {
                    self.note_lost(cx, &proven, &proof);
                }
                if advanced {
                    self.advance(cx, &before);
                    self.tell_lost(cx, &proven);
                } else if record.id() == before.id() {
                    if key.is_some() {
                        self.reassure(cx, &record);
                    }
                } else if fresh
                    && record.cmp_order(&before).is_lt()
                    && (record.list() == before.list()
                        || !self.keyed().is_some_and(|keyed| keyed.ledger.proves_with(&record))
                        || self.is_pardoned(nick, &record))
                {
                    self.lags(cx, nick);
                }
                // What waited may be valid now, and above: texts go out when that is known.
                let unsent = core::mem::take(&mut self.outbox);
                if let Some(key) = key {
                    self.take_key(cx, record.clone(), proof, key);
                }
                if !repeat {
                    self.inquiries.satisfied(&Subject::Proof { key: id.prefix(), have: 0 });
                    self.retry(cx);
                }
                let overtaken =
                    || self.keyed().is_some_and(|keyed| keyed.ledger.current().id() != id);
                if advanced && announced.is_none() && overtaken() {
                    self.lags(cx, nick);
                }
                self.outbox = unsent;
                self.flush(cx);
                return Some(record);
            }
            Verdict::Unproven => {
                if below {
                    self.lags(cx, nick);
                }
                self.wait(nick, bytes);
                self.inquire(cx, Subject::Proof { key: id.prefix(), have: 0 });
            }
            Verdict::UnknownAuthor(author) => {
                self.wait(nick, bytes);
                self.inquire(cx, Subject::Hello(author.hint()));
            }
            Verdict::Below => self.lags(cx, nick),
            Verdict::OtherChannel => {
                let pinned = keyed.ledger.channel();
                let notice = match met == pinned {
                    // Its genesis, altered: no other channel.
                    true => Notice::Fault { nick: nick.clone(), fault: Fault::Signature },
                    false => Notice::OtherChannel { pinned, met },
                };
                cx.notice(self.name(), notice);
            }
            Verdict::Unfit => cx.fault(self.name(), nick, Fault::Channel),
            Verdict::Forged => cx.fault(self.name(), nick, Fault::Signature),
        }
        None
    }

    /// Whether this record bars the member that is at a nick, and the current one does not.
    fn is_pardoned(&self, nick: &str, record: &KeyRecord) -> bool {
        let member = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        let barred = member.filter(|id| record.list().bars(id));
        barred.is_some_and(|id| self.keyed().is_some_and(|keyed| !keyed.ledger.list().bars(&id)))
    }

    /// Another record has become current.
    pub(crate) fn advance(&mut self, cx: &mut Shared, before: &KeyRecord) {
        let now = cx.now.ms;
        let me = cx.me();
        let Some(keyed) = self.keyed_mut() else { return };
        let current = keyed.ledger.current().clone();
        let author = current.author().id;
        cx.unsaved = true;
        keyed.renewed(now);
        keyed.keys.supersede(&current, now);
        if current.root() != before.root() {
            keyed.restart_holders(now);
        }
        if let Some((_, seat)) = current.list().seat_of(&me) {
            keyed.wrote = keyed.wrote.max(seat.changes);
        }
        self.inquiries.proofs_changed();
        self.meet_seats(cx, &current);
        if !Mutant::AuthorNotHolder.is_on() {
            self.note_given(cx, &current, author.hint());
        }
        let cause = current.record().cause;
        cx.notice(self.name(), Notice::Current { key: current.id(), author, cause });
        if before.list() != current.list() {
            // Others count on it; of a lone founder's, a second terminal with its key.
            self.settle_down(cx);
            self.settle_lost(before.list());
            self.note_list(cx, before.list(), current.list(), author == me);
            self.tell_rights(cx, before.list(), current.list());
        }
        self.judge_all_holders(cx);
    }

    /// Who has a seat asks who the others are: only then does it know whose turn it is.
    fn meet_seats(&mut self, cx: &mut Shared, current: &KeyRecord) {
        let me = cx.me();
        if current.list().seat_of(&me).is_none() {
            return;
        }
        for (_, seat) in current.list().seats() {
            // Who is known by a Hello that was passed on may be here all the same.
            let unmet = self.members.left(&seat.id).is_none();
            if unmet && !self.is_present(cx, &seat.id) {
                self.inquire(cx, Subject::Hello(seat.id.hint()));
            }
        }
    }

    /// Tells what a list changed.
    fn tell_rights(&self, cx: &mut Shared, before: &List, after: &List) {
        let known = before.entries().iter().chain(after.entries());
        let mut ids: Vec<MemberId> = known.map(|entry| entry.id).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in &ids {
            if before.bars(id) != after.bars(id) {
                let notice = Notice::Barred { member: *id, on: after.bars(id) };
                cx.notice(self.name(), notice);
            }
        }
        let changes = ids.iter().map(|id| (*id, before.rights_of(id), after.rights_of(id)));
        let line = self.rights_line(cx, changes);
        if !line.is_empty() {
            cx.notice(self.name(), Notice::Rights(line));
        }
    }

    /// The source's commands that take each member from the first rights to the second.
    pub(crate) fn rights_line(
        &self,
        cx: &Shared,
        changes: impl Iterator<Item = (MemberId, Rights, Rights)>,
    ) -> String {
        let mut line = String::new();
        for (id, was, is) in changes {
            let nick = match self.roster.member(&id) {
                _ if id == cx.me() => String::from(&*cx.nick),
                Some(occupant) => String::from(&*occupant.nick),
                None => alloc::format!("{id}"),
            };
            let nick = nick.as_str();
            let distribute = ModeChange::Distribute { on: is.distribute, nick };
            let update = ModeChange::Update { on: is.update, nick };
            let changes = [
                (was.distribute != is.distribute).then_some(distribute),
                (was.update != is.update).then_some(update),
            ];
            for change in changes.into_iter().flatten() {
                let between = if line.is_empty() { "" } else { ", " };
                // Writing to a string does not fail.
                let _ = write!(line, "{between}{change}");
            }
        }
        line
    }

    /// Stores a key that its valid record commits to, and does what it was missed for.
    pub(crate) fn take_key(
        &mut self,
        cx: &mut Shared,
        record: Arc<KeyRecord>,
        proof: Proof,
        key: Key,
    ) {
        let now = cx.now;
        let id = record.id();
        if !self.lacks(&id) {
            return;
        }
        cx.unsaved = true;
        let before = cx.is_from_before(&record, self.standing.forgot);
        let Some(keyed) = self.keyed_mut() else { return };
        let current = keyed.ledger.current().clone();
        let expires = now.ms.saturating_add(life_left(&record, now.unix));
        let held = Held { before, ..Held::new(record, proof, key, expires) };
        keyed.keys.insert(held, now.ms);
        keyed.keys.supersede(&current, now.ms);
        if current.id() == id {
            keyed.missing_since = None;
        }
        if keyed.keys.newest(&current).is_some_and(|newest| newest.id() == id) {
            cx.notice(self.name(), Notice::Keyed(id));
        } else {
            cx.notice(self.name(), Notice::OldKey(id));
        }
        self.asking.settled(&id.hint());
        self.retry_texts(cx, None);
        self.flush(cx);
        // Not before: where few are kept, an older one is there for the texts that waited for it.
        self.limit_keys();
    }

    /// Further boxes of a sealed key.
    pub(crate) fn hear_boxes(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        key: KeyPrefix,
        boxes: &[SealedBox],
    ) {
        let me = cx.me().hint();
        if self.meeting.is_some() {
            self.seek_boxes(cx, nick, key, boxes);
        }
        let Some(keyed) = self.keyed_mut() else {
            return self.seek_boxes(cx, nick, key, boxes);
        };
        for one in boxes.iter().filter(|one| one.whom == me) {
            push_bounded(&mut keyed.loose.boxes, (key, *one));
        }
        let Some((record, proof)) = keyed.find(key) else { return };
        let firsts: Vec<Point> =
            keyed.loose.ephemerals.iter().filter(|(of, _)| *of == key).map(|(_, at)| *at).collect();
        let known = self.roster.occupant(nick).is_some_and(|occupant| occupant.member.is_some());
        let missing = self.lacks(&record.id()) && boxes.iter().any(|one| one.whom == me);
        for ephemeral in firsts.iter().filter(|_| missing) {
            if !self.may_cost(cx, nick, known) {
                cx.fault(self.name(), nick, Fault::Flood);
                break;
            }
            if let Some(found) = self.open_box(cx, &record, ephemeral, boxes) {
                self.reassure(cx, &record);
                self.take_key(cx, record.clone(), proof, found);
                self.note_giver(cx, nick, &record);
                break;
            }
        }
        if let Some(seat) = self.seat_at(nick) {
            self.asking.put_off(cx.now.ms, key, &seat);
            if let Some(keyed) = self.keyed_mut() {
                keyed.given_out(key, cx.now.ms);
            }
        }
        self.note_boxes(cx, nick, &record, boxes);
    }

    /// The owner of a seat that is bound to a nick.
    pub(crate) fn seat_at(&self, nick: &str) -> Option<MemberId> {
        let member = self.roster.occupant(nick)?.member;
        let list = self.keyed()?.ledger.list();
        member.filter(|id| list.seat_of(id).is_some())
    }

    /// Those for whom a key was sealed hold it, and need no answer from this terminal.
    ///
    /// Nobody signs boxes. If they come from where no seat is, they may be made up: then they
    /// silence no answer, and count for those only who may hold the key anyway.
    fn note_boxes(&mut self, cx: &mut Shared, nick: &str, record: &KeyRecord, boxes: &[SealedBox]) {
        let seated = self.seat_at(nick).is_some();
        let me = cx.me().hint();
        let mine = boxes.iter().any(|one| one.whom == me) && !Mutant::OlderBoxIgnored.is_on();
        if mine && self.asked_for_newer(record) {
            // Who knew the newer one would give no older key.
            self.lags(cx, nick);
        }
        for hint in boxes.iter().map(|one| one.whom) {
            let ids: Vec<MemberId> = self.members.hinted(hint).map(|(id, _)| *id).collect();
            if seated {
                self.note_given(cx, record, hint);
            } else if ids.iter().any(|id| self.may_hold(id)) {
                self.note_holder(cx, record, hint);
            }
            for id in ids.iter().filter(|_| seated) {
                self.answered(id, record);
                self.admit(cx, id);
            }
        }
    }
}

/// The key of a record under one of those held.
pub(crate) fn unwrap(keys: &Keystore, record: &KeyRecord, wrapped: &Wrapped) -> Option<Key> {
    let others = keys.iter().filter(|_| Mutant::WrapAcrossRoots.is_on());
    let held = keys.siblings(record).chain(others);
    let mut found = held.map(|held| unmask(wrapped, &wrap_pad(&held.key, &record.id())));
    found.find(|key| record.commits_to(key))
}

/// How long a key may seal from now on, in milliseconds, whatever the clock of its author.
pub(crate) fn life_left(record: &KeyRecord, unix: u64) -> u64 {
    let record = record.record();
    let life = u64::from(record.lifetime).saturating_mul(60);
    let end = u64::from(record.time).saturating_mul(60).saturating_add(life).saturating_add(SKEW_S);
    end.saturating_sub(unix).min(life).saturating_mul(1_000)
}
