//! The clock of one dossier or leg: the promised date, the date it is judged by, pauses and the extension.
//!
//! Two dates: `due` is the promise to the citizen, `judged` is what the agency is judged by. What begins after
//! `judged` has passed never moves it, so no later entry makes a late dossier on time. Decree 61/2018 art. 19.4
//! (the limit starts again) and 19.9 (one extension). Who may do it is no question of this file.

use super::Missing;
use super::limit::{DayEnd, Due, TimeLimit, Unit, due, land, leg_due};
use super::local_time::local_day;
use super::outcome::{Outcome, outcome};
use super::prepared::Calendar;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// What the clock belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// A dossier: the agency's cut-off flag holds for its reception and for each restart.
    Reception,
    /// A leg of a route.
    Leg,
}

/// What was left of a limit when a pause began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Working days; calendar days when the limit is in these.
    Days(u32),
    /// Minutes of opening time.
    Minutes(u32),
}

/// A pause that hasn't ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub since: DateTime<Utc>,
    /// Begun at or before the judged date: it is suspended, and the pause's end moves both dates.
    pub in_time: bool,
    /// What is left until the promised date.
    pub due_left: Left,
    /// What is left until the judged date.
    pub judged_left: Left,
}

/// The deadline of a dossier or a leg whose clock has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub counting: Counting,
    pub started_at: DateTime<Utc>,
    pub limit: TimeLimit,
    /// The promise to the citizen.
    pub due: Due,
    /// What the agency is judged by.
    pub judged: Due,
    /// The first promise, kept.
    pub first_due_at: DateTime<Utc>,
    pub paused: Option<Pause>,
    /// The one extension is used up; a restart doesn't give it back.
    pub extended: bool,
}

/// Why the clock can't be stopped or started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockRefusal {
    AlreadyPaused,
    NotPaused,
    /// Before the start, or before the pause began.
    TimeGoesBack,
    Missing(Missing),
}

impl From<Missing> for ClockRefusal {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

/// Why a date can't be extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtensionRefusal {
    AlreadyExtended,
    Paused,
    /// Entered with a time before the start.
    TimeGoesBack,
    NotAfterNow,
    NotAfterOldDate,
    /// Not the closing time of a working day.
    NotAClosingTime,
    /// More than the procedure's own limit beyond the old date.
    TooFar {
        latest_at: DateTime<Utc>,
    },
    Missing(Missing),
}

impl From<Missing> for ExtensionRefusal {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl Deadline {
    /// Starts the clock of a dossier by the calendar of the agency whose total it is.
    pub fn received(
        calendar: &Calendar,
        received_at: DateTime<Utc>,
        limit: TimeLimit,
    ) -> Result<Self, Missing> {
        Self::start(calendar, Counting::Reception, received_at, limit)
    }

    /// Starts the clock of a leg by the calendar of its agency.
    pub fn leg(calendar: &Calendar, started_at: DateTime<Utc>, limit: TimeLimit) -> Result<Self, Missing> {
        Self::start(calendar, Counting::Leg, started_at, limit)
    }

    fn start(
        calendar: &Calendar,
        counting: Counting,
        started_at: DateTime<Utc>,
        limit: TimeLimit,
    ) -> Result<Self, Missing> {
        let due = full_limit(calendar, counting, started_at, limit)?;
        let first_due_at = due.due_at;
        Ok(Self {
            counting,
            started_at,
            limit,
            due,
            judged: due,
            first_due_at,
            paused: None,
            extended: false,
        })
    }

    /// Stops the clock.
    pub fn pause(&self, calendar: &Calendar, at: DateTime<Utc>) -> Result<Self, ClockRefusal> {
        if self.paused.is_some() {
            return Err(ClockRefusal::AlreadyPaused);
        }
        if at < self.started_at {
            return Err(ClockRefusal::TimeGoesBack);
        }
        let pause = Pause {
            since: at,
            in_time: at <= self.judged.due_at,
            due_left: self.left(calendar, &self.due, at)?,
            judged_left: self.left(calendar, &self.judged, at)?,
        };
        Ok(Self { paused: Some(pause), ..*self })
    }

    /// Ends the pause; what was left is counted on from that day.
    pub fn resume(&self, calendar: &Calendar, at: DateTime<Utc>) -> Result<Self, ClockRefusal> {
        let pause = self.pause_to_end(at)?;
        if at == pause.since {
            // Also when nothing was left any more, a pause without length changes nothing.
            return Ok(Self { paused: None, ..*self });
        }
        let due = self.count_on(calendar, &self.due, pause.due_left, at)?;
        let judged = if pause.in_time {
            self.count_on(calendar, &self.judged, pause.judged_left, at)?
        } else {
            self.judged
        };
        Ok(Self { due, judged, paused: None, ..*self })
    }

    /// Ends the pause; the full limit starts anew as at a reception. A used extension stays used.
    pub fn restart(&self, calendar: &Calendar, at: DateTime<Utc>) -> Result<Self, ClockRefusal> {
        let pause = self.pause_to_end(at)?;
        let due = full_limit(calendar, self.counting, at, self.limit)?;
        let judged = if pause.in_time { due } else { self.judged };
        Ok(Self { due, judged, paused: None, ..*self })
    }

    /// Moves the date once. `at` is when it is recorded: after the judged date it moves only the promise.
    pub fn extend(
        &self,
        calendar: &Calendar,
        new_due_at: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Self, ExtensionRefusal> {
        self.check_extension(calendar, new_due_at, at)?;
        let counts_from = self.due.counts_from;
        let due =
            Due { due_at: new_due_at, nominal_on: local_day(new_due_at), ends: DayEnd::Closing, counts_from };
        let judged = if at <= self.judged.due_at { due } else { self.judged };
        Ok(Self { due, judged, extended: true, ..*self })
    }

    fn check_extension(
        &self,
        calendar: &Calendar,
        new_due_at: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), ExtensionRefusal> {
        if self.paused.is_some() {
            return Err(ExtensionRefusal::Paused);
        }
        if self.extended {
            return Err(ExtensionRefusal::AlreadyExtended);
        }
        if at < self.started_at {
            return Err(ExtensionRefusal::TimeGoesBack);
        }
        if new_due_at <= at {
            return Err(ExtensionRefusal::NotAfterNow);
        }
        if new_due_at <= self.due.due_at {
            return Err(ExtensionRefusal::NotAfterOldDate);
        }
        if calendar.closing_time(local_day(new_due_at))? != Some(new_due_at) {
            return Err(ExtensionRefusal::NotAClosingTime);
        }
        let latest_at = self.latest_extension(calendar)?;
        if new_due_at > latest_at {
            return Err(ExtensionRefusal::TooFar { latest_at });
        }
        Ok(())
    }

    /// The latest date that an extension may name: the procedure's own limit beyond the old date, up to closing
    /// time of the day it ends on. `same_day` counts as one working day.
    pub fn latest_extension(&self, calendar: &Calendar) -> Result<DateTime<Utc>, Missing> {
        let old_on = local_day(self.due.due_at);
        let last_on = match self.limit.unit() {
            Unit::SameDay => calendar.next_working_day(old_on)?.on,
            Unit::WorkingDays | Unit::WorkingHours | Unit::CalendarDays => {
                local_day(leg_due(calendar, self.due.due_at, self.limit)?.due_at)
            }
        };
        // Due days are working days; the promise itself stands in for one that a changed calendar closed.
        Ok(calendar.closing_time(last_on)?.unwrap_or(self.due.due_at))
    }

    /// Whether a dossier that is still open is overdue: past the judged date and not in a pause begun in time.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        !self.is_suspended() && now > self.judged.due_at
    }

    /// Whether a pause begun in time holds the judged date.
    pub fn is_suspended(&self) -> bool {
        self.paused.is_some_and(|pause| pause.in_time)
    }

    /// How an end at this moment is judged. What ends during a pause begun in time used no time of that pause.
    pub fn outcome(&self, calendar: &Calendar, ended_at: DateTime<Utc>) -> Result<Outcome, Missing> {
        let pause_began = self.paused.filter(|pause| pause.in_time).map(|pause| pause.since);
        let ended_at = pause_began.map_or(ended_at, |since| since.min(ended_at));
        outcome(calendar, self.judged.due_at, self.limit.unit(), ended_at)
    }

    fn pause_to_end(&self, at: DateTime<Utc>) -> Result<Pause, ClockRefusal> {
        let pause = self.paused.ok_or(ClockRefusal::NotPaused)?;
        if at < pause.since { Err(ClockRefusal::TimeGoesBack) } else { Ok(pause) }
    }

    /// What is left at a moment: up to the day on which the count ends. Time before the count began isn't spent,
    /// hence the `max`: it matters after a reception behind the cut-off.
    fn left(&self, calendar: &Calendar, due: &Due, at: DateTime<Utc>) -> Result<Left, Missing> {
        let from = at.max(due.counts_from);
        let from_on = local_day(from);
        match self.limit.unit() {
            Unit::WorkingHours => Ok(Left::Minutes(calendar.opening_minutes_between(from, due.due_at)?)),
            Unit::CalendarDays => {
                let days = (due.nominal_on - from_on).num_days();
                Ok(Left::Days(u32::try_from(days).unwrap_or(0)))
            }
            Unit::WorkingDays | Unit::SameDay => {
                Ok(Left::Days(calendar.working_days_between(from_on, due.nominal_on)?))
            }
        }
    }

    /// Counts what was left from the resumption on, whose local day is day 0.
    fn count_on(
        &self,
        calendar: &Calendar,
        old: &Due,
        left: Left,
        resumed_at: DateTime<Utc>,
    ) -> Result<Due, Missing> {
        let counts_from = resumed_at.max(old.counts_from);
        let day = local_day(counts_from);
        let ends = old.ends;
        match left {
            Left::Minutes(minutes) => {
                let due_at = calendar.add_opening_minutes(counts_from, minutes)?;
                Ok(Due { due_at, nominal_on: local_day(due_at), ends, counts_from })
            }
            Left::Days(0) => land(calendar, day, ends, counts_from),
            Left::Days(days) if self.limit.unit() == Unit::CalendarDays => {
                let nominal_on = day.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
                land(calendar, nominal_on, ends, counts_from)
            }
            Left::Days(days) => {
                let last = calendar.nth_working_day_after(day, days)?;
                Ok(Due { due_at: last.ends_at(ends), nominal_on: last.on, ends, counts_from })
            }
        }
    }
}

fn full_limit(
    calendar: &Calendar,
    counting: Counting,
    from: DateTime<Utc>,
    limit: TimeLimit,
) -> Result<Due, Missing> {
    match counting {
        Counting::Reception => due(calendar, from, limit),
        Counting::Leg => leg_due(calendar, from, limit),
    }
}
