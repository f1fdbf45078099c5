//! Errors of the token and revocation endpoints, which have a form of their own: RFC 6749 §5.2.
//!
//! Everything that goes wrong at those two paths has it, whether the handler refused or the server did (too large, no
//! form, time-out); [`super::edge`] sees to that.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::problem::Problem;

/// The paths whose errors have this form.
pub const PATHS: [&str; 2] = ["/api/v1/auth/token", "/api/v1/auth/revoke"];

/// The `error` values that are used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OauthCode {
    /// A parameter is missing, twice there, or the request cannot be read.
    InvalidRequest,
    /// The client is unknown or its secret is wrong.
    InvalidClient,
    /// Wrong user name or password, or a refresh token that is unknown, expired or revoked.
    InvalidGrant,
    /// This client may not use this grant.
    UnauthorizedClient,
    /// There is no such grant here.
    UnsupportedGrantType,
    /// The scope is unknown or more than the client has.
    InvalidScope,
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType,
    /// Too many tries; wait as `Retry-After` says.
    SlowDown,
    /// The server failed.
    ServerError,
    /// The server is overloaded or too slow.
    TemporarilyUnavailable,
}

/// An error of the token or revocation endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"error": "invalid_grant", "error_description": "Wrong user name or password."}))]
pub struct OauthError {
    /// What went wrong.
    pub error: OauthCode,
    /// The same for people.
    pub error_description: String,
    /// `Retry-After`, in seconds.
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<u64>,
}

impl OauthError {
    /// An error with its description (ASCII, as RFC 6749 wants it).
    pub fn new(error: OauthCode, description: impl Into<String>) -> Self {
        OauthError { error, error_description: description.into(), retry_after: None }
    }

    /// Another try may help after so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        OauthError { retry_after: Some(seconds), ..self }
    }
}

impl From<&Problem> for OauthError {
    fn from(problem: &Problem) -> Self {
        let error = match problem.status().as_u16() {
            401 => OauthCode::InvalidClient,
            429 => OauthCode::SlowDown,
            503 => OauthCode::TemporarilyUnavailable,
            500.. => OauthCode::ServerError,
            _ => OauthCode::InvalidRequest,
        };
        OauthError::new(error, problem.code().title().en)
    }
}

impl fmt::Display for OauthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oauth {:?}", self.error)
    }
}

impl ResponseError for OauthError {
    fn status_code(&self) -> StatusCode {
        match self.error {
            OauthCode::InvalidClient => StatusCode::UNAUTHORIZED,
            OauthCode::SlowDown => StatusCode::TOO_MANY_REQUESTS,
            OauthCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            OauthCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
        if self.error == OauthCode::InvalidClient {
            response.insert_header((WWW_AUTHENTICATE, r#"Basic realm="motcua""#));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.json(json!(self))
    }
}
