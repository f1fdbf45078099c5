//! Explanations: each day's rule and words, and the faults of pauses.

use super::*;

fn pause(from: &str, to: &str, then: Then) -> PauseSpan {
    PauseSpan { from: t(from), to: t(to), then }
}

/// Each day as `day rule`, with `+` when it counts.
fn rules(preview: &Preview) -> Vec<String> {
    let line = |line: &DayLine| {
        format!("{} {}{}", line.on.format("%m-%d"), line.rule, if line.counts { " +" } else { "" })
    };
    preview.explanation.iter().map(line).collect()
}

#[test]
fn every_day_of_the_long_weekend_is_named() {
    let preview = explain(&PLAIN, t("2019-04-26 09:00"), days(3), &[]).unwrap();
    let told: Vec<&str> = preview.explanation.iter().map(|line| line.why.as_str()).collect();
    let expected = [
        "Ngày 0 (ngày tiếp nhận): không tính",
        "Thứ Bảy, ngày nghỉ hằng tuần: không tính",
        "Chủ nhật, ngày nghỉ hằng tuần: không tính",
        "Thứ Hai, nghỉ: hoán đổi (làm bù 04/5), hoán đổi với ngày 04/05/2019: không tính",
        "Thứ Ba, nghỉ: 30/4: không tính",
        "Thứ Tư, nghỉ: 1/5: không tính",
        "Thứ Năm: tính 1/3",
        "Thứ Sáu: tính 2/3",
        "Thứ Bảy, làm bù cho ngày 29/04/2019: tính 3/3; hẹn trả lúc 17:00",
    ];
    assert_eq!(told, expected);
}

#[test]
fn closures_and_unsure_days_are_named() {
    let calendar =
        Calendar::prepare(national(), [own(2026, &["2026-11-23"])], &HoursHistory::default(), false);
    let preview = explain(&calendar, t("2026-11-20 09:00"), days(1), &[]).unwrap();
    let line = |index: usize| &preview.explanation[index];
    assert_eq!(
        (line(3).rule, &*line(3).why),
        ("agency_closed", "Thứ Hai, cơ quan nghỉ: Mất điện: không tính")
    );
    let culture_day = "Thứ Ba, nghỉ: Ngày Văn hóa Việt Nam (dự kiến, nhiều khả năng): không tính";
    assert_eq!((line(4).rule, &*line(4).why), ("day_off", culture_day));
    assert_eq!(line(5).why, "Thứ Tư: tính 1/1; hẹn trả lúc 17:00");
}

#[test]
fn calendar_days_count_weekends_and_say_what_moved_the_end() {
    let preview = explain(&PLAIN, t("2019-03-06 09:00"), limit(3.0, Unit::CalendarDays), &[]).unwrap();
    let expected = [
        "03-06 day_zero",
        "03-07 counted +",
        "03-08 counted +",
        "03-09 counted +",
        "03-10 weekend",
        "03-11 moved",
    ];
    assert_eq!(rules(&preview), expected);
    let last = "Thứ Hai: hạn 09/03/2019 chuyển sang ngày làm việc kế tiếp này; hẹn trả lúc 17:00";
    assert_eq!(preview.explanation[5].why, last);
}

#[test]
fn pauses_are_told() {
    let resume = [pause("2019-03-07 10:00", "2019-03-12 10:00", Then::Resume)];
    let preview = explain(&PLAIN, t("2019-03-06 09:00"), days(2), &resume).unwrap();
    let expected = [
        "03-06 day_zero",
        "03-07 counted +",
        "03-08 paused",
        "03-09 paused",
        "03-10 paused",
        "03-11 paused",
        "03-12 resumed",
        "03-13 counted +",
    ];
    assert_eq!(rules(&preview), expected);
    let restart = [PauseSpan { then: Then::Restart, ..resume[0] }];
    let preview = explain(&PLAIN, t("2019-03-06 09:00"), days(2), &restart).unwrap();
    let expected = [
        "03-06 day_zero",
        "03-07 discarded",
        "03-08 paused",
        "03-09 paused",
        "03-10 paused",
        "03-11 paused",
        "03-12 restarted",
        "03-13 counted +",
        "03-14 counted +",
    ];
    assert_eq!(rules(&preview), expected);
}

#[test]
fn hours_are_told_with_their_sum() {
    let preview = explain(&PLAIN, t("2019-03-06 15:30"), limit(8.0, Unit::WorkingHours), &[]).unwrap();
    let told: Vec<&str> = preview.explanation.iter().map(|line| line.why.as_str()).collect();
    let expected = [
        "Thứ Tư: tính 1 giờ 30 phút, cộng 1 giờ 30 phút/8 giờ",
        "Thứ Năm: tính 6 giờ 30 phút, cộng 8 giờ/8 giờ; hẹn trả lúc 15:30",
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_day_of_reception_is_told() {
    let same_day = limit(1.0, Unit::SameDay);
    let preview = |calendar, at, limit| rules(&explain(calendar, t(at), limit, &[]).unwrap());
    assert_eq!(preview(&PLAIN, "2019-03-06 15:00", same_day), ["03-06 same_day"]);
    assert_eq!(preview(&PLAIN, "2019-03-06 15:01", same_day), ["03-06 day_zero", "03-07 counted +"]);
    let expected =
        ["03-08 after_cutoff", "03-09 weekend", "03-10 weekend", "03-11 day_zero", "03-12 counted +"];
    assert_eq!(preview(&CUT_OFF, "2019-03-08 16:00", days(1)), expected);
    let hours = limit(1.0, Unit::WorkingHours);
    let expected = ["03-08 after_cutoff", "03-09 weekend", "03-10 weekend", "03-11 counted +"];
    assert_eq!(preview(&CUT_OFF, "2019-03-08 16:00", hours), expected);
}

#[test]
fn faulty_pauses_are_told_with_their_place() {
    let resume = |from, to| pause(from, to, Then::Resume);
    let table = [
        (vec![resume("2019-03-08 10:00", "2019-03-07 10:00")], ("/0/to", "reversed")),
        (vec![resume("2019-03-06 08:59", "2019-03-07 10:00")], ("/0/from", "before_reception")),
        (vec![resume("2019-03-13 17:01", "2019-03-14 10:00")], ("/0/from", "after_due")),
        (
            vec![
                resume("2019-03-07 10:00", "2019-03-08 10:00"),
                resume("2019-03-08 09:00", "2019-03-08 11:00"),
            ],
            ("/1/from", "overlapping"),
        ),
        (
            vec![
                resume("2019-03-11 10:00", "2019-03-12 10:00"),
                resume("2019-03-07 10:00", "2019-03-08 10:00"),
            ],
            ("/1/from", "overlapping"),
        ),
    ];
    for (pauses, expected) in table {
        let Err(ExplainError::Pauses(faults)) = explain(&PLAIN, t("2019-03-06 09:00"), days(5), &pauses)
        else {
            panic!("{pauses:?}");
        };
        assert_eq!((&*faults[0].pointer, faults[0].code), expected);
    }
    let missing = explain(&PLAIN, t("2027-12-31 09:00"), days(5), &[]);
    assert_eq!(missing, Err(ExplainError::Missing(Missing { year: 2028 })));
}
