//! How a caller sees rows that were read: the views of a page at once, and [`Sight`], the proof that somebody may
//! look at what hangs on one dossier.
//!
//! A page costs no query for rows that its columns decide, and at most four for all others together.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{AgencyId, DossierId, Hierarchy, Leg, Reach, RowKeys, View};
use crate::db::dialect::{among, on_engine};
use crate::db::schema::{dossiers, handoff_lines, handoffs, legs, shipments, transfers};
use crate::db::{Conn, Error, Instant, MultiBackend, PublicId};
use crate::http::{Code, Problem};

/// The columns of a dossier that its visibility depends on; select them beside the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = dossiers, check_for_backend(MultiBackend))]
pub struct Columns {
    /// Which dossier.
    pub id: DossierId,
    /// Received it.
    pub agency_id: AgencyId,
    /// Decides on it.
    pub competent_id: AgencyId,
    /// Has it now.
    pub holder_id: AgencyId,
    /// The post office that took it in.
    pub post_office_id: Option<AgencyId>,
    /// The slip that it is on.
    pub slip_id: Option<i64>,
    /// The version of the procedure that it was received under.
    pub procedure_version_id: i64,
}

/// One dossier that a caller may look at, and how. Only this file makes one, so whatever takes a `Sight` (legs,
/// custody, events of a dossier) cannot be asked for a dossier that nobody checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    dossier: DossierId,
    view: View,
    may_act: bool,
}

impl Sight {
    /// Which dossier.
    #[must_use]
    pub fn dossier(&self) -> DossierId {
        self.dossier
    }

    /// How it is seen; never [`View::None`].
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// The dossier, if the caller may change it as far as seeing goes.
    ///
    /// # Errors
    /// 403 `forbidden`: the caller may know that the dossier is there.
    pub fn for_change(self) -> Result<DossierId, Problem> {
        if self.may_act { Ok(self.dossier) } else { Err(Problem::new(Code::Forbidden)) }
    }

    /// The same, if it is good enough.
    ///
    /// # Errors
    /// 403 `forbidden`: the caller may know that the dossier is there.
    pub fn at_least(self, view: View) -> Result<Self, Problem> {
        if self.view >= view { Ok(self) } else { Err(Problem::new(Code::Forbidden)) }
    }
}

macro_rules! find {
    ($conn:expr, $condition:expr) => {{
        let found = dossiers::table.filter($condition);
        on_engine!($conn, native => found.select(Columns::as_select()).first(native).optional())?
    }};
}

/// The dossier with this code, reference or id (all three find it), if the caller sees it.
///
/// # Errors
/// The database's.
pub fn find_sight(
    conn: &mut Conn,
    reach: &Reach,
    tree: &dyn Hierarchy,
    name: &str,
) -> Result<Option<Sight>, Error> {
    // Each form has its own unique index. The view of the one row is reckoned from it: `visible_dossiers` is for lists.
    let found: Option<Columns> = match name.parse::<PublicId>() {
        Ok(id) => find!(conn, dossiers::public_id.eq(id)),
        Err(_) => match find!(conn, dossiers::code.eq(name)) {
            None => find!(conn, dossiers::reference.eq(name)),
            found => found,
        },
    };
    match found {
        Some(columns) => sight_of(conn, reach, tree, columns),
        None => Ok(None),
    }
}

/// The same for a row that was read already.
///
/// # Errors
/// The database's.
pub fn sight_of(
    conn: &mut Conn,
    reach: &Reach,
    tree: &dyn Hierarchy,
    row: Columns,
) -> Result<Option<Sight>, Error> {
    let view = views(conn, reach, tree, &[row])?.first().copied().unwrap_or(View::None);
    let may_act = reach.may_act(tree, &row.keys(reach), view);
    Ok((view > View::None).then_some(Sight { dossier: row.id, view, may_act }))
}

/// How the caller sees each of these dossiers, in their order.
///
/// # Errors
/// The database's.
pub fn views(
    conn: &mut Conn,
    reach: &Reach,
    tree: &dyn Hierarchy,
    rows: &[Columns],
) -> Result<Vec<View>, Error> {
    let by_columns: Vec<View> = rows.iter().map(|row| reach.view(tree, &row.keys(reach))).collect();
    if !(reach.works() || reach.at_post() || reach.leads()) {
        return Ok(by_columns);
    }
    // What hangs on other tables can only make a view better.
    let open: Vec<Columns> =
        rows.iter().zip(&by_columns).filter(|(_, view)| **view < View::Full).map(|(row, _)| *row).collect();
    if open.is_empty() {
        return Ok(by_columns);
    }
    let keys = row_keys(conn, reach, &open)?;
    Ok(rows
        .iter()
        .zip(by_columns)
        .map(|(row, view)| keys.get(&row.id).map_or(view, |keys| reach.view(tree, keys)))
        .collect())
}

impl Columns {
    /// What the columns alone tell.
    fn keys(&self, reach: &Reach) -> RowKeys {
        RowKeys {
            id: self.id,
            is_sensitive: reach.sensitive().contains(self.procedure_version_id),
            agency_id: self.agency_id,
            competent_id: self.competent_id,
            holder_id: self.holder_id,
            post_office_id: self.post_office_id,
            slip_to: None,
            legs: Vec::new(),
            offices: Vec::new(),
        }
    }
}

/// Everything that the views of these rows depend on, as far as it matters to this caller.
fn row_keys(conn: &mut Conn, reach: &Reach, rows: &[Columns]) -> Result<HashMap<DossierId, RowKeys>, Error> {
    let ids: Vec<DossierId> = rows.iter().map(|row| row.id).collect();
    let mut keys: HashMap<DossierId, RowKeys> = rows.iter().map(|row| (row.id, row.keys(reach))).collect();
    if reach.works() || reach.leads() {
        add_slips(conn, rows, &mut keys)?;
        add_legs(conn, &ids, &mut keys)?;
    }
    if reach.at_post() || reach.leads() {
        add_offices(conn, &ids, &mut keys)?;
    }
    Ok(keys)
}

fn add_slips(conn: &mut Conn, rows: &[Columns], keys: &mut HashMap<DossierId, RowKeys>) -> Result<(), Error> {
    let slips: Vec<i64> = rows.iter().filter_map(|row| row.slip_id).collect();
    if slips.is_empty() {
        return Ok(());
    }
    let sent = transfers::table
        .filter(among(transfers::id, &slips))
        .filter(transfers::state.eq("sent"))
        .select((transfers::id, transfers::to_id));
    let to: Vec<(i64, AgencyId)> = on_engine!(conn, native => sent.load(native))?;
    let to: HashMap<i64, AgencyId> = to.into_iter().collect();
    for row in rows {
        if let (Some(slip), Some(keys)) = (row.slip_id, keys.get_mut(&row.id)) {
            keys.slip_to = to.get(&slip).copied();
        }
    }
    Ok(())
}

fn add_legs(conn: &mut Conn, ids: &[DossierId], keys: &mut HashMap<DossierId, RowKeys>) -> Result<(), Error> {
    let begun = legs::table
        .filter(among(legs::dossier_id, ids))
        .filter(legs::started_at.is_not_null())
        .select((legs::dossier_id, legs::agency_id, legs::finished_at));
    let begun: Vec<(DossierId, AgencyId, Option<Instant>)> = on_engine!(conn, native => begun.load(native))?;
    for (dossier, agency_id, finished_at) in begun {
        if let Some(keys) = keys.get_mut(&dossier) {
            keys.legs.push(Leg { agency_id, finished_at });
        }
    }
    Ok(())
}

fn add_offices(
    conn: &mut Conn,
    ids: &[DossierId],
    keys: &mut HashMap<DossierId, RowKeys>,
) -> Result<(), Error> {
    let listed = handoff_lines::table
        .inner_join(handoffs::table.on(handoffs::id.eq(handoff_lines::handoff_id)))
        .filter(among(handoff_lines::dossier_id, ids))
        .filter(handoff_lines::state.ne("cancelled"))
        .filter(handoffs::state.ne("cancelled"))
        .select((handoff_lines::dossier_id, handoffs::office_id));
    let sent = shipments::table
        .filter(among(shipments::dossier_id, ids))
        .filter(shipments::state.ne("cancelled"))
        .select((shipments::dossier_id, shipments::office_id));
    let listed: Vec<(DossierId, AgencyId)> = on_engine!(conn, native => listed.load(native))?;
    let sent: Vec<(DossierId, AgencyId)> = on_engine!(conn, native => sent.load(native))?;
    for (dossier, office) in listed.into_iter().chain(sent) {
        if let Some(keys) = keys.get_mut(&dossier) {
            keys.offices.push(office);
        }
    }
    Ok(())
}
