//! Counters of days, months and years against the recount, cell by cell, and their identities.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Names, Report};
use crate::agencies::AgencyId;
use crate::db::schema::{
    counter_agency_months, counter_agency_years, counter_days, counter_months, counter_years,
};
use crate::db::{Conn, Error};
use crate::dossiers::Channel;
use crate::procedures::ProcedureId;
use crate::statistics::figures::columns;
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
