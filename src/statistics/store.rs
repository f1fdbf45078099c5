//! Sums of the counters, in SQL. Every function takes the connection and opens no transaction.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Text};

use super::Figures;
use super::figures::columns;
use super::plan::Grain;
use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::{self, Conn, Instant, InstantSql};
use crate::dossiers::Channel;
use crate::procedures::ProcedureId;

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
    /// Days (months, years) from `from` on lie apart; else together under `from`.
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
    /// [`ALL_PROCEDURES`](super::tally::ALL_PROCEDURES) where they are not kept apart.
    pub(super) procedure_id: ProcedureId,
    pub(super) channel: Channel,
    /// [`BEFORE`], or the day (the first of the month or year), or the period's first day.
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
    /// Days in a half-open range.
    SumDays, "counter_days", "procedure_id", "day", "day >= :since AND day < :until",
    { since: NaiveDate => Date, until: NaiveDate => Date },
);
columns!(sum_query!
    /// Months.
    SumMonths, "counter_months", "procedure_id", "month", "month >= :since AND month < :until",
    { since: NaiveDate => Date, until: NaiveDate => Date },
);
columns!(sum_query!
    /// The same where procedures are not kept apart.
    SumAgencyMonths, "counter_agency_months", "CAST(0 AS BIGINT)", "month", "month >= :since AND month < :until",
    { since: NaiveDate => Date, until: NaiveDate => Date },
);
columns!(sum_query!
    /// Years.
    SumYears, "counter_years", "procedure_id", "year", "year >= :since AND year < :until",
    { since: NaiveDate => Date, until: NaiveDate => Date },
);
columns!(sum_query!
    /// The same where procedures are not kept apart.
    SumAgencyYears, "counter_agency_years", "CAST(0 AS BIGINT)", "year", "year >= :since AND year < :until",
    { since: NaiveDate => Date, until: NaiveDate => Date },
);
columns!(sum_query!
    /// What of one day counts only from after a moment.
    SumLater, "bookings", "procedure_id", "day", "day = :day AND counts_from > :moment",
    { day: NaiveDate => Date, moment: Instant => InstantSql },
);

/// Rows of counters as they are, where there is nothing to sum up.
macro_rules! cells {
    ({ $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        /// A row of counters. The procedure is 0 where they are not kept apart.
        #[derive(Debug, Clone, Queryable)]
        struct CellRow {
            agency_id: AgencyId,
            procedure_id: ProcedureId,
            channel: Channel,
            $($column: i32,)+
            control: i64,
        }

        impl CellRow {
            fn at(self, time: NaiveDate) -> Sums {
                Sums {
                    agency_id: self.agency_id,
                    procedure_id: self.procedure_id,
                    channel: self.channel,
                    time,
                    figures: Figures { $($column: self.$column.into(),)+ },
                    control: self.control,
                }
            }
        }

        type CellSql = (BigInt, BigInt, Text, $(cells!(@sql $column),)+ BigInt);

        raw! {
            /// Every cell of whole years. There may be hundreds, each in a row of its own: to group them would cost more than
            /// to read them.
            struct YearCells {
                agency: AgencyId => BigInt,
                with_below: bool => Bool,
                since: NaiveDate => Date,
                until: NaiveDate => Date,
            } -> CellSql;
            both: concat!(
                "SELECT agency_id, procedure_id, channel, ", $(stringify!($column), ", ",)+ "control FROM counter_years ",
                "WHERE agency_id IN (SELECT descendant_id FROM agency_closure ",
                "WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency)) ",
                "AND year >= :since AND year < :until"
            )
        }
    };
    (@sql $column:ident) => { Integer };
}
columns!(cells!);

/// A query for what is carried over into a year: the latest balances up to it and, where the year itself was not opened, the
/// counters of the last one that was; there are none after it.
macro_rules! opening_query {
    ($(#[$meta:meta])* $name:ident, $balances:literal, $years:literal, $procedure:literal,
     { $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        raw! {
            $(#[$meta])*
            struct $name {
                agency: AgencyId => BigInt,
                with_below: bool => Bool,
                year: NaiveDate => Date,
            } -> CellSql;
            both: concat!(
                "WITH opened AS (SELECT agency_id, MAX(year) AS since FROM openings ",
                "WHERE agency_id IN (SELECT descendant_id FROM agency_closure ",
                "WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency)) ",
                "AND year <= :year GROUP BY agency_id) ",
                "SELECT kept.agency_id, ", $procedure, ", channel, ", $(stringify!($column), ", ",)+ "control ",
                "FROM opened JOIN ", $balances, " AS kept ",
                "ON kept.agency_id = opened.agency_id AND kept.year = opened.since ",
                "UNION ALL ",
                "SELECT kept.agency_id, ", $procedure, ", channel, ", $(stringify!($column), ", ",)+ "control ",
                "FROM opened JOIN ", $years, " AS kept ",
                "ON kept.agency_id = opened.agency_id AND kept.year = opened.since WHERE since < :year"
            )
        }
    };
}
columns!(opening_query!
    /// Procedure by procedure.
    Opening, "opening_years", "counter_years", "procedure_id",
);
columns!(opening_query!
    /// Where procedures are not kept apart.
    AgencyOpening, "opening_agency_years", "counter_agency_years", "CAST(0 AS BIGINT)",
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

/// All that was booked before a year, under [`BEFORE`], of most of it only what was [carried](Figures::carried) over; in one or
/// two parts for each cell.
///
/// # Errors
/// Those of the database.
pub(super) fn opening(
    conn: &mut Conn,
    (agency, with_below): (AgencyId, bool),
    by_procedure: bool,
    year: NaiveDate,
) -> Result<Vec<Sums>, db::Error> {
    let rows: Vec<CellRow> = if by_procedure {
        Opening { agency, with_below, year }.load(conn)?
    } else {
        AgencyOpening { agency, with_below, year }.load(conn)?
    };
    Ok(rows.into_iter().map(|row| row.at(BEFORE)).collect())
}

/// Sums of the days, months or years in `[since, until)`; years are never kept apart by time.
///
/// # Errors
/// Those of the database.
pub(super) fn sum(
    conn: &mut Conn,
    slice: &Slice,
    grain: Grain,
    (since, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Sums>, db::Error> {
    if grain == Grain::Year && slice.by_agency && slice.by_procedure {
        let Slice { agency_id: agency, with_below, .. } = *slice;
        let rows: Vec<CellRow> = YearCells { agency, with_below, since, until }.load(conn)?;
        return Ok(rows.into_iter().map(|row| row.at(since)).collect());
    }
    match (grain, slice.by_procedure) {
        (Grain::Day, _) => load!(conn, slice, SumDays { since, until }),
        (Grain::Month, true) => load!(conn, slice, SumMonths { since, until }),
        (Grain::Month, false) => load!(conn, slice, SumAgencyMonths { since, until }),
        (Grain::Year, true) => load!(conn, slice, SumYears { since, until }),
        (Grain::Year, false) => load!(conn, slice, SumAgencyYears { since, until }),
    }
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

raw! {
    /// What was withdrawn or stopped after the date that the agency is judged by. Such a booking takes the overdue one off
    /// again; few do, and they have an index of their own (`bookings_ended_late`).
    struct SumEndedLate {
        agency: AgencyId => BigInt,
        with_below: bool => Bool,
        since: NaiveDate => Date,
        until: NaiveDate => Date,
        moment: Instant => InstantSql,
    } -> (BigInt, BigInt, Text, BigInt, BigInt);
    both: "SELECT agency_id, procedure_id, channel, SUM(withdrawn), SUM(stopped) FROM bookings
           WHERE agency_id IN (SELECT descendant_id FROM agency_closure
             WHERE ancestor_id = :agency AND (:with_below OR descendant_id = :agency))
           AND day >= :since AND day < :until AND counts_from <= :moment
           AND withdrawn + stopped > 0 AND overdue < 0
           GROUP BY agency_id, procedure_id, channel"
}

/// Sums of what was withdrawn or stopped too late in `[since, until)`, up to a moment of its last day.
///
/// # Errors
/// Those of the database.
pub(super) fn sum_ended_late(
    conn: &mut Conn,
    (agency, with_below): (AgencyId, bool),
    (since, until): (NaiveDate, NaiveDate),
    moment: Option<Instant>,
) -> Result<Vec<Sums>, db::Error> {
    let moment = moment.unwrap_or_else(|| Instant::from(crate::calendar::rules::at(until, 0)));
    let rows: Vec<(AgencyId, ProcedureId, Channel, i64, i64)> =
        SumEndedLate { agency, with_below, since, until, moment }.load(conn)?;
    let sums = |(agency_id, procedure_id, channel, withdrawn, stopped)| {
        let figures = Figures { withdrawn, stopped, ..Figures::default() };
        Sums { agency_id, procedure_id, channel, time: since, figures, control: figures.control() }
    };
    Ok(rows.into_iter().map(sums).collect())
}
