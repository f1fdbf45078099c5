//! A dossier's deadline as a ledger: what was promised, what moved the dates, who did it and why, and who used the time up.
//!
//! It adds up: the last dates of the entries are those of the dossier, its first date is the first promise, and the minutes
//! of the entries with those since the last one are the minutes used.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::rules::{Tick, deciding_agency};
use super::timeline::{Moment, timeline};
use super::view::{AgencyName, Reader, agency_name};
use super::{Action, Dossier, LegView, Recorded, events};
use crate::World;
use crate::access::{Columns, View};
use crate::calendar::rules::{Calendar, Left, Missing, RuleSet, TimeLimit, transfer_due};
use crate::db::{Conn, Instant, text_enum};
use crate::http::Problem;

/// The deadline of a dossier and how it came about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "rule_set": "nd61", "budget": {"amount": 3, "unit": "working_days"}, "started_at": "2019-04-26T08:00:00+07:00",
    "counts_from": "2019-04-26T08:00:00+07:00", "used_minutes": 480, "running_minutes": 480,
    "due_at": "2019-05-04T17:00:00+07:00", "judged_due_at": "2019-05-04T17:00:00+07:00",
    "first_due_at": "2019-05-04T17:00:00+07:00", "expected_due_at": null, "accept_due_at": null,
    "is_paused": false, "is_extended": false,
    "entries": [{"seq": 1, "action": "submit", "effect": "started", "occurred_at": "2019-04-26T08:00:00+07:00",
        "recorded_at": "2019-04-26T08:00:00+07:00", "used_minutes": 0, "left": null, "due_at": "2019-05-04T17:00:00+07:00",
        "judged_due_at": "2019-05-04T17:00:00+07:00", "by": "clerk@tan-long", "reason": null}],
    "overran": [], "legs": []
}))]
pub struct DeadlineView {
    pub rule_set: Option<RuleSet>,
    /// The limit: that of the procedure's version, or that of the right one after a correction.
    pub budget: TimeLimit,
    /// When the clock started; null while it has not.
    pub started_at: Option<Instant>,
    /// When the present count began: the start, or the end of the last pause; with the agency's cut-off the next opening.
    pub counts_from: Option<Instant>,
    /// Opening minutes in which the clock ran, up to the end or now: those of the entries and `running_minutes`.
    pub used_minutes: Option<u32>,
    /// Of these, those since the last entry; 0 in a pause and after the end.
    pub running_minutes: Option<u32>,
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
    pub first_due_at: Option<Instant>,
    pub expected_due_at: Option<Instant>,
    /// When the desk should have answered, if it was a submission.
    pub accept_due_at: Option<Instant>,
    pub is_paused: bool,
    pub is_extended: bool,
    /// Everything that set or moved a date, stopped or ended the clock, in order.
    pub entries: Vec<LedgerEntry>,
    /// Who used more than his share, and how much.
    pub overran: Vec<Overrun>,
    /// Each agency's share.
    pub legs: Vec<LegView>,
}

text_enum! {
    /// What an entry did to the clock.
    pub enum ClockEffect {
        /// It has not started: a submission, or the competent agency has not acknowledged.
        Waits = "waits",
        Started = "started",
        Paused = "paused",
        /// The full limit began again.
        Restarted = "restarted",
        /// What was left goes on.
        Resumed = "resumed",
        Extended = "extended",
        /// It counts the right procedure's limit.
        Corrected = "corrected",
        /// The dates follow a changed calendar.
        Recomputed = "recomputed",
        Ended = "ended",
        /// It runs as before.
        Unchanged = "unchanged",
    }
}

/// One line of the ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerEntry {
    /// The event's number in the dossier's history.
    pub seq: i64,
    pub action: Action,
    pub effect: ClockEffect,
    pub occurred_at: Instant,
    pub recorded_at: Instant,
    /// Opening minutes in which the clock ran since the entry before.
    pub used_minutes: u32,
    /// Of a pause: what was left of the promise when it began.
    pub left: Option<LeftView>,
    /// The dates after it, where it moved them.
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
    /// Username or client id; null for applicant and system.
    pub by: Option<String>,
    pub reason: Option<String>,
}

/// What was left of a limit.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(example = json!({"amount": 2, "unit": "days"}))]
pub struct LeftView {
    pub amount: u32,
    /// `days` of the kind that the limit counts, or opening `minutes`.
    pub unit: &'static str,
}

/// Somebody who used more than his share.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "leg": "tckh", "agency": {"code": "000.03.31.H20", "name": "Phòng Tài chính – Kế hoạch"}, "minutes": 240
}))]
pub struct Overrun {
    /// Key of the leg; null: the receiving agency, which handed the dossier over too late (Decree 118/2025).
    pub leg: Option<String>,
    pub agency: AgencyName,
    /// Opening minutes beyond the share.
    pub minutes: i64,
}

/// The ledger of a dossier that the caller sees in full or masked.
///
/// # Errors
/// Those of the database; `calendar_missing`.
pub fn ledger(
    conn: &mut Conn,
    world: &World,
    reader: Reader<'_>,
    dossier: &Dossier,
    sees: View,
) -> Result<DeadlineView, Problem> {
    let lines = events::history(conn, dossier.id)?;
    let moments = timeline(&world.catalogue.procedures, &lines)?;
    let calendar = world.catalogue.calendars.for_agency(deciding_agency(dossier, world.now))?;
    let mut entries = entries(conn, world, reader, dossier, (&lines, &moments), sees)?;
    let has_started = dossier.clock.is_some();
    let (used_minutes, running_minutes) =
        if has_started { count(&calendar, dossier, &mut entries, world.now)? } else { (0, 0) };
    let mut parts = super::Parts::default();
    for effect in world.effects.iter() {
        effect.parts(conn, world, &[dossier.id], &mut parts)?;
    }
    let legs = super::view::legs_of(dossier, parts.legs.remove(&dossier.id));
    let version = world.catalogue.procedures.version(dossier.procedure_version_id)?;
    let clock = dossier.clock.as_ref().map(|clock| &clock.0);
    Ok(DeadlineView {
        rule_set: dossier.rule_set,
        budget: clock.map_or(version.content.time_limit, |clock| clock.limit),
        started_at: clock.map(|clock| clock.started_at.into()),
        counts_from: clock.map(|clock| clock.due.counts_from.into()),
        used_minutes: has_started.then_some(used_minutes),
        running_minutes: has_started.then_some(running_minutes),
        due_at: dossier.due_at,
        judged_due_at: dossier.judged_due_at,
        first_due_at: dossier.first_due_at,
        expected_due_at: dossier.expected_due_at,
        accept_due_at: dossier.accept_due_at,
        is_paused: dossier.is_paused,
        is_extended: clock.is_some_and(|clock| clock.extended),
        overran: overran(world, dossier, &moments, &legs)?,
        entries,
        legs,
    })
}

fn entries(
    conn: &mut Conn,
    world: &World,
    reader: Reader<'_>,
    dossier: &Dossier,
    (lines, moments): (&[Recorded], &[Moment]),
    sees: View,
) -> Result<Vec<LedgerEntry>, Problem> {
    let private = if sees == View::Full {
        reader.note(world, Columns::from(dossier))?;
        events::private_parts(conn, &world.vault, dossier.id)?
    } else {
        HashMap::new()
    };
    let names = events::actor_names(conn, lines)?;
    let mut has_started = false;
    let mut entries = Vec::with_capacity(moments.len());
    for moment in moments {
        has_started |= matches!(moment.tick, Some(Tick::Start(_)));
        let line = lines.iter().find(|line| line.seq == moment.seq);
        let reason = line.and_then(|line| private.get(&line.id));
        let reason = reason.and_then(|data| Some(data.get("reason")?.as_str()?.to_owned()));
        entries.push(LedgerEntry {
            seq: moment.seq,
            action: moment.action,
            effect: effect_of(moment, has_started),
            occurred_at: moment.at.occurred,
            recorded_at: moment.at.recorded,
            used_minutes: 0,
            left: moment.left.filter(|_| moment.tick == Some(Tick::Pause)).map(|(due, _)| due.into()),
            due_at: moment.due_at,
            judged_due_at: moment.judged_due_at,
            by: line.and_then(|line| names.of(line)),
            reason,
        });
    }
    Ok(entries)
}

fn effect_of(moment: &Moment, has_started: bool) -> ClockEffect {
    let ends = matches!(moment.action, Action::Resolve | Action::Withdraw | Action::Stop);
    match moment.tick {
        _ if ends => ClockEffect::Ended,
        _ if moment.action == Action::Recompute => ClockEffect::Recomputed,
        _ if !has_started => ClockEffect::Waits,
        Some(Tick::Start(_)) => ClockEffect::Started,
        Some(Tick::Pause) => ClockEffect::Paused,
        Some(Tick::Resume) => ClockEffect::Resumed,
        Some(Tick::Restart) => ClockEffect::Restarted,
        Some(Tick::Extend(_)) => ClockEffect::Extended,
        Some(Tick::Correct(_)) => ClockEffect::Corrected,
        None => ClockEffect::Unchanged,
    }
}

/// Writes the minutes that the clock ran into the entries; gives all of them, and those since the last entry.
fn count(
    calendar: &Calendar,
    dossier: &Dossier,
    entries: &mut [LedgerEntry],
    now: Instant,
) -> Result<(u32, u32), Missing> {
    let mut running_since: Option<Instant> = None;
    let mut used = 0;
    for entry in entries {
        if let Some(since) = running_since {
            entry.used_minutes = calendar.opening_minutes_between(since.into(), entry.occurred_at.into())?;
            used += entry.used_minutes;
        }
        running_since = match entry.effect {
            ClockEffect::Waits | ClockEffect::Paused | ClockEffect::Ended => None,
            ClockEffect::Started | ClockEffect::Restarted | ClockEffect::Resumed => Some(entry.occurred_at),
            ClockEffect::Extended
            | ClockEffect::Corrected
            | ClockEffect::Recomputed
            | ClockEffect::Unchanged => running_since.map(|_| entry.occurred_at),
        };
    }
    let until = dossier.finished_at.unwrap_or(now);
    let running = match running_since {
        Some(since) => calendar.opening_minutes_between(since.into(), until.max(since).into())?,
        None => 0,
    };
    Ok((used + running, running))
}

/// The legs that used more than their share; under Decree 118 also the receiver's wait before the competent agency
/// acknowledged, as far as it went beyond the time for a hand-over.
fn overran(
    world: &World,
    dossier: &Dossier,
    moments: &[Moment],
    legs: &[LegView],
) -> Result<Vec<Overrun>, Problem> {
    let mut all = Vec::new();
    let is_handed_over =
        dossier.rule_set == Some(RuleSet::Nd118) && dossier.competent_id != dossier.agency_id;
    if let Some(received_at) = dossier.received_at.filter(|_| is_handed_over) {
        let calendar = world.catalogue.calendars.for_agency(dossier.agency_id)?;
        let start = moments.iter().find(|moment| matches!(moment.tick, Some(Tick::Start(_))));
        let until = start.map(|start| start.at.occurred).or(dossier.finished_at).unwrap_or(world.now);
        let due_at = transfer_due(&calendar, received_at.into())?;
        if until > due_at.into() {
            let minutes = i64::from(calendar.opening_minutes_between(due_at, until.into())?);
            if minutes > 0 {
                all.push(Overrun { leg: None, agency: agency_name(world, dossier.agency_id)?, minutes });
            }
        }
    }
    all.extend(legs.iter().filter_map(|leg| {
        let minutes = leg.balance.filter(|balance| *balance < 0)?;
        Some(Overrun { leg: Some(leg.key.clone()), agency: leg.agency.clone(), minutes: -minutes })
    }));
    Ok(all)
}

impl From<Left> for LeftView {
    fn from(left: Left) -> Self {
        match left {
            Left::Days(amount) => Self { amount, unit: "days" },
            Left::Minutes(amount) => Self { amount, unit: "minutes" },
        }
    }
}
