//! Keys sealed to members, and under the previous key (chapter 7): boxes, frames of them, wraps.

use keyrota::crypto::{DhKey, Tally};
use keyrota::parts;
use keyrota::spec::{Frame, KeyId, MemberId, Point, SealedBox, SignedRecord};
use serde::Deserialize;
use serde_json::json;

use super::derive::record;
use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Fixed, Hex, encode};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipient {
    member: Fixed<16>,
    member_key: Fixed<33>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    record: Hex,
    signature: Fixed<64>,
    key: Fixed<32>,
    ephemeral: Fixed<32>,
    recipients: Vec<Recipient>,
    line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    frames: Vec<Hex>,
    member: Fixed<16>,
    member_keys: Vec<Fixed<32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrap {
    key: Fixed<32>,
    previous: Fixed<32>,
    record: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unwrap {
    frame: Hex,
    held: Vec<Held>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    record: Hex,
    key: Fixed<32>,
}

fn dh_key(private: &Fixed<32>) -> Result<DhKey, No> {
    DhKey::from_bytes(&private.0, &mut Tally::default()).ok_or(No::Invalid("key"))
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "seal.seal" => seal(&input(fields)?),
        "seal.open" => open(&input(fields)?),
        "wrap.wrap" => {
            let Wrap { key, previous, record: bytes } = input(fields)?;
            let id: KeyId = parts::key_id(record(&bytes)?);
            Ok(json!({"wrapped": encode(parts::wrap(&key.0, &previous.0, &id))}))
        }
        "wrap.unwrap" => unwrap(&input(fields)?),
        _ => Err(No::Unsupported),
    }
}

fn seal(given: &Seal) -> Out {
    let own = record(&given.record)?;
    let ephemeral = dh_key(&given.ephemeral)?;
    let mut boxes = Vec::new();
    for Recipient { member, member_key } in &given.recipients {
        let to = (&MemberId(member.0), &Point(member_key.0));
        let one = parts::seal_box(&ephemeral, own.clone(), &given.key.0, to);
        boxes.push(one.ok_or(No::Invalid("key"))?);
    }
    let signature = keyrota::spec::Signature(given.signature.0);
    let signed = SignedRecord { record: own, signature };
    let frames = parts::pack(signed, Point(ephemeral.public()), boxes, given.line);
    Ok(json!({"frames": frames.iter().map(encode).collect::<Vec<_>>()}))
}

fn open(given: &Open) -> Out {
    let mut first = None;
    let mut boxes: Vec<SealedBox> = Vec::new();
    for Hex(bytes) in &given.frames {
        match Frame::decode(bytes).map_err(|_| No::Invalid("frame"))? {
            Frame::Sealed { record, ephemeral, boxes: own } => {
                let id = parts::key_id(record.record.clone());
                boxes.extend(own);
                first = Some((record.record, ephemeral, id));
            }
            Frame::Boxes { key, boxes: own } => match &first {
                Some((_, _, id)) if id.prefix() == key => boxes.extend(own),
                _ => {}
            },
            _ => return Err(No::Wrong("neither a sealed key nor boxes".into())),
        }
    }
    let (record, ephemeral, _) = first.ok_or_else(|| No::Wrong("no sealed key".into()))?;
    let keys: Result<Vec<DhKey>, No> = given.member_keys.iter().map(dh_key).collect();
    let me = MemberId(given.member.0);
    let key = parts::open_boxes(record, &ephemeral, &boxes, &me, &keys?);
    Ok(json!({"key": encode(key.ok_or(No::Invalid("commit"))?)}))
}

fn unwrap(given: &Unwrap) -> Out {
    let frame = Frame::decode(&given.frame.0).map_err(|_| No::Invalid("frame"))?;
    let Frame::Refresh { record: own, wrapped } = frame else {
        return Err(No::Wrong("no refresh".into()));
    };
    let mut held = Vec::new();
    for Held { record: bytes, key } in &given.held {
        held.push((record(bytes)?, key.0));
    }
    let key = parts::unwrap(own.record, &wrapped, held);
    Ok(json!({"key": encode(key.ok_or(No::Invalid("commit"))?)}))
}
