//! One terminal: whatever it is told, asked and sent, and whenever, nothing panics, bounds hold, it
//! wants to be called later than now, believes no record that its author did not sign, and no line says
//! what it must not.
//!
//! Spec: chapters 5, 12 and 15.

use arbitrary::{Result, Unstructured};
use keyrota::casemap::CaseMapping;
use keyrota::roster::Detail;
use keyrota::spec::limits::{GRACE, HOLD, TEXT_MAX};
use keyrota::spec::{ChannelId, KeyHint, Rights, armor};
use keyrota::{
    Choice, Command, Config, Event, GrantRule, Now, OldKeys, Renewer, SelfSigned, Settings,
    Terminal, Triggers,
};

use crate::forge::{Forge, Scene};
use crate::peer::{NO_POINT, START, digest, identity};
use crate::watch::Watch;

/// Bytes of what is far too long.
const LARGEST: usize = 65_536;
/// Steps of one schedule; what an input says beyond is left out.
const STEPS: usize = 100;

/// The terminal's own nick, and others'.
const NICKS: [&str; 6] = ["me", "ada", "ben", "cyn", "DAN[", "a b"];
const CHANNELS: [&str; 3] = ["#ryugu", "#Garden[", ""];
const PLACES: [&str; 7] = ["#ryugu", "#Garden[", "ada", "ben", "cyn", "DAN[", "me"];

const SECOND: u64 = 1_000;
const DAY: u64 = 86_400 * SECOND;
const TIMES: [u64; 8] =
    [SECOND, 5 * SECOND, GRACE, 60 * SECOND, HOLD, 3_600 * SECOND, DAY, 31 * DAY];

struct Schedule {
    watch: Watch,
    forge: Forge,
    settings: Settings,
    restarts: u8,
}

/// The input as a schedule.
pub fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    // The end of the input is the end of the schedule, wherever it comes.
    let _ = play(&mut u);
}

fn play(u: &mut Unstructured<'_>) -> Result<()> {
    let now = Now { ms: 0, unix: START };
    let mut config = Config::new(NICKS[0]);
    if u.arbitrary()? {
        config.authentication.self_signed =
            *u.choose(&[SelfSigned::Ask, SelfSigned::Refuse, SelfSigned::Pin])?;
        config.channel = settings(u)?;
    }
    let new = |config| Terminal::new(config, identity(0, NICKS[0]), [1; 32], now);
    // What is out of its bounds is refused, and then the defaults count.
    let terminal = new(config.clone()).or_else(|_| {
        config.channel = Settings::default();
        new(config.clone())
    });
    let (settings, terminal) =
        (config.channel, terminal.expect("the defaults are in their bounds"));
    let watch = Watch::new(terminal, now, &PLACES);
    let mut schedule = Schedule { watch, forge: Forge::default(), settings, restarts: 0 };
    // Most is about a channel that it is in.
    schedule.join(CHANNELS[0]);
    for _ in 0..STEPS {
        if u.is_empty() {
            break;
        }
        schedule.step(u)?;
        schedule.believes_no_forgery();
    }
    schedule.rest();
    schedule.believes_no_forgery();
    Ok(())
}

impl Schedule {
    fn join(&mut self, channel: &str) {
        let me = NICKS[0];
        self.watch.handle(Event::Join { channel, nick: me });
        self.watch.handle(Event::Names { channel, names: &[(me, false)] });
    }

    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=27)? {
            0 => self.pass(u64::from(u.arbitrary::<u8>()?) * 100),
            1 | 2 => self.wake(),
            3 => self.pass(*u.choose(&TIMES)?),
            4 => self.watch.now = odd_time(u, self.watch.now)?,
            5 | 6 => {
                let (channel, nick) = (*u.choose(&CHANNELS)?, *u.choose(&NICKS)?);
                if nick == NICKS[0] {
                    self.join(channel);
                } else {
                    self.watch.handle(Event::Join { channel, nick });
                }
            }
            7 => self.tell(u)?,
            8..=16 => {
                let place = if u.int_in_range(0..=3)? == 3 { PLACES[1] } else { PLACES[0] };
                let folded = place.to_ascii_lowercase().replace('[', "{");
                let frame = self.frame(u, place, digest(&folded))?;
                for text in self.lines(u, &frame)? {
                    let nick = *u.choose(&NICKS)?;
                    self.watch.handle(Event::Line { channel: place, nick, text: &text });
                }
            }
            17 | 18 => {
                let nick = *u.choose(&NICKS)?;
                let frame = self.frame(u, nick, digest(""))?;
                for text in self.lines(u, &frame)? {
                    self.watch.handle(Event::Private { nick, text: &text });
                }
            }
            19 => {
                // What it said itself comes again, or something that is no frame.
                let (channel, nick) = (*u.choose(&CHANNELS)?, *u.choose(&NICKS)?);
                let text = match u.choose(&self.watch.sent) {
                    Ok(text) if u.arbitrary()? => text.clone(),
                    _ => self.text(u)?,
                };
                self.watch.handle(Event::Line { channel, nick, text: &text });
            }
            20 | 21 => {
                let (channel, text) = (*u.choose(&PLACES)?, self.text(u)?);
                let signed = u.arbitrary()?;
                let _ = self.watch.command(Command::Say { channel, text: &text, signed });
            }
            22..=25 => self.command(u)?,
            26 => self.forge.alter_peer(u)?,
            _ => self.restart(u)?,
        }
        Ok(())
    }

    fn believes_no_forgery(&self) {
        let views = PLACES.iter().filter_map(|place| self.watch.terminal.channel(place));
        for current in views.filter_map(|view| view.current()) {
            assert!(!self.forge.is_forged(&current), "a record that its author did not sign");
        }
    }

    fn pass(&mut self, ms: u64) {
        let now = &mut self.watch.now;
        now.ms = now.ms.saturating_add(ms);
        now.unix = now.unix.saturating_add(ms / SECOND);
        self.watch.handle(Event::Tick);
    }

    /// The time comes at which it wants to be called.
    fn wake(&mut self) {
        let at = self.watch.terminal.wake().map(|wake| wake.at);
        if let Some(ms) = at.and_then(|at| at.checked_sub(self.watch.now.ms)) {
            self.pass(ms);
        }
    }

    /// Somebody with too long a nick comes and speaks; then it is left alone for a while.
    fn rest(&mut self) {
        let (channel, nick) = (CHANNELS[0], &*"x".repeat(LARGEST));
        self.watch.handle(Event::Join { channel, nick });
        self.watch.handle(Event::Line { channel, nick, text: nick });
        self.watch.handle(Event::Nick { old: NICKS[1], new: nick });
        for _ in 0..8 {
            self.wake();
        }
        self.pass(HOLD);
    }

    fn tell(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (channel, nick) = (*u.choose(&CHANNELS)?, *u.choose(&NICKS)?);
        let names: Vec<(&str, bool)>;
        let text;
        let event = match u.int_in_range(0..=15)? {
            0 | 1 => Event::Part { channel, nick },
            2 => Event::Kick { channel, nick },
            3 => Event::Quit { nick },
            4 | 5 => Event::Nick { old: nick, new: u.choose(&NICKS)? },
            6 | 7 => Event::Operator { channel, nick, on: u.arbitrary()? },
            8 => Event::Topic { channel },
            9..=11 => {
                let bits: u16 = u.arbitrary()?;
                let listed = NICKS.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
                names = listed.map(|(at, nick)| (*nick, bits >> (at + 8) & 1 == 1)).collect();
                Event::Names { channel, names: &names }
            }
            12 => Event::Disconnected,
            13 => Event::LineLength(u.arbitrary::<u16>()?.into()),
            14 => Event::CaseMapping(*u.choose(&[
                CaseMapping::Ascii,
                CaseMapping::Rfc1459,
                CaseMapping::Rfc1459Strict,
            ])?),
            _ => {
                text = self.text(u)?;
                let detail = match u.int_in_range(0..=5)? {
                    0 => Detail::RealName(&text),
                    1 => Detail::User(&text),
                    2 => Detail::Host(&text),
                    3 => Detail::Server(&text),
                    4 => Detail::Channel(&text),
                    _ => Detail::Idle(text.len() as u64),
                };
                Event::Detail { channel, nick, detail }
            }
        };
        self.watch.handle(event);
        Ok(())
    }

    fn frame(
        &mut self,
        u: &mut Unstructured<'_>,
        place: &str,
        digest: ChannelId,
    ) -> Result<Vec<u8>> {
        let scene = Scene {
            digest,
            view: self.watch.terminal.channel(place),
            hello: self.watch.hello.as_ref(),
            unix: self.watch.now.unix,
        };
        self.forge.frame(u, &scene)
    }

    /// The lines of a frame, which may lose one, or come in another order.
    fn lines(&self, u: &mut Unstructured<'_>, frame: &[u8]) -> Result<Vec<String>> {
        let line = if u.arbitrary()? { 300 } else { 2_048 };
        let id = armor::PartId::new(u.arbitrary::<u8>()?.into());
        let mut lines = armor::lines(frame, line, id);
        if lines.len() > 1 {
            match u.int_in_range(0..=7)? {
                0 => drop(lines.pop()),
                1 => lines.reverse(),
                2 => lines.push(lines[0].clone()),
                _ => {}
            }
        }
        Ok(lines)
    }

    /// A text of a few letters, or of many.
    fn text(&self, u: &mut Unstructured<'_>) -> Result<String> {
        let length = usize::from(u.arbitrary::<u8>()?);
        if length == 255 {
            return Ok("x".repeat(LARGEST));
        }
        if length > 250 {
            return Ok("x".repeat(TEXT_MAX - 253 + length));
        }
        let length = length.min(u.len());
        Ok(String::from_utf8_lossy(u.bytes(length)?).into_owned())
    }

    fn command(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (channel, nick) = (*u.choose(&PLACES)?, *u.choose(&NICKS)?);
        let (member, point) = {
            let peer = self.forge.peer(u)?;
            (peer.id, peer.point())
        };
        let name = member.to_string();
        let by_nick = u.arbitrary()?;
        let nick = if by_nick { nick } else { &name };
        let point = if by_nick { point } else { NO_POINT };
        let modes;
        let view = self.watch.terminal.channel(channel);
        let command = match u.int_in_range(0..=23)? {
            0 => Command::Converse { nick },
            1 => Command::Close { nick },
            2 => Command::Found { channel },
            3 => {
                let id = view.and_then(|view| view.id());
                Command::Follow { channel, id: id.unwrap_or(ChannelId([u.arbitrary()?; 16])) }
            }
            4 => Command::Refresh { channel },
            5 => Command::Ask { channel },
            6 => {
                let key = view.and_then(|view| view.keys().next()).map(|id| id.hint());
                Command::AskOld { channel, key: key.unwrap_or(KeyHint([u.arbitrary()?; 3])) }
            }
            7 => Command::Forget { channel },
            8..=12 => {
                let letters =
                    ["+d", "-d", "+x", "-x", "+x1", "+x2", "+o", "-o", "+c", "-c", "+dx-o", "+z"];
                modes = format!("{} {nick}", u.choose(&letters)?);
                Command::Mode { channel, modes: &modes }
            }
            13 => Command::Bar { channel, nick },
            14 => Command::Pardon { channel, nick },
            15 => Command::AddAuthority { key: point },
            16 => Command::AddServer { key: point },
            17 => Command::RemoveAuthority { key: point },
            18 => Command::Pin { name: u.choose(&NICKS)?, member },
            19 => Command::Unpin { name: u.choose(&NICKS)? },
            20 => Command::Revoke { member },
            21 => {
                let what = [SelfSigned::Ask, SelfSigned::Refuse, SelfSigned::Pin];
                Command::SelfSigned(*u.choose(&what)?)
            }
            22 => Command::Answer { member, accept: u.arbitrary()? },
            _ if u.arbitrary()? => Command::Plain { channel, on: u.arbitrary()? },
            _ => Command::Configure { channel, settings: settings(u)? },
        };
        let _ = self.watch.command(command);
        Ok(())
    }

    /// It goes on from what it has saved.
    fn restart(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        self.restarts += 1;
        let saved = self.watch.terminal.save();
        let restore = |seed, saved: &[u8]| {
            let mut config = Config::new(NICKS[0]);
            config.channel = self.settings.clone();
            Terminal::restore(config, identity(0, NICKS[0]), saved, [seed; 32], self.watch.now)
        };
        let seed = self.restarts.wrapping_add(1);
        let terminal = restore(seed, &saved).expect("what was saved is read");
        // The first state may be older than now; from the second on they are the same.
        let again = terminal.save();
        let twin = restore(seed, &again).expect("what was saved is read");
        assert_eq!(twin.save(), again, "what was read is saved as the same");
        self.watch.restart(terminal);
        if u.arbitrary()? {
            self.join(CHANNELS[0]);
        }
        Ok(())
    }
}

/// A clock that goes back, or jumps.
fn odd_time(u: &mut Unstructured<'_>, now: Now) -> Result<Now> {
    let far: u64 = u.arbitrary()?;
    Ok(match u.int_in_range(0..=7)? {
        0 => Now { ms: now.ms.saturating_sub(far % DAY), ..now },
        1 => Now { ms: far, ..now },
        2 => Now { unix: far, ..now },
        3 | 4 => Now { unix: now.unix.saturating_sub(far % 100_000), ..now },
        _ => Now { unix: now.unix.saturating_add(far % 100_000), ..now },
    })
}

/// Settings in their bounds, or beyond.
fn settings(u: &mut Unstructured<'_>) -> Result<Settings> {
    let few = |u: &mut Unstructured<'_>| -> Result<Option<u32>> {
        Ok(Some(u.arbitrary::<u8>()?.into()).filter(|number| *number < 200))
    };
    let seats = u.int_in_range(0..=17)?;
    let rules = [
        GrantRule::FirstJoined { seats },
        GrantRule::Random { seats },
        GrantRule::Holders { picks: seats },
        GrantRule::Operators,
        GrantRule::Server,
        GrantRule::ByHand,
    ];
    let choices = [Choice::Random, Choice::Joined, Choice::Lowest(|one| one.joined.into())];
    Ok(Settings {
        found: u.arbitrary()?,
        signed: u.arbitrary()?,
        password: if u.arbitrary()? { "tulip".into() } else { String::new() },
        keys: usize::from(u.arbitrary::<u8>()?) % 66,
        keep: few(u)?,
        old_keys: *u.choose(&[OldKeys::MembersThen, OldKeys::All])?,
        lifetime: u.int_in_range(0..=3_000)?,
        choice: *u.choose(&choices)?,
        triggers: Triggers {
            period: few(u)?,
            messages: few(u)?,
            bytes: few(u)?,
            growth: few(u)?,
            topic: u.arbitrary()?,
            idle: few(u)?,
            alone: u.arbitrary()?,
        },
        rule: *u.choose(&rules)?,
        rights: *u.choose(&[
            Rights::BOTH,
            Rights { update: true, distribute: false },
            Rights::NONE,
        ])?,
        renewer: *u.choose(&[Renewer::Either, Renewer::LastSender, Renewer::LastReceiver])?,
    })
}
