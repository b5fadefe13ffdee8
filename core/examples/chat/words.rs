//! What terminals tell and know, in words.

use keyrota::spec::{Cause, Refused, Rights};
use keyrota::{Fault, Fingerprint, Notice, Protection, Rejection, Speaker, View};

use crate::relay::{CHANNEL, Relay, User};

/// The beginning of an identifier, by which people tell it from others.
pub(crate) fn short_id(id: impl ToString) -> String {
    id.to_string().chars().take(6).collect()
}

/// Why a key was made.
pub(crate) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Founding => "the channel is opened",
        Cause::Period => "the last one's period is over",
        Cause::Messages | Cause::Bytes => "enough was said under the last one",
        Cause::Growth => "the channel has grown",
        Cause::Topic => "the topic has changed",
        Cause::Idle => "nobody has spoken for long",
        Cause::Wish => "somebody wished it",
        Cause::Alone => "only one member is left",
        Cause::Lifetime => "the last one expires",
        Cause::Exclusion => "somebody who has the last one is out",
        Cause::List => "rights have changed",
        Cause::Missing => "nobody gave the last one",
        _ => "for a reason of its own",
    }
}

/// A text as its reader sees it.
pub(crate) fn shown(from: &Speaker, text: &str, protection: Protection) -> String {
    let who = match from {
        Speaker::Member { name, nick, .. } if name == nick => format!("<{name}>"),
        Speaker::Member { name, nick, .. } => format!("<{name}, here {nick}>"),
        Speaker::Somebody { nick } => format!("<{nick}?>"),
        _ => "<?>".into(),
    };
    let mark = match protection {
        Protection::Sealed => "",
        Protection::OldKey => " [under an old key]",
        Protection::Plain => " [PLAIN: the server can read this, and can have written it]",
        _ => " [?]",
    };
    format!("read {who} {text}{mark}")
}

/// What a user is told; `None` for what the program shows in another way.
pub(crate) fn notice(notice: &Notice, relay: &Relay) -> Option<String> {
    Some(match notice {
        Notice::Founded(id) => {
            format!("opened the channel; its fingerprint is {}", Fingerprint::from(*id))
        }
        Notice::Pinned(id) => {
            format!("took {} for the channel from now on: first contact", Fingerprint::from(*id))
        }
        Notice::Question { name, asks, pinned, .. } => {
            let wants = if *asks { "let in" } else { "heard" };
            let other = if pinned.is_some() { ", whose key it is not so far," } else { "" };
            format!("was asked whether {name}{other} is to be {wants}")
        }
        Notice::Withdrawn(_) => "need not answer any more".into(),
        Notice::OtherChannel { pinned, met } => format!(
            "stayed with the channel {}; another of its name is here, {}",
            short_id(pinned),
            short_id(met)
        ),
        Notice::Rights(line) => format!("heard of rights: {}", relay.named(line)),
        Notice::Barred { member, on: true } => {
            format!("heard that {} is barred", relay.name(member))
        }
        Notice::Barred { member, on: false } => {
            format!("heard that {} is pardoned", relay.name(member))
        }
        Notice::Asked(None) => "asked for the key".into(),
        Notice::Asked(Some(whom)) => format!("asked {} for a key", relay.name(whom)),
        Notice::Granted(to) => format!("sealed the key to {}", relay.name(to)),
        Notice::Refused { nick, reason } => {
            format!("got no key from {nick}: {}", refused(*reason))
        }
        Notice::NobodyAnswers => "got no answer".into(),
        Notice::NobodyCanRenew(_) => "was told that nobody present can renew the key".into(),
        Notice::Unsent(text) => format!("got back unsent, for want of a key: {text}"),
        Notice::Unreadable { texts, .. } => {
            format!("gave up {texts} of the texts that came under a key not given")
        }
        Notice::Missing { member, texts } => {
            format!("missed {texts} of the texts of {}", relay.name(member))
        }
        Notice::Fault { nick, fault: Fault::Certificate(why) } => {
            format!("did not accept the certificate of {nick}: {}", rejection(*why))
        }
        Notice::Fault { nick, fault } => format!("did not accept a line of {nick}: {fault:?}"),
        Notice::Clone => "was told that somebody else uses its key".into(),
        Notice::Overflow => "was told more than it has room for".into(),
        // Keys are shown for all members together; that somebody was seen, its texts show.
        Notice::Current { .. } | Notice::Keyed(_) | Notice::Seen { .. } => return None,
        other => format!("was told: {other:?}"),
    })
}

fn refused(why: Refused) -> &'static str {
    match why {
        Refused::Certificate => "the certificate is not accepted",
        Refused::Barred => "barred",
        Refused::Key => "not there, or not for who was not a member then",
        _ => "for a reason of its own",
    }
}

fn rejection(why: Rejection) -> &'static str {
    match why {
        Rejection::Pinned => "the name belongs to another key",
        Rejection::Revoked => "revoked",
        Rejection::Declined => "declined",
        Rejection::Time => "not valid at this time",
        _ => "nobody known vouches for it",
    }
}

/// What a terminal knows.
pub(crate) fn state(relay: &Relay, user: &User) -> String {
    let state = match (user.here, user.has_stopped()) {
        (true, false) => "is in the channel",
        (true, true) => "is in the channel, and has stopped",
        (false, _) => "is not in the channel",
    };
    let view = user.terminal.channel(CHANNEL).filter(|_| user.here);
    let known = view.map_or(String::new(), |view| known(relay, &view));
    format!("  {} {state}{known}", user.nick)
}

fn known(relay: &Relay, view: &View<'_>) -> String {
    let plain = if view.is_plain() { "; speaks PLAIN" } else { "" };
    let Some(record) = view.record() else { return format!("{plain}; has no key") };
    let key = view.current().map_or(String::new(), short_id);
    let missing = if view.sealing() == view.current() { "" } else { ", which it cannot use" };
    let order: Vec<String> = view.order().iter().map(|id| relay.name(id)).collect();
    let entries = record.list.entries().iter();
    let list: Vec<String> = entries
        .map(|entry| format!("{} {}", relay.name(&entry.id), rights(entry.rights)))
        .collect();
    let (order, list) = (order.join(", "), list.join(", "));
    format!("{plain}; key {key}{missing}; order: {order}; list: {list}")
}

fn rights(rights: Rights) -> &'static str {
    match (rights.distribute, rights.update) {
        (true, true) => "+dx",
        (true, false) => "+d",
        (false, true) => "+x",
        (false, false) => "barred",
    }
}
