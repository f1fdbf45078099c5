//! Opening balances: what an agency carried over into a year, so that a report need not sum all the years before. Opens no
//! transaction.
//!
//! The first booking in a year of an agency opens it: the balance becomes what was [carried](Figures::carried) over from the
//! latest one before and the counters since. Whatever is booked in an earlier year afterwards is added to it; that happens
//! where a date to be missed lies in the next year, and in late imports. So a balance is at every moment what was carried
//! over from all bookings before its year, cells in which all is settled left out, and a report that begins in a year which
//! nobody opened finds what lacks in the counters of the last one that was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Date};

use super::Figures;
use super::store;
use super::tally::{Add, Key, add_to_agency_opening, add_to_opening};
use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::{self, Conn};
use crate::dossiers::Channel;
use crate::procedures::ProcedureId;

raw! {
    /// An agency's years that are open, from one on.
    struct OpenedSince { agency: AgencyId => BigInt, year: NaiveDate => Date } -> Date;
    both: "SELECT year FROM openings WHERE agency_id = :agency AND year >= :year ORDER BY year"
}

raw! {
    /// Waits for all who book for an agency, and lets nobody begin to: on PostgreSQL each of them holds its row, through the
    /// ledger's foreign key, to the end of his transaction. On SQLite nobody else writes.
    struct HoldOff { agency: AgencyId => BigInt } -> BigInt;
    sqlite: "SELECT id FROM agencies WHERE id = :agency",
    postgres: "SELECT id FROM agencies WHERE id = :agency FOR UPDATE"
}

raw! {
    /// Notes that a year is open.
    struct InsertOpening { agency: AgencyId => BigInt, year: NaiveDate => Date };
    both: "INSERT INTO openings (agency_id, year) VALUES (:agency, :year)"
}

/// Years of agencies that are open, by their first days in their order.
#[derive(Debug, Default)]
pub(super) struct Opened(BTreeMap<AgencyId, Vec<NaiveDate>>);

impl Opened {
    /// Opens the years in which anything is counted here; gives them, and those after them.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn with(conn: &mut Conn, years: &BTreeMap<Key, Figures>) -> Result<Self, db::Error> {
        let mut wanted: BTreeMap<AgencyId, BTreeSet<NaiveDate>> = BTreeMap::new();
        for ((agency, year, ..), _) in years.iter().filter(|(_, figures)| !figures.is_zero()) {
            wanted.entry(*agency).or_default().insert(*year);
        }
        wanted.into_iter().map(|(agency, years)| Ok((agency, open(conn, agency, &years)?))).collect()
    }

    /// What these years add to the balances of those that are open and come after them.
    pub(super) fn carried(&self, years: &BTreeMap<Key, Figures>) -> BTreeMap<Key, Figures> {
        let mut balances: BTreeMap<Key, Figures> = BTreeMap::new();
        for ((agency, year, procedure, channel), figures) in years {
            let opened = self.0.get(agency).into_iter().flatten();
            for later in opened.filter(|opened| *opened > year) {
                *balances.entry((*agency, *later, *procedure, *channel)).or_default() += figures.carried();
            }
        }
        balances
    }
}

impl FromIterator<(AgencyId, Vec<NaiveDate>)> for Opened {
    fn from_iter<T: IntoIterator<Item = (AgencyId, Vec<NaiveDate>)>>(agencies: T) -> Self {
        Self(agencies.into_iter().collect())
    }
}

/// Opens those of an agency's years that are not; gives all that are, from the first of these on.
fn open(conn: &mut Conn, agency: AgencyId, years: &BTreeSet<NaiveDate>) -> Result<Vec<NaiveDate>, db::Error> {
    let Some(year) = years.first().copied() else { return Ok(Vec::new()) };
    let opened: Vec<NaiveDate> = OpenedSince { agency, year }.load(conn)?;
    if years.iter().all(|year| opened.contains(year)) {
        return Ok(opened);
    }
    let _: AgencyId = HoldOff { agency }.get_result(conn)?;
    // While we waited, another may have opened them, or later ones.
    let opened: BTreeSet<NaiveDate> = OpenedSince { agency, year }.load(conn)?.into_iter().collect();
    for year in years.difference(&opened) {
        open_year(conn, agency, *year)?;
    }
    Ok(opened.union(years).copied().collect())
}

/// Writes the balances of a year that is not open.
fn open_year(conn: &mut Conn, agency: AgencyId, year: NaiveDate) -> Result<(), db::Error> {
    let tables: [(_, Add); 2] = [
        (before(conn, agency, year, true)?, add_to_opening),
        (before(conn, agency, year, false)?, add_to_agency_opening),
    ];
    InsertOpening { agency, year }.execute(conn)?;
    for (cells, add) in tables {
        for ((procedure, channel), (figures, control)) in cells {
            let carried = figures.carried();
            // Not simply that of what is carried: a cell that was wrong must not become right.
            let control = carried.control() + control - figures.control();
            if !carried.is_zero() || control != 0 {
                add(conn, (agency, year, procedure, channel), &carried, control)?;
            }
        }
    }
    Ok(())
}

/// The cells of an agency: figures with their control.
type Cells = BTreeMap<(ProcedureId, Channel), (Figures, i64)>;

/// What an agency's cells hold of all that was booked before a year.
fn before(
    conn: &mut Conn,
    agency: AgencyId,
    year: NaiveDate,
    by_procedure: bool,
) -> Result<Cells, db::Error> {
    let mut cells = Cells::new();
    for part in store::opening(conn, (agency, false), by_procedure, year)? {
        let (figures, control) = cells.entry((part.procedure_id, part.channel)).or_default();
        *figures += part.figures;
        *control += part.control;
    }
    Ok(cells)
}
