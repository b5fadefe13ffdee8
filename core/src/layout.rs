//! The layout of a saved state: what stands in it, from a terminal and back (R-SYS-1).
//!
//! Spec: chapter 17, "Layout". Its bounds are in the types; what does not hold together is refused.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::limits::{
    CHANNELS_MAX, DECLINED_MAX, KEYS_MAX, MEMBERS_MAX, PINS_MAX, SEATS_MAX, SETTLED_MAX, TAGS_MAX,
};
use keyrota_spec::{
    ChannelId, IssuerId, KeyId, MemberHint, MemberId, Name, Point, Record, Signature, SignedRecord,
    Tag,
};
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::authentication::{Authentication, Pin, SelfSigned, Voucher};
use crate::channel::Kept;
use crate::direct::Kind;
use crate::key::Key;
use crate::keystore::{Held, Keystore, Past, Seen, Windows};
use crate::ledger::{Ledger, Proof, Proven};
use crate::members::Holders;
use crate::record::KeyRecord;
use crate::records::life_left;
use crate::repair::Repairs;
use crate::replay::Window;
use crate::rooms::{Inside, Room};
use crate::rule::PASSED_MAX;
use crate::time::Now;

/// At most so many items, one after the other, behind their number. Reading takes no more memory than
/// there are items, whatever the number says.
#[derive(Serialize)]
pub(crate) struct Row<T, const MAX: usize>(pub(crate) Vec<T>);

impl<T, const MAX: usize> FromIterator<T> for Row<T, MAX> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Row<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(Vec<T>);

        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
            type Value = Row<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {MAX} items")
            }

            fn visit_seq<A: SeqAccess<'de>>(
                mut self,
                mut items: A,
            ) -> Result<Self::Value, A::Error> {
                while let Some(item) = items.next_element()? {
                    if self.0.len() >= MAX {
                        return Err(A::Error::invalid_length(MAX, &self));
                    }
                    self.0.push(item);
                }
                Ok(Row(self.0))
            }
        }

        deserializer.deserialize_seq(Items::<T, MAX>(Vec::new()))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct State<'a> {
    /// Whose terminal.
    pub(crate) owner: MemberId,
    /// When it was saved, in seconds since 1970.
    pub(crate) at: u64,
    /// The terminal's own secret.
    pub(crate) secret: &'a [u8],
    /// The number of the mapping by which names were compared.
    pub(crate) casemapping: u8,
    pub(crate) acceptance: Acceptance<'a>,
    pub(crate) channels: Row<Channel<'a>, CHANNELS_MAX>,
}

/// Whom the user accepts.
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Acceptance<'a> {
    /// The number of what becomes of certificates for which only their own key vouches.
    self_signed: u8,
    /// Keys of authorities, and whether each is the chat server's.
    issuers: Row<(Point, bool), { usize::MAX }>,
    pins: Row<(&'a str, MemberId, Option<IssuerId>), PINS_MAX>,
    revoked: Row<MemberId, { usize::MAX }>,
    declined: Row<MemberId, DECLINED_MAX>,
}

#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Channel<'a> {
    pub(crate) name: &'a str,
    pub(crate) plain: bool,
    pub(crate) pin: Option<ChannelId>,
    /// The time of the last Hello, in seconds since 1970.
    pub(crate) said: u64,
    pub(crate) passed: Row<MemberId, PASSED_MAX>,
    pub(crate) gone: Row<Gone, KEYS_MAX>,
    pub(crate) stay: Option<Stay<'a>>,
    /// Whether it is a conversation, and the name its peer's nick.
    pub(crate) conversation: bool,
}

/// What was seen under one key, by tag and author.
pub(crate) type Marks = Row<((Tag, Option<MemberId>), Window), TAGS_MAX>;

/// Most records in a proof.
const PROOF_MAX: usize = SEATS_MAX + 1;

/// Records of a proof, by their places.
pub(crate) type Places = Row<u16, PROOF_MAX>;

/// What stays of a key that is no longer held.
#[derive(Serialize, Deserialize)]
pub(crate) struct Gone {
    key: KeyId,
    /// How long it might still seal, in milliseconds.
    left: u64,
    wiped: bool,
    seen: Marks,
}

/// Records and keys.
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Stay<'a> {
    /// Each once; what follows names them by their place.
    pub(crate) records: Row<Known<'a>, { (KEYS_MAX + 1) * (PROOF_MAX + 1) }>,
    pub(crate) current: u16,
    pub(crate) proof: Places,
    pub(crate) wrote: u32,
    pub(crate) holders: Row<MemberHint, MEMBERS_MAX>,
    /// In the order they came.
    pub(crate) keys: Row<Owned<'a>, KEYS_MAX>,
    /// What needs nothing more of lost changes, and of former seats, the oldest first.
    pub(crate) settled: Row<(MemberId, u32), SETTLED_MAX>,
}

#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Known<'a> {
    pub(crate) record: &'a [u8],
    pub(crate) signature: Signature,
    /// The certificate key that signed it, if the record stands in a proof.
    pub(crate) author: Option<Point>,
}

#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Owned<'a> {
    pub(crate) record: u16,
    pub(crate) proof: Places,
    pub(crate) key: &'a [u8],
    /// How long it may still seal, in milliseconds.
    pub(crate) left: u64,
    /// For how long it was held, in milliseconds, and a key above it.
    pub(crate) age: u64,
    pub(crate) superseded: Option<u64>,
    pub(crate) seen: Marks,
}

const SELF_SIGNED: [SelfSigned; 3] = [SelfSigned::Pin, SelfSigned::Ask, SelfSigned::Refuse];

impl<'a> Acceptance<'a> {
    pub(crate) fn of(all: &'a Authentication) -> Self {
        let number = (0..).zip(SELF_SIGNED).find(|(_, one)| *one == all.self_signed);
        let pins = all.pins().map(|(name, pin)| (name.as_str(), pin.member, pin.by));
        Self {
            self_signed: number.map_or(0, |(number, _)| number),
            issuers: all.issuers().map(|(key, by)| (key, by == Voucher::Server)).collect(),
            pins: pins.collect(),
            revoked: all.revoked().copied().collect(),
            declined: all.declined().copied().collect(),
        }
    }

    /// For the terminal of whoever has this key.
    pub(crate) fn read(self, own: &Point) -> Option<Authentication> {
        let mut all = Authentication::default();
        all.self_signed = *SELF_SIGNED.get(usize::from(self.self_signed))?;
        for (key, server) in self.issuers.0 {
            if !(if server { all.add_server(&key) } else { all.add_authority(&key) }) {
                return None;
            }
        }
        all.begin(own);
        let count = self.pins.0.len();
        for (name, member, by) in self.pins.0 {
            all.pin(Name::new(name)?, Pin { member, by });
        }
        self.revoked.0.into_iter().for_each(|id| all.revoke(id));
        self.declined.0.into_iter().for_each(|id| all.decline(id));
        all.take_pinned();
        // Nobody's name, and no name's member, stood twice.
        (all.pins().count() == count).then_some(all)
    }
}

// ---- writing

/// `None`: there is nothing to remember.
pub(crate) fn write(room: &Room, now: Now) -> Option<Channel<'_>> {
    let (standing, stay) = match &room.inside {
        Inside::No(standing) => {
            let kept = standing.kept.as_ref();
            (&**standing, kept.map(|one| (&one.ledger, one.wrote, &one.holders, &one.keys)))
        }
        Inside::Yes(channel) => {
            let keyed = channel.keyed();
            let stay = keyed.map(|one| (&one.ledger, one.wrote, &one.holders, &one.keys));
            (&channel.standing, stay)
        }
    };
    let seen = stay.map_or(&standing.seen, |(.., keys)| keys.seen());
    if stay.is_none() && seen.is_empty() && !standing.plain && standing.pin.is_none() {
        return None;
    }
    Some(Channel {
        name: &standing.name,
        conversation: standing.kind == Kind::Conversation,
        plain: standing.plain,
        pin: standing.pin,
        said: match &room.inside {
            Inside::No(standing) => standing.said,
            Inside::Yes(channel) => channel.own.said(),
        },
        passed: standing.passed.iter().copied().collect(),
        gone: seen.iter().map(|(key, past)| write_past(*key, past, now)).collect(),
        stay: stay.map(|(ledger, wrote, holders, keys)| {
            let mut pool = Pool::default();
            let proof = pool.add_proof(ledger.proof());
            let current = pool.add(ledger.current());
            let keys = keys.iter().map(|held| Owned {
                proof: pool.add_proof(&held.proof),
                record: pool.add(&held.record),
                key: held.key.as_slice(),
                left: held.expires.saturating_sub(now.ms),
                age: now.ms.saturating_sub(held.since),
                superseded: held.superseded.map(|at| now.ms.saturating_sub(at)),
                seen: marks(&held.windows),
            });
            let (keys, holders) = (keys.collect(), holders.iter().copied().collect());
            let settled = ledger.repairs.all_settled().collect();
            Stay { records: Row(pool.records), current, proof, wrote, holders, keys, settled }
        }),
    })
}

fn write_past(key: KeyId, past: &Past, now: Now) -> Gone {
    let left = past.expires.saturating_sub(now.ms);
    Gone { key, left, wiped: past.wiped, seen: marks(&past.windows) }
}

fn marks(windows: &Windows) -> Marks {
    windows.iter().map(|(whose, window)| (*whose, *window)).collect()
}

/// Records by their place, each once.
#[derive(Default)]
struct Pool<'a> {
    records: Vec<Known<'a>>,
    places: BTreeMap<KeyId, u16>,
}

impl<'a> Pool<'a> {
    fn add(&mut self, record: &'a KeyRecord) -> u16 {
        let next = u16::try_from(self.records.len()).unwrap_or(u16::MAX);
        let place = *self.places.entry(record.id()).or_insert(next);
        if place == next {
            let (record, signature) = (record.bytes(), record.signed.signature);
            self.records.push(Known { record, signature, author: None });
        }
        place
    }

    fn add_proof(&mut self, proof: &'a [Proven]) -> Places {
        let places = proof.iter().map(|step| {
            let place = self.add(&step.record);
            if let Some(known) = self.records.get_mut(usize::from(place)) {
                known.author = Some(step.author);
            }
            place
        });
        places.collect()
    }
}

// ---- reading

impl Stay<'_> {
    /// Milliseconds have `passed` since it was saved.
    pub(crate) fn read(self, seen: Seen, passed: u64, now: Now) -> Option<Kept> {
        let records: Option<Vec<_>> = self.records.0.iter().map(Known::read).collect();
        let records = records?;
        let record = |place: u16| records.get(usize::from(place)).map(|(record, _)| record.clone());
        let proof = |places: &Places| {
            let steps = places.0.iter().map(|place| {
                let (record, author) = records.get(usize::from(*place))?;
                Some(Proven { record: record.clone(), author: (*author)? })
            });
            steps.collect::<Option<Proof>>()
        };
        let mut ledger = Ledger::restored(proof(&self.proof)?, record(self.current)?)?;
        ledger.repairs = Repairs::restored(self.settled.0)?;
        let mut held = Vec::new();
        for saved in self.keys.0 {
            let (record, key) = (record(saved.record)?, key(saved.key)?);
            let proof = proof(&saved.proof)?;
            let known = held.iter().any(|other: &Held| other.id() == record.id());
            if known || !record.commits_to(&key) || !ledger.admits(&proof, &record) {
                return None;
            }
            // By the saved clock and by the record's: whichever ends it sooner.
            let left = saved.left.saturating_sub(passed).min(life_left(&record, now.unix));
            let expires = now.ms.saturating_add(left);
            let windows = read_marks(saved.seen)?;
            let since = |age: u64| now.ms.saturating_sub(age.saturating_add(passed));
            let mut one = Held::new(record, proof, key, expires);
            one.since = since(saved.age);
            one.superseded = saved.superseded.map(since);
            one.windows = windows;
            one.before = true;
            held.push(one);
        }
        let holders = ascending(self.holders.0)?.into_iter().collect();
        Some(Kept {
            ledger,
            wrote: self.wrote,
            holders: Holders::restored(holders),
            keys: Keystore::restored(held.into(), seen),
        })
    }
}

impl Known<'_> {
    fn read(&self) -> Option<(Arc<KeyRecord>, Option<Point>)> {
        let record = Record::from_bytes(self.record).ok()?;
        let record = KeyRecord::new(SignedRecord { record, signature: self.signature });
        Some((record.into(), self.author))
    }
}

/// Milliseconds have `passed` since it was saved.
pub(crate) fn read_gone(saved: Row<Gone, KEYS_MAX>, passed: u64, now: Now) -> Option<Seen> {
    let read = |one: Gone| {
        let expires = now.ms.saturating_add(one.left.saturating_sub(passed));
        let (windows, wiped) = (read_marks(one.seen)?, one.wiped);
        Some((one.key, Past { windows, counter: 0, expires, before: true, wiped }))
    };
    saved.0.into_iter().map(read).collect()
}

fn read_marks(saved: Marks) -> Option<Windows> {
    let (count, windows) = (saved.0.len(), saved.0.into_iter().collect::<Windows>());
    (windows.len() == count).then_some(windows)
}

pub(crate) fn key(bytes: &[u8]) -> Option<Key> {
    <&[u8; 32]>::try_from(bytes).ok().map(Key::of)
}

pub(crate) fn ascending<T: Ord>(items: Vec<T>) -> Option<Vec<T>> {
    items.windows(2).all(|pair| matches!(pair, [one, next] if one < next)).then_some(items)
}
