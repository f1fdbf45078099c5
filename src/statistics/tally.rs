//! What changes add to ledger and counters, in SQL. Opens no transaction.
//!
//! Counters are upserted in the order of their keys, days before months before years before opening balances, so that two
//! changes of one dossier each never wait for each other in a circle; transactions that change many dossiers may, and are
//! tried again.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Date, Text};

use super::figures::columns;
use super::openings::Opened;
use super::plan::Grain;
use super::rules::Booking;
use super::{Cell, Figures};
use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::{self, Conn, Instant, InstantSql};
use crate::dossiers::{Channel, DossierId};
use crate::procedures::ProcedureId;

/// The insert into the ledger.
macro_rules! insert {
    ({ $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        raw! {
            /// A row of the ledger.
            struct InsertBooking {
                dossier_id: DossierId => BigInt,
                day: NaiveDate => Date,
                counts_from: Instant => InstantSql,
                agency_id: AgencyId => BigInt,
                procedure_id: ProcedureId => BigInt,
                channel: Channel => Text,
                $($column: i64 => BigInt,)+
                control: i64 => BigInt,
            };
            both: concat!(
                "INSERT INTO bookings (dossier_id, day, counts_from, agency_id, procedure_id, channel, ",
                $(stringify!($column), ", ",)+ "control) ",
                "VALUES (:dossier_id, :day, :counts_from, :agency_id, :procedure_id, :channel, ",
                $(":", stringify!($column), ", ",)+ ":control)"
            )
        }

        /// Writes a row of the ledger.
        ///
        /// # Errors
        /// Those of the database.
        pub(super) fn insert_booking(conn: &mut Conn, dossier_id: DossierId, booking: &Booking) -> Result<(), db::Error> {
            let Booking { day, counts_from, cell, figures } = *booking;
            let Cell { agency_id, procedure_id, channel } = cell;
            InsertBooking {
                dossier_id, day, counts_from, agency_id, procedure_id, channel,
                $($column: figures.$column,)+
                control: figures.control(),
            }
            .execute(conn)?;
            Ok(())
        }
    };
}
columns!(insert!);

/// The upsert of a counter.
macro_rules! upsert {
    ($name:ident, $function:ident, $table:literal, $time:literal, ($($procedure:ident)?),
     { $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        raw! {
            /// Adds to one cell.
            struct $name {
                agency_id: AgencyId => BigInt,
                time: NaiveDate => Date,
                $($procedure: ProcedureId => BigInt,)?
                channel: Channel => Text,
                $($column: i64 => BigInt,)+
                control: i64 => BigInt,
            };
            both: concat!(
                "INSERT INTO ", $table, " (agency_id, ", $time, $(", ", stringify!($procedure),)? ", channel, ",
                $(stringify!($column), ", ",)+ "control) ",
                "VALUES (:agency_id, :time, ", $(":", stringify!($procedure), ", ",)? ":channel, ",
                $(":", stringify!($column), ", ",)+ ":control) ",
                "ON CONFLICT (agency_id, ", $time, $(", ", stringify!($procedure),)? ", channel) DO UPDATE SET ",
                $(stringify!($column), " = ", $table, ".", stringify!($column), " + excluded.", stringify!($column), ", ",)+
                "control = ", $table, ".control + excluded.control"
            )
        }

        /// Adds figures with their control to one cell.
        ///
        /// # Errors
        /// Those of the database.
        pub(super) fn $function(
            conn: &mut Conn,
            key: Key,
            figures: &Figures,
            control: i64,
        ) -> Result<(), db::Error> {
            $name {
                agency_id: key.0,
                time: key.1,
                $($procedure: key.2,)?
                channel: key.3,
                $($column: figures.$column,)+
                control,
            }
            .execute(conn)?;
            Ok(())
        }
    };
}
columns!(upsert! AddToDay, add_to_day, "counter_days", "day", (procedure_id),);
columns!(upsert! AddToMonth, add_to_month, "counter_months", "month", (procedure_id),);
columns!(upsert! AddToAgencyMonth, add_to_agency_month, "counter_agency_months", "month", (),);
columns!(upsert! AddToYear, add_to_year, "counter_years", "year", (procedure_id),);
columns!(upsert! AddToAgencyYear, add_to_agency_year, "counter_agency_years", "year", (),);
columns!(upsert! AddToOpening, add_to_opening, "opening_years", "year", (procedure_id),);
columns!(upsert! AddToAgencyOpening, add_to_agency_opening, "opening_agency_years", "year", (),);

/// Adds figures with their control to one cell of a table.
pub(super) type Add = fn(&mut Conn, Key, &Figures, i64) -> Result<(), db::Error>;

/// A counter's key, in the order of its index: agency, day or first of the month or year, procedure, channel.
pub(super) type Key = (AgencyId, NaiveDate, ProcedureId, Channel);

/// What is to be added to the counters.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) days: BTreeMap<Key, Figures>,
    pub(super) months: BTreeMap<Key, Figures>,
    /// All of an agency's procedures together, under [`ALL_PROCEDURES`].
    pub(super) agency_months: BTreeMap<Key, Figures>,
    pub(super) years: BTreeMap<Key, Figures>,
    /// As `agency_months`.
    pub(super) agency_years: BTreeMap<Key, Figures>,
}

/// Stands for every procedure where they are not kept apart; no row has this key.
pub(super) const ALL_PROCEDURES: ProcedureId = 0;

impl Tally {
    /// Adds a booking to its day, its months and its years.
    pub(super) fn add(&mut self, booking: &Booking) {
        let Cell { agency_id, procedure_id, channel } = booking.cell;
        let (month, year) = (Grain::Month.start(booking.day), Grain::Year.start(booking.day));
        for (cells, time, procedure_id) in [
            (&mut self.days, booking.day, procedure_id),
            (&mut self.months, month, procedure_id),
            (&mut self.agency_months, month, ALL_PROCEDURES),
            (&mut self.years, year, procedure_id),
            (&mut self.agency_years, year, ALL_PROCEDURES),
        ] {
            *cells.entry((agency_id, time, procedure_id, channel)).or_default() += booking.figures;
        }
    }

    /// Adds it to the counters, and to the opening balances of later years. The bookings must be in the ledger already: what
    /// holds off whoever would open a year meanwhile is their rows.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn write(&self, conn: &mut Conn) -> Result<(), db::Error> {
        let opened = Opened::with(conn, &self.years)?;
        let tables: [(_, Add); 7] = [
            (&self.days, add_to_day),
            (&self.months, add_to_month),
            (&self.agency_months, add_to_agency_month),
            (&self.years, add_to_year),
            (&self.agency_years, add_to_agency_year),
            (&opened.carried(&self.years), add_to_opening),
            (&opened.carried(&self.agency_years), add_to_agency_opening),
        ];
        for (cells, add) in tables {
            for (key, figures) in cells.iter().filter(|(_, figures)| !figures.is_zero()) {
                add(conn, *key, figures, figures.control())?;
            }
        }
        Ok(())
    }
}
