//! What one who takes part has heard, may know and was shown, as the world saw it: the measure that
//! its terminal is held against.

use std::collections::{BTreeMap, BTreeSet};

use keyrota::crypto;
use keyrota::spec::armor::{self, PartId};
use keyrota::spec::limits::{PARTIAL_AGE, PARTIAL_PER_NICK, WAITING_MAX};
use keyrota::spec::{ChannelId, Commit, KeyId, Record, label};

use crate::reference::{Archive, channel_of, compare, compare_h};

/// A channel key in the clear.
pub type Key = [u8; 32];

/// What was said to be this key, wrapped.
pub type Wraps = BTreeMap<KeyId, BTreeSet<Key>>;

/// What one has heard, may know and was shown.
#[derive(Clone, Debug, Default)]
pub struct Mind {
    /// Records that it heard, or made.
    heard: BTreeSet<KeyId>,
    /// Those that it heard since it was last looked at, with their frames; without, if it made them.
    fresh: BTreeMap<KeyId, Option<Vec<u8>>>,
    /// Those that waited for a proof, or for their author's key, when it was last looked at, oldest
    /// first, with their frames.
    waiting: Vec<(KeyId, Vec<u8>)>,
    /// Those of `heard` that are valid and do not wait: computed where they are asked for.
    greatest: Option<Option<KeyId>>,
    /// Whether its user has declared the channel plain.
    pub plain: bool,
    /// Whether its user has just followed or founded a channel.
    pub moves: bool,
    /// Whether it has sealed a key of its channel to somebody.
    pub granted: bool,
    /// The channel that it is in, once it knows one.
    pub channel: Option<ChannelId>,
    /// The nicks of whom its terminal was told that they are in the channel, as they came.
    pub present: Vec<String>,
    /// Every key that it ever held or could have unwrapped from what went over the network: what a
    /// member that keeps all it gets would know.
    pub knows: BTreeMap<KeyId, Key>,
    /// Texts it was shown since its terminal started.
    pub shown: BTreeMap<String, u32>,
    /// Texts it was shown before, and may be shown again, marked.
    pub before: BTreeSet<String>,
    /// Those of them that it was shown before it saved the state that it started with.
    pub past: BTreeSet<String>,
    /// When its terminal began, in milliseconds of the world's time.
    pub began: u64,
    /// Whether its terminal began with a state that it had saved.
    pub restored: bool,
    /// Whether that has lost its connection since, and with it what strangers began.
    pub cut_off: bool,
    parts: Vec<Partial>,
}

/// A frame of which some fragments have come (4, "Reassembly").
#[derive(Clone, Debug)]
struct Partial {
    nick: String,
    id: PartId,
    since: u64,
    fragments: Vec<Option<Vec<u8>>>,
}

impl Mind {
    /// Takes a line in at `now`, in milliseconds; the bytes of a frame, if that is whole then.
    pub fn take(&mut self, nick: &str, text: &str, now: u64) -> Option<Vec<u8>> {
        let (id, index, count, bytes) = match armor::parse(text)? {
            armor::Line::Whole(bytes) => return Some(bytes),
            armor::Line::Part { id, index, count, bytes } => (id, index, count, bytes),
        };
        self.parts.retain(|partial| now.saturating_sub(partial.since) < PARTIAL_AGE);
        let same = |partial: &Partial| {
            partial.nick == nick
                && partial.id == id
                && partial.fragments.len() == usize::from(count)
        };
        if !self.parts.iter().any(same) {
            let own = |partial: &Partial| partial.nick == nick;
            if self.parts.iter().filter(|partial| own(partial)).count() >= PARTIAL_PER_NICK {
                let oldest = self.parts.iter().position(own)?;
                self.parts.remove(oldest);
            }
            let fragments = vec![None; count.into()];
            self.parts.push(Partial { nick: nick.into(), id, since: now, fragments });
        }
        let at = self.parts.iter().position(same)?;
        let fragment = self.parts[at].fragments.get_mut(usize::from(index))?;
        fragment.get_or_insert(bytes);
        if self.parts[at].fragments.iter().any(Option::is_none) {
            return None;
        }
        Some(self.parts.remove(at).fragments.into_iter().flatten().flatten().collect())
    }

    /// It heard a record in this frame, or made it.
    pub fn hear(&mut self, id: KeyId, frame: Option<Vec<u8>>) {
        self.fresh.insert(id, frame);
        if self.heard.insert(id) {
            self.greatest = None;
        }
    }

    /// Whether it heard a record, or made it.
    pub fn has_heard(&self, id: &KeyId) -> bool {
        self.heard.contains(id)
    }

    /// Whether it had, when it was saved, a record or the key of one that the other had not.
    pub fn is_ahead_of(&self, other: &Self) -> bool {
        let mut heard = self.heard.iter().filter(|id| !self.waits(id));
        heard.any(|id| {
            let has_key = |mind: &Self| mind.knows.contains_key(id);
            !other.heard.contains(id) || has_key(self) && !has_key(other)
        })
    }

    /// Its terminal dropped a frame with a record unseen: whoever floods it has used up what it does
    /// in a second.
    pub fn miss(&mut self, id: &KeyId) {
        if self.fresh.remove(id).is_some() {
            self.heard.remove(id);
            self.greatest = None;
        }
    }

    /// Looks at what its terminal says of itself: which channel it is in, what is current, and which
    /// records wait there. `None`: it is not in the channel, and what waited is gone.
    pub fn look(&mut self, archive: &Archive, seen: Option<Seen>) {
        let fresh = std::mem::take(&mut self.fresh);
        let Some(Seen { channel, current, waiting, proof, keys }) = seen else {
            let gone = std::mem::take(&mut self.waiting);
            self.forget(archive, None, gone.into_iter().map(|(id, _)| id).collect());
            return;
        };
        if channel != self.channel {
            // Who knew no record keeps just those that wait, and the one that it begins with.
            // What comes last makes the oldest go, before any is judged; what waits comes again for nothing.
            let waits = |frame: &Vec<u8>| self.waiting.iter().any(|(_, waiting)| waiting == frame);
            let comes = fresh.values().flatten().any(|frame| !waits(frame));
            let pushed = usize::from(self.waiting.len() >= WAITING_MAX && comes);
            let stay = &self.waiting[pushed..];
            let kept = |id: &KeyId| {
                stay.iter().chain(&waiting).any(|(one, _)| one == id) || fresh.contains_key(id)
            };
            // The candidate that decided, with its key, is heard last, though it waited no more (9-15); one that waited
            // may be above it.
            let begun =
                |id: &KeyId| Some(*id) == current || proof.contains(id) || keys.contains(id);
            self.heard = match channel {
                Some(_) => self.heard.iter().filter(|id| kept(id) || begun(id)).copied().collect(),
                None => fresh.into_keys().collect(),
            };
            self.channel = channel;
            self.granted = false;
            self.greatest = None;
        }
        if waiting == self.waiting {
            return;
        }
        self.greatest = None;
        let waits = |id: &KeyId| waiting.iter().any(|(waiting, _)| waiting == id);
        let gone = self.waiting.iter().map(|(id, _)| *id).filter(|id| !waits(id)).collect();
        // Where a further one came the oldest went.
        if waiting.len() >= WAITING_MAX && channel.is_some() {
            self.forget(archive, current, gone);
        }
        self.waiting = waiting;
    }

    fn waits(&self, id: &KeyId) -> bool {
        self.waiting.iter().any(|(waiting, _)| waiting == id)
    }

    /// What waited, was not taken in, and waits no more: as if it had not been heard.
    fn forget(&mut self, archive: &Archive, current: Option<KeyId>, gone: Vec<KeyId>) {
        let current = current.and_then(|id| archive.get(&id));
        for id in gone {
            let above = archive.get(&id).is_some_and(|record| {
                current.is_none_or(|current| compare(record, current).is_gt())
            });
            if above {
                self.heard.remove(&id);
                self.greatest = None;
            }
        }
    }

    /// Its terminal starts again with what it had saved: what it knew, it may have kept elsewhere.
    pub fn restart(&mut self, saved: Option<Self>) {
        let knows = std::mem::take(&mut self.knows);
        let before = match &saved {
            Some(_) => {
                let shown = std::mem::take(&mut self.shown).into_keys();
                shown.chain(std::mem::take(&mut self.before)).collect()
            }
            None => BTreeSet::new(),
        };
        let restored = saved.is_some();
        let saved = saved.unwrap_or_default();
        let past = saved.shown.keys().chain(&saved.past).cloned().collect();
        *self = Self {
            knows,
            before,
            past,
            restored,
            heard: saved.heard.iter().filter(|id| !saved.waits(id)).copied().collect(),
            channel: saved.channel,
            plain: saved.plain,
            granted: saved.granted,
            ..Self::default()
        };
    }

    /// The greatest of the valid records that it heard, those left out that wait.
    pub fn greatest(&mut self, archive: &Archive) -> Option<KeyId> {
        if let Some(greatest) = self.greatest {
            return greatest;
        }
        let greatest = self.channel.and_then(|channel| {
            let counts = self.heard.iter().filter(|id| !self.waits(id));
            let heard = counts.copied().collect();
            archive.greatest(&archive.valid(&heard, &channel))
        });
        self.greatest = Some(greatest);
        greatest
    }

    /// Likewise, also those of these left out, which may prove others.
    pub fn greatest_but(&self, archive: &Archive, left_out: &BTreeSet<KeyId>) -> Option<KeyId> {
        let heard = self.heard.iter().filter(|id| !self.waits(id)).copied().collect();
        let mut valid = archive.valid(&heard, &self.channel?);
        valid.retain(|id| !left_out.contains(id));
        archive.greatest(&valid)
    }

    /// Whether a record is valid by what it has heard.
    pub fn proves(&self, archive: &Archive, id: &KeyId) -> bool {
        let channel = archive.get(id).map(channel_of);
        channel.is_some_and(|channel| archive.valid(&self.heard, &channel).contains(id))
    }

    /// It knows a key, and what can be unwrapped with that.
    pub fn learn(&mut self, archive: &Archive, wraps: &Wraps, id: KeyId, key: Key) {
        if self.knows.insert(id, key).is_none()
            && let Some(record) = archive.get(&id)
        {
            self.unwrap(archive, wraps, record);
        }
    }

    /// Unwraps what it can of all keys with the root of this record, from what went over the network.
    pub fn unwrap(&mut self, archive: &Archive, wraps: &Wraps, record: &Record) {
        let found = |mind: &Self| {
            archive.family(record).filter(|(id, _)| !mind.knows.contains_key(id)).find_map(
                |(id, record)| {
                    let siblings = archive.family(record).filter_map(|(sibling, other)| {
                        mind.knows.get(sibling).filter(|_| compare_h(other, record).is_eq())
                    });
                    let pads =
                        siblings.map(|key| *crypto::expand::<32>(key, label::WRAP, &[&id.0]));
                    let pads: Vec<[u8; 32]> = pads.collect();
                    let wrapped = wraps.get(id).into_iter().flatten();
                    let mut keys =
                        wrapped.flat_map(|wrapped| pads.iter().map(|pad| xor(wrapped, pad)));
                    keys.find(|key| commits(record, key)).map(|key| (*id, key))
                },
            )
        };
        while let Some((id, key)) = found(self) {
            self.knows.insert(id, key);
        }
    }
}

fn xor(one: &Key, other: &Key) -> Key {
    std::array::from_fn(|at| one[at] ^ other[at])
}

/// What a terminal says of the channel.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which it is.
    pub channel: Option<ChannelId>,
    /// What is current.
    pub current: Option<KeyId>,
    /// Which records wait, oldest first, with their frames.
    pub waiting: Vec<(KeyId, Vec<u8>)>,
    /// Those that prove the list of the current one.
    pub proof: Vec<KeyId>,
    /// Those whose keys it has.
    pub keys: Vec<KeyId>,
}

/// Whether a key is the one that a record was made for (7-5).
pub fn commits(record: &Record, key: &Key) -> bool {
    let commit = *crypto::expand::<16>(key, label::COMMIT, &[&record.channel.0]);
    Commit(commit) == record.commit
}
