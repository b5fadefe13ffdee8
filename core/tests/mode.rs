//! The commands MODE ±d, ±x, +xN, ±o, ±c, read and written (R-ROS-7).

use keyrota::mode::ModeChange::{Distribute, Encrypt, Operator, Update, UpdateAt};
use keyrota::mode::{CHANGES_MAX, COMMAND_MAX, ModeChange, ModeError, Modes, parse};

#[track_caller]
fn reads(text: &str, channel: Option<&str>, changes: &[ModeChange<'_>]) {
    assert_eq!(parse(text), Ok(Modes { channel, changes: changes.to_vec() }), "{text}");
}

#[test]
fn every_command_of_the_source_is_read() {
    let ch = Some("#ch");
    for on in [true, false] {
        let sign = if on { '+' } else { '-' };
        let nick = "taro";
        reads(&format!("MODE #ch {sign}d taro"), ch, &[Distribute { on, nick }]);
        reads(&format!("MODE #ch {sign}x taro"), ch, &[Update { on, nick }]);
        reads(&format!("MODE #ch {sign}o taro"), ch, &[Operator { on, nick }]);
        reads(&format!("MODE #ch {sign}c"), ch, &[Encrypt { on }]);
    }
    for position in 1..=16 {
        let nick = "hanako";
        reads(&format!("MODE #ch +x{position} hanako"), ch, &[UpdateAt { position, nick }]);
    }
}

#[test]
fn word_and_channel_may_be_left_out() {
    let change = [Distribute { on: true, nick: "im" }];
    for text in ["MODE #c +d im", "mode #c +d im", "#c +d im", "  #c  +d  im "] {
        reads(text, Some("#c"), &change);
    }
    reads("+d im", None, &change);
    reads("MODE +d im", None, &change);
    reads("&local +c", Some("&local"), &[Encrypt { on: true }]);
    reads("!ABCDEsafe +c", Some("!ABCDEsafe"), &[Encrypt { on: true }]);
}

#[test]
fn several_letters_take_their_nicks_in_turn() {
    let (taro, hanako) = ("taro", "hanako");
    reads(
        "+dx taro hanako",
        None,
        &[Distribute { on: true, nick: taro }, Update { on: true, nick: hanako }],
    );
    reads("+d-x a b", None, &[Distribute { on: true, nick: "a" }, Update { on: false, nick: "b" }]);
    reads(
        "+x2x16dc-oc+c bob a é [z]",
        None,
        &[
            UpdateAt { position: 2, nick: "bob" },
            UpdateAt { position: 16, nick: "a" },
            Distribute { on: true, nick: "é" },
            Encrypt { on: true },
            Operator { on: false, nick: "[z]" },
            Encrypt { on: false },
            Encrypt { on: true },
        ],
    );
    reads("++c-", None, &[Encrypt { on: true }]);
    // A number behind the letter is a position, a word is a nick.
    reads("+x 2", None, &[Update { on: true, nick: "2" }]);
    reads("+x02 bob", None, &[UpdateAt { position: 2, nick: "bob" }]);
    reads("+d MODE", None, &[Distribute { on: true, nick: "MODE" }]);
    reads("+d #c", None, &[Distribute { on: true, nick: "#c" }]);
}

#[test]
fn every_mistake_has_its_error() {
    let nick = "n".repeat(201);
    let cases = [
        ("", ModeError::Empty),
        ("   ", ModeError::Empty),
        ("MODE", ModeError::Empty),
        ("MODE #c", ModeError::Empty),
        ("#c", ModeError::Empty),
        ("+", ModeError::Empty),
        ("#c +-", ModeError::Empty),
        ("d bob", ModeError::MissingSign),
        ("bob +d", ModeError::MissingSign),
        ("MODE MODE +c", ModeError::MissingSign),
        ("2+d bob", ModeError::MissingSign),
        ("+b *!*@evil", ModeError::UnknownLetter('b')),
        ("+D bob", ModeError::UnknownLetter('D')),
        ("+é bob", ModeError::UnknownLetter('é')),
        ("+d2 bob bob", ModeError::UnknownLetter('2')),
        ("+x\u{0662} bob", ModeError::UnknownLetter('\u{0662}')),
        ("+d", ModeError::MissingArgument('d')),
        ("+x", ModeError::MissingArgument('x')),
        ("+x3", ModeError::MissingArgument('x')),
        ("-o", ModeError::MissingArgument('o')),
        ("MODE #c +dd a", ModeError::MissingArgument('d')),
        ("+d a b", ModeError::SurplusArgument),
        ("+d a -x b", ModeError::SurplusArgument),
        ("+c #c", ModeError::SurplusArgument),
        ("+ bob", ModeError::SurplusArgument),
        ("+x0 bob", ModeError::PositionOutOfRange),
        ("+x17 bob", ModeError::PositionOutOfRange),
        ("+x256 bob", ModeError::PositionOutOfRange),
        ("+x257 bob", ModeError::PositionOutOfRange),
        ("+x4294967300 bob", ModeError::PositionOutOfRange),
        ("+x99999999999999999999 bob", ModeError::PositionOutOfRange),
        ("-x2 bob", ModeError::RemovalWithPosition),
        ("-x0 bob", ModeError::RemovalWithPosition),
        ("+d a,b", ModeError::BadName),
        ("+d a\r\nQUIT", ModeError::BadName),
        ("#a,b +c", ModeError::BadName),
        (&format!("+d {nick}"), ModeError::BadName),
    ];
    for (text, error) in cases {
        assert_eq!(parse(text), Err(error), "{text:?}");
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn the_longest_and_the_largest_command() {
    let nick = "n".repeat(200);
    let channel = format!("#{}", "c".repeat(199));
    let changes = vec![UpdateAt { position: 16, nick: &nick }; CHANGES_MAX];
    let modes = Modes { channel: Some(&channel), changes };
    let text = modes.to_string();
    assert_eq!(parse(&text), Ok(modes));

    let spaces = " ".repeat(COMMAND_MAX - 2);
    reads(&format!("{spaces}+c"), None, &[Encrypt { on: true }]);
    assert_eq!(parse(&format!("{spaces} +c")), Err(ModeError::TooLong));

    let letters = "c".repeat(CHANGES_MAX);
    assert_eq!(parse(&format!("-{letters}")).map(|modes| modes.changes.len()), Ok(CHANGES_MAX));
    assert_eq!(parse(&format!("-{letters}c")), Err(ModeError::TooMany));
}

#[test]
fn one_form_is_written() {
    let cases = [
        ("mode  #ch +d+x-x+c+x02 a b c d", "MODE #ch +dx-x+cx2 a b c d"),
        ("-x-o+o a b c", "-xo+o a b c"),
        ("MODE -c+", "-c"),
    ];
    for (typed, written) in cases {
        assert_eq!(parse(typed).unwrap().to_string(), written);
        assert_eq!(parse(written).unwrap().to_string(), written);
    }
    let change = UpdateAt { position: 2, nick: "bob" };
    assert_eq!(change.to_string(), "+x2 bob");
    assert_eq!(change.nick(), Some("bob"));
    assert_eq!(Encrypt { on: false }.to_string(), "-c");
    assert_eq!(Encrypt { on: false }.nick(), None);
}

/// Every change there is, for one nick.
fn all_changes(nick: &str) -> Vec<ModeChange<'_>> {
    let both = [true, false].map(|on| {
        [Distribute { on, nick }, Update { on, nick }, Operator { on, nick }, Encrypt { on }]
    });
    let placed = (1..=16).map(|position| UpdateAt { position, nick });
    both.into_iter().flatten().chain(placed).collect()
}

#[test]
fn what_is_written_reads_back() {
    // Every pair of changes, so each letter behind each other and each turn of sign.
    for first in all_changes("+-1") {
        for second in all_changes("Ünï`[]") {
            for channel in [None, Some("#ch"), Some("&x!+"), Some("!")] {
                let modes = Modes { channel, changes: vec![first, second] };
                assert_eq!(parse(&modes.to_string()), Ok(modes.clone()), "{modes}");
            }
        }
    }
}

#[test]
fn no_text_breaks_the_reader() {
    // All texts of up to five of these characters; what is read is written in a form that reads
    // back to the same.
    let alphabet = ['+', '-', 'd', 'x', 'c', '1', '7', ' ', '#', 'é'];
    let mut read = 0;
    for number in 0..100_000_usize {
        let digit = |place: u32| alphabet[number / 10_usize.pow(place) % 10];
        let text: String = (0..5).map(digit).collect();
        if let Ok(modes) = parse(&text) {
            read += 1;
            assert_eq!(parse(&modes.to_string()), Ok(modes), "{text:?}");
        }
    }
    assert_eq!(read, 944);
}
