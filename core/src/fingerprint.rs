//! Fingerprints: what users compare by another way than the channel (R-DIS-2).
//!
//! Spec: chapter 6, "Fingerprints".

use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::{Certificate, ChannelId, MemberId, label};

use crate::crypto;

/// Of a member, a channel, or a certificate, in the form in which people read and compare it.
///
/// ```
/// use keyrota::{Fingerprint, spec::MemberId};
///
/// let print = Fingerprint::from(MemberId([0xa5; 16]));
/// assert_eq!(print.to_string(), "a5a5 a5a5 a5a5 a5a5 a5a5 a5a5 a5a5 a5a5");
/// assert!(print.matches("A5A5:A5A5:A5A5:A5A5:A5A5:A5A5:A5A5:A5A5"));
/// assert!(!print.matches("a5a5"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(Vec<u8>);

impl From<MemberId> for Fingerprint {
    fn from(id: MemberId) -> Self {
        Self(id.0.to_vec())
    }
}

impl From<ChannelId> for Fingerprint {
    fn from(id: ChannelId) -> Self {
        Self(id.0.to_vec())
    }
}

impl From<&Certificate> for Fingerprint {
    fn from(certificate: &Certificate) -> Self {
        Self(crypto::hash(label::CERTIFICATE, &[&certificate.to_bytes()]).to_vec())
    }
}

impl Fingerprint {
    /// Whether this is what a user has typed or pasted: all of it, in small or capital letters, with
    /// or without spaces, hyphens and colons.
    pub fn matches(&self, typed: &str) -> bool {
        let typed = typed.chars().filter(|c| !matches!(c, ' ' | ':' | '-'));
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        typed.map(|c| c.to_digit(16)).eq(digits.map(|digit| Some(u32::from(digit))))
    }
}

/// Groups of four hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, byte) in self.0.iter().enumerate() {
            let space = if number > 0 && number % 2 == 0 { " " } else { "" };
            write!(f, "{space}{byte:02x}")?;
        }
        Ok(())
    }
}
