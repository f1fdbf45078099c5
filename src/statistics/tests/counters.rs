//! Ledger and counters on real databases: what a report sums and what a link lists, against what random lives booked.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::histories::{BEGIN, any_life, booked, live};
use super::{at, databases, furnish};
use crate::db::schema::dossiers;
use crate::db::{Conn, Error, Instant};
use crate::dossiers::{AsOf, Channel, Figure, FigureCells, FigureOf, Period, Units};
use crate::statistics::Figures;
use crate::statistics::cube::{Bucket, Cube, Sign};
use crate::statistics::members::Members;
use crate::statistics::plan::Plan;
use crate::statistics::rules::Booking;
use crate::statistics::store::{self, Slice};
use crate::statistics::tally::{self, Tally};

/// Dossier and what it booked.
pub(super) type Booked = Vec<(i64, Booking)>;

/// What lives book that begin before a New Year, and around it; every third of them some years earlier.
pub(super) fn lives(count: usize) -> Booked {
    let mut runner = TestRunner::deterministic();
    let lives = proptest::collection::vec(any_life(), count).new_tree(&mut runner).unwrap().current();
    let mut all = Booked::new();
    for (life, id) in lives.iter().zip(1..) {
        let days = if id % 3 == 0 { 1_095 } else { 0 };
        all.extend(booked(&live(life)).into_iter().map(|booking| {
            let (day, from) = (booking.day - Days::new(days), booking.counts_from);
            let counts_from = from - chrono::TimeDelta::days(i64::try_from(days).unwrap());
            (id, Booking { day, counts_from, ..booking })
        }));
    }
    all
}

pub(super) fn write(conn: &mut Conn, all: &Booked) -> Result<(), Error> {
    furnish(conn, usize::try_from(all.iter().map(|(id, _)| *id).max().unwrap_or(0)).unwrap());
    // Half of them one by one, half at once.
    let (one_by_one, at_once) = all.split_at(all.len() / 2);
    let mut tally = Tally::default();
    for (id, booking) in one_by_one {
        tally::insert_booking(conn, *id, booking)?;
        let mut tally = Tally::default();
        tally.add(booking);
        tally.write(conn)?;
    }
    for (id, booking) in at_once {
        tally::insert_booking(conn, *id, booking)?;
        tally.add(booking);
    }
    tally.write(conn)
}

pub(super) fn below(agency: i64) -> &'static [i64] {
    match agency {
        2 => &[2, 3, 4],
        3 => &[3],
        _ => &[4],
    }
}

/// Whether a booking lies before the period, in it, or after it.
fn place(booking: &Booking, period: &Period) -> Option<bool> {
    let counts = booking.day < period.end && period.moment.is_none_or(|moment| booking.counts_from <= moment);
    counts.then_some(booking.day >= period.from)
}

fn periods() -> Vec<Period> {
    let begin = at(BEGIN);
    let mut all = Vec::new();
    for (from, to, as_of) in [
        ("2019-01-01", "2020-01-01", None),
        ("2018-07-01", "2021-02-10", None),
        ("2018-12-01", "2019-01-01", None),
        ("2018-12-05", "2018-12-20", None),
        ("2018-11-15", "2019-01-10", None),
        ("2019-01-15", "2019-02-20", None),
        ("2017-03-01", "2018-01-01", None),
        ("2020-01-01", "2020-07-01", None),
        ("2018-12-10", "2019-10-01", Some("2019-01-05T10:30:00+07:00")),
        ("2019-01-01", "2019-02-01", Some("2019-01-01T12:00:00+07:00")),
        ("2019-03-01", "2019-04-01", Some("2019-01-05T10:30:00+07:00")),
    ] {
        let as_of = as_of.map(|text| AsOf::Moment(text.parse::<Instant>().unwrap()));
        let now = begin + chrono::TimeDelta::days(3_000);
        all.push(Period::new(from.parse().unwrap(), to.parse().unwrap(), as_of, now));
    }
    all
}

#[test]
fn sums_of_counters_are_what_was_booked() {
    let all = lives(120);
    for test in databases() {
        let all = all.clone();
        test.db
            .bulk(|conn| -> Result<(), Error> {
                write(conn, &all)?;
                for period in periods() {
                    for bucket in [Bucket::Whole, Bucket::Month, Bucket::Day] {
                        for (agency, with_below) in [(2, true), (2, false), (3, true)] {
                            for by_agency in [true, false] {
                                compare(conn, &all, period, bucket, (agency, with_below), by_agency)?;
                            }
                        }
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}

fn compare(
    conn: &mut Conn,
    all: &Booked,
    period: Period,
    bucket: Bucket,
    (agency, with_below): (i64, bool),
    by_agency: bool,
) -> Result<(), Error> {
    let plan = Plan::new(&period, bucket);
    let slice = Slice {
        agency_id: agency,
        with_below,
        from: period.from,
        by_agency,
        by_procedure: true,
        by_time: bucket != Bucket::Whole,
    };
    let mut cube = Cube::new(period, bucket, true);
    let mut sums = store::opening(conn, (agency, with_below), true, plan.opening)?;
    for (grain, range) in &plan.pieces {
        sums.extend(store::sum(conn, &slice, *grain, *range)?);
    }
    let member = |procedure: i64| -> Members<'static> {
        let code = ["1", "2", "3"][usize::try_from(procedure - 1).unwrap()];
        [(0, code)].into_iter().collect()
    };
    for one in &sums {
        cube.add(member(one.procedure_id), one, Sign::Plus);
    }
    if let Some((day, moment)) = plan.later {
        for one in store::sum_later(conn, &slice, day, moment)? {
            cube.add(member(one.procedure_id), &one, Sign::Minus);
        }
    }
    let agencies = if with_below { below(agency) } else { &[agency][..] };
    let mine = || all.iter().filter(|(_, booking)| agencies.contains(&booking.cell.agency_id));
    for line in cube.lines() {
        let (mut before, mut during, mut online) = (Figures::default(), Figures::default(), 0);
        let of_line = mine().filter(|(_, b)| b.cell.procedure_id.to_string() == line.members[0].1);
        for (_, booking) in of_line {
            match place(booking, &period) {
                Some(_) if booking.day < line.span.0 => before += booking.figures,
                Some(_) if booking.day < line.span.1 => {
                    during += booking.figures;
                    if booking.cell.channel == Channel::Online {
                        online += booking.figures.received;
                    }
                }
                _ => {}
            }
        }
        assert_eq!(
            (line.before.figures.carried(), line.during.figures),
            (before.carried(), during),
            "{period:?} {:?}",
            line.span
        );
        let control = (line.before.figures.control(), during.control());
        assert_eq!((line.before.control, line.during.control), control);
        assert_eq!(line.during.online, online);
    }
    let total = cube.total();
    let mut sums: BTreeMap<bool, Figures> = BTreeMap::new();
    for (_, booking) in mine() {
        if let Some(is_during) = place(booking, &period) {
            *sums.entry(is_during).or_default() += booking.figures;
        }
    }
    let expected = |is_during| sums.get(&is_during).copied().unwrap_or_default();
    let (before, during) = (total.before.figures.carried(), total.during.figures);
    assert_eq!((before, during), (expected(false).carried(), expected(true)), "{period:?}");
    Ok(())
}

#[test]
fn a_link_lists_as_many_dossiers_as_its_figure_counts() {
    let all = lives(60);
    for test in databases() {
        let all = all.clone();
        test.db
            .bulk(|conn| -> Result<(), Error> {
                write(conn, &all)?;
                for period in periods() {
                    for figure in Figure::ALL {
                        for cells in [
                            FigureCells::default(),
                            FigureCells { agency: Some(2), procedure: Some(1), ..FigureCells::default() },
                            FigureCells {
                                agency: Some(3),
                                own: true,
                                field: Some("F1".into()),
                                ..FigureCells::default()
                            },
                            FigureCells {
                                level: Some(vec![3, 4]),
                                channel: Some(Channel::Online),
                                ..FigureCells::default()
                            },
                        ] {
                            list(conn, &all, &period, *figure, &cells)?;
                        }
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}

fn list(
    conn: &mut Conn,
    all: &Booked,
    period: &Period,
    figure: Figure,
    cells: &FigureCells,
) -> Result<(), Error> {
    let now = at(BEGIN) + chrono::TimeDelta::days(3_000);
    let to = period.end;
    let asked = FigureOf::of(figure, period.from, to, period.moment, Units::Then, now).unwrap();
    let listed: i64 = dossiers::table.filter(asked.condition(cells)).count().get_result(conn)?;
    let is_in = |booking: &Booking| {
        let cell = booking.cell;
        cells
            .agency
            .is_none_or(|a| if cells.own { a == cell.agency_id } else { below(a).contains(&cell.agency_id) })
            && cells.procedure.is_none_or(|procedure| procedure == cell.procedure_id)
            && cells.field.as_ref().is_none_or(|field| (field == "F1") == (cell.procedure_id < 3))
            && cells.channel.is_none_or(|channel| channel == cell.channel)
            && cells.level.as_ref().is_none_or(|level| level.contains(&cell.agency_id))
    };
    let (mut before, mut during) = (Figures::default(), Figures::default());
    let mut received = BTreeMap::new();
    for (_, booking) in all.iter().filter(|(_, booking)| is_in(booking)) {
        match place(booking, period) {
            Some(false) => before += booking.figures,
            Some(true) => {
                during += booking.figures;
                *received.entry(booking.cell.channel).or_insert(0) += booking.figures.received;
            }
            None => {}
        }
    }
    let mut end = before;
    end += during;
    let by = |channel| received.get(&channel).copied().unwrap_or(0);
    let expected = match figure {
        Figure::CarriedOver => before.open,
        Figure::Received => during.received,
        Figure::ReceivedAtCounter => by(Channel::Counter),
        Figure::ReceivedOnline => by(Channel::Online),
        Figure::ReceivedByPost => by(Channel::Postal),
        Figure::ReceivedAtPostOffice => by(Channel::PostOffice),
        Figure::ReceivedAtHome => by(Channel::AtHome),
        Figure::Resolved => during.early + during.on_time + during.late,
        Figure::ResolvedTimely => during.early + during.on_time,
        Figure::ResolvedEarly => during.early,
        Figure::ResolvedOnTime => during.on_time,
        Figure::ResolvedLate => during.late,
        Figure::Withdrawn => during.withdrawn,
        Figure::Stopped => during.stopped,
        Figure::Pending => end.open,
        Figure::PendingInTime => end.open - end.overdue,
        Figure::PendingOverdue => end.overdue,
        Figure::PendingPaused => end.paused,
        Figure::Submissions => during.submitted,
        Figure::SubmissionsDeclined => during.declined,
        Figure::SubmissionsWaiting => end.waiting,
        Figure::SubmissionsWaitingLate => end.waiting_late,
    };
    assert_eq!(listed, expected, "{figure} {period:?} {cells:?}");
    Ok(())
}

/// The lives of these tests do reach the days that the tests ask for.
#[test]
fn the_lives_are_worth_testing() {
    let all = lives(120);
    let days: Vec<NaiveDate> = all.iter().map(|(_, booking)| booking.day).collect();
    let begin = at(BEGIN).local_day();
    assert!(days.iter().any(|day| *day > begin + Days::new(60)));
    for year in 2015..=2019 {
        assert_eq!(days.iter().any(|day| day.year() == year), year != 2017, "{year}");
    }
    for (name, _) in Figures::COLUMNS {
        let at = Figures::COLUMNS.iter().position(|(other, _)| other == name).unwrap();
        assert!(all.iter().any(|(_, booking)| booking.figures.values()[at] != 0), "{name} is never booked");
    }
}
