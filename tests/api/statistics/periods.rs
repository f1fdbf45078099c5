//! Closing a period: once, when it is over, up and down the tree, under seal.

use serde_json::{Value, json};

use super::two_weeks;
use crate::support::{Client, DISTRICT, TAN_LONG, TAN_MY, marital_status, on_both_engines};

const MARCH: &str = "/statistics/periods/2019-03/close";

async fn closings(caller: &Client, query: &str) -> Vec<Value> {
    let page = caller.get(&format!("/statistics/periods?{query}")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

fn step(action: &str) -> Value {
    json!({"action": action, "agency": TAN_LONG})
}

on_both_engines! {
    async fn figures_are_frozen_once_and_when_the_period_is_over(t: Test) {
        two_weeks(&t).await;
        t.at("2019-03-31T23:59");
        let leader = t.as_("leader@tan-long").await;
        let early = leader.post(MARCH, json!({})).await.problem(409, "period_not_ended");
        assert_eq!(early["to"], "2019-04-01");
        t.at("2019-04-01T08:00");
        let leader = t.as_("leader@tan-long").await;
        let answer = leader.post(MARCH, json!({})).key("march").await;
        let closing = answer.expect(200);
        assert_eq!(leader.post(MARCH, json!({})).key("march").await.expect(200), closing, "once for each key");
        assert_eq!(closing["state"], "closed");
        assert_eq!((closing["signed_by"].clone(), closing["closed_at"].clone()), (json!("leader@tan-long"), json!("2019-04-01T08:00:00+07:00")));
        assert_eq!(closing["seal"].as_str().unwrap().len(), 64);
        assert_eq!(closing["figures"]["received.total"], 7);
        assert_eq!(closing["differences"], json!({}));
        let again = leader.post(MARCH, json!({})).await.problem(409, "period_closed");
        assert_eq!(again["state"], "closed");
        // Another kind of period has other days.
        leader.post(MARCH, json!({"period_kind": "admin_15_14"})).await.expect(200);
        let filled = leader.get("/statistics/reports/06a?period=2019-03").await.expect(200);
        assert_eq!(filled["closing"]["seal"], closing["seal"]);
        assert_eq!(filled["closing"]["signed_by"], "leader@tan-long");
        assert_eq!(closings(&leader, "period=2019-03&period_kind=calendar").await, [closing]);
    }

    async fn from_commune_to_district_and_back_for_correction(t: Test) {
        two_weeks(&t).await;
        t.at("2019-04-01T08:00");
        let commune = t.as_("leader@tan-long").await;
        let district = t.as_("leader@thanh-binh").await;
        commune.post(MARCH, step("submit")).await.problem(409, "conflict");
        commune.post(MARCH, step("close")).await.expect(200);
        district.post(MARCH, step("accept")).await.problem(409, "conflict");
        let submitted = commune.post(MARCH, step("submit")).await.expect(200);
        assert_eq!((submitted["state"].clone(), submitted["version"].clone()), (json!("submitted"), json!(2)));
        commune.post(MARCH, step("accept")).await.problem(403, "agency_out_of_reach");
        let answer = district.post(MARCH, step("return")).await;
        assert_eq!(answer.faults(), ["/reason reason_required"]);
        let reason = json!({"action": "return", "agency": TAN_LONG, "reason": "Thiếu hồ sơ chứng thực ngày 29/3"});
        district.post(MARCH, reason.clone()).if_match("\"1.x\"").await.problem(412, "stale_version");
        let returned = district.post(MARCH, reason).if_match("\"2.x\"").await.expect(200);
        assert_eq!(returned["state"], "returned");
        assert_eq!(returned["steps"][2]["by"], "leader@thanh-binh");
        assert_eq!(returned["steps"][2]["reason"], "Thiếu hồ sơ chứng thực ngày 29/3");
        let second = commune.post(MARCH, step("close")).await.expect(200);
        assert_eq!((second["revision"].clone(), second["state"].clone()), (json!(2), json!("closed")));
        commune.post(MARCH, step("submit")).await.expect(200);
        let accepted = district.post(MARCH, step("accept")).await.expect(200);
        assert_eq!(accepted["state"], "accepted");
        for action in ["close", "submit", "accept", "return"] {
            let body = json!({"action": action, "agency": TAN_LONG, "reason": "Nữa"});
            let code = if action == "close" { "period_closed" } else { "conflict" };
            district.post(MARCH, body).await.problem(409, code);
        }
        // The district closes over all below it.
        let whole = district.post(MARCH, json!({})).await.expect(200);
        assert_eq!(whole["figures"]["received.total"], 10);
        let inspector = t.as_("inspector@thanh-binh").await;
        assert_eq!(closings(&inspector, "").await.len(), 3);
        assert_eq!(closings(&inspector, "own=true").await.len(), 1);
        assert_eq!(closings(&inspector, "state=returned").await[0]["revision"], 1);
        let page = inspector.get("/statistics/periods?limit=2&count=true").await.expect(200);
        assert_eq!((page["items"].as_array().unwrap().len(), page["total"].clone()), (2, json!(3)));
        let rest = closings(&inspector, &format!("limit=2&cursor={}", page["next_cursor"].as_str().unwrap())).await;
        assert_eq!(rest.len(), 1);
    }

    async fn what_comes_later_stands_beside(t: Test) {
        two_weeks(&t).await;
        t.at("2019-04-01T08:00");
        let before = t.as_("leader@tan-long").await.post(MARCH, json!({})).await.expect(200);
        // As an import does: recorded on a day of the closed period.
        t.at("2019-03-29T09:00");
        t.as_("clerk@tan-long").await.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-04-10T08:00");
        let leader = t.as_("leader@tan-long").await;
        let now = closings(&leader, "").await.remove(0);
        assert_eq!(now["figures"], before["figures"]);
        assert_eq!(now["differences"], json!({"received.total": 1, "pending.total": 1, "pending.in_time": 1}));
        let filled = leader.get("/statistics/reports/06a?period=2019-03").await.expect(200);
        let expected = json!({"received_total": 1, "received_direct_post": 1, "pending_total": 1, "pending_in_time": 1});
        assert_eq!(filled["total"]["values"]["received_total"], 7, "frozen");
        assert_eq!(filled["total"]["differences"], expected);
        assert_eq!(filled["rows"][0]["differences"], expected);
    }

    async fn whoever_changes_what_was_signed_is_found(t: Test) {
        two_weeks(&t).await;
        t.at("2019-04-01T08:00");
        let commune = t.as_("leader@tan-long").await;
        commune.post(MARCH, step("close")).await.expect(200);
        commune.post(MARCH, step("submit")).await.expect(200);
        assert_eq!(t.findings(), Vec::<String>::new());
        for (change, back) in [
            ("facts = replace(facts, '1.004873', '1.004874')", "facts = replace(facts, '1.004874', '1.004873')"),
            ("period = '2019-02'", "period = '2019-03'"),
            ("state = 'accepted'", "state = 'submitted'"),
            ("revision = 7", "revision = 1"),
        ] {
            t.tamper(&format!("UPDATE period_closings SET {change}"));
            let found = t.findings();
            assert!(found.iter().any(|it| it.contains("closing 000.33.31.H20")), "{change}: {found:?}");
            t.tamper(&format!("UPDATE period_closings SET {back}"));
        }
        for (change, back) in [
            ("account_id = account_id + 1", "account_id = account_id - 1"),
            ("reason = 'x'", "reason = NULL"),
        ] {
            t.tamper(&format!("UPDATE period_steps SET {change}"));
            assert!(!t.findings().is_empty(), "{change}");
            t.tamper(&format!("UPDATE period_steps SET {back}"));
        }
        assert_eq!(t.findings(), Vec::<String>::new());
        t.tamper("DELETE FROM period_steps WHERE seq = 2");
        t.expect_findings("closing 000.33.31.H20 calendar 2019-03, revision 1");
    }

    async fn who_may_close_what(t: Test) {
        two_weeks(&t).await;
        t.at("2019-04-01T08:00");
        let neighbour = t.as_("leader@tan-my").await;
        for agency in [TAN_LONG, DISTRICT] {
            neighbour.post(MARCH, json!({"agency": agency})).await.problem(403, "agency_out_of_reach");
        }
        let district = t.as_("leader@thanh-binh").await;
        district.post(MARCH, json!({"agency": TAN_MY})).await.expect(200);
        district.post(MARCH, json!({"action": "submit"})).await.problem(409, "conflict");
        district.post(MARCH, json!({"action": "accept"})).await.problem(403, "agency_out_of_reach");
        t.as_("inspector@thanh-binh").await.post(MARCH, json!({})).await.problem(403, "forbidden");
        let leader = t.as_("leader@tan-long").await;
        assert!(closings(&leader, "").await.is_empty());
        leader.get(&format!("/statistics/periods?agency={TAN_MY}")).await.problem(403, "agency_out_of_reach");
        leader.post("/statistics/periods/2019-3/close", json!({})).await.problem(404, "not_found");
        leader.get("/statistics/periods?period=2019-3x").await.problem(422, "invalid_query");
        let faults = leader.post(MARCH, json!({"action": "reopen", "agency": "", "mood": 1})).await.faults();
        assert_eq!(faults, ["/action not_one_of", "/agency too_short", "/mood unknown_field"]);
        let unknown = leader.post(MARCH, json!({"agency": "000.99.99.H99"})).await;
        assert_eq!(unknown.faults(), ["/agency unknown_agency"]);
    }
}
