//! What a schedule is made of: what users do, what befalls terminals, and what the network does to
//! them, each as a value and as one line of a script.

use std::fmt;

use keyrota::SelfSigned;

use crate::rogue::Trick;
use crate::set::{Set, on};

/// One step of a schedule. Who takes part is named by its number in the cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// `NAME: text` — says something in the channel.
    Say(usize, String),
    /// `/msg NAME NAME text` — says something to one other alone.
    Tell(usize, usize, String),
    /// `/join NAME`
    Join(usize),
    /// `/part NAME`
    Part(usize),
    /// `/cut NAME` — its connection breaks: the others see it quit.
    Cut(usize),
    /// `/kick NAME` — the server puts it out.
    Kick(usize),
    /// `/nick NAME NICK`
    Nick(usize, String),
    /// `/swap NAME NAME` — two exchange their nicks.
    Swap(usize, usize),
    /// `/refresh NAME` — wishes a new key.
    Refresh(usize),
    /// `/mode NAME MODES` — a command about rights.
    Mode(usize, String),
    /// `/bar NAME by NAME`
    Bar(usize, usize),
    /// `/pardon NAME by NAME`
    Pardon(usize, usize),
    /// `/revoke NAME by NAME`
    Revoke(usize, usize),
    /// `/plain NAME on|off`
    Plain(usize, bool),
    /// `/found NAME`
    Found(usize),
    /// `/follow NAME NAME` — takes the channel of the other for its own.
    Follow(usize, usize),
    /// `/ask NAME`
    Ask(usize),
    /// `/recall NAME BACK` — asks for the key that was made so many before the newest.
    Recall(usize, usize),
    /// `/forget NAME` — wipes all keys but the newest.
    Forget(usize),
    /// `/set NAMES WHAT VALUE` — each changes one setting of the channel.
    Set(Vec<usize>, Set),
    /// `/strangers NAME ask|pin|refuse` — what to do with those for whom only their own key vouches.
    Strangers(usize, SelfSigned),
    /// `/accept NAME NAME` — one accepts another about whom it is asked.
    Accept(usize, usize),
    /// `/decline NAME NAME` — or does not.
    Decline(usize, usize),
    /// `/trust NAME VOUCHER` — from now on this one's word counts.
    Trust(usize, Voucher),
    /// `/distrust NAME VOUCHER` — no longer.
    Distrust(usize, Voucher),
    /// `/pin NAME TITLE to NAME` — gives the name in a certificate to a member.
    Pin(usize, String, usize),
    /// `/unpin NAME TITLE` — it is anybody's again.
    Unpin(usize, String),
    /// `/certify NAME as TITLE by VOUCHER` — it begins anew, with a certificate that says so.
    Certify(usize, String, Voucher),
    /// `/clone NAME of NAME` — it begins anew, with the secret and the certificate of another.
    Clone(usize, usize),
    /// `/hang NAME` — its terminal stops, and nobody is told.
    Hang(usize),
    /// `/wake NAME` — it goes on, and takes in what came meanwhile.
    Wake(usize),
    /// `/crash NAME` — its terminal is gone; the others see it quit.
    Crash(usize),
    /// `/restart NAME saved|older|bare`
    Restart(usize, From),
    /// `/split NAMES | NAMES` — the network falls apart, and what is under way across is lost; who is not
    /// named stays with the first.
    Split(Vec<Vec<usize>>),
    /// `/heal`, or `/heal operators` — the network is whole; each is told who of those that come back
    /// is operator, or is not.
    Heal(bool),
    /// `/lose NAME COUNT` — the next lines to it are lost.
    Lose(usize, u32),
    /// `/hold NAME SECONDS` — the next line to it is overtaken by those after it.
    Hold(usize, u64),
    /// `/lag NAME SECONDS` — all that goes to it comes this much later from now on.
    Lag(usize, u64),
    /// `/repeat NAME` — the next line to it comes twice.
    Repeat(usize),
    /// `/take NAME from NAME` — what is under way to it and concerns the other comes now: the oldest.
    Take(usize, usize),
    /// `/miss NAME from NAME` — the oldest line under way to it from the other is lost.
    Miss(usize, usize),
    /// `/mute NAME on|off` — what it sends is lost.
    Mute(usize, bool),
    /// `/choke NAME COUNT` — so many more of its lines for the channel get through, then it is mute there.
    Choke(usize, u32),
    /// `/clock NAME SECONDS` — its wall clock is that far ahead, or behind.
    Clock(usize, i64),
    /// `/pace NAME PPM` — its timers run faster, or slower, by so many millionths.
    Pace(usize, i32),
    /// `/op NAME on|off` — the server makes it channel operator, or no longer.
    Operator(usize, bool),
    /// `/topic TEXT` — the server tells another topic.
    Topic(String),
    /// `/lie NAME EVENT` — the server tells one terminal what has not happened.
    Lie(usize, Lie),
    /// `/replay BACK as NAME to NAME`, or `… to NAME alone` — a line of before comes again, from this nick.
    Replay(usize, Way),
    /// `/alter BACK BIT as NAME to NAME` — likewise, with one bit changed.
    Alter(usize, u32, Way),
    /// `/noise KIND SEED as NAME to NAME` — a frame of this kind with made-up content.
    Noise(u8, u64, Way),
    /// `/flood COUNT as NAME to NAME` — so many frames at once, of each kind in turn.
    Flood(u32, Way),
    /// `/crowd COUNT` — so many others are in the channel, whose programs know nothing of keys.
    Crowd(usize),
    /// `/rogue NAME TRICK` — what a hostile hand does with the secret of this one.
    Rogue(usize, Trick),
    /// `/wait SECONDS`, or with a fraction.
    Wait(u64),
}

/// How a line that the server makes up goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Under whose nick.
    pub from: usize,
    /// To whom alone.
    pub to: usize,
    /// Whether as a line for its user, and not as one of the channel.
    pub alone: bool,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alone = if self.alone { " alone" } else { "" };
        write!(f, "as {} to {}{alone}", name(self.from), name(self.to))
    }
}

/// Who vouches for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voucher {
    /// `itself`: the key in it.
    Itself,
    /// `NAME`: a user.
    User(usize),
    /// `office`: an authority that does nothing else.
    Office,
    /// `server`: the operator of the chat server.
    Server,
}

impl fmt::Display for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Itself => "itself",
            Self::User(who) => name(*who),
            Self::Office => "office",
            Self::Server => "server",
        })
    }
}

/// With what a terminal starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// What it last saved.
    Saved,
    /// The oldest of the last eight that it saved, if there are two.
    Older,
    /// Nothing but its identity.
    Bare,
}

/// What a server tells though it has not happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lie {
    /// `join NAME`
    Join(usize),
    /// `part NAME`
    Part(usize),
    /// `kick NAME`
    Kick(usize),
    /// `quit NAME`
    Quit(usize),
    /// `nick NAME NICK`
    Nick(usize, String),
    /// `op NAME`
    Operator(usize),
    /// `deop NAME`
    Deop(usize),
    /// `names NAMES` — a list of names with just these on it.
    Names(Vec<usize>),
    /// `alone` — a list of names with nobody else on it.
    Alone,
}

/// Names of those who can take part, by number.
pub const CAST: [&str; 8] = ["taro", "hanako", "jiro", "momo", "kiku", "sora", "umi", "eve"];
/// Whose part a hostile server takes, where it has a terminal of its own.
pub const EVE: usize = 7;

fn name(number: usize) -> &'static str {
    CAST.get(number).copied().unwrap_or("nobody")
}

/// Seconds with the fraction that milliseconds need.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
        if rest == 0 { write!(f, "{whole}") } else { write!(f, "{whole}.{rest:03}") }
    }
}

impl Op {
    /// Who does it, or to whom it happens; `None`: to all.
    pub fn who(&self) -> Option<usize> {
        match self {
            Self::Bar(_, by) | Self::Pardon(_, by) | Self::Revoke(_, by) => Some(*by),
            Self::Replay(_, way)
            | Self::Alter(_, _, way)
            | Self::Noise(_, _, way)
            | Self::Flood(_, way) => Some(way.to),
            Self::Set(who, _) => who.first().copied(),
            Self::Split(_) | Self::Heal(_) | Self::Topic(_) | Self::Crowd(_) | Self::Wait(_) => {
                None
            }
            Self::Say(who, _)
            | Self::Tell(who, ..)
            | Self::Join(who)
            | Self::Part(who)
            | Self::Cut(who)
            | Self::Kick(who)
            | Self::Nick(who, _)
            | Self::Swap(who, _)
            | Self::Refresh(who)
            | Self::Mode(who, _)
            | Self::Plain(who, _)
            | Self::Found(who)
            | Self::Follow(who, _)
            | Self::Ask(who)
            | Self::Recall(who, _)
            | Self::Forget(who)
            | Self::Strangers(who, _)
            | Self::Accept(who, _)
            | Self::Decline(who, _)
            | Self::Trust(who, _)
            | Self::Distrust(who, _)
            | Self::Pin(who, ..)
            | Self::Unpin(who, _)
            | Self::Certify(who, ..)
            | Self::Clone(who, _)
            | Self::Hang(who)
            | Self::Wake(who)
            | Self::Crash(who)
            | Self::Restart(who, _)
            | Self::Lose(who, _)
            | Self::Hold(who, _)
            | Self::Lag(who, _)
            | Self::Repeat(who)
            | Self::Take(who, _)
            | Self::Miss(who, _)
            | Self::Mute(who, _)
            | Self::Choke(who, _)
            | Self::Rogue(who, _)
            | Self::Clock(who, _)
            | Self::Pace(who, _)
            | Self::Operator(who, _)
            | Self::Lie(who, _) => Some(*who),
        }
    }
}

/// Names, as many as there are.
fn names(who: &[usize]) -> String {
    who.iter().map(|who| name(*who)).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Say(who, text) => write!(f, "{}: {text}", name(*who)),
            Self::Tell(who, whom, text) => write!(f, "/msg {} {} {text}", name(*who), name(*whom)),
            Self::Join(who) => write!(f, "/join {}", name(*who)),
            Self::Part(who) => write!(f, "/part {}", name(*who)),
            Self::Cut(who) => write!(f, "/cut {}", name(*who)),
            Self::Kick(who) => write!(f, "/kick {}", name(*who)),
            Self::Nick(who, nick) => write!(f, "/nick {} {nick}", name(*who)),
            Self::Swap(one, other) => write!(f, "/swap {} {}", name(*one), name(*other)),
            Self::Refresh(who) => write!(f, "/refresh {}", name(*who)),
            Self::Mode(who, modes) => write!(f, "/mode {} {modes}", name(*who)),
            Self::Bar(whom, by) => write!(f, "/bar {} by {}", name(*whom), name(*by)),
            Self::Pardon(whom, by) => write!(f, "/pardon {} by {}", name(*whom), name(*by)),
            Self::Revoke(whom, by) => write!(f, "/revoke {} by {}", name(*whom), name(*by)),
            Self::Plain(who, plain) => write!(f, "/plain {} {}", name(*who), on(*plain)),
            Self::Found(who) => write!(f, "/found {}", name(*who)),
            Self::Follow(who, whom) => write!(f, "/follow {} {}", name(*who), name(*whom)),
            Self::Ask(who) => write!(f, "/ask {}", name(*who)),
            Self::Recall(who, back) => write!(f, "/recall {} {back}", name(*who)),
            Self::Forget(who) => write!(f, "/forget {}", name(*who)),
            Self::Set(who, set) => write!(f, "/set {} {set}", names(who)),
            Self::Strangers(who, what) => {
                let what = match what {
                    SelfSigned::Ask => "ask",
                    SelfSigned::Pin => "pin",
                    _ => "refuse",
                };
                write!(f, "/strangers {} {what}", name(*who))
            }
            Self::Accept(who, whom) => write!(f, "/accept {} {}", name(*who), name(*whom)),
            Self::Decline(who, whom) => write!(f, "/decline {} {}", name(*who), name(*whom)),
            Self::Trust(who, voucher) => write!(f, "/trust {} {voucher}", name(*who)),
            Self::Distrust(who, voucher) => write!(f, "/distrust {} {voucher}", name(*who)),
            Self::Pin(who, title, whom) => {
                write!(f, "/pin {} {title} to {}", name(*who), name(*whom))
            }
            Self::Unpin(who, title) => write!(f, "/unpin {} {title}", name(*who)),
            Self::Certify(who, title, by) => {
                write!(f, "/certify {} as {title} by {by}", name(*who))
            }
            Self::Clone(who, of) => write!(f, "/clone {} of {}", name(*who), name(*of)),
            Self::Hang(who) => write!(f, "/hang {}", name(*who)),
            Self::Wake(who) => write!(f, "/wake {}", name(*who)),
            Self::Crash(who) => write!(f, "/crash {}", name(*who)),
            Self::Restart(who, from) => {
                let from = match from {
                    From::Saved => "saved",
                    From::Older => "older",
                    From::Bare => "bare",
                };
                write!(f, "/restart {} {from}", name(*who))
            }
            Self::Split(sides) => {
                let sides: Vec<String> = sides.iter().map(|side| names(side)).collect();
                write!(f, "/split {}", sides.join(" | "))
            }
            Self::Heal(false) => f.write_str("/heal"),
            Self::Heal(true) => f.write_str("/heal operators"),
            Self::Lose(who, count) => write!(f, "/lose {} {count}", name(*who)),
            Self::Hold(who, ms) => write!(f, "/hold {} {}", name(*who), Seconds(*ms)),
            Self::Lag(who, ms) => write!(f, "/lag {} {}", name(*who), Seconds(*ms)),
            Self::Repeat(who) => write!(f, "/repeat {}", name(*who)),
            Self::Take(who, from) => write!(f, "/take {} from {}", name(*who), name(*from)),
            Self::Miss(who, from) => write!(f, "/miss {} from {}", name(*who), name(*from)),
            Self::Mute(who, mute) => write!(f, "/mute {} {}", name(*who), on(*mute)),
            Self::Choke(who, count) => write!(f, "/choke {} {count}", name(*who)),
            Self::Clock(who, seconds) => write!(f, "/clock {} {seconds}", name(*who)),
            Self::Pace(who, ppm) => write!(f, "/pace {} {ppm}", name(*who)),
            Self::Operator(who, is) => write!(f, "/op {} {}", name(*who), on(*is)),
            Self::Topic(topic) => write!(f, "/topic {topic}"),
            Self::Lie(to, lie) => write!(f, "/lie {} {lie}", name(*to)),
            Self::Replay(back, way) => write!(f, "/replay {back} {way}"),
            Self::Alter(back, bit, way) => write!(f, "/alter {back} {bit} {way}"),
            Self::Noise(kind, seed, way) => write!(f, "/noise {kind} {seed} {way}"),
            Self::Flood(count, way) => write!(f, "/flood {count} {way}"),
            Self::Crowd(count) => write!(f, "/crowd {count}"),
            Self::Rogue(who, trick) => write!(f, "/rogue {} {trick}", name(*who)),
            Self::Wait(ms) => write!(f, "/wait {}", Seconds(*ms)),
        }
    }
}

impl Lie {
    /// Whether it tells this one that itself left, or goes by another nick.
    pub(crate) fn misleads(&self, to: usize) -> bool {
        match self {
            Self::Part(who) | Self::Kick(who) | Self::Quit(who) | Self::Nick(who, _) => *who == to,
            _ => false,
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Join(who) => write!(f, "join {}", name(*who)),
            Self::Part(who) => write!(f, "part {}", name(*who)),
            Self::Kick(who) => write!(f, "kick {}", name(*who)),
            Self::Quit(who) => write!(f, "quit {}", name(*who)),
            Self::Nick(who, nick) => write!(f, "nick {} {nick}", name(*who)),
            Self::Operator(who) => write!(f, "op {}", name(*who)),
            Self::Deop(who) => write!(f, "deop {}", name(*who)),
            Self::Names(who) => write!(f, "names {}", names(who)),
            Self::Alone => f.write_str("alone"),
        }
    }
}
