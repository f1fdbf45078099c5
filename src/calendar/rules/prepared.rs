//! The calendar of one agency, prepared so that every question costs O(1) or O(log n), never a walk over days;
//! `arithmetic` asks them.
//!
//! For each unbroken run of loaded years it keeps what every day is, how many working days lie before it, and for
//! every working day how many opening minutes lie before that: prefix sums, answered by subtraction and by binary
//! search. Opening time is counted in whole minutes; the seconds of an instant are cut off first.

use super::Missing;
use super::hours::{HoursHistory, Period};
use super::limit::DayEnd;
use super::local_time::at;
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
    /// Closed by the agency or one above it alone; `swapped_with` is the make-up day that it works for it.
    Closed { name: String, certainty: Certainty, swapped_with: Option<NaiveDate> },
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
    /// Opening minutes of the run before this day.
    pub(super) minutes_before: u32,
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
pub(super) struct Day {
    pub(super) kind: DayKind,
    /// Working days of the run before this day; also this day's place in `Run::working` when it is one.
    pub(super) working_before: usize,
}

/// An unbroken run of loaded years.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    days: Vec<Day>,
    pub(super) working: Vec<WorkingDay>,
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
        Ok(self.open_on(facts, day))
    }

    /// [`Calendar::periods_on`] a day that has been looked up.
    pub(super) fn open_on(&self, facts: &Day, day: NaiveDate) -> &[Period] {
        opening(&facts.kind, day, &self.hours)
    }

    /// When a working day opens; `None` on any other day.
    pub fn opening_time(&self, day: NaiveDate) -> Result<Option<DateTime<Utc>>, Missing> {
        Ok(self.working_day(day)?.map(WorkingDay::opens_at))
    }

    /// When a working day closes; `None` on any other day.
    pub fn closing_time(&self, day: NaiveDate) -> Result<Option<DateTime<Utc>>, Missing> {
        Ok(self.working_day(day)?.map(WorkingDay::closes_at))
    }

    /// The day, with the run that it lies in.
    pub(super) fn day(&self, day: NaiveDate) -> Result<(&Run, &Day), Missing> {
        let place = self.runs.partition_point(|run| run.first <= day);
        let run = place.checked_sub(1).and_then(|place| self.runs.get(place));
        let found = run.and_then(|run| Some((run, run.days.get(offset(run.first, day)?)?)));
        found.ok_or(Missing { year: day.year() })
    }
}

impl Day {
    /// Working days of the run up to and with this day.
    pub(super) fn working_through(&self) -> usize {
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

    pub(super) fn all_minutes(&self) -> u32 {
        self.working.last().map_or(0, |working| working.minutes_before + working.minutes)
    }

    /// The answer when a question leads past the end of the run.
    pub(super) fn after(&self) -> Missing {
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
                DayKind::Closed { name: day.name, certainty: day.certainty, swapped_with: None }
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
        let Some(mut kind) = self.kinds.get(&day).cloned() else {
            return if is_weekend(day) { DayKind::Weekend } else { DayKind::Working };
        };
        if let DayKind::DayOff { swapped_with, .. } | DayKind::Closed { swapped_with, .. } = &mut kind {
            *swapped_with = self.swapped.get(&day).copied();
        }
        kind
    }
}

fn offset(first: NaiveDate, day: NaiveDate) -> Option<usize> {
    usize::try_from((day - first).num_days()).ok()
}
