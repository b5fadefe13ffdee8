//! A peer that keeps no rule, with keys of the fuzzer's own: it signs, seals and says whatever the
//! input wants, so that what it makes gets past signatures and tags.
//!
//! Spec: chapters 7 and 9.

use std::sync::OnceLock;

use keyrota::crypto::{self, DhKey, DhPublic, SigningKey, Tally};
use keyrota::spec::{
    Ask, Body, Certificate, ChannelId, Commit, Descent, Frame, Hello, IssuerId, KeyId, MemberHint,
    MemberId, Name, Point, Record, SealedBox, Signature, SignedHello, SignedRecord, Tag,
    TextHeader, TextKind, Vouch, Wrapped, label,
};
use keyrota::{Identity, issuer_id, member_id};

/// 2026-01-01, in seconds since 1970: when everything begins.
pub const START: u64 = 1_767_225_600;
/// The lifetime of certificates, in seconds.
pub const YEAR: u32 = 31_536_000;

/// Begins as a point does, and is on no curve: its x is greater than any.
pub const NO_POINT: Point = {
    let mut bytes = [0xff; 33];
    bytes[0] = 2;
    Point(bytes)
};

/// 32 bytes of which nothing else is made than of others.
pub type Key = [u8; 32];

/// The secret of an identity, the same for the same number.
pub fn secret(number: u8) -> Key {
    let mut secret = [0x5a; 32];
    secret[31] = number.wrapping_add(1);
    secret
}

/// The identity of a terminal that is fuzzed.
///
/// # Panics
/// If the name is none for a certificate.
pub fn identity(number: u8, name: &str) -> Identity {
    Identity::self_signed(&secret(number), name, START - 86_400, YEAR).expect("a key and a name")
}

/// Which channel a record is of.
pub fn channel_of(record: &Record) -> ChannelId {
    match record.descent {
        Descent::Genesis { .. } => {
            ChannelId::first_of(&crypto::hash(label::CHANNEL, &[&record.to_bytes()]))
        }
        Descent::Sealed | Descent::Wrapped { .. } => record.channel,
    }
}

/// Names a record and its key.
pub fn key_id(record: &Record) -> KeyId {
    KeyId::first_of(&crypto::hash(label::KEY, &[&record.to_bytes()]))
}

/// The digest of a channel's folded name.
pub fn digest(folded: &str) -> ChannelId {
    ChannelId::first_of(&crypto::hash(label::NAME, &[folded.as_bytes()]))
}

/// What binds a record of this channel, or in a genesis of this digest, to its key.
pub fn commit(key: &Key, channel: &ChannelId) -> Commit {
    Commit(*crypto::expand(key, label::COMMIT, &[&channel.0]))
}

fn xor(one: &Key, other: &Key) -> Key {
    std::array::from_fn(|at| one[at] ^ other[at])
}

/// The key pairs of one peer, which are always the same.
#[derive(Debug)]
struct Keys {
    certificate: SigningKey,
    member: DhKey,
}

/// Made when they are first asked for: that costs as much as all that an input does with them.
fn keys(number: u8) -> &'static Keys {
    static ALL: [OnceLock<Keys>; 256] = [const { OnceLock::new() }; 256];
    ALL[usize::from(number)].get_or_init(|| Keys {
        certificate: SigningKey::from_bytes(&secret(number)).expect("a key"),
        member: DhKey::derive(&[number; 32], &mut Tally::default()),
    })
}

/// One of those.
#[derive(Debug)]
pub struct Peer {
    keys: &'static Keys,
    /// As it shows it in its Hellos.
    pub certificate: Certificate,
    /// To what it wants channel keys sealed, likewise.
    pub member_key: Point,
    /// Stands in its texts.
    pub tag: Tag,
    /// Who it is.
    pub id: MemberId,
}

impl Peer {
    /// Its keys follow from its number; it vouches for itself.
    ///
    /// # Panics
    /// If the name is none for a certificate.
    pub fn new(number: u8, name: &str) -> Self {
        let keys = keys(number);
        let name = Name::new(name).expect("a name");
        let key = Point(keys.certificate.public());
        let body = Body { name, key, not_before: START - 86_400, lifetime: YEAR };
        let certificate = Certificate { body, vouch: Vouch::SelfSigned };
        let member_key = Point(keys.member.public());
        Self { keys, certificate, member_key, tag: Tag([number; 4]), id: member_id(&key) }
    }

    /// From now on it shows its member key, or what is none.
    pub fn show_member_key(&mut self, is_key: bool) {
        self.member_key = if is_key { Point(self.keys.member.public()) } else { NO_POINT };
    }

    /// Its certificate key.
    pub fn point(&self) -> Point {
        Point(self.keys.certificate.public())
    }

    /// Its name as an issuer.
    pub fn issuer(&self) -> IssuerId {
        issuer_id(&self.point())
    }

    /// Its signature of the concatenation of these.
    pub fn sign(&self, parts: &[&[u8]]) -> Signature {
        Signature(self.keys.certificate.sign(&mut Tally::default(), parts))
    }

    /// Its word for this body.
    pub fn vouch(&self, body: &Body) -> Signature {
        self.sign(&[label::SIGN_CERTIFICATE, &body.to_bytes()])
    }

    /// Its Hello in the channel of this name digest.
    pub fn hello(
        &self,
        digest: &ChannelId,
        time: u64,
        ask: Option<(Ask, Option<MemberHint>)>,
        relayed: bool,
    ) -> Frame<'static> {
        let hello = Hello {
            certificate: self.certificate.clone(),
            member_key: self.member_key,
            tag: self.tag,
            time,
            ask,
        };
        let signature = self.sign(&[label::SIGN_HELLO, &digest.0, &hello.to_bytes()]);
        Frame::Hello { hello: SignedHello { hello, signature }, relayed }
    }

    /// A record with its signature, whoever its author is.
    pub fn signed(&self, record: Record) -> SignedRecord {
        let signature = self.sign(&[label::SIGN_RECORD, &record.to_bytes()]);
        SignedRecord { record, signature }
    }

    /// A text or control of this peer under a key.
    pub fn text(&self, under: &Under, kind: TextKind, counter: u32, content: &[u8]) -> Vec<u8> {
        under.seal(kind, self.tag, counter, content, |context| {
            self.sign(&[label::SIGN_TEXT, context, &self.id.0, content])
        })
    }
}

/// A key that seals texts, with what they are bound to.
#[derive(Clone, Copy, Debug)]
pub struct Under {
    /// Of which channel.
    pub channel: ChannelId,
    /// Names the key.
    pub id: KeyId,
    /// The key.
    pub key: Key,
}

impl Under {
    /// A frame with this content, and the signature that `sign` makes of what binds it.
    pub fn seal(
        &self,
        kind: TextKind,
        tag: Tag,
        counter: u32,
        content: &[u8],
        sign: impl FnOnce(&[u8]) -> Signature,
    ) -> Vec<u8> {
        let count = counter.to_be_bytes();
        let context = [&[kind.byte()][..], &self.channel.0, &self.id.0, &tag.0, &count].concat();
        let mut nonce = [0; 12];
        nonce[8..].copy_from_slice(&count);
        let mut ciphertext = content.to_vec();
        if kind.is_signed() {
            ciphertext.extend(sign(&context).0);
        }
        let key = crypto::expand(&self.key, label::TEXT, &[&self.id.0, &tag.0]);
        crypto::seal_in_place(&key, &nonce, &context, &mut ciphertext, 0);
        let header = TextHeader { key: self.id.hint(), tag, counter };
        Frame::Text { kind, header, ciphertext: &ciphertext }.encode()
    }
}

/// The ephemeral of a frame, and a box in it for the member of this Hello; `None`: it shows no key to
/// seal to.
pub fn sealed(record: &Record, key: &Key, to: &Hello) -> Option<(Point, SealedBox)> {
    let id = member_id(&to.certificate.body.key);
    let ephemeral = DhKey::derive(&[0xee; 32], &mut Tally::default());
    let member_key = DhPublic::from_bytes(&to.member_key.0)?;
    let secret = ephemeral.encapsulate(&member_key, &mut Tally::default());
    let channel = channel_of(record);
    let pad = crypto::expand(&secret, label::BOX, &[&channel.0, &key_id(record).0, &id.0]);
    let one = SealedBox { whom: id.hint(), key: Wrapped(xor(key, &pad)) };
    Some((Point(ephemeral.public()), one))
}

/// The key of a record under that of the one before.
pub fn wrapped(record: &Record, key: &Key, under: &Key) -> Wrapped {
    let pad = crypto::expand(under, label::WRAP, &[&key_id(record).0]);
    Wrapped(xor(key, &pad))
}
