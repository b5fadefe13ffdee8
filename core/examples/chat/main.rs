//! Terminals on one relay, in one process: no set-up, no network.
//!
//! ```text
//! cargo run --release --example chat                                            type, and see
//! cargo run --release --example chat -- --script core/examples/scenes/story.txt     the story
//! ```
//!
//! Shows what every member reads, each change of the current key, and what the server that relays
//! the lines saw. The terminals and the network between them are those of the model checker, and so
//! is the language of scripts: what the checker writes down, this plays.

mod moment;
mod server;
mod session;
mod typed;
mod words;

use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use keyrota_model::op::Op;
use keyrota_model::script;
use keyrota_model::world::Setting;
use lexopt::Arg;
use session::Session;
use typed::Typed;

const USAGE: &str = "\
Terminals on a relay that must not be able to read what they say: taro, hanako and jiro to begin
with.

    chat                  reads what you type; /help lists it
    chat --script FILE    plays a file of such lines in virtual time, the same each time
    chat --help           this";

const GREETING: &str = "
Say something as one of them:  taro: hello
Make taro's terminal fall silent, wish a new key, and see who makes it:
    /hang taro
    /refresh jiro
    /wait 60
/help lists all there is.";

/// So many of the cast have joined when a person begins to type.
const FIRST: usize = 3;
/// Time between two lines of a script, in milliseconds.
const TYPING: u64 = 1_000;
/// Longest time between two looks at the clock.
const LOOK: Duration = Duration::from_secs(3_600);

/// Why the program ends before its time.
enum Failure {
    /// The caller's mistake, in one line.
    Usage(String),
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has gone.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Failure::Output(error)) => complain(&format!("cannot write: {error}"), 1),
        Err(Failure::Usage(why)) => complain(&why, 2),
    }
}

fn complain(why: &str, code: u8) -> ExitCode {
    // There is nowhere else to say that this cannot be said.
    let _ = writeln!(io::stderr(), "chat: {why}");
    ExitCode::from(code)
}

fn run() -> Result<(), Failure> {
    match arguments(lexopt::Parser::from_env()) {
        Ok(Some(Task::Script(path))) => play(&path),
        Ok(Some(Task::Talk)) => talk(),
        Ok(None) => Ok(writeln!(io::stdout(), "{USAGE}")?),
        Err(why) => Err(Failure::Usage(format!("{why}; --help tells how it is used"))),
    }
}

enum Task {
    Talk,
    Script(PathBuf),
}

fn arguments(mut parser: lexopt::Parser) -> Result<Option<Task>, lexopt::Error> {
    let mut task = Task::Talk;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long("script") => task = Task::Script(parser.value()?.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Some(task))
}

// ---- a script

fn play(path: &Path) -> Result<(), Failure> {
    let Script { setting, lines } = read(path)?;
    // What begins with its world says itself when time passes.
    let exact = setting.is_some();
    let setting = setting.unwrap_or_else(|| Session::<io::Stdout>::setting(0));
    let mut session = Session::new(setting, exact, io::stdout());
    for (line, typed) in lines {
        if let Typed::Comment(comment) = &typed {
            session.print(comment)?;
            continue;
        }
        session.print(&format!("> {line}"))?;
        if !session.carry_out(typed)? {
            break;
        }
        if !exact {
            let pause = session.ms().saturating_add(TYPING);
            session.run_until(pause)?;
        }
    }
    Ok(session.sum_up()?)
}

/// A script: how its world begins, if it says so, and its lines with what each asks for.
struct Script {
    setting: Option<Setting>,
    lines: Vec<(String, Typed)>,
}

/// All lines of a script. One mistake, and nothing of it is played.
fn read(path: &Path) -> Result<Script, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|why| Failure::Usage(format!("cannot read {name}: {why}")))?;
    let setting = script::setting(&text).map_err(|why| Failure::Usage(format!("{name}: {why}")))?;
    let mut begins = setting.is_some();
    let mut lines = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        let line = line.trim();
        if !script::is_comment(line) && std::mem::take(&mut begins) {
            lines.push((line.to_owned(), Typed::Comment(line.to_owned())));
            continue;
        }
        let typed = typed::parse(line)
            .map_err(|why| Failure::Usage(format!("{name}, line {number}: {why}")))?;
        lines.push((line.to_owned(), typed));
    }
    Ok(Script { setting, lines })
}

// ---- a person

fn talk() -> Result<(), Failure> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed)
        .map_err(|why| Failure::Usage(format!("the system gives no randomness: {why}")))?;
    let setting = Session::<io::Stdout>::setting(u64::from_ne_bytes(seed));
    let mut session = Session::new(setting, false, io::stdout());
    for who in 0..FIRST {
        session.carry_out(Typed::Op(Op::Join(who)))?;
        session.carry_out(Typed::Op(Op::Wait(5_000)))?;
    }
    session.print(GREETING)?;

    let lines = typed_lines();
    let clock = Clock::start(session.ms());
    let mut ahead = 0_u64;
    loop {
        session.run_until(clock.ms().saturating_add(ahead))?;
        let due = session.next_wake().map(|at| at.saturating_sub(session.ms()));
        let line = match lines.recv_timeout(due.map_or(LOOK, Duration::from_millis).min(LOOK)) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        session.run_until(clock.ms().saturating_add(ahead))?;
        match typed::parse(&line) {
            Ok(typed) => {
                if !session.carry_out(typed)? {
                    break;
                }
            }
            Err(why) => session.print(&format!("? {why}"))?,
        }
        ahead = ahead.max(session.ms().saturating_sub(clock.ms()));
    }
    Ok(session.sum_up()?)
}

/// Lines from standard input, read on a thread of their own so that time goes on meanwhile.
fn typed_lines() -> Receiver<String> {
    let (sender, lines) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lock().split(b'\n').map_while(Result::ok) {
            // What is not UTF-8 becomes a mistake like any other, or a text with a gap.
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
    lines
}

/// Real time, on top of the time that the session had reached.
struct Clock {
    start: Instant,
    base: u64,
}

impl Clock {
    fn start(base: u64) -> Self {
        Self { start: Instant::now(), base }
    }

    fn ms(&self) -> u64 {
        let passed = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.base.saturating_add(passed)
    }
}
