//! Personal data as it lies in the database: sealed, found again by its numbers, and sealed anew with another key.

use std::{fs, process::Command};

use motcua::{access::keys, cli::keys::reseal};
use serde_json::{Value, json};

use crate::support::{
    BIRTH, Engine, POST_TAN_LONG, TAN_LONG, Test, address, birth, intake, on_both_engines, with,
    within_seconds,
};

/// What must not be found in a row or a file: the applicant's numbers, and words of reasons and addresses.
const SECRETS: [&str; 5] = ["087190001234", "901234567", "Ấp Tân Hòa", "Bí mật nhỏ", "Người nhận hộ"];

/// Tables that hold something about a person.
const TABLES: [&str; 7] =
    ["dossiers", "events", "event_private", "handoff_lines", "handoffs", "idempotency", "readings"];

/// A dossier with a reason in its history, and a manifest with a recipient.
async fn lived(t: &Test) -> Value {
    let clerk = t.as_("clerk@tan-long").await;
    let dossier = clerk.post("/dossiers", birth(TAN_LONG)).key("once").await.expect(201);
    let actions = json!([
        {"action": "start"},
        {"action": "resolve", "result": "refused", "reason": "Bí mật nhỏ"},
    ]);
    t.as_("officer@tan-long").await.act(&dossier, actions).await.expect(200);
    let by_post = with(intake(BIRTH, TAN_LONG, &["TK", "GCS"]), json!({"return_by": "postal"}));
    let sent = clerk.post("/dossiers", by_post).await.expect(201);
    t.as_("officer@tan-long")
        .await
        .act(&sent, json!([{"action": "start"}, {"action": "resolve", "result": "granted"}]))
        .await
        .expect(200);
    let item = json!({
        "dossier": address(&sent), "tracking_code": "RR473124829VN",
        "recipient": {"full_name": "Người nhận hộ", "phone": "0901234567", "address": "Ấp Tân Hòa"},
    });
    let manifest =
        json!({"direction": "to_post", "office": POST_TAN_LONG, "agency": TAN_LONG, "items": [item]});
    clerk.post("/postal/handoffs", manifest).await.expect(201);
    dossier
}

on_both_engines! {
    async fn nothing_personal_lies_in_clear(t: Test) {
        lived(&t).await;
        match t.engine() {
            // All of the file and its log, so that no table can be forgotten.
            Engine::Sqlite => {
                let file = t.url().strip_prefix("sqlite:").unwrap().to_owned();
                for file in [file.clone(), format!("{file}-wal")] {
                    let bytes = fs::read(&file).unwrap_or_default();
                    for secret in SECRETS {
                        let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                        assert!(!is_there, "{secret} in {file}");
                    }
                }
            }
            Engine::Postgres => {
                for (table, secret) in TABLES.iter().flat_map(|table| SECRETS.map(|secret| (table, secret))) {
                    let rows = t.count(&format!("{table} AS it WHERE it::text LIKE '%{secret}%'"));
                    assert_eq!(rows, 0, "{secret} in {table}");
                }
            }
        }
        assert!(t.count("event_private") > 0 && t.count("handoff_lines WHERE recipient IS NOT NULL") > 0);
    }

    async fn a_new_key_seals_everything_anew(t: Test) {
        let dossier = lived(&t).await;
        let clerk = t.as_("clerk@tan-long").await;
        let path = format!("/dossiers/{}", address(&dossier));
        let (seen, history) = (clerk.get(&path).await, clerk.get(&format!("{path}/events")).await.expect(200));
        let number = json!({"identity_number": "087190001234"});
        let found = clerk.post("/dossiers/search", number.clone()).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 2);

        assert_eq!(keys::add_data_key(t.keys()).unwrap(), 1);
        // A process that starts now seals with it; what the running one wrote it seals anew.
        let app = t.app();
        let rows = reseal(&app, app.keys.vault()).unwrap();
        assert_eq!(rows, 2 + 3 + 1, "two dossiers, the personal parts of three events, a recipient");
        assert_eq!(reseal(&app, app.keys.vault()).unwrap(), 0, "once is enough");

        // The running server opens what another process sealed, and finds by both indexes as soon as it knows the key.
        let again = clerk.get(&path).await;
        assert_eq!((again.expect(200), again.etag()), (seen.expect(200), seen.etag()), "nothing that is read changed");
        assert_eq!(clerk.get(&format!("{path}/events")).await.expect(200), history);
        let finds = || async {
            let found = clerk.post("/dossiers/search", number.clone()).await.expect(200);
            found["items"].as_array().unwrap().len() == 2
        };
        assert!(within_seconds(10, finds).await);
        assert_eq!(t.findings(), Vec::<String>::new());
        nobody_else_opens(&t);
    }

    async fn the_command_does_it_all(t: Test) {
        let dossier = lived(&t).await;
        let output = Command::new(env!("CARGO_BIN_EXE_motcua"))
            .args(["keys", "rotate-data"])
            .env("DATABASE_URL", t.url())
            .env("MOTCUA_KEYS", t.keys())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && told.contains("sealed anew with data key 1"), "{told}");
        let clerk = t.as_("clerk@tan-long").await;
        assert_eq!(clerk.see(&dossier).await.expect(200)["applicant"]["phone"], "+84901234567");
        t.restart().await;
        let clerk = t.as_("clerk@tan-long").await;
        assert_eq!(clerk.see(&dossier).await.expect(200)["applicant"]["full_name"], "Nguyễn Thị Hoa");
    }

    async fn a_sealed_part_opens_in_no_other_row(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let mine = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let other = clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let content = |of: &Value| format!("(SELECT content FROM dossiers WHERE code = '{}')", address(of));
        t.tamper(&format!("CREATE TABLE kept AS SELECT {} AS content", content(&mine)));
        t.tamper(&format!(
            "UPDATE dossiers SET content = {} WHERE code = '{}'", content(&other), address(&mine)
        ));
        let answer = clerk.see(&mine).await;
        answer.problem(500, "internal_error");
        assert!(!answer.text.contains("Hoa"));
        clerk.see(&other).await.expect(200);
        t.tamper(&format!("UPDATE dossiers SET content = (SELECT content FROM kept) WHERE code = '{}'", address(&mine)));
        t.tamper("DROP TABLE kept");
        clerk.see(&mine).await.expect(200);
    }
}

/// With the keys of another installation nothing opens.
fn nobody_else_opens(t: &Test) {
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(!t.findings_with(elsewhere.path().to_owned()).is_empty());
}
