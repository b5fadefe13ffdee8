//! Which names are the same name: the CASEMAPPING of the transport (R-ROS-1).
//!
//! Spec: chapter 7, "Names of channels and nicks". The folded name of a channel goes into its name
//! digest and into its new keys, so two implementations must agree on every letter here. Servers
//! differ: `#Z[x]` and `#z{X}` are one channel where the mapping is `rfc1459`, two where it is
//! `ascii`.

use core::fmt;
use core::ops::Deref;

use keyrota_spec::limits::NICK_MAX;

/// Which letters count as the same letter in nicknames and names of channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseMapping {
    /// `A` to `Z` are `a` to `z`; nothing else changes.
    Ascii,
    /// Besides, `[` `\` `]` `^` are `{` `|` `}` `~`. What a server uses that does not say.
    #[default]
    Rfc1459,
    /// As [`Rfc1459`](Self::Rfc1459), but `^` and `~` are two letters.
    Rfc1459Strict,
}

impl CaseMapping {
    /// Reads the value of `CASEMAPPING=` in the server's ISUPPORT line.
    ///
    /// `None` for a mapping that is not known here, as those over Unicode are not.
    pub fn from_isupport(value: &str) -> Option<Self> {
        match value {
            "ascii" => Some(Self::Ascii),
            "rfc1459" => Some(Self::Rfc1459),
            // The draft standard and the servers put the words the other way round.
            "rfc1459-strict" | "strict-rfc1459" => Some(Self::Rfc1459Strict),
            _ => None,
        }
    }

    /// As a saved state names it.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Ascii => 0,
            Self::Rfc1459 => 1,
            Self::Rfc1459Strict => 2,
        }
    }

    /// The mapping that [`number`](Self::number) names so.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        [Self::Ascii, Self::Rfc1459, Self::Rfc1459Strict]
            .into_iter()
            .find(|one| one.number() == number)
    }

    /// The form of `name`, a nickname or a channel, that all its spellings share.
    ///
    /// What is not ASCII stays as it is. `None` if `name` is empty, longer than [`NICK_MAX`]
    /// bytes, or holds NUL, BEL, CR, LF, a space or a comma: no server has such a name.
    pub fn fold(self, name: &str) -> Option<Folded> {
        if name.is_empty() || name.bytes().any(|byte| b"\0\x07\r\n ,".contains(&byte)) {
            return None;
        }
        let mut folded = Folded { bytes: [0; NICK_MAX], len: u8::try_from(name.len()).ok()? };
        let own = folded.bytes.get_mut(..name.len())?;
        for (to, from) in own.iter_mut().zip(name.bytes()) {
            *to = self.lower(from);
        }
        Some(folded)
    }

    fn lower(self, byte: u8) -> u8 {
        let last = match self {
            Self::Ascii => b'Z',
            Self::Rfc1459 => b'^',
            Self::Rfc1459Strict => b']',
        };
        // From `A` to `^` the two cases differ in this bit.
        if (b'A'..=last).contains(&byte) { byte | 0x20 } else { byte }
    }
}

/// A folded name of 1 to [`NICK_MAX`] bytes, held without heap; made by [`CaseMapping::fold`].
///
/// Orders as its text does: the bytes behind the name are zero, and no name holds a zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Folded {
    bytes: [u8; NICK_MAX],
    len: u8,
}

const _: () = assert!(NICK_MAX <= u8::MAX as usize);

impl Deref for Folded {
    type Target = str;

    fn deref(&self) -> &str {
        let own = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        // Never the default: a text in which only ASCII was replaced by ASCII is still a text.
        core::str::from_utf8(own).unwrap_or_default()
    }
}

impl fmt::Debug for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
