//! A peer made by hand: it keeps no rule, and signs, seals and sends whatever a test wants.

use keyrota::crypto::{self, DhKey, DhPublic, SigningKey, Tally};
use keyrota::spec::{
    Ask, Body, Cause, Certificate, ChannelId, Commit, Descent, Entry, Frame, Hello, KeyId, List,
    MemberHint, MemberId, Name, Point, Record, Rights, SealedBox, Signature, SignedHello,
    SignedRecord, Tag, TextHeader, TextKind, Vouch, Wrapped, label,
};
use keyrota::{Authority, member_id};

use crate::rig::{CHANNEL, START, World, YEAR, secret};

/// What a Hello asks for, and whom.
pub(crate) type Wanted = Option<(Ask, Option<MemberHint>)>;

pub(crate) struct Peer {
    key: SigningKey,
    certificate: Certificate,
    member_key: DhKey,
    pub(crate) tag: Tag,
    pub(crate) id: MemberId,
}

/// The newest Hello that came from a nick.
pub(crate) fn hello_of(world: &World, nick: &str) -> Hello {
    let own = world.lines.iter().rev().filter(|line| line.nick == nick);
    let mut bytes = own.filter_map(|line| line.bytes());
    bytes
        .find_map(|bytes| match Frame::decode(&bytes) {
            Ok(Frame::Hello { hello, .. }) => Some(hello.hello),
            _ => None,
        })
        .expect("a Hello")
}

/// The digest of the channel's folded name.
pub(crate) fn digest() -> ChannelId {
    ChannelId::first_of(&crypto::hash(label::NAME, &[CHANNEL.as_bytes()]))
}

pub(crate) fn channel_id(genesis: &SignedRecord) -> ChannelId {
    ChannelId::first_of(&crypto::hash(label::CHANNEL, &[&genesis.record.to_bytes()]))
}

pub(crate) fn key_id(record: &SignedRecord) -> KeyId {
    KeyId::first_of(&crypto::hash(label::KEY, &[&record.record.to_bytes()]))
}

fn body(key: &SigningKey, name: &str) -> Body {
    let name = Name::new(name).expect("a name");
    Body { name, key: Point(key.public()), not_before: START - 86_400, lifetime: YEAR }
}

impl Peer {
    /// Its keys follow from its number; it vouches for itself.
    pub(crate) fn new(number: u8, name: &str) -> Self {
        let key = SigningKey::from_bytes(&secret(number)).expect("a key");
        let certificate = Certificate { body: body(&key, name), vouch: Vouch::SelfSigned };
        let id = member_id(&certificate.body.key);
        let member_key = DhKey::derive(&[number; 32], &mut Tally::default());
        Self { key, certificate, member_key, tag: Tag([number; 4]), id }
    }

    pub(crate) fn issued_by(mut self, authority: &Authority) -> Self {
        self.certificate = authority.issue(self.certificate.body);
        self
    }

    fn sign(&self, parts: &[&[u8]]) -> Signature {
        Signature(self.key.sign(&mut Tally::default(), parts))
    }

    pub(crate) fn hello(&self, time: u64, ask: Wanted) -> Frame<'static> {
        self.hello_in(&digest(), time, ask)
    }

    /// A Hello that is signed for this digest.
    pub(crate) fn hello_in(&self, digest: &ChannelId, time: u64, ask: Wanted) -> Frame<'static> {
        self.hello_signed(digest, Point(self.member_key.public()), time, ask)
    }

    pub(crate) fn hello_with(&self, member_key: Point, time: u64, ask: Wanted) -> Frame<'static> {
        self.hello_signed(&digest(), member_key, time, ask)
    }

    fn hello_signed(
        &self,
        digest: &ChannelId,
        member_key: Point,
        time: u64,
        ask: Wanted,
    ) -> Frame<'static> {
        let certificate = self.certificate.clone();
        let hello = Hello { certificate, member_key, tag: self.tag, time, ask };
        let signature = self.sign(&[label::SIGN_HELLO, &digest.0, &hello.to_bytes()]);
        Frame::Hello { hello: SignedHello { hello, signature }, relayed: false }
    }

    /// A channel founded by this peer, with these other seats, under this key.
    pub(crate) fn genesis(&self, others: &[MemberId], key: &[u8; 32]) -> SignedRecord {
        let seats = std::iter::once(&self.id).chain(others);
        let seats = seats.map(|id| Entry::new(*id, Rights::BOTH));
        let list = List::new(seats.collect()).expect("a list");
        self.signed(Record {
            channel: digest(),
            turn: list.updaters().collect(),
            list,
            epoch: 0,
            descent: Descent::Genesis { founder: Point(self.key.public()), signed: true },
            author: 0,
            cause: Cause::Founding,
            time: (START / 60) as u32,
            lifetime: 1_440,
            commit: commit(key, &digest()),
        })
    }

    /// The next sealed record after `genesis`, in the name of a seat, signed by this peer.
    pub(crate) fn sealed(&self, genesis: &SignedRecord, seat: u8, key: &[u8; 32]) -> SignedRecord {
        let channel = channel_id(genesis);
        self.signed(Record {
            channel,
            epoch: 1,
            descent: Descent::Sealed,
            author: seat,
            commit: commit(key, &channel),
            ..genesis.record.clone()
        })
    }

    pub(crate) fn signed(&self, record: Record) -> SignedRecord {
        let signature = self.sign(&[label::SIGN_RECORD, &record.to_bytes()]);
        SignedRecord { record, signature }
    }

    pub(crate) fn announce(&self, record: &SignedRecord) -> Frame<'static> {
        Frame::Announce { record: record.clone(), author: Point(self.key.public()) }
    }

    /// A text under `key`, the key of a record of `channel`, with any tag and counter.
    pub(crate) fn text(
        &self,
        (channel, id): (ChannelId, KeyId),
        key: &[u8; 32],
        header: (Tag, u32),
        signed: bool,
        content: &str,
    ) -> Vec<u8> {
        let kind = if signed { TextKind::Signed } else { TextKind::Unsigned };
        let (tag, counter) = header;
        let count = counter.to_be_bytes();
        let data = [&[kind.byte()][..], &channel.0, &id.0, &tag.0, &count].concat();
        let mut nonce = [0; 12];
        nonce[8..].copy_from_slice(&count);
        let mut ciphertext = content.as_bytes().to_vec();
        if signed {
            let parts: [&[u8]; 4] = [label::SIGN_TEXT, &data, &self.id.0, content.as_bytes()];
            ciphertext.extend(self.sign(&parts).0);
        }
        let text_key = crypto::expand(key, label::TEXT, &[&id.0, &tag.0]);
        crypto::seal_in_place(&text_key, &nonce, &data, &mut ciphertext, 0);
        let header = TextHeader { key: id.hint(), tag, counter };
        Frame::Text { kind, header, ciphertext: &ciphertext }.encode()
    }

    /// The key in the box for this peer, if the frame has one that opens.
    pub(crate) fn open(&self, frame: &Frame<'_>) -> Option<(KeyId, [u8; 32])> {
        let Frame::Sealed { record, ephemeral, boxes } = frame else { return None };
        let ephemeral = DhPublic::from_bytes(&ephemeral.0)?;
        let secret = self.member_key.decapsulate(&ephemeral, &mut Tally::default());
        let own = boxes.iter().find(|one| one.whom == self.id.hint())?;
        Some((key_id(record), xor(&own.key.0, &pad(&secret, record, &self.id))))
    }
}

/// A frame that seals `key` to the member whose Hello this is.
pub(crate) fn seal(record: &SignedRecord, key: &[u8; 32], to: &Hello) -> Frame<'static> {
    let id = member_id(&to.certificate.body.key);
    let ephemeral = DhKey::derive(&[0xee; 32], &mut Tally::default());
    let member_key = DhPublic::from_bytes(&to.member_key.0).expect("a member key");
    let secret = ephemeral.encapsulate(&member_key, &mut Tally::default());
    let key = Wrapped(xor(key, &pad(&secret, record, &id)));
    let boxes = vec![SealedBox { whom: id.hint(), key }];
    Frame::Sealed { record: record.clone(), ephemeral: Point(ephemeral.public()), boxes }
}

fn pad(secret: &[u8; 32], record: &SignedRecord, to: &MemberId) -> [u8; 32] {
    let channel = match record.record.descent {
        Descent::Genesis { .. } => channel_id(record),
        _ => record.record.channel,
    };
    *crypto::expand(secret, label::BOX, &[&channel.0, &key_id(record).0, &to.0])
}

pub(crate) fn commit(key: &[u8; 32], channel: &ChannelId) -> Commit {
    Commit(*crypto::expand(key, label::COMMIT, &[&channel.0]))
}

fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| one[at] ^ other[at])
}
