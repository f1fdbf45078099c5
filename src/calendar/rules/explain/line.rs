//! One day of an explanation: what the day is, and what part it has in the count.

use crate::calendar::rules::prepared::DayKind;
use chrono::{DateTime, NaiveDate, Utc};

/// One day of the explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayLine {
    pub on: NaiveDate,
    /// What the day is for the agency.
    pub kind: DayKind,
    /// What it does in the count.
    pub part: Part,
    /// The due moment, on the last day.
    pub due_at: Option<DateTime<Utc>>,
}

/// What a day does in the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The day of reception, day 0.
    DayZero,
    /// The day of a reception that ends on it.
    SameDay,
    /// The day of a reception that is too late to end on it: after 15:00, or no working day.
    TooLateForSameDay,
    /// The day of a reception that counts as one of the next working day.
    AfterCutOff,
    /// A day of the limit, the `used`-th of `of`; both in halves of a day.
    Day { used: u32, of: u32 },
    /// Minutes of a limit in hours, how many are used with them, and of how many.
    Minutes { here: u32, used: u32, of: u32 },
    /// Not counted because of what the day is.
    Skipped,
    /// A working day, without opening time that would count.
    OutsideHours,
    /// The working day to which the end on `nominal_on` moves.
    MovedEnd { nominal_on: NaiveDate },
    /// In a pause.
    Paused,
    /// The day on which the limit starts again from zero, day 0.
    Restarted,
    /// The day from which on what was left is counted, day 0.
    Resumed,
    /// The day of a resumption at which no day was left: the end is here, or on the next working day.
    ResumedAtTheEnd,
    /// Counted once, and lost by a restart.
    Discarded,
}

impl DayLine {
    /// Whether the day uses up some of the limit.
    pub fn counts(&self) -> bool {
        matches!(self.part, Part::Day { .. } | Part::Minutes { .. })
    }

    /// Stable machine key of the rule that decided.
    pub fn rule(&self) -> &'static str {
        match self.part {
            Part::DayZero | Part::TooLateForSameDay => "day_zero",
            Part::SameDay => "same_day",
            Part::AfterCutOff => "after_cutoff",
            Part::Day { .. } | Part::Minutes { .. } => "counted",
            Part::Skipped => match self.kind {
                DayKind::Weekend => "weekend",
                DayKind::DayOff { .. } => "day_off",
                DayKind::Closed { .. } => "agency_closed",
                DayKind::NoHours => "no_opening_hours",
                DayKind::Working | DayKind::Makeup { .. } => "outside_hours",
            },
            Part::OutsideHours => "outside_hours",
            Part::MovedEnd { .. } => "moved",
            Part::Paused => "paused",
            Part::Restarted => "restarted",
            Part::Resumed | Part::ResumedAtTheEnd => "resumed",
            Part::Discarded => "discarded",
        }
    }
}
