//! Who is in a channel, as the transport tells it, but for whom it tells to have left that have not
//! (`hello.rs`; R-ROS-1, R-ROS-3).
//!
//! Spec: chapter 10, "Presence". The roster says where a member can be reached and in what order
//! the occupants came. It never holds a right: rights stand in the signed list of the key's record
//! (R-ROS-2), and no line of a server changes them. A member is bound to a nick by what it signs,
//! stays bound when the nick changes, and is let go when the occupant leaves.
//!
//! Every call but [`Roster::snapshot`] takes time logarithmic in the number of occupants, and that
//! one so for each name. An occupant takes about 120 bytes, 135 with a member bound to it.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::{MemberHint, MemberId};

use crate::casemap::CaseMapping;
use crate::crypto;

/// Longest text kept of each [`Detail`], in bytes; the rest is cut off.
pub const DETAIL_MAX: usize = 200;
/// Most names of channels kept about one occupant; further ones are dropped.
pub const DETAIL_CHANNELS_MAX: usize = 16;

/// The occupants of one channel, told apart by folded nick.
#[derive(Clone, Debug)]
pub struct Roster {
    mapping: CaseMapping,
    limit: usize,
    next: u32,
    /// By number of joining: the number is who it is, the nick only what it is called.
    occupants: BTreeMap<u32, Box<Occupant>>,
    /// Where to look for a nick; it stands in the occupant alone.
    nicks: BTreeSet<(Digest, u32)>,
    /// Likewise for a member.
    members: BTreeSet<(MemberHint, u32)>,
}

/// Of a folded nick: so long that nobody makes many nicks with one digest.
pub(crate) type Digest = [u8; 8];

/// One occupant of a channel. The roster alone makes and changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Occupant {
    /// The nickname as it is displayed.
    pub nick: Arc<str>,
    /// Greater than that of all who were here before; never given twice.
    pub joined: u32,
    /// Whether the transport calls it channel operator. Gives no right, unless a user has chosen
    /// [`GrantRule::Server`](crate::GrantRule::Server).
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
    /// The channel has as many occupants as the roster may hold, or has seen 2³² of them.
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
            nicks: BTreeSet::new(),
            members: BTreeSet::new(),
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
        let folded = self.mapping.fold(nick)?;
        let same = |one: &&Occupant| self.mapping.fold(&one.nick).as_ref() == Some(&folded);
        let key = digest(&folded);
        let numbers = self.nicks.range((key, 0)..=(key, u32::MAX));
        numbers.filter_map(|(_, number)| self.numbered(*number)).find(same)
    }

    /// Who has this number of joining, if it is here still.
    pub fn numbered(&self, joined: u32) -> Option<&Occupant> {
        self.occupants.get(&joined).map(|occupant| &**occupant)
    }

    /// Whether somebody may be here whose folded nick has this digest.
    pub(crate) fn has_digest(&self, key: Digest) -> bool {
        self.nicks.range((key, 0)..=(key, u32::MAX)).next().is_some()
    }

    /// Those who joined with this number or a greater one, in order of joining.
    pub(crate) fn since(&self, joined: u32) -> impl Iterator<Item = &Occupant> {
        self.occupants.range(joined..).map(|(_, occupant)| &**occupant)
    }

    /// Where `member` is, if it is here.
    pub fn member(&self, member: &MemberId) -> Option<&Occupant> {
        let hint = member.hint();
        let numbers = self.members.range((hint, 0)..=(hint, u32::MAX));
        let same = |one: &&Occupant| one.member.as_ref() == Some(member);
        numbers.filter_map(|(_, number)| self.numbered(*number)).find(same)
    }

    /// All occupants in order of joining.
    ///
    /// Those whom a list of names brought stand in the order of that list, which says nothing
    /// about when they came.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Occupant> + ExactSizeIterator {
        self.occupants.values().map(|occupant| &**occupant)
    }

    /// JOIN. Returns whether `nick` is new here; who is here already stays as it is.
    ///
    /// # Errors
    /// [`RosterError::Full`], [`RosterError::BadNick`].
    pub fn join(&mut self, nick: &str) -> Result<bool, RosterError> {
        let folded = self.mapping.fold(nick).ok_or(RosterError::BadNick)?;
        if self.occupant(nick).is_some() {
            return Ok(false);
        }
        let next = self.next.checked_add(1).filter(|_| self.len() < self.limit);
        let joined = core::mem::replace(&mut self.next, next.ok_or(RosterError::Full)?);
        let nick = nick.into();
        let occupant = Occupant { nick, joined, operator: false, member: None, info: None };
        self.nicks.insert((digest(&folded), joined));
        self.occupants.insert(joined, occupant.into());
        Ok(true)
    }

    /// PART, QUIT and KICK. Returns who left, with the member that was bound.
    pub fn leave(&mut self, nick: &str) -> Option<Occupant> {
        let number = self.occupant(nick)?.joined;
        self.nicks.remove(&(digest(&self.mapping.fold(nick)?), number));
        let occupant = self.occupants.remove(&number)?;
        if let Some(member) = &occupant.member {
            self.members.remove(&(member.hint(), number));
        }
        Some(*occupant)
    }

    /// NICK. The occupant keeps its place in the order, its properties, and its member.
    ///
    /// If another occupant has the nick `new`, a departure went unheard: that one leaves and is
    /// returned.
    ///
    /// # Errors
    /// [`RosterError::Absent`] if `old` is not here, [`RosterError::BadNick`] of `new`.
    pub fn rename(&mut self, old: &str, new: &str) -> Result<Option<Occupant>, RosterError> {
        let number = self.occupant(old).ok_or(RosterError::Absent)?.joined;
        let before = self.mapping.fold(old).ok_or(RosterError::Absent)?;
        let folded = self.mapping.fold(new).ok_or(RosterError::BadNick)?;
        // A nick that only changes its spelling displaces nobody.
        let displaced = if before == folded { None } else { self.leave(new) };
        self.nicks.remove(&(digest(&before), number));
        self.nicks.insert((digest(&folded), number));
        if let Some(occupant) = self.occupants.get_mut(&number) {
            occupant.nick = new.into();
        }
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
        let number = self.occupant(nick).ok_or(RosterError::Absent)?.joined;
        self.unbind(nick);
        if let Some(before) = self.member(&member).map(|occupant| occupant.joined) {
            self.members.remove(&(member.hint(), before));
            self.occupants.entry(before).and_modify(|occupant| occupant.member = None);
        }
        self.members.insert((member.hint(), number));
        self.occupants.entry(number).and_modify(|occupant| occupant.member = Some(member));
        Ok(())
    }

    /// Lets go of the member bound to `nick`, and returns it.
    pub fn unbind(&mut self, nick: &str) -> Option<MemberId> {
        let occupant = self.occupant_mut(nick).ok()?;
        let (member, number) = (occupant.member.take()?, occupant.joined);
        self.members.remove(&(member.hint(), number));
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

    fn occupant_mut(&mut self, nick: &str) -> Result<&mut Occupant, RosterError> {
        let number = self.occupant(nick).ok_or(RosterError::Absent)?.joined;
        self.occupants.get_mut(&number).map(|one| &mut **one).ok_or(RosterError::Absent)
    }
}

/// Where to look for a folded nick.
pub(crate) fn digest(nick: &str) -> Digest {
    let hash = crypto::hash(&[], &[nick.as_bytes()]);
    hash.first_chunk().copied().unwrap_or_default()
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
