//! Certificates: a name, a key, a time, and who vouches for them (R-KEY-1, R-DIS-2).
//!
//! Spec: chapter 6.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bytes::{IssuerId, Point, Signature};
use crate::limits::NAME_MAX;

/// The certified name of a member: 1 to [`NAME_MAX`] bytes of UTF-8.
///
/// No control characters, no characters that reorder or hide their neighbours, no space at either
/// end, so that a name looks like what it is. Letters of different scripts can still look alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Box<str>);

/// Characters without a shape of their own: zero-width, direction, byte-order mark.
fn invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

impl Name {
    /// A name, if `text` is one.
    pub fn new(text: &str) -> Option<Self> {
        let length = (1..=NAME_MAX).contains(&text.len());
        let ends = !text.starts_with(char::is_whitespace) && !text.ends_with(char::is_whitespace);
        let shape = !text.chars().any(|c| c.is_control() || invisible(c));
        (length && ends && shape).then(|| Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("not a name")
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into()
    }
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Whose key it is.
    pub name: Name,
    /// The key that signs; it never decrypts.
    pub key: Point,
    /// First moment of validity, in seconds since 1970.
    pub not_before: u64,
    /// Length of validity in seconds.
    pub lifetime: u32,
}

impl Body {
    /// The bytes that an authority signs, after [`label::SIGN_CERTIFICATE`](crate::label).
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::frame::encode(self)
    }
}

/// Who vouches for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vouch {
    /// Its own key, by signing the Hello that carries it.
    SelfSigned,
    /// The authority that `issuer` names.
    Issued {
        /// Names the authority's key.
        issuer: IssuerId,
        /// The authority's signature of the [`Body`].
        signature: Signature,
    },
}

/// A certificate as it travels in a Hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What it says.
    pub body: Body,
    /// Who vouches for it.
    pub vouch: Vouch,
}

impl Certificate {
    /// Its encoding, as an identity file or an authority's tool stores it.
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::frame::encode(self)
    }

    /// Reads exactly one certificate.
    ///
    /// # Errors
    /// [`Malformed`](crate::Malformed) unless `bytes` are the one encoding of a certificate.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, crate::Malformed> {
        crate::frame::decode_all(bytes)
    }
}
