//! The log: one line for each request, and nothing in it that was confided to the server.

use serde_json::json;

use crate::support::{
    PASSWORD, TAN_LONG, address, birth, lines_since, marital_status, mark_log, on_both_engines, text, with,
};

on_both_engines! {
    async fn a_request_is_one_line_without_its_query(t: Test) {
        let begin = mark_log();
        let clerk = t.as_("clerk@tan-long").await;
        let id = format!("log-{:?}", t.engine());
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let path = format!("/dossiers/{}?", address(&dossier));
        clerk.get("/dossiers?q=Nguyễn Thị Hoa&limit=3").header("X-Request-Id", &id).await.expect(200);
        clerk.get(&path).header("X-Request-Id", &id).await.expect(200);
        let own: Vec<String> =
            lines_since(begin).into_iter().filter(|line| line.ends_with(&format!("request_id={id}"))).collect();
        let accesses: Vec<&String> = own.iter().filter(|line| line.contains(" motcua::access ")).collect();
        assert_eq!(accesses.len(), 2, "{own:?}");
        assert!(accesses[0].contains("GET /api/v1/dossiers 200 ms="), "{own:?}");
        assert!(accesses[1].contains("GET /api/v1/dossiers/{code} 200 ms="), "{own:?}");
        for hidden in ["?", "Hoa", "q=", text(&dossier, "/code")] {
            assert!(own.iter().all(|line| !line.contains(hidden)), "{hidden}: {own:?}");
        }
    }

    // Whatever a test sends or gets is looked for in the lines when it is over; this one sends much that goes wrong.
    async fn what_goes_wrong_is_logged_without_what_was_sent(t: Test) {
        let nobody = t.anonymous();
        let clerk = t.as_("clerk@tan-long").await;
        let form = |username: &str, password: &str| {
            nobody.post_form(
                "/auth/token",
                &[("grant_type", "password"), ("username", username), ("password", password)],
            )
        };
        form("clerk@tan-long", "my-old-password").await.expect(400);
        form("Nguyễn Văn Bí Mật", "my-other-password").await.expect(400);
        for token in ["a-token-that-nobody-gave-out", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJob2EifQ.", clerk.token()] {
            nobody.post_form("/auth/revoke", &[("token", token)]).await.expect(200);
            t.with_token(token).get("/me").await.problem(401, "invalid_token");
            let refresh = [("grant_type", "refresh_token"), ("refresh_token", token)];
            nobody.post_form("/auth/token", &refresh).await.expect(400);
        }
        nobody.get("/me").header("Authorization", "Basic Y2xlcms6bW90LW1hdC1raGF1").await.problem(401, "unauthenticated");
        let look_up = nobody.get("/public/dossiers/000.33.31.H20-190304-0001");
        look_up.header("X-Lookup-Secret", "7ZQ4M0T2K9XW5B1C").await.problem(404, "not_found");

        t.at("2019-03-04T10:00");
        let clerk = t.as_("clerk@tan-long").await;
        let wrong = json!({
            "applicant": {"kind": "person", "full_name": "Trần Thị Kín Đáo", "identity_number": "08719000123X",
                          "phone": "090-không-phải-số", "email": "kin.dao@@example.vn", "address": "Ấp không tên"},
            "note": "ghi chú riêng của người dân",
        });
        clerk.post("/dossiers", with(marital_status(TAN_LONG), wrong)).await.expect(422);
        let broken = r#"{"applicant": {"full_name": "Trần Thị Kín Đáo", "#.as_bytes().to_vec();
        clerk.call(reqwest::Method::POST, "/dossiers").raw("application/json", broken).await.problem(400, "bad_json");
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).key("a-key-nobody-else-knows").await.expect(201);
        clerk.post("/dossiers", marital_status(TAN_LONG)).key("a-key-nobody-else-knows").await.expect(201);
        let secret = text(&dossier, "/lookup_secret");
        nobody
            .get(&format!("/public/dossiers/{}", address(&dossier)))
            .header("X-Lookup-Secret", secret)
            .await
            .expect(200);
        clerk.get("/dossiers?colour=đỏ&q=Trần Thị Kín Đáo").await.problem(422, "invalid_query");
        clerk.post("/dossiers/search", json!({"q": "Nguyễn Thị Hoa"})).await.expect(200);
        let change = json!({"current_password": "not-my-password", "new_password": "another password of mine"});
        clerk.post("/me/password", change).await;
        let inspector = t.as_("inspector@thanh-binh").await;
        let reason = "ki%E1%BB%83m%20tra%20theo%20%C4%91%C6%A1n%20c%E1%BB%A7a%20c%C3%B4ng%20d%C3%A2n";
        inspector.see(&dossier).header("X-Access-Reason", reason).await.expect(200);
        assert!(PASSWORD.chars().count() >= 8, "everybody's password is looked for too");
    }
}
