//! Reads what a person types, or a script holds: one line, one wish.

use keyrota::SelfSigned;

use crate::relay::MEMBERS;

pub(crate) const HELP: &str = "\
  taro: hello            taro says hello; so do hanako and jiro
  /join NAME             joins the channel; the first one there opens it
  /part NAME             leaves it
  /kick NAME             the server puts a member out; the others make a key without it
  /kick NAME by NAME     a member bars another for good; then the server puts it out
  /hang NAME             its terminal stops without leaving, as a laptop that is shut
  /wake NAME             it goes on, and takes in what has come meanwhile
  /refresh NAME          wishes a new key; it comes in a pause, and from one terminal once a minute
  /forget NAME           wipes the keys before the newest
  /mode NAME MODES       rights: +d NAME hands out the key, +x NAME renews it, +xN NAME renews it
                         as the N-th, +o NAME both; - takes away. As in: /mode taro +x2 hanako
  /plain NAME on|off     sends what this member says as it is typed: the server can read it
  /strangers NAME ask    asks this member whom to accept; pin: the first of a name
  /accept NAME NAME      one member accepts another that it is asked about
  /decline NAME NAME     or does not
  /found NAME            opens the channel anew, whatever was there
  /intrude               the server joins, openly, as eve: who lets strangers in lets her in
  /wait SECONDS          moves the clock on
  /who                   what each terminal knows
  /server                what the server saw lately
  /help                  this
  /quit                  the end";

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Nothing: an empty line, or one that starts with `#`.
    Comment(String),
    Say(&'static str, String),
    Join(&'static str),
    Part(&'static str),
    Kick {
        nick: &'static str,
        by: Option<&'static str>,
    },
    Hang(&'static str),
    Wake(&'static str),
    Refresh(&'static str),
    Forget(&'static str),
    Mode(&'static str, String),
    Plain(&'static str, bool),
    Strangers(&'static str, SelfSigned),
    Answer {
        nick: &'static str,
        about: &'static str,
        accept: bool,
    },
    Found(&'static str),
    Intrude,
    Wait(u64),
    Who,
    Server,
    Help,
    Quit,
}

/// Longest wait: a year.
const WAIT_MAX: u64 = 31_536_000;

/// Reads a line; the error says what is wrong with it, in one line.
pub(crate) fn parse(line: &str) -> Result<Typed, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(Typed::Comment(line.into()));
    }
    let Some(command) = line.strip_prefix('/') else { return say(line) };
    let (command, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let words: Vec<&str> = rest.split_whitespace().collect();
    let usage = |form: &str| Err(format!("it is: /{command} {form}"));
    match (command, words.as_slice()) {
        ("join", [nick]) => member(nick).map(Typed::Join),
        ("part", [nick]) => anyone(nick).map(Typed::Part),
        ("kick", [nick]) => Ok(Typed::Kick { nick: anyone(nick)?, by: None }),
        ("kick", [nick, "by", by]) => {
            Ok(Typed::Kick { nick: anyone(nick)?, by: Some(member(by)?) })
        }
        ("hang", [nick]) => member(nick).map(Typed::Hang),
        ("wake", [nick]) => member(nick).map(Typed::Wake),
        ("refresh", [nick]) => member(nick).map(Typed::Refresh),
        ("forget", [nick]) => member(nick).map(Typed::Forget),
        ("mode", [nick, modes @ ..]) if !modes.is_empty() => {
            Ok(Typed::Mode(member(nick.trim_end_matches(':'))?, modes.join(" ")))
        }
        ("plain", [nick, "on"]) => Ok(Typed::Plain(member(nick)?, true)),
        ("plain", [nick, "off"]) => Ok(Typed::Plain(member(nick)?, false)),
        ("strangers", [nick, "ask"]) => Ok(Typed::Strangers(member(nick)?, SelfSigned::Ask)),
        ("strangers", [nick, "pin"]) => Ok(Typed::Strangers(member(nick)?, SelfSigned::Pin)),
        ("accept" | "decline", [nick, about]) => Ok(Typed::Answer {
            nick: member(nick)?,
            about: anyone(about)?,
            accept: command == "accept",
        }),
        ("found", [nick]) => member(nick).map(Typed::Found),
        ("wait", [seconds]) => match seconds.parse() {
            Ok(seconds) if seconds <= WAIT_MAX => Ok(Typed::Wait(seconds)),
            _ => Err(format!("a wait is 0 to {WAIT_MAX} seconds")),
        },
        ("intrude", []) => Ok(Typed::Intrude),
        ("who", []) => Ok(Typed::Who),
        ("server", []) => Ok(Typed::Server),
        ("help", []) => Ok(Typed::Help),
        ("quit", []) => Ok(Typed::Quit),
        ("join" | "part" | "hang" | "wake" | "refresh" | "forget" | "found", _) => usage("NAME"),
        ("kick", _) => usage("NAME, or /kick NAME by NAME"),
        ("mode", _) => usage("NAME MODES, as in /mode taro +x2 hanako"),
        ("plain", _) => usage("NAME on, or off"),
        ("strangers", _) => usage("NAME ask, or pin"),
        ("accept" | "decline", _) => usage("NAME NAME"),
        ("wait", _) => usage("SECONDS"),
        ("intrude" | "who" | "server" | "help" | "quit", _) => {
            Err(format!("/{command} stands alone"))
        }
        _ => Err(format!("there is no /{}; /help lists what there is", short(command))),
    }
}

fn say(line: &str) -> Result<Typed, String> {
    let (nick, text) = line
        .split_once(':')
        .ok_or("say who speaks, as in \"taro: hello\", or a command; /help lists them")?;
    let nick = member(nick.trim())?;
    let text = text.trim_start();
    if text.is_empty() {
        return Err(format!("{nick} says nothing"));
    }
    Ok(Typed::Say(nick, text.into()))
}

fn member(nick: &str) -> Result<&'static str, String> {
    let found = MEMBERS.into_iter().find(|member| *member == nick);
    found.ok_or_else(|| {
        format!("nobody here is {:?}; there are {}", short(nick), MEMBERS.join(", "))
    })
}

/// A member, or the server's own terminal once it has joined.
fn anyone(nick: &str) -> Result<&'static str, String> {
    if nick == crate::relay::EVE { Ok(crate::relay::EVE) } else { member(nick) }
}

/// The beginning of what may be of any length.
pub(crate) fn short(text: &str) -> String {
    const SHOWN: usize = 24;
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
