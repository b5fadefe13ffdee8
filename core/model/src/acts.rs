//! What users want, and what terminals do about it.

use keyrota::spec::{KeyId, MemberId};
use keyrota::{Action, Command, Notice, Refusal, Terminal};

use crate::actor::{Told, config, voice};
use crate::op::{From, Op, Voucher};
use crate::world::{CHANNEL, Happening, LINE, World};

impl World {
    /// Carries an operation out, if it makes sense at this moment; a user's command may be refused.
    ///
    /// # Errors
    /// Why a command is refused. Nothing has changed then.
    pub fn apply(&mut self, op: &Op) -> Result<(), Refusal> {
        if !self.allows(op) {
            return Ok(());
        }
        self.happenings.push(Happening::Done(op.clone()));
        let channel = CHANNEL;
        match op {
            Op::Say(who, text) => {
                self.command(*who, Command::Say { channel, text, signed: None })?;
            }
            Op::Tell(who, whom, text) => {
                let nick = self.actors[*whom].nick.clone();
                self.command(*who, Command::Converse { nick: &nick })?;
                self.command(*who, Command::Say { channel: &nick, text, signed: None })?;
            }
            Op::Refresh(who) => self.command(*who, Command::Refresh { channel })?,
            Op::Mode(who, modes) => self.command(*who, Command::Mode { channel, modes })?,
            Op::Bar(whom, by) => {
                let nick = self.actors[*whom].nick.clone();
                self.command(*by, Command::Bar { channel, nick: &nick })?;
            }
            Op::Pardon(whom, by) => {
                let nick = self.member(*whom).to_string();
                self.command(*by, Command::Pardon { channel, nick: &nick })?;
            }
            Op::Revoke(whom, by) => {
                let member = self.member(*whom);
                self.command(*by, Command::Revoke { member })?;
            }
            Op::Plain(who, on) => self.command(*who, Command::Plain { channel, on: *on })?,
            Op::Found(who) => self.command(*who, Command::Found { channel })?,
            Op::Follow(who, whom) => {
                if let Some(id) = self.view(*whom, CHANNEL).and_then(|view| view.id()) {
                    self.command(*who, Command::Follow { channel, id })?;
                }
            }
            Op::Ask(who) => self.command(*who, Command::Ask { channel })?,
            Op::Recall(who, back) => {
                let key = self.keys[self.keys.len() - 1 - back].hint();
                self.command(*who, Command::AskOld { channel, key })?;
            }
            Op::Forget(who) => self.command(*who, Command::Forget { channel })?,
            Op::Set(all, set) => {
                for who in all {
                    let mut settings = self.actors[*who].settings.clone();
                    set.change(&mut settings);
                    for place in self.places(*who) {
                        let settings = settings.clone();
                        self.command(*who, Command::Configure { channel: &place, settings })?;
                    }
                    self.actors[*who].settings = settings;
                }
            }
            Op::Strangers(who, what) => self.command(*who, Command::SelfSigned(*what))?,
            Op::Accept(who, whom) | Op::Decline(who, whom) => {
                let (member, accept) = (self.member(*whom), matches!(op, Op::Accept(..)));
                self.command(*who, Command::Answer { member, accept })?;
            }
            Op::Trust(who, Voucher::Server) => {
                let key = voice(Voucher::Server).certificate().body.key;
                self.command(*who, Command::AddServer { key })?;
            }
            Op::Trust(who, voucher) => {
                let key = voice(*voucher).certificate().body.key;
                self.command(*who, Command::AddAuthority { key })?;
            }
            Op::Distrust(who, voucher) => {
                let key = voice(*voucher).certificate().body.key;
                self.command(*who, Command::RemoveAuthority { key })?;
            }
            Op::Pin(who, name, whom) => {
                let member = self.member(*whom);
                self.command(*who, Command::Pin { name, member })?;
            }
            Op::Unpin(who, name) => self.command(*who, Command::Unpin { name })?,
            Op::Certify(who, title, by) => {
                self.actors[*who].certify(title, *by);
                self.restart(*who, From::Bare);
            }
            Op::Clone(who, of) => {
                let papers = self.actors[*of].papers.clone();
                self.actors[*who].become_another(papers);
                self.restart(*who, From::Bare);
            }
            Op::Hang(who) => self.actors[*who].hung = true,
            Op::Wake(who) => self.actors[*who].hung = false,
            Op::Crash(who) => {
                self.disconnect(*who);
                self.actors[*who].terminal = None;
            }
            Op::Restart(who, from) => self.restart(*who, *from),
            Op::Wait(ms) => self.run_until(self.ms.saturating_add(*ms)),
            other => self.befall(other),
        }
        Ok(())
    }

    /// Gives a user's command to a terminal.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn command(&mut self, who: usize, command: Command<'_>) -> Result<(), Refusal> {
        let now = self.actors[who].now(self.ms);
        self.actors[who].tell_on(self.ms, &format!("{command:?}"));
        let Some(terminal) = &mut self.actors[who].terminal else { return Ok(()) };
        let done = terminal.command(now, command).map(drop);
        // Also what was due, if the command is refused.
        let actions = terminal.actions().collect();
        self.act(who, actions);
        done
    }

    /// Carries out what a terminal wants, in its order.
    pub(crate) fn act(&mut self, who: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send { channel, text } if *channel != *CHANNEL => {
                    self.whisper(who, &channel, text);
                }
                // What the server's own terminal would say before it has joined stays unsaid.
                Action::Send { .. } if self.actors[who].listens && !self.actors[who].here => {}
                Action::Send { text, .. } => {
                    let nick = self.actors[who].nick.clone();
                    // Its server sees it in any case.
                    let number = self.note(Some(who), None, nick.clone(), text.clone());
                    if self.actors[who].here && self.actors[who].carry() {
                        self.tell_side(who, &Told::Line(number, nick, text));
                    }
                }
                Action::Show { channel, from, text, protection, again } => {
                    let alone = *channel != *CHANNEL;
                    let shown = Happening::Shown { who, from, text, protection, alone, again };
                    self.happenings.push(shown);
                }
                Action::Save => {
                    let saved = self.actors[who].terminal.as_ref().map(|one| one.save().to_vec());
                    self.actors[who].store(saved);
                    self.happenings.push(Happening::Saved(who));
                }
                Action::Notice { channel, notice } => {
                    if let Notice::Keyed(key) = notice
                        && channel.as_deref() == Some(CHANNEL)
                    {
                        self.got(who, key);
                    }
                    self.happenings.push(Happening::Noticed(who, notice));
                }
                _ => {}
            }
        }
    }

    /// A terminal has a key of the channel now, and so has whoever ever gets its secret.
    fn got(&mut self, who: usize, key: KeyId) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
        let view = self.view(who, CHANNEL);
        let secret = view.and_then(|view| view.secrets().find(|(id, ..)| *id == key));
        let secret = secret.map(|(.., secret)| secret);
        self.actors[who].had.extend(secret.map(|secret| (key, secret)));
    }

    /// The channel, and the nicks of those with whom it talks alone.
    pub fn places(&self, who: usize) -> Vec<String> {
        let nicks = self.actors.iter().map(|actor| actor.nick.as_str());
        let talks = |nick: &&str| self.view(who, nick).is_some();
        std::iter::once(CHANNEL).chain(nicks.filter(talks)).map(str::to_owned).collect()
    }

    /// Starts a terminal, which is in no channel then.
    pub(crate) fn restart(&mut self, who: usize, from: From) {
        let seed = self.actors[who].seed(self.setting.seed);
        self.actors[who].tell_on(self.ms, &format!("{from:?}"));
        let now = self.actors[who].now(self.ms);
        let mut config = config(&self.actors[who].nick, LINE);
        (self.setting.adjust)(who, &mut config);
        config.channel = self.actors[who].settings.clone();
        let identity = self.actors[who].papers.identity();
        let terminal = match self.actors[who].stored(from) {
            Some(saved) => Terminal::restore(config, identity, saved, seed, now).expect("as saved"),
            None => Terminal::new(config, identity, seed, now).expect("settings in their bounds"),
        };
        self.actors[who].start(terminal);
    }

    /// Who that is, by its certificate.
    pub fn member(&self, who: usize) -> MemberId {
        self.actors[who].papers.id()
    }
}
