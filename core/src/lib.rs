//! End-to-end encrypted group chat channels that key themselves.
//!
//! The members of a channel hold a common key. Their terminals make it, hand it out, and take turns
//! at renewing it; a *rota* is a list of people who take turns at a duty. No server is trusted, and
//! no robot holds the key. The transport carries lines of text, as IRC does, and tells who is here.
//!
//! This crate is the state machine of one user's terminal, in any number of channels. It has no
//! I/O, no clock, no threads and no source of randomness: the program around it hands these in. So
//! the same inputs give the same bytes, and a test lets a day pass in a millisecond. The wire types
//! are in [`spec`], and the written specification beside them.
//!
//! # Driving a terminal
//!
//! Two doors in, one queue out:
//!
//! - [`Terminal::handle`] takes an [`Event`]: what happened on the transport. It never fails.
//! - [`Terminal::command`] takes a [`Command`]: what the user wants. A [`Refusal`] says why not.
//! - Both give [`Actions`]: lines to send, texts to show and things to know, to be done in this
//!   order. What is not read stays in the queue.
//!
//! And one promise: after each of these calls, look at [`Terminal::wake`], and hand in
//! [`Event::Tick`] when that time has come. Renewing keys, excluding those who left and standing in
//! for those who are silent all happen then.
//!
//! When the program ends, or dies, a terminal's memory is what it has stored. [`Action::Save`] stands in
//! the queue before lines that say what must not be forgotten: a record that it signed, a right that was
//! taken. Store [`Terminal::save`] then, before the lines behind it go out, and begin the next run with
//! [`Terminal::restore`]. A program that never does loses its channels when it ends.
//!
//! Two terminals, with a queue for a transport:
//!
//! ```
//! use keyrota::{Action, Command, Config, Event, Identity, Now, Terminal};
//! use std::collections::VecDeque;
//!
//! let (channel, now) = ("#ryugu", Now { ms: 0, unix: 1_767_225_600 });
//! // The secret is who the user is, and kept; the seed is for this run, and for no other one. Real
//! // ones come from a generator fit for keys.
//! let terminal = |nick, secret: [u8; 32], seed: [u8; 32]| {
//!     let identity = Identity::self_signed(&secret, nick, now.unix, 31_536_000)?;
//!     Ok::<_, Box<dyn std::error::Error>>(Terminal::new(Config::new(nick), identity, seed, now)?)
//! };
//! let names = [("taro", false), ("hanako", false)];
//! let taro = terminal("taro", [1; 32], [2; 32])?;
//! let hanako = terminal("hanako", [3; 32], [4; 32])?;
//! let mut terminals = [taro, hanako];
//!
//! // What a server tells them as they join. taro is alone, and opens the channel.
//! let mut queue = VecDeque::new();
//! for (to, event) in [
//!     (0, Event::Join { channel, nick: "taro" }),
//!     (0, Event::Names { channel, names: &names[..1] }),
//!     (0, Event::Join { channel, nick: "hanako" }),
//!     (1, Event::Join { channel, nick: "hanako" }),
//!     (1, Event::Names { channel, names: &names }),
//! ] {
//!     queue.extend(terminals[to].handle(now, event).map(|action| (to, action)));
//! }
//! // Her terminal has asked for the key. What she says goes out as soon as it has come.
//! let say = Command::Say { channel, text: "hello", signed: None };
//! queue.extend(terminals[1].command(now, say)?.map(|action| (1, action)));
//!
//! let mut shown = Vec::new();
//! while let Some((from, action)) = queue.pop_front() {
//!     match action {
//!         Action::Send { channel, text } => {
//!             let (nick, to) = (names[from].0, 1 - from);
//!             let line = Event::Line { channel: &channel, nick, text: &text };
//!             queue.extend(terminals[to].handle(now, line).map(|action| (to, action)));
//!         }
//!         Action::Show { text, .. } => shown.push((names[from].0, text)),
//!         // Notices, for the user or a log.
//!         _ => {}
//!     }
//! }
//! assert_eq!(shown, [("taro", "hello".to_string())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The examples `chat` (terminals and a relay in one process) and `irc` (a client for any IRC
//! server) drive terminals in earnest.
//!
//! # Conversations
//!
//! [`Command::Converse`] begins one with whoever is at a nick; somebody else's line, handed in as
//! [`Event::Private`], begins one too. From then on that nick stands wherever a channel's name does:
//! [`Command::Say`] seals for the one peer, and [`Action::Send`] to a nick goes to it alone. Nobody
//! has to have a channel in common with anybody.
//!
//! # What can go wrong
//!
//! Errors are of three families, told apart by who is at fault:
//!
//! - Bytes that are no frame, [`spec::Malformed`], end as a [`Notice`] with [`Fault::Malformed`].
//! - A peer's fault, a frame that is not accepted, ends as a [`Notice`] with any other [`Fault`].
//! - The caller's misuse is the only `Err`: [`Refusal`] of a command, [`IdentityError`] for what is
//!   no identity, [`RestoreError`] for what is no saved state, [`mode::ModeError`] for what is no MODE
//!   command.
//!
//! Whatever peers and server send, nothing panics, memory stays within the bounds of
//! [`spec::limits`], and a mistake changes nothing but counters and notices. All these enums are
//! `#[non_exhaustive]`: later versions may tell more.
//!
//! # Who is let in
//!
//! By default a terminal takes the first certificate of a name for true, pins it
//! ([`SelfSigned::Pin`]), and hands the key to whoever introduces itself so and is not barred. That
//! keeps the server from reading along unseen, but not from joining under a name of its own like
//! anyone else. Where that is not enough:
//!
//! - ask the user: [`SelfSigned::Ask`]. Each stranger is a [`Notice::Question`], answered by
//!   [`Command::Answer`] at any time; nothing waits but what concerns the stranger;
//! - let users vouch for friends: [`Identity::vouch`]. Whoever signed it accepts it as it is, others
//!   if they have added that user as an authority;
//! - accept only what authorities of yours have signed: [`Authentication::add_authority`] with
//!   [`SelfSigned::Refuse`].
//!
//! Whom to trust with that is not a detail. An authority gives any name to any key. The operator of
//! the server, if its key is added ([`Authentication::add_server`]), can let in an accomplice under
//! any name that is not pinned: so [`Notice::Seen`] and [`View::vouched`] say on whose word a member
//! is there, and a program must show it. What members compare by another way is a [`Fingerprint`].
//!
//! # Features
//!
//! There is one, `model`, for the model checker and the conformance vectors alone: it shows secrets, and
//! where debug assertions are on it lets the checker break the core on purpose. The crate is `no_std` and
//! needs `alloc`; it holds no unsafe code.
#![no_std]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

extern crate alloc;

mod acceptance;
mod action;
mod announce;
mod authentication;
mod calls;
pub mod casemap;
mod channel;
mod comeback;
mod config;
mod consent;
mod contact;
#[doc(hidden)]
pub mod crypto;
mod direct;
mod distribute;
mod event;
mod evidence;
mod exclude;
mod fingerprint;
mod founders;
mod gate;
mod held;
mod hello;
mod identity;
mod inquire;
#[cfg(feature = "model")]
mod inspect;
mod issuer;
mod key;
mod keystore;
mod layout;
mod ledger;
mod members;
mod message;
pub mod mode;
mod mutant;
mod obtain;
mod old_keys;
#[cfg(feature = "model")]
pub mod parts;
mod random;
mod record;
mod records;
mod renew;
mod repair;
mod replay;
mod rights;
mod rooms;
pub mod roster;
mod rota;
mod rule;
mod saved;
mod shared;
mod terminal;
mod time;
mod transport;
mod update;
mod view;
mod voices;

pub use action::{Action, Actions, Fault, Notice, Protection, Refusal, Speaker};
pub use authentication::{Authentication, Pin, Rejection, SelfSigned, Voucher};
pub use config::{Choice, Config, GrantRule, OldKeys, Renewer, Settings, Triggers};
pub use crypto::Tally;
pub use event::{Command, Event};
pub use evidence::signed_twice;
pub use fingerprint::Fingerprint;
pub use identity::{Identity, IdentityError, member_id};
pub use issuer::{Authority, issuer_id};
pub use keyrota_spec as spec;
#[cfg(all(feature = "model", debug_assertions))]
pub use mutant::Mutant;
pub use saved::RestoreError;
pub use terminal::Terminal;
pub use time::{Duty, Now, Wake};
pub use view::View;

/// The examples of the project's front page, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ReadMe;
