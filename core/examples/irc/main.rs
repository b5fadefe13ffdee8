//! A line client for any IRC server: what is typed goes out sealed, what is received is shown.
//!
//! ```text
//! cargo run --release --example irc -- --server 127.0.0.1:6667 --nick taro --channel '#ryugu'
//! ```
//!
//! It shows how a program drives a [`Terminal`]: it hands over what happens, does what comes
//! out, and calls again when [`Terminal::wake`] says so. `/help` lists the commands.

// A program is the outside world, with a clock to read and instants to add to.
mod connection;
mod home;
mod screen;
mod session;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use connection::{Input, Outbox};
use home::Home;
use irc_proto::Message;
use keyrota::spec::MemberId;
use keyrota::{Action, Command, Config, Event, Fingerprint, Notice, Now, SelfSigned, Terminal};
use session::{Answer, Session};

const USAGE: &str = "usage: irc --server HOST:PORT --nick NICK --channel CHANNEL [--home DIR]";

const HELP: &str = "/msg NICK TEXT  /renew  /mode +x2 NICK  /bar NICK  /ask  /forget  /found  \
                    /plain on|off  /strangers ask|pin|refuse  /yes FINGERPRINT  /no FINGERPRINT  \
                    /unpin NAME  /quit";

/// Longest sleep; a longer one would only be cut into pieces.
const SLEEP_MAX: Duration = Duration::from_secs(3600);

fn main() -> ExitCode {
    let ended = Arguments::parse().and_then(|arguments| Client::start(&arguments)?.run());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{}", screen::status(&reason));
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    server: String,
    nick: String,
    channel: String,
    home: PathBuf,
}

impl Arguments {
    fn parse() -> Result<Self, String> {
        Self::parse_from(lexopt::Parser::from_env()).map_err(|error| format!("{error}; {USAGE}"))
    }

    fn parse_from(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        use lexopt::prelude::{Long, ValueExt as _};

        let (mut server, mut nick, mut channel, mut home) = (None, None, None, default_home());
        while let Some(argument) = parser.next()? {
            match argument {
                Long("server") => server = Some(parser.value()?.string()?),
                Long("nick") => nick = Some(parser.value()?.string()?),
                Long("channel") => channel = Some(parser.value()?.string()?),
                Long("home") => home = Some(parser.value()?),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(Self {
            server: server.ok_or("--server is missing")?,
            nick: nick.ok_or("--nick is missing")?,
            channel: channel.ok_or("--channel is missing")?,
            home: home.ok_or("--home is missing")?.into(),
        })
    }
}

fn default_home() -> Option<OsString> {
    env::home_dir().map(|home| home.join(".keyrota").into())
}

/// The program: a terminal, a server, a user, and a clock.
struct Client {
    terminal: Terminal,
    session: Session,
    channel: String,
    outbox: Outbox<TcpStream>,
    inputs: mpsc::Receiver<Input>,
    home: Home,
    /// About whom the user has still to say whether to accept them.
    asked: Vec<MemberId>,
    began: Instant,
}

impl Client {
    fn start(arguments: &Arguments) -> Result<Self, String> {
        let began = Instant::now();
        let now = read_clocks(began);
        let home = Home::open(&arguments.home)?;
        let identity = home.identity(&arguments.nick, now.unix)?;
        let (config, seed) = (Config::new(&arguments.nick), home::random()?);
        let print = Fingerprint::from(identity.id());
        println!("{}", screen::status(&format!("you are {print}")));
        let terminal = match home.state()? {
            None => {
                Terminal::new(config, identity, *seed, now).map_err(|error| error.to_string())?
            }
            Some(state) => Terminal::restore(config, identity, &state, *seed, now)
                .map_err(|error| format!("{}: {error}", arguments.home.display()))?,
        };

        let stream = connection::connect(&arguments.server)?;
        let reading = stream.try_clone().map_err(|error| error.to_string())?;
        let (sender, inputs) = mpsc::channel();
        connection::read_server(reading, sender.clone());
        connection::read_user(sender);
        let session = Session::new(&arguments.nick, &arguments.channel);
        let mut outbox = Outbox::new(stream, began);
        for line in session.register() {
            outbox.send(&line);
        }
        let channel = arguments.channel.clone();
        Ok(Self { terminal, session, channel, outbox, inputs, home, asked: Vec::new(), began })
    }

    /// Until the user or the server ends it.
    fn run(mut self) -> Result<(), String> {
        loop {
            self.outbox.flush(Instant::now()).map_err(|error| error.to_string())?;
            match self.inputs.recv_timeout(self.sleep()) {
                Ok(Input::Server(line)) => self.hear(&line)?,
                Ok(Input::User(line)) if line.trim() == "/quit" => break,
                Ok(Input::User(line)) => self.typed(&line)?,
                Ok(Input::Lost(reason)) => return Err(reason),
                Ok(Input::End) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let now = read_clocks(self.began);
                    let actions = self.terminal.handle(now, Event::Tick).collect();
                    self.perform(actions)?;
                }
            }
        }
        // With the texts that were shown, lest they are shown again.
        self.home.keep(&self.terminal.save())?;
        self.outbox.send_first("QUIT");
        self.outbox.flush(Instant::now()).map_err(|error| error.to_string())
    }

    /// How long nothing is to be done unless something comes in.
    fn sleep(&self) -> Duration {
        let now = read_clocks(self.began).ms;
        let wake = self.terminal.wake().map(|wake| wake.at.saturating_sub(now));
        let line = self.outbox.wait(Instant::now());
        let waits = [wake.map(Duration::from_millis), line, Some(SLEEP_MAX)];
        waits.into_iter().flatten().min().unwrap_or_default()
    }

    /// A line of the server.
    fn hear(&mut self, line: &str) -> Result<(), String> {
        // What cannot be parsed means nothing to this client.
        let Ok(message) = line.parse::<Message>() else {
            return Ok(());
        };
        let now = read_clocks(self.began);
        let mut actions = Vec::new();
        let answer = self.session.receive(&message, |event| {
            actions.extend(self.terminal.handle(now, event));
        });
        self.perform(actions)?;
        match answer {
            Answer::Nothing => {}
            Answer::Send(line) => self.outbox.send(&line),
            Answer::SendFirst(line) => self.outbox.send_first(&line),
            Answer::Say(text) => println!("{}", screen::status(&text)),
            Answer::Stop(reason) => return Err(reason),
        }
        Ok(())
    }

    /// A line of the user: a command, or a text to say.
    fn typed(&mut self, line: &str) -> Result<(), String> {
        let own = self.channel.clone();
        let channel = own.as_str();
        let (word, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        let command = match (word, rest.trim()) {
            ("", _) => return Ok(()),
            ("/msg", rest) => return self.tell(rest),
            ("/renew", _) => Command::Refresh { channel },
            ("/mode", modes) => Command::Mode { channel, modes },
            ("/bar", nick) => Command::Bar { channel, nick },
            ("/ask", _) => Command::Ask { channel },
            ("/forget", _) => Command::Forget { channel },
            ("/found", _) => Command::Found { channel },
            ("/plain", "on") => Command::Plain { channel, on: true },
            ("/plain", "off") => Command::Plain { channel, on: false },
            ("/strangers", "ask") => Command::SelfSigned(SelfSigned::Ask),
            ("/strangers", "pin") => Command::SelfSigned(SelfSigned::Pin),
            ("/strangers", "refuse") => Command::SelfSigned(SelfSigned::Refuse),
            ("/unpin", name) => Command::Unpin { name },
            ("/yes" | "/no", print) => {
                let meant = |id: &&MemberId| Fingerprint::from(**id).matches(print);
                let Some(member) = self.asked.iter().find(meant).copied() else {
                    println!("{}", screen::status("nobody of this fingerprint was asked about"));
                    return Ok(());
                };
                Command::Answer { member, accept: word == "/yes" }
            }
            _ if word.starts_with('/') => {
                println!("{}", screen::status(HELP));
                return Ok(());
            }
            _ => Command::Say { channel, text: line, signed: None },
        };
        self.command(command)
    }

    /// `NICK TEXT`, said to that one alone.
    fn tell(&mut self, line: &str) -> Result<(), String> {
        let Some((nick, text)) = line.split_once(' ') else {
            println!("{}", screen::status(HELP));
            return Ok(());
        };
        // Sealed or not at all: where there is no conversation, nothing is said.
        self.command(Command::Converse { nick })?;
        self.command(Command::Say { channel: nick, text, signed: None })
    }

    fn command(&mut self, command: Command<'_>) -> Result<(), String> {
        let answered = match command {
            Command::Answer { member, .. } => Some(member),
            _ => None,
        };
        match self.terminal.command(read_clocks(self.began), command) {
            Ok(actions) => {
                let actions = actions.collect();
                self.asked.retain(|one| Some(*one) != answered);
                self.perform(actions)
            }
            Err(refusal) => {
                println!("{}", screen::status(&refusal.to_string()));
                Ok(())
            }
        }
    }

    /// Does what the terminal asks for.
    fn perform(&mut self, actions: Vec<Action>) -> Result<(), String> {
        for action in actions {
            match action {
                Action::Save => self.home.keep(&self.terminal.save())?,
                Action::Send { channel, text } => {
                    self.outbox.send(&format!("PRIVMSG {channel} :{text}"));
                }
                Action::Show { channel, from, text, protection, again } => {
                    let line = screen::text(&from, &text, protection, again);
                    let to_all = channel.starts_with(['#', '&', '+', '!']);
                    let alone = if to_all { "" } else { "[to you alone] " };
                    println!("{alone}{line}");
                }
                Action::Notice { notice, .. } => {
                    if let Some(line) = screen::notice(&notice) {
                        println!("{line}");
                    }
                    match notice {
                        Notice::Question { member, .. } => self.asked.push(member),
                        Notice::Withdrawn(member) => self.asked.retain(|one| *one != member),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        io::stdout().flush().map_err(|error| error.to_string())
    }
}

/// Milliseconds since the program began, and the wall clock.
fn read_clocks(began: Instant) -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), unix: wall.as_secs() }
}
