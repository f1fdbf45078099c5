//! The public's look-up: by secret, and telling nothing to whoever has none.

use serde_json::json;

use crate::support::{TAN_LONG, address, marital_status, on_both_engines, text};

on_both_engines! {
    async fn the_applicant_follows_his_dossier(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let secret = text(&dossier, "/lookup_secret");
        let nobody = t.anonymous();
        let path = format!("/public/dossiers/{}", address(&dossier));
        let seen = nobody.get(&path).header("X-Lookup-Secret", secret).await;
        let progress = seen.expect(200);
        assert_eq!(
            (progress["status"].as_str(), progress["due_at"].as_str()),
            (Some("received"), dossier["due_at"].as_str())
        );
        assert_eq!(progress["holder"]["code"], TAN_LONG);
        for personal in ["Hoa", "087190001234", "901234567", "Ấp"] {
            assert!(!seen.text.contains(personal), "{personal}");
        }
        assert!(seen.header("cache-control").unwrap().contains("no-store"));
        // Case does not matter, and neither does how letters that look alike are typed (Crockford).
        nobody.get(&path).header("X-Lookup-Secret", &secret.to_lowercase()).await.expect(200);
        t.as_("officer@tan-long")
            .await
            .act(&dossier, json!([{"action": "start"}, {"action": "resolve", "result": "granted"}]))
            .await
            .expect(200);
        let done = nobody.get(&path).header("X-Lookup-Secret", secret).await.expect(200);
        assert_eq!((done["status"].as_str(), done["outcome"].as_str()), (Some("resolved"), Some("early")));
    }

    async fn unknown_codes_and_wrong_secrets_look_the_same(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let nobody = t.anonymous();
        let look = |code: &str, secret: &str| {
            nobody.get(&format!("/public/dossiers/{code}")).header("X-Lookup-Secret", secret)
        };
        let mut wrong = look(address(&dossier), "0000000000000000").await.problem(404, "not_found");
        let mut unknown =
            look(&format!("{TAN_LONG}-190304-0099"), "0000000000000000").await.problem(404, "not_found");
        for problem in [&mut wrong, &mut unknown] {
            problem["instance"] = json!(null);
            problem["request_id"] = json!(null);
        }
        assert_eq!(wrong, unknown);
        let without = nobody.get(&format!("/public/dossiers/{}", address(&dossier))).await;
        assert!(without.is_one_of(&[404, 422]), "{without:?}");
    }

    async fn the_secret_is_not_in_the_database(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let secret = text(&dossier, "/lookup_secret");
        for table in [
            "dossiers WHERE lookup_hash",
            "events WHERE data",
            "event_private WHERE data",
            "dossiers WHERE content",
        ] {
            assert_eq!(t.count(&format!("{table} LIKE '%{secret}%'")), 0, "{table}");
        }
    }
}
