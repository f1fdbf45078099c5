//! The id of a request: taken over from `X-Request-Id` when it is sane, else made; answered, and known to every log
//! line that is written while the request is worked on.
//!
//! In asynchronous code the id follows the task. Code that moves work to another thread takes it along:
//! `let id = request_id::current();` here, `request_id::on_this_thread(id, || …)` there. Whoever formats log lines
//! asks [`current`].

use std::{
    cell::RefCell,
    fmt,
    future::{Future, Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::{Payload, ServiceRequest},
    http::header::{HeaderName, HeaderValue},
};
use uuid::Uuid;

/// `X-Request-Id`, in requests and answers.
pub static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const MAX_LENGTH: usize = 64;

tokio::task_local! {
    static OF_TASK: RequestId;
}

thread_local! {
    static OF_THREAD: RefCell<Option<RequestId>> = const { RefCell::new(None) };
}

/// The id of one request: 1 to 64 of `A-Z a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The client's own id when it is sane, else a new UUIDv7.
    #[must_use]
    pub fn of(request: &ServiceRequest) -> Self {
        request
            .headers()
            .get(&X_REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(is_sane))
            .map_or_else(|| RequestId(Uuid::now_v7().to_string().into()), |id| RequestId(id.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header's value.
    #[must_use]
    pub fn header_value(&self) -> HeaderValue {
        // Sane characters only, so the fallback is never taken.
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("-"))
    }

    /// Runs a future with this id as the current one.
    pub async fn around<F: Future>(self, future: F) -> F::Output {
        OF_TASK.scope(self, future).await
    }
}

fn is_sane(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// The id of the request that this task or thread is working for, if it is working for one.
#[must_use]
pub fn current() -> Option<RequestId> {
    OF_TASK.try_with(Clone::clone).ok().or_else(|| OF_THREAD.with(|id| id.borrow().clone()))
}

/// Runs a closure on this thread with `id` as the current one; also when it panics, the thread forgets the id after it.
pub fn on_this_thread<T>(id: Option<RequestId>, work: impl FnOnce() -> T) -> T {
    struct Forget(Option<RequestId>);
    impl Drop for Forget {
        fn drop(&mut self) {
            OF_THREAD.with(|current| *current.borrow_mut() = self.0.take());
        }
    }
    let _before = Forget(OF_THREAD.with(|current| current.replace(id)));
    work()
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromRequest for RequestId {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The edge has put it there; without an edge (a unit test of a handler) there is none to report.
        ready(Ok(request.extensions().get::<RequestId>().cloned().unwrap_or_else(|| RequestId("-".into()))))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn sane_ids_are_taken_over_and_others_replaced() {
        let of = |sent: &str| {
            let request = TestRequest::default().insert_header((X_REQUEST_ID.clone(), sent)).to_srv_request();
            RequestId::of(&request)
        };
        assert_eq!(of("abc-1.2_3").as_str(), "abc-1.2_3");
        for bad in ["", "a b", "a\"b", "ă", &"x".repeat(65)] {
            let made = of(bad);
            assert_eq!(made.as_str().len(), 36, "{bad} became {made}");
        }
    }

    #[test]
    fn a_thread_forgets_the_id_afterwards() {
        let id = RequestId("here".into());
        assert_eq!(on_this_thread(Some(id.clone()), current), Some(id));
        assert_eq!(current(), None);
    }
}
