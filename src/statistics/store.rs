//! SQL on the ledger and the counters. Every function takes the connection and opens no transaction.
//!
//! Counters are upserted in the order of their keys, days before months, so that two changes of one dossier each never
//! wait for each other in a circle; transactions that change many dossiers may, and are tried again.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Text};

use super::figures::columns;
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

        fn $function(conn: &mut Conn, key: Key, figures: &Figures) -> Result<(), db::Error> {
            $name {
                agency_id: key.0,
                time: key.1,
                $($procedure: key.2,)?
                channel: key.3,
                $($column: figures.$column,)+
                control: figures.control(),
            }
            .execute(conn)?;
            Ok(())
        }
    };
}
columns!(upsert! AddToDay, add_to_day, "counter_days", "day", (procedure_id),);
columns!(upsert! AddToMonth, add_to_month, "counter_months", "month", (procedure_id),);
columns!(upsert! AddToAgencyMonth, add_to_agency_month, "counter_agency_months", "month", (),);

/// A counter's key, in the order of its index: agency, day or first of the month, procedure, channel.
pub(super) type Key = (AgencyId, NaiveDate, ProcedureId, Channel);

/// What is to be added to the counters.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) days: BTreeMap<Key, Figures>,
    pub(super) months: BTreeMap<Key, Figures>,
    /// All of an agency's procedures together, under [`ALL_PROCEDURES`].
    pub(super) agency_months: BTreeMap<Key, Figures>,
}

/// Stands for every procedure where they are not kept apart; no row has this key.
pub(super) const ALL_PROCEDURES: ProcedureId = 0;

impl Tally {
    /// Adds a booking to its day and its months.
    pub(super) fn add(&mut self, booking: &Booking) {
        let Cell { agency_id, procedure_id, channel } = booking.cell;
        let month = first_of_month(booking.day);
        *self.days.entry((agency_id, booking.day, procedure_id, channel)).or_default() += booking.figures;
        *self.months.entry((agency_id, month, procedure_id, channel)).or_default() += booking.figures;
        *self.agency_months.entry((agency_id, month, ALL_PROCEDURES, channel)).or_default() +=
            booking.figures;
    }

    /// Adds it to the counters.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn write(&self, conn: &mut Conn) -> Result<(), db::Error> {
        type Add = fn(&mut Conn, Key, &Figures) -> Result<(), db::Error>;
        let tables: [(_, Add); 3] = [
            (&self.days, add_to_day),
            (&self.months, add_to_month),
            (&self.agency_months, add_to_agency_month),
        ];
        for (cells, add) in tables {
            for (key, figures) in cells.iter().filter(|(_, figures)| !figures.is_zero()) {
                add(conn, *key, figures)?;
            }
        }
        Ok(())
    }
}

/// The first day of a day's month.
pub(super) fn first_of_month(day: NaiveDate) -> NaiveDate {
    // Every month has a first day, so there is no other case.
    day.with_day(1).unwrap_or(day)
}

/// Which sums are wanted: of whom, and what is kept apart.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one flag a dimension that is kept apart")]
pub(super) struct Slice {
    /// This agency.
    pub(super) agency_id: AgencyId,
    /// And all below it.
    pub(super) with_below: bool,
    /// Sums of days before this lie together under [`BEFORE`].
    pub(super) from: NaiveDate,
    pub(super) by_agency: bool,
    pub(super) by_procedure: bool,
    /// Days (or months) from `from` on lie apart; else together under `from`.
    pub(super) by_time: bool,
}

/// Stands for all days before the period.
pub(super) const BEFORE: NaiveDate = NaiveDate::MIN;

/// Sums of one group, channel and time.
macro_rules! sums {
    ({ $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        /// A row of sums. Agency and procedure are 0 where they are not kept apart.
        #[derive(Debug, Clone, Queryable)]
        struct SumsRow {
            agency_id: AgencyId,
            procedure_id: ProcedureId,
            channel: Channel,
            is_before: bool,
            time: NaiveDate,
            $($column: i64,)+
            control: i64,
        }

        impl From<SumsRow> for Sums {
            fn from(row: SumsRow) -> Self {
                Self {
                    agency_id: row.agency_id,
                    procedure_id: row.procedure_id,
                    channel: row.channel,
                    time: if row.is_before { BEFORE } else { row.time },
                    figures: Figures { $($column: row.$column,)+ },
                    control: row.control,
                }
            }
        }

        type SumsSql = (BigInt, BigInt, Text, Bool, Date, $(sums!(@sql $column),)+ BigInt);
    };
    (@sql $column:ident) => { BigInt };
}
columns!(sums!);

/// Sums of one group, channel and time.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    /// 0 where agencies are not kept apart.
    pub(super) agency_id: AgencyId,
    /// [`ALL_PROCEDURES`] where they are not kept apart.
    pub(super) procedure_id: ProcedureId,
    pub(super) channel: Channel,
    /// [`BEFORE`], or the day (the first of the month), or the period's first day.
    pub(super) time: NaiveDate,
    pub(super) figures: Figures,
    pub(super) control: i64,
}

/// A query for sums. Flags in the text instead of many texts: each connection prepares it once.
macro_rules! sum_query {
    ($(#[$meta:meta])* $name:ident, $table:literal, $procedure:literal, $time:literal, $where:literal, { $($parameter:ident: $rust:ty => $sql:ty),* $(,)? },
     { $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        raw! {
            $(#[$meta])*
            struct $name {
                agency: AgencyId => BigInt,
                with_below: bool => Bool,
                start: NaiveDate => Date,
                by_agency: bool => Bool,
                by_procedure: bool => Bool,
                by_time: bool => Bool,
                $($parameter: $rust => $sql,)*
            } -> SumsSql;
            both: concat!(
                "SELECT CASE WHEN :by_agency THEN agency_id ELSE 0 END, ",
                "CASE WHEN :by_procedure THEN ", $procedure, " ELSE 0 END, ",
                "channel, ", $time, " < :start, ",
                "CASE WHEN :by_time AND ", $time, " >= :start THEN ", $time, " ELSE :start END, ",
                $("SUM(", stringify!($column), "), ",)+ "CAST(SUM(control) AS BIGINT) ",
                "FROM ", $table, " ",
                "WHERE agency_id IN (SELECT descendant_id FROM agency_closure ",
                "WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency)) ",
                "AND ", $where, " ",
                "GROUP BY 1, 2, 3, 4, 5"
            )
        }
    };
}
columns!(sum_query!
    /// Whole months before `until`, one of them left out.
    SumMonths, "counter_months", "procedure_id", "month", "month < :until AND month <> :skipped",
    { until: NaiveDate => Date, skipped: NaiveDate => Date },
);
columns!(sum_query!
    /// The same where procedures are not kept apart.
    SumAgencyMonths, "counter_agency_months", "CAST(0 AS BIGINT)", "month", "month < :until AND month <> :skipped",
    { until: NaiveDate => Date, skipped: NaiveDate => Date },
);
columns!(sum_query!
    /// Days in a half-open range.
    SumDays, "counter_days", "procedure_id", "day", "day >= :since AND day < :until",
    { since: NaiveDate => Date, until: NaiveDate => Date },
);
columns!(sum_query!
    /// What of one day counts only from after a moment.
    SumLater, "bookings", "procedure_id", "day", "day = :day AND counts_from > :moment",
    { day: NaiveDate => Date, moment: Instant => InstantSql },
);

macro_rules! load {
    ($conn:expr, $slice:expr, $query:ident { $($parameter:ident),* }) => {{
        let slice: &Slice = $slice;
        let rows: Vec<SumsRow> = $query {
            agency: slice.agency_id,
            with_below: slice.with_below,
            start: slice.from,
            by_agency: slice.by_agency,
            by_procedure: slice.by_procedure,
            by_time: slice.by_time,
            $($parameter),*
        }
        .load($conn)?;
        Ok(rows.into_iter().map(Sums::from).collect())
    }};
}

/// Sums of the whole months before `until`, without `skipped`.
///
/// # Errors
/// Those of the database.
pub(super) fn sum_months(
    conn: &mut Conn,
    slice: &Slice,
    until: NaiveDate,
    skipped: NaiveDate,
) -> Result<Vec<Sums>, db::Error> {
    if slice.by_procedure {
        load!(conn, slice, SumMonths { until, skipped })
    } else {
        load!(conn, slice, SumAgencyMonths { until, skipped })
    }
}

/// Sums of the days in `[since, until)`.
///
/// # Errors
/// Those of the database.
pub(super) fn sum_days(
    conn: &mut Conn,
    slice: &Slice,
    since: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Sums>, db::Error> {
    load!(conn, slice, SumDays { since, until })
}

/// Sums of what is booked on `day` and counts only after `moment`.
///
/// # Errors
/// Those of the database.
pub(super) fn sum_later(
    conn: &mut Conn,
    slice: &Slice,
    day: NaiveDate,
    moment: Instant,
) -> Result<Vec<Sums>, db::Error> {
    load!(conn, slice, SumLater { day, moment })
}
