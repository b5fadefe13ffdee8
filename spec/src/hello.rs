//! Hello: who is here, how to seal a key to it, and what it asks for (R-OBT-3).
//!
//! Spec: chapter 9.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bytes::{KeyHint, KeyId, KeyPrefix, MemberHint, Point, Signature, Tag};
use crate::certificate::Certificate;

/// What a Hello asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// The newest key; the asker holds no record of this channel and needs a proof too.
    Latest,
    /// The key that a text named.
    Hint(KeyHint),
    /// The key of a record that the asker holds.
    Key(KeyPrefix),
}

impl Ask {
    /// Whether `id` is a key that this asks for; [`Ask::Latest`] names none.
    pub fn names(&self, id: &KeyId) -> bool {
        match self {
            Self::Latest => false,
            Self::Hint(hint) => *hint == id.hint(),
            Self::Key(prefix) => *prefix == id.prefix(),
        }
    }
}

/// A terminal's introduction to a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Name and signing key.
    pub certificate: Certificate,
    /// The key to which channel keys are sealed.
    pub member_key: Point,
    /// Stands in the texts of this session.
    pub tag: Tag,
    /// Seconds since 1970; of two Hellos of one member the later one counts.
    pub time: u64,
    /// What it asks for, if anything, and whom; `None` inside asks whoever may answer.
    pub ask: Option<(Ask, Option<MemberHint>)>,
}

impl Hello {
    /// The bytes that are signed, after [`label::SIGN_HELLO`](crate::label) and the name digest.
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::frame::encode(self)
    }
}

/// A Hello with the signature of its certificate's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHello {
    /// What is signed.
    pub hello: Hello,
    /// By the key in its certificate.
    pub signature: Signature,
}

impl SignedHello {
    /// Its encoding, as a frame carries it.
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::frame::encode(self)
    }

    /// Reads exactly one Hello with its signature.
    ///
    /// # Errors
    /// [`Malformed`](crate::Malformed) unless `bytes` are the one encoding of such a Hello.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, crate::Malformed> {
        crate::frame::decode_all(bytes)
    }
}
