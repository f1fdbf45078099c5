//! The ledger of a deadline: it adds up, says whose time it was, and `motcua verify` sees whatever of it was changed.

use serde_json::{Value, json};

use crate::support::{
    Client, TAN_LONG, TAN_MY, address, business, land_use, marital_status, on_both_engines, with,
};

async fn ledger(caller: &Client, dossier: &Value) -> Value {
    caller.get(&format!("/dossiers/{}/deadline", address(dossier))).await.expect(200)
}

/// The entries' members, one row each.
fn column<'l>(ledger: &'l Value, member: &str) -> Vec<&'l Value> {
    ledger["entries"].as_array().unwrap().iter().map(|entry| &entry[member]).collect()
}

/// What must hold of every ledger.
fn adds_up(ledger: &Value) {
    let minutes: u64 = column(ledger, "used_minutes").iter().map(|it| it.as_u64().unwrap()).sum();
    let running = ledger["running_minutes"].as_u64().unwrap_or(0);
    assert_eq!(ledger["used_minutes"].as_u64().unwrap_or(0), minutes + running, "{ledger:#}");
    for date in ["due_at", "judged_due_at"] {
        let last = column(ledger, date).into_iter().rfind(|it| !it.is_null());
        assert_eq!(last, Some(&ledger[date]).filter(|it| !it.is_null()), "{date} in {ledger:#}");
    }
    let first = column(ledger, "due_at").into_iter().find(|it| !it.is_null());
    assert_eq!(first, Some(&ledger["first_due_at"]).filter(|it| !it.is_null()), "{ledger:#}");
}

on_both_engines! {
    async fn every_entry_with_who_when_and_why(t: Test) {
        let dossier = t.as_("clerk@tan-long").await.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-05T09:00");
        let officer = t.as_("officer@tan-long").await;
        officer.act(&dossier, json!([{"action": "start"}, {"action": "request_payment", "amount": 15000, "reason": "Lệ phí"}])).await.expect(200);
        t.at("2019-03-08T09:00");
        let officer = t.as_("officer@tan-long").await;
        let paused = ledger(&officer, &dossier).await;
        adds_up(&paused);
        assert_eq!((&paused["running_minutes"], &paused["is_paused"]), (&json!(0), &json!(true)));
        t.at("2019-03-12T09:00");
        t.as_("clerk@tan-long").await.act(&dossier, json!({"action": "confirm_payment"})).await.expect(200);
        t.at("2019-03-12T10:00");
        let extend = json!({"action": "extend", "new_due_at": "2019-03-15T17:00:00+07:00", "reason": "Xác minh"});
        t.as_("leader@tan-long").await.act(&dossier, extend).await.expect(200);
        t.at("2019-03-12T11:00");
        let officer = t.as_("officer@tan-long").await;
        let running = ledger(&officer, &dossier).await;
        adds_up(&running);
        assert_eq!(
            (&running["used_minutes"], &running["running_minutes"], &running["started_at"], &running["counts_from"]),
            (&json!(660), &json!(60), &json!("2019-03-04T08:00:00+07:00"), &json!("2019-03-12T09:00:00+07:00"))
        );
        t.at("2019-03-12T13:30");
        let officer = t.as_("officer@tan-long").await;
        officer.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        t.at("2019-04-01T09:00");
        let officer = t.as_("officer@tan-long").await;
        let done = ledger(&officer, &dossier).await;
        adds_up(&done);
        assert_eq!(column(&done, "effect"), ["started", "paused", "resumed", "extended", "ended"]);
        assert_eq!(column(&done, "used_minutes"), [0, 540, 0, 60, 90]);
        assert_eq!(column(&done, "by"), ["clerk@tan-long", "officer@tan-long", "clerk@tan-long", "leader@tan-long", "officer@tan-long"]);
        assert_eq!(column(&done, "reason"), [&Value::Null, &json!("Lệ phí"), &Value::Null, &json!("Xác minh"), &Value::Null]);
        assert_eq!(done["entries"][1]["left"], json!({"amount": 2, "unit": "days"}));
        assert_eq!(
            column(&done, "due_at"),
            [&json!("2019-03-07T17:00:00+07:00"), &Value::Null, &json!("2019-03-14T17:00:00+07:00"), &json!("2019-03-15T17:00:00+07:00"), &Value::Null]
        );
        assert_eq!((&done["budget"], &done["running_minutes"]), (&json!({"amount": 3, "unit": "working_days"}), &json!(0)));
    }

    async fn a_submission_has_none_yet_and_says_when_it_is_answered(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let body = with(marital_status(TAN_LONG), json!({"channel": "online"}));
        let submission = clerk.post("/dossiers", body).await.expect(201);
        let waiting = ledger(&clerk, &submission).await;
        adds_up(&waiting);
        assert_eq!((column(&waiting, "effect"), &waiting["used_minutes"]), (vec![&json!("waits")], &Value::Null));
        assert_eq!(waiting["accept_due_at"], "2019-03-05T08:00:00+07:00");
        t.at("2019-03-05T10:00");
        let clerk = t.as_("clerk@tan-long").await;
        let accepted = clerk.act(&submission, json!({"action": "accept"})).await.expect(200);
        let started = ledger(&clerk, &accepted).await;
        adds_up(&started);
        assert_eq!(column(&started, "effect"), ["waits", "started"]);
        assert_eq!(started["started_at"], "2019-03-05T10:00:00+07:00");
    }

    async fn a_correction_keeps_the_first_promise_and_counts_from_the_start(t: Test) {
        t.at("2025-07-07T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let body = with(marital_status(TAN_LONG), json!({"competent_agency": TAN_MY}));
        let dossier = clerk.post("/dossiers", body).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward", "to_agency": TAN_MY})).await.expect(200);
        t.at("2025-07-08T09:00");
        t.as_("officer@tan-my").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        let correct = json!({"action": "correct", "procedure": "1.001193", "reason": "Nhầm thủ tục", "components": [{"code": "TK", "originals": 1}, {"code": "GCS", "originals": 1}]});
        let right = t.as_("leader@tan-my").await.act(&dossier, correct).await.expect(200);
        // The same day, from the acknowledgement on.
        assert_eq!((&right["due_at"], &right["judged_due_at"]), (&json!("2025-07-08T17:00:00+07:00"), &json!("2025-07-08T17:00:00+07:00")));
        assert_eq!(right["first_due_at"], "2025-07-11T17:00:00+07:00");
        let told = ledger(&t.as_("officer@tan-my").await, &dossier).await;
        adds_up(&told);
        assert_eq!(told["budget"]["unit"], "same_day");
        assert_eq!(column(&told, "effect"), ["waits", "started", "corrected"]);
    }

    async fn the_receiver_s_wait_counts_against_it(t: Test) {
        t.at("2025-07-07T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let body = with(marital_status(TAN_LONG), json!({"competent_agency": TAN_MY}));
        let dossier = clerk.post("/dossiers", body).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward", "to_agency": TAN_MY})).await.expect(200);
        // To be handed over by five; the next morning at nine that was two hours ago.
        t.at("2025-07-08T09:00");
        let officer = t.as_("officer@tan-my").await;
        officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        let told = ledger(&officer, &dossier).await;
        assert_eq!(told["overran"][0]["leg"], Value::Null);
        assert_eq!((&told["overran"][0]["agency"]["code"], &told["overran"][0]["minutes"]), (&json!(TAN_LONG), &json!(120)));
    }

    async fn what_a_leg_overran_passes_on_and_is_its_own(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        // The receipt names the total and every agency's part of it.
        let receipt = &dossier["receipt"];
        assert_eq!(receipt["due_at"], "2019-03-07T17:00:00+07:00");
        let parts: Vec<_> = receipt["legs"].as_array().unwrap().iter().map(|leg| (&leg["time_limit"]["amount"], &leg["due_at"])).collect();
        assert_eq!(parts, [(&json!(1.5), &json!("2019-03-06T11:30:00+07:00")), (&json!(1), &json!("2019-03-07T17:00:00+07:00"))]);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        t.as_("officer@tckh").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        t.at("2019-03-05T09:00");
        let legs = t.as_("officer@tckh").await.see(&dossier).await.expect(200)["legs"].clone();
        // Until eleven thirty on the sixth: six hours of the fifth and four and a half of the sixth.
        assert_eq!((&legs[0]["balance"], &legs[0]["used"]), (&json!(360 + 270), &json!(540)));
        assert_eq!((&legs[1]["expected_due_at"], &legs[1]["balance"]), (&json!("2019-03-07T17:00:00+07:00"), &Value::Null));
        t.at("2019-03-06T15:00");
        t.as_("officer@tckh").await.act(&dossier, json!({"action": "forward"})).await.expect(200);
        t.at("2019-03-07T08:00");
        let tax = t.as_("officer@thue").await;
        let there = tax.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        let legs = &there["legs"];
        assert_eq!((&legs[0]["balance"], &legs[0]["state"]), (&json!(-90), &json!("done")));
        assert_eq!((&legs[1]["carried"], &legs[1]["due_at"]), (&json!(-90), &json!("2019-03-08T17:00:00+07:00")));
        t.at("2019-03-08T09:00");
        let tax = t.as_("officer@thue").await;
        tax.act(&dossier, json!({"action": "propose", "result": "granted"})).await.expect(200);
        let late = t.as_("leader@thanh-binh").await.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        assert_eq!((&late["outcome"], &late["legs"][1]["balance"]), (&json!("late"), &json!(360)), "tax has saved six hours");
        let told = ledger(&t.as_("clerk@thanh-binh").await, &dossier).await;
        adds_up(&told);
        assert_eq!(told["overran"].as_array().unwrap().len(), 1, "late, and not by tax: {:#}", told["overran"]);
        assert_eq!((&told["overran"][0]["leg"], &told["overran"][0]["minutes"]), (&json!("tckh"), &json!(90)));
    }

    async fn legs_beside_each_other_are_expected_together(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let dossier = clerk.post("/dossiers", land_use()).await.expect(201);
        let dates: Vec<_> = dossier["legs"].as_array().unwrap().iter().map(|leg| (leg["key"].as_str().unwrap(), &leg["expected_due_at"])).collect();
        // Nine days beside five, then four: the last ends on a Sunday and so on the Monday after it.
        assert_eq!(
            dates,
            [
                ("tnmt", &json!("2019-03-13T17:00:00+07:00")),
                ("quy-hoach", &json!("2019-03-11T17:00:00+07:00")),
                ("thue", &json!("2019-03-18T17:00:00+07:00")),
            ]
        );
    }

    async fn whatever_is_changed_by_hand_is_found(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let submission = clerk.post("/dossiers", with(marital_status(TAN_LONG), json!({"channel": "online"}))).await.expect(201);
        t.at("2019-03-05T09:00");
        let officer = t.as_("officer@tan-long").await;
        officer.act(&dossier, json!([{"action": "start"}, {"action": "request_payment", "amount": 15000, "reason": "Lệ phí"}])).await.expect(200);
        let desk = t.as_("clerk@thanh-binh").await;
        let routed = desk.post("/dossiers", business()).await.expect(201);
        desk.act(&routed, json!({"action": "forward"})).await.expect(200);
        t.as_("officer@tckh").await.act(&routed, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!(t.findings(), Vec::<String>::new());

        t.tamper("CREATE TABLE kept AS SELECT * FROM dossiers");
        t.tamper("CREATE TABLE kept_legs AS SELECT * FROM legs");
        let of = |dossier: &Value| format!("code = '{0}' OR reference = '{0}'", address(dossier));
        let later = |date: &str| format!(r#"clock = replace(clock, '"{date}":"2019-03-07', '"{date}":"2019-03-08')"#);
        for (which, change, named) in [
            (&dossier, "due_at = submitted_at".to_owned(), "due_at"),
            (&dossier, "judged_due_at = submitted_at".to_owned(), "judged_due_at"),
            (&dossier, "first_due_at = submitted_at".to_owned(), "first_due_at"),
            (&dossier, "expected_due_at = submitted_at".to_owned(), "expected_due_at"),
            (&submission, "accept_due_at = submitted_at".to_owned(), "accept_due_at"),
            // The date together with the clock that it must agree with.
            (&dossier, format!("first_due_at = last_event_at, {}", later("first_due_at")), "first"),
            (&dossier, r#"clock = replace(clock, '"days":2', '"days":9')"#.to_owned(), "what was left"),
            (&dossier, r#"clock = replace(clock, '"extended":false', '"extended":true')"#.to_owned(), "extended"),
            (&dossier, "clock = NULL, due_at = NULL, judged_due_at = NULL, first_due_at = NULL".to_owned(), "started"),
        ] {
            t.tamper(&format!("UPDATE dossiers SET {change} WHERE {}", of(which)));
            let found = t.findings();
            let is_named = found.iter().any(|it| it.contains(address(which)) && it.contains(named));
            assert!(is_named, "{change}: {found:?}");
            t.tamper(
                "UPDATE dossiers SET (due_at, judged_due_at, first_due_at, expected_due_at, accept_due_at, clock) =
                 (SELECT due_at, judged_due_at, first_due_at, expected_due_at, accept_due_at, clock FROM kept WHERE kept.id = dossiers.id)",
            );
        }
        for change in ["judged_due_at = started_at", "due_at = started_at", "started_at = due_at", "finished_at = due_at"] {
            t.tamper(&format!("UPDATE legs SET {change} WHERE state = 'open'"));
            let found = t.findings();
            assert!(found.iter().any(|it| it.contains(address(&routed)) && it.contains("leg tckh")), "{change}: {found:?}");
            t.tamper(
                "UPDATE legs SET (due_at, judged_due_at, started_at, finished_at) =
                 (SELECT due_at, judged_due_at, started_at, finished_at FROM kept_legs WHERE kept_legs.id = legs.id)",
            );
        }
        t.tamper("DROP TABLE kept");
        t.tamper("DROP TABLE kept_legs");
    }
}
