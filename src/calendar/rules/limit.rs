//! Time limits and where they end: the due date of a reception, of a leg, and of a hand-over.
//!
//! Day 0 is the local day of the start and is never counted. Civil Code 91/2015 art. 147–148; Decree 61/2018
//! art. 18 (15:00 and the hand-over); Decree 23/2015 art. 7 and the Law on Civil Status (same-day procedures).

use super::Missing;
use super::local_time::{CUT_OFF, at, local_day};
use super::prepared::{Calendar, WorkingDay};
use crate::db::text_enum;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize, Serializer};
use std::{error, fmt};

/// How much time: an exact count of halves, 0.5 to 3,660. In JSON a number (`10`, `1.5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "f64")]
pub struct Amount {
    halves: u16,
}

/// Writes `10`, not `10.0`; halves keep their point.
///
/// # Errors
/// The serializer's.
pub fn whole_when_it_is<S: Serializer>(amount: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match Amount::try_from(*amount) {
        Ok(exact) => exact.serialize(serializer),
        Err(_) => serializer.serialize_f64(*amount),
    }
}

impl Amount {
    const MOST_HALVES: u16 = 2 * 3660;

    /// Halves of the unit.
    pub fn halves(self) -> u16 {
        self.halves
    }

    /// Halves are for legs only; a procedure's own limit is whole.
    pub fn is_whole(self) -> bool {
        self.halves.is_multiple_of(2)
    }

    /// The amount of so many halves.
    pub fn from_halves(halves: u16) -> Result<Self, LimitRefusal> {
        let fits = (1..=Self::MOST_HALVES).contains(&halves);
        fits.then_some(Self { halves }).ok_or(LimitRefusal::OutOfRange)
    }

    /// A half day takes its whole day up.
    fn days_rounded_up(self) -> u32 {
        u32::from(self.halves.div_ceil(2))
    }

    fn minutes(self) -> u32 {
        u32::from(self.halves) * 30
    }
}

impl TryFrom<u16> for Amount {
    type Error = LimitRefusal;

    fn try_from(whole: u16) -> Result<Self, LimitRefusal> {
        Self::from_halves(whole.checked_mul(2).ok_or(LimitRefusal::OutOfRange)?)
    }
}

impl TryFrom<f64> for Amount {
    type Error = LimitRefusal;

    fn try_from(number: f64) -> Result<Self, LimitRefusal> {
        if !(0.5..=f64::from(Self::MOST_HALVES) / 2.0).contains(&number) {
            return Err(LimitRefusal::OutOfRange);
        }
        let doubled = number * 2.0;
        if doubled.fract() != 0.0 {
            return Err(LimitRefusal::NotHalves);
        }
        // There is no checked conversion from f64; a whole number prints without a fraction.
        Self::from_halves(doubled.to_string().parse().map_err(|_| LimitRefusal::OutOfRange)?)
    }
}

impl From<Amount> for f64 {
    fn from(amount: Amount) -> Self {
        Self::from(amount.halves) / 2.0
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_whole() {
            serializer.serialize_u16(self.halves / 2)
        } else {
            serializer.serialize_f64((*self).into())
        }
    }
}

/// With a decimal comma, as Vietnamese writes it.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.halves / 2, if self.is_whole() { "" } else { ",5" })
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Closing time of the n-th working day after day 0.
    WorkingDays,
    /// Opening time on working days, to the minute.
    WorkingHours,
    /// Closing time of day 0 + n, or of the next working day.
    CalendarDays,
    /// Closing time of day 0, or of the next working day after 15:00.
    SameDay,
}

/// A time limit that cannot be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LimitInput", into = "LimitInput")]
pub struct TimeLimit {
    amount: Amount,
    unit: Unit,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitInput {
    amount: Amount,
    unit: Unit,
}

impl TimeLimit {
    /// `same_day` has the amount 1; half a calendar day has no end that the law would know.
    pub fn new(amount: Amount, unit: Unit) -> Result<Self, LimitRefusal> {
        let fits = match unit {
            Unit::WorkingDays | Unit::WorkingHours => true,
            Unit::CalendarDays => amount.is_whole(),
            Unit::SameDay => amount.halves == 2,
        };
        fits.then_some(Self { amount, unit }).ok_or(LimitRefusal::NotForUnit)
    }

    pub fn amount(self) -> Amount {
        self.amount
    }

    pub fn unit(self) -> Unit {
        self.unit
    }
}

impl TryFrom<LimitInput> for TimeLimit {
    type Error = LimitRefusal;

    fn try_from(input: LimitInput) -> Result<Self, LimitRefusal> {
        Self::new(input.amount, input.unit)
    }
}

impl From<TimeLimit> for LimitInput {
    fn from(limit: TimeLimit) -> Self {
        Self { amount: limit.amount, unit: limit.unit }
    }
}

/// Why a number is no time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitRefusal {
    /// Below a half or above 3,660.
    OutOfRange,
    /// Neither whole nor a half.
    NotHalves,
    /// A half of a calendar day, or several times "the same day".
    NotForUnit,
}

impl fmt::Display for LimitRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "the amount must be 0.5 to 3660",
            Self::NotHalves => "the amount must be a multiple of 0.5",
            Self::NotForUnit => "the amount must be whole for calendar_days and 1 for same_day",
        })
    }
}

impl error::Error for LimitRefusal {}

/// Where in its last day a limit in days ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayEnd {
    Closing,
    /// Half a working day ends with the first opening period.
    FirstPeriod,
}

/// A due date, with what is needed to pause it and to count it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The due moment.
    pub due_at: DateTime<Utc>,
    /// The day on which the count ends; for calendar days it may be a day off, then `due_at` lies later.
    pub nominal_on: NaiveDate,
    /// Whether its last day runs to closing time. Says nothing for working hours.
    pub ends: DayEnd,
    /// The moment whose local day is day 0: the start, or after the cut-off the next working day's opening.
    pub counts_from: DateTime<Utc>,
}

/// The due date of a reception.
///
/// With the agency's `after_cutoff_counts_next_day`, a reception after 15:00 makes the next working day day 0; a
/// reception on a non-working day then does the same, or a dossier of Saturday would be due before one of Friday
/// afternoon.
pub fn due(calendar: &Calendar, received_at: DateTime<Utc>, limit: TimeLimit) -> Result<Due, Missing> {
    let day = local_day(received_at);
    let in_time = calendar.is_working_day(day)? && received_at <= at(day, CUT_OFF);
    if calendar.after_cutoff_counts_next_day() && !in_time {
        leg_due(calendar, calendar.next_working_day(day)?.opens_at(), limit)
    } else {
        leg_due(calendar, received_at, limit)
    }
}

/// The due date of a leg by the calendar of its own agency. The cut-off flag is for receptions only.
pub fn leg_due(calendar: &Calendar, started_at: DateTime<Utc>, limit: TimeLimit) -> Result<Due, Missing> {
    let day = local_day(started_at);
    let Amount { halves } = limit.amount;
    let ends = if halves.is_multiple_of(2) { DayEnd::Closing } else { DayEnd::FirstPeriod };
    match limit.unit {
        Unit::WorkingDays => {
            let last = calendar.nth_working_day_after(day, limit.amount.days_rounded_up())?;
            Ok(Due { due_at: last.ends_at(ends), nominal_on: last.on, ends, counts_from: started_at })
        }
        Unit::CalendarDays => {
            let nominal_on = day.checked_add_days(Days::new(u64::from(limit.amount.days_rounded_up())));
            land(calendar, nominal_on.unwrap_or(NaiveDate::MAX), ends, started_at)
        }
        Unit::WorkingHours => {
            let due_at = calendar.add_opening_minutes(started_at, limit.amount.minutes())?;
            let nominal_on = local_day(due_at);
            Ok(Due { due_at, nominal_on, ends: DayEnd::Closing, counts_from: started_at })
        }
        Unit::SameDay => {
            let last = match calendar.working_day(day)?.filter(|today| leaves_time(today, started_at)) {
                Some(today) => today,
                None => calendar.next_working_day(day)?,
            };
            Ok(Due { due_at: last.closes_at(), nominal_on: last.on, ends, counts_from: started_at })
        }
    }
}

/// A count that ends on `nominal_on`: due when that day ends, or when the next working day does, if it is no
/// working day or already over at `counts_from`.
pub(super) fn land(
    calendar: &Calendar,
    nominal_on: NaiveDate,
    ends: DayEnd,
    counts_from: DateTime<Utc>,
) -> Result<Due, Missing> {
    let nominal = calendar.working_day(nominal_on)?.filter(|day| counts_from <= day.ends_at(ends));
    let last = match nominal {
        Some(day) => day,
        None => calendar.next_working_day(nominal_on)?,
    };
    Ok(Due { due_at: last.ends_at(ends), nominal_on, ends, counts_from })
}

/// Until when papers must be handed over: the same working day; after 15:00 the start of the next one.
pub fn transfer_due(calendar: &Calendar, at_instant: DateTime<Utc>) -> Result<DateTime<Utc>, Missing> {
    let day = local_day(at_instant);
    match calendar.working_day(day)?.filter(|today| leaves_time(today, at_instant)) {
        Some(today) => Ok(today.closes_at()),
        None => Ok(calendar.next_working_day(day)?.opens_at()),
    }
}

/// Whether something that comes at a moment of a working day can be done on it: at or before 15:00, and before it
/// closes. Where the doors shut at noon, what comes at two would be overdue on the day of filing otherwise.
fn leaves_time(today: &WorkingDay, instant: DateTime<Utc>) -> bool {
    instant <= at(today.on, CUT_OFF) && instant < today.closes_at()
}

/// What the receipt promises while the competent agency hasn't acknowledged yet (`nd118`): the due date as if
/// the receiver handed over at its limit.
pub fn expected_due(
    receiver: &Calendar,
    competent: &Calendar,
    received_at: DateTime<Utc>,
    limit: TimeLimit,
) -> Result<Due, Missing> {
    due(competent, transfer_due(receiver, received_at)?, limit)
}

text_enum! {
    /// Which decree a dossier is handled under; it stays for the dossier's life.
    pub enum RuleSet {
        /// Decree 61/2018.
        Nd61 = "nd61",
        /// Decree 118/2025, for receptions from 2025-07-01 on.
        Nd118 = "nd118",
    }
}

impl RuleSet {
    /// By the local day of reception.
    pub fn on(day: NaiveDate) -> Self {
        if NaiveDate::from_ymd_opt(2025, 7, 1).is_some_and(|first| day >= first) {
            Self::Nd118
        } else {
            Self::Nd61
        }
    }
}
