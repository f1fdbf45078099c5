//! The lists behind the backlog's figures. Those of now are narrowed by what dossiers are; those of a past moment by what was
//! booked and recorded by then.

use chrono::NaiveDate;

use super::buckets::Span;
use crate::db::Instant;
use crate::dossiers::{Figure, Units};
use crate::statistics::links::{Links, List};

/// Where the backlog stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stands {
    Now(Instant),
    Then {
        day: NaiveDate,
        /// When that day is not meant in full: up to when.
        until: Option<Instant>,
        /// The last moment that counts.
        moment: Instant,
    },
}

/// A figure of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Total,
    /// Received on one of these days.
    Age(Span),
    /// To be judged by one of these days, and not missed.
    TimeLeft(Span),
    /// To be judged by one of these days, and missed.
    Overdue(Span),
    Paused,
    NotStarted,
}

/// The address of the list behind a figure of the cells.
pub(super) fn address(stands: Stands, cells: &[(&'static str, String)], part: Part) -> String {
    match stands {
        Stands::Now(now) => of_now(List::default().within(cells), now, part).address(),
        Stands::Then { day, until, moment } => {
            let span = (day, day.succ_opt().unwrap_or(day));
            of_then(Links::new(span, until, Units::Then).within(cells), moment, part)
        }
    }
}

fn of_now(list: List, now: Instant, part: Part) -> List {
    let open = |list: List| list.with("open_at", &now.to_string());
    let running = |list: List, is_overdue: &str, span: Span| {
        let list = list.with("clock", "running").with("overdue", is_overdue);
        list.with_some("judged_from", span.from).with_some("judged_to", span.to)
    };
    match part {
        Part::Total => open(list),
        Part::Age(span) => open(list).with_some("received_from", span.from).with_some("received_to", span.to),
        Part::TimeLeft(span) => running(list, "false", span),
        Part::Overdue(span) => running(list, "true", span),
        Part::Paused => list.with("clock", "paused"),
        Part::NotStarted => list.with("clock", "not_started"),
    }
}

fn of_then(links: Links, moment: Instant, part: Part) -> String {
    let clock =
        |links: Links, state: &str| links.with("clock", state).with("clock_as_of", &moment.to_string());
    let judged =
        |links: Links, span: Span| links.with_some("judged_from", span.from).with_some("judged_to", span.to);
    match part {
        Part::Total => links.figure(Figure::Pending),
        Part::Age(span) => {
            let received = links.with_some("received_from", span.from).with_some("received_to", span.to);
            received.figure(Figure::Pending)
        }
        Part::TimeLeft(span) => judged(clock(links, "running"), span).figure(Figure::PendingInTime),
        Part::Overdue(span) => judged(clock(links, "running"), span).figure(Figure::PendingOverdue),
        Part::Paused => links.figure(Figure::PendingPaused),
        Part::NotStarted => clock(links, "not_started").figure(Figure::PendingInTime),
    }
}
