//! Vouching for others: issuing certificates (R-DIS-2).
//!
//! Spec: chapter 6, "Issuing" and "Vouching".

use keyrota_spec::{Body, Certificate, IssuerId, Point, Signature, Vouch, label};

use crate::crypto::{self, SigningKey, Tally};

/// Signs certificates for others. A tool for whoever runs an authority, or a server; a terminal
/// needs none. A user vouches with [`Identity::vouch`](crate::Identity::vouch).
#[derive(Debug)]
pub struct Authority {
    key: SigningKey,
}

impl Authority {
    /// An authority with this private key, or `None` if it is none.
    pub fn new(secret: &[u8; 32]) -> Option<Self> {
        SigningKey::from_bytes(secret).map(|key| Self { key })
    }

    /// The key by which others verify what this authority issued.
    pub fn public(&self) -> Point {
        Point(self.key.public())
    }

    /// Vouches that `body.key` is the key of `body.name` in the time it says.
    ///
    /// That the name's owner holds the key's secret is for the authority to see to.
    pub fn issue(&self, body: Body) -> Certificate {
        issue(&self.key, body)
    }
}

/// A certificate for which the owner of `key` vouches.
pub(crate) fn issue(key: &SigningKey, body: Body) -> Certificate {
    let parts: [&[u8]; 2] = [label::SIGN_CERTIFICATE, &body.to_bytes()];
    let signature = Signature(key.sign(&mut Tally::default(), &parts));
    let issuer = issuer_id(&Point(key.public()));
    Certificate { body, vouch: Vouch::Issued { issuer, signature } }
}

/// As certificates name the owner of a key who vouches for others.
pub fn issuer_id(key: &Point) -> IssuerId {
    IssuerId::first_of(&crypto::hash(label::ISSUER, &[&key.0]))
}
