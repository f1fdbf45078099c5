//! A neighbour's dossier is not there: not in detail, list, search, count, figures, legs, custody, history, and not for
//! any change.

use serde_json::{Value, json};

use crate::support::{
    Client, FUNERAL_AID, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, address, intake, on_both_engines, text,
};

/// People who have nothing to do with a dossier of Tân Long.
const NEIGHBOURS: [&str; 6] = [
    "clerk@tan-my",
    "officer@tan-my",
    "leader@tan-my",
    "officer@tu-phap",
    "officer@thue",
    "post_clerk@buu-dien-tan-thanh",
];

/// A dossier that has been through much: legs, a slip, a manifest.
async fn lived(t: &Test) -> Value {
    let clerk = t.as_("clerk@tan-long").await;
    let officer = t.as_("officer@tan-long").await;
    let dossier = clerk.post("/dossiers", intake(FUNERAL_AID, TAN_LONG, &["TK", "KT"])).await.expect(201);
    officer.act(&dossier, json!([{"action": "start"}, {"action": "forward"}])).await.expect(200);
    let there = t.as_("officer@ldtbxh").await;
    there.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
    there.act(&dossier, json!({"action": "propose", "result": "granted"})).await.expect(200);
    t.as_("leader@thanh-binh")
        .await
        .act(&dossier, json!({"action": "resolve", "result": "granted"}))
        .await
        .expect(200);
    let slip = clerk.get("/transfers?state=sent").await.expect(200)["items"][0]["id"].clone();
    clerk.post(&format!("/transfers/{}/acknowledge", slip.as_str().unwrap()), json!({})).await.expect(200);
    let handoff = json!({"direction": "to_post", "office": POST_TAN_LONG, "agency": TAN_LONG, "items": [{"dossier": address(&dossier), "tracking_code": "RR473124829VN"}]});
    clerk.post("/postal/handoffs", handoff).await.expect(201);
    dossier
}

/// Every way to read one dossier.
fn readings(dossier: &Value) -> Vec<String> {
    let names = [address(dossier), text(dossier, "/id")];
    names
        .iter()
        .flat_map(|name| {
            ["", "/events", "/deadline", "/legs", "/custody"].map(|part| format!("/dossiers/{name}{part}"))
        })
        .collect()
}

async fn sees_nothing(caller: &Client, who: &str, dossier: &Value) {
    let code = address(dossier);
    for path in readings(dossier) {
        let answer = caller.get(&path).await;
        // The role may have no such operation at all; then nothing is said about this dossier either.
        assert!(answer.status == 404 || answer.json()["code"] == "forbidden", "{who} {path}: {answer:?}");
    }
    for query in [
        String::new(),
        format!("agency={TAN_LONG}"),
        "holder=000.02.31.H20".to_owned(),
        format!("q={code}"),
        "q=nguyen".to_owned(),
        "status=resolved".to_owned(),
        "outcome=early".to_owned(),
        "channel=counter".to_owned(),
        format!("procedure={FUNERAL_AID}"),
        "figure=received.total&figure_from=2019-03-01&figure_to=2019-04-01".to_owned(),
    ] {
        let answer = caller.get(&format!("/dossiers?count=true&{query}")).await;
        if answer.status == 200 {
            let list = answer.json();
            assert_eq!((list["total"].as_i64(), &list["items"]), (Some(0), &json!([])), "{who} {query}");
        } else {
            assert_eq!(answer.status, 403, "{who} {query}: {answer:?}");
        }
    }
    for body in [
        json!({"q": "nguyen thi hoa"}),
        json!({"identity_number": "087190001234"}),
        json!({"phone": "0901234567"}),
    ] {
        let answer = caller.post("/dossiers/search", body).await;
        if answer.status == 200 {
            assert_eq!(answer.json()["items"], json!([]), "{who}");
        } else {
            assert_eq!(answer.status, 403, "{who}: {answer:?}");
        }
    }
    for action in [
        json!({"action": "start"}),
        json!({"action": "return_result", "by": "counter", "recipient": {"full_name": "H"}}),
        json!({"action": "acknowledge"}),
    ] {
        let answer = caller.act(dossier, action).await;
        assert!(answer.status == 404 || answer.json()["code"] == "forbidden", "{who}: {answer:?}");
    }
}

on_both_engines! {
    async fn neighbours_see_nothing(t: Test) {
        let dossier = lived(&t).await;
        for who in NEIGHBOURS {
            sees_nothing(&t.as_(who).await, who, &dossier).await;
        }
        // Administrators keep agencies and accounts; what a dossier says is none of their business.
        for who in ["admin@thanh-binh", "admin@dong-thap"] {
            let admin = t.as_(who).await;
            for path in readings(&dossier) {
                admin.get(&path).await.problem(403, "forbidden");
            }
        }
    }

    async fn changes_in_bulk_tell_nothing_either(t: Test) {
        let dossier = lived(&t).await;
        let code = address(&dossier);
        let nowhere = format!("{TAN_LONG}-190304-0999");
        for who in ["clerk@tan-my", "officer@tan-my", "leader@tan-my"] {
            let caller = t.as_(who).await;
            let ask = |code: &str| json!({"items": [{"dossier": code, "actions": {"action": "start"}}]});
            let there = caller.post("/dossiers/transitions/batch", ask(code)).await.expect(200);
            let not_there = caller.post("/dossiers/transitions/batch", ask(&nowhere)).await.expect(200);
            assert_eq!(there["items"][0], not_there["items"][0], "{who}");
            assert_eq!(there["items"][0]["status"], 404, "{who}");
            let send = |code: &str| caller.post("/transfers", json!({"to_agency": TAN_MY, "dossiers": [code]}));
            let (there, not_there) = (send(code).await, send(&nowhere).await);
            assert_eq!((there.status, there.json()["code"].clone()), (not_there.status, not_there.json()["code"].clone()), "{who}");
        }
        let clerk = t.as_("clerk@tan-my").await;
        let hand = |code: &str| clerk.post("/postal/handoffs", json!({"direction": "to_post", "office": "VNPOST.874", "agency": TAN_MY, "items": [{"dossier": code}]}));
        let (there, not_there) = (hand(code).await, hand(&nowhere).await);
        assert_eq!((there.status, there.json()["errors"].clone()), (not_there.status, not_there.json()["errors"].clone()));
    }

    async fn figures_lead_to_no_neighbour(t: Test) {
        let dossier = lived(&t).await;
        for who in ["clerk@tan-my", "leader@tan-my"] {
            let caller = t.as_(who).await;
            let own = caller.get("/statistics/on-time?from=2019-03-01&to=2019-04-01").await.expect(200);
            assert_eq!(own["total"]["received"]["total"], 0, "{who}");
            caller.get(&format!("/statistics/on-time?from=2019-03-01&to=2019-04-01&agency={TAN_LONG}")).await.problem(403, "agency_out_of_reach");
            for link in own["total"]["links"].as_object().unwrap().values() {
                let list = caller.get(&format!("{}&count=true", link.as_str().unwrap())).await.expect(200);
                assert_eq!(list["total"], 0, "{who} {link}");
                assert!(!list.to_string().contains(address(&dossier)));
            }
        }
    }

    async fn those_who_have_to_do_with_it_do_see_it(t: Test) {
        let dossier = lived(&t).await;
        for (who, view) in [
            ("clerk@tan-long", "full"), ("officer@tan-long", "full"), ("leader@tan-long", "full"), ("leader@thanh-binh", "full"),
            ("officer@ldtbxh", "full"), ("post_clerk@buu-dien-tan-long", "full"), ("inspector@thanh-binh", "masked"),
        ] {
            assert_eq!(t.as_(who).await.see(&dossier).await.expect(200)["view"], view, "{who}");
        }
        assert_eq!(t.as_client().await.see(&dossier).await.expect(200)["view"], "full");
    }
}
