//! The updating order (chapter 10): who is next, what the turn is then, when each acts.

use keyrota::parts;
use keyrota::spec::MemberId;
use serde::Deserialize;
use serde_json::json;

use super::derive::record;
use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Fixed, Hex};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Updating {
    record: Hex,
    present: Vec<Fixed<16>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    record: Hex,
    present: Vec<Fixed<16>>,
    author: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Due {
    due: u64,
    position: u64,
    made: Option<u64>,
}

fn members(present: &[Fixed<16>]) -> Vec<MemberId> {
    present.iter().map(|id| MemberId(id.0)).collect()
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "order.updating" => {
            let Updating { record: bytes, present } = input(fields)?;
            Ok(json!({"order": parts::order(&record(&bytes)?, &members(&present))}))
        }
        "order.turn" => {
            let Turn { record: bytes, present, author } = input(fields)?;
            let (record, present) = (record(&bytes)?, members(&present));
            // Who is not in the order makes no record.
            if !parts::order(&record, &present).contains(&author) {
                return Err(No::Invalid("order"));
            }
            Ok(json!({"turn": parts::turn_after(&record, &present, author)}))
        }
        "order.due" => {
            let Due { due, position, made } = input(fields)?;
            Ok(json!({"ms": parts::act_at(due, position, made)}))
        }
        _ => Err(No::Unsupported),
    }
}
