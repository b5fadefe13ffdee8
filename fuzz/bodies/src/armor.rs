//! Text armour: whatever text comes is one frame's line in one way, or no line; and whatever frame
//! goes comes out again.
//!
//! Spec: chapter 4.

use keyrota::spec::armor::{self, Line, PartId};
use keyrota::spec::limits::{FRAGMENTS_MAX, FRAME_MAX, LINE_MAX, LINE_MIN};

/// The input as a text; then as a frame, for a line length and an id that its last bytes say.
pub fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
    if let Some((frame, [high, low, id @ ..])) = data.split_last_chunk::<5>() {
        let [one, two, three] = *id;
        let id = PartId::new(u32::from_be_bytes([0, one, two, three]));
        write(frame, u16::from_be_bytes([*high, *low]).into(), id);
    }
}

fn read(text: &str) {
    let Some(line) = armor::parse(text) else { return };
    assert!(text.len() <= LINE_MAX && text.bytes().all(|byte| byte.is_ascii_graphic()));
    match line {
        Line::Whole(bytes) => assert_eq!(armor::whole(&bytes), text),
        Line::Part { index, count, bytes, .. } => {
            assert!(index < count && (2..=FRAGMENTS_MAX).contains(&count.into()));
            // Behind sigil, id and position the digits are those of a whole frame.
            assert_eq!(armor::whole(&bytes).get(2..), text.get(6..));
        }
    }
}

fn write(frame: &[u8], line: usize, id: PartId) {
    let lines = armor::lines(frame, line, id);
    if frame.len() > FRAME_MAX {
        assert!(lines.is_empty());
        return;
    }
    let count = armor::line_count(frame.len(), line);
    assert_eq!(lines.len(), count);
    let longest = line.clamp(LINE_MIN, LINE_MAX);
    assert!(lines.iter().all(|text| text.len() <= longest));
    let room = armor::room(frame.len(), line);
    assert!((frame.len()..=FRAME_MAX).contains(&room));
    assert_eq!(armor::line_count(room, line), count);
    assert!(room == FRAME_MAX || armor::line_count(room + 1, line) > count);
    // Nobody sends a frame of no bytes, and its line is none.
    if frame.is_empty() {
        return;
    }
    let mut joined = Vec::new();
    for (number, text) in (0_u8..).zip(&lines) {
        match armor::parse(text).expect("a line of ours") {
            Line::Whole(bytes) => joined.extend(bytes),
            Line::Part { id: named, index, count, bytes } => {
                assert_eq!((named, index, usize::from(count)), (id, number, lines.len()));
                joined.extend(bytes);
            }
        }
    }
    assert_eq!(joined, frame);
}
