//! Evidence that a member signed twice where an honest terminal signs once.
//!
//! Spec: chapter 8, "Signing twice". Whether the signatures verify is the core's part.

use alloc::vec::Vec;

use crate::bytes::Point;
use crate::frame::{Malformed, decode, encode};
use crate::limits::EVIDENCE_MAX;
use crate::record::{Descent, SignedRecord};

/// Two records that one key cannot honestly have signed both, and that key.
///
/// Nobody needs to have been in the channel to judge it: all that it takes is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    key: Point,
    records: [SignedRecord; 2],
}

impl Evidence {
    /// Of these two records; `None` if both may have been signed, whoever signed them.
    pub fn new(key: Point, one: SignedRecord, other: SignedRecord) -> Option<Self> {
        let (first, second) = (&one.record, &other.record);
        let place = |descent| match descent {
            Descent::Genesis { .. } => None,
            Descent::Sealed => Some(None),
            Descent::Wrapped { root, step } => Some(Some((root, step))),
        };
        let well_formed = first.well_formed() && second.well_formed();
        let same = well_formed
            && place(first.descent).is_some()
            && place(first.descent) == place(second.descent)
            && first.channel == second.channel
            && first.list == second.list
            && first.epoch == second.epoch
            && first.author == second.author;
        let (less, greater) = (first.to_bytes(), second.to_bytes());
        // What differs in its signature only is the same record: anybody can make another of one.
        if !same || less == greater {
            return None;
        }
        let records = if less < greater { [one, other] } else { [other, one] };
        Some(Self { key, records })
    }

    /// The certificate key under which both verify, if this is true.
    pub fn key(&self) -> &Point {
        &self.key
    }

    /// Both records, the one whose bytes are less first.
    pub fn records(&self) -> &[SignedRecord; 2] {
        &self.records
    }

    /// The one encoding: the key, then the signed records.
    pub fn to_bytes(&self) -> Vec<u8> {
        let [one, other] = &self.records;
        [encode(&self.key), encode(one), encode(other)].concat()
    }

    /// Reads exactly one piece of evidence, at most
    /// [`EVIDENCE_MAX`](crate::limits::EVIDENCE_MAX) bytes.
    ///
    /// # Errors
    /// [`Malformed`] unless `bytes` are the one encoding of two records that one key cannot
    /// honestly have signed both.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Err(Malformed::Empty);
        }
        if bytes.len() > EVIDENCE_MAX {
            return Err(Malformed::TooLong);
        }
        let (key, rest) = decode::<Point>(bytes)?;
        let (one, rest) = decode::<SignedRecord>(rest)?;
        let (other, rest) = decode::<SignedRecord>(rest)?;
        if !rest.is_empty() {
            return Err(Malformed::Trailing);
        }
        let evidence = Self::new(key, one, other).ok_or(Malformed::Content)?;
        if evidence.to_bytes() == bytes { Ok(evidence) } else { Err(Malformed::NotCanonical) }
    }
}
