//! Who gets which right: the user's commands, and the rule that seats members unasked (R-ROS-4 to
//! R-ROS-7).
//!
//! Spec: chapter 10, "Changing the list". No line of the server changes a list.

use alloc::vec::Vec;

use keyrota_spec::limits::{BARRED_MAX, RULE_ABSENCE, SEATS_MAX};
use keyrota_spec::{Cause, Entry, List, MemberId, Rights};

use crate::action::Refusal;
use crate::authentication::Rejection;
use crate::channel::Channel;
use crate::config::GrantRule;
use crate::mode::{self, ModeChange};
use crate::renew::Change;
use crate::shared::Shared;

/// A list being changed by one of its seats.
#[derive(Clone)]
struct Draft {
    seats: Vec<Entry>,
    barred: Vec<MemberId>,
    turn: Vec<MemberId>,
    /// The seat that changes it; what stands before it, and itself, stays.
    own: usize,
}

impl Draft {
    /// `None` for a member without the right to change the list.
    fn new(list: &List, turn: &[u8], author: &MemberId) -> Option<Self> {
        let (own, _) = list.seat_of(author).filter(|(_, entry)| entry.rights.update)?;
        Some(Self {
            seats: list.seats().map(|(_, entry)| *entry).collect(),
            barred: list.barred().copied().collect(),
            turn: turn.iter().filter_map(|seat| list.seat(*seat).map(|entry| entry.id)).collect(),
            own: own.into(),
        })
    }

    fn rights(&self, id: &MemberId) -> Rights {
        let seat = self.seats.iter().find(|entry| entry.id == *id);
        seat.map_or(Rights::NONE, |entry| entry.rights)
    }

    /// Gives a member these rights and no others.
    fn set(&mut self, id: MemberId, rights: Rights) -> Result<(), Refusal> {
        let seat = self.seats.iter().position(|entry| entry.id == id);
        if self.rights(&id) == rights {
            return Ok(());
        }
        match seat {
            Some(at) if at <= self.own => return Err(Refusal::NotSenior),
            Some(at) if !rights.any() => drop(self.seats.remove(at)),
            Some(at) => self.seats.iter_mut().skip(at).take(1).for_each(|one| one.rights = rights),
            None if self.barred.contains(&id) => return Err(Refusal::Barred),
            None if self.seats.len() >= SEATS_MAX => return Err(Refusal::ListFull),
            None => self.seats.push(Entry::new(id, rights)),
        }
        let updates = self.turn.contains(&id);
        if rights.update && !updates {
            self.turn.push(id);
        } else if !rights.update {
            self.turn.retain(|other| *other != id);
        }
        Ok(())
    }

    /// Puts a member with `update` at a place in the updating order, 0 the first.
    fn place(&mut self, id: MemberId, at: usize) {
        self.turn.retain(|other| *other != id);
        self.turn.insert(at.min(self.turn.len()), id);
    }

    fn bar(&mut self, id: MemberId) -> Result<(), Refusal> {
        self.set(id, Rights::NONE)?;
        if self.barred.contains(&id) {
            return Err(Refusal::Nothing);
        }
        if self.barred.len() >= BARRED_MAX {
            return Err(Refusal::ListFull);
        }
        self.barred.push(id);
        Ok(())
    }

    fn pardon(&mut self, id: MemberId) -> Result<(), Refusal> {
        let before = self.barred.len();
        self.barred.retain(|barred| *barred != id);
        if self.barred.len() == before { Err(Refusal::Nothing) } else { Ok(()) }
    }

    fn finish(self) -> Option<Change> {
        let barred = self.barred.iter().map(|id| Entry::new(*id, Rights::NONE));
        let list = List::new(self.seats.iter().copied().chain(barred).collect())?;
        let number = |id: &MemberId| list.seat_of(id).map(|(seat, _)| seat);
        let turn = self.turn.iter().filter_map(number).collect();
        Some(Change { list, turn })
    }
}

impl Channel {
    fn draft(&self, cx: &Shared) -> Result<Draft, Refusal> {
        let record = self.keyed().ok_or(Refusal::NoKey)?.ledger.current().record();
        Draft::new(&record.list, &record.turn, &cx.me()).ok_or(Refusal::NotSenior)
    }

    /// Makes a draft the current list, or, if only the updating order differs, just that.
    fn enact(&mut self, cx: &mut Shared, draft: Draft, cause: Cause) -> Result<(), Refusal> {
        let change = draft.finish().ok_or(Refusal::NotSenior)?;
        let before = self.keyed().ok_or(Refusal::NoKey)?.ledger.current().clone();
        let current = before.record();
        if change.list != current.list {
            self.rotate(cx, cause, Some(change));
        } else if change.turn != current.turn {
            self.refresh_with(cx, cause, Some(change.turn));
        } else {
            return Err(Refusal::Nothing);
        }
        let now = self.keyed().map(|keyed| keyed.ledger.current().id());
        if now == Some(before.id()) { Err(Refusal::ListFull) } else { Ok(()) }
    }

    /// Who is, or was last, seen under a nick.
    pub(crate) fn member_called(&self, cx: &Shared, nick: &str) -> Option<MemberId> {
        if cx.is_me(nick) {
            return Some(cx.me());
        }
        let here = self.roster.occupant(nick);
        here.and_then(|occupant| occupant.member).or_else(|| {
            let mut people = self.members.iter().filter(|_| here.is_none());
            people.find(|(_, person)| cx.same_name(&person.nick, nick)).map(|(id, _)| *id)
        })
    }

    /// A MODE command of the user: all of it, or nothing.
    pub(crate) fn command_mode(&mut self, cx: &mut Shared, modes: &str) -> Result<(), Refusal> {
        let modes = mode::parse(modes).map_err(Refusal::Mode)?;
        if modes.channel.is_some_and(|name| !cx.same_name(name, &self.standing.name)) {
            return Err(Refusal::NotJoined);
        }
        let mut plain = self.standing.plain;
        let mut draft = None;
        for change in &modes.changes {
            if let ModeChange::Encrypt { on } = change {
                plain = !on;
                continue;
            }
            let nick = change.nick().unwrap_or_default();
            let id = self.member_called(cx, nick).ok_or(Refusal::UnknownMember)?;
            let draft = match &mut draft {
                Some(draft) => draft,
                none => none.insert(self.draft(cx)?),
            };
            let mut rights = draft.rights(&id);
            match *change {
                ModeChange::Distribute { on, .. } => rights.distribute = on,
                ModeChange::Update { on, .. } => rights.update = on,
                ModeChange::UpdateAt { .. } => rights.update = true,
                ModeChange::Operator { on, .. } => {
                    rights = if on { Rights::BOTH } else { Rights::NONE };
                }
                ModeChange::Encrypt { .. } => {}
            }
            draft.set(id, rights)?;
            if let ModeChange::UpdateAt { position, .. } = *change {
                draft.place(id, usize::from(position).saturating_sub(1));
            }
        }
        let changed = core::mem::replace(&mut self.standing.plain, plain) != plain;
        match draft.map(|draft| self.enact(cx, draft, Cause::List)) {
            None | Some(Err(Refusal::Nothing)) if changed => Ok(()),
            None => Err(Refusal::Nothing),
            Some(result) => result,
        }
    }

    /// Shuts a member out: takes its seat and bars it.
    pub(crate) fn bar(&mut self, cx: &mut Shared, id: MemberId) -> Result<(), Refusal> {
        let mut draft = self.draft(cx)?;
        draft.bar(id)?;
        self.enact(cx, draft, Cause::Exclusion)
    }

    /// Lets a barred member in again.
    pub(crate) fn pardon(&mut self, cx: &mut Shared, id: MemberId) -> Result<(), Refusal> {
        let mut draft = self.draft(cx)?;
        draft.pardon(id)?;
        self.enact(cx, draft, Cause::List)
    }

    /// The user revoked a member's certificate: bars it, or at least excludes it.
    pub(crate) fn revoke(&mut self, cx: &mut Shared, id: MemberId) {
        let listed = self.keyed().is_some_and(|keyed| keyed.ledger.list().seat_of(&id).is_some());
        match self.members.get_mut(&id) {
            Some(person) => person.accepted = Err(Rejection::Revoked),
            None if listed => {}
            None => return,
        }
        if self.bar(cx, id).is_err() {
            self.judge_holder(cx, &id);
            let keyed = self.keyed();
            if keyed.is_some_and(|keyed| keyed.holders.contains(id.hint())) {
                self.rotate(cx, Cause::Exclusion, None);
            }
        }
    }

    // ---- the grant rule

    /// Something changed that may change what the rule wants.
    pub(crate) fn unsettle_rule(&mut self) {
        if let Some(keyed) = self.keyed_mut() {
            keyed.rule_stale = true;
        }
    }

    /// Whether the rule wants another list, and since when: looked at again only if it may.
    pub(crate) fn review_rule(&mut self, cx: &Shared) {
        let Some(keyed) = self.keyed_mut() else { return };
        if !core::mem::take(&mut keyed.rule_stale) {
            return;
        }
        let wanted = self.is_first(cx) && self.rule_change(cx).is_some();
        let Some(keyed) = self.keyed_mut() else { return };
        if wanted {
            keyed.vacant_since.get_or_insert(cx.now.ms);
        } else {
            keyed.vacant_since = None;
        }
    }

    /// Seats whom the rule names.
    pub(crate) fn follow_rule(&mut self, cx: &mut Shared) {
        self.unsettle_rule();
        let Some(draft) = self.rule_change(cx) else { return };
        let now = cx.now.ms;
        if let Some(keyed) = self.keyed_mut() {
            keyed.rule_at = Some(now);
        }
        // A draft of the rule always changes something.
        let _ = self.enact(cx, draft, Cause::List);
    }

    /// The list that the rule wants, if it is another one.
    fn rule_change(&self, cx: &Shared) -> Option<Draft> {
        let GrantRule::FirstJoined { seats } = self.standing.settings.rule else { return None };
        let list = self.keyed()?.ledger.list();
        let both = |entry: &Entry| entry.rights == Rights::BOTH && self.is_present(cx, &entry.id);
        let seated = list.seats().filter(|(_, entry)| both(entry)).count();
        let vacant = usize::from(seats).saturating_sub(seated);
        if vacant == 0 {
            return None;
        }
        let seatable = |id: &MemberId| {
            let seat = list.seat_of(id).map_or(Rights::NONE, |(_, entry)| entry.rights);
            let admitted = self.members.get(id).is_some_and(|person| person.admitted.is_some());
            seat != Rights::BOTH && (admitted || self.granting.asks(id)) && self.may_receive(cx, id)
        };
        // In order of joining, and no further than needed.
        let known = self.roster.iter().filter_map(|occupant| occupant.member);
        let mut known = known.filter(seatable).take(vacant).peekable();
        known.peek()?;
        let mut draft = self.draft(cx).ok()?;
        let mut seated_any = false;
        for id in known {
            if draft.seats.len() >= SEATS_MAX {
                self.vacate(cx, &mut draft);
            }
            seated_any |= draft.set(id, Rights::BOTH).is_ok();
        }
        seated_any.then_some(draft)
    }

    /// Takes the last seat whose member has been absent for a day, to make room for another.
    fn vacate(&self, cx: &Shared, draft: &mut Draft) {
        let began = self.keyed().map_or(cx.now.ms, |keyed| keyed.since);
        let long_gone = |id: &MemberId| {
            let left = self.members.get(id).and_then(|person| person.left).unwrap_or(began);
            !self.is_present(cx, id) && cx.now.ms.saturating_sub(left) >= RULE_ABSENCE
        };
        let behind = draft.seats.iter().skip(draft.own.saturating_add(1));
        let idle = behind.rev().map(|entry| entry.id).find(long_gone);
        if let Some(id) = idle {
            let _ = draft.set(id, Rights::NONE);
        }
    }
}
