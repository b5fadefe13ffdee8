//! Who has introduced itself in a channel: Hellos, presence, and who holds the key (R-ROS-2).
//!
//! Spec: chapter 9, "Hello", and chapter 10, "Presence" and "Holders".

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;

use keyrota_spec::limits::{CLAIMS_MAX, MEMBERS_MAX};
use keyrota_spec::{Certificate, MemberHint, MemberId, Point, SignedHello, Tag};

use crate::authentication::{Rejection, Voucher};
use crate::crypto::VerifyingKey;

/// A member as its newest Hello shows it.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: Arc<str>,
    pub(crate) signing: VerifyingKey,
    /// The newest, kept to be passed on.
    pub(crate) hello: SignedHello,
    /// Where it was last; the roster says whether it still is.
    pub(crate) nick: Arc<str>,
    pub(crate) accepted: Result<Voucher, Rejection>,
    /// Since when it is a member without a break: when it was first seen with a key since it came,
    /// in milliseconds.
    pub(crate) admitted: Option<u64>,
    /// When it was last seen to leave, in milliseconds.
    pub(crate) left: Option<u64>,
}

impl Person {
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.hello.hello.certificate
    }

    /// Whether the user has still to say whether to accept it.
    pub(crate) fn is_undecided(&self) -> bool {
        self.accepted == Err(Rejection::Undecided)
    }

    pub(crate) fn key(&self) -> Point {
        self.certificate().body.key
    }
}

/// Everyone who has introduced itself, present or not.
#[derive(Debug, Default)]
pub(crate) struct Members {
    people: BTreeMap<MemberId, Person>,
    /// A tag proves nothing; whoever claims it is tried.
    tags: BTreeSet<(Tag, MemberId)>,
}

impl Members {
    pub(crate) fn get(&self, id: &MemberId) -> Option<&Person> {
        self.people.get(id)
    }

    pub(crate) fn get_key_value(&self, id: &MemberId) -> Option<(&MemberId, &Person)> {
        self.people.get_key_value(id)
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
        self.tags
            .range((tag, MemberId([0; 16]))..)
            .take_while(move |(claimed, _)| *claimed == tag)
            .take(CLAIMS_MAX)
            .filter_map(|(_, id)| self.people.get_key_value(id))
    }

    /// Takes a Hello in that is newer than the last. `false`: there is no room.
    pub(crate) fn insert(&mut self, id: MemberId, person: Person) -> bool {
        if !self.people.contains_key(&id) && self.people.len() >= MEMBERS_MAX {
            return false;
        }
        self.tags.insert((person.hello.hello.tag, id));
        let Some(before) = self.people.insert(id, person) else { return true };
        let tag = before.hello.hello.tag;
        if self.people.get(&id).is_some_and(|now| now.hello.hello.tag != tag) {
            self.tags.remove(&(tag, id));
        }
        true
    }

    /// Forgets a member that is nowhere needed.
    pub(crate) fn remove(&mut self, id: &MemberId) {
        if let Some(person) = self.people.remove(id) {
            self.tags.remove(&(person.hello.hello.tag, *id));
        }
    }
}

/// Who holds a key under the current root, as far as was heard, oneself left out.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    all: BTreeSet<MemberHint>,
    /// Those of them who are not present, or no longer may hold it.
    gone: BTreeSet<MemberHint>,
}

impl Holders {
    /// As they were saved.
    pub(crate) fn restored(all: BTreeSet<MemberHint>) -> Self {
        Self { all, gone: BTreeSet::new() }
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
        } else if self.all.contains(&hint) {
            self.gone.insert(hint);
        }
    }

    pub(crate) fn any_gone(&self) -> bool {
        !self.gone.is_empty()
    }
}
