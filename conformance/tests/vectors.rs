//! The vector files: generated, of one form, and passed by the core (R-SYS-5).

use std::collections::BTreeMap;

use keyrota_conformance::case::{self, Body, Case, Expected, FLAGS, File, KINDS, LAYERS};
use keyrota_conformance::own::Own;
use keyrota_conformance::run::{Verdict, run};
use keyrota_conformance::testee::Answer;
use keyrota_conformance::{SPEC, generate};

fn files() -> Vec<File> {
    case::read(&case::default_directory()).expect("vectors")
}

#[test]
fn the_files_are_what_is_generated() {
    for file in generate::all() {
        let path = case::default_directory().join(format!("{}.json", file.kind));
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        let same = there == case::write(&file);
        assert!(same, "{}: `keyrota-conformance generate` writes it anew", path.display());
    }
}

#[test]
fn the_core_passes_all_vectors() {
    let mut own = Own::default();
    for case in files().iter().flat_map(|file| &file.cases) {
        let outcome = run(case, &mut own);
        assert_eq!(outcome.verdict, Verdict::Passed, "{}", case.id);
    }
}

#[test]
fn every_kind_has_a_file_that_is_of_it() {
    let files = files();
    let kinds: Vec<&str> = files.iter().map(|file| &*file.kind).collect();
    assert_eq!(kinds, KINDS);
    for file in &files {
        assert_eq!(file.spec, SPEC);
        for case in &file.cases {
            assert_eq!(case.kind(), file.kind, "{}", case.id);
        }
    }
}

#[test]
fn a_case_says_what_it_is() {
    let files = files();
    let mut layers: BTreeMap<&str, usize> = LAYERS.iter().map(|(layer, _)| (*layer, 0)).collect();
    let mut flags: BTreeMap<&str, usize> = FLAGS.iter().map(|(flag, _)| (*flag, 0)).collect();
    for case in files.iter().flat_map(|file| &file.cases) {
        assert!(case.comment.ends_with('.') && !case.spec.is_empty(), "{}", case.id);
        for flag in &case.flags {
            *flags.get_mut(&**flag).unwrap_or_else(|| panic!("{}: flag {flag}", case.id)) += 1;
        }
        for layer in rejecting(case) {
            *layers.get_mut(layer).unwrap_or_else(|| panic!("{}: {layer}", case.id)) += 1;
        }
    }
    assert!(layers.values().chain(flags.values()).all(|count| *count > 0), "{layers:?} {flags:?}");
}

/// The layers that must reject something in a case.
fn rejecting(case: &Case) -> Vec<&str> {
    match &case.body {
        Body::One { expected: Expected::Invalid { layer }, .. } => vec![layer],
        Body::One { .. } => Vec::new(),
        Body::Flow { steps } => {
            let layers = steps.iter().filter_map(|step| match &step.answer {
                Answer::Out(_) => None,
                Answer::Invalid(layer) => Some(layer.as_str()),
                other => panic!("{}: {other:?} is no answer that is right", case.id),
            });
            layers.collect()
        }
    }
}

#[test]
fn what_is_invalid_differs_in_one_thing_from_what_is_valid() {
    let files = files();
    let cases: BTreeMap<&str, &Case> =
        files.iter().flat_map(|file| &file.cases).map(|case| (&*case.id, case)).collect();
    for (id, case) in &cases {
        let Body::One { operation, input, expected } = &case.body else { continue };
        let Expected::Invalid { .. } = expected else {
            assert_eq!(case.from, None, "{id}");
            continue;
        };
        let from = case.from.as_deref().unwrap_or_else(|| panic!("{id}: differs from what?"));
        let other = cases.get(from).unwrap_or_else(|| panic!("{id}: there is no {from}"));
        let Body::One { operation: same, input: valid, expected: Expected::Valid { .. } } =
            &other.body
        else {
            panic!("{id}: {from} is not valid")
        };
        assert_eq!(operation, same, "{id}");
        assert!(input.keys().eq(valid.keys()), "{id}");
        let differ = input.iter().filter(|(name, value)| valid.get(*name) != Some(value));
        assert_eq!(differ.count(), 1, "{id}");
    }
}
