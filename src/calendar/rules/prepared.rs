//! The calendar of one agency, prepared so that every question costs O(1) or O(log n), never a walk over days.
//!
//! For each unbroken run of loaded years it keeps what every day is, how many working days lie before it, and for
//! every working day how many opening minutes lie before that: prefix sums, answered by subtraction and by binary
//! search. Opening time is counted in whole minutes; the seconds of an instant are cut off first.

use super::Missing;
use super::hours::{HoursHistory, Period};
use super::limit::DayEnd;
use super::local_time::{at, day_and_minute, local_day};
use super::year::{Certainty, YearCalendar, is_weekend};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What a day is for one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayKind {
    /// Monday to Friday, open.
    Working,
    /// A weekend day worked with the hours of the day that it replaces.
    Makeup { replaces: NaiveDate, certainty: Certainty },
    /// Saturday or Sunday; the one-stop may be open, the day still doesn't count.
    Weekend,
    /// A day off for everybody; `swapped_with` is the make-up day worked for it.
    DayOff { name: String, certainty: Certainty, swapped_with: Option<NaiveDate> },
    /// Closed by the agency or one above it alone.
    Closed { name: String, certainty: Certainty },
    /// A weekday on which the agency has no opening hours at all, hence no moment at which a limit could end.
    NoHours,
}

impl DayKind {
    /// Whether limits count the day.
    pub fn is_working(&self) -> bool {
        match self {
            Self::Working | Self::Makeup { .. } => true,
            Self::Weekend | Self::DayOff { .. } | Self::Closed { .. } | Self::NoHours => false,
        }
    }
}

/// A working day and its times. It always has opening hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingDay {
    /// The local day.
    pub on: NaiveDate,
    opens: u16,
    first_period_ends: u16,
    closes: u16,
    minutes: u32,
    minutes_before: u32,
}

impl WorkingDay {
    /// When its first opening period begins.
    pub fn opens_at(&self) -> DateTime<Utc> {
        at(self.on, self.opens)
    }

    /// When its last opening period ends.
    pub fn closes_at(&self) -> DateTime<Utc> {
        at(self.on, self.closes)
    }

    /// When a limit in days that ends on this day ends.
    pub fn ends_at(&self, end: DayEnd) -> DateTime<Utc> {
        match end {
            DayEnd::Closing => self.closes_at(),
            DayEnd::FirstPeriod => at(self.on, self.first_period_ends),
        }
    }
}

#[derive(Debug, Clone)]
struct Day {
    kind: DayKind,
    /// Working days of the run before this day; also this day's place in `Run::working` when it is one.
    working_before: usize,
}

/// An unbroken run of loaded years.
#[derive(Debug, Clone)]
struct Run {
    first: NaiveDate,
    last: NaiveDate,
    days: Vec<Day>,
    working: Vec<WorkingDay>,
}

/// The working time of one agency over the loaded years.
#[derive(Debug, Clone)]
pub struct Calendar {
    runs: Vec<Run>,
    hours: HoursHistory,
    after_cutoff_counts_next_day: bool,
}

impl Calendar {
    /// Prepares the calendar of one agency. `national` says which years are loaded; `own` are the days off and
    /// make-up days of the agencies from the top of the tree down to this one, later ones overriding earlier ones
    /// (a national day off keeps its name when an agency lists it too).
    pub fn prepare(
        national: impl IntoIterator<Item = YearCalendar>,
        own: impl IntoIterator<Item = YearCalendar>,
        hours: &HoursHistory,
        after_cutoff_counts_next_day: bool,
    ) -> Self {
        let mut years = BTreeSet::new();
        let mut marked = MarkedDays::default();
        for year in national {
            years.insert(year.year);
            marked.add(year, false);
        }
        for year in own {
            marked.add(year, true);
        }
        let mut spans: Vec<(i32, i32)> = Vec::new();
        for year in years {
            match spans.last_mut() {
                Some((_, last)) if *last + 1 == year => *last = year,
                _ => spans.push((year, year)),
            }
        }
        let runs =
            spans.into_iter().filter_map(|(first, last)| Run::build(first, last, &marked, hours)).collect();
        Self { runs, hours: hours.clone(), after_cutoff_counts_next_day }
    }

    /// Whether a reception after 15:00 makes the next working day day 0.
    pub fn after_cutoff_counts_next_day(&self) -> bool {
        self.after_cutoff_counts_next_day
    }

    /// What a day is.
    pub fn kind(&self, day: NaiveDate) -> Result<&DayKind, Missing> {
        self.day(day).map(|(_, facts)| &facts.kind)
    }

    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, Missing> {
        self.kind(day).map(DayKind::is_working)
    }

    /// The day's working times, or `None` when it is no working day.
    pub fn working_day(&self, day: NaiveDate) -> Result<Option<&WorkingDay>, Missing> {
        let (run, facts) = self.day(day)?;
        Ok(if facts.kind.is_working() { run.working.get(facts.working_before) } else { None })
    }

    /// When the doors are open: also on a Saturday that doesn't count, never on a day off.
    pub fn periods_on(&self, day: NaiveDate) -> Result<&[Period], Missing> {
        let (_, facts) = self.day(day)?;
        Ok(opening(&facts.kind, day, &self.hours))
    }

    /// When a working day opens; `None` on any other day.
    pub fn opening_time(&self, day: NaiveDate) -> Result<Option<DateTime<Utc>>, Missing> {
        Ok(self.working_day(day)?.map(WorkingDay::opens_at))
    }

    /// When a working day closes; `None` on any other day.
    pub fn closing_time(&self, day: NaiveDate) -> Result<Option<DateTime<Utc>>, Missing> {
        Ok(self.working_day(day)?.map(WorkingDay::closes_at))
    }

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
        let periods = opening(&facts.kind, day, &self.hours).iter();
        let today: u32 =
            periods.map(|period| minute.saturating_sub(u32::from(period.from)).min(period.minutes())).sum();
        working.minutes_before.saturating_add(today)
    }

    fn day(&self, day: NaiveDate) -> Result<(&Run, &Day), Missing> {
        let place = self.runs.partition_point(|run| run.first <= day);
        let run = place.checked_sub(1).and_then(|place| self.runs.get(place));
        let found = run.and_then(|run| Some((run, run.days.get(offset(run.first, day)?)?)));
        found.ok_or(Missing { year: day.year() })
    }
}

impl Day {
    /// Working days of the run up to and with this day.
    fn working_through(&self) -> usize {
        self.working_before + usize::from(self.kind.is_working())
    }
}

impl Run {
    fn build(first: i32, last: i32, marked: &MarkedDays, hours: &HoursHistory) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(first, 1, 1)?;
        let last = NaiveDate::from_ymd_opt(last, 12, 31)?;
        let mut run = Self { first, last, days: Vec::new(), working: Vec::new() };
        for day in first.iter_days().take_while(|day| *day <= last) {
            let mut kind = marked.kind(day);
            let working_before = run.working.len();
            if kind.is_working() {
                let minutes_before = run.all_minutes();
                match opening(&kind, day, hours) {
                    [] => kind = DayKind::NoHours,
                    [head, rest @ ..] => run.working.push(WorkingDay {
                        on: day,
                        opens: head.from,
                        first_period_ends: head.to,
                        closes: rest.last().unwrap_or(head).to,
                        minutes: head.minutes() + rest.iter().map(|period| period.minutes()).sum::<u32>(),
                        minutes_before,
                    }),
                }
            }
            run.days.push(Day { kind, working_before });
        }
        Some(run)
    }

    fn all_minutes(&self) -> u32 {
        self.working.last().map_or(0, |working| working.minutes_before + working.minutes)
    }

    /// The answer when a question leads past the end of the run.
    fn after(&self) -> Missing {
        Missing { year: self.last.year() + 1 }
    }
}

/// The periods of a day of this kind: a make-up day has those of the weekday that it replaces.
fn opening<'a>(kind: &DayKind, day: NaiveDate, hours: &'a HoursHistory) -> &'a [Period] {
    match kind {
        DayKind::Working | DayKind::Weekend => hours.on(day).on(day.weekday()),
        DayKind::Makeup { replaces, .. } => hours.on(day).on(replaces.weekday()),
        DayKind::DayOff { .. } | DayKind::Closed { .. } | DayKind::NoHours => &[],
    }
}

/// The days that differ from their weekday, merged from all calendars.
#[derive(Default)]
struct MarkedDays {
    kinds: BTreeMap<NaiveDate, DayKind>,
    /// Replaced day → make-up day.
    swapped: BTreeMap<NaiveDate, NaiveDate>,
}

impl MarkedDays {
    fn add(&mut self, year: YearCalendar, own: bool) {
        for day in year.days_off {
            let kind = if own {
                DayKind::Closed { name: day.name, certainty: day.certainty }
            } else {
                DayKind::DayOff { name: day.name, certainty: day.certainty, swapped_with: None }
            };
            match self.kinds.get(&day.date) {
                Some(DayKind::DayOff { .. }) if own => {}
                _ => {
                    self.kinds.insert(day.date, kind);
                }
            }
        }
        for day in year.makeup_workdays {
            self.swapped.insert(day.replaces, day.date);
            self.kinds.insert(day.date, DayKind::Makeup { replaces: day.replaces, certainty: day.certainty });
        }
    }

    fn kind(&self, day: NaiveDate) -> DayKind {
        match self.kinds.get(&day) {
            Some(DayKind::DayOff { name, certainty, .. }) => DayKind::DayOff {
                name: name.clone(),
                certainty: *certainty,
                swapped_with: self.swapped.get(&day).copied(),
            },
            Some(kind) => kind.clone(),
            None if is_weekend(day) => DayKind::Weekend,
            None => DayKind::Working,
        }
    }
}

fn offset(first: NaiveDate, day: NaiveDate) -> Option<usize> {
    usize::try_from((day - first).num_days()).ok()
}

/// A count as a place in a list; too large for the machine is past every list's end.
fn to_index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
