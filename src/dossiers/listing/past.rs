//! What the clock of a dossier did at a past moment, by what was recorded by then: the ledger of the figures knows whether it
//! was open and paused, the history by which date it was to be judged.

use chrono::NaiveDate;
use diesel::dsl::{not, sql};
use diesel::sql_types::{Bool, Text};

use super::super::{ClockState, figure::stood};
use super::filter::DossierFilter;
use crate::access::Visible;
use crate::db::{Instant, InstantSql};

/// The conditions of `clock`, `judged_from` and `judged_to` as they stood at a moment.
pub(super) fn clock_was(filter: &DossierFilter, at: Instant) -> Vec<Visible> {
    let mut all: Vec<Visible> = Vec::new();
    if let Some(state) = filter.clock {
        all.push(stood("open", at));
        match state {
            ClockState::Running => {
                all.push(Box::new(not(stood("paused", at))));
                all.push(was_judged(at));
            }
            ClockState::Paused => all.push(stood("paused", at)),
            ClockState::NotStarted => {
                all.push(Box::new(not(stood("paused", at))));
                all.push(Box::new(not(was_judged(at))));
            }
        }
    }
    all.extend(filter.judged_from.map(|day| was_judged_on(at, ">=", day)));
    all.extend(filter.judged_to.map(|day| was_judged_on(at, "<", day)));
    all
}

/// That a dossier had a date to be judged by.
fn was_judged(at: Instant) -> Visible {
    let set = sql::<Bool>(
        "((SELECT judged.judged_due_at FROM judged_dates AS judged
           WHERE judged.dossier_id = dossiers.id AND judged.recorded_at <= ",
    )
    .bind::<InstantSql, _>(at)
    .sql(" ORDER BY judged.seq DESC LIMIT 1) IS NOT NULL)");
    Box::new(set)
}

/// That this date lay on or before a day: the local day is how the instant begins.
fn was_judged_on(at: Instant, compared: &str, day: NaiveDate) -> Visible {
    let compared = sql::<Bool>(
        "((SELECT substr(judged.judged_due_at, 1, 10) FROM judged_dates AS judged
           WHERE judged.dossier_id = dossiers.id AND judged.recorded_at <= ",
    )
    .bind::<InstantSql, _>(at)
    .sql(&format!(" ORDER BY judged.seq DESC LIMIT 1) {compared} "))
    .bind::<Text, _>(day.to_string())
    .sql(")");
    Box::new(compared)
}
