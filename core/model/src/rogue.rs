//! What a hostile hand does with the secret of one who takes part: a former member, a member without
//! rights, or one with a seat that it abuses. Its terminal knows nothing of it.

use std::collections::BTreeMap;
use std::fmt;

use keyrota::crypto::{self, DhKey, SigningKey, Tally};
use keyrota::parts;
use keyrota::spec::limits::{EPOCH_MAX, STEP_MAX};
use keyrota::spec::{
    Commit, Descent, Entry, Frame, Hello, KeyId, List, MemberId, Point, Record, Rights, Signature,
    SignedRecord, TextKind, Wrapped, armor, label,
};

use crate::actor::{Told, secret};
use crate::mind::Key;
use crate::reference::{channel_of, compare, key_id, root_of};
use crate::world::{CHANNEL, Happening, LINE, World};

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trick {
    /// `old-list` — changes the list as it was when this one still had its seat.
    OldList,
    /// `no-seat` — signs in the place of the founder, with itself on the list.
    NoSeat,
    /// `prefix` — changes what stands before its own seat.
    Prefix,
    /// `wrapped-list` — changes the list by a refresh.
    WrappedList,
    /// `other-root` — a refresh under the root of another key.
    OtherRoot,
    /// `other-key` — a refresh with a key that the record does not commit to.
    OtherKey,
    /// `nobody` — a key that is sealed to nobody.
    Nobody,
    /// `last-epoch` — likewise, of the last epoch there is.
    LastEpoch,
    /// `last-step` — a refresh with the last step there is.
    LastStep,
    /// `twice` — two keys for one place, each given to some.
    Twice,
    /// `old-hello` — the first Hello of this one again.
    OldHello,
    /// `old-grant` — the first sealed key of this one again.
    OldGrant,
    /// `own-list` — changes the list by its own seat, with the right to or without.
    OwnList,
    /// `text` — a text in the name of another, with a signature of its own.
    Text,
    /// `old-text` — likewise, under the newest key but the current one that this one ever had.
    OldText,
}

/// All of them.
pub const TRICKS: [Trick; 15] = [
    Trick::OldList,
    Trick::NoSeat,
    Trick::Prefix,
    Trick::WrappedList,
    Trick::OtherRoot,
    Trick::OtherKey,
    Trick::Nobody,
    Trick::LastEpoch,
    Trick::LastStep,
    Trick::Twice,
    Trick::OldHello,
    Trick::OldGrant,
    Trick::OwnList,
    Trick::Text,
    Trick::OldText,
];

impl fmt::Display for Trick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OldList => "old-list",
            Self::NoSeat => "no-seat",
            Self::Prefix => "prefix",
            Self::WrappedList => "wrapped-list",
            Self::OtherRoot => "other-root",
            Self::OtherKey => "other-key",
            Self::Nobody => "nobody",
            Self::LastEpoch => "last-epoch",
            Self::LastStep => "last-step",
            Self::Twice => "twice",
            Self::OldHello => "old-hello",
            Self::OldGrant => "old-grant",
            Self::OwnList => "own-list",
            Self::Text => "text",
            Self::OldText => "old-text",
        })
    }
}

impl Trick {
    /// The inverse of its `Display`.
    pub fn parse(word: &str) -> Option<Self> {
        TRICKS.into_iter().find(|trick| trick.to_string() == word)
    }
}

/// What was forged: the record of it, and its key.
#[derive(Clone, Debug)]
pub struct Forged {
    /// By whose secret.
    pub who: usize,
    /// How.
    pub trick: Trick,
    /// The record, unless something old was repeated.
    pub record: Option<(KeyId, Key)>,
    /// To whom the key was sealed.
    pub to: Vec<usize>,
    /// Whether this one had no seat in the list that was current then.
    pub unseated: bool,
}

impl World {
    /// Whether this trick can be played with the secret of `who` now.
    pub(crate) fn allows_trick(&self, who: usize, trick: Trick) -> bool {
        !self.frames_of(who, trick).is_empty()
    }

    /// Plays it: everybody hears it on the side of `who`, from its nick.
    pub(crate) fn play_trick(&mut self, who: usize, trick: Trick) {
        let unseated = self.base(who).is_some_and(|(base, _)| self.seat(who, &base).is_none());
        let frames = self.frames_of(who, trick);
        for (turn, (bytes, record)) in frames.iter().enumerate() {
            let (record, to) = (*record, self.boxes_in(bytes));
            self.happenings.push(Happening::Forged(Forged { who, trick, record, to, unseated }));
            self.posted += 2;
            let id = armor::PartId::new(u32::try_from(self.posted).unwrap_or(u32::MAX));
            for text in armor::lines(bytes, LINE, id) {
                self.hear_rogue(who, text, (frames.len() > 1).then_some(turn));
            }
        }
    }

    /// Lets the others hear a line; if it is one of two, those whose numbers are of its kind.
    fn hear_rogue(&mut self, who: usize, text: String, turn: Option<usize>) {
        let nick = self.actors[who].nick.clone();
        let number = self.note(None, None, nick.clone(), text.clone());
        for to in 0..self.actors.len() {
            let told = turn.is_none_or(|turn| to % 2 == turn % 2);
            if to != who && told && self.actors[to].here && self.linked(who, to) {
                self.post(to, Told::Line(number, nick.clone(), text.clone()));
            } else {
                // The terminal whose secret it is misses it as well: no server sends back what comes from a nick.
                self.actors[to].lost = true;
            }
        }
    }

    /// What its terminal, or else anybody's, has as the greatest record, and the key of it if it ever had that.
    fn base(&self, who: usize) -> Option<(Record, Option<Key>)> {
        let view = |who: usize| self.view(who, CHANNEL);
        let own = view(who).and_then(|view| view.record().cloned());
        let all = (0..self.actors.len()).filter_map(|who| view(who)?.record().cloned());
        let record = own.or_else(|| all.max_by(compare))?;
        let key = self.actors[who].had.get(&key_id(&record)).copied();
        Some((record, key))
    }

    fn seat(&self, who: usize, record: &Record) -> Option<u8> {
        let id = self.actors[who].identity(crate::op::CAST[who]).id();
        record.list.seat_of(&id).map(|(number, _)| number)
    }

    /// All frames that went over the network, with the number of who seems to have sent each.
    fn frames(&self) -> Vec<(usize, Vec<u8>)> {
        let mut minds = vec![crate::mind::Mind::default(); self.actors.len()];
        let sent = self.lines.iter().filter_map(|line| Some((line.author?, line)));
        let frame = |(who, line): (usize, &crate::world::Line)| {
            Some((who, minds[who].take(&line.nick, &line.text, line.at)?))
        };
        sent.filter_map(frame).collect()
    }

    /// Those for whom there are boxes in a frame.
    fn boxes_in(&self, frame: &[u8]) -> Vec<usize> {
        let Ok(Frame::Sealed { boxes, .. }) = Frame::decode(frame) else { return Vec::new() };
        let has = |who: &usize| boxes.iter().any(|one| one.whom == self.member(*who).hint());
        (0..self.actors.len()).filter(has).collect()
    }

    /// The newest Hello of each but one.
    fn hellos(&self, who: usize) -> BTreeMap<MemberId, Hello> {
        let mut hellos = BTreeMap::<MemberId, Hello>::new();
        for (_, bytes) in self.frames() {
            let Ok(Frame::Hello { hello, .. }) = Frame::decode(&bytes) else { continue };
            let id = keyrota::member_id(&hello.hello.certificate.body.key);
            if hellos.get(&id).is_none_or(|other| other.time < hello.hello.time) {
                hellos.insert(id, hello.hello);
            }
        }
        hellos.remove(&self.actors[who].identity(crate::op::CAST[who]).id());
        hellos
    }

    fn frames_of(&self, who: usize, trick: Trick) -> Vec<Made> {
        if matches!(trick, Trick::OldHello | Trick::OldGrant) {
            let first = self.frames().into_iter().find(|(author, bytes)| {
                *author == who
                    && match Frame::decode(bytes) {
                        Ok(Frame::Hello { relayed, .. }) => trick == Trick::OldHello && !relayed,
                        Ok(Frame::Sealed { .. }) => trick == Trick::OldGrant,
                        _ => false,
                    }
            });
            return first.map(|(_, bytes)| (bytes, None)).into_iter().collect();
        }
        let Some((base, key)) = self.base(who) else { return Vec::new() };
        let based = match trick {
            Trick::OldList => self.before_removal(who, &base).map(|base| (base, key)),
            Trick::OldText => self.had_before(who, &base),
            _ => Some((base, key)),
        };
        let Some((base, key)) = based else { return Vec::new() };
        let seat = self.seat(who, &base);
        let made = |salt: u8| {
            let made = crypto::hash(b"keyrota model", &[&base.to_bytes(), &[salt]]);
            Forge { who, base: &base, key: made, under: key }
        };
        let (one, other) = (made(1), made(2));
        let frames: Option<Vec<_>> = match (trick, seat) {
            (Trick::NoSeat, None) => Some(vec![one.as_founder()]),
            (Trick::OwnList, Some(seat)) => one.change(seat, 1, |_| {}).map(|one| vec![one]),
            (Trick::OldList, Some(seat)) => one.change(seat, 9, |_| {}).map(|one| vec![one]),
            (Trick::Prefix, Some(seat)) if seat > 0 => {
                one.change(seat, 1, |list| list[0].changes += 1).map(|one| vec![one])
            }
            (Trick::WrappedList, Some(seat)) => one.wrap(seat, |record| {
                let mut entries = record.list.entries().to_vec();
                entries[usize::from(seat)].changes += 1;
                record.list = List::new(entries)?;
                Some(())
            }),
            (Trick::OtherRoot, Some(seat)) => one.wrap(seat, |record| {
                let Descent::Wrapped { root, .. } = &mut record.descent else { return None };
                root.0[0] = root.0[0].checked_sub(1)?;
                Some(())
            }),
            (Trick::OtherKey, Some(seat)) => one.wrap(seat, |record| {
                record.commit.0[0] ^= 1;
                Some(())
            }),
            (Trick::LastStep, Some(seat)) => one.wrap(seat, |record| {
                let Descent::Wrapped { step, .. } = &mut record.descent else { return None };
                *step = STEP_MAX;
                Some(())
            }),
            (Trick::Nobody, Some(seat)) => one.seal(seat, base.epoch.saturating_add(1)),
            (Trick::LastEpoch, Some(seat)) if base.epoch < EPOCH_MAX => one.seal(seat, EPOCH_MAX),
            (Trick::Twice, Some(seat)) => {
                let epoch = base.epoch.saturating_add(1);
                let to = self.hellos(who);
                (epoch <= EPOCH_MAX)
                    .then(|| [one, other].map(|one| one.give(seat, epoch, &to)).into())
            }
            (Trick::Text | Trick::OldText, _) => {
                self.hellos(who).values().next().and_then(|of| one.say_as(of))
            }
            _ => None,
        };
        frames.unwrap_or_default()
    }

    /// The newest record in whose list it had a seat with `update`, if it has none any more.
    fn before_removal(&self, who: usize, current: &Record) -> Option<Record> {
        let id = self.actors[who].identity(crate::op::CAST[who]).id();
        if current.list.seat_of(&id).is_some() {
            return None;
        }
        let records = self.records(current).into_iter();
        let seated = records
            .filter(|record| record.list.seat_of(&id).is_some_and(|(_, seat)| seat.rights.update));
        seated.max_by(compare)
    }

    /// The newest record but the current one of which it ever had the key.
    fn had_before(&self, who: usize, current: &Record) -> Option<(Record, Option<Key>)> {
        let had =
            |record: Record| Some((self.actors[who].had.get(&key_id(&record)).copied(), record));
        let records = self.records(current).into_iter().filter(|record| record != current);
        let had = records.filter_map(had).filter(|(key, _)| key.is_some());
        had.max_by(|(_, one), (_, other)| compare(one, other)).map(|(key, record)| (record, key))
    }

    /// All records of the channel of this one that went over the network.
    fn records(&self, current: &Record) -> Vec<Record> {
        let frames = self.frames();
        let records = frames.iter().filter_map(|(_, bytes)| match Frame::decode(bytes).ok()? {
            Frame::Refresh { record, .. }
            | Frame::Sealed { record, .. }
            | Frame::Announce { record, .. } => Some(record.record),
            _ => None,
        });
        records.filter(|record| channel_of(record) == channel_of(current)).collect()
    }
}

/// The frame, and the record in it with its key.
type Made = (Vec<u8>, Option<(KeyId, Key)>);

struct Forge<'a> {
    who: usize,
    base: &'a Record,
    key: Key,
    under: Option<Key>,
}

impl Forge<'_> {
    fn record(&self, author: u8, descent: Descent) -> Record {
        let channel = channel_of(self.base);
        let commit = Commit(*crypto::expand(&self.key, label::COMMIT, &[&channel.0]));
        Record { channel, author, descent, commit, ..self.base.clone() }
    }

    fn signing_key(&self) -> SigningKey {
        let number = u8::try_from(self.who).unwrap_or(u8::MAX);
        SigningKey::from_bytes(&secret(number)).expect("a key")
    }

    fn sign(&self, record: Record) -> SignedRecord {
        let key = self.signing_key();
        let parts: [&[u8]; 2] = [label::SIGN_RECORD, &record.to_bytes()];
        let signature = Signature(key.sign(&mut Tally::default(), &parts));
        SignedRecord { record, signature }
    }

    fn announce(&self, record: Record) -> Made {
        let id = key_id(&record);
        let author = Point(self.signing_key().public());
        let frame = Frame::Announce { record: self.sign(record), author };
        (frame.encode(), Some((id, self.key)))
    }

    fn seal(&self, seat: u8, epoch: u16) -> Option<Vec<Made>> {
        let record = Record { epoch, ..self.record(seat, Descent::Sealed) };
        (epoch <= EPOCH_MAX).then(|| vec![self.announce(record)])
    }

    /// A key sealed to these.
    fn give(&self, seat: u8, epoch: u16, to: &BTreeMap<MemberId, Hello>) -> Made {
        let record = Record { epoch, ..self.record(seat, Descent::Sealed) };
        let ephemeral = DhKey::derive(&self.key, &mut Tally::default());
        let seal = |(id, hello): (&MemberId, &Hello)| {
            parts::seal_box(&ephemeral, record.clone(), &self.key, (id, &hello.member_key))
        };
        let boxes = to.iter().filter_map(seal).collect();
        let (id, ephemeral) = (key_id(&record), Point(ephemeral.public()));
        let frame = Frame::Sealed { record: self.sign(record), ephemeral, boxes };
        (frame.encode(), Some((id, self.key)))
    }

    /// A text in the session of another, signed with its own secret, if it has the newest key.
    fn say_as(&self, other: &Hello) -> Option<Vec<Made>> {
        let (channel, key) = (channel_of(self.base), key_id(self.base));
        let kind = TextKind::Signed;
        let text = parts::Text { kind, tag: other.tag, counter: 1_000, channel, key };
        // With its own name beside its signature it would be a text of its own, whatever the session.
        let name = keyrota::member_id(&other.certificate.body.key);
        let frame = text.seal(&self.under?, b"what nobody said", (&name, &self.signing_key()));
        Some(vec![(frame, None)])
    }

    /// A change of the list by a seat, that many numbers on.
    fn change(&self, seat: u8, by: u32, alter: impl FnOnce(&mut [Entry])) -> Option<Made> {
        let mut record = Record { epoch: 0, ..self.record(seat, Descent::Sealed) };
        let mut entries = record.list.entries().to_vec();
        entries.get_mut(usize::from(seat))?.changes += by;
        alter(&mut entries);
        record.list = List::new(entries)?;
        Some(self.announce(record))
    }

    /// In the place of the founder, and with a seat for itself.
    fn as_founder(&self) -> Made {
        let mut record = Record { epoch: 0, ..self.record(0, Descent::Sealed) };
        let mut entries = record.list.entries().to_vec();
        let key = Point(self.signing_key().public());
        let seats = entries.iter().take_while(|entry| entry.rights.any()).count();
        let id = keyrota::member_id(&key);
        entries.retain(|entry| entry.id != id);
        entries.insert(seats, Entry::new(id, Rights { update: false, distribute: true }));
        entries[0].changes += 1;
        if let Some(list) = List::new(entries) {
            record.list = list;
        }
        self.announce(record)
    }

    fn wrap(&self, seat: u8, alter: impl FnOnce(&mut Record) -> Option<()>) -> Option<Vec<Made>> {
        let under = self.under?;
        let step = match self.base.descent {
            Descent::Wrapped { step, .. } => {
                step.checked_add(1).filter(|step| *step <= STEP_MAX)?
            }
            Descent::Sealed | Descent::Genesis { .. } => 1,
        };
        let mut record = self.record(seat, Descent::Wrapped { root: root_of(self.base), step });
        alter(&mut record)?;
        let id = key_id(&record);
        let pad = *crypto::expand::<32>(&under, label::WRAP, &[&id.0]);
        let wrapped = Wrapped(std::array::from_fn(|at| pad[at] ^ self.key[at]));
        let frame = Frame::Refresh { record: self.sign(record), wrapped };
        Some(vec![(frame.encode(), Some((id, self.key)))])
    }
}
