//! Many in one call.

use serde_json::{Value, json};

use crate::support::{TAN_LONG, address, birth, on_both_engines, with};

on_both_engines! {
    async fn many_intakes_each_with_its_result(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let bad = with(birth(TAN_LONG), json!({"procedure": "0.000000"}));
        let body = json!({"atomic": false, "items": [birth(TAN_LONG), bad, birth(TAN_LONG)]});
        let answer = clerk.post("/dossiers/batch", body.clone()).key("b").await.expect(200);
        let items = answer["items"].as_array().unwrap();
        let statuses: Vec<u64> = items.iter().map(|item| item["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 422, 201]);
        assert_eq!(items[1]["problem"]["code"], "invalid_body");
        assert_eq!(items[1]["problem"]["errors"][0]["code"], "unknown_procedure");
        let codes: Vec<&str> =
            [0, 2].iter().map(|n| items[*n]["dossier"]["code"].as_str().unwrap()).collect();
        assert_eq!(
            codes,
            [format!("{TAN_LONG}-190304-0001"), format!("{TAN_LONG}-190304-0002")],
            "no number was lost"
        );
        assert_eq!(clerk.post("/dossiers/batch", body).key("b").await.expect(200), answer);
        assert_eq!(t.count("dossiers"), 2);
    }

    async fn all_or_none(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let bad = with(birth(TAN_LONG), json!({"components": [{"code": "ZZZ", "originals": 1}]}));
        let answer =
            clerk.post("/dossiers/batch", json!({"atomic": true, "items": [birth(TAN_LONG), bad]})).await;
        assert!(
            answer.faults().contains(&"/items/1/components/0/code unknown_component".to_owned()),
            "{answer:?}"
        );
        assert_eq!(t.count("dossiers"), 0);
        let good = json!({"atomic": true, "items": [birth(TAN_LONG), birth(TAN_LONG)]});
        let answer = clerk.post("/dossiers/batch", good).await.expect(200);
        assert_eq!(answer["items"][0]["dossier"]["code"], format!("{TAN_LONG}-190304-0001"));
    }

    async fn five_hundred_and_not_one_more(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let many =
            |count: usize| json!({"items": (0..count).map(|_| birth(TAN_LONG)).collect::<Vec<Value>>()});
        let answer = clerk.post("/dossiers/batch", many(501)).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        clerk.post("/dossiers/batch", json!({"items": []})).await.expect(422);
        let answer = clerk.post("/dossiers/batch", many(500)).await.expect(200);
        assert_eq!(answer["items"][499]["dossier"]["code"], format!("{TAN_LONG}-190304-0500"));
    }

    async fn many_changes_each_with_its_result(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let officer = t.as_("officer@tan-long").await;
        let (one, two) = (
            clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201),
            clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201),
        );
        let item = |dossier: &Value, actions: Value| json!({"dossier": address(dossier), "actions": actions});
        let start = json!({"action": "start"});
        let body = json!({"items": [
            item(&one, json!([start, {"action": "resolve", "result": "granted"}])),
            item(&two, json!({"action": "return_result", "by": "counter", "recipient": {"full_name": "H"}})),
            {"dossier": format!("{TAN_LONG}-190304-0099"), "actions": start},
        ]});
        let answer = officer.post("/dossiers/transitions/batch", body).await.expect(200);
        let statuses: Vec<u64> =
            answer["items"].as_array().unwrap().iter().map(|item| item["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [200, 409, 404]);
        let atomic = json!({"atomic": true, "items": [item(&two, start.clone()), item(&one, start)]});
        let answer = officer.post("/dossiers/transitions/batch", atomic).await;
        answer.problem(409, "transition_not_allowed");
        assert_eq!(officer.see(&two).await.expect(200)["status"], "received");
    }
}
