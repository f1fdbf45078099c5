//! The working-time library: which days count, how long a limit runs, where a due date falls and why.
//!
//! Pure: it reads no clock, no database and no machine setting; it knows only std, chrono and serde. The way
//! through it is: [`YearCalendar`]s and [`HoursHistory`] → [`Calendar::prepare`] → [`due`] or [`Deadline`] →
//! [`explain`] and [`outcome`]. Every question about a year that isn't loaded is answered by [`Missing`]:
//! nothing is guessed.
//!
//! Rules: DOMAIN.md, Decisions ("When the clock starts" to "Legs"); Civil Code 91/2015 art. 147–148, Decree
//! 61/2018 art. 18–19, Decree 118/2025, Labour Code 45/2019 art. 111–112.

mod arithmetic;
mod deadline;
mod explain;
mod hours;
mod limit;
mod local_time;
mod marks;
mod outcome;
mod prepared;
mod route;
mod year;

#[cfg(test)]
mod tests;

pub use deadline::{ClockRefusal, Counting, Deadline, ExtensionRefusal, Left, Pause};
pub use explain::{DayLine, ExplainError, Part, PauseSpan, Preview, Then, explain};
pub use hours::{HoursHistory, Period, PeriodInput, WeekInput, WeeklyHours};
pub use limit::{
    Amount, DayEnd, Due, LimitRefusal, RuleSet, TimeLimit, Unit, due, expected_due, leg_due, transfer_due,
    whole_when_it_is,
};
pub use local_time::{TIME_ZONE, at, local_day};
pub use marks::{earliest_late_entry_on, is_late_extension, is_late_supplement, is_outside_hours};
pub use outcome::{Outcome, outcome};
pub use prepared::{Calendar, DayKind, WorkingDay};
pub use route::{RouteStep, check_route, longest_path};
pub use year::{Certainty, DayOff, MakeupDay, YearCalendar};

use std::{error, fmt};

/// No calendar is loaded for this year, so the question has no answer (`calendar_missing`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// The first year that would have been needed.
    pub year: i32,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no calendar is loaded for {}", self.year)
    }
}

impl error::Error for Missing {}

/// One fault in what somebody entered; all faults of a body are told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the faulty member, from the root of the checked value.
    pub pointer: String,
    /// Stable machine key.
    pub code: &'static str,
    /// What is wrong, in Vietnamese, for people.
    pub detail: &'static str,
}

impl Fault {
    fn new(pointer: String, code: &'static str, detail: &'static str) -> Self {
        Self { pointer, code, detail }
    }
}
