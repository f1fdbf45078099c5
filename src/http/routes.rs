//! What paths there are and which methods each takes, for telling "no such path" (404) from "not this way" (405).
//!
//! Taken from the document, so that it knows exactly what is published, and the few pages of `http` itself.

use actix_web::{
    HttpRequest,
    dev::ResourceDef,
    http::header::{ALLOW, HeaderValue},
    web::Data,
};
use serde_json::Value;

use super::{codes::Code, problem::Problem};

/// All paths with their methods.
pub(super) struct Routes(Vec<Route>);

struct Route {
    pattern: ResourceDef,
    methods: Vec<String>,
}

impl Routes {
    /// The paths of a document, and more paths that are only read.
    pub(super) fn new(document: &Value, also: &[&str]) -> Self {
        let documented = document.get("paths").and_then(Value::as_object).into_iter().flatten();
        let documented = documented.map(|(path, operations)| Route {
            pattern: ResourceDef::new(path.as_str()),
            methods: operations
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.to_uppercase())
                .filter(|name| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&name.as_str()))
                .collect(),
        });
        let also =
            also.iter().map(|path| Route { pattern: ResourceDef::new(*path), methods: vec!["GET".into()] });
        Routes(documented.chain(also).collect())
    }

    /// The methods that a path takes; none when there is no such path.
    fn allowed(&self, path: &str) -> Vec<&str> {
        let matching = self.0.iter().filter(|route| route.pattern.is_match(path));
        let mut methods: Vec<&str> = matching.flat_map(|route| &route.methods).map(String::as_str).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        methods.dedup();
        methods
    }

    /// The pattern that a path follows.
    pub(super) fn pattern(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|route| route.pattern.is_match(path))?.pattern.pattern()
    }
}

/// What answers when no route did.
pub(super) async fn nowhere(request: HttpRequest, routes: Data<Routes>) -> Result<String, Problem> {
    let allowed = routes.allowed(request.path()).join(", ");
    match HeaderValue::from_str(&allowed) {
        Ok(allow) if !allow.is_empty() => Err(Problem::new(Code::MethodNotAllowed).header(ALLOW, allow)),
        _ => Err(Problem::new(Code::NotFound)),
    }
}
