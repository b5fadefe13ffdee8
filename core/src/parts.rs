//! Parts of the protocol by themselves, for those who test them against vectors (R-SYS-5).
//!
//! Only with the feature `model`. Nothing is done here: each function is a door to what terminals
//! do, and the chapter that its file names says what that is.

use alloc::vec::Vec;

use keyrota_spec::armor;

use crate::transport::{Reassembly, Source};

/// Lines that were received, as frames (chapter 4).
#[derive(Debug, Default)]
pub struct Fragments(Reassembly);

impl Fragments {
    /// Takes in a line of a nick in a channel, which lists that nick or does not; a frame, if it
    /// is one, or completes one.
    pub fn take(
        &mut self,
        line: &str,
        (channel, nick, listed): (&str, &str, bool),
        now: u64,
    ) -> Option<Vec<u8>> {
        let source = Source { channel: channel.into(), nick: nick.into(), listed };
        self.0.take(armor::parse(line)?, &source, now)
    }
}
