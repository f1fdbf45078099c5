//! Finishes the OpenAPI document that utoipa collected from the handlers: whatever follows from what an operation *is*
//! is written here, once, so that a handler's attribute only says what is special about it.
//!
//! | an operation that | gets |
//! | --- | --- |
//! | has `x-roles: ["public"]` | `security: []` |
//! | has other roles | the security schemes, 401; and 403 unless the role is `any` |
//! | has a path parameter | 404, and the parameter's description |
//! | has a query parameter | 422 `invalid_query` |
//! | takes a JSON body | 400, 413, 415, 422 |
//! | is a POST that changes something | the `Idempotency-Key` parameter and its codes |
//! | is a PATCH, PUT or DELETE, or lists [`IfMatch`](super::IfMatch) among its parameters | the `If-Match` parameter, 412 |
//! | stands at a path that is [throttled](super::throttle) | 429, `RateLimit` and `RateLimit-Policy` at every answer |
//! | lists `x-problem-codes` | an answer for each status of these codes |
//! | has a schema without an example | one made of its fields' examples |
//!
//! Schemas are left alone: bodies are held against exactly what is published.

use std::sync::Arc;

use actix_web::{App, http::header::ETAG, web::Data};
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

use super::{
    answer::{Answer, Caching},
    oauth_error::OauthError,
    problem::{Problem, Result},
};

mod example;
mod operation;

pub(super) use operation::IF_MATCH;

/// Where the document stands.
pub const PATH: &str = "/api/openapi.json";

/// What the document says about itself and about words that all operations share.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name.
    pub title: &'static str,
    /// What it is for (Markdown).
    pub description: &'static str,
    /// Tags in the order of display, each with its description.
    pub tags: &'static [(&'static str, &'static str)],
    /// Descriptions of path parameters by where they stand, such as `("agencies/{code}", "The agency's official code")`.
    /// The first whose text the path contains is taken.
    pub path_parameters: &'static [(&'static str, &'static str)],
}

/// The finished document.
#[derive(Clone)]
pub struct Document {
    value: Arc<Value>,
    text: Arc<str>,
}

impl Document {
    /// Collects what `routes` registers and finishes it.
    #[must_use]
    pub fn new(about: &About, routes: fn(&mut ServiceConfig)) -> Self {
        let (_, collected) = App::new().into_utoipa_app().openapi(base()).configure(routes).split_for_parts();
        // A document is maps, lists and texts: it always is JSON.
        let mut value = serde_json::to_value(&collected).unwrap_or_default();
        finish(&mut value, about);
        let text = serde_json::to_string_pretty(&value).unwrap_or_default() + "\n";
        Document { value: Arc::new(value), text: text.into() }
    }

    /// As JSON.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// As it is checked in: keys sorted, indented, with a line end.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Serves the document.
pub(super) async fn get_document(document: Data<Document>) -> Result<Answer> {
    let tag = super::etag::etag(1, document.text.as_bytes());
    Answer::bytes(actix_web::http::StatusCode::OK, "application/json", document.text.as_bytes().to_vec())
        .cached(Caching::Published)
        .with(ETAG, &tag)
}

/// The schemas that every document has, whoever refers to them.
fn base() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(components(schemas(ProblemDocument, ProblemError, OauthError)))]
    struct Base;
    Base::openapi()
}

/// An error (RFC 9457). Members of its own may follow, such as `allowed_transitions`.
#[derive(ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/invalid_body",
    "code": "invalid_body",
    "title": "Nội dung gửi lên chưa đúng quy định",
    "status": 422,
    "detail": "Mỗi mục trong `errors` chỉ ra vị trí và lý do của một lỗi.",
    "instance": "/api/v1/dossiers",
    "request_id": "0195a4c2-7b1e-7c3a-9d4e-2f6b8a1c0d3e",
    "errors": [{"pointer": "/applicant/identity_number", "code": "invalid_identity_number", "detail": "12 digits (or 9)"}],
}))]
#[allow(dead_code, reason = "stands for the document that problem.rs writes")]
struct ProblemDocument {
    /// The page that explains the code.
    #[schema(rename = "type", example = "/problems/not_found")]
    r#type: String,
    /// What went wrong, for programs. Never renamed.
    #[schema(example = "not_found")]
    code: String,
    /// The same for people: Vietnamese, or English by `Accept-Language`.
    title: String,
    /// The status again.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time.
    detail: String,
    /// The path that was asked for.
    instance: String,
    /// Quote it when you ask for help.
    request_id: String,
    /// All faults of a body or a query string.
    errors: Option<Vec<ProblemError>>,
}

/// One fault.
#[derive(ToSchema)]
#[schema(example = json!({"pointer": "/channel", "code": "not_one_of", "detail": "One of: \"counter\", \"online\""}))]
#[allow(dead_code, reason = "stands for the entries that problem.rs writes")]
struct ProblemError {
    /// JSON pointer into the body, or `/query/<name>`.
    pointer: String,
    /// What is wrong there.
    code: String,
    /// The same for people.
    detail: String,
}

fn finish(document: &mut Value, about: &About) {
    document["info"] = json!({
        "title": about.title,
        "description": about.description,
        "version": env!("CARGO_PKG_VERSION"),
        "license": {"name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE")},
    });
    document["servers"] = json!([{"url": "/", "description": "This server"}]);
    let tags = about.tags.iter().map(|(name, description)| json!({"name": name, "description": description}));
    document["tags"] = tags.collect();
    document["components"]["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token"},
        "oauth2": {
            "type": "oauth2",
            "description": "Sign in with user name and password (first-party clients), or as a client with its secret",
            "flows": {
                "password": {"tokenUrl": "/api/v1/auth/token", "refreshUrl": "/api/v1/auth/token", "scopes": {}},
                "clientCredentials": {"tokenUrl": "/api/v1/auth/token", "scopes": {}},
            },
        },
    });
    let schemas = document["components"]["schemas"].clone();
    let schemas = schemas.as_object().cloned().unwrap_or_default();
    for_each_operation(document, |path, method, operation| {
        operation::finish(path, method, operation, &schemas, about);
    });
}

fn for_each_operation(document: &mut Value, mut each: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, operations) in paths.into_iter().flatten() {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                each(path, method, operation);
            }
        }
    }
}

impl Problem {
    /// The schema's name in the document.
    pub(super) const SCHEMA: &'static str = "Problem";
}
