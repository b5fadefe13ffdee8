//! First contact: which channel a grant leads into, and whether to enter it (R-DIS-2, R-OBT-5).
//!
//! Spec: chapter 9, "Entering".

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::{ChannelId, Descent, Frame, Subject};

use crate::action::{Fault, Notice};
use crate::authentication::{Rejection, Voucher};
use crate::channel::{Channel, Keying};
use crate::crypto::VerifyingKey;
use crate::key::Key;
use crate::keystore::Keystore;
use crate::ledger::Ledger;
use crate::record::KeyRecord;
use crate::shared::Shared;
use crate::update::Keyed;

/// Grants kept while their genesis or their author's Hello is missing.
pub(crate) const CANDIDATES_MAX: usize = 4;
/// A record by which this terminal may enter the channel, before it can be judged: its key was
/// granted, or it seats this terminal, who can then make a key itself.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Candidate {
    record: KeyRecord,
    key: Option<Key>,
    nick: Arc<str>,
    bytes: Vec<u8>,
    /// Whether it waits for the user to say whether its author, or the founder, is accepted.
    undecided: bool,
}

impl Candidate {
    pub(crate) fn is_undecided(&self) -> bool {
        self.undecided
    }
}

impl Channel {
    /// A frame with a record, while this terminal has none, or none that counts for others: keeps
    /// what may be of use.
    pub(crate) fn seek(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        frame: Frame<'_>,
        bytes: &[u8],
    ) {
        if self.is_conversation() {
            return self.seek_for_two(cx, nick, frame, bytes);
        }
        let (record, key) = match &frame {
            Frame::Sealed { record, ephemeral, boxes } => {
                let record = KeyRecord::new(record.clone());
                let key = self.open_box(cx, &record, ephemeral, boxes);
                (record, key)
            }
            Frame::Announce { record, .. } => (KeyRecord::new(record.clone()), None),
            _ => return self.wait(nick, bytes),
        };
        let seated = record.list().seat_of(&cx.me()).is_some();
        let candidates = &mut self.candidates;
        let known = candidates.iter().any(|one| one.record.signed == record.signed);
        if (key.is_some() || seated) && !known {
            // The newest stay: whoever makes grants up cannot keep the true one out.
            if candidates.len() >= CANDIDATES_MAX {
                candidates.remove(0);
            }
            let (nick, bytes) = (nick.clone(), bytes.to_vec());
            candidates.push(Candidate { record, key, nick, bytes, undecided: false });
        }
        self.wait(nick, bytes);
        self.settle(cx);
    }

    /// Takes the channel of the first grant that can be judged by now.
    pub(crate) fn settle(&mut self, cx: &mut Shared) {
        if self.is_conversation() {
            return self.retry(cx);
        }
        for mut candidate in core::mem::take(&mut self.candidates) {
            let verdict = self.judge(cx, &candidate);
            const UNDECIDED: Fault = Fault::Certificate(Rejection::Undecided);
            candidate.undecided = matches!(verdict, Err(Some(UNDECIDED)));
            match verdict {
                Ok(ledger) => return self.enter(cx, ledger, candidate),
                Err(None | Some(UNDECIDED)) => {
                    self.candidates.push(candidate);
                }
                Err(Some(fault)) => cx.fault(self.name(), &candidate.nick, fault),
            }
        }
    }

    /// The ledger that a grant begins; `Err(None)` while something is missing, which is asked for.
    fn judge(&mut self, cx: &mut Shared, candidate: &Candidate) -> Result<Ledger, Option<Fault>> {
        let record = &candidate.record;
        let channel = record.founds().unwrap_or(record.record().channel);
        if let Some(pinned) = self.standing.pin.filter(|pin| *pin != channel) {
            cx.notice(self.name(), Notice::OtherChannel { pinned, met: channel });
            return Err(Some(Fault::Channel));
        }
        // Several, if somebody spoils the signature; the record is the same.
        let geneses: Vec<KeyRecord> = if record.founds().is_some() {
            [KeyRecord::new(record.signed.clone())].into()
        } else {
            self.waiting.iter().filter_map(|(bytes, _)| genesis_in(bytes, channel)).collect()
        };
        let Some(genesis) = geneses.first() else {
            self.inquire(cx, Subject::Proof { key: record.id().prefix(), have: 0 });
            return Err(None);
        };
        // The answer to what was asked; who may judge it, it may be for the user to say.
        self.inquiries.satisfied(&Subject::Proof { key: record.id().prefix(), have: 0 });
        if genesis.record().channel != self.standing.digest {
            return Err(Some(Fault::Channel));
        }
        // Somebody who signed for this channel must be whom this terminal takes it for: the
        // author of the key, or the founder.
        let (author, founder) = (record.author().id, genesis.author().id);
        let me = cx.me();
        let signers = [author, founder].map(|id| match self.members.get(&id) {
            Some(person) => Some(person.accepted),
            None => (id == me).then_some(Ok(Voucher::User)),
        });
        match signers {
            [Some(Ok(_)), _] | [_, Some(Ok(_))] => {}
            [Some(Err(why)), Some(Err(other))] => {
                let undecided = other == Rejection::Undecided;
                return Err(Some(Fault::Certificate(if undecided { other } else { why })));
            }
            // Whichever of the two is not known may be the one who is accepted.
            [known, other] => {
                let unknown = if known.is_none() { author } else { founder };
                self.inquire(cx, Subject::Hello(unknown.hint()));
                return Err(known
                    .or(other)
                    .and_then(Result::err)
                    .map(Fault::Certificate)
                    .filter(|fault| *fault == Fault::Certificate(Rejection::Undecided)));
            }
        }
        // Whoever's word it is, it must be the author's own.
        let founder_key = genesis.record().founder().filter(|_| author == founder);
        let Some(key) = self.certificate_key(cx, &author).or(founder_key) else {
            self.inquire(cx, Subject::Hello(author.hint()));
            return Err(None);
        };
        let key = VerifyingKey::from_bytes(&key.0);
        if !key.is_some_and(|key| record.verify(&key, &mut cx.tally)) {
            return Err(Some(Fault::Signature));
        }
        let found = geneses.into_iter().find_map(|one| Ledger::found(one, &mut cx.tally));
        if found.is_none() && record.founds().is_none() {
            self.waiting.retain(|(bytes, _)| genesis_in(bytes, channel).is_none());
            self.inquire(cx, Subject::Proof { key: record.id().prefix(), have: 0 });
            return Err(None);
        }
        found.ok_or(Some(Fault::Signature))
    }

    /// Begins with the records of a channel, and no key yet.
    pub(crate) fn begin_keys(&mut self, cx: &mut Shared, ledger: Ledger) {
        cx.unsaved = true;
        self.candidates.clear();
        self.meeting = None;
        let before = core::mem::replace(&mut self.keying, Keying::Seeking);
        if let Keying::Keyed(before) = before {
            self.standing.seen = before.keys.into_seen();
        }
        let keys = Keystore::after(core::mem::take(&mut self.standing.seen));
        self.keying = Keying::Keyed(Keyed::new(ledger, keys, cx.now.ms).into());
        self.rule.restart(self.standing.settings.rule);
    }

    /// From now on this is the channel.
    fn enter(&mut self, cx: &mut Shared, ledger: Ledger, candidate: Candidate) {
        let channel = ledger.channel();
        if self.standing.pin.replace(channel).is_none() {
            cx.notice(self.name(), Notice::Pinned(channel));
        }
        let genesis = ledger.current().clone();
        self.begin_keys(cx, ledger);
        // Whatever record comes next, until then this is the current one, and its author has its key.
        self.note_given(cx, &genesis, genesis.author().id.hint());
        self.inquiries.proofs_changed();
        self.retry(cx);
        let Candidate { record, key, nick, bytes, .. } = candidate;
        self.judge_record(cx, &nick, record, None, key, &bytes);
    }
}

/// The genesis of `channel`, if these bytes announce it.
fn genesis_in(bytes: &[u8], channel: ChannelId) -> Option<KeyRecord> {
    match Frame::decode(bytes).ok()? {
        Frame::Announce { record, .. } if is_genesis(&record) => {
            Some(KeyRecord::new(record)).filter(|genesis| genesis.founds() == Some(channel))
        }
        _ => None,
    }
}

fn is_genesis(record: &keyrota_spec::SignedRecord) -> bool {
    matches!(record.record.descent, Descent::Genesis { .. })
}
