//! Plays the story of the chat example, and reads what it prints: who reads what, which keys come
//! when and from whom, and that the server could open nothing (R-SYS-1).

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const STORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/story.txt");

/// The example, which `cargo test` has built beside this test.
fn chat() -> Command {
    let mut path = std::env::current_exe().expect("a path");
    path.pop();
    path.pop();
    path.push(format!("examples/chat{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "run `cargo test -p keyrota`, which builds the examples too");
    Command::new(path)
}

fn play(file: &str) -> Output {
    chat().args(["--script", file]).output().expect("played")
}

/// A script for one test.
fn script(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

/// What was printed after one line of the script, without the times.
struct Scene {
    typed: String,
    lines: Vec<String>,
}

impl Scene {
    /// Who read what, in the order it was printed.
    fn read(&self) -> Vec<String> {
        let reads = |line: &&String| {
            ["taro", "hanako", "jiro"].iter().any(|who| line.starts_with(&format!("{who} read ")))
        };
        self.lines.iter().filter(reads).cloned().collect()
    }

    /// The current keys that came: who has each, who made it, and why.
    fn keys(&self) -> Vec<(String, String, String)> {
        let key = |line: &String| {
            let (_, rest) = line.strip_prefix("key ")?.split_once(" is current for ")?;
            let (who, rest) = rest.split_once(", made by ")?;
            let (author, cause) = rest.split_once(": ")?;
            let mut who: Vec<&str> = who.split(", ").collect();
            who.sort_unstable();
            Some((who.join(" "), author.to_owned(), cause.to_owned()))
        };
        self.lines.iter().filter_map(key).collect()
    }

    fn says(&self, line: &str) -> bool {
        self.lines.iter().any(|said| said == line)
    }
}

fn scenes(output: &Output) -> Vec<Scene> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let mut scenes = Vec::new();
    for line in text.lines() {
        if let Some(typed) = line.strip_prefix("> ") {
            scenes.push(Scene { typed: typed.to_owned(), lines: Vec::new() });
        } else if let Some(scene) = scenes.last_mut() {
            // "  1:02:03  what happened", or what is not of a moment.
            let timed = line.trim_start().split_once("  ");
            let line = timed.filter(|(time, _)| time.contains(':')).map_or(line, |(_, said)| said);
            scene.lines.push(line.to_owned());
        }
    }
    scenes
}

fn story() -> Vec<Scene> {
    let output = play(STORY);
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    scenes(&output)
}

#[test]
fn everyone_reads_what_is_for_them() {
    let story = story();
    let readers = [
        ("taro: welcome", vec!["hanako"]),
        ("hanako: thank you", vec!["taro"]),
        ("jiro: is this", vec!["taro", "hanako"]),
        ("hanako: a new key", vec!["taro", "jiro"]),
        ("taro: one hour", vec!["hanako", "jiro"]),
        // taro has left, and hanako's terminal has stopped.
        ("jiro: taro is gone", vec![]),
        ("hanako: I am back", vec!["jiro"]),
        ("taro: what did", vec!["hanako", "jiro"]),
        ("jiro: I shall tell", vec!["taro", "hanako"]),
        // jiro is barred, and there.
        ("taro: jiro gets", vec!["hanako"]),
        ("hanako: nor this", vec!["taro"]),
        ("hanako: good night", vec!["taro"]),
        ("hanako: who is eve", vec!["taro"]),
        ("taro: nobody we know", vec!["hanako"]),
        // Under the one key that hanako did not wipe.
        ("taro: have a", vec!["hanako"]),
    ];
    let said: Vec<&Scene> = story.iter().filter(|scene| !scene.typed.starts_with('/')).collect();
    assert_eq!(said.len(), readers.len());
    for (scene, (begin, readers)) in said.iter().zip(readers) {
        assert!(scene.typed.starts_with(begin), "{} is not {begin}", scene.typed);
        let (speaker, text) = scene.typed.split_once(": ").expect("a text");
        let read = readers.iter().map(|who| format!("{who} read <{speaker}> {text}"));
        assert_eq!(scene.read(), read.collect::<Vec<_>>(), "{begin}");
    }
    let back = story.iter().find(|scene| scene.typed == "/wake hanako").expect("she comes back");
    let missed = "hanako read <jiro> taro is gone, hanako is silent, and this key is mine";
    assert_eq!(back.read(), [missed]);
    let all: usize = story.iter().map(|scene| scene.read().len()).sum();
    assert_eq!(all, 20, "and nobody reads anything else");
}

#[test]
fn keys_come_when_they_are_due_and_from_whose_turn_it_is() {
    const OUT: &str = "somebody who has the last one is out";
    const RIGHTS: &str = "rights have changed";
    let expected = [
        ("/join taro", "taro", "taro", "the channel is opened"),
        ("/join hanako", "hanako taro", "taro", RIGHTS),
        ("/join jiro", "jiro", "taro", RIGHTS),
        // The rule seats jiro.
        ("/wait 700", "hanako jiro taro", "taro", RIGHTS),
        ("/wait 10", "hanako jiro taro", "taro", "somebody wished it"),
        ("/wait 3600", "hanako jiro taro", "taro", "the last one's period is over"),
        // taro has left, hanako is silent: the third takes over.
        ("/wait 40", "jiro", "jiro", OUT),
        ("/wake hanako", "hanako", "jiro", OUT),
        ("/join taro", "taro", "jiro", OUT),
        ("/kick jiro by taro", "hanako taro", "taro", OUT),
        ("/mode taro +x1 hanako", "hanako taro", "taro", RIGHTS),
        ("/refresh hanako", "hanako taro", "hanako", "somebody wished it"),
        ("/mode taro -d hanako", "hanako taro", "taro", RIGHTS),
    ];
    let story = story();
    let came = story.iter().flat_map(|scene| {
        let key = |(who, author, cause)| (scene.typed.clone(), who, author, cause);
        scene.keys().into_iter().map(key)
    });
    let came: Vec<_> = came.collect();
    let expected = expected.map(|(typed, who, author, cause)| {
        (typed.to_owned(), who.to_owned(), author.to_owned(), cause.to_owned())
    });
    assert_eq!(came, expected);
}

#[test]
fn rights_are_the_members_affair() {
    let story = story();
    let scene = |typed: &str| story.iter().find(|scene| scene.typed == typed).expect("typed");
    let barred = &story.iter().rev().find(|scene| scene.typed == "/join jiro").expect("again");
    assert!(barred.says("jiro got no key from taro: barred"));
    assert!(scene("/mode jiro -x taro").lines.iter().any(|line| line.starts_with("? jiro cannot")));
    assert!(scene("/mode hanako -x taro").says("? hanako cannot: your seat does not allow it"));
    let last = story.iter().rev().find(|scene| scene.typed == "/who").expect("asked");
    assert!(last.lines[0].ends_with("list: taro +dx, hanako +x, jiro barred"), "{}", last.lines[0]);
}

#[test]
fn who_asks_about_strangers_can_say_no() {
    let story = story();
    let asked = |scene: &&Scene| scene.says("taro was asked whether eve is to be let in");
    assert_eq!(story.iter().filter(asked).count(), 1);
    let scene = story.iter().find(|scene| scene.typed == "/decline taro eve").expect("typed");
    assert!(scene.says("taro did not accept the certificate of eve: declined"));
    assert!(scene.says("eve got no key from taro: the certificate is not accepted"));
}

#[test]
fn the_server_could_open_nothing() {
    let output = play(STORY);
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let last = text.lines().last().expect("a line");
    let sent = |line: &&str| line.contains("server: ") && line.contains(" sent ");
    let lines = text.lines().filter(sent).count();
    assert!(lines > 40, "{lines}");
    assert_eq!(last, format!("server: {lines} lines relayed, server could open 0"));
    assert_eq!(play(STORY).stdout, output.stdout, "a script plays the same each time");
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
        ("momo: hello", "nobody here is \"momo\""),
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
        ("/plain taro perhaps", "it is: /plain NAME on, or off"),
        ("/strangers taro out", "it is: /strangers NAME ask, or pin"),
        ("/accept taro", "it is: /accept NAME NAME"),
        ("/decline taro eve", "taro cannot: nothing is asked about this member"),
        ("/wait", "it is: /wait SECONDS"),
        ("/wait -1", "a wait is 0 to"),
        ("/wait 18446744073709551616", "a wait is 0 to"),
        ("/who is there", "/who stands alone"),
        ("/", "there is no /;"),
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
