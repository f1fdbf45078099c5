//! The backlog: every bucket is as large as the list behind it, and all of them together are what is pending.

use serde_json::{Value, json};

use super::{report, two_weeks};
use crate::support::{BIRTH, Client, TAN_LONG, TAN_MY, Test, birth, marital_status, on_both_engines, with};

const BACKLOG: &str = "/statistics/backlog?agency=000.00.31.H20";

fn sum(buckets: &Value) -> i64 {
    buckets.as_object().unwrap().values().map(|count| count.as_i64().unwrap()).sum()
}

/// The figure behind a link's path: `total`, `age.6-10`.
fn count(row: &Value, path: &str) -> i64 {
    let (group, key) = path.split_once('.').unwrap_or((path, ""));
    if key.is_empty() { row[group].as_i64().unwrap() } else { row[group][key].as_i64().unwrap() }
}

/// What every row keeps, and that each of its links lists what it counts.
async fn prove(caller: &Client, row: &Value) {
    let total = row["total"].as_i64().unwrap();
    assert_eq!(sum(&row["age"]), total, "{row:#}");
    let times = sum(&row["time_left"]) + sum(&row["overdue"]);
    assert_eq!(times + count(row, "paused") + count(row, "not_started"), total, "{row:#}");
    let links = row["links"].as_object().unwrap();
    assert_eq!(links.len(), 3 + 6 + 5 + 4);
    for (path, link) in links {
        let link = link.as_str().unwrap();
        let list = caller.get(&format!("{link}&count=true&limit=1")).await.expect(200);
        assert_eq!(list["total"].as_i64(), Some(count(row, path)), "{path} by {link}");
    }
}

/// The backlog of Tân Long by procedure and channel, its lists proved and left out, as they differ between then and now.
async fn leader_of_tan_long(t: &Test, as_of: &str) -> Value {
    let leader = t.as_("leader@tan-long").await;
    let query = format!("/statistics/backlog?agency={TAN_LONG}&group_by=procedure,channel{as_of}");
    let mut answer = leader.get(&query).await.expect(200);
    let answer = answer.as_object_mut().unwrap();
    answer.remove("as_of");
    let mut total = answer["total"].take();
    for row in answer["items"].as_array_mut().unwrap().iter_mut().chain([&mut total]) {
        prove(&leader, row).await;
        row.as_object_mut().unwrap().remove("links");
    }
    answer["total"] = total;
    answer.clone().into()
}

on_both_engines! {
    async fn the_backlog_of_two_weeks(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let answer = leader.get(BACKLOG).await.expect(200);
        let total = &answer["total"];
        prove(&leader, total).await;
        let pending = report(&leader, "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20").await["total"]["pending"].clone();
        assert_eq!((&total["total"], sum(&total["overdue"]).into()), (&pending["total"], pending["overdue"].clone()));
        assert_eq!(total["paused"], pending["paused"]);
        // Received on Monday the fourth, asked on Friday the fifteenth.
        assert_eq!((count(total, "age.6-10"), answer["unit"].as_str()), (5, Some("working_days")));
        assert_eq!(answer["buckets"]["age"][1], json!({"key": "6-10", "least": 6, "most": 10, "from": "2019-03-01", "to": "2019-03-08"}));
        for groups in ["agency", "level", "field", "procedure", "channel", "agency,procedure", "level,channel"] {
            let answer = leader.get(&format!("{BACKLOG}&group_by={groups}")).await.expect(200);
            assert_eq!(answer["total"], *total, "{groups}");
            let rows = answer["items"].as_array().unwrap();
            assert_eq!(rows.iter().map(|row| row["total"].as_i64().unwrap()).sum::<i64>(), 5, "{groups}");
            for row in rows {
                prove(&leader, row).await;
            }
        }
    }

    async fn buckets_follow_the_days(t: Test) {
        t.at("2019-03-04T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        // The one is due on the seventh at five, the other today.
        for (now, expected) in [
            ("2019-03-04T09:00", json!([["age.0-5", 2], ["time_left.0", 1], ["time_left.3-5", 1]])),
            ("2019-03-04T17:30", json!([["age.0-5", 2], ["overdue.0-5", 1], ["time_left.3-5", 1]])),
            ("2019-03-06T09:00", json!([["time_left.1-2", 1], ["overdue.0-5", 1]])),
            ("2019-03-07T17:00", json!([["time_left.0", 1], ["overdue.0-5", 1]])),
            ("2019-03-12T09:00", json!([["age.6-10", 2], ["overdue.0-5", 1], ["overdue.6-10", 1]])),
            ("2019-04-20T09:00", json!([["age.31-60", 2], ["overdue.21+", 2]])),
        ] {
            t.at(now);
            let clerk = t.as_("clerk@tan-long").await;
            let row = clerk.get("/statistics/backlog").await.expect(200)["total"].clone();
            for pair in expected.as_array().unwrap() {
                assert_eq!(count(&row, pair[0].as_str().unwrap()), pair[1].as_i64().unwrap(), "{now}: {row:#}");
            }
            prove(&clerk, &row).await;
        }
    }

    async fn a_past_day_as_it_was(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        // On the fourth nine were received and one accepted; on the sixth one was resolved, one paused and one withdrawn.
        for (as_of, expected) in [
            ("2019-03-03", json!([["total", 0]])),
            ("2019-03-04", json!([["total", 10], ["age.0-5", 10], ["time_left.3-5", 8], ["overdue.0-5", 2], ["paused", 0]])),
            ("2019-03-04T17:00:00%2B07:00", json!([["total", 10], ["time_left.0", 2], ["overdue.0-5", 0]])),
            ("2019-03-06", json!([["total", 8], ["paused", 1], ["overdue.0-5", 2], ["time_left.1-2", 5]])),
            ("2019-03-06T08:00:00%2B07:00", json!([["total", 10], ["paused", 0]])),
            ("2019-03-13", json!([["total", 5], ["age.6-10", 5], ["paused", 1], ["overdue.6-10", 2]])),
        ] {
            let answer = leader.get(&format!("{BACKLOG}&as_of={as_of}")).await.expect(200);
            let row = &answer["total"];
            for pair in expected.as_array().unwrap() {
                assert_eq!(count(row, pair[0].as_str().unwrap()), pair[1].as_i64().unwrap(), "{} as of {as_of}: {row:#}", pair[0]);
            }
            assert_eq!(answer["as_of"].as_str().unwrap().replace('+', "%2B"), as_of);
            let pending = report(&leader, &format!("from=2019-03-01&to=2019-04-01&agency=000.00.31.H20&as_of={as_of}")).await["total"]["pending"].clone();
            assert_eq!((&row["total"], sum(&row["overdue"]).into(), &row["paused"]), (&pending["total"], pending["overdue"].clone(), &pending["paused"]));
            for groups in ["agency,procedure", "level,channel", "field"] {
                let answer = leader.get(&format!("{BACKLOG}&as_of={as_of}&group_by={groups}")).await.expect(200);
                for row in answer["items"].as_array().unwrap().iter().chain([&answer["total"]]) {
                    prove(&leader, row).await;
                }
            }
        }
        // What is still to come stands now.
        let now = leader.get(&format!("{BACKLOG}&as_of=2019-03-15")).await.expect(200);
        assert_eq!(leader.get(&format!("{BACKLOG}&as_of=2019-12-31")).await.expect(200), now);
        leader.get(&format!("{BACKLOG}&as_of=1999-12-31")).await.problem(422, "calendar_missing");
        leader.get("/dossiers?clock_as_of=2019-03-06T08:00:00%2B07:00").await.problem(422, "invalid_query");
    }

    async fn what_moved_since_is_as_it_was(t: Test) {
        t.at("2019-03-04T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let mut dossiers = Vec::new();
        for _ in 0..4 {
            dossiers.push(clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201));
        }
        let then = leader_of_tan_long(&t, "").await;
        t.at("2019-03-05T09:00");
        // Another procedure and channel, another date, a pause, and an end: on the fourth none of this was so.
        let clerk = t.as_("clerk@tan-long").await;
        let correct = json!({"action": "correct", "reason": "Nhầm thủ tục", "procedure": BIRTH, "channel": "at_home", "components": [{"code": "TK", "originals": 1}, {"code": "GCS", "originals": 1}]});
        clerk.act(&dossiers[0], correct).await.expect(200);
        let extend = json!({"action": "extend", "new_due_at": "2019-03-12T17:00:00+07:00", "reason": "Xác minh"});
        t.as_("leader@tan-long").await.act(&dossiers[1], extend).await.expect(200);
        clerk.act(&dossiers[2], json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"})).await.expect(200);
        t.as_("officer@tan-long").await.act(&dossiers[3], json!({"action": "resolve", "result": "granted"})).await.expect(200);
        t.at("2019-03-06T09:00");
        assert_eq!(leader_of_tan_long(&t, "&as_of=2019-03-04").await, then);
        t.at("2019-03-14T09:00");
        t.as_("clerk@tan-long").await.act(&dossiers[2], json!({"action": "supplement"})).await.expect(200);
        assert_eq!(leader_of_tan_long(&t, "&as_of=2019-03-04").await, then);
        let fifth = leader_of_tan_long(&t, "&as_of=2019-03-05").await;
        let total = &fifth["total"];
        assert_eq!((count(total, "total"), count(total, "paused"), count(total, "overdue.0-5"), count(total, "time_left.3-5")), (3, 1, 1, 1), "{total:#}");
    }

    async fn what_had_not_begun_then(t: Test) {
        t.at("2025-07-07T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let body = with(marital_status(TAN_LONG), json!({"competent_agency": TAN_MY}));
        let dossier = clerk.post("/dossiers", body).await.expect(201);
        let then = leader_of_tan_long(&t, "").await;
        assert_eq!(count(&then["total"], "not_started"), 1, "{then:#}");
        t.at("2025-07-08T09:00");
        t.as_("clerk@tan-long").await.act(&dossier, json!({"action": "forward", "to_agency": TAN_MY})).await.expect(200);
        t.as_("officer@tan-my").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        let now = leader_of_tan_long(&t, "").await;
        assert_eq!((count(&now["total"], "not_started"), count(&now["total"], "time_left.3-5")), (0, 1), "{now:#}");
        assert_eq!(leader_of_tan_long(&t, "&as_of=2025-07-07").await, then);
    }

    async fn a_dossier_no_counter_knows_is_refused_and_counted(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let refused = |text: &str| -> i64 {
            let line = text.lines().find(|line| line.starts_with("motcua_figures_inconsistent_total "));
            line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).expect("the metric")
        };
        let before = refused(&t.anonymous().get("//metrics").await.text);
        // A pause that ended and was not booked.
        t.tamper("UPDATE dossiers SET paused_in_time = NOT paused_in_time WHERE paused_in_time");
        let problem = leader.get(&format!("{BACKLOG}&group_by=agency")).await.problem(500, "figures_inconsistent");
        assert!(["overdue", "paused"].contains(&problem["figure"].as_str().unwrap()), "{problem:#}");
        assert!(refused(&t.anonymous().get("//metrics").await.text) > before);
        assert!(!t.findings().is_empty());
        t.tamper("UPDATE dossiers SET paused_in_time = NOT paused_in_time WHERE status = 'awaiting_supplement'");
        leader.get(BACKLOG).await.expect(200);
    }

    async fn who_may_ask_what(t: Test) {
        two_weeks(&t).await;
        t.as_("clerk@tan-long").await.get(&format!("/statistics/backlog?agency={TAN_LONG}")).await.expect(200);
        t.as_("clerk@tan-long").await.get(&format!("/statistics/backlog?agency={TAN_MY}")).await.problem(403, "agency_out_of_reach");
        let leader = t.as_("leader@thanh-binh").await;
        for (query, pointer) in [
            ("as_of=yesterday", "/query/as_of"),
            ("group_by=month", "/query/group_by"),
            ("group_by=agency,level,field", "/query/group_by"),
            ("group_by=agency,agency", "/query/group_by"),
            ("from=2019-01-01", "/query/from"),
        ] {
            let answer = leader.get(&format!("{BACKLOG}&{query}")).await;
            answer.problem(422, "invalid_query");
            assert!(answer.faults().iter().any(|fault| fault.starts_with(pointer)), "{query}: {answer:?}");
        }
        leader.get("/statistics/backlog?agency=000.99.99.H99").await.problem(422, "invalid_query");
    }
}
