//! What peers make up: a channel at first contact, old keys, counters, keys that are none.

#[path = "../rig/mod.rs"]
mod rig;

mod binding;
mod first_contact;
mod insiders;
mod peer;
