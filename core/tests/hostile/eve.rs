//! An attacker with keys and a certificate of her own, who makes every frame by hand.

use keyrota::crypto::{self, DhKey, DhPublic, SigningKey, Tally};
use keyrota::spec::{
    Ask, Body, Cause, Certificate, ChannelId, Commit, Descent, Entry, Frame, Hello, KeyId, List,
    MemberHint, MemberId, Name, Point, Record, Rights, SealedBox, Signature, SignedHello,
    SignedRecord, Tag, TextHeader, TextKind, Vouch, Wrapped, armor, label,
};

use crate::rig::{START, YEAR};

pub(crate) struct Eve {
    pub(crate) signing: SigningKey,
    pub(crate) id: MemberId,
    pub(crate) certificate: Certificate,
    member_key: DhKey,
    pub(crate) tag: Tag,
}

impl Eve {
    pub(crate) fn new() -> Self {
        Self::with(&[0xee; 32], "eve")
    }

    /// With this secret key and name, for what somebody else could sign.
    pub(crate) fn with(secret: &[u8; 32], name: &str) -> Self {
        let signing = SigningKey::from_bytes(secret).expect("a key");
        let key = Point(signing.public());
        let name = Name::new(name).expect("a name");
        let body = Body { name, key, not_before: START - 60, lifetime: YEAR };
        Self {
            id: keyrota::member_id(&key),
            certificate: Certificate { body, vouch: Vouch::SelfSigned },
            member_key: DhKey::derive(&[0xed; 32], &mut Tally::default()),
            tag: Tag(*b"evil"),
            signing,
        }
    }

    pub(crate) fn point(&self) -> Point {
        self.certificate.body.key
    }

    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Signature {
        Signature(self.signing.sign(&mut Tally::default(), parts))
    }

    /// A Hello to a channel, `time` being in seconds since 1970.
    pub(crate) fn hello(
        &self,
        channel: &str,
        time: u64,
        ask: Option<(Ask, Option<MemberHint>)>,
    ) -> SignedHello {
        let hello = Hello {
            certificate: self.certificate.clone(),
            member_key: Point(self.member_key.public()),
            tag: self.tag,
            time,
            ask,
        };
        let parts: [&[u8]; 3] = [label::SIGN_HELLO, &digest(channel).0, &hello.to_bytes()];
        SignedHello { signature: self.sign(&parts), hello }
    }

    pub(crate) fn signed(&self, record: Record) -> SignedRecord {
        let signature = self.sign(&[label::SIGN_RECORD, &record.to_bytes()]);
        SignedRecord { record, signature }
    }

    /// The key in her box of a sealed frame.
    pub(crate) fn open(&self, frame: &Frame<'_>, channel: ChannelId) -> Option<[u8; 32]> {
        let Frame::Sealed { record, ephemeral, boxes } = frame else { return None };
        let own = boxes.iter().find(|one| one.whom == self.id.hint())?;
        let enc = DhPublic::from_bytes(&ephemeral.0)?;
        let secret = self.member_key.decapsulate(&enc, &mut Tally::default());
        let parts: [&[u8]; 3] = [&channel.0, &key_id(&record.record).0, &self.id.0];
        Some(xor(&own.key.0, &crypto::expand(&secret, label::BOX, &parts)))
    }

    /// A text under a channel's key: in the name of `claimed`, under any tag, signed by her.
    pub(crate) fn text(&self, at: &Place, kind: TextKind, claimed: &Claim, text: &str) -> String {
        self.bytes(at, kind, claimed, text.as_bytes())
    }

    /// Likewise, of whatever is no text.
    pub(crate) fn bytes(
        &self,
        at: &Place,
        kind: TextKind,
        claimed: &Claim,
        content: &[u8],
    ) -> String {
        let header = TextHeader { key: at.id.hint(), tag: claimed.tag, counter: claimed.counter };
        let mut context = vec![kind.byte()];
        context.extend_from_slice(&at.channel.0);
        context.extend_from_slice(&at.id.0);
        context.extend_from_slice(&claimed.tag.0);
        context.extend_from_slice(&claimed.counter.to_be_bytes());
        let mut bytes = Vec::new();
        header.write(kind, &mut bytes);
        let start = bytes.len();
        bytes.extend_from_slice(content);
        if kind.is_signed() {
            let parts: [&[u8]; 4] = [label::SIGN_TEXT, &context, &claimed.member.0, content];
            bytes.extend_from_slice(&self.sign(&parts).0);
        }
        let mut nonce = [0; 12];
        nonce[8..].copy_from_slice(&claimed.counter.to_be_bytes());
        let subkey = crypto::expand(&at.key, label::TEXT, &[&at.id.0, &claimed.tag.0]);
        crypto::seal_in_place(&subkey, &nonce, &context, &mut bytes, start);
        armor::whole(&bytes)
    }
}

/// A key that she holds, and what it belongs to.
pub(crate) struct Place {
    pub(crate) channel: ChannelId,
    pub(crate) id: KeyId,
    pub(crate) key: [u8; 32],
}

/// As whom she writes.
pub(crate) struct Claim {
    pub(crate) member: MemberId,
    pub(crate) tag: Tag,
    pub(crate) counter: u32,
}

/// A record that needs but a signature: of a list of its own, made by the first seat.
pub(crate) fn record(channel: ChannelId, list: Vec<Entry>, key: &[u8; 32]) -> Record {
    let list = List::new(list).expect("a list");
    Record {
        channel,
        turn: list.updaters().collect(),
        list,
        epoch: 1,
        descent: Descent::Sealed,
        author: 0,
        cause: Cause::Wish,
        time: u32::try_from(START / 60).expect("minutes"),
        lifetime: 1_440,
        commit: commit(key, channel),
    }
}

/// The first record of a channel of this name.
pub(crate) fn genesis(name: &str, founder: Point, list: Vec<Entry>, key: &[u8; 32]) -> Record {
    let descent = Descent::Genesis { founder, signed: true };
    Record { descent, epoch: 0, cause: Cause::Founding, ..record(digest(name), list, key) }
}

/// A sealed frame for one member, by an ephemeral that she chose.
pub(crate) fn seal(
    signed: SignedRecord,
    channel: ChannelId,
    key: &[u8; 32],
    whom: MemberId,
    member_key: &Point,
) -> String {
    let ephemeral = DhKey::derive(&[0xec; 32], &mut Tally::default());
    let peer = DhPublic::from_bytes(&member_key.0).expect("a point");
    let secret = ephemeral.encapsulate(&peer, &mut Tally::default());
    let parts: [&[u8]; 3] = [&channel.0, &key_id(&signed.record).0, &whom.0];
    let key = Wrapped(xor(key, &crypto::expand(&secret, label::BOX, &parts)));
    let boxes = vec![SealedBox { whom: whom.hint(), key }];
    let ephemeral = Point(ephemeral.public());
    line(&Frame::Sealed { record: signed, ephemeral, boxes })
}

pub(crate) fn line(frame: &Frame<'_>) -> String {
    armor::whole(&frame.encode())
}

pub(crate) fn both(id: MemberId) -> Entry {
    Entry::new(id, Rights::BOTH)
}

pub(crate) fn digest(name: &str) -> ChannelId {
    ChannelId::first_of(&crypto::hash(label::NAME, &[name.as_bytes()]))
}

pub(crate) fn channel_id(genesis: &Record) -> ChannelId {
    ChannelId::first_of(&crypto::hash(label::CHANNEL, &[&genesis.to_bytes()]))
}

pub(crate) fn key_id(record: &Record) -> KeyId {
    KeyId::first_of(&crypto::hash(label::KEY, &[&record.to_bytes()]))
}

pub(crate) fn commit(key: &[u8; 32], channel: ChannelId) -> Commit {
    Commit(*crypto::expand(key, label::COMMIT, &[&channel.0]))
}

pub(crate) fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| one[at] ^ other[at])
}
