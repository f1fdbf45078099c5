//! Which counters answer for a period: the coarsest that fit. Pure.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::cube::Bucket;
use crate::db::Instant;
use crate::dossiers::Period;

/// What a counter counts over, from fine to coarse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    Day,
    Month,
    Year,
}

impl Grain {
    /// The first day of the grain that a day lies in: what its counter is called by.
    pub(super) fn start(self, day: NaiveDate) -> NaiveDate {
        // Every month has a first day and every year a first month, so there is no other case.
        match self {
            Self::Day => day,
            Self::Month => day.with_day(1).unwrap_or(day),
            Self::Year => day.with_ordinal(1).unwrap_or(day),
        }
    }

    /// The first day after it.
    pub(super) fn end(self, day: NaiveDate) -> NaiveDate {
        let start = self.start(day);
        let end = match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Year => start.checked_add_months(Months::new(12)),
        };
        end.unwrap_or(NaiveDate::MAX)
    }
}

/// What has to be read for a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// The first day of the year that the period begins in: what was booked before it is in the opening balances.
    pub(super) opening: NaiveDate,
    /// Half-open ranges of days, each read from the counters of its grain.
    pub(super) pieces: Vec<(Grain, (NaiveDate, NaiveDate))>,
    /// What of this day counts only after this moment is taken off.
    pub(super) later: Option<(NaiveDate, Instant)>,
}

impl Plan {
    /// All that was booked up to the period's end. No counter lies on both sides of its beginning, nor of the edge of a
    /// bucket within it.
    pub(super) fn new(period: &Period, bucket: Bucket) -> Self {
        let finest = match bucket {
            Bucket::Whole => Grain::Year,
            Bucket::Month => Grain::Month,
            Bucket::Day => Grain::Day,
        };
        let last_day = period.end.pred_opt().unwrap_or(period.end);
        let opening = Grain::Year.start(period.from);
        let later = period.moment.map(|moment| (last_day, moment));
        let mut plan = Self { opening, pieces: Vec::new(), later };
        plan.cover(opening, period.from, Grain::Month);
        plan.cover(period.from, period.end, finest);
        plan
    }

    /// From day to day, each time with the coarsest grain that begins there and fits.
    fn cover(&mut self, from: NaiveDate, until: NaiveDate, coarsest: Grain) {
        let mut at = from;
        while at < until {
            let fits = |grain: &Grain| grain.start(at) == at && grain.end(at) <= until;
            let allowed = match coarsest {
                Grain::Year => &[Grain::Year, Grain::Month][..],
                Grain::Month => &[Grain::Month],
                Grain::Day => &[],
            };
            let grain = allowed.iter().copied().find(fits).unwrap_or(Grain::Day);
            self.read(grain, at, grain.end(at));
            at = grain.end(at);
        }
    }

    /// Adds a range, to the one that ends where it begins if there is such a one.
    fn read(&mut self, grain: Grain, since: NaiveDate, until: NaiveDate) {
        let before = self.pieces.iter_mut().find(|(other, range)| *other == grain && range.1 == since);
        match before {
            Some((_, range)) => range.1 = until,
            None => self.pieces.push((grain, (since, until))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, end: &str) -> Period {
        Period { from: day(from), end: day(end), moment: None }
    }

    /// Every day from the opening up to the period's end must be read exactly once, and no counter may lie on two sides of an edge.
    #[test]
    fn a_plan_reads_every_day_once() {
        for (from, end) in [
            ("2019-01-01", "2020-01-01"),
            ("2019-01-01", "2019-01-01"),
            ("2019-01-15", "2019-01-15"),
            ("2019-01-15", "2019-01-20"),
            ("2019-01-15", "2019-02-01"),
            ("2019-01-15", "2019-02-03"),
            ("2018-12-15", "2019-12-15"),
            ("2019-03-01", "2019-03-31"),
            ("2017-07-01", "2020-02-03"),
        ] {
            for bucket in [Bucket::Whole, Bucket::Month, Bucket::Day] {
                let period = period(from, end);
                let plan = Plan::new(&period, bucket);
                assert_eq!((plan.opening.ordinal(), plan.opening.year()), (1, period.from.year()));
                for day in day("2016-10-01").iter_days().take_while(|day| *day < self::day("2020-03-01")) {
                    let mut readers =
                        plan.pieces.iter().filter(|(_, range)| (range.0..range.1).contains(&day));
                    let reader = readers.next().map(|(grain, _)| *grain);
                    let is_read = day >= plan.opening && day < period.end;
                    assert_eq!(reader.is_some(), is_read, "{from} {end} {bucket:?} {day}");
                    assert!(readers.next().is_none(), "{from} {end} {bucket:?} {day}");
                    let Some(grain) = reader else { continue };
                    let (start, last) = (grain.start(day), grain.end(day));
                    assert!(
                        last <= period.from || start >= period.from,
                        "{day} is read with both sides of {from}"
                    );
                    assert!(last <= period.end, "{day} is read with what comes after {end}");
                    if day >= period.from {
                        let coarsest = match bucket {
                            Bucket::Whole => true,
                            Bucket::Month => grain != Grain::Year,
                            Bucket::Day => grain == Grain::Day,
                        };
                        assert!(coarsest, "{bucket:?} {day} {grain:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn whole_years_are_one_range() {
        let year = |from, end| Plan::new(&period(from, end), Bucket::Whole).pieces;
        assert_eq!(year("2019-01-01", "2020-01-01"), [(Grain::Year, (day("2019-01-01"), day("2020-01-01")))]);
        assert_eq!(
            year("2019-01-01", "2019-03-08"),
            [
                (Grain::Month, (day("2019-01-01"), day("2019-03-01"))),
                (Grain::Day, (day("2019-03-01"), day("2019-03-08"))),
            ]
        );
        // The month that the period begins in is read by its days, before and after.
        assert_eq!(
            year("2019-02-15", "2019-04-01"),
            [
                (Grain::Month, (day("2019-01-01"), day("2019-02-01"))),
                (Grain::Day, (day("2019-02-01"), day("2019-03-01"))),
                (Grain::Month, (day("2019-03-01"), day("2019-04-01"))),
            ]
        );
    }
}
