//! What a leg saved or overran, what the legs before it passed on, and when those still to come would be due.
//!
//! Decisions, "Legs": lateness is attributed to the legs that used more than their share. A leg that is done early leaves
//! its time to those behind it: they start earlier, each with its whole share; one that overran takes it from the desk's
//! half day and from whoever comes last.

use std::collections::HashMap;

use super::LegState;
use super::legs::LegRow;
use crate::World;
use crate::calendar::rules::{Deadline, Missing};
use crate::db::{Error, Instant};

/// What is told of a leg beside its row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outlook {
    /// Opening minutes that it has left or saved; negative: that it overran. None before it starts and without a share.
    pub(super) balance: Option<i64>,
    /// The sum of what the lead legs that are done before it saved (or, negative, overran); None before any was done.
    pub(super) carried: Option<i64>,
    /// When it would be due if those before it end on their dates; only while it waits.
    pub(super) expected_due_at: Option<Instant>,
}

/// The outlook of a dossier's legs, by their key in the database.
///
/// # Errors
/// An agency that the catalogue does not know.
pub(super) fn outlook(world: &World, legs: &[LegRow], now: Instant) -> Result<HashMap<i64, Outlook>, Error> {
    let mut told: HashMap<i64, Outlook> = HashMap::new();
    let mut carried = None;
    for leg in legs {
        // A year without a calendar leaves it open.
        let balance = balance(world, leg, now)?.unwrap_or_default();
        told.insert(leg.id, Outlook { balance, carried, expected_due_at: None });
        if leg.is_lead && leg.state == LegState::Done {
            carried = balance.map(|balance| carried.unwrap_or(0) + balance).or(carried);
        }
    }
    for (id, due_at) in ahead(world, legs, now)? {
        let of_leg = told.remove(&id).unwrap_or_default();
        told.insert(id, Outlook { expected_due_at: Some(due_at), ..of_leg });
    }
    Ok(told)
}

fn balance(world: &World, leg: &LegRow, now: Instant) -> Result<Result<Option<i64>, Missing>, Error> {
    let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
    let weight = leg.weigh(&calendar, leg.finished_at.unwrap_or(now));
    Ok(weight.map(|weight| weight.map(|weight| weight.balance)))
}

/// The legs that are still to come with the dates they would have: stage after stage, each from where the one before it
/// should end.
fn ahead(world: &World, legs: &[LegRow], now: Instant) -> Result<Vec<(i64, Instant)>, Error> {
    let open = || legs.iter().filter(|leg| leg.state == LegState::Open);
    let is_paused = open().any(|leg| leg.clock.as_ref().is_some_and(|clock| clock.0.paused.is_some()));
    if is_paused {
        // Nobody knows when the applicant answers.
        return Ok(Vec::new());
    }
    let begun = legs.iter().filter(|leg| leg.is_lead && leg.state != LegState::Waiting);
    let position = begun.map(|leg| leg.seq).max().unwrap_or(0);
    let mut from = open().filter_map(|leg| leg.due_at).max().map_or(now, |due_at| due_at.max(now));
    let mut dates = Vec::new();
    let waiting = || legs.iter().filter(|leg| leg.state == LegState::Waiting);
    for lead in waiting().filter(|leg| leg.is_lead && leg.seq > position) {
        let beside = waiting().filter(|leg| leg.parallel_with.as_deref() == Some(lead.key.as_str()));
        let mut until = from;
        for leg in std::iter::once(lead).chain(beside) {
            let Some(share) = &leg.share else { continue };
            let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
            let Ok(clock) = Deadline::leg(&calendar, from.into(), share.0) else { return Ok(dates) };
            let due_at = clock.due.due_at.into();
            dates.push((leg.id, due_at));
            until = until.max(due_at);
        }
        from = until;
    }
    Ok(dates)
}
