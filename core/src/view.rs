//! Looking into a channel: for the program that shows it, and for tests.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::{Certificate, ChannelId, KeyId, List, MemberId, Record};

use crate::authentication::{Rejection, Voucher};
use crate::channel::Channel;
use crate::roster::Roster;
use crate::shared::Shared;

/// What a terminal knows of one channel at this moment.
#[derive(Clone, Copy)]
pub struct View<'a> {
    channel: &'a Channel,
    shared: &'a Shared,
}

/// Without secrets and texts.
impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("View");
        out.field("channel", self.channel.name()).field("current", &self.current());
        out.finish_non_exhaustive()
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(channel: &'a Channel, shared: &'a Shared) -> Self {
        Self { channel, shared }
    }

    #[cfg(feature = "model")]
    pub(crate) fn channel(&self) -> &'a Channel {
        self.channel
    }

    #[cfg(feature = "model")]
    pub(crate) fn shared(&self) -> &'a Shared {
        self.shared
    }

    /// The identifier of the channel, which is its fingerprint; `None` until it is known.
    pub fn id(&self) -> Option<ChannelId> {
        self.channel.keyed().map(|keyed| keyed.ledger.channel())
    }

    /// The current record: the greatest valid one that was heard.
    pub fn record(&self) -> Option<&'a Record> {
        self.channel.keyed().map(|keyed| keyed.ledger.current().record())
    }

    /// Names the current record and its key, whether or not that is held.
    pub fn current(&self) -> Option<KeyId> {
        self.channel.keyed().map(|keyed| keyed.ledger.current().id())
    }

    /// Names the key under which a text would be sealed now.
    pub fn sealing(&self) -> Option<KeyId> {
        let keyed = self.channel.keyed()?;
        keyed.sealing(self.shared.now.ms).map(|held| held.id())
    }

    /// The keys held, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = KeyId> {
        self.channel.keyed().into_iter().flat_map(|keyed| keyed.keys.iter().map(|held| held.id()))
    }

    /// Who may do what.
    pub fn list(&self) -> Option<&'a List> {
        self.record().map(|record| &record.list)
    }

    /// The updating order at this moment: the members who would renew the key, the first first.
    pub fn order(&self) -> Vec<MemberId> {
        self.channel.order(self.shared)
    }

    /// The name in the certificate of a member, accepted or not, and whether it is present.
    pub fn member(&self, id: &MemberId) -> Option<(Arc<str>, bool)> {
        let voice = self.channel.members.voice(id)?;
        Some((voice.name, self.channel.is_present(self.shared, id)))
    }

    /// What is made of the certificate of a member: on whose word it is accepted, or why not.
    pub fn vouched(&self, id: &MemberId) -> Option<Result<Voucher, Rejection>> {
        self.channel.members.get(id).map(|person| person.accepted)
    }

    /// The certificate of a member, accepted or not.
    pub fn certificate(&self, id: &MemberId) -> Option<Certificate> {
        self.channel.members.get(id)?.hello().map(|signed| signed.hello.certificate)
    }

    /// With whom the user talks here, once that is known; `None` in a channel.
    pub fn peer(&self) -> Option<MemberId> {
        self.channel.peer(self.shared)
    }

    /// Who is in the channel.
    pub fn roster(&self) -> &'a Roster {
        &self.channel.roster
    }

    /// Whether texts go out as they are typed.
    pub fn is_plain(&self) -> bool {
        self.channel.standing.plain
    }
}
