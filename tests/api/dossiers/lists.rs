//! Lists and searches: every filter, pages, orders, and the view of each item.

use serde_json::{Value, json};

use crate::support::{
    Client, MARITAL_STATUS, TAN_LONG, TAN_MY, Test, address, applicant, birth, business, marital_status,
    on_both_engines, with,
};

/// Seven dossiers on three days, in known states.
async fn some(t: &Test) -> Vec<Value> {
    let clerk = t.as_("clerk@tan-long").await;
    let other = t.as_("clerk@tan-my").await;
    let district = t.as_("clerk@thanh-binh").await;
    let officer = t.as_("officer@tan-long").await;
    let mut all = vec![
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201),
        clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201),
        clerk.post("/dossiers", with(marital_status(TAN_LONG), json!({"channel": "at_home", "applicant": with(applicant(), json!({"full_name": "Đặng Văn Ốc"}))}))).await.expect(201),
        other.post("/dossiers", birth(TAN_MY)).await.expect(201),
        district.post("/dossiers", business()).await.expect(201),
        clerk.post("/dossiers", with(birth(TAN_LONG), json!({"channel": "online"}))).await.expect(201),
    ];
    officer
        .act(&all[0], json!([{"action": "start"}, {"action": "resolve", "result": "granted"}]))
        .await
        .expect(200);
    t.at("2019-03-05T09:00");
    let clerk = t.as_("clerk@tan-long").await;
    all.push(clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201));
    clerk
        .act(&all[1], json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"}))
        .await
        .expect(200);
    t.at("2019-03-08T09:00");
    all
}

async fn count(caller: &Client, query: &str) -> i64 {
    let answer = caller.get(&format!("/dossiers?count=true&{query}")).await.expect(200);
    let total = answer["total"].as_i64().unwrap();
    assert_eq!(total, i64::try_from(answer["items"].as_array().unwrap().len()).unwrap(), "{query}");
    total
}

on_both_engines! {
    async fn every_filter(t: Test) {
        some(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        for (query, expected) in [
            ("", 7),
            ("agency=000.00.31.H20", 7),
            ("agency=000.00.31.H20&own=true", 1),
            ("agency=000.33.31.H20", 5),
            ("holder=000.33.31.H20", 5),
            ("status=received", 4),
            ("status=submitted", 1),
            ("procedure=1.004873", 3),
            ("field=ho-tich", 6),
            ("level=commune", 6),
            ("level=district", 1),
            ("channel=at_home", 1),
            ("channel=online", 1),
            ("submitted_from=2019-03-05", 1),
            ("submitted_to=2019-03-05", 6),
            ("received_from=2019-03-04&received_to=2019-03-05", 5),
            ("received_from=2019-03-05&received_to=2019-03-06", 1),
            ("due_from=2019-03-07&due_to=2019-03-08", 3),
            ("finished_from=2019-03-04&finished_to=2019-03-05", 1),
            ("outcome=on_time", 1),
            ("outcome=late", 0),
            ("ended=resolved", 1),
            ("ended=withdrawn", 0),
            ("open_at=2019-03-04T12:00:00%2B07:00", 4),
            ("open_at=2019-03-08T09:00:00%2B07:00", 5),
            ("overdue_at=2019-03-07T16:59:00%2B07:00", 1),
            ("overdue_at=2019-03-08T08:00:00%2B07:00", 3),
            ("paused_at=2019-03-08T08:00:00%2B07:00", 1),
            ("paused_at=2019-03-04T12:00:00%2B07:00", 0),
            ("overdue=true", 3),
            ("q=nguyen%20thi%20hoa", 6),
            ("q=DANG%20VAN%20OC", 1),
            ("q=%C4%91%E1%BA%B7ng", 1),
            ("q=190305-0001", 1),
            ("q=khong%20co%20ai", 0),
            ("reference=000.33.31.H20-T-190304-0001", 1),
        ] {
            assert_eq!(count(&leader, query).await, expected, "{query}");
        }
        // Until five o'clock there are eight working hours at most: the one that is due today is among them.
        let soon = leader.get("/dossiers?due_within=8").await.expect(200);
        assert!(
            soon["items"].as_array().unwrap().iter().any(|it| it["due_at"] == "2019-03-08T17:00:00+07:00"),
            "{soon:#}"
        );
        // What SQL takes for a wildcard is an ordinary letter here.
        assert_eq!(count(&leader, "q=%25%25").await, 0);
        assert_eq!(count(&leader, "q=__").await, 0);
    }

    async fn dates_are_missed_after_their_moment_not_at_it(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk.post("/dossiers", with(birth(TAN_LONG), json!({"channel": "online"}))).await.expect(201);
        // Due on the seventh at five; to be answered on the fifth at eight.
        for (now, query, expected) in [
            ("2019-03-05T08:00", "waiting_late=true", 0),
            ("2019-03-05T08:00", "waiting_late=false", 1),
            ("2019-03-05T08:00:01", "waiting_late=true", 1),
            ("2019-03-05T08:00:01", "waiting_late=false", 0),
            ("2019-03-07T15:59:59", "due_within=1", 0),
            ("2019-03-07T16:00", "due_within=1", 1),
            ("2019-03-07T17:00", "due_within=0", 1),
            ("2019-03-07T17:00", "overdue=true", 0),
            ("2019-03-07T17:00:01", "overdue=true", 1),
            ("2019-03-07T17:00:01", "due_within=1", 0),
            ("2019-03-07T17:00:01", "overdue_at=2019-03-07T17:00:00%2B07:00", 0),
            ("2019-03-07T17:00:01", "overdue_at=2019-03-07T17:00:00.000001%2B07:00", 1),
            ("2019-03-07T17:00:01", "open_at=2019-03-04T07:59:59%2B07:00", 0),
            ("2019-03-07T17:00:01", "open_at=2019-03-04T08:00:00%2B07:00", 1),
        ] {
            t.at(now);
            let clerk = t.as_("clerk@tan-long").await;
            assert_eq!(count(&clerk, query).await, expected, "{query} at {now}");
        }
        let metrics = t.anonymous().get("//metrics").await.text;
        for line in ["motcua_submissions_waiting 1", "motcua_submissions_waiting_late 1", "motcua_dossiers_overdue 1"] {
            assert!(metrics.contains(line), "{line} in {metrics}");
        }
    }

    async fn the_past_is_told_as_it_was(t: Test) {
        let request = json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"});
        let clerk = t.as_("clerk@tan-long").await;
        let in_time = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let too_late = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-06T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        clerk.act(&in_time, request.clone()).await.expect(200);
        clerk.act(&in_time, json!({"action": "request_withdrawal", "reason": "Thôi"})).await.expect(200);
        t.at("2019-03-08T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        clerk.act(&too_late, request).await.expect(200);
        t.at("2019-03-11T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        clerk.act(&in_time, json!({"action": "keep", "reason": "Ở lại"})).await.expect(200);
        for dossier in [&in_time, &too_late] {
            clerk.act(dossier, json!({"action": "supplement"})).await.expect(200);
        }
        t.at("2019-03-20T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let listed = async |query: &str, at: &str| -> Vec<String> {
            let path = format!("/dossiers?sort=id&{query}={}", at.replace('+', "%2B"));
            let found = clerk.get(&path).await.expect(200);
            found["items"].as_array().unwrap().iter().map(|it| address(it).to_owned()).collect()
        };
        let (one, other) = (address(&in_time), address(&too_late));
        for (at, overdue, paused) in [
            ("2019-03-07T17:00:00+07:00", vec![], vec![one]),
            // A withdrawal that is asked for leaves the pause as it was; a pause begun too late holds nothing.
            ("2019-03-08T12:00:00+07:00", vec![other], vec![one, other]),
            ("2019-03-12T12:00:00+07:00", vec![other], vec![]),
            // The new date of the one was missed too.
            ("2019-03-14T17:00:01+07:00", vec![one, other], vec![]),
        ] {
            assert_eq!(listed("overdue_at", at).await, overdue, "overdue at {at}");
            assert_eq!(listed("paused_at", at).await, paused, "paused at {at}");
        }
    }

    async fn pages_in_every_order_without_gaps_or_repeats(t: Test) {
        some(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        for sort in ["", "&sort=received_at", "&sort=-received_at", "&sort=due_at", "&sort=-due_at"] {
            let whole = leader.get(&format!("/dossiers?limit=200{sort}")).await.expect(200);
            let whole: Vec<Value> =
                whole["items"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
            let (mut pages, mut next) = (Vec::new(), format!("/dossiers?limit=2{sort}"));
            loop {
                let answer = leader.get(&next).await;
                let page = answer.expect(200);
                pages.extend(page["items"].as_array().unwrap().iter().map(|it| it["id"].clone()));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                next = format!("/dossiers?limit=2{sort}&cursor={cursor}");
                assert!(answer.header("link").unwrap().contains(cursor));
            }
            assert_eq!(pages, whole, "{sort}");
        }
        let page = leader.get("/dossiers?limit=2&sort=due_at").await.expect(200);
        let cursor = page["next_cursor"].as_str().unwrap();
        leader.get(&format!("/dossiers?limit=2&cursor={cursor}")).await.problem(422, "cursor_invalid");
    }

    async fn what_is_written_meanwhile_does_not_shift_pages(t: Test) {
        some(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let first = clerk.get("/dossiers?limit=2").await.expect(200);
        let rest_before = clerk
            .get(&format!("/dossiers?limit=200&cursor={}", first["next_cursor"].as_str().unwrap()))
            .await
            .expect(200);
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let rest_after = clerk
            .get(&format!("/dossiers?limit=200&cursor={}", first["next_cursor"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(rest_before, rest_after);
    }

    async fn each_item_in_the_best_view(t: Test) {
        let all = some(&t).await;
        let clerk = t.as_("clerk@tan-long").await.get("/dossiers?limit=200").await.expect(200);
        assert_eq!(
            clerk["items"].as_array().unwrap().len(),
            5,
            "a clerk sees what his agency has to do with"
        );
        assert!(clerk["items"].as_array().unwrap().iter().all(|it| it["view"] == "full"));
        let inspector = t.as_("inspector@thanh-binh").await;
        let masked = inspector.get("/dossiers?limit=200").await.expect(200);
        assert_eq!(masked["items"].as_array().unwrap().len(), 7);
        for item in masked["items"].as_array().unwrap() {
            assert_eq!(item["view"], "masked");
            assert_eq!(item["applicant"]["identity_number"], "*********234");
            assert_eq!(item["applicant"]["phone"], "+84******567");
        }
        let one = inspector.see(&all[0]).await.expect(200);
        assert_eq!(one["applicant"]["identity_number"], "*********234");
        let reason = "Thanh%20tra%20%C4%91%E1%BB%99t%20xu%E1%BA%A5t";
        let full = inspector.see(&all[0]).header("X-Access-Reason", reason).await.expect(200);
        assert_eq!(
            (full["view"].as_str(), full["applicant"]["identity_number"].as_str()),
            (Some("full"), Some("087190001234"))
        );
        // Too short to be a reason.
        let answer = inspector.see(&all[0]).header("X-Access-Reason", "vì").await;
        assert!(answer.is_one_of(&[400, 422]) || answer.json()["view"] == "masked", "{answer:?}");
    }

    async fn the_row_view_has_nobody_in_it(t: Test) {
        let all = some(&t).await;
        // Whoever may see the statistics of a subtree gets rows: a clerk those of his own agency is full; a machine that
        // reads statistics only has no list at all.
        t.as_client_with("statistics:read").await.see(&all[0]).await.problem(403, "forbidden");
    }

    async fn searching_in_a_body(t: Test) {
        some(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let search = |body: Value| clerk.post("/dossiers/search", body);
        assert_eq!(
            search(json!({"identity_number": "087190001234", "count": true})).await.expect(200)["total"],
            5
        );
        assert_eq!(search(json!({"phone": "0901234567", "count": true})).await.expect(200)["total"], 5);
        assert_eq!(
            search(json!({"phone": "+84901234567", "status": "submitted", "count": true})).await.expect(200)
                ["total"],
            1
        );
        assert_eq!(
            search(json!({"q": "dang van oc", "limit": 1, "count": true})).await.expect(200)["total"],
            1
        );
        assert_eq!(
            search(json!({"procedure": MARITAL_STATUS, "channel": "at_home", "count": true}))
                .await
                .expect(200)["total"],
            1
        );
        assert_eq!(
            search(json!({"identity_number": "999999999999", "count": true})).await.expect(200)["total"],
            0
        );
        let faults = search(json!({"status": "sleeping", "colour": "red"})).await.faults();
        assert_eq!(faults, ["/colour unknown_field", "/status not_one_of"]);
        // Who sees numbers masked must not find them out by searching.
        let inspector = t.as_("inspector@thanh-binh").await;
        inspector
            .post("/dossiers/search", json!({"identity_number": "087190001234"}))
            .await
            .problem(403, "filter_not_allowed");
        inspector
            .post("/dossiers/search", json!({"phone": "0901234567"}))
            .await
            .problem(403, "filter_not_allowed");
    }

    async fn filters_by_things_that_there_are_not(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for (query, fault) in [
            ("agency=000.99.99.H99", "/query/agency unknown_agency"),
            ("procedure=0.000000", "/query/procedure unknown_procedure"),
        ] {
            let answer = clerk.get(&format!("/dossiers?{query}")).await;
            answer.problem(422, "invalid_query");
            assert_eq!(answer.faults(), [fault]);
        }
    }

    async fn compressed_answers_are_the_same_answers(t: Test) {
        let all = some(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let packed = clerk.get("/dossiers").header("Accept-Encoding", "gzip").await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert!(packed.header("vary").unwrap().contains("Accept-Encoding"));
        let plain = clerk.get("/dossiers").await;
        assert!(plain.text.contains(address(&all[0])));
        assert_eq!(plain.header("content-encoding"), None);
    }
}
