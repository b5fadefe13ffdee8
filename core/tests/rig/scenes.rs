//! Beginnings and mishaps that several tests start from.

use keyrota::spec::Frame;
use keyrota::{Command, Config, Event, GrantRule, Terminal};

use super::{World, identity};

impl World {
    /// Three with seats, who have talked.
    pub fn talked() -> Self {
        let mut world = Self::seated(&["taro", "hanako", "jiro"]);
        for nick in ["taro", "hanako", "jiro"] {
            world.say(nick, "good morning");
            world.run(1_000);
        }
        world
    }

    /// Three who have talked, of whom only taro has a seat.
    pub fn one_seat() -> Self {
        let by_hand = |_: &str, config: &mut Config| config.channel.rule = GrantRule::ByHand;
        let mut world = Self::with(&["taro", "hanako", "jiro"], by_hand);
        for nick in ["taro", "hanako", "jiro"] {
            world.join(nick);
            world.run(3_000);
        }
        world
    }

    /// Lets a member make a key, of which nobody but those `reached` hears.
    pub fn make_unheard(
        &mut self,
        maker: &'static str,
        command: Command<'_>,
        reached: &'static [&'static str],
    ) {
        self.filter = Box::new(move |line, to| {
            !matches!(line.kind(), None | Some(4..=6))
                || line.nick != maker
                || reached.contains(&to)
        });
        self.command(maker, command).expect("a new key");
        self.filter = Box::new(|_, _| true);
    }

    /// Lets all hear of the newest record that this member made, without the key.
    pub fn announce(&mut self, maker: &str) {
        let frames = self.frames(0);
        let newest = frames.iter().rev().find_map(|(_, nick, bytes)| match Frame::decode(bytes) {
            Ok(Frame::Refresh { record, .. } | Frame::Sealed { record, .. }) => {
                (*nick == maker).then_some(record)
            }
            _ => None,
        });
        let record = newest.expect("a record");
        let number = self.users.iter().position(|user| user.nick == maker).expect("a user") + 1;
        let maker_identity = identity(u8::try_from(number).expect("few users"), maker);
        let author = maker_identity.certificate().body.key;
        self.inject_frame(maker, &Frame::Announce { record, author });
    }

    /// Says something to a peer alone, in a conversation that is begun if need be.
    pub fn tell(&mut self, nick: &str, peer: &str, text: &str) {
        self.command(nick, Command::Converse { nick: peer }).expect("a conversation");
        self.command(nick, Command::Say { channel: peer, text, signed: None }).expect("said");
    }

    /// A nick changes, as everybody hears who talks with its owner.
    pub fn rename_everywhere(&mut self, old: &str, new: &str) {
        for nick in self.users.iter().map(|user| user.nick.clone()).collect::<Vec<_>>() {
            self.event(&nick, Event::Nick { old, new });
        }
        self.user_mut(old).nick = new.into();
        self.deliver();
    }

    /// The terminal of a user is started anew, and remembers nothing; its user stays who it is.
    pub fn start_anew(&mut self, nick: &str) {
        let number = self.users.iter().position(|user| user.nick == nick).expect("a user") + 1;
        let who = identity(u8::try_from(number).expect("few users"), nick);
        let mut config = Config::new(nick);
        config.line = 350;
        let seed = [u8::try_from(self.lines.len() % 100 + 100).expect("a byte"); 32];
        let now = self.now();
        self.user_mut(nick).terminal =
            Terminal::new(config, who, seed, now).expect("settings in their bounds");
    }
}
