//! The walk from reception to due: which stretch of running clock a day belongs to, and what that makes of it.

use super::line::{DayLine, Part};
use crate::calendar::rules::Missing;
use crate::calendar::rules::limit::{Due, TimeLimit, Unit};
use crate::calendar::rules::local_time::{LAST_MINUTE, at, local_day};
use crate::calendar::rules::prepared::{Calendar, DayKind};
use chrono::{DateTime, NaiveDate, Utc};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Began {
    Received,
    Resumed,
    Restarted,
}

/// A stretch of running clock: from reception or the end of a pause until the next pause or the due moment.
pub(super) struct Stretch {
    began: Began,
    /// When it was received, resumed or restarted.
    began_on: NaiveDate,
    /// Its local day is day 0 of the stretch.
    from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    /// The day on which its count would end; what comes after it only moves the end.
    nominal_on: NaiveDate,
    /// False when a later restart made it count for nothing.
    pub(super) is_kept: bool,
}

impl Stretch {
    pub(super) fn new(began: Began, began_at: DateTime<Utc>, due: Due) -> Self {
        let began_on = local_day(began_at);
        Self {
            began,
            began_on,
            from: due.counts_from,
            until: due.due_at,
            nominal_on: due.nominal_on,
            is_kept: true,
        }
    }

    /// Whether a day lies after its day 0 and not after its end.
    fn covers(&self, day: NaiveDate) -> bool {
        local_day(self.from) < day && day <= local_day(self.until)
    }

    /// The part of a day that it runs for.
    fn part_of(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.from.max(at(day, 0)), self.until.min(at(day, LAST_MINUTE)))
    }
}

pub(super) struct Story<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) limit: TimeLimit,
    pub(super) due: Due,
    pub(super) stretches: Vec<Stretch>,
}

impl Story<'_> {
    pub(super) fn tell(&self, received_on: NaiveDate) -> Result<Vec<DayLine>, Missing> {
        let last_on = local_day(self.due.due_at);
        let mut used = 0;
        let mut lines = Vec::new();
        for on in received_on.iter_days().take_while(|day| *day <= last_on) {
            let kind = self.calendar.kind(on)?;
            let part = match self.limit.unit() {
                Unit::WorkingHours => self.part_in_hours(on, kind, &mut used)?,
                Unit::WorkingDays | Unit::CalendarDays | Unit::SameDay => {
                    self.part_in_days(on, kind, &mut used)
                }
            };
            let due_at = (on == last_on).then_some(self.due.due_at);
            lines.push(DayLine { on, kind: kind.clone(), part, due_at });
        }
        Ok(lines)
    }

    /// A day of a limit in days. `used` counts halves.
    fn part_in_days(&self, on: NaiveDate, kind: &DayKind, used: &mut u32) -> Part {
        if let Some(stretch) = self.stretches.iter().find(|stretch| stretch.covers(on) && stretch.is_kept) {
            return self.part_covered(on, kind, stretch, used);
        }
        if let Some(stretch) = self.started_on(on) {
            return self.part_of_start(on, stretch);
        }
        if self.stretches.iter().any(|stretch| stretch.covers(on)) {
            return Part::Discarded;
        }
        let waits =
            self.stretches.iter().any(|stretch| stretch.began_on < on && on < local_day(stretch.from));
        if waits { Part::Skipped } else { Part::Paused }
    }

    /// Several pauses may end on one day: the last one tells where the count goes on, but a resumption on the
    /// day of reception leaves that day what it was.
    fn started_on(&self, on: NaiveDate) -> Option<&Stretch> {
        let on_first_day = self.stretches.first().is_some_and(|first| first.began_on == on);
        self.stretches.iter().rev().find(|stretch| {
            let begins = stretch.began_on == on || local_day(stretch.from) == on;
            begins && !(on_first_day && stretch.began == Began::Resumed)
        })
    }

    fn part_covered(&self, on: NaiveDate, kind: &DayKind, stretch: &Stretch, used: &mut u32) -> Part {
        let past_nominal = on > stretch.nominal_on;
        if past_nominal && kind.is_working() {
            return Part::MovedEnd { nominal_on: stretch.nominal_on };
        }
        let counts = !past_nominal && (self.limit.unit() == Unit::CalendarDays || kind.is_working());
        if !counts {
            return Part::Skipped;
        }
        let of = u32::from(self.limit.amount().halves());
        *used = (*used + 2).min(of);
        Part::Day { used: *used, of }
    }

    /// The day on which a stretch begins; it never counts.
    fn part_of_start(&self, on: NaiveDate, stretch: &Stretch) -> Part {
        let is_same_day = self.limit.unit() == Unit::SameDay;
        let ends_here = on == local_day(self.due.due_at);
        match stretch.began {
            _ if local_day(stretch.from) != on => Part::AfterCutOff,
            Began::Received | Began::Restarted if is_same_day && ends_here => Part::SameDay,
            Began::Received if is_same_day => Part::TooLateForSameDay,
            Began::Received => Part::DayZero,
            Began::Restarted => Part::Restarted,
            Began::Resumed if self.due.nominal_on == on => Part::ResumedAtTheEnd,
            Began::Resumed => Part::Resumed,
        }
    }

    /// A day of a limit in working hours. `used` counts minutes.
    fn part_in_hours(&self, on: NaiveDate, kind: &DayKind, used: &mut u32) -> Result<Part, Missing> {
        let mut here = 0;
        for stretch in self.stretches.iter().filter(|stretch| stretch.is_kept) {
            let (from, until) = stretch.part_of(on);
            here += self.calendar.opening_minutes_between(from, until)?;
        }
        if here > 0 {
            *used += here;
            return Ok(Part::Minutes { here, used: *used, of: u32::from(self.limit.amount().halves()) * 30 });
        }
        if !kind.is_working() {
            return Ok(Part::Skipped);
        }
        let runs = |stretch: &&Stretch| local_day(stretch.from) <= on && on <= local_day(stretch.until);
        Ok(match self.stretches.iter().find(runs) {
            Some(stretch) if !stretch.is_kept => Part::Discarded,
            Some(_) => Part::OutsideHours,
            None if self.stretches.first().is_some_and(|first| on < local_day(first.from)) => {
                Part::AfterCutOff
            }
            None => Part::Paused,
        })
    }
}
