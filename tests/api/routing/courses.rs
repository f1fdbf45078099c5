//! A dossier's whole way: one agency after the other, some beside each other, and home.

use serde_json::json;

use super::{custody, legs};
use crate::support::{
    DISTRICT, FUNERAL_AID, TAN_LONG, TAN_MY, address, birth, business, intake, land_use, on_both_engines,
};

const TCKH: &str = "000.05.31.H20";
const TNMT: &str = "000.03.31.H20";
const LDTBXH: &str = "000.02.31.H20";
const TAX: &str = "THUE.874";

on_both_engines! {
    async fn through_two_agencies_and_home(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let tax = t.as_("officer@thue").await;
        let leader = t.as_("leader@thanh-binh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        assert_eq!(legs(&clerk, &dossier).await, ["tckh waiting", "thue waiting"]);
        assert_eq!(custody(&clerk, &dossier).await, [DISTRICT]);

        // Without a name, the route's next step.
        let sent = clerk.act(&dossier, json!({"action": "forward", "note": "Chuyển"})).await.expect(200);
        assert_eq!((sent["status"].as_str(), sent["holder"]["code"].as_str()), (Some("in_transfer"), Some(DISTRICT)), "the sender holds it until it is acknowledged");
        assert_eq!(sent["custody"]["party"]["code"], DISTRICT);
        let there = officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!((there["status"].as_str(), there["holder"]["code"].as_str()), (Some("processing"), Some(TCKH)));
        assert_eq!(there["custody"]["party"]["code"], TCKH);
        assert_eq!(legs(&clerk, &dossier).await, ["tckh open", "thue waiting"]);
        let leg = clerk.get(&format!("/dossiers/{}/legs", address(&dossier))).await.expect(200)["items"][0].clone();
        assert_eq!((leg["agency"]["code"].as_str(), leg["share"]["amount"].as_f64()), (Some(TCKH), Some(1.5)));
        // One and a half days from Monday morning: the first opening period of Wednesday.
        assert_eq!(leg["due_at"], "2019-03-06T11:30:00+07:00");

        officer.act(&dossier, json!({"action": "forward"})).await.expect(200);
        tax.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!(legs(&clerk, &dossier).await, ["tckh done", "thue open"]);
        tax.act(&dossier, json!({"action": "propose", "result": "granted"})).await.expect(200);
        let resolved = leader.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        assert_eq!(resolved["status"], "resolved");
        assert_eq!(legs(&clerk, &dossier).await, ["tckh done", "thue done"]);

        // The papers come home by a slip of their own, which returning acknowledges when nobody has yet.
        let home = clerk.get("/transfers?state=sent").await.expect(200);
        assert_eq!((home["items"][0]["from"]["code"].as_str(), home["items"][0]["to"]["code"].as_str()), (Some(TAX), Some(DISTRICT)));
        assert_eq!(custody(&clerk, &dossier).await, [DISTRICT, TCKH, TAX]);
        let returned = clerk.act(&dossier, json!({"action": "return_result", "by": "counter", "recipient": {"full_name": "Nguyễn Thị Hoa"}})).await.expect(200);
        assert_eq!((returned["status"].as_str(), returned["custody"]["party"]["kind"].as_str()), (Some("returned"), Some("citizen")));
        assert_eq!(custody(&clerk, &dossier).await, [DISTRICT, TCKH, TAX, DISTRICT, "citizen"]);
        let slip = home["items"][0]["id"].as_str().unwrap();
        assert_eq!(clerk.get(&format!("/transfers/{slip}")).await.expect(200)["state"], "acknowledged");
        assert_eq!(returned["outcome"], "early");
    }

    async fn legs_beside_each_other(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let lead = t.as_("officer@tnmt").await;
        let beside = t.as_("officer@kt-ht").await;
        let tax = t.as_("officer@thue").await;
        let leader = t.as_("leader@thanh-binh").await;
        let dossier = clerk.post("/dossiers", land_use()).await.expect(201);
        assert_eq!(legs(&clerk, &dossier).await, ["tnmt waiting", "quy-hoach waiting", "thue waiting"]);
        // An agency whose leg has not begun does not see it.
        beside.see(&dossier).await.problem(404, "not_found");
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        lead.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!(legs(&clerk, &dossier).await, ["tnmt open", "quy-hoach open", "thue waiting"]);
        let seen = beside.see(&dossier).await.expect(200);
        assert_eq!((seen["view"].as_str(), seen["holder"]["code"].as_str()), (Some("full"), Some(TNMT)), "status and papers belong to the lead leg");
        // Nothing goes past the join while one of them is open.
        lead.act(&dossier, json!({"action": "forward"})).await.problem(409, "legs_open");
        leader.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.problem(409, "legs_open");
        // Only the leg's own agency finishes it.
        lead.act(&dossier, json!({"action": "finish_leg", "key": "quy-hoach"})).await.problem(403, "wrong_party");
        let done = beside.act(&dossier, json!({"action": "finish_leg", "key": "quy-hoach", "note": "Phù hợp quy hoạch"})).await.expect(200);
        assert_eq!(done["status"], "processing");
        assert_eq!(legs(&clerk, &dossier).await, ["tnmt open", "quy-hoach done", "thue waiting"]);
        lead.act(&dossier, json!({"action": "forward"})).await.expect(200);
        tax.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        leader.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        assert_eq!(custody(&clerk, &dossier).await, [DISTRICT, TNMT, TAX], "no paper went to the leg beside");
        // Thirty days later its agency sees numbers masked again.
        t.at("2019-04-10T08:00");
        let beside = t.as_("officer@kt-ht").await;
        assert_eq!(beside.see(&dossier).await.expect(200)["view"], "masked");
    }

    async fn an_opinion_is_a_leg_that_nobody_planned(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let officer = t.as_("officer@tan-long").await;
        let asked = t.as_("officer@tu-phap").await;
        let dossier = clerk.post("/dossiers", crate::support::marital_status(TAN_LONG)).await.expect(201);
        officer.act(&dossier, json!({"action": "start"})).await.expect(200);
        let open = json!({"action": "open_leg", "key": "y-kien", "name": "Ý kiến Phòng Tư pháp", "agency": "000.01.31.H20", "time_limit": {"amount": 1, "unit": "working_days"}});
        let opened = officer.act(&dossier, open.clone()).await.expect(200);
        assert_eq!(opened["status"], "processing");
        let leg = opened["legs"].as_array().unwrap().iter().find(|leg| leg["key"] == "y-kien").unwrap().clone();
        assert_eq!((leg["state"].as_str(), leg["due_at"].as_str()), (Some("open"), Some("2019-03-05T17:00:00+07:00")));
        assert_eq!(officer.act(&dossier, open).await.faults(), ["/key duplicate"]);
        officer.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.problem(409, "legs_open");
        asked.act(&dossier, json!({"action": "finish_leg", "key": "y-kien"})).await.expect(200);
        officer.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200);
    }

    async fn a_route_that_begins_at_home_starts_there(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let officer = t.as_("officer@tan-long").await;
        let dossier = clerk.post("/dossiers", intake(FUNERAL_AID, TAN_LONG, &["TK", "KT"])).await.expect(201);
        officer.act(&dossier, json!({"action": "start"})).await.expect(200);
        assert_eq!(legs(&clerk, &dossier).await, ["xa open", "ldtbxh waiting"]);
        officer.act(&dossier, json!({"action": "forward"})).await.expect(200);
        let there = t.as_("officer@ldtbxh").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!(there["holder"]["code"], LDTBXH);
        assert_eq!(legs(&clerk, &dossier).await, ["xa done", "ldtbxh open"]);
    }

    async fn a_sender_takes_back_what_nobody_acknowledged(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        officer.act(&dossier, json!({"action": "recall", "reason": "x"})).await.problem(403, "wrong_party");
        let back = clerk.act(&dossier, json!({"action": "recall", "reason": "Gửi nhầm"})).await.expect(200);
        assert_eq!((back["status"].as_str(), back["holder"]["code"].as_str()), (Some("received"), Some(DISTRICT)));
        // Who was an addressee for a moment sees nothing any more.
        officer.see(&dossier).await.problem(404, "not_found");
        officer.act(&dossier, json!({"action": "acknowledge"})).await.problem(404, "not_found");
        assert_eq!(legs(&clerk, &dossier).await, ["tckh waiting", "thue waiting"]);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        clerk.act(&dossier, json!({"action": "recall", "reason": "x"})).await.problem(409, "transition_not_allowed");
    }

    async fn what_is_not_right_goes_back(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        let back = officer.act(&dossier, json!({"action": "send_back", "reason": "Thiếu CCCD"})).await.expect(200);
        assert_eq!(back["status"], "in_transfer");
        let home = clerk.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!((home["status"].as_str(), home["holder"]["code"].as_str()), (Some("processing"), Some(DISTRICT)));
        assert_eq!(custody(&clerk, &dossier).await, [DISTRICT, TCKH, DISTRICT]);
        // And on again by the route.
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
    }

    async fn papers_that_did_not_arrive_stay_with_the_sender(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        assert_eq!(officer.act(&dossier, json!({"action": "acknowledge", "missing": ["ZZZ"]})).await.faults(), ["/missing/0 unknown_component"]);
        let there = officer.act(&dossier, json!({"action": "acknowledge", "missing": ["CCCD"]})).await.expect(200);
        assert!(there["marks"].as_array().unwrap().contains(&"missing_papers".into()));
        let chain = clerk.get(&format!("/dossiers/{}/custody", address(&dossier))).await.expect(200);
        let now: Vec<(&str, &str)> = chain["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["until"].is_null())
            .map(|line| (line["papers"][0].as_str().unwrap_or("*"), line["party"]["code"].as_str().unwrap()))
            .collect();
        assert!(now.iter().any(|(paper, party)| *paper == "CCCD" && *party == DISTRICT), "{chain:#}");
        assert!(now.iter().any(|(_, party)| *party == TCKH), "{chain:#}");
    }

    async fn where_nothing_can_go(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        // No route: the addressee must be named; not oneself, nobody unknown.
        assert_eq!(clerk.act(&dossier, json!({"action": "forward"})).await.faults(), ["/to_agency required"]);
        assert_eq!(clerk.act(&dossier, json!({"action": "forward", "to_agency": "000.99.99.H99"})).await.faults(), ["/to_agency unknown_agency"]);
        assert_eq!(clerk.act(&dossier, json!({"action": "forward", "to_agency": TAN_LONG})).await.status, 422);
        let sent = clerk.act(&dossier, json!({"action": "forward", "to_agency": TAN_MY})).await.expect(200);
        assert_eq!(sent["status"], "in_transfer");
        let there = t.as_("officer@tan-my").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!(there["holder"]["code"], TAN_MY);
    }

    async fn a_slip_on_its_way_still_arrives_while_withdrawal_is_asked(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        clerk.act(&dossier, json!({"action": "request_withdrawal", "reason": "Không cần nữa"})).await.expect(200);
        let there = officer.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        assert_eq!((there["status"].as_str(), there["holder"]["code"].as_str()), (Some("withdrawal_requested"), Some(TCKH)));
        assert_eq!(there["custody"]["party"]["code"], TCKH);
        let kept = clerk.act(&dossier, json!({"action": "keep", "reason": "Đổi ý"})).await.expect(200);
        assert_eq!(kept["status"], "processing");
    }
}
