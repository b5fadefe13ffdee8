//! Frames: everything that one terminal sends to the others, and the one gate it comes in by.
//!
//! Spec: chapter 3, "Wire format". A frame is one byte, version in its high half and kind in its
//! low half, then the postcard encoding of the kind's header, then for some kinds the rest:
//!
//! ```text
//! 0  text, signed     header ciphertext      5  sealed key       record ephemeral boxes
//! 1  text, unsigned   header ciphertext      6  further boxes    prefix boxes
//! 2  control, signed  header ciphertext      7  announcement     record author-key
//! 3  Hello            hello signature        8  query            whom subject
//! 4  refreshed key    record wrapped-key     9  refusal          whom reason
//!                                           10  relayed Hello    hello signature
//! ```

use alloc::vec::Vec;
use core::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bytes::{KeyHint, KeyPrefix, MemberHint, Point, Tag, Wrapped};
use crate::hello::SignedHello;
use crate::limits::{COUNTER_MAX, FRAME_MAX, TEXT_MAX, VERSION};
use crate::record::SignedRecord;

/// Length of a box on the wire.
pub const BOX_LEN: usize = 36;

/// Shortest ciphertext: the tag of the AEAD around nothing.
const AEAD_TAG: usize = 16;
const SIGNATURE: usize = 64;

/// Why bytes are not a frame. Nobody but their sender is told; nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// No bytes at all.
    Empty,
    /// More than [`FRAME_MAX`] bytes.
    TooLong,
    /// Another version of the protocol.
    Version(u8),
    /// A kind that this version does not have.
    Kind(u8),
    /// Cut short, or a field out of its bounds.
    Content,
    /// Another encoding of a value than the one that counts.
    NotCanonical,
    /// Bytes after the end.
    Trailing,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty frame"),
            Self::TooLong => write!(f, "frame of more than {FRAME_MAX} bytes"),
            Self::Version(version) => write!(f, "version {version} of the protocol"),
            Self::Kind(kind) => write!(f, "unknown kind {kind} of frame"),
            Self::Content => f.write_str("frame cut short or a field out of bounds"),
            Self::NotCanonical => f.write_str("frame not in its one encoding"),
            Self::Trailing => f.write_str("bytes after the end of a frame"),
        }
    }
}

impl core::error::Error for Malformed {}

/// What a sealed text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextKind {
    /// A text with its sender's signature inside.
    Signed,
    /// A text that any holder of the key can have written.
    Unsigned,
    /// A [`Control`] with its sender's signature inside.
    Control,
}

impl TextKind {
    /// The first byte of its frame.
    pub fn byte(self) -> u8 {
        VERSION << 4
            | match self {
                Self::Signed => 0,
                Self::Unsigned => 1,
                Self::Control => 2,
            }
    }

    /// Whether a signature follows the content inside the ciphertext.
    pub fn is_signed(self) -> bool {
        self != Self::Unsigned
    }
}

/// What stands before a ciphertext: which key opens it, and its nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextHeader {
    /// Under which key.
    pub key: KeyHint,
    /// Whose session.
    pub tag: Tag,
    /// Counts the texts of this tag under this key; 0 to [`COUNTER_MAX`].
    pub counter: u32,
}

/// What a member tells all others under the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Control {
    /// Please renew the key.
    Wish,
}

impl Control {
    /// Its encoding, the content of a [`TextKind::Control`].
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads exactly one control.
    ///
    /// # Errors
    /// [`Malformed`] unless `bytes` are the one encoding of a control.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        decode_all(bytes)
    }
}

/// A key sealed to one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedBox {
    /// Whom it is for.
    pub whom: MemberHint,
    /// The key under a pad that only that member and the sender can make.
    pub key: Wrapped,
}

/// A question that any holder of the answer may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Who shall answer; `None`: the first in the updating order.
    pub whom: Option<MemberHint>,
    /// What is wanted.
    pub what: Subject,
}

/// What a [`Query`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    /// The records that prove the list of the record of this key, from number `have` on.
    Proof {
        /// Names the record.
        key: KeyPrefix,
        /// How many records of the proof the asker has.
        have: u8,
    },
    /// The Hello of a member.
    Hello(MemberHint),
    /// The Hello of whoever sends texts with this tag.
    Tag(Tag),
}

/// Why a request for a key is not granted. It only moves the asker on to the next member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refused {
    /// The certificate is not accepted.
    Certificate,
    /// The asker is barred.
    Barred,
    /// The key is not held, or the asker was not a member in its time.
    Key,
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// Kinds 0, 1 and 2.
    Text {
        /// Which of them.
        kind: TextKind,
        /// Key and nonce.
        header: TextHeader,
        /// AEAD ciphertext and tag.
        ciphertext: &'a [u8],
    },
    /// Kinds 3 and 10.
    Hello {
        /// Who is here.
        hello: SignedHello,
        /// Passed on by another than its author: says nothing of the nick it comes from.
        relayed: bool,
    },
    /// Kind 4: a new key under the previous one.
    Refresh {
        /// The record of the new key; its descent is [`Wrapped`](crate::Descent::Wrapped).
        record: SignedRecord,
        /// The new key.
        wrapped: Wrapped,
    },
    /// Kind 5: a key sealed to members; the first line of a rotation, or a grant.
    Sealed {
        /// The record of the key.
        record: SignedRecord,
        /// The public half of the key pair made for this frame.
        ephemeral: Point,
        /// For whom.
        boxes: Vec<SealedBox>,
    },
    /// Kind 6: further boxes of a frame of kind 5.
    Boxes {
        /// Names the record of that frame.
        key: KeyPrefix,
        /// For whom.
        boxes: Vec<SealedBox>,
    },
    /// Kind 7: a record for whoever has not heard it.
    Announce {
        /// The record.
        record: SignedRecord,
        /// The key that verifies it.
        author: Point,
    },
    /// Kind 8.
    Query(Query),
    /// Kind 9: a request was heard and will not be granted.
    Refusal {
        /// Whose request.
        whom: MemberHint,
        /// Why.
        reason: Refused,
    },
}

impl<'a> Frame<'a> {
    /// Reads exactly one frame.
    ///
    /// # Errors
    /// [`Malformed`] says what is wrong first; a frame is accepted only if [`encode`](Self::encode)
    /// gives the same bytes again.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > FRAME_MAX {
            return Err(Malformed::TooLong);
        }
        let (first, body) = bytes.split_first().ok_or(Malformed::Empty)?;
        if first >> 4 != VERSION {
            return Err(Malformed::Version(first >> 4));
        }
        match first & 0x0f {
            0 => Self::text(TextKind::Signed, body),
            1 => Self::text(TextKind::Unsigned, body),
            2 => Self::text(TextKind::Control, body),
            3 => Ok(Self::Hello { hello: decode_all(body)?, relayed: false }),
            4 => {
                let (record, wrapped) = decode_all(body)?;
                let record = well_formed(record)?;
                match record.record.step() {
                    0 => Err(Malformed::Content),
                    _ => Ok(Self::Refresh { record, wrapped }),
                }
            }
            5 => {
                let ((record, ephemeral), rest) = decode(body)?;
                Ok(Self::Sealed { record: well_formed(record)?, ephemeral, boxes: boxes(rest)? })
            }
            6 => {
                let (key, rest) = decode(body)?;
                Ok(Self::Boxes { key, boxes: boxes(rest)? })
            }
            7 => {
                let (record, author) = decode_all(body)?;
                Ok(Self::Announce { record: well_formed(record)?, author })
            }
            8 => decode_all(body).map(Self::Query),
            9 => decode_all(body).map(|(whom, reason)| Self::Refusal { whom, reason }),
            10 => Ok(Self::Hello { hello: decode_all(body)?, relayed: true }),
            kind => Err(Malformed::Kind(kind)),
        }
    }

    fn text(kind: TextKind, body: &'a [u8]) -> Result<Self, Malformed> {
        let (header, ciphertext): (TextHeader, _) = decode(body)?;
        let around = if kind.is_signed() { AEAD_TAG + SIGNATURE } else { AEAD_TAG };
        let content = ciphertext.len().checked_sub(around).ok_or(Malformed::Content)?;
        if header.counter > COUNTER_MAX || content > TEXT_MAX {
            return Err(Malformed::Content);
        }
        Ok(Self::Text { kind, header, ciphertext })
    }

    /// Writes the frame.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Text { kind, header, ciphertext } => {
                let mut bytes = Vec::with_capacity(ciphertext.len().saturating_add(16));
                header.write(*kind, &mut bytes);
                bytes.extend_from_slice(ciphertext);
                bytes
            }
            Self::Hello { hello, relayed: false } => framed(3, hello),
            Self::Refresh { record, wrapped } => framed(4, &(record, wrapped)),
            Self::Sealed { record, ephemeral, boxes } => {
                let mut bytes = framed(5, &(record, ephemeral));
                append(boxes, &mut bytes);
                bytes
            }
            Self::Boxes { key, boxes } => {
                let mut bytes = framed(6, key);
                append(boxes, &mut bytes);
                bytes
            }
            Self::Announce { record, author } => framed(7, &(record, author)),
            Self::Query(query) => framed(8, query),
            Self::Refusal { whom, reason } => framed(9, &(whom, reason)),
            Self::Hello { hello, relayed: true } => framed(10, hello),
        }
    }
}

impl TextHeader {
    /// Appends the first byte of a text's frame and this header.
    pub fn write(&self, kind: TextKind, bytes: &mut Vec<u8>) {
        bytes.push(kind.byte());
        let mut scratch = [0; FRAME_MAX];
        bytes.extend_from_slice(to_slice(self, &mut scratch));
    }
}

fn framed<T: Serialize>(kind: u8, content: &T) -> Vec<u8> {
    let mut scratch = [0; FRAME_MAX];
    let content = to_slice(content, &mut scratch);
    let mut bytes = Vec::with_capacity(content.len().saturating_add(1));
    bytes.push(VERSION << 4 | kind);
    bytes.extend_from_slice(content);
    bytes
}

fn append(boxes: &[SealedBox], bytes: &mut Vec<u8>) {
    for one in boxes {
        bytes.extend_from_slice(&one.whom.0);
        bytes.extend_from_slice(&one.key.0);
    }
}

fn boxes(rest: &[u8]) -> Result<Vec<SealedBox>, Malformed> {
    let chunks = rest.chunks_exact(BOX_LEN);
    if !chunks.remainder().is_empty() || rest.is_empty() {
        return Err(Malformed::Content);
    }
    chunks.map(decode_all).collect()
}

fn well_formed(record: SignedRecord) -> Result<SignedRecord, Malformed> {
    if record.record.well_formed() { Ok(record) } else { Err(Malformed::Content) }
}

/// The encoding of a value that fits a frame.
///
/// Every wire type's bounds keep it below [`FRAME_MAX`] (a test holds the largest of each against
/// it), so the empty slice never comes out.
fn to_slice<'s, T: Serialize>(value: &T, scratch: &'s mut [u8; FRAME_MAX]) -> &'s [u8] {
    match postcard::to_slice(value, scratch) {
        Ok(bytes) => bytes,
        Err(_) => &[],
    }
}

pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut scratch = [0; FRAME_MAX];
    to_slice(value, &mut scratch).to_vec()
}

/// Reads a value from the front of `bytes`, in its one encoding.
pub(crate) fn decode<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
) -> Result<(T, &[u8]), Malformed> {
    let (value, rest) = postcard::take_from_bytes::<T>(bytes).map_err(|_| Malformed::Content)?;
    let mut scratch = [0; FRAME_MAX];
    let canonical = to_slice(&value, &mut scratch);
    if bytes.strip_prefix(canonical) == Some(rest) {
        Ok((value, rest))
    } else {
        Err(Malformed::NotCanonical)
    }
}

/// Reads a value that is all of `bytes`, in its one encoding.
pub(crate) fn decode_all<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    match decode(bytes)? {
        (value, []) => Ok(value),
        _ => Err(Malformed::Trailing),
    }
}
