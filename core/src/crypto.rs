//! The primitives, and no rules: what every other file asks of cryptography goes through here.
//!
//! One curve and one hash, each from a library that is widely reviewed, under the exact
//! constructions the written spec names (chapter 1, "Primitives"):
//!
//! | what | construction | standard |
//! |---|---|---|
//! | hash | SHA-256 | FIPS 180-4 |
//! | key derivation | HKDF-SHA256 | RFC 5869 |
//! | signature | ECDSA P-256 with SHA-256, deterministic, `r ‖ s` | FIPS 186-5, RFC 6979 |
//! | key agreement | DHKEM(P-256, HKDF-SHA256) | RFC 9180, sections 4.1 and 7.1 |
//! | encryption | AES-256-GCM-SIV | RFC 8452 |
//!
//! Public keys travel as compressed SEC1 points of 33 bytes, and each point has one encoding.
//! Nothing here panics on what a peer sent, nothing draws randomness, and secrets are wiped
//! when dropped and left out of `Debug`.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use aes_gcm_siv::{AeadInOut, Aes256GcmSiv, KeyInit};
use hkdf::{Hkdf, HkdfExtract};
use p256::ecdsa::signature::{MultipartSigner, MultipartVerifier};
use p256::elliptic_curve::ff::PrimeField;
use p256::elliptic_curve::sec1::{CompressedPoint, ToSec1Point};
use p256::{NistP256, NonZeroScalar, PublicKey, ecdsa};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Length of the tag that [`seal_in_place`] adds, in bytes.
pub const TAG: usize = 16;

/// The DHKEM's name for itself in every derivation: the version label of RFC 9180, then its
/// `suite_id`, "KEM" and the number of DHKEM(P-256, HKDF-SHA256).
const SUITE: &[u8] = b"HPKE-v1KEM\x00\x10";

/// Counts the work that dominates a terminal's load, so that a test can hold the protocol to
/// its promised number of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// ECDSA signatures made.
    pub sign: u64,
    /// ECDSA signatures checked, whatever came of it.
    pub verify: u64,
    /// P-256 scalar multiplications for key agreement: one for each key pair made, one for
    /// each shared secret.
    pub multiply: u64,
}

/// An ECDSA P-256 private key, with its public key.
/// In a place of its own, as a [`DhKey`] is.
#[derive(Clone)]
pub struct SigningKey(Box<ecdsa::SigningKey>);

impl SigningKey {
    /// Reads a private scalar, big-endian. `None` unless it lies in 1..n, n being the order of
    /// the curve's group.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        ecdsa::SigningKey::from_slice(bytes).ok().map(|key| Self(Box::new(key)))
    }

    /// The private scalar, big-endian.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// The public key, as it travels.
    pub fn public(&self) -> [u8; 33] {
        CompressedPoint::<NistP256>::from(self.0.verifying_key()).into()
    }

    /// Signs the concatenation of `parts`: `r ‖ s`. The same input gives the same signature.
    pub fn sign(&self, tally: &mut Tally, parts: &[&[u8]]) -> [u8; 64] {
        tally.sign = tally.sign.wrapping_add(1);
        let signature: ecdsa::Signature = self.0.multipart_sign(parts);
        signature.to_bytes().into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

/// An ECDSA P-256 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyingKey(ecdsa::VerifyingKey);

impl VerifyingKey {
    /// Reads a compressed point. `None` if it is not on the curve or is not encoded in the one
    /// way allowed.
    pub fn from_bytes(bytes: &[u8; 33]) -> Option<Self> {
        point(bytes).map(|key| Self(key.into()))
    }

    /// The public key, as it travels.
    pub fn to_bytes(&self) -> [u8; 33] {
        CompressedPoint::<NistP256>::from(self.0).into()
    }

    /// Whether `signature` is this key's over the concatenation of `parts`.
    ///
    /// A signature is no name for what it signs: of `(r, s)` anyone can make `(r, n − s)`,
    /// which passes as well.
    #[must_use]
    pub fn verify(&self, tally: &mut Tally, parts: &[&[u8]], signature: &[u8; 64]) -> bool {
        tally.verify = tally.verify.wrapping_add(1);
        ecdsa::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.multipart_verify(parts, &signature).is_ok())
    }
}

/// A private key of the DHKEM: a member key, or the ephemeral of one frame.
#[cfg_attr(feature = "model", derive(Clone))]
pub struct DhKey {
    /// In a place of its own, as a [`Key`](crate::key::Key) is.
    scalar: Box<Zeroizing<NonZeroScalar>>,
    public: DhPublic,
}

impl DhKey {
    /// Makes the key pair of 32 random bytes (RFC 9180, section 7.1.3, DeriveKeyPair).
    pub fn derive(ikm: &[u8; 32], tally: &mut Tally) -> Self {
        let prk = extract(&[], &[SUITE, b"dkp_prk", ikm]);
        let mut counter = 0_u8;
        loop {
            let candidate = expand::<32>(&prk, &[0, 32], &[SUITE, b"candidate", &[counter]]);
            if let Some(key) = Self::from_bytes(&candidate, tally) {
                return key;
            }
            // One candidate in 2^32 is no scalar. The RFC gives up after 256 in a row, which
            // is as good as never, so neither that error nor the counter's wrap can be met.
            counter = counter.wrapping_add(1);
        }
    }

    /// Reads a private scalar, big-endian. `None` unless it lies in 1..n, n being the order of
    /// the curve's group.
    pub fn from_bytes(bytes: &[u8; 32], tally: &mut Tally) -> Option<Self> {
        let mut scalar = NonZeroScalar::from_repr((*bytes).into()).into_option()?;
        tally.multiply = tally.multiply.wrapping_add(1);
        let public = DhPublic(PublicKey::from_secret_scalar(&scalar));
        let key = Self { scalar: Box::new(Zeroizing::new(scalar)), public };
        scalar.zeroize();
        Some(key)
    }

    /// The private scalar, big-endian.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.scalar.to_repr().into())
    }

    /// The public key, as it travels.
    pub fn public(&self) -> [u8; 33] {
        self.public.to_bytes()
    }

    /// The secret that this key, as the ephemeral, shares with `recipient` (RFC 9180, section
    /// 4.1, Encap). One ephemeral may serve many recipients: the secret depends on both keys.
    pub fn encapsulate(&self, recipient: &DhPublic, tally: &mut Tally) -> Zeroizing<[u8; 32]> {
        self.shared(recipient, [&self.public, recipient], tally)
    }

    /// The secret that this key, as the recipient's, shares with the ephemeral `enc` (RFC 9180,
    /// section 4.1, Decap).
    pub fn decapsulate(&self, enc: &DhPublic, tally: &mut Tally) -> Zeroizing<[u8; 32]> {
        self.shared(enc, [enc, &self.public], tally)
    }

    /// DH, then ExtractAndExpand over the KEM context `[enc, recipient]`, for which the RFC
    /// takes the points uncompressed.
    fn shared(
        &self,
        peer: &DhPublic,
        [enc, recipient]: [&DhPublic; 2],
        tally: &mut Tally,
    ) -> Zeroizing<[u8; 32]> {
        tally.multiply = tally.multiply.wrapping_add(1);
        let dh = p256::ecdh::diffie_hellman(&**self.scalar, peer.0.as_affine());
        let prk = extract(&[], &[SUITE, b"eae_prk", dh.raw_secret_bytes()]);
        let enc = enc.0.to_uncompressed_point();
        let recipient = recipient.0.to_uncompressed_point();
        expand(&prk, &[0, 32], &[SUITE, b"shared_secret", &enc, &recipient])
    }
}

impl fmt::Debug for DhKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DhKey").finish_non_exhaustive()
    }
}

/// A public key of the DHKEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DhPublic(PublicKey);

impl DhPublic {
    /// Reads a compressed point. `None` if it is not on the curve or is not encoded in the one
    /// way allowed.
    pub fn from_bytes(bytes: &[u8; 33]) -> Option<Self> {
        point(bytes).map(Self)
    }

    /// The public key, as it travels.
    pub fn to_bytes(&self) -> [u8; 33] {
        compressed(&self.0)
    }
}

/// SHA-256 of `label`, then the concatenation of `parts`.
pub fn hash(label: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(label);
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HKDF-Extract of the input keying material that is the concatenation of `parts`.
pub fn extract(salt: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut hkdf = HkdfExtract::<Sha256>::new(Some(salt));
    for part in parts {
        hkdf.input_ikm(part);
    }
    Zeroizing::new(hkdf.finalize().0.into())
}

/// HKDF-Expand to `N` bytes, at most 8160, with the info `label`, then the concatenation of
/// `parts`.
pub fn expand<const N: usize>(prk: &[u8; 32], label: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "more than HKDF can give") };
    // Without heap, as each text derives its key; nothing in the protocol has more parts.
    let (mut few, many) = ([&[][..]; 8], [&[label], parts]);
    let long = if parts.len() < few.len() { Vec::new() } else { many.concat() };
    for (to, from) in few.iter_mut().zip(many.iter().copied().flatten()) {
        *to = from;
    }
    let short = few.get(..=parts.len());
    let info = short.unwrap_or(&long);
    let mut okm = Zeroizing::new([0; N]);
    let derived = Hkdf::<Sha256>::from_prk(prk)
        .is_ok_and(|hkdf| hkdf.expand_multi_info(info, okm.as_mut_slice()).is_ok());
    // The types rule out both errors. Were that ever untrue, better no answer than a key of
    // zeros.
    assert!(derived, "the lengths are right by type");
    okm
}

/// Encrypts `buffer[from..]` where it lies and adds the tag, [`TAG`] bytes; allocates only if
/// the buffer lacks room for that. A `from` past the end is the end.
///
/// The nonce may repeat under a key only with the same text: a repeat tells whether two texts
/// are equal, and nothing more.
pub fn seal_in_place(
    key: &[u8; 32],
    nonce: &[u8; 12],
    aad: &[u8],
    buffer: &mut Vec<u8>,
    from: usize,
) {
    let from = from.min(buffer.len());
    let tag = buffer.get_mut(from..).and_then(|text| {
        Aes256GcmSiv::new(key.into()).encrypt_inout_detached(nonce.into(), aad, text.into()).ok()
    });
    match tag {
        Some(tag) => buffer.extend_from_slice(&tag),
        // Texts of 64 GiB only. None may be left readable.
        None => buffer.truncate(from),
    }
}

/// Decrypts `buffer[from..]`, a text and its tag, where it lies, and takes the tag off. If it
/// was not sealed under this key, nonce and data, answers `false` and leaves the buffer as it
/// was.
#[must_use]
pub fn open_in_place(
    key: &[u8; 32],
    nonce: &[u8; 12],
    aad: &[u8],
    buffer: &mut Vec<u8>,
    from: usize,
) -> bool {
    let sealed = buffer.get_mut(from..);
    let Some((text, tag)) = sealed.and_then(<[u8]>::split_last_chunk_mut::<TAG>) else {
        return false;
    };
    let opened = Aes256GcmSiv::new(key.into())
        .decrypt_inout_detached(nonce.into(), aad, text.into(), (&*tag).into())
        .is_ok();
    if opened {
        buffer.truncate(buffer.len().saturating_sub(TAG));
    }
    opened
}

/// Whether two secrets are equal, in a time that depends on their lengths alone.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The point that `bytes` encodes, if they are what [`compressed`] gives for it. The library
/// takes other encodings of 33 bytes too.
fn point(bytes: &[u8; 33]) -> Option<PublicKey> {
    let key = PublicKey::from_sec1_bytes(bytes).ok()?;
    (compressed(&key) == *bytes).then_some(key)
}

/// The compressed SEC1 encoding.
fn compressed(key: &PublicKey) -> [u8; 33] {
    CompressedPoint::<NistP256>::from(key).into()
}
