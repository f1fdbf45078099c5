//! Strong validators, `"<version>.<digest of this representation>"`, and the conditions that name them (RFC 9110 §8.8, §13).
//!
//! Two questions are asked of them. A reader asks whether *this representation* is the one it has (`If-None-Match`):
//! the whole tag counts, since the same version looks different to different callers. A writer asks whether *the
//! resource* has changed since it was read (`If-Match`): only the version counts.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH},
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use utoipa::{
    IntoParams, PartialSchema,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::{codes::Code, openapi, problem::Problem};

/// 96 bits: too many to collide by chance, short enough to read.
const DIGEST_BYTES: usize = 12;

/// Marks the tag of the same representation, compressed: a strong tag may not be shared by different bytes.
pub(super) const COMPRESSED: &str = "-gzip";

/// The tag of a representation, quotes included.
#[must_use]
pub fn etag(version: i64, representation: &[u8]) -> String {
    let digest = Sha256::digest(representation);
    let (short, _) = digest.split_at(DIGEST_BYTES);
    format!("\"{version}.{}\"", BASE64URL_NOPAD.encode(short))
}

/// Whether `If-None-Match` names this tag, so that 304 says all there is to say.
#[must_use]
pub fn is_known_to_client(headers: &HeaderMap, etag: &str) -> bool {
    // Weak comparison, as RFC 9110 §13.1.2 wants it; compressed or not makes no difference to what is known.
    let opaque = etag.trim_matches('"');
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| {
            tag == "*"
                || opaque_of(tag).is_some_and(|tag| tag.strip_suffix(COMPRESSED).unwrap_or(tag) == opaque)
        })
}

/// What stands between the quotes.
fn opaque_of(tag: &str) -> Option<&str> {
    tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')
}

/// The condition of a change: `If-Match`, honoured on every change and required nowhere unless the service says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Condition);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Condition {
    /// No header: whatever the version is.
    #[default]
    None,
    /// `*`: whatever it is, but it must exist, which the service finds out anyway.
    Any,
    /// One of these versions. Empty when nothing in the header was a tag of ours: nothing matches.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Compares with the current version. Call it inside the transaction, after an idempotent replay was looked for.
    ///
    /// # Errors
    /// 412 `stale_version`.
    pub fn check(&self, version: i64) -> Result<(), Problem> {
        match &self.0 {
            Condition::None | Condition::Any => Ok(()),
            Condition::Versions(wanted) if wanted.contains(&version) => Ok(()),
            Condition::Versions(_) => Err(Problem::new(Code::StaleVersion).member("version", version)),
        }
    }

    /// For changes that nobody may make blindly.
    ///
    /// # Errors
    /// 428 `precondition_required` without the header, 412 `stale_version` with another version.
    pub fn require(&self, version: i64) -> Result<(), Problem> {
        match &self.0 {
            Condition::None => Err(Problem::new(Code::PreconditionRequired)),
            _ => self.check(version),
        }
    }

    fn of(headers: &HeaderMap) -> Self {
        let mut versions = None;
        for value in headers.get_all(IF_MATCH) {
            let versions = versions.get_or_insert_with(Vec::new);
            for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
                if tag == "*" {
                    return IfMatch(Condition::Any);
                }
                // A weak tag never matches here (strong comparison).
                let version: Option<i64> = tag
                    .strip_prefix('"')
                    .and_then(|tag| tag.split('.').next())
                    .and_then(|tag| tag.parse().ok());
                versions.extend(version);
            }
        }
        IfMatch(versions.map_or(Condition::None, Condition::Versions))
    }
}

/// For operations whose method does not tell that they change something with a version: `params(IfMatch)`.
impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(openapi::IF_MATCH))
                .schema(Some(<String as PartialSchema>::schema()))
                .build(),
        ]
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(IfMatch::of(request.headers())))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn if_match(sent: &str) -> IfMatch {
        IfMatch::of(TestRequest::default().insert_header((IF_MATCH, sent)).to_http_request().headers())
    }

    #[test]
    fn a_change_compares_the_version_only() {
        let tag = etag(7, b"what an officer saw");
        assert!(if_match(&tag).check(7).is_ok());
        assert_eq!(if_match(&tag).check(8).unwrap_err().code(), Code::StaleVersion);
        assert!(if_match("\"6.x\", \"7.y\"").check(7).is_ok());
        assert!(if_match("*").check(7).is_ok());
        for nonsense in ["W/\"7.x\"", "7", "\"seven\"", ""] {
            assert!(if_match(nonsense).check(7).is_err(), "{nonsense}");
        }
        assert!(IfMatch::default().check(7).is_ok());
        assert_eq!(IfMatch::default().require(7).unwrap_err().code(), Code::PreconditionRequired);
    }

    #[test]
    fn a_reader_compares_the_representation() {
        let known = |sent: &str, tag: &str| {
            let request = TestRequest::default().insert_header((IF_NONE_MATCH, sent)).to_http_request();
            is_known_to_client(request.headers(), tag)
        };
        let full = etag(7, b"full");
        let masked = etag(7, b"masked");
        assert_ne!(full, masked);
        assert!(known(&full, &full));
        assert!(known(&format!("\"other\", W/{full}"), &full));
        assert!(known(&format!("{}{COMPRESSED}\"", full.trim_end_matches('"')), &full));
        assert!(known("*", &full));
        assert!(!known(&masked, &full));
    }
}
