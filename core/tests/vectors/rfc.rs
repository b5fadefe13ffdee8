//! The vectors that the standards print.

use hex_literal::hex;
use keyrota::crypto::{
    DhKey, DhPublic, SigningKey, TAG, Tally, VerifyingKey, expand, extract, hash, open_in_place,
    seal_in_place,
};

/// RFC 9180, A.3.1 and A.3.2: the key encapsulation alone, which both modes do alike. The
/// points are the RFC's without their y, since `02` and `03` stand for its parity.
#[test]
fn rfc_9180_dhkem() {
    for (ikm_e, ikm_r, enc, recipient, shared) in [
        (
            hex!("4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e"),
            hex!("668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"),
            hex!("02a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"),
            hex!("02fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"),
            hex!("c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8"),
        ),
        (
            hex!("2afa611d8b1a7b321c761b483b6a053579afa4f767450d3ad0f84a39fda587a6"),
            hex!("d42ef874c1913d9568c9405407c805baddaffd0898a00f1e84e154fa787b2429"),
            hex!("03305d35563527bce037773d79a13deabed0e8e7cde61eecee403496959e89e4d0"),
            hex!("030d97419ae99f13007a93996648b2674e5260a8ebd2b822e84899cd52d87446ea"),
            hex!("2e783ad86a1beae03b5749e0f3f5e9bb19cb7eb382f2fb2dd64c99f15ae0661b"),
        ),
    ] {
        let tally = &mut Tally::default();
        let ephemeral = DhKey::derive(&ikm_e, tally);
        let member = DhKey::derive(&ikm_r, tally);
        assert_eq!(ephemeral.public(), enc);
        assert_eq!(member.public(), recipient);

        let enc = DhPublic::from_bytes(&enc).unwrap();
        let recipient = DhPublic::from_bytes(&recipient).unwrap();
        assert_eq!(*ephemeral.encapsulate(&recipient, tally), shared);
        assert_eq!(*member.decapsulate(&enc, tally), shared);
        assert_eq!((tally.multiply, tally.sign, tally.verify), (4, 0, 0));
    }
}

/// RFC 9180, A.3.1: the private keys that DeriveKeyPair gives.
#[test]
fn rfc_9180_derive_key_pair() {
    let tally = &mut Tally::default();
    for (ikm, scalar) in [
        (
            hex!("4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e"),
            hex!("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb"),
        ),
        (
            hex!("668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"),
            hex!("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"),
        ),
    ] {
        let key = DhKey::derive(&ikm, tally);
        assert_eq!(*key.to_bytes(), scalar);
        let again = DhKey::from_bytes(&scalar, tally).unwrap();
        assert_eq!(again.public(), key.public());
    }
}

/// RFC 6979, A.2.5: P-256 with SHA-256.
#[test]
fn rfc_6979_signatures() {
    let scalar = hex!("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    let public = hex!("0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    let key = SigningKey::from_bytes(&scalar).unwrap();
    assert_eq!(key.public(), public);
    assert_eq!(*key.to_bytes(), scalar);

    let tally = &mut Tally::default();
    let sample = key.sign(tally, &[b"sample"]);
    assert_eq!(
        sample,
        hex!(
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        )
    );
    assert_eq!(
        key.sign(tally, &[b"te", b"", b"st"]),
        hex!(
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367
             019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
        )
    );

    let public = VerifyingKey::from_bytes(&public).unwrap();
    assert!(public.verify(tally, &[b"sam", b"ple"], &sample));
    assert!(!public.verify(tally, &[b"samples"], &sample));
    assert_eq!((tally.sign, tally.verify, tally.multiply), (2, 2, 0));
}

/// RFC 5869, A.1 to A.3: Extract and Expand with SHA-256.
#[test]
fn rfc_5869_hkdf() {
    let bytes = |range: std::ops::Range<u8>| range.collect::<Vec<u8>>();

    let prk = extract(&bytes(0x00..0x0d), &[&[0x0b; 22]]);
    assert_eq!(*prk, hex!("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
    let okm = hex!(
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf
         34007208d5b887185865"
    );
    assert_eq!(*expand::<42>(&prk, &bytes(0xf0..0xfa), &[]), okm);

    let prk = extract(&bytes(0x60..0xb0), &[&bytes(0x00..0x20), &bytes(0x20..0x50)]);
    assert_eq!(*prk, hex!("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244"));
    let okm = hex!(
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c
         59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71
         cc30c58179ec3e87c14c01d5c1f3434f1d87"
    );
    assert_eq!(*expand::<82>(&prk, &bytes(0xb0..0xc0), &[&bytes(0xc0..0xff), &[0xff]]), okm);

    let prk = extract(&[], &[&[0x0b; 22]]);
    assert_eq!(*prk, hex!("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"));
    let okm = hex!(
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d
         9d201395faa4b61a96c8"
    );
    assert_eq!(*expand::<42>(&prk, &[], &[]), okm);
}

struct Aead {
    key: &'static [u8; 32],
    nonce: &'static [u8; 12],
    aad: &'static [u8],
    text: &'static [u8],
    sealed: &'static [u8],
}

/// RFC 8452, C.2 (seven of its cases) and C.3, in which the counter wraps.
const AES_256_GCM_SIV: [Aead; 9] = [
    Aead {
        key: &hex!("0100000000000000000000000000000000000000000000000000000000000000"),
        nonce: &hex!("030000000000000000000000"),
        aad: &hex!(""),
        text: &hex!(""),
        sealed: &hex!("07f5f4169bbf55a8400cd47ea6fd400f"),
    },
    Aead {
        key: &hex!("0100000000000000000000000000000000000000000000000000000000000000"),
        nonce: &hex!("030000000000000000000000"),
        aad: &hex!(""),
        text: &hex!("0100000000000000"),
        sealed: &hex!("c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
    },
    Aead {
        key: &hex!("0100000000000000000000000000000000000000000000000000000000000000"),
        nonce: &hex!("030000000000000000000000"),
        aad: &hex!("01"),
        text: &hex!("0200000000000000"),
        sealed: &hex!("1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    },
    Aead {
        key: &hex!("0100000000000000000000000000000000000000000000000000000000000000"),
        nonce: &hex!("030000000000000000000000"),
        aad: &hex!("01"),
        text: &hex!(
            "0200000000000000000000000000000003000000000000000000000000000000
             0400000000000000000000000000000005000000000000000000000000000000"
        ),
        sealed: &hex!(
            "67fd45e126bfb9a79930c43aad2d36967d3f0e4d217c1e551f59727870beefc9
             8cb933a8fce9de887b1e40799988db1fc3f91880ed405b2dd298318858467c89
             5bde0285037c5de81e5b570a049b62a0"
        ),
    },
    Aead {
        key: &hex!("0100000000000000000000000000000000000000000000000000000000000000"),
        nonce: &hex!("030000000000000000000000"),
        aad: &hex!("0100000000000000000000000000000002000000"),
        text: &hex!("030000000000000000000000000000000400"),
        sealed: &hex!(
            "462401724b5ce6588d5a54aae5375513a075cfcdf5042112aa29685c912fc205
             6543"
        ),
    },
    Aead {
        key: &hex!("bae8e37fc83441b16034566b7a806c46bb91c3c5aedb64a6c590bc84d1a5e269"),
        nonce: &hex!("e4b47801afc0577e34699b9e"),
        aad: &hex!("4fbdc66f14"),
        text: &hex!("671fdd"),
        sealed: &hex!("0eaccb93da9bb81333aee0c785b240d319719d"),
    },
    Aead {
        key: &hex!("3c535de192eaed3822a2fbbe2ca9dfc88255e14a661b8aa82cc54236093bbc23"),
        nonce: &hex!("688089e55540db1872504e1c"),
        aad: &hex!(
            "734320ccc9d9bbbb19cb81b2af4ecbc3e72834321f7aa0f70b7282b4f33df23f
             167541"
        ),
        text: &hex!("ced532ce4159b035277d4dfbb7db62968b13cd4eec"),
        sealed: &hex!(
            "626660c26ea6612fb17ad91e8e767639edd6c9faee9d6c7029675b89eaf4ba1d
             ed1a286594"
        ),
    },
    Aead {
        key: &hex!("0000000000000000000000000000000000000000000000000000000000000000"),
        nonce: &hex!("000000000000000000000000"),
        aad: &hex!(""),
        text: &hex!("000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108"),
        sealed: &hex!(
            "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3ea
             ffffffff000000000000000000000000"
        ),
    },
    Aead {
        key: &hex!("0000000000000000000000000000000000000000000000000000000000000000"),
        nonce: &hex!("000000000000000000000000"),
        aad: &hex!(""),
        text: &hex!("eb3640277c7ffd1303c7a542d02d3e4c0000000000000000"),
        sealed: &hex!(
            "18ce4f0b8cb4d0cac65fea8f79257b20888e53e72299e56dffffffff00000000
             0000000000000000"
        ),
    },
];

#[test]
fn rfc_8452_aes_256_gcm_siv() {
    for case in &AES_256_GCM_SIV {
        seals_and_opens(case.key, case.nonce, case.aad, case.text, case.sealed);
    }
}

/// Checks both directions behind a header that must stay as it is, and that neither moves the
/// buffer, whose capacity suffices.
fn seals_and_opens(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], text: &[u8], sealed: &[u8]) {
    let header = b"header";
    let mut buffer = Vec::with_capacity(header.len() + text.len() + TAG);
    buffer.extend_from_slice(header);
    buffer.extend_from_slice(text);
    let place = buffer.as_ptr();

    seal_in_place(key, nonce, aad, &mut buffer, header.len());
    assert_eq!(buffer, [header, sealed].concat());
    assert!(open_in_place(key, nonce, aad, &mut buffer, header.len()));
    assert_eq!(buffer, [header, text].concat());
    assert_eq!(buffer.as_ptr(), place);
}

/// FIPS 180-4's "abc", in every way it can be cut.
#[test]
fn sha_256() {
    let abc = hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(hash(b"", &[b"abc"]), abc);
    assert_eq!(hash(b"a", &[b"bc"]), abc);
    assert_eq!(hash(b"abc", &[]), abc);
    assert_eq!(hash(b"a", &[b"", b"b", b"c"]), abc);
}
