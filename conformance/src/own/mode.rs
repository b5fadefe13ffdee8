//! MODE commands and changes of the list (chapter 10).

use keyrota::mode::{self, ModeChange, Modes};
use keyrota::parts::{self, Wish};
use keyrota::spec::MemberId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::derive::record;
use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Fixed, Hex, encode};
use crate::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parse {
    line: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Write {
    channel: Option<String>,
    changes: Vec<Change>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Change {
    on: bool,
    mode: Letter,
    nick: Option<String>,
    place: Option<u8>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Letter {
    Distribute,
    Update,
    Both,
    Sealed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Apply {
    record: Hex,
    author: Fixed<16>,
    line: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bar {
    record: Hex,
    author: Fixed<16>,
    member: Fixed<16>,
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "mode.parse" => {
            let Parse { line } = input(fields)?;
            let modes = mode::parse(&line).map_err(|_| No::Invalid("mode"))?;
            let changes: Option<Vec<Change>> = modes.changes.iter().map(of).collect();
            let changes = changes.ok_or(No::Unsupported)?;
            Ok(json!({"channel": modes.channel, "changes": changes}))
        }
        "mode.write" => {
            let Write { channel, changes } = input(fields)?;
            let own: Option<Vec<ModeChange<'_>>> = changes.iter().map(own).collect();
            let changes = own.ok_or_else(|| No::Wrong("no change".into()))?;
            let line = Modes { channel: channel.as_deref(), changes }.to_string();
            mode::parse(&line).map_err(|_| No::Invalid("mode"))?;
            Ok(json!({"line": line}))
        }
        "mode.apply" => {
            let Apply { record, author, line } = input(fields)?;
            let modes = mode::parse(&line).map_err(|_| No::Invalid("mode"))?;
            let mut wishes = Vec::new();
            for change in modes.changes {
                let member = change.nick().and_then(MemberId::from_hex);
                let member = member.ok_or_else(|| No::Wrong("no identifier".into()))?;
                wishes.push((member, Wish::Mode(change)));
            }
            changed(&record, &author, &wishes)
        }
        "mode.bar" | "mode.pardon" => {
            let Bar { record, author, member } = input(fields)?;
            let wish = if operation == "mode.bar" { Wish::Bar } else { Wish::Pardon };
            changed(&record, &author, &[(MemberId(member.0), wish)])
        }
        _ => Err(No::Unsupported),
    }
}

fn changed(bytes: &Hex, author: &Fixed<16>, wishes: &[(MemberId, Wish<'_>)]) -> Out {
    let record = record(bytes)?;
    let changed = parts::change(&record, &MemberId(author.0), wishes);
    let (list, turn) = changed.map_err(|_| No::Invalid("rights"))?;
    let entries: Vec<Value> =
        list.entries().iter().map(|one| json!(json::Entry::of(one))).collect();
    Ok(json!({"list": entries, "list_bytes": encode(list.to_bytes()), "turn": turn}))
}

fn of(change: &ModeChange<'_>) -> Option<Change> {
    let (on, mode, place) = match *change {
        ModeChange::Distribute { on, .. } => (on, Letter::Distribute, None),
        ModeChange::Update { on, .. } => (on, Letter::Update, None),
        ModeChange::UpdateAt { position, .. } => (true, Letter::Update, Some(position)),
        ModeChange::Operator { on, .. } => (on, Letter::Both, None),
        ModeChange::Encrypt { on } => (on, Letter::Sealed, None),
        _ => return None,
    };
    Some(Change { on, mode, nick: change.nick().map(str::to_owned), place })
}

fn own(change: &Change) -> Option<ModeChange<'_>> {
    let on = change.on;
    Some(match (change.mode, change.nick.as_deref(), change.place) {
        (Letter::Distribute, Some(nick), None) => ModeChange::Distribute { on, nick },
        (Letter::Update, Some(nick), None) => ModeChange::Update { on, nick },
        (Letter::Update, Some(nick), Some(position)) if on => {
            ModeChange::UpdateAt { position, nick }
        }
        (Letter::Both, Some(nick), None) => ModeChange::Operator { on, nick },
        (Letter::Sealed, None, None) => ModeChange::Encrypt { on },
        _ => return None,
    })
}
