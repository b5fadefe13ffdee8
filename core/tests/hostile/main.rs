//! Hostile lines: altered, replayed, made up by outsiders, insiders and the server. They change
//! nothing but leave a notice, and all talk on (R-SYS-1; spec chapters 3, 4, 8, 9 and 11).

#[path = "../rig/mod.rs"]
mod rig;

mod altered;
mod armour;
mod eve;
mod insider;
mod newcomer;
mod outsider;
mod replay;
mod server;
mod stage;
