//! One who takes part: a terminal, the program around it with its clocks and what it has saved, and
//! the way from its server to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyrota::spec::{Body, KeyId, MemberId, Name};
use keyrota::{Action, Config, Event, Identity, Now, Settings, Terminal, crypto};

use crate::mind::Key;
use crate::op::{From, Voucher};
use crate::world::{CHANNEL, START, YEAR};

/// What a server tells a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Somebody joined.
    Join(String),
    /// Who is in the channel, and who of them is operator.
    Names(Vec<(String, bool)>),
    /// Somebody left the channel.
    Part(String),
    /// Somebody was put out of it.
    Kick(String),
    /// Somebody left the network.
    Quit(String),
    /// Somebody goes by another nick.
    Nick(String, String),
    /// Somebody is channel operator now, or no longer.
    Operator(String, bool),
    /// The topic is another one.
    Topic,
    /// A line of the channel, by its number among all lines, from a nick.
    Line(usize, String, String),
    /// A line for it alone, likewise.
    Private(usize, String, String),
    /// The own connection is lost.
    Disconnected,
}

/// When something comes, and its number: of two that come at once the one that was sent first is first.
pub(crate) type At = (u64, u64);

/// One who takes part.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Its nick at this moment.
    pub nick: String,
    /// Its terminal, unless that has crashed.
    pub terminal: Option<Terminal>,
    /// Whether its server has it in the channel.
    pub here: bool,
    /// Whether its server calls it channel operator.
    pub operator: bool,
    /// On which side of a split network its server is.
    pub side: usize,
    /// Whether it takes nothing in and does nothing, without having left.
    pub hung: bool,
    /// Whether its server lets it hear every line, though it is not in the channel.
    pub listens: bool,
    /// What its user has set for the channel.
    pub settings: Settings,
    /// Its secret and its certificate.
    pub papers: Papers,
    /// What befalls the lines to it and from it.
    pub faults: Faults,
    /// Whether its server told it that it left, or has another nick, and that has not happened.
    pub misled: bool,
    /// All keys that its terminal ever had in the channel: whoever gets its secret may have kept them.
    pub(crate) had: BTreeMap<KeyId, Key>,
    /// Whether a line to it, or from it, did not arrive.
    pub lost: bool,
    /// What it has saved last and before that, eight at most, the newest last.
    pub saves: Vec<Arc<[u8]>>,
    number: u8,
    starts: u8,
    /// Seconds by which its wall clock is ahead.
    skew: i64,
    pace: Pace,
    /// What is under way to it, by time and number.
    pub(crate) inbox: BTreeMap<At, Told>,
    /// When the last of what comes in its order comes.
    last: u64,
    /// A digest of all that its terminal was ever given, and when: two that were given the same are in
    /// the same state.
    pub(crate) story: [u8; 32],
}

/// What befalls the lines of one who takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// So many of the next lines to it are lost.
    pub lose: u32,
    /// The next line to it comes so much later, and others overtake it; in milliseconds.
    pub hold: Option<u64>,
    /// All that goes to it comes so much later, in its order; in milliseconds.
    pub lag: u64,
    /// The next line to it comes twice.
    pub repeat: bool,
    /// What it sends is lost.
    pub mute: bool,
    /// So many of the lines that it sends get through, and no more.
    pub choke: Option<u32>,
}

impl Actor {
    /// Whether the next line that it sends gets through.
    pub(crate) fn carry(&mut self) -> bool {
        let carried = match &mut self.faults.choke {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                !self.faults.mute
            }
            None => !self.faults.mute,
        };
        self.lost |= !carried;
        carried
    }
}

/// How its timers run against the time of the world: both at some moment, and how much faster.
#[derive(Clone, Copy, Debug)]
struct Pace {
    world: u64,
    local: u64,
    ppm: i32,
}

/// From what an identity follows: whose secret it is, which name its certificate says, and on whose
/// word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Papers {
    secret: u8,
    title: String,
    by: Voucher,
    id: MemberId,
}

impl Papers {
    fn new(secret: u8, title: &str, by: Voucher) -> Self {
        let own = Identity::self_signed(&self::secret(secret), title, START, YEAR);
        Self { secret, title: title.into(), by, id: own.expect("a key and a name").id() }
    }

    /// Who that is.
    pub fn id(&self) -> MemberId {
        self.id
    }

    /// The identity.
    ///
    /// # Panics
    /// If the name is none for a certificate.
    pub fn identity(&self) -> Identity {
        let own = Identity::self_signed(&secret(self.secret), &self.title, START, YEAR);
        let own = own.expect("a key and a name");
        if self.by == Voucher::Itself {
            return own;
        }
        let key = own.certificate().body.key;
        let name = Name::new(&self.title).expect("a name");
        let body = Body { name, key, not_before: START, lifetime: YEAR };
        let certificate = voice(self.by).vouch(body);
        Identity::certified(&secret(self.secret), certificate).expect("of this key")
    }
}

/// Who vouches.
///
/// # Panics
/// If the certificate is to vouch for itself.
pub(crate) fn voice(voucher: Voucher) -> Identity {
    let number = match voucher {
        Voucher::User(who) => u8::try_from(who).expect("few users"),
        Voucher::Office => 200,
        Voucher::Server => 201,
        Voucher::Itself => panic!("who vouches for itself is no other"),
    };
    Identity::self_signed(&secret(number), "voucher", START, YEAR).expect("an identity")
}

const MILLION: u128 = 1_000_000;

impl Pace {
    fn rate(&self) -> u128 {
        u128::try_from(1_000_000_i64 + i64::from(self.ppm)).unwrap_or(1).max(1)
    }

    /// What the timers show when the world's time is `ms`.
    fn local(&self, ms: u64) -> u64 {
        let passed = u128::from(ms.saturating_sub(self.world)) * self.rate() / MILLION;
        self.local.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX))
    }

    /// The earliest time of the world at which the timers show `local` or more.
    fn world(&self, local: u64) -> u64 {
        let ahead = u128::from(local.saturating_sub(self.local)) * MILLION;
        let passed = ahead.div_ceil(self.rate());
        self.world.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX))
    }
}

/// So many saved states are kept.
pub(crate) const SAVES: usize = 8;

/// With which of those that are kept a terminal starts.
pub(crate) fn kept<T>(saves: &[T], from: From) -> Option<&T> {
    match from {
        From::Bare => None,
        From::Saved => saves.last(),
        From::Older => saves.first().filter(|_| saves.len() > 1),
    }
}

/// The secret of an identity, the same for the same number.
pub fn secret(number: u8) -> [u8; 32] {
    let mut secret = [0x5a; 32];
    secret[31] = number.wrapping_add(1);
    secret
}

impl Actor {
    pub(crate) fn new(number: u8, nick: &str, adjust: fn(usize, &mut Config)) -> Self {
        let mut config = Config::new(nick);
        adjust(number.into(), &mut config);
        let papers = Papers::new(number, nick, Voucher::Itself);
        Self {
            listens: false,
            settings: config.channel,
            papers,
            nick: nick.into(),
            terminal: None,
            here: false,
            operator: false,
            side: 0,
            hung: false,
            faults: Faults::default(),
            misled: false,
            had: BTreeMap::new(),
            lost: false,
            saves: Vec::new(),
            number,
            starts: 0,
            skew: 0,
            pace: Pace { world: 0, local: 0, ppm: 0 },
            inbox: BTreeMap::new(),
            last: 0,
            story: [0; 32],
        }
    }

    /// Who it is.
    ///
    /// # Panics
    /// Never: the secret is a key, and the name one for a certificate.
    pub fn identity(&self, name: &str) -> Identity {
        Identity::self_signed(&secret(self.number), name, START, YEAR).expect("an identity")
    }

    /// From now on its certificate says this name, on this word.
    pub(crate) fn certify(&mut self, title: &str, by: Voucher) {
        self.become_another(Papers::new(self.number, title, by));
    }

    /// Whether it runs with the secret of another.
    pub(crate) fn is_clone(&self) -> bool {
        self.papers.secret != self.number
    }

    /// What another has saved is not for it.
    pub(crate) fn become_another(&mut self, papers: Papers) {
        self.papers = papers;
        self.saves.clear();
    }

    /// Stores a saved state beside those before.
    pub(crate) fn store(&mut self, saved: Option<Vec<u8>>) {
        self.saves.extend(saved.map(Arc::from));
        self.saves.drain(..self.saves.len().saturating_sub(SAVES));
    }

    /// What it stored.
    pub(crate) fn stored(&self, from: From) -> Option<&[u8]> {
        kept(&self.saves, from).map(|saved| &**saved)
    }

    /// A seed that no other start has.
    pub(crate) fn seed(&mut self, world: u64) -> [u8; 32] {
        self.starts = self.starts.checked_add(1).expect("few starts");
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&world.to_be_bytes());
        seed[8] = self.number;
        seed[9] = self.starts;
        seed
    }

    pub(crate) fn start(&mut self, terminal: Terminal) {
        self.terminal = Some(terminal);
        self.hung = false;
        self.inbox.clear();
    }

    /// What its clocks show when the world's time is `ms`.
    pub fn now(&self, ms: u64) -> Now {
        let unix = START.saturating_add(ms / 1_000).saturating_add_signed(self.skew);
        Now { ms: self.pace.local(ms), unix }
    }

    pub(crate) fn set_clock(&mut self, seconds: i64) {
        self.skew = seconds;
    }

    pub(crate) fn set_pace(&mut self, ms: u64, ppm: i32) {
        self.pace = Pace { world: ms, local: self.pace.local(ms), ppm };
    }

    /// Whether it can do anything.
    pub fn runs(&self) -> bool {
        self.terminal.is_some() && !self.hung
    }

    // ---- the way to it

    /// Sends it something that leaves its server at `ms`.
    pub(crate) fn post(&mut self, ms: u64, latency: u64, number: u64, told: Told) {
        let is_line = told.is_line();
        if is_line && self.faults.lose > 0 {
            self.faults.lose -= 1;
            self.lost = true;
            return;
        }
        let at = ms.saturating_add(latency).saturating_add(self.faults.lag);
        if is_line && let Some(hold) = self.faults.hold.take() {
            self.inbox.insert((at.saturating_add(hold), number), told);
            return;
        }
        self.last = self.last.max(at);
        if is_line && std::mem::take(&mut self.faults.repeat) {
            self.inbox.insert((self.last, number + 1), told.clone());
        }
        self.inbox.insert((self.last, number), told);
    }

    /// Whether something came to it, or its terminal wanted to be called, by now: also while it hangs.
    pub(crate) fn is_wanted(&self, ms: u64) -> bool {
        !self.inbox.is_empty() || self.due().is_some_and(|at| at <= ms)
    }

    /// When the next of what is under way to it comes, or its terminal wants to be called.
    pub(crate) fn next(&self) -> Option<u64> {
        self.due().filter(|_| !self.hung)
    }

    fn due(&self) -> Option<u64> {
        let terminal = self.terminal.as_ref()?;
        let wake = terminal.wake().map(|wake| self.pace.world(wake.at));
        let told = self.inbox.first_key_value().map(|((at, _), _)| *at);
        wake.into_iter().chain(told).min()
    }

    /// Takes in what has come by now, one thing at a time, or does what is due.
    pub(crate) fn step(&mut self, ms: u64) -> Option<(Option<Told>, Vec<Action>)> {
        if self.next().is_none_or(|at| at > ms) {
            return None;
        }
        let come = self.inbox.first_entry().filter(|entry| entry.key().0 <= ms);
        let told = come.map(|entry| entry.remove());
        let actions = self.give(ms, told.as_ref())?;
        Some((told, actions))
    }

    /// Takes in what is under way to it, before its time or after it.
    pub(crate) fn take(&mut self, ms: u64, at: At) -> Option<(Told, Vec<Action>)> {
        let told = self.inbox.remove(&at)?;
        let actions = self.give(ms, Some(&told))?;
        Some((told, actions))
    }

    fn give(&mut self, ms: u64, told: Option<&Told>) -> Option<Vec<Action>> {
        let now = self.now(ms);
        self.tell_on(ms, &told.map_or_else(String::new, Told::words));
        let terminal = self.terminal.as_mut()?;
        Some(match told {
            None => terminal.handle(now, Event::Tick).collect(),
            Some(told) => tell(terminal, now, told),
        })
    }

    /// Its terminal is given this.
    pub(crate) fn tell_on(&mut self, ms: u64, what: &str) {
        let Now { ms, unix } = self.now(ms);
        let parts: [&[u8]; 4] =
            [&self.story, &ms.to_be_bytes(), &unix.to_be_bytes(), what.as_bytes()];
        self.story = crypto::hash(b"", &parts);
    }
}

impl Told {
    pub(crate) fn is_line(&self) -> bool {
        matches!(self, Self::Line(..) | Self::Private(..))
    }

    /// Without the number of a line, of which a terminal knows nothing.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Line(_, nick, text) => format!("line {nick} {text}"),
            Self::Private(_, nick, text) => format!("private {nick} {text}"),
            other => format!("{other:?}"),
        }
    }
}

fn tell(terminal: &mut Terminal, now: Now, told: &Told) -> Vec<Action> {
    let channel = CHANNEL;
    let names: Vec<(&str, bool)>;
    let event = match told {
        Told::Join(nick) => Event::Join { channel, nick },
        Told::Names(all) => {
            names = all.iter().map(|(nick, operator)| (nick.as_str(), *operator)).collect();
            Event::Names { channel, names: &names }
        }
        Told::Part(nick) => Event::Part { channel, nick },
        Told::Kick(nick) => Event::Kick { channel, nick },
        Told::Quit(nick) => Event::Quit { nick },
        Told::Nick(old, new) => Event::Nick { old, new },
        Told::Operator(nick, on) => Event::Operator { channel, nick, on: *on },
        Told::Line(_, nick, text) => Event::Line { channel, nick, text },
        Told::Private(_, nick, text) => Event::Private { nick, text },
        Told::Topic => Event::Topic { channel },
        Told::Disconnected => Event::Disconnected,
    };
    terminal.handle(now, event).collect()
}

/// The configuration that a terminal starts with unless a schedule says otherwise.
pub(crate) fn config(nick: &str, line: usize) -> Config {
    let mut config = Config::new(nick);
    config.line = line;
    config
}
