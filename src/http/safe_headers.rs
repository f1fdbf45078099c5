//! Headers that keep browsers from doing with an answer what it is not for: sniffing, framing, running what it holds,
//! telling others where the reader came from.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// An answer is data: should a browser ever show it as a page, nothing in it runs.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Swagger UI is a page: its own scripts and styles, the API of the same origin, and nothing from elsewhere. Its scripts set
/// styles in the page and show pictures that they carry.
const SWAGGER_UI: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                          connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// A year. Other hosts of the same domain are not ours to bind.
const ONLY_HTTPS: &str = "max-age=31536000";

/// Puts them on an answer; what it says of itself about policy and caching stays.
pub(super) fn put(headers: &mut HeaderMap, path: &str, is_https: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Pages of other origins that may read answers ask by CORS, which this does not concern.
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if is_https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONLY_HTTPS));
    }
    let policy = if path.starts_with("/swagger-ui/") { SWAGGER_UI } else { NOTHING };
    default_header(headers, CONTENT_SECURITY_POLICY, policy);
    default_header(headers, CACHE_CONTROL, "no-store");
}

fn default_header(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
