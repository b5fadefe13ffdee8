//! What must always hold, each as a function of its number: an error is the number and what was seen.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use keyrota::Speaker;
use keyrota::spec::{Descent, Frame, KeyHint, KeyId, Record, TextKind, armor};

use crate::checker::{Checker, Sent, Shown};
use crate::mind::{Key, Mind, commits};
use crate::op::CAST;
use crate::reference::{channel_of, compare, compare_h, key_id, signed_above_removal, step_of};
use crate::world::{CHANNEL, World};

/// Whether it holds; if not, its number and what was seen.
pub type Outcome<T = ()> = Result<T, (u8, String)>;

pub(crate) fn unless(holds: bool, number: u8, what: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err((number, what())) }
}

/// 1: no frame that is sent holds eight bytes in a row of a secret or of a text that was to be sealed. That all
/// frames together open nothing is what [`one_nonce`] and [`one_pad`] say, and [`five`] of those who were sealed nothing:
/// a server has no more.
pub fn one(checker: &Checker, frame: &[u8]) -> Outcome {
    let seen = frame
        .windows(8)
        .find(|row| <[u8; 8]>::try_from(*row).is_ok_and(|row| checker.hidden.contains(&row)));
    unless(seen.is_none(), 1, || format!("{seen:02x?} went over the network"))
}

/// 1, of nonces: no two texts are sealed under one key with one tag and one counter.
pub fn one_nonce(checker: &mut Checker, who: usize, frame: &Frame<'_>) -> Outcome {
    let Frame::Text { header, ciphertext, .. } = frame else { return Ok(()) };
    let nonce = (header.key, header.tag, header.counter);
    let before = checker.nonces.entry(nonce).or_insert_with(|| ciphertext.to_vec());
    unless(before == ciphertext, 1, || format!("{} sealed two texts with {nonce:?}", CAST[who]))
}

/// 1, of pads: no two keys of the channel go over the network under one pad, whether wrapped or in boxes; as far as
/// whoever sends them is known to hold them.
pub fn one_pad(
    checker: &mut Checker,
    who: usize,
    id: KeyId,
    masked: impl IntoIterator<Item = Key>,
) -> Outcome {
    let Some(key) = checker.minds[who].knows.get(&id).copied() else { return Ok(()) };
    for masked in masked {
        let pad: Key = std::array::from_fn(|at| masked[at] ^ key[at]);
        let before = *checker.pads.entry(pad).or_insert(key);
        unless(before == key, 1, || format!("{} sent {id} under a pad of before", CAST[who]))?;
    }
    Ok(())
}

/// 2: a key is held only for a record that commits to it, and is valid by what its holder has heard when it gets the
/// key; in a conversation, where no list is proven, for one that does.
pub fn two(checker: &Checker, world: &World, who: usize) -> Outcome {
    let Some(terminal) = &world.actors[who].terminal else { return Ok(()) };
    let now = world.actors[who].now(world.ms).ms;
    for place in world.places(who) {
        let Some(view) = terminal.channel(&place) else { continue };
        for (id, own, key) in view.secrets() {
            // What goes over the network for one alone is not in the archive.
            let record = if place == CHANNEL { checker.archive.get(&id) } else { Some(own) };
            let holds = record.is_some_and(|one| key_id(one) == id && commits(one, &key));
            unless(holds, 2, || format!("{} holds a key for {id} of no such record", CAST[who]))?;
            let new = checker.got.get(&(who, id)).is_some_and(|at| at.ms == now);
            unless(
                place != CHANNEL || !new || checker.minds[who].proves(&checker.archive, &id),
                2,
                || format!("{} got a key for {id}, whose list nothing proves", CAST[who]),
            )?;
        }
    }
    Ok(())
}

/// 3: a text is shown once in a run, where it was said and under the name of whoever signed it, under
/// none if nobody did; after a restore it says that it may be a repeat, and what was shown before the
/// state was saved is not shown at all; nor does it say so without a reason: a restore, or a conversation that a
/// stranger began and that was forgotten with the connection. What is under an older key says so (11-11).
pub fn three(checker: &mut Checker, shown: &Shown) -> Outcome {
    let Shown { who, from, text, protection, again, .. } = shown;
    let fails = |what: &str| Err((3, format!("{} was shown {text:?} {what}", CAST[*who])));
    if *protection == keyrota::Protection::Plain {
        // A server can show what it likes as plain text.
        return match from {
            Speaker::Member { .. } => fails("under a name"),
            _ => Ok(()),
        };
    }
    let told = checker.told.get(text).copied().filter(|_| shown.alone);
    let said = checker.said.get(text).copied().filter(|_| !shown.alone);
    let Some(by) = said.or(told.map(|(by, _)| by)) else { return fails("which nobody said there") };
    // A nick says whom the user means only as long as it is one's own.
    if told.is_some_and(|(_, whom)| whom != *who && !checker.renamed) {
        return fails("that was for somebody else");
    }
    let seal = checker.seals.get(text).copied();
    let signed = seal.is_none_or(|(_, kind)| kind == TextKind::Signed);
    let named = match from {
        Speaker::Member { id, .. } => signed && checker.signed_by.get(text) == Some(id),
        _ => !signed,
    };
    if !named {
        return fails(&format!("of {} as from {from:?}", CAST[by]));
    }
    let old = *protection == keyrota::Protection::OldKey;
    let is_old = |(hint, _)| shown.current.iter().any(|id| is_old(checker, hint, *id) == old);
    if !seal.is_none_or(is_old) {
        return fails(&format!("as {protection:?}"));
    }
    let mind = &mut checker.minds[*who];
    let forgotten = shown.alone && mind.cut_off;
    if *again && !mind.restored && !forgotten {
        return fails("as a repeat, by a terminal that remembers");
    }
    if *again && !mind.restored {
        checker.counters.count("shown with a mark after it was forgotten");
    }
    let (repeat, past) = (mind.before.contains(text), mind.past.contains(text));
    let count = mind.shown.entry(text.clone()).or_insert(0);
    *count += 1;
    match *count {
        1 if past => fails("again, which was shown before it saved"),
        1 if repeat && !again => fails("again, and not told so"),
        1 => Ok(()),
        _ if *again && forgotten => Ok(()),
        more => fails(&format!("{more} times")),
    }
}

/// Whether a key is below the current record by list, epoch or root.
fn is_old(checker: &Checker, hint: KeyHint, current: Option<KeyId>) -> bool {
    let current = current.and_then(|id| checker.archive.get(&id));
    let mut named = checker.hinted(hint);
    current.is_some_and(|current| named.any(|(_, one)| compare_h(one, current).is_lt()))
}

/// The record of the key that a text is sealed under, as far as its first bytes tell.
fn sealed_under<'a>(checker: &'a Checker, sent: &Sent<'_>) -> Option<Vec<(&'a KeyId, &'a Record)>> {
    match &sent.frame {
        Frame::Text {
            header,
            kind: TextKind::Signed | TextKind::Unsigned | TextKind::Control,
            ..
        } => Some(checker.hinted(header.key).collect()),
        _ => None,
    }
}

/// 4: nothing is sealed under a key below what its sender heard, or above all that is valid by that, or whose time is
/// over.
pub fn four(checker: &mut Checker, world: &World, sent: &Sent<'_>) -> Outcome {
    let who = sent.who;
    let newest = checker.minds[who].greatest(&checker.archive);
    let checker = &*checker;
    let Some(under) = sealed_under(checker, sent) else { return Ok(()) };
    let is_level = |record: &Record, with: Option<KeyId>| {
        with.and_then(|id| checker.archive.get(&id))
            .is_some_and(|one| compare_h(record, one).is_eq())
    };
    // What it made itself upon one input it sealed in between, or after.
    let makes = newest.is_some_and(|id| checker.fresh.contains(&id));
    let before = || checker.minds[who].greatest_but(&checker.archive, &checker.fresh);
    let level = under.iter().find(|(id, record)| {
        let own = makes && (checker.fresh.contains(*id) || is_level(record, before()));
        is_level(record, newest) || own
    });
    let Some((id, _)) = level else {
        return Err((4, format!("{} sealed under another key than of what it heard", CAST[who])));
    };
    unless(checker.left(world, who, id) != Some(0), 4, || {
        format!("{} sealed under {id}, whose time is over", CAST[who])
    })
}

/// 5: who was left out when a key was sealed opens nothing under it, nor under what is wrapped below
/// it, until one of these is sealed to it by an honest terminal, or by the hostile hand that made it, or if it made
/// one itself; and who is barred opens nothing at all, unless a hostile hand made one of them.
pub fn five(checker: &Checker, sent: &Sent<'_>) -> Outcome {
    let Some(under) = sealed_under(checker, sent) else { return Ok(()) };
    for (id, record) in under {
        let ancestors: Vec<&KeyId> = ancestors(checker, id, record).collect();
        for (other, mind) in checker.minds.iter().enumerate() {
            if other == sent.who || !mind.knows.contains_key(id) {
                continue;
            }
            let given = ancestors.iter().any(|id| is_given(checker, id, other));
            let hostile = ancestors.iter().any(|id| checker.hostile.contains_key(*id));
            let barred = record.list.bars(&checker.ids[other]);
            unless(given && (hostile || !barred), 5, || {
                let barred = if barred { ", who is barred," } else { "" };
                let (other, who) = (CAST[other], CAST[sent.who]);
                format!("{other}{barred} can open what {who} sealed under {id}")
            })?;
        }
    }
    Ok(())
}

/// A key, and those that it can be wrapped under, directly or through others (7-10): of its list, epoch
/// and root, with a lower step.
fn ancestors<'a>(
    checker: &'a Checker,
    id: &'a KeyId,
    record: &'a Record,
) -> impl Iterator<Item = &'a KeyId> {
    let below = checker
        .archive
        .iter()
        .filter(move |(_, one)| compare_h(one, record).is_eq() && step_of(one) < step_of(record));
    below.map(|(id, _)| id).chain([id])
}

/// Whether one made a key, or an honest terminal sealed it to it.
fn is_given(checker: &Checker, id: &KeyId, to: usize) -> bool {
    let author = checker.archive.get(id).and_then(Record::author_entry);
    author.is_some_and(|author| author.id == checker.ids[to])
        || checker.sealed_to.get(id).is_some_and(|all| all.contains(&to))
}

/// 5, of those who are barred: no key is sealed to whom its own record bars, or the current record
/// before and after.
pub fn five_barred(
    checker: &Checker,
    world: &World,
    who: usize,
    before: Option<KeyId>,
    (key, to): (KeyId, &[usize]),
) -> Outcome {
    let bars = |id: Option<KeyId>, whom: &usize| {
        let record = id.and_then(|id| checker.archive.get(&id));
        record.is_some_and(|record| record.list.bars(&checker.ids[*whom]))
    };
    let current = checker.current(world, who);
    let found =
        to.iter().find(|whom| bars(Some(key), whom) || (bars(before, whom) && bars(current, whom)));
    unless(found.is_none(), 5, || {
        format!("{} sealed a key to {}, whom it bars", CAST[who], CAST[*found.unwrap_or(&who)])
    })
}

/// 5, of a bar: whoever bars somebody makes a record at once that does so (10-22).
pub fn five_bar(checker: &Checker, world: &World, who: usize, before: Option<KeyId>) -> Outcome {
    if world.view(who, CHANNEL).is_none() {
        return Ok(());
    }
    let barred = |record: &Record| record.list.barred().count();
    let already = before.and_then(|id| checker.archive.get(&id)).map_or(0, barred);
    // Another's record that it proves, and that had waited, may be above it.
    let done = checker.fresh.iter().filter_map(|id| checker.archive.get(id)).any(|record| {
        let own = record.author_entry().is_some_and(|author| author.id == checker.ids[who]);
        own && barred(record) > already
    });
    unless(done, 5, || format!("{} barred somebody, and made no key", CAST[who]))
}

/// 6: the current record is the greatest of the valid ones heard, those left out that wait for a proof
/// or for their author's key. That none waits for ever is 10.
pub fn six(checker: &mut Checker, world: &World, who: usize) -> Outcome {
    let Some(view) = world.view(who, CHANNEL) else { return Ok(()) };
    let current = view.current();
    let greatest = checker.minds[who].greatest(&checker.archive);
    unless(current == greatest, 6, || {
        format!("{}: {current:?} is current, {greatest:?} is the greatest it heard", CAST[who])
    })
}

/// 6, of channels: a terminal that is in one leaves it for another only if its user follows or founds
/// that, or if it founded its own by itself and gave the key to nobody (9-38, 9-44).
pub fn six_channel(checker: &Checker, world: &World, who: usize) -> Outcome {
    let Some(view) = world.view(who, CHANNEL) else { return Ok(()) };
    let mind = &checker.minds[who];
    let Some(before) = mind.channel.filter(|id| view.id() != Some(*id)) else { return Ok(()) };
    // What it handed out, or heard, after it was saved is forgotten; and a record that waits for a proof shows nothing.
    let heard = checker.archive.iter().map(|(id, _)| *id).filter(|id| mind.has_heard(id)).collect();
    let valid = checker.archive.valid(&heard, &before);
    let own = |record: &Record| {
        let made = record.author_entry().is_some_and(|one| one.id == checker.ids[who]);
        made && record.list.entries().len() == 1
    };
    let alone = !mind.granted && valid.iter().filter_map(|id| checker.archive.get(id)).all(own);
    unless(mind.moves || alone, 6, || {
        format!("{} was in {before}, and is in {:?} unasked", CAST[who], view.id())
    })
}

/// 7, of terminals: the list of the current record has a proof among all that was signed.
pub fn seven_proof(checker: &Checker, world: &World, who: usize) -> Outcome {
    let view = world.view(who, CHANNEL);
    let Some((channel, current)) = view.and_then(|view| Some((view.id()?, view.current()?))) else {
        return Ok(());
    };
    let all = checker.archive.iter().map(|(id, _)| *id).collect();
    unless(checker.archive.valid(&all, &channel).contains(&current), 7, || {
        format!("{}: {current:?} is current, and its list has no proof", CAST[who])
    })
}

/// 7: nothing that a removed seat signs is above its removal, unless another seats it again. The order of the
/// specification makes it so of whatever is signed; that terminals keep that order is [`six`] and [`seven_proof`].
pub fn seven(checker: &Checker) -> Outcome {
    let all = checker.archive.iter().map(|(id, _)| *id).collect();
    let genesis = |record: &&Record| matches!(record.descent, Descent::Genesis { .. });
    let channels = checker.archive.iter().map(|(_, record)| record).filter(genesis);
    for channel in channels.map(channel_of) {
        let valid = checker.archive.valid(&all, &channel);
        let records = valid.iter().filter_map(|id| checker.archive.get(id));
        for (id, name) in checker.ids.iter().zip(CAST) {
            let above = signed_above_removal(records.clone(), id, compare);
            unless(!above, 7, || format!("{name} signed above its removal"))?;
        }
    }
    Ok(())
}

/// 11, of who is present, from whom the updating order is derived: the occupants are those of whom the terminal was
/// told, in the order in which they came (10-1), and whose departure is doubted, from their Hello on (10-7).
pub fn eleven_present(checker: &Checker, world: &World, who: usize) -> Outcome {
    let Some(view) = world.view(who, CHANNEL) else { return Ok(()) };
    let present = &checker.minds[who].present;
    let occupants = || view.roster().iter().map(|occupant| &*occupant.nick);
    unless(occupants().eq(present), 11, || {
        format!(
            "{} was told of {present:?}, and has {:?}",
            CAST[who],
            occupants().collect::<Vec<_>>()
        )
    })
}

/// Lines that one input causes at most, whatever is in them.
const LINES: usize = 80;

/// 8, of lines: one input causes no more than it may.
pub fn eight_lines(world: &World, lines: &BTreeMap<usize, Vec<usize>>) -> Outcome {
    for (who, numbers) in lines {
        let (mut boxes, mut count) = (0, 0);
        let mut joined = Mind::default();
        for number in numbers {
            let line = &world.lines[*number];
            let Some(bytes) = joined.take(&line.nick, &line.text, line.at) else {
                count += 1;
                continue;
            };
            match Frame::decode(&bytes) {
                // The user's own, which waited for a key.
                Ok(Frame::Text { kind: TextKind::Signed | TextKind::Unsigned, .. }) => continue,
                Ok(Frame::Sealed { boxes: own, .. } | Frame::Boxes { boxes: own, .. }) => {
                    boxes += own.len();
                }
                _ => {}
            }
            count += 1;
        }
        // Those with boxes come besides, and what belongs to them (9-24). Two answers can fall due at
        // one moment, each with its own.
        let most = if boxes == 0 { 8 } else { 10 + boxes.div_ceil(7) };
        unless(count <= most.min(LINES), 8, || {
            format!("{} sent {count} lines at once", CAST[*who])
        })?;
    }
    Ok(())
}

/// 8, of sizes: nothing that a terminal keeps grows beyond its bound.
pub fn eight_sizes(world: &World, who: usize) -> Outcome {
    let Some(terminal) = &world.actors[who].terminal else { return Ok(()) };
    let own = terminal.sizes().into_iter();
    let places = world.places(who);
    let views = places.iter().filter_map(|place| terminal.channel(place));
    for (what, size, bound) in own.chain(views.flat_map(|view| view.sizes())) {
        unless(size <= bound, 8, || format!("{} keeps {size} {what}", CAST[who]))?;
    }
    Ok(())
}

/// 8, of panics: whatever a terminal is given, it goes on. What it was given is looked at no further then.
pub fn eight_panics<T>(give: impl FnOnce() -> T) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(give)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
        // A script says it in a comment of one line.
        (8, format!("a terminal panicked: {}", text.lines().collect::<Vec<_>>().join(" ")))
    })
}

/// 9: nothing leaves in the clear unless its user has declared the channel plain.
pub fn nine(checker: &Checker, who: usize, line: &str) -> Outcome {
    let clear = armor::parse(line).is_none();
    unless(!clear || checker.minds[who].plain, 9, || {
        format!("{} sent {line:?} as it is", CAST[who])
    })
}

/// 9, of conversations, which no schedule declares plain.
pub fn nine_alone(who: usize, line: &str) -> Outcome {
    let clear = armor::parse(line).is_none();
    unless(!clear, 9, || format!("{} sent {line:?} to one other as it is", CAST[who]))
}

/// 12, of texts: each that a user said went out, was handed back, or waits; each of others that was
/// kept is kept still, or was shown or reported.
pub fn twelve_texts(checker: &mut Checker, world: &World, who: usize) -> Outcome {
    let view = world.view(who, CHANNEL);
    let [kept, waiting] = view.map_or([0, 0], |view| view.kept_texts());
    let account = &mut checker.accounts[who];
    let done = account.sent + account.returned;
    let told = std::mem::take(&mut account.told);
    let before = std::mem::replace(&mut account.kept, kept);
    unless(world.actors[who].terminal.is_none() || account.said == done + waiting, 12, || {
        format!("{}: {account:?}, and {waiting} wait", CAST[who])
    })?;
    // Who leaves the channel is shown nothing of it any more.
    unless(view.is_none() || before <= kept + told, 12, || {
        format!("{} kept {before} texts, has {kept}, and told of {told}", CAST[who])
    })
}

/// 12, of whoever has just been called: it wants to be called again later than now.
pub fn twelve_called(world: &World, who: usize) -> Outcome {
    let actor = &world.actors[who];
    let wake = actor.terminal.as_ref().and_then(|terminal| terminal.wake());
    let now = actor.now(world.ms).ms;
    unless(wake.is_none_or(|wake| wake.at > now), 12, || {
        format!("{} was called at {now}, and wants to be called at {wake:?}", CAST[who])
    })
}

/// 12, of its wakes: whoever was called wants to be called again later than now.
pub fn twelve_wakes(world: &World, who: usize) -> Outcome {
    let actor = &world.actors[who];
    let Some(terminal) = actor.terminal.as_ref().filter(|_| !actor.hung) else { return Ok(()) };
    let now = actor.now(world.ms).ms;
    // What is due at this very moment is being done, one terminal after the other.
    let late = terminal.wake().is_some_and(|wake| wake.at < now);
    unless(!late || world.next().is_some_and(|next| next <= world.ms), 12, || {
        format!("{} wanted to be called at {:?}, and it is {now}", CAST[who], terminal.wake())
    })
}
