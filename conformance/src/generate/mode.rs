//! MODE commands, and what they make of the list.

use serde_json::{Value, json};

use crate::case::File;
use crate::generate::cast::{ada, ben, cyn, sealed};
use crate::generate::wire::Record;
use crate::generate::{Cases, What, what};
use crate::hex::encode;

const ABOUT: &str = "MODE commands, chapter 10. mode.parse reads a command, mode.write writes the one \
    form of it; `both` are both rights, `sealed` whether texts are. mode.apply, mode.bar and mode.pardon \
    give the list and the turn of the record in which `author` changes those of a record, `list_bytes` \
    being the encoding; nicks are MemberIds.";

/// The cases.
pub(super) fn file() -> File {
    let mut cases = Cases::new("mode", ABOUT);
    commands(&mut cases);
    mistakes(&mut cases);
    longest(&mut cases);
    writing(&mut cases);
    changes(&mut cases);
    bars(&mut cases);
    cases.file()
}

/// The flag of what is about a bound.
fn bound(id: &str) -> &'static [&'static str] {
    let bounds = ["place-1", "place-16", "place-0", "place-17", "16-changes", "17-changes"];
    let all = bounds.iter().chain(&["longest-nick", "nick-too-long"]);
    if all.into_iter().any(|one| *one == id) { &["bound"] } else { &[] }
}

fn commands(cases: &mut Cases) {
    let mut good = |id: &str, comment: &str, spec: &[&str], line: &str| {
        cases.valid(
            what(&format!("parse/{id}"), comment, spec).flags(bound(id)),
            "mode.parse",
            json!({"line": line}),
        );
    };
    let spec: &[&str] = &["10-30", "10-49"];
    for (id, comment, line) in [
        ("give-distribute", "To give distribute.", "MODE #garden +d ben"),
        ("take-distribute", "To take it.", "MODE #garden -d ben"),
        ("give-update", "To give update.", "MODE #garden +x ben"),
        ("take-update", "To take it.", "MODE #garden -x ben"),
        ("give-both", "To give both.", "MODE #garden +o ben"),
        ("take-both", "To take both.", "MODE #garden -o ben"),
        ("seal", "To have texts sealed.", "MODE #garden +c"),
        ("plain", "To have them plain.", "MODE #garden -c"),
        ("place-1", "The first place.", "MODE #garden +x1 ben"),
        ("place-16", "The last.", "MODE #garden +x16 ben"),
        ("place-01", "A place is decimal, with whatever zeros before it.", "MODE #garden +x01 ben"),
        ("no-mode", "Without MODE.", "#garden +d ben"),
        ("no-channel", "Without the channel.", "MODE +d ben"),
        ("neither", "Without both.", "+d ben"),
        ("small-mode", "MODE counts in small letters too.", "mode #garden +d ben"),
        ("spaces", "Words stand apart by one or more spaces.", "  MODE   #garden  +d   ben  "),
        (
            "several",
            "Several letters after one sign; each takes the next nick.",
            "MODE #garden +dx ben cyn",
        ),
        ("signs", "Several signs in one word.", "MODE #garden +d-x+o ben cyn dan"),
        ("sign-twice", "The same sign again.", "MODE #garden +d+x ben cyn"),
        ("last-sign-counts", "Of two signs the last counts.", "MODE #garden -+d ben"),
        ("among-nicks", "c takes no nick.", "MODE #garden +dcx ben cyn"),
        ("same-nick", "The same nick twice.", "MODE #garden +dx ben ben"),
        ("place-then-letter", "A letter after a place.", "MODE #garden +x2d ben cyn"),
        ("local-channel", "A channel that begins with &.", "MODE &garden +d ben"),
        ("safe-channel", "One that begins with !.", "MODE !ABCDEgarden +d ben"),
        ("member-id", "A MemberId in place of a nick.", "+o bdae420de33ff75a18a261efebd6f258"),
        ("sign-as-nick", "What follows the letters are nicks, whatever they look like.", "+d -x"),
        (
            "16-changes",
            "As many changes as can be.",
            "+dddddddddddddddd a b c d e f g h i j k l m n o p",
        ),
    ] {
        good(id, comment, spec, line);
    }
    let nick = "n".repeat(200);
    good("longest-nick", "The longest nick.", &["10-49", "7-3"], &format!("+d {nick}"));
}

fn mistakes(cases: &mut Cases) {
    let mut bad = |id: &str, from: &str, comment: &str, line: &str| {
        let (flags, id, from) = (bound(id), format!("parse/{id}"), format!("parse/{from}"));
        let what = what(&id, comment, &["10-30", "10-49"]).flags(flags);
        cases.invalid(what, &from, "mode", "mode.parse", json!({"line": line}));
    };
    for (id, from, comment, line) in [
        ("empty", "neither", "Nothing.", ""),
        ("mode-alone", "seal", "Nothing but MODE.", "MODE"),
        ("channel-alone", "seal", "No change.", "MODE #garden"),
        ("sign-alone", "seal", "A sign without a letter.", "MODE #garden +"),
        ("no-sign", "give-distribute", "A letter without a sign.", "MODE #garden d ben"),
        ("no-sign-plain", "plain", "Likewise for a letter without a nick.", "MODE #garden c"),
        ("unknown-letter", "give-distribute", "A letter that is not there.", "MODE #garden +v ben"),
        ("capital-letter", "give-distribute", "A capital letter.", "MODE #garden +D ben"),
        ("nick-too-few", "several", "A nick too few.", "MODE #garden +dx ben"),
        ("no-nick", "give-distribute", "No nick.", "MODE #garden +d"),
        ("nick-too-many", "give-distribute", "A nick too many.", "MODE #garden +d ben cyn"),
        ("nick-for-c", "seal", "A nick for c.", "MODE #garden +c ben"),
        ("place-0", "place-1", "Place 0.", "MODE #garden +x0 ben"),
        ("place-17", "place-16", "Place 17.", "MODE #garden +x17 ben"),
        (
            "place-great",
            "place-16",
            "A place beyond all numbers.",
            "MODE #garden +x99999999999999999999 ben",
        ),
        ("place-taken", "place-1", "A place for who loses update.", "MODE #garden -x1 ben"),
        ("place-for-d", "give-distribute", "A place for distribute.", "MODE #garden +d1 ben"),
        ("place-apart", "place-1", "A place that stands apart.", "MODE #garden +x 1 ben"),
        (
            "17-changes",
            "16-changes",
            "A change too many.",
            "+ddddddddddddddddd a b c d e f g h i j k l m n o p q",
        ),
        (
            "comma",
            "give-distribute",
            "A nick that is no name: it holds a comma.",
            "MODE #garden +d be,n",
        ),
        ("bell", "give-distribute", "A nick that holds a byte 07.", "MODE #garden +d be\u{7}n"),
        ("channel-comma", "give-distribute", "A channel that is no name.", "MODE #gar,den +d ben"),
        (
            "channel-plus",
            "give-distribute",
            "What begins with + is no channel.",
            "MODE +garden +d ben",
        ),
        ("channel-twice", "give-distribute", "Two channels.", "MODE #garden #orchard +d ben"),
        ("tab", "give-distribute", "A tab does not part words.", "MODE #garden +d\tben"),
        ("mode-twice", "give-distribute", "MODE twice.", "MODE MODE #garden +d ben"),
        ("other-command", "give-distribute", "Another command.", "KICK #garden +d ben"),
        (
            "wide-plus",
            "give-distribute",
            "A sign that only looks like one.",
            "MODE #garden \u{ff0b}d ben",
        ),
        (
            "wide-digit",
            "place-1",
            "A digit that is none of decimal ASCII.",
            "MODE #garden +x\u{ff11} ben",
        ),
    ] {
        bad(id, from, comment, line);
    }
    let nick = "n".repeat(201);
    bad("nick-too-long", "longest-nick", "A byte more.", &format!("+d {nick}"));
}

/// As long as a command may be, and with as much in it as one can hold.
fn longest(cases: &mut Cases) {
    let name = |first: &str, letter: &str| format!("{first}{}", letter.repeat(199));
    let nicks = (0..16).map(|number| name(&format!("{}", char::from(b'a' + number)), "n"));
    let nicks: Vec<String> = nicks.collect();
    let letters = "x16".repeat(16);
    let line = |blanks: usize| {
        format!("MODE {} +{letters}{}{}", name("#", "c"), " ".repeat(blanks), nicks.join(" "))
    };
    let blanks = 3_486 - line(0).len();
    let spec = &["10-30", "10-49"];
    let comment = "A command of 3,486 bytes: sixteen changes, and the longest names.";
    let good = what("parse/longest", comment, spec).flags(&["bound"]);
    cases.valid(good, "mode.parse", json!({"line": line(blanks)}));
    let bad = what("parse/too-long", "One blank more.", spec).flags(&["bound"]);
    cases.invalid(bad, "parse/longest", "mode", "mode.parse", json!({"line": line(blanks + 1)}));
}

fn writing(cases: &mut Cases) {
    let change = |on: bool, mode: &str, nick: Option<&str>, place: Option<u8>| json!({"on": on, "mode": mode, "nick": nick, "place": place});
    let given = |channel: Option<&str>, changes: Vec<Value>| json!({"channel": channel, "changes": changes});
    let spec: &[&str] = &["10-30"];
    let give = change(true, "distribute", Some("ben"), None);
    for (id, comment, input) in [
        ("write/one", "One change.", given(Some("#garden"), vec![give.clone()])),
        ("write/no-channel", "Without a channel.", given(None, vec![give.clone()])),
        (
            "write/place",
            "A place.",
            given(Some("#garden"), vec![change(true, "update", Some("ben"), Some(2))]),
        ),
        (
            "write/signs",
            "Each sign once, for all the letters up to the next one.",
            given(
                Some("#garden"),
                vec![
                    give,
                    change(true, "update", Some("cyn"), None),
                    change(false, "both", Some("dan"), None),
                    change(false, "sealed", None, None),
                    change(true, "sealed", None, None),
                ],
            ),
        ),
    ] {
        cases.valid(what(id, comment, spec), "mode.write", input);
    }
}

const DAN: [u8; 16] = [0xdd; 16];
const EVE: [u8; 16] = [0xee; 16];

/// Ada, Ben, and Cyn who may only hand out, have seats; Eve is barred.
fn base() -> Record {
    Record {
        list: vec![(ada().id, 7), (ben().id, 7), (cyn().id, 2), (EVE, 0)],
        turn: vec![1, 0],
        ..sealed()
    }
}

fn apply(record: &Record, author: [u8; 16], line: &str, nicks: &[[u8; 16]]) -> Value {
    let nicks: String = nicks.iter().map(|id| format!(" {}", encode(id))).collect();
    json!({"record": encode(record.wire().bytes()), "author": encode(author),
        "line": format!("{line}{nicks}")})
}

fn changes(cases: &mut Cases) {
    let (ada, ben, cyn) = (ada().id, ben().id, cyn().id);
    let base = base();
    let good = |cases: &mut Cases, what: What<'_>, input| {
        cases.valid(what, "mode.apply", input);
    };
    let given = |author, line: &str, nicks: &[[u8; 16]]| apply(&base, author, line, nicks);
    for (id, comment, spec, input) in [
        ("seat-both", "Ada seats Dan.", &["10-24"][..], given(ada, "+o", &[DAN])),
        (
            "seat-distribute",
            "Ada lets Dan hand out: the turn stays.",
            &["10-24"],
            given(ada, "+d", &[DAN]),
        ),
        (
            "seat-update",
            "Ada lets Dan renew: he comes last in the turn.",
            &["10-24"],
            given(ada, "+x", &[DAN]),
        ),
        (
            "give-update",
            "Cyn gets update: she stays where she stands, and comes last in the turn.",
            &["10-24"],
            given(ada, "+x", &[cyn]),
        ),
        ("give-place-1", "Cyn gets the first place.", &["10-50"], given(ada, "+x1", &[cyn])),
        ("give-place-2", "The second.", &["10-50"], given(ada, "+x2", &[cyn])),
        (
            "give-place-16",
            "A place behind all is the last.",
            &["10-50"],
            given(ada, "+x16", &[cyn]),
        ),
        (
            "move-place",
            "Ben, who had the first place, gets the second.",
            &["10-50", "10-26"],
            given(ada, "+x2", &[ben]),
        ),
        (
            "move-own-place",
            "Ada puts herself first: the order is of all.",
            &["10-26", "10-50"],
            given(ada, "+x1", &[ada]),
        ),
        (
            "move-by-junior",
            "Ben puts Ada first: any seat with update may change the order of all.",
            &["10-26"],
            given(ben, "+x1", &[ada]),
        ),
        (
            "take-update",
            "Ben loses update, and is taken out of the turn.",
            &["10-24"],
            given(ada, "-x", &[ben]),
        ),
        ("take-distribute", "Ben loses distribute.", &["10-24"], given(ada, "-d", &[ben])),
        ("take-both", "Ben loses his seat.", &["10-24"], given(ada, "-o", &[ben])),
        (
            "take-last",
            "Cyn loses her only right, and her seat.",
            &["10-24"],
            given(ada, "-d", &[cyn]),
        ),
        (
            "by-second",
            "Ben takes Cyn's seat, which stands behind his.",
            &["10-24", "10-25"],
            given(ben, "-o", &[cyn]),
        ),
        (
            "several",
            "Several changes at once, each to what those before it left.",
            &["10-50", "10-31"],
            given(ada, "+o-d+x1", &[DAN, DAN, cyn]),
        ),
        (
            "give-and-take",
            "Given and taken: all else remains.",
            &["10-50"],
            given(ada, "+o-o+d", &[DAN, DAN, [0xcc; 16]]),
        ),
        (
            "already-there",
            "What is so already, with something that is not.",
            &["10-25"],
            given(ada, "+d+d", &[cyn, DAN]),
        ),
    ] {
        good(cases, what(&format!("apply/{id}"), comment, spec), input);
    }
    for (id, from, comment, spec, input) in [
        ("nothing", "seat-both", "It is so already.", "10-25", given(ada, "+o", &[ben])),
        (
            "nothing-taken",
            "seat-both",
            "What nobody has cannot be taken.",
            "10-25",
            given(ada, "-o", &[DAN]),
        ),
        (
            "nothing-in-all",
            "give-and-take",
            "What is given and taken in one command.",
            "10-25",
            given(ada, "+o-o", &[DAN, DAN]),
        ),
        (
            "barred",
            "seat-both",
            "Eve is barred: pardon her first.",
            "10-25",
            given(ada, "+o", &[EVE]),
        ),
        (
            "own-rights",
            "take-update",
            "Ada takes a right from herself.",
            "10-37",
            given(ada, "-x", &[ada]),
        ),
        ("own-seat", "take-both", "Ada takes her own seat.", "10-37", given(ada, "-o", &[ada])),
        ("senior", "by-second", "Ben takes Ada's seat.", "10-25", given(ben, "-o", &[ada])),
        (
            "senior-right",
            "by-second",
            "Ben takes a right from Ada.",
            "10-25",
            given(ben, "-d", &[ada]),
        ),
        ("own-by-second", "by-second", "Ben takes his own.", "10-37", given(ben, "-o", &[ben])),
        (
            "one-of-several",
            "several",
            "One of several changes may not be: none is made.",
            "10-31",
            given(ada, "+o-d+x1", &[DAN, ada, cyn]),
        ),
    ] {
        let (id, from) = (format!("apply/{id}"), format!("apply/{from}"));
        cases.invalid(what(&id, comment, &[spec]), &from, "rights", "mode.apply", input);
    }
    for (id, comment, author) in [
        ("apply/distributor", "Cyn may only hand out.", cyn),
        ("apply/no-seat", "Dan has no seat.", DAN),
        ("apply/barred-author", "Eve is barred.", EVE),
    ] {
        let what = what(id, comment, &["10-25"]);
        cases.invalid(what, "apply/seat-both", "rights", "mode.apply", given(author, "+o", &[DAN]));
    }

    // Bounds.
    let full = |seats: u8| Record {
        list: (1..=seats).map(|n| ([n; 16], 3)).collect(),
        turn: (0..seats).collect(),
        ..sealed()
    };
    let seat = |record: &Record| apply(record, [1; 16], "+o", &[DAN]);
    let bound = ["bound"];
    good(
        cases,
        what("apply/sixteenth", "The sixteenth seat.", &["10-25"]).flags(&bound),
        seat(&full(15)),
    );
    let what_is = what("apply/seventeenth", "There is no room for a seventeenth.", &["10-25"]);
    cases.invalid(
        what_is.flags(&bound),
        "apply/sixteenth",
        "rights",
        "mode.apply",
        seat(&full(16)),
    );
    let with = |changes: u64| {
        let mut record = full(2);
        record.list[0].1 = changes << 2 | 3;
        record
    };
    let comment = "The author's changes become the greatest that there can be.";
    good(
        cases,
        what("apply/changes-greatest", comment, &["10-18", "8-20"]).flags(&bound),
        seat(&with((1 << 30) - 2)),
    );
    let what_is =
        what("apply/changes-at-end", "They are the greatest already.", &["10-18", "8-20"]);
    cases.invalid(
        what_is.flags(&bound),
        "apply/changes-greatest",
        "rights",
        "mode.apply",
        seat(&with((1 << 30) - 1)),
    );
}

fn bars(cases: &mut Cases) {
    let (ada, ben, cyn) = (ada().id, ben().id, cyn().id);
    let base = base();
    let of = |record: &Record, author: [u8; 16], member: [u8; 16]| json!({"record": encode(record.wire().bytes()), "author": encode(author), "member": encode(member)});
    let given = |author, member| of(&base, author, member);
    for (id, comment, operation, author, member) in [
        (
            "bar/seat",
            "Ada bars Ben: his seat goes, and he stands behind all who are barred.",
            "mode.bar",
            ada,
            ben,
        ),
        ("bar/stranger", "Ada bars Dan, who has no seat.", "mode.bar", ada, DAN),
        ("bar/by-second", "Ben bars Cyn.", "mode.bar", ben, cyn),
        ("pardon/barred", "Ada pardons Eve.", "mode.pardon", ada, EVE),
        ("pardon/by-second", "Ben pardons her, whoever has barred her.", "mode.pardon", ben, EVE),
    ] {
        cases.valid(what(id, comment, &["10-24", "10-22"]), operation, given(author, member));
    }
    for (id, from, comment, spec, operation, author, member) in [
        ("bar/barred", "bar/stranger", "Eve is barred already.", "10-25", "mode.bar", ada, EVE),
        ("bar/itself", "bar/seat", "Ada bars herself.", "10-37", "mode.bar", ada, ada),
        ("bar/senior", "bar/by-second", "Ben bars Ada.", "10-25", "mode.bar", ben, ada),
        (
            "bar/distributor",
            "bar/stranger",
            "Cyn may only hand out, and bars Dan.",
            "10-25",
            "mode.bar",
            cyn,
            DAN,
        ),
        (
            "pardon/stranger",
            "pardon/barred",
            "Dan is not barred.",
            "10-25",
            "mode.pardon",
            ada,
            DAN,
        ),
        ("pardon/seat", "pardon/barred", "Nor is Ben.", "10-25", "mode.pardon", ada, ben),
        (
            "pardon/distributor",
            "pardon/barred",
            "Cyn may only hand out.",
            "10-25",
            "mode.pardon",
            cyn,
            EVE,
        ),
    ] {
        cases.invalid(what(id, comment, &[spec]), from, "rights", operation, given(author, member));
    }
    let full = |barred: u8| Record {
        list: [(ada, 7)].into_iter().chain((1..=barred).map(|n| ([n; 16], 0))).collect(),
        turn: vec![0],
        ..sealed()
    };
    let what_is = what("bar/sixteenth", "The sixteenth who is barred.", &["10-25"]);
    cases.valid(what_is.flags(&["bound"]), "mode.bar", of(&full(15), ada, DAN));
    let what_is = what("bar/seventeenth", "There is no room for a seventeenth.", &["10-25"]);
    cases.invalid(
        what_is.flags(&["bound"]),
        "bar/sixteenth",
        "rights",
        "mode.bar",
        of(&full(16), ada, DAN),
    );
}
