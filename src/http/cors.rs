//! Which web pages of other origins may call the API from a browser (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>):
//! those that the operator lists, and no others. Tokens travel in a header, so nothing is ever allowed with credentials.
//!
//! Why not actix-cors: outside the edge its answers would lack request id, safe headers and log line; inside, errors lose
//! its headers when the edge gives them their form.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
            HeaderValue, ORIGIN,
        },
    },
};

use super::compress;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// What a page may send beside what every page may.
const REQUEST_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, \
                               X-Access-Reason, X-Lookup-Secret, X-Request-Id";

/// What a page may read beside what every page may.
const ANSWER_HEADERS: &str = "Allow, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, \
                              WWW-Authenticate, X-Request-Id";

/// How long a browser remembers what is allowed, in seconds.
const REMEMBERED: &str = "3600";

/// The origins that may call, such as `https://dichvucong.example.vn`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

/// The text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an origin such as https://dichvucong.example.vn, without a path")]
pub struct BadOrigin;

impl Origins {
    /// Those of a list. Each is written as browsers send it: scheme, host, and the port unless it is the usual one.
    ///
    /// # Errors
    /// When one of them is none: `*` and `null` are not, on purpose.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Self, BadOrigin> {
        texts.map(origin).collect::<Result<_, _>>().map(Origins)
    }

    /// The origin that asks, if it is one of them.
    pub(super) fn of_request(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let asking = headers.get(ORIGIN)?;
        self.0.iter().find(|known| *known == asking).cloned()
    }

    /// Says to caches that answers differ by origin, and to the page's browser that it may have this one.
    pub(super) fn put(&self, headers: &mut HeaderMap, asking: Option<HeaderValue>) {
        if self.0.is_empty() {
            return;
        }
        compress::vary_by(headers, "Origin");
        if let Some(origin) = asking {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_HEADERS));
        }
    }
}

/// Whether a browser asks what a page may do, before it does it.
pub(super) fn is_preflight(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to that, for a page that may.
pub(super) fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, REMEMBERED))
        .finish()
}

fn origin(text: &str) -> Result<HeaderValue, BadOrigin> {
    let text = text.to_ascii_lowercase();
    let (scheme, host) = text.split_once("://").ok_or(BadOrigin)?;
    let usual_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return Err(BadOrigin),
    };
    let host = host.strip_suffix(usual_port).unwrap_or(host);
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(is_host) {
        return Err(BadOrigin);
    }
    HeaderValue::from_str(&format!("{scheme}://{host}")).map_err(|_| BadOrigin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        let read = |text: &str| origin(text).map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(read("https://DichVuCong.example.vn").unwrap(), "https://dichvucong.example.vn");
        assert_eq!(read("https://a.vn:443").unwrap(), "https://a.vn");
        assert_eq!(read("http://localhost:5173").unwrap(), "http://localhost:5173");
        assert_eq!(read("http://[::1]:8080").unwrap(), "http://[::1]:8080");
        for bad in [
            "*",
            "null",
            "https://",
            "a.vn",
            "https://a.vn/",
            "https://a.vn/x",
            "https://*.a.vn",
            "ftp://a.vn",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
