//! Accounts: who makes and changes them, and what ends with a change.

use serde_json::{Value, json};

use crate::support::{
    Client, DISTRICT, PASSWORD, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, on_both_engines, text, with,
};

const PROVINCE: &str = "000.00.00.H20";

fn new_account() -> Value {
    json!({"username": "clerk2@tan-long", "full_name": "Trần Thị Mai", "agency": TAN_LONG, "roles": ["clerk"]})
}

async fn sign_in(t: &Test, username: &str, password: &str) -> Value {
    let form = [("grant_type", "password"), ("username", username), ("password", password)];
    t.anonymous().post_form("/auth/token", &form).await.expect(200)
}

/// The account's path, as an administrator finds it.
pub async fn path_of(admin: &Client, username: &str) -> String {
    let all = admin.get("/accounts?limit=200").await.expect(200);
    let found = all["items"].as_array().unwrap().iter().find(|it| it["username"] == username);
    format!("/accounts/{}", text(found.unwrap_or_else(|| panic!("no {username}")), "/id"))
}

on_both_engines! {
    async fn an_administrator_makes_an_account(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let made = admin.post("/accounts", new_account()).await;
        let account = made.expect(201);
        let path = format!("/accounts/{}", text(&account, "/id"));
        assert_eq!(made.header("location").unwrap(), format!("/api/v1{path}"));
        assert_eq!(made.header("cache-control"), Some("private, no-store"));
        assert_eq!(account["must_change_password"], true);
        assert_eq!(account["agency"], json!({"code": TAN_LONG, "name": "Xã Tân Long"}));
        let read = admin.get(&path).await;
        let seen = read.expect(200);
        assert_eq!(seen, with(account.clone(), json!({"password": null})), "the password is shown once");
        assert!(read.etag().starts_with("\"1."));
        assert_eq!(admin.get(&path).header("If-None-Match", &read.etag()).await.status, 304);
        // Signed in with it, there is one thing to do.
        let tokens = sign_in(&t, "clerk2@tan-long", text(&account, "/password")).await;
        let clerk = t.with_token(text(&tokens, "/access_token"));
        assert_eq!(clerk.get("/me").await.expect(200)["must_change_password"], true);
        clerk.get("/agencies").await.problem(403, "password_change_required");
        clerk.get("/dossiers").await.problem(403, "password_change_required");
        let change = json!({"current_password": account["password"], "new_password": "con mèo trèo cây cau"});
        assert_eq!(clerk.post("/me/password", change).await.status, 204);
        clerk.get("/me").await.problem(401, "invalid_token");
        let tokens = sign_in(&t, "clerk2@tan-long", "con mèo trèo cây cau").await;
        let clerk = t.with_token(text(&tokens, "/access_token"));
        assert_eq!(clerk.get("/me").await.expect(200)["must_change_password"], false);
        clerk.get("/dossiers").await.expect(200);
    }

    async fn a_repeated_request_gives_the_same_password(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let first = admin.post("/accounts", new_account()).key("new-1").await.expect(201);
        let again = admin.post("/accounts", new_account()).key("new-1").await;
        assert_eq!(again.expect(201), first);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        sign_in(&t, "clerk2@tan-long", text(&first, "/password")).await;
        let path = format!("/accounts/{}/reset-password", text(&first, "/id"));
        let reset = |key: &'static str| admin.call(reqwest::Method::POST, &path).key(key);
        let second = reset("reset-1").await.expect(200);
        assert_eq!(reset("reset-1").await.expect(200), second);
        sign_in(&t, "clerk2@tan-long", text(&second, "/password")).await;
    }

    async fn all_faults_of_an_account_at_once(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let before = t.count("accounts");
        let body = json!({"username": "cán bộ", "full_name": "", "agency": TAN_LONG, "roles": [], "colour": "red"});
        let faults = admin.post("/accounts", body).await.faults();
        assert_eq!(
            faults,
            ["/colour unknown_field", "/full_name too_short", "/roles too_few_items", "/username invalid_format"]
        );
        let body = json!({
            "username": "Clerk@Tan-Long", "agency": TAN_LONG, "roles": ["clerk", "post_clerk", "integration", "clerk"],
        });
        let faults = admin.post("/accounts", body).await.faults();
        assert_eq!(
            faults,
            ["/roles/1 invalid_value", "/roles/2 invalid_value", "/roles/3 duplicate", "/username duplicate"]
        );
        let faults = admin.post("/accounts", with(new_account(), json!({"agency": "X.1"}))).await.faults();
        assert_eq!(faults, ["/agency unknown_agency"]);
        let at_post = with(new_account(), json!({"agency": POST_TAN_LONG}));
        let province = t.as_("admin@dong-thap").await;
        assert_eq!(province.post("/accounts", at_post).await.faults(), ["/roles/0 invalid_value"]);
        province.patch(&format!("/agencies/{TAN_LONG}"), json!({"valid_to": "2019-03-04"})).await.expect(200);
        assert_eq!(admin.post("/accounts", new_account()).await.faults(), ["/agency agency_closed"]);
        assert_eq!(t.count("accounts"), before);
    }

    async fn an_administrator_reaches_his_subtree_only(t: Test) {
        let (admin, province) = (t.as_("admin@thanh-binh").await, t.as_("admin@dong-thap").await);
        for agency in [PROVINCE, POST_TAN_LONG] {
            let body = with(new_account(), json!({"agency": agency, "roles": ["admin"]}));
            admin.post("/accounts", body).await.problem(403, "agency_out_of_reach");
        }
        for above in ["admin@dong-thap", "post_clerk@buu-dien-tan-long"] {
            let path = path_of(&province, above).await;
            admin.get(&path).await.problem(404, "not_found");
            admin.patch(&path, json!({"is_active": false})).await.problem(404, "not_found");
            admin.call(reqwest::Method::POST, &format!("{path}/reset-password")).await.problem(404, "not_found");
        }
        // Nobody is moved to where he who moves him has nothing to say.
        let clerk = path_of(&admin, "clerk@tan-long").await;
        admin.patch(&clerk, json!({"agency": PROVINCE})).await.problem(403, "agency_out_of_reach");
        assert_eq!(admin.get(&clerk).await.expect(200)["version"], 1);
        admin.get("/accounts/none").await.problem(404, "not_found");
        assert!(path_of(&province, "admin@thanh-binh").await.len() > 20);
    }

    async fn nobody_changes_his_own_rights(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let own = path_of(&admin, "admin@thanh-binh").await;
        for change in [
            json!({"roles": ["admin", "leader"]}),
            json!({"agency": TAN_LONG}),
            json!({"is_active": false}),
        ] {
            admin.patch(&own, change).await.problem(403, "forbidden");
        }
        admin.call(reqwest::Method::POST, &format!("{own}/reset-password")).await.problem(403, "forbidden");
        let named = admin.patch(&own, json!({"full_name": "Lê Văn Quản"})).await.expect(200);
        assert_eq!((&named["full_name"], &named["roles"]), (&json!("Lê Văn Quản"), &json!(["admin"])));
        admin.get("/me").await.expect(200);
    }

    async fn lists_have_pages_and_filters(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let total = admin.get("/accounts?limit=1&count=true").await.expect(200)["total"].as_i64().unwrap();
        let (mut names, mut next) = (Vec::new(), "/accounts?limit=7".to_owned());
        loop {
            let page = admin.get(&next).await.expect(200);
            names.extend(page["items"].as_array().unwrap().iter().map(|it| text(it, "/username").to_owned()));
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("/accounts?limit=7&cursor={cursor}"),
                None => break,
            }
        }
        let found = names.len();
        names.sort();
        names.dedup();
        assert_eq!((i64::try_from(found).unwrap(), names.len()), (total, found), "no gaps and no repeats");
        assert!(names.contains(&"admin@thanh-binh".to_owned()) && !names.contains(&"admin@dong-thap".to_owned()));
        let here = admin.get(&format!("/accounts?agency={TAN_LONG}")).await.expect(200);
        assert_eq!(here["items"].as_array().unwrap().len(), 3);
        let clerk = path_of(&admin, "clerk@tan-long").await;
        admin.patch(&clerk, json!({"is_active": false})).await.expect(200);
        let gone = admin.get("/accounts?is_active=false").await.expect(200);
        assert_eq!(gone["items"].as_array().unwrap().len(), 1);
        assert!(!gone.to_string().contains("argon2"), "{gone}");
        assert_eq!(admin.get("/accounts?agency=X.1").await.faults(), ["/query/agency unknown_agency"]);
        // An agency that is not his gives nothing, as if it were empty.
        let above = admin.get(&format!("/accounts?agency={POST_TAN_LONG}")).await.expect(200);
        assert_eq!(above["items"], json!([]));
        admin.get("/accounts?colour=red").await.problem(422, "invalid_query");
    }

    async fn what_was_given_out_ends_with_a_change_of_rights(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let path = path_of(&admin, "clerk@tan-long").await;
        for change in [
            json!({"roles": ["officer"]}),
            json!({"agency": TAN_MY}),
            json!({"agency": DISTRICT, "roles": ["clerk"]}),
        ] {
            let tokens = sign_in(&t, "clerk@tan-long", PASSWORD).await;
            let clerk = t.with_token(text(&tokens, "/access_token"));
            clerk.get("/me").await.expect(200);
            admin.patch(&path, change).await.expect(200);
            clerk.get("/me").await.problem(401, "invalid_token");
            let form = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "/refresh_token"))];
            t.anonymous().post_form("/auth/token", &form).await.expect(400);
        }
        let tokens = sign_in(&t, "clerk@tan-long", PASSWORD).await;
        let me = t.with_token(text(&tokens, "/access_token")).get("/me").await.expect(200);
        assert_eq!((&me["agency"]["code"], &me["roles"]), (&json!(DISTRICT), &json!(["clerk"])));
        // A name is no right.
        admin.patch(&path, json!({"full_name": "Trần Mai", "is_active": true})).await.expect(200);
        t.with_token(text(&tokens, "/access_token")).get("/me").await.expect(200);
    }

    async fn nobody_signs_in_who_was_deactivated(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let tokens = sign_in(&t, "clerk@tan-long", PASSWORD).await;
        let (copy, handle) = t.another_copy().await;
        let clerk = t.with_token(text(&tokens, "/access_token"));
        clerk.at(&copy).get("/me").await.expect(200);
        let path = path_of(&admin, "clerk@tan-long").await;
        admin.patch(&path, json!({"is_active": false})).await.expect(200);
        clerk.get("/me").await.problem(401, "invalid_token");
        let ends = crate::support::within_seconds(3, || async { clerk.at(&copy).get("/me").await.status == 401 });
        assert!(ends.await, "the other copy still takes it");
        let form = [("grant_type", "password"), ("username", "clerk@tan-long"), ("password", PASSWORD)];
        let refused = t.anonymous().post_form("/auth/token", &form).await.expect(400);
        let unknown = [("grant_type", "password"), ("username", "nobody"), ("password", PASSWORD)];
        assert_eq!(refused, t.anonymous().post_form("/auth/token", &unknown).await.expect(400));
        admin.patch(&path, json!({"is_active": true})).await.expect(200);
        sign_in(&t, "clerk@tan-long", PASSWORD).await;
        handle.stop(true).await;
    }

    async fn a_reset_forces_a_change(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let tokens = sign_in(&t, "clerk@tan-long", PASSWORD).await;
        let path = path_of(&admin, "clerk@tan-long").await;
        let reset = admin.call(reqwest::Method::POST, &format!("{path}/reset-password")).await.expect(200);
        assert_eq!(reset["must_change_password"], true);
        t.with_token(text(&tokens, "/access_token")).get("/me").await.problem(401, "invalid_token");
        let form = [("grant_type", "password"), ("username", "clerk@tan-long"), ("password", PASSWORD)];
        t.anonymous().post_form("/auth/token", &form).await.expect(400);
        let tokens = sign_in(&t, "clerk@tan-long", text(&reset, "/password")).await;
        let clerk = t.with_token(text(&tokens, "/access_token"));
        clerk.get("/procedures").await.problem(403, "password_change_required");
        // Nor does staying signed in help.
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "/refresh_token"))];
        let next = t.anonymous().post_form("/auth/token", &form).await.expect(200);
        let clerk = t.with_token(text(&next, "/access_token"));
        clerk.get("/procedures").await.problem(403, "password_change_required");
    }

    async fn a_stale_version_changes_nothing(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let path = path_of(&admin, "clerk@tan-long").await;
        let etag = admin.get(&path).await.etag();
        admin.patch(&path, json!({"full_name": "Trần Mai"})).if_match(&etag).await.expect(200);
        admin.patch(&path, json!({"roles": ["officer"]})).if_match(&etag).await.problem(412, "stale_version");
        let reset = format!("{path}/reset-password");
        admin.call(reqwest::Method::POST, &reset).if_match(&etag).await.problem(412, "stale_version");
        let now = admin.get(&path).await;
        assert_eq!((now.expect(200)["version"].as_i64(), now.json()["roles"].clone()), (Some(2), json!(["clerk"])));
        let faults = admin.patch(&path, json!({"username": "x", "is_active": "no"})).await.faults();
        assert_eq!(faults, ["/is_active wrong_type", "/username unknown_field"]);
    }
}
