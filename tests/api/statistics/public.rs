//! Published figures: for everybody, cacheable, and telling nothing of the few.

use serde_json::{Value, json};

use super::two_weeks;
use crate::support::{Client, DISTRICT, TAN_LONG, TAN_MY, Test, birth, intake, on_both_engines};

/// Certifying a disability: sensitive.
const DISABILITY: &str = "1.001699";
/// Finding a household poor: sensitive, the only procedure of its field.
const POOR: &str = "1.011607";

async fn figures(caller: &Client, query: &str) -> Value {
    caller.get(&format!("/public/statistics?{query}")).await.expect(200)
}

fn row<'a>(answer: &'a Value, group: &str, code: &str) -> &'a Value {
    let mut rows = answer["items"].as_array().unwrap().iter();
    rows.find(|row| row["group"][group] == code).unwrap_or_else(|| panic!("no {code} in {answer:#}"))
}

/// Two sensitive dossiers in one commune, seven in another, and many births.
async fn some_sensitive(t: &Test) {
    t.at("2019-03-04T08:00");
    let tan_long = t.as_("clerk@tan-long").await;
    let tan_my = t.as_("clerk@tan-my").await;
    for _ in 0..2 {
        tan_long.post("/dossiers", sensitive(DISABILITY, TAN_LONG)).await.expect(201);
    }
    for _ in 0..7 {
        tan_my.post("/dossiers", sensitive(DISABILITY, TAN_MY)).await.expect(201);
        tan_long.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        tan_my.post("/dossiers", birth(TAN_MY)).await.expect(201);
    }
    tan_my.post("/dossiers", sensitive(POOR, TAN_MY)).await.expect(201);
    t.at("2020-01-02T08:00");
}

fn sensitive(procedure: &str, agency: &str) -> Value {
    let components: &[&str] = if procedure == DISABILITY { DISABILITY_PAPERS } else { POOR_PAPERS };
    intake(procedure, agency, components)
}

const DISABILITY_PAPERS: &[&str] = &["DON"];
const POOR_PAPERS: &[&str] = &["GDN"];

on_both_engines! {
    async fn everybody_may_ask_and_keep_the_answer(t: Test) {
        two_weeks(&t).await;
        let anyone = t.anonymous();
        let answer = anyone.get("/public/statistics?period=2019-03").await;
        let body = answer.expect(200);
        // The running month stands at the end of yesterday.
        assert_eq!(body["as_of"], "2019-03-14");
        assert_eq!(body["agency"]["code"], "000.00.00.H20");
        assert_eq!(body["total"]["figures"]["received"]["total"], 10);
        assert_eq!(body["total"]["figures"]["on_time_rate"], 0.6667);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        let etag = answer.etag();
        let again = anyone.get("/public/statistics?period=2019-03").header("If-None-Match", &etag).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        // What happens today is published tomorrow.
        t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let same = anyone.get("/public/statistics?period=2019-03").header("If-None-Match", &etag).await;
        assert_eq!(same.status, 304);
        t.at("2019-03-16T08:00");
        assert_eq!(figures(&anyone, "period=2019-03").await["total"]["figures"]["received"]["total"], 11);
        let by_agency = figures(&anyone, &format!("agency={DISTRICT}&group_by=agency")).await;
        let sum: i64 = by_agency["items"].as_array().unwrap().iter().map(|row| row["figures"]["received"]["total"].as_i64().unwrap()).sum();
        assert_eq!(by_agency["total"]["figures"]["received"]["total"], sum);
        assert_eq!(row(&by_agency, "agency", TAN_LONG)["names"]["agency"], "Xã Tân Long");
        assert_eq!(row(&by_agency, "agency", DISTRICT)["figures"]["received"]["total"], 1, "its own desk");
    }

    async fn few_of_a_sensitive_procedure_are_withheld(t: Test) {
        some_sensitive(&t).await;
        let anyone = t.anonymous();
        let tan_long = figures(&anyone, &format!("period=2019&agency={TAN_LONG}&group_by=procedure")).await;
        let withheld = row(&tan_long, "procedure", DISABILITY);
        assert_eq!((&withheld["is_withheld"], &withheld["figures"]), (&json!(true), &Value::Null));
        // The other row would tell it, the total being known.
        assert_eq!(row(&tan_long, "procedure", "1.001193")["is_withheld"], true);
        assert_eq!(tan_long["total"]["figures"]["received"]["total"], 9);
        // Neither does any sum over agencies or procedures leave a single unknown.
        let mut tables = Vec::new();
        for agency in [DISTRICT, TAN_LONG, TAN_MY] {
            for group in ["procedure", "field"] {
                tables.push(figures(&anyone, &format!("period=2019&agency={agency}&group_by={group}")).await);
            }
        }
        for table in &tables {
            let hidden = table["items"].as_array().unwrap().iter().chain([&table["total"]]);
            assert_ne!(hidden.filter(|row| row["is_withheld"] == true).count(), 1, "{table:#}");
        }
        for procedure in [DISABILITY, POOR] {
            let known = [&tables[0], &tables[2], &tables[4]].map(|table| {
                let row = table["items"].as_array().unwrap().iter().find(|row| row["group"]["procedure"] == procedure);
                row.map(|row| row["is_withheld"] == true)
            });
            assert_ne!(known.iter().filter(|is_withheld| **is_withheld == Some(true)).count(), 1, "{procedure}: {known:?}");
        }
        let told = tables.iter().map(Value::to_string).collect::<String>();
        assert!(!told.contains("\"total\":2,\"counter\":2") && !told.contains("\"counter\":2,\"online\":0"), "{told}");
    }

    async fn many_are_told(t: Test) {
        t.at("2019-03-04T08:00");
        let clerk = t.as_("clerk@tan-my").await;
        for _ in 0..5 {
            clerk.post("/dossiers", sensitive(DISABILITY, TAN_MY)).await.expect(201);
        }
        clerk.post("/dossiers", birth(TAN_MY)).await.expect(201);
        t.at("2020-01-02T08:00");
        let table = figures(&t.anonymous(), &format!("period=2019&agency={TAN_MY}&group_by=procedure")).await;
        assert_eq!(row(&table, "procedure", DISABILITY)["figures"]["received"]["total"], 5);
        assert_eq!(row(&table, "procedure", "1.001193")["figures"]["received"]["total"], 1, "births are not sensitive");
    }

    async fn questions_that_are_none(t: Test) {
        let anyone = t.anonymous();
        for (query, pointer) in [
            ("period=2019-13", "/query/period"),
            ("period=2020", "/query/period"),
            ("period=2019&group_by=procedure", "/query/period"),
            ("period=2018-12&group_by=field", "/query/period"),
            ("group_by=channel", "/query/group_by"),
            ("agency=000.99.99.H99", "/query/agency"),
        ] {
            let answer = anyone.get(&format!("/public/statistics?{query}")).await;
            answer.problem(422, "invalid_query");
            assert!(answer.faults().iter().any(|fault| fault.starts_with(pointer)), "{query}: {answer:?}");
        }
        figures(&anyone, "period=2018&group_by=procedure").await;
    }
}
