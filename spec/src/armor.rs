//! Text armour: frames as lines of a chat that carries only text (R-CLI-3).
//!
//! Spec: chapter 4, with its grammar. A frame that fits one line is `+K` and its base64url; a
//! longer one is cut into two to four fragments, `+k`, three characters that name the frame, one
//! that says which fragment of how many this is, and base64url. Nothing is padded.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, NO_PAD};

use crate::limits::{FRAGMENTS_MAX, FRAME_MAX, LINE_MAX, LINE_MIN};

/// Strict: no padding, no stray bits in the last character.
const CONFIG: GeneralPurposeConfig = NO_PAD;
const BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

const WHOLE: &str = "+K";
const PART: &str = "+k";
/// Sigil, name, position.
const PART_HEADER: usize = 6;

/// Names a frame among the unfinished ones of one sender: 18 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartId(u32);

impl PartId {
    /// From a counter, of which the low 18 bits count.
    pub fn new(counter: u32) -> Self {
        Self(counter & 0x3_ffff)
    }

    /// The number, less than 2¹⁸.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// One line of a chat, its armour undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A whole frame.
    Whole(Vec<u8>),
    /// One of the fragments of a frame.
    Part {
        /// Of which frame.
        id: PartId,
        /// Which fragment; less than `count`.
        index: u8,
        /// Of how many; 2 to [`FRAGMENTS_MAX`].
        count: u8,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// How many bytes of a frame one unfragmented line of `line` characters holds; at most
/// [`FRAME_MAX`].
pub fn capacity(line: usize) -> usize {
    bytes_in(line.clamp(LINE_MIN, LINE_MAX).saturating_sub(WHOLE.len())).min(FRAME_MAX)
}

/// How many lines of `line` characters a frame of `len` bytes takes.
pub fn line_count(len: usize, line: usize) -> usize {
    if len <= capacity(line) { 1 } else { len.div_ceil(part_capacity(line)) }
}

/// The length to which a frame of `len` bytes can grow and take no more lines.
pub fn room(len: usize, line: usize) -> usize {
    if len <= capacity(line) {
        return capacity(line);
    }
    line_count(len, line).saturating_mul(part_capacity(line)).min(FRAME_MAX)
}

fn part_capacity(line: usize) -> usize {
    bytes_in(line.clamp(LINE_MIN, LINE_MAX).saturating_sub(PART_HEADER)).max(1)
}

fn bytes_in(characters: usize) -> usize {
    characters.saturating_mul(3) / 4
}

/// The lines that carry a frame, each at most `line` characters long.
///
/// `line` counts as [`LINE_MIN`] if it is less, as [`LINE_MAX`] if it is more; `id` must differ
/// from those of the sender's other frames of the last minute. A frame longer than
/// [`FRAME_MAX`] gives no line.
pub fn lines(frame: &[u8], line: usize, id: PartId) -> Vec<String> {
    if frame.len() > FRAME_MAX {
        return Vec::new();
    }
    if frame.len() <= capacity(line) {
        return alloc::vec![whole(frame)];
    }
    let chunks = frame.chunks(part_capacity(line));
    let last = chunks.len().saturating_sub(1);
    let part = |(index, chunk): (usize, &[u8])| {
        // Both are below 4, as FRAME_MAX fits four lines of LINE_MIN.
        let position = (index << 2 | last) & 0x0f;
        let header = id.0 << 6 | u32::try_from(position).unwrap_or(0);
        let mut text = String::with_capacity(line.min(LINE_MAX));
        text.push_str(PART);
        // 24 bits are the name and the position: four characters.
        BASE64.encode_string(header.to_be_bytes().get(1..).unwrap_or(&[]), &mut text);
        BASE64.encode_string(chunk, &mut text);
        text
    };
    chunks.enumerate().map(part).collect()
}

/// The one line of a frame that fits one.
pub fn whole(frame: &[u8]) -> String {
    let characters = frame.len().saturating_mul(4).div_ceil(3);
    let mut text = String::with_capacity(characters.saturating_add(WHOLE.len()));
    text.push_str(WHOLE);
    BASE64.encode_string(frame, &mut text);
    text
}

/// Undoes the armour of one line, or `None`: the line is not ours and is shown as it came.
pub fn parse(text: &str) -> Option<Line> {
    if text.len() > LINE_MAX {
        return None;
    }
    if let Some(body) = text.strip_prefix(WHOLE) {
        return decode(body).map(Line::Whole);
    }
    let (header, body) = text.strip_prefix(PART)?.split_at_checked(4)?;
    let header = decode(header)?;
    let number = header.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
    let (index, last) = (number >> 2 & 0x0f, number & 0x03);
    if index > last || last == 0 {
        return None;
    }
    Some(Line::Part {
        id: PartId::new(number >> 6),
        index: u8::try_from(index).ok()?,
        count: u8::try_from(last).ok()?.saturating_add(1),
        bytes: decode(body)?,
    })
}

fn decode(body: &str) -> Option<Vec<u8>> {
    if body.is_empty() {
        return None;
    }
    BASE64.decode(body).ok()
}

const _: () = assert!(FRAGMENTS_MAX == 4);
const _: () = assert!(FRAME_MAX <= FRAGMENTS_MAX * ((LINE_MIN - PART_HEADER) * 3 / 4));
