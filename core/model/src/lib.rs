//! Terminals of keyrota on a hostile network, in virtual time.
//!
//! A [`World`](world::World) holds real terminals, the servers between them, and time that jumps
//! from one thing that happens to the next. A schedule is a row of [operations](op::Op), which is
//! also a script that a person can read and that the example `chat` plays. The same seed and the
//! same schedule give the same world.

pub mod actor;
mod acts;
mod network;
pub mod op;
pub mod reference;
pub mod script;
mod sense;
pub mod set;
pub mod world;
