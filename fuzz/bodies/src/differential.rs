//! The codec against the [naive decoder](crate::naive): both accept, and read the same fields, or
//! neither does.
//!
//! Spec: chapters 3 and 4.

use keyrota::spec::armor::{self, PartId};
use keyrota::spec::limits::{COUNTER_MAX, EPOCH_MAX, LIFETIME_MAX_MINUTES, STEP_MAX};
use keyrota::spec::{
    Ask, Descent, Frame, MemberHint, Point, Query, Record, Refused, Root, SealedBox, SignedHello,
    SignedRecord, Subject, TextHeader, TextKind, Vouch,
};

use crate::naive::{self, Fields, Value};

/// The input as a frame, and as a line.
pub fn run(data: &[u8]) {
    compare(data);
    if let Ok(frame) = Frame::decode(data) {
        go_to_bounds(frame);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        compare_line(text);
        // Every position, of which few are one.
        if let (Some("+k"), Some(id), Some(rest)) = (text.get(..2), text.get(2..5), text.get(6..)) {
            for position in (0x20..0x7f_u8).map(char::from) {
                compare_line(&format!("+k{id}{position}{rest}"));
            }
        }
    }
}

fn compare_line(text: &str) {
    let line = armor::parse(text).map(|line| match line {
        armor::Line::Whole(bytes) => naive::Line::Whole(bytes),
        armor::Line::Part { id, index, count, bytes } => {
            // What an id is in numbers is its own affair.
            let number = match naive::line(text) {
                Some(naive::Line::Part(number, ..)) if PartId::new(number) == id => number,
                _ => u32::MAX,
            };
            naive::Line::Part(number, index, count, bytes)
        }
    });
    assert_eq!(line, naive::line(text), "{text}");
}

fn compare(bytes: &[u8]) {
    let frame = Frame::decode(bytes);
    assert_eq!(frame.as_ref().ok().map(fields), naive::frame(bytes), "{frame:?}");
}

/// Puts each number that has a bound to it and beyond, and lists out of order: chance seldom does, and no
/// new branch tells that it did.
fn go_to_bounds(frame: Frame<'_>) {
    match &frame {
        Frame::Text { kind, header, ciphertext } => {
            for counter in [COUNTER_MAX, COUNTER_MAX + 1] {
                let header = TextHeader { counter, ..*header };
                compare(&Frame::Text { kind: *kind, header, ciphertext }.encode());
            }
        }
        Frame::Refresh { record, .. }
        | Frame::Sealed { record, .. }
        | Frame::Announce { record, .. } => {
            for record in at_bounds(&record.record) {
                let mut altered = frame.clone();
                if let Frame::Refresh { record: signed, .. }
                | Frame::Sealed { record: signed, .. }
                | Frame::Announce { record: signed, .. } = &mut altered
                {
                    signed.record = record;
                }
                compare(&altered.encode());
            }
        }
        Frame::Hello { hello, .. } => {
            let bytes = frame.encode();
            let behind = 2 + hello.hello.certificate.body.name.as_str().len();
            // The letters around one row of the tables, another for each Hello.
            let rows = naive::SHAPELESS.iter().chain(&naive::SPACES);
            let chosen = usize::from(hello.signature.0[63]) % rows.clone().count();
            let (first, last) = rows.clone().nth(chosen).copied().unwrap_or_default();
            for letter in [first.saturating_sub(1), first, last, last + 1] {
                let Some(letter) = char::from_u32(letter) else { continue };
                for name in [format!("{letter}a"), format!("a{letter}a"), format!("a{letter}")] {
                    let length = u8::try_from(name.len()).expect("a short name");
                    let named = [&bytes[..1], &[length], name.as_bytes()].concat();
                    compare(&[&named, &bytes[behind..]].concat());
                }
            }
        }
        _ => {}
    }
}

fn at_bounds(record: &Record) -> Vec<Record> {
    let with = |change: &dyn Fn(&mut Record)| {
        let mut altered = record.clone();
        change(&mut altered);
        altered
    };
    let mut all = Vec::new();
    for epoch in [0, 1, EPOCH_MAX, EPOCH_MAX + 1, u16::MAX] {
        all.push(with(&|one| one.epoch = epoch));
    }
    for lifetime in [0, 1, LIFETIME_MAX_MINUTES, LIFETIME_MAX_MINUTES + 1] {
        all.push(with(&|one| one.lifetime = lifetime));
    }
    for step in [0, 1, STEP_MAX, STEP_MAX + 1] {
        let root = Root([7; 8]);
        all.push(with(&|one| one.descent = Descent::Wrapped { root, step }));
    }
    let founder = Point([2; 33]);
    all.push(with(&|one| one.descent = Descent::Genesis { founder, signed: true }));
    let seats = u8::try_from(record.list.seats().count()).unwrap_or(u8::MAX);
    for author in [0, seats.saturating_sub(1), seats, u8::MAX] {
        all.push(with(&|one| one.author = author));
    }
    all.push(with(&|one| one.turn.reverse()));
    all.push(with(&|one| one.turn.truncate(1)));
    all.push(with(&|one| one.turn.extend_from_within(..1.min(one.turn.len()))));
    all.push(with(&|one| one.turn.push(seats)));
    all
}

/// The fields that the codec has read, as the naive decoder notes them.
fn fields(frame: &Frame<'_>) -> Fields {
    let mut out = Out::default();
    match frame {
        Frame::Text { kind, header, ciphertext } => {
            out.number(
                "kind",
                match kind {
                    TextKind::Signed => 0x10_u8,
                    TextKind::Unsigned => 0x11,
                    TextKind::Control => 0x12,
                },
            );
            out.bytes("key", header.key);
            out.bytes("tag", header.tag);
            out.number("counter", header.counter);
            out.bytes("rest", ciphertext);
        }
        Frame::Hello { hello, relayed } => {
            out.number("kind", if *relayed { 0x1a_u8 } else { 0x13 });
            out.hello(hello);
        }
        Frame::Refresh { record, wrapped } => {
            out.number("kind", 0x14_u8);
            out.record(record);
            out.bytes("wrapped", wrapped);
        }
        Frame::Sealed { record, ephemeral, boxes } => {
            out.number("kind", 0x15_u8);
            out.record(record);
            out.bytes("ephemeral", ephemeral);
            out.boxes(boxes);
        }
        Frame::Boxes { key, boxes } => {
            out.number("kind", 0x16_u8);
            out.bytes("key", key);
            out.boxes(boxes);
        }
        Frame::Announce { record, author } => {
            out.number("kind", 0x17_u8);
            out.record(record);
            out.bytes("author", author);
        }
        Frame::Query(Query { whom, what }) => {
            out.number("kind", 0x18_u8);
            out.whom(whom.as_ref());
            match what {
                Subject::Proof { key, have } => {
                    out.number("subject", 0_u8);
                    out.bytes("key", key);
                    out.number("have", *have);
                }
                Subject::Hello(member) => {
                    out.number("subject", 1_u8);
                    out.bytes("member", member);
                }
                Subject::Tag(tag) => {
                    out.number("subject", 2_u8);
                    out.bytes("tag", tag);
                }
            }
        }
        Frame::Refusal { whom, reason } => {
            out.number("kind", 0x19_u8);
            out.bytes("whom", whom);
            out.number(
                "reason",
                match reason {
                    Refused::Certificate => 0_u8,
                    Refused::Barred => 1,
                    Refused::Key => 2,
                    _ => u8::MAX,
                },
            );
        }
        _ => panic!("a kind that chapter 3 does not have"),
    }
    out.0
}

#[derive(Default)]
struct Out(Fields);

impl Out {
    fn number(&mut self, name: &'static str, number: impl Into<u64>) {
        self.0.push((name, Value::Number(number.into())));
    }

    fn bytes(&mut self, name: &'static str, bytes: impl AsRef<[u8]>) {
        self.0.push((name, Value::Bytes(bytes.as_ref().to_vec())));
    }

    fn whom(&mut self, whom: Option<&MemberHint>) {
        self.number("whom", whom.is_some());
        if let Some(whom) = whom {
            self.bytes("whom", whom);
        }
    }

    fn boxes(&mut self, boxes: &[SealedBox]) {
        for SealedBox { whom, key } in boxes {
            self.bytes("whom", whom);
            self.bytes("key", key);
        }
    }

    fn hello(&mut self, signed: &SignedHello) {
        let hello = &signed.hello;
        let body = &hello.certificate.body;
        self.bytes("name", body.name.as_str());
        self.bytes("key", body.key);
        self.number("not before", body.not_before);
        self.number("lifetime", body.lifetime);
        match &hello.certificate.vouch {
            Vouch::SelfSigned => self.number("vouch", 0_u8),
            Vouch::Issued { issuer, signature } => {
                self.number("vouch", 1_u8);
                self.bytes("issuer", issuer);
                self.bytes("signature", signature);
            }
        }
        self.bytes("member key", hello.member_key);
        self.bytes("tag", hello.tag);
        self.number("time", hello.time);
        self.number("ask", hello.ask.is_some());
        if let Some((ask, whom)) = &hello.ask {
            match ask {
                Ask::Latest => self.number("which", 0_u8),
                Ask::Hint(key) => {
                    self.number("which", 1_u8);
                    self.bytes("key", key);
                }
                Ask::Key(key) => {
                    self.number("which", 2_u8);
                    self.bytes("key", key);
                }
            }
            self.whom(whom.as_ref());
        }
        self.bytes("signature", signed.signature);
    }

    fn record(&mut self, signed: &SignedRecord) {
        let record = &signed.record;
        self.bytes("channel", record.channel);
        let entries = record.list.entries();
        self.number("list", entries.len() as u64);
        for entry in entries {
            let rights = u32::from(entry.rights.distribute) * 2 + u32::from(entry.rights.update);
            self.bytes("id", entry.id);
            self.number("state", entry.changes * 4 + rights);
        }
        self.number("turn", record.turn.len() as u64);
        for seat in &record.turn {
            self.number("seat", *seat);
        }
        self.number("epoch", record.epoch);
        match &record.descent {
            Descent::Genesis { founder, signed } => {
                self.number("descent", 0_u8);
                self.bytes("founder", founder);
                self.number("signed", *signed);
            }
            Descent::Sealed => self.number("descent", 1_u8),
            Descent::Wrapped { root, step } => {
                self.number("descent", 2_u8);
                self.bytes("root", root);
                self.number("step", *step);
            }
        }
        self.number("author", record.author);
        self.number("cause", record.cause as u64);
        self.number("time", record.time);
        self.number("lifetime", record.lifetime);
        self.bytes("commit", record.commit);
        self.bytes("signature", signed.signature);
    }
}
