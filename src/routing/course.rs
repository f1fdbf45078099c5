//! What each action on a dossier does to its legs. Decisions, "Legs" and "Two dates": each agency's share has its own
//! due date by its own calendar; pauses hold legs as they hold the dossier.

use super::legs::{self, LegRow, NewLeg};
use super::recount::{Recounted, recount};
use super::{LegState, SlipKind, rules};
use crate::World;
use crate::agencies::AgencyId;
use crate::calendar::rules::{Calendar, ClockRefusal, Deadline};
use crate::db::{Conn, Instant, Json};
use crate::dossiers::{self, Action, Change, Dossier, Status, Transition};
use crate::http::Problem;
use crate::procedures::SupplementClock;

/// The name and key of a leg that the route does not know: somebody forwarded to an agency of his choice.
const OUTSIDE_KEY: &str = "ngoai-quy-trinh";
const OUTSIDE_NAME: &str = "Ngoài quy trình";

/// Follows a change that was written.
///
/// # Errors
/// `calendar_missing`; those of the database.
pub(super) fn follow(conn: &mut Conn, world: &World, change: &Change) -> Result<(), Problem> {
    let dossier = &change.after;
    let at = change.at.occurred;
    match change.action {
        Action::Submit | Action::Accept => {
            if dossier.status == Status::Received {
                plan(conn, world, dossier, at)?;
            }
        }
        Action::Start => {
            let all = legs::of_dossier(conn, dossier.id)?;
            let seqs = rules::opened_by_start(&places(&all), dossier.holder_id);
            open(conn, world, &all, &seqs, at)?;
        }
        Action::Acknowledge => {
            // A slip home brings papers, no work.
            if dossier.status.is_open() {
                arrive(conn, world, dossier, at, true)?;
            }
        }
        Action::Forward | Action::Resolve | Action::Withdraw | Action::Stop => {
            finish_all(conn, world, dossier, at)?;
        }
        Action::SendBack => send_back(conn, world, dossier, at)?,
        Action::Recall | Action::RefuseTransfer => take_back(conn, world, change)?,
        Action::OpenLeg | Action::FinishLeg => task(conn, world, change)?,
        Action::RequestSupplement | Action::RequestPayment => pause(conn, world, dossier, at)?,
        Action::Supplement => {
            let version = world.catalogue.procedures.version(dossier.procedure_version_id)?;
            go_on(conn, world, dossier, at, version.content.supplement_clock)?;
        }
        Action::ConfirmPayment => go_on(conn, world, dossier, at, SupplementClock::Resume)?,
        Action::Assign => legs::assign(conn, dossier.id, dossier.assignee_id)?,
        Action::Correct => replan(conn, world, change)?,
        Action::Recompute => recompute(conn, world, dossier)?,
        Action::AskCompletion
        | Action::Decline
        | Action::RequestWithdrawal
        | Action::Keep
        | Action::Propose
        | Action::Extend
        | Action::ReplaceResult
        | Action::ReturnResult
        | Action::HandBack
        | Action::Handoff
        | Action::Escalate => {}
    }
    Ok(())
}

/// All legs of the procedure's route, waiting.
fn plan(conn: &mut Conn, world: &World, dossier: &Dossier, at: Instant) -> Result<(), Problem> {
    let route = &world.catalogue.procedures.version(dossier.procedure_version_id)?.content.route;
    if route.is_empty() {
        return Ok(());
    }
    let steps: Vec<_> = route
        .iter()
        .map(|step| (step.key.as_str(), step.agency.as_str(), step.parallel_with.as_deref()))
        .collect();
    let tree = &world.catalogue.tree;
    let day = at.local_day();
    let rows: Vec<NewLeg> = rules::plan(&steps, |agency| tree.resolve_step(dossier.agency_id, agency, day))
        .into_iter()
        .filter_map(|planned| route.get(planned.step).map(|step| (step, planned)))
        .map(|(step, planned)| NewLeg {
            key: step.key.clone(),
            name: step.name.clone(),
            role: step.role.as_str().to_owned(),
            parallel_with: planned.parallel_with.map(str::to_owned),
            is_lead: planned.parallel_with.is_none(),
            share: Some(Json(step.time_limit)),
            ..waiting(dossier, planned.seq, planned.agency)
        })
        .collect();
    if rows.len() < route.len() {
        log::warn!("the route has steps that no agency answers to dossier={}", dossier.address());
    }
    Ok(legs::insert(conn, &rows)?)
}

fn waiting(dossier: &Dossier, seq: i32, agency: AgencyId) -> NewLeg {
    NewLeg {
        dossier_id: dossier.id,
        seq,
        key: String::new(),
        name: String::new(),
        agency_id: agency,
        role: "officer".to_owned(),
        parallel_with: None,
        is_lead: true,
        state: LegState::Waiting,
        share: None,
        clock: None,
        started_at: None,
        due_at: None,
        judged_due_at: None,
    }
}

fn places(all: &[LegRow]) -> Vec<rules::Leg<'_>> {
    all.iter().map(LegRow::place).collect()
}

fn open(conn: &mut Conn, world: &World, all: &[LegRow], seqs: &[i32], at: Instant) -> Result<(), Problem> {
    for leg in all.iter().filter(|leg| seqs.contains(&leg.seq)) {
        let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
        let clock = match &leg.share {
            Some(share) => Some(Deadline::leg(&calendar, at.into(), share.0).map_err(legs::missing)?),
            None => None,
        };
        legs::open(conn, leg.id, at, clock)?;
    }
    Ok(())
}

/// The holder has the case to work on: its leg opens, with those beside it. An agency that the route does not name gets
/// a leg of its own, so that its work is seen; the receiving agency needs none.
fn arrive(
    conn: &mut Conn,
    world: &World,
    dossier: &Dossier,
    at: Instant,
    outside: bool,
) -> Result<(), Problem> {
    let all = legs::of_dossier(conn, dossier.id)?;
    let places = places(&all);
    let seqs = rules::opened_by_arrival(&places, dossier.holder_id);
    if seqs.is_empty() && outside && dossier.holder_id != dossier.agency_id {
        let seq = rules::extra_seq(&places, true);
        let row = NewLeg {
            key: format!("{OUTSIDE_KEY}-{seq}"),
            name: OUTSIDE_NAME.to_owned(),
            ..waiting(dossier, seq, dossier.holder_id)
        };
        return Ok(legs::insert(conn, &[row.opened(at, None)])?);
    }
    open(conn, world, &all, &seqs, at)
}

/// The holder's part is over, and with an end of the case all others' too. The rules have refused it while a parallel
/// leg was open, unless the case is withdrawn or stopped.
fn finish_all(conn: &mut Conn, world: &World, dossier: &Dossier, at: Instant) -> Result<(), Problem> {
    for leg in legs::of_dossier(conn, dossier.id)?.iter().filter(|leg| leg.state == LegState::Open) {
        let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
        legs::finish(conn, leg, &calendar, at)?;
    }
    Ok(())
}

fn send_back(conn: &mut Conn, world: &World, dossier: &Dossier, at: Instant) -> Result<(), Problem> {
    finish_all(conn, world, dossier, at)?;
    let Some(back_to) = dossier.previous_holder_id else { return Ok(()) };
    let all = legs::of_dossier(conn, dossier.id)?;
    let rows: Vec<NewLeg> = rules::repeats(&places(&all), dossier.holder_id, back_to)
        .into_iter()
        .filter_map(|repeat| all.iter().find(|leg| leg.seq == repeat.of).map(|leg| (leg, repeat)))
        .map(|(leg, repeat)| NewLeg {
            key: repeat.key,
            name: leg.name.clone(),
            role: leg.role.clone(),
            share: leg.share,
            ..waiting(dossier, repeat.seq, leg.agency_id)
        })
        .collect();
    Ok(legs::insert(conn, &rows)?)
}

/// The sender has the case again, as if he had never sent it: his leg goes on, counting the time between.
fn take_back(conn: &mut Conn, world: &World, change: &Change) -> Result<(), Problem> {
    let dossier = &change.after;
    let Some(slip) = change.facts.slip.filter(|_| dossier.status.is_open()) else { return Ok(()) };
    let all = legs::of_dossier(conn, dossier.id)?;
    if super::slips::get(conn, slip.id)?.kind == SlipKind::SendBack {
        legs::delete_waiting(conn, dossier.id, rules::waiting_repeats(&places(&all)))?;
    }
    let ended_by_slip = all.iter().rev().find(|leg| {
        leg.is_lead
            && leg.agency_id == slip.from
            && leg.finished_at.is_some_and(|finished| finished >= slip.sent_at)
    });
    match ended_by_slip {
        Some(leg) => {
            let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
            legs::reopen(conn, leg.id, used_before(&calendar, leg)?)?;
        }
        // Sent back before it was begun: now the work begins here after all.
        None if dossier.status == Status::Processing => {
            arrive(conn, world, dossier, change.at.occurred, false)?;
        }
        None => {}
    }
    Ok(())
}

/// What a leg that is done had used before its last pause.
fn used_before(calendar: &Calendar, leg: &LegRow) -> Result<Option<i64>, Problem> {
    let (Some(total), Some(started_at), Some(finished_at)) =
        (leg.used_minutes, leg.started_at, leg.finished_at)
    else {
        return Ok(None);
    };
    let clock = leg.clock.as_ref().map(|clock| &clock.0);
    let since =
        rules::used(calendar, started_at.into(), clock, 0, finished_at.into()).map_err(legs::missing)?;
    Ok(Some(total - since).filter(|before| *before > 0))
}

/// Opens or ends a parallel leg or an opinion.
fn task(conn: &mut Conn, world: &World, change: &Change) -> Result<(), Problem> {
    let dossier = &change.after;
    let at = change.at.occurred;
    let all = legs::of_dossier(conn, dossier.id)?;
    match &change.transition {
        Some(Transition::OpenLeg { key, name, agency, time_limit }) => {
            // Facts have checked that the agency is there.
            let Some(agency) = world.catalogue.tree.by_code(agency) else { return Ok(()) };
            let calendar = world.catalogue.calendars.for_agency(agency.id)?;
            let clock = match time_limit {
                Some(limit) => Some(Deadline::leg(&calendar, at.into(), *limit).map_err(legs::missing)?),
                None => None,
            };
            let lead = all.iter().find(|leg| leg.is_lead && leg.state == LegState::Open);
            let row = NewLeg {
                key: key.clone(),
                name: name.clone(),
                is_lead: false,
                parallel_with: lead.map(|leg| leg.key.clone()),
                share: time_limit.map(Json),
                ..waiting(dossier, rules::extra_seq(&places(&all), false), agency.id)
            };
            legs::insert(conn, &[row.opened(at, clock)])?;
        }
        Some(Transition::FinishLeg { key, .. }) => {
            let open = |leg: &&LegRow| !leg.is_lead && leg.state == LegState::Open && leg.key == *key;
            if let Some(leg) = all.iter().find(open) {
                let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
                legs::finish(conn, leg, &calendar, at)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn pause(conn: &mut Conn, world: &World, dossier: &Dossier, at: Instant) -> Result<(), Problem> {
    for (leg, clock) in running(conn, dossier)? {
        let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
        let paused = clock.pause(&calendar, at.into()).map_err(refused)?;
        legs::set_clock(conn, leg.id, paused, leg.used_minutes.unwrap_or(0))?;
    }
    Ok(())
}

fn go_on(
    conn: &mut Conn,
    world: &World,
    dossier: &Dossier,
    at: Instant,
    how: SupplementClock,
) -> Result<(), Problem> {
    for (leg, clock) in running(conn, dossier)? {
        if clock.paused.is_none() {
            continue;
        }
        let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
        let after = match how {
            SupplementClock::Restart => clock.restart(&calendar, at.into()),
            SupplementClock::Resume => clock.resume(&calendar, at.into()),
        }
        .map_err(refused)?;
        let before = leg.used_minutes.unwrap_or(0);
        let used = rules::used_before_pause(&calendar, &clock, &after, before).map_err(legs::missing)?;
        legs::set_clock(conn, leg.id, after, used)?;
    }
    Ok(())
}

/// Open legs that have a time.
fn running(conn: &mut Conn, dossier: &Dossier) -> Result<Vec<(LegRow, Deadline)>, Problem> {
    let open = legs::of_dossier(conn, dossier.id)?.into_iter().filter(|leg| leg.state == LegState::Open);
    Ok(open.filter_map(|leg| leg.clock.as_ref().map(|clock| clock.0).map(|clock| (leg, clock))).collect())
}

/// The state machine pauses once and ends once, and times never go back.
fn refused(refusal: ClockRefusal) -> Problem {
    match refusal {
        ClockRefusal::Missing(missing) => legs::missing(missing),
        ClockRefusal::AlreadyPaused | ClockRefusal::NotPaused | ClockRefusal::TimeGoesBack => {
            Problem::internal(format!("a leg's clock does not follow its dossier's: {refusal:?}"))
        }
    }
}

/// Open legs follow the calendar as it is now.
fn recompute(conn: &mut Conn, world: &World, dossier: &Dossier) -> Result<(), Problem> {
    let lines = dossiers::history(conn, dossier.id)?;
    let moments = dossiers::timeline(&world.catalogue.procedures, &lines)?;
    for leg in legs::open_of(conn, vec![dossier.id])? {
        let calendar = world.catalogue.calendars.for_agency(leg.agency_id)?;
        let told = recount(&calendar, &leg, &moments).map_err(legs::missing)?;
        if let Some(Recounted { clock, used }) = told {
            legs::set_clock(conn, leg.id, clock, used)?;
        }
    }
    Ok(())
}

/// The right procedure's route, as long as nobody has begun on the wrong one's.
fn replan(conn: &mut Conn, world: &World, change: &Change) -> Result<(), Problem> {
    let dossier = &change.after;
    let was = change.before.as_ref().map(|before| before.procedure_version_id);
    if was == Some(dossier.procedure_version_id) {
        return Ok(());
    }
    let all = legs::of_dossier(conn, dossier.id)?;
    if all.iter().all(|leg| leg.state == LegState::Waiting) {
        legs::delete_waiting(conn, dossier.id, all.iter().map(|leg| leg.seq).collect())?;
        plan(conn, world, dossier, change.at.occurred)?;
    }
    Ok(())
}
