//! Into which buckets the backlog is sorted, and on which days they begin and end. Pure.
//!
//! Ages and distances are counted in working days of one calendar, so that a bucket is a range of days: what was received
//! (or is to be judged) on one day lies in one bucket, and a list narrowed by these days has what the bucket counts.

use chrono::NaiveDate;

use crate::calendar::rules::{Calendar, Missing};

/// A range of working days, both ends counted; without an upper end it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statistics) struct Days {
    pub(in crate::statistics) least: u32,
    pub(in crate::statistics) most: Option<u32>,
}

impl Days {
    const fn of(least: u32, most: u32) -> Self {
        Self { least, most: Some(most) }
    }

    const fn from(least: u32) -> Self {
        Self { least, most: None }
    }

    /// `0`, `1-2`, `61+`.
    pub(in crate::statistics) fn key(self) -> String {
        match self.most {
            None => format!("{}+", self.least),
            Some(most) if most == self.least => most.to_string(),
            Some(most) => format!("{}-{most}", self.least),
        }
    }
}

/// Working days since reception.
pub(super) const AGES: [Days; 6] =
    [Days::of(0, 5), Days::of(6, 10), Days::of(11, 20), Days::of(21, 30), Days::of(31, 60), Days::from(61)];

/// Working days until the day that the agency is judged by.
pub(super) const LEFT: [Days; 5] =
    [Days::of(0, 0), Days::of(1, 2), Days::of(3, 5), Days::of(6, 10), Days::from(11)];

/// Working days since that day, of those that missed it.
pub(super) const OVERDUE: [Days; 4] = [Days::of(0, 5), Days::of(6, 10), Days::of(11, 20), Days::from(21)];

/// The local days of a bucket: from, and before. None: open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statistics) struct Span {
    pub(in crate::statistics) from: Option<NaiveDate>,
    pub(in crate::statistics) to: Option<NaiveDate>,
}

impl Span {
    pub(super) fn holds(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

/// Before everything, and after it; both engines can tell such days.
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => panic!("there was such a day"),
};
const LAST: NaiveDate = match NaiveDate::from_ymd_opt(9000, 1, 1) {
    Some(day) => day,
    None => panic!("there will be such a day"),
};

/// The edges of the buckets as they lie on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edges {
    /// In the order of [`AGES`].
    pub(super) ages: Vec<Span>,
    /// In the order of [`LEFT`].
    pub(super) left: Vec<Span>,
    /// In the order of [`OVERDUE`].
    pub(super) overdue: Vec<Span>,
}

impl Edges {
    /// Those of `today`.
    ///
    /// # Errors
    /// When no calendar is loaded for today. Beyond the years that are loaded nothing can have been received or be due, so
    /// an edge that would lie there lies at the end of time.
    pub(super) fn on(calendar: &Calendar, today: NaiveDate) -> Result<Self, Missing> {
        let works_today = calendar.is_working_day(today)?;
        // The first day since which at most so many working days have passed.
        let since = |days: u32| {
            let back = if works_today { days } else { days.saturating_add(1) };
            Some(calendar.subtract_working_days(today, back).unwrap_or(FIRST))
        };
        let passed = |days: &Days| Span {
            from: days.most.and_then(since),
            to: days.least.checked_sub(1).and_then(since),
        };
        let until = |days: u32| Some(calendar.add_working_days(today, days).unwrap_or(LAST));
        let to_come = |days: &Days| Span {
            from: if days.least == 0 { Some(today) } else { until(days.least) },
            to: days.most.and_then(|most| until(most.saturating_add(1))),
        };
        Ok(Self {
            ages: AGES.iter().map(passed).collect(),
            left: LEFT.iter().map(to_come).collect(),
            overdue: OVERDUE.iter().map(passed).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::rules::{DayOff, HoursHistory, YearCalendar};

    fn calendar() -> Calendar {
        let year = |year| YearCalendar { year, days_off: Vec::<DayOff>::new(), makeup_workdays: Vec::new() };
        Calendar::prepare((2018..=2019).map(year), Vec::new(), &HoursHistory::default(), false)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fits(days: &Days, count: u32) -> bool {
        days.least <= count && days.most.is_none_or(|most| count <= most)
    }

    /// Counted one by one, on a Wednesday, a Friday and a Sunday.
    #[test]
    fn every_day_lies_in_the_bucket_of_its_distance() {
        let calendar = calendar();
        for today in ["2019-03-06", "2019-03-08", "2019-03-10"].map(day) {
            let edges = Edges::on(&calendar, today).unwrap();
            for other in day("2018-09-01").iter_days().take_while(|other| *other < day("2019-06-01")) {
                if other <= today {
                    let age = calendar.working_days_between(other, today).unwrap();
                    for (days, span) in AGES.iter().zip(&edges.ages).chain(OVERDUE.iter().zip(&edges.overdue))
                    {
                        assert_eq!(
                            span.holds(other),
                            fits(days, age),
                            "{other} on {today}: {days:?} {span:?}"
                        );
                    }
                }
                if other >= today {
                    let left = calendar.working_days_between(today, other).unwrap();
                    for (days, span) in LEFT.iter().zip(&edges.left) {
                        assert_eq!(
                            span.holds(other),
                            fits(days, left),
                            "{other} on {today}: {days:?} {span:?}"
                        );
                    }
                }
            }
        }
    }

    /// Buckets beyond the loaded years are empty, so that no day lies in two of them.
    #[test]
    fn no_day_lies_in_two_buckets() {
        let calendar = calendar();
        for today in ["2018-01-03", "2019-12-31", "2019-12-29"].map(day) {
            let edges = Edges::on(&calendar, today).unwrap();
            for day in day("2018-01-01").iter_days().take_while(|day| *day < self::day("2020-01-01")) {
                let among = |spans: &[Span]| spans.iter().filter(|span| span.holds(day)).count();
                assert!(
                    day > today || (among(&edges.ages), among(&edges.overdue)) == (1, 1),
                    "{day} on {today}"
                );
                assert!(day < today || among(&edges.left) == 1, "{day} on {today}");
            }
        }
        assert!(Edges::on(&calendar, day("2020-01-02")).is_err(), "nothing is known of today");
    }

    #[test]
    fn keys_say_what_they_hold() {
        let keys = |all: &[Days]| all.iter().map(|days| days.key()).collect::<Vec<_>>().join(" ");
        assert_eq!(keys(&AGES), "0-5 6-10 11-20 21-30 31-60 61+");
        assert_eq!(keys(&LEFT), "0 1-2 3-5 6-10 11+");
    }
}
