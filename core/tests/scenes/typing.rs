//! What the example makes of what is typed, and what it counts.

use std::io::Write;
use std::process::{Output, Stdio};

use super::stage::{chat, play, script};

#[test]
fn a_script_plays_the_same_each_time() {
    let file = script("same", "/join taro\n/join hanako\n/wait 5\ntaro: as before");
    assert_eq!(play(&file).stdout, play(&file).stdout);
}

#[test]
fn every_word_of_a_script_is_in_the_help() {
    let help = String::from_utf8(play(&script("help", "/help")).stdout).expect("UTF-8");
    let help: Vec<&str> = help.split([' ', ',', ';', '\n']).collect();
    for folder in ["regressions", "mutants", "reached"] {
        let folder = format!("{}/model/{folder}", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(folder).expect("a folder") {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("a script");
            let words = text.lines().filter(|line| line.starts_with('/'));
            let words = words.filter_map(|line| line.split_whitespace().next());
            for word in words.filter(|word| *word != "/world") {
                assert!(help.contains(&word), "{word}");
            }
        }
    }
}

/// Else the zero would say nothing.
#[test]
fn what_the_server_could_open_is_counted() {
    let counted = |name: &str, text: &str| {
        let output = play(&script(name, text));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let last = text.lines().last().and_then(|line| line.rsplit_once(' ')).expect("a count");
        last.1.parse::<usize>().expect("a number")
    };
    let open = "/join taro\n/join hanako\n/wait 5\n";
    assert_eq!(counted("sealed", &format!("{open}taro: behind the reef")), 0);
    assert_eq!(counted("plain", &format!("{open}/plain taro on\ntaro: behind the reef")), 1);
    assert_eq!(counted("short", &format!("{open}/plain taro on\ntaro: hi")), 1);
    // A text of 601 bytes with all that is around it: three lines.
    let long = "a very long text ".repeat(30);
    assert_eq!(counted("long", &format!("{open}taro: {long}")), 0);
    assert_eq!(counted("long", &format!("{open}/intrude\n/wait 9\ntaro: {long}")), 3);
    // She was let in, and opens what was sealed before under the key she got; then she is barred.
    let intruded = "taro: before\n/intrude\n/wait 9\nhanako: after\n/kick eve by taro\ntaro: never";
    assert_eq!(counted("intruded", &format!("{open}{intruded}")), 2);
}

#[test]
fn a_line_that_means_nothing_is_told_in_one_line_and_changes_nothing() {
    let lines = [
        ("hello", "say who speaks"),
        ("ryujin: hello", "nobody here is \"ryujin\""),
        ("taro:", "taro says nothing"),
        ("/sing", "there is no /sing"),
        ("/join", "it is: /join NAME"),
        ("/join taro hanako", "it is: /join NAME"),
        ("/join taro", "taro is in the channel already"),
        ("/kick taro by", "it is: /kick NAME, or"),
        ("/kick taro by the server", "it is: /kick NAME, or"),
        ("/kick eve", "eve is not in the channel"),
        ("/mode taro", "it is: /mode NAME MODES"),
        ("/mode taro +q hanako", "taro cannot: not a command: unknown mode"),
        ("/mode taro +x99 hanako", "taro cannot: not a command: a position is"),
        ("/mode hanako -x taro", "hanako cannot: your seat does not allow it"),
        ("/plain taro perhaps", "\"perhaps\" is neither on nor off"),
        ("/strangers taro out", "it is: /strangers NAME ask, or pin, or refuse"),
        ("/accept taro", "it is: /accept NAME NAME"),
        ("/decline taro eve", "taro cannot: nothing is asked about this member"),
        ("/wait", "it is: /wait SECONDS"),
        ("/wait -1", "\"-1\" is no time"),
        ("/wait 18446744073709551616", "\"18446744073709551616\" is no time"),
        ("/who is there", "/who stands alone"),
        ("/", "there is no /;"),
        ("/set taro period soon", "it is: /set NAMES WHAT VALUE"),
        ("/set taro rule first 99", "taro cannot: a setting is out of its bounds"),
        ("/world seed 1 actors 2 latency 0 0", "it is: /world seed"),
        ("/restart taro saved", "taro cannot do that now"),
        ("/split taro hanako", "it is: /split NAMES | NAMES"),
        ("/pins", "it is: /pins NAME"),
        ("eve: hello", "nobody here is \"eve\""),
    ];
    let mut child =
        chat().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.as_mut().expect("started");
    let mut input = child.stdin.take().expect("an input");
    for (line, _) in lines {
        writeln!(input, "{line}").expect("typed");
    }
    input.write_all(b"\xff\xfe: hello\n").expect("typed");
    writeln!(input, "taro: {}", "x".repeat(790)).expect("typed");
    drop(input);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("an output"), &mut text)
        .expect("UTF-8");
    let mut errors = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("errors"), &mut errors)
        .expect("UTF-8");
    assert!(child.wait().expect("ended").success());
    assert_eq!(errors, "");
    let told: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("? ")).collect();
    let more = ["nobody here is \"\u{fffd}\u{fffd}\"", "taro cannot: text empty, too long"];
    let expected: Vec<&str> = lines.iter().map(|(_, told)| *told).chain(more).collect();
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told:?} is not {expected:?}");
    }
    assert!(text.contains("texts typed: 0;"), "{text}");
}

#[test]
fn a_script_with_a_mistake_is_not_played() {
    let told = |output: &Output| {
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        String::from_utf8(output.stderr.clone()).expect("UTF-8")
    };
    let file = script("mistake", "/join taro\n\n# a comment\n/jion hanako\n");
    let why = format!("chat: {file}, line 4: there is no /jion; /help lists what there is\n");
    assert_eq!(told(&play(&file)), why);

    let missing = told(&play("no/such/file"));
    assert!(missing.starts_with("chat: cannot read no/such/file: "), "{missing}");
    assert_eq!(missing.lines().count(), 1);

    let option = told(&chat().arg("--sript").output().expect("run"));
    assert_eq!(option.lines().count(), 1, "{option}");
    let help = chat().arg("--help").output().expect("run");
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("--script FILE"));
}
