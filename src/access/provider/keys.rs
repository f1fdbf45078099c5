//! The provider's public keys, kept for an hour and asked for anew when a token names one that is not among them: so a new
//! key works at once, and somebody who makes up names cannot make us ask more often than every half minute.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::TimeDelta;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use tokio::sync::Mutex;

use super::Refusal;
use super::fetch::Fetch;
use crate::db::Instant;

/// What a provider may sign with. None that takes a shared secret, and not `none`.
pub(super) const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// How long keys are good without asking.
const KEPT_FOR: TimeDelta = TimeDelta::hours(1);
/// After an answer, how long before the next question.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The same after none.
const PAUSE_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(5);

/// One key of the provider.
#[derive(Clone)]
pub(super) struct PublicKey {
    kid: String,
    /// The only algorithm that it is for, when the provider says so.
    algorithm: Option<String>,
    public: DecodingKey,
}

impl PublicKey {
    /// A key to check signatures with; nothing when the entry is of another kind or is none.
    fn read(entry: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(entry.clone()).ok()?;
        if jwk.common.public_key_use.as_ref().is_some_and(|it| *it != PublicKeyUse::Signature) {
            return None;
        }
        Some(PublicKey {
            kid: jwk.common.key_id.clone()?,
            algorithm: entry.get("alg").and_then(Value::as_str).map(str::to_owned),
            public: DecodingKey::from_jwk(&jwk).ok()?,
        })
    }

    /// Whether it may check this algorithm. That its kind fits, the library sees to.
    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        self.algorithm.as_deref().is_none_or(|own| own.parse() == Ok(algorithm))
    }

    pub(super) fn public(&self) -> &DecodingKey {
        &self.public
    }
}

/// What the provider said last.
struct Known {
    keys: Vec<PublicKey>,
    asked_at: Instant,
}

/// The last question.
#[derive(Clone, Copy)]
struct Question {
    at: Instant,
    failed: bool,
}

pub(super) struct KeyCache {
    fetch: Fetch,
    known: RwLock<Option<Arc<Known>>>,
    /// One asks, the others wait for his answer.
    last: Mutex<Option<Question>>,
}

impl KeyCache {
    pub(super) fn new(fetch: Fetch) -> Self {
        KeyCache { fetch, known: RwLock::default(), last: Mutex::default() }
    }

    /// The key with this name; nothing when the provider has none.
    pub(super) async fn find(&self, kid: &str, now: Instant) -> Result<Option<PublicKey>, Refusal> {
        if let Some(key) = self.among_known(kid, now) {
            return Ok(Some(key));
        }
        let mut last = self.last.lock().await;
        // Somebody else may have asked while this one waited.
        if let Some(key) = self.among_known(kid, now) {
            return Ok(Some(key));
        }
        if let Some(question) = *last
            && question.is_recent(now)
        {
            return if question.failed {
                Err(Refusal::Provider("it did not answer a moment ago".to_owned()))
            } else {
                Ok(None)
            };
        }
        *last = Some(Question { at: now, failed: true });
        let entries = self.fetch.keys().await.map_err(Refusal::Provider)?;
        *last = Some(Question { at: now, failed: false });
        let keys = entries.iter().filter_map(PublicKey::read).collect();
        let known = Arc::new(Known { keys, asked_at: now });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(self.among_known(kid, now))
    }

    fn among_known(&self, kid: &str, now: Instant) -> Option<PublicKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        // A clock that went back makes them old as well: better to ask once more.
        let is_fresh = known.asked_at <= now && now < known.asked_at + KEPT_FOR;
        if is_fresh { known.keys.iter().find(|key| key.kid == kid).cloned() } else { None }
    }
}

impl Question {
    fn is_recent(self, now: Instant) -> bool {
        let pause = if self.failed { PAUSE_AFTER_FAILURE } else { PAUSE };
        self.at <= now && now < self.at + pause
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_check_signatures_are_taken_and_others_left() {
        let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "kid": "a", "use": "sig", "alg": "EdDSA",
                             "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let key = PublicKey::read(&ed25519).unwrap();
        assert!(key.is_for(Algorithm::EdDSA) && !key.is_for(Algorithm::RS256));
        let with = |name: &str, value: Value| {
            let mut entry = ed25519.clone();
            entry[name] = value;
            PublicKey::read(&entry)
        };
        assert!(with("alg", Value::Null).unwrap().is_for(Algorithm::EdDSA));
        assert!(with("use", json!("enc")).is_none());
        assert!(with("kid", Value::Null).is_none());
        assert!(with("kty", json!("Kyber")).is_none());
        for nothing in [json!(null), json!([]), json!("key"), json!({})] {
            assert!(PublicKey::read(&nothing).is_none());
        }
    }
}
