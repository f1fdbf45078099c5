//! The logic: claim, then either replay or have the effect and keep its answer.

use std::{fmt, sync::Arc};

use actix_web::http::header::HeaderValue;
use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;

use super::{
    header::IDEMPOTENCY_REPLAYED,
    seal::{Sealer, ServerKey},
    store,
};
use crate::{
    db::{self, Conn, Instant},
    http::{answer::Answer, body::BodyDigest, codes::Code, problem::Problem},
};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// Whose key it is: keys of different callers never meet.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// An account or a client, by its id.
    Account(&'a str),
    /// Nobody that is known. The body becomes part of the key, so that a stranger who guesses a key learns nothing
    /// and blocks nobody.
    Anybody,
}

/// What a request claims; nothing when it has no key. Cheap to clone: a transaction may be tried more than once.
#[derive(Clone)]
pub struct Claim(Option<Arc<Keyed>>);

struct Keyed {
    /// The row's key.
    key_hash: String,
    /// What must be the same when the key comes again.
    request_hash: String,
    sealer: Sealer,
}

impl Claim {
    /// For requests without a key: the effect is simply had.
    #[must_use]
    pub fn none() -> Self {
        Claim(None)
    }

    pub(in crate::http) fn new(
        server_key: &ServerKey,
        key: &str,
        whose: Whose<'_>,
        operation: &str,
        target: &str,
        body: BodyDigest,
    ) -> Self {
        let (kind, id): (&[u8], &[u8]) = match whose {
            Whose::Account(id) => (b"account", id.as_bytes()),
            Whose::Anybody => (b"anybody", body.as_bytes()),
        };
        let key_hash = server_key.mac("key", &[kind, id, operation.as_bytes(), key.as_bytes()]);
        let request_hash = server_key.mac("request", &[target.as_bytes(), body.as_bytes()]);
        Claim(Some(Arc::new(Keyed {
            key_hash: BASE64URL_NOPAD.encode(&key_hash),
            request_hash: BASE64URL_NOPAD.encode(&request_hash),
            sealer: server_key.sealer(key),
        })))
    }

    /// Has the effect once. Call it first thing in the transaction of the effect; all that the effect reads and
    /// compares (`If-Match`, state) belongs into `effect`.
    ///
    /// # Errors
    /// 422 `idempotency_key_reused` when the key came with another request; what `effect` returns, and then the
    /// transaction must be undone (as `Db::write` does), the claim with it.
    pub fn run<E>(
        &self,
        conn: &mut Conn,
        now: Instant,
        effect: impl FnOnce(&mut Conn) -> Result<Answer, E>,
    ) -> Result<Answer, E>
    where
        E: From<Problem> + From<db::Error>,
    {
        let Some(keyed) = &self.0 else {
            return effect(conn);
        };
        if store::claim(conn, &keyed.key_hash, &keyed.request_hash, now, now + KEPT)? {
            let answer = effect(conn)?;
            let sealed = keyed.sealer.seal(&answer, &keyed.associated())?;
            store::keep(conn, &keyed.key_hash, i32::from(answer.status.as_u16()), &sealed)?;
            Ok(answer)
        } else {
            Ok(keyed.replay(conn)?)
        }
    }
}

impl Keyed {
    fn replay(&self, conn: &mut Conn) -> Result<Answer, Problem> {
        let kept = store::get(conn, &self.key_hash)?;
        if kept.request_hash != self.request_hash {
            return Err(Problem::new(Code::IdempotencyKeyReused));
        }
        // A claim without an answer is never committed.
        let sealed = kept.answer.ok_or_else(|| Problem::internal("an idempotency row without an answer"))?;
        let mut answer = self.sealer.open(&sealed, &self.associated())?;
        answer.headers.push((IDEMPOTENCY_REPLAYED.clone(), HeaderValue::from_static("true")));
        Ok(answer)
    }

    /// Binds the sealed answer to its row.
    fn associated(&self) -> Vec<u8> {
        format!("{}.{}", self.key_hash, self.request_hash).into_bytes()
    }
}

/// Neither key nor hashes belong into a log.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Claim(keyed)" } else { "Claim(none)" })
    }
}
