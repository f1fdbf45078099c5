//! From sums of counters to the rows of a report: by group, by bucket of time, with running totals. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Figures;
use super::members::Members;
use super::plan::Grain;
use super::store::{BEFORE, Sums};
use crate::db::text_enum;
use crate::dossiers::{Channel, Period};

text_enum! {
    /// What rows of a report can be kept apart by.
    pub enum GroupBy {
        /// The receiving agency.
        Agency = "agency",
        /// The kind of the nearest receiving agency that is a province, district or commune.
        Level = "level",
        /// The procedure's field (lĩnh vực).
        Field = "field",
        Procedure = "procedure",
        /// How dossiers came in.
        Channel = "channel",
        Month = "month",
        Day = "day",
    }
}

/// The pieces of time that rows are kept apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bucket {
    Whole,
    Month,
    Day,
}

impl Bucket {
    pub(super) fn of(groups: &[GroupBy]) -> Self {
        if groups.contains(&GroupBy::Day) {
            Self::Day
        } else if groups.contains(&GroupBy::Month) {
            Self::Month
        } else {
            Self::Whole
        }
    }

    /// The first day of the bucket that a day of the period lies in.
    fn containing(self, day: NaiveDate, period: &Period) -> NaiveDate {
        match self {
            Self::Whole => period.from,
            Self::Month => Grain::Month.start(day).max(period.from),
            Self::Day => day,
        }
    }

    /// The first day after a bucket.
    fn after(self, start: NaiveDate, period: &Period) -> NaiveDate {
        match self {
            Self::Whole => period.end,
            Self::Month => Grain::Month.end(start).min(period.end),
            Self::Day => Grain::Day.end(start).min(period.end),
        }
    }

    /// All buckets of the period, as half-open ranges. A whole period is one, even when it is empty.
    pub(super) fn all(self, period: &Period) -> Vec<(NaiveDate, NaiveDate)> {
        if self == Self::Whole {
            return vec![(period.from, period.end)];
        }
        let mut buckets = Vec::new();
        let mut start = period.from;
        while start < period.end {
            let end = self.after(start, period);
            buckets.push((start, end));
            start = end;
        }
        buckets
    }
}

/// Sums with their control, and received by channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) figures: Figures,
    pub(super) control: i64,
    pub(super) counter: i64,
    pub(super) online: i64,
    pub(super) postal: i64,
    pub(super) post_office: i64,
    pub(super) at_home: i64,
}

impl Total {
    fn add(&mut self, sums: &Sums, sign: Sign) {
        let received = match sign {
            Sign::Plus => {
                self.figures += sums.figures;
                self.control += sums.control;
                sums.figures.received
            }
            Sign::Minus => {
                self.figures -= sums.figures;
                self.control -= sums.control;
                -sums.figures.received
            }
        };
        let by_channel = match sums.channel {
            Channel::Counter => &mut self.counter,
            Channel::Online => &mut self.online,
            Channel::Postal => &mut self.postal,
            Channel::PostOffice => &mut self.post_office,
            Channel::AtHome => &mut self.at_home,
        };
        *by_channel += received;
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.figures += other.figures;
        self.control += other.control;
        self.counter += other.counter;
        self.online += other.online;
        self.postal += other.postal;
        self.post_office += other.post_office;
        self.at_home += other.at_home;
        self
    }

    fn is_zero(&self) -> bool {
        self.figures.is_zero() && self.control == 0
    }
}

/// Whether sums are added or taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// What happened to one group: before the period, and in each bucket of it.
#[derive(Debug, Default)]
struct Course {
    before: Total,
    during: BTreeMap<NaiveDate, Total>,
}

/// All groups.
#[derive(Debug)]
pub(super) struct Cube<'w> {
    period: Period,
    bucket: Bucket,
    courses: BTreeMap<Members<'w>, Course>,
}

/// The numbers of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'w> {
    /// The groups, without those of time.
    pub(super) members: Members<'w>,
    /// First day and day after the last of its bucket.
    pub(super) span: (NaiveDate, NaiveDate),
    /// What was booked before the bucket; of the years before the period's only what was [carried](Figures::carried) over.
    pub(super) before: Total,
    /// What was booked in it.
    pub(super) during: Total,
}

impl<'w> Cube<'w> {
    /// An empty one. Without groups beside time there is one course, even when nothing is ever counted in it.
    pub(super) fn new(period: Period, bucket: Bucket, has_groups: bool) -> Self {
        let mut courses = BTreeMap::new();
        if !has_groups {
            courses.insert(Members::default(), Course::default());
        }
        Self { period, bucket, courses }
    }

    /// Puts sums where they belong.
    pub(super) fn add(&mut self, members: Members<'w>, sums: &Sums, sign: Sign) {
        let course = self.courses.entry(members).or_default();
        if sums.time == BEFORE {
            course.before.add(sums, sign);
        } else {
            let start = self.bucket.containing(sums.time, &self.period);
            course.during.entry(start).or_default().add(sums, sign);
        }
    }

    /// How many rows there are at most.
    pub(super) fn most_lines(&self) -> usize {
        self.courses.len() * self.bucket.all(&self.period).len()
    }

    /// The rows in their order. Groups of which nothing is counted in a bucket are left out, unless time is the only group.
    pub(super) fn lines(&self) -> Vec<Line<'w>> {
        let buckets = self.bucket.all(&self.period);
        let mut lines = Vec::new();
        for (members, course) in &self.courses {
            let mut before = course.before;
            for span in &buckets {
                let during = course.during.get(&span.0).copied().unwrap_or_default();
                if members.is_empty() || !during.is_zero() || has_stock(&before) {
                    lines.push(Line { members: *members, span: *span, before, during });
                }
                before = before.plus(&during);
            }
        }
        lines
    }

    /// The row of everything.
    pub(super) fn total(&self) -> Line<'w> {
        let mut total = Line {
            members: Members::default(),
            span: (self.period.from, self.period.end),
            before: Total::default(),
            during: Total::default(),
        };
        for course in self.courses.values() {
            total.before = total.before.plus(&course.before);
            total.during = course.during.values().fold(total.during, Total::plus);
        }
        total
    }
}

/// Whether something stands at the end of these sums, or they are wrong, which must not go unseen.
fn has_stock(total: &Total) -> bool {
    let Figures { open, overdue, paused, waiting, waiting_late, .. } = total.figures;
    [open, overdue, paused, waiting, waiting_late].iter().any(|stock| *stock != 0)
        || total.control != total.figures.control()
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

    #[test]
    fn buckets_cover_the_period() {
        let months = Bucket::Month.all(&period("2019-01-15", "2019-03-02"));
        let expected =
            [("2019-01-15", "2019-02-01"), ("2019-02-01", "2019-03-01"), ("2019-03-01", "2019-03-02")];
        assert_eq!(months, expected.map(|(from, to)| (day(from), day(to))));
        assert_eq!(Bucket::Day.all(&period("2019-01-31", "2019-02-02")).len(), 2);
        assert_eq!(Bucket::Whole.all(&period("2019-01-01", "2019-01-01")).len(), 1);
        assert!(Bucket::Day.all(&period("2019-01-01", "2019-01-01")).is_empty());
    }

    #[test]
    fn running_totals_carry_over() {
        let mut cube = Cube::new(period("2019-01-01", "2019-04-01"), Bucket::Month, false);
        let mut add = |time, received, open| {
            let figures = Figures { received, open, early: received - open, ..Figures::default() };
            let control = figures.control();
            let sums =
                Sums { agency_id: 0, procedure_id: 0, channel: Channel::Online, time, figures, control };
            cube.add(Members::default(), &sums, Sign::Plus);
        };
        add(BEFORE, 10, 4);
        add(day("2019-01-03"), 5, 2);
        add(day("2019-03-30"), 1, -3);
        let lines = cube.lines();
        let opens: Vec<_> = lines.iter().map(|line| (line.before.figures.open, line.during.online)).collect();
        assert_eq!(opens, [(4, 5), (6, 0), (6, 1)]);
        let total = cube.total();
        assert_eq!((total.before.figures.open, total.during.figures.open, total.during.online), (4, -1, 6));
    }
}
