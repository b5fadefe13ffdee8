//! The layout of chapter 17, read and written by somebody else than the core.

use keyrota::crypto::hash;
use keyrota::spec::{
    ChannelId, IssuerId, KeyId, MemberHint, MemberId, Point, Signature, Tag, label,
};

pub type Mark = ((Tag, Option<MemberId>), (u32, u64));
pub type Gone = (KeyId, u64, bool, Vec<Mark>);
pub type Known = (Vec<u8>, Signature, Option<Point>);
pub type Key = (u16, Vec<u16>, Vec<u8>, u64, u64, Option<u64>, Vec<Mark>);
pub type Stay = (Vec<Known>, u16, Vec<u16>, u32, Vec<MemberHint>, Vec<Key>, Vec<(MemberId, u32)>);
pub type Channel =
    (String, bool, Option<ChannelId>, u64, Vec<MemberId>, Vec<Gone>, Option<Stay>, bool);
pub type Pin = (String, MemberId, Option<IssuerId>);
pub type Acceptance = (u8, Vec<(Point, bool)>, Vec<Pin>, Vec<MemberId>, Vec<MemberId>);
pub type State = (MemberId, u64, Vec<u8>, u8, Acceptance, Vec<Channel>);

pub fn read(saved: &[u8]) -> State {
    postcard::from_bytes(&saved[1..saved.len() - 32]).expect("the layout of chapter 17")
}

pub fn write(state: &State) -> Vec<u8> {
    let mut content = vec![1];
    content.extend(postcard::to_allocvec(state).expect("bytes"));
    checked(&content)
}

/// These bytes, as they would be if somebody had saved them.
pub fn checked(content: &[u8]) -> Vec<u8> {
    [content, &hash(label::SAVED, &[content])].concat()
}
