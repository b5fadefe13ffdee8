//! The other examples: random chains, armour, a certificate, identifiers, pads, keys, the order.

use keyrota::crypto::{self, DhKey, Tally};
use keyrota_spec::{TextKind, armor, label};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::block::{hex, of_fields, of_values};
use crate::cast::{Cast, FOLDED, K0, K1, NEW_YEAR_MINUTES, Text, key_id, xor};
use crate::frames::certificate_fields;

/// The blocks of chapters 1, 4, 6, 7 and 8.
pub(crate) fn blocks(cast: &Cast) -> Vec<(&'static str, String)> {
    let cyn = cast.certificate("Cyn", &cast.cyn, true);
    let fingerprint = crypto::hash(label::CERTIFICATE, &[&cyn.to_bytes()]);
    let certificate = of_fields(&certificate_fields(&cyn))
        + &format!("\nauthority's key  {}\n", hex(cast.authority.public()))
        + &format!("fingerprint      {}\n", hex(fingerprint));
    let whole: Vec<u8> = (0..25).collect();
    let long: Vec<u8> = (0..300).map(|at| at as u8).collect();
    let fragments = armor::lines(&long, 300, armor::PartId::new(5));
    vec![
        ("chains", chains()),
        ("whole line", armor::whole(&whole) + "\n"),
        ("fragments", fragments.join("\n\n") + "\n"),
        ("certificate", certificate),
        ("identifiers", identifiers(cast)),
        ("wrap", wrap(cast)),
        ("box", sealed_box(cast)),
        ("text", text(cast)),
        ("new key", new_key()),
        ("order", order(cast)),
    ]
}

fn chains() -> String {
    let stream = |key: [u8; 32], nonce: u64, length: usize| {
        let mut rng = ChaCha20Rng::from_seed(key);
        rng.set_stream(nonce);
        let mut bytes = vec![0; length];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let chain = |number| <[u8; 32]>::try_from(stream([0x5e; 32], number, 32)).unwrap();
    let draw = |number, length: usize| stream(chain(number), 0, 32 + length)[32..].to_vec();
    let member_key = draw(1, 32);
    let pair = DhKey::derive(member_key.as_slice().try_into().unwrap(), &mut Tally::default());
    let next = <[u8; 32]>::try_from(stream(chain(1), 0, 32)).unwrap();
    let choice = draw(5, 8);
    let x = u64::from_le_bytes(choice.as_slice().try_into().unwrap());
    let below = (u128::from(x) * 10) >> 64;
    of_values(&[
        ("chain 1 at its beginning", chain(1).to_vec()),
        ("its first draw, 32 bytes", member_key),
        ("private key", pair.to_bytes().to_vec()),
        ("public key", pair.public().to_vec()),
        ("chain 1 after it", next.to_vec()),
        ("its second draw, 32 bytes", stream(next, 0, 64)[32..].to_vec()),
        ("first draw from chain 2, 4 bytes", draw(2, 4)),
        ("first draw from chain 5, 8 bytes", choice),
    ]) + &format!("that, as a number below 10        {below}\n")
}

fn identifiers(cast: &Cast) -> String {
    let [k0, k1, k2] = &cast.records;
    of_values(&[
        ("Ada's certificate key", cast.ada.key.public().to_vec()),
        ("Ada's MemberId", cast.ada.id.0.to_vec()),
        ("Ben's certificate key", cast.ben.key.public().to_vec()),
        ("Ben's MemberId", cast.ben.id.0.to_vec()),
        ("Cyn's certificate key", cast.cyn.key.public().to_vec()),
        ("Cyn's MemberId", cast.cyn.id.0.to_vec()),
        ("authority's key", cast.authority.public().to_vec()),
        ("authority's IssuerId", cast.issuer.0.to_vec()),
        ("name digest", cast.name.0.to_vec()),
        ("ChannelId", cast.channel.0.to_vec()),
        ("KeyId of K0", key_id(k0).0.to_vec()),
        ("KeyId of K1", key_id(k1).0.to_vec()),
        ("KeyId of K2", key_id(k2).0.to_vec()),
        ("commit of K0", k0.record.commit.0.to_vec()),
        ("commit of K1", k1.record.commit.0.to_vec()),
    ])
}

fn wrap(cast: &Cast) -> String {
    let pad = *crypto::expand(&K0, label::WRAP, &[&key_id(&cast.records[1]).0]);
    of_values(&[("pad", pad.to_vec()), ("wrapped", xor(&K1, &pad).to_vec())])
}

fn sealed_box(cast: &Cast) -> String {
    let (ben, record) = (&cast.ben, &cast.records[0]);
    let shared = cast.granting.encapsulate(&ben.sealing_key(), &mut Tally::default());
    let pad = cast.box_pad(&shared, &key_id(record), &ben.id);
    let sealed = cast.seal(&cast.granting, record, &K0, ben);
    of_values(&[
        ("Ben's member key, private", ben.member_key.to_bytes().to_vec()),
        ("Ben's member key, public", ben.member_key.public().to_vec()),
        ("ephemeral, private", cast.granting.to_bytes().to_vec()),
        ("ephemeral, public", cast.granting.public().to_vec()),
        ("shared", shared.to_vec()),
        ("pad", pad.to_vec()),
        ("box", [&sealed.whom.0[..], &sealed.key.0].concat()),
    ])
}

fn text(cast: &Cast) -> String {
    let content = b"Good morning";
    let text = Text::new(cast, TextKind::Signed, 0, content);
    of_values(&[
        ("text key", text.key.to_vec()),
        ("nonce", text.nonce.to_vec()),
        ("data", text.data.clone()),
        ("content", content.to_vec()),
        ("signature", text.signature.unwrap().0.to_vec()),
        ("rest", text.ciphertext.clone()),
    ])
}

fn new_key() -> String {
    let password = b"tulip";
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let secret = crypto::extract(&[0x50; 32], &[&[0x51; 32], &K0]);
    let key = crypto::expand::<32>(
        &secret,
        label::NEW_KEY,
        &[&length(FOLDED), FOLDED, &length(password), password, &NEW_YEAR_MINUTES.to_be_bytes()],
    );
    of_values(&[("secret", secret.to_vec()), ("key", key.to_vec())])
}

fn order(cast: &Cast) -> String {
    let [k0, k1, k2] = &cast.records;
    let first = |record: &keyrota_spec::SignedRecord| record.record.list.entries()[0].changes;
    assert!(first(k2) > first(k1));
    assert_eq!(k1.record.list, k0.record.list);
    assert_eq!(k1.record.epoch, k0.record.epoch);
    assert!(k1.record.step() > k0.record.step());
    let line = |name, record, why| {
        let line = format!("{name}  {}  {why}", key_id(record));
        line.trim_end().to_owned() + "\n"
    };
    line("K2", k2, "changes of entry 0: 1 and 0")
        + &line("K1", k1, "step: 1 and 0; list, epoch and root are the same")
        + &line("K0", k0, "")
}
