//! Errors as clients see them: RFC 9457 `application/problem+json`.
//!
//! A [`Problem`] is built anywhere, without a request: it knows its code, details in both languages, faults of single
//! fields, extra members and its inner cause. Language, `instance` and request id are added when the edge of the
//! server ([`super::edge`]) renders it. The inner cause is logged there once and never rendered.

use std::{error::Error as StdError, fmt, sync::Arc};

use actix_web::{
    HttpResponse, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde_json::{Map, Value, json};

use super::{
    codes::Code,
    language::{Detail, Language},
};
use crate::db;

/// The media type of every error.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The result of whatever can be refused.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// Why a request was refused or failed.
#[derive(Clone)]
pub struct Problem(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    detail: Option<Detail>,
    faults: Vec<Fault>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

/// One fault of a body or of a query string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the body, or `/query/<name>`, `/path/<name>`, `/headers/<name>`.
    pub pointer: String,
    /// What is wrong there.
    pub code: Code,
    /// The same for people.
    pub detail: Detail,
}

impl Problem {
    /// A problem that says no more than its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Problem(Box::new(Inner {
            code,
            detail: None,
            faults: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// A failure of the server: the cause goes to the log, the client learns nothing of it.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Problem::new(Code::InternalError).cause(cause)
    }

    /// 422 `invalid_body` for these faults.
    #[must_use]
    pub fn invalid_body(faults: Vec<Fault>) -> Self {
        Problem::new(Code::InvalidBody).faults(faults)
    }

    /// What happened this time; `(Vietnamese, English)` or one text for both.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Detail>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds the fault of one field.
    #[must_use]
    pub fn error(mut self, pointer: impl Into<String>, code: Code, detail: impl Into<Detail>) -> Self {
        self.0.faults.push(Fault { pointer: pointer.into(), code, detail: detail.into() });
        self
    }

    /// Adds the faults of many fields.
    #[must_use]
    pub fn faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults.extend(faults);
        self
    }

    /// The same problem of a part of the body: every pointer goes below `at`.
    #[must_use]
    pub fn below(mut self, at: &str) -> Self {
        for fault in &mut self.0.faults {
            fault.pointer.insert_str(0, at);
        }
        self
    }

    /// Adds a member of its own, such as `allowed_transitions`.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header to the answer, such as `Retry-After` or `Allow`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Keeps what lies behind it for the log.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(Arc::from(cause.into()));
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.code.status()
    }

    /// The faults of single fields.
    #[must_use]
    pub fn field_faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// A header that was added to the answer.
    #[must_use]
    pub fn header_value(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.0.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The inner cause with all that lies behind it, for the log.
    #[must_use]
    pub fn cause_chain(&self) -> Option<String> {
        let cause = self.0.cause.as_deref()?;
        let mut text = cause.to_string();
        let mut next = cause.source();
        while let Some(deeper) = next {
            text.push_str(": ");
            text.push_str(&deeper.to_string());
            next = deeper.source();
        }
        Some(text)
    }

    /// The document without what belongs to a whole answer, for a part of a batch.
    #[must_use]
    pub fn bare_document(&self, language: Language) -> Value {
        let mut document = self.document(language, "", "");
        if let Some(members) = document.as_object_mut() {
            members.retain(|name, _| name != "instance" && name != "request_id");
        }
        document
    }

    /// The document that the client gets.
    #[must_use]
    pub fn document(&self, language: Language, instance: &str, request_id: &str) -> Value {
        let inner = &*self.0;
        let mut document = inner.members.clone();
        document.insert("type".into(), json!(format!("/problems/{}", inner.code.name())));
        document.insert("code".into(), json!(inner.code));
        document.insert("title".into(), json!(inner.code.title().in_language(language)));
        document.insert("status".into(), json!(inner.code.status().as_u16()));
        let detail = match &inner.detail {
            Some(detail) => detail.in_language(language),
            None => inner.code.explanation().in_language(language),
        };
        document.insert("detail".into(), json!(detail));
        document.insert("instance".into(), json!(instance));
        document.insert("request_id".into(), json!(request_id));
        if !inner.faults.is_empty() {
            let errors = inner.faults.iter().map(|fault| {
                json!({
                    "pointer": fault.pointer,
                    "code": fault.code,
                    "detail": fault.detail.in_language(language),
                })
            });
            document.insert("errors".into(), errors.collect());
        }
        Value::Object(document)
    }

    /// The whole answer.
    #[must_use]
    pub fn response(&self, language: Language, instance: &str, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((CONTENT_TYPE, MEDIA_TYPE)).insert_header((CONTENT_LANGUAGE, language.tag()));
        for (name, value) in &self.0.headers {
            response.append_header((name, value));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, self.challenge()));
        }
        response.body(self.document(language, instance, request_id).to_string())
    }

    /// RFC 6750 §3: a bare challenge when no token came, `invalid_token` when it was no good.
    fn challenge(&self) -> &'static str {
        if self.0.code == Code::InvalidToken {
            r#"Bearer realm="motcua", error="invalid_token""#
        } else {
            r#"Bearer realm="motcua""#
        }
    }
}

/// For the log: never the details, which may quote what the client sent.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.name())?;
        match self.cause_chain() {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("code", &self.0.code)
            .field("detail", &self.0.detail)
            .field("faults", &self.0.faults)
            .field("cause", &self.cause_chain())
            .finish_non_exhaustive()
    }
}

impl StdError for Problem {}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Problem::new(code)
    }
}

/// What the database reports, where the service has not said what it means. Only that it is busy is the client's
/// business; a row that is missing or there twice, unannounced, is a defect.
impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Busy | db::Error::Timeout | db::Error::Unavailable(_) => {
                Problem::new(Code::Busy).header(RETRY_AFTER, HeaderValue::from_static("1")).cause(error)
            }
            db::Error::NotFound
            | db::Error::Conflict { .. }
            | db::Error::Reference
            | db::Error::Check { .. }
            | db::Error::Url(_)
            | db::Error::NewerSchema(_)
            | db::Error::Internal(_) => Problem::internal(error),
        }
    }
}

/// Lets handlers and extractors fail with a problem. The edge renders it again, with language and request id; this
/// form only serves where there is no edge (a unit test of a handler).
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.response(Language::default(), "", "")
    }
}

/// Collects the faults of a command while it is checked, so that all are told at once.
///
/// ```
/// use motcua::http::{Code, Faults};
///
/// let mut faults = Faults::default();
/// let pages: Option<u8> = faults.take("/pages", "300".parse().map_err(|_| (Code::OutOfRange, "0 to 255")));
/// assert!(pages.is_none());
/// assert!(faults.into_result().is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, code: Code, detail: impl Into<Detail>) {
        self.0.push(Fault { pointer: pointer.into(), code, detail: detail.into() });
    }

    /// Notes a fault that its code says all about.
    pub fn note(&mut self, pointer: impl Into<String>, code: Code) {
        self.add(pointer, code, code.title());
    }

    /// The value, or nothing and a fault noted at `pointer`.
    pub fn take<T, D: Into<Detail>>(
        &mut self,
        pointer: impl Into<String>,
        outcome: std::result::Result<T, (Code, D)>,
    ) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err((code, detail)) => {
                self.add(pointer, code, detail);
                None
            }
        }
    }

    /// Whether nothing was wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, for a problem of its own.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }

    /// 422 `invalid_query` with all of them, unless there are none.
    ///
    /// # Errors
    /// When any fault was noted.
    pub fn into_query_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::new(Code::InvalidQuery).faults(self.0)) }
    }

    /// 422 `invalid_body` with all of them, unless there are none.
    ///
    /// # Errors
    /// When any fault was noted.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid_body(self.0)) }
    }
}
