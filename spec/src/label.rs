//! The labels that separate one use of a hash, key or signature from every other.
//!
//! Spec: chapter 1. Each is ASCII and ends in a zero byte, so none is a prefix of another.

/// [`MemberId`](crate::MemberId) from a certificate key.
pub const MEMBER: &[u8] = b"keyrota/1 member\0";
/// [`IssuerId`](crate::IssuerId) from an authority's key.
pub const ISSUER: &[u8] = b"keyrota/1 issuer\0";
/// The digest of a channel's folded name.
pub const NAME: &[u8] = b"keyrota/1 name\0";
/// [`ChannelId`](crate::ChannelId) from a genesis record.
pub const CHANNEL: &[u8] = b"keyrota/1 channel\0";
/// [`ChannelId`](crate::ChannelId) of a conversation from its two members.
pub const DIRECT: &[u8] = b"keyrota/1 direct\0";
/// [`KeyId`](crate::KeyId) from a record.
pub const KEY: &[u8] = b"keyrota/1 key\0";
/// [`Commit`](crate::Commit) from a key.
pub const COMMIT: &[u8] = b"keyrota/1 commit\0";
/// The pad that wraps a key under the previous one.
pub const WRAP: &[u8] = b"keyrota/1 wrap\0";
/// The pad that seals a key to one member.
pub const BOX: &[u8] = b"keyrota/1 box\0";
/// The key that seals the texts of one tag.
pub const TEXT: &[u8] = b"keyrota/1 text\0";
/// A new channel key from its secrets and circumstances.
pub const NEW_KEY: &[u8] = b"keyrota/1 new key\0";
/// The signature of a record.
pub const SIGN_RECORD: &[u8] = b"keyrota/1 sign record\0";
/// The signature of a Hello.
pub const SIGN_HELLO: &[u8] = b"keyrota/1 sign hello\0";
/// The signature of a text or control.
pub const SIGN_TEXT: &[u8] = b"keyrota/1 sign text\0";
/// An authority's signature of a certificate.
pub const SIGN_CERTIFICATE: &[u8] = b"keyrota/1 sign certificate\0";
/// The digest of a certificate: what a cache and a fingerprint name it by.
pub const CERTIFICATE: &[u8] = b"keyrota/1 certificate\0";
/// The check of a saved state.
pub const SAVED: &[u8] = b"keyrota/1 saved\0";
/// The seed of a terminal that is restored.
pub const RESTORE: &[u8] = b"keyrota/1 restore\0";

/// All of them, for tests that hold them against each other.
pub const ALL: [&[u8]; 18] = [
    MEMBER,
    ISSUER,
    NAME,
    CHANNEL,
    DIRECT,
    KEY,
    COMMIT,
    WRAP,
    BOX,
    TEXT,
    NEW_KEY,
    SIGN_RECORD,
    SIGN_HELLO,
    SIGN_TEXT,
    SIGN_CERTIFICATE,
    CERTIFICATE,
    SAVED,
    RESTORE,
];
