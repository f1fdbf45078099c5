//! Decree 61 until 2025-06-30, Decree 118 from 2025-07-01 on: chosen by the day of reception, and kept.

use serde_json::{Value, json};

use crate::support::{TAN_LONG, TAN_MY, Test, marital_status, on_both_engines, text, with};

/// Three working days, received at Tân Long, decided at Tân Mỹ, which is closed on Wednesday, the second of July.
async fn taken_in(t: &Test, at: &str) -> Value {
    t.at(at);
    let clerk = t.as_("clerk@tan-long").await;
    clerk
        .post("/dossiers", with(marital_status(TAN_LONG), json!({"competent_agency": TAN_MY})))
        .await
        .expect(201)
}

async fn close_tan_my(t: &Test) {
    let body = json!({"days_off": [{"date": "2025-07-02", "name": "Chuyển trụ sở"}], "makeup_workdays": []});
    let admin = t.as_("admin@thanh-binh").await;
    admin.put(&format!("/holidays/2025?agency={TAN_MY}"), body).await.expect(200);
}

async fn hand_over(t: &Test, dossier: &Value, at: &str) -> Value {
    let clerk = t.as_("clerk@tan-long").await;
    clerk.act(dossier, json!({"action": "forward", "to_agency": TAN_MY})).await.expect(200);
    t.at(at);
    t.as_("officer@tan-my").await.act(dossier, json!({"action": "acknowledge"})).await.expect(200)
}

on_both_engines! {
    async fn the_day_of_reception_chooses_the_rule_set(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for (received_at, rule_set) in [
            ("2025-06-30T00:00:00+07:00", "nd61"),
            ("2025-06-30T23:59:59+07:00", "nd61"),
            ("2025-06-30T16:59:59Z", "nd61"),
            ("2025-06-30T17:00:00Z", "nd118"),
            ("2025-07-01T00:00:00+07:00", "nd118"),
        ] {
            let body = json!({
                "agency": TAN_LONG, "received_at": received_at,
                "time_limit": {"amount": 1, "unit": "working_days"},
            });
            let answer = clerk.post("/deadlines/preview", body).await.expect(200);
            assert_eq!(answer["rule_set"], rule_set, "{received_at}");
        }
    }

    async fn the_last_day_of_decree_61(t: Test) {
        close_tan_my(&t).await;
        let dossier = taken_in(&t, "2025-06-30T16:00").await;
        // The clock starts at once, by the receiver's calendar, which knows nothing of the second of July.
        let due = "2025-07-03T17:00:00+07:00";
        assert_eq!((text(&dossier, "/rule_set"), text(&dossier, "/due_at")), ("nd61", due));
        // Handed over under the new decree, it keeps the old one.
        let there = hand_over(&t, &dossier, "2025-07-03T09:00").await;
        assert_eq!((text(&there, "/rule_set"), text(&there, "/due_at")), ("nd61", due));
        let done = t
            .as_("officer@tan-my")
            .await
            .act(&dossier, json!({"action": "resolve", "result": "granted"}))
            .await
            .expect(200);
        assert_eq!((text(&done, "/outcome"), text(&done, "/rule_set")), ("on_time", "nd61"));
    }

    async fn the_first_day_of_decree_118(t: Test) {
        close_tan_my(&t).await;
        let dossier = taken_in(&t, "2025-07-01T15:00").await;
        assert_eq!(text(&dossier, "/rule_set"), "nd118");
        assert!(dossier["due_at"].is_null() && dossier["judged_due_at"].is_null(), "{dossier:#}");
        // As if handed over on the same day: the third, the fourth, and after the weekend the seventh.
        assert_eq!(text(&dossier, "/expected_due_at"), "2025-07-07T17:00:00+07:00");
        let late = taken_in(&t, "2025-07-01T15:00:01").await;
        // The next opening is on the second, when only the receiver is open.
        assert_eq!(text(&late, "/expected_due_at"), "2025-07-07T17:00:00+07:00");
        let there = hand_over(&t, &dossier, "2025-07-04T10:00").await;
        let due = "2025-07-09T17:00:00+07:00";
        assert_eq!((text(&there, "/due_at"), text(&there, "/judged_due_at")), (due, due));
        assert_eq!(text(&there, "/first_due_at"), due);
    }

    async fn received_where_it_is_decided(t: Test) {
        t.at("2025-07-01T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        assert_eq!(
            (text(&dossier, "/rule_set"), text(&dossier, "/due_at")),
            ("nd118", "2025-07-04T17:00:00+07:00"),
            "nobody has to acknowledge"
        );
    }
}
