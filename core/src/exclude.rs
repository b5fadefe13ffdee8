//! Excluding those who left: who holds the key, and whether all of them still may (R-UPD-6).
//!
//! Spec: chapter 10, "Holders" and "Exclusion".

use keyrota_spec::{MemberHint, MemberId, Subject};

use crate::action::Notice;
use crate::channel::Channel;
use crate::mutant::Mutant;
use crate::record::KeyRecord;
use crate::shared::Shared;
use crate::time::Moment;

impl Channel {
    /// Whoever goes by this hint holds the key of `record`: it counts if that is under the
    /// current root. Returns whether it is noted now, and is not here as far as this terminal knows.
    pub(crate) fn note_holder(
        &mut self,
        cx: &mut Shared,
        record: &KeyRecord,
        hint: MemberHint,
    ) -> bool {
        if hint == cx.me().hint() {
            return false;
        }
        let known = self.members.hinted(hint).next().map(|(id, _)| *id);
        if let Some(id) = known {
            self.admit(cx, &id);
            if let Some(person) = self.members.get_mut(&id) {
                person.seeks = false;
            }
        }
        if self.is_conversation() {
            // Of two nobody is excluded.
            return false;
        }
        let Some(keyed) = self.keyed_mut() else { return false };
        if record.root() != keyed.ledger.current().root() || !keyed.holders.insert(hint) {
            return false;
        }
        let seated = keyed.ledger.list().seat_of(&cx.me()).is_some();
        if let Some(id) = known {
            self.judge_holder(cx, &id);
            if self.is_tolerated(&id) && self.may_keep(&id) {
                cx.notice(self.name(), Notice::Tolerated(id));
            }
        }
        let absent = known.is_none_or(|id| !self.is_present(cx, &id));
        if absent && seated {
            // A seat must know by name whom it may have to exclude, and whether it is here after all.
            self.inquire(cx, Subject::Hello(hint));
        }
        absent
    }

    /// The key came in a box from this nick: the seat that is there holds it; who has not said Hello yet, once
    /// it has.
    pub(crate) fn note_giver(&mut self, cx: &mut Shared, nick: &str, record: &KeyRecord) {
        if Mutant::GiverNotHolder.is_on() {
            return;
        }
        if let Some(seat) = self.seat_at(nick) {
            self.note_holder(cx, record, seat.hint());
            return;
        }
        let unnamed = self.roster.occupant(nick).filter(|occupant| occupant.member.is_none());
        if let Some(joined) = unnamed.map(|occupant| occupant.joined)
            && let Some(keyed) = self.keyed_mut()
            && record.root() == keyed.ledger.current().root()
        {
            keyed.holders.gives(joined);
        }
    }

    /// Who is at this nick has just said so.
    pub(crate) fn name_giver(&mut self, cx: &mut Shared, nick: &str) {
        let seat = self.seat_at(nick);
        let Some(joined) = self.roster.occupant(nick).map(|occupant| occupant.joined) else {
            return;
        };
        let Some(keyed) = self.keyed_mut() else { return };
        let current = keyed.ledger.current().clone();
        if keyed.holders.named(joined)
            && let Some(seat) = seat
        {
            self.note_holder(cx, &current, seat.hint());
        }
    }

    /// Likewise, by the word of a seat, which has made the key or sealed it to this one. Whoever is
    /// not here then, as far as this terminal knows, is so for that seat: what it says itself counts
    /// from now on, and not what the transport says.
    pub(crate) fn note_given(&mut self, cx: &mut Shared, record: &KeyRecord, hint: MemberHint) {
        if self.note_holder(cx, record, hint)
            && let Some(keyed) = self.keyed_mut()
        {
            keyed.holders.doubt(hint);
        }
    }

    /// Whether this member counts as here, wherever its Hello comes from.
    pub(crate) fn is_doubted(&self, id: &MemberId) -> bool {
        self.keyed().is_some_and(|keyed| keyed.holders.is_doubted(id.hint()))
    }

    /// A member was seen with a key: it is one from now on, if it was none.
    pub(crate) fn admit(&mut self, cx: &Shared, id: &MemberId) {
        let Some(person) = self.members.get_mut(id) else { return };
        if person.admitted.is_none() {
            person.admitted = Some(Moment::new(cx.now.ms));
            self.consider(id);
        }
    }

    /// Looks anew whether a member is where it may hold the key, and so whether an exclusion is
    /// due, and since when.
    pub(crate) fn judge_holder(&mut self, cx: &Shared, id: &MemberId) {
        self.consider(id);
        let may_keep = self.may_keep(id);
        if let Some(person) = self.members.get_mut(id).filter(|person| person.accepted.is_ok()) {
            person.left_out = false;
        }
        let Some(keyed) = self.keyed_mut() else { return };
        keyed.holders.judge(id.hint(), may_keep);
        if Mutant::ExclusionPutOff.is_on() {
            keyed.exclude_since = None;
        }
        if keyed.holders.any_gone() {
            keyed.exclude_since.get_or_insert(cx.now.ms);
        } else {
            keyed.exclude_since = None;
        }
    }

    /// A holder that nobody knows has not answered: it is as good as gone.
    pub(crate) fn judge_silent(&mut self, cx: &Shared, hint: MemberHint) {
        let known = self.members.hinted(hint).next().is_some();
        if let Some(keyed) = self.keyed_mut().filter(|_| !known) {
            keyed.holders.judge(hint, false);
            if keyed.holders.any_gone() {
                keyed.exclude_since.get_or_insert(cx.now.ms);
            }
        }
    }

    /// Likewise for everybody, when the list or the root has changed.
    pub(crate) fn judge_all_holders(&mut self, cx: &Shared) {
        let holders = self.keyed().map(|keyed| &keyed.holders);
        let all = self.members.iter().map(|(id, _)| *id);
        let ids: alloc::vec::Vec<MemberId> =
            all.filter(|id| holders.is_some_and(|all| all.contains(id.hint()))).collect();
        for id in &ids {
            self.judge_holder(cx, id);
        }
    }
}
