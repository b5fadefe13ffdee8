//! The user's own key and certificate, and what the user vouches for (R-KEY-1, R-DIS-2).
//!
//! Spec: chapter 6.

use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::{Body, Certificate, Malformed, MemberId, Name, Point, Vouch, label};
use zeroize::Zeroizing;

use crate::crypto::{self, SigningKey};
use crate::issuer;

/// A signing key and the certificate that shows it to others.
#[cfg_attr(feature = "model", derive(Clone))]
pub struct Identity {
    pub(crate) key: SigningKey,
    pub(crate) certificate: Certificate,
    id: MemberId,
}

/// Why there is no identity in what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityError {
    /// The secret is no key: 0, or not below the order of the curve.
    Secret,
    /// See [`Name`].
    Name,
    /// The certificate is of another key.
    OtherKey,
    /// Not a stored identity.
    Malformed(Malformed),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret => f.write_str("not a private key"),
            Self::Name => f.write_str("not a name for a certificate"),
            Self::OtherKey => f.write_str("the certificate is of another key"),
            Self::Malformed(why) => write!(f, "not a stored identity: {why}"),
        }
    }
}

impl core::error::Error for IdentityError {}

impl Identity {
    /// An identity that vouches for itself.
    ///
    /// `secret` is 32 bytes from a generator fit for keys; `not_before` is in seconds since 1970,
    /// `lifetime` in seconds.
    ///
    /// # Errors
    /// [`IdentityError::Secret`] (by chance once in 2³² times), [`IdentityError::Name`].
    pub fn self_signed(
        secret: &[u8; 32],
        name: &str,
        not_before: u64,
        lifetime: u32,
    ) -> Result<Self, IdentityError> {
        let key = SigningKey::from_bytes(secret).ok_or(IdentityError::Secret)?;
        let name = Name::new(name).ok_or(IdentityError::Name)?;
        let body = Body { name, key: Point(key.public()), not_before, lifetime };
        Self::certified(secret, Certificate { body, vouch: Vouch::SelfSigned })
    }

    /// An identity with a certificate that somebody else has issued for its key.
    ///
    /// # Errors
    /// [`IdentityError::Secret`], [`IdentityError::OtherKey`].
    pub fn certified(secret: &[u8; 32], certificate: Certificate) -> Result<Self, IdentityError> {
        let key = SigningKey::from_bytes(secret).ok_or(IdentityError::Secret)?;
        if certificate.body.key.0 != key.public() {
            return Err(IdentityError::OtherKey);
        }
        let id = member_id(&certificate.body.key);
        Ok(Self { key, certificate, id })
    }

    /// Who this is.
    pub fn id(&self) -> MemberId {
        self.id
    }

    /// What others see.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Vouches that `body.key` is the key of `body.name` in the time it says, as the user's word to
    /// a friend.
    ///
    /// This user's terminals accept the certificate as it is; those of others do if their users
    /// have added this identity's certificate key as an authority. Make sure that it is the
    /// friend's key, and that nobody else goes by the name.
    pub fn vouch(&self, body: Body) -> Certificate {
        issuer::issue(&self.key, body)
    }

    /// For storing: the secret key, 32 bytes, then the certificate.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let certificate = self.certificate.to_bytes();
        // Sized at once: a growing vector would leave the secret behind in memory it gave back.
        let mut bytes = Zeroizing::new(Vec::with_capacity(certificate.len().saturating_add(32)));
        bytes.extend_from_slice(self.key.to_bytes().as_slice());
        bytes.extend_from_slice(&certificate);
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// Any [`IdentityError`] but [`IdentityError::Name`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdentityError> {
        let (secret, certificate) =
            bytes.split_first_chunk::<32>().ok_or(IdentityError::Malformed(Malformed::Content))?;
        let certificate = Certificate::from_bytes(certificate).map_err(IdentityError::Malformed)?;
        Self::certified(secret, certificate)
    }
}

/// Without the secret.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Who the owner of a certificate key is.
pub fn member_id(key: &Point) -> MemberId {
    MemberId::first_of(&crypto::hash(label::MEMBER, &[&key.0]))
}
