//! Agencies in the order of how well they kept to their time.

use serde_json::{Value, json};

use super::two_weeks;
use crate::support::{TAN_LONG, TAN_MY, birth, on_both_engines};

const MARCH: &str = "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20";

on_both_engines! {
    async fn places_ties_and_those_with_too_few(t: Test) {
        two_weeks(&t).await;
        // Tân Long resolved three, two of them in time. Tân Mỹ resolves one in time.
        let clerk = t.as_("clerk@tan-my").await;
        let born = clerk.post("/dossiers", birth(TAN_MY)).await.expect(201);
        t.as_("officer@tan-my").await.act(&born, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        let leader = t.as_("leader@thanh-binh").await;
        let places = |answer: &Value, part: &str| -> Vec<(String, Option<i64>, i64)> {
            let rows = answer[part].as_array().unwrap().iter();
            rows.map(|row| (row["agency"]["code"].as_str().unwrap().to_owned(), row["rank"].as_i64(), row["resolved"].as_i64().unwrap())).collect()
        };
        let answer = leader.get(&format!("/statistics/ranking?{MARCH}&minimum=1")).await.expect(200);
        assert_eq!(places(&answer, "items"), [(TAN_MY.to_owned(), Some(1), 1), (TAN_LONG.to_owned(), Some(2), 3)]);
        assert_eq!(answer["items"][1]["on_time_rate"], 0.6667);
        for row in answer["items"].as_array().unwrap() {
            for (path, figure) in [("resolved.total", "resolved"), ("resolved.timely", "timely"), ("resolved.late", "late")] {
                let link = row["links"][path].as_str().unwrap();
                let list = leader.get(&format!("{link}&count=true")).await.expect(200);
                assert_eq!(list["total"], row[figure], "{link}");
            }
        }
        let answer = leader.get(&format!("/statistics/ranking?{MARCH}&minimum=2")).await.expect(200);
        assert_eq!(places(&answer, "items"), [(TAN_LONG.to_owned(), Some(1), 3)]);
        assert!(places(&answer, "unranked").contains(&(TAN_MY.to_owned(), None, 1)));
        let answer = leader.get(&format!("/statistics/ranking?{MARCH}")).await.expect(200);
        assert_eq!((answer["minimum"].as_i64(), places(&answer, "items").len()), (Some(30), 0));
        let answer = leader.get(&format!("/statistics/ranking?{MARCH}&minimum=1&level=district")).await.expect(200);
        assert_eq!(places(&answer, "items"), []);
        // As it stood before the late one.
        let answer = leader.get(&format!("/statistics/ranking?{MARCH}&minimum=1&as_of=2019-03-07")).await.expect(200);
        assert_eq!(answer["items"][0]["on_time_rate"], 1.0);
        leader.get(&format!("/statistics/ranking?{MARCH}&minimum=0")).await.problem(422, "invalid_query");
        t.as_("clerk@tan-long").await.get(&format!("/statistics/ranking?{MARCH}")).await.problem(403, "forbidden");
    }

    async fn nobody_has_rated_yet(t: Test) {
        let leader = t.as_("leader@thanh-binh").await;
        let answer = leader.get(&format!("/statistics/satisfaction?{MARCH}")).await.expect(200);
        assert_eq!((&answer["ratings"], &answer["mean"], &answer["satisfied_rate"]), (&json!(0), &json!(null), &json!(null)));
        let neighbour = t.as_("leader@tan-my").await;
        neighbour.get(&format!("/statistics/satisfaction?{MARCH}")).await.problem(403, "agency_out_of_reach");
    }
}
