//! Each counter changed behind the program's back makes the answer refused, and `verify` names the cell.

use super::{report, two_weeks};
use crate::support::{TAN_LONG, birth, on_both_engines};

const COLUMNS: [&str; 15] = [
    "received",
    "early",
    "on_time",
    "late",
    "withdrawn",
    "stopped",
    "moved",
    "open",
    "overdue",
    "paused",
    "submitted",
    "declined",
    "waiting",
    "waiting_late",
    "control",
];

/// One cell of Tân Long: the procedure and channel with the most in it.
const CELL: &str = "agency_id = (SELECT id FROM agencies WHERE code = '000.33.31.H20') \
    AND procedure_id = (SELECT id FROM procedures WHERE code = '1.004873') AND channel = 'counter'";

/// The same over all its procedures.
const AGENCY_CELL: &str =
    "agency_id = (SELECT id FROM agencies WHERE code = '000.33.31.H20') AND channel = 'counter'";

on_both_engines! {
    async fn every_column_of_the_counters(t: Test) {
        two_weeks(&t).await;
        t.at("2020-01-15T09:00");
        // Opens the year.
        t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let leader = t.as_("leader@thanh-binh").await;
        // Days of a month that is not whole are read from day cells, whole months and years from those of months and years; what
        // was there before from the opening balances.
        let (month, year) = ("from=2019-03-01&to=2019-04-01", "from=2019-01-01&to=2020-01-01");
        let after = "from=2020-01-01&to=2020-02-01";
        for (table, cell, key, period, group) in [
            ("counter_days", CELL, "day = '2019-03-04'", "from=2019-03-02&to=2019-03-20", "agency"),
            ("counter_months", CELL, "month = '2019-03-01'", month, "agency,procedure"),
            ("counter_agency_months", AGENCY_CELL, "month = '2019-03-01'", month, "agency"),
            ("counter_years", CELL, "year = '2019-01-01'", year, "agency,procedure"),
            ("counter_agency_years", AGENCY_CELL, "year = '2019-01-01'", year, "agency"),
            ("opening_years", CELL, "year = '2020-01-01'", after, "agency,procedure"),
            ("opening_agency_years", AGENCY_CELL, "year = '2020-01-01'", after, "agency"),
        ] {
            let query = format!("{period}&agency=000.00.31.H20&group_by={group}");
            let clean = report(&leader, &query).await;
            for column in COLUMNS {
                for change in ["+ 1", "- 1"] {
                    t.tamper(&format!(
                        "UPDATE {table} SET {column} = {column} {change} WHERE {cell} AND {key}"
                    ));
                    let answer = leader.get(&format!("/statistics/on-time?{query}")).await;
                    let problem = answer.problem(500, "figures_inconsistent");
                    assert!(problem.to_string().contains(TAN_LONG), "{table}.{column} {change}: {problem:#}");
                    let found = t.findings();
                    assert!(!found.is_empty(), "{table}.{column} {change}");
                    let procedure = if cell == CELL { "1.004873" } else { "all procedures" };
                    for word in [column, TAN_LONG, procedure, "counter"] {
                        assert!(
                            found.iter().any(|finding| finding.contains(word)),
                            "{word} for {table}.{column}: {found:?}"
                        );
                    }
                    let back = if change == "+ 1" { "- 1" } else { "+ 1" };
                    t.tamper(&format!(
                        "UPDATE {table} SET {column} = {column} {back} WHERE {cell} AND {key}"
                    ));
                }
            }
            assert_eq!(report(&leader, &query).await, clean);
        }
        assert_eq!(t.findings(), Vec::<String>::new());
    }

    async fn a_cell_that_is_gone_shows(t: Test) {
        two_weeks(&t).await;
        let _leader = t.as_("leader@thanh-binh").await;
        t.tamper(&format!("CREATE TABLE kept AS SELECT * FROM counter_days WHERE {CELL}"));
        t.tamper(&format!("DELETE FROM counter_days WHERE {CELL}"));
        assert!(t.findings().iter().any(|finding| finding.contains(TAN_LONG)));
        t.tamper("INSERT INTO counter_days SELECT * FROM kept");
        t.tamper("DROP TABLE kept");
    }

    async fn a_year_that_is_open_or_not_against_the_ledger_shows(t: Test) {
        t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        let tan_long = "(SELECT id FROM agencies WHERE code = '000.33.31.H20')";
        t.tamper(&format!("UPDATE openings SET year = '2031-01-01' WHERE agency_id = {tan_long}"));
        let found = t.findings();
        for words in [
            "000.33.31.H20: 2019 has no opening balances".to_owned(),
            "000.33.31.H20: 2031 is open, but nothing was booked in it".to_owned(),
        ] {
            assert!(found.contains(&words), "{words}: {found:?}");
        }
        t.tamper(&format!("UPDATE openings SET year = '2019-01-01' WHERE agency_id = {tan_long}"));
    }

    async fn a_booking_that_nobody_made_shows(t: Test) {
        t.as_("clerk@tan-long").await.post("/dossiers", birth(TAN_LONG)).await.expect(201);
        t.tamper("UPDATE bookings SET received = received + 1");
        assert!(!t.findings().is_empty());
        t.tamper("UPDATE bookings SET received = received - 1");
    }
}
