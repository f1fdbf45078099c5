//! SQL on the ledger of marks.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::{self, Conn, Instant, InstantSql};
use crate::dossiers::Mark;

/// So many dossiers got a mark at an agency.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Count {
    pub(super) agency_id: AgencyId,
    pub(super) mark: Mark,
    pub(super) dossiers: i64,
}

raw! {
    /// By the index of the ledger alone: as much work as there are marks in the period.
    struct CountMarks {
        agency: AgencyId => BigInt,
        with_below: bool => Bool,
        since: Instant => InstantSql,
        until: Instant => InstantSql,
    } -> (BigInt, Text, BigInt);
    both: "SELECT agency_id, mark, COUNT(*) FROM dossier_marks
           WHERE agency_id IN (SELECT descendant_id FROM agency_closure
               WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))
             AND marked_at >= :since AND marked_at < :until
           GROUP BY 1, 2"
}

/// The marks made in `[since, until)`.
///
/// # Errors
/// Those of the database.
pub(super) fn count(
    conn: &mut Conn,
    (agency, with_below): (AgencyId, bool),
    (since, until): (Instant, Instant),
) -> Result<Vec<Count>, db::Error> {
    Ok(CountMarks { agency, with_below, since, until }.load(conn)?)
}
