//! Every bound and every time of the protocol.
//!
//! Spec: chapter 5, "Limits", whose table a test holds against this file. Lengths are in bytes,
//! times in milliseconds unless the name says otherwise.

/// The version that this crate speaks; the high half of a frame's first byte.
pub const VERSION: u8 = 1;
/// Longest frame.
pub const FRAME_MAX: usize = 880;
/// Shortest line, in characters, that a transport may offer; also the default.
pub const LINE_MIN: usize = 300;
/// Longest line, in characters, that is made use of.
pub const LINE_MAX: usize = 2048;
/// Most fragments of one frame.
pub const FRAGMENTS_MAX: usize = 4;
/// Longest channel name and nickname.
pub const NICK_MAX: usize = 200;
/// Longest name in a certificate.
pub const NAME_MAX: usize = 23;
/// Longest text or control in one message: a frame less the overhead of a signed text.
pub const TEXT_MAX: usize = FRAME_MAX - 91;
/// Most seats in a list.
pub const SEATS_MAX: usize = 16;
/// Most barred members in a list.
pub const BARRED_MAX: usize = 16;
/// Greatest `changes` of an entry.
pub const CHANGES_MAX: u32 = (1 << 30) - 1;
/// Greatest epoch.
pub const EPOCH_MAX: u16 = 16_383;
/// Greatest step.
pub const STEP_MAX: u8 = 127;
/// Greatest counter of a text, per tag and key.
pub const COUNTER_MAX: u32 = (1 << 21) - 1;
/// Most boxes that one sealed record goes out with.
pub const BOXES_MAX: usize = 512;
/// Longest lifetime of a key, in minutes: 30 days.
pub const LIFETIME_MAX_MINUTES: u16 = 43_200;
/// Default lifetime of a key, in minutes: one day.
pub const LIFETIME_MINUTES: u16 = 1_440;

/// Longest evidence that a member signed twice: what two frames can hold.
pub const EVIDENCE_MAX: usize = 2 * FRAME_MAX;

/// Keys held per channel, at most and by default.
pub const KEYS_MAX: usize = 64;
/// Keys held per channel unless the user says otherwise.
pub const KEYS: usize = 16;
/// Records (with what came with them) that wait for a proof or an author's key.
pub const WAITING_MAX: usize = 8;
/// Former seats, and authors of lost changes, whose `changes` are remembered, per channel.
pub const SETTLED_MAX: usize = 64;
/// Members remembered of whom it was told that they signed twice, per channel.
pub const TOLD_MAX: usize = 16;
/// Boxes that wait for the first line of their frame.
pub const LOOSE_BOXES_MAX: usize = 8;
/// Texts that cannot be opened yet, per channel; half is reserved for keys of valid records.
pub const HELD_MAX: usize = 64;
/// Texts of the user that wait for a key, per channel.
pub const OUTBOX_MAX: usize = 64;
/// How long either kind is kept.
pub const HOLD: u64 = 600_000;
/// Frames of which some fragments have come, per terminal.
pub const PARTIAL_MAX: usize = 32;
/// Unfinished frames of one sender.
pub const PARTIAL_PER_NICK: usize = 2;
/// How long an unfinished frame is kept.
pub const PARTIAL_AGE: u64 = 60_000;
/// Members known, and occupants listed, per channel.
pub const MEMBERS_MAX: usize = 16_384;
/// Channels of one terminal.
pub const CHANNELS_MAX: usize = 1_024;
/// Conversations begun by others that the user has not called, per terminal.
pub const UNINVITED_MAX: usize = 64;
/// Names pinned to keys.
pub const PINS_MAX: usize = 16_384;
/// Members about whom the user is asked at a time.
pub const QUESTIONS_MAX: usize = 32;
/// Members remembered whom the user, asked, did not accept.
pub const DECLINED_MAX: usize = 1_024;
/// Tags of one key whose texts are told from repeats.
pub const TAGS_MAX: usize = 4_096;
/// Members that may claim one tag at a time.
pub const CLAIMS_MAX: usize = 4;
/// How far back, in texts, a late one is still told from a repeat.
pub const REPLAY_WINDOW: u32 = 64;
/// Strangers' signatures that are verified, in a second.
pub const STRANGERS_PER_SECOND: u64 = 20;
/// Signatures that are verified for lines in the name of known members, in a second.
pub const ACQUAINTANCES_PER_SECOND: u64 = 100;
/// Signatures of texts that are verified, in a minute.
pub const CHECKS_PER_MINUTE: u64 = 6_000;
/// What one nick may take of each of these, and of the places for texts that wait: a half.
pub const NICK_PART: u64 = 2;
/// Nicks whose part of each of these is counted.
pub const PEERS_MAX: usize = 64;
/// Public answers (Hello, proof, refusal) given, in a minute.
pub const ANSWERS_PER_MINUTE: u64 = 60;
/// Conversations that others may begin, and refusals to those who may not, in a minute.
pub const CALLS_PER_MINUTE: u64 = 20;
/// Asks answered in one frame's lines.
pub const ASKS_MAX: usize = 512;

/// Grace G: how long each position in the updating order waits for the one before.
pub const GRACE: u64 = 20_000;
/// T: how long an ask waits for its answer before it goes to another member.
pub const ASK_WAIT: u64 = 15_000;
/// Longest wait between two asks.
pub const ASK_BACKOFF_MAX: u64 = 600_000;
/// Asks that go unanswered in a channel where no frame was ever heard, before asking stops.
pub const ASKS_UNHEARD: u32 = 5;
/// W: how long those who lack the current key spread their asks over.
pub const ASK_JITTER: u64 = 10_000;
/// By how much each line with boxes for a key puts off the first ask for it.
pub const LINE_PACE: u64 = 500;
/// Most lines with boxes that do so.
pub const BOX_LINES: usize = 80;
/// How long lines with further boxes keep seats from replacing a key that they lack: 16 turns before texts that wait for
/// one are handed back.
pub const GIVEN_MAX: u64 = HOLD - 16 * GRACE;
/// For how many milliseconds each occupant lengthens the time over which members without a seat spread
/// first asks for a key, and what they say after a netsplit; it is [`ASK_JITTER`] at least.
pub const SPREAD_EACH: u64 = 20;
/// How much later each further distributor answers an ask that names nobody.
pub const ASK_SPREAD: u64 = 2_000;
/// How long a distributor collects further asks after it has answered one.
pub const COLLECT: u64 = 2_000;
/// D: how long after a departure the exclusion is due, and after a JOIN the announcement.
pub const DEPARTURE: u64 = 5_000;
/// Least time between two sealed records that departures cause, and between announcements.
pub const SEALED_GAP: u64 = 60_000;
/// A silence this long is a pause in the conversation.
pub const PAUSE: u64 = 2_000;
/// Longest wait for a pause.
pub const PAUSE_MAX: u64 = 30_000;
/// Least time between two changes of the list that a rule makes.
pub const RULE_GAP: u64 = 600_000;
/// Absence after which a rule may give a seat to another: a day.
pub const RULE_ABSENCE: u64 = 86_400_000;
/// Oldest Hello, in seconds, to which a key is sealed: 48 hours.
pub const HELLO_AGE_S: u64 = 172_800;
/// How long a terminal keeps its member key: a day.
pub const MEMBER_KEY_AGE: u64 = 86_400_000;
/// Oldest ask, in seconds, that counts; also how far ahead a Hello's time may be.
pub const ASK_AGE_S: u64 = 3_600;
/// How far apart clocks may be, in seconds.
pub const SKEW_S: u64 = 600;
