//! A dossier's due dates against its clock, which they must follow.

use super::Report;
use super::replay::Row;
use crate::db::Instant;

/// Notes every date that is not the clock's.
pub(super) fn compare(row: &Row, report: &mut Report) {
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
    let is_suspended = is_open && clock.is_some_and(crate::calendar::rules::Deadline::is_suspended);
    if (row.is_paused, row.paused_in_time) != (is_paused, is_suspended) {
        report.differs(format!("{}: whether it is paused is not what its clock says", row.address()));
    }
}
