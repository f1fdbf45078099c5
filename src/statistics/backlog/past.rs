//! The backlog of a past moment, sorted into the same buckets as that of now. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::buckets::{Edges, LEFT, OVERDUE, Span};
use super::store::{Asked, Count, OpenThen};
use crate::db::{Error, Instant};

/// Counts what was open at a moment, as [`count_open`](super::store::count_open) counts what is.
///
/// # Errors
/// A date that is none, or a dossier that fits into no bucket: both would be defects.
pub(super) fn count(
    open: Vec<OpenThen>,
    asked: Asked,
    edges: &Edges,
    moment: Instant,
) -> Result<Vec<Count>, Error> {
    let mut counts = BTreeMap::<_, i64>::new();
    for dossier in open {
        let cell = (
            if asked.by_agency { dossier.agency_id } else { 0 },
            if asked.by_procedure { dossier.procedure_id } else { 0 },
            dossier.channel,
        );
        let age = place(&edges.ages, dossier.received_at.local_day())?;
        let time = time(&dossier, edges, moment)?;
        *counts.entry((cell, age, time)).or_default() += 1;
    }
    let count = |(((agency_id, procedure_id, channel), age, time), dossiers)| Count {
        agency_id,
        procedure_id,
        channel,
        age,
        time,
        dossiers,
    };
    Ok(counts.into_iter().map(count).collect())
}

/// Its place among the states of the clock.
fn time(dossier: &OpenThen, edges: &Edges, moment: Instant) -> Result<i32, Error> {
    const FIRST_LEFT: usize = OVERDUE.len();
    const PAUSED: usize = FIRST_LEFT + LEFT.len();
    let after = |places: usize| i32::try_from(places).unwrap_or(i32::MAX);
    if dossier.paused != 0 {
        return Ok(after(PAUSED));
    }
    let Some(date) = &dossier.judged_due_at else { return Ok(after(PAUSED + 1)) };
    let judged: Instant = date.parse().map_err(|_| defect(date))?;
    if judged < moment {
        place(&edges.overdue, judged.local_day())
    } else {
        Ok(after(FIRST_LEFT) + place(&edges.left, judged.local_day())?)
    }
}

/// Which of the spans a day lies in.
fn place(spans: &[Span], day: NaiveDate) -> Result<i32, Error> {
    let place = spans.iter().position(|span| span.holds(day)).and_then(|place| i32::try_from(place).ok());
    place.ok_or_else(|| defect(&day.to_string()))
}

fn defect(what: &str) -> Error {
    Error::Internal(Arc::new(std::io::Error::other(format!("no bucket of the backlog for {what}"))))
}
