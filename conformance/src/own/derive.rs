//! Identifiers, derivations and the primitives under them (chapters 1, 6, 7, 16 and 17).

use keyrota::casemap::CaseMapping;
use keyrota::crypto::{self, DhKey, DhPublic, Tally, VerifyingKey};
use keyrota::parts::{self, Draws};
use keyrota::spec::{Certificate, ChannelId, KeyId, MemberId, Point, Record, Tag, TextKind, label};
use serde::Deserialize;
use serde_json::json;

use super::certificate::{issuer, private_key};
use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Fixed, Hex, encode};
use crate::json::Long;

/// Structures of what an operation is given.
macro_rules! given {
    ($($name:ident { $($field:ident: $type:ty),* })*) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name { $($field: $type),* }
    )*};
}

given! {
    Key { key: Fixed<33> }
    Private { private: Fixed<32> }
    Named { name: String }
    Recorded { record: Hex }
    Members { members: [Fixed<16>; 2] }
    Commit { key: Fixed<32>, channel: Fixed<16> }
    NewKey {
        secret: Fixed<32>, draw: Fixed<32>, previous: Option<Fixed<32>>, name: String,
        password: String, time: u32
    }
    Wrap { previous: Fixed<32>, key_id: Fixed<16> }
    Box { shared: Fixed<32>, record: Hex, member: Fixed<16> }
    Text { key: Fixed<32>, key_id: Fixed<16>, tag: Fixed<4>, counter: u32 }
    Ikm { ikm: Fixed<32> }
    Shared { private: Fixed<32>, public: Fixed<33> }
    Sign { private: Fixed<32>, data: Hex }
    Verify { key: Fixed<33>, data: Hex, signature: Fixed<64> }
    Certified { certificate: Hex }
    Saved { content: Hex }
    Restore { secret: Fixed<32>, seed: Fixed<32>, time: u64, check: Fixed<32> }
    Chains { seed: Fixed<32>, draws: Vec<Drawn> }
    Drawn { chain: u8, below: Option<Long> }
    Fold { name: String, mapping: String }
}

/// A record from its bytes, without signature.
pub(super) fn record(bytes: &Hex) -> Result<Record, No> {
    Record::from_bytes(&bytes.0).map_err(|_| No::Invalid("frame"))
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    let mut tally = Tally::default();
    Ok(match operation {
        "derive.member_id" => {
            let Key { key } = input(fields)?;
            json!({"member": encode(keyrota::member_id(&Point(key.0)))})
        }
        "derive.issuer_id" => {
            let Key { key } = input(fields)?;
            json!({"issuer": issuer(&key)})
        }
        "derive.fold" => {
            let Fold { name, mapping } = input(fields)?;
            let mapping = CaseMapping::from_isupport(&mapping)
                .ok_or_else(|| No::Wrong(format!("no mapping {mapping:?}")))?;
            let folded = mapping.fold(&name).ok_or(No::Invalid("name"))?;
            json!({"folded": &*folded})
        }
        "derive.name_digest" => {
            let Named { name } = input(fields)?;
            json!({"digest": encode(parts::name_digest(&name))})
        }
        "derive.channel_id" => {
            let Recorded { record: bytes } = input(fields)?;
            let channel = parts::channel_id(record(&bytes)?).ok_or(No::Invalid("record"))?;
            json!({"channel": encode(channel)})
        }
        "derive.conversation" => {
            let Members { members: [one, other] } = input(fields)?;
            let channel = parts::conversation(&MemberId(one.0), &MemberId(other.0));
            json!({"channel": encode(channel.ok_or(No::Invalid("record"))?)})
        }
        "derive.key_id" => {
            let Recorded { record: bytes } = input(fields)?;
            json!({"key_id": encode(parts::key_id(record(&bytes)?))})
        }
        "derive.commit" => {
            let Commit { key, channel } = input(fields)?;
            json!({"commit": encode(parts::commit(&key.0, &ChannelId(channel.0)))})
        }
        "derive.new_key" => {
            let NewKey { secret, draw, previous, name, password, time } = input(fields)?;
            let previous = previous.map_or(Vec::new(), |key| key.0.to_vec());
            let drawn: [&[u8]; 2] = [&draw.0, &previous];
            json!({"key": encode(parts::new_key(&secret.0, drawn, &name, &password, time))})
        }
        "derive.wrap_pad" => {
            let Wrap { previous, key_id } = input(fields)?;
            json!({"pad": encode(parts::wrap(&[0; 32], &previous.0, &KeyId(key_id.0)))})
        }
        "derive.box_pad" => {
            let Box { shared, record: bytes, member } = input(fields)?;
            let pad = parts::box_pad(&shared.0, record(&bytes)?, &MemberId(member.0));
            json!({"pad": encode(pad)})
        }
        "derive.text_key" => {
            let Text { key, key_id, tag, counter } = input(fields)?;
            let text = parts::Text {
                kind: TextKind::Unsigned,
                tag: Tag(tag.0),
                counter,
                channel: ChannelId([0; 16]),
                key: KeyId(key_id.0),
            };
            let (text_key, nonce) = parts::text_key(&key.0, &text);
            json!({"text_key": encode(text_key), "nonce": encode(nonce)})
        }
        "derive.key_pair" => {
            let Ikm { ikm } = input(fields)?;
            let pair = DhKey::derive(&ikm.0, &mut tally);
            json!({"private": encode(pair.to_bytes()), "public": encode(pair.public())})
        }
        "derive.public" => {
            let Private { private } = input(fields)?;
            json!({"public": encode(private_key(&private)?.public())})
        }
        "derive.point" => {
            let Key { key } = input(fields)?;
            let point = DhPublic::from_bytes(&key.0).ok_or(No::Invalid("key"))?;
            json!({"key": encode(point.to_bytes())})
        }
        "derive.shared" => {
            let Shared { private, public } = input(fields)?;
            let key = DhKey::from_bytes(&private.0, &mut tally).ok_or(No::Invalid("key"))?;
            let public = DhPublic::from_bytes(&public.0).ok_or(No::Invalid("key"))?;
            let encap = key.encapsulate(&public, &mut tally);
            let decap = key.decapsulate(&public, &mut tally);
            json!({"encap": encode(encap), "decap": encode(decap)})
        }
        "derive.sign" => {
            let Sign { private, data } = input(fields)?;
            json!({"signature": encode(private_key(&private)?.sign(&mut tally, &[&data.0]))})
        }
        "derive.verify" => {
            let Verify { key, data, signature } = input(fields)?;
            let key = VerifyingKey::from_bytes(&key.0).ok_or(No::Invalid("key"))?;
            if !key.verify(&mut tally, &[&data.0], &signature.0) {
                return Err(No::Invalid("signature"));
            }
            json!({})
        }
        "derive.certificate" => {
            let Certified { certificate } = input(fields)?;
            let own = Certificate::from_bytes(&certificate.0).map_err(|_| No::Invalid("frame"))?;
            json!({"digest": encode(crypto::hash(label::CERTIFICATE, &[&own.to_bytes()]))})
        }
        "derive.saved" => {
            let Saved { content } = input(fields)?;
            json!({"check": encode(parts::saved_check(&content.0))})
        }
        "derive.restore" => {
            let Restore { secret, seed, time, check } = input(fields)?;
            json!({"seed": encode(parts::restored_seed(&secret.0, &seed.0, time, &check.0))})
        }
        "derive.draws" => {
            let Chains { seed, draws } = input(fields)?;
            let mut chains = Draws::new(seed.0);
            let mut drawn = Vec::new();
            for Drawn { chain, below } in draws {
                let one = match below {
                    None => chains.bytes(chain).map(|bytes| json!(encode(bytes))),
                    Some(n) => chains.below(chain, n.0).map(|number| json!(Long(number))),
                };
                drawn.push(one.ok_or_else(|| No::Wrong(format!("no chain {chain}")))?);
            }
            json!({"draws": drawn})
        }
        _ => return Err(No::Unsupported),
    })
}
