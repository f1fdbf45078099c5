//! The endpoints as a client meets them: grants and errors of the token endpoint, bearer tokens good and bad, roles.

use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use actix_web::{App, get, web};
use serde_json::{Value, json};
use utoipa_actix_web::AppExt;

use super::databases;
use super::sign_in::{Copy, furnish};
use crate::access::{Access, AccessReason, Caller, OfficerReaders, PostActors, configure};

#[get("/for-officers")]
async fn for_officers(caller: Caller<OfficerReaders>) -> String {
    caller.reason.as_ref().map_or("no reason", AccessReason::as_str).to_owned()
}

#[get("/for-the-post")]
async fn for_the_post(_: Caller<PostActors>) -> &'static str {
    "post"
}

/// Asks a server that has only the endpoints of access and the two above.
async fn ask(access: &web::Data<Access>, request: TestRequest) -> ServiceResponse {
    let app = App::new()
        .app_data(access.clone())
        .service(for_officers)
        .service(for_the_post)
        .into_utoipa_app()
        .configure(configure)
        .into_app();
    call_service(&init_service(app).await, request.to_request()).await
}

fn token(form: &[(&str, &str)]) -> TestRequest {
    TestRequest::post().uri("/api/v1/auth/token").set_form(form)
}

fn get_with(uri: &str, authorization: &str) -> TestRequest {
    TestRequest::get().uri(uri).insert_header((AUTHORIZATION, authorization))
}

const OFFICER: [(&str, &str); 3] =
    [("grant_type", "password"), ("username", "officer@here"), ("password", "right")];

async fn signed_in(access: &web::Data<Access>) -> String {
    let granted: Value = read_body_json(ask(access, token(&OFFICER)).await).await;
    format!("Bearer {}", granted["access_token"].as_str().unwrap())
}

fn server() -> (super::TestDb, web::Data<Access>) {
    let test = databases().remove(0);
    let keys = furnish(&test);
    let access = Copy::of(&test, &keys).access;
    (test, web::Data::new(access))
}

#[actix_web::test]
async fn a_token_answer_is_kept_by_nobody() {
    let (_db, access) = server();
    let answer = ask(&access, token(&OFFICER)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers().get(CACHE_CONTROL).unwrap(), "no-store");
    let granted: Value = read_body_json(answer).await;
    assert_eq!((&granted["token_type"], &granted["expires_in"]), (&json!("Bearer"), &json!(900)));
}

#[actix_web::test]
async fn faults_at_the_token_endpoint_are_oauth_errors() {
    let (_db, access) = server();
    for (form, status, error) in [
        (
            vec![("grant_type", "password"), ("username", "officer@here"), ("password", "no")],
            400,
            "invalid_grant",
        ),
        (vec![("grant_type", "password"), ("username", "officer@here")], 400, "invalid_request"),
        (vec![("grant_type", "magic")], 400, "unsupported_grant_type"),
        (vec![("grant_type", "client_credentials")], 401, "invalid_client"),
        (vec![("grant_type", "refresh_token"), ("refresh_token", "none")], 400, "invalid_grant"),
    ] {
        let answer = ask(&access, token(&form)).await;
        assert_eq!(answer.status().as_u16(), status, "{form:?}");
        let body: Value = read_body_json(answer).await;
        assert_eq!(body["error"], error, "{form:?}");
    }
}

#[actix_web::test]
async fn me_says_who_is_calling() {
    let (_db, access) = server();
    let answer = ask(&access, get_with("/api/v1/me", &signed_in(&access).await)).await;
    let me: Value = read_body_json(answer).await;
    assert_eq!(
        me,
        json!({
            "username": "officer@here",
            "agency": {"code": "A1", "name": "Cơ quan 1"},
            "roles": ["officer"],
            "scopes": [],
            "must_change_password": false,
            "deputises_for": [],
        })
    );
}

#[actix_web::test]
async fn no_token_and_a_bad_one_are_told_apart() {
    let (_db, access) = server();
    let good = signed_in(&access).await;
    let cut = &good[..good.len() - 4];
    for (authorization, challenge) in [
        (None, r#"Bearer realm="motcua""#),
        (Some("Basic YTpi"), r#"Bearer realm="motcua""#),
        (Some("Bearer"), r#"Bearer realm="motcua""#),
        (Some("Bearer rubbish"), r#"Bearer realm="motcua", error="invalid_token""#),
        (Some(cut), r#"Bearer realm="motcua", error="invalid_token""#),
    ] {
        let mut request = TestRequest::get().uri("/for-officers");
        if let Some(value) = authorization {
            request = request.insert_header((AUTHORIZATION, value));
        }
        let answer = ask(&access, request).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{authorization:?}");
        assert_eq!(answer.headers().get(WWW_AUTHENTICATE).unwrap(), challenge, "{authorization:?}");
    }
}

#[actix_web::test]
async fn the_signature_of_a_handler_says_who_may_call() {
    let (_db, access) = server();
    let officer = signed_in(&access).await;
    assert_eq!(ask(&access, get_with("/for-officers", &officer)).await.status(), StatusCode::OK);
    assert_eq!(ask(&access, get_with("/for-the-post", &officer)).await.status(), StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_reason_is_read_and_a_broken_one_refused() {
    let (_db, access) = server();
    let officer = signed_in(&access).await;
    let with =
        |reason: &'static str| get_with("/for-officers", &officer).insert_header(("X-Access-Reason", reason));
    let answer = ask(&access, with("Khi%E1%BA%BFu%20n%E1%BA%A1i%20s%E1%BB%91%207")).await;
    let body = actix_web::test::read_body(answer).await;
    assert_eq!(std::str::from_utf8(&body).unwrap(), "Khiếu nại số 7");
    assert_eq!(ask(&access, with("short")).await.status(), StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn signing_out_ends_the_access_token_too() {
    let (_db, access) = server();
    let granted: Value = read_body_json(ask(&access, token(&OFFICER)).await).await;
    let bearer = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    let form = [("token", granted["refresh_token"].as_str().unwrap())];
    let revoke = TestRequest::post().uri("/api/v1/auth/revoke").set_form(form);
    assert_eq!(ask(&access, revoke).await.status(), StatusCode::OK);
    assert_eq!(ask(&access, get_with("/api/v1/me", &bearer)).await.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn others_find_our_keys_and_addresses() {
    let (_db, access) = server();
    let keys: Value =
        read_body_json(ask(&access, TestRequest::get().uri("/.well-known/jwks.json")).await).await;
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none() && key["kid"].is_string() && key["x"].is_string());
    let metadata = TestRequest::get().uri("/.well-known/oauth-authorization-server");
    let metadata: Value = read_body_json(ask(&access, metadata).await).await;
    assert_eq!(metadata["token_endpoint"], "https://example.test/api/v1/auth/token");
}
