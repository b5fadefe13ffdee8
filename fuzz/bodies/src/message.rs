//! Texts under keys that their makers hold, sealed and signed as they should be or nearly so: what is
//! genuine and new is shown, once and under its author's name or none; nothing else ever is.
//!
//! Spec: chapter 11.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use keyrota::spec::limits::COUNTER_MAX;
use keyrota::spec::{Control, KeyId, MemberId, Tag, TextKind, armor};
use keyrota::{Action, Command, Config, Event, Now, Speaker, Terminal};

use crate::peer::{Peer, START, Under, digest, identity};
use crate::watch::Watch;

const CHANNEL: &str = "#ryugu";
const ME: &str = "me";
const NAMES: [&str; 3] = ["ada", "ben", "cyn"];

/// Steps of one input.
const STEPS: usize = 32;

/// Who made a text, and whether it was shown.
struct Made {
    by: Option<MemberId>,
    shown: bool,
}

struct Stage {
    watch: Watch,
    peers: [Peer; 3],
    /// Who has introduced itself.
    met: [bool; 3],
    /// The genuine texts, by what stands in them.
    made: BTreeMap<String, Made>,
    /// The greatest counters under each key, by tag and author: what is above is new.
    counters: BTreeMap<(KeyId, Tag, Option<MemberId>), u32>,
    frames: Vec<Vec<u8>>,
}

/// The input as texts from two members and a stranger.
pub fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let mut stage = Stage::new();
    for _ in 0..STEPS {
        if u.is_empty() || stage.step(&mut u).is_err() {
            break;
        }
    }
    // What waits for the stranger's Hello, or for a key, comes or does not.
    stage.meet(2);
    for _ in 0..4 {
        stage.pass(300_000);
    }
    // What looks like a text, by nobody.
    for kind in [TextKind::Signed, TextKind::Unsigned, TextKind::Control] {
        stage.hear(&[&[kind.byte()], &data[..data.len().min(200)]].concat(), NAMES[0]);
    }
    // And all of it comes once more.
    for frame in stage.frames.clone() {
        stage.hear(&frame, NAMES[0]);
    }
}

impl Stage {
    fn new() -> Self {
        let now = Now { ms: 0, unix: START };
        let terminal = Terminal::new(Config::new(ME), identity(0, ME), [1; 32], now)
            .expect("settings in their bounds");
        let mut number = 0;
        let peers = NAMES.map(|name| {
            number += 1;
            Peer::new(number, name)
        });
        let mut stage = Self {
            watch: Watch::new(terminal, now, &[CHANNEL]),
            peers,
            met: [false; 3],
            made: BTreeMap::new(),
            counters: BTreeMap::new(),
            frames: Vec::new(),
        };
        for nick in [ME, NAMES[0], NAMES[1], NAMES[2]] {
            stage.tell(Event::Join { channel: CHANNEL, nick });
            if nick == ME {
                stage.tell(Event::Names { channel: CHANNEL, names: &[(ME, false)] });
            }
        }
        stage.meet(0);
        stage.meet(1);
        stage
    }

    fn tell(&mut self, event: Event<'_>) -> usize {
        let actions = self.watch.handle(event);
        self.shown(&actions)
    }

    fn pass(&mut self, ms: u64) {
        self.watch.now.ms += ms;
        self.watch.now.unix += ms / 1_000;
        self.tell(Event::Tick);
    }

    fn meet(&mut self, who: usize) {
        self.pass(1_000);
        let hello = self.peers[who].hello(&digest(CHANNEL), self.watch.now.unix, None, false);
        let text = armor::whole(&hello.encode());
        self.tell(Event::Line { channel: CHANNEL, nick: NAMES[who], text: &text });
        self.met[who] = true;
    }

    /// Looks at what is shown, and says how many texts that is.
    fn shown(&mut self, actions: &[Action]) -> usize {
        let mut count = 0;
        for action in actions {
            let Action::Show { from, text, .. } = action else { continue };
            let made = self
                .made
                .get_mut(text)
                .unwrap_or_else(|| panic!("{text:?} is shown, and nobody sealed it"));
            assert!(!made.shown, "{text:?} is shown twice");
            made.shown = true;
            count += 1;
            let author = match from {
                Speaker::Member { id, name, .. } => {
                    let whose = self.peers.iter().position(|peer| peer.id == *id);
                    assert_eq!(whose.map(|at| NAMES[at]), Some(&**name));
                    Some(*id)
                }
                _ => None,
            };
            assert_eq!(author, made.by, "{text:?}");
        }
        count
    }

    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=15)? {
            0 => self.pass(1 + u64::from(u.arbitrary::<u8>()?) * 1_000),
            1 => {
                // A further key, and the old one stays.
                let _ = self.watch.command(Command::Refresh { channel: CHANNEL });
                self.pass(61_000);
                self.pass(3_000);
            }
            2 => self.meet(2),
            3 if !self.frames.is_empty() => {
                let frame = u.choose(&self.frames)?.clone();
                let nick = *u.choose(&NAMES)?;
                self.hear(&frame, nick);
            }
            _ => self.text(u)?,
        }
        Ok(())
    }

    fn hear(&mut self, frame: &[u8], nick: &str) -> usize {
        let lines = armor::lines(frame, 2_048, armor::PartId::new(1));
        let line = |text: &String| self.tell(Event::Line { channel: CHANNEL, nick, text });
        lines.iter().map(line).sum()
    }

    fn text(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let view = self.watch.terminal.channel(CHANNEL).expect("it is in its channel");
        let channel = view.id().expect("it has founded it");
        let keys: Vec<_> = view.secrets().collect();
        let (id, _, key) = *u.choose(&keys)?;
        let under = Under { channel, id, key };
        let who = u.int_in_range(0..=2)?;
        let kind = *u.choose(&[
            TextKind::Signed,
            TextKind::Signed,
            TextKind::Unsigned,
            TextKind::Control,
        ])?;
        let counter = match u.int_in_range(0..=7)? {
            0 => COUNTER_MAX - u32::from(u.arbitrary::<u8>()?),
            1 => u.arbitrary::<u16>()?.into(),
            _ => u.arbitrary::<u8>()?.into(),
        };
        let length = u.int_in_range(0..=40)?.min(u.len());
        let mut content = format!("{}: ", self.frames.len()).into_bytes();
        content.extend(u.bytes(length)?);
        if kind == TextKind::Control && u.arbitrary()? {
            content = Control::Wish.to_bytes();
        }
        let nick = *u.choose(&NAMES)?;
        let spoilt = u.int_in_range(0..=7)?;
        let by = &self.peers[who];
        let frame = match spoilt {
            // In another's name: its tag, and a signature that is not its own.
            0 => {
                let other = &self.peers[(who + 1) % 3];
                let parts = [&by.id.0[..], &content].concat();
                under.seal(kind, other.tag, counter, &content, |context| {
                    other.sign(&[context, &parts])
                })
            }
            // What somebody else signed for it.
            1 => under.seal(kind, by.tag, counter, &content, |context| {
                let other = &self.peers[(who + 1) % 3];
                other.sign(&[keyrota::spec::label::SIGN_TEXT, context, &by.id.0, &content])
            }),
            _ => by.text(&under, kind, counter, &content),
        };
        let mut sent = frame.clone();
        if spoilt == 2 {
            let at = usize::from(u.arbitrary::<u16>()?) % (sent.len() * 8);
            sent[at / 8] ^= 1 << (at % 8);
        }
        let author = Some(by.id).filter(|_| kind.is_signed());
        // Who signs nothing can forge nothing: an unsigned text is anybody's.
        let genuine = spoilt > 2 || (spoilt < 2 && !kind.is_signed());
        let tag = if spoilt == 0 { self.peers[(who + 1) % 3].tag } else { by.tag };
        let readable = String::from_utf8(content).ok().filter(|_| kind != TextKind::Control);
        let place = (id, tag, author);
        let new = self.counters.get(&place).is_none_or(|last| counter > *last);
        let known = author.is_none() || self.met[who];
        if genuine && let Some(text) = &readable {
            self.made.insert(text.clone(), Made { by: author, shown: false });
        }
        self.frames.push(sent.clone());
        let count = self.hear(&sent, nick);
        if genuine && new {
            // That of a stranger counts from when it is known who that is.
            self.counters.insert(place, counter);
            let shown = known && readable.is_some();
            assert_eq!(count, usize::from(shown), "it is shown if it can be");
        }
        Ok(())
    }
}
