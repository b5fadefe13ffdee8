//! Wire types and strict codec of the keyrota protocol.
//!
//! This crate holds what two implementations must agree on byte for byte, and no cryptography:
//! [`Frame`] and its parts, the text armour in [`armor`], every [`label`] that a hash or signature
//! starts with, and every bound in [`limits`]. The written specification stands beside it, one
//! chapter a file; the module docs name their chapter.
//!
//! Everything that arrives passes one gate, [`Frame::decode`]: it takes all bytes, checks every
//! bound, and accepts exactly one encoding of each value.
#![no_std]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

extern crate alloc;

pub mod armor;
mod bytes;
mod certificate;
mod evidence;
mod frame;
mod hello;
pub mod label;
pub mod limits;
mod record;

pub use bytes::{
    BoxHint, ChannelId, Commit, IssuerId, KeyHint, KeyId, KeyPrefix, MemberHint, MemberId, Point,
    Root, Signature, Tag, Wrapped,
};
pub use certificate::{Body, Certificate, Name, Vouch};
pub use evidence::Evidence;
pub use frame::{
    BOX_LEN, Control, Frame, Malformed, Query, Refused, SealedBox, Subject, TextHeader, TextKind,
};
pub use hello::{Ask, Hello, SignedHello};
pub use record::{Cause, Descent, Entry, List, Record, Rights, SignedRecord};
