//! Fixed-size byte strings with a meaning: identifiers, hints, points, signatures (R-KEY-4).
//!
//! Spec: chapter 1, "Conventions". On the wire each is its bytes and nothing else.

use core::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{SerializeTuple, Serializer};

/// Serde for `[u8; N]` of any length: a tuple of bytes, no length prefix.
mod array {
    use super::{Deserializer, Error, SeqAccess, SerializeTuple, Serializer, Visitor, fmt};

    pub(super) fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(N)?;
        for byte in bytes {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }

    struct Array<const N: usize>;

    impl<'de, const N: usize> Visitor<'de> for Array<N> {
        type Value = [u8; N];

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{N} bytes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<[u8; N], A::Error> {
            let mut bytes = [0; N];
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(at, &self))?;
            }
            Ok(bytes)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        deserializer.deserialize_tuple(N, Array::<N>)
    }
}

macro_rules! bytes {
    ($($(#[$doc:meta])* $name:ident($len:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The first bytes of a longer string, as an identifier is cut from a hash.
            ///
            /// What is missing, if `bytes` is shorter, is zero.
            pub fn first_of(bytes: &[u8]) -> Self {
                let mut own = [0; $len];
                for (to, from) in own.iter_mut().zip(bytes) {
                    *to = *from;
                }
                Self(own)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        /// Lower-case hexadecimal.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                array::serialize(&self.0, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                array::deserialize(deserializer).map(Self)
            }
        }
    )*};
}

bytes! {
    /// Names a member: the hash of its certificate key (chapter 7).
    MemberId(16);
    /// The first bytes of a [`MemberId`]: whom a frame is for.
    MemberHint(4);
    /// Names a channel: the hash of its genesis record (chapter 7), or of the two members of a
    /// conversation (chapter 16).
    ///
    /// In a genesis record itself, and only there, it is the digest of the channel's folded name.
    ChannelId(16);
    /// Names a key together with its record; never read from the wire, always computed (chapter 7).
    KeyId(16);
    /// The first bytes of a [`KeyId`] as they stand in a text.
    KeyHint(3);
    /// The first bytes of a [`KeyId`] as they stand in queries and further lines of boxes.
    KeyPrefix(8);
    /// The first bytes of the [`KeyId`] of the sealed record from whose key a wrapped one descends.
    Root(8);
    /// Names the key of an authority (chapter 6).
    IssuerId(8);
    /// Commits a record to its key (chapter 7).
    Commit(16);
    /// Tells the texts of one sender's session from those of others (chapter 11).
    Tag(4);
    /// A P-256 point in SEC1's compressed form.
    Point(33);
    /// An ECDSA P-256 signature, r then s, each 32 bytes big-endian.
    Signature(64);
    /// A key that travels under the previous one (chapter 7).
    Wrapped(32);
}

/// Whom a box is for.
pub type BoxHint = MemberHint;

impl MemberId {
    /// Reads what [`Display`](fmt::Display) writes, in either case; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut own = [0; Self::LEN];
        let mut digits = text.chars().map(|digit| digit.to_digit(16));
        for byte in &mut own {
            let (high, low) = (digits.next()??, digits.next()??);
            *byte = u8::try_from(high << 4 | low).ok()?;
        }
        digits.next().is_none().then_some(Self(own))
    }

    /// The hint that stands for this member on the wire.
    pub fn hint(&self) -> MemberHint {
        MemberHint::first_of(&self.0)
    }
}

impl KeyId {
    /// As a text names its key.
    pub fn hint(&self) -> KeyHint {
        KeyHint::first_of(&self.0)
    }

    /// As queries and lines of boxes name a key.
    pub fn prefix(&self) -> KeyPrefix {
        KeyPrefix::first_of(&self.0)
    }

    /// As a wrapped record names the sealed record it descends from.
    pub fn root(&self) -> Root {
        Root::first_of(&self.0)
    }
}
