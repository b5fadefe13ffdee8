//! Terminals of keyrota on a hostile network, in virtual time, and what must always hold of them.
//!
//! A [`World`](world::World) holds real terminals, the servers between them, and time that jumps
//! from one thing that happens to the next. A schedule is a row of [operations](op::Op), which is
//! also a script that a person can read and that the example `chat` plays. The same seed and the
//! same schedule give the same world.
//!
//! A [`Checker`](checker::Checker) looks at a world after every step: what each has heard and may know
//! it keeps in its own, plain way, and holds the terminals against twelve [invariants](invariant), of
//! which the [last three](liveness) say what a network that is whole again must come to.
//!
//! Schedules are drawn at [random](schedule), or a [walk] goes through all that a few faults can
//! make of a beginning.
//!
//! ```
//! use keyrota_model::{schedule, script, world::Setting};
//!
//! let ops = script::parse("/join taro\n/join jiro\n/wait 30\ntaro: hello\n/kick taro")?;
//! let played = schedule::play(Setting::new(1, 2), &ops);
//! assert_eq!(played.violation, None);
//! # Ok::<(), String>(())
//! ```

pub mod actor;
mod acts;
pub mod alone;
pub mod chart;
pub mod checker;
pub mod counters;
pub mod crowd;
pub mod invariant;
mod learn;
mod lied;
pub mod liveness;
mod members;
mod mend;
pub mod mind;
mod moment;
mod network;
pub mod op;
mod order;
pub mod picture;
pub mod plans;
pub mod quiet;
mod reached;
pub mod reference;
pub mod rogue;
pub mod scale;
pub mod schedule;
pub mod script;
mod sense;
pub mod set;
mod story;
pub mod walk;
pub mod world;
