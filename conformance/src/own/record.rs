//! Records (chapters 8 and 16): which are valid, which is the greater, which of many is current.

use std::cmp::Ordering;

use keyrota::parts::{self, Judged, Records};
use keyrota::signed_twice;
use keyrota::spec::{Evidence, Frame, MemberId, Point, SignedRecord};
use serde::Deserialize;
use serde_json::{Value, json};

use super::derive::record;
use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Fixed, Hex, encode};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Valid {
    name: String,
    proof: Vec<Hex>,
    record: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfTwo {
    members: [Fixed<16>; 2],
    record: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compare {
    a: Hex,
    b: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Maximum {
    name: String,
    records: Vec<Hex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Twice {
    evidence: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Life {
    record: Hex,
    time: u64,
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "record.valid" => valid(&input(fields)?),
        "record.of_two" => of_two(&input(fields)?),
        "record.compare" => {
            let Compare { a, b } = input(fields)?;
            let order = match parts::compare(record(&a)?, record(&b)?) {
                Ordering::Less => "less",
                Ordering::Equal => "equal",
                Ordering::Greater => "greater",
            };
            Ok(json!({"a": order}))
        }
        "record.maximum" => maximum(&input(fields)?),
        "record.evidence" => {
            let Twice { evidence: Hex(bytes) } = input(fields)?;
            let evidence = Evidence::from_bytes(&bytes).map_err(|_| No::Invalid("evidence"))?;
            let member = signed_twice(&evidence).ok_or(No::Invalid("signature"))?;
            Ok(json!({"member": encode(member)}))
        }
        "record.life" => {
            let Life { record: bytes, time } = input(fields)?;
            Ok(json!({"ms": parts::life_left(record(&bytes)?, time)}))
        }
        _ => Err(No::Unsupported),
    }
}

/// The record of an announcement, and the key that is said to be its author's.
fn announced(bytes: &Hex) -> Result<(SignedRecord, Point), No> {
    match Frame::decode(&bytes.0).map_err(|_| No::Invalid("frame"))? {
        Frame::Announce { record, author } => Ok((record, author)),
        _ => Err(No::Wrong("no announcement".into())),
    }
}

/// The channel of this name that a genesis record founds.
fn found(name: &str, genesis: &SignedRecord) -> Result<Records, No> {
    if genesis.record.founder().is_none() {
        return Err(No::Invalid("proof"));
    }
    if genesis.record.channel != parts::name_digest(name) {
        return Err(No::Invalid("channel"));
    }
    Records::found(genesis.clone()).ok_or(No::Invalid("signature"))
}

fn hear(records: &mut Records, (record, key): (SignedRecord, Point)) -> Result<(), No> {
    match records.hear(record, key) {
        Judged::Valid => Ok(()),
        Judged::Unproven | Judged::Below => Err(No::Invalid("proof")),
        Judged::OtherChannel => Err(No::Invalid("channel")),
        Judged::UnknownAuthor | Judged::Forged | Judged::Unfit => Err(No::Invalid("signature")),
    }
}

fn valid(given: &Valid) -> Out {
    let own = announced(&given.record)?;
    let id = parts::key_id(own.0.record.clone());
    let mut proof = given.proof.iter();
    let records = match proof.next() {
        None => found(&given.name, &own.0)?,
        Some(genesis) => {
            let mut records = found(&given.name, &announced(genesis)?.0)?;
            for step in proof {
                hear(&mut records, announced(step)?)?;
            }
            hear(&mut records, own)?;
            records
        }
    };
    Ok(json!({"channel": encode(records.channel()), "key_id": encode(id)}))
}

fn of_two(given: &OfTwo) -> Out {
    let (signed, key) = announced(&given.record)?;
    let [one, other] = given.members.map(|id| MemberId(id.0));
    if !parts::fits_two(signed.clone(), &one, &other) {
        return Err(No::Invalid("channel"));
    }
    let author = signed.record.author_entry().map(|entry| entry.id);
    let id = parts::key_id(signed.record.clone());
    if author != Some(keyrota::member_id(&key)) || !parts::record_verifies(signed, &key) {
        return Err(No::Invalid("signature"));
    }
    Ok(json!({"key_id": encode(id)}))
}

/// Hears records in their order; those that lack a proof wait until one that was heard is valid.
fn maximum(given: &Maximum) -> Out {
    let mut all = Vec::new();
    for bytes in &given.records {
        all.push(announced(bytes)?);
    }
    let genesis = all.iter().find(|(signed, _)| signed.record.founder().is_some());
    let (genesis, _) = genesis.ok_or(No::Invalid("proof"))?;
    let mut records = found(&given.name, genesis)?;
    let mut valid: Vec<Value> = Vec::new();
    let mut waiting = all;
    loop {
        let before = waiting.len();
        waiting.retain(|(signed, key)| {
            let judged = records.hear(signed.clone(), *key);
            if judged == Judged::Valid {
                valid.push(json!(encode(parts::key_id(signed.record.clone()))));
            }
            judged == Judged::Unproven || judged == Judged::Below
        });
        if waiting.len() == before {
            break;
        }
    }
    valid.sort_by_key(Value::to_string);
    let proof: Vec<String> = records.proof().iter().map(encode).collect();
    Ok(json!({"current": encode(records.current()), "proof": proof, "valid": valid}))
}
