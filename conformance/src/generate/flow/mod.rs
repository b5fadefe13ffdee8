//! Flows: terminals on a relay, each request and what must come of it; one file for each group of
//! chapters.
//!
//! A flow is a play of some lines. What each terminal is told, and what it does, follows from it, and
//! becomes the steps. The play also says what it is about, by looking at whether that came to pass.

mod bounds;
mod conversations;
mod keys;
mod members;
mod networks;
mod renewal;
mod stage;
mod states;
mod texts;
mod trust;

use crate::SPEC;
use crate::case::{Body, Case, File};
use crate::own::Own;

use stage::Stage;

/// A flow: its identifier, what it tests, statements of the specification, and the play.
type Play = (&'static str, &'static str, &'static [&'static str], fn(&mut Stage<'_>));

/// The file of flows.
pub(super) fn file() -> File {
    let plays = [
        keys::PLAYS,
        renewal::PLAYS,
        members::PLAYS,
        texts::PLAYS,
        networks::PLAYS,
        conversations::PLAYS,
        states::PLAYS,
        trust::PLAYS,
        bounds::PLAYS,
    ]
    .concat();
    File {
        spec: SPEC.into(),
        kind: "flow".into(),
        about: "Several terminals: each request, in order, and exactly what must come of it. \
                The operations are those of `terminal`."
            .into(),
        cases: plays.into_iter().map(case).collect(),
    }
}

fn case((id, comment, spec, play): Play) -> Case {
    let mut own = Own::default();
    let mut stage = Stage::new(&mut own);
    play(&mut stage);
    let flags = match id.split_once('/') {
        Some(("bounds", _)) => vec!["bound".into()],
        Some(("forged", _)) => vec!["forged".into()],
        _ => Vec::new(),
    };
    Case {
        id: format!("flow/{id}"),
        comment: comment.into(),
        spec: spec.iter().map(|number| (*number).to_owned()).collect(),
        flags,
        from: None,
        body: Body::Flow { steps: stage.steps() },
    }
}
