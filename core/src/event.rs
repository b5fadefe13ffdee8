//! What goes in: what happened on the transport, and what the user wants (R-CLI-1, R-SYS-1).

use keyrota_spec::{ChannelId, KeyHint, MemberId, Point};

use crate::authentication::SelfSigned;
use crate::casemap::CaseMapping;
use crate::config::Settings;
use crate::roster::Detail;

/// What happened on the transport. A terminal takes every event and never fails at one.
///
/// Names are as the transport writes them; `nick` may be the user's own.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Time has passed; see [`Terminal::wake`](crate::Terminal::wake).
    Tick,
    /// Somebody joined a channel.
    Join {
        /// Where.
        channel: &'a str,
        /// Who.
        nick: &'a str,
    },
    /// The complete list of who is in a channel, as it comes after joining.
    Names {
        /// Where.
        channel: &'a str,
        /// Each nickname and whether it is operator; see
        /// [`split_prefix`](crate::roster::split_prefix).
        names: &'a [(&'a str, bool)],
    },
    /// Somebody left a channel.
    Part {
        /// Where.
        channel: &'a str,
        /// Who.
        nick: &'a str,
    },
    /// Somebody was put out of a channel. That is a departure like any other: a program whose user
    /// has put out a member, and means it, issues [`Command::Bar`] besides.
    Kick {
        /// Where.
        channel: &'a str,
        /// Who.
        nick: &'a str,
    },
    /// Somebody left the transport, and with it all channels.
    Quit {
        /// Who.
        nick: &'a str,
    },
    /// Somebody goes by another name.
    Nick {
        /// Until now.
        old: &'a str,
        /// From now on.
        new: &'a str,
    },
    /// The transport made somebody channel operator, or no longer.
    Operator {
        /// Where.
        channel: &'a str,
        /// Who.
        nick: &'a str,
        /// Whether it is one now.
        on: bool,
    },
    /// The transport told something about somebody.
    Detail {
        /// Where.
        channel: &'a str,
        /// Who.
        nick: &'a str,
        /// What.
        detail: Detail<'a>,
    },
    /// Somebody changed the topic of a channel. What the transport tells of it upon joining is no
    /// change.
    Topic {
        /// Where.
        channel: &'a str,
    },
    /// A line of text came.
    Line {
        /// Where.
        channel: &'a str,
        /// From whom.
        nick: &'a str,
        /// The text.
        text: &'a str,
    },
    /// A line of text came for the user alone.
    Private {
        /// From whom.
        nick: &'a str,
        /// The text.
        text: &'a str,
    },
    /// How the transport compares names. Before any channel is joined; later it is ignored.
    CaseMapping(CaseMapping),
    /// The longest text line, in characters, that the transport carries from this user.
    LineLength(usize),
    /// The connection is lost: the user is in no channel any more. Keys stay until it comes back.
    Disconnected,
}

/// What the user wants.
///
/// A conversation is named by the nick of its peer wherever a channel's name stands. So the two must
/// not look alike: those of IRC never do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Command<'a> {
    /// Say something: sealed, unless the channel was declared plain.
    Say {
        /// Where.
        channel: &'a str,
        /// 1 to [`TEXT_MAX`](keyrota_spec::limits::TEXT_MAX) bytes.
        text: &'a str,
        /// Whether to sign it; `None`: as its founder chose for the channel.
        signed: Option<bool>,
    },
    /// Talk with whoever is at a nick, in a conversation of two: asks that terminal for a key, if none
    /// is here. What is said meanwhile waits. If it is somebody with whom there is a conversation at
    /// another nick, that one goes on here (spec, 16-30).
    Converse {
        /// Whose.
        nick: &'a str,
    },
    /// End a conversation: its keys are wiped. If its peer speaks again it begins anew.
    Close {
        /// Whose.
        nick: &'a str,
    },
    /// Open the channel with a key of one's own, whatever was there: every other member must
    /// choose to follow.
    Found {
        /// Where.
        channel: &'a str,
    },
    /// Take the channel of this identifier for the one of its name, whatever was known of it, and
    /// ask for its key: how a user decides upon
    /// [`Notice::OtherChannel`](crate::Notice::OtherChannel).
    Follow {
        /// Where.
        channel: &'a str,
        /// As its members see it; compare it with them by another way.
        id: ChannelId,
    },
    /// Renew the key soon.
    Refresh {
        /// Where.
        channel: &'a str,
    },
    /// Ask for the key now instead of when the next attempt is due.
    Ask {
        /// Where.
        channel: &'a str,
    },
    /// Ask for an older key, though no text that is kept needs it, or though it was wiped: as
    /// [`Notice::Unreadable`](crate::Notice::Unreadable) names it, or a
    /// [`KeyId`](keyrota_spec::KeyId) by its [`hint`](keyrota_spec::KeyId::hint). Of several such
    /// wishes the last counts.
    AskOld {
        /// Where.
        channel: &'a str,
        /// Which key.
        key: KeyHint,
    },
    /// Wipe all keys but the newest, and the member key to which they may have been sealed.
    Forget {
        /// Where.
        channel: &'a str,
    },
    /// Change rights, as the user types it: see [`mode`](crate::mode). A member is named by the
    /// nickname under which it is, or was last, seen, or by its identifier, 32 hexadecimal digits.
    Mode {
        /// Where.
        channel: &'a str,
        /// For instance `+x2 hanako`.
        modes: &'a str,
    },
    /// Shut a member out for good: takes its seat, and seals a new key to the others at once.
    Bar {
        /// Where.
        channel: &'a str,
        /// Whom: its nickname, or its identifier, as in [`Command::Mode`]. By its identifier also one
        /// that was never here can be barred.
        nick: &'a str,
    },
    /// Let a barred member in again. What rights it had are not given back.
    Pardon {
        /// Where.
        channel: &'a str,
        /// Whom: its nickname, or its identifier, as in [`Command::Mode`].
        nick: &'a str,
    },
    /// Accept what the owner of this key issues: see
    /// [`Authentication::add_authority`](crate::Authentication::add_authority).
    AddAuthority {
        /// Its public key; of a user who vouches for others, the certificate key.
        key: Point,
    },
    /// Accept what the operator of the chat server issues: see
    /// [`Authentication::add_server`](crate::Authentication::add_server).
    AddServer {
        /// Its public key.
        key: Point,
    },
    /// No longer accept what the owner of this key issues or has issued.
    RemoveAuthority {
        /// Its public key.
        key: Point,
    },
    /// Give a name to a member, and to no other: as when it has a new key.
    Pin {
        /// Its name, as in its certificate.
        name: &'a str,
        /// Whom.
        member: MemberId,
    },
    /// Forget to whom a name belongs. Its owner, if present, is judged as if it had just come.
    Unpin {
        /// The name.
        name: &'a str,
    },
    /// No longer accept this member's certificate, anywhere, nor one for which it vouches; where it
    /// holds a key, exclude it. This is for good.
    Revoke {
        /// Whom.
        member: MemberId,
    },
    /// What to do with certificates for which only their own key vouches.
    SelfSigned(SelfSigned),
    /// Answer a [`Notice::Question`](crate::Notice::Question).
    Answer {
        /// About whom.
        member: MemberId,
        /// Whether to accept it under the name in the question, and to pin it. A refusal holds until
        /// the terminal ends; what shall hold longer is a [`Revoke`](Self::Revoke).
        accept: bool,
    },
    /// Whether texts go out as they are typed. Stays until changed, also across rejoining.
    Plain {
        /// Where.
        channel: &'a str,
        /// `true` declares the channel plain.
        on: bool,
    },
    /// Replace the settings of a channel.
    Configure {
        /// Where.
        channel: &'a str,
        /// All of them.
        settings: Settings,
    },
}

impl<'a> Command<'a> {
    /// The channel, or the nick of the peer, that it is about.
    pub(crate) fn place(&self) -> Option<&'a str> {
        match self {
            Self::Say { channel, .. }
            | Self::Found { channel }
            | Self::Follow { channel, .. }
            | Self::Refresh { channel }
            | Self::Ask { channel }
            | Self::AskOld { channel, .. }
            | Self::Forget { channel }
            | Self::Mode { channel, .. }
            | Self::Bar { channel, .. }
            | Self::Pardon { channel, .. }
            | Self::Plain { channel, .. }
            | Self::Configure { channel, .. } => Some(channel),
            Self::Converse { nick } | Self::Close { nick } => Some(nick),
            Self::AddAuthority { .. }
            | Self::AddServer { .. }
            | Self::RemoveAuthority { .. }
            | Self::Pin { .. }
            | Self::Unpin { .. }
            | Self::Revoke { .. }
            | Self::SelfSigned(_)
            | Self::Answer { .. } => None,
        }
    }
}
