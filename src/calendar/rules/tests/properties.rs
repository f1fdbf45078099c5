//! Properties, and agreement with the slow implementation.

use super::offices::{PLAIN_OFFICE, any_office, count_of, next_of};
use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;

/// Any second of 2019-01-01 to 2025-12-31, often at the edges of the day.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    let edges = [0, 6 * 3600 + 3540, 25_200, 41_400, 43_200, 54_000, 54_001, 61_200, 86_340];
    let second = prop_oneof![proptest::sample::select(edges.to_vec()), 0_i64..86_400];
    (0_i64..2557, second)
        .prop_map(|(day, second)| t("2019-01-01 00:00") + TimeDelta::seconds(day * 86_400 + second))
}

fn day() -> impl Strategy<Value = NaiveDate> {
    instant().prop_map(local_day)
}

fn unit() -> impl Strategy<Value = Unit> {
    proptest::sample::select(vec![Unit::WorkingDays, Unit::WorkingHours, Unit::CalendarDays, Unit::SameDay])
}

/// A whole limit of at most 60.
fn any_limit() -> impl Strategy<Value = TimeLimit> {
    (1_u32..=60, unit())
        .prop_map(|(n, unit)| limit(if unit == Unit::SameDay { 1.0 } else { f64::from(n) }, unit))
}

/// A limit of a leg: halves of working days and hours too.
fn any_leg_limit() -> impl Strategy<Value = TimeLimit> {
    (1_u16..=60, unit()).prop_map(|(halves, unit)| {
        let halves = match unit {
            Unit::WorkingDays | Unit::WorkingHours => halves,
            Unit::CalendarDays => 2 * halves,
            Unit::SameDay => 2,
        };
        TimeLimit::new(Amount::from_halves(halves).unwrap(), unit).unwrap()
    })
}

fn any_calendar() -> impl Strategy<Value = &'static Calendar> {
    proptest::sample::select(vec![&*PLAIN, &*CUT_OFF])
}

/// Seconds of a gap: none, short, or up to twenty days.
fn gap() -> impl Strategy<Value = TimeDelta> {
    prop_oneof![Just(0), 0_i64..7200, 0_i64..1_728_000].prop_map(TimeDelta::seconds)
}

fn halves_of(limit: TimeLimit) -> u32 {
    u32::from(limit.amount().halves())
}

proptest! {
    #[test]
    fn adding_then_subtracting_gives_back(day in day(), n in 0_u32..250) {
        prop_assume!(PLAIN.is_working_day(day).unwrap());
        let there = PLAIN.add_working_days(day, n).unwrap();
        prop_assert_eq!(PLAIN.subtract_working_days(there, n).unwrap(), day);
        prop_assert_eq!(PLAIN.working_days_between(day, there).unwrap(), n);
    }

    #[test]
    fn adding_calendar_days_then_subtracting_gives_back(day in day(), n in 0_u32..250) {
        prop_assume!(PLAIN.is_working_day(day).unwrap());
        let there = PLAIN.add_calendar_days(day, n).unwrap();
        prop_assert!(PLAIN.is_working_day(there).unwrap());
        let moved = u32::try_from((there - day).num_days()).unwrap() - n;
        prop_assert_eq!(PLAIN.subtract_calendar_days(there, n + moved).unwrap(), day);
        prop_assert_eq!(moved == 0, PLAIN.is_working_day(day + TimeDelta::days(n.into())).unwrap());
    }

    #[test]
    fn adding_minutes_then_subtracting_gives_back(at in instant(), minutes in 1_u32..20_000) {
        let from = at - TimeDelta::seconds(at.timestamp() % 60);
        let is_open = PLAIN.opening_minutes_between(from, from + TimeDelta::minutes(1)).unwrap() == 1;
        prop_assume!(is_open);
        let there = PLAIN.add_opening_minutes(from, minutes).unwrap();
        prop_assert_eq!(PLAIN.subtract_opening_minutes(there, minutes).unwrap(), from);
    }

    #[test]
    fn added_minutes_lie_between(from in instant(), minutes in 1_u32..20_000) {
        let there = PLAIN.add_opening_minutes(from, minutes).unwrap();
        prop_assert_eq!(PLAIN.opening_minutes_between(from, there).unwrap(), minutes);
    }

    #[test]
    fn due_dates_agree_with_the_slow_ones(office in any_office(), at in instant(), limit in any_limit()) {
        let expected = office.slow.due(at, halves_of(limit), count_of(limit.unit()), &[]);
        prop_assert_eq!(due(&office.fast, at, limit).unwrap().due_at, expected);
    }

    #[test]
    fn legs_agree_with_the_slow_ones(office in any_office(), at in instant(), limit in any_leg_limit()) {
        let expected = office.slow.leg_due(at, halves_of(limit), count_of(limit.unit()));
        prop_assert_eq!(leg_due(&office.fast, at, limit).unwrap().due_at, expected);
    }

    #[test]
    fn counting_agrees_with_the_slow_one(
        office in any_office(), a in instant(), span in 0_i64..2_000_000, minutes in 0_u32..2000,
    ) {
        let (fast, slow) = (&office.fast, &office.slow);
        let b = a + TimeDelta::seconds(span);
        let (from, until) = (local_day(a), local_day(b));
        prop_assert_eq!(fast.is_working_day(from).unwrap(), slow.is_working(from));
        prop_assert_eq!(fast.working_days_between(from, until).unwrap(), slow.days_between(from, until));
        prop_assert_eq!(fast.opening_minutes_between(a, b).unwrap(), slow.minutes_between(a, b));
        prop_assert_eq!(fast.opening_minutes_between(b, a).unwrap(), 0);
        prop_assert_eq!(fast.add_opening_minutes(a, minutes).unwrap(), slow.add_minutes(a, minutes));
        // Walking back from the first days would leave the loaded years.
        prop_assume!(from >= d("2019-03-01"));
        prop_assert_eq!(fast.subtract_opening_minutes(a, minutes).unwrap(), slow.subtract_minutes(a, minutes));
    }

    #[test]
    fn later_receptions_are_never_due_earlier(
        calendar in any_calendar(), a in instant(), later in gap(), limit in any_limit(),
    ) {
        let (first, second) = (due(calendar, a, limit).unwrap(), due(calendar, a + later, limit).unwrap());
        prop_assert!(first.due_at <= second.due_at);
        prop_assert!(first.due_at > a);
    }

    /// Whatever the hours: nothing is overdue when it is filed.
    #[test]
    fn nothing_is_due_when_it_comes(office in any_office(), a in instant(), later in gap(), limit in any_limit()) {
        let (first, second) = (due(&office.fast, a, limit).unwrap(), due(&office.fast, a + later, limit).unwrap());
        prop_assert!(a < first.due_at && first.due_at <= second.due_at);
        prop_assert!(a < transfer_due(&office.fast, a).unwrap());
    }

    #[test]
    fn more_is_never_due_earlier(calendar in any_calendar(), a in instant(), n in 1_u16..250, unit in unit()) {
        prop_assume!(unit != Unit::SameDay);
        let of = |n: u16| due(calendar, a, limit(f64::from(n), unit)).unwrap().due_at;
        prop_assert!(of(n) <= of(n + 1));
        let half = leg_due(calendar, a, limit(f64::from(n) + 0.5, Unit::WorkingDays)).unwrap().due_at;
        prop_assert!(half < leg_due(calendar, a, days(n + 1)).unwrap().due_at);
        prop_assert!(leg_due(calendar, a, days(n)).unwrap().due_at < half);
    }

    #[test]
    fn a_resume_without_length_changes_nothing(
        calendar in any_calendar(), a in instant(), limit in any_limit(), wait in gap(),
    ) {
        let before = Deadline::received(calendar, a, limit).unwrap();
        let at = a + wait;
        let after = before.pause(calendar, at).unwrap().resume(calendar, at).unwrap();
        prop_assert_eq!(after, before);
    }

    /// Counted through, not by the shortcut for equal instants: a second changes nothing within one minute.
    #[test]
    fn a_resume_within_the_minute_changes_no_date(
        calendar in any_calendar(), a in instant(), limit in any_limit(), part in 0_i32..1000,
    ) {
        let before = Deadline::received(calendar, a, limit).unwrap();
        let at = between(a, before.due.due_at, part);
        let until = at - TimeDelta::seconds(at.timestamp() % 60) + TimeDelta::milliseconds(59_999);
        prop_assume!(until <= before.due.due_at && until >= at);
        let after = before.pause(calendar, at).unwrap().resume(calendar, until).unwrap();
        prop_assert_eq!(after.due.due_at, before.due.due_at);
        prop_assert_eq!(after.judged.due_at, before.judged.due_at);
    }

    #[test]
    fn half_legs_pause_like_any_other(a in instant(), n in 1_u16..20, part in 0_i32..1000, first in gap(), second in gap()) {
        let limit = TimeLimit::new(Amount::from_halves(n).unwrap(), Unit::WorkingDays).unwrap();
        check_split(&PLAIN, Deadline::leg(&PLAIN, a, limit).unwrap(), part, first, second)?;
    }

    #[test]
    fn splitting_a_pause_changes_nothing(
        calendar in any_calendar(), a in instant(), limit in any_limit(), part in 0_i32..1000, first in gap(),
        second in gap(),
    ) {
        check_split(calendar, Deadline::received(calendar, a, limit).unwrap(), part, first, second)?;
    }

    #[test]
    fn a_restart_is_never_earlier_than_a_resume(
        calendar in any_calendar(), a in instant(), limit in any_limit(), part in 0_i32..1000, length in gap(),
    ) {
        prop_assume!(limit.unit() != Unit::SameDay);
        let start = Deadline::received(calendar, a, limit).unwrap();
        let from = between(a, start.due.due_at, part);
        let paused = start.pause(calendar, from).unwrap();
        let restarted = paused.restart(calendar, from + length).unwrap();
        let resumed = paused.resume(calendar, from + length).unwrap();
        prop_assert!(resumed.due.due_at <= restarted.due.due_at);
        prop_assert!(resumed.due.due_at >= start.due.due_at);
        prop_assert!(resumed.due.due_at >= from + length);
    }

    /// Whatever is done to a dossier: once it is late by its judged date, it stays late.
    #[test]
    fn late_stays_late(a in instant(), limit in any_limit(), acts in proptest::collection::vec((0_u8..4, gap()), 1..12)) {
        let mut deadline = Deadline::received(&PLAIN, a, limit).unwrap();
        let mut now = a;
        let mut was_overdue = false;
        let mut suspended_dates_missed = false;
        for (act, wait) in acts {
            now += wait;
            was_overdue |= deadline.is_overdue(now);
            let held = deadline.is_suspended();
            let next = match act {
                0 => deadline.pause(&PLAIN, now).ok(),
                1 => deadline.resume(&PLAIN, now).ok(),
                2 => deadline.restart(&PLAIN, now).ok(),
                _ => deadline.extend(&PLAIN, deadline.latest_extension(&PLAIN).unwrap(), now).ok(),
            };
            deadline = next.unwrap_or(deadline);
            suspended_dates_missed |= held && !deadline.is_suspended() && deadline.is_overdue(now);
            if was_overdue {
                prop_assert!(deadline.is_overdue(now));
                prop_assert_eq!(deadline.outcome(&PLAIN, now).unwrap(), Outcome::Late);
            }
            prop_assert_eq!(deadline.first_due_at, due(&PLAIN, a, limit).unwrap().due_at);
            prop_assert!(deadline.judged.due_at <= deadline.due.due_at);
        }
        prop_assert!(!suspended_dates_missed, "a timely pause made it late");
    }

    #[test]
    fn previews_agree_with_the_slow_ones(
        office in any_office(), a in instant(), limit in any_limit(),
        parts in proptest::collection::vec((0_i32..1000, gap(), any::<bool>()), 0..4),
    ) {
        let mut pauses: Vec<PauseSpan> = Vec::new();
        for (part, length, restart) in parts {
            let due_at = explain(&office.fast, a, limit, &pauses).unwrap().due_at;
            let start = pauses.last().map_or(a, |pause| pause.to);
            let from = between(start, due_at, part);
            let then = if restart { Then::Restart } else { Then::Resume };
            pauses.push(PauseSpan { from, to: from + length, then });
        }
        let raw: Vec<_> = pauses.iter().map(|pause| (pause.from, pause.to, next_of(pause.then))).collect();
        let expected = office.slow.due(a, halves_of(limit), count_of(limit.unit()), &raw);
        let preview = explain(&office.fast, a, limit, &pauses).unwrap();
        prop_assert_eq!(preview.due_at, expected);
        check_lines(a, limit, &preview, pauses.is_empty())?;
    }
}

#[test]
fn the_edges_of_every_day_of_two_months_agree_with_the_slow_ones() {
    let times = ["00:00", "06:59", "07:00", "11:30", "12:00", "15:00", "15:00:01", "17:00", "23:59"];
    // Tết, a year's end and a leap day; the months around 30/4 with its make-up day.
    for first in ["2019-12-20", "2020-02-15", "2024-04-20"] {
        for day in d(first).iter_days().take(45) {
            for time in times {
                let at = t(&format!("{day} {time}"));
                for (n, unit) in [
                    (3, Unit::WorkingDays),
                    (9, Unit::WorkingHours),
                    (6, Unit::CalendarDays),
                    (1, Unit::SameDay),
                ] {
                    let expected = PLAIN_OFFICE.due(at, 2 * n, count_of(unit), &[]);
                    let got = due(&PLAIN, at, limit(f64::from(n), unit)).unwrap().due_at;
                    assert_eq!(got, expected, "{day} {time} + {n} {unit:?}");
                }
            }
        }
    }
}

/// So many thousandths of the way, in whole seconds.
fn between(from: DateTime<Utc>, until: DateTime<Utc>, thousandths: i32) -> DateTime<Utc> {
    from + TimeDelta::seconds(((until - from) * thousandths / 1000).num_seconds())
}

fn check_split(
    calendar: &Calendar,
    start: Deadline,
    part: i32,
    first: TimeDelta,
    second: TimeDelta,
) -> Result<(), TestCaseError> {
    let from = between(start.started_at, start.due.due_at, part);
    let (middle, end) = (from + first, from + first + second);
    let whole = start.pause(calendar, from).unwrap().resume(calendar, end).unwrap();
    let half = start.pause(calendar, from).unwrap().resume(calendar, middle).unwrap();
    prop_assert!(middle <= half.judged.due_at, "a resumption is never late at once");
    let split = half.pause(calendar, middle).unwrap().resume(calendar, end).unwrap();
    prop_assert_eq!(split.due.due_at, whole.due.due_at);
    prop_assert_eq!(split.judged.due_at, whole.judged.due_at);
    Ok(())
}

/// Every day once and in order, the last one the due day, and as many counted as the limit has.
fn check_lines(
    a: DateTime<Utc>,
    limit: TimeLimit,
    preview: &Preview,
    plain: bool,
) -> Result<(), TestCaseError> {
    let expected: Vec<NaiveDate> =
        local_day(a).iter_days().take_while(|day| *day <= local_day(preview.due_at)).collect();
    let named: Vec<NaiveDate> = preview.explanation.iter().map(|line| line.on).collect();
    prop_assert_eq!(named, expected);
    let counted = preview.explanation.iter().filter(|line| line.counts()).count();
    match limit.unit() {
        Unit::WorkingDays | Unit::CalendarDays => {
            prop_assert_eq!(u32::try_from(counted).unwrap(), halves_of(limit) / 2, "{:?}", preview);
        }
        Unit::SameDay if plain => prop_assert!(counted <= 1),
        Unit::SameDay | Unit::WorkingHours => {}
    }
    Ok(())
}
