//! Saving a terminal and restoring it: what is kept, and in which layout (R-SYS-1, R-KEY-3).
//!
//! Spec: chapter 17. The first byte is the version of the layout, the last 32 are a check; between
//! them stands one [`State`]. Every layout that was released stays readable.

use alloc::vec::Vec;
use core::fmt;

use keyrota_spec::label;
use zeroize::Zeroizing;

use crate::casemap::CaseMapping;
use crate::channel::Standing;
use crate::config::Config;
use crate::crypto;
use crate::direct::{Kind, Pair};
use crate::hello::Said;
use crate::identity::Identity;
use crate::key::Key;
use crate::layout::{Acceptance, State, key, read_gone, write};
use crate::mutant::Mutant;
use crate::rooms::Room;
use crate::rule::Passed;
use crate::terminal::Terminal;
use crate::time::Now;

/// Of the layout that is written; the first byte.
const VERSION: u8 = 1;
/// How long before it was restored a terminal's own clock began, in milliseconds: some 34 years.
const AHEAD: u64 = 1 << 40;
/// Bytes of the check; the last ones.
const CHECK: usize = 32;

/// Why no terminal can be restored from what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreError {
    /// A layout that this version does not know.
    Version(u8),
    /// Not, or no longer, what [`Terminal::save`] gave.
    Damaged,
    /// The state of another identity's terminal.
    Identity,
    /// One of the settings that channels start with is out of its bounds.
    Settings,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "layout {version} of a saved state is not known"),
            Self::Damaged => f.write_str("not a saved state, or a damaged one"),
            Self::Identity => f.write_str("the saved state of another identity"),
            Self::Settings => f.write_str("a setting is out of its bounds"),
        }
    }
}

impl core::error::Error for RestoreError {}

/// By which a damaged state is told.
pub(crate) fn check_of(content: &[u8]) -> [u8; CHECK] {
    crypto::hash(label::SAVED, &[content])
}

/// What a restored terminal draws from instead of the seed that it was given.
pub(crate) fn restored_seed(
    secret: &[u8; 32],
    seed: &[u8; 32],
    unix: u64,
    check: &[u8; CHECK],
) -> Zeroizing<[u8; 32]> {
    let parts: [&[u8]; 3] = [seed, &unix.to_be_bytes(), check];
    crypto::expand(&crypto::extract(secret, &parts), label::RESTORE, &[])
}

impl Terminal {
    /// What a terminal must remember from one run of its program to the next, for
    /// [`restore`](Self::restore). It holds channel keys: store it as secret as the identity.
    ///
    /// The program saves upon [`Action::Save`](crate::Action::Save), and may at any time. Its size, and
    /// the time it takes, go with the channels, their keys, and the tags seen under these.
    pub fn save(&self) -> Zeroizing<Vec<u8>> {
        let cx = &self.shared;
        let state = State {
            owner: self.id(),
            at: cx.now.unix,
            secret: cx.secret.as_slice(),
            casemapping: cx.casemapping.number(),
            acceptance: Acceptance::of(&cx.authentication),
            channels: self.rooms.values().filter_map(|room| write(room, cx.now)).collect(),
        };
        // Sized at once: a growing vector would leave keys behind in memory it gave back.
        let size = postcard::experimental::serialized_size(&state).unwrap_or(0);
        let mut bytes = Zeroizing::new(Vec::with_capacity(size.saturating_add(1 + CHECK)));
        bytes.push(VERSION);
        bytes.resize(size.saturating_add(1), 0);
        let written = bytes.get_mut(1..).map(|rest| postcard::to_slice(&state, rest));
        // The types rule this out. Were that ever untrue, better no answer than a state of zeros that
        // takes the place of a good one.
        assert!(matches!(written, Some(Ok(_))), "exactly as large as it said");
        let check = check_of(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }
}

impl Terminal {
    /// The terminal that was saved, in no channel: as if its connection had been lost. When it has
    /// joined its channels it opens texts at once, and seals as soon as somebody has told it that
    /// its key is still current, or within half a minute.
    ///
    /// `config` and `identity` are given as to [`new`](Self::new). Whom the user accepts, and the way to
    /// compare names, are as saved, whatever `config` says: the user decides by commands, and the
    /// transport says by events. Settings are those of `config`; those of single channels are not saved.
    ///
    /// `seed` must come from a generator fit for keys and must never be used twice, for an old copy of
    /// a state either: two terminals that one state and one seed make in one second seal different
    /// texts alike.
    ///
    /// # Errors
    /// [`RestoreError`]. Whatever the bytes, nothing else happens, and memory stays within a small
    /// multiple of their length.
    pub fn restore(
        config: Config,
        identity: Identity,
        saved: &[u8],
        mut seed: [u8; 32],
        now: Now,
    ) -> Result<Self, RestoreError> {
        let seed = Key::take(&mut seed);
        match saved.first() {
            Some(&VERSION) => {}
            Some(&version) => return Err(RestoreError::Version(version)),
            None => return Err(RestoreError::Damaged),
        }
        let (content, check) = saved.split_last_chunk::<CHECK>().ok_or(RestoreError::Damaged)?;
        if check_of(content) != *check {
            return Err(RestoreError::Damaged);
        }
        let state = content.get(1..).and_then(|bytes| postcard::take_from_bytes(bytes).ok());
        let Some((state, [])) = state else { return Err(RestoreError::Damaged) };
        let state: State<'_> = state;
        if state.owner != identity.id() {
            return Err(RestoreError::Identity);
        }
        let secret = key(state.secret).ok_or(RestoreError::Damaged)?;
        // Other values than from the same seed in a new terminal, or from another copy.
        let seed = restored_seed(&secret, &seed, now.unix, check);
        let mut terminal =
            Self::new(config, identity, *seed, now).map_err(|_| RestoreError::Settings)?;
        terminal.shared.secret = secret;
        // What was before the restart has a time on the terminal's own clock too.
        terminal.ahead = AHEAD;
        terminal.shared.now.ms = terminal.shared.now.ms.saturating_add(AHEAD);
        terminal.shared.restored = Some(terminal.shared.now.ms);
        terminal.take_up(state).ok_or(RestoreError::Damaged)?;
        Ok(terminal)
    }

    /// `None`: it does not hold together.
    fn take_up(&mut self, state: State<'_>) -> Option<()> {
        let cx = &mut self.shared;
        cx.casemapping = CaseMapping::from_number(state.casemapping)?;
        cx.authentication = state.acceptance.read(&cx.identity.certificate.body.key)?;
        let passed = cx.now.unix.saturating_sub(state.at).saturating_mul(1_000);
        for saved in state.channels.0 {
            let folded = cx.casemapping.fold(saved.name)?;
            if self.rooms.last_key_value().is_some_and(|(last, _)| *last >= folded) {
                return None;
            }
            let kind = if saved.conversation { Kind::Conversation } else { Kind::Channel };
            let same = |room: &Room| saved.pin.is_some() && room.conversation() == Some(saved.pin);
            if saved.conversation && self.rooms.values().any(same) {
                // One with each (16-30).
                return None;
            }
            let settings = self.settings.clone();
            let mut standing = Standing::new(kind, saved.name, folded.clone(), settings);
            if saved.conversation {
                cx.said_hello = Said::new(cx.now.unix, cx.said_hello.greatest().max(saved.said));
            }
            let plain = saved.plain || Mutant::PlainAfterRestart.is_on();
            (standing.plain, standing.pin) = (plain, saved.pin);
            (standing.passed, standing.said) = (Passed::restored(saved.passed.0), saved.said);
            let seen = read_gone(saved.gone, passed, cx.now)?;
            match saved.stay {
                None => standing.seen = seen,
                Some(stay) => {
                    let kept = stay.read(seen, passed, cx.now)?;
                    let fits = match kind {
                        Kind::Channel => {
                            let genesis = kept.ledger.genesis()?.record().channel;
                            let lone = || kept.ledger.belongs_to(&cx.me());
                            genesis == standing.digest && (standing.pin.is_some() || lone())
                        }
                        Kind::Conversation => {
                            let mut seats = kept.ledger.list().seats().map(|(_, seat)| seat.id);
                            let other = seats.find(|id| *id != cx.me())?;
                            let pair = Pair::new(&cx.me(), &other)?;
                            standing.pin.is_some() && pair.has(kept.ledger.current())
                        }
                    };
                    if standing.pin.is_some_and(|pin| pin != kept.ledger.channel()) || !fits {
                        return None;
                    }
                    standing.kept = Some(kept);
                }
            }
            let room = Room::outside(standing);
            self.rooms.insert(folded, room);
        }
        Some(())
    }
}
