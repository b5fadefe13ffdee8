//! The wire format of chapter 3 (R-SYS-2): every kind of frame, whole, cut, bent and overlong.

#[allow(dead_code, reason = "shared with the other tests of this chapter")]
mod book;

use Field::{Raw, Varint};
use book::{Field, join, overlong, record_fields, samples};
use keyrota_spec::{BOX_LEN, Cause, Control, Frame, Malformed, label};

#[test]
fn a_frame_is_its_fields_one_after_the_other() {
    let samples = samples();
    for (frame, fields) in &samples {
        let bytes = join(fields);
        assert_eq!(frame.encode(), bytes, "{frame:?}");
        assert_eq!(Frame::decode(&bytes).as_ref(), Ok(frame));
    }
    let kinds: std::collections::BTreeSet<u8> =
        samples.iter().map(|(frame, _)| frame.encode()[0]).collect();
    assert!(kinds.into_iter().eq(0x10..=0x1a), "a kind without a sample");
}

#[test]
fn every_cause_and_the_control_have_their_numbers() {
    let causes = [
        Cause::Founding,
        Cause::Period,
        Cause::Messages,
        Cause::Bytes,
        Cause::Growth,
        Cause::Topic,
        Cause::Idle,
        Cause::Wish,
        Cause::Alone,
        Cause::Lifetime,
        Cause::Exclusion,
        Cause::List,
        Cause::Missing,
    ];
    for (number, cause) in causes.into_iter().enumerate() {
        let mut fields = record_fields();
        fields.cause = number as u64;
        let Ok(Frame::Announce { record, .. }) = Frame::decode(&fields.announce()) else {
            panic!("cause {number}")
        };
        assert_eq!(record.record.cause, cause);
    }
    let mut fields = record_fields();
    fields.cause = causes.len() as u64;
    assert_eq!(Frame::decode(&fields.announce()), Err(Malformed::Content));

    assert_eq!(Control::Wish.to_bytes(), [0]);
    assert_eq!(Control::from_bytes(&[0]), Ok(Control::Wish));
    for wrong in [&[][..], &[1], &[0, 0], &[0x80, 0]] {
        assert!(Control::from_bytes(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_frame_cut_short_is_no_frame_or_another() {
    for (frame, _) in samples() {
        let bytes = frame.encode();
        for length in 0..bytes.len() {
            match Frame::decode(&bytes[..length]) {
                Err(_) => {}
                // Whatever length a ciphertext has left, it may have had; boxes may be fewer.
                Ok(Frame::Text { ciphertext, .. }) => assert!(ciphertext.len() >= 16),
                Ok(Frame::Sealed { .. } | Frame::Boxes { .. }) => {
                    assert_eq!((bytes.len() - length) % BOX_LEN, 0);
                }
                Ok(other) => panic!("{length} bytes of {frame:?} are {other:?}"),
            }
        }
    }
}

#[test]
fn nothing_may_follow_a_frame() {
    for (frame, _) in samples() {
        let mut bytes = frame.encode();
        bytes.push(0);
        let decoded = Frame::decode(&bytes);
        match frame {
            Frame::Text { .. } => assert_ne!(decoded.unwrap(), frame),
            Frame::Sealed { .. } | Frame::Boxes { .. } => {
                assert_eq!(decoded, Err(Malformed::Content));
            }
            _ => assert_eq!(decoded, Err(Malformed::Trailing)),
        }
    }
}

#[test]
fn a_varint_has_one_encoding() {
    let mut tried = 0;
    for (frame, fields) in samples() {
        for (at, field) in fields.iter().enumerate() {
            let Varint(number) = field else { continue };
            let mut bent = fields.clone();
            bent[at] = Raw(overlong(*number));
            let decoded = Frame::decode(&join(&bent)).map(|frame| frame.encode());
            // One digit too many is out of range where the number's type leaves no room for it.
            assert!(
                matches!(decoded, Err(Malformed::NotCanonical | Malformed::Content)),
                "field {at} of {frame:?}: {decoded:?}"
            );
            tried += 1;
        }
    }
    assert_eq!(tried, 130);
}

#[test]
fn every_bit_counts() {
    for (frame, _) in samples() {
        let bytes = frame.encode();
        for bit in 0..bytes.len() * 8 {
            let mut bent = bytes.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            if let Ok(other) = Frame::decode(&bent) {
                assert_ne!(other, frame, "bit {bit}");
                assert_eq!(other.encode(), bent, "bit {bit} of {frame:?}");
            }
        }
    }
}

// ---- labels ----

#[test]
fn no_label_begins_another() {
    for (at, one) in label::ALL.iter().enumerate() {
        assert!(one.starts_with(b"keyrota/1 ") && one.ends_with(b"\0") && one.is_ascii());
        for other in &label::ALL[at + 1..] {
            assert!(!one.starts_with(other) && !other.starts_with(one));
        }
    }
}

#[test]
fn the_labels_are_those_of_the_chapter() {
    let source = include_str!("../src/label.rs");
    assert_eq!(source.matches(": &[u8] = b\"").count(), label::ALL.len());
    let chapter = include_str!("../01-conventions.md");
    let listed: Vec<&str> = chapter
        .lines()
        .filter_map(|line| line.strip_prefix("| `keyrota/1 ")?.split_once("\\0`").map(|row| row.0))
        .collect();
    let own: Vec<String> = label::ALL
        .iter()
        .map(|one| String::from_utf8(one["keyrota/1 ".len()..one.len() - 1].to_vec()).unwrap())
        .collect();
    assert_eq!(listed, own, "the table of labels in chapter 1");
}
