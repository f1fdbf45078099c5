//! Slips of many dossiers.

use serde_json::{Value, json};

use super::custody;
use crate::support::{Client, DISTRICT, TAN_LONG, address, birth, business, marital_status, on_both_engines};

const TCKH: &str = "000.05.31.H20";

async fn three(clerk: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(clerk.post("/dossiers", business()).await.expect(201));
    }
    all
}

fn slip(dossiers: &[Value]) -> Value {
    json!({"to_agency": TCKH, "dossiers": dossiers.iter().map(address).collect::<Vec<_>>(), "note": "Đợt chiều"})
}

on_both_engines! {
    async fn many_go_at_once_and_are_acknowledged_line_by_line(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let all = three(&clerk).await;
        let made = clerk.post("/transfers", slip(&all)).key("slip").await;
        let sent = made.expect(201);
        assert_eq!(
            (sent["state"].as_str(), sent["dossiers"].as_i64(), sent["to"]["code"].as_str()),
            (Some("sent"), Some(3), Some(TCKH))
        );
        assert!(made.header("location").unwrap().ends_with(sent["id"].as_str().unwrap()));
        assert!(sent["number"].as_str().unwrap().starts_with(DISTRICT), "{sent}");
        assert_eq!(clerk.post("/transfers", slip(&all)).key("slip").await.expect(201), sent);
        for dossier in &all {
            assert_eq!(clerk.see(dossier).await.expect(200)["status"], "in_transfer");
        }
        let path = format!("/transfers/{}", sent["id"].as_str().unwrap());
        let listed = officer.get("/transfers?to=000.05.31.H20&state=sent").await.expect(200);
        assert_eq!(listed["items"][0]["id"], sent["id"]);
        let answer = json!({"lines": [
            {"dossier": address(&all[0]), "state": "received", "missing": ["CCCD"]},
            {"dossier": address(&all[1]), "state": "refused", "reason": "Không thuộc thẩm quyền"},
            {"dossier": address(&all[2]), "state": "missing", "reason": "Không có trong túi"},
        ]});
        let done = officer.post(&format!("{path}/acknowledge"), answer).await.expect(200);
        let states: Vec<&str> =
            done["lines"].as_array().unwrap().iter().map(|line| line["state"].as_str().unwrap()).collect();
        assert_eq!(
            (done["state"].as_str(), states),
            (Some("acknowledged"), vec!["received", "refused", "missing"])
        );
        let there = clerk.see(&all[0]).await.expect(200);
        assert_eq!(
            (there["status"].as_str(), there["holder"]["code"].as_str()),
            (Some("processing"), Some(TCKH))
        );
        for (dossier, mark) in [(&all[1], "transfer_refused"), (&all[2], "missing_papers")] {
            let back = clerk.see(dossier).await.expect(200);
            assert_eq!(
                (back["status"].as_str(), back["holder"]["code"].as_str()),
                (Some("received"), Some(DISTRICT)),
                "the sender's state"
            );
            assert!(back["marks"].as_array().unwrap().contains(&mark.into()), "{mark} in {}", back["marks"]);
            assert_eq!(custody(&clerk, dossier).await, [DISTRICT]);
        }
        officer.post(&format!("{path}/acknowledge"), json!({})).await.problem(409, "conflict");
        // What is not right can be sent again.
        clerk.post("/transfers", slip(&all[1..])).await.expect(201);
    }

    async fn what_is_not_said_is_received_in_full(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let all = three(&clerk).await;
        let sent = clerk.post("/transfers", slip(&all)).await.expect(201);
        let done = officer
            .post(&format!("/transfers/{}/acknowledge", sent["id"].as_str().unwrap()), json!({}))
            .await
            .expect(200);
        assert!(done["lines"].as_array().unwrap().iter().all(|line| line["state"] == "received"));
        assert_eq!(custody(&clerk, &all[2]).await, [DISTRICT, TCKH]);
    }

    async fn a_slip_is_taken_back_whole(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let all = three(&clerk).await;
        let sent = clerk.post("/transfers", slip(&all)).await.expect(201);
        let path = format!("/transfers/{}", sent["id"].as_str().unwrap());
        officer.post(&format!("{path}/recall"), json!({"reason": "x"})).await.problem(403, "wrong_party");
        assert_eq!(clerk.post(&format!("{path}/recall"), json!({})).await.faults(), ["/reason required"]);
        let back = clerk.post(&format!("{path}/recall"), json!({"reason": "Gửi nhầm"})).await.expect(200);
        assert_eq!(back["state"], "recalled");
        for dossier in &all {
            assert_eq!(clerk.see(dossier).await.expect(200)["status"], "received");
        }
        officer.post(&format!("{path}/acknowledge"), json!({})).await.problem(404, "not_found");
        clerk.post(&format!("{path}/recall"), json!({"reason": "x"})).await.problem(409, "conflict");
    }

    async fn one_bad_line_stops_the_slip(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let officer = t.as_("officer@tckh").await;
        let all = three(&clerk).await;
        let other = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        for (dossiers, pointer) in [
            (json!([address(&all[0]), "000.00.31.H20-190304-0099"]), "/dossiers/1"),
            (json!([address(&all[0]), address(&all[0])]), "/dossiers/1"),
            (json!([address(&all[0]), address(&other)]), "/dossiers/1"),
            (json!([]), "/dossiers"),
        ] {
            let answer = clerk.post("/transfers", json!({"to_agency": TCKH, "dossiers": dossiers})).await;
            assert!(answer.is_one_of(&[403, 404, 409, 422]), "{answer:?}");
            assert!(answer.text.contains(&format!("\"{pointer}")), "{pointer}: {answer:?}");
        }
        for dossier in &all {
            assert_eq!(clerk.see(dossier).await.expect(200)["status"], "received");
        }
        assert_eq!(t.count("transfers"), 0);
        let sent = clerk.post("/transfers", slip(&all)).await.expect(201);
        let path = format!("/transfers/{}/acknowledge", sent["id"].as_str().unwrap());
        for line in [
            json!({"dossier": address(&other), "state": "received"}),
            json!({"dossier": address(&all[0]), "state": "refused"}),
            json!({"dossier": address(&all[0]), "state": "received", "missing": ["ZZZ"]}),
            json!({"dossier": address(&all[0]), "state": "eaten"}),
        ] {
            let answer = officer.post(&path, json!({"lines": [line]})).await;
            assert_eq!(answer.status, 422, "{answer:?}");
        }
        assert_eq!(officer.see(&all[0]).await.expect(200)["status"], "in_transfer");
    }

    async fn slips_are_seen_by_both_sides_only(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let all = three(&clerk).await;
        let sent = clerk.post("/transfers", slip(&all)).await.expect(201);
        let path = format!("/transfers/{}", sent["id"].as_str().unwrap());
        for may in ["clerk@thanh-binh", "officer@tckh", "leader@thanh-binh", "inspector@thanh-binh"] {
            t.as_(may).await.get(&path).await.expect(200);
        }
        for may_not in ["officer@tu-phap", "clerk@tan-long", "leader@tan-long"] {
            let stranger = t.as_(may_not).await;
            stranger.get(&path).await.problem(404, "not_found");
            assert_eq!(stranger.get("/transfers").await.expect(200)["items"], json!([]), "{may_not}");
            stranger.post(&format!("{path}/acknowledge"), json!({})).await.problem(404, "not_found");
        }
        clerk.get("/transfers/not-an-id").await.problem(404, "not_found");
    }

    async fn a_forward_is_a_slip_of_one_line(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward", "to_agency": "000.01.31.H20"})).await.expect(200);
        let listed = clerk.get("/transfers?count=true").await.expect(200);
        assert_eq!((listed["total"].as_i64(), listed["items"][0]["dossiers"].as_i64()), (Some(1), Some(1)));
        // Handed over at eight: due the same day. After three: at the start of the next working day.
        assert_eq!(listed["items"][0]["due_at"], "2019-03-04T17:00:00+07:00");
        t.at("2019-03-04T15:01");
        let clerk = t.as_("clerk@tan-long").await;
        let late = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk.act(&late, json!({"action": "forward", "to_agency": "000.01.31.H20"})).await.expect(200);
        let listed = clerk.get("/transfers").await.expect(200);
        assert_eq!(listed["items"][0]["due_at"], "2019-03-05T07:00:00+07:00");
    }
}
