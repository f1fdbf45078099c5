//! A dossier's due dates against its clock, and its clock against its history.
//!
//! What follows from the events alone must agree: when the clock started and with which limit, the first promise, whether
//! it is paused since when and with how much left, whether the one extension is used, that only those actions moved a date
//! that may, and that none but a recompute moved one that was missed. What also hangs on the calendar is counted once more
//! by the calendar as it is now; where that has another result the calendar was changed since, which is no fault: it is
//! told apart, for whoever thinks of a recompute.

use super::Report;
use super::replay::Row;
use crate::World;
use crate::calendar::rules::{Counting, Deadline, RuleSet};
use crate::db::{Error, Instant};
use crate::dossiers::{Action, Moment, Tick, replay, ticks};

/// Notes every date that is not the clock's, and whatever of the clock is not its history's.
///
/// # Errors
/// Those of the catalogue.
pub(super) fn compare(
    world: &World,
    row: &Row,
    moments: &[Moment],
    report: &mut Report,
) -> Result<(), Error> {
    dates(row, report);
    course(row, moments, report);
    moves(row, moments, report);
    by_calendar(world, row, moments, report)
}

fn dates(row: &Row, report: &mut Report) {
    let clock = row.clock.as_ref().map(|clock| &clock.0);
    let dates = [
        ("due_at", row.due_at, clock.map(|clock| clock.due.due_at)),
        ("judged_due_at", row.judged_due_at, clock.map(|clock| clock.judged.due_at)),
        ("first_due_at", row.first_due_at, clock.map(|clock| clock.first_due_at)),
    ];
    for (column, stored, of_clock) in dates {
        if stored != of_clock.map(Instant::from) {
            report.differs(format!("{}: {column} is not what its clock says", row.address()));
        }
    }
    // Once the course is over nothing pauses any more, while the clock keeps how it ended.
    let is_open = row.status.is_open();
    let is_paused = is_open && clock.is_some_and(|clock| clock.paused.is_some());
    let is_suspended = is_open && clock.is_some_and(Deadline::is_suspended);
    if (row.is_paused, row.paused_in_time) != (is_paused, is_suspended) {
        report.differs(format!("{}: whether it is paused is not what its clock says", row.address()));
    }
}

/// The clock against what happened to it, without counting a day.
fn course(row: &Row, moments: &[Moment], report: &mut Report) {
    let mut wrong = |what: &str| {
        report.differs(format!("{}: its clock does not follow from its events: {what}", row.address()));
    };
    let start = moments.iter().find(|moment| matches!(moment.tick, Some(Tick::Start(_))));
    let (Some(clock), Some(start)) = (row.clock.as_ref().map(|clock| &clock.0), start) else {
        if row.clock.is_some() || start.is_some() {
            wrong("whether it has started");
        }
        return;
    };
    if Instant::from(clock.started_at) != start.at.occurred {
        wrong("when it started");
    }
    let limit = moments.iter().rev().find_map(|moment| match moment.tick? {
        Tick::Start(limit) | Tick::Correct(limit) => Some(limit),
        _ => None,
    });
    if Some(clock.limit) != limit {
        wrong("its limit");
    }
    if start.due_at != Some(clock.first_due_at.into()) {
        wrong("the first promise");
    }
    if clock.extended != moments.iter().any(|moment| matches!(moment.tick, Some(Tick::Extend(_)))) {
        wrong("whether it was extended");
    }
    let stop = moments.iter().rev().find(|moment| {
        matches!(moment.tick, Some(Tick::Pause | Tick::Resume | Tick::Restart))
            && moment.at.occurred >= start.at.occurred
    });
    let paused = stop.filter(|stop| stop.tick == Some(Tick::Pause));
    if clock.paused.map(|pause| Instant::from(pause.since)) != paused.map(|pause| pause.at.occurred) {
        wrong("its pause");
    }
    let left = moments.iter().rev().find_map(|moment| moment.left);
    if let Some(pause) = clock.paused
        && Some((pause.due_left, pause.judged_left)) != left
    {
        wrong("what was left when its pause began");
    }
}

/// Every move of a date against what may move it.
fn moves(row: &Row, moments: &[Moment], report: &mut Report) {
    let mut judged: Option<Instant> = None;
    let mut paused_at: Option<Instant> = None;
    for moment in moments {
        let moves = moment.due_at.is_some() || moment.judged_due_at.is_some();
        let may_move = matches!(
            moment.action,
            Action::Submit
                | Action::Accept
                | Action::Acknowledge
                | Action::Supplement
                | Action::ConfirmPayment
                | Action::Extend
                | Action::Correct
                | Action::Recompute
        );
        if moves && !may_move {
            report.differs(format!(
                "{}, event {}: {} moved a due date",
                row.address(),
                moment.seq,
                moment.action
            ));
        }
        if let (Some(was), Some(_)) = (judged, moment.judged_due_at) {
            let in_time = match moment.action {
                Action::Recompute => true,
                Action::Supplement | Action::ConfirmPayment => paused_at.is_some_and(|at| at <= was),
                _ => moment.at.recorded <= was,
            };
            if !in_time {
                report.differs(format!(
                    "{}, event {}: {} moved a missed judged_due_at",
                    row.address(),
                    moment.seq,
                    moment.action
                ));
            }
        }
        judged = moment.judged_due_at.or(judged);
        match moment.tick {
            Some(Tick::Pause) => paused_at = Some(moment.at.occurred),
            Some(Tick::Resume | Tick::Restart) => paused_at = None,
            _ => {}
        }
    }
}

/// The whole clock, counted once more by the calendar as it is now.
fn by_calendar(world: &World, row: &Row, moments: &[Moment], report: &mut Report) -> Result<(), Error> {
    let Some(clock) = row.clock.as_ref().map(|clock| clock.0) else { return Ok(()) };
    let decides = if row.rule_set == Some(RuleSet::Nd118) { row.competent_id } else { row.agency_id };
    let calendar = world.catalogue.calendars.for_agency(decides)?;
    let told = replay(&calendar, Counting::Reception, ticks(moments));
    let told = told.map(|told| told.map(|told| Deadline { first_due_at: clock.first_due_at, ..told }));
    if told != Ok(Some(clock)) {
        report.not_of_this_calendar(row.address().to_owned());
    }
    Ok(())
}
