//! What the fuzz targets do with their input: the same for libFuzzer and for stable tests, which replay
//! every corpus and all that ever failed (R-SYS-4).
//!
//! Each target is a file with a function `run`, which takes any bytes and panics if something is wrong
//! with what it is about. [`peer`], [`forge`] and [`watch`] are what they share; [`naive`] is a second
//! decoder, written from the specification alone.

pub mod armor;
pub mod certificate;
pub mod channel;
pub mod differential;
pub mod forge;
pub mod frame;
pub mod message;
pub mod mode;
pub mod naive;
pub mod peer;
pub mod saved_state;
pub mod terminal;
pub mod watch;

/// A target: its name, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 9] = [
    ("armor", armor::run),
    ("frame", frame::run),
    ("certificate", certificate::run),
    ("mode", mode::run),
    ("saved_state", saved_state::run),
    ("message", message::run),
    ("terminal", terminal::run),
    ("channel", channel::run),
    ("differential", differential::run),
];
