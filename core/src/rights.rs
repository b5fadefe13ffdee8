//! Who gets which right by the user's hand: the commands that give, take, bar and pardon (R-ROS-6,
//! R-ROS-7).
//!
//! Spec: chapter 10, "Changing the list" and "Commands". What is given unasked is the
//! [rule's](crate::rule).

use alloc::vec::Vec;

use keyrota_spec::limits::{BARRED_MAX, SEATS_MAX};
use keyrota_spec::{Cause, Entry, List, MemberId, Rights};

use crate::action::Refusal;
use crate::authentication::Rejection;
use crate::channel::Channel;
use crate::config::GrantRule;
use crate::mode::{self, ModeChange};
use crate::renew::Change;
use crate::shared::Shared;

/// A list being changed by one of its seats.
pub(crate) struct Draft {
    seats: Vec<Entry>,
    barred: Vec<MemberId>,
    turn: Vec<MemberId>,
    /// The seat that changes it; what stands before it, and itself, stays.
    own: usize,
}

impl Draft {
    /// `None` for a member without the right to change the list.
    pub(crate) fn new(list: &List, turn: &[u8], author: &MemberId) -> Option<Self> {
        let (own, _) = list.seat_of(author).filter(|(_, entry)| entry.rights.update)?;
        Some(Self {
            seats: list.seats().map(|(_, entry)| *entry).collect(),
            barred: list.barred().copied().collect(),
            turn: turn.iter().filter_map(|seat| list.seat(*seat).map(|entry| entry.id)).collect(),
            own: own.into(),
        })
    }

    /// What a member may do by it.
    pub(crate) fn rights(&self, id: &MemberId) -> Rights {
        let seat = self.seats.iter().find(|entry| entry.id == *id);
        seat.map_or(Rights::NONE, |entry| entry.rights)
    }

    /// The seats that its author may change.
    pub(crate) fn behind(&self) -> &[Entry] {
        self.seats.get(self.own.saturating_add(1)..).unwrap_or_default()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.seats.len() >= SEATS_MAX
    }

    /// Gives a member these rights and no others.
    pub(crate) fn set(&mut self, id: MemberId, rights: Rights) -> Result<(), Refusal> {
        let seat = self.seats.iter().position(|entry| entry.id == id);
        if self.rights(&id) == rights {
            return Ok(());
        }
        match seat {
            Some(at) if at == self.own => return Err(Refusal::OwnSeat),
            Some(at) if at < self.own => return Err(Refusal::NotSenior),
            Some(at) if !rights.any() => drop(self.seats.remove(at)),
            Some(at) => self.seats.iter_mut().skip(at).take(1).for_each(|one| one.rights = rights),
            None if self.barred.contains(&id) => return Err(Refusal::Barred),
            None if self.is_full() => return Err(Refusal::ListFull),
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

    /// Gives or takes what a MODE command says.
    pub(crate) fn change(&mut self, id: MemberId, change: &ModeChange<'_>) -> Result<(), Refusal> {
        let mut rights = self.rights(&id);
        match *change {
            ModeChange::Distribute { on, .. } => rights.distribute = on,
            ModeChange::Update { on, .. } => rights.update = on,
            ModeChange::UpdateAt { .. } => rights.update = true,
            ModeChange::Operator { on: true, .. } => rights = Rights::BOTH,
            ModeChange::Operator { on: false, .. } => rights = Rights::NONE,
            ModeChange::Encrypt { .. } => {}
        }
        self.set(id, rights)?;
        if let ModeChange::UpdateAt { position, .. } = *change {
            self.place(id, usize::from(position).saturating_sub(1));
        }
        Ok(())
    }

    /// Puts a member with `update` at a place in the updating order, 0 the first.
    fn place(&mut self, id: MemberId, at: usize) {
        self.turn.retain(|other| *other != id);
        self.turn.insert(at.min(self.turn.len()), id);
    }

    pub(crate) fn bar(&mut self, id: MemberId) -> Result<(), Refusal> {
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

    pub(crate) fn pardon(&mut self, id: MemberId) -> Result<(), Refusal> {
        let before = self.barred.len();
        self.barred.retain(|barred| *barred != id);
        if self.barred.len() == before { Err(Refusal::Nothing) } else { Ok(()) }
    }

    pub(crate) fn finish(self) -> Option<Change> {
        let barred = self.barred.iter().map(|id| Entry::new(*id, Rights::NONE));
        let list = List::new(self.seats.iter().copied().chain(barred).collect())?;
        let number = |id: &MemberId| list.seat_of(id).map(|(seat, _)| seat);
        let turn = self.turn.iter().filter_map(number).collect();
        Some(Change { list, turn })
    }
}

impl Channel {
    pub(crate) fn draft(&self, cx: &Shared) -> Result<Draft, Refusal> {
        if self.is_conversation() {
            return Err(Refusal::OtherKind);
        }
        let record = self.keyed().ok_or(Refusal::NoKey)?.ledger.current().record();
        Draft::new(&record.list, &record.turn, &cx.me()).ok_or(Refusal::NotSenior)
    }

    /// Makes a draft the current list, or, if only the updating order differs, just that.
    pub(crate) fn enact(
        &mut self,
        cx: &mut Shared,
        draft: Draft,
        cause: Cause,
    ) -> Result<(), Refusal> {
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

    /// Whom the user means: by its identifier, or who is, or was last, seen under a nick.
    ///
    /// What has the form of an identifier is one, whoever may have taken it for a nick.
    fn member_called(&self, cx: &Shared, nick: &str) -> Option<MemberId> {
        if let Some(id) = MemberId::from_hex(nick) {
            return Some(id);
        }
        if cx.is_me(nick) {
            return Some(cx.me());
        }
        let here = self.roster.occupant(nick);
        match here {
            Some(occupant) => occupant.member,
            None => self.members.last_at(&cx.fold(nick)?),
        }
    }

    /// A MODE command of the user: all of it, or nothing.
    pub(crate) fn command_mode(&mut self, cx: &mut Shared, modes: &str) -> Result<(), Refusal> {
        let modes = mode::parse(modes).map_err(Refusal::Mode)?;
        if modes.channel.is_some_and(|name| !cx.same_name(name, &self.standing.name)) {
            return Err(Refusal::NotJoined);
        }
        let named = self.rule.named.clone();
        let result = self.carry_out(cx, &modes.changes);
        if result.is_err() {
            self.rule.named = named;
        }
        result
    }

    fn carry_out(&mut self, cx: &mut Shared, changes: &[ModeChange<'_>]) -> Result<(), Refusal> {
        let operators = self.standing.settings.rule == GrantRule::Operators;
        let mut plain = self.standing.plain;
        let (mut draft, mut remembered) = (None, false);
        for change in changes {
            if let ModeChange::Encrypt { on } = change {
                plain = !on;
                continue;
            }
            let draft = match &mut draft {
                Some(draft) => draft,
                none => none.insert(self.draft(cx)?),
            };
            let nick = change.nick().unwrap_or_default();
            let id = match (self.member_called(cx, nick), change) {
                (Some(id), _) => id,
                (None, ModeChange::Operator { on: true, .. }) if operators => {
                    remembered |= self.name_operator(nick)?;
                    continue;
                }
                (None, ModeChange::Operator { on: false, .. })
                    if self.unname_operator(nick, None) =>
                {
                    remembered = true;
                    continue;
                }
                (None, _) => return Err(Refusal::UnknownMember),
            };
            if let ModeChange::Operator { on: false, .. } = change {
                remembered |= self.unname_operator(nick, Some(&id));
            }
            draft.change(id, change)?;
        }
        let result = draft.map_or(Err(Refusal::Nothing), |one| self.enact(cx, one, Cause::List));
        let changed = plain != self.standing.plain || remembered;
        if result.is_ok() || (changed && result == Err(Refusal::Nothing)) {
            self.standing.plain = plain;
            cx.unsaved |= changed;
            return Ok(());
        }
        result
    }

    /// Shuts out whom the user names.
    pub(crate) fn command_bar(&mut self, cx: &mut Shared, nick: &str) -> Result<(), Refusal> {
        let id = self.member_called(cx, nick).ok_or(Refusal::UnknownMember)?;
        self.bar(cx, id)
    }

    /// Lets whom the user names in again.
    pub(crate) fn command_pardon(&mut self, cx: &mut Shared, nick: &str) -> Result<(), Refusal> {
        let id = self.member_called(cx, nick).ok_or(Refusal::UnknownMember)?;
        let mut draft = self.draft(cx)?;
        draft.pardon(id)?;
        self.enact(cx, draft, Cause::List)
    }

    /// Shuts a member out: takes its seat and bars it.
    fn bar(&mut self, cx: &mut Shared, id: MemberId) -> Result<(), Refusal> {
        let mut draft = self.draft(cx)?;
        draft.bar(id)?;
        self.enact(cx, draft, Cause::Exclusion)
    }

    /// The user revoked a member's certificate: bars it, or at least excludes it.
    pub(crate) fn revoke(&mut self, cx: &mut Shared, id: MemberId) {
        let listed = self.keyed().is_some_and(|keyed| keyed.ledger.list().seat_of(&id).is_some());
        match self.members.get_mut(&id) {
            Some(person) => person.accepted = Err(Rejection::Revoked),
            None if listed => {}
            None => return,
        }
        if self.is_conversation() {
            // Nothing is sealed from now on.
            return;
        }
        if self.bar(cx, id).is_err() {
            self.judge_holder(cx, &id);
            let keyed = self.keyed();
            if keyed.is_some_and(|keyed| keyed.holders.contains(id.hint())) {
                self.rotate(cx, Cause::Exclusion, None);
            }
        }
    }
}
