//! Decisions, "Counting", case by case: what each life books, day by day.

use super::at;
use crate::calendar::rules::Outcome;
use crate::db::Instant;
use crate::dossiers::{Channel, Status};
use crate::statistics::rules::{Booking, bookings};
use crate::statistics::{Cell, Figures, Standing};

const CELL: Cell = Cell { agency_id: 3, procedure_id: 1, channel: Channel::Counter };

/// Received, due on 2019-03-08 at 17:00.
fn received() -> Standing {
    Standing {
        cell: CELL,
        status: Status::Received,
        is_received: true,
        outcome: None,
        is_paused_in_time: false,
        judged_due_at: Some(at("2019-03-08T17:00")),
        accept_due_at: None,
        overdue_on: Some("2019-03-08".parse().unwrap()),
        waiting_late_on: None,
    }
}

fn submitted() -> Standing {
    Standing {
        status: Status::Submitted,
        is_received: false,
        judged_due_at: None,
        accept_due_at: Some(at("2019-03-05T08:00")),
        overdue_on: None,
        waiting_late_on: Some("2019-03-05".parse().unwrap()),
        ..received()
    }
}

fn ended(status: Status, outcome: Option<Outcome>) -> Standing {
    Standing {
        status,
        outcome,
        overdue_on: None,
        waiting_late_on: None,
        is_paused_in_time: false,
        ..received()
    }
}

/// The bookings as lines `day moment column±n …`, with the cell where it is not the usual one.
fn told(booked: &[Booking]) -> Vec<String> {
    let mut lines: Vec<_> = booked
        .iter()
        .map(|booking| {
            let counts =
                Figures::COLUMNS.iter().zip(booking.figures.values()).filter(|(_, count)| *count != 0);
            let counts: Vec<_> = counts.map(|((name, _), count)| format!("{name}{count:+}")).collect();
            let time = booking.counts_from.to_local().format("%H:%M");
            let elsewhere = if booking.cell == CELL { "" } else { " elsewhere" };
            format!("{} {time} {}{elsewhere}", booking.day, counts.join(" "))
        })
        .collect();
    lines.sort();
    lines
}

fn books(before: Option<&Standing>, after: &Standing, recorded: &str, expected: &[&str]) {
    let recorded: Instant = at(recorded);
    assert_eq!(told(&bookings(before, after, recorded)), expected);
}

#[test]
fn reception_opens_and_books_the_date_ahead() {
    books(
        None,
        &received(),
        "2019-03-04T08:30",
        &["2019-03-04 08:30 received+1 open+1", "2019-03-08 17:00 overdue+1"],
    );
}

#[test]
fn an_end_in_time_takes_the_date_away_where_it_was_booked() {
    let early = ended(Status::Resolved, Some(Outcome::Early));
    books(
        Some(&received()),
        &early,
        "2019-03-06T10:00",
        &["2019-03-06 10:00 early+1 open-1", "2019-03-08 17:00 overdue-1"],
    );
    let on_time = ended(Status::Resolved, Some(Outcome::OnTime));
    books(
        Some(&received()),
        &on_time,
        "2019-03-08T16:00",
        &["2019-03-08 16:00 on_time+1 open-1", "2019-03-08 17:00 overdue-1"],
    );
}

#[test]
fn a_late_end_leaves_the_days_on_which_it_was_overdue() {
    let late = ended(Status::Resolved, Some(Outcome::Late));
    books(Some(&received()), &late, "2019-03-11T09:00", &["2019-03-11 09:00 late+1 open-1 overdue-1"]);
    books(Some(&received()), &late, "2019-03-08T17:30", &["2019-03-08 17:30 late+1 open-1 overdue-1"]);
}

#[test]
fn withdrawn_and_stopped_are_ends_without_outcome() {
    for (status, column) in [(Status::Withdrawn, "withdrawn"), (Status::Stopped, "stopped")] {
        let line = format!("2019-03-06 10:00 {column}+1 open-1");
        books(
            Some(&received()),
            &ended(status, None),
            "2019-03-06T10:00",
            &[&line, "2019-03-08 17:00 overdue-1"],
        );
    }
}

#[test]
fn a_pause_in_time_suspends_the_date_and_its_end_books_the_new_one() {
    let paused = Standing {
        status: Status::AwaitingSupplement,
        is_paused_in_time: true,
        overdue_on: None,
        ..received()
    };
    books(
        Some(&received()),
        &paused,
        "2019-03-06T10:00",
        &["2019-03-06 10:00 paused+1", "2019-03-08 17:00 overdue-1"],
    );
    let resumed = Standing {
        status: Status::Processing,
        judged_due_at: Some(at("2019-03-20T17:00")),
        overdue_on: Some("2019-03-20".parse().unwrap()),
        ..received()
    };
    books(
        Some(&paused),
        &resumed,
        "2019-03-18T08:00",
        &["2019-03-18 08:00 paused-1", "2019-03-20 17:00 overdue+1"],
    );
}

#[test]
fn a_pause_after_the_date_changes_nothing() {
    let paused = Standing { status: Status::AwaitingSupplement, ..received() };
    books(Some(&received()), &paused, "2019-03-11T10:00", &[]);
    books(Some(&paused), &Standing { status: Status::Processing, ..received() }, "2019-03-13T10:00", &[]);
}

#[test]
fn a_pause_in_time_that_is_recorded_late_ends_being_overdue_today() {
    let paused = Standing {
        status: Status::AwaitingSupplement,
        is_paused_in_time: true,
        overdue_on: None,
        ..received()
    };
    books(Some(&received()), &paused, "2019-03-11T10:00", &["2019-03-11 10:00 overdue-1 paused+1"]);
}

#[test]
fn an_extension_moves_the_date_ahead() {
    let extended = Standing {
        judged_due_at: Some(at("2019-03-15T17:00")),
        overdue_on: Some("2019-03-15".parse().unwrap()),
        ..received()
    };
    books(
        Some(&received()),
        &extended,
        "2019-03-07T09:00",
        &["2019-03-08 17:00 overdue-1", "2019-03-15 17:00 overdue+1"],
    );
    // A recompute may clear a missed one: not in the past.
    books(
        Some(&received()),
        &extended,
        "2019-03-11T09:00",
        &["2019-03-11 09:00 overdue-1", "2019-03-15 17:00 overdue+1"],
    );
}

#[test]
fn a_correction_moves_everything_that_is_open() {
    let elsewhere = Cell { procedure_id: 2, ..CELL };
    books(
        Some(&received()),
        &Standing { cell: elsewhere, ..received() },
        "2019-03-06T10:00",
        &[
            "2019-03-06 10:00 moved+1 open+1 elsewhere",
            "2019-03-06 10:00 moved-1 open-1",
            "2019-03-08 17:00 overdue+1 elsewhere",
            "2019-03-08 17:00 overdue-1",
        ],
    );
    // Once missed, it is overdue there from today on.
    let moved = Standing { cell: elsewhere, overdue_on: Some("2019-03-11".parse().unwrap()), ..received() };
    books(
        Some(&received()),
        &moved,
        "2019-03-11T10:00",
        &["2019-03-11 10:00 moved+1 open+1 overdue+1 elsewhere", "2019-03-11 10:00 moved-1 open-1 overdue-1"],
    );
}

#[test]
fn a_late_entry_counts_on_the_day_of_recording() {
    // Received three days ago and missed since: overdue from now on, not in the past.
    let late = Standing { overdue_on: Some("2019-03-11".parse().unwrap()), ..received() };
    books(None, &late, "2019-03-11T08:00", &["2019-03-11 08:00 received+1 open+1 overdue+1"]);
}

#[test]
fn a_submission_waits_and_is_received_when_it_is_accepted() {
    books(
        None,
        &submitted(),
        "2019-03-04T08:00",
        &["2019-03-04 08:00 submitted+1 waiting+1", "2019-03-05 08:00 waiting_late+1"],
    );
    books(
        Some(&submitted()),
        &Standing { accept_due_at: submitted().accept_due_at, ..received() },
        "2019-03-04T10:00",
        &[
            "2019-03-04 10:00 received+1 open+1 waiting-1",
            "2019-03-05 08:00 waiting_late-1",
            "2019-03-08 17:00 overdue+1",
        ],
    );
    let declined = Standing { status: Status::Declined, waiting_late_on: None, ..submitted() };
    books(
        Some(&submitted()),
        &declined,
        "2019-03-06T10:00",
        &["2019-03-06 10:00 declined+1 waiting-1 waiting_late-1"],
    );
}

#[test]
fn what_happens_after_the_end_books_nothing() {
    let resolved = ended(Status::Resolved, Some(Outcome::Late));
    let returned = ended(Status::Returned, Some(Outcome::Late));
    books(Some(&resolved), &returned, "2019-03-12T10:00", &[]);
}

#[test]
fn a_whole_life_at_once_counts_everything() {
    books(
        None,
        &ended(Status::Resolved, Some(Outcome::Early)),
        "2019-03-04T08:00",
        &["2019-03-04 08:00 received+1 early+1"],
    );
}
