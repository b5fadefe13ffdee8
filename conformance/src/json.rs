//! Frames and their parts as they stand in JSON: the tables of chapter 3, field by field.
//!
//! A choice is the name of its variant, or, if that has fields, an object with this one name.

use keyrota::spec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hex::{Fixed, Hex};

/// A number of 64 bits: a JSON number below 2⁵³, a string of decimal digits from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Long(pub u64);

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// MemberId.
    pub id: Fixed<16>,
    /// How often this seat has changed what stands behind it.
    pub changes: u32,
    /// The right.
    pub update: bool,
    /// The right.
    pub distribute: bool,
}

/// How a key reaches the members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub enum Descent {
    Genesis { founder: Fixed<33>, signed: bool },
    Sealed,
    Wrapped { root: Fixed<8>, step: u8 },
}

/// A record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct Record {
    pub channel: Fixed<16>,
    pub list: Vec<Entry>,
    pub turn: Vec<u8>,
    pub epoch: u16,
    pub descent: Descent,
    pub author: u8,
    pub cause: Cause,
    pub time: u32,
    pub lifetime: u16,
    pub commit: Fixed<16>,
}

/// Why a key was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants of chapter 3")]
pub enum Cause {
    Founding,
    Period,
    Messages,
    Bytes,
    Growth,
    Topic,
    Idle,
    Wish,
    Alone,
    Lifetime,
    Exclusion,
    List,
    Missing,
}

/// A record with its signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct SignedRecord {
    pub record: Record,
    pub signature: Fixed<64>,
}

/// Who vouches for a certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub enum Vouch {
    SelfSigned,
    Issued { issuer: Fixed<8>, signature: Fixed<64> },
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct Certificate {
    pub name: String,
    pub key: Fixed<33>,
    pub not_before: Long,
    pub lifetime: u32,
    pub vouch: Vouch,
}

/// Which key a Hello asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the variants of chapter 3")]
pub enum Which {
    Latest,
    Hint { key: Fixed<3> },
    Key { key: Fixed<8> },
}

/// What a Hello asks for, and whom; `null` asks whoever may answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct Ask {
    pub which: Which,
    pub whom: Option<Fixed<4>>,
}

/// A Hello with its signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct Hello {
    pub certificate: Certificate,
    pub member_key: Fixed<33>,
    pub tag: Fixed<4>,
    pub time: Long,
    pub ask: Option<Ask>,
    pub signature: Fixed<64>,
}

/// A key sealed to one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct SealedBox {
    pub whom: Fixed<4>,
    pub key: Fixed<32>,
}

/// What a query is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub enum Subject {
    Proof { key: Fixed<8>, have: u8 },
    Hello { member: Fixed<4> },
    Tag { tag: Fixed<4> },
}

/// Why an ask is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants of chapter 3")]
pub enum Reason {
    Certificate,
    Barred,
    Key,
}

/// What stands before a ciphertext, and the ciphertext.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub struct Text {
    pub key: Fixed<3>,
    pub tag: Fixed<4>,
    pub counter: u32,
    pub rest: Hex,
}

/// A frame: an object with the name of its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of chapter 3")]
pub enum Frame {
    SignedText(Text),
    UnsignedText(Text),
    Control(Text),
    Hello(Hello),
    Refresh { record: SignedRecord, wrapped: Fixed<32> },
    SealedKey { record: SignedRecord, ephemeral: Fixed<33>, boxes: Vec<SealedBox> },
    Boxes { key: Fixed<8>, boxes: Vec<SealedBox> },
    Announcement { record: SignedRecord, author: Fixed<33> },
    Query { whom: Option<Fixed<4>>, subject: Subject },
    Refusal { whom: Fixed<4>, reason: Reason },
    RelayedHello(Hello),
}

impl Serialize for Long {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 < 1 << 53 {
            serializer.serialize_u64(self.0)
        } else {
            serializer.collect_str(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Long {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Digits(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(number) => Ok(Self(number)),
            Either::Digits(digits) => digits.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}

/// Both directions between a choice without fields and its own.
macro_rules! names {
    ($one:ident, $other:path: $($name:ident)*) => {
        impl $one {
            /// As the core has it; `None` for what this version does not have.
            pub fn of(own: $other) -> Option<Self> {
                use $other as Own;
                match own {
                    $(Own::$name => Some(Self::$name),)*
                    _ => None,
                }
            }

            fn own(self) -> $other {
                use $other as Own;
                match self {
                    $(Self::$name => Own::$name,)*
                }
            }
        }
    };
}

names!(Cause, spec::Cause: Founding Period Messages Bytes Growth Topic Idle Wish Alone Lifetime
    Exclusion List Missing);
names!(Reason, spec::Refused: Certificate Barred Key);

impl Entry {
    /// Of an entry.
    pub fn of(own: &spec::Entry) -> Self {
        Self {
            id: Fixed(own.id.0),
            changes: own.changes,
            update: own.rights.update,
            distribute: own.rights.distribute,
        }
    }
}

impl Record {
    /// Of a record.
    pub fn of(own: &spec::Record) -> Option<Self> {
        Some(Self {
            channel: Fixed(own.channel.0),
            list: own.list.entries().iter().map(Entry::of).collect(),
            turn: own.turn.clone(),
            epoch: own.epoch,
            descent: match own.descent {
                spec::Descent::Genesis { founder, signed } => {
                    Descent::Genesis { founder: Fixed(founder.0), signed }
                }
                spec::Descent::Sealed => Descent::Sealed,
                spec::Descent::Wrapped { root, step } => {
                    Descent::Wrapped { root: Fixed(root.0), step }
                }
            },
            author: own.author,
            cause: Cause::of(own.cause)?,
            time: own.time,
            lifetime: own.lifetime,
            commit: Fixed(own.commit.0),
        })
    }

    /// As a record, if its list is one.
    pub fn own(&self) -> Option<spec::Record> {
        let entry = |entry: &Entry| spec::Entry {
            id: spec::MemberId(entry.id.0),
            changes: entry.changes,
            rights: spec::Rights { update: entry.update, distribute: entry.distribute },
        };
        Some(spec::Record {
            channel: spec::ChannelId(self.channel.0),
            list: spec::List::new(self.list.iter().map(entry).collect())?,
            turn: self.turn.clone(),
            epoch: self.epoch,
            descent: match self.descent {
                Descent::Genesis { founder, signed } => {
                    spec::Descent::Genesis { founder: spec::Point(founder.0), signed }
                }
                Descent::Sealed => spec::Descent::Sealed,
                Descent::Wrapped { root, step } => {
                    spec::Descent::Wrapped { root: spec::Root(root.0), step }
                }
            },
            author: self.author,
            cause: self.cause.own(),
            time: self.time,
            lifetime: self.lifetime,
            commit: spec::Commit(self.commit.0),
        })
    }
}

impl SignedRecord {
    /// Of a signed record.
    pub fn of(own: &spec::SignedRecord) -> Option<Self> {
        Some(Self { record: Record::of(&own.record)?, signature: Fixed(own.signature.0) })
    }

    /// As a signed record, if its list is one.
    pub fn own(&self) -> Option<spec::SignedRecord> {
        let signature = spec::Signature(self.signature.0);
        Some(spec::SignedRecord { record: self.record.own()?, signature })
    }
}

impl Certificate {
    /// Of a certificate.
    pub fn of(own: &spec::Certificate) -> Self {
        Self {
            name: own.body.name.as_str().into(),
            key: Fixed(own.body.key.0),
            not_before: Long(own.body.not_before),
            lifetime: own.body.lifetime,
            vouch: match own.vouch {
                spec::Vouch::SelfSigned => Vouch::SelfSigned,
                spec::Vouch::Issued { issuer, signature } => {
                    Vouch::Issued { issuer: Fixed(issuer.0), signature: Fixed(signature.0) }
                }
            },
        }
    }

    /// As a certificate, if its name is one.
    pub fn own(&self) -> Option<spec::Certificate> {
        Some(spec::Certificate {
            body: spec::Body {
                name: spec::Name::new(&self.name)?,
                key: spec::Point(self.key.0),
                not_before: self.not_before.0,
                lifetime: self.lifetime,
            },
            vouch: match self.vouch {
                Vouch::SelfSigned => spec::Vouch::SelfSigned,
                Vouch::Issued { issuer, signature } => spec::Vouch::Issued {
                    issuer: spec::IssuerId(issuer.0),
                    signature: spec::Signature(signature.0),
                },
            },
        })
    }
}

impl Hello {
    /// Of a Hello.
    pub fn of(own: &spec::SignedHello) -> Self {
        let ask = |(which, whom): (spec::Ask, Option<spec::MemberHint>)| Ask {
            which: match which {
                spec::Ask::Latest => Which::Latest,
                spec::Ask::Hint(key) => Which::Hint { key: Fixed(key.0) },
                spec::Ask::Key(key) => Which::Key { key: Fixed(key.0) },
            },
            whom: whom.map(|whom| Fixed(whom.0)),
        };
        Self {
            certificate: Certificate::of(&own.hello.certificate),
            member_key: Fixed(own.hello.member_key.0),
            tag: Fixed(own.hello.tag.0),
            time: Long(own.hello.time),
            ask: own.hello.ask.map(ask),
            signature: Fixed(own.signature.0),
        }
    }

    /// As a Hello, if its certificate is one.
    pub fn own(&self) -> Option<spec::SignedHello> {
        let ask = |ask: &Ask| {
            let which = match ask.which {
                Which::Latest => spec::Ask::Latest,
                Which::Hint { key } => spec::Ask::Hint(spec::KeyHint(key.0)),
                Which::Key { key } => spec::Ask::Key(spec::KeyPrefix(key.0)),
            };
            (which, ask.whom.map(|whom| spec::MemberHint(whom.0)))
        };
        let hello = spec::Hello {
            certificate: self.certificate.own()?,
            member_key: spec::Point(self.member_key.0),
            tag: spec::Tag(self.tag.0),
            time: self.time.0,
            ask: self.ask.as_ref().map(ask),
        };
        Some(spec::SignedHello { hello, signature: spec::Signature(self.signature.0) })
    }
}

impl SealedBox {
    /// Of boxes.
    pub fn of(own: &[spec::SealedBox]) -> Vec<Self> {
        own.iter().map(|one| Self { whom: Fixed(one.whom.0), key: Fixed(one.key.0) }).collect()
    }

    /// As boxes.
    pub fn own(boxes: &[Self]) -> Vec<spec::SealedBox> {
        let own = |one: &Self| spec::SealedBox {
            whom: spec::MemberHint(one.whom.0),
            key: spec::Wrapped(one.key.0),
        };
        boxes.iter().map(own).collect()
    }
}

impl Frame {
    /// Of a frame; `None` for what this version of the specification does not have.
    pub fn of(own: &spec::Frame<'_>) -> Option<Self> {
        Some(match own {
            spec::Frame::Text { kind, header, ciphertext } => {
                let text = Text {
                    key: Fixed(header.key.0),
                    tag: Fixed(header.tag.0),
                    counter: header.counter,
                    rest: Hex(ciphertext.to_vec()),
                };
                match kind {
                    spec::TextKind::Signed => Self::SignedText(text),
                    spec::TextKind::Unsigned => Self::UnsignedText(text),
                    spec::TextKind::Control => Self::Control(text),
                }
            }
            spec::Frame::Hello { hello, relayed: false } => Self::Hello(Hello::of(hello)),
            spec::Frame::Hello { hello, relayed: true } => Self::RelayedHello(Hello::of(hello)),
            spec::Frame::Refresh { record, wrapped } => {
                Self::Refresh { record: SignedRecord::of(record)?, wrapped: Fixed(wrapped.0) }
            }
            spec::Frame::Sealed { record, ephemeral, boxes } => Self::SealedKey {
                record: SignedRecord::of(record)?,
                ephemeral: Fixed(ephemeral.0),
                boxes: SealedBox::of(boxes),
            },
            spec::Frame::Boxes { key, boxes } => {
                Self::Boxes { key: Fixed(key.0), boxes: SealedBox::of(boxes) }
            }
            spec::Frame::Announce { record, author } => {
                Self::Announcement { record: SignedRecord::of(record)?, author: Fixed(author.0) }
            }
            spec::Frame::Query(query) => Self::Query {
                whom: query.whom.map(|whom| Fixed(whom.0)),
                subject: match query.what {
                    spec::Subject::Proof { key, have } => {
                        Subject::Proof { key: Fixed(key.0), have }
                    }
                    spec::Subject::Hello(member) => Subject::Hello { member: Fixed(member.0) },
                    spec::Subject::Tag(tag) => Subject::Tag { tag: Fixed(tag.0) },
                },
            },
            spec::Frame::Refusal { whom, reason } => {
                Self::Refusal { whom: Fixed(whom.0), reason: Reason::of(*reason)? }
            }
            _ => return None,
        })
    }

    /// As a frame, if names and lists are such.
    pub fn own(&self) -> Option<spec::Frame<'_>> {
        fn text(kind: spec::TextKind, text: &Text) -> spec::Frame<'_> {
            let header = spec::TextHeader {
                key: spec::KeyHint(text.key.0),
                tag: spec::Tag(text.tag.0),
                counter: text.counter,
            };
            spec::Frame::Text { kind, header, ciphertext: &text.rest.0 }
        }
        Some(match self {
            Self::SignedText(own) => text(spec::TextKind::Signed, own),
            Self::UnsignedText(own) => text(spec::TextKind::Unsigned, own),
            Self::Control(own) => text(spec::TextKind::Control, own),
            Self::Hello(hello) => spec::Frame::Hello { hello: hello.own()?, relayed: false },
            Self::RelayedHello(hello) => spec::Frame::Hello { hello: hello.own()?, relayed: true },
            Self::Refresh { record, wrapped } => {
                spec::Frame::Refresh { record: record.own()?, wrapped: spec::Wrapped(wrapped.0) }
            }
            Self::SealedKey { record, ephemeral, boxes } => spec::Frame::Sealed {
                record: record.own()?,
                ephemeral: spec::Point(ephemeral.0),
                boxes: SealedBox::own(boxes),
            },
            Self::Boxes { key, boxes } => {
                spec::Frame::Boxes { key: spec::KeyPrefix(key.0), boxes: SealedBox::own(boxes) }
            }
            Self::Announcement { record, author } => {
                spec::Frame::Announce { record: record.own()?, author: spec::Point(author.0) }
            }
            Self::Query { whom, subject } => spec::Frame::Query(spec::Query {
                whom: whom.map(|whom| spec::MemberHint(whom.0)),
                what: match subject {
                    Subject::Proof { key, have } => {
                        spec::Subject::Proof { key: spec::KeyPrefix(key.0), have: *have }
                    }
                    Subject::Hello { member } => spec::Subject::Hello(spec::MemberHint(member.0)),
                    Subject::Tag { tag } => spec::Subject::Tag(spec::Tag(tag.0)),
                },
            }),
            Self::Refusal { whom, reason } => {
                spec::Frame::Refusal { whom: spec::MemberHint(whom.0), reason: reason.own() }
            }
        })
    }
}
