//! Holds a JSON value against a published schema and tells all its faults at once.
//!
//! The schemas are the ones that the OpenAPI document publishes: both come from the same type (`ToSchema`,
//! `IntoParams`). JSON Schema 2020-12, with `format` asserted.

use serde_json::{Map, Value};

mod compiled;
mod faults;

pub(super) use compiled::{Cache, Compiled, of_type, of_type_once};

/// The type of a JSON value as JSON Schema names it.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A member's name as a segment of a JSON pointer (RFC 6901).
pub(super) fn pointer_to(parent: &str, member: &str) -> String {
    format!("{parent}/{}", member.replace('~', "~0").replace('/', "~1"))
}

/// An object schema around these properties that takes no others.
pub(super) fn closed_object(properties: &Map<String, Value>, required: &[Value]) -> Value {
    serde_json::json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
