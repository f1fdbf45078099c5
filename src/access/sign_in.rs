//! The grants of the token endpoint (RFC 6749), rotation of refresh tokens, and revoking (RFC 7009). Each is one
//! transaction; its own errors are RFC 6749's.
//!
//! A sign-in starts a *family*: each refresh marks its token used and adds the next one. A used token that comes
//! back means that it was copied, and ends the family: whoever has the newest one is out as well.
//!
//! Whether a user name exists shows neither in the answer nor in the work done for it, and failed tries are delayed for
//! names that do not exist as for those that do.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;

use super::accounts::{ClientId, Username};
use super::attempts::{Attempt, TooEarly};
use super::standing::{self, Standing};
use super::store::{self, RefreshRow};
use super::tokens::{self, Verified};
use super::{Access, Scope, keys, passwords, revocation};
use crate::db::{Conn, Error, Instant};
use crate::http::{OauthCode, OauthError};

/// The public client behind the password and refresh grants: our own frontends and Swagger UI. It has no secret,
/// because a frontend could not keep one.
pub const FIRST_PARTY: &str = "motcua";

/// What a client asks for.
pub(super) enum Grant {
    /// A person's name and password, through the first-party client.
    Password { username: String, password: String },
    /// The next pair of tokens of a sign-in.
    Refresh { token: String },
    /// A person by the ID token that his frontend got from the province's provider.
    Provider { token: String },
    /// A machine in its own name. An empty scope means all that it has.
    Client { client_id: String, secret: String, scope: String },
}

/// What it gets.
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) expires_in: i64,
    pub(super) refresh_token: Option<String>,
    pub(super) scope: Option<String>,
}

impl Access {
    /// The caller behind a token, unless it is not ours, out of time or revoked. No query.
    pub(super) fn verify(&self, token: &str) -> Option<Arc<Verified>> {
        self.tokens.verify(token, seconds(self.clock.now())).filter(|token| !self.revocations.contains(token))
    }

    /// `from`: the network that asks, as far as it is known.
    pub(super) async fn grant(&self, grant: Grant, from: Option<IpAddr>) -> Result<Granted, OauthError> {
        match grant {
            Grant::Password { username, password } => self.by_password(&username, password, from).await,
            Grant::Refresh { token } => self.by_refresh(&token).await,
            Grant::Provider { token } => self.by_provider(&token).await,
            Grant::Client { client_id, secret, scope } => {
                self.by_secret(&client_id, secret, &scope, from).await
            }
        }
    }

    async fn attempt(&self, kind: &str, name: &str, from: Option<IpAddr>) -> Result<Attempt, OauthError> {
        let begun = self.begin_attempt(kind, name, from).await.map_err(failed)?;
        begun.map_err(|TooEarly(seconds)| {
            OauthError::new(OauthCode::SlowDown, "Too many failed tries; wait before the next.")
                .retry_after(seconds)
        })
    }

    async fn by_password(
        &self,
        username: &str,
        password: String,
        from: Option<IpAddr>,
    ) -> Result<Granted, OauthError> {
        if !self.settings.password_grant {
            let why = "The password grant is turned off here.";
            return Err(OauthError::new(OauthCode::UnsupportedGrantType, why));
        }
        let attempt = self.attempt("account", username, from).await?;
        let found = match username.parse::<Username>() {
            Ok(username) => {
                self.db.read(move |conn| store::find_account(conn, &username)).await.map_err(failed)?
            }
            Err(_) => None,
        };
        let stored = found.as_ref().map(|account| account.password_hash.clone());
        let fits = self.passwords.verify(password, stored).await.map_err(failed)?;
        let Some(account) = found.filter(|account| fits && account.is_active) else {
            return Err(OauthError::new(OauthCode::InvalidGrant, "Wrong user name or password."));
        };
        let family = new_family().map_err(failed)?;
        let (refresh_token, row) = self.next_refresh(family.clone(), account.id, account.generation)?;
        let standing = self.db.write(move |conn| {
            attempt.forgive(conn)?;
            store::insert_refresh(conn, &row)?;
            standing::of_account(conn, &account, false, row.issued_at)
        });
        self.granted(&standing.await.map_err(failed)?, Some((&family, refresh_token)))
    }

    async fn by_refresh(&self, token: &str) -> Result<Granted, OauthError> {
        let hash = tokens::refresh_hash(token);
        // The family and the account are only known inside; the row made here gets them there.
        let (next, row) = self.next_refresh(String::new(), 0, 0)?;
        let rotation = self.db.write(move |conn| rotate(conn, &hash, &row)).await.map_err(failed)?;
        match rotation {
            Rotation::Next(family, caller) => self.granted(&caller, Some((&family, next))),
            Rotation::Reused(family) => {
                let until = self.clock.now() + self.refresh_lifetime();
                self.revocations.add(revocation::of_family(&family), until);
                log::warn!("a used refresh token came back: its sign-in was ended");
                Err(no_such_refresh_token())
            }
            Rotation::Refused => Err(no_such_refresh_token()),
        }
    }

    async fn by_secret(
        &self,
        client_id: &str,
        secret: String,
        scope: &str,
        from: Option<IpAddr>,
    ) -> Result<Granted, OauthError> {
        let attempt = self.attempt("client", client_id, from).await?;
        let found = match client_id.parse::<ClientId>() {
            Ok(client_id) => {
                self.db.read(move |conn| store::find_client(conn, &client_id)).await.map_err(failed)?
            }
            Err(_) => None,
        };
        let stored = found.as_ref().map(|client| client.secret_hash.clone());
        let fits = self.passwords.verify(secret, stored).await.map_err(failed)?;
        let Some(client) = found.filter(|client| fits && client.is_active) else {
            return Err(OauthError::new(OauthCode::InvalidClient, "Unknown client or wrong secret."));
        };
        let (scopes, now) = (narrowed(&client.scopes, scope), self.clock.now());
        // The secret was right, whatever was asked for with it.
        let standing = self.db.write(move |conn| {
            attempt.forgive(conn)?;
            scopes.clone().map(|scopes| standing::of_client(conn, &client, scopes, now)).transpose()
        });
        let standing = standing.await.map_err(failed)?.ok_or_else(|| {
            OauthError::new(OauthCode::InvalidScope, "The client does not have this scope.")
        })?;
        self.granted(&standing, None)
    }

    /// Ends a token: a refresh token with its whole family, an access token alone. A token that nobody knows is no
    /// error (RFC 7009, section 2.2).
    pub(super) async fn revoke(&self, token: &str) -> Result<(), OauthError> {
        let now = self.clock.now();
        if let Some(verified) = self.tokens.decode(token) {
            let subject = revocation::of_token(&verified.jti);
            let until = self.tokens_end_at();
            let line = subject.clone();
            self.db
                .write(move |conn| store::insert_revoked(conn, &line, now, until))
                .await
                .map_err(failed)?;
            self.revocations.add(subject, until);
            return Ok(());
        }
        let hash = tokens::refresh_hash(token);
        let until = now + self.refresh_lifetime();
        let ended = self
            .db
            .write(move |conn| {
                let Some(row) = store::find_refresh(conn, &hash)? else { return Ok(None) };
                end_family(conn, &row.family, now, until)?;
                Ok::<_, Error>(Some(row.family))
            })
            .await
            .map_err(failed)?;
        if let Some(family) = ended {
            self.revocations.add(revocation::of_family(&family), until);
        }
        Ok(())
    }

    pub(super) fn granted(
        &self,
        Standing { identity: caller, until }: &Standing,
        session: Option<(&str, String)>,
    ) -> Result<Granted, OauthError> {
        let now = seconds(self.clock.now());
        let lifetime = self.tokens.lifetime();
        let lifetime = until.map_or(lifetime, |until| lifetime.min(seconds(until) - now));
        let (family, refresh_token) = session.unzip();
        let client_id = if family.is_some() { FIRST_PARTY } else { &caller.name };
        let access_token = self.tokens.issue(caller, client_id, family, (now, lifetime)).map_err(failed)?;
        let scope = Some(tokens::scope_list(&caller.scopes)).filter(|list| !list.is_empty());
        Ok(Granted { access_token, expires_in: lifetime, refresh_token, scope })
    }

    pub(super) fn next_refresh(
        &self,
        family: String,
        account_id: i64,
        generation: i64,
    ) -> Result<(String, RefreshRow), OauthError> {
        let token = tokens::new_secret().map_err(failed)?;
        let issued_at = self.clock.now();
        let row = RefreshRow {
            token_hash: tokens::refresh_hash(&token),
            family,
            account_id,
            issued_at,
            expires_at: issued_at + self.refresh_lifetime(),
            used_at: None,
            generation,
            by_provider: false,
        };
        Ok((token, row))
    }

    fn refresh_lifetime(&self) -> TimeDelta {
        TimeDelta::from_std(self.settings.refresh_lifetime).unwrap_or(TimeDelta::MAX)
    }

    /// When every access token that was given out until now has ended by itself.
    pub(super) fn tokens_end_at(&self) -> Instant {
        // A little longer than a token can live, for the leeway of its check.
        self.clock.now() + self.access_lifetime() + TimeDelta::minutes(1)
    }

    fn access_lifetime(&self) -> TimeDelta {
        TimeDelta::from_std(self.settings.access_lifetime).unwrap_or(TimeDelta::MAX)
    }
}

/// What became of a refresh token.
enum Rotation {
    /// Its family goes on, for this caller.
    Next(String, Standing),
    /// It had been used before; its family has ended.
    Reused(String),
    /// Unknown, expired, or its account is gone.
    Refused,
}

/// Uses up one refresh token and stores the next of its family; `next` lacks family and account.
fn rotate(conn: &mut Conn, hash: &str, next: &RefreshRow) -> Result<Rotation, Error> {
    let now = next.issued_at;
    let Some(row) = store::find_refresh(conn, hash)? else { return Ok(Rotation::Refused) };
    if row.expires_at <= now || store::is_revoked(conn, &revocation::of_family(&row.family))? {
        return Ok(Rotation::Refused);
    }
    // Two that come with the same token at once: the second finds it used.
    if row.used_at.is_some() || !store::use_refresh(conn, hash, now)? {
        end_family(conn, &row.family, now, next.expires_at)?;
        return Ok(Rotation::Reused(row.family));
    }
    let Some(account) = store::account_of_refresh(conn, row.account_id)? else {
        return Ok(Rotation::Refused);
    };
    // Given out while its generation ended, so that it was not there to be deleted.
    if account.generation != row.generation {
        return Ok(Rotation::Refused);
    }
    let next = RefreshRow {
        token_hash: next.token_hash.clone(),
        family: row.family.clone(),
        account_id: row.account_id,
        generation: row.generation,
        by_provider: row.by_provider,
        ..*next
    };
    store::insert_refresh(conn, &next)?;
    Ok(Rotation::Next(row.family, standing::of_account(conn, &account, row.by_provider, now)?))
}

/// Deletes a family's refresh tokens and says so to every copy, for its access tokens and for a refresh that runs
/// at this moment.
fn end_family(conn: &mut Conn, family: &str, now: Instant, until: Instant) -> Result<(), Error> {
    store::insert_revoked(conn, &revocation::of_family(family), now, until)?;
    store::delete_family(conn, family)
}

/// The scopes asked for, if the client has them all; without a wish, all that it has.
fn narrowed(had: &[Scope], wish: &str) -> Option<Vec<Scope>> {
    let wanted = tokens::parse_scopes(wish)?;
    if wanted.is_empty() {
        return Some(had.to_vec());
    }
    wanted.iter().all(|scope| had.contains(scope)).then_some(wanted)
}

pub(super) fn new_family() -> Result<String, keys::Error> {
    let bytes = keys::random()?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes[..16]))
}

fn no_such_refresh_token() -> OauthError {
    OauthError::new(OauthCode::InvalidGrant, "The refresh token is unknown, expired or revoked.")
}

/// Seconds since 1970, as tokens have them.
fn seconds(at: Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// The server's fault: logged here, because an OAuth error carries no cause.
pub(super) fn failed<E: Into<Failure>>(cause: E) -> OauthError {
    match cause.into() {
        Failure::Later(cause) => {
            log::warn!("signing in failed: {cause}");
            OauthError::new(OauthCode::TemporarilyUnavailable, "The server is busy; try again shortly.")
        }
        Failure::Defect(cause) => {
            log::error!("signing in failed: {cause}");
            OauthError::new(OauthCode::ServerError, "The server failed.")
        }
    }
}

/// Why the server failed, and whether another try may help.
pub(super) enum Failure {
    Later(String),
    Defect(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy | Error::Timeout | Error::Unavailable(_) => Self::Later(error.to_string()),
            other => Self::Defect(other.to_string()),
        }
    }
}

impl From<passwords::Error> for Failure {
    fn from(error: passwords::Error) -> Self {
        match error {
            passwords::Error::Stopped | passwords::Error::Busy => Self::Later(error.to_string()),
            other => Self::Defect(other.to_string()),
        }
    }
}

impl From<keys::Error> for Failure {
    fn from(error: keys::Error) -> Self {
        Self::Defect(error.to_string())
    }
}

impl From<tokens::IssueError> for Failure {
    fn from(error: tokens::IssueError) -> Self {
        Self::Defect(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_what_it_asks_for_and_has() {
        let had = [Scope::DossiersRead, Scope::EventsRead];
        assert_eq!(narrowed(&had, ""), Some(had.to_vec()));
        assert_eq!(narrowed(&had, " events:read "), Some(vec![Scope::EventsRead]));
        assert_eq!(narrowed(&had, "events:read catalog:write"), None);
        assert_eq!(narrowed(&had, "everything"), None);
    }
}
