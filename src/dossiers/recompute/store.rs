//! Which dossiers a recompute looks at.

use diesel::prelude::*;

use crate::agencies::AgencyId;
use crate::db::schema::{agency_closure, dossiers};
use crate::db::{self, Conn, Instant};
use crate::dossiers::{Dossier, DossierId, Status};

/// The statuses in which a date may still move.
const MOVABLE: [Status; 7] = {
    let [a, b, c, d, e, f] = Status::OPEN;
    [Status::Submitted, a, b, c, d, e, f]
};

/// Dossiers after `after`, in the order of their keys, that were received by `top` or below it, came in before `until` and
/// have not ended.
///
/// # Errors
/// Those of the database.
pub(super) fn list_movable(
    conn: &mut Conn,
    top: AgencyId,
    until: Instant,
    after: DossierId,
    most: i64,
) -> Result<Vec<Dossier>, db::Error> {
    let agencies = agency_closure::table
        .filter(agency_closure::ancestor_id.eq(top))
        .select(agency_closure::descendant_id);
    Ok(dossiers::table
        .filter(dossiers::id.gt(after))
        .filter(dossiers::finished_at.is_null())
        .filter(dossiers::status.eq_any(MOVABLE))
        .filter(dossiers::submitted_at.is_not_null())
        .filter(dossiers::submitted_at.assume_not_null().lt(until))
        .filter(dossiers::agency_id.eq_any(agencies))
        .order(dossiers::id)
        .limit(most)
        .select(Dossier::as_select())
        .load(conn)?)
}
