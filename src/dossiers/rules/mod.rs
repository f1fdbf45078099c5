//! The state machine: what a transition makes of a dossier. Pure; reads no clock and no database.
//!
//! Decree 61/2018 art. 17–20; the binding decisions on clock, pauses and marks are told beside the code that follows them.

mod permit;
mod replay;
mod standing;
mod table;
#[cfg(test)]
mod tests;

pub use permit::permit;
pub use replay::{Tick, after, replay};
pub use standing::{accept_due, booked_on, settle};
pub use table::target;

use super::{
    Action, Actor, Arrival, At, Dossier, Facts, Mark, Proposal, Refusal, ResultKind, Status, Transition,
};
use crate::agencies::{AgencyId, Tree};
use crate::calendar::rules::{self as working_time, Calendar, Deadline, ExtensionRefusal, RuleSet};
use crate::db::{Instant, Json};
use crate::http::Code;
use crate::procedures::{SupplementClock, Version};

/// What surrounds one dossier: the tree of agencies, the calendar that its total is counted by, its procedure's version.
pub struct Setting<'a> {
    pub tree: &'a Tree,
    pub calendar: &'a Calendar,
    /// The receiving agency's.
    pub receiving_calendar: &'a Calendar,
    pub version: &'a Version,
    /// For `correct`: the version of the right procedure.
    pub corrected: Option<&'a Version>,
}

/// The actions that this caller could do now, with the state each leads to.
#[must_use]
pub fn allowed(dossier: &Dossier, actor: &Actor, facts: &Facts, tree: &Tree) -> Vec<(Action, Status)> {
    Action::ALL
        .iter()
        .copied()
        .filter(|action| !is_of_elsewhere(*action))
        .filter_map(|action| Some((action, target(dossier, action)?)))
        .filter(|(action, _)| permit(actor, *action, dossier, facts, tree).is_ok())
        .collect()
}

/// Intake, transfers, manifests, recompute and the watch cause these; nobody asks for them through `/transitions`.
fn is_of_elsewhere(action: Action) -> bool {
    matches!(
        action,
        Action::Submit | Action::RefuseTransfer | Action::Handoff | Action::Recompute | Action::Escalate
    )
}

/// The dossier after `transition`, or why not.
///
/// # Errors
/// See [`Refusal`].
#[expect(clippy::too_many_lines, reason = "the table of the actions, one arm each")]
pub fn step(
    dossier: &Dossier,
    transition: &Transition,
    facts: &Facts,
    actor: &Actor,
    setting: &Setting<'_>,
    at: At,
) -> Result<Dossier, Refusal> {
    let action = transition.action();
    let Some(to) = target(dossier, action) else {
        return Err(Refusal::NotFromHere {
            action,
            status: dossier.status,
            allowed: allowed(dossier, actor, facts, setting.tree),
        });
    };
    permit(actor, action, dossier, facts, setting.tree)?;
    let mut next = dossier.clone();
    next.status = to;
    match transition {
        Transition::AskCompletion { .. } => next.mark(Mark::CompletionAsked),
        Transition::Accept { .. } => {
            if facts.on_open_manifest && actor.identity.is_some() {
                return Err(Refusal::OnOpenManifest);
            }
            receive(&mut next, setting, at.occurred)?;
        }
        Transition::Decline { .. } => {}
        Transition::RequestWithdrawal { .. } => {
            if dossier.status.is_open() {
                next.status_kept = Some(dossier.status);
            }
        }
        Transition::Keep { .. } => next.status_kept = None,
        Transition::Withdraw { .. } | Transition::Stop { .. } => end(&mut next, at.occurred),
        Transition::Start {} => clock_started(dossier)?,
        Transition::Assign { .. } => next.assignee_id = facts.lead,
        Transition::Forward { .. } => {
            let Some(to) = facts.forward_to else { return Err(Refusal::required("/to_agency")) };
            if to == dossier.holder_id {
                return Err(Refusal::Field { pointer: "/to_agency", code: Code::OutOfRange });
            }
            no_parallel_legs(facts)?;
            next.status_before = Some(dossier.status);
        }
        Transition::Recall { .. } => take_back(&mut next),
        Transition::RefuseTransfer { missing, .. } => {
            if dossier.status == Status::InTransfer {
                take_back(&mut next);
            }
            next.slip_id = None;
            next.mark(if *missing { Mark::MissingPapers } else { Mark::TransferRefused });
        }
        Transition::Acknowledge { missing } => {
            if missing.as_ref().is_some_and(|codes| !codes.is_empty()) {
                next.mark(Mark::MissingPapers);
            }
            acknowledge(&mut next, facts, setting, at)?;
        }
        Transition::SendBack { .. } => {
            no_parallel_legs(facts)?;
            next.status_before = Some(Status::Processing);
            if let Some(slip) = facts.slip {
                // Sending back what is on its way implies that it arrived.
                next.holder_id = slip.to;
                next.previous_holder_id = Some(slip.from);
            }
        }
        Transition::OpenLeg { key, .. } => {
            if facts.open_legs.iter().any(|leg| leg.key == *key) {
                return Err(Refusal::Field { pointer: "/key", code: Code::Duplicate });
            }
        }
        Transition::FinishLeg { key, .. } => {
            if !facts.open_legs.iter().any(|leg| leg.key == *key && !leg.is_lead) {
                return Err(Refusal::Field { pointer: "/key", code: Code::NotOneOf });
            }
        }
        Transition::RequestSupplement { respond_by, .. } => {
            if respond_by.is_some_and(|day| day < working_time::local_day(at.occurred.into())) {
                return Err(Refusal::Field { pointer: "/respond_by", code: Code::OutOfRange });
            }
            request_supplement(&mut next, setting, at.occurred)?;
            next.status_before = Some(dossier.status);
        }
        Transition::RequestPayment { .. } => {
            pause(&mut next, setting.calendar, at.occurred)?;
            next.status_before = Some(dossier.status);
        }
        Transition::Supplement { .. } => {
            next.status_before = None;
            go_on(&mut next, setting, at.occurred, setting.version.content.supplement_clock)?;
        }
        Transition::ConfirmPayment { .. } => {
            next.status_before = None;
            go_on(&mut next, setting, at.occurred, SupplementClock::Resume)?;
        }
        Transition::Propose { result, reason } => {
            reason_when_refused(*result, reason.as_deref())?;
            let by = actor.identity.as_ref().map_or_else(String::new, |caller| caller.name.clone());
            next.proposal =
                Some(Json(Proposal { result: *result, reason: reason.clone(), by, at: at.occurred }));
        }
        // A promise counts from when it was recorded, not from when somebody says that it was made.
        Transition::Extend { new_due_at, .. } => extend(&mut next, setting, *new_due_at, at.recorded)?,
        Transition::Resolve { result, reason, .. } => {
            reason_when_refused(*result, reason.as_deref())?;
            resolve(&mut next, *result, facts, actor, setting, at.occurred)?;
        }
        Transition::ReplaceResult { .. } => next.mark(Mark::ResultReplaced),
        Transition::ReturnResult { .. } => {
            next.returned_at = Some(at.occurred);
            next.holder_id = next.agency_id;
            next.slip_id = None;
        }
        Transition::HandBack { .. } => {}
        Transition::Handoff { arrival, .. } => match arrival {
            Arrival::Accepted => {}
            Arrival::Missing => next.mark(Mark::MissingPapers),
            Arrival::Damaged => next.mark(Mark::DamagedPapers),
        },
        Transition::Correct { channel, .. } => correct(&mut next, *channel, setting, at)?,
        Transition::Recompute { .. } => {
            if let Some(dates) = &facts.dates {
                next.set_dates(dates);
            }
        }
        Transition::Escalate { .. } => {}
    }
    settle(Some(dossier), &mut next, at);
    Ok(next)
}

/// Reception: the clock starts, unless (nd118) another agency is competent and must acknowledge first.
///
/// # Errors
/// A year without a calendar.
pub fn receive(
    next: &mut super::NewDossier,
    setting: &Setting<'_>,
    received_at: Instant,
) -> Result<(), Refusal> {
    let rule_set = RuleSet::on(working_time::local_day(received_at.into()));
    next.received_at = Some(received_at);
    next.rule_set = Some(rule_set);
    if rule_set == RuleSet::Nd118 && next.competent_id != next.agency_id {
        let limit = setting.version.content.time_limit;
        let due = working_time::expected_due(
            setting.receiving_calendar,
            setting.calendar,
            received_at.into(),
            limit,
        )?;
        next.expect(due.due_at.into());
        return Ok(());
    }
    next.set_clock(Deadline::received(
        setting.calendar,
        received_at.into(),
        setting.version.content.time_limit,
    )?);
    Ok(())
}

/// Whose calendar total and outcome go by: the receiving agency's, under nd118 the competent one's.
#[must_use]
pub fn deciding_agency(row: &super::NewDossier, at: Instant) -> AgencyId {
    match row.rule_set.unwrap_or_else(|| RuleSet::on(working_time::local_day(at.into()))) {
        RuleSet::Nd61 => row.agency_id,
        RuleSet::Nd118 => row.competent_id,
    }
}

fn clock_started(dossier: &Dossier) -> Result<(), Refusal> {
    if dossier.clock.is_some() { Ok(()) } else { Err(Refusal::ClockNotStarted) }
}

fn no_parallel_legs(facts: &Facts) -> Result<(), Refusal> {
    if facts.parallel_open() {
        let open = facts.open_legs.iter().filter(|leg| !leg.is_lead);
        return Err(Refusal::LegsOpen(open.map(|leg| leg.key.clone()).collect()));
    }
    Ok(())
}

fn reason_when_refused(result: ResultKind, reason: Option<&str>) -> Result<(), Refusal> {
    if result == ResultKind::Refused && reason.is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Refusal::required("/reason"));
    }
    Ok(())
}

/// The sender has it again, in the state before.
fn take_back(next: &mut Dossier) {
    next.status_before = None;
    next.slip_id = None;
}

fn acknowledge(next: &mut Dossier, facts: &Facts, setting: &Setting<'_>, at: At) -> Result<(), Refusal> {
    let Some(slip) = facts.slip else { return Ok(()) };
    next.previous_holder_id = Some(slip.from);
    next.holder_id = slip.to;
    next.slip_id = None;
    next.status_before = None;
    next.assignee_id = None;
    if next.status == Status::WithdrawalRequested {
        next.status_kept = Some(Status::Processing);
    }
    if next.status.is_open() && next.clock.is_none() && slip.to == next.competent_id {
        let limit = setting.version.content.time_limit;
        next.set_clock(Deadline::received(setting.calendar, at.occurred.into(), limit)?);
    }
    Ok(())
}

fn pause(next: &mut Dossier, calendar: &Calendar, at: Instant) -> Result<(), Refusal> {
    if let Some(Json(clock)) = next.clock {
        next.set_clock(clock.pause(calendar, at.into())?);
        let due_on = working_time::local_day(clock.judged.due_at);
        if at > clock.judged.due_at.into() {
            next.mark(Mark::PauseAfterDue);
        } else if at.local_day() == due_on && working_time::local_day(clock.started_at) < due_on {
            // Of what is due on the day it comes in, every pause begins on the due day.
            next.mark(Mark::PauseOnDueDay);
        }
    }
    Ok(())
}

fn go_on(
    next: &mut Dossier,
    setting: &Setting<'_>,
    at: Instant,
    how: SupplementClock,
) -> Result<(), Refusal> {
    if let Some(Json(clock)) = next.clock {
        next.set_clock(match how {
            SupplementClock::Restart => clock.restart(setting.calendar, at.into())?,
            SupplementClock::Resume => clock.resume(setting.calendar, at.into())?,
        });
    }
    Ok(())
}

fn request_supplement(next: &mut Dossier, setting: &Setting<'_>, at: Instant) -> Result<(), Refusal> {
    next.supplements += 1;
    if next.supplements > 1 {
        next.mark(Mark::SecondSupplement);
    }
    if let Some(received_at) = next.received_at
        && working_time::is_late_supplement(setting.calendar, received_at.into(), at.into())?
    {
        next.mark(Mark::LateSupplementRequest);
    }
    pause(next, setting.calendar, at)
}

fn extend(next: &mut Dossier, setting: &Setting<'_>, to: Instant, at: Instant) -> Result<(), Refusal> {
    clock_started(next)?;
    let Some(Json(clock)) = next.clock else { return Err(Refusal::ClockNotStarted) };
    if working_time::is_late_extension(setting.calendar, clock.due.due_at, at.into())? {
        next.mark(Mark::LateExtension);
    }
    if at > clock.judged.due_at.into() {
        next.mark(Mark::ExtensionAfterDue);
    }
    let extended = clock.extend(setting.calendar, to.into(), at.into()).map_err(|refusal| match refusal {
        ExtensionRefusal::AlreadyExtended => Refusal::AlreadyExtended,
        ExtensionRefusal::Missing(missing) => missing.into(),
        ExtensionRefusal::Paused
        | ExtensionRefusal::TimeGoesBack
        | ExtensionRefusal::NotAfterNow
        | ExtensionRefusal::NotAfterOldDate
        | ExtensionRefusal::NotAClosingTime
        | ExtensionRefusal::TooFar { .. } => {
            Refusal::Field { pointer: "/new_due_at", code: Code::OutOfRange }
        }
    })?;
    next.set_clock(extended);
    Ok(())
}

fn resolve(
    next: &mut Dossier,
    result: ResultKind,
    facts: &Facts,
    actor: &Actor,
    setting: &Setting<'_>,
    at: Instant,
) -> Result<(), Refusal> {
    clock_started(next)?;
    no_parallel_legs(facts)?;
    let is_leader = actor.identity.as_ref().is_none_or(|caller| caller.has(crate::access::Role::Leader));
    if setting.version.content.approval == crate::procedures::Approval::Leader && !is_leader {
        return Err(Refusal::ApprovalRequired);
    }
    if let Some(Json(clock)) = &next.clock {
        next.outcome = Some(clock.outcome(setting.calendar, at.into())?);
    }
    // Nobody is kept from resolving by a year whose calendar is not entered yet.
    if working_time::is_outside_hours(setting.calendar, at.into()) == Ok(true) {
        next.mark(Mark::ResultOutsideHours);
    }
    next.result = Some(result);
    end(next, at);
    Ok(())
}

/// The course is over: no pause, no overdue from here on.
fn end(next: &mut Dossier, at: Instant) {
    next.finished_at = Some(at);
    next.status_before = None;
    next.status_kept = None;
    next.is_paused = false;
    next.paused_in_time = false;
}

fn correct(
    next: &mut Dossier,
    channel: Option<super::Channel>,
    setting: &Setting<'_>,
    at: At,
) -> Result<(), Refusal> {
    if let Some(channel) = channel
        && channel != next.channel
    {
        next.channel = channel;
        next.mark(Mark::Corrected);
    }
    let Some(version) = setting.corrected.filter(|version| version.id != next.procedure_version_id) else {
        return Ok(());
    };
    next.procedure_id = version.procedure_id;
    next.procedure_version_id = version.id;
    next.mark(Mark::Corrected);
    // The right procedure's limit counts from the same start, as long as nothing else has moved the dates and the promise
    // is not broken already: a correction must not make a late dossier timely.
    if let Some(Json(clock)) = next.clock
        && !next.is_overdue(at.recorded)
        && replay::is_untouched(setting.calendar, &clock)?
    {
        next.set_clock(replay::corrected(setting.calendar, &clock, version.content.time_limit)?);
    }
    Ok(())
}
