//! The connection of the IRC example: lines in, lines out at a pace that servers accept.
//!
//! Two threads read, one the server and one the user; both put what they read into the one
//! channel that the program waits on. What goes out passes an [`Outbox`].

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

/// The longest line taken from a server: 8,191 bytes of tags and 512 of message.
const LINE_MAX: u64 = 8_191 + 512;

/// A server that does not accept a connection for so long is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Common servers take a line a second for ever, and a few more at once.
const PACE: Duration = Duration::from_secs(1);

/// How far ahead of that pace lines may go: a burst of five.
const AHEAD: Duration = Duration::from_secs(4);

/// What the program waits for.
#[derive(Debug, PartialEq)]
pub(crate) enum Input {
    /// A line of the server, without its end.
    Server(String),
    /// The connection is gone; the text says why.
    Lost(String),
    /// A line that the user typed, without its end.
    User(String),
    /// The user closed the input.
    End,
}

/// Connects to `host:port`.
///
/// # Errors
/// A sentence for the user: the address is not one, or nobody answers there.
pub(crate) fn connect(server: &str) -> Result<TcpStream, String> {
    let addresses = server
        .to_socket_addrs()
        .map_err(|error| format!("{server} is no address (host:port): {error}"))?;
    let mut reason = "the name has no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(format!("cannot connect to {server}: {reason}"))
}

/// Reads the server's lines in a thread, until the connection ends.
pub(crate) fn read_server(stream: impl Read + Send + 'static, inputs: Sender<Input>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        loop {
            let input = read_line(&mut reader);
            let last = matches!(input, Input::Lost(_));
            if inputs.send(input).is_err() || last {
                return;
            }
        }
    });
}

fn read_line(reader: &mut impl BufRead) -> Input {
    let mut line = Vec::new();
    match reader.take(LINE_MAX).read_until(b'\n', &mut line) {
        Ok(0) => Input::Lost("the server closed the connection".to_owned()),
        // Texts may hold any bytes; those of the protocol are ASCII.
        Ok(_) if line.ends_with(b"\n") => {
            Input::Server(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
        }
        Ok(_) => Input::Lost("the server sent a line that does not end".to_owned()),
        Err(error) => Input::Lost(format!("the connection broke: {error}")),
    }
}

/// Reads what the user types in a thread, until the input ends.
pub(crate) fn read_user(inputs: Sender<Input>) {
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if inputs.send(Input::User(line)).is_err() {
                return;
            }
        }
        // Fails only if the program has ended, and then nobody needs to know.
        let _ = inputs.send(Input::End);
    });
}

/// Lines on their way to the server.
///
/// Servers disconnect who sends too fast, or let it wait in ways that hurt more than waiting
/// here, where a PONG can still go first.
pub(crate) struct Outbox<W> {
    writer: W,
    waiting: VecDeque<String>,
    /// When all lines sent so far would be out at the even pace.
    paid_until: Instant,
}

impl<W: Write> Outbox<W> {
    pub(crate) fn new(writer: W, now: Instant) -> Self {
        Self { writer, waiting: VecDeque::new(), paid_until: now }
    }

    /// Queues a line behind the others.
    pub(crate) fn send(&mut self, line: &str) {
        self.waiting.push_back(one_line(line));
    }

    /// Queues a line before the others: a server that waits too long for its PONG disconnects.
    pub(crate) fn send_first(&mut self, line: &str) {
        self.waiting.push_front(one_line(line));
    }

    /// Writes the lines that may go by now.
    ///
    /// # Errors
    /// The writer's own.
    pub(crate) fn flush(&mut self, now: Instant) -> io::Result<()> {
        while self.wait(now) == Some(Duration::ZERO) {
            let Some(line) = self.waiting.pop_front() else {
                break;
            };
            self.paid_until = self.paid_until.max(now) + PACE;
            self.writer.write_all(line.as_bytes())?;
        }
        self.writer.flush()
    }

    /// How long until the next line may go; `None` if none waits.
    pub(crate) fn wait(&self, now: Instant) -> Option<Duration> {
        let ahead = self.paid_until.saturating_duration_since(now);
        (!self.waiting.is_empty()).then(|| ahead.saturating_sub(AHEAD))
    }
}

/// The text up to the first character that would end the line, and the end of the line.
fn one_line(text: &str) -> String {
    let line = text.split(['\r', '\n', '\0']).next().unwrap_or_default();
    format!("{line}\r\n")
}
