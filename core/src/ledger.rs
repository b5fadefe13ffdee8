//! The records of one channel: which are valid, and which of them is current (R-ROS-2, R-UPD-5).
//!
//! Spec: chapter 8, "Valid records" and "The current record"; chapter 16, "Records". A terminal keeps
//! the greatest valid record it has heard and the proof of that record's list, and no other old
//! record. The list of a conversation is fixed: its proof is empty, which that of a channel never is.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use keyrota_spec::limits::{HELD_MAX, SEATS_MAX};
use keyrota_spec::{ChannelId, Evidence, KeyHint, KeyId, List, MemberId, Point};

use crate::crypto::{Tally, VerifyingKey};
use crate::direct::Pair;
use crate::evidence::Twins;
use crate::identity::member_id;
use crate::mutant::Mutant;
use crate::record::KeyRecord;
use crate::repair::Repairs;

/// A record whose signature was verified, with the key that verifies it.
#[derive(Clone, Debug)]
pub(crate) struct Proven {
    pub(crate) record: Arc<KeyRecord>,
    pub(crate) author: Point,
}

/// The genesis, then list changes of strictly rising seats; the last has the list that is proven.
pub(crate) type Proof = Arc<[Proven]>;

/// What a record turned out to be.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Valid; the ledger's current record is now the greater of the two.
    Valid {
        record: Arc<KeyRecord>,
        proof: Proof,
        /// Whether it is the current one now and was not before.
        advanced: bool,
        /// Whether it was heard before.
        repeat: bool,
        /// That its author signed another in its place.
        twin: Option<Box<Evidence>>,
    },
    /// Above the current one, or a change that may be lost, and its list is not proven yet.
    Unproven,
    /// The author's key is not known yet.
    UnknownAuthor(MemberId),
    /// Its list is no step of one known here, and it would not be current anyway.
    Below,
    /// Of another channel.
    OtherChannel,
    /// Not one that this conversation can have.
    Unfit,
    /// The signature does not verify.
    Forged,
}

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Ledger {
    channel: ChannelId,
    current: Arc<KeyRecord>,
    proof: Proof,
    /// Valid records heard of late, so that a repeat costs no verification.
    heard: VecDeque<(Arc<KeyRecord>, Proof)>,
    twins: Twins,
    pub(crate) repairs: Repairs,
}

impl Ledger {
    /// Of the channel that this genesis founds; `None` if it is none, its founder is not the
    /// first of its list, or the signature does not verify.
    pub(crate) fn found(genesis: KeyRecord, tally: &mut Tally) -> Option<Self> {
        let channel = genesis.founds()?;
        let keyrota_spec::Descent::Genesis { founder, .. } = genesis.record().descent else {
            return None;
        };
        if genesis.author().id != member_id(&founder) {
            return None;
        }
        if !genesis.verify(&VerifyingKey::from_bytes(&founder.0)?, tally) {
            return None;
        }
        let current = Arc::new(genesis);
        let proof: Proof = [Proven { record: current.clone(), author: founder }].into();
        Some(Self::begin(channel, current, proof))
    }

    /// As it was saved: `None` unless `proof` proves the list of `current`.
    ///
    /// Signatures are not verified again: they were when these records came, and whoever can write
    /// a saved state can do more with it than change a record.
    pub(crate) fn restored(proof: Proof, current: Arc<KeyRecord>) -> Option<Self> {
        if proof.is_empty() {
            let channel = current.record().channel;
            let two = current.keeps_two(current.list());
            return two.then(|| Self::begin(channel, current, proof));
        }
        let channel = proof.first()?.record.founds()?;
        proves(&proof, channel, &current).then(|| Self::begin(channel, current, proof))
    }

    /// Of a conversation that this record begins here; it must be one of `pair`, and verified.
    pub(crate) fn of_two(pair: &Pair, record: KeyRecord) -> Self {
        let current = Arc::new(record);
        Self::begin(pair.channel, current, [].into())
    }

    fn begin(channel: ChannelId, current: Arc<KeyRecord>, proof: Proof) -> Self {
        let (twins, repairs) = (Twins::default(), Repairs::default());
        Self { channel, heard: known(&current, &proof), current, proof, twins, repairs }
    }

    /// Whether `proof` proves the list of a record of this channel.
    pub(crate) fn admits(&self, proof: &[Proven], record: &KeyRecord) -> bool {
        if self.is_fixed() {
            let own = record.record().channel == self.channel;
            return own && proof.is_empty() && record.keeps_two(self.list());
        }
        proves(proof, self.channel, record)
    }

    /// Whether this is a conversation, whose list never changes.
    pub(crate) fn is_fixed(&self) -> bool {
        self.proof.is_empty()
    }

    pub(crate) fn channel(&self) -> ChannelId {
        self.channel
    }

    pub(crate) fn current(&self) -> &Arc<KeyRecord> {
        &self.current
    }

    pub(crate) fn list(&self) -> &List {
        self.current.list()
    }

    pub(crate) fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Without the records that are neither current nor in its proof.
    pub(crate) fn trim(mut self) -> Self {
        self.heard = known(&self.current, &self.proof);
        self
    }

    /// Whether the current list's proof holds this record.
    pub(crate) fn proves_with(&self, record: &KeyRecord) -> bool {
        self.proof.iter().any(|step| step.record.id() == record.id())
    }

    /// The genesis.
    pub(crate) fn genesis(&self) -> Option<&Arc<KeyRecord>> {
        self.proof.first().map(|proven| &proven.record)
    }

    /// Whether a text's hint names a valid record that was heard.
    pub(crate) fn names(&self, hint: &KeyHint) -> bool {
        self.heard.iter().any(|(record, _)| record.id().hint() == *hint)
    }

    /// All lists known to be proven.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &List> {
        let heard = self.heard.iter().flat_map(|(record, proof)| {
            proof.iter().map(|step| step.record.list()).chain([record.list()])
        });
        self.proof.iter().map(|step| step.record.list()).chain(heard)
    }

    /// How many records of a proof of `list` are known: the longest part of a known proof up to whose
    /// last author the two lists are the same. What others do later stands behind that.
    pub(crate) fn shared_with(&self, list: &List) -> usize {
        let proofs = core::iter::once(&self.proof).chain(self.heard.iter().map(|(_, proof)| proof));
        let parts = proofs.flat_map(|proof| (1..=proof.len()).map(move |length| (length, proof)));
        let begins = |(length, proof): &(usize, &Proof)| {
            let Some(last) = proof.get(length.saturating_sub(1)) else { return false };
            let author = usize::from(last.record.record().author);
            let own = last.record.list().entries().get(..=author);
            *length == 1 || own == list.entries().get(..=author)
        };
        parts.filter(begins).map(|(length, _)| length).max().unwrap_or(0)
    }

    /// Whether nobody may be given a key any more: the list bars the member, or will again.
    pub(crate) fn shuts_out(&self, id: &MemberId) -> bool {
        (self.list().bars(id) || self.repairs.bars(id)) && !Mutant::BarredGetsKeys.is_on()
    }

    /// Records remembered, the longest of their proofs, and members told to have signed twice.
    #[cfg(feature = "model")]
    pub(crate) fn sizes(&self) -> [usize; 3] {
        let proofs = self.heard.iter().map(|(_, proof)| proof.len());
        let longest = proofs.chain([self.proof.len()]).max().unwrap_or(0);
        [self.heard.len(), longest, self.twins.len()]
    }

    /// A valid record heard of late, with its proof.
    pub(crate) fn heard(&self, id: &KeyId) -> Option<&(Arc<KeyRecord>, Proof)> {
        self.heard.iter().find(|(record, _)| record.id() == *id)
    }

    /// Judges a record and takes it in if it is valid.
    ///
    /// Cheap checks first, the signature last. `key` finds the certificate key of a member.
    pub(crate) fn hear(
        &mut self,
        record: KeyRecord,
        key: impl FnOnce(&MemberId) -> Option<Point>,
        tally: &mut Tally,
    ) -> Verdict {
        if let Some((record, proof)) = self.heard(&record.id()).cloned() {
            return Verdict::Valid { record, proof, advanced: false, repeat: true, twin: None };
        }
        let other = record.founds().is_some() || record.record().channel != self.channel;
        if self.is_fixed() && (other || !record.keeps_two(self.list())) {
            return Verdict::Unfit;
        }
        if other {
            return Verdict::OtherChannel;
        }
        let above = record.cmp_order(&self.current) == Ordering::Greater;
        let unproven = || Mutant::ProofIgnored.is_on().then(|| self.proof.clone());
        let Some(base) = self.base(&record).or_else(unproven) else {
            let waits = above || self.may_be_lost(&record);
            return if waits { Verdict::Unproven } else { Verdict::Below };
        };
        let author = record.author().id;
        let known = base.iter().map(|proven| proven.author).find(|key| member_id(key) == author);
        let Some(point) = known.or_else(|| key(&author)) else {
            return Verdict::UnknownAuthor(author);
        };
        if member_id(&point) != author {
            return Verdict::Forged;
        }
        let verifying = VerifyingKey::from_bytes(&point.0);
        if !verifying.is_some_and(|verifying| record.verify(&verifying, tally)) {
            return Verdict::Forged;
        }
        let twin = self.twins.look(&record, point, self.heard.iter().map(|(other, _)| &**other));
        let record = Arc::new(record);
        let proof = prove(base, &record, point);
        self.remember(&record, &proof);
        if above {
            self.current = record.clone();
            self.proof = proof.clone();
        }
        Verdict::Valid { record, proof, advanced: above, repeat: false, twin }
    }

    /// Takes in a record that this terminal has just signed; `None` if it would not be current.
    pub(crate) fn sign_in(
        &mut self,
        record: KeyRecord,
        author: Point,
    ) -> Option<(Arc<KeyRecord>, Proof)> {
        if record.cmp_order(&self.current) != Ordering::Greater {
            return None;
        }
        let base = self.base(&record)?;
        let record = Arc::new(record);
        let proof = prove(base, &record, author);
        self.remember(&record, &proof);
        self.current = record.clone();
        self.proof = proof.clone();
        Some((record, proof))
    }

    /// The part of a proof known here that this record's list is that of, or one step from.
    fn base(&self, record: &KeyRecord) -> Option<Proof> {
        if self.is_fixed() {
            return record.keeps_two(self.list()).then(|| self.proof.clone());
        }
        let proofs = core::iter::once(&self.proof).chain(self.heard.iter().map(|(_, proof)| proof));
        for proof in proofs {
            for length in (1..=proof.len()).rev() {
                let part = proof.get(..length)?;
                let last = part.last()?;
                let same = last.record.list() == record.list();
                let genesis = length == 1;
                let rising = genesis || last.record.record().author < record.record().author;
                if same || (rising && record.steps_from(last.record.list())) {
                    return Some(part.into());
                }
            }
        }
        None
    }

    fn remember(&mut self, record: &Arc<KeyRecord>, proof: &Proof) {
        if self.heard.len() >= HELD_MAX {
            // The oldest goes, but not the genesis: no other rule would know it again.
            self.heard.remove(1);
        }
        self.heard.push_back((record.clone(), proof.clone()));
    }
}

/// The records that `proof` holds, the genesis first, and `current`: each with its own proof.
fn known(current: &Arc<KeyRecord>, proof: &Proof) -> VecDeque<(Arc<KeyRecord>, Proof)> {
    let parts = (1..=proof.len()).filter_map(|length| proof.get(..length));
    let steps = parts.filter_map(|part| Some((part.last()?.record.clone(), part.into())));
    let older = steps.filter(|(record, _)| record.id() != current.id());
    older.chain([(current.clone(), proof.clone())]).collect()
}

/// Whether records whose signatures were verified once are a proof of this one's list.
pub(crate) fn proves(proof: &[Proven], channel: ChannelId, record: &KeyRecord) -> bool {
    let own = |one: &KeyRecord| one.founds().unwrap_or(one.record().channel) == channel;
    let founder = |first: &Proven| first.record.record().founder() == Some(first.author);
    let steps = (0_u8..).zip(proof.windows(2)).all(|(at, pair)| match pair {
        [base, step] => {
            let rising = at == 0 || base.record.record().author < step.record.record().author;
            rising && step.record.steps_from(base.record.list())
        }
        _ => false,
    });
    proof.iter().all(|one| own(&one.record) && member_id(&one.author) == one.record.author().id)
        && proof.len() <= SEATS_MAX.saturating_add(1)
        && proof.first().is_some_and(founder)
        && steps
        && proof.last().is_some_and(|last| last.record.list() == record.list())
        && own(record)
}

/// The proof of `record`, given that of its list or of the list one step before it.
fn prove(base: Proof, record: &Arc<KeyRecord>, author: Point) -> Proof {
    // A fixed list needs none.
    if base.last().is_none_or(|last| last.record.list() == record.list()) {
        return base;
    }
    let step = Proven { record: record.clone(), author };
    base.iter().cloned().chain([step]).collect::<Vec<_>>().into()
}
