//! Who appears in the examples, with fixed keys, and what they sign, wrap, seal and write.

use keyrota::crypto::{self, DhKey, DhPublic, SigningKey, Tally};
use keyrota_spec::{
    Ask, Body, Cause, Certificate, ChannelId, Commit, Descent, Entry, Hello, IssuerId, KeyId, List,
    MemberId, Name, Point, Record, Rights, SealedBox, Signature, SignedHello, SignedRecord, Tag,
    TextHeader, TextKind, Vouch, Wrapped, label,
};

pub(crate) const K0: [u8; 32] = [0xf0; 32];
pub(crate) const K1: [u8; 32] = [0xf1; 32];
pub(crate) const K2: [u8; 32] = [0xf2; 32];
/// 2025-01-01 00:00 UTC, in seconds.
pub(crate) const NEW_YEAR: u64 = 1_735_689_600;
/// The same in minutes.
pub(crate) const NEW_YEAR_MINUTES: u32 = 28_928_160;
pub(crate) const FOLDED: &[u8] = b"#garden";

/// A member of the channel.
pub(crate) struct Member {
    pub(crate) key: SigningKey,
    pub(crate) id: MemberId,
    pub(crate) member_key: DhKey,
    pub(crate) tag: Tag,
}

impl Member {
    fn new(key: u8, member_key: u8) -> Self {
        let key = SigningKey::from_bytes(&[key; 32]).unwrap();
        let id = MemberId::first_of(&crypto::hash(label::MEMBER, &[&key.public()]));
        let member_key = dh_key(member_key);
        Self { key, id, member_key, tag: Tag([0; 4]) }
    }

    pub(crate) fn point(&self) -> Point {
        Point(self.key.public())
    }

    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Signature {
        Signature(self.key.sign(&mut Tally::default(), parts))
    }

    pub(crate) fn sealing_key(&self) -> DhPublic {
        DhPublic::from_bytes(&self.member_key.public()).unwrap()
    }
}

pub(crate) fn dh_key(ikm: u8) -> DhKey {
    DhKey::derive(&[ikm; 32], &mut Tally::default())
}

pub(crate) struct Cast {
    pub(crate) ada: Member,
    pub(crate) ben: Member,
    pub(crate) cyn: Member,
    pub(crate) authority: SigningKey,
    pub(crate) issuer: IssuerId,
    pub(crate) granting: DhKey,
    pub(crate) sealing: DhKey,
    pub(crate) name: ChannelId,
    pub(crate) channel: ChannelId,
    /// The records of K0, K1 and K2.
    pub(crate) records: [SignedRecord; 3],
}

impl Cast {
    pub(crate) fn new() -> Self {
        let [mut ada, mut ben, mut cyn] =
            [(0x11, 0xa1), (0x22, 0xb2), (0x33, 0xc3)].map(|(key, dh)| Member::new(key, dh));
        (ada.tag, ben.tag, cyn.tag) = (Tag([0xa0; 4]), Tag([0xb0; 4]), Tag([0xc0; 4]));
        let authority = SigningKey::from_bytes(&[0xaa; 32]).unwrap();
        let issuer = IssuerId::first_of(&crypto::hash(label::ISSUER, &[&authority.public()]));
        let name = ChannelId::first_of(&crypto::hash(label::NAME, &[FOLDED]));

        let sign = |record: Record| {
            let signature = ada.sign(&[label::SIGN_RECORD, &record.to_bytes()]);
            SignedRecord { record, signature }
        };
        let genesis = sign(Record {
            channel: name,
            list: List::new(vec![Entry::new(ada.id, Rights::BOTH)]).unwrap(),
            turn: vec![0],
            epoch: 0,
            descent: Descent::Genesis { founder: ada.point(), signed: true },
            author: 0,
            cause: Cause::Founding,
            time: NEW_YEAR_MINUTES,
            lifetime: 1_440,
            commit: commit(&K0, &name),
        });
        let bytes = genesis.record.to_bytes();
        let channel = ChannelId::first_of(&crypto::hash(label::CHANNEL, &[&bytes]));
        let refreshed = sign(Record {
            channel,
            descent: Descent::Wrapped { root: key_id(&genesis).root(), step: 1 },
            cause: Cause::Wish,
            time: NEW_YEAR_MINUTES + 30,
            commit: commit(&K1, &channel),
            ..genesis.record.clone()
        });
        let first = Entry { changes: 1, ..Entry::new(ada.id, Rights::BOTH) };
        let sealed = sign(Record {
            channel,
            list: List::new(vec![first, Entry::new(ben.id, Rights::BOTH)]).unwrap(),
            turn: vec![0, 1],
            descent: Descent::Sealed,
            cause: Cause::List,
            time: NEW_YEAR_MINUTES + 60,
            commit: commit(&K2, &channel),
            ..genesis.record.clone()
        });
        Self {
            authority,
            issuer,
            granting: dh_key(0xe1),
            sealing: dh_key(0xe2),
            name,
            channel,
            records: [genesis, refreshed, sealed],
            ada,
            ben,
            cyn,
        }
    }

    /// The pad of a box, its info after the label, and the box.
    pub(crate) fn seal(
        &self,
        ephemeral: &DhKey,
        record: &SignedRecord,
        key: &[u8; 32],
        to: &Member,
    ) -> SealedBox {
        let shared = ephemeral.encapsulate(&to.sealing_key(), &mut Tally::default());
        let theirs = DhPublic::from_bytes(&ephemeral.public()).unwrap();
        assert_eq!(shared, to.member_key.decapsulate(&theirs, &mut Tally::default()));
        let pad = self.box_pad(&shared, &key_id(record), &to.id);
        SealedBox { whom: to.id.hint(), key: Wrapped(xor(key, &pad)) }
    }

    pub(crate) fn box_pad(&self, shared: &[u8; 32], key: &KeyId, to: &MemberId) -> [u8; 32] {
        *crypto::expand(shared, label::BOX, &[&self.channel.0, &key.0, &to.0])
    }

    pub(crate) fn certificate(&self, name: &str, member: &Member, issued: bool) -> Certificate {
        let body = Body {
            name: Name::new(name).unwrap(),
            key: member.point(),
            not_before: NEW_YEAR,
            lifetime: 365 * 86_400,
        };
        let parts: [&[u8]; 2] = [label::SIGN_CERTIFICATE, &body.to_bytes()];
        let signature = Signature(self.authority.sign(&mut Tally::default(), &parts));
        let issued_vouch = Vouch::Issued { issuer: self.issuer, signature };
        Certificate { body, vouch: if issued { issued_vouch } else { Vouch::SelfSigned } }
    }

    pub(crate) fn hello(
        &self,
        certificate: Certificate,
        member: &Member,
        time: u64,
        ask: Option<Ask>,
    ) -> SignedHello {
        let hello = Hello {
            certificate,
            member_key: Point(member.member_key.public()),
            tag: member.tag,
            time,
            ask: ask.map(|ask| (ask, None)),
        };
        let signature = member.sign(&[label::SIGN_HELLO, &self.name.0, &hello.to_bytes()]);
        SignedHello { hello, signature }
    }
}

/// A text of Ben's under K0, with all that goes into it.
pub(crate) struct Text {
    pub(crate) kind: TextKind,
    pub(crate) header: TextHeader,
    pub(crate) key: [u8; 32],
    pub(crate) nonce: [u8; 12],
    pub(crate) data: Vec<u8>,
    pub(crate) signature: Option<Signature>,
    pub(crate) ciphertext: Vec<u8>,
}

impl Text {
    pub(crate) fn new(cast: &Cast, kind: TextKind, counter: u32, content: &[u8]) -> Self {
        let (ben, id) = (&cast.ben, key_id(&cast.records[0]));
        let header = TextHeader { key: id.hint(), tag: ben.tag, counter };
        let key = *crypto::expand(&K0, label::TEXT, &[&id.0, &ben.tag.0]);
        let mut nonce = [0; 12];
        nonce[8..].copy_from_slice(&counter.to_be_bytes());
        let data = [&[kind.byte()][..], &cast.channel.0, &id.0, &ben.tag.0, &counter.to_be_bytes()]
            .concat();
        let signature =
            kind.is_signed().then(|| ben.sign(&[label::SIGN_TEXT, &data, &ben.id.0, content]));
        let mut ciphertext = content.to_vec();
        ciphertext.extend(signature.iter().flat_map(|signature| signature.0));
        crypto::seal_in_place(&key, &nonce, &data, &mut ciphertext, 0);
        Self { kind, header, key, nonce, data, signature, ciphertext }
    }
}

pub(crate) fn key_id(record: &SignedRecord) -> KeyId {
    KeyId::first_of(&crypto::hash(label::KEY, &[&record.record.to_bytes()]))
}

fn commit(key: &[u8; 32], channel: &ChannelId) -> Commit {
    Commit(*crypto::expand(key, label::COMMIT, &[&channel.0]))
}

pub(crate) fn xor(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    core::array::from_fn(|at| one[at] ^ other[at])
}
