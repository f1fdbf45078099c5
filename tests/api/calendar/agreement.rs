//! A thousand random previews through HTTP against the rules written a second time, which walk day by day and minute by
//! minute.

#[path = "../../../src/calendar/rules/tests/slow.rs"]
#[allow(dead_code, reason = "the unit tests ask it more")]
mod slow;

use std::future::IntoFuture;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::{Value, json};

use self::slow::{Count, Next, Office};
use crate::support::{TAN_LONG, TAN_MY, all, on_both_engines};

const PREVIEWS: usize = 1_000;
/// So many requests are under way at the same time.
const AT_ONCE: usize = 20;

const UNITS: [(Count, &str); 4] = [
    (Count::WorkingDays, "working_days"),
    (Count::WorkingHours, "working_hours"),
    (Count::CalendarDays, "calendar_days"),
    (Count::SameDay, "same_day"),
];

/// The same numbers in each run (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A body, and the due moment that the slow rules find for it.
fn question(dice: &mut Dice, code: &str, office: &Office) -> (Value, DateTime<Utc>) {
    let begin: DateTime<Utc> = "2019-01-02T00:00:00+07:00".parse().unwrap();
    let edges = [0, 6 * 3600 + 3540, 25_200, 41_400, 43_200, 54_000, 54_001, 61_200, 86_340];
    let second = match dice.below(2) {
        0 => edges[usize::try_from(dice.below(9)).unwrap()],
        _ => dice.below(86_400),
    };
    let received_at = begin + Duration::days(dice.below(2_550)) + Duration::seconds(second);
    let (unit, name) = UNITS[usize::try_from(dice.below(4)).unwrap()];
    let amount = if unit == Count::SameDay { 1 } else { 1 + dice.below(30) };
    let halves = u32::try_from(2 * amount).unwrap();
    let mut pauses = Vec::new();
    let mut due_at = office.due(received_at, halves, unit, &pauses);
    for _ in 0..dice.below(4) {
        let start = pauses.last().map_or(received_at, |(_, to, _)| *to);
        let from = start + Duration::seconds(dice.below((due_at - start).num_seconds() + 1));
        let to = from + Duration::seconds(dice.below(20 * 86_400));
        let next = if dice.below(2) == 0 { Next::Restart } else { Next::Resume };
        pauses.push((from, to, next));
        due_at = office.due(received_at, halves, unit, &pauses);
    }
    let pause = |(from, to, next): &(DateTime<Utc>, DateTime<Utc>, Next)| json!({"from": from, "to": to, "then": if *next == Next::Restart { "restart" } else { "resume" }});
    let body = json!({
        "agency": code, "received_at": received_at, "time_limit": {"amount": amount, "unit": name},
        "pauses": pauses.iter().map(pause).collect::<Vec<_>>(),
    });
    (body, due_at)
}

/// An agency with days, hours and a cut-off of its own, set through the API and told to the slow rules.
async fn make_special(t: &crate::support::Test) -> Office {
    let mut office = Office::usual();
    let admin = t.as_("admin@thanh-binh").await;
    for year in 2019..=2025 {
        // A Wednesday in July, worked on the Saturday after it; a Monday in autumn.
        let july = day(&format!("{year}-07-08"))
            .iter_days()
            .find(|day| day.format("%a").to_string() == "Wed")
            .unwrap();
        let autumn = day(&format!("{year}-10-01"))
            .iter_days()
            .find(|day| day.format("%a").to_string() == "Mon")
            .unwrap();
        let saturday = july + Duration::days(3);
        let body = json!({
            "days_off": [{"date": july, "name": "Lũ"}, {"date": autumn, "name": "Chuyển trụ sở"}],
            "makeup_workdays": [{"date": saturday, "replaces": july}],
        });
        admin.put(&format!("/holidays/{year}?agency={TAN_MY}"), body).await.expect(200);
        office.close(july);
        office.close(autumn);
        office.swap(saturday, july);
    }
    for (from, periods) in [
        ("2020-04-01", vec![("06:30", "09:00"), ("09:15", "11:00"), ("13:00", "16:45")]),
        ("2022-10-15", vec![("08:00", "12:00")]),
    ] {
        let day_of_week: Vec<Value> =
            periods.iter().map(|(from, to)| json!({"from": from, "to": to})).collect();
        let mut hours = json!({});
        for name in ["monday", "tuesday", "wednesday", "thursday", "friday"] {
            hours[name] = json!(day_of_week);
        }
        let body = json!({"effective_from": from, "hours": hours});
        admin.put(&format!("/agencies/{TAN_MY}/working-hours"), body).await.expect(200);
        office.change_hours(day(from), slow::week(&periods));
    }
    let path = format!("/agencies/{TAN_MY}");
    admin.patch(&path, json!({"after_cutoff_counts_next_day": true})).await.expect(200);
    office.count_from_next_day_after_cut_off(true);
    office
}

on_both_engines! {
    async fn a_thousand_previews_agree_with_the_slow_rules(t: Test) {
        let offices = [(TAN_LONG, Office::usual()), (TAN_MY, make_special(&t).await)];
        let clerk = t.as_("clerk@tan-long").await;
        let mut dice = Dice(20_190_304);
        let questions: Vec<_> = (0..PREVIEWS)
            .map(|place| {
                let (code, office) = &offices[place % offices.len()];
                question(&mut dice, code, office)
            })
            .collect();
        let mut asked = 0;
        for some in questions.chunks(AT_ONCE) {
            let answers = all(some.iter().map(|(body, _)| clerk.post("/deadlines/preview", body.clone()).into_future())).await;
            for ((body, expected), answer) in some.iter().zip(answers) {
                let due_at: DateTime<Utc> = answer.expect(200)["due_at"].as_str().unwrap().parse().unwrap();
                assert_eq!(due_at, *expected, "{body:#}");
                asked += 1;
            }
        }
        assert_eq!(asked, PREVIEWS);
    }
}
