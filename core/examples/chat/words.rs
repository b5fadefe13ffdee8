//! What terminals tell and know, in words.

use keyrota::spec::{Cause, MemberId, Refused, Rights};
use keyrota::{Fault, Fingerprint, Notice, Protection, Rejection, Speaker, View, Voucher};
use keyrota_model::actor::Actor;
use keyrota_model::op::{CAST, EVE, Op};
use keyrota_model::world::{CHANNEL, World};

/// The beginning of an identifier, by which people tell it from others.
pub(crate) fn short_id(id: impl ToString) -> String {
    id.to_string().chars().take(6).collect()
}

/// What the owner of an identity is called.
pub(crate) fn name(world: &World, id: &MemberId) -> String {
    let who = (0..world.actors.len()).find(|who| world.member(*who) == *id);
    who.map_or_else(|| short_id(id), |who| CAST[who].into())
}

/// With the names of those whom a text mentions by their identity.
fn named(world: &World, text: &str) -> String {
    (0..world.actors.len())
        .fold(text.to_owned(), |text, who| text.replace(&world.member(who).to_string(), CAST[who]))
}

/// What befalls somebody, or all; `None` for what a user commands, which its line says.
pub(crate) fn befalls(world: &World, op: &Op) -> Option<String> {
    let name = |who: &usize| CAST[*who];
    Some(match op {
        Op::Join(EVE) => format!("{} joined: she is the server, under a name", CAST[EVE]),
        Op::Join(who) => format!("{} joined", name(who)),
        Op::Part(who) => format!("{} left", name(who)),
        Op::Kick(who) => format!("{} was put out by the server", name(who)),
        Op::Cut(who) => format!("{} lost its connection", name(who)),
        Op::Nick(who, nick) => format!("{} is called {nick} from now on", name(who)),
        Op::Swap(one, other) => format!("{} and {} exchanged nicks", name(one), name(other)),
        Op::Hang(who) => format!("{} stopped, and the others were not told", name(who)),
        Op::Wake(who) => format!("{} went on", name(who)),
        Op::Crash(who) => format!("{} crashed", name(who)),
        Op::Restart(who, _) => format!("{} began anew", name(who)),
        Op::Certify(who, title, by) => {
            format!("{} began anew as {title}, vouched for by {by}", name(who))
        }
        Op::Clone(who, of) => format!("{} began anew with the key of {}", name(who), name(of)),
        Op::Split(_) => "the network fell apart".into(),
        Op::Heal(_) => "the network is one again".into(),
        Op::Operator(who, true) => format!("{} is called operator by the server", name(who)),
        Op::Operator(who, false) => format!("{} is called operator no more", name(who)),
        Op::Topic(topic) => format!("the topic is now: {topic}"),
        Op::Crowd(count) => format!("others in the channel, without terminals: {count}"),
        Op::Lie(to, lie) => format!("server told {} a lie: {lie}", name(to)),
        Op::Replay(_, way) | Op::Alter(_, _, way) | Op::Noise(_, _, way) => {
            let nick = &world.actors[way.from].nick;
            format!("server made up a line of {nick} for {}", name(&way.to))
        }
        Op::Flood(count, way) => {
            let nick = &world.actors[way.from].nick;
            format!("server made up {count} lines of {nick} for {}", name(&way.to))
        }
        _ => return None,
    })
}

/// Why an operation makes no sense now, to stand behind the name of who it is about.
pub(crate) fn senseless(world: &World, op: &Op) -> String {
    let Some(who) = op.who() else { return "everybody: that makes no sense now".into() };
    let (name, actor) = (CAST[who], &world.actors[who]);
    let join = matches!(op, Op::Join(_) | Op::Certify(..) | Op::Clone(..));
    let why = match (&actor.terminal, actor.hung) {
        (None, _) => format!("has crashed; /restart {name} bare lets it begin anew"),
        (_, true) => format!("has stopped; /wake {name} lets it go on"),
        _ if join && actor.here => "is in the channel already".into(),
        _ if !actor.here => "is not in the channel".into(),
        _ => "cannot do that now".into(),
    };
    format!("{name} {why}")
}

/// Why a key was made.
pub(crate) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Founding => "the channel is opened",
        Cause::Period => "the last one's period is over",
        Cause::Messages | Cause::Bytes => "enough was said under the last one",
        Cause::Growth => "the channel has grown",
        Cause::Topic => "the topic has changed",
        Cause::Idle => "nobody has spoken for long",
        Cause::Wish => "somebody wished it",
        Cause::Alone => "only one member is left",
        Cause::Lifetime => "the last one expires",
        Cause::Exclusion => "somebody who has the last one is out",
        Cause::List => "rights have changed",
        Cause::Missing => "nobody gave the last one",
        _ => "for a reason of its own",
    }
}

/// A text as its reader sees it.
pub(crate) fn shown(from: &Speaker, text: &str, protection: Protection, alone: bool) -> String {
    let who = match from {
        Speaker::Member { name, nick, .. } if name == nick => format!("<{name}>"),
        Speaker::Member { name, nick, .. } => format!("<{name}, here {nick}>"),
        Speaker::Somebody { nick } => format!("<{nick}?>"),
        _ => "<?>".into(),
    };
    let mark = match protection {
        Protection::Sealed => "",
        Protection::OldKey => " [under an old key]",
        Protection::Plain => " [PLAIN: the server can read this, and can have written it]",
        _ => " [?]",
    };
    let alone = if alone { " [for it alone]" } else { "" };
    format!("read {who} {text}{mark}{alone}")
}

/// What a user is told; `None` for what the program shows in another way.
pub(crate) fn notice(notice: &Notice, world: &World) -> Option<String> {
    Some(match notice {
        Notice::Founded(id) => {
            format!("opened the channel; its fingerprint is {}", Fingerprint::from(*id))
        }
        Notice::Pinned(id) => {
            format!("took {} for the channel from now on: first contact", Fingerprint::from(*id))
        }
        Notice::Question { name, asks, pinned, .. } => {
            let wants = if *asks { "let in" } else { "heard" };
            let other = if pinned.is_some() { ", whose key it is not so far," } else { "" };
            format!("was asked whether {name}{other} is to be {wants}")
        }
        Notice::Withdrawn(_) => "need not answer any more".into(),
        Notice::OtherChannel { pinned, met } => format!(
            "met another channel of this name, {}; the one known so far is {}",
            short_id(met),
            short_id(pinned)
        ),
        Notice::Moved(nick) => format!("goes on with the conversation at {nick}"),
        Notice::AlsoAt(nick) => format!("was told that its peer may be at {nick} too"),
        Notice::Rights(line) => format!("heard of rights: {}", named(world, line)),
        Notice::Barred { member, on: true } => {
            format!("heard that {} is barred", name(world, member))
        }
        Notice::Barred { member, on: false } => {
            format!("heard that {} is pardoned", name(world, member))
        }
        Notice::Asked(None) => "asked for the key".into(),
        Notice::Asked(Some(whom)) => format!("asked {} for a key", name(world, whom)),
        Notice::Granted(to) => format!("sealed the key to {}", name(world, to)),
        Notice::Tolerated(member) => {
            format!(
                "was told that others gave the key to {}, who is not accepted here",
                name(world, member)
            )
        }
        Notice::Refused { nick, reason } => {
            format!("got no key from {nick}: {}", refused(*reason))
        }
        Notice::NobodyAnswers => "got no answer".into(),
        Notice::NobodyCanRenew(why) => {
            format!("was told that nobody present can renew the key, though {}", cause(*why))
        }
        Notice::ServerMovesRights => "was told that the server decides about rights".into(),
        Notice::OldKey(key) => format!("got an older key, {}", short_id(key)),
        Notice::Seen { member, vouched, .. } => {
            let by = match vouched {
                Voucher::User => "oneself",
                Voucher::Authority => "an authority",
                Voucher::Server => "the server, whose word that is",
                // That somebody was seen, its texts show.
                _ => return None,
            };
            format!("met {}, vouched for by {by}", name(world, member))
        }
        Notice::SignedTwice(evidence) => {
            let who = keyrota::signed_twice(evidence).map(|id| name(world, &id));
            let who = who.unwrap_or_else(|| "nobody".into());
            format!("was shown two records where one is signed; whoever checks finds: by {who}")
        }
        Notice::Unsent(text) => format!("got back unsent, for want of a key: {text}"),
        Notice::Unreadable { texts, .. } => {
            format!("gave up {texts} of the texts that came under a key not given")
        }
        Notice::Missing { member, texts } => {
            format!("missed {texts} of the texts of {}", name(world, member))
        }
        Notice::Fault { nick, fault: Fault::Certificate(why) } => {
            format!("did not accept the certificate of {nick}: {}", rejection(*why))
        }
        Notice::Fault { nick, fault } => {
            format!("did not accept a line of {nick}: {}", why_not(fault))
        }
        Notice::Clone => "was told that somebody else uses its key".into(),
        Notice::Overflow => "was told more than it has room for".into(),
        // Keys are shown for all members together.
        Notice::Current { .. } | Notice::Keyed(_) => return None,
        other => format!("was told: {other:?}"),
    })
}

fn why_not(fault: &Fault) -> &'static str {
    match fault {
        Fault::Malformed(_) => "no frame",
        Fault::Signature => "the signature does not verify",
        Fault::Future => "from too far in the future",
        Fault::Repeat => "heard before",
        Fault::Channel => "of another channel",
        Fault::Unopened => "its key does not open it",
        Fault::Flood => "too much",
        _ => "not what it should be",
    }
}

fn refused(why: Refused) -> &'static str {
    match why {
        Refused::Certificate => "the certificate is not accepted",
        Refused::Barred => "barred",
        Refused::Key => "not there, or not for who was not a member then",
        _ => "for a reason of its own",
    }
}

fn rejection(why: Rejection) -> &'static str {
    match why {
        Rejection::Pinned => "the name belongs to another key",
        Rejection::Revoked => "revoked",
        Rejection::Declined => "declined",
        Rejection::Time => "not valid at this time",
        _ => "nobody known vouches for it",
    }
}

/// What a terminal knows.
pub(crate) fn state(world: &World, actor: &Actor, name: &str) -> String {
    let state = match (actor.here, actor.runs()) {
        (true, true) => "is in the channel",
        (true, false) => "is in the channel, and has stopped",
        (false, _) => "is not in the channel",
    };
    let view = actor.terminal.as_ref().and_then(|terminal| terminal.channel(CHANNEL));
    let known = view.filter(|_| actor.here).map_or(String::new(), |view| known(world, &view));
    format!("  {name} {state}{known}")
}

/// To whom names belong, as a terminal has them pinned, and its own fingerprint.
pub(crate) fn pins(world: &World, who: usize) -> Vec<String> {
    let own = Fingerprint::from(world.member(who));
    let mut lines = vec![format!("  {} itself: {own}", CAST[who])];
    let terminal = world.actors[who].terminal.as_ref();
    for (title, pin) in terminal.into_iter().flat_map(|one| one.authentication().pins()) {
        let print = Fingerprint::from(pin.member);
        lines.push(format!("  {} is {}: {print}", title.as_str(), name(world, &pin.member)));
    }
    lines
}

fn known(world: &World, view: &View<'_>) -> String {
    let plain = if view.is_plain() { "; speaks PLAIN" } else { "" };
    let Some(record) = view.record() else { return format!("{plain}; has no key") };
    let key = view.current().map_or(String::new(), short_id);
    let missing = if view.sealing() == view.current() { "" } else { ", which it cannot use" };
    let order: Vec<String> = view.order().iter().map(|id| name(world, id)).collect();
    let entries = record.list.entries().iter();
    let list: Vec<String> = entries
        .map(|entry| format!("{} {}", name(world, &entry.id), rights(entry.rights)))
        .collect();
    let (order, list) = (order.join(", "), list.join(", "));
    let older = view.keys().filter(|held| Some(*held) != view.current()).count();
    let older = if older > 0 { format!(" and {older} older") } else { String::new() };
    format!("{plain}; key {key}{missing}{older}; order: {order}; list: {list}")
}

fn rights(rights: Rights) -> &'static str {
    match (rights.distribute, rights.update) {
        (true, true) => "+dx",
        (true, false) => "+d",
        (false, true) => "+x",
        (false, false) => "barred",
    }
}
