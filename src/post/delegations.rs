//! The table `delegations`: which post office may receive which procedures for which agency, from when to when.

use chrono::NaiveDate;
use diesel::dsl::IntoBoxed;
use diesel::prelude::*;

use super::rules::Extent;
use crate::access::{Identity, Role};
use crate::agencies::AgencyId;
use crate::db::schema::{agency_closure, delegations};
use crate::db::{self, Conn, Cursor, Instant, Json, Limit, MultiBackend, Page, PublicId, page_by_id};
use crate::http::{Code, Problem};
use crate::procedures::Version;

/// A delegation.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = delegations, check_for_backend(MultiBackend))]
pub struct Delegation {
    pub id: i64,
    pub public_id: PublicId,
    pub office_id: AgencyId,
    pub agency_id: AgencyId,
    /// Codes; none: every procedure that may go by post.
    pub procedures: Option<Json<Vec<String>>>,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    pub version: i64,
}

/// A delegation before it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelegation {
    pub office: AgencyId,
    pub agency: AgencyId,
    pub procedures: Option<Vec<String>>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
}

impl Delegation {
    /// As the rules see it.
    pub(super) fn extent(&self) -> Extent<'_> {
        Extent {
            from: self.valid_from,
            to: self.valid_to,
            procedures: self.procedures.as_ref().map(|procedures| procedures.0.as_slice()),
        }
    }
}

/// Writes a delegation. What it may say was checked before.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, new: &NewDelegation, at: Instant) -> Result<Delegation, db::Error> {
    let id: i64 = diesel::insert_into(delegations::table)
        .values((
            delegations::public_id.eq(PublicId::new(at)),
            delegations::office_id.eq(new.office),
            delegations::agency_id.eq(new.agency),
            delegations::procedures.eq(new.procedures.clone().map(Json)),
            delegations::valid_from.eq(new.valid_from),
            delegations::valid_to.eq(new.valid_to),
            delegations::version.eq(1_i64),
        ))
        .returning(delegations::id)
        .get_result(conn)?;
    Ok(delegations::table.find(id).select(Delegation::as_select()).get_result(conn)?)
}

/// Writes what changed, if nobody else changed it since it was read.
///
/// # Errors
/// `stale_version` when somebody did; those of the database.
pub(super) fn update(conn: &mut Conn, delegation: &Delegation) -> Result<Delegation, Problem> {
    let written = diesel::update(delegations::table)
        .filter(delegations::id.eq(delegation.id).and(delegations::version.eq(delegation.version)))
        .set((
            delegations::procedures.eq(delegation.procedures.clone()),
            delegations::valid_to.eq(delegation.valid_to),
            delegations::version.eq(delegation.version + 1),
        ))
        .execute(conn)
        .map_err(db::Error::from)?;
    if written == 1 {
        Ok(Delegation { version: delegation.version + 1, ..delegation.clone() })
    } else {
        Err(Problem::new(Code::StaleVersion))
    }
}

/// All delegations of an office for an agency.
pub(super) fn between(
    conn: &mut Conn,
    office: AgencyId,
    agency: AgencyId,
) -> Result<Vec<Delegation>, db::Error> {
    Ok(delegations::table
        .filter(delegations::office_id.eq(office))
        .filter(delegations::agency_id.eq(agency))
        .order(delegations::id)
        .select(Delegation::as_select())
        .load(conn)?)
}

/// Whether an office may receive this procedure for an agency on a day.
pub(super) fn holds(
    conn: &mut Conn,
    office: AgencyId,
    agency: AgencyId,
    version: &Version,
    day: NaiveDate,
) -> Result<bool, db::Error> {
    if !version.content.postal {
        return Ok(false);
    }
    let all = between(conn, office, agency)?;
    Ok(all.iter().any(|delegation| delegation.extent().holds(&version.procedure_code, day)))
}

/// What a list of delegations can be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DelegationFilter {
    pub office: Option<AgencyId>,
    pub agency: Option<AgencyId>,
    pub on: Option<NaiveDate>,
}

type Query = IntoBoxed<'static, delegations::table, MultiBackend>;

/// The delegations that a caller sees: an administrator and an inspector those of the agencies of their subtree, a clerk
/// his agency's, a post clerk his office's.
fn visible(caller: &Identity) -> Query {
    visible_to!(caller, delegations, caller.has(Role::Admin) || caller.has(Role::Inspector))
}

/// The delegation with this id, if the caller sees it.
///
/// # Errors
/// 404.
pub(super) fn find_visible(
    conn: &mut Conn,
    caller: &Identity,
    public_id: &str,
) -> Result<Delegation, Problem> {
    let found: Option<Delegation> = visible(caller)
        .filter(delegations::public_id.eq(public_id.to_owned()))
        .select(Delegation::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    found.ok_or_else(|| Problem::new(Code::NotFound))
}

/// A page of the delegations that the caller sees, the oldest first.
///
/// # Errors
/// A cursor of another list; those of the database.
pub(super) fn list(
    conn: &mut Conn,
    caller: &Identity,
    filter: &DelegationFilter,
    cursor: Option<&Cursor>,
    limit: Limit,
    count: bool,
) -> Result<Page<Delegation>, Problem> {
    let wanted = || {
        let mut query = visible(caller);
        if let Some(office) = filter.office {
            query = query.filter(delegations::office_id.eq(office));
        }
        if let Some(agency) = filter.agency {
            query = query.filter(delegations::agency_id.eq(agency));
        }
        if let Some(day) = filter.on {
            let ends_later =
                delegations::valid_to.is_null().or(delegations::valid_to.assume_not_null().gt(day));
            query = query.filter(delegations::valid_from.le(day)).filter(ends_later);
        }
        query
    };
    page_by_id!(conn, delegations => Delegation, asc, wanted, (cursor, limit, count))
}
