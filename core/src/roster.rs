//! Who is in a channel, as the transport tells it (R-ROS-1, R-ROS-3).
//!
//! Spec: chapter 10, "Presence". The roster says where a member can be reached and in what order
//! the occupants came. It never holds a right: rights stand in the signed list of the key's record
//! (R-ROS-2), and no line of a server changes them. A member is bound to a nick by what it signs,
//! stays bound when the nick changes, and is let go when the occupant leaves.
//!
//! Every call but [`Roster::snapshot`] takes time logarithmic in the number of occupants; one
//! takes about 250 bytes, 300 with a member bound to it.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::MemberId;

use crate::casemap::CaseMapping;

/// Longest text kept of each [`Detail`], in bytes; the rest is cut off.
pub const DETAIL_MAX: usize = 200;
/// Most names of channels kept about one occupant; further ones are dropped.
pub const DETAIL_CHANNELS_MAX: usize = 16;

/// The occupants of one channel, told apart by folded nick.
#[derive(Clone, Debug)]
pub struct Roster {
    mapping: CaseMapping,
    limit: usize,
    next: u64,
    /// By number of joining: the number is who it is, the nick only what it is called.
    occupants: BTreeMap<u64, Occupant>,
    nicks: BTreeMap<Arc<str>, u64>,
    members: BTreeMap<MemberId, u64>,
}

/// One occupant of a channel. The roster alone makes and changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Occupant {
    /// The nickname as it is displayed.
    pub nick: Arc<str>,
    /// Greater than that of all who were here before; never given twice.
    pub joined: u64,
    /// Whether the transport calls it channel operator. Gives no right.
    pub operator: bool,
    /// Who was last heard to sign under this nick.
    pub member: Option<MemberId>,
    /// What the transport told besides; nothing until it is asked.
    pub info: Option<Box<UserInfo>>,
}

/// What a chat server knows of a user beyond the nick (R-ROS-1). For display only.
///
/// Texts are at most [`DETAIL_MAX`] bytes, empty while not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserInfo {
    /// Real name.
    pub real_name: Box<str>,
    /// User id.
    pub user: Box<str>,
    /// Host, the source's "client name".
    pub host: Box<str>,
    /// Server that the user is connected to.
    pub server: Box<str>,
    /// Channels joined, at most [`DETAIL_CHANNELS_MAX`].
    pub channels: Vec<Box<str>>,
    /// Seconds since the user last wrote, when the server was asked.
    pub idle: Option<u64>,
}

/// One piece of [`UserInfo`]; servers tell them in separate lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail<'a> {
    /// Real name.
    RealName(&'a str),
    /// User id.
    User(&'a str),
    /// Host.
    Host(&'a str),
    /// Server.
    Server(&'a str),
    /// One channel more.
    Channel(&'a str),
    /// Idle time in seconds.
    Idle(u64),
}

/// Why the roster did not do what it was told; it is then as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RosterError {
    /// The channel has as many occupants as the roster may hold.
    Full,
    /// No nickname can be like this; see [`CaseMapping::fold`].
    BadNick,
    /// Nobody of this nickname is here.
    Absent,
}

impl fmt::Display for RosterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the roster is full",
            Self::BadNick => "not a nickname",
            Self::Absent => "nobody of this nickname is in the channel",
        })
    }
}

impl core::error::Error for RosterError {}

/// What a complete list of names changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Snapshot {
    /// Who was here and is not listed, in order of joining.
    pub left: Vec<Occupant>,
    /// Listed names that are not in the roster: beyond its limit, or no nicknames.
    pub refused: usize,
}

impl Roster {
    /// An empty roster for at most `limit` occupants, whose nicks `mapping` tells apart.
    pub fn new(mapping: CaseMapping, limit: usize) -> Self {
        Self {
            mapping,
            limit,
            next: 0,
            occupants: BTreeMap::new(),
            nicks: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    /// How many occupants there are.
    pub fn len(&self) -> usize {
        self.occupants.len()
    }

    /// Whether nobody is here.
    pub fn is_empty(&self) -> bool {
        self.occupants.is_empty()
    }

    /// Who goes by `nick`, in any spelling.
    pub fn occupant(&self, nick: &str) -> Option<&Occupant> {
        self.occupants.get(&self.number(nick)?)
    }

    /// Where `member` is, if it is here.
    pub fn member(&self, member: &MemberId) -> Option<&Occupant> {
        self.occupants.get(self.members.get(member)?)
    }

    /// All occupants in order of joining.
    ///
    /// Those whom a list of names brought stand in the order of that list, which says nothing
    /// about when they came.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Occupant> + ExactSizeIterator {
        self.occupants.values()
    }

    /// JOIN. Returns whether `nick` is new here; who is here already stays as it is.
    ///
    /// # Errors
    /// [`RosterError::Full`], [`RosterError::BadNick`].
    pub fn join(&mut self, nick: &str) -> Result<bool, RosterError> {
        let folded = self.mapping.fold(nick).ok_or(RosterError::BadNick)?;
        if self.nicks.contains_key(&*folded) {
            return Ok(false);
        }
        if self.len() >= self.limit {
            return Err(RosterError::Full);
        }
        let key: Arc<str> = Arc::from(&*folded);
        let joined = self.next;
        self.next = self.next.saturating_add(1);
        let nick = display(&key, nick);
        self.nicks.insert(key, joined);
        let occupant = Occupant { nick, joined, operator: false, member: None, info: None };
        self.occupants.insert(joined, occupant);
        Ok(true)
    }

    /// PART, QUIT and KICK. Returns who left, with the member that was bound.
    pub fn leave(&mut self, nick: &str) -> Option<Occupant> {
        let number = self.nicks.remove(&*self.mapping.fold(nick)?)?;
        let occupant = self.occupants.remove(&number)?;
        if let Some(member) = &occupant.member {
            self.members.remove(member);
        }
        Some(occupant)
    }

    /// NICK. The occupant keeps its place in the order, its properties, and its member.
    ///
    /// If another occupant has the nick `new`, a departure went unheard: that one leaves and is
    /// returned.
    ///
    /// # Errors
    /// [`RosterError::Absent`] if `old` is not here, [`RosterError::BadNick`] of `new`.
    pub fn rename(&mut self, old: &str, new: &str) -> Result<Option<Occupant>, RosterError> {
        let old = self.mapping.fold(old).ok_or(RosterError::Absent)?;
        let folded = self.mapping.fold(new).ok_or(RosterError::BadNick)?;
        // Taken away first, so that a nick that only changes its spelling displaces nobody.
        let number = self.nicks.remove(&*old).ok_or(RosterError::Absent)?;
        let displaced = self.leave(new);
        let key: Arc<str> = Arc::from(&*folded);
        if let Some(occupant) = self.occupants.get_mut(&number) {
            occupant.nick = display(&key, new);
        }
        self.nicks.insert(key, number);
        Ok(displaced)
    }

    /// MODE ±o of the transport.
    ///
    /// # Errors
    /// [`RosterError::Absent`].
    pub fn set_operator(&mut self, nick: &str, on: bool) -> Result<(), RosterError> {
        self.occupant_mut(nick)?.operator = on;
        Ok(())
    }

    /// Takes down one detail of the user information; what is too long is cut.
    ///
    /// # Errors
    /// [`RosterError::Absent`].
    pub fn describe(&mut self, nick: &str, detail: Detail<'_>) -> Result<(), RosterError> {
        self.occupant_mut(nick)?.info.get_or_insert_default().note(detail);
        Ok(())
    }

    /// `member` signed what came from `nick`: that is where it is now, and nowhere else.
    ///
    /// # Errors
    /// [`RosterError::Absent`]; the member then stays where it was.
    pub fn bind(&mut self, nick: &str, member: MemberId) -> Result<(), RosterError> {
        let number = self.number(nick).ok_or(RosterError::Absent)?;
        self.unbind(nick);
        let before = self.members.insert(member, number);
        if let Some(occupant) = before.and_then(|number| self.occupants.get_mut(&number)) {
            occupant.member = None;
        }
        self.occupant_mut(nick)?.member = Some(member);
        Ok(())
    }

    /// Lets go of the member bound to `nick`, and returns it.
    pub fn unbind(&mut self, nick: &str) -> Option<MemberId> {
        let member = self.occupant_mut(nick).ok()?.member.take()?;
        self.members.remove(&member);
        Some(member)
    }

    /// A complete list of names, each with whether it is operator (see [`split_prefix`]).
    ///
    /// Who is not listed leaves; who is new joins behind the others, in the order listed. Those
    /// known keep their place and member. Servers list in any order, and may hide occupants.
    pub fn snapshot<'a>(&mut self, names: impl IntoIterator<Item = (&'a str, bool)>) -> Snapshot {
        let mut outcome = Snapshot::default();
        let mut here = BTreeSet::new();
        let mut newcomers = Vec::new();
        for (nick, operator) in names {
            if let Ok(occupant) = self.occupant_mut(nick) {
                here.insert(occupant.joined);
                occupant.operator = operator;
                if *occupant.nick != *nick {
                    occupant.nick = Arc::from(nick);
                }
            } else if newcomers.len() < self.limit {
                newcomers.push((nick, operator));
            } else {
                outcome.refused = outcome.refused.saturating_add(1);
            }
        }
        let gone = self.iter().filter(|occupant| !here.contains(&occupant.joined));
        let gone: Vec<Arc<str>> = gone.map(|occupant| occupant.nick.clone()).collect();
        outcome.left.extend(gone.iter().filter_map(|nick| self.leave(nick)));
        for (nick, operator) in newcomers {
            if self.join(nick).is_err() || self.set_operator(nick, operator).is_err() {
                outcome.refused = outcome.refused.saturating_add(1);
            }
        }
        outcome
    }

    fn number(&self, nick: &str) -> Option<u64> {
        self.nicks.get(&*self.mapping.fold(nick)?).copied()
    }

    fn occupant_mut(&mut self, nick: &str) -> Result<&mut Occupant, RosterError> {
        let number = self.number(nick).ok_or(RosterError::Absent)?;
        self.occupants.get_mut(&number).ok_or(RosterError::Absent)
    }
}

impl UserInfo {
    fn note(&mut self, detail: Detail<'_>) {
        match detail {
            Detail::RealName(text) => self.real_name = cut(text),
            Detail::User(text) => self.user = cut(text),
            Detail::Host(text) => self.host = cut(text),
            Detail::Server(text) => self.server = cut(text),
            Detail::Channel(text) => {
                let name = cut(text);
                if self.channels.len() < DETAIL_CHANNELS_MAX && !self.channels.contains(&name) {
                    self.channels.push(name);
                }
            }
            Detail::Idle(seconds) => self.idle = Some(seconds),
        }
    }
}

/// Splits an entry of a NAMES reply into the nick and whether it is channel operator.
///
/// Takes one prefix, or all of them (`multi-prefix`); `~` `&` `@` `!` mean an operator, `%` and
/// `+` do not. What follows the nick where a server appends user and host is left out.
pub fn split_prefix(entry: &str) -> (&str, bool) {
    let name = entry.trim_start_matches(['~', '&', '@', '!', '%', '+']);
    let prefix = entry.strip_suffix(name).unwrap_or_default();
    let nick = name.split_once('!').map_or(name, |(nick, _)| nick);
    (nick, prefix.contains(['~', '&', '@', '!']))
}

/// One allocation serves as key and for display where the two are the same.
fn display(key: &Arc<str>, nick: &str) -> Arc<str> {
    if **key == *nick { key.clone() } else { Arc::from(nick) }
}

/// At most [`DETAIL_MAX`] bytes of `text`, never half a character.
fn cut(text: &str) -> Box<str> {
    let mut end = 0;
    for (at, letter) in text.char_indices() {
        let next = at.saturating_add(letter.len_utf8());
        if next > DETAIL_MAX {
            break;
        }
        end = next;
    }
    String::from(text.get(..end).unwrap_or_default()).into_boxed_str()
}
