//! The grants, rotation, reuse and revoking.

use crate::support::{PASSWORD, on_both_engines, text};

const CLERK: [(&str, &str); 3] =
    [("grant_type", "password"), ("username", "clerk@tan-long"), ("password", PASSWORD)];

on_both_engines! {
    async fn a_person_signs_in(t: Test) {
        let nobody = t.anonymous();
        let answer = nobody.post_form("/auth/token", &CLERK).await;
        let tokens = answer.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(tokens["token_type"], "Bearer");
        assert!(tokens["expires_in"].as_i64().unwrap() <= 900, "{tokens}");
        let me = t.with_token(text(&tokens, "/access_token")).get("/me").await.expect(200);
        assert_eq!(me["username"], "clerk@tan-long");
        assert_eq!(me["agency"]["code"], "000.33.31.H20");
        assert_eq!(me["roles"], serde_json::json!(["clerk"]));
        assert_eq!(me["scopes"], serde_json::json!([]));
    }

    async fn wrong_names_and_wrong_passwords_look_the_same(t: Test) {
        let nobody = t.anonymous();
        let sign_in = |name: &'static str, password: &'static str| {
            nobody.post_form(
                "/auth/token",
                &[("grant_type", "password"), ("username", name), ("password", password)],
            )
        };
        let wrong = sign_in("clerk@tan-long", "wrong").await;
        let unknown = sign_in("nobody@nowhere", "wrong").await;
        assert_eq!(wrong.expect(400), unknown.expect(400));
        assert_eq!(wrong.json()["error"], "invalid_grant");
        sign_in("", "").await.expect(400);
        sign_in("clerk@tan-long\u{0}", "x").await.expect(400);
    }

    async fn grants_that_there_are_not(t: Test) {
        let nobody = t.anonymous();
        let answer = nobody.post_form("/auth/token", &[("grant_type", "implicit")]).await.expect(400);
        assert_eq!(answer["error"], "unsupported_grant_type");
        let answer = nobody.post_form("/auth/token", &[("username", "clerk@tan-long")]).await.expect(400);
        assert_eq!(answer["error"], "invalid_request");
    }

    async fn refresh_tokens_rotate_and_a_reused_one_ends_the_family(t: Test) {
        let nobody = t.anonymous();
        let first = nobody.post_form("/auth/token", &CLERK).await.expect(200);
        let refresh = |token: &str| {
            nobody.post_form("/auth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
        };
        t.at("2019-03-04T08:20");
        let second = refresh(text(&first, "/refresh_token")).await.expect(200);
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        t.with_token(text(&second, "/access_token")).get("/me").await.expect(200);
        // Whoever copied the first one uses it: everybody of this sign-in is out.
        assert_eq!(refresh(text(&first, "/refresh_token")).await.expect(400)["error"], "invalid_grant");
        assert_eq!(refresh(text(&second, "/refresh_token")).await.expect(400)["error"], "invalid_grant");
        t.with_token(text(&second, "/access_token")).get("/me").await.problem(401, "invalid_token");
        // Another sign-in of the same person goes on.
        let other = nobody.post_form("/auth/token", &CLERK).await.expect(200);
        refresh(text(&other, "/refresh_token")).await.expect(200);
    }

    async fn a_refresh_token_ends_some_day(t: Test) {
        let nobody = t.anonymous();
        let first = nobody.post_form("/auth/token", &CLERK).await.expect(200);
        t.at("2019-06-04T08:00");
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(&first, "/refresh_token"))];
        assert_eq!(nobody.post_form("/auth/token", &form).await.expect(400)["error"], "invalid_grant");
    }

    async fn access_tokens_end_after_a_quarter_of_an_hour(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        t.at("2019-03-04T08:14");
        clerk.get("/me").await.expect(200);
        t.at("2019-03-04T08:16");
        let answer = clerk.get("/me").await;
        answer.problem(401, "invalid_token");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
    }

    async fn revoking_ends_a_token_at_once(t: Test) {
        let nobody = t.anonymous();
        let tokens = nobody.post_form("/auth/token", &CLERK).await.expect(200);
        let caller = t.with_token(text(&tokens, "/access_token"));
        nobody.post_form("/auth/revoke", &[("token", text(&tokens, "/access_token"))]).await.expect(200);
        caller.get("/me").await.problem(401, "invalid_token");
        // The refresh token ends with everything that came from it.
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "/refresh_token"))];
        let next = nobody.post_form("/auth/token", &form).await.expect(200);
        nobody.post_form("/auth/revoke", &[("token", text(&next, "/refresh_token"))]).await.expect(200);
        t.with_token(text(&next, "/access_token")).get("/me").await.problem(401, "invalid_token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(&next, "/refresh_token"))];
        nobody.post_form("/auth/token", &form).await.expect(400);
        // RFC 7009: what is no token is no error.
        nobody.post_form("/auth/revoke", &[("token", "nonsense")]).await.expect(200);
        assert_eq!(nobody.post_form("/auth/revoke", &[]).await.expect(400)["error"], "invalid_request");
    }

    async fn a_token_revoked_here_ends_on_other_copies(t: Test) {
        let tokens = t.anonymous().post_form("/auth/token", &CLERK).await.expect(200);
        let (copy, handle) = t.another_copy().await;
        let caller = t.with_token(text(&tokens, "/access_token"));
        caller.at(&copy).get("/me").await.expect(200);
        t.anonymous()
            .post_form("/auth/revoke", &[("token", text(&tokens, "/access_token"))])
            .await
            .expect(200);
        let ended =
            crate::support::within_seconds(3, || async { caller.at(&copy).get("/me").await.status == 401 });
        assert!(ended.await, "the other copy still takes it");
        handle.stop(true).await;
    }

    async fn another_copy_knows_within_a_second(t: Test) {
        let (copy, _) = t.another_copy().await;
        let nobody = t.anonymous();
        let mut took = Vec::new();
        // Whoever measures while the whole suite runs beside it may be late himself: one of three must do.
        for _ in 0..3 {
            let tokens = nobody.post_form("/auth/token", &CLERK).await.expect(200);
            let caller = t.with_token(text(&tokens, "/access_token")).at(&copy);
            caller.get("/me").await.expect(200);
            nobody.post_form("/auth/revoke", &[("token", text(&tokens, "/refresh_token"))]).await.expect(200);
            let revoked = std::time::Instant::now();
            let ended = crate::support::within_seconds(10, || async { caller.get("/me").await.status == 401 });
            assert!(ended.await, "the other copy still takes it");
            took.push(revoked.elapsed());
            if took.last().unwrap().as_millis() < 1000 {
                return;
            }
        }
        panic!("the other copy learnt it after {took:?}");
    }

    async fn the_password_grant_can_be_turned_off(t: Test) {
        let tokens = t.anonymous().post_form("/auth/token", &CLERK).await.expect(200);
        let (copy, _) = t.another_copy_with(|config| config.password_grant = false).await;
        let nobody = t.anonymous().at(&copy);
        for password in [PASSWORD, "wrong"] {
            let form = [CLERK[0], CLERK[1], ("password", password)];
            let refused = nobody.post_form("/auth/token", &form).await.expect(400);
            assert_eq!(refused["error"], "unsupported_grant_type");
        }
        let about = nobody.get("//.well-known/oauth-authorization-server").await.expect(200);
        assert!(!about["grant_types_supported"].as_array().unwrap().contains(&"password".into()), "{about}");
        // Who has signed in stays signed in.
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "/refresh_token"))];
        nobody.post_form("/auth/token", &form).await.expect(200);
    }

    async fn only_first_party_clients_may_send_passwords(t: Test) {
        let nobody = t.anonymous();
        for grant in ["password", "refresh_token"] {
            for client in ["province", "somebody", "MOTCUA", "motcua "] {
                let form = [("grant_type", grant), CLERK[1], CLERK[2], ("refresh_token", "x"), ("client_id", client)];
                let refused = nobody.post_form("/auth/token", &form).await.expect(400);
                assert_eq!(refused["error"], "unauthorized_client", "{grant} {client}");
            }
        }
        let form = [CLERK[0], CLERK[1], CLERK[2], ("client_id", "motcua")];
        nobody.post_form("/auth/token", &form).await.expect(200);
    }

    async fn a_machine_signs_in_with_its_secret(t: Test) {
        let client = t.as_client().await;
        let me = client.get("/me").await.expect(200);
        assert_eq!(me["username"], "province");
        assert_eq!(me["roles"], serde_json::json!(["integration"]));
        assert_eq!(me["scopes"].as_array().unwrap().len(), 6);
        let few = t.as_client_with("dossiers:read events:read").await.get("/me").await.expect(200);
        assert_eq!(few["scopes"], serde_json::json!(["dossiers:read", "events:read"]));
        let nobody = t.anonymous();
        let with = |secret: &'static str, scope: &'static str| {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", "province"),
                ("client_secret", secret),
                ("scope", scope),
            ];
            nobody.post_form("/auth/token", &form)
        };
        assert_eq!(with("wrong", "").await.expect(401)["error"], "invalid_client");
        assert_eq!(with(PASSWORD, "everything").await.expect(400)["error"], "invalid_scope");
        let tokens = with(PASSWORD, "dossiers:read").await.expect(200);
        assert!(tokens["refresh_token"].is_null(), "RFC 6749 section 4.4.3: {tokens}");
    }

    async fn a_secret_may_stand_in_the_authorization_header(t: Test) {
        let basic = data_encoding::BASE64.encode(format!("province:{}", percent(PASSWORD)).as_bytes());
        let answer = t
            .anonymous()
            .post_form("/auth/token", &[("grant_type", "client_credentials")])
            .header("Authorization", &format!("Basic {basic}"))
            .await;
        answer.expect(200);
    }

    async fn others_can_check_our_tokens(t: Test) {
        let nobody = t.anonymous();
        let jwks = nobody.get("//.well-known/jwks.json").await.expect(200);
        let key = &jwks["keys"][0];
        assert_eq!((key["kty"].as_str(), key["crv"].as_str()), (Some("OKP"), Some("Ed25519")));
        assert!(key["d"].is_null(), "the private half");
        let clerk = t.as_("clerk@tan-long").await;
        let kid = jsonwebtoken::decode_header(clerk.token()).unwrap().kid.unwrap();
        assert_eq!(key["kid"], kid);
        let about = nobody.get("//.well-known/oauth-authorization-server").await.expect(200);
        assert_eq!(about["issuer"], t.base());
        assert_eq!(about["token_endpoint"], format!("{}/api/v1/auth/token", t.base()));
        assert_eq!(about["jwks_uri"], format!("{}/.well-known/jwks.json", t.base()));
        assert!(about["grant_types_supported"].as_array().unwrap().contains(&"password".into()));
    }

    async fn keys_rotate_without_a_restart(t: Test) {
        let old = t.as_("clerk@tan-long").await;
        let kid = motcua::access::keys::rotate(t.keys()).unwrap();
        let follows = crate::support::within_seconds(5, || async {
            let jwks = t.anonymous().get("//.well-known/jwks.json").await.expect(200);
            jwks["keys"].as_array().unwrap().iter().any(|key| key["kid"] == kid)
        });
        assert!(follows.await, "the new key is not published");
        old.get("/me").await.expect(200);
        // A new key signs a few seconds after it is published, so that every copy knows it by then.
        let signs = crate::support::within_seconds(10, || async {
            let tokens = t.anonymous().post_form("/auth/token", &CLERK).await.expect(200);
            jsonwebtoken::decode_header(text(&tokens, "/access_token")).unwrap().kid.as_ref() == Some(&kid)
        });
        assert!(signs.await, "the new key does not sign");
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
