//! All randomness a terminal uses, drawn from the seed its host gives it.
//!
//! Spec: chapter 1, "Random inputs". Each [`Draw`] name has a chain of its own, so what one part of
//! the protocol draws never shifts what another gets: for given input only the order of draws
//! within a name matters. A chain is 32 bytes. A draw of N bytes takes the ChaCha20 keystream
//! (RFC 8439, section 2.4) of the chain as key and a zero nonce, from block 0 on: its first 32
//! bytes are the chain from then on, the N bytes after them are the draw. So whoever reads the
//! memory of a terminal cannot compute what it drew before. The chain of name n starts as the first
//! 32 bytes of the keystream of the seed as key and the nonce of four zero bytes, then n as 8
//! bytes little-endian.

use core::{array, fmt};

use chacha20::ChaCha20;
use cipher::{KeyIvInit, StreamCipher};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::key::Key;

/// What a draw is for. The number names the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draw {
    /// The terminal's own secret.
    Secret = 0,
    /// A member key.
    MemberKey = 1,
    /// The tag under which a session sends texts.
    Tag = 2,
    /// A channel key.
    Key = 3,
    /// The ephemeral of a sealed frame.
    Ephemeral = 4,
    /// A choice among members or keys.
    Choice = 5,
    /// A delay that keeps terminals from speaking at once.
    Jitter = 6,
}

/// A stream holds a chain and what is drawn from it, in its state and in its buffer.
const _: () = {
    const fn is_wiped<T: ZeroizeOnDrop>() {}
    is_wiped::<ChaCha20>();
};

/// The chains of one seed, by number.
#[cfg_attr(feature = "model", derive(Clone))]
pub(crate) struct Random([Key; 7]);

impl Random {
    /// The chains of `seed`, each at its start.
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        Self(array::from_fn(|name| {
            let mut chain = Key::of(&[0; 32]);
            keystream(seed, name as u64).apply_keystream(chain.as_mut_slice());
            chain
        }))
    }

    /// All of them, as they are now.
    #[cfg(feature = "model")]
    pub(crate) fn chains(&self) -> impl Iterator<Item = [u8; 32]> {
        self.0.iter().map(|chain| **chain)
    }

    /// The next `N` bytes of a chain.
    pub(crate) fn bytes<const N: usize>(&mut self, draw: Draw) -> Zeroizing<[u8; N]> {
        let chain = self.chain(draw);
        let mut stream = keystream(chain, 0);
        chain.fill(0);
        stream.apply_keystream(chain.as_mut_slice());
        let mut bytes = Zeroizing::new([0; N]);
        stream.apply_keystream(bytes.as_mut_slice());
        bytes
    }

    /// A number in `0..n`, or 0 if `n` is 0: ⌊x·n / 2⁶⁴⌋, x being the next 8 bytes,
    /// little-endian. Always takes 8 bytes; each number's chance is within 2⁻⁶⁴ of 1/n.
    pub(crate) fn below(&mut self, draw: Draw, n: u64) -> u64 {
        let x = u64::from_le_bytes(*self.bytes(draw));
        (u128::from(x).wrapping_mul(u128::from(n)) >> 64) as u64
    }

    fn chain(&mut self, draw: Draw) -> &mut Key {
        let [secret, member_key, tag, key, ephemeral, choice, jitter] = &mut self.0;
        match draw {
            Draw::Secret => secret,
            Draw::MemberKey => member_key,
            Draw::Tag => tag,
            Draw::Key => key,
            Draw::Ephemeral => ephemeral,
            Draw::Choice => choice,
            Draw::Jitter => jitter,
        }
    }
}

/// Stream(key, nonce) of chapter 1, the nonce being four zero bytes, then these: is XORed to a buffer.
fn keystream(key: &[u8; 32], nonce: u64) -> ChaCha20 {
    let mut whole = [0; 12];
    let (_, last) = whole.split_at_mut(4);
    last.copy_from_slice(&nonce.to_le_bytes());
    ChaCha20::new(key.into(), &whole.into())
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Random").finish_non_exhaustive()
    }
}
