//! Who has introduced itself in a channel: Hellos, presence, and who holds the key (R-ROS-2).
//!
//! Spec: chapter 9, "Hello", and chapter 10, "Presence" and "Holders". Everything about one member is
//! found in time logarithmic in the number of members. Of many few speak and fewer leave; so of each
//! there is little more than its Hello as it came, and what else is needed of those alone.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;

use keyrota_spec::limits::{CLAIMS_MAX, MEMBERS_MAX};
use keyrota_spec::{Ask, MemberHint, MemberId, Point, SignedHello, Tag};

use crate::authentication::{Rejection, Voucher};
use crate::crypto::VerifyingKey;
use crate::roster::{Digest, digest};
use crate::time::Moment;
use crate::voices::{Voice, Voices};

/// A member as its newest Hello shows it.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Person {
    /// The newest, encoded: it is seldom read, and passed on as it came.
    hello: Box<[u8]>,
    tag: Tag,
    pub(crate) accepted: Result<Voucher, Rejection>,
    /// Since when it is a member without a break: when it was first seen with a key since it came.
    pub(crate) admitted: Option<Moment>,
    /// Whether this terminal made a key without it, because it is not accepted.
    pub(crate) left_out: bool,
    /// Whether its newest Hello asks for a channel's key, knowing no record, and it was not seen to hold one since.
    pub(crate) seeks: bool,
}

impl Person {
    pub(crate) fn new(
        hello: &SignedHello,
        accepted: Result<Voucher, Rejection>,
        admitted: Option<Moment>,
    ) -> Self {
        let seeks = matches!(hello.hello.ask, Some((Ask::Latest, _)));
        let (tag, hello) = (hello.hello.tag, hello.to_bytes().into());
        Self { hello, tag, accepted, admitted, left_out: false, seeks }
    }

    /// Whether the user has still to say whether to accept it.
    pub(crate) fn is_undecided(&self) -> bool {
        self.accepted == Err(Rejection::Undecided)
    }

    /// Whether the user, or what it goes by, is against it.
    pub(crate) fn is_refused(&self) -> bool {
        self.accepted.is_err() && !self.is_undecided()
    }

    /// Never `None`: it was encoded here.
    pub(crate) fn hello(&self) -> Option<SignedHello> {
        SignedHello::from_bytes(&self.hello).ok()
    }

    /// When the newest Hello was made, in seconds since 1970.
    pub(crate) fn time(&self) -> u64 {
        self.hello().map_or(0, |signed| signed.hello.time)
    }

    /// The certificate key.
    pub(crate) fn key(&self) -> Option<Point> {
        self.hello().map(|signed| signed.hello.certificate.body.key)
    }
}

/// What is to be known of a member that is bound to no nick.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
struct Away {
    /// The folded nick to which it was bound last.
    nick: Option<Arc<str>>,
    /// When it was last seen to leave.
    left: Option<Moment>,
}

/// Everyone who has introduced itself, present or not.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Members {
    people: BTreeMap<MemberId, Person>,
    /// A tag proves nothing; whoever claims it is tried.
    tags: BTreeSet<(Tag, MemberHint)>,
    away: BTreeMap<MemberId, Away>,
    /// Where to look for who of those away was bound to a folded nick.
    last_at: BTreeSet<(Digest, MemberHint)>,
    voices: Voices,
}

impl Members {
    pub(crate) fn get(&self, id: &MemberId) -> Option<&Person> {
        self.people.get(id)
    }

    /// This terminal makes a key without those who are not accepted.
    pub(crate) fn leave_out_refused(&mut self) {
        for person in self.people.values_mut().filter(|person| person.is_refused()) {
            person.left_out = true;
        }
    }

    pub(crate) fn get_mut(&mut self, id: &MemberId) -> Option<&mut Person> {
        self.people.get_mut(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&MemberId, &Person)> {
        self.people.iter()
    }

    /// Who goes by a hint: one, unless somebody went to some length.
    pub(crate) fn hinted(&self, hint: MemberHint) -> impl Iterator<Item = (&MemberId, &Person)> {
        let mut least = [0; 16];
        for (to, from) in least.iter_mut().zip(hint.0) {
            *to = from;
        }
        self.people.range(MemberId(least)..).take_while(move |(id, _)| id.hint() == hint)
    }

    /// Who claims a tag.
    pub(crate) fn tagged(&self, tag: Tag) -> impl Iterator<Item = (&MemberId, &Person)> {
        let claims = self.tags.range((tag, MemberHint([0; 4]))..=(tag, MemberHint([0xff; 4])));
        let people = claims.flat_map(|(_, hint)| self.hinted(*hint));
        people.filter(move |(_, person)| person.tag == tag).take(CLAIMS_MAX)
    }

    /// What the texts of a member are verified with.
    pub(crate) fn voice(&self, id: &MemberId) -> Option<Voice> {
        self.voices.get(id).cloned().or_else(|| {
            let body = self.get(id)?.hello()?.hello.certificate.body;
            let signing = VerifyingKey::from_bytes(&body.key.0)?;
            Some(Voice { id: *id, name: body.name.as_str().into(), signing })
        })
    }

    /// A text of this member was verified: another one may follow.
    pub(crate) fn spoke(&mut self, voice: Voice) {
        self.voices.note(voice);
    }

    /// Takes a Hello in that is newer than the last. `false`: there is no room.
    pub(crate) fn insert(&mut self, id: MemberId, person: Person) -> bool {
        let known = self.people.contains_key(&id);
        if !known && self.people.len() >= MEMBERS_MAX {
            return false;
        }
        // Its name may be another, and whoever was seen to leave may be here again.
        self.voices.forget(&id);
        match self.away.get_mut(&id) {
            Some(away) => away.left = None,
            None if known => {}
            None => drop(self.away.insert(id, Away::default())),
        }
        let tag = person.tag;
        let before = self.people.insert(id, person);
        self.tags.insert((tag, id.hint()));
        if let Some(before) = before {
            self.unclaim(before.tag, id.hint());
        }
        true
    }

    /// Forgets a member that is nowhere needed.
    pub(crate) fn remove(&mut self, id: &MemberId) {
        self.came(id);
        self.voices.forget(id);
        if let Some(person) = self.people.remove(id) {
            self.unclaim(person.tag, id.hint());
        }
    }

    /// One who goes by this hint claims the tag no longer.
    fn unclaim(&mut self, tag: Tag, hint: MemberHint) {
        if self.hinted(hint).all(|(_, person)| person.tag != tag) {
            self.tags.remove(&(tag, hint));
        }
    }

    // ---- who is away

    /// A member was bound to a nick.
    pub(crate) fn came(&mut self, id: &MemberId) {
        if let Some(nick) = self.away.remove(id).and_then(|away| away.nick) {
            self.last_at.remove(&(digest(&nick), id.hint()));
        }
    }

    /// Another member was bound to its nick.
    pub(crate) fn displaced(&mut self, id: &MemberId) {
        if self.people.contains_key(id) {
            self.away.entry(*id).or_default();
        }
    }

    /// The occupant with this folded nick, to which it was bound, left.
    pub(crate) fn left_from(&mut self, id: &MemberId, nick: &str, now: u64) {
        let Some(person) = self.people.get_mut(id) else { return };
        person.admitted = None;
        let nick: Arc<str> = nick.into();
        self.last_at.insert((digest(&nick), id.hint()));
        self.away.insert(*id, Away { nick: Some(nick), left: Some(Moment::new(now)) });
    }

    /// It is not here, and others know so: it has left by now.
    pub(crate) fn has_left(&mut self, id: &MemberId, now: u64) {
        if let Some(away) = self.away.get_mut(id) {
            away.left.get_or_insert(Moment::new(now));
        }
    }

    /// When it was last seen to leave, in milliseconds; `None`: it may be here.
    pub(crate) fn left(&self, id: &MemberId) -> Option<u64> {
        self.away.get(id)?.left.map(Moment::ms)
    }

    /// Who was last bound to a folded nick, and is bound to none now.
    pub(crate) fn last_at(&self, nick: &str) -> Option<MemberId> {
        let key = digest(nick);
        let hints = self.last_at.range((key, MemberHint([0; 4]))..=(key, MemberHint([0xff; 4])));
        let people = hints.flat_map(|(_, hint)| self.hinted(*hint)).map(|(id, _)| id);
        let away = people.filter_map(|id| self.away.get(id).map(|away| (away, id)));
        let there = away.filter(|(away, _)| away.nick.as_deref() == Some(nick));
        there.max_by_key(|(away, _)| away.left).map(|(_, id)| *id)
    }

    /// The folded nick to which a member was bound last, if it is bound to none now.
    pub(crate) fn last_nick(&self, id: &MemberId) -> Option<&Arc<str>> {
        self.away.get(id)?.nick.as_ref()
    }

    /// Everyone who is bound to no nick.
    pub(crate) fn away(&self) -> impl Iterator<Item = &MemberId> {
        self.away.keys()
    }
}

/// Who holds a key under the current root, as far as was heard, oneself left out.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Holders {
    all: BTreeSet<MemberHint>,
    /// Those of them who are not present, or no longer may hold it.
    gone: BTreeSet<MemberHint>,
    /// Those of them to whom a seat gave it when they were not present here.
    doubted: BTreeSet<MemberHint>,
    /// The last occupant that handed the key out before it said who it is, by when it joined.
    unnamed: Option<u32>,
}

impl Holders {
    /// As they were saved.
    pub(crate) fn restored(all: BTreeSet<MemberHint>) -> Self {
        Self { all, ..Self::default() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &MemberHint> {
        self.all.iter()
    }

    /// `false` if it was known, or there is no room.
    pub(crate) fn insert(&mut self, hint: MemberHint) -> bool {
        self.all.len() < MEMBERS_MAX && self.all.insert(hint)
    }

    /// The same, none of whom was seen in a new stay yet.
    pub(crate) fn unseen(self) -> Self {
        Self::restored(self.all)
    }

    pub(crate) fn contains(&self, hint: MemberHint) -> bool {
        self.all.contains(&hint)
    }

    /// Notes whether this one is where it may hold the key; whoever holds none does not count.
    pub(crate) fn judge(&mut self, hint: MemberHint, may_hold: bool) {
        if may_hold {
            self.gone.remove(&hint);
            self.doubted.remove(&hint);
        } else if self.all.contains(&hint) {
            self.gone.insert(hint);
        }
    }

    /// A seat knows better where this one is.
    pub(crate) fn doubt(&mut self, hint: MemberHint) {
        self.doubted.insert(hint);
    }

    pub(crate) fn is_doubted(&self, hint: MemberHint) -> bool {
        self.doubted.contains(&hint)
    }

    /// This occupant hands the key out, and has not said who it is.
    pub(crate) fn gives(&mut self, joined: u32) {
        self.unnamed = Some(joined);
    }

    /// Whether this occupant did. From now on it is known by name.
    pub(crate) fn named(&mut self, joined: u32) -> bool {
        self.unnamed.take_if(|unnamed| *unnamed == joined).is_some()
    }

    pub(crate) fn any_gone(&self) -> bool {
        !self.gone.is_empty()
    }
}
