//! The parts of the IRC example that need no server: reading, pacing, registration.

use std::fmt::Write as _;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use irc_proto::Message;

use crate::connection::{Input, Outbox, read_server};
use crate::session::{Answer, Session};

fn session() -> Session {
    Session::new("alice", "#c")
}

/// What the core is told about these lines, an event a line, and the last answer.
fn receive(session: &mut Session, lines: &[&str]) -> (String, Answer) {
    let (mut told, mut answer) = (String::new(), Answer::Nothing);
    for line in lines {
        let message: Message = line.parse().unwrap();
        answer = session.receive(&message, |event| writeln!(told, "{event:?}").unwrap());
    }
    (told, answer)
}

fn answer(session: &mut Session, lines: &[&str]) -> Answer {
    receive(session, lines).1
}

#[test]
fn the_nick_is_what_the_server_made_of_it() {
    let mut session = session();
    let (told, taken) = receive(&mut session, &[":a.test 433 alice :Nickname already in use"]);
    assert_eq!(taken, Answer::SendFirst("NICK alice_".to_owned()));
    assert_eq!(told, "Nick { old: \"alice\", new: \"alice_\" }\n");
    let (told, _) = receive(&mut session, &[":a.test 001 alic :Welcome alic!~a@127.0.0.1"]);
    assert_eq!(told, "Nick { old: \"alice_\", new: \"alic\" }\n");
}

#[test]
fn it_joins_with_or_without_a_message_of_the_day() {
    for last in [":a.test 376 alice :End", ":a.test 422 alice :No message"] {
        let join = answer(&mut session(), &[":a.test 001 alice :Hi", last]);
        assert_eq!(join, Answer::Send("JOIN #c".to_owned()));
    }
}

#[test]
fn refusals_before_the_join_end_the_program_and_are_only_shown_after_it() {
    let refusal = ":a.test 475 alice #c :Cannot join channel (+k)";
    let text = "#c Cannot join channel (+k)";
    let early = answer(&mut session(), &[refusal]);
    assert_eq!(early, Answer::Stop(format!("the server refused: {text}")));
    let late = answer(&mut session(), &[":alice!~a@host JOIN :#c", refusal]);
    assert_eq!(late, Answer::Say(text.to_owned()));
}

#[test]
fn a_topic_is_told_when_it_changes_and_not_when_it_is_only_read() {
    let lines = [":a.test 332 alice #c :as it was", ":bob!~b@host TOPIC #c :as it is now"];
    let (told, _) = receive(&mut session(), &lines);
    assert_eq!(told, "Topic { channel: \"#c\" }\n");
}

#[test]
fn a_ping_is_answered_with_its_own_text() {
    let answer = answer(&mut session(), &["PING :a b"]);
    assert_eq!(answer, Answer::SendFirst("PONG :a b".to_owned()));
}

#[test]
fn the_casemapping_is_learned() {
    let line = ":a.test 005 alice NICKLEN=16 CASEMAPPING=ascii :are supported";
    assert_eq!(receive(&mut session(), &[line]).0, "CaseMapping(Ascii)\n");
}

/// A line of 28 more arrives whole in this channel, with one byte more it is cut: measured with a
/// server. A nick that one writes to may be so much longer.
#[test]
fn the_line_length_follows_from_the_echo_of_the_own_join() {
    let mut session = session();
    let (told, _) = receive(&mut session, &[":alice!~alice@127.0.0.1 JOIN :#c"]);
    assert!(told.starts_with("LineLength(446)\n"), "{told}");
    let (told, _) = receive(&mut session, &[":alice!~alice@127.0.0.1 NICK :al"]);
    assert!(told.ends_with("LineLength(449)\n"), "{told}");
}

#[test]
fn names_come_in_parts_and_are_told_as_one() {
    let lines = [
        ":a.test 353 alice = #c :@alice +bob ",
        ":a.test 353 alice = #c :carol",
        ":a.test 366 alice #c :End of NAMES list",
    ];
    let (told, answer) = receive(&mut session(), &lines);
    let names = r#"[("alice", true), ("bob", false), ("carol", false)]"#;
    assert_eq!(told, format!("Names {{ channel: \"#c\", names: {names} }}\n"));
    assert_eq!(answer, Answer::Send("WHO #c".to_owned()));
}

/// As servers sent them, with and without the colon before the last word.
#[test]
fn what_servers_report_reaches_the_core() {
    let both = |line: &str, told: &str| {
        let mut session = session();
        assert_eq!(receive(&mut session, &[line]).0, format!("{told}\n"), "{line}");
    };
    both(":bob!bob@127.0.0.1 PART :#c", r##"Part { channel: "#c", nick: "bob" }"##);
    both(":bob!~bob@127.0.0.1 PART #c :", r##"Part { channel: "#c", nick: "bob" }"##);
    both(":bob!bob@127.0.0.1 QUIT :c.irc.test d.irc.test", r#"Quit { nick: "bob" }"#);
    both(":frank!frank@127.0.0.1 NICK :1CCAAAAAC", r#"Nick { old: "frank", new: "1CCAAAAAC" }"#);
    both(":a!a@host KICK #c bobby :out", r##"Kick { channel: "#c", nick: "bobby" }"##);
    both(
        ":d.irc.test MODE #c +vo carola :dave",
        r##"Operator { channel: "#c", nick: "dave", on: true }"##,
    );
    both(
        ":bob!~bob@127.0.0.1 PRIVMSG #c :  two lead",
        r##"Line { channel: "#c", nick: "bob", text: "  two lead" }"##,
    );
    both(
        ":a.test 352 alice #c ~bob 127.0.0.1 a.test bob H+ :0 real bob",
        "Detail { channel: \"#c\", nick: \"bob\", detail: User(\"~bob\") }\n\
         Detail { channel: \"#c\", nick: \"bob\", detail: Host(\"127.0.0.1\") }\n\
         Detail { channel: \"#c\", nick: \"bob\", detail: Server(\"a.test\") }\n\
         Detail { channel: \"#c\", nick: \"bob\", detail: RealName(\"real bob\") }",
    );
}

#[test]
fn lines_go_out_five_at_once_and_then_one_a_second() {
    let start = Instant::now();
    let mut wire = Vec::new();
    let mut outbox = Outbox::new(&mut wire, start);
    assert_eq!(outbox.wait(start), None);
    for number in 0..8 {
        outbox.send(&number.to_string());
    }
    outbox.flush(start).unwrap();
    assert_eq!(outbox.wait(start), Some(Duration::from_secs(1)));
    outbox.send_first("PONG :x");
    outbox.flush(start + Duration::from_secs(2)).unwrap();
    assert_eq!(wire, b"0\r\n1\r\n2\r\n3\r\n4\r\nPONG :x\r\n5\r\n");
}

#[test]
fn a_text_cannot_smuggle_in_a_second_line() {
    let start = Instant::now();
    let mut wire = Vec::new();
    let mut outbox = Outbox::new(&mut wire, start);
    outbox.send("PRIVMSG #ryugu :hello\r\nQUIT");
    outbox.flush(start).unwrap();
    assert_eq!(wire, b"PRIVMSG #ryugu :hello\r\n");
}

#[test]
fn reading_survives_any_bytes_and_ends_with_a_reason() {
    let (sender, inputs) = mpsc::channel();
    read_server(&b":a b\r\n\xff\xfe\n\nlast"[..], sender);
    let mut inputs = inputs.iter();
    assert_eq!(inputs.next(), Some(Input::Server(":a b".to_owned())));
    assert_eq!(inputs.next(), Some(Input::Server("\u{fffd}\u{fffd}".to_owned())));
    assert_eq!(inputs.next(), Some(Input::Server(String::new())));
    assert!(matches!(inputs.next(), Some(Input::Lost(_))));
    assert_eq!(inputs.next(), None);
}
