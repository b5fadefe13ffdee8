//! Parts of the protocol by themselves, for those who test them against vectors (R-SYS-5).
//!
//! Only with the feature `model`. Nothing is done here: each function is a door to what terminals
//! do.

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::{
    Certificate, ChannelId, Commit, Hello, KeyId, List, MemberId, Point, Record, SealedBox,
    Signature, SignedHello, SignedRecord, Tag, TextHeader, TextKind, Wrapped, armor,
};

use crate::action::{Fault, Refusal};
use crate::authentication::{Authentication, Rejection, Voucher};
use crate::channel;
use crate::crypto::{DhKey, DhPublic, SigningKey, Tally, VerifyingKey};
use crate::direct::Pair;
use crate::distribute;
use crate::hello;
use crate::key::Key;
use crate::keystore::{Held, Keystore};
use crate::ledger::{Ledger, Proof, Verdict};
use crate::message::Bound;
use crate::mode::ModeChange;
use crate::obtain;
use crate::random::{Draw, Random};
use crate::record::{self, KeyRecord};
use crate::records;
use crate::renew;
use crate::repair::Repairs;
use crate::rights::Draft;
use crate::rota;
use crate::saved;
use crate::transport::{Reassembly, Source};
use crate::update;

// ---- lines (chapter 4)

/// Lines that were received, as frames.
#[derive(Debug, Default)]
pub struct Fragments(Reassembly);

impl Fragments {
    /// Takes in a line of a nick in a channel, which lists that nick or does not; a frame, if it
    /// is one, or completes one.
    pub fn take(
        &mut self,
        line: &str,
        (channel, nick, listed): (&str, &str, bool),
        now: u64,
    ) -> Option<Vec<u8>> {
        let source = Source { channel: channel.into(), nick: nick.into(), listed };
        self.0.take(armor::parse(line)?, &source, now)
    }
}

// ---- random inputs (chapter 1)

/// What a terminal draws from a seed.
#[derive(Debug)]
pub struct Draws(Random);

impl Draws {
    /// From this seed.
    pub fn new(mut seed: [u8; 32]) -> Self {
        let seed = Key::take(&mut seed);
        Self(Random::new(&seed))
    }

    /// The next bytes of a chain, as many as are drawn from it; `None`: there is no such chain.
    pub fn bytes(&mut self, chain: u8) -> Option<Vec<u8>> {
        let Self(random) = self;
        Some(match draw(chain)? {
            name @ (Draw::Secret | Draw::MemberKey | Draw::Key | Draw::Ephemeral) => {
                random.bytes::<32>(name).to_vec()
            }
            Draw::Tag => random.bytes::<4>(Draw::Tag).to_vec(),
            name @ (Draw::Choice | Draw::Jitter) => random.bytes::<8>(name).to_vec(),
        })
    }

    /// The next number below `n` of a chain; `None`: there is no such chain.
    pub fn below(&mut self, chain: u8, n: u64) -> Option<u64> {
        Some(self.0.below(draw(chain)?, n))
    }
}

fn draw(chain: u8) -> Option<Draw> {
    let all = [
        Draw::Secret,
        Draw::MemberKey,
        Draw::Tag,
        Draw::Key,
        Draw::Ephemeral,
        Draw::Choice,
        Draw::Jitter,
    ];
    all.into_iter().find(|one| *one as u8 == chain)
}

// ---- identifiers and derivations (chapters 7, 16 and 17)

/// The digest of a folded name.
pub fn name_digest(folded: &str) -> ChannelId {
    channel::name_digest(folded.as_bytes())
}

/// The channel that a genesis record founds; `None` if it is none.
pub fn channel_id(record: Record) -> Option<ChannelId> {
    unsigned(record).founds()
}

/// The conversation of two members; `None` if they are one.
pub fn conversation(one: &MemberId, other: &MemberId) -> Option<ChannelId> {
    Pair::new(one, other).map(|pair| pair.channel)
}

/// The key of a record.
pub fn key_id(record: Record) -> KeyId {
    unsigned(record).id()
}

/// What binds a record of a channel to its key.
pub fn commit(key: &[u8; 32], channel: &ChannelId) -> Commit {
    record::commit(key, channel)
}

/// A key under the previous one, or the other way round.
pub fn wrap(key: &[u8; 32], previous: &[u8; 32], id: &KeyId) -> [u8; 32] {
    record::mask(key, &record::wrap_pad(previous, id)).0
}

/// The pad of the box of a record's key for a member.
pub fn box_pad(shared: &[u8; 32], record: Record, member: &MemberId) -> [u8; 32] {
    *record::box_pad(shared, &unsigned(record), member)
}

/// A new key, of a terminal's secret, its draw and the previous key, and what is known besides.
pub fn new_key(
    secret: &[u8; 32],
    drawn: [&[u8]; 2],
    name: &str,
    password: &str,
    time: u32,
) -> [u8; 32] {
    *renew::new_key(secret, drawn, name, password, time)
}

/// The key that seals the texts of a tag, and the nonce of a counter.
pub fn text_key(key: &[u8; 32], text: &Text) -> ([u8; 32], [u8; 12]) {
    let (text_key, nonce) = text.bound().aead(key);
    (*text_key, nonce)
}

/// The last bytes of a saved state with this content.
pub fn saved_check(content: &[u8]) -> [u8; 32] {
    saved::check_of(content)
}

/// From what a restored terminal draws.
pub fn restored_seed(secret: &[u8; 32], seed: &[u8; 32], unix: u64, check: &[u8; 32]) -> [u8; 32] {
    *saved::restored_seed(secret, seed, unix, check)
}

fn unsigned(record: Record) -> KeyRecord {
    KeyRecord::new(SignedRecord { record, signature: Signature([0; 64]) })
}

// ---- certificates and Hellos (chapters 6 and 7)

/// What a terminal stores of whose word counts, and for whom.
#[derive(Debug, Default)]
pub struct Judge(pub Authentication);

impl Judge {
    /// Its user is somebody whose word counts.
    pub fn begin(&mut self, own: &Point) {
        self.0.begin(own);
    }

    /// Its user, asked, did not accept the member.
    pub fn decline(&mut self, member: MemberId) {
        self.0.decline(member);
    }

    /// Judges a certificate as when it comes in a Hello.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn judge(&mut self, certificate: &Certificate, unix: u64) -> Result<Voucher, Rejection> {
        self.0.judge(certificate, false, unix, &mut Tally::default())
    }
}

/// A Hello with its author's signature.
pub fn sign_hello(hello: Hello, digest: &ChannelId, key: &SigningKey) -> SignedHello {
    hello::sign(hello, digest, key, &mut Tally::default())
}

/// Whether a Hello is its author's.
pub fn hello_verifies(signed: &SignedHello, digest: &ChannelId) -> bool {
    hello::verifies(signed, digest, &mut Tally::default())
}

// ---- keys on their way (chapter 7)

/// The key of a record in a box for a member.
pub fn seal_box(
    ephemeral: &DhKey,
    record: Record,
    key: &[u8; 32],
    to: (&MemberId, &Point),
) -> Option<SealedBox> {
    distribute::seal_box(ephemeral, (&unsigned(record), key), to, &mut Tally::default())
}

/// A record with its boxes as frames.
pub fn pack(
    record: SignedRecord,
    ephemeral: Point,
    boxes: Vec<SealedBox>,
    line: usize,
) -> Vec<Vec<u8>> {
    distribute::pack(&KeyRecord::new(record), ephemeral, boxes, line)
}

/// The key of a record in the boxes for a member with these member keys.
pub fn open_boxes(
    record: Record,
    ephemeral: &Point,
    boxes: &[SealedBox],
    me: &MemberId,
    member_keys: &[DhKey],
) -> Option<[u8; 32]> {
    let theirs = DhPublic::from_bytes(&ephemeral.0)?;
    let secrets = member_keys.iter().map(|key| key.decapsulate(&theirs, &mut Tally::default()));
    let secrets: Vec<_> = secrets.collect();
    obtain::find_key(&unsigned(record), me, &secrets, boxes.iter()).map(|key| *key)
}

/// The key of a record under one of those that are held.
pub fn unwrap(
    record: Record,
    wrapped: &Wrapped,
    held: impl IntoIterator<Item = (Record, [u8; 32])>,
) -> Option<[u8; 32]> {
    let mut keys = Keystore::default();
    for (record, key) in held {
        let held = Held::new(Arc::new(unsigned(record)), [].into(), Key::of(&key), u64::MAX);
        keys.insert(held, 0);
    }
    records::unwrap(&keys, &unsigned(record), wrapped).map(|key| *key)
}

/// For how long a key may seal that comes at this wall time, in milliseconds.
pub fn life_left(record: Record, unix: u64) -> u64 {
    records::life_left(&unsigned(record), unix)
}

// ---- texts (chapters 7 and 11)

/// What a text is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Signed, unsigned, or a control.
    pub kind: TextKind,
    /// The sender's session.
    pub tag: Tag,
    /// Its number.
    pub counter: u32,
    /// In which channel.
    pub channel: ChannelId,
    /// Under which key.
    pub key: KeyId,
}

impl Text {
    fn bound(&self) -> Bound {
        let header = TextHeader { key: self.key.hint(), tag: self.tag, counter: self.counter };
        Bound { kind: self.kind, header, channel: self.channel, key: self.key }
    }

    /// Its frame.
    pub fn seal(
        &self,
        key: &[u8; 32],
        content: &[u8],
        author: (&MemberId, &SigningKey),
    ) -> Vec<u8> {
        self.bound().seal(key, content, author, &mut Tally::default())
    }

    /// What was sealed; `None` if it does not open.
    pub fn open(&self, key: &[u8; 32], mut ciphertext: Vec<u8>) -> Option<Vec<u8>> {
        self.bound().open(key, &mut ciphertext, 0).then_some(ciphertext)
    }

    /// Takes the signature off, and says whose it is of these; `None` if nobody's.
    pub fn author(
        &self,
        content: &mut Vec<u8>,
        claims: impl IntoIterator<Item = (MemberId, VerifyingKey)>,
    ) -> Option<MemberId> {
        let signature = Bound::split(content)?;
        let is_by = |(id, key): &(MemberId, VerifyingKey)| {
            self.bound().is_by((id, key), content, &signature, &mut Tally::default())
        };
        claims.into_iter().find(is_by).map(|(id, _)| id)
    }
}

/// What passed under one key.
#[derive(Debug)]
pub struct Passed(Held);

impl Passed {
    /// Nothing yet.
    pub fn new(record: Record) -> Self {
        Self(Held::new(Arc::new(unsigned(record)), [].into(), Key::of(&[0; 32]), 0))
    }

    /// Notes a text of an author, or an unsigned one; how many of the author's did not come.
    ///
    /// # Errors
    /// It is a repeat, or there is no room to tell.
    pub fn note(&mut self, tag: Tag, author: Option<MemberId>, counter: u32) -> Result<u32, Fault> {
        self.0.note(tag, author, counter)
    }
}

// ---- records (chapters 8 and 16)

/// The records of a channel.
#[derive(Debug)]
pub struct Records(Ledger);

/// What a record turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the ledger")]
pub enum Judged {
    Valid,
    Unproven,
    UnknownAuthor,
    Below,
    OtherChannel,
    Unfit,
    Forged,
}

impl Records {
    /// Of the channel that this record founds; `None` if it is no valid genesis record.
    pub fn found(genesis: SignedRecord) -> Option<Self> {
        Ledger::found(KeyRecord::new(genesis), &mut Tally::default()).map(Self)
    }

    /// Hears a record, of whose author this key is said to be.
    pub fn hear(&mut self, record: SignedRecord, key: Point) -> Judged {
        let own = |id: &MemberId| (crate::member_id(&key) == *id).then_some(key);
        match self.0.hear(KeyRecord::new(record), own, &mut Tally::default()) {
            Verdict::Valid { .. } => Judged::Valid,
            Verdict::Unproven => Judged::Unproven,
            Verdict::UnknownAuthor(_) => Judged::UnknownAuthor,
            Verdict::Below => Judged::Below,
            Verdict::OtherChannel => Judged::OtherChannel,
            Verdict::Unfit => Judged::Unfit,
            Verdict::Forged => Judged::Forged,
        }
    }

    /// The channel.
    pub fn channel(&self) -> ChannelId {
        self.0.channel()
    }

    /// The current record's key.
    pub fn current(&self) -> KeyId {
        self.0.current().id()
    }

    /// The keys of the records that prove its list.
    pub fn proof(&self) -> Vec<KeyId> {
        let proof: &Proof = self.0.proof();
        proof.iter().map(|step| step.record.id()).collect()
    }
}

/// Whether a conversation of these two can have this record, whatever its signature.
pub fn fits_two(record: SignedRecord, one: &MemberId, other: &MemberId) -> bool {
    let record = KeyRecord::new(record);
    Pair::new(one, other).is_some_and(|pair| pair.has(&record))
}

/// Whether the signature of a record is by this key.
pub fn record_verifies(record: SignedRecord, key: &Point) -> bool {
    let key = VerifyingKey::from_bytes(&key.0);
    key.is_some_and(|key| KeyRecord::new(record).verify(&key, &mut Tally::default()))
}

/// Which of two records is the greater.
pub fn compare(one: Record, other: Record) -> core::cmp::Ordering {
    unsigned(one).cmp_order(&unsigned(other))
}

// ---- lists and their order (chapter 10)

/// The updating order, as numbers of seats.
pub fn order(record: &Record, present: &[MemberId]) -> Vec<u8> {
    rota::order(record, |id| present.contains(id)).collect()
}

/// The turn of the next record by this seat.
pub fn turn_after(record: &Record, present: &[MemberId], seat: u8) -> Vec<u8> {
    rota::shift(record, |id| present.contains(id), seat)
}

/// When a position does what is due, having made a record at another time.
pub fn act_at(due: u64, position: u64, signed_at: Option<u64>) -> u64 {
    update::in_turn(due, position).max(signed_at.map_or(0, update::after_own))
}

/// One change of a list.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the words of chapter 10")]
pub enum Wish<'a> {
    Mode(ModeChange<'a>),
    Bar,
    Pardon,
}

/// The list and the turn that a member makes of those of a record.
///
/// # Errors
/// Why it may not.
pub fn change(
    record: &Record,
    author: &MemberId,
    wishes: &[(MemberId, Wish<'_>)],
) -> Result<(List, Vec<u8>), Refusal> {
    let mut draft = Draft::new(&record.list, &record.turn, author).ok_or(Refusal::NotSenior)?;
    for (id, wish) in wishes {
        match wish {
            Wish::Mode(change) => draft.change(*id, change)?,
            Wish::Bar => draft.bar(*id)?,
            Wish::Pardon => draft.pardon(*id)?,
        }
    }
    let change = draft.finish().ok_or(Refusal::NotSenior)?;
    if change.list == record.list {
        let same = change.turn == record.turn;
        return if same { Err(Refusal::Nothing) } else { Ok((change.list, change.turn)) };
    }
    let (seat, _) = record.list.seat_of(author).ok_or(Refusal::NotSenior)?;
    let raised = renew::raise(&change.list, seat, 0, &Repairs::default());
    raised.map(|list| (list, change.turn)).ok_or(Refusal::ListFull)
}
