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

/// Every holiday and make-up day of every year, from the announcements: the last day before, and the first one after.
const HOLIDAYS: [(&str, &str); 53] = [
    ("2019-01-01", "2019-01-02"),
    ("2019-01-04", "2019-01-05"), // Saturday, for 31/12/2018
    ("2019-02-01", "2019-02-11"), // Tết 4–8/2
    ("2019-04-12", "2019-04-16"), // Giỗ Tổ on Sunday
    ("2019-04-26", "2019-05-02"), // 29/4 swapped
    ("2019-05-03", "2019-05-04"), // Saturday, for 29/4
    ("2019-08-30", "2019-09-03"),
    ("2019-12-31", "2020-01-02"),
    ("2020-01-22", "2020-01-30"), // Tết 23–29/1
    ("2020-04-01", "2020-04-03"),
    ("2020-04-29", "2020-05-04"),
    ("2020-09-01", "2020-09-03"),
    ("2020-12-31", "2021-01-04"),
    ("2021-02-09", "2021-02-17"), // Tết 10–16/2
    ("2021-04-20", "2021-04-22"),
    ("2021-04-29", "2021-05-04"), // 1/5 on Saturday
    ("2021-09-01", "2021-09-06"),
    ("2021-12-31", "2022-01-04"), // 1/1 on Saturday
    ("2022-01-28", "2022-02-07"), // Tết 31/1–4/2
    ("2022-04-08", "2022-04-12"), // Giỗ Tổ on Sunday
    ("2022-04-29", "2022-05-04"), // both on the weekend
    ("2022-08-31", "2022-09-05"),
    ("2022-12-30", "2023-01-03"), // 1/1 on Sunday
    ("2023-01-19", "2023-01-27"), // Tết 20–26/1
    ("2023-04-28", "2023-05-04"), // Giỗ Tổ on Saturday, 30/4 on Sunday
    ("2023-08-31", "2023-09-05"), // 2/9 on Saturday
    ("2023-12-29", "2024-01-02"),
    ("2024-02-07", "2024-02-15"), // Tết 8–14/2
    ("2024-04-17", "2024-04-19"),
    ("2024-04-26", "2024-05-02"), // 29/4 swapped
    ("2024-05-03", "2024-05-04"), // Saturday, for 29/4
    ("2024-08-30", "2024-09-04"),
    ("2024-12-31", "2025-01-02"),
    ("2025-01-24", "2025-02-03"), // Tết 27–31/1
    ("2025-04-04", "2025-04-08"),
    ("2025-04-25", "2025-04-26"), // Saturday, for 2/5
    ("2025-04-26", "2025-04-28"),
    ("2025-04-29", "2025-05-05"), // 2/5 swapped
    ("2025-08-29", "2025-09-03"),
    ("2025-12-31", "2026-01-05"), // 2/1 swapped
    ("2026-01-09", "2026-01-10"), // Saturday, for 2/1
    ("2026-01-10", "2026-01-12"),
    ("2026-02-13", "2026-02-23"), // Tết 16–20/2
    ("2026-04-24", "2026-04-28"), // Giỗ Tổ on Sunday
    ("2026-04-29", "2026-05-04"),
    ("2026-08-21", "2026-08-22"), // Saturday, for 31/8
    ("2026-08-22", "2026-08-24"),
    ("2026-08-28", "2026-09-03"), // 31/8 swapped
    ("2026-11-23", "2026-11-25"), // 24/11: likely
    // Leap days: 2020-02-29 is a Saturday, 2024-02-29 a Thursday; the day after the last of each.
    ("2020-02-28", "2020-03-02"),
    ("2024-02-28", "2024-02-29"),
    ("2024-02-29", "2024-03-01"),
    ("2026-12-31", "2027-01-04"),
];

#[test]
fn every_holiday_of_every_year_is_passed() {
    for (before, after) in HOLIDAYS {
        for unit in [Unit::WorkingDays, Unit::CalendarDays] {
            let found = due(&PLAIN, t(&format!("{before} 09:00")), limit(1.0, unit)).unwrap();
            // One day of the calendar ends on the next working day too.
            assert_eq!(found.due_at, t(&format!("{after} 17:00")), "{before} {unit:?}");
        }
        assert_eq!(PLAIN.next_working_day(d(before)).unwrap().on, d(after));
    }
    let years: std::collections::BTreeSet<&str> = HOLIDAYS.iter().map(|(before, _)| &before[..4]).collect();
    assert_eq!(years.into_iter().collect::<Vec<_>>().join(" "), "2019 2020 2021 2022 2023 2024 2025 2026");
}

/// The announced calendars have no other day off: what isn't named above passes like any weekday.
#[test]
fn no_other_day_is_off() {
    use chrono::{Datelike, Days};
    let passed = |day: NaiveDate| HOLIDAYS.iter().any(|(before, after)| d(before) <= day && day < d(after));
    for day in
        d("2019-01-02").iter_days().take_while(|day| *day < d("2026-12-31")).filter(|day| !passed(*day))
    {
        let ahead = match day.weekday() {
            chrono::Weekday::Fri => 3,
            chrono::Weekday::Sat => 2,
            _ => 1,
        };
        if PLAIN.is_working_day(day).unwrap() {
            assert_eq!(PLAIN.add_working_days(day, 1).unwrap(), day + Days::new(ahead), "{day}");
        }
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
        ("2024-02-29 00:00", 1, "2024-03-01 17:00", "2024-03-01"),
        ("2020-02-28 15:00:01", 1, "2020-03-02 17:00", "2020-02-29"), // a leap day on a Saturday
        ("2020-02-28 12:00", 366, "2021-03-01 17:00", "2021-02-28"),
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

/// Around 2025-07-01: what the receipt promises while the competent agency hasn't acknowledged, and what holds then.
#[test]
fn the_competent_agency_s_acknowledgement_starts_the_clock() {
    let closed = own(2025, &["2025-07-03"]);
    let competent = Calendar::prepare(national(), [closed], &HoursHistory::default(), false);
    let expected = |received| expected_due(&PLAIN, &competent, t(received), days(2)).unwrap().due_at;
    // Handed over on the same day; the competent agency is closed on the third.
    assert_eq!(expected("2025-06-30 09:00"), t("2025-07-02 17:00"));
    assert_eq!(expected("2025-07-01 15:00"), t("2025-07-04 17:00"));
    // After 15:00 at the next opening, on the second.
    assert_eq!(expected("2025-07-01 15:00:01"), t("2025-07-07 17:00"));
    let acknowledged = Deadline::received(&competent, t("2025-07-02 08:00"), days(2)).unwrap();
    assert_eq!(
        (acknowledged.due.due_at, acknowledged.first_due_at),
        (t("2025-07-07 17:00"), t("2025-07-07 17:00"))
    );
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
