//! The primitives as this crate uses them, held against published vectors and against what
//! their callers rely on. Spec chapter "Primitives".

mod gates;
mod rfc;
mod wycheproof;
