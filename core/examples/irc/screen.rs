//! What the user of the IRC example reads: texts, and what happened, in words.

use keyrota::spec::Cause;
use keyrota::{Fingerprint, Notice, Protection, Speaker, Voucher};

/// A text as it is shown.
pub(crate) fn text(from: &Speaker, text: &str, protection: Protection, again: bool) -> String {
    let mark = match protection {
        Protection::Sealed => "",
        Protection::OldKey => "[old key] ",
        _ => "[not encrypted] ",
    };
    let speaker = match from {
        Speaker::Member { name, nick, .. } if name == nick => name.to_string(),
        Speaker::Member { name, nick, .. } => format!("{name}, here {nick}"),
        // No signature says who it was.
        Speaker::Somebody { nick } => format!("{nick}?"),
        _ => "?".to_owned(),
    };
    // It came before the terminal was started, perhaps.
    let mark = if again { format!("[again?] {mark}") } else { mark.to_owned() };
    printable(&format!("{mark}<{speaker}> {text}"))
}

/// A notice as it is shown; `None` if it is nothing to a user.
pub(crate) fn notice(notice: &Notice) -> Option<String> {
    let words = match notice {
        Notice::Founded(id) => {
            format!("you opened this channel; its fingerprint is {}", Fingerprint::from(*id))
        }
        Notice::Pinned(id) => {
            format!("joined for the first time; the fingerprint is {}", Fingerprint::from(*id))
        }
        Notice::OtherChannel { pinned, met } => format!(
            "another channel of this name was met: {met}, yours is {pinned}; only one of them \
             is the one you want"
        ),
        Notice::Moved(nick) => format!("this goes on at {nick}"),
        Notice::AlsoAt(nick) => {
            format!("whoever you talk with here may be at {nick} too: /msg {nick} goes on there")
        }
        Notice::Keyed(key) => format!("key {key}"),
        Notice::OldKey(key) => format!("older key {key}"),
        Notice::Rights(list) => format!("rights: {list}"),
        Notice::Barred { member, on: true } => format!("barred: {member}"),
        Notice::Barred { member, on: false } => format!("no longer barred: {member}"),
        Notice::Seen { member, name, nick, vouched } => {
            format!("{nick} is {name}, {}{}", Fingerprint::from(*member), on_word_of(*vouched))
        }
        Notice::Question { member, name, nick, asks, pinned } => {
            let wants = if *asks { "asks for the key" } else { "wants to be heard" };
            let other = pinned.map_or(String::new(), |other| {
                format!("; BUT THAT NAME IS TAKEN BY {}", Fingerprint::from(other))
            });
            let print = Fingerprint::from(*member);
            format!("{nick} says to be {name}, {print}, and {wants}{other}: /yes or /no {print}")
        }
        Notice::Withdrawn(member) => {
            format!("no need to answer about {} any more", Fingerprint::from(*member))
        }
        Notice::Tolerated(member) => {
            let member = Fingerprint::from(*member);
            format!("others gave the key to {member}, whom you do not accept: they read along")
        }
        Notice::NobodyAnswers => {
            "nobody answers: /found opens the channel, /ask asks again, /plain on declares it \
             plain"
                .to_owned()
        }
        Notice::NobodyCanRenew(Cause::Exclusion) => {
            "somebody who left can read on, and nobody here may renew the key".to_owned()
        }
        Notice::NobodyCanRenew(Cause::Missing) => {
            "no key is here, and nobody who may make one: /found opens the channel anew".to_owned()
        }
        Notice::NobodyCanRenew(_) => "the key is due, and nobody here may renew it".to_owned(),
        Notice::Unsent(text) => format!("not sent, for want of a key: {text}"),
        Notice::Unreadable { texts, .. } => format!("{texts} texts stay unreadable"),
        Notice::Missing { member, texts } => format!("{texts} texts of {member} did not come"),
        Notice::Refused { nick, reason } => format!("{nick} gives no key: {reason:?}"),
        Notice::Clone => "SOMEBODY ELSE USES YOUR IDENTITY".to_owned(),
        // The rest is how it works, not what it means.
        _ => return None,
    };
    Some(status(&words))
}

/// Who says so, besides the member itself.
fn on_word_of(vouched: Voucher) -> &'static str {
    match vouched {
        Voucher::Itself => "",
        Voucher::User => ", for whom you vouch",
        Voucher::Server => ", if the operator of the server is right",
        _ => ", on the word of an authority",
    }
}

/// What is not said by anyone in the channel.
pub(crate) fn status(words: &str) -> String {
    printable(&format!("-- {words}"))
}

/// Without control characters, with which a peer could write anywhere on the terminal.
fn printable(line: &str) -> String {
    line.replace(char::is_control, "\u{fffd}")
}
