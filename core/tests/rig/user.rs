//! A user of the rig: a terminal, what it showed, and the lines it sent.

use keyrota::spec::{Cause, KeyId, MemberId, armor};
use keyrota::{Config, Event, Fault, Identity, Notice, Now, Protection, Terminal, View};

use super::{CHANNEL, START, YEAR};

/// A text as it was shown: to whom it was attributed, what it said, how it was protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The channel, or the nick of a conversation's peer.
    pub place: String,
    pub name: Option<String>,
    pub text: String,
    pub protection: Protection,
    pub again: bool,
}

/// A line that went over the relay.
#[derive(Clone, Debug)]
pub struct Relayed {
    pub at: u64,
    pub nick: String,
    /// The channel, or the nick that it is for alone.
    pub to: String,
    pub text: String,
}

/// An event that waits for its user to go on.
pub(super) enum Missed {
    Join(String),
    Part(String),
    Quit(String),
    Nick(String, String),
    Line(String, String),
    Private(String, String),
}

impl Missed {
    pub(super) fn new(event: &Event<'_>) -> Option<Self> {
        Some(match *event {
            Event::Join { nick, .. } => Self::Join(nick.into()),
            Event::Part { nick, .. } => Self::Part(nick.into()),
            Event::Quit { nick } => Self::Quit(nick.into()),
            Event::Nick { old, new } => Self::Nick(old.into(), new.into()),
            Event::Line { nick, text, .. } => Self::Line(nick.into(), text.into()),
            Event::Private { nick, text } => Self::Private(nick.into(), text.into()),
            _ => return None,
        })
    }

    pub(super) fn event(&self) -> Event<'_> {
        let channel = CHANNEL;
        match self {
            Self::Join(nick) => Event::Join { channel, nick },
            Self::Part(nick) => Event::Part { channel, nick },
            Self::Quit(nick) => Event::Quit { nick },
            Self::Nick(old, new) => Event::Nick { old, new },
            Self::Line(nick, text) => Event::Line { channel, nick, text },
            Self::Private(nick, text) => Event::Private { nick, text },
        }
    }
}

impl Relayed {
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match armor::parse(&self.text)? {
            armor::Line::Whole(bytes) => Some(bytes),
            armor::Line::Part { .. } => None,
        }
    }

    /// The kind of a whole frame, the low half of its first byte.
    pub fn kind(&self) -> Option<u8> {
        self.bytes().and_then(|bytes| bytes.first().map(|byte| byte & 0x0f))
    }
}

pub struct User {
    pub nick: String,
    pub terminal: Terminal,
    pub shown: Vec<Shown>,
    pub notices: Vec<Notice>,
    /// In the channel, as the relay sees it.
    pub here: bool,
    /// Hears every line of the channel though it is not in it: the server lets it.
    pub listens: bool,
    /// On which side of a split network it is; all are on one while the network is whole.
    pub side: usize,
    /// Takes nothing in and does nothing, without having left.
    pub hung: bool,
    /// By how many seconds its wall clock is ahead of the world's; behind, if negative.
    pub skew: i64,
    /// What its program stored when it was last asked to.
    pub saved: Vec<u8>,
    /// What happened while it was hung.
    pub(super) missed: Vec<Missed>,
}

impl User {
    pub fn view(&self) -> View<'_> {
        self.terminal.channel(CHANNEL).expect("in the channel")
    }

    /// The conversation with whoever is at this nick.
    pub fn with(&self, peer: &str) -> View<'_> {
        self.terminal.channel(peer).expect("a conversation")
    }

    pub fn id(&self) -> MemberId {
        self.terminal.id()
    }

    pub fn current(&self) -> Option<KeyId> {
        self.terminal.channel(CHANNEL).and_then(|view| view.current())
    }

    pub fn sealing(&self) -> Option<KeyId> {
        self.terminal.channel(CHANNEL).and_then(|view| view.sealing())
    }

    pub fn cause(&self) -> Cause {
        self.view().record().expect("a record").cause
    }

    pub fn texts(&self) -> Vec<&str> {
        self.shown.iter().map(|shown| shown.text.as_str()).collect()
    }

    pub fn faults(&self) -> Vec<Fault> {
        let fault = |notice: &Notice| match notice {
            Notice::Fault { fault, .. } => Some(*fault),
            _ => None,
        };
        self.notices.iter().filter_map(fault).collect()
    }
}

/// The secret key of a user of these tests: any number but 0 is one.
pub fn secret(number: u8) -> [u8; 32] {
    let mut secret = [0; 32];
    secret[31] = number;
    secret[0] = 7;
    secret
}

pub fn identity(number: u8, name: &str) -> Identity {
    Identity::self_signed(&secret(number), name, START - 86_400, YEAR).expect("an identity")
}

pub fn terminal(number: u8, nick: &str, now: Now, adjust: impl FnOnce(&mut Config)) -> Terminal {
    terminal_of(number, nick, identity(number, nick), now, adjust)
}

/// Likewise, with this certificate.
pub(super) fn terminal_of(
    seed: u8,
    nick: &str,
    who: Identity,
    now: Now,
    adjust: impl FnOnce(&mut Config),
) -> Terminal {
    let mut config = Config::new(nick);
    config.line = 350;
    adjust(&mut config);
    Terminal::new(config, who, [seed; 32], now).expect("settings in their bounds")
}
