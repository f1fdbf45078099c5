//! Where a dossier stands in the figures: the local days on which the overdue counters hold its +1.
//!
//! Decisions, "Counting": +1 on the local day of `judged_due_at` or of recording, whichever is later; taken away when, not
//! yet missed, the date moves, a pause begins or the dossier ends; put back with the new date when the pause ends.

use chrono::NaiveDate;

use crate::calendar::rules::{Calendar, Missing, local_day};
use crate::db::Instant;
use crate::dossiers::{At, Dossier, NewDossier, Status};

/// When the desk should have answered a submission that it may think over for so many opening minutes.
///
/// # Errors
/// A year without a calendar.
pub fn accept_due(
    calendar: &Calendar,
    submitted_at: Instant,
    within_minutes: u32,
) -> Result<Instant, Missing> {
    Ok(calendar.add_opening_minutes(submitted_at.into(), within_minutes)?.into())
}

/// Sets the two days after a change.
pub fn settle(before: Option<&Dossier>, next: &mut NewDossier, at: At) {
    let moved = before.is_some_and(|before| {
        (before.procedure_id, before.channel, before.agency_id)
            != (next.procedure_id, next.channel, next.agency_id)
    });
    let runs = next.status.is_open() && !next.paused_in_time;
    next.overdue_on = booked_on(
        next.judged_due_at.filter(|_| runs),
        before.and_then(|before| before.judged_due_at.zip(before.overdue_on)),
        moved,
        at,
    );
    let waits = next.status == Status::Submitted;
    next.waiting_late_on = booked_on(
        next.accept_due_at.filter(|_| waits),
        before.and_then(|before| before.accept_due_at.zip(before.waiting_late_on)),
        moved,
        at,
    );
}

/// The day that holds the +1 of a date still to be missed: `due` is the date while it runs, `booked` the date and day before
/// this change, `moved` says that the dossier counts elsewhere now.
#[must_use]
pub fn booked_on(
    due: Option<Instant>,
    booked: Option<(Instant, NaiveDate)>,
    moved: bool,
    at: At,
) -> Option<NaiveDate> {
    let due = due?;
    let today = local_day(at.recorded.into());
    match booked {
        Some((was_due, on)) if was_due == due && !moved => Some(on),
        _ => Some(local_day(due.into()).max(today)),
    }
}
