//! Tests of the working-time library: tables by topic, properties, and a slow second implementation.

mod counting;
mod data;
mod explaining;
mod ledger;
mod offices;
mod properties;
mod routes;
mod slow;
mod vectors;

use super::*;
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::LazyLock;

#[derive(serde::Deserialize)]
struct HolidayFile {
    days_off: Vec<DayOff>,
    makeup_workdays: Vec<MakeupDay>,
}

/// The national calendars 2019–2027 of the sample data, by year.
pub(super) fn national() -> Vec<YearCalendar> {
    use chrono::Datelike;
    let file: HolidayFile = serde_json::from_str(include_str!("../../../demo/holidays-vn.json")).unwrap();
    (2019..=2027)
        .map(|year| YearCalendar {
            year,
            days_off: file.days_off.iter().filter(|day| day.date.year() == year).cloned().collect(),
            makeup_workdays: file
                .makeup_workdays
                .iter()
                .filter(|day| day.date.year() == year)
                .cloned()
                .collect(),
        })
        .collect()
}

/// 2019–2027, default hours, no closures, no cut-off.
pub(super) static PLAIN: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::prepare(national(), [], &HoursHistory::default(), false));

/// The same with `after_cutoff_counts_next_day`.
pub(super) static CUT_OFF: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::prepare(national(), [], &HoursHistory::default(), true));

/// An instant from local time, `2019-04-26 09:00` or with seconds.
pub(super) fn t(local: &str) -> DateTime<Utc> {
    let text = if local.len() == 16 { format!("{local}:00") } else { local.to_owned() };
    DateTime::parse_from_str(&format!("{text} +0700"), "%Y-%m-%d %H:%M:%S %z").unwrap().to_utc()
}

pub(super) fn d(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

pub(super) fn limit(amount: f64, unit: Unit) -> TimeLimit {
    TimeLimit::new(Amount::try_from(amount).unwrap(), unit).unwrap()
}

pub(super) fn days(n: u16) -> TimeLimit {
    TimeLimit::new(Amount::try_from(n).unwrap(), Unit::WorkingDays).unwrap()
}

pub(super) fn own(year: i32, off: &[&str]) -> YearCalendar {
    let days_off = off.iter().map(|day| DayOff {
        date: d(day),
        name: "Mất điện".to_owned(),
        certainty: Certainty::Certain,
    });
    YearCalendar { year, days_off: days_off.collect(), makeup_workdays: Vec::new() }
}
