//! Commands about rights, as users type them, and the names in them.
//!
//! Spec: chapter 10, "Commands", and chapter 7, "Names of channels and nicks".

use keyrota::casemap::CaseMapping;
use keyrota::mode::{self, CHANGES_MAX, COMMAND_MAX};
use keyrota::roster::split_prefix;
use keyrota::spec::MemberId;
use keyrota::spec::limits::{NICK_MAX, SEATS_MAX};

/// The input as a command: what is understood is written so that it is understood as the same.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = mode::parse(text);
    if let Err(why) = &read {
        drop(why.to_string());
    }
    if let Ok(modes) = read {
        assert!((1..=CHANGES_MAX).contains(&modes.changes.len()) && text.len() <= COMMAND_MAX);
        let written = modes.to_string();
        assert_eq!(mode::parse(&written).as_ref(), Ok(&modes), "{written:?}");
        for change in &modes.changes {
            let one = change.to_string();
            let alone = mode::parse(&one).expect("a command of one change");
            assert_eq!(alone.changes, [*change], "{one:?}");
            if let mode::ModeChange::UpdateAt { position, .. } = change {
                assert!((1..=SEATS_MAX).contains(&usize::from(*position)));
            }
        }
    }
    name(text);
    let (nick, _) = split_prefix(text);
    assert!(text.contains(nick));
    if let Some(id) = MemberId::from_hex(text) {
        assert_eq!(id.to_string(), text.to_ascii_lowercase());
    }
}

fn name(text: &str) {
    let _ = CaseMapping::from_isupport(text);
    for mapping in [CaseMapping::Ascii, CaseMapping::Rfc1459, CaseMapping::Rfc1459Strict] {
        let folded = mapping.fold(text);
        // No mapping makes a name of what is none to another.
        assert_eq!(folded.is_some(), CaseMapping::Ascii.fold(text).is_some());
        let Some(folded) = folded else { continue };
        assert!((1..=NICK_MAX).contains(&folded.len()) && folded.len() == text.len());
        assert_eq!(mapping.fold(&folded).as_deref(), Some(&*folded));
        let shouted = text.to_ascii_uppercase();
        assert_eq!(mapping.fold(&shouted).as_deref(), Some(&*folded));
    }
}
