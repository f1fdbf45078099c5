//! Adding and subtracting working days, calendar days and opening minutes, each by subtraction and binary search over
//! the prefix sums of a prepared [`Calendar`].
//!
//! Both ways mirror each other: what is added to a working day (to an open minute) and subtracted again gives it back.

use super::Missing;
use super::local_time::{at, day_and_minute, local_day};
use super::prepared::{Calendar, Day, Run, WorkingDay};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

impl Calendar {
    /// The first working day after a day.
    pub fn next_working_day(&self, day: NaiveDate) -> Result<&WorkingDay, Missing> {
        self.nth_working_day_after(day, 1)
    }

    /// The n-th working day after a day; n = 0 is taken as 1, since the day itself may be none.
    pub(super) fn nth_working_day_after(&self, day: NaiveDate, n: u32) -> Result<&WorkingDay, Missing> {
        let (run, facts) = self.day(day)?;
        let place = facts.working_through().saturating_add(to_index(n.saturating_sub(1)));
        run.working.get(place).ok_or(run.after())
    }

    /// The n-th working day after a day; the day itself when n is 0.
    pub fn add_working_days(&self, day: NaiveDate, n: u32) -> Result<NaiveDate, Missing> {
        self.day(day)?;
        if n == 0 { Ok(day) } else { Ok(self.nth_working_day_after(day, n)?.on) }
    }

    /// The n-th working day before a day; the day itself when n is 0.
    pub fn subtract_working_days(&self, day: NaiveDate, n: u32) -> Result<NaiveDate, Missing> {
        let (run, facts) = self.day(day)?;
        if n == 0 {
            return Ok(day);
        }
        let place = facts.working_before.checked_sub(to_index(n));
        let found = place.and_then(|place| run.working.get(place));
        found.map(|working| working.on).ok_or(Missing { year: run.first.year() - 1 })
    }

    /// How many working days lie after `after` and up to and with `until`; 0 when `until` isn't later.
    pub fn working_days_between(&self, after: NaiveDate, until: NaiveDate) -> Result<u32, Missing> {
        let (run, first) = self.day(after)?;
        let (_, last) = self.day(until)?;
        if until <= after {
            return Ok(0);
        }
        if until > run.last {
            return Err(run.after());
        }
        let days = last.working_through().saturating_sub(first.working_through());
        Ok(u32::try_from(days).unwrap_or(u32::MAX))
    }

    /// The day so many days of the calendar later, or the next working day when that is none.
    pub fn add_calendar_days(&self, day: NaiveDate, n: u32) -> Result<NaiveDate, Missing> {
        self.day(day)?;
        let end = day.checked_add_days(Days::new(u64::from(n))).unwrap_or(NaiveDate::MAX);
        if self.is_working_day(end)? { Ok(end) } else { Ok(self.next_working_day(end)?.on) }
    }

    /// The day so many days of the calendar earlier, or the last working day before it when that is none.
    pub fn subtract_calendar_days(&self, day: NaiveDate, n: u32) -> Result<NaiveDate, Missing> {
        self.day(day)?;
        let start = day.checked_sub_days(Days::new(u64::from(n))).unwrap_or(NaiveDate::MIN);
        if self.is_working_day(start)? { Ok(start) } else { self.subtract_working_days(start, 1) }
    }

    /// The moment at which that much opening time on working days has passed: at the end of a period rather than
    /// at the start of the next. With 0 minutes it is the instant itself, or the next opening when it is closed.
    pub fn add_opening_minutes(
        &self,
        instant: DateTime<Utc>,
        minutes: u32,
    ) -> Result<DateTime<Utc>, Missing> {
        if minutes == 0 {
            return self.open_at_or_after(instant);
        }
        let (day, minute) = day_and_minute(instant);
        let (run, facts) = self.day(day)?;
        let target = self.minutes_until(run, facts, day, minute).saturating_add(minutes);
        let place = run.working.partition_point(|working| working.minutes_before < target);
        let found = place.checked_sub(1).and_then(|place| run.working.get(place));
        let working = found.ok_or(run.after())?;
        let mut left = target.saturating_sub(working.minutes_before);
        for period in self.periods_on(working.on)? {
            if left <= period.minutes() {
                let end = u32::from(period.from).saturating_add(left);
                // A minute of the day fits: it is at most the period's end.
                return Ok(at(working.on, u16::try_from(end).unwrap_or(period.to)));
            }
            left -= period.minutes();
        }
        Err(run.after())
    }

    /// The latest moment from which that much opening time on working days passes until the instant: at the start of
    /// a period rather than at the end of the one before. With 0 minutes it is the instant itself.
    pub fn subtract_opening_minutes(
        &self,
        instant: DateTime<Utc>,
        minutes: u32,
    ) -> Result<DateTime<Utc>, Missing> {
        let (day, minute) = day_and_minute(instant);
        let (run, facts) = self.day(day)?;
        if minutes == 0 {
            return Ok(instant);
        }
        let before = Missing { year: run.first.year() - 1 };
        let target = self.minutes_until(run, facts, day, minute).checked_sub(minutes).ok_or(before)?;
        let place = run.working.partition_point(|working| working.minutes_before <= target);
        let working = place.checked_sub(1).and_then(|place| run.working.get(place)).ok_or(before)?;
        let mut left = target.saturating_sub(working.minutes_before);
        for period in self.periods_on(working.on)? {
            if left < period.minutes() {
                let start = u32::from(period.from).saturating_add(left);
                // A minute of the day fits: it lies before the period's end.
                return Ok(at(working.on, u16::try_from(start).unwrap_or(period.from)));
            }
            left -= period.minutes();
        }
        Err(before)
    }

    /// Opening minutes on working days between two instants; 0 when `until` isn't later.
    pub fn opening_minutes_between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<u32, Missing> {
        let (from_day, from_minute) = day_and_minute(from);
        let (until_day, until_minute) = day_and_minute(until);
        let (run, first) = self.day(from_day)?;
        let (_, last) = self.day(until_day)?;
        if until <= from {
            return Ok(0);
        }
        if until_day > run.last {
            return Err(run.after());
        }
        let before = self.minutes_until(run, first, from_day, from_minute);
        Ok(self.minutes_until(run, last, until_day, until_minute).saturating_sub(before))
    }

    fn open_at_or_after(&self, instant: DateTime<Utc>) -> Result<DateTime<Utc>, Missing> {
        let day = local_day(instant);
        if self.is_working_day(day)? {
            let later = self.periods_on(day)?.iter().find(|period| instant <= at(day, period.to));
            if let Some(period) = later {
                return Ok(instant.max(at(day, period.from)));
            }
        }
        Ok(self.next_working_day(day)?.opens_at())
    }

    /// Opening minutes of the run before a minute of one of its days.
    fn minutes_until(&self, run: &Run, facts: &Day, day: NaiveDate, minute: u32) -> u32 {
        let Some(working) = run.working.get(facts.working_before) else { return run.all_minutes() };
        if !facts.kind.is_working() {
            return working.minutes_before;
        }
        let periods = self.open_on(facts, day).iter();
        let today: u32 =
            periods.map(|period| minute.saturating_sub(u32::from(period.from)).min(period.minutes())).sum();
        working.minutes_before.saturating_add(today)
    }
}

/// A count as a place in a list; too large for the machine is past every list's end.
fn to_index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
