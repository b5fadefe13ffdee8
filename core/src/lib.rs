//! End-to-end encrypted group chat channels that key themselves.
#![no_std]

extern crate alloc;

mod action;
mod announce;
mod authentication;
pub mod casemap;
mod channel;
mod config;
#[doc(hidden)]
pub mod crypto;
mod distribute;
mod event;
mod exclude;
mod hello;
mod identity;
mod inquire;
mod keystore;
mod ledger;
mod members;
mod message;
pub mod mode;
mod obtain;
mod random;
mod record;
mod records;
mod renew;
mod replay;
mod rights;
pub mod roster;
mod rota;
mod shared;
mod terminal;
mod time;
mod transport;
mod update;
mod view;

pub use action::{Action, Actions, Fault, Notice, Protection, Refusal, Speaker};
pub use authentication::{Authentication, Authority, Rejection, SelfSigned};
pub use config::{Choice, Config, GrantRule, Settings, Triggers};
pub use crypto::Tally;
pub use event::{Command, Event};
pub use identity::{Identity, IdentityError, member_id};
pub use keyrota_spec as spec;
pub use terminal::Terminal;
pub use time::{Duty, Now, Wake};
pub use view::View;
