//! Opening balances on real databases: what random lives left, and that no booking is missed while a year is opened.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::counters::{Booked, below, lives, write};
use super::{TestDb, at, databases, furnish};
use crate::db::{Conn, Db, Engine, Error};
use crate::dossiers::Channel;
use crate::statistics::rules::Booking;
use crate::statistics::store;
use crate::statistics::tally::{self, Tally};
use crate::statistics::{Cell, Figures};

const CELL: Cell = Cell { agency_id: 3, procedure_id: 1, channel: Channel::Counter };

fn first_day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap()
}

/// What is carried over into a year, by agency and procedure (0: all together).
fn carried_over(
    conn: &mut Conn,
    year: i32,
    by_procedure: bool,
) -> Result<BTreeMap<(i64, i64, Channel), Figures>, Error> {
    let mut cells: BTreeMap<_, Figures> = BTreeMap::new();
    for part in store::opening(conn, (2, true), by_procedure, first_day(year))? {
        assert_eq!(part.control, part.figures.control());
        let cell = (part.agency_id, part.procedure_id, part.channel);
        *cells.entry(cell).or_default() += part.figures.carried();
    }
    cells.retain(|_, figures| !figures.is_zero());
    Ok(cells)
}

fn expected(all: &Booked, year: i32, by_procedure: bool) -> BTreeMap<(i64, i64, Channel), Figures> {
    let mut cells: BTreeMap<_, Figures> = BTreeMap::new();
    let of_scope = all.iter().filter(|(_, booking)| below(2).contains(&booking.cell.agency_id));
    for (_, booking) in of_scope.filter(|(_, booking)| booking.day < first_day(year)) {
        let Cell { agency_id, procedure_id, channel } = booking.cell;
        let procedure_id = if by_procedure { procedure_id } else { 0 };
        *cells.entry((agency_id, procedure_id, channel)).or_default() += booking.figures.carried();
    }
    cells.retain(|_, figures| !figures.is_zero());
    cells
}

/// Lives are written one after the other, so that years are opened and added to in every order.
#[test]
fn a_year_begins_with_what_was_carried_over() {
    let all = lives(120);
    assert!(expected(&all, 2019, true).len() > 10);
    for test in databases() {
        let all = all.clone();
        test.db
            .bulk(|conn| -> Result<(), Error> {
                write(conn, &all)?;
                for year in 2015..=2021 {
                    for by_procedure in [true, false] {
                        let found = carried_over(conn, year, by_procedure)?;
                        assert_eq!(found, expected(&all, year, by_procedure), "{year} {by_procedure}");
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}

/// A dossier that comes in on this day and stays open.
fn insert(conn: &mut Conn, dossier: i64, day: &str) -> Result<Booking, Error> {
    let figures = Figures { received: 1, open: 1, ..Figures::default() };
    let counts_from = at(&format!("{day}T09:00"));
    let booking = Booking { day: day.parse().unwrap(), counts_from, cell: CELL, figures };
    tally::insert_booking(conn, dossier, &booking)?;
    Ok(booking)
}

fn count(conn: &mut Conn, booking: &Booking) -> Result<(), Error> {
    let mut tally = Tally::default();
    tally.add(booking);
    tally.write(conn)
}

/// Returns when some transaction waits for another.
fn until_somebody_waits(db: &Db) {
    #[derive(QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let sql = "SELECT COUNT(*) AS count FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting =
        || db.read_blocking(|conn| sql_query(sql).get_result::<Waiting>(conn).map_err(Error::from)).unwrap();
    while waiting().count == 0 {
        std::thread::yield_now();
    }
}

fn open_in(test: &TestDb, year: i32) -> i64 {
    let cells = test.db.read_blocking(|conn| carried_over(conn, year, true)).unwrap();
    let whole = test.db.read_blocking(|conn| carried_over(conn, year, false)).unwrap();
    let open = cells.values().map(|figures| figures.open).sum();
    assert_eq!(open, whole.values().map(|figures| figures.open).sum::<i64>());
    open
}

/// SQLite has one writer; these are two of PostgreSQL.
fn on_postgres() -> Option<TestDb> {
    let test = databases().into_iter().find(|test| test.db.engine() == Engine::Postgres)?;
    let furnished: Result<(), Error> = test.db.bulk(|conn| {
        furnish(conn, 4);
        Ok(())
    });
    furnished.unwrap();
    Some(test)
}

/// Writes two dossiers at once: the first is counted and not yet committed when the second begins, and waits until that waits
/// for it.
fn one_into_the_other(test: &TestDb, first: (i64, &'static str), second: (i64, &'static str)) {
    let (counted, is_counted) = channel();
    let (commit, may_commit) = channel::<()>();
    let db = test.db.clone();
    let one = std::thread::spawn(move || {
        db.write_blocking(move |conn| {
            let booking = insert(conn, first.0, first.1)?;
            count(conn, &booking)?;
            counted.send(()).unwrap();
            may_commit.recv().unwrap();
            Ok::<_, Error>(())
        })
    });
    is_counted.recv().unwrap();
    let db = test.db.clone();
    let other = std::thread::spawn(move || {
        db.write_blocking(move |conn| {
            let booking = insert(conn, second.0, second.1)?;
            count(conn, &booking)
        })
    });
    until_somebody_waits(&test.db);
    commit.send(()).unwrap();
    one.join().unwrap().unwrap();
    other.join().unwrap().unwrap();
}

#[test]
fn who_opens_a_year_waits_for_what_is_being_booked_before_it() {
    let Some(test) = on_postgres() else { return };
    one_into_the_other(&test, (1, "2019-12-30"), (2, "2020-01-02"));
    assert_eq!(open_in(&test, 2020), 1);
    assert_eq!(open_in(&test, 2021), 2);
}

#[test]
fn what_is_booked_before_a_year_that_is_being_opened_waits_and_is_added() {
    let Some(test) = on_postgres() else { return };
    one_into_the_other(&test, (1, "2020-01-02"), (2, "2019-12-30"));
    assert_eq!(open_in(&test, 2020), 1);
    assert_eq!(open_in(&test, 2021), 2);
}

/// Each holds what the other waits for; the server sends one of them back, who finds the year open at his second try.
#[test]
fn two_who_open_a_year_at_once_both_come_through() {
    let Some(test) = on_postgres() else { return };
    test.db
        .write_blocking(|conn| {
            let booking = insert(conn, 1, "2019-12-30")?;
            count(conn, &booking)
        })
        .unwrap();
    let both = Arc::new(Barrier::new(2));
    let openers = [2, 3].map(|dossier| {
        let (db, both, is_first) = (test.db.clone(), Arc::clone(&both), AtomicBool::new(true));
        std::thread::spawn(move || {
            db.write_blocking(move |conn| {
                let booking = insert(conn, dossier, "2020-01-02")?;
                if is_first.swap(false, Ordering::Relaxed) {
                    both.wait();
                }
                count(conn, &booking)
            })
        })
    });
    for opener in openers {
        opener.join().unwrap().unwrap();
    }
    assert_eq!(open_in(&test, 2020), 1);
    assert_eq!(open_in(&test, 2021), 3);
}
