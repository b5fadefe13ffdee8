//! Certificates for which somebody vouches, and what users were asked about them.

use keyrota::spec::{Body, Certificate, MemberId, Name};
use keyrota::{Authentication, Authority, Command, Identity, Notice, Rejection, SelfSigned};

use super::{START, User, World, YEAR, identity, secret};

pub fn authority(number: u8) -> Authority {
    Authority::new(&[number; 32]).expect("an authority")
}

pub fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// What a certificate of this user of the tests says.
pub fn body(number: u8, called: &str, not_before: u64, lifetime: u32) -> Body {
    let key = identity(number, called).certificate().body.key;
    Body { name: name(called), key, not_before, lifetime }
}

/// The identity of this user of the tests, with this certificate.
pub fn certified(number: u8, certificate: Certificate) -> Identity {
    Identity::certified(&secret(number), certificate).expect("an identity")
}

/// An identity that an authority vouches for from then on, for so long.
pub fn issued(by: &Authority, number: u8, name: &str, not_before: u64, lifetime: u32) -> Identity {
    certified(number, by.issue(body(number, name, not_before, lifetime)))
}

/// An identity that another user vouches for, for a year.
pub fn vouched(by: &Identity, number: u8, name: &str) -> Identity {
    certified(number, by.vouch(body(number, name, START - 1, YEAR)))
}

/// Accepts what these authorities issue, and nothing else.
pub fn trusting(authorities: &[&Authority]) -> Authentication {
    let mut all = Authentication::default();
    all.self_signed = SelfSigned::Refuse;
    assert!(authorities.iter().all(|one| all.add_authority(&one.public())));
    all
}

impl World {
    /// Gives a command that changes whom a user accepts.
    pub fn decide(&mut self, nick: &str, command: Command<'_>) {
        self.command(nick, command).expect("decided");
    }

    pub fn answer(&mut self, nick: &str, member: MemberId, accept: bool) {
        self.decide(nick, Command::Answer { member, accept });
    }
}

impl User {
    /// About whom the user was asked, in order.
    pub fn asked(&self) -> Vec<MemberId> {
        let about = |notice: &Notice| match notice {
            Notice::Question { member, .. } => Some(*member),
            _ => None,
        };
        self.notices.iter().filter_map(about).collect()
    }

    /// Why certificates were not accepted, in order.
    pub fn rejections(&self) -> Vec<Rejection> {
        let why = |fault| match fault {
            keyrota::Fault::Certificate(why) => Some(why),
            _ => None,
        };
        self.faults().into_iter().filter_map(why).collect()
    }
}
