//! The two dates, pauses, restarts and extensions of one deadline, case by case.

use super::*;

fn received(at: &str, limit: TimeLimit) -> Deadline {
    Deadline::received(&PLAIN, t(at), limit).unwrap()
}

/// Pauses and resumes, and gives the promised date.
fn resumed(start: Deadline, from: &str, to: &str) -> Deadline {
    start.pause(&PLAIN, t(from)).unwrap().resume(&PLAIN, t(to)).unwrap()
}

#[test]
fn a_resume_counts_the_days_left_again() {
    // Received Wed 6/3, 5 working days: due Wed 13/3.
    let table = [
        ("2019-03-06 10:00", "2019-03-06 16:00", "2019-03-13 17:00"), // within day 0
        ("2019-03-06 10:00", "2019-03-07 10:00", "2019-03-14 17:00"),
        ("2019-03-08 10:00", "2019-03-08 16:00", "2019-03-13 17:00"), // within one day
        ("2019-03-08 10:00", "2019-03-11 10:00", "2019-03-14 17:00"), // 3 left
        ("2019-03-09 10:00", "2019-03-10 10:00", "2019-03-13 17:00"), // over the weekend
        ("2019-03-13 10:00", "2019-03-13 16:00", "2019-03-13 17:00"), // nothing left, same day
        ("2019-03-13 10:00", "2019-03-15 10:00", "2019-03-15 17:00"), // nothing left: that day's closing
        ("2019-03-13 10:00", "2019-03-15 17:00", "2019-03-15 17:00"),
        ("2019-03-13 10:00", "2019-03-15 17:01", "2019-03-18 17:00"), // closed by then
        ("2019-03-13 10:00", "2019-03-16 09:00", "2019-03-18 17:00"), // no working day
        ("2019-03-13 17:00", "2019-03-14 09:00", "2019-03-14 17:00"), // begun at the very end
    ];
    for (from, to, expected) in table {
        let deadline = resumed(received("2019-03-06 09:00", days(5)), from, to);
        assert_eq!(deadline.due.due_at, t(expected), "{from} to {to}");
        assert_eq!(deadline.judged.due_at, t(expected), "both dates move");
        assert_eq!(deadline.first_due_at, t("2019-03-13 17:00"), "the first promise is kept");
    }
}

#[test]
fn a_resume_in_calendar_days_counts_to_the_nominal_day() {
    // Received Wed 6/3, 10 calendar days: nominal Sat 16/3, due Mon 18/3.
    let table = [
        ("2019-03-11 10:00", "2019-03-13 10:00", "2019-03-18 17:00"), // 5 left: Mon 18/3
        ("2019-03-11 10:00", "2019-03-12 10:00", "2019-03-18 17:00"), // 5 left: Sun 17/3, moved
        ("2019-03-17 10:00", "2019-03-17 12:00", "2019-03-18 17:00"), // after the nominal day
        ("2019-03-18 10:00", "2019-03-20 10:00", "2019-03-20 17:00"), // on the due day
    ];
    for (from, to, expected) in table {
        let deadline = resumed(received("2019-03-06 09:00", limit(10.0, Unit::CalendarDays)), from, to);
        assert_eq!(deadline.due.due_at, t(expected), "{from} to {to}");
    }
}

#[test]
fn a_resume_in_hours_counts_the_minutes_left() {
    // Received Wed 6/3 at 09:00, 4 hours: due 15:00.
    let table = [
        ("2019-03-06 10:00", "2019-03-06 11:00", "2019-03-06 16:00"),
        ("2019-03-06 10:00", "2019-03-06 17:00", "2019-03-07 10:00"),
        ("2019-03-06 12:00", "2019-03-06 13:00", "2019-03-06 15:00"), // over lunch
        ("2019-03-06 10:00:40", "2019-03-06 10:00:50", "2019-03-06 15:00"),
        ("2019-03-06 15:00:00", "2019-03-09 10:00:00", "2019-03-11 07:00"), // nothing left: the next opening
    ];
    for (from, to, expected) in table {
        let deadline = resumed(received("2019-03-06 09:00", limit(4.0, Unit::WorkingHours)), from, to);
        assert_eq!(deadline.due.due_at, t(expected), "{from} to {to}");
    }
}

#[test]
fn a_resume_of_same_day_counts_as_working_days() {
    let same_day = limit(1.0, Unit::SameDay);
    let today = received("2019-03-06 09:00", same_day);
    assert_eq!(resumed(today, "2019-03-06 10:00", "2019-03-07 16:00").due.due_at, t("2019-03-07 17:00"));
    let tomorrow = received("2019-03-06 16:00", same_day);
    assert_eq!(resumed(tomorrow, "2019-03-06 16:30", "2019-03-07 09:00").due.due_at, t("2019-03-08 17:00"));
    let restarted =
        tomorrow.pause(&PLAIN, t("2019-03-06 16:30")).unwrap().restart(&PLAIN, t("2019-03-07 09:00"));
    assert_eq!(restarted.unwrap().due.due_at, t("2019-03-07 17:00"));
}

#[test]
fn half_a_day_left_ends_with_the_first_period() {
    let leg = Deadline::leg(&PLAIN, t("2019-03-06 09:00"), limit(1.5, Unit::WorkingDays)).unwrap();
    let due_at = |from, to| resumed(leg, from, to).due.due_at;
    assert_eq!(leg.due.due_at, t("2019-03-08 11:30"));
    assert_eq!(due_at("2019-03-07 09:00", "2019-03-11 09:00"), t("2019-03-12 11:30"));
    assert_eq!(due_at("2019-03-08 09:00", "2019-03-08 10:00"), t("2019-03-08 11:30"));
    assert_eq!(due_at("2019-03-08 09:00", "2019-03-11 11:30"), t("2019-03-11 11:30"));
    assert_eq!(due_at("2019-03-08 09:00", "2019-03-11 12:00"), t("2019-03-12 11:30"));
}

#[test]
fn a_restart_counts_like_a_reception() {
    let paused = received("2019-03-06 09:00", days(5)).pause(&PLAIN, t("2019-03-08 10:00")).unwrap();
    let restarted = paused.restart(&PLAIN, t("2019-03-12 16:00")).unwrap();
    assert_eq!(restarted.due.due_at, t("2019-03-19 17:00"));
    assert_eq!(restarted.judged, restarted.due);
    let cut_off = Deadline::received(&CUT_OFF, t("2019-03-06 09:00"), days(5)).unwrap();
    let paused = cut_off.pause(&CUT_OFF, t("2019-03-08 10:00")).unwrap();
    assert_eq!(paused.restart(&CUT_OFF, t("2019-03-12 16:00")).unwrap().due.due_at, t("2019-03-20 17:00"));
    assert_eq!(paused.resume(&CUT_OFF, t("2019-03-12 16:00")).unwrap().due.due_at, t("2019-03-15 17:00"));
}

#[test]
fn a_pause_before_day_0_spends_nothing() {
    // Behind the cut-off on Friday: day 0 is Monday 11/3, one day ends on Tuesday.
    let start = Deadline::received(&CUT_OFF, t("2019-03-08 16:00"), days(1)).unwrap();
    let due_at = |to| {
        start.pause(&CUT_OFF, t("2019-03-08 16:30")).unwrap().resume(&CUT_OFF, t(to)).unwrap().due.due_at
    };
    assert_eq!(due_at("2019-03-10 09:00"), t("2019-03-12 17:00"));
    assert_eq!(due_at("2019-03-13 09:00"), t("2019-03-14 17:00"));
}

#[test]
fn a_pause_in_time_suspends_the_judged_date() {
    let start = received("2019-03-06 09:00", days(5));
    let paused = start.pause(&PLAIN, t("2019-03-13 17:00")).unwrap();
    assert!(paused.is_suspended() && !paused.is_overdue(t("2019-04-01 09:00")));
    let judged = paused.resume(&PLAIN, t("2019-04-01 09:00")).unwrap();
    assert_eq!(judged.judged.due_at, t("2019-04-01 17:00"));
    assert!(!judged.is_overdue(t("2019-04-01 17:00")) && judged.is_overdue(t("2019-04-01 17:00:01")));
    assert_eq!(paused.outcome(&PLAIN, t("2019-04-01 09:00")), Ok(Outcome::OnTime), "withdrawn while paused");
}

#[test]
fn a_late_pause_moves_only_the_promise() {
    let start = received("2019-03-06 09:00", days(5));
    let paused = start.pause(&PLAIN, t("2019-03-13 17:00:01")).unwrap();
    assert!(!paused.is_suspended() && paused.is_overdue(t("2019-03-14 09:00")));
    for ended in [paused.resume(&PLAIN, t("2019-03-20 09:00")), paused.restart(&PLAIN, t("2019-03-20 09:00"))]
    {
        let ended = ended.unwrap();
        assert_eq!(ended.judged.due_at, t("2019-03-13 17:00"));
        assert!(ended.due.due_at > t("2019-03-20 09:00"));
        assert_eq!(ended.outcome(&PLAIN, t("2019-03-20 10:00")), Ok(Outcome::Late));
    }
}

#[test]
fn an_extension_moves_both_dates_only_in_time() {
    let start = received("2019-03-06 09:00", days(5));
    let new = t("2019-03-18 17:00");
    let in_time = start.extend(&PLAIN, new, t("2019-03-13 17:00")).unwrap();
    assert_eq!((in_time.due.due_at, in_time.judged.due_at), (new, new));
    let late = start.extend(&PLAIN, new, t("2019-03-13 17:00:01")).unwrap();
    assert_eq!((late.due.due_at, late.judged.due_at), (new, t("2019-03-13 17:00")));
    assert!(late.is_overdue(t("2019-03-14 09:00")));
    // A pause of the extended promise still counts to the extended day.
    assert_eq!(resumed(in_time, "2019-03-14 09:00", "2019-03-15 09:00").due.due_at, t("2019-03-19 17:00"));
    let after_late = resumed(late, "2019-03-14 09:00", "2019-03-15 09:00");
    assert_eq!(after_late.due.due_at, t("2019-03-19 17:00"));
    assert_eq!(after_late.judged.due_at, t("2019-03-13 17:00"));
    // A restart gives the full limit, not the extension again.
    let restarted =
        in_time.pause(&PLAIN, t("2019-03-14 09:00")).unwrap().restart(&PLAIN, t("2019-03-14 10:00"));
    let restarted = restarted.unwrap();
    assert_eq!(restarted.due.due_at, t("2019-03-21 17:00"));
    let again = restarted.extend(&PLAIN, t("2019-03-22 17:00"), t("2019-03-15 09:00"));
    assert_eq!(again, Err(ExtensionRefusal::AlreadyExtended));
}

#[test]
fn an_extension_has_bounds() {
    let start = received("2019-03-06 09:00", days(5));
    let ask = |new, now| start.extend(&PLAIN, t(new), t(now)).unwrap_err();
    let now = "2019-03-11 09:00";
    assert_eq!(ask("2019-03-13 17:00", now), ExtensionRefusal::NotAfterOldDate);
    assert_eq!(ask("2019-03-15 17:00", "2019-03-15 17:00"), ExtensionRefusal::NotAfterNow);
    assert_eq!(ask("2019-03-15 11:30", now), ExtensionRefusal::NotAClosingTime);
    assert_eq!(ask("2019-03-16 17:00", now), ExtensionRefusal::NotAClosingTime);
    assert_eq!(ask("2019-03-15 17:00", "2019-03-01 09:00"), ExtensionRefusal::TimeGoesBack);
    assert_eq!(ask("2019-03-21 17:00", now), ExtensionRefusal::TooFar { latest_at: t("2019-03-20 17:00") });
    assert!(start.extend(&PLAIN, t("2019-03-20 17:00"), t(now)).is_ok());
    let paused = start.pause(&PLAIN, t("2019-03-08 10:00")).unwrap();
    assert_eq!(paused.extend(&PLAIN, t("2019-03-15 17:00"), t(now)), Err(ExtensionRefusal::Paused));
    for (unit, amount, latest) in [
        (Unit::SameDay, 1.0, "2019-03-07 17:00"),
        (Unit::WorkingHours, 2.0, "2019-03-06 17:00"),
        (Unit::CalendarDays, 3.0, "2019-03-14 17:00"), // due Mon 11/3 for nominal Sat 9/3
    ] {
        let deadline = received("2019-03-06 09:00", limit(amount, unit));
        assert_eq!(deadline.latest_extension(&PLAIN), Ok(t(latest)), "{unit:?}");
    }
}

#[test]
fn the_clock_refuses_what_cannot_be() {
    let start = received("2019-03-06 09:00", days(5));
    assert_eq!(start.pause(&PLAIN, t("2019-03-06 08:59")), Err(ClockRefusal::TimeGoesBack));
    assert_eq!(start.resume(&PLAIN, t("2019-03-07 09:00")), Err(ClockRefusal::NotPaused));
    assert_eq!(start.restart(&PLAIN, t("2019-03-07 09:00")), Err(ClockRefusal::NotPaused));
    let paused = start.pause(&PLAIN, t("2019-03-07 09:00")).unwrap();
    assert_eq!(paused.pause(&PLAIN, t("2019-03-07 10:00")), Err(ClockRefusal::AlreadyPaused));
    assert_eq!(paused.resume(&PLAIN, t("2019-03-07 08:59")), Err(ClockRefusal::TimeGoesBack));
    let far = paused.resume(&PLAIN, t("2028-03-07 08:59"));
    assert_eq!(far, Err(ClockRefusal::Missing(Missing { year: 2028 })));
}

#[test]
fn a_deadline_keeps_its_meaning_as_json() {
    let paused = received("2019-03-06 09:00", days(5)).pause(&PLAIN, t("2019-03-08 10:00")).unwrap();
    let json = serde_json::to_value(paused).unwrap();
    assert_eq!(json["due"]["due_at"], "2019-03-13T10:00:00Z");
    assert_eq!(json["paused"]["due_left"], serde_json::json!({"days": 3}));
    assert_eq!(serde_json::from_value::<Deadline>(json).unwrap(), paused);
}
