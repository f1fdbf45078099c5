//! The use case: look at open dossiers one part after the other, list or move those whose dates are others now.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::apply::apply;
use super::super::store::get_for_change;
use super::super::{Actor, At, Dates, Dossier, DossierId, Transition, timeline};
use super::{dates_by, store};
use crate::World;
use crate::access::Identity;
use crate::calendar::rules::at as local;
use crate::calendar::{MovedDeadline, MovedLeg, MovingDate, OpenDeadlines, WouldMove};
use crate::db::{Conn, Cursor, Instant};
use crate::http::{Code, Faults, Problem};

/// How many dossiers are read at once.
const CHUNK: i64 = 200;

/// How many dossiers one call looks at.
const MOST_EXAMINED: usize = 10_000;

/// How many dossiers one call moves at most: one transaction that nobody waits long for.
const MOST_MOVED: u16 = 500;

/// How many are told to whoever enters a holiday.
const TOLD_TO_CALENDAR: u16 = 50;

/// The order of the cursor: by the dossier's key.
const ORDER: &str = "recompute";

/// A recompute to be done or tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"year": 2019, "dry_run": true, "reason": "Bổ sung ngày nghỉ bù 15/4/2019"}))]
pub struct SubmitRecompute {
    /// The year whose calendar was changed: deadlines that run into it or through it are looked at.
    #[schema(minimum = 1976, maximum = 2199)]
    pub year: i32,
    /// `true`: only lists what would move.
    pub dry_run: bool,
    /// Why; required when dates are moved.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    /// How many deadlines one call lists or moves.
    #[schema(minimum = 1, maximum = 500, default = 500)]
    pub limit: Option<u16>,
    /// Where the call before it ended (`next_cursor`).
    #[schema(max_length = 500)]
    pub cursor: Option<Cursor>,
}

/// What was moved, or would be.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "year": 2019, "dry_run": true, "examined": 214, "moved": 0, "items": [], "uncounted": [], "next_cursor": null
}))]
pub struct RecomputeView {
    pub year: i32,
    pub dry_run: bool,
    /// Open dossiers that this call looked at.
    pub examined: usize,
    /// How many of them moved, or would; all are in `items`.
    pub moved: usize,
    pub items: Vec<MovedDeadline>,
    /// Codes of dossiers that cannot be counted because a year has no calendar: nothing is guessed, nothing moved.
    pub uncounted: Vec<String>,
    /// Null when all open dossiers were looked at; else the same call with this `cursor` goes on.
    pub next_cursor: Option<Cursor>,
}

/// What is asked of one call.
struct Run<'a> {
    caller: &'a Identity,
    year: i32,
    /// None: only look.
    reason: Option<&'a str>,
    limit: usize,
    after: DossierId,
}

/// What one call found or did.
#[derive(Default)]
struct Done {
    examined: usize,
    items: Vec<MovedDeadline>,
    uncounted: Vec<String>,
    /// The last dossier that was looked at, when there are more.
    stopped_at: Option<DossierId>,
}

/// Lists or moves the open deadlines of the caller's agency and all below it.
///
/// # Errors
/// 422 for a missing reason or a foreign cursor; a problem of the database.
pub(super) fn recompute(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    submit: &SubmitRecompute,
) -> Result<RecomputeView, Problem> {
    let reason = submit.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_none() && !submit.dry_run {
        let mut faults = Faults::default();
        faults.note("/reason", Code::Required);
        faults.into_result()?;
    }
    let after = match &submit.cursor {
        Some(cursor) => cursor.key(ORDER).map_err(|_| Problem::new(Code::CursorInvalid))?,
        None => DossierId::MIN,
    };
    let run = Run {
        caller,
        year: submit.year,
        reason: reason.filter(|_| !submit.dry_run),
        limit: submit.limit.unwrap_or(MOST_MOVED).into(),
        after,
    };
    let done = go(conn, world, &run)?;
    Ok(RecomputeView {
        year: submit.year,
        dry_run: submit.dry_run,
        examined: done.examined,
        moved: done.items.len(),
        items: done.items,
        uncounted: done.uncounted,
        next_cursor: done.stopped_at.map(|id| Cursor::after(ORDER, &id)).transpose()?,
    })
}

/// Tells the calendar what a change of it would move.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recompute;

impl OpenDeadlines for Recompute {
    fn would_move(
        &self,
        conn: &mut Conn,
        world: &World,
        caller: &Identity,
        year: i32,
    ) -> Result<WouldMove, Problem> {
        let run = Run { caller, year, reason: None, limit: TOLD_TO_CALENDAR.into(), after: DossierId::MIN };
        let done = go(conn, world, &run)?;
        Ok(WouldMove { moved: done.items.len(), items: done.items, is_complete: done.stopped_at.is_none() })
    }
}

fn go(conn: &mut Conn, world: &World, run: &Run<'_>) -> Result<Done, Problem> {
    let mut done = Done::default();
    let mut after = run.after;
    let until = NaiveDate::from_ymd_opt(run.year.saturating_add(1), 1, 1).unwrap_or(NaiveDate::MAX);
    let until: Instant = local(until, 0).into();
    loop {
        let part = store::list_movable(conn, run.caller.agency_id, until, after, CHUNK)?;
        let is_last = part.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
        let mut moves = moves_of(conn, world, &part, run.year, &mut done.uncounted)?;
        for dossier in &part {
            after = dossier.id;
            done.examined += 1;
            let Some(found) = moves.remove(&dossier.id) else { continue };
            let moved = match run.reason {
                None => Some(found),
                Some(reason) => move_one(conn, world, run, dossier.id, reason)?,
            };
            done.items.extend(moved);
            if done.items.len() >= run.limit {
                done.stopped_at = Some(after);
                return Ok(done);
            }
        }
        if is_last {
            return Ok(done);
        }
        if done.examined >= MOST_EXAMINED {
            done.stopped_at = Some(after);
            return Ok(done);
        }
    }
}

/// Which of these dossiers move, and how.
fn moves_of(
    conn: &mut Conn,
    world: &World,
    dossiers: &[Dossier],
    year: i32,
    uncounted: &mut Vec<String>,
) -> Result<HashMap<DossierId, MovedDeadline>, Problem> {
    let ids: Vec<DossierId> = dossiers.iter().map(|dossier| dossier.id).collect();
    let histories = timeline::timelines(conn, &world.catalogue.procedures, &ids)?;
    let mut legs = HashMap::new();
    for effect in world.effects.iter() {
        effect.moved_legs(conn, world, &histories, &mut legs)?;
    }
    let mut moves = HashMap::new();
    for dossier in dossiers {
        let Some(old) = Dates::of(dossier) else { continue };
        let moments = histories.get(&dossier.id).map(Vec::as_slice).unwrap_or_default();
        let new = match dates_by(world, dossier, moments) {
            Ok(new) => new.unwrap_or(old),
            Err(problem) if problem.code() == Code::CalendarMissing => {
                uncounted.push(dossier.address().to_owned());
                continue;
            }
            Err(problem) => return Err(problem),
        };
        let legs = legs.remove(&dossier.id).unwrap_or_default();
        if (old != new || !legs.is_empty()) && touches(year, &[old, new], &legs) {
            moves.insert(dossier.id, told(world, dossier, old, new, legs)?);
        }
    }
    Ok(moves)
}

/// Whether any of the dates, old or new, lies in the year or after it. They all began before its end.
fn touches(year: i32, dates: &[Dates], legs: &[MovedLeg]) -> bool {
    let of_dates = dates.iter().flat_map(|dates| [Some(dates.due_at()), dates.judged_due_at()]).flatten();
    let of_legs = legs.iter().flat_map(|leg| [leg.old_due_at, leg.new_due_at]);
    of_dates.chain(of_legs).any(|date| date.local_day().year() >= year)
}

fn told(
    world: &World,
    dossier: &Dossier,
    old: Dates,
    new: Dates,
    legs: Vec<MovedLeg>,
) -> Result<MovedDeadline, Problem> {
    Ok(MovedDeadline {
        code: dossier.address().to_owned(),
        agency: world.catalogue.tree.agency(dossier.agency_id)?.code.clone(),
        date: match new {
            Dates::Running(_) => MovingDate::DueAt,
            Dates::Expected(_) => MovingDate::ExpectedDueAt,
            Dates::Submitted(_) => MovingDate::AcceptDueAt,
        },
        old_due_at: old.due_at(),
        new_due_at: new.due_at(),
        old_judged_due_at: old.judged_due_at(),
        new_judged_due_at: new.judged_due_at(),
        legs,
    })
}

/// Moves one dossier, if it still has to when nobody else can change it any more.
fn move_one(
    conn: &mut Conn,
    world: &World,
    run: &Run<'_>,
    id: DossierId,
    reason: &str,
) -> Result<Option<MovedDeadline>, Problem> {
    let dossier = get_for_change(conn, id)?;
    let mut moves = moves_of(conn, world, std::slice::from_ref(&dossier), run.year, &mut Vec::new())?;
    let Some(moved) = moves.remove(&id) else { return Ok(None) };
    let transition = Transition::Recompute { year: run.year, reason: reason.to_owned() };
    apply(conn, world, &Actor::from(run.caller), dossier, transition, At::now(world.now))?;
    Ok(Some(moved))
}
