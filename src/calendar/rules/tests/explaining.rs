//! Explanations: each day's rule and words, and the faults of pauses.

use super::*;
use crate::calendar::words;
use crate::http::Language;

fn why(line: &DayLine) -> String {
    words::why(line, Language::Vietnamese)
}

fn whys(preview: &Preview) -> Vec<String> {
    preview.explanation.iter().map(why).collect()
}

fn pause(from: &str, to: &str, then: Then) -> PauseSpan {
    PauseSpan { from: t(from), to: t(to), then }
}

/// Each day as `day rule`, with `+` when it counts.
fn rules(preview: &Preview) -> Vec<String> {
    let line = |line: &DayLine| {
        format!("{} {}{}", line.on.format("%m-%d"), line.rule(), if line.counts() { " +" } else { "" })
    };
    preview.explanation.iter().map(line).collect()
}

#[test]
fn every_day_of_the_long_weekend_is_named() {
    let preview = explain(&PLAIN, t("2019-04-26 09:00"), days(3), &[]).unwrap();
    let expected = [
        "Thứ Sáu: ngày 0 (ngày tiếp nhận), không tính",
        "Thứ Bảy, ngày nghỉ hằng tuần: không tính",
        "Chủ nhật, ngày nghỉ hằng tuần: không tính",
        "Thứ Hai, nghỉ: hoán đổi (làm bù 04/5), hoán đổi với ngày 04/05/2019: không tính",
        "Thứ Ba, nghỉ: 30/4: không tính",
        "Thứ Tư, nghỉ: 1/5: không tính",
        "Thứ Năm: tính 1/3",
        "Thứ Sáu: tính 2/3",
        "Thứ Bảy, làm bù cho ngày 29/04/2019: tính 3/3; hẹn trả lúc 17:00",
    ];
    assert_eq!(whys(&preview), expected);
}

#[test]
fn closures_and_unsure_days_are_named() {
    let calendar =
        Calendar::prepare(national(), [own(2026, &["2026-11-23"])], &HoursHistory::default(), false);
    let preview = explain(&calendar, t("2026-11-20 09:00"), days(1), &[]).unwrap();
    let line = |index: usize| &preview.explanation[index];
    assert_eq!(
        (line(3).rule(), &*why(line(3))),
        ("agency_closed", "Thứ Hai, cơ quan nghỉ: Mất điện: không tính")
    );
    let culture_day = "Thứ Ba, nghỉ: Ngày Văn hóa Việt Nam (dự kiến, nhiều khả năng): không tính";
    assert_eq!((line(4).rule(), &*why(line(4))), ("day_off", culture_day));
    assert_eq!(why(line(5)), "Thứ Tư: tính 1/1; hẹn trả lúc 17:00");
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
    assert_eq!(why(&preview.explanation[5]), last);
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
    let expected = [
        "Thứ Tư: tính 1 giờ 30 phút, cộng 1 giờ 30 phút/8 giờ",
        "Thứ Năm: tính 6 giờ 30 phút, cộng 8 giờ/8 giờ; hẹn trả lúc 15:30",
    ];
    assert_eq!(whys(&preview), expected);
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

#[test]
fn an_agency_s_own_swap_is_told() {
    let mut year = own(2019, &["2019-03-07"]);
    year.makeup_workdays = vec![MakeupDay {
        date: d("2019-03-09"),
        replaces: d("2019-03-07"),
        note: None,
        certainty: Certainty::Certain,
    }];
    let calendar = Calendar::prepare(national(), [year], &HoursHistory::default(), false);
    let preview = explain(&calendar, t("2019-03-06 09:00"), days(2), &[]).unwrap();
    let expected = [
        "Thứ Tư: ngày 0 (ngày tiếp nhận), không tính",
        "Thứ Năm, cơ quan nghỉ: Mất điện, hoán đổi với ngày 09/03/2019: không tính",
        "Thứ Sáu: tính 1/2",
        "Thứ Bảy, làm bù cho ngày 07/03/2019: tính 2/2; hẹn trả lúc 17:00",
    ];
    assert_eq!(whys(&preview), expected);
}

/// Every part of a count once, in both languages.
#[test]
fn all_parts_have_words_in_both_languages() {
    let resume = |from, to| pause(from, to, Then::Resume);
    let restart = |from, to| pause(from, to, Then::Restart);
    let hours = |n| limit(n, Unit::WorkingHours);
    let same_day = limit(1.0, Unit::SameDay);
    let told = |calendar: &Calendar, at, limit, pauses: &[PauseSpan], on: &str| {
        let preview = explain(calendar, t(at), limit, pauses).unwrap();
        let line = preview.explanation.iter().find(|line| line.on == d(on)).unwrap();
        (line.rule(), words::why(line, Language::Vietnamese), words::why(line, Language::English))
    };
    let late = [resume("2019-03-07 10:00", "2019-03-11 10:00")];
    let again = [restart("2019-03-07 10:00", "2019-03-11 10:00")];
    let table = [
        (
            told(&PLAIN, "2019-03-06 15:00", same_day, &[], "2019-03-06"),
            "same_day",
            "Thứ Tư: tiếp nhận trước hoặc lúc 15 giờ, giải quyết trong ngày; hẹn trả lúc 17:00",
            "Wednesday: received at or before 15:00, due on the same day; due at 17:00",
        ),
        (
            told(&PLAIN, "2019-03-09 09:00", same_day, &[], "2019-03-09"),
            "day_zero",
            "Thứ Bảy, ngày nghỉ hằng tuần: tiếp nhận sau 15 giờ hoặc vào ngày không làm việc, trả vào ngày làm việc kế tiếp",
            "Saturday, weekly day of rest: received after 15:00 or on no working day, due on the next working day",
        ),
        (
            told(&CUT_OFF, "2019-03-06 16:00", days(1), &[], "2019-03-06"),
            "after_cutoff",
            "Thứ Tư: tiếp nhận sau 15 giờ hoặc vào ngày không làm việc, coi như tiếp nhận vào ngày làm việc kế tiếp",
            "Wednesday: received after 15:00 or on no working day, taken as received on the next working day",
        ),
        (
            told(&PLAIN, "2019-03-06 09:00", hours(8.5), &[], "2019-03-07"),
            "counted",
            "Thứ Năm: tính 2 giờ 30 phút, cộng 8 giờ 30 phút/8 giờ 30 phút; hẹn trả lúc 09:30",
            "Thursday: counts 2 h 30 min, together 8 h 30 min of 8 h 30 min; due at 09:30",
        ),
        (
            told(&PLAIN, "2019-03-06 17:00", hours(1.0), &[], "2019-03-06"),
            "outside_hours",
            "Thứ Tư: không có giờ mở cửa nào được tính",
            "Wednesday: no opening time that would count",
        ),
        (
            told(&PLAIN, "2019-03-06 09:00", days(2), &late, "2019-03-11"),
            "resumed",
            "Thứ Hai: hết tạm dừng, tính tiếp phần còn lại; ngày này là ngày 0, không tính",
            "Monday: the pause ends and what was left is counted on; this is day 0, not counted",
        ),
        (
            told(&PLAIN, "2019-03-06 09:00", days(1), &late, "2019-03-11"),
            "resumed",
            "Thứ Hai: hết tạm dừng, không còn ngày nào; hạn là cuối ngày này hoặc ngày làm việc kế tiếp; hẹn trả lúc 17:00",
            "Monday: the pause ends and no day is left; the end is this day's closing time or the next working day's; \
             due at 17:00",
        ),
        (
            told(&PLAIN, "2019-03-06 09:00", days(2), &again, "2019-03-11"),
            "restarted",
            "Thứ Hai: hết tạm dừng, thời hạn tính lại từ đầu; ngày này là ngày 0, không tính",
            "Monday: the pause ends and the limit starts again from zero; this is day 0, not counted",
        ),
        (
            told(&PLAIN, "2019-03-06 09:00", days(2), &again, "2019-03-07"),
            "discarded",
            "Thứ Năm: không tính, vì thời hạn được tính lại từ đầu",
            "Thursday: not counted, since the limit started again from zero",
        ),
        (
            told(&PLAIN, "2019-03-06 09:00", days(2), &late, "2019-03-08"),
            "paused",
            "Thứ Sáu: tạm dừng, không tính",
            "Friday: in a pause, not counted",
        ),
        (
            told(&PLAIN, "2019-03-06 09:00", limit(3.0, Unit::CalendarDays), &[], "2019-03-11"),
            "moved",
            "Thứ Hai: hạn 09/03/2019 chuyển sang ngày làm việc kế tiếp này; hẹn trả lúc 17:00",
            "Monday: the end on 9 March 2019 moves to this, the next working day; due at 17:00",
        ),
        (
            told(&PLAIN, "2027-09-02 09:00", days(1), &[], "2027-09-03"),
            "day_off",
            "Thứ Sáu, nghỉ: Quốc khánh (ngày liền kề) (ước tính, chưa có thông báo chính thức): không tính",
            "Friday, day off: Quốc khánh (ngày liền kề) (estimate, not yet announced): not counted",
        ),
    ];
    for ((rule, vietnamese, english), expected_rule, expected_vi, expected_en) in table {
        assert_eq!(rule, expected_rule, "{english}");
        assert_eq!((vietnamese.as_str(), english.as_str()), (expected_vi, expected_en));
    }
}
