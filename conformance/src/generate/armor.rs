//! Armour: the lengths of lines, their one form, what is no line, and how fragments come together.

use keyrota::spec::armor::{self, PartId};
use serde_json::{Value, json};

use crate::case::File;
use crate::generate::{Cases, What, what};
use crate::hex::encode;

const ABOUT: &str = "Text armour, chapter 4. armor.encode gives the lines of a frame; armor.parse \
    undoes the armour of one line; armor.decode gives the frames that come of lines, each with the \
    number of the line that completes it: `line` counts from 0, `ms` is monotonic time, `listed` \
    whether the channel's list of names has the nick.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("armor", ABOUT);
    encoding(&mut cases);
    parsing(&mut cases);
    parsing_fragments(&mut cases);
    reassembly(&mut cases);
    bounds(&mut cases);
    cases.file()
}

/// Bytes in which every position shows.
fn frame(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 256) as u8).collect()
}

fn counting(length: usize) -> Vec<u8> {
    (0..length).map(|at| at as u8).collect()
}

fn encoding(cases: &mut Cases) {
    let mut encode = |what: What<'_>, frame: &[u8], line: u64, id: u32| {
        let input = json!({"frame": encode(frame), "line": line, "id": id});
        cases.valid(what, "armor.encode", input);
    };
    let whole = what("encode/whole", "The whole line of the chapter's example.", &["4-1", "4-7"]);
    encode(whole.flags(&["example"]), &counting(25), 300, 0);
    let two = what("encode/two", "The two fragments of its example.", &["4-2", "4-3", "4-7"]);
    encode(two.flags(&["example"]), &counting(300), 300, 5);
    for (id, comment, spec, length, line, number) in [
        (
            "encode/one-byte",
            "One byte takes two digits; four bits of the last are zero.",
            &["4-1"][..],
            1,
            300,
            0,
        ),
        (
            "encode/two-bytes",
            "Two bytes take three digits; two bits of the last are zero.",
            &["4-1"],
            2,
            300,
            0,
        ),
        ("encode/three-bytes", "Three bytes take four digits.", &["4-1"], 3, 300, 0),
        (
            "encode/223-bytes",
            "The longest frame of one line at 300 characters.",
            &["4-7"],
            223,
            300,
            0,
        ),
        (
            "encode/224-bytes",
            "One byte more takes two lines; the second holds four.",
            &["4-7"],
            224,
            300,
            0,
        ),
        ("encode/440-bytes", "Two full fragments.", &["4-7"], 440, 300, 1),
        ("encode/441-bytes", "One byte more takes three.", &["4-7", "4-2"], 441, 300, 1),
        ("encode/660-bytes", "Three full fragments.", &["4-7"], 660, 300, 1),
        ("encode/661-bytes", "One byte more takes four.", &["4-7", "4-2"], 661, 300, 1),
        (
            "encode/880-bytes",
            "The longest frame is four full fragments at 300 characters.",
            &["4-7", "3-1"],
            880,
            300,
            1,
        ),
        ("encode/line-299", "A shorter line counts as 300 characters.", &["4-6"], 224, 299, 0),
        ("encode/line-0", "A line of no length counts as 300 characters.", &["4-6"], 223, 0, 0),
        ("encode/line-301", "At 301 characters a line holds one byte more.", &["4-7"], 224, 301, 0),
        ("encode/line-350", "At 350 characters a line holds 261 bytes.", &["4-7"], 261, 350, 0),
        (
            "encode/line-350-fragments",
            "At 350 characters a fragment holds 258 bytes.",
            &["4-7"],
            262,
            350,
            0,
        ),
        (
            "encode/line-1175",
            "At 1,175 characters the longest frame takes two lines.",
            &["4-7"],
            880,
            1_175,
            0,
        ),
        ("encode/line-1176", "At 1,176 characters it takes one.", &["4-7"], 880, 1_176, 0),
        ("encode/line-2048", "At 2,048 characters it takes one.", &["4-6"], 880, 2_048, 0),
        ("encode/line-2049", "More counts as 2,048.", &["4-6"], 880, 2_049, 0),
        ("encode/id-greatest", "The greatest id.", &["4-3"], 300, 300, 0x3_ffff),
        (
            "encode/id-digits",
            "An id whose three digits differ, the most significant first.",
            &["4-3"],
            300,
            300,
            1 << 12 | 2 << 6 | 3,
        ),
    ] {
        let what = what(id, comment, spec);
        let bound = !matches!(length, 1..=3 | 262 | 300);
        encode(if bound { what.flags(&["bound"]) } else { what }, &frame(length), line, number);
    }
    let longer =
        what("encode/881-bytes", "A frame of 881 bytes is none, and is not sent.", &["3-1", "3-4"]);
    let input = json!({"frame": self::encode(frame(881)), "line": 300, "id": 1});
    cases.invalid(longer.flags(&["bound"]), "encode/880-bytes", "frame", "armor.encode", input);
}

fn parse(line: &str) -> Value {
    json!({"line": line})
}

fn parsing(cases: &mut Cases) {
    let spec: &[&str] = &["4-1", "4-4"];
    let mut good = |id: &str, comment: &str, flags: &[&str], line: &str| {
        cases.valid(what(id, comment, spec).flags(flags), "armor.parse", parse(line));
    };
    good("parse/whole", "A whole frame.", &[], "+KAAEC");
    good("parse/one-byte", "Two digits.", &[], "+K_w");
    good("parse/two-bytes", "Three digits.", &[], "+K__8");
    good(
        "parse/every-digit",
        "All 64 digits of base64url.",
        &[],
        "+KABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    );
    let longest = format!("+K{}", "A".repeat(2_046));
    good(
        "parse/2048-characters",
        "The longest line; that its frame is too long is seen later.",
        &["bound"],
        &longest,
    );
    for last in ["A", "Q", "g", "w"] {
        let id = format!("parse/last-of-two-{last}");
        good(
            &id,
            &format!("A frame of one byte may end in {last}."),
            &["encoding"],
            &format!("+KA{last}"),
        );
    }
    for last in ["A", "E", "I", "c", "8"] {
        let id = format!("parse/last-of-three-{last}");
        good(
            &id,
            &format!("A frame of two bytes may end in {last}."),
            &["encoding"],
            &format!("+KAA{last}"),
        );
    }
    let mut bad = |id: &str, from: &str, comment: &str, spec: &[&str], line: &str| {
        cases.invalid(what(id, comment, spec), from, "armor", "armor.parse", parse(line));
    };
    for (id, from, comment, line) in [
        ("parse/no-frame", "whole", "No digits at all.", "+K"),
        ("parse/one-digit", "one-byte", "One digit is no byte.", "+K_"),
        ("parse/five-digits", "whole", "Five digits: one is left over.", "+KAAECA"),
        ("parse/lower-sigil", "whole", "The sigil is +K, and +k begins a fragment.", "+kAAEC"),
        ("parse/no-plus", "whole", "Without the plus.", "KAAEC"),
        ("parse/blank-before", "whole", "A blank before the line.", " +KAAEC"),
        ("parse/blank-after", "whole", "A blank after the line.", "+KAAEC "),
        ("parse/newline", "whole", "A line feed after the line.", "+KAAEC\n"),
        ("parse/blank-inside", "whole", "A blank among the digits.", "+KAA EC"),
        (
            "parse/plus-digit",
            "every-digit",
            "The digit + of the other base64.",
            "+KABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+_",
        ),
        (
            "parse/slash-digit",
            "every-digit",
            "The digit / of the other base64.",
            "+KABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/",
        ),
        ("parse/padding-one", "two-bytes", "Padding after three digits.", "+K__8="),
        ("parse/padding-two", "one-byte", "Padding after two digits.", "+K_w=="),
        ("parse/no-ascii", "whole", "A letter beyond ASCII.", "+KAAÉC"),
        (
            "parse/no-ascii-lookalike",
            "whole",
            "A Cyrillic A that looks like a digit.",
            "+K\u{410}AEC",
        ),
        ("parse/zero-byte", "whole", "A zero byte among the digits.", "+KAA\u{0}C"),
        ("parse/empty", "whole", "An empty line.", ""),
        ("parse/plain", "whole", "What a user types.", "Good morning"),
    ] {
        bad(id, &format!("parse/{from}"), comment, &["4-1", "4-4"], line);
    }
    for last in ["B", "P", "h", "_"] {
        let comment =
            format!("A frame of one byte cannot end in {last}: bits that no byte has are set.");
        bad(
            &format!("parse/last-of-two-{last}"),
            "parse/last-of-two-A",
            &comment,
            &["4-1", "4-4"],
            &format!("+KA{last}"),
        );
    }
    for last in ["B", "C", "D", "9"] {
        let comment =
            format!("A frame of two bytes cannot end in {last}: bits that no byte has are set.");
        bad(
            &format!("parse/last-of-three-{last}"),
            "parse/last-of-three-A",
            &comment,
            &["4-1", "4-4"],
            &format!("+KAA{last}"),
        );
    }
    for (id, comment, length) in [
        ("parse/2049-characters", "A line past 2,048 characters is a plain text.", 2_049),
        ("parse/2050-characters", "Likewise where the digits come to whole bytes.", 2_050),
    ] {
        let longer = format!("+K{}", "A".repeat(length - 2));
        let what = what(id, comment, &["4-4"]).flags(&["bound"]);
        cases.invalid(what, "parse/2048-characters", "armor", "armor.parse", parse(&longer));
    }
}

fn parsing_fragments(cases: &mut Cases) {
    for digit in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let number = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            .find(digit)
            .unwrap_or(0);
        let (index, count) = (number / 4, number % 4 + 1);
        let (line, digit) = (format!("+kAAF{digit}AAEC"), digit.to_string());
        let id = format!("parse/position-{digit}");
        let spec: &[&str] = &["4-2", "4-4"];
        if "BCDFGHKLP".contains(&digit) {
            let comment = format!("Fragment {} of {count}.", index + 1);
            cases.valid(what(&id, &comment, spec), "armor.parse", parse(&line));
        } else if number < 16 || matches!(number, 17 | 63) {
            let comment = if count == 1 {
                format!("Position {digit} is of one fragment: a whole frame is no fragment.")
            } else {
                format!("Position {digit} is index {index} of {count}.")
            };
            let id = format!("parse/no-position-{digit}");
            cases.invalid(
                what(&id, &comment, spec),
                "parse/position-B",
                "armor",
                "armor.parse",
                parse(&line),
            );
        }
    }
    cases.valid(
        what("parse/id-greatest", "The greatest id.", &["4-3"]).flags(&["bound"]),
        "armor.parse",
        parse("+k___BAAEC"),
    );
    cases.valid(
        what("parse/id-digits", "The most significant digit of an id is first.", &["4-3"]),
        "armor.parse",
        parse("+kBCDBAAEC"),
    );
    for (id, comment, line) in [
        ("parse/fragment-no-bytes", "A fragment without bytes.", "+kAAFB"),
        ("parse/fragment-no-position", "A fragment without position.", "+kAAF"),
        ("parse/fragment-id-digit", "An id with another character than a digit.", "+kA=FBAAEC"),
        ("parse/fragment-id-no-ascii", "An id with a letter beyond ASCII.", "+kAAéBAAEC"),
        ("parse/fragment-stray-bits", "A fragment with bits set that no byte has.", "+kAAFBAAF"),
        ("parse/fragment-padding", "A fragment with padding.", "+kAAFBAAE="),
    ] {
        cases.invalid(
            what(id, comment, &["4-1", "4-4"]),
            "parse/position-B",
            "armor",
            "armor.parse",
            parse(line),
        );
    }
}

/// A line that came: where, from whom, when, and the line.
fn came(ms: u64, channel: &str, nick: &str, listed: bool, line: &str) -> Value {
    json!({"ms": ms, "channel": channel, "nick": nick, "listed": listed, "line": line})
}

fn from_ada(ms: u64, line: &str) -> Value {
    came(ms, "#garden", "ada", true, line)
}

/// The lines of a frame at 300 characters.
fn lines(length: usize, id: u32) -> Vec<String> {
    armor::lines(&frame(length), 300, PartId::new(id))
}

fn reassembly(cases: &mut Cases) {
    let mut decode = |id: &str, comment: &str, spec: &[&str], flags: &[&str], lines: Vec<Value>| {
        let what = what(id, comment, spec).flags(flags);
        cases.valid(what, "armor.decode", json!({"lines": lines}));
    };
    let all = |lines: &[String]| lines.iter().map(|line| from_ada(0, line)).collect::<Vec<_>>();
    let two = lines(300, 5);
    let four = lines(880, 6);
    decode("decode/whole", "A whole line is a frame.", &["4-10"], &[], vec![from_ada(0, "+KAAEC")]);
    decode(
        "decode/plain",
        "A plain text is none.",
        &["4-4"],
        &[],
        vec![from_ada(0, "Good morning"), from_ada(0, "+KAAEC")],
    );
    decode("decode/two", "Two fragments.", &["4-9", "4-10"], &[], all(&two));
    decode("decode/three", "Three fragments.", &["4-9", "4-10"], &[], all(&lines(600, 7)));
    decode(
        "decode/four",
        "Four fragments: the longest frame.",
        &["4-9", "4-10", "3-1"],
        &["bound"],
        all(&four),
    );
    let mut reversed = all(&four);
    reversed.reverse();
    decode(
        "decode/reversed",
        "In the reverse order they are the same frame.",
        &["4-10"],
        &[],
        reversed,
    );
    let with = |others: Vec<Value>| {
        [vec![from_ada(0, &two[0])], others, vec![from_ada(0, &two[1])]].concat()
    };
    decode(
        "decode/between",
        "A whole frame of the same nick between two fragments.",
        &["4-9"],
        &[],
        with(vec![from_ada(0, "+KAAEC")]),
    );
    decode(
        "decode/repeated",
        "A fragment that is there already is dropped.",
        &["4-11"],
        &[],
        with(vec![from_ada(0, &two[0])]),
    );
    let other = armor::lines(&counting(300), 300, PartId::new(5));
    decode(
        "decode/repeated-otherwise",
        "Also if its bytes are others: the first one counts.",
        &["4-11"],
        &["forged"],
        with(vec![from_ada(0, &other[0])]),
    );
    decode(
        "decode/repeated-when-complete",
        "A frame that is complete is forgotten: the same fragments are a frame again.",
        &["4-10"],
        &[],
        [all(&two), all(&two)].concat(),
    );
    let third = lines(600, 5);
    for (id, comment, line) in [
        (
            "other-nick",
            "The second comes from another nick.",
            came(0, "#garden", "ben", true, &two[1]),
        ),
        (
            "other-channel",
            "The second comes in another channel.",
            came(0, "#orchard", "ada", true, &two[1]),
        ),
        ("other-id", "The second has another id.", from_ada(0, &self::lines(300, 4)[1])),
        ("other-count", "The second is of another count.", from_ada(0, &third[1])),
    ] {
        let lines = vec![from_ada(0, &two[0]), line];
        decode(&format!("decode/{id}"), comment, &["4-9"], &["forged"], lines);
    }
    // Fragments need not be of the length that this sender cuts them to.
    let tiny = ["+kAAFCAA", "+kAAFGAQ", "+kAAFKAg"].map(|line| from_ada(0, line)).to_vec();
    decode("decode/tiny", "Fragments can be of any length.", &["4-10"], &[], tiny);
    let long = |lengths: [usize; 2]| -> Vec<Value> {
        let line = |(at, length): (usize, usize)| {
            let digits = armor::whole(&frame(length));
            from_ada(0, &format!("+kAAF{}{}", ["B", "F"][at], &digits[2..]))
        };
        lengths.into_iter().enumerate().map(line).collect()
    };
    decode(
        "decode/880-bytes",
        "Two fragments with 880 bytes in all.",
        &["4-10", "3-1"],
        &["bound"],
        long([440, 440]),
    );
    decode(
        "decode/881-bytes",
        "With 881 bytes they are dropped.",
        &["4-10", "3-1"],
        &["bound"],
        long([440, 441]),
    );
}

fn bounds(cases: &mut Cases) {
    let mut decode = |id: &str, comment: &str, spec: &[&str], lines: Vec<Value>| {
        let what = what(id, comment, spec).flags(&["bound"]);
        cases.valid(what, "armor.decode", json!({"lines": lines}));
    };
    let half = |id: u32, at: usize| lines(300, id)[at].clone();
    decode(
        "decode/59999-ms",
        "The second fragment comes 59,999 ms after the first.",
        &["4-12"],
        vec![from_ada(1_000, &half(1, 0)), from_ada(60_999, &half(1, 1))],
    );
    decode(
        "decode/60000-ms",
        "After 60 s the first fragment is forgotten.",
        &["4-12"],
        vec![from_ada(1_000, &half(1, 0)), from_ada(61_000, &half(1, 1))],
    );
    let three = lines(600, 1);
    decode(
        "decode/age-from-first",
        "The age counts from the first fragment, not from the last.",
        &["4-12"],
        vec![from_ada(0, &three[0]), from_ada(40_000, &three[1]), from_ada(60_000, &three[2])],
    );
    decode(
        "decode/two-of-a-nick",
        "Two unfinished frames of a nick are kept.",
        &["4-12"],
        [(1, 0), (2, 0), (1, 1), (2, 1)].map(|(id, at)| from_ada(0, &half(id, at))).to_vec(),
    );
    decode(
        "decode/three-of-a-nick",
        "A third one takes the place of the oldest.",
        &["4-12"],
        [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (3, 1)]
            .map(|(id, at)| from_ada(0, &half(id, at)))
            .to_vec(),
    );
    let elsewhere = vec![
        from_ada(0, &half(1, 0)),
        from_ada(0, &half(2, 0)),
        came(0, "#orchard", "ada", true, &half(3, 0)),
        from_ada(0, &half(1, 1)),
        from_ada(0, &half(2, 1)),
        came(0, "#orchard", "ada", true, &half(3, 1)),
    ];
    decode(
        "decode/two-of-a-nick-and-channel",
        "What the nick sends in another channel does not count.",
        &["4-12"],
        elsewhere,
    );

    let crowd = |count: u32, listed: &dyn Fn(u32) -> bool, at: usize| -> Vec<Value> {
        let line = |n| came(0, "#garden", &format!("nick{n}"), listed(n), &half(n, at));
        (0..count).map(line).collect()
    };
    let both = |first: Vec<Value>, second: Vec<Value>| [first, second].concat();
    decode(
        "decode/32-in-all",
        "Thirty-two unfinished frames are kept.",
        &["4-13"],
        both(crowd(32, &|_| true, 0), crowd(32, &|_| true, 1)),
    );
    decode(
        "decode/33-in-all",
        "A thirty-third takes the place of the oldest, where all nicks are listed.",
        &["4-13"],
        both(crowd(33, &|_| true, 0), crowd(33, &|_| true, 1)),
    );
    decode(
        "decode/33-one-unlisted",
        "It takes that of a nick that is not listed, though others are older.",
        &["4-13"],
        both(crowd(33, &|n| n != 20, 0), crowd(33, &|n| n != 20, 1)),
    );
    decode(
        "decode/33-oldest-unlisted",
        "Of several such it takes that of the oldest.",
        &["4-13"],
        both(crowd(33, &|n| n % 10 != 5, 0), crowd(33, &|n| n % 10 != 5, 1)),
    );
    decode(
        "decode/33rd-unlisted",
        "Where all are listed and the new one is not, the new one is dropped.",
        &["4-13"],
        both(crowd(33, &|n| n != 32, 0), crowd(33, &|n| n != 32, 1)),
    );
    decode(
        "decode/33rd-unlisted-among-such",
        "Where another is not listed, an unlisted new one takes its place.",
        &["4-13"],
        both(crowd(33, &|n| n != 32 && n != 7, 0), crowd(33, &|n| n != 32 && n != 7, 1)),
    );
    let own = |ids: &[u32], at: usize| {
        ids.iter().map(|id| came(0, "#garden", "nick0", true, &half(*id, at))).collect::<Vec<_>>()
    };
    let full = [crowd(31, &|_| true, 0), own(&[100], 0), own(&[101], 0)].concat();
    decode(
        "decode/own-oldest-first",
        "A third frame of one nick takes the place of its own oldest, though thirty-two are there.",
        &["4-14"],
        [full, crowd(31, &|_| true, 1), own(&[100, 101], 1)].concat(),
    );
}
