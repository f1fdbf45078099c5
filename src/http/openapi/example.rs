//! Examples for bodies and answers that have none: put together from the examples of their fields.
//!
//! A type whose whole example matters says it itself (`#[schema(example = …)]`) and is left alone.

use serde_json::{Map, Value, json};

/// Trees refer to themselves: below this depth nothing more is shown.
const DEEPEST: usize = 8;

/// Adds an example to each JSON body and answer that lacks one.
pub(super) fn add_missing(operation: &mut Map<String, Value>, schemas: &Map<String, Value>) {
    if let Some(body) = operation.get_mut("requestBody") {
        add_to(body, schemas);
    }
    for (_, answer) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        add_to(answer, schemas);
    }
}

fn add_to(with_content: &mut Value, schemas: &Map<String, Value>) {
    let content = with_content.get_mut("content").and_then(Value::as_object_mut);
    for (kind, media) in content.into_iter().flatten() {
        let has_one = media.get("example").is_some() || media.get("examples").is_some();
        if kind != "application/json" || has_one {
            continue;
        }
        let Some(schema) = media.get("schema").filter(|schema| !says_itself(schema, schemas)) else {
            continue;
        };
        let example = of(schema, schemas, 0);
        media["example"] = example;
    }
}

/// Whether the schema, or the one that it names, has an example of its own.
fn says_itself(schema: &Value, schemas: &Map<String, Value>) -> bool {
    let schema = resolve(schema, schemas);
    schema.get("example").is_some() || schema.get("examples").is_some()
}

fn resolve<'s>(schema: &'s Value, schemas: &'s Map<String, Value>) -> &'s Value {
    let name =
        schema.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix("#/components/schemas/"));
    name.and_then(|name| schemas.get(name)).unwrap_or(schema)
}

fn of(schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    let schema = resolve(schema, schemas);
    if let Some(own) = schema.get("example") {
        return own.clone();
    }
    if let Some(own) = schema.get("examples").and_then(Value::as_array).and_then(|all| all.first()) {
        return own.clone();
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|all| all.first()) {
        return first.clone();
    }
    if let Some(own) = schema.get("default").or_else(|| schema.get("const")) {
        return own.clone();
    }
    for keyword in ["oneOf", "anyOf"] {
        let alternatives = schema.get(keyword).and_then(Value::as_array);
        if let Some(one) = alternatives.into_iter().flatten().find(|one| one["type"] != "null") {
            return of(one, schemas, depth + 1);
        }
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(members) = of(part, schemas, depth + 1) {
                whole.extend(members);
            }
        }
        return Value::Object(whole);
    }
    of_type(schema, schemas, depth)
}

fn of_type(schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    let kind = match &schema["type"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        one => one.as_str(),
    };
    match kind {
        Some("object") => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let members = properties.into_iter().flatten();
            members.map(|(name, member)| (name.clone(), of(member, schemas, depth + 1))).collect()
        }
        Some("array") => match schema.get("items") {
            Some(items) => json!([of(items, schemas, depth + 1)]),
            None => json!([]),
        },
        Some("integer") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("number") => json!(0.5),
        Some("boolean") => json!(false),
        Some("string") => json!(match schema["format"].as_str() {
            Some("date") => "2019-03-04",
            Some("date-time") => "2019-03-04T08:30:00+07:00",
            Some("uuid") => "0195a4c2-7b1e-7c3a-9d4e-2f6b8a1c0d3e",
            Some("email") => "nguyen.van.an@example.vn",
            Some("uri") => "https://example.vn/",
            _ => "…",
        }),
        _ => Value::Null,
    }
}
