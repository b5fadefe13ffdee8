//! What no standard prints and the protocol needs: one encoding per key, nothing lost by a
//! failed opening, no secret in `Debug`.

use hex_literal::hex;
use keyrota::crypto::{
    DhKey, DhPublic, SigningKey, TAG, Tally, VerifyingKey, equal, open_in_place, seal_in_place,
};

/// A text that does not open stays as it came, so that another key can be tried on it.
#[test]
fn what_does_not_open_is_left_as_it_was() {
    let (key, nonce, aad) = ([1; 32], [2; 12], b"bound");
    let mut buffer = b"text".to_vec();
    seal_in_place(&key, &nonce, aad, &mut buffer, 0);
    let sealed = buffer.clone();

    assert!(!open_in_place(&[3; 32], &nonce, aad, &mut buffer, 0));
    assert!(!open_in_place(&key, &[3; 12], aad, &mut buffer, 0));
    assert!(!open_in_place(&key, &nonce, b"other", &mut buffer, 0));
    let length = sealed.len();
    for from in [1, length - TAG, length - TAG + 1, length, length + 1, usize::MAX] {
        assert!(!open_in_place(&key, &nonce, aad, &mut buffer, from));
    }
    assert_eq!(buffer, sealed);
    assert!(open_in_place(&key, &nonce, aad, &mut buffer, 0));
    assert_eq!(buffer, b"text");
}

/// Sealing from past the end seals the empty text at the end.
#[test]
fn sealing_from_past_the_end() {
    let (key, nonce) = ([1; 32], [2; 12]);
    let mut buffer = b"header".to_vec();
    seal_in_place(&key, &nonce, b"", &mut buffer, usize::MAX);
    assert_eq!(buffer.len(), 6 + TAG);
    assert!(open_in_place(&key, &nonce, b"", &mut buffer, 6));
    assert_eq!(buffer, b"header");
}

/// A point has one encoding; what merely could be read as one is refused.
#[test]
fn one_encoding_per_point() {
    let good = hex!("0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    let accepted = |bytes: &[u8; 33]| {
        let (verifying, dh) = (VerifyingKey::from_bytes(bytes), DhPublic::from_bytes(bytes));
        assert_eq!(verifying.map(|key| key.to_bytes()), dh.map(|key| key.to_bytes()));
        assert!(dh.is_none_or(|key| key.to_bytes() == *bytes));
        dh.is_some()
    };
    for first in 0..=255 {
        let mut bytes = good;
        bytes[0] = first;
        // 5 is SEC1's compact form, of the same length, which the library reads.
        assert_eq!(accepted(&bytes), matches!(first, 2 | 3), "{first}");
    }
    // There is a point with x = 5. Its x may not be written as 5 + p.
    let x = hex!("020000000000000000000000000000000000000000000000000000000000000005");
    assert!(accepted(&x));
    let x = hex!("02ffffffff00000001000000000000000000000001000000000000000000000004");
    assert!(!accepted(&x));
}

/// Private scalars are those of 1..n.
#[test]
fn private_scalars_have_bounds() {
    let accepted = |bytes: &[u8; 32]| {
        let signing = SigningKey::from_bytes(bytes);
        let dh = DhKey::from_bytes(bytes, &mut Tally::default());
        assert_eq!(signing.map(|key| key.public()), dh.as_ref().map(DhKey::public));
        dh.is_some()
    };
    let mut n = hex!("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    assert!(!accepted(&n));
    n[31] -= 1;
    assert!(accepted(&n));
    assert!(!accepted(&[0; 32]));
    assert!(!accepted(&[255; 32]));
}

/// No secret shows in `Debug` output.
#[test]
fn secrets_are_redacted() {
    let key = SigningKey::from_bytes(&[7; 32]).unwrap();
    assert_eq!(format!("{key:?}"), "SigningKey { .. }");
    let key = DhKey::derive(&[7; 32], &mut Tally::default());
    assert_eq!(format!("{key:?}"), "DhKey { .. }");
}

#[test]
fn equality() {
    assert!(equal(b"", b""));
    assert!(equal(&[3; 16], &[3; 16]));
    assert!(!equal(b"abc", b"abd"));
    assert!(!equal(b"abc", b"ab"));
}
