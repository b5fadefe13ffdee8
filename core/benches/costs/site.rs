//! A channel of any size whose terminals are driven one by one, so that each can be timed alone.

use keyrota::{Action, Command, Config, Event, GrantRule, Identity, Now, Terminal, Triggers};

pub(crate) const CHANNEL: &str = "#bench";
const START: u64 = 1_767_225_600;

/// One line that somebody sent.
pub(crate) struct Line {
    pub(crate) from: usize,
    pub(crate) text: String,
}

/// Terminals, of which number 0 opened the channel and alone has a seat.
pub(crate) struct Site {
    pub(crate) terminals: Vec<Terminal>,
    pub(crate) nicks: Vec<String>,
    ms: u64,
}

impl Site {
    /// A channel of so many. Only number 0 has heard of all; that is what its duty needs.
    pub(crate) fn of(size: usize) -> Self {
        let mut site = Self { terminals: Vec::new(), nicks: Vec::new(), ms: 1_000 };
        for _ in 0..size {
            let (number, asked) = site.arrive();
            let granted: Vec<Line> = asked.iter().flat_map(|line| site.hear(0, line)).collect();
            for line in &granted {
                site.hear(number, line);
            }
        }
        site
    }

    pub(crate) fn now(&self) -> Now {
        Now { ms: self.ms, unix: START + self.ms / 1_000 }
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        self.ms += ms;
    }

    /// A terminal that nobody knows yet.
    pub(crate) fn add(&mut self) -> usize {
        let number = self.terminals.len();
        let nick = format!("m{number}");
        let mut secret = [7; 32];
        secret[24..].copy_from_slice(&(number as u64).to_be_bytes());
        let identity = Identity::self_signed(&secret, &nick, START - 1_000, 31_536_000);
        let mut config = Config::new(&nick);
        config.line = 350;
        config.channel.rule = GrantRule::ByHand;
        config.channel.triggers = Triggers::NEVER;
        let identity = identity.expect("an identity");
        self.terminals.push(
            Terminal::new(config, identity, secret, self.now()).expect("settings in their bounds"),
        );
        self.nicks.push(nick);
        number
    }

    /// A new terminal joins, seen by number 0 alone; returns its number, and what it says.
    pub(crate) fn arrive(&mut self) -> (usize, Vec<Line>) {
        self.wait(2_500);
        let number = self.add();
        let seen: Vec<usize> = if number == 0 { vec![0] } else { vec![0, number] };
        self.see(0, number);
        (number, self.join(number, &seen))
    }

    /// Somebody sees somebody join.
    pub(crate) fn see(&mut self, who: usize, newcomer: usize) {
        if who != newcomer {
            let nick = self.nicks[newcomer].clone();
            self.event(who, Event::Join { channel: CHANNEL, nick: &nick });
        }
    }

    /// Somebody joins, and sees who is here.
    pub(crate) fn join(&mut self, number: usize, here: &[usize]) -> Vec<Line> {
        let nicks = self.nicks.clone();
        let names: Vec<(&str, bool)> =
            here.iter().map(|one| (nicks[*one].as_str(), false)).collect();
        self.event(number, Event::Join { channel: CHANNEL, nick: &nicks[number] });
        self.event(number, Event::Names { channel: CHANNEL, names: &names })
    }

    pub(crate) fn event(&mut self, number: usize, event: Event<'_>) -> Vec<Line> {
        let now = self.now();
        let actions = self.terminals[number].handle(now, event);
        sent(number, actions)
    }

    pub(crate) fn command(&mut self, number: usize, command: Command<'_>) -> Vec<Line> {
        let now = self.now();
        let actions = self.terminals[number].command(now, command).expect("carried out");
        sent(number, actions)
    }

    pub(crate) fn hear(&mut self, number: usize, line: &Line) -> Vec<Line> {
        let now = self.now();
        let event =
            Event::Line { channel: CHANNEL, nick: &self.nicks[line.from], text: &line.text };
        sent(number, self.terminals[number].handle(now, event))
    }

    /// Whether a terminal can seal under the key that number 0 seals under.
    pub(crate) fn agrees(&self, number: usize) -> bool {
        let key = |number: usize| self.terminals[number].channel(CHANNEL)?.sealing();
        key(number).is_some() && key(number) == key(0)
    }
}

fn sent(from: usize, actions: impl Iterator<Item = Action>) -> Vec<Line> {
    let line = |action| match action {
        Action::Send { text, .. } => Some(Line { from, text }),
        _ => None,
    };
    actions.filter_map(line).collect()
}
