//! The vector files have the form that their schemas give them.

use keyrota_conformance::case::{KINDS, default_directory};
use serde_json::Value;

fn read(path: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

#[test]
fn every_file_has_the_form_of_its_schema() {
    for kind in KINDS {
        let vectors = default_directory().join(format!("{kind}.json"));
        let schema = read(&vectors.with_file_name(format!("../schema/{kind}.json")));
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let mut file = read(&vectors);
        if let Err(error) = validator.validate(&file) {
            panic!("{kind}, {}: {error}", error.instance_path());
        }
        // And not any other form: each case without each of its fields, and with one that it has not.
        for at in 0..file["cases"].as_array().map_or(0, Vec::len).min(50) {
            let case = file["cases"][at].clone();
            let names: Vec<String> = case.as_object().expect("a case").keys().cloned().collect();
            for name in names.iter().filter(|name| *name != "flags") {
                file["cases"][at].as_object_mut().expect("a case").shift_remove(name);
                assert!(!validator.is_valid(&file), "{kind}: {} without {name}", case["id"]);
                file["cases"][at] = case.clone();
            }
            file["cases"][at]["more"] = Value::Bool(true);
            assert!(!validator.is_valid(&file), "{kind}: {} with more", case["id"]);
            file["cases"][at] = case;
        }
    }
}
