//! The updating order: who is next, what the turn becomes, when each acts.

use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::sealed;
use crate::generate::wire::Record;
use crate::generate::{Cases, what};
use crate::hex::encode;

const ABOUT: &str = "The updating order, chapter 10. order.updating gives the order as numbers of \
    seats, order.turn the turn of the next record, if that leaves the list, by the seat `author`. \
    order.due gives when a position does what is due at `due`, having made its last record at `made`, \
    in monotonic milliseconds.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("order", ABOUT);
    orders(&mut cases);
    turns(&mut cases);
    times(&mut cases);
    cases.file()
}

fn id(n: u8) -> [u8; 16] {
    [n; 16]
}

/// Five seats, of which 1 and 3 may only hand out, and one who is barred.
fn record(turn: &[u8]) -> Record {
    let states = [3, 2, 1, 2, 3, 0];
    let entry = |(at, state): (usize, &u64)| (id(at as u8), *state);
    Record { list: states.iter().enumerate().map(entry).collect(), turn: turn.to_vec(), ..sealed() }
}

fn present(numbers: &[u8]) -> Value {
    numbers.iter().map(|n| encode(id(*n))).collect()
}

fn orders(cases: &mut Cases) {
    let turn = [2, 4, 0];
    for (name, comment, spec, here) in [
        (
            "all",
            "All are present: the turn, then who stands in, by seniority.",
            &["10-9"][..],
            &[0, 1, 2, 3, 4][..],
        ),
        ("first-absent", "The first of the turn is absent.", &["10-9", "10-11"], &[0, 1, 3, 4]),
        ("middle-absent", "One between is absent.", &["10-9"], &[0, 1, 2, 3]),
        ("one-stand-in", "One who stands in is absent.", &["10-9"], &[0, 2, 3, 4]),
        ("stand-ins-alone", "Nobody with update is present.", &["10-9"], &[1, 3]),
        ("one", "One alone is.", &["10-9"], &[3]),
        ("nobody", "Nobody is.", &["10-9"], &[]),
        ("strangers", "Who has no seat is in no order.", &["10-9"], &[0, 9, 10]),
        ("barred", "Nor is who is barred.", &["10-9"], &[4, 5]),
    ] {
        let input =
            json!({"record": encode(record(&turn).wire().bytes()), "present": present(here)});
        cases.valid(what(&format!("updating/{name}"), comment, spec), "order.updating", input);
    }
    for turn in [[0, 2, 4], [4, 2, 0], [0, 4, 2]] {
        let name = format!("updating/turn-{}-{}-{}", turn[0], turn[1], turn[2]);
        let input = json!({"record": encode(record(&turn).wire().bytes()),
            "present": present(&[4, 3, 2, 1, 0])});
        let comment = "Another turn; in which order the present are named does not matter.";
        cases.valid(what(&name, comment, &["10-9"]), "order.updating", input);
    }
}

fn turns(cases: &mut Cases) {
    let record = record(&[2, 4, 0]);
    let given = |here: &[u8], author: u8| json!({"record": encode(record.wire().bytes()), "present": present(here), "author": author});
    for (name, comment, here, author) in [
        ("first", "The first acts: nothing moves.", &[0, 1, 2, 3, 4][..], 2),
        ("second", "The second acts: the first goes to the end.", &[0, 1, 2, 3, 4], 4),
        ("third", "The third acts: both before go to the end, as they were.", &[0, 1, 2, 3, 4], 0),
        ("first-absent", "The first was absent: it is not moved.", &[0, 1, 3, 4], 4),
        (
            "last-of-two",
            "The first was absent, and the third acts: the second goes to the end.",
            &[0, 1, 3, 4],
            0,
        ),
        (
            "stand-in",
            "Who stands in acts: all with update that were present go to the end.",
            &[0, 1, 2, 3, 4],
            1,
        ),
        ("stand-in-some", "Likewise, where one of them was absent.", &[0, 1, 3, 4], 1),
        ("stand-in-alone", "Who stands in is alone: nothing moves.", &[3], 3),
        ("second-stand-in", "The second who stands in acts.", &[1, 3, 4], 3),
    ] {
        cases.valid(
            what(&format!("turn/{name}"), comment, &["10-10"]),
            "order.turn",
            given(here, author),
        );
    }
    for (id, comment, author) in [
        ("turn/nobody", "A number that no seat has.", 9),
        ("turn/barred", "Who is barred is not in the order.", 5),
    ] {
        let what = what(id, comment, &["10-9"]).flags(&["forged"]);
        let input = given(&[0, 1, 2, 3, 4, 5], author);
        cases.invalid(what, "turn/barred-here", "order", "order.turn", input);
    }
    let comment = "Whether the barred one is there does not matter.";
    let input = given(&[0, 1, 2, 3, 4, 5], 2);
    cases.valid(what("turn/barred-here", comment, &["10-9"]), "order.turn", input);
    let comment = "The first is absent, and acts.";
    let what_is = what("turn/not-here", comment, &["10-9"]).flags(&["forged"]);
    cases.invalid(what_is, "turn/first-absent", "order", "order.turn", given(&[0, 1, 3, 4], 2));
}

fn times(cases: &mut Cases) {
    for (name, comment, spec, due, position, made) in [
        ("first", "The first acts when it is due.", &["10-11"][..], 1_000_000, 0, None),
        ("second", "The second 20 s later.", &["10-11"], 1_000_000, 1, None),
        ("sixteenth", "The sixteenth 300 s later.", &["10-11"], 1_000_000, 15, None),
        (
            "long-ago",
            "The last record of its own was long ago.",
            &["10-12"],
            1_000_000,
            0,
            Some(900_000),
        ),
        ("60-s-ago", "It was 60 s ago.", &["10-12"], 1_000_000, 0, Some(940_000)),
        ("59-s-ago", "It was 59.999 s ago.", &["10-12"], 1_000_000, 0, Some(940_001)),
        ("just-now", "It was just now.", &["10-12"], 1_000_000, 0, Some(1_000_000)),
        (
            "second-just-now",
            "It was just now, and this is the second: 60 s are more than 20.",
            &["10-12", "10-11"],
            1_000_000,
            1,
            Some(1_000_000),
        ),
        (
            "fifth-just-now",
            "And this is the fifth: 80 s are more than 60.",
            &["10-12", "10-11"],
            1_000_000,
            4,
            Some(1_000_000),
        ),
        ("at-zero", "Due at the beginning of the clock.", &["10-11"], 0, 3, None),
    ] {
        let input = json!({"due": due, "position": position, "made": made});
        cases.valid(
            what(&format!("due/{name}"), comment, spec).flags(&["bound"]),
            "order.due",
            input,
        );
    }
}
