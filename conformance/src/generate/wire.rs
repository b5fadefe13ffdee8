//! A second encoder, written from chapters 1 and 3, which also writes what no codec would.
//!
//! A frame is a list of named fields. An invalid frame is a valid one in which the bytes of one
//! field were replaced.

/// How the bytes of a field are made, and so in which ways they can be no value at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Bytes as they are.
    Raw,
    /// A number of so many bits, as a varint.
    Varint(u32),
    /// A `bool`, or the first byte of an `option`.
    Flag,
    /// The number of one of so many variants.
    Choice(u64),
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// What the table of chapter 3 calls it.
    pub name: String,
    /// Its encoding.
    pub bytes: Vec<u8>,
    /// What it is.
    pub shape: Shape,
}

/// Fields, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Wire(pub Vec<Field>);

impl Wire {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn and(mut self, name: &str, bytes: Vec<u8>, shape: Shape) -> Self {
        self.0.push(Field { name: name.into(), bytes, shape });
        self
    }

    /// And these bytes.
    #[must_use]
    pub fn raw(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.and(name, bytes.as_ref().to_vec(), Shape::Raw)
    }

    /// And this number.
    #[must_use]
    pub fn number(self, name: &str, number: u64, bits: u32) -> Self {
        self.and(name, varint(number), Shape::Varint(bits))
    }

    /// And yes or no, or whether an `option` has something.
    #[must_use]
    pub fn flag(self, name: &str, yes: bool) -> Self {
        self.and(name, vec![u8::from(yes)], Shape::Flag)
    }

    /// And a variant.
    #[must_use]
    pub fn choice(self, name: &str, variant: u64, variants: u64) -> Self {
        self.and(name, varint(variant), Shape::Choice(variants))
    }

    /// And these fields.
    #[must_use]
    pub fn join(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The same, with other bytes for one field.
    ///
    /// # Panics
    /// If there is no such field.
    #[must_use]
    pub fn with(&self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let mut other = self.clone();
        let field = other.0.iter_mut().find(|field| field.name == name);
        field.unwrap_or_else(|| panic!("no field {name}")).bytes = bytes.as_ref().to_vec();
        other
    }

    /// All bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|field| field.bytes.clone()).collect()
    }

    /// The bytes up to the last byte of this field, without it.
    pub fn cut(&self, name: &str) -> Vec<u8> {
        let at = self.0.iter().position(|field| field.name == name);
        let mut bytes = Self(self.0[..=at.expect("a field")].to_vec()).bytes();
        bytes.pop();
        bytes
    }
}

/// A number in base 128.
pub fn varint(number: impl Into<u128>) -> Vec<u8> {
    let (mut number, mut bytes) = (number.into(), Vec::new());
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The same varint with a digit more than it needs.
pub fn overlong(varint: &[u8]) -> Vec<u8> {
    let mut bytes = varint.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last |= 0x80;
    }
    bytes.push(0);
    bytes
}

/// How the key of a record reaches the members.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub enum Descent {
    Genesis { founder: Vec<u8>, signed: bool },
    Sealed,
    Wrapped { root: [u8; 8], step: u8 },
}

/// A record; every field can be put out of its bounds.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct Record {
    pub channel: [u8; 16],
    pub list: Vec<([u8; 16], u64)>,
    pub turn: Vec<u8>,
    pub epoch: u64,
    pub descent: Descent,
    pub author: u8,
    pub cause: u64,
    pub time: u64,
    pub lifetime: u64,
    pub commit: [u8; 16],
}

impl Record {
    /// Its fields.
    pub fn wire(&self) -> Wire {
        let mut wire =
            Wire::new().raw("channel", self.channel).number("list", self.list.len() as u64, 64);
        for (at, (id, state)) in self.list.iter().enumerate() {
            wire = wire.raw(&format!("id-{at}"), id).number(&format!("state-{at}"), *state, 32);
        }
        wire = wire.number("turn", self.turn.len() as u64, 64);
        if !self.turn.is_empty() {
            wire = wire.raw("turn-numbers", &self.turn);
        }
        wire = wire.number("epoch", self.epoch, 16);
        wire = match &self.descent {
            Descent::Genesis { founder, signed } => {
                wire.choice("descent", 0, 3).raw("founder", founder).flag("signed", *signed)
            }
            Descent::Sealed => wire.choice("descent", 1, 3),
            Descent::Wrapped { root, step } => {
                wire.choice("descent", 2, 3).raw("root", root).raw("step", [*step])
            }
        };
        wire.raw("author", [self.author])
            .choice("cause", self.cause, 13)
            .number("time", self.time, 32)
            .number("lifetime", self.lifetime, 16)
            .raw("commit", self.commit)
    }
}
