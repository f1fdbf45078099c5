//! SQL on shipments: how many there are in each state, and how many dossiers in them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::figures::Fate;
use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::{self, Conn, Instant, InstantSql};
use crate::post::{Direction, ShipmentState};

/// Whose shipments: a post office's, or those of an agency and all below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose {
    pub(super) agency: AgencyId,
    pub(super) is_office: bool,
}

/// So many shipments of an office are in a state.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Count {
    pub(super) office_id: AgencyId,
    pub(super) direction: Direction,
    pub(super) state: ShipmentState,
    pub(super) shipments: i64,
    /// Cash to be collected on delivery, in đồng.
    pub(super) cod: i64,
}

raw! {
    struct CountShipments {
        agency: AgencyId => BigInt,
        is_office: bool => Bool,
        since: Instant => InstantSql,
        until: Instant => InstantSql,
    } -> (BigInt, Text, Text, BigInt, BigInt);
    both: "SELECT office_id, direction, state, COUNT(*), CAST(SUM(cod_amount) AS BIGINT) FROM shipments
           WHERE created_at >= :since AND created_at < :until
             AND ((:is_office AND office_id = :agency)
               OR (NOT :is_office AND agency_id IN (SELECT descendant_id FROM agency_closure WHERE ancestor_id = :agency)))
           GROUP BY 1, 2, 3"
}

/// The shipments booked in `[since, until)`.
///
/// # Errors
/// Those of the database.
pub(super) fn count(
    conn: &mut Conn,
    Whose { agency, is_office }: Whose,
    (since, until): (Instant, Instant),
) -> Result<Vec<Count>, db::Error> {
    Ok(CountShipments { agency, is_office, since, until }.load(conn)?)
}

/// So many dossiers were in shipments with one fate.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Carried {
    /// 0: of all offices.
    pub(super) office_id: AgencyId,
    pub(super) direction: Direction,
    pub(super) fate: Fate,
    pub(super) dossiers: i64,
}

raw! {
    struct CountCarried {
        agency: AgencyId => BigInt,
        is_office: bool => Bool,
        by_office: bool => Bool,
        by_fate: bool => Bool,
        since: Instant => InstantSql,
        until: Instant => InstantSql,
    } -> (BigInt, Text, Text, BigInt);
    both: "SELECT CASE WHEN :by_office THEN office_id ELSE 0 END, direction,
             CASE WHEN NOT :by_fate THEN 'total' WHEN state IN ('delivered', 'returned', 'lost', 'damaged') THEN state
               ELSE 'under_way' END,
             COUNT(DISTINCT dossier_id) FROM shipments
           WHERE created_at >= :since AND created_at < :until AND state <> 'cancelled'
             AND ((:is_office AND office_id = :agency)
               OR (NOT :is_office AND agency_id IN (SELECT descendant_id FROM agency_closure WHERE ancestor_id = :agency)))
           GROUP BY 1, 2, 3"
}

/// The dossiers in these shipments: of each office and of all, with each fate and with any. A dossier may lie in several of
/// them, so that none is the sum of others.
///
/// # Errors
/// Those of the database.
pub(super) fn count_carried(
    conn: &mut Conn,
    Whose { agency, is_office }: Whose,
    (since, until): (Instant, Instant),
) -> Result<Vec<Carried>, db::Error> {
    let mut all = Vec::new();
    for (by_office, by_fate) in [(false, false), (false, true), (true, false), (true, true)] {
        let counted = CountCarried { agency, is_office, by_office, by_fate, since, until };
        all.append(&mut counted.load(conn)?);
    }
    Ok(all)
}
