//! Reads a script: one operation a line; the inverse of an operation's `Display`.

use keyrota::SelfSigned;

use crate::op::{CAST, From, Lie, Op, Voucher, Way};
use crate::rogue::{TRICKS, Trick};
use crate::set::{Set, switch};
use crate::world::Setting;

/// Longest wait, in milliseconds: a year.
const WAIT_MAX: u64 = 31_536_000_000;

/// How the world of a script begins: its first line that is no comment, if that is
/// `/world seed SEED actors COUNT latency SHORTEST LONGEST`. Then time passes in waits alone, as in
/// the world that wrote the script.
///
/// # Errors
/// What is wrong with such a line.
pub fn setting(script: &str) -> Result<Option<Setting>, String> {
    let first = script.lines().map(str::trim).find(|line| !is_comment(line));
    let Some(words) = first.and_then(|line| line.strip_prefix("/world")) else { return Ok(None) };
    let words: Vec<&str> = words.split_whitespace().collect();
    let ["seed", seed, "actors", actors, "latency", least, most] = words.as_slice() else {
        return Err(usage("world"));
    };
    let (actors, least, most) = (number(actors)?, number(least)?, number(most)?);
    if !(1..=CAST.len()).contains(&actors) || least > most {
        return Err(usage("world"));
    }
    Ok(Some(Setting { latency: (least, most), ..Setting::new(number(seed)?, actors) }))
}

/// Whether a line is empty, or begins with `#`.
pub fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

/// The operations of a script. Empty lines, and those that begin with `#`, are comments; how the world
/// begins is for [`setting`].
///
/// # Errors
/// What is wrong with the first line that is none, with its number.
pub fn parse(script: &str) -> Result<Vec<Op>, String> {
    let begin = usize::from(setting(script)?.is_some());
    let lines = (1_usize..).zip(script.lines()).map(|(number, line)| (number, line.trim()));
    let ops = lines.filter(|(_, line)| !is_comment(line)).skip(begin);
    ops.map(|(number, line)| parse_line(line).map_err(|why| format!("line {number}: {why}")))
        .collect()
}

/// A script that [`setting`] and [`parse`] read back, with a comment of one line.
pub fn write(setting: &Setting, ops: &[Op], comment: &str) -> String {
    let ops: String = ops.iter().map(|op| format!("{op}\n")).collect();
    format!("# {comment}\n{setting}\n{ops}")
}

/// One operation.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn parse_line(line: &str) -> Result<Op, String> {
    let Some(command) = line.trim().strip_prefix('/') else { return say(line) };
    let (command, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    if command == "split" {
        return split(rest);
    }
    let words: Vec<&str> = rest.split_whitespace().collect();
    let op = match (command, words.as_slice()) {
        ("msg", [who, whom, text @ ..]) if !text.is_empty() => {
            Op::Tell(name(who)?, name(whom)?, text.join(" "))
        }
        ("join", [who]) => Op::Join(name(who)?),
        ("part", [who]) => Op::Part(name(who)?),
        ("cut", [who]) => Op::Cut(name(who)?),
        ("kick", [who]) => Op::Kick(name(who)?),
        ("nick", [who, nick]) => Op::Nick(name(who)?, (*nick).into()),
        ("swap", [one, other]) => Op::Swap(name(one)?, name(other)?),
        ("refresh", [who]) => Op::Refresh(name(who)?),
        ("mode", [who, modes @ ..]) if !modes.is_empty() => {
            Op::Mode(name(who.trim_end_matches(':'))?, modes.join(" "))
        }
        ("bar", [whom, "by", by]) => Op::Bar(name(whom)?, name(by)?),
        ("pardon", [whom, "by", by]) => Op::Pardon(name(whom)?, name(by)?),
        ("revoke", [whom, "by", by]) => Op::Revoke(name(whom)?, name(by)?),
        ("plain", [who, plain]) => Op::Plain(name(who)?, on(plain)?),
        ("found", [who]) => Op::Found(name(who)?),
        ("follow", [who, whom]) => Op::Follow(name(who)?, name(whom)?),
        ("ask", [who]) => Op::Ask(name(who)?),
        ("recall", [who, back]) => Op::Recall(name(who)?, number(back)?),
        ("forget", [who]) => Op::Forget(name(who)?),
        ("set", words) => set(words)?,
        ("strangers", [who, what]) => Op::Strangers(name(who)?, strangers(what)?),
        ("accept", [who, whom]) => Op::Accept(name(who)?, name(whom)?),
        ("decline", [who, whom]) => Op::Decline(name(who)?, name(whom)?),
        ("trust", [who, whom]) => Op::Trust(name(who)?, voucher(whom)?),
        ("distrust", [who, whom]) => Op::Distrust(name(who)?, voucher(whom)?),
        ("pin", [who, title, "to", whom]) => Op::Pin(name(who)?, (*title).into(), name(whom)?),
        ("unpin", [who, title]) => Op::Unpin(name(who)?, (*title).into()),
        ("certify", [who, "as", title, "by", by]) => {
            Op::Certify(name(who)?, (*title).into(), voucher(by)?)
        }
        ("clone", [who, "of", whom]) => Op::Clone(name(who)?, name(whom)?),
        ("hang", [who]) => Op::Hang(name(who)?),
        ("wake", [who]) => Op::Wake(name(who)?),
        ("crash", [who]) => Op::Crash(name(who)?),
        ("restart", [who, from]) => Op::Restart(name(who)?, start(from)?),
        ("heal", []) => Op::Heal(false),
        ("heal", ["operators"]) => Op::Heal(true),
        ("lose", [who, count]) => Op::Lose(name(who)?, number(count)?),
        ("hold", [who, seconds]) => Op::Hold(name(who)?, milliseconds(seconds)?),
        ("lag", [who, seconds]) => Op::Lag(name(who)?, milliseconds(seconds)?),
        ("repeat", [who]) => Op::Repeat(name(who)?),
        ("take", [who, "from", from]) => Op::Take(name(who)?, name(from)?),
        ("miss", [who, "from", from]) => Op::Miss(name(who)?, name(from)?),
        ("mute", [who, mute]) => Op::Mute(name(who)?, on(mute)?),
        ("choke", [who, count]) => Op::Choke(name(who)?, number(count)?),
        ("clock", [who, seconds]) => Op::Clock(name(who)?, number(seconds)?),
        ("pace", [who, ppm]) => Op::Pace(name(who)?, number(ppm)?),
        ("op", [who, is]) => Op::Operator(name(who)?, on(is)?),
        ("topic", [_, ..]) => Op::Topic(rest.into()),
        ("lie", [to, lie @ ..]) => Op::Lie(name(to)?, parse_lie(lie)?),
        ("replay", [back, way @ ..]) => Op::Replay(number(back)?, parse_way(way)?),
        ("alter", [back, bit, way @ ..]) => Op::Alter(number(back)?, number(bit)?, parse_way(way)?),
        ("noise", [kind, seed, way @ ..]) => {
            Op::Noise(number(kind)?, number(seed)?, parse_way(way)?)
        }
        ("flood", [count, way @ ..]) => Op::Flood(number(count)?, parse_way(way)?),
        ("crowd", [count]) => Op::Crowd(number(count)?),
        ("rogue", [who, trick]) => Op::Rogue(name(who)?, parse_trick(trick)?),
        ("wait", [seconds]) => Op::Wait(milliseconds(seconds)?),
        _ => return Err(usage(command)),
    };
    Ok(op)
}

fn say(line: &str) -> Result<Op, String> {
    let (who, text) = line
        .split_once(':')
        .ok_or("say who speaks, as in \"taro: hello\", or a command; /help lists them")?;
    let who = name(who.trim())?;
    let text = text.trim_start();
    if text.is_empty() {
        return Err(format!("{} says nothing", CAST[who]));
    }
    Ok(Op::Say(who, text.into()))
}

fn split(rest: &str) -> Result<Op, String> {
    let side = |side: &str| side.split_whitespace().map(name).collect::<Result<Vec<_>, _>>();
    let sides = rest.split('|').map(side).collect::<Result<Vec<_>, _>>()?;
    let mut all: Vec<usize> = sides.iter().flatten().copied().collect();
    all.sort_unstable();
    let repeated = all.windows(2).any(|pair| pair[0] == pair[1]);
    if !(2..=3).contains(&sides.len()) || sides.iter().any(Vec::is_empty) || repeated {
        return Err(usage("split"));
    }
    Ok(Op::Split(sides))
}

fn set(words: &[&str]) -> Result<Op, String> {
    let count = words.iter().take_while(|word| name(word).is_ok()).count();
    let (who, what) = words.split_at(count);
    let who: Vec<usize> = who.iter().filter_map(|word| name(word).ok()).collect();
    let set = Set::parse(what).filter(|_| !who.is_empty());
    Ok(Op::Set(who, set.ok_or_else(|| usage("set"))?))
}

fn voucher(word: &str) -> Result<Voucher, String> {
    Ok(match word {
        "itself" => Voucher::Itself,
        "office" => Voucher::Office,
        "server" => Voucher::Server,
        _ => Voucher::User(name(word)?),
    })
}

fn strangers(word: &str) -> Result<SelfSigned, String> {
    match word {
        "ask" => Ok(SelfSigned::Ask),
        "pin" => Ok(SelfSigned::Pin),
        "refuse" => Ok(SelfSigned::Refuse),
        _ => Err(usage("strangers")),
    }
}

fn parse_way(words: &[&str]) -> Result<Way, String> {
    match words {
        ["as", from, "to", to] => Ok(Way { from: name(from)?, to: name(to)?, alone: false }),
        ["as", from, "to", to, "alone"] => {
            Ok(Way { from: name(from)?, to: name(to)?, alone: true })
        }
        _ => Err("a way is: as NAME to NAME, or as NAME to NAME alone".into()),
    }
}

fn parse_lie(words: &[&str]) -> Result<Lie, String> {
    Ok(match words {
        ["join", who] => Lie::Join(name(who)?),
        ["part", who] => Lie::Part(name(who)?),
        ["kick", who] => Lie::Kick(name(who)?),
        ["quit", who] => Lie::Quit(name(who)?),
        ["nick", who, nick] => Lie::Nick(name(who)?, (*nick).into()),
        ["op", who] => Lie::Operator(name(who)?),
        ["deop", who] => Lie::Deop(name(who)?),
        ["names", who @ ..] if !who.is_empty() => {
            Lie::Names(who.iter().map(|who| name(who)).collect::<Result<_, _>>()?)
        }
        ["alone"] => Lie::Alone,
        _ => return Err(usage("lie")),
    })
}

fn parse_trick(word: &str) -> Result<Trick, String> {
    let all = || TRICKS.map(|trick| trick.to_string()).join(", ");
    Trick::parse(word).ok_or_else(|| format!("{:?} is no trick; there are {}", short(word), all()))
}

/// What a command looks like that was not understood.
fn usage(command: &str) -> String {
    let form = match command {
        "join" | "part" | "cut" | "kick" | "refresh" | "found" | "ask" | "hang" | "wake"
        | "crash" | "repeat" | "forget" => "NAME",
        "msg" => "NAME NAME TEXT",
        "nick" => "NAME NICK",
        "swap" | "follow" | "accept" | "decline" => "NAME NAME",
        "recall" => "NAME BACK",
        "set" => "NAMES WHAT VALUE, as in /set taro hanako period 60; off is a value too",
        "strangers" => "NAME ask, or pin, or refuse",
        "trust" | "distrust" => "NAME NAME, or office, or server",
        "pin" => "NAME TITLE to NAME",
        "unpin" => "NAME TITLE",
        "certify" => "NAME as TITLE by NAME, or by itself, office or server",
        "clone" => "NAME of NAME",
        "take" | "miss" => "NAME from NAME",
        "mode" => "NAME MODES, as in /mode taro +x2 hanako",
        "bar" | "pardon" | "revoke" => "NAME by NAME",
        "plain" | "mute" | "op" => "NAME on, or off",
        "restart" => "NAME saved, or older, or bare",
        "split" => "NAMES | NAMES, nobody twice; a third side may follow",
        "choke" => "NAME COUNT",
        "rogue" => "NAME TRICK",
        "lose" => "NAME COUNT",
        "hold" | "lag" | "clock" => "NAME SECONDS",
        "pace" => "NAME MILLIONTHS",
        "topic" => "TEXT",
        "lie" => {
            "NAME join NAME, or part, kick, quit, op, deop NAME, or nick NAME NICK, names NAMES, alone"
        }
        "replay" => "BACK as NAME to NAME, or as NAME to NAME alone",
        "alter" => "BACK BIT as NAME to NAME, or as NAME to NAME alone",
        "noise" => "KIND SEED as NAME to NAME, or as NAME to NAME alone",
        "flood" => "COUNT as NAME to NAME, or as NAME to NAME alone",
        "crowd" => "COUNT",
        "wait" => "SECONDS, up to a year",
        "world" => {
            return "it is: /world seed SEED actors COUNT latency SHORTEST LONGEST, at the beginning"
                .into();
        }
        "heal" => return "it is: /heal, or /heal operators".into(),
        _ => return format!("there is no /{}; /help lists what there is", short(command)),
    };
    format!("it is: /{command} {form}")
}

fn name(word: &str) -> Result<usize, String> {
    CAST.iter()
        .position(|name| *name == word)
        .ok_or_else(|| format!("nobody here is {:?}; there are {}", short(word), CAST.join(", ")))
}

fn on(word: &str) -> Result<bool, String> {
    switch(word).ok_or_else(|| format!("{:?} is neither on nor off", short(word)))
}

fn start(word: &str) -> Result<From, String> {
    match word {
        "saved" => Ok(From::Saved),
        "older" => Ok(From::Older),
        "bare" => Ok(From::Bare),
        _ => Err(usage("restart")),
    }
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{:?} is no number that goes there", short(word)))
}

fn milliseconds(word: &str) -> Result<u64, String> {
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let rest: Option<u64> = if digits { format!("{fraction:0<3}").parse().ok() } else { None };
    let whole: Option<u64> = whole.parse().ok();
    let ms = whole.zip(rest).and_then(|(whole, rest)| whole.checked_mul(1_000)?.checked_add(rest));
    ms.filter(|ms| *ms <= WAIT_MAX).ok_or_else(|| format!("{:?} is no time", short(word)))
}

/// The beginning of what may be of any length.
pub fn short(text: &str) -> String {
    const SHOWN: usize = 24;
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
