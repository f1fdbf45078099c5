//! How often one address may ask without a login.

use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, Test, on_both_engines};

const LOOK_UP: &str = "/public/dossiers/000.33.31.H20-190304-0001";

/// Another copy of the program, with these limits, behind a proxy on this machine.
async fn copy(t: &Test, public_per_minute: u32, token_per_minute: u32) -> Client {
    let (base, _) = t
        .another_copy_with(|config| {
            config.limits.public_per_minute = public_per_minute;
            config.limits.token_per_minute = token_per_minute;
            config.trusted_proxies.0.push("127.0.0.1".parse().unwrap());
        })
        .await;
    t.anonymous().at(&base)
}

/// What a field says: `"public";r=1;t=30` of `r` is 1.
fn said(answer: &Answer, field: &str, parameter: &str) -> u64 {
    let value = answer.header(field).unwrap_or_else(|| panic!("no {field}: {answer:?}"));
    let parameter = format!("{parameter}=");
    let found = value.split(';').find_map(|part| part.strip_prefix(parameter.as_str()));
    found.unwrap_or_else(|| panic!("no {parameter} in {value}")).parse().unwrap()
}

on_both_engines! {
    async fn the_public_has_a_bucket_for_each_address(t: Test) {
        let nobody = copy(&t, 2, 100).await;
        let from = |address: &str| nobody.get(LOOK_UP).header("X-Forwarded-For", address);
        for left in [1, 0] {
            let answer = from("192.0.2.1").await;
            answer.problem(404, "not_found");
            assert_eq!(answer.header("ratelimit-policy"), Some(r#""public";q=2;w=60"#));
            assert_eq!(said(&answer, "ratelimit", "r"), left);
            assert!((1..=60).contains(&said(&answer, "ratelimit", "t")));
        }
        let refused = from("192.0.2.1").await;
        refused.problem(429, "rate_limited");
        assert_eq!(said(&refused, "ratelimit", "r"), 0);
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
        // Whatever it asks for: an unknown path or method below the public's is counted too, and spelling does not help.
        nobody.get("/public/nothing").header("X-Forwarded-For", "192.0.2.1").await.problem(429, "rate_limited");
        let spelt = nobody.get("/%70ublic/dossiers/1").header("X-Forwarded-For", "192.0.2.1").await;
        spelt.problem(429, "rate_limited");
        // Others go on: another address, another /64; and this one with what needs a login.
        from("192.0.2.2").await.problem(404, "not_found");
        for address in ["2001:db8:0:1::1", "2001:db8:0:1::2"] {
            from(address).await.problem(404, "not_found");
        }
        from("2001:db8:0:1:ffff::3").await.problem(429, "rate_limited");
        from("2001:db8:0:2::1").await.problem(404, "not_found");
        let other = nobody.get("/me").header("X-Forwarded-For", "192.0.2.1").await;
        other.problem(401, "unauthenticated");
        assert_eq!(other.header("ratelimit"), None);
    }

    async fn nobody_but_a_proxy_may_name_an_address(t: Test) {
        let (base, _) = t.another_copy_with(|config| config.limits.public_per_minute = 1).await;
        let nobody = t.anonymous().at(&base);
        nobody.get(LOOK_UP).header("X-Forwarded-For", "192.0.2.1").await.problem(404, "not_found");
        nobody.get(LOOK_UP).header("X-Forwarded-For", "192.0.2.2").await.problem(429, "rate_limited");
    }

    async fn signing_in_is_limited_in_its_own_form(t: Test) {
        let nobody = copy(&t, 100, 2).await;
        let form = [("grant_type", "password"), ("username", "clerk@tan-long"), ("password", PASSWORD)];
        let answer = nobody.post_form("/auth/token", &form).await;
        answer.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""token";q=2;w=60"#));
        // Both endpoints draw from one bucket, and a bad request is a request.
        assert_eq!(nobody.post_form("/auth/revoke", &[]).await.expect(400)["error"], "invalid_request");
        for path in ["/auth/token", "/auth/revoke"] {
            let refused = nobody.post_form(path, &form).await;
            assert_eq!(refused.expect(429)["error"], json!("slow_down"), "{path}");
            assert!(refused.header("retry-after").is_some() && refused.header("ratelimit").is_some());
            assert_eq!(refused.header("cache-control"), Some("no-store"));
        }
    }

    async fn limits_can_be_turned_off(t: Test) {
        let nobody = copy(&t, 0, 0).await;
        for _ in 0..5 {
            let answer = nobody.get(LOOK_UP).await;
            answer.problem(404, "not_found");
            assert_eq!(answer.header("ratelimit"), None);
        }
    }

    async fn the_document_tells_of_limits(t: Test) {
        let document = t.anonymous().get("//api/openapi.json").await.expect(200);
        let look_up = &document["paths"]["/api/v1/public/dossiers/{code}"]["get"];
        assert!(look_up["x-problem-codes"].as_array().unwrap().contains(&json!("rate_limited")));
        for status in ["200", "404", "429"] {
            let headers = &look_up["responses"][status]["headers"];
            assert!(headers["RateLimit"].is_object() && headers["RateLimit-Policy"].is_object(), "{status}");
        }
        assert!(look_up["responses"]["429"]["headers"]["Retry-After"].is_object());
        let inner = &document["paths"]["/api/v1/me"]["get"]["responses"]["200"];
        assert!(inner["headers"]["RateLimit"].is_null());
    }
}
