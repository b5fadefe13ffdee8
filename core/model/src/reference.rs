//! What the specification says of records, in the plainest way: sets of records and their maximum.
//!
//! Written from chapters 3, 7 and 8 alone. Nothing here is kept up to date step by step: each answer
//! is computed from all records that were heard. Only which of them share a root, and which signatures were
//! judged, is remembered.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use keyrota::crypto::{self, Tally, VerifyingKey};
use keyrota::spec::{
    ChannelId, Descent, KeyId, List, MemberId, Point, Record, Root, SignedRecord, label,
};

/// All records that are known to be well signed, whoever heard them.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    signers: BTreeMap<MemberId, VerifyingKey>,
    records: BTreeMap<KeyId, Record>,
    /// Of each root, its own record, and those that say that they were wrapped since.
    families: BTreeMap<Root, BTreeSet<KeyId>>,
    /// Signed records, and whether they are well signed, so that none is verified twice.
    judged: BTreeMap<Vec<u8>, bool>,
}

/// The KeyId of a record (7-4).
pub fn key_id(record: &Record) -> KeyId {
    KeyId::first_of(&crypto::hash(label::KEY, &[&record.to_bytes()]))
}

/// The channel that a record belongs to: what it founds, or what it names (7-5).
pub fn channel_of(record: &Record) -> ChannelId {
    match record.descent {
        Descent::Genesis { .. } => {
            ChannelId::first_of(&crypto::hash(label::CHANNEL, &[&record.to_bytes()]))
        }
        Descent::Sealed | Descent::Wrapped { .. } => record.channel,
    }
}

/// The conversation of two (16, "Identifiers").
pub fn conversation_of(one: &MemberId, other: &MemberId) -> ChannelId {
    let (lower, higher) = (one.min(other), one.max(other));
    ChannelId::first_of(&crypto::hash(label::DIRECT, &[&lower.0, &higher.0]))
}

/// The root of a record: that of a sealed one is its own (8, "Order").
pub fn root_of(record: &Record) -> Root {
    match record.descent {
        Descent::Wrapped { root, .. } => root,
        Descent::Genesis { .. } | Descent::Sealed => Root::first_of(&key_id(record).0),
    }
}

/// How often its key was wrapped since the root; 0 for the root (8, "Order", 5).
pub fn step_of(record: &Record) -> u8 {
    match record.descent {
        Descent::Wrapped { step, .. } => step,
        Descent::Genesis { .. } | Descent::Sealed => 0,
    }
}

/// The order of h: list, epoch, root (8, "Order", 1 to 4).
pub fn compare_h(one: &Record, other: &Record) -> Ordering {
    fn changes(list: &List) -> impl Iterator<Item = u32> {
        list.entries().iter().map(|entry| entry.changes)
    }
    changes(&one.list)
        .cmp(changes(&other.list))
        // Those of one list are many, and compared often.
        .then_with(|| match one.list == other.list {
            true => Ordering::Equal,
            false => one.list.to_bytes().cmp(&other.list.to_bytes()),
        })
        .then_with(|| one.epoch.cmp(&other.epoch))
        .then_with(|| root_of(other).0.cmp(&root_of(one).0))
}

/// The order of records (8, "Order", 1 to 6).
pub fn compare(one: &Record, other: &Record) -> Ordering {
    compare_h(one, other)
        .then_with(|| step_of(one).cmp(&step_of(other)))
        .then_with(|| key_id(other).0.cmp(&key_id(one).0))
}

/// Whether a record can make a step at all: few do (8-1).
fn is_step(record: &Record) -> bool {
    record.descent == Descent::Sealed && record.epoch == 0
}

/// Whether a record makes a step from a list (8-1 to 8-4).
pub fn steps(record: &Record, base: &List) -> bool {
    let p = usize::from(record.author);
    let (before, after) = (base.entries(), record.list.entries());
    is_step(record)
        && before.len() > p
        && after.len() > p
        && before[..p] == after[..p]
        && before[p].rights.update
        && before[p].id == after[p].id
        && before[p].rights == after[p].rights
        && before[p].changes < after[p].changes
}

/// Whether, of valid records in this order, one that a member signed is above one that took its seat,
/// though nobody ahead of it seated it again above that (8, "Order").
pub fn signed_above_removal<'a>(
    records: impl Iterator<Item = &'a Record> + Clone,
    member: &MemberId,
    order: fn(&Record, &Record) -> Ordering,
) -> bool {
    let seats = |record: &Record| record.list.seat_of(member).is_some();
    let signed = |record: &Record| record.author_entry().is_some_and(|one| one.id == *member);
    let seated = |record: &Record| {
        record.list.seat_of(member).is_some_and(|(number, _)| record.author < number)
    };
    let removes = |removal: &Record| {
        is_step(removal)
            && !seats(removal)
            && records.clone().any(|base| seats(base) && steps(removal, &base.list))
    };
    records.clone().filter(|record| removes(record)).any(|removal| {
        let mut above = records.clone().filter(|record| order(record, removal).is_gt());
        above.clone().any(signed) && !above.any(seated)
    })
}

impl Archive {
    /// Whose signatures count: everybody's, as the one who made the world knows them.
    pub fn new(keys: impl IntoIterator<Item = Point>) -> Self {
        let signers = keys.into_iter().filter_map(|key| {
            let id = MemberId::first_of(&crypto::hash(label::MEMBER, &[&key.0]));
            Some((id, VerifyingKey::from_bytes(&key.0)?))
        });
        Self { signers: signers.collect(), ..Self::default() }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// A record of this KeyId that is well signed.
    pub fn get(&self, id: &KeyId) -> Option<&Record> {
        self.records.get(id)
    }

    /// All records.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyId, &Record)> {
        self.records.iter()
    }

    /// Takes a record in; its KeyId, if its author's seat signed it (8-9, 8-11).
    pub fn take(&mut self, signed: &SignedRecord) -> Option<KeyId> {
        let (record, signature) = (&signed.record, &signed.signature.0);
        let bytes = record.to_bytes();
        let evidence = [bytes.as_slice(), signature].concat();
        let author = record.list.entries().get(usize::from(record.author))?.id;
        let well_signed = *self.judged.entry(evidence).or_insert_with(|| {
            let parts: [&[u8]; 2] = [label::SIGN_RECORD, &bytes];
            let signer = self.signers.get(&author);
            signer.is_some_and(|key| key.verify(&mut Tally::default(), &parts, signature))
        });
        well_signed.then(|| self.trust(record))
    }

    /// Takes a record in that its author's terminal holds, and that was never sent.
    pub fn trust(&mut self, record: &Record) -> KeyId {
        let id = key_id(record);
        self.records.entry(id).or_insert_with(|| record.clone());
        self.families.entry(root_of(record)).or_default().insert(id);
        id
    }

    /// The records with the root of this one: the root itself, and those that say that they stem from it.
    pub fn family(&self, record: &Record) -> impl Iterator<Item = (&KeyId, &Record)> {
        let ids = self.families.get(&root_of(record)).into_iter().flatten();
        ids.filter_map(|id| self.records.get_key_value(id))
    }

    /// Those of `heard` that are valid in a channel, given that just these were heard (8-9, 8-10).
    pub fn valid(&self, heard: &BTreeSet<KeyId>, channel: &ChannelId) -> BTreeSet<KeyId> {
        let all: Vec<(KeyId, &Record)> =
            heard.iter().filter_map(|id| Some((*id, self.records.get(id)?))).collect();
        let of_channel = all.iter().filter(|(_, record)| channel_of(record) == *channel);
        let of_channel: Vec<(KeyId, &Record)> = of_channel.copied().collect();
        // Each list that has a proof, with the lowest author that the last record of one can have;
        // that of the genesis record counts as lower than all.
        let mut proven: Vec<(&List, i32)> = of_channel
            .iter()
            .filter(|(_, record)| matches!(record.descent, Descent::Genesis { .. }))
            .map(|(_, record)| (&record.list, -1))
            .collect();
        loop {
            let mut more = Vec::new();
            for (_, record) in &of_channel {
                let author = i32::from(record.author);
                let reached =
                    proven.iter().any(|(list, last)| *last < author && steps(record, list));
                let known =
                    proven.iter().any(|(list, last)| **list == record.list && *last <= author);
                if reached && !known {
                    more.push((&record.list, author));
                }
            }
            if more.is_empty() {
                break;
            }
            proven.extend(more);
        }
        let is_proven = |record: &Record| proven.iter().any(|(list, _)| **list == record.list);
        of_channel.iter().filter(|(_, record)| is_proven(record)).map(|(id, _)| *id).collect()
    }

    /// The greatest of these records: what is current for who heard them (8-14).
    pub fn greatest<'a>(&self, of: impl IntoIterator<Item = &'a KeyId>) -> Option<KeyId> {
        let known = of.into_iter().filter_map(|id| Some((*id, self.records.get(id)?)));
        known.max_by(|(_, one), (_, other)| compare(one, other)).map(|(id, _)| id)
    }
}
