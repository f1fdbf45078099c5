//! Routes: the longest path and whether it fits.

use super::*;

fn step<'a>(key: &'a str, amount: f64, parallel_with: Option<&'a str>) -> RouteStep<'a> {
    RouteStep { key, time_limit: limit(amount, Unit::WorkingDays), parallel_with }
}

fn codes(result: Result<(), Vec<Fault>>) -> Vec<(String, &'static str)> {
    result.err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn the_longest_path_takes_the_longest_of_parallel_steps() {
    let steps =
        [step("a", 9.0, None), step("b", 5.0, Some("a")), step("c", 4.0, None), step("d", 4.5, Some("c"))];
    assert_eq!(longest_path(&steps), Ok(27));
    assert_eq!(longest_path(&[]), Ok(0));
    assert_eq!(check_route(days(14), &steps), Ok(()));
    let tight = [step("a", 9.0, None), step("c", 5.0, None)];
    assert_eq!(codes(check_route(days(14), &tight)), [(String::new(), "route_too_long")]);
}

#[test]
fn faulty_routes_are_told_with_their_place() {
    let steps = [step("a", 1.0, Some("b")), step("b", 1.0, None), step("b", 1.0, Some("b"))];
    let expected = [("/0/parallel_with".to_owned(), "unknown_step"), ("/2/key".to_owned(), "duplicate")];
    assert_eq!(codes(check_route(days(20), &steps)), expected);
    let calendar_days = limit(20.0, Unit::CalendarDays);
    assert_eq!(
        codes(check_route(calendar_days, &steps[1..2])),
        [("/0/time_limit/unit".to_owned(), "unit_differs")]
    );
}

#[test]
fn hours_and_same_day_leave_the_desk_nothing() {
    let hours = |amount| limit(amount, Unit::WorkingHours);
    let route = |time_limit| [RouteStep { key: "a", time_limit, parallel_with: None }];
    assert_eq!(check_route(hours(8.0), &route(hours(8.0))), Ok(()));
    assert!(check_route(hours(8.0), &route(hours(8.5))).is_err());
    let same_day = limit(1.0, Unit::SameDay);
    assert_eq!(check_route(same_day, &route(same_day)), Ok(()));
}

#[test]
fn the_sample_procedures_fit() {
    // Total and sequential steps of the longest routes of the catalogue.
    for (total, steps) in
        [(20, vec![2.0, 9.0, 8.0]), (3, vec![1.5, 1.0]), (22, vec![11.5, 10.0]), (15, vec![3.0, 8.5, 3.0])]
    {
        let keys = ["a", "b", "c"];
        let steps: Vec<RouteStep<'_>> =
            steps.iter().zip(keys).map(|(amount, key)| step(key, *amount, None)).collect();
        assert_eq!(check_route(days(total), &steps), Ok(()), "{total}");
    }
}
