//! `Idempotency-Key`: the effect once, the first answer again.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::server::Server;

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
    for server in Server::start_on_each_engine() {
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
}

#[actix_web::test]
async fn a_refusal_leaves_nothing_behind() {
    for server in Server::start_on_each_engine() {
        for _ in 0..2 {
            let refused = send(&server, "k", "refused").await;
            assert_eq!(refused.status(), StatusCode::CONFLICT);
            assert!(!refused.headers().contains_key("idempotency-replayed"));
        }
        assert_eq!(count(&server).await, "0");
        assert_eq!(send(&server, "k", "fine").await.status(), StatusCode::CREATED);
    }
}

#[actix_web::test]
async fn twins_have_one_effect() {
    for server in Server::start_on_each_engine() {
        let answers = futures_util::future::join_all((0..16).map(|_| send(&server, "twin", "one"))).await;
        let replayed =
            answers.iter().filter(|answer| answer.headers().contains_key("idempotency-replayed")).count();
        assert!(answers.iter().all(|answer| answer.status() == StatusCode::CREATED));
        assert_eq!(replayed, 15);
        assert_eq!(count(&server).await, "1");
    }
}

#[test]
fn a_key_can_be_claimed_again_after_a_day_and_is_swept() {
    use chrono::TimeDelta;

    use crate::{
        db::Instant,
        http::{Answer, BodyDigest, Claim, Problem, ServerKey, Whose, idempotency::store},
    };

    let start: Instant = "2019-03-04T08:00:00+07:00".parse().unwrap();
    let day = TimeDelta::hours(24);
    for database in super::server::databases() {
        let claim =
            Claim::new(&ServerKey::new([1; 32]), "k", Whose::Anybody, "POST /x", "/x", BodyDigest::of(b"{}"));
        let run = move |now: Instant| {
            let claim = claim.clone();
            database.db.write_blocking(move |tx| {
                claim.run::<Problem>(tx, now, |_| {
                    Answer::no_content().with(actix_web::http::header::LOCATION, &now.to_string())
                })
            })
        };
        let first = run(start).unwrap();
        let later = run(start + day - TimeDelta::seconds(1)).unwrap();
        assert_eq!(
            later.header(&actix_web::http::header::LOCATION),
            first.header(&actix_web::http::header::LOCATION)
        );
        assert_ne!(run(start + day).unwrap(), first);
    }
    for database in super::server::databases() {
        for key in ["a", "b", "c"] {
            let claim = Claim::new(
                &ServerKey::new([1; 32]),
                key,
                Whose::Account("x"),
                "POST /x",
                "/x",
                BodyDigest::of(b""),
            );
            database
                .db
                .write_blocking(move |tx| claim.run::<Problem>(tx, start, |_| Ok(Answer::no_content())))
                .unwrap();
        }
        let swept =
            |now, most| database.db.write_blocking(move |tx| store::delete_expired(tx, now, most)).unwrap();
        assert_eq!((swept(start, 10), swept(start + day, 2), swept(start + day, 2)), (0, 2, 1));
    }
}
