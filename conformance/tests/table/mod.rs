//! Tables of what shows something: rows of words, and tests that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keyrota_conformance::case::{self, Case};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All cases, by their identifiers.
pub(crate) fn cases() -> BTreeMap<String, Case> {
    let files = case::read(&case::default_directory()).expect("vectors");
    let all = files.into_iter().flat_map(|file| file.cases);
    all.map(|case| (case.id.clone(), case)).collect()
}

/// The rows of a table: so many words each, and a remark that may follow a `#`.
pub(crate) fn rows<const N: usize>(path: &str) -> Vec<([String; N], String)> {
    let table = read(path);
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (words, remark) = line.split_once(" #").unwrap_or((line, ""));
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            (words.try_into().unwrap_or_else(|_| panic!("{line}")), remark.trim().to_owned())
        })
        .collect()
}

/// Fails unless there is a test of this name: `FILE::FUNCTION`.
pub(crate) fn assert_is_test(what: &str, test: &str) {
    let (file, function) =
        test.split_once("::").unwrap_or_else(|| panic!("{what}: {test} is no test"));
    let source = read(file);
    let head = format!("fn {function}()");
    // The attribute, perhaps others, then the function.
    let mut lines = source.lines().rev().skip_while(|line| !line.starts_with(&head));
    assert!(lines.next().is_some(), "{what}: there is no {test}");
    let mut attributes = lines.take_while(|line| !line.is_empty() && *line != "}");
    assert!(attributes.any(|line| line == "#[test]"), "{what}: {test} is no test");
}
