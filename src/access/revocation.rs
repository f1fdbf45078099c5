//! Tokens that must not be accepted any more although they look good. Every copy keeps the list in memory, so that a
//! request asks no database; the copy that revokes knows at once, the others within a second, by reading the table.
//!
//! A line names one access token, a whole family (everything that came from one sign-in) or a generation of a holder
//! (everything that an account or a client was given until its password, roles or secret changed), and stays until what
//! it names would have ended by itself; so the list is short. A token that is being made while its generation ends is
//! named by the line as well: nobody has to wait for anybody.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use actix_web::web;

use super::tokens::Verified;
use super::{Access, rules, store};
use crate::db::{Error, Instant, PublicId};

/// How often the table is read.
const EVERY: Duration = Duration::from_millis(500);
/// After how many readings what has expired is deleted: some ten minutes.
const PRUNE_AFTER: u32 = 1200;

/// What was revoked, with the moment from which on nobody needs to know any more.
#[derive(Debug, Default)]
pub(super) struct Revocations(RwLock<HashMap<String, Instant>>);

/// The line that names one access token.
pub(super) fn of_token(jti: &str) -> String {
    format!("token:{jti}")
}

/// The line that names all tokens of a sign-in.
pub(super) fn of_family(family: &str) -> String {
    format!("family:{family}")
}

/// The line that names all tokens that an account or a client was given in one generation.
pub(super) fn of_holder(holder: PublicId, generation: i64) -> String {
    format!("holder:{holder}.{generation}")
}

/// The line that says that a provider's token was used: it opens the door once.
pub(super) fn of_provider_token(hash: &str) -> String {
    format!("provider:{hash}")
}

impl Revocations {
    pub(super) fn add(&self, subject: String, expires_at: Instant) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(subject, expires_at);
    }

    pub(super) fn contains(&self, token: &Verified) -> bool {
        let list = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !list.is_empty()
            && (list.contains_key(&of_token(&token.jti))
                || list.contains_key(&of_holder(token.identity.public_id, token.identity.generation))
                || token.family.as_deref().is_some_and(|family| list.contains_key(&of_family(family))))
    }

    /// Adds what stands in the table. Nothing is taken away but what has expired: a line that this copy has just
    /// added may not have been in the table yet when it was read.
    fn merge(&self, lines: Vec<(String, Instant)>, now: Instant) {
        let mut list = self.0.write().unwrap_or_else(PoisonError::into_inner);
        list.retain(|_, expires_at| *expires_at > now);
        list.extend(lines);
    }
}

impl Access {
    /// Learns what other copies have revoked. Must have succeeded once before the server takes requests.
    ///
    /// # Errors
    /// The database's.
    pub async fn learn_revocations(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let lines = self.db.read(move |conn| store::list_revoked(conn, now)).await?;
        self.revocations.merge(lines, now);
        Ok(())
    }

    /// Keeps the list fresh for as long as the server runs, and the signing keys with it; never ends by itself.
    pub async fn follow_revocations(access: web::Data<Self>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for round in (0..PRUNE_AFTER).cycle() {
            ticks.tick().await;
            if let Err(error) = access.learn_revocations().await {
                log::warn!("revoked tokens could not be read; the list may be old: {error}");
            }
            if let Err(error) = access.keys.reload() {
                log::warn!("signing keys could not be read; those known before stay: {error}");
            }
            if round == 0 {
                let now = access.clock.now();
                let pruned = access.db.write(move |conn| {
                    store::prune_attempts(conn, now - rules::FORGOTTEN_AFTER)?;
                    store::prune_tokens(conn, now)
                });
                if let Err(error) = pruned.await {
                    log::warn!("expired tokens could not be deleted: {error}");
                }
            }
        }
    }
}
