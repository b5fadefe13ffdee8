//! What goes into a terminal, as it stands in JSON: events, commands and settings (chapters 5, 10, 15).
//!
//! A choice is written as in [`json`](crate::json). Of settings, what is left out is as chapter 5 has
//! it by default.

use keyrota::roster::Detail as OwnDetail;
use keyrota::{self as own, Identity, Now, spec};
use serde::{Deserialize, Serialize};

use crate::hex::{Fixed, Hex};

/// What both clocks show: milliseconds of the monotonic one, and wall time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "what this says")]
pub struct Clocks {
    pub ms: u64,
    pub unix: u64,
}

impl From<Clocks> for Now {
    fn from(Clocks { ms, unix }: Clocks) -> Self {
        Self { ms, unix }
    }
}

/// With what a terminal begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// How it is called in these requests.
    pub terminal: String,
    /// See [`Clocks`].
    pub ms: u64,
    /// See [`Clocks`].
    pub unix: u64,
    /// Of the chains of chapter 1.
    pub seed: Fixed<32>,
    /// The private certificate key.
    pub secret: Fixed<32>,
    /// The certificate.
    pub certificate: Hex,
    /// The user's.
    pub nick: String,
    /// The line length.
    pub line: usize,
    /// What its channels start with.
    pub settings: Settings,
}

/// What happened on the transport.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "those of the core")]
pub enum Event {
    Join { channel: String, nick: String },
    Names { channel: String, names: Vec<Listed> },
    Part { channel: String, nick: String },
    Kick { channel: String, nick: String },
    Quit { nick: String },
    Nick { old: String, new: String },
    Operator { channel: String, nick: String, on: bool },
    Detail { channel: String, nick: String, detail: Detail },
    Topic { channel: String },
    Line { channel: String, nick: String, text: String },
    Private { nick: String, text: String },
    CaseMapping { mapping: String },
    LineLength { characters: usize },
    Disconnected,
}

/// One of a list of names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "what this says")]
pub struct Listed {
    pub nick: String,
    pub operator: bool,
}

/// What the transport told about an occupant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "those of the core")]
pub enum Detail {
    RealName(String),
    User(String),
    Host(String),
    Server(String),
    Channel(String),
    Idle(u64),
}

/// What the user wants. A conversation is named by the nick of its peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "those of the core")]
pub enum Command {
    Say { channel: String, text: String, signed: Option<bool> },
    Converse { nick: String },
    Close { nick: String },
    Found { channel: String },
    Follow { channel: String, id: Fixed<16> },
    Refresh { channel: String },
    Ask { channel: String },
    AskOld { channel: String, key: Fixed<3> },
    Forget { channel: String },
    Mode { channel: String, modes: String },
    Bar { channel: String, nick: String },
    Pardon { channel: String, nick: String },
    AddAuthority { key: Fixed<33> },
    AddServer { key: Fixed<33> },
    RemoveAuthority { key: Fixed<33> },
    Pin { name: String, member: Fixed<16> },
    Unpin { name: String },
    Revoke { member: Fixed<16> },
    SelfSigned { what: SelfSigned },
    Answer { member: Fixed<16>, accept: bool },
    Plain { channel: String, on: bool },
    Configure { channel: String, settings: Box<Settings> },
}

/// What to do with certificates for which only their own key vouches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "those of chapter 6")]
pub enum SelfSigned {
    Pin,
    Ask,
    Refuse,
}

/// The settings of a channel (chapter 5); what is not there is as by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "those of chapter 5")]
pub struct Settings {
    #[serde(skip_serializing_if = "is_default::found")]
    pub found: bool,
    #[serde(skip_serializing_if = "is_default::signed")]
    pub signed: bool,
    #[serde(skip_serializing_if = "is_default::password")]
    pub password: String,
    #[serde(skip_serializing_if = "is_default::keys")]
    pub keys: usize,
    #[serde(skip_serializing_if = "is_default::keep")]
    pub keep: Option<u32>,
    #[serde(skip_serializing_if = "is_default::old_keys")]
    pub old_keys: OldKeys,
    #[serde(skip_serializing_if = "is_default::lifetime")]
    pub lifetime: u16,
    #[serde(skip_serializing_if = "is_default::choice")]
    pub choice: Choice,
    #[serde(skip_serializing_if = "is_default::period")]
    pub period: Option<u32>,
    #[serde(skip_serializing_if = "is_default::messages")]
    pub messages: Option<u32>,
    #[serde(skip_serializing_if = "is_default::bytes")]
    pub bytes: Option<u32>,
    #[serde(skip_serializing_if = "is_default::growth")]
    pub growth: Option<u32>,
    #[serde(skip_serializing_if = "is_default::topic")]
    pub topic: bool,
    #[serde(skip_serializing_if = "is_default::idle")]
    pub idle: Option<u32>,
    #[serde(skip_serializing_if = "is_default::alone")]
    pub alone: bool,
    #[serde(skip_serializing_if = "is_default::rule")]
    pub rule: Rule,
    #[serde(skip_serializing_if = "is_default::rights")]
    pub rights: Rights,
    #[serde(skip_serializing_if = "is_default::renewer")]
    pub renewer: Renewer,
}

/// Who gets older keys.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "those of chapter 5")]
pub enum OldKeys {
    MembersThen,
    All,
}

/// Whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// At random.
    Random,
    /// By order of joining.
    Joined,
    /// The lowest by idle time, in seconds; nothing told counts as most.
    Idle,
}

/// The grant rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "those of chapter 10")]
pub enum Rule {
    FirstJoined { seats: u8 },
    Random { seats: u8 },
    Holders { picks: u8 },
    Operators,
    Server,
    ByHand,
}

/// Which rights the rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "those of chapter 8")]
pub struct Rights {
    pub update: bool,
    pub distribute: bool,
}

/// Who renews the key of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "those of chapter 16")]
pub enum Renewer {
    Either,
    LastSender,
    LastReceiver,
}

/// Whether a setting is as by default, one function each.
mod is_default {
    use super::{Choice, OldKeys, Renewer, Rights, Rule, Settings};

    macro_rules! is_default {
        ($($name:ident: $kind:ty,)*) => {
            $(pub(super) fn $name(value: &$kind) -> bool {
                *value == Settings::default().$name
            })*
        };
    }

    is_default! {
        found: bool, signed: bool, password: String, keys: usize, keep: Option<u32>,
        old_keys: OldKeys, lifetime: u16, choice: Choice, period: Option<u32>,
        messages: Option<u32>, bytes: Option<u32>, growth: Option<u32>, topic: bool,
        idle: Option<u32>, alone: bool, rule: Rule, rights: Rights, renewer: Renewer,
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            found: true,
            signed: true,
            password: String::new(),
            keys: 16,
            keep: None,
            old_keys: OldKeys::MembersThen,
            lifetime: 1_440,
            choice: Choice::Random,
            period: Some(3_600),
            messages: Some(1_000),
            bytes: None,
            growth: None,
            topic: false,
            idle: None,
            alone: false,
            rule: Rule::FirstJoined { seats: 3 },
            rights: Rights { update: true, distribute: true },
            renewer: Renewer::Either,
        }
    }
}

impl Settings {
    /// Those under which nobody is given a seat unasked.
    pub fn by_hand() -> Self {
        Self { rule: Rule::ByHand, ..Self::default() }
    }

    /// As the core has them.
    pub fn own(&self) -> own::Settings {
        let Self { period, messages, bytes, growth, topic, idle, alone, .. } = *self;
        own::Settings {
            found: self.found,
            signed: self.signed,
            password: self.password.clone(),
            keys: self.keys,
            keep: self.keep,
            old_keys: match self.old_keys {
                OldKeys::MembersThen => own::OldKeys::MembersThen,
                OldKeys::All => own::OldKeys::All,
            },
            lifetime: self.lifetime,
            choice: match self.choice {
                Choice::Random => own::Choice::Random,
                Choice::Joined => own::Choice::Joined,
                Choice::Idle => own::Choice::Lowest(|one| {
                    one.info.as_ref().and_then(|info| info.idle).unwrap_or(u64::MAX)
                }),
            },
            triggers: own::Triggers { period, messages, bytes, growth, topic, idle, alone },
            rule: match self.rule {
                Rule::FirstJoined { seats } => own::GrantRule::FirstJoined { seats },
                Rule::Random { seats } => own::GrantRule::Random { seats },
                Rule::Holders { picks } => own::GrantRule::Holders { picks },
                Rule::Operators => own::GrantRule::Operators,
                Rule::Server => own::GrantRule::Server,
                Rule::ByHand => own::GrantRule::ByHand,
            },
            rights: spec::Rights { update: self.rights.update, distribute: self.rights.distribute },
            renewer: match self.renewer {
                Renewer::Either => own::Renewer::Either,
                Renewer::LastSender => own::Renewer::LastSender,
                Renewer::LastReceiver => own::Renewer::LastReceiver,
            },
        }
    }
}

impl Beginning {
    /// Configuration and identity as the core has them; says what is wrong with the identity.
    ///
    /// # Errors
    /// The certificate is none, or of another key.
    pub fn own(&self) -> Result<(own::Config, Identity), String> {
        let mut config = own::Config::new(&self.nick);
        (config.line, config.channel) = (self.line, self.settings.own());
        let certificate = spec::Certificate::from_bytes(&self.certificate.0);
        let certificate = certificate.map_err(|why| why.to_string())?;
        let identity = Identity::certified(&self.secret.0, certificate);
        Ok((config, identity.map_err(|why| why.to_string())?))
    }
}

impl Event {
    /// Lets a terminal take it in.
    ///
    /// # Errors
    /// A way to compare names that the core does not know.
    pub fn tell(&self, terminal: &mut own::Terminal, now: Now) -> Result<Vec<own::Action>, String> {
        let names: Vec<(&str, bool)> = match self {
            Self::Names { names, .. } => {
                names.iter().map(|one| (one.nick.as_str(), one.operator)).collect()
            }
            _ => Vec::new(),
        };
        let event = match self {
            Self::Join { channel, nick } => own::Event::Join { channel, nick },
            Self::Names { channel, .. } => own::Event::Names { channel, names: &names },
            Self::Part { channel, nick } => own::Event::Part { channel, nick },
            Self::Kick { channel, nick } => own::Event::Kick { channel, nick },
            Self::Quit { nick } => own::Event::Quit { nick },
            Self::Nick { old, new } => own::Event::Nick { old, new },
            Self::Operator { channel, nick, on } => own::Event::Operator { channel, nick, on: *on },
            Self::Detail { channel, nick, detail } => {
                own::Event::Detail { channel, nick, detail: detail.own() }
            }
            Self::Topic { channel } => own::Event::Topic { channel },
            Self::Line { channel, nick, text } => own::Event::Line { channel, nick, text },
            Self::Private { nick, text } => own::Event::Private { nick, text },
            Self::CaseMapping { mapping } => {
                let known = own::casemap::CaseMapping::from_isupport(mapping);
                own::Event::CaseMapping(known.ok_or("no such way to compare names")?)
            }
            Self::LineLength { characters } => own::Event::LineLength(*characters),
            Self::Disconnected => own::Event::Disconnected,
        };
        Ok(terminal.handle(now, event).collect())
    }
}

impl Detail {
    fn own(&self) -> OwnDetail<'_> {
        match self {
            Self::RealName(name) => OwnDetail::RealName(name),
            Self::User(user) => OwnDetail::User(user),
            Self::Host(host) => OwnDetail::Host(host),
            Self::Server(server) => OwnDetail::Server(server),
            Self::Channel(channel) => OwnDetail::Channel(channel),
            Self::Idle(seconds) => OwnDetail::Idle(*seconds),
        }
    }
}

impl Command {
    /// As the core has it.
    pub fn own(&self) -> own::Command<'_> {
        use own::Command as Own;
        match self {
            Self::Say { channel, text, signed } => Own::Say { channel, text, signed: *signed },
            Self::Converse { nick } => Own::Converse { nick },
            Self::Close { nick } => Own::Close { nick },
            Self::Found { channel } => Own::Found { channel },
            Self::Follow { channel, id } => Own::Follow { channel, id: spec::ChannelId(id.0) },
            Self::Refresh { channel } => Own::Refresh { channel },
            Self::Ask { channel } => Own::Ask { channel },
            Self::AskOld { channel, key } => Own::AskOld { channel, key: spec::KeyHint(key.0) },
            Self::Forget { channel } => Own::Forget { channel },
            Self::Mode { channel, modes } => Own::Mode { channel, modes },
            Self::Bar { channel, nick } => Own::Bar { channel, nick },
            Self::Pardon { channel, nick } => Own::Pardon { channel, nick },
            Self::AddAuthority { key } => Own::AddAuthority { key: spec::Point(key.0) },
            Self::AddServer { key } => Own::AddServer { key: spec::Point(key.0) },
            Self::RemoveAuthority { key } => Own::RemoveAuthority { key: spec::Point(key.0) },
            Self::Pin { name, member } => Own::Pin { name, member: spec::MemberId(member.0) },
            Self::Unpin { name } => Own::Unpin { name },
            Self::Revoke { member } => Own::Revoke { member: spec::MemberId(member.0) },
            Self::SelfSigned { what } => Own::SelfSigned(match what {
                SelfSigned::Pin => own::SelfSigned::Pin,
                SelfSigned::Ask => own::SelfSigned::Ask,
                SelfSigned::Refuse => own::SelfSigned::Refuse,
            }),
            Self::Answer { member, accept } => {
                Own::Answer { member: spec::MemberId(member.0), accept: *accept }
            }
            Self::Plain { channel, on } => Own::Plain { channel, on: *on },
            Self::Configure { channel, settings } => {
                Own::Configure { channel, settings: settings.own() }
            }
        }
    }
}
