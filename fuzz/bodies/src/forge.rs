//! Frames as the input wants them, by [peers](crate::peer) whose keys the fuzzer owns, upon what a
//! terminal has as its record and keys.

use std::collections::BTreeSet;

use arbitrary::{Result, Unstructured};
use keyrota::View;
use keyrota::spec::limits::{CHANGES_MAX, EPOCH_MAX, STEP_MAX};
use keyrota::spec::{
    Ask, Cause, ChannelId, Descent, Entry, Frame, Hello, KeyId, List, MemberHint, MemberId, Query,
    Record, Refused, Rights, SealedBox, SignedRecord, Subject, Tag, TextKind, Vouch, Wrapped,
};

use crate::peer::{self, Key, Peer, START, Under};

/// How many records and lines are remembered.
const KEPT: usize = 16;

/// Peers, and what they have made.
#[derive(Debug)]
pub struct Forge {
    /// The last has the terminal's own key; the one before is an authority.
    pub peers: [Peer; 5],
    /// Records that were made, with their keys; the newest last.
    made: Vec<(SignedRecord, Key)>,
    /// Frames that were made, likewise.
    frames: Vec<Vec<u8>>,
    /// Records that were signed by others than their authors, and by these: no terminal may take up what
    /// stands among the first alone.
    by_others: BTreeSet<KeyId>,
    by_authors: BTreeSet<KeyId>,
}

/// What a frame is made upon.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The name digest of the place.
    pub digest: ChannelId,
    /// What the terminal has there.
    pub view: Option<View<'a>>,
    /// Its newest Hello.
    pub hello: Option<&'a Hello>,
    /// Wall time.
    pub unix: u64,
}

const CAUSES: [Cause; 4] = [Cause::Wish, Cause::List, Cause::Exclusion, Cause::Missing];

impl Default for Forge {
    fn default() -> Self {
        let names = ["ada", "ben", "cyn", "office", "me"];
        let numbers = [1, 2, 3, 200, 0];
        let mut number = numbers.into_iter();
        let peers = names.map(|name| Peer::new(number.next().unwrap_or(0), name));
        let (by_others, by_authors) = (BTreeSet::new(), BTreeSet::new());
        Self { peers, made: Vec::new(), frames: Vec::new(), by_others, by_authors }
    }
}

impl Forge {
    /// One of the peers.
    ///
    /// # Errors
    /// The input is at its end.
    pub fn peer(&self, u: &mut Unstructured<'_>) -> Result<&Peer> {
        u.choose(&self.peers)
    }

    /// A frame.
    ///
    /// # Errors
    /// The input is at its end.
    pub fn frame(&mut self, u: &mut Unstructured<'_>, scene: &Scene<'_>) -> Result<Vec<u8>> {
        let bytes = match u.int_in_range(0..=13)? {
            0..=2 => self.hello(u, scene)?.encode(),
            3 => {
                let (record, _, author) = self.record(u, scene)?;
                Frame::Announce { record, author: self.peers[author].point() }.encode()
            }
            4 | 5 => self.sealed(u, scene)?.encode(),
            6 => {
                let (record, key, _) = self.record(u, scene)?;
                let under = self.key(u, scene)?.map_or(key, |under| under.key);
                let wrapped = peer::wrapped(&record.record, &key, &under);
                Frame::Refresh { record, wrapped }.encode()
            }
            7 | 8 => self.text(u, scene)?,
            9 => {
                let whom = if u.arbitrary()? { Some(self.hint(u, scene)?) } else { None };
                let what = match u.int_in_range(0..=2)? {
                    0 => Subject::Proof { key: self.id(u, scene)?.prefix(), have: u.arbitrary()? },
                    1 => Subject::Hello(self.hint(u, scene)?),
                    _ => Subject::Tag(self.peer(u)?.tag),
                };
                Frame::Query(Query { whom, what }).encode()
            }
            10 => {
                let reason = *u.choose(&[Refused::Certificate, Refused::Barred, Refused::Key])?;
                Frame::Refusal { whom: self.hint(u, scene)?, reason }.encode()
            }
            11 => {
                let one =
                    SealedBox { whom: self.hint(u, scene)?, key: Wrapped([u.arbitrary()?; 32]) };
                let count = u.int_in_range(1..=9)?;
                let boxes = vec![one; count];
                Frame::Boxes { key: self.id(u, scene)?.prefix(), boxes }.encode()
            }
            12 if !self.frames.is_empty() => {
                // One of before, as it was or with one bit changed.
                let mut frame = u.choose(&self.frames)?.clone();
                if u.arbitrary()? {
                    let at = usize::from(u.arbitrary::<u16>()?) % (frame.len() * 8);
                    frame[at / 8] ^= 1 << (at % 8);
                }
                frame
            }
            _ => {
                let length = u.int_in_range(0..=200)?.min(u.len());
                let mut frame = u.bytes(length)?.to_vec();
                if let Some(first) = frame.first_mut() {
                    *first = 0x10 | (*first & 0x0f);
                }
                frame
            }
        };
        self.remember(&bytes);
        Ok(bytes)
    }

    /// Whether nobody but others than its author has signed this record.
    pub fn is_forged(&self, id: &KeyId) -> bool {
        self.by_others.contains(id) && !self.by_authors.contains(id)
    }

    /// A frame that can come again.
    pub fn remember(&mut self, frame: &[u8]) {
        if self.frames.len() == KEPT {
            self.frames.remove(0);
        }
        if !frame.is_empty() {
            self.frames.push(frame.to_vec());
        }
    }

    fn hello(&self, u: &mut Unstructured<'_>, scene: &Scene<'_>) -> Result<Frame<'static>> {
        let flags: u8 = u.arbitrary()?;
        let ask = match flags % 5 {
            0 => None,
            1 | 2 => Some(Ask::Latest),
            3 => Some(Ask::Hint(self.id(u, scene)?.hint())),
            _ => Some(Ask::Key(self.id(u, scene)?.prefix())),
        };
        let whom = if flags & 0x10 == 0 { None } else { Some(self.hint(u, scene)?) };
        // The later one counts: mostly as late as it is, and a little more.
        let late = u64::from(u.arbitrary::<u8>()?);
        let time = match flags >> 5 {
            0..=4 => scene.unix.saturating_add(late),
            5 => scene.unix.saturating_sub(late * 900),
            6 => scene.unix.saturating_add(late * 900),
            _ => u.arbitrary()?,
        };
        let digest = if flags & 0x08 == 0 { scene.digest } else { peer::digest("#other") };
        let frame = self.peer(u)?.hello(&digest, time, ask.map(|ask| (ask, whom)), late % 7 == 6);
        Ok(frame)
    }

    fn hint(&self, u: &mut Unstructured<'_>, scene: &Scene<'_>) -> Result<MemberHint> {
        let list = scene.view.as_ref().and_then(View::list);
        let seats: Vec<MemberId> =
            list.into_iter().flat_map(List::seats).map(|one| one.1.id).collect();
        if u.arbitrary()? && !seats.is_empty() {
            return Ok(u.choose(&seats)?.hint());
        }
        Ok(self.peer(u)?.id.hint())
    }

    /// What keys there are: those that the terminal holds, and those of records that were made.
    fn keys(&self, scene: &Scene<'_>) -> Vec<Under> {
        let under = |record: &Record, key: Key| Under {
            channel: peer::channel_of(record),
            id: peer::key_id(record),
            key,
        };
        let held = scene.view.as_ref().into_iter().flat_map(View::secrets);
        let held = held.map(|(_, record, key)| under(record, key));
        let made = self.made.iter().map(|(signed, key)| under(&signed.record, *key));
        let channel = scene.view.as_ref().and_then(View::id);
        let here = |one: Under| Under { channel: channel.unwrap_or(one.channel), ..one };
        held.chain(made).map(here).collect()
    }

    fn key(&self, u: &mut Unstructured<'_>, scene: &Scene<'_>) -> Result<Option<Under>> {
        let keys = self.keys(scene);
        if keys.is_empty() { Ok(None) } else { u.choose(&keys).copied().map(Some) }
    }

    fn id(&self, u: &mut Unstructured<'_>, scene: &Scene<'_>) -> Result<KeyId> {
        Ok(match self.key(u, scene)? {
            Some(under) => under.id,
            None => KeyId([u.arbitrary()?; 16]),
        })
    }

    fn text(&self, u: &mut Unstructured<'_>, scene: &Scene<'_>) -> Result<Vec<u8>> {
        let under = match self.key(u, scene)? {
            Some(under) => under,
            None => Under { channel: scene.digest, id: KeyId([7; 16]), key: [u.arbitrary()?; 32] },
        };
        let kind = *u.choose(&[TextKind::Signed, TextKind::Unsigned, TextKind::Control])?;
        let counter = u.arbitrary::<u8>()?.into();
        let length = usize::from(u.arbitrary::<u8>()?).min(u.len());
        let content = u.bytes(length)?;
        let content = if content.is_empty() { &[0][..] } else { content };
        Ok(self.peer(u)?.text(&under, kind, counter, content))
    }

    fn sealed(&mut self, u: &mut Unstructured<'_>, scene: &Scene<'_>) -> Result<Frame<'static>> {
        let (record, key, _) = self.record(u, scene)?;
        let own = scene.hello.and_then(|hello| peer::sealed(&record.record, &key, hello));
        let (mut ephemeral, one) = own.unwrap_or_else(|| {
            let whom = self.peers[0].id.hint();
            (self.peers[0].point(), SealedBox { whom, key: Wrapped([7; 32]) })
        });
        let mut boxes = vec![one];
        if u.arbitrary()? {
            let whom = self.hint(u, scene)?;
            let byte = u.arbitrary()?;
            boxes.push(SealedBox { whom, key: Wrapped([byte; 32]) });
            if byte == u8::MAX {
                ephemeral = peer::NO_POINT;
            }
        }
        Ok(Frame::Sealed { record, ephemeral, boxes })
    }

    /// A record with its key, and the number of the peer that signed it.
    fn record(
        &mut self,
        u: &mut Unstructured<'_>,
        scene: &Scene<'_>,
    ) -> Result<(SignedRecord, Key, usize)> {
        let signer = u.int_in_range(0..=self.peers.len() - 1)?;
        let key = [u.arbitrary()?; 32];
        let current = scene.view.as_ref().and_then(View::record).cloned();
        let base = match (u.int_in_range(0..=7)?, current) {
            (0, _) if !self.made.is_empty() => u.choose(&self.made)?.0.record.clone(),
            (1..=5, Some(record)) => record,
            _ => {
                let record = self.genesis(u, scene, signer, &key)?;
                return Ok(self.sign(signer, record, key));
            }
        };
        let mut record = base.clone();
        let seat = record.list.seat_of(&self.peers[signer].id).map(|(seat, _)| seat);
        record.author = match seat {
            Some(seat) => seat,
            None => u.int_in_range(0..=2)?,
        };
        record.channel = peer::channel_of(&base);
        record.commit = peer::commit(&key, &record.channel);
        record.time = u32::try_from(scene.unix / 60).unwrap_or(u32::MAX);
        record.cause = *u.choose(&CAUSES)?;
        record.descent = Descent::Sealed;
        match u.int_in_range(0..=7)? {
            0..=2 => record.epoch = record.epoch.saturating_add(1 + u.int_in_range(0..=3)?),
            3 | 4 => {
                let (root, step) = match base.descent {
                    Descent::Wrapped { root, step } => (root, step),
                    _ => (peer::key_id(&base).root(), 0),
                };
                let step = step.saturating_add(1 + u.int_in_range(0..=1)?);
                record.descent = Descent::Wrapped { root, step };
            }
            5 => record.epoch = EPOCH_MAX,
            6 => {
                let root = peer::key_id(&base).root();
                record.descent = Descent::Wrapped { root, step: STEP_MAX };
            }
            _ => self.change(u, &mut record)?,
        }
        if u.int_in_range(0..=15)? == 15 {
            record.time = u.arbitrary()?;
            record.lifetime = u.arbitrary()?;
        }
        Ok(self.sign(signer, record, key))
    }

    /// Changes the list as its author, or some other way.
    fn change(&self, u: &mut Unstructured<'_>, record: &mut Record) -> Result<()> {
        let mut entries = record.list.entries().to_vec();
        let author = usize::from(record.author);
        if let Some(own) = entries.get_mut(author) {
            let most = u.int_in_range(0..=15)? == 15;
            own.changes = if most { CHANGES_MAX } else { own.changes.saturating_add(1) };
        }
        let id = self.peer(u)?.id;
        entries.retain(|one| {
            one.id != id || record.list.seat(record.author).is_some_and(|own| own.id == id)
        });
        let bits: u8 = u.arbitrary()?;
        let rights = Rights { update: bits & 1 != 0, distribute: bits & 2 != 0 };
        let seats = entries.iter().take_while(|one| one.rights.any()).count();
        if bits & 4 == 0 && entries.iter().all(|one| one.id != id) {
            let at = if rights.any() { seats } else { entries.len() };
            entries.insert(at, Entry::new(id, rights));
        }
        if let Some(list) = List::new(entries) {
            record.turn = list.updaters().collect();
            if bits & 8 != 0 {
                record.turn.rotate_left(1);
            }
            record.list = list;
            record.epoch = 0;
        }
        Ok(())
    }

    fn genesis(
        &self,
        u: &mut Unstructured<'_>,
        scene: &Scene<'_>,
        founder: usize,
        key: &Key,
    ) -> Result<Record> {
        let other = self.peer(u)?.id;
        let own = self.peers[founder].id;
        let mut entries = vec![Entry::new(own, Rights::BOTH)];
        if other != own {
            entries.push(Entry::new(other, Rights::BOTH));
        }
        let list = List::new(entries).expect("one or two seats");
        Ok(Record {
            channel: scene.digest,
            turn: list.updaters().collect(),
            list,
            epoch: 0,
            descent: Descent::Genesis {
                founder: self.peers[founder].point(),
                signed: u.arbitrary()?,
            },
            author: 0,
            cause: Cause::Founding,
            time: u32::try_from(START / 60).expect("minutes"),
            lifetime: 1_440,
            commit: peer::commit(key, &scene.digest),
        })
    }

    fn sign(&mut self, signer: usize, record: Record, key: Key) -> (SignedRecord, Key, usize) {
        let author = record.list.seat(record.author).map(|seat| seat.id);
        let own = author == Some(self.peers[signer].id);
        let signed_by = if own { &mut self.by_authors } else { &mut self.by_others };
        signed_by.insert(peer::key_id(&record));
        let signed = self.peers[signer].signed(record);
        if self.made.len() == KEPT {
            self.made.remove(0);
        }
        self.made.push((signed.clone(), key));
        (signed, key, signer)
    }

    /// From now on a peer shows another certificate, tag or member key.
    ///
    /// # Errors
    /// The input is at its end.
    pub fn alter_peer(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let number = u.int_in_range(0..=self.peers.len() - 1)?;
        let issuer = u.int_in_range(0..=self.peers.len())?;
        let body = &self.peers[number].certificate.body;
        let vouch = self
            .peers
            .get(issuer)
            .map(|by| Vouch::Issued { issuer: by.issuer(), signature: by.vouch(body) });
        let own = &mut self.peers[number];
        own.certificate.vouch = vouch.unwrap_or(Vouch::SelfSigned);
        let byte: u8 = u.arbitrary()?;
        own.tag = Tag([byte; 4]);
        own.show_member_key(byte % 4 < 3);
        Ok(())
    }
}
