//! Identifiers and derivations: every label once at least, and the primitives at their edges.

use keyrota::crypto::DhPublic;
use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::{
    self, AUTHORITY, CHANNEL, KEYS, NEW_YEAR, NEW_YEAR_MINUTES, ada, ben, cyn, genesis, key_id,
    negated, public, refreshed, sealed, sign,
};
use crate::generate::{Cases, what};
use crate::hex::encode;
use crate::json::Long;

const ABOUT: &str = "Identifiers, derivations, and the primitives under them, chapters 1, 6, 7, 16 \
    and 17. Records are given without signature. derive.shared gives the secret that Encap makes \
    with this private key as the ephemeral, and the one that Decap makes with it as the recipient's.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("derive", ABOUT);
    identifiers(&mut cases);
    names(&mut cases);
    keys(&mut cases);
    points(&mut cases);
    signatures(&mut cases);
    draws(&mut cases);
    cases.file()
}

fn identifiers(cases: &mut Cases) {
    for member in [ada(), ben(), cyn()] {
        let id = format!("member-id/{}", member.name.to_lowercase());
        let comment = format!("Who {} is.", member.name);
        let input = json!({"key": encode(member.certificate_key)});
        cases.valid(what(&id, &comment, &["7-4"]).flags(&["example"]), "derive.member_id", input);
    }
    for (id, comment, key) in [
        ("issuer-id/authority", "How certificates name the authority.", public(&AUTHORITY)),
        ("issuer-id/ada", "And Ada, if she vouches.", ada().certificate_key),
    ] {
        cases.valid(what(id, comment, &["6-2"]), "derive.issuer_id", json!({"key": encode(key)}));
    }
    for (id, comment, record) in [
        ("key-id/genesis", "The first key.", genesis()),
        ("key-id/refreshed", "A wrapped one.", refreshed()),
        ("key-id/sealed", "A sealed one.", sealed()),
    ] {
        let input = json!({"record": encode(record.wire().bytes())});
        cases.valid(
            what(id, comment, &["7-4", "1-12"]).flags(&["example"]),
            "derive.key_id",
            input,
        );
    }
    let input = json!({"record": encode(genesis().wire().bytes())});
    let what_is = what("channel-id/garden", "The channel that Ada founds.", &["7-4", "7-5"]);
    cases.valid(what_is.flags(&["example"]), "derive.channel_id", input);
    let mut other = genesis();
    other.time += 1;
    let input = json!({"record": encode(other.wire().bytes())});
    let comment = "Founded a minute later it is another one.";
    cases.valid(what("channel-id/later", comment, &["7-5"]), "derive.channel_id", input);
    let (one, other) = (ada().id, ben().id);
    for (id, comment, members) in [
        ("conversation/ada-ben", "The conversation of Ada and Ben.", [one, other]),
        ("conversation/ben-ada", "That of Ben and Ada is the same.", [other, one]),
        ("conversation/ada-cyn", "That of Ada and Cyn.", [one, cyn().id]),
        ("conversation/last-byte", "Two whose identifiers differ in the last byte.", {
            let mut near = one;
            near[15] ^= 0x80;
            [one, near]
        }),
        (
            "conversation/high-bit",
            "Bytes are compared as numbers from 0 to 255.",
            [[0x80; 16], [0x7f; 16]],
        ),
    ] {
        let input = json!({"members": members.map(encode)});
        cases.valid(what(id, comment, &["16-4"]), "derive.conversation", input);
    }
    for (id, comment, key, channel) in [
        (
            "commit/genesis",
            "Of the first key, to the digest of the name.",
            KEYS[0],
            cast::name_digest(),
        ),
        ("commit/refreshed", "Of the second, to the channel.", KEYS[1], cast::channel()),
        ("commit/zero", "Of a key of zeros.", [0; 32], cast::channel()),
    ] {
        let input = json!({"key": encode(key), "channel": encode(channel)});
        cases.valid(what(id, comment, &["7-5", "7-6"]), "derive.commit", input);
    }
    for (id, member, issued) in [("ben", ben(), false), ("cyn", cyn(), true)] {
        let input = json!({"certificate": encode(member.certificate(issued).bytes())});
        let id = format!("certificate/{id}");
        cases.valid(
            what(&id, "The digest of a certificate.", &["6-15"]),
            "derive.certificate",
            input,
        );
    }
    for (id, comment, content) in [
        ("saved/short", "The check of a state of one byte.", vec![1]),
        ("saved/long", "That of a longer one.", (0..200).collect::<Vec<u8>>()),
    ] {
        cases.valid(
            what(id, comment, &["17-12"]),
            "derive.saved",
            json!({"content": encode(content)}),
        );
    }
    let restore = |time: u64, seed: u8, check: u8| {
        json!({"secret": encode([0x50; 32]), "seed": encode([seed; 32]), "time": time,
            "check": encode([check; 32])})
    };
    for (id, comment, input) in [
        ("restore/first", "What a restored terminal draws from.", restore(NEW_YEAR, 0x5e, 0xcc)),
        ("restore/later", "A second later it is another seed.", restore(NEW_YEAR + 1, 0x5e, 0xcc)),
        (
            "restore/other-state",
            "Of another state it is another one.",
            restore(NEW_YEAR, 0x5e, 0xcd),
        ),
        ("restore/other-seed", "Of another seed it is another one.", restore(NEW_YEAR, 0x5f, 0xcc)),
    ] {
        cases.valid(what(id, comment, &["17-7"]), "derive.restore", input);
    }
}

fn names(cases: &mut Cases) {
    let all: String = (0x21..0x7f_u8).filter(|c| *c != b',').map(char::from).collect();
    for mapping in ["ascii", "rfc1459", "rfc1459-strict"] {
        let input = |name: &str| json!({"name": name, "mapping": mapping});
        let id = format!("fold/{mapping}");
        let comment = format!("Every character of ASCII that a name can hold, by {mapping}.");
        cases.valid(what(&id, &comment, &["7-1", "7-2"]), "derive.fold", input(&all));
        let id = format!("fold/{mapping}/beyond-ascii");
        let comment = "Letters beyond ASCII stay as they are.";
        cases.valid(what(&id, comment, &["7-2"]), "derive.fold", input("#ÄÖÜ\u{130}Σ"));
    }
    let input = |name: &str| json!({"name": name, "mapping": "rfc1459"});
    let longest = format!("#{}", "Q".repeat(199));
    let bound = |id, comment| what(id, comment, &["7-3"]).flags(&["bound"]);
    cases.valid(bound("fold/200-bytes", "The longest name."), "derive.fold", input(&longest));
    cases.valid(bound("fold/one-byte", "The shortest."), "derive.fold", input("Q"));
    cases.valid(what("fold/garden", "A name.", &["7-3"]), "derive.fold", input("#Garden"));
    for (id, from, comment, name) in [
        ("fold/201-bytes", "fold/200-bytes", "One byte more.", format!("#{}", "Q".repeat(200))),
        (
            "fold/201-bytes-in-two",
            "fold/200-bytes",
            "Two hundred characters, but 201 bytes.",
            format!("é{}", "Q".repeat(199)),
        ),
        ("fold/empty", "fold/one-byte", "No name.", String::new()),
        ("fold/nul", "fold/garden", "A byte 00.", "#Gar\0den".into()),
        ("fold/bel", "fold/garden", "A byte 07.", "#Gar\u{7}den".into()),
        ("fold/lf", "fold/garden", "A byte 0a.", "#Gar\nden".into()),
        ("fold/cr", "fold/garden", "A byte 0d.", "#Gar\rden".into()),
        ("fold/space", "fold/garden", "A space.", "#Gar den".into()),
        ("fold/comma", "fold/garden", "A comma.", "#Gar,den".into()),
    ] {
        cases.invalid(bound(id, comment), from, "name", "derive.fold", input(&name));
    }
    for (id, comment, name) in [
        ("name-digest/garden", "The digest of a name that is folded.", CHANNEL),
        ("name-digest/empty", "That of the empty name, for conversations.", ""),
        ("name-digest/utf-8", "That of a name beyond ASCII.", "#gärten"),
    ] {
        let input = json!({"name": name});
        cases.valid(what(id, comment, &["7-1", "7-5", "16-5"]), "derive.name_digest", input);
    }
}

fn keys(cases: &mut Cases) {
    let new_key = |previous: Option<[u8; 32]>, name: &str, password: &str, time: u64| {
        json!({"secret": encode([0x50; 32]), "draw": encode([0x51; 32]),
            "previous": previous.map(encode), "name": name, "password": password, "time": time})
    };
    let example = new_key(Some(KEYS[0]), CHANNEL, "tulip", NEW_YEAR_MINUTES);
    let what_is = what("new-key/example", "The example of the chapter.", &["7-9"]);
    cases.valid(what_is.flags(&["example"]), "derive.new_key", example);
    for (id, comment, input) in [
        (
            "new-key/first",
            "Without a previous key.",
            new_key(None, CHANNEL, "tulip", NEW_YEAR_MINUTES),
        ),
        (
            "new-key/no-password",
            "Without a password.",
            new_key(Some(KEYS[0]), CHANNEL, "", NEW_YEAR_MINUTES),
        ),
        (
            "new-key/lengths",
            "What stands before is told by its length: #gardent and ulip.",
            new_key(Some(KEYS[0]), "#gardent", "ulip", NEW_YEAR_MINUTES),
        ),
        (
            "new-key/later",
            "A minute later.",
            new_key(Some(KEYS[0]), CHANNEL, "tulip", NEW_YEAR_MINUTES + 1),
        ),
        (
            "new-key/time-greatest",
            "The last minute.",
            new_key(Some(KEYS[0]), CHANNEL, "tulip", u64::from(u32::MAX)),
        ),
        (
            "new-key/long-password",
            "A password of 1,000 bytes.",
            new_key(Some(KEYS[0]), CHANNEL, &"p".repeat(1_000), NEW_YEAR_MINUTES),
        ),
    ] {
        cases.valid(what(id, comment, &["7-9"]), "derive.new_key", input);
    }
    for (id, comment, previous, record) in [
        ("wrap-pad/example", "The pad of the second key under the first.", KEYS[0], refreshed()),
        ("wrap-pad/other-key", "Under another key.", KEYS[2], refreshed()),
        ("wrap-pad/other-record", "Of another record.", KEYS[0], sealed()),
    ] {
        let input = json!({"previous": encode(previous), "key_id": encode(key_id(&record))});
        cases.valid(what(id, comment, &["7-11"]), "derive.wrap_pad", input);
    }
    let shared = [0x5a; 32];
    for (id, comment, record, member) in [
        (
            "box-pad/grant",
            "The first key for Ben: the channel is the one that its record founds.",
            genesis(),
            ben(),
        ),
        ("box-pad/sealed", "The third key for Ben.", sealed(), ben()),
        ("box-pad/cyn", "And for Cyn.", sealed(), cyn()),
    ] {
        let input = json!({"shared": encode(shared), "record": encode(record.wire().bytes()),
            "member": encode(member.id)});
        cases.valid(what(id, comment, &["7-13", "7-14"]), "derive.box_pad", input);
    }
    for (id, comment, tag, counter) in [
        ("text-key/example", "Of Ben's first text.", ben().tag, 0),
        (
            "text-key/counter",
            "The counter stands in the nonce, the most significant byte first.",
            ben().tag,
            0x0001_0203,
        ),
        ("text-key/greatest", "The greatest counter.", ben().tag, 2_097_151),
        ("text-key/other-tag", "Each tag has a key of its own.", ada().tag, 0),
    ] {
        let input = json!({"key": encode(KEYS[0]), "key_id": encode(key_id(&genesis())),
            "tag": encode(tag), "counter": counter});
        cases.valid(what(id, comment, &["7-15"]), "derive.text_key", input);
    }
    for ikm in [0xa1_u8, 0xb2, 0xe1, 0, 0xff] {
        let (id, input) = (format!("key-pair/{ikm:02x}"), json!({"ikm": encode([ikm; 32])}));
        let comment = format!("The key pair of {ikm:02x}, 32 times.");
        cases.valid(what(&id, &comment, &["1-20"]), "derive.key_pair", input);
    }
    for (id, comment, private, public) in [
        (
            "shared/ben",
            "Of the granting frame's ephemeral and Ben's member key.",
            ada().member_private,
            ben().member_key,
        ),
        (
            "shared/itself",
            "Of a key with itself: Encap and Decap are the same.",
            ben().member_private,
            ben().member_key,
        ),
        ("shared/cyn", "Of two others.", cyn().member_private, ada().member_key),
    ] {
        let input = json!({"private": encode(private), "public": encode(public)});
        cases.valid(what(id, comment, &["1-5", "1-6"]), "derive.shared", input);
    }
}

/// The compressed points with this first byte and number as x.
fn point(first: u8, x: &[u8; 32]) -> [u8; 33] {
    let mut bytes = [first; 33];
    bytes[1..].copy_from_slice(x);
    bytes
}

/// The first small x of which there are points, and of which there are none.
fn small(on_curve: bool) -> u8 {
    let mut all = 1..=u8::MAX;
    let is = |x: &u8| {
        let mut number = [0; 32];
        number[31] = *x;
        DhPublic::from_bytes(&point(2, &number)).is_some() == on_curve
    };
    all.find(is).expect("half of all numbers")
}

fn points(cases: &mut Cases) {
    let given = |key: &[u8]| json!({"key": encode(key)});
    let ben = ben().certificate_key;
    let x: [u8; 32] = *ben[1..].first_chunk().expect("32 bytes");
    let (mut on, mut off) = ([0; 32], [0; 32]);
    (on[31], off[31]) = (small(true), small(false));
    // The field's prime, 2^256 - 2^224 + 2^192 + 2^96 - 1, and the same x above it.
    let mut prime = [0xff; 32];
    prime[4..8].copy_from_slice(&[0, 0, 0, 1]);
    prime[8..20].fill(0);
    let mut above = prime;
    // Added to a number that ends in 96 ones: the carry stops in the zeros before them.
    above[20..].fill(0);
    above[19] = 1;
    above[31] = on[31] - 1;
    for (id, comment, key) in [
        ("point/ben", "Ben's certificate key.", ben),
        ("point/negative", "Its negative, with the other first byte.", point(ben[0] ^ 1, &x)),
        ("point/small-x", "A small x of which there are points.", point(2, &on)),
    ] {
        cases.valid(what(id, comment, &["1-1"]), "derive.point", given(&key));
    }
    for (id, from, comment, key) in [
        ("point/first-00", "ben", "Of the point at infinity there is no encoding.", point(0, &x)),
        ("point/first-01", "ben", "A first byte that is none.", point(1, &x)),
        ("point/first-04", "ben", "The first byte of an uncompressed point.", point(4, &x)),
        (
            "point/first-05",
            "ben",
            "A first byte of which some libraries make a point.",
            point(5, &x),
        ),
        ("point/first-06", "ben", "The first byte of a hybrid encoding.", point(6, &x)),
        ("point/no-point", "small-x", "An x of which there is no point.", point(2, &off)),
        ("point/x-is-prime", "ben", "An x that is the field's prime.", point(2, &prime)),
        ("point/x-above-prime", "small-x", "The same x, and the prime added.", point(2, &above)),
        ("point/x-all-ones", "ben", "The greatest number of 32 bytes.", point(2, &[0xff; 32])),
        ("point/zeros", "ben", "33 zero bytes.", [0; 33]),
    ] {
        let what = what(id, comment, &["1-1"]).flags(&["encoding", "bound"]);
        cases.invalid(what, &format!("point/{from}"), "key", "derive.point", given(&key));
    }
    let [order, before] = cast::order();
    let mut one = [0; 32];
    one[31] = 1;
    let mut after = order;
    after[31] += 1;
    for (id, comment, private) in [
        ("private/one", "The least private key.", one),
        ("private/greatest", "The greatest, n - 1.", before),
        ("private/ben", "Ben's.", [0x22; 32]),
    ] {
        let what = what(id, comment, &["1-2"]).flags(&["bound"]);
        cases.valid(what, "derive.public", json!({"private": encode(private)}));
    }
    for (id, from, comment, private) in [
        ("private/zero", "private/one", "0 is none.", [0; 32]),
        ("private/order", "private/greatest", "n is none.", order),
        ("private/past-order", "private/greatest", "Nor is n + 1.", after),
        (
            "private/all-ones",
            "private/greatest",
            "Nor the greatest number of 32 bytes.",
            [0xff; 32],
        ),
    ] {
        let what = what(id, comment, &["1-2"]).flags(&["bound"]);
        cases.invalid(what, from, "key", "derive.public", json!({"private": encode(private)}));
    }
}

fn signatures(cases: &mut Cases) {
    let data = b"keyrota/1 sign text\0 and what is said".as_slice();
    for (id, comment, member, data) in [
        (
            "sign/ada",
            "RFC 6979 draws nothing: each signature is the one of its key and data.",
            ada(),
            data,
        ),
        ("sign/ben", "Of another key.", ben(), data),
        ("sign/empty", "Of no data.", ben(), b""),
    ] {
        let input = json!({"private": encode(member.private), "data": encode(data)});
        cases.valid(what(id, comment, &["1-3"]), "derive.sign", input);
    }
    let signature = sign(&ben().private, &[data]);
    let verify = |key: &[u8], data: &[u8], signature: &[u8]| json!({"key": encode(key), "data": encode(data), "signature": encode(signature)});
    let key = ben().certificate_key;
    let valid = what("verify/ben", "A signature.", &["1-3"]);
    cases.valid(valid, "derive.verify", verify(&key, data, &signature));
    let comment = "With n - s in place of s it verifies as well.";
    let other = negated(&signature);
    cases.valid(
        what("verify/other-s", comment, &["1-3", "1-4"]),
        "derive.verify",
        verify(&key, data, &other),
    );
    let [order, _] = cast::order();
    let (r, s) = (&signature[..32], &signature[32..]);
    let halves = |r: &[u8], s: &[u8]| [r, s].concat();
    let mut bent = data.to_vec();
    bent[0] ^= 1;
    let mut raised = [signature[..32].to_vec(), signature[32..].to_vec()];
    for half in &mut raised {
        half[31] ^= 1;
    }
    for (id, comment, input) in [
        ("verify/other-key", "Of another key.", verify(&ada().certificate_key, data, &signature)),
        (
            "verify/negative-key",
            "Of the negative key.",
            verify(&point(key[0] ^ 1, key[1..].first_chunk().expect("32 bytes")), data, &signature),
        ),
        ("verify/other-data", "Of other data.", verify(&key, &bent, &signature)),
        ("verify/longer-data", "Of longer data.", verify(&key, &[data, &[0]].concat(), &signature)),
        ("verify/other-r", "Another r.", verify(&key, data, &halves(&raised[0], s))),
        ("verify/bent-s", "Another s.", verify(&key, data, &halves(r, &raised[1]))),
        ("verify/r-0", "r is 0.", verify(&key, data, &halves(&[0; 32], s))),
        ("verify/s-0", "s is 0.", verify(&key, data, &halves(r, &[0; 32]))),
        ("verify/r-order", "r is n.", verify(&key, data, &halves(&order, s))),
        ("verify/s-order", "s is n.", verify(&key, data, &halves(r, &order))),
        ("verify/both-0", "Both are 0.", verify(&key, data, &[0; 64])),
        ("verify/all-ones", "Both are as great as can be.", verify(&key, data, &[0xff; 64])),
        ("verify/swapped", "s stands before r.", verify(&key, data, &halves(s, r))),
    ] {
        let what = what(id, comment, &["1-3"]).flags(&["forged"]);
        cases.invalid(what, "verify/ben", "signature", "derive.verify", input);
    }
}

fn draws(cases: &mut Cases) {
    let given = |draws: &[(u8, Option<u64>)]| {
        let draw =
            |(chain, below): &(u8, Option<u64>)| json!({"chain": chain, "below": below.map(Long)});
        json!({"seed": encode([0x5e; 32]), "draws": draws.iter().map(draw).collect::<Vec<Value>>()})
    };
    for (chain, name) in
        ["Secret", "MemberKey", "Tag", "Key", "Ephemeral", "Choice", "Jitter"].iter().enumerate()
    {
        let (id, chain) = (format!("draws/{}", name.to_lowercase()), chain as u8);
        let comment = format!("Three draws from the chain {name}.");
        let what = what(&id, &comment, &["1-15", "1-16", "1-17"]).flags(&["example"]);
        cases.valid(what, "derive.draws", given(&[(chain, None); 3]));
    }
    let comment = "Draws from one chain never move another.";
    let mixed = [(3, None), (1, None), (6, Some(10_001)), (3, None), (2, None), (1, None)];
    cases.valid(what("draws/mixed", comment, &["1-18"]), "derive.draws", given(&mixed));
    let numbers: Vec<(u8, Option<u64>)> =
        [1, 2, 3, 10, 2_001, 10_001, 1 << 32, (1 << 53) - 1, u64::MAX]
            .into_iter()
            .map(|n| (5, Some(n)))
            .collect();
    let comment = "Numbers below n, for some n; each takes 8 bytes, also below 1.";
    cases.valid(
        what("draws/below", comment, &["1-19"]).flags(&["bound"]),
        "derive.draws",
        given(&numbers),
    );
    let jitter: Vec<(u8, Option<u64>)> =
        [1, 2_001, 10_001, 3_751].into_iter().map(|n| (6, Some(n))).collect();
    let comment = "Jitter up to t is a number below t + 1.";
    cases.valid(what("draws/jitter-numbers", comment, &["1-19"]), "derive.draws", given(&jitter));
}
