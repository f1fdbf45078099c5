//! The people of an agency that has ended belong to its successor.

use serde_json::{Value, json};

use super::accounts::path_of;
use crate::support::{
    Client, DISTRICT, PASSWORD, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, birth, on_both_engines, text,
};

const PROVINCE: &str = "000.00.00.H20";

async fn sign_in(t: &Test, form: &[(&str, &str)]) -> (Value, Client) {
    let tokens = t.anonymous().post_form("/auth/token", form).await.expect(200);
    let client = t.with_token(text(&tokens, "/access_token"));
    (tokens, client)
}

async fn as_clerk(t: &Test) -> (Value, Client) {
    sign_in(t, &[("grant_type", "password"), ("username", "clerk@tan-long"), ("password", PASSWORD)]).await
}

async fn agency_of(client: &Client) -> String {
    text(&client.get("/me").await.expect(200), "/agency/code").to_owned()
}

on_both_engines! {
    async fn people_and_machines_follow_their_agency(t: Test) {
        let admin = t.as_("admin@dong-thap").await;
        let new = json!({"client_id": "portal", "agency": TAN_LONG, "scopes": ["dossiers:read"]});
        let secret = text(&admin.post("/clients", new).await.expect(201), "/client_secret").to_owned();
        let machine =
            [("grant_type", "client_credentials"), ("client_id", "portal"), ("client_secret", secret.as_str())];
        let there = t.as_("clerk@tan-my").await.post("/dossiers", birth(TAN_MY)).await.expect(201);
        let ends = json!({"valid_to": "2019-04-01", "successor": TAN_MY});
        let ended = admin.patch(&format!("/agencies/{TAN_LONG}"), ends).await.expect(200);
        assert_eq!((&ended["successor"], &ended["valid_to"]), (&json!(TAN_MY), &json!("2019-04-01")));

        // Until the end nothing changes; no token outlives it.
        t.at("2019-03-31T23:50");
        let (tokens, clerk) = as_clerk(&t).await;
        assert_eq!((tokens["expires_in"].as_i64(), agency_of(&clerk).await.as_str()), (Some(600), TAN_LONG));
        clerk.see(&there).await.problem(404, "not_found");
        let (_, portal) = sign_in(&t, &machine).await;
        portal.see(&there).await.problem(404, "not_found");

        t.at("2019-04-01T00:00:06");
        clerk.get("/me").await.problem(401, "invalid_token");
        portal.get("/me").await.problem(401, "invalid_token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "/refresh_token"))];
        let (tokens, clerk) = sign_in(&t, &form).await;
        assert_eq!((tokens["expires_in"].as_i64(), agency_of(&clerk).await.as_str()), (Some(900), TAN_MY));
        assert_eq!(clerk.see(&there).await.expect(200)["view"], "full");
        let (_, portal) = sign_in(&t, &machine).await;
        assert_eq!(portal.see(&there).await.expect(200)["view"], "full");
        t.at("2019-04-01T08:00");
        let (_, clerk) = as_clerk(&t).await;
        clerk.post("/dossiers", birth(TAN_MY)).await.expect(201);
        clerk.post("/dossiers", birth(TAN_LONG)).await.problem(403, "agency_out_of_reach");
        // The account stays where it was, for whoever looks after it.
        let admin = t.as_("admin@dong-thap").await;
        let account = admin.get(&path_of(&admin, "clerk@tan-long").await).await.expect(200);
        assert_eq!(account["agency"]["code"], TAN_LONG);

        // And on to the next.
        let ends = json!({"valid_to": "2019-05-01", "successor": DISTRICT});
        admin.patch(&format!("/agencies/{TAN_MY}"), ends).await.expect(200);
        t.at("2019-05-01T08:00");
        let (_, clerk) = as_clerk(&t).await;
        assert_eq!(agency_of(&clerk).await, DISTRICT);
        // Without a successor people stay.
        let admin = t.as_("admin@dong-thap").await;
        admin.patch(&format!("/agencies/{TAN_LONG}"), json!({"successor": null})).await.expect(200);
        let (_, clerk) = as_clerk(&t).await;
        assert_eq!(agency_of(&clerk).await, TAN_LONG);
    }

    async fn bad_successors(t: Test) {
        let admin = t.as_("admin@dong-thap").await;
        let path = format!("/agencies/{TAN_LONG}");
        for (change, fault) in [
            (json!({"successor": TAN_MY}), "/valid_to required"),
            (json!({"valid_to": "2019-04-01", "successor": "X.1"}), "/successor unknown_agency"),
            (json!({"valid_to": "2019-04-01", "successor": POST_TAN_LONG}), "/successor invalid_value"),
            (json!({"valid_to": "2019-04-01", "successor": 7}), "/successor wrong_type"),
        ] {
            assert_eq!(admin.patch(&path, change).await.faults(), [fault]);
        }
        let itself = admin.patch(&path, json!({"valid_to": "2019-04-01", "successor": TAN_LONG})).await.faults();
        assert!(itself.contains(&"/successor invalid_value".to_owned()), "{itself:?}");
        // The successor must be one that the administrator answers for too, and be there when it is needed.
        let district = t.as_("admin@thanh-binh").await;
        let beyond = json!({"valid_to": "2019-04-01", "successor": PROVINCE});
        district.patch(&path, beyond).await.problem(403, "agency_out_of_reach");
        let other = format!("/agencies/{TAN_MY}");
        admin.patch(&other, json!({"valid_to": "2019-03-20"})).await.expect(200);
        let closed = json!({"valid_to": "2019-04-01", "successor": TAN_MY});
        assert_eq!(admin.patch(&path, closed).await.faults(), ["/successor agency_closed"]);
        // No circles, and no successor without an end.
        admin.patch(&path, json!({"valid_to": "2019-03-15", "successor": TAN_MY})).await.expect(200);
        let circle = admin.patch(&other, json!({"successor": TAN_LONG})).await.faults();
        assert!(circle.contains(&"/successor invalid_value".to_owned()), "{circle:?}");
        assert_eq!(admin.patch(&path, json!({"valid_to": null})).await.faults(), ["/valid_to required"]);
        admin.patch(&path, json!({"valid_to": null, "successor": null})).await.expect(200);
    }
}
