//! The names that the chapters of the specification share with the core's source (R-SYS-2): errors,
//! duties, states, bounds, settings, and the sections that the source refers to.

use std::path::PathBuf;

use keyrota::spec::{Frame, Rights, armor};
use keyrota::{
    Action, Config, Event, GrantRule, Identity, Now, OldKeys, SelfSigned, Settings, Terminal,
};

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of the chapter with this number.
fn chapter(number: u8) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let files = std::fs::read_dir(folder).expect("the specification");
    let name = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let mut name = name.filter(|name| name.starts_with(&format!("{number:02}-")));
    read(&format!("spec/{}", name.next().unwrap_or_else(|| panic!("no chapter {number}"))))
}

/// What stands under a heading, up to the next.
fn section(number: u8, title: &str) -> String {
    let chapter = chapter(number);
    let start = chapter.find(&format!("# {title}\n")).unwrap_or_else(|| panic!("no {title:?}"));
    let text = &chapter[start + title.len() + 2..];
    text[..text.find("\n#").unwrap_or(text.len())].into()
}

/// The cells of the tables in a text, without their headings.
fn rows(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_row = |at: usize| lines.get(at).is_some_and(|line| line.starts_with("| "));
    let rule = |at: usize| lines.get(at).is_some_and(|line| line.starts_with("|---"));
    (0..lines.len())
        .filter(|at| is_row(*at) && !rule(at + 1))
        .map(|at| {
            let cells = lines[at].trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// The names in the first cells that stand in code.
fn names(text: &str) -> Vec<String> {
    let first = rows(text).into_iter().map(|cells| cells[0].clone());
    first.filter_map(|cell| Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned())).collect()
}

/// The variants of an enum, in their order.
fn variants(source: &str, name: &str) -> Vec<String> {
    let source = read(source);
    let start = source.find(&format!("enum {name} {{\n")).unwrap_or_else(|| panic!("no {name}"));
    let body = &source[start..];
    let body = &body[..body.find("\n}").expect("its end")];
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let end = |c: char| !c.is_ascii_alphanumeric();
    lines.map(|line| line.split(end).next().expect("a name").to_owned()).collect()
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

#[test]
fn every_error_and_notice_stands_in_chapter_12() {
    for (source, name, title) in [
        ("spec/src/frame.rs", "Malformed", "Malformed bytes"),
        ("core/src/action.rs", "Refusal", "Misuse"),
        ("core/src/action.rs", "Notice", "Notices"),
    ] {
        assert_eq!(names(&section(12, title)), variants(source, name), "{name}");
    }
    assert_eq!(names(&section(17, "Restoring")), variants("core/src/saved.rs", "RestoreError"));
    let faults = names(&section(12, "Faults of peers"));
    let fault = variants("core/src/action.rs", "Fault");
    let rejection = variants("core/src/authentication.rs", "Rejection");
    assert_eq!(sorted(faults), sorted([fault, rejection].concat()), "faults, then rejections");
    let reasons = rows(&section(12, "What a peer is told"));
    let reasons: Vec<String> = reasons.iter().map(|cells| cells[0].clone()).collect();
    let refused = variants("spec/src/frame.rs", "Refused");
    assert_eq!(reasons, refused.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>());
}

#[test]
fn the_duties_stand_in_chapter_15_in_their_order() {
    assert_eq!(names(&section(15, "Duties")), variants("core/src/time.rs", "Duty"));
}

/// The states in the first cells of a table of chapter 15.
fn states(title: &str) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    for cells in rows(&section(15, title)) {
        for state in cells[0].split(", ") {
            if !states.iter().any(|known| known == state) {
                states.push(state.into());
            }
        }
    }
    states
}

#[test]
fn the_states_of_the_core_stand_in_chapter_15() {
    let lower = |source, name| {
        variants(source, name).iter().map(|name| name.to_lowercase()).collect::<Vec<_>>()
    };
    assert_eq!(states("Refresh"), lower("core/src/update.rs", "Refresh"));
    assert_eq!(states("Pending ask")[1..], lower("core/src/distribute.rs", "Role"));
    assert_eq!(states("Channel")[1..], lower("core/src/channel.rs", "Keying"));
    let waits = lower("core/src/held.rs", "Reason");
    let texts = states("Text of another").join(" ");
    assert!(waits.iter().all(|reason| texts.contains(reason)), "{waits:?} in {texts:?}");
}

#[test]
fn the_chains_of_chapter_1_are_those_of_the_core() {
    let table = rows(&section(1, "Random inputs"));
    let table: Vec<String> =
        table.iter().map(|cells| format!("    {} = {},", cells[0], cells[1])).collect();
    let source = read("core/src/random.rs");
    let drawn = source.lines().filter(|line| line.contains(" = ") && line.ends_with(','));
    let drawn: Vec<&str> = drawn.filter(|line| line.starts_with("    ")).collect();
    assert_eq!(table, drawn);
}

#[test]
fn a_terminal_draws_as_the_example_of_chapter_1_does() {
    let now = Now { ms: 0, unix: 1_767_225_600 };
    let identity = Identity::self_signed(&[1; 32], "taro", now.unix, 3_600).expect("an identity");
    let mut terminal = Terminal::new(Config::new("taro"), identity, [0x5e; 32], now)
        .expect("settings in their bounds");
    let channel = "#ryugu";
    let _ = terminal.handle(now, Event::Join { channel, nick: "taro" });
    let names = [("taro", false), ("hanako", false)];
    let asked = terminal.handle(now, Event::Names { channel, names: &names });
    let mut frames = asked.filter_map(|action| match action {
        Action::Send { text, .. } => armor::parse(&text),
        _ => None,
    });
    let Some(armor::Line::Whole(bytes)) = frames.next() else { panic!("no Hello") };
    let Ok(Frame::Hello { hello, .. }) = Frame::decode(&bytes) else { panic!("no Hello") };
    let text = section(1, "Random inputs");
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim().to_owned()
    };
    assert_eq!(hello.hello.member_key.to_string(), value("public key"));
    assert_eq!(hello.hello.tag.to_string(), value("first draw from chain 2, 4 bytes"));
}

#[test]
fn the_bounds_of_single_rules_are_those_of_the_core() {
    let sources = ["contact", "obtain", "inquire", "distribute", "mode", "rule"]
        .map(|name| read(&format!("core/src/{name}.rs")))
        .concat();
    let table = rows(&section(5, "Of single rules"));
    assert_eq!(table.len(), 9);
    for cells in table {
        let number = cells[0].split(' ').next().expect("a number");
        let name = cells[1].rsplit(": ").next().expect("a name");
        let line = sources.lines().find(|line| line.contains(&format!("const {name}:")));
        let line = line.unwrap_or_else(|| panic!("no {name}"));
        assert!(line.ends_with(&format!(" = {number};")), "{line}: {number}");
    }
}

#[test]
fn the_settings_of_chapter_5_are_the_defaults() {
    let Settings {
        found,
        signed,
        password,
        keys,
        keep,
        old_keys,
        lifetime,
        triggers,
        rule,
        rights,
        renewer,
        ..
    } = Settings::default();
    let GrantRule::FirstJoined { seats } = rule else { panic!("{rule:?}") };
    let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
    let some = |number: Option<u32>| number.map_or("never".into(), |number| number.to_string());
    let pin = match Config::new("").authentication.self_signed {
        SelfSigned::Pin => "pin",
        _ => "refuse",
    };
    let defaults = [
        yes(found),
        yes(signed),
        if password.is_empty() { "empty".into() } else { password },
        keys.to_string(),
        some(keep),
        match old_keys {
            OldKeys::MembersThen => "who was a member then".into(),
            other => format!("{other:?}"),
        },
        lifetime.to_string(),
        // A function in it keeps `Choice` from being compared.
        "at random".into(),
        some(triggers.period),
        some(triggers.messages),
        some(triggers.bytes),
        some(triggers.growth),
        yes(triggers.topic),
        some(triggers.idle),
        yes(triggers.alone),
        format!("first joined {seats}"),
        if rights == Rights::BOTH { "both".into() } else { format!("{rights:?}") },
        format!("{renewer:?}").to_lowercase(),
        pin.into(),
    ];
    let table = rows(&section(5, "What the user may set"));
    let table: Vec<String> = table.iter().map(|cells| cells[2].replace(',', "")).collect();
    assert_eq!(table, defaults);
}

#[test]
fn the_source_refers_to_sections_that_are_there() {
    let mut references = 0;
    for folder in ["core/src", "spec/src"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        for file in std::fs::read_dir(path).expect("the source") {
            let file = file.expect("a file").file_name().into_string().expect("a name");
            let source = read(&format!("{folder}/{file}"));
            for (at, _) in source.match_indices("chapter ") {
                let rest = &source[at + "chapter ".len()..];
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                let Ok(number) = digits.parse() else { continue };
                let mut rest = &rest[digits.len()..];
                let text = chapter(number);
                // `chapter 10, "Holders" and "Exclusion"`
                while let Some(quoted) =
                    rest.strip_prefix(", \"").or_else(|| rest.strip_prefix(" and \""))
                {
                    let (title, after) = quoted.split_once('"').expect("a closing quote");
                    let heading = text.lines().any(|line| {
                        line.trim_start_matches('#')
                            .trim_start_matches([' ', '0'])
                            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
                            == title
                            && line.starts_with('#')
                    });
                    assert!(heading, "{file}: chapter {number} has no section {title:?}");
                    (rest, references) = (after, references + 1);
                }
            }
        }
    }
    assert!(references > 15, "{references} references to sections were found");
}
