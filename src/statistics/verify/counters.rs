//! Counters of days, months and years, and opening balances, against the recount, cell by cell, and their identities.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Names, Report};
use crate::agencies::AgencyId;
use crate::db::schema::{
    counter_agency_months, counter_agency_years, counter_days, counter_months, counter_years,
    opening_agency_years, opening_years, openings,
};
use crate::db::{Conn, Error};
use crate::dossiers::Channel;
use crate::procedures::ProcedureId;
use crate::statistics::figures::columns;
use crate::statistics::openings::Opened;
use crate::statistics::tally::{ALL_PROCEDURES, Key, Tally};
use crate::statistics::{Cell, Figures};

/// Reads the counters that do not keep procedures apart.
macro_rules! over_all_procedures {
    ($function:ident, $table:ident, $time:ident, $($column:ident),+) => {
        fn $function(conn: &mut Conn, agency: AgencyId) -> Result<Vec<Row>, Error> {
            use $table::{agency_id, channel, control, $time, table $(, $column)+};
            Ok(table
                .filter(agency_id.eq(agency))
                .select((agency_id, ALL_PROCEDURES.into_sql::<BigInt>(), channel, $time, $($column,)+ control))
                .load(conn)?)
        }
    };
}

macro_rules! row {
    ({ $($(#[$doc:meta])* $column:ident: $weight:literal,)+ }) => {
        /// A counter of a day, month or year.
        #[derive(Queryable)]
        struct Row {
            agency_id: AgencyId,
            procedure_id: ProcedureId,
            channel: Channel,
            time: NaiveDate,
            $($column: i32,)+
            control: i64,
        }

        impl Row {
            fn figures(&self) -> Figures {
                Figures { $($column: self.$column.into(),)+ }
            }
        }

        over_all_procedures!(agency_months, counter_agency_months, month, $($column),+);
        over_all_procedures!(agency_years, counter_agency_years, year, $($column),+);
        over_all_procedures!(agency_openings, opening_agency_years, year, $($column),+);
    };
}
columns!(row!);

/// Which table a counter stands in.
#[derive(Clone, Copy)]
struct Table {
    /// As the differences call its counters.
    name: &'static str,
    /// How they write its time.
    format: &'static str,
}

const DAYS: Table = Table { name: "day counter", format: "%Y-%m-%d" };
const MONTHS: Table = Table { name: "month counter", format: "%Y-%m" };
const AGENCY_MONTHS: Table = Table { name: "month counter of all procedures", format: "%Y-%m" };
const YEARS: Table = Table { name: "year counter", format: "%Y" };
const AGENCY_YEARS: Table = Table { name: "year counter of all procedures", format: "%Y" };
const OPENINGS: Table = Table { name: "opening balance", format: "%Y" };
const AGENCY_OPENINGS: Table = Table { name: "opening balance of all procedures", format: "%Y" };

/// Notes every column of every counter that differs, and every month whose identity does not hold.
///
/// # Errors
/// Those of the database.
pub(super) fn compare(
    conn: &mut Conn,
    recount: &Tally,
    names: &Names<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let opened = opened_years(conn, &recount.years, names, report)?;
    let (balances, of_agencies) = (opened.carried(&recount.years), opened.carried(&recount.agency_years));
    let mut moved: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for agency in names.tree.all() {
        let days: Vec<Row> = counter_days::table.filter(counter_days::agency_id.eq(agency.id)).load(conn)?;
        one(DAYS, agency.id, &days, &recount.days, names, report);
        let months: Vec<Row> =
            counter_months::table.filter(counter_months::agency_id.eq(agency.id)).load(conn)?;
        one(MONTHS, agency.id, &months, &recount.months, names, report);
        let of_agency = agency_months(conn, agency.id)?;
        one(AGENCY_MONTHS, agency.id, &of_agency, &recount.agency_months, names, report);
        let years: Vec<Row> =
            counter_years::table.filter(counter_years::agency_id.eq(agency.id)).load(conn)?;
        one(YEARS, agency.id, &years, &recount.years, names, report);
        let of_agency = agency_years(conn, agency.id)?;
        one(AGENCY_YEARS, agency.id, &of_agency, &recount.agency_years, names, report);
        let opening: Vec<Row> =
            opening_years::table.filter(opening_years::agency_id.eq(agency.id)).load(conn)?;
        one(OPENINGS, agency.id, &opening, &balances, names, report);
        let of_agency = agency_openings(conn, agency.id)?;
        one(AGENCY_OPENINGS, agency.id, &of_agency, &of_agencies, names, report);
        let mut by_month: BTreeMap<NaiveDate, Figures> = BTreeMap::new();
        for row in &months {
            *by_month.entry(row.time).or_default() += row.figures();
        }
        for (month, figures) in by_month {
            *moved.entry(month).or_default() += figures.moved;
            if figures.imbalance() != 0 {
                let (agency, month) = (&agency.code, month.format(MONTHS.format));
                report.differs(format!("{agency}, {month}: the identity is {:+} off", figures.imbalance()));
            }
        }
    }
    for (month, count) in moved.into_iter().filter(|(_, count)| *count != 0) {
        report
            .differs(format!("{}: moved is {count:+} over all agencies, not 0", month.format(MONTHS.format)));
    }
    Ok(())
}

/// The years that are open; notes those that should be and are not, and those that should not be. One in which all that was
/// booked was taken back may be or not.
fn opened_years(
    conn: &mut Conn,
    years: &BTreeMap<Key, Figures>,
    names: &Names<'_>,
    report: &mut Report,
) -> Result<Opened, Error> {
    let mut booked: BTreeMap<(AgencyId, NaiveDate), bool> = BTreeMap::new();
    for ((agency, year, ..), figures) in years {
        *booked.entry((*agency, *year)).or_default() |= !figures.is_zero();
    }
    let stored: Vec<(AgencyId, NaiveDate)> =
        openings::table.select((openings::agency_id, openings::year)).load(conn)?;
    let mut opened: BTreeMap<AgencyId, Vec<NaiveDate>> = BTreeMap::new();
    for (agency, year) in stored {
        opened.entry(agency).or_default().push(year);
        if booked.remove(&(agency, year)).is_none() {
            let (agency, year) = (names.agency(agency), year.format(OPENINGS.format));
            report.differs(format!("{agency}: {year} is open, but nothing was booked in it"));
        }
    }
    for ((agency, year), _) in booked.into_iter().filter(|(_, counts)| *counts) {
        let (agency, year) = (names.agency(agency), year.format(OPENINGS.format));
        report.differs(format!("{agency}: {year} has no opening balances"));
    }
    Ok(opened.into_iter().collect())
}

/// The counters of one agency.
fn one(
    table: Table,
    agency: AgencyId,
    stored: &[Row],
    recount: &BTreeMap<Key, Figures>,
    names: &Names<'_>,
    report: &mut Report,
) {
    report.counters += u64::try_from(stored.len()).unwrap_or(0);
    let first = (agency, NaiveDate::MIN, ProcedureId::MIN, Channel::Counter);
    let of_agency = recount.range(first..).take_while(|(key, _)| key.0 == agency);
    let mut expected: BTreeMap<Key, Figures> = of_agency.map(|(key, figures)| (*key, *figures)).collect();
    let place = |(agency_id, time, procedure_id, channel): Key| {
        let cell = names.cell(Cell { agency_id, procedure_id, channel });
        format!("{} {}, {cell}", table.name, time.format(table.format))
    };
    for row in stored {
        let key = (row.agency_id, row.time, row.procedure_id, row.channel);
        let (is, should) = (row.figures(), expected.remove(&key).unwrap_or_default());
        differ(&is, &should, || place(key), report);
        if row.control != should.control() {
            report.differs(format!(
                "{}: control is {}, recounted {}",
                place(key),
                row.control,
                should.control()
            ));
        }
    }
    for (key, should) in expected {
        differ(&Figures::default(), &should, || place(key), report);
    }
}

fn differ(is: &Figures, should: &Figures, place: impl Fn() -> String, report: &mut Report) {
    if is == should {
        return;
    }
    for (((column, _), is), should) in Figures::COLUMNS.iter().zip(is.values()).zip(should.values()) {
        if is != should {
            report.differs(format!("{}: {column} is {is}, recounted {should}", place()));
        }
    }
}
