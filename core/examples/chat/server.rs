//! The server's side: what it saw, and which lines it could open.
//!
//! It has all that is public: every line, every certificate, every nickname. It opens a line if it
//! can read it as it is; if the line, its armour undone and its fragments joined, holds eight bytes
//! in a row of anything that was typed; or if a terminal of its own, with an identity of its own,
//! that has heard every line can show what is in it.

use std::collections::BTreeMap;

use keyrota::Speaker;
use keyrota::spec::armor::{self, PartId};
use keyrota::spec::{Ask, Frame, TextKind};
use keyrota_model::script::short;
use keyrota_model::world::Line;

/// So many bytes in a row of a text give it away.
const WINDOW: usize = 8;
/// What encryption adds to a text, and to a signed one.
const AEAD_TAG: usize = 16;
const SIGNED: usize = AEAD_TAG + 64;

/// A frame as the server sees it, with the lines that carried it.
struct Seen {
    lines: Vec<usize>,
    nick: String,
    bytes: Vec<u8>,
    opened: bool,
}

/// A fragment of a frame, with the line that carried it.
struct Part {
    line: usize,
    index: u8,
    bytes: Vec<u8>,
}

/// What the server knows.
#[derive(Default)]
pub(crate) struct Server {
    frames: Vec<Seen>,
    /// Lines that are no frames: anyone can read them.
    plain: Vec<usize>,
    parts: BTreeMap<(String, PartId), Vec<Part>>,
}

impl Server {
    /// Takes a line down, and says in a few words what it is.
    pub(crate) fn see(&mut self, number: usize, line: &Line) -> String {
        let nick = &line.nick;
        let (what, begin) = match armor::parse(&line.text) {
            None => {
                self.plain.push(number);
                ("a plain text".into(), line.text.clone())
            }
            Some(armor::Line::Whole(bytes)) => {
                (self.take(vec![number], nick, bytes), short(&line.text))
            }
            Some(armor::Line::Part { id, index, count, bytes }) => {
                let parts = self.parts.entry((nick.clone(), id)).or_default();
                parts.push(Part { line: number, index, bytes });
                let mut what = format!("part {} of {count}", index.saturating_add(1));
                if parts.len() == usize::from(count) {
                    let mut parts = self.parts.remove(&(nick.clone(), id)).unwrap_or_default();
                    parts.sort_by_key(|part| part.index);
                    let lines = parts.iter().map(|part| part.line).collect();
                    let bytes = parts.into_iter().flat_map(|part| part.bytes).collect();
                    what = format!("{what}: {}", self.take(lines, nick, bytes));
                }
                (what, short(&line.text))
            }
        };
        let to = line.to.as_ref().map_or(String::new(), |to| format!(" to {to} alone"));
        format!("{nick} sent {} characters{to}, {what}: {begin}", line.text.len())
    }

    fn take(&mut self, lines: Vec<usize>, nick: &str, bytes: Vec<u8>) -> String {
        let what = describe(&bytes);
        self.frames.push(Seen { lines, nick: nick.into(), bytes, opened: false });
        what
    }

    /// Its terminal shows this text, which came sealed: it could open a line.
    pub(crate) fn opens(&mut self, from: &Speaker, text: &str) {
        let (Speaker::Member { nick, .. } | Speaker::Somebody { nick }) = from else { return };
        let fits = |seen: &&mut Seen| {
            let length = match Frame::decode(&seen.bytes) {
                Ok(Frame::Text { kind: TextKind::Signed, ciphertext, .. }) => {
                    ciphertext.len().checked_sub(SIGNED)
                }
                Ok(Frame::Text { kind: TextKind::Unsigned, ciphertext, .. }) => {
                    ciphertext.len().checked_sub(AEAD_TAG)
                }
                _ => None,
            };
            !seen.opened && *seen.nick == **nick && length == Some(text.len())
        };
        if let Some(seen) = self.frames.iter_mut().find(fits) {
            seen.opened = true;
        }
    }

    /// How many of these lines it could open; `typed` is all that anyone said.
    pub(crate) fn could_open(&self, lines: &[Line], typed: &[String]) -> usize {
        let mut open: Vec<usize> = self.plain.clone();
        for seen in &self.frames {
            if seen.opened || typed.iter().any(|text| holds(&seen.bytes, text)) {
                open.extend(&seen.lines);
            }
        }
        // What it made up itself it need not open.
        let sent = lines.iter().enumerate().filter(|(_, line)| line.author.is_some());
        for (number, line) in sent {
            let bytes = match armor::parse(&line.text) {
                Some(armor::Line::Whole(bytes) | armor::Line::Part { bytes, .. }) => bytes,
                None => Vec::new(),
            };
            let given_away =
                |text: &String| holds(&bytes, text) || holds(line.text.as_bytes(), text);
            if typed.iter().any(given_away) {
                open.push(number);
            }
        }
        open.sort_unstable();
        open.dedup();
        open.len()
    }
}

/// Whether `bytes` hold eight in a row of `text`, or all of a shorter one that chance does not
/// bring about.
fn holds(bytes: &[u8], text: &str) -> bool {
    let size = text.len().min(WINDOW);
    size > WINDOW / 2
        && text
            .as_bytes()
            .windows(size)
            .any(|window| bytes.windows(size).any(|some| some == window))
}

/// What anyone can tell of a frame.
fn describe(bytes: &[u8]) -> String {
    match Frame::decode(bytes) {
        Ok(Frame::Text { kind: TextKind::Signed, .. }) => "a sealed and signed text".into(),
        Ok(Frame::Text { kind: TextKind::Unsigned, .. }) => "a sealed text".into(),
        Ok(Frame::Text { kind: TextKind::Control, .. }) => "a sealed wish".into(),
        Ok(Frame::Hello { relayed: true, hello }) => {
            format!("{}'s Hello, passed on", hello.hello.certificate.body.name.as_str())
        }
        Ok(Frame::Hello { hello, .. }) => match hello.hello.ask {
            None => "a Hello".into(),
            Some((Ask::Latest, _)) => "a Hello that asks for the key".into(),
            Some(_) => "a Hello that asks for one key".into(),
        },
        Ok(Frame::Refresh { .. }) => "the next key, wrapped under the last".into(),
        Ok(Frame::Sealed { boxes, .. }) => format!("a key, sealed to {}", boxes.len()),
        Ok(Frame::Boxes { boxes, .. }) => format!("the same key, sealed to {} more", boxes.len()),
        Ok(Frame::Announce { .. }) => "a record, without its key".into(),
        Ok(Frame::Query(_)) => "a question".into(),
        Ok(Frame::Refusal { .. }) => "a refusal".into(),
        Ok(_) | Err(_) => "no frame".into(),
    }
}
