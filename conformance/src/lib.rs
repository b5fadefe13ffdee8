//! Conformance of any implementation of keyrota (R-SYS-5): vectors, a runner, and a pipe.
//!
//! One idea: a *case* is one request to an implementation and the one answer that is right. The
//! vector files hold cases; a *testee* is whoever answers: the core in this process ([`own`]), or a
//! foreign program over its standard input and output ([`pipe`]). `README.md` says what a testee
//! must do.

pub mod case;
pub mod choose;
pub mod generate;
pub mod hex;
pub mod input;
pub mod interop;
pub mod json;
mod layout;
pub mod output;
pub mod own;
pub mod pipe;
pub mod relay;
pub mod report;
pub mod run;
pub mod serve;
pub mod testee;

/// The version of the specification that the vectors belong to.
pub const SPEC: &str = "draft 1";
