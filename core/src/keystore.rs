//! The channel keys that a terminal holds, each beside its record (R-KEY-2, R-KEY-3, R-KEY-4).
//!
//! Spec: chapter 7, "Keys held", and chapter 11, "Which key seals".

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::fmt;

use keyrota_spec::limits::KEYS_MAX;
use keyrota_spec::limits::{REPLAY_WINDOW, TAGS_MAX};
use keyrota_spec::{Ask, KeyHint, KeyId, MemberId, Tag};

use crate::action::Fault;
use crate::key::Key;
use crate::ledger::Proof;
use crate::mutant::Mutant;
use crate::record::KeyRecord;
use crate::replay::Window;

/// A key that is held: its commit matched its valid record.
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Held {
    pub(crate) record: Arc<KeyRecord>,
    pub(crate) proof: Proof,
    pub(crate) key: Key,
    /// When it stops sealing, in milliseconds.
    pub(crate) expires: u64,
    /// When it came, in milliseconds.
    pub(crate) since: u64,
    /// Whether texts under it may have been shown before its terminal was restored.
    pub(crate) before: bool,
    /// When a key above it came, before it or after it, in milliseconds.
    pub(crate) superseded: Option<u64>,
    /// Counts one's own texts under it.
    pub(crate) counter: u32,
    /// Tells repeats of others' texts, by tag and author: no author's texts, and no unsigned ones,
    /// use up the counters of another.
    pub(crate) windows: Windows,
}

impl Held {
    pub(crate) fn new(record: Arc<KeyRecord>, proof: Proof, key: Key, expires: u64) -> Self {
        let windows = BTreeMap::new();
        let (since, before, superseded, counter) = (0, false, None, 0);
        Self { record, proof, key, expires, since, before, superseded, counter, windows }
    }

    pub(crate) fn id(&self) -> KeyId {
        self.record.id()
    }

    /// Whether a text of this author, or an unsigned one, was seen, or is too old to tell.
    pub(crate) fn has_seen(&self, tag: Tag, author: Option<MemberId>, counter: u32) -> bool {
        self.windows.get(&(tag, author)).is_some_and(|window| window.has(counter))
    }

    /// Whether a signed text with this tag and counter was seen, whoever claims the tag by now.
    pub(crate) fn anyone_sent(&self, tag: Tag, counter: u32) -> bool {
        let authors = (tag, Some(MemberId([0; 16])))..=(tag, Some(MemberId([0xff; 16])));
        self.windows.range(authors).any(|(_, window)| window.has(counter))
    }

    /// Notes a text, and returns how many of its author did not come before it.
    pub(crate) fn note(
        &mut self,
        tag: Tag,
        author: Option<MemberId>,
        counter: u32,
    ) -> Result<u32, Fault> {
        if self.has_seen(tag, author, counter) {
            return Err(Fault::Repeat);
        }
        // Unsigned texts, whose tags anybody can make up, have half of the room at most.
        let unsigned = || self.windows.keys().filter(|(_, author)| author.is_none()).count();
        let crowded = self.windows.len() >= TAGS_MAX / 2 && author.is_none();
        let full = self.windows.len() >= TAGS_MAX || crowded && unsigned() >= TAGS_MAX / 2;
        if full && !self.windows.contains_key(&(tag, author)) {
            return Err(Fault::Flood);
        }
        let gap = self.windows.entry((tag, author)).or_default().note(counter);
        // What was sent unsigned between is not missing.
        let unsigned = |counter: &u32| author.is_some() && self.has_seen(tag, None, *counter);
        let between = counter.saturating_sub(gap.min(REPLAY_WINDOW))..counter;
        let came = u32::try_from(between.filter(unsigned).count()).unwrap_or(0);
        Ok(gap.saturating_sub(came))
    }
}

/// What stays of keys that are no longer held.
pub(crate) type Seen = VecDeque<(KeyId, Past)>;

/// What was seen under a key, how many texts were sent, and when it stops sealing, so that nothing
/// is shown again, no counter used again, and no life lengthened, if it is granted once more.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Past {
    pub(crate) windows: Windows,
    pub(crate) counter: u32,
    pub(crate) expires: u64,
    /// Whether texts under it may have been shown before its terminal was restored.
    pub(crate) before: bool,
    /// Whether the key went because it was old, and not because the user left the channel.
    pub(crate) wiped: bool,
}

/// What was seen under one key: by tag, and by author of signed texts.
pub(crate) type Windows = BTreeMap<(Tag, Option<MemberId>), Window>;

/// Without the key.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// The keys of one channel, in the order they came.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Keystore {
    held: VecDeque<Held>,
    seen: Seen,
}

impl Keystore {
    /// None, after what was seen in an earlier stay.
    pub(crate) fn after(seen: Seen) -> Self {
        Self { held: VecDeque::new(), seen }
    }

    /// As it was saved.
    pub(crate) fn restored(held: VecDeque<Held>, seen: Seen) -> Self {
        Self { held, seen }
    }

    /// What was seen under keys that are no longer held.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Takes a key in.
    pub(crate) fn insert(&mut self, mut held: Held, now: u64) {
        let above = self.held.iter().filter(|other| held.record.cmp_order(&other.record).is_lt());
        held.superseded = above.map(|other| other.since).min();
        held.since = now;
        self.supersede(&held.record, now);
        let past = self.seen.iter().position(|(id, _)| *id == held.id());
        if let Some((_, past)) = past.and_then(|at| self.seen.remove(at)) {
            // One's own texts under it count on, too: no counter is used twice under a tag.
            (held.windows, held.counter) = (past.windows, past.counter);
            held.expires = held.expires.min(past.expires);
            held.before |= past.before;
        }
        self.held.push_back(held);
    }

    /// A greater record is known: whoever comes from now on was no member in the time of those
    /// below.
    pub(crate) fn supersede(&mut self, greater: &KeyRecord, now: u64) {
        for older in &mut self.held {
            if older.superseded.is_none() && older.record.cmp_order(greater).is_lt() {
                older.superseded = Some(now);
            }
        }
    }

    /// Wipes the oldest keys beyond `limit`, at first those that are not under `current`'s h.
    pub(crate) fn shrink(&mut self, current: &KeyRecord, limit: usize) {
        while self.held.len() > limit.max(1) {
            let in_use = |held: &Held| held.record.cmp_h(current) == Ordering::Equal;
            // Of those in use the least goes; so never the one that seals.
            let least = || {
                let all = self.held.iter().enumerate();
                all.min_by(|(_, a), (_, b)| a.record.cmp_order(&b.record)).map(|(at, _)| at)
            };
            let oldest = self.held.iter().position(|held| !in_use(held)).or_else(least);
            let Some(oldest) = oldest else { return };
            if let Some(gone) = self.held.remove(oldest) {
                self.forget(gone, true);
            }
        }
    }

    /// Wipes the keys that do not pass.
    fn retain(&mut self, pass: impl Fn(&Held) -> bool) {
        for held in core::mem::take(&mut self.held) {
            if pass(&held) {
                self.held.push_back(held);
            } else {
                self.forget(held, true);
            }
        }
    }

    /// Wipes all keys but the newest that counts.
    pub(crate) fn retain_newest(&mut self, current: &KeyRecord) {
        let newest = self.newest(current).map(Held::id);
        self.retain(|held| Some(held.id()) == newest);
    }

    /// Wipes the keys that were superseded `age` ago.
    pub(crate) fn expire(&mut self, age: u64, now: u64) {
        self.retain(|held| held.superseded.is_none_or(|at| now < at.saturating_add(age)));
    }

    /// When the first key is that old.
    pub(crate) fn expiry(&self, age: u64) -> Option<u64> {
        self.held.iter().filter_map(|held| held.superseded).min().map(|at| at.saturating_add(age))
    }

    /// Whether a key was wiped because it was old, as far as is remembered.
    pub(crate) fn has_wiped(&self, is: impl Fn(&KeyId) -> bool) -> bool {
        self.seen.iter().any(|(id, past)| past.wiped && is(id))
    }

    /// Wipes a key; what was seen under it stays, of so many keys.
    fn forget(&mut self, gone: Held, wiped: bool) {
        if self.seen.len() >= KEYS_MAX {
            self.seen.pop_front();
        }
        let id = gone.id();
        let Held { windows, counter, expires, before, .. } = gone;
        self.seen.push_back((id, Past { windows, counter, expires, before, wiped }));
    }

    pub(crate) fn get(&self, id: &KeyId) -> Option<&Held> {
        self.held.iter().find(|held| held.id() == *id)
    }

    pub(crate) fn get_mut(&mut self, id: &KeyId) -> Option<&mut Held> {
        self.held.iter_mut().find(|held| held.id() == *id)
    }

    /// Those that a text can mean, newest first.
    pub(crate) fn named(&self, hint: KeyHint) -> impl Iterator<Item = &Held> {
        self.held.iter().rev().filter(move |held| held.id().hint() == hint)
    }

    /// The newest that an ask names.
    pub(crate) fn asked(&self, ask: &Ask) -> Option<&Held> {
        self.held.iter().rev().find(|held| ask.names(&held.id()))
    }

    /// Those from which a key may be unwrapped whose record has the h of `record`, newest first.
    pub(crate) fn siblings<'a>(&'a self, record: &'a KeyRecord) -> impl Iterator<Item = &'a Held> {
        self.held.iter().rev().filter(|held| held.record.cmp_h(record) == Ordering::Equal)
    }

    /// The one that belongs to the newest record that counts: the greatest of `current`'s h.
    pub(crate) fn newest<'a>(&'a self, current: &'a KeyRecord) -> Option<&'a Held> {
        self.siblings(current).max_by(|a, b| a.record.cmp_order(&b.record))
    }

    /// The one that seals now: [`newest`](Self::newest), unless its time is over.
    pub(crate) fn sealing<'a>(&'a self, current: &'a KeyRecord, now: u64) -> Option<&'a Held> {
        self.newest(current).filter(|held| now < held.expires || Mutant::ExpiredSeals.is_on())
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Held> {
        self.held.iter()
    }

    /// Wipes the keys; what was seen under them stays.
    pub(crate) fn into_seen(mut self) -> Seen {
        for gone in core::mem::take(&mut self.held) {
            self.forget(gone, false);
        }
        self.seen
    }

    /// A new tag begins: its texts count from 0 under each key.
    pub(crate) fn restart_counters(&mut self) {
        for held in &mut self.held {
            held.counter = 0;
        }
    }
}
