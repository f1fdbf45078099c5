//! The ledger of marks: which dossier got which mark when, at which agency. What the integrity report counts, and what the
//! list narrowed by `mark` and `marked_from` shows. Written with the change that made the mark, and never taken back.

use diesel::prelude::*;

use crate::agencies::AgencyId;
use crate::db::dialect::on_engine;
use crate::db::schema::dossier_marks;
use crate::db::{self, Conn, Instant};
use crate::dossiers::{Change, DossierId, Mark};

/// A mark as it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Insertable)]
#[diesel(table_name = dossier_marks, treat_none_as_default_value = false)]
pub(super) struct Made {
    dossier_id: DossierId,
    mark: Mark,
    agency_id: AgencyId,
    marked_at: Instant,
}

/// The marks that a change made.
pub(super) fn made_by(change: &Change) -> Vec<Made> {
    let before = change.before.as_ref().map(|before| before.marks.0.as_slice()).unwrap_or_default();
    let after = &change.after;
    let new = after.marks.0.iter().filter(|mark| !before.contains(mark));
    new.map(|mark| Made {
        dossier_id: after.id,
        mark: *mark,
        agency_id: after.agency_id,
        marked_at: change.at.recorded,
    })
    .collect()
}

/// Writes marks down.
///
/// # Errors
/// Those of the database.
pub(super) fn insert(conn: &mut Conn, marks: &[Made]) -> Result<(), db::Error> {
    if !marks.is_empty() {
        on_engine!(conn, native => diesel::insert_into(dossier_marks::table).values(marks).execute(native))?;
    }
    Ok(())
}
