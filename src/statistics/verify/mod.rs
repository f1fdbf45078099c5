//! The recount behind `motcua verify`: everything that was derived, derived once more from the events, and compared.
//!
//! | what | against what |
//! | --- | --- |
//! | each event | the chain: number, state before, time, hash, digest of its personal part |
//! | the dossier's row | the last event, and what all events set |
//! | its due dates | its clock; the clock its events, and the calendar as it is now |
//! | its legs | their clocks, its pauses |
//! | calls of the watch | its events, each once |
//! | its papers | one keeper at the present |
//! | its rows of the ledger | what its events book |
//! | its marks in their ledger | those of its row |
//! | counters of days, months and years | what all events book; their control; the identity by agency and month |
//! | opening balances | what all events before the year carry over; the years in which anything was booked |
//! | closed periods | their seals |
//! | codes | no gaps and no doubles in an agency's day, the last number given |
//!
//! It reads dossier after dossier in the order of their keys and keeps only counters and numbers in memory, so it needs as
//! much memory for ten million dossiers as for as many cells. It writes nothing.

mod calls;
mod clock;
mod counters;
mod ledger;
mod marks;
mod numbers;
mod replay;

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::Cell;
use super::periods;
use super::tally::{ALL_PROCEDURES, Tally};
use crate::World;
use crate::agencies::Tree;
use crate::db::schema::{custody, dossiers};
use crate::db::{Conn, Error};
use crate::dossiers::{DossierId, Of, histories, private_digests, timeline};
use crate::procedures::Procedures;
use crate::routing::{LegFinding, find_in_legs};

use numbers::Numbers;
use replay::Row;

/// How many dossiers are in memory at once.
const CHUNK: i64 = 1_000;

/// How many differences are told one by one.
const TOLD: usize = 1_000;

/// What was counted, and what differs.
#[derive(Debug, Default)]
pub struct Report {
    /// Dossiers that were recounted.
    pub dossiers: u64,
    /// Their events.
    pub events: u64,
    /// Counters that were compared.
    pub counters: u64,
    /// What differs, each with its place; the first thousand.
    pub differences: Vec<String>,
    /// How many more there are.
    pub untold: u64,
    /// Deadlines that the calendar as it is now would have otherwise: it was changed since they were counted. No
    /// difference, but a recompute would move those of them that are open. Codes of dossiers, with the leg where it is one's.
    pub not_of_this_calendar: Vec<String>,
}

impl Report {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }

    fn not_of_this_calendar(&mut self, which: String) {
        self.not_of_this_calendar.push(which);
    }

    /// Notes a difference.
    pub fn differs(&mut self, what: String) {
        if self.differences.len() < TOLD {
            self.differences.push(what);
        } else {
            self.untold += 1;
        }
    }
}

/// How far the recount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Dossiers that are done.
    pub done: u64,
    /// Dossiers that there are.
    pub total: u64,
}

/// Recounts everything in the snapshot of this transaction. `progress` is told after every thousand dossiers.
///
/// # Errors
/// Those of the database. What differs is no error.
pub fn verify(conn: &mut Conn, world: &World, progress: &mut dyn FnMut(Progress)) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut recount =
        Recount { names: Names::of(world), tally: Tally::default(), numbers: Numbers::default() };
    let total = u64::try_from(dossiers::table.count().get_result::<i64>(conn)?).unwrap_or(0);
    let mut after = DossierId::MIN;
    loop {
        let rows: Vec<Row> = dossiers::table
            .filter(dossiers::id.gt(after))
            .order(dossiers::id)
            .limit(CHUNK)
            .select(Row::as_select())
            .load(conn)?;
        let Some(last) = rows.last() else { break };
        let range = (after, last.id);
        after = last.id;
        recount.chunk(conn, world, &rows, range, &mut report)?;
        report.dossiers += u64::try_from(rows.len()).unwrap_or(0);
        progress(Progress { done: report.dossiers, total });
    }
    counters::compare(conn, &recount.tally, &recount.names, &mut report)?;
    recount.numbers.compare(conn, &recount.names, &mut report)?;
    periods::verify::compare(conn, world, &mut |what| report.differs(what))?;
    Ok(report)
}

/// What is kept from one dossier to the next.
struct Recount<'w> {
    names: Names<'w>,
    tally: Tally,
    numbers: Numbers,
}

impl Recount<'_> {
    /// Recounts the dossiers in `(range.0, range.1]`.
    fn chunk(
        &mut self,
        conn: &mut Conn,
        world: &World,
        rows: &[Row],
        range: (DossierId, DossierId),
        report: &mut Report,
    ) -> Result<(), Error> {
        let these = Of::Range(range.0, range.1);
        let mut events = histories(conn, these)?;
        let digests = private_digests(conn, &world.vault, these)?;
        let mut booked = ledger::load(conn, range)?;
        let keepers = count_keepers(conn, range)?;
        let mut calls = calls::load(conn, range)?;
        let marked = marks::load(conn, range)?;
        let mut moments = BTreeMap::new();
        for row in rows {
            let history = events.remove(&row.id).unwrap_or_default();
            report.events += u64::try_from(history.len()).unwrap_or(0);
            let recounted = replay::replay(world, row, &history, &digests, report);
            for booking in &recounted {
                self.tally.add(booking);
            }
            let ledger = booked.remove(&row.id).unwrap_or_default();
            ledger::compare(row.address(), &ledger, &recounted, &self.names, report);
            marks::compare(row, marked.get(&row.id).map(Vec::as_slice).unwrap_or_default(), report);
            let called = calls.remove(&row.id).unwrap_or_default();
            calls::compare(row.address(), &history, called, report);
            match timeline(&world.catalogue.procedures, &history) {
                Ok(timeline) => {
                    clock::compare(world, row, &timeline, report)?;
                    moments.insert(row.id, timeline);
                }
                Err(error) => {
                    report.differs(format!("{}: its clock cannot be told: {error}", row.address()));
                }
            }
            self.numbers.note(row, &self.names, report);
            let keepers = keepers.get(&row.id).copied().unwrap_or(0);
            if keepers != 1 {
                report.differs(format!("{}: {keepers} keepers of the papers at the present", row.address()));
            }
        }
        let address: HashMap<DossierId, &str> = rows.iter().map(|row| (row.id, row.address())).collect();
        for finding in find_in_legs(conn, world, range, &moments)? {
            let name = |dossier, leg| format!("{}, leg {leg}", address.get(&dossier).unwrap_or(&"?"));
            match finding {
                LegFinding::Wrong { dossier, leg, what } => {
                    report.differs(format!("{}: {what}", name(dossier, leg)));
                }
                LegFinding::NotOfThisCalendar { dossier, leg } => {
                    report.not_of_this_calendar(name(dossier, leg));
                }
            }
        }
        Ok(())
    }
}

/// How many parties have each dossier's papers now.
fn count_keepers(
    conn: &mut Conn,
    (after, last): (DossierId, DossierId),
) -> Result<HashMap<DossierId, i64>, Error> {
    let counts: Vec<(DossierId, i64)> = custody::table
        .filter(custody::dossier_id.gt(after).and(custody::dossier_id.le(last)))
        .filter(custody::until_at.is_null().and(custody::papers.is_null()))
        .group_by(custody::dossier_id)
        .select((custody::dossier_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(counts.into_iter().collect())
}

/// The codes behind the keys, for the differences.
struct Names<'w> {
    tree: &'w Tree,
    procedures: &'w Procedures,
}

impl<'w> Names<'w> {
    fn of(world: &'w World) -> Self {
        Self { tree: &world.catalogue.tree, procedures: &world.catalogue.procedures }
    }

    fn agency(&self, id: i64) -> String {
        self.tree.get(id).map_or_else(|| format!("agency #{id}"), |agency| agency.code.clone())
    }

    fn cell(&self, cell: Cell) -> String {
        let procedure = match (self.procedures.code_of(cell.procedure_id), cell.procedure_id) {
            (Some(code), _) => code.to_owned(),
            (None, ALL_PROCEDURES) => "all procedures".to_owned(),
            (None, id) => format!("procedure #{id}"),
        };
        format!("{} / {procedure} / {}", self.agency(cell.agency_id), cell.channel)
    }
}
