//! Whether what a script is about came to pass.

use serde_json::Value;

use crate::hex::encode;

use super::{Line, Relay, kind};

impl Relay<'_> {
    /// Forgets what was shown and told so far.
    pub fn mark(&mut self) {
        for user in &mut self.users {
            user.seen.clear();
        }
    }

    /// Sees to it that a terminal has shown this text.
    pub fn shows(&mut self, name: &str, text: &str) {
        if !self.shown(name).any(|shown| shown["text"] == text) {
            self.fails(format!("{name} does not show {text:?}"));
        }
    }

    /// Sees to it that a terminal has shown this text as another's, under the current key.
    pub fn reads(&mut self, name: &str, from: &str, text: &str) {
        let id = encode(self.user(from).id.0);
        let right = |shown: &Value| {
            let who = &shown["from"]["member"]["id"];
            shown["text"] == text && *who == *id && shown["protection"] == "sealed"
        };
        if !self.shown(name).any(right) {
            self.fails(format!("{name} does not show {text:?} as {from}'s, sealed"));
        }
    }

    /// Sees to it that a terminal has not shown this text.
    pub fn hides(&mut self, name: &str, text: &str) {
        if self.shown(name).any(|shown| shown["text"] == text) {
            self.fails(format!("{name} shows {text:?}"));
        }
    }

    /// Sees to it that a terminal made a key, since there were so many lines.
    pub fn made(&mut self, before: usize, name: &str) {
        let nick = &self.user(name).nick;
        let key = |line: &&Line| matches!(kind(&line.text), Some(4 | 5));
        let makers = self.lines.iter().skip(before).filter(key).map(|line| &line.nick);
        if makers.clone().next() != Some(nick) {
            let makers: Vec<_> = makers.collect();
            self.fails(format!("{name} was to make a key; {makers:?} did"));
        }
    }

    /// Something went wrong.
    pub fn fails(&mut self, why: String) {
        self.wrong.get_or_insert(why);
    }

    fn shown(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.user(name).seen.iter().filter_map(|seen| seen.get("show"))
    }
}
