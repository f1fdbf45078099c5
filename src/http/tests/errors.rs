//! Everything that is not 2xx or 3xx has the form of RFC 9457, whatever went wrong.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::Server;

/// Checks the form and gives the document.
async fn problem(response: reqwest::Response, status: u16, code: &str) -> Value {
    let headers = response.headers().clone();
    assert_eq!(response.status().as_u16(), status, "for {code}");
    assert_eq!(headers["content-type"], "application/problem+json", "for {code}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["cache-control"], "no-store");
    let path = response.url().path().to_owned();
    let document: Value = response.json().await.unwrap();
    assert_eq!(document["code"], code, "{document}");
    assert_eq!(document["type"], format!("/problems/{code}"));
    assert_eq!(document["status"], status);
    assert_eq!(document["instance"], path);
    assert_eq!(document["request_id"], headers["x-request-id"].to_str().unwrap());
    assert!(document["title"].as_str().is_some_and(|title| !title.is_empty()));
    assert!(document["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    document
}

fn pointers(document: &Value) -> Vec<(&str, &str)> {
    let errors = document["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[actix_web::test]
async fn paths_and_methods() {
    let server = Server::start();
    problem(server.get("/nowhere").await, 404, "not_found").await;
    problem(server.get("/api/v1/nowhere").await, 404, "not_found").await;
    problem(server.get("/api/v1/things/T-1").await, 404, "not_found").await;
    problem(server.get("/api/v1/things/T%001").await, 404, "not_found").await;
    problem(server.get("/api/v1/things/%FF%FE").await, 404, "not_found").await;
    problem(server.get("/swagger-ui/nothing.js").await, 404, "not_found").await;

    let response = server.client.put(server.url("/api/v1/things")).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "DELETE, GET, HEAD, POST");
    problem(response, 405, "method_not_allowed").await;
    let response = server.client.post(server.url("/api/openapi.json")).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, HEAD");
    problem(response, 405, "method_not_allowed").await;
    let response = server.client.request(Method::TRACE, server.url("/livez")).send().await.unwrap();
    problem(response, 405, "method_not_allowed").await;
    problem(server.get("/readyz").await, 503, "busy").await;
}

#[actix_web::test]
async fn bodies_that_cannot_be_read() {
    let server = Server::start();
    let send = |kind: &'static str, body: Vec<u8>| {
        server.client.post(server.url("/api/v1/things")).header("content-type", kind).body(body).send()
    };
    let json = "application/json";
    problem(send(json, b"{\"name\": ".to_vec()).await.unwrap(), 400, "bad_json").await;
    problem(send(json, Vec::new()).await.unwrap(), 400, "bad_json").await;
    problem(send(json, b"{\"name\": \"\xff\"}".to_vec()).await.unwrap(), 400, "bad_json").await;
    problem(send(json, b"{\"copies\": 1e999}".to_vec()).await.unwrap(), 400, "bad_json").await;
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    problem(send(json, deep.into_bytes()).await.unwrap(), 400, "bad_json").await;
    for kind in
        ["text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded", "nonsense"]
    {
        problem(send(kind, b"{}".to_vec()).await.unwrap(), 415, "unsupported_media_type").await;
    }
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
    problem(send(json, large.into_bytes()).await.unwrap(), 413, "payload_too_large").await;
    let packed = server.client.post(server.url("/api/v1/things")).header("content-type", json);
    let packed = packed.header("content-encoding", "gzip").body(vec![1, 2, 3]).send().await.unwrap();
    problem(packed, 415, "unsupported_media_type").await;
    // And the server is as well as before.
    assert_eq!(server.get("/livez").await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn a_stream_without_length_stops_at_the_limit() {
    use std::io::{Read, Write};
    let server = Server::start();
    let mut connection = std::net::TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let head = "POST /api/v1/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024));
    for _ in 0..200 {
        if connection.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[actix_web::test]
async fn all_faults_of_a_body_at_once() {
    let server = Server::start();
    let body = json!({
        "nam": "misspelt",
        "identity_number": "12",
        "channel": "pigeon",
        "copies": 100,
        "wanted_on": "2019-02-30",
        "parts": [{"code": "fine"}, {"code": "much too long", "odd/name": 1}, {"code": 7, "tracking_code": "x"}],
    });
    let document = problem(server.post("/api/v1/things", &body).await, 422, "invalid_body").await;
    assert_eq!(
        pointers(&document),
        [
            ("/channel", "not_one_of"),
            ("/copies", "out_of_range"),
            ("/identity_number", "invalid_identity_number"),
            ("/nam", "unknown_field"),
            ("/name", "required"),
            ("/parts/1/code", "too_long"),
            ("/parts/1/odd~1name", "unknown_field"),
            ("/parts/2/code", "wrong_type"),
            ("/parts/2/tracking_code", "invalid_tracking_code"),
            ("/wanted_on", "invalid_format"),
        ]
    );
    let detail = document["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(detail, r#"Phải là một trong: "counter", "postal""#);
}

#[actix_web::test]
async fn faults_of_types_that_the_schema_does_not_bound() {
    let server = Server::start();
    let told = async |body: Value| {
        let document = problem(server.post("/api/v1/things", &body).await, 422, "invalid_body").await;
        document["errors"].clone()
    };
    let errors = told(json!({"name": "a\u{0}b", "channel": "postal"})).await;
    assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!("/name"), &json!("invalid_format")));
    // A whole number in JSON Schema, none for an integer in Rust.
    let errors = told(json!({"name": "x", "channel": "postal", "copies": 2.0})).await;
    assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!("/copies"), &json!("invalid_value")));
    let errors = told(json!([1])).await;
    assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!(""), &json!("wrong_type")));
    let errors = told(json!({"name": "x", "channel": "postal", "parts": [{}, {}, {}, {}]})).await;
    assert_eq!(errors.as_array().unwrap().len(), 5);
}

#[actix_web::test]
async fn of_alternatives_only_the_one_meant_is_told() {
    let server = Server::start();
    let told = async |body: Value| {
        let document =
            problem(server.post("/api/v1/things/T-1/steps", &body).await, 422, "invalid_body").await;
        let told = pointers(&document);
        told.into_iter().map(|(pointer, code)| format!("{pointer} {code}")).collect::<Vec<_>>()
    };
    assert_eq!(told(json!({"action": "decline"})).await, ["/reason required"]);
    assert_eq!(told(json!({"action": "decline", "reason": "x"})).await, ["/reason too_short"]);
    assert_eq!(told(json!({"action": "dance"})).await, ["/action not_one_of"]);
    assert_eq!(
        told(json!([{"action": "accept"}, {"action": "accept", "note": "longer"}])).await,
        ["/1/note too_long"]
    );
    assert_eq!(told(json!({"action": "accept", "note": 1})).await, ["/note wrong_type"]);
    assert_eq!(told(json!({"reason": "why"})).await, ["/action required"]);
    assert_eq!(told(json!("accept")).await, [" wrong_type"]);
    assert_eq!(server.post("/api/v1/things/T-1/steps", &json!([{"action": "accept"}])).await.status(), 204);
}

#[actix_web::test]
async fn queries() {
    let server = Server::start();
    let document =
        problem(server.get("/api/v1/things?limit=201&nmae=x&name=%00").await, 422, "invalid_query").await;
    assert_eq!(
        pointers(&document),
        [
            ("/query/limit", "out_of_range"),
            ("/query/name", "invalid_format"),
            ("/query/nmae", "unknown_field"),
        ]
    );
    let document = problem(server.get("/api/v1/things?name=%FF").await, 422, "invalid_query").await;
    assert_eq!(pointers(&document), [("/query/name", "invalid_format")]);
}

#[actix_web::test]
async fn failures_of_the_server_leak_nothing() {
    let server = Server::start();
    for way in ["panic", "cause"] {
        let document = problem(
            server.post(&format!("/api/v1/things/{way}/fail"), &json!({})).await,
            500,
            "internal_error",
        )
        .await;
        assert!(!document.to_string().contains("secret"), "{document}");
    }
    let response = server.post("/api/v1/things/token/fail", &json!({})).await;
    assert_eq!(response.headers()["www-authenticate"], r#"Bearer realm="motcua", error="invalid_token""#);
    problem(response, 401, "invalid_token").await;
    let late = server.client.delete(server.url("/api/v1/things")).send().await.unwrap();
    assert!(late.headers().contains_key("retry-after"));
    problem(late, 503, "timeout").await;
}

#[actix_web::test]
async fn titles_follow_the_language() {
    let server = Server::start();
    let ask = |language: &'static str| {
        server.client.get(server.url("/nowhere")).header("accept-language", language).send()
    };
    let english = ask("en-GB, vi;q=0.5").await.unwrap();
    assert_eq!(english.headers()["content-language"], "en");
    assert_eq!(problem(english, 404, "not_found").await["title"], "Not found");
    assert_eq!(problem(ask("fr").await.unwrap(), 404, "not_found").await["title"], "Không tìm thấy");
}

#[actix_web::test]
async fn the_token_endpoint_has_its_own_form() {
    let server = Server::start();
    let send = |kind: &'static str, body: String| {
        server.client.post(server.url("/api/v1/auth/token")).header("content-type", kind).body(body).send()
    };
    let form = "application/x-www-form-urlencoded";
    for (sent, status, error) in [
        (send(form, "a=b".into()), 401, "invalid_client"),
        (send("application/json", "{}".into()), 400, "invalid_request"),
        (send(form, "x".repeat(2 * 1024 * 1024)), 400, "invalid_request"),
    ] {
        let response = sent.await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let document: Value = response.json().await.unwrap();
        assert_eq!(document["error"], error);
        assert!(document["error_description"].is_string());
    }
    let response = server.get("/api/v1/auth/token").await;
    assert_eq!(response.headers()["allow"], "POST");
    assert_eq!(response.json::<Value>().await.unwrap()["error"], "invalid_request");
}
