//! How often somebody may ask: public operations and the token endpoint.
//!
//! GCRA (a token bucket that stores one instant for each caller), in this process only: each copy of the program
//! counts for itself. Headers follow draft-ietf-httpapi-ratelimit-headers. By hand because it is sixty lines, and the
//! ready-made middleware for actix is under the GPL.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};

use super::{
    codes::Code,
    problem::{Problem, Result},
};

static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Callers that are remembered. Beyond it all are forgotten: an attack that wide needs another defence.
const MOST: usize = 100_000;

/// A limit and what was used of it.
pub struct RateLimiter {
    name: &'static str,
    quota: u32,
    window: Duration,
    /// When each caller's bucket will be full again. Callers are kept as keyed hashes.
    full_at: Mutex<HashMap<u64, Instant>>,
    hasher: RandomState,
}

impl RateLimiter {
    /// At most `quota` requests at once, and so many again in each `window`, evenly spread. `quota` must not be zero.
    #[must_use]
    pub fn new(name: &'static str, quota: u32, window: Duration) -> Self {
        RateLimiter {
            name,
            quota: quota.max(1),
            window,
            full_at: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Takes one request of a caller, and gives the headers that tell what is left.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After`.
    pub fn take(&self, caller: &impl Hash, now: Instant) -> Result<Vec<(HeaderName, HeaderValue)>> {
        let interval = self.window / self.quota;
        let key = self.hasher.hash_one(caller);
        // Each entry stands alone, so a panic elsewhere does no harm to the map.
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MOST {
            full_at.retain(|_, full| *full > now);
            if full_at.len() >= MOST {
                full_at.clear();
            }
        }
        let missing = full_at.get(&key).map_or(Duration::ZERO, |full| full.saturating_duration_since(now));
        let missing_then = missing + interval;
        let wait = missing_then.saturating_sub(self.window);
        if !wait.is_zero() {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let mut problem = Problem::new(Code::RateLimited).header(RETRY_AFTER, HeaderValue::from(seconds));
            for (name, value) in self.headers(self.window, interval) {
                problem = problem.header(name, value);
            }
            return Err(problem);
        }
        full_at.insert(key, now + missing_then);
        Ok(self.headers(missing_then, interval))
    }

    fn headers(&self, missing: Duration, interval: Duration) -> Vec<(HeaderName, HeaderValue)> {
        let left = self.window.saturating_sub(missing).as_nanos() / interval.as_nanos().max(1);
        let limit = format!("\"{}\";r={left};t={}", self.name, missing.as_secs());
        let policy = format!("\"{}\";q={};w={}", self.name, self.quota, self.window.as_secs());
        [(&RATE_LIMIT, limit), (&RATE_LIMIT_POLICY, policy)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.clone(), HeaderValue::try_from(value).ok()?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_a_pace() {
        let limiter = RateLimiter::new("public", 3, Duration::from_secs(30));
        let start = Instant::now();
        for left in ["r=2", "r=1", "r=0"] {
            let headers = limiter.take(&"a", start).unwrap();
            assert!(headers[0].1.to_str().unwrap().contains(left), "{headers:?}");
        }
        let refused = limiter.take(&"a", start).unwrap_err();
        assert_eq!(refused.header_value(&RETRY_AFTER).unwrap(), "10");
        assert_eq!(refused.header_value(&RATE_LIMIT_POLICY).unwrap(), "\"public\";q=3;w=30");
        assert!(limiter.take(&"b", start).is_ok());
        assert!(limiter.take(&"a", start + Duration::from_secs(9)).is_err());
        assert!(limiter.take(&"a", start + Duration::from_secs(10)).is_ok());
        assert!(limiter.take(&"a", start + Duration::from_secs(10)).is_err());
    }
}
