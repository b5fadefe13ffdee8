//! The commands `MODE #ch ±d`, `±x`, `+xN`, `±o`, `±c`, read and written (R-ROS-7).
//!
//! Spec: chapter 10, "Commands". A user types them; they are never sent to a server, where these
//! letters mean other things. Several letters can stand in one command, `+dx-x2 taro hanako bob`,
//! and each that takes a nick takes the next one. What a sign covers must follow a sign: a letter
//! alone, which on a server asks for a list, is refused.

use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use core::iter::Peekable;
use core::slice;
use core::str::Chars;

use keyrota_spec::limits::{NICK_MAX, SEATS_MAX};

use crate::casemap::CaseMapping;

/// Most changes in one command.
pub const CHANGES_MAX: usize = 16;
/// Longest command in bytes: [`CHANGES_MAX`] changes with the longest names, and their channel.
pub const COMMAND_MAX: usize = 5 + (CHANGES_MAX + 1) * (NICK_MAX + 1) + CHANGES_MAX * 4;

/// A MODE command. Its [`Display`](fmt::Display) writes the one form that [`parse`] reads back
/// to an equal value, given 1 to [`CHANGES_MAX`] changes with names as [`parse`] takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modes<'a> {
    /// The channel, where the command names it.
    pub channel: Option<&'a str>,
    /// The changes in the order they are written.
    pub changes: Vec<ModeChange<'a>>,
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModeChange<'a> {
    /// `±d nick`: the key distribution property.
    Distribute {
        /// Given or taken.
        on: bool,
        /// Whose.
        nick: &'a str,
    },
    /// `±x nick`: the key update property.
    Update {
        /// Given, last in the updating order, or taken.
        on: bool,
        /// Whose.
        nick: &'a str,
    },
    /// `+xN nick`: the key update property and the place in the updating order.
    UpdateAt {
        /// 1, the first, to [`SEATS_MAX`].
        position: u8,
        /// Whose.
        nick: &'a str,
    },
    /// `±o nick`: the channel operator property.
    Operator {
        /// Given or taken.
        on: bool,
        /// Whose.
        nick: &'a str,
    },
    /// `±c`: all messages are encrypted.
    Encrypt {
        /// Encrypted or plain.
        on: bool,
    },
}

/// What is wrong with a MODE command. The first mistake is told; nothing of the command counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModeError {
    /// No change in it.
    Empty,
    /// More than [`COMMAND_MAX`] bytes.
    TooLong,
    /// More than [`CHANGES_MAX`] changes.
    TooMany,
    /// Neither a channel nor a sign stands where the changes should begin.
    MissingSign,
    /// No change has this letter.
    UnknownLetter(char),
    /// This letter takes a nick, and none is left.
    MissingArgument(char),
    /// More nicks than letters that take one.
    SurplusArgument,
    /// `+xN` with N not in 1 to [`SEATS_MAX`].
    PositionOutOfRange,
    /// `-xN`: who loses the property has no position.
    RemovalWithPosition,
    /// Not a channel or nickname; see [`CaseMapping::fold`].
    BadName,
}

impl fmt::Display for ModeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no mode to change"),
            Self::TooLong => write!(f, "more than {COMMAND_MAX} bytes"),
            Self::TooMany => write!(f, "more than {CHANGES_MAX} changes"),
            Self::MissingSign => f.write_str("modes start with + or -"),
            Self::UnknownLetter(letter) => write!(f, "unknown mode {letter:?}"),
            Self::MissingArgument(letter) => write!(f, "mode {letter} needs a nickname"),
            Self::SurplusArgument => f.write_str("more nicknames than modes that take one"),
            Self::PositionOutOfRange => write!(f, "a position is 1 to {SEATS_MAX}"),
            Self::RemovalWithPosition => f.write_str("-x takes no position"),
            Self::BadName => f.write_str("not a nickname or channel"),
        }
    }
}

impl core::error::Error for ModeError {}

/// Reads a command as the user types it: `MODE #ch +d nick`, `#ch +d nick`, or `+d nick`.
///
/// # Errors
/// A [`ModeError`], for every text that is not such a command.
pub fn parse(text: &str) -> Result<Modes<'_>, ModeError> {
    if text.len() > COMMAND_MAX {
        return Err(ModeError::TooLong);
    }
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    words.next_if(|word| word.eq_ignore_ascii_case("MODE"));
    let channel = words.next_if(|word| word.starts_with(['#', '&', '!']));
    if channel.is_some_and(|name| !is_name(name)) {
        return Err(ModeError::BadName);
    }
    let mut letters = words.next().ok_or(ModeError::Empty)?.chars().peekable();
    let mut nick = |letter| {
        let nick = words.next().ok_or(ModeError::MissingArgument(letter))?;
        if is_name(nick) { Ok(nick) } else { Err(ModeError::BadName) }
    };
    let mut sign = None;
    let mut changes = Vec::new();
    while let Some(letter) = letters.next() {
        if matches!(letter, '+' | '-') {
            sign = Some(letter == '+');
            continue;
        }
        let on = sign.ok_or(ModeError::MissingSign)?;
        let change = match letter {
            'd' => ModeChange::Distribute { on, nick: nick(letter)? },
            'x' => match position(&mut letters) {
                None => ModeChange::Update { on, nick: nick(letter)? },
                Some(_) if !on => return Err(ModeError::RemovalWithPosition),
                Some(Err(error)) => return Err(error),
                Some(Ok(position)) => ModeChange::UpdateAt { position, nick: nick(letter)? },
            },
            'o' => ModeChange::Operator { on, nick: nick(letter)? },
            'c' => ModeChange::Encrypt { on },
            _ => return Err(ModeError::UnknownLetter(letter)),
        };
        if changes.len() >= CHANGES_MAX {
            return Err(ModeError::TooMany);
        }
        changes.push(change);
    }
    if words.next().is_some() {
        return Err(ModeError::SurplusArgument);
    }
    if changes.is_empty() {
        return Err(ModeError::Empty);
    }
    Ok(Modes { channel, changes })
}

impl fmt::Display for Modes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(channel) = self.channel {
            write!(f, "MODE {channel} ")?;
        }
        write(f, &self.changes)
    }
}

impl fmt::Display for ModeChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, slice::from_ref(self))
    }
}

impl<'a> ModeChange<'a> {
    /// Whose property changes; `None` for a mode of the channel.
    pub fn nick(&self) -> Option<&'a str> {
        match *self {
            Self::Distribute { nick, .. }
            | Self::Update { nick, .. }
            | Self::UpdateAt { nick, .. }
            | Self::Operator { nick, .. } => Some(nick),
            Self::Encrypt { .. } => None,
        }
    }

    /// Sign, letter, and position.
    fn parts(&self) -> (bool, char, Option<u8>) {
        match *self {
            Self::Distribute { on, .. } => (on, 'd', None),
            Self::Update { on, .. } => (on, 'x', None),
            Self::UpdateAt { position, .. } => (true, 'x', Some(position)),
            Self::Operator { on, .. } => (on, 'o', None),
            Self::Encrypt { on } => (on, 'c', None),
        }
    }
}

/// Each sign once, for all the letters up to the next one; then the nicks.
fn write(f: &mut fmt::Formatter<'_>, changes: &[ModeChange<'_>]) -> fmt::Result {
    let mut sign = None;
    for change in changes {
        let (on, letter, position) = change.parts();
        if sign.replace(on) != Some(on) {
            f.write_char(if on { '+' } else { '-' })?;
        }
        f.write_char(letter)?;
        position.map_or(Ok(()), |position| write!(f, "{position}"))?;
    }
    changes.iter().filter_map(ModeChange::nick).try_for_each(|nick| write!(f, " {nick}"))
}

/// The number that follows `x`, if one does.
fn position(letters: &mut Peekable<Chars<'_>>) -> Option<Result<u8, ModeError>> {
    let mut number: Option<u32> = None;
    while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
        letters.next();
        number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
    }
    let position = number.map(|number| u8::try_from(number).ok())?;
    let in_range = position.filter(|position| (1..=SEATS_MAX).contains(&usize::from(*position)));
    Some(in_range.ok_or(ModeError::PositionOutOfRange))
}

/// Whether a nickname or channel can be like this, which no mapping changes.
fn is_name(name: &str) -> bool {
    CaseMapping::default().fold(name).is_some()
}
