//! What comes out of a terminal, as it stands in JSON: actions and notices (chapter 12).
//!
//! `None` throughout for what this version of the protocol does not have.

use keyrota::spec::MemberId;
use keyrota::{Action, Fault, Notice, Protection, Rejection, Speaker, Voucher};
use serde_json::{Value, json};

use crate::hex::encode;
use crate::json::{Cause, Reason};

/// An action.
pub fn action(action: &Action) -> Option<Value> {
    Some(match action {
        Action::Save => json!("save"),
        Action::Send { channel, text } => json!({"send": {"channel": &**channel, "text": text}}),
        Action::Show { channel, from, text, protection, again } => json!({"show": {
            "channel": &**channel,
            "from": speaker(from)?,
            "text": text,
            "protection": match protection {
                Protection::Plain => "plain",
                Protection::Sealed => "sealed",
                Protection::OldKey => "old_key",
                _ => return None,
            },
            "again": again,
        }}),
        Action::Notice { channel, notice: what } => {
            json!({"notice": {"channel": channel.as_deref(), "what": notice(what)?}})
        }
        _ => return None,
    })
}

fn speaker(speaker: &Speaker) -> Option<Value> {
    Some(match speaker {
        Speaker::Member { id, name, nick } => {
            json!({"member": {"id": encode(id.0), "name": &**name, "nick": &**nick}})
        }
        Speaker::Somebody { nick } => json!({"somebody": {"nick": &**nick}}),
        _ => return None,
    })
}

fn notice(notice: &Notice) -> Option<Value> {
    let id = |member: &MemberId| encode(member.0);
    Some(match notice {
        Notice::Founded(channel) => json!({"founded": {"id": encode(channel.0)}}),
        Notice::Pinned(channel) => json!({"pinned": {"id": encode(channel.0)}}),
        Notice::OtherChannel { pinned, met } => {
            json!({"other_channel": {"pinned": encode(pinned.0), "met": encode(met.0)}})
        }
        Notice::Moved(nick) => json!({"moved": {"nick": &**nick}}),
        Notice::AlsoAt(nick) => json!({"also_at": {"nick": &**nick}}),
        Notice::Current { key, author, cause } => json!({"current": {
            "key": encode(key.0),
            "author": id(author),
            "cause": Cause::of(*cause)?,
        }}),
        Notice::Keyed(key) => json!({"keyed": {"key": encode(key.0)}}),
        Notice::OldKey(key) => json!({"old_key": {"key": encode(key.0)}}),
        Notice::Rights(modes) => json!({"rights": {"modes": modes}}),
        Notice::ServerMovesRights => json!("server_moves_rights"),
        Notice::Lost(modes) => json!({"lost": {"modes": modes}}),
        Notice::Barred { member, on } => json!({"barred": {"member": id(member), "on": on}}),
        Notice::Seen { member, name, nick, vouched } => json!({"seen": {
            "member": id(member),
            "name": &**name,
            "nick": &**nick,
            "vouched": match vouched {
                Voucher::Itself => "itself",
                Voucher::User => "user",
                Voucher::Authority => "authority",
                Voucher::Server => "server",
                _ => return None,
            },
        }}),
        Notice::Question { member, name, nick, asks, pinned } => json!({"question": {
            "member": id(member),
            "name": &**name,
            "nick": &**nick,
            "asks": asks,
            "pinned": pinned.as_ref().map(id),
        }}),
        Notice::Withdrawn(member) => json!({"withdrawn": {"member": id(member)}}),
        Notice::Asked(member) => json!({"asked": {"member": member.as_ref().map(id)}}),
        Notice::Granted(member) => json!({"granted": {"member": id(member)}}),
        Notice::Tolerated(member) => json!({"tolerated": {"member": id(member)}}),
        Notice::Refused { nick, reason } => {
            json!({"refused": {"nick": &**nick, "reason": Reason::of(*reason)?}})
        }
        Notice::NobodyAnswers => json!("nobody_answers"),
        Notice::NobodyCanRenew(cause) => json!({"nobody_can_renew": {"cause": Cause::of(*cause)?}}),
        Notice::Unsent(text) => json!({"unsent": {"text": text}}),
        Notice::Unreadable { key, texts } => {
            json!({"unreadable": {"key": encode(key.0), "texts": texts}})
        }
        Notice::Missing { member, texts } => {
            json!({"missing": {"member": id(member), "texts": texts}})
        }
        Notice::Fault { nick, fault: what } => {
            json!({"fault": {"nick": &**nick, "what": fault(*what)?}})
        }
        Notice::Clone => json!("clone"),
        Notice::SignedTwice(evidence) => {
            json!({"signed_twice": {"evidence": encode(evidence.to_bytes())}})
        }
        Notice::Overflow => json!("overflow"),
        _ => return None,
    })
}

fn fault(fault: Fault) -> Option<Value> {
    let name = match fault {
        // Which of several things is wrong with the bytes is not fixed.
        Fault::Malformed(_) => "malformed",
        Fault::Certificate(why) => return Some(json!({"certificate": rejection(why)?})),
        Fault::Signature => "signature",
        Fault::Future => "future",
        Fault::Repeat => "repeat",
        Fault::Channel => "channel",
        Fault::Unopened => "unopened",
        Fault::Content => "content",
        Fault::Flood => "flood",
        _ => return None,
    };
    Some(json!(name))
}

/// Why a certificate is not accepted (chapter 12).
pub fn rejection(why: Rejection) -> Option<&'static str> {
    Some(match why {
        Rejection::Time => "time",
        Rejection::UnknownIssuer => "unknown_issuer",
        Rejection::Signature => "signature",
        Rejection::Revoked => "revoked",
        Rejection::SelfSigned => "self_signed",
        Rejection::Pinned => "pinned",
        Rejection::PinsFull => "pins_full",
        Rejection::Undecided => "undecided",
        Rejection::Declined => "declined",
        _ => return None,
    })
}
