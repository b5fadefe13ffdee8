//! The example client as a process: what it prints is read, what it shall say is typed.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What all clients printed and were told, in order; printed if a test fails.
#[derive(Clone)]
pub(crate) struct Transcript {
    began: Instant,
    lines: Arc<Mutex<Vec<(Duration, String, String)>>>,
}

impl Transcript {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), lines: Arc::default() }
    }

    fn add(&self, who: &str, line: &str) {
        let entry = (self.began.elapsed(), who.to_owned(), line.to_owned());
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// The first line of `who` from number `from` on that `wanted` accepts, with its number.
    fn find(
        &self,
        who: &str,
        from: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Option<(usize, String)> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = lines.iter().enumerate().skip(from);
        lines.find_map(|(number, (_, name, line))| {
            (name == who && wanted(line)).then(|| (number, line.clone()))
        })
    }

    fn len(&self) -> usize {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The whole, for a person to read.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().fold(String::new(), |mut text, (at, who, line)| {
            let _ = writeln!(text, "{:8.3} {who:8} {line}", at.as_secs_f64());
            text
        })
    }
}

/// A running client; dropped, it ends.
pub(crate) struct Client {
    name: String,
    process: Child,
    keyboard: ChildStdin,
    transcript: Transcript,
    /// The number in the transcript of the next line to look at.
    next: usize,
}

impl Client {
    /// Starts a client with a fresh identity in `home`.
    pub(crate) fn start(
        name: &str,
        port: u16,
        channel: &str,
        home: &Path,
        transcript: &Transcript,
    ) -> Self {
        let mut process = Command::new(program())
            .arg("--server")
            .arg(format!("127.0.0.1:{port}"))
            .args(["--nick", name, "--channel", channel, "--home"])
            .arg(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example is built");
        read(name, process.stdout.take().expect("piped"), transcript);
        read(name, process.stderr.take().expect("piped"), transcript);
        Self {
            name: name.to_owned(),
            keyboard: process.stdin.take().expect("piped"),
            process,
            transcript: transcript.clone(),
            next: 0,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        self.transcript.add(&self.name, &format!(">> {line}"));
        writeln!(self.keyboard, "{line}").expect("the client is running");
        self.keyboard.flush().expect("the client is running");
    }

    /// Waits until the client prints a line that `wanted` accepts, after those waited for
    /// before, and returns it.
    ///
    /// # Panics
    /// With the transcript, if it does not come in time.
    pub(crate) fn wait_for(
        &mut self,
        what: &str,
        within: Duration,
        wanted: impl Fn(&str) -> bool,
    ) -> String {
        let began = Instant::now();
        loop {
            if let Some((number, line)) = self.transcript.find(&self.name, self.next, &wanted) {
                self.next = number + 1;
                return line;
            }
            assert!(
                began.elapsed() < within,
                "{} did not print {what} within {within:?}:\n{}",
                self.name,
                self.transcript.text()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits from now on only for what is printed from now on.
    pub(crate) fn look_ahead(&mut self) {
        self.next = self.transcript.len();
    }

    /// Ends the process at once, without a word to anyone.
    pub(crate) fn kill(&mut self) {
        self.transcript.add(&self.name, "## killed");
        self.process.kill().expect("it is ours to kill");
        self.process.wait().expect("it is ours to wait for");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read(name: &str, output: impl Read + Send + 'static, transcript: &Transcript) {
    let (name, transcript) = (name.to_owned(), transcript.clone());
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            transcript.add(&name, &line);
        }
    });
}

/// The example beside this test: `cargo test` builds both.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    let example = profile.join("examples").join("irc");
    assert!(
        example.is_file(),
        "{} is not built: run `cargo test --workspace`, or `cargo build --examples` first",
        example.display()
    );
    example
}
