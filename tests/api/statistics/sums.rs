//! Figures that must add up: days to months, months to quarters and years, and the past to what was answered then.

use chrono::{Datelike, Days, NaiveDate};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use serde_json::{Value, json};

use super::histories::{PEOPLE, step};
use super::{figure, report};
use crate::support::{Client, TAN_LONG, Test, birth, business, marital_status, on_both_engines, with};

const FLOWS: [&str; 10] = [
    "received.total",
    "received.counter",
    "received.online",
    "resolved.early",
    "resolved.on_time",
    "resolved.late",
    "withdrawn",
    "stopped",
    "submissions.total",
    "submissions.declined",
];

/// Something happens on these days: two dossiers come in, and whoever is offered something does it. Gives what was answered
/// at the end of each.
async fn some_days(
    t: &Test,
    days: impl Iterator<Item = NaiveDate>,
    rng: &mut Xoshiro256PlusPlus,
) -> Vec<(NaiveDate, [Value; 2])> {
    let (mut dossiers, mut answered): (Vec<Value>, _) = (Vec::new(), Vec::new());
    for day in days {
        t.at(&format!("{day}T08:30"));
        for _ in 0..2 {
            let channel = *["counter", "at_home", "online"].choose(rng).unwrap();
            let (who, body) = match rng.random_range(0..3) {
                0 => ("clerk@tan-long", birth(TAN_LONG)),
                1 => ("clerk@tan-long", marital_status(TAN_LONG)),
                _ => ("clerk@thanh-binh", business()),
            };
            let body = with(body, json!({"channel": channel}));
            dossiers.push(t.as_(who).await.post("/dossiers", body).await.expect(201));
        }
        let soon = (day + Days::new(3)).to_string();
        for _ in 0..8 {
            let caller = t.as_(PEOPLE.choose(rng).unwrap()).await;
            step(&caller, dossiers.choose(rng).unwrap(), &soon, rng).await;
        }
        t.at(&format!("{day}T23:59:59"));
        answered.push((day, said(&t.as_("leader@thanh-binh").await, "").await));
    }
    answered
}

/// The report on time for a year and the backlog, without the links, whose moments differ.
async fn said(leader: &Client, as_of: &str) -> [Value; 2] {
    let whose = format!("agency=000.00.31.H20&group_by=agency{as_of}");
    let on_time = format!("/statistics/on-time?from=2019-01-01&to=2020-01-01&{whose}");
    let backlog = format!("/statistics/backlog?{whose}");
    let mut answers = [leader.get(&on_time).await.expect(200), leader.get(&backlog).await.expect(200)];
    for answer in &mut answers {
        answer.as_object_mut().unwrap().remove("as_of");
        answer["total"].as_object_mut().unwrap().remove("links");
        for row in answer["items"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("links");
        }
    }
    answers
}

on_both_engines! {
    /// Every day of any month from April on.
    async fn the_past_is_what_was_answered_then(t: Test) {
        let seed: u64 = rand::random();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let month = rng.random_range(4..=12);
        println!("seed {seed}: month {month} of 2019");
        let first = NaiveDate::from_ymd_opt(2019, month, 1).unwrap();
        let answered = some_days(&t, first.iter_days().take_while(|day| day.month() == month), &mut rng).await;
        assert!(answered.len() >= 30);
        t.at("2020-02-03T09:00");
        let leader = t.as_("leader@thanh-binh").await;
        for (day, then) in answered {
            let now = said(&leader, &format!("&as_of={day}")).await;
            assert_eq!(now, then, "{day} (seed {seed})");
        }
    }

    async fn months_sum_to_quarters_and_years(t: Test) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        for month in ["2019-03", "2019-05", "2019-12"] {
            let days = ["05", "12", "19"].map(|day| format!("{month}-{day}").parse().unwrap());
            some_days(&t, days.into_iter(), &mut rng).await;
        }
        t.at("2020-02-03T09:00");
        let leader = t.as_("leader@thanh-binh").await;
        let total = async |from: &str, to: &str| {
            report(&leader, &format!("from={from}&to={to}&agency=000.00.31.H20")).await["total"].clone()
        };
        let year = total("2019-01-01", "2020-01-01").await;
        let quarters = [
            total("2019-01-01", "2019-04-01").await,
            total("2019-04-01", "2019-07-01").await,
            total("2019-07-01", "2019-10-01").await,
            total("2019-10-01", "2020-01-01").await,
        ];
        let by_month = report(&leader, "from=2019-01-01&to=2020-01-01&agency=000.00.31.H20&group_by=month").await;
        let by_day = report(&leader, "from=2019-01-01&to=2020-01-01&agency=000.00.31.H20&group_by=day").await;
        let by_two = report(&leader, "from=2019-01-01&to=2020-01-01&agency=000.00.31.H20&group_by=agency,procedure").await;
        let rows = |answer: &Value| answer["items"].as_array().unwrap().clone();
        assert_eq!((rows(&by_month).len(), rows(&by_day).len()), (12, 365));
        for path in FLOWS {
            let sum = |rows: &[Value]| rows.iter().map(|row| figure(row, path)).sum::<i64>();
            let whole = figure(&year, path);
            for (name, part) in [("quarters", &quarters[..]), ("months", &rows(&by_month)), ("days", &rows(&by_day)), ("two groups", &rows(&by_two))] {
                assert_eq!(sum(part), whole, "{path} by {name}");
            }
            for (quarter, months) in quarters.iter().zip(rows(&by_month).chunks(3)) {
                assert_eq!(sum(months), figure(quarter, path), "{path}");
            }
        }
        for (one, next) in quarters.iter().zip(&quarters[1..]) {
            assert_eq!(figure(one, "pending.total"), figure(next, "carried_over"));
        }
        assert!(figure(&year, "received.total") >= 5 && figure(&year, "pending.total") > 0, "{year:#}");
        // Two years and half a year, whose edges no counter of a year fits.
        let long = total("2018-07-01", "2020-02-01").await;
        assert_eq!(figure(&long, "received.total"), figure(&year, "received.total"));
        assert_eq!(figure(&long, "pending.total"), figure(&year, "pending.total"));
    }
}
