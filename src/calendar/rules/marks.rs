//! The time bounds whose breach doesn't forbid an act but marks it.
//!
//! Decree 61/2018 art. 19.4 (a supplement is asked for within three working days) and 19.9 (an extension at least
//! one day before the due date); DOMAIN.md, Decisions (late entry).

use super::Missing;
use super::local_time::{day_and_minute, local_day};
use super::prepared::Calendar;
use chrono::{DateTime, NaiveDate, Utc};

const SUPPLEMENT_DAYS: u32 = 3;
const EXTENSION_DAYS: u32 = 1;
const LATE_ENTRY_DAYS: u32 = 3;

/// A supplement request later than three working days after reception.
pub fn is_late_supplement(
    calendar: &Calendar,
    received_at: DateTime<Utc>,
    asked_at: DateTime<Utc>,
) -> Result<bool, Missing> {
    Ok(local_day(asked_at) > calendar.add_working_days(local_day(received_at), SUPPLEMENT_DAYS)?)
}

/// An extension asked for later than one working day before the due date.
pub fn is_late_extension(
    calendar: &Calendar,
    due_at: DateTime<Utc>,
    asked_at: DateTime<Utc>,
) -> Result<bool, Missing> {
    Ok(local_day(asked_at) > calendar.subtract_working_days(local_day(due_at), EXTENSION_DAYS)?)
}

/// A moment at which the doors are closed, minutes of opening and closing not counted.
pub fn is_outside_hours(calendar: &Calendar, moment: DateTime<Utc>) -> Result<bool, Missing> {
    let (day, minute) = day_and_minute(moment);
    let mut periods = calendar.periods_on(day)?.iter();
    Ok(!periods.any(|period| (u32::from(period.from)..=u32::from(period.to)).contains(&minute)))
}

/// The earliest local day that a late entry of today may name as its reception.
pub fn earliest_late_entry_on(calendar: &Calendar, now: DateTime<Utc>) -> Result<NaiveDate, Missing> {
    calendar.subtract_working_days(local_day(now), LATE_ENTRY_DAYS)
}
