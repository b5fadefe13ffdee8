//! A child process whose memory is read.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::process::{ChildStdout, Command, Stdio};

use crate::play::Seeds;

/// What the child is told apart by.
const CHILD: &str = "KEYROTA_WIPED_CHILD";
/// What it says before the name of a stage.
const STAGE: &str = "stage ";

pub(crate) fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Without a buffer, which would keep what it read.
fn read(bytes: &mut [u8]) {
    File::open("/dev/stdin").and_then(|mut input| input.read_exact(bytes)).expect("input");
}

/// In the child: the seeds, from standard input.
pub(crate) fn read_seeds() -> Seeds {
    let mut seeds = Seeds::default();
    seeds.iter_mut().for_each(|seed| read(seed));
    seeds
}

/// In the child: says where it is, and where its stack, and waits.
pub(crate) fn stop(stage: &str) {
    let mut byte = [0];
    println!("\n{STAGE}{stage} {}", byte.as_ptr().addr());
    read(&mut byte);
}

/// Where something is in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Stack,
    Elsewhere,
}

/// The process that plays.
pub(crate) struct Child {
    process: std::process::Child,
    output: BufReader<ChildStdout>,
    /// All that it can write to, where it stopped last.
    memory: Vec<(Place, Vec<u8>)>,
    /// Where in it each eight bytes begin: the region, and the place in it.
    heads: HashMap<[u8; 8], Vec<(usize, usize)>>,
}

impl Child {
    /// Runs a test of this program in a process of its own.
    pub(crate) fn begin(test: &str, seeds: &Seeds) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", test, "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let mut child = Self { process, output, memory: Vec::new(), heads: HashMap::new() };
        child.write(&seeds.concat());
        child
    }

    fn write(&mut self, bytes: &[u8]) {
        let input = self.process.stdin.as_mut().expect("its input");
        input.write_all(bytes).and_then(|()| input.flush()).expect("it reads");
    }

    /// Waits until it stops at a stage, and reads its memory.
    pub(crate) fn reach(&mut self, stage: &str) {
        let stack = loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).expect("its output") > 0, "it ended");
            if let Some(told) = line.strip_prefix(STAGE) {
                let (name, stack) = told.trim_end().split_once(' ').expect("both");
                assert_eq!(name, stage);
                break stack.parse().expect("an address");
            }
        };
        self.read(stack);
    }

    fn read(&mut self, stack: u64) {
        let id = self.process.id();
        let maps = std::fs::read_to_string(format!("/proc/{id}/maps")).expect("its regions");
        let file = File::open(format!("/proc/{id}/mem")).expect("its memory");
        self.memory.clear();
        for line in maps.lines() {
            let (range, rest) = line.split_once(' ').expect("a range and its rights");
            if !rest.starts_with("rw") {
                continue;
            }
            let (from, to) = range.split_once('-').expect("from and to");
            let [from, to] = [from, to].map(|at| u64::from_str_radix(at, 16).expect("an address"));
            let mut bytes = vec![0; usize::try_from(to - from).expect("it fits")];
            file.read_exact_at(&mut bytes, from).expect("its memory");
            let place = if (from..to).contains(&stack) { Place::Stack } else { Place::Elsewhere };
            self.memory.push((place, bytes));
        }
        self.heads.clear();
        for (region, (_, bytes)) in self.memory.iter().enumerate() {
            for (at, head) in bytes.windows(8).enumerate().filter(|(_, head)| **head != [0; 8]) {
                let head = head.try_into().expect("8 bytes");
                self.heads.entry(head).or_default().push((region, at));
            }
        }
    }

    /// Where a secret is, or half of it: what was given back has other things written to its beginning.
    pub(crate) fn find(&self, secret: &[u8; 32]) -> Vec<Place> {
        let mut found = Vec::new();
        for half in secret.chunks(16) {
            let places = self.heads.get(half.first_chunk::<8>().expect("more"));
            for (region, at) in places.into_iter().flatten() {
                let (place, bytes) = &self.memory[*region];
                if bytes[*at..].starts_with(half) {
                    found.push(*place);
                }
            }
        }
        if found.contains(&Place::Stack) {
            eprintln!("on the stack: {secret:02x?}");
        }
        found
    }

    pub(crate) fn go_on(&mut self) {
        self.write(&[0]);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
