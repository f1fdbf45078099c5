//! `Idempotency-Key`: the effect once, the first answer again.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::service::Server;

async fn send(server: &Server, key: &str, name: &str) -> reqwest::Response {
    let body = json!({"name": name, "channel": "counter"});
    server
        .client
        .post(server.url("/api/v1/things"))
        .header("idempotency-key", key)
        .json(&body)
        .send()
        .await
        .unwrap()
}

async fn count(server: &Server) -> String {
    let response = server.post("/api/v1/things/count/fail", &json!({})).await;
    response.headers()["x-count"].to_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_repeated_request_gets_the_first_answer() {
    let server = Server::start();
    let first = send(&server, "k-1", "one").await;
    assert!(!first.headers().contains_key("idempotency-replayed"));
    let again = send(&server, "k-1", "one").await;
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    for name in ["location", "etag", "content-type", "cache-control", "vary"] {
        assert_eq!(again.headers()[name], first.headers()[name], "{name}");
    }
    assert_eq!(again.bytes().await.unwrap(), first.bytes().await.unwrap());
    assert_eq!(count(&server).await, "1");

    let other = send(&server, "k-1", "two").await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.json::<Value>().await.unwrap()["code"], "idempotency_key_reused");
    assert_eq!(send(&server, "k-2", "one").await.status(), StatusCode::CREATED);
    assert_eq!(count(&server).await, "2");
    let bad = send(&server, "not visible", "one").await;
    assert_eq!(bad.json::<Value>().await.unwrap()["code"], "invalid_idempotency_key");
}

#[actix_web::test]
async fn a_refusal_leaves_nothing_behind() {
    let server = Server::start();
    for _ in 0..2 {
        let refused = send(&server, "k", "refused").await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        assert!(!refused.headers().contains_key("idempotency-replayed"));
    }
    assert_eq!(count(&server).await, "0");
    assert_eq!(send(&server, "k", "fine").await.status(), StatusCode::CREATED);
}

#[actix_web::test]
async fn twins_have_one_effect() {
    let server = Server::start();
    let answers = futures_util::future::join_all((0..16).map(|_| send(&server, "twin", "one"))).await;
    let replayed =
        answers.iter().filter(|answer| answer.headers().contains_key("idempotency-replayed")).count();
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::CREATED));
    assert_eq!(replayed, 15);
    assert_eq!(count(&server).await, "1");
}
