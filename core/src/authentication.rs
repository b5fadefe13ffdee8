//! Whose certificates are accepted: authorities, pins, revocations (R-DIS-2).
//!
//! Spec: chapter 6, "Acceptance".

use alloc::collections::{BTreeMap, BTreeSet};

use keyrota_spec::limits::{PINS_MAX, SKEW_S};
use keyrota_spec::{Body, Certificate, IssuerId, MemberId, Name, Point, Signature, Vouch, label};

use crate::crypto::{self, SigningKey, Tally, VerifyingKey};
use crate::identity::member_id;

/// Signs certificates for others. A tool for whoever runs an authority; a terminal needs none.
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
        let parts: [&[u8]; 2] = [label::SIGN_CERTIFICATE, &body.to_bytes()];
        let signature = Signature(self.key.sign(&mut Tally::default(), &parts));
        let issuer = issuer_id(&self.public());
        Certificate { body, vouch: Vouch::Issued { issuer, signature } }
    }
}

fn issuer_id(key: &Point) -> IssuerId {
    IssuerId::first_of(&crypto::hash(label::ISSUER, &[&key.0]))
}

/// What to do with a certificate for which only its own key vouches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelfSigned {
    /// Accept the first of a name and pin name and key to each other: trust on first use.
    #[default]
    Pin,
    /// Accept none but those pinned before.
    Refuse,
}

/// Why a certificate is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// Not yet, or no longer, valid; clocks may differ by
    /// [`SKEW_S`](keyrota_spec::limits::SKEW_S).
    Time,
    /// Its issuer is not among the authorities.
    UnknownIssuer,
    /// The issuer's signature does not verify.
    Signature,
    /// Its member is revoked.
    Revoked,
    /// Self-signed certificates are not accepted.
    SelfSigned,
    /// The name is pinned to another key, or the key to another name.
    Pinned,
    /// [`PINS_MAX`](keyrota_spec::limits::PINS_MAX) names are pinned already.
    PinsFull,
}

/// The source's authentication database: whose word counts for which key is whose.
#[derive(Clone, Debug, Default)]
pub struct Authentication {
    /// What to do with self-signed certificates.
    pub self_signed: SelfSigned,
    authorities: BTreeMap<IssuerId, VerifyingKey>,
    pins: BTreeMap<Name, MemberId>,
    /// The same, from the other side.
    names: BTreeMap<MemberId, Name>,
    revoked: BTreeSet<MemberId>,
}

impl Authentication {
    /// Accepts what the owner of this key issues; `false` if it is no key.
    pub fn add_authority(&mut self, key: &Point) -> bool {
        let Some(verifying) = VerifyingKey::from_bytes(&key.0) else { return false };
        self.authorities.insert(issuer_id(key), verifying);
        true
    }

    /// No longer accepts what the owner of this key issues or has issued.
    pub fn remove_authority(&mut self, key: &Point) {
        self.authorities.remove(&issuer_id(key));
    }

    /// Pins a name and a member to each other, as a stored pin, or as the user's own decision.
    pub fn pin(&mut self, name: Name, member: MemberId) {
        self.unpin(&name);
        if let Some(former) = self.names.insert(member, name.clone()) {
            self.pins.remove(&former);
        }
        self.pins.insert(name, member);
    }

    /// Forgets the pin of a name.
    pub fn unpin(&mut self, name: &Name) {
        if let Some(member) = self.pins.remove(name) {
            self.names.remove(&member);
        }
    }

    /// All pins, for storing them.
    pub fn pins(&self) -> impl Iterator<Item = (&Name, &MemberId)> {
        self.pins.iter()
    }

    /// Accepts no certificate of this member any more.
    pub fn revoke(&mut self, member: MemberId) {
        self.revoked.insert(member);
    }

    /// Whether the member was revoked.
    pub fn is_revoked(&self, member: &MemberId) -> bool {
        self.revoked.contains(member)
    }

    /// Judges the certificate of a Hello whose own signature has verified.
    ///
    /// Cheap checks first. `known` says that this very certificate was accepted before, so that
    /// its issuer's signature is not verified again. A self-signed one is pinned here.
    pub(crate) fn judge(
        &mut self,
        certificate: &Certificate,
        known: bool,
        unix: u64,
        tally: &mut Tally,
    ) -> Result<(), Rejection> {
        let body = &certificate.body;
        let member = member_id(&body.key);
        if self.revoked.contains(&member) {
            return Err(Rejection::Revoked);
        }
        let end = body.not_before.saturating_add(u64::from(body.lifetime));
        if unix.saturating_add(SKEW_S) < body.not_before || unix > end.saturating_add(SKEW_S) {
            return Err(Rejection::Time);
        }
        match certificate.vouch {
            Vouch::Issued { issuer, signature } => {
                let key = self.authorities.get(&issuer).ok_or(Rejection::UnknownIssuer)?;
                let parts: [&[u8]; 2] = [label::SIGN_CERTIFICATE, &body.to_bytes()];
                if !known && !key.verify(tally, &parts, &signature.0) {
                    return Err(Rejection::Signature);
                }
                // From now on nobody can take this name by vouching for itself.
                if self.pins.len() < PINS_MAX {
                    self.pin(body.name.clone(), member);
                }
                Ok(())
            }
            Vouch::SelfSigned => self.judge_pin(&body.name, member),
        }
    }

    fn judge_pin(&mut self, name: &Name, member: MemberId) -> Result<(), Rejection> {
        match (self.pins.get(name), self.names.get(&member)) {
            (Some(pinned), Some(known)) if *pinned == member && known == name => Ok(()),
            (None, None) if self.self_signed == SelfSigned::Refuse => Err(Rejection::SelfSigned),
            (None, None) if self.pins.len() >= PINS_MAX => Err(Rejection::PinsFull),
            (None, None) => {
                self.pin(name.clone(), member);
                Ok(())
            }
            _ => Err(Rejection::Pinned),
        }
    }
}
