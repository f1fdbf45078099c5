//! The rules a second time, written independently and as slowly as they are worded: it walks from day to day and
//! from minute to minute over the raw holiday file, with the default hours, and shares no code with the library.

use super::{Then, Unit};
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static OFF: LazyLock<BTreeSet<NaiveDate>> = LazyLock::new(|| dates("days_off"));
static MAKEUP: LazyLock<BTreeSet<NaiveDate>> = LazyLock::new(|| dates("makeup_workdays"));

fn dates(list: &str) -> BTreeSet<NaiveDate> {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../demo/holidays-vn.json")).unwrap();
    file[list].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap().parse().unwrap()).collect()
}

fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.naive_utc() + Duration::hours(7)
}

fn utc(local: NaiveDateTime) -> DateTime<Utc> {
    (local - Duration::hours(7)).and_utc()
}

pub fn is_working(day: NaiveDate) -> bool {
    let weekend = day.weekday() == Weekday::Sat || day.weekday() == Weekday::Sun;
    MAKEUP.contains(&day) || (!weekend && !OFF.contains(&day))
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
}

fn closing(day: NaiveDate) -> NaiveDateTime {
    day.and_time(time(17, 0))
}

fn next_working(mut day: NaiveDate) -> NaiveDate {
    loop {
        day = day.succ_opt().unwrap();
        if is_working(day) {
            return day;
        }
    }
}

/// Whether the minute that begins now is opening time of a working day.
fn is_open(minute: NaiveDateTime) -> bool {
    let now = (minute.hour(), minute.minute());
    let morning = ((7, 0)..(11, 30)).contains(&now);
    let afternoon = ((13, 30)..(17, 0)).contains(&now);
    (morning || afternoon) && is_working(minute.date())
}

fn whole_minute(moment: NaiveDateTime) -> NaiveDateTime {
    moment.with_second(0).unwrap().with_nanosecond(0).unwrap()
}

pub fn minutes_between(from: DateTime<Utc>, until: DateTime<Utc>) -> u32 {
    let mut minute = whole_minute(local(from));
    let mut count = 0;
    while minute < whole_minute(local(until)) {
        count += u32::from(is_open(minute));
        minute += Duration::minutes(1);
    }
    count
}

pub fn add_minutes(from: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
    if minutes == 0 {
        let mut moment = local(from);
        let closing_now = |m: NaiveDateTime| is_open(m - Duration::minutes(1)) && m == whole_minute(m);
        while !is_open(moment) && !closing_now(moment) {
            moment = whole_minute(moment) + Duration::minutes(1);
        }
        return utc(moment);
    }
    let mut minute = whole_minute(local(from));
    let mut left = minutes;
    while left > 0 {
        left -= u32::from(is_open(minute));
        minute += Duration::minutes(1);
    }
    utc(minute)
}

pub fn days_between(after: NaiveDate, until: NaiveDate) -> u32 {
    let days = after.iter_days().skip(1).take_while(|day| *day <= until);
    days.map(|day| u32::from(is_working(day))).sum()
}

fn add_days(mut day: NaiveDate, n: u32) -> NaiveDate {
    for _ in 0..n {
        day = next_working(day);
    }
    day
}

/// A due moment and the day on which its count ended.
type Ends = (NaiveDateTime, NaiveDate);

fn roll(nominal: NaiveDate, now: NaiveDateTime) -> Ends {
    let today = is_working(nominal) && now <= closing(nominal);
    (closing(if today { nominal } else { next_working(nominal) }), nominal)
}

fn full(from: NaiveDateTime, n: u32, unit: Unit) -> Ends {
    let day = from.date();
    match unit {
        Unit::WorkingDays => (closing(add_days(day, n)), add_days(day, n)),
        Unit::CalendarDays => roll(day + Duration::days(i64::from(n)), from),
        Unit::WorkingHours => {
            let end = local(add_minutes(utc(from), 60 * n));
            (end, end.date())
        }
        Unit::SameDay => {
            let today = is_working(day) && from.time() <= time(15, 0);
            let last = if today { day } else { next_working(day) };
            (closing(last), last)
        }
    }
}

/// The due moment after these pauses.
pub fn due(
    received_at: DateTime<Utc>,
    n: u32,
    unit: Unit,
    pauses: &[(DateTime<Utc>, DateTime<Utc>, Then)],
) -> DateTime<Utc> {
    let (mut end, mut nominal) = full(local(received_at), n, unit);
    for (from, to, then) in pauses {
        let (stopped, resumed) = (local(*from), local(*to));
        let (left, day) = (days_between(stopped.date(), nominal), resumed.date());
        (end, nominal) = match (then, unit) {
            (Then::Restart, _) => full(resumed, n, unit),
            (Then::Resume, _) if from == to => (end, nominal),
            (Then::Resume, Unit::WorkingHours) => {
                let end = local(add_minutes(*to, minutes_between(*from, utc(end))));
                (end, end.date())
            }
            (Then::Resume, Unit::CalendarDays) => {
                roll(day + Duration::days((nominal - stopped.date()).num_days().max(0)), resumed)
            }
            (Then::Resume, _) if left == 0 => roll(day, resumed),
            (Then::Resume, _) => (closing(add_days(day, left)), add_days(day, left)),
        };
    }
    utc(end)
}
