//! Recompute: the dates of open dossiers follow a changed calendar, an agency's closure or changed opening hours.
//!
//! The clock is told once more from the dossier's history, by the calendar as it is now: reception, pauses, restarts,
//! extension. What comes out is the date that would have been promised had the calendar always been this one. The first
//! promise is kept; a dossier that has ended keeps its dates and its outcome; so do legs that are done. Only here may a
//! missed `judged_due_at` move (Decisions, "Two dates"). Each moved dossier gets its event through `apply`: who, when, why.
//!
//! One call moves a bounded number of dossiers in one transaction and says where to go on. Whoever asks again from the
//! beginning misses nothing and moves nothing twice: what was moved agrees with the calendar.

mod api;
mod service;
mod store;

use super::timeline::{self, Moment};
use super::{Dates, Dossier, rules};
use crate::World;
use crate::calendar::rules::{Calendar, Deadline, Missing, expected_due};
use crate::db::Conn;
use crate::http::Problem;

pub use api::recompute_deadlines;
pub use service::Recompute;

/// The dates of a dossier by the calendar as it is now; None when it has none that could move.
///
/// # Errors
/// A year without a calendar; a problem of the database.
pub fn dates_now(conn: &mut Conn, world: &World, dossier: &Dossier) -> Result<Option<Dates>, Problem> {
    let mut histories = timeline::timelines(conn, &world.catalogue.procedures, &[dossier.id])?;
    dates_by(world, dossier, &histories.remove(&dossier.id).unwrap_or_default())
}

/// The same with its history at hand.
fn dates_by(world: &World, dossier: &Dossier, moments: &[Moment]) -> Result<Option<Dates>, Problem> {
    let calendars = &world.catalogue.calendars;
    let receiving = calendars.for_agency(dossier.agency_id)?;
    let deciding = calendars.for_agency(rules::deciding_agency(dossier, dossier.last_event_at))?;
    let dates = match (Dates::of(dossier), dossier.submitted_at, dossier.received_at) {
        (Some(Dates::Running(clock)), _, _) => again(&deciding, &clock, moments)?.map(Dates::Running),
        (Some(Dates::Expected(_)), _, Some(received_at)) => {
            let version = world.catalogue.procedures.version(dossier.procedure_version_id)?;
            let limit = version.content.time_limit;
            let due = expected_due(&receiving, &deciding, received_at.into(), limit)?;
            Some(Dates::Expected(due.due_at.into()))
        }
        (Some(Dates::Submitted(_)), Some(submitted_at), _) => {
            Some(Dates::Submitted(rules::accept_due(&receiving, submitted_at, world.accept_within_minutes)?))
        }
        _ => None,
    };
    Ok(dates)
}

/// The clock told once more. The first promise is kept: it was made.
pub(super) fn again(
    calendar: &Calendar,
    clock: &Deadline,
    moments: &[Moment],
) -> Result<Option<Deadline>, Missing> {
    let told = rules::replay(calendar, clock.counting, timeline::ticks(moments))?;
    Ok(told.map(|told| Deadline { first_due_at: clock.first_due_at, ..told }))
}
