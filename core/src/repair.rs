//! Changes of the list that lost to a more senior one: removals and bars are signed once more
//! (R-ROS-6, R-UPD-6).
//!
//! Spec: chapter 8, "Lost changes", and chapter 10, "Repair". A repair does nothing that the author
//! of the lost change could not do itself by the current list: so nobody gains by having lost.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{
    ASK_JITTER, ASK_SPREAD, BARRED_MAX, GRACE, SEALED_GAP, SEATS_MAX, SETTLED_MAX,
};
use keyrota_spec::{Cause, Descent, Frame, KeyId, KeyPrefix, List, MemberId, Rights};

use crate::action::Notice;
use crate::channel::Channel;
use crate::ledger::{Ledger, Proof, Proven};
use crate::record::{KeyRecord, cmp_lists};
use crate::shared::Shared;

/// What of one seat's changes the current list lacks.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct Lost {
    step: Proven,
    /// The `changes` of its author with which a list has taken it up.
    until: u32,
    remove: Vec<MemberId>,
    bar: Vec<MemberId>,
    since: u64,
    /// If others here may not have heard of it: how much later whoever is not in the order tells.
    unheard: Option<u64>,
}

impl Lost {
    fn author(&self) -> MemberId {
        self.step.record.author().id
    }

    /// Whom it takes something from.
    fn all(&self) -> impl Iterator<Item = &MemberId> {
        self.remove.iter().chain(&self.bar)
    }

    /// Leaves out what a list has, or would have, and what its author could not do by it.
    fn prune(&mut self, list: &List) {
        let author = self.author();
        let may = |id: &MemberId| stands_over(list, &author, id);
        self.remove.retain(|id| list.seat_of(id).is_some() && may(id));
        self.bar.retain(|id| !list.bars(id) && may(id));
    }

    fn is_done(&self, list: &List) -> bool {
        let taken_up =
            list.seat_of(&self.author()).is_none_or(|(_, own)| own.changes >= self.until);
        taken_up || self.all().next().is_none()
    }
}

/// Lost changes, at most one of each seat, and what is known to need nothing more.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Repairs {
    lost: Vec<Lost>,
    /// Up to which of its `changes` an author's are settled, as far as the list does not say so.
    settled: VecDeque<(MemberId, u32)>,
    /// When this terminal last told others of a lost change.
    told: Option<u64>,
}

impl Repairs {
    /// Whether a lost change bars a member.
    pub(crate) fn bars(&self, id: &MemberId) -> bool {
        self.lost.iter().any(|lost| lost.bar.contains(id))
    }

    /// The greatest `changes` of a member that need nothing more.
    pub(crate) fn settled(&self, id: &MemberId) -> u32 {
        let known = self.settled.iter().find(|(of, _)| of == id);
        known.map_or(0, |(_, changes)| *changes)
    }

    /// Likewise once `list` counts: what a new list writes of those behind its author.
    pub(crate) fn settled_by(&self, list: &List, id: &MemberId) -> u32 {
        let lost = self.lost.iter().filter(|lost| lost.author() == *id);
        let done = lost.filter(|lost| lost.all().all(|one| has(list, lost, one)));
        done.map(|lost| lost.until).max().unwrap_or(0).max(self.settled(id))
    }

    /// What is settled, the oldest first, as it is saved.
    pub(crate) fn all_settled(&self) -> impl Iterator<Item = (MemberId, u32)> {
        self.settled.iter().copied()
    }

    /// Likewise, as it was saved; `None` if a member stands there twice.
    pub(crate) fn restored(settled: Vec<(MemberId, u32)>) -> Option<Self> {
        let mut repairs = Self::default();
        let count = settled.len();
        for (id, changes) in settled {
            repairs.settle(id, changes);
        }
        (repairs.settled.len() == count).then_some(repairs)
    }

    fn settle(&mut self, id: MemberId, changes: u32) {
        let changes = changes.max(self.settled(&id));
        self.settled.retain(|(of, _)| *of != id);
        if changes == 0 {
            return;
        }
        if self.settled.len() >= SETTLED_MAX {
            self.settled.pop_front();
        }
        self.settled.push_back((id, changes));
    }

    /// The record of a lost change, and what proves it.
    fn heard(&mut self, id: &KeyId) {
        let same = self.lost.iter_mut().find(|lost| lost.step.record.id() == *id);
        if let Some(lost) = same {
            lost.unheard = None;
        }
    }
}

/// Whether a list has done to a member what a lost change wanted.
fn has(list: &List, lost: &Lost, id: &MemberId) -> bool {
    let removed = !lost.remove.contains(id) || list.seat_of(id).is_none();
    removed && (!lost.bar.contains(id) || list.bars(id))
}

/// Whether a seat may take something from a member: it has `update`, and is ahead of its seat.
fn stands_over(list: &List, author: &MemberId, id: &MemberId) -> bool {
    let seat = list.seat_of(author).filter(|(_, own)| own.rights.update);
    seat.is_some_and(|(own, _)| list.seat_of(id).is_none_or(|(other, _)| own < other))
}

impl Ledger {
    /// The list that a change was made from, as far as is known: the greatest from which it is a
    /// step, if possible one in which its author had not changed more than `most`.
    fn made_from(&self, step: &KeyRecord, most: u32, before: Option<&List>) -> Option<List> {
        let author = step.author().id;
        let steps = self.lists().chain(before).filter(|list| step.steps_from(list));
        let old = |list: &List| list.seat_of(&author).is_some_and(|(_, own)| own.changes <= most);
        let order = |a: &&List, b: &&List| {
            let (first, second) = (old(a), old(b));
            first.cmp(&second).then_with(|| cmp_lists(a, b))
        };
        steps.max_by(order).cloned()
    }

    /// Notes what a step of `proof` took from members who have it still; whether that is anything.
    fn note(&mut self, lost: Lost, base: &List) -> bool {
        let list = self.list().clone();
        let mut lost = lost;
        let own = lost.step.record.list();
        lost.remove.extend(base.seats().map(|(_, seat)| seat.id).filter(|id| {
            // A bar removes the seat, too.
            own.seat_of(id).is_none() && !own.bars(id)
        }));
        lost.bar.extend(own.barred().filter(|id| !base.bars(id)));
        lost.prune(&list);
        let (author, until) = (lost.author(), lost.until);
        if lost.is_done(&list) {
            return false;
        }
        let repairs = &mut self.repairs;
        let known = repairs.lost.iter().position(|other| other.author() == author);
        match known.and_then(|at| repairs.lost.get_mut(at)) {
            // Of one author the newest counts.
            Some(other) if other.until > until => return false,
            Some(other) if other.until == until => {
                // Its own two, that were made apart: what either wants.
                let more = |own: &mut Vec<MemberId>, their: Vec<MemberId>| {
                    own.extend(
                        their.into_iter().filter(|id| !own.contains(id)).collect::<Vec<_>>(),
                    );
                };
                more(&mut other.remove, lost.remove);
                more(&mut other.bar, lost.bar);
                // However many such a seat signs: no more than one list can say.
                other.remove.truncate(SEATS_MAX);
                other.bar.truncate(BARRED_MAX);
            }
            Some(other) => *other = lost,
            None => repairs.lost.push(lost),
        }
        true
    }

    /// Another list counts: what is done is settled, and so is what those wrote who lost their seats.
    fn settle(&mut self, before: &List) {
        let list = self.list().clone();
        for (_, seat) in before.seats().filter(|(_, seat)| list.seat_of(&seat.id).is_none()) {
            self.repairs.settle(seat.id, seat.changes);
        }
        for mut lost in core::mem::take(&mut self.repairs.lost) {
            lost.prune(&list);
            if lost.is_done(&list) {
                self.repairs.settle(lost.author(), lost.until);
            } else {
                self.repairs.lost.push(lost);
            }
        }
    }

    /// Whether a record that is not proven may be a change that is lost.
    pub(crate) fn may_be_lost(&self, record: &KeyRecord) -> bool {
        let author = record.author();
        let seat = self.list().seat_of(&author.id).filter(|(_, seat)| seat.rights.update);
        let lost = seat.is_some_and(|(_, seat)| seat.changes < author.changes);
        let step = record.record().epoch == 0 && record.record().descent == Descent::Sealed;
        step && lost && self.repairs.settled(&author.id) < author.changes
    }

    /// A lost change that was noted, with what proves it, by the start of its identifier.
    pub(crate) fn lost(&self, prefix: KeyPrefix) -> Option<&(Arc<KeyRecord>, Proof)> {
        let mut all = self.repairs.lost.iter().map(|lost| lost.step.record.id());
        self.heard(&all.find(|id| id.prefix() == prefix)?)
    }
}

impl Channel {
    /// A valid record was heard for the first time: notes what its proof, or the one that was
    /// current, holds that the list of now lacks. Before the rest follows from it.
    pub(crate) fn note_lost(&mut self, cx: &mut Shared, before: &Proof, proof: &Proof) {
        let (me, now) = (cx.me(), cx.now.ms);
        let Some(keyed) = self.keyed_mut() else { return };
        let current = keyed.ledger.proof().clone();
        let counts = |step: &Proven| current.iter().any(|one| one.record.id() == step.record.id());
        let own = before.iter().position(|step| step.record.author().id == me);
        let own = own.filter(|at| *at > 0);
        let mut found = false;
        let mut twin = false;
        for (steps, ours) in [(before, true), (proof, false)] {
            for (at, step) in steps.iter().enumerate().skip(1) {
                let author = step.record.author();
                let pred = at.checked_sub(1).and_then(|at| steps.get(at));
                let pred = pred.map(|one| one.record.list());
                let mine = own.and_then(|at| before.get(at)).filter(|_| author.id == me);
                let differs = mine.is_some_and(|mine| {
                    mine.record.author().changes == author.changes
                        && mine.record.id() != step.record.id()
                });
                if author.id == me && !ours && (author.changes > keyed.wrote || differs) {
                    twin = true;
                    continue;
                }
                let seat = keyed.ledger.list().seat_of(&author.id).map(|(_, seat)| *seat);
                let Some(seat) = seat.filter(|seat| seat.changes < author.changes) else {
                    continue;
                };
                if counts(step) || author.changes <= keyed.ledger.repairs.settled(&author.id) {
                    continue;
                }
                let Some(base) = keyed.ledger.made_from(&step.record, seat.changes, pred) else {
                    continue;
                };
                // What was just heard, others here heard, too.
                let unheard = ours.then(|| cx.jitter(ASK_JITTER));
                let lost = Lost::of(step, author.changes, now, unheard);
                found |= keyed.ledger.note(lost, &base);
            }
        }
        if twin {
            found |= self.note_twin(cx, before, proof);
        }
        if found {
            self.judge_all_holders(cx);
        }
    }

    /// One's own seat has changed the list, and this terminal does not remember it: wants what both
    /// took away, in a list above both.
    fn note_twin(&mut self, cx: &mut Shared, before: &Proof, proof: &Proof) -> bool {
        let (me, now) = (cx.me(), cx.now.ms);
        let mine = |steps: &Proof| {
            let at = steps.iter().skip(1).position(|step| step.record.author().id == me)?;
            Some((steps.get(at)?.record.list().clone(), steps.get(at.checked_add(1)?)?.clone()))
        };
        let both: Vec<(List, Proven)> = [before, proof].into_iter().filter_map(mine).collect();
        // What a session before this one signed is forgotten, and no news.
        let other = both.last().is_some_and(|(_, step)| step.record.record().time > self.own.began);
        if other {
            cx.notice(self.name(), Notice::Clone);
        }
        let Some(keyed) = self.keyed_mut() else { return false };
        let wrote = both.iter().map(|(_, step)| step.record.author().changes).max().unwrap_or(0);
        keyed.wrote = keyed.wrote.max(wrote);
        let until = keyed.wrote.saturating_add(1);
        let mut found = false;
        for (base, step) in both {
            found |= keyed.ledger.note(Lost::of(&step, until, now, None), &base);
        }
        found
    }

    /// Another list counts.
    pub(crate) fn settle_lost(&mut self, before: &List) {
        if let Some(keyed) = self.keyed_mut() {
            keyed.ledger.settle(before);
        }
    }

    /// Somebody announced a record that was heard before.
    pub(crate) fn lost_heard(&mut self, id: &KeyId) {
        if let Some(keyed) = self.keyed_mut() {
            keyed.ledger.repairs.heard(id);
        }
    }

    /// Tells the user which rights its own lost change gave: those it has to give again.
    pub(crate) fn tell_lost(&self, cx: &mut Shared, before: &Proof) {
        let Some(keyed) = self.keyed() else { return };
        let me = cx.me();
        let mine = before.iter().skip(1).find(|step| step.record.author().id == me);
        let Some(step) = mine else { return };
        let list = keyed.ledger.list();
        let seat = list.seat_of(&me).map_or(0, |(_, seat)| seat.changes);
        if seat >= step.record.author().changes || keyed.ledger.proves_with(&step.record) {
            return;
        }
        let at = before.iter().position(|one| one.record.id() == step.record.id());
        let pred = at.and_then(|at| at.checked_sub(1)).and_then(|at| before.get(at));
        let pred = pred.map(|one| one.record.list());
        let Some(base) = keyed.ledger.made_from(&step.record, seat, pred) else { return };
        let given = step.record.list().seats().map(|(_, seat)| {
            let (was, now) = (base.rights_of(&seat.id), list.rights_of(&seat.id));
            let gets = |is: bool, was: bool, now: bool| is && !was || now;
            let is = Rights {
                update: gets(seat.rights.update, was.update, now.update),
                distribute: gets(seat.rights.distribute, was.distribute, now.distribute),
            };
            (seat.id, now, is)
        });
        let line = self.rights_line(cx, given);
        if !line.is_empty() {
            cx.notice(self.name(), Notice::Lost(line));
        }
    }

    /// When to sign a lost change again: at once, if nobody before this terminal can.
    fn repair_at(&self, cx: &Shared, lost: &Lost) -> Option<u64> {
        let keyed = self.keyed()?;
        let (me, list) = (cx.me(), keyed.ledger.list());
        let order = self.order(cx);
        let able = lost.all().filter(|id| stands_over(list, &me, id));
        let places = able.map(|id| {
            let before = order.iter().take_while(|seat| **seat != me);
            before.filter(|seat| stands_over(list, seat, id)).count()
        });
        let place = u64::try_from(places.min()?).ok()?;
        let due = lost.since.saturating_add(place.saturating_mul(GRACE));
        Some(due.max(keyed.not_before()))
    }

    /// When to tell others of a lost change that this terminal is not the first to repair.
    fn retell_at(&self, cx: &Shared, lost: &Lost) -> Option<u64> {
        let spread = lost.unheard?;
        let wait = match self.position(cx) {
            Some(place) => place.saturating_mul(ASK_SPREAD),
            None => GRACE.saturating_add(spread),
        };
        let told = self.keyed()?.ledger.repairs.told;
        let due = lost.since.saturating_add(wait);
        Some(due.max(told.map_or(0, |at| at.saturating_add(SEALED_GAP))))
    }

    pub(crate) fn repair_due(&self, cx: &Shared) -> Option<u64> {
        // Whoever is unsure hears first what has become of it.
        let sure = self.keyed().filter(|keyed| keyed.unsure_since.is_none());
        let lost = sure.into_iter().flat_map(|keyed| &keyed.ledger.repairs.lost);
        lost.filter_map(|lost| {
            let (sign, tell) = (self.repair_at(cx, lost), self.retell_at(cx, lost));
            sign.into_iter().chain(tell).min()
        })
        .min()
    }

    /// Signs lost changes again, or tells of them whoever can.
    pub(crate) fn repair(&mut self, cx: &mut Shared) {
        let now = cx.now.ms;
        let Some(keyed) = self.keyed() else { return };
        let all = keyed.ledger.repairs.lost.iter();
        let due = all.clone().any(|lost| self.repair_at(cx, lost).is_some_and(|at| at <= now));
        if due {
            return self.sign_again(cx);
        }
        let mut telling = all.filter(|lost| self.retell_at(cx, lost).is_some_and(|at| at <= now));
        let Some(step) = telling.next().map(|lost| lost.step.clone()) else { return };
        if let Some(keyed) = self.keyed_mut() {
            keyed.ledger.repairs.heard(&step.record.id());
            keyed.ledger.repairs.told = Some(now);
        }
        let record = step.record.signed.clone();
        cx.send(self.name(), &Frame::Announce { record, author: step.author });
    }

    /// Signs a list with all lost removals and bars that this seat can do.
    fn sign_again(&mut self, cx: &mut Shared) {
        let (me, now) = (cx.me(), cx.now.ms);
        let Ok(mut draft) = self.draft(cx) else { return };
        let Some(keyed) = self.keyed_mut() else { return };
        // Whatever comes of it, it is not tried again at once.
        keyed.signed_at = Some(now);
        let list = keyed.ledger.list().clone();
        let mut cause = Cause::List;
        for lost in &mut keyed.ledger.repairs.lost {
            for id in lost.all().filter(|id| stands_over(&list, &me, id)) {
                // Where there is no room to bar, the seat goes at least.
                let _ = draft.set(*id, Rights::NONE);
                if lost.bar.contains(id) && draft.bar(*id).is_ok() {
                    cause = Cause::Exclusion;
                }
            }
        }
        let _ = self.enact(cx, draft, cause);
        // What could not be done now cannot be done later either.
        if let Some(keyed) = self.keyed_mut() {
            for lost in &mut keyed.ledger.repairs.lost {
                lost.remove.retain(|id| !stands_over(&list, &me, id));
                lost.bar.retain(|id| !stands_over(&list, &me, id));
            }
            keyed.ledger.settle(&list);
        }
    }
}

impl Lost {
    fn of(step: &Proven, until: u32, since: u64, unheard: Option<u64>) -> Self {
        let (remove, bar) = (Vec::new(), Vec::new());
        Self { step: step.clone(), until, remove, bar, since, unheard }
    }
}
