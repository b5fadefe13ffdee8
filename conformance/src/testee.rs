//! Whoever answers: the protocol between the runner and an implementation.

use serde::{Deserialize, Serialize};

use crate::case::Fields;

/// One request: a line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Counts requests; the answer repeats it.
    pub id: u64,
    /// The operation.
    #[serde(rename = "do")]
    pub operation: String,
    /// What it is given.
    #[serde(rename = "in")]
    pub input: Fields,
}

/// One answer: a line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// That of the request.
    pub id: u64,
    /// The answer's one other field.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What a testee can answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The input is right, and this comes out.
    Out(Fields),
    /// The input is rejected, by this layer.
    Invalid(String),
    /// The testee does not do this. Counted, and no failure.
    Unsupported(True),
    /// The testee failed, or does not understand the request: fails the case, and says why.
    Error(String),
}

/// The one value of a field that only has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
pub struct True;

impl From<True> for bool {
    fn from(_: True) -> Self {
        true
    }
}

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("only true can stand here") }
    }
}

/// An implementation under test.
pub trait Testee {
    /// The answer to one request. Whatever went wrong is an [`Answer::Error`]; the testee answers
    /// the next request all the same.
    fn ask(&mut self, operation: &str, input: &Fields) -> Answer;
}
