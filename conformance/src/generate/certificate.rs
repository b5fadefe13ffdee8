//! Certificates: their form, who vouches, which are accepted; and the Hellos that carry them.

use keyrota::spec::label;
use serde_json::{Value, json};

use crate::case::{Fields, File};
use crate::generate::cast::{
    self, AUTHORITY, Member, NEW_YEAR, YEAR, ada, ben, cyn, first, public, sign,
};
use crate::generate::frame::bases::{Asking, hello};
use crate::generate::wire::{Wire, overlong, varint};
use crate::generate::{Cases, What, what};
use crate::hex::encode;

const ABOUT: &str = "Certificates and Hellos, chapters 6 and 7. certificate.verify judges a \
    certificate as it comes in a Hello: `own` is the certificate key of the terminal's user, `time` \
    the wall time, `self_signed` what becomes of whom nobody knows. It gives on whose word it is \
    accepted, or `undecided`, and the pins from then on, by name.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("certificate", ABOUT);
    forms(&mut cases);
    issuing(&mut cases);
    times(&mut cases);
    vouchers(&mut cases);
    pins(&mut cases);
    signatures(&mut cases);
    hellos(&mut cases);
    cases.file()
}

fn forms(cases: &mut Cases) {
    for (name, member, issued) in [("self-signed", ben(), false), ("issued", cyn(), true)] {
        let wire = member.certificate(issued);
        let given = |bytes: &[u8]| json!({"certificate": encode(bytes)});
        let valid = format!("decode/{name}");
        let comment = format!("A certificate, {}.", name.replace('-', " "));
        cases.valid(what(&valid, &comment, &["1-12"]), "certificate.decode", given(&wire.bytes()));
        let id = format!("fingerprint/{name}");
        let print = what(&id, "Its fingerprint, and that of its member.", &["6-15", "6-27"]);
        cases.valid(print, "certificate.fingerprint", given(&wire.bytes()));
        for field in &wire.0 {
            let id = format!("decode/{name}/cut/{}", field.name);
            let comment = format!("It ends before the last byte of {}.", field.name);
            let (what, bytes) = (what(&id, &comment, &["1-10"]), wire.cut(&field.name));
            cases.invalid(what, &valid, "frame", "certificate.decode", given(&bytes));
        }
        let id = format!("decode/{name}/trailing");
        let longer = [wire.bytes(), vec![0]].concat();
        let what_is = what(&id, "A zero byte after the end.", &["1-10"]);
        cases.invalid(what_is, &valid, "frame", "certificate.decode", given(&longer));
        let id = format!("decode/{name}/overlong");
        let bytes = wire.with("lifetime", overlong(&varint(YEAR))).bytes();
        let what_is = what(&id, "A lifetime with a digit more than it needs.", &["1-10"]);
        cases.invalid(what_is, &valid, "frame", "certificate.decode", given(&bytes));
    }
}

fn issuing(cases: &mut Cases) {
    let issue = |name: &str| {
        let key = encode(cyn().certificate_key);
        json!({"issuer": encode(AUTHORITY), "name": name, "key": key, "not_before": NEW_YEAR,
            "lifetime": YEAR})
    };
    let comment = "The authority vouches for Cyn, as in the example of the chapter.";
    let what_is = what("issue/cyn", comment, &["6-2", "6-3", "1-3"]).flags(&["example"]);
    let out = cases.valid(what_is, "certificate.issue", issue("Cyn"));
    assert_eq!(out["certificate"], encode(cyn().certificate(true).bytes()));
    let comment = "The longest name.";
    let what_is = what("issue/longest-name", comment, &["3-4"]).flags(&["bound"]);
    cases.valid(what_is, "certificate.issue", issue(&"c".repeat(23)));
    for (id, from, comment, name) in [
        ("issue/name-too-long", "issue/longest-name", "A name too long.", "c".repeat(24)),
        ("issue/no-name", "issue/cyn", "No name.", String::new()),
        ("issue/space", "issue/cyn", "A name that ends in a space.", "Cyn ".into()),
    ] {
        let what = what(id, comment, &["3-4", "3-14"]).flags(&["bound"]);
        cases.invalid(what, from, "frame", "certificate.issue", issue(&name));
    }
}

/// What a terminal of Ada's has stored, and a certificate that comes; each part can be another.
#[derive(Clone)]
struct Given(Fields);

impl Given {
    fn new(certificate: &Wire) -> Self {
        let given = json!({
            "certificate": encode(certificate.bytes()),
            "time": NEW_YEAR + 3_600,
            "own": encode(ada().certificate_key),
            "issuers": [],
            "pins": [],
            "revoked": [],
            "declined": [],
            "self_signed": "pin",
        });
        match given {
            Value::Object(fields) => Self(fields),
            _ => unreachable!("it is an object"),
        }
    }

    fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut other = self.clone();
        other.0[name] = value.into();
        other
    }
}

fn good(cases: &mut Cases, what: What<'_>, given: Given) -> Fields {
    cases.valid(what, "certificate.verify", Value::Object(given.0))
}

fn bad(cases: &mut Cases, what: What<'_>, from: &str, given: Given) {
    let given = Value::Object(given.0);
    cases.invalid(what, from, "certificate", "certificate.verify", given);
}

fn issuer(key: &[u8; 32], voucher: &str) -> Value {
    json!([{"key": encode(public(key)), "voucher": voucher}])
}

fn issuer_id(key: &[u8; 32]) -> String {
    encode(&keyrota::crypto::hash(label::ISSUER, &[&public(key)])[..8])
}

fn pin(name: &str, member: &Member, by: Option<&[u8; 32]>) -> Value {
    json!([{"name": name, "member": encode(member.id), "by": by.map(issuer_id)}])
}

fn times(cases: &mut Cases) {
    let base = Given::new(&ben().certificate(false));
    let end = NEW_YEAR + YEAR;
    for (id, comment, time) in [
        ("time/earliest", "Ten minutes before it is valid.", NEW_YEAR - 600),
        ("time/first", "When it begins to be valid.", NEW_YEAR),
        ("time/last", "When it ceases to be valid.", end),
        ("time/latest", "Ten minutes after that.", end + 600),
    ] {
        let what = what(id, comment, &["6-7"]).flags(&["bound"]);
        good(cases, what, base.with("time", time));
    }
    for (id, from, comment, time) in [
        ("time/too-early", "time/earliest", "A second earlier.", NEW_YEAR - 601),
        ("time/too-late", "time/latest", "A second later.", end + 601),
        ("time/long-before", "time/first", "At the beginning of time.", 0),
        ("time/long-after", "time/last", "Ten years later.", end + 10 * YEAR),
    ] {
        let what = what(id, comment, &["6-7"]).flags(&["bound"]);
        bad(cases, what, from, base.with("time", time));
    }
    let instant = Given::new(&ben().certificate(false).with("lifetime", [0]));
    let comment = "No lifetime: clocks may differ all the same.";
    good(cases, what("time/no-lifetime", comment, &["6-7"]), instant.with("time", NEW_YEAR));
    let never = ben().certificate(false).with("not-before", varint(u64::MAX));
    let comment = "Valid from the last second that there is.";
    let what = what("time/never", comment, &["6-7"]).flags(&["bound"]);
    bad(cases, what, "time/first", Given::new(&never).with("time", NEW_YEAR));
}

fn vouchers(cases: &mut Cases) {
    let issued = Given::new(&cyn().certificate(true));
    let authority = issued.with("issuers", issuer(&AUTHORITY, "authority"));
    let server = issued.with("issuers", issuer(&AUTHORITY, "server"));
    let user = issued.with("own", encode(public(&AUTHORITY)));
    let comment = "An authority of the user's vouches for Cyn.";
    good(cases, what("voucher/authority", comment, &["6-8", "6-9"]), authority.clone());
    let comment = "The server vouches for Cyn.";
    good(cases, what("voucher/server", comment, &["6-8", "6-10"]), server.clone());
    let comment = "The user vouches for Cyn: its own key is always one whose word counts.";
    good(cases, what("voucher/user", comment, &["6-9"]), user.clone());
    let comment = "The same key, named as the server's: it stays the user's.";
    let both = user.with("issuers", issuer(&AUTHORITY, "server"));
    good(cases, what("voucher/user-first", comment, &["6-9"]), both);
    let comment = "Nobody has vouched but itself.";
    let alone = Given::new(&ben().certificate(false));
    good(cases, what("voucher/itself", comment, &["6-10"]), alone.clone());

    let comment = "Whoever has vouched is not known.";
    bad(cases, what("voucher/unknown", comment, &["6-8", "6-17"]), "voucher/authority", issued);
    let comment = "Another authority is known than the one that has vouched.";
    let other = authority.with("issuers", issuer(&[0xbb; 32], "authority"));
    bad(cases, what("voucher/another", comment, &["6-8"]), "voucher/authority", other);
    let comment =
        "What is known of is the member that is vouched for: nobody vouches for itself so.";
    let itself = authority.with("issuers", issuer(&cyn().private, "authority"));
    bad(cases, what("voucher/member-itself", comment, &["6-17"]), "voucher/authority", itself);
    let comment = "The member is revoked.";
    let revoked = authority.with("revoked", json!([encode(cyn().id)]));
    bad(cases, what("voucher/revoked", comment, &["6-6", "6-13"]), "voucher/authority", revoked);
    let comment = "Another member is revoked.";
    let revoked = authority.with("revoked", json!([encode(ben().id)]));
    good(cases, what("voucher/another-revoked", comment, &["6-6"]), revoked);
    let authority_id: [u8; 16] =
        first(keyrota::crypto::hash(label::MEMBER, &[&public(&AUTHORITY)]));
    let revoked = json!([encode(authority_id)]);
    for (id, from, given) in [
        ("voucher/authority-revoked", "voucher/authority", &authority),
        ("voucher/server-revoked", "voucher/server", &server),
        ("voucher/user-revoked", "voucher/user", &user),
    ] {
        let what = what(id, "Whoever has vouched is revoked.", &["6-6"]);
        bad(cases, what, from, given.with("revoked", revoked.clone()));
    }
    let comment = "A self-signed certificate of who is revoked.";
    let revoked = alone.with("revoked", json!([encode(ben().id)]));
    bad(
        cases,
        what("voucher/itself-revoked", comment, &["6-6", "6-13"]),
        "voucher/itself",
        revoked,
    );
    let comment = "An authority's word counts also for whom the user, asked, has declined.";
    let declined = authority.with("declined", json!([encode(cyn().id)]));
    good(cases, what("voucher/authority-declined", comment, &["6-9"]), declined);
    let comment = "The server's word does not.";
    let declined = server.with("declined", json!([encode(cyn().id)]));
    bad(cases, what("voucher/server-declined", comment, &["6-10"]), "voucher/server", declined);
    for (id, given, comment) in [
        (
            "voucher/authority-refuse",
            &authority,
            "An authority's word, where self-signed ones are refused.",
        ),
        ("voucher/server-refuse", &server, "The server's, likewise."),
    ] {
        good(cases, what(id, comment, &["6-9", "6-10"]), given.with("self_signed", "refuse"));
    }
    let comment = "The server's word, where the user wants to be asked about self-signed ones.";
    good(cases, what("voucher/server-ask", comment, &["6-10"]), server.with("self_signed", "ask"));
}

fn pins(cases: &mut Cases) {
    let (ben, cyn) = (ben(), cyn());
    let alone = Given::new(&ben.certificate(false));
    let itself = "voucher/itself";
    let comment = "The user wants no self-signed ones.";
    let refuse = alone.with("self_signed", "refuse");
    bad(cases, what("pin/refuse", comment, &["6-10"]), itself, refuse.clone());
    let comment = "The user wants to be asked.";
    let ask = alone.with("self_signed", "ask");
    good(cases, what("pin/ask", comment, &["6-10", "6-19", "6-23"]), ask.clone());
    let comment = "The user has said no.";
    let declined = json!([encode(ben.id)]);
    bad(
        cases,
        what("pin/declined", comment, &["6-10"]),
        itself,
        alone.with("declined", declined.clone()),
    );
    let comment = "The user was asked, and has said no.";
    bad(
        cases,
        what("pin/ask-declined", comment, &["6-10"]),
        "pin/ask",
        ask.with("declined", declined.clone()),
    );

    let own = pin("Ben", &ben, None);
    for (id, given, comment) in [
        ("pin/pinned", &alone, "Name and key are pinned to each other."),
        ("pin/pinned-ask", &ask, "Likewise, where others are asked about."),
        ("pin/pinned-refuse", &refuse, "Likewise, where others are refused."),
    ] {
        good(cases, what(id, comment, &["6-10"]), given.with("pins", own.clone()));
    }
    let comment = "Likewise, though the user has said no once.";
    let given = alone.with("pins", own.clone()).with("declined", declined);
    good(cases, what("pin/pinned-declined", comment, &["6-10"]), given);
    let comment = "The name is pinned to another key.";
    let taken = pin("Ben", &cyn, None);
    bad(
        cases,
        what("pin/name-taken", comment, &["6-10"]).flags(&["forged"]),
        "pin/pinned",
        alone.with("pins", taken.clone()),
    );
    let comment = "The key is pinned to another name.";
    bad(
        cases,
        what("pin/other-name", comment, &["6-10"]),
        "pin/pinned",
        alone.with("pins", pin("Benny", &ben, None)),
    );
    let comment = "Names are compared byte by byte: ben is not Ben.";
    bad(
        cases,
        what("pin/letter-case", comment, &["6-10"]),
        "pin/pinned",
        alone.with("pins", pin("ben", &ben, None)),
    );
    let comment = "Another name is pinned to another key: that is nobody's business.";
    good(cases, what("pin/others", comment, &["6-10"]), alone.with("pins", pin("Cyn", &cyn, None)));
    let comment = "The name is another key's, and the user wants to be asked.";
    good(
        cases,
        what("pin/name-taken-ask", comment, &["6-10", "6-23"]),
        ask.with("pins", taken.clone()),
    );
    let comment = "The name is another key's, and this key has a name: nothing is asked.";
    let two = json!([
        {"name": "Ben", "member": encode(cyn.id), "by": null},
        {"name": "Benny", "member": encode(ben.id), "by": null},
    ]);
    bad(
        cases,
        what("pin/name-taken-named", comment, &["6-10"]),
        "pin/name-taken-ask",
        ask.with("pins", two),
    );

    // Whoever was vouched for.
    let vouched = pin("Ben", &ben, Some(&AUTHORITY));
    let known = alone.with("issuers", issuer(&AUTHORITY, "authority"));
    let comment = "The pin is the user's own; that there is an authority does not matter.";
    good(cases, what("pin/authority-known", comment, &["6-10"]), known.with("pins", own.clone()));
    let comment = "The pin was made on the authority's word: its own is not enough.";
    bad(
        cases,
        what("pin/was-vouched-for", comment, &["6-10"]),
        "pin/authority-known",
        known.with("pins", vouched.clone()),
    );
    let comment = "The pin was made on the word of who is not known any more: it is not taken in.";
    good(cases, what("pin/baseless", comment, &["6-22"]), alone.with("pins", vouched));
    let ask = known.with("self_signed", "ask");
    let comment = "The name was given to another key by the authority: nothing is asked.";
    let by = |by: Option<&[u8; 32]>| pin("Ben", &cyn, by);
    good(
        cases,
        what("pin/taken-ask", "The name is another key's, by the user's word.", &["6-10"]),
        ask.with("pins", by(None)),
    );
    bad(
        cases,
        what("pin/taken-by-authority-ask", comment, &["6-10"]),
        "pin/taken-ask",
        ask.with("pins", by(Some(&AUTHORITY))),
    );
    let comment = "The name was given to another key by the server: the user can be asked.";
    let ask = alone.with("self_signed", "ask").with("issuers", issuer(&AUTHORITY, "server"));
    good(
        cases,
        what("pin/taken-by-server-ask", comment, &["6-10"]),
        ask.with("pins", by(Some(&AUTHORITY))),
    );

    // What is vouched for.
    let issued = Given::new(&cyn.certificate(true));
    let authority = issued.with("issuers", issuer(&AUTHORITY, "authority"));
    let server = issued.with("issuers", issuer(&AUTHORITY, "server"));
    for (id, comment, pins) in [
        (
            "pin/authority-moves-name",
            "An authority gives a pinned name to another key.",
            pin("Cyn", &ben, None),
        ),
        (
            "pin/authority-moves-key",
            "An authority gives a pinned key another name.",
            pin("Cynthia", &cyn, None),
        ),
        (
            "pin/authority-again",
            "What an authority has pinned stays as it is.",
            pin("Cyn", &cyn, Some(&AUTHORITY)),
        ),
        (
            "pin/authority-user",
            "What the user has pinned stays the user's word.",
            pin("Cyn", &cyn, None),
        ),
    ] {
        good(cases, what(id, comment, &["6-9"]), authority.with("pins", pins));
    }
    let comment =
        "An authority gives a name and a key that were pinned to two others: both pins go.";
    let two = json!([
        {"name": "Cyn", "member": encode(ben.id), "by": null},
        {"name": "Cynthia", "member": encode(cyn.id), "by": null},
    ]);
    good(cases, what("pin/authority-moves-both", comment, &["6-9"]), authority.with("pins", two));
    let comment = "The server vouches for whose name and key are pinned to each other.";
    good(
        cases,
        what("pin/server-pinned", comment, &["6-10"]),
        server.with("pins", pin("Cyn", &cyn, None)),
    );
    let comment = "The server vouches again for whom it has vouched for.";
    good(
        cases,
        what("pin/server-again", comment, &["6-10"]),
        server.with("pins", pin("Cyn", &cyn, Some(&AUTHORITY))),
    );
    let comment = "The server cannot give a pinned name to another key.";
    bad(
        cases,
        what("pin/server-name-taken", comment, &["6-16", "6-10"]).flags(&["forged"]),
        "pin/server-pinned",
        server.with("pins", pin("Cyn", &ben, None)),
    );
    let comment = "The server cannot give a pinned key another name.";
    bad(
        cases,
        what("pin/server-other-name", comment, &["6-16", "6-10"]),
        "pin/server-pinned",
        server.with("pins", pin("Cynthia", &cyn, None)),
    );
    let comment = "An issuer that is not known, though name and key are pinned to each other.";
    let pinned = authority.with("pins", pin("Cyn", &cyn, None));
    bad(
        cases,
        what("pin/issuer-unknown", comment, &["6-18"]),
        "pin/authority-user",
        pinned.with("issuers", json!([])),
    );
}

fn signatures(cases: &mut Cases) {
    let wire = cyn().certificate(true);
    let from = "voucher/authority";
    let given = |wire: &Wire| Given::new(wire).with("issuers", issuer(&AUTHORITY, "authority"));
    for (field, bytes) in [
        ("name", b"Cyd".to_vec()),
        ("key", ben().certificate_key.to_vec()),
        ("not-before", varint(NEW_YEAR + 1)),
        ("lifetime", varint(YEAR + 1)),
        ("issuer", vec![0xec; 8]),
    ] {
        let id = format!("signature/other-{field}");
        let comment = format!("Another {field} than was signed.");
        let what = what(&id, &comment, &["6-8", "6-3"]).flags(&["forged"]);
        bad(cases, what, from, given(&wire.with(field, bytes)));
    }
    let signature = &wire.0.last().expect("a signature").bytes;
    for (id, comment, at) in
        [("signature/r", "Another bit in r.", 0), ("signature/s", "Another bit in s.", 63)]
    {
        let mut bent = signature.clone();
        bent[at] ^= 1;
        let what = what(id, comment, &["6-8"]).flags(&["forged"]);
        bad(cases, what, from, given(&wire.with("vouch-signature", bent)));
    }
    let body = Wire(wire.0[..5].to_vec()).bytes();
    for (id, comment, key, parts) in [
        (
            "signature/by-member",
            "The member has signed, not the authority.",
            cyn().private,
            [label::SIGN_CERTIFICATE, &body],
        ),
        (
            "signature/label",
            "The authority has signed it as if it was a record.",
            AUTHORITY,
            [label::SIGN_RECORD, &body],
        ),
        (
            "signature/no-label",
            "The authority has signed it without the label.",
            AUTHORITY,
            [b"", &body],
        ),
    ] {
        let what = what(id, comment, &["6-3", "1-8"]).flags(&["forged"]);
        bad(cases, what, from, given(&wire.with("vouch-signature", sign(&key, &parts))));
    }
    let other = cast::negated(&first(signature));
    let comment =
        "The same signature with n - s: whoever sees one can make the other, and both verify.";
    good(
        cases,
        what("signature/other-s", comment, &["1-3", "1-4"]),
        given(&wire.with("vouch-signature", other)),
    );
}

fn hellos(cases: &mut Cases) {
    let base = hello(0x13, &ben(), false, NEW_YEAR + 60, Asking::Latest, None);
    let full = hello(0x1a, &cyn(), true, NEW_YEAR + 60, Asking::Key, Some(first(ada().id)));
    let given =
        |wire: &Wire, channel: &str| json!({"channel": channel, "frame": encode(wire.bytes())});
    let (channel, verify) = (cast::CHANNEL, "certificate.verify_hello");
    let what_is = what("hello/example", "The example of chapter 3.", &["7-7", "6-4"]);
    cases.valid(what_is.flags(&["example"]), verify, given(&base, channel));
    let what_is =
        what("hello/relayed", "Passed on by another: the signature is the same.", &["9-6", "7-7"]);
    cases.valid(what_is, verify, given(&full, channel));
    let direct = full.with("kind", [0x13]);
    let what_is = what("hello/not-relayed", "The first byte of a frame is not signed.", &["7-7"]);
    cases.valid(what_is, verify, given(&direct, channel));
    for (id, comment, name) in [
        ("hello/other-channel", "It was signed for another channel.", "#orchard"),
        ("hello/not-folded", "The name is folded before it is hashed.", "#Garden"),
        ("hello/as-conversation", "It was signed for a channel, not for conversations.", ""),
    ] {
        let what = what(id, comment, &["7-7", "16-5"]).flags(&["forged"]);
        cases.invalid(what, "hello/example", "signature", verify, given(&base, name));
    }
    for (field, bytes) in [
        ("name", b"Cyd".to_vec()),
        ("key", ben().certificate_key.to_vec()),
        ("not-before", varint(NEW_YEAR + 1)),
        ("lifetime", varint(YEAR + 1)),
        ("issuer", vec![1; 8]),
        ("vouch-signature", vec![1; 64]),
        ("member-key", ben().member_key.to_vec()),
        ("tag", vec![0xc1; 4]),
        ("time", varint(NEW_YEAR + 61)),
        ("which-key", vec![1; 8]),
        ("whom-hint", vec![1; 4]),
        ("signature", vec![1; 64]),
    ] {
        let id = format!("hello/other-{field}");
        let comment = format!("Another {field} than was signed.");
        let what = what(&id, &comment, &["9-4"]).flags(&["forged"]);
        let wire = full.with(field, bytes);
        cases.invalid(what, "hello/relayed", "signature", verify, given(&wire, channel));
    }
    for (id, field, comment) in [
        ("hello/no-certificate-key", "key", "33 bytes that are no key, as certificate key."),
        ("hello/no-member-key", "member-key", "33 bytes that are no key, as member key."),
    ] {
        // Signed all the same, but for the certificate key, with which nobody can.
        let body = Wire(base.with(field, [5; 33]).0[1..base.0.len() - 1].to_vec());
        let parts: [&[u8]; 3] = [label::SIGN_HELLO, &cast::name_digest(), &body.bytes()];
        let wire = base.with(field, [5; 33]).with("signature", sign(&ben().private, &parts));
        let what = what(id, comment, &["9-4", "3-18", "1-1"]).flags(&["forged"]);
        cases.invalid(what, "hello/example", "signature", verify, given(&wire, channel));
    }
    let body = Wire(base.0[1..base.0.len() - 1].to_vec());
    for (id, comment, key, label) in [
        ("hello/by-another", "Signed by another member.", cyn().private, label::SIGN_HELLO),
        (
            "hello/by-member-key",
            "Signed with the member key.",
            ben().member_private,
            label::SIGN_HELLO,
        ),
        ("hello/label", "Signed as if it was a text.", ben().private, label::SIGN_TEXT),
    ] {
        let parts: [&[u8]; 3] = [label, &cast::name_digest(), &body.bytes()];
        let wire = base.with("signature", sign(&key, &parts));
        let what = what(id, comment, &["9-4", "6-1"]).flags(&["forged"]);
        cases.invalid(what, "hello/example", "signature", verify, given(&wire, channel));
    }
    let decoded = |wire: &Wire| {
        let frame =
            keyrota::spec::Frame::decode(&wire.bytes()).map(|frame| crate::json::Frame::of(&frame));
        match frame {
            Ok(Some(
                crate::json::Frame::Hello(hello) | crate::json::Frame::RelayedHello(hello),
            )) => hello,
            other => panic!("no Hello: {other:?}"),
        }
    };
    for (id, comment, member, wire, channel) in [
        ("hello/sign", "Ben signs the Hello of the example.", ben(), &base, cast::CHANNEL),
        ("hello/sign-issued", "Cyn signs hers.", cyn(), &full, cast::CHANNEL),
        (
            "hello/sign-conversation",
            "Ben signs for conversations, with the empty name.",
            ben(),
            &base,
            "",
        ),
    ] {
        let mut hello = decoded(wire);
        hello.signature.0 = [0; 64];
        let input = json!({"channel": channel, "private": encode(member.private), "hello": hello});
        cases.valid(what(id, comment, &["7-7", "1-3", "16-5"]), "certificate.sign_hello", input);
    }
}
