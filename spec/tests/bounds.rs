//! The bounds of chapter 3 (R-SYS-2): the greatest value of each field and the first beyond it.

#[allow(dead_code, reason = "shared with the other tests of this chapter")]
mod book;

use Field::{Raw, Varint};
use book::{Field, RecordFields, hello, hello_fields, join, list_fields, record, record_fields};
use keyrota_spec::limits::{
    BARRED_MAX, CHANGES_MAX, COUNTER_MAX, EPOCH_MAX, FRAME_MAX, LIFETIME_MAX_MINUTES, NAME_MAX,
    SEATS_MAX, STEP_MAX, TEXT_MAX,
};
use keyrota_spec::{
    Ask, BOX_LEN, Body, Certificate, Descent, Entry, Frame, Hello, IssuerId, KeyHint, KeyPrefix,
    List, Malformed, MemberHint, MemberId, Name, Point, Record, Rights, Root, SealedBox, Signature,
    SignedRecord, Tag, TextHeader, TextKind, Vouch, Wrapped,
};

#[test]
fn what_is_no_frame_of_this_version() {
    assert_eq!(Frame::decode(&[]), Err(Malformed::Empty));
    assert_eq!(Frame::decode(&[0x10; FRAME_MAX + 1]), Err(Malformed::TooLong));
    for first in 0..=u8::MAX {
        let decoded = Frame::decode(std::slice::from_ref(&first));
        assert_eq!(
            decoded,
            Err(match (first >> 4, first & 15) {
                (1, 0..=10) => Malformed::Content,
                (1, kind) => Malformed::Kind(kind),
                (version, _) => Malformed::Version(version),
            })
        );
    }
}

/// A frame whose one fault is a number or a choice out of its bounds.
fn refused(what: &str, bytes: &[u8]) {
    assert_eq!(Frame::decode(bytes), Err(Malformed::Content), "{what}");
}

#[test]
fn lists_out_of_bounds() {
    let most: Vec<(u8, u64)> =
        (1..=16).map(|id| (id, 3)).chain((17..=32).map(|id| (id, 0))).collect();
    let list = |entries: &[(u8, u64)]| {
        let mut fields = record_fields();
        fields.list = list_fields(entries);
        fields.turn = (0..).zip(entries).filter(|(_, e)| e.1 & 1 == 1).map(|(at, _)| at).collect();
        fields.author = 0;
        fields.announce()
    };
    let good = |what: &str, entries: &[(u8, u64)]| {
        assert!(Frame::decode(&list(entries)).is_ok(), "{what}");
    };
    good("as many as can be", &most);
    good("greatest changes", &[(1, u64::from(CHANGES_MAX) << 2 | 1)]);
    refused("changes past 30 bits", &list(&[(1, (u64::from(CHANGES_MAX) + 1) << 2 | 1)]));
    refused("no entry", &list(&[]));
    refused("first may not update", &list(&[(1, 2)]));
    refused("first is barred", &list(&[(1, 0)]));
    refused("same identifier twice", &list(&[(1, 3), (2, 3), (1, 3)]));
    refused("seated and barred", &list(&[(1, 3), (2, 3), (2, 0)]));
    refused("seat after a barred entry", &list(&[(1, 3), (2, 0), (3, 3)]));
    refused("barred entry with changes", &list(&[(1, 3), (2, 1 << 2)]));
    let seats: Vec<_> = (1..=SEATS_MAX as u8 + 1).map(|id| (id, 3)).collect();
    refused("17 seats", &list(&seats));
    let barred: Vec<_> =
        [(1, 3)].into_iter().chain((2..=BARRED_MAX as u8 + 2).map(|id| (id, 0))).collect();
    refused("17 barred", &list(&barred));
}

#[test]
fn records_out_of_bounds() {
    let with = |change: &dyn Fn(&mut RecordFields)| {
        let mut fields = record_fields();
        change(&mut fields);
        fields.announce()
    };
    let good = |what: &str, change: &dyn Fn(&mut RecordFields)| {
        assert!(Frame::decode(&with(change)).is_ok(), "{what}");
    };
    let bad = |what: &str, change: &dyn Fn(&mut RecordFields)| refused(what, &with(change));
    let wrapped = |step: u8| vec![Varint(2), Raw(vec![9; 8]), Raw(vec![step])];
    let genesis = |signed: u8| vec![Varint(0), Raw(vec![2; 33]), Raw(vec![signed])];

    good("greatest epoch", &|f| f.epoch = EPOCH_MAX.into());
    bad("epoch", &|f| f.epoch = u64::from(EPOCH_MAX) + 1);
    good("shortest lifetime", &|f| f.lifetime = 1);
    good("longest lifetime", &|f| f.lifetime = LIFETIME_MAX_MINUTES.into());
    bad("no lifetime", &|f| f.lifetime = 0);
    bad("lifetime", &|f| f.lifetime = u64::from(LIFETIME_MAX_MINUTES) + 1);
    good("first step", &|f| f.descent = wrapped(1));
    good("last step", &|f| f.descent = wrapped(STEP_MAX));
    bad("step 0", &|f| f.descent = wrapped(0));
    bad("step", &|f| f.descent = wrapped(STEP_MAX + 1));
    bad("descent", &|f| f.descent = vec![Varint(3)]);
    bad("author without a seat", &|f| f.author = 2);
    bad("barred author", &|f| f.list = list_fields(&[(1, 3), (2, 0)]));
    bad("empty turn", &|f| f.turn = vec![]);
    bad("turn twice", &|f| f.turn = vec![0, 0]);
    bad("turn of a distributor", &|f| f.turn = vec![0, 1]);
    bad("turn of nobody", &|f| f.turn = vec![2]);
    good("turn in any order", &|f| {
        f.list = list_fields(&[(1, 3), (2, 1)]);
        f.turn = vec![1, 0];
    });

    let founding = |f: &mut RecordFields| {
        f.list = list_fields(&[(1, 3), (2, 3)]);
        f.turn = vec![0, 1];
        f.descent = genesis(0);
        (f.epoch, f.author) = (0, 0);
    };
    good("genesis", &founding);
    bad("genesis by another than entry 0", &|f| {
        founding(f);
        f.author = 1;
    });
    bad("genesis of a later epoch", &|f| {
        founding(f);
        f.epoch = 1;
    });
    bad("genesis with changes", &|f| {
        founding(f);
        f.list = list_fields(&[(1, 3), (2, 1 << 2 | 3)]);
    });
    bad("neither signed nor unsigned", &|f| {
        founding(f);
        f.descent = genesis(2);
    });
}

#[test]
fn a_refresh_is_of_a_wrapped_key() {
    let mut fields = record_fields();
    refused("refresh of a sealed key", &fields.refresh());
    fields.descent = vec![Varint(2), Raw(vec![9; 8]), Raw(vec![1])];
    assert!(Frame::decode(&fields.refresh()).is_ok());
    fields.list = list_fields(&[(1, 3)]);
    fields.descent = vec![Varint(0), Raw(vec![2; 33]), Raw(vec![0])];
    (fields.epoch, fields.author) = (0, 0);
    assert!(Frame::decode(&fields.announce()).is_ok());
    refused("refresh of a genesis", &fields.refresh());
}

#[test]
fn texts_out_of_bounds() {
    let frame = |kind: u8, counter: u64, length: usize| {
        join(&[Raw(vec![kind; 1]), Raw(vec![7; 7]), Varint(counter), Raw(vec![0; length])])
    };
    for (kind, around) in [(0x10, 80), (0x11, 16), (0x12, 80)] {
        assert!(Frame::decode(&frame(kind, 0, around)).is_ok());
        refused("no room for tag and signature", &frame(kind, 0, around - 1));
        let longest = frame(kind, COUNTER_MAX.into(), TEXT_MAX + around);
        assert!(Frame::decode(&longest).is_ok());
        refused("text", &frame(kind, 0, TEXT_MAX + around + 1));
        refused("counter", &frame(kind, u64::from(COUNTER_MAX) + 1, around));
    }
}

#[test]
fn choices_out_of_bounds() {
    let ask = |fields: Vec<Field>| join(&hello_fields(0x13, vec![Varint(0)], fields));
    refused("option 2", &ask(vec![Raw(vec![2]), Varint(0), Raw(vec![0])]));
    refused("ask 3", &ask(vec![Raw(vec![1]), Varint(3), Raw(vec![0])]));
    refused("vouch 2", &join(&hello_fields(0x13, vec![Varint(2)], vec![Raw(vec![0])])));
    let query = |fields: &[Field]| join(&[&[Raw(vec![0x18, 0])], fields].concat());
    refused("subject 3", &query(&[Varint(3), Raw(vec![4; 4])]));
    refused("refusal 3", &join(&[Raw(vec![0x19, 4, 4, 4, 4]), Varint(3)]));
    refused("no box", &join(&[Raw(vec![0x16]), Raw(vec![7; 8])]));
    refused("half a box", &join(&[Raw(vec![0x16]), Raw(vec![7; 8 + BOX_LEN / 2])]));
    let sealed = [vec![Raw(vec![0x15])], record_fields().fields(), vec![Raw(vec![2; 33])]].concat();
    refused("sealed to nobody", &join(&sealed));
}

// ---- names ----

/// Chapter 3's table of the code points that no name holds.
const NO_NAME: &[(u32, u32)] = &[
    (0x0000, 0x001f),
    (0x007f, 0x009f),
    (0x00ad, 0x00ad),
    (0x061c, 0x061c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xe0000, 0xe0fff),
];
/// And of those that may stand inside one only.
const NO_END: &[(u32, u32)] = &[
    (0x0020, 0x0020),
    (0x00a0, 0x00a0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];

#[test]
fn names_hold_no_code_point_of_the_table() {
    let among = |table: &[(u32, u32)], c: char| {
        table.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
    };
    for c in '\0'..=char::MAX {
        let inside = Name::new(&format!("a{c}b")).is_some();
        let start = Name::new(&format!("{c}b")).is_some();
        let end = Name::new(&format!("a{c}")).is_some();
        assert_eq!(inside, !among(NO_NAME, c), "U+{:04X}", u32::from(c));
        assert_eq!((start, end), (inside && !among(NO_END, c), start), "U+{:04X}", u32::from(c));
    }
    let chapter = include_str!("../03-wire.md");
    for (first, last) in NO_NAME.iter().chain(NO_END) {
        let range = if first == last {
            format!("U+{first:04X}")
        } else {
            format!("U+{first:04X}–U+{last:04X}")
        };
        assert!(chapter.contains(&range), "{range} is not in chapter 3");
    }
}

#[test]
fn names_out_of_bounds() {
    let hello = |name: &[u8]| {
        let mut fields = hello_fields(0x13, vec![Varint(0)], vec![Raw(vec![0])]);
        fields[1] = Varint(name.len() as u64);
        fields[2] = Raw(name.into());
        join(&fields)
    };
    assert!(Frame::decode(&hello(&[b'a'; NAME_MAX])).is_ok());
    refused("long name", &hello(&[b'a'; NAME_MAX + 1]));
    refused("no name", &hello(b""));
    refused("not UTF-8", &hello(b"a\xff"));
    refused("control character", &hello(b"a\x07b"));
    refused("space at the end", &hello(b"ab "));
}

// ---- sizes ----

/// The longest record there is: sixteen seats, sixteen barred, all numbers at their greatest.
fn longest_record() -> SignedRecord {
    let mut signed = record();
    let seat = |id| Entry { changes: CHANGES_MAX, ..Entry::new(MemberId([id; 16]), Rights::BOTH) };
    let barred = |id| Entry::new(MemberId([id; 16]), Rights::NONE);
    signed.record = Record {
        list: List::new((1..=16).map(seat).chain((17..=32).map(barred)).collect()).unwrap(),
        turn: (0..16).rev().collect(),
        epoch: EPOCH_MAX,
        descent: Descent::Wrapped { root: Root([9; 8]), step: STEP_MAX },
        time: u32::MAX,
        lifetime: LIFETIME_MAX_MINUTES,
        ..signed.record
    };
    signed
}

fn fits(frame: &Frame<'_>) -> usize {
    let bytes = frame.encode();
    assert_eq!(Frame::decode(&bytes).as_ref(), Ok(frame));
    assert!(bytes.len() <= FRAME_MAX);
    bytes.len()
}

#[test]
fn the_longest_value_of_every_type_fits_a_frame() {
    let record = longest_record();
    assert_eq!(record.record.to_bytes().len(), 680);
    let one = SealedBox { whom: MemberHint([4; 4]), key: Wrapped([0x66; 32]) };
    assert_eq!(fits(&Frame::Refresh { record: record.clone(), wrapped: Wrapped([1; 32]) }), 777);
    assert_eq!(fits(&Frame::Announce { record: record.clone(), author: Point([2; 33]) }), 778);
    // Even then there is room for boxes: a grant always fits one frame.
    let boxes = vec![one; (FRAME_MAX - 778) / BOX_LEN];
    assert_eq!(boxes.len(), 2);
    fits(&Frame::Sealed { record, ephemeral: Point([2; 33]), boxes });
    let boxes = vec![one; (FRAME_MAX - 9) / BOX_LEN];
    assert_eq!(boxes.len(), 24);
    fits(&Frame::Boxes { key: KeyPrefix([7; 8]), boxes });

    let mut hello = hello();
    hello.hello = Hello {
        certificate: Certificate {
            body: Body {
                name: Name::new(&"a".repeat(NAME_MAX)).unwrap(),
                not_before: u64::MAX,
                lifetime: u32::MAX,
                ..hello.hello.certificate.body
            },
            vouch: Vouch::Issued { issuer: IssuerId([8; 8]), signature: Signature([0x53; 64]) },
        },
        time: u64::MAX,
        ask: Some((Ask::Key(KeyPrefix([7; 8])), Some(MemberHint([4; 4])))),
        ..hello.hello
    };
    assert_eq!(fits(&Frame::Hello { hello, relayed: true }), 272);
    let header = TextHeader { key: KeyHint([7; 3]), tag: Tag([6; 4]), counter: COUNTER_MAX };
    let ciphertext = &[0; TEXT_MAX + 80];
    assert_eq!(fits(&Frame::Text { kind: TextKind::Signed, header, ciphertext }), FRAME_MAX);
}

#[test]
fn certificates_stand_alone_too() {
    let certificate = hello().hello.certificate;
    let bytes = certificate.to_bytes();
    assert_eq!(Certificate::from_bytes(&bytes), Ok(certificate));
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Certificate::from_bytes(&longer), Err(Malformed::Trailing));
    for length in 0..bytes.len() {
        assert_eq!(Certificate::from_bytes(&bytes[..length]), Err(Malformed::Content));
    }
}
