//! Recompute: open deadlines follow a changed calendar, journaled, once, and nothing else does.

use serde_json::{Value, json};

use crate::support::{
    Client, DISTRICT, TAN_LONG, TAN_MY, Test, address, birth, business, marital_status, on_both_engines, with,
};

const TCKH: &str = "000.05.31.H20";

/// The administrator of the district closes an agency for a day; gives what the answer says about open deadlines.
async fn close(t: &Test, agency: &str, days: &[&str]) -> Value {
    let off: Vec<Value> = days.iter().map(|day| json!({"date": day, "name": "Lũ"})).collect();
    let body = json!({"days_off": off, "makeup_workdays": []});
    let admin = t.as_("admin@thanh-binh").await;
    admin.put(&format!("/holidays/2019?agency={agency}"), body).await.expect(200)["open_deadlines"].clone()
}

fn really() -> Value {
    json!({"year": 2019, "dry_run": false, "reason": "Lũ ở Tân Long"})
}

fn dry() -> Value {
    json!({"year": 2019, "dry_run": true})
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect()
}

async fn marital(clerk: &Client) -> Value {
    clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201)
}

on_both_engines! {
    async fn a_closure_moves_what_is_open_and_says_so(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let open = marital(&clerk).await;
        let paused = marital(&clerk).await;
        clerk
            .act(&paused, json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"}))
            .await
            .expect(200);
        let ended = marital(&clerk).await;
        t.as_("officer@tan-long").await.act(&ended, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        let elsewhere =
            t.as_("clerk@tan-my").await.post("/dossiers", marital_status(TAN_MY)).await.expect(201);
        let due_today = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);

        t.at("2019-03-05T09:00");
        let told = close(&t, TAN_LONG, &["2019-03-06"]).await;
        let expected = [address(&open), address(&paused)];
        assert_eq!((codes(&told), told["is_complete"].as_bool()), (expected.to_vec(), Some(true)));

        let admin = t.as_("admin@thanh-binh").await;
        let listed = admin.post("/deadlines/recompute", dry()).await.expect(200);
        assert_eq!(codes(&listed), expected);
        assert_eq!(
            (&listed["items"][0]["date"], &listed["items"][0]["old_due_at"], &listed["items"][0]["new_due_at"]),
            (&json!("due_at"), &json!("2019-03-07T17:00:00+07:00"), &json!("2019-03-08T17:00:00+07:00"))
        );
        assert_eq!((listed["moved"].as_i64(), &listed["next_cursor"]), (Some(2), &Value::Null));
        let clerk = t.as_("clerk@tan-long").await;
        assert_eq!(clerk.see(&open).await.expect(200)["due_at"], "2019-03-07T17:00:00+07:00", "only a list");

        let moved = admin.post("/deadlines/recompute", really()).key("once").await.expect(200);
        assert_eq!(codes(&moved), expected);
        let again = admin.post("/deadlines/recompute", really()).key("once").await;
        assert_eq!((again.header("idempotency-replayed"), again.expect(200)), (Some("true"), moved));
        let nothing = admin.post("/deadlines/recompute", really()).await.expect(200);
        assert_eq!(nothing["moved"], 0, "what was moved agrees with the calendar");

        let now = clerk.see(&open).await.expect(200);
        for date in ["due_at", "judged_due_at"] {
            assert_eq!(now[date], "2019-03-08T17:00:00+07:00", "{date}");
        }
        assert_eq!(now["first_due_at"], "2019-03-07T17:00:00+07:00", "the first promise was made");
        for (dossier, due_at) in [
            (&ended, "2019-03-07T17:00:00+07:00"),
            (&elsewhere, "2019-03-07T17:00:00+07:00"),
            (&due_today, "2019-03-04T17:00:00+07:00"),
        ] {
            let leader = t.as_("leader@thanh-binh").await;
            assert_eq!(leader.see(dossier).await.expect(200)["due_at"], due_at);
        }

        // Who, when, why: in the history and in the ledger.
        let events = clerk.get(&format!("/dossiers/{}/events", address(&open))).await.expect(200);
        let event = events["items"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&event["action"], &event["actor"]["name"], &event["private"]["reason"], &event["occurred_at"]),
            (&json!("recompute"), &json!("admin@thanh-binh"), &json!("Lũ ở Tân Long"), &json!("2019-03-05T09:00:00+07:00"))
        );
        let ledger = clerk.get(&format!("/dossiers/{}/deadline", address(&open))).await.expect(200);
        let entry = ledger["entries"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&entry["effect"], &entry["due_at"], &entry["by"], &entry["reason"]),
            (&json!("recomputed"), &json!("2019-03-08T17:00:00+07:00"), &json!("admin@thanh-binh"), &json!("Lũ ở Tân Long"))
        );

        // The pause goes on as it was, and its end counts by the new calendar.
        let still = clerk.see(&paused).await.expect(200);
        assert_eq!((still["is_paused"].as_bool(), &still["due_at"]), (Some(true), &json!("2019-03-08T17:00:00+07:00")));
        let back = clerk.act(&paused, json!({"action": "supplement"})).await.expect(200);
        assert_eq!(back["due_at"], "2019-03-11T17:00:00+07:00");
        // A date of one that has ended stays, though the calendar as it is now has another.
        assert_eq!(t.not_of_this_calendar(), [address(&ended)]);
        t.expect_changed_calendar();
    }

    async fn it_clears_a_date_that_was_missed_by_mistake(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = marital(&clerk).await;
        t.at("2019-03-08T09:00");
        let overdue = async || {
            let leader = t.as_("leader@thanh-binh").await;
            let query = format!("from=2019-03-01&to=2019-04-01&agency={DISTRICT}");
            let figures = leader.get(&format!("/statistics/on-time?{query}")).await.expect(200);
            let judged = leader.see(&dossier).await.expect(200);
            let count = figures["total"]["pending"]["overdue"].as_i64().unwrap();
            assert_eq!(judged["is_overdue"].as_bool(), Some(count == 1));
            (count, judged["judged_due_at"].as_str().unwrap().to_owned())
        };
        let seventh = "2019-03-07T17:00:00+07:00".to_owned();
        let eighth = "2019-03-08T17:00:00+07:00".to_owned();
        assert_eq!(overdue().await, (1, seventh.clone()));
        close(&t, TAN_LONG, &["2019-03-07"]).await;
        t.as_("admin@thanh-binh").await.post("/deadlines/recompute", really()).await.expect(200);
        assert_eq!(overdue().await, (0, eighth.clone()));
        t.at("2019-03-08T17:00:01");
        assert_eq!(overdue().await, (1, eighth), "it is missed at its new date");
        close(&t, TAN_LONG, &[]).await;
        t.as_("admin@thanh-binh").await.post("/deadlines/recompute", really()).await.expect(200);
        assert_eq!(overdue().await, (1, seventh), "and the day was none off after all");
    }

    async fn a_pause_begun_between_the_old_date_and_the_new_is_in_time_then(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = marital(&clerk).await;
        t.at("2019-03-08T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let request = json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"});
        assert_eq!(clerk.act(&dossier, request).await.expect(200)["is_overdue"], true);
        close(&t, TAN_LONG, &["2019-03-06"]).await;
        t.as_("admin@thanh-binh").await.post("/deadlines/recompute", really()).await.expect(200);
        t.at("2019-03-20T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        assert_eq!(clerk.see(&dossier).await.expect(200)["is_overdue"], false);
        let back = clerk.act(&dossier, json!({"action": "supplement"})).await.expect(200);
        assert_eq!((&back["due_at"], &back["judged_due_at"]), (&json!("2019-03-25T17:00:00+07:00"), &json!("2019-03-25T17:00:00+07:00")));
    }

    async fn an_extension_to_a_day_that_is_off_now_goes_on_to_the_next(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = marital(&clerk).await;
        let leader = t.as_("leader@tan-long").await;
        let extend = json!({"action": "extend", "new_due_at": "2019-03-12T17:00:00+07:00", "reason": "Xác minh"});
        leader.act(&dossier, extend).await.expect(200);
        close(&t, TAN_LONG, &["2019-03-12", "2019-03-13"]).await;
        let moved = t.as_("admin@thanh-binh").await.post("/deadlines/recompute", really()).await.expect(200);
        assert_eq!(moved["items"][0]["new_due_at"], "2019-03-14T17:00:00+07:00");
        let extend = json!({"action": "extend", "new_due_at": "2019-03-15T17:00:00+07:00", "reason": "Xác minh"});
        leader.act(&dossier, extend).await.problem(409, "already_extended");
    }

    async fn legs_follow_their_own_agency(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        let officer = t.as_("officer@tckh").await;
        officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        let told = close(&t, TCKH, &["2019-03-06"]).await;
        assert_eq!(codes(&told), [address(&dossier)]);
        let moved = t.as_("admin@thanh-binh").await.post("/deadlines/recompute", really()).await.expect(200);
        let item = &moved["items"][0];
        assert_eq!(item["old_due_at"], item["new_due_at"], "the total goes by the receiving agency");
        assert_eq!(
            (&item["legs"][0]["key"], &item["legs"][0]["old_due_at"], &item["legs"][0]["new_due_at"]),
            (&json!("tckh"), &json!("2019-03-06T11:30:00+07:00"), &json!("2019-03-07T11:30:00+07:00"))
        );
        let leg = officer.see(&dossier).await.expect(200)["legs"][0].clone();
        assert_eq!((&leg["due_at"], &leg["judged_due_at"]), (&json!("2019-03-07T11:30:00+07:00"), &json!("2019-03-07T11:30:00+07:00")));
    }

    async fn submissions_and_receipts_that_wait_follow_too(t: Test) {
        t.at("2025-07-07T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let body = with(marital_status(TAN_LONG), json!({"channel": "online"}));
        let submission = clerk.post("/dossiers", body).await.expect(201);
        assert_eq!(submission["accept_due_at"], "2025-07-08T08:00:00+07:00");
        let body = with(marital_status(TAN_LONG), json!({"competent_agency": TAN_MY}));
        let waiting = clerk.post("/dossiers", body).await.expect(201);
        assert_eq!(waiting["expected_due_at"], "2025-07-10T17:00:00+07:00");
        let off = json!({"days_off": [{"date": "2025-07-08", "name": "Lũ"}], "makeup_workdays": []});
        let admin = t.as_("admin@thanh-binh").await;
        admin.put(&format!("/holidays/2025?agency={DISTRICT}"), off).await.expect(200);
        let body = json!({"year": 2025, "dry_run": false, "reason": "Lũ"});
        let moved = admin.post("/deadlines/recompute", body).await.expect(200);
        let dates: Vec<_> = moved["items"].as_array().unwrap().iter().map(|item| (&item["date"], &item["new_due_at"])).collect();
        assert_eq!(
            dates,
            [
                (&json!("accept_due_at"), &json!("2025-07-09T08:00:00+07:00")),
                (&json!("expected_due_at"), &json!("2025-07-11T17:00:00+07:00")),
            ]
        );
        assert_eq!(clerk.see(&submission).await.expect(200)["accept_due_at"], "2025-07-09T08:00:00+07:00");
        assert_eq!(clerk.see(&waiting).await.expect(200)["expected_due_at"], "2025-07-11T17:00:00+07:00");
    }

    async fn many_are_moved_part_by_part(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(marital(&clerk).await["code"].as_str().unwrap().to_owned());
        }
        close(&t, TAN_LONG, &["2019-03-06"]).await;
        let admin = t.as_("admin@thanh-binh").await;
        let (mut moved, mut cursor) = (Vec::new(), Value::Null);
        for expected in [2, 2, 1] {
            let body = with(really(), json!({"limit": 2, "cursor": cursor}));
            let part = admin.post("/deadlines/recompute", body).await.expect(200);
            assert_eq!(part["moved"], expected);
            moved.extend(codes(&part).into_iter().map(str::to_owned));
            cursor = part["next_cursor"].clone();
        }
        assert_eq!((moved, cursor), (all, Value::Null));
    }

    async fn a_year_before_or_after_is_left_alone(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        marital(&clerk).await;
        close(&t, TAN_LONG, &["2019-03-06"]).await;
        t.expect_changed_calendar();
        let admin = t.as_("admin@thanh-binh").await;
        for year in [2018, 2020] {
            let body = json!({"year": year, "dry_run": true});
            let found = admin.post("/deadlines/recompute", body).await.expect(200);
            assert_eq!(found["moved"], 0, "{year} is not touched");
        }
    }

    async fn not_without_a_reason_and_not_everybody(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        for reason in [json!(null), json!(" "), json!("")] {
            let body = json!({"year": 2019, "dry_run": false, "reason": reason});
            assert_eq!(admin.post("/deadlines/recompute", body).await.faults(), ["/reason required"]);
        }
        admin.post("/deadlines/recompute", json!({"year": 19, "dry_run": true})).await.problem(422, "invalid_body");
        admin.post("/deadlines/recompute", with(dry(), json!({"cursor": "x"}))).await.problem(422, "cursor_invalid");
        t.as_("leader@thanh-binh").await.post("/deadlines/recompute", dry()).await.problem(403, "forbidden");
        // Nor through the dossier.
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = marital(&clerk).await;
        for action in [json!({"action": "recompute", "year": 2019, "reason": "x"}), json!({"action": "escalate", "level": "leader"})] {
            clerk.act(&dossier, action).await.problem(422, "invalid_body");
        }
    }
}
