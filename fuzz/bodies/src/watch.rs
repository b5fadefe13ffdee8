//! A terminal, what it was told the time is, and what must hold of it after each input, whatever
//! that was.
//!
//! Spec: chapter 5, 4-6, 11-4, 15-2.

use std::collections::BTreeMap;

use keyrota::spec::limits::{FRAME_MAX, LINE_MAX, LINE_MIN, TEXT_MAX};
use keyrota::spec::{Frame, Hello, armor};
use keyrota::{Action, Command, Event, Now, Refusal, Terminal};

/// Lines that one input may cause in one channel: what a sealed record takes at most, and the texts
/// that waited for it.
const LINES_MAX: usize = 80 + 64;

/// A terminal under watch.
#[derive(Debug)]
pub struct Watch {
    /// It.
    pub terminal: Terminal,
    /// What its clocks show.
    pub now: Now,
    /// The lines that it sent, the newest last; few are kept.
    pub sent: Vec<String>,
    /// Its newest Hello.
    pub hello: Option<Hello>,
    /// The longest line that the transport carries.
    pub line: usize,
    /// Whether its user ever declared some channel plain.
    pub plain: bool,
    /// The greatest time that it was told.
    latest: u64,
    /// Where it may be: channels, and nicks of those with whom it talks alone.
    places: &'static [&'static str],
}

/// How many of its lines are kept.
const KEPT: usize = 64;

impl Watch {
    /// Of a terminal that was just made, in none of these places yet.
    pub fn new(terminal: Terminal, now: Now, places: &'static [&'static str]) -> Self {
        let latest = now.ms.min(u64::MAX / 2);
        let (sent, hello, line) = (Vec::new(), None, LINE_MIN);
        Self { terminal, now, sent, hello, line, plain: false, latest, places }
    }

    /// Tells it what happened.
    pub fn handle(&mut self, event: Event<'_>) -> Vec<Action> {
        if let Event::LineLength(line) = event {
            self.line = line;
        }
        let actions = self.terminal.handle(self.now, event).collect();
        self.look(actions)
    }

    /// Gives it a command.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn command(&mut self, command: Command<'_>) -> Result<Vec<Action>, Refusal> {
        let plain = matches!(command, Command::Plain { on: true, .. });
        let mode = matches!(command, Command::Mode { modes, .. } if modes.contains('c'));
        let done = self.terminal.command(self.now, command).map(Iterator::collect);
        self.plain |= (plain || mode) && done.is_ok();
        match done {
            Ok(actions) => Ok(self.look(actions)),
            Err(why) => {
                drop(why.to_string());
                // What fell due besides is done, and said next time.
                let _ = self.look(Vec::new());
                Err(why)
            }
        }
    }

    /// Another terminal takes its place, in no channel.
    pub fn restart(&mut self, terminal: Terminal) {
        self.terminal = terminal;
        self.latest = self.now.ms.min(u64::MAX / 2);
        let _ = self.look(Vec::new());
    }

    fn look(&mut self, actions: Vec<Action>) -> Vec<Action> {
        self.latest = self.latest.max(self.now.ms.min(u64::MAX / 2));
        let wake = self.terminal.wake();
        assert!(wake.is_none_or(|wake| wake.at > self.latest), "{wake:?} at {}", self.latest);
        self.sizes();
        let mut lines = BTreeMap::<&str, usize>::new();
        for action in &actions {
            if let Action::Send { channel, text } = action {
                *lines.entry(channel).or_default() += 1;
                self.leaves(text);
            }
        }
        assert!(lines.values().all(|count| *count <= LINES_MAX), "{lines:?}");
        for action in &actions {
            if let Action::Send { text, .. } = action {
                self.sent.push(text.clone());
            }
        }
        let surplus = self.sent.len().saturating_sub(KEPT);
        self.sent.drain(..surplus);
        actions
    }

    fn sizes(&self) {
        let views = self.places.iter().filter_map(|place| self.terminal.channel(place));
        let sizes = views.flat_map(|view| view.sizes()).chain(self.terminal.sizes());
        for (name, size, bound) in sizes {
            assert!(size <= bound, "{size} {name}, and {bound} are the most");
        }
    }

    /// A line leaves: armoured, unless the user has declared something plain, and it tells no key.
    fn leaves(&mut self, text: &str) {
        let Some(line) = armor::parse(text) else {
            assert!(self.plain && text.len() <= TEXT_MAX, "{text:?} leaves as it is");
            return;
        };
        assert!(text.len() <= self.line.clamp(LINE_MIN, LINE_MAX));
        let bytes = match line {
            armor::Line::Whole(bytes) => {
                let frame = Frame::decode(&bytes).expect("what is sent is well formed");
                if let Frame::Hello { hello, relayed: false } = frame {
                    self.hello = Some(hello.hello);
                }
                bytes
            }
            armor::Line::Part { bytes, .. } => bytes,
        };
        assert!(bytes.len() <= FRAME_MAX);
        for view in self.places.iter().filter_map(|place| self.terminal.channel(place)) {
            for secret in view.secrets().map(|(.., key)| key).chain(view.private()) {
                let shown = bytes.windows(8).any(|row| *row == secret[..8]);
                assert!(!shown, "a secret leaves");
            }
        }
    }
}
