//! The legs of dossiers held against their clocks and histories, for `motcua verify`.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::LegState;
use super::legs::LegRow;
use super::recount::recount;
use super::rules::Weight;
use crate::World;
use crate::db::schema::legs;
use crate::db::{Conn, Error, Instant};
use crate::dossiers::{DossierId, Moment};

/// What is found about a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegFinding {
    /// Something about it is wrong.
    Wrong { dossier: DossierId, leg: String, what: &'static str },
    /// The calendar as it is now gives it another date.
    NotOfThisCalendar { dossier: DossierId, leg: String },
}

/// Looks at all legs of the dossiers in `(after, last]`, whose histories are given.
///
/// # Errors
/// Those of the database.
pub fn find_in_legs(
    conn: &mut Conn,
    world: &World,
    (after, last): (DossierId, DossierId),
    histories: &BTreeMap<DossierId, Vec<Moment>>,
) -> Result<Vec<LegFinding>, Error> {
    let rows: Vec<LegRow> = legs::table
        .filter(legs::dossier_id.gt(after).and(legs::dossier_id.le(last)))
        .order((legs::dossier_id, legs::seq))
        .select(LegRow::as_select())
        .load(conn)?;
    let mut found = Vec::new();
    for leg in rows {
        let dossier = leg.dossier_id;
        for what in faults(&leg) {
            found.push(LegFinding::Wrong { dossier, leg: leg.key.clone(), what });
        }
        let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
        let moments = histories.get(&dossier).map(Vec::as_slice).unwrap_or_default();
        let told = recount(&calendar, &leg, moments);
        let is_told = match told {
            Ok(told) => told.is_none_or(|told| leg.clock.as_ref().is_some_and(|clock| clock.0 == told.clock)),
            Err(_) => false,
        };
        let weighed = match (leg.share_minutes.zip(leg.balance_minutes), leg.finished_at) {
            (Some((share, balance)), Some(end)) => {
                leg.weigh(&calendar, end).is_ok_and(|weight| weight == Some(Weight { share, balance }))
            }
            _ => true,
        };
        if !is_told || !weighed {
            found.push(LegFinding::NotOfThisCalendar { dossier, leg: leg.key });
        }
    }
    Ok(found)
}

/// What of a leg does not fit together.
fn faults(leg: &LegRow) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let clock = leg.clock.as_ref().map(|clock| &clock.0);
    let dates = clock.map(|clock| (Instant::from(clock.due.due_at), Instant::from(clock.judged.due_at)));
    if (leg.due_at, leg.judged_due_at) != (dates.map(|(due, _)| due), dates.map(|(_, judged)| judged)) {
        faults.push("its dates are not what its clock says");
    }
    if clock.is_some_and(|clock| Some(Instant::from(clock.started_at)) != leg.started_at) {
        faults.push("its clock did not start when it did");
    }
    if clock.map(|clock| clock.limit) != leg.share.as_ref().map(|share| share.0) && leg.started_at.is_some() {
        faults.push("its clock does not count its share");
    }
    let weight = (leg.share_minutes.is_some(), leg.balance_minutes.is_some());
    if weight.0 != weight.1 || (weight.0 && (leg.state != LegState::Done || clock.is_none())) {
        faults.push("it was weighed without an end or a share");
    }
    let has_begun = leg.state != LegState::Waiting;
    if has_begun != leg.started_at.is_some() || (leg.state == LegState::Done) != leg.finished_at.is_some() {
        faults.push("its state is not what its times say");
    }
    if leg.finished_at.is_some_and(|end| leg.started_at.is_none_or(|start| end < start)) {
        faults.push("it ended before it began");
    }
    faults
}
