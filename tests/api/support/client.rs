//! Calls as a caller makes them, and what came back.

use std::{
    collections::BTreeMap,
    future::{Future, IntoFuture},
    pin::Pin,
};

use reqwest::{Method, RequestBuilder, header::CONTENT_TYPE};
use serde_json::Value;

use super::logs;

/// Somebody who calls.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    pub fn new(http: reqwest::Client, base: String, token: Option<String>) -> Client {
        Client { http, base, token }
    }

    /// The same caller at another copy of the program.
    pub fn at(&self, base: &str) -> Client {
        Client { base: base.to_owned(), ..self.clone() }
    }

    /// Which copy he calls.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// His access token.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("somebody who has signed in")
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: impl Into<Value>) -> Call {
        self.call(Method::POST, path).json(&body.into())
    }

    pub fn put(&self, path: &str, body: impl Into<Value>) -> Call {
        self.call(Method::PUT, path).json(&body.into())
    }

    pub fn patch(&self, path: &str, body: impl Into<Value>) -> Call {
        self.call(Method::PATCH, path).json(&body.into())
    }

    pub fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Call {
        self.call(Method::POST, path).change(|request| request.form(form))
    }

    /// Any call. Paths stand below `/api/v1` unless they begin with `//` (below the root) or are links of an answer.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let url = match path.strip_prefix("//") {
            Some(root) => format!("{}/{root}", self.base),
            None if path.starts_with("/api/") => format!("{}{path}", self.base),
            None => format!("{}/api/v1{path}", self.base),
        };
        let what = format!("{method} {path}");
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Call { request, what, body: String::new() }
    }

    /// Shorthand: one action or an array of them on a dossier.
    pub fn act(&self, dossier: &Value, actions: impl Into<Value>) -> Call {
        self.post(&format!("/dossiers/{}/transitions", address(dossier)), actions)
    }

    /// Shorthand: the dossier as this caller sees it now.
    pub fn see(&self, dossier: &Value) -> Call {
        self.get(&format!("/dossiers/{}", address(dossier)))
    }
}

/// How a dossier is addressed: its code, or its reference while it has none.
pub fn address(dossier: &Value) -> &str {
    dossier["code"].as_str().or(dossier["reference"].as_str()).expect("a dossier with a code or a reference")
}

/// A call that goes out when it is awaited.
pub struct Call {
    request: RequestBuilder,
    what: String,
    body: String,
}

impl Call {
    pub fn header(self, name: &str, value: &str) -> Call {
        self.change(|request| request.header(name, value))
    }

    /// `Idempotency-Key`.
    pub fn key(self, key: &str) -> Call {
        self.header("Idempotency-Key", key)
    }

    pub fn if_match(self, etag: &str) -> Call {
        self.header("If-Match", etag)
    }

    /// A body of bytes that need not be JSON.
    pub fn raw(self, media_type: &str, body: impl Into<Vec<u8>>) -> Call {
        let body = body.into();
        self.change(|request| request.header(CONTENT_TYPE, media_type).body(body))
    }

    fn json(self, body: &Value) -> Call {
        let text = body.to_string();
        Call {
            request: self.request.header(CONTENT_TYPE, "application/json").body(text.clone()),
            body: text,
            ..self
        }
    }

    fn change(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Call {
        Call { request: change(self.request), ..self }
    }

    async fn send(self) -> Answer {
        let what = format!("{} {}", self.what, self.body);
        let (http, request) = self.request.build_split();
        let request = request.unwrap_or_else(|error| panic!("{what}: {error}"));
        logs::note_request(&request);
        let response = http.execute(request).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let bytes = response.bytes().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        logs::note_answer(&text);
        Answer { what, status, headers, text, bytes: bytes.into() }
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    what: String,
    pub status: u16,
    headers: BTreeMap<String, String>,
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The validator.
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("{}: no ETag", self.what)).to_owned()
    }

    /// The body, whatever the status.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.text))
    }

    /// The body of an answer with this status.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}: {}", self.what, self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The body of a problem with this status and code; its form is checked on the way.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}: {body:#}", self.what);
        assert_eq!(body["code"], code, "{}: {body:#}", self.what);
        assert_eq!(body["type"], format!("/problems/{code}"), "{}", self.what);
        assert_eq!(body["status"], status, "{}", self.what);
        for member in ["title", "detail", "instance", "request_id"] {
            assert!(body[member].is_string(), "{}: no {member} in {body:#}", self.what);
        }
        assert_eq!(self.header("x-request-id"), body["request_id"].as_str(), "{}", self.what);
        body
    }

    /// The faults of a 422 as `pointer code`, sorted.
    pub fn faults(&self) -> Vec<String> {
        let body = self.expect(422);
        let errors =
            body["errors"].as_array().unwrap_or_else(|| panic!("{}: no errors in {body:#}", self.what));
        let mut faults: Vec<String> = errors
            .iter()
            .map(|error| {
                assert!(error["detail"].is_string(), "{}: {error:#}", self.what);
                format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
            })
            .collect();
        faults.sort();
        faults
    }

    /// Is it one of these?
    pub fn is_one_of(&self, statuses: &[u16]) -> bool {
        statuses.contains(&self.status)
    }
}
