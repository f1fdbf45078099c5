//! Daily anchors: one for each day, over what went on, and nothing of them can be changed or taken away unseen.

use std::{fs, path::Path, process::Command};

use motcua::{audit::Kept, cli::verify};
use serde_json::json;

use super::{anchor, lived};
use crate::support::{TAN_LONG, Test, address, all, birth, on_both_engines, text};

/// Three days with an anchor each: over two histories, one, and none.
async fn three_days(t: &Test) {
    let clerk = t.as_("clerk@tan-long").await;
    clerk.post("/dossiers", birth(TAN_LONG)).await.expect(201);
    lived(t).await;
    t.at("2019-03-05T08:00");
    assert_eq!(anchor(t), Some(("2019-03-04".to_owned(), 2)));
    lived(t).await;
    t.at("2019-03-06T08:00");
    assert_eq!(anchor(t), Some(("2019-03-05".to_owned(), 1)));
    t.at("2019-03-07T08:00");
    assert_eq!(anchor(t), Some(("2019-03-06".to_owned(), 0)));
}

/// The days that the API calls broken.
async fn broken(t: &Test) -> Vec<String> {
    let inspector = t.as_("inspector@thanh-binh").await;
    let report = inspector.get("/audit/verify").await.expect(200);
    let days = report["anchors"]["broken"].as_array().unwrap();
    days.iter().map(|day| day.as_str().unwrap().to_owned()).collect()
}

/// What a command of the program prints, and whether it succeeded.
fn command(t: &Test, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_motcua"))
        .args(arguments)
        .env("DATABASE_URL", t.url())
        .env("MOTCUA_KEYS", t.keys())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

fn kept(lines: &str) -> Vec<Kept> {
    lines.lines().map(|line| line.parse().unwrap()).collect()
}

on_both_engines! {
    async fn a_day_is_anchored_once_when_it_is_over(t: Test) {
        lived(&t).await;
        t.at("2019-03-05T00:09");
        assert_eq!(anchor(&t), None);
        t.at("2019-03-05T00:10");
        assert_eq!(anchor(&t), Some(("2019-03-04".to_owned(), 1)));
        assert_eq!(anchor(&t), None);
        t.at("2019-03-05T08:00");
        let again = lived(&t).await;
        assert_eq!(anchor(&t), None);
        // The server did not run for a while: what happened stands under the next one.
        t.at("2019-03-11T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let returned = json!({"action": "return_result", "by": "counter", "recipient": {"full_name": "H"}});
        clerk.act(&again, returned).await.expect(200);
        assert_eq!(anchor(&t), Some(("2019-03-10".to_owned(), 1)));
        t.at("2019-03-12T08:00");
        assert_eq!(anchor(&t), Some(("2019-03-11".to_owned(), 0)));
        let latest = t.as_("inspector@thanh-binh").await.get("/audit/verify").await.expect(200);
        assert_eq!(text(&latest, "/anchors/latest/day"), "2019-03-11");
        assert_eq!(latest["anchors"]["count"], 3);
    }

    async fn copies_make_one_together(t: Test) {
        lived(&t).await;
        t.at("2019-03-05T08:00");
        let made = all((0..4).map(|_| {
            let app = t.app();
            let clone = app.clone();
            async move {
                let make = move |conn: &mut motcua::db::Conn| {
                    let world = motcua::World::at(conn, &clone)?;
                    motcua::audit::anchor_ended_day(conn, &world)
                };
                app.db.write(make).await.unwrap()
            }
        }))
        .await;
        assert_eq!(made.iter().flatten().count(), 1);
        assert_eq!((t.count("anchors"), t.count("anchor_heads")), (1, 1));
    }

    async fn a_changed_anchor_shows(t: Test) {
        three_days(&t).await;
        assert_eq!((broken(&t).await, t.findings()), (vec![], vec![]));
        t.tamper("CREATE TABLE kept_anchors AS SELECT * FROM anchors; CREATE TABLE kept_heads AS SELECT * FROM anchor_heads");
        let day = "day = '2019-03-05'";
        for (change, shows_in_api) in [
            (format!("UPDATE anchors SET heads = heads + 1 WHERE {day}"), true),
            (format!("UPDATE anchors SET last_event_id = 0 WHERE {day}"), true),
            (format!("UPDATE anchors SET hash = heads_digest WHERE {day}"), true),
            (format!("DELETE FROM anchor_heads WHERE {day}; DELETE FROM anchors WHERE {day}"), true),
            (format!("DELETE FROM anchor_heads WHERE {day}"), false),
            (format!("UPDATE anchor_heads SET seq = 3 WHERE {day}"), false),
        ] {
            t.tamper(&change);
            assert_eq!(!broken(&t).await.is_empty(), shows_in_api, "{change}");
            let found = t.findings();
            assert!(found.iter().any(|it| it.starts_with("anchor of 2019-03-0")), "{change}: {found:?}");
            t.tamper("DELETE FROM anchor_heads; DELETE FROM anchors; \
                      INSERT INTO anchors SELECT * FROM kept_anchors; INSERT INTO anchor_heads SELECT * FROM kept_heads");
            assert_eq!((broken(&t).await, t.findings()), (vec![], vec![]), "{change}");
        }
        t.tamper("DROP TABLE kept_anchors; DROP TABLE kept_heads");
    }

    async fn what_was_kept_elsewhere_shows_what_was_taken_away(t: Test) {
        three_days(&t).await;
        let (succeeded, printed) = command(&t, &["anchors"]);
        assert!(succeeded);
        let lines = kept(&printed);
        assert_eq!(lines.iter().map(|line| (line.day.to_string(), line.heads)).collect::<Vec<_>>(), [
            ("2019-03-04".to_owned(), 2), ("2019-03-05".to_owned(), 1), ("2019-03-06".to_owned(), 0),
        ]);
        let found = |t: &Test| verify::report(&t.app(), &lines, |_| {}).unwrap().differences;
        assert_eq!(found(&t), Vec::<String>::new());
        let file = t.keys().join("anchors.txt");
        fs::write(&file, &printed).unwrap();
        let check = |file: &Path| command(&t, &["verify", "--anchors", file.to_str().unwrap()]);
        let (succeeded, told) = check(&file);
        assert!(succeeded && told.contains("everything agrees") && told.ends_with(", 3 anchors\n"), "{told}");

        // Everything of the last two days taken away, anchors and all: the database alone agrees with itself.
        t.tamper("DELETE FROM anchor_heads WHERE day > '2019-03-04'; DELETE FROM anchors WHERE day > '2019-03-04'");
        assert_eq!((broken(&t).await, t.findings()), (vec![], vec![]));
        assert_eq!(found(&t), [
            "anchor of 2019-03-05: it was kept elsewhere and is missing here",
            "anchor of 2019-03-06: it was kept elsewhere and is missing here",
        ]);
        // Made anew over something else, it is not the one that was kept.
        t.at("2019-03-06T09:00");
        assert_eq!(anchor(&t), Some(("2019-03-05".to_owned(), 1)));
        assert!(found(&t).contains(&"anchor of 2019-03-05: it is not the one that was kept elsewhere".to_owned()));
        let (succeeded, told) = check(&file);
        assert!(!succeeded && told.contains("kept elsewhere"), "{told}");
        fs::write(&file, "2019-03-04 two abc\n").unwrap();
        assert!(!check(&file).0);
    }

    async fn a_long_transaction_is_not_forgotten(t: Test) {
        lived(&t).await;
        t.at("2019-03-05T08:00");
        assert_eq!(anchor(&t), Some(("2019-03-04".to_owned(), 1)));
        t.at("2019-03-06T08:00");
        assert_eq!(anchor(&t), Some(("2019-03-05".to_owned(), 0)));
        // As if this one's events had got their keys before that anchor was made, and been committed after it.
        let late = lived(&t).await;
        t.tamper("UPDATE anchors SET last_event_id = last_event_id + 100 WHERE day = '2019-03-05'");
        t.at("2019-03-07T08:00");
        assert_eq!(anchor(&t), Some(("2019-03-06".to_owned(), 1)));
        let of = format!("dossier_id = (SELECT id FROM dossiers WHERE code = '{}')", address(&late));
        assert_eq!(t.count(&format!("anchor_heads WHERE {of}")), 1);
        t.tamper("UPDATE anchors SET last_event_id = last_event_id - 100 WHERE day = '2019-03-05'");
    }
}
