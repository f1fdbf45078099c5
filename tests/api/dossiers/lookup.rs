//! The public's look-up: by secret, and telling nothing to whoever has none.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::json;

use crate::support::{TAN_LONG, Test, address, marital_status, on_both_engines, text};

/// A look-up's whole answer, byte for byte but for the date; the order of headers, which is by chance, is the alphabet's.
fn raw(t: &Test, code: &str, secret: &str) -> String {
    let mut connection = TcpStream::connect(t.base().trim_start_matches("http://")).unwrap();
    let head = format!(
        "GET /api/v1/public/dossiers/{code} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: same\r\n\
         x-lookup-secret: {secret}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    let headers: BTreeSet<&str> = headers.lines().filter(|line| !line.starts_with("date:")).collect();
    format!("{status}\n{}\n\n{body}", Vec::from_iter(headers).join("\n"))
}

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

    async fn unknown_codes_and_wrong_secrets_are_the_same_to_the_byte(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let (known, secret) = (address(&dossier), text(&dossier, "/lookup_secret"));
        let unknown = format!("{TAN_LONG}-190304-0099");
        assert!(raw(&t, known, secret).starts_with("HTTP/1.1 200"));
        let expected = raw(&t, &unknown, "0000000000000000").replace(&unknown, known);
        assert!(expected.starts_with("HTTP/1.1 404"), "{expected}");
        let almost = format!("{}{}", &secret[..15], if secret.ends_with('0') { '1' } else { '0' });
        for (code, wrong) in [
            (known, "0000000000000000"),
            (known, almost.as_str()),
            (known, &secret[..15]),
            (known, ""),
            (known, "x"),
            (&unknown, secret),
            (&unknown, ""),
        ] {
            let answer = raw(&t, code, wrong).replace(&unknown, known);
            assert_eq!(answer, expected, "{code} with {wrong:?}");
        }
    }

    async fn a_secret_has_eighty_bits_and_is_no_others(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let mut secrets = BTreeSet::new();
        let mut letters = BTreeSet::new();
        for _ in 0..20 {
            let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
            let secret = text(&dossier, "/lookup_secret").to_owned();
            // 16 of 32 letters: 80 bits.
            assert!(secret.len() == 16 && secret.chars().all(|it| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(it)));
            letters.extend(secret.chars());
            secrets.insert(secret);
        }
        assert_eq!(secrets.len(), 20);
        assert!(letters.len() > 25, "320 letters leave hardly one of 32 out: {letters:?}");
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
