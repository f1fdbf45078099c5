//! What browsers are told, which pages may call, and what nobody is told.

use std::fs;

use reqwest::Method;

use crate::support::{Client, TAN_LONG, Test, birth, on_both_engines, text};

const PAGE: &str = "https://dichvucong.example.vn";

/// Another copy of the program that this page may call.
async fn open_to_a_page(t: &Test) -> Client {
    let (base, _) = t
        .another_copy_with(|config| {
            config.cors_origins = motcua::http::Origins::of([PAGE].into_iter()).unwrap();
        })
        .await;
    t.anonymous().at(&base)
}

on_both_engines! {
    async fn every_answer_has_safe_headers(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await;
        dossier.expect(201);
        let nobody = t.anonymous();
        for answer in [
            dossier,
            clerk.get("/dossiers").await,
            clerk.get("/me").await,
            nobody.get("/me").await,
            nobody.get("//livez").await,
            nobody.get("//nothing/here").await,
            nobody.get("/dossiers/%00").await,
            nobody.get("//api/openapi.json").await,
            nobody.get("//swagger-ui/").await,
            nobody.get("//problems/not_found").await,
            nobody.post_form("/auth/token", &[]).await,
            nobody.call(Method::DELETE, "/me").await,
            nobody.call(Method::OPTIONS, "/me").await,
        ] {
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
            assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{answer:?}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{answer:?}");
            assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{answer:?}");
            let policy = answer.header("content-security-policy").unwrap_or_default();
            assert!(policy.contains("default-src 'none'"), "{answer:?}");
            assert!(policy.contains("frame-ancestors 'none'"), "{answer:?}");
            for telling in ["server", "x-powered-by", "strict-transport-security", "access-control-allow-origin"] {
                assert_eq!(answer.header(telling), None, "{answer:?}");
            }
            assert!(answer.header("x-request-id").is_some() && answer.header("cache-control").is_some());
        }
    }

    async fn only_a_server_behind_https_binds_browsers_to_it(t: Test) {
        let (base, _) = t
            .another_copy_with(|config| config.public_url = Some("https://motcua.example.vn".to_owned()))
            .await;
        let answer = t.anonymous().at(&base).get("//livez").await;
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    }

    async fn nobody_keeps_a_dossier(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let made = clerk.post("/dossiers", birth(TAN_LONG)).await;
        let path = format!("/dossiers/{}", text(&made.expect(201), "/code"));
        let search = clerk.post("/dossiers/search", serde_json::json!({})).await;
        for answer in [
            made,
            clerk.get(&path).await,
            clerk.get("/dossiers").await,
            search,
            clerk.get(&format!("{path}/events")).await,
            clerk.get(&format!("{path}/custody")).await,
            clerk.get("/dossiers/nothing").await,
            t.anonymous().get(&path).await,
        ] {
            assert!(answer.header("cache-control").unwrap().contains("no-store"), "{answer:?}");
        }
    }

    async fn a_page_of_the_list_may_call(t: Test) {
        let nobody = open_to_a_page(&t).await;
        let asked = nobody
            .call(Method::OPTIONS, "/dossiers")
            .header("Origin", PAGE)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
            .await;
        asked.expect(204);
        assert_eq!(asked.header("access-control-allow-origin"), Some(PAGE));
        assert!(asked.header("access-control-allow-methods").unwrap().contains("POST"));
        let allowed = asked.header("access-control-allow-headers").unwrap().to_lowercase();
        for header in ["authorization", "content-type", "idempotency-key", "if-match", "x-access-reason"] {
            assert!(allowed.contains(header), "{header}");
        }
        assert!(asked.header("x-request-id").is_some() && asked.header("vary").unwrap().contains("Origin"));
        // Errors can be read like everything else.
        for answer in [nobody.get("//livez"), nobody.get("/me"), nobody.get("/nothing")] {
            let answer = answer.header("Origin", PAGE).await;
            assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            let readable = answer.header("access-control-expose-headers").unwrap();
            for header in
                ["ETag", "RateLimit", "RateLimit-Policy", "X-Request-Id", "Idempotency-Replayed", "Location", "Link"]
            {
                assert!(readable.split(", ").any(|it| it == header), "{header}");
            }
        }
    }

    async fn other_pages_may_not(t: Test) {
        let nobody = open_to_a_page(&t).await;
        for origin in ["https://elsewhere.example", "http://dichvucong.example.vn", "null", ""] {
            let asked = nobody
                .call(Method::OPTIONS, "/me")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "GET")
                .await;
            asked.problem(405, "method_not_allowed");
            let answer = nobody.get("//livez").header("Origin", origin).await;
            for answer in [asked, answer] {
                assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
                assert!(answer.header("vary").unwrap().contains("Origin"), "caches must tell them apart");
            }
        }
    }

    async fn the_pages_of_swagger_ui_run_under_their_policy(t: Test) {
        let nobody = t.anonymous();
        let page = nobody.get("//swagger-ui/").await;
        let policy = page.header("content-security-policy").unwrap().to_owned();
        assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self';"), "{policy}");
        // No script in the page itself: each has an address of its own.
        for script in page.text.split("<script").skip(1) {
            assert!(script.trim_start().starts_with("src=\"./"), "{script}");
        }
        assert!(!page.text.contains("onload=") && !page.text.contains("<style"), "{}", page.text);
    }

    async fn nothing_that_holds_a_secret_prints_it(t: Test) {
        let secret = fs::read_to_string(t.keys().join("server.key")).unwrap().trim().to_owned();
        let signing = fs::read_to_string(t.keys().join("signing-0001.pem")).unwrap();
        let signing = signing.lines().nth(1).unwrap();
        let app = t.app();
        let printed = format!(
            "{app:?} {:?} {:?} {:?} {:?} {:?}",
            app.keys,
            app.keys.vault(),
            app.config,
            app.config.given_keys,
            app.secrets,
        );
        let derived = app.keys.derive("idempotency");
        let as_numbers = derived[..4].iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        for hidden in [secret.as_str(), signing, &as_numbers, t.url()] {
            assert!(!printed.contains(hidden), "{printed}");
        }
    }
}
