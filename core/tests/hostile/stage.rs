//! What the attacks share: what must not change, who hears what, and that all still talk.

use keyrota::Protection;
use keyrota::spec::{ChannelId, KeyId, MemberId, Record};

use crate::rig::{Relayed, User, World};

/// Everything of a terminal that no hostile line may change.
#[derive(Debug, PartialEq)]
pub(crate) struct State {
    channel: Option<ChannelId>,
    record: Option<Record>,
    current: Option<KeyId>,
    sealing: Option<KeyId>,
    pub(crate) keys: Vec<KeyId>,
    order: Vec<MemberId>,
    /// Whom each of all users is taken for, and whether it counts as present.
    members: Vec<Option<(String, bool)>>,
    /// Who is where.
    pub(crate) roster: Vec<(String, Option<MemberId>)>,
    plain: bool,
    /// Texts that were shown as anything better than plain.
    pub(crate) sealed_texts: usize,
}

pub(crate) fn state(world: &World, nick: &str) -> State {
    let user = world.user(nick);
    let view = user.view();
    let ids = world.users.iter().map(User::id);
    let member = |id| view.member(&id).map(|(name, present)| (name.to_string(), present));
    let roster = view.roster().iter();
    State {
        channel: view.id(),
        record: view.record().cloned(),
        current: view.current(),
        sealing: view.sealing(),
        keys: view.keys().collect(),
        order: view.order(),
        members: ids.map(member).collect(),
        roster: roster.map(|one| (one.nick.to_string(), one.member)).collect(),
        plain: view.is_plain(),
        sealed_texts: sealed_texts(user).len(),
    }
}

/// What was shown as having come sealed.
pub(crate) fn sealed_texts(user: &User) -> Vec<&str> {
    let shown = user.shown.iter().filter(|shown| shown.protection != Protection::Plain);
    shown.map(|shown| shown.text.as_str()).collect()
}

/// Lets `victim` alone hear a line; what it answers is heard by nobody, and returned.
pub(crate) fn whisper(world: &mut World, victim: &str, from: &str, text: &str) -> Vec<Relayed> {
    let count = world.lines.len();
    let only = victim.to_owned();
    let open = std::mem::replace(&mut world.filter, Box::new(move |_, to| to == only));
    world.inject(from, text);
    world.filter = open;
    let (now, wake) = (world.ms, world.user(victim).terminal.wake());
    assert!(wake.is_none_or(|wake| wake.at > now), "{victim} wants to be called in the past");
    let answers = world.since(count).to_vec();
    assert!(answers.len() <= 4, "{} lines because of one", answers.len());
    answers
}

/// The lines that are sent meanwhile, and that nobody hears.
pub(crate) fn unheard(world: &mut World, act: impl FnOnce(&mut World)) -> Vec<Relayed> {
    let count = world.lines.len();
    let open = std::mem::replace(&mut world.filter, Box::new(|_, _| false));
    act(world);
    world.filter = open;
    world.since(count).to_vec()
}

/// The first line among these whose frame is of a kind.
pub(crate) fn of_kind(lines: &[Relayed], kind: u8) -> Relayed {
    let found = lines.iter().find(|line| line.kind() == Some(kind));
    found.unwrap_or_else(|| panic!("no frame of kind {kind}: {lines:#?}")).clone()
}

/// All agree on the key, and each reads what each other says, once, under the right name.
pub(crate) fn talk(world: &mut World) {
    world.run(60_000);
    world.agreed();
    let nicks: Vec<String> = world.here().map(|user| user.nick.clone()).collect();
    for nick in &nicks {
        world.say(nick, &format!("{nick} speaks"));
        world.run(3_000);
    }
    for user in world.here() {
        for nick in nicks.iter().filter(|nick| **nick != user.nick) {
            let text = format!("{nick} speaks");
            let said = user.shown.iter().filter(|shown| shown.text == text);
            let names: Vec<_> = said.map(|shown| shown.name.as_deref()).collect();
            assert_eq!(names, [Some(nick.as_str())], "what {} read of {nick}", user.nick);
        }
        let mut texts = sealed_texts(user);
        texts.sort_unstable();
        let twice = texts.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None, "{} was shown a text twice", user.nick);
    }
}
