//! The table `readings`: written here, read by the audit.

use diesel::prelude::*;

use crate::access::readings::{Operation, Reading, SealedReason, place_of_reason};
use crate::access::{CallerKind, Resealed, Sealed, Vault};
use crate::db::dialect::on_engine;
use crate::db::schema::readings;
use crate::db::{Conn, Error, Instant};
use crate::http::Problem;

/// So many in one statement: PostgreSQL takes 65,535 parameters.
const AT_ONCE: usize = 1_000;

#[derive(Insertable)]
#[diesel(table_name = readings, treat_none_as_default_value = false)]
struct Row<'a> {
    at: Instant,
    dossier_id: i64,
    caller_kind: CallerKind,
    caller_id: i64,
    agency_id: i64,
    operation: Operation,
    reason: Option<&'a SealedReason>,
}

impl<'a> From<&'a Reading> for Row<'a> {
    fn from(reading: &'a Reading) -> Self {
        Self {
            at: reading.at,
            dossier_id: reading.dossier_id,
            caller_kind: reading.caller_kind,
            caller_id: reading.caller_id,
            agency_id: reading.agency_id,
            operation: reading.operation,
            reason: reading.reason.as_ref(),
        }
    }
}

/// Adds lines to the log.
pub(in crate::access) fn insert(conn: &mut Conn, all: &[Reading]) -> Result<(), Error> {
    for some in all.chunks(AT_ONCE) {
        let rows: Vec<Row<'_>> = some.iter().map(Row::from).collect();
        on_engine!(conn, native => diesel::insert_into(readings::table).values(&rows).execute(native))?;
    }
    Ok(())
}

/// Seals the reasons of some readings anew.
///
/// # Errors
/// Those of the database; what does not open.
pub fn reseal_reasons(conn: &mut Conn, vault: &Vault, after: i64) -> Result<Resealed, Problem> {
    let rows: Vec<(i64, Instant, i64, Option<SealedReason>)> = readings::table
        .filter(readings::id.gt(after).and(readings::reason.is_not_null()))
        .order(readings::id)
        .limit(Resealed::AT_ONCE)
        .select((readings::id, readings::at, readings::dossier_id, readings::reason))
        .load(conn)
        .map_err(Error::from)?;
    let mut done = Resealed::up_to(rows.last().map(|row| row.0));
    for (id, at, dossier, old) in rows {
        let Some(old) = old.filter(|old| old.is_outdated(vault)) else { continue };
        let place = place_of_reason(dossier, at);
        let reason = Sealed::seal(vault, &place, &old.open(vault, &place)?).map_err(Problem::internal)?;
        diesel::update(readings::table.find(id))
            .set(readings::reason.eq(reason))
            .execute(conn)
            .map_err(Error::from)?;
        done.rows += 1;
    }
    Ok(done)
}
