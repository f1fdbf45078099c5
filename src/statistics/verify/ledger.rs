//! A dossier's rows of the ledger against what its events book.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Names, Report};
use crate::agencies::AgencyId;
use crate::db::schema::bookings;
use crate::db::{Conn, Error, Instant};
use crate::dossiers::{Channel, DossierId};
use crate::procedures::ProcedureId;
use crate::statistics::figures::columns;
use crate::statistics::rules::Booking;
use crate::statistics::{Cell, Figures};

/// A row of the ledger with its control.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    booking: Booking,
    control: i64,
}

macro_rules! row {
    ({ $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        #[derive(Queryable)]
        struct Row {
            #[allow(dead_code, reason = "all columns are read in their order")]
            id: i64,
            dossier_id: DossierId,
            day: NaiveDate,
            counts_from: Instant,
            agency_id: AgencyId,
            procedure_id: ProcedureId,
            channel: Channel,
            $($column: i32,)+
            control: i64,
        }

        impl From<Row> for Entry {
            fn from(row: Row) -> Self {
                let cell = Cell { agency_id: row.agency_id, procedure_id: row.procedure_id, channel: row.channel };
                let figures = Figures { $($column: row.$column.into(),)+ };
                let booking = Booking { day: row.day, counts_from: row.counts_from, cell, figures };
                Self { booking, control: row.control }
            }
        }
    };
}
columns!(row!);

/// The ledger of the dossiers in `(after, last]`.
///
/// # Errors
/// Those of the database.
pub(super) fn load(
    conn: &mut Conn,
    (after, last): (DossierId, DossierId),
) -> Result<HashMap<DossierId, Vec<Entry>>, Error> {
    let rows: Vec<Row> = bookings::table
        .filter(bookings::dossier_id.gt(after).and(bookings::dossier_id.le(last)))
        .load(conn)?;
    let mut ledgers: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        ledgers.entry(row.dossier_id).or_default().push(Entry::from(row));
    }
    Ok(ledgers)
}

/// Notes every column of every cell and moment that differs.
pub(super) fn compare(
    dossier: &str,
    ledger: &[Entry],
    recounted: &[Booking],
    names: &Names<'_>,
    report: &mut Report,
) {
    let place = |booking: &Booking| (booking.day, booking.counts_from, booking.cell);
    let mut differences: BTreeMap<_, Figures> = BTreeMap::new();
    for Entry { booking, control } in ledger {
        *differences.entry(place(booking)).or_default() += booking.figures;
        if *control != booking.figures.control() {
            report.differs(format!(
                "{dossier}: the control of its booking on {} at {} is wrong",
                booking.day,
                names.cell(booking.cell)
            ));
        }
    }
    for booking in recounted {
        *differences.entry(place(booking)).or_default() -= booking.figures;
    }
    for ((day, counts_from, cell), figures) in &differences {
        let columns = Figures::COLUMNS.iter().zip(figures.values()).filter(|(_, by)| *by != 0);
        for ((column, _), by) in columns {
            report.differs(format!(
                "{dossier}: its booking of {column} on {day} (from {counts_from}) at {} is {by:+} off",
                names.cell(*cell)
            ));
        }
    }
}
