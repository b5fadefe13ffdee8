//! Questions whose answers are public: somebody's Hello, the proof of a list (R-DIS-2).
//!
//! Spec: chapter 9, "Queries".

use alloc::collections::BTreeMap;

use keyrota_spec::limits::ASK_WAIT;
use keyrota_spec::{Frame, KeyPrefix, MemberHint, MemberId, Query, Subject};

use crate::channel::Channel;
use crate::record::KeyRecord;
use crate::shared::Shared;

/// Most questions open at a time.
pub(crate) const OPEN_MAX: usize = 16;
/// Most of them for proofs.
const PROOFS_MAX: usize = 8;
/// After so many attempts one makes way for another where there is no room.
const VAIN: u32 = 2;
/// How often one is asked.
const ATTEMPTS: u32 = 5;

/// Questions without an answer yet.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Inquiries(BTreeMap<Subject, Inquiry>);

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct Inquiry {
    at: u64,
    attempts: u32,
}

impl Inquiries {
    /// Asks at `at`, unless this is being asked already or too much is.
    pub(crate) fn add(&mut self, what: Subject, at: u64) {
        if self.0.contains_key(&what) {
            return;
        }
        let is_proof = |what: &Subject| matches!(what, Subject::Proof { .. });
        let alike = || self.0.iter().filter(|(other, _)| is_proof(other) == is_proof(&what));
        // Anybody can make up records that lack a proof, but few the rest.
        let full = is_proof(&what) && alike().count() >= PROOFS_MAX || self.0.len() >= OPEN_MAX;
        if full {
            let vain = alike().max_by_key(|(_, one)| one.attempts);
            let Some(vain) = vain.filter(|(_, one)| one.attempts >= VAIN).map(|(what, _)| *what)
            else {
                return;
            };
            self.0.remove(&vain);
        }
        self.0.insert(what, Inquiry { at, attempts: 0 });
    }

    #[cfg(feature = "model")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The answer has come.
    pub(crate) fn satisfied(&mut self, what: &Subject) {
        self.0.remove(what);
    }

    /// Answers to all questions for proofs have come, or ask anew with what is known now.
    pub(crate) fn proofs_changed(&mut self) {
        self.0.retain(|what, _| !matches!(what, Subject::Proof { .. }));
    }

    pub(crate) fn due(&self) -> Option<u64> {
        self.0.values().map(|inquiry| inquiry.at).min()
    }
}

impl Channel {
    /// Sends the questions that are due: at first to whom they concern, or who granted the key,
    /// then to the first in the updating order.
    pub(crate) fn send_inquiries(&mut self, cx: &mut Shared) {
        let now = cx.now.ms;
        let Some((what, inquiry)) = self.inquiries.0.iter_mut().find(|(_, one)| one.at <= now)
        else {
            return;
        };
        let (what, attempt) = (*what, inquiry.attempts);
        inquiry.attempts = attempt.saturating_add(1);
        let wait = ASK_WAIT.saturating_mul(1_u64.checked_shl(attempt).unwrap_or(1));
        inquiry.at = now.saturating_add(wait);
        if attempt >= ATTEMPTS {
            self.inquiries.satisfied(&what);
            if let Subject::Hello(hint) = what {
                self.judge_silent(cx, hint);
            }
            return;
        }
        let whom = match what {
            Subject::Hello(member) if attempt % 2 == 0 => Some(member),
            // Each answer brings some records more, so a long proof comes in several.
            Subject::Proof { key, .. } => {
                let have = if attempt % 2 == 0 { self.known_of_proof(key) } else { 0 };
                let have = u8::try_from(have).unwrap_or(0);
                let query = Query { whom: None, what: Subject::Proof { key, have } };
                return cx.send(&self.standing.name, &Frame::Query(query));
            }
            Subject::Hello(_) | Subject::Tag(_) => None,
        };
        cx.send(&self.standing.name, &Frame::Query(Query { whom, what }));
    }

    /// How many records of the proof of a record that waits are known, as far as its list tells.
    fn known_of_proof(&self, key: KeyPrefix) -> usize {
        let Some(keyed) = self.keyed().filter(|_| !self.is_lone()) else { return 0 };
        let records =
            self.waiting.iter().filter_map(|(bytes, _)| match Frame::decode(bytes).ok()? {
                Frame::Refresh { record, .. }
                | Frame::Sealed { record, .. }
                | Frame::Announce { record, .. } => Some(KeyRecord::new(record)),
                _ => None,
            });
        let mut named = records.filter(|record| record.id().prefix() == key);
        named.next().map_or(0, |record| keyed.ledger.shared_with(record.list()))
    }

    /// Answers a question if it is for this terminal to answer: at most four lines.
    pub(crate) fn hear_query(&mut self, cx: &mut Shared, nick: &str, query: Query) {
        let me = cx.me().hint();
        let named = query.whom == Some(me);
        let mine = match query.what {
            Subject::Hello(member) => member == me,
            Subject::Tag(tag) => tag == self.own.tag,
            Subject::Proof { .. } => false,
        };
        let first = self.order_besides(cx, nick).next();
        let for_me = mine || named || (query.whom.is_none() && first == Some(cx.me()));
        let asker = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        if let (false, Subject::Proof { key, .. }, Some(asker)) = (for_me, query.what, asker)
            && self.keyed().is_some_and(|keyed| keyed.find(key).is_some())
        {
            // Whose turn it is to answer may not know the record.
            self.witness(cx, asker);
        }
        let source = self.listed(nick).cloned();
        if !for_me || !self.granting.answers.pass(source.as_ref(), cx.now.ms) {
            return;
        }
        match query.what {
            _ if mine => self.introduce_if_quiet(cx),
            Subject::Hello(member) => {
                let known = self.members.hinted(member).map(|(id, _)| *id).next();
                self.relay_hello(cx, known, query.whom);
            }
            Subject::Tag(tag) => {
                let known = self.members.tagged(tag).map(|(id, _)| *id).next();
                self.relay_hello(cx, known, Some(me));
            }
            Subject::Proof { key, have } => {
                self.send_proof(cx, key, have);
            }
        }
    }

    /// Passes a Hello on for a member that is not there to answer for itself, or that has not
    /// answered: then the question names nobody.
    fn relay_hello(&self, cx: &mut Shared, id: Option<MemberId>, whom: Option<MemberHint>) {
        if let Some(id) = id.filter(|id| whom.is_none() || !self.is_present(cx, id)) {
            self.pass_on(cx, &id);
        }
    }

    /// Passes on the newest Hello of a member.
    pub(crate) fn pass_on(&self, cx: &mut Shared, id: &MemberId) {
        if let Some(hello) = self.members.get(id).and_then(|person| person.hello()) {
            cx.send(self.name(), &Frame::Hello { hello, relayed: true });
        }
    }
}
