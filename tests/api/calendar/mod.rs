//! Calendars and due dates.

mod agreement;
mod refusals;
mod rule_sets;

use serde_json::{Value, json};

use crate::support::{DISTRICT, TAN_LONG, marital_status, on_both_engines, text};

/// Section 5.1 of the domain's notes: received, working days, due.
const VECTORS: [(&str, u32, &str); 10] = [
    ("2019-04-26", 3, "2019-05-04"),
    ("2019-04-12", 1, "2019-04-16"),
    ("2019-02-01", 10, "2019-02-22"),
    ("2019-12-31", 2, "2020-01-03"),
    ("2020-01-21", 5, "2020-02-04"),
    ("2022-04-29", 2, "2022-05-05"),
    ("2024-04-26", 4, "2024-05-06"),
    ("2025-04-25", 1, "2025-04-26"),
    ("2025-12-31", 3, "2026-01-07"),
    ("2026-08-21", 2, "2026-08-24"),
];

fn preview(received_at: &str, amount: impl Into<Value>, unit: &str) -> Value {
    json!({"agency": TAN_LONG, "received_at": received_at, "time_limit": {"amount": amount.into(), "unit": unit}})
}

on_both_engines! {
    async fn due_dates_follow_the_vectors(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for (received, days, due) in VECTORS {
            let body = preview(&format!("{received}T08:30:00+07:00"), days, "working_days");
            let answer = clerk.post("/deadlines/preview", body).await.expect(200);
            assert_eq!(answer["due_at"], format!("{due}T17:00:00+07:00"), "{received} + {days}");
            let counted =
                answer["explanation"].as_array().unwrap().iter().filter(|day| day["counts"] == true).count();
            assert_eq!(counted, usize::try_from(days).unwrap(), "{answer:#}");
        }
    }

    async fn every_unit_counts_its_way(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for (received, amount, unit, due) in [
            ("2019-03-04T14:59:00+07:00", 1, "same_day", "2019-03-04T17:00:00+07:00"),
            ("2019-03-04T15:00:00+07:00", 1, "same_day", "2019-03-04T17:00:00+07:00"),
            ("2019-03-04T15:00:01+07:00", 1, "same_day", "2019-03-05T17:00:00+07:00"),
            ("2019-03-02T09:00:00+07:00", 1, "same_day", "2019-03-04T17:00:00+07:00"),
            ("2019-03-04T10:00:00+07:00", 2, "working_hours", "2019-03-04T14:00:00+07:00"),
            ("2019-03-04T16:30:00+07:00", 1, "working_hours", "2019-03-05T07:30:00+07:00"),
            ("2019-03-04T08:00:00+07:00", 5, "calendar_days", "2019-03-11T17:00:00+07:00"),
            ("2019-03-04T08:00:00+07:00", 3, "calendar_days", "2019-03-07T17:00:00+07:00"),
            ("2019-03-04T01:00:00Z", 1, "working_days", "2019-03-05T17:00:00+07:00"),
        ] {
            let answer = clerk.post("/deadlines/preview", preview(received, amount, unit)).await.expect(200);
            assert_eq!(answer["due_at"], due, "{received} + {amount} {unit}");
        }
    }

    async fn pauses_restart_or_resume(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let with_pause = |then: &str| {
            let mut body = preview("2019-03-04T08:00:00+07:00", 5, "working_days");
            body["pauses"] = json!([{"from": "2019-03-06T09:00:00+07:00", "to": "2019-03-13T10:00:00+07:00", "then": then}]);
            clerk.post("/deadlines/preview", body)
        };
        assert_eq!(with_pause("restart").await.expect(200)["due_at"], "2019-03-20T17:00:00+07:00");
        // Due was the 11th: after the 6th, three days were left.
        assert_eq!(with_pause("resume").await.expect(200)["due_at"], "2019-03-18T17:00:00+07:00");
    }

    async fn nothing_is_guessed(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for received in
            ["2018-12-28T08:00:00+07:00", "2027-12-31T08:00:00+07:00", "2031-01-02T08:00:00+07:00"]
        {
            let answer = clerk.post("/deadlines/preview", preview(received, 5, "working_days")).await;
            answer.problem(422, "calendar_missing");
        }
        for (amount, unit) in [
            (json!(0), "working_days"),
            (json!(-1), "working_days"),
            (json!(2), "same_day"),
            (json!(1.5), "calendar_days"),
        ] {
            let answer =
                clerk.post("/deadlines/preview", preview("2019-03-04T08:00:00+07:00", amount, unit)).await;
            answer.problem(422, "invalid_body");
        }
        let elsewhere = json!({"agency": "X.1", "received_at": "yesterday", "time_limit": {"amount": 1, "unit": "moons"}});
        let faults = clerk.post("/deadlines/preview", elsewhere).await.faults();
        assert!(
            faults.iter().any(|it| it.starts_with("/received_at "))
                && faults.iter().any(|it| it.starts_with("/time_limit/unit ")),
            "{faults:?}"
        );
    }

    async fn uncertain_days_are_named(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let body = preview("2027-09-01T08:00:00+07:00", 2, "working_days");
        let answer = clerk.post("/deadlines/preview", body).await.expect(200);
        assert_eq!(answer["due_at"], "2027-09-07T17:00:00+07:00");
        let day =
            answer["explanation"].as_array().unwrap().iter().find(|day| day["on"] == "2027-09-03").unwrap();
        assert!(day["why"].as_str().unwrap().contains("Quốc khánh"), "{day}");
        assert_eq!(day["counts"], false);
    }

    async fn it_is_explained_in_english_too(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let body = preview("2019-04-26T08:30:00+07:00", 3, "working_days");
        let vietnamese = clerk.post("/deadlines/preview", body.clone()).await.expect(200);
        let english = clerk.post("/deadlines/preview", body).header("Accept-Language", "en").await.expect(200);
        let why = |answer: &Value, day: usize| text(answer, &format!("/explanation/{day}/why")).to_owned();
        assert_eq!(why(&vietnamese, 0), "Thứ Sáu: ngày 0 (ngày tiếp nhận), không tính");
        assert_eq!(why(&english, 0), "Friday: day 0 (the reception), not counted");
        assert_eq!(why(&vietnamese, 4), "Thứ Ba, nghỉ: 30/4: không tính");
        assert_eq!(why(&english, 8), "Saturday, worked in place of 29 April 2019: counts, 3/3; due at 17:00");
        for member in ["due_at", "rule_set"] {
            assert_eq!(vietnamese[member], english[member]);
        }
        let rules = |answer: &Value| -> Vec<Value> {
            answer["explanation"].as_array().unwrap().iter().map(|day| day["rule"].clone()).collect()
        };
        assert_eq!(rules(&vietnamese), rules(&english), "keys are no words");
        let year = clerk.get("/holidays/2027").await.expect(200);
        assert_eq!(year["warnings"], json!([]));
        let province = t.as_("admin@dong-thap").await;
        let put = || province.put("/holidays/2028", json!({"days_off": [{"date": "2028-09-02", "name": "Quốc khánh"}]}));
        let warned = put().header("Accept-Language", "en").await.expect(200);
        assert_eq!(
            warned["warnings"][0]["detail"],
            "A day off of the Labour Code is missing: New Year's Day",
            "{warned:#}"
        );
        let codes: Vec<&str> =
            warned["warnings"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"statutory_day_missing") && codes.contains(&"no_effect"), "{codes:?}");
        let again = clerk.get("/holidays/2028").await.expect(200);
        assert_eq!(again["warnings"][0]["detail"], "Thiếu ngày nghỉ theo Bộ luật Lao động: Tết Dương lịch");
    }

    async fn a_closed_agency_is_named_and_has_previews_all_the_same(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let body = json!({
            "days_off": [{"date": "2019-03-06", "name": "Lũ"}],
            "makeup_workdays": [{"date": "2019-03-09", "replaces": "2019-03-06"}],
        });
        admin.put(&format!("/holidays/2019?agency={TAN_LONG}"), body).await.expect(200);
        admin.patch(&format!("/agencies/{TAN_LONG}"), json!({"valid_to": "2019-03-05"})).await.expect(200);
        t.at("2019-03-05T08:00");
        let clerk = t.as_("clerk@thanh-binh").await;
        let body = preview("2019-03-05T08:00:00+07:00", 3, "working_days");
        let answer = clerk.post("/deadlines/preview", body).await.expect(200);
        assert_eq!(answer["due_at"], "2019-03-09T17:00:00+07:00");
        assert_eq!(
            answer["explanation"][1],
            json!({
                "on": "2019-03-06", "counts": false, "rule": "agency_closed",
                "why": "Thứ Tư, cơ quan nghỉ: Lũ, hoán đổi với ngày 09/03/2019: không tính",
            })
        );
        assert_eq!(
            answer["explanation"][4]["why"],
            "Thứ Bảy, làm bù cho ngày 06/03/2019: tính 3/3; hẹn trả lúc 17:00"
        );
    }

    async fn a_year_is_read_and_entered(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let year = clerk.get("/holidays/2019").await.expect(200);
        assert_eq!(year["makeup_workdays"].as_array().unwrap().len(), 2);
        clerk.get("/holidays/2018").await.problem(404, "not_found");
        let province = t.as_("admin@dong-thap").await;
        let next = json!({"days_off": [{"date": "2028-01-03", "name": "Tết Dương lịch (nghỉ bù)", "certainty": "likely"}], "makeup_workdays": []});
        province.put("/holidays/2028", next.clone()).await.expect(200);
        assert_eq!(clerk.get("/holidays/2028").await.expect(200)["days_off"][0]["certainty"], "likely");
        t.as_("admin@thanh-binh").await.put("/holidays/2028", next.clone()).await.problem(403, "forbidden");
        clerk.put("/holidays/2028", next).await.problem(403, "forbidden");
    }

    async fn all_faults_of_a_year_at_once(t: Test) {
        let province = t.as_("admin@dong-thap").await;
        let body = json!({
            "days_off": [
                {"date": "2028-09-04", "name": "Quốc khánh"}, {"date": "2028-09-04", "name": "lần hai"},
                {"date": "2029-01-01", "name": "năm khác"}, {"date": "2028-02-30", "name": "không có"},
            ],
            "makeup_workdays": [{"date": "2028-09-05", "replaces": "2028-09-09"}],
        });
        province.put("/holidays/2028", body).await.problem(422, "invalid_body");
        let body = json!({
            "days_off": [
                {"date": "2028-09-04", "name": "Quốc khánh"}, {"date": "2028-09-04", "name": "lần hai"},
                {"date": "2029-01-01", "name": "năm khác"},
            ],
            "makeup_workdays": [{"date": "2028-09-05", "replaces": "2028-09-09"}],
        });
        let answer = province.put("/holidays/2028", body).await;
        let faults = answer.faults();
        for pointer in
            ["/days_off/1/date", "/days_off/2/date", "/makeup_workdays/0/date", "/makeup_workdays/0/replaces"]
        {
            assert!(faults.iter().any(|fault| fault.starts_with(pointer)), "{pointer} in {faults:?}");
        }
        province.get("/holidays/2028").await.problem(404, "not_found");
    }

    async fn an_agency_may_have_days_of_its_own(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let body = json!({"days_off": [{"date": "2019-03-06", "name": "Lũ"}], "makeup_workdays": []});
        admin.put(&format!("/holidays/2019?agency={DISTRICT}"), body.clone()).await.expect(200);
        let clerk = t.as_("clerk@tan-long").await;
        // Three working days after the fourth: the sixth is closed below the district too.
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        assert_eq!(text(&dossier, "/due_at"), "2019-03-08T17:00:00+07:00");
        admin.put("/holidays/2019?agency=000.00.00.H20", body).await.problem(403, "agency_out_of_reach");
    }

    async fn a_running_deadline_does_not_move_with_the_calendar(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        assert_eq!(dossier["due_at"], "2019-03-07T17:00:00+07:00");
        let body = json!({"days_off": [{"date": "2019-03-06", "name": "Lũ"}], "makeup_workdays": []});
        t.expect_changed_calendar();
        t.as_("admin@thanh-binh")
            .await
            .put(&format!("/holidays/2019?agency={TAN_LONG}"), body)
            .await
            .expect(200);
        assert_eq!(clerk.see(&dossier).await.expect(200)["due_at"], "2019-03-07T17:00:00+07:00");
    }
}
