//! Questions to a prepared calendar: closures, make-up days, Saturdays, hours that change.

use super::*;

fn hours(json: &str) -> WeeklyHours {
    serde_json::from_str(json).unwrap()
}

#[test]
fn an_open_saturday_is_no_working_day() {
    let week = r#"{"monday":[{"from":"07:00","to":"11:30"}],"saturday":[{"from":"07:30","to":"11:00"}]}"#;
    let calendar =
        Calendar::prepare(national(), [], &HoursHistory::new([(d("2019-01-01"), hours(week))]), false);
    let saturday = d("2019-03-09");
    assert_eq!(calendar.periods_on(saturday).unwrap(), [Period { from: 450, to: 660 }]);
    assert_eq!(calendar.is_working_day(saturday), Ok(false));
    assert_eq!(calendar.closing_time(saturday), Ok(None));
    assert_eq!(calendar.opening_minutes_between(t("2019-03-09 00:00"), t("2019-03-10 00:00")), Ok(0));
    // Tuesday to Friday have no hours: no limit could end there.
    assert_eq!(calendar.kind(d("2019-03-12")), Ok(&DayKind::NoHours));
    assert_eq!(due(&calendar, t("2019-03-08 09:00"), days(2)).unwrap().due_at, t("2019-03-18 11:30"));
}

#[test]
fn a_makeup_day_has_the_hours_of_the_day_it_replaces() {
    let week = r#"{"monday":[{"from":"08:00","to":"10:00"}],"thursday":[{"from":"07:00","to":"16:00"}],
        "friday":[{"from":"07:00","to":"11:30"}],"saturday":[{"from":"07:30","to":"11:00"}]}"#;
    let calendar =
        Calendar::prepare(national(), [], &HoursHistory::new([(d("2019-01-01"), hours(week))]), false);
    // 2019-05-04 is worked for Monday 29/4, 2025-04-26 for Friday 2/5.
    assert_eq!(calendar.closing_time(d("2019-05-04")), Ok(Some(t("2019-05-04 10:00"))));
    assert_eq!(calendar.opening_time(d("2019-05-04")), Ok(Some(t("2019-05-04 08:00"))));
    assert_eq!(calendar.closing_time(d("2025-04-26")), Ok(Some(t("2025-04-26 11:30"))));
}

#[test]
fn where_the_doors_shut_at_noon_the_afternoon_is_too_late() {
    let day = r#"[{"from":"08:00","to":"12:00"}]"#;
    let week =
        format!(r#"{{"monday":{day},"tuesday":{day},"wednesday":{day},"thursday":{day},"friday":{day}}}"#);
    let calendar =
        Calendar::prepare(national(), [], &HoursHistory::new([(d("2019-01-01"), hours(&week))]), false);
    for (at, due_at, handed_over) in [
        ("2019-03-06 11:59", "2019-03-06 12:00", "2019-03-06 12:00"),
        ("2019-03-06 12:00", "2019-03-07 12:00", "2019-03-07 08:00"),
        ("2019-03-06 14:00", "2019-03-07 12:00", "2019-03-07 08:00"),
    ] {
        assert_eq!(due(&calendar, t(at), limit(1.0, Unit::SameDay)).unwrap().due_at, t(due_at), "{at}");
        assert_eq!(transfer_due(&calendar, t(at)).unwrap(), t(handed_over), "{at}");
    }
}

#[test]
fn what_is_subtracted_mirrors_what_is_added() {
    for (instant, minutes, expected) in [
        ("2019-03-06 14:00:00", 30, "2019-03-06 13:30:00"), // the start of a period, not the end of the one before
        ("2019-03-06 14:00:59", 30, "2019-03-06 13:30:00"), // seconds are cut off
        ("2019-03-06 14:00:00", 31, "2019-03-06 11:29:00"),
        ("2019-03-06 07:00:00", 1, "2019-03-05 16:59:00"),
        ("2019-03-11 07:30:00", 60, "2019-03-08 16:30:00"), // over a weekend
        ("2019-03-10 09:00:00", 480, "2019-03-08 07:00:00"),
        ("2019-05-02 08:00:00", 120, "2019-04-26 16:00:00"),
        ("2019-03-06 12:34:56", 0, "2019-03-06 12:34:56"),
    ] {
        let found = PLAIN.subtract_opening_minutes(t(instant), minutes);
        assert_eq!(found, Ok(t(expected)), "{instant} - {minutes}");
    }
    assert_eq!(PLAIN.subtract_opening_minutes(t("2019-01-02 08:00"), 61), Err(Missing { year: 2018 }));
    for (day, n, later, earlier) in [
        ("2019-03-06", 0, "2019-03-06", "2019-03-06"),
        ("2019-03-09", 0, "2019-03-11", "2019-03-08"),
        ("2019-03-06", 3, "2019-03-11", "2019-03-01"), // from Saturday; to Sunday
        ("2019-04-26", 4, "2019-05-02", "2019-04-22"),
        ("2019-05-06", 2, "2019-05-08", "2019-05-04"), // a make-up day
    ] {
        assert_eq!(PLAIN.add_calendar_days(d(day), n), Ok(d(later)), "{day} + {n}");
        assert_eq!(PLAIN.subtract_calendar_days(d(day), n), Ok(d(earlier)), "{day} - {n}");
    }
    assert_eq!(PLAIN.add_calendar_days(d("2027-12-31"), 1), Err(Missing { year: 2028 }));
    assert_eq!(PLAIN.subtract_calendar_days(d("2019-01-01"), 1), Err(Missing { year: 2018 }));
}

#[test]
fn hours_change_on_a_date() {
    let summer = r#"{"monday":[{"from":"06:30","to":"11:00"},{"from":"13:00","to":"16:30"}],
        "tuesday":[{"from":"06:30","to":"11:00"},{"from":"13:00","to":"16:30"}]}"#;
    let calendar =
        Calendar::prepare(national(), [], &HoursHistory::new([(d("2019-04-16"), hours(summer))]), false);
    assert_eq!(calendar.closing_time(d("2019-04-12")), Ok(Some(t("2019-04-12 17:00"))));
    assert_eq!(due(&calendar, t("2019-04-12 09:00"), days(1)).unwrap().due_at, t("2019-04-16 16:30"));
}

#[test]
fn an_agency_closes_on_its_own() {
    let closed = own(2019, &["2019-03-07", "2019-09-02", "2019-05-04"]);
    let calendar = Calendar::prepare(national(), [closed], &HoursHistory::default(), false);
    assert_eq!(due(&calendar, t("2019-03-06 09:00"), days(1)).unwrap().due_at, t("2019-03-08 17:00"));
    assert!(matches!(calendar.kind(d("2019-03-07")).unwrap(), DayKind::Closed { .. }));
    assert!(
        matches!(calendar.kind(d("2019-09-02")).unwrap(), DayKind::DayOff { name, .. } if name == "Quốc khánh")
    );
    assert!(
        matches!(calendar.kind(d("2019-05-04")).unwrap(), DayKind::Closed { .. }),
        "closed on a make-up day"
    );
    assert_eq!(calendar.periods_on(d("2019-03-07")).unwrap(), []);
}

#[test]
fn days_off_know_the_day_that_is_worked_for_them() {
    let DayKind::DayOff { swapped_with, .. } = PLAIN.kind(d("2019-04-29")).unwrap() else { panic!() };
    assert_eq!(*swapped_with, Some(d("2019-05-04")));
    let DayKind::DayOff { certainty, .. } = PLAIN.kind(d("2026-11-24")).unwrap() else { panic!() };
    assert_eq!(*certainty, Certainty::Likely);
}

#[test]
fn nothing_added_is_the_instant_itself_while_open() {
    for (instant, expected) in [
        ("2019-03-06 09:00:30", "2019-03-06 09:00:30"),
        ("2019-03-06 11:30:00", "2019-03-06 11:30:00"),
        ("2019-03-06 12:00:00", "2019-03-06 13:30:00"),
        ("2019-03-06 17:00:01", "2019-03-07 07:00:00"),
        ("2019-03-09 09:00:00", "2019-03-11 07:00:00"),
    ] {
        assert_eq!(PLAIN.add_opening_minutes(t(instant), 0).unwrap(), t(expected), "{instant}");
    }
}

#[test]
fn the_marks_go_by_working_days() {
    let received = t("2019-04-26 09:00");
    assert_eq!(is_late_supplement(&PLAIN, received, t("2019-05-04 23:00")), Ok(false));
    assert_eq!(is_late_supplement(&PLAIN, received, t("2019-05-05 00:00")), Ok(true));
    let due_at = t("2019-05-02 17:00");
    assert_eq!(is_late_extension(&PLAIN, due_at, t("2019-04-26 23:59")), Ok(false));
    assert_eq!(is_late_extension(&PLAIN, due_at, t("2019-04-27 08:00")), Ok(true));
    assert_eq!(earliest_late_entry_on(&PLAIN, t("2019-05-04 09:00")), Ok(d("2019-04-26")));
}

#[test]
fn the_outcome_goes_by_day_or_by_hour() {
    use Outcome::{Early, Late, OnTime};
    let due_at = t("2019-03-06 17:00");
    for unit in [Unit::WorkingDays, Unit::CalendarDays, Unit::SameDay] {
        for (resolved, expected) in [
            ("2019-03-05 23:59:59", Early),
            ("2019-03-06 00:00:00", OnTime),
            ("2019-03-06 17:00:00", OnTime),
            ("2019-03-06 17:00:01", Late),
        ] {
            assert_eq!(outcome(&PLAIN, due_at, unit, t(resolved)), Ok(expected), "{resolved}");
        }
    }
    let due_at = t("2019-03-06 14:00");
    for (resolved, expected) in [
        ("2019-03-06 11:00:00", Early),
        ("2019-03-06 11:00:01", OnTime),
        ("2019-03-06 13:00:00", OnTime),
        ("2019-03-06 14:00:00", OnTime),
        ("2019-03-06 14:00:01", Late),
    ] {
        assert_eq!(outcome(&PLAIN, due_at, Unit::WorkingHours, t(resolved)), Ok(expected), "{resolved}");
    }
}
