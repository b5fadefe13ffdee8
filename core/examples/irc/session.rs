//! What the IRC example must do for the server's sake, and what it tells the core (R-CLI-1).
//!
//! No capability is asked for: every server then speaks the same plain dialect, and the
//! registration does not wait for an answer.

use irc_proto::{ChannelMode, Command, Message, Mode, Prefix};
use keyrota::Event;
use keyrota::casemap::CaseMapping;
use keyrota::roster::{Detail, split_prefix};

/// The longest nick tried when a shorter one is taken, and written to.
const NICK_MAX: usize = 30;

/// Servers cut lines at this length, in bytes without the line's end.
const LINE_MAX: usize = 510;

/// What the server's line asks of the program.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// Nothing.
    Nothing,
    /// Send this line behind the others.
    Send(String),
    /// Send this line before any other.
    SendFirst(String),
    /// Tell the user.
    Say(String),
    /// Tell the user, and end.
    Stop(String),
}

/// This client as the server knows it.
pub(crate) struct Session {
    channel: String,
    nick: String,
    /// `nick!user@host`, from the echo of the own JOIN: the channel is joined.
    source: Option<String>,
    /// The names in the channel, as far as they have come.
    names: Vec<String>,
}

impl Session {
    pub(crate) fn new(nick: &str, channel: &str) -> Self {
        Self { channel: channel.to_owned(), nick: nick.to_owned(), source: None, names: Vec::new() }
    }

    /// The lines that ask to be let in.
    pub(crate) fn register(&self) -> [String; 2] {
        [format!("NICK {}", self.nick), "USER keyrota 0 * :keyrota".to_owned()]
    }

    /// Takes in a line of the server: hands `tell` what it means for the core, and returns
    /// what it means for the program.
    pub(crate) fn receive(&mut self, message: &Message, mut tell: impl FnMut(Event<'_>)) -> Answer {
        let from = message.source_nickname().unwrap_or_default();
        let mine = from == self.nick;
        match &message.command {
            Command::PING(token, _) => return Answer::SendFirst(format!("PONG :{token}")),
            Command::ERROR(reason) => return Answer::Stop(format!("the server said: {reason}")),
            Command::JOIN(channel, ..) => {
                if mine {
                    self.source = message.prefix.as_ref().map(Prefix::to_string);
                    self.tell_line_length(&mut tell);
                }
                let nick = from;
                tell(Event::Join { channel, nick });
                if let Some(Prefix::Nickname(_, user, host)) = &message.prefix {
                    for detail in [Detail::User(user), Detail::Host(host)] {
                        tell(Event::Detail { channel, nick, detail });
                    }
                }
            }
            Command::PART(channel, _) => tell(Event::Part { channel, nick: from }),
            Command::QUIT(_) => tell(Event::Quit { nick: from }),
            Command::KICK(channel, nick, reason) => {
                tell(Event::Kick { channel, nick });
                if *nick == self.nick {
                    let reason = reason.as_deref().unwrap_or("no reason given");
                    return Answer::Stop(format!("kicked from {channel}: {reason}"));
                }
            }
            Command::NICK(new) => {
                tell(Event::Nick { old: from, new });
                if mine {
                    self.rename(new);
                    self.tell_line_length(&mut tell);
                }
            }
            // Without a text it asks for the topic; the topic of before comes as a number.
            Command::TOPIC(channel, Some(_)) => tell(Event::Topic { channel }),
            Command::ChannelMODE(channel, modes) => {
                for mode in modes {
                    if let Some((on, nick)) = operator(mode) {
                        tell(Event::Operator { channel, nick, on });
                    }
                }
            }
            Command::PRIVMSG(to, text) | Command::NOTICE(to, text) => {
                if !is_from_a_user(message) {
                    return Answer::Say(text.clone());
                }
                match *to == self.nick {
                    true => tell(Event::Private { nick: from, text }),
                    false => tell(Event::Line { channel: to, nick: from, text }),
                }
            }
            Command::Response(response, parameters) => {
                return self.receive_numeric(*response as u16, parameters, tell);
            }
            Command::Raw(code, parameters) => {
                if let Ok(code) = code.parse() {
                    return self.receive_numeric(code, parameters, tell);
                }
            }
            _ => {}
        }
        Answer::Nothing
    }

    fn receive_numeric(
        &mut self,
        code: u16,
        parameters: &[String],
        mut tell: impl FnMut(Event<'_>),
    ) -> Answer {
        let text = || parameters.get(1..).unwrap_or_default().join(" ");
        match (code, parameters) {
            // Welcome, with the nick as the server cut it.
            (1, [nick, ..]) if *nick != self.nick => {
                tell(Event::Nick { old: &self.nick, new: nick });
                self.rename(nick);
            }
            // What the server supports.
            (5, _) => {
                let mapping = parameters.iter().find_map(|p| p.strip_prefix("CASEMAPPING="));
                if let Some(mapping) = mapping.and_then(CaseMapping::from_isupport) {
                    tell(Event::CaseMapping(mapping));
                }
            }
            // The end of the message of the day, or that there is none: registered.
            (376 | 422, _) => return Answer::Send(format!("JOIN {}", self.channel)),
            // Some of the names in the channel, then the end of them.
            (353, [.., names]) => {
                self.names.extend(names.split_whitespace().map(str::to_owned));
            }
            (366, [_, channel, ..]) => {
                let entries = std::mem::take(&mut self.names);
                let names: Vec<_> = entries.iter().map(|entry| split_prefix(entry)).collect();
                tell(Event::Names { channel, names: &names });
                return Answer::Send(format!("WHO {channel}"));
            }
            // What the server knows of one of them; the real name stands behind a number.
            (352, [_, channel, user, host, server, nick, _, last, ..]) => {
                let real_name = last.split_once(' ').map_or("", |(_, name)| name);
                let details = [
                    Detail::User(user),
                    Detail::Host(host),
                    Detail::Server(server),
                    Detail::RealName(real_name),
                ];
                for detail in details {
                    tell(Event::Detail { channel, nick, detail });
                }
            }
            // The nick is taken, collides, or cannot be had at the moment: another one.
            (433 | 436 | 437, _) if self.source.is_none() && self.nick.len() < NICK_MAX => {
                let nick = format!("{}_", self.nick);
                tell(Event::Nick { old: &self.nick, new: &nick });
                self.rename(&nick);
                return Answer::SendFirst(format!("NICK {nick}"));
            }
            // Before the channel is joined nothing works without what was refused.
            (400..=599, _) if self.source.is_none() => {
                return Answer::Stop(format!("the server refused: {}", text()));
            }
            (400..=599, _) => return Answer::Say(text()),
            _ => {}
        }
        Answer::Nothing
    }

    fn rename(&mut self, nick: &str) {
        if let Some((_, host)) = self.source.as_ref().and_then(|source| source.split_once('!')) {
            self.source = Some(format!("{nick}!{host}"));
        }
        nick.clone_into(&mut self.nick);
    }

    /// Tells the longest text that reaches the others uncut: the server puts
    /// `:nick!user@host ` before a line and then cuts it.
    fn tell_line_length(&self, tell: &mut impl FnMut(Event<'_>)) {
        if let Some(source) = &self.source {
            // To the channel, or to a nick.
            let to = self.channel.len().max(NICK_MAX);
            let around = ": PRIVMSG  :".len() + source.len() + to;
            tell(Event::LineLength(LINE_MAX.saturating_sub(around)));
        }
    }
}

/// Whom the mode makes operator, or no longer.
fn operator(mode: &Mode<ChannelMode>) -> Option<(bool, &str)> {
    match mode {
        Mode::Plus(ChannelMode::Oper, Some(nick)) => Some((true, nick)),
        Mode::Minus(ChannelMode::Oper, Some(nick)) => Some((false, nick)),
        _ => None,
    }
}

fn is_from_a_user(message: &Message) -> bool {
    matches!(&message.prefix, Some(Prefix::Nickname(_, user, _)) if !user.is_empty())
}
