//! Members that signed twice: found among the records heard, told with what proves it to anybody.
//!
//! Spec: chapter 8, "Signing twice". Nothing is judged by it.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use keyrota_spec::limits::TOLD_MAX;
use keyrota_spec::{Evidence, MemberId, Point, label};

use crate::crypto::{Tally, VerifyingKey};
use crate::identity::member_id;
use crate::record::KeyRecord;

/// Who signed twice where an honest terminal signs once (chapter 8, "Signing twice").
///
/// Anybody can ask this, without a terminal and without having been in the channel. `None`: the
/// signatures do not verify, or the key is not their author's; so it is no evidence.
pub fn signed_twice(evidence: &Evidence) -> Option<MemberId> {
    let key = VerifyingKey::from_bytes(&evidence.key().0)?;
    let id = member_id(evidence.key());
    let mut tally = Tally::default();
    evidence
        .records()
        .iter()
        .all(|signed| {
            let author = signed.record.author_entry().is_some_and(|entry| entry.id == id);
            let parts: [&[u8]; 2] = [label::SIGN_RECORD, &signed.record.to_bytes()];
            author && key.verify(&mut tally, &parts, &signed.signature.0)
        })
        .then_some(id)
}

/// Of whom was told that they signed twice.
#[derive(Debug, Default)]
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Twins(VecDeque<MemberId>);

impl Twins {
    #[cfg(feature = "model")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Evidence that the author of a valid record signed another in its place, once of an author.
    pub(crate) fn look<'a>(
        &mut self,
        record: &KeyRecord,
        key: Point,
        mut heard: impl Iterator<Item = &'a KeyRecord>,
    ) -> Option<Box<Evidence>> {
        let author = record.author().id;
        if self.0.contains(&author) {
            return None;
        }
        let pair = |other: &KeyRecord| {
            Evidence::new(key, record.signed.clone(), other.signed.clone()).map(Box::new)
        };
        let evidence = heard.find_map(|other| twins(record, other).then(|| pair(other))?)?;
        if self.0.len() >= TOLD_MAX {
            self.0.pop_front();
        }
        self.0.push_back(author);
        Some(evidence)
    }
}

/// Whether these may be such a pair: the rest costs copies.
fn twins(one: &KeyRecord, other: &KeyRecord) -> bool {
    let (first, second) = (one.record(), other.record());
    first.author == second.author
        && first.epoch == second.epoch
        && first.step() == second.step()
        && first.list == second.list
}
