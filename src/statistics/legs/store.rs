//! SQL on legs that are done.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};

use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::{self, Conn, Instant, InstantSql};

/// What the legs of one agency and step used. Opening minutes.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Work {
    pub(super) agency_id: AgencyId,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) legs: i64,
    pub(super) total: i64,
    pub(super) median: Option<i64>,
    pub(super) ninth_decile: Option<i64>,
    pub(super) with_share: i64,
    pub(super) within_share: i64,
    pub(super) share: i64,
    pub(super) overran: i64,
    pub(super) excess: i64,
}

raw! {
    /// Quantiles are nearest ranks: the smallest value that at least so many do not exceed. Both engines can number rows.
    struct SumLegs {
        agency: AgencyId => BigInt,
        with_below: bool => Bool,
        since: Instant => InstantSql,
        until: Instant => InstantSql,
    } -> (BigInt, Text, Text, BigInt, BigInt, Nullable<BigInt>, Nullable<BigInt>, BigInt, BigInt, BigInt, BigInt, BigInt);
    both: "SELECT agency_id, key, MAX(name), COUNT(*), CAST(SUM(used) AS BIGINT),
             MAX(CASE WHEN place = (legs + 1) / 2 THEN used END), MAX(CASE WHEN place = (legs * 9 + 9) / 10 THEN used END),
             COUNT(share), CAST(SUM(CASE WHEN share IS NULL THEN 0 ELSE used END) AS BIGINT),
             CAST(COALESCE(SUM(share), 0) AS BIGINT),
             COUNT(CASE WHEN balance < 0 THEN 1 END),
             CAST(COALESCE(SUM(CASE WHEN balance < 0 THEN -balance END), 0) AS BIGINT)
           FROM (SELECT agency_id, key, name, used_minutes AS used, share_minutes AS share, balance_minutes AS balance,
                   ROW_NUMBER() OVER (PARTITION BY agency_id, key ORDER BY used_minutes) AS place,
                   COUNT(*) OVER (PARTITION BY agency_id, key) AS legs
                 FROM legs
                 WHERE state = 'done' AND used_minutes IS NOT NULL AND finished_at >= :since AND finished_at < :until
                   AND agency_id IN (SELECT descendant_id FROM agency_closure
                     WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))) AS done
           GROUP BY agency_id, key
           ORDER BY agency_id, key"
}

/// What the legs of an agency, and of those below it, used that ended in `[since, until)`.
///
/// # Errors
/// Those of the database.
pub(super) fn sum_legs(
    conn: &mut Conn,
    (agency, with_below): (AgencyId, bool),
    (since, until): (Instant, Instant),
) -> Result<Vec<Work>, db::Error> {
    Ok(SumLegs { agency, with_below, since, until }.load(conn)?)
}

/// Who overran his share in dossiers that were resolved late.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Blame {
    pub(super) agency_id: AgencyId,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) dossiers: i64,
    pub(super) excess: i64,
}

raw! {
    /// The late ones of the period as they are booked, each with those of its legs that overran, wherever these were.
    struct SumBlame {
        agency: AgencyId => BigInt,
        with_below: bool => Bool,
        since: NaiveDate => Date,
        until: NaiveDate => Date,
    } -> (BigInt, Text, Text, BigInt, BigInt);
    both: "SELECT legs.agency_id, legs.key, MAX(legs.name), COUNT(DISTINCT legs.dossier_id),
             CAST(SUM(-legs.balance_minutes) AS BIGINT)
           FROM bookings JOIN legs ON legs.dossier_id = bookings.dossier_id
           WHERE bookings.late <> 0 AND bookings.day >= :since AND bookings.day < :until
             AND bookings.agency_id IN (SELECT descendant_id FROM agency_closure
               WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))
             AND legs.balance_minutes < 0
           GROUP BY legs.agency_id, legs.key
           ORDER BY 4 DESC, 1, 2"
}

/// Who used up the time of the late dossiers of `[since, until)`, the most often first.
///
/// # Errors
/// Those of the database.
pub(super) fn sum_blame(
    conn: &mut Conn,
    (agency, with_below): (AgencyId, bool),
    (since, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Blame>, db::Error> {
    Ok(SumBlame { agency, with_below, since, until }.load(conn)?)
}

raw! {
    /// How many late ones there are, and how many of them have no leg that overran.
    struct CountLate {
        agency: AgencyId => BigInt,
        with_below: bool => Bool,
        since: NaiveDate => Date,
        until: NaiveDate => Date,
    } -> (BigInt, BigInt);
    both: "SELECT COUNT(*), COUNT(CASE WHEN NOT EXISTS (SELECT 1 FROM legs
               WHERE legs.dossier_id = bookings.dossier_id AND legs.balance_minutes < 0) THEN 1 END)
           FROM bookings
           WHERE bookings.late <> 0 AND bookings.day >= :since AND bookings.day < :until
             AND bookings.agency_id IN (SELECT descendant_id FROM agency_closure
               WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))"
}

/// The late dossiers of `[since, until)`, and those of them that nobody's leg explains.
///
/// # Errors
/// Those of the database.
pub(super) fn count_late(
    conn: &mut Conn,
    (agency, with_below): (AgencyId, bool),
    (since, until): (NaiveDate, NaiveDate),
) -> Result<(i64, i64), db::Error> {
    Ok(CountLate { agency, with_below, since, until }.get_result(conn)?)
}
