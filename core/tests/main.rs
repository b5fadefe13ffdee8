//! The tests by topic, in one binary: the rig is built once. A test here fails if a topic is left out.

#[path = "../benches/scale/crowd.rs"]
mod crowd;
#[path = "forgers/peer.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod peer;
mod rig;

mod authentication;
mod barring;
mod besides;
mod casemap;
mod channel;
mod channels;
mod clocks;
mod clones;
mod coming_back;
mod consent;
mod costs;
mod direct;
mod direct_siege;
mod distribute;
mod doubted;
mod duties;
mod ends;
mod exclusion;
mod expiry;
mod few;
mod founders;
mod gates;
mod grant_rules;
mod kept;
mod lags;
mod mode;
mod netsplit;
mod nicks;
mod nobody;
mod obtain;
mod old_keys;
mod one_each;
mod pins;
mod proofs;
mod queued;
mod quiet;
mod remembered;
mod removed;
mod renewal;
mod repair;
mod returning;
mod rights;
mod roster;
mod roster_history;
mod rule;
mod saving;
mod scale;
mod sealing;
mod shares;
mod siege;
mod signed_twice;
mod spec_names;
mod stolen;
mod storm;
mod talking;
mod vouching;
mod waits;

/// Each file and folder of tests is a topic here, or a binary of its own.
#[test]
fn no_topic_is_left_out() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let own = include_str!("main.rs");
    let manifest = include_str!("../Cargo.toml");
    for entry in std::fs::read_dir(folder).expect("the tests") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let file = path.is_file() && name != "main";
        if file || path.join("main.rs").is_file() {
            let topic = own.contains(&format!("\nmod {name};\n"));
            let binary = manifest.contains(&format!("[[test]]\nname = \"{name}\"\n"));
            assert!(topic != binary, "{} runs once", path.display());
        }
    }
}
