//! A valid frame of each kind, and of each form that it has: the examples of chapter 3.

use keyrota::crypto::{self, DhKey, Tally};
use keyrota::spec::label;

use crate::generate::cast::{
    self, KEYS, Member, NEW_YEAR, ada, ben, cyn, first, genesis, key_id, refreshed, sealed, signed,
};
use crate::generate::wire::{Record, Wire};

/// A valid frame of each kind, and of each form that it has: the examples of the chapter.
pub(super) fn bases() -> Vec<(&'static str, Wire)> {
    let kind = |byte: u8| Wire::new().raw("kind", [byte]);
    let (ada, ben, cyn) = (ada(), ben(), cyn());
    let key = key_id(&genesis());
    let text = |byte, counter, content: &[u8], member: &Member| {
        let sealed = sealed_text(byte, counter, content, member);
        kind(byte)
            .raw("key", &key[..3])
            .raw("tag", member.tag)
            .number("counter", counter.into(), 32)
            .raw("rest", sealed)
    };
    let sealing = |ikm: u8, record: &Record, key: &[u8; 32], to: &Member| {
        let ephemeral = DhKey::derive(&[ikm; 32], &mut Tally::default());
        let theirs = crypto::DhPublic::from_bytes(&to.member_key).expect("a key");
        let shared = ephemeral.encapsulate(&theirs, &mut Tally::default());
        let parts: [&[u8]; 3] = [&cast::channel(), &key_id(record), &to.id];
        let pad = crypto::expand::<32>(&shared, label::BOX, &parts);
        (ephemeral.public(), xor(key, &pad))
    };
    let query = |whom: Option<[u8; 4]>| {
        let query = kind(0x18).flag("whom", whom.is_some());
        match whom {
            Some(whom) => query.raw("whom-hint", whom),
            None => query,
        }
    };
    let wrap = crypto::expand::<32>(&KEYS[0], label::WRAP, &[&key_id(&refreshed())]);
    let (ephemeral, box_of_ben) = sealing(0xe2, &sealed(), &KEYS[2], &ben);
    let (_, box_of_cyn) = sealing(0xe2, &sealed(), &KEYS[2], &cyn);
    let (granting, grant) = sealing(0xe1, &genesis(), &KEYS[0], &ben);
    vec![
        ("signed-text", text(0x10, 0, b"Good morning", &ben)),
        ("unsigned-text", text(0x11, 300, b"Guess who", &ben)),
        ("control", text(0x12, 301, &[0], &ben)),
        ("hello", hello(0x13, &ben, false, NEW_YEAR + 60, Asking::Latest, None)),
        ("relayed-hello", hello(0x1a, &cyn, true, NEW_YEAR + 1_800, Asking::Nothing, None)),
        ("refresh", kind(0x14).join(signed(&refreshed())).raw("wrapped", xor(&KEYS[1], &wrap))),
        (
            "grant",
            kind(0x15)
                .join(signed(&genesis()))
                .raw("ephemeral", granting)
                .raw("whom", &ben.id[..4])
                .raw("box", grant),
        ),
        (
            "sealed-key",
            kind(0x15)
                .join(signed(&sealed()))
                .raw("ephemeral", ephemeral)
                .raw("whom", &ben.id[..4])
                .raw("box", box_of_ben),
        ),
        (
            "boxes",
            kind(0x16)
                .raw("key", &key_id(&sealed())[..8])
                .raw("whom", &cyn.id[..4])
                .raw("box", box_of_cyn),
        ),
        (
            "announcement",
            kind(0x17).join(signed(&genesis())).raw("author-key", ada.certificate_key),
        ),
        (
            "query-proof",
            query(Some(first(ada.id)))
                .choice("subject", 0, 3)
                .raw("key", &key_id(&sealed())[..8])
                .raw("have", [1]),
        ),
        ("query-hello", query(None).choice("subject", 1, 3).raw("member", &cyn.id[..4])),
        ("query-tag", query(None).choice("subject", 2, 3).raw("tag", cyn.tag)),
        ("refusal", kind(0x19).raw("whom", &ben.id[..4]).choice("reason", 0, 3)),
    ]
}

/// What a Hello asks for.
#[derive(Clone, Copy)]
pub(in crate::generate) enum Asking {
    Nothing,
    Latest,
    Hint,
    Key,
}

/// A Hello of a member for the channel, signed.
pub(in crate::generate) fn hello(
    kind: u8,
    member: &Member,
    issued: bool,
    time: u64,
    ask: Asking,
    whom: Option<[u8; 4]>,
) -> Wire {
    let body = member
        .certificate(issued)
        .raw("member-key", member.member_key)
        .raw("tag", member.tag)
        .number("time", time, 64);
    let asking = |which| body.clone().flag("ask", true).choice("which", which, 3);
    let key = key_id(&sealed());
    let body = match ask {
        Asking::Nothing => body.flag("ask", false),
        Asking::Latest => asking(0),
        Asking::Hint => asking(1).raw("which-key", &key[..3]),
        Asking::Key => asking(2).raw("which-key", &key[..8]),
    };
    let body = match (ask, whom) {
        (Asking::Nothing, _) => body,
        (_, None) => body.flag("whom", false),
        (_, Some(whom)) => body.flag("whom", true).raw("whom-hint", whom),
    };
    let parts: [&[u8]; 3] = [label::SIGN_HELLO, &cast::name_digest(), &body.bytes()];
    let signature = cast::sign(&member.private, &parts);
    Wire::new().raw("kind", [kind]).join(body).raw("signature", signature)
}

/// A text under the first key, as chapter 7 seals it.
pub(super) fn sealed_text(kind: u8, counter: u32, content: &[u8], member: &Member) -> Vec<u8> {
    let id = key_id(&genesis());
    let key = *crypto::expand::<32>(&KEYS[0], label::TEXT, &[&id, &member.tag]);
    let number = counter.to_be_bytes();
    let data = [&[kind][..], &cast::channel(), &id, &member.tag, &number].concat();
    let mut sealed = content.to_vec();
    if kind != 0x11 {
        let parts: [&[u8]; 4] = [label::SIGN_TEXT, &data, &member.id, content];
        sealed.extend(cast::sign(&member.private, &parts));
    }
    let nonce = [&[0; 8][..], &number].concat();
    crypto::seal_in_place(&key, &first(nonce), &data, &mut sealed, 0);
    sealed
}

pub(super) fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| one[at] ^ other[at])
}
