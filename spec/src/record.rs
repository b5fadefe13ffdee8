//! The key record: the one object that members must agree on (R-ROS-2, R-EXP-1, R-EXP-2).
//!
//! Spec: chapter 8. Here stands what a record is and what makes it well-formed; what makes it
//! valid needs signatures and other records, and is the core's.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bytes::{ChannelId, Commit, MemberId, Point, Root, Signature};
use crate::limits::{
    BARRED_MAX, CHANGES_MAX, EPOCH_MAX, LIFETIME_MAX_MINUTES, SEATS_MAX, STEP_MAX,
};

/// What an entry of the list may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rights {
    /// Renew the key, and change the list behind its own entry.
    pub update: bool,
    /// Hand the key out; renew it when nobody who may update is there.
    pub distribute: bool,
}

impl Rights {
    /// Both rights.
    pub const BOTH: Self = Self { update: true, distribute: true };
    /// None: the entry is barred.
    pub const NONE: Self = Self { update: false, distribute: false };

    /// Whether there is any.
    pub fn any(self) -> bool {
        self.update || self.distribute
    }

    /// These and those of `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            update: self.update || other.update,
            distribute: self.distribute || other.distribute,
        }
    }

    /// These but not those of `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            update: self.update && !other.update,
            distribute: self.distribute && !other.distribute,
        }
    }

    /// Whether all those of `other` are among these.
    pub fn include(self, other: Self) -> bool {
        self.with(other) == self
    }
}

/// One entry of the list: a seat, or a barred member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose.
    pub id: MemberId,
    /// How often this seat has changed what stands behind it; 0 to [`CHANGES_MAX`].
    pub changes: u32,
    /// [`Rights::NONE`] bars the member.
    pub rights: Rights,
}

impl Entry {
    /// An entry that has changed nothing yet.
    pub fn new(id: MemberId, rights: Rights) -> Self {
        Self { id, changes: 0, rights }
    }
}

/// On the wire: the identifier, then `changes * 4 + distribute * 2 + update` as one varint.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rights = u32::from(self.rights.update) | u32::from(self.rights.distribute) << 1;
        (self.id, self.changes << 2 | rights).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (id, packed) = <(MemberId, u32)>::deserialize(deserializer)?;
        let rights = Rights { update: packed & 1 != 0, distribute: packed & 2 != 0 };
        Ok(Self { id, changes: packed >> 2, rights })
    }
}

/// Seats in order of seniority, then barred members.
///
/// At most [`SEATS_MAX`] and [`BARRED_MAX`]; nobody twice; the first has `update`; `changes` of a
/// barred member is 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Entry>")]
pub struct List(Vec<Entry>);

impl List {
    /// A list, if `entries` are one.
    pub fn new(entries: Vec<Entry>) -> Option<Self> {
        let seats = entries.iter().take_while(|entry| entry.rights.any()).count();
        let barred = entries.iter().skip(seats);
        let well_formed = entries.first().is_some_and(|first| first.rights.update)
            && seats <= SEATS_MAX
            && barred.clone().count() <= BARRED_MAX
            && barred.clone().all(|entry| !entry.rights.any() && entry.changes == 0)
            && entries.iter().all(|entry| entry.changes <= CHANGES_MAX)
            && entries.iter().enumerate().all(|(at, entry)| {
                entries.iter().skip(at.saturating_add(1)).all(|other| other.id != entry.id)
            });
        well_formed.then_some(Self(entries))
    }

    /// All entries, seats first.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The seats in order of seniority, each with its number.
    pub fn seats(&self) -> impl Iterator<Item = (u8, &Entry)> {
        (0..).zip(self.0.iter().take_while(|entry| entry.rights.any()))
    }

    /// The numbers of the seats that have `update`, in order of seniority.
    pub fn updaters(&self) -> impl Iterator<Item = u8> {
        self.seats().filter(|(_, entry)| entry.rights.update).map(|(number, _)| number)
    }

    /// The barred members.
    pub fn barred(&self) -> impl Iterator<Item = &MemberId> {
        self.0.iter().filter(|entry| !entry.rights.any()).map(|entry| &entry.id)
    }

    /// The entry of a seat.
    pub fn seat(&self, number: u8) -> Option<&Entry> {
        self.0.get(usize::from(number)).filter(|entry| entry.rights.any())
    }

    /// The seat of a member.
    pub fn seat_of(&self, id: &MemberId) -> Option<(u8, &Entry)> {
        self.seats().find(|(_, entry)| entry.id == *id)
    }

    /// The rights of a member; none if it has no seat.
    pub fn rights_of(&self, id: &MemberId) -> Rights {
        self.seat_of(id).map_or(Rights::NONE, |(_, entry)| entry.rights)
    }

    /// Whether the member is barred.
    pub fn bars(&self, id: &MemberId) -> bool {
        self.barred().any(|barred| barred == id)
    }

    /// Its encoding, by which lists are ordered after `changes`.
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::frame::encode(self)
    }
}

impl TryFrom<Vec<Entry>> for List {
    type Error = &'static str;

    fn try_from(entries: Vec<Entry>) -> Result<Self, Self::Error> {
        Self::new(entries).ok_or("not a list")
    }
}

/// How the key of a record reaches those who shall have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Descent {
    /// The first key of a channel: its founder is alone.
    Genesis {
        /// The founder's certificate key; entry 0 is its [`MemberId`].
        founder: Point,
        /// Whether texts are signed unless their sender says otherwise.
        signed: bool,
    },
    /// Sealed to each member: starts an epoch.
    Sealed,
    /// Wrapped under a key that descends from `root`.
    Wrapped {
        /// The sealed or genesis record at the start of this line of keys.
        root: Root,
        /// How many wraps lie between; 1 to [`STEP_MAX`].
        step: u8,
    },
}

/// Why a key was made. It informs; nothing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cause {
    /// The channel was opened.
    Founding,
    /// A period has passed.
    Period,
    /// Enough messages were sent.
    Messages,
    /// Enough bytes were sent.
    Bytes,
    /// The channel grew.
    Growth,
    /// The topic changed.
    Topic,
    /// Nobody has spoken for long.
    Idle,
    /// A member wished it.
    Wish,
    /// Only one member is left.
    Alone,
    /// The lifetime of the previous key is over.
    Lifetime,
    /// Somebody who held the previous key has left or was barred.
    Exclusion,
    /// Seats were granted, revoked or moved, or members barred or pardoned.
    List,
    /// Nobody had the previous key.
    Missing,
}

/// Everything that members agree on: who may do what, and which key is current.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Of which channel; in a genesis the digest of its name.
    pub channel: ChannelId,
    /// Who may renew and hand out the key, and who is barred.
    pub list: List,
    /// The updating order: the numbers of all seats with `update`, each once.
    pub turn: Vec<u8>,
    /// Sealed rotations since the list changed; 0 to [`EPOCH_MAX`].
    pub epoch: u16,
    /// How the key travels.
    pub descent: Descent,
    /// The seat that signed.
    pub author: u8,
    /// Why.
    pub cause: Cause,
    /// When, in minutes since 1970.
    pub time: u32,
    /// How long the key may seal texts, in minutes; 1 to [`LIFETIME_MAX_MINUTES`].
    pub lifetime: u16,
    /// Binds the record to its key.
    pub commit: Commit,
}

impl Record {
    /// The bytes that are signed, after [`label::SIGN_RECORD`](crate::label), and hashed to a
    /// [`KeyId`](crate::KeyId).
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::frame::encode(self)
    }

    /// Reads exactly one well-formed record.
    ///
    /// # Errors
    /// [`Malformed`](crate::Malformed) unless `bytes` are the one encoding of a well-formed record.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, crate::Malformed> {
        let record: Self = crate::frame::decode_all(bytes)?;
        if record.well_formed() { Ok(record) } else { Err(crate::Malformed::Content) }
    }

    /// The entry of its author.
    pub fn author_entry(&self) -> Option<&Entry> {
        self.list.seat(self.author)
    }

    /// The founder's certificate key, if this is a genesis.
    pub fn founder(&self) -> Option<Point> {
        match self.descent {
            Descent::Genesis { founder, .. } => Some(founder),
            Descent::Sealed | Descent::Wrapped { .. } => None,
        }
    }

    /// How many wraps lie between this key and the sealed one it descends from.
    pub fn step(&self) -> u8 {
        match self.descent {
            Descent::Wrapped { step, .. } => step,
            Descent::Genesis { .. } | Descent::Sealed => 0,
        }
    }

    /// Whether bounds and the relations between fields hold (chapter 3, "Well-formed records").
    pub(crate) fn well_formed(&self) -> bool {
        let mut turn = self.turn.clone();
        turn.sort_unstable();
        let descent = match self.descent {
            Descent::Genesis { .. } => {
                let untouched = self.list.entries().iter().all(|entry| entry.changes == 0);
                self.author == 0 && self.epoch == 0 && untouched
            }
            Descent::Sealed => true,
            Descent::Wrapped { step, .. } => (1..=STEP_MAX).contains(&step),
        };
        descent
            && turn.into_iter().eq(self.list.updaters())
            && self.epoch <= EPOCH_MAX
            && self.author_entry().is_some()
            && (1..=LIFETIME_MAX_MINUTES).contains(&self.lifetime)
    }
}

/// A record with the signature of its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedRecord {
    /// What is signed.
    pub record: Record,
    /// By the key that the author's entry names.
    pub signature: Signature,
}
