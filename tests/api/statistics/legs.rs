//! What agencies used for their steps, and who used up the time of what came late.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use serde_json::{Value, json};

use super::figure;
use crate::support::{Client, DISTRICT, Test, address, business, on_both_engines};

const MARCH: &str = "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20";

/// Business, sent to the finance department at eight on the fourth; there until `finance`, at the tax office until `tax`.
async fn through_two_agencies(t: &Test, finance: &str, tax: &str) -> Value {
    t.at("2019-03-04T08:00");
    let clerk = t.as_("clerk@thanh-binh").await;
    let dossier = clerk.post("/dossiers", business()).await.expect(201);
    clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
    t.as_("officer@tckh").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
    t.at(finance);
    t.as_("officer@tckh").await.act(&dossier, json!({"action": "forward"})).await.expect(200);
    t.as_("officer@thue").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
    t.at(tax);
    let leader = t.as_("leader@thanh-binh").await;
    leader.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200)
}

/// The legs of a dossier as its own page tells them, by key: used, balance.
async fn told(caller: &Client, dossier: &Value) -> Vec<(String, i64, i64)> {
    let legs = caller.get(&format!("/dossiers/{}/legs", address(dossier))).await.expect(200);
    let legs = legs["items"].as_array().unwrap().clone();
    let number = |leg: &Value, name: &str| leg[name].as_i64().unwrap();
    legs.iter()
        .map(|leg| (leg["key"].as_str().unwrap().to_owned(), number(leg, "used"), number(leg, "balance")))
        .collect()
}

/// Asks for the report, and that each of its links lists exactly what its figure counts.
async fn proved(caller: &Client, query: &str) -> Value {
    let answer = caller.get(&format!("/statistics/legs?{query}")).await.expect(200);
    let late = &answer["late"];
    let rows =
        answer["items"].as_array().unwrap().iter().chain(late["items"].as_array().unwrap()).chain([late]);
    for row in rows {
        for (path, link) in row["links"].as_object().unwrap() {
            let link = link.as_str().unwrap();
            let list = caller.get(&format!("{link}&count=true&limit=1")).await.expect(200);
            assert_eq!(list["total"].as_i64(), Some(figure(row, path)), "{path} of {row:#} by {link}");
        }
    }
    answer
}

on_both_engines! {
    async fn steps_are_summed_by_agency(t: Test) {
        let ends = [
            ("2019-03-04T16:00", "2019-03-05T09:00"),
            ("2019-03-05T09:00", "2019-03-05T16:00"),
            ("2019-03-08T10:00", "2019-03-08T15:00"),
        ];
        let mut dossiers = Vec::new();
        for (finance, tax) in ends {
            dossiers.push(through_two_agencies(&t, finance, tax).await);
        }
        t.at("2019-03-20T08:00");
        let leader = t.as_("leader@thanh-binh").await;
        let answer = proved(&leader, MARCH).await;
        let finance = answer["items"].as_array().unwrap().iter().find(|row| row["key"] == "tckh").unwrap();
        let mut legs = Vec::new();
        for dossier in &dossiers {
            let clerk = t.as_("clerk@thanh-binh").await;
            legs.push(told(&clerk, dossier).await.into_iter().find(|leg| leg.0 == "tckh").unwrap());
        }
        let mut used: Vec<i64> = legs.iter().map(|leg| leg.1).collect();
        used.sort_unstable();
        assert_eq!(finance["legs"], 3);
        assert_eq!(finance["used"], json!({"total": used.iter().sum::<i64>(), "median": used[1], "ninth_decile": used[2]}));
        let over: Vec<i64> = legs.iter().map(|leg| leg.2).filter(|balance| *balance < 0).collect();
        assert_eq!(over.len(), 1);
        assert_eq!(finance["overran"], json!({"legs": 1, "excess": -over[0]}));
        // Without a pause the share is what was used and what was left, as far as both were counted from one moment.
        let share: i64 = legs.iter().map(|leg| leg.1 + leg.2).sum();
        assert_eq!((finance["share"]["legs"].as_i64(), finance["share"]["used"].as_i64()), (Some(3), Some(used.iter().sum())));
        assert_eq!(finance["share"]["total"].as_i64(), Some(share), "{finance:#}");

        // The third was due on the seventh: late, and the finance department had it too long.
        let late = &answer["late"];
        assert_eq!((late["dossiers"].as_i64(), late["unattributed"].as_i64()), (Some(1), Some(0)), "{late:#}");
        let list = leader.get(&format!("{}&count=true", late["links"]["dossiers"].as_str().unwrap())).await.expect(200);
        assert_eq!((list["total"].as_i64(), &list["items"][0]["code"]), (Some(1), &dossiers[2]["code"]));
        let blamed: Vec<_> = late["items"].as_array().unwrap().iter().map(|it| (it["key"].as_str().unwrap(), it["dossiers"].as_i64().unwrap(), it["excess"].as_i64().unwrap())).collect();
        assert!(blamed.contains(&("tckh", 1, -over[0])), "{late:#}");
    }

    async fn what_was_lost_at_the_desk_is_nobodys_leg(t: Test) {
        t.at("2019-03-04T08:00");
        let clerk = t.as_("clerk@thanh-binh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        // It lay at the desk until it was late, and was then done at once.
        t.at("2019-03-11T08:00");
        t.as_("clerk@thanh-binh").await.act(&dossier, json!({"action": "forward"})).await.expect(200);
        t.as_("officer@tckh").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        t.at("2019-03-11T09:00");
        t.as_("leader@thanh-binh").await.act(&dossier, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        let answer = proved(&t.as_("leader@thanh-binh").await, MARCH).await;
        assert_eq!(answer["late"]["dossiers"], 1);
        assert_eq!((answer["late"]["unattributed"].as_i64(), &answer["late"]["items"]), (Some(1), &json!([])));
        let finance = answer["items"].as_array().unwrap().iter().find(|row| row["key"] == "tckh").unwrap().clone();
        assert_eq!((&finance["used"]["total"], &finance["overran"]["legs"]), (&json!(60), &json!(0)));
        // Whoever changes a weight by hand is found.
        t.tamper("UPDATE legs SET balance_minutes = balance_minutes + 1 WHERE state = 'done'");
        assert!(!t.not_of_this_calendar().is_empty());
        t.tamper("UPDATE legs SET balance_minutes = balance_minutes - 1 WHERE state = 'done'");
    }

    async fn random_courses_open_to_their_lists(t: Test) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(17);
        let mut any = |days: std::ops::Range<u32>| {
            format!("2019-03-{:02}T{:02}:20", rng.random_range(days), [8, 10, 15].choose(&mut rng).unwrap())
        };
        for _ in 0..10 {
            let (finance, tax) = (any(4..9), any(11..14));
            through_two_agencies(&t, &finance, &tax).await;
        }
        t.at("2019-03-25T09:00");
        let leader = t.as_("leader@thanh-binh").await;
        for query in ["from=2019-03-05&to=2019-03-08", "from=2019-03-06&to=2019-03-14&own=true", "from=2019-03-12&to=2019-03-13&agency=000.05.31.H20"] {
            proved(&leader, query).await;
        }
        let whole = proved(&leader, MARCH).await;
        let keys = |rows: &Value| -> Vec<String> { rows.as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect() };
        assert_eq!((keys(&whole["items"]), whole["late"]["dossiers"].as_i64()), (vec!["tckh".to_owned(), "thue".to_owned()], Some(10)), "{whole:#}");
        assert!(keys(&whole["late"]["items"]).len() == 2, "{whole:#}");
        for (query, fault) in [("leg_agency=000.99.99.H99", "/query/leg_agency unknown_agency"), ("leg_ended_from=soon", "/query/leg_ended_from invalid_format")] {
            assert_eq!(leader.get(&format!("/dossiers?{query}")).await.faults(), [fault]);
        }
    }

    async fn only_who_sees_more_than_one_agency(t: Test) {
        for (nobody, code) in [("clerk@thanh-binh", "forbidden"), ("leader@tan-long", "agency_out_of_reach")] {
            t.as_(nobody).await.get(&format!("/statistics/legs?{MARCH}")).await.problem(403, code);
        }
        let inspector = t.as_("inspector@thanh-binh").await;
        let nothing = inspector.get(&format!("/statistics/legs?{MARCH}")).await.expect(200);
        assert_eq!((&nothing["items"], &nothing["late"]["dossiers"]), (&json!([]), &json!(0)));
        for query in ["from=2019-04-01&to=2019-03-01", "from=1990-01-01&to=2019-03-01"] {
            let answer = inspector.get(&format!("/statistics/legs?{query}&agency={DISTRICT}")).await;
            assert_eq!(answer.faults(), ["/query/to out_of_range"], "{query}");
        }
    }
}
