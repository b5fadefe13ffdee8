//! Key records as the core holds them: with what is computed from them, and in their order.
//!
//! Spec: chapter 8, "Order" and "The step of a list"; chapter 16, "Records".

use alloc::vec::Vec;
use core::cmp::Ordering;

use keyrota_spec::{
    ChannelId, Commit, Descent, Entry, KeyId, List, MemberId, Record, Rights, Root, SignedRecord,
    Wrapped, label,
};
use zeroize::Zeroizing;

use crate::crypto::{self, SigningKey, Tally, VerifyingKey};
use crate::key::Key;
use crate::mutant::Mutant;

/// A signed record, its bytes, and the identifier that they give.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct KeyRecord {
    pub(crate) signed: SignedRecord,
    bytes: Vec<u8>,
    id: KeyId,
}

impl KeyRecord {
    pub(crate) fn new(signed: SignedRecord) -> Self {
        let bytes = signed.record.to_bytes();
        let id = KeyId::first_of(&crypto::hash(label::KEY, &[&bytes]));
        Self { signed, bytes, id }
    }

    pub(crate) fn sign(record: Record, key: &SigningKey, tally: &mut Tally) -> Self {
        let bytes = record.to_bytes();
        let signature = key.sign(tally, &[label::SIGN_RECORD, &bytes]);
        Self::new(SignedRecord { record, signature: keyrota_spec::Signature(signature) })
    }

    pub(crate) fn verify(&self, key: &VerifyingKey, tally: &mut Tally) -> bool {
        let parts: [&[u8]; 2] = [label::SIGN_RECORD, &self.bytes];
        Mutant::UnsignedRecords.is_on() || key.verify(tally, &parts, &self.signed.signature.0)
    }

    pub(crate) fn record(&self) -> &Record {
        &self.signed.record
    }

    /// Its encoding, without the signature.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn list(&self) -> &List {
        &self.signed.record.list
    }

    pub(crate) fn id(&self) -> KeyId {
        self.id
    }

    /// The entry of its author. Well-formed records have one; so this is never the default.
    pub(crate) fn author(&self) -> Entry {
        let default = Entry::new(MemberId([0; 16]), Rights::NONE);
        self.record().author_entry().copied().unwrap_or(default)
    }

    /// The channel whose genesis this is.
    pub(crate) fn founds(&self) -> Option<ChannelId> {
        match self.record().descent {
            Descent::Genesis { .. } => {
                Some(ChannelId::first_of(&crypto::hash(label::CHANNEL, &[&self.bytes])))
            }
            Descent::Sealed | Descent::Wrapped { .. } => None,
        }
    }

    /// The sealed record whose key this one's descends from.
    pub(crate) fn root(&self) -> Root {
        match self.record().descent {
            Descent::Wrapped { root, .. } => root,
            Descent::Genesis { .. } | Descent::Sealed => self.id.root(),
        }
    }

    /// Whether `key` is the one that this record was made for.
    pub(crate) fn commits_to(&self, key: &[u8; 32]) -> bool {
        crypto::equal(&commit(key, &self.record().channel).0, &self.record().commit.0)
            || Mutant::CommitIgnored.is_on()
    }

    /// The order of *h*: (changes, list, epoch, root).
    pub(crate) fn cmp_h(&self, other: &Self) -> Ordering {
        let (own, their) = (self.record(), other.record());
        if Mutant::EpochFirst.is_on() && own.epoch != their.epoch {
            return own.epoch.cmp(&their.epoch);
        }
        let h = cmp_lists(&own.list, &their.list).then_with(|| own.epoch.cmp(&their.epoch));
        if Mutant::RootIgnored.is_on() {
            return h;
        }
        h.then_with(|| other.root().cmp(&self.root()))
    }

    /// The total order of records: of those heard the greatest is current.
    pub(crate) fn cmp_order(&self, other: &Self) -> Ordering {
        let (own, their) = (self.record(), other.record());
        if Mutant::StepFirst.is_on() && (&own.list, own.epoch) == (&their.list, their.epoch) {
            return own.step().cmp(&their.step()).then_with(|| self.cmp_h(other));
        }
        self.cmp_h(other)
            .then_with(|| own.step().cmp(&their.step()))
            .then_with(|| other.id.cmp(&self.id))
    }

    /// Whether this is a sealed record with the two seats of `list`, however often they have changed.
    pub(crate) fn keeps_two(&self, list: &List) -> bool {
        let seats = |list| List::entries(list).iter().map(|entry| (entry.id, entry.rights));
        self.record().descent == Descent::Sealed && seats(self.list()).eq(seats(list))
    }

    /// Whether this list comes from `base` by one step of this record's author.
    pub(crate) fn steps_from(&self, base: &List) -> bool {
        let record = self.record();
        let sealed = record.descent == Descent::Sealed || Mutant::WrappedChange.is_on();
        if record.epoch != 0 || !sealed {
            return false;
        }
        let seat = usize::from(record.author);
        let (own, base) = (record.list.entries(), base.entries());
        let (Some(mine), Some(before)) = (own.get(seat), base.get(seat)) else { return false };
        let untouched = own.iter().take(seat).eq(base.iter().take(seat));
        let updates = before.rights.update || Mutant::DistributorChanges.is_on();
        let author = mine.id == before.id && updates && mine.changes > before.changes;
        (untouched || Mutant::PrefixIgnored.is_on()) && author && mine.rights == before.rights
    }
}

/// The order of lists.
pub(crate) fn cmp_lists(own: &List, their: &List) -> Ordering {
    if own == their || Mutant::ListIgnored.is_on() {
        return Ordering::Equal;
    }
    let changes = |list| List::entries(list).iter().map(|entry| entry.changes);
    changes(own).cmp(changes(their)).then_with(|| own.to_bytes().cmp(&their.to_bytes()))
}

/// What binds a record of `channel` to `key`.
pub(crate) fn commit(key: &[u8; 32], channel: &ChannelId) -> Commit {
    Commit(*crypto::expand(key, label::COMMIT, &[&channel.0]))
}

/// The pad that carries the key of `id` under the previous one.
pub(crate) fn wrap_pad(previous: &[u8; 32], id: &KeyId) -> Zeroizing<[u8; 32]> {
    let reused = Mutant::PadReused.is_on();
    crypto::expand(previous, label::WRAP, &[if reused { &[] } else { &id.0 }])
}

/// The pad that seals the key of `record` to a member.
pub(crate) fn box_pad(
    secret: &[u8; 32],
    record: &KeyRecord,
    member: &MemberId,
) -> Zeroizing<[u8; 32]> {
    let channel = record.founds().unwrap_or(record.record().channel);
    crypto::expand(secret, label::BOX, &[&channel.0, &record.id().0, &member.0])
}

/// A key under a pad, as it travels.
pub(crate) fn mask(key: &[u8; 32], pad: &[u8; 32]) -> Wrapped {
    let mut bytes = *pad;
    xor(&mut bytes, key);
    Wrapped(bytes)
}

/// The key under a pad.
pub(crate) fn unmask(wrapped: &Wrapped, pad: &[u8; 32]) -> Key {
    let mut key = Key::of(&wrapped.0);
    xor(&mut key, pad);
    key
}

fn xor(bytes: &mut [u8; 32], other: &[u8; 32]) {
    for (to, from) in bytes.iter_mut().zip(other) {
        *to ^= from;
    }
}
