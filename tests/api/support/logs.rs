//! What the servers of the tests log, and what must never stand there: whatever a test sent or got that is a secret or
//! about a person. [`run`](super::run) looks after every test.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    sync::{Mutex, Once, PoisonError},
};

use log::{Level, LevelFilter, Log, Metadata, Record};
use reqwest::{
    Request,
    header::{AUTHORIZATION, HeaderMap},
};
use serde_json::Value;

/// Members of bodies, forms and answers that hold secrets or say something about a person.
const CONFIDENTIAL: [&str; 22] = [
    "access_token",
    "address",
    "client_secret",
    "current_password",
    "email",
    "full_name",
    "id_token",
    "identity_number",
    "lookup_secret",
    "new_password",
    "note",
    "number",
    "password",
    "phone",
    "q",
    "reason",
    "recipient",
    "refresh_token",
    "secret",
    "subject_token",
    "tax_code",
    "token",
];

/// The same of headers.
const CONFIDENTIAL_HEADERS: [&str; 3] = ["x-lookup-secret", "x-access-reason", "idempotency-key"];

/// Shorter ones could stand in a line by chance.
const SHORTEST: usize = 8;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    /// A test is one thread; its servers have others.
    static CONFIDED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

struct Capture;

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata) -> bool {
        // What an operator may turn on of ours, and what is told of others.
        metadata.level() <= if metadata.target().starts_with("motcua") { Level::Debug } else { Level::Info }
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {} {}", record.level(), record.target(), record.args());
            LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }

    fn flush(&self) {}
}

/// Begins to listen, once for all tests, and says from where on.
pub fn begin() -> usize {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Capture).unwrap();
        log::set_max_level(LevelFilter::Debug);
    });
    LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// The lines since then, of all tests that run.
pub fn since(begin: usize) -> Vec<String> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)[begin..].to_vec()
}

/// Fails when a line since then holds anything that this test confided.
pub fn expect_discreet(begin: usize) {
    let confided = CONFIDED.take();
    for line in since(begin) {
        for text in &confided {
            assert!(!line.contains(text.as_str()), "{text:?} was sent or given out, and is logged: {line}");
        }
    }
}

/// Notes what a request holds.
pub fn note_request(request: &Request) {
    note_headers(request.headers());
    for (name, value) in request.url().query_pairs() {
        note_member(&name, &value);
    }
    let Some(body) = request.body().and_then(reqwest::Body::as_bytes) else { return };
    match serde_json::from_slice(body) {
        Ok(json) => note_json(&json),
        Err(_) => {
            let mut url = request.url().clone();
            url.set_query(std::str::from_utf8(body).ok());
            for (name, value) in url.query_pairs() {
                note_member(&name, &value);
            }
        }
    }
}

/// Notes what an answer holds.
pub fn note_answer(text: &str) {
    if let Ok(json) = serde_json::from_str(text) {
        note_json(&json);
    }
}

fn note_headers(headers: &HeaderMap) {
    if let Some((_, token)) = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()?.split_once(' ')) {
        note(token);
    }
    for name in CONFIDENTIAL_HEADERS {
        if let Some(value) = headers.get(name).and_then(|it| it.to_str().ok()) {
            note(value);
        }
    }
}

fn note_json(value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) => note_member(name, text),
                    other => note_json(other),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(note_json),
        _ => {}
    }
}

fn note_member(name: &str, text: &str) {
    if CONFIDENTIAL.contains(&name) {
        note(text);
    }
}

fn note(text: &str) {
    if text.chars().count() >= SHORTEST {
        CONFIDED.with_borrow_mut(|confided| confided.insert(text.to_owned()));
    }
}
