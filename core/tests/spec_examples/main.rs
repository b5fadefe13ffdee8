//! Every worked example of the specification, computed anew and compared letter by letter (R-SYS-2).
//!
//! An example stands in a chapter as a block below a line `<!-- example NAME -->`. Here it is made
//! from the inputs that the text names, with the core's primitives and none of its derivations: so
//! a rule that the core and the chapter understand differently shows. With `KEYROTA_BLESS=1` the
//! blocks are written instead.

mod block;
mod cast;
mod frames;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The blocks that should stand there, by name.
fn examples() -> BTreeMap<&'static str, String> {
    let cast = cast::Cast::new();
    frames::blocks(&cast).into_iter().chain(values::blocks(&cast)).collect()
}

/// The chapters that are there, with their texts.
fn chapters() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let mut chapters: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of the specification")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| !path.ends_with("README.md"))
        .map(|path| (path.clone(), std::fs::read_to_string(path).expect("a chapter")))
        .collect();
    chapters.sort();
    chapters
}

/// The chapter with the block of each example put in, and the names of those that it has.
fn with_examples(
    chapter: &str,
    examples: &BTreeMap<&'static str, String>,
) -> (String, Vec<String>) {
    let (mut text, mut names) = (String::new(), Vec::new());
    let mut rest = chapter;
    while let Some((before, after)) = rest.split_once("<!-- example ") {
        let (name, after) = after.split_once(" -->\n").expect("the end of a marker");
        let block = examples.get(name).unwrap_or_else(|| panic!("no example {name:?} is known"));
        text += &format!("{before}<!-- example {name} -->\n```text\n{block}```\n");
        names.push(name.to_owned());
        rest = match after.strip_prefix("```text\n") {
            Some(old) => old.split_once("```\n").expect("the end of a block").1,
            None => after,
        };
    }
    (text + rest, names)
}

#[test]
fn the_examples_of_the_chapters_are_what_comes_out() {
    let examples = examples();
    let bless = std::env::var_os("KEYROTA_BLESS").is_some();
    let mut seen = BTreeSet::new();
    for (path, chapter) in chapters() {
        let (text, names) = with_examples(&chapter, &examples);
        for name in names {
            assert!(seen.insert(name.clone()), "{name:?} stands twice");
        }
        if bless && text != chapter {
            std::fs::write(&path, text).expect("the chapter can be written");
        } else {
            for (there, ours) in chapter.lines().zip(text.lines()) {
                assert_eq!(there, ours, "in {}", path.display());
            }
            assert_eq!(chapter.len(), text.len(), "{} ends early", path.display());
        }
    }
    let names: BTreeSet<String> = examples.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(seen, names, "examples in the chapters, and known here");
}
