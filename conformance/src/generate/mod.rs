//! Writes the vector files, one file of cases each, the same ones every time.
//!
//! What must come of a valid input is what the core makes of it; how an invalid one differs from a
//! valid one, and which layer must reject it, is said here. An implementation that was written
//! from the specification alone is what holds both against the text.

mod armor;
pub mod cast;
mod certificate;
mod derive;
mod flow;
mod frame;
mod message;
mod mode;
mod order;
mod record;
mod seal;
pub mod wire;
mod wrap;

use serde_json::Value;

use crate::SPEC;
use crate::case::{Body, Case, Expected, Fields, File};
use crate::own::Own;
use crate::testee::{Answer, Testee};

/// All vector files.
pub fn all() -> Vec<File> {
    vec![
        armor::file(),
        frame::file(),
        certificate::file(),
        derive::file(),
        seal::file(),
        wrap::file(),
        message::file(),
        record::file(),
        mode::file(),
        order::file(),
        flow::file(),
    ]
}

/// Cases of one kind, while they are written down.
pub struct Cases {
    file: File,
    own: Own,
}

impl Cases {
    /// None yet.
    pub fn new(kind: &str, about: &str) -> Self {
        let (spec, kind, about) = (SPEC.into(), kind.into(), about.into());
        Self { file: File { spec, kind, about, cases: Vec::new() }, own: Own::default() }
    }

    /// A case that is valid: what the core answers is what must come out.
    ///
    /// # Panics
    /// If the core says that it is not.
    pub fn valid(&mut self, what: What<'_>, operation: &str, input: Value) -> Fields {
        let out = match self.own.ask(operation, &fields(input.clone())) {
            Answer::Out(out) => out,
            other => panic!("{}/{}: {other:?}", self.file.kind, what.id),
        };
        let input = fields(input);
        let expected = Expected::Valid { out: out.clone() };
        self.push(what, None, Body::One { operation: operation.into(), input, expected });
        out
    }

    /// What the core answers to a request that is no case, but serves to make some.
    ///
    /// # Panics
    /// If it rejects it.
    pub fn ask(&mut self, operation: &str, input: Value) -> Fields {
        match self.own.ask(operation, &fields(input)) {
            Answer::Out(out) => out,
            other => panic!("{operation}: {other:?}"),
        }
    }

    /// A case that differs in one thing from a valid one, and that `layer` must reject.
    pub fn invalid(
        &mut self,
        what: What<'_>,
        from: &str,
        layer: &str,
        operation: &str,
        input: Value,
    ) {
        let body = Body::One {
            operation: operation.into(),
            input: fields(input),
            expected: Expected::Invalid { layer: layer.into() },
        };
        let from = format!("{}/{from}", self.file.kind);
        self.push(what, Some(from), body);
    }

    /// Where two descriptions come to one request, as what is cut off two kinds of frames may, it is a
    /// case once.
    fn push(&mut self, what: What<'_>, from: Option<String>, body: Body) {
        if self.file.cases.iter().any(|case| case.body == body) {
            return;
        }
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        self.file.cases.push(Case {
            id: format!("{}/{}", self.file.kind, what.id),
            comment: what.comment.into(),
            spec: own(what.spec),
            flags: own(what.flags),
            from,
            body,
        });
    }

    /// The file of these cases.
    pub fn file(self) -> File {
        self.file
    }
}

/// What is said of a case.
#[derive(Clone, Copy, Debug)]
pub struct What<'a> {
    id: &'a str,
    comment: &'a str,
    spec: &'a [&'a str],
    flags: &'a [&'a str],
}

/// What is said of a case: its identifier within its kind, a sentence, what it tests.
pub fn what<'a>(id: &'a str, comment: &'a str, spec: &'a [&'a str]) -> What<'a> {
    What { id, comment, spec, flags: &[] }
}

impl<'a> What<'a> {
    /// With these flags.
    #[must_use]
    pub fn flags(self, flags: &'a [&'a str]) -> Self {
        Self { flags, ..self }
    }
}

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("no fields: {other}"),
    }
}
