//! What comes out: lines to send, texts to show, things to know, in one ordered queue (R-CLI-2).
//!
//! Spec: chapter 12 for the notices about peers' faults.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use keyrota_spec::{Cause, ChannelId, Evidence, KeyHint, KeyId, Malformed, MemberId, Refused};

use crate::authentication::{Rejection, Voucher};
use crate::mode::ModeError;

/// What the embedding program shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Store what [`Terminal::save`](crate::Terminal::save) gives now, before doing what comes behind
    /// this: lines behind it say what a restored terminal must not have forgotten.
    Save,
    /// Send a line to a channel, or in a conversation to the peer alone; lines keep their order.
    Send {
        /// Where: the name of a channel, or the nick of a conversation's peer, as everywhere here.
        channel: Arc<str>,
        /// One line, printable ASCII unless the channel was declared plain.
        text: String,
    },
    /// Show a text.
    Show {
        /// Where.
        channel: Arc<str>,
        /// Who wrote it.
        from: Speaker,
        /// What.
        text: String,
        /// How it was protected on its way.
        protection: Protection,
        /// Whether it may have been shown before: the terminal was restored from a saved state, and
        /// the text's key is from before that.
        again: bool,
    },
    /// Tell the user, or a log.
    Notice {
        /// Where, if it concerns one channel.
        channel: Option<Arc<str>>,
        /// What.
        notice: Notice,
    },
}

/// Who wrote a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Speaker {
    /// Its signature verified under this member's certificate.
    Member {
        /// Who.
        id: MemberId,
        /// The certified name.
        name: Arc<str>,
        /// Where the text came from.
        nick: Arc<str>,
    },
    /// Some holder of the key; the transport says this nick, which proves nothing.
    Somebody {
        /// What the transport says.
        nick: Arc<str>,
    },
}

/// How a text was protected on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// Not at all: anyone, the server too, can have written and read it.
    Plain,
    /// Sealed under the current key.
    Sealed,
    /// Sealed under an older key: who was excluded since then may have read it, or written it if
    /// it is unsigned.
    OldKey,
}

/// What happened. Those about a peer's lines change nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// This terminal opened the channel. The identifier is its fingerprint.
    Founded(ChannelId),
    /// First contact: from now on this is the channel of that name here.
    Pinned(ChannelId),
    /// The channel of this name has another identifier than the one pinned, or in use.
    OtherChannel {
        /// The one that counts here.
        pinned: ChannelId,
        /// The one that was met.
        met: ChannelId,
    },
    /// The conversation with whoever was at this nick goes on at that one (spec, 16-30).
    Moved(Arc<str>),
    /// Whoever the user talks with here may be at that nick too, or somebody there repeats what it has
    /// said: [`Command::Converse`](crate::Command::Converse) goes on there (spec, 16-30).
    AlsoAt(Arc<str>),
    /// Another record is current.
    Current {
        /// Names the record and its key.
        key: KeyId,
        /// Who signed it.
        author: MemberId,
        /// Why it made a key.
        cause: Cause,
    },
    /// The current key is here: texts can be read and sealed.
    Keyed(KeyId),
    /// An older key is here: texts under it can be read, as long as it is kept.
    OldKey(KeyId),
    /// The list has changed; each line is a command as in [`mode`](crate::mode), with identifiers
    /// where no nickname is known.
    Rights(String),
    /// Under the grant rule [`Server`](crate::GrantRule::Server), which this channel has: who may
    /// hand out and renew the key is now up to the server. Told once in each stay.
    ServerMovesRights,
    /// A change of the list by the user was lost to one of somebody ahead, made at the same time.
    /// What it took away is taken away again; these are the commands that give again what it gave.
    Lost(String),
    /// A member was barred or pardoned.
    Barred {
        /// Whom.
        member: MemberId,
        /// `false`: pardoned.
        on: bool,
    },
    /// A member introduced itself.
    Seen {
        /// Who.
        member: MemberId,
        /// The certified name.
        name: Arc<str>,
        /// Where it is.
        nick: Arc<str>,
        /// On whose word it is accepted.
        vouched: Voucher,
    },
    /// Shall this member be accepted? Answered by [`Command::Answer`](crate::Command::Answer), when
    /// the user likes; until then it is given no key, and its texts wait, for
    /// [`HOLD`](keyrota_spec::limits::HOLD) at most. Asked once, under
    /// [`SelfSigned::Ask`](crate::SelfSigned).
    Question {
        /// Who: its [`Fingerprint`](crate::Fingerprint) is what to compare by another way.
        member: MemberId,
        /// As it calls itself; another may do so too, and only one of them can have the name.
        name: Arc<str>,
        /// Where it is.
        nick: Arc<str>,
        /// Whether it asks for the key; else it waits to be heard, or to be believed about the
        /// channel.
        asks: bool,
        /// To whom the name belongs so far: either that member has a new key, or this is another.
        pinned: Option<MemberId>,
    },
    /// The question about this member is void: it can be asked again.
    Withdrawn(MemberId),
    /// A key was asked for; nobody by name if `None`.
    Asked(Option<MemberId>),
    /// A key was handed to a member.
    Granted(MemberId),
    /// Others, it seems, gave the key to a member whose certificate is not accepted here, after this terminal made
    /// one without it: it reads along until it is barred, or they do not accept it either. Told once under each
    /// root (spec, 10-7).
    Tolerated(MemberId),
    /// A request of ours is refused; another member is asked.
    Refused {
        /// By whom, as the transport says.
        nick: Arc<str>,
        /// Why.
        reason: Refused,
    },
    /// Nobody answered: either nobody here speaks this protocol, or the transport keeps silent.
    /// The user can open the channel, declare it plain, or ask again.
    NobodyAnswers,
    /// The key is due for renewal and nobody who may do it is present. Told once for a refresh, an
    /// exclusion and a key that nobody has each, until another record is current.
    ///
    /// [`Cause::Exclusion`]: somebody who is gone can read on. [`Cause::Missing`]: no key seals, and
    /// texts wait. Any other: the key stays in use. The user can open the channel anew.
    NobodyCanRenew(Cause),
    /// Texts of the user that found no key in time, handed back; nothing of them was sent.
    Unsent(String),
    /// This key was wiped, or asked for in vain: texts that were kept for it are dropped.
    Unreadable {
        /// As the texts name it.
        key: KeyHint,
        /// How many; 0 if none was kept, and only the user had asked.
        texts: usize,
    },
    /// Texts of a member did not come, as far as its counter tells.
    Missing {
        /// Whose.
        member: MemberId,
        /// How many.
        texts: u32,
    },
    /// A peer's line was not accepted.
    Fault {
        /// From whom, as the transport says.
        nick: Arc<str>,
        /// What is wrong.
        fault: Fault,
    },
    /// A signed Hello, or a change of the list, of one's own key that this terminal did not make:
    /// somebody else uses it, or the terminal has forgotten.
    Clone,
    /// A member signed two records where an honest terminal signs one: its key is in use twice, or
    /// it means to deceive. Judge it anywhere with [`signed_twice`](crate::signed_twice). Told once
    /// of a member in a channel.
    SignedTwice(Box<Evidence>),
    /// The transport told more than a bound allows; it was left out.
    Overflow,
}

/// Why a peer's line was not accepted. Its sender is told nothing, except an asker (chapter 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Not a frame.
    Malformed(Malformed),
    /// A certificate that is not accepted.
    Certificate(Rejection),
    /// A signature that does not verify.
    Signature,
    /// A Hello from too far in the future.
    Future,
    /// Already heard: a repeat of a text, or a Hello that is not newer.
    Repeat,
    /// A record of another channel.
    Channel,
    /// A text that no held key of its name opens.
    Unopened,
    /// A control, or a text that is not UTF-8.
    Content,
    /// More than a bound allows: dropped.
    Flood,
}

/// Why a command was not carried out; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The user is not in this channel.
    NotJoined,
    /// No key has been heard of yet.
    NoKey,
    /// The text is empty, longer than
    /// [`TEXT_MAX`](keyrota_spec::limits::TEXT_MAX) bytes, holds a line break or NUL,
    /// or is to go out plain and looks like armour.
    Text,
    /// Too many texts wait for a key.
    OutboxFull,
    /// The user's seat does not allow it: no seat, or the other stands before it.
    NotSenior,
    /// It is about the user's own seat: only one ahead of it can change that, and of the founder's
    /// nobody.
    OwnSeat,
    /// Nobody who has introduced itself is, or was, under this nickname.
    UnknownMember,
    /// The member is barred; pardon it first.
    Barred,
    /// As many channels are in use as a terminal may hold.
    Channels,
    /// The list has no room, or one's seat has changed it as often as it can.
    ListFull,
    /// It is so already.
    Nothing,
    /// The command is not a MODE command of this protocol.
    Mode(ModeError),
    /// A setting is out of its bounds.
    Settings,
    /// Not a name for a certificate.
    Name,
    /// [`PINS_MAX`](keyrota_spec::limits::PINS_MAX) names are pinned; unpin one first.
    PinsFull,
    /// Nothing is asked about this member, or not any more.
    NoQuestion,
    /// A channel where only a conversation will do, or the other way round.
    OtherKind,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJoined => f.write_str("not in this channel"),
            Self::NoKey => f.write_str("no key of this channel is known yet"),
            Self::Text => f.write_str("text empty, too long, or of more than one line"),
            Self::OutboxFull => f.write_str("too many texts wait for a key"),
            Self::NotSenior => f.write_str("your seat does not allow it"),
            Self::OwnSeat => f.write_str("your own seat is not yours to change"),
            Self::UnknownMember => f.write_str("no member is known under this nickname"),
            Self::Barred => f.write_str("the member is barred"),
            Self::Channels => f.write_str("too many channels"),
            Self::ListFull => f.write_str("the list has no room"),
            Self::Nothing => f.write_str("nothing to change"),
            Self::Mode(error) => write!(f, "not a command: {error}"),
            Self::Settings => f.write_str("a setting is out of its bounds"),
            Self::Name => f.write_str("not a name for a certificate"),
            Self::PinsFull => f.write_str("too many names are pinned"),
            Self::NoQuestion => f.write_str("nothing is asked about this member"),
            Self::OtherKind => f.write_str("not for a channel, or not for a conversation"),
        }
    }
}

impl core::error::Error for Refusal {}

/// All actions not yet read, oldest first; what is not read stays for the next time.
#[derive(Debug)]
pub struct Actions<'a>(pub(crate) &'a mut VecDeque<Action>);

impl Iterator for Actions<'_> {
    type Item = Action;

    fn next(&mut self) -> Option<Action> {
        self.0.pop_front()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for Actions<'_> {}
