//! Successful answers, made before the transaction ends so that they can be kept for a repeated request.
//!
//! An [`Answer`] is complete: status, headers, bytes. What depends on the request only (304 for a reader who has the
//! representation already) is decided when it goes out.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LINK, LOCATION, VARY},
    },
    web::Bytes,
};
use serde::Serialize;

use super::{
    etag::{etag, is_known_to_client},
    page::PageRequest,
    problem::{Problem, Result},
};
use crate::db::Page;

/// Who may keep an answer, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Depends on who asks and is nobody else's business: dossiers, accounts.
    Private,
    /// The catalogue: the same for every caller, changes seldom. The caller's own cache may keep it for a minute.
    Catalogue,
    /// Published figures and lists: anybody's cache may keep them for five minutes.
    Published,
}

impl Caching {
    const fn cache_control(self) -> &'static str {
        match self {
            Caching::Private => "private, no-store",
            Caching::Catalogue => "private, max-age=60",
            Caching::Published => "public, max-age=300",
        }
    }

    const fn vary(self) -> &'static str {
        match self {
            Caching::Private => "Authorization, Accept, Accept-Language, X-Access-Reason",
            Caching::Catalogue => "Authorization, Accept, Accept-Language",
            Caching::Published => "Accept, Accept-Language",
        }
    }
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 2xx.
    pub status: StatusCode,
    /// Headers that belong to it.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The bytes of the body.
    pub body: Bytes,
}

impl Answer {
    /// A status without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Answer { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Answer::empty(StatusCode::NO_CONTENT)
    }

    /// A body of any media type.
    #[must_use]
    pub fn bytes(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Answer {
            status,
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static(media_type))],
            body: body.into(),
        }
    }

    /// 200 with a JSON body that is not a resource of its own (a result, a figure): no validator.
    ///
    /// # Errors
    /// 500 when the value cannot be written as JSON.
    pub fn json<T: Serialize>(value: &T, caching: Caching) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(Problem::internal)?;
        Ok(Answer::bytes(StatusCode::OK, "application/json", body).cached(caching))
    }

    /// 200 with a resource, its version and its validator. Answers 304 by itself where the client has it already.
    ///
    /// # Errors
    /// 500 when the value cannot be written as JSON.
    pub fn view<T: Serialize>(version: i64, value: &T, caching: Caching) -> Result<Self> {
        let answer = Answer::json(value, caching)?;
        let tag = etag(version, &answer.body);
        answer.with(ETAG, &tag)
    }

    /// 201 with the resource that was made and where it stands.
    ///
    /// # Errors
    /// 500 when the value cannot be written as JSON, or the location as a header.
    pub fn created<T: Serialize>(location: &str, version: i64, value: &T) -> Result<Self> {
        let mut answer = Answer::view(version, value, Caching::Private)?;
        answer.status = StatusCode::CREATED;
        answer.with(LOCATION, location)
    }

    /// 200 with one page of a list and the `Link` to the next.
    ///
    /// # Errors
    /// 500 when the items cannot be written as JSON.
    pub fn page<T: Serialize>(page: &Page<T>, request: &PageRequest, caching: Caching) -> Result<Self> {
        let answer = Answer::json(page, caching)?;
        match request.link(page) {
            Some(link) => answer.with(LINK, &link),
            None => Ok(answer),
        }
    }

    /// Sets a header.
    ///
    /// # Errors
    /// 500 when the value cannot be a header.
    pub fn with(mut self, name: HeaderName, value: &str) -> Result<Self> {
        let value = HeaderValue::from_str(value).map_err(Problem::internal)?;
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        Ok(self)
    }

    /// Sets who may keep it.
    #[must_use]
    pub fn cached(mut self, caching: Caching) -> Self {
        self.headers.push((CACHE_CONTROL, HeaderValue::from_static(caching.cache_control())));
        self.headers.push((VARY, HeaderValue::from_static(caching.vary())));
        self
    }

    /// A header's value as text.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name)?.1.to_str().ok()
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_known =
            is_read && self.header(&ETAG).is_some_and(|etag| is_known_to_client(request.headers(), etag));
        let status = if is_known { StatusCode::NOT_MODIFIED } else { self.status };
        let mut response = HttpResponse::build(status);
        for header in self.headers {
            if !(is_known && header.0 == CONTENT_TYPE) {
                response.append_header(header);
            }
        }
        if is_known || self.body.is_empty() { response.finish() } else { response.body(self.body) }
    }
}
