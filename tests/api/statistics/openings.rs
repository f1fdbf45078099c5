//! What is carried over from year to year.

use serde_json::{Value, json};

use super::{figure, prove, report};
use crate::support::{Client, Engine, TAN_LONG, Test, business, marital_status, on_both_engines};

/// What the district carried over into a year, and what was pending at its end; the same by group.
async fn carried_and_pending(leader: &Client, year: i32) -> (i64, i64) {
    let mut found = Vec::new();
    for group in
        ["", "&group_by=agency", "&group_by=agency,procedure", "&group_by=channel", "&group_by=month"]
    {
        let query = format!("from={year}-01-01&to={}-01-01&agency=000.00.31.H20{group}", year + 1);
        let answer = report(leader, &query).await;
        let items = answer["items"].as_array().unwrap();
        items.iter().chain([&answer["total"]]).for_each(prove);
        let total = |path: &str| figure(&answer["total"], path);
        if group.contains("agency") {
            let carried: i64 = items.iter().map(|row| figure(row, "carried_over")).sum();
            assert_eq!(carried, total("carried_over"), "{year}{group}");
        }
        found.push((total("carried_over"), total("pending.total")));
    }
    found.dedup();
    assert_eq!(found.len(), 1, "{year}: {found:?}");
    found[0]
}

/// Makes all opening balances anew, as the migration does for databases that have counters.
fn migrate_again(t: &Test) {
    let migration = match t.engine() {
        Engine::Sqlite => include_str!("../../../migrations/sqlite/00000000000021_openings/up.sql"),
        Engine::Postgres => include_str!("../../../migrations/postgres/00000000000021_openings/up.sql"),
    };
    let (_, balances) = migration.split_at(migration.find("INSERT").unwrap());
    t.tamper("DELETE FROM opening_agency_years; DELETE FROM opening_years; DELETE FROM openings;");
    t.tamper(balances);
}

on_both_engines! {
    async fn a_year_begins_with_what_the_one_before_left(t: Test) {
        // What is due after New Year is booked ahead: it opens the year before that has begun.
        t.at("2019-12-30T09:00");
        let clerk = t.as_("clerk@tan-long").await;
        let mut made: Vec<Value> = Vec::new();
        for _ in 0..4 {
            made.push(clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201));
        }
        assert!(made[0]["due_at"].as_str().unwrap().starts_with("2020-01"), "{:#}", made[0]);
        t.as_("clerk@thanh-binh").await.post("/dossiers", business()).await.expect(201);
        let granted = || json!({"action": "resolve", "result": "granted"});
        t.at("2019-12-31T09:00");
        t.as_("officer@tan-long").await.act(&made[0], granted()).await.expect(200);
        let paper = json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"});
        t.as_("clerk@tan-long").await.act(&made[1], paper).await.expect(200);
        t.at("2020-01-20T09:00");
        t.as_("officer@tan-long").await.act(&made[2], granted()).await.expect(200);

        // In 2021 nothing happens, and nobody opens it.
        t.at("2022-02-15T09:00");
        t.as_("officer@tan-long").await.act(&made[3], granted()).await.expect(200);
        let leader = t.as_("leader@thanh-binh").await;
        for (year, expected) in [(2018, (0, 0)), (2019, (0, 4)), (2020, (4, 3)), (2021, (3, 3)), (2022, (3, 2))] {
            assert_eq!(carried_and_pending(&leader, year).await, expected, "{year}");
        }
        let then = report(&leader, "from=2020-01-01&to=2021-01-01&as_of=2020-01-10&agency=000.00.31.H20").await;
        let total = &then["total"];
        let told = ["carried_over", "pending.total", "pending.overdue", "pending.paused"];
        assert_eq!(told.map(|path| figure(total, path)), [4, 4, 3, 1], "{total:#}");

        // What is recorded in a year that others have followed is carried into all of them.
        t.at("2019-12-31T10:00");
        t.as_("clerk@tan-long").await.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2022-02-15T10:00");
        let leader = t.as_("leader@thanh-binh").await;
        for (year, expected) in [(2019, (0, 5)), (2020, (5, 4)), (2021, (4, 4)), (2022, (4, 3)), (2023, (3, 3))] {
            assert_eq!(carried_and_pending(&leader, year).await, expected, "{year}");
        }

        migrate_again(&t);
        assert_eq!(t.findings(), Vec::<String>::new());
        assert_eq!(carried_and_pending(&leader, 2022).await, (4, 3));
    }
}
