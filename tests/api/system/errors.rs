//! Whatever goes wrong is a problem with a code, in the caller's language, and nothing is written.

use reqwest::Method;
use serde_json::json;

use crate::support::{TAN_LONG, birth, on_both_engines, with};

on_both_engines! {
    async fn paths_and_methods_that_are_not_there(t: Test) {
        let nobody = t.anonymous();
        nobody.get("//nothing/here").await.problem(404, "not_found");
        nobody.get("/nothing/here").await.problem(404, "not_found");
        let answer = nobody.call(Method::DELETE, "/dossiers").await;
        answer.problem(405, "method_not_allowed");
        let allow = answer.header("allow").unwrap();
        assert!(allow.contains("GET") && allow.contains("POST") && !allow.contains("DELETE"), "{allow}");
    }

    async fn bodies_that_cannot_be_read(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let send =
            |media: &'static str, body: Vec<u8>| clerk.call(Method::POST, "/dossiers").raw(media, body);
        let json = "application/json";
        send(json, b"{\"procedure\": ".to_vec()).await.problem(400, "bad_json");
        send(json, Vec::new()).await.problem(400, "bad_json");
        send(json, b"{\"procedure\": \"\xff\xfe\"}".to_vec()).await.problem(400, "bad_json");
        let deep = "[".repeat(50_000) + &"]".repeat(50_000);
        send(json, deep.into_bytes()).await.problem(400, "bad_json");
        let deep_inside = format!("{{\"note\": {}1{}}}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
        send(json, deep_inside.into_bytes()).await.problem(400, "bad_json");
        send("text/plain", b"{}".to_vec()).await.problem(415, "unsupported_media_type");
        let large = format!("{{\"note\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
        send(json, large.into_bytes()).await.problem(413, "payload_too_large");
        assert_eq!(t.count("dossiers"), 0);
        // The server is as well as before.
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
    }

    async fn forms_that_cannot_be_read(t: Test) {
        let nobody = t.anonymous();
        let send = |media: &'static str, body: &'static [u8]| {
            nobody.call(Method::POST, "/auth/token").raw(media, body)
        };
        for (media, body) in [
            ("application/json", b"{}".as_slice()),
            ("application/x-www-form-urlencoded", b"grant_type=password&username=%ff%fe"),
            ("application/x-www-form-urlencoded", b""),
        ] {
            // RFC 6749 section 5.2, also when the form itself is bad.
            let answer = send(media, body).await;
            assert!((400..500).contains(&answer.status), "{answer:?}");
            assert!(answer.json()["error"].is_string(), "{answer:?}");
        }
    }

    async fn errors_speak_the_callers_language(t: Test) {
        let nobody = t.anonymous();
        let vietnamese = nobody.get("/me").await.problem(401, "unauthenticated");
        let english = nobody.get("/me").header("Accept-Language", "en").await.problem(401, "unauthenticated");
        let also_english = nobody.get("/me").header("Accept-Language", "fr, en;q=0.7, vi;q=0.5").await.json();
        assert!(english["title"].as_str().unwrap().is_ascii(), "{english}");
        assert!(!vietnamese["title"].as_str().unwrap().is_ascii(), "{vietnamese}");
        assert_eq!(also_english["title"], english["title"]);
    }

    async fn every_code_has_its_page(t: Test) {
        let document = t.anonymous().get("//api/openapi.json").await.expect(200);
        let mut codes: Vec<String> = Vec::new();
        for operations in document["paths"].as_object().unwrap().values() {
            for operation in operations.as_object().unwrap().values() {
                let named = operation["x-problem-codes"].as_array().cloned().unwrap_or_default();
                codes.extend(named.iter().map(|code| code.as_str().unwrap().to_owned()));
            }
        }
        codes.sort();
        codes.dedup();
        assert!(codes.len() > 20, "{codes:?}");
        for code in codes {
            let page = t.anonymous().get(&format!("//problems/{code}")).await;
            assert_eq!(page.status, 200, "{code}");
            assert!(page.text.contains(&code), "{code}");
        }
        t.anonymous().get("//problems/nothing_of_the_kind").await.problem(404, "not_found");
    }

    async fn request_ids_are_taken_over_when_sane(t: Test) {
        let sane = t.anonymous().get("/me").header("X-Request-Id", "desk-7.2019_03").await;
        assert_eq!(sane.problem(401, "unauthenticated")["request_id"], "desk-7.2019_03");
        let insane = t.anonymous().get("//livez").header("X-Request-Id", "a b\"c").await;
        assert_eq!(insane.header("x-request-id").unwrap().len(), 36);
    }

    async fn queries_tell_all_their_faults(t: Test) {
        let leader = t.as_("leader@thanh-binh").await;
        let answer = leader.get("/dossiers?limit=0&status=sleeping&due_from=yesterday&colour=red").await;
        answer.problem(422, "invalid_query");
        let faults = answer.faults();
        for (pointer, code) in [
            ("/query/limit", "out_of_range"),
            ("/query/status", "not_one_of"),
            ("/query/colour", "unknown_field"),
        ] {
            assert!(faults.contains(&format!("{pointer} {code}")), "{pointer} {code} in {faults:?}");
        }
        assert!(faults.iter().any(|fault| fault.starts_with("/query/due_from ")), "{faults:?}");
        leader.get("/dossiers?cursor=bm9uc2Vuc2U").await.problem(422, "cursor_invalid");
    }

    async fn what_nobody_understands_is_not_found(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for path in
            ["/dossiers/%00", "/dossiers/%FF%FE", "/dossiers/nonsense", "/agencies/%2e%2e", "/transfers/1"]
        {
            let answer = clerk.get(path).await;
            assert!(answer.is_one_of(&[404]), "{path}: {answer:?}");
        }
    }

    async fn text_of_every_kind_is_kept_or_refused_but_never_a_500(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for note in ["\u{0}", "\u{feff}", "𠀀🚀", "a\u{301}\u{200d}", "'; DROP TABLE dossiers; --", "=1+1"]
        {
            let answer = clerk.post("/dossiers", with(birth(TAN_LONG), json!({"note": note}))).await;
            assert!(answer.is_one_of(&[201, 400, 422]), "{note:?}: {answer:?}");
            if answer.status == 201 {
                assert_eq!(answer.json()["note"], note);
            }
        }
    }
}
