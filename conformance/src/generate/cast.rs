//! Who appears in the vectors, with fixed keys: those of the worked examples of chapter 3.

use keyrota::crypto::{self, DhKey, SigningKey, Tally};
use keyrota::spec::label;

use crate::generate::wire::{Descent, Record, Wire};

/// 2025-01-01 00:00 UTC, in seconds.
pub const NEW_YEAR: u64 = 1_735_689_600;
/// The same in minutes.
pub const NEW_YEAR_MINUTES: u64 = 28_928_160;
/// A year, in seconds.
pub const YEAR: u64 = 365 * 86_400;
/// The folded name of the channel.
pub const CHANNEL: &str = "#garden";
/// The channel keys, in their order.
pub const KEYS: [[u8; 32]; 3] = [[0xf0; 32], [0xf1; 32], [0xf2; 32]];

/// A member of the channel.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words of chapter 2")]
pub struct Member {
    pub name: &'static str,
    pub private: [u8; 32],
    pub certificate_key: [u8; 33],
    pub id: [u8; 16],
    pub member_ikm: [u8; 32],
    pub member_private: [u8; 32],
    pub member_key: [u8; 33],
    pub tag: [u8; 4],
}

/// Ada, the founder.
pub fn ada() -> Member {
    Member::new("Ada", 0x11, 0xa1)
}

/// Ben.
pub fn ben() -> Member {
    Member::new("Ben", 0x22, 0xb2)
}

/// Cyn, whom the authority vouches for.
pub fn cyn() -> Member {
    Member::new("Cyn", 0x33, 0xc3)
}

/// The private key of the authority.
pub const AUTHORITY: [u8; 32] = [0xaa; 32];

impl Member {
    /// The member with these bytes, each 32 times, as private certificate key and to derive the
    /// member key from. Its tag is the high half of the latter, and zero, four times.
    pub fn new(name: &'static str, key: u8, member_key: u8) -> Self {
        let dh = DhKey::derive(&[member_key; 32], &mut Tally::default());
        let certificate_key = public(&[key; 32]);
        Self {
            name,
            private: [key; 32],
            certificate_key,
            id: first(crypto::hash(label::MEMBER, &[&certificate_key])),
            member_ikm: [member_key; 32],
            member_private: *dh.to_bytes(),
            member_key: dh.public(),
            tag: [member_key & 0xf0; 4],
        }
    }

    /// The fields of its certificate, with a vouch of the authority or its own.
    pub fn certificate(&self, issued: bool) -> Wire {
        let body = Wire::new()
            .number("name-length", self.name.len() as u64, 64)
            .raw("name", self.name)
            .raw("key", self.certificate_key)
            .number("not-before", NEW_YEAR, 64)
            .number("lifetime", YEAR, 32);
        if !issued {
            return body.choice("vouch", 0, 2);
        }
        let signature = sign(&AUTHORITY, &[label::SIGN_CERTIFICATE, &body.bytes()]);
        let issuer: [u8; 8] = first(crypto::hash(label::ISSUER, &[&public(&AUTHORITY)]));
        body.choice("vouch", 1, 2).raw("issuer", issuer).raw("vouch-signature", signature)
    }
}

/// The public key of a private one, as it travels.
pub fn public(private: &[u8; 32]) -> [u8; 33] {
    SigningKey::from_bytes(private).expect("a private key").public()
}

/// A signature of all these bytes.
pub fn sign(private: &[u8; 32], parts: &[&[u8]]) -> [u8; 64] {
    let key = SigningKey::from_bytes(private).expect("a private key");
    key.sign(&mut Tally::default(), parts)
}

/// The first bytes.
pub fn first<const N: usize>(bytes: impl AsRef<[u8]>) -> [u8; N] {
    *bytes.as_ref().first_chunk().expect("enough bytes")
}

/// The digest of the channel's name.
pub fn name_digest() -> [u8; 16] {
    first(crypto::hash(label::NAME, &[CHANNEL.as_bytes()]))
}

/// The channel's identifier.
pub fn channel() -> [u8; 16] {
    first(crypto::hash(label::CHANNEL, &[&genesis().wire().bytes()]))
}

/// The identifier of a record's key.
pub fn key_id(record: &Record) -> [u8; 16] {
    first(crypto::hash(label::KEY, &[&record.wire().bytes()]))
}

/// What binds a record to its key.
pub fn commit(key: &[u8; 32], channel: &[u8; 16]) -> [u8; 16] {
    *crypto::expand(key, label::COMMIT, &[channel])
}

/// The record of the first key: Ada founds the channel.
pub fn genesis() -> Record {
    let ada = ada();
    Record {
        channel: name_digest(),
        list: vec![(ada.id, 3)],
        turn: vec![0],
        epoch: 0,
        descent: Descent::Genesis { founder: ada.certificate_key.into(), signed: true },
        author: 0,
        cause: 0,
        time: NEW_YEAR_MINUTES,
        lifetime: 1_440,
        commit: commit(&KEYS[0], &name_digest()),
    }
}

/// The record of the second key: Ada wraps it under the first.
pub fn refreshed() -> Record {
    let genesis = genesis();
    Record {
        channel: channel(),
        descent: Descent::Wrapped { root: first(key_id(&genesis)), step: 1 },
        cause: 7,
        time: NEW_YEAR_MINUTES + 30,
        commit: commit(&KEYS[1], &channel()),
        ..genesis
    }
}

/// The record of the third key: Ada seats Ben.
pub fn sealed() -> Record {
    Record {
        channel: channel(),
        list: vec![(ada().id, 7), (ben().id, 3)],
        turn: vec![0, 1],
        descent: Descent::Sealed,
        cause: 11,
        time: NEW_YEAR_MINUTES + 60,
        commit: commit(&KEYS[2], &channel()),
        ..genesis()
    }
}

/// A record's fields, and its signature by Ada.
pub fn signed(record: &Record) -> Wire {
    signed_by(&ada(), record)
}

/// A record's fields, and its signature by a member.
pub fn signed_by(author: &Member, record: &Record) -> Wire {
    let wire = record.wire();
    let signature = sign(&author.private, &[label::SIGN_RECORD, &wire.bytes()]);
    wire.raw("signature", signature)
}

/// The order of the curve's group.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The order of the curve's group, and the number before it.
pub fn order() -> [[u8; 32]; 2] {
    let mut before = ORDER;
    before[31] -= 1;
    [ORDER, before]
}

/// The other signature that verifies where this one does: n − s in place of s.
pub fn negated(signature: &[u8; 64]) -> [u8; 64] {
    let mut other = *signature;
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(ORDER[at]) - i16::from(signature[32 + at]) - borrow;
        borrow = i16::from(difference < 0);
        other[32 + at] = difference.rem_euclid(256) as u8;
    }
    other
}
