//! What of a dossier's history moved its clock: the ledger tells it, a recompute counts it anew, `motcua verify` proves by
//! it.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use serde::Deserialize;

use super::rules::Tick;
use super::{Action, At, DossierId, Recorded};
use crate::calendar::rules::{Left, TimeLimit};
use crate::db::schema::events;
use crate::db::{Conn, Error, Instant};
use crate::procedures::{Procedures, SupplementClock, VersionId};

/// The actions that start, stop, move or end a clock.
pub const CLOCK_ACTIONS: [Action; 13] = [
    Action::Submit,
    Action::Accept,
    Action::Acknowledge,
    Action::RequestSupplement,
    Action::Supplement,
    Action::RequestPayment,
    Action::ConfirmPayment,
    Action::Extend,
    Action::Correct,
    Action::Recompute,
    Action::Resolve,
    Action::Withdraw,
    Action::Stop,
];

/// One event as far as the clock is concerned.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Its number in the dossier's history.
    pub seq: i64,
    pub action: Action,
    pub at: At,
    /// What it did to the clock; None when it only ended it, or moved dates by a recompute.
    pub tick: Option<Tick>,
    /// The promise after it, where it moved it.
    pub due_at: Option<Instant>,
    /// The date that the agency is judged by after it, where it moved it.
    pub judged_due_at: Option<Instant>,
    /// What was left when it began a pause, of the promise and of the judged date.
    pub left: Option<(Left, Left)>,
}

/// The members of an event's data that are read here.
#[derive(Debug, Default, Deserialize)]
struct Data {
    new_due_at: Option<Instant>,
    #[serde(default)]
    set: Set,
}

#[derive(Debug, Default, Deserialize)]
struct Set {
    procedure_version_id: Option<VersionId>,
    due_at: Option<Instant>,
    judged_due_at: Option<Instant>,
    limit: Option<TimeLimit>,
    left: Option<(Left, Left)>,
}

/// The moments of one history that [`CLOCK_ACTIONS`] names or that set a date, in their order.
///
/// # Errors
/// Data that cannot be read, or a version of a procedure that there is not.
pub fn timeline(procedures: &Procedures, lines: &[Recorded]) -> Result<Vec<Moment>, Error> {
    let mut moments = Vec::new();
    let mut version = None;
    let mut has_started = false;
    for line in lines {
        let Data { new_due_at, set } =
            serde_json::from_str(&line.data).map_err(|error| Error::Internal(Arc::new(error)))?;
        let sets_dates = set.due_at.is_some() || set.judged_due_at.is_some();
        if !CLOCK_ACTIONS.contains(&line.action) && !sets_dates {
            continue;
        }
        let before = version;
        version = set.procedure_version_id.or(version);
        let starts = !has_started && set.due_at.is_some();
        has_started |= starts;
        let content = |id: Option<VersionId>| match id {
            Some(id) => procedures.version(id).map(|version| Some(&version.content)),
            None => Ok(None),
        };
        let tick = match line.action {
            _ if starts => content(version)?.map(|content| Tick::Start(content.time_limit)),
            Action::RequestSupplement | Action::RequestPayment => Some(Tick::Pause),
            Action::Supplement => content(before)?.map(|content| match content.supplement_clock {
                SupplementClock::Restart => Tick::Restart,
                SupplementClock::Resume => Tick::Resume,
            }),
            Action::ConfirmPayment => Some(Tick::Resume),
            Action::Extend => new_due_at.map(Tick::Extend),
            Action::Correct => set.limit.map(Tick::Correct),
            _ => None,
        };
        moments.push(Moment {
            seq: line.seq,
            action: line.action,
            at: At { occurred: line.occurred_at, recorded: line.recorded_at },
            tick,
            due_at: set.due_at,
            judged_due_at: set.judged_due_at,
            left: set.left,
        });
    }
    Ok(moments)
}

/// The ticks of a timeline, for a replay.
pub fn ticks(moments: &[Moment]) -> impl Iterator<Item = (Tick, At)> {
    moments.iter().filter_map(|moment| Some((moment.tick?, moment.at)))
}

/// The timelines of some dossiers, with one query.
///
/// # Errors
/// Those of the database, and of [`timeline`].
pub fn timelines(
    conn: &mut Conn,
    procedures: &Procedures,
    ids: &[DossierId],
) -> Result<HashMap<DossierId, Vec<Moment>>, Error> {
    let lines: Vec<Recorded> = events::table
        .filter(events::dossier_id.eq_any(ids.to_vec()))
        .filter(events::action.eq_any(CLOCK_ACTIONS))
        .order((events::dossier_id, events::seq))
        .select(Recorded::as_select())
        .load(conn)?;
    lines
        .chunk_by(|one, other| one.dossier_id == other.dossier_id)
        .filter_map(|lines| Some((lines.first()?.dossier_id, lines)))
        .map(|(id, lines)| Ok((id, timeline(procedures, lines)?)))
        .collect()
}
