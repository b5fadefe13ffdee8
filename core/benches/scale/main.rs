//! What many members and many channels take, as tables in Markdown: `cargo bench -p keyrota --bench
//! scale`.
//!
//! Times are medians of single events, until the terminal is done with them. Bytes are those asked of the
//! allocator and not given back.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark has a clock, and stops at what it did not expect"
)]

mod crowd;

use std::time::{Duration, Instant};

use allocation_counter::measure;
use keyrota::{Authentication, Command, Event};

use crowd::{CHANNEL, Member, Site};

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const CHANNELS: [usize; 3] = [10, 100, 1_000];
/// How often each event is timed.
const ROUNDS: usize = 99;

fn main() {
    members();
    channels();
}

fn timed(act: impl FnOnce()) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}

/// In microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// The bytes that remain of what `act` does, for each of so many.
fn bytes(count: usize, act: impl FnOnce()) -> i64 {
    measure(act).bytes_current / i64::try_from(count).expect("few")
}

/// All introduce themselves to one terminal, ask it for the key, and get it; then some leave.
fn members() {
    let all: Vec<Member> = (0..SIZES[2]).map(|number| Member::new(number, true)).collect();
    println!("| members | list of names, µs a name | join, µs | nick, µs | part, µs | quit, µs |");
    println!("|--:|--:|--:|--:|--:|--:|");
    let mut memory = Vec::new();
    for size in SIZES {
        let crowd = &all[..size];
        let mut site = Site::founder(crowd, |_| {});
        let occupant = bytes(size, || crowd.iter().for_each(|one| site.join(&one.nick)));
        let member = bytes(size, || {
            crowd.iter().for_each(|one| site.introduced(one));
            site.wait(1_000_000);
            // What was taken for a while is given back.
            site.wait(1);
        });
        assert!(crowd.iter().all(|one| site.is_present(one)), "all were met");
        let mut times: [Vec<Duration>; 4] = Default::default();
        for round in 0..ROUNDS {
            let nick = &crowd[round * size / ROUNDS].nick;
            times[0].push(timed(|| site.join("visitor")));
            times[1].push(timed(|| site.event(Event::Nick { old: nick, new: "other" })));
            times[2].push(timed(|| site.part("other")));
            times[3].push(timed(|| site.event(Event::Quit { nick: "visitor" })));
        }
        let [join, nick, part, quit] = times.map(median);
        let names: Vec<(&str, bool)> =
            crowd.iter().map(|one| (one.nick.as_str(), false)).chain([("me", true)]).collect();
        let lists = (0..9).map(|_| {
            let mut site = Site::founder([], |_| {});
            timed(|| site.event(Event::Names { channel: CHANNEL, names: &names }))
        });
        let list = median(lists.collect()) / size as f64;
        println!("| {size} | {list:.2} | {join:.1} | {nick:.1} | {part:.1} | {quit:.1} |");
        let mut store = Authentication::default();
        let pin = bytes(size, || {
            assert!(crowd.iter().all(|one| store.pin(one.name.clone(), one.id)), "there is room");
        });
        memory.push((size, occupant, member, pin));
    }
    println!();
    println!("| members | occupant, bytes | and a member | together | pin of its name |");
    println!("|--:|--:|--:|--:|--:|");
    for (size, occupant, member, pin) in memory {
        let both = occupant + member;
        println!("| {size} | {occupant} | {member} | {both} | {pin} |");
    }
}

/// One terminal alone in each of so many channels, but for one who is in one of them.
fn channels() {
    println!();
    println!(
        "| channels | bytes each | tick, µs | plain line, µs | text sealed, µs | quit of one, µs |"
    );
    println!("|--:|--:|--:|--:|--:|--:|");
    for count in CHANNELS {
        let mut site = Site::new([], |_| {});
        let names: Vec<String> = (0..count).map(|number| format!("#c{number:04}")).collect();
        let size = bytes(count, || names.iter().for_each(|name| site.enter(name)));
        let mut times: [Vec<Duration>; 4] = Default::default();
        for round in 0..ROUNDS {
            let channel = names[round * count / ROUNDS].as_str();
            site.event(Event::Join { channel, nick: "visitor" });
            // Something is due in each channel at some time; here in none.
            site.wait(10_000);
            times[0].push(timed(|| site.event(Event::Tick)));
            let line = Event::Line { channel, nick: "visitor", text: "hello" };
            times[1].push(timed(|| site.event(line)));
            let now = site.now();
            times[2].push(timed(|| {
                let say = Command::Say { channel, text: "hello", signed: Some(false) };
                site.terminal.command(now, say).expect("said").for_each(drop);
            }));
            times[3].push(timed(|| site.event(Event::Quit { nick: "visitor" })));
        }
        let [tick, line, text, quit] = times.map(median);
        println!("| {count} | {size} | {tick:.1} | {line:.1} | {text:.1} | {quit:.1} |");
    }
}
