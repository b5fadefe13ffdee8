//! What happens at one moment, in sentences: what several are told alike is said once.

use keyrota::spec::{Cause, KeyId, MemberId};
use keyrota::{Notice, View};

use crate::relay::{CHANNEL, Relay};
use crate::words;

#[derive(Default)]
pub(crate) struct Moment(Vec<Entry>);

enum Entry {
    Alone(String),
    Alike { who: Vec<&'static str>, what: String },
    Key { id: KeyId, who: Vec<&'static str>, made: Option<(MemberId, Cause)> },
}

impl Moment {
    pub(crate) fn say(&mut self, sentence: String) {
        self.0.push(Entry::Alone(sentence));
    }

    /// What a member's terminal tells it.
    pub(crate) fn notice(&mut self, relay: &Relay, nick: &'static str, notice: &Notice) {
        match *notice {
            Notice::Current { key, author, cause } => self.key(key, nick, Some((author, cause))),
            Notice::Keyed(key) => {
                let current = view(relay, nick).filter(|view| view.current() == Some(key));
                let made = current.and_then(|view| view.record()).and_then(|record| {
                    record.author_entry().map(|author| (author.id, record.cause))
                });
                self.key(key, nick, made);
            }
            _ => {
                if let Some(what) = words::notice(notice, relay) {
                    self.alike(nick, what);
                }
            }
        }
    }

    fn alike(&mut self, nick: &'static str, what: String) {
        for entry in &mut self.0 {
            if let Entry::Alike { who, what: told } = entry
                && *told == what
            {
                return who.push(nick);
            }
        }
        self.0.push(Entry::Alike { who: vec![nick], what });
    }

    fn key(&mut self, key: KeyId, nick: &'static str, by: Option<(MemberId, Cause)>) {
        for entry in &mut self.0 {
            if let Entry::Key { id, who, made } = entry
                && *id == key
            {
                if !who.contains(&nick) {
                    who.push(nick);
                }
                *made = made.or(by);
                return;
            }
        }
        self.0.push(Entry::Key { id: key, who: vec![nick], made: by });
    }

    /// All of it, in order.
    pub(crate) fn sentences(self, relay: &Relay) -> Vec<String> {
        let mut sentences = Vec::new();
        for entry in self.0 {
            match entry {
                Entry::Alone(sentence) => sentences.push(sentence),
                Entry::Alike { who, what } => sentences.push(format!("{} {what}", who.join(", "))),
                Entry::Key { id, who, made } => {
                    let (have, lack): (Vec<&str>, Vec<&str>) =
                        who.into_iter().partition(|nick| holds(relay, nick, &id));
                    // Of keys that came and went at once, a newcomer hears by their records only.
                    let lack = lack.into_iter().filter(|nick| lacks(relay, nick, &id)).collect();
                    let all = [("is current for", have), ("was not given to", lack)];
                    for (what, who) in all.into_iter().filter(|(_, who)| !who.is_empty()) {
                        sentences.push(key_sentence(relay, &id, what, &who, made));
                    }
                }
            }
        }
        sentences
    }
}

fn key_sentence(
    relay: &Relay,
    id: &KeyId,
    what: &str,
    who: &[&str],
    made: Option<(MemberId, Cause)>,
) -> String {
    let made = made.map_or(String::new(), |(author, cause)| {
        format!(", made by {}: {}", relay.name(&author), words::cause(cause))
    });
    format!("key {} {what} {}{made}", words::short_id(id), who.join(", "))
}

fn holds(relay: &Relay, nick: &str, key: &KeyId) -> bool {
    view(relay, nick).is_some_and(|view| view.keys().any(|held| held == *key))
}

/// Whether a key that is not held is the current one.
fn lacks(relay: &Relay, nick: &str, key: &KeyId) -> bool {
    view(relay, nick).is_some_and(|view| view.current() == Some(*key))
}

fn view<'r>(relay: &'r Relay, nick: &str) -> Option<View<'r>> {
    relay.user(nick).and_then(|user| user.terminal.channel(CHANNEL))
}
