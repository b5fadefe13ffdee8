//! Older keys: how long they are kept, how they are wiped, and that they stay so (R-KEY-3, R-OBT-3).
//!
//! Spec: chapter 7, "Keys held". To whom they are handed is in [`distribute`](crate::distribute).

use keyrota_spec::{Ask, KeyHint, KeyId};

use crate::action::Refusal;
use crate::channel::Channel;
use crate::mutant::Mutant;
use crate::shared::Shared;

impl Channel {
    /// The user wants an older key.
    pub(crate) fn ask_old(&mut self, cx: &mut Shared, key: KeyHint) -> Result<(), Refusal> {
        let keyed = self.keyed().ok_or(Refusal::NoKey)?;
        if keyed.keys.named(key).next().is_some() {
            return Err(Refusal::Nothing);
        }
        self.asking.name(key);
        let wanted = self.wanted(cx);
        // Unless the current one is missing, which is asked for first.
        if wanted == Some(Ask::Hint(key)) {
            self.open_ask(wanted, cx.now.ms);
        }
        Ok(())
    }

    /// The user wants no older key on this terminal, nor what opens the boxes they came in: whoever
    /// has recorded the lines would make the keys of these again.
    pub(crate) fn forget(&mut self, cx: &mut Shared) -> Result<(), Refusal> {
        let keyed = self.keyed_mut().ok_or(Refusal::NoKey)?;
        let current = keyed.ledger.current().clone();
        keyed.keys.retain_newest(&current);
        cx.unsaved = true;
        self.renew_member_key(cx);
        self.own.forget_previous();
        Ok(())
    }

    /// Wipes keys beyond the number that the user keeps.
    pub(crate) fn limit_keys(&mut self) {
        let limit = self.standing.settings.keys;
        if let Some(keyed) = self.keyed_mut().filter(|_| !Mutant::KeysUnbounded.is_on()) {
            let current = keyed.ledger.current().clone();
            keyed.keys.shrink(&current, limit);
        }
    }

    /// When the next key is older than the user keeps them.
    pub(crate) fn old_keys_due(&self) -> Option<u64> {
        self.keyed()?.keys.expiry(self.keep()?)
    }

    /// Wipes keys that are older than the user keeps them. Whether there were any.
    pub(crate) fn expire_keys(&mut self, now: u64) -> bool {
        let keep = self.keep();
        let (Some(keep), Some(keyed)) = (keep, self.keyed_mut()) else { return false };
        let due = keyed.keys.expiry(keep).is_some_and(|at| at <= now);
        keyed.keys.expire(keep, now);
        due
    }

    /// In milliseconds.
    fn keep(&self) -> Option<u64> {
        self.standing.settings.keep.map(|seconds| u64::from(seconds).saturating_mul(1_000))
    }

    /// Whether a key would be of use: it is not held, and was not wiped, or the user wants it back.
    /// Else whoever repeats old lines would undo the wiping. Or it says that the current record still is.
    pub(crate) fn lacks(&self, id: &KeyId) -> bool {
        let Some(keyed) = self.keyed() else { return false };
        let wiped = || keyed.keys.has_wiped(|wiped| wiped == id);
        let unsure = keyed.unsure_since.is_some() && keyed.ledger.current().id() == *id;
        unsure || keyed.keys.get(id).is_none() && (self.asking.names(&id.hint()) || !wiped())
    }

    /// Whether texts under a key that is not held are not worth keeping, nor the key asking for.
    pub(crate) fn is_forsaken(&self, hint: &KeyHint, now: u64) -> bool {
        let wiped = |keys: &crate::keystore::Keystore| keys.has_wiped(|id| id.hint() == *hint);
        let wiped = self.keyed().is_some_and(|keyed| wiped(&keyed.keys));
        self.asking.has_given_up(hint, now) || wiped && !self.asking.names(hint)
    }
}
