//! Frames as JSON, and back (chapter 3).

use serde::Deserialize;
use serde_json::json;

use keyrota::spec::Frame;

use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Hex, encode};
use crate::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decode {
    frame: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Encode {
    frame: json::Frame,
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "frame.decode" => {
            let Decode { frame: Hex(bytes) } = input(fields)?;
            let frame = Frame::decode(&bytes).map_err(|_| No::Invalid("frame"))?;
            let frame = json::Frame::of(&frame).ok_or(No::Unsupported)?;
            Ok(json!({"frame": frame}))
        }
        "frame.encode" => {
            let Encode { frame } = input(fields)?;
            let bytes = frame.own().ok_or(No::Invalid("frame"))?.encode();
            // What a receiver must reject is not sent.
            Frame::decode(&bytes).map_err(|_| No::Invalid("frame"))?;
            Ok(json!({"frame": encode(bytes)}))
        }
        _ => Err(No::Unsupported),
    }
}
