//! Dossiers by their dates, whoever may see them: for the watch and for `/metrics`, which act for nobody.

use std::collections::HashMap;

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

use super::{Dossier, DossierId, Escalation, Status};
use crate::db::schema::{dossiers, escalations};
use crate::db::{self, Conn, Instant, keyset};

/// Open dossiers that are due until a moment and for which the leader above was not called, by date and key after a place.
///
/// # Errors
/// Those of the database.
pub fn list_due(
    conn: &mut Conn,
    until: Instant,
    (after, after_id): (Instant, DossierId),
    most: usize,
) -> Result<Vec<Dossier>, db::Error> {
    let judged = dossiers::judged_due_at.assume_not_null();
    let called = escalations::table
        .filter(escalations::dossier_id.eq(dossiers::id))
        .filter(escalations::leg.eq(""))
        .filter(escalations::level.eq(Escalation::LeaderAbove));
    Ok(dossiers::table
        .filter(dossiers::finished_at.is_null())
        .filter(dossiers::status.eq_any(Status::OPEN))
        .filter(dossiers::paused_in_time.eq(false))
        .filter(dossiers::judged_due_at.is_not_null())
        .filter(judged.le(until))
        .filter(keyset!(gt; (judged, after), (dossiers::id, after_id)))
        .filter(not(exists(called)))
        .order((judged, dossiers::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select(Dossier::as_select())
        .load(conn)?)
}

/// The dossiers with these keys.
///
/// # Errors
/// Those of the database.
pub fn get_all(conn: &mut Conn, ids: Vec<DossierId>) -> Result<HashMap<DossierId, Dossier>, db::Error> {
    let rows: Vec<Dossier> =
        dossiers::table.filter(dossiers::id.eq_any(ids)).select(Dossier::as_select()).load(conn)?;
    Ok(rows.into_iter().map(|dossier| (dossier.id, dossier)).collect())
}

/// What waits at this moment, of all agencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Submissions that no desk has answered.
    pub submissions: i64,
    /// Of these, those that should have been answered.
    pub submissions_late: i64,
    /// Open dossiers that missed the date that their agency is judged by.
    pub overdue: i64,
}

/// Counts what waits; costs as much as there is of it.
///
/// # Errors
/// Those of the database.
pub fn count_waiting(conn: &mut Conn, now: Instant) -> Result<Waiting, db::Error> {
    let waits = dossiers::status.eq(Status::Submitted);
    let is_late =
        dossiers::accept_due_at.is_not_null().and(dossiers::accept_due_at.assume_not_null().lt(now));
    let is_overdue = dossiers::finished_at
        .is_null()
        .and(dossiers::status.eq_any(Status::OPEN))
        .and(dossiers::paused_in_time.eq(false))
        .and(dossiers::judged_due_at.is_not_null())
        .and(dossiers::judged_due_at.assume_not_null().lt(now));
    Ok(Waiting {
        submissions: dossiers::table.filter(waits).select(count_star()).get_result(conn)?,
        submissions_late: dossiers::table
            .filter(waits)
            .filter(is_late)
            .select(count_star())
            .get_result(conn)?,
        overdue: dossiers::table.filter(is_overdue).select(count_star()).get_result(conn)?,
    })
}
