//! The history: one event for each change, chained, and tampering that shows.

use serde_json::{Value, json};

use crate::support::{TAN_LONG, Test, address, birth, marital_status, on_both_engines};

async fn events(t: &Test, dossier: &Value) -> Vec<Value> {
    let clerk = t.as_("clerk@tan-long").await;
    let answer = clerk.get(&format!("/dossiers/{}/events", address(dossier))).await.expect(200);
    answer["items"].as_array().unwrap().clone()
}

/// A dossier with a history.
async fn lived(t: &Test) -> Value {
    let clerk = t.as_("clerk@tan-long").await;
    let officer = t.as_("officer@tan-long").await;
    let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
    officer
        .act(
            &dossier,
            json!([{"action": "start"}, {"action": "propose", "result": "refused", "reason": "Bí mật nhỏ"}]),
        )
        .await
        .expect(200);
    officer
        .act(&dossier, json!({"action": "resolve", "result": "refused", "reason": "Bí mật nhỏ"}))
        .await
        .expect(200);
    dossier
}

on_both_engines! {
    async fn every_change_is_an_event(t: Test) {
        let dossier = lived(&t).await;
        let events = events(&t, &dossier).await;
        let told: Vec<(i64, &str, &str)> = events
            .iter()
            .map(|event| (event["seq"].as_i64().unwrap(), event["action"].as_str().unwrap(), event["to"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [(1, "submit", "received"), (2, "start", "processing"), (3, "propose", "processing"), (4, "resolve", "resolved")]);
        assert_eq!((events[0]["from"].is_null(), events[1]["from"].as_str()), (true, Some("received")));
        assert_eq!(events[1]["actor"]["name"], "officer@tan-long");
        assert_eq!(events[1]["actor"]["agency"]["code"], TAN_LONG);
        let mut hashes: Vec<&str> = events.iter().map(|event| event["hash"].as_str().unwrap()).collect();
        assert!(hashes.iter().all(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())));
        hashes.dedup();
        assert_eq!(hashes.len(), 4);
        assert_eq!(events[3]["private"]["reason"], "Bí mật nhỏ");
    }

    async fn what_is_personal_lies_apart(t: Test) {
        let dossier = lived(&t).await;
        for event in events(&t, &dossier).await {
            let public = event["data"].to_string();
            assert!(!public.contains("Bí mật") && !public.contains("Hoa") && !public.contains("0871"), "{public}");
        }
        // Deleted after its retention, the chain still holds.
        t.tamper("DELETE FROM event_private");
        assert_eq!(events(&t, &dossier).await[3]["private"], Value::Null);
        assert_eq!(t.findings(), Vec::<String>::new());
    }

    async fn a_masked_reader_gets_no_reasons(t: Test) {
        let dossier = lived(&t).await;
        let inspector = t.as_("inspector@thanh-binh").await;
        let path = format!("/dossiers/{}/events", address(&dossier));
        let masked = inspector.get(&path).await.expect(200);
        assert!(masked["items"].as_array().unwrap().iter().all(|event| event["private"].is_null()));
        assert!(!inspector.get(&path).await.text.contains("Bí mật"));
        let reason = "Ki%E1%BB%83m%20tra%20theo%20k%E1%BA%BF%20ho%E1%BA%A1ch";
        let full = inspector.get(&path).header("X-Access-Reason", reason).await.expect(200);
        assert_eq!(full["items"][3]["private"]["reason"], "Bí mật nhỏ");
    }

    async fn a_changed_line_shows(t: Test) {
        let clean = lived(&t).await;
        let dossier = lived(&t).await;
        let code = address(&dossier).to_owned();
        let own = format!("dossier_id = (SELECT id FROM dossiers WHERE code = '{code}')");
        for (change, back) in [
            ("UPDATE events SET to_status = 'stopped' WHERE seq = 2 AND", "UPDATE events SET to_status = 'processing' WHERE seq = 2 AND"),
            ("UPDATE events SET seq = 9 WHERE seq = 4 AND", "UPDATE events SET seq = 4 WHERE seq = 9 AND"),
        ] {
            t.tamper(&format!("{change} {own}"));
            let found = t.findings();
            assert!(found.iter().any(|finding| finding.contains(&code)), "{change}: {found:?}");
            assert!(!found.iter().any(|finding| finding.contains(address(&clean))), "{found:?}");
            t.tamper(&format!("{back} {own}"));
            assert_eq!(t.findings(), Vec::<String>::new());
        }
        // The end cut off, with the row's counter adjusted: the head in the row is an HMAC.
        t.tamper(&format!("UPDATE dossiers SET event_count = 3 WHERE code = '{code}'"));
        assert!(t.findings().iter().any(|finding| finding.contains(&code)));
        t.tamper(&format!("UPDATE dossiers SET event_count = 4 WHERE code = '{code}'"));
    }

    async fn a_changed_state_shows(t: Test) {
        let dossier = lived(&t).await;
        let code = address(&dossier).to_owned();
        for (column, wrong, right) in
            [("status", "'stopped'", "'resolved'"), ("outcome", "'late'", "'early'"), ("result", "'granted'", "'refused'")]
        {
            t.tamper(&format!("UPDATE dossiers SET {column} = {wrong} WHERE code = '{code}'"));
            let found = t.findings();
            assert!(found.iter().any(|finding| finding.contains(&code)), "{column}: {found:?}");
            t.tamper(&format!("UPDATE dossiers SET {column} = {right} WHERE code = '{code}'"));
        }
    }

    async fn another_installations_key_does_not_fit(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(!t.findings_with(elsewhere.path().to_owned()).is_empty());
    }
}
