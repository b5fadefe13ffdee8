//! A schedule as a picture: members as columns, time going down, lines as arrows, keys as colours.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use keyrota::spec::{Frame, KeyId, armor};

use crate::checker::Checker;
use crate::liveness;
use crate::op::{CAST, Op};
use crate::world::{Setting, World};

const LEFT: u32 = 300;
const COLUMN: u32 = 150;
const TOP: u32 = 60;
/// Least distance of two rows with writing in them.
const ROW: u32 = 15;

/// Colours of keys, in the order in which these come.
const COLOURS: [&str; 10] = [
    "#2b6cb0", "#c05621", "#2f855a", "#b83280", "#6b46c1", "#b7791f", "#2c7a7b", "#c53030",
    "#4a5568", "#718096",
];

/// Whether an operation is what the network, a clock, a crash or a hostile hand does, and not what a user wants.
fn is_fault(op: &Op) -> bool {
    matches!(
        op,
        Op::Cut(_)
            | Op::Kick(_)
            | Op::Clone(..)
            | Op::Hang(_)
            | Op::Wake(_)
            | Op::Crash(_)
            | Op::Restart(..)
            | Op::Split(_)
            | Op::Heal(_)
            | Op::Lose(..)
            | Op::Hold(..)
            | Op::Lag(..)
            | Op::Repeat(_)
            | Op::Take(..)
            | Op::Miss(..)
            | Op::Mute(..)
            | Op::Choke(..)
            | Op::Clock(..)
            | Op::Pace(..)
            | Op::Lie(..)
            | Op::Replay(..)
            | Op::Alter(..)
            | Op::Noise(..)
            | Op::Flood(..)
            | Op::Rogue(..)
    )
}

/// What stands at the left.
struct Typed {
    at: u64,
    what: String,
    colour: &'static str,
}

impl From<&(u64, Op)> for Typed {
    fn from((at, op): &(u64, Op)) -> Self {
        let colour = if is_fault(op) { "#c53030" } else { "#1a202c" };
        Self { at: *at, what: op.to_string(), colour }
    }
}

/// What a line carries.
fn kind(text: &str) -> &'static str {
    let bytes = match armor::parse(text) {
        None => return "in the clear",
        Some(armor::Line::Part { .. }) => return "a part",
        Some(armor::Line::Whole(bytes)) => bytes,
    };
    match Frame::decode(&bytes) {
        Ok(Frame::Text { .. }) => "text",
        Ok(Frame::Hello { hello, .. }) if hello.hello.ask.is_some() => "Hello, asks",
        Ok(Frame::Hello { relayed: true, .. }) => "Hello of another",
        Ok(Frame::Hello { .. }) => "Hello",
        Ok(Frame::Refresh { .. }) => "refresh",
        Ok(Frame::Sealed { .. }) => "sealed key",
        Ok(Frame::Boxes { .. }) => "boxes",
        Ok(Frame::Announce { .. }) => "record",
        Ok(Frame::Query(_)) => "query",
        Ok(Frame::Refusal { .. }) => "refusal",
        _ => "noise",
    }
}

/// Where a time of the world stands in the picture.
struct Scale(BTreeMap<u64, u32>);

impl Scale {
    /// Long waits are made short, so that what happens can be read.
    fn new(times: &BTreeMap<u64, u32>) -> Self {
        let mut at = TOP;
        let mut last = 0;
        let mut scale = BTreeMap::new();
        for (time, writing) in times {
            let passed = time.saturating_sub(last);
            at += 3 + 2 * (passed / 20).checked_ilog2().unwrap_or(0);
            scale.insert(*time, at);
            at += ROW * writing;
            last = *time;
        }
        Self(scale)
    }

    fn of(&self, time: u64) -> u32 {
        self.0.range(..=time).next_back().map_or(TOP, |(_, at)| *at)
    }
}

fn x(who: usize) -> u32 {
    LEFT + COLUMN / 2 + COLUMN * u32::try_from(who).unwrap_or(0)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Plays a schedule, and lets the network [settle](liveness::settle), as far as all holds, and draws it;
/// an SVG document.
pub fn draw(setting: Setting, ops: &[Op]) -> String {
    let mut world = World::new(setting);
    let mut checker = Checker::new(&world);
    let mut violation = ops.iter().find_map(|op| checker.apply(&mut world, op).err());
    let mut typed: Vec<Typed> = checker.done.iter().map(Typed::from).collect();
    if violation.is_none() {
        let (begun, whole) = (typed.len(), "the network is made whole".into());
        typed.push(Typed { at: world.ms, what: whole, colour: "#2f855a" });
        violation = liveness::settle(&mut checker, &mut world).err();
        typed.extend(checker.done[begun..].iter().map(Typed::from));
    }
    let mut times = BTreeMap::<u64, u32>::new();
    for Typed { at, .. } in &typed {
        *times.entry(*at).or_insert(0) += 1;
    }
    for line in &world.lines {
        *times.entry(line.at).or_insert(0) += 1;
    }
    for at in checker.taken.iter().map(|taken| taken.2).chain(checker.turned.iter().map(|t| t.0)) {
        times.entry(at).or_insert(0);
    }
    times.entry(world.ms).or_insert(2);
    let scale = Scale::new(&times);
    // Those of one time stand below one another.
    let mut rows = BTreeMap::<u64, u32>::new();
    let mut row = |at: u64| {
        let used = rows.entry(at).or_insert(0);
        let y = scale.of(at) + *used * ROW;
        *used += 1;
        y
    };
    let mut body = String::new();
    lifelines(&mut body, &world, &checker, &scale);
    for Typed { at, what, colour } in typed {
        let (y, text) = (row(at) + 4, escaped(&what));
        let seconds = format!("{}.{:03}", at / 1_000, at % 1_000);
        let _ = write!(body, "<text x='8' y='{y}' fill='#718096'>{seconds}</text>");
        let _ = writeln!(body, "<text x='80' y='{y}' fill='{colour}'>{text}</text>");
    }
    let mut heard = BTreeMap::<usize, Vec<(usize, u64)>>::new();
    for (number, who, at) in &checker.taken {
        heard.entry(*number).or_default().push((*who, *at));
    }
    for (number, line) in world.lines.iter().enumerate() {
        let forged = line.author.is_none();
        let Some(from) = line.author.or_else(|| world.called(&line.nick)) else { continue };
        let colour = if forged { "#c53030" } else { "#4a5568" };
        let (x1, y1) = (x(from), row(line.at));
        let heard = heard.remove(&number).unwrap_or_default();
        for (who, at) in &heard {
            let (x2, y2) = (x(*who), scale.of(*at).max(y1));
            let x2 = if x2 > x1 { x2 - 4 } else { x2 + 4 };
            let _ = writeln!(
                body,
                "<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='{colour}' \
                 marker-end='url(#arrow)'/>"
            );
        }
        if heard.is_empty() {
            let _ = write!(body, "<text x='{x1}' y='{y1}' fill='#c53030'> ✕ </text>");
        }
        let _ = writeln!(
            body,
            "<circle cx='{x1}' cy='{y1}' r='2.5' fill='{colour}'/>\
             <text x='{}' y='{}' fill='{colour}' font-size='10'>{}</text>",
            x1 + 6,
            y1 - 3,
            kind(&line.text)
        );
    }
    let height = scale.of(world.ms) + 3 * ROW;
    if let Some(violation) = violation {
        let text = escaped(&violation.to_string());
        let _ = writeln!(
            body,
            "<text x='8' y='{}' fill='#c53030' font-weight='bold'>{text}</text>",
            height - ROW
        );
    }
    let width = LEFT + COLUMN * u32::try_from(world.actors.len()).unwrap_or(0);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' \
         viewBox='0 0 {width} {height}' font-family='sans-serif' font-size='11'>\n\
         <defs><marker id='arrow' viewBox='0 0 6 6' refX='6' refY='3' markerWidth='6' \
         markerHeight='6' orient='auto'><path d='M0 0 L6 3 L0 6 z' fill='#4a5568'/></marker></defs>\n\
         <rect width='100%' height='100%' fill='white'/>\n{body}</svg>\n"
    )
}

/// A line down for each, in the colour of the key that is current for it.
fn lifelines(body: &mut String, world: &World, checker: &Checker, scale: &Scale) {
    let mut keys: Vec<KeyId> = Vec::new();
    for (.., key) in &checker.turned {
        keys.extend(key.filter(|key| !keys.contains(key)));
    }
    let colour = |key: Option<KeyId>| {
        let at = key.and_then(|key| keys.iter().position(|other| *other == key));
        at.map_or("#e2e8f0", |at| COLOURS[at % COLOURS.len()])
    };
    let end = scale.of(world.ms) + ROW;
    let mut named = BTreeSet::new();
    for (who, name) in CAST.iter().enumerate().take(world.actors.len()) {
        let x = x(who);
        let _ = writeln!(
            body,
            "<text x='{x}' y='{}' text-anchor='middle' font-size='13' font-weight='bold'>{}</text>",
            TOP - 20,
            name
        );
        let turns = checker.turned.iter().filter(|(_, whose, _)| *whose == who);
        let turns: Vec<(u32, Option<KeyId>)> = std::iter::once((TOP, None))
            .chain(turns.map(|(at, _, key)| (scale.of(*at), *key)))
            .collect();
        let ends = turns.iter().skip(1).map(|(y, _)| *y).chain([end]);
        for ((y1, key), y2) in turns.iter().zip(ends) {
            let colour = colour(*key);
            let width = if key.is_some() { 5 } else { 2 };
            let _ = writeln!(
                body,
                "<line x1='{x}' y1='{y1}' x2='{x}' y2='{y2}' stroke='{colour}' \
                 stroke-width='{width}'/>"
            );
            if let Some(key) = key.filter(|key| named.insert(*key)) {
                let short: String = key.to_string().chars().take(6).collect();
                let _ = writeln!(
                    body,
                    "<text x='{}' y='{}' text-anchor='end' fill='{colour}' font-size='10' \
                     font-family='monospace'>{short}</text>",
                    x - 6,
                    y1 + 9
                );
            }
        }
    }
}
