//! Distributing keys: who is answered, with which key, in which lines (R-DIS-1 to R-DIS-5).
//!
//! Spec: chapter 9, "Granting".

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::armor;
use keyrota_spec::limits::{ANSWERS_PER_MINUTE, ASK_JITTER, ASK_SPREAD, ASKS_MAX, COLLECT};
use keyrota_spec::{
    Ask, BOX_LEN, Frame, KeyId, KeyPrefix, MemberHint, MemberId, Point, Refused, SealedBox,
};

use crate::action::Notice;
use crate::authentication::Rejection;
use crate::channel::Channel;
use crate::config::OldKeys;
use crate::crypto::{DhKey, DhPublic, Tally};
use crate::gate::Gate;
use crate::identity::member_id;
use crate::mutant::Mutant;
use crate::random::Draw;
use crate::record::{KeyRecord, box_pad, mask};
use crate::shared::Shared;

/// Lines that one input causes at most, besides those with boxes.
pub(crate) const LINES_MAX: usize = 4;

/// Requests not answered yet.
#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Granting {
    pending: BTreeMap<MemberId, Pending>,
    /// Requests of those on whom the user has not decided, as they came: what each asks for and
    /// whom, and the time of its Hello.
    undecided: BTreeMap<MemberId, (Ask, Option<MemberHint>, u64)>,
    last: Option<u64>,
    /// Limits answers that anyone can cause.
    pub(crate) answers: Gate,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    ask: Ask,
    at: u64,
    role: Role,
}

/// As what this terminal answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// As a distributor.
    Distributor,
    /// As the distributor asked by name, who says so if the key is not here.
    Named,
    /// As a member like any other, because no distributor but perhaps the asker is present: with
    /// what is public, so that an asker who has a seat can go on from there.
    Witness,
}

impl Default for Granting {
    fn default() -> Self {
        let answers = Gate::new(ANSWERS_PER_MINUTE, 60_000);
        Self { pending: BTreeMap::new(), undecided: BTreeMap::new(), last: None, answers }
    }
}

impl Granting {
    /// Requests that wait for this terminal, those that wait for its user, and nicks whose part of the
    /// answers is counted.
    #[cfg(feature = "model")]
    pub(crate) fn sizes(&self) -> [usize; 3] {
        [self.pending.len(), self.undecided.len(), self.answers.peers()]
    }

    /// This member was answered, or has left.
    pub(crate) fn withdraw(&mut self, id: &MemberId) {
        self.pending.remove(id);
        self.undecided.remove(id);
    }

    /// Whether this member's request waits for the user's decision.
    pub(crate) fn is_undecided(&self, id: &MemberId) -> bool {
        self.undecided.contains_key(id)
    }

    /// The user has decided on a member: what it asked for, whom, and when.
    pub(crate) fn decided(&mut self, id: &MemberId) -> Option<(Ask, Option<MemberHint>, u64)> {
        self.undecided.remove(id)
    }

    /// The current record was announced, or sent with boxes: there is nothing more to witness.
    pub(crate) fn witnessed(&mut self) {
        self.pending.retain(|_, pending| pending.role != Role::Witness);
    }

    pub(crate) fn due(&self) -> Option<u64> {
        let first = self.pending.values().map(|pending| pending.at).min()?;
        Some(self.last.map_or(first, |last| first.max(last.saturating_add(COLLECT))))
    }

    /// Whether this member's request was accepted and is not answered.
    pub(crate) fn asks(&self, id: &MemberId) -> bool {
        self.pending.contains_key(id)
    }

    /// A new key answers them all. Whether one of them may lack the records before it.
    pub(crate) fn answered_all(&mut self, now: u64) -> bool {
        let newcomers = self.pending.values().any(|one| !matches!(one.ask, Ask::Hint(_)));
        if !self.pending.is_empty() {
            self.last = Some(now);
        }
        self.pending.clear();
        newcomers
    }
}

impl Channel {
    /// A present member asks for a key, in a Hello that has just verified.
    pub(crate) fn hear_ask(
        &mut self,
        cx: &mut Shared,
        id: MemberId,
        ask: Ask,
        whom: Option<MemberHint>,
    ) {
        if self.is_conversation() && self.answer_anew(cx, &id, ask) {
            return;
        }
        let me = cx.me();
        let Some(keyed) = self.keyed() else { return };
        let current = keyed.ledger.current();
        // Who has a record asks for the key of the one that is current for it; by a hint only for another.
        let lags = match ask {
            Ask::Key(prefix) => prefix != current.id().prefix(),
            Ask::Hint(hint) => hint == current.id().hint() && !Mutant::HintIgnored.is_on(),
            Ask::Latest => false,
        };
        let named = whom == Some(me.hint());
        let distributors = keyed.ledger.list().seats().filter(|(_, entry)| entry.rights.distribute);
        let able = distributors
            .map(|(_, entry)| entry.id)
            .filter(|seat| *seat != id && self.is_present(cx, seat) && !self.seeks(seat));
        let able: Vec<MemberId> = able.collect();
        let barred = keyed.ledger.shuts_out(&id);
        if lags && let Some(occupant) = self.roster.member(&id) {
            let nick = occupant.nick.clone();
            self.lags(cx, &nick);
        }
        if able.is_empty() {
            return self.witness(cx, id);
        }
        let Some(place) = able.into_iter().position(|seat| seat == me) else { return };
        if !named && whom.is_some() {
            return;
        }
        let asker = self.members.get(&id);
        let accepted = asker.map_or(Err(Rejection::Undecided), |person| person.accepted);
        let refused = match accepted {
            _ if barred => Some(Refused::Barred),
            Ok(_) => None,
            Err(Rejection::Undecided) => return self.let_wait(id, ask, whom),
            Err(_) => Some(Refused::Certificate),
        };
        match refused {
            Some(reason) if named || place == 0 => self.refuse(cx, &id, reason),
            Some(_) => {}
            None if self.granting.pending.len() < ASKS_MAX => {
                let place = if named { 0 } else { u64::try_from(place).unwrap_or(0) };
                let at = cx.now.ms.saturating_add(place.saturating_mul(ASK_SPREAD));
                let role = if named { Role::Named } else { Role::Distributor };
                self.granting.pending.insert(id, Pending { ask, at, role });
                self.consider(&id);
            }
            None => {}
        }
    }

    /// Whether a seat has nothing, as far as was heard.
    fn seeks(&self, seat: &MemberId) -> bool {
        self.members.get(seat).is_some_and(|person| person.seeks)
    }

    /// The user is to decide on an asker. It waits, and hears nothing: a refusal would not be true,
    /// nor a promise.
    pub(crate) fn let_wait(&mut self, id: MemberId, ask: Ask, whom: Option<MemberHint>) {
        let time = self.members.get(&id).map_or(0, |person| person.time());
        if self.granting.undecided.len() < ASKS_MAX {
            self.granting.undecided.insert(id, (ask, whom, time));
        }
    }

    /// Will tell a member what is public, unless another does before.
    pub(crate) fn witness(&mut self, cx: &mut Shared, id: MemberId) {
        if self.granting.pending.len() < ASKS_MAX {
            let wait = COLLECT.saturating_add(cx.jitter(ASK_JITTER));
            let at = cx.now.ms.saturating_add(wait);
            let pending = Pending { ask: Ask::Latest, at, role: Role::Witness };
            self.granting.pending.entry(id).or_insert(pending);
            self.consider(&id);
        }
    }

    pub(crate) fn refuse(&mut self, cx: &mut Shared, id: &MemberId, reason: Refused) {
        let nick = self.roster.member(id).map(|occupant| occupant.nick.clone());
        if self.granting.answers.pass(nick.as_ref(), cx.now.ms) {
            cx.send(self.name(), &Frame::Refusal { whom: id.hint(), reason });
        }
    }

    /// Answers, in one frame, all due requests for one key; requests for another key wait.
    pub(crate) fn answer(&mut self, cx: &mut Shared) {
        let now = cx.now.ms;
        self.granting.last = Some(now);
        let due = self.granting.pending.iter().filter(|(_, pending)| pending.at <= now);
        let mut due: Vec<(MemberId, Pending)> = due.map(|(id, pending)| (*id, *pending)).collect();
        due.sort_by_key(|(id, _)| self.seniority(id));
        let mut key: Option<KeyId> = None;
        let mut grantees = Vec::new();
        let mut newcomers = false;
        for (id, pending) in due {
            if pending.role == Role::Witness {
                self.granting.witnessed();
                self.testify(cx);
                continue;
            }
            let wanted = self.entitled(&id, &pending.ask);
            if wanted.is_some() && key.is_some() && key != wanted {
                continue;
            }
            self.granting.withdraw(&id);
            match wanted {
                Some(wanted) if self.may_receive(cx, &id) => {
                    key = Some(wanted);
                    grantees.push(id);
                    newcomers |= self.is_new(&pending.ask);
                }
                None if pending.role == Role::Named => self.refuse(cx, &id, Refused::Key),
                _ => {}
            }
        }
        if let Some(key) = key {
            self.grant(cx, key, &grantees, newcomers);
        }
    }

    /// Whether whoever asks so needs a proof: it has no record, or an older one. In a conversation
    /// it may need this terminal's Hello.
    fn is_new(&self, ask: &Ask) -> bool {
        if self.is_conversation() {
            return true;
        }
        let current = self.keyed().map(|keyed| keyed.ledger.current().id());
        match ask {
            Ask::Latest => true,
            Ask::Key(_) => current.is_some_and(|current| !ask.names(&current)),
            Ask::Hint(_) => false,
        }
    }

    /// The key that this asker gets: the newest; or the one that a text named, if it is held and
    /// the newest, or was so when the asker was a member, or old keys go to all.
    fn entitled(&self, id: &MemberId, ask: &Ask) -> Option<KeyId> {
        let keyed = self.keyed()?;
        let current = keyed.ledger.current();
        let held = match ask {
            Ask::Key(_) if ask.names(&current.id()) => keyed.keys.get(&current.id()),
            // Whoever asks for the key of an older record lacks this one too.
            Ask::Latest | Ask::Key(_) => keyed.keys.newest(current),
            Ask::Hint(_) => keyed.keys.asked(ask),
        }?;
        // It was made to shut this one out, who may be pardoned by now.
        if held.record.list().bars(id) && !Mutant::PardonedGetsAll.is_on() {
            return None;
        }
        if !matches!(ask, Ask::Hint(_)) {
            return Some(held.id());
        }
        let newest = keyed.keys.newest(current).is_some_and(|newest| newest.id() == held.id());
        let admitted = self.members.get(id)?.admitted;
        let then = admitted.is_some_and(|at| held.superseded.is_none_or(|end| at.ms() < end));
        // Of two, both were members of all times.
        let all = self.standing.settings.old_keys == OldKeys::All || keyed.ledger.is_fixed();
        (newest || then || all).then(|| held.id())
    }

    /// Somebody else gave a member the key of this record: no answer is due any more, unless it would
    /// bring the key of a greater one.
    pub(crate) fn answered(&mut self, id: &MemberId, record: &KeyRecord) {
        let own = self.granting.pending.get(id).and_then(|one| self.entitled(id, &one.ask));
        let greater = own.and_then(|key| self.keyed()?.keys.get(&key));
        if greater.is_none_or(|held| held.record.cmp_order(record).is_le()) {
            self.granting.withdraw(id);
        }
    }

    /// Hands out a key: one line for up to two, and the proof for those who know no record.
    fn grant(&mut self, cx: &mut Shared, key: KeyId, to: &[MemberId], newcomers: bool) {
        let Some(keyed) = self.keyed() else { return };
        let Some(held) = keyed.keys.get(&key) else { return };
        let (record, key) = (held.record.clone(), held.key.clone());
        if record.id() == keyed.ledger.current().id() {
            self.announcing.heard(cx.now.ms);
        }
        if newcomers {
            self.present_author(cx, &record);
        }
        let used = self.seal_to(cx, &record, &key, to);
        if newcomers {
            self.send_proof_for(cx, &record, used.saturating_add(1));
        }
    }

    /// Sends newcomers who have just got `record` and its author's Hello what proves it, as far
    /// as the lines that one input may cause go.
    pub(crate) fn send_proof_for(&self, cx: &mut Shared, record: &KeyRecord, used: usize) {
        let Some((_, proof)) = self.keyed().and_then(|keyed| keyed.find(record.id().prefix()))
        else {
            return;
        };
        let others = proof.iter().filter(|step| step.record.id() != record.id());
        let lines = LINES_MAX.saturating_sub(used).max(1);
        self.announce_all(cx, others.map(|step| (step.record.clone(), step.author)), lines);
    }

    /// Lets newcomers know a key's author, by whom they judge the channel.
    pub(crate) fn present_author(&mut self, cx: &mut Shared, record: &KeyRecord) {
        let author = record.author().id;
        if author == cx.me() || self.is_conversation() {
            self.introduce_once(cx);
        } else {
            self.pass_on(cx, &author);
        }
    }

    /// Sends a record with its key in a box for each member; returns how many lines it took.
    pub(crate) fn seal_to(
        &mut self,
        cx: &mut Shared,
        record: &Arc<KeyRecord>,
        key: &[u8; 32],
        to: &[MemberId],
    ) -> usize {
        if !to.is_empty() {
            self.settle_down(cx);
        }
        let ikm = cx.random.bytes(Draw::Ephemeral);
        let ephemeral = DhKey::derive(&ikm, &mut cx.tally);
        let seal = |id: &MemberId| {
            let member_key = self.members.get(id)?.hello()?.hello.member_key;
            seal_box(&ephemeral, (record, key), (id, &member_key), &mut cx.tally)
        };
        let boxes: Vec<SealedBox> = to.iter().filter_map(seal).collect();
        for id in to {
            self.note_holder(cx, record, id.hint());
            self.admit(cx, id);
            cx.notice(&self.standing.name, Notice::Granted(*id));
        }
        let mut lines = 0_usize;
        for frame in pack(record, Point(ephemeral.public()), boxes, cx.line) {
            lines = lines.saturating_add(armor::line_count(frame.len(), cx.line));
            cx.send_bytes(self.name(), &frame);
        }
        lines
    }

    /// Answers a query: sends the record itself, by which others see that it is answered, then its
    /// proof from number `have` on.
    /// Returns the number of the first record that found no room; 0 if all did.
    pub(crate) fn send_proof(&self, cx: &mut Shared, key: KeyPrefix, have: u8) -> u8 {
        let Some((record, proof)) = self.keyed().and_then(|keyed| keyed.find(key)) else {
            return 0;
        };
        if usize::from(have) > proof.len() {
            return 0;
        }
        let steps = (0..).zip(proof.iter()).skip(have.into());
        let steps: Vec<(u8, _)> = steps
            .filter(|(_, step)| step.record.id() != record.id())
            .map(|(number, step)| (number, (step.record.clone(), step.author)))
            .collect();
        let author = self.certificate_key(cx, &record.author().id);
        let itself = author.map(|author| (record.clone(), author));
        let before = usize::from(itself.is_some());
        let all = itself.into_iter().chain(steps.iter().map(|(_, step)| step.clone()));
        let sent = self.announce_all(cx, all, LINES_MAX).saturating_sub(before);
        steps.get(sent).map_or(0, |(number, _)| *number)
    }

    /// Sends records with their authors' keys, as many as go into so many lines; returns how many.
    pub(crate) fn announce_all(
        &self,
        cx: &mut Shared,
        records: impl Iterator<Item = (Arc<KeyRecord>, Point)>,
        mut lines: usize,
    ) -> usize {
        let mut sent = 0_usize;
        for (record, author) in records {
            let frame = Frame::Announce { record: record.signed.clone(), author }.encode();
            let Some(rest) = lines.checked_sub(armor::line_count(frame.len(), cx.line)) else {
                break;
            };
            lines = rest;
            sent = sent.saturating_add(1);
            cx.send_bytes(self.name(), &frame);
        }
        sent
    }

    /// The certificate key of a member, the user's own too.
    pub(crate) fn certificate_key(&self, cx: &Shared, id: &MemberId) -> Option<Point> {
        if *id == cx.me() {
            return Some(cx.identity.certificate.body.key);
        }
        let proof = self.keyed().into_iter().flat_map(|keyed| keyed.ledger.proof().iter());
        let signed = proof.map(|step| step.author).find(|key| member_id(key) == *id);
        self.members.get(id).and_then(|person| person.key()).or(signed)
    }
}

/// The key of a record in a box for a member; `None` if its member key is none.
pub(crate) fn seal_box(
    ephemeral: &DhKey,
    (record, key): (&KeyRecord, &[u8; 32]),
    (id, member_key): (&MemberId, &Point),
    tally: &mut Tally,
) -> Option<SealedBox> {
    let secret = ephemeral.encapsulate(&DhPublic::from_bytes(&member_key.0)?, tally);
    let key = mask(key, &box_pad(&secret, record, id));
    Some(SealedBox { whom: id.hint(), key })
}

/// A record with its boxes as frames: in the first at least one box, and as many more as go into the
/// lines that it takes anyway; then as many in each as go into one line.
pub(crate) fn pack(
    record: &KeyRecord,
    ephemeral: Point,
    mut boxes: Vec<SealedBox>,
    line: usize,
) -> Vec<Vec<u8>> {
    let record_only = Frame::Sealed { record: record.signed.clone(), ephemeral, boxes: Vec::new() };
    let base = record_only.encode().len();
    let room = armor::room(base.saturating_add(BOX_LEN), line).saturating_sub(base);
    let rest = boxes.split_off(boxes.len().min((room / BOX_LEN).max(1)));
    let first = Frame::Sealed { record: record.signed.clone(), ephemeral, boxes };
    let per_line = armor::capacity(line).saturating_sub(KeyPrefix::LEN.saturating_add(1));
    let further = rest.chunks((per_line / BOX_LEN).max(1));
    let further =
        further.map(|boxes| Frame::Boxes { key: record.id().prefix(), boxes: boxes.into() });
    core::iter::once(first).chain(further).map(|frame| frame.encode()).collect()
}
