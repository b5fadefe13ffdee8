//! Lines into frames: puts fragments together again (R-CLI-3).
//!
//! Spec: chapter 4, "Reassembly".

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use keyrota_spec::armor::{Line, PartId};
use keyrota_spec::limits::{FRAGMENTS_MAX, FRAME_MAX, PARTIAL_AGE, PARTIAL_MAX, PARTIAL_PER_NICK};

/// Frames of which some fragments have come.
///
/// Each belongs to the channel and nick that its fragments came from, so nobody can slip a fragment into
/// another's frame; each nick has its share, so nobody can push out another's; and those whom the
/// roster lists come before those whom it does not.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Reassembly(VecDeque<Partial>);

/// Where a line came from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) channel: Arc<str>,
    pub(crate) nick: Arc<str>,
    /// Whether the channel's roster lists the nick.
    pub(crate) listed: bool,
}

impl Source {
    fn is(&self, other: &Self) -> bool {
        self.nick == other.nick && self.channel == other.channel
    }
}

#[derive(Debug)]
#[cfg_attr(feature = "model", derive(Clone))]
struct Partial {
    source: Source,
    id: PartId,
    count: u8,
    fragments: [Option<Vec<u8>>; FRAGMENTS_MAX],
    since: u64,
}

impl Reassembly {
    /// Takes a line in; returns a frame's bytes if it completes one.
    pub(crate) fn take(&mut self, line: Line, source: &Source, now: u64) -> Option<Vec<u8>> {
        let (id, index, count, bytes) = match line {
            Line::Whole(bytes) => return Some(bytes),
            Line::Part { id, index, count, bytes } => (id, index, count, bytes),
        };
        self.0.retain(|partial| now.saturating_sub(partial.since) < PARTIAL_AGE);
        let same = |partial: &Partial| {
            partial.source.is(source) && partial.id == id && partial.count == count
        };
        let at = match self.0.iter().position(same) {
            Some(at) => at,
            None => self.begin(source, id, count, now)?,
        };
        let partial = self.0.get_mut(at)?;
        let fragment = partial.fragments.get_mut(usize::from(index))?;
        if fragment.is_none() {
            *fragment = Some(bytes);
        }
        let complete = partial.fragments.iter().flatten().count() == usize::from(count);
        if !complete {
            return None;
        }
        let fragments = self.0.remove(at)?.fragments;
        let frame: Vec<u8> = fragments.into_iter().flatten().flatten().collect();
        (frame.len() <= FRAME_MAX).then_some(frame)
    }

    #[cfg(feature = "model")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes room for one more, and returns where it is.
    fn begin(&mut self, source: &Source, id: PartId, count: u8, now: u64) -> Option<usize> {
        let own = |partial: &Partial| partial.source.is(source);
        if self.0.iter().filter(|partial| own(partial)).count() >= PARTIAL_PER_NICK {
            let oldest = self.0.iter().position(own)?;
            self.0.remove(oldest);
        } else if self.0.len() >= PARTIAL_MAX {
            let unlisted = self.0.iter().position(|partial| !partial.source.listed);
            let oldest = unlisted.or(source.listed.then_some(0))?;
            self.0.remove(oldest);
        }
        let fragments = [None, None, None, None];
        let source = source.clone();
        self.0.push_back(Partial { source, id, count, fragments, since: now });
        self.0.len().checked_sub(1)
    }
}
