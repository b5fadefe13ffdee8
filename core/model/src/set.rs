//! Settings of a channel as a script names them: `/set NAMES WHAT VALUE`.

use std::fmt;

use keyrota::spec::Rights;
use keyrota::{GrantRule, OldKeys, Renewer, Settings};

/// One setting, and what it is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// `period SECONDS|off`
    Period(Option<u32>),
    /// `messages COUNT|off`
    Messages(Option<u32>),
    /// `bytes COUNT|off`
    Bytes(Option<u32>),
    /// `growth COUNT|off`
    Growth(Option<u32>),
    /// `idle SECONDS|off`
    Idle(Option<u32>),
    /// `topic on|off`
    Topic(bool),
    /// `alone on|off`
    Alone(bool),
    /// `lifetime MINUTES`
    Lifetime(u16),
    /// `keys COUNT`
    Keys(usize),
    /// `keep SECONDS|off`
    Keep(Option<u32>),
    /// `old-keys members|all`
    OldKeys(OldKeys),
    /// `rule first SEATS|random SEATS|holders PICKS|operators|server|hand`
    Rule(GrantRule),
    /// `rights d|x|dx`
    Rights(Rights),
    /// `renewer either|sender|receiver`, in conversations
    Renewer(Renewer),
    /// `signed on|off`
    Signed(bool),
    /// `found on|off`
    Found(bool),
}

impl Set {
    /// When keys are renewed unasked, unless users say otherwise.
    pub(crate) const USUAL: [Self; 8] = [
        Self::Period(Some(3_600)),
        Self::Messages(Some(1_000)),
        Self::Bytes(None),
        Self::Growth(None),
        Self::Idle(None),
        Self::Topic(false),
        Self::Alone(false),
        Self::Lifetime(1_440),
    ];

    /// Changes this one of them.
    pub fn change(self, settings: &mut Settings) {
        let triggers = &mut settings.triggers;
        match self {
            Self::Period(seconds) => triggers.period = seconds,
            Self::Messages(count) => triggers.messages = count,
            Self::Bytes(count) => triggers.bytes = count,
            Self::Growth(count) => triggers.growth = count,
            Self::Idle(seconds) => triggers.idle = seconds,
            Self::Topic(on) => triggers.topic = on,
            Self::Alone(on) => triggers.alone = on,
            Self::Lifetime(minutes) => settings.lifetime = minutes,
            Self::Keys(count) => settings.keys = count,
            Self::Keep(seconds) => settings.keep = seconds,
            Self::OldKeys(whom) => settings.old_keys = whom,
            Self::Rule(rule) => settings.rule = rule,
            Self::Rights(rights) => settings.rights = rights,
            Self::Renewer(renewer) => settings.renewer = renewer,
            Self::Signed(on) => settings.signed = on,
            Self::Found(on) => settings.found = on,
        }
    }

    /// Reads what [`Display`](fmt::Display) writes; `None` if it is nothing of the kind.
    pub fn parse(words: &[&str]) -> Option<Self> {
        Some(match *words {
            ["period", word] => Self::Period(count(word)?),
            ["messages", word] => Self::Messages(count(word)?),
            ["bytes", word] => Self::Bytes(count(word)?),
            ["growth", word] => Self::Growth(count(word)?),
            ["idle", word] => Self::Idle(count(word)?),
            ["topic", word] => Self::Topic(switch(word)?),
            ["alone", word] => Self::Alone(switch(word)?),
            ["lifetime", word] => Self::Lifetime(word.parse().ok()?),
            ["keys", word] => Self::Keys(word.parse().ok()?),
            ["keep", word] => Self::Keep(count(word)?),
            ["old-keys", "members"] => Self::OldKeys(OldKeys::MembersThen),
            ["old-keys", "all"] => Self::OldKeys(OldKeys::All),
            ["rule", ref rule @ ..] => Self::Rule(parse_rule(rule)?),
            ["rights", "d"] => Self::Rights(Rights { distribute: true, update: false }),
            ["rights", "x"] => Self::Rights(Rights { distribute: false, update: true }),
            ["rights", "dx"] => Self::Rights(Rights::BOTH),
            ["renewer", "either"] => Self::Renewer(Renewer::Either),
            ["renewer", "sender"] => Self::Renewer(Renewer::LastSender),
            ["renewer", "receiver"] => Self::Renewer(Renewer::LastReceiver),
            ["signed", word] => Self::Signed(switch(word)?),
            ["found", word] => Self::Found(switch(word)?),
            _ => return None,
        })
    }
}

fn parse_rule(words: &[&str]) -> Option<GrantRule> {
    Some(match *words {
        ["first", seats] => GrantRule::FirstJoined { seats: seats.parse().ok()? },
        ["random", seats] => GrantRule::Random { seats: seats.parse().ok()? },
        ["holders", picks] => GrantRule::Holders { picks: picks.parse().ok()? },
        ["operators"] => GrantRule::Operators,
        ["server"] => GrantRule::Server,
        ["hand"] => GrantRule::ByHand,
        _ => return None,
    })
}

/// `off`, or a number; `None` if it is neither.
fn count(word: &str) -> Option<Option<u32>> {
    if word == "off" { Some(None) } else { word.parse().ok().map(Some) }
}

/// `on`, or `off`.
pub(crate) fn switch(word: &str) -> Option<bool> {
    match word {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// As [`switch`] reads it.
pub(crate) fn on(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, number) = match *self {
            Self::Period(number) => ("period", number),
            Self::Messages(number) => ("messages", number),
            Self::Bytes(number) => ("bytes", number),
            Self::Growth(number) => ("growth", number),
            Self::Idle(number) => ("idle", number),
            Self::Keep(number) => ("keep", number),
            Self::Topic(is) => return write!(f, "topic {}", on(is)),
            Self::Alone(is) => return write!(f, "alone {}", on(is)),
            Self::Signed(is) => return write!(f, "signed {}", on(is)),
            Self::Found(is) => return write!(f, "found {}", on(is)),
            Self::Lifetime(minutes) => return write!(f, "lifetime {minutes}"),
            Self::Keys(keys) => return write!(f, "keys {keys}"),
            Self::OldKeys(OldKeys::All) => return f.write_str("old-keys all"),
            Self::OldKeys(_) => return f.write_str("old-keys members"),
            Self::Renewer(Renewer::LastSender) => return f.write_str("renewer sender"),
            Self::Renewer(Renewer::LastReceiver) => return f.write_str("renewer receiver"),
            Self::Renewer(_) => return f.write_str("renewer either"),
            Self::Rule(rule) => return write_rule(f, rule),
            Self::Rights(rights) => {
                let (d, x) = (rights.distribute, rights.update);
                return write!(
                    f,
                    "rights {}{}",
                    if d { "d" } else { "" },
                    if x { "x" } else { "" }
                );
            }
        };
        match number {
            Some(number) => write!(f, "{what} {number}"),
            None => write!(f, "{what} off"),
        }
    }
}

fn write_rule(f: &mut fmt::Formatter<'_>, rule: GrantRule) -> fmt::Result {
    match rule {
        GrantRule::FirstJoined { seats } => write!(f, "rule first {seats}"),
        GrantRule::Random { seats } => write!(f, "rule random {seats}"),
        GrantRule::Holders { picks } => write!(f, "rule holders {picks}"),
        GrantRule::Operators => f.write_str("rule operators"),
        GrantRule::Server => f.write_str("rule server"),
        _ => f.write_str("rule hand"),
    }
}
