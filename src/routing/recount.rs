//! The clock of an open leg told once more by the calendar as it is now: what a recompute moves it to.

use std::collections::HashMap;

use super::legs::{self, LegRow};
use super::{LegState, rules};
use crate::World;
use crate::calendar::MovedLeg;
use crate::calendar::rules::{Calendar, Counting, Deadline, Missing};
use crate::db::{Conn, Instant};
use crate::dossiers::{At, DossierId, Moment, Tick, after};
use crate::http::Problem;

/// A clock with what its leg had used before the count began anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Recounted {
    pub(super) clock: Deadline,
    pub(super) used: i64,
}

/// The clock of an open leg; None when it has none. `moments` are those of its dossier, whose pauses hold it too.
///
/// # Errors
/// A year without a calendar.
pub(super) fn recount(
    calendar: &Calendar,
    leg: &LegRow,
    moments: &[Moment],
) -> Result<Option<Recounted>, Missing> {
    let (LegState::Open, Some(share), Some(started_at), Some(old)) =
        (leg.state, &leg.share, leg.started_at, &leg.clock)
    else {
        return Ok(None);
    };
    let pauses = moments.iter().filter(|moment| moment.at.occurred >= started_at);
    let pauses = pauses.filter_map(|moment| match moment.tick? {
        tick @ (Tick::Pause | Tick::Resume | Tick::Restart) => Some((tick, moment.at)),
        // A leg's share is its own: neither the dossier's limit nor its extension is.
        Tick::Start(_) | Tick::Correct(_) | Tick::Extend(_) => None,
    });
    let start = std::iter::once((Tick::Start(share.0), At::now(started_at)));
    let mut told: Option<Recounted> = None;
    for (tick, at) in start.chain(pauses) {
        let before = told.map(|told| told.clock);
        let Some(clock) = after(calendar, Counting::Leg, before, tick, at)? else { continue };
        let used = match told {
            Some(Recounted { clock: was, used }) if was.paused.is_some() && clock.paused.is_none() => {
                rules::used_before_pause(calendar, &was, &clock, used)?
            }
            Some(Recounted { used, .. }) => used,
            None => 0,
        };
        told = Some(Recounted { clock, used });
    }
    // What was promised first stays as it was.
    let first_due_at = old.0.first_due_at;
    Ok(told.map(|told| Recounted { clock: Deadline { first_due_at, ..told.clock }, ..told }))
}

/// The open legs of these dossiers whose dates are others by the calendar as it is now.
///
/// # Errors
/// Those of the database. A leg that cannot be counted stays where it is.
pub(super) fn moved(
    conn: &mut Conn,
    world: &World,
    histories: &HashMap<DossierId, Vec<Moment>>,
    moved: &mut HashMap<DossierId, Vec<MovedLeg>>,
) -> Result<(), Problem> {
    for leg in legs::open_of(conn, histories.keys().copied().collect())? {
        let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
        let moments = histories.get(&leg.dossier_id).map(Vec::as_slice).unwrap_or_default();
        let Ok(Some(told)) = recount(&calendar, &leg, moments) else { continue };
        let Some(old) = leg.clock.filter(|old| old.0 != told.clock) else { continue };
        moved.entry(leg.dossier_id).or_default().push(MovedLeg {
            key: leg.key,
            agency: world.catalogue.tree.agency(leg.agency_id)?.code.clone(),
            old_due_at: Instant::from(old.0.due.due_at),
            new_due_at: Instant::from(told.clock.due.due_at),
            old_judged_due_at: Instant::from(old.0.judged.due_at),
            new_judged_due_at: Instant::from(told.clock.judged.due_at),
        });
    }
    Ok(())
}
