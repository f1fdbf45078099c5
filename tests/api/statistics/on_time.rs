//! The report on time after known histories.

use serde_json::json;

use super::{figure, prove, report, two_weeks};
use crate::support::{BIRTH, DISTRICT, TAN_LONG, TAN_MY, birth, marital_status, on_both_engines};

const MARCH: &str = "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20";

on_both_engines! {
    async fn every_figure_of_two_weeks(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let answer = report(&leader, MARCH).await;
        let total = &answer["total"];
        prove(total);
        for (path, expected) in [
            ("carried_over", 0),
            ("received.total", 10),
            ("received.counter", 8),
            ("received.online", 1),
            ("received.at_home", 1),
            ("received.postal", 0),
            ("moved", 0),
            ("resolved.total", 3),
            ("resolved.early", 1),
            ("resolved.on_time", 1),
            ("resolved.late", 1),
            ("withdrawn", 1),
            ("stopped", 1),
            ("pending.total", 5),
            ("pending.paused", 1),
            ("pending.overdue", 4),
            ("pending.in_time", 1),
            ("submissions.total", 3),
            ("submissions.declined", 1),
            ("submissions.waiting", 1),
            ("submissions.waiting_late", 1),
        ] {
            assert_eq!(figure(total, path), expected, "{path}");
        }
        assert_eq!(total["on_time_rate"], 0.6667);
        assert_eq!(total["group"], json!({}));
    }

    async fn every_grouping_adds_up(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let whole = report(&leader, MARCH).await["total"].clone();
        for groups in [
            "agency",
            "level",
            "field",
            "procedure",
            "channel",
            "month",
            "day",
            "agency,procedure",
            "level,channel",
            "month,level",
        ] {
            let answer = report(&leader, &format!("{MARCH}&group_by={groups}")).await;
            let rows = answer["items"].as_array().unwrap();
            assert!(!rows.is_empty(), "{groups}");
            for row in rows {
                prove(row);
                assert_eq!(row["group"].as_object().unwrap().len(), groups.split(',').count(), "{groups}");
                assert!(
                    row["names"]
                        .as_object()
                        .unwrap()
                        .values()
                        .all(|name| name.as_str().is_some_and(|it| !it.is_empty())),
                    "{row:#}"
                );
            }
            for path in [
                "received.total",
                "resolved.total",
                "resolved.late",
                "withdrawn",
                "stopped",
                "submissions.total",
            ] {
                let sum: i64 = rows.iter().map(|row| figure(row, path)).sum();
                assert_eq!(sum, figure(&whole, path), "{groups}: {path}");
            }
            assert_eq!(rows.iter().map(|row| figure(row, "moved")).sum::<i64>(), 0);
            assert_eq!(answer["total"]["received"], whole["received"]);
        }
        let by_level = report(&leader, &format!("{MARCH}&group_by=level")).await;
        let levels: Vec<&str> = by_level["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["group"]["level"].as_str().unwrap())
            .collect();
        assert!(
            levels.contains(&"commune") && levels.contains(&"district") && !levels.contains(&"province"),
            "{levels:?}"
        );
    }

    async fn periods_join_without_gap_or_overlap(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let first =
            report(&leader, "from=2019-03-01&to=2019-03-07&agency=000.00.31.H20").await["total"].clone();
        let second =
            report(&leader, "from=2019-03-07&to=2019-04-01&agency=000.00.31.H20").await["total"].clone();
        prove(&first);
        prove(&second);
        assert_eq!(figure(&first, "pending.total"), figure(&second, "carried_over"));
        assert_eq!(figure(&first, "received.total"), 10);
        assert_eq!(figure(&first, "resolved.total") + figure(&second, "resolved.total"), 3);
        let nothing =
            report(&leader, "from=2019-01-01&to=2019-02-01&agency=000.00.31.H20").await["total"].clone();
        assert_eq!((figure(&nothing, "pending.total"), nothing["on_time_rate"].is_null()), (0, true));
    }

    async fn a_day_ends_with_its_overdue_ones(t: Test) {
        t.at("2019-03-04T08:00");
        t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let overdue = |answer: &serde_json::Value| figure(&answer["total"], "pending.overdue");
        // Due at five: not overdue at nine, at five exactly, but after it.
        for (now, expected) in [
            ("2019-03-04T09:00", 0),
            ("2019-03-04T17:00", 0),
            ("2019-03-04T17:00:01", 1),
            ("2019-03-05T07:00", 1),
        ] {
            t.at(now);
            let leader = t.as_("leader@tan-long").await;
            assert_eq!(
                overdue(&report(&leader, &format!("from=2019-03-01&to=2019-04-01&agency={TAN_LONG}")).await),
                expected,
                "{now}"
            );
        }
    }

    async fn as_of_a_day_that_is_over(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let then = report(&leader, &format!("{MARCH}&as_of=2019-03-06")).await;
        assert_eq!(
            (
                figure(&then["total"], "resolved.total"),
                figure(&then["total"], "withdrawn"),
                figure(&then["total"], "pending.total")
            ),
            (1, 1, 8)
        );
        let before = report(&leader, &format!("{MARCH}&as_of=2019-03-01")).await;
        assert_eq!(figure(&before["total"], "received.total"), 0);
    }

    async fn figures_are_booked_on_the_day_of_recording(t: Test) {
        t.at("2019-04-02T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let late = crate::support::with(
            marital_status(TAN_LONG),
            json!({"received_at": "2019-03-29T09:00:00+07:00", "late_entry_reason": "Mất điện"}),
        );
        clerk.post("/dossiers", late).await.expect(201);
        let leader = t.as_("leader@thanh-binh").await;
        assert_eq!(
            figure(&report(&leader, MARCH).await["total"], "received.total"),
            0,
            "a closed month does not change"
        );
        assert_eq!(
            figure(
                &report(&leader, "from=2019-04-01&to=2019-05-01&agency=000.00.31.H20").await["total"],
                "received.total"
            ),
            1
        );
    }

    async fn corrections_move_figures(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-05T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let correct = json!({"action": "correct", "reason": "Nhầm thủ tục", "procedure": BIRTH, "channel": "at_home", "components": [{"code": "TK", "originals": 1}, {"code": "GCS", "originals": 1}]});
        clerk.act(&dossier, correct).await.expect(200);
        let leader = t.as_("leader@tan-long").await;
        let rows = report(&leader, "from=2019-03-01&to=2019-04-01&group_by=procedure,channel").await;
        let moved: Vec<(String, i64)> = rows["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["group"]["procedure"].as_str().unwrap().to_owned(), figure(row, "moved")))
            .collect();
        assert!(
            moved.contains(&(BIRTH.to_owned(), 1)) && moved.contains(&("1.004873".to_owned(), -1)),
            "{moved:?}"
        );
        for row in rows["items"].as_array().unwrap() {
            prove(row);
        }
        let day = report(&leader, "from=2019-03-05&to=2019-03-06&group_by=procedure").await;
        assert_eq!(figure(&day["total"], "moved"), 0);
    }

    async fn whose_figures_one_may_see(t: Test) {
        two_weeks(&t).await;
        let ask = |agency: &str| format!("/statistics/on-time?from=2019-03-01&to=2019-04-01&agency={agency}");
        t.as_("leader@tan-long").await.get(&ask(TAN_LONG)).await.expect(200);
        t.as_("leader@tan-long").await.get(&ask(TAN_MY)).await.problem(403, "agency_out_of_reach");
        t.as_("leader@tan-long").await.get(&ask(DISTRICT)).await.problem(403, "agency_out_of_reach");
        t.as_("clerk@tan-long").await.get(&ask(TAN_LONG)).await.expect(200);
        t.as_("clerk@thanh-binh").await.get(&ask(TAN_LONG)).await.problem(403, "agency_out_of_reach");
        let own = t.as_("clerk@thanh-binh").await.get(&ask(DISTRICT)).await.expect(200);
        assert_eq!(figure(&own["total"], "received.total"), 1, "a clerk's own agency alone");
        t.as_("inspector@thanh-binh").await.get(&ask(TAN_MY)).await.expect(200);
        t.as_client_with("statistics:read").await.get(&ask("000.00.00.H20")).await.expect(200);
        for nobody in ["officer@tan-long", "admin@thanh-binh", "post_clerk@buu-dien-tan-long"] {
            t.as_(nobody).await.get(&ask(TAN_LONG)).await.problem(403, "forbidden");
        }
        let district = t.as_("leader@thanh-binh").await;
        let own = report(&district, "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20&own=true").await;
        assert_eq!(figure(&own["total"], "received.total"), 1);
    }

    async fn questions_that_are_none(t: Test) {
        let leader = t.as_("leader@thanh-binh").await;
        for (query, pointer) in [
            ("to=2019-04-01", "/query/from"),
            ("from=2019-03-01", "/query/to"),
            ("from=2019-04-01&to=2019-03-01", "/query/to"),
            ("from=2019-03-01&to=2019-03-01", "/query/to"),
            ("from=2019-02-30&to=2019-03-01", "/query/from"),
            ("from=2019-03-01&to=2019-04-01&group_by=colour", "/query/group_by"),
            ("from=2019-03-01&to=2019-04-01&group_by=agency,level,day", "/query/group_by"),
            ("from=2019-03-01&to=2019-04-01&agency=000.99.99.H99", "/query/agency"),
            ("from=2019-03-01&to=2019-04-01&as_of=sometime", "/query/as_of"),
            ("from=2019-03-01&to=2019-04-01&units=gone", "/query/units"),
        ] {
            let answer = leader.get(&format!("/statistics/on-time?{query}")).await;
            answer.problem(422, "invalid_query");
            assert!(answer.faults().iter().any(|fault| fault.starts_with(pointer)), "{query}: {answer:?}");
        }
    }
}
