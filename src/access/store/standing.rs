//! The SQL of where somebody stands: agencies that were succeeded, and absences.

use diesel::prelude::*;
use diesel::{delete, insert_into};

use crate::access::{AccountId, AgencyId, Role};
use crate::db::schema::{absences, accounts, agencies};
use crate::db::{Conn, Error, Instant, Json, MultiBackend, PublicId};

/// An agency as far as it matters to whoever belongs to it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = agencies, check_for_backend(MultiBackend))]
pub(in crate::access) struct Station {
    pub(in crate::access) id: AgencyId,
    pub(in crate::access) code: String,
    pub(in crate::access) valid_to: Option<chrono::NaiveDate>,
    pub(in crate::access) successor_id: Option<AgencyId>,
}

/// An absence: who is away from when to when, and who stands in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = absences, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
pub(in crate::access) struct Absence {
    pub(in crate::access) account_id: AccountId,
    pub(in crate::access) deputy_id: AccountId,
    pub(in crate::access) from_at: Instant,
    pub(in crate::access) until_at: Instant,
}

impl Absence {
    /// Whether it is on at this moment.
    pub(in crate::access) fn is_on(&self, now: Instant) -> bool {
        self.from_at <= now && now < self.until_at
    }
}

/// An absence with the deputy's name, for its administrators.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = absences, check_for_backend(MultiBackend))]
pub(in crate::access) struct NamedAbsence {
    pub(in crate::access) account_id: AccountId,
    pub(in crate::access) from_at: Instant,
    pub(in crate::access) until_at: Instant,
    #[diesel(select_expression = accounts::public_id)]
    pub(in crate::access) deputy: PublicId,
    #[diesel(select_expression = accounts::username)]
    pub(in crate::access) deputy_name: String,
}

/// Somebody who is away at this moment, as his deputy needs to know him.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(MultiBackend))]
pub(in crate::access) struct Absent {
    pub(in crate::access) username: String,
    pub(in crate::access) full_name: Option<String>,
    pub(in crate::access) roles: Json<Vec<Role>>,
    #[diesel(select_expression = absences::until_at)]
    pub(in crate::access) until_at: Instant,
}

/// The agency with this key.
pub(in crate::access) fn get_station(conn: &mut Conn, id: AgencyId) -> Result<Station, Error> {
    Ok(agencies::table.find(id).select(Station::as_select()).first(conn)?)
}

/// For whom an account stands in at this moment: people who can sign in and belong to the same agency still.
pub(in crate::access) fn list_absent(
    conn: &mut Conn,
    deputy: AccountId,
    now: Instant,
) -> Result<Vec<Absent>, Error> {
    let home = accounts::table.find(deputy).select(accounts::agency_id);
    let home: Option<AgencyId> = home.first(conn).optional()?;
    let Some(home) = home else { return Ok(Vec::new()) };
    Ok(absences::table
        .inner_join(accounts::table.on(accounts::id.eq(absences::account_id)))
        .filter(absences::deputy_id.eq(deputy))
        .filter(absences::from_at.le(now))
        .filter(absences::until_at.gt(now))
        .filter(accounts::is_active.eq(true))
        .filter(accounts::agency_id.eq(home))
        .order(accounts::username)
        .select(Absent::as_select())
        .load(conn)?)
}

/// The absence of an account, whether it is on or not.
pub(in crate::access) fn find_absence(conn: &mut Conn, account: AccountId) -> Result<Option<Absence>, Error> {
    Ok(absences::table.find(account).select(Absence::as_select()).first(conn).optional()?)
}

/// The absences of these accounts, with their deputies.
pub(in crate::access) fn list_absences(
    conn: &mut Conn,
    of: Vec<AccountId>,
) -> Result<Vec<NamedAbsence>, Error> {
    Ok(absences::table
        .inner_join(accounts::table.on(accounts::id.eq(absences::deputy_id)))
        .filter(absences::account_id.eq_any(of))
        .select(NamedAbsence::as_select())
        .load(conn)?)
}

/// Sets or takes away the absence of an account.
pub(in crate::access) fn put_absence(
    conn: &mut Conn,
    account: AccountId,
    absence: Option<&Absence>,
) -> Result<(), Error> {
    delete(absences::table.find(account)).execute(conn)?;
    if let Some(absence) = absence {
        insert_into(absences::table).values(absence).execute(conn)?;
    }
    Ok(())
}

/// Whether somebody is himself away during a part of this time.
pub(in crate::access) fn is_away(
    conn: &mut Conn,
    account: AccountId,
    (from, until): (Instant, Instant),
) -> Result<bool, Error> {
    let overlapping = absences::table
        .filter(absences::account_id.eq(account))
        .filter(absences::from_at.lt(until))
        .filter(absences::until_at.gt(from));
    Ok(diesel::select(diesel::dsl::exists(overlapping)).get_result(conn)?)
}

/// Whether somebody stands in for another during a part of this time.
pub(in crate::access) fn is_deputy(
    conn: &mut Conn,
    account: AccountId,
    (from, until): (Instant, Instant),
) -> Result<bool, Error> {
    let overlapping = absences::table
        .filter(absences::deputy_id.eq(account))
        .filter(absences::from_at.lt(until))
        .filter(absences::until_at.gt(from));
    Ok(diesel::select(diesel::dsl::exists(overlapping)).get_result(conn)?)
}
