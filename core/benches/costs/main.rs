//! What the protocol costs on this machine, as a table in Markdown: `cargo bench -p keyrota`.
//!
//! A text is measured against the floor: one ECDSA signature and one AES-256-GCM-SIV seal of as
//! many bytes, or one opening and one verification, each in turn with it, so that whatever slows
//! the machine down slows both. Times are medians.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark has a clock, and stops at what it did not expect"
)]

mod site;

use std::hint::black_box;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use keyrota::Command;
use keyrota::crypto::{SigningKey, Tally, VerifyingKey, open_in_place, seal_in_place};

use site::{CHANNEL, Line, Site};

/// Bytes of the texts that are measured, and how many there are.
const TEXT: usize = 256;
const TEXTS: u64 = 4_000;
/// How often everything else is repeated.
const ROUNDS: usize = 9;
const SIZES: [usize; 3] = [10, 100, 1_000];

fn main() {
    println!("| what | members | time | lines | characters |");
    println!("|---|--:|--:|--:|--:|");
    let over = texts();
    refresh();
    SIZES.into_iter().for_each(join);
    SIZES.into_iter().for_each(exclude);
    memory();
    println!();
    println!("Above the floor: sealing {:.1} %, opening {:.1} %.", over[0], over[1]);
}

fn timed<T>(act: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = black_box(act());
    (start.elapsed(), result)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn row(what: &str, members: Option<usize>, time: Duration, lines: &[Line]) {
    let micros = time.as_secs_f64() * 1e6;
    let time = if micros < 10_000.0 {
        format!("{micros:.0} µs")
    } else {
        format!("{:.0} ms", micros / 1e3)
    };
    let characters: usize = lines.iter().map(|line| line.text.len()).sum();
    let number = |number: usize| if number == 0 { String::new() } else { number.to_string() };
    let members = number(members.unwrap_or(0));
    let (lines, characters) = (number(lines.len()), number(characters));
    println!("| {what} | {members} | {time} | {lines} | {characters} |");
}

/// Each text is sealed and opened by terminals, and in turn with that by the primitives alone.
/// Returns by how many percent the terminals take longer.
fn texts() -> [f64; 2] {
    let mut site = Site::of(3);
    let text = "x".repeat(TEXT);
    let say = Command::Say { channel: CHANNEL, text: &text, signed: Some(true) };
    // The first one brings a Hello.
    for line in site.command(1, say.clone()) {
        site.hear(0, &line);
    }
    let signing = SigningKey::from_bytes(&[7; 32]).expect("a key");
    let verifying = VerifyingKey::from_bytes(&signing.public()).expect("a key");
    let (key, context, mut tally) = ([8; 32], [9; 41], Tally::default());
    let mut times: [Vec<Duration>; 4] = Default::default();
    let mut lines = Vec::new();
    for number in 0..TEXTS {
        // No faster than one nick may be verified.
        site.wait(60_000 / (keyrota::spec::limits::CHECKS_PER_MINUTE / 2) + 1);
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        let (floor_seal, mut sealed) = timed(|| {
            let mut sealed = Vec::with_capacity(TEXT + 80);
            sealed.extend_from_slice(text.as_bytes());
            let signature = signing.sign(&mut tally, &[&context, text.as_bytes()]);
            sealed.extend_from_slice(&signature);
            seal_in_place(&key, &nonce, &context, &mut sealed, 0);
            sealed
        });
        let (seal, sent) = timed(|| site.command(1, say.clone()));
        let (floor_open, opened) = timed(|| {
            let opened = open_in_place(&key, &nonce, &context, &mut sealed, 0);
            let (content, signature) = sealed.split_last_chunk::<64>().expect("a signature");
            opened && verifying.verify(&mut tally, &[&context, content], signature)
        });
        assert!(opened, "the floor opens what it sealed");
        let verified = site.terminals[0].tally().verify;
        let (open, ()) = timed(|| {
            for line in &sent {
                site.hear(0, line);
            }
        });
        assert_eq!(site.terminals[0].tally().verify, verified + 1, "a text was opened");
        for (times, time) in times.iter_mut().zip([floor_seal, seal, floor_open, open]) {
            times.push(time);
        }
        lines = sent;
    }
    let [floor_seal, seal, floor_open, open] = times.map(median);
    row("sign and seal 256 bytes: the floor", None, floor_seal, &[]);
    row("seal a text of 256 bytes", None, seal, &lines);
    row("verify and open 256 bytes: the floor", None, floor_open, &[]);
    row("open a text of 256 bytes", None, open, &[]);
    [(seal, floor_seal), (open, floor_open)]
        .map(|(time, floor)| (time.as_secs_f64() / floor.as_secs_f64() - 1.0) * 100.0)
}

/// The whole channel hears one line, of which each member's share is the same whatever its size.
fn refresh() {
    let mut site = Site::of(10);
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut lines = Vec::new();
    for _ in 0..ROUNDS {
        site.wait(70_000);
        // Nobody speaks: it is made at once.
        let refresh = Command::Refresh { channel: CHANNEL };
        let (made, sent) = timed(|| site.command(0, refresh));
        let (taken, _) = timed(|| site.hear(1, &sent[0]));
        assert!(site.agrees(1), "the key was taken");
        times[0].push(made);
        times[1].push(taken);
        lines = sent;
    }
    let [made, taken] = times.map(median);
    row("refresh the key: who makes it", Some(10), made, &lines);
    row("refresh the key: each member", Some(10), taken, &[]);
}

/// From JOIN to being able to read and write, for the newcomer and for whoever answers; every
/// other member verifies both Hellos.
fn join(size: usize) {
    let mut site = Site::of(size);
    let here: Vec<usize> = (0..size).collect();
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut lines = Vec::new();
    for _ in 0..ROUNDS {
        site.wait(3_000);
        let newcomer = site.add();
        site.see(0, newcomer);
        let all = [&here[..], &[newcomer]].concat();
        let (mut own, asked) = timed(|| site.join(newcomer, &all));
        let (answer, answers) = timed(|| site.hear(0, &asked[0]));
        for line in &answers {
            own += timed(|| site.hear(newcomer, line)).0;
        }
        assert!(site.agrees(newcomer), "the newcomer has the key");
        times[0].push(own);
        times[1].push(answer);
        lines = asked;
        lines.extend(answers);
    }
    let [own, answer] = times.map(median);
    row("join: the newcomer, up to the key", Some(size), own, &lines);
    row("join: whoever answers", Some(size), answer, &[]);
}

/// One is barred: a new key is sealed to each of the others, at most 512 of them; the rest ask.
fn exclude(size: usize) {
    let mut site = Site::of(size);
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut lines = Vec::new();
    for round in 0..ROUNDS {
        // Of few each one counts.
        let again = size < 100;
        if again {
            site = Site::of(size);
        }
        let last = size - 1 - if again { 0 } else { round };
        let bar = Command::Bar { channel: CHANNEL, nick: &format!("m{last}") };
        site.wait(70_000);
        let (made, sent) = timed(|| site.command(0, bar));
        for member in 1..=4 {
            let (taken, ()) = timed(|| {
                for line in &sent {
                    site.hear(member, line);
                }
            });
            if site.agrees(member) {
                times[1].push(taken);
            }
        }
        times[0].push(made);
        lines = sent;
    }
    let [made, taken] = times.map(median);
    row("exclude one: who does it", Some(size), made, &lines);
    row("exclude one: each member", Some(size), taken, &[]);
}

/// What a terminal in a channel occupies, and each further member that it knows.
fn memory() {
    let mut site = Site::of(1);
    let size = 1_000;
    let mut known = 0;
    for _ in 1..size {
        site.wait(2_500);
        let number = site.add();
        let asked = site.join(number, &[0, number]);
        let growth = measure(|| {
            site.see(0, number);
            site.hear(0, &asked[0]);
        });
        known += growth.bytes_current;
    }
    let mut joined = Site::of(2);
    let number = joined.add();
    let own = measure(|| {
        joined.join(number, &[0, number]);
    });
    println!();
    println!(
        "Memory: {} bytes for a channel, {} for each further member.",
        own.bytes_current,
        known / (size - 1)
    );
}
