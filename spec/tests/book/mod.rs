//! A second encoder, written from chapter 3: a frame is a list of fields, each raw bytes or a varint.
//!
//! What the codec writes is held against it, and it makes the frames that the codec never would.

use keyrota_spec::limits::{COUNTER_MAX, STEP_MAX};
use keyrota_spec::{
    Ask, Body, Cause, Certificate, ChannelId, Commit, Descent, Entry, Frame, Hello, IssuerId,
    KeyHint, KeyPrefix, List, MemberHint, MemberId, Name, Point, Query, Record, Refused, Rights,
    Root, SealedBox, Signature, SignedHello, SignedRecord, Subject, Tag, TextHeader, TextKind,
    Vouch, Wrapped,
};

/// One field of a frame, as the tables of chapter 3 give it.
#[derive(Clone, Debug)]
pub(crate) enum Field {
    Raw(Vec<u8>),
    Varint(u64),
}

use Field::{Raw, Varint};

pub(crate) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The same number with a digit more than it needs.
pub(crate) fn overlong(number: u64) -> Vec<u8> {
    let mut bytes = varint(number);
    *bytes.last_mut().unwrap() |= 0x80;
    bytes.push(0);
    bytes
}

pub(crate) fn join(fields: &[Field]) -> Vec<u8> {
    let bytes = |field: &Field| match field {
        Raw(bytes) => bytes.clone(),
        Varint(number) => varint(*number),
    };
    fields.iter().flat_map(bytes).collect()
}

pub(crate) fn text(text: &str) -> [Field; 2] {
    [Varint(text.len() as u64), Raw(text.into())]
}

pub(crate) fn list_fields(entries: &[(u8, u64)]) -> Vec<Field> {
    let mut fields = vec![Varint(entries.len() as u64)];
    for (id, packed) in entries {
        fields.extend([Raw(vec![*id; 16]), Varint(*packed)]);
    }
    fields
}

/// The fields of a signed record; each part can be put wrong.
#[derive(Clone)]
pub(crate) struct RecordFields {
    pub(crate) list: Vec<Field>,
    pub(crate) turn: Vec<u8>,
    pub(crate) epoch: u64,
    pub(crate) descent: Vec<Field>,
    pub(crate) author: u8,
    pub(crate) cause: u64,
    pub(crate) lifetime: u64,
}

/// A founder and a distributor, a sealed key.
pub(crate) fn record_fields() -> RecordFields {
    RecordFields {
        list: list_fields(&[(1, 5 << 2 | 3), (2, 2)]),
        turn: vec![0],
        epoch: 300,
        descent: vec![Varint(1)],
        author: 1,
        cause: 10,
        lifetime: 1440,
    }
}

impl RecordFields {
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Raw(vec![0xc0; 16])];
        fields.extend(self.list.clone());
        fields.extend([Varint(self.turn.len() as u64), Raw(self.turn.clone()), Varint(self.epoch)]);
        fields.extend(self.descent.clone());
        fields.extend([Raw(vec![self.author]), Varint(self.cause), Varint(28_928_160)]);
        fields.extend([Varint(self.lifetime), Raw(vec![0xcc; 16]), Raw(vec![0x51; 64])]);
        fields
    }

    /// An announcement of this record: the kind that may hold any.
    pub(crate) fn announce(&self) -> Vec<u8> {
        let fields = [vec![Raw(vec![0x17])], self.fields(), vec![Raw(vec![2; 33])]];
        join(&fields.concat())
    }

    /// A refresh of this record.
    pub(crate) fn refresh(&self) -> Vec<u8> {
        let fields = [vec![Raw(vec![0x14])], self.fields(), vec![Raw(vec![0x77; 32])]];
        join(&fields.concat())
    }
}

pub(crate) fn record() -> SignedRecord {
    let founder = Entry { changes: 5, ..Entry::new(MemberId([1; 16]), Rights::BOTH) };
    let distribute = Rights { update: false, distribute: true };
    SignedRecord {
        record: Record {
            channel: ChannelId([0xc0; 16]),
            list: List::new(vec![founder, Entry::new(MemberId([2; 16]), distribute)]).unwrap(),
            turn: vec![0],
            epoch: 300,
            descent: Descent::Sealed,
            author: 1,
            cause: Cause::Exclusion,
            time: 28_928_160,
            lifetime: 1440,
            commit: Commit([0xcc; 16]),
        },
        signature: Signature([0x51; 64]),
    }
}

pub(crate) fn hello() -> SignedHello {
    SignedHello {
        hello: Hello {
            certificate: Certificate {
                body: Body {
                    name: Name::new("Zoë").unwrap(),
                    key: Point([2; 33]),
                    not_before: 1_735_689_600,
                    lifetime: 31_536_000,
                },
                vouch: Vouch::SelfSigned,
            },
            member_key: Point([3; 33]),
            tag: Tag([0xd0; 4]),
            time: 1_735_700_000,
            ask: None,
        },
        signature: Signature([0x52; 64]),
    }
}

pub(crate) fn hello_fields(kind: u8, vouch: Vec<Field>, ask: Vec<Field>) -> Vec<Field> {
    let mut fields = vec![Raw(vec![kind])];
    fields.extend(text("Zoë"));
    fields.extend([Raw(vec![2; 33]), Varint(1_735_689_600), Varint(31_536_000)]);
    fields.extend(vouch);
    fields.extend([Raw(vec![3; 33]), Raw(vec![0xd0; 4]), Varint(1_735_700_000)]);
    fields.extend(ask);
    fields.push(Raw(vec![0x52; 64]));
    fields
}

/// Every kind of frame, every variant of every choice in it: the value, and its fields by the book.
pub(crate) fn samples() -> Vec<(Frame<'static>, Vec<Field>)> {
    const CIPHERTEXT: &[u8] = &[0xee; 90];
    let mut samples = Vec::new();
    for (kind, counter) in
        [(TextKind::Signed, 0), (TextKind::Unsigned, 300), (TextKind::Control, COUNTER_MAX)]
    {
        let header = TextHeader { key: KeyHint([7; 3]), tag: Tag([0xd0; 4]), counter };
        let ciphertext = if kind == TextKind::Unsigned { &CIPHERTEXT[..16] } else { CIPHERTEXT };
        let fields = vec![
            Raw(vec![0x10 + samples.len() as u8]),
            Raw(vec![7; 3]),
            Raw(vec![0xd0; 4]),
            Varint(counter.into()),
            Raw(ciphertext.into()),
        ];
        samples.push((Frame::Text { kind, header, ciphertext }, fields));
    }

    let issued = Vouch::Issued { issuer: IssuerId([8; 8]), signature: Signature([0x53; 64]) };
    let issued_fields = vec![Varint(1), Raw(vec![8; 8]), Raw(vec![0x53; 64])];
    let whom = Some(MemberHint([4; 4]));
    for (kind, relayed) in [(0x13, false), (0x1a, true)] {
        for (ask, ask_fields) in [
            (None, vec![Raw(vec![0])]),
            (Some((Ask::Latest, None)), vec![Raw(vec![1]), Varint(0), Raw(vec![0])]),
            (
                Some((Ask::Hint(KeyHint([7; 3])), whom)),
                vec![Raw(vec![1]), Varint(1), Raw(vec![7; 3]), Raw(vec![1, 4, 4, 4, 4])],
            ),
            (
                Some((Ask::Key(KeyPrefix([7; 8])), whom)),
                vec![Raw(vec![1]), Varint(2), Raw(vec![7; 8]), Raw(vec![1, 4, 4, 4, 4])],
            ),
        ] {
            for (vouch, vouch_fields) in
                [(Vouch::SelfSigned, vec![Varint(0)]), (issued, issued_fields.clone())]
            {
                let mut hello = hello();
                hello.hello.ask = ask;
                hello.hello.certificate.vouch = vouch;
                let fields = hello_fields(kind, vouch_fields, ask_fields.clone());
                samples.push((Frame::Hello { hello, relayed }, fields));
            }
        }
    }

    let mut wrapped = record();
    wrapped.record.descent = Descent::Wrapped { root: Root([9; 8]), step: STEP_MAX };
    let mut fields = record_fields();
    fields.descent = vec![Varint(2), Raw(vec![9; 8]), Raw(vec![STEP_MAX])];
    let fields = [vec![Raw(vec![0x14])], fields.fields(), vec![Raw(vec![0x77; 32])]].concat();
    samples.push((Frame::Refresh { record: wrapped, wrapped: Wrapped([0x77; 32]) }, fields));

    let one = SealedBox { whom: MemberHint([4; 4]), key: Wrapped([0x66; 32]) };
    let two = SealedBox { whom: MemberHint([5; 4]), key: Wrapped([0x67; 32]) };
    let two_boxes =
        vec![Raw(vec![4; 4]), Raw(vec![0x66; 32]), Raw(vec![5; 4]), Raw(vec![0x67; 32])];
    let fields = [vec![Raw(vec![0x15])], record_fields().fields(), vec![Raw(vec![2; 33])]].concat();
    samples.push((
        Frame::Sealed { record: record(), ephemeral: Point([2; 33]), boxes: vec![one, two] },
        [fields, two_boxes.clone()].concat(),
    ));
    samples.push((
        Frame::Boxes { key: KeyPrefix([7; 8]), boxes: vec![one, two] },
        [vec![Raw(vec![0x16]), Raw(vec![7; 8])], two_boxes].concat(),
    ));

    let mut genesis = record();
    genesis.record.list = List::new(vec![Entry::new(MemberId([1; 16]), Rights::BOTH)]).unwrap();
    genesis.record.descent = Descent::Genesis { founder: Point([2; 33]), signed: true };
    (genesis.record.epoch, genesis.record.author) = (0, 0);
    genesis.record.cause = Cause::Founding;
    let mut fields = record_fields();
    fields.list = list_fields(&[(1, 3)]);
    fields.descent = vec![Varint(0), Raw(vec![2; 33]), Raw(vec![1])];
    (fields.epoch, fields.author, fields.cause) = (0, 0, 0);
    let fields = [vec![Raw(vec![0x17])], fields.fields(), vec![Raw(vec![2; 33])]].concat();
    samples.push((Frame::Announce { record: genesis, author: Point([2; 33]) }, fields));

    let what_fields = |what: Subject| match what {
        Subject::Proof { have, .. } => vec![Varint(0), Raw(vec![7; 8]), Raw(vec![have])],
        Subject::Hello(_) => vec![Varint(1), Raw(vec![5; 4])],
        Subject::Tag(_) => vec![Varint(2), Raw(vec![6; 4])],
    };
    for what in [
        Subject::Proof { key: KeyPrefix([7; 8]), have: 200 },
        Subject::Hello(MemberHint([5; 4])),
        Subject::Tag(Tag([6; 4])),
    ] {
        for (whom, whom_fields) in [(None, vec![0]), (whom, vec![1, 4, 4, 4, 4])] {
            let fields = vec![Raw(vec![0x18]), Raw(whom_fields)];
            samples
                .push((Frame::Query(Query { whom, what }), [fields, what_fields(what)].concat()));
        }
    }
    for (number, reason) in [(0, Refused::Certificate), (1, Refused::Barred), (2, Refused::Key)] {
        let fields = vec![Raw(vec![0x19]), Raw(vec![4; 4]), Varint(number)];
        samples.push((Frame::Refusal { whom: MemberHint([4; 4]), reason }, fields));
    }
    samples
}
