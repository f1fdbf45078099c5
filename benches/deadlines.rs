//! How many due dates one core computes in a second from a prepared calendar, and that the number of days does not
//! matter: `cargo bench --bench deadlines`. Measured figures: `benches/README.md`.
//!
//! A loop of its own instead of a bench library: the medians of a handful of rounds are all that is wanted, and they
//! cost no dependency. Without `--bench` (`cargo test --all-targets`) each case runs once.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement prints its figures and stops at the first surprise"
)]

use std::{hint::black_box, time::Instant};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use motcua::calendar::rules::{
    Amount, Calendar, DayOff, Deadline, HoursHistory, MakeupDay, TimeLimit, Unit, YearCalendar, due,
};

/// Receptions that are spread over the loaded years, so that no cache line is asked twice in a row.
const RECEPTIONS: usize = 100_000;
const ROUNDS: usize = 15;

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    let calendar = calendar();
    let receptions = receptions();
    println!("{:<34} {:>12} {:>10}", "case", "per second", "ns each");
    for days in [1, 5, 10, 30, 60, 120, 250] {
        let limit = limit(days, Unit::WorkingDays);
        measure(&format!("working days: {days}"), rounds, &receptions, |at| {
            due(&calendar, at, limit).unwrap().due_at
        });
    }
    for (amount, unit, name) in [
        (8, Unit::WorkingHours, "working hours: 8"),
        (2_000, Unit::WorkingHours, "working hours: 2,000"),
        (15, Unit::CalendarDays, "calendar days: 15"),
        (1, Unit::SameDay, "same day"),
    ] {
        let limit = limit(amount, unit);
        measure(name, rounds, &receptions, |at| due(&calendar, at, limit).unwrap().due_at);
    }
    let ten = limit(10, Unit::WorkingDays);
    measure("working days: 10, paused, resumed", rounds, &receptions, |at| {
        let (from, until) = (at + TimeDelta::days(3), at + TimeDelta::days(9));
        let started = Deadline::received(&calendar, at, ten).unwrap();
        started.pause(&calendar, from).unwrap().resume(&calendar, until).unwrap().judged.due_at
    });
}

/// Prints the median of the rounds.
fn measure(
    name: &str,
    rounds: usize,
    receptions: &[DateTime<Utc>],
    case: impl Fn(DateTime<Utc>) -> DateTime<Utc>,
) {
    // The first round warms up and is left out.
    let mut nanoseconds: Vec<f64> = (0..=rounds)
        .map(|_| {
            let begin = Instant::now();
            for at in receptions {
                black_box(case(black_box(*at)));
            }
            begin.elapsed().as_secs_f64() * 1e9
        })
        .skip(1)
        .collect();
    nanoseconds.sort_by(f64::total_cmp);
    let count = f64::from(u32::try_from(receptions.len()).unwrap());
    let each = nanoseconds.get(rounds / 2).unwrap() / count;
    println!("{name:<34} {:>12.0} {each:>10.1}", 1e9 / each);
}

fn limit(amount: u16, unit: Unit) -> TimeLimit {
    TimeLimit::new(Amount::try_from(amount).unwrap(), unit).unwrap()
}

/// The country's calendars 2019–2027, with the usual hours.
fn calendar() -> Calendar {
    #[derive(serde::Deserialize)]
    struct File {
        days_off: Vec<DayOff>,
        makeup_workdays: Vec<MakeupDay>,
    }
    let file: File = serde_json::from_str(include_str!("../src/demo/holidays-vn.json")).unwrap();
    let year = |year| YearCalendar {
        year,
        days_off: file.days_off.iter().filter(|day| day.date.year() == year).cloned().collect(),
        makeup_workdays: file.makeup_workdays.iter().filter(|day| day.date.year() == year).cloned().collect(),
    };
    Calendar::prepare((2019..=2027).map(year), [], &HoursHistory::default(), false)
}

/// Any second of 2019 to 2025, the same in each run.
fn receptions() -> Vec<DateTime<Utc>> {
    let begin: DateTime<Utc> = "2019-01-01T00:00:00+07:00".parse().unwrap();
    let seconds = 7 * 365 * 86_400;
    let mut dice: i64 = 20_190_304;
    std::iter::repeat_with(|| {
        // Lehmer's generator; good enough to jump about.
        dice = dice * 48_271 % 2_147_483_647;
        begin + TimeDelta::seconds(dice % seconds)
    })
    .take(RECEPTIONS)
    .collect()
}
