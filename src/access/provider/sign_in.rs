//! From an ID token to our own: the grant of RFC 8693 (token exchange).
//!
//! Whatever is wrong with the token, and whether there is an account, callers get one answer.

use chrono::TimeDelta;

use super::Refusal;
use super::claims::Subject;
use crate::access::sign_in::{Granted, failed, new_family};
use crate::access::standing::{self, Standing};
use crate::access::{Access, revocation, store, tokens};
use crate::db::{Conn, Error, Instant};
use crate::http::{OauthCode, OauthError};

/// How much longer it is remembered that a token was used than it is taken, for copies whose clocks differ.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

impl Access {
    /// Signs in whom the provider's token is about.
    pub(in crate::access) async fn by_provider(&self, token: &str) -> Result<Granted, OauthError> {
        let Some(provider) = &self.provider else {
            let why = "No provider is set up here.";
            return Err(OauthError::new(OauthCode::UnsupportedGrantType, why));
        };
        let now = self.clock.now();
        let subject = provider.check(token, now).await.map_err(refused)?;
        let family = new_family().map_err(failed)?;
        let (refresh_token, mut row) = self.next_refresh(family.clone(), 0, 0)?;
        row.by_provider = true;
        let use_of = revocation::of_provider_token(&tokens::refresh_hash(signed_part(token)));
        let signed_in = self
            .db
            .write(move |conn| {
                let Some((account, standing)) = find_account(conn, &subject, now)? else { return Ok(None) };
                if !store::insert_revoked(conn, &use_of, now, subject.until + MARGIN)? {
                    return Ok(None);
                }
                let row = store::RefreshRow {
                    account_id: account.id,
                    generation: account.generation,
                    token_hash: row.token_hash.clone(),
                    family: row.family.clone(),
                    ..row
                };
                store::insert_refresh(conn, &row)?;
                Ok::<_, Error>(Some(standing))
            })
            .await
            .map_err(failed)?;
        match signed_in {
            Some(standing) => self.granted(&standing, Some((&family, refresh_token))),
            None => Err(refused(Refusal::Token("no account, another agency, or used before"))),
        }
    }
}

/// The active account that the claims name, where they say it is: at its agency, or at the one that has followed it.
fn find_account(
    conn: &mut Conn,
    subject: &Subject,
    now: Instant,
) -> Result<Option<(store::AccountRow, Standing)>, Error> {
    let found = store::find_account(conn, &subject.username)?;
    let Some(account) = found.filter(|account| account.is_active) else { return Ok(None) };
    let standing = standing::of_account(conn, &account, true, now)?;
    let code = &standing.identity.agency_code;
    let is_there = subject.agency_code.as_ref().is_none_or(|claimed| claimed == code);
    Ok(is_there.then_some((account, standing)))
}

/// What the signature covers: unlike the signature itself, it cannot be written in another way.
fn signed_part(token: &str) -> &str {
    token.rsplit_once('.').map_or(token, |(signed, _)| signed)
}

fn refused(refusal: Refusal) -> OauthError {
    match refusal {
        Refusal::Token(why) => {
            log::info!("an ID token of the provider was refused: {why}");
            OauthError::new(OauthCode::InvalidGrant, "The token is not accepted here.")
        }
        Refusal::Provider(why) => {
            log::warn!("the provider of sign-ins cannot be asked: {why}");
            let text = "The provider cannot be asked for its keys; try again shortly.";
            OauthError::new(OauthCode::TemporarilyUnavailable, text).retry_after(5)
        }
    }
}
