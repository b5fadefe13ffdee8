//! The terminal: two doors in, one queue out (R-CLI-1, R-CLI-2, R-SYS-1).
//!
//! Spec: chapter 15. Which channels there are is in [`rooms`](crate::rooms), with whom the user
//! talks in [`calls`](crate::calls), everything about one of them in [`channel`](crate::channel).

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use core::fmt;

use keyrota_spec::armor;
use keyrota_spec::limits::{
    ACQUAINTANCES_PER_SECOND, CALLS_PER_MINUTE, CHECKS_PER_MINUTE, STRANGERS_PER_SECOND,
};
use keyrota_spec::{Cause, MemberId};

use crate::action::{Action, Actions, Refusal};
use crate::authentication::Authentication;
use crate::casemap::Folded;
use crate::channel::Channel;
use crate::config::{Config, Settings};
use crate::consent::Questions;
use crate::crypto::Tally;
use crate::event::{Command, Event};
use crate::gate::Gate;
use crate::hello::Said;
use crate::identity::Identity;
use crate::key::Key;
use crate::random::{Draw, Random};
use crate::rooms::{Inside, Room};
use crate::shared::Shared;
use crate::time::{Now, Wake};
use crate::transport::{Reassembly, Source};
use crate::view::View;

/// Actions for which there is always room.
const QUEUE: usize = 32;

/// One user's terminal, in any number of channels.
///
/// See the [crate's documentation](crate) for the loop that drives it.
///
/// Two of one state would draw the same keys and seal different texts alike. So there is no `Clone`,
/// but for the model checker, which sends what a copy says to nobody else.
#[cfg_attr(feature = "model", derive(Clone))]
pub struct Terminal {
    pub(crate) shared: Shared,
    pub(crate) settings: Settings,
    pub(crate) rooms: BTreeMap<Folded, Room>,
    /// When each channel wants to be called; one entry a channel at most.
    pub(crate) wakes: BTreeSet<(Wake, Folded)>,
    /// Conversations that others began and that the user has not called, oldest first.
    pub(crate) uninvited: VecDeque<Folded>,
    pub(crate) reassembly: Reassembly,
    /// By how much its own clock is ahead of its program's.
    pub(crate) ahead: u64,
}

/// Without secrets and texts.
impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = self.rooms.len();
        let mut out = f.debug_struct("Terminal");
        out.field("id", &self.id()).field("channels", &channels).finish_non_exhaustive()
    }
}

impl Terminal {
    /// A terminal in no channel.
    ///
    /// `seed` must come from a generator fit for keys and must never be used twice: whoever knows
    /// it can open all that this terminal seals. The same inputs give the same bytes.
    ///
    /// # Errors
    /// [`Refusal::Settings`] if one of `config.channel` is out of its bounds.
    pub fn new(
        config: Config,
        identity: Identity,
        mut seed: [u8; 32],
        now: Now,
    ) -> Result<Self, Refusal> {
        let seed = Key::take(&mut seed);
        if !config.channel.in_bounds() {
            return Err(Refusal::Settings);
        }
        let now = Now { ms: now.ms.min(u64::MAX / 2), ..now };
        let mut random = Random::new(&seed);
        let secret = Key::of(&random.bytes(Draw::Secret));
        let mut authentication = config.authentication;
        authentication.begin(&identity.certificate().body.key);
        let shared = Shared {
            now,
            nick: config.nick.as_str().into(),
            casemapping: config.casemapping,
            line: config.line,
            identity,
            authentication,
            questions: Questions::default(),
            random,
            secret,
            tally: Tally::default(),
            queue: VecDeque::new(),
            strangers: Gate::new(STRANGERS_PER_SECOND, 1_000),
            acquaintances: Gate::new(ACQUAINTANCES_PER_SECOND, 1_000),
            checks: Gate::new(CHECKS_PER_MINUTE, 60_000),
            callers: Gate::new(CALLS_PER_MINUTE, 60_000),
            said_hello: Said::new(now.unix, 0),
            parts: 0,
            restored: None,
            forgot: None,
            unsaved: false,
        };
        Ok(Self {
            shared,
            settings: config.channel,
            rooms: BTreeMap::new(),
            wakes: BTreeSet::new(),
            uninvited: VecDeque::new(),
            reassembly: Reassembly::default(),
            ahead: 0,
        })
    }

    /// Takes in what happened on the transport, and does all that is due by now.
    ///
    /// Never fails: what peers or the server send wrongly ends as a [`Notice`](crate::Notice), or as
    /// nothing.
    pub fn handle(&mut self, now: Now, event: Event<'_>) -> Actions<'_> {
        let begun = self.begin_input(now);
        match event {
            Event::Tick => {}
            Event::Join { channel, nick } => self.join(channel, nick),
            Event::Names { channel, names } => {
                self.with_channel(channel, |inside, cx| inside.names(cx, names));
            }
            Event::Part { channel, nick } | Event::Kick { channel, nick } => {
                if !self.shared.is_me(nick) {
                    self.with_channel(channel, |inside, cx| inside.left(cx, nick));
                } else if !self.is_conversation(channel) {
                    self.leave(channel, true);
                }
            }
            Event::Quit { nick } if self.shared.is_me(nick) => self.leave_all(),
            Event::Quit { nick } => self.with_those_of(nick, |inside, cx| inside.left(cx, nick)),
            Event::Nick { old, new } => {
                if self.shared.is_me(old) {
                    self.shared.nick = new.into();
                }
                self.move_conversation(old, new);
                self.with_those_of(old, |inside, cx| inside.renamed(cx, old, new));
            }
            Event::Operator { channel, nick, on } => {
                self.with_channel(channel, |inside, _| inside.marked(nick, on));
            }
            Event::Detail { channel, nick, detail } => {
                self.with_channel(channel, |inside, _| {
                    let _ = inside.roster.describe(nick, detail);
                });
            }
            Event::Topic { channel } => {
                self.with_channel(channel, |inside, cx| inside.happened(cx, Cause::Topic));
            }
            Event::Line { channel, nick, text } => self.hear(channel, nick, text),
            Event::Private { nick, text } => self.hear_private(nick, text),
            Event::CaseMapping(mapping) => {
                if self.rooms.values().all(|room| matches!(room.inside, Inside::No(_))) {
                    self.refold(mapping);
                }
            }
            Event::LineLength(line) => self.shared.line = line,
            Event::Disconnected => self.leave_all(),
        }
        self.judge_displaced();
        self.do_what_is_due();
        self.end_input(begun);
        Actions(&mut self.shared.queue)
    }

    /// Does what the user wants, and all that is due by now.
    ///
    /// # Errors
    /// [`Refusal`] says why the command was not carried out, and changed nothing. What was due by now is
    /// done even so: [`actions`](Self::actions) has it, or else the next call.
    pub fn command(&mut self, now: Now, command: Command<'_>) -> Result<Actions<'_>, Refusal> {
        let begun = self.begin_input(now);
        self.do_what_is_due();
        let result = self.carry_out(command);
        self.do_what_is_due();
        self.end_input(begun);
        result.map(|()| Actions(&mut self.shared.queue))
    }

    /// When to call [`handle`](Self::handle) with [`Event::Tick`], at the latest, and why.
    ///
    /// Always later than the last time it was called; `None`: nothing is due, ever.
    pub fn wake(&self) -> Option<Wake> {
        let (wake, _) = self.wakes.first()?;
        Some(Wake { at: wake.at.saturating_sub(self.ahead), ..*wake })
    }

    /// Actions not read yet.
    pub fn actions(&mut self) -> Actions<'_> {
        Actions(&mut self.shared.queue)
    }

    /// What is known of a channel that the user is in.
    pub fn channel(&self, name: &str) -> Option<View<'_>> {
        let room = self.rooms.get(&self.shared.casemapping.fold(name)?)?;
        match &room.inside {
            Inside::Yes(channel) => Some(View::new(channel, &self.shared)),
            Inside::No(_) => None,
        }
    }

    /// Whose certificates are accepted, with what was pinned since.
    pub fn authentication(&self) -> &Authentication {
        &self.shared.authentication
    }

    /// Who this terminal's user is.
    pub fn id(&self) -> MemberId {
        self.shared.me()
    }

    /// How many costly operations this terminal has done.
    pub fn tally(&self) -> Tally {
        self.shared.tally
    }

    // ---- below

    fn carry_out(&mut self, command: Command<'_>) -> Result<(), Refusal> {
        let place = command.place();
        match command {
            Command::Say { channel, text, signed } => {
                self.inside(channel, |inside, cx| inside.say(cx, text, signed))?;
            }
            Command::Converse { nick } => self.converse(nick)?,
            Command::Close { nick } => self.close(nick)?,
            Command::Found { channel } => self.inside(channel, |inside, cx| {
                if inside.is_conversation() {
                    return Err(Refusal::OtherKind);
                }
                inside.found_anew(cx);
                Ok(())
            })?,
            Command::Follow { channel, id } => self.follow(channel, id)?,
            Command::Refresh { channel } => {
                self.inside(
                    channel,
                    |inside, cx| {
                        if inside.wish(cx) { Ok(()) } else { Err(Refusal::NoKey) }
                    },
                )?
            }
            Command::Ask { channel } => self.inside(channel, |inside, cx| {
                inside.ask_now(cx);
                Ok(())
            })?,
            Command::AskOld { channel, key } => {
                self.inside(channel, |inside, cx| inside.ask_old(cx, key))?;
            }
            Command::Forget { channel } => self.inside(channel, Channel::forget)?,
            Command::Mode { channel, modes } => {
                self.inside(channel, |inside, cx| inside.command_mode(cx, modes))?;
            }
            Command::Bar { channel, nick } => {
                self.inside(channel, |inside, cx| inside.command_bar(cx, nick))?;
            }
            Command::Pardon { channel, nick } => {
                self.inside(channel, |inside, cx| inside.command_pardon(cx, nick))?;
            }
            Command::AddAuthority { .. }
            | Command::AddServer { .. }
            | Command::RemoveAuthority { .. }
            | Command::Pin { .. }
            | Command::Unpin { .. }
            | Command::Revoke { .. }
            | Command::SelfSigned(_)
            | Command::Answer { .. } => self.decide(&command)?,
            Command::Plain { channel, on } => self.standing(channel, |one| one.plain = on)?,
            Command::Configure { channel, settings } => {
                if !settings.in_bounds() {
                    return Err(Refusal::Settings);
                }
                self.standing(channel, |one| {
                    one.settings = settings;
                    one.configured = true;
                })?;
                self.with(channel, |inside, _| inside.settings_changed());
            }
        }
        if let Some(place) = place {
            self.invite(place);
        }
        Ok(())
    }

    /// Returns where in the queue this input's actions begin.
    fn begin_input(&mut self, now: Now) -> usize {
        // A clock that goes back counts as standing still.
        // Far from its end, so that what is due later is later.
        let ms = now.ms.min(u64::MAX / 2).saturating_add(self.ahead).max(self.shared.now.ms);
        self.shared.now = Now { ms, unix: now.unix };
        if self.shared.queue.is_empty() {
            // Once in a while there is much to do; what that took need not stay.
            self.shared.queue.shrink_to(QUEUE);
        }
        self.shared.queue.len()
    }

    /// What is to be saved is so before the first line that may say it.
    fn end_input(&mut self, begun: usize) {
        if core::mem::take(&mut self.shared.unsaved) {
            self.shared.queue.insert(begun, Action::Save);
        }
    }

    fn hear(&mut self, channel: &str, nick: &str, text: &str) {
        let own = self.shared.is_me(nick);
        let now = self.shared.now.ms;
        let line = armor::parse(text);
        // What comes under no name that there can be is from nobody.
        let folded = self.fold(nick).and_then(|_| self.fold(channel));
        let Some(folded) = folded.filter(|_| !own) else { return };
        let Some(Room { inside: Inside::Yes(inside), .. }) = self.rooms.get_mut(&folded) else {
            return;
        };
        if inside.is_conversation() {
            return;
        }
        let source = Source {
            channel: inside.name().clone(),
            listed: inside.roster.occupant(nick).is_some(),
            nick: inside.nick(nick),
        };
        match line {
            None => inside.hear_plain(&mut self.shared, &source.nick, text),
            Some(line) => {
                if let Some(frame) = self.reassembly.take(line, &source, now) {
                    inside.hear(&mut self.shared, &source.nick, frame);
                }
            }
        }
        self.review(&folded);
    }
}
