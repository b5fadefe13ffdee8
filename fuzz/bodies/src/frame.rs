//! The codec: what is accepted is the one encoding of what it says.
//!
//! Spec: chapter 3, and chapter 8, "Signing twice".

use keyrota::spec::limits::{EVIDENCE_MAX, FRAME_MAX};
use keyrota::spec::{Control, Evidence, Frame, Record, SignedHello};

/// The input as each thing that can be decoded: encoded again it is the same bytes.
pub fn run(data: &[u8]) {
    match Frame::decode(data) {
        Ok(frame) => {
            assert_eq!(frame.encode(), data);
            assert!(data.len() <= FRAME_MAX);
        }
        Err(why) => drop(why.to_string()),
    }
    if let Ok(record) = Record::from_bytes(data) {
        assert_eq!(record.to_bytes(), data);
    }
    if let Ok(hello) = SignedHello::from_bytes(data) {
        assert_eq!(hello.to_bytes(), data);
    }
    if let Ok(control) = Control::from_bytes(data) {
        assert_eq!(control.to_bytes(), data);
    }
    if let Ok(evidence) = Evidence::from_bytes(data) {
        assert_eq!(evidence.to_bytes(), data);
        assert!(data.len() <= EVIDENCE_MAX);
        let [one, other] = evidence.records().clone();
        // Whichever is named first.
        let again = Evidence::new(*evidence.key(), other, one);
        assert_eq!(again.as_ref(), Some(&evidence));
        // That it is well formed does not make it true.
        let _ = keyrota::signed_twice(&evidence);
    }
}
