//! The public post: who may receive what for whom, manifests in both directions, shipments.

use serde_json::{Value, json};

use crate::support::{
    Client, POST_DISTRICT, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, address, birth, business, marital_status,
    on_both_engines, with,
};

/// The example of the domain's decisions: its check digit is right.
const CODE: &str = "RR473124829VN";

fn manifest(direction: &str, items: Value) -> Value {
    json!({"direction": direction, "office": POST_TAN_LONG, "agency": TAN_LONG, "items": items})
}

/// A dossier that is resolved and waits to be returned.
async fn resolved(t: &Test) -> Value {
    let dossier = t.as_("clerk@tan-long").await.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
    let officer = t.as_("officer@tan-long").await;
    officer
        .act(&dossier, json!([{"action": "start"}, {"action": "resolve", "result": "granted"}]))
        .await
        .expect(200)
}

async fn sign(caller: &Client, handoff: &Value, what: &str, body: Value) -> crate::support::Answer {
    caller.post(&format!("/postal/handoffs/{}/{what}", handoff["id"].as_str().unwrap()), body).await
}

on_both_engines! {
    async fn delegations_say_which_office_receives_what(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let list = admin.get("/postal/delegations?count=true").await.expect(200);
        assert_eq!(list["total"], 4);
        let body = json!({"office": POST_DISTRICT, "agency": TAN_MY, "procedures": ["1.001193"], "valid_from": "2019-04-01"});
        let made = admin.post("/postal/delegations", body.clone()).await;
        let delegation = made.expect(201);
        assert_eq!(delegation["agency"]["code"], TAN_MY);
        admin.post("/postal/delegations", body.clone()).await.problem(409, "conflict");
        let post = t.as_("post_clerk@buu-dien-thanh-binh").await;
        let intake = |procedure: &str| {
            with(
                if procedure == "birth" { birth(TAN_MY) } else { marital_status(TAN_MY) },
                json!({"channel": "post_office"}),
            )
        };
        post.post("/dossiers", intake("birth")).await.problem(403, "not_delegated");
        t.at("2019-04-01T08:00");
        let post = t.as_("post_clerk@buu-dien-thanh-binh").await;
        post.post("/dossiers", intake("birth")).await.expect(201);
        post.post("/dossiers", intake("other")).await.problem(403, "not_delegated");
        let admin = t.as_("admin@thanh-binh").await;
        let path = format!("/postal/delegations/{}", delegation["id"].as_str().unwrap());
        admin
            .patch(&path, json!({"procedures": null, "valid_to": "2019-04-02"}))
            .if_match(&made.etag())
            .await
            .expect(200);
        post.post("/dossiers", intake("other")).await.expect(201);
        t.at("2019-04-02T08:00");
        let post = t.as_("post_clerk@buu-dien-thanh-binh").await;
        post.post("/dossiers", intake("birth")).await.problem(403, "not_delegated");
        let admin = t.as_("admin@thanh-binh").await;
        admin
            .patch(&path, json!({"valid_to": null}))
            .if_match(&made.etag())
            .await
            .problem(412, "stale_version");
    }

    async fn what_a_delegation_lets_an_office_receive_ends_with_it(t: Test) {
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let (clerk, officer) = (t.as_("clerk@tan-long").await, t.as_("officer@tan-long").await);
        let by = |channel: &str| with(marital_status(TAN_LONG), json!({"channel": channel}));
        let waiting = post.post("/dossiers", by("postal")).await.expect(201);
        let asked = post.post("/dossiers", by("post_office")).await.expect(201);
        let request = json!({"action": "request_supplement", "reason": "Thiếu giấy", "items": [{"code": "LH"}]});
        clerk.act(&asked, request).await.expect(200);
        let done = post.post("/dossiers", by("post_office")).await.expect(201);
        let resolve = json!([{"action": "start"}, {"action": "resolve", "result": "granted"}]);
        officer.act(&done, resolve).await.expect(200);
        let admin = t.as_("admin@thanh-binh").await;
        let list = admin.get(&format!("/postal/delegations?agency={TAN_LONG}")).await.expect(200);
        let path = format!("/postal/delegations/{}", list["items"][0]["id"].as_str().unwrap());
        admin.patch(&path, json!({"valid_to": "2019-03-05"})).await.expect(200);
        t.at("2019-03-05T08:00");
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let allowed = |dossier: &Value| dossier["allowed_transitions"].to_string();
        assert!(!allowed(&post.see(&waiting).await.expect(200)).contains("accept"));
        post.act(&waiting, json!({"action": "accept"})).await.problem(403, "wrong_party");
        let brought = json!({"action": "supplement", "components": [{"code": "LH", "originals": 1}]});
        post.act(&asked, brought).await.problem(403, "wrong_party");
        // What it took in it still gives out.
        let given = json!({"action": "return_result", "by": "counter", "recipient": {"full_name": "Nguyễn Thị Hoa"}});
        post.act(&done, given).await.expect(200);
    }

    async fn bad_delegations(t: Test) {
        let admin = t.as_("admin@dong-thap").await;
        let body = json!({"office": TAN_LONG, "agency": POST_TAN_LONG, "procedures": ["0.000000", "2.000815"], "valid_from": "2019-05-01", "valid_to": "2019-04-01"});
        let faults = admin.post("/postal/delegations", body).await.faults();
        for pointer in ["/office", "/agency", "/procedures/0", "/valid_to"] {
            assert!(faults.iter().any(|fault| fault.starts_with(pointer)), "{pointer} in {faults:?}");
        }
        let admin = t.as_("admin@thanh-binh").await;
        let beyond = json!({"office": POST_DISTRICT, "agency": "000.00.00.H20", "valid_from": "2019-05-01"});
        let answer = admin.post("/postal/delegations", beyond).await;
        assert!(answer.is_one_of(&[403, 422]), "{answer:?}");
        t.as_("clerk@thanh-binh")
            .await
            .post("/postal/delegations", json!({}))
            .await
            .problem(403, "forbidden");
    }

    async fn sent_by_post_is_received_with_the_second_signature(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let postal = with(marital_status(TAN_LONG), json!({"channel": "postal"}));
        let one = post.post("/dossiers", postal.clone()).await.expect(201);
        let two = post.post("/dossiers", postal).await.expect(201);
        assert_eq!((one["status"].as_str(), one["code"].is_null()), (Some("submitted"), true));
        let draft = post
            .post(
                "/postal/handoffs",
                manifest("from_post", json!([{"dossier": address(&one)}, {"dossier": address(&two)}])),
            )
            .key("m")
            .await
            .expect(201);
        assert_eq!((draft["state"].as_str(), draft["lines"].as_i64()), (Some("draft"), Some(2)));
        clerk.act(&one, json!({"action": "accept"})).await.problem(409, "on_open_manifest");
        sign(&clerk, &draft, "accept", json!({})).await.problem(409, "conflict");
        t.at("2019-03-04T14:00");
        let (clerk, post) = (t.as_("clerk@tan-long").await, t.as_("post_clerk@buu-dien-tan-long").await);
        sign(&clerk, &draft, "dispatch", json!({})).await.problem(403, "wrong_party");
        assert_eq!(sign(&post, &draft, "dispatch", json!({})).await.expect(200)["state"], "dispatched");
        sign(&post, &draft, "accept", json!({})).await.problem(403, "wrong_party");
        t.at("2019-03-05T09:30");
        let clerk = t.as_("clerk@tan-long").await;
        let exceptions = json!({"exceptions": [{"dossier": address(&two), "state": "missing", "reason": "Không có trong túi"}]});
        let signed = sign(&clerk, &draft, "accept", exceptions).await.expect(200);
        assert_eq!((signed["state"].as_str(), signed["exceptions"].as_i64()), (Some("accepted"), Some(1)));
        let received =
            clerk.get(&format!("/dossiers/{}", one["reference"].as_str().unwrap())).await.expect(200);
        assert_eq!(
            (received["status"].as_str(), received["code"].as_str()),
            (Some("received"), Some(&*format!("{TAN_LONG}-190305-0001")))
        );
        assert_eq!(
            (received["received_at"].as_str(), received["due_at"].as_str()),
            (Some("2019-03-05T09:30:00+07:00"), Some("2019-03-08T17:00:00+07:00"))
        );
        assert_eq!(received["custody"]["party"]["code"], TAN_LONG);
        let missing =
            clerk.get(&format!("/dossiers/{}", two["reference"].as_str().unwrap())).await.expect(200);
        assert_eq!(missing["status"], "submitted");
        assert!(
            missing["marks"].as_array().unwrap().contains(&"missing_papers".into()),
            "{}",
            missing["marks"]
        );
        sign(&clerk, &draft, "accept", json!({})).await.problem(409, "conflict");
        let events = clerk.get(&format!("/dossiers/{}/events", address(&received))).await.expect(200);
        let actions: Vec<&str> =
            events["items"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
        assert!(actions.contains(&"accept"), "{actions:?}");
    }

    async fn a_result_goes_out_by_post(t: Test) {
        let dossier = resolved(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let items = json!([{"dossier": address(&dossier), "tracking_code": CODE, "cod_amount": 30000, "recipient": {"full_name": "Nguyễn Thị Hoa", "phone": "0901234567", "address": "Ấp Tân Hòa"}}]);
        let draft = clerk.post("/postal/handoffs", manifest("to_post", items.clone())).await.expect(201);
        // One shipment is on one open manifest only.
        clerk.post("/postal/handoffs", manifest("to_post", items)).await.problem(409, "on_open_manifest");
        assert_eq!(post.get(&format!("/postal/shipments/{CODE}")).await.expect(200)["state"], "manifested");
        sign(&clerk, &draft, "dispatch", json!({})).await.expect(200);
        assert_eq!(post.get(&format!("/postal/shipments/{CODE}")).await.expect(200)["state"], "manifested");
        assert_eq!(clerk.see(&dossier).await.expect(200)["custody"]["party"]["code"], TAN_LONG);
        sign(&post, &draft, "accept", json!({})).await.expect(200);
        let seen = post.see(&dossier).await.expect(200);
        assert_eq!(
            (seen["view"].as_str(), seen["custody"]["party"]["code"].as_str()),
            (Some("full"), Some(POST_TAN_LONG))
        );
        let shipment = clerk.get(&format!("/postal/shipments/{CODE}")).await.expect(200);
        assert_eq!(
            (shipment["state"].as_str(), shipment["cod_amount"].as_i64()),
            (Some("accepted"), Some(30000))
        );
        let returned = clerk.act(&dossier, json!({"action": "return_result", "by": "postal", "recipient": {"full_name": "Nguyễn Thị Hoa"}, "tracking_code": CODE})).await.expect(200);
        assert_eq!(
            (returned["status"].as_str(), returned["outcome"].as_str()),
            (Some("returned"), Some("early"))
        );
        let list = post.get("/postal/handoffs?direction=to_post&state=accepted&count=true").await.expect(200);
        assert_eq!(list["total"], 1);
    }

    async fn codes_have_a_right_check_digit(t: Test) {
        let dossier = resolved(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        for (code, expected) in [("RR473124820VN", "9"), ("RR473124828VN", "9"), ("EE000000001VN", "")] {
            let body = manifest("to_post", json!([{"dossier": address(&dossier), "tracking_code": code}]));
            let answer = clerk.post("/postal/handoffs", body).await;
            assert_eq!(answer.faults(), ["/items/0/tracking_code invalid_tracking_code"], "{code}");
            assert!(answer.json()["errors"][0]["detail"].as_str().unwrap().contains(expected), "{answer:?}");
        }
        for code in ["473124829", "RR47312482VN", "rr473124829vn", "RR473124829V1"] {
            let body = manifest("to_post", json!([{"dossier": address(&dossier), "tracking_code": code}]));
            let answer = clerk.post("/postal/handoffs", body).await;
            assert!(answer.is_one_of(&[201, 422]), "{code}: {answer:?}");
        }
        assert_eq!(clerk.act(&dossier, json!({"action": "return_result", "by": "postal", "recipient": {"full_name": "H"}, "tracking_code": "RR473124820VN"})).await.faults(), ["/tracking_code invalid_tracking_code"]);
    }

    async fn a_draft_is_cancelled(t: Test) {
        let dossier = resolved(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let body = manifest("to_post", json!([{"dossier": address(&dossier), "tracking_code": CODE}]));
        let draft = clerk.post("/postal/handoffs", body.clone()).await.expect(201);
        assert_eq!(sign(&clerk, &draft, "cancel", json!({})).await.expect(200)["state"], "cancelled");
        sign(&clerk, &draft, "dispatch", json!({})).await.problem(409, "conflict");
        // The dossier is free for another one; the office that never had it sees nothing of it.
        let again = clerk
            .post("/postal/handoffs", with(body, json!({"items": [{"dossier": address(&dossier)}]})))
            .await
            .expect(201);
        sign(&clerk, &again, "dispatch", json!({})).await.expect(200);
        sign(&post, &again, "accept", json!({})).await.expect(200);
    }

    async fn damaged_papers_arrive_but_are_no_acceptance(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let post = t.as_("post_clerk@buu-dien-tan-long").await;
        let dossier = post
            .post("/dossiers", with(marital_status(TAN_LONG), json!({"channel": "postal"})))
            .await
            .expect(201);
        let draft = post
            .post("/postal/handoffs", manifest("from_post", json!([{"dossier": address(&dossier)}])))
            .await
            .expect(201);
        sign(&post, &draft, "dispatch", json!({})).await.expect(200);
        let exceptions =
            json!({"exceptions": [{"dossier": address(&dossier), "state": "damaged", "reason": "Bị ướt"}]});
        sign(&clerk, &draft, "accept", exceptions).await.expect(200);
        let seen = clerk.see(&dossier).await.expect(200);
        assert_eq!(
            (seen["status"].as_str(), seen["custody"]["party"]["code"].as_str()),
            (Some("submitted"), Some(TAN_LONG))
        );
        assert!(seen["marks"].as_array().unwrap().contains(&"damaged_papers".into()));
        clerk.act(&dossier, json!({"action": "accept"})).await.expect(200);
    }

    async fn what_does_not_belong_on_a_manifest(t: Test) {
        let dossier = resolved(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let elsewhere = t.as_("clerk@thanh-binh").await.post("/dossiers", business()).await.expect(201);
        for (body, status) in [
            (manifest("to_post", json!([])), 422),
            (manifest("to_post", json!([{"dossier": "nothing"}])), 422),
            (manifest("to_post", json!([{"dossier": address(&elsewhere)}])), 422),
            (
                manifest("to_post", json!([{"dossier": address(&dossier)}, {"dossier": address(&dossier)}])),
                422,
            ),
            (manifest("to_post", json!([{"dossier": address(&dossier), "cod_amount": -1}])), 422),
            (
                with(manifest("to_post", json!([{"dossier": address(&dossier)}])), json!({"office": TAN_MY})),
                422,
            ),
            (manifest("sideways", json!([{"dossier": address(&dossier)}])), 422),
        ] {
            let answer = clerk.post("/postal/handoffs", body.clone()).await;
            assert_eq!(answer.status, status, "{body}: {answer:?}");
        }
        assert_eq!(t.count("handoffs"), 0);
        // Not for a neighbour's agency, and not from a neighbour's post office.
        let body = manifest("to_post", json!([{"dossier": address(&dossier)}]));
        let answer = t.as_("clerk@tan-my").await.post("/postal/handoffs", body).await;
        assert!(answer.is_one_of(&[403, 404, 422]), "{answer:?}");
    }

    async fn manifests_are_seen_by_both_sides_only(t: Test) {
        let dossier = resolved(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let draft = clerk
            .post(
                "/postal/handoffs",
                manifest("to_post", json!([{"dossier": address(&dossier), "tracking_code": CODE}])),
            )
            .await
            .expect(201);
        let path = format!("/postal/handoffs/{}", draft["id"].as_str().unwrap());
        for may in ["clerk@tan-long", "post_clerk@buu-dien-tan-long", "inspector@thanh-binh"] {
            t.as_(may).await.get(&path).await.expect(200);
            t.as_(may).await.get(&format!("/postal/shipments/{CODE}")).await.expect(200);
        }
        for may_not in ["clerk@tan-my", "post_clerk@buu-dien-tan-thanh"] {
            let stranger = t.as_(may_not).await;
            stranger.get(&path).await.problem(404, "not_found");
            stranger.get(&format!("/postal/shipments/{CODE}")).await.problem(404, "not_found");
            assert_eq!(stranger.get("/postal/handoffs").await.expect(200)["items"], json!([]), "{may_not}");
            assert_eq!(stranger.get("/postal/shipments").await.expect(200)["items"], json!([]), "{may_not}");
            sign(&stranger, &draft, "accept", json!({})).await.problem(404, "not_found");
        }
    }
}
