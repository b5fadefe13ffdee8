//! Whose certificates are accepted: vouchers, pins, revocations (R-DIS-2).
//!
//! Spec: chapter 6, "Vouching" and "Acceptance".

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use keyrota_spec::limits::{DECLINED_MAX, PINS_MAX, SKEW_S};
use keyrota_spec::{Body, Certificate, IssuerId, MemberId, Name, Point, Vouch, label};

use crate::crypto::{Tally, VerifyingKey};
use crate::identity::member_id;
use crate::issuer::issuer_id;
use crate::mutant::Mutant;

/// On whose word a certificate is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Voucher {
    /// Its own key's: name and key are pinned to each other.
    Itself,
    /// This terminal's user's, who has signed it.
    User,
    /// That of an authority which the user has chosen.
    Authority,
    /// That of the operator of the chat server. It can vouch for an accomplice under any name that
    /// is not pinned, and a program must tell its user so.
    Server,
}

/// What to do with a certificate for which only its own key vouches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelfSigned {
    /// Accept the first of a name and pin name and key to each other: trust on first use.
    #[default]
    Pin,
    /// Ask the user, by [`Notice::Question`](crate::Notice::Question), and also before a name goes
    /// over to another key.
    Ask,
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
    /// Its issuer is not among those whose word counts here.
    UnknownIssuer,
    /// The issuer's signature does not verify.
    Signature,
    /// Its member is revoked, or whoever vouches for it.
    Revoked,
    /// Self-signed certificates are not accepted; or an authority vouches for this name and key, so
    /// that their own word is not enough.
    SelfSigned,
    /// The name is pinned to another key, or the key to another name.
    Pinned,
    /// [`PINS_MAX`](keyrota_spec::limits::PINS_MAX) names are pinned already.
    PinsFull,
    /// The user has not said yet whether to accept it.
    Undecided,
    /// The user does not accept it.
    Declined,
}

/// To whom a name belongs, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Whose name it is.
    pub member: MemberId,
    /// Who vouched for it: as its certificate names it; `None` if the user decided so, or the
    /// member was the first of the name.
    pub by: Option<IssuerId>,
}

/// As the user's own decision.
impl From<MemberId> for Pin {
    fn from(member: MemberId) -> Self {
        Self { member, by: None }
    }
}

/// Somebody whose word about others counts.
#[derive(Clone, Debug)]
struct Issuer {
    key: VerifyingKey,
    /// Who that is if it is a user.
    member: MemberId,
    voucher: Voucher,
}

/// The source's authentication database: whose word counts for which key is whose.
///
/// Names can be squatted where certificates vouch for themselves, and pins can fill up. A program
/// can show them ([`pins`](Self::pins)), drop those that nobody needs ([`unpin`](Self::unpin)), or
/// let nothing be pinned unasked: [`SelfSigned::Ask`], or authorities and [`SelfSigned::Refuse`].
#[derive(Clone, Debug, Default)]
pub struct Authentication {
    /// What to do with self-signed certificates.
    pub self_signed: SelfSigned,
    issuers: BTreeMap<IssuerId, Issuer>,
    pins: BTreeMap<Name, Pin>,
    /// The same, from the other side.
    names: BTreeMap<MemberId, Name>,
    revoked: BTreeSet<MemberId>,
    /// Whom the user, asked, did not accept, the newest last. What is for good is a revocation.
    declined: VecDeque<MemberId>,
    /// Whose name was given to another key just now.
    displaced: Vec<MemberId>,
    /// Whether a pin was made or moved since this was last asked.
    pinned: bool,
}

impl Authentication {
    /// Accepts what the owner of this key issues, under whatever name; `false` if it is no key.
    ///
    /// An office, or a user who vouches for friends: then it is that user's certificate key.
    pub fn add_authority(&mut self, key: &Point) -> bool {
        self.add(key, Voucher::Authority)
    }

    /// Accepts what the operator of the chat server issues; `false` if this is no key.
    ///
    /// Whoever runs the server can then let anybody in, under any name that is not pinned. No name
    /// that is pinned goes over to another key by its word.
    pub fn add_server(&mut self, key: &Point) -> bool {
        self.add(key, Voucher::Server)
    }

    fn add(&mut self, key: &Point, voucher: Voucher) -> bool {
        let Some(verifying) = VerifyingKey::from_bytes(&key.0) else { return false };
        if !self.is_own(key) {
            let issuer = Issuer { key: verifying, member: member_id(key), voucher };
            self.issuers.insert(issuer_id(key), issuer);
        }
        true
    }

    /// No longer accepts what the owner of this key issues or has issued, and forgets the pins that
    /// came of it; `false` if its word did not count, or is this terminal's user's own.
    pub fn remove_authority(&mut self, key: &Point) -> bool {
        let removed = !self.is_own(key) && self.issuers.remove(&issuer_id(key)).is_some();
        self.drop_baseless();
        removed
    }

    fn is_own(&self, key: &Point) -> bool {
        self.issuers.get(&issuer_id(key)).is_some_and(|one| one.voucher == Voucher::User)
    }

    /// This terminal's user is somebody whose word counts.
    pub(crate) fn begin(&mut self, own: &Point) {
        self.add(own, Voucher::User);
        self.drop_baseless();
    }

    /// Forgets the pins made on the word of those whose word does not count.
    fn drop_baseless(&mut self) {
        let (issuers, names) = (&self.issuers, &mut self.names);
        self.pins.retain(|_, pin| {
            let keep = pin.by.is_none_or(|by| issuers.contains_key(&by));
            if !keep {
                names.remove(&pin.member);
            }
            keep
        });
    }

    /// Pins a name and a member to each other: a stored pin, or a MemberId, as the user's own
    /// decision. `false`: [`PINS_MAX`](keyrota_spec::limits::PINS_MAX) names are pinned already.
    pub fn pin(&mut self, name: Name, pin: impl Into<Pin>) -> bool {
        let pin = pin.into();
        if !self.pins.contains_key(&name) && self.pins.len() >= PINS_MAX {
            return false;
        }
        self.unpin(&name);
        if let Some(former) = self.names.insert(pin.member, name.clone()) {
            self.pins.remove(&former);
        }
        self.pinned |= self.pins.insert(name, pin) != Some(pin);
        true
    }

    /// Whether a pin was made since this was last asked.
    pub(crate) fn take_pinned(&mut self) -> bool {
        core::mem::take(&mut self.pinned)
    }

    /// Whose word counts, but for this terminal's user's.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = (Point, Voucher)> {
        let others = self.issuers.values().filter(|one| one.voucher != Voucher::User);
        others.map(|one| (Point(one.key.to_bytes()), one.voucher))
    }

    /// Whose certificates are not accepted any more, in their order.
    pub(crate) fn revoked(&self) -> impl Iterator<Item = &MemberId> {
        self.revoked.iter()
    }

    /// Whom the user, asked, did not accept, the newest last.
    pub(crate) fn declined(&self) -> impl Iterator<Item = &MemberId> {
        self.declined.iter()
    }

    /// Forgets the pin of a name; `false` if there is none.
    pub fn unpin(&mut self, name: &Name) -> bool {
        let pin = self.pins.remove(name);
        if let Some(pin) = pin {
            self.names.remove(&pin.member);
        }
        pin.is_some()
    }

    /// All pins, for storing and showing them.
    pub fn pins(&self) -> impl Iterator<Item = (&Name, &Pin)> {
        self.pins.iter()
    }

    /// To whom a name is pinned.
    pub fn pinned(&self, name: &Name) -> Option<&Pin> {
        self.pins.get(name)
    }

    /// Accepts no certificate of this member any more, and none that it vouches for.
    pub fn revoke(&mut self, member: MemberId) {
        self.revoked.insert(member);
    }

    /// Whether the member was revoked.
    pub fn is_revoked(&self, member: &MemberId) -> bool {
        self.revoked.contains(member)
    }

    /// The user does not accept this member's own word, nor that of the server for it.
    pub(crate) fn decline(&mut self, member: MemberId) {
        self.declined.retain(|one| *one != member);
        if self.declined.len() >= DECLINED_MAX {
            self.declined.pop_front();
        }
        self.declined.push_back(member);
    }

    /// Whether the issuer of this certificate is somebody whose word counts.
    pub(crate) fn knows_issuer(&self, certificate: &Certificate) -> bool {
        match certificate.vouch {
            Vouch::Issued { issuer, .. } => self.issuers.contains_key(&issuer),
            Vouch::SelfSigned => false,
        }
    }

    /// Judges the certificate of a Hello whose own signature has verified. It may be pinned here.
    ///
    /// `known` says that this very certificate was accepted before, so that its issuer's signature
    /// is not verified again.
    pub(crate) fn judge(
        &mut self,
        certificate: &Certificate,
        known: bool,
        unix: u64,
        tally: &mut Tally,
    ) -> Result<Voucher, Rejection> {
        let verdict = self.judge_again(certificate, known, unix, tally);
        if let Ok(Voucher::Authority | Voucher::User) = verdict {
            self.reserve(certificate);
        }
        verdict
    }

    /// Likewise for one that was judged before: no name goes over to another key.
    pub(crate) fn judge_again(
        &mut self,
        certificate: &Certificate,
        known: bool,
        unix: u64,
        tally: &mut Tally,
    ) -> Result<Voucher, Rejection> {
        match self.weigh(certificate, known, unix, tally) {
            Err(why @ (Rejection::Undecided | Rejection::Pinned)) => self.decide(certificate, why),
            verdict => verdict,
        }
    }

    /// What a certificate is worth as things stand; cheap checks first.
    fn weigh(
        &self,
        certificate: &Certificate,
        known: bool,
        unix: u64,
        tally: &mut Tally,
    ) -> Result<Voucher, Rejection> {
        let body = &certificate.body;
        let member = member_id(&body.key);
        if self.revoked.contains(&member) {
            return Err(Rejection::Revoked);
        }
        if !counts_at(body, unix) {
            return Err(Rejection::Time);
        }
        let voucher = match certificate.vouch {
            Vouch::SelfSigned => Voucher::Itself,
            Vouch::Issued { issuer, signature } => {
                let issuer = self.issuers.get(&issuer).ok_or(Rejection::UnknownIssuer)?;
                if self.revoked.contains(&issuer.member) {
                    return Err(Rejection::Revoked);
                }
                let parts: [&[u8]; 2] = [label::SIGN_CERTIFICATE, &body.to_bytes()];
                if !known && !issuer.key.verify(tally, &parts, &signature.0) {
                    return Err(Rejection::Signature);
                }
                issuer.voucher
            }
        };
        if let Voucher::Authority | Voucher::User = voucher {
            return Ok(voucher);
        }
        match (self.pins.get(&body.name), self.names.get(&member)) {
            (None, None) => Err(Rejection::Undecided),
            (Some(pin), _) if pin.member == member => match pin.by {
                // Whoever can be vouched for, and no longer is, is not the judge of that.
                Some(_) if voucher == Voucher::Itself => Err(Rejection::SelfSigned),
                _ => Ok(voucher),
            },
            _ => Err(Rejection::Pinned),
        }
    }

    /// A name or a key that is pinned to nothing, or to something else: what the user wants then.
    fn decide(&mut self, certificate: &Certificate, why: Rejection) -> Result<Voucher, Rejection> {
        let (voucher, by) = match certificate.vouch {
            Vouch::SelfSigned => (Voucher::Itself, None),
            Vouch::Issued { issuer, .. } => (Voucher::Server, Some(issuer)),
        };
        let body = &certificate.body;
        let member = member_id(&body.key);
        if self.declined.contains(&member) {
            return Err(Rejection::Declined);
        }
        match (why, voucher, self.self_signed) {
            (Rejection::Undecided, Voucher::Itself, how)
                if how == SelfSigned::Refuse || Mutant::StrangersRefused.is_on() =>
            {
                Err(Rejection::SelfSigned)
            }
            (Rejection::Undecided, Voucher::Itself, SelfSigned::Ask) => Err(Rejection::Undecided),
            (Rejection::Undecided, ..) if self.pin(body.name.clone(), Pin { member, by }) => {
                Ok(voucher)
            }
            (Rejection::Undecided, ..) => Err(Rejection::PinsFull),
            // A key that calls itself by another name is told nothing and asked nothing.
            (_, _, SelfSigned::Ask) if self.may_go_over(&body.name, &member) => {
                Err(Rejection::Undecided)
            }
            _ => Err(Rejection::Pinned),
        }
    }

    /// Whether the user may be asked to give a pinned name to a member without one: not if an
    /// authority has given it.
    fn may_go_over(&self, name: &Name, member: &MemberId) -> bool {
        let by = self.pins.get(name).map(|pin| pin.by);
        let issuer = by.flatten().and_then(|by| self.issuers.get(&by));
        let weak = issuer.is_none_or(|issuer| issuer.voucher == Voucher::Server);
        by.is_some() && weak && !self.names.contains_key(member)
    }

    /// From now on nobody can take this name by vouching for itself.
    fn reserve(&mut self, certificate: &Certificate) {
        let Vouch::Issued { issuer, .. } = certificate.vouch else { return };
        let body = &certificate.body;
        let member = member_id(&body.key);
        let before = self.pins.get(&body.name).copied();
        // What the user has pinned itself stays the user's word.
        if before != Some(member.into())
            && self.pin(body.name.clone(), Pin { member, by: Some(issuer) })
        {
            let former = before.map(|pin| pin.member).filter(|former| *former != member);
            self.displaced.extend(former);
        }
    }

    /// Who has lost its name to another key since the last time.
    pub(crate) fn take_displaced(&mut self) -> Vec<MemberId> {
        core::mem::take(&mut self.displaced)
    }
}

/// Whether a certificate counts at this time, in seconds since 1970, as far as its own times say (6-7).
pub(crate) fn counts_at(body: &Body, unix: u64) -> bool {
    let end = body.not_before.saturating_add(u64::from(body.lifetime));
    unix.saturating_add(SKEW_S) >= body.not_before && unix <= end.saturating_add(SKEW_S)
}
