//! Making keys: the first of a channel, the next under the last, and one sealed to each member
//! (R-GEN-1, R-GEN-2, R-UPD-3).
//!
//! Spec: chapter 7, "New keys", and chapter 10, "Refresh" and "Sealed rotation"; chapter 16 for
//! conversations.

use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::limits::{BOXES_MAX, CHANGES_MAX, EPOCH_MAX, STEP_MAX};
use keyrota_spec::{
    Cause, ChannelId, Descent, Entry, Frame, List, MemberId, Record, Rights, Wrapped, label,
};

use crate::action::Notice;
use crate::channel::Channel;
use crate::crypto;
use crate::direct::Pair;
use crate::key::Key;
use crate::ledger::Ledger;
use crate::mutant::Mutant;
use crate::random::Draw;
use crate::record::{KeyRecord, commit, mask, wrap_pad};
use crate::repair::Repairs;
use crate::rota;
use crate::shared::Shared;

/// A list and an updating order that take the place of the current ones.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) list: List,
    pub(crate) turn: Vec<u8>,
}

/// What differs from record to record of one author.
struct Plan {
    channel: ChannelId,
    list: List,
    turn: Vec<u8>,
    epoch: u16,
    descent: Descent,
    author: u8,
    cause: Cause,
}

impl Channel {
    /// Opens the channel as the user wants it, whatever was known of it.
    pub(crate) fn found_anew(&mut self, cx: &mut Shared) {
        let before = self.standing.pin.take();
        self.found(cx);
        self.settle_down(cx);
        if let (Some(pinned), Some(met)) = (before, self.standing.pin) {
            // Those who were here have all left, or the server hides them.
            cx.notice(self.name(), Notice::OtherChannel { pinned, met });
        }
    }

    /// Opens the channel with a key of one's own.
    pub(crate) fn found(&mut self, cx: &mut Shared) {
        let founder = cx.identity.certificate.body.key;
        let Some(list) = List::new([Entry::new(cx.me(), Rights::BOTH)].into()) else { return };
        let plan = Plan {
            channel: self.standing.digest,
            list,
            turn: [0].into(),
            epoch: 0,
            descent: Descent::Genesis { founder, signed: self.standing.settings.signed },
            author: 0,
            cause: Cause::Founding,
        };
        let (genesis, key) = self.make(cx, plan, None);
        let Some(ledger) = Ledger::found(genesis, &mut cx.tally) else { return };
        let (record, proof) = (ledger.current().clone(), ledger.proof().clone());
        let channel = ledger.channel();
        self.begin_keys(cx, ledger);
        cx.notice(self.name(), Notice::Founded(channel));
        self.take_key(cx, record, proof, key);
    }

    /// Makes the next key under the last one, in one line; or sealed, if that cannot be.
    pub(crate) fn refresh(&mut self, cx: &mut Shared, cause: Cause) {
        self.refresh_with(cx, cause, None);
    }

    /// Likewise, with another updating order than follows from whose turn it was.
    pub(crate) fn refresh_with(&mut self, cx: &mut Shared, cause: Cause, turn: Option<Vec<u8>>) {
        let now = cx.now.ms;
        let Some(keyed) = self.keyed() else { return };
        let current = keyed.ledger.current();
        // Sealing to one costs no more than wrapping, and gives more.
        let wraps = current.record().step() < STEP_MAX && !keyed.ledger.is_fixed();
        let sealing = keyed.sealing(now).filter(|_| wraps);
        let Some(previous) = sealing.map(|held| held.key.clone()) else {
            let list = current.list().clone();
            return self.rotate(cx, cause, turn.map(|turn| Change { list, turn }));
        };
        let Some((author, own_turn)) = self.seat(cx) else { return };
        let record = current.record();
        let step = record.step().saturating_add(1);
        let plan = Plan {
            channel: keyed.ledger.channel(),
            list: record.list.clone(),
            turn: turn.unwrap_or(own_turn),
            epoch: record.epoch,
            descent: Descent::Wrapped { root: current.root(), step },
            author,
            cause,
        };
        let (record, key) = self.make(cx, plan, Some(&previous));
        let leaks = Mutant::KeyLeaks.is_on();
        let wrapped =
            if leaks { Wrapped(*key) } else { mask(&key, &wrap_pad(&previous, &record.id())) };
        let signed = record.signed.clone();
        self.take_own(cx, record, key);
        cx.send(self.name(), &Frame::Refresh { record: signed, wrapped });
    }

    /// Makes a key and seals it to each member that may hold it; `change` changes the list.
    pub(crate) fn rotate(&mut self, cx: &mut Shared, cause: Cause, change: Option<Change>) {
        if self.is_conversation() && self.order_of_two(cx).is_empty() {
            // Nobody would get it.
            return;
        }
        if change.is_some() {
            self.settle_down(cx);
        }
        let Some(keyed) = self.keyed() else { return };
        let Some((author, own_turn)) = self.seat(cx) else { return };
        let current = keyed.ledger.current().record();
        let turn = change.as_ref().map_or(own_turn, |change| change.turn.clone());
        let list = change.map(|change| change.list).filter(|list| *list != current.list);
        let epoch = current.epoch.saturating_add(1);
        // An epoch at its limit is renewed by a change of nothing but its author's `changes`.
        let list = list.or_else(|| (epoch > EPOCH_MAX).then(|| current.list.clone()));
        let (list, epoch) = match list {
            None => (current.list.clone(), epoch),
            Some(list) => match raise(&list, author, keyed.wrote, &keyed.ledger.repairs) {
                Some(list) => (list, 0),
                None => return,
            },
        };
        let channel = keyed.ledger.channel();
        let plan = Plan { channel, list, turn, epoch, descent: Descent::Sealed, author, cause };
        let newest = keyed.keys.newest(keyed.ledger.current());
        let previous = newest.map(|held| held.key.clone());
        let (record, key) = self.make(cx, plan, previous.as_ref());
        let sealed = key.clone();
        self.members.leave_out_refused();
        // What waited for a key goes out behind it, or whoever gets it would have to keep it all.
        let waiting = core::mem::take(&mut self.outbox);
        let taken = self.take_own(cx, record, key);
        self.outbox = waiting;
        if let Some(record) = taken {
            self.give_out(cx, &record, &sealed);
        }
    }

    /// Begins a conversation with a key of one's own, sealed to the peer.
    pub(crate) fn open_for_two(&mut self, cx: &mut Shared, pair: &Pair) {
        let Some((author, _)) = pair.list.seat_of(&cx.me()) else { return };
        let plan = Plan {
            channel: pair.channel,
            list: pair.list.clone(),
            turn: pair.list.updaters().collect(),
            epoch: 0,
            descent: Descent::Sealed,
            author,
            cause: Cause::Founding,
        };
        let (record, key) = self.make(cx, plan, None);
        let sealed = key.clone();
        // As in `rotate`: behind the key goes what waited for it.
        let waiting = core::mem::take(&mut self.outbox);
        let record = self.begin_for_two(cx, pair, record, Some(key));
        self.outbox = waiting;
        self.give_out(cx, &record, &sealed);
    }

    /// Hands out a key just made, then what waited for one.
    fn give_out(&mut self, cx: &mut Shared, record: &Arc<KeyRecord>, sealed: &Key) {
        let to = self.recipients(cx);
        let newcomers = self.granting.answered_all(cx.now.ms);
        if newcomers {
            self.present_author(cx, record);
        }
        if !to.is_empty() {
            self.seal_to(cx, record, sealed, &to);
        } else if self.roster.len() > 1 {
            self.announce(cx);
        }
        if newcomers {
            self.send_proof_for(cx, record, 1);
        }
        // What waits may follow from this list; then texts go out.
        self.retry(cx);
    }

    /// Makes a key, and signs the record that commits to it.
    fn make(&self, cx: &mut Shared, plan: Plan, previous: Option<&Key>) -> (KeyRecord, Key) {
        let time = cx.now.minutes();
        let key = self.new_key(cx, previous, time);
        let record = Record {
            commit: commit(&key, &plan.channel),
            channel: plan.channel,
            list: plan.list,
            turn: plan.turn,
            epoch: plan.epoch,
            descent: plan.descent,
            author: plan.author,
            cause: plan.cause,
            time,
            lifetime: self.standing.settings.lifetime,
        };
        (KeyRecord::sign(record, &cx.identity.key, &mut cx.tally), key)
    }

    fn new_key(&self, cx: &mut Shared, previous: Option<&Key>, time: u32) -> Key {
        let drawn = cx.random.bytes::<32>(Draw::Key);
        let (name, password) = (&self.standing.folded, &self.standing.settings.password);
        new_key(
            &cx.secret,
            [drawn.as_slice(), previous.map_or(&[], |key| key.as_slice())],
            name,
            password,
            time,
        )
    }

    /// Makes one's own record current and its key the one that seals.
    fn take_own(&mut self, cx: &mut Shared, record: KeyRecord, key: Key) -> Option<Arc<KeyRecord>> {
        let author = cx.identity.certificate.body.key;
        let now = cx.now.ms;
        let keyed = self.keyed_mut()?;
        let before = keyed.ledger.current().clone();
        let (record, proof) = keyed.ledger.sign_in(record, author)?;
        keyed.signed_at = Some(now);
        self.advance(cx, &before);
        self.take_key(cx, record.clone(), proof, key);
        Some(record)
    }

    /// One's own seat, and the updating order once it has had its turn.
    fn seat(&self, cx: &Shared) -> Option<(u8, Vec<u8>)> {
        let record = self.keyed()?.ledger.current().record();
        let (seat, _) = record.list.seat_of(&cx.me())?;
        Some((seat, rota::shift(record, |id| self.is_present(cx, id), seat)))
    }

    /// The number of a member's seat; of who has none, the greatest.
    pub(crate) fn seniority(&self, id: &MemberId) -> u8 {
        let list = self.keyed().map(|keyed| keyed.ledger.list());
        list.and_then(|list| list.seat_of(id)).map_or(u8::MAX, |(seat, _)| seat)
    }

    /// To whom a new key is sealed: members present, who have a seat, held a key or asked, and may
    /// hold one; seats first.
    fn recipients(&self, cx: &Shared) -> Vec<MemberId> {
        let Some(keyed) = self.keyed() else { return Vec::new() };
        let list = keyed.ledger.list();
        let known = self.members.iter().filter(|(id, person)| {
            let asks = self.granting.asks(id);
            let member = person.admitted.is_some() || list.seat_of(id).is_some() || asks;
            member && self.may_receive(cx, id)
        });
        let mut to: Vec<MemberId> = known.map(|(id, _)| *id).collect();
        to.sort_by_key(|id| self.seniority(id));
        to.truncate(BOXES_MAX);
        to
    }
}

/// A key made of a terminal's secret, of a draw and the previous key, and of what is known of it.
pub(crate) fn new_key(
    secret: &[u8; 32],
    [drawn, previous]: [&[u8]; 2],
    name: &str,
    password: &str,
    time: u32,
) -> Key {
    let prk = crypto::extract(secret, &[drawn, previous]);
    let length = |text: &str| u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
    let info: [&[u8]; 5] = [
        &length(name),
        name.as_bytes(),
        &length(password),
        password.as_bytes(),
        &time.to_be_bytes(),
    ];
    Key::of(&crypto::expand(&prk, label::NEW_KEY, &info))
}

/// The list with the author's `changes` above all that it ever wrote; `None` at the limit, and for
/// a seat that may not change it.
pub(crate) fn raise(list: &List, author: u8, wrote: u32, repairs: &Repairs) -> Option<List> {
    let mut entries = list.entries().to_vec();
    // Those behind count on, who had a seat before, or whose lost changes are in this list.
    for seat in entries.iter_mut().skip(usize::from(author).saturating_add(1)) {
        if seat.rights.any() {
            seat.changes = seat.changes.max(repairs.settled_by(list, &seat.id));
        }
    }
    let own = entries.get_mut(usize::from(author)).filter(|own| own.rights.update)?;
    own.changes = own.changes.max(wrote).checked_add(1).filter(|more| *more <= CHANGES_MAX)?;
    List::new(entries)
}
