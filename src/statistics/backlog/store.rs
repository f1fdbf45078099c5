//! SQL on open dossiers: how many there are in each bucket. Counts for whoever may see the figures of the agency.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};

use super::buckets::{Edges, Span};
use crate::agencies::AgencyId;
use crate::calendar::rules::at;
use crate::db::dialect::raw;
use crate::db::{self, Conn, Instant, InstantSql};
use crate::dossiers::Channel;
use crate::procedures::ProcedureId;

/// So many open dossiers of a cell lie in a bucket of age and in one of time.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Count {
    /// 0 where agencies are not kept apart.
    pub(super) agency_id: AgencyId,
    /// 0 where procedures are not kept apart.
    pub(super) procedure_id: ProcedureId,
    pub(super) channel: Channel,
    /// Place in [`AGES`](super::buckets::AGES).
    pub(super) age: i32,
    /// Place among the states of the clock: those overdue, those with time left, paused, not started.
    pub(super) time: i32,
    pub(super) dossiers: i64,
}

/// Whose open dossiers, and what is kept apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) agency_id: AgencyId,
    pub(super) with_below: bool,
    pub(super) by_agency: bool,
    pub(super) by_procedure: bool,
}

raw! {
    /// What is open, by the index of open dossiers alone: as much work as there is backlog, however many ever came in. Edges
    /// are the first moments of the younger (or the sooner due) bucket.
    struct CountOpen {
        agency: AgencyId => BigInt,
        with_below: bool => Bool,
        by_agency: bool => Bool,
        by_procedure: bool => Bool,
        now: Instant => InstantSql,
        age_b: Instant => InstantSql,
        age_c: Instant => InstantSql,
        age_d: Instant => InstantSql,
        age_e: Instant => InstantSql,
        age_f: Instant => InstantSql,
        over_b: Instant => InstantSql,
        over_c: Instant => InstantSql,
        over_d: Instant => InstantSql,
        left_b: Instant => InstantSql,
        left_c: Instant => InstantSql,
        left_d: Instant => InstantSql,
        left_e: Instant => InstantSql,
    } -> (BigInt, BigInt, Text, Integer, Integer, BigInt);
    both: "SELECT CASE WHEN :by_agency THEN agency_id ELSE 0 END,
             CASE WHEN :by_procedure THEN procedure_id ELSE 0 END,
             channel,
             CASE WHEN received_at >= :age_b THEN 0 WHEN received_at >= :age_c THEN 1 WHEN received_at >= :age_d THEN 2
               WHEN received_at >= :age_e THEN 3 WHEN received_at >= :age_f THEN 4 ELSE 5 END,
             CASE WHEN paused_in_time THEN 9 WHEN judged_due_at IS NULL THEN 10
               WHEN judged_due_at < :now THEN
                 CASE WHEN judged_due_at >= :over_b THEN 0 WHEN judged_due_at >= :over_c THEN 1
                   WHEN judged_due_at >= :over_d THEN 2 ELSE 3 END
               WHEN judged_due_at < :left_b THEN 4 WHEN judged_due_at < :left_c THEN 5 WHEN judged_due_at < :left_d THEN 6
               WHEN judged_due_at < :left_e THEN 7 ELSE 8 END,
             COUNT(*)
           FROM dossiers
           WHERE agency_id IN (SELECT descendant_id FROM agency_closure
               WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))
             AND finished_at IS NULL AND received_at IS NOT NULL
           GROUP BY 1, 2, 3, 4, 5"
}

/// Counts what is open now.
///
/// # Errors
/// Those of the database.
pub(super) fn count_open(
    conn: &mut Conn,
    asked: Asked,
    edges: &Edges,
    now: Instant,
) -> Result<Vec<Count>, db::Error> {
    let begins = |spans: &[Span], place: usize, edge: fn(&Span) -> Option<NaiveDate>, open: Instant| {
        let day = spans.get(place).and_then(edge);
        day.map_or(open, |day| at(day, 0).into())
    };
    let younger = |spans, place| begins(spans, place, |span| span.from, Instant::MIN);
    let sooner = |place| begins(&edges.left, place, |span| span.to, Instant::MAX);
    let (ages, overdue) = (&edges.ages, &edges.overdue);
    Ok(CountOpen {
        agency: asked.agency_id,
        with_below: asked.with_below,
        by_agency: asked.by_agency,
        by_procedure: asked.by_procedure,
        now,
        age_b: younger(ages, 0),
        age_c: younger(ages, 1),
        age_d: younger(ages, 2),
        age_e: younger(ages, 3),
        age_f: younger(ages, 4),
        over_b: younger(overdue, 0),
        over_c: younger(overdue, 1),
        over_d: younger(overdue, 2),
        left_b: sooner(0),
        left_c: sooner(1),
        left_d: sooner(2),
        left_e: sooner(3),
    }
    .load(conn)?)
}
