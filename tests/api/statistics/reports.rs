//! Statutory forms: what stands on them, the identities, the spreadsheet as another library reads it.

use std::process::Command;

use motcua::{cli::serve, config::Config};
use serde_json::{Value, json};

use super::{figure, report, two_weeks};
use crate::support::{Client, DISTRICT, TAN_LONG, TAN_MY, Test, marital_status, on_both_engines};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn form(caller: &Client, form: &str, query: &str) -> Value {
    caller.get(&format!("/statistics/reports/{form}?{query}")).await.expect(200)
}

fn value(row: &Value, column: &str) -> i64 {
    row["values"][column].as_i64().unwrap_or_else(|| panic!("no {column} in {row:#}"))
}

fn rows(report: &Value) -> Vec<&Value> {
    report["rows"].as_array().unwrap().iter().chain([&report["total"]]).collect()
}

/// The identities of Circular 01/2020, by the numbers of its columns.
fn prove_06(report: &Value) {
    for row in rows(report) {
        let n = |column: &str| value(row, column);
        assert_eq!(
            n("received_total"),
            n("received_online") + n("received_direct_post") + n("carried_over"),
            "{row:#}"
        );
        assert_eq!(n("resolved_total"), n("resolved_early") + n("resolved_on_time") + n("resolved_overdue"));
        assert_eq!(n("pending_total"), n("pending_in_time") + n("pending_overdue"));
        assert_eq!(n("received_total"), n("resolved_total") + n("pending_total"), "{row:#}");
    }
}

/// Three dossiers that end otherwise than by a result: two of them after the 7th, when they were due.
async fn ended_otherwise(t: &Test) {
    t.at("2019-03-04T08:00");
    let clerk = t.as_("clerk@tan-long").await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201));
    }
    let withdraw =
        json!([{"action": "request_withdrawal", "reason": "Thôi"}, {"action": "withdraw", "reason": "Thôi"}]);
    clerk.act(&made[0], withdraw.clone()).await.expect(200);
    t.at("2019-03-12T09:00");
    t.as_("clerk@tan-long").await.act(&made[1], withdraw).await.expect(200);
    let stop = json!({"action": "stop", "reason": "Hết căn cứ"});
    t.as_("leader@tan-long").await.act(&made[2], stop).await.expect(200);
    t.at("2019-04-15T09:00");
}

on_both_engines! {
    async fn the_forms_say_what_the_counters_say(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let total = report(&leader, "from=2019-03-01&to=2019-04-01&agency=000.00.31.H20").await["total"].clone();
        let filled = form(&leader, "06b", &format!("period=2019-03&agency={DISTRICT}")).await;
        prove_06(&filled);
        let sum = &filled["total"];
        assert_eq!(value(sum, "received_total"), figure(&total, "received.total"));
        assert_eq!(value(sum, "received_online"), figure(&total, "received.online"));
        let resolved = figure(&total, "resolved.total") + figure(&total, "withdrawn") + figure(&total, "stopped");
        assert_eq!(value(sum, "resolved_total"), resolved);
        assert_eq!(value(sum, "pending_overdue"), figure(&total, "pending.overdue"));
        let sections: Vec<(&str, &str)> = filled["rows"].as_array().unwrap().iter()
            .filter(|row| row["is_section"] == true)
            .map(|row| (row["no"].as_str().unwrap(), row["group"]["level"].as_str().unwrap()))
            .collect();
        assert_eq!(sections, [("I", "district"), ("II", "commune")]);
        assert_eq!(filled["recipient"]["code"], "000.00.00.H20");
        assert_eq!(filled["period_name"], "Tháng 3 năm 2019");
        assert_eq!(filled["closing"], Value::Null);
        for link in rows(&filled).iter().flat_map(|row| row["links"].as_object().unwrap().iter().map(|(name, link)| (*row, name, link))) {
            let (row, name, link) = link;
            let list = leader.get(&format!("{}&count=true", link.as_str().unwrap())).await.expect(200);
            assert_eq!(list["total"], row["values"][name], "{name} by {link}");
        }
        let own = form(&leader, "06a", "period=2019-03").await;
        prove_06(&own);
        assert_eq!(value(&own["total"], "received_total"), 1, "the district's own desk");
        let tan_long = form(&leader, "06a", &format!("period=2019-03&agency={TAN_LONG}")).await;
        assert_eq!(value(&tan_long["total"], "received_total"), 7);
        let english = leader.get("/statistics/reports/06a?period=2019-03").header("Accept-Language", "en").await.expect(200);
        assert_eq!(english["total"]["name"], "Total");
    }

    async fn what_ended_too_late_is_overdue_on_the_form(t: Test) {
        ended_otherwise(&t).await;
        let leader = t.as_("leader@tan-long").await;
        let filled = form(&leader, "06a", "period=2019-03").await;
        prove_06(&filled);
        let n = |column: &str| value(&filled["total"], column);
        assert_eq!((n("resolved_total"), n("resolved_on_time"), n("resolved_overdue"), n("pending_total")), (3, 1, 2, 0));
        let progress = form(&leader, "tien-do", "period=2019-03").await;
        let n = |column: &str| value(&progress["total"], column);
        assert_eq!((n("done_on_time"), n("done_late"), n("paused_late"), n("paused_total")), (1, 1, 1, 1));
    }

    async fn what_was_pending_is_carried_over(t: Test) {
        two_weeks(&t).await;
        t.at("2019-07-01T09:00");
        let leader = t.as_("leader@thanh-binh").await;
        for (kind, periods) in [
            ("calendar", ["2019-02", "2019-03", "2019-04", "2019-Q2"]),
            ("admin_15_14", ["2019-02", "2019-03", "2019-04", "2019-05"]),
        ] {
            let mut pending: Option<i64> = None;
            for period in periods.iter().filter(|period| !period.contains('Q')) {
                let filled = form(&leader, "06b", &format!("period={period}&period_kind={kind}")).await;
                prove_06(&filled);
                let carried = value(&filled["total"], "carried_over");
                assert_eq!(carried, pending.unwrap_or(0), "{kind} {period}: 6(n) = 11(n-1)");
                pending = Some(value(&filled["total"], "pending_total"));
            }
            assert_eq!(pending, Some(5));
        }
        let admin = form(&leader, "06b", "period=2019-Q1&period_kind=admin_15_14").await;
        assert_eq!((admin["from"].clone(), admin["to"].clone()), (json!("2018-12-15"), json!("2019-03-15")));
        assert_eq!(value(&admin["total"], "received_total"), 10);
    }

    async fn a_corrected_channel_counts_where_it_is_now(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk.act(&dossier, json!({"action": "correct", "reason": "Nhầm", "channel": "at_home"})).await.expect(200);
        let leader = t.as_("leader@tan-long").await;
        for name in ["06a", "06b"] {
            let filled = form(&leader, name, "period=2019-03").await;
            prove_06(&filled);
            assert_eq!(value(&filled["total"], "received_direct_post"), 1);
        }
        form(&leader, "tien-do", "period=2019-03").await;
    }

    async fn indicators_say_what_can_be_known(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let filled = form(&leader, "qd766", "period=2019-Q1").await;
        assert_eq!(filled["total"], Value::Null);
        let at = |code: &str| filled["rows"].as_array().unwrap().iter().find(|row| row["no"] == code).unwrap()["values"].clone();
        // Early, on time, withdrawn and stopped in time, pending in time: 1 + 1 + 1 + 1 + 1 of 10.
        assert_eq!(at("2.1"), json!({"numerator": 5, "denominator": 10, "ratio": 0.5, "max_score": 20.0, "score": 10.0}));
        assert_eq!(at("3.3")["numerator"], 1);
        assert_eq!(at("3.2")["numerator"], 1, "marital status came in online");
        assert!(at("3.1")["denominator"].as_i64().unwrap() >= at("3.1")["numerator"].as_i64().unwrap());
        let unknown = Value::Null;
        assert_eq!(at("4.1"), json!({"numerator": unknown, "denominator": unknown, "ratio": unknown, "max_score": unknown, "score": unknown}));
    }

    async fn comma_separated(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        let answer = leader.get("/statistics/reports/06b?period=2019-03").header("Accept", "text/csv").await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").unwrap().starts_with("text/csv; charset=utf-8"));
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"06b_000.00.31.H20_2019-03.csv\""));
        let text = answer.text.strip_prefix('\u{feff}').expect("a byte order mark");
        let lines: Vec<&str> = text.split("\r\n").collect();
        let filled = form(&leader, "06b", "period=2019-03").await;
        assert_eq!(lines.len(), rows(&filled).len() + 2, "a heading, the rows, nothing after the last line end");
        assert!(lines[0].starts_with("STT,\"Lĩnh vực, công việc giải quyết theo cấp\",Số hồ sơ nhận giải quyết – Tổng số"));
        let last = lines[lines.len() - 2];
        assert!(last.starts_with(&format!(",Tổng cộng,{},", value(&filled["total"], "received_total"))), "{last}");
        let other = leader.get("/statistics/reports/06b?period=2019-03").header("Accept", "image/png").await;
        other.problem(406, "not_acceptable");
    }

    async fn another_library_reads_the_spreadsheet(t: Test) {
        two_weeks(&t).await;
        let leader = t.as_("leader@thanh-binh").await;
        for name in ["06b", "tien-do", "qd766"] {
            let path = format!("/statistics/reports/{name}?period=2019-03");
            let filled = leader.get(&path).await.expect(200);
            let answer = leader.get(&path).header("Accept", XLSX).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, Some(XLSX)));
            let again = leader.get(&path).header("Accept", XLSX).await;
            assert!(answer.bytes == again.bytes, "the same form gives the same bytes");
            compare(&read_back(&answer.bytes), &filled);
        }
    }

    async fn an_installation_has_forms_of_its_own(t: Test) {
        two_weeks(&t).await;
        let folder = tempfile::tempdir().unwrap();
        let own = include_str!("../../../src/statistics/reports/layouts/06a.json").replacen("\"06a\"", "\"06-tinh\"", 1);
        std::fs::write(folder.path().join("own.json"), &own).unwrap();
        let place = folder.path().to_owned();
        let (base, server) = t.another_copy_with(|config| config.report_layouts = Some(place)).await;
        let leader = t.as_("leader@tan-long").await;
        let there = leader.at(&base).get("/statistics/reports/06-tinh?period=2019-03").await.expect(200);
        prove_06(&there);
        assert_eq!(value(&there["total"], "received_total"), 7);
        leader.get("/statistics/reports/06-tinh?period=2019-03").await.problem(404, "not_found");
        server.stop(true).await;
        std::fs::write(folder.path().join("bad.json"), own.replace("carried_over", "carried")).unwrap();
        let app = t.app();
        let config = Config { report_layouts: Some(folder.path().to_owned()), ..(*app.config).clone() };
        let failure = serve::serve_app(motcua::App { config: config.into(), ..app }).await.err();
        let told = format!("{failure:?}");
        assert!(told.contains("bad.json") && told.contains("`carried`"), "{told}");
    }

    async fn questions_that_are_none(t: Test) {
        let leader = t.as_("leader@tan-long").await;
        let unknown = leader.get("/statistics/reports/99z?period=2019-03").await.problem(404, "not_found");
        assert!(unknown["detail"].as_str().unwrap().contains("06a, 06b, qd766, tien-do"), "{unknown:#}");
        for (query, pointer) in [
            ("", "/query/period"),
            ("period=2019-13", "/query/period"),
            ("period=2019-Q5", "/query/period"),
            ("period=0000", "/query/period"),
            ("period=2019-03-01", "/query/period"),
            ("period=2019-03&period_kind=lunar", "/query/period_kind"),
            ("period=2019-03&agency=000.99.99.H99", "/query/agency"),
            ("period=2019-03&colour=red", "/query/colour"),
        ] {
            let answer = leader.get(&format!("/statistics/reports/06a?{query}")).await;
            answer.problem(422, "invalid_query");
            assert!(answer.faults().iter().any(|fault| fault.starts_with(pointer)), "{query}: {answer:?}");
        }
        for agency in [TAN_MY, DISTRICT] {
            let answer = leader.get(&format!("/statistics/reports/06a?period=2019-03&agency={agency}")).await;
            answer.problem(403, "agency_out_of_reach");
        }
        let nothing = form(&leader, "06a", "period=2031").await;
        assert_eq!(value(&nothing["total"], "received_total"), 0);
    }
}

/// What openpyxl finds in a spreadsheet.
fn read_back(bytes: &[u8]) -> Value {
    #[expect(clippy::disallowed_methods, reason = "the tests' own variable")]
    let python = std::env::var("MOTCUA_TEST_PYTHON").expect(
        "this test needs a Python with openpyxl in MOTCUA_TEST_PYTHON: run tests/run, which installs one",
    );
    let file = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/statistics/read_xlsx.py");
    let output = Command::new(python).arg(script).arg(file.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every number and name of the form stands in its cell, with its format, below heads that span their columns.
fn compare(sheet: &Value, filled: &Value) {
    let columns = filled["columns"].as_array().unwrap();
    let cells = sheet["cells"].as_array().unwrap();
    let depth = columns.iter().map(|column| column["headings"].as_array().unwrap().len()).max().unwrap();
    let first = 6 + depth + 1;
    let mut lines: Vec<&Value> = filled["rows"].as_array().unwrap().iter().collect();
    lines.extend(Some(&filled["total"]).filter(|total| !total.is_null()));
    for (at, line) in lines.iter().enumerate() {
        for (place, column) in columns.iter().enumerate() {
            let found = &cells[first + at][place];
            let name = column["name"].as_str().unwrap();
            let expected = match name {
                "no" | "name" => &line[name],
                _ => &line["values"][name],
            };
            let same = match (expected.as_f64(), found.as_f64()) {
                (Some(expected), Some(found)) => (expected - found).abs() < 1e-9,
                _ => expected == found || (found.is_null() && (expected.is_null() || expected == "")),
            };
            assert!(same, "row {at}, {name}: {expected} in JSON, {found} in the spreadsheet");
            if expected.is_i64() {
                assert_eq!(sheet["formats"][first + at][place], "#,##0", "{name}");
            }
        }
    }
    for (place, column) in columns.iter().enumerate() {
        let headings = column["headings"].as_array().unwrap();
        let own = &cells[6 + headings.len() - 1][place];
        assert_eq!(own, headings.last().unwrap(), "the head of column {place}");
    }
    assert_eq!(cells[2][0].as_str().unwrap(), filled["title"].as_str().unwrap().to_uppercase());
    assert!(cells[3][0].as_str().unwrap().contains(filled["period_name"].as_str().unwrap()));
    assert!(cells.iter().any(|row| row.as_array().unwrap().iter().any(|cell| cell == "Thủ trưởng đơn vị")));
    assert_eq!((sheet["orientation"].clone(), sheet["paper"].clone()), (json!("landscape"), json!(9)));
    assert_eq!(sheet["repeated"], format!("$7:${}", first));
    let merged = sheet["merged"].as_array().unwrap().len();
    assert!(merged > 8, "{merged} merged areas");
}
