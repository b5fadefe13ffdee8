//! What the two terminals live through.

use std::collections::{BTreeMap, BTreeSet};

use keyrota::crypto::{DhKey, Tally, hash};
use keyrota::{Action, Command, Config, Event, Identity, Now, RestoreError, Terminal};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

const CHANNEL: &str = "#channel";
const NICKS: [&str; 2] = ["taro", "hanako"];
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Where it stops.
pub(crate) const STAGES: [&str; 7] =
    ["begun", "keyed", "renewed", "forgotten", "restored", "left", "dropped"];

/// Of each terminal; wiped when dropped.
pub(crate) type Seeds = Box<Zeroizing<[[u8; 32]; 2]>>;

/// Two terminals and the lines between them.
pub(crate) struct Play {
    terminals: [Terminal; 2],
    ms: u64,
}

impl Play {
    pub(crate) fn new(seeds: &Seeds) -> Self {
        let ms = 1_000;
        let terminals = [0, 1].map(|number| {
            let nick = NICKS[number];
            Terminal::new(config(nick), identity(nick), seeds[number], now(ms)).expect("settings")
        });
        Self { terminals, ms }
    }

    /// Plays on; `look` is called after each input, and with a name at each stage but the last.
    pub(crate) fn run(mut self, mut look: impl FnMut(&Self, &str)) {
        let [begun, keyed, renewed, forgotten, restored, left, _] = STAGES;
        look(&self, begun);
        self.join(&mut look);
        look(&self, keyed);
        for round in 0..8 {
            self.say(round % 2, &mut look);
            self.wait(3_700_000, &mut look);
        }
        // So that keys are sealed too, and not only wrapped.
        self.command(0, Command::Mode { channel: CHANNEL, modes: "+o hanako" }, &mut look);
        self.wait(DAY + 3_600_000, &mut look);
        self.command(0, Command::Mode { channel: CHANNEL, modes: "-o hanako" }, &mut look);
        self.say(0, &mut look);
        self.wait(120_000, &mut look);
        look(&self, renewed);
        for who in 0..2 {
            self.command(who, Command::Forget { channel: CHANNEL }, &mut look);
        }
        look(&self, forgotten);
        for (nick, one) in NICKS.into_iter().zip(&mut self.terminals) {
            let saved = one.save();
            *one =
                Terminal::restore(config(nick), identity(nick), &saved, again(nick), now(self.ms))
                    .expect("a saved state");
        }
        self.join(&mut look);
        look(&self, restored);
        for (who, nick) in NICKS.into_iter().enumerate() {
            for to in 0..2 {
                let event = Event::Part { channel: CHANNEL, nick };
                if to >= who {
                    self.tell(to, event, &mut look);
                }
            }
        }
        look(&self, left);
    }

    fn join(&mut self, look: &mut impl FnMut(&Self, &str)) {
        for who in 0..2 {
            for to in 0..=who {
                self.tell(to, Event::Join { channel: CHANNEL, nick: NICKS[who] }, look);
            }
            let names: Vec<(&str, bool)> =
                NICKS[..=who].iter().map(|nick| (*nick, false)).collect();
            self.tell(who, Event::Names { channel: CHANNEL, names: &names }, look);
            self.wait(10_000, look);
        }
    }

    fn say(&mut self, who: usize, look: &mut impl FnMut(&Self, &str)) {
        self.command(who, Command::Say { channel: CHANNEL, text: "hello", signed: None }, look);
    }

    fn command(&mut self, who: usize, command: Command<'_>, look: &mut impl FnMut(&Self, &str)) {
        let actions = self.terminals[who].command(now(self.ms), command).map(Iterator::collect);
        self.deliver(who, actions.unwrap_or_default(), look);
    }

    fn tell(&mut self, who: usize, event: Event<'_>, look: &mut impl FnMut(&Self, &str)) {
        let actions = self.terminals[who].handle(now(self.ms), event).collect();
        self.deliver(who, actions, look);
    }

    fn deliver(&mut self, from: usize, actions: Vec<Action>, look: &mut impl FnMut(&Self, &str)) {
        look(self, "");
        for action in actions {
            let Action::Send { channel, text } = action else { continue };
            let event = Event::Line { channel: &channel, nick: NICKS[from], text: &text };
            self.tell(1 - from, event, look);
        }
    }

    /// Time passes, and what falls due is done.
    fn wait(&mut self, ms: u64, look: &mut impl FnMut(&Self, &str)) {
        let end = self.ms + ms;
        loop {
            let wakes = self.terminals.iter().enumerate();
            let next = wakes.filter_map(|(who, one)| Some((one.wake()?.at, who))).min();
            let Some((at, who)) = next.filter(|(at, _)| *at <= end) else { break };
            self.ms = self.ms.max(at);
            self.tell(who, Event::Tick, look);
        }
        self.ms = end;
    }

    /// The channel keys and member keys that the terminals hold.
    fn held(&self) -> Vec<[u8; 32]> {
        let mut held = Vec::new();
        for view in self.terminals.iter().filter_map(|one| one.channel(CHANNEL)) {
            held.extend(view.secrets().map(|(.., key)| key));
            // The last is the terminal's own.
            let private: Vec<[u8; 32]> = view.private().collect();
            held.extend(private[..private.len() - 1].iter().map(in_memory));
        }
        held
    }
}

/// Where it stops that gives seeds to terminals which do not come to be.
pub(crate) const REFUSED: [&str; 2] = ["settings", "damaged"];

/// Gives a seed to each such terminal, and stops.
pub(crate) fn refuse(seeds: &Seeds, stop: impl Fn(&str)) {
    let ([nick, _], [settings, damaged]) = (NICKS, REFUSED);
    let mut bad = config(nick);
    bad.channel.keys = 0;
    assert!(Terminal::new(bad, identity(nick), seeds[0], now(0)).is_err());
    stop(settings);
    let saved = Terminal::restore(config(nick), identity(nick), &[1], seeds[1], now(0));
    assert!(matches!(saved, Err(RestoreError::Damaged)));
    stop(damaged);
}

fn config(nick: &str) -> Config {
    let mut config = Config::new(nick);
    config.channel.keys = 2;
    config
}

/// The certificate's private key.
fn secret(nick: &str) -> [u8; 32] {
    hash(b"certificate", &[nick.as_bytes()])
}

fn identity(nick: &str) -> Identity {
    Identity::self_signed(&secret(nick), nick, 1_767_225_600, 31_536_000).expect("a key")
}

/// The seed with which it is restored.
fn again(nick: &str) -> [u8; 32] {
    hash(b"again", &[nick.as_bytes()])
}

/// A private key as it lies in memory, the least byte first.
fn in_memory(key: &[u8; 32]) -> [u8; 32] {
    let mut bytes = *key;
    bytes.reverse();
    bytes
}

fn now(ms: u64) -> Now {
    Now { ms, unix: 1_767_225_600 + ms / 1_000 }
}

/// Secrets by what they are.
pub(crate) type Secrets = BTreeMap<String, [u8; 32]>;

/// The keys that there ever are, and of each stage the names of those that are held then.
pub(crate) fn keys(seeds: &Seeds) -> (Secrets, Vec<BTreeSet<String>>) {
    let mut names: BTreeMap<[u8; 32], String> =
        NICKS.map(|nick| (again(nick), format!("the other seed of {nick}"))).into();
    let mut live = Vec::new();
    // As long as there is a terminal: what signs for it, and its own secret.
    let mut lasting = Vec::from(NICKS.map(|nick| in_memory(&secret(nick))));
    lasting.extend(seeds.iter().map(|seed| next(&chain(seed, 0))[1]));
    Play::new(seeds).run(|play, stage| {
        let held = [play.held(), lasting.clone()].concat();
        for key in &held {
            let name = format!("key {:02}", names.len());
            names.entry(*key).or_insert(name);
        }
        if !stage.is_empty() {
            live.push(held.iter().map(|key| names[key].clone()).collect());
        }
    });
    live.push(BTreeSet::new());
    (names.into_iter().map(|(key, name)| (name, key)).collect(), live)
}

/// How a chain of a seed begins.
fn chain(seed: &[u8; 32], name: u64) -> [u8; 32] {
    let mut chain = [0; 32];
    let mut stream = ChaCha20Rng::from_seed(*seed);
    stream.set_stream(name);
    stream.fill_bytes(&mut chain);
    chain
}

/// How it goes on, and what is drawn.
fn next(chain: &[u8; 32]) -> [[u8; 32]; 2] {
    let mut both = [[0; 32]; 2];
    let mut stream = ChaCha20Rng::from_seed(*chain);
    both.iter_mut().for_each(|bytes| stream.fill_bytes(bytes));
    both
}

/// What comes of a seed: the values of each of its chains, in their order; and what no memory may hold, the
/// seed, and what was drawn and only made something else.
pub(crate) fn drawn(seed: &[u8; 32]) -> (Vec<Vec<[u8; 32]>>, Secrets) {
    // More than are drawn.
    const MANY: usize = 80;
    let mut gone = Secrets::from([("the seed".to_owned(), *seed)]);
    let chains = (0..7).map(|name| {
        let mut chain = chain(seed, name);
        let mut values = Vec::new();
        for number in 0..MANY {
            values.push(chain);
            let [after, draw] = next(&chain);
            chain = after;
            // Of which member keys, channel keys and ephemerals are made.
            if [1, 3, 4].contains(&name) {
                gone.insert(format!("draw {number} of chain {name}"), draw);
            }
            if name == 4 {
                let key = DhKey::derive(&draw, &mut Tally::default());
                gone.insert(format!("ephemeral {number}"), in_memory(&key.to_bytes()));
            }
        }
        values
    });
    (chains.collect(), gone)
}
