//! Reads the header and knows which operation it was sent to.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
    web::Data,
};

use super::{
    claim::{Claim, Whose},
    seal::ServerKey,
};
use crate::http::{body::BodyDigest, codes::Code, problem::Problem};

/// In requests: 1 to 255 visible ASCII characters.
pub static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// In answers: `true` when it is the answer to an earlier request.
pub static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const LENGTH: std::ops::RangeInclusive<usize> = 1..=255;

/// The key of a request, if it has one, and what it was sent to. Needs a [`ServerKey`] among the application's data.
#[derive(Clone)]
pub struct Idempotency {
    key: Option<String>,
    operation: String,
    target: String,
    server_key: Data<ServerKey>,
}

impl Idempotency {
    /// What the request claims, once it is known who sent it and what its body was.
    #[must_use]
    pub fn claim(&self, whose: Whose<'_>, body: BodyDigest) -> Claim {
        match &self.key {
            None => Claim::none(),
            Some(key) => Claim::new(&self.server_key, key, whose, &self.operation, &self.target, body),
        }
    }
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all(&IDEMPOTENCY_KEY);
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let key = value.to_str().unwrap_or_default();
            if LENGTH.contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
                Ok(Some(key.to_owned()))
            } else {
                Err(Problem::new(Code::InvalidIdempotencyKey))
            }
        }
        (Some(_), Some(_)) => Err(Problem::new(Code::InvalidIdempotencyKey)),
    }
}

impl FromRequest for Idempotency {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            let server_key = request
                .app_data::<Data<ServerKey>>()
                .ok_or_else(|| Problem::internal("no key for idempotency was given to the server"))?;
            // The pattern, not the path: the same key for another dossier is a mistake that must be told.
            let pattern = request.match_pattern().unwrap_or_default();
            Ok(Idempotency {
                key: key_of(request.headers())?,
                operation: format!("{} {pattern}", request.method()),
                target: request.uri().to_string(),
                server_key: server_key.clone(),
            })
        };
        ready(read())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn keys_are_visible_and_single() {
        let of = |keys: &[&str]| {
            let request = keys.iter().fold(TestRequest::default(), |request, key| {
                request.append_header((IDEMPOTENCY_KEY.clone(), *key))
            });
            key_of(request.to_http_request().headers())
        };
        assert_eq!(of(&[]).unwrap(), None);
        assert_eq!(of(&["a-1"]).unwrap().as_deref(), Some("a-1"));
        assert!(of(&[&"x".repeat(255)]).is_ok());
        for bad in [vec![""], vec!["a b"], vec!["ă"], vec!["a", "b"]] {
            assert_eq!(of(&bad).unwrap_err().code(), Code::InvalidIdempotencyKey, "{bad:?}");
        }
        assert!(of(&[&"x".repeat(256)]).is_err());
    }
}
