//! What a run must have reached before it may claim anything: a table of names and counts.

use std::collections::BTreeMap;
use std::fmt;

/// Everything that must have happened, in the order in which it is printed.
pub const ALL: [&str; 50] = [
    "renewed for a silent first",
    "renewed for a first that left",
    "renewed by the third",
    "renewed by the fourth",
    "renewed by a distributor",
    "nobody can renew",
    "two renewals at once",
    "sealed against wrapped",
    "healed with equal epochs",
    "healed with unequal epochs",
    "lost removal heard",
    "lost removal signed again by its author",
    "lost removal signed again by another",
    "record that waits for its proof",
    "epoch at its limit",
    "key that nobody gets",
    "author without a box excluded",
    "stalled first that comes back",
    "first that changes its nick",
    "excluded while the first is silent",
    "author gone after its first line",
    "removed updater forges",
    "member without a seat forges",
    "altered prefix of a list",
    "wrapped change of a list",
    "wrapped under another root",
    "two records for one place",
    "signed twice",
    "stale grant refused",
    "old Hello again",
    "cut off until the key expired",
    "two lone founders meet",
    "restarted from what was saved",
    "restarted from an older state",
    "forged MODE moved no right",
    "forged KICK moved no right",
    "forged PART moved no right",
    "text handed back",
    "shown to one alone",
    "shown with a mark after it was forgotten",
    "conversation went to another nick",
    "peer said to be elsewhere",
    "all came to agree",
    "all heard who talked to them alone",
    "wish fulfilled",
    "wish fulfilled without the first",
    "wish fulfilled without two",
    "renewed for what was set",
    "excluded in time",
    "all told that nobody can renew",
];

/// How often each of these has happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters(BTreeMap<&'static str, u64>);

impl Counters {
    /// It has happened once more.
    ///
    /// # Panics
    /// If it is none of [`ALL`].
    pub fn count(&mut self, what: &'static str) {
        assert!(ALL.contains(&what), "{what}");
        *self.0.entry(what).or_insert(0) += 1;
    }

    /// How often it has happened.
    pub fn get(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// These and those.
    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_insert(0) += count;
        }
    }

    /// What has not happened: as long as there is any, a run proves nothing.
    pub fn missing(&self) -> Vec<&'static str> {
        ALL.into_iter().filter(|what| self.get(what) == 0).collect()
    }
}

/// A table, one line each.
impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for what in ALL {
            writeln!(f, "{:>9}  {what}", self.get(what))?;
        }
        Ok(())
    }
}
