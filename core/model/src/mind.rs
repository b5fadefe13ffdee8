//! What one who takes part has heard, may know and was shown, as the world saw it: the measure that
//! its terminal is held against.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use keyrota::crypto;
use keyrota::spec::armor::{self, PartId};
use keyrota::spec::limits::WAITING_MAX;
use keyrota::spec::{ChannelId, Commit, KeyId, Record, label};

use crate::reference::Archive;

/// A channel key in the clear.
pub type Key = [u8; 32];

/// What one has heard, may know and was shown.
#[derive(Clone, Debug, Default)]
pub struct Mind {
    /// Records that it heard, or made.
    pub heard: BTreeSet<KeyId>,
    /// Those that came while it had no record of the channel: it keeps the last few.
    seeking: VecDeque<KeyId>,
    /// The channel that it is in, once it knows one.
    pub channel: Option<ChannelId>,
    /// What was current for it when it was last looked at.
    pub current: Option<KeyId>,
    /// Every key that it ever held or could have unwrapped from what went over the network: what a
    /// member that keeps all it gets would know.
    pub knows: BTreeMap<KeyId, Key>,
    /// Texts it was shown since its terminal started.
    pub shown: BTreeMap<String, u32>,
    parts: BTreeMap<(String, PartId), Vec<Option<Vec<u8>>>>,
}

impl Mind {
    /// Takes a line in; the bytes of a frame, if that is whole now.
    pub fn take(&mut self, nick: &str, text: &str) -> Option<Vec<u8>> {
        match armor::parse(text)? {
            armor::Line::Whole(bytes) => Some(bytes),
            armor::Line::Part { id, index, count, bytes } => {
                let name = (nick.to_owned(), id);
                let parts = self.parts.entry(name.clone()).or_default();
                parts.resize(usize::from(count), None);
                *parts.get_mut(usize::from(index))? = Some(bytes);
                if parts.iter().any(Option::is_none) {
                    return None;
                }
                let parts = self.parts.remove(&name)?;
                Some(parts.into_iter().flatten().flatten().collect())
            }
        }
    }

    /// It heard a record.
    pub fn hear(&mut self, id: KeyId) {
        if self.channel.is_none() {
            self.seeking.retain(|other| *other != id);
            self.seeking.push_back(id);
            if self.seeking.len() > WAITING_MAX {
                self.seeking.pop_front();
            }
        }
        self.heard.insert(id);
    }

    /// It is in this channel now: what counts is what it kept.
    pub fn enter(&mut self, channel: Option<ChannelId>) {
        if self.channel.is_none() && channel.is_some() {
            self.heard = self.seeking.drain(..).collect();
        }
        if channel.is_none() {
            self.heard.clear();
        }
        self.channel = channel;
    }

    /// The greatest of the valid records that it heard.
    pub fn greatest(&self, archive: &Archive) -> Option<KeyId> {
        archive.greatest(&archive.valid(&self.heard, &self.channel?))
    }

    /// It may unwrap a key from what went over the network, if it knows one that it is wrapped under.
    pub fn unwrap(&mut self, archive: &Archive, id: &KeyId, record: &Record, wrapped: &Key) {
        if self.knows.contains_key(id) {
            return;
        }
        let siblings = self.knows.iter().filter(|(other, _)| {
            archive.get(other).is_some_and(|other| crate::reference::compare_h(other, record).is_eq())
        });
        let found = siblings.map(|(_, key)| {
            let pad = *crypto::expand::<32>(key, label::WRAP, &[&id.0]);
            std::array::from_fn(|at| pad[at] ^ wrapped[at])
        });
        let found: Option<Key> = found.into_iter().find(|key| commits(record, key));
        self.knows.extend(found.map(|key| (*id, key)));
    }
}

/// Whether a key is the one that a record was made for (7-5).
pub fn commits(record: &Record, key: &Key) -> bool {
    let commit = *crypto::expand::<16>(key, label::COMMIT, &[&record.channel.0]);
    Commit(commit) == record.commit
}
