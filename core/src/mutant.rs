//! Cores that are broken on purpose, one rule each: what the model checker must catch.
//!
//! Each mutant is one guard at the place of the rule that it breaks. A core without the feature `model`,
//! or without debug assertions, cannot be broken: there [`Mutant::is_on`] is the constant `false`.

macro_rules! mutants {
    ($($(#[doc = $what:literal])+ $name:ident,)+) => {
        /// What a broken core does wrong.
        #[cfg_attr(not(all(feature = "model", debug_assertions)), allow(unreachable_pub))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutant {
            $($(#[doc = $what])+ $name,)+
        }

        #[cfg(all(feature = "model", debug_assertions))]
        impl Mutant {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

mutants! {
    /// The key of a refresh goes over the network as it is.
    KeyLeaks,
    /// The tag of a sender stays after a restart.
    TagKept,
    /// A key is taken though the record does not commit to it.
    CommitIgnored,
    /// A record is taken though nothing proves its list.
    ProofIgnored,
    /// No text is known for a repeat.
    NoReplayWindow,
    /// A signed text is shown as from whoever is at the nick.
    SignerIgnored,
    /// Texts are sealed under the newest key held, whatever was heard since.
    SealsBelow,
    /// A key seals after its time.
    ExpiredSeals,
    /// A wrapped key is unwrapped with any key held, whatever its root.
    WrapAcrossRoots,
    /// Whom the list bars is given keys.
    BarredGetsKeys,
    /// Whoever is pardoned is given the keys that were made to shut it out.
    PardonedGetsAll,
    /// The epoch is compared before the list.
    EpochFirst,
    /// The list is not compared.
    ListIgnored,
    /// The root is not compared.
    RootIgnored,
    /// The step is compared before the root.
    StepFirst,
    /// The step of a list may change what stands before its author.
    PrefixIgnored,
    /// A refresh may change the list.
    WrappedChange,
    /// Whoever only distributes may change the list.
    DistributorChanges,
    /// The signature of a record is not verified.
    UnsignedRecords,
    /// No bound on the number of keys.
    KeysUnbounded,
    /// What is wrong with a line of another makes the terminal panic.
    FaultPanics,
    /// A text for which there is no key goes out as it is.
    PlainWithoutKey,
    /// After a restart the channel counts as declared plain.
    PlainAfterRestart,
    /// Nobody is accepted on the word of its own key alone.
    StrangersRefused,
    /// Nobody is told of the current record unasked.
    NeverAnnounces,
    /// Whoever has announced something announces it again each minute.
    AnnouncesOn,
    /// The author of a key does not count as a holder.
    AuthorNotHolder,
    /// Whoever gives the key does not count as a holder.
    GiverNotHolder,
    /// An exclusion wraps the next key under the last one.
    ExcludesByRefresh,
    /// Each further departure puts the exclusion off.
    ExclusionPutOff,
    /// Whoever has a seat renews the key at once, whosever turn it is.
    NoGrace,
    /// Whoever steps in waits twice as long as it should.
    GraceDoubled,
    /// No key is renewed because of its age.
    PeriodIgnored,
    /// No key is renewed because of the topic.
    TopicIgnored,
    /// Nobody steps in for those whose turn it is.
    NobodyStepsIn,
    /// The user is not told that nobody can renew the key.
    NobodyNotTold,
    /// What is said hastens no ask for the key.
    AsksInNoHaste,
    /// Who is given an older key than it asked for tells nobody of the newer.
    OlderBoxIgnored,
    /// All keys wrapped under one have the same pad.
    PadReused,
    /// Who is asked for the current key by the hint of a text tells nobody of the record.
    HintIgnored,
    /// What a clock said before it was set back counts.
    AheadForGood,
    /// A conversation begins with whom the user talks with at another nick.
    TwoWithOne,
    /// Whoever is asked in a new conversation makes no key.
    PeerUnanswered,
    /// A member that this terminal alone does not accept is excluded again and again.
    NoneTolerated,
    /// A text that waited too long is dropped without a word.
    TextForgotten,
    /// What is due at a moment is not done at that moment.
    BusyWake,
}

#[cfg(all(feature = "model", debug_assertions))]
mod hook {
    use core::sync::atomic::{AtomicU8, Ordering};

    use super::Mutant;

    const SOUND: u8 = u8::MAX;

    /// One for the whole process: whoever breaks the core must be alone there.
    static BROKEN: AtomicU8 = AtomicU8::new(SOUND);

    impl Mutant {
        /// From now on the core is broken in this way alone; `None`: it is sound.
        pub fn set(mutant: Option<Self>) {
            BROKEN.store(mutant.map_or(SOUND, |mutant| mutant as u8), Ordering::Relaxed);
        }

        /// Whether the core is to be broken in this way.
        pub(crate) fn is_on(self) -> bool {
            BROKEN.load(Ordering::Relaxed) == self as u8
        }
    }
}

#[cfg(not(all(feature = "model", debug_assertions)))]
impl Mutant {
    /// Never.
    pub(crate) const fn is_on(self) -> bool {
        false
    }
}
