//! Rows changed behind the program's back: each kind is found, by `GET /audit/verify` and by `motcua verify`, and named.

use serde_json::{Value, json};

use super::{anchor, lived};
use crate::support::{DISTRICT, TAN_LONG, TAN_MY, Test, address, birth, on_both_engines, text};

/// Keeps everything that tests tamper with.
const KEEP: &str = "CREATE TABLE kept_events AS SELECT * FROM events; \
    CREATE TABLE kept_private AS SELECT * FROM event_private; \
    CREATE TABLE kept_dossiers AS SELECT id, status, head_hash, event_count FROM dossiers";

/// Makes everything as it was kept.
const BACK: &str = "DELETE FROM event_private; DELETE FROM events; \
    INSERT INTO events SELECT * FROM kept_events; INSERT INTO event_private SELECT * FROM kept_private; \
    UPDATE dossiers SET \
      status = (SELECT status FROM kept_dossiers WHERE kept_dossiers.id = dossiers.id), \
      head_hash = (SELECT head_hash FROM kept_dossiers WHERE kept_dossiers.id = dossiers.id), \
      event_count = (SELECT event_count FROM kept_dossiers WHERE kept_dossiers.id = dossiers.id)";

const FORGET: &str = "DROP TABLE kept_private; DROP TABLE kept_events; DROP TABLE kept_dossiers";

/// What the audit finds: dossier, event, fault.
async fn found(t: &Test, query: &str) -> Vec<(String, Option<i64>, String)> {
    let inspector = t.as_("inspector@thanh-binh").await;
    let report = inspector.get(&format!("/audit/verify?{query}")).await.expect(200);
    let items = report["items"].as_array().unwrap();
    items
        .iter()
        .map(|it| (text(it, "/dossier").to_owned(), it["seq"].as_i64(), text(it, "/fault").to_owned()))
        .collect()
}

on_both_engines! {
    async fn every_kind_is_named(t: Test) {
        let clean = lived(&t).await;
        let dossier = lived(&t).await;
        let (code, other) = (address(&dossier), address(&clean));
        let id = format!("(SELECT id FROM dossiers WHERE code = '{code}')");
        let event = |seq: i64| format!("(SELECT id FROM events WHERE dossier_id = {id} AND seq = {seq})");
        assert_eq!(found(&t, "").await, []);
        t.tamper(KEEP);
        let named = |seq: Option<i64>, fault: &str| (code.to_owned(), seq, fault.to_owned());
        let take_out = |seq: i64| {
            let event = event(seq);
            format!("DELETE FROM event_private WHERE event_id = {event}; DELETE FROM events WHERE id = {event}")
        };
        let cases: Vec<(&str, String, Vec<_>)> = vec![
            (
                "a line changed",
                format!("UPDATE events SET data = '{{\"to\":1}}' WHERE id = {}", event(2)),
                vec![named(Some(2), "hash_differs")],
            ),
            (
                "somebody else made to have done it",
                format!("UPDATE events SET actor_id = actor_id + 1 WHERE id = {}", event(3)),
                vec![named(Some(3), "hash_differs")],
            ),
            (
                "a line taken out",
                take_out(2),
                vec![
                    named(Some(3), "event_missing"), named(Some(3), "state_differs"), named(Some(3), "hash_differs"),
                    named(Some(4), "event_missing"), named(None, "count_differs"),
                ],
            ),
            (
                "two lines in another order",
                format!("UPDATE events SET seq = 9 WHERE id = {}; UPDATE events SET seq = 2 WHERE id = {}; \
                         UPDATE events SET seq = 3 WHERE dossier_id = {id} AND seq = 9", event(2), event(3)),
                vec![
                    named(Some(2), "state_differs"), named(Some(2), "hash_differs"),
                    named(Some(3), "state_differs"), named(Some(3), "hash_differs"),
                    named(Some(4), "hash_differs"),
                ],
            ),
            (
                "the end cut off",
                take_out(4),
                vec![named(None, "status_differs"), named(None, "head_differs"), named(None, "count_differs")],
            ),
            (
                "a personal part changed",
                format!("UPDATE event_private SET data = (SELECT data FROM event_private WHERE event_id = {}) \
                         WHERE event_id = {}", event(1), event(4)),
                vec![named(Some(4), "personal_part_differs")],
            ),
            (
                "the state changed",
                format!("UPDATE dossiers SET status = 'stopped' WHERE id = {id}"),
                vec![named(None, "status_differs")],
            ),
        ];
        for (what, change, wanted) in cases {
            t.tamper(&change);
            let told = found(&t, "").await;
            for one in &wanted {
                assert!(told.contains(one), "{what}: {one:?} is not in {told:?}");
            }
            assert!(told.iter().all(|(dossier, ..)| dossier != other), "{what}: {told:?}");
            assert_eq!(found(&t, &format!("dossier={code}")).await, told, "{what}");
            assert_eq!(found(&t, &format!("dossier={other}")).await, [], "{what}");
            let verified = t.findings();
            assert!(verified.iter().any(|finding| finding.starts_with(code)), "{what}: {verified:?}");
            assert!(!verified.iter().any(|finding| finding.contains(other)), "{what}: {verified:?}");
            t.tamper(BACK);
            assert_eq!(t.findings(), Vec::<String>::new(), "{what}");
        }
        // What is deleted after its retention breaks nothing.
        t.tamper("DELETE FROM event_private");
        assert_eq!(found(&t, "").await, []);
        assert_eq!(t.findings(), Vec::<String>::new());
        t.tamper(FORGET);
    }

    async fn an_end_cut_off_and_mended_is_known_to_the_anchor(t: Test) {
        let clean = lived(&t).await;
        let dossier = lived(&t).await;
        let code = address(&dossier);
        t.at("2019-03-05T08:00");
        assert_eq!(anchor(&t), Some(("2019-03-04".to_owned(), 2)));
        assert_eq!(found(&t, "").await, []);
        t.tamper(KEEP);
        let of = format!("dossier_id = (SELECT id FROM dossiers WHERE code = '{code}')");
        t.tamper(&format!(
            "DELETE FROM event_private WHERE event_id = (SELECT id FROM events WHERE {of} AND seq = 4); \
             DELETE FROM events WHERE {of} AND seq = 4; \
             UPDATE dossiers SET event_count = 3, status = 'processing', \
               head_hash = (SELECT hash FROM events WHERE {of} AND seq = 3) WHERE code = '{code}'"
        ));
        let named = (code.to_owned(), Some(4), "anchored_event_differs".to_owned());
        assert_eq!(found(&t, "").await, [named], "the chain alone does not know");
        let verified = t.findings();
        let wanted = format!("{code}, event 4: the anchor of 2019-03-04 knows it, and it is missing or another one");
        assert!(verified.contains(&wanted), "{verified:?}");
        assert!(!verified.iter().any(|finding| finding.contains(address(&clean))), "{verified:?}");
        t.tamper(BACK);
        t.tamper(FORGET);
        assert_eq!(found(&t, "").await, []);
    }

    async fn it_goes_through_all_dossiers_in_parts(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        for _ in 0..5 {
            clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        }
        let elsewhere = t.as_("clerk@tan-my").await.post("/dossiers", birth(TAN_MY)).await.expect(201);
        let inspector = t.as_("inspector@thanh-binh").await;
        let (mut dossiers, mut calls, mut cursor) = (0, 0, String::new());
        loop {
            let path = format!("/audit/verify?agency={TAN_LONG}&limit=2{cursor}");
            let report = inspector.get(&path).await.expect(200);
            assert_eq!(report["events"], report["dossiers"]);
            dossiers += report["dossiers"].as_i64().unwrap();
            calls += 1;
            match report["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((dossiers, calls), (5, 3));
        let all = inspector.get(&format!("/audit/verify?agency={DISTRICT}")).await.expect(200);
        assert_eq!((&all["dossiers"], &all["next_cursor"]), (&json!(6), &Value::Null));
        let one = inspector.get(&format!("/audit/verify?dossier={}", address(&elsewhere))).await.expect(200);
        assert_eq!(one["dossiers"], 1);
        assert_eq!(one["anchors"], json!({"count": 0, "broken": [], "latest": null}));
    }

    async fn bad_questions_are_refused(t: Test) {
        let inspector = t.as_("inspector@thanh-binh").await;
        inspector.get("/audit/verify?dossier=000.33.31.H20-190304-0001").await.problem(404, "not_found");
        inspector.get("/audit/verify?agency=000.00.00.H20").await.problem(403, "agency_out_of_reach");
        inspector.get("/audit/verify?cursor=abc").await.problem(422, "cursor_invalid");
        for (query, fault) in [
            ("agency=000.99.99.H99", "/query/agency unknown_agency"),
            ("limit=0", "/query/limit out_of_range"),
            ("limit=5001", "/query/limit out_of_range"),
            ("depth=2", "/query/depth unknown_field"),
        ] {
            assert_eq!(inspector.get(&format!("/audit/verify?{query}")).await.faults(), [fault], "{query}");
        }
        for other in ["leader@thanh-binh", "clerk@tan-long", "admin@dong-thap"] {
            t.as_(other).await.get("/audit/verify").await.problem(403, "forbidden");
        }
    }

    async fn words_come_in_both_languages(t: Test) {
        let dossier = lived(&t).await;
        let inspector = t.as_("inspector@thanh-binh").await;
        t.tamper("UPDATE dossiers SET event_count = 7");
        let path = format!("/audit/verify?dossier={}", address(&dossier));
        let vietnamese = inspector.get(&path).await.expect(200);
        assert_eq!(text(&vietnamese, "/items/0/detail"), "số sự kiện không đúng với số sự kiện đang có");
        let english = inspector.get(&path).header("Accept-Language", "en").await.expect(200);
        assert_eq!(text(&english, "/items/0/detail"), "it counts more or fewer events than it has");
        t.tamper("UPDATE dossiers SET event_count = 4");
    }
}
