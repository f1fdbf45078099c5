//! The delay after failed tries to sign in, per name and per address, on all copies.
//!
//! A try is counted as a failure *before* the password is compared, and taken back when it fits, so that many at once
//! gain nothing. Names that do not exist are counted like those that do. Only keyed hashes are stored: the table tells
//! neither who tried nor from where.

use std::fmt;
use std::net::IpAddr;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Access, rules, store};
use crate::db::{Conn, Error, Instant};

/// What a try is counted under.
#[derive(Clone)]
pub(super) struct Attempt {
    name: String,
    address: Option<String>,
}

/// Nobody may try yet: how many seconds to wait, at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooEarly(pub(super) u64);

impl Access {
    /// Counts a try of an account (`kind` `account`) or a client (`client`) from a network; nothing is known of the
    /// network in some tests only.
    pub(super) async fn begin_attempt(
        &self,
        kind: &str,
        name: &str,
        from: Option<IpAddr>,
    ) -> Result<Result<Attempt, TooEarly>, Error> {
        let attempt = Attempt {
            name: self.subject(kind, name.to_ascii_lowercase().as_bytes()),
            address: from.map(|from| self.subject("address", from.to_string().as_bytes())),
        };
        let now = self.clock.now();
        let counted = attempt.clone();
        let open_at = self.db.write(move |conn| counted.count(conn, now)).await?;
        Ok(match open_at {
            None => Ok(attempt),
            Some(open_at) => Err(TooEarly(whole_seconds(now, open_at))),
        })
    }

    fn subject(&self, kind: &str, what: &[u8]) -> String {
        // HMAC takes keys of any length: this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.attempts_key) else {
            return String::new();
        };
        mac.update(kind.as_bytes());
        mac.update(b":");
        mac.update(what);
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }
}

impl Attempt {
    fn subjects(&self) -> impl Iterator<Item = (&str, rules::Patience)> {
        let address = self.address.as_deref().map(|address| (address, rules::ADDRESS));
        std::iter::once((self.name.as_str(), rules::NAME)).chain(address)
    }

    /// Counts it, unless nobody may try yet: then nothing is counted, and it is said when.
    fn count(&self, conn: &mut Conn, now: Instant) -> Result<Option<Instant>, Error> {
        for (subject, patience) in self.subjects() {
            if let Some(open_at) = store::find_delay(conn, subject, now, patience.longest_from(now))? {
                return Ok(Some(open_at));
            }
        }
        for (subject, patience) in self.subjects() {
            // Another one has just failed: he who comes at the same moment waits as long as the shortest delay.
            let (forgotten, longest) = (now - rules::FORGOTTEN_AFTER, patience.longest_from(now));
            let Some(failures) = store::count_attempt(conn, subject, now, forgotten, longest)? else {
                return Ok(Some(now + patience.delay(patience.free + 1)));
            };
            let delay = patience.delay(failures);
            if !delay.is_zero() {
                store::delay_attempts(conn, subject, now + delay)?;
            }
        }
        Ok(None)
    }

    /// It has succeeded: the name begins anew, the address has one failure less.
    pub(super) fn forgive(&self, conn: &mut Conn) -> Result<(), Error> {
        store::forget_attempts(conn, &self.name)?;
        match &self.address {
            Some(address) => store::take_back_attempt(conn, address),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt")
    }
}

/// From `now` to `later`, rounded up.
fn whole_seconds(now: Instant, later: Instant) -> u64 {
    let micros = later.micros().saturating_sub(now.micros());
    u64::try_from(micros.saturating_add(999_999) / 1_000_000).unwrap_or(1).max(1)
}
