//! Compression of answers (gzip), where it pays.
//!
//! Not the framework's middleware, because that one compresses answers of a few bytes, gives the same strong ETag to
//! both forms (RFC 9110 §8.8.3 forbids it) and holds back streams of events. Streams are left alone here.

use std::io::Write;

use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody},
    http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, VARY},
    web::{self, Bytes},
};
use flate2::{Compression, write::GzEncoder};

use super::etag;

/// Below this the headers weigh more than what is saved.
const LEAST: usize = 1024;

/// Above this it would keep the other requests of the thread waiting.
const LARGE: usize = 64 * 1024;

/// Whether `Accept-Encoding` takes gzip.
pub(super) fn takes_gzip(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let is_gzip = pieces.next().is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"));
        let is_refused =
            pieces.any(|piece| piece.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)));
        is_gzip && !is_refused
    })
}

/// Compresses the body when it is whole, large enough and text.
pub(super) async fn compress(response: HttpResponse, takes_gzip: bool) -> HttpResponse {
    if !is_text(response.headers()) || response.headers().contains_key(CONTENT_ENCODING) {
        return response;
    }
    let (head, body) = response.into_parts();
    let mut response = match body.try_into_bytes() {
        Err(stream) => return head.set_body(stream),
        Ok(bytes) if bytes.len() < LEAST => return head.set_body(BoxBody::new(bytes)),
        Ok(bytes) if !takes_gzip => head.set_body(BoxBody::new(bytes)),
        Ok(bytes) => match gzip(bytes.clone()).await {
            Some(smaller) => {
                let mut response = head.set_body(BoxBody::new(smaller));
                mark(response.headers_mut());
                response
            }
            None => head.set_body(BoxBody::new(bytes)),
        },
    };
    vary_by(response.headers_mut(), "Accept-Encoding");
    response
}

/// Adds a request header to those that the answer depends on: one list, for readers that look at the first only.
pub(super) fn vary_by(headers: &mut HeaderMap, name: &str) {
    let known = headers.get(VARY).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if known.split(',').any(|known| known.trim().eq_ignore_ascii_case(name)) {
        return;
    }
    let all = if known.is_empty() { name.to_owned() } else { format!("{known}, {name}") };
    if let Ok(all) = HeaderValue::from_str(&all) {
        headers.insert(VARY, all);
    }
}

async fn gzip(bytes: Bytes) -> Option<Bytes> {
    let is_large = bytes.len() > LARGE;
    let work = move || -> std::io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
        encoder.write_all(&bytes)?;
        encoder.finish()
    };
    // Writing into memory does not fail; if it ever does, the plain bytes still go out.
    let smaller = if is_large { web::block(work).await.ok()? } else { work() };
    smaller.ok().map(Bytes::from)
}

fn mark(headers: &mut HeaderMap) {
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok()).and_then(|tag| tag.strip_suffix('"'));
    if let Some(tag) = tag.map(|tag| format!("{tag}{}\"", etag::COMPRESSED))
        && let Ok(tag) = HeaderValue::from_str(&tag)
    {
        headers.insert(ETAG, tag);
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || kind.ends_with("json")
        || kind.ends_with("xml")
        || kind.ends_with("javascript")
}
