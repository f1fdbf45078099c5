//! Calendars on a database: who enters which, what is refused, what is warned of, and what a preview says.

use serde_json::{Value, json};

use super::{rules::YearCalendar, service, *};
use crate::{
    agencies::{
        Tree,
        tests::{admin_at, database, day, faults, plant, submit, with},
    },
    db::Conn,
    http::{Code, IfMatch, Language, Problem},
    procedures::Catalogue,
};

/// The country's calendar of 2019, as far as spring.
fn spring_2019() -> Value {
    json!({
        "days_off": [
            {"date": "2019-01-01", "name": "Tết Dương lịch"},
            {"date": "2019-04-15", "name": "Giỗ Tổ (nghỉ bù)"},
            {"date": "2019-04-29", "name": "hoán đổi (làm bù 04/5)"},
            {"date": "2019-04-30", "name": "30/4"},
            {"date": "2019-05-01", "name": "1/5"}
        ],
        "makeup_workdays": [
            {"date": "2019-01-05", "replaces": "2018-12-31"},
            {"date": "2019-05-04", "replaces": "2019-04-29", "certainty": "certain"}
        ]
    })
}

fn enter(
    conn: &mut Conn,
    tree: &Tree,
    by: &str,
    agency: Option<&str>,
    body: Value,
) -> Result<super::views::HolidaysView, Problem> {
    let (caller, language) = (admin_at(tree, by), Language::English);
    service::change_holidays(conn, &caller, 2019, agency, &IfMatch::default(), submit(body), language)
}

fn preview(conn: &mut Conn, body: Value) -> Result<super::views::PreviewView, Problem> {
    let catalogue = Catalogue::load(conn).unwrap();
    service::preview(&catalogue.tree, &catalogue.calendars, &submit(body), Language::English)
}

#[test]
fn the_country_s_year_is_entered_at_a_province() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        assert_eq!(
            service::holidays(conn, &tree, 2019, None, Language::Vietnamese).unwrap_err().code(),
            Code::NotFound
        );
        let refused = enter(conn, &tree, "H20.1", None, spring_2019()).unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden);
        let entered = enter(conn, &tree, "H20", None, spring_2019()).unwrap();
        assert_eq!(
            entered.warnings[0].detail,
            "A day off of the Labour Code is missing: Tết, the Lunar New Year (5 days)"
        );
        let missing: Vec<_> = entered.warnings.iter().map(|warning| (warning.code, warning.date)).collect();
        assert_eq!(
            missing,
            [("statutory_day_missing", day("2019-02-05")), ("statutory_day_missing", day("2019-09-02"))]
        );
        assert_eq!(enter(conn, &tree, "H20", None, spring_2019()).unwrap().version, 2);
        let (national, own) = load_years(conn).unwrap();
        assert_eq!((national.len(), own.len()), (1, 0), "it takes the place of what was there");
    });
}

#[test]
fn an_agency_s_days_hold_below_it() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        enter(conn, &tree, "H20", None, spring_2019()).unwrap();
        let own = json!({"days_off": [{"date": "2019-03-05", "name": "Mất điện"}]});
        let refused = enter(conn, &tree, "H20.1.2", Some("H20.1"), own.clone()).unwrap_err();
        assert_eq!(refused.code(), Code::AgencyOutOfReach);
        assert_eq!(enter(conn, &tree, "H20.1", Some("H20.1"), own).unwrap().agency.as_deref(), Some("H20.1"));
        for (agency, due) in [("H20", "2019-03-05T17:00:00+07:00"), ("H20.1.2", "2019-03-06T17:00:00+07:00")]
        {
            let body = json!({
                "agency": agency, "received_at": "2019-03-04T08:00:00+07:00",
                "time_limit": {"amount": 1, "unit": "working_days"}
            });
            assert_eq!(preview(conn, body).unwrap().due_at.to_string(), due, "{agency}");
        }
        // A Saturday may be worked for that day below, but not twice, and not for a day that is worked.
        let swap = |date, replaces| json!({"days_off": [], "makeup_workdays": [{"date": date, "replaces": replaces}]});
        let mut below = |body| enter(conn, &tree, "H20.1.2", Some("H20.1.2"), body);
        assert_eq!(below(swap("2019-03-09", "2019-03-05")).unwrap().version, 1);
        for (body, pointer) in [
            (swap("2019-03-09", "2019-03-06"), "/makeup_workdays/0/replaces"),
            (swap("2019-05-04", "2019-04-30"), "/makeup_workdays/0/date"),
        ] {
            assert_eq!(faults(&below(body).unwrap_err()), [(pointer, Code::InvalidValue)]);
        }
        let unknown = enter(conn, &tree, "H20", Some("NO.SUCH"), json!({"days_off": []})).unwrap_err();
        assert_eq!(faults(&unknown), [("/query/agency", Code::UnknownAgency)]);
    });
}

#[test]
fn every_fault_of_a_year_has_its_place() {
    let (db, _folder) = database();
    with(&db, |conn| {
        let tree = plant(conn);
        let body = json!({
            "days_off": [
                {"date": "2019-04-30", "name": "30/4"},
                {"date": "2019-04-30", "name": "30/4"},
                {"date": "2020-01-01", "name": "năm khác"},
                {"date": "2019-05-04", "name": "chồng"}
            ],
            "makeup_workdays": [
                {"date": "2019-05-04", "replaces": "2019-04-30"},
                {"date": "2019-06-03", "replaces": "2019-06-01"},
                {"date": "2019-06-08", "replaces": "2019-06-04"}
            ]
        });
        let refused = enter(conn, &tree, "H20", None, body).unwrap_err();
        assert_eq!(
            faults(&refused),
            [
                ("/days_off/1/date", Code::Duplicate),
                ("/days_off/2/date", Code::OutOfRange),
                ("/makeup_workdays/0/date", Code::InvalidValue),
                ("/makeup_workdays/1/date", Code::InvalidValue),
                ("/makeup_workdays/1/replaces", Code::InvalidValue),
                ("/makeup_workdays/2/replaces", Code::InvalidValue),
            ]
        );
        assert!(load_years(conn).unwrap().0.is_empty(), "nothing is written");
    });
}

#[test]
fn a_preview_explains_every_day() {
    let (db, _folder) = database();
    with(&db, |conn| {
        plant(conn);
        let year: YearCalendar = submit::<super::views::SubmitHolidays>(spring_2019()).into_year(2019);
        put_year(conn, &year, None).unwrap();
        let body = json!({
            "agency": "H20.1.2", "received_at": "2019-04-26T08:30:00+07:00",
            "time_limit": {"amount": 3, "unit": "working_days"}
        });
        let found = preview(conn, body.clone()).unwrap();
        assert_eq!(found.due_at.to_string(), "2019-05-04T17:00:00+07:00");
        assert_eq!(found.explanation.iter().filter(|line| line.counts).count(), 3);
        assert_eq!(found.explanation.len(), 9);
        let swapped = "Monday, day off: hoán đổi (làm bù 04/5), swapped with 4 May 2019: not counted";
        assert_eq!(found.explanation[3].why, swapped);
        let last = "Saturday, worked in place of 29 April 2019: counts, 3/3; due at 17:00";
        assert_eq!(found.explanation[8].why, last);

        let mut far = body.clone();
        far["time_limit"]["amount"] = json!(400);
        assert_eq!(preview(conn, far).unwrap_err().code(), Code::CalendarMissing);
        let mut wrong = body.clone();
        wrong["agency"] = json!("NO.SUCH");
        wrong["time_limit"] = json!({"amount": 2.5, "unit": "calendar_days"});
        assert_eq!(
            faults(&preview(conn, wrong).unwrap_err()),
            [("/agency", Code::UnknownAgency), ("/time_limit/amount", Code::InvalidValue)]
        );
        let mut paused = body;
        paused["pauses"] = json!([
            {"from": "2019-04-26T10:00:00+07:00", "to": "2019-04-26T09:00:00+07:00", "then": "resume"},
            {"from": "2019-04-25T10:00:00+07:00", "to": "2019-04-26T09:00:00+07:00", "then": "restart"}
        ]);
        assert_eq!(
            faults(&preview(conn, paused).unwrap_err()),
            [
                ("/pauses/0/to", Code::InvalidValue),
                ("/pauses/1/from", Code::InvalidValue),
                ("/pauses/1/from", Code::InvalidValue),
            ]
        );
    });
}
