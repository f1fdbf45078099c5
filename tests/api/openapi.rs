//! The document: that the file in the repository is what the program prints, and that it says what a reader needs.

use std::collections::BTreeSet;

use motcua::cli::surface;
use serde_json::Value;

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().iter().map(move |(method, it)| (format!("{method} {path}"), it))
        })
        .collect()
}

#[test]
fn the_file_is_what_the_program_prints() {
    let file =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/v1.json")).unwrap_or_default();
    let printed = surface::document();
    let first = file.lines().zip(printed.text().lines()).position(|(old, new)| old != new);
    assert!(
        file == printed.text(),
        "openapi/v1.json is stale (first difference in line {:?}): run `cargo run -- openapi`",
        first.map(|line| line + 1)
    );
}

#[test]
fn every_operation_says_what_a_reader_needs() {
    let document = surface::document();
    let document = document.value();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut names = BTreeSet::new();
    for (what, operation) in operations(document) {
        let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{what}: no operationId"));
        assert!(
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
            "{what}: {name}"
        );
        assert!(names.insert(name), "{what}: {name} twice");
        for member in ["summary", "description"] {
            assert!(operation[member].as_str().is_some_and(|text| text.len() > 5), "{what}: no {member}");
        }
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(tags.contains(tag) && operation["tags"].as_array().unwrap().len() == 1, "{what}: {tag}");
        assert!(operation["x-roles"].is_array(), "{what}");
        // The two OAuth endpoints have errors of RFC 6749 instead.
        assert!(operation["x-problem-codes"].is_array() || what.contains("/auth/"), "{what}");
        assert!(
            operation["responses"].as_object().unwrap().keys().any(|status| status.starts_with('2')),
            "{what}"
        );
    }
}

/// Problem codes are a promise: each that is named is one of the table.
#[test]
fn every_problem_code_is_known() {
    let document = surface::document();
    for (what, operation) in operations(document.value()) {
        for code in operation["x-problem-codes"].as_array().into_iter().flatten() {
            let code = code.as_str().unwrap();
            assert!(motcua::http::Code::by_name(code).is_some(), "{what}: {code}");
        }
    }
}
