//! SQL of the watch: dates that come near, and the calls that were made.

use std::collections::HashSet;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Call, Place, Watched};
use crate::World;
use crate::agencies::AgencyId;
use crate::db::dialect::portable;
use crate::db::schema::{escalations, legs};
use crate::db::{self, Conn, Instant, keyset};
use crate::dossiers::{self, Dossier, DossierId, Escalation};
use crate::http::Problem;
use crate::routing::LegState;
use crate::routing::legs::LegRow;

/// How many dates are read at once.
const CHUNK: usize = 500;

/// The dossier's own date in the column `leg`.
const OWN: &str = "";

/// Which dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Legs,
    Dossiers,
}

/// Calls to be made, and where the list goes on.
pub(super) struct Part {
    pub(super) calls: Vec<Call>,
    pub(super) next: Option<Place>,
}

/// The next part of the calls that are due.
///
/// # Errors
/// A problem of the database.
pub(super) fn due(
    conn: &mut Conn,
    world: &World,
    source: Source,
    after: Option<Place>,
) -> Result<Part, Problem> {
    let until = horizon(world)?;
    let after = after.unwrap_or((Instant::MIN, i64::MIN));
    let dates: Vec<(Place, Dossier, Option<LegRow>)> = match source {
        Source::Dossiers => dossiers::list_due(conn, until, after, CHUNK)?
            .into_iter()
            .filter_map(|dossier| Some(((dossier.judged_due_at?, dossier.id), dossier, None)))
            .collect(),
        Source::Legs => {
            let legs = list_legs(conn, until, after)?;
            let dossiers = dossiers::get_all(conn, legs.iter().map(|leg| leg.dossier_id).collect())?;
            let with_dossier = legs.into_iter().filter_map(|leg| {
                let dossier = dossiers.get(&leg.dossier_id)?.clone();
                Some(((leg.judged_due_at?, leg.id), dossier, Some(leg)))
            });
            with_dossier.collect()
        }
    };
    let next = dates.last().filter(|_| dates.len() == CHUNK).map(|(place, _, _)| *place);
    let made = made(conn, dates.iter().map(|(_, dossier, _)| dossier.id).collect())?;
    let mut calls = Vec::new();
    for (_, dossier, leg) in &dates {
        let Some(watched) = Watched::of(dossier, leg.as_ref()) else { continue };
        // One year without a calendar must not stop the watch over all others.
        let Ok(levels) = watched.levels(world) else {
            log::warn!("a deadline cannot be watched, a year has no calendar: dossier={}", dossier.address());
            continue;
        };
        let key = leg.as_ref().map_or(OWN, |leg| leg.key.as_str());
        let open = levels.into_iter().filter(|level| !made.contains(&(dossier.id, key.to_owned(), *level)));
        calls.extend(open.map(|level| Call {
            dossier: dossier.id,
            leg: leg.as_ref().map(|leg| leg.id),
            level,
        }));
    }
    Ok(Part { calls, next })
}

/// The last date at which somebody could be called by now, in the calendar that is closed the longest.
fn horizon(world: &World) -> Result<Instant, Problem> {
    let mut until = world.now;
    for agency in world.catalogue.tree.all() {
        let calendar = world.catalogue.calendars.for_agency(agency.id)?;
        // Without a calendar for it nobody has dates there either.
        if let Ok(near) = calendar.add_opening_minutes(world.now.into(), super::OFFICER_BEFORE) {
            until = until.max(near.into());
        }
    }
    Ok(until)
}

/// Open legs that are due until a moment and whose last call was not made.
fn list_legs(conn: &mut Conn, until: Instant, (after, after_id): Place) -> Result<Vec<LegRow>, db::Error> {
    let judged = legs::judged_due_at.assume_not_null();
    let called = escalations::table
        .filter(escalations::dossier_id.eq(legs::dossier_id))
        .filter(escalations::leg.eq(legs::key))
        .filter(escalations::level.eq(Escalation::LeaderAbove));
    Ok(legs::table
        .filter(legs::state.eq(LegState::Open))
        .filter(legs::judged_due_at.is_not_null())
        .filter(judged.le(until))
        .filter(keyset!(gt; (judged, after), (legs::id, after_id)))
        .filter(not(exists(called)))
        .order((judged, legs::id))
        .limit(i64::try_from(CHUNK).unwrap_or(i64::MAX))
        .select(LegRow::as_select())
        .load(conn)?)
}

/// An open leg.
///
/// # Errors
/// Those of the database.
pub(super) fn find_leg(conn: &mut Conn, id: i64) -> Result<Option<LegRow>, db::Error> {
    let open = legs::table.find(id).filter(legs::state.eq(LegState::Open));
    Ok(open.select(LegRow::as_select()).first(conn).optional()?)
}

/// The calls that were made for some dossiers.
fn made(conn: &mut Conn, ids: Vec<DossierId>) -> Result<HashSet<(DossierId, String, Escalation)>, db::Error> {
    let rows: Vec<(DossierId, String, Escalation)> = escalations::table
        .filter(escalations::dossier_id.eq_any(ids))
        .select((escalations::dossier_id, escalations::leg, escalations::level))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Notes a call; false when it was made already.
///
/// # Errors
/// Those of the database.
pub(super) fn insert(
    conn: &mut Conn,
    dossier: DossierId,
    leg: Option<&str>,
    level: Escalation,
    agency: AgencyId,
    at: Instant,
) -> Result<bool, db::Error> {
    let row = (
        escalations::dossier_id.eq(dossier),
        escalations::leg.eq(leg.unwrap_or(OWN)),
        escalations::level.eq(level),
        escalations::agency_id.eq(agency),
        escalations::marked_at.eq(at),
    );
    let insert = diesel::insert_into(escalations::table).values(row).on_conflict_do_nothing();
    Ok(portable(insert).execute(conn)? == 1)
}
