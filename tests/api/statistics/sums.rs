//! Figures that must add up: days to months, months to quarters and years, and the past to what was answered then.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use serde_json::{Value, json};

use super::histories::{PEOPLE, step};
use super::{figure, report};
use crate::support::{TAN_LONG, Test, birth, business, marital_status, on_both_engines, with};

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

/// Something happens on these days of a month: two dossiers come in, and whoever is offered something does it.
async fn some_days(
    t: &Test,
    month: &str,
    days: impl Iterator<Item = u32>,
    rng: &mut Xoshiro256PlusPlus,
) -> Vec<(String, Value)> {
    let (mut dossiers, mut answered): (Vec<Value>, _) = (Vec::new(), Vec::new());
    for day in days {
        t.at(&format!("{month}-{day:02}T08:30"));
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
        let soon = format!("{month}-{:02}", day + 3);
        for _ in 0..8 {
            let caller = t.as_(PEOPLE.choose(rng).unwrap()).await;
            step(&caller, dossiers.choose(rng).unwrap(), &soon, rng).await;
        }
        t.at(&format!("{month}-{day:02}T23:59:59"));
        let leader = t.as_("leader@thanh-binh").await;
        answered.push((format!("{month}-{day:02}"), said(&leader, "").await));
    }
    answered
}

/// The figures of the first quarter and its neighbours, without the links, whose moments differ.
async fn said(leader: &crate::support::Client, as_of: &str) -> Value {
    let query = format!("from=2019-01-01&to=2020-01-01&agency=000.00.31.H20&group_by=agency{as_of}");
    let mut answer = report(leader, &query).await;
    answer.as_object_mut().unwrap().remove("as_of");
    answer["total"].as_object_mut().unwrap().remove("links");
    for row in answer["items"].as_array_mut().unwrap() {
        row.as_object_mut().unwrap().remove("links");
    }
    answer
}

on_both_engines! {
    async fn the_past_is_what_was_answered_then(t: Test) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(31);
        let answered = some_days(&t, "2019-03", 4..25, &mut rng).await;
        t.at("2019-05-06T09:00");
        let leader = t.as_("leader@thanh-binh").await;
        for (day, then) in answered {
            let now = said(&leader, &format!("&as_of={day}")).await;
            assert_eq!(now, then, "{day}");
        }
    }

    async fn months_sum_to_quarters_and_years(t: Test) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        for month in ["2019-03", "2019-05", "2019-12"] {
            some_days(&t, month, [5, 12, 19].into_iter(), &mut rng).await;
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
