//! What the finished document says by itself.

use serde_json::{Value, json};

use super::service::{ABOUT, routes};
use crate::http::openapi::Document;

fn document() -> Value {
    Document::new(&ABOUT, routes).value().clone()
}

fn statuses(operation: &Value) -> Vec<&str> {
    operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
}

fn headers(operation: &Value) -> Vec<&str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "header").map(|p| p["name"].as_str().unwrap()).collect()
}

#[test]
fn a_post_gets_all_that_follows_from_it() {
    let document = document();
    let create = &document["paths"]["/api/v1/things"]["post"];
    assert_eq!(create["operationId"], "create_thing");
    assert_eq!(create["summary"], "Make a thing.");
    assert_eq!(create["description"], "Makes a thing and gives it a code.");
    assert_eq!(create["x-roles"], json!(["clerk", "post_clerk"]));
    assert_eq!(create["security"], json!([{"oauth2": []}, {"bearer": []}]));
    assert_eq!(headers(create), ["Idempotency-Key"]);
    assert_eq!(statuses(create), ["201", "400", "401", "403", "409", "413", "415", "422", "500", "503"]);
    assert_eq!(
        create["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/MakeThing"
    );
    let example = &create["requestBody"]["content"]["application/json"]["example"];
    assert_eq!((&example["name"], &example["channel"]), (&json!("Bản sao"), &json!("counter")));
    let codes = create["x-problem-codes"].as_array().unwrap();
    for code in ["conflict", "unknown_procedure", "idempotency_key_reused", "invalid_body"] {
        assert!(codes.contains(&json!(code)), "{code}");
    }
    for (status, answer) in create["responses"].as_object().unwrap() {
        if !status.starts_with('2') {
            let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem");
        }
    }
}

#[test]
fn other_operations_get_theirs() {
    let document = document();
    let things = &document["paths"]["/api/v1/things"];
    let thing = &document["paths"]["/api/v1/things/{code}"];
    assert_eq!(statuses(&things["get"]), ["200", "401", "422", "500", "503"]);
    let example = &things["get"]["responses"]["200"]["content"]["application/json"]["example"];
    assert_eq!(example["items"][0]["code"], "T-1");
    assert_eq!(statuses(&thing["get"]), ["200", "401", "404", "500", "503"]);
    assert_eq!(thing["get"]["parameters"][0]["description"], "The thing's code");
    assert_eq!(headers(&thing["patch"]), ["If-Match"]);
    assert!(statuses(&thing["patch"]).contains(&"412"));
    let steps = &document["paths"]["/api/v1/things/{code}/steps"]["post"];
    assert_eq!(headers(steps), ["If-Match", "Idempotency-Key"]);
    let token = &document["paths"]["/api/v1/auth/token"]["post"];
    assert_eq!(token["security"], json!([]));
    assert_eq!(headers(token), Vec::<&str>::new());
    assert_eq!(statuses(token), ["200", "400", "401", "429", "503"]);
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_compiles() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    let mut parameters = Vec::new();
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        parameters.extend(operation["parameters"].as_array().into_iter().flatten());
        assert!(operation["x-roles"].is_array(), "{operation}");
    }
    assert!(parameters.iter().all(|parameter| parameter["description"].is_string()));
    assert_eq!(document["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
}

#[test]
fn the_text_is_the_same_each_time() {
    let texts: Vec<_> = (0..3).map(|_| Document::new(&ABOUT, routes).text().to_owned()).collect();
    assert!(texts[0].ends_with("}\n"));
    assert!(texts.iter().all(|text| *text == texts[0]));
}
