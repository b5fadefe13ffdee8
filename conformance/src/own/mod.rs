//! The core of this project as a testee, one file for each kind.
//!
//! These files translate between JSON and the core, and hold no rules: what is tested is the code
//! that terminals run.

mod armor;
mod certificate;
mod derive;
mod frame;
mod message;
mod mode;
mod order;
mod record;
mod seal;
mod terminal;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::SPEC;
use crate::case::Fields;
use crate::testee::{Answer, Testee, True};

/// The core.
#[derive(Clone, Debug, Default)]
pub struct Own {
    terminals: terminal::Terminals,
}

/// Why there is no output.
#[derive(Debug)]
enum No {
    /// Rejected, by this layer.
    Invalid(&'static str),
    /// There is no such operation.
    Unsupported,
    /// The request is none.
    Wrong(String),
}

/// The fields that come out.
type Out = Result<Value, No>;

/// Reads what an operation is given.
fn input<T: DeserializeOwned>(fields: &Fields) -> Result<T, No> {
    serde_json::from_value(Value::Object(fields.clone())).map_err(|why| No::Wrong(why.to_string()))
}

impl Own {
    fn out(&mut self, operation: &str, input: &Fields) -> Out {
        match operation.split('.').next() {
            Some("hello") => Ok(json!({"name": "keyrota", "spec": SPEC})),
            Some("armor") => armor::ask(operation, input),
            Some("frame") => frame::ask(operation, input),
            Some("certificate") => certificate::ask(operation, input),
            Some("derive") => derive::ask(operation, input),
            Some("seal" | "wrap") => seal::ask(operation, input),
            Some("message") => message::ask(operation, input),
            Some("record") => record::ask(operation, input),
            Some("mode") => mode::ask(operation, input),
            Some("order") => order::ask(operation, input),
            Some("terminal") => self.terminals.ask(operation, input),
            _ => Err(No::Unsupported),
        }
    }
}

impl Testee for Own {
    fn ask(&mut self, operation: &str, input: &Fields) -> Answer {
        // A core that panics fails the case, as a program that crashes does, and not the whole run.
        let out = catch_unwind(AssertUnwindSafe(|| self.out(operation, input)));
        match out.unwrap_or_else(|_| Err(No::Wrong("the core panicked".into()))) {
            Ok(Value::Object(fields)) => Answer::Out(fields),
            Ok(other) => Answer::Error(format!("no fields: {other}")),
            Err(No::Invalid(layer)) => Answer::Invalid(layer.into()),
            Err(No::Unsupported) => Answer::Unsupported(True),
            Err(No::Wrong(why)) => Answer::Error(why),
        }
    }
}
