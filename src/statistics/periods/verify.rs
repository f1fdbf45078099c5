//! Whether the closed figures are those that were signed: every seal follows from what it seals.

use super::rules::{ClosingAction, ClosingState, next};
use super::seal;
use super::store::{self, Closing, Step};
use crate::World;
use crate::db::{Conn, Error};

/// How many closings are in memory at once.
const CHUNK: i64 = 20;

/// Tells what differs, each with its place.
///
/// # Errors
/// Those of the database.
pub(in crate::statistics) fn compare(
    conn: &mut Conn,
    world: &World,
    differs: &mut dyn FnMut(String),
) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let closings = store::after(conn, after, CHUNK)?;
        let Some(last) = closings.last() else { return Ok(()) };
        after = last.id;
        let ids: Vec<i64> = closings.iter().map(|closing| closing.id).collect();
        let mut steps = store::steps(conn, &ids)?;
        for closing in &closings {
            let steps = steps.remove(&closing.id).unwrap_or_default();
            if let Some(what) = fault(world, closing, &steps) {
                let agency = world.catalogue.tree.agency(closing.agency_id)?;
                let Closing { kind, period, revision, .. } = closing;
                differs(format!("closing {} {kind} {period}, revision {revision}: {what}", agency.code));
            }
        }
    }
}

fn fault(world: &World, closing: &Closing, steps: &[Step]) -> Option<String> {
    let mut state: Option<ClosingState> = None;
    let mut before: Option<&str> = None;
    for (step, seq) in steps.iter().zip(1_i64..) {
        if step.seq != seq || (seq == 1) != (step.action == ClosingAction::Close) {
            return Some(format!("step {seq} is missing"));
        }
        if step.seal != seal::of(&world.secrets, closing, before, step) {
            return Some(format!("step {seq}, {}: what was sealed is not what stands there", step.action));
        }
        state = next(state, step.action);
        before = Some(&step.seal);
    }
    let is_whole = i64::try_from(steps.len()) == Ok(closing.version) && state == Some(closing.state);
    (!is_whole).then(|| format!("it is {}, but its steps lead elsewhere", closing.state))
}
