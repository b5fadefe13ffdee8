//! One terminal among any number of others, of whom only their lines are there.

use keyrota::crypto::{SigningKey, Tally, hash};
use keyrota::spec::{
    Ask, Body, Certificate, Frame, Hello, MemberId, Name, Point, Signature, SignedHello, Tag,
    Vouch, armor, label,
};
use keyrota::{Config, Event, Identity, Now, Terminal, member_id};

pub(crate) const CHANNEL: &str = "#crowd";
const START: u64 = 1_767_225_600;
const YEAR: u32 = 31_536_000;

/// Somebody with a certificate that vouches for itself, and the line by which it introduces itself.
pub(crate) struct Member {
    pub(crate) id: MemberId,
    pub(crate) name: Name,
    pub(crate) nick: String,
    pub(crate) hello: String,
}

impl Member {
    /// Number `number`, with a nick of eight letters; `asks` for the key, or just says who it is.
    pub(crate) fn new(number: usize, asks: bool) -> Self {
        let nick = format!("Nick{number:04x}");
        let mut secret = [7; 32];
        secret[24..].copy_from_slice(&(number as u64).to_be_bytes());
        let signing = SigningKey::from_bytes(&secret).expect("a key");
        let key = Point(signing.public());
        let name = Name::new(&nick.to_lowercase()).expect("a name");
        let body = Body { name: name.clone(), key, not_before: START - 1_000, lifetime: YEAR };
        let hello = Hello {
            certificate: Certificate { body, vouch: Vouch::SelfSigned },
            // Any key is one to seal to.
            member_key: key,
            // As good as drawn.
            tag: Tag::first_of(&key.0[1..]),
            time: START + 3_000,
            ask: asks.then_some((Ask::Latest, None)),
        };
        let digest = hash(label::NAME, &[CHANNEL.as_bytes()]);
        let parts: [&[u8]; 3] = [label::SIGN_HELLO, &digest[..16], &hello.to_bytes()];
        let signature = Signature(signing.sign(&mut Tally::default(), &parts));
        let hello = SignedHello { hello, signature };
        let frame = Frame::Hello { hello, relayed: false };
        Self { id: member_id(&key), name, nick, hello: armor::whole(&frame.encode()) }
    }
}

/// The terminal of "me", and its clock.
pub(crate) struct Site {
    pub(crate) terminal: Terminal,
    ms: u64,
}

impl Site {
    /// In no channel. The names of `members` are pinned already.
    pub(crate) fn new<'m>(
        members: impl IntoIterator<Item = &'m Member>,
        adjust: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::new("me");
        config.line = 350;
        config.channel.triggers.period = None;
        for member in members {
            config.authentication.pin(member.name.clone(), member.id);
        }
        adjust(&mut config);
        let identity = Identity::self_signed(&[9; 32], "me", START - 1_000, YEAR);
        let now = Now { ms: 0, unix: START };
        let terminal = Terminal::new(config, identity.expect("an identity"), [3; 32], now)
            .expect("settings in their bounds");
        Self { terminal, ms: 0 }
    }

    /// In a channel of its own founding.
    pub(crate) fn founder<'m>(
        members: impl IntoIterator<Item = &'m Member>,
        adjust: impl FnOnce(&mut Config),
    ) -> Self {
        let mut site = Self::new(members, adjust);
        site.enter(CHANNEL);
        assert!(site.terminal.channel(CHANNEL).and_then(|view| view.sealing()).is_some());
        site
    }

    pub(crate) fn enter(&mut self, channel: &str) {
        self.event(Event::Join { channel, nick: "me" });
        self.event(Event::Names { channel, names: &[("me", true)] });
    }

    pub(crate) fn now(&self) -> Now {
        Now { ms: self.ms, unix: START + self.ms / 1_000 }
    }

    pub(crate) fn event(&mut self, event: Event<'_>) {
        let now = self.now();
        self.terminal.handle(now, event).for_each(drop);
    }

    pub(crate) fn join(&mut self, nick: &str) {
        self.event(Event::Join { channel: CHANNEL, nick });
    }

    pub(crate) fn part(&mut self, nick: &str) {
        self.event(Event::Part { channel: CHANNEL, nick });
    }

    /// A member that is here introduces itself.
    pub(crate) fn introduced(&mut self, member: &Member) {
        // Of strangers no more than so many are heard in a second.
        self.wait(50);
        self.event(Event::Line { channel: CHANNEL, nick: &member.nick, text: &member.hello });
    }

    /// Lets time pass, and does what is due.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.ms += ms;
        self.event(Event::Tick);
    }

    pub(crate) fn is_present(&self, member: &Member) -> bool {
        let view = self.terminal.channel(CHANNEL).expect("in the channel");
        view.member(&member.id).is_some_and(|(_, present)| present)
    }
}
