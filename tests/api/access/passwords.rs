//! Changing one's password, and what guessing costs.

use serde_json::json;

use crate::support::{Answer, PASSWORD, Test, all, on_both_engines, text};

async fn try_it(t: &Test, username: &str, password: &str) -> Answer {
    let form = [("grant_type", "password"), ("username", username), ("password", password)];
    t.anonymous().post_form("/auth/token", &form).await
}

on_both_engines! {
    async fn a_person_changes_his_password(t: Test) {
        let tokens = try_it(&t, "clerk@tan-long", PASSWORD).await.expect(200);
        let other_device = try_it(&t, "clerk@tan-long", PASSWORD).await.expect(200);
        let clerk = t.with_token(text(&tokens, "/access_token"));
        let body = json!({"current_password": PASSWORD, "new_password": "con mèo trèo cây cau"});
        assert_eq!(clerk.post("/me/password", body).key("pw-1").await.status, 204);
        for tokens in [&tokens, &other_device] {
            t.with_token(text(tokens, "/access_token")).get("/me").await.problem(401, "invalid_token");
            let form = [("grant_type", "refresh_token"), ("refresh_token", text(tokens, "/refresh_token"))];
            t.anonymous().post_form("/auth/token", &form).await.expect(400);
        }
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(400);
        try_it(&t, "clerk@tan-long", "con mèo trèo cây cau").await.expect(200);
    }

    async fn a_new_password_must_be_good(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let change = |current: &str, new: &str| {
            clerk.post("/me/password", json!({"current_password": current, "new_password": new}))
        };
        assert_eq!(change(PASSWORD, "ngắn quá").await.faults(), ["/new_password too_short"]);
        assert_eq!(change(PASSWORD, &"dài ".repeat(40)).await.faults(), ["/new_password too_long"]);
        for weak in ["matkhau123456", "P@ssw0rd2019", "087190001234", "clerk@tan-long 9", PASSWORD] {
            let answer = change(PASSWORD, weak).await;
            assert_eq!(answer.faults(), ["/new_password weak_password"], "{weak}");
            assert!(!answer.text.contains(weak), "{answer:?}");
        }
        assert_eq!(
            change("not mine at all", "matkhau123456").await.faults(),
            ["/current_password wrong_password", "/new_password weak_password"]
        );
        let faults = clerk.post("/me/password", json!({"password": "x"})).await.faults();
        assert_eq!(
            faults,
            ["/current_password required", "/new_password required", "/password unknown_field"]
        );
        clerk.get("/me").await.expect(200);
        let machine = t.as_client().await;
        let body = json!({"current_password": PASSWORD, "new_password": "con mèo trèo cây cau"});
        machine.post("/me/password", body).await.problem(403, "wrong_role");
    }

    async fn guesses_wait_longer_and_longer(t: Test) {
        for _ in 0..5 {
            assert_eq!(try_it(&t, "clerk@tan-long", "wrong").await.expect(400)["error"], "invalid_grant");
        }
        let too_early = try_it(&t, "clerk@tan-long", "wrong").await;
        assert_eq!(too_early.expect(429)["error"], "slow_down");
        assert_eq!(too_early.header("retry-after"), Some("1"));
        // The right one has to wait as well, or a guess would be told by its answer. Others do not.
        try_it(&t, "CLERK@tan-long", PASSWORD).await.expect(429);
        try_it(&t, "officer@tan-long", PASSWORD).await.expect(200);
        t.at("2019-03-04T08:00:01");
        try_it(&t, "clerk@tan-long", "wrong").await.expect(400);
        let next = try_it(&t, "clerk@tan-long", "wrong").await;
        next.expect(429);
        assert_eq!(next.header("retry-after"), Some("2"));
        // Another copy knows it, and so does a restarted one.
        t.restart().await;
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(429);
        t.at("2019-03-04T08:00:03");
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(200);
        // Success begins anew.
        for _ in 0..4 {
            try_it(&t, "clerk@tan-long", "wrong").await.expect(400);
        }
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(200);
    }

    async fn names_that_do_not_exist_wait_as_well(t: Test) {
        for _ in 0..5 {
            let (known, unknown) = (try_it(&t, "clerk@tan-long", "wrong"), try_it(&t, "nobody@here", "wrong"));
            assert_eq!(known.await.expect(400), unknown.await.expect(400));
        }
        let (known, unknown) = (try_it(&t, "clerk@tan-long", "wrong").await, try_it(&t, "nobody@here", "wrong").await);
        assert_eq!(known.expect(429), unknown.expect(429));
        assert_eq!(known.header("retry-after"), unknown.header("retry-after"));
    }

    async fn many_guesses_at_once_gain_nothing(t: Test) {
        let answers = all((0..20).map(|_| try_it(&t, "clerk@tan-long", "wrong"))).await;
        let looked_at = answers.iter().filter(|answer| answer.status == 400).count();
        assert!(answers.iter().all(|answer| [400, 429].contains(&answer.status)), "{answers:?}");
        assert!(looked_at <= 5, "{looked_at} of 20 were compared");
    }

    async fn a_clock_that_goes_back_holds_nobody_up(t: Test) {
        try_it(&t, "clerk@tan-long", "wrong").await.expect(400);
        t.at("2019-03-04T07:59");
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(200);
        for _ in 0..5 {
            try_it(&t, "clerk@tan-long", "wrong").await.expect(400);
        }
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(429);
        t.at("2019-03-04T07:00");
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(200);
    }

    async fn an_address_waits_too_and_machines_do(t: Test) {
        for n in 0..51 {
            try_it(&t, &format!("nobody-{n}"), "wrong").await.expect(400);
        }
        let refused = try_it(&t, "clerk@tan-long", PASSWORD).await;
        refused.expect(429);
        t.at("2019-03-04T08:00:01");
        try_it(&t, "clerk@tan-long", PASSWORD).await.expect(200);
        t.at("2019-03-04T10:00");
        let machine = |secret: &'static str| {
            let form = [("grant_type", "client_credentials"), ("client_id", "province"), ("client_secret", secret)];
            t.anonymous().post_form("/auth/token", &form)
        };
        for _ in 0..5 {
            machine("wrong").await.expect(401);
        }
        assert_eq!(machine(PASSWORD).await.expect(429)["error"], "slow_down");
    }

    async fn callers_behind_a_trusted_proxy_are_told_apart(t: Test) {
        let (copy, handle) = t
            .another_copy_with(|config| {
                config.trusted_proxies = motcua::http::TrustedProxies(vec!["127.0.0.0/8".parse().unwrap()]);
            })
            .await;
        let nobody = t.anonymous();
        let from = |base: &str, address: &str, username: &str, password: &str| {
            let form = [("grant_type", "password"), ("username", username), ("password", password)];
            nobody.at(base).post_form("/auth/token", &form).header("X-Forwarded-For", address)
        };
        for n in 0..51 {
            from(&copy, "198.51.100.7", &format!("nobody-{n}"), "wrong").await.expect(400);
        }
        // What the caller wrote himself stands to the left and counts for nothing.
        from(&copy, "192.0.2.1, 198.51.100.7", "clerk@tan-long", PASSWORD).await.expect(429);
        from(&copy, "192.0.2.1", "clerk@tan-long", PASSWORD).await.expect(200);
        // This copy trusts nobody: the connection's address has not failed yet, whatever the header says.
        from(&t.base(), "198.51.100.7", "clerk@tan-long", PASSWORD).await.expect(200);
        handle.stop(true).await;
    }

    async fn the_current_password_cannot_be_guessed_with_a_stolen_token(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let guess = || clerk.post("/me/password", json!({"current_password": "?", "new_password": "con mèo trèo cây cau"}));
        for _ in 0..5 {
            assert_eq!(guess().await.faults(), ["/current_password wrong_password"]);
        }
        let refused = guess().await;
        refused.problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
}
