//! SQL on shipments: how many there are in each state.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::{self, Conn, Instant, InstantSql};
use crate::post::{Direction, ShipmentState};

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

/// The shipments booked in `[since, until)`: of a post office, or of an agency and all below it.
///
/// # Errors
/// Those of the database.
pub(super) fn count(
    conn: &mut Conn,
    (agency, is_office): (AgencyId, bool),
    (since, until): (Instant, Instant),
) -> Result<Vec<Count>, db::Error> {
    Ok(CountShipments { agency, is_office, since, until }.load(conn)?)
}
