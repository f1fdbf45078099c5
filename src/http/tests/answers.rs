//! Validators, conditions, lists, ids, compression, pages, metrics, the stop.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::server::{LARGEST, Server};

async fn make(server: &Server) -> reqwest::Response {
    server.post("/api/v1/things", &json!({"name": "Bản sao", "channel": "counter"})).await
}

#[actix_web::test]
async fn a_reader_with_the_same_representation_gets_304() {
    let server = Server::start();
    let made = make(&server).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(location, "/api/v1/things/T-1");
    let tag = made.headers()["etag"].clone();

    let read = server.get(&location).await;
    assert_eq!(read.headers()["etag"], tag);
    assert!(tag.to_str().unwrap().starts_with("\"1."));
    assert_eq!(read.headers()["cache-control"], "private, no-store");
    assert_eq!(read.headers()["vary"], "Authorization, Accept, Accept-Language, X-Access-Reason");
    let again = server.client.get(server.url(&location)).header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.headers()["etag"], tag);
    assert!(again.bytes().await.unwrap().is_empty());

    let head = server.client.head(server.url(&location)).send().await.unwrap();
    assert_eq!((head.status(), &head.headers()["etag"]), (StatusCode::OK, &tag));
    assert_ne!(head.headers()["content-length"], "0");
}

#[actix_web::test]
async fn a_writer_compares_the_version() {
    let server = Server::start();
    let tag = make(&server).await.headers()["etag"].clone();
    let change = |tag: String| {
        server
            .client
            .patch(server.url("/api/v1/things/T-1"))
            .header("if-match", tag)
            .json(&json!({"code": "x"}))
            .send()
    };
    let tag = tag.to_str().unwrap().to_owned();
    let changed = change(tag.clone()).await.unwrap();
    assert_eq!(changed.status(), StatusCode::OK);
    let stale = change(tag).await.unwrap();
    assert_eq!(stale.status(), StatusCode::PRECONDITION_FAILED);
    let document: Value = stale.json().await.unwrap();
    assert_eq!((&document["code"], &document["version"]), (&json!("stale_version"), &json!(2)));
    // The version counts, not what the reader was shown.
    assert_eq!(change("\"2.whatever\"".into()).await.unwrap().status(), StatusCode::OK);
}

#[actix_web::test]
async fn lists_link_to_the_next_page() {
    let server = Server::start();
    let response = server.get("/api/v1/things?limit=2&name=T%C3%AAn").await;
    let link = response.headers()["link"].to_str().unwrap().to_owned();
    let page: Value = response.json().await.unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["items"][0]["name"], "Tên");
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(link, format!(r#"</api/v1/things?limit=2&name=T%C3%AAn&cursor={cursor}>; rel="next""#));
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    assert_eq!(server.get(next).await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn large_answers_are_compressed_and_small_ones_are_not() {
    let server = Server::start();
    let ask = |path: String| server.client.get(server.url(&path)).header("accept-encoding", "gzip").send();
    let large = ask(format!("/api/v1/things?limit={LARGEST}")).await.unwrap();
    assert_eq!(large.headers()["content-encoding"], "gzip");
    assert!(large.headers()["vary"].to_str().unwrap().contains("Accept-Encoding"));
    assert!(large.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    let small = ask("/livez".into()).await.unwrap();
    assert!(!small.headers().contains_key("content-encoding"));

    let document = ask("/api/openapi.json".into()).await.unwrap();
    let tag = document.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.ends_with("-gzip\""));
    let again =
        server.client.get(server.url("/api/openapi.json")).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

#[actix_web::test]
async fn request_ids_are_answered() {
    let server = Server::start();
    let own = server.client.get(server.url("/livez")).header("x-request-id", "mine-1").send().await.unwrap();
    assert_eq!(own.headers()["x-request-id"], "mine-1");
    let made =
        server.client.get(server.url("/livez")).header("x-request-id", "not sane").send().await.unwrap();
    assert_eq!(made.headers()["x-request-id"].len(), 36);
}

#[actix_web::test]
async fn pages_for_people_and_figures_for_machines() {
    let server = Server::start();
    let page = server.get("/problems/stale_version").await.text().await.unwrap();
    assert!(
        page.contains("Dữ liệu đã được người khác thay đổi")
            && page.contains("The resource has changed since")
    );
    assert!(server.get("/problems/").await.text().await.unwrap().contains("/problems/legs_open"));
    assert_eq!(server.get("/problems/nonsense").await.status(), StatusCode::NOT_FOUND);
    let swagger = server.get("/swagger-ui").await;
    assert_eq!((swagger.status(), swagger.url().path()), (StatusCode::OK, "/swagger-ui/"));
    assert!(
        server
            .get("/swagger-ui/swagger-initializer.js")
            .await
            .text()
            .await
            .unwrap()
            .contains("/api/openapi.json")
    );

    server.get("/api/v1/things/T-77").await;
    server.get("/no/such/path").await;
    let figures = server.get("/metrics").await.text().await.unwrap();
    let count = |labels: &str| {
        figures
            .lines()
            .any(|line| line.starts_with(&format!("http_request_duration_seconds_count{{{labels}}}")))
    };
    assert!(count(r#"method="GET",route="/api/v1/things/{code}",status="404""#), "{figures}");
    assert!(count(r#"method="GET",route="unknown",status="404""#), "{figures}");
}

#[actix_web::test]
async fn requests_in_flight_finish_when_the_server_stops() {
    let server = Server::start();
    let in_flight = actix_web::rt::spawn(server.client.post(server.url("/api/v1/things/late/fail")).send());
    // The request must have arrived before the stop; the handler then takes its time.
    actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    server.stop().await;
    assert_eq!(in_flight.await.unwrap().unwrap().status(), StatusCode::NO_CONTENT);
    assert!(server.client.get(server.url("/livez")).send().await.is_err());
}
