//! Plays scripts with the chat example, and reads what it prints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Where the scenes are.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/scenes");

/// The example, which `cargo test` has built beside this test.
pub(crate) fn chat() -> Command {
    let mut path = std::env::current_exe().expect("a path");
    path.pop();
    path.pop();
    path.push(format!("examples/chat{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "run `cargo test -p keyrota`, which builds the examples too");
    Command::new(path)
}

pub(crate) fn play(file: &str) -> Output {
    chat().args(["--script", file]).output().expect("played")
}

/// A scene of the folder.
pub(crate) fn play_scene(name: &str) -> Play {
    let output = play(&format!("{FOLDER}/{name}.txt"));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
    assert!(output.status.success(), "{name}");
    Play::read(&output)
}

/// A script for one test.
pub(crate) fn script(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

/// What was printed after one line of a script, without the times.
pub(crate) struct Step {
    pub(crate) typed: String,
    pub(crate) lines: Vec<String>,
}

impl Step {
    pub(crate) fn says(&self, line: &str) -> bool {
        self.lines.iter().any(|said| said == line)
    }

    /// Who read what, in the order it was printed.
    pub(crate) fn read(&self) -> Vec<&str> {
        self.lines.iter().filter(|line| line.contains(" read <")).map(String::as_str).collect()
    }

    /// The current keys that came: which, who has each, who made it, and why.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &str, &str, &str)> {
        self.lines.iter().filter_map(|line| {
            let (id, rest) = line.strip_prefix("key ")?.split_once(" is current for ")?;
            let (who, rest) = rest.split_once(", made by ")?;
            let (author, cause) = rest.split_once(": ")?;
            Some((id, who, author, cause))
        })
    }
}

/// A key in a play: after which line it came first, who ever had it as the current one, who made it,
/// and why.
pub(crate) type Made = (String, String, String, String);

/// All that was printed.
pub(crate) struct Play {
    pub(crate) text: String,
    pub(crate) steps: Vec<Step>,
}

impl Play {
    fn read(output: &Output) -> Self {
        let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
        let mut steps: Vec<Step> = Vec::new();
        for line in text.lines() {
            if let Some(typed) = line.strip_prefix("> ") {
                steps.push(Step { typed: typed.to_owned(), lines: Vec::new() });
            } else if let Some(step) = steps.last_mut() {
                // "  1:02:03  what happened", or what is not of a moment.
                let timed = line.trim_start().split_once("  ");
                let timed = timed.filter(|(time, _)| time.contains(':'));
                step.lines.push(timed.map_or(line, |(_, said)| said).to_owned());
            }
        }
        Self { text, steps }
    }

    /// Each text that was said, and by whom it was ever read, in the order of the alphabet.
    pub(crate) fn readers(&self) -> Vec<(String, String)> {
        // "taro: text", or "/msg taro hanako text".
        let text = |typed: &str| match typed.strip_prefix("/msg ") {
            Some(rest) => rest.splitn(3, ' ').nth(2).map(str::to_owned),
            None if typed.starts_with('/') => None,
            None => typed.split_once(": ").map(|(_, text)| text.to_owned()),
        };
        let said = self.steps.iter().filter_map(|step| Some((step, text(&step.typed)?)));
        let readers = said.map(|(step, text)| {
            let read = self.steps.iter().flat_map(Step::read).filter_map(|line| {
                let (who, rest) = line.split_once(" read <")?;
                let read = rest.split_once("> ")?.1;
                let read = read.split_once(" [").map_or(read, |(read, _)| read);
                (read == text).then_some(who)
            });
            let mut read: Vec<&str> = read.collect();
            read.sort_unstable();
            (step.typed.clone(), read.join(" "))
        });
        readers.collect()
    }

    /// The keys in the order in which they came.
    pub(crate) fn keys(&self) -> Vec<Made> {
        let mut keys: Vec<Made> = Vec::new();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for step in &self.steps {
            for (id, who, author, cause) in step.keys() {
                let number = *numbers.entry(id).or_insert(keys.len());
                if number == keys.len() {
                    let made = (step.typed.as_str(), "", author, cause);
                    keys.push((made.0.into(), made.1.into(), made.2.into(), made.3.into()));
                }
                let mut all: Vec<&str> = keys[number].1.split(' ').collect();
                all.extend(who.split(", "));
                all.retain(|who| !who.is_empty());
                all.sort_unstable();
                all.dedup();
                keys[number].1 = all.join(" ");
            }
        }
        keys
    }

    /// How many of the lines the server could open, as the last line says.
    pub(crate) fn opened(&self) -> usize {
        let last = self.text.lines().last().expect("a line");
        let (lines, open) = last
            .strip_prefix("server: ")
            .and_then(|last| last.split_once(" lines relayed, server could open "))
            .expect("a count");
        let sent = |line: &&str| line.contains("  server: ") && line.contains(" sent ");
        assert_eq!(lines.parse(), Ok(self.text.lines().filter(sent).count()), "all were shown");
        open.parse().expect("a number")
    }
}

/// With `*` for short names: a change of what is drawn at random changes them, and nothing else.
fn unnamed(line: &str) -> String {
    let is_name = |word: &str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let word = |word: &str| {
        let name = word.trim_end_matches([';', ',']);
        if is_name(name) { word.replace(name, "*") } else { word.to_owned() }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What a scene must come to.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// Each text, and who read it.
    pub(crate) read: &'static [(&'static str, &'static str)],
    /// Each key: after which line, who had it, who made it, why.
    pub(crate) keys: &'static [(&'static str, &'static str, &'static str, &'static str)],
    /// What else is said after a line that begins so: the beginning of a sentence, in which `*` stands
    /// for the short name of a key or a channel.
    pub(crate) says: &'static [(&'static str, &'static str)],
    /// How many lines the server could open.
    pub(crate) opened: usize,
}

impl Scene {
    pub(crate) fn check(&self) {
        let play = play_scene(self.name);
        let name = self.name;
        let read = self.read.iter().map(|(text, who)| ((*text).into(), (*who).into()));
        assert_eq!(play.readers(), read.collect::<Vec<_>>(), "{name}");
        let total: usize = play.steps.iter().map(|step| step.read().len()).sum();
        let expected: usize = self.read.iter().map(|(_, who)| who.split_whitespace().count()).sum();
        assert_eq!(total, expected, "{name}: and nobody reads anything else, or twice");
        let keys = self.keys.iter().map(|(typed, who, author, cause)| {
            ((*typed).into(), (*who).into(), (*author).into(), (*cause).into())
        });
        assert_eq!(play.keys(), keys.collect::<Vec<Made>>(), "{name}");
        for (typed, said) in self.says {
            let begins = |line: &String| unnamed(line).starts_with(said);
            let says = |step: &Step| step.typed.starts_with(typed) && step.lines.iter().any(begins);
            assert!(play.steps.iter().any(says), "{name}: {typed}: {said}");
        }
        assert_eq!(play.opened(), self.opened, "{name}");
    }
}

/// Why a key was made, as the example says it.
pub(crate) mod cause {
    pub(crate) const OPENED: &str = "the channel is opened";
    pub(crate) const PERIOD: &str = "the last one's period is over";
    pub(crate) const ENOUGH: &str = "enough was said under the last one";
    pub(crate) const GROWN: &str = "the channel has grown";
    pub(crate) const TOPIC: &str = "the topic has changed";
    pub(crate) const SILENCE: &str = "nobody has spoken for long";
    pub(crate) const WISHED: &str = "somebody wished it";
    pub(crate) const ALONE: &str = "only one member is left";
    pub(crate) const ENDS: &str = "the last one expires";
    pub(crate) const OUT: &str = "somebody who has the last one is out";
    pub(crate) const RIGHTS: &str = "rights have changed";
    pub(crate) const MISSING: &str = "nobody gave the last one";
}
