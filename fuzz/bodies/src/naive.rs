//! A second decoder, as plain as can be, written from the grammar of the specification alone: it
//! shares nothing with the codec that it is compared with.
//!
//! Spec: chapter 1, "Encoding of values", chapter 3, and chapter 4, "Lines".

/// What stands in one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, a choice, or yes and no as 1 and 0.
    Number(u64),
    /// Bytes of a fixed length, a string, or a rest.
    Bytes(Vec<u8>),
}

/// The fields of a frame in their order, each under its name in the tables.
pub type Fields = Vec<(&'static str, Value)>;

/// A line, its armour undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// `+K`
    Whole(Vec<u8>),
    /// `+k`: id, index, count and bytes.
    Part(u32, u8, u8, Vec<u8>),
}

struct Reader<'a> {
    rest: &'a [u8],
    fields: Fields,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let taken = self.rest.get(..count)?.to_vec();
        self.rest = &self.rest[count..];
        Some(taken)
    }

    fn bytes(&mut self, name: &'static str, count: usize) -> Option<Vec<u8>> {
        let taken = self.take(count)?;
        self.fields.push((name, Value::Bytes(taken.clone())));
        Some(taken)
    }

    fn byte(&mut self) -> Option<u64> {
        Some(self.take(1)?[0].into())
    }

    /// Digits of seven bits, the least significant first; as few as there can be, and no more than
    /// so many bits in all (1-9).
    fn varint(&mut self, bits: u32) -> Option<u64> {
        let mut number = 0_u128;
        for digit in 0.. {
            let byte = self.byte()?;
            number += u128::from(byte & 0x7f) << (7 * digit);
            if number >= 1 << bits {
                return None;
            }
            if byte < 0x80 {
                let shortest = digit == 0 || byte != 0;
                return u64::try_from(number).ok().filter(|_| shortest);
            }
            if digit == 9 {
                return None;
            }
        }
        None
    }

    fn note(&mut self, name: &'static str, number: u64) -> u64 {
        self.fields.push((name, Value::Number(number)));
        number
    }

    fn number(&mut self, name: &'static str, bits: u32) -> Option<u64> {
        let number = self.varint(bits)?;
        Some(self.note(name, number))
    }

    fn small(&mut self, name: &'static str) -> Option<u64> {
        let number = self.byte()?;
        Some(self.note(name, number))
    }

    /// A `bool`, or the first byte of an `option`.
    fn switch(&mut self, name: &'static str) -> Option<bool> {
        let number = self.small(name).filter(|number| *number < 2)?;
        Some(number == 1)
    }

    /// The number of a variant, of so many.
    fn choice(&mut self, name: &'static str, variants: u64) -> Option<u64> {
        self.number(name, 32).filter(|number| *number < variants)
    }

    fn end(self) -> Option<Fields> {
        self.rest.is_empty().then_some(self.fields)
    }
}

/// A frame; `None`: it is malformed.
pub fn frame(bytes: &[u8]) -> Option<Fields> {
    if bytes.is_empty() || bytes.len() > 880 {
        return None;
    }
    let mut reader = Reader { rest: bytes, fields: Vec::new() };
    let first = reader.small("kind")?;
    match first {
        0x10..=0x12 => text(reader, first),
        0x13 | 0x1a => {
            hello(&mut reader)?;
            reader.end()
        }
        0x14 => {
            let descent = signed_record(&mut reader)?;
            reader.bytes("wrapped", 32)?;
            if descent == 2 { reader.end() } else { None }
        }
        0x15 => {
            signed_record(&mut reader)?;
            reader.bytes("ephemeral", 33)?;
            boxes(reader)
        }
        0x16 => {
            reader.bytes("key", 8)?;
            boxes(reader)
        }
        0x17 => {
            signed_record(&mut reader)?;
            reader.bytes("author", 33)?;
            reader.end()
        }
        0x18 => {
            whom(&mut reader)?;
            match reader.choice("subject", 3)? {
                0 => {
                    reader.bytes("key", 8)?;
                    reader.small("have")?;
                }
                1 => drop(reader.bytes("member", 4)?),
                _ => drop(reader.bytes("tag", 4)?),
            }
            reader.end()
        }
        0x19 => {
            reader.bytes("whom", 4)?;
            reader.choice("reason", 3)?;
            reader.end()
        }
        _ => None,
    }
}

fn text(mut reader: Reader<'_>, first: u64) -> Option<Fields> {
    reader.bytes("key", 3)?;
    reader.bytes("tag", 4)?;
    let counter = reader.number("counter", 32)?;
    let rest = reader.rest.len();
    reader.bytes("rest", rest)?;
    let bounds = if first == 0x11 { 16..=805 } else { 80..=869 };
    if counter > 2_097_151 || !bounds.contains(&rest) {
        return None;
    }
    reader.end()
}

fn whom(reader: &mut Reader<'_>) -> Option<()> {
    if reader.switch("whom")? {
        reader.bytes("whom", 4)?;
    }
    Some(())
}

fn boxes(mut reader: Reader<'_>) -> Option<Fields> {
    loop {
        reader.bytes("whom", 4)?;
        reader.bytes("key", 32)?;
        if reader.rest.is_empty() {
            return reader.end();
        }
    }
}

fn hello(reader: &mut Reader<'_>) -> Option<()> {
    certificate(reader)?;
    reader.bytes("member key", 33)?;
    reader.bytes("tag", 4)?;
    reader.number("time", 64)?;
    if reader.switch("ask")? {
        match reader.choice("which", 3)? {
            0 => {}
            1 => drop(reader.bytes("key", 3)?),
            _ => drop(reader.bytes("key", 8)?),
        }
        whom(reader)?;
    }
    reader.bytes("signature", 64)?;
    Some(())
}

fn certificate(reader: &mut Reader<'_>) -> Option<()> {
    let length = usize::try_from(reader.varint(64)?).ok()?;
    let name = reader.bytes("name", length)?;
    if !is_name(std::str::from_utf8(&name).ok()?) {
        return None;
    }
    reader.bytes("key", 33)?;
    reader.number("not before", 64)?;
    reader.number("lifetime", 32)?;
    if reader.choice("vouch", 2)? == 1 {
        reader.bytes("issuer", 8)?;
        reader.bytes("signature", 64)?;
    }
    Some(())
}

/// 3-13: what has no shape of its own.
pub const SHAPELESS: [(u32, u32); 16] = [
    (0x0000, 0x001f),
    (0x007f, 0x009f),
    (0x00ad, 0x00ad),
    (0x061c, 0x061c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xe0000, 0xe0fff),
];

/// 3-14: what no name begins or ends with.
pub const SPACES: [(u32, u32); 7] = [
    (0x0020, 0x0020),
    (0x00a0, 0x00a0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];

fn is_name(name: &str) -> bool {
    let among = |ranges: &[(u32, u32)], letter: char| {
        ranges.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(letter)))
    };
    let ends = [name.chars().next(), name.chars().next_back()];
    (1..=23).contains(&name.len())
        && !name.chars().any(|letter| among(&SHAPELESS, letter))
        && !ends.into_iter().flatten().any(|letter| among(&SPACES, letter))
}

/// The variant of its descent.
fn signed_record(reader: &mut Reader<'_>) -> Option<u64> {
    reader.bytes("channel", 16)?;
    let count = reader.number("list", 64)?;
    let (mut ids, mut seats, mut updaters, mut changed) = (Vec::new(), 0, Vec::new(), false);
    for place in 0..count {
        let id = reader.bytes("id", 16)?;
        let state = reader.number("state", 32)?;
        if ids.contains(&id) || place >= 32 {
            return None;
        }
        ids.push(id);
        let (changes, seat, update) = (state / 4, state % 4 != 0, state % 2 == 1);
        changed |= changes != 0;
        if seat {
            // Seats first.
            if seats != place || seats == 16 {
                return None;
            }
            seats += 1;
        } else if place - seats == 16 || changes != 0 {
            return None;
        }
        if update {
            updaters.push(place);
        }
    }
    if updaters.first() != Some(&0) {
        return None;
    }
    let count = reader.number("turn", 64)?;
    let mut turn = Vec::new();
    for _ in 0..count {
        let seat = reader.small("seat")?;
        if turn.contains(&seat) || !updaters.contains(&seat) {
            return None;
        }
        turn.push(seat);
    }
    let epoch = reader.number("epoch", 16)?;
    let descent = reader.choice("descent", 3)?;
    match descent {
        0 => {
            reader.bytes("founder", 33)?;
            reader.switch("signed")?;
        }
        1 => {}
        _ => {
            reader.bytes("root", 8)?;
            reader.small("step").filter(|step| (1..=127).contains(step))?;
        }
    }
    let author = reader.small("author")?;
    reader.choice("cause", 13)?;
    reader.number("time", 32)?;
    let lifetime = reader.number("lifetime", 16)?;
    reader.bytes("commit", 16)?;
    reader.bytes("signature", 64)?;
    let genesis = descent == 0;
    let holds = turn.len() == updaters.len()
        && epoch <= 16_383
        && author < seats
        && (1..=43_200).contains(&lifetime)
        && !(genesis && (author != 0 || epoch != 0 || changed));
    holds.then_some(descent)
}

/// A line of a chat; `None`: it is a plain text.
pub fn line(text: &str) -> Option<Line> {
    let text = text.as_bytes();
    if text.len() > 2_048 {
        return None;
    }
    match text {
        [b'+', b'K', digits @ ..] => base64(digits).map(Line::Whole),
        [b'+', b'k', one, two, three, position, digits @ ..] => {
            let [one, two, three] = [digit(*one)?, digit(*two)?, digit(*three)?];
            let (index, count) = match position {
                b'B' => (0, 2),
                b'F' => (1, 2),
                b'C' => (0, 3),
                b'G' => (1, 3),
                b'K' => (2, 3),
                b'D' => (0, 4),
                b'H' => (1, 4),
                b'L' => (2, 4),
                b'P' => (3, 4),
                _ => return None,
            };
            let id = one * 4_096 + two * 64 + three;
            Some(Line::Part(id, index, count, base64(digits)?))
        }
        _ => None,
    }
}

fn digit(letter: u8) -> Option<u32> {
    let number = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(number.into())
}

/// At least one byte, without padding, and with zeros in the bits to spare.
fn base64(digits: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut number, mut bytes) = (0, 0_u32, Vec::new());
    for letter in digits {
        (bits, number) = (bits + 6, number << 6 | digit(*letter)?);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(number >> bits).expect("eight bits"));
            number &= (1 << bits) - 1;
        }
    }
    // A single digit more than whole bytes is six bits to spare: no byte.
    (!bytes.is_empty() && bits < 6 && number == 0).then_some(bytes)
}
