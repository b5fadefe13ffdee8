//! The primitives as this crate uses them, held against published vectors and against what
//! their callers rely on. Spec chapter "Primitives".

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod gates;
mod rfc;
mod wycheproof;
