//! Machine clients: their secrets, and what ends with a change.

use serde_json::{Value, json};

use crate::support::{Answer, DISTRICT, PASSWORD, TAN_LONG, Test, on_both_engines, text, with};

const PROVINCE: &str = "000.00.00.H20";

fn new_client() -> Value {
    json!({"client_id": "portal", "agency": DISTRICT, "scopes": ["dossiers:read", "events:read"]})
}

async fn sign_in(t: &Test, id: &str, secret: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    t.anonymous().post_form("/auth/token", &form).await
}

on_both_engines! {
    async fn a_client_is_made_and_signs_in(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let made = admin.post("/clients", new_client()).key("portal").await;
        let client = made.expect(201);
        assert_eq!(made.header("location").unwrap(), format!("/api/v1/clients/{}", text(&client, "/id")));
        assert_eq!(text(&client, "/client_secret").len(), 43);
        assert_eq!(admin.post("/clients", new_client()).key("portal").await.expect(201), client);
        let tokens = sign_in(&t, "portal", text(&client, "/client_secret")).await.expect(200);
        let me = t.with_token(text(&tokens, "/access_token")).get("/me").await.expect(200);
        assert_eq!(me["scopes"], json!(["dossiers:read", "events:read"]));
        assert_eq!(me["agency"]["code"], DISTRICT);
        let all = admin.get("/clients?count=true").await.expect(200);
        assert_eq!((all["total"].as_i64(), &all["items"][0]["client_id"]), (Some(1), &json!("portal")));
        assert!(!all.to_string().contains("secret") && !all.to_string().contains("argon2"), "{all}");
        assert_eq!(t.as_("admin@dong-thap").await.get("/clients").await.expect(200)["items"].as_array().unwrap().len(), 2);
    }

    async fn faults_and_reach(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        admin.post("/clients", with(new_client(), json!({"agency": PROVINCE}))).await.problem(403, "agency_out_of_reach");
        let body = json!({"client_id": "PROVINCE", "agency": "X.1", "scopes": ["events:read", "events:read"]});
        assert_eq!(
            admin.post("/clients", body).await.faults(),
            ["/agency unknown_agency", "/client_id duplicate", "/scopes/1 duplicate"]
        );
        let first_party = with(new_client(), json!({"client_id": "motcua"}));
        assert_eq!(admin.post("/clients", first_party).await.faults(), ["/client_id duplicate"]);
        let body = json!({"client_id": "", "agency": DISTRICT, "scopes": ["everything"], "secret": "mine"});
        let faults = admin.post("/clients", body).await.faults();
        assert!(faults.contains(&"/secret unknown_field".to_owned()) && faults.contains(&"/scopes/0 not_one_of".to_owned()), "{faults:?}");
        let province = t.as_("admin@dong-thap").await.get("/clients").await.expect(200);
        let id = text(&province, "/items/0/id");
        admin.patch(&format!("/clients/{id}"), json!({"is_active": false})).await.problem(404, "not_found");
        admin.call(reqwest::Method::POST, &format!("/clients/{id}/rotate-secret")).await.problem(404, "not_found");
        sign_in(&t, "province", PASSWORD).await.expect(200);
    }

    async fn a_rotated_secret_ends_the_old_one_and_its_tokens(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let client = admin.post("/clients", new_client()).await.expect(201);
        let tokens = sign_in(&t, "portal", text(&client, "/client_secret")).await.expect(200);
        let machine = t.with_token(text(&tokens, "/access_token"));
        machine.get("/me").await.expect(200);
        let path = format!("/clients/{}/rotate-secret", text(&client, "/id"));
        let rotated = admin.call(reqwest::Method::POST, &path).key("r-1").await.expect(200);
        assert_ne!(rotated["client_secret"], client["client_secret"]);
        assert_eq!(admin.call(reqwest::Method::POST, &path).key("r-1").await.expect(200), rotated);
        machine.get("/me").await.problem(401, "invalid_token");
        assert_eq!(sign_in(&t, "portal", text(&client, "/client_secret")).await.expect(401)["error"], "invalid_client");
        let tokens = sign_in(&t, "portal", text(&rotated, "/client_secret")).await.expect(200);
        t.with_token(text(&tokens, "/access_token")).get("/me").await.expect(200);
    }

    async fn a_change_ends_its_tokens(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let client = admin.post("/clients", new_client()).await.expect(201);
        let (id, secret) = (text(&client, "/id"), text(&client, "/client_secret"));
        let path = format!("/clients/{id}");
        let tokens = sign_in(&t, "portal", secret).await.expect(200);
        let changed = admin.patch(&path, json!({"scopes": ["statistics:read"], "agency": TAN_LONG})).if_match("\"1.x\"").await;
        assert_eq!((&changed.expect(200)["version"], &changed.json()["agency"]["code"]), (&json!(2), &json!(TAN_LONG)));
        t.with_token(text(&tokens, "/access_token")).get("/me").await.problem(401, "invalid_token");
        let tokens = sign_in(&t, "portal", secret).await.expect(200);
        assert_eq!(tokens["scope"], "statistics:read");
        admin.patch(&path, json!({"is_active": false})).if_match("\"1.x\"").await.problem(412, "stale_version");
        admin.patch(&path, json!({"is_active": false})).if_match(&changed.etag()).await.expect(200);
        t.with_token(text(&tokens, "/access_token")).get("/me").await.problem(401, "invalid_token");
        sign_in(&t, "portal", secret).await.expect(401);
    }
}
