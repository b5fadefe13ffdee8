//! The frames of chapter 3, field by field.

use keyrota::crypto;
use keyrota_spec::{
    Ask, Cause, Certificate, Control, Descent, Frame, MemberHint, Point, Query, Refused, SealedBox,
    SignedHello, SignedRecord, Subject, TextKind, Vouch, Wrapped, label,
};

use crate::block::{Field, of_fields, raw, varint};
use crate::cast::{Cast, K0, K1, K2, NEW_YEAR, Text, key_id, xor};

/// The blocks of all frames, by name; each is the frame that the codec writes and reads.
pub(crate) fn blocks(cast: &Cast) -> Vec<(&'static str, String)> {
    let [genesis, refreshed, sealed] = &cast.records;
    let mut blocks = Vec::new();
    let mut add = |name, frame: &Frame<'_>, fields: Vec<Field>| {
        let bytes: Vec<u8> = fields.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        assert_eq!(bytes, frame.encode(), "{name}");
        assert_eq!(Frame::decode(&bytes).as_ref(), Ok(frame), "{name}");
        blocks.push((name, of_fields(&fields)));
    };

    let author = cast.ada.point();
    let mut fields = record(cast, 0x17, "announcement", genesis);
    fields.push(raw(author, "author: Ada's certificate key"));
    add("announcement", &Frame::Announce { record: genesis.clone(), author }, fields);

    let certificate = cast.certificate("Ben", &cast.ben, false);
    let hello = cast.hello(certificate, &cast.ben, NEW_YEAR + 60, Some(Ask::Latest));
    let fields = hello_fields(0x13, "Hello", &hello);
    add("hello", &Frame::Hello { hello, relayed: false }, fields);

    let whom = cast.ben.id.hint();
    let fields = vec![
        raw([0x19], "version 1, kind 9: refusal"),
        raw(whom, "whom: Ben"),
        raw([0], "reason: certificate"),
    ];
    add("refusal", &Frame::Refusal { whom, reason: Refused::Certificate }, fields);

    let ephemeral = Point(cast.granting.public());
    let boxes = vec![cast.seal(&cast.granting, genesis, &K0, &cast.ben)];
    let mut fields = record(cast, 0x15, "sealed key", genesis);
    fields.push(raw(ephemeral, "ephemeral"));
    fields.extend(box_fields("Ben", "K0", &boxes[0]));
    add("grant", &Frame::Sealed { record: genesis.clone(), ephemeral, boxes }, fields);

    for (name, kind, counter, content) in [
        ("signed text", TextKind::Signed, 0, b"Good morning".to_vec()),
        ("unsigned text", TextKind::Unsigned, 300, b"Guess who".to_vec()),
        ("control", TextKind::Control, 301, Control::Wish.to_bytes()),
    ] {
        let text = Text::new(cast, kind, counter, &content);
        let frame = Frame::Text { kind, header: text.header, ciphertext: &text.ciphertext };
        add(name, &frame, text_fields(name, &text, content.len()));
    }

    let pad = crypto::expand(&K0, label::WRAP, &[&key_id(refreshed).0]);
    let wrapped = Wrapped(xor(&K1, &pad));
    let mut fields = record(cast, 0x14, "refresh", refreshed);
    fields.push(raw(wrapped, "wrapped: K1 under K0"));
    add("refresh", &Frame::Refresh { record: refreshed.clone(), wrapped }, fields);

    let certificate = cast.certificate("Cyn", &cast.cyn, true);
    let hello = cast.hello(certificate, &cast.cyn, NEW_YEAR + 1_800, None);
    let fields = hello_fields(0x1a, "relayed Hello", &hello);
    add("relayed hello", &Frame::Hello { hello, relayed: true }, fields);

    let ephemeral = Point(cast.sealing.public());
    let boxes = vec![cast.seal(&cast.sealing, sealed, &K2, &cast.ben)];
    let mut fields = record(cast, 0x15, "sealed key", sealed);
    fields.push(raw(ephemeral, "ephemeral"));
    fields.extend(box_fields("Ben", "K2", &boxes[0]));
    add("sealed key", &Frame::Sealed { record: sealed.clone(), ephemeral, boxes }, fields);

    let key = key_id(sealed).prefix();
    let boxes = vec![cast.seal(&cast.sealing, sealed, &K2, &cast.cyn)];
    let mut fields =
        vec![raw([0x16], "version 1, kind 6: boxes"), raw(key, "key: KeyId of K2, first 8 bytes")];
    fields.extend(box_fields("Cyn", "K2", &boxes[0]));
    add("boxes", &Frame::Boxes { key, boxes }, fields);

    let ada = Some(cast.ada.id.hint());
    let cyn = cast.cyn.id.hint();
    for (name, whom, what, fields) in [
        (
            "query proof",
            ada,
            Subject::Proof { key, have: 1 },
            vec![
                raw([0], "subject: proof"),
                raw(key, "key: KeyId of K2, first 8 bytes"),
                raw([1], "have: 1"),
            ],
        ),
        (
            "query hello",
            None,
            Subject::Hello(cyn),
            vec![raw([1], "subject: hello"), raw(cyn, "member: Cyn")],
        ),
        (
            "query tag",
            None,
            Subject::Tag(cast.cyn.tag),
            vec![raw([2], "subject: tag"), raw(cast.cyn.tag, "tag")],
        ),
    ] {
        let fields = [query_head(whom), fields].concat();
        add(name, &Frame::Query(Query { whom, what }), fields);
    }
    blocks
}

fn query_head(whom: Option<MemberHint>) -> Vec<Field> {
    let first = raw([0x18], "version 1, kind 8: query");
    match whom {
        None => vec![first, raw([0], "whom: nothing")],
        Some(whom) => vec![first, raw([1], "whom: something"), raw(whom, "Ada")],
    }
}

fn box_fields(name: &str, key: &str, one: &SealedBox) -> Vec<Field> {
    vec![raw(one.whom, format!("whom: {name}")), raw(one.key, format!("key: {key}"))]
}

/// The first byte, and a signed record.
fn record(cast: &Cast, first: u8, kind: &str, signed: &SignedRecord) -> Vec<Field> {
    let record = &signed.record;
    let mut fields = vec![raw([first], format!("version 1, kind {}: {kind}", first & 15))];
    let genesis = matches!(record.descent, Descent::Genesis { .. });
    let channel = if genesis { "digest of #garden" } else { "ChannelId" };
    fields.push(raw(record.channel, format!("channel: {channel}")));

    fields.push(varint(record.list.entries().len() as u64, "list: entries"));
    for (at, entry) in record.list.entries().iter().enumerate() {
        let name = if entry.id == cast.ada.id { "Ada" } else { "Ben" };
        let state = u64::from(entry.changes) << 2 | 3;
        fields.push(raw(entry.id, format!("entry {at}: {name}")));
        fields.push(varint(state, format!("changes {}, both rights", entry.changes)));
    }
    fields.push(varint(record.turn.len() as u64, "turn: numbers"));
    for (at, seat) in record.turn.iter().enumerate() {
        fields.push(raw([*seat], format!("seat {seat} is in place {at}")));
    }
    fields.push(varint(record.epoch.into(), format!("epoch: {}", record.epoch)));
    match record.descent {
        Descent::Genesis { founder, signed } => {
            assert!(signed);
            fields.push(raw([0], "descent: genesis"));
            fields.push(raw(founder, "founder: Ada's certificate key"));
            fields.push(raw([1], "signed: yes"));
        }
        Descent::Sealed => fields.push(raw([1], "descent: sealed")),
        Descent::Wrapped { root, step } => {
            fields.push(raw([2], "descent: wrapped"));
            fields.push(raw(root, "root: KeyId of K0, first 8 bytes"));
            fields.push(raw([step], format!("step: {step}")));
        }
    }
    let (cause, number) = match record.cause {
        Cause::Founding => ("founding", 0),
        Cause::Wish => ("wish", 7),
        Cause::List => ("list", 11),
        other => panic!("{other:?} is in no example"),
    };
    fields.push(raw([record.author], format!("author: seat {}", record.author)));
    fields.push(varint(number, format!("cause: {cause}")));
    fields.push(varint(record.time.into(), format!("time: {}", record.time)));
    fields.push(varint(record.lifetime.into(), format!("lifetime: {}", record.lifetime)));
    fields.push(raw(record.commit, "commit"));
    fields.push(raw(signed.signature, "signature: by Ada"));
    fields
}

fn hello_fields(first: u8, kind: &str, signed: &SignedHello) -> Vec<Field> {
    let hello = &signed.hello;
    let mut fields = vec![raw([first], format!("version 1, kind {}: {kind}", first & 15))];
    fields.extend(certificate_fields(&hello.certificate));
    fields.push(raw(hello.member_key, "member key"));
    fields.push(raw(hello.tag, "tag"));
    fields.push(varint(hello.time, format!("time: {}", hello.time)));
    fields.extend(match hello.ask {
        None => vec![raw([0], "ask: nothing")],
        Some((Ask::Latest, None)) => {
            vec![raw([1], "ask: something"), raw([0], "which: latest"), raw([0], "whom: nothing")]
        }
        other => panic!("{other:?} is in no example"),
    });
    let name = hello.certificate.body.name.as_str();
    fields.push(raw(signed.signature, format!("signature: by {name}")));
    fields
}

/// A certificate: in a Hello, or alone.
pub(crate) fn certificate_fields(certificate: &Certificate) -> Vec<Field> {
    let body = &certificate.body;
    let name = body.name.as_str();
    let mut fields = vec![
        varint(name.len() as u64, "name: bytes"),
        raw(name, name),
        raw(body.key, "key: certificate key"),
        varint(body.not_before, format!("not before: {}", body.not_before)),
        varint(body.lifetime.into(), format!("lifetime: {}", body.lifetime)),
    ];
    match certificate.vouch {
        Vouch::SelfSigned => fields.push(raw([0], "vouch: self-signed")),
        Vouch::Issued { issuer, signature } => {
            fields.push(raw([1], "vouch: issued"));
            fields.push(raw(issuer, "issuer: IssuerId"));
            fields.push(raw(signature, "signature: by the authority"));
        }
    }
    fields
}

fn text_fields(name: &str, text: &Text, content: usize) -> Vec<Field> {
    let first = text.kind.byte();
    let mut fields = vec![
        raw([first], format!("version 1, kind {}: {name}", first & 15)),
        raw(text.header.key, "key: KeyId of K0, first 3 bytes"),
        raw(text.header.tag, "tag: Ben's"),
        varint(text.header.counter.into(), format!("counter: {}", text.header.counter)),
    ];
    let (sealed, tag) = text.ciphertext.split_at(text.ciphertext.len() - crypto::TAG);
    let (content, signature) = sealed.split_at(content);
    fields.push(raw(content, "rest: the content, sealed"));
    if !signature.is_empty() {
        fields.push(raw(signature, "the signature, sealed"));
    }
    fields.push(raw(tag, "the tag of AES-GCM-SIV"));
    fields
}
