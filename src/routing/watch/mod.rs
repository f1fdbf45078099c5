//! The watch: calls the officer when a date comes near, his leader when it was missed, and the leader above when it was
//! missed long ago (Decree 61/2018 art. 19.9 wants the late told; who tells whom is ours to say, see `rules`).
//!
//! Dates are those of open legs, each by its own agency's calendar, and the dossier's own. Each call is an event of the
//! dossier, made through `apply`, once for each leg and level: the table `escalations` has them as its key, and the dossier
//! is locked while it is looked at, so that any number of copies may watch at once. A date that moves later takes no call
//! back, and a pause begun in time holds them.

mod rules;
mod store;

use super::legs::LegRow;
use crate::agencies::AgencyId;
use crate::calendar::rules::Deadline;
use crate::db::{Conn, Instant};
use crate::dossiers::{self, Actor, At, Dossier, DossierId, Escalation, Transition};
use crate::http::{Code, Problem};
use crate::{App, World};

use rules::OFFICER_BEFORE;

/// Somebody to be called.
#[derive(Debug, Clone)]
struct Call {
    dossier: DossierId,
    /// Key in the database; None: the dossier's own date.
    leg: Option<i64>,
    level: Escalation,
}

/// Makes all calls that are due and were not made; gives how many. Ends early, between two calls, when told to.
///
/// # Errors
/// A problem of the database. A dossier that cannot be looked at (a year without a calendar) is logged and passed over.
pub async fn call_all(app: &App, is_told_to_stop: &dyn Fn() -> bool) -> Result<usize, Problem> {
    let mut made = 0;
    for source in [store::Source::Legs, store::Source::Dossiers] {
        let mut after = None;
        loop {
            let part = app.read(move |conn, world| store::due(conn, world, source, after)).await?;
            for call in part.calls {
                if is_told_to_stop() {
                    return Ok(made);
                }
                let (at, id) = (app.clone(), call.dossier);
                let done = app.db.write(move |conn| {
                    let world = World::at(conn, &at)?;
                    make(conn, &world, &call)
                });
                match done.await {
                    Ok(is_made) => made += usize::from(is_made),
                    Err(problem) if problem.code() == Code::CalendarMissing => {
                        log::warn!("a deadline cannot be watched, a year has no calendar: dossier={id}");
                    }
                    Err(problem) => return Err(problem),
                }
            }
            after = part.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(made)
}

/// Makes a call, if it is still due and nobody else has made it.
fn make(conn: &mut Conn, world: &World, call: &Call) -> Result<bool, Problem> {
    let dossier = dossiers::get_for_change(conn, call.dossier)?;
    let leg = call.leg.map(|leg| store::find_leg(conn, leg)).transpose()?.flatten();
    if call.leg.is_some() != leg.is_some() {
        return Ok(false);
    }
    let Some(watched) = Watched::of(&dossier, leg.as_ref()) else { return Ok(false) };
    if !watched.levels(world)?.contains(&call.level) {
        return Ok(false);
    }
    let called = watched.called(world, call.level);
    let key = leg.map(|leg| leg.key);
    if !store::insert(conn, dossier.id, key.as_deref(), call.level, called, world.now)? {
        return Ok(false);
    }
    let transition = Transition::Escalate {
        level: call.level,
        leg: key,
        agency: world.catalogue.tree.agency(called)?.code.clone(),
        judged_due_at: watched.clock.judged.due_at.into(),
    };
    dossiers::apply(conn, world, &Actor::system(), dossier, transition, At::now(world.now))?;
    Ok(true)
}

/// A date that is watched.
#[derive(Debug, Clone, Copy)]
struct Watched {
    clock: Deadline,
    /// Whose calendar it goes by.
    counted_by: AgencyId,
    /// Who has the work in hand.
    worked_on_by: AgencyId,
}

impl Watched {
    /// The leg's date, or the dossier's own; None when nothing runs.
    fn of(dossier: &Dossier, leg: Option<&LegRow>) -> Option<Self> {
        let clock = match leg {
            Some(leg) => leg.clock.as_ref()?.0,
            None => dossier.clock.as_ref()?.0,
        };
        let runs = dossier.status.is_open() && !clock.is_suspended();
        runs.then(|| Self {
            clock,
            counted_by: leg.map_or_else(|| dossiers::deciding_agency(dossier), |leg| leg.agency_id),
            worked_on_by: leg.map_or(dossier.holder_id, |leg| leg.agency_id),
        })
    }

    fn levels(&self, world: &World) -> Result<Vec<Escalation>, Problem> {
        let calendar = world.catalogue.calendars.for_agency(self.counted_by)?;
        Ok(rules::levels(&calendar, &self.clock, world.now.into())?)
    }

    /// Whose officer or leader is called; where nobody is above, the agency's own.
    fn called(&self, world: &World, level: Escalation) -> AgencyId {
        match level {
            Escalation::Officer | Escalation::Leader => self.worked_on_by,
            Escalation::LeaderAbove => {
                let own = world.catalogue.tree.get(self.worked_on_by);
                own.and_then(|own| own.parent).unwrap_or(self.worked_on_by)
            }
        }
    }
}

/// The place of a list: its date and key.
type Place = (Instant, i64);
