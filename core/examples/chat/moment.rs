//! What happens at one moment, in sentences: what several are told alike is said once.

use keyrota::spec::{Cause, KeyId, MemberId};
use keyrota::{Notice, View};
use keyrota_model::op::CAST;
use keyrota_model::world::World;

use crate::words;

#[derive(Default)]
pub(crate) struct Moment(Vec<Entry>);

enum Entry {
    Alone(String),
    Alike { who: Vec<usize>, what: String, more: usize },
    Key { id: KeyId, who: Vec<usize>, made: Option<(MemberId, Cause)> },
}

impl Moment {
    pub(crate) fn say(&mut self, sentence: String) {
        self.0.push(Entry::Alone(sentence));
    }

    /// What a member's terminal tells it.
    pub(crate) fn notice(&mut self, world: &World, who: usize, notice: &Notice) {
        match *notice {
            Notice::Current { key, author, cause } => self.key(key, who, Some((author, cause))),
            Notice::Keyed(key) => {
                let current = views(world, who).find(|view| view.current() == Some(key));
                let made = current.and_then(|view| view.record()).and_then(|record| {
                    record.author_entry().map(|author| (author.id, record.cause))
                });
                self.key(key, who, made);
            }
            _ => {
                if let Some(what) = words::notice(notice, world) {
                    self.alike(who, what);
                }
            }
        }
    }

    fn alike(&mut self, who: usize, what: String) {
        for entry in &mut self.0 {
            if let Entry::Alike { who: all, what: told, more } = entry
                && *told == what
            {
                if all.contains(&who) {
                    *more = more.saturating_add(1);
                } else {
                    all.push(who);
                }
                return;
            }
        }
        self.0.push(Entry::Alike { who: vec![who], what, more: 0 });
    }

    fn key(&mut self, key: KeyId, who: usize, by: Option<(MemberId, Cause)>) {
        for entry in &mut self.0 {
            if let Entry::Key { id, who: all, made } = entry
                && *id == key
            {
                if !all.contains(&who) {
                    all.push(who);
                }
                *made = made.or(by);
                return;
            }
        }
        self.0.push(Entry::Key { id: key, who: vec![who], made: by });
    }

    /// All of it, in order.
    pub(crate) fn sentences(self, world: &World) -> Vec<String> {
        let mut sentences = Vec::new();
        for entry in self.0 {
            match entry {
                Entry::Alone(sentence) => sentences.push(sentence),
                Entry::Alike { who, what, more } => {
                    let what = match what.strip_prefix("was ") {
                        Some(rest) if who.len() > 1 => format!("were {rest}"),
                        _ => what,
                    };
                    let more =
                        if more > 0 { format!(" ({more} times more)") } else { String::new() };
                    sentences.push(format!("{} {what}{more}", names(&who)));
                }
                Entry::Key { id, who, made } => {
                    let (have, lack): (Vec<usize>, Vec<usize>) =
                        who.into_iter().partition(|who| holds(world, *who, &id));
                    // Of keys that came and went at once, a newcomer hears by their records only.
                    let lack = lack.into_iter().filter(|who| lacks(world, *who, &id)).collect();
                    let all = [("is current for", have), ("was not given to", lack)];
                    for (what, who) in all.into_iter().filter(|(_, who)| !who.is_empty()) {
                        sentences.push(key_sentence(world, &id, what, &who, made));
                    }
                }
            }
        }
        sentences
    }
}

fn key_sentence(
    world: &World,
    id: &KeyId,
    what: &str,
    who: &[usize],
    made: Option<(MemberId, Cause)>,
) -> String {
    let made = made.map_or(String::new(), |(author, cause)| {
        format!(", made by {}: {}", words::name(world, &author), words::cause(cause))
    });
    format!("key {} {what} {}{made}", words::short_id(id), names(who))
}

fn names(who: &[usize]) -> String {
    who.iter().map(|who| CAST[*who]).collect::<Vec<_>>().join(", ")
}

fn holds(world: &World, who: usize, key: &KeyId) -> bool {
    let holds = |view: View<'_>| view.keys().any(|held| held == *key);
    views(world, who).any(holds)
}

/// Whether a key that is not held is the current one.
fn lacks(world: &World, who: usize, key: &KeyId) -> bool {
    views(world, who).any(|view| view.current() == Some(*key))
}

/// The channel, and its conversations.
fn views(world: &World, who: usize) -> impl Iterator<Item = View<'_>> {
    let places = world.places(who).into_iter();
    places.filter_map(move |place| world.view(who, &place))
}
