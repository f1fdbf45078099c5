//! The rules a second time, written independently and as slowly as they are worded: it walks from day to day and
//! from minute to minute over the raw holiday file, and shares no code with the library. The tests through HTTP use it
//! too (`#[path]`), hence its own words for units and pauses.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    WorkingDays,
    WorkingHours,
    CalendarDays,
    SameDay,
}

/// What the end of a pause does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Restart,
    Resume,
}

/// Opening periods from Monday to Sunday.
pub type Week = [Vec<(NaiveTime, NaiveTime)>; 7];

/// The country's calendar as one agency has it.
#[derive(Debug, Clone)]
pub struct Office {
    off: BTreeSet<NaiveDate>,
    /// Make-up day → the day that it replaces.
    makeup: BTreeMap<NaiveDate, NaiveDate>,
    /// By rising first day; the first holds since ever.
    hours: Vec<(NaiveDate, Week)>,
    cut_off: bool,
}

/// A due moment, the day on which its count ended, and the moment whose day was day 0.
type Ends = (NaiveDateTime, NaiveDate, NaiveDateTime);

impl Office {
    /// The country's days and the usual hours.
    pub fn usual() -> Self {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../../demo/holidays-vn.json")).unwrap();
        let date = |day: &serde_json::Value, member: &str| day[member].as_str().unwrap().parse().unwrap();
        let off = file["days_off"].as_array().unwrap();
        let makeup = file["makeup_workdays"].as_array().unwrap();
        Self {
            off: off.iter().map(|day| date(day, "date")).collect(),
            makeup: makeup.iter().map(|day| (date(day, "date"), date(day, "replaces"))).collect(),
            hours: vec![(NaiveDate::MIN, week(&[("07:00", "11:30"), ("13:30", "17:00")]))],
            cut_off: false,
        }
    }

    /// Closes on a day, a make-up day too.
    pub fn close(&mut self, day: NaiveDate) {
        self.makeup.remove(&day);
        self.off.insert(day);
    }

    /// Works a day of a weekend in place of another.
    pub fn swap(&mut self, worked: NaiveDate, replaced: NaiveDate) {
        self.makeup.insert(worked, replaced);
    }

    /// Other hours from a day on.
    pub fn change_hours(&mut self, from: NaiveDate, week: Week) {
        self.hours.push((from, week));
        self.hours.sort_by_key(|(from, _)| *from);
    }

    /// A reception after 15:00 makes the next working day day 0.
    pub fn count_from_next_day_after_cut_off(&mut self, cut_off: bool) {
        self.cut_off = cut_off;
    }

    pub fn is_working(&self, day: NaiveDate) -> bool {
        let weekend = day.weekday() == Weekday::Sat || day.weekday() == Weekday::Sun;
        self.makeup.contains_key(&day) || (!weekend && !self.off.contains(&day))
    }

    fn periods(&self, day: NaiveDate) -> &[(NaiveTime, NaiveTime)] {
        let (_, week) = self.hours.iter().rev().find(|(from, _)| *from <= day).unwrap();
        let like = self.makeup.get(&day).unwrap_or(&day).weekday();
        &week[usize::try_from(like.num_days_from_monday()).unwrap()]
    }

    fn opening(&self, day: NaiveDate) -> NaiveDateTime {
        day.and_time(self.periods(day).first().unwrap().0)
    }

    fn closing(&self, day: NaiveDate) -> NaiveDateTime {
        day.and_time(self.periods(day).last().unwrap().1)
    }

    /// Where a limit in days ends: half a day with the first period.
    fn end_of(&self, day: NaiveDate, halves: u32) -> NaiveDateTime {
        if halves.is_multiple_of(2) { self.closing(day) } else { day.and_time(self.periods(day)[0].1) }
    }

    fn next_working(&self, mut day: NaiveDate) -> NaiveDate {
        loop {
            day = day.succ_opt().unwrap();
            if self.is_working(day) {
                return day;
            }
        }
    }

    fn add_days(&self, mut day: NaiveDate, n: u32) -> NaiveDate {
        for _ in 0..n {
            day = self.next_working(day);
        }
        day
    }

    /// Whether the minute that begins now is opening time of a working day.
    fn is_open(&self, minute: NaiveDateTime) -> bool {
        let open = |(from, to): &(NaiveTime, NaiveTime)| *from <= minute.time() && minute.time() < *to;
        self.is_working(minute.date()) && self.periods(minute.date()).iter().any(open)
    }

    pub fn minutes_between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> u32 {
        let mut minute = whole_minute(local(from));
        let mut count = 0;
        while minute < whole_minute(local(until)) {
            count += u32::from(self.is_open(minute));
            minute += Duration::minutes(1);
        }
        count
    }

    pub fn add_minutes(&self, from: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
        if minutes == 0 {
            let mut moment = local(from);
            let closing_now =
                |m: NaiveDateTime| self.is_open(m - Duration::minutes(1)) && m == whole_minute(m);
            while !self.is_open(moment) && !closing_now(moment) {
                moment = whole_minute(moment) + Duration::minutes(1);
            }
            return utc(moment);
        }
        let mut minute = whole_minute(local(from));
        let mut left = minutes;
        while left > 0 {
            left -= u32::from(self.is_open(minute));
            minute += Duration::minutes(1);
        }
        utc(minute)
    }

    pub fn subtract_minutes(&self, until: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
        if minutes == 0 {
            return until;
        }
        let mut minute = whole_minute(local(until));
        let mut left = minutes;
        while left > 0 {
            minute -= Duration::minutes(1);
            left -= u32::from(self.is_open(minute));
        }
        utc(minute)
    }

    pub fn days_between(&self, after: NaiveDate, until: NaiveDate) -> u32 {
        let days = after.iter_days().skip(1).take_while(|day| *day <= until);
        days.map(|day| u32::from(self.is_working(day))).sum()
    }

    fn roll(&self, nominal: NaiveDate, now: NaiveDateTime, halves: u32) -> Ends {
        let today = self.is_working(nominal) && now <= self.end_of(nominal, halves);
        let last = if today { nominal } else { self.next_working(nominal) };
        (self.end_of(last, halves), nominal, now)
    }

    fn full(&self, mut from: NaiveDateTime, halves: u32, unit: Count, cut_off: bool) -> Ends {
        let in_time = self.is_working(from.date()) && from.time() <= clock("15:00");
        if cut_off && !in_time {
            from = self.opening(self.next_working(from.date()));
        }
        let day = from.date();
        match unit {
            Count::WorkingDays => {
                let last = self.add_days(day, halves.div_ceil(2));
                (self.end_of(last, halves), last, from)
            }
            Count::CalendarDays => {
                let (end, nominal, _) = self.roll(day + Duration::days(i64::from(halves / 2)), from, 2);
                (end, nominal, from)
            }
            Count::WorkingHours => {
                let end = local(self.add_minutes(utc(from), 30 * halves));
                (end, end.date(), from)
            }
            Count::SameDay => {
                let today = self.is_working(day) && from.time() <= clock("15:00") && from < self.closing(day);
                let last = if today { day } else { self.next_working(day) };
                (self.closing(last), last, from)
            }
        }
    }

    /// The due moment of a leg; `halves` of the unit. The cut-off is for receptions only.
    pub fn leg_due(&self, started_at: DateTime<Utc>, halves: u32, unit: Count) -> DateTime<Utc> {
        utc(self.full(local(started_at), halves, unit, false).0)
    }

    /// The due moment of a reception after these pauses; `halves` of the unit.
    pub fn due(
        &self,
        received_at: DateTime<Utc>,
        halves: u32,
        unit: Count,
        pauses: &[(DateTime<Utc>, DateTime<Utc>, Next)],
    ) -> DateTime<Utc> {
        let mut ends = self.full(local(received_at), halves, unit, self.cut_off);
        for (from, to, next) in pauses {
            if *next == Next::Restart {
                ends = self.full(local(*to), halves, unit, self.cut_off);
            } else if from != to {
                ends = self.resume(ends, local(*from), local(*to), halves, unit);
            }
        }
        utc(ends.0)
    }

    fn resume(
        &self,
        ends: Ends,
        stopped: NaiveDateTime,
        resumed: NaiveDateTime,
        halves: u32,
        unit: Count,
    ) -> Ends {
        let (end, nominal, begin) = ends;
        // Before day 0 nothing is spent.
        let (stopped, resumed) = (stopped.max(begin), resumed.max(begin));
        let day = resumed.date();
        match unit {
            Count::WorkingHours => {
                let left = self.minutes_between(utc(stopped), utc(end));
                let end = local(self.add_minutes(utc(resumed), left));
                (end, end.date(), resumed)
            }
            Count::CalendarDays => {
                let left = (nominal - stopped.date()).num_days().max(0);
                self.roll(day + Duration::days(left), resumed, 2)
            }
            Count::WorkingDays | Count::SameDay => match self.days_between(stopped.date(), nominal) {
                0 => self.roll(day, resumed, halves),
                left => {
                    let last = self.add_days(day, left);
                    (self.end_of(last, halves), last, resumed)
                }
            },
        }
    }
}

/// The same periods from Monday to Friday.
pub fn week(periods: &[(&str, &str)]) -> Week {
    let day: Vec<_> = periods.iter().map(|(from, to)| (clock(from), clock(to))).collect();
    [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()]
}

fn clock(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.naive_utc() + Duration::hours(7)
}

fn utc(local: NaiveDateTime) -> DateTime<Utc> {
    (local - Duration::hours(7)).and_utc()
}

fn whole_minute(moment: NaiveDateTime) -> NaiveDateTime {
    moment.with_second(0).unwrap().with_nanosecond(0).unwrap()
}
