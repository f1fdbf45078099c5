//! The tables `handoffs` and `handoff_lines`: manifests (bảng kê, biên bản giao nhận) and their lines.
//!
//! Numbers are `<agency code>-BK-YYMMDD-NNNN` of the agency and the local day.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::IntoBoxed;
use diesel::prelude::*;

use super::rules::{self, Step};
use super::{Direction, HandoffState, ItemState};
use crate::access::{AccountId, Identity, Role, Sealed};
use crate::agencies::AgencyId;
use crate::calendar::rules as working_time;
use crate::db::schema::{agency_closure, handoff_lines, handoffs};
use crate::db::{self, Conn, Cursor, Instant, Json, Limit, MultiBackend, Page, PublicId, page_by_id};
use crate::dossiers::{DossierId, Recipient};
use crate::http::{Code, Problem};

/// A manifest.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = handoffs, check_for_backend(MultiBackend))]
pub struct Manifest {
    pub id: i64,
    pub public_id: PublicId,
    pub number: String,
    pub direction: Direction,
    pub office_id: AgencyId,
    pub agency_id: AgencyId,
    pub state: HandoffState,
    pub created_by: Option<AccountId>,
    pub created_at: Instant,
    pub dispatched_by: Option<AccountId>,
    pub dispatched_at: Option<Instant>,
    pub accepted_by: Option<AccountId>,
    pub accepted_at: Option<Instant>,
    pub cancelled_at: Option<Instant>,
    pub version: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = handoffs, treat_none_as_default_value = false)]
pub(super) struct ManifestColumns {
    pub public_id: PublicId,
    pub number: String,
    pub direction: Direction,
    pub office_id: AgencyId,
    pub agency_id: AgencyId,
    pub state: HandoffState,
    pub created_by: Option<AccountId>,
    pub created_at: Instant,
    pub version: i64,
}

/// A line of a manifest.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = handoff_lines, check_for_backend(MultiBackend))]
pub(super) struct LineRow {
    pub id: i64,
    pub handoff_id: i64,
    pub line: i32,
    pub dossier_id: DossierId,
    pub shipment_id: Option<i64>,
    pub recipient: Option<Sealed<Recipient>>,
    pub cod_amount: i64,
    pub fees: i64,
    /// Codes of papers; empty: all that the giver has.
    pub papers: Json<Vec<String>>,
    pub state: ItemState,
    pub reason: Option<String>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = handoff_lines, treat_none_as_default_value = false)]
pub(super) struct LineColumns {
    pub handoff_id: i64,
    pub line: i32,
    pub dossier_id: DossierId,
    pub shipment_id: Option<i64>,
    pub recipient: Option<Sealed<Recipient>>,
    pub cod_amount: i64,
    pub fees: i64,
    pub papers: Json<Vec<String>>,
    pub state: ItemState,
}

/// Where the recipients of a manifest are sealed for.
pub(super) fn place_of_recipients(manifest: PublicId) -> String {
    format!("recipient/{manifest}")
}

/// Writes a manifest without lines.
pub(super) fn insert(conn: &mut Conn, columns: &ManifestColumns) -> Result<i64, db::Error> {
    Ok(diesel::insert_into(handoffs::table).values(columns).returning(handoffs::id).get_result(conn)?)
}

/// Writes a line.
pub(super) fn insert_line(conn: &mut Conn, columns: &LineColumns) -> Result<(), db::Error> {
    diesel::insert_into(handoff_lines::table).values(columns).execute(conn)?;
    Ok(())
}

/// The manifest with this key.
pub(super) fn get(conn: &mut Conn, id: i64) -> Result<Manifest, db::Error> {
    Ok(handoffs::table.find(id).select(Manifest::as_select()).get_result(conn)?)
}

/// A manifest's lines in their order.
pub(super) fn lines(conn: &mut Conn, manifest: i64) -> Result<Vec<LineRow>, db::Error> {
    Ok(handoff_lines::table
        .filter(handoff_lines::handoff_id.eq(manifest))
        .order(handoff_lines::line)
        .select(LineRow::as_select())
        .load(conn)?)
}

/// Takes a step, if nobody else took one since the manifest was read.
///
/// # Errors
/// 409 `conflict` when it is not possible from its state, `stale_version` when somebody was faster.
pub(super) fn advance(
    conn: &mut Conn,
    manifest: &Manifest,
    step: Step,
    by: Option<AccountId>,
    at: Instant,
) -> Result<(), Problem> {
    let Some(state) = rules::next(manifest.state, step) else {
        let state = manifest.state;
        return Err(Problem::new(Code::Conflict)
            .detail((format!("Bảng kê đang ở trạng thái {state}"), format!("The manifest is {state}")))
            .member("state", state.as_str()));
    };
    let unchanged = handoffs::id.eq(manifest.id).and(handoffs::version.eq(manifest.version));
    let changed = (handoffs::state.eq(state), handoffs::version.eq(manifest.version + 1));
    let update = diesel::update(handoffs::table).filter(unchanged);
    let written = match step {
        Step::Dispatch => update
            .set((changed, handoffs::dispatched_by.eq(by), handoffs::dispatched_at.eq(Some(at))))
            .execute(conn),
        Step::Accept => update
            .set((changed, handoffs::accepted_by.eq(by), handoffs::accepted_at.eq(Some(at))))
            .execute(conn),
        Step::Cancel => update.set((changed, handoffs::cancelled_at.eq(Some(at)))).execute(conn),
    }
    .map_err(db::Error::from)?;
    if written == 1 { Ok(()) } else { Err(Problem::new(Code::StaleVersion)) }
}

/// Writes what became of a line.
pub(super) fn settle_line(
    conn: &mut Conn,
    line: i64,
    state: ItemState,
    reason: Option<&str>,
) -> Result<(), db::Error> {
    diesel::update(handoff_lines::table.find(line))
        .set((handoff_lines::state.eq(state), handoff_lines::reason.eq(reason)))
        .execute(conn)?;
    Ok(())
}

/// Which of these dossiers stand on a manifest that is not accepted or cancelled yet.
pub(super) fn on_open(conn: &mut Conn, dossiers: &[DossierId]) -> Result<Vec<DossierId>, db::Error> {
    Ok(handoff_lines::table
        .inner_join(handoffs::table.on(handoffs::id.eq(handoff_lines::handoff_id)))
        .filter(handoff_lines::dossier_id.eq_any(dossiers.to_vec()))
        .filter(handoff_lines::state.eq(ItemState::Listed))
        .filter(handoffs::state.eq(HandoffState::Draft).or(handoffs::state.eq(HandoffState::Dispatched)))
        .select(handoff_lines::dossier_id)
        .load(conn)?)
}

/// Whether a shipment stands on such a manifest.
pub(super) fn is_shipment_on_open(conn: &mut Conn, shipment: i64) -> Result<bool, db::Error> {
    let lines: i64 = handoff_lines::table
        .inner_join(handoffs::table.on(handoffs::id.eq(handoff_lines::handoff_id)))
        .filter(handoff_lines::shipment_id.eq(shipment))
        .filter(handoff_lines::state.eq(ItemState::Listed))
        .filter(handoffs::state.eq(HandoffState::Draft).or(handoffs::state.eq(HandoffState::Dispatched)))
        .count()
        .get_result(conn)?;
    Ok(lines > 0)
}

/// How many lines each of these manifests has, and how many of them are missing or damaged.
pub(super) fn sizes(conn: &mut Conn, manifests: Vec<i64>) -> Result<HashMap<i64, (i64, i64)>, db::Error> {
    let counted: Vec<(i64, ItemState, i64)> = handoff_lines::table
        .filter(handoff_lines::handoff_id.eq_any(manifests))
        .group_by((handoff_lines::handoff_id, handoff_lines::state))
        .select((handoff_lines::handoff_id, handoff_lines::state, diesel::dsl::count_star()))
        .load(conn)?;
    let mut sizes: HashMap<i64, (i64, i64)> = HashMap::new();
    for (manifest, state, count) in counted {
        let (lines, exceptions) = sizes.entry(manifest).or_default();
        *lines += count;
        if matches!(state, ItemState::Missing | ItemState::Damaged) {
            *exceptions += count;
        }
    }
    Ok(sizes)
}

/// What a list of manifests can be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ManifestFilter {
    pub direction: Option<Direction>,
    pub office: Option<AgencyId>,
    pub agency: Option<AgencyId>,
    pub state: Option<HandoffState>,
    pub created_from: Option<NaiveDate>,
    pub created_to: Option<NaiveDate>,
}

type Query = IntoBoxed<'static, handoffs::table, MultiBackend>;

/// The manifests that a caller sees: a clerk his agency's, a post clerk his office's, an inspector those of his subtree.
fn visible(caller: &Identity) -> Query {
    visible_to!(caller, handoffs, caller.has(Role::Inspector))
}

/// The manifest with this id, if the caller sees it.
///
/// # Errors
/// 404.
pub(super) fn find_visible(conn: &mut Conn, caller: &Identity, public_id: &str) -> Result<Manifest, Problem> {
    let found: Option<Manifest> = visible(caller)
        .filter(handoffs::public_id.eq(public_id.to_owned()))
        .select(Manifest::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    found.ok_or_else(|| Problem::new(Code::NotFound))
}

/// A page of the manifests that the caller sees, the newest first.
///
/// # Errors
/// A cursor of another list; those of the database.
pub(super) fn list(
    conn: &mut Conn,
    caller: &Identity,
    filter: &ManifestFilter,
    cursor: Option<&Cursor>,
    limit: Limit,
    count: bool,
) -> Result<Page<Manifest>, Problem> {
    let wanted = || {
        let mut query = visible(caller);
        if let Some(direction) = filter.direction {
            query = query.filter(handoffs::direction.eq(direction));
        }
        if let Some(office) = filter.office {
            query = query.filter(handoffs::office_id.eq(office));
        }
        if let Some(agency) = filter.agency {
            query = query.filter(handoffs::agency_id.eq(agency));
        }
        if let Some(state) = filter.state {
            query = query.filter(handoffs::state.eq(state));
        }
        if let Some(day) = filter.created_from {
            query = query.filter(handoffs::created_at.ge(Instant::from(working_time::at(day, 0))));
        }
        if let Some(day) = filter.created_to {
            query = query.filter(handoffs::created_at.lt(Instant::from(working_time::at(day, 0))));
        }
        query
    };
    page_by_id!(conn, handoffs => Manifest, desc, wanted, (cursor, limit, count))
}
