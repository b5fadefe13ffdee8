//! Who spoke last: what verifies their next text, and the name to show it under (R-MSG-3).
//!
//! Spec: chapter 11. A key as it travels takes a square root to read, which is a tenth of what it takes to
//! verify a signature: those who go on speaking are spared it.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use keyrota_spec::MemberId;

use crate::crypto::VerifyingKey;

/// Most members whose keys are kept ready, in a channel.
const VOICES_MAX: usize = 32;

/// A member as its texts need it.
#[derive(Clone, Debug)]
pub(crate) struct Voice {
    pub(crate) id: MemberId,
    pub(crate) name: Arc<str>,
    pub(crate) signing: VerifyingKey,
}

/// Those who spoke last, the last one last. Nobody gets in but by a signature that verified.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Voices(VecDeque<Voice>);

impl Voices {
    pub(crate) fn get(&self, id: &MemberId) -> Option<&Voice> {
        self.0.iter().rev().find(|voice| voice.id == *id)
    }

    pub(crate) fn note(&mut self, voice: Voice) {
        if self.0.back().is_some_and(|last| last.id == voice.id) {
            return;
        }
        self.forget(&voice.id);
        if self.0.len() >= VOICES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(voice);
    }

    /// What is known of this member is no longer so.
    pub(crate) fn forget(&mut self, id: &MemberId) {
        self.0.retain(|voice| voice.id != *id);
    }
}
