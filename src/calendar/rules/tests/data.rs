//! Hours, years and amounts as they are entered: what is refused, where the pointer points, what JSON they have.

use super::*;
use serde_json::{Value, json};

fn week(value: Value) -> Result<WeeklyHours, Vec<(String, &'static str)>> {
    let input: WeekInput = serde_json::from_value(value).unwrap();
    input.check().map_err(|faults| faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect())
}

#[test]
fn default_hours_have_the_form_of_the_api() {
    let day = json!([{"from": "07:00", "to": "11:30"}, {"from": "13:30", "to": "17:00"}]);
    let expected = json!({"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day,
        "saturday": [], "sunday": []});
    assert_eq!(serde_json::to_value(WeeklyHours::default()).unwrap(), expected);
    assert_eq!(serde_json::from_value::<WeeklyHours>(expected).unwrap(), WeeklyHours::default());
}

#[test]
fn faulty_hours_are_told_with_their_place() {
    let period = |from: &str, to: &str| json!({"from": from, "to": to});
    let table = [
        (json!([period("11:30", "07:00")]), ("/monday/0/to", "reversed")),
        (json!([period("07:00", "07:00")]), ("/monday/0/to", "reversed")),
        (json!([period("07:00", "11:30"), period("11:00", "17:00")]), ("/monday/1/from", "overlapping")),
        (json!([period("07:00", "11:30"), period("11:30", "17:00")]), ("/monday/1/from", "overlapping")),
        (json!([period("13:30", "17:00"), period("07:00", "11:30")]), ("/monday/1/from", "overlapping")),
        (json!([period("00:00", "24:00")]), ("/monday/0/to", "invalid_time")),
        (json!([period("00:00", "23:59")]), ("/monday", "never_closed")),
        (json!([period("7:00", "11:30")]), ("/monday/0/from", "invalid_time")),
        (json!([period("+7:00", "11:60")]), ("/monday/0/from", "invalid_time")),
        (json!([]), ("", "never_open")),
    ];
    for (monday, (pointer, code)) in table {
        let faults = week(json!({"monday": monday, "saturday": [period("07:00", "11:00")]})).unwrap_err();
        assert_eq!(faults[0], (pointer.to_owned(), code), "{monday}");
    }
    let two =
        week(json!({"monday": [period("9", "10:00")], "sunday": [period("10:00", "09:00")]})).unwrap_err();
    assert_eq!(two.len(), 2, "all faults at once");
    let unknown = serde_json::from_value::<WeekInput>(json!({"lundi": []}));
    assert!(unknown.is_err());
    assert!(serde_json::from_value::<WeeklyHours>(json!({"monday": [period("11:30", "07:00")]})).is_err());
}

#[test]
fn hours_are_inherited_until_the_first_own_change() {
    let early = week(json!({"monday": [{"from": "06:00", "to": "10:00"}]})).unwrap();
    let late = week(json!({"monday": [{"from": "10:00", "to": "14:00"}]})).unwrap();
    let province = HoursHistory::new([(d("2020-01-01"), early.clone()), (d("2022-01-01"), early.clone())]);
    let commune = province.clone().overridden_by([(d("2021-01-01"), late.clone())]);
    assert_eq!(commune.on(d("2019-12-31")), &WeeklyHours::default());
    assert_eq!(commune.on(d("2020-01-01")), &early);
    assert_eq!(commune.on(d("2020-12-31")), &early);
    assert_eq!(commune.on(d("2021-01-01")), &late);
    assert_eq!(commune.on(d("2022-06-01")), &late, "the parent's later change no longer holds");
    assert_eq!(province.clone().overridden_by([]), province);
}

#[test]
fn the_sample_calendars_are_valid() {
    for year in national() {
        assert_eq!(year.validate(), [], "{}", year.year);
    }
}

#[test]
fn faulty_years_are_told_with_their_place() {
    let off = |date: &str| json!({"date": date, "name": "Nghỉ"});
    let makeup = |date: &str, replaces: &str| json!({"date": date, "replaces": replaces});
    let table = [
        (json!([off("2020-01-01")]), json!([]), vec![("/days_off/0/date", "outside_year")]),
        (json!([off("2019-09-02"), off("2019-09-02")]), json!([]), vec![("/days_off/1/date", "duplicate")]),
        (json!([off("2019-03-09")]), json!([]), vec![]),
        (
            json!([{"date": "2019-01-01", "name": " "}]),
            json!([]),
            vec![("/days_off/0/name", "invalid_length")],
        ),
        (json!([]), json!([makeup("2019-01-05", "2018-12-31")]), vec![]),
        (
            json!([]),
            json!([makeup("2019-01-05", "2017-12-29")]),
            vec![("/makeup_workdays/0/replaces", "outside_year")],
        ),
        (
            json!([]),
            json!([makeup("2020-01-04", "2019-12-31")]),
            vec![("/makeup_workdays/0/date", "outside_year")],
        ),
        (
            json!([]),
            json!([makeup("2019-05-03", "2019-04-29")]),
            vec![("/makeup_workdays/0/date", "already_working_day")],
        ),
        (
            json!([off("2019-05-04")]),
            json!([makeup("2019-05-04", "2019-04-29")]),
            vec![("/makeup_workdays/0/date", "overlapping")],
        ),
        (
            json!([]),
            json!([makeup("2019-05-04", "2019-04-28")]),
            vec![("/makeup_workdays/0/replaces", "not_a_weekday")],
        ),
        (
            json!([]),
            json!([makeup("2019-05-04", "2019-04-29"), makeup("2019-05-04", "2019-04-29")]),
            vec![("/makeup_workdays/1/date", "duplicate"), ("/makeup_workdays/1/replaces", "duplicate")],
        ),
    ];
    for (days_off, makeup_workdays, expected) in table {
        let body = json!({"year": 2019, "days_off": days_off, "makeup_workdays": makeup_workdays});
        let year: YearCalendar = serde_json::from_value(body.clone()).unwrap();
        let faults = year.validate();
        let got: Vec<(&str, &str)> = faults.iter().map(|fault| (&*fault.pointer, fault.code)).collect();
        assert_eq!(got, expected, "{body}");
    }
}

#[test]
fn amounts_are_halves_between_a_half_and_3660() {
    for (number, halves) in [(0.5, 1), (1.0, 2), (1.5, 3), (11.5, 23), (3660.0, 7320)] {
        let amount = Amount::try_from(number).unwrap();
        assert_eq!(amount.halves(), halves);
        assert_eq!(Amount::try_from(f64::from(amount)), Ok(amount));
    }
    for number in [0.0, -1.0, 0.4, 3660.5, 1e300, f64::NAN, f64::INFINITY] {
        assert_eq!(Amount::try_from(number), Err(LimitRefusal::OutOfRange), "{number}");
    }
    assert_eq!(Amount::try_from(1.25), Err(LimitRefusal::NotHalves));
    assert!(Amount::try_from(2.0).unwrap().is_whole() && !Amount::try_from(2.5).unwrap().is_whole());
    assert_eq!(Amount::try_from(40_000_u16), Err(LimitRefusal::OutOfRange));
}

#[test]
fn limits_read_and_write_as_json() {
    let read = |amount: Value, unit: &str| {
        serde_json::from_value::<TimeLimit>(json!({"amount": amount, "unit": unit}))
    };
    assert_eq!(read(json!(10), "working_days").unwrap(), days(10));
    assert_eq!(read(json!(1.5), "working_days").unwrap(), limit(1.5, Unit::WorkingDays));
    assert!(read(json!(2), "same_day").is_err());
    assert!(read(json!(1.5), "calendar_days").is_err());
    assert!(read(json!(-1), "working_days").is_err());
    assert!(read(json!("10"), "working_days").is_err());
    assert!(read(json!(10), "weeks").is_err());
    assert_eq!(serde_json::to_value(limit(1.5, Unit::WorkingDays)).unwrap()["amount"], json!(1.5));
    assert_eq!(serde_json::to_string(&days(10)).unwrap(), r#"{"amount":10,"unit":"working_days"}"#);
}
