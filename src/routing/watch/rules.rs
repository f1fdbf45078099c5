//! When who is called. Pure.
//!
//! No law says it; these are the distances that a district office can live with: a working day to finish, and two before
//! the matter goes over the leader's head. Limits shorter than four working days warn when a quarter of them is left, or
//! every same-day case would be called as soon as it came in.

use chrono::{DateTime, Utc};

use crate::calendar::rules::{Calendar, Deadline, Missing};
use crate::dossiers::Escalation;

/// Opening minutes before the date from which on the officer is called: a working day of eight hours.
pub(super) const OFFICER_BEFORE: u32 = 8 * 60;

/// Which part of the whole time must be left at most, beside that.
const PART_LEFT: u32 = 4;

/// Opening minutes after the date from which on the leader above is called: two working days.
const LEADER_ABOVE_AFTER: u32 = 2 * 8 * 60;

/// The levels whose time has come, from the officer upwards.
///
/// # Errors
/// A year without a calendar.
pub(super) fn levels(
    calendar: &Calendar,
    clock: &Deadline,
    now: DateTime<Utc>,
) -> Result<Vec<Escalation>, Missing> {
    let due_at = clock.judged.due_at;
    if now > due_at {
        let late = calendar.opening_minutes_between(due_at, now)?;
        let mut levels = vec![Escalation::Officer, Escalation::Leader];
        levels.extend((late >= LEADER_ABOVE_AFTER).then_some(Escalation::LeaderAbove));
        return Ok(levels);
    }
    let whole = calendar.opening_minutes_between(clock.judged.counts_from, due_at)?;
    let left = calendar.opening_minutes_between(now, due_at)?;
    let is_near = left <= OFFICER_BEFORE.min(whole / PART_LEFT);
    Ok(is_near.then_some(Escalation::Officer).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::calendar::rules::{Amount, HoursHistory, TimeLimit, Unit, YearCalendar, at};

    fn calendar() -> Calendar {
        let year = |year| YearCalendar { year, days_off: Vec::new(), makeup_workdays: Vec::new() };
        Calendar::prepare((2018..=2020).map(year), Vec::new(), &HoursHistory::default(), false)
    }

    fn march(day: u32, hour: u16, minute: u16) -> DateTime<Utc> {
        at(NaiveDate::from_ymd_opt(2019, 3, day).unwrap(), hour * 60 + minute)
    }

    fn received(amount: u16, unit: Unit) -> Deadline {
        let limit = TimeLimit::new(Amount::try_from(amount).unwrap(), unit).unwrap();
        Deadline::received(&calendar(), march(4, 8, 0), limit).unwrap()
    }

    #[test]
    fn each_level_has_its_moment() {
        use Escalation::{Leader, LeaderAbove, Officer};
        // Ten working days: until Monday the eighteenth at five, eight hours a day.
        let long = received(10, Unit::WorkingDays);
        // The same day: seven hours, a quarter of them is 1:45.
        let short = received(1, Unit::SameDay);
        for (clock, now, expected) in [
            (long, march(4, 8, 0), vec![]),
            (long, march(15, 16, 59), vec![]),
            (long, march(15, 17, 0), vec![Officer]),
            (long, march(18, 17, 0), vec![Officer]),
            (long, march(18, 17, 1), vec![Officer, Leader]),
            (long, march(20, 16, 59), vec![Officer, Leader]),
            (long, march(20, 17, 0), vec![Officer, Leader, LeaderAbove]),
            (short, march(4, 8, 0), vec![]),
            (short, march(4, 15, 14), vec![]),
            (short, march(4, 15, 15), vec![Officer]),
            (short, march(5, 7, 0), vec![Officer, Leader]),
        ] {
            assert_eq!(levels(&calendar(), &clock, now).unwrap(), expected, "{now}");
        }
    }
}
