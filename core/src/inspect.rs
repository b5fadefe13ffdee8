//! What a checker of the core may see and a program may not: secrets, and sizes against their bounds.
//!
//! Only with the feature `model`, which is for the model checker alone.

use alloc::vec::Vec;

use keyrota_spec::limits::{
    ASKS_MAX, CHANNELS_MAX, DECLINED_MAX, HELD_MAX, KEYS_MAX, LOOSE_BOXES_MAX, MEMBERS_MAX,
    OUTBOX_MAX, PARTIAL_MAX, PEERS_MAX, PINS_MAX, QUESTIONS_MAX, SEATS_MAX, SETTLED_MAX, TAGS_MAX,
    TOLD_MAX, UNINVITED_MAX, WAITING_MAX,
};
use keyrota_spec::{Frame, KeyId, MemberId, Record, SignedHello};

use crate::authentication::Voucher;
use crate::channel::Keying;
use crate::contact::CANDIDATES_MAX;
use crate::inquire::OPEN_MAX;
use crate::members::Person;
use crate::obtain::GIVEN_UP_MAX;
use crate::record::KeyRecord;
use crate::rooms::Inside;
use crate::rule::PASSED_MAX;
use crate::shared::Shared;
use crate::terminal::Terminal;
use crate::view::View;

/// What is kept: a name, how many, and how many may be.
type Size = (&'static str, usize, usize);

impl<'a> View<'a> {
    /// The keys held, each with its identifier and record.
    pub fn secrets(&self) -> impl Iterator<Item = (KeyId, &'a Record, [u8; 32])> + 'a {
        let held = self.channel().keyed().into_iter().flat_map(|keyed| keyed.keys.iter());
        held.map(|held| (held.id(), held.record.record(), *held.key))
    }

    /// The records of the proof of the current list.
    pub fn proof(&self) -> impl Iterator<Item = &'a Record> + 'a {
        let keyed = self.channel().keyed().into_iter();
        keyed.flat_map(|keyed| keyed.ledger.proof().iter()).map(|step| step.record.record())
    }

    /// What else nobody may see: member keys, and the terminal's own secret.
    pub fn private(&self) -> impl Iterator<Item = [u8; 32]> + 'a {
        self.channel().own.secrets().chain([*self.shared().secret])
    }

    /// What the terminal draws from, which nobody may see either.
    pub fn chains(&self) -> impl Iterator<Item = [u8; 32]> + 'a {
        self.shared().random.chains()
    }

    /// The records that wait for a proof, or for their author's key, each with its frame.
    pub fn waiting(&self) -> Vec<(KeyId, Vec<u8>)> {
        let records = self.channel().waiting.iter().filter_map(|(bytes, _)| {
            let (Frame::Refresh { record, .. }
            | Frame::Sealed { record, .. }
            | Frame::Announce { record, .. }) = Frame::decode(bytes).ok()?
            else {
                return None;
            };
            Some((KeyRecord::new(record).id(), bytes.clone()))
        });
        records.collect()
    }

    /// Texts of others that cannot be shown yet, and of the user that no key seals yet.
    pub fn kept_texts(&self) -> [usize; 2] {
        [self.channel().held.texts(), self.channel().outbox.len()]
    }

    /// What the terminal keeps of this channel.
    pub fn sizes(&self) -> Vec<Size> {
        let channel = self.channel();
        let [asks, undecided, peers] = channel.granting.sizes();
        let mut sizes: Vec<Size> = [
            ("members", channel.members.len(), MEMBERS_MAX),
            ("occupants", channel.roster.len(), MEMBERS_MAX),
            ("records that wait", channel.waiting.len(), WAITING_MAX),
            ("texts held", channel.held.len(), HELD_MAX),
            ("texts that wait for a key", channel.outbox.len(), OUTBOX_MAX),
            ("asks", asks, ASKS_MAX),
            ("asks of the undecided", undecided, ASKS_MAX),
            ("askers whose part is counted", peers, PEERS_MAX),
            ("inquiries", channel.inquiries.len(), OPEN_MAX),
            ("keys given up", channel.asking.given_up(), GIVEN_UP_MAX),
            ("candidates", channel.candidates.len(), CANDIDATES_MAX),
            ("members passed over", channel.standing.passed.iter().count(), PASSED_MAX),
        ]
        .into();
        if let Keying::Keyed(keyed) = &channel.keying {
            let [ephemerals, boxes] = keyed.loose.sizes();
            let [records, proof, told] = keyed.ledger.sizes();
            let settled = keyed.ledger.repairs.all_settled().count();
            let windows = keyed.keys.iter().map(|held| held.windows.len());
            let limit = channel.standing.settings.keys.max(1);
            sizes.extend([
                ("keys", keyed.keys.iter().count(), limit),
                ("keys remembered", keyed.keys.seen().len(), KEYS_MAX),
                ("tags of a key", windows.max().unwrap_or(0), TAGS_MAX),
                ("holders", keyed.holders.iter().count(), MEMBERS_MAX),
                ("first lines", ephemerals, LOOSE_BOXES_MAX),
                ("loose boxes", boxes, LOOSE_BOXES_MAX),
                ("records remembered", records, HELD_MAX),
                ("records of a proof", proof, SEATS_MAX.saturating_add(1)),
                ("members told to have signed twice", told, TOLD_MAX),
                ("members whose changes are settled", settled, SETTLED_MAX),
            ]);
        }
        sizes
    }
}

impl Terminal {
    /// As if the user had said so many texts more under the key that seals now; that takes too long.
    pub fn skip_texts(&mut self, channel: &str, texts: u32) {
        let now = self.shared.now.ms;
        let room = self.shared.casemapping.fold(channel).and_then(|name| self.rooms.get_mut(&name));
        let Some(Inside::Yes(channel)) = room.map(|room| &mut room.inside) else { return };
        let Some(keyed) = channel.keyed_mut() else { return };
        let Some(id) = keyed.sealing(now).map(|held| held.id()) else { return };
        if let Some(held) = keyed.keys.get_mut(&id) {
            held.counter = held.counter.saturating_add(texts);
        }
    }

    /// As if the member of this Hello had come under so many other keys, and left; real ones take too
    /// long.
    pub fn meet(&mut self, channel: &str, hello: &SignedHello, members: u16) {
        let room = self.shared.casemapping.fold(channel).and_then(|name| self.rooms.get_mut(&name));
        let Some(Inside::Yes(channel)) = room.map(|room| &mut room.inside) else { return };
        for number in 0..members {
            let mut id = [0; 16];
            for (to, from) in id.iter_mut().zip(number.to_be_bytes()) {
                *to = from;
            }
            channel.members.insert(MemberId(id), Person::new(hello, Ok(Voucher::Itself), None));
        }
    }

    /// The channel for which it wakes next, in lower case, or with whom it talks alone.
    pub fn wakes_for(&self) -> Option<&str> {
        self.wakes.first().map(|(_, name)| &**name)
    }

    /// What the terminal keeps for all its channels; a queue that was read is empty.
    pub fn sizes(&self) -> [Size; 10] {
        let Shared { authentication, strangers, acquaintances, checks, callers, .. } = &self.shared;
        [
            ("channels", self.rooms.len(), CHANNELS_MAX),
            ("conversations that others began", self.uninvited.len(), UNINVITED_MAX),
            ("strangers whose part is counted", strangers.peers(), PEERS_MAX),
            ("acquaintances whose part is counted", acquaintances.peers(), PEERS_MAX),
            ("speakers whose part is counted", checks.peers(), PEERS_MAX),
            ("callers whose part is counted", callers.peers(), PEERS_MAX),
            ("unfinished frames", self.reassembly.len(), PARTIAL_MAX),
            ("questions", self.shared.questions.len(), QUESTIONS_MAX),
            ("pins", authentication.pins().count(), PINS_MAX),
            ("members declined", authentication.declined().count(), DECLINED_MAX),
        ]
    }
}
