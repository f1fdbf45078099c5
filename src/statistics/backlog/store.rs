//! SQL on open dossiers: how many there are in each bucket, and what was open once. Counts for whoever may see the figures
//! of the agency.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Nullable, Text};

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

/// A dossier that was open at a past moment.
#[derive(Debug, Clone, Queryable)]
pub(super) struct OpenThen {
    /// Where it counted.
    pub(super) agency_id: AgencyId,
    pub(super) procedure_id: ProcedureId,
    pub(super) channel: Channel,
    pub(super) received_at: Instant,
    /// Not 0: in a pause begun in time.
    pub(super) paused: i64,
    /// RFC 3339: the date that its agency was to be judged by; none while its time had not begun.
    pub(super) judged_due_at: Option<String>,
}

raw! {
    /// From what is open now back to the moment: less what the ledger has booked since. As much work as there is backlog now and
    /// as was booked since, and no dossier that ended before. The date comes from the last event by then that set it.
    struct ListOpenThen {
        agency: AgencyId => BigInt,
        with_below: bool => Bool,
        day: NaiveDate => Date,
        moment: Instant => InstantSql,
    } -> (BigInt, BigInt, Text, InstantSql, BigInt, Nullable<Text>);
    both: "SELECT past.agency_id, past.procedure_id, past.channel, dossiers.received_at, past.paused,
             (SELECT judged.judged_due_at FROM judged_dates AS judged
              WHERE judged.dossier_id = past.dossier_id AND judged.recorded_at <= :moment ORDER BY judged.seq DESC LIMIT 1)
           FROM (SELECT dossier_id, agency_id, procedure_id, channel, CAST(SUM(paused) AS BIGINT) AS paused
                 FROM (SELECT id AS dossier_id, agency_id, procedure_id, channel, 1 AS open,
                         CASE WHEN paused_in_time THEN 1 ELSE 0 END AS paused
                       FROM dossiers
                       WHERE finished_at IS NULL AND received_at IS NOT NULL
                         AND agency_id IN (SELECT descendant_id FROM agency_closure
                           WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))
                       UNION ALL
                       SELECT dossier_id, agency_id, procedure_id, channel, -open, -paused FROM bookings
                       WHERE day >= :day AND counts_from > :moment AND (open <> 0 OR paused <> 0)
                         AND agency_id IN (SELECT descendant_id FROM agency_closure
                           WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))) AS stock
                 GROUP BY dossier_id, agency_id, procedure_id, channel HAVING SUM(open) > 0) AS past
             JOIN dossiers ON dossiers.id = past.dossier_id"
}

/// What was open at a moment of `day`.
///
/// # Errors
/// Those of the database.
pub(super) fn list_open_then(
    conn: &mut Conn,
    (agency, with_below): (AgencyId, bool),
    (day, moment): (NaiveDate, Instant),
) -> Result<Vec<OpenThen>, db::Error> {
    Ok(ListOpenThen { agency, with_below, day, moment }.load(conn)?)
}
