//! Counters equal a recount after random histories.

use chrono::{Days, NaiveDate};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use serde_json::{Value, json};

use super::{figure, prove, report};
use crate::support::{
    Client, TAN_LONG, address, birth, business, land_use, marital_status, on_both_engines, with,
};

/// Everybody who has something to do with the dossiers below.
pub const PEOPLE: [&str; 12] = [
    "clerk@tan-long",
    "officer@tan-long",
    "leader@tan-long",
    "clerk@thanh-binh",
    "leader@thanh-binh",
    "officer@tckh",
    "officer@tnmt",
    "officer@kt-ht",
    "officer@thue",
    "officer@tu-phap",
    "post_clerk@buu-dien-tan-long",
    "officer@ldtbxh",
];

/// Any action with a body that may do.
fn any_action(name: &str, now: &str, rng: &mut Xoshiro256PlusPlus) -> Value {
    let person = json!({"full_name": "Nguyễn Thị Hoa"});
    let mut body = match name {
        "ask_completion" | "request_supplement" => json!({"items": [{"code": "TK"}], "reason": "x"}),
        "decline" | "request_withdrawal" | "withdraw" | "keep" | "recall" | "send_back" | "stop" => {
            json!({"reason": "x"})
        }
        "assign" => json!({"lead": "officer@tan-long"}),
        "open_leg" => {
            json!({"key": "y-kien", "name": "Ý kiến", "agency": "000.01.31.H20", "time_limit": {"amount": 1, "unit": "working_days"}})
        }
        "finish_leg" => json!({"key": if rng.random_bool(0.5) { "y-kien" } else { "quy-hoach" }}),
        "request_payment" => json!({"amount": 15000, "reason": "x"}),
        "propose" | "resolve" => {
            if rng.random_bool(0.7) {
                json!({"result": "granted"})
            } else {
                json!({"result": "refused", "reason": "x"})
            }
        }
        "extend" => json!({"new_due_at": format!("{now}T17:00:00+07:00"), "reason": "x"}),
        "replace_result" => json!({"reason": "x"}),
        "return_result" => json!({"by": "counter", "recipient": person}),
        "correct" => {
            json!({"reason": "x", "channel": if rng.random_bool(0.5) { "counter" } else { "at_home" }})
        }
        _ => json!({}),
    };
    body["action"] = json!(name);
    body
}

/// What this caller is offered, or else anything at all.
pub async fn step(caller: &Client, dossier: &Value, soon: &str, rng: &mut Xoshiro256PlusPlus) -> u16 {
    let seen = caller.see(dossier).await;
    if seen.status != 200 {
        assert_eq!(seen.status, 404, "{seen:?}");
        return seen.status;
    }
    let seen = seen.json();
    let offered = seen["allowed_transitions"].as_array().cloned().unwrap_or_default();
    let Some(choice) = offered.choose(rng) else { return 204 };
    let name = choice["action"].as_str().unwrap();
    let answer = caller.act(dossier, any_action(name, soon, rng)).await;
    if answer.status == 200 {
        let to = answer.json()["status"].clone();
        if !["send_back", "acknowledge"].contains(&name) {
            assert_eq!(to, choice["to"], "{name} on {}", address(dossier));
        }
    }
    // Offered, but the body may be refused; never a 500, never "not from here".
    assert!(answer.is_one_of(&[200, 403, 409, 422]), "{name}: {answer:?}");
    answer.status
}

on_both_engines! {
    async fn random_histories_are_counted_rightly(t: Test) {
        // Some days, and some around New Year.
        for (seed, days) in [
            (0, ["2019-03-04", "2019-03-05", "2019-03-06", "2019-03-07", "2019-03-08"]),
            (1, ["2019-12-27", "2019-12-30", "2019-12-31", "2020-01-02", "2020-01-03"]),
        ] {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
            let mut dossiers: Vec<Value> = Vec::new();
            let mut done = 0;
            for day in days {
                let soon = (day.parse::<NaiveDate>().unwrap() + Days::new(3)).to_string();
                for hour in [8, 14, 16] {
                    t.at(&format!("{day}T{hour:02}:30"));
                    let clerk = t.as_("clerk@tan-long").await;
                    let district = t.as_("clerk@thanh-binh").await;
                    for _ in 0..2 {
                        let channel = *["counter", "at_home", "online", "postal"].choose(&mut rng).unwrap();
                        let (caller, body) = match rng.random_range(0..4) {
                            0 => (&clerk, birth(TAN_LONG)),
                            1 => (&clerk, marital_status(TAN_LONG)),
                            2 => (&district, business()),
                            _ => (&district, land_use()),
                        };
                        dossiers.push(
                            caller
                                .post("/dossiers", with(body, json!({"channel": channel})))
                                .await
                                .expect(201),
                        );
                    }
                    for _ in 0..28 {
                        let caller = t.as_(PEOPLE.choose(&mut rng).unwrap()).await;
                        let dossier = dossiers.choose(&mut rng).unwrap();
                        done += u32::from(step(&caller, dossier, &soon, &mut rng).await == 200);
                    }
                }
            }
            assert!(done >= 40, "the histories are too short: {done}");
            assert_eq!(t.findings(), Vec::<String>::new(), "seed {seed}");
        }
        let leader = t.as_("leader@thanh-binh").await;
        for query in [
            "from=2019-03-01&to=2019-04-01&group_by=agency,procedure",
            "from=2019-12-01&to=2020-01-01&group_by=channel",
            "from=2019-12-15&to=2020-01-15&group_by=day",
            "from=2020-01-01&to=2021-01-01&group_by=agency,procedure",
        ] {
            let answer = report(&leader, &format!("{query}&agency=000.00.31.H20")).await;
            answer["items"].as_array().unwrap().iter().for_each(prove);
            for (path, link) in answer["total"]["links"].as_object().unwrap() {
                let list =
                    leader.get(&format!("{}&count=true&limit=1", link.as_str().unwrap())).await.expect(200);
                assert_eq!(list["total"].as_i64(), Some(figure(&answer["total"], path)), "{path}");
            }
        }
    }
}
