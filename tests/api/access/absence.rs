//! Absence: a deputy has the absent one's roles for that time and no longer.

use serde_json::{Value, json};

use super::accounts::path_of;
use crate::support::{Client, PASSWORD, TAN_LONG, Test, address, business, on_both_engines, text, with};

/// Signs in anew; the tokens, and whoever has them.
async fn sign_in(t: &Test, username: &str) -> (Value, Client) {
    let form = [("grant_type", "password"), ("username", username), ("password", PASSWORD)];
    let tokens = t.anonymous().post_form("/auth/token", &form).await.expect(200);
    let client = t.with_token(text(&tokens, "/access_token"));
    (tokens, client)
}

async fn refresh(t: &Test, tokens: &Value) -> crate::support::Answer {
    let form = [("grant_type", "refresh_token"), ("refresh_token", text(tokens, "/refresh_token"))];
    t.anonymous().post_form("/auth/token", &form).await
}

async fn id_of(admin: &Client, username: &str) -> String {
    path_of(admin, username).await.trim_start_matches("/accounts/").to_owned()
}

/// The leader of the district is away on Tuesday morning; the clerk stands in.
async fn absence(admin: &Client) -> Value {
    json!({
        "from": "2019-03-05T07:00:00+07:00", "until": "2019-03-05T12:00:00+07:00",
        "deputy": id_of(admin, "clerk@thanh-binh").await,
    })
}

fn roles(me: &Value) -> Vec<&str> {
    me["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap()).collect()
}

on_both_engines! {
    async fn a_deputy_stands_in_for_a_time(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let leader = path_of(&admin, "leader@thanh-binh").await;
        let wanted = absence(&admin).await;
        let set = admin.patch(&leader, json!({"absence": wanted})).await.expect(200);
        let deputy = json!({"id": wanted["deputy"], "username": "clerk@thanh-binh"});
        assert_eq!(set["absence"], with(wanted.clone(), json!({"deputy": deputy})));
        assert_eq!(admin.get(&leader).await.expect(200)["absence"], set["absence"]);
        let listed = admin.get("/accounts?limit=200").await.expect(200);
        let away = listed["items"].as_array().unwrap().iter().filter(|it| !it["absence"].is_null());
        assert_eq!(away.map(|it| text(it, "/username")).collect::<Vec<_>>(), ["leader@thanh-binh"]);

        let (tokens, clerk) = sign_in(&t, "clerk@thanh-binh").await;
        assert_eq!(tokens["expires_in"], 900);
        let me = clerk.get("/me").await.expect(200);
        assert_eq!((roles(&me), &me["deputises_for"]), (vec!["clerk"], &json!([])));
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        let extend =
            json!({"action": "extend", "reason": "Chờ xác minh", "new_due_at": "2019-03-11T17:00:00+07:00"});
        clerk.act(&dossier, extend.clone()).await.problem(403, "wrong_role");

        // Whoever stays signed in has them with the next refresh.
        t.at("2019-03-05T09:00");
        let tokens = refresh(&t, &tokens).await.expect(200);
        let clerk = t.with_token(text(&tokens, "/access_token"));
        let me = clerk.get("/me").await.expect(200);
        assert_eq!(roles(&me), ["clerk", "leader"]);
        let absent =
            json!([{"username": "leader@thanh-binh", "full_name": null, "until": "2019-03-05T12:00:00+07:00"}]);
        assert_eq!(me["deputises_for"], absent);
        clerk.act(&dossier, extend).await.expect(200);
        let events = clerk.get(&format!("/dossiers/{}/events", address(&dossier))).await.expect(200);
        let last = events["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["action"], &last["actor"]["name"]), (&json!("extend"), &json!("clerk@thanh-binh")));

        // A token never outlives the absence.
        t.at("2019-03-05T11:50");
        let (tokens, clerk) = sign_in(&t, "clerk@thanh-binh").await;
        assert_eq!(tokens["expires_in"], 600);
        t.at("2019-03-05T12:00:06");
        clerk.get("/me").await.problem(401, "invalid_token");
        let tokens = refresh(&t, &tokens).await.expect(200);
        let me = t.with_token(text(&tokens, "/access_token")).get("/me").await.expect(200);
        assert_eq!((roles(&me), &me["deputises_for"]), (vec!["clerk"], &json!([])));
    }

    async fn a_change_ends_what_the_deputy_holds(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let leader = path_of(&admin, "leader@thanh-binh").await;
        let wanted = with(absence(&admin).await, json!({"from": "2019-03-04T07:00:00+07:00"}));
        for (change, after) in [
            (json!({"absence": null}), vec!["clerk"]),
            (json!({"absence": wanted, "roles": ["leader", "officer"]}), vec!["clerk", "leader", "officer"]),
            (json!({"absence": with(wanted.clone(), json!({"until": "2019-03-05T11:00:00+07:00"}))}), vec!["clerk", "leader"]),
            (json!({"is_active": false}), vec!["clerk"]),
        ] {
            // Away, as it is before each change.
            let before = json!({"absence": wanted, "roles": ["leader"], "is_active": true});
            admin.patch(&leader, before).await.expect(200);
            let (tokens, clerk) = sign_in(&t, "clerk@thanh-binh").await;
            assert_eq!(roles(&clerk.get("/me").await.expect(200)), ["clerk", "leader"]);
            admin.patch(&leader, change.clone()).await.expect(200);
            clerk.get("/me").await.problem(401, "invalid_token");
            refresh(&t, &tokens).await.expect(400);
            let (_, clerk) = sign_in(&t, "clerk@thanh-binh").await;
            assert_eq!(roles(&clerk.get("/me").await.expect(200)), after, "{change}");
        }
        // What is no change ends nothing.
        admin.patch(&leader, json!({"absence": wanted, "is_active": true})).await.expect(200);
        let (_, clerk) = sign_in(&t, "clerk@thanh-binh").await;
        admin.patch(&leader, json!({"absence": wanted, "full_name": "Lê Văn Hòa"})).await.expect(200);
        clerk.get("/me").await.expect(200);
    }

    async fn whoever_moved_away_stands_in_no_more(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let leader = path_of(&admin, "leader@thanh-binh").await;
        let wanted = with(absence(&admin).await, json!({"from": "2019-03-04T07:00:00+07:00"}));
        admin.patch(&leader, json!({"absence": wanted})).await.expect(200);
        let clerk = path_of(&admin, "clerk@thanh-binh").await;
        admin.patch(&clerk, json!({"agency": TAN_LONG})).await.expect(200);
        let (_, clerk) = sign_in(&t, "clerk@thanh-binh").await;
        let me = clerk.get("/me").await.expect(200);
        assert_eq!((roles(&me), &me["deputises_for"]), (vec!["clerk"], &json!([])));
    }

    async fn bad_absences(t: Test) {
        let admin = t.as_("admin@thanh-binh").await;
        let leader = path_of(&admin, "leader@thanh-binh").await;
        let inspector = path_of(&admin, "inspector@thanh-binh").await;
        let good = absence(&admin).await;
        let own = id_of(&admin, "leader@thanh-binh").await;
        let elsewhere = id_of(&admin, "clerk@tan-long").await;
        for (change, fault) in [
            (json!({"until": "2019-03-05T07:00:00+07:00"}), "/absence/until invalid_value"),
            (json!({"from": "2019-03-01T07:00:00+07:00", "until": "2019-03-02T07:00:00+07:00"}), "/absence/until invalid_value"),
            (json!({"until": "2021-03-05T07:00:00+07:00"}), "/absence/until out_of_range"),
            (json!({"deputy": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22"}), "/absence/deputy invalid_value"),
            (json!({"deputy": own}), "/absence/deputy invalid_value"),
            (json!({"deputy": elsewhere}), "/absence/deputy invalid_value"),
            (json!({"deputy": "nobody"}), "/absence/deputy invalid_format"),
            (json!({"from": "tomorrow"}), "/absence/from invalid_format"),
            (json!({"from": null}), "/absence/from required"),
            (json!({"roles": ["admin"]}), "/absence/roles unknown_field"),
        ] {
            let answer = admin.patch(&leader, json!({"absence": with(good.clone(), change)})).await;
            assert_eq!(answer.faults(), [fault]);
        }
        // No chains: a deputy is there himself, and whoever stands in does not leave.
        admin.patch(&leader, json!({"absence": good})).await.expect(200);
        let other = with(good.clone(), json!({"deputy": own}));
        assert_eq!(admin.patch(&inspector, json!({"absence": other})).await.faults(), ["/absence/deputy invalid_value"]);
        let clerk = path_of(&admin, "clerk@thanh-binh").await;
        let deputy = id_of(&admin, "inspector@thanh-binh").await;
        let chain = with(good.clone(), json!({"deputy": deputy}));
        assert_eq!(admin.patch(&clerk, json!({"absence": chain})).await.faults(), ["/absence invalid_value"]);
        let later = json!({"from": "2019-03-05T12:00:00+07:00", "until": "2019-03-05T17:00:00+07:00"});
        admin.patch(&clerk, json!({"absence": with(chain, later)})).await.expect(200);
        // Nobody helps himself to another's roles.
        let admin_id = id_of(&admin, "admin@thanh-binh").await;
        let self_made = with(good.clone(), json!({"deputy": admin_id}));
        admin.patch(&leader, json!({"absence": self_made})).await.problem(403, "forbidden");
        let province = t.as_("admin@dong-thap").await;
        province.patch(&leader, json!({"absence": self_made})).await.expect(200);
    }
}
