//! JSON bodies: read whole and within limits, held against the schema that the document publishes, then trusted.
//!
//! The extractor is called `Json` because utoipa takes the request body of the document from an argument of that
//! name: what is documented and what is read can't differ.

use std::{fmt, ops::Deref};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap},
    web,
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{
    codes::Code,
    json_schema,
    language::Detail,
    limits::Limits,
    problem::{Fault, Problem},
};

/// A body that fits the published schema of `T`.
///
/// Fails with 415 `unsupported_media_type`, 413 `payload_too_large`, 400 `bad_json` or 422 `invalid_body` with all
/// faults at once.
pub struct Json<T> {
    value: T,
    digest: BodyDigest,
}

/// What the body was, for telling a repeated request from a different one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyDigest([u8; 32]);

impl BodyDigest {
    /// The digest of bytes that came as a body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        BodyDigest(Sha256::digest(body).into())
    }

    /// SHA-256 of the bytes as they came; all zero for a request without a body.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<T> Json<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The digest of the bytes as they came.
    pub fn digest(&self) -> BodyDigest {
        self.digest
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request
            .app_data::<web::Data<Limits>>()
            .map_or(Limits::default().body_bytes, |limits| limits.body_bytes);
        let head = check_content_type(request).and_then(|()| check_length(request.headers(), limit));
        let mut payload = payload.take();
        Box::pin(async move {
            head?;
            let bytes = read(&mut payload, limit).await?;
            Ok(Json { value: parse(&bytes)?, digest: BodyDigest::of(&bytes) })
        })
    }
}

fn check_content_type(request: &HttpRequest) -> Result<(), Problem> {
    let unsupported = || Problem::new(Code::UnsupportedMediaType);
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(unsupported());
    }
    let mime = request.mime_type().ok().flatten().ok_or_else(unsupported)?;
    let is_json = mime.type_() == "application"
        && (mime.subtype() == "json" || mime.suffix().is_some_and(|s| s == "json"));
    let is_utf8 = mime.get_param("charset").is_none_or(|charset| charset == "utf-8");
    if is_json && is_utf8 { Ok(()) } else { Err(unsupported()) }
}

/// Refuses what announces itself as too large before any of it is read.
fn check_length(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

async fn read(payload: &mut Payload, limit: usize) -> Result<web::BytesMut, Problem> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|cause| Problem::new(Code::BadRequest).cause(cause.to_string()))?;
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::PayloadTooLarge)
        .detail((format!("Tối đa {limit} byte"), format!("At most {limit} bytes")))
        .member("limit", limit)
}

/// Parses, checks against the schema, then deserialises.
///
/// # Errors
/// 400 `bad_json`, 422 `invalid_body`.
pub(super) fn parse<T: DeserializeOwned + ToSchema + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Problem::new(Code::BadJson).detail(("Nội dung không phải UTF-8", "The body is not UTF-8"))
    })?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        // Only the place: the message itself may quote what was sent, and says nothing more to a person.
        let (line, column) = (error.line(), error.column());
        Problem::new(Code::BadJson).detail((
            format!("Không đọc được JSON từ dòng {line}, cột {column}"),
            format!("Not readable as JSON from line {line}, column {column}"),
        ))
    })?;
    let faults = json_schema::of_type::<T>()?.faults(&value);
    if !faults.is_empty() {
        return Err(Problem::invalid_body(faults));
    }
    deserialize(value).map_err(|fault| Problem::invalid_body(vec![fault]))
}

/// The last step, after the schema was satisfied. What still fails here (a number too large for its type, a type
/// that parses more strictly than its schema says) is a fault like any other, with its pointer.
pub(super) fn deserialize<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer = json_schema::pointer_to(&pointer, &index.to_string()),
                Segment::Map { key } => pointer = json_schema::pointer_to(&pointer, key),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        let told = error.inner().to_string();
        // What serde refuses and no schema could: a member that another alternative of a tagged body has.
        let code = if told.starts_with("unknown field") { Code::UnknownField } else { Code::InvalidValue };
        Fault { pointer, code, detail: Detail::from(told) }
    })
}
