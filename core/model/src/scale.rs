//! What a channel of so many costs, in a [crowd](crate::crowd) under flood limits: joining, renewing the key, excluding,
//! standing in for who is silent, and coming together after a split.

use std::fmt::Write;

use keyrota::spec::limits::SEALED_GAP;

use crate::crowd::{Crowd, SEATS};

/// What is measured.
pub const NAMES: [&str; 5] = ["join", "refresh", "exclusion", "fail-over", "heal"];
/// No channel of more is measured.
pub const MOST_MEMBERS: usize = 10_000;
/// A seat is given by rule once in so long, and a little more; in milliseconds.
const SEATED: u64 = 660_000;
/// From one who joins to the next, in milliseconds.
const APART: u64 = 2_000;
/// Whatever takes longer has failed; in milliseconds.
const MOST: u64 = 7_200_000;
/// How long after the goal lines still count: repetitions of what was done already.
const AFTER: u64 = 300_000;

/// What something cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Lines, of all.
    pub lines: usize,
    /// Characters of these lines.
    pub bytes: usize,
    /// Most lines of one who had no seat, and was given none.
    pub each: usize,
    /// Milliseconds until all had the key.
    pub ms: u64,
    /// Keys that were made.
    pub rotations: usize,
}

/// A channel that has so many, and one more who has not joined yet; the first three are seated.
///
/// # Errors
/// If they do not come to one key.
pub fn grown(count: usize, loud: bool) -> Result<Crowd, String> {
    let mut crowd = Crowd::new(count + 1, loud);
    for who in 0..count {
        crowd.grow(who, if who < SEATS { SEATED } else { APART });
    }
    crowd.run(crowd.ms + SEATED, None);
    crowd.agreed().map(|_| ()).ok_or(format!("{count} have no key in common"))?;
    Ok(crowd)
}

/// Lets something happen, and time pass until all who are here seal under one key: another one, if
/// `new`.
///
/// # Errors
/// If they do not within two hours.
pub fn measure(crowd: &mut Crowd, new: bool, act: impl FnOnce(&mut Crowd)) -> Result<Cost, String> {
    let before = if new { crowd.agreed() } else { None };
    let (start, sent, rotations) = (crowd.ms, crowd.sent.len(), crowd.rotations);
    let seats: Vec<bool> = (0..crowd.count()).map(|who| crowd.is_seated(who)).collect();
    act(crowd);
    if !crowd.run(start + MOST, Some(before)) {
        let keys = crowd.keys();
        return Err(format!("no key in common after {} s, but {keys:?}", MOST / 1_000));
    }
    let ms = crowd.ms - start;
    crowd.run(crowd.ms + AFTER, None);
    let lines = &crowd.sent[sent..];
    let mut each = vec![0; crowd.count()];
    let others = lines.iter().filter(|line| !seats[line.who] && !crowd.is_seated(line.who));
    others.for_each(|line| each[line.who] += 1);
    Ok(Cost {
        lines: lines.len(),
        bytes: lines.iter().map(|line| line.text.len()).sum(),
        each: each.into_iter().max().unwrap_or(0),
        ms,
        rotations: crowd.rotations - rotations,
    })
}

/// What each of [`NAMES`] costs where so many are.
///
/// # Errors
/// Which of them did not come to an end.
pub fn costs(count: usize, loud: bool) -> Result<[Cost; 5], String> {
    let mut crowd = grown(count - 1, loud)?;
    let last = count - 1;
    let named = |which: usize| move |why: String| format!("{count}, {}: {why}", NAMES[which]);
    let join = measure(&mut crowd, false, |crowd| crowd.join(last)).map_err(named(0))?;
    let refresh = measure(&mut crowd, true, |crowd| crowd.refresh(0)).map_err(named(1))?;
    crowd.split();
    crowd.run(crowd.ms + 2 * SEALED_GAP, None);
    let heal = measure(&mut crowd, false, Crowd::heal).map_err(named(4))?;
    crowd.run(crowd.ms + SEATED, None);
    let leave = measure(&mut crowd, true, |crowd| crowd.quit(last)).map_err(named(2))?;
    crowd.join(last);
    crowd.run(crowd.ms + SEATED, None);
    let first = crowd.first().ok_or("nobody renews the key")?;
    crowd.hang(first, true);
    let silent = measure(&mut crowd, true, |crowd| crowd.refresh(last)).map_err(named(3))?;
    Ok([join, refresh, leave, silent, heal])
}

/// Seconds with one digit.
pub fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1_000, ms % 1_000 / 100)
}

/// The head of the table.
pub fn head() -> String {
    let titles = NAMES.iter().fold(String::new(), |mut titles, name| {
        let _ = write!(titles, " | {name:>26}");
        titles
    });
    let units = " |  lines      bytes  seconds".repeat(NAMES.len());
    format!("members{titles}\n       {units}")
}

/// One row of it.
pub fn row(count: usize, costs: &[Cost]) -> String {
    costs.iter().fold(format!("{count:>7}"), |mut row, cost| {
        let _ = write!(row, " | {:>6} {:>10} {:>8}", cost.lines, cost.bytes, seconds(cost.ms));
        row
    })
}
