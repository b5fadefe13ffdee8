//! Records that are signed by hand with a user's key: by a copy of its terminal, or an old state.

use keyrota::crypto::{self, SigningKey, Tally};
use keyrota::spec::{ChannelId, Commit, Descent, Frame, Point, Record, SignedRecord, label};

use super::{World, secret};

impl World {
    fn key_of(&self, nick: &str) -> SigningKey {
        let number = self.users.iter().position(|user| user.nick == nick).expect("a user") + 1;
        SigningKey::from_bytes(&secret(u8::try_from(number).expect("few users"))).expect("a key")
    }

    /// The certificate key of a user.
    pub fn point(&self, nick: &str) -> Point {
        Point(self.key_of(nick).public())
    }

    /// A record as this user's key signs it.
    pub fn signed(&self, nick: &str, record: Record) -> SignedRecord {
        let parts: [&[u8]; 2] = [label::SIGN_RECORD, &record.to_bytes()];
        let signature = self.key_of(nick).sign(&mut Tally::default(), &parts);
        SignedRecord { record, signature: keyrota::spec::Signature(signature) }
    }

    /// What this user would sign next above `record`, sealed, for another key.
    pub fn next_sealed(&self, nick: &str, record: &Record, key: u8) -> Record {
        let (author, _) = record.list.seat_of(&self.user(nick).id()).expect("a seat");
        let channel = self.user(nick).view().id().expect("a channel");
        Record {
            channel,
            epoch: record.epoch + 1,
            descent: Descent::Sealed,
            author,
            commit: commit(&[key; 32], &channel),
            ..record.clone()
        }
    }

    /// Lets all hear of a record of this author, from a nick.
    pub fn inject_record(&mut self, nick: &str, author: &str, record: &SignedRecord) {
        let author = self.point(author);
        self.inject_frame(nick, &Frame::Announce { record: record.clone(), author });
    }
}

fn commit(key: &[u8; 32], channel: &ChannelId) -> Commit {
    Commit(*crypto::expand(key, label::COMMIT, &[&channel.0]))
}
