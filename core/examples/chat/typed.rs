//! Reads what a person types, or a script holds: an operation of the world, or a word of this program.

use keyrota_model::op::{CAST, EVE, Op};
use keyrota_model::script;

pub(crate) const HELP: &str = "\
  taro: hello            taro says hello; so do hanako, jiro, momo, kiku, sora and umi
  /msg NAME NAME TEXT    says something to one other alone
  /join NAME             joins the channel; the first one there opens it
  /part NAME             leaves it
  /kick NAME             the server puts a member out; the others make a key without it
  /kick NAME by NAME     a member bars another for good; then the server puts it out
  /bar, /pardon, /revoke NAME by NAME
  /refresh NAME          wishes a new key; it comes in a pause, and from one terminal once a minute
  /mode NAME MODES       rights: +d NAME hands out the key, +x NAME renews it, +xN NAME renews it
                         as the N-th, +o NAME both; - takes away. As in: /mode taro +x2 hanako
  /set NAMES WHAT VALUE  period, idle, keep SECONDS; messages, bytes, growth, keys COUNT; lifetime
                         MINUTES; topic, alone, signed, found on|off; old-keys members|all; rights
                         d|x|dx; rule first, random or holders COUNT, operators, server, hand;
                         renewer either|sender|receiver, for two who talk alone
  /forget NAME           wipes the keys before the newest
  /recall NAME BACK      asks for an older key, so many before the newest
  /plain NAME on|off     sends what this member says as it is typed: the server can read it
  /found NAME            opens the channel anew, whatever was there
  /follow NAME NAME      takes the channel of another for its own
  /ask NAME              asks for the key now

  /strangers NAME ask|pin|refuse   whom to accept for whom nobody else vouches
  /accept, /decline NAME NAME      one member answers about another that it is asked about
  /trust, /distrust NAME VOUCHER   the word of a user, the office or the server counts for it, or not
  /certify NAME as TITLE by VOUCHER   begins anew with a certificate by a user, office, server, itself
  /pin NAME TITLE to NAME          gives a name to a member; /unpin NAME TITLE forgets it
  /clone NAME of NAME              begins anew, with the stolen key of another

  /hang NAME             its terminal stops without leaving, as a laptop that is shut
  /wake NAME             it goes on, and takes in what has come meanwhile
  /crash NAME            its terminal is gone; /restart NAME saved|older|bare
  /cut NAME              its connection breaks
  /nick NAME NICK        and /swap NAME NAME: other nicks
  /split NAMES | NAMES   the network falls apart; /heal, /heal operators
  /lose NAME COUNT, /hold, /lag NAME SECONDS, /repeat NAME, /mute NAME on|off   of lines
  /take, /miss NAME from NAME   the next line of one comes to another now, or never
  /choke NAME COUNT      so many lines of this one go out, and no more
  /clock NAME SECONDS    and /pace NAME MILLIONTHS: wrong clocks
  /op NAME on|off, /topic TEXT, /crowd COUNT   what servers tell
  /lie NAME ..., /replay, /alter, /noise, /flood ... as NAME to NAME [alone]   what they make up
  /rogue NAME TRICK      what an insider does against the rules
  /intrude               the server joins, openly, as eve: who lets strangers in lets her in

  /wait SECONDS          moves the clock on
  /who                   what each terminal knows
  /pins NAME             which names it has seen, and whose they are
  /server                what the server saw lately
  /help                  this
  /quit                  the end";

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Nothing: an empty line, one that starts with `#`, or how the world began.
    Comment(String),
    Op(Op),
    /// A member bars another; then the server puts it out.
    KickBy(usize, usize),
    Intrude,
    Who,
    Pins(usize),
    Server,
    Help,
    Quit,
}

/// Reads a line; the error says what is wrong with it, in one line.
pub(crate) fn parse(line: &str) -> Result<Typed, String> {
    let line = line.trim();
    if script::is_comment(line) {
        return Ok(Typed::Comment(line.into()));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let alone = |typed| match words.len() {
        1 => Ok(typed),
        _ => Err(format!("{} stands alone", words.first().unwrap_or(&"this"))),
    };
    match words.as_slice() {
        ["/kick", whom, "by", by] => {
            let Op::Bar(whom, by) = script::parse_line(&format!("/bar {whom} by {by}"))? else {
                return Err(KICK.into());
            };
            Ok(Typed::KickBy(whom, by))
        }
        ["/kick", _, _, ..] => Err(KICK.into()),
        ["/pins", who] => match script::parse_line(&format!("/ask {who}"))? {
            Op::Ask(who) => Ok(Typed::Pins(who)),
            _ => Err(PINS.into()),
        },
        ["/pins", ..] => Err(PINS.into()),
        ["/intrude", ..] => alone(Typed::Intrude),
        ["/who", ..] => alone(Typed::Who),
        ["/server", ..] => alone(Typed::Server),
        ["/help", ..] => alone(Typed::Help),
        ["/quit", ..] => alone(Typed::Quit),
        _ => match script::parse_line(line)? {
            Op::Say(EVE, _) => Err(format!("nobody here is {:?}, who speaks", CAST[EVE])),
            op => Ok(Typed::Op(op)),
        },
    }
}

const KICK: &str = "it is: /kick NAME, or /kick NAME by NAME";
const PINS: &str = "it is: /pins NAME";
