//! The tables `period_closings` and `period_steps`.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::rules::{ClosingAction, ClosingState, PeriodKind};
use crate::access::AccountId;
use crate::agencies::AgencyId;
use crate::db::schema::{agency_closure, period_closings, period_steps};
use crate::db::{self, Conn, Cursor, Instant, Limit, MultiBackend, Page, PublicId, page_by_id};
use crate::http::Problem;

/// The figures of an agency and a period, frozen.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = period_closings, check_for_backend(MultiBackend))]
pub(in crate::statistics) struct Closing {
    pub(in crate::statistics) id: i64,
    pub(in crate::statistics) public_id: PublicId,
    pub(in crate::statistics) agency_id: AgencyId,
    pub(in crate::statistics) kind: PeriodKind,
    pub(in crate::statistics) period: String,
    pub(in crate::statistics) from_on: NaiveDate,
    pub(in crate::statistics) to_on: NaiveDate,
    pub(in crate::statistics) revision: i64,
    pub(in crate::statistics) state: ClosingState,
    /// The cells, as they were sealed.
    pub(in crate::statistics) facts: String,
    pub(in crate::statistics) version: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = period_closings, treat_none_as_default_value = false)]
pub(super) struct NewClosing {
    pub(super) public_id: PublicId,
    pub(super) agency_id: AgencyId,
    pub(super) kind: PeriodKind,
    pub(super) period: String,
    pub(super) from_on: NaiveDate,
    pub(super) to_on: NaiveDate,
    pub(super) revision: i64,
    pub(super) state: ClosingState,
    pub(super) facts: String,
    pub(super) version: i64,
}

/// Something that was done with a closing.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = period_steps, check_for_backend(MultiBackend))]
pub(super) struct Step {
    pub(super) closing_id: i64,
    pub(super) seq: i64,
    pub(super) action: ClosingAction,
    pub(super) account_id: AccountId,
    pub(super) at: Instant,
    pub(super) reason: Option<String>,
    pub(super) seal: String,
}

/// Writes a closing and gives it with its key.
///
/// # Errors
/// `Conflict` when somebody else closed the period at the same moment.
pub(super) fn insert(conn: &mut Conn, new: &NewClosing) -> Result<Closing, db::Error> {
    let id: i64 = diesel::insert_into(period_closings::table)
        .values(new)
        .returning(period_closings::id)
        .get_result(conn)?;
    Ok(period_closings::table.find(id).select(Closing::as_select()).get_result(conn)?)
}

/// Writes a step.
///
/// # Errors
/// `Conflict` when somebody else took one at the same moment.
pub(super) fn insert_step(conn: &mut Conn, step: &Step) -> Result<(), db::Error> {
    diesel::insert_into(period_steps::table)
        .values((
            period_steps::closing_id.eq(step.closing_id),
            period_steps::seq.eq(step.seq),
            period_steps::action.eq(step.action),
            period_steps::account_id.eq(step.account_id),
            period_steps::at.eq(step.at),
            period_steps::reason.eq(step.reason.as_deref()),
            period_steps::seal.eq(step.seal.as_str()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Moves a closing on, if nobody else did since it was read.
pub(super) fn advance(conn: &mut Conn, closing: &Closing, state: ClosingState) -> Result<bool, db::Error> {
    let unchanged = period_closings::id.eq(closing.id).and(period_closings::version.eq(closing.version));
    let written = diesel::update(period_closings::table)
        .filter(unchanged)
        .set((period_closings::state.eq(state), period_closings::version.eq(closing.version + 1)))
        .execute(conn)?;
    Ok(written == 1)
}

/// The newest revision of an agency's period.
pub(super) fn find_newest(
    conn: &mut Conn,
    agency: AgencyId,
    kind: PeriodKind,
    period: &str,
) -> Result<Option<Closing>, db::Error> {
    Ok(period_closings::table
        .filter(period_closings::agency_id.eq(agency))
        .filter(period_closings::kind.eq(kind))
        .filter(period_closings::period.eq(period))
        .order(period_closings::revision.desc())
        .select(Closing::as_select())
        .first(conn)
        .optional()?)
}

/// The steps of these closings, each closing's in their order.
pub(super) fn steps(conn: &mut Conn, closings: &[i64]) -> Result<HashMap<i64, Vec<Step>>, db::Error> {
    let rows: Vec<Step> = period_steps::table
        .filter(period_steps::closing_id.eq_any(closings.to_vec()))
        .order((period_steps::closing_id, period_steps::seq))
        .select(Step::as_select())
        .load(conn)?;
    let mut steps: HashMap<i64, Vec<Step>> = HashMap::new();
    for row in rows {
        steps.entry(row.closing_id).or_default().push(row);
    }
    Ok(steps)
}

/// Every closing after this key, some at once.
pub(super) fn after(conn: &mut Conn, id: i64, most: i64) -> Result<Vec<Closing>, db::Error> {
    Ok(period_closings::table
        .filter(period_closings::id.gt(id))
        .order(period_closings::id)
        .limit(most)
        .select(Closing::as_select())
        .load(conn)?)
}

/// What a list of closings is narrowed by.
#[derive(Debug, Clone)]
pub(super) struct ClosingFilter {
    pub(super) agency: AgencyId,
    pub(super) own: bool,
    pub(super) kind: Option<PeriodKind>,
    pub(super) period: Option<String>,
    pub(super) state: Option<ClosingState>,
}

/// A page of closings, the newest first.
///
/// # Errors
/// A cursor of another list; those of the database.
pub(super) fn list(
    conn: &mut Conn,
    filter: &ClosingFilter,
    cursor: Option<&Cursor>,
    limit: Limit,
    count: bool,
) -> Result<Page<Closing>, Problem> {
    let wanted = || {
        let below = agency_closure::table
            .filter(agency_closure::ancestor_id.eq(filter.agency))
            .select(agency_closure::descendant_id);
        let mut query = period_closings::table.filter(period_closings::agency_id.eq_any(below)).into_boxed();
        if filter.own {
            query = query.filter(period_closings::agency_id.eq(filter.agency));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(period_closings::kind.eq(kind));
        }
        if let Some(period) = &filter.period {
            query = query.filter(period_closings::period.eq(period.clone()));
        }
        if let Some(state) = filter.state {
            query = query.filter(period_closings::state.eq(state));
        }
        query
    };
    page_by_id!(conn, period_closings => Closing, desc, wanted, (cursor, limit, count))
}
