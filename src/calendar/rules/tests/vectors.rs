//! The vectors of DOMAIN.md §5.1, and receptions at the edges of the day for every unit.

use super::*;

#[test]
fn vectors_of_the_domain() {
    let table = [
        ("2019-04-26", 3, "2019-05-04"), // 29/4 swapped, 30/4, 1/5 off; 4/5 is worked
        ("2019-04-12", 1, "2019-04-16"), // Giỗ Tổ on Sunday, Monday off
        ("2019-02-01", 10, "2019-02-22"),
        ("2019-12-31", 2, "2020-01-03"),
        ("2020-01-21", 5, "2020-02-04"),
        ("2022-04-29", 2, "2022-05-05"),
        ("2024-04-26", 4, "2024-05-06"),
        ("2025-04-25", 1, "2025-04-26"),
        ("2025-12-31", 3, "2026-01-07"),
        ("2026-08-21", 2, "2026-08-24"),
    ];
    for (received, n, expected) in table {
        for time in ["00:00", "06:59", "07:00", "11:30", "12:00", "15:00", "17:00", "23:59"] {
            let got = due(&PLAIN, t(&format!("{received} {time}")), days(n)).unwrap();
            assert_eq!(got.due_at, t(&format!("{expected} 17:00")), "{received} {time} + {n}");
            assert_eq!(got.nominal_on, d(expected));
        }
    }
}

#[test]
fn every_year_has_a_tet_and_a_year_end() {
    let table = [
        ("2019-02-01 09:00", 1, "2019-02-11 17:00"),
        ("2020-01-22 09:00", 1, "2020-01-30 17:00"),
        ("2021-02-09 09:00", 1, "2021-02-17 17:00"),
        ("2022-01-28 09:00", 1, "2022-02-07 17:00"),
        ("2023-01-19 09:00", 1, "2023-01-27 17:00"),
        ("2024-02-07 09:00", 1, "2024-02-15 17:00"),
        ("2025-01-24 09:00", 1, "2025-02-03 17:00"),
        ("2026-02-13 09:00", 1, "2026-02-23 17:00"),
        ("2021-12-31 09:00", 1, "2022-01-04 17:00"),
        ("2022-12-30 09:00", 1, "2023-01-03 17:00"),
        ("2023-12-29 09:00", 1, "2024-01-02 17:00"),
        ("2026-01-01 09:00", 1, "2026-01-05 17:00"),
        ("2026-01-09 09:00", 1, "2026-01-10 17:00"),
        // Leap days: 2020-02-29 is a Saturday, 2024-02-29 a Thursday.
        ("2020-02-28 09:00", 1, "2020-03-02 17:00"),
        ("2024-02-28 09:00", 2, "2024-03-01 17:00"),
    ];
    for (received, n, expected) in table {
        assert_eq!(due(&PLAIN, t(received), days(n)).unwrap().due_at, t(expected), "{received} + {n}");
    }
}

#[test]
fn same_day_ends_with_the_day_up_to_15_00() {
    let table = [
        ("2019-03-06 00:00:00", "2019-03-06 17:00"),
        ("2019-03-06 06:59:00", "2019-03-06 17:00"),
        ("2019-03-06 07:00:00", "2019-03-06 17:00"),
        ("2019-03-06 11:30:00", "2019-03-06 17:00"),
        ("2019-03-06 12:00:00", "2019-03-06 17:00"),
        ("2019-03-06 15:00:00", "2019-03-06 17:00"),
        ("2019-03-06 15:00:01", "2019-03-07 17:00"),
        ("2019-03-06 17:00:00", "2019-03-07 17:00"),
        ("2019-03-06 23:59:00", "2019-03-07 17:00"),
        ("2019-03-08 15:00:01", "2019-03-11 17:00"), // Friday
        ("2019-03-09 09:00:00", "2019-03-11 17:00"), // Saturday
        ("2019-05-04 09:00:00", "2019-05-04 17:00"), // make-up Saturday
        ("2019-02-05 09:00:00", "2019-02-11 17:00"), // Tết
    ];
    for (received, expected) in table {
        for calendar in [&*PLAIN, &*CUT_OFF] {
            let got = due(calendar, t(received), limit(1.0, Unit::SameDay)).unwrap();
            assert_eq!(got.due_at, t(expected), "{received}");
        }
    }
}

#[test]
fn working_hours_run_to_the_minute() {
    let table = [
        ("2019-03-06 00:00:00", 1.0, "2019-03-06 08:00"),
        ("2019-03-06 06:59:00", 1.0, "2019-03-06 08:00"),
        ("2019-03-06 07:00:00", 1.0, "2019-03-06 08:00"),
        ("2019-03-06 07:00:00", 8.0, "2019-03-06 17:00"),
        ("2019-03-06 07:00:00", 4.5, "2019-03-06 11:30"), // the end of a period, not the next start
        ("2019-03-06 11:30:00", 1.0, "2019-03-06 14:30"),
        ("2019-03-06 12:00:00", 1.0, "2019-03-06 14:30"),
        ("2019-03-06 15:00:00", 2.0, "2019-03-06 17:00"),
        ("2019-03-06 15:00:01", 2.0, "2019-03-06 17:00"), // seconds are cut off
        ("2019-03-06 15:01:00", 2.0, "2019-03-07 07:01"),
        ("2019-03-06 17:00:00", 2.0, "2019-03-07 09:00"),
        ("2019-03-06 23:59:00", 2.0, "2019-03-07 09:00"),
        ("2019-03-08 16:00:00", 2.0, "2019-03-11 08:00"),
        ("2019-04-26 16:00:00", 2.0, "2019-05-02 08:00"),
        ("2019-05-03 16:00:00", 2.0, "2019-05-04 08:00"), // make-up Saturday
    ];
    for (received, hours, expected) in table {
        let got = due(&PLAIN, t(received), limit(hours, Unit::WorkingHours)).unwrap();
        assert_eq!(got.due_at, t(expected), "{received} + {hours} h");
    }
}

#[test]
fn calendar_days_move_to_the_next_working_day() {
    let table = [
        ("2019-03-06 09:00", 15, "2019-03-21 17:00", "2019-03-21"),
        ("2019-03-06 09:00", 10, "2019-03-18 17:00", "2019-03-16"), // Saturday
        ("2019-04-24 09:00", 5, "2019-05-02 17:00", "2019-04-29"),  // swapped, 30/4, 1/5
        ("2019-04-24 09:00", 10, "2019-05-04 17:00", "2019-05-04"), // make-up Saturday
        ("2019-01-31 09:00", 5, "2019-02-11 17:00", "2019-02-05"),
        ("2024-02-28 23:59", 1, "2024-02-29 17:00", "2024-02-29"),
        ("2019-12-31 09:00", 1, "2020-01-02 17:00", "2020-01-01"),
    ];
    for (received, n, expected, nominal) in table {
        let got = due(&PLAIN, t(received), limit(f64::from(n), Unit::CalendarDays)).unwrap();
        assert_eq!((got.due_at, got.nominal_on), (t(expected), d(nominal)), "{received} + {n}");
    }
}

#[test]
fn the_cut_off_moves_day_0_and_nothing_else() {
    let table = [
        ("2019-03-06 15:00:00", "2019-03-07 17:00"),
        ("2019-03-06 15:00:01", "2019-03-08 17:00"),
        ("2019-03-08 15:00:01", "2019-03-12 17:00"),
        ("2019-03-09 09:00:00", "2019-03-12 17:00"), // not before the Friday afternoon
        ("2019-03-11 06:59:00", "2019-03-12 17:00"),
    ];
    for (received, expected) in table {
        assert_eq!(due(&CUT_OFF, t(received), days(1)).unwrap().due_at, t(expected), "{received}");
    }
    let hours = due(&CUT_OFF, t("2019-03-06 15:01"), limit(1.0, Unit::WorkingHours)).unwrap();
    assert_eq!(hours.due_at, t("2019-03-07 08:00"));
    let leg = leg_due(&CUT_OFF, t("2019-03-06 16:00"), days(1)).unwrap();
    assert_eq!(leg.due_at, t("2019-03-07 17:00"), "for receptions only");
}

#[test]
fn half_days_end_with_the_first_period() {
    let table = [
        ("2019-03-06 09:00", 0.5, "2019-03-07 11:30"),
        ("2019-03-06 09:00", 1.5, "2019-03-08 11:30"),
        ("2019-03-06 16:59", 2.5, "2019-03-11 11:30"),
        ("2019-04-26 09:00", 1.5, "2019-05-03 11:30"),
    ];
    for (started, n, expected) in table {
        assert_eq!(
            leg_due(&PLAIN, t(started), limit(n, Unit::WorkingDays)).unwrap().due_at,
            t(expected),
            "{started}"
        );
    }
}

#[test]
fn handing_over_ends_at_15_00() {
    let table = [
        ("2019-03-06 00:00:00", "2019-03-06 17:00"),
        ("2019-03-06 15:00:00", "2019-03-06 17:00"),
        ("2019-03-06 15:00:01", "2019-03-07 07:00"),
        ("2019-03-08 16:00:00", "2019-03-11 07:00"),
        ("2019-03-09 09:00:00", "2019-03-11 07:00"),
    ];
    for (sent, expected) in table {
        assert_eq!(transfer_due(&PLAIN, t(sent)).unwrap(), t(expected), "{sent}");
    }
    let expected = |received| expected_due(&PLAIN, &PLAIN, t(received), days(2)).unwrap().due_at;
    assert_eq!(expected("2026-03-04 15:00"), t("2026-03-06 17:00"));
    assert_eq!(expected("2026-03-04 15:01"), t("2026-03-09 17:00"));
}

#[test]
fn the_rule_set_goes_by_the_local_day() {
    assert_eq!(RuleSet::on(local_day(t("2025-06-30 23:59"))), RuleSet::Nd61);
    assert_eq!(RuleSet::on(local_day(t("2025-07-01 00:00"))), RuleSet::Nd118);
    assert_eq!(serde_json::to_string(&RuleSet::Nd118).unwrap(), "\"nd118\"");
}

#[test]
fn nothing_is_guessed_outside_the_loaded_years() {
    let missing = |received, limit| due(&PLAIN, t(received), limit).unwrap_err();
    assert_eq!(missing("2018-12-31 09:00", days(1)), Missing { year: 2018 });
    assert_eq!(missing("2027-12-31 09:00", days(1)), Missing { year: 2028 });
    assert_eq!(missing("2027-12-31 16:00", limit(2.0, Unit::WorkingHours)), Missing { year: 2028 });
    assert_eq!(missing("2027-12-31 16:00", limit(3.0, Unit::CalendarDays)), Missing { year: 2028 });
    assert_eq!(missing("2027-12-31 16:00", limit(1.0, Unit::SameDay)), Missing { year: 2028 });
    assert_eq!(missing("2019-01-02 09:00", days(3660)), Missing { year: 2028 });
    assert_eq!(PLAIN.subtract_working_days(d("2019-01-02"), 1), Err(Missing { year: 2018 }));
    let gap = Calendar::prepare(
        national().into_iter().filter(|year| year.year != 2021),
        [],
        &HoursHistory::default(),
        false,
    );
    assert_eq!(due(&gap, t("2020-12-31 09:00"), days(1)), Err(Missing { year: 2021 }));
    assert_eq!(gap.working_days_between(d("2020-12-31"), d("2022-01-04")), Err(Missing { year: 2021 }));
    let minutes = gap.opening_minutes_between(t("2020-12-31 09:00"), t("2022-01-04 09:00"));
    assert_eq!(minutes, Err(Missing { year: 2021 }));
    assert_eq!(due(&gap, t("2022-01-03 09:00"), days(1)).unwrap().due_at, t("2022-01-04 17:00"));
    let none = Calendar::prepare([], [], &HoursHistory::default(), false);
    assert_eq!(due(&none, t("2020-12-31 09:00"), days(1)), Err(Missing { year: 2020 }));
}
