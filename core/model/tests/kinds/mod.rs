//! Which kinds of operations there are, and of lies, as `op.rs` names them.

use std::collections::BTreeSet;

use keyrota_model::op::Op;

/// All of them.
pub(crate) fn all() -> BTreeSet<String> {
    let lies = variants("Lie").into_iter().map(|lie| format!("Lie {lie}"));
    lies.chain(variants("Op")).collect()
}

/// That of an operation, and of the lie that it is.
pub(crate) fn of(op: &Op) -> Vec<String> {
    match op {
        Op::Lie(_, lie) => vec![first(op), format!("Lie {}", first(lie))],
        _ => vec![first(op)],
    }
}

fn first(value: &impl std::fmt::Debug) -> String {
    name(&format!("{value:?}")).into()
}

fn name(variant: &str) -> &str {
    variant.split(['(', ',']).next().unwrap_or(variant)
}

fn variants(of: &str) -> Vec<String> {
    let source = include_str!("../../src/op.rs");
    let body = source.split_once(&format!("pub enum {of} {{\n")).expect("an enum").1;
    let body = body.split_once("\n}").expect("its end").0;
    let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("///"));
    lines.map(|line| name(line).into()).collect()
}
