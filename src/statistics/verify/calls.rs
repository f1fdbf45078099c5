//! The calls of the watch: what `escalations` holds against the events, each once.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde::Deserialize;

use super::Report;
use crate::db::schema::escalations;
use crate::db::{Conn, Error};
use crate::dossiers::{Action, DossierId, Recorded};

/// Leg (empty: the dossier's own date) and level of a call, and how often it is in the table, less how often in the history.
type Calls = BTreeMap<(String, String), i64>;

/// The calls of the dossiers in `(after, last]`.
///
/// # Errors
/// Those of the database.
pub(super) fn load(
    conn: &mut Conn,
    (after, last): (DossierId, DossierId),
) -> Result<HashMap<DossierId, Calls>, Error> {
    let rows: Vec<(DossierId, String, String)> = escalations::table
        .filter(escalations::dossier_id.gt(after).and(escalations::dossier_id.le(last)))
        .select((escalations::dossier_id, escalations::leg, escalations::level))
        .load(conn)?;
    let mut calls: HashMap<DossierId, Calls> = HashMap::new();
    for (dossier, leg, level) in rows {
        *calls.entry(dossier).or_default().entry((leg, level)).or_default() += 1;
    }
    Ok(calls)
}

#[derive(Deserialize)]
struct Call {
    leg: Option<String>,
    level: String,
}

/// Notes every call that is not in both, and once in each.
pub(super) fn compare(dossier: &str, history: &[Recorded], mut calls: Calls, report: &mut Report) {
    for event in history.iter().filter(|event| event.action == Action::Escalate) {
        // Data that cannot be read is told by the replay.
        let Ok(Call { leg, level }) = serde_json::from_str(&event.data) else { continue };
        *calls.entry((leg.unwrap_or_default(), level)).or_default() -= 1;
    }
    for ((leg, level), _) in calls.iter().filter(|(_, more)| **more != 0) {
        let leg = if leg.is_empty() { "its own date".to_owned() } else { format!("leg {leg}") };
        report.differs(format!(
            "{dossier}: the call of {level} for {leg} is not once in its events and once noted"
        ));
    }
}
