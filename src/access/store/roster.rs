//! The SQL of looking after accounts and clients: those of a subtree, and their changes.

use diesel::prelude::*;
use diesel::{delete, update};

use super::insert_revoked;
use crate::access::revocation;
use crate::access::{AgencyId, Identity, Role, Scope};
use crate::db::schema::{accounts, agencies, agency_closure, clients, refresh_tokens};
use crate::db::{Conn, Cursor, Error, Instant, Json, Limit, MultiBackend, Page, PublicId, page_by_id};
use crate::http::Problem;

/// An account as its administrator sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(MultiBackend))]
pub(in crate::access) struct Account {
    pub(in crate::access) id: i64,
    pub(in crate::access) public_id: PublicId,
    pub(in crate::access) username: String,
    pub(in crate::access) full_name: Option<String>,
    pub(in crate::access) agency_id: AgencyId,
    #[diesel(select_expression = agencies::code)]
    pub(in crate::access) agency_code: String,
    #[diesel(select_expression = agencies::name)]
    pub(in crate::access) agency_name: String,
    pub(in crate::access) roles: Json<Vec<Role>>,
    pub(in crate::access) is_active: bool,
    pub(in crate::access) must_change_password: bool,
    pub(in crate::access) created_at: Instant,
    pub(in crate::access) version: i64,
    pub(in crate::access) generation: i64,
}

/// A machine client as its administrator sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = clients, check_for_backend(MultiBackend))]
pub(in crate::access) struct Machine {
    pub(in crate::access) id: i64,
    pub(in crate::access) public_id: PublicId,
    pub(in crate::access) client_id: String,
    pub(in crate::access) agency_id: AgencyId,
    #[diesel(select_expression = agencies::code)]
    pub(in crate::access) agency_code: String,
    #[diesel(select_expression = agencies::name)]
    pub(in crate::access) agency_name: String,
    pub(in crate::access) scopes: Json<Vec<Scope>>,
    pub(in crate::access) is_active: bool,
    pub(in crate::access) created_at: Instant,
    pub(in crate::access) version: i64,
    pub(in crate::access) generation: i64,
}

/// An agency as far as accounts depend on it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = agencies, check_for_backend(MultiBackend))]
pub(in crate::access) struct Home {
    pub(in crate::access) id: AgencyId,
    pub(in crate::access) kind: String,
    pub(in crate::access) valid_to: Option<chrono::NaiveDate>,
}

/// What a list of accounts or clients is narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::access) struct Wanted {
    /// Of this agency and all below it.
    pub(in crate::access) within: Option<AgencyId>,
    pub(in crate::access) is_active: Option<bool>,
}

/// The rows of a table that belong to the subtree of the caller's agency, joined with their agencies.
macro_rules! of_subtree {
    ($table:ident, $caller:expr) => {{
        let below = agency_closure::table
            .filter(agency_closure::ancestor_id.eq($caller.agency_id))
            .select(agency_closure::descendant_id);
        $table::table
            .inner_join(agencies::table.on(agencies::id.eq($table::agency_id)))
            .filter($table::agency_id.eq_any(below))
            .into_boxed()
    }};
}

/// The same, of those that are wanted.
macro_rules! wanted {
    ($table:ident, $caller:expr, $wanted:expr) => {{
        let mut query = of_subtree!($table, $caller);
        if let Some(agency) = $wanted.within {
            let below = agency_closure::table
                .filter(agency_closure::ancestor_id.eq(agency))
                .select(agency_closure::descendant_id);
            query = query.filter($table::agency_id.eq_any(below));
        }
        if let Some(is_active) = $wanted.is_active {
            query = query.filter($table::is_active.eq(is_active));
        }
        query
    }};
}

/// A page of the accounts of the caller's subtree, the oldest first.
pub(in crate::access) fn list_accounts(
    conn: &mut Conn,
    caller: &Identity,
    wanted: Wanted,
    (cursor, limit, count): (Option<&Cursor>, Limit, bool),
) -> Result<Page<Account>, Problem> {
    let query = || wanted!(accounts, caller, wanted);
    page_by_id!(conn, accounts => Account, asc, query, (cursor, limit, count))
}

/// A page of the clients of the caller's subtree, the oldest first.
pub(in crate::access) fn list_clients(
    conn: &mut Conn,
    caller: &Identity,
    wanted: Wanted,
    (cursor, limit, count): (Option<&Cursor>, Limit, bool),
) -> Result<Page<Machine>, Problem> {
    let query = || wanted!(clients, caller, wanted);
    page_by_id!(conn, clients => Machine, asc, query, (cursor, limit, count))
}

/// The account, if it belongs to the caller's subtree.
pub(in crate::access) fn find_account_below(
    conn: &mut Conn,
    caller: &Identity,
    public_id: &str,
) -> Result<Option<Account>, Error> {
    Ok(of_subtree!(accounts, caller)
        .filter(accounts::public_id.eq(public_id.to_owned()))
        .select(Account::as_select())
        .first(conn)
        .optional()?)
}

/// The client, if it belongs to the caller's subtree.
pub(in crate::access) fn find_client_below(
    conn: &mut Conn,
    caller: &Identity,
    public_id: &str,
) -> Result<Option<Machine>, Error> {
    Ok(of_subtree!(clients, caller)
        .filter(clients::public_id.eq(public_id.to_owned()))
        .select(Machine::as_select())
        .first(conn)
        .optional()?)
}

/// The account with this key, and the hash of its password.
pub(in crate::access) fn get_account(conn: &mut Conn, id: i64) -> Result<(Account, String), Error> {
    Ok(accounts::table
        .inner_join(agencies::table.on(agencies::id.eq(accounts::agency_id)))
        .filter(accounts::id.eq(id))
        .select((Account::as_select(), accounts::password_hash))
        .first(conn)?)
}

/// The client with this key.
pub(in crate::access) fn get_client(conn: &mut Conn, id: i64) -> Result<Machine, Error> {
    Ok(clients::table
        .inner_join(agencies::table.on(agencies::id.eq(clients::agency_id)))
        .filter(clients::id.eq(id))
        .select(Machine::as_select())
        .first(conn)?)
}

/// The agency with this code.
pub(in crate::access) fn find_home(conn: &mut Conn, code: &str) -> Result<Option<Home>, Error> {
    Ok(agencies::table.filter(agencies::code.eq(code)).select(Home::as_select()).first(conn).optional()?)
}

/// The agency with this key.
pub(in crate::access) fn get_home(conn: &mut Conn, id: AgencyId) -> Result<Home, Error> {
    Ok(agencies::table.find(id).select(Home::as_select()).first(conn)?)
}

/// Whether an agency is another one or stands below it.
pub(in crate::access) fn is_below(
    conn: &mut Conn,
    agency: AgencyId,
    ancestor: AgencyId,
) -> Result<bool, Error> {
    let line = agency_closure::table
        .filter(agency_closure::ancestor_id.eq(ancestor))
        .filter(agency_closure::descendant_id.eq(agency));
    Ok(diesel::select(diesel::dsl::exists(line)).get_result(conn)?)
}

/// Whether a user name is taken.
pub(in crate::access) fn has_username(conn: &mut Conn, username: &str) -> Result<bool, Error> {
    let row = accounts::table.filter(accounts::username.eq(username));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Whether a client id is taken.
pub(in crate::access) fn has_client_id(conn: &mut Conn, client_id: &str) -> Result<bool, Error> {
    let row = clients::table.filter(clients::client_id.eq(client_id));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Writes what an administrator may change, if the account still has this version.
///
/// # Errors
/// `NotFound` when it has another one.
pub(in crate::access) fn update_account(conn: &mut Conn, account: &Account) -> Result<(), Error> {
    let row = accounts::table.find(account.id).filter(accounts::version.eq(account.version));
    let changed = update(row)
        .set((
            accounts::full_name.eq(account.full_name.as_deref()),
            accounts::agency_id.eq(account.agency_id),
            accounts::roles.eq(account.roles.clone()),
            accounts::is_active.eq(account.is_active),
            accounts::version.eq(account.version + 1),
        ))
        .execute(conn)?;
    once(changed)
}

/// Sets an account's password, if it still has this version.
///
/// # Errors
/// `NotFound` when it has another one.
pub(in crate::access) fn set_password(
    conn: &mut Conn,
    account: &Account,
    password_hash: &str,
    must_change: bool,
) -> Result<(), Error> {
    let row = accounts::table.find(account.id).filter(accounts::version.eq(account.version));
    let changed = update(row)
        .set((
            accounts::password_hash.eq(password_hash),
            accounts::must_change_password.eq(must_change),
            accounts::version.eq(account.version + 1),
        ))
        .execute(conn)?;
    once(changed)
}

/// Writes what an administrator may change, and the secret when there is a new one, if the client still has this version.
///
/// # Errors
/// `NotFound` when it has another one.
pub(in crate::access) fn update_client(
    conn: &mut Conn,
    client: &Machine,
    secret_hash: Option<&str>,
) -> Result<(), Error> {
    let row = || clients::table.find(client.id).filter(clients::version.eq(client.version));
    if let Some(secret_hash) = secret_hash {
        update(row()).set(clients::secret_hash.eq(secret_hash)).execute(conn)?;
    }
    let changed = update(row())
        .set((
            clients::agency_id.eq(client.agency_id),
            clients::scopes.eq(client.scopes.clone()),
            clients::is_active.eq(client.is_active),
            clients::version.eq(client.version + 1),
        ))
        .execute(conn)?;
    once(changed)
}

fn once(changed: usize) -> Result<(), Error> {
    if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
}

/// Ends every token that was given out to an account. `until`: when access tokens have ended by themselves.
pub(in crate::access) fn end_account_tokens(
    conn: &mut Conn,
    account: &Account,
    now: Instant,
    until: Instant,
) -> Result<(), Error> {
    update(accounts::table.find(account.id))
        .set(accounts::generation.eq(account.generation + 1))
        .execute(conn)?;
    delete(refresh_tokens::table.filter(refresh_tokens::account_id.eq(account.id))).execute(conn)?;
    insert_revoked(conn, &revocation::of_holder(account.public_id, account.generation), now, until)?;
    Ok(())
}

/// Ends every token that was given out to a client. `until`: when they have ended by themselves.
pub(in crate::access) fn end_client_tokens(
    conn: &mut Conn,
    client: &Machine,
    now: Instant,
    until: Instant,
) -> Result<(), Error> {
    update(clients::table.find(client.id))
        .set(clients::generation.eq(client.generation + 1))
        .execute(conn)?;
    insert_revoked(conn, &revocation::of_holder(client.public_id, client.generation), now, until)?;
    Ok(())
}
