//! What hints at polished figures: each mark is counted once, where and when it was made, and opens its list.

use serde_json::{Value, json};

use crate::support::{Client, TAN_LONG, birth, marital_status, on_both_engines, with};

const MARCH: &str = "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20";

async fn counted(caller: &Client, query: &str) -> Value {
    let answer = caller.get(&format!("/statistics/integrity?{query}")).await.expect(200);
    for row in answer["items"].as_array().unwrap().iter().chain([&answer["total"]]) {
        for (path, link) in row["links"].as_object().unwrap() {
            let count = row["marks"].get(path).unwrap_or(&row[path]);
            let list =
                caller.get(&format!("{}&count=true&limit=1", link.as_str().unwrap())).await.expect(200);
            assert_eq!(&list["total"], count, "{path} of {} by {link}", row["group"]);
        }
    }
    answer
}

on_both_engines! {
    async fn each_mark_is_counted_and_listed(t: Test) {
        let request = || json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"});
        let clerk = t.as_("clerk@tan-long").await;
        let mut dossiers = Vec::new();
        for _ in 0..6 {
            dossiers.push(clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201));
        }
        let client = t.as_client().await;
        let online = client.post("/dossiers", with(birth(TAN_LONG), json!({"channel": "online"}))).await.expect(201);
        clerk.act(&online, json!({"action": "decline", "reason": "Không thuộc thẩm quyền"})).await.expect(200);
        client.post("/dossiers", with(birth(TAN_LONG), json!({"channel": "online"}))).await.expect(201);
        let late = json!({"received_at": "2019-03-01T09:00:00+07:00", "late_entry_reason": "Mất điện"});
        clerk.post("/dossiers", with(marital_status(TAN_LONG), late)).await.expect(201);
        // On the due day, in time; the other one after it.
        t.at("2019-03-07T09:00");
        t.as_("clerk@tan-long").await.act(&dossiers[0], request()).await.expect(200);
        t.at("2019-03-08T09:00");
        t.as_("clerk@tan-long").await.act(&dossiers[1], request()).await.expect(200);
        let extend = json!({"action": "extend", "new_due_at": "2019-03-12T17:00:00+07:00", "reason": "Xác minh"});
        t.as_("leader@tan-long").await.act(&dossiers[2], extend).await.expect(200);
        // Late in the evening, at noon, on a Sunday; at closing time it is still open.
        for (now, dossier) in [("2019-03-08T17:00", 3), ("2019-03-08T20:00", 4), ("2019-03-10T09:00", 5)] {
            t.at(now);
            let granted = json!({"action": "resolve", "result": "granted"});
            t.as_("officer@tan-long").await.act(&dossiers[dossier], granted).await.expect(200);
        }
        t.at("2019-03-11T08:00");
        let inspector = t.as_("inspector@thanh-binh").await;
        let answer = counted(&inspector, MARCH).await;
        let rows = answer["items"].as_array().unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["group"], json!({"agency": TAN_LONG}));
        assert_eq!(rows[0]["marks"], answer["total"]["marks"]);
        let marks = answer["total"]["marks"].as_object().unwrap();
        let some: Vec<(&str, i64)> = marks.iter().map(|(mark, count)| (mark.as_str(), count.as_i64().unwrap())).filter(|it| it.1 != 0).collect();
        let expected = [("extension_after_due", 1), ("late_entry", 1), ("late_extension", 1), ("late_supplement_request", 1), ("pause_after_due", 1), ("pause_on_due_day", 1), ("result_outside_hours", 2)];
        assert_eq!(some, expected);
        assert_eq!((&answer["total"]["received"], &answer["total"]["resolved"]), (&json!(7), &json!(3)));
        assert_eq!((&answer["total"]["submissions_declined"], &answer["total"]["submissions_waiting_late"]), (&json!(1), &json!(1)));
        // By the day on which it was marked.
        let first_week = counted(&inspector, "from=2019-03-04&to=2019-03-08&agency=000.00.31.H20").await;
        assert_eq!(first_week["total"]["marks"]["pause_on_due_day"], 1);
        assert_eq!(first_week["total"]["marks"]["pause_after_due"], 0);
    }

    async fn a_mark_that_is_gone_shows(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let late = json!({"received_at": "2019-03-01T09:00:00+07:00", "late_entry_reason": "Mất điện"});
        clerk.post("/dossiers", with(marital_status(TAN_LONG), late)).await.expect(201);
        t.tamper("CREATE TABLE kept AS SELECT * FROM dossier_marks");
        t.tamper("DELETE FROM dossier_marks");
        assert!(t.findings().iter().any(|finding| finding.contains("late_entry")));
        t.tamper("INSERT INTO dossier_marks SELECT * FROM kept");
        t.tamper("DROP TABLE kept");
    }

    async fn only_leaders_and_inspectors(t: Test) {
        t.as_("leader@tan-long").await.get("/statistics/integrity?from=2019-03-01&to=2019-04-01").await.expect(200);
        t.as_("leader@tan-long").await.get(&format!("/statistics/integrity?{MARCH}")).await.problem(403, "agency_out_of_reach");
        for nobody in ["clerk@tan-long", "officer@tan-long", "admin@thanh-binh"] {
            t.as_(nobody).await.get(&format!("/statistics/integrity?{MARCH}")).await.problem(403, "forbidden");
        }
        t.as_client_with("statistics:read").await.get(&format!("/statistics/integrity?{MARCH}")).await.problem(403, "forbidden");
    }
}
