//! The IRC example against a real server, and its parts without one (R-SYS-7).
//!
//! Three processes of the example talk through an ngircd on the loopback interface, with a
//! tap before it that keeps every byte.

mod client;
#[path = "../../examples/irc/connection.rs"]
#[expect(dead_code, reason = "the example uses the rest")]
mod connection;
mod lines;
mod server;
#[path = "../../examples/irc/session.rs"]
#[expect(dead_code, reason = "the example uses the rest")]
mod session;
mod tap;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::{Client, Transcript};
use server::Server;
use tap::Tap;

const CHANNEL: &str = "#ryugu";

/// Joining, asking and being granted a key, on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// A departure noticed, an exclusion made, by the second in the order if the first stalls.
const ROTATION: Duration = Duration::from_secs(120);

/// Part of each text that is as long must not be on the wire.
const WINDOW: usize = 8;

#[test]
fn three_clients_talk_and_two_go_on_without_the_first() {
    let folder = Folder::new();
    let server = Server::start(&folder.0);
    let tap = Tap::before(server.port);
    let transcript = Transcript::new();
    let start = |name: &str| {
        let home = folder.0.join(name);
        Client::start(name, tap.port, CHANNEL, &home, &transcript)
    };
    let mut typed = Vec::new();

    let mut taro = start("taro");
    taro.wait_for("its key", SOON, is_key);
    let mut hanako = start("hanako");
    hanako.wait_for("its key", SOON, is_key);
    let mut jiro = start("jiro");
    jiro.wait_for("its key", SOON, is_key);

    say("the tide gauge reads 214 centimetres", &mut taro, [&mut hanako, &mut jiro], &mut typed);
    say("lantern number seven went dark again", &mut hanako, [&mut taro, &mut jiro], &mut typed);
    say("bring rope; the ferry leaves at dawn", &mut jiro, [&mut taro, &mut hanako], &mut typed);

    hanako.look_ahead();
    taro.kill();
    let after = hanako.wait_for("a new key", ROTATION, is_key);
    jiro.wait_for("the same key", ROTATION, |line| line == after);
    say("the gardener keeps his seeds in tins", &mut hanako, [&mut jiro], &mut typed);
    say("understood; moving everything uphill", &mut jiro, [&mut hanako], &mut typed);

    let alone = "the spare key hangs behind the third hive";
    typed.push(alone.to_owned());
    hanako.type_line(&format!("/msg jiro {alone}"));
    let shown = format!("[to you alone] <hanako> {alone}");
    jiro.wait_for(&shown, SOON, |line| line == shown);

    let streams = tap.streams();
    assert!(streams.len() >= 6, "three connections, two directions");
    for text in &typed {
        for window in text.as_bytes().windows(WINDOW) {
            let leaked = streams.iter().any(|stream| contains(stream, window));
            assert!(!leaked, "{text:?} was on the wire:\n{}", transcript.text());
        }
    }
    let sealed = streams.iter().any(|stream| contains(stream, b"PRIVMSG #ryugu :+K"));
    assert!(sealed, "the tap saw no frame: it proves nothing");
}

/// Whether the line reports the key that texts are sealed under from now on.
fn is_key(line: &str) -> bool {
    line.starts_with("-- key ")
}

/// Lets `speaker` type a text, and waits until all `listeners` show it as the speaker's.
fn say<const N: usize>(
    text: &str,
    speaker: &mut Client,
    listeners: [&mut Client; N],
    typed: &mut Vec<String>,
) {
    typed.push(text.to_owned());
    speaker.type_line(text);
    let shown = format!("<{}> {text}", speaker.name());
    for listener in listeners {
        listener.wait_for(&shown, SOON, |line| line == shown);
    }
}

fn contains(stream: &[u8], part: &[u8]) -> bool {
    stream.windows(part.len()).any(|window| window == part)
}

/// A scratch folder that is removed when the test has passed, and kept when it failed.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("irc-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).expect("the target folder is ours");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
