//! How often one address may ask what needs no login: the public's operations and the token endpoints. Token buckets, one
//! for each address and kind of operation; the buckets of a copy are its own.
//!
//! Every answer of these operations says how the caller stands, in the fields of draft-ietf-httpapi-ratelimit-headers (`w` is
//! the minute, `t` when the bucket is full again). Who has used up his bucket gets 429 with `Retry-After`, and the request
//! goes no further. An address is what [`network_of`] says: a whole IPv4 address, the /64 of an IPv6 address, behind a proxy
//! only when the proxy is one of ours.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use actix_web::{
    dev::ServiceRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::{client_address::network_of, codes::Code, limits::Limits, oauth_error, problem::Problem};

pub(super) static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(super) static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Below it stands what the public may do without a login.
const PUBLIC: &str = "/api/v1/public/";

/// The window of the limits, in seconds.
const WINDOW: u32 = 60;

/// After so many requests addresses that have a full bucket again are forgotten.
const FORGET_AFTER: u32 = 1000;

type Limiter = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, MonotonicClock, StateInformationMiddleware>;

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Looking up a dossier, filing one: whatever the public does.
    Public,
    /// Getting and ending tokens.
    Token,
}

impl Kind {
    /// What the operation at this path is counted as; nothing when it is not.
    pub(super) fn of(path: &str) -> Option<Kind> {
        if path.starts_with(PUBLIC) {
            Some(Kind::Public)
        } else {
            oauth_error::PATHS.contains(&path).then_some(Kind::Token)
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Kind::Public => "public",
            Kind::Token => "token",
        }
    }
}

/// The buckets of all addresses.
pub(super) struct Throttle {
    public: Option<Buckets>,
    token: Option<Buckets>,
}

struct Buckets {
    name: &'static str,
    per_minute: u32,
    policy: HeaderValue,
    limiter: Limiter,
    asked: AtomicU32,
}

/// How a caller stands after this request.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    policy: HeaderValue,
    left: HeaderValue,
    /// Seconds until he may ask again; nothing while he may.
    wait: Option<u64>,
}

impl Throttle {
    pub(super) fn new(limits: &Limits) -> Self {
        Throttle {
            public: Buckets::new(Kind::Public, limits.public_per_minute),
            token: Buckets::new(Kind::Token, limits.token_per_minute),
        }
    }

    /// Takes one from the caller's bucket. Nothing for operations that are not counted.
    pub(super) fn take(&self, request: &ServiceRequest) -> Option<Standing> {
        // As the router reads it: `%70ublic` is `public` to it.
        let buckets = match Kind::of(request.match_info().as_str())? {
            Kind::Public => self.public.as_ref(),
            Kind::Token => self.token.as_ref(),
        };
        Some(buckets?.take(network_of(request.request())?))
    }
}

impl Buckets {
    /// No buckets at all for 0 per minute.
    fn new(kind: Kind, per_minute: u32) -> Option<Self> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        let name = kind.name();
        Some(Buckets {
            name,
            per_minute,
            policy: HeaderValue::from_str(&format!("\"{name}\";q={per_minute};w={WINDOW}")).ok()?,
            limiter: RateLimiter::dashmap_with_clock(quota, MonotonicClock).with_middleware(),
            asked: AtomicU32::new(0),
        })
    }

    fn take(&self, address: IpAddr) -> Standing {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_AFTER == FORGET_AFTER - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        match self.limiter.check_key(&address) {
            Ok(state) => self.standing(state.remaining_burst_capacity(), None),
            Err(refused) => {
                let wait = refused.wait_time_from(self.limiter.clock().now());
                self.standing(0, Some(wait.as_secs() + 1))
            }
        }
    }

    fn standing(&self, left: u32, wait: Option<u64>) -> Standing {
        let used = u64::from(self.per_minute.saturating_sub(left));
        let full_in = (used * u64::from(WINDOW)).div_ceil(u64::from(self.per_minute));
        let text = format!("\"{}\";r={left};t={full_in}", self.name);
        Standing {
            policy: self.policy.clone(),
            // ASCII, so the fallback is never taken.
            left: HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("")),
            wait,
        }
    }
}

impl Standing {
    /// What he gets instead of an answer when his bucket is empty.
    pub(super) fn refusal(&self) -> Option<Problem> {
        let wait = HeaderValue::from(self.wait?);
        Some(Problem::new(Code::RateLimited).header(RETRY_AFTER, wait))
    }

    pub(super) fn put(self, headers: &mut HeaderMap) {
        headers.insert(RATE_LIMIT_POLICY.clone(), self.policy);
        headers.insert(RATE_LIMIT.clone(), self.left);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn take(throttle: &Throttle, path: &str, peer: &str) -> Option<(String, bool)> {
        let request = TestRequest::with_uri(path).peer_addr((peer.parse::<IpAddr>().unwrap(), 1).into());
        let standing = throttle.take(&request.to_srv_request())?;
        Some((standing.left.to_str().unwrap().to_owned(), standing.refusal().is_some()))
    }

    fn throttle(public_per_minute: u32) -> Throttle {
        Throttle::new(&Limits { public_per_minute, ..Limits::default() })
    }

    const LOOK_UP: &str = "/api/v1/public/dossiers/1";

    #[test]
    fn each_address_has_a_bucket_of_its_own() {
        let throttle = throttle(2);
        let told = |left: u32, seconds: u32| format!("\"public\";r={left};t={seconds}");
        assert_eq!(take(&throttle, LOOK_UP, "192.0.2.1"), Some((told(1, 30), false)));
        assert_eq!(take(&throttle, LOOK_UP, "192.0.2.1"), Some((told(0, 60), false)));
        assert_eq!(take(&throttle, LOOK_UP, "192.0.2.1"), Some((told(0, 60), true)));
        assert_eq!(take(&throttle, LOOK_UP, "192.0.2.2"), Some((told(1, 30), false)));
    }

    #[test]
    fn a_subscriber_with_many_addresses_has_one_bucket() {
        let throttle = throttle(1);
        assert!(!take(&throttle, LOOK_UP, "2001:db8:1:2::1").unwrap().1);
        assert!(take(&throttle, LOOK_UP, "2001:db8:1:2:ffff::9").unwrap().1);
        assert!(!take(&throttle, LOOK_UP, "2001:db8:1:3::1").unwrap().1);
    }

    #[test]
    fn only_what_needs_no_login_is_counted_however_it_is_spelt() {
        let throttle = throttle(1);
        for path in ["/api/v1/dossiers", "/api/v1/publicity", "/livez", "/problems/not_found"] {
            assert_eq!(take(&throttle, path, "192.0.2.1"), None, "{path}");
        }
        assert!(!take(&throttle, LOOK_UP, "192.0.2.1").unwrap().1);
        assert!(take(&throttle, "/api/v1/%70ublic/dossiers/1", "192.0.2.1").unwrap().1);
        assert!(take(&throttle, "/api/v1/auth/token", "192.0.2.1").unwrap().0.starts_with("\"token\""));
    }

    #[test]
    fn nought_is_no_limit() {
        assert_eq!(take(&throttle(0), LOOK_UP, "192.0.2.1"), None);
    }

    #[test]
    fn addresses_are_forgotten() {
        // So many per minute that a bucket is full again as soon as one looks.
        let throttle = throttle(u32::MAX);
        for n in 0..3 * FORGET_AFTER {
            let address = IpAddr::from(n.to_be_bytes());
            throttle.public.as_ref().unwrap().take(address);
        }
        let known = throttle.public.as_ref().unwrap().limiter.len();
        assert!(known <= usize::try_from(FORGET_AFTER).unwrap(), "{known} addresses are kept");
    }
}
