//! A dossier's deadline as a ledger: what was promised, what moved the dates, who did it and why.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Action, Dossier, LegView, events};
use crate::World;
use crate::access::View;
use crate::calendar::rules::{RuleSet, TimeLimit};
use crate::db::{Conn, Instant};
use crate::http::Problem;

/// The deadline of a dossier and how it came about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "rule_set": "nd61", "budget": {"amount": 3, "unit": "working_days"}, "started_at": "2019-04-26T08:00:00+07:00",
    "used_minutes": 480, "due_at": "2019-05-04T17:00:00+07:00", "judged_due_at": "2019-05-04T17:00:00+07:00",
    "first_due_at": "2019-05-04T17:00:00+07:00", "expected_due_at": null, "is_paused": false, "is_extended": false,
    "entries": [{"seq": 1, "action": "submit", "occurred_at": "2019-04-26T08:00:00+07:00", "recorded_at": "2019-04-26T08:00:00+07:00",
        "due_at": "2019-05-04T17:00:00+07:00", "judged_due_at": "2019-05-04T17:00:00+07:00", "by": "clerk@tan-long", "reason": null}],
    "legs": []
}))]
pub struct DeadlineView {
    pub rule_set: Option<RuleSet>,
    /// The procedure's limit.
    pub budget: TimeLimit,
    /// When the clock started, or started anew after a supplement; null while it has not.
    pub started_at: Option<Instant>,
    /// Opening minutes since then, up to the end or now; pauses are told in `entries`.
    pub used_minutes: Option<u32>,
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
    pub first_due_at: Option<Instant>,
    pub expected_due_at: Option<Instant>,
    pub is_paused: bool,
    pub is_extended: bool,
    /// Everything that set or moved a date, or stopped the clock, in order.
    pub entries: Vec<LedgerEntry>,
    /// Each agency's share.
    pub legs: Vec<LegView>,
}

/// One line of the ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerEntry {
    /// The event's number in the dossier's history.
    pub seq: i64,
    pub action: Action,
    pub occurred_at: Instant,
    pub recorded_at: Instant,
    /// The dates after it, where it moved them.
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
    /// Username or client id; null for applicant and system.
    pub by: Option<String>,
    pub reason: Option<String>,
}

/// The ledger of a dossier that the caller sees in full or masked.
///
/// # Errors
/// Those of the database; `calendar_missing`.
pub fn ledger(
    conn: &mut Conn,
    world: &World,
    dossier: &Dossier,
    sees: View,
) -> Result<DeadlineView, Problem> {
    let lines = events::history(conn, dossier.id)?;
    let private: std::collections::HashMap<i64, String> =
        events::private_parts(conn, dossier.id)?.into_iter().collect();
    let names = events::actor_names(conn, &lines)?;
    let mut entries = Vec::new();
    for line in &lines {
        let data: Value = serde_json::from_str(&line.data).map_err(Problem::internal)?;
        let set = |column: &str| {
            data.pointer(&format!("/set/{column}")).cloned().map(serde_json::from_value).transpose()
        };
        let due_at = set("due_at").map_err(Problem::internal)?.flatten();
        let judged_due_at = set("judged_due_at").map_err(Problem::internal)?.flatten();
        if due_at.is_none() && judged_due_at.is_none() && !touches_the_clock(line.action) {
            continue;
        }
        let reason = private.get(&line.id).filter(|_| sees == View::Full).and_then(|data| {
            let data: Value = serde_json::from_str(data).ok()?;
            Some(data.get("reason")?.as_str()?.to_owned())
        });
        entries.push(LedgerEntry {
            seq: line.seq,
            action: line.action,
            occurred_at: line.occurred_at,
            recorded_at: line.recorded_at,
            due_at,
            judged_due_at,
            by: names.of(line),
            reason,
        });
    }
    let mut parts = super::Parts::default();
    for effect in world.effects.iter() {
        effect.parts(conn, world, &[dossier.id], &mut parts)?;
    }
    let version = world.catalogue.procedures.version(dossier.procedure_version_id)?;
    let clock = dossier.clock.as_ref().map(|clock| &clock.0);
    let used_minutes = match clock {
        None => None,
        Some(clock) => {
            let decides = super::rules::deciding_agency(dossier, world.now);
            let calendar = world.catalogue.calendars.for_agency(decides)?;
            let until = dossier.finished_at.unwrap_or(world.now);
            let until = clock.paused.map_or(until, |pause| until.min(pause.since.into()));
            Some(calendar.opening_minutes_between(clock.started_at, until.into())?)
        }
    };
    Ok(DeadlineView {
        rule_set: dossier.rule_set,
        budget: version.content.time_limit,
        started_at: clock.map(|clock| clock.started_at.into()),
        used_minutes,
        due_at: dossier.due_at,
        judged_due_at: dossier.judged_due_at,
        first_due_at: dossier.first_due_at,
        expected_due_at: dossier.expected_due_at,
        is_paused: dossier.is_paused,
        is_extended: clock.is_some_and(|clock| clock.extended),
        entries,
        legs: parts.legs.remove(&dossier.id).unwrap_or_default(),
    })
}

fn touches_the_clock(action: Action) -> bool {
    matches!(
        action,
        Action::RequestSupplement
            | Action::Supplement
            | Action::RequestPayment
            | Action::ConfirmPayment
            | Action::Extend
            | Action::Resolve
            | Action::Withdraw
            | Action::Stop
    )
}
