//! Early, on time or late: fixed when a dossier is resolved, against the date it is judged by.
//!
//! Circular 01/2018/TT-VPCP art. 13.1. Who collects late doesn't make the agency late.

use super::Missing;
use super::limit::Unit;
use super::local_time::local_day;
use super::prepared::Calendar;
use crate::db::text_enum;
use chrono::{DateTime, TimeDelta, Utc};

const FULL_HOUR: u32 = 60;

text_enum! {
    /// How a resolved dossier or leg is judged.
    pub enum Outcome {
        /// Before the due day; for working hours at least one full working hour before.
        Early = "early",
        /// Not after the due moment.
        OnTime = "on_time",
        /// After it.
        Late = "late",
    }
}

/// Judges an end against `judged_due_at`.
pub fn outcome(
    calendar: &Calendar,
    judged_due_at: DateTime<Utc>,
    unit: Unit,
    resolved_at: DateTime<Utc>,
) -> Result<Outcome, Missing> {
    let is_early = match unit {
        Unit::WorkingHours => {
            // Opening time is counted in minutes begun; a full hour needs the minute of resolving to be over.
            let over = resolved_at + TimeDelta::minutes(1) - TimeDelta::microseconds(1);
            calendar.opening_minutes_between(over, judged_due_at)? >= FULL_HOUR
        }
        Unit::WorkingDays | Unit::CalendarDays | Unit::SameDay => {
            local_day(resolved_at) < local_day(judged_due_at)
        }
    };
    Ok(if is_early {
        Outcome::Early
    } else if resolved_at <= judged_due_at {
        Outcome::OnTime
    } else {
        Outcome::Late
    })
}
