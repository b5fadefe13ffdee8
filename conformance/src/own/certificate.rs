//! Certificates and Hellos (chapters 6 and 7): issuing, judging, signing.

use keyrota::crypto::SigningKey;
use keyrota::parts::{self, Judge};
use keyrota::spec::{Certificate, MemberId, Name, Point, SignedHello};
use keyrota::{Authority, Fingerprint, Pin, Rejection, SelfSigned, Voucher, issuer_id};
use serde::Deserialize;
use serde_json::json;

use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Fixed, Hex, encode};
use crate::json::{self, Long};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decode {
    certificate: Hex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    issuer: Fixed<32>,
    name: String,
    key: Fixed<33>,
    not_before: Long,
    lifetime: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verify {
    certificate: Hex,
    time: u64,
    own: Fixed<33>,
    issuers: Vec<Issuer>,
    pins: Vec<Pinned>,
    revoked: Vec<Fixed<16>>,
    declined: Vec<Fixed<16>>,
    self_signed: Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issuer {
    key: Fixed<33>,
    voucher: Word,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Authority,
    Server,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pinned {
    name: String,
    member: Fixed<16>,
    by: Option<Fixed<8>>,
}

/// What becomes of a self-signed certificate whose name and key are unknown.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unknown {
    Pin,
    Ask,
    Refuse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignHello {
    channel: String,
    private: Fixed<32>,
    hello: json::Hello,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyHello {
    channel: String,
    frame: Hex,
}

fn certificate(bytes: &[u8]) -> Result<Certificate, No> {
    Certificate::from_bytes(bytes).map_err(|_| No::Invalid("frame"))
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "certificate.decode" => {
            let Decode { certificate: Hex(bytes) } = input(fields)?;
            Ok(json!({"certificate": json::Certificate::of(&certificate(&bytes)?)}))
        }
        "certificate.fingerprint" => {
            let Decode { certificate: Hex(bytes) } = input(fields)?;
            let own = certificate(&bytes)?;
            let member = keyrota::member_id(&own.body.key);
            Ok(json!({
                "certificate": Fingerprint::from(&own).to_string(),
                "member": Fingerprint::from(member).to_string(),
            }))
        }
        "certificate.issue" => issue(input(fields)?),
        "certificate.verify" => verify(input(fields)?),
        "certificate.sign_hello" => {
            let SignHello { channel, private, hello } = input(fields)?;
            let key = private_key(&private)?;
            let hello = hello.own().ok_or(No::Invalid("frame"))?.hello;
            let signed = parts::sign_hello(hello, &parts::name_digest(&channel), &key);
            Ok(json!({"signature": encode(signed.signature)}))
        }
        "certificate.verify_hello" => {
            let VerifyHello { channel, frame: Hex(frame) } = input(fields)?;
            let body = frame.get(1..).unwrap_or_default();
            let hello = SignedHello::from_bytes(body).map_err(|_| No::Invalid("frame"))?;
            if !parts::hello_verifies(&hello, &parts::name_digest(&channel)) {
                return Err(No::Invalid("signature"));
            }
            let member = keyrota::member_id(&hello.hello.certificate.body.key);
            Ok(json!({"member": encode(member)}))
        }
        _ => Err(No::Unsupported),
    }
}

pub(super) fn private_key(private: &Fixed<32>) -> Result<SigningKey, No> {
    SigningKey::from_bytes(&private.0).ok_or(No::Invalid("key"))
}

fn issue(wanted: Issue) -> Out {
    let authority = Authority::new(&wanted.issuer.0).ok_or(No::Invalid("key"))?;
    let body = keyrota::spec::Body {
        name: Name::new(&wanted.name).ok_or(No::Invalid("frame"))?,
        key: Point(wanted.key.0),
        not_before: wanted.not_before.0,
        lifetime: wanted.lifetime,
    };
    Ok(json!({"certificate": encode(authority.issue(body).to_bytes())}))
}

fn verify(given: Verify) -> Out {
    let certificate = certificate(&given.certificate.0)?;
    let mut judge = Judge::default();
    judge.0.self_signed = match given.self_signed {
        Unknown::Pin => SelfSigned::Pin,
        Unknown::Ask => SelfSigned::Ask,
        Unknown::Refuse => SelfSigned::Refuse,
    };
    for Issuer { key, voucher } in given.issuers {
        let known = match voucher {
            Word::Authority => judge.0.add_authority(&Point(key.0)),
            Word::Server => judge.0.add_server(&Point(key.0)),
        };
        if !known {
            return Err(No::Invalid("key"));
        }
    }
    for Pinned { name, member, by } in given.pins {
        let name = Name::new(&name).ok_or(No::Invalid("frame"))?;
        let by = by.map(|by| keyrota::spec::IssuerId(by.0));
        judge.0.pin(name, Pin { member: MemberId(member.0), by });
    }
    for member in given.revoked {
        judge.0.revoke(MemberId(member.0));
    }
    for member in given.declined {
        judge.decline(MemberId(member.0));
    }
    judge.begin(&Point(given.own.0));
    let voucher = match judge.judge(&certificate, given.time) {
        Ok(Voucher::Itself) => "itself",
        Ok(Voucher::User) => "user",
        Ok(Voucher::Authority) => "authority",
        Ok(Voucher::Server) => "server",
        Err(Rejection::Undecided) => "undecided",
        _ => return Err(No::Invalid("certificate")),
    };
    let pins = judge.0.pins().map(|(name, pin)| {
        json!({"name": name.as_str(), "member": encode(pin.member), "by": pin.by.map(encode)})
    });
    Ok(json!({"voucher": voucher, "pins": pins.collect::<Vec<_>>()}))
}

/// As certificates name an issuer.
pub(super) fn issuer(key: &Fixed<33>) -> String {
    encode(issuer_id(&Point(key.0)))
}
