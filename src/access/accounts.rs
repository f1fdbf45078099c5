//! Accounts of people and clients of machines: making them, and finding whom a dossier can be assigned to. How they
//! sign in is [`sign_in`](super::sign_in)'s business.
//!
//! Functions here take a connection and open no transaction. They take hashes, not passwords: hashing takes tens of
//! milliseconds and must not happen inside a transaction.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{AccountId, AgencyId, CallerKind, Role, Scope, store};
use crate::db::schema::accounts;
use crate::db::types::text_newtype;
use crate::db::{Conn, Error, Instant, Json, MultiBackend, PublicId};

text_newtype! {
    /// What a person signs in with: 1 to 64 of `a–z 0–9 . _ @ -`; capitals are taken as small letters.
    pub struct Username(parse_name), example = "clerk@thanh-binh";
}

text_newtype! {
    /// What a machine signs in with; written like a [`Username`].
    pub struct ClientId(parse_name), example = "province";
}

fn parse_name(text: &str) -> Result<String, &'static str> {
    let name = text.to_ascii_lowercase();
    let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._@-".contains(c);
    if (1..=64).contains(&name.len()) && name.chars().all(is_good) {
        Ok(name)
    } else {
        Err("must be 1 to 64 of a-z, 0-9 and . _ @ -")
    }
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Unique in the installation.
    pub username: Username,
    /// The person's name.
    pub full_name: Option<String>,
    /// Where he works.
    pub agency_id: AgencyId,
    /// What he is trusted with there.
    pub roles: Vec<Role>,
}

/// A client to be made.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Unique in the installation.
    pub client_id: ClientId,
    /// Whose subtree it sees.
    pub agency_id: AgencyId,
    /// What it is trusted with.
    pub scopes: Vec<Scope>,
}

/// Somebody who works at an agency, as others see him.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(MultiBackend))]
pub struct Officer {
    /// The row of `accounts`.
    pub id: AccountId,
    /// The same to the outside.
    pub public_id: PublicId,
    /// His sign-in name.
    pub username: String,
    /// His name.
    pub full_name: Option<String>,
    /// Where he works.
    pub agency_id: AgencyId,
    /// What he is trusted with there.
    pub roles: Json<Vec<Role>>,
}

/// Makes an account; the hash comes from [`passwords::hash`](super::passwords::hash).
///
/// # Errors
/// [`Error::Conflict`] on `accounts.username`; [`Error::Reference`] when there is no such agency.
pub fn create_account(
    conn: &mut Conn,
    new: &NewAccount,
    password_hash: &str,
    now: Instant,
) -> Result<AccountId, Error> {
    store::insert_account(conn, new, password_hash, false, now)
}

/// Makes a client; the hash comes from [`passwords::hash`](super::passwords::hash).
///
/// # Errors
/// [`Error::Conflict`] on `clients.client_id`; [`Error::Reference`] when there is no such agency.
pub fn create_client(
    conn: &mut Conn,
    new: &NewClient,
    secret_hash: &str,
    now: Instant,
) -> Result<i64, Error> {
    store::insert_client(conn, new, secret_hash, now)
}

/// Whom a dossier can be assigned to at an agency: its active officers and leaders, by user name.
///
/// # Errors
/// The database's.
pub fn list_officers(conn: &mut Conn, agency_id: AgencyId) -> Result<Vec<Officer>, Error> {
    let works =
        |officer: &Officer| officer.roles.iter().any(|role| matches!(role, Role::Officer | Role::Leader));
    Ok(store::list_active(conn, agency_id)?.into_iter().filter(works).collect())
}

/// The active account with this public id.
///
/// # Errors
/// The database's.
pub fn find_officer(conn: &mut Conn, public_id: PublicId) -> Result<Option<Officer>, Error> {
    store::find_officer(conn, public_id)
}

/// User names behind ids that rows keep (assignee, a leg's officer, an event's actor), active or not.
///
/// # Errors
/// The database's.
pub fn names(conn: &mut Conn, ids: &[AccountId]) -> Result<HashMap<AccountId, String>, Error> {
    store::account_names(conn, ids)
}

/// The same for machine clients.
///
/// # Errors
/// The database's.
pub fn client_names(conn: &mut Conn, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    store::client_names(conn, ids)
}

/// The row of `accounts` or `clients` with this user name or client id, active or not.
///
/// # Errors
/// The database's.
pub fn find_id(conn: &mut Conn, kind: CallerKind, name: &str) -> Result<Option<i64>, Error> {
    Ok(match kind {
        CallerKind::Account => match name.parse::<Username>() {
            Ok(name) => store::find_account(conn, &name)?.map(|account| account.id),
            Err(_) => None,
        },
        CallerKind::Client => match name.parse::<ClientId>() {
            Ok(name) => store::find_client(conn, &name)?.map(|client| client.id),
            Err(_) => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_small() {
        assert_eq!("Post_Clerk@buu-dien".parse::<Username>().unwrap().as_str(), "post_clerk@buu-dien");
        for bad in ["", " clerk", "clerk thanh binh", "cán-bộ", "a\0b", &"x".repeat(65)] {
            assert!(bad.parse::<Username>().is_err(), "{bad}");
        }
    }
}
