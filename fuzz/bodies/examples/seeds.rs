//! Writes first inputs for the targets into a folder, one folder a target: from the worked examples of the
//! specification, from what terminals say in the model checker's worlds, and from the conformance vectors
//! and golden states, wherever these are.
//!
//! `fuzz/run seeds` calls it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use keyrota::spec::{Certificate, Evidence, Frame, armor};
use keyrota_fuzz_bodies::TARGETS;
use keyrota_model::schedule;
use keyrota_model::script;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn main() -> std::io::Result<()> {
    let Some(out) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("seeds FOLDER");
        std::process::exit(2);
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut frames, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for chapter in ["spec/03-wire.md", "spec/04-armour.md", "spec/16-conversations.md"] {
        let text = std::fs::read_to_string(root.join(chapter))?;
        for block in text.split("<!-- example ").skip(1) {
            let lines = block.lines().skip(2).take_while(|line| !line.starts_with("```"));
            // Bytes stand before two spaces.
            let bytes = lines.clone().map(|line| line.split("  ").next().unwrap_or_default());
            frames.extend(unhex(&bytes.collect::<String>()));
            texts.extend(
                lines
                    .filter(|line| line.starts_with("+K") || line.starts_with("+k"))
                    .map(str::to_owned),
            );
        }
    }
    let mut vectors = Vec::new();
    find(&root.join("conformance"), "json", &mut vectors);
    for file in vectors {
        let text = std::fs::read_to_string(file)?;
        // Whatever is quoted: of what is no frame the targets make nothing.
        for quoted in text.split('"').skip(1).step_by(2) {
            frames.extend(unhex(quoted).filter(|bytes| bytes.len() > 2));
            if armor::parse(quoted).is_some() {
                texts.insert(quoted.to_owned());
            }
        }
    }
    let mut states = Vec::new();
    for seed in 0..12 {
        let (setting, count) = schedule::setting(seed);
        let played = schedule::explore(setting, count);
        let terminals = played.world.actors.iter().filter_map(|actor| actor.terminal.as_ref());
        terminals.for_each(|terminal| states.push(terminal.save().to_vec()));
        texts.extend(
            played
                .world
                .lines
                .into_iter()
                .map(|line| line.text)
                .filter(|text| armor::parse(text).is_some()),
        );
    }
    for text in &texts {
        if let Some(armor::Line::Whole(bytes)) = armor::parse(text) {
            frames.insert(bytes);
        }
    }
    for text in &texts {
        store(&out, "armor", text.as_bytes())?;
        store(&out, "differential", text.as_bytes())?;
    }
    let mut records = Vec::new();
    for frame in &frames {
        for target in ["armor", "frame", "differential"] {
            store(&out, target, frame)?;
        }
        match Frame::decode(frame) {
            Ok(Frame::Hello { hello, .. }) => {
                store(&out, "certificate", &hello.hello.certificate.to_bytes())?;
                store(&out, "frame", &hello.to_bytes())?;
            }
            Ok(Frame::Announce { record, author }) => records.push((record, author)),
            _ => {}
        }
        if Certificate::from_bytes(frame).is_ok() {
            store(&out, "certificate", frame)?;
        }
    }
    for (one, author) in &records {
        store(&out, "frame", &one.record.to_bytes())?;
        for (other, _) in &records {
            if let Some(evidence) = Evidence::new(*author, one.clone(), other.clone()) {
                store(&out, "frame", &evidence.to_bytes())?;
            }
        }
    }
    let mut golden = Vec::new();
    find(&root.join("core/tests/golden"), "bin", &mut golden);
    for file in golden {
        states.push(std::fs::read(file)?);
    }
    for state in states {
        store(&out, "saved_state", &state)?;
    }
    for mode in MODES {
        store(&out, "mode", mode.as_bytes())?;
    }
    for file in scripts(&root) {
        let script = std::fs::read_to_string(file)?;
        for op in script::parse(&script).unwrap_or_default() {
            if let keyrota_model::op::Op::Mode(_, modes) = op {
                store(&out, "mode", modes.as_bytes())?;
            }
        }
    }
    // Whatever bytes are a schedule.
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    for (target, count, longest) in [
        ("certificate", 64, 80),
        ("message", 64, 900),
        ("terminal", 96, 2_500),
        ("channel", 64, 250),
    ] {
        for _ in 0..count {
            let mut bytes = vec![0; 1 + rng.next_u32() as usize % longest];
            rng.fill_bytes(&mut bytes);
            store(&out, target, &bytes)?;
        }
    }
    for (target, _) in TARGETS {
        println!("{target}: {}", std::fs::read_dir(out.join(target))?.count());
    }
    Ok(())
}

const MODES: [&str; 8] = [
    "MODE #ryugu +dx-x2 taro hanako jiro",
    "mode #ryugu -c",
    "#ryugu +x16 taro",
    "+o-o taro hanako",
    "+ccc-c",
    "-x1 taro",
    "&[x]^ +d {X}~",
    "bdae420de33ff75a18a261efebd6f258",
];

fn scripts(root: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in ["core/model/regressions", "core/examples/scenes"] {
        find(&root.join(folder), "txt", &mut all);
    }
    all
}

/// The files of a folder, and of those in it, with this ending.
fn find(folder: &Path, ending: &str, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, ending, all);
        } else if path.extension().is_some_and(|one| one == ending) {
            all.push(path);
        }
    }
    all.sort();
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |at: usize| char::from(text.as_bytes()[at]).to_digit(16);
    let pairs =
        (0..text.len() / 2).map(|at| Some((digit(2 * at)? << 4 | digit(2 * at + 1)?) as u8));
    if text.len() % 2 == 1 { None } else { pairs.collect() }
}

/// Under a name that follows from the content, as libFuzzer's own do.
fn store(out: &Path, target: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = out.join(target);
    std::fs::create_dir_all(&folder)?;
    let name: String = keyrota::crypto::hash(b"", &[bytes])[..20]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    std::fs::write(folder.join(name), bytes)
}
