//! The tables of chapter 5 against the constants of the codec, in both directions (R-SYS-2).

use std::collections::BTreeMap;

/// Names and values of the constants.
macro_rules! constants {
    ($($name:ident)*) => {
        BTreeMap::from([$((stringify!($name), keyrota_spec::limits::$name as u64)),*])
    };
}

fn constants() -> BTreeMap<&'static str, u64> {
    constants! {
        VERSION FRAME_MAX LINE_MIN LINE_MAX FRAGMENTS_MAX NICK_MAX NAME_MAX TEXT_MAX SEATS_MAX
        BARRED_MAX CHANGES_MAX EPOCH_MAX STEP_MAX COUNTER_MAX BOXES_MAX LIFETIME_MAX_MINUTES
        LIFETIME_MINUTES EVIDENCE_MAX KEYS_MAX KEYS WAITING_MAX SETTLED_MAX TOLD_MAX LOOSE_BOXES_MAX HELD_MAX OUTBOX_MAX HOLD PARTIAL_MAX
        PARTIAL_PER_NICK PARTIAL_AGE MEMBERS_MAX CHANNELS_MAX UNINVITED_MAX PINS_MAX QUESTIONS_MAX DECLINED_MAX TAGS_MAX CLAIMS_MAX
        REPLAY_WINDOW STRANGERS_PER_SECOND ACQUAINTANCES_PER_SECOND CHECKS_PER_MINUTE NICK_PART PEERS_MAX ANSWERS_PER_MINUTE CALLS_PER_MINUTE ASKS_MAX GRACE ASK_WAIT
        ASK_BACKOFF_MAX ASKS_UNHEARD ASK_SPREAD SPREAD_EACH ASK_JITTER LINE_PACE BOX_LINES GIVEN_MAX COLLECT DEPARTURE SEALED_GAP PAUSE PAUSE_MAX
        RULE_GAP RULE_ABSENCE HELLO_AGE_S MEMBER_KEY_AGE ASK_AGE_S SKEW_S
    }
}

#[test]
fn the_test_knows_every_constant() {
    let source = include_str!("../src/limits.rs");
    let mut names: Vec<&str> = source
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub const ")?.split_once(':')?.0))
        .collect();
    names.sort_unstable();
    assert!(names.iter().eq(constants().keys()), "{names:?}");
}

#[test]
fn the_tables_of_the_chapter_are_the_constants() {
    let mut rows = BTreeMap::new();
    for line in include_str!("../05-limits.md").lines() {
        let Some(row) = line.strip_prefix("| `") else { continue };
        let (name, rest) = row.split_once('`').unwrap();
        let cells: Vec<&str> = rest.split('|').map(str::trim).collect();
        assert!(["", "◆"].contains(&cells[0]) && cells.len() == 5, "{line}");
        let value: u64 = cells[1].replace(',', "").parse().unwrap();
        assert_eq!(rows.insert(name, value), None, "{name} stands twice");
        // Names say their unit where it is not milliseconds.
        assert!(!cells[2].ends_with("ms") || !name.ends_with("_S"), "{line}");
        assert!(!cells[3].is_empty(), "{line}");
    }
    assert_eq!(rows, constants());
}
