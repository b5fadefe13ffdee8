//! What those who talk alone must come to on a network that is whole again: invariant 10, of conversations.

use keyrota::Notice;
use keyrota::spec::limits::ASK_WAIT;

use crate::checker::{Checker, Violation};
use crate::liveness::fail;
use crate::members::given_reasons;
use crate::mend::SLACK;
use crate::op::{CAST, Op};
use crate::reference::conversation_of;
use crate::world::World;

/// Keys that two make while they come to one, at most: each two when both begin at once, and one that both have.
const KEYS: usize = 5;
/// Between the fourth attempt and the fifth (9-11): later a new text has a new ask begun (16-10).
const LONGEST: u64 = 2 * ASK_WAIT / 4 * 5;

/// 10, of conversations: where nobody was given a reason to refuse another, and all have their nicks, whoever has talked
/// with another alone is heard by that one: in the longest time between two of five asks, one of which may be under
/// way. But where a server has put somebody else at the nick, the user is told so, and has to decide.
///
/// # Errors
/// If one is not.
pub fn ten_alone(checker: &mut Checker, world: &mut World) -> Result<(), Violation> {
    // Whoever is away while two change their nicks has one in the place of the other.
    if given_reasons(checker) || checker.renamed {
        return Ok(());
    }
    let all = 0..world.actors.len();
    let pairs = all.clone().flat_map(|who| all.clone().map(move |whom| (who, whom)));
    let pairs: Vec<(usize, usize)> =
        pairs.filter(|(who, whom)| who != whom && talk(checker, world, *who, *whom)).collect();
    let told = checker.notices.len();
    let mut texts = Vec::new();
    for (who, whom) in pairs {
        let text = format!("{} to {} at {}", CAST[who], CAST[whom], world.ms);
        checker.apply(world, &Op::Tell(who, whom, text.clone()))?;
        texts.push((who, whom, text));
    }
    let end = world.ms + LONGEST + SLACK;
    let mut lost = |checker: &mut Checker| {
        texts.retain(|(_, whom, text)| !checker.minds[*whom].shown.contains_key(text));
        texts.is_empty()
    };
    let any = !lost(checker);
    if checker.wait(world, end, |checker, _| lost(checker))? {
        if any {
            checker.counters.count("all heard who talked to them alone");
        }
        return Ok(());
    }
    let another_is_there = |who: usize, whom: usize| {
        let own = conversation_of(&checker.ids[who], &checker.ids[whom]);
        checker.notices[told..].iter().any(|(to, _, notice)| {
            let other = |id| matches!(notice, Notice::OtherChannel { met, .. } if *met == id);
            (*to == who || *to == whom) && other(own)
        })
    };
    texts.retain(|(who, whom, _)| !another_is_there(*who, *whom));
    let Some((.., text)) = texts.first() else { return Ok(()) };
    Err(fail(world, 10, format!("told to one alone, and not shown: {text}")))
}

/// Whether one has a conversation at the nick of another, and neither has one there with somebody else, keeps texts
/// of others there that wait, or keeps so few keys that one to which the other did not come yet may be gone.
fn talk(checker: &Checker, world: &World, who: usize, whom: usize) -> bool {
    let place = |who: usize, whom: usize| world.view(who, &world.actors[whom].nick);
    let open = |who: usize, whom: usize| {
        let peer = place(who, whom).and_then(|view| view.peer());
        let keeps = world.actors[who].settings.keys >= KEYS;
        // Texts that were made up leave no room for others that wait.
        let made_up = |op: &Op| matches!(op, Op::Flood(..) | Op::Noise(..) | Op::Alter(..));
        let waits = place(who, whom).is_some_and(|view| view.kept_texts()[0] > 0);
        let room = !waits || !checker.done.iter().any(|(_, op)| made_up(op));
        keeps && room && peer.is_none_or(|peer| peer == checker.ids[whom])
    };
    place(who, whom).is_some() && open(who, whom) && open(whom, who)
}
