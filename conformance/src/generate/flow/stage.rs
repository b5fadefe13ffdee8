//! The stage on which flows are played: a relay of terminals of the core, whose requests and answers
//! become the steps, and a look at whether what a flow is about did come to pass.

use std::ops::{Deref, DerefMut};

use serde_json::Value;

use crate::case::Step;
use crate::input::Settings;
use crate::own::Own;
use crate::relay::{CHANNEL, Relay, kind};

/// A relay of terminals of the core.
pub(super) struct Stage<'a>(Relay<'a>);

impl<'a> Deref for Stage<'a> {
    type Target = Relay<'a>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Stage<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<'a> Stage<'a> {
    pub(super) fn new(own: &'a mut Own) -> Self {
        Self(Relay::new(vec![own]))
    }

    /// These begin, with settings.
    pub(super) fn cast(&mut self, names: &[&str], settings: &Settings) {
        for name in names {
            self.begin(name, 0, settings.clone());
        }
    }

    /// These begin and join, one after the other, and nobody is given a seat unasked.
    pub(super) fn joined(&mut self, names: &[&str]) {
        self.joined_with(names, &Settings::by_hand());
    }

    /// Likewise, with settings.
    pub(super) fn joined_with(&mut self, names: &[&str], settings: &Settings) {
        self.cast(names, settings);
        for name in names {
            self.join(name);
            self.run(3_000);
        }
    }

    /// These have joined, and all have both rights, in this order, under a key that is a minute old.
    pub(super) fn seated(&mut self, names: &[&str]) {
        self.seated_with(names, &Settings::by_hand());
    }

    /// Likewise, with settings.
    pub(super) fn seated_with(&mut self, names: &[&str], settings: &Settings) {
        self.joined_with(names, settings);
        let others = &names[1..];
        self.mode(names[0], &format!("+{} {}", "o".repeat(others.len()), others.join(" ")));
        self.run(60_000);
    }

    /// What a terminal told by a notice of this name, the last time.
    pub(super) fn told(&self, name: &str, notice: &str) -> Option<&Value> {
        self.user(name).seen.iter().rev().find_map(|seen| {
            let what = seen.get("notice")?.get("what")?;
            if what == notice { Some(what) } else { what.get(notice) }
        })
    }

    /// Sees to it that a terminal told this, and of what it told that this field had this value.
    pub(super) fn tells(&self, name: &str, notice: &str, field: &str, value: &str) {
        let told = self.told(name, notice);
        let right = told.is_some_and(|told| field.is_empty() || told[field] == value);
        assert!(right, "{name} does not tell {notice} with {field} {value}: {}", self.story(name));
    }

    /// Sees to it that the current record of a terminal is of this author and cause.
    pub(super) fn current(&self, name: &str, author: &str, cause: &str) {
        let id = crate::hex::encode(self.user(author).id.0);
        self.tells(name, "current", "author", &id);
        self.tells(name, "current", "cause", cause);
    }

    fn story(&self, name: &str) -> String {
        let wrong = self.wrong.as_deref().unwrap_or_default();
        self.user(name).seen.iter().fold(wrong.to_owned(), |all, seen| format!("{all}\n{seen}"))
    }

    /// The last line of this kind in the channel.
    pub(super) fn last(&self, number: u8) -> String {
        let lines = self.lines.iter().rev().filter(|line| line.to == CHANNEL);
        let mut texts = lines.map(|line| &line.text);
        texts.find(|text| kind(text) == Some(number)).expect("a line of this kind").clone()
    }

    /// What was asked and answered.
    pub(super) fn steps(self) -> Vec<Step> {
        assert_eq!(self.0.wrong, None);
        self.0.steps
    }
}
