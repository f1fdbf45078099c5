//! Finishes one operation; the table stands in the module above.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{About, example};
use crate::http::{codes::Code, oauth_error, problem, throttle};

/// POSTs that change nothing, or that tell repetitions apart by other means.
const NEVER_REPEATED: [&str; 3] = ["/deadlines/preview", "/dossiers/search", "/postal/tracking-events"];

pub(super) fn finish(
    path: &str,
    method: &str,
    operation: &mut Map<String, Value>,
    schemas: &Map<String, Value>,
    about: &About,
) {
    let is_oauth = oauth_error::PATHS.contains(&path);
    let mut codes = own_codes(operation);
    secure(operation, is_oauth, &mut codes);
    describe_path_parameters(path, operation, about);
    if path.contains('{') {
        codes.push(Code::NotFound);
    }
    if has_parameter(operation, "query", None) {
        codes.push(Code::InvalidQuery);
    }
    if has_parameter(operation, "query", Some("cursor")) {
        codes.push(Code::CursorInvalid);
    }
    if takes_json(operation) {
        codes.extend([Code::BadJson, Code::PayloadTooLarge, Code::UnsupportedMediaType, Code::InvalidBody]);
    }
    if method == "post" && !path.contains("/auth/") && !NEVER_REPEATED.iter().any(|end| path.ends_with(end)) {
        add_header(
            operation,
            "Idempotency-Key",
            IDEMPOTENCY_KEY,
            "5f1d7a52-3c0e-4b8e-9a55-0d6f3c1f7a10",
            255,
        );
        codes.extend([Code::InvalidIdempotencyKey, Code::IdempotencyKeyReused]);
    }
    if ["put", "patch", "delete"].contains(&method) {
        add_header(operation, "If-Match", IF_MATCH, "\"7.q3Zk0yqJr1XvT5dM\"", 1000);
    }
    if has_parameter(operation, "header", Some("If-Match")) {
        codes.push(Code::StaleVersion);
    }
    let is_throttled = throttle::Kind::of(path).is_some();
    if is_throttled {
        codes.push(Code::RateLimited);
    }
    if is_oauth {
        answer_oauth_errors(operation);
    } else {
        codes.extend([Code::InternalError, Code::Busy, Code::Timeout]);
        answer_problems(operation, codes);
    }
    if is_throttled {
        describe_limits(operation);
    }
    example::add_missing(operation, schemas);
}

const IDEMPOTENCY_KEY: &str = "Names this request: sent again with the same body it has its effect \
    once and gets the first answer again (`Idempotency-Replayed: true`), for 24 hours. 1 to 255 visible characters, best a UUID.";

pub(in crate::http) const IF_MATCH: &str = "The `ETag` that was read. If the resource has another version by now, nothing is changed (412 `stale_version`).";

/// What the handler's attribute lists.
fn own_codes(operation: &Map<String, Value>) -> Vec<Code> {
    let listed = operation.get("x-problem-codes").and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(Value::as_str).filter_map(Code::by_name).collect()
}

fn roles(operation: &Map<String, Value>) -> Vec<&str> {
    operation
        .get("x-roles")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// An operation without roles is taken for one that needs a login: the safe mistake.
fn secure(operation: &mut Map<String, Value>, is_oauth: bool, codes: &mut Vec<Code>) {
    let roles = roles(operation);
    if roles == ["public"] {
        operation.insert("security".to_owned(), json!([]));
        return;
    }
    if !is_oauth {
        codes.extend([Code::Unauthenticated, Code::InvalidToken]);
        if roles != ["any"] {
            codes.push(Code::Forbidden);
        }
    }
    operation.insert("security".to_owned(), json!([{"oauth2": []}, {"bearer": []}]));
}

fn parameters(operation: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
}

fn has_parameter(operation: &Map<String, Value>, place: &str, name: Option<&str>) -> bool {
    parameters(operation).any(|parameter| {
        parameter["in"] == place
            && name
                .is_none_or(|name| parameter["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)))
    })
}

fn add_header(
    operation: &mut Map<String, Value>,
    name: &str,
    description: &str,
    example: &str,
    longest: usize,
) {
    if has_parameter(operation, "header", Some(name)) {
        return;
    }
    let parameter = json!({
        "name": name,
        "in": "header",
        "required": false,
        "description": description,
        "schema": {"type": "string", "minLength": 1, "maxLength": longest},
        "example": example,
    });
    if let Some(list) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
        list.push(parameter);
    }
}

fn describe_path_parameters(path: &str, operation: &mut Map<String, Value>, about: &About) {
    let list = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in list.into_iter().flatten() {
        if parameter["in"] != "path" || parameter.get("description").is_some() {
            continue;
        }
        let place = format!("{{{}}}", parameter["name"].as_str().unwrap_or_default());
        let known = about.path_parameters.iter().find(|(end, _)| end.ends_with(&place) && path.contains(end));
        if let Some((_, description)) = known {
            parameter["description"] = json!(description);
        }
    }
}

fn takes_json(operation: &Map<String, Value>) -> bool {
    let content = operation.get("requestBody").and_then(|body| body.get("content")?.as_object());
    content.is_some_and(|content| content.keys().any(|kind| kind.contains("json")))
}

/// One answer for each status of the codes, all in the same form, and the codes themselves.
fn answer_problems(operation: &mut Map<String, Value>, mut codes: Vec<Code>) {
    codes.sort_by_key(|code| code.name());
    codes.dedup();
    operation.insert("x-problem-codes".to_owned(), json!(codes));
    let mut by_status: BTreeMap<String, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_u16().to_string()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let lines: Vec<_> =
            codes.iter().map(|code| format!("`{}`: {}", code.name(), code.title().en)).collect();
        let schema = format!("#/components/schemas/{}", problem::Problem::SCHEMA);
        let answer = json!({
            "description": lines.join("; "),
            "content": {problem::MEDIA_TYPE: {"schema": {"$ref": schema}}},
        });
        answers(operation).entry(status).or_insert(answer);
    }
}

/// RFC 6749 §5.2.
fn answer_oauth_errors(operation: &mut Map<String, Value>) {
    for (status, description) in [
        ("400", "The request is refused"),
        ("401", "The client is unknown"),
        ("429", "Too many tries"),
        ("503", "Try again"),
    ] {
        let answer = json!({
            "description": description,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OauthError"}}},
        });
        answers(operation).entry(status).or_insert(answer);
    }
}

/// What every answer says of the caller's limits.
fn describe_limits(operation: &mut Map<String, Value>) {
    for (_, answer) in answers(operation) {
        answer["headers"]["RateLimit"] = json!({
            "description": "What is left (`r`) and in how many seconds all of it will be there again (`t`)",
            "schema": {"type": "string"},
            "example": "\"public\";r=59;t=1",
        });
        answer["headers"]["RateLimit-Policy"] = json!({
            "description": "How many requests (`q`) an address has in how many seconds (`w`)",
            "schema": {"type": "string"},
            "example": "\"public\";q=60;w=60",
        });
    }
    if let Some(refusal) = answers(operation).get_mut("429") {
        refusal["headers"]["Retry-After"] = json!({
            "description": "Seconds to wait before the next request",
            "schema": {"type": "integer", "minimum": 1},
            "example": 1,
        });
    }
}

fn answers(operation: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let answers = operation.entry("responses").or_insert_with(|| json!({}));
    if !answers.is_object() {
        *answers = json!({});
    }
    match answers {
        Value::Object(map) => map,
        // It was just made one.
        _ => unreachable!("responses are an object"),
    }
}
