//! What is no deadline, no calendar and no week: a problem each, with its pointer, all faults at once.

use serde_json::{Value, json};

use crate::support::{TAN_LONG, TAN_MY, on_both_engines, with};

fn preview(changes: Value) -> Value {
    let body = json!({
        "agency": TAN_LONG, "received_at": "2019-03-04T08:00:00+07:00",
        "time_limit": {"amount": 5, "unit": "working_days"},
    });
    with(body, changes)
}

fn pause(from: &str, to: &str) -> Value {
    json!({"from": format!("2019-03-{from}:00+07:00"), "to": format!("2019-03-{to}:00+07:00"), "then": "resume"})
}

on_both_engines! {
    async fn a_preview_that_cannot_be(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let amount = |amount: Value, unit: &str| json!({"time_limit": {"amount": amount, "unit": unit}});
        for (changes, fault) in [
            (amount(json!(0), "working_days"), "/time_limit/amount out_of_range"),
            (amount(json!(-3), "calendar_days"), "/time_limit/amount out_of_range"),
            (amount(json!(3661), "working_days"), "/time_limit/amount out_of_range"),
            (amount(json!(1e300), "working_hours"), "/time_limit/amount out_of_range"),
            (amount(json!(1.25), "working_days"), "/time_limit/amount out_of_range"),
            (amount(json!(1.5), "calendar_days"), "/time_limit/amount invalid_value"),
            (amount(json!(1.5), "working_hours"), "/time_limit/amount invalid_value"),
            (amount(json!(2), "same_day"), "/time_limit/amount invalid_value"),
            (amount(json!("ten"), "working_days"), "/time_limit/amount wrong_type"),
            (amount(json!(1), "moons"), "/time_limit/unit not_one_of"),
            (json!({"time_limit": {"amount": 1}}), "/time_limit/unit required"),
            (json!({"received_at": "yesterday"}), "/received_at invalid_format"),
            (json!({"received_at": "2019-02-29T08:00:00+07:00"}), "/received_at invalid_format"),
            (json!({"received_at": "2019-03-04T08:00:00"}), "/received_at invalid_format"),
            (json!({"agency": "000.99.99.H99"}), "/agency unknown_agency"),
            (json!({"colour": "red"}), "/colour unknown_field"),
            (json!({"pauses": [pause("06T10:00", "05T10:00")]}), "/pauses/0/to invalid_value"),
            (json!({"pauses": [pause("01T10:00", "05T10:00")]}), "/pauses/0/from invalid_value"),
            (json!({"pauses": [pause("11T17:01", "12T10:00")]}), "/pauses/0/from invalid_value"),
            (
                json!({"pauses": [pause("05T10:00", "06T10:00"), pause("06T09:00", "07T10:00")]}),
                "/pauses/1/from invalid_value",
            ),
            (json!({"pauses": [{"from": "2019-03-05T10:00:00+07:00", "then": "resume"}]}), "/pauses/0/to required"),
            (json!({"pauses": vec![pause("05T10:00", "05T10:00"); 21]}), "/pauses too_many_items"),
        ] {
            let faults = clerk.post("/deadlines/preview", preview(changes.clone())).await.faults();
            assert_eq!(faults, [fault], "{changes}");
        }
        let several = json!({
            "agency": "000.99.99.H99", "time_limit": {"amount": 0, "unit": "working_days"},
        });
        let faults = clerk.post("/deadlines/preview", preview(several)).await.faults();
        assert!(faults.iter().any(|fault| fault.starts_with("/time_limit/amount ")), "{faults:?}");
        // The ends of what can be asked are no faults; the calendars end before.
        for changes in [
            amount(json!(3660), "working_days"),
            json!({"received_at": "0001-01-01T00:00:00Z"}),
            json!({"received_at": "9999-12-31T16:59:59Z"}),
        ] {
            let answer = clerk.post("/deadlines/preview", preview(changes)).await;
            assert!(answer.problem(422, "calendar_missing")["year"].is_i64());
        }
        // A pause may begin at the very due moment, and may have no length.
        for pauses in [json!([pause("11T17:00", "12T10:00")]), json!([pause("05T10:00", "05T10:00")])] {
            clerk.post("/deadlines/preview", preview(json!({"pauses": pauses}))).await.expect(200);
        }
    }

    async fn a_year_that_cannot_be(t: Test) {
        let province = t.as_("admin@dong-thap").await;
        let off = |date: &str| json!({"date": date, "name": "Nghỉ"});
        let makeup = |date: &str, replaces: &str| json!({"date": date, "replaces": replaces});
        let monday = off("2028-03-06");
        for (days_off, makeup_workdays, fault) in [
            (json!([off("2028-03-06"), off("2028-03-06")]), json!([]), "/days_off/1/date duplicate"),
            (json!([off("2029-01-01")]), json!([]), "/days_off/0/date out_of_range"),
            (json!([off("2027-02-29")]), json!([]), "/days_off/0/date invalid_format"),
            (json!([{"date": "2028-03-06", "name": ""}]), json!([]), "/days_off/0/name too_short"),
            (json!([{"date": "2028-03-06"}]), json!([]), "/days_off/0/name required"),
            (json!([monday]), json!([makeup("2028-03-08", "2028-03-06")]), "/makeup_workdays/0/date invalid_value"),
            (
                json!([monday, off("2028-03-11")]),
                json!([makeup("2028-03-11", "2028-03-06")]),
                "/makeup_workdays/0/date invalid_value",
            ),
            (json!([]), json!([makeup("2028-03-11", "2028-03-06")]), "/makeup_workdays/0/replaces invalid_value"),
            (json!([]), json!([makeup("2028-03-11", "2028-03-12")]), "/makeup_workdays/0/replaces invalid_value"),
            (json!([]), json!([makeup("2028-03-11", "2026-03-06")]), "/makeup_workdays/0/replaces out_of_range"),
        ] {
            let body = json!({"days_off": days_off, "makeup_workdays": makeup_workdays});
            let faults = province.put("/holidays/2028", body.clone()).await.faults();
            assert_eq!(faults, [fault], "{body}");
        }
        province.get("/holidays/2028").await.problem(404, "not_found");
        let body = json!({"days_off": []});
        let faults = province.put("/holidays/1900", body.clone()).await.faults();
        assert_eq!(faults, ["/path/year out_of_range"]);
        province.put("/holidays/2028?agency=000.99.99.H99", body).await.problem(422, "invalid_query");
    }

    /// What an agency swaps is held against the country's days and those of the agencies above it.
    async fn a_swap_of_an_agency_that_cannot_be(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let put = |date: &str, replaces: &str| {
            let body = json!({"days_off": [], "makeup_workdays": [{"date": date, "replaces": replaces}]});
            admin.put(&format!("/holidays/2019?agency={TAN_MY}"), body)
        };
        assert_eq!(put("2019-03-09", "2019-03-06").await.faults(), ["/makeup_workdays/0/replaces invalid_value"]);
        // The country works this Saturday already.
        assert_eq!(put("2019-05-04", "2019-04-30").await.faults(), ["/makeup_workdays/0/date invalid_value"]);
        put("2019-05-11", "2019-04-30").await.expect(200);
    }

    async fn a_week_that_cannot_be(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let period = |from: &str, to: &str| json!({"from": from, "to": to});
        let usual = json!([period("07:00", "11:30"), period("13:30", "17:00")]);
        let week = |monday: Value| {
            json!({"effective_from": "2019-04-01", "hours": {
                "monday": monday, "tuesday": usual, "wednesday": usual, "thursday": usual, "friday": usual,
            }})
        };
        let path = format!("/agencies/{TAN_MY}/working-hours");
        for (monday, fault) in [
            (json!([period("00:00", "23:59")]), "/hours/monday out_of_range"),
            (json!([period("00:00", "24:00")]), "/hours/monday/0/to invalid_format"),
            (json!([period("12:00", "08:00")]), "/hours/monday/0/to invalid_value"),
            (json!([period("08:00", "08:00")]), "/hours/monday/0/to invalid_value"),
            (json!([period("08:00", "12:00"), period("11:00", "13:00")]), "/hours/monday/1/from invalid_value"),
            (json!([period("08:00", "12:00"), period("12:00", "13:00")]), "/hours/monday/1/from invalid_value"),
            (json!([]), "/hours/monday too_few_items"),
        ] {
            let faults = admin.put(&path, week(monday.clone())).await.faults();
            assert_eq!(faults, [fault], "{monday}");
        }
        // Nothing of it stopped the calendar: due dates are computed as before.
        admin.put(&path, week(json!([period("00:00", "12:00"), period("12:01", "23:59")]))).await.expect(200);
        let body = preview(json!({"agency": TAN_MY, "received_at": "2019-04-05T08:00:00+07:00", "time_limit": {"amount": 1, "unit": "working_days"}}));
        let answer = admin.post("/deadlines/preview", body).await.expect(200);
        assert_eq!(answer["due_at"], "2019-04-08T23:59:00+07:00");
    }
}
