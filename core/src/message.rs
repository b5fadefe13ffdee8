//! Texts: sealing one's own, opening others', keeping what must wait (R-MSG-1 to R-MSG-5).
//!
//! Spec: chapter 11.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::armor;
use keyrota_spec::limits::{COUNTER_MAX, GRACE, HOLD, TEXT_MAX};
use keyrota_spec::{
    Cause, ChannelId, Control, Descent, KeyId, MemberId, Subject, TextHeader, TextKind, label,
};

use crate::action::{Action, Fault, Notice, Protection, Refusal, Speaker};
use crate::authentication::Rejection;
use crate::channel::Channel;
use crate::crypto::{self, SigningKey, Tally, VerifyingKey};
use crate::held::Reason;
use crate::mutant::Mutant;
use crate::record::KeyRecord;
use crate::shared::Shared;
use crate::voices::Voice;

const SIGNATURE: usize = 64;

/// A sealed text as it came.
pub(crate) struct Text<'a> {
    pub(crate) nick: &'a Arc<str>,
    pub(crate) kind: TextKind,
    pub(crate) header: TextHeader,
    /// How long it is kept if something is missing, in milliseconds.
    pub(crate) until: u64,
}

/// A text with all that its ciphertext is bound to.
pub(crate) struct Bound {
    pub(crate) kind: TextKind,
    pub(crate) header: TextHeader,
    pub(crate) channel: ChannelId,
    pub(crate) key: KeyId,
}

impl Bound {
    /// The key and nonce of the AEAD.
    pub(crate) fn aead(&self, key: &[u8; 32]) -> (zeroize::Zeroizing<[u8; 32]>, [u8; 12]) {
        let mut nonce = [0; 12];
        for (to, from) in nonce.iter_mut().skip(8).zip(self.header.counter.to_be_bytes()) {
            *to = from;
        }
        (crypto::expand(key, label::TEXT, &[&self.key.0, &self.header.tag.0]), nonce)
    }

    /// What is authenticated beside the content: 41 bytes.
    fn context(&self) -> [u8; 41] {
        let mut context = [0; 41];
        let (kind, counter) = ([self.kind.byte()], self.header.counter.to_be_bytes());
        let parts = kind.iter().chain(&self.channel.0).chain(&self.key.0);
        let parts = parts.chain(&self.header.tag.0).chain(&counter);
        for (to, from) in context.iter_mut().zip(parts) {
            *to = *from;
        }
        context
    }

    /// The frame of a content: signed by `key`, the one of `author`, if it is of a kind that is.
    pub(crate) fn seal(
        &self,
        secret: &[u8; 32],
        content: &[u8],
        (author, key): (&MemberId, &SigningKey),
        tally: &mut Tally,
    ) -> Vec<u8> {
        let (text_key, nonce) = self.aead(secret);
        let context = self.context();
        let size = content.len().saturating_add(28_usize.saturating_add(SIGNATURE));
        let mut frame = Vec::with_capacity(size);
        self.header.write(self.kind, &mut frame);
        let start = frame.len();
        frame.extend_from_slice(content);
        if self.kind.is_signed() {
            let parts: [&[u8]; 4] = [label::SIGN_TEXT, &context, &author.0, content];
            frame.extend_from_slice(&key.sign(tally, &parts));
        }
        crypto::seal_in_place(&text_key, &nonce, &context, &mut frame, start);
        frame
    }

    /// Opens the ciphertext that begins at `start` where it lies; `false`: it was not sealed so.
    pub(crate) fn open(&self, secret: &[u8; 32], bytes: &mut Vec<u8>, start: usize) -> bool {
        let (key, nonce) = self.aead(secret);
        crypto::open_in_place(&key, &nonce, &self.context(), bytes, start)
    }

    /// Takes the signature off what was opened; `None`: there is no room for one.
    pub(crate) fn split(content: &mut Vec<u8>) -> Option<[u8; SIGNATURE]> {
        let length = content.len().checked_sub(SIGNATURE)?;
        let signature = content.get(length..)?.try_into().ok()?;
        content.truncate(length);
        Some(signature)
    }

    /// Whether `author`, whose key this is, has signed the content.
    pub(crate) fn is_by(
        &self,
        (author, key): (&MemberId, &VerifyingKey),
        content: &[u8],
        signature: &[u8; SIGNATURE],
        tally: &mut Tally,
    ) -> bool {
        let parts: [&[u8]; 4] = [label::SIGN_TEXT, &self.context(), &author.0, content];
        key.verify(tally, &parts, signature)
    }
}

impl Channel {
    // ---- what the user writes

    /// Sends a text, or keeps it until there is a key to seal it under.
    pub(crate) fn say(
        &mut self,
        cx: &mut Shared,
        text: &str,
        signed: Option<bool>,
    ) -> Result<(), Refusal> {
        if text.is_empty() || text.len() > TEXT_MAX || text.contains(['\0', '\r', '\n']) {
            return Err(Refusal::Text);
        }
        if self.standing.plain {
            if armor::parse(text).is_some() {
                // Nobody would be shown it.
                return Err(Refusal::Text);
            }
            cx.send_text(&self.standing.name, text.into());
            return Ok(());
        }
        if self.outbox.is_empty() && self.seal_text(cx, text, signed) {
            return Ok(());
        }
        if Mutant::PlainWithoutKey.is_on() {
            cx.send_text(&self.standing.name, text.into());
            return Ok(());
        }
        self.outbox.push(text, signed, cx.now.ms.saturating_add(HOLD))?;
        if self.is_conversation() {
            self.call(cx);
        } else {
            self.hasten_ask(cx);
        }
        Ok(())
    }

    pub(crate) fn seal_text(&mut self, cx: &mut Shared, text: &str, signed: Option<bool>) -> bool {
        let signed = signed.unwrap_or_else(|| self.signs());
        let kind = if signed { TextKind::Signed } else { TextKind::Unsigned };
        self.seal(cx, kind, text.as_bytes())
    }

    /// Whether texts are signed here unless their sender says otherwise.
    fn signs(&self) -> bool {
        let genesis = self.keyed().and_then(|keyed| keyed.ledger.genesis());
        genesis.is_none_or(|genesis| match genesis.record().descent {
            Descent::Genesis { signed, .. } => signed,
            Descent::Sealed | Descent::Wrapped { .. } => true,
        })
    }

    pub(crate) fn send_control(&mut self, cx: &mut Shared, control: Control) -> bool {
        self.seal(cx, TextKind::Control, &control.to_bytes())
    }

    /// Seals and sends; `false`: no key may seal now.
    fn seal(&mut self, cx: &mut Shared, kind: TextKind, content: &[u8]) -> bool {
        let now = cx.now.ms;
        if !self.may_talk(cx) {
            return false;
        }
        let Some(keyed) = self.keyed() else { return false };
        let Some(held) = keyed.sealing(now) else { return false };
        let (id, channel) = (held.id(), keyed.ledger.channel());
        if held.counter > COUNTER_MAX {
            self.renew_tag(cx);
        }
        if kind.is_signed() {
            self.introduce_once(cx);
        }
        let tag = self.own.tag;
        let me = cx.me();
        let Some(keyed) = self.keyed_mut() else { return false };
        let Some(held) = keyed.keys.get_mut(&id) else { return false };
        let header = TextHeader { key: id.hint(), tag, counter: held.counter };
        held.counter = held.counter.saturating_add(1);
        let bound = Bound { kind, header, channel, key: id };
        let frame = bound.seal(&held.key, content, (&me, &cx.identity.key), &mut cx.tally);
        keyed.count_text(now, content.len());
        keyed.last_speaker = Some(me);
        cx.send_bytes(&self.standing.name, &frame);
        true
    }

    // ---- what others wrote

    /// A sealed text; `bytes` is its frame, whose ciphertext begins at `start`.
    pub(crate) fn hear_text(
        &mut self,
        cx: &mut Shared,
        text: &Text<'_>,
        start: usize,
        mut bytes: Vec<u8>,
    ) {
        let (nick, kind, header) = (text.nick, text.kind, text.header);
        if header.tag == self.own.tag {
            return;
        }
        let named = |channel: &Self, number| {
            let found = channel.keyed()?.keys.named(header.key).nth(number);
            found.map(|held| held.id())
        };
        if named(self, 0).is_none() {
            return self.hold(cx, text, Reason::Key, bytes);
        }
        // Unless whoever is there claims the tag, its author may still have to be met.
        let at_nick = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        let claimed = self.members.tagged(header.tag).any(|(id, _)| Some(*id) == at_nick);
        let undecided = self.members.tagged(header.tag).any(|(_, one)| one.is_undecided());
        let original = (kind.is_signed() && (!claimed || undecided)).then(|| bytes.clone());
        for id in (0..).map_while(|number| named(self, number)) {
            match self.open(&id, kind, header, start, &mut bytes) {
                Opened::Repeat => return cx.fault(self.name(), nick, Fault::Repeat),
                Opened::No => {}
                Opened::Yes(bound, record) => {
                    if kind.is_signed() && !self.may_check(cx, nick) {
                        return match original {
                            Some(original) => self.hold(cx, text, Reason::Author, original),
                            None => cx.fault(self.name(), nick, Fault::Flood),
                        };
                    }
                    bytes.drain(..start);
                    match (self.read(cx, nick, &bound, &record, bytes), original) {
                        (Err(Fault::Certificate(Rejection::Undecided)), Some(original)) => {
                            self.hold(cx, text, Reason::Consent, original);
                        }
                        (Err(Fault::Signature), Some(original)) if !claimed => {
                            self.inquire(cx, Subject::Tag(header.tag));
                            self.hold(cx, text, Reason::Author, original);
                        }
                        (Err(fault), _) => cx.fault(self.name(), nick, fault),
                        (Ok(()), _) => {}
                    }
                    return;
                }
            }
        }
        cx.fault(self.name(), nick, Fault::Unopened);
    }

    fn open(
        &self,
        id: &KeyId,
        kind: TextKind,
        header: TextHeader,
        start: usize,
        bytes: &mut Vec<u8>,
    ) -> Opened {
        let Some(keyed) = self.keyed() else { return Opened::No };
        let Some(held) = keyed.keys.get(id) else { return Opened::No };
        let seen = |author| held.has_seen(header.tag, author, header.counter);
        let mut claims = self.members.tagged(header.tag).map(|(id, _)| seen(Some(*id))).peekable();
        let repeat = match claims.peek() {
            _ if !kind.is_signed() => seen(None),
            // A repeat for whoever it may be from; else its signature says whose it is.
            Some(_) => claims.all(|seen| seen),
            None => held.anyone_sent(header.tag, header.counter),
        };
        if repeat {
            return Opened::Repeat;
        }
        let bound = Bound { kind, header, channel: keyed.ledger.channel(), key: *id };
        if !bound.open(&held.key, bytes, start) {
            return Opened::No;
        }
        Opened::Yes(bound, held.record.clone())
    }

    /// What was opened: checks who signed it, and that it is new, and takes it in.
    fn read(
        &mut self,
        cx: &mut Shared,
        nick: &Arc<str>,
        bound: &Bound,
        record: &Arc<KeyRecord>,
        mut content: Vec<u8>,
    ) -> Result<(), Fault> {
        let voice = if bound.kind.is_signed() {
            let voice = self.signer(cx, nick, bound, &mut content).ok_or(Fault::Signature)?;
            self.members.spoke(voice.clone());
            Some(voice)
        } else {
            None
        };
        let author = voice.as_ref().map(|voice| voice.id);
        let author_known = author.as_ref().and_then(|id| self.members.get(id));
        if let Some(Err(why)) = author_known.map(|one| one.accepted) {
            return Err(Fault::Certificate(why));
        }
        self.note_text(cx, bound, author, content.len())?;
        if let Some(author) = &author {
            self.note_holder(cx, record, author.hint());
        }
        if bound.kind == TextKind::Control {
            return self.obey(cx, &content);
        }
        let text = String::from_utf8(content).map_err(|_| Fault::Content)?;
        let keyed = self.keyed();
        // In a conversation nobody is excluded who could have read it.
        let old = keyed.is_some_and(|keyed| {
            record.cmp_h(keyed.ledger.current()).is_lt() && !keyed.ledger.is_fixed()
        });
        let held = keyed.and_then(|keyed| keyed.keys.get(&bound.key));
        let superseded = held.and_then(|held| held.superseded);
        let again = held.is_some_and(|held| held.before);
        if superseded.is_some_and(|at| at.saturating_add(GRACE) < cx.now.ms) {
            self.lags(cx, nick);
        }
        let nick = nick.clone();
        let from = match voice {
            Some(Voice { id, name, .. }) => Speaker::Member { id, name, nick },
            None => Speaker::Somebody { nick },
        };
        let protection = if old { Protection::OldKey } else { Protection::Sealed };
        let channel = self.name().clone();
        cx.queue.push_back(Action::Show { channel, from, text, protection, again });
        Ok(())
    }

    /// Takes the signature off the content, and finds whose it is: first whoever is at the nick that
    /// it comes from, so that nobody is crowded out of its tag, and may have another by now; then
    /// those who claim the tag.
    fn signer(
        &self,
        cx: &mut Shared,
        nick: &str,
        bound: &Bound,
        content: &mut Vec<u8>,
    ) -> Option<Voice> {
        let signature = Bound::split(content)?;
        let at_nick = self.roster.occupant(nick).and_then(|occupant| occupant.member);
        let claims = self.members.tagged(bound.header.tag).map(|(id, _)| *id);
        let others = claims.filter(|id| Some(*id) != at_nick);
        for (number, id) in at_nick.into_iter().chain(others).enumerate() {
            // A token for the first was taken before.
            if number > 0 && !self.may_check(cx, nick) {
                return None;
            }
            let Some(voice) = self.members.voice(&id) else { continue };
            let author = (&voice.id, &voice.signing);
            let own = bound.is_by(author, content, &signature, &mut cx.tally);
            if own || Mutant::SignerIgnored.is_on() {
                return Some(voice);
            }
        }
        None
    }

    /// Counts a text whose origin is certain, and moves its window.
    fn note_text(
        &mut self,
        cx: &mut Shared,
        bound: &Bound,
        author: Option<MemberId>,
        content: usize,
    ) -> Result<(), Fault> {
        let now = cx.now.ms;
        // Of two, whoever else speaks is the peer.
        let speaker = author.or_else(|| self.peer(cx));
        let keyed = self.keyed_mut().ok_or(Fault::Unopened)?;
        let newest = keyed.keys.newest(keyed.ledger.current()).map(|held| held.id());
        let held = keyed.keys.get_mut(&bound.key).ok_or(Fault::Unopened)?;
        let missing = held.note(bound.header.tag, author, bound.header.counter)?;
        if newest == Some(bound.key) {
            keyed.count_text(now, content);
            keyed.last_speaker = speaker;
        }
        if let (Some(member), 1..) = (author, missing) {
            cx.notice(self.name(), Notice::Missing { member, texts: missing });
        }
        Ok(())
    }

    fn obey(&mut self, cx: &Shared, content: &[u8]) -> Result<(), Fault> {
        let control = Control::from_bytes(content).map_err(|_| Fault::Content)?;
        if let Control::Wish = control {
            self.happened(cx, Cause::Wish);
        }
        Ok(())
    }
}

/// What became of trying a key.
enum Opened {
    Yes(Bound, Arc<KeyRecord>),
    No,
    Repeat,
}
