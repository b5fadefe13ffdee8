//! Secret bytes in a place of their own (R-KEY-3).
//!
//! Spec: 1-7. Whatever holds them is moved about: it grows in a list, or leaves one. A move copies, and
//! nobody wipes what it leaves behind. So these stay where they are until they are wiped, and what moves is
//! where they are.

use alloc::boxed::Box;
use core::fmt;
use core::ops::{Deref, DerefMut};

use zeroize::{Zeroize, Zeroizing};

/// 32 secret bytes: a channel key, a terminal's own secret, a chain that random values come from.
pub(crate) struct Key(Box<Zeroizing<[u8; 32]>>);

impl Key {
    /// A copy of these.
    pub(crate) fn of(bytes: &[u8; 32]) -> Self {
        let mut key = Self(Box::new(Zeroizing::new([0; 32])));
        key.copy_from_slice(bytes);
        key
    }

    /// These, which are wiped where they were.
    pub(crate) fn take(bytes: &mut [u8; 32]) -> Self {
        let key = Self::of(bytes);
        bytes.zeroize();
        key
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self::of(self)
    }
}

/// Without the bytes.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Deref for Key {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl DerefMut for Key {
    fn deref_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}
