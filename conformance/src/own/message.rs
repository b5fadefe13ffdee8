//! Texts and controls (chapters 7 and 11): sealing, opening, telling repeats.

use keyrota::crypto::VerifyingKey;
use keyrota::parts::{Passed, Text};
use keyrota::spec::{ChannelId, Control, Frame, KeyId, MemberId, Point, Tag, TextKind};
use keyrota::{Fault, member_id};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::certificate::private_key;
use super::{No, Out, input};
use crate::case::Fields;
use crate::generate::cast;
use crate::hex::{Fixed, Hex, encode};

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    SignedText,
    UnsignedText,
    Control,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    kind: Kind,
    channel: Fixed<16>,
    key_id: Fixed<16>,
    key: Fixed<32>,
    tag: Fixed<4>,
    counter: u32,
    content: Hex,
    private: Fixed<32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    frame: Hex,
    channel: Fixed<16>,
    key_id: Fixed<16>,
    key: Fixed<32>,
    claims: Vec<Fixed<33>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay {
    texts: Vec<Came>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Came {
    tag: Fixed<4>,
    author: Option<Fixed<16>>,
    counter: u32,
}

pub(super) fn ask(operation: &str, fields: &Fields) -> Out {
    match operation {
        "message.seal" => seal(&input(fields)?),
        "message.open" => open(&input(fields)?),
        "message.replay" => replay(&input(fields)?),
        _ => Err(No::Unsupported),
    }
}

fn seal(given: &Seal) -> Out {
    let key = private_key(&given.private)?;
    let text = Text {
        kind: match given.kind {
            Kind::SignedText => TextKind::Signed,
            Kind::UnsignedText => TextKind::Unsigned,
            Kind::Control => TextKind::Control,
        },
        tag: Tag(given.tag.0),
        counter: given.counter,
        channel: ChannelId(given.channel.0),
        key: KeyId(given.key_id.0),
    };
    let author = (&member_id(&Point(key.public())), &key);
    let frame = text.seal(&given.key.0, &given.content.0, author);
    // What a receiver must reject is not sent.
    Frame::decode(&frame).map_err(|_| No::Invalid("frame"))?;
    Ok(json!({"frame": encode(frame)}))
}

fn open(given: &Open) -> Out {
    let frame = Frame::decode(&given.frame.0).map_err(|_| No::Invalid("frame"))?;
    let Frame::Text { kind, header, ciphertext } = frame else {
        return Err(No::Wrong("no text".into()));
    };
    let (channel, key) = (ChannelId(given.channel.0), KeyId(given.key_id.0));
    if header.key != key.hint() {
        return Err(No::Invalid("key"));
    }
    let text = Text { kind, tag: header.tag, counter: header.counter, channel, key };
    let mut content = text.open(&given.key.0, ciphertext.to_vec()).ok_or(No::Invalid("seal"))?;
    let mut author = None;
    if kind.is_signed() {
        let claims = given
            .claims
            .iter()
            .filter_map(|key| Some((member_id(&Point(key.0)), VerifyingKey::from_bytes(&key.0)?)));
        author = Some(text.author(&mut content, claims).ok_or(No::Invalid("signature"))?);
    }
    let author = author.map(|id: MemberId| encode(id));
    if kind == TextKind::Control {
        return match Control::from_bytes(&content) {
            Ok(Control::Wish) => Ok(json!({"author": author, "control": "wish"})),
            _ => Err(No::Invalid("content")),
        };
    }
    let text = String::from_utf8(content).map_err(|_| No::Invalid("content"))?;
    Ok(json!({"author": author, "text": text}))
}

fn replay(given: &Replay) -> Out {
    let record = cast::genesis().wire().bytes();
    let record = super::derive::record(&Hex(record))?;
    let mut passed = Passed::new(record);
    let verdict = |came: &Came| {
        let author = came.author.map(|id| MemberId(id.0));
        match passed.note(Tag(came.tag.0), author, came.counter) {
            Ok(missing) => json!({"passes": missing}),
            Err(Fault::Repeat) => json!("repeat"),
            Err(_) => json!("flood"),
        }
    };
    Ok(json!({"texts": given.texts.iter().map(verdict).collect::<Vec<_>>()}))
}
