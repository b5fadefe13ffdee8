//! The grant rule: who is given rights unasked (R-ROS-4, R-ROS-5, R-ROS-8).
//!
//! Spec: chapter 10, "The grant rule". What a rule wants is derived each time anew from the current
//! list, from who is present, and from what the user or, under one rule, the server said. Only what
//! may have changed is looked at: occupants are examined in order of joining, up to the first to
//! seat, and those before it again only if something about them has changed. So an event costs no
//! walk over all members, however many there are.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{DEPARTURE, GRACE, RULE_ABSENCE, RULE_GAP, SEATS_MAX};
use keyrota_spec::{Cause, Entry, List, MemberId, Rights};

use crate::action::{Notice, Refusal};
use crate::channel::Channel;
use crate::config::GrantRule;
use crate::random::Draw;
use crate::roster::Occupant;
use crate::shared::Shared;

/// Members that are remembered to have lost a right; of more the oldest is forgotten.
pub(crate) const PASSED_MAX: usize = 64;
/// Occupants noted one by one to be examined again; of more all are, from the first of them on.
const AGAIN_MAX: usize = 64;

/// What the rule of a channel has to look at.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Ruling {
    /// Occupants that joined before this number were examined, and none of them is one to seat.
    examined: u32,
    /// But for these, of whom something has changed since.
    again: BTreeSet<u32>,
    /// Occupants that the user made operator before they introduced themselves, and as whom.
    pub(crate) named: Vec<(u32, Arc<str>)>,
    /// Occupants of whom the server said that they are operators no more.
    unmarked: Vec<u32>,
    /// Since when the rule wants another list.
    since: Option<u64>,
    /// When it last changed the list here.
    last: Option<u64>,
    /// When the list last changed, whoever did it.
    listed: Option<u64>,
    /// Whether the user was told that the server moves rights.
    warned: bool,
}

impl Ruling {
    /// Another channel, or another rule: everyone is to be examined.
    pub(crate) fn restart(&mut self, rule: GrantRule) {
        self.examine_all();
        self.warned &= rule == GrantRule::Server;
        if rule != GrantRule::Server {
            self.unmarked.clear();
        }
        if rule != GrantRule::Operators {
            self.named.clear();
        }
    }

    fn examine_all(&mut self) {
        self.examined = 0;
        self.again.clear();
    }

    fn examine(&mut self, number: Option<u32>) {
        self.again.extend(number.filter(|number| *number < self.examined));
        if self.again.len() > AGAIN_MAX {
            self.examined = self.again.first().copied().unwrap_or(0);
            self.again.clear();
        }
    }

    /// An occupant left.
    pub(crate) fn gone(&mut self, occupant: &Occupant) {
        self.again.remove(&occupant.joined);
        self.named.retain(|(number, _)| *number != occupant.joined);
        self.unmarked.retain(|number| *number != occupant.joined);
    }
}

/// Members that lost a right other than by this terminal's own rule: no rule here gives them any
/// until the user does.
#[derive(Debug, Default, Clone)]
pub(crate) struct Passed(VecDeque<MemberId>);

impl Passed {
    /// As they were saved.
    pub(crate) fn restored(ids: Vec<MemberId>) -> Self {
        Self(ids.into())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &MemberId> {
        self.0.iter()
    }

    fn contains(&self, id: &MemberId) -> bool {
        self.0.contains(id)
    }

    fn remove(&mut self, id: &MemberId) {
        self.0.retain(|passed| passed != id);
    }

    fn add(&mut self, id: MemberId) {
        self.remove(&id);
        if self.0.len() >= PASSED_MAX {
            self.0.pop_front();
        }
        self.0.push_back(id);
    }
}

impl Channel {
    // ---- what the rule has to look at again

    /// Something about a member has changed: it may be one to seat.
    pub(crate) fn consider(&mut self, id: &MemberId) {
        self.rule.examine(self.roster.member(id).map(|occupant| occupant.joined));
    }

    /// The list has changed, by one's own record or another's.
    pub(crate) fn note_list(&mut self, cx: &Shared, before: &List, after: &List, own: bool) {
        self.rule.listed = Some(cx.now.ms);
        // Of what others take nobody knows whether a rule that obeys the server did.
        let counts = own || self.standing.settings.rule != GrantRule::Server;
        for entry in before.entries().iter().chain(after.entries()) {
            let (was, is) = (rights(before, &entry.id), rights(after, &entry.id));
            if !is.include(was) && counts {
                self.standing.passed.add(entry.id);
            } else if is != was {
                self.standing.passed.remove(&entry.id);
            }
            let number = self.roster.member(&entry.id).map(|occupant| occupant.joined);
            if is != was {
                // What the server said of it before is done, or overtaken by what a user did.
                self.rule.unmarked.retain(|unmarked| Some(*unmarked) != number);
            }
            self.rule.examine(number);
        }
    }

    /// The transport says whether somebody is channel operator.
    pub(crate) fn marked(&mut self, nick: &str, on: bool) {
        let before = self.roster.occupant(nick).is_some_and(|occupant| occupant.operator);
        // Of a stranger to the roster there is nothing to note.
        let _ = self.roster.set_operator(nick, on);
        let number = self.roster.occupant(nick).map(|occupant| occupant.joined);
        self.rule.examine(number);
        if before != on {
            self.rule.unmarked.retain(|unmarked| Some(*unmarked) != number);
            number.into_iter().for_each(|number| self.note_unmarked(number));
        }
    }

    /// All who are operators, before the transport lists everyone anew; nobody where that does not
    /// matter.
    pub(crate) fn operators(&self) -> Vec<u32> {
        let obeys = self.standing.settings.rule == GrantRule::Server;
        let marked = self.roster.iter().filter(|occupant| obeys && occupant.operator);
        marked.map(|occupant| occupant.joined).collect()
    }

    /// Likewise after it, given those of before.
    pub(crate) fn marked_anew(&mut self, before: &[u32]) {
        if self.standing.settings.rule != GrantRule::Server {
            return;
        }
        self.rule.examine_all();
        let operator = |number: &u32| self.roster.numbered(*number).is_some_and(|one| one.operator);
        let mut unmarked = core::mem::take(&mut self.rule.unmarked);
        unmarked.retain(|number| !operator(number));
        self.rule.unmarked = unmarked;
        before.iter().for_each(|number| self.note_unmarked(*number));
    }

    /// Notes that an operator of before is none any more, if it has a seat. Who merely came back
    /// without the mark, as after a split, has lost none.
    fn note_unmarked(&mut self, number: u32) {
        let Some(occupant) = self.roster.numbered(number) else { return };
        let list = self.keyed().map(|keyed| keyed.ledger.list());
        let seat = occupant.member.and_then(|id| list?.seat_of(&id));
        let obeys = self.standing.settings.rule == GrantRule::Server;
        if obeys && !occupant.operator && seat.is_some() && !self.rule.unmarked.contains(&number) {
            self.rule.unmarked.push(number);
        }
    }

    /// Makes an occupant operator that has not introduced itself: that is remembered. `false`: it is
    /// already.
    pub(crate) fn name_operator(&mut self, nick: &str) -> Result<bool, Refusal> {
        let stranger = self.roster.occupant(nick).filter(|occupant| occupant.member.is_none());
        let number = stranger.map(|occupant| occupant.joined).ok_or(Refusal::UnknownMember)?;
        if self.rule.named.iter().any(|(known, _)| *known == number) {
            return Ok(false);
        }
        if self.rule.named.len() >= SEATS_MAX {
            return Err(Refusal::ListFull);
        }
        self.rule.named.push((number, nick.into()));
        Ok(true)
    }

    /// It shall be none, as which the user names it or a member is known: whether it was remembered.
    pub(crate) fn unname_operator(&mut self, nick: &str, id: Option<&MemberId>) -> bool {
        let known = id.and_then(|id| self.roster.member(id));
        let occupant = known.or_else(|| self.roster.occupant(nick));
        let number = occupant.map(|occupant| occupant.joined);
        let before = self.rule.named.len();
        self.rule.named.retain(|(known, _)| Some(*known) != number);
        self.rule.named.len() != before
    }

    // ---- what it wants

    /// Looks whether the rule wants another list, and since when.
    pub(crate) fn review_rule(&mut self, cx: &mut Shared) {
        if self.is_conversation() {
            // Its list is fixed.
            return;
        }
        let rule = self.standing.settings.rule;
        if rule == GrantRule::Server && self.keyed().is_some() && !self.rule.warned {
            self.rule.warned = true;
            cx.notice(self.name(), Notice::ServerMovesRights);
        }
        let wants = self.acts(cx) && {
            let some = self.vacancies(cx).min(1);
            !self.eligible(cx, some).is_empty() || !self.said(cx).is_empty()
        };
        if wants {
            // Who leaves may not be the last to: seats are filled when departures are excluded.
            let leaving = self.keyed().and_then(|keyed| keyed.exclude_since);
            let since = leaving.map_or(cx.now.ms, |at| at.saturating_add(DEPARTURE).max(cx.now.ms));
            self.rule.since.get_or_insert(since);
        } else {
            self.rule.since = None;
        }
    }

    /// Whether this terminal is one that follows its rule now.
    fn acts(&self, cx: &Shared) -> bool {
        let Some((_, seat)) = self.keyed().and_then(|keyed| keyed.ledger.list().seat_of(&cx.me()))
        else {
            return false;
        };
        seat.rights.update
            && match self.standing.settings.rule {
                GrantRule::ByHand => false,
                GrantRule::Operators => true,
                GrantRule::Holders { .. } => seat.rights.include(self.standing.settings.rights),
                GrantRule::FirstJoined { .. } | GrantRule::Random { .. } | GrantRule::Server => {
                    self.is_first(cx)
                }
            }
    }

    /// When it is time to do so.
    pub(crate) fn rule_due(&self, position: u64, not_before: u64) -> Option<u64> {
        let since = self.rule.since?;
        let after = |last: Option<u64>| since.max(last.map_or(0, |at| at.saturating_add(RULE_GAP)));
        let at = match self.standing.settings.rule {
            // What the user has said already.
            GrantRule::Operators => since,
            // Several do it: each lets those before it go first, and all share one gap.
            GrantRule::Holders { .. } => {
                after(self.rule.listed).saturating_add(position.saturating_mul(GRACE))
            }
            // At once there would be nobody to choose among but who comes first.
            GrantRule::Random { .. } => since.saturating_add(RULE_GAP),
            _ => after(self.rule.last),
        };
        Some(at.max(not_before))
    }

    /// To how many more members the rule wants to give rights; 0 where there is no seat to be had.
    fn vacancies(&self, cx: &Shared) -> usize {
        let Some(list) = self.keyed().map(|keyed| keyed.ledger.list()) else { return 0 };
        let gives = self.standing.settings.rights;
        let own = list.seat_of(&cx.me()).map_or(0, |(own, _)| own);
        let (wanted, behind) = match self.standing.settings.rule {
            GrantRule::FirstJoined { seats } | GrantRule::Random { seats } => (seats, None),
            GrantRule::Holders { picks } => (picks, Some(own)),
            GrantRule::Server => (u8::MAX, Some(own)),
            GrantRule::Operators | GrantRule::ByHand => return 0,
        };
        let counts = |(number, entry): &(u8, &Entry)| {
            behind.is_none_or(|own| *number > own)
                && entry.rights.include(gives)
                && self.is_present(cx, &entry.id)
        };
        let seated = list.seats().filter(counts).count();
        let vacant = usize::from(wanted).saturating_sub(seated);
        if vacant > 0 && self.has_room(cx, list) { vacant } else { 0 }
    }

    /// Whether one more seat can be had.
    fn has_room(&self, cx: &Shared, list: &List) -> bool {
        let own = list.seat_of(&cx.me()).map_or(0, |(own, _)| usize::from(own));
        let seats = list.seats().count();
        let behind = list.entries().get(own.saturating_add(1)..seats).unwrap_or_default();
        seats < SEATS_MAX || self.idle_seat(cx, behind).is_some()
    }

    /// The last of these seats whose member has been absent for a day.
    fn idle_seat(&self, cx: &Shared, seats: &[Entry]) -> Option<MemberId> {
        let began = self.keyed().map_or(cx.now.ms, |keyed| keyed.since);
        let long_gone = |id: &MemberId| {
            let left = self.members.left(id).unwrap_or(began);
            !self.is_present(cx, id) && cx.now.ms.saturating_sub(left) >= RULE_ABSENCE
        };
        seats.iter().rev().map(|entry| entry.id).find(long_gone)
    }

    /// The first members that the rule can give rights, in order of joining. Who was examined and
    /// cannot be given any is not looked at again.
    fn eligible(&mut self, cx: &Shared, most: usize) -> Vec<MemberId> {
        let (mut found, mut unfit) = (Vec::new(), Vec::new());
        for number in &self.rule.again {
            if found.len() >= most {
                break;
            }
            match self.eligible_at(cx, *number) {
                Some(id) => found.push(id),
                None => unfit.push(*number),
            }
        }
        let mut examined = self.rule.examined;
        let before = found.len();
        for occupant in self.roster.since(examined) {
            if found.len() >= most {
                break;
            }
            match self.eligible_at(cx, occupant.joined) {
                Some(id) => found.push(id),
                None if found.len() == before => examined = occupant.joined.saturating_add(1),
                None => {}
            }
        }
        self.rule.examined = examined;
        for number in unfit {
            self.rule.again.remove(&number);
        }
        found
    }

    fn eligible_at(&self, cx: &Shared, number: u32) -> Option<MemberId> {
        let occupant = self.roster.numbered(number)?;
        let id = occupant.member?;
        let marked = occupant.operator || self.standing.settings.rule != GrantRule::Server;
        let wanted = marked && !self.standing.passed.contains(&id);
        (wanted && self.can_take(cx, &id, self.standing.settings.rights)).then_some(id)
    }

    /// Whether a member lacks these rights, and can be given them and the key.
    fn can_take(&self, cx: &Shared, id: &MemberId, gives: Rights) -> bool {
        let Some(list) = self.keyed().map(|keyed| keyed.ledger.list()) else { return false };
        let own = list.seat_of(&cx.me()).map(|(own, _)| own);
        let person = self.members.get(id);
        (person.is_some_and(|one| one.admitted.is_some()) || self.granting.asks(id))
            && self.may_receive(cx, id)
            && list.seat_of(id).is_none_or(|(seat, _)| Some(seat) > own)
            && !rights(list, id).include(gives)
    }

    /// Which rights whom shall have because somebody said so: the user, or the server.
    fn said(&mut self, cx: &Shared) -> Vec<(MemberId, Rights)> {
        match self.standing.settings.rule {
            GrantRule::Operators => self.introduced(cx),
            GrantRule::Server => self.unmarked(cx),
            _ => Vec::new(),
        }
    }

    /// Those whom the user made operator and who have introduced themselves since, under the name by
    /// which the user called them: whoever else took the nick has another.
    fn introduced(&mut self, cx: &Shared) -> Vec<(MemberId, Rights)> {
        let mut named = core::mem::take(&mut self.rule.named);
        let mut found = Vec::new();
        named.retain(|(number, name)| {
            let member = self.roster.numbered(*number).and_then(|occupant| occupant.member);
            let Some(id) = member else { return true };
            let voice = self.members.voice(&id);
            let meant = voice.is_some_and(|voice| cx.same_name(&voice.name, name));
            let list = self.keyed().map(|keyed| keyed.ledger.list());
            let has = list.is_some_and(|list| rights(list, &id).include(Rights::BOTH));
            let room = list.is_some_and(|list| self.has_room(cx, list));
            if meant && room && self.can_take(cx, &id, Rights::BOTH) {
                found.push((id, Rights::BOTH));
            }
            meant && !has
        });
        self.rule.named = named;
        found
    }

    /// Seats that the server calls operators no more.
    fn unmarked(&self, cx: &Shared) -> Vec<(MemberId, Rights)> {
        let Some(list) = self.keyed().map(|keyed| keyed.ledger.list()) else { return Vec::new() };
        let gives = self.standing.settings.rights;
        let own = list.seat_of(&cx.me()).map(|(own, _)| own);
        let occupants =
            self.rule.unmarked.iter().filter_map(|number| self.roster.numbered(*number));
        let seats = occupants.filter_map(|occupant| list.seat_of(&occupant.member?));
        seats
            .filter(|(seat, _)| Some(*seat) > own)
            .map(|(_, entry)| (entry.id, entry.rights, entry.rights.without(gives)))
            .filter(|(_, has, keeps)| has != keeps)
            .map(|(id, _, keeps)| (id, keeps))
            .collect()
    }

    // ---- doing it

    /// Changes the list as the rule wants it.
    pub(crate) fn follow_rule(&mut self, cx: &mut Shared) {
        let vacant = self.vacancies(cx);
        let random = matches!(self.standing.settings.rule, GrantRule::Random { .. });
        let mut chosen = self.eligible(cx, if random { usize::MAX } else { vacant });
        if random {
            chosen = draw(cx, chosen, vacant);
        }
        let mut wants = self.said(cx);
        let Ok(mut draft) = self.draft(cx) else { return };
        let gives = self.standing.settings.rights;
        wants.extend(chosen.iter().map(|id| (*id, draft.rights(id).with(gives))));
        // Whom the rule itself takes rights from it may give them again.
        let mut taken = Vec::new();
        for (id, rights) in wants {
            if rights.any() && draft.is_full() {
                let idle = self.idle_seat(cx, draft.behind());
                let _ = idle.map(|id| draft.set(id, Rights::NONE));
                taken.extend(idle);
            }
            if !rights.include(draft.rights(&id)) {
                taken.push(id);
            }
            // Where there is no room the others wait.
            let _ = draft.set(id, rights);
        }
        self.rule.last = Some(cx.now.ms);
        taken.retain(|id| !self.standing.passed.contains(id));
        let _ = self.enact(cx, draft, Cause::List);
        taken.iter().for_each(|id| self.standing.passed.remove(id));
    }
}

/// So many of these, any.
fn draw(cx: &mut Shared, mut from: Vec<MemberId>, most: usize) -> Vec<MemberId> {
    let mut drawn = Vec::new();
    while drawn.len() < most && !from.is_empty() {
        let count = u64::try_from(from.len()).unwrap_or(u64::MAX);
        let at = cx.random.below(Draw::Choice, count);
        drawn.push(from.remove(usize::try_from(at).unwrap_or(0)));
    }
    drawn
}

fn rights(list: &List, id: &MemberId) -> Rights {
    list.seat_of(id).map_or(Rights::NONE, |(_, seat)| seat.rights)
}
