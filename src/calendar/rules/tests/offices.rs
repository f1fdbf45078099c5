//! Offices for the properties: closed on days of their own, working Saturdays for them, with hours that change, each as
//! the library has it and as the slow implementation has it.

use super::slow::{self, Count, Next, Office};
use super::*;
use chrono::{Datelike, Days, Weekday};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The country's days and the usual hours.
pub static PLAIN_OFFICE: LazyLock<Office> = LazyLock::new(Office::usual);

/// The same office twice.
#[derive(Debug, Clone)]
pub struct Twice {
    pub fast: Calendar,
    pub slow: Office,
}

pub fn count_of(unit: Unit) -> Count {
    match unit {
        Unit::WorkingDays => Count::WorkingDays,
        Unit::WorkingHours => Count::WorkingHours,
        Unit::CalendarDays => Count::CalendarDays,
        Unit::SameDay => Count::SameDay,
    }
}

pub fn next_of(then: Then) -> Next {
    match then {
        Then::Restart => Next::Restart,
        Then::Resume => Next::Resume,
    }
}

/// Weeks that differ in closing time, in the number of periods and from day to day.
const WEEKS: [&[(&str, &str)]; 3] = [
    &[("08:00", "12:00")],
    &[("06:30", "09:00"), ("09:15", "11:00"), ("13:00", "16:45")],
    &[("07:30", "11:30"), ("13:00", "18:20")],
];

pub fn any_office() -> impl Strategy<Value = Twice> {
    let closed = proptest::collection::btree_set((0_u64..2557).prop_map(day_at), 0..200);
    let hours = proptest::collection::btree_map((0_u64..2557).prop_map(day_at), 0..WEEKS.len(), 0..4);
    (closed, hours, any::<bool>()).prop_map(|(closed, hours, cut_off)| {
        let mut slow = Office::usual();
        slow.count_from_next_day_after_cut_off(cut_off);
        let mut years: BTreeMap<i32, YearCalendar> = BTreeMap::new();
        for day in &closed {
            slow.close(*day);
            year_of(*day, &mut years).days_off.push(day_off(*day));
        }
        for (worked, replaced) in swaps(&closed) {
            slow.swap(worked, replaced);
            let makeup =
                MakeupDay { date: worked, replaces: replaced, note: None, certainty: Certainty::Certain };
            year_of(worked, &mut years).makeup_workdays.push(makeup);
        }
        for (from, week) in &hours {
            slow.change_hours(*from, slow::week(WEEKS[*week]));
        }
        let history = HoursHistory::new(hours.iter().map(|(from, week)| (*from, weekly(WEEKS[*week]))));
        Twice { fast: Calendar::prepare(national(), years.into_values(), &history, cut_off), slow }
    })
}

/// For every third closed weekday the Saturday after it, unless that is closed or worked already.
fn swaps(closed: &BTreeSet<NaiveDate>) -> Vec<(NaiveDate, NaiveDate)> {
    let mut taken: BTreeSet<NaiveDate> = BTreeSet::new();
    let weekdays = closed.iter().filter(|day| day.weekday().num_days_from_monday() < 5);
    let swap = move |day: &NaiveDate| {
        let mut saturday = *day;
        while saturday.weekday() != Weekday::Sat {
            saturday = saturday + Days::new(1);
        }
        let is_free = !closed.contains(&saturday) && !PLAIN.is_working_day(saturday).unwrap();
        (is_free && taken.insert(saturday)).then_some((saturday, *day))
    };
    weekdays.step_by(3).filter_map(swap).collect()
}

fn day_at(place: u64) -> NaiveDate {
    d("2019-01-01") + Days::new(place)
}

fn day_off(date: NaiveDate) -> DayOff {
    DayOff { date, name: "Lũ".to_owned(), certainty: Certainty::Certain }
}

fn year_of(day: NaiveDate, years: &mut BTreeMap<i32, YearCalendar>) -> &mut YearCalendar {
    let year = day.year();
    let empty = || YearCalendar { year, days_off: Vec::new(), makeup_workdays: Vec::new() };
    years.entry(year).or_insert_with(empty)
}

fn weekly(periods: &[(&str, &str)]) -> WeeklyHours {
    let period = |(from, to): &(&str, &str)| PeriodInput { from: (*from).to_owned(), to: (*to).to_owned() };
    let day: Vec<PeriodInput> = periods.iter().map(period).collect();
    let week = WeekInput {
        monday: day.clone(),
        tuesday: day.clone(),
        wednesday: day.clone(),
        thursday: day.clone(),
        friday: day,
        ..WeekInput::default()
    };
    week.check().unwrap()
}
