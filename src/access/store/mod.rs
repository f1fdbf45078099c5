//! The SQL of accounts, clients and the tables of tokens. No HTTP, no transactions, no decisions. What administrators see
//! and change stands in `roster`, where somebody stands in `standing`, failed tries in `attempts`, the reading log in
//! `readings`.

mod attempts;
pub(super) mod readings;
mod roster;
mod standing;

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::{delete, insert_into, select, update};

use super::accounts::{ClientId, NewAccount, NewClient, Officer, Username};
pub(super) use attempts::*;
pub(super) use roster::*;
pub(super) use standing::*;

use super::{AgencyId, CallerKind, Identity, Role, Scope};
use crate::db::dialect::{among, on_engine, portable};
use crate::db::schema::{accounts, agencies, clients, refresh_tokens, revoked_tokens};
use crate::db::{Conn, Error, Instant, Json, MultiBackend, PublicId};

/// An account as signing in needs it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(MultiBackend))]
pub(super) struct AccountRow {
    pub(super) id: i64,
    public_id: PublicId,
    username: String,
    pub(super) password_hash: String,
    pub(super) agency_id: AgencyId,
    roles: Json<Vec<Role>>,
    pub(super) is_active: bool,
    must_change_password: bool,
    pub(super) generation: i64,
}

impl AccountRow {
    /// The caller that this account is, at this agency. Who signed in by a provider used no password, so that none stands in
    /// his way.
    pub(super) fn identity(&self, agency_id: AgencyId, agency_code: String, by_provider: bool) -> Identity {
        Identity {
            kind: CallerKind::Account,
            id: self.id,
            public_id: self.public_id,
            name: self.username.clone(),
            agency_id,
            agency_code,
            roles: self.roles.0.clone(),
            scopes: Vec::new(),
            generation: self.generation,
            must_change_password: self.must_change_password && !by_provider,
            reason: None,
        }
    }
}

/// A client as signing in needs it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = clients, check_for_backend(MultiBackend))]
pub(super) struct ClientRow {
    pub(super) id: i64,
    public_id: PublicId,
    client_id: String,
    pub(super) secret_hash: String,
    pub(super) agency_id: AgencyId,
    pub(super) scopes: Json<Vec<Scope>>,
    pub(super) is_active: bool,
    generation: i64,
}

impl ClientRow {
    /// The caller that this client is, at this agency, when it asks for these of its scopes.
    pub(super) fn identity(&self, agency_id: AgencyId, agency_code: String, scopes: Vec<Scope>) -> Identity {
        Identity {
            kind: CallerKind::Client,
            id: self.id,
            public_id: self.public_id,
            name: self.client_id.clone(),
            agency_id,
            agency_code,
            roles: vec![Role::Integration],
            scopes,
            generation: self.generation,
            must_change_password: false,
            reason: None,
        }
    }
}

pub(super) fn find_account(conn: &mut Conn, username: &Username) -> Result<Option<AccountRow>, Error> {
    let found = accounts::table
        .filter(accounts::username.eq(username.as_str()))
        .select(AccountRow::as_select())
        .first(conn)
        .optional()?;
    Ok(found)
}

pub(super) fn find_client(conn: &mut Conn, client_id: &ClientId) -> Result<Option<ClientRow>, Error> {
    let found = clients::table
        .filter(clients::client_id.eq(client_id.as_str()))
        .select(ClientRow::as_select())
        .first(conn)
        .optional()?;
    Ok(found)
}

/// `must_change_password`: somebody else knows the password.
pub(super) fn insert_account(
    conn: &mut Conn,
    new: &NewAccount,
    password_hash: &str,
    must_change_password: bool,
    now: Instant,
) -> Result<i64, Error> {
    let id = insert_into(accounts::table)
        .values((
            accounts::public_id.eq(PublicId::new(now)),
            accounts::username.eq(new.username.as_str()),
            accounts::full_name.eq(new.full_name.as_deref()),
            accounts::password_hash.eq(password_hash),
            accounts::agency_id.eq(new.agency_id),
            accounts::roles.eq(Json(new.roles.clone())),
            accounts::is_active.eq(true),
            accounts::must_change_password.eq(must_change_password),
            accounts::version.eq(1_i64),
            accounts::created_at.eq(now),
        ))
        .returning(accounts::id)
        .get_result(conn)?;
    Ok(id)
}

pub(super) fn insert_client(
    conn: &mut Conn,
    new: &NewClient,
    secret_hash: &str,
    now: Instant,
) -> Result<i64, Error> {
    let id = insert_into(clients::table)
        .values((
            clients::public_id.eq(PublicId::new(now)),
            clients::client_id.eq(new.client_id.as_str()),
            clients::secret_hash.eq(secret_hash),
            clients::agency_id.eq(new.agency_id),
            clients::scopes.eq(Json(new.scopes.clone())),
            clients::is_active.eq(true),
            clients::version.eq(1_i64),
            clients::created_at.eq(now),
        ))
        .returning(clients::id)
        .get_result(conn)?;
    Ok(id)
}

/// Active accounts of an agency, by user name.
pub(super) fn list_active(conn: &mut Conn, agency_id: AgencyId) -> Result<Vec<Officer>, Error> {
    Ok(accounts::table
        .filter(accounts::agency_id.eq(agency_id))
        .filter(accounts::is_active.eq(true))
        .order(accounts::username)
        .select(Officer::as_select())
        .load(conn)?)
}

pub(super) fn find_officer(conn: &mut Conn, public_id: PublicId) -> Result<Option<Officer>, Error> {
    Ok(accounts::table
        .filter(accounts::public_id.eq(public_id))
        .filter(accounts::is_active.eq(true))
        .select(Officer::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn account_names(conn: &mut Conn, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named = accounts::table.filter(among(accounts::id, ids)).select((accounts::id, accounts::username));
    let named: Vec<(i64, String)> = on_engine!(conn, native => named.load(native))?;
    Ok(named.into_iter().collect())
}

pub(super) fn client_names(conn: &mut Conn, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named = clients::table.filter(among(clients::id, ids)).select((clients::id, clients::client_id));
    let named: Vec<(i64, String)> = on_engine!(conn, native => named.load(native))?;
    Ok(named.into_iter().collect())
}

pub(super) fn agency_name(conn: &mut Conn, id: AgencyId) -> Result<String, Error> {
    Ok(agencies::table.find(id).select(agencies::name).first(conn)?)
}

/// A refresh token as it is stored.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
pub(super) struct RefreshRow {
    pub(super) token_hash: String,
    pub(super) family: String,
    pub(super) account_id: i64,
    pub(super) issued_at: Instant,
    pub(super) expires_at: Instant,
    pub(super) used_at: Option<Instant>,
    /// The account's when the token was given out; it ends with it.
    pub(super) generation: i64,
    /// Whether the sign-in was proven by a provider.
    pub(super) by_provider: bool,
}

pub(super) fn find_refresh(conn: &mut Conn, token_hash: &str) -> Result<Option<RefreshRow>, Error> {
    Ok(refresh_tokens::table.find(token_hash).select(RefreshRow::as_select()).first(conn).optional()?)
}

pub(super) fn insert_refresh(conn: &mut Conn, row: &RefreshRow) -> Result<(), Error> {
    insert_into(refresh_tokens::table).values(row).execute(conn)?;
    Ok(())
}

/// Marks a refresh token used; says whether this was the one who did it.
pub(super) fn use_refresh(conn: &mut Conn, token_hash: &str, now: Instant) -> Result<bool, Error> {
    let changed = update(refresh_tokens::table.find(token_hash).filter(refresh_tokens::used_at.is_null()))
        .set(refresh_tokens::used_at.eq(now))
        .execute(conn)?;
    Ok(changed == 1)
}

pub(super) fn delete_family(conn: &mut Conn, family: &str) -> Result<(), Error> {
    delete(refresh_tokens::table.filter(refresh_tokens::family.eq(family))).execute(conn)?;
    Ok(())
}

pub(super) fn account_of_refresh(conn: &mut Conn, account_id: i64) -> Result<Option<AccountRow>, Error> {
    let found = accounts::table
        .filter(accounts::id.eq(account_id))
        .filter(accounts::is_active.eq(true))
        .select(AccountRow::as_select())
        .first(conn)
        .optional()?;
    Ok(found)
}

/// Says whether the line is new.
pub(super) fn insert_revoked(
    conn: &mut Conn,
    subject: &str,
    now: Instant,
    expires_at: Instant,
) -> Result<bool, Error> {
    let row = (
        revoked_tokens::subject.eq(subject),
        revoked_tokens::revoked_at.eq(now),
        revoked_tokens::expires_at.eq(expires_at),
    );
    let inserted = portable(
        insert_into(revoked_tokens::table).values(row).on_conflict(revoked_tokens::subject).do_nothing(),
    )
    .execute(conn)?;
    Ok(inserted == 1)
}

pub(super) fn is_revoked(conn: &mut Conn, subject: &str) -> Result<bool, Error> {
    Ok(select(exists(revoked_tokens::table.find(subject))).get_result(conn)?)
}

pub(super) fn list_revoked(conn: &mut Conn, now: Instant) -> Result<Vec<(String, Instant)>, Error> {
    Ok(revoked_tokens::table
        .filter(revoked_tokens::expires_at.gt(now))
        .select((revoked_tokens::subject, revoked_tokens::expires_at))
        .load(conn)?)
}

pub(super) fn prune_tokens(conn: &mut Conn, now: Instant) -> Result<(), Error> {
    delete(revoked_tokens::table.filter(revoked_tokens::expires_at.le(now))).execute(conn)?;
    delete(refresh_tokens::table.filter(refresh_tokens::expires_at.le(now))).execute(conn)?;
    Ok(())
}
