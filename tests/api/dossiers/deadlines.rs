//! The clock: due dates, pauses, extensions, outcomes, and the ledger that explains them.

use serde_json::{Value, json};

use crate::support::{TAN_LONG, Test, address, birth, marital_status, on_both_engines, with};

fn supplement_request() -> Value {
    json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu giấy"})
}

async fn resolve(t: &Test, dossier: &Value) -> Value {
    let officer = t.as_("officer@tan-long").await;
    officer.act(dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200)
}

on_both_engines! {
    async fn the_outcome_goes_by_the_day(t: Test) {
        // Received on the fourth, due on the seventh at five.
        for (resolved, outcome) in [
            ("2019-03-06T16:59", "early"),
            ("2019-03-07T07:00", "on_time"),
            ("2019-03-07T17:00", "on_time"),
            ("2019-03-07T17:00:01", "late"),
            ("2019-03-08T08:00", "late"),
        ] {
            t.at("2019-03-04T08:00");
            let dossier =
                t.as_("clerk@tan-long").await.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
            t.at(resolved);
            let done = resolve(&t, &dossier).await;
            assert_eq!(done["outcome"], outcome, "{resolved}");
            assert!(done["is_overdue"] == false, "what has ended is not overdue");
        }
    }

    async fn a_same_day_case_is_early_only_when_it_came_late(t: Test) {
        t.at("2019-03-04T15:30");
        let late = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        assert_eq!(late["due_at"], "2019-03-05T17:00:00+07:00");
        assert_eq!(resolve(&t, &late).await["outcome"], "early");
        t.at("2019-03-05T14:00");
        let soon = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        assert_eq!(resolve(&t, &soon).await["outcome"], "on_time");
    }

    async fn who_collects_late_does_not_make_it_late(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        resolve(&t, &dossier).await;
        t.at("2019-04-10T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let returned = clerk.act(&dossier, json!({"action": "return_result", "by": "counter", "recipient": {"full_name": "Nguyễn Thị Hoa"}})).await.expect(200);
        assert_eq!(
            (returned["outcome"].as_str(), returned["returned_at"].as_str()),
            (Some("early"), Some("2019-04-10T09:00:00+07:00"))
        );
        assert_eq!(returned["finished_at"], "2019-03-04T08:00:00+07:00");
    }

    async fn a_supplement_starts_the_limit_again(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-06T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let waiting = clerk.act(&dossier, supplement_request()).await.expect(200);
        assert_eq!(
            (waiting["status"].as_str(), waiting["is_paused"].as_bool(), waiting["national_status"].as_i64()),
            (Some("awaiting_supplement"), Some(true), Some(5))
        );
        assert_eq!(waiting["marks"], json!([]), "within three working days");
        t.at("2019-03-20T10:00");
        let clerk = t.as_("clerk@tan-long").await;
        let still = clerk.see(&dossier).await.expect(200);
        assert_eq!(still["is_overdue"], false, "a pause begun in time suspends the date");
        let again = clerk.act(&dossier, json!({"action": "supplement", "components": [{"code": "TK", "originals": 1}, {"code": "LH", "originals": 2}]})).await.expect(200);
        assert_eq!((again["status"].as_str(), again["is_paused"].as_bool()), (Some("received"), Some(false)));
        for due in ["due_at", "judged_due_at"] {
            assert_eq!(again[due], "2019-03-25T17:00:00+07:00", "{due}");
        }
        assert_eq!(again["first_due_at"], "2019-03-07T17:00:00+07:00");
        assert_eq!(again["components"][1]["originals"], 2);
    }

    async fn a_pause_begun_too_late_moves_the_promise_only(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-08T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        assert_eq!(clerk.see(&dossier).await.expect(200)["is_overdue"], true);
        let waiting = clerk.act(&dossier, supplement_request()).await.expect(200);
        assert!(
            waiting["marks"].as_array().unwrap().contains(&"late_supplement_request".into()),
            "{}",
            waiting["marks"]
        );
        assert_eq!(waiting["is_overdue"], true);
        t.at("2019-03-11T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let again = clerk.act(&dossier, json!({"action": "supplement"})).await.expect(200);
        assert_eq!(
            (again["due_at"].as_str(), again["judged_due_at"].as_str()),
            (Some("2019-03-14T17:00:00+07:00"), Some("2019-03-07T17:00:00+07:00"))
        );
        assert_eq!(resolve(&t, &dossier).await["outcome"], "late");
    }

    async fn a_payment_goes_on_where_it_stopped(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-05T09:00");
        let officer = t.as_("officer@tan-long").await;
        let waiting = officer.act(&dossier, json!([{"action": "start"}, {"action": "request_payment", "amount": 15000, "reason": "Lệ phí"}])).await.expect(200);
        assert_eq!(
            (waiting["status"].as_str(), waiting["national_status"].as_i64()),
            (Some("awaiting_payment"), Some(6))
        );
        t.at("2019-03-12T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let paid = clerk
            .act(&dossier, json!({"action": "confirm_payment", "receipt_number": "0012"}))
            .await
            .expect(200);
        // Two working days were left after the fifth.
        assert_eq!(
            (paid["status"].as_str(), paid["due_at"].as_str(), paid["judged_due_at"].as_str()),
            (Some("processing"), Some("2019-03-14T17:00:00+07:00"), Some("2019-03-14T17:00:00+07:00"))
        );
    }

    async fn a_second_request_needs_a_leader(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk.act(&dossier, supplement_request()).await.expect(200);
        clerk.act(&dossier, json!({"action": "supplement"})).await.expect(200);
        clerk.act(&dossier, supplement_request()).await.problem(403, "wrong_role");
        let again = t.as_("leader@tan-long").await.act(&dossier, supplement_request()).await.expect(200);
        assert!(
            again["marks"].as_array().unwrap().contains(&"second_supplement".into()),
            "{}",
            again["marks"]
        );
    }

    async fn a_promise_is_moved_once(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let leader = t.as_("leader@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let extend = |to: &str| json!({"action": "extend", "new_due_at": to, "reason": "Xác minh"});
        for bad in [
            "2019-03-07T17:00:00+07:00", // the old date
            "2019-03-09T17:00:00+07:00", // a Saturday
            "2019-03-11T16:00:00+07:00", // no closing time
            "2019-03-13T17:00:00+07:00", // beyond the procedure's own limit
        ] {
            let faults = leader.act(&dossier, extend(bad)).await.faults();
            assert!(faults[0].starts_with("/new_due_at "), "{bad}: {faults:?}");
        }
        let extended = leader.act(&dossier, extend("2019-03-12T17:00:00+07:00")).await.expect(200);
        assert_eq!(
            (extended["due_at"].as_str(), extended["judged_due_at"].as_str()),
            (Some("2019-03-12T17:00:00+07:00"), Some("2019-03-12T17:00:00+07:00"))
        );
        assert_eq!(extended["first_due_at"], "2019-03-07T17:00:00+07:00");
        leader.act(&dossier, extend("2019-03-13T17:00:00+07:00")).await.problem(409, "already_extended");
    }

    async fn an_extension_after_the_date_moves_the_promise_only(t: Test) {
        let dossier =
            t.as_("clerk@tan-long").await.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-08T09:00");
        let leader = t.as_("leader@tan-long").await;
        let extended = leader
            .act(
                &dossier,
                json!({"action": "extend", "new_due_at": "2019-03-12T17:00:00+07:00", "reason": "Xác minh"}),
            )
            .await
            .expect(200);
        assert_eq!(
            (extended["due_at"].as_str(), extended["judged_due_at"].as_str()),
            (Some("2019-03-12T17:00:00+07:00"), Some("2019-03-07T17:00:00+07:00"))
        );
        assert!(extended["marks"].as_array().unwrap().contains(&"late_extension".into()));
    }

    async fn a_late_entry_is_judged_by_its_own_times_and_counted_by_its_recording(t: Test) {
        t.at("2019-03-06T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let late = json!({"received_at": "2019-03-04T10:30:00+07:00", "late_entry_reason": "Mất điện"});
        // Due on the fourth at five, and nothing was done.
        let missed = clerk.post("/dossiers", with(birth(TAN_LONG), late.clone())).await.expect(201);
        assert_eq!(
            (missed["due_at"].as_str(), missed["is_overdue"].as_bool()),
            (Some("2019-03-04T17:00:00+07:00"), Some(true))
        );
        // Papers were asked for in time, it was only not written down.
        let asked = json!([{"action": "request_supplement", "occurred_at": "2019-03-04T11:00:00+07:00", "items": [{"code": "GCS"}], "reason": "Thiếu giấy"}]);
        let body = with(birth(TAN_LONG), with(late, json!({"actions": asked})));
        let stopped = clerk.post("/dossiers", body).await.expect(201);
        assert_eq!((stopped["is_overdue"].as_bool(), stopped["is_paused"].as_bool()), (Some(false), Some(true)));
        for dossier in [&missed, &stopped] {
            assert!(dossier["marks"].as_array().unwrap().contains(&"late_entry".into()));
        }
        let leader = t.as_("leader@thanh-binh").await;
        for (as_of, pending, overdue) in [("2019-03-05", 0, 0), ("2019-03-06", 2, 1)] {
            let query = format!("from=2019-03-01&to=2019-04-01&agency={TAN_LONG}&as_of={as_of}");
            let figures = leader.get(&format!("/statistics/on-time?{query}")).await.expect(200)["total"]["pending"].clone();
            assert_eq!((&figures["total"], &figures["overdue"]), (&json!(pending), &json!(overdue)), "{as_of}");
        }
    }

    async fn a_withdrawal_that_is_asked_for_leaves_the_clock_as_it_was(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk.act(&dossier, json!({"action": "request_withdrawal", "reason": "Thôi"})).await.expect(200);
        t.at("2019-03-08T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let asked = clerk.see(&dossier).await.expect(200);
        assert_eq!((asked["status"].as_str(), asked["is_overdue"].as_bool()), (Some("withdrawal_requested"), Some(true)));
        let kept = clerk.act(&dossier, json!({"action": "keep", "reason": "Ở lại"})).await.expect(200);
        assert_eq!((kept["status"].as_str(), kept["judged_due_at"].as_str()), (Some("received"), Some("2019-03-07T17:00:00+07:00")));
    }

    async fn the_ledger_tells_how_the_date_came_about(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-06T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        clerk.act(&dossier, supplement_request()).await.expect(200);
        t.at("2019-03-11T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        clerk.act(&dossier, json!({"action": "supplement"})).await.expect(200);
        let ledger = clerk.get(&format!("/dossiers/{}/deadline", address(&dossier))).await.expect(200);
        assert_eq!(
            (ledger["due_at"].as_str(), ledger["first_due_at"].as_str()),
            (Some("2019-03-14T17:00:00+07:00"), Some("2019-03-07T17:00:00+07:00"))
        );
        assert_eq!(ledger["rule_set"], "nd61");
        let actions: Vec<&str> =
            ledger["entries"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["submit", "request_supplement", "supplement"]);
        assert_eq!(ledger["entries"][1]["reason"], "Thiếu giấy");
    }

    async fn a_time_that_goes_back_changes_nothing(t: Test) {
        t.at("2019-03-04T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        // The machine's clock was set back.
        t.at("2019-03-04T08:55");
        let officer = t.as_("officer@tan-long").await;
        officer.act(&dossier, json!({"action": "start"})).await.expect(200);
        let events = officer.get(&format!("/dossiers/{}/events", address(&dossier))).await.expect(200);
        let times: Vec<&str> = events["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["occurred_at"].as_str().unwrap())
            .collect();
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
    }

    async fn a_year_without_a_calendar_stops_the_intake(t: Test) {
        t.at("2027-12-30T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", marital_status(TAN_LONG)).await.problem(422, "calendar_missing");
        assert_eq!(t.count("dossiers"), 0);
        t.at("2018-12-27T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let answer = clerk.post("/dossiers", with(birth(TAN_LONG), json!({}))).await;
        assert_eq!(answer.status, 422, "{answer:?}");
    }
}
