//! Every committed input of every target, and all that ever failed, on a stable compiler (R-SYS-4); and
//! that what belongs together is together.

use std::path::{Path, PathBuf};

use keyrota_fuzz_bodies::{TARGETS, channel};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder, by name; none, if it is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// Runs the whole corpus of a target, and what failed once.
fn replay(target: &str) {
    let (_, body) = TARGETS.into_iter().find(|(name, _)| *name == target).expect("a target");
    let corpus = files(&fuzz().join("corpus").join(target));
    assert!(!corpus.is_empty(), "{target} has no corpus");
    for file in corpus.iter().chain(&files(&fuzz().join("regressions").join(target))) {
        let data = std::fs::read(file).expect("an input");
        if std::panic::catch_unwind(|| body(&data)).is_err() {
            panic!("{}", file.display());
        }
    }
}

#[test]
fn armor() {
    replay("armor");
}

#[test]
fn frame() {
    replay("frame");
}

#[test]
fn certificate() {
    replay("certificate");
}

#[test]
fn mode() {
    replay("mode");
}

#[test]
fn saved_state() {
    replay("saved_state");
}

#[test]
fn message() {
    replay("message");
}

#[test]
fn terminal() {
    replay("terminal");
}

#[test]
fn channel() {
    replay("channel");
}

#[test]
fn differential() {
    replay("differential");
}

/// Schedules are not all of the kind after which nobody need agree.
#[test]
fn channels_of_the_corpus_come_together() {
    let inputs = files(&fuzz().join("corpus/channel")).into_iter();
    let settle =
        inputs.filter(|file| channel::play(&std::fs::read(file).expect("an input")).settles);
    assert_eq!(settle.take(10).count(), 10);
}

/// No target is left out anywhere: bodies, binaries, corpora, and this file have the same.
#[test]
fn every_target_has_a_body_a_binary_and_a_test() {
    let names = TARGETS.map(|(name, _)| name);
    let own = include_str!("replay.rs");
    for name in names {
        assert!(own.contains(&format!("\n#[test]\nfn {name}() {{\n")), "{name}");
    }
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).expect("a manifest");
    let binaries: Vec<&str> =
        manifest.lines().filter_map(|line| line.strip_prefix("path = ")).collect();
    assert_eq!(binaries, names.map(|name| format!("\"fuzz_targets/{name}.rs\"")));
    let stem = |file: &PathBuf| file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let program = std::fs::read_to_string(fuzz().join("run")).expect("the program");
    assert!(names.iter().all(|name| program.contains(&format!("\n    '{name}': ("))));
    for folder in ["dict", "regressions"] {
        for one in files(&fuzz().join(folder)).iter().filter_map(stem) {
            assert!(names.contains(&&*one), "{folder}/{one}");
        }
    }
    for folder in ["fuzz_targets", "corpus"] {
        let mut found: Vec<String> = files(&fuzz().join(folder)).iter().filter_map(stem).collect();
        let mut names = names.to_vec();
        found.sort();
        names.sort_unstable();
        assert_eq!(found, names, "{folder}");
    }
}

/// So much may lie in the repository, in bytes.
const CORPORA_MAX: u64 = 2_000_000;

#[test]
fn the_corpora_are_small() {
    let corpora = files(&fuzz().join("corpus"));
    let inputs = corpora.iter().flat_map(|folder| files(folder));
    let size: u64 = inputs.map(|file| file.metadata().expect("a size").len()).sum();
    assert!(size < CORPORA_MAX, "{size} bytes");
}

/// The targets are built from the versions of dependencies that everything else is.
#[test]
fn both_locks_name_the_same_versions() {
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a lock");
    let packages = |lock: &str| {
        let packages = lock.split("[[package]]").skip(1).filter_map(|package| {
            let mut lines = package.trim().lines();
            Some((lines.next()?.to_owned(), lines.next()?.to_owned()))
        });
        packages.collect::<Vec<_>>()
    };
    let main = packages(&read(fuzz().join("../Cargo.lock")));
    for (name, version) in packages(&read(fuzz().join("Cargo.lock"))) {
        let known = main.iter().any(|(other, _)| *other == name);
        assert!(!known || main.contains(&(name.clone(), version.clone())), "{name}, {version}");
    }
}
