//! What stands in a vector file: cases, each a request and the answer that is right.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::layout;
use crate::testee::Answer;

/// The fields of a request or an answer, in the order in which they are written.
pub type Fields = Map<String, Value>;

/// The kinds of cases, one file of vectors each, in the order of the chapters they test.
pub const KINDS: [&str; 11] = [
    "armor",
    "frame",
    "certificate",
    "derive",
    "seal",
    "wrap",
    "message",
    "record",
    "mode",
    "order",
    "flow",
];

/// One vector file: `vectors/KIND.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The version of the specification, [`SPEC`](crate::SPEC).
    pub spec: String,
    /// Which of [`KINDS`].
    pub kind: String,
    /// What is tested, and how its operations are called.
    pub about: String,
    /// The cases; no two have the same identifier.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Names it for good: the kind, what is tested, and what of it.
    pub id: String,
    /// What is tested, in a sentence.
    pub comment: String,
    /// The numbered statements of the specification that it tests.
    pub spec: Vec<String>,
    /// What else to know: [`FLAGS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// The valid case from which this one differs in one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The request, or requests.
    #[serde(flatten)]
    pub body: Body,
}

/// What cases can be marked with, and what it means.
pub const FLAGS: [(&str, &str); 4] = [
    ("bound", "a value at a bound of the specification, or one past it"),
    ("encoding", "another encoding of a value than the one that counts"),
    ("forged", "what only somebody who lacks a key, or a right, can have made"),
    ("example", "a worked example of the specification"),
];

/// One request, or the requests of a flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Body {
    /// A request, and its answer.
    One {
        /// The operation.
        #[serde(rename = "do")]
        operation: String,
        /// What it is given.
        #[serde(rename = "in")]
        input: Fields,
        /// What must come of it.
        #[serde(flatten)]
        expected: Expected,
    },
    /// Requests that build on each other; all have an answer.
    Flow {
        /// In this order.
        steps: Vec<Step>,
    },
}

/// The answer that is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum Expected {
    /// The input is right, and this comes out.
    Valid {
        /// Exactly these fields.
        out: Fields,
    },
    /// The input must be rejected.
    Invalid {
        /// By this layer: [`LAYERS`].
        layer: String,
    },
}

/// One request of a flow, and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The operation.
    #[serde(rename = "do")]
    pub operation: String,
    /// What it is given.
    #[serde(rename = "in")]
    pub input: Fields,
    /// What must come of it: what comes out, or the layer that must reject it.
    #[serde(flatten)]
    pub answer: Answer,
}

/// The layers that reject, from the line inwards, and what each is for.
pub const LAYERS: [(&str, &str); 17] = [
    ("armor", "the line is no line of this protocol: a plain text (chapter 4)"),
    ("frame", "the bytes are no frame, record or certificate: malformed (chapters 1 and 3)"),
    ("key", "the bytes are no key, or not the key that is named (chapters 1 and 7)"),
    ("name", "the name is none of a channel or nick (chapter 7)"),
    ("certificate", "the certificate is not accepted (chapter 6)"),
    ("signature", "the signature does not verify, or not under the right key (chapters 6 to 9)"),
    ("commit", "no key comes out that the record commits to (chapter 7)"),
    ("seal", "the text does not open: AES-GCM-SIV rejects it (chapter 7)"),
    ("content", "what was sealed is no text or no control (chapter 11)"),
    (
        "channel",
        "the record is of another channel, or none that a conversation has (chapters 8, 16)",
    ),
    ("proof", "the record's list is not proven (chapter 8)"),
    ("evidence", "the bytes are no evidence that somebody signed twice (chapter 8)"),
    ("mode", "the text is no MODE command (chapter 10)"),
    ("rights", "the change of the list is refused (chapter 10)"),
    ("order", "whoever acts is not in the updating order (chapter 10)"),
    ("command", "a command is refused, or a setting to begin with: misuse (chapters 5 and 12)"),
    ("state", "the bytes are no saved state, or another's (chapter 17)"),
];

impl Body {
    /// All requests with their answers; one, unless it is a flow.
    pub fn steps(&self) -> Cow<'_, [Step]> {
        let (operation, input, expected) = match self {
            Self::Flow { steps } => return steps.into(),
            Self::One { operation, input, expected } => {
                (operation.clone(), input.clone(), expected)
            }
        };
        let answer = match expected {
            Expected::Valid { out } => Answer::Out(out.clone()),
            Expected::Invalid { layer } => Answer::Invalid(layer.clone()),
        };
        vec![Step { operation, input, answer }].into()
    }
}

impl Case {
    /// The kind, which is the first part of the identifier.
    pub fn kind(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// Where the vectors of this source tree lie.
pub fn default_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Reads all vector files of a directory, [`KINDS`] first, then what else is there by name.
///
/// # Errors
/// Says which file cannot be read, is no vector file, or holds an identifier twice.
pub fn read(directory: &Path) -> Result<Vec<File>, String> {
    let entries = std::fs::read_dir(directory);
    let entries = entries.map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    let rank = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        KINDS.iter().position(|kind| Some(*kind) == stem).unwrap_or(KINDS.len())
    };
    paths.sort_by_key(|path| (rank(path), path.clone()));
    let mut files = Vec::new();
    for path in &paths {
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let file: File = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        files.push(file);
    }
    let mut ids: Vec<&str> =
        files.iter().flat_map(|file| &file.cases).map(|case| &*case.id).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("{}: two cases of this name", pair[0])),
        None if ids.is_empty() => Err(format!("{}: no cases", directory.display())),
        None => Ok(files),
    }
}

/// A vector file as it is written.
pub fn write(file: &File) -> String {
    // The steps of a flow are many: one a line.
    layout::write(file, if file.kind == "flow" { 4 } else { usize::MAX })
}
