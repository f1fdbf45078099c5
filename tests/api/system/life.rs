//! The server's own life: alive, ready, counted, stopped gently, started twice.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use motcua::db::{Db, Options};
use serde_json::json;

use crate::support::{TAN_LONG, all, birth, on_both_engines};

on_both_engines! {
    async fn it_says_how_it_is(t: Test) {
        let nobody = t.anonymous();
        assert_eq!(nobody.get("//livez").await.expect(200)["status"], "ok");
        assert_eq!(nobody.get("//readyz").await.expect(200)["status"], "ok");
        assert_eq!(nobody.get("//version").await.expect(200)["name"], "motcua");
        nobody.get("/me").await.problem(401, "unauthenticated");
        let metrics = nobody.get("//metrics").await;
        assert_eq!(metrics.status, 200);
        assert!(metrics.text.contains("http_request_duration_seconds_count"), "{}", metrics.text);
        assert!(metrics.text.contains("/api/v1/me"), "{}", metrics.text);
    }

    async fn it_warns_before_the_calendars_end(t: Test) {
        let nobody = t.anonymous();
        let days_left = |text: &str| -> i64 {
            let line = text.lines().find(|line| line.starts_with("motcua_calendar_days_left "));
            line.unwrap_or_else(|| panic!("{text}")).split(' ').next_back().unwrap().parse().unwrap()
        };
        // The loaded calendars end with 2027.
        t.at("2027-10-01T23:59");
        assert_eq!(nobody.get("//readyz").await.expect(200), json!({"status": "ok", "warnings": []}));
        assert_eq!(days_left(&nobody.get("//metrics").await.text), 91);
        t.at("2027-10-02T00:00");
        let warned = nobody.get("//readyz").header("Accept-Language", "en").await.expect(200);
        assert_eq!(
            warned["warnings"],
            json!([{
                "code": "calendar_ends",
                "detail": "The calendars end on 2027-12-31, in 90 days: enter the next year's holidays",
            }])
        );
        assert_eq!(days_left(&nobody.get("//metrics").await.text), 90);
        // Entering the next year is all that is needed, at every copy.
        let province = t.as_("admin@dong-thap").await;
        province.put("/holidays/2028", json!({"days_off": []})).await.expect(200);
        assert_eq!(nobody.get("//readyz").await.expect(200)["warnings"], json!([]));
        assert_eq!(days_left(&nobody.get("//metrics").await.text), 456);
        t.at("2029-01-01T00:00");
        let late = nobody.get("//readyz").await.expect(200);
        assert_eq!(late["warnings"][0]["detail"], "Chưa có lịch nghỉ của năm nay: không tiếp nhận được hồ sơ");
        assert_eq!(days_left(&nobody.get("//metrics").await.text), 0);
    }

    async fn document_and_pages_need_no_login(t: Test) {
        let nobody = t.anonymous();
        let document = nobody.get("//api/openapi.json").await.expect(200);
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let page = nobody.get("//swagger-ui/").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("swagger"), "{}", page.text);
        assert!(!page.text.contains("https://"), "everything comes from the program itself");
        let script = nobody.get("//swagger-ui/swagger-initializer.js").await;
        assert!(script.text.contains("/api/openapi.json"), "{}", script.text);
    }

    async fn requests_in_flight_finish(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let body = birth(TAN_LONG).to_string();
        let mut connection = TcpStream::connect(t.base().trim_start_matches("http://")).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (first, last) = body.split_at(body.len() / 2);
        let head = format!(
            "POST /api/v1/dossiers HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer {}\r\n\
             content-length: {}\r\n\r\n{first}",
            clerk.token(),
            body.len()
        );
        connection.write_all(head.as_bytes()).unwrap();
        // The head must have arrived before the server is told to stop.
        t.anonymous().get("//livez").await.expect(200);
        t.anonymous().get("//livez").await.expect(200);
        let last = last.to_owned();
        let rest = std::thread::spawn(move || {
            // Long enough for the stop to begin; nothing depends on how long exactly.
            std::thread::sleep(Duration::from_millis(300));
            connection.write_all(last.as_bytes()).unwrap();
            let mut answer = Vec::new();
            let mut part = [0; 4096];
            while !answer.ends_with(b"}") {
                match connection.read(&mut part) {
                    Ok(0) | Err(_) => break,
                    Ok(length) => answer.extend_from_slice(&part[..length]),
                }
            }
            String::from_utf8_lossy(&answer).into_owned()
        });
        t.stop().await;
        let answer = rest.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        assert_eq!(t.count("dossiers"), 1);
    }

    async fn a_stopped_server_starts_again_where_it_was(t: Test) {
        let dossier = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        t.restart().await;
        let clerk = t.as_("clerk@tan-long").await;
        assert_eq!(clerk.see(&dossier).await.expect(200)["code"], dossier["code"]);
        let next = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        assert!(next["code"].as_str().unwrap().ends_with("-0002"), "{next}");
    }

    async fn tokens_outlive_a_restart(t: Test) {
        let token = t.as_("clerk@tan-long").await.token().to_owned();
        t.restart().await;
        t.with_token(&token).get("/me").await.expect(200);
    }

    async fn migrations_run_once_however_many_start(t: Test) {
        let url = t.url().to_owned();
        let starts: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                std::thread::spawn(move || Db::open(&url, &Options::default()).unwrap().migrate().unwrap())
            })
            .collect();
        for start in starts {
            assert!(start.join().unwrap().is_empty(), "the template was migrated");
        }
    }

    async fn many_read_and_write_at_once(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let answers = all((0..40).map(|n| {
            let (clerk, dossier) = (clerk.clone(), dossier.clone());
            async move {
                match n % 4 {
                    0 => clerk.post("/dossiers", birth(TAN_LONG)).await,
                    1 => clerk.see(&dossier).await,
                    2 => clerk.get("/dossiers?count=true").await,
                    _ => clerk.act(&dossier, json!({"action": "start"})).await,
                }
            }
        }))
        .await;
        assert!(answers.iter().all(|answer| answer.is_one_of(&[200, 201, 403])), "{answers:?}");
    }
}
