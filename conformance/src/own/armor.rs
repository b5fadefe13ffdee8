//! Text armour (chapter 4): frames as lines, and lines as frames.

use keyrota::parts::Fragments;
use keyrota::spec::armor::{self, Line, PartId};
use keyrota::spec::limits::FRAME_MAX;
use serde::Deserialize;
use serde_json::json;

use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Hex, encode};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Encode {
    frame: Hex,
    line: usize,
    id: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parse {
    line: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decode {
    lines: Vec<Came>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Came {
    ms: u64,
    channel: String,
    nick: String,
    listed: bool,
    line: String,
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "armor.encode" => {
            let Encode { frame: Hex(frame), line, id } = input(fields)?;
            if frame.len() > FRAME_MAX {
                return Err(No::Invalid("frame"));
            }
            Ok(json!({"lines": armor::lines(&frame, line, PartId::new(id))}))
        }
        "armor.parse" => {
            let Parse { line } = input(fields)?;
            match armor::parse(&line).ok_or(No::Invalid("armor"))? {
                Line::Whole(frame) => Ok(json!({"frame": encode(frame)})),
                Line::Part { id, index, count, bytes } => Ok(
                    json!({"id": id.number(), "index": index, "count": count, "bytes": encode(bytes)}),
                ),
            }
        }
        "armor.decode" => {
            let Decode { lines } = input(fields)?;
            let mut fragments = Fragments::default();
            let mut frames = Vec::new();
            for (at, came) in lines.iter().enumerate() {
                let from = (&*came.channel, &*came.nick, came.listed);
                if let Some(frame) = fragments.take(&came.line, from, came.ms) {
                    frames.push(json!({"line": at, "frame": encode(frame)}));
                }
            }
            Ok(json!({"frames": frames}))
        }
        _ => Err(No::Unsupported),
    }
}
