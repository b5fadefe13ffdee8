//! What the user sets: for the terminal, and for each channel (R-KEY-3, R-OBT-2, R-DIS-4, R-UPD-2,
//! R-ROS-4, R-ROS-5, R-ROS-8, R-ONE-2).
//!
//! Spec: chapter 5 for the defaults.

use alloc::string::String;
use core::fmt;

use keyrota_spec::Rights;
use keyrota_spec::limits::{
    KEYS, KEYS_MAX, LIFETIME_MAX_MINUTES, LIFETIME_MINUTES, LINE_MIN, SEATS_MAX,
};

use crate::authentication::Authentication;
use crate::casemap::CaseMapping;
use crate::roster::Occupant;

/// Settings of a terminal.
#[derive(Clone, Debug)]
pub struct Config {
    /// The user's nickname on the transport when the terminal starts.
    pub nick: String,
    /// How the transport compares names. Of a restored terminal the saved way counts.
    pub casemapping: CaseMapping,
    /// Longest text line in characters that the transport carries; see
    /// [`LINE_MIN`] and [`LINE_MAX`](keyrota_spec::limits::LINE_MAX).
    pub line: usize,
    /// Whose certificates are accepted.
    pub authentication: Authentication,
    /// What channels start with.
    pub channel: Settings,
}

impl Config {
    /// Defaults for a user of this nickname: pin self-signed certificates on first use.
    pub fn new(nick: &str) -> Self {
        Self {
            nick: nick.into(),
            casemapping: CaseMapping::default(),
            line: LINE_MIN,
            authentication: Authentication::default(),
            channel: Settings::default(),
        }
    }
}

/// Settings of a channel.
#[derive(Clone)]
pub struct Settings {
    /// Whether an empty channel is opened, with a key of one's own, upon joining it.
    pub found: bool,
    /// Whether texts are signed in channels that this terminal opens.
    pub signed: bool,
    /// What new keys are mixed with besides randomness; may be empty. Unlike keys it is not wiped.
    pub password: String,
    /// Keys kept, 1 to [`KEYS_MAX`](keyrota_spec::limits::KEYS_MAX); the oldest go first.
    pub keys: usize,
    /// For how many seconds a key is kept after a newer one came, 1 or more; `None`: until there are
    /// more than `keys`. The newest is always kept.
    pub keep: Option<u32>,
    /// Who is handed an older key that it asks for.
    pub old_keys: OldKeys,
    /// How long keys made here may seal texts, in minutes, 1 to
    /// [`LIFETIME_MAX_MINUTES`](keyrota_spec::limits::LIFETIME_MAX_MINUTES).
    pub lifetime: u16,
    /// Whom to ask for a key.
    pub choice: Choice,
    /// What makes a key due for renewal.
    pub triggers: Triggers,
    /// Who is given rights unasked.
    pub rule: GrantRule,
    /// Which rights the rule gives: both, or one of them.
    pub rights: Rights,
    /// In a conversation: which of the two renews the key.
    pub renewer: Renewer,
}

/// Without the password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Settings");
        out.field("found", &self.found).field("signed", &self.signed);
        out.field("keys", &self.keys).field("keep", &self.keep);
        out.field("old_keys", &self.old_keys).field("lifetime", &self.lifetime);
        out.field("choice", &self.choice).field("triggers", &self.triggers);
        out.field("rule", &self.rule).field("rights", &self.rights);
        out.field("renewer", &self.renewer).finish_non_exhaustive()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            found: true,
            signed: true,
            password: String::new(),
            keys: KEYS,
            keep: None,
            old_keys: OldKeys::MembersThen,
            lifetime: LIFETIME_MINUTES,
            choice: Choice::Random,
            triggers: Triggers::default(),
            rule: GrantRule::FirstJoined { seats: 3 },
            rights: Rights::BOTH,
            renewer: Renewer::Either,
        }
    }
}

/// Who is handed an older key that it asks for by its identifier (R-DIS-4).
///
/// Who asks must be allowed the newest key in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OldKeys {
    /// Who was a member when the key was the newest, and has been one since.
    MembersThen,
    /// Everybody: who comes in can read what was said before, if somebody kept the lines.
    All,
}

/// Which of the members present that may hand out the key is asked first (R-OBT-2).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Choice {
    /// Any.
    Random,
    /// Who joined first.
    Joined,
    /// Who scores lowest; of equals, who joined first. For instance by idle time or server.
    Lowest(fn(&Occupant) -> u64),
}

/// What makes a key due for renewal, each alone or together: the first that fires (R-UPD-2).
///
/// What is `None` or `false` never fires. A user's wish, the end of the lifetime, and whatever calls
/// for a key sealed anew, such as a departure, always do. All count from when the current record
/// became so, and none renews a key that is not a minute old. Each terminal goes by its own: those
/// behind the first in the updating order wait their turn after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triggers {
    /// So many seconds have passed.
    pub period: Option<u32>,
    /// So many texts and controls were sealed or opened here.
    pub messages: Option<u32>,
    /// Their content comes to so many bytes.
    pub bytes: Option<u32>,
    /// So many more have joined than left, members or not. The server can make this up.
    pub growth: Option<u32>,
    /// The topic changed. The server can make this up.
    pub topic: bool,
    /// So many seconds have passed since the last text: once for each silence.
    pub idle: Option<u32>,
    /// All others have left, and none of them held the key: who did is excluded upon leaving anyway.
    /// The server can make this up.
    pub alone: bool,
}

impl Triggers {
    /// Nothing but what always fires.
    pub const NEVER: Self = Self {
        period: None,
        messages: None,
        bytes: None,
        growth: None,
        topic: false,
        idle: None,
        alone: false,
    };
}

impl Default for Triggers {
    /// Every hour, or 1,000 messages.
    fn default() -> Self {
        Self { period: Some(3_600), messages: Some(1_000), ..Self::NEVER }
    }
}

/// To whom a terminal whose seat may change the list gives rights unasked (R-ROS-4, R-ROS-5, R-ROS-8).
///
/// Spec: chapter 10, "The grant rule". Whatever the rule, the user's own commands count besides, and
/// whom they took a right from the rule passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantRule {
    /// Keeps this many present members seated, in order of joining, so that the channel outlives
    /// whoever opened it. The first in the updating order does so.
    FirstJoined {
        /// 1 to [`SEATS_MAX`](keyrota_spec::limits::SEATS_MAX), one's own seat included.
        seats: u8,
    },
    /// Likewise, members chosen at random.
    Random {
        /// 1 to [`SEATS_MAX`](keyrota_spec::limits::SEATS_MAX), one's own seat included.
        seats: u8,
    },
    /// Each that holds the rights picks others: keeps this many present members seated behind its
    /// own seat, in order of joining. Those pick in their turn, so seats grow in number.
    Holders {
        /// 1 to [`SEATS_MAX`](keyrota_spec::limits::SEATS_MAX) less one.
        picks: u8,
    },
    /// Whoever opened the channel, and whom the user makes operator by the command `+o`, which may
    /// then also name somebody who has not introduced itself yet: the member gets its rights when it
    /// does, if its certificate says the name that the user did.
    Operators,
    /// Whom *the server* calls channel operator, as long as it does. **The server moves rights then**:
    /// it can seat any member whose certificate is accepted, and with the rights come the keys. Not
    /// for who distrusts it; the user is told by
    /// [`Notice::ServerMovesRights`](crate::Notice::ServerMovesRights).
    Server,
    /// Nobody: whoever opened the channel holds the rights, alone until it gives some by hand.
    ByHand,
}

/// Which of the two in a conversation renews the key when it is due; if that one is silent, the
/// other does (R-ONE-2). The two need not have set the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewer {
    /// Either, as the updating order of the key's record says.
    #[default]
    Either,
    /// Who spoke last.
    LastSender,
    /// Who was spoken to last.
    LastReceiver,
}

impl Settings {
    /// Whether every one of them is within its bounds.
    pub(crate) fn in_bounds(&self) -> bool {
        let seats = match self.rule {
            GrantRule::FirstJoined { seats } | GrantRule::Random { seats } => {
                (1..=SEATS_MAX).contains(&seats.into())
            }
            GrantRule::Holders { picks } => (1..SEATS_MAX).contains(&picks.into()),
            GrantRule::Operators | GrantRule::Server | GrantRule::ByHand => true,
        };
        let Triggers { period, messages, bytes, growth, idle, .. } = self.triggers;
        seats
            && self.rights.any()
            && [period, messages, bytes, growth, idle].iter().all(|number| *number != Some(0))
            && (1..=KEYS_MAX).contains(&self.keys)
            && self.keep != Some(0)
            && (1..=LIFETIME_MAX_MINUTES).contains(&self.lifetime)
            && self.password.len() <= usize::from(u16::MAX)
    }
}
