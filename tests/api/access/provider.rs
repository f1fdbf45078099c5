//! Signing in through a real OpenID Connect provider.

use motcua::{access::ProviderSettings, config::Config};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Call, Client, FRONTEND, PASSWORD, Provider, TAN_LONG, Test, on_both_engines, text,
};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// Another copy of the program, whose people may sign in at this provider, at the time that it is there.
async fn copy(
    t: &Test,
    provider: &Provider,
    change: impl FnOnce(&mut Config, &mut ProviderSettings),
) -> Client {
    later(t, 0);
    let mut settings = ProviderSettings {
        issuer: provider.issuer(),
        client_id: FRONTEND.to_owned(),
        account_claim: "preferred_username".to_owned(),
        agency_claim: None,
    };
    let (base, _) = t
        .another_copy_with(|config| {
            change(config, &mut settings);
            config.provider = Some(settings);
        })
        .await;
    t.anonymous().at(&base)
}

/// The provider lives in the present; so must the test's clock, or so many seconds later.
fn later(t: &Test, seconds: i64) {
    let now = chrono::Utc::now() + chrono::TimeDelta::seconds(seconds);
    let here = now.with_timezone(&chrono::FixedOffset::east_opt(7 * 3600).unwrap());
    t.at(&here.format("%Y-%m-%dT%H:%M:%S").to_string());
}

fn exchange(nobody: &Client, token: &str) -> Call {
    nobody.post_form(
        "/auth/token",
        &[("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", ID_TOKEN)],
    )
}

/// Everybody who is refused gets this, whatever the reason.
fn refused(answer: &Answer) {
    let expected = json!({"error": "invalid_grant", "error_description": "The token is not accepted here."});
    assert_eq!(answer.expect(400), expected);
}

on_both_engines! {
    async fn who_has_signed_in_there_is_signed_in_here(t: Test) {
        for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
            let provider = Provider::start(algorithm);
            let nobody = copy(&t, &provider, |_, _| {}).await;
            let id_token = provider.sign_in("clerk@tan-long").await;
            let answer = exchange(&nobody, &id_token).await;
            let tokens = answer.expect(200);
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(tokens["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
            assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
            let me = t.with_token(text(&tokens, "/access_token")).get("/me").await.expect(200);
            assert_eq!((text(&me, "/username"), text(&me, "/agency/code")), ("clerk@tan-long", TAN_LONG));
            // From there on it is a sign-in like any other.
            let form = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "/refresh_token"))];
            let next = nobody.post_form("/auth/token", &form).await.expect(200);
            nobody.post_form("/auth/revoke", &[("token", text(&next, "/refresh_token"))]).await.expect(200);
            let caller = t.with_token(text(&tokens, "/access_token")).at(nobody.base());
            caller.get("/me").await.problem(401, "invalid_token");
            // The ID token opened the door once.
            refused(&exchange(&nobody, &id_token).await);
        }
    }

    async fn tokens_that_were_not_meant_for_us_open_nothing(t: Test) {
        let (provider, other) = (Provider::start("ES256"), Provider::start("ES256"));
        let nobody = copy(&t, &provider, |_, _| {}).await;
        let good = provider.sign_in("clerk@tan-long").await;
        let (head, signature) = good.rsplit_once('.').unwrap();
        for (what, token) in [
            ("another audience", provider.sign_in_to("somebody-else", "clerk@tan-long").await),
            ("another issuer", other.sign_in("clerk@tan-long").await),
            ("no account", provider.sign_in("nobody@nowhere").await),
            ("no user name", provider.sign_in("Nguyễn Văn A").await),
            ("no signature", format!("{head}.")),
            ("another signature", format!("{head}.{}", "A".repeat(signature.len()))),
            ("our own access token", t.as_("clerk@tan-long").await.token().to_owned()),
            ("no token", "nonsense".to_owned()),
            ("too long a token", "x".repeat(20_000)),
        ] {
            let answer = exchange(&nobody, &token).await;
            assert_eq!(answer.status, 400, "{what}: {answer:?}");
            refused(&answer);
        }
        exchange(&nobody, &good).await.expect(200);
    }

    async fn algorithms_off_the_list_are_refused(t: Test) {
        let provider = Provider::start("RS256");
        let nobody = copy(&t, &provider, |_, _| {}).await;
        let good = provider.sign_in("clerk@tan-long").await;
        let claims = good.split('.').nth(1).unwrap();
        let kid = jsonwebtoken::decode_header(&good).unwrap().kid.unwrap();
        let keys: Value = reqwest::get(format!("{}/jwks", provider.issuer())).await.unwrap().json().await.unwrap();
        let public = keys["keys"][0]["n"].as_str().unwrap().to_owned();
        for (algorithm, secret) in [("none", None), ("HS256", Some(public))] {
            let header = json!({"alg": algorithm, "typ": "JWT", "kid": kid});
            let header = data_encoding::BASE64URL_NOPAD.encode(header.to_string().as_bytes());
            let body = format!("{header}.{claims}");
            let signature = secret.map_or(String::new(), |secret| {
                let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
                jsonwebtoken::crypto::sign(body.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap()
            });
            refused(&exchange(&nobody, &format!("{body}.{signature}")).await);
        }
    }

    async fn a_token_is_good_for_minutes(t: Test) {
        let provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |_, _| {}).await;
        let token = provider.sign_in("clerk@tan-long").await;
        later(&t, 11 * 60);
        refused(&exchange(&nobody, &token).await);
        // Nor one from the future: ours went back, or the provider's clock is wrong.
        later(&t, -120);
        refused(&exchange(&nobody, &token).await);
        later(&t, 0);
        exchange(&nobody, &token).await.expect(200);
    }

    async fn an_account_that_may_not_sign_in_may_not_here_either(t: Test) {
        let provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |_, _| {}).await;
        let admin = t.as_("admin@thanh-binh").await;
        let accounts = admin.get("/accounts?limit=200").await.expect(200);
        let accounts = accounts["items"].as_array().unwrap();
        let clerk = accounts.iter().find(|it| it["username"] == "clerk@tan-long").unwrap();
        let path = format!("/accounts/{}", text(clerk, "/id"));
        admin.patch(&path, json!({"is_active": false})).await.expect(200);
        refused(&exchange(&nobody, &provider.sign_in("clerk@tan-long").await).await);
        admin.patch(&path, json!({"is_active": true})).await.expect(200);
        exchange(&nobody, &provider.sign_in("clerk@tan-long").await).await.expect(200);
    }

    async fn the_end_of_an_agency_means_the_same_as_for_a_password(t: Test) {
        let provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |_, _| {}).await;
        let admin = t.as_("admin@thanh-binh").await;
        admin.patch(&format!("/agencies/{TAN_LONG}"), json!({"valid_to": "2026-01-01"})).await.expect(200);
        let form = [("grant_type", "password"), ("username", "clerk@tan-long"), ("password", PASSWORD)];
        let by_password = nobody.post_form("/auth/token", &form).await;
        let by_provider = exchange(&nobody, &provider.sign_in("clerk@tan-long").await).await;
        assert_eq!(by_provider.status, by_password.status, "{by_password:?} {by_provider:?}");
        if by_password.status == 200 {
            let me = |answer: &Answer| t.with_token(text(&answer.json(), "/access_token")).get("/me");
            assert_eq!(me(&by_provider).await.json(), me(&by_password).await.json());
        }
    }

    async fn the_provider_may_have_to_name_the_agency(t: Test) {
        let provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |_, it| it.agency_claim = Some("agency_code".to_owned())).await;
        exchange(&nobody, &provider.sign_in("clerk@tan-long").await).await.expect(200);
        // It says that he works elsewhere, and of the other that it does not know.
        refused(&exchange(&nobody, &provider.sign_in("leader@tan-long").await).await);
        refused(&exchange(&nobody, &provider.sign_in("clerk@tan-my").await).await);
    }

    async fn an_address_counts_when_it_is_verified(t: Test) {
        let provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |_, it| it.account_claim = "email".to_owned()).await;
        exchange(&nobody, &provider.sign_in("clerk@tan-long").await).await.expect(200);
        refused(&exchange(&nobody, &provider.sign_in("officer@tan-long").await).await);
    }

    async fn the_provider_changes_its_keys(t: Test) {
        let provider = Provider::start("ES256");
        let nobody = copy(&t, &provider, |_, _| {}).await;
        exchange(&nobody, &provider.sign_in("clerk@tan-long").await).await.expect(200);
        let provider = provider.restart("EdDSA");
        let token = provider.sign_in("clerk@tan-long").await;
        // Asked a moment ago; who makes up names of keys cannot make us ask again and again.
        refused(&exchange(&nobody, &token).await);
        later(&t, 31);
        exchange(&nobody, &token).await.expect(200);
    }

    async fn a_provider_that_does_not_answer_is_told_of(t: Test) {
        let mut provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |_, _| {}).await;
        let token = provider.sign_in("clerk@tan-long").await;
        provider.stop();
        for _ in 0..2 {
            let answer = exchange(&nobody, &token).await;
            assert_eq!(answer.expect(503)["error"], "temporarily_unavailable");
            assert!(answer.header("retry-after").is_some());
        }
        // Others sign in as before, and so does he when it is back.
        t.as_("officer@tan-long").await.get("/me").await.expect(200);
        let provider = provider.restart("EdDSA");
        later(&t, 6);
        exchange(&nobody, &provider.sign_in("clerk@tan-long").await).await.expect(200);
    }

    async fn no_password_stands_in_the_way(t: Test) {
        let provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |_, _| {}).await;
        let admin = t.as_("admin@thanh-binh").await;
        let new = json!({"username": "new@tan-long", "agency": TAN_LONG, "roles": ["clerk"]});
        let made = admin.post("/accounts", new).await.expect(201);
        let form = [("grant_type", "password"), ("username", "new@tan-long"), ("password", text(&made, "/password"))];
        let by_password = nobody.post_form("/auth/token", &form).await.expect(200);
        let caller = t.with_token(text(&by_password, "/access_token"));
        caller.get("/dossiers").await.problem(403, "password_change_required");
        // Who comes by the provider has used none, also when he stays signed in.
        let tokens = exchange(&nobody, &provider.sign_in("new@tan-long").await).await.expect(200);
        t.with_token(text(&tokens, "/access_token")).get("/dossiers").await.expect(200);
        let form = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "/refresh_token"))];
        let next = nobody.post_form("/auth/token", &form).await.expect(200);
        t.with_token(text(&next, "/access_token")).get("/dossiers").await.expect(200);
    }

    async fn what_is_not_asked_rightly_is_told(t: Test) {
        let provider = Provider::start("EdDSA");
        let nobody = copy(&t, &provider, |config, _| config.password_grant = false).await;
        let token = provider.sign_in("clerk@tan-long").await;
        let ask = |form: &[(&str, &str)]| {
            let mut whole = vec![("grant_type", EXCHANGE)];
            whole.extend_from_slice(form);
            nobody.post_form("/auth/token", &whole)
        };
        let given = ("subject_token", token.as_str());
        for form in [
            vec![],
            vec![given],
            vec![("subject_token_type", ID_TOKEN)],
            vec![given, ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")],
            vec![given, ("subject_token_type", ID_TOKEN), ("requested_token_type", ID_TOKEN)],
        ] {
            assert_eq!(ask(&form).await.expect(400)["error"], "invalid_request", "{form:?}");
        }
        let as_machine = [given, ("subject_token_type", ID_TOKEN), ("client_id", "province")];
        assert_eq!(ask(&as_machine).await.expect(400)["error"], "unauthorized_client");
        let about = nobody.get("//.well-known/oauth-authorization-server").await.expect(200);
        let grants = about["grant_types_supported"].as_array().unwrap();
        assert!(grants.contains(&json!(EXCHANGE)) && !grants.contains(&json!("password")), "{about}");
        exchange(&nobody, &token).await.expect(200);
        // Where no provider is set up, there is no such grant.
        let here = t.anonymous();
        assert_eq!(exchange(&here, &token).await.expect(400)["error"], "unsupported_grant_type");
        let about = here.call(Method::GET, "//.well-known/oauth-authorization-server").await.expect(200);
        assert!(!about["grant_types_supported"].as_array().unwrap().contains(&json!(EXCHANGE)), "{about}");
    }
}
