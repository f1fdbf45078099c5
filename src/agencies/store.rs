//! The tables `agencies`, `agency_closure` and `working_hours`. Every change renames the catalogue's revision.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper,
    prelude::{AsChangeset, Insertable},
    sql_types::BigInt,
};

use super::{Agency, AgencyId, CATALOGUE, HoursFrom, Kind, Tree, Week};
use crate::db::{
    Conn, Error, Json,
    dialect::raw,
    revision,
    schema::{agencies, working_hours},
};

/// All agencies as this transaction sees them.
///
/// # Errors
/// What the database refuses.
pub fn load_tree(conn: &mut Conn) -> Result<Tree, Error> {
    Ok(Tree::new(agencies::table.select(Agency::as_select()).load(conn)?))
}

/// What stands in a row of `agencies` beside its key and version.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = agencies, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct AgencyColumns {
    pub code: String,
    pub official: bool,
    pub name: String,
    pub kind: Kind,
    pub function: Option<String>,
    pub parent_id: Option<AgencyId>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub hotline: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub gso_code: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub after_cutoff_counts_next_day: bool,
    pub successor_id: Option<AgencyId>,
}

raw! {
    /// An agency stands below itself and below all that its parent stands below.
    struct Plant { id: i64 => BigInt, parent: i64 => BigInt };
    both: "INSERT INTO agency_closure (ancestor_id, descendant_id)
           SELECT ancestor_id, :id FROM agency_closure WHERE descendant_id = :parent
           UNION ALL SELECT :id, :id"
}

raw! {
    /// Takes an agency and all below it away from those above it.
    struct Uproot { id: i64 => BigInt };
    both: "DELETE FROM agency_closure
           WHERE descendant_id IN (SELECT descendant_id FROM agency_closure WHERE ancestor_id = :id)
             AND ancestor_id NOT IN (SELECT descendant_id FROM agency_closure WHERE ancestor_id = :id)"
}

raw! {
    /// Puts an agency and all below it below its new parent and all above that.
    struct Replant { id: i64 => BigInt, parent: i64 => BigInt };
    both: "INSERT INTO agency_closure (ancestor_id, descendant_id)
           SELECT above.ancestor_id, below.descendant_id
           FROM agency_closure above CROSS JOIN agency_closure below
           WHERE above.descendant_id = :parent AND below.ancestor_id = :id"
}

/// No agency has this key, so nothing stands above a root.
const NOBODY: AgencyId = 0;

/// Writes a new agency with its place in the tree.
pub(super) fn insert_agency(conn: &mut Conn, columns: &AgencyColumns) -> Result<AgencyId, Error> {
    let id = diesel::insert_into(agencies::table)
        .values((columns, agencies::version.eq(1)))
        .returning(agencies::id)
        .get_result(conn)?;
    Plant { id, parent: columns.parent_id.unwrap_or(NOBODY) }.execute(conn)?;
    revision::bump(conn, CATALOGUE)?;
    Ok(id)
}

/// Changes an agency that still has this version. `moved`: it stands below another parent from now on.
pub(super) fn update_agency(
    conn: &mut Conn,
    id: AgencyId,
    version: i64,
    columns: &AgencyColumns,
    moved: bool,
) -> Result<(), Error> {
    let row = agencies::table.filter(agencies::id.eq(id)).filter(agencies::version.eq(version));
    let changed = diesel::update(row).set((columns, agencies::version.eq(version + 1))).execute(conn)?;
    if changed != 1 {
        return Err(Error::NotFound);
    }
    if moved {
        Uproot { id }.execute(conn)?;
        Replant { id, parent: columns.parent_id.unwrap_or(NOBODY) }.execute(conn)?;
    }
    revision::bump(conn, CATALOGUE)
}

/// The opening hours of every agency that has its own, each by rising day.
///
/// # Errors
/// What the database refuses.
pub fn load_hours(conn: &mut Conn) -> Result<HashMap<AgencyId, Vec<HoursFrom>>, Error> {
    let rows: Vec<(AgencyId, NaiveDate, Json<Option<Week>>, i64)> = working_hours::table
        .order((working_hours::agency_id, working_hours::effective_from))
        .select((
            working_hours::agency_id,
            working_hours::effective_from,
            working_hours::hours,
            working_hours::version,
        ))
        .load(conn)?;
    let mut hours: HashMap<AgencyId, Vec<HoursFrom>> = HashMap::new();
    for (agency, effective_from, Json(week), version) in rows {
        hours.entry(agency).or_default().push(HoursFrom { effective_from, week, version });
    }
    Ok(hours)
}

/// Sets the hours of an agency from a day on, in place of what was set from that same day.
pub(super) fn put_hours(conn: &mut Conn, agency: AgencyId, row: &HoursFrom) -> Result<(), Error> {
    let same_day = working_hours::table
        .filter(working_hours::agency_id.eq(agency))
        .filter(working_hours::effective_from.eq(row.effective_from));
    diesel::delete(same_day).execute(conn)?;
    diesel::insert_into(working_hours::table)
        .values((
            working_hours::agency_id.eq(agency),
            working_hours::effective_from.eq(row.effective_from),
            working_hours::hours.eq(Json(row.week.clone())),
            working_hours::version.eq(row.version),
        ))
        .execute(conn)?;
    revision::bump(conn, CATALOGUE)
}
