//! The text armour of chapter 4 (R-CLI-3): lengths of lines, the one form of each, what is no line.

use keyrota_spec::armor::{Line, PartId, capacity, line_count, lines, parse, room, whole};
use keyrota_spec::limits::{FRAGMENTS_MAX, FRAME_MAX, LINE_MAX, LINE_MIN};

const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes in which every position shows.
fn frame(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 256) as u8).collect()
}

/// Undoes the armour of all lines of a frame, and joins it.
fn joined(lines: &[String]) -> Vec<u8> {
    if let [line] = lines {
        let Some(Line::Whole(bytes)) = parse(line) else { panic!("{line}") };
        return bytes;
    }
    let mut all = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(Line::Part { id, index, count, bytes }) = parse(line) else { panic!("{line}") };
        assert_eq!(id, PartId::new(0x2_0bad));
        assert_eq!((usize::from(index), usize::from(count)), (at, lines.len()));
        all.extend(bytes);
    }
    all
}

#[test]
fn every_frame_comes_back_from_its_lines() {
    for line in [0, LINE_MIN, 350, 512, LINE_MAX, usize::MAX] {
        for length in 1..=FRAME_MAX {
            let frame = frame(length);
            let lines = lines(&frame, line, PartId::new(0x2_0bad));
            assert!(lines.iter().all(|one| one.len() <= line.clamp(LINE_MIN, LINE_MAX)));
            assert_eq!(lines.len() == 1, length <= capacity(line));
            assert!(lines.len() <= FRAGMENTS_MAX);
            assert_eq!(line_count(length, line), lines.len());
            assert_eq!(joined(&lines), frame);
        }
    }
    assert!(lines(&frame(FRAME_MAX + 1), LINE_MAX, PartId::new(0)).is_empty());
}

#[test]
fn lines_are_as_long_as_the_chapter_says() {
    let lengths = |frame_length, line| -> Vec<usize> {
        let lines = lines(&frame(frame_length), line, PartId::new(0));
        lines.iter().map(String::len).collect()
    };
    assert_eq!((capacity(300), capacity(350), capacity(2048)), (223, 261, FRAME_MAX));
    assert_eq!(lengths(1, 300), [4]);
    assert_eq!(lengths(223, 300), [300]);
    assert_eq!(lengths(224, 300), [300, 12]);
    assert_eq!(lengths(440, 300), [300, 300]);
    assert_eq!(lengths(FRAME_MAX, 300), [300; 4]);
    assert_eq!(lengths(261, 350), [350]);
    assert_eq!(lengths(262, 350), [350, 12]);
    assert_eq!(lengths(FRAME_MAX, 350), [350, 350, 350, 148]);
    assert_eq!(lengths(FRAME_MAX, 2048), [1176]);
}

#[test]
fn a_frame_can_grow_to_fill_its_lines() {
    for line in [LINE_MIN, 301, 350, 512, 1_177, LINE_MAX] {
        for length in 1..=FRAME_MAX {
            let room = room(length, line);
            assert!((length..=FRAME_MAX).contains(&room), "{length} at {line}: {room}");
            assert_eq!(line_count(room, line), line_count(length, line));
            let further = line_count(room + 1, line) > line_count(length, line);
            assert!(further || room == FRAME_MAX, "{length} at {line}: {room}");
        }
    }
}

#[test]
fn ids_count_to_18_bits() {
    let head = |id| lines(&frame(230), 300, PartId::new(id))[0][..6].to_owned();
    assert_eq!(head(0), "+kAAAB");
    assert_eq!(head(5), "+kAAFB");
    assert_eq!(head(0x3_ffff), "+k___B");
    assert_eq!(head(0x4_0005), "+kAAFB");
}

/// The grammar of chapter 4, written down a second time.
fn in_grammar(line: &str) -> bool {
    let b64 = |body: &[u8]| {
        let value = |digit: &u8| DIGITS.iter().position(|one| one == digit);
        let spare = match body.len() % 4 {
            0 => 1,
            2 => 16,
            3 => 4,
            _ => return false,
        };
        body.iter().all(|digit| value(digit).is_some())
            && body.last().is_some_and(|last| value(last).unwrap() % spare == 0)
    };
    let line = line.as_bytes();
    line.len() <= LINE_MAX
        && match line {
            [b'+', b'K', body @ ..] => b64(body),
            [b'+', b'k', id @ .., _] if id.len() < 4 => false,
            [b'+', b'k', a, b, c, position, body @ ..] => {
                b64(&[*a, *b, *c, b'A']) && b"BFCGKDHLP".contains(position) && b64(body)
            }
            _ => false,
        }
}

#[test]
fn what_is_in_the_grammar_is_a_line_and_nothing_else() {
    let mut lines = vec!["+K".to_owned(), "+k".into(), "+kAAA".into(), "+kAAAB".into(), "".into()];
    for bodies in
        ["A", "AA", "AAA", "AAAA", "AAAAA", "AAAAAA", "-_", "-w", "_-8", "_-9", "é", "AA=="]
    {
        lines.extend([format!("+K{bodies}"), format!("+kAAAB{bodies}"), format!("+ké{bodies}")]);
        lines.extend([format!(" +K{bodies}"), format!("+K{bodies} "), format!("K{bodies}")]);
    }
    for character in '\0'..'\u{100}' {
        // Each place of both forms takes each character.
        for line in ["?KAAAA", "+?AAAA", "+K?AAA", "+KAAA?", "+KAA?", "+KA?", "+KAAAA?"] {
            lines.push(line.replace('?', &character.to_string()));
        }
        for line in ["+k?AABAA", "+kAA?BAA", "+kAAA?AA", "+kAAAB?A", "+kAAABA?", "+kAAABAA?"] {
            lines.push(line.replace('?', &character.to_string()));
        }
    }
    let mut count = 0;
    for line in &lines {
        assert_eq!(parse(line).is_some(), in_grammar(line), "{line:?}");
        count += usize::from(in_grammar(line));
    }
    assert_eq!((count, lines.len()), (383, 3_405), "the grammar was tried on both sides");
}

#[test]
fn a_line_has_one_form() {
    // Every line that is accepted is the one that its bytes give again.
    for one in DIGITS {
        for other in DIGITS {
            let line = format!("+K{}{}", char::from(*one), char::from(*other));
            if let Some(Line::Whole(bytes)) = parse(&line) {
                assert_eq!(whole(&bytes), line);
            }
        }
    }
}

#[test]
fn lines_may_not_pass_their_bound() {
    let line = |length: usize| format!("+K{}", "A".repeat(length - 2));
    assert!(parse(&line(LINE_MAX)).is_some());
    assert_eq!(parse(&line(LINE_MAX + 1)), None);
    assert_eq!(parse(&line(LINE_MAX + 2)), None);
}

#[test]
fn positions_are_nine() {
    let mut seen = Vec::new();
    for digit in DIGITS {
        let line = format!("+kAAF{}AAAA", char::from(*digit));
        let Some(Line::Part { id, index, count, bytes }) = parse(&line) else { continue };
        assert_eq!((id, bytes), (PartId::new(5), vec![0; 3]));
        seen.push((char::from(*digit), index, count));
    }
    let table = [
        ('B', 0, 2),
        ('C', 0, 3),
        ('D', 0, 4),
        ('F', 1, 2),
        ('G', 1, 3),
        ('H', 1, 4),
        ('K', 2, 3),
        ('L', 2, 4),
        ('P', 3, 4),
    ];
    assert_eq!(seen, table);
}
