//! A request that is sent again has its effect once and gets the first answer again.

use serde_json::json;

use crate::support::{Engine, TAN_LONG, TAN_MY, all, birth, on_both_engines, with};

on_both_engines! {
    async fn the_first_answer_comes_again(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let first = clerk.post("/dossiers", birth(TAN_LONG)).key("desk-1").await;
        first.expect(201);
        assert_eq!(first.header("idempotency-replayed"), None);
        t.at("2019-03-04T09:15");
        let clerk = t.as_("clerk@tan-long").await;
        let again = clerk.post("/dossiers", birth(TAN_LONG)).key("desk-1").await;
        assert_eq!(again.expect(201), first.json(), "the secret of the look-up as well");
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("etag"), first.header("etag"));
        assert_eq!(t.count("dossiers"), 1);
    }

    async fn a_restart_forgets_nothing(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let first = clerk.post("/dossiers", birth(TAN_LONG)).key("desk-1").await.expect(201);
        t.restart().await;
        let again = t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).key("desk-1").await;
        assert_eq!(again.expect(201), first);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
    }

    async fn another_body_is_refused(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", birth(TAN_LONG)).key("desk-1").await.expect(201);
        let other = with(birth(TAN_LONG), json!({"note": "khác"}));
        clerk.post("/dossiers", other).key("desk-1").await.problem(422, "idempotency_key_reused");
        assert_eq!(t.count("dossiers"), 1);
    }

    async fn keys_belong_to_their_caller(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", birth(TAN_LONG)).key("1").await.expect(201);
        let neighbour = t.as_("clerk@tan-my").await;
        let answer = neighbour.post("/dossiers", birth(TAN_MY)).key("1").await;
        answer.expect(201);
        assert_eq!(answer.header("idempotency-replayed"), None);
    }

    async fn a_refusal_is_not_kept(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let resolve =
            json!({"action": "return_result", "by": "counter", "recipient": {"full_name": "Nguyễn Thị Hoa"}});
        clerk.act(&dossier, resolve.clone()).key("r").await.problem(409, "transition_not_allowed");
        let officer = t.as_("officer@tan-long").await;
        officer
            .act(&dossier, json!([{"action": "start"}, {"action": "resolve", "result": "granted"}]))
            .await
            .expect(200);
        clerk.act(&dossier, resolve).key("r").await.expect(200);
    }

    async fn a_replay_comes_before_if_match(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let officer = t.as_("officer@tan-long").await;
        let made = clerk.post("/dossiers", birth(TAN_LONG)).await;
        let (dossier, etag) = (made.expect(201), made.etag());
        let start = json!({"action": "start"});
        let first = officer.act(&dossier, start.clone()).key("s").if_match(&etag).await.expect(200);
        let again = officer.act(&dossier, start).key("s").if_match(&etag).await;
        assert_eq!(again.expect(200), first);
    }

    async fn twins_that_come_together_have_one_effect(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let answers =
            all((0..8).map(|_| async { clerk.post("/dossiers", birth(TAN_LONG)).key("twin").await })).await;
        let codes: Vec<_> = answers.iter().map(|answer| answer.expect(201)["code"].clone()).collect();
        assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
        assert_eq!(
            answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count(),
            1
        );
        assert_eq!(t.count("dossiers"), 1);
        // And the next number is the next number.
        let next = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        assert!(next["code"].as_str().unwrap().ends_with("-0002"), "{next}");
    }

    async fn keys_that_are_none_are_refused(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for key in ["", &"x".repeat(256)] {
            clerk.post("/dossiers", birth(TAN_LONG)).key(key).await.problem(400, "invalid_idempotency_key");
        }
        assert_eq!(t.count("dossiers"), 0);
    }

    async fn what_is_kept_cannot_be_read_in_the_database(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", birth(TAN_LONG)).key("open-sesame").await.expect(201);
        assert_eq!(t.count("idempotency WHERE key_hash LIKE '%sesame%'"), 0);
        let plain = match t.engine() {
            Engine::Sqlite => "idempotency WHERE instr(answer, CAST('lookup_secret' AS BLOB)) > 0",
            Engine::Postgres => "idempotency WHERE position('lookup_secret'::bytea in answer) > 0",
        };
        assert_eq!(t.count(plain), 0);
    }

    async fn after_a_day_a_key_is_free_again(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let first = clerk.post("/dossiers", birth(TAN_LONG)).key("daily").await.expect(201);
        t.at("2019-03-06T08:00");
        let next =
            t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).key("daily").await.expect(201);
        assert_ne!(first["code"], next["code"]);
    }
}
